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
  PAG_MODE_01, PAG_MODE_04, PAG_MODE_05, PAG_MODE_06, PAG_MODE_07,
  // Single-stage paging: canonical addresses
  PAG_CAN_01, PAG_CAN_02, PAG_CAN_04,
  // Single-stage paging: CR3
  PAG_CR3_01, PAG_CR3_02, PAG_CR3_03,
  // Single-stage paging: entries
  PAG_ENT_01, PAG_ENT_02, PAG_ENT_03,
  // Single-stage paging: reserved bits
  PAG_RSV_01, PAG_RSV_02, PAG_RSV_03, PAG_RSV_04, PAG_RSV_05, PAG_RSV_06, PAG_RSV_08, PAG_RSV_09, PAG_RSV_11,
  // Single-stage paging: permissions
  PAG_PERM_01, PAG_PERM_02, PAG_PERM_03, PAG_PERM_04, PAG_PERM_05, PAG_PERM_06, PAG_PERM_08, PAG_PERM_09,
  // Single-stage paging: page-fault error code
  PAG_PF_01, PAG_PF_02, PAG_PF_03, PAG_PF_04,
  // Single-stage paging: order
  PAG_PRI_01, PAG_PRI_02, PAG_PRI_03, PAG_PRI_04,
  // Single-stage paging: accessed and dirty bits
  PAG_AD_01, PAG_AD_02, PAG_AD_04, PAG_AD_05, PAG_AD_06, PAG_AD_07,
  // Encryption control
  PAG_SYSCFG_02, PAG_SEVEN_01, PAG_SEVEN_02, PAG_ENC_01, PAG_ENC_02, PAG_ENC_CR3, PAG_ENC_03, PAG_ENC_04, PAG_ENC_05,
  PAG_ENC_06,
  PAG_KEY_01, PAG_KEY_02, PAG_KEY_03, PAG_KEY_04, PAG_KEY_05, PAG_KEY_06, PAG_KEY_07, PAG_KEY_08, PAG_KEY_09,
  // Nested paging: controls and walk
  PAG_NPT_01, PAG_NPT_02, PAG_NPT_04, PAG_NPT_05, PAG_NPT_10, PAG_NPT_11, PAG_NPT_12, PAG_NPT_13, PAG_NPT_15,
  PAG_NPT_17,
  PAG_NPT_18, PAG_NPT_19, PAG_NPT_20, PAG_NPT_21, PAG_ASID_01,
  // Nested paging: faults
  PAG_NPF_01, PAG_NPF_02, PAG_NPF_03, PAG_NPF_05, PAG_NPF_10, PAG_NPF_11, PAG_NPF_12, PAG_NPF_13,
  // Reference counts
  PAG_CNT_01, PAG_CNT_02, PAG_CNT_04,
  // Memory encryption: the cipher
  ENC_MODE_01, ENC_MODE_02, ENC_MODE_03, ENC_MODE_04, ENC_MODE_05, ENC_MODE_06, ENC_MODE_07, ENC_MODE_08,
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
