// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_CERTIFICATE_HPP
#define SEVSPEC_TEST_ACCESSORS_CERTIFICATE_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/certificate.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes certificate_structures[] = {
    shapes_of<layout::cert_table_entry, layout::cert_table_entry_view, layout::cert_table_entry_const_view>("cert_table_entry"),
    shapes_of<layout::vlek_wrapped, layout::vlek_wrapped_view, layout::vlek_wrapped_const_view>("vlek_wrapped"),
    shapes_of<layout::sev_rsa_pub_key, layout::sev_rsa_pub_key_view, layout::sev_rsa_pub_key_const_view>("sev_rsa_pub_key"),
    shapes_of<layout::sev_ec_pub_key, layout::sev_ec_pub_key_view, layout::sev_ec_pub_key_const_view>("sev_ec_pub_key"),
    shapes_of<layout::sev_cert, layout::sev_cert_view, layout::sev_cert_const_view>("sev_cert"),
    shapes_of<layout::sev_cert_chain, layout::sev_cert_chain_view, layout::sev_cert_chain_const_view>("sev_cert_chain"),
    shapes_of<layout::amd_cert_fixed, layout::amd_cert_fixed_view, layout::amd_cert_fixed_const_view>("amd_cert_fixed"),
    shapes_of<layout::amd_cert_4096, layout::amd_cert_4096_view, layout::amd_cert_4096_const_view>("amd_cert_4096"),
    shapes_of<layout::amd_cert_2048, layout::amd_cert_2048_view, layout::amd_cert_2048_const_view>("amd_cert_2048"),
};

inline const accessor certificate_accessors[] = {
    part_field<layout::cert_table_entry_view, layout::cert_table_entry_const_view>("cert_table_entry", "guid", [](const auto& s) { return s.guid(); }, [](auto& s) { return s.guid(); }, [](auto& s, const auto& v) { s.set_guid(v); }),
    whole_field<layout::cert_table_entry_view, layout::cert_table_entry_const_view>("cert_table_entry", "offset", [](const auto& s) { return s.offset(); }, [](auto& s, const auto& v) { s.set_offset(v); }),
    whole_field<layout::cert_table_entry_view, layout::cert_table_entry_const_view>("cert_table_entry", "length", [](const auto& s) { return s.length(); }, [](auto& s, const auto& v) { s.set_length(v); }),
    part_field<layout::vlek_wrapped_view, layout::vlek_wrapped_const_view>("vlek_wrapped", "iv", [](const auto& s) { return s.iv(); }, [](auto& s) { return s.iv(); }, [](auto& s, const auto& v) { s.set_iv(v); }),
    part_field<layout::vlek_wrapped_view, layout::vlek_wrapped_const_view>("vlek_wrapped", "vlek_wrapped", [](const auto& s) { return s.vlek_wrapped(); }, [](auto& s) { return s.vlek_wrapped(); }, [](auto& s, const auto& v) { s.set_vlek_wrapped(v); }),
    whole_field<layout::vlek_wrapped_view, layout::vlek_wrapped_const_view>("vlek_wrapped", "tcb_version", [](const auto& s) { return s.tcb_version(); }, [](auto& s, const auto& v) { s.set_tcb_version(v); }),
    part_field<layout::vlek_wrapped_view, layout::vlek_wrapped_const_view>("vlek_wrapped", "vlek_auth_tag", [](const auto& s) { return s.vlek_auth_tag(); }, [](auto& s) { return s.vlek_auth_tag(); }, [](auto& s, const auto& v) { s.set_vlek_auth_tag(v); }),
    whole_field<layout::sev_rsa_pub_key_view, layout::sev_rsa_pub_key_const_view>("sev_rsa_pub_key", "modulus_size", [](const auto& s) { return s.modulus_size(); }, [](auto& s, const auto& v) { s.set_modulus_size(v); }),
    part_field<layout::sev_rsa_pub_key_view, layout::sev_rsa_pub_key_const_view>("sev_rsa_pub_key", "pub_exp", [](const auto& s) { return s.pub_exp(); }, [](auto& s) { return s.pub_exp(); }, [](auto& s, const auto& v) { s.set_pub_exp(v); }),
    part_field<layout::sev_rsa_pub_key_view, layout::sev_rsa_pub_key_const_view>("sev_rsa_pub_key", "modulus", [](const auto& s) { return s.modulus(); }, [](auto& s) { return s.modulus(); }, [](auto& s, const auto& v) { s.set_modulus(v); }),
    whole_field<layout::sev_ec_pub_key_view, layout::sev_ec_pub_key_const_view>("sev_ec_pub_key", "curve", [](const auto& s) { return s.curve(); }, [](auto& s, const auto& v) { s.set_curve(v); }),
    part_field<layout::sev_ec_pub_key_view, layout::sev_ec_pub_key_const_view>("sev_ec_pub_key", "qx", [](const auto& s) { return s.qx(); }, [](auto& s) { return s.qx(); }, [](auto& s, const auto& v) { s.set_qx(v); }),
    part_field<layout::sev_ec_pub_key_view, layout::sev_ec_pub_key_const_view>("sev_ec_pub_key", "qy", [](const auto& s) { return s.qy(); }, [](auto& s) { return s.qy(); }, [](auto& s, const auto& v) { s.set_qy(v); }),
    whole_field<layout::sev_cert_view, layout::sev_cert_const_view>("sev_cert", "version", [](const auto& s) { return s.version(); }, [](auto& s, const auto& v) { s.set_version(v); }),
    whole_field<layout::sev_cert_view, layout::sev_cert_const_view>("sev_cert", "api_major", [](const auto& s) { return s.api_major(); }, [](auto& s, const auto& v) { s.set_api_major(v); }),
    whole_field<layout::sev_cert_view, layout::sev_cert_const_view>("sev_cert", "api_minor", [](const auto& s) { return s.api_minor(); }, [](auto& s, const auto& v) { s.set_api_minor(v); }),
    whole_field<layout::sev_cert_view, layout::sev_cert_const_view>("sev_cert", "pubkey_usage", [](const auto& s) { return s.pubkey_usage(); }, [](auto& s, const auto& v) { s.set_pubkey_usage(v); }),
    whole_field<layout::sev_cert_view, layout::sev_cert_const_view>("sev_cert", "pubkey_algo", [](const auto& s) { return s.pubkey_algo(); }, [](auto& s, const auto& v) { s.set_pubkey_algo(v); }),
    part_field<layout::sev_cert_view, layout::sev_cert_const_view>("sev_cert", "pubkey", [](const auto& s) { return s.pubkey(); }, [](auto& s) { return s.pubkey(); }, [](auto& s, const auto& v) { s.set_pubkey(v); }),
    whole_field<layout::sev_cert_view, layout::sev_cert_const_view>("sev_cert", "sig1_usage", [](const auto& s) { return s.sig1_usage(); }, [](auto& s, const auto& v) { s.set_sig1_usage(v); }),
    whole_field<layout::sev_cert_view, layout::sev_cert_const_view>("sev_cert", "sig1_algo", [](const auto& s) { return s.sig1_algo(); }, [](auto& s, const auto& v) { s.set_sig1_algo(v); }),
    part_field<layout::sev_cert_view, layout::sev_cert_const_view>("sev_cert", "sig1", [](const auto& s) { return s.sig1(); }, [](auto& s) { return s.sig1(); }, [](auto& s, const auto& v) { s.set_sig1(v); }),
    whole_field<layout::sev_cert_view, layout::sev_cert_const_view>("sev_cert", "sig2_usage", [](const auto& s) { return s.sig2_usage(); }, [](auto& s, const auto& v) { s.set_sig2_usage(v); }),
    whole_field<layout::sev_cert_view, layout::sev_cert_const_view>("sev_cert", "sig2_algo", [](const auto& s) { return s.sig2_algo(); }, [](auto& s, const auto& v) { s.set_sig2_algo(v); }),
    part_field<layout::sev_cert_view, layout::sev_cert_const_view>("sev_cert", "sig2", [](const auto& s) { return s.sig2(); }, [](auto& s) { return s.sig2(); }, [](auto& s, const auto& v) { s.set_sig2(v); }),
    part_field<layout::sev_cert_chain_view, layout::sev_cert_chain_const_view>("sev_cert_chain", "pek", [](const auto& s) { return s.pek(); }, [](auto& s) { return s.pek(); }, [](auto& s, const auto& v) { s.set_pek(v); }),
    part_field<layout::sev_cert_chain_view, layout::sev_cert_chain_const_view>("sev_cert_chain", "oca", [](const auto& s) { return s.oca(); }, [](auto& s) { return s.oca(); }, [](auto& s, const auto& v) { s.set_oca(v); }),
    part_field<layout::sev_cert_chain_view, layout::sev_cert_chain_const_view>("sev_cert_chain", "cek", [](const auto& s) { return s.cek(); }, [](auto& s) { return s.cek(); }, [](auto& s, const auto& v) { s.set_cek(v); }),
    whole_field<layout::amd_cert_fixed_view, layout::amd_cert_fixed_const_view>("amd_cert_fixed", "version", [](const auto& s) { return s.version(); }, [](auto& s, const auto& v) { s.set_version(v); }),
    part_field<layout::amd_cert_fixed_view, layout::amd_cert_fixed_const_view>("amd_cert_fixed", "key_id", [](const auto& s) { return s.key_id(); }, [](auto& s) { return s.key_id(); }, [](auto& s, const auto& v) { s.set_key_id(v); }),
    part_field<layout::amd_cert_fixed_view, layout::amd_cert_fixed_const_view>("amd_cert_fixed", "certifying_id", [](const auto& s) { return s.certifying_id(); }, [](auto& s) { return s.certifying_id(); }, [](auto& s, const auto& v) { s.set_certifying_id(v); }),
    whole_field<layout::amd_cert_fixed_view, layout::amd_cert_fixed_const_view>("amd_cert_fixed", "key_usage", [](const auto& s) { return s.key_usage(); }, [](auto& s, const auto& v) { s.set_key_usage(v); }),
    whole_field<layout::amd_cert_fixed_view, layout::amd_cert_fixed_const_view>("amd_cert_fixed", "pub_exp_size", [](const auto& s) { return s.pub_exp_size(); }, [](auto& s, const auto& v) { s.set_pub_exp_size(v); }),
    whole_field<layout::amd_cert_fixed_view, layout::amd_cert_fixed_const_view>("amd_cert_fixed", "modulus_size", [](const auto& s) { return s.modulus_size(); }, [](auto& s, const auto& v) { s.set_modulus_size(v); }),
    part_field<layout::amd_cert_4096_view, layout::amd_cert_4096_const_view>("amd_cert_4096", "fixed", [](const auto& s) { return s.fixed(); }, [](auto& s) { return s.fixed(); }, [](auto& s, const auto& v) { s.set_fixed(v); }),
    part_field<layout::amd_cert_4096_view, layout::amd_cert_4096_const_view>("amd_cert_4096", "pub_exp", [](const auto& s) { return s.pub_exp(); }, [](auto& s) { return s.pub_exp(); }, [](auto& s, const auto& v) { s.set_pub_exp(v); }),
    part_field<layout::amd_cert_4096_view, layout::amd_cert_4096_const_view>("amd_cert_4096", "modulus", [](const auto& s) { return s.modulus(); }, [](auto& s) { return s.modulus(); }, [](auto& s, const auto& v) { s.set_modulus(v); }),
    part_field<layout::amd_cert_4096_view, layout::amd_cert_4096_const_view>("amd_cert_4096", "signature", [](const auto& s) { return s.signature(); }, [](auto& s) { return s.signature(); }, [](auto& s, const auto& v) { s.set_signature(v); }),
    part_field<layout::amd_cert_2048_view, layout::amd_cert_2048_const_view>("amd_cert_2048", "fixed", [](const auto& s) { return s.fixed(); }, [](auto& s) { return s.fixed(); }, [](auto& s, const auto& v) { s.set_fixed(v); }),
    part_field<layout::amd_cert_2048_view, layout::amd_cert_2048_const_view>("amd_cert_2048", "pub_exp", [](const auto& s) { return s.pub_exp(); }, [](auto& s) { return s.pub_exp(); }, [](auto& s, const auto& v) { s.set_pub_exp(v); }),
    part_field<layout::amd_cert_2048_view, layout::amd_cert_2048_const_view>("amd_cert_2048", "modulus", [](const auto& s) { return s.modulus(); }, [](auto& s) { return s.modulus(); }, [](auto& s, const auto& v) { s.set_modulus(v); }),
    part_field<layout::amd_cert_2048_view, layout::amd_cert_2048_const_view>("amd_cert_2048", "signature", [](const auto& s) { return s.signature(); }, [](auto& s) { return s.signature(); }, [](auto& s, const auto& v) { s.set_signature(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
