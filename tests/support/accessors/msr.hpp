// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_MSR_HPP
#define SEVSPEC_TEST_ACCESSORS_MSR_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/msr.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes msr_structures[] = {
    shapes_of<layout::msr_syscfg>("msr_syscfg"),
    shapes_of<layout::msr_sev_status>("msr_sev_status"),
    shapes_of<layout::msr_rmp_base>("msr_rmp_base"),
    shapes_of<layout::msr_rmp_end>("msr_rmp_end"),
    shapes_of<layout::msr_rmp_cfg>("msr_rmp_cfg"),
    shapes_of<layout::msr_virtual_tom>("msr_virtual_tom"),
    shapes_of<layout::msr_guest_tsc_freq>("msr_guest_tsc_freq"),
    shapes_of<layout::msr_secure_avic_control>("msr_secure_avic_control"),
    shapes_of<layout::msr_vm_hsave_pa>("msr_vm_hsave_pa"),
    shapes_of<layout::msr_vm_page_flush>("msr_vm_page_flush"),
};

inline const accessor msr_accessors[] = {
    word_bits<layout::msr_syscfg>("msr_syscfg", "value", "mtrr_fix_dram_en", [](const auto& w) { return w.mtrr_fix_dram_en(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_mtrr_fix_dram_en(v); }),
    word_bits<layout::msr_syscfg>("msr_syscfg", "value", "mtrr_fix_dram_mod_en", [](const auto& w) { return w.mtrr_fix_dram_mod_en(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_mtrr_fix_dram_mod_en(v); }),
    word_bits<layout::msr_syscfg>("msr_syscfg", "value", "mtrr_var_dram_en", [](const auto& w) { return w.mtrr_var_dram_en(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_mtrr_var_dram_en(v); }),
    word_bits<layout::msr_syscfg>("msr_syscfg", "value", "mtrr_tom2_en", [](const auto& w) { return w.mtrr_tom2_en(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_mtrr_tom2_en(v); }),
    word_bits<layout::msr_syscfg>("msr_syscfg", "value", "tom2_force_wb", [](const auto& w) { return w.tom2_force_wb(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_tom2_force_wb(v); }),
    word_bits<layout::msr_syscfg>("msr_syscfg", "value", "mem_encryption_mode_en", [](const auto& w) { return w.mem_encryption_mode_en(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_mem_encryption_mode_en(v); }),
    word_bits<layout::msr_syscfg>("msr_syscfg", "value", "snp_en", [](const auto& w) { return w.snp_en(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_snp_en(v); }),
    word_bits<layout::msr_syscfg>("msr_syscfg", "value", "vmpl_en", [](const auto& w) { return w.vmpl_en(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmpl_en(v); }),
    word_bits<layout::msr_syscfg>("msr_syscfg", "value", "hmk_en", [](const auto& w) { return w.hmk_en(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_hmk_en(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "sev", [](const auto& w) { return w.sev(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_sev(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "sev_es", [](const auto& w) { return w.sev_es(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_sev_es(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "sev_snp", [](const auto& w) { return w.sev_snp(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_sev_snp(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "vtom", [](const auto& w) { return w.vtom(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vtom(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "reflect_vc", [](const auto& w) { return w.reflect_vc(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_reflect_vc(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "restricted_injection", [](const auto& w) { return w.restricted_injection(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_restricted_injection(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "alternate_injection", [](const auto& w) { return w.alternate_injection(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_alternate_injection(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "debug_swap", [](const auto& w) { return w.debug_swap(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_debug_swap(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "prevent_host_ibs", [](const auto& w) { return w.prevent_host_ibs(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_prevent_host_ibs(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "btb_isolation", [](const auto& w) { return w.btb_isolation(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_btb_isolation(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "vmpl_sss", [](const auto& w) { return w.vmpl_sss(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmpl_sss(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "secure_tsc", [](const auto& w) { return w.secure_tsc(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_secure_tsc(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "vmgexit_parameter", [](const auto& w) { return w.vmgexit_parameter(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmgexit_parameter(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "pmc_virtualization", [](const auto& w) { return w.pmc_virtualization(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_pmc_virtualization(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "ibs_virtualization", [](const auto& w) { return w.ibs_virtualization(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_ibs_virtualization(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "guest_intercept_ctl", [](const auto& w) { return w.guest_intercept_ctl(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_guest_intercept_ctl(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "vmsa_reg_prot", [](const auto& w) { return w.vmsa_reg_prot(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmsa_reg_prot(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "smt_protection", [](const auto& w) { return w.smt_protection(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_smt_protection(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "secure_avic", [](const auto& w) { return w.secure_avic(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_secure_avic(v); }),
    word_bits<layout::msr_sev_status>("msr_sev_status", "value", "ibpb_on_entry", [](const auto& w) { return w.ibpb_on_entry(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_ibpb_on_entry(v); }),
    word_bits<layout::msr_rmp_base>("msr_rmp_base", "value", "base", [](const auto& w) { return w.base(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_base(v); }),
    word_bits<layout::msr_rmp_end>("msr_rmp_end", "value", "low_ones", [](const auto& w) { return w.low_ones(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_low_ones(v); }),
    word_bits<layout::msr_rmp_end>("msr_rmp_end", "value", "end", [](const auto& w) { return w.end(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_end(v); }),
    word_bits<layout::msr_rmp_cfg>("msr_rmp_cfg", "value", "seg_rmp_en", [](const auto& w) { return w.seg_rmp_en(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_seg_rmp_en(v); }),
    word_bits<layout::msr_rmp_cfg>("msr_rmp_cfg", "value", "segment_shift", [](const auto& w) { return w.segment_shift(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_segment_shift(v); }),
    word_bits<layout::msr_virtual_tom>("msr_virtual_tom", "value", "vtom", [](const auto& w) { return w.vtom(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vtom(v); }),
    word_bits<layout::msr_guest_tsc_freq>("msr_guest_tsc_freq", "value", "mhz", [](const auto& w) { return w.mhz(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_mhz(v); }),
    word_bits<layout::msr_secure_avic_control>("msr_secure_avic_control", "value", "secure_avic_en", [](const auto& w) { return w.secure_avic_en(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_secure_avic_en(v); }),
    word_bits<layout::msr_secure_avic_control>("msr_secure_avic_control", "value", "allowed_nmi", [](const auto& w) { return w.allowed_nmi(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_allowed_nmi(v); }),
    word_bits<layout::msr_secure_avic_control>("msr_secure_avic_control", "value", "backing_page", [](const auto& w) { return w.backing_page(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_backing_page(v); }),
    word_bits<layout::msr_vm_hsave_pa>("msr_vm_hsave_pa", "value", "pa", [](const auto& w) { return w.pa(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_pa(v); }),
    word_bits<layout::msr_vm_page_flush>("msr_vm_page_flush", "value", "asid", [](const auto& w) { return w.asid(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_asid(v); }),
    word_bits<layout::msr_vm_page_flush>("msr_vm_page_flush", "value", "vfn", [](const auto& w) { return w.vfn(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vfn(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
