// SPDX-License-Identifier: MIT
// Every guard and effect of caches, ASIDs, ciphertext hiding and devices fires, passes and makes a difference.
#include <support/catch.hpp>
#include <support/memory_scenarios.hpp>
#include <support/rule_coverage.hpp>

using namespace sevspec;
using namespace sevspec::test;

TEST_CASE("the rules of caches, ASIDs and devices fire, pass and make a difference", "[memory][coverage]") {
  const auto scenarios = memory_scenarios();
  const shown_rules shown = shown_by(scenarios);
  for (unsigned i = static_cast<unsigned>(rule::ENC_COH_01); i <= static_cast<unsigned>(rule::TIO_DMA_03); ++i) {
    const rule_info& row = info(static_cast<rule>(i));
    INFO(row.name);
    CHECK(scenarios.contains(row.id) == (row.kind != rule_kind::definition));
    CHECK(shown.passed.contains(row.id) == (row.kind != rule_kind::definition));
  }
}
