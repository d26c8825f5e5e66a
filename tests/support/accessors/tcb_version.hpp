// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_TCB_VERSION_HPP
#define SEVSPEC_TEST_ACCESSORS_TCB_VERSION_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/tcb_version.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes tcb_version_structures[] = {
    shapes_of<layout::tcb_version_milan_genoa, layout::tcb_version_milan_genoa_view, layout::tcb_version_milan_genoa_const_view>("tcb_version_milan_genoa"),
    shapes_of<layout::tcb_version_turin, layout::tcb_version_turin_view, layout::tcb_version_turin_const_view>("tcb_version_turin"),
};

inline const accessor tcb_version_accessors[] = {
    whole_field<layout::tcb_version_milan_genoa_view, layout::tcb_version_milan_genoa_const_view>("tcb_version_milan_genoa", "boot_loader", [](const auto& s) { return s.boot_loader(); }, [](auto& s, const auto& v) { s.set_boot_loader(v); }),
    whole_field<layout::tcb_version_milan_genoa_view, layout::tcb_version_milan_genoa_const_view>("tcb_version_milan_genoa", "tee", [](const auto& s) { return s.tee(); }, [](auto& s, const auto& v) { s.set_tee(v); }),
    whole_field<layout::tcb_version_milan_genoa_view, layout::tcb_version_milan_genoa_const_view>("tcb_version_milan_genoa", "snp", [](const auto& s) { return s.snp(); }, [](auto& s, const auto& v) { s.set_snp(v); }),
    whole_field<layout::tcb_version_milan_genoa_view, layout::tcb_version_milan_genoa_const_view>("tcb_version_milan_genoa", "microcode", [](const auto& s) { return s.microcode(); }, [](auto& s, const auto& v) { s.set_microcode(v); }),
    whole_field<layout::tcb_version_turin_view, layout::tcb_version_turin_const_view>("tcb_version_turin", "fmc", [](const auto& s) { return s.fmc(); }, [](auto& s, const auto& v) { s.set_fmc(v); }),
    whole_field<layout::tcb_version_turin_view, layout::tcb_version_turin_const_view>("tcb_version_turin", "boot_loader", [](const auto& s) { return s.boot_loader(); }, [](auto& s, const auto& v) { s.set_boot_loader(v); }),
    whole_field<layout::tcb_version_turin_view, layout::tcb_version_turin_const_view>("tcb_version_turin", "tee", [](const auto& s) { return s.tee(); }, [](auto& s, const auto& v) { s.set_tee(v); }),
    whole_field<layout::tcb_version_turin_view, layout::tcb_version_turin_const_view>("tcb_version_turin", "snp", [](const auto& s) { return s.snp(); }, [](auto& s, const auto& v) { s.set_snp(v); }),
    whole_field<layout::tcb_version_turin_view, layout::tcb_version_turin_const_view>("tcb_version_turin", "microcode", [](const auto& s) { return s.microcode(); }, [](auto& s, const auto& v) { s.set_microcode(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
