// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_ATTESTATION_REPORT_HPP
#define SEVSPEC_LAYOUT_ATTESTATION_REPORT_HPP

// Attestation reports of SEV-SNP, versions 2 to 5.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>
#include <span>

#include <sevspec/layout/codes/snp_codes.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/policy.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr bit_info snp_platform_info_value_bits[] = {
    {.lsb = 0, .width =  1, .name = "smt_en",                    .meaning = "SMT enabled"},
    {.lsb = 1, .width =  1, .name = "tsme_en",                   .meaning = "TSME enabled"},
    {.lsb = 2, .width =  1, .name = "ecc_en",                    .meaning = "ECC memory in use"},
    {.lsb = 3, .width =  1, .name = "rapl_dis",                  .meaning = "RAPL disabled"},
    {.lsb = 4, .width =  1, .name = "ciphertext_hiding_dram_en", .meaning = "DRAM ciphertext hiding enabled"},
    {.lsb = 5, .width =  1, .name = "alias_check_complete",      .meaning = "no aliasing addresses since last reset"},
    {.lsb = 6, .width =  1, .name = "reserved_6_6",              .meaning = "reserved", .reserved = true},
    {.lsb = 7, .width =  1, .name = "tio_en",                    .meaning = "SEV-TIO enabled"},
    {.lsb = 8, .width = 56, .name = "reserved_63_8",             .meaning = "reserved", .reserved = true},
};
inline constexpr field_info snp_platform_info_fields[] = {
    {.offset = 0x000, .size = 8, .name = "value", .meaning = "platform information", .since = level::snp, .bits = snp_platform_info_value_bits},
};
inline constexpr structure_info snp_platform_info{
    .name = "snp_platform_info",
    .id = "LAY-SNP-PLATFORM-INFO",
    .size = 0x8,
    .alignment = 0x8,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI Table 24",
    .description = "PLATFORM_INFO of the attestation report.",
    .fields = snp_platform_info_fields,
};

inline constexpr bit_info snp_report_key_info_value_bits[] = {
    {.lsb = 0, .width =  1, .name = "author_key_en", .meaning = "author key digest present"},
    {.lsb = 1, .width =  1, .name = "mask_chip_key", .meaning = "CHIP_ID masked / signing key masked"},
    {.lsb = 2, .width =  3, .name = "signing_key",   .meaning = "0 VCEK, 1 VLEK, 7 none", .values = &tables::snp_signing_key},
    {.lsb = 5, .width = 27, .name = "reserved_31_5", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info snp_report_key_info_fields[] = {
    {.offset = 0x000, .size = 4, .name = "value", .meaning = "key information", .since = level::snp, .bits = snp_report_key_info_value_bits},
};
inline constexpr structure_info snp_report_key_info{
    .name = "snp_report_key_info",
    .id = "LAY-SNP-REPORT-KEY-INFO",
    .size = 0x4,
    .alignment = 0x4,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI Table 23 (offset 48h)",
    .description = "Flags word of the attestation report at 0x48.",
    .fields = snp_report_key_info_fields,
};

inline constexpr field_info attestation_report_v2_fields[] = {
    {.offset = 0x000, .size =   4, .name = "version",           .meaning = "report version (2)", .since = level::snp},
    {.offset = 0x004, .size =   4, .name = "guest_svn",         .meaning = "guest SVN", .since = level::snp},
    {.offset = 0x008, .size =   8, .name = "policy",            .meaning = "guest policy", .since = level::snp, .type = field_type::structure, .nested = &snp_guest_policy},
    {.offset = 0x010, .size =  16, .name = "family_id",         .meaning = "family ID from the ID block", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x020, .size =  16, .name = "image_id",          .meaning = "image ID from the ID block", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x030, .size =   4, .name = "vmpl",              .meaning = "VMPL of the request", .since = level::snp},
    {.offset = 0x034, .size =   4, .name = "signature_algo",    .meaning = "see signature_algorithms", .since = level::snp, .values = &tables::snp_signature_algorithms},
    {.offset = 0x038, .size =   8, .name = "current_tcb",       .meaning = "CurrentTcb", .since = level::snp},
    {.offset = 0x040, .size =   8, .name = "platform_info",     .meaning = "platform information", .since = level::snp, .type = field_type::structure, .nested = &snp_platform_info},
    {.offset = 0x048, .size =   4, .name = "key_info",          .meaning = "key information", .since = level::snp, .type = field_type::structure, .nested = &snp_report_key_info},
    {.offset = 0x04c, .size =   4, .name = "reserved_04c",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x050, .size =  64, .name = "report_data",       .meaning = "data supplied by the guest", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x090, .size =  48, .name = "measurement",       .meaning = "launch digest", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x0c0, .size =  32, .name = "host_data",         .meaning = "data supplied by the host at LAUNCH_FINISH", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x0e0, .size =  48, .name = "id_key_digest",     .meaning = "SHA-384 of the ID key", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x110, .size =  48, .name = "author_key_digest", .meaning = "SHA-384 of the author key", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x140, .size =  32, .name = "report_id",         .meaning = "report ID", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x160, .size =  32, .name = "report_id_ma",      .meaning = "report ID of the migration agent (all ones if none)", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x180, .size =   8, .name = "reported_tcb",      .meaning = "ReportedTcb", .since = level::snp},
    {.offset = 0x188, .size =  24, .name = "reserved_188",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x1a0, .size =  64, .name = "chip_id",           .meaning = "chip identifier or zero when masked", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x1e0, .size =   8, .name = "committed_tcb",     .meaning = "CommittedTcb", .since = level::snp},
    {.offset = 0x1e8, .size =   1, .name = "current_build",     .meaning = "current firmware build", .since = level::snp},
    {.offset = 0x1e9, .size =   1, .name = "current_minor",     .meaning = "current firmware minor", .since = level::snp},
    {.offset = 0x1ea, .size =   1, .name = "current_major",     .meaning = "current firmware major", .since = level::snp},
    {.offset = 0x1eb, .size =   1, .name = "reserved_1eb",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x1ec, .size =   1, .name = "committed_build",   .meaning = "committed firmware build", .since = level::snp},
    {.offset = 0x1ed, .size =   1, .name = "committed_minor",   .meaning = "committed firmware minor", .since = level::snp},
    {.offset = 0x1ee, .size =   1, .name = "committed_major",   .meaning = "committed firmware major", .since = level::snp},
    {.offset = 0x1ef, .size =   1, .name = "reserved_1ef",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x1f0, .size =   8, .name = "launch_tcb",        .meaning = "CurrentTcb at launch or import", .since = level::snp},
    {.offset = 0x1f8, .size = 168, .name = "reserved_1f8",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x2a0, .size =  72, .name = "signature_r",       .meaning = "ECDSA R, little endian, zero extended", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x2e8, .size =  72, .name = "signature_s",       .meaning = "ECDSA S, little endian, zero extended", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x330, .size = 368, .name = "reserved_330",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info attestation_report_v2{
    .name = "attestation_report_v2",
    .id = "LAY-ATTESTATION-REPORT-V2",
    .size = 0x4a0,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI Table 23 (22 in older revisions)",
    .description = "Attestation report version 2 (also 0/1 layouts before). Signature covers bytes 0x000..0x29F.",
    .fields = attestation_report_v2_fields,
};

inline constexpr field_info attestation_report_v3_fields[] = {
    {.offset = 0x000, .size =   4, .name = "version",           .meaning = "report version (3)", .since = level::snp},
    {.offset = 0x004, .size =   4, .name = "guest_svn",         .meaning = "guest SVN", .since = level::snp},
    {.offset = 0x008, .size =   8, .name = "policy",            .meaning = "guest policy", .since = level::snp, .type = field_type::structure, .nested = &snp_guest_policy},
    {.offset = 0x010, .size =  16, .name = "family_id",         .meaning = "family ID from the ID block", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x020, .size =  16, .name = "image_id",          .meaning = "image ID from the ID block", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x030, .size =   4, .name = "vmpl",              .meaning = "VMPL of the request", .since = level::snp},
    {.offset = 0x034, .size =   4, .name = "signature_algo",    .meaning = "see signature_algorithms", .since = level::snp, .values = &tables::snp_signature_algorithms},
    {.offset = 0x038, .size =   8, .name = "current_tcb",       .meaning = "CurrentTcb", .since = level::snp},
    {.offset = 0x040, .size =   8, .name = "platform_info",     .meaning = "platform information", .since = level::snp, .type = field_type::structure, .nested = &snp_platform_info},
    {.offset = 0x048, .size =   4, .name = "key_info",          .meaning = "key information", .since = level::snp, .type = field_type::structure, .nested = &snp_report_key_info},
    {.offset = 0x04c, .size =   4, .name = "reserved_04c",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x050, .size =  64, .name = "report_data",       .meaning = "data supplied by the guest", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x090, .size =  48, .name = "measurement",       .meaning = "launch digest", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x0c0, .size =  32, .name = "host_data",         .meaning = "data supplied by the host at LAUNCH_FINISH", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x0e0, .size =  48, .name = "id_key_digest",     .meaning = "SHA-384 of the ID key", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x110, .size =  48, .name = "author_key_digest", .meaning = "SHA-384 of the author key", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x140, .size =  32, .name = "report_id",         .meaning = "report ID", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x160, .size =  32, .name = "report_id_ma",      .meaning = "report ID of the migration agent (all ones if none)", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x180, .size =   8, .name = "reported_tcb",      .meaning = "ReportedTcb", .since = level::snp},
    {.offset = 0x188, .size =   1, .name = "cpuid_fam_id",      .meaning = "combined extended family and family", .since = level::snp_v3},
    {.offset = 0x189, .size =   1, .name = "cpuid_mod_id",      .meaning = "combined extended model and model", .since = level::snp_v3},
    {.offset = 0x18a, .size =   1, .name = "cpuid_step",        .meaning = "stepping", .since = level::snp_v3},
    {.offset = 0x18b, .size =  21, .name = "reserved_18b",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x1a0, .size =  64, .name = "chip_id",           .meaning = "chip identifier or zero when masked", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x1e0, .size =   8, .name = "committed_tcb",     .meaning = "CommittedTcb", .since = level::snp},
    {.offset = 0x1e8, .size =   1, .name = "current_build",     .meaning = "current firmware build", .since = level::snp},
    {.offset = 0x1e9, .size =   1, .name = "current_minor",     .meaning = "current firmware minor", .since = level::snp},
    {.offset = 0x1ea, .size =   1, .name = "current_major",     .meaning = "current firmware major", .since = level::snp},
    {.offset = 0x1eb, .size =   1, .name = "reserved_1eb",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x1ec, .size =   1, .name = "committed_build",   .meaning = "committed firmware build", .since = level::snp},
    {.offset = 0x1ed, .size =   1, .name = "committed_minor",   .meaning = "committed firmware minor", .since = level::snp},
    {.offset = 0x1ee, .size =   1, .name = "committed_major",   .meaning = "committed firmware major", .since = level::snp},
    {.offset = 0x1ef, .size =   1, .name = "reserved_1ef",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x1f0, .size =   8, .name = "launch_tcb",        .meaning = "CurrentTcb at launch or import", .since = level::snp},
    {.offset = 0x1f8, .size = 168, .name = "reserved_1f8",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x2a0, .size =  72, .name = "signature_r",       .meaning = "ECDSA R, little endian, zero extended", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x2e8, .size =  72, .name = "signature_s",       .meaning = "ECDSA S, little endian, zero extended", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x330, .size = 368, .name = "reserved_330",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info attestation_report_v3{
    .name = "attestation_report_v3",
    .id = "LAY-ATTESTATION-REPORT-V3",
    .size = 0x4a0,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI Table 23 (22 in older revisions)",
    .description = "Attestation report version 3 (and 4): adds CPUID family/model/stepping. Signature covers bytes 0x000..0x29F.",
    .fields = attestation_report_v3_fields,
};

inline constexpr field_info attestation_report_v5_fields[] = {
    {.offset = 0x000, .size =   4, .name = "version",            .meaning = "report version (5)", .since = level::snp},
    {.offset = 0x004, .size =   4, .name = "guest_svn",          .meaning = "guest SVN", .since = level::snp},
    {.offset = 0x008, .size =   8, .name = "policy",             .meaning = "guest policy", .since = level::snp, .type = field_type::structure, .nested = &snp_guest_policy},
    {.offset = 0x010, .size =  16, .name = "family_id",          .meaning = "family ID from the ID block", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x020, .size =  16, .name = "image_id",           .meaning = "image ID from the ID block", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x030, .size =   4, .name = "vmpl",               .meaning = "VMPL of the request", .since = level::snp},
    {.offset = 0x034, .size =   4, .name = "signature_algo",     .meaning = "see signature_algorithms", .since = level::snp, .values = &tables::snp_signature_algorithms},
    {.offset = 0x038, .size =   8, .name = "current_tcb",        .meaning = "CurrentTcb", .since = level::snp},
    {.offset = 0x040, .size =   8, .name = "platform_info",      .meaning = "platform information", .since = level::snp, .type = field_type::structure, .nested = &snp_platform_info},
    {.offset = 0x048, .size =   4, .name = "key_info",           .meaning = "key information", .since = level::snp, .type = field_type::structure, .nested = &snp_report_key_info},
    {.offset = 0x04c, .size =   4, .name = "reserved_04c",       .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x050, .size =  64, .name = "report_data",        .meaning = "data supplied by the guest", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x090, .size =  48, .name = "measurement",        .meaning = "launch digest", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x0c0, .size =  32, .name = "host_data",          .meaning = "data supplied by the host at LAUNCH_FINISH", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x0e0, .size =  48, .name = "id_key_digest",      .meaning = "SHA-384 of the ID key", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x110, .size =  48, .name = "author_key_digest",  .meaning = "SHA-384 of the author key", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x140, .size =  32, .name = "report_id",          .meaning = "report ID", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x160, .size =  32, .name = "report_id_ma",       .meaning = "report ID of the migration agent (all ones if none)", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x180, .size =   8, .name = "reported_tcb",       .meaning = "ReportedTcb", .since = level::snp},
    {.offset = 0x188, .size =   1, .name = "cpuid_fam_id",       .meaning = "combined extended family and family", .since = level::snp_v3},
    {.offset = 0x189, .size =   1, .name = "cpuid_mod_id",       .meaning = "combined extended model and model", .since = level::snp_v3},
    {.offset = 0x18a, .size =   1, .name = "cpuid_step",         .meaning = "stepping", .since = level::snp_v3},
    {.offset = 0x18b, .size =  21, .name = "reserved_18b",       .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x1a0, .size =  64, .name = "chip_id",            .meaning = "chip identifier or zero when masked", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x1e0, .size =   8, .name = "committed_tcb",      .meaning = "CommittedTcb", .since = level::snp},
    {.offset = 0x1e8, .size =   1, .name = "current_build",      .meaning = "current firmware build", .since = level::snp},
    {.offset = 0x1e9, .size =   1, .name = "current_minor",      .meaning = "current firmware minor", .since = level::snp},
    {.offset = 0x1ea, .size =   1, .name = "current_major",      .meaning = "current firmware major", .since = level::snp},
    {.offset = 0x1eb, .size =   1, .name = "reserved_1eb",       .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x1ec, .size =   1, .name = "committed_build",    .meaning = "committed firmware build", .since = level::snp},
    {.offset = 0x1ed, .size =   1, .name = "committed_minor",    .meaning = "committed firmware minor", .since = level::snp},
    {.offset = 0x1ee, .size =   1, .name = "committed_major",    .meaning = "committed firmware major", .since = level::snp},
    {.offset = 0x1ef, .size =   1, .name = "reserved_1ef",       .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x1f0, .size =   8, .name = "launch_tcb",         .meaning = "CurrentTcb at launch or import", .since = level::snp},
    {.offset = 0x1f8, .size =   8, .name = "launch_mit_vector",  .meaning = "mitigation vector at launch", .since = level::snp_v5},
    {.offset = 0x200, .size =   8, .name = "current_mit_vector", .meaning = "current mitigation vector", .since = level::snp_v5},
    {.offset = 0x208, .size = 152, .name = "reserved_208",       .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x2a0, .size =  72, .name = "signature_r",        .meaning = "ECDSA R, little endian, zero extended", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x2e8, .size =  72, .name = "signature_s",        .meaning = "ECDSA S, little endian, zero extended", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x330, .size = 368, .name = "reserved_330",       .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info attestation_report_v5{
    .name = "attestation_report_v5",
    .id = "LAY-ATTESTATION-REPORT-V5",
    .size = 0x4a0,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI Table 23 (22 in older revisions)",
    .description = "Attestation report version 5: adds mitigation vectors. Signature covers bytes 0x000..0x29F.",
    .fields = attestation_report_v5_fields,
};

}  // namespace descriptions

/// PLATFORM_INFO of the attestation report.   SNP ABI Table 24
/// 8 bytes, aligned to 8 in memory.
struct snp_platform_info {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: SMT enabled.
  [[nodiscard]] constexpr auto smt_en() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_smt_en(bool value) & -> snp_platform_info& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_smt_en(bool value) && -> snp_platform_info { return put(*this, 0, 0, value); }
  /// Bit 1: TSME enabled.
  [[nodiscard]] constexpr auto tsme_en() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_tsme_en(bool value) & -> snp_platform_info& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_tsme_en(bool value) && -> snp_platform_info { return put(*this, 1, 1, value); }
  /// Bit 2: ECC memory in use.
  [[nodiscard]] constexpr auto ecc_en() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_ecc_en(bool value) & -> snp_platform_info& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_ecc_en(bool value) && -> snp_platform_info { return put(*this, 2, 2, value); }
  /// Bit 3: RAPL disabled.
  [[nodiscard]] constexpr auto rapl_dis() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_rapl_dis(bool value) & -> snp_platform_info& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_rapl_dis(bool value) && -> snp_platform_info { return put(*this, 3, 3, value); }
  /// Bit 4: DRAM ciphertext hiding enabled.
  [[nodiscard]] constexpr auto ciphertext_hiding_dram_en() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_ciphertext_hiding_dram_en(bool value) & -> snp_platform_info& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_ciphertext_hiding_dram_en(bool value) && -> snp_platform_info { return put(*this, 4, 4, value); }
  /// Bit 5: No aliasing addresses since last reset.
  [[nodiscard]] constexpr auto alias_check_complete() const noexcept -> bool { return bit_at(raw, 5); }
  constexpr auto set_alias_check_complete(bool value) & -> snp_platform_info& { return put(*this, 5, 5, value); }
  [[nodiscard]] constexpr auto set_alias_check_complete(bool value) && -> snp_platform_info { return put(*this, 5, 5, value); }
  /// Bit 7: SEV-TIO enabled.
  [[nodiscard]] constexpr auto tio_en() const noexcept -> bool { return bit_at(raw, 7); }
  constexpr auto set_tio_en(bool value) & -> snp_platform_info& { return put(*this, 7, 7, value); }
  [[nodiscard]] constexpr auto set_tio_en(bool value) && -> snp_platform_info { return put(*this, 7, 7, value); }

  friend constexpr auto operator==(const snp_platform_info&, const snp_platform_info&) -> bool = default;
  friend constexpr auto describe(const snp_platform_info*) noexcept -> const structure_info& {
    return descriptions::snp_platform_info;
  }
};

/// Flags word of the attestation report at 0x48.   SNP ABI Table 23 (offset 48h)
/// 4 bytes, aligned to 4 in memory.
struct snp_report_key_info {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Author key digest present.
  [[nodiscard]] constexpr auto author_key_en() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_author_key_en(bool value) & -> snp_report_key_info& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_author_key_en(bool value) && -> snp_report_key_info { return put(*this, 0, 0, value); }
  /// Bit 1: CHIP_ID masked / signing key masked.
  [[nodiscard]] constexpr auto mask_chip_key() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_mask_chip_key(bool value) & -> snp_report_key_info& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_mask_chip_key(bool value) && -> snp_report_key_info { return put(*this, 1, 1, value); }
  /// Bits 4:2: 0 VCEK, 1 VLEK, 7 none.
  [[nodiscard]] constexpr auto signing_key() const noexcept -> snp_signing_key {
    return static_cast<snp_signing_key>(bits32_at(raw, 4, 2));
  }
  constexpr auto set_signing_key(snp_signing_key value) & -> snp_report_key_info& { return put(*this, 4, 2, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_signing_key(snp_signing_key value) && -> snp_report_key_info { return put(*this, 4, 2, static_cast<std::uint64_t>(value)); }

  friend constexpr auto operator==(const snp_report_key_info&, const snp_report_key_info&) -> bool = default;
  friend constexpr auto describe(const snp_report_key_info*) noexcept -> const structure_info& {
    return descriptions::snp_report_key_info;
  }
};

/// Attestation report version 2 (also 0/1 layouts before). Signature covers bytes 0x000..0x29F.   SNP ABI Table 23 (22
/// in older revisions)
template <class Storage>
struct basic_attestation_report_v2 : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_attestation_report_v2(const basic_attestation_report_v2<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_attestation_report_v2(basic_attestation_report_v2<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Report version (2).
  [[nodiscard]] constexpr auto version() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_version(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: Guest SVN.
  [[nodiscard]] constexpr auto guest_svn() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x004>(*this); }
  constexpr void set_guest_svn(std::uint32_t value) noexcept { store<0x004>(*this, value); }
  /// 008h: Guest policy.
  [[nodiscard]] constexpr auto policy() const noexcept -> snp_guest_policy {
    return load<snp_guest_policy, 0x008>(*this);
  }
  constexpr void set_policy(snp_guest_policy value) noexcept { store<0x008>(*this, value); }
  /// 010h: Family ID from the ID block.
  [[nodiscard]] constexpr auto family_id() noexcept { return bytes_at<0x010, 16>(*this); }
  [[nodiscard]] constexpr auto family_id() const noexcept { return bytes_at<0x010, 16>(*this); }
  constexpr void set_family_id(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x010>(*this, value); }
  /// 020h: Image ID from the ID block.
  [[nodiscard]] constexpr auto image_id() noexcept { return bytes_at<0x020, 16>(*this); }
  [[nodiscard]] constexpr auto image_id() const noexcept { return bytes_at<0x020, 16>(*this); }
  constexpr void set_image_id(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x020>(*this, value); }
  /// 030h: VMPL of the request.
  [[nodiscard]] constexpr auto vmpl() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x030>(*this); }
  constexpr void set_vmpl(std::uint32_t value) noexcept { store<0x030>(*this, value); }
  /// 034h: See signature_algorithms.
  [[nodiscard]] constexpr auto signature_algo() const noexcept -> snp_signature_algorithms {
    return static_cast<snp_signature_algorithms>(load<std::uint32_t, 0x034>(*this));
  }
  constexpr void set_signature_algo(snp_signature_algorithms value) { store_code<std::uint32_t, 0x034>(*this, value); }
  /// 038h: CurrentTcb.
  [[nodiscard]] constexpr auto current_tcb() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x038>(*this);
  }
  constexpr void set_current_tcb(std::uint64_t value) noexcept { store<0x038>(*this, value); }
  /// 040h: Platform information.
  [[nodiscard]] constexpr auto platform_info() const noexcept -> snp_platform_info {
    return load<snp_platform_info, 0x040>(*this);
  }
  constexpr void set_platform_info(snp_platform_info value) noexcept { store<0x040>(*this, value); }
  /// 048h: Key information.
  [[nodiscard]] constexpr auto key_info() const noexcept -> snp_report_key_info {
    return load<snp_report_key_info, 0x048>(*this);
  }
  constexpr void set_key_info(snp_report_key_info value) noexcept { store<0x048>(*this, value); }
  /// 050h: Data supplied by the guest.
  [[nodiscard]] constexpr auto report_data() noexcept { return bytes_at<0x050, 64>(*this); }
  [[nodiscard]] constexpr auto report_data() const noexcept { return bytes_at<0x050, 64>(*this); }
  constexpr void set_report_data(std::span<const std::uint8_t, 64> value) noexcept { store_bytes<0x050>(*this, value); }
  /// 090h: Launch digest.
  [[nodiscard]] constexpr auto measurement() noexcept { return bytes_at<0x090, 48>(*this); }
  [[nodiscard]] constexpr auto measurement() const noexcept { return bytes_at<0x090, 48>(*this); }
  constexpr void set_measurement(std::span<const std::uint8_t, 48> value) noexcept { store_bytes<0x090>(*this, value); }
  /// 0C0h: Data supplied by the host at LAUNCH_FINISH.
  [[nodiscard]] constexpr auto host_data() noexcept { return bytes_at<0x0c0, 32>(*this); }
  [[nodiscard]] constexpr auto host_data() const noexcept { return bytes_at<0x0c0, 32>(*this); }
  constexpr void set_host_data(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x0c0>(*this, value); }
  /// 0E0h: SHA-384 of the ID key.
  [[nodiscard]] constexpr auto id_key_digest() noexcept { return bytes_at<0x0e0, 48>(*this); }
  [[nodiscard]] constexpr auto id_key_digest() const noexcept { return bytes_at<0x0e0, 48>(*this); }
  constexpr void set_id_key_digest(std::span<const std::uint8_t, 48> value) noexcept {
    store_bytes<0x0e0>(*this, value);
  }
  /// 110h: SHA-384 of the author key.
  [[nodiscard]] constexpr auto author_key_digest() noexcept { return bytes_at<0x110, 48>(*this); }
  [[nodiscard]] constexpr auto author_key_digest() const noexcept { return bytes_at<0x110, 48>(*this); }
  constexpr void set_author_key_digest(std::span<const std::uint8_t, 48> value) noexcept {
    store_bytes<0x110>(*this, value);
  }
  /// 140h: Report ID.
  [[nodiscard]] constexpr auto report_id() noexcept { return bytes_at<0x140, 32>(*this); }
  [[nodiscard]] constexpr auto report_id() const noexcept { return bytes_at<0x140, 32>(*this); }
  constexpr void set_report_id(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x140>(*this, value); }
  /// 160h: Report ID of the migration agent (all ones if none).
  [[nodiscard]] constexpr auto report_id_ma() noexcept { return bytes_at<0x160, 32>(*this); }
  [[nodiscard]] constexpr auto report_id_ma() const noexcept { return bytes_at<0x160, 32>(*this); }
  constexpr void set_report_id_ma(std::span<const std::uint8_t, 32> value) noexcept {
    store_bytes<0x160>(*this, value);
  }
  /// 180h: ReportedTcb.
  [[nodiscard]] constexpr auto reported_tcb() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x180>(*this);
  }
  constexpr void set_reported_tcb(std::uint64_t value) noexcept { store<0x180>(*this, value); }
  /// 1A0h: Chip identifier or zero when masked.
  [[nodiscard]] constexpr auto chip_id() noexcept { return bytes_at<0x1a0, 64>(*this); }
  [[nodiscard]] constexpr auto chip_id() const noexcept { return bytes_at<0x1a0, 64>(*this); }
  constexpr void set_chip_id(std::span<const std::uint8_t, 64> value) noexcept { store_bytes<0x1a0>(*this, value); }
  /// 1E0h: CommittedTcb.
  [[nodiscard]] constexpr auto committed_tcb() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1e0>(*this);
  }
  constexpr void set_committed_tcb(std::uint64_t value) noexcept { store<0x1e0>(*this, value); }
  /// 1E8h: Current firmware build.
  [[nodiscard]] constexpr auto current_build() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x1e8>(*this);
  }
  constexpr void set_current_build(std::uint8_t value) noexcept { store<0x1e8>(*this, value); }
  /// 1E9h: Current firmware minor.
  [[nodiscard]] constexpr auto current_minor() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x1e9>(*this);
  }
  constexpr void set_current_minor(std::uint8_t value) noexcept { store<0x1e9>(*this, value); }
  /// 1EAh: Current firmware major.
  [[nodiscard]] constexpr auto current_major() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x1ea>(*this);
  }
  constexpr void set_current_major(std::uint8_t value) noexcept { store<0x1ea>(*this, value); }
  /// 1ECh: Committed firmware build.
  [[nodiscard]] constexpr auto committed_build() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x1ec>(*this);
  }
  constexpr void set_committed_build(std::uint8_t value) noexcept { store<0x1ec>(*this, value); }
  /// 1EDh: Committed firmware minor.
  [[nodiscard]] constexpr auto committed_minor() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x1ed>(*this);
  }
  constexpr void set_committed_minor(std::uint8_t value) noexcept { store<0x1ed>(*this, value); }
  /// 1EEh: Committed firmware major.
  [[nodiscard]] constexpr auto committed_major() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x1ee>(*this);
  }
  constexpr void set_committed_major(std::uint8_t value) noexcept { store<0x1ee>(*this, value); }
  /// 1F0h: CurrentTcb at launch or import.
  [[nodiscard]] constexpr auto launch_tcb() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1f0>(*this);
  }
  constexpr void set_launch_tcb(std::uint64_t value) noexcept { store<0x1f0>(*this, value); }
  /// 2A0h: ECDSA R, little endian, zero extended.
  [[nodiscard]] constexpr auto signature_r() noexcept { return bytes_at<0x2a0, 72>(*this); }
  [[nodiscard]] constexpr auto signature_r() const noexcept { return bytes_at<0x2a0, 72>(*this); }
  constexpr void set_signature_r(std::span<const std::uint8_t, 72> value) noexcept { store_bytes<0x2a0>(*this, value); }
  /// 2E8h: ECDSA S, little endian, zero extended.
  [[nodiscard]] constexpr auto signature_s() noexcept { return bytes_at<0x2e8, 72>(*this); }
  [[nodiscard]] constexpr auto signature_s() const noexcept { return bytes_at<0x2e8, 72>(*this); }
  constexpr void set_signature_s(std::span<const std::uint8_t, 72> value) noexcept { store_bytes<0x2e8>(*this, value); }

  friend constexpr auto describe(const basic_attestation_report_v2*) noexcept -> const structure_info& {
    return descriptions::attestation_report_v2;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_attestation_report_v2<A>& a, const basic_attestation_report_v2<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using attestation_report_v2 = basic_attestation_report_v2<owned<1184>>;
/// Over bytes that lie elsewhere.
using attestation_report_v2_view = basic_attestation_report_v2<borrowed<std::uint8_t, 1184>>;
/// Over bytes that are only read.
using attestation_report_v2_const_view = basic_attestation_report_v2<borrowed<const std::uint8_t, 1184>>;

/// Attestation report version 3 (and 4): adds CPUID family/model/stepping. Signature covers bytes 0x000..0x29F.   SNP
/// ABI Table 23 (22 in older revisions)
template <class Storage>
struct basic_attestation_report_v3 : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_attestation_report_v3(const basic_attestation_report_v3<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_attestation_report_v3(basic_attestation_report_v3<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Report version (3).
  [[nodiscard]] constexpr auto version() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_version(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: Guest SVN.
  [[nodiscard]] constexpr auto guest_svn() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x004>(*this); }
  constexpr void set_guest_svn(std::uint32_t value) noexcept { store<0x004>(*this, value); }
  /// 008h: Guest policy.
  [[nodiscard]] constexpr auto policy() const noexcept -> snp_guest_policy {
    return load<snp_guest_policy, 0x008>(*this);
  }
  constexpr void set_policy(snp_guest_policy value) noexcept { store<0x008>(*this, value); }
  /// 010h: Family ID from the ID block.
  [[nodiscard]] constexpr auto family_id() noexcept { return bytes_at<0x010, 16>(*this); }
  [[nodiscard]] constexpr auto family_id() const noexcept { return bytes_at<0x010, 16>(*this); }
  constexpr void set_family_id(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x010>(*this, value); }
  /// 020h: Image ID from the ID block.
  [[nodiscard]] constexpr auto image_id() noexcept { return bytes_at<0x020, 16>(*this); }
  [[nodiscard]] constexpr auto image_id() const noexcept { return bytes_at<0x020, 16>(*this); }
  constexpr void set_image_id(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x020>(*this, value); }
  /// 030h: VMPL of the request.
  [[nodiscard]] constexpr auto vmpl() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x030>(*this); }
  constexpr void set_vmpl(std::uint32_t value) noexcept { store<0x030>(*this, value); }
  /// 034h: See signature_algorithms.
  [[nodiscard]] constexpr auto signature_algo() const noexcept -> snp_signature_algorithms {
    return static_cast<snp_signature_algorithms>(load<std::uint32_t, 0x034>(*this));
  }
  constexpr void set_signature_algo(snp_signature_algorithms value) { store_code<std::uint32_t, 0x034>(*this, value); }
  /// 038h: CurrentTcb.
  [[nodiscard]] constexpr auto current_tcb() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x038>(*this);
  }
  constexpr void set_current_tcb(std::uint64_t value) noexcept { store<0x038>(*this, value); }
  /// 040h: Platform information.
  [[nodiscard]] constexpr auto platform_info() const noexcept -> snp_platform_info {
    return load<snp_platform_info, 0x040>(*this);
  }
  constexpr void set_platform_info(snp_platform_info value) noexcept { store<0x040>(*this, value); }
  /// 048h: Key information.
  [[nodiscard]] constexpr auto key_info() const noexcept -> snp_report_key_info {
    return load<snp_report_key_info, 0x048>(*this);
  }
  constexpr void set_key_info(snp_report_key_info value) noexcept { store<0x048>(*this, value); }
  /// 050h: Data supplied by the guest.
  [[nodiscard]] constexpr auto report_data() noexcept { return bytes_at<0x050, 64>(*this); }
  [[nodiscard]] constexpr auto report_data() const noexcept { return bytes_at<0x050, 64>(*this); }
  constexpr void set_report_data(std::span<const std::uint8_t, 64> value) noexcept { store_bytes<0x050>(*this, value); }
  /// 090h: Launch digest.
  [[nodiscard]] constexpr auto measurement() noexcept { return bytes_at<0x090, 48>(*this); }
  [[nodiscard]] constexpr auto measurement() const noexcept { return bytes_at<0x090, 48>(*this); }
  constexpr void set_measurement(std::span<const std::uint8_t, 48> value) noexcept { store_bytes<0x090>(*this, value); }
  /// 0C0h: Data supplied by the host at LAUNCH_FINISH.
  [[nodiscard]] constexpr auto host_data() noexcept { return bytes_at<0x0c0, 32>(*this); }
  [[nodiscard]] constexpr auto host_data() const noexcept { return bytes_at<0x0c0, 32>(*this); }
  constexpr void set_host_data(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x0c0>(*this, value); }
  /// 0E0h: SHA-384 of the ID key.
  [[nodiscard]] constexpr auto id_key_digest() noexcept { return bytes_at<0x0e0, 48>(*this); }
  [[nodiscard]] constexpr auto id_key_digest() const noexcept { return bytes_at<0x0e0, 48>(*this); }
  constexpr void set_id_key_digest(std::span<const std::uint8_t, 48> value) noexcept {
    store_bytes<0x0e0>(*this, value);
  }
  /// 110h: SHA-384 of the author key.
  [[nodiscard]] constexpr auto author_key_digest() noexcept { return bytes_at<0x110, 48>(*this); }
  [[nodiscard]] constexpr auto author_key_digest() const noexcept { return bytes_at<0x110, 48>(*this); }
  constexpr void set_author_key_digest(std::span<const std::uint8_t, 48> value) noexcept {
    store_bytes<0x110>(*this, value);
  }
  /// 140h: Report ID.
  [[nodiscard]] constexpr auto report_id() noexcept { return bytes_at<0x140, 32>(*this); }
  [[nodiscard]] constexpr auto report_id() const noexcept { return bytes_at<0x140, 32>(*this); }
  constexpr void set_report_id(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x140>(*this, value); }
  /// 160h: Report ID of the migration agent (all ones if none).
  [[nodiscard]] constexpr auto report_id_ma() noexcept { return bytes_at<0x160, 32>(*this); }
  [[nodiscard]] constexpr auto report_id_ma() const noexcept { return bytes_at<0x160, 32>(*this); }
  constexpr void set_report_id_ma(std::span<const std::uint8_t, 32> value) noexcept {
    store_bytes<0x160>(*this, value);
  }
  /// 180h: ReportedTcb.
  [[nodiscard]] constexpr auto reported_tcb() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x180>(*this);
  }
  constexpr void set_reported_tcb(std::uint64_t value) noexcept { store<0x180>(*this, value); }
  /// 188h: Combined extended family and family. (SNP-v3)
  [[nodiscard]] constexpr auto cpuid_fam_id() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x188>(*this);
  }
  constexpr void set_cpuid_fam_id(std::uint8_t value) noexcept { store<0x188>(*this, value); }
  /// 189h: Combined extended model and model. (SNP-v3)
  [[nodiscard]] constexpr auto cpuid_mod_id() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x189>(*this);
  }
  constexpr void set_cpuid_mod_id(std::uint8_t value) noexcept { store<0x189>(*this, value); }
  /// 18Ah: Stepping. (SNP-v3)
  [[nodiscard]] constexpr auto cpuid_step() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x18a>(*this); }
  constexpr void set_cpuid_step(std::uint8_t value) noexcept { store<0x18a>(*this, value); }
  /// 1A0h: Chip identifier or zero when masked.
  [[nodiscard]] constexpr auto chip_id() noexcept { return bytes_at<0x1a0, 64>(*this); }
  [[nodiscard]] constexpr auto chip_id() const noexcept { return bytes_at<0x1a0, 64>(*this); }
  constexpr void set_chip_id(std::span<const std::uint8_t, 64> value) noexcept { store_bytes<0x1a0>(*this, value); }
  /// 1E0h: CommittedTcb.
  [[nodiscard]] constexpr auto committed_tcb() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1e0>(*this);
  }
  constexpr void set_committed_tcb(std::uint64_t value) noexcept { store<0x1e0>(*this, value); }
  /// 1E8h: Current firmware build.
  [[nodiscard]] constexpr auto current_build() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x1e8>(*this);
  }
  constexpr void set_current_build(std::uint8_t value) noexcept { store<0x1e8>(*this, value); }
  /// 1E9h: Current firmware minor.
  [[nodiscard]] constexpr auto current_minor() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x1e9>(*this);
  }
  constexpr void set_current_minor(std::uint8_t value) noexcept { store<0x1e9>(*this, value); }
  /// 1EAh: Current firmware major.
  [[nodiscard]] constexpr auto current_major() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x1ea>(*this);
  }
  constexpr void set_current_major(std::uint8_t value) noexcept { store<0x1ea>(*this, value); }
  /// 1ECh: Committed firmware build.
  [[nodiscard]] constexpr auto committed_build() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x1ec>(*this);
  }
  constexpr void set_committed_build(std::uint8_t value) noexcept { store<0x1ec>(*this, value); }
  /// 1EDh: Committed firmware minor.
  [[nodiscard]] constexpr auto committed_minor() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x1ed>(*this);
  }
  constexpr void set_committed_minor(std::uint8_t value) noexcept { store<0x1ed>(*this, value); }
  /// 1EEh: Committed firmware major.
  [[nodiscard]] constexpr auto committed_major() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x1ee>(*this);
  }
  constexpr void set_committed_major(std::uint8_t value) noexcept { store<0x1ee>(*this, value); }
  /// 1F0h: CurrentTcb at launch or import.
  [[nodiscard]] constexpr auto launch_tcb() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1f0>(*this);
  }
  constexpr void set_launch_tcb(std::uint64_t value) noexcept { store<0x1f0>(*this, value); }
  /// 2A0h: ECDSA R, little endian, zero extended.
  [[nodiscard]] constexpr auto signature_r() noexcept { return bytes_at<0x2a0, 72>(*this); }
  [[nodiscard]] constexpr auto signature_r() const noexcept { return bytes_at<0x2a0, 72>(*this); }
  constexpr void set_signature_r(std::span<const std::uint8_t, 72> value) noexcept { store_bytes<0x2a0>(*this, value); }
  /// 2E8h: ECDSA S, little endian, zero extended.
  [[nodiscard]] constexpr auto signature_s() noexcept { return bytes_at<0x2e8, 72>(*this); }
  [[nodiscard]] constexpr auto signature_s() const noexcept { return bytes_at<0x2e8, 72>(*this); }
  constexpr void set_signature_s(std::span<const std::uint8_t, 72> value) noexcept { store_bytes<0x2e8>(*this, value); }

  friend constexpr auto describe(const basic_attestation_report_v3*) noexcept -> const structure_info& {
    return descriptions::attestation_report_v3;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_attestation_report_v3<A>& a, const basic_attestation_report_v3<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using attestation_report_v3 = basic_attestation_report_v3<owned<1184>>;
/// Over bytes that lie elsewhere.
using attestation_report_v3_view = basic_attestation_report_v3<borrowed<std::uint8_t, 1184>>;
/// Over bytes that are only read.
using attestation_report_v3_const_view = basic_attestation_report_v3<borrowed<const std::uint8_t, 1184>>;

/// Attestation report version 5: adds mitigation vectors. Signature covers bytes 0x000..0x29F.   SNP ABI Table 23 (22
/// in older revisions)
template <class Storage>
struct basic_attestation_report_v5 : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_attestation_report_v5(const basic_attestation_report_v5<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_attestation_report_v5(basic_attestation_report_v5<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Report version (5).
  [[nodiscard]] constexpr auto version() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_version(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: Guest SVN.
  [[nodiscard]] constexpr auto guest_svn() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x004>(*this); }
  constexpr void set_guest_svn(std::uint32_t value) noexcept { store<0x004>(*this, value); }
  /// 008h: Guest policy.
  [[nodiscard]] constexpr auto policy() const noexcept -> snp_guest_policy {
    return load<snp_guest_policy, 0x008>(*this);
  }
  constexpr void set_policy(snp_guest_policy value) noexcept { store<0x008>(*this, value); }
  /// 010h: Family ID from the ID block.
  [[nodiscard]] constexpr auto family_id() noexcept { return bytes_at<0x010, 16>(*this); }
  [[nodiscard]] constexpr auto family_id() const noexcept { return bytes_at<0x010, 16>(*this); }
  constexpr void set_family_id(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x010>(*this, value); }
  /// 020h: Image ID from the ID block.
  [[nodiscard]] constexpr auto image_id() noexcept { return bytes_at<0x020, 16>(*this); }
  [[nodiscard]] constexpr auto image_id() const noexcept { return bytes_at<0x020, 16>(*this); }
  constexpr void set_image_id(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x020>(*this, value); }
  /// 030h: VMPL of the request.
  [[nodiscard]] constexpr auto vmpl() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x030>(*this); }
  constexpr void set_vmpl(std::uint32_t value) noexcept { store<0x030>(*this, value); }
  /// 034h: See signature_algorithms.
  [[nodiscard]] constexpr auto signature_algo() const noexcept -> snp_signature_algorithms {
    return static_cast<snp_signature_algorithms>(load<std::uint32_t, 0x034>(*this));
  }
  constexpr void set_signature_algo(snp_signature_algorithms value) { store_code<std::uint32_t, 0x034>(*this, value); }
  /// 038h: CurrentTcb.
  [[nodiscard]] constexpr auto current_tcb() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x038>(*this);
  }
  constexpr void set_current_tcb(std::uint64_t value) noexcept { store<0x038>(*this, value); }
  /// 040h: Platform information.
  [[nodiscard]] constexpr auto platform_info() const noexcept -> snp_platform_info {
    return load<snp_platform_info, 0x040>(*this);
  }
  constexpr void set_platform_info(snp_platform_info value) noexcept { store<0x040>(*this, value); }
  /// 048h: Key information.
  [[nodiscard]] constexpr auto key_info() const noexcept -> snp_report_key_info {
    return load<snp_report_key_info, 0x048>(*this);
  }
  constexpr void set_key_info(snp_report_key_info value) noexcept { store<0x048>(*this, value); }
  /// 050h: Data supplied by the guest.
  [[nodiscard]] constexpr auto report_data() noexcept { return bytes_at<0x050, 64>(*this); }
  [[nodiscard]] constexpr auto report_data() const noexcept { return bytes_at<0x050, 64>(*this); }
  constexpr void set_report_data(std::span<const std::uint8_t, 64> value) noexcept { store_bytes<0x050>(*this, value); }
  /// 090h: Launch digest.
  [[nodiscard]] constexpr auto measurement() noexcept { return bytes_at<0x090, 48>(*this); }
  [[nodiscard]] constexpr auto measurement() const noexcept { return bytes_at<0x090, 48>(*this); }
  constexpr void set_measurement(std::span<const std::uint8_t, 48> value) noexcept { store_bytes<0x090>(*this, value); }
  /// 0C0h: Data supplied by the host at LAUNCH_FINISH.
  [[nodiscard]] constexpr auto host_data() noexcept { return bytes_at<0x0c0, 32>(*this); }
  [[nodiscard]] constexpr auto host_data() const noexcept { return bytes_at<0x0c0, 32>(*this); }
  constexpr void set_host_data(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x0c0>(*this, value); }
  /// 0E0h: SHA-384 of the ID key.
  [[nodiscard]] constexpr auto id_key_digest() noexcept { return bytes_at<0x0e0, 48>(*this); }
  [[nodiscard]] constexpr auto id_key_digest() const noexcept { return bytes_at<0x0e0, 48>(*this); }
  constexpr void set_id_key_digest(std::span<const std::uint8_t, 48> value) noexcept {
    store_bytes<0x0e0>(*this, value);
  }
  /// 110h: SHA-384 of the author key.
  [[nodiscard]] constexpr auto author_key_digest() noexcept { return bytes_at<0x110, 48>(*this); }
  [[nodiscard]] constexpr auto author_key_digest() const noexcept { return bytes_at<0x110, 48>(*this); }
  constexpr void set_author_key_digest(std::span<const std::uint8_t, 48> value) noexcept {
    store_bytes<0x110>(*this, value);
  }
  /// 140h: Report ID.
  [[nodiscard]] constexpr auto report_id() noexcept { return bytes_at<0x140, 32>(*this); }
  [[nodiscard]] constexpr auto report_id() const noexcept { return bytes_at<0x140, 32>(*this); }
  constexpr void set_report_id(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x140>(*this, value); }
  /// 160h: Report ID of the migration agent (all ones if none).
  [[nodiscard]] constexpr auto report_id_ma() noexcept { return bytes_at<0x160, 32>(*this); }
  [[nodiscard]] constexpr auto report_id_ma() const noexcept { return bytes_at<0x160, 32>(*this); }
  constexpr void set_report_id_ma(std::span<const std::uint8_t, 32> value) noexcept {
    store_bytes<0x160>(*this, value);
  }
  /// 180h: ReportedTcb.
  [[nodiscard]] constexpr auto reported_tcb() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x180>(*this);
  }
  constexpr void set_reported_tcb(std::uint64_t value) noexcept { store<0x180>(*this, value); }
  /// 188h: Combined extended family and family. (SNP-v3)
  [[nodiscard]] constexpr auto cpuid_fam_id() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x188>(*this);
  }
  constexpr void set_cpuid_fam_id(std::uint8_t value) noexcept { store<0x188>(*this, value); }
  /// 189h: Combined extended model and model. (SNP-v3)
  [[nodiscard]] constexpr auto cpuid_mod_id() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x189>(*this);
  }
  constexpr void set_cpuid_mod_id(std::uint8_t value) noexcept { store<0x189>(*this, value); }
  /// 18Ah: Stepping. (SNP-v3)
  [[nodiscard]] constexpr auto cpuid_step() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x18a>(*this); }
  constexpr void set_cpuid_step(std::uint8_t value) noexcept { store<0x18a>(*this, value); }
  /// 1A0h: Chip identifier or zero when masked.
  [[nodiscard]] constexpr auto chip_id() noexcept { return bytes_at<0x1a0, 64>(*this); }
  [[nodiscard]] constexpr auto chip_id() const noexcept { return bytes_at<0x1a0, 64>(*this); }
  constexpr void set_chip_id(std::span<const std::uint8_t, 64> value) noexcept { store_bytes<0x1a0>(*this, value); }
  /// 1E0h: CommittedTcb.
  [[nodiscard]] constexpr auto committed_tcb() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1e0>(*this);
  }
  constexpr void set_committed_tcb(std::uint64_t value) noexcept { store<0x1e0>(*this, value); }
  /// 1E8h: Current firmware build.
  [[nodiscard]] constexpr auto current_build() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x1e8>(*this);
  }
  constexpr void set_current_build(std::uint8_t value) noexcept { store<0x1e8>(*this, value); }
  /// 1E9h: Current firmware minor.
  [[nodiscard]] constexpr auto current_minor() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x1e9>(*this);
  }
  constexpr void set_current_minor(std::uint8_t value) noexcept { store<0x1e9>(*this, value); }
  /// 1EAh: Current firmware major.
  [[nodiscard]] constexpr auto current_major() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x1ea>(*this);
  }
  constexpr void set_current_major(std::uint8_t value) noexcept { store<0x1ea>(*this, value); }
  /// 1ECh: Committed firmware build.
  [[nodiscard]] constexpr auto committed_build() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x1ec>(*this);
  }
  constexpr void set_committed_build(std::uint8_t value) noexcept { store<0x1ec>(*this, value); }
  /// 1EDh: Committed firmware minor.
  [[nodiscard]] constexpr auto committed_minor() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x1ed>(*this);
  }
  constexpr void set_committed_minor(std::uint8_t value) noexcept { store<0x1ed>(*this, value); }
  /// 1EEh: Committed firmware major.
  [[nodiscard]] constexpr auto committed_major() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x1ee>(*this);
  }
  constexpr void set_committed_major(std::uint8_t value) noexcept { store<0x1ee>(*this, value); }
  /// 1F0h: CurrentTcb at launch or import.
  [[nodiscard]] constexpr auto launch_tcb() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1f0>(*this);
  }
  constexpr void set_launch_tcb(std::uint64_t value) noexcept { store<0x1f0>(*this, value); }
  /// 1F8h: Mitigation vector at launch. (SNP-v5)
  [[nodiscard]] constexpr auto launch_mit_vector() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1f8>(*this);
  }
  constexpr void set_launch_mit_vector(std::uint64_t value) noexcept { store<0x1f8>(*this, value); }
  /// 200h: Current mitigation vector. (SNP-v5)
  [[nodiscard]] constexpr auto current_mit_vector() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x200>(*this);
  }
  constexpr void set_current_mit_vector(std::uint64_t value) noexcept { store<0x200>(*this, value); }
  /// 2A0h: ECDSA R, little endian, zero extended.
  [[nodiscard]] constexpr auto signature_r() noexcept { return bytes_at<0x2a0, 72>(*this); }
  [[nodiscard]] constexpr auto signature_r() const noexcept { return bytes_at<0x2a0, 72>(*this); }
  constexpr void set_signature_r(std::span<const std::uint8_t, 72> value) noexcept { store_bytes<0x2a0>(*this, value); }
  /// 2E8h: ECDSA S, little endian, zero extended.
  [[nodiscard]] constexpr auto signature_s() noexcept { return bytes_at<0x2e8, 72>(*this); }
  [[nodiscard]] constexpr auto signature_s() const noexcept { return bytes_at<0x2e8, 72>(*this); }
  constexpr void set_signature_s(std::span<const std::uint8_t, 72> value) noexcept { store_bytes<0x2e8>(*this, value); }

  friend constexpr auto describe(const basic_attestation_report_v5*) noexcept -> const structure_info& {
    return descriptions::attestation_report_v5;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_attestation_report_v5<A>& a, const basic_attestation_report_v5<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using attestation_report_v5 = basic_attestation_report_v5<owned<1184>>;
/// Over bytes that lie elsewhere.
using attestation_report_v5_view = basic_attestation_report_v5<borrowed<std::uint8_t, 1184>>;
/// Over bytes that are only read.
using attestation_report_v5_const_view = basic_attestation_report_v5<borrowed<const std::uint8_t, 1184>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
