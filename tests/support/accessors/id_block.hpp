// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_ID_BLOCK_HPP
#define SEVSPEC_TEST_ACCESSORS_ID_BLOCK_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/id_block.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes id_block_structures[] = {
    shapes_of<layout::id_block, layout::id_block_view, layout::id_block_const_view>("id_block"),
    shapes_of<layout::id_auth, layout::id_auth_view, layout::id_auth_const_view>("id_auth"),
};

inline const accessor id_block_accessors[] = {
    part_field<layout::id_block_view, layout::id_block_const_view>("id_block", "ld", [](const auto& s) { return s.ld(); }, [](auto& s) { return s.ld(); }, [](auto& s, const auto& v) { s.set_ld(v); }),
    part_field<layout::id_block_view, layout::id_block_const_view>("id_block", "family_id", [](const auto& s) { return s.family_id(); }, [](auto& s) { return s.family_id(); }, [](auto& s, const auto& v) { s.set_family_id(v); }),
    part_field<layout::id_block_view, layout::id_block_const_view>("id_block", "image_id", [](const auto& s) { return s.image_id(); }, [](auto& s) { return s.image_id(); }, [](auto& s, const auto& v) { s.set_image_id(v); }),
    whole_field<layout::id_block_view, layout::id_block_const_view>("id_block", "version", [](const auto& s) { return s.version(); }, [](auto& s, const auto& v) { s.set_version(v); }),
    whole_field<layout::id_block_view, layout::id_block_const_view>("id_block", "guest_svn", [](const auto& s) { return s.guest_svn(); }, [](auto& s, const auto& v) { s.set_guest_svn(v); }),
    whole_field<layout::id_block_view, layout::id_block_const_view>("id_block", "policy", [](const auto& s) { return s.policy(); }, [](auto& s, const auto& v) { s.set_policy(v); }),
    whole_field<layout::id_auth_view, layout::id_auth_const_view>("id_auth", "id_key_algo", [](const auto& s) { return s.id_key_algo(); }, [](auto& s, const auto& v) { s.set_id_key_algo(v); }),
    whole_field<layout::id_auth_view, layout::id_auth_const_view>("id_auth", "auth_key_algo", [](const auto& s) { return s.auth_key_algo(); }, [](auto& s, const auto& v) { s.set_auth_key_algo(v); }),
    part_field<layout::id_auth_view, layout::id_auth_const_view>("id_auth", "id_block_sig", [](const auto& s) { return s.id_block_sig(); }, [](auto& s) { return s.id_block_sig(); }, [](auto& s, const auto& v) { s.set_id_block_sig(v); }),
    part_field<layout::id_auth_view, layout::id_auth_const_view>("id_auth", "id_key", [](const auto& s) { return s.id_key(); }, [](auto& s) { return s.id_key(); }, [](auto& s, const auto& v) { s.set_id_key(v); }),
    part_field<layout::id_auth_view, layout::id_auth_const_view>("id_auth", "id_key_sig", [](const auto& s) { return s.id_key_sig(); }, [](auto& s) { return s.id_key_sig(); }, [](auto& s, const auto& v) { s.set_id_key_sig(v); }),
    part_field<layout::id_auth_view, layout::id_auth_const_view>("id_auth", "author_key", [](const auto& s) { return s.author_key(); }, [](auto& s) { return s.author_key(); }, [](auto& s, const auto& v) { s.set_author_key(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
