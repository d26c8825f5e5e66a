// SPDX-License-Identifier: MIT
// project-oak/oak issues 4218, 3834: PVALIDATE after the page was shared.
#include <algorithm>
#include <string>
#include <vector>

#include <sevspec/ghcb/conversion_check.hpp>
#include <support/catch.hpp>
#include <support/rmp_play.hpp>

using namespace sevspec;
using namespace sevspec::test;
using enum memory::ownership_verdict::kind;

TEST_CASE("FIELD-13: PVALIDATE does not take a page of the hypervisor", "[field][RMP-CHK-01][RMP-KVM-11]") {
  rmp_play m;
  REQUIRE(m.assign() == rmp::status::success);
  REQUIRE(m.validate().has_value());
  REQUIRE(m.share() == rmp::status::success);
  for (const bool wanted : {true, false}) {
    const auto late = m.validate(rmp_play::page, rmp_play::seen, wanted);
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error() == fault{fault_kind::npf, rule::RMP_CHK_01, 0x5'8000'0005, rmp_play::seen});
    CHECK(m.entry() == rmp::entry{});
  }
  CHECK(m.host_write() == allowed);
}

TEST_CASE("FIELD-13: the traces show who came too late", "[field][FIELD-13][PST-02]") {
  using ghcb::guest_deed;
  using ghcb::host_deed;
  const gpa page{rmp_play::seen};
  const ghcb::conversion_setup launched{.validated_at_launch = {page}};
  std::vector<ghcb::guest_event> guest{{0, page, guest_deed::asks_shared, {}},
                                       {0, page, guest_deed::rescinds, {}},  // #NPF: does not complete
                                       {0, page, guest_deed::maps_shared, {}},
                                       {0, page, guest_deed::flushes, {}}};
  std::vector<ghcb::host_event> host{{0, page, host_deed::shares}, {0, page, host_deed::answers_shared}};
  context<> ctx;
  REQUIRE(ghcb::number_by_exchanges(guest, host));
  const auto found = ghcb::check_conversions(ctx, launched, guest, host);
  REQUIRE(found.size() >= 2);
  const auto late = std::ranges::find_if(found, [](const auto& one) { return one.side == ghcb::trace_side::guest; });
  REQUIRE(late != found.end());
  CHECK(late->decided_by == rule::PST_02);
  CHECK(std::string(late->text) == "gives a page away before it has given it up");

  std::swap(guest[0], guest[1]);
  guest[0].result = rmp::result{};
  REQUIRE(ghcb::number_by_exchanges(guest, host));
  CHECK(ghcb::check_conversions(ctx, launched, guest, host).empty());
}
