// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_CODES_GHCB_CODES_HPP
#define SEVSPEC_LAYOUT_CODES_GHCB_CODES_HPP

// Codes of the GHCB protocol.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/description.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
/// SW_EXITCODE of non-automatic exits: what a guest asks of the hypervisor.   GHCB 4.1 Table 6
enum class nae_exit_codes : std::uint64_t {
  dr7_read                      = 0x27,       ///< DR7 read
  dr7_write                     = 0x37,       ///< DR7 write
  rdtsc                         = 0x6e,
  rdpmc                         = 0x6f,
  cpuid                         = 0x72,
  invd                          = 0x76,
  ioio                          = 0x7b,
  msr                           = 0x7c,
  vmmcall                       = 0x81,
  rdtscp                        = 0x87,
  wbinvd                        = 0x89,
  monitor                       = 0x8a,
  mwait                         = 0x8b,
  npf_mmio                      = 0x400,      ///< #VC error code of an MMIO access; converted by the guest to MMIO_READ/MMIO_WRITE
  mmio_read                     = 0x80000001,
  mmio_write                    = 0x80000002,
  nmi_complete                  = 0x80000003,
  ap_reset_hold                 = 0x80000004,
  ap_jump_table                 = 0x80000005,
  snp_page_state_change         = 0x80000010,
  snp_guest_request             = 0x80000011,
  snp_ext_guest_request         = 0x80000012,
  snp_ap_creation               = 0x80000013,
  hv_doorbell_page_             = 0x80000014,
  hv_ipi                        = 0x80000015,
  hv_timer                      = 0x80000016, ///< medium: from the GHCB manual only
  apic_id_list                  = 0x80000017,
  snp_run_vmpl                  = 0x80000018,
  secure_avic                   = 0x8000001a,
  configure_interrupt_injection = 0x8000001b, ///< one source (coconut)
  disable_alternate_injection   = 0x8000001c, ///< one source (coconut)
  specific_eoi                  = 0x8000001d, ///< one source (coconut)
  tio_guest_request             = 0x80000020, ///< Linux patch series
  tio_op                        = 0x80000021, ///< Linux patch series
  hypervisor_features           = 0x8000fffd,
  termination_request           = 0x8000fffe,
  unsupported_event             = 0x8000ffff,
};

/// AP jump table: SW_EXITINFO1.   GHCB 4.1.3
enum class ghcb_ap_jump_table_ops : std::uint32_t {
  set = 0x0, ///< set the AP jump table address
  get = 0x1, ///< get the AP jump table address
};

/// SNP AP creation: request.   GHCB 4.1.9
enum class ghcb_ap_creation_ops : std::uint32_t {
  create_on_init = 0x0, ///< VMSA used at the next INIT
  create         = 0x1, ///< start immediately
  destroy        = 0x2, ///< destroy
};

/// #HV doorbell page: SW_EXITINFO1.   GHCB 4.1.10
enum class ghcb_doorbell_ops : std::uint32_t {
  get_preferred = 0x0,
  set           = 0x1,
  query         = 0x2,
  clear         = 0x3,
};

/// Secure AVIC: SW_EXITINFO1, and RAX for the vCPU itself.   GHCB 2.04
enum class ghcb_secure_avic_ops : std::uint64_t {
  register_gpa   = 0x0,                ///< register backing page
  unregister_gpa = 0x1,                ///< unregister
  self           = 0xffffffffffffffff, ///< RAX value meaning the calling vCPU
};

/// SW_EXITINFO1[31:0] as the hypervisor returns it.   GHCB 4.1 (SW_EXITINFO1[31:0])
enum class ghcb_result_codes : std::uint32_t {
  no_action       = 0x0, ///< success or event specific result in SW_EXITINFO2
  issue_exception = 0x1, ///< guest must raise the exception described by SW_EXITINFO2 (event_injection)
  malformed_input = 0x2, ///< SW_EXITINFO2[31:0] holds a ghcb_error_codes value
};

/// SW_EXITINFO2[31:0] after MALFORMED_INPUT.   GHCB 4.1 (SW_EXITINFO2[31:0])
enum class ghcb_error_codes : std::uint32_t {
  not_registered       = 0x1, ///< GHCB not registered
  invalid_usage        = 0x2, ///< unknown ghcb_usage
  invalid_scratch_area = 0x3, ///< scratch area outside the GHCB or not shared
  missing_input        = 0x4, ///< required field not marked valid
  invalid_input        = 0x5, ///< field value invalid
  invalid_event        = 0x6, ///< unknown or unsupported event
};

/// Page state change: SW_EXITINFO2.   GHCB 4.1.6 (SW_EXITINFO2)
enum class ghcb_psc_errors : std::uint64_t {
  generic        = 0x10000000000, ///< generic failure: high dword 0x100
  invalid_header = 0x100000001,
  invalid_entry  = 0x100000002,
};

/// Guest request: SW_EXITINFO2[63:32].   GHCB 4.1.8 (SW_EXITINFO2[63:32])
enum class ghcb_guest_request_vmm_errors : std::uint32_t {
  invalid_len = 0x1, ///< certificate buffer too small; RBX = pages needed
  busy        = 0x2, ///< retry later
};

/// GHCBInfo: bits 11:0 of the GHCB MSR.   GHCB 2.3.1 Table 1
enum class ghcb_msr_codes : std::uint32_t {
  ghcb_gpa           = 0x0,   ///< MSR holds a GHCB address
  sev_info_resp      = 0x1,
  sev_info_req       = 0x2,
  ap_jump_table      = 0x3,   ///< withdrawn before publication of GHCB 1; only openvmm lists it
  cpuid_req          = 0x4,
  cpuid_resp         = 0x5,
  ap_reset_hold_req  = 0x6,
  ap_reset_hold_resp = 0x7,
  pref_gpa_req       = 0x10,
  pref_gpa_resp      = 0x11,
  reg_gpa_req        = 0x12,
  reg_gpa_resp       = 0x13,
  psc_req            = 0x14,
  psc_resp           = 0x15,
  vmpl_req           = 0x16,
  vmpl_resp          = 0x17,
  hv_features_req    = 0x80,
  hv_features_resp   = 0x81,
  term_req           = 0x100,
  hv_specific_first  = 0xf00, ///< 0xF00..0xFFF reserved for hypervisor vendors (Hyper-V uses 0xF00..0xF03)
  hv_specific_last   = 0xfff,
};

/// Hypervisor features, by bit number.   GHCB 2.0+ Table 2 (bit numbers)
enum class ghcb_hv_features : std::uint32_t {
  snp                            = 0x0, ///< SEV-SNP
  snp_ap_creation                = 0x1, ///< AP creation
  snp_restricted_injection       = 0x2, ///< #HV doorbell
  snp_restricted_injection_timer = 0x3, ///< #HV timer
  apic_id_list                   = 0x4, ///< APIC ID list
  snp_multi_vmpl                 = 0x5, ///< multiple VMPLs
  page_state_change              = 0x6, ///< PSC for non-SNP guests (one source)
  sev_tio                        = 0x7, ///< SEV-TIO (Linux patch series)
  snp_ext_interrupts             = 0x9, ///< extended interrupts (one source)
};

/// Operation of a page state change entry.   GHCB 4.1.6
enum class ghcb_psc_ops : std::uint32_t {
  private_ = 0x1,
  shared   = 0x2,
  psmash   = 0x3, ///< NAE event only
  unsmash  = 0x4, ///< NAE event only
};

/// Termination reasons of the GHCB specification (set 0).   GHCB 2.3.1
enum class ghcb_term_reason_set0 : std::uint32_t {
  general                  = 0x0, ///< general termination
  protocol_range           = 0x1, ///< GHCB protocol range not supported
  snp_features_unsupported = 0x2, ///< required SEV-SNP features not supported
};

/// Termination reasons of Linux (set 1).   Linux private set 1
enum class ghcb_term_reason_set1_linux : std::uint32_t {
  register_          = 0x0,
  psc                = 0x1,
  pvalidate          = 0x2,
  not_vmpl0          = 0x3,
  cpuid              = 0x4,
  cpuid_hv           = 0x5,
  secrets_page_      = 0x6,
  no_svsm            = 0x7,
  svsm_vmpl0         = 0x8,
  svsm_caa_          = 0x9,
  secure_tsc         = 0xa,
  svsm_ca_remap_fail = 0xb,
};

namespace tables {

inline constexpr constant_info nae_exit_codes_entries[] = {
    {"DR7_READ",                      0x27, nullptr, "DR7 read"},
    {"DR7_WRITE",                     0x37, nullptr, "DR7 write"},
    {"RDTSC",                         0x6e, nullptr, ""},
    {"RDPMC",                         0x6f, nullptr, ""},
    {"CPUID",                         0x72, nullptr, ""},
    {"INVD",                          0x76, nullptr, ""},
    {"IOIO",                          0x7b, nullptr, ""},
    {"MSR",                           0x7c, nullptr, ""},
    {"VMMCALL",                       0x81, nullptr, ""},
    {"RDTSCP",                        0x87, nullptr, ""},
    {"WBINVD",                        0x89, nullptr, ""},
    {"MONITOR",                       0x8a, nullptr, ""},
    {"MWAIT",                         0x8b, nullptr, ""},
    {"NPF_MMIO",                      0x400, nullptr, "#VC error code of an MMIO access; converted by the guest to MMIO_READ/MMIO_WRITE"},
    {"MMIO_READ",                     0x80000001, nullptr, ""},
    {"MMIO_WRITE",                    0x80000002, nullptr, ""},
    {"NMI_COMPLETE",                  0x80000003, nullptr, ""},
    {"AP_RESET_HOLD",                 0x80000004, nullptr, ""},
    {"AP_JUMP_TABLE",                 0x80000005, nullptr, ""},
    {"SNP_PAGE_STATE_CHANGE",         0x80000010, nullptr, ""},
    {"SNP_GUEST_REQUEST",             0x80000011, nullptr, ""},
    {"SNP_EXT_GUEST_REQUEST",         0x80000012, nullptr, ""},
    {"SNP_AP_CREATION",               0x80000013, nullptr, ""},
    {"HV_DOORBELL_PAGE",              0x80000014, nullptr, ""},
    {"HV_IPI",                        0x80000015, nullptr, ""},
    {"HV_TIMER",                      0x80000016, nullptr, "medium: from the GHCB manual only"},
    {"APIC_ID_LIST",                  0x80000017, nullptr, ""},
    {"SNP_RUN_VMPL",                  0x80000018, nullptr, ""},
    {"SECURE_AVIC",                   0x8000001a, nullptr, ""},
    {"CONFIGURE_INTERRUPT_INJECTION", 0x8000001b, nullptr, "one source (coconut)"},
    {"DISABLE_ALTERNATE_INJECTION",   0x8000001c, nullptr, "one source (coconut)"},
    {"SPECIFIC_EOI",                  0x8000001d, nullptr, "one source (coconut)"},
    {"TIO_GUEST_REQUEST",             0x80000020, nullptr, "Linux patch series"},
    {"TIO_OP",                        0x80000021, nullptr, "Linux patch series"},
    {"HYPERVISOR_FEATURES",           0x8000fffd, nullptr, ""},
    {"TERMINATION_REQUEST",           0x8000fffe, nullptr, ""},
    {"UNSUPPORTED_EVENT",             0x8000ffff, nullptr, ""},
};
inline constexpr constant_table nae_exit_codes{"nae_exit_codes", "CON-NAE-EXIT-CODES", confidence::high,
    "GHCB 4.1 Table 6", nae_exit_codes_entries};

inline constexpr constant_info ghcb_ap_jump_table_ops_entries[] = {
    {"SET", 0x0, nullptr, "set the AP jump table address"},
    {"GET", 0x1, nullptr, "get the AP jump table address"},
};
inline constexpr constant_table ghcb_ap_jump_table_ops{"ghcb_ap_jump_table_ops", "CON-GHCB-AP-JUMP-TABLE-OPS", confidence::high,
    "GHCB 4.1.3", ghcb_ap_jump_table_ops_entries};

inline constexpr constant_info ghcb_ap_creation_ops_entries[] = {
    {"CREATE_ON_INIT", 0x0, nullptr, "VMSA used at the next INIT"},
    {"CREATE",         0x1, nullptr, "start immediately"},
    {"DESTROY",        0x2, nullptr, "destroy"},
};
inline constexpr constant_table ghcb_ap_creation_ops{"ghcb_ap_creation_ops", "CON-GHCB-AP-CREATION-OPS", confidence::high,
    "GHCB 4.1.9", ghcb_ap_creation_ops_entries};

inline constexpr constant_info ghcb_doorbell_ops_entries[] = {
    {"GET_PREFERRED", 0x0, nullptr, ""},
    {"SET",           0x1, nullptr, ""},
    {"QUERY",         0x2, nullptr, ""},
    {"CLEAR",         0x3, nullptr, ""},
};
inline constexpr constant_table ghcb_doorbell_ops{"ghcb_doorbell_ops", "CON-GHCB-DOORBELL-OPS", confidence::high,
    "GHCB 4.1.10", ghcb_doorbell_ops_entries};

inline constexpr constant_info ghcb_secure_avic_ops_entries[] = {
    {"REGISTER_GPA",   0x0, nullptr, "register backing page"},
    {"UNREGISTER_GPA", 0x1, nullptr, "unregister"},
    {"SELF",           0xffffffffffffffff, nullptr, "RAX value meaning the calling vCPU"},
};
inline constexpr constant_table ghcb_secure_avic_ops{"ghcb_secure_avic_ops", "CON-GHCB-SECURE-AVIC-OPS", confidence::medium,
    "GHCB 2.04", ghcb_secure_avic_ops_entries};

inline constexpr constant_info ghcb_result_codes_entries[] = {
    {"NO_ACTION",       0x0, nullptr, "success or event specific result in SW_EXITINFO2"},
    {"ISSUE_EXCEPTION", 0x1, nullptr, "guest must raise the exception described by SW_EXITINFO2 (event_injection)"},
    {"MALFORMED_INPUT", 0x2, nullptr, "SW_EXITINFO2[31:0] holds a ghcb_error_codes value"},
};
inline constexpr constant_table ghcb_result_codes{"ghcb_result_codes", "CON-GHCB-RESULT-CODES", confidence::high,
    "GHCB 4.1 (SW_EXITINFO1[31:0])", ghcb_result_codes_entries};

inline constexpr constant_info ghcb_error_codes_entries[] = {
    {"NOT_REGISTERED",       0x1, nullptr, "GHCB not registered"},
    {"INVALID_USAGE",        0x2, nullptr, "unknown ghcb_usage"},
    {"INVALID_SCRATCH_AREA", 0x3, nullptr, "scratch area outside the GHCB or not shared"},
    {"MISSING_INPUT",        0x4, nullptr, "required field not marked valid"},
    {"INVALID_INPUT",        0x5, nullptr, "field value invalid"},
    {"INVALID_EVENT",        0x6, nullptr, "unknown or unsupported event"},
};
inline constexpr constant_table ghcb_error_codes{"ghcb_error_codes", "CON-GHCB-ERROR-CODES", confidence::high,
    "GHCB 4.1 (SW_EXITINFO2[31:0])", ghcb_error_codes_entries};

inline constexpr constant_info ghcb_psc_errors_entries[] = {
    {"GENERIC",        0x10000000000, nullptr, "generic failure: high dword 0x100"},
    {"INVALID_HEADER", 0x100000001, nullptr, ""},
    {"INVALID_ENTRY",  0x100000002, nullptr, ""},
};
inline constexpr constant_table ghcb_psc_errors{"ghcb_psc_errors", "CON-GHCB-PSC-ERRORS", confidence::high,
    "GHCB 4.1.6 (SW_EXITINFO2)", ghcb_psc_errors_entries};

inline constexpr constant_info ghcb_guest_request_vmm_errors_entries[] = {
    {"INVALID_LEN", 0x1, nullptr, "certificate buffer too small; RBX = pages needed"},
    {"BUSY",        0x2, nullptr, "retry later"},
};
inline constexpr constant_table ghcb_guest_request_vmm_errors{"ghcb_guest_request_vmm_errors", "CON-GHCB-GUEST-REQUEST-VMM-ERRORS", confidence::high,
    "GHCB 4.1.8 (SW_EXITINFO2[63:32])", ghcb_guest_request_vmm_errors_entries};

inline constexpr constant_info ghcb_msr_codes_entries[] = {
    {"GHCB_GPA",           0x0, nullptr, "MSR holds a GHCB address"},
    {"SEV_INFO_RESP",      0x1, nullptr, ""},
    {"SEV_INFO_REQ",       0x2, nullptr, ""},
    {"AP_JUMP_TABLE",      0x3, nullptr, "withdrawn before publication of GHCB 1; only openvmm lists it"},
    {"CPUID_REQ",          0x4, nullptr, ""},
    {"CPUID_RESP",         0x5, nullptr, ""},
    {"AP_RESET_HOLD_REQ",  0x6, nullptr, ""},
    {"AP_RESET_HOLD_RESP", 0x7, nullptr, ""},
    {"PREF_GPA_REQ",       0x10, nullptr, ""},
    {"PREF_GPA_RESP",      0x11, nullptr, ""},
    {"REG_GPA_REQ",        0x12, nullptr, ""},
    {"REG_GPA_RESP",       0x13, nullptr, ""},
    {"PSC_REQ",            0x14, nullptr, ""},
    {"PSC_RESP",           0x15, nullptr, ""},
    {"VMPL_REQ",           0x16, nullptr, ""},
    {"VMPL_RESP",          0x17, nullptr, ""},
    {"HV_FEATURES_REQ",    0x80, nullptr, ""},
    {"HV_FEATURES_RESP",   0x81, nullptr, ""},
    {"TERM_REQ",           0x100, nullptr, ""},
    {"HV_SPECIFIC_FIRST",  0xf00, nullptr, "0xF00..0xFFF reserved for hypervisor vendors (Hyper-V uses 0xF00..0xF03)"},
    {"HV_SPECIFIC_LAST",   0xfff, nullptr, ""},
};
inline constexpr constant_table ghcb_msr_codes{"ghcb_msr_codes", "CON-GHCB-MSR-CODES", confidence::high,
    "GHCB 2.3.1 Table 1", ghcb_msr_codes_entries};

inline constexpr constant_info ghcb_hv_features_entries[] = {
    {"SNP",                            0x0, nullptr, "SEV-SNP"},
    {"SNP_AP_CREATION",                0x1, nullptr, "AP creation"},
    {"SNP_RESTRICTED_INJECTION",       0x2, nullptr, "#HV doorbell"},
    {"SNP_RESTRICTED_INJECTION_TIMER", 0x3, nullptr, "#HV timer"},
    {"APIC_ID_LIST",                   0x4, nullptr, "APIC ID list"},
    {"SNP_MULTI_VMPL",                 0x5, nullptr, "multiple VMPLs"},
    {"PAGE_STATE_CHANGE",              0x6, nullptr, "PSC for non-SNP guests (one source)"},
    {"SEV_TIO",                        0x7, nullptr, "SEV-TIO (Linux patch series)"},
    {"SNP_EXT_INTERRUPTS",             0x9, nullptr, "extended interrupts (one source)"},
};
inline constexpr constant_table ghcb_hv_features{"ghcb_hv_features", "CON-GHCB-HV-FEATURES", confidence::high,
    "GHCB 2.0+ Table 2 (bit numbers)", ghcb_hv_features_entries};

inline constexpr constant_info ghcb_psc_ops_entries[] = {
    {"PRIVATE", 0x1, nullptr, ""},
    {"SHARED",  0x2, nullptr, ""},
    {"PSMASH",  0x3, nullptr, "NAE event only"},
    {"UNSMASH", 0x4, nullptr, "NAE event only"},
};
inline constexpr constant_table ghcb_psc_ops{"ghcb_psc_ops", "CON-GHCB-PSC-OPS", confidence::high,
    "GHCB 4.1.6", ghcb_psc_ops_entries};

inline constexpr constant_info ghcb_term_reason_set0_entries[] = {
    {"GENERAL",                  0x0, nullptr, "general termination"},
    {"PROTOCOL_RANGE",           0x1, nullptr, "GHCB protocol range not supported"},
    {"SNP_FEATURES_UNSUPPORTED", 0x2, nullptr, "required SEV-SNP features not supported"},
};
inline constexpr constant_table ghcb_term_reason_set0{"ghcb_term_reason_set0", "CON-GHCB-TERM-REASON-SET0", confidence::high,
    "GHCB 2.3.1", ghcb_term_reason_set0_entries};

inline constexpr constant_info ghcb_term_reason_set1_linux_entries[] = {
    {"REGISTER",           0x0, nullptr, ""},
    {"PSC",                0x1, nullptr, ""},
    {"PVALIDATE",          0x2, nullptr, ""},
    {"NOT_VMPL0",          0x3, nullptr, ""},
    {"CPUID",              0x4, nullptr, ""},
    {"CPUID_HV",           0x5, nullptr, ""},
    {"SECRETS_PAGE",       0x6, nullptr, ""},
    {"NO_SVSM",            0x7, nullptr, ""},
    {"SVSM_VMPL0",         0x8, nullptr, ""},
    {"SVSM_CAA",           0x9, nullptr, ""},
    {"SECURE_TSC",         0xa, nullptr, ""},
    {"SVSM_CA_REMAP_FAIL", 0xb, nullptr, ""},
};
inline constexpr constant_table ghcb_term_reason_set1_linux{"ghcb_term_reason_set1_linux", "CON-GHCB-TERM-REASON-SET1-LINUX", confidence::high,
    "Linux private set 1", ghcb_term_reason_set1_linux_entries};

}  // namespace tables
// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
