// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_CPUID_HPP
#define SEVSPEC_TEST_ACCESSORS_CPUID_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/cpuid.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes cpuid_structures[] = {
    shapes_of<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax"),
    shapes_of<layout::cpuid_8000001f_ebx>("cpuid_8000001f_ebx"),
    shapes_of<layout::cpuid_8000001f_ecx, layout::cpuid_8000001f_ecx_view, layout::cpuid_8000001f_ecx_const_view>("cpuid_8000001f_ecx"),
    shapes_of<layout::cpuid_8000001f_edx, layout::cpuid_8000001f_edx_view, layout::cpuid_8000001f_edx_const_view>("cpuid_8000001f_edx"),
    shapes_of<layout::cpuid_80000023_eax>("cpuid_80000023_eax"),
    shapes_of<layout::cpuid_80000023_ebx>("cpuid_80000023_ebx"),
    shapes_of<layout::cpuid_80000025_eax>("cpuid_80000025_eax"),
    shapes_of<layout::cpuid_80000025_ebx>("cpuid_80000025_ebx"),
    shapes_of<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx"),
};

inline const accessor cpuid_accessors[] = {
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "sme", [](const auto& w) { return w.sme(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_sme(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "sev", [](const auto& w) { return w.sev(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_sev(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "page_flush_msr", [](const auto& w) { return w.page_flush_msr(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_page_flush_msr(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "sev_es", [](const auto& w) { return w.sev_es(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_sev_es(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "sev_snp", [](const auto& w) { return w.sev_snp(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_sev_snp(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "vmpl", [](const auto& w) { return w.vmpl(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmpl(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "rmpquery", [](const auto& w) { return w.rmpquery(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_rmpquery(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "vmpl_sss", [](const auto& w) { return w.vmpl_sss(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmpl_sss(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "secure_tsc", [](const auto& w) { return w.secure_tsc(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_secure_tsc(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "tsc_aux_virtualization", [](const auto& w) { return w.tsc_aux_virtualization(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_tsc_aux_virtualization(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "hw_enf_cache_coh", [](const auto& w) { return w.hw_enf_cache_coh(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_hw_enf_cache_coh(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "only_64bit_host", [](const auto& w) { return w.only_64bit_host(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_only_64bit_host(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "restricted_injection", [](const auto& w) { return w.restricted_injection(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_restricted_injection(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "alternate_injection", [](const auto& w) { return w.alternate_injection(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_alternate_injection(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "debug_swap", [](const auto& w) { return w.debug_swap(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_debug_swap(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "prevent_host_ibs", [](const auto& w) { return w.prevent_host_ibs(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_prevent_host_ibs(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "vte", [](const auto& w) { return w.vte(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vte(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "vmgexit_parameter", [](const auto& w) { return w.vmgexit_parameter(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmgexit_parameter(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "virtual_tom_msr", [](const auto& w) { return w.virtual_tom_msr(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_virtual_tom_msr(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "ibs_virt_guest_ctl", [](const auto& w) { return w.ibs_virt_guest_ctl(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_ibs_virt_guest_ctl(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "pmc_virt_guest_ctl", [](const auto& w) { return w.pmc_virt_guest_ctl(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_pmc_virt_guest_ctl(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "rmpread", [](const auto& w) { return w.rmpread(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_rmpread(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "guest_intercept_control", [](const auto& w) { return w.guest_intercept_control(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_guest_intercept_control(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "segmented_rmp", [](const auto& w) { return w.segmented_rmp(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_segmented_rmp(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "vmsa_reg_prot", [](const auto& w) { return w.vmsa_reg_prot(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmsa_reg_prot(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "smt_protection", [](const auto& w) { return w.smt_protection(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_smt_protection(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "secure_avic", [](const auto& w) { return w.secure_avic(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_secure_avic(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "allowed_sev_features", [](const auto& w) { return w.allowed_sev_features(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_allowed_sev_features(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "svsm_comm_page_msr", [](const auto& w) { return w.svsm_comm_page_msr(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_svsm_comm_page_msr(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "nested_virt_snp_msr", [](const auto& w) { return w.nested_virt_snp_msr(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_nested_virt_snp_msr(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "hv_inuse_wr_allowed", [](const auto& w) { return w.hv_inuse_wr_allowed(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_hv_inuse_wr_allowed(v); }),
    word_bits<layout::cpuid_8000001f_eax>("cpuid_8000001f_eax", "value", "ibpb_on_entry", [](const auto& w) { return w.ibpb_on_entry(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_ibpb_on_entry(v); }),
    word_bits<layout::cpuid_8000001f_ebx>("cpuid_8000001f_ebx", "value", "c_bit_position", [](const auto& w) { return w.c_bit_position(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_c_bit_position(v); }),
    word_bits<layout::cpuid_8000001f_ebx>("cpuid_8000001f_ebx", "value", "phys_addr_reduction", [](const auto& w) { return w.phys_addr_reduction(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_phys_addr_reduction(v); }),
    word_bits<layout::cpuid_8000001f_ebx>("cpuid_8000001f_ebx", "value", "num_vmpl", [](const auto& w) { return w.num_vmpl(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_num_vmpl(v); }),
    whole_field<layout::cpuid_8000001f_ecx_view, layout::cpuid_8000001f_ecx_const_view>("cpuid_8000001f_ecx", "num_encrypted_guests", [](const auto& s) { return s.num_encrypted_guests(); }, [](auto& s, const auto& v) { s.set_num_encrypted_guests(v); }),
    whole_field<layout::cpuid_8000001f_edx_view, layout::cpuid_8000001f_edx_const_view>("cpuid_8000001f_edx", "min_sev_no_es_asid", [](const auto& s) { return s.min_sev_no_es_asid(); }, [](auto& s, const auto& v) { s.set_min_sev_no_es_asid(v); }),
    word_bits<layout::cpuid_80000023_eax>("cpuid_80000023_eax", "value", "mem_hmk", [](const auto& w) { return w.mem_hmk(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_mem_hmk(v); }),
    word_bits<layout::cpuid_80000023_ebx>("cpuid_80000023_ebx", "value", "max_mem_hmk_encryption_keys", [](const auto& w) { return w.max_mem_hmk_encryption_keys(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_max_mem_hmk_encryption_keys(v); }),
    word_bits<layout::cpuid_80000025_eax>("cpuid_80000025_eax", "value", "min_segment_shift", [](const auto& w) { return w.min_segment_shift(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_min_segment_shift(v); }),
    word_bits<layout::cpuid_80000025_eax>("cpuid_80000025_eax", "value", "max_segment_shift", [](const auto& w) { return w.max_segment_shift(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_max_segment_shift(v); }),
    word_bits<layout::cpuid_80000025_ebx>("cpuid_80000025_ebx", "value", "num_cached_segments", [](const auto& w) { return w.num_cached_segments(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_num_cached_segments(v); }),
    word_bits<layout::cpuid_80000025_ebx>("cpuid_80000025_ebx", "value", "hard_limit", [](const auto& w) { return w.hard_limit(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_hard_limit(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "np", [](const auto& w) { return w.np(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_np(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "lbr_virt", [](const auto& w) { return w.lbr_virt(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_lbr_virt(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "svml", [](const auto& w) { return w.svml(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_svml(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "nrips", [](const auto& w) { return w.nrips(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_nrips(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "tsc_rate_msr", [](const auto& w) { return w.tsc_rate_msr(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_tsc_rate_msr(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "vmcb_clean", [](const auto& w) { return w.vmcb_clean(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmcb_clean(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "flush_by_asid", [](const auto& w) { return w.flush_by_asid(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_flush_by_asid(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "decode_assists", [](const auto& w) { return w.decode_assists(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_decode_assists(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "pmc_virt", [](const auto& w) { return w.pmc_virt(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_pmc_virt(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "pause_filter", [](const auto& w) { return w.pause_filter(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_pause_filter(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "pause_filter_threshold", [](const auto& w) { return w.pause_filter_threshold(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_pause_filter_threshold(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "avic", [](const auto& w) { return w.avic(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_avic(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "vmsave_virt", [](const auto& w) { return w.vmsave_virt(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmsave_virt(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "vgif", [](const auto& w) { return w.vgif(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vgif(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "gmet", [](const auto& w) { return w.gmet(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_gmet(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "x2avic", [](const auto& w) { return w.x2avic(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_x2avic(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "sss_check", [](const auto& w) { return w.sss_check(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_sss_check(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "spec_ctrl", [](const auto& w) { return w.spec_ctrl(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_spec_ctrl(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "ro_gpt", [](const auto& w) { return w.ro_gpt(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_ro_gpt(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "host_mce_override", [](const auto& w) { return w.host_mce_override(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_host_mce_override(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "tlbi_ctl", [](const auto& w) { return w.tlbi_ctl(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_tlbi_ctl(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "vnmi", [](const auto& w) { return w.vnmi(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vnmi(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "ibs_virt", [](const auto& w) { return w.ibs_virt(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_ibs_virt(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "ext_lvt_avic_access_chg", [](const auto& w) { return w.ext_lvt_avic_access_chg(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_ext_lvt_avic_access_chg(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "nested_virt_vmcb_addr_chk", [](const auto& w) { return w.nested_virt_vmcb_addr_chk(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_nested_virt_vmcb_addr_chk(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "bus_lock_threshold", [](const auto& w) { return w.bus_lock_threshold(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_bus_lock_threshold(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "idle_hlt_intercept", [](const auto& w) { return w.idle_hlt_intercept(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_idle_hlt_intercept(v); }),
    word_bits<layout::cpuid_8000000a_edx>("cpuid_8000000a_edx", "value", "enhanced_shutdown_intercept", [](const auto& w) { return w.enhanced_shutdown_intercept(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_enhanced_shutdown_intercept(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
