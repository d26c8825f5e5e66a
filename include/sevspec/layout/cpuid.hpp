// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_CPUID_HPP
#define SEVSPEC_LAYOUT_CPUID_HPP

// CPUID words of SVM and memory encryption.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr bit_info cpuid_8000001f_eax_value_bits[] = {
    {.lsb =  0, .width = 1, .name = "sme",                     .meaning = "SME"},
    {.lsb =  1, .width = 1, .name = "sev",                     .meaning = "SEV"},
    {.lsb =  2, .width = 1, .name = "page_flush_msr",          .meaning = "VM_PAGE_FLUSH MSR"},
    {.lsb =  3, .width = 1, .name = "sev_es",                  .meaning = "SEV-ES"},
    {.lsb =  4, .width = 1, .name = "sev_snp",                 .meaning = "SEV-SNP"},
    {.lsb =  5, .width = 1, .name = "vmpl",                    .meaning = "VMPLs"},
    {.lsb =  6, .width = 1, .name = "rmpquery",                .meaning = "RMPQUERY"},
    {.lsb =  7, .width = 1, .name = "vmpl_sss",                .meaning = "VMPL supervisor shadow stack"},
    {.lsb =  8, .width = 1, .name = "secure_tsc",              .meaning = "Secure TSC"},
    {.lsb =  9, .width = 1, .name = "tsc_aux_virtualization",  .meaning = "TSC_AUX virtualisation"},
    {.lsb = 10, .width = 1, .name = "hw_enf_cache_coh",        .meaning = "coherency across encryption domains"},
    {.lsb = 11, .width = 1, .name = "only_64bit_host",         .meaning = "SEV guests only from a 64-bit host"},
    {.lsb = 12, .width = 1, .name = "restricted_injection",    .meaning = "restricted injection"},
    {.lsb = 13, .width = 1, .name = "alternate_injection",     .meaning = "alternate injection"},
    {.lsb = 14, .width = 1, .name = "debug_swap",              .meaning = "full debug swap"},
    {.lsb = 15, .width = 1, .name = "prevent_host_ibs",        .meaning = "prevent host IBS"},
    {.lsb = 16, .width = 1, .name = "vte",                     .meaning = "virtual transparent encryption"},
    {.lsb = 17, .width = 1, .name = "vmgexit_parameter",       .meaning = "VMGEXIT parameter"},
    {.lsb = 18, .width = 1, .name = "virtual_tom_msr",         .meaning = "VIRTUAL_TOM MSR"},
    {.lsb = 19, .width = 1, .name = "ibs_virt_guest_ctl",      .meaning = "IBS virtualisation"},
    {.lsb = 20, .width = 1, .name = "pmc_virt_guest_ctl",      .meaning = "PMC virtualisation", .trust = confidence::medium},
    {.lsb = 21, .width = 1, .name = "rmpread",                 .meaning = "RMPREAD"},
    {.lsb = 22, .width = 1, .name = "guest_intercept_control", .meaning = "guest intercept control"},
    {.lsb = 23, .width = 1, .name = "segmented_rmp",           .meaning = "segmented RMP"},
    {.lsb = 24, .width = 1, .name = "vmsa_reg_prot",           .meaning = "VMSA register protection"},
    {.lsb = 25, .width = 1, .name = "smt_protection",          .meaning = "SMT protection"},
    {.lsb = 26, .width = 1, .name = "secure_avic",             .meaning = "Secure AVIC"},
    {.lsb = 27, .width = 1, .name = "allowed_sev_features",    .meaning = "ALLOWED_SEV_FEATURES in the VMCB"},
    {.lsb = 28, .width = 1, .name = "svsm_comm_page_msr",      .meaning = "SVSM communication page MSR"},
    {.lsb = 29, .width = 1, .name = "nested_virt_snp_msr",     .meaning = "nested virtualisation SNP MSR"},
    {.lsb = 30, .width = 1, .name = "hv_inuse_wr_allowed",     .meaning = "host writes to in-use pages allowed"},
    {.lsb = 31, .width = 1, .name = "ibpb_on_entry",           .meaning = "IBPB on entry"},
};
inline constexpr field_info cpuid_8000001f_eax_fields[] = {
    {.offset = 0x000, .size = 4, .name = "value", .meaning = "EAX", .since = level::sev, .bits = cpuid_8000001f_eax_value_bits},
};
inline constexpr structure_info cpuid_8000001f_eax{
    .name = "cpuid_8000001f_eax",
    .id = "LAY-CPUID-8000001F-EAX",
    .size = 0x4,
    .alignment = 0x4,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "APM3 E.4.17",
    .description = "CPUID Fn8000_001F EAX.",
    .fields = cpuid_8000001f_eax_fields,
};

inline constexpr bit_info cpuid_8000001f_ebx_value_bits[] = {
    {.lsb =  0, .width =  6, .name = "c_bit_position",      .meaning = "C-bit position"},
    {.lsb =  6, .width =  6, .name = "phys_addr_reduction", .meaning = "reduction of the physical address width"},
    {.lsb = 12, .width =  4, .name = "num_vmpl",            .meaning = "number of VMPLs"},
    {.lsb = 16, .width = 16, .name = "reserved_31_16",      .meaning = "reserved", .reserved = true},
};
inline constexpr field_info cpuid_8000001f_ebx_fields[] = {
    {.offset = 0x000, .size = 4, .name = "value", .meaning = "EBX", .since = level::sev, .bits = cpuid_8000001f_ebx_value_bits},
};
inline constexpr structure_info cpuid_8000001f_ebx{
    .name = "cpuid_8000001f_ebx",
    .id = "LAY-CPUID-8000001F-EBX",
    .size = 0x4,
    .alignment = 0x4,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "APM3 E.4.17",
    .description = "CPUID Fn8000_001F EBX.",
    .fields = cpuid_8000001f_ebx_fields,
};

inline constexpr field_info cpuid_8000001f_ecx_fields[] = {
    {.offset = 0x000, .size = 4, .name = "num_encrypted_guests", .meaning = "number of encrypted ASIDs (1..n)", .since = level::sev},
};
inline constexpr structure_info cpuid_8000001f_ecx{
    .name = "cpuid_8000001f_ecx",
    .id = "LAY-CPUID-8000001F-ECX",
    .size = 0x4,
    .alignment = 0x4,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "APM3 E.4.17",
    .description = "CPUID Fn8000_001F ECX.",
    .fields = cpuid_8000001f_ecx_fields,
};

inline constexpr field_info cpuid_8000001f_edx_fields[] = {
    {.offset = 0x000, .size = 4, .name = "min_sev_no_es_asid", .meaning = "lowest ASID usable by SEV-only guests; ES/SNP guests use 1..value-1", .since = level::sev},
};
inline constexpr structure_info cpuid_8000001f_edx{
    .name = "cpuid_8000001f_edx",
    .id = "LAY-CPUID-8000001F-EDX",
    .size = 0x4,
    .alignment = 0x4,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "APM3 E.4.17",
    .description = "CPUID Fn8000_001F EDX.",
    .fields = cpuid_8000001f_edx_fields,
};

inline constexpr bit_info cpuid_80000023_eax_value_bits[] = {
    {.lsb = 0, .width =  1, .name = "mem_hmk",       .meaning = "secure host multi-key memory", .trust = confidence::medium},
    {.lsb = 1, .width = 31, .name = "reserved_31_1", .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info cpuid_80000023_eax_fields[] = {
    {.offset = 0x000, .size = 4, .name = "value", .meaning = "EAX", .since = level::sev, .trust = confidence::medium, .bits = cpuid_80000023_eax_value_bits},
};
inline constexpr structure_info cpuid_80000023_eax{
    .name = "cpuid_80000023_eax",
    .id = "LAY-CPUID-80000023-EAX",
    .size = 0x4,
    .alignment = 0x4,
    .since = level::sev,
    .trust = confidence::medium,
    .spec_ref = "APM3 E.4.21",
    .description = "CPUID Fn8000_0023 EAX (multi-key encrypted memory).",
    .fields = cpuid_80000023_eax_fields,
};

inline constexpr bit_info cpuid_80000023_ebx_value_bits[] = {
    {.lsb =  0, .width = 16, .name = "max_mem_hmk_encryption_keys", .meaning = "number of keys", .trust = confidence::medium},
    {.lsb = 16, .width = 16, .name = "reserved_31_16",              .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info cpuid_80000023_ebx_fields[] = {
    {.offset = 0x000, .size = 4, .name = "value", .meaning = "EBX", .since = level::sev, .trust = confidence::medium, .bits = cpuid_80000023_ebx_value_bits},
};
inline constexpr structure_info cpuid_80000023_ebx{
    .name = "cpuid_80000023_ebx",
    .id = "LAY-CPUID-80000023-EBX",
    .size = 0x4,
    .alignment = 0x4,
    .since = level::sev,
    .trust = confidence::medium,
    .spec_ref = "APM3 E.4.21",
    .description = "CPUID Fn8000_0023 EBX.",
    .fields = cpuid_80000023_ebx_fields,
};

inline constexpr bit_info cpuid_80000025_eax_value_bits[] = {
    {.lsb =  0, .width =  6, .name = "min_segment_shift", .meaning = "minimum supported RMP segment size (log2)"},
    {.lsb =  6, .width =  6, .name = "max_segment_shift", .meaning = "maximum supported RMP segment size (log2)"},
    {.lsb = 12, .width = 20, .name = "reserved_31_12",    .meaning = "reserved", .reserved = true},
};
inline constexpr field_info cpuid_80000025_eax_fields[] = {
    {.offset = 0x000, .size = 4, .name = "value", .meaning = "EAX", .since = level::snp, .bits = cpuid_80000025_eax_value_bits},
};
inline constexpr structure_info cpuid_80000025_eax{
    .name = "cpuid_80000025_eax",
    .id = "LAY-CPUID-80000025-EAX",
    .size = 0x4,
    .alignment = 0x4,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "APM3 Fn8000_0025",
    .description = "CPUID Fn8000_0025 EAX (segmented RMP).",
    .fields = cpuid_80000025_eax_fields,
};

inline constexpr bit_info cpuid_80000025_ebx_value_bits[] = {
    {.lsb =  0, .width = 10, .name = "num_cached_segments", .meaning = "RMP segment definitions the CPU can cache"},
    {.lsb = 10, .width =  1, .name = "hard_limit",          .meaning = "the above is a hard limit on segments"},
    {.lsb = 11, .width = 21, .name = "reserved_31_11",      .meaning = "reserved", .reserved = true},
};
inline constexpr field_info cpuid_80000025_ebx_fields[] = {
    {.offset = 0x000, .size = 4, .name = "value", .meaning = "EBX", .since = level::snp, .bits = cpuid_80000025_ebx_value_bits},
};
inline constexpr structure_info cpuid_80000025_ebx{
    .name = "cpuid_80000025_ebx",
    .id = "LAY-CPUID-80000025-EBX",
    .size = 0x4,
    .alignment = 0x4,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "APM3 Fn8000_0025",
    .description = "CPUID Fn8000_0025 EBX.",
    .fields = cpuid_80000025_ebx_fields,
};

inline constexpr bit_info cpuid_8000000a_edx_value_bits[] = {
    {.lsb =  0, .width = 1, .name = "np",                          .meaning = "nested paging"},
    {.lsb =  1, .width = 1, .name = "lbr_virt",                    .meaning = "LBR virtualisation"},
    {.lsb =  2, .width = 1, .name = "svml",                        .meaning = "SVM lock"},
    {.lsb =  3, .width = 1, .name = "nrips",                       .meaning = "next RIP save"},
    {.lsb =  4, .width = 1, .name = "tsc_rate_msr",                .meaning = "TSC ratio MSR"},
    {.lsb =  5, .width = 1, .name = "vmcb_clean",                  .meaning = "clean bits"},
    {.lsb =  6, .width = 1, .name = "flush_by_asid",               .meaning = "flush by ASID"},
    {.lsb =  7, .width = 1, .name = "decode_assists",              .meaning = "decode assists"},
    {.lsb =  8, .width = 1, .name = "pmc_virt",                    .meaning = "PMC virtualisation", .trust = confidence::medium},
    {.lsb =  9, .width = 1, .name = "reserved_9_9",                .meaning = "reserved", .reserved = true},
    {.lsb = 10, .width = 1, .name = "pause_filter",                .meaning = "PAUSE filter"},
    {.lsb = 11, .width = 1, .name = "reserved_11_11",              .meaning = "reserved", .reserved = true},
    {.lsb = 12, .width = 1, .name = "pause_filter_threshold",      .meaning = "PAUSE filter threshold"},
    {.lsb = 13, .width = 1, .name = "avic",                        .meaning = "AVIC"},
    {.lsb = 14, .width = 1, .name = "reserved_14_14",              .meaning = "reserved", .reserved = true},
    {.lsb = 15, .width = 1, .name = "vmsave_virt",                 .meaning = "VMSAVE/VMLOAD virtualisation"},
    {.lsb = 16, .width = 1, .name = "vgif",                        .meaning = "virtual GIF"},
    {.lsb = 17, .width = 1, .name = "gmet",                        .meaning = "guest mode execute trap"},
    {.lsb = 18, .width = 1, .name = "x2avic",                      .meaning = "x2AVIC"},
    {.lsb = 19, .width = 1, .name = "sss_check",                   .meaning = "SSS check"},
    {.lsb = 20, .width = 1, .name = "spec_ctrl",                   .meaning = "SPEC_CTRL virtualisation"},
    {.lsb = 21, .width = 1, .name = "ro_gpt",                      .meaning = "read-only guest page tables"},
    {.lsb = 22, .width = 1, .name = "reserved_22_22",              .meaning = "reserved", .reserved = true},
    {.lsb = 23, .width = 1, .name = "host_mce_override",           .meaning = "host #MC override"},
    {.lsb = 24, .width = 1, .name = "tlbi_ctl",                    .meaning = "INVLPGB/TLBSYNC in guests"},
    {.lsb = 25, .width = 1, .name = "vnmi",                        .meaning = "NMI virtualisation"},
    {.lsb = 26, .width = 1, .name = "ibs_virt",                    .meaning = "IBS virtualisation"},
    {.lsb = 27, .width = 1, .name = "ext_lvt_avic_access_chg",     .meaning = "extended LVT AVIC access changed", .trust = confidence::medium},
    {.lsb = 28, .width = 1, .name = "nested_virt_vmcb_addr_chk",   .meaning = "guest VMCB address check", .trust = confidence::medium},
    {.lsb = 29, .width = 1, .name = "bus_lock_threshold",          .meaning = "bus lock threshold", .trust = confidence::medium},
    {.lsb = 30, .width = 1, .name = "idle_hlt_intercept",          .meaning = "idle HLT intercept", .trust = confidence::medium},
    {.lsb = 31, .width = 1, .name = "enhanced_shutdown_intercept", .meaning = "enhanced shutdown intercept", .trust = confidence::medium},
};
inline constexpr field_info cpuid_8000000a_edx_fields[] = {
    {.offset = 0x000, .size = 4, .name = "value", .meaning = "EDX", .since = level::svm, .bits = cpuid_8000000a_edx_value_bits},
};
inline constexpr structure_info cpuid_8000000a_edx{
    .name = "cpuid_8000000a_edx",
    .id = "LAY-CPUID-8000000A-EDX",
    .size = 0x4,
    .alignment = 0x4,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM3 Fn8000_000A",
    .description = "CPUID Fn8000_000A EDX (SVM features).",
    .fields = cpuid_8000000a_edx_fields,
};

}  // namespace descriptions

/// CPUID Fn8000_001F EAX.   APM3 E.4.17
/// 4 bytes, aligned to 4 in memory.
struct cpuid_8000001f_eax {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: SME.
  [[nodiscard]] constexpr auto sme() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_sme(bool value) & -> cpuid_8000001f_eax& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_sme(bool value) && -> cpuid_8000001f_eax { return put(*this, 0, 0, value); }
  /// Bit 1: SEV.
  [[nodiscard]] constexpr auto sev() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_sev(bool value) & -> cpuid_8000001f_eax& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_sev(bool value) && -> cpuid_8000001f_eax { return put(*this, 1, 1, value); }
  /// Bit 2: VM_PAGE_FLUSH MSR.
  [[nodiscard]] constexpr auto page_flush_msr() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_page_flush_msr(bool value) & -> cpuid_8000001f_eax& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_page_flush_msr(bool value) && -> cpuid_8000001f_eax { return put(*this, 2, 2, value); }
  /// Bit 3: SEV-ES.
  [[nodiscard]] constexpr auto sev_es() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_sev_es(bool value) & -> cpuid_8000001f_eax& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_sev_es(bool value) && -> cpuid_8000001f_eax { return put(*this, 3, 3, value); }
  /// Bit 4: SEV-SNP.
  [[nodiscard]] constexpr auto sev_snp() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_sev_snp(bool value) & -> cpuid_8000001f_eax& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_sev_snp(bool value) && -> cpuid_8000001f_eax { return put(*this, 4, 4, value); }
  /// Bit 5: VMPLs.
  [[nodiscard]] constexpr auto vmpl() const noexcept -> bool { return bit_at(raw, 5); }
  constexpr auto set_vmpl(bool value) & -> cpuid_8000001f_eax& { return put(*this, 5, 5, value); }
  [[nodiscard]] constexpr auto set_vmpl(bool value) && -> cpuid_8000001f_eax { return put(*this, 5, 5, value); }
  /// Bit 6: RMPQUERY.
  [[nodiscard]] constexpr auto rmpquery() const noexcept -> bool { return bit_at(raw, 6); }
  constexpr auto set_rmpquery(bool value) & -> cpuid_8000001f_eax& { return put(*this, 6, 6, value); }
  [[nodiscard]] constexpr auto set_rmpquery(bool value) && -> cpuid_8000001f_eax { return put(*this, 6, 6, value); }
  /// Bit 7: VMPL supervisor shadow stack.
  [[nodiscard]] constexpr auto vmpl_sss() const noexcept -> bool { return bit_at(raw, 7); }
  constexpr auto set_vmpl_sss(bool value) & -> cpuid_8000001f_eax& { return put(*this, 7, 7, value); }
  [[nodiscard]] constexpr auto set_vmpl_sss(bool value) && -> cpuid_8000001f_eax { return put(*this, 7, 7, value); }
  /// Bit 8: Secure TSC.
  [[nodiscard]] constexpr auto secure_tsc() const noexcept -> bool { return bit_at(raw, 8); }
  constexpr auto set_secure_tsc(bool value) & -> cpuid_8000001f_eax& { return put(*this, 8, 8, value); }
  [[nodiscard]] constexpr auto set_secure_tsc(bool value) && -> cpuid_8000001f_eax { return put(*this, 8, 8, value); }
  /// Bit 9: TSC_AUX virtualisation.
  [[nodiscard]] constexpr auto tsc_aux_virtualization() const noexcept -> bool { return bit_at(raw, 9); }
  constexpr auto set_tsc_aux_virtualization(bool value) & -> cpuid_8000001f_eax& { return put(*this, 9, 9, value); }
  [[nodiscard]] constexpr auto set_tsc_aux_virtualization(bool value) && -> cpuid_8000001f_eax { return put(*this, 9, 9, value); }
  /// Bit 10: Coherency across encryption domains.
  [[nodiscard]] constexpr auto hw_enf_cache_coh() const noexcept -> bool { return bit_at(raw, 10); }
  constexpr auto set_hw_enf_cache_coh(bool value) & -> cpuid_8000001f_eax& { return put(*this, 10, 10, value); }
  [[nodiscard]] constexpr auto set_hw_enf_cache_coh(bool value) && -> cpuid_8000001f_eax { return put(*this, 10, 10, value); }
  /// Bit 11: SEV guests only from a 64-bit host.
  [[nodiscard]] constexpr auto only_64bit_host() const noexcept -> bool { return bit_at(raw, 11); }
  constexpr auto set_only_64bit_host(bool value) & -> cpuid_8000001f_eax& { return put(*this, 11, 11, value); }
  [[nodiscard]] constexpr auto set_only_64bit_host(bool value) && -> cpuid_8000001f_eax { return put(*this, 11, 11, value); }
  /// Bit 12: Restricted injection.
  [[nodiscard]] constexpr auto restricted_injection() const noexcept -> bool { return bit_at(raw, 12); }
  constexpr auto set_restricted_injection(bool value) & -> cpuid_8000001f_eax& { return put(*this, 12, 12, value); }
  [[nodiscard]] constexpr auto set_restricted_injection(bool value) && -> cpuid_8000001f_eax { return put(*this, 12, 12, value); }
  /// Bit 13: Alternate injection.
  [[nodiscard]] constexpr auto alternate_injection() const noexcept -> bool { return bit_at(raw, 13); }
  constexpr auto set_alternate_injection(bool value) & -> cpuid_8000001f_eax& { return put(*this, 13, 13, value); }
  [[nodiscard]] constexpr auto set_alternate_injection(bool value) && -> cpuid_8000001f_eax { return put(*this, 13, 13, value); }
  /// Bit 14: Full debug swap.
  [[nodiscard]] constexpr auto debug_swap() const noexcept -> bool { return bit_at(raw, 14); }
  constexpr auto set_debug_swap(bool value) & -> cpuid_8000001f_eax& { return put(*this, 14, 14, value); }
  [[nodiscard]] constexpr auto set_debug_swap(bool value) && -> cpuid_8000001f_eax { return put(*this, 14, 14, value); }
  /// Bit 15: Prevent host IBS.
  [[nodiscard]] constexpr auto prevent_host_ibs() const noexcept -> bool { return bit_at(raw, 15); }
  constexpr auto set_prevent_host_ibs(bool value) & -> cpuid_8000001f_eax& { return put(*this, 15, 15, value); }
  [[nodiscard]] constexpr auto set_prevent_host_ibs(bool value) && -> cpuid_8000001f_eax { return put(*this, 15, 15, value); }
  /// Bit 16: Virtual transparent encryption.
  [[nodiscard]] constexpr auto vte() const noexcept -> bool { return bit_at(raw, 16); }
  constexpr auto set_vte(bool value) & -> cpuid_8000001f_eax& { return put(*this, 16, 16, value); }
  [[nodiscard]] constexpr auto set_vte(bool value) && -> cpuid_8000001f_eax { return put(*this, 16, 16, value); }
  /// Bit 17: VMGEXIT parameter.
  [[nodiscard]] constexpr auto vmgexit_parameter() const noexcept -> bool { return bit_at(raw, 17); }
  constexpr auto set_vmgexit_parameter(bool value) & -> cpuid_8000001f_eax& { return put(*this, 17, 17, value); }
  [[nodiscard]] constexpr auto set_vmgexit_parameter(bool value) && -> cpuid_8000001f_eax { return put(*this, 17, 17, value); }
  /// Bit 18: VIRTUAL_TOM MSR.
  [[nodiscard]] constexpr auto virtual_tom_msr() const noexcept -> bool { return bit_at(raw, 18); }
  constexpr auto set_virtual_tom_msr(bool value) & -> cpuid_8000001f_eax& { return put(*this, 18, 18, value); }
  [[nodiscard]] constexpr auto set_virtual_tom_msr(bool value) && -> cpuid_8000001f_eax { return put(*this, 18, 18, value); }
  /// Bit 19: IBS virtualisation.
  [[nodiscard]] constexpr auto ibs_virt_guest_ctl() const noexcept -> bool { return bit_at(raw, 19); }
  constexpr auto set_ibs_virt_guest_ctl(bool value) & -> cpuid_8000001f_eax& { return put(*this, 19, 19, value); }
  [[nodiscard]] constexpr auto set_ibs_virt_guest_ctl(bool value) && -> cpuid_8000001f_eax { return put(*this, 19, 19, value); }
  /// Bit 20: PMC virtualisation.
  [[nodiscard]] constexpr auto pmc_virt_guest_ctl() const noexcept -> bool { return bit_at(raw, 20); }
  constexpr auto set_pmc_virt_guest_ctl(bool value) & -> cpuid_8000001f_eax& { return put(*this, 20, 20, value); }
  [[nodiscard]] constexpr auto set_pmc_virt_guest_ctl(bool value) && -> cpuid_8000001f_eax { return put(*this, 20, 20, value); }
  /// Bit 21: RMPREAD.
  [[nodiscard]] constexpr auto rmpread() const noexcept -> bool { return bit_at(raw, 21); }
  constexpr auto set_rmpread(bool value) & -> cpuid_8000001f_eax& { return put(*this, 21, 21, value); }
  [[nodiscard]] constexpr auto set_rmpread(bool value) && -> cpuid_8000001f_eax { return put(*this, 21, 21, value); }
  /// Bit 22: Guest intercept control.
  [[nodiscard]] constexpr auto guest_intercept_control() const noexcept -> bool { return bit_at(raw, 22); }
  constexpr auto set_guest_intercept_control(bool value) & -> cpuid_8000001f_eax& { return put(*this, 22, 22, value); }
  [[nodiscard]] constexpr auto set_guest_intercept_control(bool value) && -> cpuid_8000001f_eax { return put(*this, 22, 22, value); }
  /// Bit 23: Segmented RMP.
  [[nodiscard]] constexpr auto segmented_rmp() const noexcept -> bool { return bit_at(raw, 23); }
  constexpr auto set_segmented_rmp(bool value) & -> cpuid_8000001f_eax& { return put(*this, 23, 23, value); }
  [[nodiscard]] constexpr auto set_segmented_rmp(bool value) && -> cpuid_8000001f_eax { return put(*this, 23, 23, value); }
  /// Bit 24: VMSA register protection.
  [[nodiscard]] constexpr auto vmsa_reg_prot() const noexcept -> bool { return bit_at(raw, 24); }
  constexpr auto set_vmsa_reg_prot(bool value) & -> cpuid_8000001f_eax& { return put(*this, 24, 24, value); }
  [[nodiscard]] constexpr auto set_vmsa_reg_prot(bool value) && -> cpuid_8000001f_eax { return put(*this, 24, 24, value); }
  /// Bit 25: SMT protection.
  [[nodiscard]] constexpr auto smt_protection() const noexcept -> bool { return bit_at(raw, 25); }
  constexpr auto set_smt_protection(bool value) & -> cpuid_8000001f_eax& { return put(*this, 25, 25, value); }
  [[nodiscard]] constexpr auto set_smt_protection(bool value) && -> cpuid_8000001f_eax { return put(*this, 25, 25, value); }
  /// Bit 26: Secure AVIC.
  [[nodiscard]] constexpr auto secure_avic() const noexcept -> bool { return bit_at(raw, 26); }
  constexpr auto set_secure_avic(bool value) & -> cpuid_8000001f_eax& { return put(*this, 26, 26, value); }
  [[nodiscard]] constexpr auto set_secure_avic(bool value) && -> cpuid_8000001f_eax { return put(*this, 26, 26, value); }
  /// Bit 27: ALLOWED_SEV_FEATURES in the VMCB.
  [[nodiscard]] constexpr auto allowed_sev_features() const noexcept -> bool { return bit_at(raw, 27); }
  constexpr auto set_allowed_sev_features(bool value) & -> cpuid_8000001f_eax& { return put(*this, 27, 27, value); }
  [[nodiscard]] constexpr auto set_allowed_sev_features(bool value) && -> cpuid_8000001f_eax { return put(*this, 27, 27, value); }
  /// Bit 28: SVSM communication page MSR.
  [[nodiscard]] constexpr auto svsm_comm_page_msr() const noexcept -> bool { return bit_at(raw, 28); }
  constexpr auto set_svsm_comm_page_msr(bool value) & -> cpuid_8000001f_eax& { return put(*this, 28, 28, value); }
  [[nodiscard]] constexpr auto set_svsm_comm_page_msr(bool value) && -> cpuid_8000001f_eax { return put(*this, 28, 28, value); }
  /// Bit 29: Nested virtualisation SNP MSR.
  [[nodiscard]] constexpr auto nested_virt_snp_msr() const noexcept -> bool { return bit_at(raw, 29); }
  constexpr auto set_nested_virt_snp_msr(bool value) & -> cpuid_8000001f_eax& { return put(*this, 29, 29, value); }
  [[nodiscard]] constexpr auto set_nested_virt_snp_msr(bool value) && -> cpuid_8000001f_eax { return put(*this, 29, 29, value); }
  /// Bit 30: Host writes to in-use pages allowed.
  [[nodiscard]] constexpr auto hv_inuse_wr_allowed() const noexcept -> bool { return bit_at(raw, 30); }
  constexpr auto set_hv_inuse_wr_allowed(bool value) & -> cpuid_8000001f_eax& { return put(*this, 30, 30, value); }
  [[nodiscard]] constexpr auto set_hv_inuse_wr_allowed(bool value) && -> cpuid_8000001f_eax { return put(*this, 30, 30, value); }
  /// Bit 31: IBPB on entry.
  [[nodiscard]] constexpr auto ibpb_on_entry() const noexcept -> bool { return bit_at(raw, 31); }
  constexpr auto set_ibpb_on_entry(bool value) & -> cpuid_8000001f_eax& { return put(*this, 31, 31, value); }
  [[nodiscard]] constexpr auto set_ibpb_on_entry(bool value) && -> cpuid_8000001f_eax { return put(*this, 31, 31, value); }

  friend constexpr auto operator==(const cpuid_8000001f_eax&, const cpuid_8000001f_eax&) -> bool = default;
  friend constexpr auto describe(const cpuid_8000001f_eax*) noexcept -> const structure_info& {
    return descriptions::cpuid_8000001f_eax;
  }
};

/// CPUID Fn8000_001F EBX.   APM3 E.4.17
/// 4 bytes, aligned to 4 in memory.
struct cpuid_8000001f_ebx {
  std::uint32_t raw{};  ///< the whole word

  /// Bits 5:0: C-bit position.
  [[nodiscard]] constexpr auto c_bit_position() const noexcept -> std::uint32_t { return bits32_at(raw, 5, 0); }
  constexpr auto set_c_bit_position(std::uint32_t value) & -> cpuid_8000001f_ebx& { return put(*this, 5, 0, value); }
  [[nodiscard]] constexpr auto set_c_bit_position(std::uint32_t value) && -> cpuid_8000001f_ebx { return put(*this, 5, 0, value); }
  /// Bits 11:6: Reduction of the physical address width.
  [[nodiscard]] constexpr auto phys_addr_reduction() const noexcept -> std::uint32_t { return bits32_at(raw, 11, 6); }
  constexpr auto set_phys_addr_reduction(std::uint32_t value) & -> cpuid_8000001f_ebx& { return put(*this, 11, 6, value); }
  [[nodiscard]] constexpr auto set_phys_addr_reduction(std::uint32_t value) && -> cpuid_8000001f_ebx { return put(*this, 11, 6, value); }
  /// Bits 15:12: Number of VMPLs.
  [[nodiscard]] constexpr auto num_vmpl() const noexcept -> std::uint32_t { return bits32_at(raw, 15, 12); }
  constexpr auto set_num_vmpl(std::uint32_t value) & -> cpuid_8000001f_ebx& { return put(*this, 15, 12, value); }
  [[nodiscard]] constexpr auto set_num_vmpl(std::uint32_t value) && -> cpuid_8000001f_ebx { return put(*this, 15, 12, value); }

  friend constexpr auto operator==(const cpuid_8000001f_ebx&, const cpuid_8000001f_ebx&) -> bool = default;
  friend constexpr auto describe(const cpuid_8000001f_ebx*) noexcept -> const structure_info& {
    return descriptions::cpuid_8000001f_ebx;
  }
};

/// CPUID Fn8000_001F ECX.   APM3 E.4.17
/// 4 bytes, aligned to 4 in memory.
template <class Storage>
struct basic_cpuid_8000001f_ecx : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cpuid_8000001f_ecx(const basic_cpuid_8000001f_ecx<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cpuid_8000001f_ecx(basic_cpuid_8000001f_ecx<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Number of encrypted ASIDs (1..n).
  [[nodiscard]] constexpr auto num_encrypted_guests() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x000>(*this);
  }
  constexpr void set_num_encrypted_guests(std::uint32_t value) noexcept { store<0x000>(*this, value); }

  friend constexpr auto describe(const basic_cpuid_8000001f_ecx*) noexcept -> const structure_info& {
    return descriptions::cpuid_8000001f_ecx;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cpuid_8000001f_ecx<A>& a, const basic_cpuid_8000001f_ecx<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cpuid_8000001f_ecx = basic_cpuid_8000001f_ecx<owned<4>>;
/// Over bytes that lie elsewhere.
using cpuid_8000001f_ecx_view = basic_cpuid_8000001f_ecx<borrowed<std::uint8_t, 4>>;
/// Over bytes that are only read.
using cpuid_8000001f_ecx_const_view = basic_cpuid_8000001f_ecx<borrowed<const std::uint8_t, 4>>;

/// CPUID Fn8000_001F EDX.   APM3 E.4.17
/// 4 bytes, aligned to 4 in memory.
template <class Storage>
struct basic_cpuid_8000001f_edx : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cpuid_8000001f_edx(const basic_cpuid_8000001f_edx<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cpuid_8000001f_edx(basic_cpuid_8000001f_edx<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Lowest ASID usable by SEV-only guests; ES/SNP guests use 1..value-1.
  [[nodiscard]] constexpr auto min_sev_no_es_asid() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x000>(*this);
  }
  constexpr void set_min_sev_no_es_asid(std::uint32_t value) noexcept { store<0x000>(*this, value); }

  friend constexpr auto describe(const basic_cpuid_8000001f_edx*) noexcept -> const structure_info& {
    return descriptions::cpuid_8000001f_edx;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cpuid_8000001f_edx<A>& a, const basic_cpuid_8000001f_edx<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cpuid_8000001f_edx = basic_cpuid_8000001f_edx<owned<4>>;
/// Over bytes that lie elsewhere.
using cpuid_8000001f_edx_view = basic_cpuid_8000001f_edx<borrowed<std::uint8_t, 4>>;
/// Over bytes that are only read.
using cpuid_8000001f_edx_const_view = basic_cpuid_8000001f_edx<borrowed<const std::uint8_t, 4>>;

/// CPUID Fn8000_0023 EAX (multi-key encrypted memory).   APM3 E.4.21
/// 4 bytes, aligned to 4 in memory.
struct cpuid_80000023_eax {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Secure host multi-key memory.
  [[nodiscard]] constexpr auto mem_hmk() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_mem_hmk(bool value) & -> cpuid_80000023_eax& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_mem_hmk(bool value) && -> cpuid_80000023_eax { return put(*this, 0, 0, value); }

  friend constexpr auto operator==(const cpuid_80000023_eax&, const cpuid_80000023_eax&) -> bool = default;
  friend constexpr auto describe(const cpuid_80000023_eax*) noexcept -> const structure_info& {
    return descriptions::cpuid_80000023_eax;
  }
};

/// CPUID Fn8000_0023 EBX.   APM3 E.4.21
/// 4 bytes, aligned to 4 in memory.
struct cpuid_80000023_ebx {
  std::uint32_t raw{};  ///< the whole word

  /// Bits 15:0: Number of keys.
  [[nodiscard]] constexpr auto max_mem_hmk_encryption_keys() const noexcept -> std::uint32_t {
    return bits32_at(raw, 15, 0);
  }
  constexpr auto set_max_mem_hmk_encryption_keys(std::uint32_t value) & -> cpuid_80000023_ebx& { return put(*this, 15, 0, value); }
  [[nodiscard]] constexpr auto set_max_mem_hmk_encryption_keys(std::uint32_t value) && -> cpuid_80000023_ebx { return put(*this, 15, 0, value); }

  friend constexpr auto operator==(const cpuid_80000023_ebx&, const cpuid_80000023_ebx&) -> bool = default;
  friend constexpr auto describe(const cpuid_80000023_ebx*) noexcept -> const structure_info& {
    return descriptions::cpuid_80000023_ebx;
  }
};

/// CPUID Fn8000_0025 EAX (segmented RMP).   APM3 Fn8000_0025
/// 4 bytes, aligned to 4 in memory.
struct cpuid_80000025_eax {
  std::uint32_t raw{};  ///< the whole word

  /// Bits 5:0: Minimum supported RMP segment size (log2).
  [[nodiscard]] constexpr auto min_segment_shift() const noexcept -> std::uint32_t { return bits32_at(raw, 5, 0); }
  constexpr auto set_min_segment_shift(std::uint32_t value) & -> cpuid_80000025_eax& { return put(*this, 5, 0, value); }
  [[nodiscard]] constexpr auto set_min_segment_shift(std::uint32_t value) && -> cpuid_80000025_eax { return put(*this, 5, 0, value); }
  /// Bits 11:6: Maximum supported RMP segment size (log2).
  [[nodiscard]] constexpr auto max_segment_shift() const noexcept -> std::uint32_t { return bits32_at(raw, 11, 6); }
  constexpr auto set_max_segment_shift(std::uint32_t value) & -> cpuid_80000025_eax& { return put(*this, 11, 6, value); }
  [[nodiscard]] constexpr auto set_max_segment_shift(std::uint32_t value) && -> cpuid_80000025_eax { return put(*this, 11, 6, value); }

  friend constexpr auto operator==(const cpuid_80000025_eax&, const cpuid_80000025_eax&) -> bool = default;
  friend constexpr auto describe(const cpuid_80000025_eax*) noexcept -> const structure_info& {
    return descriptions::cpuid_80000025_eax;
  }
};

/// CPUID Fn8000_0025 EBX.   APM3 Fn8000_0025
/// 4 bytes, aligned to 4 in memory.
struct cpuid_80000025_ebx {
  std::uint32_t raw{};  ///< the whole word

  /// Bits 9:0: RMP segment definitions the CPU can cache.
  [[nodiscard]] constexpr auto num_cached_segments() const noexcept -> std::uint32_t { return bits32_at(raw, 9, 0); }
  constexpr auto set_num_cached_segments(std::uint32_t value) & -> cpuid_80000025_ebx& { return put(*this, 9, 0, value); }
  [[nodiscard]] constexpr auto set_num_cached_segments(std::uint32_t value) && -> cpuid_80000025_ebx { return put(*this, 9, 0, value); }
  /// Bit 10: The above is a hard limit on segments.
  [[nodiscard]] constexpr auto hard_limit() const noexcept -> bool { return bit_at(raw, 10); }
  constexpr auto set_hard_limit(bool value) & -> cpuid_80000025_ebx& { return put(*this, 10, 10, value); }
  [[nodiscard]] constexpr auto set_hard_limit(bool value) && -> cpuid_80000025_ebx { return put(*this, 10, 10, value); }

  friend constexpr auto operator==(const cpuid_80000025_ebx&, const cpuid_80000025_ebx&) -> bool = default;
  friend constexpr auto describe(const cpuid_80000025_ebx*) noexcept -> const structure_info& {
    return descriptions::cpuid_80000025_ebx;
  }
};

/// CPUID Fn8000_000A EDX (SVM features).   APM3 Fn8000_000A
/// 4 bytes, aligned to 4 in memory.
struct cpuid_8000000a_edx {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Nested paging.
  [[nodiscard]] constexpr auto np() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_np(bool value) & -> cpuid_8000000a_edx& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_np(bool value) && -> cpuid_8000000a_edx { return put(*this, 0, 0, value); }
  /// Bit 1: LBR virtualisation.
  [[nodiscard]] constexpr auto lbr_virt() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_lbr_virt(bool value) & -> cpuid_8000000a_edx& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_lbr_virt(bool value) && -> cpuid_8000000a_edx { return put(*this, 1, 1, value); }
  /// Bit 2: SVM lock.
  [[nodiscard]] constexpr auto svml() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_svml(bool value) & -> cpuid_8000000a_edx& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_svml(bool value) && -> cpuid_8000000a_edx { return put(*this, 2, 2, value); }
  /// Bit 3: Next RIP save.
  [[nodiscard]] constexpr auto nrips() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_nrips(bool value) & -> cpuid_8000000a_edx& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_nrips(bool value) && -> cpuid_8000000a_edx { return put(*this, 3, 3, value); }
  /// Bit 4: TSC ratio MSR.
  [[nodiscard]] constexpr auto tsc_rate_msr() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_tsc_rate_msr(bool value) & -> cpuid_8000000a_edx& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_tsc_rate_msr(bool value) && -> cpuid_8000000a_edx { return put(*this, 4, 4, value); }
  /// Bit 5: Clean bits.
  [[nodiscard]] constexpr auto vmcb_clean() const noexcept -> bool { return bit_at(raw, 5); }
  constexpr auto set_vmcb_clean(bool value) & -> cpuid_8000000a_edx& { return put(*this, 5, 5, value); }
  [[nodiscard]] constexpr auto set_vmcb_clean(bool value) && -> cpuid_8000000a_edx { return put(*this, 5, 5, value); }
  /// Bit 6: Flush by ASID.
  [[nodiscard]] constexpr auto flush_by_asid() const noexcept -> bool { return bit_at(raw, 6); }
  constexpr auto set_flush_by_asid(bool value) & -> cpuid_8000000a_edx& { return put(*this, 6, 6, value); }
  [[nodiscard]] constexpr auto set_flush_by_asid(bool value) && -> cpuid_8000000a_edx { return put(*this, 6, 6, value); }
  /// Bit 7: Decode assists.
  [[nodiscard]] constexpr auto decode_assists() const noexcept -> bool { return bit_at(raw, 7); }
  constexpr auto set_decode_assists(bool value) & -> cpuid_8000000a_edx& { return put(*this, 7, 7, value); }
  [[nodiscard]] constexpr auto set_decode_assists(bool value) && -> cpuid_8000000a_edx { return put(*this, 7, 7, value); }
  /// Bit 8: PMC virtualisation.
  [[nodiscard]] constexpr auto pmc_virt() const noexcept -> bool { return bit_at(raw, 8); }
  constexpr auto set_pmc_virt(bool value) & -> cpuid_8000000a_edx& { return put(*this, 8, 8, value); }
  [[nodiscard]] constexpr auto set_pmc_virt(bool value) && -> cpuid_8000000a_edx { return put(*this, 8, 8, value); }
  /// Bit 10: PAUSE filter.
  [[nodiscard]] constexpr auto pause_filter() const noexcept -> bool { return bit_at(raw, 10); }
  constexpr auto set_pause_filter(bool value) & -> cpuid_8000000a_edx& { return put(*this, 10, 10, value); }
  [[nodiscard]] constexpr auto set_pause_filter(bool value) && -> cpuid_8000000a_edx { return put(*this, 10, 10, value); }
  /// Bit 12: PAUSE filter threshold.
  [[nodiscard]] constexpr auto pause_filter_threshold() const noexcept -> bool { return bit_at(raw, 12); }
  constexpr auto set_pause_filter_threshold(bool value) & -> cpuid_8000000a_edx& { return put(*this, 12, 12, value); }
  [[nodiscard]] constexpr auto set_pause_filter_threshold(bool value) && -> cpuid_8000000a_edx { return put(*this, 12, 12, value); }
  /// Bit 13: AVIC.
  [[nodiscard]] constexpr auto avic() const noexcept -> bool { return bit_at(raw, 13); }
  constexpr auto set_avic(bool value) & -> cpuid_8000000a_edx& { return put(*this, 13, 13, value); }
  [[nodiscard]] constexpr auto set_avic(bool value) && -> cpuid_8000000a_edx { return put(*this, 13, 13, value); }
  /// Bit 15: VMSAVE/VMLOAD virtualisation.
  [[nodiscard]] constexpr auto vmsave_virt() const noexcept -> bool { return bit_at(raw, 15); }
  constexpr auto set_vmsave_virt(bool value) & -> cpuid_8000000a_edx& { return put(*this, 15, 15, value); }
  [[nodiscard]] constexpr auto set_vmsave_virt(bool value) && -> cpuid_8000000a_edx { return put(*this, 15, 15, value); }
  /// Bit 16: Virtual GIF.
  [[nodiscard]] constexpr auto vgif() const noexcept -> bool { return bit_at(raw, 16); }
  constexpr auto set_vgif(bool value) & -> cpuid_8000000a_edx& { return put(*this, 16, 16, value); }
  [[nodiscard]] constexpr auto set_vgif(bool value) && -> cpuid_8000000a_edx { return put(*this, 16, 16, value); }
  /// Bit 17: Guest mode execute trap.
  [[nodiscard]] constexpr auto gmet() const noexcept -> bool { return bit_at(raw, 17); }
  constexpr auto set_gmet(bool value) & -> cpuid_8000000a_edx& { return put(*this, 17, 17, value); }
  [[nodiscard]] constexpr auto set_gmet(bool value) && -> cpuid_8000000a_edx { return put(*this, 17, 17, value); }
  /// Bit 18: x2AVIC.
  [[nodiscard]] constexpr auto x2avic() const noexcept -> bool { return bit_at(raw, 18); }
  constexpr auto set_x2avic(bool value) & -> cpuid_8000000a_edx& { return put(*this, 18, 18, value); }
  [[nodiscard]] constexpr auto set_x2avic(bool value) && -> cpuid_8000000a_edx { return put(*this, 18, 18, value); }
  /// Bit 19: SSS check.
  [[nodiscard]] constexpr auto sss_check() const noexcept -> bool { return bit_at(raw, 19); }
  constexpr auto set_sss_check(bool value) & -> cpuid_8000000a_edx& { return put(*this, 19, 19, value); }
  [[nodiscard]] constexpr auto set_sss_check(bool value) && -> cpuid_8000000a_edx { return put(*this, 19, 19, value); }
  /// Bit 20: SPEC_CTRL virtualisation.
  [[nodiscard]] constexpr auto spec_ctrl() const noexcept -> bool { return bit_at(raw, 20); }
  constexpr auto set_spec_ctrl(bool value) & -> cpuid_8000000a_edx& { return put(*this, 20, 20, value); }
  [[nodiscard]] constexpr auto set_spec_ctrl(bool value) && -> cpuid_8000000a_edx { return put(*this, 20, 20, value); }
  /// Bit 21: read-only guest page tables.
  [[nodiscard]] constexpr auto ro_gpt() const noexcept -> bool { return bit_at(raw, 21); }
  constexpr auto set_ro_gpt(bool value) & -> cpuid_8000000a_edx& { return put(*this, 21, 21, value); }
  [[nodiscard]] constexpr auto set_ro_gpt(bool value) && -> cpuid_8000000a_edx { return put(*this, 21, 21, value); }
  /// Bit 23: Host #MC override.
  [[nodiscard]] constexpr auto host_mce_override() const noexcept -> bool { return bit_at(raw, 23); }
  constexpr auto set_host_mce_override(bool value) & -> cpuid_8000000a_edx& { return put(*this, 23, 23, value); }
  [[nodiscard]] constexpr auto set_host_mce_override(bool value) && -> cpuid_8000000a_edx { return put(*this, 23, 23, value); }
  /// Bit 24: INVLPGB/TLBSYNC in guests.
  [[nodiscard]] constexpr auto tlbi_ctl() const noexcept -> bool { return bit_at(raw, 24); }
  constexpr auto set_tlbi_ctl(bool value) & -> cpuid_8000000a_edx& { return put(*this, 24, 24, value); }
  [[nodiscard]] constexpr auto set_tlbi_ctl(bool value) && -> cpuid_8000000a_edx { return put(*this, 24, 24, value); }
  /// Bit 25: NMI virtualisation.
  [[nodiscard]] constexpr auto vnmi() const noexcept -> bool { return bit_at(raw, 25); }
  constexpr auto set_vnmi(bool value) & -> cpuid_8000000a_edx& { return put(*this, 25, 25, value); }
  [[nodiscard]] constexpr auto set_vnmi(bool value) && -> cpuid_8000000a_edx { return put(*this, 25, 25, value); }
  /// Bit 26: IBS virtualisation.
  [[nodiscard]] constexpr auto ibs_virt() const noexcept -> bool { return bit_at(raw, 26); }
  constexpr auto set_ibs_virt(bool value) & -> cpuid_8000000a_edx& { return put(*this, 26, 26, value); }
  [[nodiscard]] constexpr auto set_ibs_virt(bool value) && -> cpuid_8000000a_edx { return put(*this, 26, 26, value); }
  /// Bit 27: Extended LVT AVIC access changed.
  [[nodiscard]] constexpr auto ext_lvt_avic_access_chg() const noexcept -> bool { return bit_at(raw, 27); }
  constexpr auto set_ext_lvt_avic_access_chg(bool value) & -> cpuid_8000000a_edx& { return put(*this, 27, 27, value); }
  [[nodiscard]] constexpr auto set_ext_lvt_avic_access_chg(bool value) && -> cpuid_8000000a_edx { return put(*this, 27, 27, value); }
  /// Bit 28: Guest VMCB address check.
  [[nodiscard]] constexpr auto nested_virt_vmcb_addr_chk() const noexcept -> bool { return bit_at(raw, 28); }
  constexpr auto set_nested_virt_vmcb_addr_chk(bool value) & -> cpuid_8000000a_edx& { return put(*this, 28, 28, value); }
  [[nodiscard]] constexpr auto set_nested_virt_vmcb_addr_chk(bool value) && -> cpuid_8000000a_edx { return put(*this, 28, 28, value); }
  /// Bit 29: Bus lock threshold.
  [[nodiscard]] constexpr auto bus_lock_threshold() const noexcept -> bool { return bit_at(raw, 29); }
  constexpr auto set_bus_lock_threshold(bool value) & -> cpuid_8000000a_edx& { return put(*this, 29, 29, value); }
  [[nodiscard]] constexpr auto set_bus_lock_threshold(bool value) && -> cpuid_8000000a_edx { return put(*this, 29, 29, value); }
  /// Bit 30: Idle HLT intercept.
  [[nodiscard]] constexpr auto idle_hlt_intercept() const noexcept -> bool { return bit_at(raw, 30); }
  constexpr auto set_idle_hlt_intercept(bool value) & -> cpuid_8000000a_edx& { return put(*this, 30, 30, value); }
  [[nodiscard]] constexpr auto set_idle_hlt_intercept(bool value) && -> cpuid_8000000a_edx { return put(*this, 30, 30, value); }
  /// Bit 31: Enhanced shutdown intercept.
  [[nodiscard]] constexpr auto enhanced_shutdown_intercept() const noexcept -> bool { return bit_at(raw, 31); }
  constexpr auto set_enhanced_shutdown_intercept(bool value) & -> cpuid_8000000a_edx& { return put(*this, 31, 31, value); }
  [[nodiscard]] constexpr auto set_enhanced_shutdown_intercept(bool value) && -> cpuid_8000000a_edx { return put(*this, 31, 31, value); }

  friend constexpr auto operator==(const cpuid_8000000a_edx&, const cpuid_8000000a_edx&) -> bool = default;
  friend constexpr auto describe(const cpuid_8000000a_edx*) noexcept -> const structure_info& {
    return descriptions::cpuid_8000000a_edx;
  }
};

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
