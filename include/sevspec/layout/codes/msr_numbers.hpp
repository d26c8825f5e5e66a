// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_CODES_MSR_NUMBERS_HPP
#define SEVSPEC_LAYOUT_CODES_MSR_NUMBERS_HPP

// Numbers of model-specific registers.
// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <cstdint>

#include <sevspec/layout/description.hpp>

namespace sevspec::inline v0::layout {

// clang-format off
/// Numbers of model-specific registers.   APM2 App. A
enum class msr_numbers : std::uint32_t {
  efer                = 0xc0000080, ///< bit 12 SVME
  tsc_ratio           = 0xc0000104,
  lbr_select          = 0xc000010e,
  debug_extn_ctl      = 0xc000010f,
  syscfg              = 0xc0010010,
  vm_cr               = 0xc0010114, ///< bit 3 LOCK, bit 4 SVMDIS
  vm_hsave_pa         = 0xc0010117,
  svm_key             = 0xc0010118,
  avic_doorbell       = 0xc001011b,
  vm_page_flush       = 0xc001011e,
  virt_spec_ctrl      = 0xc001011f,
  sev_es_ghcb         = 0xc0010130,
  sev_status          = 0xc0010131,
  rmp_base            = 0xc0010132,
  rmp_end             = 0xc0010133,
  guest_tsc_freq      = 0xc0010134, ///< frequency in MHz of the nominal P0 TSC, read by Secure TSC guests
  virtual_tom         = 0xc0010135,
  rmp_cfg             = 0xc0010136, ///< SEGMENTED_RMP_CFG
  hlt_wakeup_icr      = 0xc0010137, ///< SMT protection wakeup ICR
  secure_avic_control = 0xc0010138,
  svsm_caa_           = 0xc001f000, ///< SVSM calling area gPA
};

namespace tables {

inline constexpr constant_info msr_numbers_entries[] = {
    {"EFER",                0xc0000080, nullptr, "bit 12 SVME"},
    {"TSC_RATIO",           0xc0000104, nullptr, ""},
    {"LBR_SELECT",          0xc000010e, nullptr, ""},
    {"DEBUG_EXTN_CTL",      0xc000010f, nullptr, ""},
    {"SYSCFG",              0xc0010010, nullptr, ""},
    {"VM_CR",               0xc0010114, nullptr, "bit 3 LOCK, bit 4 SVMDIS"},
    {"VM_HSAVE_PA",         0xc0010117, nullptr, ""},
    {"SVM_KEY",             0xc0010118, nullptr, ""},
    {"AVIC_DOORBELL",       0xc001011b, nullptr, ""},
    {"VM_PAGE_FLUSH",       0xc001011e, nullptr, ""},
    {"VIRT_SPEC_CTRL",      0xc001011f, nullptr, ""},
    {"SEV_ES_GHCB",         0xc0010130, nullptr, ""},
    {"SEV_STATUS",          0xc0010131, nullptr, ""},
    {"RMP_BASE",            0xc0010132, nullptr, ""},
    {"RMP_END",             0xc0010133, nullptr, ""},
    {"GUEST_TSC_FREQ",      0xc0010134, nullptr, "frequency in MHz of the nominal P0 TSC, read by Secure TSC guests"},
    {"VIRTUAL_TOM",         0xc0010135, nullptr, ""},
    {"RMP_CFG",             0xc0010136, nullptr, "SEGMENTED_RMP_CFG"},
    {"HLT_WAKEUP_ICR",      0xc0010137, nullptr, "SMT protection wakeup ICR"},
    {"SECURE_AVIC_CONTROL", 0xc0010138, nullptr, ""},
    {"SVSM_CAA",            0xc001f000, nullptr, "SVSM calling area gPA"},
};
inline constexpr constant_table msr_numbers{"msr_numbers", "CON-MSR-NUMBERS", confidence::high,
    "APM2 App. A", msr_numbers_entries};

}  // namespace tables
// clang-format on

}  // namespace sevspec::inline v0::layout

#endif
