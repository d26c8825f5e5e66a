// SPDX-License-Identifier: MIT
// tianocore/edk2 issue 12774: PVALIDATE of 2M over entries of 4K.
#include <support/catch.hpp>
#include <support/rmp_play.hpp>

using namespace sevspec;
using namespace sevspec::test;
using enum memory::ownership_verdict::kind;

TEST_CASE("FIELD-41: from 2M down to 512 of 4K", "[field][RMP-PVL-02][RMP-KVM-14]") {
  rmp_play m;
  constexpr std::uint64_t first = 0x4000'0000;
  for (std::uint64_t i = 0; i < 512; ++i)
    REQUIRE(m.assign(rmp_play::region + i * 0x1000, first + i * 0x1000) == rmp::status::success);
  const auto large = m.validate(rmp_play::region, first, true, page_size::k2m, page_size::k2m).value();
  CHECK(large.eax == rmp::status::fail_sizemismatch);
  CHECK(rmp::advise_pvalidate(large, true, false) == rmp::pvalidate_action::use_4k);
  for (std::uint64_t i = 0; i < 512; ++i) {
    const auto small = m.validate(rmp_play::region + i * 0x1000, first + i * 0x1000).value();
    CHECK(small == rmp::result{});
  }
}
