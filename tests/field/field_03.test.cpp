// SPDX-License-Identifier: MIT
// AMDESE/linux issue 5: a kernel that was started after another without SNP shutdown wrote pages of the firmware.
#include <support/catch.hpp>
#include <support/rmp_play.hpp>

using namespace sevspec;
using namespace sevspec::test;
using enum memory::ownership_verdict::kind;

TEST_CASE("FIELD-03: pages that the firmware still has", "[field][RMP-CHK-13][RMP-KVM-10]") {
  rmp_play m;
  REQUIRE(m.update(rmp_play::page, rmp::firmware_state()) == rmp::status::success);
  CHECK(m.state() == rmp::page_state::firmware);
  CHECK(m.host_write() == violation);
  CHECK(m.share() == rmp::status::fail_permission);
  // Reclaim, then take back, then use.
  REQUIRE(m.reclaim() == firmware::status::success);
  CHECK(m.state() == rmp::page_state::reclaim);
  CHECK(m.host_write() == violation);
  REQUIRE(m.share() == rmp::status::success);
  CHECK(m.host_write() == allowed);
}
