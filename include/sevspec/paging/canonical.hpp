// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_CANONICAL_HPP
#define SEVSPEC_PAGING_CANONICAL_HPP

#include <cstdint>

#include <sevspec/base/address.hpp>

namespace sevspec::inline v0::paging {

/// Number of virtual-address bits that tables of this depth translate: 48 or 57.
/// @param levels  4 or 5
[[nodiscard]] constexpr auto translated_bits(unsigned levels) noexcept -> unsigned {
  return levels < 4 ? 32 : 12 + 9 * levels;
}

/// Whether all bits above the translated ones equal the highest translated one.   APM vol. 2, 5.3.1
/// @param levels  4: VA[63:47] all equal; 5: VA[63:56] all equal
template <class Space>
[[nodiscard]] constexpr auto is_canonical(address<Space> where, unsigned levels) noexcept -> bool {
  const unsigned unused = 64 - translated_bits(levels);
  const auto extended = static_cast<std::int64_t>(where.value << unused) >> unused;
  return static_cast<std::uint64_t>(extended) == where.value;
}

}  // namespace sevspec::inline v0::paging

#endif
