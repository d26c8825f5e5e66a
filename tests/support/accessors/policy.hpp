// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_POLICY_HPP
#define SEVSPEC_TEST_ACCESSORS_POLICY_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/policy.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes policy_structures[] = {
    shapes_of<layout::snp_guest_policy>("snp_guest_policy"),
    shapes_of<layout::sev_guest_policy>("sev_guest_policy"),
};

inline const accessor policy_accessors[] = {
    word_bits<layout::snp_guest_policy>("snp_guest_policy", "value", "abi_minor", [](const auto& w) { return w.abi_minor(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_abi_minor(v); }),
    word_bits<layout::snp_guest_policy>("snp_guest_policy", "value", "abi_major", [](const auto& w) { return w.abi_major(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_abi_major(v); }),
    word_bits<layout::snp_guest_policy>("snp_guest_policy", "value", "smt", [](const auto& w) { return w.smt(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_smt(v); }),
    word_bits<layout::snp_guest_policy>("snp_guest_policy", "value", "reserved_must_be_one", [](const auto& w) { return w.reserved_must_be_one(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_reserved_must_be_one(v); }),
    word_bits<layout::snp_guest_policy>("snp_guest_policy", "value", "migrate_ma", [](const auto& w) { return w.migrate_ma(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_migrate_ma(v); }),
    word_bits<layout::snp_guest_policy>("snp_guest_policy", "value", "debug", [](const auto& w) { return w.debug(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_debug(v); }),
    word_bits<layout::snp_guest_policy>("snp_guest_policy", "value", "single_socket", [](const auto& w) { return w.single_socket(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_single_socket(v); }),
    word_bits<layout::snp_guest_policy>("snp_guest_policy", "value", "cxl_allow", [](const auto& w) { return w.cxl_allow(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_cxl_allow(v); }),
    word_bits<layout::snp_guest_policy>("snp_guest_policy", "value", "mem_aes_256_xts", [](const auto& w) { return w.mem_aes_256_xts(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_mem_aes_256_xts(v); }),
    word_bits<layout::snp_guest_policy>("snp_guest_policy", "value", "rapl_dis", [](const auto& w) { return w.rapl_dis(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_rapl_dis(v); }),
    word_bits<layout::snp_guest_policy>("snp_guest_policy", "value", "ciphertext_hiding_dram", [](const auto& w) { return w.ciphertext_hiding_dram(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_ciphertext_hiding_dram(v); }),
    word_bits<layout::snp_guest_policy>("snp_guest_policy", "value", "page_swap_disable", [](const auto& w) { return w.page_swap_disable(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_page_swap_disable(v); }),
    word_bits<layout::sev_guest_policy>("sev_guest_policy", "value", "nodbg", [](const auto& w) { return w.nodbg(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_nodbg(v); }),
    word_bits<layout::sev_guest_policy>("sev_guest_policy", "value", "noks", [](const auto& w) { return w.noks(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_noks(v); }),
    word_bits<layout::sev_guest_policy>("sev_guest_policy", "value", "es", [](const auto& w) { return w.es(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_es(v); }),
    word_bits<layout::sev_guest_policy>("sev_guest_policy", "value", "nosend", [](const auto& w) { return w.nosend(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_nosend(v); }),
    word_bits<layout::sev_guest_policy>("sev_guest_policy", "value", "domain", [](const auto& w) { return w.domain(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_domain(v); }),
    word_bits<layout::sev_guest_policy>("sev_guest_policy", "value", "sev", [](const auto& w) { return w.sev(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_sev(v); }),
    word_bits<layout::sev_guest_policy>("sev_guest_policy", "value", "api_major", [](const auto& w) { return w.api_major(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_api_major(v); }),
    word_bits<layout::sev_guest_policy>("sev_guest_policy", "value", "api_minor", [](const auto& w) { return w.api_minor(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_api_minor(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
