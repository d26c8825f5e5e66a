// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_REFLECT_HPP
#define SEVSPEC_LAYOUT_REFLECT_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <gsl/assert>

#include <sevspec/base/bits.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

/// Reading bytes by a description that is known at run time: decoders, checkers of reserved bits, generators.
namespace sevspec::inline v0::layout {

/// A little-endian integer of `size` bytes, 1 to 8.
[[nodiscard]] constexpr auto integer_at(std::span<const std::uint8_t> bytes, std::size_t offset, std::size_t size)
    -> std::uint64_t {
  Expects(size >= 1 && size <= 8 && offset <= bytes.size() && size <= bytes.size() - offset);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{bytes[offset + i]} << (8 * i);
  return value;
}

/// The value of an integer field.
/// @param structure  the bytes of the structure that has the field, from its start
[[nodiscard]] constexpr auto value_of(const field_info& field, std::span<const std::uint8_t> structure)
    -> std::uint64_t {
  Expects(field.type == field_type::integer);
  return integer_at(structure, field.offset, field.size);
}

/// The value of a range of bits, right-aligned.
/// @param field  the value of the field that has the bits
[[nodiscard]] constexpr auto value_of(const bit_info& range, std::uint64_t field) noexcept -> std::uint64_t {
  return (field & bit_range(range.lsb + range.width - 1, range.lsb)) >> range.lsb;
}

/// Whether two names are the same, letter for letter.
[[nodiscard]] constexpr auto same_name(const char* left, const char* right) noexcept -> bool {
  for (; *left != '\0' && *left == *right; ++left, ++right) {}
  return *left == *right;
}

/// The field with this name, or nullptr.
[[nodiscard]] constexpr auto find_field(const structure_info& structure, const char* name) noexcept
    -> const field_info* {
  for (const auto& field : structure.fields)
    if (same_name(field.name, name)) return &field;
  return nullptr;
}

/// The named range of bits of a field, or nullptr.
[[nodiscard]] constexpr auto find_bits(const field_info& field, const char* name) noexcept -> const bit_info* {
  for (const auto& range : field.bits)
    if (same_name(range.name, name)) return &range;
  return nullptr;
}

/// How many structures `field.nested` lie in the field: 1, or the length of an array; 0 if there are none.
[[nodiscard]] constexpr auto nested_count(const field_info& field) noexcept -> std::size_t {
  return field.nested == nullptr ? 0 : field.size / field.nested->size;
}

/// Whether a description covers its structure: fields follow one another from offset 0 to the end, bits from 0 to the
/// field's last, nested structures fill their fields. True for all of the library's; for descriptions of your own.
/// LAY-FMT-03; LAY-FMT-05
[[nodiscard]] constexpr auto is_complete(const structure_info& structure) noexcept -> bool {
  std::size_t end = 0;
  for (const auto& field : structure.fields) {
    if (field.offset != end || field.size == 0) return false;
    end += field.size;
    const bool integer = field.type == field_type::integer;
    if (integer && field.size != 1 && field.size != 2 && field.size != 4 && field.size != 8) return false;
    if (field.type == field_type::structure && (field.nested == nullptr || field.nested->size != field.size))
      return false;
    if (field.nested != nullptr && field.nested->size == 0) return false;
    if (field.nested != nullptr && (integer || field.size % field.nested->size != 0 || !is_complete(*field.nested)))
      return false;
    if (field.bits.empty()) continue;
    if (!integer) return false;
    unsigned next = 0;
    for (const auto& range : field.bits) {
      if (range.lsb != next || range.width == 0) return false;
      next += range.width;
    }
    if (next != 8 * field.size) return false;
  }
  return end == structure.size;
}

/// A bit that is set although it is reserved.
struct reserved_bit {
  const structure_info* structure;  ///< the innermost structure that it lies in
  const field_info* field;          ///< its field
  const bit_info* range;            ///< its range of bits; nullptr if the whole field is reserved
  std::size_t offset;               ///< of the field, in bytes from the start of the bytes that were checked
  unsigned bit;                     ///< its number, counted from the least significant bit of the field's first byte

  friend constexpr auto operator==(const reserved_bit&, const reserved_bit&) -> bool = default;
};

namespace detail {

/// @param bytes  those of the structure
/// @param base   where they start in the bytes that are checked
template <class Sink>
constexpr auto for_each_reserved_bit(const structure_info& structure, const std::uint8_t* bytes, std::size_t base,
                                     level newest, Sink& sink) -> bool {
  for (const auto& field : structure.fields) {
    const std::uint8_t* part = bytes + field.offset;
    const bool whole = field.reserved || !known_at(field.since, newest);
    if (!whole && field.nested != nullptr) {
      for (std::size_t i = 0; i < nested_count(field); ++i) {
        const std::size_t offset = i * field.nested->size;
        if (!detail::for_each_reserved_bit(*field.nested, part + offset, base + field.offset + offset, newest, sink))
          return false;
      }
      continue;
    }
    if (!whole && field.bits.empty()) continue;
    for (unsigned number = 0; number < 8 * field.size; ++number) {
      if (part[number / 8] == 0) {
        number |= 7;  // the whole byte is clear
        continue;
      }
      if (!bit_at(part[number / 8], number % 8)) continue;
      const bit_info* in = nullptr;
      if (!whole) {
        for (const auto& range : field.bits)
          if (number - range.lsb < range.width) in = &range;
        if (!in->reserved) continue;
      }
      if (!sink(reserved_bit{&structure, &field, in, base + field.offset, number})) return false;
    }
  }
  return true;
}

}  // namespace detail

/// Calls `sink(reserved_bit)` for every reserved bit that is set, in ascending order, until it returns false.
/// Fields that a newer feature than `newest` gives their meaning count as reserved (LAY-FMT-06). A description only
/// says which bits are reserved; who enforces that is said where the structure is used (LAY-FMT-10).
///
/// @param bytes  at least as many as the structure has
/// @return false if the sink stopped the search
template <class Sink>
constexpr auto for_each_reserved_bit(const structure_info& structure, std::span<const std::uint8_t> bytes, level newest,
                                     Sink&& sink) -> bool {
  Expects(bytes.size() >= structure.size);
  return detail::for_each_reserved_bit(structure, bytes.data(), 0, newest, sink);
}

/// The first reserved bit that is set, if any.
/// @param bytes  at least as many as the structure has
template <byte_range Bytes>
[[nodiscard]] constexpr auto first_reserved_bit(const structure_info& structure, const Bytes& bytes,
                                                level newest = level::svsm) -> std::optional<reserved_bit> {
  std::optional<reserved_bit> found;
  for_each_reserved_bit(structure, bytes, newest, [&](const reserved_bit& one) {
    found = one;
    return false;
  });
  return found;
}

/// The first reserved bit that is set in a structure or word, if any.
template <class T>
  requires word<T> || image<T>
[[nodiscard]] constexpr auto first_reserved_bit(const T& value, level newest = level::svsm)
    -> std::optional<reserved_bit> {
  if constexpr (word<T>) {
    std::array<std::uint8_t, sizeof(T)> bytes{};
    write_le(bytes.data(), value.raw);
    return first_reserved_bit(description_of<T>, bytes, newest);
  } else {
    return first_reserved_bit(description_of<T>, value.bytes(), newest);
  }
}

}  // namespace sevspec::inline v0::layout

#endif
