// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_HOST_SAVE_AREA_HPP
#define SEVSPEC_TEST_ACCESSORS_HOST_SAVE_AREA_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/host_save_area.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes host_save_area_structures[] = {
    shapes_of<layout::host_save_area_es, layout::host_save_area_es_view, layout::host_save_area_es_const_view>("host_save_area_es"),
};

inline const accessor host_save_area_accessors[] = {
    part_field<layout::host_save_area_es_view, layout::host_save_area_es_const_view>("host_save_area_es", "host_control", [](const auto& s) { return s.host_control(); }, [](auto& s) { return s.host_control(); }, [](auto& s, const auto& v) { s.set_host_control(v); }),
    part_field<layout::host_save_area_es_view, layout::host_save_area_es_const_view>("host_save_area_es", "host_save", [](const auto& s) { return s.host_save(); }, [](auto& s) { return s.host_save(); }, [](auto& s, const auto& v) { s.set_host_save(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
