// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_GHCB_HPP
#define SEVSPEC_TEST_ACCESSORS_GHCB_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/ghcb.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes ghcb_structures[] = {
    shapes_of<layout::ghcb, layout::ghcb_view, layout::ghcb_const_view>("ghcb"),
};

inline const accessor ghcb_accessors[] = {
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "cpl", [](const auto& s) { return s.cpl(); }, [](auto& s, const auto& v) { s.set_cpl(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "xss", [](const auto& s) { return s.xss(); }, [](auto& s, const auto& v) { s.set_xss(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "dr7", [](const auto& s) { return s.dr7(); }, [](auto& s, const auto& v) { s.set_dr7(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "rip", [](const auto& s) { return s.rip(); }, [](auto& s, const auto& v) { s.set_rip(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "rsp", [](const auto& s) { return s.rsp(); }, [](auto& s, const auto& v) { s.set_rsp(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "rax", [](const auto& s) { return s.rax(); }, [](auto& s, const auto& v) { s.set_rax(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "rcx", [](const auto& s) { return s.rcx(); }, [](auto& s, const auto& v) { s.set_rcx(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "rdx", [](const auto& s) { return s.rdx(); }, [](auto& s, const auto& v) { s.set_rdx(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "rbx", [](const auto& s) { return s.rbx(); }, [](auto& s, const auto& v) { s.set_rbx(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "rbp", [](const auto& s) { return s.rbp(); }, [](auto& s, const auto& v) { s.set_rbp(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "rsi", [](const auto& s) { return s.rsi(); }, [](auto& s, const auto& v) { s.set_rsi(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "rdi", [](const auto& s) { return s.rdi(); }, [](auto& s, const auto& v) { s.set_rdi(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "r8", [](const auto& s) { return s.r8(); }, [](auto& s, const auto& v) { s.set_r8(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "r9", [](const auto& s) { return s.r9(); }, [](auto& s, const auto& v) { s.set_r9(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "r10", [](const auto& s) { return s.r10(); }, [](auto& s, const auto& v) { s.set_r10(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "r11", [](const auto& s) { return s.r11(); }, [](auto& s, const auto& v) { s.set_r11(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "r12", [](const auto& s) { return s.r12(); }, [](auto& s, const auto& v) { s.set_r12(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "r13", [](const auto& s) { return s.r13(); }, [](auto& s, const auto& v) { s.set_r13(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "r14", [](const auto& s) { return s.r14(); }, [](auto& s, const auto& v) { s.set_r14(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "r15", [](const auto& s) { return s.r15(); }, [](auto& s, const auto& v) { s.set_r15(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "sw_exit_code", [](const auto& s) { return s.sw_exit_code(); }, [](auto& s, const auto& v) { s.set_sw_exit_code(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "sw_exit_info_1", [](const auto& s) { return s.sw_exit_info_1(); }, [](auto& s, const auto& v) { s.set_sw_exit_info_1(v); }),
    field_bits<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "sw_exit_info_1", "low", [](const auto& s) { return s.sw_exit_info_1(); }, [](auto& s, const auto& v) { s.set_sw_exit_info_1(v); }, [](const auto& w) { return w.low(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_low(v); }),
    field_bits<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "sw_exit_info_1", "high", [](const auto& s) { return s.sw_exit_info_1(); }, [](auto& s, const auto& v) { s.set_sw_exit_info_1(v); }, [](const auto& w) { return w.high(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_high(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "sw_exit_info_2", [](const auto& s) { return s.sw_exit_info_2(); }, [](auto& s, const auto& v) { s.set_sw_exit_info_2(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "sw_scratch", [](const auto& s) { return s.sw_scratch(); }, [](auto& s, const auto& v) { s.set_sw_scratch(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "xcr0", [](const auto& s) { return s.xcr0(); }, [](auto& s, const auto& v) { s.set_xcr0(v); }),
    part_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "valid_bitmap", [](const auto& s) { return s.valid_bitmap(); }, [](auto& s) { return s.valid_bitmap(); }, [](auto& s, const auto& v) { s.set_valid_bitmap(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "x87_state_gpa", [](const auto& s) { return s.x87_state_gpa(); }, [](auto& s, const auto& v) { s.set_x87_state_gpa(v); }),
    part_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "shared_buffer", [](const auto& s) { return s.shared_buffer(); }, [](auto& s) { return s.shared_buffer(); }, [](auto& s, const auto& v) { s.set_shared_buffer(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "protocol_version", [](const auto& s) { return s.protocol_version(); }, [](auto& s, const auto& v) { s.set_protocol_version(v); }),
    whole_field<layout::ghcb_view, layout::ghcb_const_view>("ghcb", "ghcb_usage", [](const auto& s) { return s.ghcb_usage(); }, [](auto& s, const auto& v) { s.set_ghcb_usage(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
