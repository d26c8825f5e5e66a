// SPDX-License-Identifier: MIT
// FIELD-14: the frame number of a page state change entry was shifted in its own 40 bits, so that addresses from 1 TiB
// on were cut. tianocore/edk2 e8c23d1e27 (pull request 5036), introduced by ade62c18f474
#include <cstdint>

#include <support/catch.hpp>

#include <sevspec/layout/page_state_change.hpp>

namespace {

using namespace sevspec;
using layout::ghcb_msr_psc_req;
using layout::ghcb_psc_ops;
using layout::psc_entry;

/// `Entry.GuestFrameNumber << EFI_PAGE_SHIFT` on a bit-field of 40 bits: compilers of C give the shift the width of the
/// bit-field.
auto buggy_address(std::uint64_t gfn) -> std::uint64_t { return gfn << 12 & bit_range(39, 0); }

}  // namespace

TEST_CASE("FIELD-14: addresses of page state changes above 1 TiB", "[field][FIELD-14]") {
  const auto [gfn, is_cut] = GENERATE(table<std::uint64_t, bool>({
      {0, false},
      {0x12345, false},
      {(1ULL << 28) - 1, false},  // the last page below 1 TiB
      {1ULL << 28, true},         // 1 TiB
      {(1ULL << 28) + 0x200, true},
      {1ULL << 39, true},
      {(1ULL << 40) - 1, true},
  }));
  CHECK((buggy_address(gfn) != gfn * 4096) == is_cut);
  CHECK(layout::address_of(psc_entry{}.set_gfn(gfn)) == gpa{gfn * 4096});
  CHECK(layout::address_of(ghcb_msr_psc_req{}.set_gfn(gfn)) == gpa{gfn * 4096});
  // Both ways.
  const auto entry = layout::make_psc_entry(ghcb_psc_ops::private_, gpa{gfn * 4096}, page_size::k4k);
  CHECK(entry.gfn() == gfn);
  CHECK(entry.operation() == ghcb_psc_ops::private_);
}

TEST_CASE("FIELD-14: two pages that the bug took for one", "[field][FIELD-14]") {
  CHECK(buggy_address(1ULL << 28) == buggy_address(0));
  CHECK(layout::address_of(psc_entry{}.set_gfn(1ULL << 28)) != layout::address_of(psc_entry{}));
  CHECK(layout::address_of(psc_entry{}.set_gfn(1ULL << 28)) == gpa{1ULL << 40});
  CHECK(layout::address_of(psc_entry{}.set_gfn(1ULL << 39)) == gpa{1ULL << 51});
}
