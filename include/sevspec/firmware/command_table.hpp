// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_COMMAND_TABLE_HPP
#define SEVSPEC_FIRMWARE_COMMAND_TABLE_HPP

#include <array>
#include <cstdint>

#include <sevspec/layout/codes/sev_codes.hpp>

namespace sevspec::inline v0::firmware {

using command_id = layout::sev_command_ids;

/// What the dispatcher knows of a command.
struct command_info {
  command_id id{};
  const char* name = "";
  std::uint32_t buffer_bytes = 0;  ///< 0: the buffer's address is ignored (FW-DISP-04)
  bool writes_back = false;        ///< its results go into its own command buffer (FW-DISP-05)
  bool tells_length = false;       ///< ... on INVALID_LENGTH, too (FW-DISP-09)
};

// clang-format off
/// Every command that there is, by id. SEV-TIO is not among them (OPEN-18).
inline constexpr std::array<command_info, 71> command_table{{
    {command_id::init, "INIT", 20, false, false},
    {command_id::shutdown, "SHUTDOWN", 0, false, false},
    {command_id::platform_reset, "PLATFORM_RESET", 0, false, false},
    {command_id::platform_status, "PLATFORM_STATUS", 12, true, false},
    {command_id::pek_gen, "PEK_GEN", 0, false, false},
    {command_id::pek_csr, "PEK_CSR", 12, true, true},
    {command_id::pek_cert_import, "PEK_CERT_IMPORT", 28, false, false},
    {command_id::pdh_cert_export, "PDH_CERT_EXPORT", 28, true, true},
    {command_id::pdh_gen, "PDH_GEN", 0, false, false},
    {command_id::df_flush, "DF_FLUSH", 0, false, false},
    {command_id::download_firmware, "DOWNLOAD_FIRMWARE", 12, false, false},
    {command_id::get_id, "GET_ID", 12, true, true},
    {command_id::init_ex, "INIT_EX", 36, false, false},
    {command_id::nop, "NOP", 0, false, false},
    {command_id::ring_buffer, "RING_BUFFER", 40, false, false},
    {command_id::decommission, "DECOMMISSION", 4, false, false},
    {command_id::activate, "ACTIVATE", 8, false, false},
    {command_id::deactivate, "DEACTIVATE", 4, false, false},
    {command_id::guest_status, "GUEST_STATUS", 13, true, false},
    {command_id::copy, "COPY", 24, false, false},
    {command_id::activate_ex, "ACTIVATE_EX", 24, false, false},
    {command_id::launch_start, "LAUNCH_START", 36, true, false},
    {command_id::launch_update_data, "LAUNCH_UPDATE_DATA", 20, false, false},
    {command_id::launch_update_vmsa, "LAUNCH_UPDATE_VMSA", 20, false, false},
    {command_id::launch_measure, "LAUNCH_MEASURE", 20, true, true},
    {command_id::launch_secret, "LAUNCH_SECRET", 52, false, false},
    {command_id::launch_finish, "LAUNCH_FINISH", 4, false, false},
    {command_id::attestation, "ATTESTATION", 36, true, true},
    {command_id::send_start, "SEND_START", 68, true, true},
    {command_id::send_update_data, "SEND_UPDATE_DATA", 52, true, true},
    {command_id::send_update_vmsa, "SEND_UPDATE_VMSA", 52, true, true},
    {command_id::send_finish, "SEND_FINISH", 4, false, false},
    {command_id::send_cancel, "SEND_CANCEL", 4, false, false},
    {command_id::receive_start, "RECEIVE_START", 36, true, false},
    {command_id::receive_update_data, "RECEIVE_UPDATE_DATA", 52, false, false},
    {command_id::receive_update_vmsa, "RECEIVE_UPDATE_VMSA", 52, false, false},
    {command_id::receive_finish, "RECEIVE_FINISH", 4, false, false},
    {command_id::dbg_decrypt, "DBG_DECRYPT", 28, false, false},
    {command_id::dbg_encrypt, "DBG_ENCRYPT", 28, false, false},
    {command_id::swap_out, "SWAP_OUT", 40, true, true},
    {command_id::swap_in, "SWAP_IN", 32, false, false},
    {command_id::snp_init, "SNP_INIT", 0, false, false},
    {command_id::snp_shutdown, "SNP_SHUTDOWN", 0, false, false},
    {command_id::snp_platform_status_, "SNP_PLATFORM_STATUS", 8, false, false},
    {command_id::snp_df_flush, "SNP_DF_FLUSH", 0, false, false},
    {command_id::snp_init_ex, "SNP_INIT_EX", 64, false, false},
    {command_id::snp_shutdown_ex, "SNP_SHUTDOWN_EX", 8, false, false},
    {command_id::snp_decommission, "SNP_DECOMMISSION", 8, false, false},
    {command_id::snp_activate, "SNP_ACTIVATE", 12, false, false},
    {command_id::snp_guest_status_, "SNP_GUEST_STATUS", 16, false, false},
    {command_id::snp_gctx_create, "SNP_GCTX_CREATE", 8, false, false},
    {command_id::snp_guest_request, "SNP_GUEST_REQUEST", 24, false, false},
    {command_id::snp_activate_ex, "SNP_ACTIVATE_EX", 32, false, false},
    {command_id::snp_launch_start, "SNP_LAUNCH_START", 48, false, false},
    {command_id::snp_launch_update, "SNP_LAUNCH_UPDATE", 32, false, false},
    {command_id::snp_launch_finish, "SNP_LAUNCH_FINISH", 64, false, false},
    {command_id::snp_dbg_decrypt, "SNP_DBG_DECRYPT", 24, false, false},
    {command_id::snp_dbg_encrypt, "SNP_DBG_ENCRYPT", 24, false, false},
    {command_id::snp_verify_mitigation, "SNP_VERIFY_MITIGATION", 64, false, false},
    {command_id::snp_page_swap_out, "SNP_PAGE_SWAP_OUT", 48, false, false},
    {command_id::snp_page_swap_in, "SNP_PAGE_SWAP_IN", 48, false, false},
    {command_id::snp_page_move, "SNP_PAGE_MOVE", 32, false, false},
    {command_id::snp_page_md_init, "SNP_PAGE_MD_INIT", 16, false, false},
    {command_id::snp_page_set_state, "SNP_PAGE_SET_STATE", 16, false, false},
    {command_id::snp_page_reclaim, "SNP_PAGE_RECLAIM", 8, false, false},
    {command_id::snp_page_unsmash, "SNP_PAGE_UNSMASH", 8, false, false},
    {command_id::snp_config, "SNP_CONFIG", 64, false, false},
    {command_id::snp_download_firmware_ex, "SNP_DOWNLOAD_FIRMWARE_EX", 24, false, false},
    {command_id::snp_commit, "SNP_COMMIT", 4, false, false},
    {command_id::snp_vlek_load, "SNP_VLEK_LOAD", 16, false, false},
    {command_id::snp_feature_info_, "SNP_FEATURE_INFO", 16, false, false},
}};
// clang-format on

/// The command with an id; null if there is none.
[[nodiscard]] constexpr auto find_command(std::uint32_t id) noexcept -> const command_info* {
  for (const command_info& one : command_table)
    if (static_cast<std::uint32_t>(one.id) == id) return &one;
  return nullptr;
}

}  // namespace sevspec::inline v0::firmware

#endif
