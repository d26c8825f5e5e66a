// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_ALL_HPP
#define SEVSPEC_LAYOUT_ALL_HPP

// Every structure and every table of codes, to search and to go through.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/attestation_report.hpp>
#include <sevspec/layout/avic.hpp>
#include <sevspec/layout/certificate.hpp>
#include <sevspec/layout/codes/exit_codes.hpp>
#include <sevspec/layout/codes/ghcb_codes.hpp>
#include <sevspec/layout/codes/guids.hpp>
#include <sevspec/layout/codes/msr_numbers.hpp>
#include <sevspec/layout/codes/rmp_codes.hpp>
#include <sevspec/layout/codes/sev_codes.hpp>
#include <sevspec/layout/codes/sizes_and_limits.hpp>
#include <sevspec/layout/codes/snp_codes.hpp>
#include <sevspec/layout/codes/svsm_codes.hpp>
#include <sevspec/layout/cpuid.hpp>
#include <sevspec/layout/cpuid_page.hpp>
#include <sevspec/layout/description.hpp>
#include <sevspec/layout/doorbell_page.hpp>
#include <sevspec/layout/exit_info.hpp>
#include <sevspec/layout/ghcb.hpp>
#include <sevspec/layout/ghcb_msr.hpp>
#include <sevspec/layout/ghcb_request.hpp>
#include <sevspec/layout/guest_message.hpp>
#include <sevspec/layout/host_save_area.hpp>
#include <sevspec/layout/id_block.hpp>
#include <sevspec/layout/invlpgb.hpp>
#include <sevspec/layout/mailbox.hpp>
#include <sevspec/layout/msr.hpp>
#include <sevspec/layout/page_info.hpp>
#include <sevspec/layout/policy.hpp>
#include <sevspec/layout/rmp.hpp>
#include <sevspec/layout/secrets_page.hpp>
#include <sevspec/layout/segment.hpp>
#include <sevspec/layout/sev_command.hpp>
#include <sevspec/layout/sev_session.hpp>
#include <sevspec/layout/signature.hpp>
#include <sevspec/layout/snp_command.hpp>
#include <sevspec/layout/svsm.hpp>
#include <sevspec/layout/tcb_version.hpp>
#include <sevspec/layout/vmcb.hpp>
#include <sevspec/layout/vmsa.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
/// Every structure.
inline constexpr const structure_info* all_structures[] = {
    &descriptions::vmcb_control_area,
    &descriptions::segment,
    &descriptions::vmcb_save_area,
    &descriptions::vmsa,
    &descriptions::host_save_area_es,
    &descriptions::avic_physical_id_entry,
    &descriptions::avic_logical_id_entry,
    &descriptions::event_injection,
    &descriptions::exitinfo1_ioio,
    &descriptions::exitinfo1_npf,
    &descriptions::pf_error_code,
    &descriptions::exitinfo1_avic_incomplete_ipi,
    &descriptions::exitinfo2_avic_incomplete_ipi,
    &descriptions::exitinfo1_avic_noaccel,
    &descriptions::secure_avic_backing_page,
    &descriptions::ghcb,
    &descriptions::ghcb_msr_generic,
    &descriptions::ghcb_msr_sev_info_resp,
    &descriptions::ghcb_msr_cpuid_req,
    &descriptions::ghcb_msr_cpuid_resp,
    &descriptions::ghcb_msr_ap_reset_hold_resp,
    &descriptions::ghcb_msr_pref_gpa_resp,
    &descriptions::ghcb_msr_reg_gpa_req,
    &descriptions::ghcb_msr_reg_gpa_resp,
    &descriptions::ghcb_msr_psc_req,
    &descriptions::ghcb_msr_psc_resp,
    &descriptions::ghcb_msr_vmpl_req,
    &descriptions::ghcb_msr_vmpl_resp,
    &descriptions::ghcb_msr_hv_features_resp,
    &descriptions::ghcb_msr_term_req,
    &descriptions::psc_header,
    &descriptions::psc_entry,
    &descriptions::ghcb_ap_creation_info1,
    &descriptions::ghcb_termination_info1,
    &descriptions::hv_doorbell_page,
    &descriptions::hv_ext_int_info,
    &descriptions::ghcb_apic_id_list,
    &descriptions::rmp_entry_hw,
    &descriptions::rmpread_result,
    &descriptions::rmpupdate_source,
    &descriptions::rmpadjust_attr,
    &descriptions::vmpl_permissions,
    &descriptions::rst_entry,
    &descriptions::cpuid_page_entry,
    &descriptions::cpuid_page,
    &descriptions::secrets_os_area,
    &descriptions::secrets_page,
    &descriptions::cc_blob_sev_info,
    &descriptions::tcb_version_milan_genoa,
    &descriptions::tcb_version_turin,
    &descriptions::snp_guest_policy,
    &descriptions::sev_guest_policy,
    &descriptions::snp_platform_info,
    &descriptions::snp_report_key_info,
    &descriptions::attestation_report_v2,
    &descriptions::attestation_report_v3,
    &descriptions::attestation_report_v5,
    &descriptions::guest_message_header,
    &descriptions::msg_cpuid_req,
    &descriptions::msg_cpuid_rsp,
    &descriptions::msg_key_req,
    &descriptions::msg_key_req_v2,
    &descriptions::msg_key_rsp,
    &descriptions::msg_report_req,
    &descriptions::msg_report_rsp,
    &descriptions::msg_export_req,
    &descriptions::msg_gctx_export,
    &descriptions::msg_export_rsp,
    &descriptions::msg_import_req,
    &descriptions::msg_status_rsp,
    &descriptions::msg_vmrk_req,
    &descriptions::msg_tsc_info_req,
    &descriptions::msg_tsc_info_rsp,
    &descriptions::id_block,
    &descriptions::ecdsa_signature,
    &descriptions::ecdsa_public_key,
    &descriptions::id_auth,
    &descriptions::page_info,
    &descriptions::snp_mdata_entry,
    &descriptions::cert_table_entry,
    &descriptions::vlek_wrapped,
    &descriptions::sev_rsa_pub_key,
    &descriptions::sev_ec_pub_key,
    &descriptions::sev_cert,
    &descriptions::sev_cert_chain,
    &descriptions::amd_cert_fixed,
    &descriptions::amd_cert_4096,
    &descriptions::amd_cert_2048,
    &descriptions::sev_session,
    &descriptions::sev_packet_header,
    &descriptions::sev_measurement,
    &descriptions::sev_attestation_report,
    &descriptions::sev_aad_update,
    &descriptions::sev_cmdresp_command,
    &descriptions::sev_cmdresp_response,
    &descriptions::cmd_init,
    &descriptions::cmd_init_ex,
    &descriptions::cmd_platform_status,
    &descriptions::cmd_pek_csr,
    &descriptions::cmd_pek_cert_import,
    &descriptions::cmd_pdh_cert_export,
    &descriptions::cmd_download_firmware,
    &descriptions::cmd_get_id,
    &descriptions::cmd_ring_buffer,
    &descriptions::cmd_handle,
    &descriptions::cmd_activate,
    &descriptions::cmd_activate_ex,
    &descriptions::cmd_guest_status,
    &descriptions::cmd_copy,
    &descriptions::cmd_launch_start,
    &descriptions::cmd_launch_update,
    &descriptions::cmd_launch_measure,
    &descriptions::cmd_transport,
    &descriptions::cmd_attestation,
    &descriptions::cmd_send_start,
    &descriptions::cmd_receive_start,
    &descriptions::cmd_dbg,
    &descriptions::cmd_swap_out,
    &descriptions::cmd_swap_in,
    &descriptions::sev_swap_mdata,
    &descriptions::cmd_snp_init_ex,
    &descriptions::snp_range,
    &descriptions::snp_range_list_header,
    &descriptions::cmd_snp_shutdown_ex,
    &descriptions::cmd_snp_paddr,
    &descriptions::snp_platform_status,
    &descriptions::cmd_snp_activate,
    &descriptions::cmd_snp_activate_ex,
    &descriptions::cmd_snp_guest_status,
    &descriptions::snp_guest_status,
    &descriptions::cmd_snp_guest_request,
    &descriptions::cmd_snp_launch_start,
    &descriptions::cmd_snp_launch_update,
    &descriptions::cmd_snp_launch_finish,
    &descriptions::cmd_snp_dbg,
    &descriptions::cmd_snp_verify_mitigation,
    &descriptions::snp_verify_mitigation_result,
    &descriptions::cmd_snp_swap_out,
    &descriptions::cmd_snp_swap_in,
    &descriptions::cmd_snp_page_move,
    &descriptions::cmd_snp_md_init,
    &descriptions::cmd_snp_page_set_state,
    &descriptions::cmd_snp_config,
    &descriptions::cmd_snp_download_firmware_ex,
    &descriptions::cmd_snp_commit,
    &descriptions::cmd_snp_vlek_load,
    &descriptions::cmd_snp_feature_info,
    &descriptions::snp_feature_info,
    &descriptions::svsm_caa,
    &descriptions::svsm_call_rax,
    &descriptions::svsm_pvalidate_header,
    &descriptions::svsm_pvalidate_entry,
    &descriptions::svsm_deposit_list_header,
    &descriptions::svsm_attest_services,
    &descriptions::svsm_attest_single_service,
    &descriptions::svsm_services_manifest_header,
    &descriptions::svsm_vtpm_send_command,
    &descriptions::svsm_vtpm_send_response,
    &descriptions::svsm_apic_vector_config,
    &descriptions::msr_syscfg,
    &descriptions::msr_sev_status,
    &descriptions::msr_rmp_base,
    &descriptions::msr_rmp_end,
    &descriptions::msr_rmp_cfg,
    &descriptions::msr_virtual_tom,
    &descriptions::msr_guest_tsc_freq,
    &descriptions::msr_secure_avic_control,
    &descriptions::msr_vm_hsave_pa,
    &descriptions::msr_vm_page_flush,
    &descriptions::cpuid_8000001f_eax,
    &descriptions::cpuid_8000001f_ebx,
    &descriptions::cpuid_8000001f_ecx,
    &descriptions::cpuid_8000001f_edx,
    &descriptions::cpuid_80000023_eax,
    &descriptions::cpuid_80000023_ebx,
    &descriptions::cpuid_80000025_eax,
    &descriptions::cpuid_80000025_ebx,
    &descriptions::cpuid_8000000a_edx,
    &descriptions::invlpgb_rax,
    &descriptions::invlpgb_edx,
    &descriptions::invlpgb_ecx,
};

/// Every table of codes.
inline constexpr const constant_table* all_constant_tables[] = {
    &tables::svm_exit_codes,
    &tables::event_types,
    &tables::tlb_control,
    &tables::avic_ipi_failure,
    &tables::ae_exit_codes,
    &tables::vc_vectors,
    &tables::nae_exit_codes,
    &tables::ghcb_ap_jump_table_ops,
    &tables::ghcb_ap_creation_ops,
    &tables::ghcb_doorbell_ops,
    &tables::ghcb_secure_avic_ops,
    &tables::ghcb_result_codes,
    &tables::ghcb_error_codes,
    &tables::ghcb_psc_errors,
    &tables::ghcb_guest_request_vmm_errors,
    &tables::ghcb_msr_codes,
    &tables::ghcb_hv_features,
    &tables::ghcb_psc_ops,
    &tables::ghcb_term_reason_set0,
    &tables::ghcb_term_reason_set1_linux,
    &tables::ioio_segments,
    &tables::rmp_instruction_status,
    &tables::snp_page_types,
    &tables::snp_message_types,
    &tables::snp_aead_algorithms,
    &tables::snp_signature_algorithms,
    &tables::ecc_curves,
    &tables::snp_key_sel,
    &tables::snp_signing_key,
    &tables::snp_platform_state,
    &tables::snp_guest_state,
    &tables::sev_platform_state,
    &tables::sev_guest_state,
    &tables::sev_key_usage,
    &tables::sev_key_algo,
    &tables::sev_channel_context,
    &tables::sev_command_ids,
    &tables::sev_status_codes,
    &tables::sev_mailbox,
    &tables::svsm_protocols,
    &tables::svsm_core_calls,
    &tables::svsm_attest_calls,
    &tables::svsm_vtpm_calls,
    &tables::svsm_vtpm_platform_commands,
    &tables::svsm_apic_calls,
    &tables::svsm_uefi_mm_calls,
    &tables::svsm_result_codes,
    &tables::guids,
    &tables::msr_numbers,
    &tables::instruction_opcodes,
    &tables::sizes_and_limits,
};
// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
