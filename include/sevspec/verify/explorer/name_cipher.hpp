// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_NAME_CIPHER_HPP
#define SEVSPEC_VERIFY_EXPLORER_NAME_CIPHER_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/crypto/block.hpp>
#include <sevspec/crypto/memory_cipher.hpp>

namespace sevspec::inline v0::verify::explorer {

/// A stand-in for a cipher where contents are names: a block says what is in it (its first byte, 0: nothing) and with which
/// key that is enciphered (its second, 0: none). Deciphered with another key it is nothing.
struct name_cipher {
  static constexpr std::size_t key_bytes = 16;
  struct key {
    std::uint8_t name{};
    friend constexpr auto operator==(const key&, const key&) -> bool = default;
  };
  [[nodiscard]] constexpr auto expand(std::span<const std::uint8_t, key_bytes> bytes) const -> key {
    return {bytes[0]};
  }
  [[nodiscard]] static constexpr auto channel_seed(std::span<const std::uint8_t, key_bytes> seed, std::uint32_t)
      -> std::array<std::uint8_t, key_bytes> {
    std::array<std::uint8_t, key_bytes> same{};
    for (std::size_t i = 0; i < key_bytes; ++i) same[i] = seed[i];
    return same;
  }
  constexpr void encrypt(const key& with, spa /*first*/, std::span<const std::uint8_t> in,
                         std::span<std::uint8_t> out) const {
    for (std::size_t i = 0; i < in.size(); i += crypto::block_bytes) {
      const bool fits = in[i] != 0 && in[i + 1] == 0;
      put(out.subspan(i), fits ? in[i] : std::uint8_t{0}, fits ? with.name : std::uint8_t{0});
    }
  }
  constexpr void decrypt(const key& with, spa /*first*/, std::span<const std::uint8_t> in,
                         std::span<std::uint8_t> out) const {
    for (std::size_t i = 0; i < in.size(); i += crypto::block_bytes)
      put(out.subspan(i), in[i + 1] == with.name ? in[i] : std::uint8_t{0}, 0);
  }

 private:
  static constexpr void put(std::span<std::uint8_t> block, std::uint8_t what, std::uint8_t with) {
    for (std::size_t i = 0; i < crypto::block_bytes; ++i) block[i] = 0;
    block[0] = what;
    block[1] = with;
  }
};
static_assert(crypto::memory_cipher<name_cipher>);

}  // namespace sevspec::inline v0::verify::explorer

#endif
