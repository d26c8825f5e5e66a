// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_CERTIFICATE_HPP
#define SEVSPEC_LAYOUT_CERTIFICATE_HPP

// Certificates: the table a guest gets with its report, and the legacy SEV chain.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>
#include <span>

#include <sevspec/layout/codes/sev_codes.hpp>
#include <sevspec/layout/codes/snp_codes.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/signature.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr field_info cert_table_entry_fields[] = {
    {.offset = 0x000, .size = 16, .name = "guid",   .meaning = "certificate type", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x010, .size =  4, .name = "offset", .meaning = "offset from the start of the table", .since = level::snp},
    {.offset = 0x014, .size =  4, .name = "length", .meaning = "length", .since = level::snp},
};
inline constexpr structure_info cert_table_entry{
    .name = "cert_table_entry",
    .id = "LAY-CERT-TABLE-ENTRY",
    .size = 0x18,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "GHCB 4.1.8.1",
    .description = "Entry of the certificate table returned by the extended guest request; table ends with an all-zero entry. GUIDs are stored in RFC 4122 big-endian byte order (as text).",
    .fields = cert_table_entry_fields,
};

inline constexpr field_info vlek_wrapped_fields[] = {
    {.offset = 0x000, .size =  12, .name = "iv",            .meaning = "AES-GCM IV", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x00c, .size =   4, .name = "reserved_00c",  .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x010, .size = 384, .name = "vlek_wrapped",  .meaning = "wrapped seed", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x190, .size =   8, .name = "tcb_version",   .meaning = "TCB of the seed", .since = level::snp},
    {.offset = 0x198, .size =   8, .name = "reserved_198",  .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x1a0, .size =  16, .name = "vlek_auth_tag", .meaning = "AES-GCM tag", .since = level::snp, .type = field_type::bytes},
};
inline constexpr structure_info vlek_wrapped{
    .name = "vlek_wrapped",
    .id = "LAY-VLEK-WRAPPED",
    .size = 0x1b0,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI VLEK_LOAD",
    .description = "Wrapped VLEK hashstick (432 bytes).",
    .fields = vlek_wrapped_fields,
};

inline constexpr field_info sev_rsa_pub_key_fields[] = {
    {.offset = 0x000, .size =   4, .name = "modulus_size", .meaning = "modulus size in bits", .since = level::sev},
    {.offset = 0x004, .size = 512, .name = "pub_exp",      .meaning = "public exponent little endian", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x204, .size = 512, .name = "modulus",      .meaning = "modulus little endian", .since = level::sev, .type = field_type::bytes},
};
inline constexpr structure_info sev_rsa_pub_key{
    .name = "sev_rsa_pub_key",
    .id = "LAY-SEV-RSA-PUB-KEY",
    .size = 0x404,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API App. C.3.1",
    .description = "RSA public key body of a SEV certificate.",
    .fields = sev_rsa_pub_key_fields,
};

inline constexpr field_info sev_ec_pub_key_fields[] = {
    {.offset = 0x000, .size =   4, .name = "curve",        .meaning = "1 P-256, 2 P-384", .since = level::sev, .values = &tables::ecc_curves},
    {.offset = 0x004, .size =  72, .name = "qx",           .meaning = "X little endian", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x04c, .size =  72, .name = "qy",           .meaning = "Y little endian", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x094, .size = 880, .name = "reserved_094", .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info sev_ec_pub_key{
    .name = "sev_ec_pub_key",
    .id = "LAY-SEV-EC-PUB-KEY",
    .size = 0x404,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API App. C.3.2",
    .description = "ECDSA/ECDH public key body in the 1028-byte key slot.",
    .fields = sev_ec_pub_key_fields,
};

inline constexpr field_info sev_cert_fields[] = {
    {.offset = 0x000, .size =    4, .name = "version",      .meaning = "1", .since = level::sev},
    {.offset = 0x004, .size =    1, .name = "api_major",    .meaning = "API major (PEK only)", .since = level::sev},
    {.offset = 0x005, .size =    1, .name = "api_minor",    .meaning = "API minor (PEK only)", .since = level::sev},
    {.offset = 0x006, .size =    2, .name = "reserved_006", .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x008, .size =    4, .name = "pubkey_usage", .meaning = "see sev_key_usage", .since = level::sev, .values = &tables::sev_key_usage},
    {.offset = 0x00c, .size =    4, .name = "pubkey_algo",  .meaning = "see sev_key_algo", .since = level::sev, .values = &tables::sev_key_algo},
    {.offset = 0x010, .size = 1028, .name = "pubkey",       .meaning = "sev_rsa_pub_key or sev_ec_pub_key", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x414, .size =    4, .name = "sig1_usage",   .meaning = "usage of the first signer", .since = level::sev, .values = &tables::sev_key_usage},
    {.offset = 0x418, .size =    4, .name = "sig1_algo",    .meaning = "algorithm", .since = level::sev, .values = &tables::sev_key_algo},
    {.offset = 0x41c, .size =  512, .name = "sig1",         .meaning = "first signature", .since = level::sev, .type = field_type::structure, .nested = &ecdsa_signature},
    {.offset = 0x61c, .size =    4, .name = "sig2_usage",   .meaning = "usage of the second signer", .since = level::sev, .values = &tables::sev_key_usage},
    {.offset = 0x620, .size =    4, .name = "sig2_algo",    .meaning = "algorithm", .since = level::sev, .values = &tables::sev_key_algo},
    {.offset = 0x624, .size =  512, .name = "sig2",         .meaning = "second signature", .since = level::sev, .type = field_type::structure, .nested = &ecdsa_signature},
};
inline constexpr structure_info sev_cert{
    .name = "sev_cert",
    .id = "LAY-SEV-CERT",
    .size = 0x824,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API App. C.1",
    .description = "SEV certificate: PDH, PEK, OCA, CEK. Signed body = bytes 0x000..0x413.",
    .fields = sev_cert_fields,
};

inline constexpr field_info sev_cert_chain_fields[] = {
    {.offset = 0x0000, .size = 2084, .name = "pek", .meaning = "PEK", .since = level::sev, .type = field_type::structure, .nested = &sev_cert},
    {.offset = 0x0824, .size = 2084, .name = "oca", .meaning = "OCA", .since = level::sev, .type = field_type::structure, .nested = &sev_cert},
    {.offset = 0x1048, .size = 2084, .name = "cek", .meaning = "CEK", .since = level::sev, .type = field_type::structure, .nested = &sev_cert},
};
inline constexpr structure_info sev_cert_chain{
    .name = "sev_cert_chain",
    .id = "LAY-SEV-CERT-CHAIN",
    .size = 0x186c,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API 5.9 PDH_CERT_EXPORT",
    .description = "Certificate chain buffer.",
    .fields = sev_cert_chain_fields,
};

inline constexpr field_info amd_cert_fixed_fields[] = {
    {.offset = 0x000, .size =  4, .name = "version",       .meaning = "1", .since = level::sev},
    {.offset = 0x004, .size = 16, .name = "key_id",        .meaning = "key ID", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x014, .size = 16, .name = "certifying_id", .meaning = "ID of the signing key; equals key_id when self signed", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x024, .size =  4, .name = "key_usage",     .meaning = "0x00 ARK, 0x13 ASK", .since = level::sev, .values = &tables::sev_key_usage},
    {.offset = 0x028, .size = 16, .name = "reserved_028",  .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x038, .size =  4, .name = "pub_exp_size",  .meaning = "bits, 2048 or 4096", .since = level::sev},
    {.offset = 0x03c, .size =  4, .name = "modulus_size",  .meaning = "bits, 2048 or 4096", .since = level::sev},
};
inline constexpr structure_info amd_cert_fixed{
    .name = "amd_cert_fixed",
    .id = "LAY-AMD-CERT-FIXED",
    .size = 0x40,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API App. B.1",
    .description = "Fixed part of an AMD ASK/ARK certificate. Then follow pub_exp (pub_exp_size/8 bytes), modulus (modulus_size/8) and signature (modulus_size/8): total 0x340 for 2048 bit, 0x640 for 4096 bit.",
    .fields = amd_cert_fixed_fields,
};

inline constexpr field_info amd_cert_4096_fields[] = {
    {.offset = 0x000, .size =  64, .name = "fixed",     .meaning = "header", .since = level::sev, .type = field_type::structure, .nested = &amd_cert_fixed},
    {.offset = 0x040, .size = 512, .name = "pub_exp",   .meaning = "public exponent little endian", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x240, .size = 512, .name = "modulus",   .meaning = "modulus little endian", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x440, .size = 512, .name = "signature", .meaning = "RSA-PSS signature little endian", .since = level::sev, .type = field_type::bytes},
};
inline constexpr structure_info amd_cert_4096{
    .name = "amd_cert_4096",
    .id = "LAY-AMD-CERT-4096",
    .size = 0x640,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API App. B.1",
    .description = "ASK/ARK certificate with 4096-bit key.",
    .fields = amd_cert_4096_fields,
};

inline constexpr field_info amd_cert_2048_fields[] = {
    {.offset = 0x000, .size =  64, .name = "fixed",     .meaning = "header", .since = level::sev, .type = field_type::structure, .nested = &amd_cert_fixed},
    {.offset = 0x040, .size = 256, .name = "pub_exp",   .meaning = "public exponent", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x140, .size = 256, .name = "modulus",   .meaning = "modulus", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x240, .size = 256, .name = "signature", .meaning = "signature", .since = level::sev, .type = field_type::bytes},
};
inline constexpr structure_info amd_cert_2048{
    .name = "amd_cert_2048",
    .id = "LAY-AMD-CERT-2048",
    .size = 0x340,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API App. B.1",
    .description = "ASK/ARK certificate with 2048-bit key (Naples).",
    .fields = amd_cert_2048_fields,
};

}  // namespace descriptions

/// Entry of the certificate table returned by the extended guest request; table ends with an all-zero entry. GUIDs are
/// stored in RFC 4122 big-endian byte order (as text).   GHCB 4.1.8.1
template <class Storage>
struct basic_cert_table_entry : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cert_table_entry(const basic_cert_table_entry<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cert_table_entry(basic_cert_table_entry<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Certificate type.
  [[nodiscard]] constexpr auto guid() noexcept { return bytes_at<0x000, 16>(*this); }
  [[nodiscard]] constexpr auto guid() const noexcept { return bytes_at<0x000, 16>(*this); }
  constexpr void set_guid(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x000>(*this, value); }
  /// 010h: Offset from the start of the table.
  [[nodiscard]] constexpr auto offset() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x010>(*this); }
  constexpr void set_offset(std::uint32_t value) noexcept { store<0x010>(*this, value); }
  /// 014h: Length.
  [[nodiscard]] constexpr auto length() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x014>(*this); }
  constexpr void set_length(std::uint32_t value) noexcept { store<0x014>(*this, value); }

  friend constexpr auto describe(const basic_cert_table_entry*) noexcept -> const structure_info& {
    return descriptions::cert_table_entry;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cert_table_entry<A>& a, const basic_cert_table_entry<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cert_table_entry = basic_cert_table_entry<owned<24>>;
/// Over bytes that lie elsewhere.
using cert_table_entry_view = basic_cert_table_entry<borrowed<std::uint8_t, 24>>;
/// Over bytes that are only read.
using cert_table_entry_const_view = basic_cert_table_entry<borrowed<const std::uint8_t, 24>>;

/// Wrapped VLEK hashstick (432 bytes).   SNP ABI VLEK_LOAD
template <class Storage>
struct basic_vlek_wrapped : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_vlek_wrapped(const basic_vlek_wrapped<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_vlek_wrapped(basic_vlek_wrapped<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: AES-GCM IV.
  [[nodiscard]] constexpr auto iv() noexcept { return bytes_at<0x000, 12>(*this); }
  [[nodiscard]] constexpr auto iv() const noexcept { return bytes_at<0x000, 12>(*this); }
  constexpr void set_iv(std::span<const std::uint8_t, 12> value) noexcept { store_bytes<0x000>(*this, value); }
  /// 010h: Wrapped seed.
  [[nodiscard]] constexpr auto vlek_wrapped() noexcept { return bytes_at<0x010, 384>(*this); }
  [[nodiscard]] constexpr auto vlek_wrapped() const noexcept { return bytes_at<0x010, 384>(*this); }
  constexpr void set_vlek_wrapped(std::span<const std::uint8_t, 384> value) noexcept {
    store_bytes<0x010>(*this, value);
  }
  /// 190h: TCB of the seed.
  [[nodiscard]] constexpr auto tcb_version() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x190>(*this);
  }
  constexpr void set_tcb_version(std::uint64_t value) noexcept { store<0x190>(*this, value); }
  /// 1A0h: AES-GCM tag.
  [[nodiscard]] constexpr auto vlek_auth_tag() noexcept { return bytes_at<0x1a0, 16>(*this); }
  [[nodiscard]] constexpr auto vlek_auth_tag() const noexcept { return bytes_at<0x1a0, 16>(*this); }
  constexpr void set_vlek_auth_tag(std::span<const std::uint8_t, 16> value) noexcept {
    store_bytes<0x1a0>(*this, value);
  }

  friend constexpr auto describe(const basic_vlek_wrapped*) noexcept -> const structure_info& {
    return descriptions::vlek_wrapped;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_vlek_wrapped<A>& a, const basic_vlek_wrapped<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using vlek_wrapped = basic_vlek_wrapped<owned<432>>;
/// Over bytes that lie elsewhere.
using vlek_wrapped_view = basic_vlek_wrapped<borrowed<std::uint8_t, 432>>;
/// Over bytes that are only read.
using vlek_wrapped_const_view = basic_vlek_wrapped<borrowed<const std::uint8_t, 432>>;

/// RSA public key body of a SEV certificate.   SEV API App. C.3.1
template <class Storage>
struct basic_sev_rsa_pub_key : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_rsa_pub_key(const basic_sev_rsa_pub_key<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_rsa_pub_key(basic_sev_rsa_pub_key<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Modulus size in bits.
  [[nodiscard]] constexpr auto modulus_size() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x000>(*this);
  }
  constexpr void set_modulus_size(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: Public exponent little endian.
  [[nodiscard]] constexpr auto pub_exp() noexcept { return bytes_at<0x004, 512>(*this); }
  [[nodiscard]] constexpr auto pub_exp() const noexcept { return bytes_at<0x004, 512>(*this); }
  constexpr void set_pub_exp(std::span<const std::uint8_t, 512> value) noexcept { store_bytes<0x004>(*this, value); }
  /// 204h: Modulus little endian.
  [[nodiscard]] constexpr auto modulus() noexcept { return bytes_at<0x204, 512>(*this); }
  [[nodiscard]] constexpr auto modulus() const noexcept { return bytes_at<0x204, 512>(*this); }
  constexpr void set_modulus(std::span<const std::uint8_t, 512> value) noexcept { store_bytes<0x204>(*this, value); }

  friend constexpr auto describe(const basic_sev_rsa_pub_key*) noexcept -> const structure_info& {
    return descriptions::sev_rsa_pub_key;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_sev_rsa_pub_key<A>& a, const basic_sev_rsa_pub_key<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using sev_rsa_pub_key = basic_sev_rsa_pub_key<owned<1028>>;
/// Over bytes that lie elsewhere.
using sev_rsa_pub_key_view = basic_sev_rsa_pub_key<borrowed<std::uint8_t, 1028>>;
/// Over bytes that are only read.
using sev_rsa_pub_key_const_view = basic_sev_rsa_pub_key<borrowed<const std::uint8_t, 1028>>;

/// ECDSA/ECDH public key body in the 1028-byte key slot.   SEV API App. C.3.2
template <class Storage>
struct basic_sev_ec_pub_key : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_ec_pub_key(const basic_sev_ec_pub_key<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_ec_pub_key(basic_sev_ec_pub_key<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: 1 P-256, 2 P-384.
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

  friend constexpr auto describe(const basic_sev_ec_pub_key*) noexcept -> const structure_info& {
    return descriptions::sev_ec_pub_key;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_sev_ec_pub_key<A>& a, const basic_sev_ec_pub_key<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using sev_ec_pub_key = basic_sev_ec_pub_key<owned<1028>>;
/// Over bytes that lie elsewhere.
using sev_ec_pub_key_view = basic_sev_ec_pub_key<borrowed<std::uint8_t, 1028>>;
/// Over bytes that are only read.
using sev_ec_pub_key_const_view = basic_sev_ec_pub_key<borrowed<const std::uint8_t, 1028>>;

/// SEV certificate: PDH, PEK, OCA, CEK. Signed body = bytes 0x000..0x413.   SEV API App. C.1
template <class Storage>
struct basic_sev_cert : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_cert(const basic_sev_cert<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_cert(basic_sev_cert<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: 1.
  [[nodiscard]] constexpr auto version() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_version(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: API major (PEK only).
  [[nodiscard]] constexpr auto api_major() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x004>(*this); }
  constexpr void set_api_major(std::uint8_t value) noexcept { store<0x004>(*this, value); }
  /// 005h: API minor (PEK only).
  [[nodiscard]] constexpr auto api_minor() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x005>(*this); }
  constexpr void set_api_minor(std::uint8_t value) noexcept { store<0x005>(*this, value); }
  /// 008h: See sev_key_usage.
  [[nodiscard]] constexpr auto pubkey_usage() const noexcept -> sev_key_usage {
    return static_cast<sev_key_usage>(load<std::uint32_t, 0x008>(*this));
  }
  constexpr void set_pubkey_usage(sev_key_usage value) { store_code<std::uint32_t, 0x008>(*this, value); }
  /// 00Ch: See sev_key_algo.
  [[nodiscard]] constexpr auto pubkey_algo() const noexcept -> sev_key_algo {
    return static_cast<sev_key_algo>(load<std::uint32_t, 0x00c>(*this));
  }
  constexpr void set_pubkey_algo(sev_key_algo value) { store_code<std::uint32_t, 0x00c>(*this, value); }
  /// 010h: sev_rsa_pub_key or sev_ec_pub_key.
  [[nodiscard]] constexpr auto pubkey() noexcept { return bytes_at<0x010, 1028>(*this); }
  [[nodiscard]] constexpr auto pubkey() const noexcept { return bytes_at<0x010, 1028>(*this); }
  constexpr void set_pubkey(std::span<const std::uint8_t, 1028> value) noexcept { store_bytes<0x010>(*this, value); }
  /// 414h: Usage of the first signer.
  [[nodiscard]] constexpr auto sig1_usage() const noexcept -> sev_key_usage {
    return static_cast<sev_key_usage>(load<std::uint32_t, 0x414>(*this));
  }
  constexpr void set_sig1_usage(sev_key_usage value) { store_code<std::uint32_t, 0x414>(*this, value); }
  /// 418h: Algorithm.
  [[nodiscard]] constexpr auto sig1_algo() const noexcept -> sev_key_algo {
    return static_cast<sev_key_algo>(load<std::uint32_t, 0x418>(*this));
  }
  constexpr void set_sig1_algo(sev_key_algo value) { store_code<std::uint32_t, 0x418>(*this, value); }
  /// 41Ch: First signature.
  [[nodiscard]] constexpr auto sig1() noexcept { return part<basic_ecdsa_signature, 0x41c, 512>(*this); }
  [[nodiscard]] constexpr auto sig1() const noexcept { return part<basic_ecdsa_signature, 0x41c, 512>(*this); }
  template <class Other>
  constexpr void set_sig1(const basic_ecdsa_signature<Other>& value) noexcept { store_part<0x41c>(*this, value); }
  /// 61Ch: Usage of the second signer.
  [[nodiscard]] constexpr auto sig2_usage() const noexcept -> sev_key_usage {
    return static_cast<sev_key_usage>(load<std::uint32_t, 0x61c>(*this));
  }
  constexpr void set_sig2_usage(sev_key_usage value) { store_code<std::uint32_t, 0x61c>(*this, value); }
  /// 620h: Algorithm.
  [[nodiscard]] constexpr auto sig2_algo() const noexcept -> sev_key_algo {
    return static_cast<sev_key_algo>(load<std::uint32_t, 0x620>(*this));
  }
  constexpr void set_sig2_algo(sev_key_algo value) { store_code<std::uint32_t, 0x620>(*this, value); }
  /// 624h: Second signature.
  [[nodiscard]] constexpr auto sig2() noexcept { return part<basic_ecdsa_signature, 0x624, 512>(*this); }
  [[nodiscard]] constexpr auto sig2() const noexcept { return part<basic_ecdsa_signature, 0x624, 512>(*this); }
  template <class Other>
  constexpr void set_sig2(const basic_ecdsa_signature<Other>& value) noexcept { store_part<0x624>(*this, value); }

  friend constexpr auto describe(const basic_sev_cert*) noexcept -> const structure_info& {
    return descriptions::sev_cert;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_sev_cert<A>& a, const basic_sev_cert<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using sev_cert = basic_sev_cert<owned<2084>>;
/// Over bytes that lie elsewhere.
using sev_cert_view = basic_sev_cert<borrowed<std::uint8_t, 2084>>;
/// Over bytes that are only read.
using sev_cert_const_view = basic_sev_cert<borrowed<const std::uint8_t, 2084>>;

/// Certificate chain buffer.   SEV API 5.9 PDH_CERT_EXPORT
template <class Storage>
struct basic_sev_cert_chain : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_cert_chain(const basic_sev_cert_chain<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_cert_chain(basic_sev_cert_chain<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: PEK.
  [[nodiscard]] constexpr auto pek() noexcept { return part<basic_sev_cert, 0x000, 2084>(*this); }
  [[nodiscard]] constexpr auto pek() const noexcept { return part<basic_sev_cert, 0x000, 2084>(*this); }
  template <class Other>
  constexpr void set_pek(const basic_sev_cert<Other>& value) noexcept { store_part<0x000>(*this, value); }
  /// 824h: OCA.
  [[nodiscard]] constexpr auto oca() noexcept { return part<basic_sev_cert, 0x824, 2084>(*this); }
  [[nodiscard]] constexpr auto oca() const noexcept { return part<basic_sev_cert, 0x824, 2084>(*this); }
  template <class Other>
  constexpr void set_oca(const basic_sev_cert<Other>& value) noexcept { store_part<0x824>(*this, value); }
  /// 1048h: CEK.
  [[nodiscard]] constexpr auto cek() noexcept { return part<basic_sev_cert, 0x1048, 2084>(*this); }
  [[nodiscard]] constexpr auto cek() const noexcept { return part<basic_sev_cert, 0x1048, 2084>(*this); }
  template <class Other>
  constexpr void set_cek(const basic_sev_cert<Other>& value) noexcept { store_part<0x1048>(*this, value); }

  friend constexpr auto describe(const basic_sev_cert_chain*) noexcept -> const structure_info& {
    return descriptions::sev_cert_chain;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_sev_cert_chain<A>& a, const basic_sev_cert_chain<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using sev_cert_chain = basic_sev_cert_chain<owned<6252>>;
/// Over bytes that lie elsewhere.
using sev_cert_chain_view = basic_sev_cert_chain<borrowed<std::uint8_t, 6252>>;
/// Over bytes that are only read.
using sev_cert_chain_const_view = basic_sev_cert_chain<borrowed<const std::uint8_t, 6252>>;

/// Fixed part of an AMD ASK/ARK certificate. Then follow pub_exp (pub_exp_size/8 bytes), modulus (modulus_size/8) and
/// signature (modulus_size/8): total 0x340 for 2048 bit, 0x640 for 4096 bit.   SEV API App. B.1
template <class Storage>
struct basic_amd_cert_fixed : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_amd_cert_fixed(const basic_amd_cert_fixed<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_amd_cert_fixed(basic_amd_cert_fixed<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: 1.
  [[nodiscard]] constexpr auto version() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_version(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: Key ID.
  [[nodiscard]] constexpr auto key_id() noexcept { return bytes_at<0x004, 16>(*this); }
  [[nodiscard]] constexpr auto key_id() const noexcept { return bytes_at<0x004, 16>(*this); }
  constexpr void set_key_id(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x004>(*this, value); }
  /// 014h: ID of the signing key; equals key_id when self signed.
  [[nodiscard]] constexpr auto certifying_id() noexcept { return bytes_at<0x014, 16>(*this); }
  [[nodiscard]] constexpr auto certifying_id() const noexcept { return bytes_at<0x014, 16>(*this); }
  constexpr void set_certifying_id(std::span<const std::uint8_t, 16> value) noexcept {
    store_bytes<0x014>(*this, value);
  }
  /// 024h: 0x00 ARK, 0x13 ASK.
  [[nodiscard]] constexpr auto key_usage() const noexcept -> sev_key_usage {
    return static_cast<sev_key_usage>(load<std::uint32_t, 0x024>(*this));
  }
  constexpr void set_key_usage(sev_key_usage value) { store_code<std::uint32_t, 0x024>(*this, value); }
  /// 038h: Bits, 2048 or 4096.
  [[nodiscard]] constexpr auto pub_exp_size() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x038>(*this);
  }
  constexpr void set_pub_exp_size(std::uint32_t value) noexcept { store<0x038>(*this, value); }
  /// 03Ch: Bits, 2048 or 4096.
  [[nodiscard]] constexpr auto modulus_size() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x03c>(*this);
  }
  constexpr void set_modulus_size(std::uint32_t value) noexcept { store<0x03c>(*this, value); }

  friend constexpr auto describe(const basic_amd_cert_fixed*) noexcept -> const structure_info& {
    return descriptions::amd_cert_fixed;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_amd_cert_fixed<A>& a, const basic_amd_cert_fixed<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using amd_cert_fixed = basic_amd_cert_fixed<owned<64>>;
/// Over bytes that lie elsewhere.
using amd_cert_fixed_view = basic_amd_cert_fixed<borrowed<std::uint8_t, 64>>;
/// Over bytes that are only read.
using amd_cert_fixed_const_view = basic_amd_cert_fixed<borrowed<const std::uint8_t, 64>>;

/// ASK/ARK certificate with 4096-bit key.   SEV API App. B.1
template <class Storage>
struct basic_amd_cert_4096 : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_amd_cert_4096(const basic_amd_cert_4096<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_amd_cert_4096(basic_amd_cert_4096<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Header.
  [[nodiscard]] constexpr auto fixed() noexcept { return part<basic_amd_cert_fixed, 0x000, 64>(*this); }
  [[nodiscard]] constexpr auto fixed() const noexcept { return part<basic_amd_cert_fixed, 0x000, 64>(*this); }
  template <class Other>
  constexpr void set_fixed(const basic_amd_cert_fixed<Other>& value) noexcept { store_part<0x000>(*this, value); }
  /// 040h: Public exponent little endian.
  [[nodiscard]] constexpr auto pub_exp() noexcept { return bytes_at<0x040, 512>(*this); }
  [[nodiscard]] constexpr auto pub_exp() const noexcept { return bytes_at<0x040, 512>(*this); }
  constexpr void set_pub_exp(std::span<const std::uint8_t, 512> value) noexcept { store_bytes<0x040>(*this, value); }
  /// 240h: Modulus little endian.
  [[nodiscard]] constexpr auto modulus() noexcept { return bytes_at<0x240, 512>(*this); }
  [[nodiscard]] constexpr auto modulus() const noexcept { return bytes_at<0x240, 512>(*this); }
  constexpr void set_modulus(std::span<const std::uint8_t, 512> value) noexcept { store_bytes<0x240>(*this, value); }
  /// 440h: RSA-PSS signature little endian.
  [[nodiscard]] constexpr auto signature() noexcept { return bytes_at<0x440, 512>(*this); }
  [[nodiscard]] constexpr auto signature() const noexcept { return bytes_at<0x440, 512>(*this); }
  constexpr void set_signature(std::span<const std::uint8_t, 512> value) noexcept { store_bytes<0x440>(*this, value); }

  friend constexpr auto describe(const basic_amd_cert_4096*) noexcept -> const structure_info& {
    return descriptions::amd_cert_4096;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_amd_cert_4096<A>& a, const basic_amd_cert_4096<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using amd_cert_4096 = basic_amd_cert_4096<owned<1600>>;
/// Over bytes that lie elsewhere.
using amd_cert_4096_view = basic_amd_cert_4096<borrowed<std::uint8_t, 1600>>;
/// Over bytes that are only read.
using amd_cert_4096_const_view = basic_amd_cert_4096<borrowed<const std::uint8_t, 1600>>;

/// ASK/ARK certificate with 2048-bit key (Naples).   SEV API App. B.1
template <class Storage>
struct basic_amd_cert_2048 : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_amd_cert_2048(const basic_amd_cert_2048<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_amd_cert_2048(basic_amd_cert_2048<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Header.
  [[nodiscard]] constexpr auto fixed() noexcept { return part<basic_amd_cert_fixed, 0x000, 64>(*this); }
  [[nodiscard]] constexpr auto fixed() const noexcept { return part<basic_amd_cert_fixed, 0x000, 64>(*this); }
  template <class Other>
  constexpr void set_fixed(const basic_amd_cert_fixed<Other>& value) noexcept { store_part<0x000>(*this, value); }
  /// 040h: Public exponent.
  [[nodiscard]] constexpr auto pub_exp() noexcept { return bytes_at<0x040, 256>(*this); }
  [[nodiscard]] constexpr auto pub_exp() const noexcept { return bytes_at<0x040, 256>(*this); }
  constexpr void set_pub_exp(std::span<const std::uint8_t, 256> value) noexcept { store_bytes<0x040>(*this, value); }
  /// 140h: Modulus.
  [[nodiscard]] constexpr auto modulus() noexcept { return bytes_at<0x140, 256>(*this); }
  [[nodiscard]] constexpr auto modulus() const noexcept { return bytes_at<0x140, 256>(*this); }
  constexpr void set_modulus(std::span<const std::uint8_t, 256> value) noexcept { store_bytes<0x140>(*this, value); }
  /// 240h: Signature.
  [[nodiscard]] constexpr auto signature() noexcept { return bytes_at<0x240, 256>(*this); }
  [[nodiscard]] constexpr auto signature() const noexcept { return bytes_at<0x240, 256>(*this); }
  constexpr void set_signature(std::span<const std::uint8_t, 256> value) noexcept { store_bytes<0x240>(*this, value); }

  friend constexpr auto describe(const basic_amd_cert_2048*) noexcept -> const structure_info& {
    return descriptions::amd_cert_2048;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_amd_cert_2048<A>& a, const basic_amd_cert_2048<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using amd_cert_2048 = basic_amd_cert_2048<owned<832>>;
/// Over bytes that lie elsewhere.
using amd_cert_2048_view = basic_amd_cert_2048<borrowed<std::uint8_t, 832>>;
/// Over bytes that are only read.
using amd_cert_2048_const_view = basic_amd_cert_2048<borrowed<const std::uint8_t, 832>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
