// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_BITS_HPP
#define SEVSPEC_BASE_BITS_HPP

#include <cstdint>

namespace sevspec::inline v0 {

/// The field [lsb + width - 1 : lsb] of a 64-bit word, as the manuals write it: `bits<51, 12>` is bits 51 down to 12.
/// Stands in for C++ bit-fields, whose layout the language leaves open.
template <unsigned Msb, unsigned Lsb>
struct bits {
  static_assert(Lsb <= Msb && Msb < 64);
  static constexpr unsigned lsb = Lsb;
  static constexpr unsigned width = Msb - Lsb + 1;
  static constexpr std::uint64_t mask = (~std::uint64_t{} >> (64 - width)) << Lsb;

  /// The field's value, right-aligned.
  [[nodiscard]] static constexpr auto get(std::uint64_t word) noexcept -> std::uint64_t { return (word & mask) >> Lsb; }

  /// `word` with the field replaced; bits of `value` that do not fit are dropped.
  [[nodiscard]] static constexpr auto set(std::uint64_t word, std::uint64_t value) noexcept -> std::uint64_t {
    return (word & ~mask) | ((value << Lsb) & mask);
  }
};

/// One bit of a word: `bit<63>`.
template <unsigned N>
struct bit : bits<N, N> {
  [[nodiscard]] static constexpr auto test(std::uint64_t word) noexcept -> bool {
    return (word & bits<N, N>::mask) != 0;
  }
};

/// Bits [msb:lsb] set, for positions known only at run time (the C-bit, the physical-address width).
/// Empty when `msb < lsb`, so that `[W..51]` reads as it does in the manual for W = 52.
[[nodiscard]] constexpr auto bit_range(unsigned msb, unsigned lsb) noexcept -> std::uint64_t {
  return msb < lsb ? 0 : (~std::uint64_t{} >> (63 - (msb - lsb))) << lsb;
}

}  // namespace sevspec::inline v0

#endif
