// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_IMAGE_HPP
#define SEVSPEC_LAYOUT_IMAGE_HPP

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

#include <gsl/assert>

#include <sevspec/base/bits.hpp>

/// What lies in memory, bit for bit.
///
/// Every structure `x` comes in three shapes that share one set of accessors:
///
/// - `x`             a value that holds its bytes: copy it, compare it, read it from memory and write it back;
/// - `x_view`        over bytes that lie elsewhere, at any address, aligned or not;
/// - `x_const_view`  the same over bytes that are only read.
///
/// Structures of one register or quadword (`psc_entry`, `exitinfo1_npf`, `msr_syscfg`, ...) are *words*: plain values
/// with the integer in `raw`.
///
/// All integers are little endian in the image, whatever the machine that runs this code. Nothing is overlaid or
/// reinterpreted, so every accessor works in constant expressions.
namespace sevspec::inline v0::layout {

/// Storage of an image that holds its bytes; zero when it is made.
template <std::size_t Size>
class owned {
 public:
  static constexpr std::size_t extent = Size;  ///< bytes of the image
  static constexpr bool reads_only = false;    ///< whether there is no way to write them

  constexpr owned() noexcept = default;
  constexpr explicit owned(std::span<const std::uint8_t, Size> bytes) noexcept {
    for (std::size_t i = 0; i < Size; ++i) bytes_[i] = bytes[i];
  }

  /// The image, byte by byte.
  [[nodiscard]] constexpr auto bytes() noexcept -> std::span<std::uint8_t, Size> { return bytes_; }
  [[nodiscard]] constexpr auto bytes() const noexcept -> std::span<const std::uint8_t, Size> { return bytes_; }
  /// The image's first byte.
  [[nodiscard]] constexpr auto data() noexcept -> std::uint8_t* { return bytes_.data(); }
  [[nodiscard]] constexpr auto data() const noexcept -> const std::uint8_t* { return bytes_.data(); }

 private:
  std::array<std::uint8_t, Size> bytes_{};
};

/// Storage of an image whose bytes lie elsewhere. Copies refer to the same bytes, as with std::span; a view that is
/// const, or of const bytes, only reads them. The bytes must outlive the view.
/// @tparam Byte  `std::uint8_t` or, to read only, `const std::uint8_t`
template <class Byte, std::size_t Size>
class borrowed {
 public:
  static constexpr std::size_t extent = Size;                ///< bytes of the image
  static constexpr bool reads_only = std::is_const_v<Byte>;  ///< whether there is no way to write them

  constexpr explicit borrowed(std::span<Byte, Size> bytes) noexcept : first_(bytes.data()) {}
  /// @param first  points to the first of `Size` bytes; nothing checks that there are so many
  template <class Pointer>
    requires std::is_pointer_v<Pointer> && std::convertible_to<Pointer, Byte*>
  constexpr explicit borrowed(const Pointer& first) noexcept : first_(first) {}

  /// The image, byte by byte.
  [[nodiscard]] constexpr auto bytes() noexcept -> std::span<Byte, Size> { return std::span<Byte, Size>{first_, Size}; }
  [[nodiscard]] constexpr auto bytes() const noexcept -> std::span<const std::uint8_t, Size> {
    return std::span<const std::uint8_t, Size>{first_, Size};
  }
  /// The image's first byte.
  [[nodiscard]] constexpr auto data() noexcept -> Byte* { return first_; }
  [[nodiscard]] constexpr auto data() const noexcept -> const std::uint8_t* { return first_; }

 private:
  Byte* first_;
};

/// A value of one integer with named bits.
template <class T>
concept word = std::is_aggregate_v<T> && std::unsigned_integral<decltype(T::raw)>;

/// Something that has an image: a structure in any of its three shapes.
template <class T>
concept image = requires(T& object) {
  { T::reads_only } -> std::convertible_to<bool>;
  { object.data() } -> std::convertible_to<const std::uint8_t*>;
} && T::extent != 0;

/// Bytes that can be read as a span: what functions on untrusted bytes take. (Templates, so that those who include a
/// header pay only for what they call.)
template <class T>
concept byte_range = std::convertible_to<const T&, std::span<const std::uint8_t>>;

/// Bytes in the image of a word or structure.
template <class T>
  requires word<T> || image<T>
inline constexpr std::size_t size_of = sizeof(T);
template <image T>
inline constexpr std::size_t size_of<T> = T::extent;

namespace detail {

// Written out, not as loops: so every compiler at -O2 sees one load or one store in them.

[[nodiscard]] constexpr auto read_le16(const std::uint8_t* from) noexcept -> std::uint32_t {
  return from[0] | std::uint32_t{from[1]} << 8;
}
[[nodiscard]] constexpr auto read_le32(const std::uint8_t* from) noexcept -> std::uint32_t {
  return from[0] | std::uint32_t{from[1]} << 8 | std::uint32_t{from[2]} << 16 | std::uint32_t{from[3]} << 24;
}
[[nodiscard]] constexpr auto read_le64(const std::uint8_t* from) noexcept -> std::uint64_t {
  return from[0] | std::uint64_t{from[1]} << 8 | std::uint64_t{from[2]} << 16 | std::uint64_t{from[3]} << 24 |
         std::uint64_t{from[4]} << 32 | std::uint64_t{from[5]} << 40 | std::uint64_t{from[6]} << 48 |
         std::uint64_t{from[7]} << 56;
}
constexpr void write_le16(std::uint8_t* to, std::uint16_t value) noexcept {
  to[0] = static_cast<std::uint8_t>(value & 0xFF);
  to[1] = static_cast<std::uint8_t>(value >> 8);
}
constexpr void write_le32(std::uint8_t* to, std::uint32_t value) noexcept {
  to[0] = static_cast<std::uint8_t>(value & 0xFF);
  to[1] = static_cast<std::uint8_t>(value >> 8 & 0xFF);
  to[2] = static_cast<std::uint8_t>(value >> 16 & 0xFF);
  to[3] = static_cast<std::uint8_t>(value >> 24);
}
constexpr void write_le64(std::uint8_t* to, std::uint64_t value) noexcept {
  to[0] = static_cast<std::uint8_t>(value & 0xFF);
  to[1] = static_cast<std::uint8_t>(value >> 8 & 0xFF);
  to[2] = static_cast<std::uint8_t>(value >> 16 & 0xFF);
  to[3] = static_cast<std::uint8_t>(value >> 24 & 0xFF);
  to[4] = static_cast<std::uint8_t>(value >> 32 & 0xFF);
  to[5] = static_cast<std::uint8_t>(value >> 40 & 0xFF);
  to[6] = static_cast<std::uint8_t>(value >> 48 & 0xFF);
  to[7] = static_cast<std::uint8_t>(value >> 56);
}

}  // namespace detail

/// A little-endian integer from any address.
template <std::unsigned_integral Integer>
[[nodiscard]] constexpr auto read_le(const std::uint8_t* from) noexcept -> Integer {
  if constexpr (sizeof(Integer) == 1) return from[0];
  else if constexpr (sizeof(Integer) == 2) return static_cast<Integer>(detail::read_le16(from));
  else if constexpr (sizeof(Integer) == 4) return detail::read_le32(from);
  else return detail::read_le64(from);
}

/// A little-endian integer to any address.
template <std::unsigned_integral Integer>
constexpr void write_le(std::uint8_t* to, Integer value) noexcept {
  if constexpr (sizeof(Integer) == 1) to[0] = value;
  else if constexpr (sizeof(Integer) == 2) detail::write_le16(to, value);
  else if constexpr (sizeof(Integer) == 4) detail::write_le32(to, value);
  else detail::write_le64(to, value);
}

/// Bit `number` of a word.
[[nodiscard]] constexpr auto bit_at(std::uint64_t raw, unsigned number) noexcept -> bool {
  return (raw >> number & 1) != 0;
}

/// Bits [msb:lsb] of a word, right-aligned.
[[nodiscard]] constexpr auto bits_at(std::uint64_t raw, unsigned msb, unsigned lsb) noexcept -> std::uint64_t {
  return (raw & bit_range(msb, lsb)) >> lsb;
}

/// The same for at most 32 bits.
[[nodiscard]] constexpr auto bits32_at(std::uint64_t raw, unsigned msb, unsigned lsb) noexcept -> std::uint32_t {
  return static_cast<std::uint32_t>(bits_at(raw, msb, lsb));
}

/// `raw` with bits [msb:lsb] replaced; the value must fit.
[[nodiscard]] constexpr auto with_bits(std::uint64_t raw, unsigned msb, unsigned lsb, std::uint64_t value)
    -> std::uint64_t {
  const std::uint64_t mask = bit_range(msb, lsb);
  Expects(value <= mask >> lsb);
  return (raw & ~mask) | value << lsb;
}

/// The integer, code or word at a byte offset of an image.
template <class T, std::size_t Offset, image Image>
[[nodiscard]] constexpr auto load(const Image& from) noexcept -> T {
  static_assert(Offset + sizeof(T) <= size_of<Image>);
  const std::uint8_t* where = from.data() + Offset;
  if constexpr (word<T>) return T{read_le<decltype(T::raw)>(where)};
  else if constexpr (std::is_enum_v<T>) return static_cast<T>(read_le<std::underlying_type_t<T>>(where));
  else return read_le<T>(where);
}

/// Stores an integer, code or word at a byte offset of an image; all other bytes stay as they are.
template <std::size_t Offset, image Image, class T>
constexpr void store(Image& to, const T& value) noexcept {
  static_assert(Offset + sizeof(T) <= size_of<Image>);
  static_assert(!std::is_const_v<std::remove_pointer_t<decltype(to.data())>>, "this view only reads");
  std::uint8_t* where = to.data() + Offset;
  if constexpr (word<T>) write_le(where, value.raw);
  else if constexpr (std::is_enum_v<T>) write_le(where, std::to_underlying(value));
  else write_le(where, value);
}

/// Stores a code of an integer field; the field must be able to hold it.
template <std::unsigned_integral Integer, std::size_t Offset, image Image, class Code>
constexpr void store_code(Image& to, Code value) {
  Expects(static_cast<Integer>(value) == std::to_underlying(value));
  store<Offset>(to, static_cast<Integer>(value));
}

/// Replaces the lowest bits of an integer field, the others stay as they are; the value must fit.
template <std::unsigned_integral Integer, std::size_t Offset, image Image>
constexpr void store_low_bits(Image& to, unsigned width, std::uint64_t value) {
  store<Offset>(to, static_cast<Integer>(with_bits(load<Integer, Offset>(to), width - 1, 0, value)));
}

/// The bytes [Offset, Offset + Size) of an image.
template <std::size_t Offset, std::size_t Size, image Image>
[[nodiscard]] constexpr auto bytes_at(Image& of) noexcept {
  static_assert(Offset + Size <= size_of<Image>);
  return std::span<std::remove_pointer_t<decltype(of.data())>, Size>{of.data() + Offset, Size};
}

/// Replaces the bytes from Offset on by as many others.
template <std::size_t Offset, image Image, std::size_t Size>
constexpr void store_bytes(Image& to, std::span<const std::uint8_t, Size> from) noexcept {
  static_assert(!std::is_const_v<std::remove_pointer_t<decltype(to.data())>>, "this view only reads");
  static_assert(Offset + Size <= size_of<Image>);
  std::uint8_t* target = to.data() + Offset;
  // The two may overlap: copy as memmove does.
  std::array<std::uint8_t, Size> copy;
  for (std::size_t i = 0; i < Size; ++i) copy[i] = from[i];
  for (std::size_t i = 0; i < Size; ++i) target[i] = copy[i];
}

/// Replaces the structure at Offset by another.
template <std::size_t Offset, image Image, image Part>
constexpr void store_part(Image& to, const Part& from) noexcept {
  store_bytes<Offset>(to, std::span<const std::uint8_t, size_of<const Part>>{from.bytes()});
}

/// A view of the structure `Part` inside an image; it can be written if the image can.
template <template <class> class Part, std::size_t Offset, std::size_t Size, image Image>
[[nodiscard]] constexpr auto part(Image& of) noexcept {
  static_assert(Offset + Size <= size_of<Image>);
  return Part<borrowed<std::remove_pointer_t<decltype(of.data())>, Size>>{of.data() + Offset};
}

/// The element `index` of an array of `Count` structures `Part`; `index` must be less than `Count`.
template <template <class> class Part, std::size_t Offset, std::size_t Size, std::size_t Count, image Image>
[[nodiscard]] constexpr auto element(Image& of, std::size_t index) {
  Expects(index < Count);
  static_assert(Offset + Count * Size <= size_of<Image>);
  return Part<borrowed<std::remove_pointer_t<decltype(of.data())>, Size>>{of.data() + Offset + index * Size};
}

/// Whether two images hold the same bytes.
template <image Left, image Right>
[[nodiscard]] constexpr auto same_bytes(const Left& left, const Right& right) noexcept -> bool {
  static_assert(size_of<Left> == size_of<Right>);
  for (std::size_t i = 0; i < size_of<Left>; ++i)
    if (left.data()[i] != right.data()[i]) return false;
  return true;
}

/// Replaces bits [msb:lsb] of a word; the value must fit.
/// @return the word, for the next bits
template <class Word>
constexpr auto put(Word& into, unsigned msb, unsigned lsb, std::uint64_t value) -> Word& {
  into.raw = static_cast<decltype(into.raw)>(with_bits(into.raw, msb, lsb, value));
  return into;
}

/// The image of a word or of a structure of 1, 2, 4 or 8 bytes as one integer, as a register holds it.
template <class T>
[[nodiscard]] constexpr auto to_integer(const T& value) noexcept -> std::uint64_t {
  if constexpr (word<T>) {
    return value.raw;
  } else {
    static_assert(size_of<T> <= 8);
    std::uint64_t raw = 0;
    for (std::size_t i = 0; i < size_of<T>; ++i) raw |= std::uint64_t{value.data()[i]} << (8 * i);
    return raw;
  }
}

/// The word or structure T that a register's value stands for; the value must fit.
template <class T>
[[nodiscard]] constexpr auto from_integer(std::uint64_t value) -> T {
  Expects(size_of<T> >= 8 || value >> (8 * (size_of<T> % 8)) == 0);
  if constexpr (word<T>) {
    return T{static_cast<decltype(T::raw)>(value)};
  } else {
    static_assert(size_of<T> <= 8);
    T made{};
    for (std::size_t i = 0; i < size_of<T>; ++i) made.data()[i] = static_cast<std::uint8_t>(value >> (8 * i) & 0xFF);
    return made;
  }
}

}  // namespace sevspec::inline v0::layout

#endif
