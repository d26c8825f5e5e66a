// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_TCB_VERSION_HPP
#define SEVSPEC_LAYOUT_TCB_VERSION_HPP

// TCB_VERSION, whose order of components depends on the generation.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr field_info tcb_version_milan_genoa_fields[] = {
    {.offset = 0x000, .size = 1, .name = "boot_loader",  .meaning = "boot loader SVN", .since = level::snp},
    {.offset = 0x001, .size = 1, .name = "tee",          .meaning = "PSP OS SVN", .since = level::snp},
    {.offset = 0x002, .size = 4, .name = "reserved_002", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x006, .size = 1, .name = "snp",          .meaning = "SNP firmware SVN", .since = level::snp},
    {.offset = 0x007, .size = 1, .name = "microcode",    .meaning = "microcode patch level", .since = level::snp},
};
inline constexpr structure_info tcb_version_milan_genoa{
    .name = "tcb_version_milan_genoa",
    .id = "LAY-TCB-VERSION-MILAN-GENOA",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI 2.2",
    .description = "TCB_VERSION before Turin.",
    .fields = tcb_version_milan_genoa_fields,
};

inline constexpr field_info tcb_version_turin_fields[] = {
    {.offset = 0x000, .size = 1, .name = "fmc",          .meaning = "FMC SVN", .since = level::snp},
    {.offset = 0x001, .size = 1, .name = "boot_loader",  .meaning = "boot loader SVN", .since = level::snp},
    {.offset = 0x002, .size = 1, .name = "tee",          .meaning = "PSP OS SVN", .since = level::snp},
    {.offset = 0x003, .size = 1, .name = "snp",          .meaning = "SNP firmware SVN", .since = level::snp},
    {.offset = 0x004, .size = 3, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x007, .size = 1, .name = "microcode",    .meaning = "microcode patch level", .since = level::snp},
};
inline constexpr structure_info tcb_version_turin{
    .name = "tcb_version_turin",
    .id = "LAY-TCB-VERSION-TURIN",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI 2.2",
    .description = "TCB_VERSION on Turin and later (family 1Ah).",
    .fields = tcb_version_turin_fields,
};

}  // namespace descriptions

/// TCB_VERSION before Turin.   SNP ABI 2.2
/// 8 bytes, aligned to 8 in memory.
template <class Storage>
struct basic_tcb_version_milan_genoa : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_tcb_version_milan_genoa(const basic_tcb_version_milan_genoa<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_tcb_version_milan_genoa(basic_tcb_version_milan_genoa<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Boot loader SVN.
  [[nodiscard]] constexpr auto boot_loader() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x000>(*this); }
  constexpr void set_boot_loader(std::uint8_t value) noexcept { store<0x000>(*this, value); }
  /// 001h: PSP OS SVN.
  [[nodiscard]] constexpr auto tee() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x001>(*this); }
  constexpr void set_tee(std::uint8_t value) noexcept { store<0x001>(*this, value); }
  /// 006h: SNP firmware SVN.
  [[nodiscard]] constexpr auto snp() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x006>(*this); }
  constexpr void set_snp(std::uint8_t value) noexcept { store<0x006>(*this, value); }
  /// 007h: Microcode patch level.
  [[nodiscard]] constexpr auto microcode() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x007>(*this); }
  constexpr void set_microcode(std::uint8_t value) noexcept { store<0x007>(*this, value); }

  friend constexpr auto describe(const basic_tcb_version_milan_genoa*) noexcept -> const structure_info& {
    return descriptions::tcb_version_milan_genoa;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_tcb_version_milan_genoa<A>& a, const basic_tcb_version_milan_genoa<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using tcb_version_milan_genoa = basic_tcb_version_milan_genoa<owned<8>>;
/// Over bytes that lie elsewhere.
using tcb_version_milan_genoa_view = basic_tcb_version_milan_genoa<borrowed<std::uint8_t, 8>>;
/// Over bytes that are only read.
using tcb_version_milan_genoa_const_view = basic_tcb_version_milan_genoa<borrowed<const std::uint8_t, 8>>;

/// TCB_VERSION on Turin and later (family 1Ah).   SNP ABI 2.2
/// 8 bytes, aligned to 8 in memory.
template <class Storage>
struct basic_tcb_version_turin : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_tcb_version_turin(const basic_tcb_version_turin<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_tcb_version_turin(basic_tcb_version_turin<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: FMC SVN.
  [[nodiscard]] constexpr auto fmc() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x000>(*this); }
  constexpr void set_fmc(std::uint8_t value) noexcept { store<0x000>(*this, value); }
  /// 001h: Boot loader SVN.
  [[nodiscard]] constexpr auto boot_loader() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x001>(*this); }
  constexpr void set_boot_loader(std::uint8_t value) noexcept { store<0x001>(*this, value); }
  /// 002h: PSP OS SVN.
  [[nodiscard]] constexpr auto tee() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x002>(*this); }
  constexpr void set_tee(std::uint8_t value) noexcept { store<0x002>(*this, value); }
  /// 003h: SNP firmware SVN.
  [[nodiscard]] constexpr auto snp() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x003>(*this); }
  constexpr void set_snp(std::uint8_t value) noexcept { store<0x003>(*this, value); }
  /// 007h: Microcode patch level.
  [[nodiscard]] constexpr auto microcode() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x007>(*this); }
  constexpr void set_microcode(std::uint8_t value) noexcept { store<0x007>(*this, value); }

  friend constexpr auto describe(const basic_tcb_version_turin*) noexcept -> const structure_info& {
    return descriptions::tcb_version_turin;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_tcb_version_turin<A>& a, const basic_tcb_version_turin<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using tcb_version_turin = basic_tcb_version_turin<owned<8>>;
/// Over bytes that lie elsewhere.
using tcb_version_turin_view = basic_tcb_version_turin<borrowed<std::uint8_t, 8>>;
/// Over bytes that are only read.
using tcb_version_turin_const_view = basic_tcb_version_turin<borrowed<const std::uint8_t, 8>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
