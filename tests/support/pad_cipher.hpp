// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_PAD_CIPHER_HPP
#define SEVSPEC_TESTS_SUPPORT_PAD_CIPHER_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <sevspec/crypto/block.hpp>
#include <sevspec/crypto/memory_cipher.hpp>

namespace sevspec::test {

/// The byte that a key puts over one byte of memory: something different for every key and address.
[[nodiscard]] constexpr auto pad_byte(std::uint8_t key, std::uint64_t where) noexcept -> std::uint8_t {
  const std::uint64_t mixed = (where + 1) * 0x9e37'79b9'7f4a'7c15 + std::uint64_t{key} * 0xbf58'476d'1ce4'e5b9;
  return static_cast<std::uint8_t>(mixed >> 56);
}

/// A cipher whose result tests can compute in one line: exclusive or with `pad_byte`. A key is its first byte.
struct pad_cipher {
  static constexpr std::size_t key_bytes = 16;
  struct key {
    std::uint8_t first{};
    friend constexpr auto operator==(const key&, const key&) -> bool = default;
  };

  [[nodiscard]] constexpr auto expand(std::span<const std::uint8_t, key_bytes> bytes) const -> key {
    return {bytes[0]};
  }
  [[nodiscard]] static constexpr auto channel_seed(std::span<const std::uint8_t, key_bytes> seed, std::uint32_t channel)
      -> crypto::block {
    crypto::block result{};
    std::ranges::copy(seed, result.begin());
    result[0] = static_cast<std::uint8_t>(result[0] + channel);
    return result;
  }
  constexpr void encrypt(const key& with, spa first, std::span<const std::uint8_t> in,
                         std::span<std::uint8_t> out) const {
    for (std::size_t i = 0; i < in.size(); ++i)
      out[i] = static_cast<std::uint8_t>(in[i] ^ pad_byte(with.first, first.value + i));
  }
  constexpr void decrypt(const key& with, spa first, std::span<const std::uint8_t> in,
                         std::span<std::uint8_t> out) const {
    encrypt(with, first, in, out);
  }
};
static_assert(crypto::memory_cipher<pad_cipher>);

}  // namespace sevspec::test

#endif
