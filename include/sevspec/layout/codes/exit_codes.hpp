// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_CODES_EXIT_CODES_HPP
#define SEVSPEC_LAYOUT_CODES_EXIT_CODES_HPP

// Exit codes and the small codes of VMCB fields.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/description.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
/// EXITCODE: why #VMEXIT happened.   APM2 App. C
enum class svm_exit_codes : std::uint64_t {
  cr0_read            = 0x0,                ///< read of CR0
  cr1_read            = 0x1,                ///< read of CR1
  cr2_read            = 0x2,                ///< read of CR2
  cr3_read            = 0x3,                ///< read of CR3
  cr4_read            = 0x4,                ///< read of CR4
  cr5_read            = 0x5,                ///< read of CR5
  cr6_read            = 0x6,                ///< read of CR6
  cr7_read            = 0x7,                ///< read of CR7
  cr8_read            = 0x8,                ///< read of CR8
  cr9_read            = 0x9,                ///< read of CR9
  cr10_read           = 0xa,                ///< read of CR10
  cr11_read           = 0xb,                ///< read of CR11
  cr12_read           = 0xc,                ///< read of CR12
  cr13_read           = 0xd,                ///< read of CR13
  cr14_read           = 0xe,                ///< read of CR14
  cr15_read           = 0xf,                ///< read of CR15
  cr0_write           = 0x10,               ///< write of CR0
  cr1_write           = 0x11,               ///< write of CR1
  cr2_write           = 0x12,               ///< write of CR2
  cr3_write           = 0x13,               ///< write of CR3
  cr4_write           = 0x14,               ///< write of CR4
  cr5_write           = 0x15,               ///< write of CR5
  cr6_write           = 0x16,               ///< write of CR6
  cr7_write           = 0x17,               ///< write of CR7
  cr8_write           = 0x18,               ///< write of CR8
  cr9_write           = 0x19,               ///< write of CR9
  cr10_write          = 0x1a,               ///< write of CR10
  cr11_write          = 0x1b,               ///< write of CR11
  cr12_write          = 0x1c,               ///< write of CR12
  cr13_write          = 0x1d,               ///< write of CR13
  cr14_write          = 0x1e,               ///< write of CR14
  cr15_write          = 0x1f,               ///< write of CR15
  dr0_read            = 0x20,               ///< read of DR0
  dr1_read            = 0x21,               ///< read of DR1
  dr2_read            = 0x22,               ///< read of DR2
  dr3_read            = 0x23,               ///< read of DR3
  dr4_read            = 0x24,               ///< read of DR4
  dr5_read            = 0x25,               ///< read of DR5
  dr6_read            = 0x26,               ///< read of DR6
  dr7_read            = 0x27,               ///< read of DR7
  dr8_read            = 0x28,               ///< read of DR8
  dr9_read            = 0x29,               ///< read of DR9
  dr10_read           = 0x2a,               ///< read of DR10
  dr11_read           = 0x2b,               ///< read of DR11
  dr12_read           = 0x2c,               ///< read of DR12
  dr13_read           = 0x2d,               ///< read of DR13
  dr14_read           = 0x2e,               ///< read of DR14
  dr15_read           = 0x2f,               ///< read of DR15
  dr0_write           = 0x30,               ///< write of DR0
  dr1_write           = 0x31,               ///< write of DR1
  dr2_write           = 0x32,               ///< write of DR2
  dr3_write           = 0x33,               ///< write of DR3
  dr4_write           = 0x34,               ///< write of DR4
  dr5_write           = 0x35,               ///< write of DR5
  dr6_write           = 0x36,               ///< write of DR6
  dr7_write           = 0x37,               ///< write of DR7
  dr8_write           = 0x38,               ///< write of DR8
  dr9_write           = 0x39,               ///< write of DR9
  dr10_write          = 0x3a,               ///< write of DR10
  dr11_write          = 0x3b,               ///< write of DR11
  dr12_write          = 0x3c,               ///< write of DR12
  dr13_write          = 0x3d,               ///< write of DR13
  dr14_write          = 0x3e,               ///< write of DR14
  dr15_write          = 0x3f,               ///< write of DR15
  excp0               = 0x40,               ///< exception vector 0
  excp1               = 0x41,               ///< exception vector 1
  excp2               = 0x42,               ///< exception vector 2
  excp3               = 0x43,               ///< exception vector 3
  excp4               = 0x44,               ///< exception vector 4
  excp5               = 0x45,               ///< exception vector 5
  excp6               = 0x46,               ///< exception vector 6
  excp7               = 0x47,               ///< exception vector 7
  excp8               = 0x48,               ///< exception vector 8
  excp9               = 0x49,               ///< exception vector 9
  excp10              = 0x4a,               ///< exception vector 10
  excp11              = 0x4b,               ///< exception vector 11
  excp12              = 0x4c,               ///< exception vector 12
  excp13              = 0x4d,               ///< exception vector 13
  excp14              = 0x4e,               ///< exception vector 14
  excp15              = 0x4f,               ///< exception vector 15
  excp16              = 0x50,               ///< exception vector 16
  excp17              = 0x51,               ///< exception vector 17
  excp18              = 0x52,               ///< exception vector 18
  excp19              = 0x53,               ///< exception vector 19
  excp20              = 0x54,               ///< exception vector 20
  excp21              = 0x55,               ///< exception vector 21
  excp22              = 0x56,               ///< exception vector 22
  excp23              = 0x57,               ///< exception vector 23
  excp24              = 0x58,               ///< exception vector 24
  excp25              = 0x59,               ///< exception vector 25
  excp26              = 0x5a,               ///< exception vector 26
  excp27              = 0x5b,               ///< exception vector 27
  excp28              = 0x5c,               ///< exception vector 28
  excp29              = 0x5d,               ///< exception vector 29
  excp30              = 0x5e,               ///< exception vector 30
  excp31              = 0x5f,               ///< exception vector 31
  intr                = 0x60,               ///< intr
  nmi                 = 0x61,               ///< nmi
  smi                 = 0x62,               ///< smi
  init                = 0x63,               ///< init
  vintr               = 0x64,               ///< vintr
  cr0_sel_write       = 0x65,               ///< cr0 sel write
  idtr_read           = 0x66,               ///< idtr read
  gdtr_read           = 0x67,               ///< gdtr read
  ldtr_read           = 0x68,               ///< ldtr read
  tr_read             = 0x69,               ///< tr read
  idtr_write          = 0x6a,               ///< idtr write
  gdtr_write          = 0x6b,               ///< gdtr write
  ldtr_write          = 0x6c,               ///< ldtr write
  tr_write            = 0x6d,               ///< tr write
  rdtsc               = 0x6e,               ///< rdtsc
  rdpmc               = 0x6f,               ///< rdpmc
  pushf               = 0x70,               ///< pushf
  popf                = 0x71,               ///< popf
  cpuid               = 0x72,               ///< cpuid
  rsm                 = 0x73,               ///< rsm
  iret                = 0x74,               ///< iret
  swint               = 0x75,               ///< swint
  invd                = 0x76,               ///< invd
  pause               = 0x77,               ///< pause
  hlt                 = 0x78,               ///< hlt
  invlpg              = 0x79,               ///< invlpg
  invlpga             = 0x7a,               ///< invlpga
  ioio                = 0x7b,               ///< ioio
  msr                 = 0x7c,               ///< msr
  task_switch         = 0x7d,               ///< task switch
  ferr_freeze         = 0x7e,               ///< ferr freeze
  shutdown            = 0x7f,               ///< shutdown
  vmrun               = 0x80,               ///< vmrun
  vmmcall             = 0x81,               ///< vmmcall
  vmload              = 0x82,               ///< vmload
  vmsave              = 0x83,               ///< vmsave
  stgi                = 0x84,               ///< stgi
  clgi                = 0x85,               ///< clgi
  skinit              = 0x86,               ///< skinit
  rdtscp              = 0x87,               ///< rdtscp
  icebp               = 0x88,               ///< icebp
  wbinvd              = 0x89,               ///< wbinvd
  monitor             = 0x8a,               ///< monitor
  mwait               = 0x8b,               ///< mwait
  mwait_conditional   = 0x8c,               ///< mwait conditional
  xsetbv              = 0x8d,               ///< xsetbv
  rdpru               = 0x8e,               ///< rdpru
  efer_write_trap     = 0x8f,               ///< efer write trap
  cr0_write_trap      = 0x90,               ///< trap after write of CR0
  cr1_write_trap      = 0x91,               ///< trap after write of CR1
  cr2_write_trap      = 0x92,               ///< trap after write of CR2
  cr3_write_trap      = 0x93,               ///< trap after write of CR3
  cr4_write_trap      = 0x94,               ///< trap after write of CR4
  cr5_write_trap      = 0x95,               ///< trap after write of CR5
  cr6_write_trap      = 0x96,               ///< trap after write of CR6
  cr7_write_trap      = 0x97,               ///< trap after write of CR7
  cr8_write_trap      = 0x98,               ///< trap after write of CR8
  cr9_write_trap      = 0x99,               ///< trap after write of CR9
  cr10_write_trap     = 0x9a,               ///< trap after write of CR10
  cr11_write_trap     = 0x9b,               ///< trap after write of CR11
  cr12_write_trap     = 0x9c,               ///< trap after write of CR12
  cr13_write_trap     = 0x9d,               ///< trap after write of CR13
  cr14_write_trap     = 0x9e,               ///< trap after write of CR14
  cr15_write_trap     = 0x9f,               ///< trap after write of CR15
  invlpgb             = 0xa0,               ///< INVLPGB
  invlpgb_illegal     = 0xa1,               ///< illegal INVLPGB
  invpcid             = 0xa2,               ///< INVPCID
  mcommit             = 0xa3,               ///< MCOMMIT
  tlbsync             = 0xa4,               ///< TLBSYNC
  buslock             = 0xa5,               ///< bus lock threshold reached
  idle_hlt            = 0xa6,               ///< HLT with no virtual interrupt pending
  npf                 = 0x400,              ///< nested page fault
  avic_incomplete_ipi = 0x401,              ///< AVIC incomplete IPI
  avic_noaccel        = 0x402,              ///< AVIC unaccelerated access
  vmgexit             = 0x403,              ///< VMGEXIT instruction (SEV-ES)
  page_not_validated  = 0x404,              ///< only as #VC error code: access to a page that is not validated
  not_restartable     = 0x406,              ///< exit taken in a non restartable state (one source)
  sw_reserved         = 0xf0000000,         ///< first code reserved for hypervisor software
  invalid             = 0xffffffffffffffff, ///< VMRUN consistency check failed
  busy                = 0xfffffffffffffffe, ///< VMSA busy (SNP)
  idle_required       = 0xfffffffffffffffd, ///< sibling thread must be idle (SMT protection)
  invalid_pmc         = 0xfffffffffffffffc, ///< invalid PMC state
};

/// Exit codes of automatic exits; every other intercept of a SEV-ES guest raises #VC (LAY-VC-02).   APM2 15.35.5 Table
/// 15-33
enum class ae_exit_codes : std::uint64_t {
  mc              = 0x52,               ///< machine check
  intr            = 0x60,
  nmi             = 0x61,
  smi             = 0x62,
  init            = 0x63,
  vintr           = 0x64,
  pause           = 0x77,
  hlt             = 0x78,
  shutdown        = 0x7f,
  efer_write_trap = 0x8f,
  cr0_write_trap  = 0x90,               ///< 0x90..0x9F
  cr15_write_trap = 0x9f,
  buslock         = 0xa5,               ///< inferred
  idle_hlt        = 0xa6,               ///< inferred
  npf             = 0x400,              ///< only when no reserved bit is set in the nested fault; a reserved-bit fault becomes #VC
  vmgexit         = 0x403,
  invalid         = 0xffffffffffffffff,
  busy            = 0xfffffffffffffffe,
};

/// Type of an event in EVENTINJ and EXITINTINFO.   APM2 15.20
enum class event_types : std::uint32_t {
  intr      = 0x0, ///< external or virtual interrupt
  nmi       = 0x2, ///< NMI
  exception = 0x3, ///< exception
  soft_int  = 0x4, ///< software interrupt (INTn)
};

/// TLB_CONTROL of the VMCB.   APM2 15.16
enum class tlb_control : std::uint32_t {
  do_nothing       = 0x0, ///< no flush
  flush_all_asid   = 0x1, ///< flush every ASID
  flush_asid       = 0x3, ///< flush this guest's entries
  flush_asid_local = 0x7, ///< flush this guest's non-global entries
};

/// Why AVIC could not deliver an IPI.   APM2 15.29.9.1
enum class avic_ipi_failure : std::uint32_t {
  invalid_int_type     = 0x0, ///< invalid interrupt type
  target_not_running   = 0x1, ///< target vCPU not running
  invalid_target       = 0x2, ///< invalid target
  invalid_backing_page = 0x3, ///< invalid backing page
  invalid_ipi_vector   = 0x4, ///< invalid vector
  unaccelerated_ipi    = 0x5, ///< Secure AVIC: IPI needs emulation (one source)
};

/// Effective segment of a string I/O instruction.   APM2 15.10.2
enum class ioio_segments : std::uint32_t {
  es = 0x0,
  cs = 0x1,
  ss = 0x2,
  ds = 0x3,
  fs = 0x4,
  gs = 0x5,
};

/// Exception vectors of confidential guests.   APM2 15.35.5, 15.36.16
enum class vc_vectors : std::uint32_t {
  vc = 0x1d, ///< #VC VMM communication exception; error code = exit code of the NAE event
  hv = 0x1c, ///< #HV hypervisor injection exception
  sx = 0x1e, ///< #SX security exception
};

namespace tables {

inline constexpr constant_info svm_exit_codes_entries[] = {
    {"CR0_READ",            0x0, nullptr, "read of CR0"},
    {"CR1_READ",            0x1, nullptr, "read of CR1"},
    {"CR2_READ",            0x2, nullptr, "read of CR2"},
    {"CR3_READ",            0x3, nullptr, "read of CR3"},
    {"CR4_READ",            0x4, nullptr, "read of CR4"},
    {"CR5_READ",            0x5, nullptr, "read of CR5"},
    {"CR6_READ",            0x6, nullptr, "read of CR6"},
    {"CR7_READ",            0x7, nullptr, "read of CR7"},
    {"CR8_READ",            0x8, nullptr, "read of CR8"},
    {"CR9_READ",            0x9, nullptr, "read of CR9"},
    {"CR10_READ",           0xa, nullptr, "read of CR10"},
    {"CR11_READ",           0xb, nullptr, "read of CR11"},
    {"CR12_READ",           0xc, nullptr, "read of CR12"},
    {"CR13_READ",           0xd, nullptr, "read of CR13"},
    {"CR14_READ",           0xe, nullptr, "read of CR14"},
    {"CR15_READ",           0xf, nullptr, "read of CR15"},
    {"CR0_WRITE",           0x10, nullptr, "write of CR0"},
    {"CR1_WRITE",           0x11, nullptr, "write of CR1"},
    {"CR2_WRITE",           0x12, nullptr, "write of CR2"},
    {"CR3_WRITE",           0x13, nullptr, "write of CR3"},
    {"CR4_WRITE",           0x14, nullptr, "write of CR4"},
    {"CR5_WRITE",           0x15, nullptr, "write of CR5"},
    {"CR6_WRITE",           0x16, nullptr, "write of CR6"},
    {"CR7_WRITE",           0x17, nullptr, "write of CR7"},
    {"CR8_WRITE",           0x18, nullptr, "write of CR8"},
    {"CR9_WRITE",           0x19, nullptr, "write of CR9"},
    {"CR10_WRITE",          0x1a, nullptr, "write of CR10"},
    {"CR11_WRITE",          0x1b, nullptr, "write of CR11"},
    {"CR12_WRITE",          0x1c, nullptr, "write of CR12"},
    {"CR13_WRITE",          0x1d, nullptr, "write of CR13"},
    {"CR14_WRITE",          0x1e, nullptr, "write of CR14"},
    {"CR15_WRITE",          0x1f, nullptr, "write of CR15"},
    {"DR0_READ",            0x20, nullptr, "read of DR0"},
    {"DR1_READ",            0x21, nullptr, "read of DR1"},
    {"DR2_READ",            0x22, nullptr, "read of DR2"},
    {"DR3_READ",            0x23, nullptr, "read of DR3"},
    {"DR4_READ",            0x24, nullptr, "read of DR4"},
    {"DR5_READ",            0x25, nullptr, "read of DR5"},
    {"DR6_READ",            0x26, nullptr, "read of DR6"},
    {"DR7_READ",            0x27, nullptr, "read of DR7"},
    {"DR8_READ",            0x28, nullptr, "read of DR8"},
    {"DR9_READ",            0x29, nullptr, "read of DR9"},
    {"DR10_READ",           0x2a, nullptr, "read of DR10"},
    {"DR11_READ",           0x2b, nullptr, "read of DR11"},
    {"DR12_READ",           0x2c, nullptr, "read of DR12"},
    {"DR13_READ",           0x2d, nullptr, "read of DR13"},
    {"DR14_READ",           0x2e, nullptr, "read of DR14"},
    {"DR15_READ",           0x2f, nullptr, "read of DR15"},
    {"DR0_WRITE",           0x30, nullptr, "write of DR0"},
    {"DR1_WRITE",           0x31, nullptr, "write of DR1"},
    {"DR2_WRITE",           0x32, nullptr, "write of DR2"},
    {"DR3_WRITE",           0x33, nullptr, "write of DR3"},
    {"DR4_WRITE",           0x34, nullptr, "write of DR4"},
    {"DR5_WRITE",           0x35, nullptr, "write of DR5"},
    {"DR6_WRITE",           0x36, nullptr, "write of DR6"},
    {"DR7_WRITE",           0x37, nullptr, "write of DR7"},
    {"DR8_WRITE",           0x38, nullptr, "write of DR8"},
    {"DR9_WRITE",           0x39, nullptr, "write of DR9"},
    {"DR10_WRITE",          0x3a, nullptr, "write of DR10"},
    {"DR11_WRITE",          0x3b, nullptr, "write of DR11"},
    {"DR12_WRITE",          0x3c, nullptr, "write of DR12"},
    {"DR13_WRITE",          0x3d, nullptr, "write of DR13"},
    {"DR14_WRITE",          0x3e, nullptr, "write of DR14"},
    {"DR15_WRITE",          0x3f, nullptr, "write of DR15"},
    {"EXCP0",               0x40, nullptr, "exception vector 0"},
    {"EXCP1",               0x41, nullptr, "exception vector 1"},
    {"EXCP2",               0x42, nullptr, "exception vector 2"},
    {"EXCP3",               0x43, nullptr, "exception vector 3"},
    {"EXCP4",               0x44, nullptr, "exception vector 4"},
    {"EXCP5",               0x45, nullptr, "exception vector 5"},
    {"EXCP6",               0x46, nullptr, "exception vector 6"},
    {"EXCP7",               0x47, nullptr, "exception vector 7"},
    {"EXCP8",               0x48, nullptr, "exception vector 8"},
    {"EXCP9",               0x49, nullptr, "exception vector 9"},
    {"EXCP10",              0x4a, nullptr, "exception vector 10"},
    {"EXCP11",              0x4b, nullptr, "exception vector 11"},
    {"EXCP12",              0x4c, nullptr, "exception vector 12"},
    {"EXCP13",              0x4d, nullptr, "exception vector 13"},
    {"EXCP14",              0x4e, nullptr, "exception vector 14"},
    {"EXCP15",              0x4f, nullptr, "exception vector 15"},
    {"EXCP16",              0x50, nullptr, "exception vector 16"},
    {"EXCP17",              0x51, nullptr, "exception vector 17"},
    {"EXCP18",              0x52, nullptr, "exception vector 18"},
    {"EXCP19",              0x53, nullptr, "exception vector 19"},
    {"EXCP20",              0x54, nullptr, "exception vector 20"},
    {"EXCP21",              0x55, nullptr, "exception vector 21"},
    {"EXCP22",              0x56, nullptr, "exception vector 22"},
    {"EXCP23",              0x57, nullptr, "exception vector 23"},
    {"EXCP24",              0x58, nullptr, "exception vector 24"},
    {"EXCP25",              0x59, nullptr, "exception vector 25"},
    {"EXCP26",              0x5a, nullptr, "exception vector 26"},
    {"EXCP27",              0x5b, nullptr, "exception vector 27"},
    {"EXCP28",              0x5c, nullptr, "exception vector 28"},
    {"EXCP29",              0x5d, nullptr, "exception vector 29"},
    {"EXCP30",              0x5e, nullptr, "exception vector 30"},
    {"EXCP31",              0x5f, nullptr, "exception vector 31"},
    {"INTR",                0x60, nullptr, "intr"},
    {"NMI",                 0x61, nullptr, "nmi"},
    {"SMI",                 0x62, nullptr, "smi"},
    {"INIT",                0x63, nullptr, "init"},
    {"VINTR",               0x64, nullptr, "vintr"},
    {"CR0_SEL_WRITE",       0x65, nullptr, "cr0 sel write"},
    {"IDTR_READ",           0x66, nullptr, "idtr read"},
    {"GDTR_READ",           0x67, nullptr, "gdtr read"},
    {"LDTR_READ",           0x68, nullptr, "ldtr read"},
    {"TR_READ",             0x69, nullptr, "tr read"},
    {"IDTR_WRITE",          0x6a, nullptr, "idtr write"},
    {"GDTR_WRITE",          0x6b, nullptr, "gdtr write"},
    {"LDTR_WRITE",          0x6c, nullptr, "ldtr write"},
    {"TR_WRITE",            0x6d, nullptr, "tr write"},
    {"RDTSC",               0x6e, nullptr, "rdtsc"},
    {"RDPMC",               0x6f, nullptr, "rdpmc"},
    {"PUSHF",               0x70, nullptr, "pushf"},
    {"POPF",                0x71, nullptr, "popf"},
    {"CPUID",               0x72, nullptr, "cpuid"},
    {"RSM",                 0x73, nullptr, "rsm"},
    {"IRET",                0x74, nullptr, "iret"},
    {"SWINT",               0x75, nullptr, "swint"},
    {"INVD",                0x76, nullptr, "invd"},
    {"PAUSE",               0x77, nullptr, "pause"},
    {"HLT",                 0x78, nullptr, "hlt"},
    {"INVLPG",              0x79, nullptr, "invlpg"},
    {"INVLPGA",             0x7a, nullptr, "invlpga"},
    {"IOIO",                0x7b, nullptr, "ioio"},
    {"MSR",                 0x7c, nullptr, "msr"},
    {"TASK_SWITCH",         0x7d, nullptr, "task switch"},
    {"FERR_FREEZE",         0x7e, nullptr, "ferr freeze"},
    {"SHUTDOWN",            0x7f, nullptr, "shutdown"},
    {"VMRUN",               0x80, nullptr, "vmrun"},
    {"VMMCALL",             0x81, nullptr, "vmmcall"},
    {"VMLOAD",              0x82, nullptr, "vmload"},
    {"VMSAVE",              0x83, nullptr, "vmsave"},
    {"STGI",                0x84, nullptr, "stgi"},
    {"CLGI",                0x85, nullptr, "clgi"},
    {"SKINIT",              0x86, nullptr, "skinit"},
    {"RDTSCP",              0x87, nullptr, "rdtscp"},
    {"ICEBP",               0x88, nullptr, "icebp"},
    {"WBINVD",              0x89, nullptr, "wbinvd"},
    {"MONITOR",             0x8a, nullptr, "monitor"},
    {"MWAIT",               0x8b, nullptr, "mwait"},
    {"MWAIT_CONDITIONAL",   0x8c, nullptr, "mwait conditional"},
    {"XSETBV",              0x8d, nullptr, "xsetbv"},
    {"RDPRU",               0x8e, nullptr, "rdpru"},
    {"EFER_WRITE_TRAP",     0x8f, nullptr, "efer write trap"},
    {"CR0_WRITE_TRAP",      0x90, nullptr, "trap after write of CR0"},
    {"CR1_WRITE_TRAP",      0x91, nullptr, "trap after write of CR1"},
    {"CR2_WRITE_TRAP",      0x92, nullptr, "trap after write of CR2"},
    {"CR3_WRITE_TRAP",      0x93, nullptr, "trap after write of CR3"},
    {"CR4_WRITE_TRAP",      0x94, nullptr, "trap after write of CR4"},
    {"CR5_WRITE_TRAP",      0x95, nullptr, "trap after write of CR5"},
    {"CR6_WRITE_TRAP",      0x96, nullptr, "trap after write of CR6"},
    {"CR7_WRITE_TRAP",      0x97, nullptr, "trap after write of CR7"},
    {"CR8_WRITE_TRAP",      0x98, nullptr, "trap after write of CR8"},
    {"CR9_WRITE_TRAP",      0x99, nullptr, "trap after write of CR9"},
    {"CR10_WRITE_TRAP",     0x9a, nullptr, "trap after write of CR10"},
    {"CR11_WRITE_TRAP",     0x9b, nullptr, "trap after write of CR11"},
    {"CR12_WRITE_TRAP",     0x9c, nullptr, "trap after write of CR12"},
    {"CR13_WRITE_TRAP",     0x9d, nullptr, "trap after write of CR13"},
    {"CR14_WRITE_TRAP",     0x9e, nullptr, "trap after write of CR14"},
    {"CR15_WRITE_TRAP",     0x9f, nullptr, "trap after write of CR15"},
    {"INVLPGB",             0xa0, nullptr, "INVLPGB"},
    {"INVLPGB_ILLEGAL",     0xa1, nullptr, "illegal INVLPGB"},
    {"INVPCID",             0xa2, nullptr, "INVPCID"},
    {"MCOMMIT",             0xa3, nullptr, "MCOMMIT"},
    {"TLBSYNC",             0xa4, nullptr, "TLBSYNC"},
    {"BUSLOCK",             0xa5, nullptr, "bus lock threshold reached"},
    {"IDLE_HLT",            0xa6, nullptr, "HLT with no virtual interrupt pending"},
    {"NPF",                 0x400, nullptr, "nested page fault"},
    {"AVIC_INCOMPLETE_IPI", 0x401, nullptr, "AVIC incomplete IPI"},
    {"AVIC_NOACCEL",        0x402, nullptr, "AVIC unaccelerated access"},
    {"VMGEXIT",             0x403, nullptr, "VMGEXIT instruction (SEV-ES)"},
    {"PAGE_NOT_VALIDATED",  0x404, nullptr, "only as #VC error code: access to a page that is not validated"},
    {"NOT_RESTARTABLE",     0x406, nullptr, "exit taken in a non restartable state (one source)"},
    {"SW_RESERVED",         0xf0000000, nullptr, "first code reserved for hypervisor software"},
    {"INVALID",             0xffffffffffffffff, nullptr, "VMRUN consistency check failed"},
    {"BUSY",                0xfffffffffffffffe, nullptr, "VMSA busy (SNP)"},
    {"IDLE_REQUIRED",       0xfffffffffffffffd, nullptr, "sibling thread must be idle (SMT protection)"},
    {"INVALID_PMC",         0xfffffffffffffffc, nullptr, "invalid PMC state"},
};
inline constexpr constant_table svm_exit_codes{"svm_exit_codes", "CON-SVM-EXIT-CODES", confidence::high,
    "APM2 App. C", svm_exit_codes_entries};

inline constexpr constant_info ae_exit_codes_entries[] = {
    {"MC",              0x52, nullptr, "machine check"},
    {"INTR",            0x60, nullptr, ""},
    {"NMI",             0x61, nullptr, ""},
    {"SMI",             0x62, nullptr, ""},
    {"INIT",            0x63, nullptr, ""},
    {"VINTR",           0x64, nullptr, ""},
    {"PAUSE",           0x77, nullptr, ""},
    {"HLT",             0x78, nullptr, ""},
    {"SHUTDOWN",        0x7f, nullptr, ""},
    {"EFER_WRITE_TRAP", 0x8f, nullptr, ""},
    {"CR0_WRITE_TRAP",  0x90, nullptr, "0x90..0x9F"},
    {"CR15_WRITE_TRAP", 0x9f, nullptr, ""},
    {"BUSLOCK",         0xa5, nullptr, "inferred"},
    {"IDLE_HLT",        0xa6, nullptr, "inferred"},
    {"NPF",             0x400, nullptr, "only when no reserved bit is set in the nested fault; a reserved-bit fault becomes #VC"},
    {"VMGEXIT",         0x403, nullptr, ""},
    {"INVALID",         0xffffffffffffffff, nullptr, ""},
    {"BUSY",            0xfffffffffffffffe, nullptr, ""},
};
inline constexpr constant_table ae_exit_codes{"ae_exit_codes", "CON-AE-EXIT-CODES", confidence::medium,
    "APM2 15.35.5 Table 15-33", ae_exit_codes_entries};

inline constexpr constant_info event_types_entries[] = {
    {"INTR",      0x0, nullptr, "external or virtual interrupt"},
    {"NMI",       0x2, nullptr, "NMI"},
    {"EXCEPTION", 0x3, nullptr, "exception"},
    {"SOFT_INT",  0x4, nullptr, "software interrupt (INTn)"},
};
inline constexpr constant_table event_types{"event_types", "CON-EVENT-TYPES", confidence::high,
    "APM2 15.20", event_types_entries};

inline constexpr constant_info tlb_control_entries[] = {
    {"DO_NOTHING",       0x0, nullptr, "no flush"},
    {"FLUSH_ALL_ASID",   0x1, nullptr, "flush every ASID"},
    {"FLUSH_ASID",       0x3, nullptr, "flush this guest's entries"},
    {"FLUSH_ASID_LOCAL", 0x7, nullptr, "flush this guest's non-global entries"},
};
inline constexpr constant_table tlb_control{"tlb_control", "CON-TLB-CONTROL", confidence::high,
    "APM2 15.16", tlb_control_entries};

inline constexpr constant_info avic_ipi_failure_entries[] = {
    {"INVALID_INT_TYPE",     0x0, nullptr, "invalid interrupt type"},
    {"TARGET_NOT_RUNNING",   0x1, nullptr, "target vCPU not running"},
    {"INVALID_TARGET",       0x2, nullptr, "invalid target"},
    {"INVALID_BACKING_PAGE", 0x3, nullptr, "invalid backing page"},
    {"INVALID_IPI_VECTOR",   0x4, nullptr, "invalid vector"},
    {"UNACCELERATED_IPI",    0x5, nullptr, "Secure AVIC: IPI needs emulation (one source)"},
};
inline constexpr constant_table avic_ipi_failure{"avic_ipi_failure", "CON-AVIC-IPI-FAILURE", confidence::high,
    "APM2 15.29.9.1", avic_ipi_failure_entries};

inline constexpr constant_info ioio_segments_entries[] = {
    {"ES", 0x0, nullptr, ""},
    {"CS", 0x1, nullptr, ""},
    {"SS", 0x2, nullptr, ""},
    {"DS", 0x3, nullptr, ""},
    {"FS", 0x4, nullptr, ""},
    {"GS", 0x5, nullptr, ""},
};
inline constexpr constant_table ioio_segments{"ioio_segments", "CON-IOIO-SEGMENTS", confidence::high,
    "APM2 15.10.2", ioio_segments_entries};

inline constexpr constant_info vc_vectors_entries[] = {
    {"VC", 0x1d, nullptr, "#VC VMM communication exception; error code = exit code of the NAE event"},
    {"HV", 0x1c, nullptr, "#HV hypervisor injection exception"},
    {"SX", 0x1e, nullptr, "#SX security exception"},
};
inline constexpr constant_table vc_vectors{"vc_vectors", "CON-VC-VECTORS", confidence::high,
    "APM2 15.35.5, 15.36.16", vc_vectors_entries};

}  // namespace tables
// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
