// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_CPUID_PAGE_HPP
#define SEVSPEC_TEST_ACCESSORS_CPUID_PAGE_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/cpuid_page.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes cpuid_page_structures[] = {
    shapes_of<layout::cpuid_page_entry, layout::cpuid_page_entry_view, layout::cpuid_page_entry_const_view>("cpuid_page_entry"),
    shapes_of<layout::cpuid_page, layout::cpuid_page_view, layout::cpuid_page_const_view>("cpuid_page"),
};

inline const accessor cpuid_page_accessors[] = {
    whole_field<layout::cpuid_page_entry_view, layout::cpuid_page_entry_const_view>("cpuid_page_entry", "eax_in", [](const auto& s) { return s.eax_in(); }, [](auto& s, const auto& v) { s.set_eax_in(v); }),
    whole_field<layout::cpuid_page_entry_view, layout::cpuid_page_entry_const_view>("cpuid_page_entry", "ecx_in", [](const auto& s) { return s.ecx_in(); }, [](auto& s, const auto& v) { s.set_ecx_in(v); }),
    whole_field<layout::cpuid_page_entry_view, layout::cpuid_page_entry_const_view>("cpuid_page_entry", "xcr0_in", [](const auto& s) { return s.xcr0_in(); }, [](auto& s, const auto& v) { s.set_xcr0_in(v); }),
    whole_field<layout::cpuid_page_entry_view, layout::cpuid_page_entry_const_view>("cpuid_page_entry", "xss_in", [](const auto& s) { return s.xss_in(); }, [](auto& s, const auto& v) { s.set_xss_in(v); }),
    whole_field<layout::cpuid_page_entry_view, layout::cpuid_page_entry_const_view>("cpuid_page_entry", "eax", [](const auto& s) { return s.eax(); }, [](auto& s, const auto& v) { s.set_eax(v); }),
    whole_field<layout::cpuid_page_entry_view, layout::cpuid_page_entry_const_view>("cpuid_page_entry", "ebx", [](const auto& s) { return s.ebx(); }, [](auto& s, const auto& v) { s.set_ebx(v); }),
    whole_field<layout::cpuid_page_entry_view, layout::cpuid_page_entry_const_view>("cpuid_page_entry", "ecx", [](const auto& s) { return s.ecx(); }, [](auto& s, const auto& v) { s.set_ecx(v); }),
    whole_field<layout::cpuid_page_entry_view, layout::cpuid_page_entry_const_view>("cpuid_page_entry", "edx", [](const auto& s) { return s.edx(); }, [](auto& s, const auto& v) { s.set_edx(v); }),
    whole_field<layout::cpuid_page_view, layout::cpuid_page_const_view>("cpuid_page", "count", [](const auto& s) { return s.count(); }, [](auto& s, const auto& v) { s.set_count(v); }),
    part_field<layout::cpuid_page_view, layout::cpuid_page_const_view>("cpuid_page", "entries", [](const auto& s) { return s.entries(); }, [](auto& s) { return s.entries(); }, [](auto& s, const auto& v) { s.set_entries(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
