// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_TLB_PAGES_HPP
#define SEVSPEC_TESTS_SUPPORT_TLB_PAGES_HPP

#include <array>
#include <cstdint>
#include <string>

#include <sevspec/paging/tlb.hpp>

namespace sevspec::test {

/// Translations in a TLB that differ in one property each from the first, so that what a flush leaves shows what it
/// drops.
struct tlb_page {
  const char* name;
  paging::address_space space;
  page_size size;
  bool global;
  std::uint64_t linear;  ///< first byte of the page
  std::uint64_t probe;   ///< an address in the page that no smaller one of the space holds
};

inline constexpr std::uint64_t flushed_page = 0x0000'7fc0'4020'5000;
inline constexpr asid flushed_asid{5};
inline constexpr paging::address_space flushed_space{flushed_asid, 1};

inline constexpr std::array tlb_pages{
    tlb_page{"page", flushed_space, page_size::k4k, false, flushed_page, flushed_page + 0xfff},
    tlb_page{"next page", flushed_space, page_size::k4k, false, flushed_page + 0x1000, flushed_page + 0x1000},
    tlb_page{"2m", flushed_space, page_size::k2m, false, 0x0000'7fc0'4020'0000, flushed_page + 0x10000},
    tlb_page{"global", flushed_space, page_size::k4k, true, flushed_page + 0x2000, flushed_page + 0x2000},
    tlb_page{"global 1g", flushed_space, page_size::k1g, true, 0x0000'7fc0'4000'0000, 0x0000'7fc0'7fff'ffff},
    tlb_page{"other pcid", {flushed_asid, 2}, page_size::k4k, false, flushed_page, flushed_page},
    tlb_page{"other asid", {{6}, 1}, page_size::k4k, false, flushed_page, flushed_page},
    tlb_page{"other asid global", {{6}, 1}, page_size::k2m, true, 0x0000'7fc0'4020'0000, 0x0000'7fc0'403f'ffff},
    tlb_page{"host", {host_asid, 1}, page_size::k4k, false, flushed_page, flushed_page},
    tlb_page{"host global", {host_asid, 1}, page_size::k4k, true, flushed_page + 0x1000, flushed_page + 0x1000},
};

using small_tlb = paging::tlb<16, 4, 16>;

/// A TLB that holds all of them.
[[nodiscard]] constexpr auto filled_tlb() -> small_tlb {
  small_tlb result;
  std::uint64_t frame = 0x1'0000'0000;
  for (const tlb_page& page : tlb_pages) {
    result.fill(page.space, {.size = page.size,
                             .global = page.global,
                             .linear = page.linear,
                             .page = {frame += 0x4000'0000},
                             .rights = {.writable = true, .user = true},
                             .served = 0x3ff});
  }
  return result;
}

/// The names of those that are left: "page, global, ".
[[nodiscard]] inline auto held(const small_tlb& tlb) -> std::string {
  std::string names;
  for (const tlb_page& page : tlb_pages) {
    const auto* const found = tlb.find(page.space, page.probe);
    if (found != nullptr && found->size == page.size && found->linear == page.linear)
      names += (names.empty() ? "" : ", ") + std::string(page.name);
  }
  return names;
}

/// What is left by flushes of the usual extents.
inline const std::string held_all =
    "page, next page, 2m, global, global 1g, other pcid, other asid, other asid global, host, host global";
inline const std::string held_but_asid = "other asid, other asid global, host, host global";
inline const std::string held_but_asid_not_global =
    "global, global 1g, other asid, other asid global, host, host global";

}  // namespace sevspec::test

#endif
