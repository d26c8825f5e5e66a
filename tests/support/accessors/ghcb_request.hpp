// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_GHCB_REQUEST_HPP
#define SEVSPEC_TEST_ACCESSORS_GHCB_REQUEST_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/ghcb_request.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes ghcb_request_structures[] = {
    shapes_of<layout::psc_header, layout::psc_header_view, layout::psc_header_const_view>("psc_header"),
    shapes_of<layout::psc_entry>("psc_entry"),
    shapes_of<layout::ghcb_ap_creation_info1>("ghcb_ap_creation_info1"),
    shapes_of<layout::ghcb_termination_info1>("ghcb_termination_info1"),
    shapes_of<layout::ghcb_apic_id_list, layout::ghcb_apic_id_list_view, layout::ghcb_apic_id_list_const_view>("ghcb_apic_id_list"),
};

inline const accessor ghcb_request_accessors[] = {
    whole_field<layout::psc_header_view, layout::psc_header_const_view>("psc_header", "cur_entry", [](const auto& s) { return s.cur_entry(); }, [](auto& s, const auto& v) { s.set_cur_entry(v); }),
    whole_field<layout::psc_header_view, layout::psc_header_const_view>("psc_header", "end_entry", [](const auto& s) { return s.end_entry(); }, [](auto& s, const auto& v) { s.set_end_entry(v); }),
    word_bits<layout::psc_entry>("psc_entry", "value", "cur_page", [](const auto& w) { return w.cur_page(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_cur_page(v); }),
    word_bits<layout::psc_entry>("psc_entry", "value", "gfn", [](const auto& w) { return w.gfn(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_gfn(v); }),
    word_bits<layout::psc_entry>("psc_entry", "value", "operation", [](const auto& w) { return w.operation(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_operation(v); }),
    word_bits<layout::psc_entry>("psc_entry", "value", "page_size", [](const auto& w) { return w.page_size(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_page_size(v); }),
    word_bits<layout::ghcb_ap_creation_info1>("ghcb_ap_creation_info1", "value", "request", [](const auto& w) { return w.request(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_request(v); }),
    word_bits<layout::ghcb_ap_creation_info1>("ghcb_ap_creation_info1", "value", "vmpl", [](const auto& w) { return w.vmpl(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmpl(v); }),
    word_bits<layout::ghcb_ap_creation_info1>("ghcb_ap_creation_info1", "value", "apic_id", [](const auto& w) { return w.apic_id(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_apic_id(v); }),
    word_bits<layout::ghcb_termination_info1>("ghcb_termination_info1", "value", "reason_set", [](const auto& w) { return w.reason_set(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_reason_set(v); }),
    word_bits<layout::ghcb_termination_info1>("ghcb_termination_info1", "value", "reason_code", [](const auto& w) { return w.reason_code(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_reason_code(v); }),
    whole_field<layout::ghcb_apic_id_list_view, layout::ghcb_apic_id_list_const_view>("ghcb_apic_id_list", "num_entries", [](const auto& s) { return s.num_entries(); }, [](auto& s, const auto& v) { s.set_num_entries(v); }),
    whole_field<layout::ghcb_apic_id_list_view, layout::ghcb_apic_id_list_const_view>("ghcb_apic_id_list", "apic_id0", [](const auto& s) { return s.apic_id0(); }, [](auto& s, const auto& v) { s.set_apic_id0(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
