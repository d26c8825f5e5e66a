// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_SVSM_HPP
#define SEVSPEC_LAYOUT_SVSM_HPP

// What guest and SVSM exchange.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>
#include <span>

#include <sevspec/layout/codes/svsm_codes.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr field_info svsm_caa_fields[] = {
    {.offset = 0x0000, .size =    1, .name = "svsm_call_pending",  .meaning = "guest writes 1 before a call; SVSM swaps it to 0 when it consumed the call", .since = level::svsm},
    {.offset = 0x0001, .size =    1, .name = "svsm_mem_available", .meaning = "SVSM has memory to hand back", .since = level::svsm},
    {.offset = 0x0002, .size =    1, .name = "no_eoi_required",    .meaning = "APIC protocol: EOI may be skipped (reserved in older revisions)", .since = level::svsm, .trust = confidence::medium},
    {.offset = 0x0003, .size =    5, .name = "reserved_003",       .meaning = "reserved, must be zero", .since = level::svsm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0008, .size = 4088, .name = "svsm_buffer",        .meaning = "argument area", .since = level::svsm, .type = field_type::bytes},
};
inline constexpr structure_info svsm_caa{
    .name = "svsm_caa",
    .id = "LAY-SVSM-CAA",
    .size = 0x1000,
    .alignment = 0x8,
    .since = level::svsm,
    .trust = confidence::high,
    .spec_ref = "SVSM (58019) 5",
    .description = "SVSM calling area (page; need not start at a page boundary within SVSM rules but is normally a page).",
    .fields = svsm_caa_fields,
};

inline constexpr field_info svsm_call_rax_fields[] = {
    {.offset = 0x000, .size = 4, .name = "call_id",  .meaning = "call number", .since = level::svsm},
    {.offset = 0x004, .size = 4, .name = "protocol", .meaning = "protocol number", .since = level::svsm, .values = &tables::svsm_protocols},
};
inline constexpr structure_info svsm_call_rax{
    .name = "svsm_call_rax",
    .id = "LAY-SVSM-CALL-RAX",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::svsm,
    .trust = confidence::high,
    .spec_ref = "SVSM 5",
    .description = "RAX of an SVSM call.",
    .fields = svsm_call_rax_fields,
};

inline constexpr field_info svsm_pvalidate_header_fields[] = {
    {.offset = 0x000, .size = 2, .name = "entries",      .meaning = "number of entries", .since = level::svsm},
    {.offset = 0x002, .size = 2, .name = "next",         .meaning = "next entry to process (in/out)", .since = level::svsm},
    {.offset = 0x004, .size = 4, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::svsm, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info svsm_pvalidate_header{
    .name = "svsm_pvalidate_header",
    .id = "LAY-SVSM-PVALIDATE-HEADER",
    .size = 0x8,
    .alignment = 0x1,
    .since = level::svsm,
    .trust = confidence::high,
    .spec_ref = "SVSM 6.2",
    .description = "Header of the SVSM_CORE_PVALIDATE list; must not cross a 4 KiB page together with its entries.",
    .fields = svsm_pvalidate_header_fields,
};

inline constexpr bit_info svsm_pvalidate_entry_value_bits[] = {
    {.lsb =  0, .width =  2, .name = "page_size",     .meaning = "0 = 4 KiB, 1 = 2 MiB"},
    {.lsb =  2, .width =  1, .name = "action",        .meaning = "1 validate, 0 rescind"},
    {.lsb =  3, .width =  1, .name = "ignore_cf",     .meaning = "ignore the no-change condition"},
    {.lsb =  4, .width =  8, .name = "reserved_11_4", .meaning = "reserved", .reserved = true},
    {.lsb = 12, .width = 52, .name = "pfn",           .meaning = "guest frame number"},
};
inline constexpr field_info svsm_pvalidate_entry_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "entry", .since = level::svsm, .bits = svsm_pvalidate_entry_value_bits},
};
inline constexpr structure_info svsm_pvalidate_entry{
    .name = "svsm_pvalidate_entry",
    .id = "LAY-SVSM-PVALIDATE-ENTRY",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::svsm,
    .trust = confidence::high,
    .spec_ref = "SVSM 6.2",
    .description = "Entry of the PVALIDATE list.",
    .fields = svsm_pvalidate_entry_fields,
};

inline constexpr field_info svsm_deposit_list_header_fields[] = {
    {.offset = 0x000, .size = 2, .name = "entries",      .meaning = "number of entries", .since = level::svsm, .trust = confidence::medium},
    {.offset = 0x002, .size = 2, .name = "next",         .meaning = "next entry (in/out)", .since = level::svsm, .trust = confidence::medium},
    {.offset = 0x004, .size = 4, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::svsm, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
};
inline constexpr structure_info svsm_deposit_list_header{
    .name = "svsm_deposit_list_header",
    .id = "LAY-SVSM-DEPOSIT-LIST-HEADER",
    .size = 0x8,
    .alignment = 0x1,
    .since = level::svsm,
    .trust = confidence::medium,
    .spec_ref = "SVSM 6.5",
    .description = "Header of SVSM_CORE_DEPOSIT_MEM and SVSM_CORE_WITHDRAW_MEM lists, followed by 8-byte entries (page_size in bits 1:0, frame in 63:12).",
    .fields = svsm_deposit_list_header_fields,
};

inline constexpr field_info svsm_attest_services_fields[] = {
    {.offset = 0x000, .size = 8, .name = "report_gpa",        .meaning = "report buffer", .since = level::svsm},
    {.offset = 0x008, .size = 4, .name = "report_size",       .meaning = "report buffer size", .since = level::svsm},
    {.offset = 0x00c, .size = 4, .name = "reserved_00c",      .meaning = "reserved, must be zero", .since = level::svsm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x010, .size = 8, .name = "nonce_gpa",         .meaning = "nonce", .since = level::svsm},
    {.offset = 0x018, .size = 2, .name = "nonce_size",        .meaning = "nonce size (64)", .since = level::svsm},
    {.offset = 0x01a, .size = 6, .name = "reserved_01a",      .meaning = "reserved, must be zero", .since = level::svsm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x020, .size = 8, .name = "manifest_gpa",      .meaning = "services manifest buffer", .since = level::svsm},
    {.offset = 0x028, .size = 4, .name = "manifest_size",     .meaning = "buffer size", .since = level::svsm},
    {.offset = 0x02c, .size = 4, .name = "reserved_02c",      .meaning = "reserved, must be zero", .since = level::svsm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x030, .size = 8, .name = "certificates_gpa",  .meaning = "certificate buffer", .since = level::svsm},
    {.offset = 0x038, .size = 4, .name = "certificates_size", .meaning = "buffer size, 0 = none", .since = level::svsm},
    {.offset = 0x03c, .size = 4, .name = "reserved_03c",      .meaning = "reserved, must be zero", .since = level::svsm, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info svsm_attest_services{
    .name = "svsm_attest_services",
    .id = "LAY-SVSM-ATTEST-SERVICES",
    .size = 0x40,
    .alignment = 0x1,
    .since = level::svsm,
    .trust = confidence::high,
    .spec_ref = "SVSM 7.1 Table 11",
    .description = "SVSM_ATTEST_SERVICES operation structure.",
    .fields = svsm_attest_services_fields,
};

inline constexpr field_info svsm_attest_single_service_fields[] = {
    {.offset = 0x000, .size = 64, .name = "services",         .meaning = "common part", .since = level::svsm, .type = field_type::structure, .nested = &svsm_attest_services},
    {.offset = 0x040, .size = 16, .name = "service_guid",     .meaning = "service", .since = level::svsm, .type = field_type::bytes},
    {.offset = 0x050, .size =  4, .name = "manifest_version", .meaning = "manifest version", .since = level::svsm},
    {.offset = 0x054, .size =  4, .name = "reserved_054",     .meaning = "reserved, must be zero", .since = level::svsm, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info svsm_attest_single_service{
    .name = "svsm_attest_single_service",
    .id = "LAY-SVSM-ATTEST-SINGLE-SERVICE",
    .size = 0x58,
    .alignment = 0x1,
    .since = level::svsm,
    .trust = confidence::high,
    .spec_ref = "SVSM 7.2 Table 13",
    .description = "SVSM_ATTEST_SINGLE_SERVICE operation structure.",
    .fields = svsm_attest_single_service_fields,
};

inline constexpr field_info svsm_services_manifest_header_fields[] = {
    {.offset = 0x000, .size = 16, .name = "guid",         .meaning = "63849ebb-3d92-4670-a1ff-58f9c94b87bb", .since = level::svsm, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x010, .size =  4, .name = "size",         .meaning = "total manifest size", .since = level::svsm, .trust = confidence::medium},
    {.offset = 0x014, .size =  4, .name = "num_services", .meaning = "number of entries", .since = level::svsm, .trust = confidence::medium},
};
inline constexpr structure_info svsm_services_manifest_header{
    .name = "svsm_services_manifest_header",
    .id = "LAY-SVSM-SERVICES-MANIFEST-HEADER",
    .size = 0x18,
    .alignment = 0x1,
    .since = level::svsm,
    .trust = confidence::medium,
    .spec_ref = "SVSM 7.1.1",
    .description = "Header of the services manifest; num_services entries of cert_table_entry form (GUID, offset, length) follow.",
    .fields = svsm_services_manifest_header_fields,
};

inline constexpr field_info svsm_vtpm_send_command_fields[] = {
    {.offset = 0x0000, .size =    4, .name = "command",    .meaning = "8", .since = level::svsm, .values = &tables::svsm_vtpm_platform_commands},
    {.offset = 0x0004, .size =    1, .name = "locality",   .meaning = "0", .since = level::svsm},
    {.offset = 0x0005, .size =    4, .name = "inbuf_size", .meaning = "command size (unaligned)", .since = level::svsm},
    {.offset = 0x0009, .size = 4087, .name = "inbuf",      .meaning = "TPM command", .since = level::svsm, .type = field_type::bytes},
};
inline constexpr structure_info svsm_vtpm_send_command{
    .name = "svsm_vtpm_send_command",
    .id = "LAY-SVSM-VTPM-SEND-COMMAND",
    .size = 0x1000,
    .alignment = 0x1,
    .since = level::svsm,
    .trust = confidence::high,
    .spec_ref = "SVSM 8.2 Table 16",
    .description = "TPM_SEND_COMMAND request (platform command 8); packed.",
    .fields = svsm_vtpm_send_command_fields,
};

inline constexpr field_info svsm_vtpm_send_response_fields[] = {
    {.offset = 0x0000, .size =    4, .name = "outbuf_size", .meaning = "response size", .since = level::svsm},
    {.offset = 0x0004, .size = 4092, .name = "outbuf",      .meaning = "TPM response", .since = level::svsm, .type = field_type::bytes},
};
inline constexpr structure_info svsm_vtpm_send_response{
    .name = "svsm_vtpm_send_response",
    .id = "LAY-SVSM-VTPM-SEND-RESPONSE",
    .size = 0x1000,
    .alignment = 0x1,
    .since = level::svsm,
    .trust = confidence::high,
    .spec_ref = "SVSM 8.2 Table 17",
    .description = "TPM_SEND_COMMAND response, in place.",
    .fields = svsm_vtpm_send_response_fields,
};

inline constexpr bit_info svsm_apic_vector_config_value_bits[] = {
    {.lsb =  0, .width =  8, .name = "vector",         .meaning = "vector", .trust = confidence::medium},
    {.lsb =  8, .width =  1, .name = "enable",         .meaning = "allow host injection", .trust = confidence::medium},
    {.lsb =  9, .width =  1, .name = "all_vectors",    .meaning = "apply to all vectors", .trust = confidence::medium},
    {.lsb = 10, .width = 54, .name = "reserved_63_10", .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info svsm_apic_vector_config_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "configuration", .since = level::svsm, .trust = confidence::medium, .bits = svsm_apic_vector_config_value_bits},
};
inline constexpr structure_info svsm_apic_vector_config{
    .name = "svsm_apic_vector_config",
    .id = "LAY-SVSM-APIC-VECTOR-CONFIG",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::svsm,
    .trust = confidence::medium,
    .spec_ref = "SVSM APIC protocol",
    .description = "RCX of SVSM_APIC_CONFIGURE_VECTOR.",
    .fields = svsm_apic_vector_config_fields,
};

}  // namespace descriptions

/// SVSM calling area (page; need not start at a page boundary within SVSM rules but is normally a page).   SVSM (58019)
/// 5
/// 4096 bytes, aligned to 8 in memory.
template <class Storage>
struct basic_svsm_caa : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_svsm_caa(const basic_svsm_caa<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_svsm_caa(basic_svsm_caa<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest writes 1 before a call; SVSM swaps it to 0 when it consumed the call.
  [[nodiscard]] constexpr auto svsm_call_pending() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x000>(*this);
  }
  constexpr void set_svsm_call_pending(std::uint8_t value) noexcept { store<0x000>(*this, value); }
  /// 001h: SVSM has memory to hand back.
  [[nodiscard]] constexpr auto svsm_mem_available() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x001>(*this);
  }
  constexpr void set_svsm_mem_available(std::uint8_t value) noexcept { store<0x001>(*this, value); }
  /// 002h: APIC protocol: EOI may be skipped (reserved in older revisions). (medium confidence)
  [[nodiscard]] constexpr auto no_eoi_required() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x002>(*this);
  }
  constexpr void set_no_eoi_required(std::uint8_t value) noexcept { store<0x002>(*this, value); }
  /// 008h: Argument area.
  [[nodiscard]] constexpr auto svsm_buffer() noexcept { return bytes_at<0x008, 4088>(*this); }
  [[nodiscard]] constexpr auto svsm_buffer() const noexcept { return bytes_at<0x008, 4088>(*this); }
  constexpr void set_svsm_buffer(std::span<const std::uint8_t, 4088> value) noexcept {
    store_bytes<0x008>(*this, value);
  }

  friend constexpr auto describe(const basic_svsm_caa*) noexcept -> const structure_info& {
    return descriptions::svsm_caa;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_svsm_caa<A>& a, const basic_svsm_caa<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using svsm_caa = basic_svsm_caa<owned<4096>>;
/// Over bytes that lie elsewhere.
using svsm_caa_view = basic_svsm_caa<borrowed<std::uint8_t, 4096>>;
/// Over bytes that are only read.
using svsm_caa_const_view = basic_svsm_caa<borrowed<const std::uint8_t, 4096>>;

/// RAX of an SVSM call.   SVSM 5
/// 8 bytes, aligned to 8 in memory.
template <class Storage>
struct basic_svsm_call_rax : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_svsm_call_rax(const basic_svsm_call_rax<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_svsm_call_rax(basic_svsm_call_rax<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Call number.
  [[nodiscard]] constexpr auto call_id() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_call_id(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: Protocol number.
  [[nodiscard]] constexpr auto protocol() const noexcept -> svsm_protocols {
    return static_cast<svsm_protocols>(load<std::uint32_t, 0x004>(*this));
  }
  constexpr void set_protocol(svsm_protocols value) { store_code<std::uint32_t, 0x004>(*this, value); }

  friend constexpr auto describe(const basic_svsm_call_rax*) noexcept -> const structure_info& {
    return descriptions::svsm_call_rax;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_svsm_call_rax<A>& a, const basic_svsm_call_rax<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using svsm_call_rax = basic_svsm_call_rax<owned<8>>;
/// Over bytes that lie elsewhere.
using svsm_call_rax_view = basic_svsm_call_rax<borrowed<std::uint8_t, 8>>;
/// Over bytes that are only read.
using svsm_call_rax_const_view = basic_svsm_call_rax<borrowed<const std::uint8_t, 8>>;

/// Header of the SVSM_CORE_PVALIDATE list; must not cross a 4 KiB page together with its entries.   SVSM 6.2
template <class Storage>
struct basic_svsm_pvalidate_header : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_svsm_pvalidate_header(const basic_svsm_pvalidate_header<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_svsm_pvalidate_header(basic_svsm_pvalidate_header<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Number of entries.
  [[nodiscard]] constexpr auto entries() const noexcept -> std::uint16_t { return load<std::uint16_t, 0x000>(*this); }
  constexpr void set_entries(std::uint16_t value) noexcept { store<0x000>(*this, value); }
  /// 002h: Next entry to process (in/out).
  [[nodiscard]] constexpr auto next() const noexcept -> std::uint16_t { return load<std::uint16_t, 0x002>(*this); }
  constexpr void set_next(std::uint16_t value) noexcept { store<0x002>(*this, value); }

  friend constexpr auto describe(const basic_svsm_pvalidate_header*) noexcept -> const structure_info& {
    return descriptions::svsm_pvalidate_header;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_svsm_pvalidate_header<A>& a, const basic_svsm_pvalidate_header<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using svsm_pvalidate_header = basic_svsm_pvalidate_header<owned<8>>;
/// Over bytes that lie elsewhere.
using svsm_pvalidate_header_view = basic_svsm_pvalidate_header<borrowed<std::uint8_t, 8>>;
/// Over bytes that are only read.
using svsm_pvalidate_header_const_view = basic_svsm_pvalidate_header<borrowed<const std::uint8_t, 8>>;

/// Entry of the PVALIDATE list.   SVSM 6.2
/// 8 bytes, aligned to 8 in memory.
struct svsm_pvalidate_entry {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 1:0: 0 = 4 KiB, 1 = 2 MiB.
  [[nodiscard]] constexpr auto page_size() const noexcept -> std::uint32_t { return bits32_at(raw, 1, 0); }
  constexpr auto set_page_size(std::uint32_t value) & -> svsm_pvalidate_entry& { return put(*this, 1, 0, value); }
  [[nodiscard]] constexpr auto set_page_size(std::uint32_t value) && -> svsm_pvalidate_entry { return put(*this, 1, 0, value); }
  /// Bit 2: 1 validate, 0 rescind.
  [[nodiscard]] constexpr auto action() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_action(bool value) & -> svsm_pvalidate_entry& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_action(bool value) && -> svsm_pvalidate_entry { return put(*this, 2, 2, value); }
  /// Bit 3: Ignore the no-change condition.
  [[nodiscard]] constexpr auto ignore_cf() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_ignore_cf(bool value) & -> svsm_pvalidate_entry& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_ignore_cf(bool value) && -> svsm_pvalidate_entry { return put(*this, 3, 3, value); }
  /// Bits 63:12: Guest frame number.
  [[nodiscard]] constexpr auto pfn() const noexcept -> std::uint64_t { return bits_at(raw, 63, 12); }
  constexpr auto set_pfn(std::uint64_t value) & -> svsm_pvalidate_entry& { return put(*this, 63, 12, value); }
  [[nodiscard]] constexpr auto set_pfn(std::uint64_t value) && -> svsm_pvalidate_entry { return put(*this, 63, 12, value); }

  friend constexpr auto operator==(const svsm_pvalidate_entry&, const svsm_pvalidate_entry&) -> bool = default;
  friend constexpr auto describe(const svsm_pvalidate_entry*) noexcept -> const structure_info& {
    return descriptions::svsm_pvalidate_entry;
  }
};

/// Header of SVSM_CORE_DEPOSIT_MEM and SVSM_CORE_WITHDRAW_MEM lists, followed by 8-byte entries (page_size in bits 1:0,
/// frame in 63:12).   SVSM 6.5
template <class Storage>
struct basic_svsm_deposit_list_header : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_svsm_deposit_list_header(const basic_svsm_deposit_list_header<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_svsm_deposit_list_header(basic_svsm_deposit_list_header<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Number of entries. (medium confidence)
  [[nodiscard]] constexpr auto entries() const noexcept -> std::uint16_t { return load<std::uint16_t, 0x000>(*this); }
  constexpr void set_entries(std::uint16_t value) noexcept { store<0x000>(*this, value); }
  /// 002h: Next entry (in/out). (medium confidence)
  [[nodiscard]] constexpr auto next() const noexcept -> std::uint16_t { return load<std::uint16_t, 0x002>(*this); }
  constexpr void set_next(std::uint16_t value) noexcept { store<0x002>(*this, value); }

  friend constexpr auto describe(const basic_svsm_deposit_list_header*) noexcept -> const structure_info& {
    return descriptions::svsm_deposit_list_header;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_svsm_deposit_list_header<A>& a, const basic_svsm_deposit_list_header<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using svsm_deposit_list_header = basic_svsm_deposit_list_header<owned<8>>;
/// Over bytes that lie elsewhere.
using svsm_deposit_list_header_view = basic_svsm_deposit_list_header<borrowed<std::uint8_t, 8>>;
/// Over bytes that are only read.
using svsm_deposit_list_header_const_view = basic_svsm_deposit_list_header<borrowed<const std::uint8_t, 8>>;

/// SVSM_ATTEST_SERVICES operation structure.   SVSM 7.1 Table 11
template <class Storage>
struct basic_svsm_attest_services : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_svsm_attest_services(const basic_svsm_attest_services<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_svsm_attest_services(basic_svsm_attest_services<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Report buffer.
  [[nodiscard]] constexpr auto report_gpa() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_report_gpa(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Report buffer size.
  [[nodiscard]] constexpr auto report_size() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x008>(*this);
  }
  constexpr void set_report_size(std::uint32_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Nonce.
  [[nodiscard]] constexpr auto nonce_gpa() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x010>(*this); }
  constexpr void set_nonce_gpa(std::uint64_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: Nonce size (64).
  [[nodiscard]] constexpr auto nonce_size() const noexcept -> std::uint16_t {
    return load<std::uint16_t, 0x018>(*this);
  }
  constexpr void set_nonce_size(std::uint16_t value) noexcept { store<0x018>(*this, value); }
  /// 020h: Services manifest buffer.
  [[nodiscard]] constexpr auto manifest_gpa() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x020>(*this);
  }
  constexpr void set_manifest_gpa(std::uint64_t value) noexcept { store<0x020>(*this, value); }
  /// 028h: Buffer size.
  [[nodiscard]] constexpr auto manifest_size() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x028>(*this);
  }
  constexpr void set_manifest_size(std::uint32_t value) noexcept { store<0x028>(*this, value); }
  /// 030h: Certificate buffer.
  [[nodiscard]] constexpr auto certificates_gpa() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x030>(*this);
  }
  constexpr void set_certificates_gpa(std::uint64_t value) noexcept { store<0x030>(*this, value); }
  /// 038h: Buffer size, 0 = none.
  [[nodiscard]] constexpr auto certificates_size() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x038>(*this);
  }
  constexpr void set_certificates_size(std::uint32_t value) noexcept { store<0x038>(*this, value); }

  friend constexpr auto describe(const basic_svsm_attest_services*) noexcept -> const structure_info& {
    return descriptions::svsm_attest_services;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_svsm_attest_services<A>& a, const basic_svsm_attest_services<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using svsm_attest_services = basic_svsm_attest_services<owned<64>>;
/// Over bytes that lie elsewhere.
using svsm_attest_services_view = basic_svsm_attest_services<borrowed<std::uint8_t, 64>>;
/// Over bytes that are only read.
using svsm_attest_services_const_view = basic_svsm_attest_services<borrowed<const std::uint8_t, 64>>;

/// SVSM_ATTEST_SINGLE_SERVICE operation structure.   SVSM 7.2 Table 13
template <class Storage>
struct basic_svsm_attest_single_service : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_svsm_attest_single_service(const basic_svsm_attest_single_service<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_svsm_attest_single_service(basic_svsm_attest_single_service<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Common part.
  [[nodiscard]] constexpr auto services() noexcept { return part<basic_svsm_attest_services, 0x000, 64>(*this); }
  [[nodiscard]] constexpr auto services() const noexcept { return part<basic_svsm_attest_services, 0x000, 64>(*this); }
  template <class Other>
  constexpr void set_services(const basic_svsm_attest_services<Other>& value) noexcept {
    store_part<0x000>(*this, value);
  }
  /// 040h: Service.
  [[nodiscard]] constexpr auto service_guid() noexcept { return bytes_at<0x040, 16>(*this); }
  [[nodiscard]] constexpr auto service_guid() const noexcept { return bytes_at<0x040, 16>(*this); }
  constexpr void set_service_guid(std::span<const std::uint8_t, 16> value) noexcept {
    store_bytes<0x040>(*this, value);
  }
  /// 050h: Manifest version.
  [[nodiscard]] constexpr auto manifest_version() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x050>(*this);
  }
  constexpr void set_manifest_version(std::uint32_t value) noexcept { store<0x050>(*this, value); }

  friend constexpr auto describe(const basic_svsm_attest_single_service*) noexcept -> const structure_info& {
    return descriptions::svsm_attest_single_service;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_svsm_attest_single_service<A>& a, const basic_svsm_attest_single_service<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using svsm_attest_single_service = basic_svsm_attest_single_service<owned<88>>;
/// Over bytes that lie elsewhere.
using svsm_attest_single_service_view = basic_svsm_attest_single_service<borrowed<std::uint8_t, 88>>;
/// Over bytes that are only read.
using svsm_attest_single_service_const_view = basic_svsm_attest_single_service<borrowed<const std::uint8_t, 88>>;

/// Header of the services manifest; num_services entries of cert_table_entry form (GUID, offset, length) follow.   SVSM
/// 7.1.1
template <class Storage>
struct basic_svsm_services_manifest_header : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_svsm_services_manifest_header(const basic_svsm_services_manifest_header<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_svsm_services_manifest_header(basic_svsm_services_manifest_header<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: 63849ebb-3d92-4670-a1ff-58f9c94b87bb. (medium confidence)
  [[nodiscard]] constexpr auto guid() noexcept { return bytes_at<0x000, 16>(*this); }
  [[nodiscard]] constexpr auto guid() const noexcept { return bytes_at<0x000, 16>(*this); }
  constexpr void set_guid(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x000>(*this, value); }
  /// 010h: Total manifest size. (medium confidence)
  [[nodiscard]] constexpr auto size() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x010>(*this); }
  constexpr void set_size(std::uint32_t value) noexcept { store<0x010>(*this, value); }
  /// 014h: Number of entries. (medium confidence)
  [[nodiscard]] constexpr auto num_services() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x014>(*this);
  }
  constexpr void set_num_services(std::uint32_t value) noexcept { store<0x014>(*this, value); }

  friend constexpr auto describe(const basic_svsm_services_manifest_header*) noexcept -> const structure_info& {
    return descriptions::svsm_services_manifest_header;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_svsm_services_manifest_header<A>& a, const basic_svsm_services_manifest_header<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using svsm_services_manifest_header = basic_svsm_services_manifest_header<owned<24>>;
/// Over bytes that lie elsewhere.
using svsm_services_manifest_header_view = basic_svsm_services_manifest_header<borrowed<std::uint8_t, 24>>;
/// Over bytes that are only read.
using svsm_services_manifest_header_const_view = basic_svsm_services_manifest_header<borrowed<const std::uint8_t, 24>>;

/// TPM_SEND_COMMAND request (platform command 8); packed.   SVSM 8.2 Table 16
template <class Storage>
struct basic_svsm_vtpm_send_command : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_svsm_vtpm_send_command(const basic_svsm_vtpm_send_command<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_svsm_vtpm_send_command(basic_svsm_vtpm_send_command<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: 8.
  [[nodiscard]] constexpr auto command() const noexcept -> svsm_vtpm_platform_commands {
    return static_cast<svsm_vtpm_platform_commands>(load<std::uint32_t, 0x000>(*this));
  }
  constexpr void set_command(svsm_vtpm_platform_commands value) { store_code<std::uint32_t, 0x000>(*this, value); }
  /// 004h: 0.
  [[nodiscard]] constexpr auto locality() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x004>(*this); }
  constexpr void set_locality(std::uint8_t value) noexcept { store<0x004>(*this, value); }
  /// 005h: Command size (unaligned).
  [[nodiscard]] constexpr auto inbuf_size() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x005>(*this);
  }
  constexpr void set_inbuf_size(std::uint32_t value) noexcept { store<0x005>(*this, value); }
  /// 009h: TPM command.
  [[nodiscard]] constexpr auto inbuf() noexcept { return bytes_at<0x009, 4087>(*this); }
  [[nodiscard]] constexpr auto inbuf() const noexcept { return bytes_at<0x009, 4087>(*this); }
  constexpr void set_inbuf(std::span<const std::uint8_t, 4087> value) noexcept { store_bytes<0x009>(*this, value); }

  friend constexpr auto describe(const basic_svsm_vtpm_send_command*) noexcept -> const structure_info& {
    return descriptions::svsm_vtpm_send_command;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_svsm_vtpm_send_command<A>& a, const basic_svsm_vtpm_send_command<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using svsm_vtpm_send_command = basic_svsm_vtpm_send_command<owned<4096>>;
/// Over bytes that lie elsewhere.
using svsm_vtpm_send_command_view = basic_svsm_vtpm_send_command<borrowed<std::uint8_t, 4096>>;
/// Over bytes that are only read.
using svsm_vtpm_send_command_const_view = basic_svsm_vtpm_send_command<borrowed<const std::uint8_t, 4096>>;

/// TPM_SEND_COMMAND response, in place.   SVSM 8.2 Table 17
template <class Storage>
struct basic_svsm_vtpm_send_response : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_svsm_vtpm_send_response(const basic_svsm_vtpm_send_response<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_svsm_vtpm_send_response(basic_svsm_vtpm_send_response<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Response size.
  [[nodiscard]] constexpr auto outbuf_size() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x000>(*this);
  }
  constexpr void set_outbuf_size(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: TPM response.
  [[nodiscard]] constexpr auto outbuf() noexcept { return bytes_at<0x004, 4092>(*this); }
  [[nodiscard]] constexpr auto outbuf() const noexcept { return bytes_at<0x004, 4092>(*this); }
  constexpr void set_outbuf(std::span<const std::uint8_t, 4092> value) noexcept { store_bytes<0x004>(*this, value); }

  friend constexpr auto describe(const basic_svsm_vtpm_send_response*) noexcept -> const structure_info& {
    return descriptions::svsm_vtpm_send_response;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_svsm_vtpm_send_response<A>& a, const basic_svsm_vtpm_send_response<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using svsm_vtpm_send_response = basic_svsm_vtpm_send_response<owned<4096>>;
/// Over bytes that lie elsewhere.
using svsm_vtpm_send_response_view = basic_svsm_vtpm_send_response<borrowed<std::uint8_t, 4096>>;
/// Over bytes that are only read.
using svsm_vtpm_send_response_const_view = basic_svsm_vtpm_send_response<borrowed<const std::uint8_t, 4096>>;

/// RCX of SVSM_APIC_CONFIGURE_VECTOR.   SVSM APIC protocol
/// 8 bytes, aligned to 8 in memory.
struct svsm_apic_vector_config {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 7:0: Vector.
  [[nodiscard]] constexpr auto vector() const noexcept -> std::uint32_t { return bits32_at(raw, 7, 0); }
  constexpr auto set_vector(std::uint32_t value) & -> svsm_apic_vector_config& { return put(*this, 7, 0, value); }
  [[nodiscard]] constexpr auto set_vector(std::uint32_t value) && -> svsm_apic_vector_config { return put(*this, 7, 0, value); }
  /// Bit 8: Allow host injection.
  [[nodiscard]] constexpr auto enable() const noexcept -> bool { return bit_at(raw, 8); }
  constexpr auto set_enable(bool value) & -> svsm_apic_vector_config& { return put(*this, 8, 8, value); }
  [[nodiscard]] constexpr auto set_enable(bool value) && -> svsm_apic_vector_config { return put(*this, 8, 8, value); }
  /// Bit 9: Apply to all vectors.
  [[nodiscard]] constexpr auto all_vectors() const noexcept -> bool { return bit_at(raw, 9); }
  constexpr auto set_all_vectors(bool value) & -> svsm_apic_vector_config& { return put(*this, 9, 9, value); }
  [[nodiscard]] constexpr auto set_all_vectors(bool value) && -> svsm_apic_vector_config { return put(*this, 9, 9, value); }

  friend constexpr auto operator==(const svsm_apic_vector_config&, const svsm_apic_vector_config&) -> bool = default;
  friend constexpr auto describe(const svsm_apic_vector_config*) noexcept -> const structure_info& {
    return descriptions::svsm_apic_vector_config;
  }
};

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
