// SPDX-License-Identifier: MIT
// What is asked below an L1: each rule is load-bearing in the machines that are explored, or somebody has said why not.

#include <cstddef>
#include <map>
#include <string>

#include "support/catch.hpp"

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/verify/explorer/nested_ablation.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::verify::explorer;

TEST_CASE("A rule below an L1 is load-bearing, or has a reason why not", "[explorer][nested]") {
  struct shortest {
    std::size_t operations;
    const char* invariant;
  };
  const std::map<rule, shortest> broken{{rule::NES_ASID_01, {1, "tables agree"}},
                                        {rule::NES_ASID_02, {1, "tables agree"}},
                                        {rule::RMP_NST_21, {2, "tables agree"}},
                                        {rule::NES_TR_02, {2, "L0 watches"}},
                                        {rule::PAG_L2_11, {5, "flush"}}};
  for (const rule one : nested_rules) {
    INFO(name_of(one));
    const model_ablation row = ablate_nested(one);
    CHECK(static_cast<bool>(row.broken) == (why_not_load_bearing_in_nested(one) == nullptr));
    if (!broken.contains(one)) {
      CHECK_FALSE(row.broken);
      CHECK(row.states > 10'000);  // all of the machines, not a part
      continue;
    }
    REQUIRE(row.broken);
    CHECK(std::string{row.broken->invariant} == broken.at(one).invariant);
    CHECK(row.trace.size() == broken.at(one).operations);
  }
  for (const not_load_bearing& one : nested_not_load_bearing) CHECK(is_ablated_in_nested(one.id));
}

}  // namespace
