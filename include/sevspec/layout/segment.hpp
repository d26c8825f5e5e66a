// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_SEGMENT_HPP
#define SEVSPEC_LAYOUT_SEGMENT_HPP

// Segment registers as save areas hold them.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr bit_info segment_attrib_bits[] = {
    {.lsb =  0, .width = 4, .name = "type",           .meaning = "descriptor type"},
    {.lsb =  4, .width = 1, .name = "s",              .meaning = "1 = code/data, 0 = system"},
    {.lsb =  5, .width = 2, .name = "dpl",            .meaning = "descriptor privilege level"},
    {.lsb =  7, .width = 1, .name = "p",              .meaning = "present"},
    {.lsb =  8, .width = 1, .name = "avl",            .meaning = "available"},
    {.lsb =  9, .width = 1, .name = "l",              .meaning = "64-bit code segment"},
    {.lsb = 10, .width = 1, .name = "db",             .meaning = "default operand size / big"},
    {.lsb = 11, .width = 1, .name = "g",              .meaning = "granularity"},
    {.lsb = 12, .width = 4, .name = "reserved_15_12", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info segment_fields[] = {
    {.offset = 0x000, .size = 2, .name = "selector", .meaning = "selector", .since = level::svm},
    {.offset = 0x002, .size = 2, .name = "attrib",   .meaning = "compressed descriptor attributes", .since = level::svm, .bits = segment_attrib_bits},
    {.offset = 0x004, .size = 4, .name = "limit",    .meaning = "limit (already scaled by G for loads)", .since = level::svm},
    {.offset = 0x008, .size = 8, .name = "base",     .meaning = "base", .since = level::svm},
};
inline constexpr structure_info segment{
    .name = "segment",
    .id = "LAY-SEGMENT",
    .size = 0x10,
    .alignment = 0x1,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-2",
    .description = "Segment register image used by every save area.",
    .fields = segment_fields,
};
inline constexpr field_info segment_attrib_fields[] = {
    {.offset = 0, .size = 2, .name = "attrib", .meaning = "compressed descriptor attributes", .since = level::svm, .bits = segment_attrib_bits},
};
inline constexpr structure_info segment_attrib{
    .name = "segment.attrib",
    .id = "LAY-SEGMENT",
    .size = 2,
    .alignment = 1,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-2",
    .description = "Compressed descriptor attributes.",
    .fields = segment_attrib_fields,
};

}  // namespace descriptions

/// `attrib` of `segment`: Compressed descriptor attributes.
struct segment_attrib {
  std::uint16_t raw{};  ///< the whole word

  /// Bits 3:0: Descriptor type.
  [[nodiscard]] constexpr auto type() const noexcept -> std::uint32_t { return bits32_at(raw, 3, 0); }
  constexpr auto set_type(std::uint32_t value) & -> segment_attrib& { return put(*this, 3, 0, value); }
  [[nodiscard]] constexpr auto set_type(std::uint32_t value) && -> segment_attrib { return put(*this, 3, 0, value); }
  /// Bit 4: 1 = code/data, 0 = system.
  [[nodiscard]] constexpr auto s() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_s(bool value) & -> segment_attrib& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_s(bool value) && -> segment_attrib { return put(*this, 4, 4, value); }
  /// Bits 6:5: Descriptor privilege level.
  [[nodiscard]] constexpr auto dpl() const noexcept -> std::uint32_t { return bits32_at(raw, 6, 5); }
  constexpr auto set_dpl(std::uint32_t value) & -> segment_attrib& { return put(*this, 6, 5, value); }
  [[nodiscard]] constexpr auto set_dpl(std::uint32_t value) && -> segment_attrib { return put(*this, 6, 5, value); }
  /// Bit 7: Present.
  [[nodiscard]] constexpr auto p() const noexcept -> bool { return bit_at(raw, 7); }
  constexpr auto set_p(bool value) & -> segment_attrib& { return put(*this, 7, 7, value); }
  [[nodiscard]] constexpr auto set_p(bool value) && -> segment_attrib { return put(*this, 7, 7, value); }
  /// Bit 8: Available.
  [[nodiscard]] constexpr auto avl() const noexcept -> bool { return bit_at(raw, 8); }
  constexpr auto set_avl(bool value) & -> segment_attrib& { return put(*this, 8, 8, value); }
  [[nodiscard]] constexpr auto set_avl(bool value) && -> segment_attrib { return put(*this, 8, 8, value); }
  /// Bit 9: 64-bit code segment.
  [[nodiscard]] constexpr auto l() const noexcept -> bool { return bit_at(raw, 9); }
  constexpr auto set_l(bool value) & -> segment_attrib& { return put(*this, 9, 9, value); }
  [[nodiscard]] constexpr auto set_l(bool value) && -> segment_attrib { return put(*this, 9, 9, value); }
  /// Bit 10: Default operand size / big.
  [[nodiscard]] constexpr auto db() const noexcept -> bool { return bit_at(raw, 10); }
  constexpr auto set_db(bool value) & -> segment_attrib& { return put(*this, 10, 10, value); }
  [[nodiscard]] constexpr auto set_db(bool value) && -> segment_attrib { return put(*this, 10, 10, value); }
  /// Bit 11: Granularity.
  [[nodiscard]] constexpr auto g() const noexcept -> bool { return bit_at(raw, 11); }
  constexpr auto set_g(bool value) & -> segment_attrib& { return put(*this, 11, 11, value); }
  [[nodiscard]] constexpr auto set_g(bool value) && -> segment_attrib { return put(*this, 11, 11, value); }

  friend constexpr auto operator==(const segment_attrib&, const segment_attrib&) -> bool = default;
  friend constexpr auto describe(const segment_attrib*) noexcept -> const structure_info& {
    return descriptions::segment_attrib;
  }
};

/// Segment register image used by every save area.   APM2 App. B Table B-2
template <class Storage>
struct basic_segment : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_segment(const basic_segment<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_segment(basic_segment<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Selector.
  [[nodiscard]] constexpr auto selector() const noexcept -> std::uint16_t { return load<std::uint16_t, 0x000>(*this); }
  constexpr void set_selector(std::uint16_t value) noexcept { store<0x000>(*this, value); }
  /// 002h: Compressed descriptor attributes.
  [[nodiscard]] constexpr auto attrib() const noexcept -> segment_attrib { return load<segment_attrib, 0x002>(*this); }
  constexpr void set_attrib(segment_attrib value) noexcept { store<0x002>(*this, value); }
  /// 004h: Limit (already scaled by G for loads).
  [[nodiscard]] constexpr auto limit() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x004>(*this); }
  constexpr void set_limit(std::uint32_t value) noexcept { store<0x004>(*this, value); }
  /// 008h: Base.
  [[nodiscard]] constexpr auto base() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x008>(*this); }
  constexpr void set_base(std::uint64_t value) noexcept { store<0x008>(*this, value); }

  friend constexpr auto describe(const basic_segment*) noexcept -> const structure_info& {
    return descriptions::segment;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_segment<A>& a, const basic_segment<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using segment = basic_segment<owned<16>>;
/// Over bytes that lie elsewhere.
using segment_view = basic_segment<borrowed<std::uint8_t, 16>>;
/// Over bytes that are only read.
using segment_const_view = basic_segment<borrowed<const std::uint8_t, 16>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
