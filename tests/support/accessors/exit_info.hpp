// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_EXIT_INFO_HPP
#define SEVSPEC_TEST_ACCESSORS_EXIT_INFO_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/exit_info.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes exit_info_structures[] = {
    shapes_of<layout::event_injection>("event_injection"),
    shapes_of<layout::exitinfo1_ioio>("exitinfo1_ioio"),
    shapes_of<layout::exitinfo1_npf>("exitinfo1_npf"),
    shapes_of<layout::pf_error_code>("pf_error_code"),
};

inline const accessor exit_info_accessors[] = {
    word_bits<layout::event_injection>("event_injection", "value", "vector", [](const auto& w) { return w.vector(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vector(v); }),
    word_bits<layout::event_injection>("event_injection", "value", "type", [](const auto& w) { return w.type(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_type(v); }),
    word_bits<layout::event_injection>("event_injection", "value", "error_code_valid", [](const auto& w) { return w.error_code_valid(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_error_code_valid(v); }),
    word_bits<layout::event_injection>("event_injection", "value", "valid", [](const auto& w) { return w.valid(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_valid(v); }),
    word_bits<layout::event_injection>("event_injection", "value", "error_code", [](const auto& w) { return w.error_code(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_error_code(v); }),
    word_bits<layout::exitinfo1_ioio>("exitinfo1_ioio", "value", "in", [](const auto& w) { return w.in(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_in(v); }),
    word_bits<layout::exitinfo1_ioio>("exitinfo1_ioio", "value", "str", [](const auto& w) { return w.str(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_str(v); }),
    word_bits<layout::exitinfo1_ioio>("exitinfo1_ioio", "value", "rep", [](const auto& w) { return w.rep(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_rep(v); }),
    word_bits<layout::exitinfo1_ioio>("exitinfo1_ioio", "value", "sz8", [](const auto& w) { return w.sz8(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_sz8(v); }),
    word_bits<layout::exitinfo1_ioio>("exitinfo1_ioio", "value", "sz16", [](const auto& w) { return w.sz16(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_sz16(v); }),
    word_bits<layout::exitinfo1_ioio>("exitinfo1_ioio", "value", "sz32", [](const auto& w) { return w.sz32(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_sz32(v); }),
    word_bits<layout::exitinfo1_ioio>("exitinfo1_ioio", "value", "a16", [](const auto& w) { return w.a16(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_a16(v); }),
    word_bits<layout::exitinfo1_ioio>("exitinfo1_ioio", "value", "a32", [](const auto& w) { return w.a32(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_a32(v); }),
    word_bits<layout::exitinfo1_ioio>("exitinfo1_ioio", "value", "a64", [](const auto& w) { return w.a64(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_a64(v); }),
    word_bits<layout::exitinfo1_ioio>("exitinfo1_ioio", "value", "seg", [](const auto& w) { return w.seg(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_seg(v); }),
    word_bits<layout::exitinfo1_ioio>("exitinfo1_ioio", "value", "port", [](const auto& w) { return w.port(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_port(v); }),
    word_bits<layout::exitinfo1_npf>("exitinfo1_npf", "value", "p", [](const auto& w) { return w.p(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_p(v); }),
    word_bits<layout::exitinfo1_npf>("exitinfo1_npf", "value", "rw", [](const auto& w) { return w.rw(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_rw(v); }),
    word_bits<layout::exitinfo1_npf>("exitinfo1_npf", "value", "us", [](const auto& w) { return w.us(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_us(v); }),
    word_bits<layout::exitinfo1_npf>("exitinfo1_npf", "value", "rsv", [](const auto& w) { return w.rsv(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_rsv(v); }),
    word_bits<layout::exitinfo1_npf>("exitinfo1_npf", "value", "id", [](const auto& w) { return w.id(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_id(v); }),
    word_bits<layout::exitinfo1_npf>("exitinfo1_npf", "value", "ss", [](const auto& w) { return w.ss(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_ss(v); }),
    word_bits<layout::exitinfo1_npf>("exitinfo1_npf", "value", "rmp", [](const auto& w) { return w.rmp(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_rmp(v); }),
    word_bits<layout::exitinfo1_npf>("exitinfo1_npf", "value", "final", [](const auto& w) { return w.final(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_final(v); }),
    word_bits<layout::exitinfo1_npf>("exitinfo1_npf", "value", "page_table", [](const auto& w) { return w.page_table(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_page_table(v); }),
    word_bits<layout::exitinfo1_npf>("exitinfo1_npf", "value", "enc", [](const auto& w) { return w.enc(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_enc(v); }),
    word_bits<layout::exitinfo1_npf>("exitinfo1_npf", "value", "sizem", [](const auto& w) { return w.sizem(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_sizem(v); }),
    word_bits<layout::exitinfo1_npf>("exitinfo1_npf", "value", "vmpl", [](const auto& w) { return w.vmpl(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vmpl(v); }),
    word_bits<layout::exitinfo1_npf>("exitinfo1_npf", "value", "sss", [](const auto& w) { return w.sss(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_sss(v); }),
    word_bits<layout::exitinfo1_npf>("exitinfo1_npf", "value", "not_restartable", [](const auto& w) { return w.not_restartable(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_not_restartable(v); }),
    word_bits<layout::pf_error_code>("pf_error_code", "value", "p", [](const auto& w) { return w.p(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_p(v); }),
    word_bits<layout::pf_error_code>("pf_error_code", "value", "rw", [](const auto& w) { return w.rw(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_rw(v); }),
    word_bits<layout::pf_error_code>("pf_error_code", "value", "us", [](const auto& w) { return w.us(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_us(v); }),
    word_bits<layout::pf_error_code>("pf_error_code", "value", "rsv", [](const auto& w) { return w.rsv(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_rsv(v); }),
    word_bits<layout::pf_error_code>("pf_error_code", "value", "id", [](const auto& w) { return w.id(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_id(v); }),
    word_bits<layout::pf_error_code>("pf_error_code", "value", "pk", [](const auto& w) { return w.pk(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_pk(v); }),
    word_bits<layout::pf_error_code>("pf_error_code", "value", "ss", [](const auto& w) { return w.ss(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_ss(v); }),
    word_bits<layout::pf_error_code>("pf_error_code", "value", "rmp", [](const auto& w) { return w.rmp(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_rmp(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
