// SPDX-License-Identifier: MIT
// AMDESE/AMDSEV issue 208: RMPADJUST on the host.
#include <support/catch.hpp>
#include <support/rmp_play.hpp>

using namespace sevspec;
using namespace sevspec::test;
using enum memory::ownership_verdict::kind;

TEST_CASE("FIELD-44: RMPADJUST is a guest's, for VMPLs below its own", "[field][RMP-INS-07][RMP-ADJ-02]") {
  rmp_play m;
  REQUIRE(m.assign() == rmp::status::success);
  REQUIRE(m.validate().has_value());
  const auto on_host = rmp::rmpadjust(m.ctx, m.table, m.cpu, {}, {{rmp_play::seen}, 0, 0x0101},
                                      rmp_play::at(rmp_play::page, rmp_play::seen, page_size::k4k));
  REQUIRE_FALSE(on_host.has_value());
  CHECK(on_host.error().kind == fault_kind::ud);
  for (std::uint8_t level = 0; level < 4; ++level)
    for (std::uint8_t target = 0; target <= level; ++target)
      CHECK(m.adjust(target, level)->eax == rmp::status::fail_permission);
  CHECK(m.adjust(0x0101)->succeeded());
}
