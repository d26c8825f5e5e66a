// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TEST_ACCESSORS_SECRETS_PAGE_HPP
#define SEVSPEC_TEST_ACCESSORS_SECRETS_PAGE_HPP

// Made by scripts/layouts/make_headers.py from tests/data/layouts.json: change those, not this file.

#include <sevspec/layout/secrets_page.hpp>

#include <support/accessor.hpp>

namespace sevspec::test {

// clang-format off
inline const structure_shapes secrets_page_structures[] = {
    shapes_of<layout::secrets_os_area, layout::secrets_os_area_view, layout::secrets_os_area_const_view>("secrets_os_area"),
    shapes_of<layout::secrets_page, layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page"),
    shapes_of<layout::cc_blob_sev_info, layout::cc_blob_sev_info_view, layout::cc_blob_sev_info_const_view>("cc_blob_sev_info"),
};

inline const accessor secrets_page_accessors[] = {
    whole_field<layout::secrets_os_area_view, layout::secrets_os_area_const_view>("secrets_os_area", "vmpck0_msg_seqno_lo", [](const auto& s) { return s.vmpck0_msg_seqno_lo(); }, [](auto& s, const auto& v) { s.set_vmpck0_msg_seqno_lo(v); }),
    whole_field<layout::secrets_os_area_view, layout::secrets_os_area_const_view>("secrets_os_area", "vmpck1_msg_seqno_lo", [](const auto& s) { return s.vmpck1_msg_seqno_lo(); }, [](auto& s, const auto& v) { s.set_vmpck1_msg_seqno_lo(v); }),
    whole_field<layout::secrets_os_area_view, layout::secrets_os_area_const_view>("secrets_os_area", "vmpck2_msg_seqno_lo", [](const auto& s) { return s.vmpck2_msg_seqno_lo(); }, [](auto& s, const auto& v) { s.set_vmpck2_msg_seqno_lo(v); }),
    whole_field<layout::secrets_os_area_view, layout::secrets_os_area_const_view>("secrets_os_area", "vmpck3_msg_seqno_lo", [](const auto& s) { return s.vmpck3_msg_seqno_lo(); }, [](auto& s, const auto& v) { s.set_vmpck3_msg_seqno_lo(v); }),
    whole_field<layout::secrets_os_area_view, layout::secrets_os_area_const_view>("secrets_os_area", "ap_jump_table_pa", [](const auto& s) { return s.ap_jump_table_pa(); }, [](auto& s, const auto& v) { s.set_ap_jump_table_pa(v); }),
    whole_field<layout::secrets_os_area_view, layout::secrets_os_area_const_view>("secrets_os_area", "vmpck0_msg_seqno_hi", [](const auto& s) { return s.vmpck0_msg_seqno_hi(); }, [](auto& s, const auto& v) { s.set_vmpck0_msg_seqno_hi(v); }),
    whole_field<layout::secrets_os_area_view, layout::secrets_os_area_const_view>("secrets_os_area", "vmpck1_msg_seqno_hi", [](const auto& s) { return s.vmpck1_msg_seqno_hi(); }, [](auto& s, const auto& v) { s.set_vmpck1_msg_seqno_hi(v); }),
    whole_field<layout::secrets_os_area_view, layout::secrets_os_area_const_view>("secrets_os_area", "vmpck2_msg_seqno_hi", [](const auto& s) { return s.vmpck2_msg_seqno_hi(); }, [](auto& s, const auto& v) { s.set_vmpck2_msg_seqno_hi(v); }),
    whole_field<layout::secrets_os_area_view, layout::secrets_os_area_const_view>("secrets_os_area", "vmpck3_msg_seqno_hi", [](const auto& s) { return s.vmpck3_msg_seqno_hi(); }, [](auto& s, const auto& v) { s.set_vmpck3_msg_seqno_hi(v); }),
    whole_field<layout::secrets_os_area_view, layout::secrets_os_area_const_view>("secrets_os_area", "version", [](const auto& s) { return s.version(); }, [](auto& s, const auto& v) { s.set_version(v); }),
    part_field<layout::secrets_os_area_view, layout::secrets_os_area_const_view>("secrets_os_area", "guest_usage", [](const auto& s) { return s.guest_usage(); }, [](auto& s) { return s.guest_usage(); }, [](auto& s, const auto& v) { s.set_guest_usage(v); }),
    whole_field<layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page", "version", [](const auto& s) { return s.version(); }, [](auto& s, const auto& v) { s.set_version(v); }),
    whole_field<layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page", "flags", [](const auto& s) { return s.flags(); }, [](auto& s, const auto& v) { s.set_flags(v); }),
    field_bits<layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page", "flags", "imi_en", [](const auto& s) { return s.flags(); }, [](auto& s, const auto& v) { s.set_flags(v); }, [](const auto& w) { return w.imi_en(); }, [](auto&& w, auto v) { return std::forward<decltype(w)>(w).set_imi_en(v); }),
    whole_field<layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page", "fms", [](const auto& s) { return s.fms(); }, [](auto& s, const auto& v) { s.set_fms(v); }),
    part_field<layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page", "gosvw", [](const auto& s) { return s.gosvw(); }, [](auto& s) { return s.gosvw(); }, [](auto& s, const auto& v) { s.set_gosvw(v); }),
    part_field<layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page", "vmpck0", [](const auto& s) { return s.vmpck0(); }, [](auto& s) { return s.vmpck0(); }, [](auto& s, const auto& v) { s.set_vmpck0(v); }),
    part_field<layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page", "vmpck1", [](const auto& s) { return s.vmpck1(); }, [](auto& s) { return s.vmpck1(); }, [](auto& s, const auto& v) { s.set_vmpck1(v); }),
    part_field<layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page", "vmpck2", [](const auto& s) { return s.vmpck2(); }, [](auto& s) { return s.vmpck2(); }, [](auto& s, const auto& v) { s.set_vmpck2(v); }),
    part_field<layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page", "vmpck3", [](const auto& s) { return s.vmpck3(); }, [](auto& s) { return s.vmpck3(); }, [](auto& s, const auto& v) { s.set_vmpck3(v); }),
    part_field<layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page", "os_area", [](const auto& s) { return s.os_area(); }, [](auto& s) { return s.os_area(); }, [](auto& s, const auto& v) { s.set_os_area(v); }),
    part_field<layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page", "vmsa_tweak_bitmap", [](const auto& s) { return s.vmsa_tweak_bitmap(); }, [](auto& s) { return s.vmsa_tweak_bitmap(); }, [](auto& s, const auto& v) { s.set_vmsa_tweak_bitmap(v); }),
    whole_field<layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page", "svsm_base", [](const auto& s) { return s.svsm_base(); }, [](auto& s, const auto& v) { s.set_svsm_base(v); }),
    whole_field<layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page", "svsm_size", [](const auto& s) { return s.svsm_size(); }, [](auto& s, const auto& v) { s.set_svsm_size(v); }),
    whole_field<layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page", "svsm_caa", [](const auto& s) { return s.svsm_caa(); }, [](auto& s, const auto& v) { s.set_svsm_caa(v); }),
    whole_field<layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page", "svsm_max_version", [](const auto& s) { return s.svsm_max_version(); }, [](auto& s, const auto& v) { s.set_svsm_max_version(v); }),
    whole_field<layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page", "svsm_guest_vmpl", [](const auto& s) { return s.svsm_guest_vmpl(); }, [](auto& s, const auto& v) { s.set_svsm_guest_vmpl(v); }),
    whole_field<layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page", "tsc_factor", [](const auto& s) { return s.tsc_factor(); }, [](auto& s, const auto& v) { s.set_tsc_factor(v); }),
    whole_field<layout::secrets_page_view, layout::secrets_page_const_view>("secrets_page", "launch_mit_vector", [](const auto& s) { return s.launch_mit_vector(); }, [](auto& s, const auto& v) { s.set_launch_mit_vector(v); }),
    whole_field<layout::cc_blob_sev_info_view, layout::cc_blob_sev_info_const_view>("cc_blob_sev_info", "magic", [](const auto& s) { return s.magic(); }, [](auto& s, const auto& v) { s.set_magic(v); }),
    whole_field<layout::cc_blob_sev_info_view, layout::cc_blob_sev_info_const_view>("cc_blob_sev_info", "version", [](const auto& s) { return s.version(); }, [](auto& s, const auto& v) { s.set_version(v); }),
    whole_field<layout::cc_blob_sev_info_view, layout::cc_blob_sev_info_const_view>("cc_blob_sev_info", "secrets_phys", [](const auto& s) { return s.secrets_phys(); }, [](auto& s, const auto& v) { s.set_secrets_phys(v); }),
    whole_field<layout::cc_blob_sev_info_view, layout::cc_blob_sev_info_const_view>("cc_blob_sev_info", "secrets_len", [](const auto& s) { return s.secrets_len(); }, [](auto& s, const auto& v) { s.set_secrets_len(v); }),
    whole_field<layout::cc_blob_sev_info_view, layout::cc_blob_sev_info_const_view>("cc_blob_sev_info", "cpuid_phys", [](const auto& s) { return s.cpuid_phys(); }, [](auto& s, const auto& v) { s.set_cpuid_phys(v); }),
    whole_field<layout::cc_blob_sev_info_view, layout::cc_blob_sev_info_const_view>("cc_blob_sev_info", "cpuid_len", [](const auto& s) { return s.cpuid_len(); }, [](auto& s, const auto& v) { s.set_cpuid_len(v); }),
};
// clang-format on

}  // namespace sevspec::test

#endif
