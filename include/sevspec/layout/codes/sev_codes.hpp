// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_CODES_SEV_CODES_HPP
#define SEVSPEC_LAYOUT_CODES_SEV_CODES_HPP

// Codes of the firmware interface that legacy SEV and SEV-SNP share.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/description.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
/// State of the platform, legacy SEV.   SEV API 5.1.2
enum class sev_platform_state : std::uint32_t {
  uninit  = 0x0,
  init    = 0x1,
  working = 0x2,
};

/// State of a guest, legacy SEV.   SEV API 6.1.1
enum class sev_guest_state : std::uint32_t {
  uninit  = 0x0, ///< invalid
  lupdate = 0x1,
  lsecret = 0x2,
  running = 0x3,
  supdate = 0x4,
  rupdate = 0x5,
  sent    = 0x6,
};

/// What a certificate's key is for.   SEV API C.1
enum class sev_key_usage : std::uint32_t {
  ark     = 0x0,
  ask     = 0x13,
  invalid = 0x1000,
  oca     = 0x1001,
  pek     = 0x1002,
  pdh     = 0x1003,
  cek     = 0x1004,
};

/// Algorithm of a certificate's key or signature.   SEV API C.1
enum class sev_key_algo : std::uint32_t {
  invalid      = 0x0,
  rsa_sha256   = 0x1,
  ecdsa_sha256 = 0x2,
  ecdh_sha256  = 0x3,
  rsa_sha384   = 0x101,
  ecdsa_sha384 = 0x102,
  ecdh_sha384  = 0x103,
};

/// First byte of what the MAC of a transport packet covers.   SEV API transport MAC
enum class sev_channel_context : std::uint32_t {
  secret  = 0x1,
  data    = 0x2,
  vmsa_   = 0x3,
  measure = 0x4,
};

/// Commands of the AMD-SP.   SEV API Table 4; SNP ABI Table 5
enum class sev_command_ids : std::uint32_t {
  init                     = 0x1,  ///< command buffer cmd_init
  shutdown                 = 0x2,  ///< no parameters
  platform_reset           = 0x3,  ///< no parameters
  platform_status          = 0x4,  ///< command buffer cmd_platform_status
  pek_gen                  = 0x5,  ///< no parameters
  pek_csr                  = 0x6,  ///< command buffer cmd_pek_csr
  pek_cert_import          = 0x7,  ///< command buffer cmd_pek_cert_import
  pdh_cert_export          = 0x8,  ///< command buffer cmd_pdh_cert_export
  pdh_gen                  = 0x9,  ///< no parameters
  df_flush                 = 0xa,  ///< no parameters
  download_firmware        = 0xb,  ///< command buffer cmd_download_firmware
  get_id                   = 0xc,  ///< command buffer cmd_get_id
  init_ex                  = 0xd,  ///< command buffer cmd_init_ex
  nop                      = 0xe,  ///< no parameters
  ring_buffer              = 0xf,  ///< command buffer cmd_ring_buffer
  decommission             = 0x20, ///< command buffer cmd_handle
  activate                 = 0x21, ///< command buffer cmd_activate
  deactivate               = 0x22, ///< command buffer cmd_handle
  guest_status             = 0x23, ///< command buffer cmd_guest_status
  copy                     = 0x24, ///< command buffer cmd_copy
  activate_ex              = 0x25, ///< command buffer cmd_activate_ex
  launch_start             = 0x30, ///< command buffer cmd_launch_start
  launch_update_data       = 0x31, ///< command buffer cmd_launch_update
  launch_update_vmsa       = 0x32, ///< command buffer cmd_launch_update
  launch_measure           = 0x33, ///< command buffer cmd_launch_measure
  launch_secret            = 0x34, ///< command buffer cmd_transport
  launch_finish            = 0x35, ///< command buffer cmd_handle
  attestation              = 0x36, ///< command buffer cmd_attestation
  send_start               = 0x40, ///< command buffer cmd_send_start
  send_update_data         = 0x41, ///< command buffer cmd_transport
  send_update_vmsa         = 0x42, ///< command buffer cmd_transport
  send_finish              = 0x43, ///< command buffer cmd_handle
  send_cancel              = 0x44, ///< command buffer cmd_handle
  receive_start            = 0x50, ///< command buffer cmd_receive_start
  receive_update_data      = 0x51, ///< command buffer cmd_transport
  receive_update_vmsa      = 0x52, ///< command buffer cmd_transport
  receive_finish           = 0x53, ///< command buffer cmd_handle
  dbg_decrypt              = 0x60, ///< command buffer cmd_dbg
  dbg_encrypt              = 0x61, ///< command buffer cmd_dbg
  swap_out                 = 0x70, ///< command buffer cmd_swap_out
  swap_in                  = 0x71, ///< command buffer cmd_swap_in
  snp_init                 = 0x81, ///< no parameters
  snp_shutdown             = 0x82, ///< no parameters
  snp_platform_status_     = 0x83, ///< command buffer cmd_snp_paddr
  snp_df_flush             = 0x84, ///< no parameters
  snp_init_ex              = 0x85, ///< command buffer cmd_snp_init_ex
  snp_shutdown_ex          = 0x86, ///< command buffer cmd_snp_shutdown_ex
  snp_decommission         = 0x90, ///< command buffer cmd_snp_paddr
  snp_activate             = 0x91, ///< command buffer cmd_snp_activate
  snp_guest_status_        = 0x92, ///< command buffer cmd_snp_guest_status
  snp_gctx_create          = 0x93, ///< command buffer cmd_snp_paddr
  snp_guest_request        = 0x94, ///< command buffer cmd_snp_guest_request
  snp_activate_ex          = 0x95, ///< command buffer cmd_snp_activate_ex
  snp_launch_start         = 0xa0, ///< command buffer cmd_snp_launch_start
  snp_launch_update        = 0xa1, ///< command buffer cmd_snp_launch_update
  snp_launch_finish        = 0xa2, ///< command buffer cmd_snp_launch_finish
  snp_dbg_decrypt          = 0xb0, ///< command buffer cmd_snp_dbg
  snp_dbg_encrypt          = 0xb1, ///< command buffer cmd_snp_dbg
  snp_verify_mitigation    = 0xb2, ///< command buffer cmd_snp_verify_mitigation
  snp_page_swap_out        = 0xc0, ///< command buffer cmd_snp_swap_out
  snp_page_swap_in         = 0xc1, ///< command buffer cmd_snp_swap_in
  snp_page_move            = 0xc2, ///< command buffer cmd_snp_page_move
  snp_page_md_init         = 0xc3, ///< command buffer cmd_snp_md_init
  snp_page_set_state       = 0xc6, ///< command buffer cmd_snp_page_set_state
  snp_page_reclaim         = 0xc7, ///< command buffer cmd_snp_paddr
  snp_page_unsmash         = 0xc8, ///< command buffer cmd_snp_paddr
  snp_config               = 0xc9, ///< command buffer cmd_snp_config
  snp_download_firmware_ex = 0xca, ///< command buffer cmd_snp_download_firmware_ex
  snp_commit               = 0xcb, ///< command buffer cmd_snp_commit
  snp_vlek_load            = 0xcd, ///< command buffer cmd_snp_vlek_load
  snp_feature_info_        = 0xce, ///< command buffer cmd_snp_feature_info
  tio_status               = 0xd0, ///< SEV-TIO; parameters not covered here
  tio_init                 = 0xd1, ///< SEV-TIO; parameters not covered here
  tio_dev_create           = 0xd2, ///< SEV-TIO; parameters not covered here
  tio_dev_reclaim          = 0xd3, ///< SEV-TIO; parameters not covered here
  tio_dev_connect          = 0xd4, ///< SEV-TIO; parameters not covered here
  tio_dev_disconnect       = 0xd5, ///< SEV-TIO; parameters not covered here
};

/// Status of an AMD-SP command.   SEV API Table 5; SNP ABI Table 6; SEV-TIO
enum class sev_status_codes : std::uint32_t {
  success                      = 0x0,
  invalid_platform_state       = 0x1,
  invalid_guest_state          = 0x2,
  invalid_config               = 0x3,
  invalid_length               = 0x4,
  already_owned                = 0x5,
  invalid_certificate          = 0x6,
  policy_failure               = 0x7,
  inactive                     = 0x8,
  invalid_address              = 0x9,
  bad_signature                = 0xa,
  bad_measurement              = 0xb,
  asid_owned                   = 0xc,
  invalid_asid                 = 0xd,
  wbinvd_required              = 0xe,
  dfflush_required             = 0xf,
  invalid_guest                = 0x10,
  invalid_command              = 0x11,
  active                       = 0x12,
  hwerror_platform             = 0x13,
  hwerror_unsafe               = 0x14,
  unsupported                  = 0x15,
  invalid_param                = 0x16,
  resource_limit               = 0x17,
  secure_data_invalid          = 0x18,
  invalid_page_size            = 0x19,
  invalid_page_state           = 0x1a,
  invalid_mdata_entry          = 0x1b,
  invalid_page_owner           = 0x1c,
  aead_oflow                   = 0x1d,
  rb_mode_exited               = 0x1f,
  rmp_init_required            = 0x20,
  bad_svn                      = 0x21,
  bad_version                  = 0x22,
  shutdown_required            = 0x23,
  update_failed                = 0x24,
  restore_required             = 0x25,
  rmp_initialization_failed    = 0x26,
  invalid_key                  = 0x27,
  shutdown_incomplete          = 0x28,
  incorrect_buffer_length      = 0x30,
  expand_buffer_length_request = 0x31,
  spdm_request                 = 0x32,
  spdm_error                   = 0x33,
  err_in_dev_conn              = 0x35,
  invalid_dev_ctx              = 0x36,
  invalid_tdi_ctx              = 0x37,
  invalid_tdi                  = 0x38,
  reclaim_required             = 0x39,
  in_use                       = 0x3a,
  invalid_dev_state            = 0x3b,
  invalid_tdi_state            = 0x3c,
  dev_cert_changed             = 0x3d,
  resync_req                   = 0x3e,
  response_too_large           = 0x3f,
};

/// Registers of the mailbox.   SEV API 4.2
enum class sev_mailbox : std::uint32_t {
  cmd_buf_addr_lo_c2pmsg = 0x38, ///< C2PMSG register index holding address bits 31:0
  cmd_buf_addr_hi_c2pmsg = 0x39, ///< C2PMSG register index holding address bits 63:32
  cmdresp_c2pmsg         = 0x20, ///< C2PMSG register index of the command/response word
  response_ioc_p2cmsg    = 0x1,  ///< P2CMSG register index signalled on completion interrupts
};

namespace tables {

inline constexpr constant_info sev_platform_state_entries[] = {
    {"UNINIT",  0x0, nullptr, ""},
    {"INIT",    0x1, nullptr, ""},
    {"WORKING", 0x2, nullptr, ""},
};
inline constexpr constant_table sev_platform_state{"sev_platform_state", "CON-SEV-PLATFORM-STATE", confidence::high,
    "SEV API 5.1.2", sev_platform_state_entries};

inline constexpr constant_info sev_guest_state_entries[] = {
    {"UNINIT",  0x0, nullptr, "invalid"},
    {"LUPDATE", 0x1, nullptr, ""},
    {"LSECRET", 0x2, nullptr, ""},
    {"RUNNING", 0x3, nullptr, ""},
    {"SUPDATE", 0x4, nullptr, ""},
    {"RUPDATE", 0x5, nullptr, ""},
    {"SENT",    0x6, nullptr, ""},
};
inline constexpr constant_table sev_guest_state{"sev_guest_state", "CON-SEV-GUEST-STATE", confidence::high,
    "SEV API 6.1.1", sev_guest_state_entries};

inline constexpr constant_info sev_key_usage_entries[] = {
    {"ARK",     0x0, nullptr, ""},
    {"ASK",     0x13, nullptr, ""},
    {"INVALID", 0x1000, nullptr, ""},
    {"OCA",     0x1001, nullptr, ""},
    {"PEK",     0x1002, nullptr, ""},
    {"PDH",     0x1003, nullptr, ""},
    {"CEK",     0x1004, nullptr, ""},
};
inline constexpr constant_table sev_key_usage{"sev_key_usage", "CON-SEV-KEY-USAGE", confidence::high,
    "SEV API C.1", sev_key_usage_entries};

inline constexpr constant_info sev_key_algo_entries[] = {
    {"INVALID",      0x0, nullptr, ""},
    {"RSA_SHA256",   0x1, nullptr, ""},
    {"ECDSA_SHA256", 0x2, nullptr, ""},
    {"ECDH_SHA256",  0x3, nullptr, ""},
    {"RSA_SHA384",   0x101, nullptr, ""},
    {"ECDSA_SHA384", 0x102, nullptr, ""},
    {"ECDH_SHA384",  0x103, nullptr, ""},
};
inline constexpr constant_table sev_key_algo{"sev_key_algo", "CON-SEV-KEY-ALGO", confidence::high,
    "SEV API C.1", sev_key_algo_entries};

inline constexpr constant_info sev_channel_context_entries[] = {
    {"SECRET",  0x1, nullptr, ""},
    {"DATA",    0x2, nullptr, ""},
    {"VMSA",    0x3, nullptr, ""},
    {"MEASURE", 0x4, nullptr, ""},
};
inline constexpr constant_table sev_channel_context{"sev_channel_context", "CON-SEV-CHANNEL-CONTEXT", confidence::medium,
    "SEV API transport MAC", sev_channel_context_entries};

inline constexpr constant_info sev_command_ids_entries[] = {
    {"INIT",                     0x1, nullptr, "command buffer cmd_init"},
    {"SHUTDOWN",                 0x2, nullptr, "no parameters"},
    {"PLATFORM_RESET",           0x3, nullptr, "no parameters"},
    {"PLATFORM_STATUS",          0x4, nullptr, "command buffer cmd_platform_status"},
    {"PEK_GEN",                  0x5, nullptr, "no parameters"},
    {"PEK_CSR",                  0x6, nullptr, "command buffer cmd_pek_csr"},
    {"PEK_CERT_IMPORT",          0x7, nullptr, "command buffer cmd_pek_cert_import"},
    {"PDH_CERT_EXPORT",          0x8, nullptr, "command buffer cmd_pdh_cert_export"},
    {"PDH_GEN",                  0x9, nullptr, "no parameters"},
    {"DF_FLUSH",                 0xa, nullptr, "no parameters"},
    {"DOWNLOAD_FIRMWARE",        0xb, nullptr, "command buffer cmd_download_firmware"},
    {"GET_ID",                   0xc, nullptr, "command buffer cmd_get_id"},
    {"INIT_EX",                  0xd, nullptr, "command buffer cmd_init_ex"},
    {"NOP",                      0xe, nullptr, "no parameters"},
    {"RING_BUFFER",              0xf, nullptr, "command buffer cmd_ring_buffer"},
    {"DECOMMISSION",             0x20, nullptr, "command buffer cmd_handle"},
    {"ACTIVATE",                 0x21, nullptr, "command buffer cmd_activate"},
    {"DEACTIVATE",               0x22, nullptr, "command buffer cmd_handle"},
    {"GUEST_STATUS",             0x23, nullptr, "command buffer cmd_guest_status"},
    {"COPY",                     0x24, nullptr, "command buffer cmd_copy"},
    {"ACTIVATE_EX",              0x25, nullptr, "command buffer cmd_activate_ex"},
    {"LAUNCH_START",             0x30, nullptr, "command buffer cmd_launch_start"},
    {"LAUNCH_UPDATE_DATA",       0x31, nullptr, "command buffer cmd_launch_update"},
    {"LAUNCH_UPDATE_VMSA",       0x32, nullptr, "command buffer cmd_launch_update"},
    {"LAUNCH_MEASURE",           0x33, nullptr, "command buffer cmd_launch_measure"},
    {"LAUNCH_SECRET",            0x34, nullptr, "command buffer cmd_transport"},
    {"LAUNCH_FINISH",            0x35, nullptr, "command buffer cmd_handle"},
    {"ATTESTATION",              0x36, nullptr, "command buffer cmd_attestation"},
    {"SEND_START",               0x40, nullptr, "command buffer cmd_send_start"},
    {"SEND_UPDATE_DATA",         0x41, nullptr, "command buffer cmd_transport"},
    {"SEND_UPDATE_VMSA",         0x42, nullptr, "command buffer cmd_transport"},
    {"SEND_FINISH",              0x43, nullptr, "command buffer cmd_handle"},
    {"SEND_CANCEL",              0x44, nullptr, "command buffer cmd_handle"},
    {"RECEIVE_START",            0x50, nullptr, "command buffer cmd_receive_start"},
    {"RECEIVE_UPDATE_DATA",      0x51, nullptr, "command buffer cmd_transport"},
    {"RECEIVE_UPDATE_VMSA",      0x52, nullptr, "command buffer cmd_transport"},
    {"RECEIVE_FINISH",           0x53, nullptr, "command buffer cmd_handle"},
    {"DBG_DECRYPT",              0x60, nullptr, "command buffer cmd_dbg"},
    {"DBG_ENCRYPT",              0x61, nullptr, "command buffer cmd_dbg"},
    {"SWAP_OUT",                 0x70, nullptr, "command buffer cmd_swap_out"},
    {"SWAP_IN",                  0x71, nullptr, "command buffer cmd_swap_in"},
    {"SNP_INIT",                 0x81, nullptr, "no parameters"},
    {"SNP_SHUTDOWN",             0x82, nullptr, "no parameters"},
    {"SNP_PLATFORM_STATUS",      0x83, nullptr, "command buffer cmd_snp_paddr"},
    {"SNP_DF_FLUSH",             0x84, nullptr, "no parameters"},
    {"SNP_INIT_EX",              0x85, nullptr, "command buffer cmd_snp_init_ex"},
    {"SNP_SHUTDOWN_EX",          0x86, nullptr, "command buffer cmd_snp_shutdown_ex"},
    {"SNP_DECOMMISSION",         0x90, nullptr, "command buffer cmd_snp_paddr"},
    {"SNP_ACTIVATE",             0x91, nullptr, "command buffer cmd_snp_activate"},
    {"SNP_GUEST_STATUS",         0x92, nullptr, "command buffer cmd_snp_guest_status"},
    {"SNP_GCTX_CREATE",          0x93, nullptr, "command buffer cmd_snp_paddr"},
    {"SNP_GUEST_REQUEST",        0x94, nullptr, "command buffer cmd_snp_guest_request"},
    {"SNP_ACTIVATE_EX",          0x95, nullptr, "command buffer cmd_snp_activate_ex"},
    {"SNP_LAUNCH_START",         0xa0, nullptr, "command buffer cmd_snp_launch_start"},
    {"SNP_LAUNCH_UPDATE",        0xa1, nullptr, "command buffer cmd_snp_launch_update"},
    {"SNP_LAUNCH_FINISH",        0xa2, nullptr, "command buffer cmd_snp_launch_finish"},
    {"SNP_DBG_DECRYPT",          0xb0, nullptr, "command buffer cmd_snp_dbg"},
    {"SNP_DBG_ENCRYPT",          0xb1, nullptr, "command buffer cmd_snp_dbg"},
    {"SNP_VERIFY_MITIGATION",    0xb2, nullptr, "command buffer cmd_snp_verify_mitigation"},
    {"SNP_PAGE_SWAP_OUT",        0xc0, nullptr, "command buffer cmd_snp_swap_out"},
    {"SNP_PAGE_SWAP_IN",         0xc1, nullptr, "command buffer cmd_snp_swap_in"},
    {"SNP_PAGE_MOVE",            0xc2, nullptr, "command buffer cmd_snp_page_move"},
    {"SNP_PAGE_MD_INIT",         0xc3, nullptr, "command buffer cmd_snp_md_init"},
    {"SNP_PAGE_SET_STATE",       0xc6, nullptr, "command buffer cmd_snp_page_set_state"},
    {"SNP_PAGE_RECLAIM",         0xc7, nullptr, "command buffer cmd_snp_paddr"},
    {"SNP_PAGE_UNSMASH",         0xc8, nullptr, "command buffer cmd_snp_paddr"},
    {"SNP_CONFIG",               0xc9, nullptr, "command buffer cmd_snp_config"},
    {"SNP_DOWNLOAD_FIRMWARE_EX", 0xca, nullptr, "command buffer cmd_snp_download_firmware_ex"},
    {"SNP_COMMIT",               0xcb, nullptr, "command buffer cmd_snp_commit"},
    {"SNP_VLEK_LOAD",            0xcd, nullptr, "command buffer cmd_snp_vlek_load"},
    {"SNP_FEATURE_INFO",         0xce, nullptr, "command buffer cmd_snp_feature_info"},
    {"TIO_STATUS",               0xd0, nullptr, "SEV-TIO; parameters not covered here"},
    {"TIO_INIT",                 0xd1, nullptr, "SEV-TIO; parameters not covered here"},
    {"TIO_DEV_CREATE",           0xd2, nullptr, "SEV-TIO; parameters not covered here"},
    {"TIO_DEV_RECLAIM",          0xd3, nullptr, "SEV-TIO; parameters not covered here"},
    {"TIO_DEV_CONNECT",          0xd4, nullptr, "SEV-TIO; parameters not covered here"},
    {"TIO_DEV_DISCONNECT",       0xd5, nullptr, "SEV-TIO; parameters not covered here"},
};
inline constexpr constant_table sev_command_ids{"sev_command_ids", "CON-SEV-COMMAND-IDS", confidence::high,
    "SEV API Table 4; SNP ABI Table 5", sev_command_ids_entries};

inline constexpr constant_info sev_status_codes_entries[] = {
    {"SUCCESS",                      0x0, nullptr, ""},
    {"INVALID_PLATFORM_STATE",       0x1, nullptr, ""},
    {"INVALID_GUEST_STATE",          0x2, nullptr, ""},
    {"INVALID_CONFIG",               0x3, nullptr, ""},
    {"INVALID_LENGTH",               0x4, nullptr, ""},
    {"ALREADY_OWNED",                0x5, nullptr, ""},
    {"INVALID_CERTIFICATE",          0x6, nullptr, ""},
    {"POLICY_FAILURE",               0x7, nullptr, ""},
    {"INACTIVE",                     0x8, nullptr, ""},
    {"INVALID_ADDRESS",              0x9, nullptr, ""},
    {"BAD_SIGNATURE",                0xa, nullptr, ""},
    {"BAD_MEASUREMENT",              0xb, nullptr, ""},
    {"ASID_OWNED",                   0xc, nullptr, ""},
    {"INVALID_ASID",                 0xd, nullptr, ""},
    {"WBINVD_REQUIRED",              0xe, nullptr, ""},
    {"DFFLUSH_REQUIRED",             0xf, nullptr, ""},
    {"INVALID_GUEST",                0x10, nullptr, ""},
    {"INVALID_COMMAND",              0x11, nullptr, ""},
    {"ACTIVE",                       0x12, nullptr, ""},
    {"HWERROR_PLATFORM",             0x13, nullptr, ""},
    {"HWERROR_UNSAFE",               0x14, nullptr, ""},
    {"UNSUPPORTED",                  0x15, nullptr, ""},
    {"INVALID_PARAM",                0x16, nullptr, ""},
    {"RESOURCE_LIMIT",               0x17, nullptr, ""},
    {"SECURE_DATA_INVALID",          0x18, nullptr, ""},
    {"INVALID_PAGE_SIZE",            0x19, nullptr, ""},
    {"INVALID_PAGE_STATE",           0x1a, nullptr, ""},
    {"INVALID_MDATA_ENTRY",          0x1b, nullptr, ""},
    {"INVALID_PAGE_OWNER",           0x1c, nullptr, ""},
    {"AEAD_OFLOW",                   0x1d, nullptr, ""},
    {"RB_MODE_EXITED",               0x1f, nullptr, ""},
    {"RMP_INIT_REQUIRED",            0x20, nullptr, ""},
    {"BAD_SVN",                      0x21, nullptr, ""},
    {"BAD_VERSION",                  0x22, nullptr, ""},
    {"SHUTDOWN_REQUIRED",            0x23, nullptr, ""},
    {"UPDATE_FAILED",                0x24, nullptr, ""},
    {"RESTORE_REQUIRED",             0x25, nullptr, ""},
    {"RMP_INITIALIZATION_FAILED",    0x26, nullptr, ""},
    {"INVALID_KEY",                  0x27, nullptr, ""},
    {"SHUTDOWN_INCOMPLETE",          0x28, nullptr, ""},
    {"INCORRECT_BUFFER_LENGTH",      0x30, nullptr, ""},
    {"EXPAND_BUFFER_LENGTH_REQUEST", 0x31, nullptr, ""},
    {"SPDM_REQUEST",                 0x32, nullptr, ""},
    {"SPDM_ERROR",                   0x33, nullptr, ""},
    {"ERR_IN_DEV_CONN",              0x35, nullptr, ""},
    {"INVALID_DEV_CTX",              0x36, nullptr, ""},
    {"INVALID_TDI_CTX",              0x37, nullptr, ""},
    {"INVALID_TDI",                  0x38, nullptr, ""},
    {"RECLAIM_REQUIRED",             0x39, nullptr, ""},
    {"IN_USE",                       0x3a, nullptr, ""},
    {"INVALID_DEV_STATE",            0x3b, nullptr, ""},
    {"INVALID_TDI_STATE",            0x3c, nullptr, ""},
    {"DEV_CERT_CHANGED",             0x3d, nullptr, ""},
    {"RESYNC_REQ",                   0x3e, nullptr, ""},
    {"RESPONSE_TOO_LARGE",           0x3f, nullptr, ""},
};
inline constexpr constant_table sev_status_codes{"sev_status_codes", "CON-SEV-STATUS-CODES", confidence::high,
    "SEV API Table 5; SNP ABI Table 6; SEV-TIO", sev_status_codes_entries};

inline constexpr constant_info sev_mailbox_entries[] = {
    {"CMD_BUF_ADDR_LO_C2PMSG", 0x38, nullptr, "C2PMSG register index holding address bits 31:0"},
    {"CMD_BUF_ADDR_HI_C2PMSG", 0x39, nullptr, "C2PMSG register index holding address bits 63:32"},
    {"CMDRESP_C2PMSG",         0x20, nullptr, "C2PMSG register index of the command/response word"},
    {"RESPONSE_IOC_P2CMSG",    0x1, nullptr, "P2CMSG register index signalled on completion interrupts"},
};
inline constexpr constant_table sev_mailbox{"sev_mailbox", "CON-SEV-MAILBOX", confidence::high,
    "SEV API 4.2", sev_mailbox_entries};

}  // namespace tables
// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
