// SPDX-License-Identifier: MIT
// AMDESE/linux-svsm 0de111e: the host moves a validated page to another gPA to leak what it held.
#include <support/catch.hpp>
#include <support/rmp_play.hpp>

using namespace sevspec;
using namespace sevspec::test;
using enum memory::ownership_verdict::kind;

TEST_CASE("FIELD-31: a page that moves is not validated any longer", "[field][RMP-UPD-07][RMP-KVM-15]") {
  rmp_play m;
  constexpr std::uint64_t elsewhere = 0x555'5000;
  REQUIRE(m.assign() == rmp::status::success);
  REQUIRE(m.validate().has_value());
  CHECK(m.guest_access(access_kind::read, rmp_play::page, elsewhere) == violation);  // the reverse map
  REQUIRE(m.assign(rmp_play::page, elsewhere) == rmp::status::success);
  CHECK(m.guest_access(access_kind::read, rmp_play::page, elsewhere) == not_validated);
  CHECK(m.guest_access(access_kind::read) == violation);
  // The guest takes it: not a word of the old content, so it zeroes the page before it grants it.
  CHECK_FALSE(m.validate(rmp_play::page, elsewhere)->unchanged);
  CHECK(m.entry().allowed[1].raw == 0);
}
