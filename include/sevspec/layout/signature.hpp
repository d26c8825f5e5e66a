// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_SIGNATURE_HPP
#define SEVSPEC_LAYOUT_SIGNATURE_HPP

// ECDSA signatures and keys as the firmware stores them.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>
#include <span>

#include <sevspec/layout/codes/snp_codes.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr field_info ecdsa_signature_fields[] = {
    {.offset = 0x000, .size =  72, .name = "r",            .meaning = "R little endian", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x048, .size =  72, .name = "s",            .meaning = "S little endian", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x090, .size = 368, .name = "reserved_090", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info ecdsa_signature{
    .name = "ecdsa_signature",
    .id = "LAY-ECDSA-SIGNATURE",
    .size = 0x200,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI 10.1",
    .description = "Signature slot, ECDSA P-384.",
    .fields = ecdsa_signature_fields,
};

inline constexpr field_info ecdsa_public_key_fields[] = {
    {.offset = 0x000, .size =   4, .name = "curve",        .meaning = "2 = P-384", .since = level::snp, .values = &tables::ecc_curves},
    {.offset = 0x004, .size =  72, .name = "qx",           .meaning = "X little endian", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x04c, .size =  72, .name = "qy",           .meaning = "Y little endian", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x094, .size = 880, .name = "reserved_094", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info ecdsa_public_key{
    .name = "ecdsa_public_key",
    .id = "LAY-ECDSA-PUBLIC-KEY",
    .size = 0x404,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI 10.2",
    .description = "Public key slot used by ID_AUTH (SNP).",
    .fields = ecdsa_public_key_fields,
};

}  // namespace descriptions

/// Signature slot, ECDSA P-384.   SNP ABI 10.1
template <class Storage>
struct basic_ecdsa_signature : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_ecdsa_signature(const basic_ecdsa_signature<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_ecdsa_signature(basic_ecdsa_signature<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: R little endian.
  [[nodiscard]] constexpr auto r() noexcept { return bytes_at<0x000, 72>(*this); }
  [[nodiscard]] constexpr auto r() const noexcept { return bytes_at<0x000, 72>(*this); }
  constexpr void set_r(std::span<const std::uint8_t, 72> value) noexcept { store_bytes<0x000>(*this, value); }
  /// 048h: S little endian.
  [[nodiscard]] constexpr auto s() noexcept { return bytes_at<0x048, 72>(*this); }
  [[nodiscard]] constexpr auto s() const noexcept { return bytes_at<0x048, 72>(*this); }
  constexpr void set_s(std::span<const std::uint8_t, 72> value) noexcept { store_bytes<0x048>(*this, value); }

  friend constexpr auto describe(const basic_ecdsa_signature*) noexcept -> const structure_info& {
    return descriptions::ecdsa_signature;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_ecdsa_signature<A>& a, const basic_ecdsa_signature<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using ecdsa_signature = basic_ecdsa_signature<owned<512>>;
/// Over bytes that lie elsewhere.
using ecdsa_signature_view = basic_ecdsa_signature<borrowed<std::uint8_t, 512>>;
/// Over bytes that are only read.
using ecdsa_signature_const_view = basic_ecdsa_signature<borrowed<const std::uint8_t, 512>>;

/// Public key slot used by ID_AUTH (SNP).   SNP ABI 10.2
template <class Storage>
struct basic_ecdsa_public_key : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_ecdsa_public_key(const basic_ecdsa_public_key<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_ecdsa_public_key(basic_ecdsa_public_key<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: 2 = P-384.
  [[nodiscard]] constexpr auto curve() const noexcept -> ecc_curves {
    return static_cast<ecc_curves>(load<std::uint32_t, 0x000>(*this));
  }
  constexpr void set_curve(ecc_curves value) { store_code<std::uint32_t, 0x000>(*this, value); }
  /// 004h: X little endian.
  [[nodiscard]] constexpr auto qx() noexcept { return bytes_at<0x004, 72>(*this); }
  [[nodiscard]] constexpr auto qx() const noexcept { return bytes_at<0x004, 72>(*this); }
  constexpr void set_qx(std::span<const std::uint8_t, 72> value) noexcept { store_bytes<0x004>(*this, value); }
  /// 04Ch: Y little endian.
  [[nodiscard]] constexpr auto qy() noexcept { return bytes_at<0x04c, 72>(*this); }
  [[nodiscard]] constexpr auto qy() const noexcept { return bytes_at<0x04c, 72>(*this); }
  constexpr void set_qy(std::span<const std::uint8_t, 72> value) noexcept { store_bytes<0x04c>(*this, value); }

  friend constexpr auto describe(const basic_ecdsa_public_key*) noexcept -> const structure_info& {
    return descriptions::ecdsa_public_key;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_ecdsa_public_key<A>& a, const basic_ecdsa_public_key<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using ecdsa_public_key = basic_ecdsa_public_key<owned<1028>>;
/// Over bytes that lie elsewhere.
using ecdsa_public_key_view = basic_ecdsa_public_key<borrowed<std::uint8_t, 1028>>;
/// Over bytes that are only read.
using ecdsa_public_key_const_view = basic_ecdsa_public_key<borrowed<const std::uint8_t, 1028>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
