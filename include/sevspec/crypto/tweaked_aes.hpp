// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CRYPTO_TWEAKED_AES_HPP
#define SEVSPEC_CRYPTO_TWEAKED_AES_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <cryptopp/aes.h>
#include <cryptopp/hkdf.h>
#include <cryptopp/sha.h>
#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/crypto/block.hpp>
#include <sevspec/crypto/linear_tweak.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::crypto {

/// An AES key with its schedules for both directions.
/// @tparam Bytes  16 or 32
template <std::size_t Bytes>
class aes_key {
 public:
  explicit aes_key(std::span<const std::uint8_t, Bytes> bytes)
      : encryption_(bytes.data(), Bytes), decryption_(bytes.data(), Bytes) {}

  [[nodiscard]] auto encryption() const noexcept -> const CryptoPP::BlockTransformation& { return encryption_; }
  [[nodiscard]] auto decryption() const noexcept -> const CryptoPP::BlockTransformation& { return decryption_; }

 private:
  CryptoPP::AES::Encryption encryption_;
  CryptoPP::AES::Decryption decryption_;
};

namespace detail {

/// The key of one memory channel, made from a guest's seed with HKDF-SHA-256. Firmware derives one for each channel
/// with a label and the channel's number; its label is not published, so this is a model's choice.   ENC-MODE-09
template <std::size_t Bytes>
[[nodiscard]] auto channel_seed(std::span<const std::uint8_t, Bytes> seed, std::uint32_t channel)
    -> std::array<std::uint8_t, Bytes> {
  std::array<std::uint8_t, 24> info{'s', 'e', 'v', 's', 'p', 'e', 'c', ' ', 'm', 'e',
                                    'm', 'o', 'r', 'y', ' ', 'c', 'h', 'a', 'n', 'n'};
  layout::write_le(info.data() + 20, channel);
  std::array<std::uint8_t, Bytes> result{};
  CryptoPP::HKDF<CryptoPP::SHA256>{}.DeriveKey(result.data(), result.size(), seed.data(), seed.size(), nullptr, 0,
                                               info.data(), info.size());
  return result;
}

/// Blocks that are worked on at once: a page.
inline constexpr std::size_t page_bytes = 4096;

/// A page of tweaks, or of blocks mixed with them.
struct alignas(64) scratch_page {
  std::uint8_t bytes[page_bytes];
};

/// Calls `work(sPA, in, out, size)` for the part of the blocks in each page.
template <class Work>
void for_each_page(spa first, std::span<const std::uint8_t> in, std::span<std::uint8_t> out, Work&& work) {
  Expects(first.value % block_bytes == 0 && in.size() % block_bytes == 0 && in.size() == out.size());
  for (std::size_t done = 0; done < in.size();) {
    const spa where = first + done;
    const std::size_t size = std::min<std::size_t>(page_bytes - where.value % page_bytes, in.size() - done);
    work(where, in.data() + done, out.data() + done, size);
    done += size;
  }
}

}  // namespace detail

/// Where the tweak of a block goes in.
enum class tweak_use : std::uint8_t {
  before,            ///< XE: AES(m ^ T)   ENC-MODE-03
  before_and_after,  ///< XEX: AES(m ^ T) ^ T   ENC-MODE-04
};

/// AES-128 with a tweak that is linear in the sPA: memory encryption of Zen 1 to Zen 5 without the XTS option.
/// ENC-MODE-01 to ENC-MODE-06
template <tweak_use Use>
class aes128_tweaked {
 public:
  static constexpr std::size_t key_bytes = 16;
  using key = aes_key<key_bytes>;

  explicit aes128_tweaked(const tweak_constants& constants) : tweak_(constants) {}

  [[nodiscard]] auto expand(std::span<const std::uint8_t, key_bytes> bytes) const -> key { return key{bytes}; }
  [[nodiscard]] static auto channel_seed(std::span<const std::uint8_t, key_bytes> seed, std::uint32_t channel)
      -> std::array<std::uint8_t, key_bytes> {
    return detail::channel_seed<key_bytes>(seed, channel);
  }

  /// Blocks from the sPA `first` on, as DRAM holds them.
  void encrypt(const key& with, spa first, std::span<const std::uint8_t> in, std::span<std::uint8_t> out) const {
    detail::for_each_page(first, in, out, [&](spa where, const auto* from, auto* to, std::size_t size) {
      mixed_transform(with.encryption(), where, from, to, size, true, Use == tweak_use::before_and_after);
    });
  }

  /// What the holder of the key reads of blocks that DRAM holds from the sPA `first` on.
  void decrypt(const key& with, spa first, std::span<const std::uint8_t> in, std::span<std::uint8_t> out) const {
    detail::for_each_page(first, in, out, [&](spa where, const auto* from, auto* to, std::size_t size) {
      mixed_transform(with.decryption(), where, from, to, size, Use == tweak_use::before_and_after, true);
    });
  }

  /// T of the block that holds `where`: what an attacker has to know, and knew for the first generation.
  [[nodiscard]] auto tweak(spa where) const noexcept -> block { return tweak_(where); }

 private:
  /// out = transform(in ^ T) ^ T, the first T only if `before`, the second only if `after`; inside one page.
  void mixed_transform(const CryptoPP::BlockTransformation& transform, spa where, const std::uint8_t* in,
                       std::uint8_t* out, std::size_t size, bool before, bool after) const {
    if (size == block_bytes) {  // one block: without the machinery for many
      const block tweak = tweak_(where);
      block mixed;
      std::copy_n(in, block_bytes, mixed.begin());
      if (before) mixed = exclusive_or(mixed, tweak);
      transform.ProcessAndXorBlock(mixed.data(), after ? tweak.data() : nullptr, out);
      return;
    }
    detail::scratch_page tweaks;
    detail::scratch_page mixed;
    tweak_.mix(where, in, size / block_bytes, tweaks.bytes, mixed.bytes);
    transform.AdvancedProcessBlocks(before ? mixed.bytes : in, after ? tweaks.bytes : nullptr, out, size,
                                    CryptoPP::BlockTransformation::BT_AllowParallel);
  }

  linear_tweak tweak_;
};

using aes128_xe = aes128_tweaked<tweak_use::before>;
using aes128_xex = aes128_tweaked<tweak_use::before_and_after>;

/// AES-256 in XTS mode, the option of Zen 4 on. How hardware numbers the data units is not published; here a unit is a
/// line of 64 bytes, its number the sPA divided by 64 as a little-endian integer of 16 bytes, and its blocks follow
/// IEEE 1619.   ENC-MODE-07; ENC-MODE-08
class aes256_xts {
 public:
  static constexpr std::size_t key_bytes = 64;

  /// The two keys of XTS: the first for data, the second for tweaks.
  struct key {
    aes_key<32> data;
    aes_key<32> tweak;
  };

  /// @param bytes  the data key, then the tweak key
  [[nodiscard]] auto expand(std::span<const std::uint8_t, key_bytes> bytes) const -> key {
    return key{aes_key<32>{bytes.first<32>()}, aes_key<32>{bytes.last<32>()}};
  }
  [[nodiscard]] static auto channel_seed(std::span<const std::uint8_t, key_bytes> seed, std::uint32_t channel)
      -> std::array<std::uint8_t, key_bytes> {
    return detail::channel_seed<key_bytes>(seed, channel);
  }

  /// Blocks from the sPA `first` on, as DRAM holds them.
  void encrypt(const key& with, spa first, std::span<const std::uint8_t> in, std::span<std::uint8_t> out) const {
    run(with, with.data.encryption(), first, in, out);
  }

  /// What the holder of the key reads of blocks that DRAM holds from the sPA `first` on.
  void decrypt(const key& with, spa first, std::span<const std::uint8_t> in, std::span<std::uint8_t> out) const {
    run(with, with.data.decryption(), first, in, out);
  }

 private:
  static constexpr std::size_t line_bytes = 64;

  static void run(const key& with, const CryptoPP::BlockTransformation& transform, spa first,
                  std::span<const std::uint8_t> in, std::span<std::uint8_t> out) {
    detail::for_each_page(first, in, out, [&](spa where, const auto* from, auto* to, std::size_t size) {
      detail::scratch_page tweaks;
      detail::scratch_page mixed;
      fill(with, where, std::span{tweaks.bytes}.first(size));
      for (std::size_t i = 0; i < size; i += block_bytes)
        detail::store_lanes(mixed.bytes + i, detail::load_lanes(from + i) ^ detail::load_lanes(tweaks.bytes + i));
      transform.AdvancedProcessBlocks(mixed.bytes, tweaks.bytes, to, size,
                                      CryptoPP::BlockTransformation::BT_AllowParallel);
    });
  }

  /// The tweaks of consecutive blocks inside one page.
  static void fill(const key& with, spa first, std::span<std::uint8_t> tweaks) {
    // The numbers of the lines that the blocks lie in, enciphered in one go.
    const std::uint64_t first_line = first.value / line_bytes;
    const std::size_t skipped = first.value % line_bytes;
    const std::size_t lines = (skipped + tweaks.size() + line_bytes - 1) / line_bytes;
    std::array<std::uint8_t, detail::page_bytes / line_bytes * block_bytes> units{};
    for (std::size_t line = 0; line < lines; ++line)
      layout::write_le(units.data() + line * block_bytes, first_line + line);
    with.tweak.encryption().AdvancedProcessBlocks(units.data(), nullptr, units.data(), lines * block_bytes,
                                                  CryptoPP::BlockTransformation::BT_AllowParallel);

    for (std::size_t line = 0; line < lines; ++line) {
      auto low = layout::read_le<std::uint64_t>(units.data() + line * block_bytes);
      auto high = layout::read_le<std::uint64_t>(units.data() + line * block_bytes + 8);
      for (std::size_t in_line = 0; in_line < line_bytes; in_line += block_bytes) {
        const std::size_t position = line * line_bytes + in_line - skipped;  // wraps for blocks before the first
        if (position < tweaks.size()) {
          layout::write_le(tweaks.data() + position, low);
          layout::write_le(tweaks.data() + position + 8, high);
        }
        // The next block's: times x modulo x^128 + x^7 + x^2 + x + 1, the first byte having the lowest powers.
        const std::uint64_t carry = high >> 63;
        high = high << 1 | low >> 63;
        low = low << 1 ^ carry * 0x87;
      }
    }
  }
};

}  // namespace sevspec::inline v0::crypto

#endif
