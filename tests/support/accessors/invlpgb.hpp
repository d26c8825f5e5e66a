// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_INVLPGB_HPP
#define SEVSPEC_TEST_ACCESSORS_INVLPGB_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/invlpgb.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes invlpgb_structures[] = {
    shapes_of<layout::invlpgb_rax>("invlpgb_rax"),
    shapes_of<layout::invlpgb_edx>("invlpgb_edx"),
    shapes_of<layout::invlpgb_ecx>("invlpgb_ecx"),
};

inline const accessor invlpgb_accessors[] = {
    word_bits<layout::invlpgb_rax>("invlpgb_rax", "value", "va_valid", [](const auto& w) { return w.va_valid(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_va_valid(v); }),
    word_bits<layout::invlpgb_rax>("invlpgb_rax", "value", "pcid_valid", [](const auto& w) { return w.pcid_valid(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_pcid_valid(v); }),
    word_bits<layout::invlpgb_rax>("invlpgb_rax", "value", "asid_valid", [](const auto& w) { return w.asid_valid(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_asid_valid(v); }),
    word_bits<layout::invlpgb_rax>("invlpgb_rax", "value", "include_global", [](const auto& w) { return w.include_global(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_include_global(v); }),
    word_bits<layout::invlpgb_rax>("invlpgb_rax", "value", "final_only", [](const auto& w) { return w.final_only(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_final_only(v); }),
    word_bits<layout::invlpgb_rax>("invlpgb_rax", "value", "include_nested", [](const auto& w) { return w.include_nested(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_include_nested(v); }),
    word_bits<layout::invlpgb_rax>("invlpgb_rax", "value", "vfn", [](const auto& w) { return w.vfn(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vfn(v); }),
    word_bits<layout::invlpgb_edx>("invlpgb_edx", "value", "asid", [](const auto& w) { return w.asid(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_asid(v); }),
    word_bits<layout::invlpgb_edx>("invlpgb_edx", "value", "pcid", [](const auto& w) { return w.pcid(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_pcid(v); }),
    word_bits<layout::invlpgb_ecx>("invlpgb_ecx", "value", "count", [](const auto& w) { return w.count(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_count(v); }),
    word_bits<layout::invlpgb_ecx>("invlpgb_ecx", "value", "large_page", [](const auto& w) { return w.large_page(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_large_page(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
