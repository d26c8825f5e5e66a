// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_VMCB_HPP
#define SEVSPEC_LAYOUT_VMCB_HPP

// The VMCB: control area and, for guests without SEV-ES, save area.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>
#include <span>

#include <sevspec/layout/codes/exit_codes.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/exit_info.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/segment.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr bit_info vmcb_control_area_intercept_cr_read_bits[] = {
    {.lsb = 0, .width = 1, .name = "cr0_read",      .meaning = "MOV from CR0 (also SMSW)"},
    {.lsb = 1, .width = 2, .name = "reserved_2_1",  .meaning = "reserved", .reserved = true},
    {.lsb = 3, .width = 1, .name = "cr3_read",      .meaning = "MOV from CR3"},
    {.lsb = 4, .width = 1, .name = "cr4_read",      .meaning = "MOV from CR4"},
    {.lsb = 5, .width = 3, .name = "reserved_7_5",  .meaning = "reserved", .reserved = true},
    {.lsb = 8, .width = 1, .name = "cr8_read",      .meaning = "MOV from CR8"},
    {.lsb = 9, .width = 7, .name = "reserved_15_9", .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info vmcb_control_area_intercept_cr_write_bits[] = {
    {.lsb = 0, .width = 1, .name = "cr0_write",     .meaning = "MOV to CR0, LMSW, CLTS"},
    {.lsb = 1, .width = 2, .name = "reserved_2_1",  .meaning = "reserved", .reserved = true},
    {.lsb = 3, .width = 1, .name = "cr3_write",     .meaning = "MOV to CR3"},
    {.lsb = 4, .width = 1, .name = "cr4_write",     .meaning = "MOV to CR4"},
    {.lsb = 5, .width = 3, .name = "reserved_7_5",  .meaning = "reserved", .reserved = true},
    {.lsb = 8, .width = 1, .name = "cr8_write",     .meaning = "MOV to CR8"},
    {.lsb = 9, .width = 7, .name = "reserved_15_9", .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info vmcb_control_area_intercept_dr_read_bits[] = {
    {.lsb = 0, .width = 8, .name = "dr0_7_read",    .meaning = "one bit per DR0..DR7"},
    {.lsb = 8, .width = 8, .name = "reserved_15_8", .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info vmcb_control_area_intercept_dr_write_bits[] = {
    {.lsb = 0, .width = 8, .name = "dr0_7_write",   .meaning = "one bit per DR0..DR7"},
    {.lsb = 8, .width = 8, .name = "reserved_15_8", .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info vmcb_control_area_intercept_exceptions_bits[] = {
    {.lsb = 0, .width = 32, .name = "vectors", .meaning = "one bit per vector"},
};
inline constexpr bit_info vmcb_control_area_intercept_misc1_bits[] = {
    {.lsb =  0, .width = 1, .name = "intr",          .meaning = "physical maskable interrupt"},
    {.lsb =  1, .width = 1, .name = "nmi",           .meaning = "physical NMI"},
    {.lsb =  2, .width = 1, .name = "smi",           .meaning = "physical SMI"},
    {.lsb =  3, .width = 1, .name = "init",          .meaning = "physical INIT"},
    {.lsb =  4, .width = 1, .name = "vintr",         .meaning = "virtual interrupt window"},
    {.lsb =  5, .width = 1, .name = "cr0_sel_write", .meaning = "CR0 write that changes bits other than TS/MP"},
    {.lsb =  6, .width = 1, .name = "idtr_read",     .meaning = "SIDT"},
    {.lsb =  7, .width = 1, .name = "gdtr_read",     .meaning = "SGDT"},
    {.lsb =  8, .width = 1, .name = "ldtr_read",     .meaning = "SLDT"},
    {.lsb =  9, .width = 1, .name = "tr_read",       .meaning = "STR"},
    {.lsb = 10, .width = 1, .name = "idtr_write",    .meaning = "LIDT"},
    {.lsb = 11, .width = 1, .name = "gdtr_write",    .meaning = "LGDT"},
    {.lsb = 12, .width = 1, .name = "ldtr_write",    .meaning = "LLDT"},
    {.lsb = 13, .width = 1, .name = "tr_write",      .meaning = "LTR"},
    {.lsb = 14, .width = 1, .name = "rdtsc",         .meaning = "RDTSC"},
    {.lsb = 15, .width = 1, .name = "rdpmc",         .meaning = "RDPMC"},
    {.lsb = 16, .width = 1, .name = "pushf",         .meaning = "PUSHF"},
    {.lsb = 17, .width = 1, .name = "popf",          .meaning = "POPF"},
    {.lsb = 18, .width = 1, .name = "cpuid",         .meaning = "CPUID"},
    {.lsb = 19, .width = 1, .name = "rsm",           .meaning = "RSM"},
    {.lsb = 20, .width = 1, .name = "iret",          .meaning = "IRET"},
    {.lsb = 21, .width = 1, .name = "swint",         .meaning = "INTn"},
    {.lsb = 22, .width = 1, .name = "invd",          .meaning = "INVD"},
    {.lsb = 23, .width = 1, .name = "pause",         .meaning = "PAUSE"},
    {.lsb = 24, .width = 1, .name = "hlt",           .meaning = "HLT"},
    {.lsb = 25, .width = 1, .name = "invlpg",        .meaning = "INVLPG"},
    {.lsb = 26, .width = 1, .name = "invlpga",       .meaning = "INVLPGA"},
    {.lsb = 27, .width = 1, .name = "ioio_prot",     .meaning = "use the I/O permission map"},
    {.lsb = 28, .width = 1, .name = "msr_prot",      .meaning = "use the MSR permission map"},
    {.lsb = 29, .width = 1, .name = "task_switch",   .meaning = "task switch"},
    {.lsb = 30, .width = 1, .name = "ferr_freeze",   .meaning = "legacy FP error freeze"},
    {.lsb = 31, .width = 1, .name = "shutdown",      .meaning = "shutdown event"},
};
inline constexpr bit_info vmcb_control_area_intercept_misc2_bits[] = {
    {.lsb =  0, .width =  1, .name = "vmrun",           .meaning = "VMRUN (must be 1, otherwise VMRUN fails the consistency check)"},
    {.lsb =  1, .width =  1, .name = "vmmcall",         .meaning = "VMMCALL"},
    {.lsb =  2, .width =  1, .name = "vmload",          .meaning = "VMLOAD"},
    {.lsb =  3, .width =  1, .name = "vmsave",          .meaning = "VMSAVE"},
    {.lsb =  4, .width =  1, .name = "stgi",            .meaning = "STGI"},
    {.lsb =  5, .width =  1, .name = "clgi",            .meaning = "CLGI"},
    {.lsb =  6, .width =  1, .name = "skinit",          .meaning = "SKINIT"},
    {.lsb =  7, .width =  1, .name = "rdtscp",          .meaning = "RDTSCP"},
    {.lsb =  8, .width =  1, .name = "icebp",           .meaning = "ICEBP (INT1)"},
    {.lsb =  9, .width =  1, .name = "wbinvd",          .meaning = "WBINVD/WBNOINVD"},
    {.lsb = 10, .width =  1, .name = "monitor",         .meaning = "MONITOR/MONITORX"},
    {.lsb = 11, .width =  1, .name = "mwait",           .meaning = "MWAIT/MWAITX unconditional"},
    {.lsb = 12, .width =  1, .name = "mwait_cond",      .meaning = "MWAIT/MWAITX when the monitor is armed"},
    {.lsb = 13, .width =  1, .name = "xsetbv",          .meaning = "XSETBV"},
    {.lsb = 14, .width =  1, .name = "rdpru",           .meaning = "RDPRU"},
    {.lsb = 15, .width =  1, .name = "efer_write_trap", .meaning = "trap after guest EFER write (ES guests rely on it)"},
    {.lsb = 16, .width = 16, .name = "cr_write_trap",   .meaning = "bit 16+n: trap after guest write of CRn"},
};
inline constexpr bit_info vmcb_control_area_intercept_misc3_bits[] = {
    {.lsb = 0, .width =  1, .name = "invlpgb",         .meaning = "all INVLPGB"},
    {.lsb = 1, .width =  1, .name = "invlpgb_illegal", .meaning = "only INVLPGB with illegal operands for a guest"},
    {.lsb = 2, .width =  1, .name = "invpcid",         .meaning = "INVPCID"},
    {.lsb = 3, .width =  1, .name = "mcommit",         .meaning = "MCOMMIT"},
    {.lsb = 4, .width =  1, .name = "tlbsync",         .meaning = "TLBSYNC"},
    {.lsb = 5, .width =  1, .name = "buslock",         .meaning = "bus lock threshold intercept"},
    {.lsb = 6, .width =  1, .name = "idle_hlt",        .meaning = "HLT only when no virtual interrupt is pending"},
    {.lsb = 7, .width = 25, .name = "reserved_31_7",   .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info vmcb_control_area_erap_control_bits[] = {
    {.lsb = 0, .width = 1, .name = "allow_larger_rap", .meaning = "let the guest use the larger RAP", .trust = confidence::medium},
    {.lsb = 1, .width = 1, .name = "clear_rap",        .meaning = "clear the RAP on VMRUN", .trust = confidence::medium},
    {.lsb = 2, .width = 6, .name = "reserved_7_2",     .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr bit_info vmcb_control_area_vintr_control_bits[] = {
    {.lsb =  0, .width =  8, .name = "v_tpr",          .meaning = "virtual TPR (only 3:0 used by CR8)"},
    {.lsb =  8, .width =  1, .name = "v_irq",          .meaning = "virtual INTR pending"},
    {.lsb =  9, .width =  1, .name = "vgif",           .meaning = "virtual GIF value"},
    {.lsb = 10, .width =  1, .name = "reserved_10_10", .meaning = "reserved", .reserved = true},
    {.lsb = 11, .width =  1, .name = "v_nmi",          .meaning = "virtual NMI pending"},
    {.lsb = 12, .width =  1, .name = "v_nmi_mask",     .meaning = "virtual NMI masked"},
    {.lsb = 13, .width =  3, .name = "reserved_15_13", .meaning = "reserved", .reserved = true},
    {.lsb = 16, .width =  4, .name = "v_intr_prio",    .meaning = "priority of the virtual interrupt"},
    {.lsb = 20, .width =  1, .name = "v_ign_tpr",      .meaning = "ignore V_TPR for this interrupt"},
    {.lsb = 21, .width =  3, .name = "reserved_23_21", .meaning = "reserved", .reserved = true},
    {.lsb = 24, .width =  1, .name = "v_intr_masking", .meaning = "virtualise interrupt masking"},
    {.lsb = 25, .width =  1, .name = "vgif_enable",    .meaning = "virtual GIF enabled"},
    {.lsb = 26, .width =  1, .name = "v_nmi_enable",   .meaning = "NMI virtualisation enabled"},
    {.lsb = 27, .width =  3, .name = "reserved_29_27", .meaning = "reserved", .reserved = true},
    {.lsb = 30, .width =  1, .name = "x2avic_enable",  .meaning = "x2AVIC enabled"},
    {.lsb = 31, .width =  1, .name = "avic_enable",    .meaning = "AVIC enabled"},
    {.lsb = 32, .width =  8, .name = "v_intr_vector",  .meaning = "vector of the virtual interrupt"},
    {.lsb = 40, .width = 24, .name = "reserved_63_40", .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info vmcb_control_area_interrupt_state_bits[] = {
    {.lsb = 0, .width =  1, .name = "interrupt_shadow",     .meaning = "guest is in an interrupt shadow"},
    {.lsb = 1, .width =  1, .name = "guest_interrupt_mask", .meaning = "RFLAGS.IF of the guest, written at #VMEXIT for SEV-ES guests"},
    {.lsb = 2, .width = 62, .name = "reserved_63_2",        .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info vmcb_control_area_exit_int_info_bits[] = {
    {.lsb =  0, .width =  8, .name = "vector",           .meaning = "vector"},
    {.lsb =  8, .width =  3, .name = "type",             .meaning = "event type", .values = &tables::event_types},
    {.lsb = 11, .width =  1, .name = "error_code_valid", .meaning = "error code valid"},
    {.lsb = 12, .width = 19, .name = "reserved_30_12",   .meaning = "reserved", .reserved = true},
    {.lsb = 31, .width =  1, .name = "valid",            .meaning = "valid"},
    {.lsb = 32, .width = 32, .name = "error_code",       .meaning = "error code"},
};
inline constexpr bit_info vmcb_control_area_np_control_bits[] = {
    {.lsb = 0, .width =  1, .name = "np_enable",        .meaning = "nested paging enable"},
    {.lsb = 1, .width =  1, .name = "sev_enable",       .meaning = "SEV enable for this guest"},
    {.lsb = 2, .width =  1, .name = "sev_es_enable",    .meaning = "SEV-ES (encrypted state) enable"},
    {.lsb = 3, .width =  1, .name = "gmet_enable",      .meaning = "guest mode execute trap"},
    {.lsb = 4, .width =  1, .name = "sss_check_enable", .meaning = "supervisor shadow stack check in nested tables"},
    {.lsb = 5, .width =  1, .name = "vte_enable",       .meaning = "virtual transparent encryption"},
    {.lsb = 6, .width =  1, .name = "ro_gpt_enable",    .meaning = "read-only guest page tables"},
    {.lsb = 7, .width =  1, .name = "invlpgb_enable",   .meaning = "guest may use INVLPGB/TLBSYNC"},
    {.lsb = 8, .width = 56, .name = "reserved_63_8",    .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info vmcb_control_area_avic_apic_bar_bits[] = {
    {.lsb =  0, .width = 52, .name = "apic_bar",       .meaning = "guest physical APIC base"},
    {.lsb = 52, .width = 12, .name = "reserved_63_52", .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info vmcb_control_area_event_inj_bits[] = {
    {.lsb =  0, .width =  8, .name = "vector",           .meaning = "vector"},
    {.lsb =  8, .width =  3, .name = "type",             .meaning = "event type", .values = &tables::event_types},
    {.lsb = 11, .width =  1, .name = "error_code_valid", .meaning = "push the error code"},
    {.lsb = 12, .width = 19, .name = "reserved_30_12",   .meaning = "reserved", .reserved = true},
    {.lsb = 31, .width =  1, .name = "valid",            .meaning = "inject"},
    {.lsb = 32, .width = 32, .name = "error_code",       .meaning = "error code"},
};
inline constexpr bit_info vmcb_control_area_virt_ext_bits[] = {
    {.lsb = 0, .width =  1, .name = "lbr_virt_enable",    .meaning = "LBR virtualisation"},
    {.lsb = 1, .width =  1, .name = "virt_vmload_vmsave", .meaning = "virtualised VMLOAD/VMSAVE"},
    {.lsb = 2, .width =  1, .name = "ibs_virt_enable",    .meaning = "IBS virtualisation"},
    {.lsb = 3, .width =  1, .name = "pmc_virt_enable",    .meaning = "PMC virtualisation"},
    {.lsb = 4, .width = 60, .name = "reserved_63_4",      .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info vmcb_control_area_vmcb_clean_bits[] = {
    {.lsb =  0, .width =  1, .name = "i",              .meaning = "intercepts, TSC offset, pause filter"},
    {.lsb =  1, .width =  1, .name = "iopm",           .meaning = "IOPM/MSRPM base"},
    {.lsb =  2, .width =  1, .name = "asid",           .meaning = "ASID"},
    {.lsb =  3, .width =  1, .name = "tpr",            .meaning = "V_TPR, V_IRQ, V_INTR_*, vector"},
    {.lsb =  4, .width =  1, .name = "np",             .meaning = "nested paging: NCR3, G_PAT"},
    {.lsb =  5, .width =  1, .name = "crx",            .meaning = "CR0 CR3 CR4 EFER"},
    {.lsb =  6, .width =  1, .name = "drx",            .meaning = "DR6 DR7"},
    {.lsb =  7, .width =  1, .name = "dt",             .meaning = "GDT IDT"},
    {.lsb =  8, .width =  1, .name = "seg",            .meaning = "CS DS SS ES, CPL"},
    {.lsb =  9, .width =  1, .name = "cr2",            .meaning = "CR2"},
    {.lsb = 10, .width =  1, .name = "lbr",            .meaning = "DBGCTL, BR_FROM/TO, LASTEXCP_*"},
    {.lsb = 11, .width =  1, .name = "avic",           .meaning = "AVIC BAR and table pointers"},
    {.lsb = 12, .width =  1, .name = "cet",            .meaning = "S_CET, SSP, ISST_ADDR"},
    {.lsb = 13, .width = 19, .name = "reserved_31_13", .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info vmcb_control_area_insn_len_bits[] = {
    {.lsb = 0, .width = 4, .name = "count",        .meaning = "byte count"},
    {.lsb = 4, .width = 4, .name = "reserved_7_4", .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info vmcb_control_area_avic_backing_page_bits[] = {
    {.lsb =  0, .width = 12, .name = "reserved_11_0",  .meaning = "reserved", .reserved = true},
    {.lsb = 12, .width = 40, .name = "pa",             .meaning = "backing page frame"},
    {.lsb = 52, .width = 12, .name = "reserved_63_52", .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info vmcb_control_area_avic_logical_table_bits[] = {
    {.lsb =  0, .width = 12, .name = "reserved_11_0",  .meaning = "reserved", .reserved = true},
    {.lsb = 12, .width = 40, .name = "pa",             .meaning = "table frame"},
    {.lsb = 52, .width = 12, .name = "reserved_63_52", .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info vmcb_control_area_avic_physical_table_bits[] = {
    {.lsb =  0, .width = 12, .name = "max_index",      .meaning = "maximum guest physical APIC ID (8 bits for AVIC, 9 for x2AVIC, 12 with the 4096-entry extension)"},
    {.lsb = 12, .width = 40, .name = "pa",             .meaning = "table frame"},
    {.lsb = 52, .width = 12, .name = "reserved_63_52", .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info vmcb_control_area_vmsa_pa_bits[] = {
    {.lsb =  0, .width = 12, .name = "reserved_11_0",  .meaning = "reserved", .reserved = true},
    {.lsb = 12, .width = 40, .name = "pa",             .meaning = "VMSA frame"},
    {.lsb = 52, .width = 12, .name = "reserved_63_52", .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info vmcb_control_area_update_irr_bits[] = {
    {.lsb = 0, .width =  1, .name = "update",        .meaning = "1 = hardware ANDs requested_irr with the guest ALLOWED_IRR and ORs the result into the guest IRR at VMRUN", .trust = confidence::medium},
    {.lsb = 1, .width = 31, .name = "reserved_31_1", .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr bit_info vmcb_control_area_allowed_sev_features_bits[] = {
    {.lsb =  0, .width = 62, .name = "mask",           .meaning = "same bit numbering as vmsa.sev_features"},
    {.lsb = 62, .width =  1, .name = "reserved_62_62", .meaning = "reserved", .reserved = true},
    {.lsb = 63, .width =  1, .name = "enable",         .meaning = "1 = the mask is enforced at VMRUN"},
};
inline constexpr bit_info vmcb_control_area_guest_sev_features_bits[] = {
    {.lsb =  0, .width = 62, .name = "features",       .meaning = "same bit numbering as vmsa.sev_features"},
    {.lsb = 62, .width =  2, .name = "reserved_63_62", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info vmcb_control_area_fields[] = {
    {.offset = 0x000, .size =   2, .name = "intercept_cr_read",      .meaning = "bit n intercepts reads of CRn", .since = level::svm, .bits = vmcb_control_area_intercept_cr_read_bits},
    {.offset = 0x002, .size =   2, .name = "intercept_cr_write",     .meaning = "bit n intercepts writes of CRn", .since = level::svm, .bits = vmcb_control_area_intercept_cr_write_bits},
    {.offset = 0x004, .size =   2, .name = "intercept_dr_read",      .meaning = "bit n intercepts reads of DRn", .since = level::svm, .bits = vmcb_control_area_intercept_dr_read_bits},
    {.offset = 0x006, .size =   2, .name = "intercept_dr_write",     .meaning = "bit n intercepts writes of DRn", .since = level::svm, .bits = vmcb_control_area_intercept_dr_write_bits},
    {.offset = 0x008, .size =   4, .name = "intercept_exceptions",   .meaning = "bit n intercepts exception vector n (0..31)", .since = level::svm, .bits = vmcb_control_area_intercept_exceptions_bits},
    {.offset = 0x00c, .size =   4, .name = "intercept_misc1",        .meaning = "intercept vector 3", .since = level::svm, .bits = vmcb_control_area_intercept_misc1_bits},
    {.offset = 0x010, .size =   4, .name = "intercept_misc2",        .meaning = "intercept vector 4", .since = level::svm, .bits = vmcb_control_area_intercept_misc2_bits},
    {.offset = 0x014, .size =   4, .name = "intercept_misc3",        .meaning = "intercept vector 5", .since = level::svm, .bits = vmcb_control_area_intercept_misc3_bits},
    {.offset = 0x018, .size =  36, .name = "reserved_018",           .meaning = "reserved, must be zero", .since = level::svm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x03c, .size =   2, .name = "pause_filter_threshold", .meaning = "PAUSE filter cycle threshold", .since = level::svm},
    {.offset = 0x03e, .size =   2, .name = "pause_filter_count",     .meaning = "PAUSE filter count", .since = level::svm},
    {.offset = 0x040, .size =   8, .name = "iopm_base_pa",           .meaning = "physical base of the 12 KiB I/O permission map; bits 11:0 ignored", .since = level::svm},
    {.offset = 0x048, .size =   8, .name = "msrpm_base_pa",          .meaning = "physical base of the 8 KiB MSR permission map; bits 11:0 ignored", .since = level::svm},
    {.offset = 0x050, .size =   8, .name = "tsc_offset",             .meaning = "added to TSC reads in the guest", .since = level::svm},
    {.offset = 0x058, .size =   4, .name = "guest_asid",             .meaning = "guest ASID; 0 is illegal for VMRUN. For SEV guests it also selects the memory key", .since = level::svm},
    {.offset = 0x05c, .size =   1, .name = "tlb_control",            .meaning = "see constant table tlb_control", .since = level::svm, .values = &tables::tlb_control},
    {.offset = 0x05d, .size =   1, .name = "erap_control",           .meaning = "enhanced return address predictor control", .since = level::svm, .trust = confidence::medium, .bits = vmcb_control_area_erap_control_bits},
    {.offset = 0x05e, .size =   2, .name = "reserved_05e",           .meaning = "reserved, must be zero", .since = level::svm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x060, .size =   8, .name = "vintr_control",          .meaning = "virtual interrupt control", .since = level::svm, .bits = vmcb_control_area_vintr_control_bits},
    {.offset = 0x068, .size =   8, .name = "interrupt_state",        .meaning = "interrupt shadow state", .since = level::svm, .bits = vmcb_control_area_interrupt_state_bits},
    {.offset = 0x070, .size =   8, .name = "exit_code",              .meaning = "see constant table svm_exit_codes", .since = level::svm, .values = &tables::svm_exit_codes},
    {.offset = 0x078, .size =   8, .name = "exit_info_1",            .meaning = "exit specific", .since = level::svm},
    {.offset = 0x080, .size =   8, .name = "exit_info_2",            .meaning = "exit specific", .since = level::svm},
    {.offset = 0x088, .size =   8, .name = "exit_int_info",          .meaning = "event being delivered when the exit hit; format event_injection", .since = level::svm, .bits = vmcb_control_area_exit_int_info_bits, .word = &event_injection},
    {.offset = 0x090, .size =   8, .name = "np_control",             .meaning = "nested paging and encryption enables", .since = level::svm, .bits = vmcb_control_area_np_control_bits},
    {.offset = 0x098, .size =   8, .name = "avic_apic_bar",          .meaning = "guest physical address of the virtual APIC page in bits 51:0", .since = level::avic, .bits = vmcb_control_area_avic_apic_bar_bits},
    {.offset = 0x0a0, .size =   8, .name = "ghcb_gpa",               .meaning = "GHCB MSR value as seen by the hypervisor (GHCB gPA or MSR protocol word)", .since = level::es},
    {.offset = 0x0a8, .size =   8, .name = "event_inj",              .meaning = "event to inject; format event_injection", .since = level::svm, .bits = vmcb_control_area_event_inj_bits, .word = &event_injection},
    {.offset = 0x0b0, .size =   8, .name = "nested_cr3",             .meaning = "nested page table root (host physical, C-bit allowed)", .since = level::svm},
    {.offset = 0x0b8, .size =   8, .name = "virt_ext",               .meaning = "virtualisation extensions", .since = level::svm, .bits = vmcb_control_area_virt_ext_bits},
    {.offset = 0x0c0, .size =   4, .name = "vmcb_clean",             .meaning = "clean bits: 1 = field group unchanged since last VMEXIT", .since = level::svm, .bits = vmcb_control_area_vmcb_clean_bits},
    {.offset = 0x0c4, .size =   4, .name = "reserved_0c4",           .meaning = "reserved, must be zero", .since = level::svm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0c8, .size =   8, .name = "next_rip",               .meaning = "next sequential RIP", .since = level::svm},
    {.offset = 0x0d0, .size =   1, .name = "insn_len",               .meaning = "number of instruction bytes fetched (0..15)", .since = level::svm, .bits = vmcb_control_area_insn_len_bits},
    {.offset = 0x0d1, .size =  15, .name = "insn_bytes",             .meaning = "guest instruction bytes", .since = level::svm, .type = field_type::bytes},
    {.offset = 0x0e0, .size =   8, .name = "avic_backing_page",      .meaning = "bits 51:12 host physical address of the vAPIC backing page", .since = level::avic, .bits = vmcb_control_area_avic_backing_page_bits},
    {.offset = 0x0e8, .size =   8, .name = "reserved_0e8",           .meaning = "reserved, must be zero", .since = level::svm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0f0, .size =   8, .name = "avic_logical_table",     .meaning = "bits 51:12 logical APIC ID table", .since = level::avic, .bits = vmcb_control_area_avic_logical_table_bits},
    {.offset = 0x0f8, .size =   8, .name = "avic_physical_table",    .meaning = "physical APIC ID table and maximum index", .since = level::avic, .bits = vmcb_control_area_avic_physical_table_bits},
    {.offset = 0x100, .size =   8, .name = "reserved_100",           .meaning = "reserved, must be zero", .since = level::svm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x108, .size =   8, .name = "vmsa_pa",                .meaning = "bits 51:12 host physical address of the encrypted VMSA; other bits must be zero", .since = level::es, .bits = vmcb_control_area_vmsa_pa_bits},
    {.offset = 0x110, .size =   8, .name = "vmgexit_rax",            .meaning = "guest RAX published at VMGEXIT when the VmgexitParameter feature is on", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x118, .size =   1, .name = "vmgexit_cpl",            .meaning = "guest CPL published at VMGEXIT when the VmgexitParameter feature is on", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x119, .size =   7, .name = "reserved_119",           .meaning = "reserved, must be zero", .since = level::svm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x120, .size =   2, .name = "bus_lock_threshold",     .meaning = "bus lock threshold counter; exit when it would go below zero", .since = level::svm},
    {.offset = 0x122, .size =  18, .name = "reserved_122",           .meaning = "reserved, must be zero", .since = level::svm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x134, .size =   4, .name = "update_irr",             .meaning = "Secure AVIC: hypervisor request to merge requested_irr", .since = level::snp, .trust = confidence::medium, .bits = vmcb_control_area_update_irr_bits},
    {.offset = 0x138, .size =   8, .name = "allowed_sev_features",   .meaning = "mask of SEV_FEATURES bits the hypervisor tolerates", .since = level::snp, .bits = vmcb_control_area_allowed_sev_features_bits},
    {.offset = 0x140, .size =   8, .name = "guest_sev_features",     .meaning = "SEV_FEATURES of the guest, written by hardware when the mask check fails", .since = level::snp, .bits = vmcb_control_area_guest_sev_features_bits},
    {.offset = 0x148, .size =   8, .name = "reserved_148",           .meaning = "reserved, must be zero", .since = level::svm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x150, .size =  32, .name = "requested_irr",          .meaning = "Secure AVIC: 256-bit vector bitmap requested by the hypervisor", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x170, .size = 624, .name = "reserved_170",           .meaning = "reserved, must be zero", .since = level::svm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x3e0, .size =  32, .name = "reserved_for_sw",        .meaning = "reserved for hypervisor software (Hyper-V enlightenments)", .since = level::svm, .type = field_type::bytes},
};
inline constexpr structure_info vmcb_control_area{
    .name = "vmcb_control_area",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 0x400,
    .alignment = 0x1000,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "VMCB control area, the first 1 KiB of the 4 KiB VMCB page. Never encrypted; hypervisor owned.",
    .fields = vmcb_control_area_fields,
};
inline constexpr field_info vmcb_control_area_intercept_cr_read_fields[] = {
    {.offset = 0, .size = 2, .name = "intercept_cr_read", .meaning = "bit n intercepts reads of CRn", .since = level::svm, .bits = vmcb_control_area_intercept_cr_read_bits},
};
inline constexpr structure_info vmcb_control_area_intercept_cr_read{
    .name = "vmcb_control_area.intercept_cr_read",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 2,
    .alignment = 1,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Bit n intercepts reads of CRn.",
    .fields = vmcb_control_area_intercept_cr_read_fields,
};
inline constexpr field_info vmcb_control_area_intercept_cr_write_fields[] = {
    {.offset = 0, .size = 2, .name = "intercept_cr_write", .meaning = "bit n intercepts writes of CRn", .since = level::svm, .bits = vmcb_control_area_intercept_cr_write_bits},
};
inline constexpr structure_info vmcb_control_area_intercept_cr_write{
    .name = "vmcb_control_area.intercept_cr_write",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 2,
    .alignment = 1,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Bit n intercepts writes of CRn.",
    .fields = vmcb_control_area_intercept_cr_write_fields,
};
inline constexpr field_info vmcb_control_area_intercept_dr_read_fields[] = {
    {.offset = 0, .size = 2, .name = "intercept_dr_read", .meaning = "bit n intercepts reads of DRn", .since = level::svm, .bits = vmcb_control_area_intercept_dr_read_bits},
};
inline constexpr structure_info vmcb_control_area_intercept_dr_read{
    .name = "vmcb_control_area.intercept_dr_read",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 2,
    .alignment = 1,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Bit n intercepts reads of DRn.",
    .fields = vmcb_control_area_intercept_dr_read_fields,
};
inline constexpr field_info vmcb_control_area_intercept_dr_write_fields[] = {
    {.offset = 0, .size = 2, .name = "intercept_dr_write", .meaning = "bit n intercepts writes of DRn", .since = level::svm, .bits = vmcb_control_area_intercept_dr_write_bits},
};
inline constexpr structure_info vmcb_control_area_intercept_dr_write{
    .name = "vmcb_control_area.intercept_dr_write",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 2,
    .alignment = 1,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Bit n intercepts writes of DRn.",
    .fields = vmcb_control_area_intercept_dr_write_fields,
};
inline constexpr field_info vmcb_control_area_intercept_exceptions_fields[] = {
    {.offset = 0, .size = 4, .name = "intercept_exceptions", .meaning = "bit n intercepts exception vector n (0..31)", .since = level::svm, .bits = vmcb_control_area_intercept_exceptions_bits},
};
inline constexpr structure_info vmcb_control_area_intercept_exceptions{
    .name = "vmcb_control_area.intercept_exceptions",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 4,
    .alignment = 1,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Bit n intercepts exception vector n (0..31).",
    .fields = vmcb_control_area_intercept_exceptions_fields,
};
inline constexpr field_info vmcb_control_area_intercept_misc1_fields[] = {
    {.offset = 0, .size = 4, .name = "intercept_misc1", .meaning = "intercept vector 3", .since = level::svm, .bits = vmcb_control_area_intercept_misc1_bits},
};
inline constexpr structure_info vmcb_control_area_intercept_misc1{
    .name = "vmcb_control_area.intercept_misc1",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 4,
    .alignment = 1,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Intercept vector 3.",
    .fields = vmcb_control_area_intercept_misc1_fields,
};
inline constexpr field_info vmcb_control_area_intercept_misc2_fields[] = {
    {.offset = 0, .size = 4, .name = "intercept_misc2", .meaning = "intercept vector 4", .since = level::svm, .bits = vmcb_control_area_intercept_misc2_bits},
};
inline constexpr structure_info vmcb_control_area_intercept_misc2{
    .name = "vmcb_control_area.intercept_misc2",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 4,
    .alignment = 1,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Intercept vector 4.",
    .fields = vmcb_control_area_intercept_misc2_fields,
};
inline constexpr field_info vmcb_control_area_intercept_misc3_fields[] = {
    {.offset = 0, .size = 4, .name = "intercept_misc3", .meaning = "intercept vector 5", .since = level::svm, .bits = vmcb_control_area_intercept_misc3_bits},
};
inline constexpr structure_info vmcb_control_area_intercept_misc3{
    .name = "vmcb_control_area.intercept_misc3",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 4,
    .alignment = 1,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Intercept vector 5.",
    .fields = vmcb_control_area_intercept_misc3_fields,
};
inline constexpr field_info vmcb_control_area_erap_control_fields[] = {
    {.offset = 0, .size = 1, .name = "erap_control", .meaning = "enhanced return address predictor control", .since = level::svm, .bits = vmcb_control_area_erap_control_bits},
};
inline constexpr structure_info vmcb_control_area_erap_control{
    .name = "vmcb_control_area.erap_control",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 1,
    .alignment = 1,
    .since = level::svm,
    .trust = confidence::medium,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Enhanced return address predictor control.",
    .fields = vmcb_control_area_erap_control_fields,
};
inline constexpr field_info vmcb_control_area_vintr_control_fields[] = {
    {.offset = 0, .size = 8, .name = "vintr_control", .meaning = "virtual interrupt control", .since = level::svm, .bits = vmcb_control_area_vintr_control_bits},
};
inline constexpr structure_info vmcb_control_area_vintr_control{
    .name = "vmcb_control_area.vintr_control",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 8,
    .alignment = 1,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Virtual interrupt control.",
    .fields = vmcb_control_area_vintr_control_fields,
};
inline constexpr field_info vmcb_control_area_interrupt_state_fields[] = {
    {.offset = 0, .size = 8, .name = "interrupt_state", .meaning = "interrupt shadow state", .since = level::svm, .bits = vmcb_control_area_interrupt_state_bits},
};
inline constexpr structure_info vmcb_control_area_interrupt_state{
    .name = "vmcb_control_area.interrupt_state",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 8,
    .alignment = 1,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Interrupt shadow state.",
    .fields = vmcb_control_area_interrupt_state_fields,
};
inline constexpr field_info vmcb_control_area_np_control_fields[] = {
    {.offset = 0, .size = 8, .name = "np_control", .meaning = "nested paging and encryption enables", .since = level::svm, .bits = vmcb_control_area_np_control_bits},
};
inline constexpr structure_info vmcb_control_area_np_control{
    .name = "vmcb_control_area.np_control",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 8,
    .alignment = 1,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Nested paging and encryption enables.",
    .fields = vmcb_control_area_np_control_fields,
};
inline constexpr field_info vmcb_control_area_avic_apic_bar_fields[] = {
    {.offset = 0, .size = 8, .name = "avic_apic_bar", .meaning = "guest physical address of the virtual APIC page in bits 51:0", .since = level::avic, .bits = vmcb_control_area_avic_apic_bar_bits},
};
inline constexpr structure_info vmcb_control_area_avic_apic_bar{
    .name = "vmcb_control_area.avic_apic_bar",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 8,
    .alignment = 1,
    .since = level::avic,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Guest physical address of the virtual APIC page in bits 51:0.",
    .fields = vmcb_control_area_avic_apic_bar_fields,
};
inline constexpr field_info vmcb_control_area_virt_ext_fields[] = {
    {.offset = 0, .size = 8, .name = "virt_ext", .meaning = "virtualisation extensions", .since = level::svm, .bits = vmcb_control_area_virt_ext_bits},
};
inline constexpr structure_info vmcb_control_area_virt_ext{
    .name = "vmcb_control_area.virt_ext",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 8,
    .alignment = 1,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Virtualisation extensions.",
    .fields = vmcb_control_area_virt_ext_fields,
};
inline constexpr field_info vmcb_control_area_vmcb_clean_fields[] = {
    {.offset = 0, .size = 4, .name = "vmcb_clean", .meaning = "clean bits: 1 = field group unchanged since last VMEXIT", .since = level::svm, .bits = vmcb_control_area_vmcb_clean_bits},
};
inline constexpr structure_info vmcb_control_area_vmcb_clean{
    .name = "vmcb_control_area.vmcb_clean",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 4,
    .alignment = 1,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Clean bits: 1 = field group unchanged since last VMEXIT.",
    .fields = vmcb_control_area_vmcb_clean_fields,
};
inline constexpr field_info vmcb_control_area_insn_len_fields[] = {
    {.offset = 0, .size = 1, .name = "insn_len", .meaning = "number of instruction bytes fetched (0..15)", .since = level::svm, .bits = vmcb_control_area_insn_len_bits},
};
inline constexpr structure_info vmcb_control_area_insn_len{
    .name = "vmcb_control_area.insn_len",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 1,
    .alignment = 1,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Number of instruction bytes fetched (0..15).",
    .fields = vmcb_control_area_insn_len_fields,
};
inline constexpr field_info vmcb_control_area_avic_backing_page_fields[] = {
    {.offset = 0, .size = 8, .name = "avic_backing_page", .meaning = "bits 51:12 host physical address of the vAPIC backing page", .since = level::avic, .bits = vmcb_control_area_avic_backing_page_bits},
};
inline constexpr structure_info vmcb_control_area_avic_backing_page{
    .name = "vmcb_control_area.avic_backing_page",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 8,
    .alignment = 1,
    .since = level::avic,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Bits 51:12 host physical address of the vAPIC backing page.",
    .fields = vmcb_control_area_avic_backing_page_fields,
};
inline constexpr field_info vmcb_control_area_avic_logical_table_fields[] = {
    {.offset = 0, .size = 8, .name = "avic_logical_table", .meaning = "bits 51:12 logical APIC ID table", .since = level::avic, .bits = vmcb_control_area_avic_logical_table_bits},
};
inline constexpr structure_info vmcb_control_area_avic_logical_table{
    .name = "vmcb_control_area.avic_logical_table",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 8,
    .alignment = 1,
    .since = level::avic,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Bits 51:12 logical APIC ID table.",
    .fields = vmcb_control_area_avic_logical_table_fields,
};
inline constexpr field_info vmcb_control_area_avic_physical_table_fields[] = {
    {.offset = 0, .size = 8, .name = "avic_physical_table", .meaning = "physical APIC ID table and maximum index", .since = level::avic, .bits = vmcb_control_area_avic_physical_table_bits},
};
inline constexpr structure_info vmcb_control_area_avic_physical_table{
    .name = "vmcb_control_area.avic_physical_table",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 8,
    .alignment = 1,
    .since = level::avic,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Physical APIC ID table and maximum index.",
    .fields = vmcb_control_area_avic_physical_table_fields,
};
inline constexpr field_info vmcb_control_area_vmsa_pa_fields[] = {
    {.offset = 0, .size = 8, .name = "vmsa_pa", .meaning = "bits 51:12 host physical address of the encrypted VMSA; other bits must be zero", .since = level::es, .bits = vmcb_control_area_vmsa_pa_bits},
};
inline constexpr structure_info vmcb_control_area_vmsa_pa{
    .name = "vmcb_control_area.vmsa_pa",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 8,
    .alignment = 1,
    .since = level::es,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Bits 51:12 host physical address of the encrypted VMSA; other bits must be zero.",
    .fields = vmcb_control_area_vmsa_pa_fields,
};
inline constexpr field_info vmcb_control_area_update_irr_fields[] = {
    {.offset = 0, .size = 4, .name = "update_irr", .meaning = "Secure AVIC: hypervisor request to merge requested_irr", .since = level::snp, .bits = vmcb_control_area_update_irr_bits},
};
inline constexpr structure_info vmcb_control_area_update_irr{
    .name = "vmcb_control_area.update_irr",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Secure AVIC: hypervisor request to merge requested_irr.",
    .fields = vmcb_control_area_update_irr_fields,
};
inline constexpr field_info vmcb_control_area_allowed_sev_features_fields[] = {
    {.offset = 0, .size = 8, .name = "allowed_sev_features", .meaning = "mask of SEV_FEATURES bits the hypervisor tolerates", .since = level::snp, .bits = vmcb_control_area_allowed_sev_features_bits},
};
inline constexpr structure_info vmcb_control_area_allowed_sev_features{
    .name = "vmcb_control_area.allowed_sev_features",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 8,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "Mask of SEV_FEATURES bits the hypervisor tolerates.",
    .fields = vmcb_control_area_allowed_sev_features_fields,
};
inline constexpr field_info vmcb_control_area_guest_sev_features_fields[] = {
    {.offset = 0, .size = 8, .name = "guest_sev_features", .meaning = "SEV_FEATURES of the guest, written by hardware when the mask check fails", .since = level::snp, .bits = vmcb_control_area_guest_sev_features_bits},
};
inline constexpr structure_info vmcb_control_area_guest_sev_features{
    .name = "vmcb_control_area.guest_sev_features",
    .id = "LAY-VMCB-CONTROL-AREA",
    .size = 8,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-1",
    .description = "SEV_FEATURES of the guest, written by hardware when the mask check fails.",
    .fields = vmcb_control_area_guest_sev_features_fields,
};

inline constexpr field_info vmcb_save_area_fields[] = {
    {.offset = 0x000, .size =   16, .name = "es",                  .meaning = "ES", .since = level::svm, .type = field_type::structure, .nested = &segment},
    {.offset = 0x010, .size =   16, .name = "cs",                  .meaning = "CS", .since = level::svm, .type = field_type::structure, .nested = &segment},
    {.offset = 0x020, .size =   16, .name = "ss",                  .meaning = "SS", .since = level::svm, .type = field_type::structure, .nested = &segment},
    {.offset = 0x030, .size =   16, .name = "ds",                  .meaning = "DS", .since = level::svm, .type = field_type::structure, .nested = &segment},
    {.offset = 0x040, .size =   16, .name = "fs",                  .meaning = "FS (only loaded/stored by VMLOAD/VMSAVE)", .since = level::svm, .type = field_type::structure, .nested = &segment},
    {.offset = 0x050, .size =   16, .name = "gs",                  .meaning = "GS (VMLOAD/VMSAVE)", .since = level::svm, .type = field_type::structure, .nested = &segment},
    {.offset = 0x060, .size =   16, .name = "gdtr",                .meaning = "GDTR; selector and attrib unused", .since = level::svm, .type = field_type::structure, .nested = &segment},
    {.offset = 0x070, .size =   16, .name = "ldtr",                .meaning = "LDTR (VMLOAD/VMSAVE)", .since = level::svm, .type = field_type::structure, .nested = &segment},
    {.offset = 0x080, .size =   16, .name = "idtr",                .meaning = "IDTR; selector and attrib unused", .since = level::svm, .type = field_type::structure, .nested = &segment},
    {.offset = 0x090, .size =   16, .name = "tr",                  .meaning = "TR (VMLOAD/VMSAVE)", .since = level::svm, .type = field_type::structure, .nested = &segment},
    {.offset = 0x0a0, .size =   43, .name = "reserved_0a0",        .meaning = "reserved, must be zero", .since = level::svm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0cb, .size =    1, .name = "cpl",                 .meaning = "current privilege level; forced to 0 in real mode, 3 in virtual-8086 mode", .since = level::svm},
    {.offset = 0x0cc, .size =    4, .name = "reserved_0cc",        .meaning = "reserved, must be zero", .since = level::svm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0d0, .size =    8, .name = "efer",                .meaning = "EFER", .since = level::svm},
    {.offset = 0x0d8, .size =    8, .name = "reserved_0d8",        .meaning = "reserved, must be zero", .since = level::svm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0e0, .size =    8, .name = "perf_ctl0",           .meaning = "PMC virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x0e8, .size =    8, .name = "perf_ctr0",           .meaning = "PMC virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x0f0, .size =    8, .name = "perf_ctl1",           .meaning = "PMC virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x0f8, .size =    8, .name = "perf_ctr1",           .meaning = "PMC virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x100, .size =    8, .name = "perf_ctl2",           .meaning = "PMC virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x108, .size =    8, .name = "perf_ctr2",           .meaning = "PMC virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x110, .size =    8, .name = "perf_ctl3",           .meaning = "PMC virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x118, .size =    8, .name = "perf_ctr3",           .meaning = "PMC virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x120, .size =    8, .name = "perf_ctl4",           .meaning = "PMC virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x128, .size =    8, .name = "perf_ctr4",           .meaning = "PMC virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x130, .size =    8, .name = "perf_ctl5",           .meaning = "PMC virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x138, .size =    8, .name = "perf_ctr5",           .meaning = "PMC virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x140, .size =    8, .name = "reserved_140",        .meaning = "reserved, must be zero", .since = level::svm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x148, .size =    8, .name = "cr4",                 .meaning = "CR4", .since = level::svm},
    {.offset = 0x150, .size =    8, .name = "cr3",                 .meaning = "CR3", .since = level::svm},
    {.offset = 0x158, .size =    8, .name = "cr0",                 .meaning = "CR0", .since = level::svm},
    {.offset = 0x160, .size =    8, .name = "dr7",                 .meaning = "DR7", .since = level::svm},
    {.offset = 0x168, .size =    8, .name = "dr6",                 .meaning = "DR6", .since = level::svm},
    {.offset = 0x170, .size =    8, .name = "rflags",              .meaning = "RFLAGS", .since = level::svm},
    {.offset = 0x178, .size =    8, .name = "rip",                 .meaning = "RIP", .since = level::svm},
    {.offset = 0x180, .size =   64, .name = "reserved_180",        .meaning = "reserved, must be zero", .since = level::svm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x1c0, .size =    8, .name = "instr_retired_ctr",   .meaning = "PMC virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x1c8, .size =    8, .name = "perf_ctr_global_sts", .meaning = "PMC virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x1d0, .size =    8, .name = "perf_ctr_global_ctl", .meaning = "PMC virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x1d8, .size =    8, .name = "rsp",                 .meaning = "RSP", .since = level::svm},
    {.offset = 0x1e0, .size =    8, .name = "s_cet",               .meaning = "S_CET", .since = level::svm},
    {.offset = 0x1e8, .size =    8, .name = "ssp",                 .meaning = "SSP", .since = level::svm},
    {.offset = 0x1f0, .size =    8, .name = "isst_addr",           .meaning = "INTERRUPT_SSP_TABLE_ADDR", .since = level::svm},
    {.offset = 0x1f8, .size =    8, .name = "rax",                 .meaning = "RAX", .since = level::svm},
    {.offset = 0x200, .size =    8, .name = "star",                .meaning = "STAR", .since = level::svm},
    {.offset = 0x208, .size =    8, .name = "lstar",               .meaning = "LSTAR", .since = level::svm},
    {.offset = 0x210, .size =    8, .name = "cstar",               .meaning = "CSTAR", .since = level::svm},
    {.offset = 0x218, .size =    8, .name = "sfmask",              .meaning = "SFMASK", .since = level::svm},
    {.offset = 0x220, .size =    8, .name = "kernel_gs_base",      .meaning = "KernelGSBase", .since = level::svm},
    {.offset = 0x228, .size =    8, .name = "sysenter_cs",         .meaning = "SYSENTER_CS", .since = level::svm},
    {.offset = 0x230, .size =    8, .name = "sysenter_esp",        .meaning = "SYSENTER_ESP", .since = level::svm},
    {.offset = 0x238, .size =    8, .name = "sysenter_eip",        .meaning = "SYSENTER_EIP", .since = level::svm},
    {.offset = 0x240, .size =    8, .name = "cr2",                 .meaning = "CR2", .since = level::svm},
    {.offset = 0x248, .size =   32, .name = "reserved_248",        .meaning = "reserved, must be zero", .since = level::svm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x268, .size =    8, .name = "g_pat",               .meaning = "guest PAT (used only with nested paging)", .since = level::svm},
    {.offset = 0x270, .size =    8, .name = "dbgctl",              .meaning = "DebugCtl", .since = level::svm},
    {.offset = 0x278, .size =    8, .name = "br_from",             .meaning = "LastBranchFromIP", .since = level::svm},
    {.offset = 0x280, .size =    8, .name = "br_to",               .meaning = "LastBranchToIP", .since = level::svm},
    {.offset = 0x288, .size =    8, .name = "last_excp_from",      .meaning = "LastIntFromIP", .since = level::svm},
    {.offset = 0x290, .size =    8, .name = "last_excp_to",        .meaning = "LastIntToIP", .since = level::svm},
    {.offset = 0x298, .size =    8, .name = "dbgextncfg",          .meaning = "DebugExtnCfg (MSR C000_010F)", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x2a0, .size =   64, .name = "reserved_2a0",        .meaning = "reserved, must be zero", .since = level::svm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x2e0, .size =    8, .name = "spec_ctrl",           .meaning = "guest SPEC_CTRL", .since = level::svm},
    {.offset = 0x2e8, .size =  904, .name = "reserved_2e8",        .meaning = "reserved, must be zero", .since = level::svm, .type = field_type::bytes, .reserved = true},
    {.offset = 0x670, .size =  256, .name = "lbr_stack",           .meaning = "LBR stack, 16 from/to pairs (entry ordering not confirmed)", .since = level::svm, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x770, .size =    8, .name = "lbr_select",          .meaning = "LBR_SELECT (MSR C000_010E)", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x778, .size =    8, .name = "ibs_fetch_ctl",       .meaning = "IBS virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x780, .size =    8, .name = "ibs_fetch_linaddr",   .meaning = "IBS virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x788, .size =    8, .name = "ibs_op_ctl",          .meaning = "IBS virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x790, .size =    8, .name = "ibs_op_rip",          .meaning = "IBS virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x798, .size =    8, .name = "ibs_op_data",         .meaning = "IBS virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x7a0, .size =    8, .name = "ibs_op_data2",        .meaning = "IBS virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x7a8, .size =    8, .name = "ibs_op_data3",        .meaning = "IBS virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x7b0, .size =    8, .name = "ibs_dc_linaddr",      .meaning = "IBS virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x7b8, .size =    8, .name = "bp_ibstgt_rip",       .meaning = "IBS virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x7c0, .size =    8, .name = "ic_ibs_extd_ctl",     .meaning = "IBS virtualisation", .since = level::svm, .trust = confidence::medium},
    {.offset = 0x7c8, .size = 1080, .name = "reserved_7c8",        .meaning = "reserved, must be zero", .since = level::svm, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info vmcb_save_area{
    .name = "vmcb_save_area",
    .id = "LAY-VMCB-SAVE-AREA",
    .size = 0xc00,
    .alignment = 0x1,
    .since = level::svm,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-2",
    .description = "State save area of non-ES guests, at VMCB offset 0x400. For SEV-ES/SNP guests these 3 KiB are unused by hardware.",
    .fields = vmcb_save_area_fields,
};

}  // namespace descriptions

/// `intercept_cr_read` of `vmcb_control_area`: Bit n intercepts reads of CRn.
struct vmcb_control_area_intercept_cr_read {
  std::uint16_t raw{};  ///< the whole word

  /// Bit 0: MOV from CR0 (also SMSW).
  [[nodiscard]] constexpr auto cr0_read() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_cr0_read(bool value) & -> vmcb_control_area_intercept_cr_read& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_cr0_read(bool value) && -> vmcb_control_area_intercept_cr_read { return put(*this, 0, 0, value); }
  /// Bit 3: MOV from CR3.
  [[nodiscard]] constexpr auto cr3_read() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_cr3_read(bool value) & -> vmcb_control_area_intercept_cr_read& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_cr3_read(bool value) && -> vmcb_control_area_intercept_cr_read { return put(*this, 3, 3, value); }
  /// Bit 4: MOV from CR4.
  [[nodiscard]] constexpr auto cr4_read() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_cr4_read(bool value) & -> vmcb_control_area_intercept_cr_read& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_cr4_read(bool value) && -> vmcb_control_area_intercept_cr_read { return put(*this, 4, 4, value); }
  /// Bit 8: MOV from CR8.
  [[nodiscard]] constexpr auto cr8_read() const noexcept -> bool { return bit_at(raw, 8); }
  constexpr auto set_cr8_read(bool value) & -> vmcb_control_area_intercept_cr_read& { return put(*this, 8, 8, value); }
  [[nodiscard]] constexpr auto set_cr8_read(bool value) && -> vmcb_control_area_intercept_cr_read { return put(*this, 8, 8, value); }

  friend constexpr auto operator==(const vmcb_control_area_intercept_cr_read&, const vmcb_control_area_intercept_cr_read&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_intercept_cr_read*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_intercept_cr_read;
  }
};

/// `intercept_cr_write` of `vmcb_control_area`: Bit n intercepts writes of CRn.
struct vmcb_control_area_intercept_cr_write {
  std::uint16_t raw{};  ///< the whole word

  /// Bit 0: MOV to CR0, LMSW, CLTS.
  [[nodiscard]] constexpr auto cr0_write() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_cr0_write(bool value) & -> vmcb_control_area_intercept_cr_write& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_cr0_write(bool value) && -> vmcb_control_area_intercept_cr_write { return put(*this, 0, 0, value); }
  /// Bit 3: MOV to CR3.
  [[nodiscard]] constexpr auto cr3_write() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_cr3_write(bool value) & -> vmcb_control_area_intercept_cr_write& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_cr3_write(bool value) && -> vmcb_control_area_intercept_cr_write { return put(*this, 3, 3, value); }
  /// Bit 4: MOV to CR4.
  [[nodiscard]] constexpr auto cr4_write() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_cr4_write(bool value) & -> vmcb_control_area_intercept_cr_write& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_cr4_write(bool value) && -> vmcb_control_area_intercept_cr_write { return put(*this, 4, 4, value); }
  /// Bit 8: MOV to CR8.
  [[nodiscard]] constexpr auto cr8_write() const noexcept -> bool { return bit_at(raw, 8); }
  constexpr auto set_cr8_write(bool value) & -> vmcb_control_area_intercept_cr_write& { return put(*this, 8, 8, value); }
  [[nodiscard]] constexpr auto set_cr8_write(bool value) && -> vmcb_control_area_intercept_cr_write { return put(*this, 8, 8, value); }

  friend constexpr auto operator==(const vmcb_control_area_intercept_cr_write&, const vmcb_control_area_intercept_cr_write&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_intercept_cr_write*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_intercept_cr_write;
  }
};

/// `intercept_dr_read` of `vmcb_control_area`: Bit n intercepts reads of DRn.
struct vmcb_control_area_intercept_dr_read {
  std::uint16_t raw{};  ///< the whole word

  /// Bits 7:0: One bit per DR0..DR7.
  [[nodiscard]] constexpr auto dr0_7_read() const noexcept -> std::uint32_t { return bits32_at(raw, 7, 0); }
  constexpr auto set_dr0_7_read(std::uint32_t value) & -> vmcb_control_area_intercept_dr_read& { return put(*this, 7, 0, value); }
  [[nodiscard]] constexpr auto set_dr0_7_read(std::uint32_t value) && -> vmcb_control_area_intercept_dr_read { return put(*this, 7, 0, value); }

  friend constexpr auto operator==(const vmcb_control_area_intercept_dr_read&, const vmcb_control_area_intercept_dr_read&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_intercept_dr_read*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_intercept_dr_read;
  }
};

/// `intercept_dr_write` of `vmcb_control_area`: Bit n intercepts writes of DRn.
struct vmcb_control_area_intercept_dr_write {
  std::uint16_t raw{};  ///< the whole word

  /// Bits 7:0: One bit per DR0..DR7.
  [[nodiscard]] constexpr auto dr0_7_write() const noexcept -> std::uint32_t { return bits32_at(raw, 7, 0); }
  constexpr auto set_dr0_7_write(std::uint32_t value) & -> vmcb_control_area_intercept_dr_write& { return put(*this, 7, 0, value); }
  [[nodiscard]] constexpr auto set_dr0_7_write(std::uint32_t value) && -> vmcb_control_area_intercept_dr_write { return put(*this, 7, 0, value); }

  friend constexpr auto operator==(const vmcb_control_area_intercept_dr_write&, const vmcb_control_area_intercept_dr_write&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_intercept_dr_write*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_intercept_dr_write;
  }
};

/// `intercept_exceptions` of `vmcb_control_area`: Bit n intercepts exception vector n (0..31).
struct vmcb_control_area_intercept_exceptions {
  std::uint32_t raw{};  ///< the whole word

  /// Bits 31:0: One bit per vector.
  [[nodiscard]] constexpr auto vectors() const noexcept -> std::uint32_t { return bits32_at(raw, 31, 0); }
  constexpr auto set_vectors(std::uint32_t value) & -> vmcb_control_area_intercept_exceptions& { return put(*this, 31, 0, value); }
  [[nodiscard]] constexpr auto set_vectors(std::uint32_t value) && -> vmcb_control_area_intercept_exceptions { return put(*this, 31, 0, value); }

  friend constexpr auto operator==(const vmcb_control_area_intercept_exceptions&, const vmcb_control_area_intercept_exceptions&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_intercept_exceptions*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_intercept_exceptions;
  }
};

/// `intercept_misc1` of `vmcb_control_area`: Intercept vector 3.
struct vmcb_control_area_intercept_misc1 {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Physical maskable interrupt.
  [[nodiscard]] constexpr auto intr() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_intr(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_intr(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 0, 0, value); }
  /// Bit 1: Physical NMI.
  [[nodiscard]] constexpr auto nmi() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_nmi(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_nmi(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 1, 1, value); }
  /// Bit 2: Physical SMI.
  [[nodiscard]] constexpr auto smi() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_smi(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_smi(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 2, 2, value); }
  /// Bit 3: Physical INIT.
  [[nodiscard]] constexpr auto init() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_init(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_init(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 3, 3, value); }
  /// Bit 4: Virtual interrupt window.
  [[nodiscard]] constexpr auto vintr() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_vintr(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_vintr(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 4, 4, value); }
  /// Bit 5: CR0 write that changes bits other than TS/MP.
  [[nodiscard]] constexpr auto cr0_sel_write() const noexcept -> bool { return bit_at(raw, 5); }
  constexpr auto set_cr0_sel_write(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 5, 5, value); }
  [[nodiscard]] constexpr auto set_cr0_sel_write(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 5, 5, value); }
  /// Bit 6: SIDT.
  [[nodiscard]] constexpr auto idtr_read() const noexcept -> bool { return bit_at(raw, 6); }
  constexpr auto set_idtr_read(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 6, 6, value); }
  [[nodiscard]] constexpr auto set_idtr_read(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 6, 6, value); }
  /// Bit 7: SGDT.
  [[nodiscard]] constexpr auto gdtr_read() const noexcept -> bool { return bit_at(raw, 7); }
  constexpr auto set_gdtr_read(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 7, 7, value); }
  [[nodiscard]] constexpr auto set_gdtr_read(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 7, 7, value); }
  /// Bit 8: SLDT.
  [[nodiscard]] constexpr auto ldtr_read() const noexcept -> bool { return bit_at(raw, 8); }
  constexpr auto set_ldtr_read(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 8, 8, value); }
  [[nodiscard]] constexpr auto set_ldtr_read(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 8, 8, value); }
  /// Bit 9: STR.
  [[nodiscard]] constexpr auto tr_read() const noexcept -> bool { return bit_at(raw, 9); }
  constexpr auto set_tr_read(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 9, 9, value); }
  [[nodiscard]] constexpr auto set_tr_read(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 9, 9, value); }
  /// Bit 10: LIDT.
  [[nodiscard]] constexpr auto idtr_write() const noexcept -> bool { return bit_at(raw, 10); }
  constexpr auto set_idtr_write(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 10, 10, value); }
  [[nodiscard]] constexpr auto set_idtr_write(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 10, 10, value); }
  /// Bit 11: LGDT.
  [[nodiscard]] constexpr auto gdtr_write() const noexcept -> bool { return bit_at(raw, 11); }
  constexpr auto set_gdtr_write(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 11, 11, value); }
  [[nodiscard]] constexpr auto set_gdtr_write(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 11, 11, value); }
  /// Bit 12: LLDT.
  [[nodiscard]] constexpr auto ldtr_write() const noexcept -> bool { return bit_at(raw, 12); }
  constexpr auto set_ldtr_write(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 12, 12, value); }
  [[nodiscard]] constexpr auto set_ldtr_write(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 12, 12, value); }
  /// Bit 13: LTR.
  [[nodiscard]] constexpr auto tr_write() const noexcept -> bool { return bit_at(raw, 13); }
  constexpr auto set_tr_write(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 13, 13, value); }
  [[nodiscard]] constexpr auto set_tr_write(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 13, 13, value); }
  /// Bit 14: RDTSC.
  [[nodiscard]] constexpr auto rdtsc() const noexcept -> bool { return bit_at(raw, 14); }
  constexpr auto set_rdtsc(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 14, 14, value); }
  [[nodiscard]] constexpr auto set_rdtsc(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 14, 14, value); }
  /// Bit 15: RDPMC.
  [[nodiscard]] constexpr auto rdpmc() const noexcept -> bool { return bit_at(raw, 15); }
  constexpr auto set_rdpmc(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 15, 15, value); }
  [[nodiscard]] constexpr auto set_rdpmc(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 15, 15, value); }
  /// Bit 16: PUSHF.
  [[nodiscard]] constexpr auto pushf() const noexcept -> bool { return bit_at(raw, 16); }
  constexpr auto set_pushf(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 16, 16, value); }
  [[nodiscard]] constexpr auto set_pushf(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 16, 16, value); }
  /// Bit 17: POPF.
  [[nodiscard]] constexpr auto popf() const noexcept -> bool { return bit_at(raw, 17); }
  constexpr auto set_popf(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 17, 17, value); }
  [[nodiscard]] constexpr auto set_popf(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 17, 17, value); }
  /// Bit 18: CPUID.
  [[nodiscard]] constexpr auto cpuid() const noexcept -> bool { return bit_at(raw, 18); }
  constexpr auto set_cpuid(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 18, 18, value); }
  [[nodiscard]] constexpr auto set_cpuid(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 18, 18, value); }
  /// Bit 19: RSM.
  [[nodiscard]] constexpr auto rsm() const noexcept -> bool { return bit_at(raw, 19); }
  constexpr auto set_rsm(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 19, 19, value); }
  [[nodiscard]] constexpr auto set_rsm(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 19, 19, value); }
  /// Bit 20: IRET.
  [[nodiscard]] constexpr auto iret() const noexcept -> bool { return bit_at(raw, 20); }
  constexpr auto set_iret(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 20, 20, value); }
  [[nodiscard]] constexpr auto set_iret(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 20, 20, value); }
  /// Bit 21: INTn.
  [[nodiscard]] constexpr auto swint() const noexcept -> bool { return bit_at(raw, 21); }
  constexpr auto set_swint(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 21, 21, value); }
  [[nodiscard]] constexpr auto set_swint(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 21, 21, value); }
  /// Bit 22: INVD.
  [[nodiscard]] constexpr auto invd() const noexcept -> bool { return bit_at(raw, 22); }
  constexpr auto set_invd(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 22, 22, value); }
  [[nodiscard]] constexpr auto set_invd(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 22, 22, value); }
  /// Bit 23: PAUSE.
  [[nodiscard]] constexpr auto pause() const noexcept -> bool { return bit_at(raw, 23); }
  constexpr auto set_pause(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 23, 23, value); }
  [[nodiscard]] constexpr auto set_pause(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 23, 23, value); }
  /// Bit 24: HLT.
  [[nodiscard]] constexpr auto hlt() const noexcept -> bool { return bit_at(raw, 24); }
  constexpr auto set_hlt(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 24, 24, value); }
  [[nodiscard]] constexpr auto set_hlt(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 24, 24, value); }
  /// Bit 25: INVLPG.
  [[nodiscard]] constexpr auto invlpg() const noexcept -> bool { return bit_at(raw, 25); }
  constexpr auto set_invlpg(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 25, 25, value); }
  [[nodiscard]] constexpr auto set_invlpg(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 25, 25, value); }
  /// Bit 26: INVLPGA.
  [[nodiscard]] constexpr auto invlpga() const noexcept -> bool { return bit_at(raw, 26); }
  constexpr auto set_invlpga(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 26, 26, value); }
  [[nodiscard]] constexpr auto set_invlpga(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 26, 26, value); }
  /// Bit 27: Use the I/O permission map.
  [[nodiscard]] constexpr auto ioio_prot() const noexcept -> bool { return bit_at(raw, 27); }
  constexpr auto set_ioio_prot(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 27, 27, value); }
  [[nodiscard]] constexpr auto set_ioio_prot(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 27, 27, value); }
  /// Bit 28: Use the MSR permission map.
  [[nodiscard]] constexpr auto msr_prot() const noexcept -> bool { return bit_at(raw, 28); }
  constexpr auto set_msr_prot(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 28, 28, value); }
  [[nodiscard]] constexpr auto set_msr_prot(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 28, 28, value); }
  /// Bit 29: Task switch.
  [[nodiscard]] constexpr auto task_switch() const noexcept -> bool { return bit_at(raw, 29); }
  constexpr auto set_task_switch(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 29, 29, value); }
  [[nodiscard]] constexpr auto set_task_switch(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 29, 29, value); }
  /// Bit 30: Legacy FP error freeze.
  [[nodiscard]] constexpr auto ferr_freeze() const noexcept -> bool { return bit_at(raw, 30); }
  constexpr auto set_ferr_freeze(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 30, 30, value); }
  [[nodiscard]] constexpr auto set_ferr_freeze(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 30, 30, value); }
  /// Bit 31: Shutdown event.
  [[nodiscard]] constexpr auto shutdown() const noexcept -> bool { return bit_at(raw, 31); }
  constexpr auto set_shutdown(bool value) & -> vmcb_control_area_intercept_misc1& { return put(*this, 31, 31, value); }
  [[nodiscard]] constexpr auto set_shutdown(bool value) && -> vmcb_control_area_intercept_misc1 { return put(*this, 31, 31, value); }

  friend constexpr auto operator==(const vmcb_control_area_intercept_misc1&, const vmcb_control_area_intercept_misc1&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_intercept_misc1*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_intercept_misc1;
  }
};

/// `intercept_misc2` of `vmcb_control_area`: Intercept vector 4.
struct vmcb_control_area_intercept_misc2 {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: VMRUN (must be 1, otherwise VMRUN fails the consistency check).
  [[nodiscard]] constexpr auto vmrun() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_vmrun(bool value) & -> vmcb_control_area_intercept_misc2& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_vmrun(bool value) && -> vmcb_control_area_intercept_misc2 { return put(*this, 0, 0, value); }
  /// Bit 1: VMMCALL.
  [[nodiscard]] constexpr auto vmmcall() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_vmmcall(bool value) & -> vmcb_control_area_intercept_misc2& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_vmmcall(bool value) && -> vmcb_control_area_intercept_misc2 { return put(*this, 1, 1, value); }
  /// Bit 2: VMLOAD.
  [[nodiscard]] constexpr auto vmload() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_vmload(bool value) & -> vmcb_control_area_intercept_misc2& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_vmload(bool value) && -> vmcb_control_area_intercept_misc2 { return put(*this, 2, 2, value); }
  /// Bit 3: VMSAVE.
  [[nodiscard]] constexpr auto vmsave() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_vmsave(bool value) & -> vmcb_control_area_intercept_misc2& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_vmsave(bool value) && -> vmcb_control_area_intercept_misc2 { return put(*this, 3, 3, value); }
  /// Bit 4: STGI.
  [[nodiscard]] constexpr auto stgi() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_stgi(bool value) & -> vmcb_control_area_intercept_misc2& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_stgi(bool value) && -> vmcb_control_area_intercept_misc2 { return put(*this, 4, 4, value); }
  /// Bit 5: CLGI.
  [[nodiscard]] constexpr auto clgi() const noexcept -> bool { return bit_at(raw, 5); }
  constexpr auto set_clgi(bool value) & -> vmcb_control_area_intercept_misc2& { return put(*this, 5, 5, value); }
  [[nodiscard]] constexpr auto set_clgi(bool value) && -> vmcb_control_area_intercept_misc2 { return put(*this, 5, 5, value); }
  /// Bit 6: SKINIT.
  [[nodiscard]] constexpr auto skinit() const noexcept -> bool { return bit_at(raw, 6); }
  constexpr auto set_skinit(bool value) & -> vmcb_control_area_intercept_misc2& { return put(*this, 6, 6, value); }
  [[nodiscard]] constexpr auto set_skinit(bool value) && -> vmcb_control_area_intercept_misc2 { return put(*this, 6, 6, value); }
  /// Bit 7: RDTSCP.
  [[nodiscard]] constexpr auto rdtscp() const noexcept -> bool { return bit_at(raw, 7); }
  constexpr auto set_rdtscp(bool value) & -> vmcb_control_area_intercept_misc2& { return put(*this, 7, 7, value); }
  [[nodiscard]] constexpr auto set_rdtscp(bool value) && -> vmcb_control_area_intercept_misc2 { return put(*this, 7, 7, value); }
  /// Bit 8: ICEBP (INT1).
  [[nodiscard]] constexpr auto icebp() const noexcept -> bool { return bit_at(raw, 8); }
  constexpr auto set_icebp(bool value) & -> vmcb_control_area_intercept_misc2& { return put(*this, 8, 8, value); }
  [[nodiscard]] constexpr auto set_icebp(bool value) && -> vmcb_control_area_intercept_misc2 { return put(*this, 8, 8, value); }
  /// Bit 9: WBINVD/WBNOINVD.
  [[nodiscard]] constexpr auto wbinvd() const noexcept -> bool { return bit_at(raw, 9); }
  constexpr auto set_wbinvd(bool value) & -> vmcb_control_area_intercept_misc2& { return put(*this, 9, 9, value); }
  [[nodiscard]] constexpr auto set_wbinvd(bool value) && -> vmcb_control_area_intercept_misc2 { return put(*this, 9, 9, value); }
  /// Bit 10: MONITOR/MONITORX.
  [[nodiscard]] constexpr auto monitor() const noexcept -> bool { return bit_at(raw, 10); }
  constexpr auto set_monitor(bool value) & -> vmcb_control_area_intercept_misc2& { return put(*this, 10, 10, value); }
  [[nodiscard]] constexpr auto set_monitor(bool value) && -> vmcb_control_area_intercept_misc2 { return put(*this, 10, 10, value); }
  /// Bit 11: MWAIT/MWAITX unconditional.
  [[nodiscard]] constexpr auto mwait() const noexcept -> bool { return bit_at(raw, 11); }
  constexpr auto set_mwait(bool value) & -> vmcb_control_area_intercept_misc2& { return put(*this, 11, 11, value); }
  [[nodiscard]] constexpr auto set_mwait(bool value) && -> vmcb_control_area_intercept_misc2 { return put(*this, 11, 11, value); }
  /// Bit 12: MWAIT/MWAITX when the monitor is armed.
  [[nodiscard]] constexpr auto mwait_cond() const noexcept -> bool { return bit_at(raw, 12); }
  constexpr auto set_mwait_cond(bool value) & -> vmcb_control_area_intercept_misc2& { return put(*this, 12, 12, value); }
  [[nodiscard]] constexpr auto set_mwait_cond(bool value) && -> vmcb_control_area_intercept_misc2 { return put(*this, 12, 12, value); }
  /// Bit 13: XSETBV.
  [[nodiscard]] constexpr auto xsetbv() const noexcept -> bool { return bit_at(raw, 13); }
  constexpr auto set_xsetbv(bool value) & -> vmcb_control_area_intercept_misc2& { return put(*this, 13, 13, value); }
  [[nodiscard]] constexpr auto set_xsetbv(bool value) && -> vmcb_control_area_intercept_misc2 { return put(*this, 13, 13, value); }
  /// Bit 14: RDPRU.
  [[nodiscard]] constexpr auto rdpru() const noexcept -> bool { return bit_at(raw, 14); }
  constexpr auto set_rdpru(bool value) & -> vmcb_control_area_intercept_misc2& { return put(*this, 14, 14, value); }
  [[nodiscard]] constexpr auto set_rdpru(bool value) && -> vmcb_control_area_intercept_misc2 { return put(*this, 14, 14, value); }
  /// Bit 15: Trap after guest EFER write (ES guests rely on it).
  [[nodiscard]] constexpr auto efer_write_trap() const noexcept -> bool { return bit_at(raw, 15); }
  constexpr auto set_efer_write_trap(bool value) & -> vmcb_control_area_intercept_misc2& { return put(*this, 15, 15, value); }
  [[nodiscard]] constexpr auto set_efer_write_trap(bool value) && -> vmcb_control_area_intercept_misc2 { return put(*this, 15, 15, value); }
  /// Bits 31:16: Bit 16+n: trap after guest write of CRn.
  [[nodiscard]] constexpr auto cr_write_trap() const noexcept -> std::uint32_t { return bits32_at(raw, 31, 16); }
  constexpr auto set_cr_write_trap(std::uint32_t value) & -> vmcb_control_area_intercept_misc2& { return put(*this, 31, 16, value); }
  [[nodiscard]] constexpr auto set_cr_write_trap(std::uint32_t value) && -> vmcb_control_area_intercept_misc2 { return put(*this, 31, 16, value); }

  friend constexpr auto operator==(const vmcb_control_area_intercept_misc2&, const vmcb_control_area_intercept_misc2&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_intercept_misc2*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_intercept_misc2;
  }
};

/// `intercept_misc3` of `vmcb_control_area`: Intercept vector 5.
struct vmcb_control_area_intercept_misc3 {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: All INVLPGB.
  [[nodiscard]] constexpr auto invlpgb() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_invlpgb(bool value) & -> vmcb_control_area_intercept_misc3& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_invlpgb(bool value) && -> vmcb_control_area_intercept_misc3 { return put(*this, 0, 0, value); }
  /// Bit 1: Only INVLPGB with illegal operands for a guest.
  [[nodiscard]] constexpr auto invlpgb_illegal() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_invlpgb_illegal(bool value) & -> vmcb_control_area_intercept_misc3& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_invlpgb_illegal(bool value) && -> vmcb_control_area_intercept_misc3 { return put(*this, 1, 1, value); }
  /// Bit 2: INVPCID.
  [[nodiscard]] constexpr auto invpcid() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_invpcid(bool value) & -> vmcb_control_area_intercept_misc3& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_invpcid(bool value) && -> vmcb_control_area_intercept_misc3 { return put(*this, 2, 2, value); }
  /// Bit 3: MCOMMIT.
  [[nodiscard]] constexpr auto mcommit() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_mcommit(bool value) & -> vmcb_control_area_intercept_misc3& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_mcommit(bool value) && -> vmcb_control_area_intercept_misc3 { return put(*this, 3, 3, value); }
  /// Bit 4: TLBSYNC.
  [[nodiscard]] constexpr auto tlbsync() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_tlbsync(bool value) & -> vmcb_control_area_intercept_misc3& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_tlbsync(bool value) && -> vmcb_control_area_intercept_misc3 { return put(*this, 4, 4, value); }
  /// Bit 5: Bus lock threshold intercept.
  [[nodiscard]] constexpr auto buslock() const noexcept -> bool { return bit_at(raw, 5); }
  constexpr auto set_buslock(bool value) & -> vmcb_control_area_intercept_misc3& { return put(*this, 5, 5, value); }
  [[nodiscard]] constexpr auto set_buslock(bool value) && -> vmcb_control_area_intercept_misc3 { return put(*this, 5, 5, value); }
  /// Bit 6: HLT only when no virtual interrupt is pending.
  [[nodiscard]] constexpr auto idle_hlt() const noexcept -> bool { return bit_at(raw, 6); }
  constexpr auto set_idle_hlt(bool value) & -> vmcb_control_area_intercept_misc3& { return put(*this, 6, 6, value); }
  [[nodiscard]] constexpr auto set_idle_hlt(bool value) && -> vmcb_control_area_intercept_misc3 { return put(*this, 6, 6, value); }

  friend constexpr auto operator==(const vmcb_control_area_intercept_misc3&, const vmcb_control_area_intercept_misc3&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_intercept_misc3*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_intercept_misc3;
  }
};

/// `erap_control` of `vmcb_control_area`: Enhanced return address predictor control.
struct vmcb_control_area_erap_control {
  std::uint8_t raw{};  ///< the whole word

  /// Bit 0: Let the guest use the larger RAP.
  [[nodiscard]] constexpr auto allow_larger_rap() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_allow_larger_rap(bool value) & -> vmcb_control_area_erap_control& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_allow_larger_rap(bool value) && -> vmcb_control_area_erap_control { return put(*this, 0, 0, value); }
  /// Bit 1: Clear the RAP on VMRUN.
  [[nodiscard]] constexpr auto clear_rap() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_clear_rap(bool value) & -> vmcb_control_area_erap_control& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_clear_rap(bool value) && -> vmcb_control_area_erap_control { return put(*this, 1, 1, value); }

  friend constexpr auto operator==(const vmcb_control_area_erap_control&, const vmcb_control_area_erap_control&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_erap_control*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_erap_control;
  }
};

/// `vintr_control` of `vmcb_control_area`: Virtual interrupt control.
struct vmcb_control_area_vintr_control {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 7:0: Virtual TPR (only 3:0 used by CR8).
  [[nodiscard]] constexpr auto v_tpr() const noexcept -> std::uint32_t { return bits32_at(raw, 7, 0); }
  constexpr auto set_v_tpr(std::uint32_t value) & -> vmcb_control_area_vintr_control& { return put(*this, 7, 0, value); }
  [[nodiscard]] constexpr auto set_v_tpr(std::uint32_t value) && -> vmcb_control_area_vintr_control { return put(*this, 7, 0, value); }
  /// Bit 8: Virtual INTR pending.
  [[nodiscard]] constexpr auto v_irq() const noexcept -> bool { return bit_at(raw, 8); }
  constexpr auto set_v_irq(bool value) & -> vmcb_control_area_vintr_control& { return put(*this, 8, 8, value); }
  [[nodiscard]] constexpr auto set_v_irq(bool value) && -> vmcb_control_area_vintr_control { return put(*this, 8, 8, value); }
  /// Bit 9: Virtual GIF value.
  [[nodiscard]] constexpr auto vgif() const noexcept -> bool { return bit_at(raw, 9); }
  constexpr auto set_vgif(bool value) & -> vmcb_control_area_vintr_control& { return put(*this, 9, 9, value); }
  [[nodiscard]] constexpr auto set_vgif(bool value) && -> vmcb_control_area_vintr_control { return put(*this, 9, 9, value); }
  /// Bit 11: Virtual NMI pending.
  [[nodiscard]] constexpr auto v_nmi() const noexcept -> bool { return bit_at(raw, 11); }
  constexpr auto set_v_nmi(bool value) & -> vmcb_control_area_vintr_control& { return put(*this, 11, 11, value); }
  [[nodiscard]] constexpr auto set_v_nmi(bool value) && -> vmcb_control_area_vintr_control { return put(*this, 11, 11, value); }
  /// Bit 12: Virtual NMI masked.
  [[nodiscard]] constexpr auto v_nmi_mask() const noexcept -> bool { return bit_at(raw, 12); }
  constexpr auto set_v_nmi_mask(bool value) & -> vmcb_control_area_vintr_control& { return put(*this, 12, 12, value); }
  [[nodiscard]] constexpr auto set_v_nmi_mask(bool value) && -> vmcb_control_area_vintr_control { return put(*this, 12, 12, value); }
  /// Bits 19:16: Priority of the virtual interrupt.
  [[nodiscard]] constexpr auto v_intr_prio() const noexcept -> std::uint32_t { return bits32_at(raw, 19, 16); }
  constexpr auto set_v_intr_prio(std::uint32_t value) & -> vmcb_control_area_vintr_control& { return put(*this, 19, 16, value); }
  [[nodiscard]] constexpr auto set_v_intr_prio(std::uint32_t value) && -> vmcb_control_area_vintr_control { return put(*this, 19, 16, value); }
  /// Bit 20: Ignore V_TPR for this interrupt.
  [[nodiscard]] constexpr auto v_ign_tpr() const noexcept -> bool { return bit_at(raw, 20); }
  constexpr auto set_v_ign_tpr(bool value) & -> vmcb_control_area_vintr_control& { return put(*this, 20, 20, value); }
  [[nodiscard]] constexpr auto set_v_ign_tpr(bool value) && -> vmcb_control_area_vintr_control { return put(*this, 20, 20, value); }
  /// Bit 24: Virtualise interrupt masking.
  [[nodiscard]] constexpr auto v_intr_masking() const noexcept -> bool { return bit_at(raw, 24); }
  constexpr auto set_v_intr_masking(bool value) & -> vmcb_control_area_vintr_control& { return put(*this, 24, 24, value); }
  [[nodiscard]] constexpr auto set_v_intr_masking(bool value) && -> vmcb_control_area_vintr_control { return put(*this, 24, 24, value); }
  /// Bit 25: Virtual GIF enabled.
  [[nodiscard]] constexpr auto vgif_enable() const noexcept -> bool { return bit_at(raw, 25); }
  constexpr auto set_vgif_enable(bool value) & -> vmcb_control_area_vintr_control& { return put(*this, 25, 25, value); }
  [[nodiscard]] constexpr auto set_vgif_enable(bool value) && -> vmcb_control_area_vintr_control { return put(*this, 25, 25, value); }
  /// Bit 26: NMI virtualisation enabled.
  [[nodiscard]] constexpr auto v_nmi_enable() const noexcept -> bool { return bit_at(raw, 26); }
  constexpr auto set_v_nmi_enable(bool value) & -> vmcb_control_area_vintr_control& { return put(*this, 26, 26, value); }
  [[nodiscard]] constexpr auto set_v_nmi_enable(bool value) && -> vmcb_control_area_vintr_control { return put(*this, 26, 26, value); }
  /// Bit 30: x2AVIC enabled.
  [[nodiscard]] constexpr auto x2avic_enable() const noexcept -> bool { return bit_at(raw, 30); }
  constexpr auto set_x2avic_enable(bool value) & -> vmcb_control_area_vintr_control& { return put(*this, 30, 30, value); }
  [[nodiscard]] constexpr auto set_x2avic_enable(bool value) && -> vmcb_control_area_vintr_control { return put(*this, 30, 30, value); }
  /// Bit 31: AVIC enabled.
  [[nodiscard]] constexpr auto avic_enable() const noexcept -> bool { return bit_at(raw, 31); }
  constexpr auto set_avic_enable(bool value) & -> vmcb_control_area_vintr_control& { return put(*this, 31, 31, value); }
  [[nodiscard]] constexpr auto set_avic_enable(bool value) && -> vmcb_control_area_vintr_control { return put(*this, 31, 31, value); }
  /// Bits 39:32: Vector of the virtual interrupt.
  [[nodiscard]] constexpr auto v_intr_vector() const noexcept -> std::uint32_t { return bits32_at(raw, 39, 32); }
  constexpr auto set_v_intr_vector(std::uint32_t value) & -> vmcb_control_area_vintr_control& { return put(*this, 39, 32, value); }
  [[nodiscard]] constexpr auto set_v_intr_vector(std::uint32_t value) && -> vmcb_control_area_vintr_control { return put(*this, 39, 32, value); }

  friend constexpr auto operator==(const vmcb_control_area_vintr_control&, const vmcb_control_area_vintr_control&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_vintr_control*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_vintr_control;
  }
};

/// `interrupt_state` of `vmcb_control_area`: Interrupt shadow state.
struct vmcb_control_area_interrupt_state {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: Guest is in an interrupt shadow.
  [[nodiscard]] constexpr auto interrupt_shadow() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_interrupt_shadow(bool value) & -> vmcb_control_area_interrupt_state& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_interrupt_shadow(bool value) && -> vmcb_control_area_interrupt_state { return put(*this, 0, 0, value); }
  /// Bit 1: RFLAGS.IF of the guest, written at #VMEXIT for SEV-ES guests.
  [[nodiscard]] constexpr auto guest_interrupt_mask() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_guest_interrupt_mask(bool value) & -> vmcb_control_area_interrupt_state& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_guest_interrupt_mask(bool value) && -> vmcb_control_area_interrupt_state { return put(*this, 1, 1, value); }

  friend constexpr auto operator==(const vmcb_control_area_interrupt_state&, const vmcb_control_area_interrupt_state&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_interrupt_state*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_interrupt_state;
  }
};

/// `np_control` of `vmcb_control_area`: Nested paging and encryption enables.
struct vmcb_control_area_np_control {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: Nested paging enable.
  [[nodiscard]] constexpr auto np_enable() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_np_enable(bool value) & -> vmcb_control_area_np_control& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_np_enable(bool value) && -> vmcb_control_area_np_control { return put(*this, 0, 0, value); }
  /// Bit 1: SEV enable for this guest.
  [[nodiscard]] constexpr auto sev_enable() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_sev_enable(bool value) & -> vmcb_control_area_np_control& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_sev_enable(bool value) && -> vmcb_control_area_np_control { return put(*this, 1, 1, value); }
  /// Bit 2: SEV-ES (encrypted state) enable.
  [[nodiscard]] constexpr auto sev_es_enable() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_sev_es_enable(bool value) & -> vmcb_control_area_np_control& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_sev_es_enable(bool value) && -> vmcb_control_area_np_control { return put(*this, 2, 2, value); }
  /// Bit 3: Guest mode execute trap.
  [[nodiscard]] constexpr auto gmet_enable() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_gmet_enable(bool value) & -> vmcb_control_area_np_control& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_gmet_enable(bool value) && -> vmcb_control_area_np_control { return put(*this, 3, 3, value); }
  /// Bit 4: Supervisor shadow stack check in nested tables.
  [[nodiscard]] constexpr auto sss_check_enable() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_sss_check_enable(bool value) & -> vmcb_control_area_np_control& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_sss_check_enable(bool value) && -> vmcb_control_area_np_control { return put(*this, 4, 4, value); }
  /// Bit 5: Virtual transparent encryption.
  [[nodiscard]] constexpr auto vte_enable() const noexcept -> bool { return bit_at(raw, 5); }
  constexpr auto set_vte_enable(bool value) & -> vmcb_control_area_np_control& { return put(*this, 5, 5, value); }
  [[nodiscard]] constexpr auto set_vte_enable(bool value) && -> vmcb_control_area_np_control { return put(*this, 5, 5, value); }
  /// Bit 6: read-only guest page tables.
  [[nodiscard]] constexpr auto ro_gpt_enable() const noexcept -> bool { return bit_at(raw, 6); }
  constexpr auto set_ro_gpt_enable(bool value) & -> vmcb_control_area_np_control& { return put(*this, 6, 6, value); }
  [[nodiscard]] constexpr auto set_ro_gpt_enable(bool value) && -> vmcb_control_area_np_control { return put(*this, 6, 6, value); }
  /// Bit 7: Guest may use INVLPGB/TLBSYNC.
  [[nodiscard]] constexpr auto invlpgb_enable() const noexcept -> bool { return bit_at(raw, 7); }
  constexpr auto set_invlpgb_enable(bool value) & -> vmcb_control_area_np_control& { return put(*this, 7, 7, value); }
  [[nodiscard]] constexpr auto set_invlpgb_enable(bool value) && -> vmcb_control_area_np_control { return put(*this, 7, 7, value); }

  friend constexpr auto operator==(const vmcb_control_area_np_control&, const vmcb_control_area_np_control&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_np_control*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_np_control;
  }
};

/// `avic_apic_bar` of `vmcb_control_area`: Guest physical address of the virtual APIC page in bits 51:0.
struct vmcb_control_area_avic_apic_bar {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 51:0: Guest physical APIC base.
  [[nodiscard]] constexpr auto apic_bar() const noexcept -> std::uint64_t { return bits_at(raw, 51, 0); }
  constexpr auto set_apic_bar(std::uint64_t value) & -> vmcb_control_area_avic_apic_bar& { return put(*this, 51, 0, value); }
  [[nodiscard]] constexpr auto set_apic_bar(std::uint64_t value) && -> vmcb_control_area_avic_apic_bar { return put(*this, 51, 0, value); }

  friend constexpr auto operator==(const vmcb_control_area_avic_apic_bar&, const vmcb_control_area_avic_apic_bar&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_avic_apic_bar*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_avic_apic_bar;
  }
};

/// `virt_ext` of `vmcb_control_area`: Virtualisation extensions.
struct vmcb_control_area_virt_ext {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: LBR virtualisation.
  [[nodiscard]] constexpr auto lbr_virt_enable() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_lbr_virt_enable(bool value) & -> vmcb_control_area_virt_ext& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_lbr_virt_enable(bool value) && -> vmcb_control_area_virt_ext { return put(*this, 0, 0, value); }
  /// Bit 1: Virtualised VMLOAD/VMSAVE.
  [[nodiscard]] constexpr auto virt_vmload_vmsave() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_virt_vmload_vmsave(bool value) & -> vmcb_control_area_virt_ext& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_virt_vmload_vmsave(bool value) && -> vmcb_control_area_virt_ext { return put(*this, 1, 1, value); }
  /// Bit 2: IBS virtualisation.
  [[nodiscard]] constexpr auto ibs_virt_enable() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_ibs_virt_enable(bool value) & -> vmcb_control_area_virt_ext& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_ibs_virt_enable(bool value) && -> vmcb_control_area_virt_ext { return put(*this, 2, 2, value); }
  /// Bit 3: PMC virtualisation.
  [[nodiscard]] constexpr auto pmc_virt_enable() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_pmc_virt_enable(bool value) & -> vmcb_control_area_virt_ext& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_pmc_virt_enable(bool value) && -> vmcb_control_area_virt_ext { return put(*this, 3, 3, value); }

  friend constexpr auto operator==(const vmcb_control_area_virt_ext&, const vmcb_control_area_virt_ext&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_virt_ext*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_virt_ext;
  }
};

/// `vmcb_clean` of `vmcb_control_area`: Clean bits: 1 = field group unchanged since last VMEXIT.
struct vmcb_control_area_vmcb_clean {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Intercepts, TSC offset, pause filter.
  [[nodiscard]] constexpr auto i() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_i(bool value) & -> vmcb_control_area_vmcb_clean& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_i(bool value) && -> vmcb_control_area_vmcb_clean { return put(*this, 0, 0, value); }
  /// Bit 1: IOPM/MSRPM base.
  [[nodiscard]] constexpr auto iopm() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_iopm(bool value) & -> vmcb_control_area_vmcb_clean& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_iopm(bool value) && -> vmcb_control_area_vmcb_clean { return put(*this, 1, 1, value); }
  /// Bit 2: ASID.
  [[nodiscard]] constexpr auto asid() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_asid(bool value) & -> vmcb_control_area_vmcb_clean& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_asid(bool value) && -> vmcb_control_area_vmcb_clean { return put(*this, 2, 2, value); }
  /// Bit 3: V_TPR, V_IRQ, V_INTR_*, vector.
  [[nodiscard]] constexpr auto tpr() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_tpr(bool value) & -> vmcb_control_area_vmcb_clean& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_tpr(bool value) && -> vmcb_control_area_vmcb_clean { return put(*this, 3, 3, value); }
  /// Bit 4: Nested paging: NCR3, G_PAT.
  [[nodiscard]] constexpr auto np() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_np(bool value) & -> vmcb_control_area_vmcb_clean& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_np(bool value) && -> vmcb_control_area_vmcb_clean { return put(*this, 4, 4, value); }
  /// Bit 5: CR0 CR3 CR4 EFER.
  [[nodiscard]] constexpr auto crx() const noexcept -> bool { return bit_at(raw, 5); }
  constexpr auto set_crx(bool value) & -> vmcb_control_area_vmcb_clean& { return put(*this, 5, 5, value); }
  [[nodiscard]] constexpr auto set_crx(bool value) && -> vmcb_control_area_vmcb_clean { return put(*this, 5, 5, value); }
  /// Bit 6: DR6 DR7.
  [[nodiscard]] constexpr auto drx() const noexcept -> bool { return bit_at(raw, 6); }
  constexpr auto set_drx(bool value) & -> vmcb_control_area_vmcb_clean& { return put(*this, 6, 6, value); }
  [[nodiscard]] constexpr auto set_drx(bool value) && -> vmcb_control_area_vmcb_clean { return put(*this, 6, 6, value); }
  /// Bit 7: GDT IDT.
  [[nodiscard]] constexpr auto dt() const noexcept -> bool { return bit_at(raw, 7); }
  constexpr auto set_dt(bool value) & -> vmcb_control_area_vmcb_clean& { return put(*this, 7, 7, value); }
  [[nodiscard]] constexpr auto set_dt(bool value) && -> vmcb_control_area_vmcb_clean { return put(*this, 7, 7, value); }
  /// Bit 8: CS DS SS ES, CPL.
  [[nodiscard]] constexpr auto seg() const noexcept -> bool { return bit_at(raw, 8); }
  constexpr auto set_seg(bool value) & -> vmcb_control_area_vmcb_clean& { return put(*this, 8, 8, value); }
  [[nodiscard]] constexpr auto set_seg(bool value) && -> vmcb_control_area_vmcb_clean { return put(*this, 8, 8, value); }
  /// Bit 9: CR2.
  [[nodiscard]] constexpr auto cr2() const noexcept -> bool { return bit_at(raw, 9); }
  constexpr auto set_cr2(bool value) & -> vmcb_control_area_vmcb_clean& { return put(*this, 9, 9, value); }
  [[nodiscard]] constexpr auto set_cr2(bool value) && -> vmcb_control_area_vmcb_clean { return put(*this, 9, 9, value); }
  /// Bit 10: DBGCTL, BR_FROM/TO, LASTEXCP_*.
  [[nodiscard]] constexpr auto lbr() const noexcept -> bool { return bit_at(raw, 10); }
  constexpr auto set_lbr(bool value) & -> vmcb_control_area_vmcb_clean& { return put(*this, 10, 10, value); }
  [[nodiscard]] constexpr auto set_lbr(bool value) && -> vmcb_control_area_vmcb_clean { return put(*this, 10, 10, value); }
  /// Bit 11: AVIC BAR and table pointers.
  [[nodiscard]] constexpr auto avic() const noexcept -> bool { return bit_at(raw, 11); }
  constexpr auto set_avic(bool value) & -> vmcb_control_area_vmcb_clean& { return put(*this, 11, 11, value); }
  [[nodiscard]] constexpr auto set_avic(bool value) && -> vmcb_control_area_vmcb_clean { return put(*this, 11, 11, value); }
  /// Bit 12: S_CET, SSP, ISST_ADDR.
  [[nodiscard]] constexpr auto cet() const noexcept -> bool { return bit_at(raw, 12); }
  constexpr auto set_cet(bool value) & -> vmcb_control_area_vmcb_clean& { return put(*this, 12, 12, value); }
  [[nodiscard]] constexpr auto set_cet(bool value) && -> vmcb_control_area_vmcb_clean { return put(*this, 12, 12, value); }

  friend constexpr auto operator==(const vmcb_control_area_vmcb_clean&, const vmcb_control_area_vmcb_clean&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_vmcb_clean*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_vmcb_clean;
  }
};

/// `insn_len` of `vmcb_control_area`: Number of instruction bytes fetched (0..15).
struct vmcb_control_area_insn_len {
  std::uint8_t raw{};  ///< the whole word

  /// Bits 3:0: Byte count.
  [[nodiscard]] constexpr auto count() const noexcept -> std::uint32_t { return bits32_at(raw, 3, 0); }
  constexpr auto set_count(std::uint32_t value) & -> vmcb_control_area_insn_len& { return put(*this, 3, 0, value); }
  [[nodiscard]] constexpr auto set_count(std::uint32_t value) && -> vmcb_control_area_insn_len { return put(*this, 3, 0, value); }

  friend constexpr auto operator==(const vmcb_control_area_insn_len&, const vmcb_control_area_insn_len&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_insn_len*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_insn_len;
  }
};

/// `avic_backing_page` of `vmcb_control_area`: Bits 51:12 host physical address of the vAPIC backing page.
struct vmcb_control_area_avic_backing_page {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 51:12: Backing page frame.
  [[nodiscard]] constexpr auto pa() const noexcept -> std::uint64_t { return bits_at(raw, 51, 12); }
  constexpr auto set_pa(std::uint64_t value) & -> vmcb_control_area_avic_backing_page& { return put(*this, 51, 12, value); }
  [[nodiscard]] constexpr auto set_pa(std::uint64_t value) && -> vmcb_control_area_avic_backing_page { return put(*this, 51, 12, value); }

  friend constexpr auto operator==(const vmcb_control_area_avic_backing_page&, const vmcb_control_area_avic_backing_page&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_avic_backing_page*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_avic_backing_page;
  }
};

/// `avic_logical_table` of `vmcb_control_area`: Bits 51:12 logical APIC ID table.
struct vmcb_control_area_avic_logical_table {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 51:12: Table frame.
  [[nodiscard]] constexpr auto pa() const noexcept -> std::uint64_t { return bits_at(raw, 51, 12); }
  constexpr auto set_pa(std::uint64_t value) & -> vmcb_control_area_avic_logical_table& { return put(*this, 51, 12, value); }
  [[nodiscard]] constexpr auto set_pa(std::uint64_t value) && -> vmcb_control_area_avic_logical_table { return put(*this, 51, 12, value); }

  friend constexpr auto operator==(const vmcb_control_area_avic_logical_table&, const vmcb_control_area_avic_logical_table&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_avic_logical_table*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_avic_logical_table;
  }
};

/// `avic_physical_table` of `vmcb_control_area`: Physical APIC ID table and maximum index.
struct vmcb_control_area_avic_physical_table {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 11:0: Maximum guest physical APIC ID (8 bits for AVIC, 9 for x2AVIC, 12 with the 4096-entry extension).
  [[nodiscard]] constexpr auto max_index() const noexcept -> std::uint32_t { return bits32_at(raw, 11, 0); }
  constexpr auto set_max_index(std::uint32_t value) & -> vmcb_control_area_avic_physical_table& { return put(*this, 11, 0, value); }
  [[nodiscard]] constexpr auto set_max_index(std::uint32_t value) && -> vmcb_control_area_avic_physical_table { return put(*this, 11, 0, value); }
  /// Bits 51:12: Table frame.
  [[nodiscard]] constexpr auto pa() const noexcept -> std::uint64_t { return bits_at(raw, 51, 12); }
  constexpr auto set_pa(std::uint64_t value) & -> vmcb_control_area_avic_physical_table& { return put(*this, 51, 12, value); }
  [[nodiscard]] constexpr auto set_pa(std::uint64_t value) && -> vmcb_control_area_avic_physical_table { return put(*this, 51, 12, value); }

  friend constexpr auto operator==(const vmcb_control_area_avic_physical_table&, const vmcb_control_area_avic_physical_table&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_avic_physical_table*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_avic_physical_table;
  }
};

/// `vmsa_pa` of `vmcb_control_area`: Bits 51:12 host physical address of the encrypted VMSA; other bits must be zero.
struct vmcb_control_area_vmsa_pa {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 51:12: VMSA frame.
  [[nodiscard]] constexpr auto pa() const noexcept -> std::uint64_t { return bits_at(raw, 51, 12); }
  constexpr auto set_pa(std::uint64_t value) & -> vmcb_control_area_vmsa_pa& { return put(*this, 51, 12, value); }
  [[nodiscard]] constexpr auto set_pa(std::uint64_t value) && -> vmcb_control_area_vmsa_pa { return put(*this, 51, 12, value); }

  friend constexpr auto operator==(const vmcb_control_area_vmsa_pa&, const vmcb_control_area_vmsa_pa&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_vmsa_pa*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_vmsa_pa;
  }
};

/// `update_irr` of `vmcb_control_area`: Secure AVIC: hypervisor request to merge requested_irr.
struct vmcb_control_area_update_irr {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: 1 = hardware ANDs requested_irr with the guest ALLOWED_IRR and ORs the result into the guest IRR at VMRUN.
  [[nodiscard]] constexpr auto update() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_update(bool value) & -> vmcb_control_area_update_irr& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_update(bool value) && -> vmcb_control_area_update_irr { return put(*this, 0, 0, value); }

  friend constexpr auto operator==(const vmcb_control_area_update_irr&, const vmcb_control_area_update_irr&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_update_irr*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_update_irr;
  }
};

/// `allowed_sev_features` of `vmcb_control_area`: Mask of SEV_FEATURES bits the hypervisor tolerates.
struct vmcb_control_area_allowed_sev_features {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 61:0: Same bit numbering as vmsa.sev_features.
  [[nodiscard]] constexpr auto mask() const noexcept -> std::uint64_t { return bits_at(raw, 61, 0); }
  constexpr auto set_mask(std::uint64_t value) & -> vmcb_control_area_allowed_sev_features& { return put(*this, 61, 0, value); }
  [[nodiscard]] constexpr auto set_mask(std::uint64_t value) && -> vmcb_control_area_allowed_sev_features { return put(*this, 61, 0, value); }
  /// Bit 63: 1 = the mask is enforced at VMRUN.
  [[nodiscard]] constexpr auto enable() const noexcept -> bool { return bit_at(raw, 63); }
  constexpr auto set_enable(bool value) & -> vmcb_control_area_allowed_sev_features& { return put(*this, 63, 63, value); }
  [[nodiscard]] constexpr auto set_enable(bool value) && -> vmcb_control_area_allowed_sev_features { return put(*this, 63, 63, value); }

  friend constexpr auto operator==(const vmcb_control_area_allowed_sev_features&, const vmcb_control_area_allowed_sev_features&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_allowed_sev_features*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_allowed_sev_features;
  }
};

/// `guest_sev_features` of `vmcb_control_area`: SEV_FEATURES of the guest, written by hardware when the mask check
/// fails.
struct vmcb_control_area_guest_sev_features {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 61:0: Same bit numbering as vmsa.sev_features.
  [[nodiscard]] constexpr auto features() const noexcept -> std::uint64_t { return bits_at(raw, 61, 0); }
  constexpr auto set_features(std::uint64_t value) & -> vmcb_control_area_guest_sev_features& { return put(*this, 61, 0, value); }
  [[nodiscard]] constexpr auto set_features(std::uint64_t value) && -> vmcb_control_area_guest_sev_features { return put(*this, 61, 0, value); }

  friend constexpr auto operator==(const vmcb_control_area_guest_sev_features&, const vmcb_control_area_guest_sev_features&) -> bool = default;
  friend constexpr auto describe(const vmcb_control_area_guest_sev_features*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area_guest_sev_features;
  }
};

/// VMCB control area, the first 1 KiB of the 4 KiB VMCB page. Never encrypted; hypervisor owned.   APM2 App. B Table
/// B-1
/// 1024 bytes, aligned to 4096 in memory.
template <class Storage>
struct basic_vmcb_control_area : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_vmcb_control_area(const basic_vmcb_control_area<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_vmcb_control_area(basic_vmcb_control_area<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Bit n intercepts reads of CRn.
  [[nodiscard]] constexpr auto intercept_cr_read() const noexcept -> vmcb_control_area_intercept_cr_read {
    return load<vmcb_control_area_intercept_cr_read, 0x000>(*this);
  }
  constexpr void set_intercept_cr_read(vmcb_control_area_intercept_cr_read value) noexcept {
    store<0x000>(*this, value);
  }
  /// 002h: Bit n intercepts writes of CRn.
  [[nodiscard]] constexpr auto intercept_cr_write() const noexcept -> vmcb_control_area_intercept_cr_write {
    return load<vmcb_control_area_intercept_cr_write, 0x002>(*this);
  }
  constexpr void set_intercept_cr_write(vmcb_control_area_intercept_cr_write value) noexcept {
    store<0x002>(*this, value);
  }
  /// 004h: Bit n intercepts reads of DRn.
  [[nodiscard]] constexpr auto intercept_dr_read() const noexcept -> vmcb_control_area_intercept_dr_read {
    return load<vmcb_control_area_intercept_dr_read, 0x004>(*this);
  }
  constexpr void set_intercept_dr_read(vmcb_control_area_intercept_dr_read value) noexcept {
    store<0x004>(*this, value);
  }
  /// 006h: Bit n intercepts writes of DRn.
  [[nodiscard]] constexpr auto intercept_dr_write() const noexcept -> vmcb_control_area_intercept_dr_write {
    return load<vmcb_control_area_intercept_dr_write, 0x006>(*this);
  }
  constexpr void set_intercept_dr_write(vmcb_control_area_intercept_dr_write value) noexcept {
    store<0x006>(*this, value);
  }
  /// 008h: Bit n intercepts exception vector n (0..31).
  [[nodiscard]] constexpr auto intercept_exceptions() const noexcept -> vmcb_control_area_intercept_exceptions {
    return load<vmcb_control_area_intercept_exceptions, 0x008>(*this);
  }
  constexpr void set_intercept_exceptions(vmcb_control_area_intercept_exceptions value) noexcept {
    store<0x008>(*this, value);
  }
  /// 00Ch: Intercept vector 3.
  [[nodiscard]] constexpr auto intercept_misc1() const noexcept -> vmcb_control_area_intercept_misc1 {
    return load<vmcb_control_area_intercept_misc1, 0x00c>(*this);
  }
  constexpr void set_intercept_misc1(vmcb_control_area_intercept_misc1 value) noexcept { store<0x00c>(*this, value); }
  /// 010h: Intercept vector 4.
  [[nodiscard]] constexpr auto intercept_misc2() const noexcept -> vmcb_control_area_intercept_misc2 {
    return load<vmcb_control_area_intercept_misc2, 0x010>(*this);
  }
  constexpr void set_intercept_misc2(vmcb_control_area_intercept_misc2 value) noexcept { store<0x010>(*this, value); }
  /// 014h: Intercept vector 5.
  [[nodiscard]] constexpr auto intercept_misc3() const noexcept -> vmcb_control_area_intercept_misc3 {
    return load<vmcb_control_area_intercept_misc3, 0x014>(*this);
  }
  constexpr void set_intercept_misc3(vmcb_control_area_intercept_misc3 value) noexcept { store<0x014>(*this, value); }
  /// 03Ch: PAUSE filter cycle threshold.
  [[nodiscard]] constexpr auto pause_filter_threshold() const noexcept -> std::uint16_t {
    return load<std::uint16_t, 0x03c>(*this);
  }
  constexpr void set_pause_filter_threshold(std::uint16_t value) noexcept { store<0x03c>(*this, value); }
  /// 03Eh: PAUSE filter count.
  [[nodiscard]] constexpr auto pause_filter_count() const noexcept -> std::uint16_t {
    return load<std::uint16_t, 0x03e>(*this);
  }
  constexpr void set_pause_filter_count(std::uint16_t value) noexcept { store<0x03e>(*this, value); }
  /// 040h: Physical base of the 12 KiB I/O permission map; bits 11:0 ignored.
  [[nodiscard]] constexpr auto iopm_base_pa() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x040>(*this);
  }
  constexpr void set_iopm_base_pa(std::uint64_t value) noexcept { store<0x040>(*this, value); }
  /// 048h: Physical base of the 8 KiB MSR permission map; bits 11:0 ignored.
  [[nodiscard]] constexpr auto msrpm_base_pa() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x048>(*this);
  }
  constexpr void set_msrpm_base_pa(std::uint64_t value) noexcept { store<0x048>(*this, value); }
  /// 050h: Added to TSC reads in the guest.
  [[nodiscard]] constexpr auto tsc_offset() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x050>(*this);
  }
  constexpr void set_tsc_offset(std::uint64_t value) noexcept { store<0x050>(*this, value); }
  /// 058h: Guest ASID; 0 is illegal for VMRUN. For SEV guests it also selects the memory key.
  [[nodiscard]] constexpr auto guest_asid() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x058>(*this);
  }
  constexpr void set_guest_asid(std::uint32_t value) noexcept { store<0x058>(*this, value); }
  /// 05Ch: See constant table tlb_control.
  [[nodiscard]] constexpr auto tlb_control() const noexcept -> layout::tlb_control {
    return static_cast<layout::tlb_control>(load<std::uint8_t, 0x05c>(*this));
  }
  constexpr void set_tlb_control(layout::tlb_control value) { store_code<std::uint8_t, 0x05c>(*this, value); }
  /// 05Dh: Enhanced return address predictor control. (medium confidence)
  [[nodiscard]] constexpr auto erap_control() const noexcept -> vmcb_control_area_erap_control {
    return load<vmcb_control_area_erap_control, 0x05d>(*this);
  }
  constexpr void set_erap_control(vmcb_control_area_erap_control value) noexcept { store<0x05d>(*this, value); }
  /// 060h: Virtual interrupt control.
  [[nodiscard]] constexpr auto vintr_control() const noexcept -> vmcb_control_area_vintr_control {
    return load<vmcb_control_area_vintr_control, 0x060>(*this);
  }
  constexpr void set_vintr_control(vmcb_control_area_vintr_control value) noexcept { store<0x060>(*this, value); }
  /// 068h: Interrupt shadow state.
  [[nodiscard]] constexpr auto interrupt_state() const noexcept -> vmcb_control_area_interrupt_state {
    return load<vmcb_control_area_interrupt_state, 0x068>(*this);
  }
  constexpr void set_interrupt_state(vmcb_control_area_interrupt_state value) noexcept { store<0x068>(*this, value); }
  /// 070h: See constant table svm_exit_codes.
  [[nodiscard]] constexpr auto exit_code() const noexcept -> svm_exit_codes {
    return static_cast<svm_exit_codes>(load<std::uint64_t, 0x070>(*this));
  }
  constexpr void set_exit_code(svm_exit_codes value) { store_code<std::uint64_t, 0x070>(*this, value); }
  /// 078h: Exit specific.
  [[nodiscard]] constexpr auto exit_info_1() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x078>(*this);
  }
  constexpr void set_exit_info_1(std::uint64_t value) noexcept { store<0x078>(*this, value); }
  /// 080h: Exit specific.
  [[nodiscard]] constexpr auto exit_info_2() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x080>(*this);
  }
  constexpr void set_exit_info_2(std::uint64_t value) noexcept { store<0x080>(*this, value); }
  /// 088h: Event being delivered when the exit hit; format event_injection.
  [[nodiscard]] constexpr auto exit_int_info() const noexcept -> event_injection {
    return load<event_injection, 0x088>(*this);
  }
  constexpr void set_exit_int_info(event_injection value) noexcept { store<0x088>(*this, value); }
  /// 090h: Nested paging and encryption enables.
  [[nodiscard]] constexpr auto np_control() const noexcept -> vmcb_control_area_np_control {
    return load<vmcb_control_area_np_control, 0x090>(*this);
  }
  constexpr void set_np_control(vmcb_control_area_np_control value) noexcept { store<0x090>(*this, value); }
  /// 098h: Guest physical address of the virtual APIC page in bits 51:0. (AVIC)
  [[nodiscard]] constexpr auto avic_apic_bar() const noexcept -> vmcb_control_area_avic_apic_bar {
    return load<vmcb_control_area_avic_apic_bar, 0x098>(*this);
  }
  constexpr void set_avic_apic_bar(vmcb_control_area_avic_apic_bar value) noexcept { store<0x098>(*this, value); }
  /// 0A0h: GHCB MSR value as seen by the hypervisor (GHCB gPA or MSR protocol word). (ES)
  [[nodiscard]] constexpr auto ghcb_gpa() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x0a0>(*this); }
  constexpr void set_ghcb_gpa(std::uint64_t value) noexcept { store<0x0a0>(*this, value); }
  /// 0A8h: Event to inject; format event_injection.
  [[nodiscard]] constexpr auto event_inj() const noexcept -> event_injection {
    return load<event_injection, 0x0a8>(*this);
  }
  constexpr void set_event_inj(event_injection value) noexcept { store<0x0a8>(*this, value); }
  /// 0B0h: Nested page table root (host physical, C-bit allowed).
  [[nodiscard]] constexpr auto nested_cr3() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x0b0>(*this);
  }
  constexpr void set_nested_cr3(std::uint64_t value) noexcept { store<0x0b0>(*this, value); }
  /// 0B8h: Virtualisation extensions.
  [[nodiscard]] constexpr auto virt_ext() const noexcept -> vmcb_control_area_virt_ext {
    return load<vmcb_control_area_virt_ext, 0x0b8>(*this);
  }
  constexpr void set_virt_ext(vmcb_control_area_virt_ext value) noexcept { store<0x0b8>(*this, value); }
  /// 0C0h: Clean bits: 1 = field group unchanged since last VMEXIT.
  [[nodiscard]] constexpr auto vmcb_clean() const noexcept -> vmcb_control_area_vmcb_clean {
    return load<vmcb_control_area_vmcb_clean, 0x0c0>(*this);
  }
  constexpr void set_vmcb_clean(vmcb_control_area_vmcb_clean value) noexcept { store<0x0c0>(*this, value); }
  /// 0C8h: Next sequential RIP.
  [[nodiscard]] constexpr auto next_rip() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x0c8>(*this); }
  constexpr void set_next_rip(std::uint64_t value) noexcept { store<0x0c8>(*this, value); }
  /// 0D0h: Number of instruction bytes fetched (0..15).
  [[nodiscard]] constexpr auto insn_len() const noexcept -> vmcb_control_area_insn_len {
    return load<vmcb_control_area_insn_len, 0x0d0>(*this);
  }
  constexpr void set_insn_len(vmcb_control_area_insn_len value) noexcept { store<0x0d0>(*this, value); }
  /// 0D1h: Guest instruction bytes.
  [[nodiscard]] constexpr auto insn_bytes() noexcept { return bytes_at<0x0d1, 15>(*this); }
  [[nodiscard]] constexpr auto insn_bytes() const noexcept { return bytes_at<0x0d1, 15>(*this); }
  constexpr void set_insn_bytes(std::span<const std::uint8_t, 15> value) noexcept { store_bytes<0x0d1>(*this, value); }
  /// 0E0h: Bits 51:12 host physical address of the vAPIC backing page. (AVIC)
  [[nodiscard]] constexpr auto avic_backing_page() const noexcept -> vmcb_control_area_avic_backing_page {
    return load<vmcb_control_area_avic_backing_page, 0x0e0>(*this);
  }
  constexpr void set_avic_backing_page(vmcb_control_area_avic_backing_page value) noexcept {
    store<0x0e0>(*this, value);
  }
  /// 0F0h: Bits 51:12 logical APIC ID table. (AVIC)
  [[nodiscard]] constexpr auto avic_logical_table() const noexcept -> vmcb_control_area_avic_logical_table {
    return load<vmcb_control_area_avic_logical_table, 0x0f0>(*this);
  }
  constexpr void set_avic_logical_table(vmcb_control_area_avic_logical_table value) noexcept {
    store<0x0f0>(*this, value);
  }
  /// 0F8h: Physical APIC ID table and maximum index. (AVIC)
  [[nodiscard]] constexpr auto avic_physical_table() const noexcept -> vmcb_control_area_avic_physical_table {
    return load<vmcb_control_area_avic_physical_table, 0x0f8>(*this);
  }
  constexpr void set_avic_physical_table(vmcb_control_area_avic_physical_table value) noexcept {
    store<0x0f8>(*this, value);
  }
  /// 108h: Bits 51:12 host physical address of the encrypted VMSA; other bits must be zero. (ES)
  [[nodiscard]] constexpr auto vmsa_pa() const noexcept -> vmcb_control_area_vmsa_pa {
    return load<vmcb_control_area_vmsa_pa, 0x108>(*this);
  }
  constexpr void set_vmsa_pa(vmcb_control_area_vmsa_pa value) noexcept { store<0x108>(*this, value); }
  /// 110h: Guest RAX published at VMGEXIT when the VmgexitParameter feature is on. (SNP, medium confidence)
  [[nodiscard]] constexpr auto vmgexit_rax() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x110>(*this);
  }
  constexpr void set_vmgexit_rax(std::uint64_t value) noexcept { store<0x110>(*this, value); }
  /// 118h: Guest CPL published at VMGEXIT when the VmgexitParameter feature is on. (SNP, medium confidence)
  [[nodiscard]] constexpr auto vmgexit_cpl() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x118>(*this); }
  constexpr void set_vmgexit_cpl(std::uint8_t value) noexcept { store<0x118>(*this, value); }
  /// 120h: Bus lock threshold counter; exit when it would go below zero.
  [[nodiscard]] constexpr auto bus_lock_threshold() const noexcept -> std::uint16_t {
    return load<std::uint16_t, 0x120>(*this);
  }
  constexpr void set_bus_lock_threshold(std::uint16_t value) noexcept { store<0x120>(*this, value); }
  /// 134h: Secure AVIC: hypervisor request to merge requested_irr. (SNP, medium confidence)
  [[nodiscard]] constexpr auto update_irr() const noexcept -> vmcb_control_area_update_irr {
    return load<vmcb_control_area_update_irr, 0x134>(*this);
  }
  constexpr void set_update_irr(vmcb_control_area_update_irr value) noexcept { store<0x134>(*this, value); }
  /// 138h: Mask of SEV_FEATURES bits the hypervisor tolerates. (SNP)
  [[nodiscard]] constexpr auto allowed_sev_features() const noexcept -> vmcb_control_area_allowed_sev_features {
    return load<vmcb_control_area_allowed_sev_features, 0x138>(*this);
  }
  constexpr void set_allowed_sev_features(vmcb_control_area_allowed_sev_features value) noexcept {
    store<0x138>(*this, value);
  }
  /// 140h: SEV_FEATURES of the guest, written by hardware when the mask check fails. (SNP)
  [[nodiscard]] constexpr auto guest_sev_features() const noexcept -> vmcb_control_area_guest_sev_features {
    return load<vmcb_control_area_guest_sev_features, 0x140>(*this);
  }
  constexpr void set_guest_sev_features(vmcb_control_area_guest_sev_features value) noexcept {
    store<0x140>(*this, value);
  }
  /// 150h: Secure AVIC: 256-bit vector bitmap requested by the hypervisor. (SNP, medium confidence)
  [[nodiscard]] constexpr auto requested_irr() noexcept { return bytes_at<0x150, 32>(*this); }
  [[nodiscard]] constexpr auto requested_irr() const noexcept { return bytes_at<0x150, 32>(*this); }
  constexpr void set_requested_irr(std::span<const std::uint8_t, 32> value) noexcept {
    store_bytes<0x150>(*this, value);
  }
  /// 3E0h: Reserved for hypervisor software (Hyper-V enlightenments).
  [[nodiscard]] constexpr auto reserved_for_sw() noexcept { return bytes_at<0x3e0, 32>(*this); }
  [[nodiscard]] constexpr auto reserved_for_sw() const noexcept { return bytes_at<0x3e0, 32>(*this); }
  constexpr void set_reserved_for_sw(std::span<const std::uint8_t, 32> value) noexcept {
    store_bytes<0x3e0>(*this, value);
  }

  friend constexpr auto describe(const basic_vmcb_control_area*) noexcept -> const structure_info& {
    return descriptions::vmcb_control_area;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_vmcb_control_area<A>& a, const basic_vmcb_control_area<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using vmcb_control_area = basic_vmcb_control_area<owned<1024>>;
/// Over bytes that lie elsewhere.
using vmcb_control_area_view = basic_vmcb_control_area<borrowed<std::uint8_t, 1024>>;
/// Over bytes that are only read.
using vmcb_control_area_const_view = basic_vmcb_control_area<borrowed<const std::uint8_t, 1024>>;

/// State save area of non-ES guests, at VMCB offset 0x400. For SEV-ES/SNP guests these 3 KiB are unused by hardware.
/// APM2 App. B Table B-2
template <class Storage>
struct basic_vmcb_save_area : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_vmcb_save_area(const basic_vmcb_save_area<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_vmcb_save_area(basic_vmcb_save_area<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: ES.
  [[nodiscard]] constexpr auto es() noexcept { return part<basic_segment, 0x000, 16>(*this); }
  [[nodiscard]] constexpr auto es() const noexcept { return part<basic_segment, 0x000, 16>(*this); }
  template <class Other>
  constexpr void set_es(const basic_segment<Other>& value) noexcept { store_part<0x000>(*this, value); }
  /// 010h: CS.
  [[nodiscard]] constexpr auto cs() noexcept { return part<basic_segment, 0x010, 16>(*this); }
  [[nodiscard]] constexpr auto cs() const noexcept { return part<basic_segment, 0x010, 16>(*this); }
  template <class Other>
  constexpr void set_cs(const basic_segment<Other>& value) noexcept { store_part<0x010>(*this, value); }
  /// 020h: SS.
  [[nodiscard]] constexpr auto ss() noexcept { return part<basic_segment, 0x020, 16>(*this); }
  [[nodiscard]] constexpr auto ss() const noexcept { return part<basic_segment, 0x020, 16>(*this); }
  template <class Other>
  constexpr void set_ss(const basic_segment<Other>& value) noexcept { store_part<0x020>(*this, value); }
  /// 030h: DS.
  [[nodiscard]] constexpr auto ds() noexcept { return part<basic_segment, 0x030, 16>(*this); }
  [[nodiscard]] constexpr auto ds() const noexcept { return part<basic_segment, 0x030, 16>(*this); }
  template <class Other>
  constexpr void set_ds(const basic_segment<Other>& value) noexcept { store_part<0x030>(*this, value); }
  /// 040h: FS (only loaded/stored by VMLOAD/VMSAVE).
  [[nodiscard]] constexpr auto fs() noexcept { return part<basic_segment, 0x040, 16>(*this); }
  [[nodiscard]] constexpr auto fs() const noexcept { return part<basic_segment, 0x040, 16>(*this); }
  template <class Other>
  constexpr void set_fs(const basic_segment<Other>& value) noexcept { store_part<0x040>(*this, value); }
  /// 050h: GS (VMLOAD/VMSAVE).
  [[nodiscard]] constexpr auto gs() noexcept { return part<basic_segment, 0x050, 16>(*this); }
  [[nodiscard]] constexpr auto gs() const noexcept { return part<basic_segment, 0x050, 16>(*this); }
  template <class Other>
  constexpr void set_gs(const basic_segment<Other>& value) noexcept { store_part<0x050>(*this, value); }
  /// 060h: GDTR; selector and attrib unused.
  [[nodiscard]] constexpr auto gdtr() noexcept { return part<basic_segment, 0x060, 16>(*this); }
  [[nodiscard]] constexpr auto gdtr() const noexcept { return part<basic_segment, 0x060, 16>(*this); }
  template <class Other>
  constexpr void set_gdtr(const basic_segment<Other>& value) noexcept { store_part<0x060>(*this, value); }
  /// 070h: LDTR (VMLOAD/VMSAVE).
  [[nodiscard]] constexpr auto ldtr() noexcept { return part<basic_segment, 0x070, 16>(*this); }
  [[nodiscard]] constexpr auto ldtr() const noexcept { return part<basic_segment, 0x070, 16>(*this); }
  template <class Other>
  constexpr void set_ldtr(const basic_segment<Other>& value) noexcept { store_part<0x070>(*this, value); }
  /// 080h: IDTR; selector and attrib unused.
  [[nodiscard]] constexpr auto idtr() noexcept { return part<basic_segment, 0x080, 16>(*this); }
  [[nodiscard]] constexpr auto idtr() const noexcept { return part<basic_segment, 0x080, 16>(*this); }
  template <class Other>
  constexpr void set_idtr(const basic_segment<Other>& value) noexcept { store_part<0x080>(*this, value); }
  /// 090h: TR (VMLOAD/VMSAVE).
  [[nodiscard]] constexpr auto tr() noexcept { return part<basic_segment, 0x090, 16>(*this); }
  [[nodiscard]] constexpr auto tr() const noexcept { return part<basic_segment, 0x090, 16>(*this); }
  template <class Other>
  constexpr void set_tr(const basic_segment<Other>& value) noexcept { store_part<0x090>(*this, value); }
  /// 0CBh: Current privilege level; forced to 0 in real mode, 3 in virtual-8086 mode.
  [[nodiscard]] constexpr auto cpl() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x0cb>(*this); }
  constexpr void set_cpl(std::uint8_t value) noexcept { store<0x0cb>(*this, value); }
  /// 0D0h: EFER.
  [[nodiscard]] constexpr auto efer() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x0d0>(*this); }
  constexpr void set_efer(std::uint64_t value) noexcept { store<0x0d0>(*this, value); }
  /// 0E0h: PMC virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto perf_ctl0() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x0e0>(*this); }
  constexpr void set_perf_ctl0(std::uint64_t value) noexcept { store<0x0e0>(*this, value); }
  /// 0E8h: PMC virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto perf_ctr0() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x0e8>(*this); }
  constexpr void set_perf_ctr0(std::uint64_t value) noexcept { store<0x0e8>(*this, value); }
  /// 0F0h: PMC virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto perf_ctl1() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x0f0>(*this); }
  constexpr void set_perf_ctl1(std::uint64_t value) noexcept { store<0x0f0>(*this, value); }
  /// 0F8h: PMC virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto perf_ctr1() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x0f8>(*this); }
  constexpr void set_perf_ctr1(std::uint64_t value) noexcept { store<0x0f8>(*this, value); }
  /// 100h: PMC virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto perf_ctl2() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x100>(*this); }
  constexpr void set_perf_ctl2(std::uint64_t value) noexcept { store<0x100>(*this, value); }
  /// 108h: PMC virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto perf_ctr2() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x108>(*this); }
  constexpr void set_perf_ctr2(std::uint64_t value) noexcept { store<0x108>(*this, value); }
  /// 110h: PMC virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto perf_ctl3() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x110>(*this); }
  constexpr void set_perf_ctl3(std::uint64_t value) noexcept { store<0x110>(*this, value); }
  /// 118h: PMC virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto perf_ctr3() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x118>(*this); }
  constexpr void set_perf_ctr3(std::uint64_t value) noexcept { store<0x118>(*this, value); }
  /// 120h: PMC virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto perf_ctl4() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x120>(*this); }
  constexpr void set_perf_ctl4(std::uint64_t value) noexcept { store<0x120>(*this, value); }
  /// 128h: PMC virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto perf_ctr4() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x128>(*this); }
  constexpr void set_perf_ctr4(std::uint64_t value) noexcept { store<0x128>(*this, value); }
  /// 130h: PMC virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto perf_ctl5() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x130>(*this); }
  constexpr void set_perf_ctl5(std::uint64_t value) noexcept { store<0x130>(*this, value); }
  /// 138h: PMC virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto perf_ctr5() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x138>(*this); }
  constexpr void set_perf_ctr5(std::uint64_t value) noexcept { store<0x138>(*this, value); }
  /// 148h: CR4.
  [[nodiscard]] constexpr auto cr4() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x148>(*this); }
  constexpr void set_cr4(std::uint64_t value) noexcept { store<0x148>(*this, value); }
  /// 150h: CR3.
  [[nodiscard]] constexpr auto cr3() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x150>(*this); }
  constexpr void set_cr3(std::uint64_t value) noexcept { store<0x150>(*this, value); }
  /// 158h: CR0.
  [[nodiscard]] constexpr auto cr0() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x158>(*this); }
  constexpr void set_cr0(std::uint64_t value) noexcept { store<0x158>(*this, value); }
  /// 160h: DR7.
  [[nodiscard]] constexpr auto dr7() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x160>(*this); }
  constexpr void set_dr7(std::uint64_t value) noexcept { store<0x160>(*this, value); }
  /// 168h: DR6.
  [[nodiscard]] constexpr auto dr6() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x168>(*this); }
  constexpr void set_dr6(std::uint64_t value) noexcept { store<0x168>(*this, value); }
  /// 170h: RFLAGS.
  [[nodiscard]] constexpr auto rflags() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x170>(*this); }
  constexpr void set_rflags(std::uint64_t value) noexcept { store<0x170>(*this, value); }
  /// 178h: RIP.
  [[nodiscard]] constexpr auto rip() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x178>(*this); }
  constexpr void set_rip(std::uint64_t value) noexcept { store<0x178>(*this, value); }
  /// 1C0h: PMC virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto instr_retired_ctr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1c0>(*this);
  }
  constexpr void set_instr_retired_ctr(std::uint64_t value) noexcept { store<0x1c0>(*this, value); }
  /// 1C8h: PMC virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto perf_ctr_global_sts() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1c8>(*this);
  }
  constexpr void set_perf_ctr_global_sts(std::uint64_t value) noexcept { store<0x1c8>(*this, value); }
  /// 1D0h: PMC virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto perf_ctr_global_ctl() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1d0>(*this);
  }
  constexpr void set_perf_ctr_global_ctl(std::uint64_t value) noexcept { store<0x1d0>(*this, value); }
  /// 1D8h: RSP.
  [[nodiscard]] constexpr auto rsp() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x1d8>(*this); }
  constexpr void set_rsp(std::uint64_t value) noexcept { store<0x1d8>(*this, value); }
  /// 1E0h: S_CET.
  [[nodiscard]] constexpr auto s_cet() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x1e0>(*this); }
  constexpr void set_s_cet(std::uint64_t value) noexcept { store<0x1e0>(*this, value); }
  /// 1E8h: SSP.
  [[nodiscard]] constexpr auto ssp() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x1e8>(*this); }
  constexpr void set_ssp(std::uint64_t value) noexcept { store<0x1e8>(*this, value); }
  /// 1F0h: INTERRUPT_SSP_TABLE_ADDR.
  [[nodiscard]] constexpr auto isst_addr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x1f0>(*this); }
  constexpr void set_isst_addr(std::uint64_t value) noexcept { store<0x1f0>(*this, value); }
  /// 1F8h: RAX.
  [[nodiscard]] constexpr auto rax() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x1f8>(*this); }
  constexpr void set_rax(std::uint64_t value) noexcept { store<0x1f8>(*this, value); }
  /// 200h: STAR.
  [[nodiscard]] constexpr auto star() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x200>(*this); }
  constexpr void set_star(std::uint64_t value) noexcept { store<0x200>(*this, value); }
  /// 208h: LSTAR.
  [[nodiscard]] constexpr auto lstar() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x208>(*this); }
  constexpr void set_lstar(std::uint64_t value) noexcept { store<0x208>(*this, value); }
  /// 210h: CSTAR.
  [[nodiscard]] constexpr auto cstar() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x210>(*this); }
  constexpr void set_cstar(std::uint64_t value) noexcept { store<0x210>(*this, value); }
  /// 218h: SFMASK.
  [[nodiscard]] constexpr auto sfmask() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x218>(*this); }
  constexpr void set_sfmask(std::uint64_t value) noexcept { store<0x218>(*this, value); }
  /// 220h: KernelGSBase.
  [[nodiscard]] constexpr auto kernel_gs_base() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x220>(*this);
  }
  constexpr void set_kernel_gs_base(std::uint64_t value) noexcept { store<0x220>(*this, value); }
  /// 228h: SYSENTER_CS.
  [[nodiscard]] constexpr auto sysenter_cs() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x228>(*this);
  }
  constexpr void set_sysenter_cs(std::uint64_t value) noexcept { store<0x228>(*this, value); }
  /// 230h: SYSENTER_ESP.
  [[nodiscard]] constexpr auto sysenter_esp() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x230>(*this);
  }
  constexpr void set_sysenter_esp(std::uint64_t value) noexcept { store<0x230>(*this, value); }
  /// 238h: SYSENTER_EIP.
  [[nodiscard]] constexpr auto sysenter_eip() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x238>(*this);
  }
  constexpr void set_sysenter_eip(std::uint64_t value) noexcept { store<0x238>(*this, value); }
  /// 240h: CR2.
  [[nodiscard]] constexpr auto cr2() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x240>(*this); }
  constexpr void set_cr2(std::uint64_t value) noexcept { store<0x240>(*this, value); }
  /// 268h: Guest PAT (used only with nested paging).
  [[nodiscard]] constexpr auto g_pat() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x268>(*this); }
  constexpr void set_g_pat(std::uint64_t value) noexcept { store<0x268>(*this, value); }
  /// 270h: DebugCtl.
  [[nodiscard]] constexpr auto dbgctl() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x270>(*this); }
  constexpr void set_dbgctl(std::uint64_t value) noexcept { store<0x270>(*this, value); }
  /// 278h: LastBranchFromIP.
  [[nodiscard]] constexpr auto br_from() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x278>(*this); }
  constexpr void set_br_from(std::uint64_t value) noexcept { store<0x278>(*this, value); }
  /// 280h: LastBranchToIP.
  [[nodiscard]] constexpr auto br_to() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x280>(*this); }
  constexpr void set_br_to(std::uint64_t value) noexcept { store<0x280>(*this, value); }
  /// 288h: LastIntFromIP.
  [[nodiscard]] constexpr auto last_excp_from() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x288>(*this);
  }
  constexpr void set_last_excp_from(std::uint64_t value) noexcept { store<0x288>(*this, value); }
  /// 290h: LastIntToIP.
  [[nodiscard]] constexpr auto last_excp_to() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x290>(*this);
  }
  constexpr void set_last_excp_to(std::uint64_t value) noexcept { store<0x290>(*this, value); }
  /// 298h: DebugExtnCfg (MSR C000_010F). (medium confidence)
  [[nodiscard]] constexpr auto dbgextncfg() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x298>(*this);
  }
  constexpr void set_dbgextncfg(std::uint64_t value) noexcept { store<0x298>(*this, value); }
  /// 2E0h: Guest SPEC_CTRL.
  [[nodiscard]] constexpr auto spec_ctrl() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x2e0>(*this); }
  constexpr void set_spec_ctrl(std::uint64_t value) noexcept { store<0x2e0>(*this, value); }
  /// 670h: LBR stack, 16 from/to pairs (entry ordering not confirmed). (medium confidence)
  [[nodiscard]] constexpr auto lbr_stack() noexcept { return bytes_at<0x670, 256>(*this); }
  [[nodiscard]] constexpr auto lbr_stack() const noexcept { return bytes_at<0x670, 256>(*this); }
  constexpr void set_lbr_stack(std::span<const std::uint8_t, 256> value) noexcept { store_bytes<0x670>(*this, value); }
  /// 770h: LBR_SELECT (MSR C000_010E). (medium confidence)
  [[nodiscard]] constexpr auto lbr_select() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x770>(*this);
  }
  constexpr void set_lbr_select(std::uint64_t value) noexcept { store<0x770>(*this, value); }
  /// 778h: IBS virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto ibs_fetch_ctl() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x778>(*this);
  }
  constexpr void set_ibs_fetch_ctl(std::uint64_t value) noexcept { store<0x778>(*this, value); }
  /// 780h: IBS virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto ibs_fetch_linaddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x780>(*this);
  }
  constexpr void set_ibs_fetch_linaddr(std::uint64_t value) noexcept { store<0x780>(*this, value); }
  /// 788h: IBS virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto ibs_op_ctl() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x788>(*this);
  }
  constexpr void set_ibs_op_ctl(std::uint64_t value) noexcept { store<0x788>(*this, value); }
  /// 790h: IBS virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto ibs_op_rip() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x790>(*this);
  }
  constexpr void set_ibs_op_rip(std::uint64_t value) noexcept { store<0x790>(*this, value); }
  /// 798h: IBS virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto ibs_op_data() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x798>(*this);
  }
  constexpr void set_ibs_op_data(std::uint64_t value) noexcept { store<0x798>(*this, value); }
  /// 7A0h: IBS virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto ibs_op_data2() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x7a0>(*this);
  }
  constexpr void set_ibs_op_data2(std::uint64_t value) noexcept { store<0x7a0>(*this, value); }
  /// 7A8h: IBS virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto ibs_op_data3() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x7a8>(*this);
  }
  constexpr void set_ibs_op_data3(std::uint64_t value) noexcept { store<0x7a8>(*this, value); }
  /// 7B0h: IBS virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto ibs_dc_linaddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x7b0>(*this);
  }
  constexpr void set_ibs_dc_linaddr(std::uint64_t value) noexcept { store<0x7b0>(*this, value); }
  /// 7B8h: IBS virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto bp_ibstgt_rip() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x7b8>(*this);
  }
  constexpr void set_bp_ibstgt_rip(std::uint64_t value) noexcept { store<0x7b8>(*this, value); }
  /// 7C0h: IBS virtualisation. (medium confidence)
  [[nodiscard]] constexpr auto ic_ibs_extd_ctl() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x7c0>(*this);
  }
  constexpr void set_ic_ibs_extd_ctl(std::uint64_t value) noexcept { store<0x7c0>(*this, value); }

  friend constexpr auto describe(const basic_vmcb_save_area*) noexcept -> const structure_info& {
    return descriptions::vmcb_save_area;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_vmcb_save_area<A>& a, const basic_vmcb_save_area<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using vmcb_save_area = basic_vmcb_save_area<owned<3072>>;
/// Over bytes that lie elsewhere.
using vmcb_save_area_view = basic_vmcb_save_area<borrowed<std::uint8_t, 3072>>;
/// Over bytes that are only read.
using vmcb_save_area_const_view = basic_vmcb_save_area<borrowed<const std::uint8_t, 3072>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
