// SPDX-License-Identifier: MIT
// Exploration of the launch of SNP guests. That each rule has a trace or a reason is a check of the documentation, which
// makes the table: closing all machines for each takes too long here.

#include <sevspec/base/rule_set.hpp>
#include <sevspec/verify/explorer/launch_ablation.hpp>
#include <sevspec/verify/explorer/launch_model.hpp>

#include "support/explored.hpp"

namespace {

using namespace sevspec;
using namespace sevspec::verify::explorer;
using machine = launch_model<context<rule_set>>;
using folded = symmetric_launch_model<context<rule_set>>;

constexpr launch_parts small{.pages = 2, .asids = 2, .updates = 1};

auto without(rule id) -> context<rule_set> { return {.rules = rule_set{}.without(id)}; }

TEST_CASE("Launch: no order of commands breaks an invariant", "[explorer][launch]") {
  test::check_closed(machine{small}, 13'305);
  test::check_closed(folded{{}}, 42'640);
}

TEST_CASE("Launch: hashes, shards, twins and walks", "[explorer][launch]") {
  test::check_hash_order(machine{small});
  test::check_shards(machine{small}, 3);
  test::check_twins(folded{small}, machine{small});
  test::check_walks(machine{{.guests = 2, .asids = 2, .guest_pages = 2}});
}

TEST_CASE("Launch: writes that nobody checks are noticed", "[explorer][launch]") {
  test::check_broken(machine{{.updates = 1, .bug = launch_bug::no_write_check}}, "contents", 8);
}

TEST_CASE("Launch: no update after its end, and none of another guest's page", "[explorer][launch]") {
  test::check_broken(machine{small, without(rule::FW_SNP_LUP_06)}, "updates", 8);
  test::check_broken(machine{small, without(rule::FW_SNP_LUP_08)}, "updates", 7);
}

TEST_CASE("Launch: whatever has no reason has a trace", "[explorer][launch]") {
  for (const rule id : launch_rules)
    if (why_not_load_bearing_in_launch(id) == nullptr) {
      INFO(name_of(id));
      CHECK(ablate_launch(id).broken.has_value());
    }
  for (const not_load_bearing& one : launch_not_load_bearing) CHECK(is_ablated_in_launch(one.id));
}

}  // namespace
