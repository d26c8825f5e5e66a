// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_BYTES_HPP
#define SEVSPEC_FIRMWARE_BYTES_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::firmware {

using byte_view = std::span<const std::uint8_t>;  ///< bytes that are only read
template <std::size_t Size>
using byte_array = std::array<std::uint8_t, Size>;

/// `Size` bytes of a longer range, from `offset` on.
template <std::size_t Size, class Bytes>
[[nodiscard]] constexpr auto array_of(const Bytes& from, std::size_t offset = 0) -> byte_array<Size> {
  byte_array<Size> made{};
  for (std::size_t i = 0; i < Size; ++i) made[i] = static_cast<std::uint8_t>(from[offset + i]);
  return made;
}

/// The 96-bit IV that a counter is: little-endian, then zeros.   FW-SEV-SWP-06; FW-SNP-SWO-08; FW-MSG-03
[[nodiscard]] constexpr auto iv_of(std::uint64_t counter) -> byte_array<12> {
  byte_array<12> iv{};
  layout::write_le(iv.data(), counter);
  return iv;
}
/// The counter value that is never used: two below the largest.   FW-SEV-SWP-01; FW-SNP-SWO-01; FW-MSG-16
inline constexpr std::uint64_t exhausted_counter = ~std::uint64_t{1};

/// Whether all bytes are 0.
[[nodiscard]] constexpr auto is_zero(byte_view bytes) -> bool {
  return std::ranges::all_of(bytes, [](std::uint8_t one) { return one == 0; });
}
/// The same bytes.
[[nodiscard]] constexpr auto is_same(byte_view a, byte_view b) -> bool { return std::ranges::equal(a, b); }

}  // namespace sevspec::inline v0::firmware

#endif
