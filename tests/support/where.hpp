// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_WHERE_HPP
#define SEVSPEC_TESTS_SUPPORT_WHERE_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

#include <sevspec/layout/image.hpp>

/// Where accessors read, found out by calling them in constant expressions.
namespace sevspec::test {

/// An image whose every byte tells its own offset: the low or the high byte of it. It starts at an odd address.
template <std::size_t Size, unsigned Half>
struct numbered {
  alignas(8) std::array<std::uint8_t, Size + 1> storage{};
  constexpr numbered() {
    for (std::size_t i = 0; i < Size; ++i) storage[i + 1] = static_cast<std::uint8_t>(i >> (8 * Half) & 0xFF);
  }
  [[nodiscard]] constexpr auto bytes() const -> std::span<const std::uint8_t, Size> {
    return std::span(storage).template last<Size>();
  }
};
template <std::size_t Size, unsigned Half>
inline constexpr numbered<Size, Half> numbered_image;

/// The lowest byte of what an accessor returned: of an integer, code or word its value's, of a part its first.
template <class Value>
constexpr auto first_byte(const Value& value) -> std::size_t {
  if constexpr (requires { value.raw; }) return value.raw & 0xFF;
  else if constexpr (requires { value.data(); }) return *value.data();
  else return static_cast<std::uint64_t>(value) & 0xFF;
}

/// The offset at which an accessor of a constant view reads: `offset_of(&layout::vmsa_const_view::rip)`.
template <class Value, class View, bool NoExcept>
consteval auto offset_of(Value (View::*get)() const noexcept(NoExcept)) -> std::size_t {
  constexpr std::size_t size = layout::size_of<View>;
  return first_byte((View(numbered_image<size, 0>.bytes()).*get)()) |
         first_byte((View(numbered_image<size, 1>.bytes()).*get)()) << 8;
}

/// The same for byte strings and nested structures, whose accessors are overloaded:
/// `offset_of<layout::vmsa_const_view>([](auto s) { return s.cs(); })`.
template <class View, class Get>
consteval auto offset_of(Get get) -> std::size_t {
  constexpr std::size_t size = layout::size_of<View>;
  return first_byte(get(View(numbered_image<size, 0>.bytes()))) | first_byte(get(View(numbered_image<size, 1>.bytes())))
                                                                      << 8;
}

/// The bits that an accessor of a word reads: `bits_of(&layout::exitinfo1_npf::enc)`.
template <class Value, class Word, bool NoExcept>
consteval auto bits_of(Value (Word::*get)() const noexcept(NoExcept)) -> std::uint64_t {
  using raw = decltype(Word::raw);
  std::uint64_t mask = 0;
  for (unsigned i = 0; i < 8 * sizeof(raw); ++i)
    if ((Word{static_cast<raw>(raw{1} << i)}.*get)() != Value{}) mask |= std::uint64_t{1} << i;
  return mask;
}

}  // namespace sevspec::test

#endif
