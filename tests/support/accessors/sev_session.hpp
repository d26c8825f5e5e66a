// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_SEV_SESSION_HPP
#define SEVSPEC_TEST_ACCESSORS_SEV_SESSION_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/sev_session.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes sev_session_structures[] = {
    shapes_of<layout::sev_session, layout::sev_session_view, layout::sev_session_const_view>("sev_session"),
    shapes_of<layout::sev_packet_header, layout::sev_packet_header_view, layout::sev_packet_header_const_view>("sev_packet_header"),
    shapes_of<layout::sev_measurement, layout::sev_measurement_view, layout::sev_measurement_const_view>("sev_measurement"),
    shapes_of<layout::sev_attestation_report, layout::sev_attestation_report_view, layout::sev_attestation_report_const_view>("sev_attestation_report"),
    shapes_of<layout::sev_aad_update, layout::sev_aad_update_view, layout::sev_aad_update_const_view>("sev_aad_update"),
    shapes_of<layout::sev_swap_mdata, layout::sev_swap_mdata_view, layout::sev_swap_mdata_const_view>("sev_swap_mdata"),
};

inline const accessor sev_session_accessors[] = {
    part_field<layout::sev_session_view, layout::sev_session_const_view>("sev_session", "nonce", [](const auto& s) { return s.nonce(); }, [](auto& s) { return s.nonce(); }, [](auto& s, const auto& v) { s.set_nonce(v); }),
    part_field<layout::sev_session_view, layout::sev_session_const_view>("sev_session", "wrap_tk", [](const auto& s) { return s.wrap_tk(); }, [](auto& s) { return s.wrap_tk(); }, [](auto& s, const auto& v) { s.set_wrap_tk(v); }),
    part_field<layout::sev_session_view, layout::sev_session_const_view>("sev_session", "wrap_iv", [](const auto& s) { return s.wrap_iv(); }, [](auto& s) { return s.wrap_iv(); }, [](auto& s, const auto& v) { s.set_wrap_iv(v); }),
    part_field<layout::sev_session_view, layout::sev_session_const_view>("sev_session", "wrap_mac", [](const auto& s) { return s.wrap_mac(); }, [](auto& s) { return s.wrap_mac(); }, [](auto& s, const auto& v) { s.set_wrap_mac(v); }),
    part_field<layout::sev_session_view, layout::sev_session_const_view>("sev_session", "policy_mac", [](const auto& s) { return s.policy_mac(); }, [](auto& s) { return s.policy_mac(); }, [](auto& s, const auto& v) { s.set_policy_mac(v); }),
    whole_field<layout::sev_packet_header_view, layout::sev_packet_header_const_view>("sev_packet_header", "flags", [](const auto& s) { return s.flags(); }, [](auto& s, const auto& v) { s.set_flags(v); }),
    field_bits<layout::sev_packet_header_view, layout::sev_packet_header_const_view>("sev_packet_header", "flags", "compressed", [](const auto& s) { return s.flags(); }, [](auto& s, const auto& v) { s.set_flags(v); }, [](const auto& w) { return w.compressed(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_compressed(v); }),
    part_field<layout::sev_packet_header_view, layout::sev_packet_header_const_view>("sev_packet_header", "iv", [](const auto& s) { return s.iv(); }, [](auto& s) { return s.iv(); }, [](auto& s, const auto& v) { s.set_iv(v); }),
    part_field<layout::sev_packet_header_view, layout::sev_packet_header_const_view>("sev_packet_header", "mac", [](const auto& s) { return s.mac(); }, [](auto& s) { return s.mac(); }, [](auto& s, const auto& v) { s.set_mac(v); }),
    part_field<layout::sev_measurement_view, layout::sev_measurement_const_view>("sev_measurement", "measurement", [](const auto& s) { return s.measurement(); }, [](auto& s) { return s.measurement(); }, [](auto& s, const auto& v) { s.set_measurement(v); }),
    part_field<layout::sev_measurement_view, layout::sev_measurement_const_view>("sev_measurement", "mnonce", [](const auto& s) { return s.mnonce(); }, [](auto& s) { return s.mnonce(); }, [](auto& s, const auto& v) { s.set_mnonce(v); }),
    part_field<layout::sev_attestation_report_view, layout::sev_attestation_report_const_view>("sev_attestation_report", "mnonce", [](const auto& s) { return s.mnonce(); }, [](auto& s) { return s.mnonce(); }, [](auto& s, const auto& v) { s.set_mnonce(v); }),
    part_field<layout::sev_attestation_report_view, layout::sev_attestation_report_const_view>("sev_attestation_report", "launch_digest", [](const auto& s) { return s.launch_digest(); }, [](auto& s) { return s.launch_digest(); }, [](auto& s, const auto& v) { s.set_launch_digest(v); }),
    whole_field<layout::sev_attestation_report_view, layout::sev_attestation_report_const_view>("sev_attestation_report", "policy", [](const auto& s) { return s.policy(); }, [](auto& s, const auto& v) { s.set_policy(v); }),
    whole_field<layout::sev_attestation_report_view, layout::sev_attestation_report_const_view>("sev_attestation_report", "sig_usage", [](const auto& s) { return s.sig_usage(); }, [](auto& s, const auto& v) { s.set_sig_usage(v); }),
    whole_field<layout::sev_attestation_report_view, layout::sev_attestation_report_const_view>("sev_attestation_report", "sig_algo", [](const auto& s) { return s.sig_algo(); }, [](auto& s, const auto& v) { s.set_sig_algo(v); }),
    part_field<layout::sev_attestation_report_view, layout::sev_attestation_report_const_view>("sev_attestation_report", "signature", [](const auto& s) { return s.signature(); }, [](auto& s) { return s.signature(); }, [](auto& s, const auto& v) { s.set_signature(v); }),
    whole_field<layout::sev_aad_update_view, layout::sev_aad_update_const_view>("sev_aad_update", "context", [](const auto& s) { return s.context(); }, [](auto& s, const auto& v) { s.set_context(v); }),
    whole_field<layout::sev_aad_update_view, layout::sev_aad_update_const_view>("sev_aad_update", "flags", [](const auto& s) { return s.flags(); }, [](auto& s, const auto& v) { s.set_flags(v); }),
    part_field<layout::sev_aad_update_view, layout::sev_aad_update_const_view>("sev_aad_update", "iv", [](const auto& s) { return s.iv(); }, [](auto& s) { return s.iv(); }, [](auto& s, const auto& v) { s.set_iv(v); }),
    whole_field<layout::sev_aad_update_view, layout::sev_aad_update_const_view>("sev_aad_update", "guest_len", [](const auto& s) { return s.guest_len(); }, [](auto& s, const auto& v) { s.set_guest_len(v); }),
    whole_field<layout::sev_aad_update_view, layout::sev_aad_update_const_view>("sev_aad_update", "trans_len", [](const auto& s) { return s.trans_len(); }, [](auto& s, const auto& v) { s.set_trans_len(v); }),
    whole_field<layout::sev_swap_mdata_view, layout::sev_swap_mdata_const_view>("sev_swap_mdata", "software_data", [](const auto& s) { return s.software_data(); }, [](auto& s, const auto& v) { s.set_software_data(v); }),
    whole_field<layout::sev_swap_mdata_view, layout::sev_swap_mdata_const_view>("sev_swap_mdata", "iv", [](const auto& s) { return s.iv(); }, [](auto& s, const auto& v) { s.set_iv(v); }),
    part_field<layout::sev_swap_mdata_view, layout::sev_swap_mdata_const_view>("sev_swap_mdata", "auth_tag", [](const auto& s) { return s.auth_tag(); }, [](auto& s) { return s.auth_tag(); }, [](auto& s, const auto& v) { s.set_auth_tag(v); }),
    whole_field<layout::sev_swap_mdata_view, layout::sev_swap_mdata_const_view>("sev_swap_mdata", "flags", [](const auto& s) { return s.flags(); }, [](auto& s, const auto& v) { s.set_flags(v); }),
    field_bits<layout::sev_swap_mdata_view, layout::sev_swap_mdata_const_view>("sev_swap_mdata", "flags", "page_size", [](const auto& s) { return s.flags(); }, [](auto& s, const auto& v) { s.set_flags(v); }, [](const auto& w) { return w.page_size(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_page_size(v); }),
    field_bits<layout::sev_swap_mdata_view, layout::sev_swap_mdata_const_view>("sev_swap_mdata", "flags", "page_type", [](const auto& s) { return s.flags(); }, [](auto& s, const auto& v) { s.set_flags(v); }, [](const auto& w) { return w.page_type(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_page_type(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
