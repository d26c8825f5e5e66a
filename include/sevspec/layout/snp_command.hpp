// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_SNP_COMMAND_HPP
#define SEVSPEC_LAYOUT_SNP_COMMAND_HPP

// Command buffers of the SEV-SNP commands and what they return.
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

inline constexpr bit_info cmd_snp_init_ex_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "init_rmp",             .meaning = "initialise the RMP"},
    {.lsb = 1, .width =  1, .name = "list_paddr_en",        .meaning = "list_paddr valid"},
    {.lsb = 2, .width =  1, .name = "rapl_dis",             .meaning = "disable RAPL"},
    {.lsb = 3, .width =  1, .name = "ciphertext_hiding_en", .meaning = "enable DRAM ciphertext hiding"},
    {.lsb = 4, .width =  1, .name = "tio_en",               .meaning = "enable SEV-TIO"},
    {.lsb = 5, .width = 27, .name = "reserved_31_5",        .meaning = "reserved", .reserved = true},
};
inline constexpr field_info cmd_snp_init_ex_fields[] = {
    {.offset = 0x000, .size =  4, .name = "flags",        .meaning = "flags", .since = level::snp, .bits = cmd_snp_init_ex_flags_bits},
    {.offset = 0x004, .size =  4, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x008, .size =  8, .name = "list_paddr",   .meaning = "RANGE_LIST of HV-fixed pages", .since = level::snp},
    {.offset = 0x010, .size =  2, .name = "max_snp_asid", .meaning = "highest SNP ASID with ciphertext hiding", .since = level::snp},
    {.offset = 0x012, .size = 46, .name = "reserved_012", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info cmd_snp_init_ex{
    .name = "cmd_snp_init_ex",
    .id = "LAY-CMD-SNP-INIT-EX",
    .size = 0x40,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_INIT_EX",
    .description = "SNP_INIT_EX (0x085).",
    .fields = cmd_snp_init_ex_fields,
};
inline constexpr field_info cmd_snp_init_ex_flags_fields[] = {
    {.offset = 0, .size = 4, .name = "flags", .meaning = "flags", .since = level::snp, .bits = cmd_snp_init_ex_flags_bits},
};
inline constexpr structure_info cmd_snp_init_ex_flags{
    .name = "cmd_snp_init_ex.flags",
    .id = "LAY-CMD-SNP-INIT-EX",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_INIT_EX",
    .description = "Flags.",
    .fields = cmd_snp_init_ex_flags_fields,
};

inline constexpr field_info snp_range_fields[] = {
    {.offset = 0x000, .size = 8, .name = "base",         .meaning = "physical base", .since = level::snp},
    {.offset = 0x008, .size = 4, .name = "page_count",   .meaning = "4 KiB pages", .since = level::snp},
    {.offset = 0x00c, .size = 4, .name = "reserved_00c", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info snp_range{
    .name = "snp_range",
    .id = "LAY-SNP-RANGE",
    .size = 0x10,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_INIT_EX range",
    .description = "RANGE element.",
    .fields = snp_range_fields,
};

inline constexpr field_info snp_range_list_header_fields[] = {
    {.offset = 0x000, .size = 4, .name = "num_elements", .meaning = "number of ranges", .since = level::snp},
    {.offset = 0x004, .size = 4, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info snp_range_list_header{
    .name = "snp_range_list_header",
    .id = "LAY-SNP-RANGE-LIST-HEADER",
    .size = 0x8,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_INIT_EX range list",
    .description = "RANGE_LIST header, followed by n snp_range (n <= 255).",
    .fields = snp_range_list_header_fields,
};

inline constexpr bit_info cmd_snp_shutdown_ex_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "iommu_snp_shutdown", .meaning = "disable SNP enforcement in the IOMMU"},
    {.lsb = 1, .width =  1, .name = "x86_snp_shutdown",   .meaning = "disable SNP on all cores"},
    {.lsb = 2, .width = 30, .name = "reserved_31_2",      .meaning = "reserved", .reserved = true},
};
inline constexpr field_info cmd_snp_shutdown_ex_fields[] = {
    {.offset = 0x000, .size = 4, .name = "length", .meaning = "buffer length", .since = level::snp},
    {.offset = 0x004, .size = 4, .name = "flags",  .meaning = "flags", .since = level::snp, .bits = cmd_snp_shutdown_ex_flags_bits},
};
inline constexpr structure_info cmd_snp_shutdown_ex{
    .name = "cmd_snp_shutdown_ex",
    .id = "LAY-CMD-SNP-SHUTDOWN-EX",
    .size = 0x8,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_SHUTDOWN_EX",
    .description = "SNP_SHUTDOWN_EX (0x086).",
    .fields = cmd_snp_shutdown_ex_fields,
};
inline constexpr field_info cmd_snp_shutdown_ex_flags_fields[] = {
    {.offset = 0, .size = 4, .name = "flags", .meaning = "flags", .since = level::snp, .bits = cmd_snp_shutdown_ex_flags_bits},
};
inline constexpr structure_info cmd_snp_shutdown_ex_flags{
    .name = "cmd_snp_shutdown_ex.flags",
    .id = "LAY-CMD-SNP-SHUTDOWN-EX",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_SHUTDOWN_EX",
    .description = "Flags.",
    .fields = cmd_snp_shutdown_ex_flags_fields,
};

inline constexpr bit_info cmd_snp_paddr_paddr_bits[] = {
    {.lsb =  0, .width =  1, .name = "page_size",     .meaning = "only RECLAIM/UNSMASH"},
    {.lsb =  1, .width = 11, .name = "reserved_11_1", .meaning = "reserved", .reserved = true},
    {.lsb = 12, .width = 52, .name = "pfn",           .meaning = "frame"},
};
inline constexpr field_info cmd_snp_paddr_fields[] = {
    {.offset = 0x000, .size = 8, .name = "paddr", .meaning = "address", .since = level::snp, .bits = cmd_snp_paddr_paddr_bits},
};
inline constexpr structure_info cmd_snp_paddr{
    .name = "cmd_snp_paddr",
    .id = "LAY-CMD-SNP-PADDR",
    .size = 0x8,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_PLATFORM_STATUS, SNP_DECOMMISSION, SNP_GCTX_CREATE, SNP_PAGE_RECLAIM, SNP_PAGE_UNSMASH",
    .description = "Commands with one address (0x083, 0x090, 0x093, 0x0C7, 0x0C8). For 0x0C7 and 0x0C8 bit 0 is the page size (1 = 2 MiB).",
    .fields = cmd_snp_paddr_fields,
};

inline constexpr bit_info snp_platform_status_init_flags_bits[] = {
    {.lsb = 0, .width = 1, .name = "is_rmp_initialized",   .meaning = "RMP initialised"},
    {.lsb = 1, .width = 1, .name = "alias_check_complete", .meaning = "alias check done", .trust = confidence::medium},
    {.lsb = 2, .width = 1, .name = "reserved_2_2",         .meaning = "reserved", .reserved = true},
    {.lsb = 3, .width = 1, .name = "is_tio_en",            .meaning = "SEV-TIO enabled", .trust = confidence::medium},
    {.lsb = 4, .width = 4, .name = "reserved_7_4",         .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info snp_platform_status_config_bits[] = {
    {.lsb = 0, .width =  1, .name = "mask_chip_id",               .meaning = "CHIP_ID masked"},
    {.lsb = 1, .width =  1, .name = "mask_chip_key",              .meaning = "chip key masked"},
    {.lsb = 2, .width =  1, .name = "vlek_en",                    .meaning = "VLEK loaded"},
    {.lsb = 3, .width =  1, .name = "feature_info",               .meaning = "SNP_FEATURE_INFO available"},
    {.lsb = 4, .width =  1, .name = "rapl_dis",                   .meaning = "RAPL disabled"},
    {.lsb = 5, .width =  1, .name = "ciphertext_hiding_dram_cap", .meaning = "capability"},
    {.lsb = 6, .width =  1, .name = "ciphertext_hiding_dram_en",  .meaning = "enabled"},
    {.lsb = 7, .width =  1, .name = "is_tio_en",                  .meaning = "SEV-TIO enabled (one source)", .trust = confidence::low},
    {.lsb = 8, .width = 24, .name = "reserved_31_8",              .meaning = "reserved", .reserved = true},
};
inline constexpr field_info snp_platform_status_fields[] = {
    {.offset = 0x000, .size = 1, .name = "api_major",    .meaning = "ABI major", .since = level::snp},
    {.offset = 0x001, .size = 1, .name = "api_minor",    .meaning = "ABI minor", .since = level::snp},
    {.offset = 0x002, .size = 1, .name = "state",        .meaning = "0 uninit, 1 init", .since = level::snp, .values = &tables::snp_platform_state},
    {.offset = 0x003, .size = 1, .name = "init_flags",   .meaning = "flags", .since = level::snp, .bits = snp_platform_status_init_flags_bits},
    {.offset = 0x004, .size = 4, .name = "build_id",     .meaning = "build", .since = level::snp},
    {.offset = 0x008, .size = 4, .name = "config",       .meaning = "configuration", .since = level::snp, .bits = snp_platform_status_config_bits},
    {.offset = 0x00c, .size = 4, .name = "guest_count",  .meaning = "SNP guests", .since = level::snp},
    {.offset = 0x010, .size = 8, .name = "current_tcb",  .meaning = "CurrentTcb", .since = level::snp},
    {.offset = 0x018, .size = 8, .name = "reported_tcb", .meaning = "ReportedTcb", .since = level::snp},
};
inline constexpr structure_info snp_platform_status{
    .name = "snp_platform_status",
    .id = "LAY-SNP-PLATFORM-STATUS",
    .size = 0x20,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI Table 38",
    .description = "Output of SNP_PLATFORM_STATUS.",
    .fields = snp_platform_status_fields,
};
inline constexpr field_info snp_platform_status_init_flags_fields[] = {
    {.offset = 0, .size = 1, .name = "init_flags", .meaning = "flags", .since = level::snp, .bits = snp_platform_status_init_flags_bits},
};
inline constexpr structure_info snp_platform_status_init_flags{
    .name = "snp_platform_status.init_flags",
    .id = "LAY-SNP-PLATFORM-STATUS",
    .size = 1,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI Table 38",
    .description = "Flags.",
    .fields = snp_platform_status_init_flags_fields,
};
inline constexpr field_info snp_platform_status_config_fields[] = {
    {.offset = 0, .size = 4, .name = "config", .meaning = "configuration", .since = level::snp, .bits = snp_platform_status_config_bits},
};
inline constexpr structure_info snp_platform_status_config{
    .name = "snp_platform_status.config",
    .id = "LAY-SNP-PLATFORM-STATUS",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI Table 38",
    .description = "Configuration.",
    .fields = snp_platform_status_config_fields,
};

inline constexpr field_info cmd_snp_activate_fields[] = {
    {.offset = 0x000, .size = 8, .name = "gctx_paddr", .meaning = "guest context", .since = level::snp},
    {.offset = 0x008, .size = 4, .name = "asid",       .meaning = "ASID", .since = level::snp},
};
inline constexpr structure_info cmd_snp_activate{
    .name = "cmd_snp_activate",
    .id = "LAY-CMD-SNP-ACTIVATE",
    .size = 0xc,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_ACTIVATE",
    .description = "SNP_ACTIVATE (0x091).",
    .fields = cmd_snp_activate_fields,
};

inline constexpr field_info cmd_snp_activate_ex_fields[] = {
    {.offset = 0x000, .size = 4, .name = "ex_len",       .meaning = "0x20", .since = level::snp},
    {.offset = 0x004, .size = 4, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x008, .size = 8, .name = "gctx_paddr",   .meaning = "guest context", .since = level::snp},
    {.offset = 0x010, .size = 4, .name = "asid",         .meaning = "ASID", .since = level::snp},
    {.offset = 0x014, .size = 4, .name = "numids",       .meaning = "number of APIC IDs", .since = level::snp},
    {.offset = 0x018, .size = 8, .name = "ids_paddr",    .meaning = "APIC ID array", .since = level::snp},
};
inline constexpr structure_info cmd_snp_activate_ex{
    .name = "cmd_snp_activate_ex",
    .id = "LAY-CMD-SNP-ACTIVATE-EX",
    .size = 0x20,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_ACTIVATE_EX",
    .description = "SNP_ACTIVATE_EX (0x095).",
    .fields = cmd_snp_activate_ex_fields,
};

inline constexpr field_info cmd_snp_guest_status_fields[] = {
    {.offset = 0x000, .size = 8, .name = "gctx_paddr",   .meaning = "guest context", .since = level::snp},
    {.offset = 0x008, .size = 8, .name = "status_paddr", .meaning = "output page", .since = level::snp},
};
inline constexpr structure_info cmd_snp_guest_status{
    .name = "cmd_snp_guest_status",
    .id = "LAY-CMD-SNP-GUEST-STATUS",
    .size = 0x10,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_GUEST_STATUS",
    .description = "SNP_GUEST_STATUS (0x092).",
    .fields = cmd_snp_guest_status_fields,
};

inline constexpr bit_info snp_guest_status_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "vcek_dis",      .meaning = "VCEK disabled for reports", .trust = confidence::medium},
    {.lsb = 1, .width = 31, .name = "reserved_31_1", .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info snp_guest_status_fields[] = {
    {.offset = 0x000, .size =  8, .name = "policy",       .meaning = "policy", .since = level::snp, .trust = confidence::medium, .word = &snp_guest_policy},
    {.offset = 0x008, .size =  4, .name = "asid",         .meaning = "ASID", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x00c, .size =  1, .name = "state",        .meaning = "0 init, 1 launch, 2 running", .since = level::snp, .trust = confidence::medium, .values = &tables::snp_guest_state},
    {.offset = 0x00d, .size =  3, .name = "reserved_00d", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x010, .size =  4, .name = "flags",        .meaning = "flags", .since = level::snp, .trust = confidence::medium, .bits = snp_guest_status_flags_bits},
    {.offset = 0x014, .size = 12, .name = "reserved_014", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
};
inline constexpr structure_info snp_guest_status{
    .name = "snp_guest_status",
    .id = "LAY-SNP-GUEST-STATUS",
    .size = 0x20,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI SNP_GUEST_STATUS",
    .description = "Output of SNP_GUEST_STATUS.",
    .fields = snp_guest_status_fields,
};
inline constexpr field_info snp_guest_status_flags_fields[] = {
    {.offset = 0, .size = 4, .name = "flags", .meaning = "flags", .since = level::snp, .bits = snp_guest_status_flags_bits},
};
inline constexpr structure_info snp_guest_status_flags{
    .name = "snp_guest_status.flags",
    .id = "LAY-SNP-GUEST-STATUS",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI SNP_GUEST_STATUS",
    .description = "Flags.",
    .fields = snp_guest_status_flags_fields,
};

inline constexpr field_info cmd_snp_guest_request_fields[] = {
    {.offset = 0x000, .size = 8, .name = "gctx_paddr",     .meaning = "guest context", .since = level::snp},
    {.offset = 0x008, .size = 8, .name = "request_paddr",  .meaning = "request page", .since = level::snp},
    {.offset = 0x010, .size = 8, .name = "response_paddr", .meaning = "response page", .since = level::snp},
};
inline constexpr structure_info cmd_snp_guest_request{
    .name = "cmd_snp_guest_request",
    .id = "LAY-CMD-SNP-GUEST-REQUEST",
    .size = 0x18,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_GUEST_REQUEST",
    .description = "SNP_GUEST_REQUEST (0x094).",
    .fields = cmd_snp_guest_request_fields,
};

inline constexpr bit_info cmd_snp_launch_start_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "ma_en",         .meaning = "migration agent used"},
    {.lsb = 1, .width =  1, .name = "imi_en",        .meaning = "IMI launch"},
    {.lsb = 2, .width = 30, .name = "reserved_31_2", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info cmd_snp_launch_start_fields[] = {
    {.offset = 0x000, .size =  8, .name = "gctx_paddr",      .meaning = "guest context", .since = level::snp},
    {.offset = 0x008, .size =  8, .name = "policy",          .meaning = "policy", .since = level::snp, .type = field_type::structure, .nested = &snp_guest_policy},
    {.offset = 0x010, .size =  8, .name = "ma_gctx_paddr",   .meaning = "migration agent context", .since = level::snp},
    {.offset = 0x018, .size =  4, .name = "flags",           .meaning = "flags", .since = level::snp, .bits = cmd_snp_launch_start_flags_bits},
    {.offset = 0x01c, .size =  4, .name = "desired_tsc_khz", .meaning = "desired mean TSC frequency in kHz", .since = level::snp},
    {.offset = 0x020, .size = 16, .name = "gosvw",           .meaning = "GOSVW", .since = level::snp, .type = field_type::bytes},
};
inline constexpr structure_info cmd_snp_launch_start{
    .name = "cmd_snp_launch_start",
    .id = "LAY-CMD-SNP-LAUNCH-START",
    .size = 0x30,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_LAUNCH_START",
    .description = "SNP_LAUNCH_START (0x0A0).",
    .fields = cmd_snp_launch_start_fields,
};
inline constexpr field_info cmd_snp_launch_start_flags_fields[] = {
    {.offset = 0, .size = 4, .name = "flags", .meaning = "flags", .since = level::snp, .bits = cmd_snp_launch_start_flags_bits},
};
inline constexpr structure_info cmd_snp_launch_start_flags{
    .name = "cmd_snp_launch_start.flags",
    .id = "LAY-CMD-SNP-LAUNCH-START",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_LAUNCH_START",
    .description = "Flags.",
    .fields = cmd_snp_launch_start_flags_fields,
};

inline constexpr bit_info cmd_snp_launch_update_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "page_size",     .meaning = "1 = 2 MiB"},
    {.lsb = 1, .width =  3, .name = "page_type",     .meaning = "see snp_page_types", .values = &tables::snp_page_types},
    {.lsb = 4, .width =  1, .name = "imi_page",      .meaning = "IMI page"},
    {.lsb = 5, .width = 27, .name = "reserved_31_5", .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info cmd_snp_launch_update_perms_bits[] = {
    {.lsb =  0, .width = 8, .name = "reserved_7_0", .meaning = "reserved", .reserved = true},
    {.lsb =  8, .width = 8, .name = "vmpl1_perms",  .meaning = "VMPL1"},
    {.lsb = 16, .width = 8, .name = "vmpl2_perms",  .meaning = "VMPL2"},
    {.lsb = 24, .width = 8, .name = "vmpl3_perms",  .meaning = "VMPL3"},
};
inline constexpr field_info cmd_snp_launch_update_fields[] = {
    {.offset = 0x000, .size = 8, .name = "gctx_paddr",   .meaning = "guest context", .since = level::snp},
    {.offset = 0x008, .size = 4, .name = "flags",        .meaning = "flags", .since = level::snp, .bits = cmd_snp_launch_update_flags_bits},
    {.offset = 0x00c, .size = 4, .name = "reserved_00c", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x010, .size = 8, .name = "page_paddr",   .meaning = "page", .since = level::snp},
    {.offset = 0x018, .size = 4, .name = "perms",        .meaning = "lower VMPL permissions", .since = level::snp, .bits = cmd_snp_launch_update_perms_bits},
    {.offset = 0x01c, .size = 4, .name = "reserved_01c", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info cmd_snp_launch_update{
    .name = "cmd_snp_launch_update",
    .id = "LAY-CMD-SNP-LAUNCH-UPDATE",
    .size = 0x20,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_LAUNCH_UPDATE",
    .description = "SNP_LAUNCH_UPDATE (0x0A1).",
    .fields = cmd_snp_launch_update_fields,
};
inline constexpr field_info cmd_snp_launch_update_flags_fields[] = {
    {.offset = 0, .size = 4, .name = "flags", .meaning = "flags", .since = level::snp, .bits = cmd_snp_launch_update_flags_bits},
};
inline constexpr structure_info cmd_snp_launch_update_flags{
    .name = "cmd_snp_launch_update.flags",
    .id = "LAY-CMD-SNP-LAUNCH-UPDATE",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_LAUNCH_UPDATE",
    .description = "Flags.",
    .fields = cmd_snp_launch_update_flags_fields,
};
inline constexpr field_info cmd_snp_launch_update_perms_fields[] = {
    {.offset = 0, .size = 4, .name = "perms", .meaning = "lower VMPL permissions", .since = level::snp, .bits = cmd_snp_launch_update_perms_bits},
};
inline constexpr structure_info cmd_snp_launch_update_perms{
    .name = "cmd_snp_launch_update.perms",
    .id = "LAY-CMD-SNP-LAUNCH-UPDATE",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_LAUNCH_UPDATE",
    .description = "Lower VMPL permissions.",
    .fields = cmd_snp_launch_update_perms_fields,
};

inline constexpr bit_info cmd_snp_launch_finish_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "id_block_en",   .meaning = "ID block present"},
    {.lsb = 1, .width =  1, .name = "auth_key_en",   .meaning = "author key present"},
    {.lsb = 2, .width =  1, .name = "vcek_dis",      .meaning = "VCEK not allowed for reports"},
    {.lsb = 3, .width = 61, .name = "reserved_63_3", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info cmd_snp_launch_finish_fields[] = {
    {.offset = 0x000, .size =  8, .name = "gctx_paddr",     .meaning = "guest context", .since = level::snp},
    {.offset = 0x008, .size =  8, .name = "id_block_paddr", .meaning = "ID block", .since = level::snp},
    {.offset = 0x010, .size =  8, .name = "id_auth_paddr",  .meaning = "ID auth structure", .since = level::snp},
    {.offset = 0x018, .size =  8, .name = "flags",          .meaning = "flags", .since = level::snp, .bits = cmd_snp_launch_finish_flags_bits},
    {.offset = 0x020, .size = 32, .name = "host_data",      .meaning = "host data", .since = level::snp, .type = field_type::bytes},
};
inline constexpr structure_info cmd_snp_launch_finish{
    .name = "cmd_snp_launch_finish",
    .id = "LAY-CMD-SNP-LAUNCH-FINISH",
    .size = 0x40,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_LAUNCH_FINISH",
    .description = "SNP_LAUNCH_FINISH (0x0A2).",
    .fields = cmd_snp_launch_finish_fields,
};
inline constexpr field_info cmd_snp_launch_finish_flags_fields[] = {
    {.offset = 0, .size = 8, .name = "flags", .meaning = "flags", .since = level::snp, .bits = cmd_snp_launch_finish_flags_bits},
};
inline constexpr structure_info cmd_snp_launch_finish_flags{
    .name = "cmd_snp_launch_finish.flags",
    .id = "LAY-CMD-SNP-LAUNCH-FINISH",
    .size = 8,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_LAUNCH_FINISH",
    .description = "Flags.",
    .fields = cmd_snp_launch_finish_flags_fields,
};

inline constexpr field_info cmd_snp_dbg_fields[] = {
    {.offset = 0x000, .size = 8, .name = "gctx_paddr", .meaning = "guest context", .since = level::snp},
    {.offset = 0x008, .size = 8, .name = "src_paddr",  .meaning = "source page", .since = level::snp},
    {.offset = 0x010, .size = 8, .name = "dst_paddr",  .meaning = "destination page", .since = level::snp},
};
inline constexpr structure_info cmd_snp_dbg{
    .name = "cmd_snp_dbg",
    .id = "LAY-CMD-SNP-DBG",
    .size = 0x18,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_DBG_DECRYPT/ENCRYPT",
    .description = "SNP_DBG_DECRYPT (0x0B0), SNP_DBG_ENCRYPT (0x0B1).",
    .fields = cmd_snp_dbg_fields,
};

inline constexpr bit_info cmd_snp_verify_mitigation_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "dst_paddr_en",  .meaning = "dst_paddr valid", .trust = confidence::medium},
    {.lsb = 1, .width =  1, .name = "src_paddr_en",  .meaning = "src_paddr valid", .trust = confidence::medium},
    {.lsb = 2, .width = 30, .name = "reserved_31_2", .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info cmd_snp_verify_mitigation_fields[] = {
    {.offset = 0x000, .size =  4, .name = "length",       .meaning = "buffer length 0x40", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x004, .size =  2, .name = "subcommand",   .meaning = "0 status, 1 verify", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x006, .size =  2, .name = "reserved_006", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x008, .size =  8, .name = "vector",       .meaning = "mitigation bit(s)", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x010, .size =  4, .name = "flags",        .meaning = "flags", .since = level::snp, .trust = confidence::medium, .bits = cmd_snp_verify_mitigation_flags_bits},
    {.offset = 0x014, .size =  4, .name = "reserved_014", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x018, .size =  8, .name = "src_paddr",    .meaning = "optional input", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x020, .size =  8, .name = "dst_paddr",    .meaning = "result page", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x028, .size = 24, .name = "reserved_028", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
};
inline constexpr structure_info cmd_snp_verify_mitigation{
    .name = "cmd_snp_verify_mitigation",
    .id = "LAY-CMD-SNP-VERIFY-MITIGATION",
    .size = 0x40,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI 1.58 SNP_VERIFY_MITIGATION",
    .description = "SNP_VERIFY_MITIGATION (0x0B2).",
    .fields = cmd_snp_verify_mitigation_fields,
};
inline constexpr field_info cmd_snp_verify_mitigation_flags_fields[] = {
    {.offset = 0, .size = 4, .name = "flags", .meaning = "flags", .since = level::snp, .bits = cmd_snp_verify_mitigation_flags_bits},
};
inline constexpr structure_info cmd_snp_verify_mitigation_flags{
    .name = "cmd_snp_verify_mitigation.flags",
    .id = "LAY-CMD-SNP-VERIFY-MITIGATION",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI 1.58 SNP_VERIFY_MITIGATION",
    .description = "Flags.",
    .fields = cmd_snp_verify_mitigation_flags_fields,
};

inline constexpr field_info snp_verify_mitigation_result_fields[] = {
    {.offset = 0x000, .size = 8, .name = "mit_verified_vector",  .meaning = "verified", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x008, .size = 8, .name = "mit_supported_vector", .meaning = "supported", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x010, .size = 4, .name = "mit_failure_status",   .meaning = "failure status", .since = level::snp, .trust = confidence::medium},
};
inline constexpr structure_info snp_verify_mitigation_result{
    .name = "snp_verify_mitigation_result",
    .id = "LAY-SNP-VERIFY-MITIGATION-RESULT",
    .size = 0x14,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI 1.58 SNP_VERIFY_MITIGATION",
    .description = "Result of SNP_VERIFY_MITIGATION.",
    .fields = snp_verify_mitigation_result_fields,
};

inline constexpr bit_info cmd_snp_swap_out_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "page_size",     .meaning = "1 = 2 MiB", .trust = confidence::medium},
    {.lsb = 1, .width =  2, .name = "page_type",     .meaning = "0 data, 1 metadata, 2 VMSA", .trust = confidence::medium},
    {.lsb = 3, .width =  1, .name = "reserved_3_3",  .meaning = "reserved", .trust = confidence::medium, .reserved = true},
    {.lsb = 4, .width =  1, .name = "root_mdata_en", .meaning = "store the entry in the guest context", .trust = confidence::medium},
    {.lsb = 5, .width = 59, .name = "reserved_63_5", .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info cmd_snp_swap_out_fields[] = {
    {.offset = 0x000, .size = 8, .name = "gctx_paddr",    .meaning = "guest context", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x008, .size = 8, .name = "src_paddr",     .meaning = "source", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x010, .size = 8, .name = "dst_paddr",     .meaning = "destination", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x018, .size = 8, .name = "mdata_paddr",   .meaning = "metadata entry", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x020, .size = 8, .name = "software_data", .meaning = "opaque", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x028, .size = 8, .name = "flags",         .meaning = "flags", .since = level::snp, .trust = confidence::medium, .bits = cmd_snp_swap_out_flags_bits},
};
inline constexpr structure_info cmd_snp_swap_out{
    .name = "cmd_snp_swap_out",
    .id = "LAY-CMD-SNP-SWAP-OUT",
    .size = 0x30,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI SNP_PAGE_SWAP_OUT",
    .description = "SNP_PAGE_SWAP_OUT (0x0C0).",
    .fields = cmd_snp_swap_out_fields,
};
inline constexpr field_info cmd_snp_swap_out_flags_fields[] = {
    {.offset = 0, .size = 8, .name = "flags", .meaning = "flags", .since = level::snp, .bits = cmd_snp_swap_out_flags_bits},
};
inline constexpr structure_info cmd_snp_swap_out_flags{
    .name = "cmd_snp_swap_out.flags",
    .id = "LAY-CMD-SNP-SWAP-OUT",
    .size = 8,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI SNP_PAGE_SWAP_OUT",
    .description = "Flags.",
    .fields = cmd_snp_swap_out_flags_fields,
};

inline constexpr bit_info cmd_snp_swap_in_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "page_size",     .meaning = "1 = 2 MiB", .trust = confidence::medium},
    {.lsb = 1, .width =  2, .name = "page_type",     .meaning = "0 data, 1 metadata, 2 VMSA", .trust = confidence::medium},
    {.lsb = 3, .width =  1, .name = "swap_in_place", .meaning = "source equals destination", .trust = confidence::medium},
    {.lsb = 4, .width =  1, .name = "root_mdata_en", .meaning = "entry in the guest context", .trust = confidence::medium},
    {.lsb = 5, .width = 59, .name = "reserved_63_5", .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info cmd_snp_swap_in_fields[] = {
    {.offset = 0x000, .size = 8, .name = "gctx_paddr",   .meaning = "guest context", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x008, .size = 8, .name = "src_paddr",    .meaning = "source", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x010, .size = 8, .name = "dst_paddr",    .meaning = "destination", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x018, .size = 8, .name = "mdata_paddr",  .meaning = "metadata entry", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x020, .size = 8, .name = "reserved_020", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x028, .size = 8, .name = "flags",        .meaning = "flags", .since = level::snp, .trust = confidence::medium, .bits = cmd_snp_swap_in_flags_bits},
};
inline constexpr structure_info cmd_snp_swap_in{
    .name = "cmd_snp_swap_in",
    .id = "LAY-CMD-SNP-SWAP-IN",
    .size = 0x30,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI SNP_PAGE_SWAP_IN",
    .description = "SNP_PAGE_SWAP_IN (0x0C1).",
    .fields = cmd_snp_swap_in_fields,
};
inline constexpr field_info cmd_snp_swap_in_flags_fields[] = {
    {.offset = 0, .size = 8, .name = "flags", .meaning = "flags", .since = level::snp, .bits = cmd_snp_swap_in_flags_bits},
};
inline constexpr structure_info cmd_snp_swap_in_flags{
    .name = "cmd_snp_swap_in.flags",
    .id = "LAY-CMD-SNP-SWAP-IN",
    .size = 8,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI SNP_PAGE_SWAP_IN",
    .description = "Flags.",
    .fields = cmd_snp_swap_in_flags_fields,
};

inline constexpr bit_info cmd_snp_page_move_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "page_size",     .meaning = "1 = 2 MiB", .trust = confidence::medium},
    {.lsb = 1, .width = 31, .name = "reserved_31_1", .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info cmd_snp_page_move_fields[] = {
    {.offset = 0x000, .size = 8, .name = "gctx_paddr",   .meaning = "guest context", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x008, .size = 4, .name = "flags",        .meaning = "flags", .since = level::snp, .trust = confidence::medium, .bits = cmd_snp_page_move_flags_bits},
    {.offset = 0x00c, .size = 4, .name = "reserved_00c", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x010, .size = 8, .name = "src_paddr",    .meaning = "source", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x018, .size = 8, .name = "dst_paddr",    .meaning = "destination", .since = level::snp, .trust = confidence::medium},
};
inline constexpr structure_info cmd_snp_page_move{
    .name = "cmd_snp_page_move",
    .id = "LAY-CMD-SNP-PAGE-MOVE",
    .size = 0x20,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI SNP_PAGE_MOVE",
    .description = "SNP_PAGE_MOVE (0x0C2).",
    .fields = cmd_snp_page_move_fields,
};
inline constexpr field_info cmd_snp_page_move_flags_fields[] = {
    {.offset = 0, .size = 4, .name = "flags", .meaning = "flags", .since = level::snp, .bits = cmd_snp_page_move_flags_bits},
};
inline constexpr structure_info cmd_snp_page_move_flags{
    .name = "cmd_snp_page_move.flags",
    .id = "LAY-CMD-SNP-PAGE-MOVE",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI SNP_PAGE_MOVE",
    .description = "Flags.",
    .fields = cmd_snp_page_move_flags_fields,
};

inline constexpr field_info cmd_snp_md_init_fields[] = {
    {.offset = 0x000, .size = 8, .name = "gctx_paddr", .meaning = "guest context", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x008, .size = 8, .name = "page_paddr", .meaning = "page to become metadata", .since = level::snp, .trust = confidence::medium},
};
inline constexpr structure_info cmd_snp_md_init{
    .name = "cmd_snp_md_init",
    .id = "LAY-CMD-SNP-MD-INIT",
    .size = 0x10,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI SNP_PAGE_MD_INIT",
    .description = "SNP_PAGE_MD_INIT (0x0C3).",
    .fields = cmd_snp_md_init_fields,
};

inline constexpr field_info cmd_snp_page_set_state_fields[] = {
    {.offset = 0x000, .size = 4, .name = "length",       .meaning = "buffer length", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x004, .size = 4, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x008, .size = 8, .name = "list_paddr",   .meaning = "RANGE_LIST", .since = level::snp, .trust = confidence::medium},
};
inline constexpr structure_info cmd_snp_page_set_state{
    .name = "cmd_snp_page_set_state",
    .id = "LAY-CMD-SNP-PAGE-SET-STATE",
    .size = 0x10,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI SNP_PAGE_SET_STATE",
    .description = "SNP_PAGE_SET_STATE (0x0C6).",
    .fields = cmd_snp_page_set_state_fields,
};

inline constexpr bit_info cmd_snp_config_mask_bits[] = {
    {.lsb = 0, .width =  1, .name = "mask_chip_id",  .meaning = "zero CHIP_ID in reports"},
    {.lsb = 1, .width =  1, .name = "mask_chip_key", .meaning = "do not sign reports with the chip key"},
    {.lsb = 2, .width = 30, .name = "reserved_31_2", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info cmd_snp_config_fields[] = {
    {.offset = 0x000, .size =  8, .name = "reported_tcb", .meaning = "reported TCB", .since = level::snp},
    {.offset = 0x008, .size =  4, .name = "mask",         .meaning = "masking", .since = level::snp, .bits = cmd_snp_config_mask_bits},
    {.offset = 0x00c, .size = 52, .name = "reserved_00c", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
};
inline constexpr structure_info cmd_snp_config{
    .name = "cmd_snp_config",
    .id = "LAY-CMD-SNP-CONFIG",
    .size = 0x40,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_CONFIG",
    .description = "SNP_CONFIG (0x0C9).",
    .fields = cmd_snp_config_fields,
};
inline constexpr field_info cmd_snp_config_mask_fields[] = {
    {.offset = 0, .size = 4, .name = "mask", .meaning = "masking", .since = level::snp, .bits = cmd_snp_config_mask_bits},
};
inline constexpr structure_info cmd_snp_config_mask{
    .name = "cmd_snp_config.mask",
    .id = "LAY-CMD-SNP-CONFIG",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_CONFIG",
    .description = "Masking.",
    .fields = cmd_snp_config_mask_fields,
};

inline constexpr bit_info cmd_snp_download_firmware_ex_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "commit",        .meaning = "commit after update", .trust = confidence::medium},
    {.lsb = 1, .width = 31, .name = "reserved_31_1", .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info cmd_snp_download_firmware_ex_fields[] = {
    {.offset = 0x000, .size = 4, .name = "length",       .meaning = "buffer length 0x18", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x004, .size = 4, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .trust = confidence::medium, .reserved = true},
    {.offset = 0x008, .size = 8, .name = "fw_paddr",     .meaning = "image", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x010, .size = 4, .name = "fw_len",       .meaning = "image length", .since = level::snp, .trust = confidence::medium},
    {.offset = 0x014, .size = 4, .name = "flags",        .meaning = "flags", .since = level::snp, .trust = confidence::medium, .bits = cmd_snp_download_firmware_ex_flags_bits},
};
inline constexpr structure_info cmd_snp_download_firmware_ex{
    .name = "cmd_snp_download_firmware_ex",
    .id = "LAY-CMD-SNP-DOWNLOAD-FIRMWARE-EX",
    .size = 0x18,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI DOWNLOAD_FIRMWARE_EX",
    .description = "DOWNLOAD_FIRMWARE_EX (0x0CA).",
    .fields = cmd_snp_download_firmware_ex_fields,
};
inline constexpr field_info cmd_snp_download_firmware_ex_flags_fields[] = {
    {.offset = 0, .size = 4, .name = "flags", .meaning = "flags", .since = level::snp, .bits = cmd_snp_download_firmware_ex_flags_bits},
};
inline constexpr structure_info cmd_snp_download_firmware_ex_flags{
    .name = "cmd_snp_download_firmware_ex.flags",
    .id = "LAY-CMD-SNP-DOWNLOAD-FIRMWARE-EX",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::medium,
    .spec_ref = "SNP ABI DOWNLOAD_FIRMWARE_EX",
    .description = "Flags.",
    .fields = cmd_snp_download_firmware_ex_flags_fields,
};

inline constexpr field_info cmd_snp_commit_fields[] = {
    {.offset = 0x000, .size = 4, .name = "length", .meaning = "buffer length", .since = level::snp},
};
inline constexpr structure_info cmd_snp_commit{
    .name = "cmd_snp_commit",
    .id = "LAY-CMD-SNP-COMMIT",
    .size = 0x4,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_COMMIT",
    .description = "SNP_COMMIT (0x0CB).",
    .fields = cmd_snp_commit_fields,
};

inline constexpr field_info cmd_snp_vlek_load_fields[] = {
    {.offset = 0x000, .size = 4, .name = "length",               .meaning = "0x10", .since = level::snp},
    {.offset = 0x004, .size = 1, .name = "vlek_wrapped_version", .meaning = "0", .since = level::snp},
    {.offset = 0x005, .size = 3, .name = "reserved_005",         .meaning = "reserved, must be zero", .since = level::snp, .type = field_type::bytes, .reserved = true},
    {.offset = 0x008, .size = 8, .name = "vlek_wrapped_paddr",   .meaning = "vlek_wrapped structure", .since = level::snp},
};
inline constexpr structure_info cmd_snp_vlek_load{
    .name = "cmd_snp_vlek_load",
    .id = "LAY-CMD-SNP-VLEK-LOAD",
    .size = 0x10,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_VLEK_LOAD",
    .description = "SNP_VLEK_LOAD (0x0CD).",
    .fields = cmd_snp_vlek_load_fields,
};

inline constexpr field_info cmd_snp_feature_info_fields[] = {
    {.offset = 0x000, .size = 4, .name = "length",             .meaning = "0x10", .since = level::snp},
    {.offset = 0x004, .size = 4, .name = "ecx_in",             .meaning = "sub-function", .since = level::snp},
    {.offset = 0x008, .size = 8, .name = "feature_info_paddr", .meaning = "output", .since = level::snp},
};
inline constexpr structure_info cmd_snp_feature_info{
    .name = "cmd_snp_feature_info",
    .id = "LAY-CMD-SNP-FEATURE-INFO",
    .size = 0x10,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_FEATURE_INFO",
    .description = "SNP_FEATURE_INFO (0x0CE).",
    .fields = cmd_snp_feature_info_fields,
};

inline constexpr bit_info snp_feature_info_ebx_bits[] = {
    {.lsb = 0, .width =  1, .name = "sev_legacy",    .meaning = "legacy SEV commands supported", .trust = confidence::medium},
    {.lsb = 1, .width =  1, .name = "sev_tio",       .meaning = "SEV-TIO supported"},
    {.lsb = 2, .width = 30, .name = "reserved_31_2", .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info snp_feature_info_ecx_bits[] = {
    {.lsb =  0, .width =  1, .name = "vlek",              .meaning = "VLEK"},
    {.lsb =  1, .width =  1, .name = "x86_snp_shutdown",  .meaning = "x86_snp_shutdown flag"},
    {.lsb =  2, .width =  1, .name = "rapl_dis",          .meaning = "RAPL disable"},
    {.lsb =  3, .width =  1, .name = "ciphertext_hiding", .meaning = "ciphertext hiding"},
    {.lsb =  4, .width =  1, .name = "aes_256_xts",       .meaning = "AES-256-XTS policy"},
    {.lsb =  5, .width =  1, .name = "cxl_allow",         .meaning = "CXL policy"},
    {.lsb =  6, .width =  7, .name = "reserved_12_6",     .meaning = "reserved", .reserved = true},
    {.lsb = 13, .width =  1, .name = "verify_mitigation", .meaning = "SNP_VERIFY_MITIGATION", .trust = confidence::medium},
    {.lsb = 14, .width = 18, .name = "reserved_31_14",    .meaning = "reserved", .reserved = true},
};
inline constexpr field_info snp_feature_info_fields[] = {
    {.offset = 0x000, .size = 4, .name = "eax", .meaning = "maximum sub-function", .since = level::snp},
    {.offset = 0x004, .size = 4, .name = "ebx", .meaning = "features", .since = level::snp, .bits = snp_feature_info_ebx_bits},
    {.offset = 0x008, .size = 4, .name = "ecx", .meaning = "features", .since = level::snp, .bits = snp_feature_info_ecx_bits},
    {.offset = 0x00c, .size = 4, .name = "edx", .meaning = "reserved", .since = level::snp},
};
inline constexpr structure_info snp_feature_info{
    .name = "snp_feature_info",
    .id = "LAY-SNP-FEATURE-INFO",
    .size = 0x10,
    .alignment = 0x1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_FEATURE_INFO",
    .description = "Output of SNP_FEATURE_INFO; bit meanings here for ecx_in = 0.",
    .fields = snp_feature_info_fields,
};
inline constexpr field_info snp_feature_info_ebx_fields[] = {
    {.offset = 0, .size = 4, .name = "ebx", .meaning = "features", .since = level::snp, .bits = snp_feature_info_ebx_bits},
};
inline constexpr structure_info snp_feature_info_ebx{
    .name = "snp_feature_info.ebx",
    .id = "LAY-SNP-FEATURE-INFO",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_FEATURE_INFO",
    .description = "Features.",
    .fields = snp_feature_info_ebx_fields,
};
inline constexpr field_info snp_feature_info_ecx_fields[] = {
    {.offset = 0, .size = 4, .name = "ecx", .meaning = "features", .since = level::snp, .bits = snp_feature_info_ecx_bits},
};
inline constexpr structure_info snp_feature_info_ecx{
    .name = "snp_feature_info.ecx",
    .id = "LAY-SNP-FEATURE-INFO",
    .size = 4,
    .alignment = 1,
    .since = level::snp,
    .trust = confidence::high,
    .spec_ref = "SNP ABI SNP_FEATURE_INFO",
    .description = "Features.",
    .fields = snp_feature_info_ecx_fields,
};

}  // namespace descriptions

/// `flags` of `cmd_snp_init_ex`: Flags.
struct cmd_snp_init_ex_flags {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Initialise the RMP.
  [[nodiscard]] constexpr auto init_rmp() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_init_rmp(bool value) & -> cmd_snp_init_ex_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_init_rmp(bool value) && -> cmd_snp_init_ex_flags { return put(*this, 0, 0, value); }
  /// Bit 1: list_paddr valid.
  [[nodiscard]] constexpr auto list_paddr_en() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_list_paddr_en(bool value) & -> cmd_snp_init_ex_flags& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_list_paddr_en(bool value) && -> cmd_snp_init_ex_flags { return put(*this, 1, 1, value); }
  /// Bit 2: Disable RAPL.
  [[nodiscard]] constexpr auto rapl_dis() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_rapl_dis(bool value) & -> cmd_snp_init_ex_flags& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_rapl_dis(bool value) && -> cmd_snp_init_ex_flags { return put(*this, 2, 2, value); }
  /// Bit 3: Enable DRAM ciphertext hiding.
  [[nodiscard]] constexpr auto ciphertext_hiding_en() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_ciphertext_hiding_en(bool value) & -> cmd_snp_init_ex_flags& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_ciphertext_hiding_en(bool value) && -> cmd_snp_init_ex_flags { return put(*this, 3, 3, value); }
  /// Bit 4: Enable SEV-TIO.
  [[nodiscard]] constexpr auto tio_en() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_tio_en(bool value) & -> cmd_snp_init_ex_flags& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_tio_en(bool value) && -> cmd_snp_init_ex_flags { return put(*this, 4, 4, value); }

  friend constexpr auto operator==(const cmd_snp_init_ex_flags&, const cmd_snp_init_ex_flags&) -> bool = default;
  friend constexpr auto describe(const cmd_snp_init_ex_flags*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_init_ex_flags;
  }
};

/// SNP_INIT_EX (0x085).   SNP ABI SNP_INIT_EX
template <class Storage>
struct basic_cmd_snp_init_ex : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_init_ex(const basic_cmd_snp_init_ex<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_init_ex(basic_cmd_snp_init_ex<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Flags.
  [[nodiscard]] constexpr auto flags() const noexcept -> cmd_snp_init_ex_flags {
    return load<cmd_snp_init_ex_flags, 0x000>(*this);
  }
  constexpr void set_flags(cmd_snp_init_ex_flags value) noexcept { store<0x000>(*this, value); }
  /// 008h: RANGE_LIST of HV-fixed pages.
  [[nodiscard]] constexpr auto list_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x008>(*this);
  }
  constexpr void set_list_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Highest SNP ASID with ciphertext hiding.
  [[nodiscard]] constexpr auto max_snp_asid() const noexcept -> std::uint16_t {
    return load<std::uint16_t, 0x010>(*this);
  }
  constexpr void set_max_snp_asid(std::uint16_t value) noexcept { store<0x010>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_init_ex*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_init_ex;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_init_ex<A>& a, const basic_cmd_snp_init_ex<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_init_ex = basic_cmd_snp_init_ex<owned<64>>;
/// Over bytes that lie elsewhere.
using cmd_snp_init_ex_view = basic_cmd_snp_init_ex<borrowed<std::uint8_t, 64>>;
/// Over bytes that are only read.
using cmd_snp_init_ex_const_view = basic_cmd_snp_init_ex<borrowed<const std::uint8_t, 64>>;

/// RANGE element.   SNP ABI SNP_INIT_EX range
template <class Storage>
struct basic_snp_range : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_snp_range(const basic_snp_range<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_snp_range(basic_snp_range<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Physical base.
  [[nodiscard]] constexpr auto base() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x000>(*this); }
  constexpr void set_base(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: 4 KiB pages.
  [[nodiscard]] constexpr auto page_count() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x008>(*this);
  }
  constexpr void set_page_count(std::uint32_t value) noexcept { store<0x008>(*this, value); }

  friend constexpr auto describe(const basic_snp_range*) noexcept -> const structure_info& {
    return descriptions::snp_range;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_snp_range<A>& a, const basic_snp_range<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using snp_range = basic_snp_range<owned<16>>;
/// Over bytes that lie elsewhere.
using snp_range_view = basic_snp_range<borrowed<std::uint8_t, 16>>;
/// Over bytes that are only read.
using snp_range_const_view = basic_snp_range<borrowed<const std::uint8_t, 16>>;

/// RANGE_LIST header, followed by n snp_range (n <= 255).   SNP ABI SNP_INIT_EX range list
template <class Storage>
struct basic_snp_range_list_header : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_snp_range_list_header(const basic_snp_range_list_header<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_snp_range_list_header(basic_snp_range_list_header<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Number of ranges.
  [[nodiscard]] constexpr auto num_elements() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x000>(*this);
  }
  constexpr void set_num_elements(std::uint32_t value) noexcept { store<0x000>(*this, value); }

  friend constexpr auto describe(const basic_snp_range_list_header*) noexcept -> const structure_info& {
    return descriptions::snp_range_list_header;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_snp_range_list_header<A>& a, const basic_snp_range_list_header<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using snp_range_list_header = basic_snp_range_list_header<owned<8>>;
/// Over bytes that lie elsewhere.
using snp_range_list_header_view = basic_snp_range_list_header<borrowed<std::uint8_t, 8>>;
/// Over bytes that are only read.
using snp_range_list_header_const_view = basic_snp_range_list_header<borrowed<const std::uint8_t, 8>>;

/// `flags` of `cmd_snp_shutdown_ex`: Flags.
struct cmd_snp_shutdown_ex_flags {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Disable SNP enforcement in the IOMMU.
  [[nodiscard]] constexpr auto iommu_snp_shutdown() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_iommu_snp_shutdown(bool value) & -> cmd_snp_shutdown_ex_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_iommu_snp_shutdown(bool value) && -> cmd_snp_shutdown_ex_flags { return put(*this, 0, 0, value); }
  /// Bit 1: Disable SNP on all cores.
  [[nodiscard]] constexpr auto x86_snp_shutdown() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_x86_snp_shutdown(bool value) & -> cmd_snp_shutdown_ex_flags& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_x86_snp_shutdown(bool value) && -> cmd_snp_shutdown_ex_flags { return put(*this, 1, 1, value); }

  friend constexpr auto operator==(const cmd_snp_shutdown_ex_flags&, const cmd_snp_shutdown_ex_flags&) -> bool = default;
  friend constexpr auto describe(const cmd_snp_shutdown_ex_flags*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_shutdown_ex_flags;
  }
};

/// SNP_SHUTDOWN_EX (0x086).   SNP ABI SNP_SHUTDOWN_EX
template <class Storage>
struct basic_cmd_snp_shutdown_ex : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_shutdown_ex(const basic_cmd_snp_shutdown_ex<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_shutdown_ex(basic_cmd_snp_shutdown_ex<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Buffer length.
  [[nodiscard]] constexpr auto length() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_length(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: Flags.
  [[nodiscard]] constexpr auto flags() const noexcept -> cmd_snp_shutdown_ex_flags {
    return load<cmd_snp_shutdown_ex_flags, 0x004>(*this);
  }
  constexpr void set_flags(cmd_snp_shutdown_ex_flags value) noexcept { store<0x004>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_shutdown_ex*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_shutdown_ex;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_shutdown_ex<A>& a, const basic_cmd_snp_shutdown_ex<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_shutdown_ex = basic_cmd_snp_shutdown_ex<owned<8>>;
/// Over bytes that lie elsewhere.
using cmd_snp_shutdown_ex_view = basic_cmd_snp_shutdown_ex<borrowed<std::uint8_t, 8>>;
/// Over bytes that are only read.
using cmd_snp_shutdown_ex_const_view = basic_cmd_snp_shutdown_ex<borrowed<const std::uint8_t, 8>>;

/// Commands with one address (0x083, 0x090, 0x093, 0x0C7, 0x0C8). For 0x0C7 and 0x0C8 bit 0 is the page size (1 = 2
/// MiB).   SNP ABI SNP_PLATFORM_STATUS, SNP_DECOMMISSION, SNP_GCTX_CREATE, SNP_PAGE_RECLAIM, SNP_PAGE_UNSMASH
struct cmd_snp_paddr {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: Only RECLAIM/UNSMASH.
  [[nodiscard]] constexpr auto page_size() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_page_size(bool value) & -> cmd_snp_paddr& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_page_size(bool value) && -> cmd_snp_paddr { return put(*this, 0, 0, value); }
  /// Bits 63:12: Frame.
  [[nodiscard]] constexpr auto pfn() const noexcept -> std::uint64_t { return bits_at(raw, 63, 12); }
  constexpr auto set_pfn(std::uint64_t value) & -> cmd_snp_paddr& { return put(*this, 63, 12, value); }
  [[nodiscard]] constexpr auto set_pfn(std::uint64_t value) && -> cmd_snp_paddr { return put(*this, 63, 12, value); }

  friend constexpr auto operator==(const cmd_snp_paddr&, const cmd_snp_paddr&) -> bool = default;
  friend constexpr auto describe(const cmd_snp_paddr*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_paddr;
  }
};

/// `init_flags` of `snp_platform_status`: Flags.
struct snp_platform_status_init_flags {
  std::uint8_t raw{};  ///< the whole word

  /// Bit 0: RMP initialised.
  [[nodiscard]] constexpr auto is_rmp_initialized() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_is_rmp_initialized(bool value) & -> snp_platform_status_init_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_is_rmp_initialized(bool value) && -> snp_platform_status_init_flags { return put(*this, 0, 0, value); }
  /// Bit 1: Alias check done.
  [[nodiscard]] constexpr auto alias_check_complete() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_alias_check_complete(bool value) & -> snp_platform_status_init_flags& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_alias_check_complete(bool value) && -> snp_platform_status_init_flags { return put(*this, 1, 1, value); }
  /// Bit 3: SEV-TIO enabled.
  [[nodiscard]] constexpr auto is_tio_en() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_is_tio_en(bool value) & -> snp_platform_status_init_flags& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_is_tio_en(bool value) && -> snp_platform_status_init_flags { return put(*this, 3, 3, value); }

  friend constexpr auto operator==(const snp_platform_status_init_flags&, const snp_platform_status_init_flags&) -> bool = default;
  friend constexpr auto describe(const snp_platform_status_init_flags*) noexcept -> const structure_info& {
    return descriptions::snp_platform_status_init_flags;
  }
};

/// `config` of `snp_platform_status`: Configuration.
struct snp_platform_status_config {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: CHIP_ID masked.
  [[nodiscard]] constexpr auto mask_chip_id() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_mask_chip_id(bool value) & -> snp_platform_status_config& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_mask_chip_id(bool value) && -> snp_platform_status_config { return put(*this, 0, 0, value); }
  /// Bit 1: Chip key masked.
  [[nodiscard]] constexpr auto mask_chip_key() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_mask_chip_key(bool value) & -> snp_platform_status_config& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_mask_chip_key(bool value) && -> snp_platform_status_config { return put(*this, 1, 1, value); }
  /// Bit 2: VLEK loaded.
  [[nodiscard]] constexpr auto vlek_en() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_vlek_en(bool value) & -> snp_platform_status_config& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_vlek_en(bool value) && -> snp_platform_status_config { return put(*this, 2, 2, value); }
  /// Bit 3: SNP_FEATURE_INFO available.
  [[nodiscard]] constexpr auto feature_info() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_feature_info(bool value) & -> snp_platform_status_config& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_feature_info(bool value) && -> snp_platform_status_config { return put(*this, 3, 3, value); }
  /// Bit 4: RAPL disabled.
  [[nodiscard]] constexpr auto rapl_dis() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_rapl_dis(bool value) & -> snp_platform_status_config& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_rapl_dis(bool value) && -> snp_platform_status_config { return put(*this, 4, 4, value); }
  /// Bit 5: Capability.
  [[nodiscard]] constexpr auto ciphertext_hiding_dram_cap() const noexcept -> bool { return bit_at(raw, 5); }
  constexpr auto set_ciphertext_hiding_dram_cap(bool value) & -> snp_platform_status_config& { return put(*this, 5, 5, value); }
  [[nodiscard]] constexpr auto set_ciphertext_hiding_dram_cap(bool value) && -> snp_platform_status_config { return put(*this, 5, 5, value); }
  /// Bit 6: Enabled.
  [[nodiscard]] constexpr auto ciphertext_hiding_dram_en() const noexcept -> bool { return bit_at(raw, 6); }
  constexpr auto set_ciphertext_hiding_dram_en(bool value) & -> snp_platform_status_config& { return put(*this, 6, 6, value); }
  [[nodiscard]] constexpr auto set_ciphertext_hiding_dram_en(bool value) && -> snp_platform_status_config { return put(*this, 6, 6, value); }
  /// Bit 7: SEV-TIO enabled (one source).
  [[nodiscard]] constexpr auto is_tio_en() const noexcept -> bool { return bit_at(raw, 7); }
  constexpr auto set_is_tio_en(bool value) & -> snp_platform_status_config& { return put(*this, 7, 7, value); }
  [[nodiscard]] constexpr auto set_is_tio_en(bool value) && -> snp_platform_status_config { return put(*this, 7, 7, value); }

  friend constexpr auto operator==(const snp_platform_status_config&, const snp_platform_status_config&) -> bool = default;
  friend constexpr auto describe(const snp_platform_status_config*) noexcept -> const structure_info& {
    return descriptions::snp_platform_status_config;
  }
};

/// Output of SNP_PLATFORM_STATUS.   SNP ABI Table 38
template <class Storage>
struct basic_snp_platform_status : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_snp_platform_status(const basic_snp_platform_status<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_snp_platform_status(basic_snp_platform_status<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: ABI major.
  [[nodiscard]] constexpr auto api_major() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x000>(*this); }
  constexpr void set_api_major(std::uint8_t value) noexcept { store<0x000>(*this, value); }
  /// 001h: ABI minor.
  [[nodiscard]] constexpr auto api_minor() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x001>(*this); }
  constexpr void set_api_minor(std::uint8_t value) noexcept { store<0x001>(*this, value); }
  /// 002h: 0 uninit, 1 init.
  [[nodiscard]] constexpr auto state() const noexcept -> snp_platform_state {
    return static_cast<snp_platform_state>(load<std::uint8_t, 0x002>(*this));
  }
  constexpr void set_state(snp_platform_state value) { store_code<std::uint8_t, 0x002>(*this, value); }
  /// 003h: Flags.
  [[nodiscard]] constexpr auto init_flags() const noexcept -> snp_platform_status_init_flags {
    return load<snp_platform_status_init_flags, 0x003>(*this);
  }
  constexpr void set_init_flags(snp_platform_status_init_flags value) noexcept { store<0x003>(*this, value); }
  /// 004h: Build.
  [[nodiscard]] constexpr auto build_id() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x004>(*this); }
  constexpr void set_build_id(std::uint32_t value) noexcept { store<0x004>(*this, value); }
  /// 008h: Configuration.
  [[nodiscard]] constexpr auto config() const noexcept -> snp_platform_status_config {
    return load<snp_platform_status_config, 0x008>(*this);
  }
  constexpr void set_config(snp_platform_status_config value) noexcept { store<0x008>(*this, value); }
  /// 00Ch: SNP guests.
  [[nodiscard]] constexpr auto guest_count() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x00c>(*this);
  }
  constexpr void set_guest_count(std::uint32_t value) noexcept { store<0x00c>(*this, value); }
  /// 010h: CurrentTcb.
  [[nodiscard]] constexpr auto current_tcb() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x010>(*this);
  }
  constexpr void set_current_tcb(std::uint64_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: ReportedTcb.
  [[nodiscard]] constexpr auto reported_tcb() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x018>(*this);
  }
  constexpr void set_reported_tcb(std::uint64_t value) noexcept { store<0x018>(*this, value); }

  friend constexpr auto describe(const basic_snp_platform_status*) noexcept -> const structure_info& {
    return descriptions::snp_platform_status;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_snp_platform_status<A>& a, const basic_snp_platform_status<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using snp_platform_status = basic_snp_platform_status<owned<32>>;
/// Over bytes that lie elsewhere.
using snp_platform_status_view = basic_snp_platform_status<borrowed<std::uint8_t, 32>>;
/// Over bytes that are only read.
using snp_platform_status_const_view = basic_snp_platform_status<borrowed<const std::uint8_t, 32>>;

/// SNP_ACTIVATE (0x091).   SNP ABI SNP_ACTIVATE
template <class Storage>
struct basic_cmd_snp_activate : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_activate(const basic_cmd_snp_activate<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_activate(basic_cmd_snp_activate<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest context.
  [[nodiscard]] constexpr auto gctx_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_gctx_paddr(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: ASID.
  [[nodiscard]] constexpr auto asid() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x008>(*this); }
  constexpr void set_asid(std::uint32_t value) noexcept { store<0x008>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_activate*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_activate;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_activate<A>& a, const basic_cmd_snp_activate<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_activate = basic_cmd_snp_activate<owned<12>>;
/// Over bytes that lie elsewhere.
using cmd_snp_activate_view = basic_cmd_snp_activate<borrowed<std::uint8_t, 12>>;
/// Over bytes that are only read.
using cmd_snp_activate_const_view = basic_cmd_snp_activate<borrowed<const std::uint8_t, 12>>;

/// SNP_ACTIVATE_EX (0x095).   SNP ABI SNP_ACTIVATE_EX
template <class Storage>
struct basic_cmd_snp_activate_ex : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_activate_ex(const basic_cmd_snp_activate_ex<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_activate_ex(basic_cmd_snp_activate_ex<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: 0x20.
  [[nodiscard]] constexpr auto ex_len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_ex_len(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Guest context.
  [[nodiscard]] constexpr auto gctx_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x008>(*this);
  }
  constexpr void set_gctx_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: ASID.
  [[nodiscard]] constexpr auto asid() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x010>(*this); }
  constexpr void set_asid(std::uint32_t value) noexcept { store<0x010>(*this, value); }
  /// 014h: Number of APIC IDs.
  [[nodiscard]] constexpr auto numids() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x014>(*this); }
  constexpr void set_numids(std::uint32_t value) noexcept { store<0x014>(*this, value); }
  /// 018h: APIC ID array.
  [[nodiscard]] constexpr auto ids_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x018>(*this); }
  constexpr void set_ids_paddr(std::uint64_t value) noexcept { store<0x018>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_activate_ex*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_activate_ex;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_activate_ex<A>& a, const basic_cmd_snp_activate_ex<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_activate_ex = basic_cmd_snp_activate_ex<owned<32>>;
/// Over bytes that lie elsewhere.
using cmd_snp_activate_ex_view = basic_cmd_snp_activate_ex<borrowed<std::uint8_t, 32>>;
/// Over bytes that are only read.
using cmd_snp_activate_ex_const_view = basic_cmd_snp_activate_ex<borrowed<const std::uint8_t, 32>>;

/// SNP_GUEST_STATUS (0x092).   SNP ABI SNP_GUEST_STATUS
template <class Storage>
struct basic_cmd_snp_guest_status : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_guest_status(const basic_cmd_snp_guest_status<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_guest_status(basic_cmd_snp_guest_status<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest context.
  [[nodiscard]] constexpr auto gctx_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_gctx_paddr(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Output page.
  [[nodiscard]] constexpr auto status_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x008>(*this);
  }
  constexpr void set_status_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_guest_status*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_guest_status;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_guest_status<A>& a, const basic_cmd_snp_guest_status<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_guest_status = basic_cmd_snp_guest_status<owned<16>>;
/// Over bytes that lie elsewhere.
using cmd_snp_guest_status_view = basic_cmd_snp_guest_status<borrowed<std::uint8_t, 16>>;
/// Over bytes that are only read.
using cmd_snp_guest_status_const_view = basic_cmd_snp_guest_status<borrowed<const std::uint8_t, 16>>;

/// `flags` of `snp_guest_status`: Flags.
struct snp_guest_status_flags {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: VCEK disabled for reports.
  [[nodiscard]] constexpr auto vcek_dis() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_vcek_dis(bool value) & -> snp_guest_status_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_vcek_dis(bool value) && -> snp_guest_status_flags { return put(*this, 0, 0, value); }

  friend constexpr auto operator==(const snp_guest_status_flags&, const snp_guest_status_flags&) -> bool = default;
  friend constexpr auto describe(const snp_guest_status_flags*) noexcept -> const structure_info& {
    return descriptions::snp_guest_status_flags;
  }
};

/// Output of SNP_GUEST_STATUS.   SNP ABI SNP_GUEST_STATUS
template <class Storage>
struct basic_snp_guest_status : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_snp_guest_status(const basic_snp_guest_status<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_snp_guest_status(basic_snp_guest_status<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Policy. (medium confidence)
  [[nodiscard]] constexpr auto policy() const noexcept -> snp_guest_policy {
    return load<snp_guest_policy, 0x000>(*this);
  }
  constexpr void set_policy(snp_guest_policy value) noexcept { store<0x000>(*this, value); }
  /// 008h: ASID. (medium confidence)
  [[nodiscard]] constexpr auto asid() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x008>(*this); }
  constexpr void set_asid(std::uint32_t value) noexcept { store<0x008>(*this, value); }
  /// 00Ch: 0 init, 1 launch, 2 running. (medium confidence)
  [[nodiscard]] constexpr auto state() const noexcept -> snp_guest_state {
    return static_cast<snp_guest_state>(load<std::uint8_t, 0x00c>(*this));
  }
  constexpr void set_state(snp_guest_state value) { store_code<std::uint8_t, 0x00c>(*this, value); }
  /// 010h: Flags. (medium confidence)
  [[nodiscard]] constexpr auto flags() const noexcept -> snp_guest_status_flags {
    return load<snp_guest_status_flags, 0x010>(*this);
  }
  constexpr void set_flags(snp_guest_status_flags value) noexcept { store<0x010>(*this, value); }

  friend constexpr auto describe(const basic_snp_guest_status*) noexcept -> const structure_info& {
    return descriptions::snp_guest_status;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_snp_guest_status<A>& a, const basic_snp_guest_status<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using snp_guest_status = basic_snp_guest_status<owned<32>>;
/// Over bytes that lie elsewhere.
using snp_guest_status_view = basic_snp_guest_status<borrowed<std::uint8_t, 32>>;
/// Over bytes that are only read.
using snp_guest_status_const_view = basic_snp_guest_status<borrowed<const std::uint8_t, 32>>;

/// SNP_GUEST_REQUEST (0x094).   SNP ABI SNP_GUEST_REQUEST
template <class Storage>
struct basic_cmd_snp_guest_request : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_guest_request(const basic_cmd_snp_guest_request<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_guest_request(basic_cmd_snp_guest_request<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest context.
  [[nodiscard]] constexpr auto gctx_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_gctx_paddr(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Request page.
  [[nodiscard]] constexpr auto request_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x008>(*this);
  }
  constexpr void set_request_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Response page.
  [[nodiscard]] constexpr auto response_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x010>(*this);
  }
  constexpr void set_response_paddr(std::uint64_t value) noexcept { store<0x010>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_guest_request*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_guest_request;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_guest_request<A>& a, const basic_cmd_snp_guest_request<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_guest_request = basic_cmd_snp_guest_request<owned<24>>;
/// Over bytes that lie elsewhere.
using cmd_snp_guest_request_view = basic_cmd_snp_guest_request<borrowed<std::uint8_t, 24>>;
/// Over bytes that are only read.
using cmd_snp_guest_request_const_view = basic_cmd_snp_guest_request<borrowed<const std::uint8_t, 24>>;

/// `flags` of `cmd_snp_launch_start`: Flags.
struct cmd_snp_launch_start_flags {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Migration agent used.
  [[nodiscard]] constexpr auto ma_en() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_ma_en(bool value) & -> cmd_snp_launch_start_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_ma_en(bool value) && -> cmd_snp_launch_start_flags { return put(*this, 0, 0, value); }
  /// Bit 1: IMI launch.
  [[nodiscard]] constexpr auto imi_en() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_imi_en(bool value) & -> cmd_snp_launch_start_flags& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_imi_en(bool value) && -> cmd_snp_launch_start_flags { return put(*this, 1, 1, value); }

  friend constexpr auto operator==(const cmd_snp_launch_start_flags&, const cmd_snp_launch_start_flags&) -> bool = default;
  friend constexpr auto describe(const cmd_snp_launch_start_flags*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_launch_start_flags;
  }
};

/// SNP_LAUNCH_START (0x0A0).   SNP ABI SNP_LAUNCH_START
template <class Storage>
struct basic_cmd_snp_launch_start : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_launch_start(const basic_cmd_snp_launch_start<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_launch_start(basic_cmd_snp_launch_start<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest context.
  [[nodiscard]] constexpr auto gctx_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_gctx_paddr(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Policy.
  [[nodiscard]] constexpr auto policy() const noexcept -> snp_guest_policy {
    return load<snp_guest_policy, 0x008>(*this);
  }
  constexpr void set_policy(snp_guest_policy value) noexcept { store<0x008>(*this, value); }
  /// 010h: Migration agent context.
  [[nodiscard]] constexpr auto ma_gctx_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x010>(*this);
  }
  constexpr void set_ma_gctx_paddr(std::uint64_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: Flags.
  [[nodiscard]] constexpr auto flags() const noexcept -> cmd_snp_launch_start_flags {
    return load<cmd_snp_launch_start_flags, 0x018>(*this);
  }
  constexpr void set_flags(cmd_snp_launch_start_flags value) noexcept { store<0x018>(*this, value); }
  /// 01Ch: Desired mean TSC frequency in kHz.
  [[nodiscard]] constexpr auto desired_tsc_khz() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x01c>(*this);
  }
  constexpr void set_desired_tsc_khz(std::uint32_t value) noexcept { store<0x01c>(*this, value); }
  /// 020h: GOSVW.
  [[nodiscard]] constexpr auto gosvw() noexcept { return bytes_at<0x020, 16>(*this); }
  [[nodiscard]] constexpr auto gosvw() const noexcept { return bytes_at<0x020, 16>(*this); }
  constexpr void set_gosvw(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x020>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_launch_start*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_launch_start;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_launch_start<A>& a, const basic_cmd_snp_launch_start<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_launch_start = basic_cmd_snp_launch_start<owned<48>>;
/// Over bytes that lie elsewhere.
using cmd_snp_launch_start_view = basic_cmd_snp_launch_start<borrowed<std::uint8_t, 48>>;
/// Over bytes that are only read.
using cmd_snp_launch_start_const_view = basic_cmd_snp_launch_start<borrowed<const std::uint8_t, 48>>;

/// `flags` of `cmd_snp_launch_update`: Flags.
struct cmd_snp_launch_update_flags {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: 1 = 2 MiB.
  [[nodiscard]] constexpr auto page_size() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_page_size(bool value) & -> cmd_snp_launch_update_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_page_size(bool value) && -> cmd_snp_launch_update_flags { return put(*this, 0, 0, value); }
  /// Bits 3:1: See snp_page_types.
  [[nodiscard]] constexpr auto page_type() const noexcept -> snp_page_types {
    return static_cast<snp_page_types>(bits32_at(raw, 3, 1));
  }
  constexpr auto set_page_type(snp_page_types value) & -> cmd_snp_launch_update_flags& { return put(*this, 3, 1, static_cast<std::uint64_t>(value)); }
  [[nodiscard]] constexpr auto set_page_type(snp_page_types value) && -> cmd_snp_launch_update_flags { return put(*this, 3, 1, static_cast<std::uint64_t>(value)); }
  /// Bit 4: IMI page.
  [[nodiscard]] constexpr auto imi_page() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_imi_page(bool value) & -> cmd_snp_launch_update_flags& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_imi_page(bool value) && -> cmd_snp_launch_update_flags { return put(*this, 4, 4, value); }

  friend constexpr auto operator==(const cmd_snp_launch_update_flags&, const cmd_snp_launch_update_flags&) -> bool = default;
  friend constexpr auto describe(const cmd_snp_launch_update_flags*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_launch_update_flags;
  }
};

/// `perms` of `cmd_snp_launch_update`: Lower VMPL permissions.
struct cmd_snp_launch_update_perms {
  std::uint32_t raw{};  ///< the whole word

  /// Bits 15:8: VMPL1.
  [[nodiscard]] constexpr auto vmpl1_perms() const noexcept -> std::uint32_t { return bits32_at(raw, 15, 8); }
  constexpr auto set_vmpl1_perms(std::uint32_t value) & -> cmd_snp_launch_update_perms& { return put(*this, 15, 8, value); }
  [[nodiscard]] constexpr auto set_vmpl1_perms(std::uint32_t value) && -> cmd_snp_launch_update_perms { return put(*this, 15, 8, value); }
  /// Bits 23:16: VMPL2.
  [[nodiscard]] constexpr auto vmpl2_perms() const noexcept -> std::uint32_t { return bits32_at(raw, 23, 16); }
  constexpr auto set_vmpl2_perms(std::uint32_t value) & -> cmd_snp_launch_update_perms& { return put(*this, 23, 16, value); }
  [[nodiscard]] constexpr auto set_vmpl2_perms(std::uint32_t value) && -> cmd_snp_launch_update_perms { return put(*this, 23, 16, value); }
  /// Bits 31:24: VMPL3.
  [[nodiscard]] constexpr auto vmpl3_perms() const noexcept -> std::uint32_t { return bits32_at(raw, 31, 24); }
  constexpr auto set_vmpl3_perms(std::uint32_t value) & -> cmd_snp_launch_update_perms& { return put(*this, 31, 24, value); }
  [[nodiscard]] constexpr auto set_vmpl3_perms(std::uint32_t value) && -> cmd_snp_launch_update_perms { return put(*this, 31, 24, value); }

  friend constexpr auto operator==(const cmd_snp_launch_update_perms&, const cmd_snp_launch_update_perms&) -> bool = default;
  friend constexpr auto describe(const cmd_snp_launch_update_perms*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_launch_update_perms;
  }
};

/// SNP_LAUNCH_UPDATE (0x0A1).   SNP ABI SNP_LAUNCH_UPDATE
template <class Storage>
struct basic_cmd_snp_launch_update : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_launch_update(const basic_cmd_snp_launch_update<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_launch_update(basic_cmd_snp_launch_update<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest context.
  [[nodiscard]] constexpr auto gctx_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_gctx_paddr(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Flags.
  [[nodiscard]] constexpr auto flags() const noexcept -> cmd_snp_launch_update_flags {
    return load<cmd_snp_launch_update_flags, 0x008>(*this);
  }
  constexpr void set_flags(cmd_snp_launch_update_flags value) noexcept { store<0x008>(*this, value); }
  /// 010h: Page.
  [[nodiscard]] constexpr auto page_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x010>(*this);
  }
  constexpr void set_page_paddr(std::uint64_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: Lower VMPL permissions.
  [[nodiscard]] constexpr auto perms() const noexcept -> cmd_snp_launch_update_perms {
    return load<cmd_snp_launch_update_perms, 0x018>(*this);
  }
  constexpr void set_perms(cmd_snp_launch_update_perms value) noexcept { store<0x018>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_launch_update*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_launch_update;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_launch_update<A>& a, const basic_cmd_snp_launch_update<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_launch_update = basic_cmd_snp_launch_update<owned<32>>;
/// Over bytes that lie elsewhere.
using cmd_snp_launch_update_view = basic_cmd_snp_launch_update<borrowed<std::uint8_t, 32>>;
/// Over bytes that are only read.
using cmd_snp_launch_update_const_view = basic_cmd_snp_launch_update<borrowed<const std::uint8_t, 32>>;

/// `flags` of `cmd_snp_launch_finish`: Flags.
struct cmd_snp_launch_finish_flags {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: ID block present.
  [[nodiscard]] constexpr auto id_block_en() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_id_block_en(bool value) & -> cmd_snp_launch_finish_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_id_block_en(bool value) && -> cmd_snp_launch_finish_flags { return put(*this, 0, 0, value); }
  /// Bit 1: Author key present.
  [[nodiscard]] constexpr auto auth_key_en() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_auth_key_en(bool value) & -> cmd_snp_launch_finish_flags& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_auth_key_en(bool value) && -> cmd_snp_launch_finish_flags { return put(*this, 1, 1, value); }
  /// Bit 2: VCEK not allowed for reports.
  [[nodiscard]] constexpr auto vcek_dis() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_vcek_dis(bool value) & -> cmd_snp_launch_finish_flags& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_vcek_dis(bool value) && -> cmd_snp_launch_finish_flags { return put(*this, 2, 2, value); }

  friend constexpr auto operator==(const cmd_snp_launch_finish_flags&, const cmd_snp_launch_finish_flags&) -> bool = default;
  friend constexpr auto describe(const cmd_snp_launch_finish_flags*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_launch_finish_flags;
  }
};

/// SNP_LAUNCH_FINISH (0x0A2).   SNP ABI SNP_LAUNCH_FINISH
template <class Storage>
struct basic_cmd_snp_launch_finish : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_launch_finish(const basic_cmd_snp_launch_finish<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_launch_finish(basic_cmd_snp_launch_finish<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest context.
  [[nodiscard]] constexpr auto gctx_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_gctx_paddr(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: ID block.
  [[nodiscard]] constexpr auto id_block_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x008>(*this);
  }
  constexpr void set_id_block_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: ID auth structure.
  [[nodiscard]] constexpr auto id_auth_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x010>(*this);
  }
  constexpr void set_id_auth_paddr(std::uint64_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: Flags.
  [[nodiscard]] constexpr auto flags() const noexcept -> cmd_snp_launch_finish_flags {
    return load<cmd_snp_launch_finish_flags, 0x018>(*this);
  }
  constexpr void set_flags(cmd_snp_launch_finish_flags value) noexcept { store<0x018>(*this, value); }
  /// 020h: Host data.
  [[nodiscard]] constexpr auto host_data() noexcept { return bytes_at<0x020, 32>(*this); }
  [[nodiscard]] constexpr auto host_data() const noexcept { return bytes_at<0x020, 32>(*this); }
  constexpr void set_host_data(std::span<const std::uint8_t, 32> value) noexcept { store_bytes<0x020>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_launch_finish*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_launch_finish;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_launch_finish<A>& a, const basic_cmd_snp_launch_finish<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_launch_finish = basic_cmd_snp_launch_finish<owned<64>>;
/// Over bytes that lie elsewhere.
using cmd_snp_launch_finish_view = basic_cmd_snp_launch_finish<borrowed<std::uint8_t, 64>>;
/// Over bytes that are only read.
using cmd_snp_launch_finish_const_view = basic_cmd_snp_launch_finish<borrowed<const std::uint8_t, 64>>;

/// SNP_DBG_DECRYPT (0x0B0), SNP_DBG_ENCRYPT (0x0B1).   SNP ABI SNP_DBG_DECRYPT/ENCRYPT
template <class Storage>
struct basic_cmd_snp_dbg : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_dbg(const basic_cmd_snp_dbg<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_dbg(basic_cmd_snp_dbg<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest context.
  [[nodiscard]] constexpr auto gctx_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_gctx_paddr(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Source page.
  [[nodiscard]] constexpr auto src_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x008>(*this); }
  constexpr void set_src_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Destination page.
  [[nodiscard]] constexpr auto dst_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x010>(*this); }
  constexpr void set_dst_paddr(std::uint64_t value) noexcept { store<0x010>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_dbg*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_dbg;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_dbg<A>& a, const basic_cmd_snp_dbg<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_dbg = basic_cmd_snp_dbg<owned<24>>;
/// Over bytes that lie elsewhere.
using cmd_snp_dbg_view = basic_cmd_snp_dbg<borrowed<std::uint8_t, 24>>;
/// Over bytes that are only read.
using cmd_snp_dbg_const_view = basic_cmd_snp_dbg<borrowed<const std::uint8_t, 24>>;

/// `flags` of `cmd_snp_verify_mitigation`: Flags.
struct cmd_snp_verify_mitigation_flags {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: dst_paddr valid.
  [[nodiscard]] constexpr auto dst_paddr_en() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_dst_paddr_en(bool value) & -> cmd_snp_verify_mitigation_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_dst_paddr_en(bool value) && -> cmd_snp_verify_mitigation_flags { return put(*this, 0, 0, value); }
  /// Bit 1: src_paddr valid.
  [[nodiscard]] constexpr auto src_paddr_en() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_src_paddr_en(bool value) & -> cmd_snp_verify_mitigation_flags& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_src_paddr_en(bool value) && -> cmd_snp_verify_mitigation_flags { return put(*this, 1, 1, value); }

  friend constexpr auto operator==(const cmd_snp_verify_mitigation_flags&, const cmd_snp_verify_mitigation_flags&) -> bool = default;
  friend constexpr auto describe(const cmd_snp_verify_mitigation_flags*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_verify_mitigation_flags;
  }
};

/// SNP_VERIFY_MITIGATION (0x0B2).   SNP ABI 1.58 SNP_VERIFY_MITIGATION
template <class Storage>
struct basic_cmd_snp_verify_mitigation : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_verify_mitigation(const basic_cmd_snp_verify_mitigation<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_verify_mitigation(basic_cmd_snp_verify_mitigation<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Buffer length 0x40. (medium confidence)
  [[nodiscard]] constexpr auto length() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_length(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: 0 status, 1 verify. (medium confidence)
  [[nodiscard]] constexpr auto subcommand() const noexcept -> std::uint16_t {
    return load<std::uint16_t, 0x004>(*this);
  }
  constexpr void set_subcommand(std::uint16_t value) noexcept { store<0x004>(*this, value); }
  /// 008h: Mitigation bit(s). (medium confidence)
  [[nodiscard]] constexpr auto vector() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x008>(*this); }
  constexpr void set_vector(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Flags. (medium confidence)
  [[nodiscard]] constexpr auto flags() const noexcept -> cmd_snp_verify_mitigation_flags {
    return load<cmd_snp_verify_mitigation_flags, 0x010>(*this);
  }
  constexpr void set_flags(cmd_snp_verify_mitigation_flags value) noexcept { store<0x010>(*this, value); }
  /// 018h: Optional input. (medium confidence)
  [[nodiscard]] constexpr auto src_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x018>(*this); }
  constexpr void set_src_paddr(std::uint64_t value) noexcept { store<0x018>(*this, value); }
  /// 020h: Result page. (medium confidence)
  [[nodiscard]] constexpr auto dst_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x020>(*this); }
  constexpr void set_dst_paddr(std::uint64_t value) noexcept { store<0x020>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_verify_mitigation*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_verify_mitigation;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_verify_mitigation<A>& a, const basic_cmd_snp_verify_mitigation<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_verify_mitigation = basic_cmd_snp_verify_mitigation<owned<64>>;
/// Over bytes that lie elsewhere.
using cmd_snp_verify_mitigation_view = basic_cmd_snp_verify_mitigation<borrowed<std::uint8_t, 64>>;
/// Over bytes that are only read.
using cmd_snp_verify_mitigation_const_view = basic_cmd_snp_verify_mitigation<borrowed<const std::uint8_t, 64>>;

/// Result of SNP_VERIFY_MITIGATION.   SNP ABI 1.58 SNP_VERIFY_MITIGATION
template <class Storage>
struct basic_snp_verify_mitigation_result : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_snp_verify_mitigation_result(const basic_snp_verify_mitigation_result<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_snp_verify_mitigation_result(basic_snp_verify_mitigation_result<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Verified. (medium confidence)
  [[nodiscard]] constexpr auto mit_verified_vector() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_mit_verified_vector(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Supported. (medium confidence)
  [[nodiscard]] constexpr auto mit_supported_vector() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x008>(*this);
  }
  constexpr void set_mit_supported_vector(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Failure status. (medium confidence)
  [[nodiscard]] constexpr auto mit_failure_status() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x010>(*this);
  }
  constexpr void set_mit_failure_status(std::uint32_t value) noexcept { store<0x010>(*this, value); }

  friend constexpr auto describe(const basic_snp_verify_mitigation_result*) noexcept -> const structure_info& {
    return descriptions::snp_verify_mitigation_result;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_snp_verify_mitigation_result<A>& a, const basic_snp_verify_mitigation_result<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using snp_verify_mitigation_result = basic_snp_verify_mitigation_result<owned<20>>;
/// Over bytes that lie elsewhere.
using snp_verify_mitigation_result_view = basic_snp_verify_mitigation_result<borrowed<std::uint8_t, 20>>;
/// Over bytes that are only read.
using snp_verify_mitigation_result_const_view = basic_snp_verify_mitigation_result<borrowed<const std::uint8_t, 20>>;

/// `flags` of `cmd_snp_swap_out`: Flags.
struct cmd_snp_swap_out_flags {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: 1 = 2 MiB.
  [[nodiscard]] constexpr auto page_size() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_page_size(bool value) & -> cmd_snp_swap_out_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_page_size(bool value) && -> cmd_snp_swap_out_flags { return put(*this, 0, 0, value); }
  /// Bits 2:1: 0 data, 1 metadata, 2 VMSA.
  [[nodiscard]] constexpr auto page_type() const noexcept -> std::uint32_t { return bits32_at(raw, 2, 1); }
  constexpr auto set_page_type(std::uint32_t value) & -> cmd_snp_swap_out_flags& { return put(*this, 2, 1, value); }
  [[nodiscard]] constexpr auto set_page_type(std::uint32_t value) && -> cmd_snp_swap_out_flags { return put(*this, 2, 1, value); }
  /// Bit 4: Store the entry in the guest context.
  [[nodiscard]] constexpr auto root_mdata_en() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_root_mdata_en(bool value) & -> cmd_snp_swap_out_flags& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_root_mdata_en(bool value) && -> cmd_snp_swap_out_flags { return put(*this, 4, 4, value); }

  friend constexpr auto operator==(const cmd_snp_swap_out_flags&, const cmd_snp_swap_out_flags&) -> bool = default;
  friend constexpr auto describe(const cmd_snp_swap_out_flags*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_swap_out_flags;
  }
};

/// SNP_PAGE_SWAP_OUT (0x0C0).   SNP ABI SNP_PAGE_SWAP_OUT
template <class Storage>
struct basic_cmd_snp_swap_out : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_swap_out(const basic_cmd_snp_swap_out<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_swap_out(basic_cmd_snp_swap_out<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest context. (medium confidence)
  [[nodiscard]] constexpr auto gctx_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_gctx_paddr(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Source. (medium confidence)
  [[nodiscard]] constexpr auto src_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x008>(*this); }
  constexpr void set_src_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Destination. (medium confidence)
  [[nodiscard]] constexpr auto dst_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x010>(*this); }
  constexpr void set_dst_paddr(std::uint64_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: Metadata entry. (medium confidence)
  [[nodiscard]] constexpr auto mdata_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x018>(*this);
  }
  constexpr void set_mdata_paddr(std::uint64_t value) noexcept { store<0x018>(*this, value); }
  /// 020h: Opaque. (medium confidence)
  [[nodiscard]] constexpr auto software_data() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x020>(*this);
  }
  constexpr void set_software_data(std::uint64_t value) noexcept { store<0x020>(*this, value); }
  /// 028h: Flags. (medium confidence)
  [[nodiscard]] constexpr auto flags() const noexcept -> cmd_snp_swap_out_flags {
    return load<cmd_snp_swap_out_flags, 0x028>(*this);
  }
  constexpr void set_flags(cmd_snp_swap_out_flags value) noexcept { store<0x028>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_swap_out*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_swap_out;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_swap_out<A>& a, const basic_cmd_snp_swap_out<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_swap_out = basic_cmd_snp_swap_out<owned<48>>;
/// Over bytes that lie elsewhere.
using cmd_snp_swap_out_view = basic_cmd_snp_swap_out<borrowed<std::uint8_t, 48>>;
/// Over bytes that are only read.
using cmd_snp_swap_out_const_view = basic_cmd_snp_swap_out<borrowed<const std::uint8_t, 48>>;

/// `flags` of `cmd_snp_swap_in`: Flags.
struct cmd_snp_swap_in_flags {
  std::uint64_t raw{};  ///< the whole word

  /// Bit 0: 1 = 2 MiB.
  [[nodiscard]] constexpr auto page_size() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_page_size(bool value) & -> cmd_snp_swap_in_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_page_size(bool value) && -> cmd_snp_swap_in_flags { return put(*this, 0, 0, value); }
  /// Bits 2:1: 0 data, 1 metadata, 2 VMSA.
  [[nodiscard]] constexpr auto page_type() const noexcept -> std::uint32_t { return bits32_at(raw, 2, 1); }
  constexpr auto set_page_type(std::uint32_t value) & -> cmd_snp_swap_in_flags& { return put(*this, 2, 1, value); }
  [[nodiscard]] constexpr auto set_page_type(std::uint32_t value) && -> cmd_snp_swap_in_flags { return put(*this, 2, 1, value); }
  /// Bit 3: Source equals destination.
  [[nodiscard]] constexpr auto swap_in_place() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_swap_in_place(bool value) & -> cmd_snp_swap_in_flags& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_swap_in_place(bool value) && -> cmd_snp_swap_in_flags { return put(*this, 3, 3, value); }
  /// Bit 4: Entry in the guest context.
  [[nodiscard]] constexpr auto root_mdata_en() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_root_mdata_en(bool value) & -> cmd_snp_swap_in_flags& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_root_mdata_en(bool value) && -> cmd_snp_swap_in_flags { return put(*this, 4, 4, value); }

  friend constexpr auto operator==(const cmd_snp_swap_in_flags&, const cmd_snp_swap_in_flags&) -> bool = default;
  friend constexpr auto describe(const cmd_snp_swap_in_flags*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_swap_in_flags;
  }
};

/// SNP_PAGE_SWAP_IN (0x0C1).   SNP ABI SNP_PAGE_SWAP_IN
template <class Storage>
struct basic_cmd_snp_swap_in : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_swap_in(const basic_cmd_snp_swap_in<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_swap_in(basic_cmd_snp_swap_in<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest context. (medium confidence)
  [[nodiscard]] constexpr auto gctx_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_gctx_paddr(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Source. (medium confidence)
  [[nodiscard]] constexpr auto src_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x008>(*this); }
  constexpr void set_src_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Destination. (medium confidence)
  [[nodiscard]] constexpr auto dst_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x010>(*this); }
  constexpr void set_dst_paddr(std::uint64_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: Metadata entry. (medium confidence)
  [[nodiscard]] constexpr auto mdata_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x018>(*this);
  }
  constexpr void set_mdata_paddr(std::uint64_t value) noexcept { store<0x018>(*this, value); }
  /// 028h: Flags. (medium confidence)
  [[nodiscard]] constexpr auto flags() const noexcept -> cmd_snp_swap_in_flags {
    return load<cmd_snp_swap_in_flags, 0x028>(*this);
  }
  constexpr void set_flags(cmd_snp_swap_in_flags value) noexcept { store<0x028>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_swap_in*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_swap_in;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_swap_in<A>& a, const basic_cmd_snp_swap_in<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_swap_in = basic_cmd_snp_swap_in<owned<48>>;
/// Over bytes that lie elsewhere.
using cmd_snp_swap_in_view = basic_cmd_snp_swap_in<borrowed<std::uint8_t, 48>>;
/// Over bytes that are only read.
using cmd_snp_swap_in_const_view = basic_cmd_snp_swap_in<borrowed<const std::uint8_t, 48>>;

/// `flags` of `cmd_snp_page_move`: Flags.
struct cmd_snp_page_move_flags {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: 1 = 2 MiB.
  [[nodiscard]] constexpr auto page_size() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_page_size(bool value) & -> cmd_snp_page_move_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_page_size(bool value) && -> cmd_snp_page_move_flags { return put(*this, 0, 0, value); }

  friend constexpr auto operator==(const cmd_snp_page_move_flags&, const cmd_snp_page_move_flags&) -> bool = default;
  friend constexpr auto describe(const cmd_snp_page_move_flags*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_page_move_flags;
  }
};

/// SNP_PAGE_MOVE (0x0C2).   SNP ABI SNP_PAGE_MOVE
template <class Storage>
struct basic_cmd_snp_page_move : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_page_move(const basic_cmd_snp_page_move<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_page_move(basic_cmd_snp_page_move<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest context. (medium confidence)
  [[nodiscard]] constexpr auto gctx_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_gctx_paddr(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Flags. (medium confidence)
  [[nodiscard]] constexpr auto flags() const noexcept -> cmd_snp_page_move_flags {
    return load<cmd_snp_page_move_flags, 0x008>(*this);
  }
  constexpr void set_flags(cmd_snp_page_move_flags value) noexcept { store<0x008>(*this, value); }
  /// 010h: Source. (medium confidence)
  [[nodiscard]] constexpr auto src_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x010>(*this); }
  constexpr void set_src_paddr(std::uint64_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: Destination. (medium confidence)
  [[nodiscard]] constexpr auto dst_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x018>(*this); }
  constexpr void set_dst_paddr(std::uint64_t value) noexcept { store<0x018>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_page_move*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_page_move;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_page_move<A>& a, const basic_cmd_snp_page_move<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_page_move = basic_cmd_snp_page_move<owned<32>>;
/// Over bytes that lie elsewhere.
using cmd_snp_page_move_view = basic_cmd_snp_page_move<borrowed<std::uint8_t, 32>>;
/// Over bytes that are only read.
using cmd_snp_page_move_const_view = basic_cmd_snp_page_move<borrowed<const std::uint8_t, 32>>;

/// SNP_PAGE_MD_INIT (0x0C3).   SNP ABI SNP_PAGE_MD_INIT
template <class Storage>
struct basic_cmd_snp_md_init : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_md_init(const basic_cmd_snp_md_init<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_md_init(basic_cmd_snp_md_init<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest context. (medium confidence)
  [[nodiscard]] constexpr auto gctx_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_gctx_paddr(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Page to become metadata. (medium confidence)
  [[nodiscard]] constexpr auto page_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x008>(*this);
  }
  constexpr void set_page_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_md_init*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_md_init;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_md_init<A>& a, const basic_cmd_snp_md_init<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_md_init = basic_cmd_snp_md_init<owned<16>>;
/// Over bytes that lie elsewhere.
using cmd_snp_md_init_view = basic_cmd_snp_md_init<borrowed<std::uint8_t, 16>>;
/// Over bytes that are only read.
using cmd_snp_md_init_const_view = basic_cmd_snp_md_init<borrowed<const std::uint8_t, 16>>;

/// SNP_PAGE_SET_STATE (0x0C6).   SNP ABI SNP_PAGE_SET_STATE
template <class Storage>
struct basic_cmd_snp_page_set_state : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_page_set_state(const basic_cmd_snp_page_set_state<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_page_set_state(basic_cmd_snp_page_set_state<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Buffer length. (medium confidence)
  [[nodiscard]] constexpr auto length() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_length(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: RANGE_LIST. (medium confidence)
  [[nodiscard]] constexpr auto list_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x008>(*this);
  }
  constexpr void set_list_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_page_set_state*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_page_set_state;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_page_set_state<A>& a, const basic_cmd_snp_page_set_state<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_page_set_state = basic_cmd_snp_page_set_state<owned<16>>;
/// Over bytes that lie elsewhere.
using cmd_snp_page_set_state_view = basic_cmd_snp_page_set_state<borrowed<std::uint8_t, 16>>;
/// Over bytes that are only read.
using cmd_snp_page_set_state_const_view = basic_cmd_snp_page_set_state<borrowed<const std::uint8_t, 16>>;

/// `mask` of `cmd_snp_config`: Masking.
struct cmd_snp_config_mask {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Zero CHIP_ID in reports.
  [[nodiscard]] constexpr auto mask_chip_id() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_mask_chip_id(bool value) & -> cmd_snp_config_mask& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_mask_chip_id(bool value) && -> cmd_snp_config_mask { return put(*this, 0, 0, value); }
  /// Bit 1: Do not sign reports with the chip key.
  [[nodiscard]] constexpr auto mask_chip_key() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_mask_chip_key(bool value) & -> cmd_snp_config_mask& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_mask_chip_key(bool value) && -> cmd_snp_config_mask { return put(*this, 1, 1, value); }

  friend constexpr auto operator==(const cmd_snp_config_mask&, const cmd_snp_config_mask&) -> bool = default;
  friend constexpr auto describe(const cmd_snp_config_mask*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_config_mask;
  }
};

/// SNP_CONFIG (0x0C9).   SNP ABI SNP_CONFIG
template <class Storage>
struct basic_cmd_snp_config : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_config(const basic_cmd_snp_config<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_config(basic_cmd_snp_config<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Reported TCB.
  [[nodiscard]] constexpr auto reported_tcb() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_reported_tcb(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Masking.
  [[nodiscard]] constexpr auto mask() const noexcept -> cmd_snp_config_mask {
    return load<cmd_snp_config_mask, 0x008>(*this);
  }
  constexpr void set_mask(cmd_snp_config_mask value) noexcept { store<0x008>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_config*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_config;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_config<A>& a, const basic_cmd_snp_config<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_config = basic_cmd_snp_config<owned<64>>;
/// Over bytes that lie elsewhere.
using cmd_snp_config_view = basic_cmd_snp_config<borrowed<std::uint8_t, 64>>;
/// Over bytes that are only read.
using cmd_snp_config_const_view = basic_cmd_snp_config<borrowed<const std::uint8_t, 64>>;

/// `flags` of `cmd_snp_download_firmware_ex`: Flags.
struct cmd_snp_download_firmware_ex_flags {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Commit after update.
  [[nodiscard]] constexpr auto commit() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_commit(bool value) & -> cmd_snp_download_firmware_ex_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_commit(bool value) && -> cmd_snp_download_firmware_ex_flags { return put(*this, 0, 0, value); }

  friend constexpr auto operator==(const cmd_snp_download_firmware_ex_flags&, const cmd_snp_download_firmware_ex_flags&) -> bool = default;
  friend constexpr auto describe(const cmd_snp_download_firmware_ex_flags*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_download_firmware_ex_flags;
  }
};

/// DOWNLOAD_FIRMWARE_EX (0x0CA).   SNP ABI DOWNLOAD_FIRMWARE_EX
template <class Storage>
struct basic_cmd_snp_download_firmware_ex : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_download_firmware_ex(const basic_cmd_snp_download_firmware_ex<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_download_firmware_ex(basic_cmd_snp_download_firmware_ex<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Buffer length 0x18. (medium confidence)
  [[nodiscard]] constexpr auto length() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_length(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Image. (medium confidence)
  [[nodiscard]] constexpr auto fw_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x008>(*this); }
  constexpr void set_fw_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Image length. (medium confidence)
  [[nodiscard]] constexpr auto fw_len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x010>(*this); }
  constexpr void set_fw_len(std::uint32_t value) noexcept { store<0x010>(*this, value); }
  /// 014h: Flags. (medium confidence)
  [[nodiscard]] constexpr auto flags() const noexcept -> cmd_snp_download_firmware_ex_flags {
    return load<cmd_snp_download_firmware_ex_flags, 0x014>(*this);
  }
  constexpr void set_flags(cmd_snp_download_firmware_ex_flags value) noexcept { store<0x014>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_download_firmware_ex*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_download_firmware_ex;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_download_firmware_ex<A>& a, const basic_cmd_snp_download_firmware_ex<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_download_firmware_ex = basic_cmd_snp_download_firmware_ex<owned<24>>;
/// Over bytes that lie elsewhere.
using cmd_snp_download_firmware_ex_view = basic_cmd_snp_download_firmware_ex<borrowed<std::uint8_t, 24>>;
/// Over bytes that are only read.
using cmd_snp_download_firmware_ex_const_view = basic_cmd_snp_download_firmware_ex<borrowed<const std::uint8_t, 24>>;

/// SNP_COMMIT (0x0CB).   SNP ABI SNP_COMMIT
template <class Storage>
struct basic_cmd_snp_commit : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_commit(const basic_cmd_snp_commit<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_commit(basic_cmd_snp_commit<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Buffer length.
  [[nodiscard]] constexpr auto length() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_length(std::uint32_t value) noexcept { store<0x000>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_commit*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_commit;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_commit<A>& a, const basic_cmd_snp_commit<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_commit = basic_cmd_snp_commit<owned<4>>;
/// Over bytes that lie elsewhere.
using cmd_snp_commit_view = basic_cmd_snp_commit<borrowed<std::uint8_t, 4>>;
/// Over bytes that are only read.
using cmd_snp_commit_const_view = basic_cmd_snp_commit<borrowed<const std::uint8_t, 4>>;

/// SNP_VLEK_LOAD (0x0CD).   SNP ABI SNP_VLEK_LOAD
template <class Storage>
struct basic_cmd_snp_vlek_load : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_vlek_load(const basic_cmd_snp_vlek_load<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_vlek_load(basic_cmd_snp_vlek_load<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: 0x10.
  [[nodiscard]] constexpr auto length() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_length(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: 0.
  [[nodiscard]] constexpr auto vlek_wrapped_version() const noexcept -> std::uint8_t {
    return load<std::uint8_t, 0x004>(*this);
  }
  constexpr void set_vlek_wrapped_version(std::uint8_t value) noexcept { store<0x004>(*this, value); }
  /// 008h: vlek_wrapped structure.
  [[nodiscard]] constexpr auto vlek_wrapped_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x008>(*this);
  }
  constexpr void set_vlek_wrapped_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_vlek_load*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_vlek_load;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_vlek_load<A>& a, const basic_cmd_snp_vlek_load<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_vlek_load = basic_cmd_snp_vlek_load<owned<16>>;
/// Over bytes that lie elsewhere.
using cmd_snp_vlek_load_view = basic_cmd_snp_vlek_load<borrowed<std::uint8_t, 16>>;
/// Over bytes that are only read.
using cmd_snp_vlek_load_const_view = basic_cmd_snp_vlek_load<borrowed<const std::uint8_t, 16>>;

/// SNP_FEATURE_INFO (0x0CE).   SNP ABI SNP_FEATURE_INFO
template <class Storage>
struct basic_cmd_snp_feature_info : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_feature_info(const basic_cmd_snp_feature_info<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_snp_feature_info(basic_cmd_snp_feature_info<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: 0x10.
  [[nodiscard]] constexpr auto length() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_length(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: sub-function.
  [[nodiscard]] constexpr auto ecx_in() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x004>(*this); }
  constexpr void set_ecx_in(std::uint32_t value) noexcept { store<0x004>(*this, value); }
  /// 008h: Output.
  [[nodiscard]] constexpr auto feature_info_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x008>(*this);
  }
  constexpr void set_feature_info_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }

  friend constexpr auto describe(const basic_cmd_snp_feature_info*) noexcept -> const structure_info& {
    return descriptions::cmd_snp_feature_info;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_snp_feature_info<A>& a, const basic_cmd_snp_feature_info<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_snp_feature_info = basic_cmd_snp_feature_info<owned<16>>;
/// Over bytes that lie elsewhere.
using cmd_snp_feature_info_view = basic_cmd_snp_feature_info<borrowed<std::uint8_t, 16>>;
/// Over bytes that are only read.
using cmd_snp_feature_info_const_view = basic_cmd_snp_feature_info<borrowed<const std::uint8_t, 16>>;

/// `ebx` of `snp_feature_info`: Features.
struct snp_feature_info_ebx {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Legacy SEV commands supported.
  [[nodiscard]] constexpr auto sev_legacy() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_sev_legacy(bool value) & -> snp_feature_info_ebx& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_sev_legacy(bool value) && -> snp_feature_info_ebx { return put(*this, 0, 0, value); }
  /// Bit 1: SEV-TIO supported.
  [[nodiscard]] constexpr auto sev_tio() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_sev_tio(bool value) & -> snp_feature_info_ebx& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_sev_tio(bool value) && -> snp_feature_info_ebx { return put(*this, 1, 1, value); }

  friend constexpr auto operator==(const snp_feature_info_ebx&, const snp_feature_info_ebx&) -> bool = default;
  friend constexpr auto describe(const snp_feature_info_ebx*) noexcept -> const structure_info& {
    return descriptions::snp_feature_info_ebx;
  }
};

/// `ecx` of `snp_feature_info`: Features.
struct snp_feature_info_ecx {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: VLEK.
  [[nodiscard]] constexpr auto vlek() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_vlek(bool value) & -> snp_feature_info_ecx& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_vlek(bool value) && -> snp_feature_info_ecx { return put(*this, 0, 0, value); }
  /// Bit 1: x86_snp_shutdown flag.
  [[nodiscard]] constexpr auto x86_snp_shutdown() const noexcept -> bool { return bit_at(raw, 1); }
  constexpr auto set_x86_snp_shutdown(bool value) & -> snp_feature_info_ecx& { return put(*this, 1, 1, value); }
  [[nodiscard]] constexpr auto set_x86_snp_shutdown(bool value) && -> snp_feature_info_ecx { return put(*this, 1, 1, value); }
  /// Bit 2: RAPL disable.
  [[nodiscard]] constexpr auto rapl_dis() const noexcept -> bool { return bit_at(raw, 2); }
  constexpr auto set_rapl_dis(bool value) & -> snp_feature_info_ecx& { return put(*this, 2, 2, value); }
  [[nodiscard]] constexpr auto set_rapl_dis(bool value) && -> snp_feature_info_ecx { return put(*this, 2, 2, value); }
  /// Bit 3: Ciphertext hiding.
  [[nodiscard]] constexpr auto ciphertext_hiding() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_ciphertext_hiding(bool value) & -> snp_feature_info_ecx& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_ciphertext_hiding(bool value) && -> snp_feature_info_ecx { return put(*this, 3, 3, value); }
  /// Bit 4: AES-256-XTS policy.
  [[nodiscard]] constexpr auto aes_256_xts() const noexcept -> bool { return bit_at(raw, 4); }
  constexpr auto set_aes_256_xts(bool value) & -> snp_feature_info_ecx& { return put(*this, 4, 4, value); }
  [[nodiscard]] constexpr auto set_aes_256_xts(bool value) && -> snp_feature_info_ecx { return put(*this, 4, 4, value); }
  /// Bit 5: CXL policy.
  [[nodiscard]] constexpr auto cxl_allow() const noexcept -> bool { return bit_at(raw, 5); }
  constexpr auto set_cxl_allow(bool value) & -> snp_feature_info_ecx& { return put(*this, 5, 5, value); }
  [[nodiscard]] constexpr auto set_cxl_allow(bool value) && -> snp_feature_info_ecx { return put(*this, 5, 5, value); }
  /// Bit 13: SNP_VERIFY_MITIGATION.
  [[nodiscard]] constexpr auto verify_mitigation() const noexcept -> bool { return bit_at(raw, 13); }
  constexpr auto set_verify_mitigation(bool value) & -> snp_feature_info_ecx& { return put(*this, 13, 13, value); }
  [[nodiscard]] constexpr auto set_verify_mitigation(bool value) && -> snp_feature_info_ecx { return put(*this, 13, 13, value); }

  friend constexpr auto operator==(const snp_feature_info_ecx&, const snp_feature_info_ecx&) -> bool = default;
  friend constexpr auto describe(const snp_feature_info_ecx*) noexcept -> const structure_info& {
    return descriptions::snp_feature_info_ecx;
  }
};

/// Output of SNP_FEATURE_INFO; bit meanings here for ecx_in = 0.   SNP ABI SNP_FEATURE_INFO
template <class Storage>
struct basic_snp_feature_info : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_snp_feature_info(const basic_snp_feature_info<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_snp_feature_info(basic_snp_feature_info<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Maximum sub-function.
  [[nodiscard]] constexpr auto eax() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_eax(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: Features.
  [[nodiscard]] constexpr auto ebx() const noexcept -> snp_feature_info_ebx {
    return load<snp_feature_info_ebx, 0x004>(*this);
  }
  constexpr void set_ebx(snp_feature_info_ebx value) noexcept { store<0x004>(*this, value); }
  /// 008h: Features.
  [[nodiscard]] constexpr auto ecx() const noexcept -> snp_feature_info_ecx {
    return load<snp_feature_info_ecx, 0x008>(*this);
  }
  constexpr void set_ecx(snp_feature_info_ecx value) noexcept { store<0x008>(*this, value); }
  /// 00Ch: Reserved.
  [[nodiscard]] constexpr auto edx() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x00c>(*this); }
  constexpr void set_edx(std::uint32_t value) noexcept { store<0x00c>(*this, value); }

  friend constexpr auto describe(const basic_snp_feature_info*) noexcept -> const structure_info& {
    return descriptions::snp_feature_info;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_snp_feature_info<A>& a, const basic_snp_feature_info<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using snp_feature_info = basic_snp_feature_info<owned<16>>;
/// Over bytes that lie elsewhere.
using snp_feature_info_view = basic_snp_feature_info<borrowed<std::uint8_t, 16>>;
/// Over bytes that are only read.
using snp_feature_info_const_view = basic_snp_feature_info<borrowed<const std::uint8_t, 16>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
