// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_MSR_HPP
#define SEVSPEC_LAYOUT_MSR_HPP

// Model-specific registers of memory encryption.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr bit_info msr_syscfg_value_bits[] = {
    {.lsb =  0, .width = 18, .name = "reserved_17_0",          .meaning = "reserved", .reserved = true},
    {.lsb = 18, .width =  1, .name = "mtrr_fix_dram_en",       .meaning = "fixed MTRR RdDram/WrDram enable"},
    {.lsb = 19, .width =  1, .name = "mtrr_fix_dram_mod_en",   .meaning = "fixed MTRR RdDram/WrDram modification enable"},
    {.lsb = 20, .width =  1, .name = "mtrr_var_dram_en",       .meaning = "variable MTRR DRAM enable"},
    {.lsb = 21, .width =  1, .name = "mtrr_tom2_en",           .meaning = "TOM2 enable"},
    {.lsb = 22, .width =  1, .name = "tom2_force_wb",          .meaning = "TOM2 forces WB"},
    {.lsb = 23, .width =  1, .name = "mem_encryption_mode_en", .meaning = "SME enable; must be set before SEV can be used"},
    {.lsb = 24, .width =  1, .name = "snp_en",                 .meaning = "SecureNestedPagingEn (cannot be cleared until reset)"},
    {.lsb = 25, .width =  1, .name = "vmpl_en",                .meaning = "VMPLEn"},
    {.lsb = 26, .width =  1, .name = "hmk_en",                 .meaning = "host multi-key encryption enable", .trust = confidence::medium},
    {.lsb = 27, .width = 37, .name = "reserved_63_27",         .meaning = "reserved", .reserved = true},
};
inline constexpr field_info msr_syscfg_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR", .since = level::sev, .bits = msr_syscfg_value_bits},
};
inline constexpr structure_info msr_syscfg{
    .name = "msr_syscfg",
    .id = "LAY-MSR-SYSCFG",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "APM2 7.10.1, 15.36.1",
    .description = "SYSCFG C001_0010 (SEV related bits).",
    .fields = msr_syscfg_fields,
};

inline constexpr bit_info msr_sev_status_value_bits[] = {
    {.lsb =  0, .width =  1, .name = "sev",                  .meaning = "SEV active"},
    {.lsb =  1, .width =  1, .name = "sev_es",               .meaning = "SEV-ES active"},
    {.lsb =  2, .width =  1, .name = "sev_snp",              .meaning = "SEV-SNP active (SEV_FEATURES[0])"},
    {.lsb =  3, .width =  1, .name = "vtom",                 .meaning = "virtual TOM"},
    {.lsb =  4, .width =  1, .name = "reflect_vc",           .meaning = "ReflectVC"},
    {.lsb =  5, .width =  1, .name = "restricted_injection", .meaning = "restricted injection"},
    {.lsb =  6, .width =  1, .name = "alternate_injection",  .meaning = "alternate injection"},
    {.lsb =  7, .width =  1, .name = "debug_swap",           .meaning = "debug swap"},
    {.lsb =  8, .width =  1, .name = "prevent_host_ibs",     .meaning = "prevent host IBS"},
    {.lsb =  9, .width =  1, .name = "btb_isolation",        .meaning = "BTB isolation"},
    {.lsb = 10, .width =  1, .name = "vmpl_sss",             .meaning = "VMPL SSS"},
    {.lsb = 11, .width =  1, .name = "secure_tsc",           .meaning = "Secure TSC"},
    {.lsb = 12, .width =  1, .name = "vmgexit_parameter",    .meaning = "VMGEXIT parameter"},
    {.lsb = 13, .width =  1, .name = "pmc_virtualization",   .meaning = "PMC virtualisation", .trust = confidence::medium},
    {.lsb = 14, .width =  1, .name = "ibs_virtualization",   .meaning = "IBS virtualisation"},
    {.lsb = 15, .width =  1, .name = "guest_intercept_ctl",  .meaning = "guest intercept control (listed as reserved by every source; position inferred)", .trust = confidence::low},
    {.lsb = 16, .width =  1, .name = "vmsa_reg_prot",        .meaning = "VMSA register protection"},
    {.lsb = 17, .width =  1, .name = "smt_protection",       .meaning = "SMT protection"},
    {.lsb = 18, .width =  1, .name = "secure_avic",          .meaning = "Secure AVIC"},
    {.lsb = 19, .width =  4, .name = "reserved_22_19",       .meaning = "reserved", .reserved = true},
    {.lsb = 23, .width =  1, .name = "ibpb_on_entry",        .meaning = "IBPB on entry"},
    {.lsb = 24, .width = 40, .name = "reserved_63_24",       .meaning = "reserved", .reserved = true},
};
inline constexpr field_info msr_sev_status_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR", .since = level::sev, .bits = msr_sev_status_value_bits},
};
inline constexpr structure_info msr_sev_status{
    .name = "msr_sev_status",
    .id = "LAY-MSR-SEV-STATUS",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "APM2 15.34.10",
    .description = "SEV_STATUS C001_0131, guest readable, never intercepted. Bits >= 3 mirror SEV_FEATURES bit (n-2).",
    .fields = msr_sev_status_fields,
};

inline constexpr bit_info msr_rmp_base_value_bits[] = {
    {.lsb =  0, .width = 13, .name = "reserved_12_0",  .meaning = "reserved", .reserved = true},
    {.lsb = 13, .width = 39, .name = "base",           .meaning = "RMP base bits 51:13 (8 KiB aligned; first 16 KiB is processor bookkeeping)"},
    {.lsb = 52, .width = 12, .name = "reserved_63_52", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info msr_rmp_base_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR", .since = level::snp, .bits = msr_rmp_base_value_bits},
};
inline constexpr structure_info msr_rmp_base{
    .name = "msr_rmp_base",
    .id = "LAY-MSR-RMP-BASE",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "APM2 15.36.4",
    .description = "RMP_BASE C001_0132.",
    .fields = msr_rmp_base_fields,
};

inline constexpr bit_info msr_rmp_end_value_bits[] = {
    {.lsb =  0, .width = 13, .name = "low_ones",       .meaning = "read as ones"},
    {.lsb = 13, .width = 39, .name = "end",            .meaning = "last byte address bits 51:13"},
    {.lsb = 52, .width = 12, .name = "reserved_63_52", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info msr_rmp_end_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR", .since = level::snp, .bits = msr_rmp_end_value_bits},
};
inline constexpr structure_info msr_rmp_end{
    .name = "msr_rmp_end",
    .id = "LAY-MSR-RMP-END",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "APM2 15.36.4",
    .description = "RMP_END C001_0133.",
    .fields = msr_rmp_end_fields,
};

inline constexpr bit_info msr_rmp_cfg_value_bits[] = {
    {.lsb =  0, .width =  1, .name = "seg_rmp_en",     .meaning = "segmented RMP enabled"},
    {.lsb =  1, .width =  7, .name = "reserved_7_1",   .meaning = "reserved", .reserved = true},
    {.lsb =  8, .width =  6, .name = "segment_shift",  .meaning = "log2 of bytes of memory covered by one segment"},
    {.lsb = 14, .width = 50, .name = "reserved_63_14", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info msr_rmp_cfg_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR", .since = level::snp, .bits = msr_rmp_cfg_value_bits},
};
inline constexpr structure_info msr_rmp_cfg{
    .name = "msr_rmp_cfg",
    .id = "LAY-MSR-RMP-CFG",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "APM2 15.36.22",
    .description = "RMP_CFG / SEGMENTED_RMP_CFG C001_0136.",
    .fields = msr_rmp_cfg_fields,
};

inline constexpr bit_info msr_virtual_tom_value_bits[] = {
    {.lsb =  0, .width = 21, .name = "reserved_20_0",  .meaning = "reserved", .trust = confidence::medium, .reserved = true},
    {.lsb = 21, .width = 31, .name = "vtom",           .meaning = "address bits 51:21; lower addresses are private", .trust = confidence::medium},
    {.lsb = 52, .width = 12, .name = "reserved_63_52", .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info msr_virtual_tom_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR", .since = level::snp, .trust = confidence::medium, .bits = msr_virtual_tom_value_bits},
};
inline constexpr structure_info msr_virtual_tom{
    .name = "msr_virtual_tom",
    .id = "LAY-MSR-VIRTUAL-TOM",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "APM2 15.36.8",
    .description = "VIRTUAL_TOM C001_0135 (guest MSR when CPUID Fn8000_001F EAX[18]).",
    .fields = msr_virtual_tom_fields,
};

inline constexpr bit_info msr_guest_tsc_freq_value_bits[] = {
    {.lsb =  0, .width = 18, .name = "mhz",            .meaning = "nominal guest TSC frequency in MHz", .trust = confidence::medium},
    {.lsb = 18, .width = 46, .name = "reserved_63_18", .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info msr_guest_tsc_freq_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR", .since = level::snp, .trust = confidence::medium, .bits = msr_guest_tsc_freq_value_bits},
};
inline constexpr structure_info msr_guest_tsc_freq{
    .name = "msr_guest_tsc_freq",
    .id = "LAY-MSR-GUEST-TSC-FREQ",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "APM2 15.36.18 Secure TSC",
    .description = "GUEST_TSC_FREQ C001_0134.",
    .fields = msr_guest_tsc_freq_fields,
};

inline constexpr bit_info msr_secure_avic_control_value_bits[] = {
    {.lsb =  0, .width =  1, .name = "secure_avic_en", .meaning = "enable"},
    {.lsb =  1, .width =  1, .name = "allowed_nmi",    .meaning = "hypervisor NMI allowed"},
    {.lsb =  2, .width = 10, .name = "reserved_11_2",  .meaning = "reserved", .reserved = true},
    {.lsb = 12, .width = 52, .name = "backing_page",   .meaning = "guest physical frame of the backing page"},
};
inline constexpr field_info msr_secure_avic_control_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR", .since = level::snp, .bits = msr_secure_avic_control_value_bits},
};
inline constexpr structure_info msr_secure_avic_control{
    .name = "msr_secure_avic_control",
    .id = "LAY-MSR-SECURE-AVIC-CONTROL",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "APM2 15.36.21",
    .description = "SECURE_AVIC_CONTROL C001_0138.",
    .fields = msr_secure_avic_control_fields,
};

inline constexpr bit_info msr_vm_hsave_pa_value_bits[] = {
    {.lsb =  0, .width = 12, .name = "reserved_11_0",  .meaning = "reserved", .reserved = true},
    {.lsb = 12, .width = 40, .name = "pa",             .meaning = "host save area frame"},
    {.lsb = 52, .width = 12, .name = "reserved_63_52", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info msr_vm_hsave_pa_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR", .since = level::svm, .bits = msr_vm_hsave_pa_value_bits},
};
inline constexpr structure_info msr_vm_hsave_pa{
    .name = "msr_vm_hsave_pa",
    .id = "LAY-MSR-VM-HSAVE-PA",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 15.30.4",
    .description = "VM_HSAVE_PA C001_0117.",
    .fields = msr_vm_hsave_pa_fields,
};

inline constexpr bit_info msr_vm_page_flush_value_bits[] = {
    {.lsb =  0, .width = 12, .name = "asid", .meaning = "guest ASID", .trust = confidence::medium},
    {.lsb = 12, .width = 52, .name = "vfn",  .meaning = "virtual page number in the hypervisor address space", .trust = confidence::medium},
};
inline constexpr field_info msr_vm_page_flush_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "MSR", .since = level::sev, .trust = confidence::medium, .bits = msr_vm_page_flush_value_bits},
};
inline constexpr structure_info msr_vm_page_flush{
    .name = "msr_vm_page_flush",
    .id = "LAY-MSR-VM-PAGE-FLUSH",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::sev,
    .trust = confidence::medium,
    .spec_ref = "APM2 15.34.9",
    .description = "VM_PAGE_FLUSH C001_011E (write only).",
    .fields = msr_vm_page_flush_fields,
};

}  // namespace descriptions

/// SYSCFG C001_0010 (SEV related bits).   APM2 7.10.1, 15.36.1
/// 8 bytes, aligned to 8 in memory.
struct msr_syscfg {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 18: Fixed MTRR RdDram/WrDram enable.
  [[nodiscard]] constexpr auto mtrr_fix_dram_en() const noexcept -> bool { return bit_at(raw, 18); }
  constexpr auto set_mtrr_fix_dram_en(bool value) & -> msr_syscfg& { return put(*this, 18, 18, value); }
  [[nodiscard]] constexpr auto set_mtrr_fix_dram_en(bool value) && -> msr_syscfg { return put(*this, 18, 18, value); }
  /// Bit 19: Fixed MTRR RdDram/WrDram modification enable.
  [[nodiscard]] constexpr auto mtrr_fix_dram_mod_en() const noexcept -> bool { return bit_at(raw, 19); }
  constexpr auto set_mtrr_fix_dram_mod_en(bool value) & -> msr_syscfg& { return put(*this, 19, 19, value); }
  [[nodiscard]] constexpr auto set_mtrr_fix_dram_mod_en(bool value) && -> msr_syscfg { return put(*this, 19, 19, value); }
  /// Bit 20: Variable MTRR DRAM enable.
  [[nodiscard]] constexpr auto mtrr_var_dram_en() const noexcept -> bool { return bit_at(raw, 20); }
  constexpr auto set_mtrr_var_dram_en(bool value) & -> msr_syscfg& { return put(*this, 20, 20, value); }
  [[nodiscard]] constexpr auto set_mtrr_var_dram_en(bool value) && -> msr_syscfg { return put(*this, 20, 20, value); }
  /// Bit 21: TOM2 enable.
  [[nodiscard]] constexpr auto mtrr_tom2_en() const noexcept -> bool { return bit_at(raw, 21); }
  constexpr auto set_mtrr_tom2_en(bool value) & -> msr_syscfg& { return put(*this, 21, 21, value); }
  [[nodiscard]] constexpr auto set_mtrr_tom2_en(bool value) && -> msr_syscfg { return put(*this, 21, 21, value); }
  /// Bit 22: TOM2 forces WB.
  [[nodiscard]] constexpr auto tom2_force_wb() const noexcept -> bool { return bit_at(raw, 22); }
  constexpr auto set_tom2_force_wb(bool value) & -> msr_syscfg& { return put(*this, 22, 22, value); }
  [[nodiscard]] constexpr auto set_tom2_force_wb(bool value) && -> msr_syscfg { return put(*this, 22, 22, value); }
  /// Bit 23: SME enable; must be set before SEV can be used.
  [[nodiscard]] constexpr auto mem_encryption_mode_en() const noexcept -> bool { return bit_at(raw, 23); }
  constexpr auto set_mem_encryption_mode_en(bool value) & -> msr_syscfg& { return put(*this, 23, 23, value); }
  [[nodiscard]] constexpr auto set_mem_encryption_mode_en(bool value) && -> msr_syscfg { return put(*this, 23, 23, value); }
  /// Bit 24: SecureNestedPagingEn (cannot be cleared until reset).
  [[nodiscard]] constexpr auto snp_en() const noexcept -> bool { return bit_at(raw, 24); }
  constexpr auto set_snp_en(bool value) & -> msr_syscfg& { return put(*this, 24, 24, value); }
  [[nodiscard]] constexpr auto set_snp_en(bool value) && -> msr_syscfg { return put(*this, 24, 24, value); }
  /// Bit 25: VMPLEn.
  [[nodiscard]] constexpr auto vmpl_en() const noexcept -> bool { return bit_at(raw, 25); }
  constexpr auto set_vmpl_en(bool value) & -> msr_syscfg& { return put(*this, 25, 25, value); }
  [[nodiscard]] constexpr auto set_vmpl_en(bool value) && -> msr_syscfg { return put(*this, 25, 25, value); }
  /// Bit 26: Host multi-key encryption enable.
  [[nodiscard]] constexpr auto hmk_en() const noexcept -> bool { return bit_at(raw, 26); }
  constexpr auto set_hmk_en(bool value) & -> msr_syscfg& { return put(*this, 26, 26, value); }
  [[nodiscard]] constexpr auto set_hmk_en(bool value) && -> msr_syscfg { return put(*this, 26, 26, value); }

  friend constexpr auto operator==(const msr_syscfg&, const msr_syscfg&) -> bool = default;
  friend constexpr auto describe(const msr_syscfg*) noexcept -> const structure_info& {
    return descriptions::msr_syscfg;
  }
};

/// SEV_STATUS C001_0131, guest readable, never intercepted. Bits >= 3 mirror SEV_FEATURES bit (n-2).   APM2 15.34.10
/// 8 bytes, aligned to 8 in memory.
struct msr_sev_status {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: SEV active.
  [[nodiscard]] constexpr auto sev() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_sev(bool value) & -> msr_sev_status& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_sev(bool value) && -> msr_sev_status { return put(*this, 0, 0, value); }
  /// Bit 1: SEV-ES active.
  [[nodiscard]] constexpr auto sev_es() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_sev_es(bool value) & -> msr_sev_status& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_sev_es(bool value) && -> msr_sev_status { return put(*this, 1, 1, value); }
  /// Bit 2: SEV-SNP active (SEV_FEATURES[0]).
  [[nodiscard]] constexpr auto sev_snp() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_sev_snp(bool value) & -> msr_sev_status& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_sev_snp(bool value) && -> msr_sev_status { return put(*this, 2, 2, value); }
  /// Bit 3: Virtual TOM.
  [[nodiscard]] constexpr auto vtom() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_vtom(bool value) & -> msr_sev_status& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_vtom(bool value) && -> msr_sev_status { return put(*this, 3, 3, value); }
  /// Bit 4: ReflectVC.
  [[nodiscard]] constexpr auto reflect_vc() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_reflect_vc(bool value) & -> msr_sev_status& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_reflect_vc(bool value) && -> msr_sev_status { return put(*this, 4, 4, value); }
  /// Bit 5: Restricted injection.
  [[nodiscard]] constexpr auto restricted_injection() const noexcept -> bool { return bit_at(raw, 5); }
  constexpr auto set_restricted_injection(bool value) & -> msr_sev_status& { return put(*this, 5, 5, value); }
  [[nodiscard]] constexpr auto set_restricted_injection(bool value) && -> msr_sev_status { return put(*this, 5, 5, value); }
  /// Bit 6: Alternate injection.
  [[nodiscard]] constexpr auto alternate_injection() const noexcept -> bool { return bit_at(raw, 6); }
  constexpr auto set_alternate_injection(bool value) & -> msr_sev_status& { return put(*this, 6, 6, value); }
  [[nodiscard]] constexpr auto set_alternate_injection(bool value) && -> msr_sev_status { return put(*this, 6, 6, value); }
  /// Bit 7: Debug swap.
  [[nodiscard]] constexpr auto debug_swap() const noexcept -> bool { return bit_at(raw, 7); }
  constexpr auto set_debug_swap(bool value) & -> msr_sev_status& { return put(*this, 7, 7, value); }
  [[nodiscard]] constexpr auto set_debug_swap(bool value) && -> msr_sev_status { return put(*this, 7, 7, value); }
  /// Bit 8: Prevent host IBS.
  [[nodiscard]] constexpr auto prevent_host_ibs() const noexcept -> bool { return bit_at(raw, 8); }
  constexpr auto set_prevent_host_ibs(bool value) & -> msr_sev_status& { return put(*this, 8, 8, value); }
  [[nodiscard]] constexpr auto set_prevent_host_ibs(bool value) && -> msr_sev_status { return put(*this, 8, 8, value); }
  /// Bit 9: BTB isolation.
  [[nodiscard]] constexpr auto btb_isolation() const noexcept -> bool { return bit_at(raw, 9); }
  constexpr auto set_btb_isolation(bool value) & -> msr_sev_status& { return put(*this, 9, 9, value); }
  [[nodiscard]] constexpr auto set_btb_isolation(bool value) && -> msr_sev_status { return put(*this, 9, 9, value); }
  /// Bit 10: VMPL SSS.
  [[nodiscard]] constexpr auto vmpl_sss() const noexcept -> bool { return bit_at(raw, 10); }
  constexpr auto set_vmpl_sss(bool value) & -> msr_sev_status& { return put(*this, 10, 10, value); }
  [[nodiscard]] constexpr auto set_vmpl_sss(bool value) && -> msr_sev_status { return put(*this, 10, 10, value); }
  /// Bit 11: Secure TSC.
  [[nodiscard]] constexpr auto secure_tsc() const noexcept -> bool { return bit_at(raw, 11); }
  constexpr auto set_secure_tsc(bool value) & -> msr_sev_status& { return put(*this, 11, 11, value); }
  [[nodiscard]] constexpr auto set_secure_tsc(bool value) && -> msr_sev_status { return put(*this, 11, 11, value); }
  /// Bit 12: VMGEXIT parameter.
  [[nodiscard]] constexpr auto vmgexit_parameter() const noexcept -> bool { return bit_at(raw, 12); }
  constexpr auto set_vmgexit_parameter(bool value) & -> msr_sev_status& { return put(*this, 12, 12, value); }
  [[nodiscard]] constexpr auto set_vmgexit_parameter(bool value) && -> msr_sev_status { return put(*this, 12, 12, value); }
  /// Bit 13: PMC virtualisation.
  [[nodiscard]] constexpr auto pmc_virtualization() const noexcept -> bool { return bit_at(raw, 13); }
  constexpr auto set_pmc_virtualization(bool value) & -> msr_sev_status& { return put(*this, 13, 13, value); }
  [[nodiscard]] constexpr auto set_pmc_virtualization(bool value) && -> msr_sev_status { return put(*this, 13, 13, value); }
  /// Bit 14: IBS virtualisation.
  [[nodiscard]] constexpr auto ibs_virtualization() const noexcept -> bool { return bit_at(raw, 14); }
  constexpr auto set_ibs_virtualization(bool value) & -> msr_sev_status& { return put(*this, 14, 14, value); }
  [[nodiscard]] constexpr auto set_ibs_virtualization(bool value) && -> msr_sev_status { return put(*this, 14, 14, value); }
  /// Bit 15: Guest intercept control (listed as reserved by every source; position inferred).
  [[nodiscard]] constexpr auto guest_intercept_ctl() const noexcept -> bool { return bit_at(raw, 15); }
  constexpr auto set_guest_intercept_ctl(bool value) & -> msr_sev_status& { return put(*this, 15, 15, value); }
  [[nodiscard]] constexpr auto set_guest_intercept_ctl(bool value) && -> msr_sev_status { return put(*this, 15, 15, value); }
  /// Bit 16: VMSA register protection.
  [[nodiscard]] constexpr auto vmsa_reg_prot() const noexcept -> bool { return bit_at(raw, 16); }
  constexpr auto set_vmsa_reg_prot(bool value) & -> msr_sev_status& { return put(*this, 16, 16, value); }
  [[nodiscard]] constexpr auto set_vmsa_reg_prot(bool value) && -> msr_sev_status { return put(*this, 16, 16, value); }
  /// Bit 17: SMT protection.
  [[nodiscard]] constexpr auto smt_protection() const noexcept -> bool { return bit_at(raw, 17); }
  constexpr auto set_smt_protection(bool value) & -> msr_sev_status& { return put(*this, 17, 17, value); }
  [[nodiscard]] constexpr auto set_smt_protection(bool value) && -> msr_sev_status { return put(*this, 17, 17, value); }
  /// Bit 18: Secure AVIC.
  [[nodiscard]] constexpr auto secure_avic() const noexcept -> bool { return bit_at(raw, 18); }
  constexpr auto set_secure_avic(bool value) & -> msr_sev_status& { return put(*this, 18, 18, value); }
  [[nodiscard]] constexpr auto set_secure_avic(bool value) && -> msr_sev_status { return put(*this, 18, 18, value); }
  /// Bit 23: IBPB on entry.
  [[nodiscard]] constexpr auto ibpb_on_entry() const noexcept -> bool { return bit_at(raw, 23); }
  constexpr auto set_ibpb_on_entry(bool value) & -> msr_sev_status& { return put(*this, 23, 23, value); }
  [[nodiscard]] constexpr auto set_ibpb_on_entry(bool value) && -> msr_sev_status { return put(*this, 23, 23, value); }

  friend constexpr auto operator==(const msr_sev_status&, const msr_sev_status&) -> bool = default;
  friend constexpr auto describe(const msr_sev_status*) noexcept -> const structure_info& {
    return descriptions::msr_sev_status;
  }
};

/// RMP_BASE C001_0132.   APM2 15.36.4
/// 8 bytes, aligned to 8 in memory.
struct msr_rmp_base {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 51:13: RMP base bits 51:13 (8 KiB aligned; first 16 KiB is processor bookkeeping).
  [[nodiscard]] constexpr auto base() const noexcept -> std::uint64_t { return bits_at(raw, 51, 13); }
  constexpr auto set_base(std::uint64_t value) & -> msr_rmp_base& { return put(*this, 51, 13, value); }
  [[nodiscard]] constexpr auto set_base(std::uint64_t value) && -> msr_rmp_base { return put(*this, 51, 13, value); }

  friend constexpr auto operator==(const msr_rmp_base&, const msr_rmp_base&) -> bool = default;
  friend constexpr auto describe(const msr_rmp_base*) noexcept -> const structure_info& {
    return descriptions::msr_rmp_base;
  }
};

/// RMP_END C001_0133.   APM2 15.36.4
/// 8 bytes, aligned to 8 in memory.
struct msr_rmp_end {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 12:0: Read as ones.
  [[nodiscard]] constexpr auto low_ones() const noexcept -> std::uint32_t { return bits32_at(raw, 12, 0); }
  constexpr auto set_low_ones(std::uint32_t value) & -> msr_rmp_end& { return put(*this, 12, 0, value); }
  [[nodiscard]] constexpr auto set_low_ones(std::uint32_t value) && -> msr_rmp_end { return put(*this, 12, 0, value); }
  /// Bits 51:13: Last byte address bits 51:13.
  [[nodiscard]] constexpr auto end() const noexcept -> std::uint64_t { return bits_at(raw, 51, 13); }
  constexpr auto set_end(std::uint64_t value) & -> msr_rmp_end& { return put(*this, 51, 13, value); }
  [[nodiscard]] constexpr auto set_end(std::uint64_t value) && -> msr_rmp_end { return put(*this, 51, 13, value); }

  friend constexpr auto operator==(const msr_rmp_end&, const msr_rmp_end&) -> bool = default;
  friend constexpr auto describe(const msr_rmp_end*) noexcept -> const structure_info& {
    return descriptions::msr_rmp_end;
  }
};

/// RMP_CFG / SEGMENTED_RMP_CFG C001_0136.   APM2 15.36.22
/// 8 bytes, aligned to 8 in memory.
struct msr_rmp_cfg {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: Segmented RMP enabled.
  [[nodiscard]] constexpr auto seg_rmp_en() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_seg_rmp_en(bool value) & -> msr_rmp_cfg& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_seg_rmp_en(bool value) && -> msr_rmp_cfg { return put(*this, 0, 0, value); }
  /// Bits 13:8: log2 of bytes of memory covered by one segment.
  [[nodiscard]] constexpr auto segment_shift() const noexcept -> std::uint32_t { return bits32_at(raw, 13, 8); }
  constexpr auto set_segment_shift(std::uint32_t value) & -> msr_rmp_cfg& { return put(*this, 13, 8, value); }
  [[nodiscard]] constexpr auto set_segment_shift(std::uint32_t value) && -> msr_rmp_cfg { return put(*this, 13, 8, value); }

  friend constexpr auto operator==(const msr_rmp_cfg&, const msr_rmp_cfg&) -> bool = default;
  friend constexpr auto describe(const msr_rmp_cfg*) noexcept -> const structure_info& {
    return descriptions::msr_rmp_cfg;
  }
};

/// VIRTUAL_TOM C001_0135 (guest MSR when CPUID Fn8000_001F EAX[18]).   APM2 15.36.8
/// 8 bytes, aligned to 8 in memory.
struct msr_virtual_tom {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 51:21: Address bits 51:21; lower addresses are private.
  [[nodiscard]] constexpr auto vtom() const noexcept -> std::uint32_t { return bits32_at(raw, 51, 21); }
  constexpr auto set_vtom(std::uint32_t value) & -> msr_virtual_tom& { return put(*this, 51, 21, value); }
  [[nodiscard]] constexpr auto set_vtom(std::uint32_t value) && -> msr_virtual_tom { return put(*this, 51, 21, value); }

  friend constexpr auto operator==(const msr_virtual_tom&, const msr_virtual_tom&) -> bool = default;
  friend constexpr auto describe(const msr_virtual_tom*) noexcept -> const structure_info& {
    return descriptions::msr_virtual_tom;
  }
};

/// GUEST_TSC_FREQ C001_0134.   APM2 15.36.18 Secure TSC
/// 8 bytes, aligned to 8 in memory.
struct msr_guest_tsc_freq {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 17:0: Nominal guest TSC frequency in MHz.
  [[nodiscard]] constexpr auto mhz() const noexcept -> std::uint32_t { return bits32_at(raw, 17, 0); }
  constexpr auto set_mhz(std::uint32_t value) & -> msr_guest_tsc_freq& { return put(*this, 17, 0, value); }
  [[nodiscard]] constexpr auto set_mhz(std::uint32_t value) && -> msr_guest_tsc_freq { return put(*this, 17, 0, value); }

  friend constexpr auto operator==(const msr_guest_tsc_freq&, const msr_guest_tsc_freq&) -> bool = default;
  friend constexpr auto describe(const msr_guest_tsc_freq*) noexcept -> const structure_info& {
    return descriptions::msr_guest_tsc_freq;
  }
};

/// SECURE_AVIC_CONTROL C001_0138.   APM2 15.36.21
/// 8 bytes, aligned to 8 in memory.
struct msr_secure_avic_control {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: Enable.
  [[nodiscard]] constexpr auto secure_avic_en() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_secure_avic_en(bool value) & -> msr_secure_avic_control& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_secure_avic_en(bool value) && -> msr_secure_avic_control { return put(*this, 0, 0, value); }
  /// Bit 1: Hypervisor NMI allowed.
  [[nodiscard]] constexpr auto allowed_nmi() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_allowed_nmi(bool value) & -> msr_secure_avic_control& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_allowed_nmi(bool value) && -> msr_secure_avic_control { return put(*this, 1, 1, value); }
  /// Bits 63:12: Guest physical frame of the backing page.
  [[nodiscard]] constexpr auto backing_page() const noexcept -> std::uint64_t { return bits_at(raw, 63, 12); }
  constexpr auto set_backing_page(std::uint64_t value) & -> msr_secure_avic_control& { return put(*this, 63, 12, value); }
  [[nodiscard]] constexpr auto set_backing_page(std::uint64_t value) && -> msr_secure_avic_control { return put(*this, 63, 12, value); }

  friend constexpr auto operator==(const msr_secure_avic_control&, const msr_secure_avic_control&) -> bool = default;
  friend constexpr auto describe(const msr_secure_avic_control*) noexcept -> const structure_info& {
    return descriptions::msr_secure_avic_control;
  }
};

/// VM_HSAVE_PA C001_0117.   APM2 15.30.4
/// 8 bytes, aligned to 8 in memory.
struct msr_vm_hsave_pa {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 51:12: Host save area frame.
  [[nodiscard]] constexpr auto pa() const noexcept -> std::uint64_t { return bits_at(raw, 51, 12); }
  constexpr auto set_pa(std::uint64_t value) & -> msr_vm_hsave_pa& { return put(*this, 51, 12, value); }
  [[nodiscard]] constexpr auto set_pa(std::uint64_t value) && -> msr_vm_hsave_pa { return put(*this, 51, 12, value); }

  friend constexpr auto operator==(const msr_vm_hsave_pa&, const msr_vm_hsave_pa&) -> bool = default;
  friend constexpr auto describe(const msr_vm_hsave_pa*) noexcept -> const structure_info& {
    return descriptions::msr_vm_hsave_pa;
  }
};

/// VM_PAGE_FLUSH C001_011E (write only).   APM2 15.34.9
/// 8 bytes, aligned to 8 in memory.
struct msr_vm_page_flush {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:0: Guest ASID.
  [[nodiscard]] constexpr auto asid() const noexcept -> std::uint32_t { return bits32_at(raw, 11, 0); }
  constexpr auto set_asid(std::uint32_t value) & -> msr_vm_page_flush& { return put(*this, 11, 0, value); }
  [[nodiscard]] constexpr auto set_asid(std::uint32_t value) && -> msr_vm_page_flush { return put(*this, 11, 0, value); }
  /// Bits 63:12: Virtual page number in the hypervisor address space.
  [[nodiscard]] constexpr auto vfn() const noexcept -> std::uint64_t { return bits_at(raw, 63, 12); }
  constexpr auto set_vfn(std::uint64_t value) & -> msr_vm_page_flush& { return put(*this, 63, 12, value); }
  [[nodiscard]] constexpr auto set_vfn(std::uint64_t value) && -> msr_vm_page_flush { return put(*this, 63, 12, value); }

  friend constexpr auto operator==(const msr_vm_page_flush&, const msr_vm_page_flush&) -> bool = default;
  friend constexpr auto describe(const msr_vm_page_flush*) noexcept -> const structure_info& {
    return descriptions::msr_vm_page_flush;
  }
};

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
