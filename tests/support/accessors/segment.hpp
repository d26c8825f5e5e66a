// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_SEGMENT_HPP
#define SEVSPEC_TEST_ACCESSORS_SEGMENT_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/segment.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes segment_structures[] = {
    shapes_of<layout::segment, layout::segment_view, layout::segment_const_view>("segment"),
};

inline const accessor segment_accessors[] = {
    whole_field<layout::segment_view, layout::segment_const_view>("segment", "selector", [](const auto& s) { return s.selector(); }, [](auto& s, const auto& v) { s.set_selector(v); }),
    whole_field<layout::segment_view, layout::segment_const_view>("segment", "attrib", [](const auto& s) { return s.attrib(); }, [](auto& s, const auto& v) { s.set_attrib(v); }),
    field_bits<layout::segment_view, layout::segment_const_view>("segment", "attrib", "type", [](const auto& s) { return s.attrib(); }, [](auto& s, const auto& v) { s.set_attrib(v); }, [](const auto& w) { return w.type(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_type(v); }),
    field_bits<layout::segment_view, layout::segment_const_view>("segment", "attrib", "s", [](const auto& s) { return s.attrib(); }, [](auto& s, const auto& v) { s.set_attrib(v); }, [](const auto& w) { return w.s(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_s(v); }),
    field_bits<layout::segment_view, layout::segment_const_view>("segment", "attrib", "dpl", [](const auto& s) { return s.attrib(); }, [](auto& s, const auto& v) { s.set_attrib(v); }, [](const auto& w) { return w.dpl(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_dpl(v); }),
    field_bits<layout::segment_view, layout::segment_const_view>("segment", "attrib", "p", [](const auto& s) { return s.attrib(); }, [](auto& s, const auto& v) { s.set_attrib(v); }, [](const auto& w) { return w.p(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_p(v); }),
    field_bits<layout::segment_view, layout::segment_const_view>("segment", "attrib", "avl", [](const auto& s) { return s.attrib(); }, [](auto& s, const auto& v) { s.set_attrib(v); }, [](const auto& w) { return w.avl(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_avl(v); }),
    field_bits<layout::segment_view, layout::segment_const_view>("segment", "attrib", "l", [](const auto& s) { return s.attrib(); }, [](auto& s, const auto& v) { s.set_attrib(v); }, [](const auto& w) { return w.l(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_l(v); }),
    field_bits<layout::segment_view, layout::segment_const_view>("segment", "attrib", "db", [](const auto& s) { return s.attrib(); }, [](auto& s, const auto& v) { s.set_attrib(v); }, [](const auto& w) { return w.db(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_db(v); }),
    field_bits<layout::segment_view, layout::segment_const_view>("segment", "attrib", "g", [](const auto& s) { return s.attrib(); }, [](auto& s, const auto& v) { s.set_attrib(v); }, [](const auto& w) { return w.g(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_g(v); }),
    whole_field<layout::segment_view, layout::segment_const_view>("segment", "limit", [](const auto& s) { return s.limit(); }, [](auto& s, const auto& v) { s.set_limit(v); }),
    whole_field<layout::segment_view, layout::segment_const_view>("segment", "base", [](const auto& s) { return s.base(); }, [](auto& s, const auto& v) { s.set_base(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
