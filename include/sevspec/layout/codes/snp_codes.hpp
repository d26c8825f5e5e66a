// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_CODES_SNP_CODES_HPP
#define SEVSPEC_LAYOUT_CODES_SNP_CODES_HPP

// Codes of the SEV-SNP firmware interface.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/description.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
/// Page types of SNP_LAUNCH_UPDATE and of the launch digest.   SNP ABI 8.17.2 Table 66
enum class snp_page_types : std::uint32_t {
  normal     = 0x1, ///< measured data
  vmsa_      = 0x2, ///< VMSA
  zero       = 0x3, ///< zero page
  unmeasured = 0x4, ///< encrypted, not measured
  secrets    = 0x5, ///< secrets
  cpuid      = 0x6, ///< CPUID
};

/// Types of guest messages.   SNP ABI Table 98
enum class snp_message_types : std::uint32_t {
  cpuid_req       = 0x1,
  cpuid_rsp       = 0x2,
  key_req         = 0x3,
  key_rsp         = 0x4,
  report_req      = 0x5,
  report_rsp      = 0x6,
  export_req      = 0x7,
  export_rsp      = 0x8,
  import_req      = 0x9,
  import_rsp      = 0xa,
  absorb_req      = 0xb,
  absorb_rsp      = 0xc,
  vmrk_req        = 0xd,
  vmrk_rsp        = 0xe,
  absorb_noma_req = 0xf,
  absorb_noma_rsp = 0x10,
  tsc_info_req    = 0x11,
  tsc_info_rsp    = 0x12,
};

/// Algorithm of guest messages.   SNP ABI Table 96
enum class snp_aead_algorithms : std::uint32_t {
  invalid     = 0x0,
  aes_256_gcm = 0x1,
};

/// Algorithm of reports and ID blocks.   SNP ABI 10
enum class snp_signature_algorithms : std::uint32_t {
  invalid           = 0x0,
  ecdsa_p384_sha384 = 0x1,
};

/// Which key a guest asks for.   SNP ABI 7.2, 7.3
enum class snp_key_sel : std::uint32_t {
  vlek_else_vcek = 0x0,
  vcek           = 0x1,
  vlek           = 0x2,
};

/// Which key signed a report.   SNP ABI Table 23
enum class snp_signing_key : std::uint32_t {
  vcek = 0x0,
  vlek = 0x1,
  none = 0x7,
};

/// State of the platform, SEV-SNP.   SNP ABI 5.2
enum class snp_platform_state : std::uint32_t {
  uninit = 0x0,
  init   = 0x1,
};

/// State of a guest, SEV-SNP.   SNP ABI 5.3
enum class snp_guest_state : std::uint32_t {
  init    = 0x0,
  launch  = 0x1,
  running = 0x2,
};

/// Elliptic curves.   SEV API C.3.2 / SNP ABI 10.2
enum class ecc_curves : std::uint32_t {
  invalid = 0x0,
  p256    = 0x1,
  p384    = 0x2,
};

namespace tables {

inline constexpr constant_info snp_page_types_entries[] = {
    {"NORMAL",     0x1, nullptr, "measured data"},
    {"VMSA",       0x2, nullptr, "VMSA"},
    {"ZERO",       0x3, nullptr, "zero page"},
    {"UNMEASURED", 0x4, nullptr, "encrypted, not measured"},
    {"SECRETS",    0x5, nullptr, "secrets"},
    {"CPUID",      0x6, nullptr, "CPUID"},
};
inline constexpr constant_table snp_page_types{"snp_page_types", "CON-SNP-PAGE-TYPES", confidence::high,
    "SNP ABI 8.17.2 Table 66", snp_page_types_entries};

inline constexpr constant_info snp_message_types_entries[] = {
    {"CPUID_REQ",       0x1, nullptr, ""},
    {"CPUID_RSP",       0x2, nullptr, ""},
    {"KEY_REQ",         0x3, nullptr, ""},
    {"KEY_RSP",         0x4, nullptr, ""},
    {"REPORT_REQ",      0x5, nullptr, ""},
    {"REPORT_RSP",      0x6, nullptr, ""},
    {"EXPORT_REQ",      0x7, nullptr, ""},
    {"EXPORT_RSP",      0x8, nullptr, ""},
    {"IMPORT_REQ",      0x9, nullptr, ""},
    {"IMPORT_RSP",      0xa, nullptr, ""},
    {"ABSORB_REQ",      0xb, nullptr, ""},
    {"ABSORB_RSP",      0xc, nullptr, ""},
    {"VMRK_REQ",        0xd, nullptr, ""},
    {"VMRK_RSP",        0xe, nullptr, ""},
    {"ABSORB_NOMA_REQ", 0xf, nullptr, ""},
    {"ABSORB_NOMA_RSP", 0x10, nullptr, ""},
    {"TSC_INFO_REQ",    0x11, nullptr, ""},
    {"TSC_INFO_RSP",    0x12, nullptr, ""},
};
inline constexpr constant_table snp_message_types{"snp_message_types", "CON-SNP-MESSAGE-TYPES", confidence::high,
    "SNP ABI Table 98", snp_message_types_entries};

inline constexpr constant_info snp_aead_algorithms_entries[] = {
    {"INVALID",     0x0, nullptr, ""},
    {"AES_256_GCM", 0x1, nullptr, ""},
};
inline constexpr constant_table snp_aead_algorithms{"snp_aead_algorithms", "CON-SNP-AEAD-ALGORITHMS", confidence::high,
    "SNP ABI Table 96", snp_aead_algorithms_entries};

inline constexpr constant_info snp_signature_algorithms_entries[] = {
    {"INVALID",           0x0, nullptr, ""},
    {"ECDSA_P384_SHA384", 0x1, nullptr, ""},
};
inline constexpr constant_table snp_signature_algorithms{"snp_signature_algorithms", "CON-SNP-SIGNATURE-ALGORITHMS", confidence::high,
    "SNP ABI 10", snp_signature_algorithms_entries};

inline constexpr constant_info snp_key_sel_entries[] = {
    {"VLEK_ELSE_VCEK", 0x0, nullptr, ""},
    {"VCEK",           0x1, nullptr, ""},
    {"VLEK",           0x2, nullptr, ""},
};
inline constexpr constant_table snp_key_sel{"snp_key_sel", "CON-SNP-KEY-SEL", confidence::high,
    "SNP ABI 7.2, 7.3", snp_key_sel_entries};

inline constexpr constant_info snp_signing_key_entries[] = {
    {"VCEK", 0x0, nullptr, ""},
    {"VLEK", 0x1, nullptr, ""},
    {"NONE", 0x7, nullptr, ""},
};
inline constexpr constant_table snp_signing_key{"snp_signing_key", "CON-SNP-SIGNING-KEY", confidence::high,
    "SNP ABI Table 23", snp_signing_key_entries};

inline constexpr constant_info snp_platform_state_entries[] = {
    {"UNINIT", 0x0, nullptr, ""},
    {"INIT",   0x1, nullptr, ""},
};
inline constexpr constant_table snp_platform_state{"snp_platform_state", "CON-SNP-PLATFORM-STATE", confidence::high,
    "SNP ABI 5.2", snp_platform_state_entries};

inline constexpr constant_info snp_guest_state_entries[] = {
    {"INIT",    0x0, nullptr, ""},
    {"LAUNCH",  0x1, nullptr, ""},
    {"RUNNING", 0x2, nullptr, ""},
};
inline constexpr constant_table snp_guest_state{"snp_guest_state", "CON-SNP-GUEST-STATE", confidence::high,
    "SNP ABI 5.3", snp_guest_state_entries};

inline constexpr constant_info ecc_curves_entries[] = {
    {"INVALID", 0x0, nullptr, ""},
    {"P256",    0x1, nullptr, ""},
    {"P384",    0x2, nullptr, ""},
};
inline constexpr constant_table ecc_curves{"ecc_curves", "CON-ECC-CURVES", confidence::high,
    "SEV API C.3.2 / SNP ABI 10.2", ecc_curves_entries};

}  // namespace tables
// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
