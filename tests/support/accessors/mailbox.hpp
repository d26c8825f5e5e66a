// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_MAILBOX_HPP
#define SEVSPEC_TEST_ACCESSORS_MAILBOX_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/mailbox.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes mailbox_structures[] = {
    shapes_of<layout::sev_cmdresp_command>("sev_cmdresp_command"),
    shapes_of<layout::sev_cmdresp_response>("sev_cmdresp_response"),
};

inline const accessor mailbox_accessors[] = {
    word_bits<layout::sev_cmdresp_command>("sev_cmdresp_command", "value", "ioc", [](const auto& w) { return w.ioc(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_ioc(v); }),
    word_bits<layout::sev_cmdresp_command>("sev_cmdresp_command", "value", "command_id", [](const auto& w) { return w.command_id(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_command_id(v); }),
    word_bits<layout::sev_cmdresp_command>("sev_cmdresp_command", "value", "response", [](const auto& w) { return w.response(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_response(v); }),
    word_bits<layout::sev_cmdresp_response>("sev_cmdresp_response", "value", "status", [](const auto& w) { return w.status(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_status(v); }),
    word_bits<layout::sev_cmdresp_response>("sev_cmdresp_response", "value", "opaque", [](const auto& w) { return w.opaque(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_opaque(v); }),
    word_bits<layout::sev_cmdresp_response>("sev_cmdresp_response", "value", "response", [](const auto& w) { return w.response(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_response(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
