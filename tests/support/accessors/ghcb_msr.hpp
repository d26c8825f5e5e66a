// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_GHCB_MSR_HPP
#define SEVSPEC_TEST_ACCESSORS_GHCB_MSR_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/ghcb_msr.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes ghcb_msr_structures[] = {
    shapes_of<layout::ghcb_msr_generic>("ghcb_msr_generic"),
    shapes_of<layout::ghcb_msr_sev_info_resp>("ghcb_msr_sev_info_resp"),
    shapes_of<layout::ghcb_msr_cpuid_req>("ghcb_msr_cpuid_req"),
    shapes_of<layout::ghcb_msr_cpuid_resp>("ghcb_msr_cpuid_resp"),
    shapes_of<layout::ghcb_msr_ap_reset_hold_resp>("ghcb_msr_ap_reset_hold_resp"),
    shapes_of<layout::ghcb_msr_pref_gpa_resp>("ghcb_msr_pref_gpa_resp"),
    shapes_of<layout::ghcb_msr_reg_gpa_req>("ghcb_msr_reg_gpa_req"),
    shapes_of<layout::ghcb_msr_reg_gpa_resp>("ghcb_msr_reg_gpa_resp"),
    shapes_of<layout::ghcb_msr_psc_req>("ghcb_msr_psc_req"),
    shapes_of<layout::ghcb_msr_psc_resp>("ghcb_msr_psc_resp"),
    shapes_of<layout::ghcb_msr_vmpl_req>("ghcb_msr_vmpl_req"),
    shapes_of<layout::ghcb_msr_vmpl_resp>("ghcb_msr_vmpl_resp"),
    shapes_of<layout::ghcb_msr_hv_features_resp>("ghcb_msr_hv_features_resp"),
    shapes_of<layout::ghcb_msr_term_req>("ghcb_msr_term_req"),
};

inline const accessor ghcb_msr_accessors[] = {
    word_bits<layout::ghcb_msr_generic>("ghcb_msr_generic", "value", "info", [](const auto& w) { return w.info(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_info(v); }),
    word_bits<layout::ghcb_msr_generic>("ghcb_msr_generic", "value", "data", [](const auto& w) { return w.data(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_data(v); }),
    word_bits<layout::ghcb_msr_sev_info_resp>("ghcb_msr_sev_info_resp", "value", "info", [](const auto& w) { return w.info(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_info(v); }),
    word_bits<layout::ghcb_msr_sev_info_resp>("ghcb_msr_sev_info_resp", "value", "cbit", [](const auto& w) { return w.cbit(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_cbit(v); }),
    word_bits<layout::ghcb_msr_sev_info_resp>("ghcb_msr_sev_info_resp", "value", "min_version", [](const auto& w) { return w.min_version(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_min_version(v); }),
    word_bits<layout::ghcb_msr_sev_info_resp>("ghcb_msr_sev_info_resp", "value", "max_version", [](const auto& w) { return w.max_version(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_max_version(v); }),
    word_bits<layout::ghcb_msr_cpuid_req>("ghcb_msr_cpuid_req", "value", "info", [](const auto& w) { return w.info(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_info(v); }),
    word_bits<layout::ghcb_msr_cpuid_req>("ghcb_msr_cpuid_req", "value", "reg", [](const auto& w) { return w.reg(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_reg(v); }),
    word_bits<layout::ghcb_msr_cpuid_req>("ghcb_msr_cpuid_req", "value", "fn", [](const auto& w) { return w.fn(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_fn(v); }),
    word_bits<layout::ghcb_msr_cpuid_resp>("ghcb_msr_cpuid_resp", "value", "info", [](const auto& w) { return w.info(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_info(v); }),
    word_bits<layout::ghcb_msr_cpuid_resp>("ghcb_msr_cpuid_resp", "value", "reg", [](const auto& w) { return w.reg(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_reg(v); }),
    word_bits<layout::ghcb_msr_cpuid_resp>("ghcb_msr_cpuid_resp", "value", "value", [](const auto& w) { return w.value(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_value(v); }),
    word_bits<layout::ghcb_msr_ap_reset_hold_resp>("ghcb_msr_ap_reset_hold_resp", "value", "info", [](const auto& w) { return w.info(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_info(v); }),
    word_bits<layout::ghcb_msr_ap_reset_hold_resp>("ghcb_msr_ap_reset_hold_resp", "value", "result", [](const auto& w) { return w.result(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_result(v); }),
    word_bits<layout::ghcb_msr_pref_gpa_resp>("ghcb_msr_pref_gpa_resp", "value", "info", [](const auto& w) { return w.info(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_info(v); }),
    word_bits<layout::ghcb_msr_pref_gpa_resp>("ghcb_msr_pref_gpa_resp", "value", "gfn", [](const auto& w) { return w.gfn(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_gfn(v); }),
    word_bits<layout::ghcb_msr_reg_gpa_req>("ghcb_msr_reg_gpa_req", "value", "info", [](const auto& w) { return w.info(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_info(v); }),
    word_bits<layout::ghcb_msr_reg_gpa_req>("ghcb_msr_reg_gpa_req", "value", "gfn", [](const auto& w) { return w.gfn(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_gfn(v); }),
    word_bits<layout::ghcb_msr_reg_gpa_resp>("ghcb_msr_reg_gpa_resp", "value", "info", [](const auto& w) { return w.info(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_info(v); }),
    word_bits<layout::ghcb_msr_reg_gpa_resp>("ghcb_msr_reg_gpa_resp", "value", "gfn", [](const auto& w) { return w.gfn(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_gfn(v); }),
    word_bits<layout::ghcb_msr_psc_req>("ghcb_msr_psc_req", "value", "info", [](const auto& w) { return w.info(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_info(v); }),
    word_bits<layout::ghcb_msr_psc_req>("ghcb_msr_psc_req", "value", "gfn", [](const auto& w) { return w.gfn(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_gfn(v); }),
    word_bits<layout::ghcb_msr_psc_req>("ghcb_msr_psc_req", "value", "op", [](const auto& w) { return w.op(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_op(v); }),
    word_bits<layout::ghcb_msr_psc_resp>("ghcb_msr_psc_resp", "value", "info", [](const auto& w) { return w.info(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_info(v); }),
    word_bits<layout::ghcb_msr_psc_resp>("ghcb_msr_psc_resp", "value", "error", [](const auto& w) { return w.error(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_error(v); }),
    word_bits<layout::ghcb_msr_vmpl_req>("ghcb_msr_vmpl_req", "value", "info", [](const auto& w) { return w.info(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_info(v); }),
    word_bits<layout::ghcb_msr_vmpl_req>("ghcb_msr_vmpl_req", "value", "vmpl", [](const auto& w) { return w.vmpl(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmpl(v); }),
    word_bits<layout::ghcb_msr_vmpl_resp>("ghcb_msr_vmpl_resp", "value", "info", [](const auto& w) { return w.info(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_info(v); }),
    word_bits<layout::ghcb_msr_vmpl_resp>("ghcb_msr_vmpl_resp", "value", "error", [](const auto& w) { return w.error(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_error(v); }),
    word_bits<layout::ghcb_msr_hv_features_resp>("ghcb_msr_hv_features_resp", "value", "info", [](const auto& w) { return w.info(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_info(v); }),
    word_bits<layout::ghcb_msr_hv_features_resp>("ghcb_msr_hv_features_resp", "value", "features", [](const auto& w) { return w.features(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_features(v); }),
    word_bits<layout::ghcb_msr_term_req>("ghcb_msr_term_req", "value", "info", [](const auto& w) { return w.info(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_info(v); }),
    word_bits<layout::ghcb_msr_term_req>("ghcb_msr_term_req", "value", "reason_set", [](const auto& w) { return w.reason_set(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_reason_set(v); }),
    word_bits<layout::ghcb_msr_term_req>("ghcb_msr_term_req", "value", "reason_code", [](const auto& w) { return w.reason_code(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_reason_code(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
