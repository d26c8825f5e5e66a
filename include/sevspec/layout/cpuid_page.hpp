// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_CPUID_PAGE_HPP
#define SEVSPEC_LAYOUT_CPUID_PAGE_HPP

// The CPUID page that firmware checks at launch.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstddef>
#include <cstdint>
#include <span>

#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr field_info cpuid_page_entry_fields[] = {
    {.offset = 0x000, .size = 4, .name = "eax_in",       .meaning = "function", .since = level::snp},
    {.offset = 0x004, .size = 4, .name = "ecx_in",       .meaning = "sub-function", .since = level::snp},
    {.offset = 0x008, .size = 8, .name = "xcr0_in",      .meaning = "XCR0 input", .since = level::snp},
    {.offset = 0x010, .size = 8, .name = "xss_in",       .meaning = "XSS input", .since = level::snp},
    {.offset = 0x018, .size = 4, .name = "eax",          .meaning = "EAX output", .since = level::snp},
    {.offset = 0x01c, .size = 4, .name = "ebx",          .meaning = "EBX output", .since = level::snp},
    {.offset = 0x020, .size = 4, .name = "ecx",          .meaning = "ECX output", .since = level::snp},
    {.offset = 0x024, .size = 4, .name = "edx",          .meaning = "EDX output", .since = level::snp},
    {.offset = 0x028, .size = 8, .name = "reserved_028", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info cpuid_page_entry{
    .name = "cpuid_page_entry",
    .id = "LAY-CPUID-PAGE-ENTRY",
    .size = 0x30,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI (56860) 7.1",
    .description = "One CPUID function record.",
    .fields = cpuid_page_entry_fields,
};

inline constexpr field_info cpuid_page_fields[] = {
    {.offset = 0x0000, .size =    4, .name = "count",        .meaning = "number of valid records", .since = level::snp},
    {.offset = 0x0004, .size =   12, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0010, .size = 3072, .name = "entries",      .meaning = "64 x cpuid_page_entry (48 bytes each)", .since = level::snp, .type = field_type::bytes, .nested = &cpuid_page_entry},
    {.offset = 0x0c10, .size = 1008, .name = "reserved_c10", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info cpuid_page{
    .name = "cpuid_page",
    .id = "LAY-CPUID-PAGE",
    .size = 0x1000,
    .alignment = 0x1000,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI 8.17.2.6",
    .description = "CPUID page; count <= 64 records follow the 16-byte header.",
    .fields = cpuid_page_fields,
};

}  // namespace descriptions

/// One CPUID function record.   SNP ABI (56860) 7.1
template <class Storage>
struct basic_cpuid_page_entry : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cpuid_page_entry(const basic_cpuid_page_entry<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cpuid_page_entry(basic_cpuid_page_entry<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Function.
  [[nodiscard]] constexpr auto eax_in() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_eax_in(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: sub-function.
  [[nodiscard]] constexpr auto ecx_in() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x004>(*this); }
  constexpr void set_ecx_in(std::uint32_t value) noexcept { store<0x004>(*this, value); }
  /// 008h: XCR0 input.
  [[nodiscard]] constexpr auto xcr0_in() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x008>(*this); }
  constexpr void set_xcr0_in(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: XSS input.
  [[nodiscard]] constexpr auto xss_in() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x010>(*this); }
  constexpr void set_xss_in(std::uint64_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: EAX output.
  [[nodiscard]] constexpr auto eax() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x018>(*this); }
  constexpr void set_eax(std::uint32_t value) noexcept { store<0x018>(*this, value); }
  /// 01Ch: EBX output.
  [[nodiscard]] constexpr auto ebx() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x01c>(*this); }
  constexpr void set_ebx(std::uint32_t value) noexcept { store<0x01c>(*this, value); }
  /// 020h: ECX output.
  [[nodiscard]] constexpr auto ecx() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x020>(*this); }
  constexpr void set_ecx(std::uint32_t value) noexcept { store<0x020>(*this, value); }
  /// 024h: EDX output.
  [[nodiscard]] constexpr auto edx() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x024>(*this); }
  constexpr void set_edx(std::uint32_t value) noexcept { store<0x024>(*this, value); }

  friend constexpr auto describe(const basic_cpuid_page_entry*) noexcept -> const structure_info& {
    return descriptions::cpuid_page_entry;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cpuid_page_entry<A>& a, const basic_cpuid_page_entry<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cpuid_page_entry = basic_cpuid_page_entry<owned<48>>;
/// Over bytes that lie elsewhere.
using cpuid_page_entry_view = basic_cpuid_page_entry<borrowed<std::uint8_t, 48>>;
/// Over bytes that are only read.
using cpuid_page_entry_const_view = basic_cpuid_page_entry<borrowed<const std::uint8_t, 48>>;

/// CPUID page; count <= 64 records follow the 16-byte header.   SNP ABI 8.17.2.6
/// 4096 bytes, aligned to 4096 in memory.
template <class Storage>
struct basic_cpuid_page : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cpuid_page(const basic_cpuid_page<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cpuid_page(basic_cpuid_page<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Number of valid records.
  [[nodiscard]] constexpr auto count() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_count(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 010h: 64 x cpuid_page_entry (48 bytes each).
  [[nodiscard]] constexpr auto entries() noexcept { return bytes_at<0x010, 3072>(*this); }
  [[nodiscard]] constexpr auto entries() const noexcept { return bytes_at<0x010, 3072>(*this); }
  constexpr void set_entries(std::span<const std::uint8_t, 3072> value) noexcept { store_bytes<0x010>(*this, value); }
  /// 010h + 48 * index: element `index`, less than 64, of `entries`.
  [[nodiscard]] constexpr auto entry(std::size_t index) {
    return element<basic_cpuid_page_entry, 0x010, 48, 64>(*this, index);
  }
  [[nodiscard]] constexpr auto entry(std::size_t index) const {
    return element<basic_cpuid_page_entry, 0x010, 48, 64>(*this, index);
  }

  friend constexpr auto describe(const basic_cpuid_page*) noexcept -> const structure_info& {
    return descriptions::cpuid_page;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cpuid_page<A>& a, const basic_cpuid_page<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cpuid_page = basic_cpuid_page<owned<4096>>;
/// Over bytes that lie elsewhere.
using cpuid_page_view = basic_cpuid_page<borrowed<std::uint8_t, 4096>>;
/// Over bytes that are only read.
using cpuid_page_const_view = basic_cpuid_page<borrowed<const std::uint8_t, 4096>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
