// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_DOORBELL_PAGE_HPP
#define SEVSPEC_TEST_ACCESSORS_DOORBELL_PAGE_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/doorbell_page.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes doorbell_page_structures[] = {
    shapes_of<layout::hv_ext_int_info, layout::hv_ext_int_info_view, layout::hv_ext_int_info_const_view>("hv_ext_int_info"),
    shapes_of<layout::hv_doorbell_page, layout::hv_doorbell_page_view, layout::hv_doorbell_page_const_view>("hv_doorbell_page"),
};

inline const accessor doorbell_page_accessors[] = {
    whole_field<layout::hv_ext_int_info_view, layout::hv_ext_int_info_const_view>("hv_ext_int_info", "status", [](const auto& s) { return s.status(); }, [](auto& s, const auto& v) { s.set_status(v); }),
    field_bits<layout::hv_ext_int_info_view, layout::hv_ext_int_info_const_view>("hv_ext_int_info", "status", "pending_vector", [](const auto& s) { return s.status(); }, [](auto& s, const auto& v) { s.set_status(v); }, [](const auto& w) { return w.pending_vector(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_pending_vector(v); }),
    field_bits<layout::hv_ext_int_info_view, layout::hv_ext_int_info_const_view>("hv_ext_int_info", "status", "nmi_pending", [](const auto& s) { return s.status(); }, [](auto& s, const auto& v) { s.set_status(v); }, [](const auto& w) { return w.nmi_pending(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_nmi_pending(v); }),
    field_bits<layout::hv_ext_int_info_view, layout::hv_ext_int_info_const_view>("hv_ext_int_info", "status", "mc_pending", [](const auto& s) { return s.status(); }, [](auto& s, const auto& v) { s.set_status(v); }, [](const auto& w) { return w.mc_pending(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_mc_pending(v); }),
    field_bits<layout::hv_ext_int_info_view, layout::hv_ext_int_info_const_view>("hv_ext_int_info", "status", "level_sensitive", [](const auto& s) { return s.status(); }, [](auto& s, const auto& v) { s.set_status(v); }, [](const auto& w) { return w.level_sensitive(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_level_sensitive(v); }),
    field_bits<layout::hv_ext_int_info_view, layout::hv_ext_int_info_const_view>("hv_ext_int_info", "status", "multiple_vectors", [](const auto& s) { return s.status(); }, [](auto& s, const auto& v) { s.set_status(v); }, [](const auto& w) { return w.multiple_vectors(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_multiple_vectors(v); }),
    field_bits<layout::hv_ext_int_info_view, layout::hv_ext_int_info_const_view>("hv_ext_int_info", "status", "ipi_requested", [](const auto& s) { return s.status(); }, [](auto& s, const auto& v) { s.set_status(v); }, [](const auto& w) { return w.ipi_requested(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_ipi_requested(v); }),
    field_bits<layout::hv_ext_int_info_view, layout::hv_ext_int_info_const_view>("hv_ext_int_info", "status", "vector_31", [](const auto& s) { return s.status(); }, [](auto& s, const auto& v) { s.set_status(v); }, [](const auto& w) { return w.vector_31(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vector_31(v); }),
    part_field<layout::hv_ext_int_info_view, layout::hv_ext_int_info_const_view>("hv_ext_int_info", "irr", [](const auto& s) { return s.irr(); }, [](auto& s) { return s.irr(); }, [](auto& s, const auto& v) { s.set_irr(v); }),
    part_field<layout::hv_ext_int_info_view, layout::hv_ext_int_info_const_view>("hv_ext_int_info", "isr", [](const auto& s) { return s.isr(); }, [](auto& s) { return s.isr(); }, [](auto& s, const auto& v) { s.set_isr(v); }),
    whole_field<layout::hv_doorbell_page_view, layout::hv_doorbell_page_const_view>("hv_doorbell_page", "pending_vector", [](const auto& s) { return s.pending_vector(); }, [](auto& s, const auto& v) { s.set_pending_vector(v); }),
    whole_field<layout::hv_doorbell_page_view, layout::hv_doorbell_page_const_view>("hv_doorbell_page", "flags", [](const auto& s) { return s.flags(); }, [](auto& s, const auto& v) { s.set_flags(v); }),
    field_bits<layout::hv_doorbell_page_view, layout::hv_doorbell_page_const_view>("hv_doorbell_page", "flags", "nmi_pending", [](const auto& s) { return s.flags(); }, [](auto& s, const auto& v) { s.set_flags(v); }, [](const auto& w) { return w.nmi_pending(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_nmi_pending(v); }),
    field_bits<layout::hv_doorbell_page_view, layout::hv_doorbell_page_const_view>("hv_doorbell_page", "flags", "mc_pending", [](const auto& s) { return s.flags(); }, [](auto& s, const auto& v) { s.set_flags(v); }, [](const auto& w) { return w.mc_pending(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_mc_pending(v); }),
    field_bits<layout::hv_doorbell_page_view, layout::hv_doorbell_page_const_view>("hv_doorbell_page", "flags", "no_further_signal", [](const auto& s) { return s.flags(); }, [](auto& s, const auto& v) { s.set_flags(v); }, [](const auto& w) { return w.no_further_signal(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_no_further_signal(v); }),
    whole_field<layout::hv_doorbell_page_view, layout::hv_doorbell_page_const_view>("hv_doorbell_page", "no_eoi_required", [](const auto& s) { return s.no_eoi_required(); }, [](auto& s, const auto& v) { s.set_no_eoi_required(v); }),
    whole_field<layout::hv_doorbell_page_view, layout::hv_doorbell_page_const_view>("hv_doorbell_page", "per_vmpl_events", [](const auto& s) { return s.per_vmpl_events(); }, [](auto& s, const auto& v) { s.set_per_vmpl_events(v); }),
    part_field<layout::hv_doorbell_page_view, layout::hv_doorbell_page_const_view>("hv_doorbell_page", "vmpl1", [](const auto& s) { return s.vmpl1(); }, [](auto& s) { return s.vmpl1(); }, [](auto& s, const auto& v) { s.set_vmpl1(v); }),
    part_field<layout::hv_doorbell_page_view, layout::hv_doorbell_page_const_view>("hv_doorbell_page", "vmpl2", [](const auto& s) { return s.vmpl2(); }, [](auto& s) { return s.vmpl2(); }, [](auto& s, const auto& v) { s.set_vmpl2(v); }),
    part_field<layout::hv_doorbell_page_view, layout::hv_doorbell_page_const_view>("hv_doorbell_page", "vmpl3", [](const auto& s) { return s.vmpl3(); }, [](auto& s) { return s.vmpl3(); }, [](auto& s, const auto& v) { s.set_vmpl3(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
