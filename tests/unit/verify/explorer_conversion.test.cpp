// SPDX-License-Identifier: MIT
// Exploration of the conversion of pages between private and shared.

#include <sevspec/base/rule_set.hpp>
#include <sevspec/verify/explorer/conversion_ablation.hpp>
#include <sevspec/verify/explorer/conversion_model.hpp>

#include "support/explored.hpp"

namespace {

using namespace sevspec;
using namespace sevspec::verify::explorer;
using machine = conversion_model<2, context<rule_set>>;
using folded = symmetric_conversion_model<2, context<rule_set>>;

auto without(rule id) -> context<rule_set> { return {.rules = rule_set{}.without(id)}; }

TEST_CASE("Conversion: no order of requests, answers and lies breaks an invariant", "[explorer][conversion]") {
  test::check_closed(machine{{}}, 51'399);
  test::check_closed(machine{{.guest_pages = 1, .replay = true}}, 1'476);
}

TEST_CASE("Conversion: hashes, shards, twins and walks", "[explorer][conversion]") {
  const conversion_parts parts{.guest_pages = 1, .replay = true};
  test::check_hash_order(machine{parts});
  test::check_shards(machine{parts}, 3);
  test::check_twins(folded{parts}, machine{parts});
  test::check_twins(folded{{}}, machine{{}});
  test::check_walks(machine{{.replay = true}});
}

TEST_CASE("Conversion: a guest that clears the C-bit too early shows its secrets", "[explorer][conversion]") {
  test::check_broken(machine{{.bug = conversion_bug::shares_first}}, "confidentiality", 5);
}

TEST_CASE("Conversion: what the guest's notes, CF and #VC 404h are for", "[explorer][conversion]") {
  test::check_broken(machine{{}, without(rule::PST_01)}, "INV-03", 6);
  test::check_broken(machine{{}, without(rule::PST_02)}, "INV-03", 11);
  test::check_broken(machine{{}, without(rule::RMP_PVL_03)}, "INV-03", 11);
  test::check_broken(machine{{}, without(rule::PAG_RMPS_08)}, "INV-10", 6);
}

TEST_CASE("Conversion: a trace or a reason for each rule", "[explorer][conversion]") {
  test::check_ablation(conversion_rules, ablate_conversion, conversion_not_load_bearing);
}

}  // namespace
