// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_AVIC_HPP
#define SEVSPEC_TEST_ACCESSORS_AVIC_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/avic.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes avic_structures[] = {
    shapes_of<layout::avic_physical_id_entry>("avic_physical_id_entry"),
    shapes_of<layout::avic_logical_id_entry>("avic_logical_id_entry"),
    shapes_of<layout::exitinfo1_avic_incomplete_ipi, layout::exitinfo1_avic_incomplete_ipi_view, layout::exitinfo1_avic_incomplete_ipi_const_view>("exitinfo1_avic_incomplete_ipi"),
    shapes_of<layout::exitinfo2_avic_incomplete_ipi>("exitinfo2_avic_incomplete_ipi"),
    shapes_of<layout::exitinfo1_avic_noaccel>("exitinfo1_avic_noaccel"),
    shapes_of<layout::secure_avic_backing_page, layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page"),
};

inline const accessor avic_accessors[] = {
    word_bits<layout::avic_physical_id_entry>("avic_physical_id_entry", "entry", "host_apic_id", [](const auto& w) { return w.host_apic_id(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_host_apic_id(v); }),
    word_bits<layout::avic_physical_id_entry>("avic_physical_id_entry", "entry", "backing_page", [](const auto& w) { return w.backing_page(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_backing_page(v); }),
    word_bits<layout::avic_physical_id_entry>("avic_physical_id_entry", "entry", "is_running", [](const auto& w) { return w.is_running(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_is_running(v); }),
    word_bits<layout::avic_physical_id_entry>("avic_physical_id_entry", "entry", "valid", [](const auto& w) { return w.valid(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_valid(v); }),
    word_bits<layout::avic_logical_id_entry>("avic_logical_id_entry", "entry", "guest_apic_id", [](const auto& w) { return w.guest_apic_id(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_guest_apic_id(v); }),
    word_bits<layout::avic_logical_id_entry>("avic_logical_id_entry", "entry", "valid", [](const auto& w) { return w.valid(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_valid(v); }),
    whole_field<layout::exitinfo1_avic_incomplete_ipi_view, layout::exitinfo1_avic_incomplete_ipi_const_view>("exitinfo1_avic_incomplete_ipi", "icr_low", [](const auto& s) { return s.icr_low(); }, [](auto& s, const auto& v) { s.set_icr_low(v); }),
    whole_field<layout::exitinfo1_avic_incomplete_ipi_view, layout::exitinfo1_avic_incomplete_ipi_const_view>("exitinfo1_avic_incomplete_ipi", "icr_high", [](const auto& s) { return s.icr_high(); }, [](auto& s, const auto& v) { s.set_icr_high(v); }),
    word_bits<layout::exitinfo2_avic_incomplete_ipi>("exitinfo2_avic_incomplete_ipi", "value", "index", [](const auto& w) { return w.index(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_index(v); }),
    word_bits<layout::exitinfo2_avic_incomplete_ipi>("exitinfo2_avic_incomplete_ipi", "value", "id", [](const auto& w) { return w.id(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_id(v); }),
    word_bits<layout::exitinfo1_avic_noaccel>("exitinfo1_avic_noaccel", "value", "apic_register", [](const auto& w) { return w.apic_register(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_apic_register(v); }),
    word_bits<layout::exitinfo1_avic_noaccel>("exitinfo1_avic_noaccel", "value", "write", [](const auto& w) { return w.write(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_write(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "apic_id", [](const auto& s) { return s.apic_id(); }, [](auto& s) { return s.apic_id(); }, [](auto& s, const auto& v) { s.set_apic_id(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "version", [](const auto& s) { return s.version(); }, [](auto& s) { return s.version(); }, [](auto& s, const auto& v) { s.set_version(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "tpr", [](const auto& s) { return s.tpr(); }, [](auto& s) { return s.tpr(); }, [](auto& s, const auto& v) { s.set_tpr(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "apr", [](const auto& s) { return s.apr(); }, [](auto& s) { return s.apr(); }, [](auto& s, const auto& v) { s.set_apr(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "ppr", [](const auto& s) { return s.ppr(); }, [](auto& s) { return s.ppr(); }, [](auto& s, const auto& v) { s.set_ppr(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "eoi", [](const auto& s) { return s.eoi(); }, [](auto& s) { return s.eoi(); }, [](auto& s, const auto& v) { s.set_eoi(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "rrd", [](const auto& s) { return s.rrd(); }, [](auto& s) { return s.rrd(); }, [](auto& s, const auto& v) { s.set_rrd(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "ldr", [](const auto& s) { return s.ldr(); }, [](auto& s) { return s.ldr(); }, [](auto& s, const auto& v) { s.set_ldr(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "dfr", [](const auto& s) { return s.dfr(); }, [](auto& s) { return s.dfr(); }, [](auto& s, const auto& v) { s.set_dfr(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "svr", [](const auto& s) { return s.svr(); }, [](auto& s) { return s.svr(); }, [](auto& s, const auto& v) { s.set_svr(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "isr", [](const auto& s) { return s.isr(); }, [](auto& s) { return s.isr(); }, [](auto& s, const auto& v) { s.set_isr(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "tmr", [](const auto& s) { return s.tmr(); }, [](auto& s) { return s.tmr(); }, [](auto& s, const auto& v) { s.set_tmr(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "irr", [](const auto& s) { return s.irr(); }, [](auto& s) { return s.irr(); }, [](auto& s, const auto& v) { s.set_irr(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "esr", [](const auto& s) { return s.esr(); }, [](auto& s) { return s.esr(); }, [](auto& s, const auto& v) { s.set_esr(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "lvt_cmci", [](const auto& s) { return s.lvt_cmci(); }, [](auto& s) { return s.lvt_cmci(); }, [](auto& s, const auto& v) { s.set_lvt_cmci(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "icr", [](const auto& s) { return s.icr(); }, [](auto& s) { return s.icr(); }, [](auto& s, const auto& v) { s.set_icr(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "lvt_timer", [](const auto& s) { return s.lvt_timer(); }, [](auto& s) { return s.lvt_timer(); }, [](auto& s, const auto& v) { s.set_lvt_timer(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "lvt_thermal", [](const auto& s) { return s.lvt_thermal(); }, [](auto& s) { return s.lvt_thermal(); }, [](auto& s, const auto& v) { s.set_lvt_thermal(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "lvt_pmc", [](const auto& s) { return s.lvt_pmc(); }, [](auto& s) { return s.lvt_pmc(); }, [](auto& s, const auto& v) { s.set_lvt_pmc(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "lvt_lint0", [](const auto& s) { return s.lvt_lint0(); }, [](auto& s) { return s.lvt_lint0(); }, [](auto& s, const auto& v) { s.set_lvt_lint0(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "lvt_lint1", [](const auto& s) { return s.lvt_lint1(); }, [](auto& s) { return s.lvt_lint1(); }, [](auto& s, const auto& v) { s.set_lvt_lint1(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "lvt_error", [](const auto& s) { return s.lvt_error(); }, [](auto& s) { return s.lvt_error(); }, [](auto& s, const auto& v) { s.set_lvt_error(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "timer_icr", [](const auto& s) { return s.timer_icr(); }, [](auto& s) { return s.timer_icr(); }, [](auto& s, const auto& v) { s.set_timer_icr(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "timer_ccr", [](const auto& s) { return s.timer_ccr(); }, [](auto& s) { return s.timer_ccr(); }, [](auto& s, const auto& v) { s.set_timer_ccr(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "timer_dcr", [](const auto& s) { return s.timer_dcr(); }, [](auto& s) { return s.timer_dcr(); }, [](auto& s, const auto& v) { s.set_timer_dcr(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "self_ipi", [](const auto& s) { return s.self_ipi(); }, [](auto& s) { return s.self_ipi(); }, [](auto& s, const auto& v) { s.set_self_ipi(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "ext_feature", [](const auto& s) { return s.ext_feature(); }, [](auto& s) { return s.ext_feature(); }, [](auto& s, const auto& v) { s.set_ext_feature(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "ext_control", [](const auto& s) { return s.ext_control(); }, [](auto& s) { return s.ext_control(); }, [](auto& s, const auto& v) { s.set_ext_control(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "seoi", [](const auto& s) { return s.seoi(); }, [](auto& s) { return s.seoi(); }, [](auto& s, const auto& v) { s.set_seoi(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "ier", [](const auto& s) { return s.ier(); }, [](auto& s) { return s.ier(); }, [](auto& s, const auto& v) { s.set_ier(v); }),
    part_field<layout::secure_avic_backing_page_view, layout::secure_avic_backing_page_const_view>("secure_avic_backing_page", "ext_lvt", [](const auto& s) { return s.ext_lvt(); }, [](auto& s) { return s.ext_lvt(); }, [](auto& s, const auto& v) { s.set_ext_lvt(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
