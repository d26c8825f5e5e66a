// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CRYPTO_LINEAR_TWEAK_HPP
#define SEVSPEC_CRYPTO_LINEAR_TWEAK_HPP

#include <array>
#include <cstddef>
#include <cstdint>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/crypto/block.hpp>

namespace sevspec::inline v0::crypto {

/// One constant for each address bit from 4 to 51: element i belongs to bit i + 4.
using tweak_constants = std::array<block, 48>;

/// The constants that were measured on an EPYC 7251 for bits 4 to 31: four bytes, repeated four times. Parts of the
/// first generation have these or nearly these, for every key.   ENC-MODE-05, table 1
inline constexpr std::array<std::uint32_t, 28> measured_tweak_words{
    // First byte of the block first.
    0x82253838, 0xec09079c, 0x40000018, 0x8102a23a, 0x77d91077, 0xb010b2c0, 0x536d544d,  // bits 4 to 10
    0x1568ee53, 0xb09230c2, 0x9670ff8e, 0x361b90d5, 0x0400c236, 0xe8182985, 0xbd31f92a,  // bits 11 to 17
    0xa50d3744, 0xf431d84c, 0x02043181, 0xb37132a1, 0x508ac06c, 0x168a8020, 0x7f9bc007,  // bits 18 to 24
    0x00db0407, 0x7f000404, 0x70fa01be, 0xbb3d2890, 0xbd2dd526, 0x1c5d6ce2, 0x4f5ce727,  // bits 25 to 31
};

/// Constants made from a number, for what is not published: the bits above 31 of the first generation, and the fresh
/// randomness of each boot from Zen 2 on. A model's source of numbers (SplitMix64), not a random generator of any
/// hardware.   ENC-MODE-06
[[nodiscard]] constexpr auto drawn_tweak_constants(std::uint64_t seed) noexcept -> tweak_constants {
  const auto next = [&seed] {
    std::uint64_t z = seed += 0x9e37'79b9'7f4a'7c15;
    z = (z ^ z >> 30) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ z >> 27) * 0x94d0'49bb'1331'11eb;
    return z ^ z >> 31;
  };
  tweak_constants drawn{};
  for (block& one : drawn) {
    for (std::size_t half = 0; half < block_bytes; half += 8) {
      const std::uint64_t bits = next();
      for (std::size_t i = 0; i < 8; ++i) one[half + i] = static_cast<std::uint8_t>(bits >> (8 * i) & 0xFF);
    }
  }
  return drawn;
}

/// The constants of the first generation. Those of bits 32 to 51 were never published; they are drawn, with the same
/// period of four bytes.   ENC-MODE-05
[[nodiscard]] constexpr auto measured_tweak_constants(std::uint64_t seed_above_bit_31) noexcept -> tweak_constants {
  tweak_constants all = drawn_tweak_constants(seed_above_bit_31);
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t byte = 0; byte < block_bytes; ++byte) {
      if (i < measured_tweak_words.size())
        all[i][byte] = static_cast<std::uint8_t>(measured_tweak_words[i] >> (24 - 8 * (byte % 4)) & 0xFF);
      else if (byte >= 4) all[i][byte] = all[i][byte % 4];
    }
  }
  return all;
}

/// T(p): the exclusive or of one constant for every bit that is set in bits 51 to 4 of the sPA p. Linear, so
/// T(p) ^ T(q) = T(p ^ q).   ENC-MODE-02
///
/// Kept as six tables of 256 sums, one for each byte of the address above bit 3: a tweak is five exclusive ors, and the
/// lowest table holds exactly the tweaks of the 256 blocks of a page relative to its first.
class linear_tweak {
 public:
  constexpr explicit linear_tweak(const tweak_constants& constants) noexcept {
    for (std::size_t slice = 0; slice < sums_.size(); ++slice)
      for (std::size_t bit = 0; bit < 8; ++bit)
        for (std::size_t rest = 0; rest < std::size_t{1} << bit; ++rest)
          sums_[slice][(std::size_t{1} << bit) + rest] = exclusive_or(sums_[slice][rest], constants[8 * slice + bit]);
  }

  /// T of the block that holds `where`.
  [[nodiscard]] constexpr auto operator()(spa where) const noexcept -> block {
    return exclusive_or(page(where), sums_[0][where.value >> 4 & 0xFF]);
  }

  /// The tweaks of consecutive blocks inside one page, and the blocks mixed with them, in one pass.
  /// @param first   the first block's sPA
  /// @param in      `count` blocks; none of them lies beyond the page of `first`
  /// @param tweaks  T of each block
  /// @param mixed   each block ^ T
  void mix(spa first, const std::uint8_t* in, std::size_t count, std::uint8_t* tweaks,
           std::uint8_t* mixed) const noexcept {
    const std::size_t index = first.value >> 4 & 0xFF;
    Expects(index + count <= 256);
    const block start = page(first);
    const auto base = detail::load_lanes(start.data());
    for (std::size_t i = 0; i < count; ++i) {
      const auto tweak = base ^ detail::load_lanes(sums_[0][index + i].data());
      detail::store_lanes(tweaks + 16 * i, tweak);
      detail::store_lanes(mixed + 16 * i, tweak ^ detail::load_lanes(in + 16 * i));
    }
  }

 private:
  /// T of the first block of the page.
  [[nodiscard]] constexpr auto page(spa where) const noexcept -> block {
    block sum = sums_[1][where.value >> 12 & 0xFF];
    sum = exclusive_or(sum, sums_[2][where.value >> 20 & 0xFF]);
    sum = exclusive_or(sum, sums_[3][where.value >> 28 & 0xFF]);
    sum = exclusive_or(sum, sums_[4][where.value >> 36 & 0xFF]);
    return exclusive_or(sum, sums_[5][where.value >> 44 & 0xFF]);
  }

  std::array<std::array<block, 256>, 6> sums_{};
};

}  // namespace sevspec::inline v0::crypto

#endif
