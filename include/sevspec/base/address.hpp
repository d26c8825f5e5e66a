// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_ADDRESS_HPP
#define SEVSPEC_BASE_ADDRESS_HPP

#include <compare>
#include <cstdint>

#include <sevspec/base/page_size.hpp>

namespace sevspec::inline v0 {

/// A byte address in one address space. Addresses of different spaces are different types: an sPA cannot be passed
/// where a gPA is meant, and conversions are the work of the walks alone.
/// @tparam Space  a tag from below, or one of your own (an L2 guest's spaces, an I/O virtual address, ...)
template <class Space>
struct address {
  using space = Space;
  std::uint64_t value{};

  friend constexpr auto operator<=>(address, address) = default;

  /// The address `bytes` further on; wraps at 2^64 as the hardware's adder does.
  [[nodiscard]] friend constexpr auto operator+(address where, std::uint64_t bytes) noexcept -> address {
    return {where.value + bytes};
  }
};

struct host_virtual {};     ///< linear addresses outside guest mode, translated by CR3
struct guest_virtual {};    ///< linear addresses in guest mode, translated by gCR3
struct guest_physical {};   ///< what guest page tables contain; translated by nCR3
struct system_physical {};  ///< what the memory controller and the RMP see

using hva = address<host_virtual>;
using gva = address<guest_virtual>;
using gpa = address<guest_physical>;
using spa = address<system_physical>;

/// The first byte of the page of the given size that holds `where`.
template <class Space>
[[nodiscard]] constexpr auto page_base(address<Space> where, page_size size) noexcept -> address<Space> {
  return {where.value & ~(bytes_in(size) - 1)};
}

/// The position of `where` inside its page of the given size.
template <class Space>
[[nodiscard]] constexpr auto page_offset(address<Space> where, page_size size) noexcept -> std::uint64_t {
  return where.value & (bytes_in(size) - 1);
}

template <class Space>
[[nodiscard]] constexpr auto is_aligned(address<Space> where, page_size size) noexcept -> bool {
  return page_offset(where, size) == 0;
}

/// The number of a 4 KiB page: an address without its twelve offset bits (PFN, GFN, ...).
template <class Space>
struct page_number {
  std::uint64_t value{};
  friend constexpr auto operator<=>(page_number, page_number) = default;
};

template <class Space>
[[nodiscard]] constexpr auto page_of(address<Space> where) noexcept -> page_number<Space> {
  return {where.value >> 12};
}

template <class Space>
[[nodiscard]] constexpr auto address_of(page_number<Space> page) noexcept -> address<Space> {
  return {page.value << 12};
}

}  // namespace sevspec::inline v0

#endif
