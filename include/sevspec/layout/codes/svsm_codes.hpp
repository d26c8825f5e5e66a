// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_CODES_SVSM_CODES_HPP
#define SEVSPEC_LAYOUT_CODES_SVSM_CODES_HPP

// Calls and results of the SVSM protocols.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/description.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
/// Protocols of the SVSM.   SVSM 5
enum class svsm_protocols : std::uint32_t {
  core        = 0x0,
  attestation = 0x1,
  vtpm        = 0x2,
  apic        = 0x3,
  uefi_mm     = 0x4,
};

/// Calls of the core protocol.   SVSM 6
enum class svsm_core_calls : std::uint32_t {
  remap_ca       = 0x0, ///< RCX: new CA gPA
  pvalidate      = 0x1, ///< RCX: list gPA
  create_vcpu    = 0x2, ///< RCX: VMSA gPA, RDX: CAA gPA, R8: APIC ID
  delete_vcpu    = 0x3, ///< RCX: VMSA gPA
  deposit_mem    = 0x4, ///< RCX: list gPA
  withdraw_mem   = 0x5, ///< RCX: list gPA
  query_protocol = 0x6, ///< RCX in: [63:32] protocol, [31:0] version; out: [63:32] max, [31:0] min, 0 if unsupported
  configure_vtom = 0x7, ///< RCX: bit 0 query; otherwise bits 63:12.. vTOM configuration
};

/// Calls of the attestation protocol.   SVSM 7
enum class svsm_attest_calls : std::uint32_t {
  attest_services       = 0x0, ///< RCX: operation gPA; out RCX manifest size, RDX certificate size, R8 report size
  attest_single_service = 0x1, ///< same registers
};

/// Calls of the vTPM protocol.   SVSM 8
enum class svsm_vtpm_calls : std::uint32_t {
  query = 0x0, ///< out RCX: bitmap of supported platform commands, RDX: features (0)
  cmd   = 0x1, ///< RCX: command buffer gPA
};

/// Platform commands of the vTPM.   SVSM 8 / TCG MSSIM
enum class svsm_vtpm_platform_commands : std::uint32_t {
  send_command = 0x8, ///< TPM_SEND_COMMAND
};

/// Calls of the APIC protocol.   SVSM APIC protocol
enum class svsm_apic_calls : std::uint32_t {
  query_features   = 0x0, ///< out RCX features
  configure        = 0x1, ///< RCX 0 query state, 1 deregister, 2 register
  read_register    = 0x2, ///< RCX register; out RDX
  write_register   = 0x3, ///< RCX register, RDX value
  configure_vector = 0x4, ///< RCX svsm_apic_vector_config
};

/// Calls of the UEFI management-mode protocol.   coconut-svsm UEFI MM protocol
enum class svsm_uefi_mm_calls : std::uint32_t {
  request = 0x1, ///< RCX buffer gPA (page aligned), RDX size
};

/// RAX after an SVSM call.   SVSM 5 (RAX)
enum class svsm_result_codes : std::uint32_t {
  success                     = 0x0,
  incomplete                  = 0x80000000,
  unsupported_protocol        = 0x80000001,
  unsupported_call            = 0x80000002,
  invalid_address             = 0x80000003,
  invalid_format              = 0x80000004,
  invalid_parameter           = 0x80000005,
  invalid_request             = 0x80000006,
  busy                        = 0x80000007,
  protocol_base               = 0x80001000, ///< protocol specific codes start here
  pvalidate_fail_input        = 0x80001001,
  pvalidate_fail_inuse        = 0x80001003, ///< linux-svsm only
  pvalidate_fail_sizemismatch = 0x80001006,
  pvalidate_fail_nochange     = 0x80001010, ///< carry set and ignore_cf = 0
};

namespace tables {

inline constexpr constant_info svsm_protocols_entries[] = {
    {"CORE",        0x0, nullptr, ""},
    {"ATTESTATION", 0x1, nullptr, ""},
    {"VTPM",        0x2, nullptr, ""},
    {"APIC",        0x3, nullptr, ""},
    {"UEFI_MM",     0x4, nullptr, ""},
};
inline constexpr constant_table svsm_protocols{"svsm_protocols", "CON-SVSM-PROTOCOLS", confidence::high,
    "SVSM 5", svsm_protocols_entries};

inline constexpr constant_info svsm_core_calls_entries[] = {
    {"REMAP_CA",       0x0, nullptr, "RCX: new CA gPA"},
    {"PVALIDATE",      0x1, nullptr, "RCX: list gPA"},
    {"CREATE_VCPU",    0x2, nullptr, "RCX: VMSA gPA, RDX: CAA gPA, R8: APIC ID"},
    {"DELETE_VCPU",    0x3, nullptr, "RCX: VMSA gPA"},
    {"DEPOSIT_MEM",    0x4, nullptr, "RCX: list gPA"},
    {"WITHDRAW_MEM",   0x5, nullptr, "RCX: list gPA"},
    {"QUERY_PROTOCOL", 0x6, nullptr, "RCX in: [63:32] protocol, [31:0] version; out: [63:32] max, [31:0] min, 0 if unsupported"},
    {"CONFIGURE_VTOM", 0x7, nullptr, "RCX: bit 0 query; otherwise bits 63:12.. vTOM configuration"},
};
inline constexpr constant_table svsm_core_calls{"svsm_core_calls", "CON-SVSM-CORE-CALLS", confidence::high,
    "SVSM 6", svsm_core_calls_entries};

inline constexpr constant_info svsm_attest_calls_entries[] = {
    {"ATTEST_SERVICES",       0x0, nullptr, "RCX: operation gPA; out RCX manifest size, RDX certificate size, R8 report size"},
    {"ATTEST_SINGLE_SERVICE", 0x1, nullptr, "same registers"},
};
inline constexpr constant_table svsm_attest_calls{"svsm_attest_calls", "CON-SVSM-ATTEST-CALLS", confidence::high,
    "SVSM 7", svsm_attest_calls_entries};

inline constexpr constant_info svsm_vtpm_calls_entries[] = {
    {"QUERY", 0x0, nullptr, "out RCX: bitmap of supported platform commands, RDX: features (0)"},
    {"CMD",   0x1, nullptr, "RCX: command buffer gPA"},
};
inline constexpr constant_table svsm_vtpm_calls{"svsm_vtpm_calls", "CON-SVSM-VTPM-CALLS", confidence::high,
    "SVSM 8", svsm_vtpm_calls_entries};

inline constexpr constant_info svsm_vtpm_platform_commands_entries[] = {
    {"SEND_COMMAND", 0x8, nullptr, "TPM_SEND_COMMAND"},
};
inline constexpr constant_table svsm_vtpm_platform_commands{"svsm_vtpm_platform_commands", "CON-SVSM-VTPM-PLATFORM-COMMANDS", confidence::high,
    "SVSM 8 / TCG MSSIM", svsm_vtpm_platform_commands_entries};

inline constexpr constant_info svsm_apic_calls_entries[] = {
    {"QUERY_FEATURES",   0x0, nullptr, "out RCX features"},
    {"CONFIGURE",        0x1, nullptr, "RCX 0 query state, 1 deregister, 2 register"},
    {"READ_REGISTER",    0x2, nullptr, "RCX register; out RDX"},
    {"WRITE_REGISTER",   0x3, nullptr, "RCX register, RDX value"},
    {"CONFIGURE_VECTOR", 0x4, nullptr, "RCX svsm_apic_vector_config"},
};
inline constexpr constant_table svsm_apic_calls{"svsm_apic_calls", "CON-SVSM-APIC-CALLS", confidence::medium,
    "SVSM APIC protocol", svsm_apic_calls_entries};

inline constexpr constant_info svsm_uefi_mm_calls_entries[] = {
    {"REQUEST", 0x1, nullptr, "RCX buffer gPA (page aligned), RDX size"},
};
inline constexpr constant_table svsm_uefi_mm_calls{"svsm_uefi_mm_calls", "CON-SVSM-UEFI-MM-CALLS", confidence::medium,
    "coconut-svsm UEFI MM protocol", svsm_uefi_mm_calls_entries};

inline constexpr constant_info svsm_result_codes_entries[] = {
    {"SUCCESS",                     0x0, nullptr, ""},
    {"INCOMPLETE",                  0x80000000, nullptr, ""},
    {"UNSUPPORTED_PROTOCOL",        0x80000001, nullptr, ""},
    {"UNSUPPORTED_CALL",            0x80000002, nullptr, ""},
    {"INVALID_ADDRESS",             0x80000003, nullptr, ""},
    {"INVALID_FORMAT",              0x80000004, nullptr, ""},
    {"INVALID_PARAMETER",           0x80000005, nullptr, ""},
    {"INVALID_REQUEST",             0x80000006, nullptr, ""},
    {"BUSY",                        0x80000007, nullptr, ""},
    {"PROTOCOL_BASE",               0x80001000, nullptr, "protocol specific codes start here"},
    {"PVALIDATE_FAIL_INPUT",        0x80001001, nullptr, ""},
    {"PVALIDATE_FAIL_INUSE",        0x80001003, nullptr, "linux-svsm only"},
    {"PVALIDATE_FAIL_SIZEMISMATCH", 0x80001006, nullptr, ""},
    {"PVALIDATE_FAIL_NOCHANGE",     0x80001010, nullptr, "carry set and ignore_cf = 0"},
};
inline constexpr constant_table svsm_result_codes{"svsm_result_codes", "CON-SVSM-RESULT-CODES", confidence::high,
    "SVSM 5 (RAX)", svsm_result_codes_entries};

}  // namespace tables
// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
