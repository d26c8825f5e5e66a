// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_VMSA_HPP
#define SEVSPEC_LAYOUT_VMSA_HPP

// The VMSA: the encrypted save area of one vCPU of a SEV-ES or SEV-SNP guest.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>
#include <span>

#include <sevspec/layout/codes/exit_codes.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/exit_info.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/msr.hpp>
#include <sevspec/layout/segment.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr bit_info vmsa_secure_avic_control_bits[] = {
    {.lsb =  0, .width =  1, .name = "secure_avic_en", .meaning = "Secure AVIC enabled"},
    {.lsb =  1, .width =  1, .name = "allowed_nmi",    .meaning = "guest accepts hypervisor NMIs"},
    {.lsb =  2, .width = 10, .name = "reserved_11_2",  .meaning = "reserved", .reserved = true},
    {.lsb = 12, .width = 52, .name = "backing_page",   .meaning = "guest physical frame of the guest APIC backing page"},
};
inline constexpr bit_info vmsa_sev_features_bits[] = {
    {.lsb =  0, .width =  1, .name = "snp_active",           .meaning = "SEV-SNP active"},
    {.lsb =  1, .width =  1, .name = "virtual_tom",          .meaning = "virtual top of memory"},
    {.lsb =  2, .width =  1, .name = "reflect_vc",           .meaning = "reflect #VC to the more privileged VMPL"},
    {.lsb =  3, .width =  1, .name = "restricted_injection", .meaning = "restricted injection (#HV only)"},
    {.lsb =  4, .width =  1, .name = "alternate_injection",  .meaning = "alternate injection"},
    {.lsb =  5, .width =  1, .name = "debug_swap",           .meaning = "full debug register swap"},
    {.lsb =  6, .width =  1, .name = "prevent_host_ibs",     .meaning = "block host IBS while the guest runs"},
    {.lsb =  7, .width =  1, .name = "btb_isolation",        .meaning = "BTB isolation"},
    {.lsb =  8, .width =  1, .name = "vmpl_sss",             .meaning = "VMPL supervisor shadow stack checks"},
    {.lsb =  9, .width =  1, .name = "secure_tsc",           .meaning = "Secure TSC"},
    {.lsb = 10, .width =  1, .name = "vmgexit_parameter",    .meaning = "publish RAX/CPL at VMGEXIT"},
    {.lsb = 11, .width =  1, .name = "pmc_virtualization",   .meaning = "PMC virtualisation"},
    {.lsb = 12, .width =  1, .name = "ibs_virtualization",   .meaning = "IBS virtualisation"},
    {.lsb = 13, .width =  1, .name = "guest_intercept_ctl",  .meaning = "guest intercept control"},
    {.lsb = 14, .width =  1, .name = "vmsa_reg_prot",        .meaning = "VMSA register protection"},
    {.lsb = 15, .width =  1, .name = "smt_protection",       .meaning = "SMT protection"},
    {.lsb = 16, .width =  1, .name = "secure_avic",          .meaning = "Secure AVIC"},
    {.lsb = 17, .width =  4, .name = "reserved_20_17",       .meaning = "reserved", .reserved = true},
    {.lsb = 21, .width =  1, .name = "ibpb_on_entry",        .meaning = "IBPB on VM entry"},
    {.lsb = 22, .width = 42, .name = "reserved_63_22",       .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info vmsa_vintr_ctrl_bits[] = {
    {.lsb =  0, .width =  8, .name = "v_tpr",          .meaning = "virtual TPR"},
    {.lsb =  8, .width =  1, .name = "v_irq",          .meaning = "virtual interrupt pending"},
    {.lsb =  9, .width =  1, .name = "vgif",           .meaning = "virtual GIF"},
    {.lsb = 10, .width =  1, .name = "int_shadow",     .meaning = "interrupt shadow"},
    {.lsb = 11, .width =  1, .name = "v_nmi",          .meaning = "virtual NMI pending"},
    {.lsb = 12, .width =  1, .name = "v_nmi_mask",     .meaning = "virtual NMI masked"},
    {.lsb = 13, .width =  3, .name = "reserved_15_13", .meaning = "reserved", .reserved = true},
    {.lsb = 16, .width =  4, .name = "v_intr_prio",    .meaning = "priority"},
    {.lsb = 20, .width =  1, .name = "v_ign_tpr",      .meaning = "ignore TPR"},
    {.lsb = 21, .width =  5, .name = "reserved_25_21", .meaning = "reserved", .reserved = true},
    {.lsb = 26, .width =  1, .name = "v_nmi_enable",   .meaning = "NMI virtualisation enable"},
    {.lsb = 27, .width =  5, .name = "reserved_31_27", .meaning = "reserved", .reserved = true},
    {.lsb = 32, .width =  8, .name = "v_intr_vector",  .meaning = "vector"},
    {.lsb = 40, .width = 23, .name = "reserved_62_40", .meaning = "reserved", .reserved = true},
    {.lsb = 63, .width =  1, .name = "busy",           .meaning = "VMSA busy: cannot be entered"},
};
inline constexpr field_info vmsa_fields[] = {
    {.offset = 0x0000, .size =   16, .name = "es",                  .meaning = "ES", .since = level::es, .type = field_type::structure, .nested = &segment},
    {.offset = 0x0010, .size =   16, .name = "cs",                  .meaning = "CS", .since = level::es, .type = field_type::structure, .nested = &segment},
    {.offset = 0x0020, .size =   16, .name = "ss",                  .meaning = "SS", .since = level::es, .type = field_type::structure, .nested = &segment},
    {.offset = 0x0030, .size =   16, .name = "ds",                  .meaning = "DS", .since = level::es, .type = field_type::structure, .nested = &segment},
    {.offset = 0x0040, .size =   16, .name = "fs",                  .meaning = "FS", .since = level::es, .type = field_type::structure, .nested = &segment},
    {.offset = 0x0050, .size =   16, .name = "gs",                  .meaning = "GS", .since = level::es, .type = field_type::structure, .nested = &segment},
    {.offset = 0x0060, .size =   16, .name = "gdtr",                .meaning = "GDTR", .since = level::es, .type = field_type::structure, .nested = &segment},
    {.offset = 0x0070, .size =   16, .name = "ldtr",                .meaning = "LDTR", .since = level::es, .type = field_type::structure, .nested = &segment},
    {.offset = 0x0080, .size =   16, .name = "idtr",                .meaning = "IDTR", .since = level::es, .type = field_type::structure, .nested = &segment},
    {.offset = 0x0090, .size =   16, .name = "tr",                  .meaning = "TR", .since = level::es, .type = field_type::structure, .nested = &segment},
    {.offset = 0x00a0, .size =    8, .name = "pl0_ssp",             .meaning = "PL0_SSP", .since = level::es},
    {.offset = 0x00a8, .size =    8, .name = "pl1_ssp",             .meaning = "PL1_SSP", .since = level::es},
    {.offset = 0x00b0, .size =    8, .name = "pl2_ssp",             .meaning = "PL2_SSP", .since = level::es},
    {.offset = 0x00b8, .size =    8, .name = "pl3_ssp",             .meaning = "PL3_SSP", .since = level::es},
    {.offset = 0x00c0, .size =    8, .name = "u_cet",               .meaning = "U_CET", .since = level::es},
    {.offset = 0x00c8, .size =    2, .name = "reserved_0c8",        .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x00ca, .size =    1, .name = "vmpl",                .meaning = "VMPL of this vCPU (0 for plain ES)", .since = level::snp},
    {.offset = 0x00cb, .size =    1, .name = "cpl",                 .meaning = "CPL", .since = level::es},
    {.offset = 0x00cc, .size =    4, .name = "reserved_0cc",        .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x00d0, .size =    8, .name = "efer",                .meaning = "EFER", .since = level::es},
    {.offset = 0x00d8, .size =    8, .name = "reserved_0d8",        .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x00e0, .size =    8, .name = "perf_ctl0",           .meaning = "PmcVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x00e8, .size =    8, .name = "perf_ctr0",           .meaning = "PmcVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x00f0, .size =    8, .name = "perf_ctl1",           .meaning = "PmcVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x00f8, .size =    8, .name = "perf_ctr1",           .meaning = "PmcVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x0100, .size =    8, .name = "perf_ctl2",           .meaning = "PmcVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x0108, .size =    8, .name = "perf_ctr2",           .meaning = "PmcVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x0110, .size =    8, .name = "perf_ctl3",           .meaning = "PmcVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x0118, .size =    8, .name = "perf_ctr3",           .meaning = "PmcVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x0120, .size =    8, .name = "perf_ctl4",           .meaning = "PmcVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x0128, .size =    8, .name = "perf_ctr4",           .meaning = "PmcVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x0130, .size =    8, .name = "perf_ctl5",           .meaning = "PmcVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x0138, .size =    8, .name = "perf_ctr5",           .meaning = "PmcVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x0140, .size =    8, .name = "xss",                 .meaning = "XSS", .since = level::es},
    {.offset = 0x0148, .size =    8, .name = "cr4",                 .meaning = "CR4", .since = level::es},
    {.offset = 0x0150, .size =    8, .name = "cr3",                 .meaning = "CR3", .since = level::es},
    {.offset = 0x0158, .size =    8, .name = "cr0",                 .meaning = "CR0", .since = level::es},
    {.offset = 0x0160, .size =    8, .name = "dr7",                 .meaning = "DR7", .since = level::es},
    {.offset = 0x0168, .size =    8, .name = "dr6",                 .meaning = "DR6", .since = level::es},
    {.offset = 0x0170, .size =    8, .name = "rflags",              .meaning = "RFLAGS", .since = level::es},
    {.offset = 0x0178, .size =    8, .name = "rip",                 .meaning = "RIP", .since = level::es},
    {.offset = 0x0180, .size =    8, .name = "dr0",                 .meaning = "DR0 (swapped only with DebugSwap)", .since = level::es},
    {.offset = 0x0188, .size =    8, .name = "dr1",                 .meaning = "DR1 (DebugSwap)", .since = level::es},
    {.offset = 0x0190, .size =    8, .name = "dr2",                 .meaning = "DR2 (DebugSwap)", .since = level::es},
    {.offset = 0x0198, .size =    8, .name = "dr3",                 .meaning = "DR3 (DebugSwap)", .since = level::es},
    {.offset = 0x01a0, .size =    8, .name = "dr0_addr_mask",       .meaning = "DR0_ADDR_MASK (DebugSwap)", .since = level::es},
    {.offset = 0x01a8, .size =    8, .name = "dr1_addr_mask",       .meaning = "DR1_ADDR_MASK (DebugSwap)", .since = level::es},
    {.offset = 0x01b0, .size =    8, .name = "dr2_addr_mask",       .meaning = "DR2_ADDR_MASK (DebugSwap)", .since = level::es},
    {.offset = 0x01b8, .size =    8, .name = "dr3_addr_mask",       .meaning = "DR3_ADDR_MASK (DebugSwap)", .since = level::es},
    {.offset = 0x01c0, .size =    8, .name = "instr_retired_ctr",   .meaning = "PmcVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x01c8, .size =    8, .name = "perf_ctr_global_sts", .meaning = "PmcVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x01d0, .size =    8, .name = "perf_ctr_global_ctl", .meaning = "PmcVirtualization (a second transcription makes this u32 + 4 reserved)", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x01d8, .size =    8, .name = "rsp",                 .meaning = "RSP", .since = level::es},
    {.offset = 0x01e0, .size =    8, .name = "s_cet",               .meaning = "S_CET", .since = level::es},
    {.offset = 0x01e8, .size =    8, .name = "ssp",                 .meaning = "SSP", .since = level::es},
    {.offset = 0x01f0, .size =    8, .name = "isst_addr",           .meaning = "INTERRUPT_SSP_TABLE_ADDR", .since = level::es},
    {.offset = 0x01f8, .size =    8, .name = "rax",                 .meaning = "RAX", .since = level::es},
    {.offset = 0x0200, .size =    8, .name = "star",                .meaning = "STAR", .since = level::es},
    {.offset = 0x0208, .size =    8, .name = "lstar",               .meaning = "LSTAR", .since = level::es},
    {.offset = 0x0210, .size =    8, .name = "cstar",               .meaning = "CSTAR", .since = level::es},
    {.offset = 0x0218, .size =    8, .name = "sfmask",              .meaning = "SFMASK", .since = level::es},
    {.offset = 0x0220, .size =    8, .name = "kernel_gs_base",      .meaning = "KernelGSBase", .since = level::es},
    {.offset = 0x0228, .size =    8, .name = "sysenter_cs",         .meaning = "SYSENTER_CS", .since = level::es},
    {.offset = 0x0230, .size =    8, .name = "sysenter_esp",        .meaning = "SYSENTER_ESP", .since = level::es},
    {.offset = 0x0238, .size =    8, .name = "sysenter_eip",        .meaning = "SYSENTER_EIP", .since = level::es},
    {.offset = 0x0240, .size =    8, .name = "cr2",                 .meaning = "CR2", .since = level::es},
    {.offset = 0x0248, .size =   32, .name = "reserved_248",        .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0268, .size =    8, .name = "g_pat",               .meaning = "PAT", .since = level::es},
    {.offset = 0x0270, .size =    8, .name = "dbgctl",              .meaning = "DebugCtl", .since = level::es},
    {.offset = 0x0278, .size =    8, .name = "br_from",             .meaning = "LastBranchFromIP", .since = level::es},
    {.offset = 0x0280, .size =    8, .name = "br_to",               .meaning = "LastBranchToIP", .since = level::es},
    {.offset = 0x0288, .size =    8, .name = "last_excp_from",      .meaning = "LastIntFromIP", .since = level::es},
    {.offset = 0x0290, .size =    8, .name = "last_excp_to",        .meaning = "LastIntToIP", .since = level::es},
    {.offset = 0x0298, .size =    8, .name = "dbgextncfg",          .meaning = "DebugExtnCfg", .since = level::es, .trust = confidence::medium},
    {.offset = 0x02a0, .size =   64, .name = "reserved_2a0",        .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x02e0, .size =    8, .name = "spec_ctrl",           .meaning = "SPEC_CTRL (some sources keep it reserved, one makes it u32)", .since = level::es, .trust = confidence::medium},
    {.offset = 0x02e8, .size =    4, .name = "pkru",                .meaning = "PKRU", .since = level::es},
    {.offset = 0x02ec, .size =    4, .name = "tsc_aux",             .meaning = "TSC_AUX (swapped only with TSC_AUX virtualisation)", .since = level::es},
    {.offset = 0x02f0, .size =    8, .name = "guest_tsc_scale",     .meaning = "Secure TSC scale, 8.32 fixed point", .since = level::snp},
    {.offset = 0x02f8, .size =    8, .name = "guest_tsc_offset",    .meaning = "Secure TSC offset", .since = level::snp},
    {.offset = 0x0300, .size =    8, .name = "reg_prot_nonce",      .meaning = "VMSA register protection nonce", .since = level::snp},
    {.offset = 0x0308, .size =    8, .name = "rcx",                 .meaning = "RCX", .since = level::es},
    {.offset = 0x0310, .size =    8, .name = "rdx",                 .meaning = "RDX", .since = level::es},
    {.offset = 0x0318, .size =    8, .name = "rbx",                 .meaning = "RBX", .since = level::es},
    {.offset = 0x0320, .size =    8, .name = "secure_avic_control", .meaning = "Secure AVIC control (RSP slot of the GPR array; RSP itself lives at 0x1D8)", .since = level::snp, .bits = vmsa_secure_avic_control_bits, .word = &msr_secure_avic_control},
    {.offset = 0x0328, .size =    8, .name = "rbp",                 .meaning = "RBP", .since = level::es},
    {.offset = 0x0330, .size =    8, .name = "rsi",                 .meaning = "RSI", .since = level::es},
    {.offset = 0x0338, .size =    8, .name = "rdi",                 .meaning = "RDI", .since = level::es},
    {.offset = 0x0340, .size =    8, .name = "r8",                  .meaning = "R8", .since = level::es},
    {.offset = 0x0348, .size =    8, .name = "r9",                  .meaning = "R9", .since = level::es},
    {.offset = 0x0350, .size =    8, .name = "r10",                 .meaning = "R10", .since = level::es},
    {.offset = 0x0358, .size =    8, .name = "r11",                 .meaning = "R11", .since = level::es},
    {.offset = 0x0360, .size =    8, .name = "r12",                 .meaning = "R12", .since = level::es},
    {.offset = 0x0368, .size =    8, .name = "r13",                 .meaning = "R13", .since = level::es},
    {.offset = 0x0370, .size =    8, .name = "r14",                 .meaning = "R14", .since = level::es},
    {.offset = 0x0378, .size =    8, .name = "r15",                 .meaning = "R15", .since = level::es},
    {.offset = 0x0380, .size =   16, .name = "reserved_380",        .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0390, .size =    8, .name = "guest_exit_info_1",   .meaning = "EXITINFO1 of an exit hidden from the hypervisor (alternate injection / ReflectVC)", .since = level::snp},
    {.offset = 0x0398, .size =    8, .name = "guest_exit_info_2",   .meaning = "EXITINFO2, same use", .since = level::snp},
    {.offset = 0x03a0, .size =    8, .name = "guest_exit_int_info", .meaning = "EXITINTINFO, same use; format event_injection", .since = level::snp, .word = &event_injection},
    {.offset = 0x03a8, .size =    8, .name = "guest_next_rip",      .meaning = "nRIP, same use", .since = level::snp},
    {.offset = 0x03b0, .size =    8, .name = "sev_features",        .meaning = "guest-selected feature bits", .since = level::snp, .bits = vmsa_sev_features_bits},
    {.offset = 0x03b8, .size =    8, .name = "vintr_ctrl",          .meaning = "virtual interrupt control of the guest (alternate injection)", .since = level::snp, .bits = vmsa_vintr_ctrl_bits},
    {.offset = 0x03c0, .size =    8, .name = "guest_exit_code",     .meaning = "EXITCODE, same use as guest_exit_info_1; -1 = none", .since = level::snp, .values = &tables::svm_exit_codes},
    {.offset = 0x03c8, .size =    8, .name = "virtual_tom",         .meaning = "virtual top of memory (bits 20:0 must be zero)", .since = level::snp, .word = &msr_virtual_tom},
    {.offset = 0x03d0, .size =    8, .name = "tlb_id",              .meaning = "hardware TLB tag of the last run", .since = level::snp},
    {.offset = 0x03d8, .size =    8, .name = "pcpu_id",             .meaning = "hardware ID of the last physical CPU; 0 forces a full flush of the guest's TLB entries on next entry", .since = level::snp},
    {.offset = 0x03e0, .size =    8, .name = "event_inj",           .meaning = "event to inject (alternate injection); format event_injection", .since = level::snp, .word = &event_injection},
    {.offset = 0x03e8, .size =    8, .name = "xcr0",                .meaning = "XCR0", .since = level::es},
    {.offset = 0x03f0, .size =   16, .name = "reserved_3f0",        .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0400, .size =    8, .name = "x87_dp",              .meaning = "x87 data pointer", .since = level::es},
    {.offset = 0x0408, .size =    4, .name = "mxcsr",               .meaning = "MXCSR", .since = level::es},
    {.offset = 0x040c, .size =    2, .name = "x87_ftw",             .meaning = "x87 tag word", .since = level::es},
    {.offset = 0x040e, .size =    2, .name = "x87_fsw",             .meaning = "x87 status word", .since = level::es},
    {.offset = 0x0410, .size =    2, .name = "x87_fcw",             .meaning = "x87 control word", .since = level::es},
    {.offset = 0x0412, .size =    2, .name = "x87_fop",             .meaning = "x87 opcode", .since = level::es},
    {.offset = 0x0414, .size =    2, .name = "x87_ds",              .meaning = "x87 data segment", .since = level::es},
    {.offset = 0x0416, .size =    2, .name = "x87_cs",              .meaning = "x87 code segment", .since = level::es},
    {.offset = 0x0418, .size =    8, .name = "x87_rip",             .meaning = "x87 instruction pointer", .since = level::es},
    {.offset = 0x0420, .size =   80, .name = "fpreg_x87",           .meaning = "eight 10-byte x87 registers", .since = level::es, .type = field_type::bytes},
    {.offset = 0x0470, .size =  256, .name = "fpreg_xmm",           .meaning = "sixteen XMM registers", .since = level::es, .type = field_type::bytes},
    {.offset = 0x0570, .size =  256, .name = "fpreg_ymm",           .meaning = "upper halves of sixteen YMM registers", .since = level::es, .type = field_type::bytes},
    {.offset = 0x0670, .size =  256, .name = "lbr_stack",           .meaning = "LBR stack, 16 from/to pairs", .since = level::es, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0770, .size =    8, .name = "lbr_select",          .meaning = "LBR_SELECT", .since = level::es, .trust = confidence::medium},
    {.offset = 0x0778, .size =    8, .name = "ibs_fetch_ctl",       .meaning = "IbsVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x0780, .size =    8, .name = "ibs_fetch_linaddr",   .meaning = "IbsVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x0788, .size =    8, .name = "ibs_op_ctl",          .meaning = "IbsVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x0790, .size =    8, .name = "ibs_op_rip",          .meaning = "IbsVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x0798, .size =    8, .name = "ibs_op_data",         .meaning = "IbsVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x07a0, .size =    8, .name = "ibs_op_data2",        .meaning = "IbsVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x07a8, .size =    8, .name = "ibs_op_data3",        .meaning = "IbsVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x07b0, .size =    8, .name = "ibs_dc_linaddr",      .meaning = "IbsVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x07b8, .size =    8, .name = "bp_ibstgt_rip",       .meaning = "IbsVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x07c0, .size =    8, .name = "ic_ibs_extd_ctl",     .meaning = "IbsVirtualization", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x07c8, .size =  440, .name = "reserved_7c8",        .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
    {.offset = 0x0980, .size =   64, .name = "fpreg_opmask",        .meaning = "eight AVX-512 opmask registers k0..k7 (8 bytes each)", .since = level::es, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x09c0, .size =  512, .name = "fpreg_zmm_hi",        .meaning = "upper 256 bits of ZMM0..ZMM15", .since = level::es, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0bc0, .size = 1024, .name = "fpreg_hi_zmm",        .meaning = "full ZMM16..ZMM31", .since = level::es, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0fc0, .size =   64, .name = "reserved_fc0",        .meaning = "reserved, must be zero", .since = level::es, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info vmsa{
    .name = "vmsa",
    .id = "LAY-VMSA",
    .size = 0x1000,
    .alignment = 0x1000,
    .since = level::es,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-4",
    .description = "Encrypted save area of one vCPU (SEV-ES and SEV-SNP). Fields through 0x66F are architectural for every ES guest; the tail holds LBR/IBS and extended FP state.",
    .fields = vmsa_fields,
};
inline constexpr field_info sev_features_fields[] = {
    {.offset = 0, .size = 8, .name = "sev_features", .meaning = "guest-selected feature bits", .since = level::snp, .bits = vmsa_sev_features_bits},
};
inline constexpr structure_info sev_features{
    .name = "vmsa.sev_features",
    .id = "LAY-VMSA",
    .size = 8,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-4",
    .description = "guest-selected feature bits.",
    .fields = sev_features_fields,
};
inline constexpr field_info vmsa_vintr_ctrl_fields[] = {
    {.offset = 0, .size = 8, .name = "vintr_ctrl", .meaning = "virtual interrupt control of the guest (alternate injection)", .since = level::snp, .bits = vmsa_vintr_ctrl_bits},
};
inline constexpr structure_info vmsa_vintr_ctrl{
    .name = "vmsa.vintr_ctrl",
    .id = "LAY-VMSA",
    .size = 8,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "APM2 App. B Table B-4",
    .description = "Virtual interrupt control of the guest (alternate injection).",
    .fields = vmsa_vintr_ctrl_fields,
};

}  // namespace descriptions

/// `sev_features` of `vmsa`: guest-selected feature bits.
struct sev_features {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: SEV-SNP active.
  [[nodiscard]] constexpr auto snp_active() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_snp_active(bool value) & -> sev_features& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_snp_active(bool value) && -> sev_features { return put(*this, 0, 0, value); }
  /// Bit 1: Virtual top of memory.
  [[nodiscard]] constexpr auto virtual_tom() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_virtual_tom(bool value) & -> sev_features& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_virtual_tom(bool value) && -> sev_features { return put(*this, 1, 1, value); }
  /// Bit 2: Reflect #VC to the more privileged VMPL.
  [[nodiscard]] constexpr auto reflect_vc() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_reflect_vc(bool value) & -> sev_features& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_reflect_vc(bool value) && -> sev_features { return put(*this, 2, 2, value); }
  /// Bit 3: Restricted injection (#HV only).
  [[nodiscard]] constexpr auto restricted_injection() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_restricted_injection(bool value) & -> sev_features& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_restricted_injection(bool value) && -> sev_features { return put(*this, 3, 3, value); }
  /// Bit 4: Alternate injection.
  [[nodiscard]] constexpr auto alternate_injection() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_alternate_injection(bool value) & -> sev_features& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_alternate_injection(bool value) && -> sev_features { return put(*this, 4, 4, value); }
  /// Bit 5: Full debug register swap.
  [[nodiscard]] constexpr auto debug_swap() const noexcept -> bool { return bit_at(raw, 5); }
  constexpr auto set_debug_swap(bool value) & -> sev_features& { return put(*this, 5, 5, value); }
  [[nodiscard]] constexpr auto set_debug_swap(bool value) && -> sev_features { return put(*this, 5, 5, value); }
  /// Bit 6: Block host IBS while the guest runs.
  [[nodiscard]] constexpr auto prevent_host_ibs() const noexcept -> bool { return bit_at(raw, 6); }
  constexpr auto set_prevent_host_ibs(bool value) & -> sev_features& { return put(*this, 6, 6, value); }
  [[nodiscard]] constexpr auto set_prevent_host_ibs(bool value) && -> sev_features { return put(*this, 6, 6, value); }
  /// Bit 7: BTB isolation.
  [[nodiscard]] constexpr auto btb_isolation() const noexcept -> bool { return bit_at(raw, 7); }
  constexpr auto set_btb_isolation(bool value) & -> sev_features& { return put(*this, 7, 7, value); }
  [[nodiscard]] constexpr auto set_btb_isolation(bool value) && -> sev_features { return put(*this, 7, 7, value); }
  /// Bit 8: VMPL supervisor shadow stack checks.
  [[nodiscard]] constexpr auto vmpl_sss() const noexcept -> bool { return bit_at(raw, 8); }
  constexpr auto set_vmpl_sss(bool value) & -> sev_features& { return put(*this, 8, 8, value); }
  [[nodiscard]] constexpr auto set_vmpl_sss(bool value) && -> sev_features { return put(*this, 8, 8, value); }
  /// Bit 9: Secure TSC.
  [[nodiscard]] constexpr auto secure_tsc() const noexcept -> bool { return bit_at(raw, 9); }
  constexpr auto set_secure_tsc(bool value) & -> sev_features& { return put(*this, 9, 9, value); }
  [[nodiscard]] constexpr auto set_secure_tsc(bool value) && -> sev_features { return put(*this, 9, 9, value); }
  /// Bit 10: Publish RAX/CPL at VMGEXIT.
  [[nodiscard]] constexpr auto vmgexit_parameter() const noexcept -> bool { return bit_at(raw, 10); }
  constexpr auto set_vmgexit_parameter(bool value) & -> sev_features& { return put(*this, 10, 10, value); }
  [[nodiscard]] constexpr auto set_vmgexit_parameter(bool value) && -> sev_features { return put(*this, 10, 10, value); }
  /// Bit 11: PMC virtualisation.
  [[nodiscard]] constexpr auto pmc_virtualization() const noexcept -> bool { return bit_at(raw, 11); }
  constexpr auto set_pmc_virtualization(bool value) & -> sev_features& { return put(*this, 11, 11, value); }
  [[nodiscard]] constexpr auto set_pmc_virtualization(bool value) && -> sev_features { return put(*this, 11, 11, value); }
  /// Bit 12: IBS virtualisation.
  [[nodiscard]] constexpr auto ibs_virtualization() const noexcept -> bool { return bit_at(raw, 12); }
  constexpr auto set_ibs_virtualization(bool value) & -> sev_features& { return put(*this, 12, 12, value); }
  [[nodiscard]] constexpr auto set_ibs_virtualization(bool value) && -> sev_features { return put(*this, 12, 12, value); }
  /// Bit 13: Guest intercept control.
  [[nodiscard]] constexpr auto guest_intercept_ctl() const noexcept -> bool { return bit_at(raw, 13); }
  constexpr auto set_guest_intercept_ctl(bool value) & -> sev_features& { return put(*this, 13, 13, value); }
  [[nodiscard]] constexpr auto set_guest_intercept_ctl(bool value) && -> sev_features { return put(*this, 13, 13, value); }
  /// Bit 14: VMSA register protection.
  [[nodiscard]] constexpr auto vmsa_reg_prot() const noexcept -> bool { return bit_at(raw, 14); }
  constexpr auto set_vmsa_reg_prot(bool value) & -> sev_features& { return put(*this, 14, 14, value); }
  [[nodiscard]] constexpr auto set_vmsa_reg_prot(bool value) && -> sev_features { return put(*this, 14, 14, value); }
  /// Bit 15: SMT protection.
  [[nodiscard]] constexpr auto smt_protection() const noexcept -> bool { return bit_at(raw, 15); }
  constexpr auto set_smt_protection(bool value) & -> sev_features& { return put(*this, 15, 15, value); }
  [[nodiscard]] constexpr auto set_smt_protection(bool value) && -> sev_features { return put(*this, 15, 15, value); }
  /// Bit 16: Secure AVIC.
  [[nodiscard]] constexpr auto secure_avic() const noexcept -> bool { return bit_at(raw, 16); }
  constexpr auto set_secure_avic(bool value) & -> sev_features& { return put(*this, 16, 16, value); }
  [[nodiscard]] constexpr auto set_secure_avic(bool value) && -> sev_features { return put(*this, 16, 16, value); }
  /// Bit 21: IBPB on VM entry.
  [[nodiscard]] constexpr auto ibpb_on_entry() const noexcept -> bool { return bit_at(raw, 21); }
  constexpr auto set_ibpb_on_entry(bool value) & -> sev_features& { return put(*this, 21, 21, value); }
  [[nodiscard]] constexpr auto set_ibpb_on_entry(bool value) && -> sev_features { return put(*this, 21, 21, value); }

  friend constexpr auto operator==(const sev_features&, const sev_features&) -> bool = default;
  friend constexpr auto describe(const sev_features*) noexcept -> const structure_info& {
    return descriptions::sev_features;
  }
};

/// `vintr_ctrl` of `vmsa`: Virtual interrupt control of the guest (alternate injection).
struct vmsa_vintr_ctrl {
  std::uint64_t raw{};  ///< the whole word

  /// Bits 7:0: Virtual TPR.
  [[nodiscard]] constexpr auto v_tpr() const noexcept -> std::uint32_t { return bits32_at(raw, 7, 0); }
  constexpr auto set_v_tpr(std::uint32_t value) & -> vmsa_vintr_ctrl& { return put(*this, 7, 0, value); }
  [[nodiscard]] constexpr auto set_v_tpr(std::uint32_t value) && -> vmsa_vintr_ctrl { return put(*this, 7, 0, value); }
  /// Bit 8: Virtual interrupt pending.
  [[nodiscard]] constexpr auto v_irq() const noexcept -> bool { return bit_at(raw, 8); }
  constexpr auto set_v_irq(bool value) & -> vmsa_vintr_ctrl& { return put(*this, 8, 8, value); }
  [[nodiscard]] constexpr auto set_v_irq(bool value) && -> vmsa_vintr_ctrl { return put(*this, 8, 8, value); }
  /// Bit 9: Virtual GIF.
  [[nodiscard]] constexpr auto vgif() const noexcept -> bool { return bit_at(raw, 9); }
  constexpr auto set_vgif(bool value) & -> vmsa_vintr_ctrl& { return put(*this, 9, 9, value); }
  [[nodiscard]] constexpr auto set_vgif(bool value) && -> vmsa_vintr_ctrl { return put(*this, 9, 9, value); }
  /// Bit 10: Interrupt shadow.
  [[nodiscard]] constexpr auto int_shadow() const noexcept -> bool { return bit_at(raw, 10); }
  constexpr auto set_int_shadow(bool value) & -> vmsa_vintr_ctrl& { return put(*this, 10, 10, value); }
  [[nodiscard]] constexpr auto set_int_shadow(bool value) && -> vmsa_vintr_ctrl { return put(*this, 10, 10, value); }
  /// Bit 11: Virtual NMI pending.
  [[nodiscard]] constexpr auto v_nmi() const noexcept -> bool { return bit_at(raw, 11); }
  constexpr auto set_v_nmi(bool value) & -> vmsa_vintr_ctrl& { return put(*this, 11, 11, value); }
  [[nodiscard]] constexpr auto set_v_nmi(bool value) && -> vmsa_vintr_ctrl { return put(*this, 11, 11, value); }
  /// Bit 12: Virtual NMI masked.
  [[nodiscard]] constexpr auto v_nmi_mask() const noexcept -> bool { return bit_at(raw, 12); }
  constexpr auto set_v_nmi_mask(bool value) & -> vmsa_vintr_ctrl& { return put(*this, 12, 12, value); }
  [[nodiscard]] constexpr auto set_v_nmi_mask(bool value) && -> vmsa_vintr_ctrl { return put(*this, 12, 12, value); }
  /// Bits 19:16: Priority.
  [[nodiscard]] constexpr auto v_intr_prio() const noexcept -> std::uint32_t { return bits32_at(raw, 19, 16); }
  constexpr auto set_v_intr_prio(std::uint32_t value) & -> vmsa_vintr_ctrl& { return put(*this, 19, 16, value); }
  [[nodiscard]] constexpr auto set_v_intr_prio(std::uint32_t value) && -> vmsa_vintr_ctrl { return put(*this, 19, 16, value); }
  /// Bit 20: Ignore TPR.
  [[nodiscard]] constexpr auto v_ign_tpr() const noexcept -> bool { return bit_at(raw, 20); }
  constexpr auto set_v_ign_tpr(bool value) & -> vmsa_vintr_ctrl& { return put(*this, 20, 20, value); }
  [[nodiscard]] constexpr auto set_v_ign_tpr(bool value) && -> vmsa_vintr_ctrl { return put(*this, 20, 20, value); }
  /// Bit 26: NMI virtualisation enable.
  [[nodiscard]] constexpr auto v_nmi_enable() const noexcept -> bool { return bit_at(raw, 26); }
  constexpr auto set_v_nmi_enable(bool value) & -> vmsa_vintr_ctrl& { return put(*this, 26, 26, value); }
  [[nodiscard]] constexpr auto set_v_nmi_enable(bool value) && -> vmsa_vintr_ctrl { return put(*this, 26, 26, value); }
  /// Bits 39:32: Vector.
  [[nodiscard]] constexpr auto v_intr_vector() const noexcept -> std::uint32_t { return bits32_at(raw, 39, 32); }
  constexpr auto set_v_intr_vector(std::uint32_t value) & -> vmsa_vintr_ctrl& { return put(*this, 39, 32, value); }
  [[nodiscard]] constexpr auto set_v_intr_vector(std::uint32_t value) && -> vmsa_vintr_ctrl { return put(*this, 39, 32, value); }
  /// Bit 63: VMSA busy: cannot be entered.
  [[nodiscard]] constexpr auto busy() const noexcept -> bool { return bit_at(raw, 63); }
  constexpr auto set_busy(bool value) & -> vmsa_vintr_ctrl& { return put(*this, 63, 63, value); }
  [[nodiscard]] constexpr auto set_busy(bool value) && -> vmsa_vintr_ctrl { return put(*this, 63, 63, value); }

  friend constexpr auto operator==(const vmsa_vintr_ctrl&, const vmsa_vintr_ctrl&) -> bool = default;
  friend constexpr auto describe(const vmsa_vintr_ctrl*) noexcept -> const structure_info& {
    return descriptions::vmsa_vintr_ctrl;
  }
};

/// Encrypted save area of one vCPU (SEV-ES and SEV-SNP). Fields through 0x66F are architectural for every ES guest; the
/// tail holds LBR/IBS and extended FP state.   APM2 App. B Table B-4
/// 4096 bytes, aligned to 4096 in memory.
template <class Storage>
struct basic_vmsa : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_vmsa(const basic_vmsa<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_vmsa(basic_vmsa<Other>& other) noexcept : Storage(other.bytes()) {}

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
  /// 040h: FS.
  [[nodiscard]] constexpr auto fs() noexcept { return part<basic_segment, 0x040, 16>(*this); }
  [[nodiscard]] constexpr auto fs() const noexcept { return part<basic_segment, 0x040, 16>(*this); }
  template <class Other>
  constexpr void set_fs(const basic_segment<Other>& value) noexcept { store_part<0x040>(*this, value); }
  /// 050h: GS.
  [[nodiscard]] constexpr auto gs() noexcept { return part<basic_segment, 0x050, 16>(*this); }
  [[nodiscard]] constexpr auto gs() const noexcept { return part<basic_segment, 0x050, 16>(*this); }
  template <class Other>
  constexpr void set_gs(const basic_segment<Other>& value) noexcept { store_part<0x050>(*this, value); }
  /// 060h: GDTR.
  [[nodiscard]] constexpr auto gdtr() noexcept { return part<basic_segment, 0x060, 16>(*this); }
  [[nodiscard]] constexpr auto gdtr() const noexcept { return part<basic_segment, 0x060, 16>(*this); }
  template <class Other>
  constexpr void set_gdtr(const basic_segment<Other>& value) noexcept { store_part<0x060>(*this, value); }
  /// 070h: LDTR.
  [[nodiscard]] constexpr auto ldtr() noexcept { return part<basic_segment, 0x070, 16>(*this); }
  [[nodiscard]] constexpr auto ldtr() const noexcept { return part<basic_segment, 0x070, 16>(*this); }
  template <class Other>
  constexpr void set_ldtr(const basic_segment<Other>& value) noexcept { store_part<0x070>(*this, value); }
  /// 080h: IDTR.
  [[nodiscard]] constexpr auto idtr() noexcept { return part<basic_segment, 0x080, 16>(*this); }
  [[nodiscard]] constexpr auto idtr() const noexcept { return part<basic_segment, 0x080, 16>(*this); }
  template <class Other>
  constexpr void set_idtr(const basic_segment<Other>& value) noexcept { store_part<0x080>(*this, value); }
  /// 090h: TR.
  [[nodiscard]] constexpr auto tr() noexcept { return part<basic_segment, 0x090, 16>(*this); }
  [[nodiscard]] constexpr auto tr() const noexcept { return part<basic_segment, 0x090, 16>(*this); }
  template <class Other>
  constexpr void set_tr(const basic_segment<Other>& value) noexcept { store_part<0x090>(*this, value); }
  /// 0A0h: PL0_SSP.
  [[nodiscard]] constexpr auto pl0_ssp() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x0a0>(*this); }
  constexpr void set_pl0_ssp(std::uint64_t value) noexcept { store<0x0a0>(*this, value); }
  /// 0A8h: PL1_SSP.
  [[nodiscard]] constexpr auto pl1_ssp() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x0a8>(*this); }
  constexpr void set_pl1_ssp(std::uint64_t value) noexcept { store<0x0a8>(*this, value); }
  /// 0B0h: PL2_SSP.
  [[nodiscard]] constexpr auto pl2_ssp() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x0b0>(*this); }
  constexpr void set_pl2_ssp(std::uint64_t value) noexcept { store<0x0b0>(*this, value); }
  /// 0B8h: PL3_SSP.
  [[nodiscard]] constexpr auto pl3_ssp() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x0b8>(*this); }
  constexpr void set_pl3_ssp(std::uint64_t value) noexcept { store<0x0b8>(*this, value); }
  /// 0C0h: U_CET.
  [[nodiscard]] constexpr auto u_cet() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x0c0>(*this); }
  constexpr void set_u_cet(std::uint64_t value) noexcept { store<0x0c0>(*this, value); }
  /// 0CAh: VMPL of this vCPU (0 for plain ES). (SNP)
  [[nodiscard]] constexpr auto vmpl() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x0ca>(*this); }
  constexpr void set_vmpl(std::uint8_t value) noexcept { store<0x0ca>(*this, value); }
  /// 0CBh: CPL.
  [[nodiscard]] constexpr auto cpl() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x0cb>(*this); }
  constexpr void set_cpl(std::uint8_t value) noexcept { store<0x0cb>(*this, value); }
  /// 0D0h: EFER.
  [[nodiscard]] constexpr auto efer() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x0d0>(*this); }
  constexpr void set_efer(std::uint64_t value) noexcept { store<0x0d0>(*this, value); }
  /// 0E0h: PmcVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto perf_ctl0() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x0e0>(*this); }
  constexpr void set_perf_ctl0(std::uint64_t value) noexcept { store<0x0e0>(*this, value); }
  /// 0E8h: PmcVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto perf_ctr0() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x0e8>(*this); }
  constexpr void set_perf_ctr0(std::uint64_t value) noexcept { store<0x0e8>(*this, value); }
  /// 0F0h: PmcVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto perf_ctl1() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x0f0>(*this); }
  constexpr void set_perf_ctl1(std::uint64_t value) noexcept { store<0x0f0>(*this, value); }
  /// 0F8h: PmcVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto perf_ctr1() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x0f8>(*this); }
  constexpr void set_perf_ctr1(std::uint64_t value) noexcept { store<0x0f8>(*this, value); }
  /// 100h: PmcVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto perf_ctl2() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x100>(*this); }
  constexpr void set_perf_ctl2(std::uint64_t value) noexcept { store<0x100>(*this, value); }
  /// 108h: PmcVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto perf_ctr2() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x108>(*this); }
  constexpr void set_perf_ctr2(std::uint64_t value) noexcept { store<0x108>(*this, value); }
  /// 110h: PmcVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto perf_ctl3() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x110>(*this); }
  constexpr void set_perf_ctl3(std::uint64_t value) noexcept { store<0x110>(*this, value); }
  /// 118h: PmcVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto perf_ctr3() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x118>(*this); }
  constexpr void set_perf_ctr3(std::uint64_t value) noexcept { store<0x118>(*this, value); }
  /// 120h: PmcVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto perf_ctl4() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x120>(*this); }
  constexpr void set_perf_ctl4(std::uint64_t value) noexcept { store<0x120>(*this, value); }
  /// 128h: PmcVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto perf_ctr4() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x128>(*this); }
  constexpr void set_perf_ctr4(std::uint64_t value) noexcept { store<0x128>(*this, value); }
  /// 130h: PmcVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto perf_ctl5() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x130>(*this); }
  constexpr void set_perf_ctl5(std::uint64_t value) noexcept { store<0x130>(*this, value); }
  /// 138h: PmcVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto perf_ctr5() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x138>(*this); }
  constexpr void set_perf_ctr5(std::uint64_t value) noexcept { store<0x138>(*this, value); }
  /// 140h: XSS.
  [[nodiscard]] constexpr auto xss() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x140>(*this); }
  constexpr void set_xss(std::uint64_t value) noexcept { store<0x140>(*this, value); }
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
  /// 180h: DR0 (swapped only with DebugSwap).
  [[nodiscard]] constexpr auto dr0() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x180>(*this); }
  constexpr void set_dr0(std::uint64_t value) noexcept { store<0x180>(*this, value); }
  /// 188h: DR1 (DebugSwap).
  [[nodiscard]] constexpr auto dr1() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x188>(*this); }
  constexpr void set_dr1(std::uint64_t value) noexcept { store<0x188>(*this, value); }
  /// 190h: DR2 (DebugSwap).
  [[nodiscard]] constexpr auto dr2() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x190>(*this); }
  constexpr void set_dr2(std::uint64_t value) noexcept { store<0x190>(*this, value); }
  /// 198h: DR3 (DebugSwap).
  [[nodiscard]] constexpr auto dr3() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x198>(*this); }
  constexpr void set_dr3(std::uint64_t value) noexcept { store<0x198>(*this, value); }
  /// 1A0h: DR0_ADDR_MASK (DebugSwap).
  [[nodiscard]] constexpr auto dr0_addr_mask() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1a0>(*this);
  }
  constexpr void set_dr0_addr_mask(std::uint64_t value) noexcept { store<0x1a0>(*this, value); }
  /// 1A8h: DR1_ADDR_MASK (DebugSwap).
  [[nodiscard]] constexpr auto dr1_addr_mask() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1a8>(*this);
  }
  constexpr void set_dr1_addr_mask(std::uint64_t value) noexcept { store<0x1a8>(*this, value); }
  /// 1B0h: DR2_ADDR_MASK (DebugSwap).
  [[nodiscard]] constexpr auto dr2_addr_mask() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1b0>(*this);
  }
  constexpr void set_dr2_addr_mask(std::uint64_t value) noexcept { store<0x1b0>(*this, value); }
  /// 1B8h: DR3_ADDR_MASK (DebugSwap).
  [[nodiscard]] constexpr auto dr3_addr_mask() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1b8>(*this);
  }
  constexpr void set_dr3_addr_mask(std::uint64_t value) noexcept { store<0x1b8>(*this, value); }
  /// 1C0h: PmcVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto instr_retired_ctr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1c0>(*this);
  }
  constexpr void set_instr_retired_ctr(std::uint64_t value) noexcept { store<0x1c0>(*this, value); }
  /// 1C8h: PmcVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto perf_ctr_global_sts() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1c8>(*this);
  }
  constexpr void set_perf_ctr_global_sts(std::uint64_t value) noexcept { store<0x1c8>(*this, value); }
  /// 1D0h: PmcVirtualization (a second transcription makes this u32 + 4 reserved). (SNP, medium confidence)
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
  /// 268h: PAT.
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
  /// 298h: DebugExtnCfg. (medium confidence)
  [[nodiscard]] constexpr auto dbgextncfg() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x298>(*this);
  }
  constexpr void set_dbgextncfg(std::uint64_t value) noexcept { store<0x298>(*this, value); }
  /// 2E0h: SPEC_CTRL (some sources keep it reserved, one makes it u32). (medium confidence)
  [[nodiscard]] constexpr auto spec_ctrl() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x2e0>(*this); }
  constexpr void set_spec_ctrl(std::uint64_t value) noexcept { store<0x2e0>(*this, value); }
  /// 2E8h: PKRU.
  [[nodiscard]] constexpr auto pkru() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x2e8>(*this); }
  constexpr void set_pkru(std::uint32_t value) noexcept { store<0x2e8>(*this, value); }
  /// 2ECh: TSC_AUX (swapped only with TSC_AUX virtualisation).
  [[nodiscard]] constexpr auto tsc_aux() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x2ec>(*this); }
  constexpr void set_tsc_aux(std::uint32_t value) noexcept { store<0x2ec>(*this, value); }
  /// 2F0h: Secure TSC scale, 8.32 fixed point. (SNP)
  [[nodiscard]] constexpr auto guest_tsc_scale() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x2f0>(*this);
  }
  constexpr void set_guest_tsc_scale(std::uint64_t value) noexcept { store<0x2f0>(*this, value); }
  /// 2F8h: Secure TSC offset. (SNP)
  [[nodiscard]] constexpr auto guest_tsc_offset() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x2f8>(*this);
  }
  constexpr void set_guest_tsc_offset(std::uint64_t value) noexcept { store<0x2f8>(*this, value); }
  /// 300h: VMSA register protection nonce. (SNP)
  [[nodiscard]] constexpr auto reg_prot_nonce() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x300>(*this);
  }
  constexpr void set_reg_prot_nonce(std::uint64_t value) noexcept { store<0x300>(*this, value); }
  /// 308h: RCX.
  [[nodiscard]] constexpr auto rcx() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x308>(*this); }
  constexpr void set_rcx(std::uint64_t value) noexcept { store<0x308>(*this, value); }
  /// 310h: RDX.
  [[nodiscard]] constexpr auto rdx() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x310>(*this); }
  constexpr void set_rdx(std::uint64_t value) noexcept { store<0x310>(*this, value); }
  /// 318h: RBX.
  [[nodiscard]] constexpr auto rbx() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x318>(*this); }
  constexpr void set_rbx(std::uint64_t value) noexcept { store<0x318>(*this, value); }
  /// 320h: Secure AVIC control (RSP slot of the GPR array; RSP itself lives at 0x1D8). (SNP)
  [[nodiscard]] constexpr auto secure_avic_control() const noexcept -> msr_secure_avic_control {
    return load<msr_secure_avic_control, 0x320>(*this);
  }
  constexpr void set_secure_avic_control(msr_secure_avic_control value) noexcept { store<0x320>(*this, value); }
  /// 328h: RBP.
  [[nodiscard]] constexpr auto rbp() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x328>(*this); }
  constexpr void set_rbp(std::uint64_t value) noexcept { store<0x328>(*this, value); }
  /// 330h: RSI.
  [[nodiscard]] constexpr auto rsi() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x330>(*this); }
  constexpr void set_rsi(std::uint64_t value) noexcept { store<0x330>(*this, value); }
  /// 338h: RDI.
  [[nodiscard]] constexpr auto rdi() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x338>(*this); }
  constexpr void set_rdi(std::uint64_t value) noexcept { store<0x338>(*this, value); }
  /// 340h: R8.
  [[nodiscard]] constexpr auto r8() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x340>(*this); }
  constexpr void set_r8(std::uint64_t value) noexcept { store<0x340>(*this, value); }
  /// 348h: R9.
  [[nodiscard]] constexpr auto r9() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x348>(*this); }
  constexpr void set_r9(std::uint64_t value) noexcept { store<0x348>(*this, value); }
  /// 350h: R10.
  [[nodiscard]] constexpr auto r10() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x350>(*this); }
  constexpr void set_r10(std::uint64_t value) noexcept { store<0x350>(*this, value); }
  /// 358h: R11.
  [[nodiscard]] constexpr auto r11() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x358>(*this); }
  constexpr void set_r11(std::uint64_t value) noexcept { store<0x358>(*this, value); }
  /// 360h: R12.
  [[nodiscard]] constexpr auto r12() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x360>(*this); }
  constexpr void set_r12(std::uint64_t value) noexcept { store<0x360>(*this, value); }
  /// 368h: R13.
  [[nodiscard]] constexpr auto r13() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x368>(*this); }
  constexpr void set_r13(std::uint64_t value) noexcept { store<0x368>(*this, value); }
  /// 370h: R14.
  [[nodiscard]] constexpr auto r14() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x370>(*this); }
  constexpr void set_r14(std::uint64_t value) noexcept { store<0x370>(*this, value); }
  /// 378h: R15.
  [[nodiscard]] constexpr auto r15() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x378>(*this); }
  constexpr void set_r15(std::uint64_t value) noexcept { store<0x378>(*this, value); }
  /// 390h: EXITINFO1 of an exit hidden from the hypervisor (alternate injection / ReflectVC). (SNP)
  [[nodiscard]] constexpr auto guest_exit_info_1() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x390>(*this);
  }
  constexpr void set_guest_exit_info_1(std::uint64_t value) noexcept { store<0x390>(*this, value); }
  /// 398h: EXITINFO2, same use. (SNP)
  [[nodiscard]] constexpr auto guest_exit_info_2() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x398>(*this);
  }
  constexpr void set_guest_exit_info_2(std::uint64_t value) noexcept { store<0x398>(*this, value); }
  /// 3A0h: EXITINTINFO, same use; format event_injection. (SNP)
  [[nodiscard]] constexpr auto guest_exit_int_info() const noexcept -> event_injection {
    return load<event_injection, 0x3a0>(*this);
  }
  constexpr void set_guest_exit_int_info(event_injection value) noexcept { store<0x3a0>(*this, value); }
  /// 3A8h: nRIP, same use. (SNP)
  [[nodiscard]] constexpr auto guest_next_rip() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x3a8>(*this);
  }
  constexpr void set_guest_next_rip(std::uint64_t value) noexcept { store<0x3a8>(*this, value); }
  /// 3B0h: guest-selected feature bits. (SNP)
  [[nodiscard]] constexpr auto sev_features() const noexcept -> layout::sev_features {
    return load<layout::sev_features, 0x3b0>(*this);
  }
  constexpr void set_sev_features(layout::sev_features value) noexcept { store<0x3b0>(*this, value); }
  /// 3B8h: Virtual interrupt control of the guest (alternate injection). (SNP)
  [[nodiscard]] constexpr auto vintr_ctrl() const noexcept -> vmsa_vintr_ctrl {
    return load<vmsa_vintr_ctrl, 0x3b8>(*this);
  }
  constexpr void set_vintr_ctrl(vmsa_vintr_ctrl value) noexcept { store<0x3b8>(*this, value); }
  /// 3C0h: EXITCODE, same use as guest_exit_info_1; -1 = none. (SNP)
  [[nodiscard]] constexpr auto guest_exit_code() const noexcept -> svm_exit_codes {
    return static_cast<svm_exit_codes>(load<std::uint64_t, 0x3c0>(*this));
  }
  constexpr void set_guest_exit_code(svm_exit_codes value) { store_code<std::uint64_t, 0x3c0>(*this, value); }
  /// 3C8h: Virtual top of memory (bits 20:0 must be zero). (SNP)
  [[nodiscard]] constexpr auto virtual_tom() const noexcept -> msr_virtual_tom {
    return load<msr_virtual_tom, 0x3c8>(*this);
  }
  constexpr void set_virtual_tom(msr_virtual_tom value) noexcept { store<0x3c8>(*this, value); }
  /// 3D0h: Hardware TLB tag of the last run. (SNP)
  [[nodiscard]] constexpr auto tlb_id() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x3d0>(*this); }
  constexpr void set_tlb_id(std::uint64_t value) noexcept { store<0x3d0>(*this, value); }
  /// 3D8h: Hardware ID of the last physical CPU; 0 forces a full flush of the guest's TLB entries on next entry. (SNP)
  [[nodiscard]] constexpr auto pcpu_id() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x3d8>(*this); }
  constexpr void set_pcpu_id(std::uint64_t value) noexcept { store<0x3d8>(*this, value); }
  /// 3E0h: Event to inject (alternate injection); format event_injection. (SNP)
  [[nodiscard]] constexpr auto event_inj() const noexcept -> event_injection {
    return load<event_injection, 0x3e0>(*this);
  }
  constexpr void set_event_inj(event_injection value) noexcept { store<0x3e0>(*this, value); }
  /// 3E8h: XCR0.
  [[nodiscard]] constexpr auto xcr0() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x3e8>(*this); }
  constexpr void set_xcr0(std::uint64_t value) noexcept { store<0x3e8>(*this, value); }
  /// 400h: x87 data pointer.
  [[nodiscard]] constexpr auto x87_dp() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x400>(*this); }
  constexpr void set_x87_dp(std::uint64_t value) noexcept { store<0x400>(*this, value); }
  /// 408h: MXCSR.
  [[nodiscard]] constexpr auto mxcsr() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x408>(*this); }
  constexpr void set_mxcsr(std::uint32_t value) noexcept { store<0x408>(*this, value); }
  /// 40Ch: x87 tag word.
  [[nodiscard]] constexpr auto x87_ftw() const noexcept -> std::uint16_t { return load<std::uint16_t, 0x40c>(*this); }
  constexpr void set_x87_ftw(std::uint16_t value) noexcept { store<0x40c>(*this, value); }
  /// 40Eh: x87 status word.
  [[nodiscard]] constexpr auto x87_fsw() const noexcept -> std::uint16_t { return load<std::uint16_t, 0x40e>(*this); }
  constexpr void set_x87_fsw(std::uint16_t value) noexcept { store<0x40e>(*this, value); }
  /// 410h: x87 control word.
  [[nodiscard]] constexpr auto x87_fcw() const noexcept -> std::uint16_t { return load<std::uint16_t, 0x410>(*this); }
  constexpr void set_x87_fcw(std::uint16_t value) noexcept { store<0x410>(*this, value); }
  /// 412h: x87 opcode.
  [[nodiscard]] constexpr auto x87_fop() const noexcept -> std::uint16_t { return load<std::uint16_t, 0x412>(*this); }
  constexpr void set_x87_fop(std::uint16_t value) noexcept { store<0x412>(*this, value); }
  /// 414h: x87 data segment.
  [[nodiscard]] constexpr auto x87_ds() const noexcept -> std::uint16_t { return load<std::uint16_t, 0x414>(*this); }
  constexpr void set_x87_ds(std::uint16_t value) noexcept { store<0x414>(*this, value); }
  /// 416h: x87 code segment.
  [[nodiscard]] constexpr auto x87_cs() const noexcept -> std::uint16_t { return load<std::uint16_t, 0x416>(*this); }
  constexpr void set_x87_cs(std::uint16_t value) noexcept { store<0x416>(*this, value); }
  /// 418h: x87 instruction pointer.
  [[nodiscard]] constexpr auto x87_rip() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x418>(*this); }
  constexpr void set_x87_rip(std::uint64_t value) noexcept { store<0x418>(*this, value); }
  /// 420h: Eight 10-byte x87 registers.
  [[nodiscard]] constexpr auto fpreg_x87() noexcept { return bytes_at<0x420, 80>(*this); }
  [[nodiscard]] constexpr auto fpreg_x87() const noexcept { return bytes_at<0x420, 80>(*this); }
  constexpr void set_fpreg_x87(std::span<const std::uint8_t, 80> value) noexcept { store_bytes<0x420>(*this, value); }
  /// 470h: Sixteen XMM registers.
  [[nodiscard]] constexpr auto fpreg_xmm() noexcept { return bytes_at<0x470, 256>(*this); }
  [[nodiscard]] constexpr auto fpreg_xmm() const noexcept { return bytes_at<0x470, 256>(*this); }
  constexpr void set_fpreg_xmm(std::span<const std::uint8_t, 256> value) noexcept { store_bytes<0x470>(*this, value); }
  /// 570h: Upper halves of sixteen YMM registers.
  [[nodiscard]] constexpr auto fpreg_ymm() noexcept { return bytes_at<0x570, 256>(*this); }
  [[nodiscard]] constexpr auto fpreg_ymm() const noexcept { return bytes_at<0x570, 256>(*this); }
  constexpr void set_fpreg_ymm(std::span<const std::uint8_t, 256> value) noexcept { store_bytes<0x570>(*this, value); }
  /// 670h: LBR stack, 16 from/to pairs. (medium confidence)
  [[nodiscard]] constexpr auto lbr_stack() noexcept { return bytes_at<0x670, 256>(*this); }
  [[nodiscard]] constexpr auto lbr_stack() const noexcept { return bytes_at<0x670, 256>(*this); }
  constexpr void set_lbr_stack(std::span<const std::uint8_t, 256> value) noexcept { store_bytes<0x670>(*this, value); }
  /// 770h: LBR_SELECT. (medium confidence)
  [[nodiscard]] constexpr auto lbr_select() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x770>(*this);
  }
  constexpr void set_lbr_select(std::uint64_t value) noexcept { store<0x770>(*this, value); }
  /// 778h: IbsVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto ibs_fetch_ctl() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x778>(*this);
  }
  constexpr void set_ibs_fetch_ctl(std::uint64_t value) noexcept { store<0x778>(*this, value); }
  /// 780h: IbsVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto ibs_fetch_linaddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x780>(*this);
  }
  constexpr void set_ibs_fetch_linaddr(std::uint64_t value) noexcept { store<0x780>(*this, value); }
  /// 788h: IbsVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto ibs_op_ctl() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x788>(*this);
  }
  constexpr void set_ibs_op_ctl(std::uint64_t value) noexcept { store<0x788>(*this, value); }
  /// 790h: IbsVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto ibs_op_rip() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x790>(*this);
  }
  constexpr void set_ibs_op_rip(std::uint64_t value) noexcept { store<0x790>(*this, value); }
  /// 798h: IbsVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto ibs_op_data() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x798>(*this);
  }
  constexpr void set_ibs_op_data(std::uint64_t value) noexcept { store<0x798>(*this, value); }
  /// 7A0h: IbsVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto ibs_op_data2() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x7a0>(*this);
  }
  constexpr void set_ibs_op_data2(std::uint64_t value) noexcept { store<0x7a0>(*this, value); }
  /// 7A8h: IbsVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto ibs_op_data3() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x7a8>(*this);
  }
  constexpr void set_ibs_op_data3(std::uint64_t value) noexcept { store<0x7a8>(*this, value); }
  /// 7B0h: IbsVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto ibs_dc_linaddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x7b0>(*this);
  }
  constexpr void set_ibs_dc_linaddr(std::uint64_t value) noexcept { store<0x7b0>(*this, value); }
  /// 7B8h: IbsVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto bp_ibstgt_rip() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x7b8>(*this);
  }
  constexpr void set_bp_ibstgt_rip(std::uint64_t value) noexcept { store<0x7b8>(*this, value); }
  /// 7C0h: IbsVirtualization. (SNP, medium confidence)
  [[nodiscard]] constexpr auto ic_ibs_extd_ctl() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x7c0>(*this);
  }
  constexpr void set_ic_ibs_extd_ctl(std::uint64_t value) noexcept { store<0x7c0>(*this, value); }
  /// 980h: Eight AVX-512 opmask registers k0..k7 (8 bytes each). (medium confidence)
  [[nodiscard]] constexpr auto fpreg_opmask() noexcept { return bytes_at<0x980, 64>(*this); }
  [[nodiscard]] constexpr auto fpreg_opmask() const noexcept { return bytes_at<0x980, 64>(*this); }
  constexpr void set_fpreg_opmask(std::span<const std::uint8_t, 64> value) noexcept {
    store_bytes<0x980>(*this, value);
  }
  /// 9C0h: Upper 256 bits of ZMM0..ZMM15. (medium confidence)
  [[nodiscard]] constexpr auto fpreg_zmm_hi() noexcept { return bytes_at<0x9c0, 512>(*this); }
  [[nodiscard]] constexpr auto fpreg_zmm_hi() const noexcept { return bytes_at<0x9c0, 512>(*this); }
  constexpr void set_fpreg_zmm_hi(std::span<const std::uint8_t, 512> value) noexcept {
    store_bytes<0x9c0>(*this, value);
  }
  /// BC0h: Full ZMM16..ZMM31. (medium confidence)
  [[nodiscard]] constexpr auto fpreg_hi_zmm() noexcept { return bytes_at<0xbc0, 1024>(*this); }
  [[nodiscard]] constexpr auto fpreg_hi_zmm() const noexcept { return bytes_at<0xbc0, 1024>(*this); }
  constexpr void set_fpreg_hi_zmm(std::span<const std::uint8_t, 1024> value) noexcept {
    store_bytes<0xbc0>(*this, value);
  }

  friend constexpr auto describe(const basic_vmsa*) noexcept -> const structure_info& { return descriptions::vmsa; }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_vmsa<A>& a, const basic_vmsa<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using vmsa = basic_vmsa<owned<4096>>;
/// Over bytes that lie elsewhere.
using vmsa_view = basic_vmsa<borrowed<std::uint8_t, 4096>>;
/// Over bytes that are only read.
using vmsa_const_view = basic_vmsa<borrowed<const std::uint8_t, 4096>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
