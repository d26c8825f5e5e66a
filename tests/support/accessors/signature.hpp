// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_SIGNATURE_HPP
#define SEVSPEC_TEST_ACCESSORS_SIGNATURE_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/signature.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes signature_structures[] = {
    shapes_of<layout::ecdsa_signature, layout::ecdsa_signature_view, layout::ecdsa_signature_const_view>("ecdsa_signature"),
    shapes_of<layout::ecdsa_public_key, layout::ecdsa_public_key_view, layout::ecdsa_public_key_const_view>("ecdsa_public_key"),
};

inline const accessor signature_accessors[] = {
    part_field<layout::ecdsa_signature_view, layout::ecdsa_signature_const_view>("ecdsa_signature", "r", [](const auto& s) { return s.r(); }, [](auto& s) { return s.r(); }, [](auto& s, const auto& v) { s.set_r(v); }),
    part_field<layout::ecdsa_signature_view, layout::ecdsa_signature_const_view>("ecdsa_signature", "s", [](const auto& s) { return s.s(); }, [](auto& s) { return s.s(); }, [](auto& s, const auto& v) { s.set_s(v); }),
    whole_field<layout::ecdsa_public_key_view, layout::ecdsa_public_key_const_view>("ecdsa_public_key", "curve", [](const auto& s) { return s.curve(); }, [](auto& s, const auto& v) { s.set_curve(v); }),
    part_field<layout::ecdsa_public_key_view, layout::ecdsa_public_key_const_view>("ecdsa_public_key", "qx", [](const auto& s) { return s.qx(); }, [](auto& s) { return s.qx(); }, [](auto& s, const auto& v) { s.set_qx(v); }),
    part_field<layout::ecdsa_public_key_view, layout::ecdsa_public_key_const_view>("ecdsa_public_key", "qy", [](const auto& s) { return s.qy(); }, [](auto& s) { return s.qy(); }, [](auto& s, const auto& v) { s.set_qy(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
