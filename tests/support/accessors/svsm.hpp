// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_SVSM_HPP
#define SEVSPEC_TEST_ACCESSORS_SVSM_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/svsm.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes svsm_structures[] = {
    shapes_of<layout::svsm_caa, layout::svsm_caa_view, layout::svsm_caa_const_view>("svsm_caa"),
    shapes_of<layout::svsm_call_rax, layout::svsm_call_rax_view, layout::svsm_call_rax_const_view>("svsm_call_rax"),
    shapes_of<layout::svsm_pvalidate_header, layout::svsm_pvalidate_header_view, layout::svsm_pvalidate_header_const_view>("svsm_pvalidate_header"),
    shapes_of<layout::svsm_pvalidate_entry>("svsm_pvalidate_entry"),
    shapes_of<layout::svsm_deposit_list_header, layout::svsm_deposit_list_header_view, layout::svsm_deposit_list_header_const_view>("svsm_deposit_list_header"),
    shapes_of<layout::svsm_attest_services, layout::svsm_attest_services_view, layout::svsm_attest_services_const_view>("svsm_attest_services"),
    shapes_of<layout::svsm_attest_single_service, layout::svsm_attest_single_service_view, layout::svsm_attest_single_service_const_view>("svsm_attest_single_service"),
    shapes_of<layout::svsm_services_manifest_header, layout::svsm_services_manifest_header_view, layout::svsm_services_manifest_header_const_view>("svsm_services_manifest_header"),
    shapes_of<layout::svsm_vtpm_send_command, layout::svsm_vtpm_send_command_view, layout::svsm_vtpm_send_command_const_view>("svsm_vtpm_send_command"),
    shapes_of<layout::svsm_vtpm_send_response, layout::svsm_vtpm_send_response_view, layout::svsm_vtpm_send_response_const_view>("svsm_vtpm_send_response"),
    shapes_of<layout::svsm_apic_vector_config>("svsm_apic_vector_config"),
};

inline const accessor svsm_accessors[] = {
    whole_field<layout::svsm_caa_view, layout::svsm_caa_const_view>("svsm_caa", "svsm_call_pending", [](const auto& s) { return s.svsm_call_pending(); }, [](auto& s, const auto& v) { s.set_svsm_call_pending(v); }),
    whole_field<layout::svsm_caa_view, layout::svsm_caa_const_view>("svsm_caa", "svsm_mem_available", [](const auto& s) { return s.svsm_mem_available(); }, [](auto& s, const auto& v) { s.set_svsm_mem_available(v); }),
    whole_field<layout::svsm_caa_view, layout::svsm_caa_const_view>("svsm_caa", "no_eoi_required", [](const auto& s) { return s.no_eoi_required(); }, [](auto& s, const auto& v) { s.set_no_eoi_required(v); }),
    part_field<layout::svsm_caa_view, layout::svsm_caa_const_view>("svsm_caa", "svsm_buffer", [](const auto& s) { return s.svsm_buffer(); }, [](auto& s) { return s.svsm_buffer(); }, [](auto& s, const auto& v) { s.set_svsm_buffer(v); }),
    whole_field<layout::svsm_call_rax_view, layout::svsm_call_rax_const_view>("svsm_call_rax", "call_id", [](const auto& s) { return s.call_id(); }, [](auto& s, const auto& v) { s.set_call_id(v); }),
    whole_field<layout::svsm_call_rax_view, layout::svsm_call_rax_const_view>("svsm_call_rax", "protocol", [](const auto& s) { return s.protocol(); }, [](auto& s, const auto& v) { s.set_protocol(v); }),
    whole_field<layout::svsm_pvalidate_header_view, layout::svsm_pvalidate_header_const_view>("svsm_pvalidate_header", "entries", [](const auto& s) { return s.entries(); }, [](auto& s, const auto& v) { s.set_entries(v); }),
    whole_field<layout::svsm_pvalidate_header_view, layout::svsm_pvalidate_header_const_view>("svsm_pvalidate_header", "next", [](const auto& s) { return s.next(); }, [](auto& s, const auto& v) { s.set_next(v); }),
    word_bits<layout::svsm_pvalidate_entry>("svsm_pvalidate_entry", "value", "page_size", [](const auto& w) { return w.page_size(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_page_size(v); }),
    word_bits<layout::svsm_pvalidate_entry>("svsm_pvalidate_entry", "value", "action", [](const auto& w) { return w.action(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_action(v); }),
    word_bits<layout::svsm_pvalidate_entry>("svsm_pvalidate_entry", "value", "ignore_cf", [](const auto& w) { return w.ignore_cf(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_ignore_cf(v); }),
    word_bits<layout::svsm_pvalidate_entry>("svsm_pvalidate_entry", "value", "pfn", [](const auto& w) { return w.pfn(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_pfn(v); }),
    whole_field<layout::svsm_deposit_list_header_view, layout::svsm_deposit_list_header_const_view>("svsm_deposit_list_header", "entries", [](const auto& s) { return s.entries(); }, [](auto& s, const auto& v) { s.set_entries(v); }),
    whole_field<layout::svsm_deposit_list_header_view, layout::svsm_deposit_list_header_const_view>("svsm_deposit_list_header", "next", [](const auto& s) { return s.next(); }, [](auto& s, const auto& v) { s.set_next(v); }),
    whole_field<layout::svsm_attest_services_view, layout::svsm_attest_services_const_view>("svsm_attest_services", "report_gpa", [](const auto& s) { return s.report_gpa(); }, [](auto& s, const auto& v) { s.set_report_gpa(v); }),
    whole_field<layout::svsm_attest_services_view, layout::svsm_attest_services_const_view>("svsm_attest_services", "report_size", [](const auto& s) { return s.report_size(); }, [](auto& s, const auto& v) { s.set_report_size(v); }),
    whole_field<layout::svsm_attest_services_view, layout::svsm_attest_services_const_view>("svsm_attest_services", "nonce_gpa", [](const auto& s) { return s.nonce_gpa(); }, [](auto& s, const auto& v) { s.set_nonce_gpa(v); }),
    whole_field<layout::svsm_attest_services_view, layout::svsm_attest_services_const_view>("svsm_attest_services", "nonce_size", [](const auto& s) { return s.nonce_size(); }, [](auto& s, const auto& v) { s.set_nonce_size(v); }),
    whole_field<layout::svsm_attest_services_view, layout::svsm_attest_services_const_view>("svsm_attest_services", "manifest_gpa", [](const auto& s) { return s.manifest_gpa(); }, [](auto& s, const auto& v) { s.set_manifest_gpa(v); }),
    whole_field<layout::svsm_attest_services_view, layout::svsm_attest_services_const_view>("svsm_attest_services", "manifest_size", [](const auto& s) { return s.manifest_size(); }, [](auto& s, const auto& v) { s.set_manifest_size(v); }),
    whole_field<layout::svsm_attest_services_view, layout::svsm_attest_services_const_view>("svsm_attest_services", "certificates_gpa", [](const auto& s) { return s.certificates_gpa(); }, [](auto& s, const auto& v) { s.set_certificates_gpa(v); }),
    whole_field<layout::svsm_attest_services_view, layout::svsm_attest_services_const_view>("svsm_attest_services", "certificates_size", [](const auto& s) { return s.certificates_size(); }, [](auto& s, const auto& v) { s.set_certificates_size(v); }),
    part_field<layout::svsm_attest_single_service_view, layout::svsm_attest_single_service_const_view>("svsm_attest_single_service", "services", [](const auto& s) { return s.services(); }, [](auto& s) { return s.services(); }, [](auto& s, const auto& v) { s.set_services(v); }),
    part_field<layout::svsm_attest_single_service_view, layout::svsm_attest_single_service_const_view>("svsm_attest_single_service", "service_guid", [](const auto& s) { return s.service_guid(); }, [](auto& s) { return s.service_guid(); }, [](auto& s, const auto& v) { s.set_service_guid(v); }),
    whole_field<layout::svsm_attest_single_service_view, layout::svsm_attest_single_service_const_view>("svsm_attest_single_service", "manifest_version", [](const auto& s) { return s.manifest_version(); }, [](auto& s, const auto& v) { s.set_manifest_version(v); }),
    part_field<layout::svsm_services_manifest_header_view, layout::svsm_services_manifest_header_const_view>("svsm_services_manifest_header", "guid", [](const auto& s) { return s.guid(); }, [](auto& s) { return s.guid(); }, [](auto& s, const auto& v) { s.set_guid(v); }),
    whole_field<layout::svsm_services_manifest_header_view, layout::svsm_services_manifest_header_const_view>("svsm_services_manifest_header", "size", [](const auto& s) { return s.size(); }, [](auto& s, const auto& v) { s.set_size(v); }),
    whole_field<layout::svsm_services_manifest_header_view, layout::svsm_services_manifest_header_const_view>("svsm_services_manifest_header", "num_services", [](const auto& s) { return s.num_services(); }, [](auto& s, const auto& v) { s.set_num_services(v); }),
    whole_field<layout::svsm_vtpm_send_command_view, layout::svsm_vtpm_send_command_const_view>("svsm_vtpm_send_command", "command", [](const auto& s) { return s.command(); }, [](auto& s, const auto& v) { s.set_command(v); }),
    whole_field<layout::svsm_vtpm_send_command_view, layout::svsm_vtpm_send_command_const_view>("svsm_vtpm_send_command", "locality", [](const auto& s) { return s.locality(); }, [](auto& s, const auto& v) { s.set_locality(v); }),
    whole_field<layout::svsm_vtpm_send_command_view, layout::svsm_vtpm_send_command_const_view>("svsm_vtpm_send_command", "inbuf_size", [](const auto& s) { return s.inbuf_size(); }, [](auto& s, const auto& v) { s.set_inbuf_size(v); }),
    part_field<layout::svsm_vtpm_send_command_view, layout::svsm_vtpm_send_command_const_view>("svsm_vtpm_send_command", "inbuf", [](const auto& s) { return s.inbuf(); }, [](auto& s) { return s.inbuf(); }, [](auto& s, const auto& v) { s.set_inbuf(v); }),
    whole_field<layout::svsm_vtpm_send_response_view, layout::svsm_vtpm_send_response_const_view>("svsm_vtpm_send_response", "outbuf_size", [](const auto& s) { return s.outbuf_size(); }, [](auto& s, const auto& v) { s.set_outbuf_size(v); }),
    part_field<layout::svsm_vtpm_send_response_view, layout::svsm_vtpm_send_response_const_view>("svsm_vtpm_send_response", "outbuf", [](const auto& s) { return s.outbuf(); }, [](auto& s) { return s.outbuf(); }, [](auto& s, const auto& v) { s.set_outbuf(v); }),
    word_bits<layout::svsm_apic_vector_config>("svsm_apic_vector_config", "value", "vector", [](const auto& w) { return w.vector(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_vector(v); }),
    word_bits<layout::svsm_apic_vector_config>("svsm_apic_vector_config", "value", "enable", [](const auto& w) { return w.enable(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_enable(v); }),
    word_bits<layout::svsm_apic_vector_config>("svsm_apic_vector_config", "value", "all_vectors", [](const auto& w) { return w.all_vectors(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_all_vectors(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
