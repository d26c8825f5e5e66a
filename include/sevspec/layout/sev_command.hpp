// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_SEV_COMMAND_HPP
#define SEVSPEC_LAYOUT_SEV_COMMAND_HPP

// Command buffers of the legacy SEV commands.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>
#include <span>

#include <sevspec/layout/codes/sev_codes.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/policy.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
namespace descriptions {

inline constexpr bit_info cmd_init_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "sev_es",        .meaning = "enable SEV-ES"},
    {.lsb = 1, .width = 31, .name = "reserved_31_1", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info cmd_init_fields[] = {
    {.offset = 0x000, .size = 4, .name = "flags",        .meaning = "bit 0 enables SEV-ES", .since = level::sev, .bits = cmd_init_flags_bits},
    {.offset = 0x004, .size = 4, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x008, .size = 8, .name = "tmr_paddr",    .meaning = "1 MiB aligned trusted memory region", .since = level::sev},
    {.offset = 0x010, .size = 4, .name = "tmr_len",      .meaning = "TMR length", .since = level::sev},
};
inline constexpr structure_info cmd_init{
    .name = "cmd_init",
    .id = "LAY-CMD-INIT",
    .size = 0x14,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API 5.1 INIT",
    .description = "INIT command buffer (0x001).",
    .fields = cmd_init_fields,
};
inline constexpr field_info cmd_init_flags_fields[] = {
    {.offset = 0, .size = 4, .name = "flags", .meaning = "bit 0 enables SEV-ES", .since = level::sev, .bits = cmd_init_flags_bits},
};
inline constexpr structure_info cmd_init_flags{
    .name = "cmd_init.flags",
    .id = "LAY-CMD-INIT",
    .size = 4,
    .alignment = 1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API 5.1 INIT",
    .description = "Bit 0 enables SEV-ES.",
    .fields = cmd_init_flags_fields,
};

inline constexpr bit_info cmd_init_ex_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "sev_es",        .meaning = "enable SEV-ES"},
    {.lsb = 1, .width = 31, .name = "reserved_31_1", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info cmd_init_ex_fields[] = {
    {.offset = 0x000, .size = 4, .name = "length",       .meaning = "buffer length, 0x24", .since = level::sev},
    {.offset = 0x004, .size = 4, .name = "flags",        .meaning = "bit 0 enables SEV-ES", .since = level::sev, .bits = cmd_init_ex_flags_bits},
    {.offset = 0x008, .size = 8, .name = "tmr_paddr",    .meaning = "TMR", .since = level::sev},
    {.offset = 0x010, .size = 4, .name = "tmr_len",      .meaning = "TMR length", .since = level::sev},
    {.offset = 0x014, .size = 4, .name = "reserved_014", .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x018, .size = 8, .name = "nv_paddr",     .meaning = "non-volatile data", .since = level::sev},
    {.offset = 0x020, .size = 4, .name = "nv_len",       .meaning = "32 KiB", .since = level::sev},
};
inline constexpr structure_info cmd_init_ex{
    .name = "cmd_init_ex",
    .id = "LAY-CMD-INIT-EX",
    .size = 0x24,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API INIT_EX",
    .description = "INIT_EX command buffer (0x00D).",
    .fields = cmd_init_ex_fields,
};
inline constexpr field_info cmd_init_ex_flags_fields[] = {
    {.offset = 0, .size = 4, .name = "flags", .meaning = "bit 0 enables SEV-ES", .since = level::sev, .bits = cmd_init_ex_flags_bits},
};
inline constexpr structure_info cmd_init_ex_flags{
    .name = "cmd_init_ex.flags",
    .id = "LAY-CMD-INIT-EX",
    .size = 4,
    .alignment = 1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API INIT_EX",
    .description = "Bit 0 enables SEV-ES.",
    .fields = cmd_init_ex_flags_fields,
};

inline constexpr bit_info cmd_platform_status_owner_bits[] = {
    {.lsb = 0, .width = 1, .name = "owner",        .meaning = "1 = externally owned"},
    {.lsb = 1, .width = 7, .name = "reserved_7_1", .meaning = "reserved", .reserved = true},
};
inline constexpr bit_info cmd_platform_status_config_bits[] = {
    {.lsb = 0, .width =  1, .name = "es",            .meaning = "SEV-ES initialised"},
    {.lsb = 1, .width = 15, .name = "reserved_15_1", .meaning = "reserved", .reserved = true},
};
inline constexpr field_info cmd_platform_status_fields[] = {
    {.offset = 0x000, .size = 1, .name = "api_major",    .meaning = "API major", .since = level::sev},
    {.offset = 0x001, .size = 1, .name = "api_minor",    .meaning = "API minor", .since = level::sev},
    {.offset = 0x002, .size = 1, .name = "state",        .meaning = "see sev_platform_state", .since = level::sev, .values = &tables::sev_platform_state},
    {.offset = 0x003, .size = 1, .name = "owner",        .meaning = "ownership (Linux reads bytes 3..6 as one unaligned u32 'flags': bit 0 owner, bit 8 config_es)", .since = level::sev, .bits = cmd_platform_status_owner_bits},
    {.offset = 0x004, .size = 2, .name = "config",       .meaning = "configuration", .since = level::sev, .bits = cmd_platform_status_config_bits},
    {.offset = 0x006, .size = 1, .name = "reserved_006", .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x007, .size = 1, .name = "build",        .meaning = "build ID", .since = level::sev},
    {.offset = 0x008, .size = 4, .name = "guest_count",  .meaning = "active guests", .since = level::sev},
};
inline constexpr structure_info cmd_platform_status{
    .name = "cmd_platform_status",
    .id = "LAY-CMD-PLATFORM-STATUS",
    .size = 0xc,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API PLATFORM_STATUS",
    .description = "PLATFORM_STATUS buffer (0x004), all output.",
    .fields = cmd_platform_status_fields,
};
inline constexpr field_info cmd_platform_status_config_fields[] = {
    {.offset = 0, .size = 2, .name = "config", .meaning = "configuration", .since = level::sev, .bits = cmd_platform_status_config_bits},
};
inline constexpr structure_info cmd_platform_status_config{
    .name = "cmd_platform_status.config",
    .id = "LAY-CMD-PLATFORM-STATUS",
    .size = 2,
    .alignment = 1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API PLATFORM_STATUS",
    .description = "Configuration.",
    .fields = cmd_platform_status_config_fields,
};

inline constexpr field_info cmd_pek_csr_fields[] = {
    {.offset = 0x000, .size = 8, .name = "address", .meaning = "buffer", .since = level::sev},
    {.offset = 0x008, .size = 4, .name = "len",     .meaning = "in/out length", .since = level::sev},
};
inline constexpr structure_info cmd_pek_csr{
    .name = "cmd_pek_csr",
    .id = "LAY-CMD-PEK-CSR",
    .size = 0xc,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API PEK_CSR",
    .description = "PEK_CSR (0x006).",
    .fields = cmd_pek_csr_fields,
};

inline constexpr field_info cmd_pek_cert_import_fields[] = {
    {.offset = 0x000, .size = 8, .name = "pek_cert_paddr", .meaning = "PEK", .since = level::sev},
    {.offset = 0x008, .size = 4, .name = "pek_cert_len",   .meaning = "length", .since = level::sev},
    {.offset = 0x00c, .size = 4, .name = "reserved_00c",   .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x010, .size = 8, .name = "oca_cert_paddr", .meaning = "OCA", .since = level::sev},
    {.offset = 0x018, .size = 4, .name = "oca_cert_len",   .meaning = "length", .since = level::sev},
};
inline constexpr structure_info cmd_pek_cert_import{
    .name = "cmd_pek_cert_import",
    .id = "LAY-CMD-PEK-CERT-IMPORT",
    .size = 0x1c,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API PEK_CERT_IMPORT",
    .description = "PEK_CERT_IMPORT (0x007).",
    .fields = cmd_pek_cert_import_fields,
};

inline constexpr field_info cmd_pdh_cert_export_fields[] = {
    {.offset = 0x000, .size = 8, .name = "pdh_cert_paddr",   .meaning = "PDH output", .since = level::sev},
    {.offset = 0x008, .size = 4, .name = "pdh_cert_len",     .meaning = "in/out length", .since = level::sev},
    {.offset = 0x00c, .size = 4, .name = "reserved_00c",     .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x010, .size = 8, .name = "cert_chain_paddr", .meaning = "chain output", .since = level::sev},
    {.offset = 0x018, .size = 4, .name = "cert_chain_len",   .meaning = "in/out length", .since = level::sev},
};
inline constexpr structure_info cmd_pdh_cert_export{
    .name = "cmd_pdh_cert_export",
    .id = "LAY-CMD-PDH-CERT-EXPORT",
    .size = 0x1c,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API PDH_CERT_EXPORT",
    .description = "PDH_CERT_EXPORT (0x008).",
    .fields = cmd_pdh_cert_export_fields,
};

inline constexpr field_info cmd_download_firmware_fields[] = {
    {.offset = 0x000, .size = 8, .name = "address", .meaning = "image", .since = level::sev},
    {.offset = 0x008, .size = 4, .name = "len",     .meaning = "length", .since = level::sev},
};
inline constexpr structure_info cmd_download_firmware{
    .name = "cmd_download_firmware",
    .id = "LAY-CMD-DOWNLOAD-FIRMWARE",
    .size = 0xc,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API DOWNLOAD_FIRMWARE",
    .description = "DOWNLOAD_FIRMWARE (0x00B).",
    .fields = cmd_download_firmware_fields,
};

inline constexpr field_info cmd_get_id_fields[] = {
    {.offset = 0x000, .size = 8, .name = "address", .meaning = "buffer", .since = level::sev},
    {.offset = 0x008, .size = 4, .name = "len",     .meaning = "in/out length", .since = level::sev},
};
inline constexpr structure_info cmd_get_id{
    .name = "cmd_get_id",
    .id = "LAY-CMD-GET-ID",
    .size = 0xc,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API GET_ID",
    .description = "GET_ID (0x00C).",
    .fields = cmd_get_id_fields,
};

inline constexpr bit_info cmd_ring_buffer_int_on_empty_bits[] = {
    {.lsb = 0, .width =  1, .name = "int_on_empty",  .meaning = "interrupt when empty", .trust = confidence::medium},
    {.lsb = 1, .width = 15, .name = "reserved_15_1", .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info cmd_ring_buffer_fields[] = {
    {.offset = 0x000, .size = 8, .name = "lo_cmd_ptr",   .meaning = "low priority command ring", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x008, .size = 8, .name = "lo_stat_val",  .meaning = "low priority status ring", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x010, .size = 8, .name = "hi_cmd_ptr",   .meaning = "high priority command ring", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x018, .size = 8, .name = "hi_stat_val",  .meaning = "high priority status ring", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x020, .size = 1, .name = "lo_size",      .meaning = "pages, must be 1", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x021, .size = 1, .name = "hi_size",      .meaning = "pages", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x022, .size = 2, .name = "lo_threshold", .meaning = "threshold", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x024, .size = 2, .name = "hi_threshold", .meaning = "threshold", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x026, .size = 2, .name = "int_on_empty", .meaning = "flags", .since = level::sev, .trust = confidence::medium, .bits = cmd_ring_buffer_int_on_empty_bits},
};
inline constexpr structure_info cmd_ring_buffer{
    .name = "cmd_ring_buffer",
    .id = "LAY-CMD-RING-BUFFER",
    .size = 0x28,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::medium,
    .spec_ref = "SEV API RING_BUFFER",
    .description = "RING_BUFFER (0x00F).",
    .fields = cmd_ring_buffer_fields,
};

inline constexpr field_info cmd_handle_fields[] = {
    {.offset = 0x000, .size = 4, .name = "handle", .meaning = "guest handle", .since = level::sev},
};
inline constexpr structure_info cmd_handle{
    .name = "cmd_handle",
    .id = "LAY-CMD-HANDLE",
    .size = 0x4,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API DECOMMISSION, DEACTIVATE, LAUNCH_FINISH, SEND_FINISH, SEND_CANCEL, RECEIVE_FINISH",
    .description = "Commands taking only a guest handle (0x020, 0x022, 0x035, 0x043, 0x044, 0x053).",
    .fields = cmd_handle_fields,
};

inline constexpr field_info cmd_activate_fields[] = {
    {.offset = 0x000, .size = 4, .name = "handle", .meaning = "guest handle", .since = level::sev},
    {.offset = 0x004, .size = 4, .name = "asid",   .meaning = "ASID", .since = level::sev},
};
inline constexpr structure_info cmd_activate{
    .name = "cmd_activate",
    .id = "LAY-CMD-ACTIVATE",
    .size = 0x8,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API ACTIVATE",
    .description = "ACTIVATE (0x021).",
    .fields = cmd_activate_fields,
};

inline constexpr field_info cmd_activate_ex_fields[] = {
    {.offset = 0x000, .size = 4, .name = "ex_len",    .meaning = "0x18", .since = level::sev},
    {.offset = 0x004, .size = 4, .name = "handle",    .meaning = "guest handle", .since = level::sev},
    {.offset = 0x008, .size = 4, .name = "asid",      .meaning = "ASID", .since = level::sev},
    {.offset = 0x00c, .size = 4, .name = "numids",    .meaning = "number of APIC IDs", .since = level::sev},
    {.offset = 0x010, .size = 8, .name = "ids_paddr", .meaning = "APIC ID array", .since = level::sev},
};
inline constexpr structure_info cmd_activate_ex{
    .name = "cmd_activate_ex",
    .id = "LAY-CMD-ACTIVATE-EX",
    .size = 0x18,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API ACTIVATE_EX",
    .description = "ACTIVATE_EX (0x025).",
    .fields = cmd_activate_ex_fields,
};

inline constexpr field_info cmd_guest_status_fields[] = {
    {.offset = 0x000, .size = 4, .name = "handle", .meaning = "in: guest handle", .since = level::sev},
    {.offset = 0x004, .size = 4, .name = "policy", .meaning = "out", .since = level::sev, .word = &sev_guest_policy},
    {.offset = 0x008, .size = 4, .name = "asid",   .meaning = "out", .since = level::sev},
    {.offset = 0x00c, .size = 1, .name = "state",  .meaning = "out, see sev_guest_state", .since = level::sev, .values = &tables::sev_guest_state},
};
inline constexpr structure_info cmd_guest_status{
    .name = "cmd_guest_status",
    .id = "LAY-CMD-GUEST-STATUS",
    .size = 0xd,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API GUEST_STATUS",
    .description = "GUEST_STATUS (0x023).",
    .fields = cmd_guest_status_fields,
};

inline constexpr field_info cmd_copy_fields[] = {
    {.offset = 0x000, .size = 4, .name = "handle",    .meaning = "guest handle", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x004, .size = 4, .name = "length",    .meaning = "bytes", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x008, .size = 8, .name = "src_paddr", .meaning = "source", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x010, .size = 8, .name = "dst_paddr", .meaning = "destination", .since = level::sev, .trust = confidence::medium},
};
inline constexpr structure_info cmd_copy{
    .name = "cmd_copy",
    .id = "LAY-CMD-COPY",
    .size = 0x18,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::medium,
    .spec_ref = "SEV API COPY",
    .description = "COPY (0x024).",
    .fields = cmd_copy_fields,
};

inline constexpr field_info cmd_launch_start_fields[] = {
    {.offset = 0x000, .size = 4, .name = "handle",        .meaning = "in/out: 0 = new guest, else share key", .since = level::sev},
    {.offset = 0x004, .size = 4, .name = "policy",        .meaning = "policy", .since = level::sev, .type = field_type::structure, .nested = &sev_guest_policy},
    {.offset = 0x008, .size = 8, .name = "dh_cert_paddr", .meaning = "guest owner DH certificate", .since = level::sev},
    {.offset = 0x010, .size = 4, .name = "dh_cert_len",   .meaning = "length", .since = level::sev},
    {.offset = 0x014, .size = 4, .name = "reserved_014",  .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x018, .size = 8, .name = "session_paddr", .meaning = "session data", .since = level::sev},
    {.offset = 0x020, .size = 4, .name = "session_len",   .meaning = "length", .since = level::sev},
};
inline constexpr structure_info cmd_launch_start{
    .name = "cmd_launch_start",
    .id = "LAY-CMD-LAUNCH-START",
    .size = 0x24,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API LAUNCH_START",
    .description = "LAUNCH_START (0x030).",
    .fields = cmd_launch_start_fields,
};

inline constexpr field_info cmd_launch_update_fields[] = {
    {.offset = 0x000, .size = 4, .name = "handle",       .meaning = "guest handle", .since = level::sev},
    {.offset = 0x004, .size = 4, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x008, .size = 8, .name = "paddr",        .meaning = "memory", .since = level::sev},
    {.offset = 0x010, .size = 4, .name = "len",          .meaning = "length, multiple of 16 (VMSA: 4096)", .since = level::sev},
};
inline constexpr structure_info cmd_launch_update{
    .name = "cmd_launch_update",
    .id = "LAY-CMD-LAUNCH-UPDATE",
    .size = 0x14,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API LAUNCH_UPDATE_DATA/VMSA",
    .description = "LAUNCH_UPDATE_DATA (0x031) and LAUNCH_UPDATE_VMSA (0x032).",
    .fields = cmd_launch_update_fields,
};

inline constexpr field_info cmd_launch_measure_fields[] = {
    {.offset = 0x000, .size = 4, .name = "handle",       .meaning = "guest handle", .since = level::sev},
    {.offset = 0x004, .size = 4, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x008, .size = 8, .name = "address",      .meaning = "output", .since = level::sev},
    {.offset = 0x010, .size = 4, .name = "len",          .meaning = "in/out length", .since = level::sev},
};
inline constexpr structure_info cmd_launch_measure{
    .name = "cmd_launch_measure",
    .id = "LAY-CMD-LAUNCH-MEASURE",
    .size = 0x14,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API LAUNCH_MEASURE",
    .description = "LAUNCH_MEASURE (0x033).",
    .fields = cmd_launch_measure_fields,
};

inline constexpr field_info cmd_transport_fields[] = {
    {.offset = 0x000, .size = 4, .name = "handle",       .meaning = "guest handle", .since = level::sev},
    {.offset = 0x004, .size = 4, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x008, .size = 8, .name = "hdr_paddr",    .meaning = "packet header", .since = level::sev},
    {.offset = 0x010, .size = 4, .name = "hdr_len",      .meaning = "header length (in/out for SEND)", .since = level::sev},
    {.offset = 0x014, .size = 4, .name = "reserved_014", .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x018, .size = 8, .name = "guest_paddr",  .meaning = "guest memory", .since = level::sev},
    {.offset = 0x020, .size = 4, .name = "guest_len",    .meaning = "length", .since = level::sev},
    {.offset = 0x024, .size = 4, .name = "reserved_024", .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x028, .size = 8, .name = "trans_paddr",  .meaning = "transport buffer", .since = level::sev},
    {.offset = 0x030, .size = 4, .name = "trans_len",    .meaning = "length", .since = level::sev},
};
inline constexpr structure_info cmd_transport{
    .name = "cmd_transport",
    .id = "LAY-CMD-TRANSPORT",
    .size = 0x34,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API LAUNCH_SECRET, SEND_UPDATE_DATA/VMSA, RECEIVE_UPDATE_DATA/VMSA",
    .description = "Shared buffer of 0x034, 0x041, 0x042, 0x051, 0x052.",
    .fields = cmd_transport_fields,
};

inline constexpr field_info cmd_attestation_fields[] = {
    {.offset = 0x000, .size =  4, .name = "handle",       .meaning = "guest handle", .since = level::sev},
    {.offset = 0x004, .size =  4, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x008, .size =  8, .name = "address",      .meaning = "report buffer", .since = level::sev},
    {.offset = 0x010, .size = 16, .name = "mnonce",       .meaning = "nonce", .since = level::sev, .type = field_type::bytes},
    {.offset = 0x020, .size =  4, .name = "len",          .meaning = "in/out length", .since = level::sev},
};
inline constexpr structure_info cmd_attestation{
    .name = "cmd_attestation",
    .id = "LAY-CMD-ATTESTATION",
    .size = 0x24,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API ATTESTATION",
    .description = "ATTESTATION (0x036).",
    .fields = cmd_attestation_fields,
};

inline constexpr field_info cmd_send_start_fields[] = {
    {.offset = 0x000, .size = 4, .name = "handle",           .meaning = "guest handle", .since = level::sev},
    {.offset = 0x004, .size = 4, .name = "policy",           .meaning = "out: policy", .since = level::sev, .word = &sev_guest_policy},
    {.offset = 0x008, .size = 8, .name = "pdh_cert_paddr",   .meaning = "destination PDH", .since = level::sev},
    {.offset = 0x010, .size = 4, .name = "pdh_cert_len",     .meaning = "length", .since = level::sev},
    {.offset = 0x014, .size = 4, .name = "reserved_014",     .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x018, .size = 8, .name = "plat_certs_paddr", .meaning = "destination platform chain", .since = level::sev},
    {.offset = 0x020, .size = 4, .name = "plat_certs_len",   .meaning = "length", .since = level::sev},
    {.offset = 0x024, .size = 4, .name = "reserved_024",     .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x028, .size = 8, .name = "amd_certs_paddr",  .meaning = "ASK/ARK", .since = level::sev},
    {.offset = 0x030, .size = 4, .name = "amd_certs_len",    .meaning = "length", .since = level::sev},
    {.offset = 0x034, .size = 4, .name = "reserved_034",     .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x038, .size = 8, .name = "session_paddr",    .meaning = "session output", .since = level::sev},
    {.offset = 0x040, .size = 4, .name = "session_len",      .meaning = "in/out length", .since = level::sev},
};
inline constexpr structure_info cmd_send_start{
    .name = "cmd_send_start",
    .id = "LAY-CMD-SEND-START",
    .size = 0x44,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API SEND_START",
    .description = "SEND_START (0x040).",
    .fields = cmd_send_start_fields,
};

inline constexpr field_info cmd_receive_start_fields[] = {
    {.offset = 0x000, .size = 4, .name = "handle",         .meaning = "in/out", .since = level::sev},
    {.offset = 0x004, .size = 4, .name = "policy",         .meaning = "policy", .since = level::sev, .word = &sev_guest_policy},
    {.offset = 0x008, .size = 8, .name = "pdh_cert_paddr", .meaning = "sender PDH", .since = level::sev},
    {.offset = 0x010, .size = 4, .name = "pdh_cert_len",   .meaning = "length", .since = level::sev},
    {.offset = 0x014, .size = 4, .name = "reserved_014",   .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x018, .size = 8, .name = "session_paddr",  .meaning = "session", .since = level::sev},
    {.offset = 0x020, .size = 4, .name = "session_len",    .meaning = "length", .since = level::sev},
};
inline constexpr structure_info cmd_receive_start{
    .name = "cmd_receive_start",
    .id = "LAY-CMD-RECEIVE-START",
    .size = 0x24,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API RECEIVE_START",
    .description = "RECEIVE_START (0x050).",
    .fields = cmd_receive_start_fields,
};

inline constexpr field_info cmd_dbg_fields[] = {
    {.offset = 0x000, .size = 4, .name = "handle",       .meaning = "guest handle", .since = level::sev},
    {.offset = 0x004, .size = 4, .name = "reserved_004", .meaning = "reserved, must be zero", .since = level::sev, .type = field_type::bytes, .reserved = true},
    {.offset = 0x008, .size = 8, .name = "src_paddr",    .meaning = "source", .since = level::sev},
    {.offset = 0x010, .size = 8, .name = "dst_paddr",    .meaning = "destination", .since = level::sev},
    {.offset = 0x018, .size = 4, .name = "len",          .meaning = "length, multiple of 16", .since = level::sev},
};
inline constexpr structure_info cmd_dbg{
    .name = "cmd_dbg",
    .id = "LAY-CMD-DBG",
    .size = 0x1c,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::high,
    .spec_ref = "SEV API DBG_DECRYPT/ENCRYPT",
    .description = "DBG_DECRYPT (0x060) and DBG_ENCRYPT (0x061).",
    .fields = cmd_dbg_fields,
};

inline constexpr bit_info cmd_swap_out_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "page_size",     .meaning = "1 = 2 MiB", .trust = confidence::medium},
    {.lsb = 1, .width =  2, .name = "page_type",     .meaning = "0 data, 2 VMSA", .trust = confidence::medium},
    {.lsb = 3, .width = 29, .name = "reserved_31_3", .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info cmd_swap_out_fields[] = {
    {.offset = 0x000, .size = 4, .name = "handle",        .meaning = "guest handle", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x004, .size = 4, .name = "flags",         .meaning = "flags", .since = level::sev, .trust = confidence::medium, .bits = cmd_swap_out_flags_bits},
    {.offset = 0x008, .size = 8, .name = "src_paddr",     .meaning = "source", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x010, .size = 8, .name = "dst_paddr",     .meaning = "destination", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x018, .size = 8, .name = "mdata_paddr",   .meaning = "metadata entry", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x020, .size = 8, .name = "software_data", .meaning = "opaque", .since = level::sev, .trust = confidence::medium},
};
inline constexpr structure_info cmd_swap_out{
    .name = "cmd_swap_out",
    .id = "LAY-CMD-SWAP-OUT",
    .size = 0x28,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::medium,
    .spec_ref = "SEV API SWAP_OUT",
    .description = "SWAP_OUT (0x070).",
    .fields = cmd_swap_out_fields,
};
inline constexpr field_info cmd_swap_out_flags_fields[] = {
    {.offset = 0, .size = 4, .name = "flags", .meaning = "flags", .since = level::sev, .bits = cmd_swap_out_flags_bits},
};
inline constexpr structure_info cmd_swap_out_flags{
    .name = "cmd_swap_out.flags",
    .id = "LAY-CMD-SWAP-OUT",
    .size = 4,
    .alignment = 1,
    .since = level::sev,
    .trust = confidence::medium,
    .spec_ref = "SEV API SWAP_OUT",
    .description = "Flags.",
    .fields = cmd_swap_out_flags_fields,
};

inline constexpr bit_info cmd_swap_in_flags_bits[] = {
    {.lsb = 0, .width =  1, .name = "page_size",     .meaning = "1 = 2 MiB", .trust = confidence::medium},
    {.lsb = 1, .width =  2, .name = "page_type",     .meaning = "0 data, 2 VMSA", .trust = confidence::medium},
    {.lsb = 3, .width =  1, .name = "swap_in_place", .meaning = "source equals destination", .trust = confidence::medium},
    {.lsb = 4, .width = 28, .name = "reserved_31_4", .meaning = "reserved", .trust = confidence::medium, .reserved = true},
};
inline constexpr field_info cmd_swap_in_fields[] = {
    {.offset = 0x000, .size = 4, .name = "handle",      .meaning = "guest handle", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x004, .size = 4, .name = "flags",       .meaning = "flags", .since = level::sev, .trust = confidence::medium, .bits = cmd_swap_in_flags_bits},
    {.offset = 0x008, .size = 8, .name = "src_paddr",   .meaning = "source", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x010, .size = 8, .name = "dst_paddr",   .meaning = "destination", .since = level::sev, .trust = confidence::medium},
    {.offset = 0x018, .size = 8, .name = "mdata_paddr", .meaning = "metadata entry", .since = level::sev, .trust = confidence::medium},
};
inline constexpr structure_info cmd_swap_in{
    .name = "cmd_swap_in",
    .id = "LAY-CMD-SWAP-IN",
    .size = 0x20,
    .alignment = 0x1,
    .since = level::sev,
    .trust = confidence::medium,
    .spec_ref = "SEV API SWAP_IN",
    .description = "SWAP_IN (0x071).",
    .fields = cmd_swap_in_fields,
};
inline constexpr field_info cmd_swap_in_flags_fields[] = {
    {.offset = 0, .size = 4, .name = "flags", .meaning = "flags", .since = level::sev, .bits = cmd_swap_in_flags_bits},
};
inline constexpr structure_info cmd_swap_in_flags{
    .name = "cmd_swap_in.flags",
    .id = "LAY-CMD-SWAP-IN",
    .size = 4,
    .alignment = 1,
    .since = level::sev,
    .trust = confidence::medium,
    .spec_ref = "SEV API SWAP_IN",
    .description = "Flags.",
    .fields = cmd_swap_in_flags_fields,
};

}  // namespace descriptions

/// `flags` of `cmd_init`: Bit 0 enables SEV-ES.
struct cmd_init_flags {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Enable SEV-ES.
  [[nodiscard]] constexpr auto sev_es() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_sev_es(bool value) & -> cmd_init_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_sev_es(bool value) && -> cmd_init_flags { return put(*this, 0, 0, value); }

  friend constexpr auto operator==(const cmd_init_flags&, const cmd_init_flags&) -> bool = default;
  friend constexpr auto describe(const cmd_init_flags*) noexcept -> const structure_info& {
    return descriptions::cmd_init_flags;
  }
};

/// INIT command buffer (0x001).   SEV API 5.1 INIT
template <class Storage>
struct basic_cmd_init : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_init(const basic_cmd_init<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_init(basic_cmd_init<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Bit 0 enables SEV-ES.
  [[nodiscard]] constexpr auto flags() const noexcept -> cmd_init_flags { return load<cmd_init_flags, 0x000>(*this); }
  constexpr void set_flags(cmd_init_flags value) noexcept { store<0x000>(*this, value); }
  /// 008h: 1 MiB aligned trusted memory region.
  [[nodiscard]] constexpr auto tmr_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x008>(*this); }
  constexpr void set_tmr_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: TMR length.
  [[nodiscard]] constexpr auto tmr_len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x010>(*this); }
  constexpr void set_tmr_len(std::uint32_t value) noexcept { store<0x010>(*this, value); }

  friend constexpr auto describe(const basic_cmd_init*) noexcept -> const structure_info& {
    return descriptions::cmd_init;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_init<A>& a, const basic_cmd_init<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_init = basic_cmd_init<owned<20>>;
/// Over bytes that lie elsewhere.
using cmd_init_view = basic_cmd_init<borrowed<std::uint8_t, 20>>;
/// Over bytes that are only read.
using cmd_init_const_view = basic_cmd_init<borrowed<const std::uint8_t, 20>>;

/// `flags` of `cmd_init_ex`: Bit 0 enables SEV-ES.
struct cmd_init_ex_flags {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: Enable SEV-ES.
  [[nodiscard]] constexpr auto sev_es() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_sev_es(bool value) & -> cmd_init_ex_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_sev_es(bool value) && -> cmd_init_ex_flags { return put(*this, 0, 0, value); }

  friend constexpr auto operator==(const cmd_init_ex_flags&, const cmd_init_ex_flags&) -> bool = default;
  friend constexpr auto describe(const cmd_init_ex_flags*) noexcept -> const structure_info& {
    return descriptions::cmd_init_ex_flags;
  }
};

/// INIT_EX command buffer (0x00D).   SEV API INIT_EX
template <class Storage>
struct basic_cmd_init_ex : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_init_ex(const basic_cmd_init_ex<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_init_ex(basic_cmd_init_ex<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Buffer length, 0x24.
  [[nodiscard]] constexpr auto length() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_length(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: Bit 0 enables SEV-ES.
  [[nodiscard]] constexpr auto flags() const noexcept -> cmd_init_ex_flags {
    return load<cmd_init_ex_flags, 0x004>(*this);
  }
  constexpr void set_flags(cmd_init_ex_flags value) noexcept { store<0x004>(*this, value); }
  /// 008h: TMR.
  [[nodiscard]] constexpr auto tmr_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x008>(*this); }
  constexpr void set_tmr_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: TMR length.
  [[nodiscard]] constexpr auto tmr_len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x010>(*this); }
  constexpr void set_tmr_len(std::uint32_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: non-volatile data.
  [[nodiscard]] constexpr auto nv_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x018>(*this); }
  constexpr void set_nv_paddr(std::uint64_t value) noexcept { store<0x018>(*this, value); }
  /// 020h: 32 KiB.
  [[nodiscard]] constexpr auto nv_len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x020>(*this); }
  constexpr void set_nv_len(std::uint32_t value) noexcept { store<0x020>(*this, value); }

  friend constexpr auto describe(const basic_cmd_init_ex*) noexcept -> const structure_info& {
    return descriptions::cmd_init_ex;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_init_ex<A>& a, const basic_cmd_init_ex<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_init_ex = basic_cmd_init_ex<owned<36>>;
/// Over bytes that lie elsewhere.
using cmd_init_ex_view = basic_cmd_init_ex<borrowed<std::uint8_t, 36>>;
/// Over bytes that are only read.
using cmd_init_ex_const_view = basic_cmd_init_ex<borrowed<const std::uint8_t, 36>>;

/// `config` of `cmd_platform_status`: Configuration.
struct cmd_platform_status_config {
  std::uint16_t raw{};  ///< the whole word

  /// Bit 0: SEV-ES initialised.
  [[nodiscard]] constexpr auto es() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_es(bool value) & -> cmd_platform_status_config& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_es(bool value) && -> cmd_platform_status_config { return put(*this, 0, 0, value); }

  friend constexpr auto operator==(const cmd_platform_status_config&, const cmd_platform_status_config&) -> bool = default;
  friend constexpr auto describe(const cmd_platform_status_config*) noexcept -> const structure_info& {
    return descriptions::cmd_platform_status_config;
  }
};

/// PLATFORM_STATUS buffer (0x004), all output.   SEV API PLATFORM_STATUS
template <class Storage>
struct basic_cmd_platform_status : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_platform_status(const basic_cmd_platform_status<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_platform_status(basic_cmd_platform_status<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: API major.
  [[nodiscard]] constexpr auto api_major() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x000>(*this); }
  constexpr void set_api_major(std::uint8_t value) noexcept { store<0x000>(*this, value); }
  /// 001h: API minor.
  [[nodiscard]] constexpr auto api_minor() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x001>(*this); }
  constexpr void set_api_minor(std::uint8_t value) noexcept { store<0x001>(*this, value); }
  /// 002h: See sev_platform_state.
  [[nodiscard]] constexpr auto state() const noexcept -> sev_platform_state {
    return static_cast<sev_platform_state>(load<std::uint8_t, 0x002>(*this));
  }
  constexpr void set_state(sev_platform_state value) { store_code<std::uint8_t, 0x002>(*this, value); }
  /// 003h: Ownership (Linux reads bytes 3..6 as one unaligned u32 'flags': bit 0 owner, bit 8 config_es).
  [[nodiscard]] constexpr auto owner() const noexcept -> bool { return bit_at(load<std::uint8_t, 0x003>(*this), 0); }
  constexpr void set_owner(bool value) { store_low_bits<std::uint8_t, 0x003>(*this, 1, value); }
  /// 004h: Configuration.
  [[nodiscard]] constexpr auto config() const noexcept -> cmd_platform_status_config {
    return load<cmd_platform_status_config, 0x004>(*this);
  }
  constexpr void set_config(cmd_platform_status_config value) noexcept { store<0x004>(*this, value); }
  /// 007h: Build ID.
  [[nodiscard]] constexpr auto build() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x007>(*this); }
  constexpr void set_build(std::uint8_t value) noexcept { store<0x007>(*this, value); }
  /// 008h: Active guests.
  [[nodiscard]] constexpr auto guest_count() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x008>(*this);
  }
  constexpr void set_guest_count(std::uint32_t value) noexcept { store<0x008>(*this, value); }

  friend constexpr auto describe(const basic_cmd_platform_status*) noexcept -> const structure_info& {
    return descriptions::cmd_platform_status;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_platform_status<A>& a, const basic_cmd_platform_status<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_platform_status = basic_cmd_platform_status<owned<12>>;
/// Over bytes that lie elsewhere.
using cmd_platform_status_view = basic_cmd_platform_status<borrowed<std::uint8_t, 12>>;
/// Over bytes that are only read.
using cmd_platform_status_const_view = basic_cmd_platform_status<borrowed<const std::uint8_t, 12>>;

/// PEK_CSR (0x006).   SEV API PEK_CSR
template <class Storage>
struct basic_cmd_pek_csr : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_pek_csr(const basic_cmd_pek_csr<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_pek_csr(basic_cmd_pek_csr<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Buffer.
  [[nodiscard]] constexpr auto address() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x000>(*this); }
  constexpr void set_address(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: in/out length.
  [[nodiscard]] constexpr auto len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x008>(*this); }
  constexpr void set_len(std::uint32_t value) noexcept { store<0x008>(*this, value); }

  friend constexpr auto describe(const basic_cmd_pek_csr*) noexcept -> const structure_info& {
    return descriptions::cmd_pek_csr;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_pek_csr<A>& a, const basic_cmd_pek_csr<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_pek_csr = basic_cmd_pek_csr<owned<12>>;
/// Over bytes that lie elsewhere.
using cmd_pek_csr_view = basic_cmd_pek_csr<borrowed<std::uint8_t, 12>>;
/// Over bytes that are only read.
using cmd_pek_csr_const_view = basic_cmd_pek_csr<borrowed<const std::uint8_t, 12>>;

/// PEK_CERT_IMPORT (0x007).   SEV API PEK_CERT_IMPORT
template <class Storage>
struct basic_cmd_pek_cert_import : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_pek_cert_import(const basic_cmd_pek_cert_import<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_pek_cert_import(basic_cmd_pek_cert_import<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: PEK.
  [[nodiscard]] constexpr auto pek_cert_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_pek_cert_paddr(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Length.
  [[nodiscard]] constexpr auto pek_cert_len() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x008>(*this);
  }
  constexpr void set_pek_cert_len(std::uint32_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: OCA.
  [[nodiscard]] constexpr auto oca_cert_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x010>(*this);
  }
  constexpr void set_oca_cert_paddr(std::uint64_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: Length.
  [[nodiscard]] constexpr auto oca_cert_len() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x018>(*this);
  }
  constexpr void set_oca_cert_len(std::uint32_t value) noexcept { store<0x018>(*this, value); }

  friend constexpr auto describe(const basic_cmd_pek_cert_import*) noexcept -> const structure_info& {
    return descriptions::cmd_pek_cert_import;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_pek_cert_import<A>& a, const basic_cmd_pek_cert_import<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_pek_cert_import = basic_cmd_pek_cert_import<owned<28>>;
/// Over bytes that lie elsewhere.
using cmd_pek_cert_import_view = basic_cmd_pek_cert_import<borrowed<std::uint8_t, 28>>;
/// Over bytes that are only read.
using cmd_pek_cert_import_const_view = basic_cmd_pek_cert_import<borrowed<const std::uint8_t, 28>>;

/// PDH_CERT_EXPORT (0x008).   SEV API PDH_CERT_EXPORT
template <class Storage>
struct basic_cmd_pdh_cert_export : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_pdh_cert_export(const basic_cmd_pdh_cert_export<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_pdh_cert_export(basic_cmd_pdh_cert_export<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: PDH output.
  [[nodiscard]] constexpr auto pdh_cert_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_pdh_cert_paddr(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: in/out length.
  [[nodiscard]] constexpr auto pdh_cert_len() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x008>(*this);
  }
  constexpr void set_pdh_cert_len(std::uint32_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Chain output.
  [[nodiscard]] constexpr auto cert_chain_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x010>(*this);
  }
  constexpr void set_cert_chain_paddr(std::uint64_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: in/out length.
  [[nodiscard]] constexpr auto cert_chain_len() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x018>(*this);
  }
  constexpr void set_cert_chain_len(std::uint32_t value) noexcept { store<0x018>(*this, value); }

  friend constexpr auto describe(const basic_cmd_pdh_cert_export*) noexcept -> const structure_info& {
    return descriptions::cmd_pdh_cert_export;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_pdh_cert_export<A>& a, const basic_cmd_pdh_cert_export<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_pdh_cert_export = basic_cmd_pdh_cert_export<owned<28>>;
/// Over bytes that lie elsewhere.
using cmd_pdh_cert_export_view = basic_cmd_pdh_cert_export<borrowed<std::uint8_t, 28>>;
/// Over bytes that are only read.
using cmd_pdh_cert_export_const_view = basic_cmd_pdh_cert_export<borrowed<const std::uint8_t, 28>>;

/// DOWNLOAD_FIRMWARE (0x00B).   SEV API DOWNLOAD_FIRMWARE
template <class Storage>
struct basic_cmd_download_firmware : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_download_firmware(const basic_cmd_download_firmware<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_download_firmware(basic_cmd_download_firmware<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Image.
  [[nodiscard]] constexpr auto address() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x000>(*this); }
  constexpr void set_address(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Length.
  [[nodiscard]] constexpr auto len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x008>(*this); }
  constexpr void set_len(std::uint32_t value) noexcept { store<0x008>(*this, value); }

  friend constexpr auto describe(const basic_cmd_download_firmware*) noexcept -> const structure_info& {
    return descriptions::cmd_download_firmware;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_download_firmware<A>& a, const basic_cmd_download_firmware<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_download_firmware = basic_cmd_download_firmware<owned<12>>;
/// Over bytes that lie elsewhere.
using cmd_download_firmware_view = basic_cmd_download_firmware<borrowed<std::uint8_t, 12>>;
/// Over bytes that are only read.
using cmd_download_firmware_const_view = basic_cmd_download_firmware<borrowed<const std::uint8_t, 12>>;

/// GET_ID (0x00C).   SEV API GET_ID
template <class Storage>
struct basic_cmd_get_id : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_get_id(const basic_cmd_get_id<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_get_id(basic_cmd_get_id<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Buffer.
  [[nodiscard]] constexpr auto address() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x000>(*this); }
  constexpr void set_address(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: in/out length.
  [[nodiscard]] constexpr auto len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x008>(*this); }
  constexpr void set_len(std::uint32_t value) noexcept { store<0x008>(*this, value); }

  friend constexpr auto describe(const basic_cmd_get_id*) noexcept -> const structure_info& {
    return descriptions::cmd_get_id;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_get_id<A>& a, const basic_cmd_get_id<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_get_id = basic_cmd_get_id<owned<12>>;
/// Over bytes that lie elsewhere.
using cmd_get_id_view = basic_cmd_get_id<borrowed<std::uint8_t, 12>>;
/// Over bytes that are only read.
using cmd_get_id_const_view = basic_cmd_get_id<borrowed<const std::uint8_t, 12>>;

/// RING_BUFFER (0x00F).   SEV API RING_BUFFER
template <class Storage>
struct basic_cmd_ring_buffer : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_ring_buffer(const basic_cmd_ring_buffer<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_ring_buffer(basic_cmd_ring_buffer<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Low priority command ring. (medium confidence)
  [[nodiscard]] constexpr auto lo_cmd_ptr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x000>(*this);
  }
  constexpr void set_lo_cmd_ptr(std::uint64_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Low priority status ring. (medium confidence)
  [[nodiscard]] constexpr auto lo_stat_val() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x008>(*this);
  }
  constexpr void set_lo_stat_val(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: High priority command ring. (medium confidence)
  [[nodiscard]] constexpr auto hi_cmd_ptr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x010>(*this);
  }
  constexpr void set_hi_cmd_ptr(std::uint64_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: High priority status ring. (medium confidence)
  [[nodiscard]] constexpr auto hi_stat_val() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x018>(*this);
  }
  constexpr void set_hi_stat_val(std::uint64_t value) noexcept { store<0x018>(*this, value); }
  /// 020h: Pages, must be 1. (medium confidence)
  [[nodiscard]] constexpr auto lo_size() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x020>(*this); }
  constexpr void set_lo_size(std::uint8_t value) noexcept { store<0x020>(*this, value); }
  /// 021h: Pages. (medium confidence)
  [[nodiscard]] constexpr auto hi_size() const noexcept -> std::uint8_t { return load<std::uint8_t, 0x021>(*this); }
  constexpr void set_hi_size(std::uint8_t value) noexcept { store<0x021>(*this, value); }
  /// 022h: Threshold. (medium confidence)
  [[nodiscard]] constexpr auto lo_threshold() const noexcept -> std::uint16_t {
    return load<std::uint16_t, 0x022>(*this);
  }
  constexpr void set_lo_threshold(std::uint16_t value) noexcept { store<0x022>(*this, value); }
  /// 024h: Threshold. (medium confidence)
  [[nodiscard]] constexpr auto hi_threshold() const noexcept -> std::uint16_t {
    return load<std::uint16_t, 0x024>(*this);
  }
  constexpr void set_hi_threshold(std::uint16_t value) noexcept { store<0x024>(*this, value); }
  /// 026h: Flags. (medium confidence)
  [[nodiscard]] constexpr auto int_on_empty() const noexcept -> bool {
    return bit_at(load<std::uint16_t, 0x026>(*this), 0);
  }
  constexpr void set_int_on_empty(bool value) { store_low_bits<std::uint16_t, 0x026>(*this, 1, value); }

  friend constexpr auto describe(const basic_cmd_ring_buffer*) noexcept -> const structure_info& {
    return descriptions::cmd_ring_buffer;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_ring_buffer<A>& a, const basic_cmd_ring_buffer<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_ring_buffer = basic_cmd_ring_buffer<owned<40>>;
/// Over bytes that lie elsewhere.
using cmd_ring_buffer_view = basic_cmd_ring_buffer<borrowed<std::uint8_t, 40>>;
/// Over bytes that are only read.
using cmd_ring_buffer_const_view = basic_cmd_ring_buffer<borrowed<const std::uint8_t, 40>>;

/// Commands taking only a guest handle (0x020, 0x022, 0x035, 0x043, 0x044, 0x053).   SEV API DECOMMISSION, DEACTIVATE,
/// LAUNCH_FINISH, SEND_FINISH, SEND_CANCEL, RECEIVE_FINISH
template <class Storage>
struct basic_cmd_handle : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_handle(const basic_cmd_handle<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_handle(basic_cmd_handle<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest handle.
  [[nodiscard]] constexpr auto handle() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_handle(std::uint32_t value) noexcept { store<0x000>(*this, value); }

  friend constexpr auto describe(const basic_cmd_handle*) noexcept -> const structure_info& {
    return descriptions::cmd_handle;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_handle<A>& a, const basic_cmd_handle<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_handle = basic_cmd_handle<owned<4>>;
/// Over bytes that lie elsewhere.
using cmd_handle_view = basic_cmd_handle<borrowed<std::uint8_t, 4>>;
/// Over bytes that are only read.
using cmd_handle_const_view = basic_cmd_handle<borrowed<const std::uint8_t, 4>>;

/// ACTIVATE (0x021).   SEV API ACTIVATE
template <class Storage>
struct basic_cmd_activate : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_activate(const basic_cmd_activate<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_activate(basic_cmd_activate<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest handle.
  [[nodiscard]] constexpr auto handle() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_handle(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: ASID.
  [[nodiscard]] constexpr auto asid() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x004>(*this); }
  constexpr void set_asid(std::uint32_t value) noexcept { store<0x004>(*this, value); }

  friend constexpr auto describe(const basic_cmd_activate*) noexcept -> const structure_info& {
    return descriptions::cmd_activate;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_activate<A>& a, const basic_cmd_activate<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_activate = basic_cmd_activate<owned<8>>;
/// Over bytes that lie elsewhere.
using cmd_activate_view = basic_cmd_activate<borrowed<std::uint8_t, 8>>;
/// Over bytes that are only read.
using cmd_activate_const_view = basic_cmd_activate<borrowed<const std::uint8_t, 8>>;

/// ACTIVATE_EX (0x025).   SEV API ACTIVATE_EX
template <class Storage>
struct basic_cmd_activate_ex : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_activate_ex(const basic_cmd_activate_ex<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_activate_ex(basic_cmd_activate_ex<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: 0x18.
  [[nodiscard]] constexpr auto ex_len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_ex_len(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: Guest handle.
  [[nodiscard]] constexpr auto handle() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x004>(*this); }
  constexpr void set_handle(std::uint32_t value) noexcept { store<0x004>(*this, value); }
  /// 008h: ASID.
  [[nodiscard]] constexpr auto asid() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x008>(*this); }
  constexpr void set_asid(std::uint32_t value) noexcept { store<0x008>(*this, value); }
  /// 00Ch: Number of APIC IDs.
  [[nodiscard]] constexpr auto numids() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x00c>(*this); }
  constexpr void set_numids(std::uint32_t value) noexcept { store<0x00c>(*this, value); }
  /// 010h: APIC ID array.
  [[nodiscard]] constexpr auto ids_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x010>(*this); }
  constexpr void set_ids_paddr(std::uint64_t value) noexcept { store<0x010>(*this, value); }

  friend constexpr auto describe(const basic_cmd_activate_ex*) noexcept -> const structure_info& {
    return descriptions::cmd_activate_ex;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_activate_ex<A>& a, const basic_cmd_activate_ex<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_activate_ex = basic_cmd_activate_ex<owned<24>>;
/// Over bytes that lie elsewhere.
using cmd_activate_ex_view = basic_cmd_activate_ex<borrowed<std::uint8_t, 24>>;
/// Over bytes that are only read.
using cmd_activate_ex_const_view = basic_cmd_activate_ex<borrowed<const std::uint8_t, 24>>;

/// GUEST_STATUS (0x023).   SEV API GUEST_STATUS
template <class Storage>
struct basic_cmd_guest_status : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_guest_status(const basic_cmd_guest_status<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_guest_status(basic_cmd_guest_status<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: in: guest handle.
  [[nodiscard]] constexpr auto handle() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_handle(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: Out.
  [[nodiscard]] constexpr auto policy() const noexcept -> sev_guest_policy {
    return load<sev_guest_policy, 0x004>(*this);
  }
  constexpr void set_policy(sev_guest_policy value) noexcept { store<0x004>(*this, value); }
  /// 008h: Out.
  [[nodiscard]] constexpr auto asid() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x008>(*this); }
  constexpr void set_asid(std::uint32_t value) noexcept { store<0x008>(*this, value); }
  /// 00Ch: Out, see sev_guest_state.
  [[nodiscard]] constexpr auto state() const noexcept -> sev_guest_state {
    return static_cast<sev_guest_state>(load<std::uint8_t, 0x00c>(*this));
  }
  constexpr void set_state(sev_guest_state value) { store_code<std::uint8_t, 0x00c>(*this, value); }

  friend constexpr auto describe(const basic_cmd_guest_status*) noexcept -> const structure_info& {
    return descriptions::cmd_guest_status;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_guest_status<A>& a, const basic_cmd_guest_status<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_guest_status = basic_cmd_guest_status<owned<13>>;
/// Over bytes that lie elsewhere.
using cmd_guest_status_view = basic_cmd_guest_status<borrowed<std::uint8_t, 13>>;
/// Over bytes that are only read.
using cmd_guest_status_const_view = basic_cmd_guest_status<borrowed<const std::uint8_t, 13>>;

/// COPY (0x024).   SEV API COPY
template <class Storage>
struct basic_cmd_copy : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_copy(const basic_cmd_copy<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_copy(basic_cmd_copy<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest handle. (medium confidence)
  [[nodiscard]] constexpr auto handle() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_handle(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: Bytes. (medium confidence)
  [[nodiscard]] constexpr auto length() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x004>(*this); }
  constexpr void set_length(std::uint32_t value) noexcept { store<0x004>(*this, value); }
  /// 008h: Source. (medium confidence)
  [[nodiscard]] constexpr auto src_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x008>(*this); }
  constexpr void set_src_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Destination. (medium confidence)
  [[nodiscard]] constexpr auto dst_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x010>(*this); }
  constexpr void set_dst_paddr(std::uint64_t value) noexcept { store<0x010>(*this, value); }

  friend constexpr auto describe(const basic_cmd_copy*) noexcept -> const structure_info& {
    return descriptions::cmd_copy;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_copy<A>& a, const basic_cmd_copy<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_copy = basic_cmd_copy<owned<24>>;
/// Over bytes that lie elsewhere.
using cmd_copy_view = basic_cmd_copy<borrowed<std::uint8_t, 24>>;
/// Over bytes that are only read.
using cmd_copy_const_view = basic_cmd_copy<borrowed<const std::uint8_t, 24>>;

/// LAUNCH_START (0x030).   SEV API LAUNCH_START
template <class Storage>
struct basic_cmd_launch_start : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_launch_start(const basic_cmd_launch_start<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_launch_start(basic_cmd_launch_start<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: in/out: 0 = new guest, else share key.
  [[nodiscard]] constexpr auto handle() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_handle(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: Policy.
  [[nodiscard]] constexpr auto policy() const noexcept -> sev_guest_policy {
    return load<sev_guest_policy, 0x004>(*this);
  }
  constexpr void set_policy(sev_guest_policy value) noexcept { store<0x004>(*this, value); }
  /// 008h: Guest owner DH certificate.
  [[nodiscard]] constexpr auto dh_cert_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x008>(*this);
  }
  constexpr void set_dh_cert_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Length.
  [[nodiscard]] constexpr auto dh_cert_len() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x010>(*this);
  }
  constexpr void set_dh_cert_len(std::uint32_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: Session data.
  [[nodiscard]] constexpr auto session_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x018>(*this);
  }
  constexpr void set_session_paddr(std::uint64_t value) noexcept { store<0x018>(*this, value); }
  /// 020h: Length.
  [[nodiscard]] constexpr auto session_len() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x020>(*this);
  }
  constexpr void set_session_len(std::uint32_t value) noexcept { store<0x020>(*this, value); }

  friend constexpr auto describe(const basic_cmd_launch_start*) noexcept -> const structure_info& {
    return descriptions::cmd_launch_start;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_launch_start<A>& a, const basic_cmd_launch_start<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_launch_start = basic_cmd_launch_start<owned<36>>;
/// Over bytes that lie elsewhere.
using cmd_launch_start_view = basic_cmd_launch_start<borrowed<std::uint8_t, 36>>;
/// Over bytes that are only read.
using cmd_launch_start_const_view = basic_cmd_launch_start<borrowed<const std::uint8_t, 36>>;

/// LAUNCH_UPDATE_DATA (0x031) and LAUNCH_UPDATE_VMSA (0x032).   SEV API LAUNCH_UPDATE_DATA/VMSA
template <class Storage>
struct basic_cmd_launch_update : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_launch_update(const basic_cmd_launch_update<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_launch_update(basic_cmd_launch_update<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest handle.
  [[nodiscard]] constexpr auto handle() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_handle(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Memory.
  [[nodiscard]] constexpr auto paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x008>(*this); }
  constexpr void set_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Length, multiple of 16 (VMSA: 4096).
  [[nodiscard]] constexpr auto len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x010>(*this); }
  constexpr void set_len(std::uint32_t value) noexcept { store<0x010>(*this, value); }

  friend constexpr auto describe(const basic_cmd_launch_update*) noexcept -> const structure_info& {
    return descriptions::cmd_launch_update;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_launch_update<A>& a, const basic_cmd_launch_update<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_launch_update = basic_cmd_launch_update<owned<20>>;
/// Over bytes that lie elsewhere.
using cmd_launch_update_view = basic_cmd_launch_update<borrowed<std::uint8_t, 20>>;
/// Over bytes that are only read.
using cmd_launch_update_const_view = basic_cmd_launch_update<borrowed<const std::uint8_t, 20>>;

/// LAUNCH_MEASURE (0x033).   SEV API LAUNCH_MEASURE
template <class Storage>
struct basic_cmd_launch_measure : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_launch_measure(const basic_cmd_launch_measure<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_launch_measure(basic_cmd_launch_measure<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest handle.
  [[nodiscard]] constexpr auto handle() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_handle(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Output.
  [[nodiscard]] constexpr auto address() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x008>(*this); }
  constexpr void set_address(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: in/out length.
  [[nodiscard]] constexpr auto len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x010>(*this); }
  constexpr void set_len(std::uint32_t value) noexcept { store<0x010>(*this, value); }

  friend constexpr auto describe(const basic_cmd_launch_measure*) noexcept -> const structure_info& {
    return descriptions::cmd_launch_measure;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_launch_measure<A>& a, const basic_cmd_launch_measure<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_launch_measure = basic_cmd_launch_measure<owned<20>>;
/// Over bytes that lie elsewhere.
using cmd_launch_measure_view = basic_cmd_launch_measure<borrowed<std::uint8_t, 20>>;
/// Over bytes that are only read.
using cmd_launch_measure_const_view = basic_cmd_launch_measure<borrowed<const std::uint8_t, 20>>;

/// Shared buffer of 0x034, 0x041, 0x042, 0x051, 0x052.   SEV API LAUNCH_SECRET, SEND_UPDATE_DATA/VMSA,
/// RECEIVE_UPDATE_DATA/VMSA
template <class Storage>
struct basic_cmd_transport : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_transport(const basic_cmd_transport<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_transport(basic_cmd_transport<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest handle.
  [[nodiscard]] constexpr auto handle() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_handle(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Packet header.
  [[nodiscard]] constexpr auto hdr_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x008>(*this); }
  constexpr void set_hdr_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Header length (in/out for SEND).
  [[nodiscard]] constexpr auto hdr_len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x010>(*this); }
  constexpr void set_hdr_len(std::uint32_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: Guest memory.
  [[nodiscard]] constexpr auto guest_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x018>(*this);
  }
  constexpr void set_guest_paddr(std::uint64_t value) noexcept { store<0x018>(*this, value); }
  /// 020h: Length.
  [[nodiscard]] constexpr auto guest_len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x020>(*this); }
  constexpr void set_guest_len(std::uint32_t value) noexcept { store<0x020>(*this, value); }
  /// 028h: Transport buffer.
  [[nodiscard]] constexpr auto trans_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x028>(*this);
  }
  constexpr void set_trans_paddr(std::uint64_t value) noexcept { store<0x028>(*this, value); }
  /// 030h: Length.
  [[nodiscard]] constexpr auto trans_len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x030>(*this); }
  constexpr void set_trans_len(std::uint32_t value) noexcept { store<0x030>(*this, value); }

  friend constexpr auto describe(const basic_cmd_transport*) noexcept -> const structure_info& {
    return descriptions::cmd_transport;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_transport<A>& a, const basic_cmd_transport<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_transport = basic_cmd_transport<owned<52>>;
/// Over bytes that lie elsewhere.
using cmd_transport_view = basic_cmd_transport<borrowed<std::uint8_t, 52>>;
/// Over bytes that are only read.
using cmd_transport_const_view = basic_cmd_transport<borrowed<const std::uint8_t, 52>>;

/// ATTESTATION (0x036).   SEV API ATTESTATION
template <class Storage>
struct basic_cmd_attestation : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_attestation(const basic_cmd_attestation<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_attestation(basic_cmd_attestation<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest handle.
  [[nodiscard]] constexpr auto handle() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_handle(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Report buffer.
  [[nodiscard]] constexpr auto address() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x008>(*this); }
  constexpr void set_address(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Nonce.
  [[nodiscard]] constexpr auto mnonce() noexcept { return bytes_at<0x010, 16>(*this); }
  [[nodiscard]] constexpr auto mnonce() const noexcept { return bytes_at<0x010, 16>(*this); }
  constexpr void set_mnonce(std::span<const std::uint8_t, 16> value) noexcept { store_bytes<0x010>(*this, value); }
  /// 020h: in/out length.
  [[nodiscard]] constexpr auto len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x020>(*this); }
  constexpr void set_len(std::uint32_t value) noexcept { store<0x020>(*this, value); }

  friend constexpr auto describe(const basic_cmd_attestation*) noexcept -> const structure_info& {
    return descriptions::cmd_attestation;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_attestation<A>& a, const basic_cmd_attestation<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_attestation = basic_cmd_attestation<owned<36>>;
/// Over bytes that lie elsewhere.
using cmd_attestation_view = basic_cmd_attestation<borrowed<std::uint8_t, 36>>;
/// Over bytes that are only read.
using cmd_attestation_const_view = basic_cmd_attestation<borrowed<const std::uint8_t, 36>>;

/// SEND_START (0x040).   SEV API SEND_START
template <class Storage>
struct basic_cmd_send_start : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_send_start(const basic_cmd_send_start<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_send_start(basic_cmd_send_start<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest handle.
  [[nodiscard]] constexpr auto handle() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_handle(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: out: policy.
  [[nodiscard]] constexpr auto policy() const noexcept -> sev_guest_policy {
    return load<sev_guest_policy, 0x004>(*this);
  }
  constexpr void set_policy(sev_guest_policy value) noexcept { store<0x004>(*this, value); }
  /// 008h: Destination PDH.
  [[nodiscard]] constexpr auto pdh_cert_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x008>(*this);
  }
  constexpr void set_pdh_cert_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Length.
  [[nodiscard]] constexpr auto pdh_cert_len() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x010>(*this);
  }
  constexpr void set_pdh_cert_len(std::uint32_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: Destination platform chain.
  [[nodiscard]] constexpr auto plat_certs_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x018>(*this);
  }
  constexpr void set_plat_certs_paddr(std::uint64_t value) noexcept { store<0x018>(*this, value); }
  /// 020h: Length.
  [[nodiscard]] constexpr auto plat_certs_len() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x020>(*this);
  }
  constexpr void set_plat_certs_len(std::uint32_t value) noexcept { store<0x020>(*this, value); }
  /// 028h: ASK/ARK.
  [[nodiscard]] constexpr auto amd_certs_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x028>(*this);
  }
  constexpr void set_amd_certs_paddr(std::uint64_t value) noexcept { store<0x028>(*this, value); }
  /// 030h: Length.
  [[nodiscard]] constexpr auto amd_certs_len() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x030>(*this);
  }
  constexpr void set_amd_certs_len(std::uint32_t value) noexcept { store<0x030>(*this, value); }
  /// 038h: Session output.
  [[nodiscard]] constexpr auto session_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x038>(*this);
  }
  constexpr void set_session_paddr(std::uint64_t value) noexcept { store<0x038>(*this, value); }
  /// 040h: in/out length.
  [[nodiscard]] constexpr auto session_len() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x040>(*this);
  }
  constexpr void set_session_len(std::uint32_t value) noexcept { store<0x040>(*this, value); }

  friend constexpr auto describe(const basic_cmd_send_start*) noexcept -> const structure_info& {
    return descriptions::cmd_send_start;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_send_start<A>& a, const basic_cmd_send_start<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_send_start = basic_cmd_send_start<owned<68>>;
/// Over bytes that lie elsewhere.
using cmd_send_start_view = basic_cmd_send_start<borrowed<std::uint8_t, 68>>;
/// Over bytes that are only read.
using cmd_send_start_const_view = basic_cmd_send_start<borrowed<const std::uint8_t, 68>>;

/// RECEIVE_START (0x050).   SEV API RECEIVE_START
template <class Storage>
struct basic_cmd_receive_start : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_receive_start(const basic_cmd_receive_start<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_receive_start(basic_cmd_receive_start<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: in/out.
  [[nodiscard]] constexpr auto handle() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_handle(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: Policy.
  [[nodiscard]] constexpr auto policy() const noexcept -> sev_guest_policy {
    return load<sev_guest_policy, 0x004>(*this);
  }
  constexpr void set_policy(sev_guest_policy value) noexcept { store<0x004>(*this, value); }
  /// 008h: Sender PDH.
  [[nodiscard]] constexpr auto pdh_cert_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x008>(*this);
  }
  constexpr void set_pdh_cert_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Length.
  [[nodiscard]] constexpr auto pdh_cert_len() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x010>(*this);
  }
  constexpr void set_pdh_cert_len(std::uint32_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: Session.
  [[nodiscard]] constexpr auto session_paddr() const noexcept -> std::uint64_t {
    return load<std::uint64_t, 0x018>(*this);
  }
  constexpr void set_session_paddr(std::uint64_t value) noexcept { store<0x018>(*this, value); }
  /// 020h: Length.
  [[nodiscard]] constexpr auto session_len() const noexcept -> std::uint32_t {
    return load<std::uint32_t, 0x020>(*this);
  }
  constexpr void set_session_len(std::uint32_t value) noexcept { store<0x020>(*this, value); }

  friend constexpr auto describe(const basic_cmd_receive_start*) noexcept -> const structure_info& {
    return descriptions::cmd_receive_start;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_receive_start<A>& a, const basic_cmd_receive_start<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_receive_start = basic_cmd_receive_start<owned<36>>;
/// Over bytes that lie elsewhere.
using cmd_receive_start_view = basic_cmd_receive_start<borrowed<std::uint8_t, 36>>;
/// Over bytes that are only read.
using cmd_receive_start_const_view = basic_cmd_receive_start<borrowed<const std::uint8_t, 36>>;

/// DBG_DECRYPT (0x060) and DBG_ENCRYPT (0x061).   SEV API DBG_DECRYPT/ENCRYPT
template <class Storage>
struct basic_cmd_dbg : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_dbg(const basic_cmd_dbg<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_dbg(basic_cmd_dbg<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest handle.
  [[nodiscard]] constexpr auto handle() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_handle(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 008h: Source.
  [[nodiscard]] constexpr auto src_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x008>(*this); }
  constexpr void set_src_paddr(std::uint64_t value) noexcept { store<0x008>(*this, value); }
  /// 010h: Destination.
  [[nodiscard]] constexpr auto dst_paddr() const noexcept -> std::uint64_t { return load<std::uint64_t, 0x010>(*this); }
  constexpr void set_dst_paddr(std::uint64_t value) noexcept { store<0x010>(*this, value); }
  /// 018h: Length, multiple of 16.
  [[nodiscard]] constexpr auto len() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x018>(*this); }
  constexpr void set_len(std::uint32_t value) noexcept { store<0x018>(*this, value); }

  friend constexpr auto describe(const basic_cmd_dbg*) noexcept -> const structure_info& {
    return descriptions::cmd_dbg;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_dbg<A>& a, const basic_cmd_dbg<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_dbg = basic_cmd_dbg<owned<28>>;
/// Over bytes that lie elsewhere.
using cmd_dbg_view = basic_cmd_dbg<borrowed<std::uint8_t, 28>>;
/// Over bytes that are only read.
using cmd_dbg_const_view = basic_cmd_dbg<borrowed<const std::uint8_t, 28>>;

/// `flags` of `cmd_swap_out`: Flags.
struct cmd_swap_out_flags {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: 1 = 2 MiB.
  [[nodiscard]] constexpr auto page_size() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_page_size(bool value) & -> cmd_swap_out_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_page_size(bool value) && -> cmd_swap_out_flags { return put(*this, 0, 0, value); }
  /// Bits 2:1: 0 data, 2 VMSA.
  [[nodiscard]] constexpr auto page_type() const noexcept -> std::uint32_t { return bits32_at(raw, 2, 1); }
  constexpr auto set_page_type(std::uint32_t value) & -> cmd_swap_out_flags& { return put(*this, 2, 1, value); }
  [[nodiscard]] constexpr auto set_page_type(std::uint32_t value) && -> cmd_swap_out_flags { return put(*this, 2, 1, value); }

  friend constexpr auto operator==(const cmd_swap_out_flags&, const cmd_swap_out_flags&) -> bool = default;
  friend constexpr auto describe(const cmd_swap_out_flags*) noexcept -> const structure_info& {
    return descriptions::cmd_swap_out_flags;
  }
};

/// SWAP_OUT (0x070).   SEV API SWAP_OUT
template <class Storage>
struct basic_cmd_swap_out : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_swap_out(const basic_cmd_swap_out<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_swap_out(basic_cmd_swap_out<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest handle. (medium confidence)
  [[nodiscard]] constexpr auto handle() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_handle(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: Flags. (medium confidence)
  [[nodiscard]] constexpr auto flags() const noexcept -> cmd_swap_out_flags {
    return load<cmd_swap_out_flags, 0x004>(*this);
  }
  constexpr void set_flags(cmd_swap_out_flags value) noexcept { store<0x004>(*this, value); }
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

  friend constexpr auto describe(const basic_cmd_swap_out*) noexcept -> const structure_info& {
    return descriptions::cmd_swap_out;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_swap_out<A>& a, const basic_cmd_swap_out<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_swap_out = basic_cmd_swap_out<owned<40>>;
/// Over bytes that lie elsewhere.
using cmd_swap_out_view = basic_cmd_swap_out<borrowed<std::uint8_t, 40>>;
/// Over bytes that are only read.
using cmd_swap_out_const_view = basic_cmd_swap_out<borrowed<const std::uint8_t, 40>>;

/// `flags` of `cmd_swap_in`: Flags.
struct cmd_swap_in_flags {
  std::uint32_t raw{};  ///< the whole word

  /// Bit 0: 1 = 2 MiB.
  [[nodiscard]] constexpr auto page_size() const noexcept -> bool { return bit_at(raw, 0); }
  constexpr auto set_page_size(bool value) & -> cmd_swap_in_flags& { return put(*this, 0, 0, value); }
  [[nodiscard]] constexpr auto set_page_size(bool value) && -> cmd_swap_in_flags { return put(*this, 0, 0, value); }
  /// Bits 2:1: 0 data, 2 VMSA.
  [[nodiscard]] constexpr auto page_type() const noexcept -> std::uint32_t { return bits32_at(raw, 2, 1); }
  constexpr auto set_page_type(std::uint32_t value) & -> cmd_swap_in_flags& { return put(*this, 2, 1, value); }
  [[nodiscard]] constexpr auto set_page_type(std::uint32_t value) && -> cmd_swap_in_flags { return put(*this, 2, 1, value); }
  /// Bit 3: Source equals destination.
  [[nodiscard]] constexpr auto swap_in_place() const noexcept -> bool { return bit_at(raw, 3); }
  constexpr auto set_swap_in_place(bool value) & -> cmd_swap_in_flags& { return put(*this, 3, 3, value); }
  [[nodiscard]] constexpr auto set_swap_in_place(bool value) && -> cmd_swap_in_flags { return put(*this, 3, 3, value); }

  friend constexpr auto operator==(const cmd_swap_in_flags&, const cmd_swap_in_flags&) -> bool = default;
  friend constexpr auto describe(const cmd_swap_in_flags*) noexcept -> const structure_info& {
    return descriptions::cmd_swap_in_flags;
  }
};

/// SWAP_IN (0x071).   SEV API SWAP_IN
template <class Storage>
struct basic_cmd_swap_in : Storage {
  using Storage::Storage;
  /// From another shape: a value copies the bytes, a view refers to them.
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_swap_in(const basic_cmd_swap_in<Other>& other) noexcept : Storage(other.bytes()) {}
  template <class Other>
  constexpr explicit(!Storage::reads_only) basic_cmd_swap_in(basic_cmd_swap_in<Other>& other) noexcept : Storage(other.bytes()) {}

  /// 000h: Guest handle. (medium confidence)
  [[nodiscard]] constexpr auto handle() const noexcept -> std::uint32_t { return load<std::uint32_t, 0x000>(*this); }
  constexpr void set_handle(std::uint32_t value) noexcept { store<0x000>(*this, value); }
  /// 004h: Flags. (medium confidence)
  [[nodiscard]] constexpr auto flags() const noexcept -> cmd_swap_in_flags {
    return load<cmd_swap_in_flags, 0x004>(*this);
  }
  constexpr void set_flags(cmd_swap_in_flags value) noexcept { store<0x004>(*this, value); }
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

  friend constexpr auto describe(const basic_cmd_swap_in*) noexcept -> const structure_info& {
    return descriptions::cmd_swap_in;
  }
};
/// Whether the bytes are the same, whoever holds them.
template <class A, class B>
[[nodiscard]] constexpr auto operator==(const basic_cmd_swap_in<A>& a, const basic_cmd_swap_in<B>& b) noexcept -> bool { return same_bytes(a, b); }
/// Holds its bytes.
using cmd_swap_in = basic_cmd_swap_in<owned<32>>;
/// Over bytes that lie elsewhere.
using cmd_swap_in_view = basic_cmd_swap_in<borrowed<std::uint8_t, 32>>;
/// Over bytes that are only read.
using cmd_swap_in_const_view = basic_cmd_swap_in<borrowed<const std::uint8_t, 32>>;

// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
