// SPDX-License-Identifier: MIT
// Rules of TLBs that can be switched off: each decides in a case of its own, and makes a difference there.
#include <support/catch.hpp>
#include <support/rule_coverage.hpp>
#include <support/tlb_scenarios.hpp>

using namespace sevspec;
using namespace sevspec::test;

TEST_CASE("rules of TLBs make a difference",
          "[paging][coverage][PAG-TLB-02][PAG-TLB-04][PAG-ASID-02][PAG-ASID-03][PAG-ASID-06]"
          "[PAG-VTOM-04][PAG-KEY-10][PAG-KEY-11][RMP-CHK-09]") {
  const shown_rules shown = shown_by(tlb_scenarios());
  CHECK(shown.load_bearing.size() == 9);

  recorder quiet;
  recording_context ctx{.rules = {}, .choices = {}, .listener = quiet};
  play_tlb_quiet_scenarios(ctx);
  CHECK(quiet.fired.empty());
  for (const rule id : {rule::PAG_TLB_02, rule::PAG_TLB_04, rule::PAG_ASID_02, rule::PAG_ASID_03, rule::PAG_ASID_06,
                        rule::PAG_VTOM_04, rule::PAG_KEY_10, rule::PAG_KEY_11})
    CHECK(quiet.passed.contains(id));
}
