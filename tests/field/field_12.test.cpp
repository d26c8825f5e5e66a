// SPDX-License-Identifier: MIT
// coconut-svsm 5b4a088d, tianocore/edk2 issue 12283: pages that were validated at launch are validated again.
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
