// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_PAGE_INFO_HPP
#define SEVSPEC_TEST_ACCESSORS_PAGE_INFO_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/page_info.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes page_info_structures[] = {
    shapes_of<layout::page_info, layout::page_info_view, layout::page_info_const_view>("page_info"),
    shapes_of<layout::snp_mdata_entry, layout::snp_mdata_entry_view, layout::snp_mdata_entry_const_view>("snp_mdata_entry"),
};

inline const accessor page_info_accessors[] = {
    part_field<layout::page_info_view, layout::page_info_const_view>("page_info", "digest_cur", [](const auto& s) { return s.digest_cur(); }, [](auto& s) { return s.digest_cur(); }, [](auto& s, const auto& v) { s.set_digest_cur(v); }),
    part_field<layout::page_info_view, layout::page_info_const_view>("page_info", "contents", [](const auto& s) { return s.contents(); }, [](auto& s) { return s.contents(); }, [](auto& s, const auto& v) { s.set_contents(v); }),
    whole_field<layout::page_info_view, layout::page_info_const_view>("page_info", "length", [](const auto& s) { return s.length(); }, [](auto& s, const auto& v) { s.set_length(v); }),
    whole_field<layout::page_info_view, layout::page_info_const_view>("page_info", "page_type", [](const auto& s) { return s.page_type(); }, [](auto& s, const auto& v) { s.set_page_type(v); }),
    whole_field<layout::page_info_view, layout::page_info_const_view>("page_info", "imi_page", [](const auto& s) { return s.imi_page(); }, [](auto& s, const auto& v) { s.set_imi_page(v); }),
    whole_field<layout::page_info_view, layout::page_info_const_view>("page_info", "reserved_perm", [](const auto& s) { return s.reserved_perm(); }, [](auto& s, const auto& v) { s.set_reserved_perm(v); }),
    whole_field<layout::page_info_view, layout::page_info_const_view>("page_info", "vmpl1_perms", [](const auto& s) { return s.vmpl1_perms(); }, [](auto& s, const auto& v) { s.set_vmpl1_perms(v); }),
    whole_field<layout::page_info_view, layout::page_info_const_view>("page_info", "vmpl2_perms", [](const auto& s) { return s.vmpl2_perms(); }, [](auto& s, const auto& v) { s.set_vmpl2_perms(v); }),
    whole_field<layout::page_info_view, layout::page_info_const_view>("page_info", "vmpl3_perms", [](const auto& s) { return s.vmpl3_perms(); }, [](auto& s, const auto& v) { s.set_vmpl3_perms(v); }),
    whole_field<layout::page_info_view, layout::page_info_const_view>("page_info", "gpa", [](const auto& s) { return s.gpa(); }, [](auto& s, const auto& v) { s.set_gpa(v); }),
    whole_field<layout::snp_mdata_entry_view, layout::snp_mdata_entry_const_view>("snp_mdata_entry", "software_data", [](const auto& s) { return s.software_data(); }, [](auto& s, const auto& v) { s.set_software_data(v); }),
    whole_field<layout::snp_mdata_entry_view, layout::snp_mdata_entry_const_view>("snp_mdata_entry", "iv", [](const auto& s) { return s.iv(); }, [](auto& s, const auto& v) { s.set_iv(v); }),
    part_field<layout::snp_mdata_entry_view, layout::snp_mdata_entry_const_view>("snp_mdata_entry", "auth_tag", [](const auto& s) { return s.auth_tag(); }, [](auto& s) { return s.auth_tag(); }, [](auto& s, const auto& v) { s.set_auth_tag(v); }),
    whole_field<layout::snp_mdata_entry_view, layout::snp_mdata_entry_const_view>("snp_mdata_entry", "attributes", [](const auto& s) { return s.attributes(); }, [](auto& s, const auto& v) { s.set_attributes(v); }),
    field_bits<layout::snp_mdata_entry_view, layout::snp_mdata_entry_const_view>("snp_mdata_entry", "attributes", "valid", [](const auto& s) { return s.attributes(); }, [](auto& s, const auto& v) { s.set_attributes(v); }, [](const auto& w) { return w.valid(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_valid(v); }),
    field_bits<layout::snp_mdata_entry_view, layout::snp_mdata_entry_const_view>("snp_mdata_entry", "attributes", "page_validated", [](const auto& s) { return s.attributes(); }, [](auto& s, const auto& v) { s.set_attributes(v); }, [](const auto& w) { return w.page_validated(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_page_validated(v); }),
    field_bits<layout::snp_mdata_entry_view, layout::snp_mdata_entry_const_view>("snp_mdata_entry", "attributes", "vmsa", [](const auto& s) { return s.attributes(); }, [](auto& s, const auto& v) { s.set_attributes(v); }, [](const auto& w) { return w.vmsa(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmsa(v); }),
    field_bits<layout::snp_mdata_entry_view, layout::snp_mdata_entry_const_view>("snp_mdata_entry", "attributes", "metadata", [](const auto& s) { return s.attributes(); }, [](auto& s, const auto& v) { s.set_attributes(v); }, [](const auto& w) { return w.metadata(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_metadata(v); }),
    field_bits<layout::snp_mdata_entry_view, layout::snp_mdata_entry_const_view>("snp_mdata_entry", "attributes", "page_size", [](const auto& s) { return s.attributes(); }, [](auto& s, const auto& v) { s.set_attributes(v); }, [](const auto& w) { return w.page_size(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_page_size(v); }),
    field_bits<layout::snp_mdata_entry_view, layout::snp_mdata_entry_const_view>("snp_mdata_entry", "attributes", "gpa_pfn", [](const auto& s) { return s.attributes(); }, [](auto& s, const auto& v) { s.set_attributes(v); }, [](const auto& w) { return w.gpa_pfn(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_gpa_pfn(v); }),
    whole_field<layout::snp_mdata_entry_view, layout::snp_mdata_entry_const_view>("snp_mdata_entry", "vmpl0_perms", [](const auto& s) { return s.vmpl0_perms(); }, [](auto& s, const auto& v) { s.set_vmpl0_perms(v); }),
    whole_field<layout::snp_mdata_entry_view, layout::snp_mdata_entry_const_view>("snp_mdata_entry", "vmpl1_perms", [](const auto& s) { return s.vmpl1_perms(); }, [](auto& s, const auto& v) { s.set_vmpl1_perms(v); }),
    whole_field<layout::snp_mdata_entry_view, layout::snp_mdata_entry_const_view>("snp_mdata_entry", "vmpl2_perms", [](const auto& s) { return s.vmpl2_perms(); }, [](auto& s, const auto& v) { s.set_vmpl2_perms(v); }),
    whole_field<layout::snp_mdata_entry_view, layout::snp_mdata_entry_const_view>("snp_mdata_entry", "vmpl3_perms", [](const auto& s) { return s.vmpl3_perms(); }, [](auto& s, const auto& v) { s.set_vmpl3_perms(v); }),
    whole_field<layout::snp_mdata_entry_view, layout::snp_mdata_entry_const_view>("snp_mdata_entry", "rmp_perm_high", [](const auto& s) { return s.rmp_perm_high(); }, [](auto& s, const auto& v) { s.set_rmp_perm_high(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
