// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_RULE_HPP
#define SEVSPEC_BASE_RULE_HPP

#include <cstdint>

namespace sevspec::inline v0 {

// clang-format off
/// Every normative statement that the library implements, named as in the rule index: PAG_MODE_01 is PAG-MODE-01.
/// What each one says, and where that is written, is in `rule_registry.hpp`; this header stays cheap.
enum class rule : std::uint16_t {
  // Single-stage paging: modes
  PAG_MODE_01, PAG_MODE_02, PAG_MODE_03, PAG_MODE_04, PAG_MODE_05, PAG_MODE_06, PAG_MODE_07, PAG_MODE_08,
  // Single-stage paging: canonical addresses
  PAG_CAN_01, PAG_CAN_02, PAG_CAN_03, PAG_CAN_04,
  // Single-stage paging: CR3
  PAG_CR3_01, PAG_CR3_02, PAG_CR3_03, PAG_CR3_04, PAG_CR3_05,
  // Single-stage paging: entries
  PAG_ENT_01, PAG_ENT_02, PAG_ENT_03, PAG_ENT_04,
  // Single-stage paging: reserved bits
  PAG_RSV_01, PAG_RSV_02, PAG_RSV_03, PAG_RSV_04, PAG_RSV_05, PAG_RSV_06, PAG_RSV_07, PAG_RSV_08, PAG_RSV_09,
  PAG_RSV_10,
  PAG_RSV_11,
  // Single-stage paging: permissions
  PAG_PERM_01, PAG_PERM_02, PAG_PERM_03, PAG_PERM_04, PAG_PERM_05, PAG_PERM_06, PAG_PERM_07, PAG_PERM_08, PAG_PERM_09,
  // Single-stage paging: page-fault error code
  PAG_PF_01, PAG_PF_02, PAG_PF_03, PAG_PF_04, PAG_PF_05,
  // Single-stage paging: order
  PAG_PRI_01, PAG_PRI_02, PAG_PRI_03, PAG_PRI_04,
  // Single-stage paging: accessed and dirty bits
  PAG_AD_01, PAG_AD_02, PAG_AD_03, PAG_AD_04, PAG_AD_05, PAG_AD_06, PAG_AD_07, PAG_AD_08,
  // Single-stage paging: what a TLB shows
  PAG_TLB_01, PAG_TLB_02, PAG_TLB_03, PAG_TLB_04,
  // Encryption control
  PAG_SYSCFG_02, PAG_SEVEN_01, PAG_SEVEN_02, PAG_SEVST_01, PAG_CPUID_01, PAG_CPUID_03, PAG_CPUID_04, PAG_SYSCFG_01,
  // Encryption control: virtual TOM
  PAG_VTOM_01, PAG_VTOM_02, PAG_VTOM_03, PAG_VTOM_04, PAG_VTOM_05, PAG_ENC_01, PAG_ENC_02, PAG_ENC_CR3, PAG_ENC_03,
  PAG_ENC_04,
  PAG_ENC_05,
  PAG_ENC_06, PAG_ENC_07, PAG_ENC_08, PAG_ENC_09,
  PAG_KEY_01, PAG_KEY_02, PAG_KEY_03, PAG_KEY_04, PAG_KEY_05, PAG_KEY_06, PAG_KEY_07, PAG_KEY_08, PAG_KEY_09,
  PAG_KEY_10, PAG_KEY_11, PAG_KEY_12, PAG_KEY_13, PAG_COH_04,
  PAG_KEY_14,
  // Nested paging: controls and walk
  PAG_NPT_01, PAG_NPT_02, PAG_NPT_03, PAG_NPT_04, PAG_NPT_05, PAG_NPT_06, PAG_NPT_10, PAG_NPT_11, PAG_NPT_12,
  PAG_NPT_13, PAG_NPT_14,
  PAG_NPT_15, PAG_NPT_16,
  PAG_NPT_17,
  PAG_NPT_18, PAG_NPT_19, PAG_NPT_20, PAG_NPT_21, PAG_ASID_01, PAG_ASID_02, PAG_ASID_03, PAG_ASID_04, PAG_ASID_05,
  PAG_ASID_06, PAG_ASID_08,
  // Nested paging: faults
  PAG_NPF_01, PAG_NPF_02, PAG_NPF_03, PAG_NPF_04, PAG_NPF_05, PAG_NPF_10, PAG_NPF_11, PAG_NPF_12, PAG_NPF_13,
  // Nested paging: what U/S=0 means with other controls
  PAG_GMET_01, PAG_GMET_02, PAG_GMET_03, PAG_SSS_01, PAG_SSS_02, PAG_SSS_03, PAG_SSS_04,
  // Nested paging: memory types
  PAG_MT_01, PAG_MT_02, PAG_MT_03, PAG_MT_04, PAG_COH_05,
  // Nested paging: where page ownership is checked
  PAG_RMPS_01, PAG_RMPS_02, PAG_RMPS_03, PAG_RMPS_04, PAG_RMPS_05, PAG_RMPS_06, PAG_RMPS_07, PAG_RMPS_08,
  // Reference counts
  PAG_CNT_01, PAG_CNT_02, PAG_CNT_04,
  // Nested virtualization: composing the nested tables of two hypervisors
  PAG_CNT_03, PAG_L2_01, PAG_L2_02, PAG_L2_03, PAG_L2_04, PAG_L2_05, PAG_L2_06, PAG_L2_07, PAG_L2_08, PAG_L2_09,
  PAG_L2_10, PAG_L2_11, PAG_L2_13, PAG_L2_14, PAG_L2C_01, PAG_L2C_02, PAG_L2C_03, PAG_L2C_04, PAG_L2C_05, PAG_L2C_06,
  // Memory encryption: the cipher
  ENC_MODE_01, ENC_MODE_02, ENC_MODE_03, ENC_MODE_04, ENC_MODE_05, ENC_MODE_06, ENC_MODE_07, ENC_MODE_08, ENC_MODE_09,
  ENC_MODE_10, ENC_MODE_11,
  // Memory encryption: whose key
  ENC_KEYSEL_01, ENC_KEYSEL_02, ENC_KEYSEL_03, ENC_KEYSEL_04, ENC_KEYSEL_05, ENC_KEYSEL_06, ENC_KEYSEL_07,
  ENC_KEYSEL_08, ENC_KEYSEL_09, ENC_KEYSEL_10, ENC_KEYSEL_11, ENC_KEYSEL_12, ENC_KEYSEL_13, ENC_KEYSEL_14,
  ENC_KEYSEL_15, ENC_KEYSEL_16,
  // Memory encryption: what a reference sees
  ENC_CT_01, ENC_CT_02, ENC_CT_03, ENC_CT_04, ENC_CT_05, ENC_CT_06, ENC_CT_07, ENC_CT_08, ENC_CT_09, ENC_CT_10,
  ENC_CT_11, ENC_CT_12, ENC_CT_13,
  // Memory encryption: the host and guest memory
  ENC_HOST_01, ENC_HOST_02, ENC_HOST_03,
  // Memory encryption: integrity
  ENC_INT_01, ENC_INT_02, ENC_INT_03,
  // Memory encryption: caches
  ENC_COH_01, ENC_COH_02, ENC_COH_03, ENC_COH_04, ENC_COH_05, ENC_COH_07, PAG_COH_01, PAG_COH_02, PAG_COH_03,
  ENC_VPF_01, ENC_VPF_02, ENC_VPF_03, ENC_VPF_04,
  // Memory encryption: ASIDs and keys
  ENC_ASID_01, ENC_ASID_02, ENC_ASID_03, ENC_ASID_04, ENC_ASID_07, ENC_ASID_08, ENC_ASID_09, ENC_ASID_10, ENC_ASID_11,
  ENC_ASID_12, ENC_ASID_16, FW_ACT_03, FW_ACT_04, FW_ACT_05, FW_ACT_06, FW_ACT_07, FW_ACT_09, FW_ACT_22,
  // Memory encryption: ciphertext hiding
  ENC_HIDE_01, ENC_HIDE_02, ENC_HIDE_03, ENC_HIDE_04, ENC_HIDE_05, ENC_HIDE_06,
  // Memory encryption: devices
  ENC_DMA_01, ENC_DMA_02, ENC_DMA_03, ENC_DMA_05, ENC_DMA_06, ENC_DMA_07, RMP_CHK_17, TIO_ST_01, TIO_DMA_01,
  TIO_DMA_02,
  TIO_DMA_03,
  // Reverse map: access checks
  RMP_CHK_01, RMP_CHK_02, RMP_CHK_03, RMP_CHK_04, RMP_CHK_05, RMP_CHK_06, RMP_CHK_07, RMP_CHK_08, RMP_CHK_09,
  RMP_CHK_10, RMP_CHK_11, RMP_CHK_12, RMP_CHK_13, RMP_CHK_14, RMP_CHK_15, RMP_CHK_16, RMP_CHK_19, RMP_CHK_20,
  RMP_VPL_01, RMP_VPL_02, RMP_VPL_03, RMP_VPL_04, RMP_VPL_05, RMP_VPL_06, RMP_VPL_07, RMP_FLT_05, RMP_FLT_01,
  RMP_FLT_02, RMP_FLT_03, RMP_FLT_04, RMP_FLT_06, RMP_FLT_07, RMP_FLT_08, RMP_FLT_10,
  // Reverse map: where entries lie
  RMP_GEO_01, RMP_GEO_02, RMP_GEO_04, RMP_GEO_05, RMP_GEO_06, RMP_GEO_10, RMP_GEO_11, RMP_GEO_12, RMP_GEO_13,
  RMP_GEO_14, RMP_GEO_16, RMP_GEO_17, RMP_GEO_18, RMP_SEG_01, RMP_SEG_02, RMP_SEG_03, RMP_SEG_04, RMP_SEG_05,
  RMP_SEG_06, RMP_SEG_07,
  // Reverse map: entries and page states
  RMP_ENT_01, RMP_ENT_02, RMP_ENT_03, RMP_ENT_04, RMP_ENT_05, RMP_ENT_06, RMP_ENT_07, RMP_STA_01, RMP_STA_02,
  RMP_STA_03, RMP_STA_04, RMP_STA_05,
  // Reverse map: instructions
  RMP_INS_01, RMP_INS_02, RMP_INS_03, RMP_INS_04, RMP_INS_05, RMP_INS_06, RMP_INS_07, RMP_INS_08, RMP_INS_09,
  RMP_INS_10, RMP_INS_11, RMP_INS_12, RMP_RUD_01, RMP_RUD_02, RMP_RUD_03, RMP_RUD_04, RMP_RUD_05, RMP_RUD_06,
  RMP_UPD_01, RMP_UPD_02, RMP_UPD_03, RMP_UPD_04, RMP_UPD_05, RMP_UPD_06, RMP_UPD_07, RMP_UPD_08, RMP_UPD_09,
  RMP_UPD_10, RMP_UPD_11, RMP_UPD_12, RMP_UPD_13, RMP_UPD_14, RMP_UPD_15, RMP_SMH_01, RMP_SMH_02, RMP_SMH_03,
  RMP_SMH_04, RMP_SMH_05, RMP_SMH_06, RMP_RDD_01, RMP_RDD_02, RMP_RDD_03, RMP_QRY_01, RMP_QRY_02, RMP_QRY_03,
  RMP_ADJ_01, RMP_ADJ_02, RMP_ADJ_03, RMP_ADJ_04, RMP_ADJ_05, RMP_ADJ_06, RMP_ADJ_07, RMP_ADJ_09, RMP_PVL_01,
  RMP_PVL_02, RMP_PVL_03, RMP_PVL_04, RMP_PVL_05, RMP_PVL_06, RMP_PVL_07, RMP_PVL_08, RMP_OPT_01, RMP_OPT_02,
  RMP_OPT_03, RMP_OPT_04, RMP_OPT_05, RMP_TRN_01, RMP_TRN_02,
  // Reverse map: VMRUN and other users of pages
  RMP_VMR_01, RMP_VMR_02, RMP_VMR_03, RMP_VMR_05, RMP_VMR_06, RMP_VMR_07, RMP_VMR_08, RMP_VMR_09, RMP_ERR_01,
  RMP_ERR_02, RMP_ERR_03,
  // Reverse map: what hypervisors do
  RMP_KVM_01, RMP_KVM_02, RMP_KVM_03, RMP_KVM_04, RMP_KVM_05, RMP_KVM_06, RMP_KVM_07, RMP_KVM_08, RMP_KVM_09,
  RMP_KVM_10, RMP_KVM_11, RMP_KVM_12, RMP_KVM_14, RMP_KVM_15,
  // Firmware: page states
  FW_DISP_10, FW_SNP_PRC_01, FW_SNP_PRC_02, FW_SNP_PRC_03, FW_SNP_PRC_04, FW_SNP_PRC_06, FW_SNP_USM_01, FW_SNP_PSS_01, RMP_TRN_10, RMP_TRN_11,
  // Layouts
  LAY_FMT_02, LAY_FMT_03, LAY_FMT_04, LAY_FMT_05, LAY_FMT_06, LAY_FMT_07, LAY_FMT_08,
  LAY_FMT_09, LAY_FMT_10, LAY_FMT_11,
  LAY_SEG_01, LAY_VMSA_08, LAY_GHCB_01, LAY_GHCB_02, LAY_VC_02, LAY_RMP_04,
  LAY_REP_01, LAY_REP_02, LAY_REP_03, LAY_REP_04, LAY_KEY_01, LAY_CERT_01, LAY_SEC_02, LAY_SVSM_03,
  count_,         ///< the number of rules; not a rule
  none = 0xffff,  ///< no rule: something outside the architecture decided
};
// clang-format on

inline constexpr unsigned rule_count = static_cast<unsigned>(rule::count_);

}  // namespace sevspec::inline v0

#endif
