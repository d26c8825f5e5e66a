// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_RMP_HPP
#define SEVSPEC_LAYOUT_RMP_HPP

// The Reverse Map Table: entries as hardware stores them and operands of the RMP instructions.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr bit_info rmp_entry_hw_qw0_bits[] = {
    {.lsb =  0, .width =  1, .name = "assigned",      .meaning = "page assigned", .trust = confidence::medium},
    {.lsb =  1, .width =  1, .name = "page_size",     .meaning = "1 = 2 MiB entry", .trust = confidence::medium},
    {.lsb =  2, .width =  1, .name = "immutable",     .meaning = "immutable", .trust = confidence::medium},
    {.lsb =  3, .width =  9, .name = "subpage_count", .meaning = "count of assigned 4 KiB sub-pages (only in the 2 MiB-aligned entry)", .trust = confidence::medium},
    {.lsb = 12, .width = 39, .name = "gpa_pfn",       .meaning = "guest physical frame", .trust = confidence::medium},
    {.lsb = 51, .width = 10, .name = "asid",          .meaning = "owning ASID", .trust = confidence::medium},
    {.lsb = 61, .width =  1, .name = "vmsa",          .meaning = "VMSA page", .trust = confidence::medium},
    {.lsb = 62, .width =  1, .name = "validated",     .meaning = "validated by the guest", .trust = confidence::medium},
    {.lsb = 63, .width =  1, .name = "lock",          .meaning = "entry locked", .trust = confidence::medium},
};
inline constexpr bit_info rmp_entry_hw_qw1_bits[] = {
    {.lsb =  0, .width =  8, .name = "vmpl0_perms",    .meaning = "permission byte (vmpl_permissions)", .trust = confidence::medium},
    {.lsb =  8, .width =  8, .name = "vmpl1_perms",    .meaning = "permission byte", .trust = confidence::medium},
    {.lsb = 16, .width =  8, .name = "vmpl2_perms",    .meaning = "permission byte", .trust = confidence::medium},
    {.lsb = 24, .width =  8, .name = "vmpl3_perms",    .meaning = "permission byte", .trust = confidence::medium},
    {.lsb = 32, .width = 32, .name = "reserved_63_32", .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info rmp_entry_hw_fields[] = {
    {.offset = 0x000, .size = 8, .name = "qw0", .meaning = "low quadword", .since = level::snp, .trust = confidence::medium, .bits = rmp_entry_hw_qw0_bits},
    {.offset = 0x008, .size = 8, .name = "qw1", .meaning = "high quadword", .since = level::snp, .trust = confidence::medium, .bits = rmp_entry_hw_qw1_bits},
};
inline constexpr structure_info rmp_entry_hw{
    .name = "rmp_entry_hw",
    .id = "LAY-RMP-ENTRY-HW",
    .size = 0x10,
    .alignment = 0x10,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "PPR Family 19h (not architectural)",
    .description = "RMP entry as stored in memory on Zen 3/Zen 4. Not architectural: software uses RMPREAD where present.",
    .fields = rmp_entry_hw_fields,
};
inline constexpr field_info rmp_entry_hw_qw0_fields[] = {
    {.offset = 0, .size = 8, .name = "qw0", .meaning = "low quadword", .since = level::snp, .bits = rmp_entry_hw_qw0_bits},
};
inline constexpr structure_info rmp_entry_hw_qw0{
    .name = "rmp_entry_hw.qw0",
    .id = "LAY-RMP-ENTRY-HW",
    .size = 8,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "PPR Family 19h (not architectural)",
    .description = "Low quadword.",
    .fields = rmp_entry_hw_qw0_fields,
};
inline constexpr field_info rmp_entry_hw_qw1_fields[] = {
    {.offset = 0, .size = 8, .name = "qw1", .meaning = "high quadword", .since = level::snp, .bits = rmp_entry_hw_qw1_bits},
};
inline constexpr structure_info rmp_entry_hw_qw1{
    .name = "rmp_entry_hw.qw1",
    .id = "LAY-RMP-ENTRY-HW",
    .size = 8,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "PPR Family 19h (not architectural)",
    .description = "High quadword.",
    .fields = rmp_entry_hw_qw1_fields,
};

inline constexpr bit_info rmpread_result_assigned_bits[] = {
    {.lsb = 0, .width = 1, .name = "assigned",     .meaning = "assigned"},
    {.lsb = 1, .width = 7, .name = "reserved_7_1", .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info rmpread_result_page_size_bits[] = {
    {.lsb = 0, .width = 1, .name = "page_size",           .meaning = "1 = 2 MiB"},
    {.lsb = 1, .width = 1, .name = "hpage_region_status", .meaning = "some 4 KiB page of the 2 MiB region is assigned"},
    {.lsb = 2, .width = 6, .name = "reserved_7_2",        .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info rmpread_result_immutable_bits[] = {
    {.lsb = 0, .width = 1, .name = "immutable",    .meaning = "immutable"},
    {.lsb = 1, .width = 7, .name = "reserved_7_1", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info rmpread_result_fields[] = {
    {.offset = 0x000, .size = 8, .name = "gpa",          .meaning = "guest physical address (bits 11:0 zero)", .since = level::snp},
    {.offset = 0x008, .size = 1, .name = "assigned",     .meaning = "flags", .since = level::snp, .bits = rmpread_result_assigned_bits},
    {.offset = 0x009, .size = 1, .name = "page_size",    .meaning = "flags", .since = level::snp, .bits = rmpread_result_page_size_bits},
    {.offset = 0x00a, .size = 1, .name = "immutable",    .meaning = "flags", .since = level::snp, .bits = rmpread_result_immutable_bits},
    {.offset = 0x00b, .size = 1, .name = "reserved_00b", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x00c, .size = 4, .name = "asid",         .meaning = "ASID", .since = level::snp},
};
inline constexpr structure_info rmpread_result{
    .name = "rmpread_result",
    .id = "LAY-RMPREAD-RESULT",
    .size = 0x10,
    .alignment = 0x10,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "APM3 RMPREAD",
    .description = "Structure written by RMPREAD.",
    .fields = rmpread_result_fields,
};
inline constexpr field_info rmpread_result_page_size_fields[] = {
    {.offset = 0, .size = 1, .name = "page_size", .meaning = "flags", .since = level::snp, .bits = rmpread_result_page_size_bits},
};
inline constexpr structure_info rmpread_result_page_size{
    .name = "rmpread_result.page_size",
    .id = "LAY-RMPREAD-RESULT",
    .size = 1,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "APM3 RMPREAD",
    .description = "Flags.",
    .fields = rmpread_result_page_size_fields,
};

inline constexpr bit_info rmpupdate_source_assigned_bits[] = {
    {.lsb = 0, .width = 1, .name = "assigned",     .meaning = "assigned"},
    {.lsb = 1, .width = 7, .name = "reserved_7_1", .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info rmpupdate_source_page_size_bits[] = {
    {.lsb = 0, .width = 1, .name = "page_size",    .meaning = "1 = 2 MiB"},
    {.lsb = 1, .width = 7, .name = "reserved_7_1", .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info rmpupdate_source_immutable_bits[] = {
    {.lsb = 0, .width = 1, .name = "immutable",    .meaning = "immutable"},
    {.lsb = 1, .width = 7, .name = "reserved_7_1", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info rmpupdate_source_fields[] = {
    {.offset = 0x000, .size = 8, .name = "gpa",          .meaning = "guest physical address", .since = level::snp},
    {.offset = 0x008, .size = 1, .name = "assigned",     .meaning = "0/1", .since = level::snp, .bits = rmpupdate_source_assigned_bits},
    {.offset = 0x009, .size = 1, .name = "page_size",    .meaning = "0/1", .since = level::snp, .bits = rmpupdate_source_page_size_bits},
    {.offset = 0x00a, .size = 1, .name = "immutable",    .meaning = "0/1", .since = level::snp, .bits = rmpupdate_source_immutable_bits},
    {.offset = 0x00b, .size = 1, .name = "reserved_00b", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x00c, .size = 4, .name = "asid",         .meaning = "ASID (0 with assigned=1 = firmware page)", .since = level::snp},
};
inline constexpr structure_info rmpupdate_source{
    .name = "rmpupdate_source",
    .id = "LAY-RMPUPDATE-SOURCE",
    .size = 0x10,
    .alignment = 0x10,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "APM3 RMPUPDATE",
    .description = "New entry state passed to RMPUPDATE in RCX.",
    .fields = rmpupdate_source_fields,
};

inline constexpr bit_info vmpl_permissions_value_bits[] = {
    {.lsb = 0, .width = 1, .name = "read",            .meaning = "readable"},
    {.lsb = 1, .width = 1, .name = "write",           .meaning = "writable"},
    {.lsb = 2, .width = 1, .name = "exec_user",       .meaning = "executable at CPL 3"},
    {.lsb = 3, .width = 1, .name = "exec_supervisor", .meaning = "executable at CPL 0..2"},
    {.lsb = 4, .width = 1, .name = "sss",             .meaning = "usable as supervisor shadow stack (VmplSSS)"},
    {.lsb = 5, .width = 3, .name = "reserved_7_5",    .meaning = "reserved", .reserved = true},
};
inline constexpr field_info vmpl_permissions_fields[] = {
    {.offset = 0x000, .size = 1, .name = "value", .meaning = "permissions", .since = level::snp, .bits = vmpl_permissions_value_bits},
};
inline constexpr structure_info vmpl_permissions{
    .name = "vmpl_permissions",
    .id = "LAY-VMPL-PERMISSIONS",
    .size = 0x1,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "APM2 15.36.7 / SNP ABI 6.1",
    .description = "VMPL permission mask byte.",
    .fields = vmpl_permissions_fields,
};

inline constexpr bit_info rmpadjust_attr_value_bits[] = {
    {.lsb =  0, .width =  8, .name = "target_vmpl",     .meaning = "VMPL whose permissions change"},
    {.lsb =  8, .width =  1, .name = "read",            .meaning = "permission bit (see vmpl_permissions)"},
    {.lsb =  9, .width =  1, .name = "write",           .meaning = "permission bit"},
    {.lsb = 10, .width =  1, .name = "exec_user",       .meaning = "permission bit"},
    {.lsb = 11, .width =  1, .name = "exec_supervisor", .meaning = "permission bit"},
    {.lsb = 12, .width =  1, .name = "sss",             .meaning = "permission bit (VmplSSS)"},
    {.lsb = 13, .width =  3, .name = "reserved_15_13",  .meaning = "reserved", .reserved = true},
    {.lsb = 16, .width =  1, .name = "vmsa",            .meaning = "set/clear the VMSA attribute"},
    {.lsb = 17, .width = 47, .name = "reserved_63_17",  .meaning = "reserved", .reserved = true},
};
inline constexpr field_info rmpadjust_attr_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "attributes", .since = level::snp, .bits = rmpadjust_attr_value_bits},
};
inline constexpr structure_info rmpadjust_attr{
    .name = "rmpadjust_attr",
    .id = "LAY-RMPADJUST-ATTR",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "APM3 RMPADJUST",
    .description = "RDX operand of RMPADJUST (and of RMPQUERY on output).",
    .fields = rmpadjust_attr_fields,
};

inline constexpr bit_info rst_entry_value_bits[] = {
    {.lsb =  0, .width = 20, .name = "mapped_size_gb", .meaning = "memory covered by this segment in GiB; 0 = unused"},
    {.lsb = 20, .width = 32, .name = "segment_base",   .meaning = "physical address bits 51:20 of the segment's RMP"},
    {.lsb = 52, .width = 12, .name = "reserved_63_52", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info rst_entry_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "entry", .since = level::snp, .bits = rst_entry_value_bits},
};
inline constexpr structure_info rst_entry{
    .name = "rst_entry",
    .id = "LAY-RST-ENTRY",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "APM2 15.36.22 Segmented RMP",
    .description = "RMP segment table entry (segmented RMP; 512 entries in the 4 KiB page at RMP_BASE + 0x4000).",
    .fields = rst_entry_fields,
};

}  // namespace descriptions

/// `qw0` of `rmp_entry_hw`: Low quadword.
struct rmp_entry_hw_qw0 {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: Page assigned.
  [[nodiscard]] constexpr auto assigned() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_assigned(bool value) & -> rmp_entry_hw_qw0& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_assigned(bool value) && -> rmp_entry_hw_qw0 { return put(*this, 0, 0, value); }
  /// Bit 1: 1 = 2 MiB entry.
  [[nodiscard]] constexpr auto page_size() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_page_size(bool value) & -> rmp_entry_hw_qw0& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_page_size(bool value) && -> rmp_entry_hw_qw0 { return put(*this, 1, 1, value); }
  /// Bit 2: Immutable.
  [[nodiscard]] constexpr auto immutable() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_immutable(bool value) & -> rmp_entry_hw_qw0& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_immutable(bool value) && -> rmp_entry_hw_qw0 { return put(*this, 2, 2, value); }
  /// Bits 11:3: Count of assigned 4 KiB sub-pages (only in the 2 MiB-aligned entry).
  [[nodiscard]] constexpr auto subpage_count() const noexcept -> std::uint32_t { return bits32_at(raw, 11, 3); }
  constexpr auto set_subpage_count(std::uint32_t value) & -> rmp_entry_hw_qw0& { return put(*this, 11, 3, value); }
  [[nodiscard]] constexpr auto set_subpage_count(std::uint32_t value) && -> rmp_entry_hw_qw0 { return put(*this, 11, 3, value); }
  /// Bits 50:12: Guest physical frame.
  [[nodiscard]] constexpr auto gpa_pfn() const noexcept -> std::uint64_t { return bits_at(raw, 50, 12); }
  constexpr auto set_gpa_pfn(std::uint64_t value) & -> rmp_entry_hw_qw0& { return put(*this, 50, 12, value); }
  [[nodiscard]] constexpr auto set_gpa_pfn(std::uint64_t value) && -> rmp_entry_hw_qw0 { return put(*this, 50, 12, value); }
  /// Bits 60:51: Owning ASID.
  [[nodiscard]] constexpr auto asid() const noexcept -> std::uint32_t { return bits32_at(raw, 60, 51); }
  constexpr auto set_asid(std::uint32_t value) & -> rmp_entry_hw_qw0& { return put(*this, 60, 51, value); }
  [[nodiscard]] constexpr auto set_asid(std::uint32_t value) && -> rmp_entry_hw_qw0 { return put(*this, 60, 51, value); }
  /// Bit 61: VMSA page.
  [[nodiscard]] constexpr auto vmsa() const noexcept -> bool { return bit_at(raw, 61); }
  constexpr auto set_vmsa(bool value) & -> rmp_entry_hw_qw0& { return put(*this, 61, 61, value); }
  [[nodiscard]] constexpr auto set_vmsa(bool value) && -> rmp_entry_hw_qw0 { return put(*this, 61, 61, value); }
  /// Bit 62: Validated by the guest.
  [[nodiscard]] constexpr auto validated() const noexcept -> bool { return bit_at(raw, 62); }
  constexpr auto set_validated(bool value) & -> rmp_entry_hw_qw0& { return put(*this, 62, 62, value); }
  [[nodiscard]] constexpr auto set_validated(bool value) && -> rmp_entry_hw_qw0 { return put(*this, 62, 62, value); }
  /// Bit 63: Entry locked.
  [[nodiscard]] constexpr auto lock() const noexcept -> bool { return bit_at(raw, 63); }
  constexpr auto set_lock(bool value) & -> rmp_entry_hw_qw0& { return put(*this, 63, 63, value); }
  [[nodiscard]] constexpr auto set_lock(bool value) && -> rmp_entry_hw_qw0 { return put(*this, 63, 63, value); }

  friend constexpr auto operator==(const rmp_entry_hw_qw0&, const rmp_entry_hw_qw0&) -> bool = default;
  friend constexpr auto describe(const rmp_entry_hw_qw0*) noexcept -> const structure_info& {
    return descriptions::rmp_entry_hw_qw0;
  }
};

/// `qw1` of `rmp_entry_hw`: High quadword.
struct rmp_entry_hw_qw1 {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 7:0: Permission byte (vmpl_permissions).
  [[nodiscard]] constexpr auto vmpl0_perms() const noexcept -> std::uint32_t { return bits32_at(raw, 7, 0); }
  constexpr auto set_vmpl0_perms(std::uint32_t value) & -> rmp_entry_hw_qw1& { return put(*this, 7, 0, value); }
  [[nodiscard]] constexpr auto set_vmpl0_perms(std::uint32_t value) && -> rmp_entry_hw_qw1 { return put(*this, 7, 0, value); }
  /// Bits 15:8: Permission byte.
  [[nodiscard]] constexpr auto vmpl1_perms() const noexcept -> std::uint32_t { return bits32_at(raw, 15, 8); }
  constexpr auto set_vmpl1_perms(std::uint32_t value) & -> rmp_entry_hw_qw1& { return put(*this, 15, 8, value); }
  [[nodiscard]] constexpr auto set_vmpl1_perms(std::uint32_t value) && -> rmp_entry_hw_qw1 { return put(*this, 15, 8, value); }
  /// Bits 23:16: Permission byte.
  [[nodiscard]] constexpr auto vmpl2_perms() const noexcept -> std::uint32_t { return bits32_at(raw, 23, 16); }
  constexpr auto set_vmpl2_perms(std::uint32_t value) & -> rmp_entry_hw_qw1& { return put(*this, 23, 16, value); }
  [[nodiscard]] constexpr auto set_vmpl2_perms(std::uint32_t value) && -> rmp_entry_hw_qw1 { return put(*this, 23, 16, value); }
  /// Bits 31:24: Permission byte.
  [[nodiscard]] constexpr auto vmpl3_perms() const noexcept -> std::uint32_t { return bits32_at(raw, 31, 24); }
  constexpr auto set_vmpl3_perms(std::uint32_t value) & -> rmp_entry_hw_qw1& { return put(*this, 31, 24, value); }
  [[nodiscard]] constexpr auto set_vmpl3_perms(std::uint32_t value) && -> rmp_entry_hw_qw1 { return put(*this, 31, 24, value); }

  friend constexpr auto operator==(const rmp_entry_hw_qw1&, const rmp_entry_hw_qw1&) -> bool = default;
  friend constexpr auto describe(const rmp_entry_hw_qw1*) noexcept -> const structure_info& {
    return descriptions::rmp_entry_hw_qw1;
  }
};

/// RMP entry as stored in memory on Zen 3/Zen 4. Not architectural: software uses RMPREAD where present.   PPR Family
/// 19h (not architectural)
/// 16 bytes, aligned to 16 in memory.
template <class Storage>
struct basic_rmp_entry_hw : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_rmp_entry_hw(const basic_rmp_entry_hw<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_rmp_entry_hw(basic_rmp_entry_hw<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Low quadword. (medium confidence)
  [[nodiscard]] constexpr auto qw0() const noexcept -> rmp_entry_hw_qw0 { return load<rmp_entry_hw_qw0, 0x000>(*this); }
  constexpr void set_qw0(rmp_entry_hw_qw0 value) noexcept { store<0x000>(*this, value); }
  /// 008h: High quadword. (medium confidence)
  [[nodiscard]] constexpr auto qw1() const noexcept -> rmp_entry_hw_qw1 { return load<rmp_entry_hw_qw1, 0x008>(*this); }
  constexpr void set_qw1(rmp_entry_hw_qw1 value) noexcept { store<0x008>(*this, value); }

  friend constexpr auto describe(const basic_rmp_entry_hw*) noexcept -> const structure_info& {
    return descriptions::rmp_entry_hw;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_rmp_entry_hw<A>& a, const basic_rmp_entry_hw<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using rmp_entry_hw = basic_rmp_entry_hw<owned<16>>;
/// Over bytes that lie elsewhere.
using rmp_entry_hw_view = basic_rmp_entry_hw<borrowed<std::uint8_t, 16>>;
/// Over bytes that are only read.
using rmp_entry_hw_const_view = basic_rmp_entry_hw<borrowed<const std::uint8_t, 16>>;

/// `page_size` of `rmpread_result`: Flags.
struct rmpread_result_page_size {
  std::uint8_t raw{};  ///< the whole word

  /// Bit 0: 1 = 2 MiB.
  [[nodiscard]] constexpr auto page_size() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_page_size(bool value) & -> rmpread_result_page_size& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_page_size(bool value) && -> rmpread_result_page_size { return put(*this, 0, 0, value); }
  /// Bit 1: Some 4 KiB page of the 2 MiB region is assigned.
  [[nodiscard]] constexpr auto hpage_region_status() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_hpage_region_status(bool value) & -> rmpread_result_page_size& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_hpage_region_status(bool value) && -> rmpread_result_page_size { return put(*this, 1, 1, value); }

  friend constexpr auto operator==(const rmpread_result_page_size&, const rmpread_result_page_size&) -> bool = default;
  friend constexpr auto describe(const rmpread_result_page_size*) noexcept -> const structure_info& {
    return descriptions::rmpread_result_page_size;
  }
};

/// Structure written by RMPREAD.   APM3 RMPREAD
/// 16 bytes, aligned to 16 in memory.
template <class Storage>
struct basic_rmpread_result : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_rmpread_result(const basic_rmpread_result<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_rmpread_result(basic_rmpread_result<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest physical address (bits 11:0 zero).
  [[nodiscard]] constexpr auto gpa() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x000>(*this); }
  constexpr void set_gpa(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Flags.
  [[nodiscard]] constexpr auto assigned() const noexcept -> bool { return bit_at(load<std::uint8_t, 0x008>(*this), 0); }
  constexpr void set_assigned(bool value) { store_low_bits<std::uint8_t, 0x008>(*this, 1, value); }
  /// 009h: Flags.
  [[nodiscard]] constexpr auto page_size() const noexcept -> rmpread_result_page_size {
    return load<rmpread_result_page_size, 0x009>(*this);
  }
  constexpr void set_page_size(rmpread_result_page_size value) noexcept { store<0x009>(*this, value); }
  /// 00Ah: Flags.
  [[nodiscard]] constexpr auto immutable() const noexcept -> bool {
    return bit_at(load<std::uint8_t, 0x00a>(*this), 0);
  }
  constexpr void set_immutable(bool value) { store_low_bits<std::uint8_t, 0x00a>(*this, 1, value); }
  /// 00Ch: ASID.
  [[nodiscard]] constexpr auto asid() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x00c>(*this); }
  constexpr void set_asid(std::uint32_t value) noexcept { store<0x00c>(*this, value); }

  friend constexpr auto describe(const basic_rmpread_result*) noexcept -> const structure_info& {
    return descriptions::rmpread_result;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_rmpread_result<A>& a, const basic_rmpread_result<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using rmpread_result = basic_rmpread_result<owned<16>>;
/// Over bytes that lie elsewhere.
using rmpread_result_view = basic_rmpread_result<borrowed<std::uint8_t, 16>>;
/// Over bytes that are only read.
using rmpread_result_const_view = basic_rmpread_result<borrowed<const std::uint8_t, 16>>;

/// New entry state passed to RMPUPDATE in RCX.   APM3 RMPUPDATE
/// 16 bytes, aligned to 16 in memory.
template <class Storage>
struct basic_rmpupdate_source : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_rmpupdate_source(const basic_rmpupdate_source<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_rmpupdate_source(basic_rmpupdate_source<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest physical address.
  [[nodiscard]] constexpr auto gpa() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x000>(*this); }
  constexpr void set_gpa(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: 0/1.
  [[nodiscard]] constexpr auto assigned() const noexcept -> bool { return bit_at(load<std::uint8_t, 0x008>(*this), 0); }
  constexpr void set_assigned(bool value) { store_low_bits<std::uint8_t, 0x008>(*this, 1, value); }
  /// 009h: 0/1.
  [[nodiscard]] constexpr auto page_size() const noexcept -> bool {
    return bit_at(load<std::uint8_t, 0x009>(*this), 0);
  }
  constexpr void set_page_size(bool value) { store_low_bits<std::uint8_t, 0x009>(*this, 1, value); }
  /// 00Ah: 0/1.
  [[nodiscard]] constexpr auto immutable() const noexcept -> bool {
    return bit_at(load<std::uint8_t, 0x00a>(*this), 0);
  }
  constexpr void set_immutable(bool value) { store_low_bits<std::uint8_t, 0x00a>(*this, 1, value); }
  /// 00Ch: ASID (0 with assigned=1 = firmware page).
  [[nodiscard]] constexpr auto asid() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x00c>(*this); }
  constexpr void set_asid(std::uint32_t value) noexcept { store<0x00c>(*this, value); }

  friend constexpr auto describe(const basic_rmpupdate_source*) noexcept -> const structure_info& {
    return descriptions::rmpupdate_source;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_rmpupdate_source<A>& a, const basic_rmpupdate_source<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using rmpupdate_source = basic_rmpupdate_source<owned<16>>;
/// Over bytes that lie elsewhere.
using rmpupdate_source_view = basic_rmpupdate_source<borrowed<std::uint8_t, 16>>;
/// Over bytes that are only read.
using rmpupdate_source_const_view = basic_rmpupdate_source<borrowed<const std::uint8_t, 16>>;

/// VMPL permission mask byte.   APM2 15.36.7 / SNP ABI 6.1
struct vmpl_permissions {
  std::uint8_t raw{};  ///< the whole word

  /// Bit 0: Readable.
  [[nodiscard]] constexpr auto read() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_read(bool value) & -> vmpl_permissions& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_read(bool value) && -> vmpl_permissions { return put(*this, 0, 0, value); }
  /// Bit 1: Writable.
  [[nodiscard]] constexpr auto write() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_write(bool value) & -> vmpl_permissions& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_write(bool value) && -> vmpl_permissions { return put(*this, 1, 1, value); }
  /// Bit 2: Executable at CPL 3.
  [[nodiscard]] constexpr auto exec_user() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_exec_user(bool value) & -> vmpl_permissions& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_exec_user(bool value) && -> vmpl_permissions { return put(*this, 2, 2, value); }
  /// Bit 3: Executable at CPL 0..2.
  [[nodiscard]] constexpr auto exec_supervisor() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_exec_supervisor(bool value) & -> vmpl_permissions& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_exec_supervisor(bool value) && -> vmpl_permissions { return put(*this, 3, 3, value); }
  /// Bit 4: Usable as supervisor shadow stack (VmplSSS).
  [[nodiscard]] constexpr auto sss() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_sss(bool value) & -> vmpl_permissions& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_sss(bool value) && -> vmpl_permissions { return put(*this, 4, 4, value); }

  friend constexpr auto operator==(const vmpl_permissions&, const vmpl_permissions&) -> bool = default;
  friend constexpr auto describe(const vmpl_permissions*) noexcept -> const structure_info& {
    return descriptions::vmpl_permissions;
  }
};

/// RDX operand of RMPADJUST (and of RMPQUERY on output).   APM3 RMPADJUST
/// 8 bytes, aligned to 8 in memory.
struct rmpadjust_attr {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 7:0: VMPL whose permissions change.
  [[nodiscard]] constexpr auto target_vmpl() const noexcept -> std::uint32_t { return bits32_at(raw, 7, 0); }
  constexpr auto set_target_vmpl(std::uint32_t value) & -> rmpadjust_attr& { return put(*this, 7, 0, value); }
  [[nodiscard]] constexpr auto set_target_vmpl(std::uint32_t value) && -> rmpadjust_attr { return put(*this, 7, 0, value); }
  /// Bit 8: Permission bit (see vmpl_permissions).
  [[nodiscard]] constexpr auto read() const noexcept -> bool { return bit_at(raw, 8); }
  constexpr auto set_read(bool value) & -> rmpadjust_attr& { return put(*this, 8, 8, value); }
  [[nodiscard]] constexpr auto set_read(bool value) && -> rmpadjust_attr { return put(*this, 8, 8, value); }
  /// Bit 9: Permission bit.
  [[nodiscard]] constexpr auto write() const noexcept -> bool { return bit_at(raw, 9); }
  constexpr auto set_write(bool value) & -> rmpadjust_attr& { return put(*this, 9, 9, value); }
  [[nodiscard]] constexpr auto set_write(bool value) && -> rmpadjust_attr { return put(*this, 9, 9, value); }
  /// Bit 10: Permission bit.
  [[nodiscard]] constexpr auto exec_user() const noexcept -> bool { return bit_at(raw, 10); }
  constexpr auto set_exec_user(bool value) & -> rmpadjust_attr& { return put(*this, 10, 10, value); }
  [[nodiscard]] constexpr auto set_exec_user(bool value) && -> rmpadjust_attr { return put(*this, 10, 10, value); }
  /// Bit 11: Permission bit.
  [[nodiscard]] constexpr auto exec_supervisor() const noexcept -> bool { return bit_at(raw, 11); }
  constexpr auto set_exec_supervisor(bool value) & -> rmpadjust_attr& { return put(*this, 11, 11, value); }
  [[nodiscard]] constexpr auto set_exec_supervisor(bool value) && -> rmpadjust_attr { return put(*this, 11, 11, value); }
  /// Bit 12: Permission bit (VmplSSS).
  [[nodiscard]] constexpr auto sss() const noexcept -> bool { return bit_at(raw, 12); }
  constexpr auto set_sss(bool value) & -> rmpadjust_attr& { return put(*this, 12, 12, value); }
  [[nodiscard]] constexpr auto set_sss(bool value) && -> rmpadjust_attr { return put(*this, 12, 12, value); }
  /// Bit 16: set/clear the VMSA attribute.
  [[nodiscard]] constexpr auto vmsa() const noexcept -> bool { return bit_at(raw, 16); }
  constexpr auto set_vmsa(bool value) & -> rmpadjust_attr& { return put(*this, 16, 16, value); }
  [[nodiscard]] constexpr auto set_vmsa(bool value) && -> rmpadjust_attr { return put(*this, 16, 16, value); }

  friend constexpr auto operator==(const rmpadjust_attr&, const rmpadjust_attr&) -> bool = default;
  friend constexpr auto describe(const rmpadjust_attr*) noexcept -> const structure_info& {
    return descriptions::rmpadjust_attr;
  }
};

/// RMP segment table entry (segmented RMP; 512 entries in the 4 KiB page at RMP_BASE + 0x4000).   APM2 15.36.22
/// Segmented RMP
/// 8 bytes, aligned to 8 in memory.
struct rst_entry {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 19:0: Memory covered by this segment in GiB; 0 = unused.
  [[nodiscard]] constexpr auto mapped_size_gb() const noexcept -> std::uint32_t { return bits32_at(raw, 19, 0); }
  constexpr auto set_mapped_size_gb(std::uint32_t value) & -> rst_entry& { return put(*this, 19, 0, value); }
  [[nodiscard]] constexpr auto set_mapped_size_gb(std::uint32_t value) && -> rst_entry { return put(*this, 19, 0, value); }
  /// Bits 51:20: Physical address bits 51:20 of the segment's RMP.
  [[nodiscard]] constexpr auto segment_base() const noexcept -> std::uint32_t { return bits32_at(raw, 51, 20); }
  constexpr auto set_segment_base(std::uint32_t value) & -> rst_entry& { return put(*this, 51, 20, value); }
  [[nodiscard]] constexpr auto set_segment_base(std::uint32_t value) && -> rst_entry { return put(*this, 51, 20, value); }

  friend constexpr auto operator==(const rst_entry&, const rst_entry&) -> bool = default;
  friend constexpr auto describe(const rst_entry*) noexcept -> const structure_info& { return descriptions::rst_entry; }
};

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
