// SPDX-License-Identifier: MIT
// Exploration of keys, ASIDs and caches.

#include <sevspec/base/rule_set.hpp>
#include <sevspec/verify/explorer/keys_ablation.hpp>
#include <sevspec/verify/explorer/keys_model.hpp>

#include "support/explored.hpp"

namespace {

using namespace sevspec;
using namespace sevspec::verify::explorer;
using machine = keys_model<1, context<rule_set>>;
using folded = symmetric_keys_model<1, context<rule_set>>;

auto without(rule id) -> context<rule_set> { return {.rules = rule_set{}.without(id)}; }

TEST_CASE("Keys: no order of commands breaks an invariant", "[explorer][keys]") {
  test::check_closed(machine{{.asids = 1}}, 836);
  test::check_closed(machine{{.handles = 1}}, 3'237);
  test::check_closed(machine{{}}, 15'496);
}

TEST_CASE("Keys: hashes, shards, twins and walks", "[explorer][keys]") {
  test::check_hash_order(machine{{.asids = 1}});
  test::check_shards(machine{{.asids = 1}}, 3);
  test::check_twins(folded{{.handles = 1}}, machine{{.handles = 1}});
  test::check_twins(folded{{.asids = 1}}, machine{{.asids = 1}});
  test::check_walks(machine{{}});
}

TEST_CASE("Keys: a core that reports WBINVD without it leaves lines of the last guest", "[explorer][keys]") {
  test::check_broken(machine{{.asids = 1, .bug = keys_bug::reports_wbinvd}}, "no dirty ASID", 14);
}

TEST_CASE("Keys: what WBINVD before DF_FLUSH, and DEACTIVATE before DECOMMISSION, are for", "[explorer][keys]") {
  test::check_broken(machine{{.asids = 1}, without(rule::ENC_ASID_11)}, "key separation", 10);
  test::check_broken(machine{{.asids = 1}, without(rule::FW_ACT_07)}, "key separation", 8);
  test::check_broken(machine{{.asids = 1}, without(rule::FW_ACT_04)}, "bound ASIDs", 7);
  test::check_broken(machine{{.asids = 1}, without(rule::FW_SEV_DEC_01)}, "the forgotten", 8);
}

TEST_CASE("Keys: a trace or a reason for each rule", "[explorer][keys]") {
  test::check_ablation(keys_rules, ablate_keys, keys_not_load_bearing);
}

}  // namespace
