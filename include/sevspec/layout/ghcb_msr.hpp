// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_GHCB_MSR_HPP
#define SEVSPEC_LAYOUT_GHCB_MSR_HPP

// Words of the GHCB MSR protocol.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/codes/ghcb_codes.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr bit_info ghcb_msr_generic_value_bits[] = {
    {.lsb =  0, .width = 12, .name = "info", .meaning = "GHCBInfo code", .values = &tables::ghcb_msr_codes},
    {.lsb = 12, .width = 52, .name = "data", .meaning = "GHCBData"},
};
inline constexpr field_info ghcb_msr_generic_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR word", .since = level::es, .bits = ghcb_msr_generic_value_bits},
};
inline constexpr structure_info ghcb_msr_generic{
    .name = "ghcb_msr_generic",
    .id = "LAY-GHCB-MSR-GENERIC",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::es,
    .trust = confidence::high,
    .spec_ref = "GHCB 2.3",
    .description = "GHCB MSR (C001_0130) word. Bits 11:0 = 0 means the MSR holds a GHCB guest physical address.",
    .fields = ghcb_msr_generic_fields,
};

inline constexpr bit_info ghcb_msr_sev_info_resp_value_bits[] = {
    {.lsb =  0, .width = 12, .name = "info",           .meaning = "0x001", .values = &tables::ghcb_msr_codes},
    {.lsb = 12, .width = 12, .name = "reserved_23_12", .meaning = "reserved", .reserved = true},
    {.lsb = 24, .width =  8, .name = "cbit",           .meaning = "C-bit position"},
    {.lsb = 32, .width = 16, .name = "min_version",    .meaning = "minimum GHCB protocol version"},
    {.lsb = 48, .width = 16, .name = "max_version",    .meaning = "maximum GHCB protocol version"},
};
inline constexpr field_info ghcb_msr_sev_info_resp_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR word", .since = level::es, .bits = ghcb_msr_sev_info_resp_value_bits},
};
inline constexpr structure_info ghcb_msr_sev_info_resp{
    .name = "ghcb_msr_sev_info_resp",
    .id = "LAY-GHCB-MSR-SEV-INFO-RESP",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::es,
    .trust = confidence::high,
    .spec_ref = "GHCB 2.3.1",
    .description = "Code 0x001, written by hypervisor before first guest run and as answer to 0x002.",
    .fields = ghcb_msr_sev_info_resp_fields,
};

inline constexpr bit_info ghcb_msr_cpuid_req_value_bits[] = {
    {.lsb =  0, .width = 12, .name = "info",           .meaning = "0x004", .values = &tables::ghcb_msr_codes},
    {.lsb = 12, .width = 18, .name = "reserved_29_12", .meaning = "reserved", .reserved = true},
    {.lsb = 30, .width =  2, .name = "reg",            .meaning = "0 EAX, 1 EBX, 2 ECX, 3 EDX"},
    {.lsb = 32, .width = 32, .name = "fn",             .meaning = "CPUID function"},
};
inline constexpr field_info ghcb_msr_cpuid_req_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR word", .since = level::es, .bits = ghcb_msr_cpuid_req_value_bits},
};
inline constexpr structure_info ghcb_msr_cpuid_req{
    .name = "ghcb_msr_cpuid_req",
    .id = "LAY-GHCB-MSR-CPUID-REQ",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::es,
    .trust = confidence::high,
    .spec_ref = "GHCB 2.3.1",
    .description = "Code 0x004.",
    .fields = ghcb_msr_cpuid_req_fields,
};

inline constexpr bit_info ghcb_msr_cpuid_resp_value_bits[] = {
    {.lsb =  0, .width = 12, .name = "info",           .meaning = "0x005", .values = &tables::ghcb_msr_codes},
    {.lsb = 12, .width = 18, .name = "reserved_29_12", .meaning = "reserved", .reserved = true},
    {.lsb = 30, .width =  2, .name = "reg",            .meaning = "register returned"},
    {.lsb = 32, .width = 32, .name = "value",          .meaning = "register value"},
};
inline constexpr field_info ghcb_msr_cpuid_resp_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR word", .since = level::es, .bits = ghcb_msr_cpuid_resp_value_bits},
};
inline constexpr structure_info ghcb_msr_cpuid_resp{
    .name = "ghcb_msr_cpuid_resp",
    .id = "LAY-GHCB-MSR-CPUID-RESP",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::es,
    .trust = confidence::high,
    .spec_ref = "GHCB 2.3.1",
    .description = "Code 0x005.",
    .fields = ghcb_msr_cpuid_resp_fields,
};

inline constexpr bit_info ghcb_msr_ap_reset_hold_resp_value_bits[] = {
    {.lsb =  0, .width = 12, .name = "info",   .meaning = "0x007", .values = &tables::ghcb_msr_codes},
    {.lsb = 12, .width = 52, .name = "result", .meaning = "non-zero = successful wakeup"},
};
inline constexpr field_info ghcb_msr_ap_reset_hold_resp_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR word", .since = level::es, .bits = ghcb_msr_ap_reset_hold_resp_value_bits},
};
inline constexpr structure_info ghcb_msr_ap_reset_hold_resp{
    .name = "ghcb_msr_ap_reset_hold_resp",
    .id = "LAY-GHCB-MSR-AP-RESET-HOLD-RESP",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::es,
    .trust = confidence::high,
    .spec_ref = "GHCB 2.3.1",
    .description = "Code 0x007.",
    .fields = ghcb_msr_ap_reset_hold_resp_fields,
};

inline constexpr bit_info ghcb_msr_pref_gpa_resp_value_bits[] = {
    {.lsb =  0, .width = 12, .name = "info", .meaning = "0x011", .values = &tables::ghcb_msr_codes},
    {.lsb = 12, .width = 52, .name = "gfn",  .meaning = "preferred GHCB frame; all ones (0xFFFFFFFFFFFFF) = no preference"},
};
inline constexpr field_info ghcb_msr_pref_gpa_resp_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR word", .since = level::snp, .bits = ghcb_msr_pref_gpa_resp_value_bits},
};
inline constexpr structure_info ghcb_msr_pref_gpa_resp{
    .name = "ghcb_msr_pref_gpa_resp",
    .id = "LAY-GHCB-MSR-PREF-GPA-RESP",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "GHCB 2.3.2",
    .description = "Code 0x011.",
    .fields = ghcb_msr_pref_gpa_resp_fields,
};

inline constexpr bit_info ghcb_msr_reg_gpa_req_value_bits[] = {
    {.lsb =  0, .width = 12, .name = "info", .meaning = "0x012", .values = &tables::ghcb_msr_codes},
    {.lsb = 12, .width = 52, .name = "gfn",  .meaning = "GHCB frame to register"},
};
inline constexpr field_info ghcb_msr_reg_gpa_req_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR word", .since = level::snp, .bits = ghcb_msr_reg_gpa_req_value_bits},
};
inline constexpr structure_info ghcb_msr_reg_gpa_req{
    .name = "ghcb_msr_reg_gpa_req",
    .id = "LAY-GHCB-MSR-REG-GPA-REQ",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "GHCB 2.3.2",
    .description = "Code 0x012.",
    .fields = ghcb_msr_reg_gpa_req_fields,
};

inline constexpr bit_info ghcb_msr_reg_gpa_resp_value_bits[] = {
    {.lsb =  0, .width = 12, .name = "info", .meaning = "0x013", .values = &tables::ghcb_msr_codes},
    {.lsb = 12, .width = 52, .name = "gfn",  .meaning = "equals the requested frame on success; any other value (hypervisors use all ones) = rejected"},
};
inline constexpr field_info ghcb_msr_reg_gpa_resp_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR word", .since = level::snp, .bits = ghcb_msr_reg_gpa_resp_value_bits},
};
inline constexpr structure_info ghcb_msr_reg_gpa_resp{
    .name = "ghcb_msr_reg_gpa_resp",
    .id = "LAY-GHCB-MSR-REG-GPA-RESP",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "GHCB 2.3.2",
    .description = "Code 0x013.",
    .fields = ghcb_msr_reg_gpa_resp_fields,
};

inline constexpr bit_info ghcb_msr_psc_req_value_bits[] = {
    {.lsb =  0, .width = 12, .name = "info",           .meaning = "0x014", .values = &tables::ghcb_msr_codes},
    {.lsb = 12, .width = 40, .name = "gfn",            .meaning = "guest frame number (4 KiB page)"},
    {.lsb = 52, .width =  4, .name = "op",             .meaning = "1 private, 2 shared", .values = &tables::ghcb_psc_ops},
    {.lsb = 56, .width =  8, .name = "reserved_63_56", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info ghcb_msr_psc_req_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR word", .since = level::snp, .bits = ghcb_msr_psc_req_value_bits},
};
inline constexpr structure_info ghcb_msr_psc_req{
    .name = "ghcb_msr_psc_req",
    .id = "LAY-GHCB-MSR-PSC-REQ",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "GHCB 2.3.2",
    .description = "Code 0x014.",
    .fields = ghcb_msr_psc_req_fields,
};

inline constexpr bit_info ghcb_msr_psc_resp_value_bits[] = {
    {.lsb =  0, .width = 12, .name = "info",           .meaning = "0x015", .values = &tables::ghcb_msr_codes},
    {.lsb = 12, .width = 20, .name = "reserved_31_12", .meaning = "reserved", .reserved = true},
    {.lsb = 32, .width = 32, .name = "error",          .meaning = "0 = success; bits 31:12 must be zero"},
};
inline constexpr field_info ghcb_msr_psc_resp_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR word", .since = level::snp, .bits = ghcb_msr_psc_resp_value_bits},
};
inline constexpr structure_info ghcb_msr_psc_resp{
    .name = "ghcb_msr_psc_resp",
    .id = "LAY-GHCB-MSR-PSC-RESP",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "GHCB 2.3.2",
    .description = "Code 0x015.",
    .fields = ghcb_msr_psc_resp_fields,
};

inline constexpr bit_info ghcb_msr_vmpl_req_value_bits[] = {
    {.lsb =  0, .width = 12, .name = "info",           .meaning = "0x016", .values = &tables::ghcb_msr_codes},
    {.lsb = 12, .width = 20, .name = "reserved_31_12", .meaning = "reserved", .reserved = true},
    {.lsb = 32, .width =  8, .name = "vmpl",           .meaning = "VMPL to run"},
    {.lsb = 40, .width = 24, .name = "reserved_63_40", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info ghcb_msr_vmpl_req_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR word", .since = level::snp, .bits = ghcb_msr_vmpl_req_value_bits},
};
inline constexpr structure_info ghcb_msr_vmpl_req{
    .name = "ghcb_msr_vmpl_req",
    .id = "LAY-GHCB-MSR-VMPL-REQ",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "GHCB 2.3.2",
    .description = "Code 0x016.",
    .fields = ghcb_msr_vmpl_req_fields,
};

inline constexpr bit_info ghcb_msr_vmpl_resp_value_bits[] = {
    {.lsb =  0, .width = 12, .name = "info",           .meaning = "0x017", .values = &tables::ghcb_msr_codes},
    {.lsb = 12, .width = 20, .name = "reserved_31_12", .meaning = "reserved", .reserved = true},
    {.lsb = 32, .width = 32, .name = "error",          .meaning = "0 = success"},
};
inline constexpr field_info ghcb_msr_vmpl_resp_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR word", .since = level::snp, .bits = ghcb_msr_vmpl_resp_value_bits},
};
inline constexpr structure_info ghcb_msr_vmpl_resp{
    .name = "ghcb_msr_vmpl_resp",
    .id = "LAY-GHCB-MSR-VMPL-RESP",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "GHCB 2.3.2",
    .description = "Code 0x017.",
    .fields = ghcb_msr_vmpl_resp_fields,
};

inline constexpr bit_info ghcb_msr_hv_features_resp_value_bits[] = {
    {.lsb =  0, .width = 12, .name = "info",     .meaning = "0x081", .values = &tables::ghcb_msr_codes},
    {.lsb = 12, .width = 52, .name = "features", .meaning = "see constant table ghcb_hv_features"},
};
inline constexpr field_info ghcb_msr_hv_features_resp_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR word", .since = level::snp, .bits = ghcb_msr_hv_features_resp_value_bits},
};
inline constexpr structure_info ghcb_msr_hv_features_resp{
    .name = "ghcb_msr_hv_features_resp",
    .id = "LAY-GHCB-MSR-HV-FEATURES-RESP",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "GHCB 2.3.1",
    .description = "Code 0x081.",
    .fields = ghcb_msr_hv_features_resp_fields,
};

inline constexpr bit_info ghcb_msr_term_req_value_bits[] = {
    {.lsb =  0, .width = 12, .name = "info",           .meaning = "0x100", .values = &tables::ghcb_msr_codes},
    {.lsb = 12, .width =  4, .name = "reason_set",     .meaning = "reason code set"},
    {.lsb = 16, .width =  8, .name = "reason_code",    .meaning = "reason code"},
    {.lsb = 24, .width = 40, .name = "reserved_63_24", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info ghcb_msr_term_req_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR word", .since = level::es, .bits = ghcb_msr_term_req_value_bits},
};
inline constexpr structure_info ghcb_msr_term_req{
    .name = "ghcb_msr_term_req",
    .id = "LAY-GHCB-MSR-TERM-REQ",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::es,
    .trust = confidence::high,
    .spec_ref = "GHCB 2.3.1",
    .description = "Code 0x100.",
    .fields = ghcb_msr_term_req_fields,
};

}  // namespace descriptions

/// GHCB MSR (C001_0130) word. Bits 11:0 = 0 means the MSR holds a GHCB guest physical address.   GHCB 2.3
/// 8 bytes, aligned to 8 in memory.
struct ghcb_msr_generic {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:0: GHCBInfo code.
  [[nodiscard]] constexpr auto info() const noexcept -> ghcb_msr_codes {
    return static_cast<ghcb_msr_codes>(bits32_at(raw, 11, 0));
  }
  constexpr auto set_info(ghcb_msr_codes value) & -> ghcb_msr_generic& { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_info(ghcb_msr_codes value) && -> ghcb_msr_generic { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  /// Bits 63:12: GHCBData.
  [[nodiscard]] constexpr auto data() const noexcept -> std::uint64_t { return bits_at(raw, 63, 12); }
  constexpr auto set_data(std::uint64_t value) & -> ghcb_msr_generic& { return put(*this, 63, 12, value); }
  [[nodiscard]] constexpr auto set_data(std::uint64_t value) && -> ghcb_msr_generic { return put(*this, 63, 12, value); }

  friend constexpr auto operator==(const ghcb_msr_generic&, const ghcb_msr_generic&) -> bool = default;
  friend constexpr auto describe(const ghcb_msr_generic*) noexcept -> const structure_info& {
    return descriptions::ghcb_msr_generic;
  }
};

/// Code 0x001, written by hypervisor before first guest run and as answer to 0x002.   GHCB 2.3.1
/// 8 bytes, aligned to 8 in memory.
struct ghcb_msr_sev_info_resp {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:0: 0x001.
  [[nodiscard]] constexpr auto info() const noexcept -> ghcb_msr_codes {
    return static_cast<ghcb_msr_codes>(bits32_at(raw, 11, 0));
  }
  constexpr auto set_info(ghcb_msr_codes value) & -> ghcb_msr_sev_info_resp& { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_info(ghcb_msr_codes value) && -> ghcb_msr_sev_info_resp { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  /// Bits 31:24: C-bit position.
  [[nodiscard]] constexpr auto cbit() const noexcept -> std::uint32_t { return bits32_at(raw, 31, 24); }
  constexpr auto set_cbit(std::uint32_t value) & -> ghcb_msr_sev_info_resp& { return put(*this, 31, 24, value); }
  [[nodiscard]] constexpr auto set_cbit(std::uint32_t value) && -> ghcb_msr_sev_info_resp { return put(*this, 31, 24, value); }
  /// Bits 47:32: Minimum GHCB protocol version.
  [[nodiscard]] constexpr auto min_version() const noexcept -> std::uint32_t { return bits32_at(raw, 47, 32); }
  constexpr auto set_min_version(std::uint32_t value) & -> ghcb_msr_sev_info_resp& { return put(*this, 47, 32, value); }
  [[nodiscard]] constexpr auto set_min_version(std::uint32_t value) && -> ghcb_msr_sev_info_resp { return put(*this, 47, 32, value); }
  /// Bits 63:48: Maximum GHCB protocol version.
  [[nodiscard]] constexpr auto max_version() const noexcept -> std::uint32_t { return bits32_at(raw, 63, 48); }
  constexpr auto set_max_version(std::uint32_t value) & -> ghcb_msr_sev_info_resp& { return put(*this, 63, 48, value); }
  [[nodiscard]] constexpr auto set_max_version(std::uint32_t value) && -> ghcb_msr_sev_info_resp { return put(*this, 63, 48, value); }

  friend constexpr auto operator==(const ghcb_msr_sev_info_resp&, const ghcb_msr_sev_info_resp&) -> bool = default;
  friend constexpr auto describe(const ghcb_msr_sev_info_resp*) noexcept -> const structure_info& {
    return descriptions::ghcb_msr_sev_info_resp;
  }
};

/// Code 0x004.   GHCB 2.3.1
/// 8 bytes, aligned to 8 in memory.
struct ghcb_msr_cpuid_req {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:0: 0x004.
  [[nodiscard]] constexpr auto info() const noexcept -> ghcb_msr_codes {
    return static_cast<ghcb_msr_codes>(bits32_at(raw, 11, 0));
  }
  constexpr auto set_info(ghcb_msr_codes value) & -> ghcb_msr_cpuid_req& { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_info(ghcb_msr_codes value) && -> ghcb_msr_cpuid_req { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  /// Bits 31:30: 0 EAX, 1 EBX, 2 ECX, 3 EDX.
  [[nodiscard]] constexpr auto reg() const noexcept -> std::uint32_t { return bits32_at(raw, 31, 30); }
  constexpr auto set_reg(std::uint32_t value) & -> ghcb_msr_cpuid_req& { return put(*this, 31, 30, value); }
  [[nodiscard]] constexpr auto set_reg(std::uint32_t value) && -> ghcb_msr_cpuid_req { return put(*this, 31, 30, value); }
  /// Bits 63:32: CPUID function.
  [[nodiscard]] constexpr auto fn() const noexcept -> std::uint32_t { return bits32_at(raw, 63, 32); }
  constexpr auto set_fn(std::uint32_t value) & -> ghcb_msr_cpuid_req& { return put(*this, 63, 32, value); }
  [[nodiscard]] constexpr auto set_fn(std::uint32_t value) && -> ghcb_msr_cpuid_req { return put(*this, 63, 32, value); }

  friend constexpr auto operator==(const ghcb_msr_cpuid_req&, const ghcb_msr_cpuid_req&) -> bool = default;
  friend constexpr auto describe(const ghcb_msr_cpuid_req*) noexcept -> const structure_info& {
    return descriptions::ghcb_msr_cpuid_req;
  }
};

/// Code 0x005.   GHCB 2.3.1
/// 8 bytes, aligned to 8 in memory.
struct ghcb_msr_cpuid_resp {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:0: 0x005.
  [[nodiscard]] constexpr auto info() const noexcept -> ghcb_msr_codes {
    return static_cast<ghcb_msr_codes>(bits32_at(raw, 11, 0));
  }
  constexpr auto set_info(ghcb_msr_codes value) & -> ghcb_msr_cpuid_resp& { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_info(ghcb_msr_codes value) && -> ghcb_msr_cpuid_resp { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  /// Bits 31:30: Register returned.
  [[nodiscard]] constexpr auto reg() const noexcept -> std::uint32_t { return bits32_at(raw, 31, 30); }
  constexpr auto set_reg(std::uint32_t value) & -> ghcb_msr_cpuid_resp& { return put(*this, 31, 30, value); }
  [[nodiscard]] constexpr auto set_reg(std::uint32_t value) && -> ghcb_msr_cpuid_resp { return put(*this, 31, 30, value); }
  /// Bits 63:32: Register value.
  [[nodiscard]] constexpr auto value() const noexcept -> std::uint32_t { return bits32_at(raw, 63, 32); }
  constexpr auto set_value(std::uint32_t value) & -> ghcb_msr_cpuid_resp& { return put(*this, 63, 32, value); }
  [[nodiscard]] constexpr auto set_value(std::uint32_t value) && -> ghcb_msr_cpuid_resp { return put(*this, 63, 32, value); }

  friend constexpr auto operator==(const ghcb_msr_cpuid_resp&, const ghcb_msr_cpuid_resp&) -> bool = default;
  friend constexpr auto describe(const ghcb_msr_cpuid_resp*) noexcept -> const structure_info& {
    return descriptions::ghcb_msr_cpuid_resp;
  }
};

/// Code 0x007.   GHCB 2.3.1
/// 8 bytes, aligned to 8 in memory.
struct ghcb_msr_ap_reset_hold_resp {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:0: 0x007.
  [[nodiscard]] constexpr auto info() const noexcept -> ghcb_msr_codes {
    return static_cast<ghcb_msr_codes>(bits32_at(raw, 11, 0));
  }
  constexpr auto set_info(ghcb_msr_codes value) & -> ghcb_msr_ap_reset_hold_resp& { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_info(ghcb_msr_codes value) && -> ghcb_msr_ap_reset_hold_resp { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  /// Bits 63:12: non-zero = successful wakeup.
  [[nodiscard]] constexpr auto result() const noexcept -> std::uint64_t { return bits_at(raw, 63, 12); }
  constexpr auto set_result(std::uint64_t value) & -> ghcb_msr_ap_reset_hold_resp& { return put(*this, 63, 12, value); }
  [[nodiscard]] constexpr auto set_result(std::uint64_t value) && -> ghcb_msr_ap_reset_hold_resp { return put(*this, 63, 12, value); }

  friend constexpr auto operator==(const ghcb_msr_ap_reset_hold_resp&, const ghcb_msr_ap_reset_hold_resp&) -> bool = default;
  friend constexpr auto describe(const ghcb_msr_ap_reset_hold_resp*) noexcept -> const structure_info& {
    return descriptions::ghcb_msr_ap_reset_hold_resp;
  }
};

/// Code 0x011.   GHCB 2.3.2
/// 8 bytes, aligned to 8 in memory.
struct ghcb_msr_pref_gpa_resp {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:0: 0x011.
  [[nodiscard]] constexpr auto info() const noexcept -> ghcb_msr_codes {
    return static_cast<ghcb_msr_codes>(bits32_at(raw, 11, 0));
  }
  constexpr auto set_info(ghcb_msr_codes value) & -> ghcb_msr_pref_gpa_resp& { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_info(ghcb_msr_codes value) && -> ghcb_msr_pref_gpa_resp { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  /// Bits 63:12: Preferred GHCB frame; all ones (0xFFFFFFFFFFFFF) = no preference.
  [[nodiscard]] constexpr auto gfn() const noexcept -> std::uint64_t { return bits_at(raw, 63, 12); }
  constexpr auto set_gfn(std::uint64_t value) & -> ghcb_msr_pref_gpa_resp& { return put(*this, 63, 12, value); }
  [[nodiscard]] constexpr auto set_gfn(std::uint64_t value) && -> ghcb_msr_pref_gpa_resp { return put(*this, 63, 12, value); }

  friend constexpr auto operator==(const ghcb_msr_pref_gpa_resp&, const ghcb_msr_pref_gpa_resp&) -> bool = default;
  friend constexpr auto describe(const ghcb_msr_pref_gpa_resp*) noexcept -> const structure_info& {
    return descriptions::ghcb_msr_pref_gpa_resp;
  }
};

/// Code 0x012.   GHCB 2.3.2
/// 8 bytes, aligned to 8 in memory.
struct ghcb_msr_reg_gpa_req {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:0: 0x012.
  [[nodiscard]] constexpr auto info() const noexcept -> ghcb_msr_codes {
    return static_cast<ghcb_msr_codes>(bits32_at(raw, 11, 0));
  }
  constexpr auto set_info(ghcb_msr_codes value) & -> ghcb_msr_reg_gpa_req& { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_info(ghcb_msr_codes value) && -> ghcb_msr_reg_gpa_req { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  /// Bits 63:12: GHCB frame to register.
  [[nodiscard]] constexpr auto gfn() const noexcept -> std::uint64_t { return bits_at(raw, 63, 12); }
  constexpr auto set_gfn(std::uint64_t value) & -> ghcb_msr_reg_gpa_req& { return put(*this, 63, 12, value); }
  [[nodiscard]] constexpr auto set_gfn(std::uint64_t value) && -> ghcb_msr_reg_gpa_req { return put(*this, 63, 12, value); }

  friend constexpr auto operator==(const ghcb_msr_reg_gpa_req&, const ghcb_msr_reg_gpa_req&) -> bool = default;
  friend constexpr auto describe(const ghcb_msr_reg_gpa_req*) noexcept -> const structure_info& {
    return descriptions::ghcb_msr_reg_gpa_req;
  }
};

/// Code 0x013.   GHCB 2.3.2
/// 8 bytes, aligned to 8 in memory.
struct ghcb_msr_reg_gpa_resp {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:0: 0x013.
  [[nodiscard]] constexpr auto info() const noexcept -> ghcb_msr_codes {
    return static_cast<ghcb_msr_codes>(bits32_at(raw, 11, 0));
  }
  constexpr auto set_info(ghcb_msr_codes value) & -> ghcb_msr_reg_gpa_resp& { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_info(ghcb_msr_codes value) && -> ghcb_msr_reg_gpa_resp { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  /// Bits 63:12: Equals the requested frame on success; any other value (hypervisors use all ones) = rejected.
  [[nodiscard]] constexpr auto gfn() const noexcept -> std::uint64_t { return bits_at(raw, 63, 12); }
  constexpr auto set_gfn(std::uint64_t value) & -> ghcb_msr_reg_gpa_resp& { return put(*this, 63, 12, value); }
  [[nodiscard]] constexpr auto set_gfn(std::uint64_t value) && -> ghcb_msr_reg_gpa_resp { return put(*this, 63, 12, value); }

  friend constexpr auto operator==(const ghcb_msr_reg_gpa_resp&, const ghcb_msr_reg_gpa_resp&) -> bool = default;
  friend constexpr auto describe(const ghcb_msr_reg_gpa_resp*) noexcept -> const structure_info& {
    return descriptions::ghcb_msr_reg_gpa_resp;
  }
};

/// Code 0x014.   GHCB 2.3.2
/// 8 bytes, aligned to 8 in memory.
struct ghcb_msr_psc_req {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:0: 0x014.
  [[nodiscard]] constexpr auto info() const noexcept -> ghcb_msr_codes {
    return static_cast<ghcb_msr_codes>(bits32_at(raw, 11, 0));
  }
  constexpr auto set_info(ghcb_msr_codes value) & -> ghcb_msr_psc_req& { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_info(ghcb_msr_codes value) && -> ghcb_msr_psc_req { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  /// Bits 51:12: Guest frame number (4 KiB page).
  [[nodiscard]] constexpr auto gfn() const noexcept -> std::uint64_t { return bits_at(raw, 51, 12); }
  constexpr auto set_gfn(std::uint64_t value) & -> ghcb_msr_psc_req& { return put(*this, 51, 12, value); }
  [[nodiscard]] constexpr auto set_gfn(std::uint64_t value) && -> ghcb_msr_psc_req { return put(*this, 51, 12, value); }
  /// Bits 55:52: 1 private, 2 shared.
  [[nodiscard]] constexpr auto op() const noexcept -> ghcb_psc_ops {
    return static_cast<ghcb_psc_ops>(bits32_at(raw, 55, 52));
  }
  constexpr auto set_op(ghcb_psc_ops value) & -> ghcb_msr_psc_req& { return put(*this, 55, 52, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_op(ghcb_psc_ops value) && -> ghcb_msr_psc_req { return put(*this, 55, 52, static_cast<std::uint64_t>(value)); }

  friend constexpr auto operator==(const ghcb_msr_psc_req&, const ghcb_msr_psc_req&) -> bool = default;
  friend constexpr auto describe(const ghcb_msr_psc_req*) noexcept -> const structure_info& {
    return descriptions::ghcb_msr_psc_req;
  }
};

/// Code 0x015.   GHCB 2.3.2
/// 8 bytes, aligned to 8 in memory.
struct ghcb_msr_psc_resp {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:0: 0x015.
  [[nodiscard]] constexpr auto info() const noexcept -> ghcb_msr_codes {
    return static_cast<ghcb_msr_codes>(bits32_at(raw, 11, 0));
  }
  constexpr auto set_info(ghcb_msr_codes value) & -> ghcb_msr_psc_resp& { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_info(ghcb_msr_codes value) && -> ghcb_msr_psc_resp { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  /// Bits 63:32: 0 = success; bits 31:12 must be zero.
  [[nodiscard]] constexpr auto error() const noexcept -> std::uint32_t { return bits32_at(raw, 63, 32); }
  constexpr auto set_error(std::uint32_t value) & -> ghcb_msr_psc_resp& { return put(*this, 63, 32, value); }
  [[nodiscard]] constexpr auto set_error(std::uint32_t value) && -> ghcb_msr_psc_resp { return put(*this, 63, 32, value); }

  friend constexpr auto operator==(const ghcb_msr_psc_resp&, const ghcb_msr_psc_resp&) -> bool = default;
  friend constexpr auto describe(const ghcb_msr_psc_resp*) noexcept -> const structure_info& {
    return descriptions::ghcb_msr_psc_resp;
  }
};

/// Code 0x016.   GHCB 2.3.2
/// 8 bytes, aligned to 8 in memory.
struct ghcb_msr_vmpl_req {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:0: 0x016.
  [[nodiscard]] constexpr auto info() const noexcept -> ghcb_msr_codes {
    return static_cast<ghcb_msr_codes>(bits32_at(raw, 11, 0));
  }
  constexpr auto set_info(ghcb_msr_codes value) & -> ghcb_msr_vmpl_req& { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_info(ghcb_msr_codes value) && -> ghcb_msr_vmpl_req { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  /// Bits 39:32: VMPL to run.
  [[nodiscard]] constexpr auto vmpl() const noexcept -> std::uint32_t { return bits32_at(raw, 39, 32); }
  constexpr auto set_vmpl(std::uint32_t value) & -> ghcb_msr_vmpl_req& { return put(*this, 39, 32, value); }
  [[nodiscard]] constexpr auto set_vmpl(std::uint32_t value) && -> ghcb_msr_vmpl_req { return put(*this, 39, 32, value); }

  friend constexpr auto operator==(const ghcb_msr_vmpl_req&, const ghcb_msr_vmpl_req&) -> bool = default;
  friend constexpr auto describe(const ghcb_msr_vmpl_req*) noexcept -> const structure_info& {
    return descriptions::ghcb_msr_vmpl_req;
  }
};

/// Code 0x017.   GHCB 2.3.2
/// 8 bytes, aligned to 8 in memory.
struct ghcb_msr_vmpl_resp {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:0: 0x017.
  [[nodiscard]] constexpr auto info() const noexcept -> ghcb_msr_codes {
    return static_cast<ghcb_msr_codes>(bits32_at(raw, 11, 0));
  }
  constexpr auto set_info(ghcb_msr_codes value) & -> ghcb_msr_vmpl_resp& { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_info(ghcb_msr_codes value) && -> ghcb_msr_vmpl_resp { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  /// Bits 63:32: 0 = success.
  [[nodiscard]] constexpr auto error() const noexcept -> std::uint32_t { return bits32_at(raw, 63, 32); }
  constexpr auto set_error(std::uint32_t value) & -> ghcb_msr_vmpl_resp& { return put(*this, 63, 32, value); }
  [[nodiscard]] constexpr auto set_error(std::uint32_t value) && -> ghcb_msr_vmpl_resp { return put(*this, 63, 32, value); }

  friend constexpr auto operator==(const ghcb_msr_vmpl_resp&, const ghcb_msr_vmpl_resp&) -> bool = default;
  friend constexpr auto describe(const ghcb_msr_vmpl_resp*) noexcept -> const structure_info& {
    return descriptions::ghcb_msr_vmpl_resp;
  }
};

/// Code 0x081.   GHCB 2.3.1
/// 8 bytes, aligned to 8 in memory.
struct ghcb_msr_hv_features_resp {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:0: 0x081.
  [[nodiscard]] constexpr auto info() const noexcept -> ghcb_msr_codes {
    return static_cast<ghcb_msr_codes>(bits32_at(raw, 11, 0));
  }
  constexpr auto set_info(ghcb_msr_codes value) & -> ghcb_msr_hv_features_resp& { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_info(ghcb_msr_codes value) && -> ghcb_msr_hv_features_resp { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  /// Bits 63:12: See constant table ghcb_hv_features.
  [[nodiscard]] constexpr auto features() const noexcept -> std::uint64_t { return bits_at(raw, 63, 12); }
  constexpr auto set_features(std::uint64_t value) & -> ghcb_msr_hv_features_resp& { return put(*this, 63, 12, value); }
  [[nodiscard]] constexpr auto set_features(std::uint64_t value) && -> ghcb_msr_hv_features_resp { return put(*this, 63, 12, value); }

  friend constexpr auto operator==(const ghcb_msr_hv_features_resp&, const ghcb_msr_hv_features_resp&) -> bool = default;
  friend constexpr auto describe(const ghcb_msr_hv_features_resp*) noexcept -> const structure_info& {
    return descriptions::ghcb_msr_hv_features_resp;
  }
};

/// Code 0x100.   GHCB 2.3.1
/// 8 bytes, aligned to 8 in memory.
struct ghcb_msr_term_req {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:0: 0x100.
  [[nodiscard]] constexpr auto info() const noexcept -> ghcb_msr_codes {
    return static_cast<ghcb_msr_codes>(bits32_at(raw, 11, 0));
  }
  constexpr auto set_info(ghcb_msr_codes value) & -> ghcb_msr_term_req& { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_info(ghcb_msr_codes value) && -> ghcb_msr_term_req { return put(*this, 11, 0, static_cast<std::uint64_t>(value)); }
  /// Bits 15:12: Reason code set.
  [[nodiscard]] constexpr auto reason_set() const noexcept -> std::uint32_t { return bits32_at(raw, 15, 12); }
  constexpr auto set_reason_set(std::uint32_t value) & -> ghcb_msr_term_req& { return put(*this, 15, 12, value); }
  [[nodiscard]] constexpr auto set_reason_set(std::uint32_t value) && -> ghcb_msr_term_req { return put(*this, 15, 12, value); }
  /// Bits 23:16: Reason code.
  [[nodiscard]] constexpr auto reason_code() const noexcept -> std::uint32_t { return bits32_at(raw, 23, 16); }
  constexpr auto set_reason_code(std::uint32_t value) & -> ghcb_msr_term_req& { return put(*this, 23, 16, value); }
  [[nodiscard]] constexpr auto set_reason_code(std::uint32_t value) && -> ghcb_msr_term_req { return put(*this, 23, 16, value); }

  friend constexpr auto operator==(const ghcb_msr_term_req&, const ghcb_msr_term_req&) -> bool = default;
  friend constexpr auto describe(const ghcb_msr_term_req*) noexcept -> const structure_info& {
    return descriptions::ghcb_msr_term_req;
  }
};

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
