// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CRYPTO_BLOCK_HPP
#define SEVSPEC_CRYPTO_BLOCK_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sevspec::inline v0::crypto {

/// The unit of memory encryption: 16 bytes at an address that is a multiple of 16.   ENC-MODE-01
inline constexpr std::size_t block_bytes = 16;

/// The bytes of one block, in the order of their addresses.
using block = std::array<std::uint8_t, block_bytes>;

namespace detail {

/// Sixteen bytes in one register. Loops over bytes leave it to the compiler's mood whether they become that; the hot
/// loops do not.
using lanes [[gnu::vector_size(16)]] = std::uint64_t;

[[nodiscard]] inline auto load_lanes(const std::uint8_t* from) noexcept -> lanes {
  lanes value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
inline void store_lanes(std::uint8_t* to, lanes value) noexcept { std::memcpy(to, &value, sizeof value); }

}  // namespace detail

/// Byte by byte exclusive or.
[[nodiscard]] constexpr auto exclusive_or(const block& a, const block& b) noexcept -> block {
  block sum;
  if !consteval {
    detail::store_lanes(sum.data(), detail::load_lanes(a.data()) ^ detail::load_lanes(b.data()));
    return sum;
  }
  for (std::size_t i = 0; i < block_bytes; ++i) sum[i] = static_cast<std::uint8_t>(a[i] ^ b[i]);
  return sum;
}

}  // namespace sevspec::inline v0::crypto

#endif
