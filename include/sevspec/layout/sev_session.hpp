// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_SEV_SESSION_HPP
#define SEVSPEC_LAYOUT_SEV_SESSION_HPP

// Legacy SEV: sessions, packets, measurement, attestation.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>
#include <span>

#include <sevspec/layout/codes/sev_codes.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/policy.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr field_info sev_session_fields[] = {
    {.offset = 0x000, .size = 16, .name = "nonce",      .meaning = "nonce", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x010, .size = 32, .name = "wrap_tk",    .meaning = "wrapped TEK (16) then TIK (16)", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x030, .size = 16, .name = "wrap_iv",    .meaning = "AES-CTR IV for wrap_tk", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x040, .size = 32, .name = "wrap_mac",   .meaning = "HMAC-SHA-256 of wrap_tk under KIK", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x060, .size = 32, .name = "policy_mac", .meaning = "HMAC-SHA-256 of the policy under TIK", .since = level::sev, .type = field_type::bytes},
};
inline constexpr structure_info sev_session{
    .name = "sev_session",
    .id = "LAY-SEV-SESSION",
    .size = 0x80,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API App. A / LAUNCH_START",
    .description = "Session data of LAUNCH_START, SEND_START, RECEIVE_START.",
    .fields = sev_session_fields,
};

inline constexpr bit_info sev_packet_header_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "compressed",    .meaning = "payload is compressed"},
    {.lsb = 1, .width = 31, .name = "reserved_31_1", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info sev_packet_header_fields[] = {
    {.offset = 0x000, .size =  4, .name = "flags", .meaning = "flags", .since = level::sev, .bits = sev_packet_header_flags_bits},
    {.offset = 0x004, .size = 16, .name = "iv",    .meaning = "AES-CTR IV", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x014, .size = 32, .name = "mac",   .meaning = "HMAC-SHA-256 under TIK", .since = level::sev, .type = field_type::bytes},
};
inline constexpr structure_info sev_packet_header{
    .name = "sev_packet_header",
    .id = "LAY-SEV-PACKET-HEADER",
    .size = 0x34,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API LAUNCH_SECRET/SEND_UPDATE",
    .description = "Packet header of LAUNCH_SECRET, SEND_UPDATE_*, RECEIVE_UPDATE_*.",
    .fields = sev_packet_header_fields,
};
inline constexpr field_info sev_packet_header_flags_fields[] = {
    {.offset = 0, .size = 4, .name = "flags", .meaning = "flags", .since = level::sev, .bits = sev_packet_header_flags_bits},
};
inline constexpr structure_info sev_packet_header_flags{
    .name = "sev_packet_header.flags",
    .id = "LAY-SEV-PACKET-HEADER",
    .size = 4,
    .alignment = 1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API LAUNCH_SECRET/SEND_UPDATE",
    .description = "Flags.",
    .fields = sev_packet_header_flags_fields,
};

inline constexpr field_info sev_measurement_fields[] = {
    {.offset = 0x000, .size = 32, .name = "measurement", .meaning = "HMAC-SHA-256", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x020, .size = 16, .name = "mnonce",      .meaning = "nonce", .since = level::sev, .type = field_type::bytes},
};
inline constexpr structure_info sev_measurement{
    .name = "sev_measurement",
    .id = "LAY-SEV-MEASUREMENT",
    .size = 0x30,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API LAUNCH_MEASURE",
    .description = "LAUNCH_MEASURE output.",
    .fields = sev_measurement_fields,
};

inline constexpr field_info sev_attestation_report_fields[] = {
    {.offset = 0x000, .size =  16, .name = "mnonce",        .meaning = "caller nonce", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x010, .size =  32, .name = "launch_digest", .meaning = "SHA-256 launch digest", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x030, .size =   4, .name = "policy",        .meaning = "guest policy", .since = level::sev, .word = &sev_guest_policy},
    {.offset = 0x034, .size =   4, .name = "sig_usage",     .meaning = "usage of the signing key (PEK)", .since = level::sev, .values = &tables::sev_key_usage},
    {.offset = 0x038, .size =   4, .name = "sig_algo",      .meaning = "algorithm of the signing key", .since = level::sev, .values = &tables::sev_key_algo},
    {.offset = 0x03c, .size =   4, .name = "reserved_03c",  .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x040, .size = 144, .name = "signature",     .meaning = "ECDSA R (72) and S (72) over bytes 0x00..0x33", .since = level::sev, .type = field_type::bytes},
};
inline constexpr structure_info sev_attestation_report{
    .name = "sev_attestation_report",
    .id = "LAY-SEV-ATTESTATION-REPORT",
    .size = 0xd0,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API ATTESTATION",
    .description = "Legacy attestation report.",
    .fields = sev_attestation_report_fields,
};

inline constexpr field_info sev_aad_update_fields[] = {
    {.offset = 0x000, .size =  1, .name = "context",   .meaning = "1 secret, 2 data, 3 VMSA, 4 measure", .since = level::sev, .trust = confidence::medium, .values = &tables::sev_channel_context},
    {.offset = 0x001, .size =  4, .name = "flags",     .meaning = "header flags", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x005, .size = 16, .name = "iv",        .meaning = "IV", .since = level::sev, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x015, .size =  4, .name = "guest_len", .meaning = "uncompressed length", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x019, .size =  4, .name = "trans_len", .meaning = "transport length", .since = level::sev, .trust = confidence::medium},
};
inline constexpr structure_info sev_aad_update{
    .name = "sev_aad_update",
    .id = "LAY-SEV-AAD-UPDATE",
    .size = 0x1d,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::medium,
    .spec_ref = "SEV API SEND_UPDATE_DATA",
    .description = "Bytes covered by the packet MAC before the data: context byte, flags, IV, guest length, transport length (packed, from firmware usage).",
    .fields = sev_aad_update_fields,
};

inline constexpr bit_info sev_swap_mdata_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "page_size",     .meaning = "1 = 2 MiB", .trust = confidence::medium},
    {.lsb = 1, .width =  2, .name = "page_type",     .meaning = "0 data, 2 VMSA", .trust = confidence::medium},
    {.lsb = 3, .width = 29, .name = "reserved_31_3", .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info sev_swap_mdata_fields[] = {
    {.offset = 0x000, .size =  8, .name = "software_data", .meaning = "opaque", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x008, .size =  8, .name = "iv",            .meaning = "OEK IV count", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x010, .size = 16, .name = "auth_tag",      .meaning = "AEAD tag", .since = level::sev, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x020, .size = 28, .name = "reserved_020",  .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x03c, .size =  4, .name = "flags",         .meaning = "flags", .since = level::sev, .trust = confidence::medium, .bits = sev_swap_mdata_flags_bits},
};
inline constexpr structure_info sev_swap_mdata{
    .name = "sev_swap_mdata",
    .id = "LAY-SEV-SWAP-MDATA",
    .size = 0x40,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::medium,
    .spec_ref = "SEV API SWAP_OUT metadata entry",
    .description = "Legacy swap metadata entry.",
    .fields = sev_swap_mdata_fields,
};
inline constexpr field_info sev_swap_mdata_flags_fields[] = {
    {.offset = 0, .size = 4, .name = "flags", .meaning = "flags", .since = level::sev, .bits = sev_swap_mdata_flags_bits},
};
inline constexpr structure_info sev_swap_mdata_flags{
    .name = "sev_swap_mdata.flags",
    .id = "LAY-SEV-SWAP-MDATA",
    .size = 4,
    .alignment = 1,
    .since = level::sev,
    .trust = confidence::medium,
    .spec_ref = "SEV API SWAP_OUT metadata entry",
    .description = "Flags.",
    .fields = sev_swap_mdata_flags_fields,
};

}  // namespace descriptions

/// Session data of LAUNCH_START, SEND_START, RECEIVE_START.   SEV API App. A / LAUNCH_START
template <class Storage>
struct basic_sev_session : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_session(const basic_sev_session<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_session(basic_sev_session<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Nonce.
  [[nodiscard]] constexpr auto nonce() noexcept { return bytes_at<0x000, 16>(*this); }
  [[nodiscard]] constexpr auto nonce() const noexcept { return bytes_at<0x000, 16>(*this); }
  constexpr void set_nonce(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x000>(*this, value); }
  /// 010h: Wrapped TEK (16) then TIK (16).
  [[nodiscard]] constexpr auto wrap_tk() noexcept { return bytes_at<0x010, 32>(*this); }
  [[nodiscard]] constexpr auto wrap_tk() const noexcept { return bytes_at<0x010, 32>(*this); }
  constexpr void set_wrap_tk(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x010>(*this, value); }
  /// 030h: AES-CTR IV for wrap_tk.
  [[nodiscard]] constexpr auto wrap_iv() noexcept { return bytes_at<0x030, 16>(*this); }
  [[nodiscard]] constexpr auto wrap_iv() const noexcept { return bytes_at<0x030, 16>(*this); }
  constexpr void set_wrap_iv(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x030>(*this, value); }
  /// 040h: HMAC-SHA-256 of wrap_tk under KIK.
  [[nodiscard]] constexpr auto wrap_mac() noexcept { return bytes_at<0x040, 32>(*this); }
  [[nodiscard]] constexpr auto wrap_mac() const noexcept { return bytes_at<0x040, 32>(*this); }
  constexpr void set_wrap_mac(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x040>(*this, value); }
  /// 060h: HMAC-SHA-256 of the policy under TIK.
  [[nodiscard]] constexpr auto policy_mac() noexcept { return bytes_at<0x060, 32>(*this); }
  [[nodiscard]] constexpr auto policy_mac() const noexcept { return bytes_at<0x060, 32>(*this); }
  constexpr void set_policy_mac(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x060>(*this, value); }

  friend constexpr auto describe(const basic_sev_session*) noexcept -> const structure_info& {
    return descriptions::sev_session;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_sev_session<A>& a, const basic_sev_session<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using sev_session = basic_sev_session<owned<128>>;
/// Over bytes that lie elsewhere.
using sev_session_view = basic_sev_session<borrowed<std::uint8_t, 128>>;
/// Over bytes that are only read.
using sev_session_const_view = basic_sev_session<borrowed<const std::uint8_t, 128>>;

/// `flags` of `sev_packet_header`: Flags.
struct sev_packet_header_flags {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Payload is compressed.
  [[nodiscard]] constexpr auto compressed() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_compressed(bool value) & -> sev_packet_header_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_compressed(bool value) && -> sev_packet_header_flags { return put(*this, 0, 0, value); }

  friend constexpr auto operator==(const sev_packet_header_flags&, const sev_packet_header_flags&) -> bool = default;
  friend constexpr auto describe(const sev_packet_header_flags*) noexcept -> const structure_info& {
    return descriptions::sev_packet_header_flags;
  }
};

/// Packet header of LAUNCH_SECRET, SEND_UPDATE_*, RECEIVE_UPDATE_*.   SEV API LAUNCH_SECRET/SEND_UPDATE
template <class Storage>
struct basic_sev_packet_header : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_packet_header(const basic_sev_packet_header<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_packet_header(basic_sev_packet_header<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Flags.
  [[nodiscard]] constexpr auto flags() const noexcept -> sev_packet_header_flags {
    return load<sev_packet_header_flags, 0x000>(*this);
  }
  constexpr void set_flags(sev_packet_header_flags value) noexcept { store<0x000>(*this, value); }
  /// 004h: AES-CTR IV.
  [[nodiscard]] constexpr auto iv() noexcept { return bytes_at<0x004, 16>(*this); }
  [[nodiscard]] constexpr auto iv() const noexcept { return bytes_at<0x004, 16>(*this); }
  constexpr void set_iv(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x004>(*this, value); }
  /// 014h: HMAC-SHA-256 under TIK.
  [[nodiscard]] constexpr auto mac() noexcept { return bytes_at<0x014, 32>(*this); }
  [[nodiscard]] constexpr auto mac() const noexcept { return bytes_at<0x014, 32>(*this); }
  constexpr void set_mac(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x014>(*this, value); }

  friend constexpr auto describe(const basic_sev_packet_header*) noexcept -> const structure_info& {
    return descriptions::sev_packet_header;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_sev_packet_header<A>& a, const basic_sev_packet_header<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using sev_packet_header = basic_sev_packet_header<owned<52>>;
/// Over bytes that lie elsewhere.
using sev_packet_header_view = basic_sev_packet_header<borrowed<std::uint8_t, 52>>;
/// Over bytes that are only read.
using sev_packet_header_const_view = basic_sev_packet_header<borrowed<const std::uint8_t, 52>>;

/// LAUNCH_MEASURE output.   SEV API LAUNCH_MEASURE
template <class Storage>
struct basic_sev_measurement : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_measurement(const basic_sev_measurement<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_measurement(basic_sev_measurement<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: HMAC-SHA-256.
  [[nodiscard]] constexpr auto measurement() noexcept { return bytes_at<0x000, 32>(*this); }
  [[nodiscard]] constexpr auto measurement() const noexcept { return bytes_at<0x000, 32>(*this); }
  constexpr void set_measurement(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x000>(*this, value); }
  /// 020h: Nonce.
  [[nodiscard]] constexpr auto mnonce() noexcept { return bytes_at<0x020, 16>(*this); }
  [[nodiscard]] constexpr auto mnonce() const noexcept { return bytes_at<0x020, 16>(*this); }
  constexpr void set_mnonce(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x020>(*this, value); }

  friend constexpr auto describe(const basic_sev_measurement*) noexcept -> const structure_info& {
    return descriptions::sev_measurement;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_sev_measurement<A>& a, const basic_sev_measurement<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using sev_measurement = basic_sev_measurement<owned<48>>;
/// Over bytes that lie elsewhere.
using sev_measurement_view = basic_sev_measurement<borrowed<std::uint8_t, 48>>;
/// Over bytes that are only read.
using sev_measurement_const_view = basic_sev_measurement<borrowed<const std::uint8_t, 48>>;

/// Legacy attestation report.   SEV API ATTESTATION
template <class Storage>
struct basic_sev_attestation_report : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_attestation_report(const basic_sev_attestation_report<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_attestation_report(basic_sev_attestation_report<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Caller nonce.
  [[nodiscard]] constexpr auto mnonce() noexcept { return bytes_at<0x000, 16>(*this); }
  [[nodiscard]] constexpr auto mnonce() const noexcept { return bytes_at<0x000, 16>(*this); }
  constexpr void set_mnonce(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x000>(*this, value); }
  /// 010h: SHA-256 launch digest.
  [[nodiscard]] constexpr auto launch_digest() noexcept { return bytes_at<0x010, 32>(*this); }
  [[nodiscard]] constexpr auto launch_digest() const noexcept { return bytes_at<0x010, 32>(*this); }
  constexpr void set_launch_digest(std::span<const std::uint8_t, 32> value) noexcept {
    store_bytes<0x010>(*this, value);
  }
  /// 030h: Guest policy.
  [[nodiscard]] constexpr auto policy() const noexcept -> sev_guest_policy {
    return load<sev_guest_policy, 0x030>(*this);
  }
  constexpr void set_policy(sev_guest_policy value) noexcept { store<0x030>(*this, value); }
  /// 034h: Usage of the signing key (PEK).
  [[nodiscard]] constexpr auto sig_usage() const noexcept -> sev_key_usage {
    return static_cast<sev_key_usage>(load<std::uint32_t, 0x034>(*this));
  }
  constexpr void set_sig_usage(sev_key_usage value) { store_code<std::uint32_t, 0x034>(*this, value); }
  /// 038h: Algorithm of the signing key.
  [[nodiscard]] constexpr auto sig_algo() const noexcept -> sev_key_algo {
    return static_cast<sev_key_algo>(load<std::uint32_t, 0x038>(*this));
  }
  constexpr void set_sig_algo(sev_key_algo value) { store_code<std::uint32_t, 0x038>(*this, value); }
  /// 040h: ECDSA R (72) and S (72) over bytes 0x00..0x33.
  [[nodiscard]] constexpr auto signature() noexcept { return bytes_at<0x040, 144>(*this); }
  [[nodiscard]] constexpr auto signature() const noexcept { return bytes_at<0x040, 144>(*this); }
  constexpr void set_signature(std::span<const std::uint8_t, 144> value) noexcept { store_bytes<0x040>(*this, value); }

  friend constexpr auto describe(const basic_sev_attestation_report*) noexcept -> const structure_info& {
    return descriptions::sev_attestation_report;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_sev_attestation_report<A>& a, const basic_sev_attestation_report<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using sev_attestation_report = basic_sev_attestation_report<owned<208>>;
/// Over bytes that lie elsewhere.
using sev_attestation_report_view = basic_sev_attestation_report<borrowed<std::uint8_t, 208>>;
/// Over bytes that are only read.
using sev_attestation_report_const_view = basic_sev_attestation_report<borrowed<const std::uint8_t, 208>>;

/// Bytes covered by the packet MAC before the data: context byte, flags, IV, guest length, transport length (packed,
/// from firmware usage).   SEV API SEND_UPDATE_DATA
template <class Storage>
struct basic_sev_aad_update : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_aad_update(const basic_sev_aad_update<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_aad_update(basic_sev_aad_update<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: 1 secret, 2 data, 3 VMSA, 4 measure. (medium confidence)
  [[nodiscard]] constexpr auto context() const noexcept -> sev_channel_context {
    return static_cast<sev_channel_context>(load<std::uint8_t, 0x000>(*this));
  }
  constexpr void set_context(sev_channel_context value) { store_code<std::uint8_t, 0x000>(*this, value); }
  /// 001h: Header flags. (medium confidence)
  [[nodiscard]] constexpr auto flags() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x001>(*this); }
  constexpr void set_flags(std::uint32_t value) noexcept { store<0x001>(*this, value); }
  /// 005h: IV. (medium confidence)
  [[nodiscard]] constexpr auto iv() noexcept { return bytes_at<0x005, 16>(*this); }
  [[nodiscard]] constexpr auto iv() const noexcept { return bytes_at<0x005, 16>(*this); }
  constexpr void set_iv(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x005>(*this, value); }
  /// 015h: Uncompressed length. (medium confidence)
  [[nodiscard]] constexpr auto guest_len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x015>(*this); }
  constexpr void set_guest_len(std::uint32_t value) noexcept { store<0x015>(*this, value); }
  /// 019h: Transport length. (medium confidence)
  [[nodiscard]] constexpr auto trans_len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x019>(*this); }
  constexpr void set_trans_len(std::uint32_t value) noexcept { store<0x019>(*this, value); }

  friend constexpr auto describe(const basic_sev_aad_update*) noexcept -> const structure_info& {
    return descriptions::sev_aad_update;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_sev_aad_update<A>& a, const basic_sev_aad_update<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using sev_aad_update = basic_sev_aad_update<owned<29>>;
/// Over bytes that lie elsewhere.
using sev_aad_update_view = basic_sev_aad_update<borrowed<std::uint8_t, 29>>;
/// Over bytes that are only read.
using sev_aad_update_const_view = basic_sev_aad_update<borrowed<const std::uint8_t, 29>>;

/// `flags` of `sev_swap_mdata`: Flags.
struct sev_swap_mdata_flags {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: 1 = 2 MiB.
  [[nodiscard]] constexpr auto page_size() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_page_size(bool value) & -> sev_swap_mdata_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_page_size(bool value) && -> sev_swap_mdata_flags { return put(*this, 0, 0, value); }
  /// Bits 2:1: 0 data, 2 VMSA.
  [[nodiscard]] constexpr auto page_type() const noexcept -> std::uint32_t { return bits32_at(raw, 2, 1); }
  constexpr auto set_page_type(std::uint32_t value) & -> sev_swap_mdata_flags& { return put(*this, 2, 1, value); }
  [[nodiscard]] constexpr auto set_page_type(std::uint32_t value) && -> sev_swap_mdata_flags { return put(*this, 2, 1, value); }

  friend constexpr auto operator==(const sev_swap_mdata_flags&, const sev_swap_mdata_flags&) -> bool = default;
  friend constexpr auto describe(const sev_swap_mdata_flags*) noexcept -> const structure_info& {
    return descriptions::sev_swap_mdata_flags;
  }
};

/// Legacy swap metadata entry.   SEV API SWAP_OUT metadata entry
template <class Storage>
struct basic_sev_swap_mdata : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_swap_mdata(const basic_sev_swap_mdata<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_sev_swap_mdata(basic_sev_swap_mdata<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Opaque. (medium confidence)
  [[nodiscard]] constexpr auto software_data() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_software_data(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: OEK IV count. (medium confidence)
  [[nodiscard]] constexpr auto iv() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x008>(*this); }
  constexpr void set_iv(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: AEAD tag. (medium confidence)
  [[nodiscard]] constexpr auto auth_tag() noexcept { return bytes_at<0x010, 16>(*this); }
  [[nodiscard]] constexpr auto auth_tag() const noexcept { return bytes_at<0x010, 16>(*this); }
  constexpr void set_auth_tag(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x010>(*this, value); }
  /// 03Ch: Flags. (medium confidence)
  [[nodiscard]] constexpr auto flags() const noexcept -> sev_swap_mdata_flags {
    return load<sev_swap_mdata_flags, 0x03c>(*this);
  }
  constexpr void set_flags(sev_swap_mdata_flags value) noexcept { store<0x03c>(*this, value); }

  friend constexpr auto describe(const basic_sev_swap_mdata*) noexcept -> const structure_info& {
    return descriptions::sev_swap_mdata;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_sev_swap_mdata<A>& a, const basic_sev_swap_mdata<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using sev_swap_mdata = basic_sev_swap_mdata<owned<64>>;
/// Over bytes that lie elsewhere.
using sev_swap_mdata_view = basic_sev_swap_mdata<borrowed<std::uint8_t, 64>>;
/// Over bytes that are only read.
using sev_swap_mdata_const_view = basic_sev_swap_mdata<borrowed<const std::uint8_t, 64>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
