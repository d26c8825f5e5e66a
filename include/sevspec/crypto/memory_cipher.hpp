// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CRYPTO_MEMORY_CIPHER_HPP
#define SEVSPEC_CRYPTO_MEMORY_CIPHER_HPP

#include <array>
#include <concepts>
#include <cstdint>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/crypto/block.hpp>

namespace sevspec::inline v0::crypto {

/// How a memory controller turns plaintext into what DRAM holds. Blocks of 16 bytes, no tag, no counter: what DRAM
/// holds depends on key, sPA and plaintext alone.   ENC-MODE-01
///
/// The cipher object is what all keys share (tweak constants); a `key` is one key with its schedule, made once and used
/// for every access.
///
/// - `C::key_bytes`: how many bytes `expand` takes
/// - `expand(bytes)`: the key that these bytes are
/// - `channel_seed(seed, channel)`: the bytes of the key that the engines of one memory channel use, made from the
///   guest's seed; asked only where there is more than one channel (ENC-MODE-09)
/// - `encrypt(key, first, in, out)`, `decrypt(key, first, in, out)`: consecutive blocks from the sPA `first` on, a
///   multiple of 16; `in` and `out` have the same length, a multiple of 16, and may be the same bytes
template <class C>
concept memory_cipher =
    requires(const C& cipher, const typename C::key& key, spa first, std::span<const std::uint8_t> in,
             std::span<std::uint8_t> out, std::span<const std::uint8_t, C::key_bytes> bytes) {
      { cipher.expand(bytes) } -> std::same_as<typename C::key>;
      { C::channel_seed(bytes, 0U) } -> std::same_as<std::array<std::uint8_t, C::key_bytes>>;
      { cipher.encrypt(key, first, in, out) } -> std::same_as<void>;
      { cipher.decrypt(key, first, in, out) } -> std::same_as<void>;
    };

}  // namespace sevspec::inline v0::crypto

#endif
