// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_AVIC_HPP
#define SEVSPEC_LAYOUT_AVIC_HPP

// AVIC and Secure AVIC: tables, exit information, the guest's backing page.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>
#include <span>

#include <sevspec/layout/codes/exit_codes.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr bit_info avic_physical_id_entry_entry_bits[] = {
    {.lsb =  0, .width = 12, .name = "host_apic_id",   .meaning = "host physical APIC ID (low 8 bits on first generation)"},
    {.lsb = 12, .width = 40, .name = "backing_page",   .meaning = "vAPIC backing page frame"},
    {.lsb = 52, .width = 10, .name = "reserved_61_52", .meaning = "reserved", .reserved = true},
    {.lsb = 62, .width =  1, .name = "is_running",     .meaning = "vCPU is running"},
    {.lsb = 63, .width =  1, .name = "valid",          .meaning = "entry valid"},
};
inline constexpr field_info avic_physical_id_entry_fields[] = {
    {.offset = 0x000, .size = 8, .name = "entry", .meaning = "physical APIC ID table entry", .since = level::avic, .bits = avic_physical_id_entry_entry_bits},
};
inline constexpr structure_info avic_physical_id_entry{
    .name = "avic_physical_id_entry",
    .id = "LAY-AVIC-PHYSICAL-ID-ENTRY",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::avic,
    .trust = confidence::high,
    .spec_ref = "APM2 15.29.4.1",
    .description = "Entry of the AVIC physical APIC ID table.",
    .fields = avic_physical_id_entry_fields,
};

inline constexpr bit_info avic_logical_id_entry_entry_bits[] = {
    {.lsb =  0, .width =  8, .name = "guest_apic_id", .meaning = "guest physical APIC ID"},
    {.lsb =  8, .width = 23, .name = "reserved_30_8", .meaning = "reserved", .reserved = true},
    {.lsb = 31, .width =  1, .name = "valid",         .meaning = "valid"},
};
inline constexpr field_info avic_logical_id_entry_fields[] = {
    {.offset = 0x000, .size = 4, .name = "entry", .meaning = "logical table entry", .since = level::avic, .bits = avic_logical_id_entry_entry_bits},
};
inline constexpr structure_info avic_logical_id_entry{
    .name = "avic_logical_id_entry",
    .id = "LAY-AVIC-LOGICAL-ID-ENTRY",
    .size = 0x4,
    .alignment = 0x4,
    .since = level::avic,
    .trust = confidence::high,
    .spec_ref = "APM2 15.29.4.2",
    .description = "Entry of the AVIC logical APIC ID table.",
    .fields = avic_logical_id_entry_fields,
};

inline constexpr field_info exitinfo1_avic_incomplete_ipi_fields[] = {
    {.offset = 0x000, .size = 4, .name = "icr_low",  .meaning = "ICR low", .since = level::avic},
    {.offset = 0x004, .size = 4, .name = "icr_high", .meaning = "ICR high", .since = level::avic},
};
inline constexpr structure_info exitinfo1_avic_incomplete_ipi{
    .name = "exitinfo1_avic_incomplete_ipi",
    .id = "LAY-EXITINFO1-AVIC-INCOMPLETE-IPI",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::avic,
    .trust = confidence::high,
    .spec_ref = "APM2 15.29.9.1",
    .description = "EXITINFO1 of AVIC incomplete IPI.",
    .fields = exitinfo1_avic_incomplete_ipi_fields,
};

inline constexpr bit_info exitinfo2_avic_incomplete_ipi_value_bits[] = {
    {.lsb =  0, .width =  8, .name = "index",         .meaning = "index into the logical or physical table"},
    {.lsb =  8, .width = 24, .name = "reserved_31_8", .meaning = "reserved", .reserved = true},
    {.lsb = 32, .width = 32, .name = "id",            .meaning = "see constant table avic_ipi_failure", .values = &tables::avic_ipi_failure},
};
inline constexpr field_info exitinfo2_avic_incomplete_ipi_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "failure information", .since = level::avic, .bits = exitinfo2_avic_incomplete_ipi_value_bits},
};
inline constexpr structure_info exitinfo2_avic_incomplete_ipi{
    .name = "exitinfo2_avic_incomplete_ipi",
    .id = "LAY-EXITINFO2-AVIC-INCOMPLETE-IPI",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::avic,
    .trust = confidence::high,
    .spec_ref = "APM2 15.29.9.1",
    .description = "EXITINFO2 of AVIC incomplete IPI.",
    .fields = exitinfo2_avic_incomplete_ipi_fields,
};

inline constexpr bit_info exitinfo1_avic_noaccel_value_bits[] = {
    {.lsb =  0, .width =  4, .name = "reserved_3_0",   .meaning = "reserved", .reserved = true},
    {.lsb =  4, .width =  8, .name = "apic_register",  .meaning = "APIC register offset bits 11:4"},
    {.lsb = 12, .width = 20, .name = "reserved_31_12", .meaning = "reserved", .reserved = true},
    {.lsb = 32, .width =  1, .name = "write",          .meaning = "1 = write access"},
    {.lsb = 33, .width = 31, .name = "reserved_63_33", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info exitinfo1_avic_noaccel_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "access information", .since = level::avic, .bits = exitinfo1_avic_noaccel_value_bits},
};
inline constexpr structure_info exitinfo1_avic_noaccel{
    .name = "exitinfo1_avic_noaccel",
    .id = "LAY-EXITINFO1-AVIC-NOACCEL",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::avic,
    .trust = confidence::high,
    .spec_ref = "APM2 15.29.9.2",
    .description = "EXITINFO1 of AVIC unaccelerated access.",
    .fields = exitinfo1_avic_noaccel_fields,
};

inline constexpr field_info secure_avic_backing_page_fields[] = {
    {.offset = 0x0000, .size =   32, .name = "reserved_000", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x0020, .size =   16, .name = "apic_id",      .meaning = "APIC ID", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0030, .size =   16, .name = "version",      .meaning = "version", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0040, .size =   64, .name = "reserved_040", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x0080, .size =   16, .name = "tpr",          .meaning = "TPR", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0090, .size =   16, .name = "apr",          .meaning = "APR", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x00a0, .size =   16, .name = "ppr",          .meaning = "PPR", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x00b0, .size =   16, .name = "eoi",          .meaning = "EOI", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x00c0, .size =   16, .name = "rrd",          .meaning = "remote read", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x00d0, .size =   16, .name = "ldr",          .meaning = "LDR", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x00e0, .size =   16, .name = "dfr",          .meaning = "DFR", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x00f0, .size =   16, .name = "svr",          .meaning = "SVR", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0100, .size =  128, .name = "isr",          .meaning = "eight ISR slots", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0180, .size =  128, .name = "tmr",          .meaning = "eight TMR slots", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0200, .size =  128, .name = "irr",          .meaning = "eight slots: +0 IRR dword, +4 ALLOWED_IRR dword", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0280, .size =   16, .name = "esr",          .meaning = "ESR", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0290, .size =   96, .name = "reserved_290", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x02f0, .size =   16, .name = "lvt_cmci",     .meaning = "LVT CMCI", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0300, .size =   32, .name = "icr",          .meaning = "ICR low and high slots", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0320, .size =   16, .name = "lvt_timer",    .meaning = "LVT timer", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0330, .size =   16, .name = "lvt_thermal",  .meaning = "LVT thermal", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0340, .size =   16, .name = "lvt_pmc",      .meaning = "LVT PMC", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0350, .size =   16, .name = "lvt_lint0",    .meaning = "LINT0", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0360, .size =   16, .name = "lvt_lint1",    .meaning = "LINT1", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0370, .size =   16, .name = "lvt_error",    .meaning = "LVT error", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0380, .size =   16, .name = "timer_icr",    .meaning = "timer initial count", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0390, .size =   16, .name = "timer_ccr",    .meaning = "timer current count", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x03a0, .size =   64, .name = "reserved_3a0", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x03e0, .size =   16, .name = "timer_dcr",    .meaning = "timer divide", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x03f0, .size =   16, .name = "self_ipi",     .meaning = "self IPI", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0400, .size =   16, .name = "ext_feature",  .meaning = "extended APIC feature", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0410, .size =   16, .name = "ext_control",  .meaning = "extended APIC control", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0420, .size =   16, .name = "seoi",         .meaning = "specific EOI", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0430, .size =   80, .name = "reserved_430", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x0480, .size =  128, .name = "ier",          .meaning = "interrupt enable registers", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0500, .size =   48, .name = "ext_lvt",      .meaning = "extended interrupt LVT (three slots)", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0530, .size = 2768, .name = "reserved_530", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
};
inline constexpr structure_info secure_avic_backing_page{
    .name = "secure_avic_backing_page",
    .id = "LAY-SECURE-AVIC-BACKING-PAGE",
    .size = 0x1000,
    .alignment = 0x1000,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "APM2 15.36.21",
    .description = "Guest APIC backing page used by Secure AVIC; 16-byte register slots. Only the irr slots differ from a plain vAPIC page (each 32-bit IRR at slot+0 and ALLOWED_IRR at slot+4).",
    .fields = secure_avic_backing_page_fields,
};

}  // namespace descriptions

/// Entry of the AVIC physical APIC ID table.   APM2 15.29.4.1
/// 8 bytes, aligned to 8 in memory.
struct avic_physical_id_entry {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:0: Host physical APIC ID (low 8 bits on first generation).
  [[nodiscard]] constexpr auto host_apic_id() const noexcept -> std::uint32_t { return bits32_at(raw, 11, 0); }
  constexpr auto set_host_apic_id(std::uint32_t value) & -> avic_physical_id_entry& { return put(*this, 11, 0, value); }
  [[nodiscard]] constexpr auto set_host_apic_id(std::uint32_t value) && -> avic_physical_id_entry { return put(*this, 11, 0, value); }
  /// Bits 51:12: vAPIC backing page frame.
  [[nodiscard]] constexpr auto backing_page() const noexcept -> std::uint64_t { return bits_at(raw, 51, 12); }
  constexpr auto set_backing_page(std::uint64_t value) & -> avic_physical_id_entry& { return put(*this, 51, 12, value); }
  [[nodiscard]] constexpr auto set_backing_page(std::uint64_t value) && -> avic_physical_id_entry { return put(*this, 51, 12, value); }
  /// Bit 62: vCPU is running.
  [[nodiscard]] constexpr auto is_running() const noexcept -> bool { return bit_at(raw, 62); }
  constexpr auto set_is_running(bool value) & -> avic_physical_id_entry& { return put(*this, 62, 62, value); }
  [[nodiscard]] constexpr auto set_is_running(bool value) && -> avic_physical_id_entry { return put(*this, 62, 62, value); }
  /// Bit 63: Entry valid.
  [[nodiscard]] constexpr auto valid() const noexcept -> bool { return bit_at(raw, 63); }
  constexpr auto set_valid(bool value) & -> avic_physical_id_entry& { return put(*this, 63, 63, value); }
  [[nodiscard]] constexpr auto set_valid(bool value) && -> avic_physical_id_entry { return put(*this, 63, 63, value); }

  friend constexpr auto operator==(const avic_physical_id_entry&, const avic_physical_id_entry&) -> bool = default;
  friend constexpr auto describe(const avic_physical_id_entry*) noexcept -> const structure_info& {
    return descriptions::avic_physical_id_entry;
  }
};

/// Entry of the AVIC logical APIC ID table.   APM2 15.29.4.2
/// 4 bytes, aligned to 4 in memory.
struct avic_logical_id_entry {
  std::uint32_t raw{};  ///< the whole word

  /// Bits 7:0: Guest physical APIC ID.
  [[nodiscard]] constexpr auto guest_apic_id() const noexcept -> std::uint32_t { return bits32_at(raw, 7, 0); }
  constexpr auto set_guest_apic_id(std::uint32_t value) & -> avic_logical_id_entry& { return put(*this, 7, 0, value); }
  [[nodiscard]] constexpr auto set_guest_apic_id(std::uint32_t value) && -> avic_logical_id_entry { return put(*this, 7, 0, value); }
  /// Bit 31: Valid.
  [[nodiscard]] constexpr auto valid() const noexcept -> bool { return bit_at(raw, 31); }
  constexpr auto set_valid(bool value) & -> avic_logical_id_entry& { return put(*this, 31, 31, value); }
  [[nodiscard]] constexpr auto set_valid(bool value) && -> avic_logical_id_entry { return put(*this, 31, 31, value); }

  friend constexpr auto operator==(const avic_logical_id_entry&, const avic_logical_id_entry&) -> bool = default;
  friend constexpr auto describe(const avic_logical_id_entry*) noexcept -> const structure_info& {
    return descriptions::avic_logical_id_entry;
  }
};

/// EXITINFO1 of AVIC incomplete IPI.   APM2 15.29.9.1
/// 8 bytes, aligned to 8 in memory.
template <class Storage>
struct basic_exitinfo1_avic_incomplete_ipi : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_exitinfo1_avic_incomplete_ipi(const basic_exitinfo1_avic_incomplete_ipi<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_exitinfo1_avic_incomplete_ipi(basic_exitinfo1_avic_incomplete_ipi<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: ICR low.
  [[nodiscard]] constexpr auto icr_low() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_icr_low(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: ICR high.
  [[nodiscard]] constexpr auto icr_high() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x004>(*this); }
  constexpr void set_icr_high(std::uint32_t value) noexcept { store<0x004>(*this, value); }

  friend constexpr auto describe(const basic_exitinfo1_avic_incomplete_ipi*) noexcept -> const structure_info& {
    return descriptions::exitinfo1_avic_incomplete_ipi;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_exitinfo1_avic_incomplete_ipi<A>& a, const basic_exitinfo1_avic_incomplete_ipi<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using exitinfo1_avic_incomplete_ipi = basic_exitinfo1_avic_incomplete_ipi<owned<8>>;
/// Over bytes that lie elsewhere.
using exitinfo1_avic_incomplete_ipi_view = basic_exitinfo1_avic_incomplete_ipi<borrowed<std::uint8_t, 8>>;
/// Over bytes that are only read.
using exitinfo1_avic_incomplete_ipi_const_view = basic_exitinfo1_avic_incomplete_ipi<borrowed<const std::uint8_t, 8>>;

/// EXITINFO2 of AVIC incomplete IPI.   APM2 15.29.9.1
/// 8 bytes, aligned to 8 in memory.
struct exitinfo2_avic_incomplete_ipi {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 7:0: Index into the logical or physical table.
  [[nodiscard]] constexpr auto index() const noexcept -> std::uint32_t { return bits32_at(raw, 7, 0); }
  constexpr auto set_index(std::uint32_t value) & -> exitinfo2_avic_incomplete_ipi& { return put(*this, 7, 0, value); }
  [[nodiscard]] constexpr auto set_index(std::uint32_t value) && -> exitinfo2_avic_incomplete_ipi { return put(*this, 7, 0, value); }
  /// Bits 63:32: See constant table avic_ipi_failure.
  [[nodiscard]] constexpr auto id() const noexcept -> avic_ipi_failure {
    return static_cast<avic_ipi_failure>(bits32_at(raw, 63, 32));
  }
  constexpr auto set_id(avic_ipi_failure value) & -> exitinfo2_avic_incomplete_ipi& { return put(*this, 63, 32, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_id(avic_ipi_failure value) && -> exitinfo2_avic_incomplete_ipi { return put(*this, 63, 32, static_cast<std::uint64_t>(value)); }

  friend constexpr auto operator==(const exitinfo2_avic_incomplete_ipi&, const exitinfo2_avic_incomplete_ipi&) -> bool = default;
  friend constexpr auto describe(const exitinfo2_avic_incomplete_ipi*) noexcept -> const structure_info& {
    return descriptions::exitinfo2_avic_incomplete_ipi;
  }
};

/// EXITINFO1 of AVIC unaccelerated access.   APM2 15.29.9.2
/// 8 bytes, aligned to 8 in memory.
struct exitinfo1_avic_noaccel {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:4: APIC register offset bits 11:4.
  [[nodiscard]] constexpr auto apic_register() const noexcept -> std::uint32_t { return bits32_at(raw, 11, 4); }
  constexpr auto set_apic_register(std::uint32_t value) & -> exitinfo1_avic_noaccel& { return put(*this, 11, 4, value); }
  [[nodiscard]] constexpr auto set_apic_register(std::uint32_t value) && -> exitinfo1_avic_noaccel { return put(*this, 11, 4, value); }
  /// Bit 32: 1 = write access.
  [[nodiscard]] constexpr auto write() const noexcept -> bool { return bit_at(raw, 32); }
  constexpr auto set_write(bool value) & -> exitinfo1_avic_noaccel& { return put(*this, 32, 32, value); }
  [[nodiscard]] constexpr auto set_write(bool value) && -> exitinfo1_avic_noaccel { return put(*this, 32, 32, value); }

  friend constexpr auto operator==(const exitinfo1_avic_noaccel&, const exitinfo1_avic_noaccel&) -> bool = default;
  friend constexpr auto describe(const exitinfo1_avic_noaccel*) noexcept -> const structure_info& {
    return descriptions::exitinfo1_avic_noaccel;
  }
};

/// Guest APIC backing page used by Secure AVIC; 16-byte register slots. Only the irr slots differ from a plain vAPIC
/// page (each 32-bit IRR at slot+0 and ALLOWED_IRR at slot+4).   APM2 15.36.21
/// 4096 bytes, aligned to 4096 in memory.
template <class Storage>
struct basic_secure_avic_backing_page : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_secure_avic_backing_page(const basic_secure_avic_backing_page<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_secure_avic_backing_page(basic_secure_avic_backing_page<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 020h: APIC ID. (medium confidence)
  [[nodiscard]] constexpr auto apic_id() noexcept { return bytes_at<0x020, 16>(*this); }
  [[nodiscard]] constexpr auto apic_id() const noexcept { return bytes_at<0x020, 16>(*this); }
  constexpr void set_apic_id(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x020>(*this, value); }
  /// 030h: Version. (medium confidence)
  [[nodiscard]] constexpr auto version() noexcept { return bytes_at<0x030, 16>(*this); }
  [[nodiscard]] constexpr auto version() const noexcept { return bytes_at<0x030, 16>(*this); }
  constexpr void set_version(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x030>(*this, value); }
  /// 080h: TPR. (medium confidence)
  [[nodiscard]] constexpr auto tpr() noexcept { return bytes_at<0x080, 16>(*this); }
  [[nodiscard]] constexpr auto tpr() const noexcept { return bytes_at<0x080, 16>(*this); }
  constexpr void set_tpr(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x080>(*this, value); }
  /// 090h: APR. (medium confidence)
  [[nodiscard]] constexpr auto apr() noexcept { return bytes_at<0x090, 16>(*this); }
  [[nodiscard]] constexpr auto apr() const noexcept { return bytes_at<0x090, 16>(*this); }
  constexpr void set_apr(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x090>(*this, value); }
  /// 0A0h: PPR. (medium confidence)
  [[nodiscard]] constexpr auto ppr() noexcept { return bytes_at<0x0a0, 16>(*this); }
  [[nodiscard]] constexpr auto ppr() const noexcept { return bytes_at<0x0a0, 16>(*this); }
  constexpr void set_ppr(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x0a0>(*this, value); }
  /// 0B0h: EOI. (medium confidence)
  [[nodiscard]] constexpr auto eoi() noexcept { return bytes_at<0x0b0, 16>(*this); }
  [[nodiscard]] constexpr auto eoi() const noexcept { return bytes_at<0x0b0, 16>(*this); }
  constexpr void set_eoi(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x0b0>(*this, value); }
  /// 0C0h: Remote read. (medium confidence)
  [[nodiscard]] constexpr auto rrd() noexcept { return bytes_at<0x0c0, 16>(*this); }
  [[nodiscard]] constexpr auto rrd() const noexcept { return bytes_at<0x0c0, 16>(*this); }
  constexpr void set_rrd(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x0c0>(*this, value); }
  /// 0D0h: LDR. (medium confidence)
  [[nodiscard]] constexpr auto ldr() noexcept { return bytes_at<0x0d0, 16>(*this); }
  [[nodiscard]] constexpr auto ldr() const noexcept { return bytes_at<0x0d0, 16>(*this); }
  constexpr void set_ldr(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x0d0>(*this, value); }
  /// 0E0h: DFR. (medium confidence)
  [[nodiscard]] constexpr auto dfr() noexcept { return bytes_at<0x0e0, 16>(*this); }
  [[nodiscard]] constexpr auto dfr() const noexcept { return bytes_at<0x0e0, 16>(*this); }
  constexpr void set_dfr(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x0e0>(*this, value); }
  /// 0F0h: SVR. (medium confidence)
  [[nodiscard]] constexpr auto svr() noexcept { return bytes_at<0x0f0, 16>(*this); }
  [[nodiscard]] constexpr auto svr() const noexcept { return bytes_at<0x0f0, 16>(*this); }
  constexpr void set_svr(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x0f0>(*this, value); }
  /// 100h: Eight ISR slots. (medium confidence)
  [[nodiscard]] constexpr auto isr() noexcept { return bytes_at<0x100, 128>(*this); }
  [[nodiscard]] constexpr auto isr() const noexcept { return bytes_at<0x100, 128>(*this); }
  constexpr void set_isr(std::span<const std::uint8_t, 128> value) noexcept { store_bytes<0x100>(*this, value); }
  /// 180h: Eight TMR slots. (medium confidence)
  [[nodiscard]] constexpr auto tmr() noexcept { return bytes_at<0x180, 128>(*this); }
  [[nodiscard]] constexpr auto tmr() const noexcept { return bytes_at<0x180, 128>(*this); }
  constexpr void set_tmr(std::span<const std::uint8_t, 128> value) noexcept { store_bytes<0x180>(*this, value); }
  /// 200h: Eight slots: +0 IRR dword, +4 ALLOWED_IRR dword. (medium confidence)
  [[nodiscard]] constexpr auto irr() noexcept { return bytes_at<0x200, 128>(*this); }
  [[nodiscard]] constexpr auto irr() const noexcept { return bytes_at<0x200, 128>(*this); }
  constexpr void set_irr(std::span<const std::uint8_t, 128> value) noexcept { store_bytes<0x200>(*this, value); }
  /// 280h: ESR. (medium confidence)
  [[nodiscard]] constexpr auto esr() noexcept { return bytes_at<0x280, 16>(*this); }
  [[nodiscard]] constexpr auto esr() const noexcept { return bytes_at<0x280, 16>(*this); }
  constexpr void set_esr(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x280>(*this, value); }
  /// 2F0h: LVT CMCI. (medium confidence)
  [[nodiscard]] constexpr auto lvt_cmci() noexcept { return bytes_at<0x2f0, 16>(*this); }
  [[nodiscard]] constexpr auto lvt_cmci() const noexcept { return bytes_at<0x2f0, 16>(*this); }
  constexpr void set_lvt_cmci(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x2f0>(*this, value); }
  /// 300h: ICR low and high slots. (medium confidence)
  [[nodiscard]] constexpr auto icr() noexcept { return bytes_at<0x300, 32>(*this); }
  [[nodiscard]] constexpr auto icr() const noexcept { return bytes_at<0x300, 32>(*this); }
  constexpr void set_icr(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x300>(*this, value); }
  /// 320h: LVT timer. (medium confidence)
  [[nodiscard]] constexpr auto lvt_timer() noexcept { return bytes_at<0x320, 16>(*this); }
  [[nodiscard]] constexpr auto lvt_timer() const noexcept { return bytes_at<0x320, 16>(*this); }
  constexpr void set_lvt_timer(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x320>(*this, value); }
  /// 330h: LVT thermal. (medium confidence)
  [[nodiscard]] constexpr auto lvt_thermal() noexcept { return bytes_at<0x330, 16>(*this); }
  [[nodiscard]] constexpr auto lvt_thermal() const noexcept { return bytes_at<0x330, 16>(*this); }
  constexpr void set_lvt_thermal(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x330>(*this, value); }
  /// 340h: LVT PMC. (medium confidence)
  [[nodiscard]] constexpr auto lvt_pmc() noexcept { return bytes_at<0x340, 16>(*this); }
  [[nodiscard]] constexpr auto lvt_pmc() const noexcept { return bytes_at<0x340, 16>(*this); }
  constexpr void set_lvt_pmc(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x340>(*this, value); }
  /// 350h: LINT0. (medium confidence)
  [[nodiscard]] constexpr auto lvt_lint0() noexcept { return bytes_at<0x350, 16>(*this); }
  [[nodiscard]] constexpr auto lvt_lint0() const noexcept { return bytes_at<0x350, 16>(*this); }
  constexpr void set_lvt_lint0(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x350>(*this, value); }
  /// 360h: LINT1. (medium confidence)
  [[nodiscard]] constexpr auto lvt_lint1() noexcept { return bytes_at<0x360, 16>(*this); }
  [[nodiscard]] constexpr auto lvt_lint1() const noexcept { return bytes_at<0x360, 16>(*this); }
  constexpr void set_lvt_lint1(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x360>(*this, value); }
  /// 370h: LVT error. (medium confidence)
  [[nodiscard]] constexpr auto lvt_error() noexcept { return bytes_at<0x370, 16>(*this); }
  [[nodiscard]] constexpr auto lvt_error() const noexcept { return bytes_at<0x370, 16>(*this); }
  constexpr void set_lvt_error(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x370>(*this, value); }
  /// 380h: Timer initial count. (medium confidence)
  [[nodiscard]] constexpr auto timer_icr() noexcept { return bytes_at<0x380, 16>(*this); }
  [[nodiscard]] constexpr auto timer_icr() const noexcept { return bytes_at<0x380, 16>(*this); }
  constexpr void set_timer_icr(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x380>(*this, value); }
  /// 390h: Timer current count. (medium confidence)
  [[nodiscard]] constexpr auto timer_ccr() noexcept { return bytes_at<0x390, 16>(*this); }
  [[nodiscard]] constexpr auto timer_ccr() const noexcept { return bytes_at<0x390, 16>(*this); }
  constexpr void set_timer_ccr(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x390>(*this, value); }
  /// 3E0h: Timer divide. (medium confidence)
  [[nodiscard]] constexpr auto timer_dcr() noexcept { return bytes_at<0x3e0, 16>(*this); }
  [[nodiscard]] constexpr auto timer_dcr() const noexcept { return bytes_at<0x3e0, 16>(*this); }
  constexpr void set_timer_dcr(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x3e0>(*this, value); }
  /// 3F0h: Self IPI. (medium confidence)
  [[nodiscard]] constexpr auto self_ipi() noexcept { return bytes_at<0x3f0, 16>(*this); }
  [[nodiscard]] constexpr auto self_ipi() const noexcept { return bytes_at<0x3f0, 16>(*this); }
  constexpr void set_self_ipi(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x3f0>(*this, value); }
  /// 400h: Extended APIC feature. (medium confidence)
  [[nodiscard]] constexpr auto ext_feature() noexcept { return bytes_at<0x400, 16>(*this); }
  [[nodiscard]] constexpr auto ext_feature() const noexcept { return bytes_at<0x400, 16>(*this); }
  constexpr void set_ext_feature(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x400>(*this, value); }
  /// 410h: Extended APIC control. (medium confidence)
  [[nodiscard]] constexpr auto ext_control() noexcept { return bytes_at<0x410, 16>(*this); }
  [[nodiscard]] constexpr auto ext_control() const noexcept { return bytes_at<0x410, 16>(*this); }
  constexpr void set_ext_control(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x410>(*this, value); }
  /// 420h: Specific EOI. (medium confidence)
  [[nodiscard]] constexpr auto seoi() noexcept { return bytes_at<0x420, 16>(*this); }
  [[nodiscard]] constexpr auto seoi() const noexcept { return bytes_at<0x420, 16>(*this); }
  constexpr void set_seoi(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x420>(*this, value); }
  /// 480h: Interrupt enable registers. (medium confidence)
  [[nodiscard]] constexpr auto ier() noexcept { return bytes_at<0x480, 128>(*this); }
  [[nodiscard]] constexpr auto ier() const noexcept { return bytes_at<0x480, 128>(*this); }
  constexpr void set_ier(std::span<const std::uint8_t, 128> value) noexcept { store_bytes<0x480>(*this, value); }
  /// 500h: Extended interrupt LVT (three slots). (medium confidence)
  [[nodiscard]] constexpr auto ext_lvt() noexcept { return bytes_at<0x500, 48>(*this); }
  [[nodiscard]] constexpr auto ext_lvt() const noexcept { return bytes_at<0x500, 48>(*this); }
  constexpr void set_ext_lvt(std::span<const std::uint8_t, 48> value) noexcept { store_bytes<0x500>(*this, value); }

  friend constexpr auto describe(const basic_secure_avic_backing_page*) noexcept -> const structure_info& {
    return descriptions::secure_avic_backing_page;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_secure_avic_backing_page<A>& a, const basic_secure_avic_backing_page<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using secure_avic_backing_page = basic_secure_avic_backing_page<owned<4096>>;
/// Over bytes that lie elsewhere.
using secure_avic_backing_page_view = basic_secure_avic_backing_page<borrowed<std::uint8_t, 4096>>;
/// Over bytes that are only read.
using secure_avic_backing_page_const_view = basic_secure_avic_backing_page<borrowed<const std::uint8_t, 4096>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
