// SPDX-License-Identifier: MIT
// AMDESE/AMDSEV issue 143: RMPUPDATE to shared answered 4 for ever.
#include <support/catch.hpp>
#include <support/rmp_play.hpp>

using namespace sevspec;
using namespace sevspec::test;
using enum memory::ownership_verdict::kind;

TEST_CASE("FIELD-02: an overlap that does not pass", "[field][RMP-UPD-03][RMP-KVM-02][RMP-KVM-08]") {
  rmp_play m;
  REQUIRE(m.assign(rmp_play::region, 0x4000'0000, 5, true) == rmp::status::success);
  for (int tries = 0; tries < 96; ++tries) REQUIRE(m.share() == rmp::status::fail_overlap);
  CHECK(rmp::overlap_is_permanent(m.table, {rmp_play::page}, false));
  CHECK(rmp::advise_rmpupdate(rmp::status::fail_overlap, true) == rmp::code_action::fail);
  // What would have helped.
  CHECK(rmp::advise_release(m.table, {rmp_play::page}, false) == rmp::release_action::psmash_first);
  REQUIRE(m.smash() == rmp::status::success);
  CHECK(m.share() == rmp::status::success);
  // And the other way round: 2M over what is left.
  CHECK(m.share(rmp_play::region, true) == rmp::status::fail_overlap);
  CHECK(rmp::overlap_is_permanent(m.table, {rmp_play::region}, true));
}
