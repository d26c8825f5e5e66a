// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_GHCB_REQUEST_HPP
#define SEVSPEC_LAYOUT_GHCB_REQUEST_HPP

// What GHCB requests carry beside the page: page state change, AP creation, termination, APIC IDs.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/codes/ghcb_codes.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr field_info psc_header_fields[] = {
    {.offset = 0x000, .size = 2, .name = "cur_entry",    .meaning = "next entry to process (updated by the hypervisor)", .since = level::snp},
    {.offset = 0x002, .size = 2, .name = "end_entry",    .meaning = "index of the last entry (inclusive)", .since = level::snp},
    {.offset = 0x004, .size = 4, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info psc_header{
    .name = "psc_header",
    .id = "LAY-PSC-HEADER",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "GHCB 4.1.6",
    .description = "Page state change header at the start of the scratch area.",
    .fields = psc_header_fields,
};

inline constexpr bit_info psc_entry_value_bits[] = {
    {.lsb =  0, .width = 12, .name = "cur_page",       .meaning = "4 KiB pages of this entry already processed (0..512)"},
    {.lsb = 12, .width = 40, .name = "gfn",            .meaning = "guest frame number"},
    {.lsb = 52, .width =  4, .name = "operation",      .meaning = "1 private, 2 shared, 3 PSMASH, 4 UNSMASH", .values = &tables::ghcb_psc_ops},
    {.lsb = 56, .width =  1, .name = "page_size",      .meaning = "0 = 4 KiB, 1 = 2 MiB"},
    {.lsb = 57, .width =  7, .name = "reserved_63_57", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info psc_entry_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "entry", .since = level::snp, .bits = psc_entry_value_bits},
};
inline constexpr structure_info psc_entry{
    .name = "psc_entry",
    .id = "LAY-PSC-ENTRY",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "GHCB 4.1.6",
    .description = "Page state change entry (up to 253 after the header).",
    .fields = psc_entry_fields,
};

inline constexpr bit_info ghcb_ap_creation_info1_value_bits[] = {
    {.lsb =  0, .width = 16, .name = "request",        .meaning = "0 create on INIT, 1 create, 2 destroy", .values = &tables::ghcb_ap_creation_ops},
    {.lsb = 16, .width =  4, .name = "vmpl",           .meaning = "VMPL of the VMSA"},
    {.lsb = 20, .width = 12, .name = "reserved_31_20", .meaning = "reserved", .reserved = true},
    {.lsb = 32, .width = 32, .name = "apic_id",        .meaning = "APIC ID of the target vCPU"},
};
inline constexpr field_info ghcb_ap_creation_info1_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "request", .since = level::snp, .bits = ghcb_ap_creation_info1_value_bits},
};
inline constexpr structure_info ghcb_ap_creation_info1{
    .name = "ghcb_ap_creation_info1",
    .id = "LAY-GHCB-AP-CREATION-INFO1",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "GHCB 4.1.9",
    .description = "SW_EXITINFO1 of SNP AP Creation. RAX carries SEV_FEATURES, SW_EXITINFO2 the VMSA gPA.",
    .fields = ghcb_ap_creation_info1_fields,
};

inline constexpr bit_info ghcb_termination_info1_value_bits[] = {
    {.lsb =  0, .width =  4, .name = "reason_set",     .meaning = "reason code set"},
    {.lsb =  4, .width =  8, .name = "reason_code",    .meaning = "reason code"},
    {.lsb = 12, .width = 52, .name = "reserved_63_12", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info ghcb_termination_info1_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "termination reason", .since = level::snp, .bits = ghcb_termination_info1_value_bits},
};
inline constexpr structure_info ghcb_termination_info1{
    .name = "ghcb_termination_info1",
    .id = "LAY-GHCB-TERMINATION-INFO1",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "GHCB 4.1.13",
    .description = "SW_EXITINFO1 of the Termination Request NAE event. SW_EXITINFO2 may carry extra data (Linux: unsupported feature mask).",
    .fields = ghcb_termination_info1_fields,
};

inline constexpr field_info ghcb_apic_id_list_fields[] = {
    {.offset = 0x000, .size = 4, .name = "num_entries", .meaning = "number of APIC IDs", .since = level::snp},
    {.offset = 0x004, .size = 4, .name = "apic_id0",    .meaning = "first APIC ID", .since = level::snp},
};
inline constexpr structure_info ghcb_apic_id_list{
    .name = "ghcb_apic_id_list",
    .id = "LAY-GHCB-APIC-ID-LIST",
    .size = 0x8,
    .alignment = 0x4,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "GHCB 4.1.12",
    .description = "Buffer returned by the APIC ID List event (prefix; followed by num_entries-1 further u32).",
    .fields = ghcb_apic_id_list_fields,
};

}  // namespace descriptions

/// Page state change header at the start of the scratch area.   GHCB 4.1.6
/// 8 bytes, aligned to 8 in memory.
template <class Storage>
struct basic_psc_header : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_psc_header(const basic_psc_header<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_psc_header(basic_psc_header<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Next entry to process (updated by the hypervisor).
  [[nodiscard]] constexpr auto cur_entry() const noexcept -> std::uint16_t { return load<std::uint16_t, 0x000>(*this); }
  constexpr void set_cur_entry(std::uint16_t value) noexcept { store<0x000>(*this, value); }
  /// 002h: Index of the last entry (inclusive).
  [[nodiscard]] constexpr auto end_entry() const noexcept -> std::uint16_t { return load<std::uint16_t, 0x002>(*this); }
  constexpr void set_end_entry(std::uint16_t value) noexcept { store<0x002>(*this, value); }

  friend constexpr auto describe(const basic_psc_header*) noexcept -> const structure_info& {
    return descriptions::psc_header;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_psc_header<A>& a, const basic_psc_header<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using psc_header = basic_psc_header<owned<8>>;
/// Over bytes that lie elsewhere.
using psc_header_view = basic_psc_header<borrowed<std::uint8_t, 8>>;
/// Over bytes that are only read.
using psc_header_const_view = basic_psc_header<borrowed<const std::uint8_t, 8>>;

/// Page state change entry (up to 253 after the header).   GHCB 4.1.6
/// 8 bytes, aligned to 8 in memory.
struct psc_entry {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:0: 4 KiB pages of this entry already processed (0..512).
  [[nodiscard]] constexpr auto cur_page() const noexcept -> std::uint32_t { return bits32_at(raw, 11, 0); }
  constexpr auto set_cur_page(std::uint32_t value) & -> psc_entry& { return put(*this, 11, 0, value); }
  [[nodiscard]] constexpr auto set_cur_page(std::uint32_t value) && -> psc_entry { return put(*this, 11, 0, value); }
  /// Bits 51:12: Guest frame number.
  [[nodiscard]] constexpr auto gfn() const noexcept -> std::uint64_t { return bits_at(raw, 51, 12); }
  constexpr auto set_gfn(std::uint64_t value) & -> psc_entry& { return put(*this, 51, 12, value); }
  [[nodiscard]] constexpr auto set_gfn(std::uint64_t value) && -> psc_entry { return put(*this, 51, 12, value); }
  /// Bits 55:52: 1 private, 2 shared, 3 PSMASH, 4 UNSMASH.
  [[nodiscard]] constexpr auto operation() const noexcept -> ghcb_psc_ops {
    return static_cast<ghcb_psc_ops>(bits32_at(raw, 55, 52));
  }
  constexpr auto set_operation(ghcb_psc_ops value) & -> psc_entry& { return put(*this, 55, 52, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_operation(ghcb_psc_ops value) && -> psc_entry { return put(*this, 55, 52, static_cast<std::uint64_t>(value)); }
  /// Bit 56: 0 = 4 KiB, 1 = 2 MiB.
  [[nodiscard]] constexpr auto page_size() const noexcept -> bool { return bit_at(raw, 56); }
  constexpr auto set_page_size(bool value) & -> psc_entry& { return put(*this, 56, 56, value); }
  [[nodiscard]] constexpr auto set_page_size(bool value) && -> psc_entry { return put(*this, 56, 56, value); }

  friend constexpr auto operator==(const psc_entry&, const psc_entry&) -> bool = default;
  friend constexpr auto describe(const psc_entry*) noexcept -> const structure_info& { return descriptions::psc_entry; }
};

/// SW_EXITINFO1 of SNP AP Creation. RAX carries SEV_FEATURES, SW_EXITINFO2 the VMSA gPA.   GHCB 4.1.9
/// 8 bytes, aligned to 8 in memory.
struct ghcb_ap_creation_info1 {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 15:0: 0 create on INIT, 1 create, 2 destroy.
  [[nodiscard]] constexpr auto request() const noexcept -> ghcb_ap_creation_ops {
    return static_cast<ghcb_ap_creation_ops>(bits32_at(raw, 15, 0));
  }
  constexpr auto set_request(ghcb_ap_creation_ops value) & -> ghcb_ap_creation_info1& { return put(*this, 15, 0, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_request(ghcb_ap_creation_ops value) && -> ghcb_ap_creation_info1 { return put(*this, 15, 0, static_cast<std::uint64_t>(value)); }
  /// Bits 19:16: VMPL of the VMSA.
  [[nodiscard]] constexpr auto vmpl() const noexcept -> std::uint32_t { return bits32_at(raw, 19, 16); }
  constexpr auto set_vmpl(std::uint32_t value) & -> ghcb_ap_creation_info1& { return put(*this, 19, 16, value); }
  [[nodiscard]] constexpr auto set_vmpl(std::uint32_t value) && -> ghcb_ap_creation_info1 { return put(*this, 19, 16, value); }
  /// Bits 63:32: APIC ID of the target vCPU.
  [[nodiscard]] constexpr auto apic_id() const noexcept -> std::uint32_t { return bits32_at(raw, 63, 32); }
  constexpr auto set_apic_id(std::uint32_t value) & -> ghcb_ap_creation_info1& { return put(*this, 63, 32, value); }
  [[nodiscard]] constexpr auto set_apic_id(std::uint32_t value) && -> ghcb_ap_creation_info1 { return put(*this, 63, 32, value); }

  friend constexpr auto operator==(const ghcb_ap_creation_info1&, const ghcb_ap_creation_info1&) -> bool = default;
  friend constexpr auto describe(const ghcb_ap_creation_info1*) noexcept -> const structure_info& {
    return descriptions::ghcb_ap_creation_info1;
  }
};

/// SW_EXITINFO1 of the Termination Request NAE event. SW_EXITINFO2 may carry extra data (Linux: unsupported feature
/// mask).   GHCB 4.1.13
/// 8 bytes, aligned to 8 in memory.
struct ghcb_termination_info1 {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 3:0: Reason code set.
  [[nodiscard]] constexpr auto reason_set() const noexcept -> std::uint32_t { return bits32_at(raw, 3, 0); }
  constexpr auto set_reason_set(std::uint32_t value) & -> ghcb_termination_info1& { return put(*this, 3, 0, value); }
  [[nodiscard]] constexpr auto set_reason_set(std::uint32_t value) && -> ghcb_termination_info1 { return put(*this, 3, 0, value); }
  /// Bits 11:4: Reason code.
  [[nodiscard]] constexpr auto reason_code() const noexcept -> std::uint32_t { return bits32_at(raw, 11, 4); }
  constexpr auto set_reason_code(std::uint32_t value) & -> ghcb_termination_info1& { return put(*this, 11, 4, value); }
  [[nodiscard]] constexpr auto set_reason_code(std::uint32_t value) && -> ghcb_termination_info1 { return put(*this, 11, 4, value); }

  friend constexpr auto operator==(const ghcb_termination_info1&, const ghcb_termination_info1&) -> bool = default;
  friend constexpr auto describe(const ghcb_termination_info1*) noexcept -> const structure_info& {
    return descriptions::ghcb_termination_info1;
  }
};

/// Buffer returned by the APIC ID List event (prefix; followed by num_entries-1 further u32).   GHCB 4.1.12
/// 8 bytes, aligned to 4 in memory.
template <class Storage>
struct basic_ghcb_apic_id_list : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_ghcb_apic_id_list(const basic_ghcb_apic_id_list<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_ghcb_apic_id_list(basic_ghcb_apic_id_list<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Number of APIC IDs.
  [[nodiscard]] constexpr auto num_entries() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x000>(*this);
  }
  constexpr void set_num_entries(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: First APIC ID.
  [[nodiscard]] constexpr auto apic_id0() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x004>(*this); }
  constexpr void set_apic_id0(std::uint32_t value) noexcept { store<0x004>(*this, value); }

  friend constexpr auto describe(const basic_ghcb_apic_id_list*) noexcept -> const structure_info& {
    return descriptions::ghcb_apic_id_list;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_ghcb_apic_id_list<A>& a, const basic_ghcb_apic_id_list<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using ghcb_apic_id_list = basic_ghcb_apic_id_list<owned<8>>;
/// Over bytes that lie elsewhere.
using ghcb_apic_id_list_view = basic_ghcb_apic_id_list<borrowed<std::uint8_t, 8>>;
/// Over bytes that are only read.
using ghcb_apic_id_list_const_view = basic_ghcb_apic_id_list<borrowed<const std::uint8_t, 8>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
