// SPDX-License-Identifier: MIT
// project-oak/oak issues 4218, 3834: PVALIDATE after the page was shared.
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
