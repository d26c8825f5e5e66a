// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_ID_BLOCK_HPP
#define SEVSPEC_LAYOUT_ID_BLOCK_HPP

// The ID block and its authentication.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>
#include <span>

#include <sevspec/layout/codes/snp_codes.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/policy.hpp>
#include <sevspec/layout/signature.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr field_info id_block_fields[] = {
    {.offset = 0x000, .size = 48, .name = "ld",        .meaning = "expected launch digest", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x030, .size = 16, .name = "family_id", .meaning = "family ID", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x040, .size = 16, .name = "image_id",  .meaning = "image ID", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x050, .size =  4, .name = "version",   .meaning = "1", .since = level::snp},
    {.offset = 0x054, .size =  4, .name = "guest_svn", .meaning = "guest SVN", .since = level::snp},
    {.offset = 0x058, .size =  8, .name = "policy",    .meaning = "guest policy", .since = level::snp, .word = &snp_guest_policy},
};
inline constexpr structure_info id_block{
    .name = "id_block",
    .id = "LAY-ID-BLOCK",
    .size = 0x60,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI Table 75",
    .description = "ID block passed to LAUNCH_FINISH.",
    .fields = id_block_fields,
};

inline constexpr field_info id_auth_fields[] = {
    {.offset = 0x0000, .size =    4, .name = "id_key_algo",   .meaning = "algorithm of the ID key", .since = level::snp, .values = &tables::snp_signature_algorithms},
    {.offset = 0x0004, .size =    4, .name = "auth_key_algo", .meaning = "algorithm of the author key", .since = level::snp, .values = &tables::snp_signature_algorithms},
    {.offset = 0x0008, .size =   56, .name = "reserved_008",  .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0040, .size =  512, .name = "id_block_sig",  .meaning = "signature of the ID block by the ID key", .since = level::snp, .type = field_type::structure, .nested = &ecdsa_signature},
    {.offset = 0x0240, .size = 1028, .name = "id_key",        .meaning = "ID public key", .since = level::snp, .type = field_type::structure, .nested = &ecdsa_public_key},
    {.offset = 0x0644, .size =   60, .name = "reserved_644",  .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0680, .size =  512, .name = "id_key_sig",    .meaning = "signature of the ID key by the author key", .since = level::snp, .type = field_type::structure, .nested = &ecdsa_signature},
    {.offset = 0x0880, .size = 1028, .name = "author_key",    .meaning = "author public key", .since = level::snp, .type = field_type::structure, .nested = &ecdsa_public_key},
    {.offset = 0x0c84, .size =  892, .name = "reserved_c84",  .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info id_auth{
    .name = "id_auth",
    .id = "LAY-ID-AUTH",
    .size = 0x1000,
    .alignment = 0x1000,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI Table 76",
    .description = "ID authentication information structure.",
    .fields = id_auth_fields,
};

}  // namespace descriptions

/// ID block passed to LAUNCH_FINISH.   SNP ABI Table 75
template <class Storage>
struct basic_id_block : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_id_block(const basic_id_block<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_id_block(basic_id_block<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Expected launch digest.
  [[nodiscard]] constexpr auto ld() noexcept { return bytes_at<0x000, 48>(*this); }
  [[nodiscard]] constexpr auto ld() const noexcept { return bytes_at<0x000, 48>(*this); }
  constexpr void set_ld(std::span<const std::uint8_t, 48> value) noexcept { store_bytes<0x000>(*this, value); }
  /// 030h: Family ID.
  [[nodiscard]] constexpr auto family_id() noexcept { return bytes_at<0x030, 16>(*this); }
  [[nodiscard]] constexpr auto family_id() const noexcept { return bytes_at<0x030, 16>(*this); }
  constexpr void set_family_id(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x030>(*this, value); }
  /// 040h: Image ID.
  [[nodiscard]] constexpr auto image_id() noexcept { return bytes_at<0x040, 16>(*this); }
  [[nodiscard]] constexpr auto image_id() const noexcept { return bytes_at<0x040, 16>(*this); }
  constexpr void set_image_id(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x040>(*this, value); }
  /// 050h: 1.
  [[nodiscard]] constexpr auto version() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x050>(*this); }
  constexpr void set_version(std::uint32_t value) noexcept { store<0x050>(*this, value); }
  /// 054h: Guest SVN.
  [[nodiscard]] constexpr auto guest_svn() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x054>(*this); }
  constexpr void set_guest_svn(std::uint32_t value) noexcept { store<0x054>(*this, value); }
  /// 058h: Guest policy.
  [[nodiscard]] constexpr auto policy() const noexcept -> snp_guest_policy {
    return load<snp_guest_policy, 0x058>(*this);
  }
  constexpr void set_policy(snp_guest_policy value) noexcept { store<0x058>(*this, value); }

  friend constexpr auto describe(const basic_id_block*) noexcept -> const structure_info& {
    return descriptions::id_block;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_id_block<A>& a, const basic_id_block<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using id_block = basic_id_block<owned<96>>;
/// Over bytes that lie elsewhere.
using id_block_view = basic_id_block<borrowed<std::uint8_t, 96>>;
/// Over bytes that are only read.
using id_block_const_view = basic_id_block<borrowed<const std::uint8_t, 96>>;

/// ID authentication information structure.   SNP ABI Table 76
/// 4096 bytes, aligned to 4096 in memory.
template <class Storage>
struct basic_id_auth : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_id_auth(const basic_id_auth<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_id_auth(basic_id_auth<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Algorithm of the ID key.
  [[nodiscard]] constexpr auto id_key_algo() const noexcept -> snp_signature_algorithms {
    return static_cast<snp_signature_algorithms>(load<std::uint32_t, 0x000>(*this));
  }
  constexpr void set_id_key_algo(snp_signature_algorithms value) { store_code<std::uint32_t, 0x000>(*this, value); }
  /// 004h: Algorithm of the author key.
  [[nodiscard]] constexpr auto auth_key_algo() const noexcept -> snp_signature_algorithms {
    return static_cast<snp_signature_algorithms>(load<std::uint32_t, 0x004>(*this));
  }
  constexpr void set_auth_key_algo(snp_signature_algorithms value) { store_code<std::uint32_t, 0x004>(*this, value); }
  /// 040h: Signature of the ID block by the ID key.
  [[nodiscard]] constexpr auto id_block_sig() noexcept { return part<basic_ecdsa_signature, 0x040, 512>(*this); }
  [[nodiscard]] constexpr auto id_block_sig() const noexcept { return part<basic_ecdsa_signature, 0x040, 512>(*this); }
  template <class Other>
  constexpr void set_id_block_sig(const basic_ecdsa_signature<Other>& value) noexcept {
    store_part<0x040>(*this, value);
  }
  /// 240h: ID public key.
  [[nodiscard]] constexpr auto id_key() noexcept { return part<basic_ecdsa_public_key, 0x240, 1028>(*this); }
  [[nodiscard]] constexpr auto id_key() const noexcept { return part<basic_ecdsa_public_key, 0x240, 1028>(*this); }
  template <class Other>
  constexpr void set_id_key(const basic_ecdsa_public_key<Other>& value) noexcept { store_part<0x240>(*this, value); }
  /// 680h: Signature of the ID key by the author key.
  [[nodiscard]] constexpr auto id_key_sig() noexcept { return part<basic_ecdsa_signature, 0x680, 512>(*this); }
  [[nodiscard]] constexpr auto id_key_sig() const noexcept { return part<basic_ecdsa_signature, 0x680, 512>(*this); }
  template <class Other>
  constexpr void set_id_key_sig(const basic_ecdsa_signature<Other>& value) noexcept { store_part<0x680>(*this, value); }
  /// 880h: Author public key.
  [[nodiscard]] constexpr auto author_key() noexcept { return part<basic_ecdsa_public_key, 0x880, 1028>(*this); }
  [[nodiscard]] constexpr auto author_key() const noexcept { return part<basic_ecdsa_public_key, 0x880, 1028>(*this); }
  template <class Other>
  constexpr void set_author_key(const basic_ecdsa_public_key<Other>& value) noexcept {
    store_part<0x880>(*this, value);
  }

  friend constexpr auto describe(const basic_id_auth*) noexcept -> const structure_info& {
    return descriptions::id_auth;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_id_auth<A>& a, const basic_id_auth<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using id_auth = basic_id_auth<owned<4096>>;
/// Over bytes that lie elsewhere.
using id_auth_view = basic_id_auth<borrowed<std::uint8_t, 4096>>;
/// Over bytes that are only read.
using id_auth_const_view = basic_id_auth<borrowed<const std::uint8_t, 4096>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
