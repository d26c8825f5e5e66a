// SPDX-License-Identifier: MIT
#include <support/bytes.hpp>
#include <support/catch.hpp>

#include <sevspec/layout/page_state_change.hpp>
#include <sevspec/layout/reflect.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using layout::address_of;
using layout::ghcb_msr_psc_req;
using layout::ghcb_psc_ops;
using layout::make_psc_entry;
using layout::psc_entry;

static_assert(address_of(psc_entry{}.set_gfn(0xFF'FFFF'FFFF)) == gpa{0xF'FFFF'FFFF'F000});

constexpr std::uint64_t frames[] = {
    0,           1,           0x12345,     0xF'FFFF,      0x10'0000,      0xFFF'FFFF,
    0x1000'0000, 0x8000'0000, 0xFFFF'FFFF, 0x1'0000'0000, 0x80'0000'0000, 0xFF'FFFF'FFFF};

}  // namespace

TEST_CASE("addresses of page state changes have 52 bits", "[layout][ghcb]") {
  for (const std::uint64_t gfn : frames) {
    INFO("gfn " << hex(gfn));
    CHECK(address_of(psc_entry{}.set_gfn(gfn)) == gpa{gfn * 4096});
    CHECK(address_of(ghcb_msr_psc_req{}.set_gfn(gfn)) == gpa{gfn * 4096});
    // Nothing but the frame number counts.
    CHECK(address_of(psc_entry{gfn << 12 | 0xFFF0'0000'0000'0FFF}) == gpa{gfn * 4096});
    CHECK(address_of(ghcb_msr_psc_req{gfn << 12 | 0xFFF0'0000'0000'0FFF}) == gpa{gfn * 4096});
  }
}

TEST_CASE("entries for every operation and size", "[layout][ghcb]") {
  for (const auto operation :
       {ghcb_psc_ops::private_, ghcb_psc_ops::shared, ghcb_psc_ops::psmash, ghcb_psc_ops::unsmash})
    for (const std::uint64_t gfn : frames) {
      INFO("gfn " << hex(gfn));
      const auto small = make_psc_entry(operation, gpa{gfn << 12}, page_size::k4k);
      CHECK(small.raw == (gfn << 12 | std::uint64_t{std::to_underlying(operation)} << 52));
      CHECK(address_of(small) == gpa{gfn << 12});
      CHECK(small.operation() == operation);
      CHECK_FALSE(small.page_size());
      CHECK(small.cur_page() == 0);

      const gpa aligned{gfn << 12 & ~std::uint64_t{0x1F'FFFF}};
      const auto large = make_psc_entry(operation, aligned, page_size::k2m);
      CHECK(large.raw == (aligned.value | std::uint64_t{std::to_underlying(operation)} << 52 | std::uint64_t{1} << 56));
      CHECK(address_of(large) == aligned);
      CHECK(large.page_size());
      CHECK_FALSE(layout::first_reserved_bit(large));
    }
}

namespace {

template <std::uint64_t Page, page_size Size>
inline constexpr bool is_made = is_allowed<[] { return make_psc_entry(ghcb_psc_ops::shared, gpa{Page}, Size); }>;

}  // namespace

TEST_CASE("what no entry can be made for", "[layout][ghcb]") {
  STATIC_REQUIRE(is_made<0, page_size::k4k>);
  STATIC_REQUIRE(is_made<0, page_size::k2m>);
  STATIC_REQUIRE(is_made<0xF'FFFF'FFFF'F000, page_size::k4k>);
  STATIC_REQUIRE(is_made<0xF'FFFF'FFE0'0000, page_size::k2m>);
  // Other sizes.
  STATIC_REQUIRE_FALSE(is_made<0, page_size::k1g>);
  STATIC_REQUIRE_FALSE(is_made<0, page_size::unlimited>);
  // Not aligned.
  STATIC_REQUIRE_FALSE(is_made<0x1, page_size::k4k>);
  STATIC_REQUIRE_FALSE(is_made<0x1800, page_size::k4k>);
  STATIC_REQUIRE_FALSE(is_made<0x1000, page_size::k2m>);
  STATIC_REQUIRE_FALSE(is_made<0x10'0000, page_size::k2m>);
  // More than 52 bits.
  STATIC_REQUIRE_FALSE(is_made<0x10'0000'0000'0000, page_size::k4k>);
  STATIC_REQUIRE_FALSE(is_made<0x8000'0000'0000'0000, page_size::k4k>);
  STATIC_REQUIRE_FALSE(is_made<0x10'0000'0000'0000, page_size::k2m>);
}
