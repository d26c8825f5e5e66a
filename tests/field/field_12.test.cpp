// SPDX-License-Identifier: MIT
// coconut-svsm 5b4a088d, tianocore/edk2 issue 12283: pages that were validated at launch are validated again.
#include <array>

#include <sevspec/ghcb/page_state_change.hpp>
#include <sevspec/ghcb/rmp_host.hpp>
#include <sevspec/ghcb/validation_tracker.hpp>
#include <support/catch.hpp>
#include <support/rmp_play.hpp>

using namespace sevspec;
using namespace sevspec::test;
using enum memory::ownership_verdict::kind;

TEST_CASE("FIELD-12: validating twice succeeds, and says so", "[field][RMP-PVL-03][RMP-KVM-14]") {
  rmp_play m;
  REQUIRE(m.assign() == rmp::status::success);
  CHECK(m.validate().value() == rmp::result{});
  const auto again = m.validate().value();
  CHECK(again.succeeded());
  CHECK(again.unchanged);
  CHECK(rmp::advise_pvalidate(again, false, false) == rmp::pvalidate_action::double_validation);
  CHECK(rmp::advise_pvalidate(again, false, true) == rmp::pvalidate_action::done);
  CHECK(m.validate(rmp_play::page, rmp_play::seen, false).value() == rmp::result{});
  CHECK(m.validate(rmp_play::page, rmp_play::seen, false)->unchanged);
}

TEST_CASE("FIELD-12: a page state change of a page that is private already", "[field][FIELD-12][GHCB-PSC-03][PST-01]") {
  for (const auto repeated : {same_page_state::no_change, same_page_state::fails}) {
    rmp_play m;
    m.ctx.choices.psc_same_state = repeated;
    REQUIRE(m.assign() == rmp::status::success);
    REQUIRE(m.validate().has_value());
    ghcb::rmp_host host(m.ctx, m.table, m.cpu, asid{5}, [](gpa) { return std::optional{spa{rmp_play::page}}; });
    std::array entries{layout::make_psc_entry(layout::ghcb_psc_ops::private_, gpa{rmp_play::seen}, page_size::k4k)};
    layout::psc_header header;
    const auto result = ghcb::change_page_states(m.ctx, header, entries, host);
    CHECK((result.info_2 == 0) == (repeated == same_page_state::no_change));
    CHECK(m.entry().validated);  // either way
    // The guest notes what it has validated, and does not do it again.
    ghcb::validation_tracker pages;
    REQUIRE(pages.after_pvalidate(m.ctx, gpa{rmp_play::seen}, 1, true, {}) == ghcb::validation_verdict::done);
    CHECK_FALSE(pages.may_validate(m.ctx, gpa{rmp_play::seen}));
  }
}
