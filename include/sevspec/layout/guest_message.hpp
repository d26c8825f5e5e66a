// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_GUEST_MESSAGE_HPP
#define SEVSPEC_LAYOUT_GUEST_MESSAGE_HPP

// Messages between a guest and the firmware.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstddef>
#include <cstdint>
#include <span>

#include <sevspec/layout/attestation_report.hpp>
#include <sevspec/layout/codes/sev_codes.hpp>
#include <sevspec/layout/codes/snp_codes.hpp>
#include <sevspec/layout/cpuid_page.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/id_block.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/page_info.hpp>
#include <sevspec/layout/policy.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr field_info guest_message_header_fields[] = {
    {.offset = 0x000, .size = 32, .name = "authtag",      .meaning = "authentication tag (16 bytes used by AES-256-GCM, rest zero)", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x020, .size =  8, .name = "msg_seqno",    .meaning = "message sequence number", .since = level::snp},
    {.offset = 0x028, .size =  8, .name = "reserved_028", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x030, .size =  1, .name = "algo",         .meaning = "AEAD algorithm", .since = level::snp, .values = &tables::snp_aead_algorithms},
    {.offset = 0x031, .size =  1, .name = "hdr_version",  .meaning = "header version, 1", .since = level::snp},
    {.offset = 0x032, .size =  2, .name = "hdr_size",     .meaning = "0x60", .since = level::snp},
    {.offset = 0x034, .size =  1, .name = "msg_type",     .meaning = "see snp_message_types", .since = level::snp, .values = &tables::snp_message_types},
    {.offset = 0x035, .size =  1, .name = "msg_version",  .meaning = "payload version", .since = level::snp},
    {.offset = 0x036, .size =  2, .name = "msg_size",     .meaning = "payload bytes", .since = level::snp},
    {.offset = 0x038, .size =  4, .name = "reserved_038", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x03c, .size =  1, .name = "msg_vmpck",    .meaning = "VMPCK index 0..3", .since = level::snp},
    {.offset = 0x03d, .size = 35, .name = "reserved_03d", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info guest_message_header{
    .name = "guest_message_header",
    .id = "LAY-GUEST-MESSAGE-HEADER",
    .size = 0x60,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI Table 97 (SNP_GUEST_REQUEST message)",
    .description = "Header of a guest message page; payload follows at 0x60. AES-256-GCM AAD is bytes 0x30..0x5F; IV = msg_seqno (64-bit LE) zero extended to 96 bits; 16-byte tag at the start of authtag.",
    .fields = guest_message_header_fields,
};

inline constexpr field_info msg_cpuid_req_fields[] = {
    {.offset = 0x000, .size =    4, .name = "count",        .meaning = "number of records (<= 64)", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x004, .size =   12, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x010, .size = 3072, .name = "entries",      .meaning = "cpuid_page_entry array", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .nested = &cpuid_page_entry},
};
inline constexpr structure_info msg_cpuid_req{
    .name = "msg_cpuid_req",
    .id = "LAY-MSG-CPUID-REQ",
    .size = 0xc10,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI 7.1",
    .description = "MSG_CPUID_REQ payload (64 record slots).",
    .fields = msg_cpuid_req_fields,
};

inline constexpr field_info msg_cpuid_rsp_fields[] = {
    {.offset = 0x000, .size =    4, .name = "status",       .meaning = "status", .since = level::snp, .trust = confidence::medium, .values = &tables::sev_status_codes},
    {.offset = 0x004, .size =    4, .name = "count",        .meaning = "number of records", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x008, .size =    8, .name = "reserved_008", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x010, .size = 3072, .name = "entries",      .meaning = "cpuid_page_entry array", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .nested = &cpuid_page_entry},
};
inline constexpr structure_info msg_cpuid_rsp{
    .name = "msg_cpuid_rsp",
    .id = "LAY-MSG-CPUID-RSP",
    .size = 0xc10,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI 7.1",
    .description = "MSG_CPUID_RSP payload.",
    .fields = msg_cpuid_rsp_fields,
};

inline constexpr bit_info msg_key_req_key_select_bits[] = {
    {.lsb = 0, .width =  1, .name = "root_key_select", .meaning = "0 = VCEK/VLEK (key_sel applies), 1 = VMRK"},
    {.lsb = 1, .width =  2, .name = "key_sel",         .meaning = "0 VLEK if installed else VCEK, 1 VCEK, 2 VLEK", .values = &tables::snp_key_sel},
    {.lsb = 3, .width = 29, .name = "reserved_31_3",   .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info msg_key_req_guest_field_select_bits[] = {
    {.lsb = 0, .width =  1, .name = "guest_policy",      .meaning = "guest policy"},
    {.lsb = 1, .width =  1, .name = "image_id",          .meaning = "image ID"},
    {.lsb = 2, .width =  1, .name = "family_id",         .meaning = "family ID"},
    {.lsb = 3, .width =  1, .name = "measurement",       .meaning = "measurement"},
    {.lsb = 4, .width =  1, .name = "guest_svn",         .meaning = "guest SVN"},
    {.lsb = 5, .width =  1, .name = "tcb_version",       .meaning = "TCB version"},
    {.lsb = 6, .width =  1, .name = "launch_mit_vector", .meaning = "launch mitigation vector (message version 2)", .trust = confidence::medium},
    {.lsb = 7, .width = 57, .name = "reserved_63_7",     .meaning = "reserved", .reserved = true},
};
inline constexpr field_info msg_key_req_fields[] = {
    {.offset = 0x000, .size = 4, .name = "key_select",         .meaning = "selection", .since = level::snp, .bits = msg_key_req_key_select_bits},
    {.offset = 0x004, .size = 4, .name = "reserved_004",       .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x008, .size = 8, .name = "guest_field_select", .meaning = "fields mixed in", .since = level::snp, .bits = msg_key_req_guest_field_select_bits},
    {.offset = 0x010, .size = 4, .name = "vmpl",               .meaning = "VMPL mixed in, >= requesting VMPL", .since = level::snp},
    {.offset = 0x014, .size = 4, .name = "guest_svn",          .meaning = "SVN mixed in, <= ID block SVN", .since = level::snp},
    {.offset = 0x018, .size = 8, .name = "tcb_version",        .meaning = "TCB mixed in, <= CommittedTcb", .since = level::snp},
};
inline constexpr structure_info msg_key_req{
    .name = "msg_key_req",
    .id = "LAY-MSG-KEY-REQ",
    .size = 0x20,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI 7.2 Table 18",
    .description = "MSG_KEY_REQ payload, message version 1.",
    .fields = msg_key_req_fields,
};
inline constexpr field_info msg_key_req_key_select_fields[] = {
    {.offset = 0, .size = 4, .name = "key_select", .meaning = "selection", .since = level::snp, .bits = msg_key_req_key_select_bits},
};
inline constexpr structure_info msg_key_req_key_select{
    .name = "msg_key_req.key_select",
    .id = "LAY-MSG-KEY-REQ",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI 7.2 Table 18",
    .description = "Selection.",
    .fields = msg_key_req_key_select_fields,
};
inline constexpr field_info msg_key_req_guest_field_select_fields[] = {
    {.offset = 0, .size = 8, .name = "guest_field_select", .meaning = "fields mixed in", .since = level::snp, .bits = msg_key_req_guest_field_select_bits},
};
inline constexpr structure_info msg_key_req_guest_field_select{
    .name = "msg_key_req.guest_field_select",
    .id = "LAY-MSG-KEY-REQ",
    .size = 8,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI 7.2 Table 18",
    .description = "Fields mixed in.",
    .fields = msg_key_req_guest_field_select_fields,
};

inline constexpr bit_info msg_key_req_v2_key_select_bits[] = {
    {.lsb = 0, .width =  1, .name = "root_key_select", .meaning = "0 VCEK/VLEK, 1 VMRK", .trust = confidence::medium},
    {.lsb = 1, .width =  2, .name = "key_sel",         .meaning = "key selection", .trust = confidence::medium, .values = &tables::snp_key_sel},
    {.lsb = 3, .width = 29, .name = "reserved_31_3",   .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info msg_key_req_v2_fields[] = {
    {.offset = 0x000, .size = 4, .name = "key_select",         .meaning = "as version 1", .since = level::snp, .trust = confidence::medium, .bits = msg_key_req_v2_key_select_bits},
    {.offset = 0x004, .size = 4, .name = "reserved_004",       .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x008, .size = 8, .name = "guest_field_select", .meaning = "as version 1, bit 6 legal", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x010, .size = 4, .name = "vmpl",               .meaning = "VMPL", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x014, .size = 4, .name = "guest_svn",          .meaning = "SVN", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x018, .size = 8, .name = "tcb_version",        .meaning = "TCB", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x020, .size = 8, .name = "launch_mit_vector",  .meaning = "mitigation vector mixed in", .since = level::snp, .trust = confidence::medium},
};
inline constexpr structure_info msg_key_req_v2{
    .name = "msg_key_req_v2",
    .id = "LAY-MSG-KEY-REQ-V2",
    .size = 0x28,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI 7.2",
    .description = "MSG_KEY_REQ payload, message version 2.",
    .fields = msg_key_req_v2_fields,
};
inline constexpr field_info msg_key_req_v2_key_select_fields[] = {
    {.offset = 0, .size = 4, .name = "key_select", .meaning = "as version 1", .since = level::snp, .bits = msg_key_req_v2_key_select_bits},
};
inline constexpr structure_info msg_key_req_v2_key_select{
    .name = "msg_key_req_v2.key_select",
    .id = "LAY-MSG-KEY-REQ-V2",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI 7.2",
    .description = "As version 1.",
    .fields = msg_key_req_v2_key_select_fields,
};

inline constexpr field_info msg_key_rsp_fields[] = {
    {.offset = 0x000, .size =  4, .name = "status",       .meaning = "0 ok, 0x16 invalid parameters, 0x27 invalid key selection", .since = level::snp, .values = &tables::sev_status_codes},
    {.offset = 0x004, .size = 28, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x020, .size = 32, .name = "derived_key",  .meaning = "derived key", .since = level::snp, .type = field_type::bytes},
};
inline constexpr structure_info msg_key_rsp{
    .name = "msg_key_rsp",
    .id = "LAY-MSG-KEY-RSP",
    .size = 0x40,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI 7.2",
    .description = "MSG_KEY_RSP payload.",
    .fields = msg_key_rsp_fields,
};

inline constexpr bit_info msg_report_req_flags_bits[] = {
    {.lsb = 0, .width =  2, .name = "key_sel",       .meaning = "0 VLEK if installed else VCEK, 1 VCEK, 2 VLEK", .values = &tables::snp_key_sel},
    {.lsb = 2, .width = 30, .name = "reserved_31_2", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info msg_report_req_fields[] = {
    {.offset = 0x000, .size = 64, .name = "report_data",  .meaning = "data placed in the report", .since = level::snp, .type = field_type::bytes},
    {.offset = 0x040, .size =  4, .name = "vmpl",         .meaning = "VMPL placed in the report, >= requesting VMPL, <= 3", .since = level::snp},
    {.offset = 0x044, .size =  4, .name = "flags",        .meaning = "selection", .since = level::snp, .bits = msg_report_req_flags_bits},
    {.offset = 0x048, .size = 24, .name = "reserved_048", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info msg_report_req{
    .name = "msg_report_req",
    .id = "LAY-MSG-REPORT-REQ",
    .size = 0x60,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI 7.3 Table 21",
    .description = "MSG_REPORT_REQ payload.",
    .fields = msg_report_req_fields,
};
inline constexpr field_info msg_report_req_flags_fields[] = {
    {.offset = 0, .size = 4, .name = "flags", .meaning = "selection", .since = level::snp, .bits = msg_report_req_flags_bits},
};
inline constexpr structure_info msg_report_req_flags{
    .name = "msg_report_req.flags",
    .id = "LAY-MSG-REPORT-REQ",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI 7.3 Table 21",
    .description = "Selection.",
    .fields = msg_report_req_flags_fields,
};

inline constexpr field_info msg_report_rsp_fields[] = {
    {.offset = 0x000, .size =    4, .name = "status",       .meaning = "0 ok, 0x16 invalid parameters, 0x27 invalid key selection", .since = level::snp, .values = &tables::sev_status_codes},
    {.offset = 0x004, .size =    4, .name = "report_size",  .meaning = "bytes of report (0x4A0)", .since = level::snp},
    {.offset = 0x008, .size =   24, .name = "reserved_008", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x020, .size = 1184, .name = "report",       .meaning = "report (layout by its version field)", .since = level::snp, .type = field_type::structure, .nested = &attestation_report_v5},
};
inline constexpr structure_info msg_report_rsp{
    .name = "msg_report_rsp",
    .id = "LAY-MSG-REPORT-RSP",
    .size = 0x4c0,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI 7.3",
    .description = "MSG_REPORT_RSP payload.",
    .fields = msg_report_rsp_fields,
};

inline constexpr bit_info msg_export_req_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "imi_en",        .meaning = "export for an IMI flow", .trust = confidence::medium},
    {.lsb = 1, .width = 31, .name = "reserved_31_1", .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info msg_export_req_fields[] = {
    {.offset = 0x000, .size = 8, .name = "gctx_paddr",   .meaning = "guest context page of the guest to export", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x008, .size = 4, .name = "flags",        .meaning = "flags", .since = level::snp, .trust = confidence::medium, .bits = msg_export_req_flags_bits},
    {.offset = 0x00c, .size = 4, .name = "reserved_00c", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
};
inline constexpr structure_info msg_export_req{
    .name = "msg_export_req",
    .id = "LAY-MSG-EXPORT-REQ",
    .size = 0x10,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI 7.4",
    .description = "MSG_EXPORT_REQ payload (migration agent).",
    .fields = msg_export_req_fields,
};
inline constexpr field_info msg_export_req_flags_fields[] = {
    {.offset = 0, .size = 4, .name = "flags", .meaning = "flags", .since = level::snp, .bits = msg_export_req_flags_bits},
};
inline constexpr structure_info msg_export_req_flags{
    .name = "msg_export_req.flags",
    .id = "LAY-MSG-EXPORT-REQ",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI 7.4",
    .description = "Flags.",
    .fields = msg_export_req_flags_fields,
};

inline constexpr bit_info msg_gctx_export_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "author_key_en", .meaning = "author key present", .trust = confidence::medium},
    {.lsb = 1, .width =  1, .name = "id_block_en",   .meaning = "ID block present", .trust = confidence::medium},
    {.lsb = 2, .width =  1, .name = "vcek_dis",      .meaning = "VCEK disabled", .trust = confidence::medium},
    {.lsb = 3, .width = 61, .name = "reserved_63_3", .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info msg_gctx_export_fields[] = {
    {.offset = 0x000, .size = 48, .name = "ld",                .meaning = "launch digest", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x030, .size = 32, .name = "oek",               .meaning = "offline encryption key", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x050, .size = 32, .name = "vmpck0",            .meaning = "VMPCK0", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x070, .size = 32, .name = "vmpck1",            .meaning = "VMPCK1", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x090, .size = 32, .name = "vmpck2",            .meaning = "VMPCK2", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0b0, .size = 32, .name = "vmpck3",            .meaning = "VMPCK3", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0d0, .size = 32, .name = "vmrk",              .meaning = "VM root key", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x0f0, .size = 32, .name = "host_data",         .meaning = "host data", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x110, .size = 48, .name = "id_key_digest",     .meaning = "ID key digest", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x140, .size = 48, .name = "author_key_digest", .meaning = "author key digest", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x170, .size = 32, .name = "report_id",         .meaning = "report ID", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x190, .size = 48, .name = "imd",               .meaning = "IMI digest", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x1c0, .size =  8, .name = "msg_count0",        .meaning = "VMPCK0 message count", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x1c8, .size =  8, .name = "msg_count1",        .meaning = "VMPCK1", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x1d0, .size =  8, .name = "msg_count2",        .meaning = "VMPCK2", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x1d8, .size =  8, .name = "msg_count3",        .meaning = "VMPCK3", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x1e0, .size = 64, .name = "root_md_entry",     .meaning = "root metadata entry", .since = level::snp, .type = field_type::structure, .trust = confidence::medium, .nested = &snp_mdata_entry},
    {.offset = 0x220, .size =  8, .name = "flags",             .meaning = "flags", .since = level::snp, .trust = confidence::medium, .bits = msg_gctx_export_flags_bits},
    {.offset = 0x228, .size =  8, .name = "policy",            .meaning = "guest policy", .since = level::snp, .trust = confidence::medium, .word = &snp_guest_policy},
    {.offset = 0x230, .size =  1, .name = "state",             .meaning = "guest state", .since = level::snp, .trust = confidence::medium, .values = &tables::snp_guest_state},
    {.offset = 0x231, .size =  7, .name = "reserved_231",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x238, .size =  8, .name = "oek_iv_count",      .meaning = "OEK IV counter", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x240, .size = 96, .name = "id_block",          .meaning = "ID block", .since = level::snp, .type = field_type::structure, .trust = confidence::medium, .nested = &id_block},
    {.offset = 0x2a0, .size = 16, .name = "gosvw",             .meaning = "GOSVW", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
    {.offset = 0x2b0, .size =  4, .name = "desired_tsc_freq",  .meaning = "desired TSC frequency in kHz", .since = level::snp_v3, .trust = confidence::medium},
    {.offset = 0x2b4, .size =  4, .name = "reserved_2b4",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x2b8, .size =  8, .name = "psp_tsc_offset",    .meaning = "TSC offset", .since = level::snp_v3, .trust = confidence::medium},
    {.offset = 0x2c0, .size =  8, .name = "launch_tcb",        .meaning = "launch TCB", .since = level::snp_v3, .trust = confidence::medium},
    {.offset = 0x2c8, .size = 56, .name = "reserved_2c8",      .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
};
inline constexpr structure_info msg_gctx_export{
    .name = "msg_gctx_export",
    .id = "LAY-MSG-GCTX-EXPORT",
    .size = 0x300,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI 7.4 guest context field structure",
    .description = "Guest context exported/imported by the migration agent (context version 3 fields from 0x2B0 up).",
    .fields = msg_gctx_export_fields,
};
inline constexpr field_info msg_gctx_export_flags_fields[] = {
    {.offset = 0, .size = 8, .name = "flags", .meaning = "flags", .since = level::snp, .bits = msg_gctx_export_flags_bits},
};
inline constexpr structure_info msg_gctx_export_flags{
    .name = "msg_gctx_export.flags",
    .id = "LAY-MSG-GCTX-EXPORT",
    .size = 8,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI 7.4 guest context field structure",
    .description = "Flags.",
    .fields = msg_gctx_export_flags_fields,
};

inline constexpr field_info msg_export_rsp_fields[] = {
    {.offset = 0x000, .size =   4, .name = "status",       .meaning = "status", .since = level::snp, .trust = confidence::medium, .values = &tables::sev_status_codes},
    {.offset = 0x004, .size =   4, .name = "gctx_size",    .meaning = "context size", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x008, .size =   4, .name = "gctx_version", .meaning = "context version", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x00c, .size =  20, .name = "reserved_00c", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x020, .size = 768, .name = "gctx",         .meaning = "context", .since = level::snp, .type = field_type::structure, .trust = confidence::medium, .nested = &msg_gctx_export},
};
inline constexpr structure_info msg_export_rsp{
    .name = "msg_export_rsp",
    .id = "LAY-MSG-EXPORT-RSP",
    .size = 0x320,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI 7.4",
    .description = "MSG_EXPORT_RSP payload.",
    .fields = msg_export_rsp_fields,
};

inline constexpr field_info msg_import_req_fields[] = {
    {.offset = 0x000, .size =   8, .name = "gctx_paddr",      .meaning = "destination guest context", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x008, .size =   4, .name = "in_gctx_size",    .meaning = "context size", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x00c, .size =   4, .name = "in_gctx_version", .meaning = "context version", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x010, .size =  16, .name = "reserved_010",    .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x020, .size = 768, .name = "incoming_gctx",   .meaning = "context", .since = level::snp, .type = field_type::structure, .trust = confidence::medium, .nested = &msg_gctx_export},
};
inline constexpr structure_info msg_import_req{
    .name = "msg_import_req",
    .id = "LAY-MSG-IMPORT-REQ",
    .size = 0x320,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI 7.5",
    .description = "MSG_IMPORT_REQ and MSG_ABSORB_REQ payload; MSG_ABSORB_NOMA_REQ uses the same layout with gctx_paddr reserved.",
    .fields = msg_import_req_fields,
};

inline constexpr field_info msg_status_rsp_fields[] = {
    {.offset = 0x000, .size =  4, .name = "status",       .meaning = "status", .since = level::snp, .trust = confidence::medium, .values = &tables::sev_status_codes},
    {.offset = 0x004, .size = 12, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
};
inline constexpr structure_info msg_status_rsp{
    .name = "msg_status_rsp",
    .id = "LAY-MSG-STATUS-RSP",
    .size = 0x10,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI 7.5..7.8",
    .description = "MSG_IMPORT_RSP, MSG_ABSORB_RSP, MSG_ABSORB_NOMA_RSP and MSG_VMRK_RSP payload.",
    .fields = msg_status_rsp_fields,
};

inline constexpr field_info msg_vmrk_req_fields[] = {
    {.offset = 0x000, .size =  8, .name = "gctx_paddr",   .meaning = "guest context", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x008, .size = 24, .name = "reserved_008", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x020, .size = 32, .name = "vmrk",         .meaning = "VM root key", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium},
};
inline constexpr structure_info msg_vmrk_req{
    .name = "msg_vmrk_req",
    .id = "LAY-MSG-VMRK-REQ",
    .size = 0x40,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI 7.8",
    .description = "MSG_VMRK_REQ payload.",
    .fields = msg_vmrk_req_fields,
};

inline constexpr field_info msg_tsc_info_req_fields[] = {
    {.offset = 0x000, .size = 128, .name = "reserved_000", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info msg_tsc_info_req{
    .name = "msg_tsc_info_req",
    .id = "LAY-MSG-TSC-INFO-REQ",
    .size = 0x80,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI 7.9",
    .description = "MSG_TSC_INFO_REQ payload: all reserved.",
    .fields = msg_tsc_info_req_fields,
};

inline constexpr field_info msg_tsc_info_rsp_fields[] = {
    {.offset = 0x000, .size =   4, .name = "status",           .meaning = "status", .since = level::snp, .values = &tables::sev_status_codes},
    {.offset = 0x004, .size =   4, .name = "reserved_004",     .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x008, .size =   8, .name = "guest_tsc_scale",  .meaning = "scale for the VMSA", .since = level::snp},
    {.offset = 0x010, .size =   8, .name = "guest_tsc_offset", .meaning = "offset for the VMSA", .since = level::snp},
    {.offset = 0x018, .size =   4, .name = "tsc_factor",       .meaning = "mean TSC correction, 1/100000", .since = level::snp},
    {.offset = 0x01c, .size = 100, .name = "reserved_01c",     .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info msg_tsc_info_rsp{
    .name = "msg_tsc_info_rsp",
    .id = "LAY-MSG-TSC-INFO-RSP",
    .size = 0x80,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI 7.9",
    .description = "MSG_TSC_INFO_RSP payload.",
    .fields = msg_tsc_info_rsp_fields,
};

}  // namespace descriptions

/// Header of a guest message page; payload follows at 0x60. AES-256-GCM AAD is bytes 0x30..0x5F; IV = msg_seqno (64-bit
/// LE) zero extended to 96 bits; 16-byte tag at the start of authtag.   SNP ABI Table 97 (SNP_GUEST_REQUEST message)
template <class Storage>
struct basic_guest_message_header : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_guest_message_header(const basic_guest_message_header<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_guest_message_header(basic_guest_message_header<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Authentication tag (16 bytes used by AES-256-GCM, rest zero).
  [[nodiscard]] constexpr auto authtag() noexcept { return bytes_at<0x000, 32>(*this); }
  [[nodiscard]] constexpr auto authtag() const noexcept { return bytes_at<0x000, 32>(*this); }
  constexpr void set_authtag(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x000>(*this, value); }
  /// 020h: Message sequence number.
  [[nodiscard]] constexpr auto msg_seqno() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x020>(*this); }
  constexpr void set_msg_seqno(std::uint64_t value) noexcept { store<0x020>(*this, value); }
  /// 030h: AEAD algorithm.
  [[nodiscard]] constexpr auto algo() const noexcept -> snp_aead_algorithms {
    return static_cast<snp_aead_algorithms>(load<std::uint8_t, 0x030>(*this));
  }
  constexpr void set_algo(snp_aead_algorithms value) { store_code<std::uint8_t, 0x030>(*this, value); }
  /// 031h: Header version, 1.
  [[nodiscard]] constexpr auto hdr_version() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x031>(*this); }
  constexpr void set_hdr_version(std::uint8_t value) noexcept { store<0x031>(*this, value); }
  /// 032h: 0x60.
  [[nodiscard]] constexpr auto hdr_size() const noexcept -> std::uint16_t { return load<std::uint16_t, 0x032>(*this); }
  constexpr void set_hdr_size(std::uint16_t value) noexcept { store<0x032>(*this, value); }
  /// 034h: See snp_message_types.
  [[nodiscard]] constexpr auto msg_type() const noexcept -> snp_message_types {
    return static_cast<snp_message_types>(load<std::uint8_t, 0x034>(*this));
  }
  constexpr void set_msg_type(snp_message_types value) { store_code<std::uint8_t, 0x034>(*this, value); }
  /// 035h: Payload version.
  [[nodiscard]] constexpr auto msg_version() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x035>(*this); }
  constexpr void set_msg_version(std::uint8_t value) noexcept { store<0x035>(*this, value); }
  /// 036h: Payload bytes.
  [[nodiscard]] constexpr auto msg_size() const noexcept -> std::uint16_t { return load<std::uint16_t, 0x036>(*this); }
  constexpr void set_msg_size(std::uint16_t value) noexcept { store<0x036>(*this, value); }
  /// 03Ch: VMPCK index 0..3.
  [[nodiscard]] constexpr auto msg_vmpck() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x03c>(*this); }
  constexpr void set_msg_vmpck(std::uint8_t value) noexcept { store<0x03c>(*this, value); }

  friend constexpr auto describe(const basic_guest_message_header*) noexcept -> const structure_info& {
    return descriptions::guest_message_header;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_guest_message_header<A>& a, const basic_guest_message_header<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using guest_message_header = basic_guest_message_header<owned<96>>;
/// Over bytes that lie elsewhere.
using guest_message_header_view = basic_guest_message_header<borrowed<std::uint8_t, 96>>;
/// Over bytes that are only read.
using guest_message_header_const_view = basic_guest_message_header<borrowed<const std::uint8_t, 96>>;

/// MSG_CPUID_REQ payload (64 record slots).   SNP ABI 7.1
template <class Storage>
struct basic_msg_cpuid_req : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_cpuid_req(const basic_msg_cpuid_req<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_cpuid_req(basic_msg_cpuid_req<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Number of records (<= 64). (medium confidence)
  [[nodiscard]] constexpr auto count() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_count(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 010h: cpuid_page_entry array. (medium confidence)
  [[nodiscard]] constexpr auto entries() noexcept { return bytes_at<0x010, 3072>(*this); }
  [[nodiscard]] constexpr auto entries() const noexcept { return bytes_at<0x010, 3072>(*this); }
  constexpr void set_entries(std::span<const std::uint8_t, 3072> value) noexcept { store_bytes<0x010>(*this, value); }
  /// 010h + 48 * index: element `index`, less than 64, of `entries`.
  [[nodiscard]] constexpr auto entry(std::size_t index) {
    return element<basic_cpuid_page_entry, 0x010, 48, 64>(*this, index);
  }
  [[nodiscard]] constexpr auto entry(std::size_t index) const {
    return element<basic_cpuid_page_entry, 0x010, 48, 64>(*this, index);
  }

  friend constexpr auto describe(const basic_msg_cpuid_req*) noexcept -> const structure_info& {
    return descriptions::msg_cpuid_req;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_msg_cpuid_req<A>& a, const basic_msg_cpuid_req<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using msg_cpuid_req = basic_msg_cpuid_req<owned<3088>>;
/// Over bytes that lie elsewhere.
using msg_cpuid_req_view = basic_msg_cpuid_req<borrowed<std::uint8_t, 3088>>;
/// Over bytes that are only read.
using msg_cpuid_req_const_view = basic_msg_cpuid_req<borrowed<const std::uint8_t, 3088>>;

/// MSG_CPUID_RSP payload.   SNP ABI 7.1
template <class Storage>
struct basic_msg_cpuid_rsp : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_cpuid_rsp(const basic_msg_cpuid_rsp<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_cpuid_rsp(basic_msg_cpuid_rsp<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Status. (medium confidence)
  [[nodiscard]] constexpr auto status() const noexcept -> sev_status_codes {
    return static_cast<sev_status_codes>(load<std::uint32_t, 0x000>(*this));
  }
  constexpr void set_status(sev_status_codes value) { store_code<std::uint32_t, 0x000>(*this, value); }
  /// 004h: Number of records. (medium confidence)
  [[nodiscard]] constexpr auto count() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x004>(*this); }
  constexpr void set_count(std::uint32_t value) noexcept { store<0x004>(*this, value); }
  /// 010h: cpuid_page_entry array. (medium confidence)
  [[nodiscard]] constexpr auto entries() noexcept { return bytes_at<0x010, 3072>(*this); }
  [[nodiscard]] constexpr auto entries() const noexcept { return bytes_at<0x010, 3072>(*this); }
  constexpr void set_entries(std::span<const std::uint8_t, 3072> value) noexcept { store_bytes<0x010>(*this, value); }
  /// 010h + 48 * index: element `index`, less than 64, of `entries`.
  [[nodiscard]] constexpr auto entry(std::size_t index) {
    return element<basic_cpuid_page_entry, 0x010, 48, 64>(*this, index);
  }
  [[nodiscard]] constexpr auto entry(std::size_t index) const {
    return element<basic_cpuid_page_entry, 0x010, 48, 64>(*this, index);
  }

  friend constexpr auto describe(const basic_msg_cpuid_rsp*) noexcept -> const structure_info& {
    return descriptions::msg_cpuid_rsp;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_msg_cpuid_rsp<A>& a, const basic_msg_cpuid_rsp<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using msg_cpuid_rsp = basic_msg_cpuid_rsp<owned<3088>>;
/// Over bytes that lie elsewhere.
using msg_cpuid_rsp_view = basic_msg_cpuid_rsp<borrowed<std::uint8_t, 3088>>;
/// Over bytes that are only read.
using msg_cpuid_rsp_const_view = basic_msg_cpuid_rsp<borrowed<const std::uint8_t, 3088>>;

/// `key_select` of `msg_key_req`: Selection.
struct msg_key_req_key_select {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: 0 = VCEK/VLEK (key_sel applies), 1 = VMRK.
  [[nodiscard]] constexpr auto root_key_select() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_root_key_select(bool value) & -> msg_key_req_key_select& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_root_key_select(bool value) && -> msg_key_req_key_select { return put(*this, 0, 0, value); }
  /// Bits 2:1: 0 VLEK if installed else VCEK, 1 VCEK, 2 VLEK.
  [[nodiscard]] constexpr auto key_sel() const noexcept -> snp_key_sel {
    return static_cast<snp_key_sel>(bits32_at(raw, 2, 1));
  }
  constexpr auto set_key_sel(snp_key_sel value) & -> msg_key_req_key_select& { return put(*this, 2, 1, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_key_sel(snp_key_sel value) && -> msg_key_req_key_select { return put(*this, 2, 1, static_cast<std::uint64_t>(value)); }

  friend constexpr auto operator==(const msg_key_req_key_select&, const msg_key_req_key_select&) -> bool = default;
  friend constexpr auto describe(const msg_key_req_key_select*) noexcept -> const structure_info& {
    return descriptions::msg_key_req_key_select;
  }
};

/// `guest_field_select` of `msg_key_req`: Fields mixed in.
struct msg_key_req_guest_field_select {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: Guest policy.
  [[nodiscard]] constexpr auto guest_policy() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_guest_policy(bool value) & -> msg_key_req_guest_field_select& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_guest_policy(bool value) && -> msg_key_req_guest_field_select { return put(*this, 0, 0, value); }
  /// Bit 1: Image ID.
  [[nodiscard]] constexpr auto image_id() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_image_id(bool value) & -> msg_key_req_guest_field_select& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_image_id(bool value) && -> msg_key_req_guest_field_select { return put(*this, 1, 1, value); }
  /// Bit 2: Family ID.
  [[nodiscard]] constexpr auto family_id() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_family_id(bool value) & -> msg_key_req_guest_field_select& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_family_id(bool value) && -> msg_key_req_guest_field_select { return put(*this, 2, 2, value); }
  /// Bit 3: Measurement.
  [[nodiscard]] constexpr auto measurement() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_measurement(bool value) & -> msg_key_req_guest_field_select& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_measurement(bool value) && -> msg_key_req_guest_field_select { return put(*this, 3, 3, value); }
  /// Bit 4: Guest SVN.
  [[nodiscard]] constexpr auto guest_svn() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_guest_svn(bool value) & -> msg_key_req_guest_field_select& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_guest_svn(bool value) && -> msg_key_req_guest_field_select { return put(*this, 4, 4, value); }
  /// Bit 5: TCB version.
  [[nodiscard]] constexpr auto tcb_version() const noexcept -> bool { return bit_at(raw, 5); }
  constexpr auto set_tcb_version(bool value) & -> msg_key_req_guest_field_select& { return put(*this, 5, 5, value); }
  [[nodiscard]] constexpr auto set_tcb_version(bool value) && -> msg_key_req_guest_field_select { return put(*this, 5, 5, value); }
  /// Bit 6: Launch mitigation vector (message version 2).
  [[nodiscard]] constexpr auto launch_mit_vector() const noexcept -> bool { return bit_at(raw, 6); }
  constexpr auto set_launch_mit_vector(bool value) & -> msg_key_req_guest_field_select& { return put(*this, 6, 6, value); }
  [[nodiscard]] constexpr auto set_launch_mit_vector(bool value) && -> msg_key_req_guest_field_select { return put(*this, 6, 6, value); }

  friend constexpr auto operator==(const msg_key_req_guest_field_select&, const msg_key_req_guest_field_select&) -> bool = default;
  friend constexpr auto describe(const msg_key_req_guest_field_select*) noexcept -> const structure_info& {
    return descriptions::msg_key_req_guest_field_select;
  }
};

/// MSG_KEY_REQ payload, message version 1.   SNP ABI 7.2 Table 18
template <class Storage>
struct basic_msg_key_req : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_key_req(const basic_msg_key_req<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_key_req(basic_msg_key_req<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Selection.
  [[nodiscard]] constexpr auto key_select() const noexcept -> msg_key_req_key_select {
    return load<msg_key_req_key_select, 0x000>(*this);
  }
  constexpr void set_key_select(msg_key_req_key_select value) noexcept { store<0x000>(*this, value); }
  /// 008h: Fields mixed in.
  [[nodiscard]] constexpr auto guest_field_select() const noexcept -> msg_key_req_guest_field_select {
    return load<msg_key_req_guest_field_select, 0x008>(*this);
  }
  constexpr void set_guest_field_select(msg_key_req_guest_field_select value) noexcept { store<0x008>(*this, value); }
  /// 010h: VMPL mixed in, >= requesting VMPL.
  [[nodiscard]] constexpr auto vmpl() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x010>(*this); }
  constexpr void set_vmpl(std::uint32_t value) noexcept { store<0x010>(*this, value); }
  /// 014h: SVN mixed in, <= ID block SVN.
  [[nodiscard]] constexpr auto guest_svn() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x014>(*this); }
  constexpr void set_guest_svn(std::uint32_t value) noexcept { store<0x014>(*this, value); }
  /// 018h: TCB mixed in, <= CommittedTcb.
  [[nodiscard]] constexpr auto tcb_version() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x018>(*this);
  }
  constexpr void set_tcb_version(std::uint64_t value) noexcept { store<0x018>(*this, value); }

  friend constexpr auto describe(const basic_msg_key_req*) noexcept -> const structure_info& {
    return descriptions::msg_key_req;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_msg_key_req<A>& a, const basic_msg_key_req<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using msg_key_req = basic_msg_key_req<owned<32>>;
/// Over bytes that lie elsewhere.
using msg_key_req_view = basic_msg_key_req<borrowed<std::uint8_t, 32>>;
/// Over bytes that are only read.
using msg_key_req_const_view = basic_msg_key_req<borrowed<const std::uint8_t, 32>>;

/// `key_select` of `msg_key_req_v2`: As version 1.
struct msg_key_req_v2_key_select {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: 0 VCEK/VLEK, 1 VMRK.
  [[nodiscard]] constexpr auto root_key_select() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_root_key_select(bool value) & -> msg_key_req_v2_key_select& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_root_key_select(bool value) && -> msg_key_req_v2_key_select { return put(*this, 0, 0, value); }
  /// Bits 2:1: Key selection.
  [[nodiscard]] constexpr auto key_sel() const noexcept -> snp_key_sel {
    return static_cast<snp_key_sel>(bits32_at(raw, 2, 1));
  }
  constexpr auto set_key_sel(snp_key_sel value) & -> msg_key_req_v2_key_select& { return put(*this, 2, 1, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_key_sel(snp_key_sel value) && -> msg_key_req_v2_key_select { return put(*this, 2, 1, static_cast<std::uint64_t>(value)); }

  friend constexpr auto operator==(const msg_key_req_v2_key_select&, const msg_key_req_v2_key_select&) -> bool = default;
  friend constexpr auto describe(const msg_key_req_v2_key_select*) noexcept -> const structure_info& {
    return descriptions::msg_key_req_v2_key_select;
  }
};

/// MSG_KEY_REQ payload, message version 2.   SNP ABI 7.2
template <class Storage>
struct basic_msg_key_req_v2 : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_key_req_v2(const basic_msg_key_req_v2<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_key_req_v2(basic_msg_key_req_v2<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: As version 1. (medium confidence)
  [[nodiscard]] constexpr auto key_select() const noexcept -> msg_key_req_v2_key_select {
    return load<msg_key_req_v2_key_select, 0x000>(*this);
  }
  constexpr void set_key_select(msg_key_req_v2_key_select value) noexcept { store<0x000>(*this, value); }
  /// 008h: As version 1, bit 6 legal. (medium confidence)
  [[nodiscard]] constexpr auto guest_field_select() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x008>(*this);
  }
  constexpr void set_guest_field_select(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: VMPL. (medium confidence)
  [[nodiscard]] constexpr auto vmpl() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x010>(*this); }
  constexpr void set_vmpl(std::uint32_t value) noexcept { store<0x010>(*this, value); }
  /// 014h: SVN. (medium confidence)
  [[nodiscard]] constexpr auto guest_svn() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x014>(*this); }
  constexpr void set_guest_svn(std::uint32_t value) noexcept { store<0x014>(*this, value); }
  /// 018h: TCB. (medium confidence)
  [[nodiscard]] constexpr auto tcb_version() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x018>(*this);
  }
  constexpr void set_tcb_version(std::uint64_t value) noexcept { store<0x018>(*this, value); }
  /// 020h: Mitigation vector mixed in. (medium confidence)
  [[nodiscard]] constexpr auto launch_mit_vector() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x020>(*this);
  }
  constexpr void set_launch_mit_vector(std::uint64_t value) noexcept { store<0x020>(*this, value); }

  friend constexpr auto describe(const basic_msg_key_req_v2*) noexcept -> const structure_info& {
    return descriptions::msg_key_req_v2;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_msg_key_req_v2<A>& a, const basic_msg_key_req_v2<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using msg_key_req_v2 = basic_msg_key_req_v2<owned<40>>;
/// Over bytes that lie elsewhere.
using msg_key_req_v2_view = basic_msg_key_req_v2<borrowed<std::uint8_t, 40>>;
/// Over bytes that are only read.
using msg_key_req_v2_const_view = basic_msg_key_req_v2<borrowed<const std::uint8_t, 40>>;

/// MSG_KEY_RSP payload.   SNP ABI 7.2
template <class Storage>
struct basic_msg_key_rsp : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_key_rsp(const basic_msg_key_rsp<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_key_rsp(basic_msg_key_rsp<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: 0 ok, 0x16 invalid parameters, 0x27 invalid key selection.
  [[nodiscard]] constexpr auto status() const noexcept -> sev_status_codes {
    return static_cast<sev_status_codes>(load<std::uint32_t, 0x000>(*this));
  }
  constexpr void set_status(sev_status_codes value) { store_code<std::uint32_t, 0x000>(*this, value); }
  /// 020h: Derived key.
  [[nodiscard]] constexpr auto derived_key() noexcept { return bytes_at<0x020, 32>(*this); }
  [[nodiscard]] constexpr auto derived_key() const noexcept { return bytes_at<0x020, 32>(*this); }
  constexpr void set_derived_key(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x020>(*this, value); }

  friend constexpr auto describe(const basic_msg_key_rsp*) noexcept -> const structure_info& {
    return descriptions::msg_key_rsp;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_msg_key_rsp<A>& a, const basic_msg_key_rsp<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using msg_key_rsp = basic_msg_key_rsp<owned<64>>;
/// Over bytes that lie elsewhere.
using msg_key_rsp_view = basic_msg_key_rsp<borrowed<std::uint8_t, 64>>;
/// Over bytes that are only read.
using msg_key_rsp_const_view = basic_msg_key_rsp<borrowed<const std::uint8_t, 64>>;

/// `flags` of `msg_report_req`: Selection.
struct msg_report_req_flags {
  std::uint32_t raw{};  ///< the whole word

  /// Bits 1:0: 0 VLEK if installed else VCEK, 1 VCEK, 2 VLEK.
  [[nodiscard]] constexpr auto key_sel() const noexcept -> snp_key_sel {
    return static_cast<snp_key_sel>(bits32_at(raw, 1, 0));
  }
  constexpr auto set_key_sel(snp_key_sel value) & -> msg_report_req_flags& { return put(*this, 1, 0, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_key_sel(snp_key_sel value) && -> msg_report_req_flags { return put(*this, 1, 0, static_cast<std::uint64_t>(value)); }

  friend constexpr auto operator==(const msg_report_req_flags&, const msg_report_req_flags&) -> bool = default;
  friend constexpr auto describe(const msg_report_req_flags*) noexcept -> const structure_info& {
    return descriptions::msg_report_req_flags;
  }
};

/// MSG_REPORT_REQ payload.   SNP ABI 7.3 Table 21
template <class Storage>
struct basic_msg_report_req : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_report_req(const basic_msg_report_req<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_report_req(basic_msg_report_req<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Data placed in the report.
  [[nodiscard]] constexpr auto report_data() noexcept { return bytes_at<0x000, 64>(*this); }
  [[nodiscard]] constexpr auto report_data() const noexcept { return bytes_at<0x000, 64>(*this); }
  constexpr void set_report_data(std::span<const std::uint8_t, 64> value) noexcept { store_bytes<0x000>(*this, value); }
  /// 040h: VMPL placed in the report, >= requesting VMPL, <= 3.
  [[nodiscard]] constexpr auto vmpl() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x040>(*this); }
  constexpr void set_vmpl(std::uint32_t value) noexcept { store<0x040>(*this, value); }
  /// 044h: Selection.
  [[nodiscard]] constexpr auto flags() const noexcept -> msg_report_req_flags {
    return load<msg_report_req_flags, 0x044>(*this);
  }
  constexpr void set_flags(msg_report_req_flags value) noexcept { store<0x044>(*this, value); }

  friend constexpr auto describe(const basic_msg_report_req*) noexcept -> const structure_info& {
    return descriptions::msg_report_req;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_msg_report_req<A>& a, const basic_msg_report_req<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using msg_report_req = basic_msg_report_req<owned<96>>;
/// Over bytes that lie elsewhere.
using msg_report_req_view = basic_msg_report_req<borrowed<std::uint8_t, 96>>;
/// Over bytes that are only read.
using msg_report_req_const_view = basic_msg_report_req<borrowed<const std::uint8_t, 96>>;

/// MSG_REPORT_RSP payload.   SNP ABI 7.3
template <class Storage>
struct basic_msg_report_rsp : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_report_rsp(const basic_msg_report_rsp<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_report_rsp(basic_msg_report_rsp<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: 0 ok, 0x16 invalid parameters, 0x27 invalid key selection.
  [[nodiscard]] constexpr auto status() const noexcept -> sev_status_codes {
    return static_cast<sev_status_codes>(load<std::uint32_t, 0x000>(*this));
  }
  constexpr void set_status(sev_status_codes value) { store_code<std::uint32_t, 0x000>(*this, value); }
  /// 004h: Bytes of report (0x4A0).
  [[nodiscard]] constexpr auto report_size() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x004>(*this);
  }
  constexpr void set_report_size(std::uint32_t value) noexcept { store<0x004>(*this, value); }
  /// 020h: Report (layout by its version field).
  [[nodiscard]] constexpr auto report() noexcept { return part<basic_attestation_report_v5, 0x020, 1184>(*this); }
  [[nodiscard]] constexpr auto report() const noexcept { return part<basic_attestation_report_v5, 0x020, 1184>(*this); }
  template <class Other>
  constexpr void set_report(const basic_attestation_report_v5<Other>& value) noexcept {
    store_part<0x020>(*this, value);
  }

  friend constexpr auto describe(const basic_msg_report_rsp*) noexcept -> const structure_info& {
    return descriptions::msg_report_rsp;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_msg_report_rsp<A>& a, const basic_msg_report_rsp<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using msg_report_rsp = basic_msg_report_rsp<owned<1216>>;
/// Over bytes that lie elsewhere.
using msg_report_rsp_view = basic_msg_report_rsp<borrowed<std::uint8_t, 1216>>;
/// Over bytes that are only read.
using msg_report_rsp_const_view = basic_msg_report_rsp<borrowed<const std::uint8_t, 1216>>;

/// `flags` of `msg_export_req`: Flags.
struct msg_export_req_flags {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Export for an IMI flow.
  [[nodiscard]] constexpr auto imi_en() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_imi_en(bool value) & -> msg_export_req_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_imi_en(bool value) && -> msg_export_req_flags { return put(*this, 0, 0, value); }

  friend constexpr auto operator==(const msg_export_req_flags&, const msg_export_req_flags&) -> bool = default;
  friend constexpr auto describe(const msg_export_req_flags*) noexcept -> const structure_info& {
    return descriptions::msg_export_req_flags;
  }
};

/// MSG_EXPORT_REQ payload (migration agent).   SNP ABI 7.4
template <class Storage>
struct basic_msg_export_req : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_export_req(const basic_msg_export_req<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_export_req(basic_msg_export_req<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest context page of the guest to export. (medium confidence)
  [[nodiscard]] constexpr auto gctx_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_gctx_paddr(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Flags. (medium confidence)
  [[nodiscard]] constexpr auto flags() const noexcept -> msg_export_req_flags {
    return load<msg_export_req_flags, 0x008>(*this);
  }
  constexpr void set_flags(msg_export_req_flags value) noexcept { store<0x008>(*this, value); }

  friend constexpr auto describe(const basic_msg_export_req*) noexcept -> const structure_info& {
    return descriptions::msg_export_req;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_msg_export_req<A>& a, const basic_msg_export_req<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using msg_export_req = basic_msg_export_req<owned<16>>;
/// Over bytes that lie elsewhere.
using msg_export_req_view = basic_msg_export_req<borrowed<std::uint8_t, 16>>;
/// Over bytes that are only read.
using msg_export_req_const_view = basic_msg_export_req<borrowed<const std::uint8_t, 16>>;

/// `flags` of `msg_gctx_export`: Flags.
struct msg_gctx_export_flags {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: Author key present.
  [[nodiscard]] constexpr auto author_key_en() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_author_key_en(bool value) & -> msg_gctx_export_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_author_key_en(bool value) && -> msg_gctx_export_flags { return put(*this, 0, 0, value); }
  /// Bit 1: ID block present.
  [[nodiscard]] constexpr auto id_block_en() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_id_block_en(bool value) & -> msg_gctx_export_flags& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_id_block_en(bool value) && -> msg_gctx_export_flags { return put(*this, 1, 1, value); }
  /// Bit 2: VCEK disabled.
  [[nodiscard]] constexpr auto vcek_dis() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_vcek_dis(bool value) & -> msg_gctx_export_flags& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_vcek_dis(bool value) && -> msg_gctx_export_flags { return put(*this, 2, 2, value); }

  friend constexpr auto operator==(const msg_gctx_export_flags&, const msg_gctx_export_flags&) -> bool = default;
  friend constexpr auto describe(const msg_gctx_export_flags*) noexcept -> const structure_info& {
    return descriptions::msg_gctx_export_flags;
  }
};

/// Guest context exported/imported by the migration agent (context version 3 fields from 0x2B0 up).   SNP ABI 7.4 guest
/// context field structure
template <class Storage>
struct basic_msg_gctx_export : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_gctx_export(const basic_msg_gctx_export<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_gctx_export(basic_msg_gctx_export<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Launch digest. (medium confidence)
  [[nodiscard]] constexpr auto ld() noexcept { return bytes_at<0x000, 48>(*this); }
  [[nodiscard]] constexpr auto ld() const noexcept { return bytes_at<0x000, 48>(*this); }
  constexpr void set_ld(std::span<const std::uint8_t, 48> value) noexcept { store_bytes<0x000>(*this, value); }
  /// 030h: Offline encryption key. (medium confidence)
  [[nodiscard]] constexpr auto oek() noexcept { return bytes_at<0x030, 32>(*this); }
  [[nodiscard]] constexpr auto oek() const noexcept { return bytes_at<0x030, 32>(*this); }
  constexpr void set_oek(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x030>(*this, value); }
  /// 050h: VMPCK0. (medium confidence)
  [[nodiscard]] constexpr auto vmpck0() noexcept { return bytes_at<0x050, 32>(*this); }
  [[nodiscard]] constexpr auto vmpck0() const noexcept { return bytes_at<0x050, 32>(*this); }
  constexpr void set_vmpck0(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x050>(*this, value); }
  /// 070h: VMPCK1. (medium confidence)
  [[nodiscard]] constexpr auto vmpck1() noexcept { return bytes_at<0x070, 32>(*this); }
  [[nodiscard]] constexpr auto vmpck1() const noexcept { return bytes_at<0x070, 32>(*this); }
  constexpr void set_vmpck1(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x070>(*this, value); }
  /// 090h: VMPCK2. (medium confidence)
  [[nodiscard]] constexpr auto vmpck2() noexcept { return bytes_at<0x090, 32>(*this); }
  [[nodiscard]] constexpr auto vmpck2() const noexcept { return bytes_at<0x090, 32>(*this); }
  constexpr void set_vmpck2(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x090>(*this, value); }
  /// 0B0h: VMPCK3. (medium confidence)
  [[nodiscard]] constexpr auto vmpck3() noexcept { return bytes_at<0x0b0, 32>(*this); }
  [[nodiscard]] constexpr auto vmpck3() const noexcept { return bytes_at<0x0b0, 32>(*this); }
  constexpr void set_vmpck3(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x0b0>(*this, value); }
  /// 0D0h: VM root key. (medium confidence)
  [[nodiscard]] constexpr auto vmrk() noexcept { return bytes_at<0x0d0, 32>(*this); }
  [[nodiscard]] constexpr auto vmrk() const noexcept { return bytes_at<0x0d0, 32>(*this); }
  constexpr void set_vmrk(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x0d0>(*this, value); }
  /// 0F0h: Host data. (medium confidence)
  [[nodiscard]] constexpr auto host_data() noexcept { return bytes_at<0x0f0, 32>(*this); }
  [[nodiscard]] constexpr auto host_data() const noexcept { return bytes_at<0x0f0, 32>(*this); }
  constexpr void set_host_data(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x0f0>(*this, value); }
  /// 110h: ID key digest. (medium confidence)
  [[nodiscard]] constexpr auto id_key_digest() noexcept { return bytes_at<0x110, 48>(*this); }
  [[nodiscard]] constexpr auto id_key_digest() const noexcept { return bytes_at<0x110, 48>(*this); }
  constexpr void set_id_key_digest(std::span<const std::uint8_t, 48> value) noexcept {
    store_bytes<0x110>(*this, value);
  }
  /// 140h: Author key digest. (medium confidence)
  [[nodiscard]] constexpr auto author_key_digest() noexcept { return bytes_at<0x140, 48>(*this); }
  [[nodiscard]] constexpr auto author_key_digest() const noexcept { return bytes_at<0x140, 48>(*this); }
  constexpr void set_author_key_digest(std::span<const std::uint8_t, 48> value) noexcept {
    store_bytes<0x140>(*this, value);
  }
  /// 170h: Report ID. (medium confidence)
  [[nodiscard]] constexpr auto report_id() noexcept { return bytes_at<0x170, 32>(*this); }
  [[nodiscard]] constexpr auto report_id() const noexcept { return bytes_at<0x170, 32>(*this); }
  constexpr void set_report_id(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x170>(*this, value); }
  /// 190h: IMI digest. (medium confidence)
  [[nodiscard]] constexpr auto imd() noexcept { return bytes_at<0x190, 48>(*this); }
  [[nodiscard]] constexpr auto imd() const noexcept { return bytes_at<0x190, 48>(*this); }
  constexpr void set_imd(std::span<const std::uint8_t, 48> value) noexcept { store_bytes<0x190>(*this, value); }
  /// 1C0h: VMPCK0 message count. (medium confidence)
  [[nodiscard]] constexpr auto msg_count0() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1c0>(*this);
  }
  constexpr void set_msg_count0(std::uint64_t value) noexcept { store<0x1c0>(*this, value); }
  /// 1C8h: VMPCK1. (medium confidence)
  [[nodiscard]] constexpr auto msg_count1() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1c8>(*this);
  }
  constexpr void set_msg_count1(std::uint64_t value) noexcept { store<0x1c8>(*this, value); }
  /// 1D0h: VMPCK2. (medium confidence)
  [[nodiscard]] constexpr auto msg_count2() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1d0>(*this);
  }
  constexpr void set_msg_count2(std::uint64_t value) noexcept { store<0x1d0>(*this, value); }
  /// 1D8h: VMPCK3. (medium confidence)
  [[nodiscard]] constexpr auto msg_count3() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x1d8>(*this);
  }
  constexpr void set_msg_count3(std::uint64_t value) noexcept { store<0x1d8>(*this, value); }
  /// 1E0h: Root metadata entry. (medium confidence)
  [[nodiscard]] constexpr auto root_md_entry() noexcept { return part<basic_snp_mdata_entry, 0x1e0, 64>(*this); }
  [[nodiscard]] constexpr auto root_md_entry() const noexcept { return part<basic_snp_mdata_entry, 0x1e0, 64>(*this); }
  template <class Other>
  constexpr void set_root_md_entry(const basic_snp_mdata_entry<Other>& value) noexcept {
    store_part<0x1e0>(*this, value);
  }
  /// 220h: Flags. (medium confidence)
  [[nodiscard]] constexpr auto flags() const noexcept -> msg_gctx_export_flags {
    return load<msg_gctx_export_flags, 0x220>(*this);
  }
  constexpr void set_flags(msg_gctx_export_flags value) noexcept { store<0x220>(*this, value); }
  /// 228h: Guest policy. (medium confidence)
  [[nodiscard]] constexpr auto policy() const noexcept -> snp_guest_policy {
    return load<snp_guest_policy, 0x228>(*this);
  }
  constexpr void set_policy(snp_guest_policy value) noexcept { store<0x228>(*this, value); }
  /// 230h: Guest state. (medium confidence)
  [[nodiscard]] constexpr auto state() const noexcept -> snp_guest_state {
    return static_cast<snp_guest_state>(load<std::uint8_t, 0x230>(*this));
  }
  constexpr void set_state(snp_guest_state value) { store_code<std::uint8_t, 0x230>(*this, value); }
  /// 238h: OEK IV counter. (medium confidence)
  [[nodiscard]] constexpr auto oek_iv_count() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x238>(*this);
  }
  constexpr void set_oek_iv_count(std::uint64_t value) noexcept { store<0x238>(*this, value); }
  /// 240h: ID block. (medium confidence)
  [[nodiscard]] constexpr auto id_block() noexcept { return part<basic_id_block, 0x240, 96>(*this); }
  [[nodiscard]] constexpr auto id_block() const noexcept { return part<basic_id_block, 0x240, 96>(*this); }
  template <class Other>
  constexpr void set_id_block(const basic_id_block<Other>& value) noexcept { store_part<0x240>(*this, value); }
  /// 2A0h: GOSVW. (medium confidence)
  [[nodiscard]] constexpr auto gosvw() noexcept { return bytes_at<0x2a0, 16>(*this); }
  [[nodiscard]] constexpr auto gosvw() const noexcept { return bytes_at<0x2a0, 16>(*this); }
  constexpr void set_gosvw(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x2a0>(*this, value); }
  /// 2B0h: Desired TSC frequency in kHz. (SNP-v3, medium confidence)
  [[nodiscard]] constexpr auto desired_tsc_freq() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x2b0>(*this);
  }
  constexpr void set_desired_tsc_freq(std::uint32_t value) noexcept { store<0x2b0>(*this, value); }
  /// 2B8h: TSC offset. (SNP-v3, medium confidence)
  [[nodiscard]] constexpr auto psp_tsc_offset() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x2b8>(*this);
  }
  constexpr void set_psp_tsc_offset(std::uint64_t value) noexcept { store<0x2b8>(*this, value); }
  /// 2C0h: Launch TCB. (SNP-v3, medium confidence)
  [[nodiscard]] constexpr auto launch_tcb() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x2c0>(*this);
  }
  constexpr void set_launch_tcb(std::uint64_t value) noexcept { store<0x2c0>(*this, value); }

  friend constexpr auto describe(const basic_msg_gctx_export*) noexcept -> const structure_info& {
    return descriptions::msg_gctx_export;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_msg_gctx_export<A>& a, const basic_msg_gctx_export<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using msg_gctx_export = basic_msg_gctx_export<owned<768>>;
/// Over bytes that lie elsewhere.
using msg_gctx_export_view = basic_msg_gctx_export<borrowed<std::uint8_t, 768>>;
/// Over bytes that are only read.
using msg_gctx_export_const_view = basic_msg_gctx_export<borrowed<const std::uint8_t, 768>>;

/// MSG_EXPORT_RSP payload.   SNP ABI 7.4
template <class Storage>
struct basic_msg_export_rsp : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_export_rsp(const basic_msg_export_rsp<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_export_rsp(basic_msg_export_rsp<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Status. (medium confidence)
  [[nodiscard]] constexpr auto status() const noexcept -> sev_status_codes {
    return static_cast<sev_status_codes>(load<std::uint32_t, 0x000>(*this));
  }
  constexpr void set_status(sev_status_codes value) { store_code<std::uint32_t, 0x000>(*this, value); }
  /// 004h: Context size. (medium confidence)
  [[nodiscard]] constexpr auto gctx_size() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x004>(*this); }
  constexpr void set_gctx_size(std::uint32_t value) noexcept { store<0x004>(*this, value); }
  /// 008h: Context version. (medium confidence)
  [[nodiscard]] constexpr auto gctx_version() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x008>(*this);
  }
  constexpr void set_gctx_version(std::uint32_t value) noexcept { store<0x008>(*this, value); }
  /// 020h: Context. (medium confidence)
  [[nodiscard]] constexpr auto gctx() noexcept { return part<basic_msg_gctx_export, 0x020, 768>(*this); }
  [[nodiscard]] constexpr auto gctx() const noexcept { return part<basic_msg_gctx_export, 0x020, 768>(*this); }
  template <class Other>
  constexpr void set_gctx(const basic_msg_gctx_export<Other>& value) noexcept { store_part<0x020>(*this, value); }

  friend constexpr auto describe(const basic_msg_export_rsp*) noexcept -> const structure_info& {
    return descriptions::msg_export_rsp;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_msg_export_rsp<A>& a, const basic_msg_export_rsp<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using msg_export_rsp = basic_msg_export_rsp<owned<800>>;
/// Over bytes that lie elsewhere.
using msg_export_rsp_view = basic_msg_export_rsp<borrowed<std::uint8_t, 800>>;
/// Over bytes that are only read.
using msg_export_rsp_const_view = basic_msg_export_rsp<borrowed<const std::uint8_t, 800>>;

/// MSG_IMPORT_REQ and MSG_ABSORB_REQ payload; MSG_ABSORB_NOMA_REQ uses the same layout with gctx_paddr reserved.   SNP
/// ABI 7.5
template <class Storage>
struct basic_msg_import_req : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_import_req(const basic_msg_import_req<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_import_req(basic_msg_import_req<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Destination guest context. (medium confidence)
  [[nodiscard]] constexpr auto gctx_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_gctx_paddr(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Context size. (medium confidence)
  [[nodiscard]] constexpr auto in_gctx_size() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x008>(*this);
  }
  constexpr void set_in_gctx_size(std::uint32_t value) noexcept { store<0x008>(*this, value); }
  /// 00Ch: Context version. (medium confidence)
  [[nodiscard]] constexpr auto in_gctx_version() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x00c>(*this);
  }
  constexpr void set_in_gctx_version(std::uint32_t value) noexcept { store<0x00c>(*this, value); }
  /// 020h: Context. (medium confidence)
  [[nodiscard]] constexpr auto incoming_gctx() noexcept { return part<basic_msg_gctx_export, 0x020, 768>(*this); }
  [[nodiscard]] constexpr auto incoming_gctx() const noexcept { return part<basic_msg_gctx_export, 0x020, 768>(*this); }
  template <class Other>
  constexpr void set_incoming_gctx(const basic_msg_gctx_export<Other>& value) noexcept {
    store_part<0x020>(*this, value);
  }

  friend constexpr auto describe(const basic_msg_import_req*) noexcept -> const structure_info& {
    return descriptions::msg_import_req;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_msg_import_req<A>& a, const basic_msg_import_req<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using msg_import_req = basic_msg_import_req<owned<800>>;
/// Over bytes that lie elsewhere.
using msg_import_req_view = basic_msg_import_req<borrowed<std::uint8_t, 800>>;
/// Over bytes that are only read.
using msg_import_req_const_view = basic_msg_import_req<borrowed<const std::uint8_t, 800>>;

/// MSG_IMPORT_RSP, MSG_ABSORB_RSP, MSG_ABSORB_NOMA_RSP and MSG_VMRK_RSP payload.   SNP ABI 7.5..7.8
template <class Storage>
struct basic_msg_status_rsp : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_status_rsp(const basic_msg_status_rsp<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_status_rsp(basic_msg_status_rsp<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Status. (medium confidence)
  [[nodiscard]] constexpr auto status() const noexcept -> sev_status_codes {
    return static_cast<sev_status_codes>(load<std::uint32_t, 0x000>(*this));
  }
  constexpr void set_status(sev_status_codes value) { store_code<std::uint32_t, 0x000>(*this, value); }

  friend constexpr auto describe(const basic_msg_status_rsp*) noexcept -> const structure_info& {
    return descriptions::msg_status_rsp;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_msg_status_rsp<A>& a, const basic_msg_status_rsp<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using msg_status_rsp = basic_msg_status_rsp<owned<16>>;
/// Over bytes that lie elsewhere.
using msg_status_rsp_view = basic_msg_status_rsp<borrowed<std::uint8_t, 16>>;
/// Over bytes that are only read.
using msg_status_rsp_const_view = basic_msg_status_rsp<borrowed<const std::uint8_t, 16>>;

/// MSG_VMRK_REQ payload.   SNP ABI 7.8
template <class Storage>
struct basic_msg_vmrk_req : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_vmrk_req(const basic_msg_vmrk_req<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_vmrk_req(basic_msg_vmrk_req<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest context. (medium confidence)
  [[nodiscard]] constexpr auto gctx_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_gctx_paddr(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 020h: VM root key. (medium confidence)
  [[nodiscard]] constexpr auto vmrk() noexcept { return bytes_at<0x020, 32>(*this); }
  [[nodiscard]] constexpr auto vmrk() const noexcept { return bytes_at<0x020, 32>(*this); }
  constexpr void set_vmrk(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x020>(*this, value); }

  friend constexpr auto describe(const basic_msg_vmrk_req*) noexcept -> const structure_info& {
    return descriptions::msg_vmrk_req;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_msg_vmrk_req<A>& a, const basic_msg_vmrk_req<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using msg_vmrk_req = basic_msg_vmrk_req<owned<64>>;
/// Over bytes that lie elsewhere.
using msg_vmrk_req_view = basic_msg_vmrk_req<borrowed<std::uint8_t, 64>>;
/// Over bytes that are only read.
using msg_vmrk_req_const_view = basic_msg_vmrk_req<borrowed<const std::uint8_t, 64>>;

/// MSG_TSC_INFO_REQ payload: all reserved.   SNP ABI 7.9
template <class Storage>
struct basic_msg_tsc_info_req : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_tsc_info_req(const basic_msg_tsc_info_req<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_tsc_info_req(basic_msg_tsc_info_req<Other>& other) noexcept : Storage(other.bytes()) {}

  friend constexpr auto describe(const basic_msg_tsc_info_req*) noexcept -> const structure_info& {
    return descriptions::msg_tsc_info_req;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_msg_tsc_info_req<A>& a, const basic_msg_tsc_info_req<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using msg_tsc_info_req = basic_msg_tsc_info_req<owned<128>>;
/// Over bytes that lie elsewhere.
using msg_tsc_info_req_view = basic_msg_tsc_info_req<borrowed<std::uint8_t, 128>>;
/// Over bytes that are only read.
using msg_tsc_info_req_const_view = basic_msg_tsc_info_req<borrowed<const std::uint8_t, 128>>;

/// MSG_TSC_INFO_RSP payload.   SNP ABI 7.9
template <class Storage>
struct basic_msg_tsc_info_rsp : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_tsc_info_rsp(const basic_msg_tsc_info_rsp<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_msg_tsc_info_rsp(basic_msg_tsc_info_rsp<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Status.
  [[nodiscard]] constexpr auto status() const noexcept -> sev_status_codes {
    return static_cast<sev_status_codes>(load<std::uint32_t, 0x000>(*this));
  }
  constexpr void set_status(sev_status_codes value) { store_code<std::uint32_t, 0x000>(*this, value); }
  /// 008h: Scale for the VMSA.
  [[nodiscard]] constexpr auto guest_tsc_scale() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x008>(*this);
  }
  constexpr void set_guest_tsc_scale(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Offset for the VMSA.
  [[nodiscard]] constexpr auto guest_tsc_offset() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x010>(*this);
  }
  constexpr void set_guest_tsc_offset(std::uint64_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: Mean TSC correction, 1/100000.
  [[nodiscard]] constexpr auto tsc_factor() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x018>(*this);
  }
  constexpr void set_tsc_factor(std::uint32_t value) noexcept { store<0x018>(*this, value); }

  friend constexpr auto describe(const basic_msg_tsc_info_rsp*) noexcept -> const structure_info& {
    return descriptions::msg_tsc_info_rsp;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_msg_tsc_info_rsp<A>& a, const basic_msg_tsc_info_rsp<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using msg_tsc_info_rsp = basic_msg_tsc_info_rsp<owned<128>>;
/// Over bytes that lie elsewhere.
using msg_tsc_info_rsp_view = basic_msg_tsc_info_rsp<borrowed<std::uint8_t, 128>>;
/// Over bytes that are only read.
using msg_tsc_info_rsp_const_view = basic_msg_tsc_info_rsp<borrowed<const std::uint8_t, 128>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
