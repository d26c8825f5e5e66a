// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_GHCB_VALID_BITMAP_HPP
#define SEVSPEC_LAYOUT_GHCB_VALID_BITMAP_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <gsl/assert>

#include <sevspec/layout/ghcb.hpp>
#include <sevspec/layout/image.hpp>

/// The GHCB's valid_bitmap: whoever passes a field sets its bit, and the other side looks at no field without it.
namespace sevspec::inline v0::layout {

/// The fields of the GHCB that have a bit in valid_bitmap. The value is the number of the bit: the field's offset
/// divided by 8, which lies in byte `bit / 8` at bit `bit % 8`.   LAY-GHCB-01; GHCB 2.6
enum class ghcb_field : std::uint8_t {
  cpl = 25,  ///< the byte at CBh, in the quadword of bit 25 (LAY-GHCB-02)
  xss = 40,
  dr7 = 44,
  rip = 47,
  rsp = 59,
  rax = 63,
  rcx = 97,
  rdx = 98,
  rbx = 99,
  rbp = 101,
  rsi = 102,
  rdi = 103,
  r8 = 104,
  r9 = 105,
  r10 = 106,
  r11 = 107,
  r12 = 108,
  r13 = 109,
  r14 = 110,
  r15 = 111,
  sw_exit_code = 114,
  sw_exit_info_1 = 115,
  sw_exit_info_2 = 116,
  sw_scratch = 117,
  xcr0 = 125,
};

/// What the layout says about a field of the bitmap, or nullptr for a bit that no field has.
[[nodiscard]] constexpr auto field_of_valid_bit(unsigned bit) noexcept -> const field_info* {
  for (const auto& field : descriptions::ghcb_fields)
    if (field.valid_bitmap_bit >= 0 && static_cast<unsigned>(field.valid_bitmap_bit) == bit) return &field;
  return nullptr;
}

/// Where a field of the bitmap starts, in bytes.
[[nodiscard]] constexpr auto offset_of(ghcb_field field) noexcept -> std::size_t {
  return field == ghcb_field::cpl ? 0xCB : std::size_t{8} * std::to_underlying(field);
}

/// Whether a field's bit is set.   LAY-GHCB-01
template <class Storage>
[[nodiscard]] constexpr auto is_valid(const basic_ghcb<Storage>& page, ghcb_field field) -> bool {
  Expects(field_of_valid_bit(std::to_underlying(field)) != nullptr);
  const unsigned bit = std::to_underlying(field);
  return bit_at(page.valid_bitmap()[bit / 8], bit % 8);
}

/// Sets a field's bit.   LAY-GHCB-01
template <class Storage>
constexpr void mark_valid(basic_ghcb<Storage>& page, ghcb_field field) {
  Expects(field_of_valid_bit(std::to_underlying(field)) != nullptr);
  const unsigned bit = std::to_underlying(field);
  page.valid_bitmap()[bit / 8] = static_cast<std::uint8_t>(page.valid_bitmap()[bit / 8] | 1U << bit % 8);
}

/// Clears the whole bitmap, as both sides do before they fill in what they pass.
template <class Storage>
constexpr void invalidate(basic_ghcb<Storage>& page) noexcept {
  for (auto& byte : page.valid_bitmap()) byte = 0;
}

/// Passes a value: stores it and sets the field's bit.   LAY-GHCB-01
/// @param value  for CPL at most FFh
template <class Storage>
constexpr void pass(basic_ghcb<Storage>& page, ghcb_field field, std::uint64_t value) {
  Expects(field != ghcb_field::cpl || value <= 0xFF);
  mark_valid(page, field);
  std::uint8_t* where = page.data() + offset_of(field);
  if (field == ghcb_field::cpl) *where = static_cast<std::uint8_t>(value);
  else write_le(where, value);
}

/// The value that was passed, or nothing if the field's bit is clear.   LAY-GHCB-01
template <class Storage>
[[nodiscard]] constexpr auto passed(const basic_ghcb<Storage>& page, ghcb_field field) -> std::optional<std::uint64_t> {
  if (!is_valid(page, field)) return std::nullopt;
  const std::uint8_t* where = page.data() + offset_of(field);
  return field == ghcb_field::cpl ? *where : read_le<std::uint64_t>(where);
}

/// The lowest bit of valid_bitmap that is set though no field has it, if any. Such a bit passes nothing.
template <class Storage>
[[nodiscard]] constexpr auto first_undefined_valid_bit(const basic_ghcb<Storage>& page) noexcept
    -> std::optional<unsigned> {
  for (unsigned bit = 0; bit < 128; ++bit)
    if (bit_at(page.valid_bitmap()[bit / 8], bit % 8) && field_of_valid_bit(bit) == nullptr) return bit;
  return std::nullopt;
}

}  // namespace sevspec::inline v0::layout

#endif
