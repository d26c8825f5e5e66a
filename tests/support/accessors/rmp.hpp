// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_RMP_HPP
#define SEVSPEC_TEST_ACCESSORS_RMP_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/rmp.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes rmp_structures[] = {
    shapes_of<layout::rmp_entry_hw, layout::rmp_entry_hw_view, layout::rmp_entry_hw_const_view>("rmp_entry_hw"),
    shapes_of<layout::rmpread_result, layout::rmpread_result_view, layout::rmpread_result_const_view>("rmpread_result"),
    shapes_of<layout::rmpupdate_source, layout::rmpupdate_source_view, layout::rmpupdate_source_const_view>("rmpupdate_source"),
    shapes_of<layout::vmpl_permissions>("vmpl_permissions"),
    shapes_of<layout::rmpadjust_attr>("rmpadjust_attr"),
    shapes_of<layout::rst_entry>("rst_entry"),
};

inline const accessor rmp_accessors[] = {
    whole_field<layout::rmp_entry_hw_view, layout::rmp_entry_hw_const_view>("rmp_entry_hw", "qw0", [](const auto& s) { return s.qw0(); }, [](auto& s, const auto& v) { s.set_qw0(v); }),
    field_bits<layout::rmp_entry_hw_view, layout::rmp_entry_hw_const_view>("rmp_entry_hw", "qw0", "assigned", [](const auto& s) { return s.qw0(); }, [](auto& s, const auto& v) { s.set_qw0(v); }, [](const auto& w) { return w.assigned(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_assigned(v); }),
    field_bits<layout::rmp_entry_hw_view, layout::rmp_entry_hw_const_view>("rmp_entry_hw", "qw0", "page_size", [](const auto& s) { return s.qw0(); }, [](auto& s, const auto& v) { s.set_qw0(v); }, [](const auto& w) { return w.page_size(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_page_size(v); }),
    field_bits<layout::rmp_entry_hw_view, layout::rmp_entry_hw_const_view>("rmp_entry_hw", "qw0", "immutable", [](const auto& s) { return s.qw0(); }, [](auto& s, const auto& v) { s.set_qw0(v); }, [](const auto& w) { return w.immutable(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_immutable(v); }),
    field_bits<layout::rmp_entry_hw_view, layout::rmp_entry_hw_const_view>("rmp_entry_hw", "qw0", "subpage_count", [](const auto& s) { return s.qw0(); }, [](auto& s, const auto& v) { s.set_qw0(v); }, [](const auto& w) { return w.subpage_count(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_subpage_count(v); }),
    field_bits<layout::rmp_entry_hw_view, layout::rmp_entry_hw_const_view>("rmp_entry_hw", "qw0", "gpa_pfn", [](const auto& s) { return s.qw0(); }, [](auto& s, const auto& v) { s.set_qw0(v); }, [](const auto& w) { return w.gpa_pfn(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_gpa_pfn(v); }),
    field_bits<layout::rmp_entry_hw_view, layout::rmp_entry_hw_const_view>("rmp_entry_hw", "qw0", "asid", [](const auto& s) { return s.qw0(); }, [](auto& s, const auto& v) { s.set_qw0(v); }, [](const auto& w) { return w.asid(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_asid(v); }),
    field_bits<layout::rmp_entry_hw_view, layout::rmp_entry_hw_const_view>("rmp_entry_hw", "qw0", "vmsa", [](const auto& s) { return s.qw0(); }, [](auto& s, const auto& v) { s.set_qw0(v); }, [](const auto& w) { return w.vmsa(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmsa(v); }),
    field_bits<layout::rmp_entry_hw_view, layout::rmp_entry_hw_const_view>("rmp_entry_hw", "qw0", "validated", [](const auto& s) { return s.qw0(); }, [](auto& s, const auto& v) { s.set_qw0(v); }, [](const auto& w) { return w.validated(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_validated(v); }),
    field_bits<layout::rmp_entry_hw_view, layout::rmp_entry_hw_const_view>("rmp_entry_hw", "qw0", "lock", [](const auto& s) { return s.qw0(); }, [](auto& s, const auto& v) { s.set_qw0(v); }, [](const auto& w) { return w.lock(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_lock(v); }),
    whole_field<layout::rmp_entry_hw_view, layout::rmp_entry_hw_const_view>("rmp_entry_hw", "qw1", [](const auto& s) { return s.qw1(); }, [](auto& s, const auto& v) { s.set_qw1(v); }),
    field_bits<layout::rmp_entry_hw_view, layout::rmp_entry_hw_const_view>("rmp_entry_hw", "qw1", "vmpl0_perms", [](const auto& s) { return s.qw1(); }, [](auto& s, const auto& v) { s.set_qw1(v); }, [](const auto& w) { return w.vmpl0_perms(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmpl0_perms(v); }),
    field_bits<layout::rmp_entry_hw_view, layout::rmp_entry_hw_const_view>("rmp_entry_hw", "qw1", "vmpl1_perms", [](const auto& s) { return s.qw1(); }, [](auto& s, const auto& v) { s.set_qw1(v); }, [](const auto& w) { return w.vmpl1_perms(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmpl1_perms(v); }),
    field_bits<layout::rmp_entry_hw_view, layout::rmp_entry_hw_const_view>("rmp_entry_hw", "qw1", "vmpl2_perms", [](const auto& s) { return s.qw1(); }, [](auto& s, const auto& v) { s.set_qw1(v); }, [](const auto& w) { return w.vmpl2_perms(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmpl2_perms(v); }),
    field_bits<layout::rmp_entry_hw_view, layout::rmp_entry_hw_const_view>("rmp_entry_hw", "qw1", "vmpl3_perms", [](const auto& s) { return s.qw1(); }, [](auto& s, const auto& v) { s.set_qw1(v); }, [](const auto& w) { return w.vmpl3_perms(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmpl3_perms(v); }),
    whole_field<layout::rmpread_result_view, layout::rmpread_result_const_view>("rmpread_result", "gpa", [](const auto& s) { return s.gpa(); }, [](auto& s, const auto& v) { s.set_gpa(v); }),
    whole_field<layout::rmpread_result_view, layout::rmpread_result_const_view>("rmpread_result", "assigned", [](const auto& s) { return s.assigned(); }, [](auto& s, const auto& v) { s.set_assigned(v); }),
    whole_field<layout::rmpread_result_view, layout::rmpread_result_const_view>("rmpread_result", "page_size", [](const auto& s) { return s.page_size(); }, [](auto& s, const auto& v) { s.set_page_size(v); }),
    field_bits<layout::rmpread_result_view, layout::rmpread_result_const_view>("rmpread_result", "page_size", "page_size", [](const auto& s) { return s.page_size(); }, [](auto& s, const auto& v) { s.set_page_size(v); }, [](const auto& w) { return w.page_size(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_page_size(v); }),
    field_bits<layout::rmpread_result_view, layout::rmpread_result_const_view>("rmpread_result", "page_size", "hpage_region_status", [](const auto& s) { return s.page_size(); }, [](auto& s, const auto& v) { s.set_page_size(v); }, [](const auto& w) { return w.hpage_region_status(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_hpage_region_status(v); }),
    whole_field<layout::rmpread_result_view, layout::rmpread_result_const_view>("rmpread_result", "immutable", [](const auto& s) { return s.immutable(); }, [](auto& s, const auto& v) { s.set_immutable(v); }),
    whole_field<layout::rmpread_result_view, layout::rmpread_result_const_view>("rmpread_result", "asid", [](const auto& s) { return s.asid(); }, [](auto& s, const auto& v) { s.set_asid(v); }),
    whole_field<layout::rmpupdate_source_view, layout::rmpupdate_source_const_view>("rmpupdate_source", "gpa", [](const auto& s) { return s.gpa(); }, [](auto& s, const auto& v) { s.set_gpa(v); }),
    whole_field<layout::rmpupdate_source_view, layout::rmpupdate_source_const_view>("rmpupdate_source", "assigned", [](const auto& s) { return s.assigned(); }, [](auto& s, const auto& v) { s.set_assigned(v); }),
    whole_field<layout::rmpupdate_source_view, layout::rmpupdate_source_const_view>("rmpupdate_source", "page_size", [](const auto& s) { return s.page_size(); }, [](auto& s, const auto& v) { s.set_page_size(v); }),
    whole_field<layout::rmpupdate_source_view, layout::rmpupdate_source_const_view>("rmpupdate_source", "immutable", [](const auto& s) { return s.immutable(); }, [](auto& s, const auto& v) { s.set_immutable(v); }),
    whole_field<layout::rmpupdate_source_view, layout::rmpupdate_source_const_view>("rmpupdate_source", "asid", [](const auto& s) { return s.asid(); }, [](auto& s, const auto& v) { s.set_asid(v); }),
    word_bits<layout::vmpl_permissions>("vmpl_permissions", "value", "read", [](const auto& w) { return w.read(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_read(v); }),
    word_bits<layout::vmpl_permissions>("vmpl_permissions", "value", "write", [](const auto& w) { return w.write(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_write(v); }),
    word_bits<layout::vmpl_permissions>("vmpl_permissions", "value", "exec_user", [](const auto& w) { return w.exec_user(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_exec_user(v); }),
    word_bits<layout::vmpl_permissions>("vmpl_permissions", "value", "exec_supervisor", [](const auto& w) { return w.exec_supervisor(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_exec_supervisor(v); }),
    word_bits<layout::vmpl_permissions>("vmpl_permissions", "value", "sss", [](const auto& w) { return w.sss(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_sss(v); }),
    word_bits<layout::rmpadjust_attr>("rmpadjust_attr", "value", "target_vmpl", [](const auto& w) { return w.target_vmpl(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_target_vmpl(v); }),
    word_bits<layout::rmpadjust_attr>("rmpadjust_attr", "value", "read", [](const auto& w) { return w.read(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_read(v); }),
    word_bits<layout::rmpadjust_attr>("rmpadjust_attr", "value", "write", [](const auto& w) { return w.write(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_write(v); }),
    word_bits<layout::rmpadjust_attr>("rmpadjust_attr", "value", "exec_user", [](const auto& w) { return w.exec_user(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_exec_user(v); }),
    word_bits<layout::rmpadjust_attr>("rmpadjust_attr", "value", "exec_supervisor", [](const auto& w) { return w.exec_supervisor(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_exec_supervisor(v); }),
    word_bits<layout::rmpadjust_attr>("rmpadjust_attr", "value", "sss", [](const auto& w) { return w.sss(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_sss(v); }),
    word_bits<layout::rmpadjust_attr>("rmpadjust_attr", "value", "vmsa", [](const auto& w) { return w.vmsa(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmsa(v); }),
    word_bits<layout::rst_entry>("rst_entry", "value", "mapped_size_gb", [](const auto& w) { return w.mapped_size_gb(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_mapped_size_gb(v); }),
    word_bits<layout::rst_entry>("rst_entry", "value", "segment_base", [](const auto& w) { return w.segment_base(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_segment_base(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
