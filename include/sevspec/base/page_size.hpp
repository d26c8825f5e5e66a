// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_PAGE_SIZE_HPP
#define SEVSPEC_BASE_PAGE_SIZE_HPP

#include <cstdint>

namespace sevspec::inline v0 {

/// Page sizes, ordered by size; 4M exists in legacy 32-bit paging alone.   APM vol. 2, 5.1
/// `unlimited` is the "page" of a guest that runs with paging off: the nested page alone decides.
enum class page_size : std::uint8_t { k4k, k2m, k4m, k1g, unlimited };

/// log2 of the size: 12, 21, 22, 30; 63 for `unlimited`.
[[nodiscard]] constexpr auto log2_bytes(page_size size) noexcept -> unsigned {
  switch (size) {
    case page_size::k4k:       return 12;
    case page_size::k2m:       return 21;
    case page_size::k4m:       return 22;
    case page_size::k1g:       return 30;
    case page_size::unlimited: return 63;
  }
  return 63;
}

[[nodiscard]] constexpr auto bytes_in(page_size size) noexcept -> std::uint64_t {
  return std::uint64_t{1} << log2_bytes(size);
}

/// The size a TLB can use for a translation made of both pages: the smaller one (PAG-NPT-18).
[[nodiscard]] constexpr auto smaller_of(page_size a, page_size b) noexcept -> page_size { return a < b ? a : b; }

/// "4k", "2m", "1g".
[[nodiscard]] constexpr auto name_of(page_size size) noexcept -> const char* {
  switch (size) {
    case page_size::k4k:       return "4k";
    case page_size::k2m:       return "2m";
    case page_size::k4m:       return "4m";
    case page_size::k1g:       return "1g";
    case page_size::unlimited: return "unlimited";
  }
  return "?";
}

}  // namespace sevspec::inline v0

#endif
