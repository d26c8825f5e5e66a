// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_CHOICE_TABLE_HPP
#define SEVSPEC_VERIFY_CHOICE_TABLE_HPP

#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include <gsl/assert>

#include <sevspec/base/choices.hpp>

namespace sevspec::inline v0::verify {

/// One member of `implementation_choices`, by name, with its values by name.
class named_choice {
 public:
  static constexpr std::size_t most_values = 4;

  template <auto Member>
  [[nodiscard]] static constexpr auto of(const char* name, std::initializer_list<const char*> values) -> named_choice {
    Expects(values.size() >= 2 && values.size() <= most_values);
    using type = std::remove_cvref_t<decltype(implementation_choices{}.*Member)>;
    named_choice made;
    made.name_ = name;
    for (const char* const one : values) made.values_[made.count_++] = one;
    made.get_ = [](const implementation_choices& of) { return static_cast<unsigned>(of.*Member); };
    made.set_ = [](implementation_choices& of, unsigned value) { of.*Member = static_cast<type>(value); };
    return made;
  }

  [[nodiscard]] constexpr auto name() const noexcept -> const char* { return name_; }
  [[nodiscard]] constexpr auto values() const noexcept -> std::span<const char* const> {
    return std::span{values_}.first(count_);
  }
  [[nodiscard]] constexpr auto get(const implementation_choices& of) const -> unsigned { return get_(of); }
  /// @param value  an index into `values`
  constexpr void set(implementation_choices& of, unsigned value) const {
    Expects(value < count_);
    set_(of, value);
  }
  /// The index of a value's name.
  [[nodiscard]] constexpr auto find(std::string_view value) const noexcept -> std::optional<unsigned> {
    for (unsigned i = 0; i < count_; ++i)
      if (value == values_[i]) return i;
    return {};
  }

 private:
  const char* name_ = "";
  std::array<const char*, most_values> values_{};
  unsigned count_ = 0;
  unsigned (*get_)(const implementation_choices&) = nullptr;
  void (*set_)(implementation_choices&, unsigned) = nullptr;
};

namespace detail {

using c = implementation_choices;
template <auto Member>
inline constexpr auto flag(const char* name) {
  return named_choice::of<Member>(name, {"false", "true"});
}

}  // namespace detail

/// All members, in their order.
inline constexpr auto named_choices = [] {
  using detail::c;
  using detail::flag;
  return std::array{
      named_choice::of<&c::ad_policy>("ad_policy", {"eager", "deferred"}),
      flag<&c::guest_ad_before_final_npf>("guest_ad_before_final_npf"),
      named_choice::of<&c::npt_high_gpa>("npt_high_gpa", {"npf_not_present", "alias"}),
      flag<&c::npf_id_requires_nx_or_smep>("npf_id_requires_nx_or_smep"),
      named_choice::of<&c::gmet_us_bit>("gmet_us_bit", {"from_cpl", "always"}),
      flag<&c::gmet_walk_us_bit>("gmet_walk_us_bit"),
      flag<&c::gmet_data_ignores_us>("gmet_data_ignores_us"),
      named_choice::of<&c::sss_plain_access>("sss_plain_access", {"read_ok", "forbidden"}),
      named_choice::of<&c::pse36_bits>("pse36_bits", {"bits_40", "bits_36", "bits_32"}),
      flag<&c::strict_shared_read>("strict_shared_read"),
      flag<&c::in_use_denies_guest_reads>("in_use_denies_guest_reads"),
      named_choice::of<&c::report_enc_bit>("report_enc_bit",
                                           {"on_snp_capable_silicon", "only_with_snp_enabled", "never"}),
      named_choice::of<&c::vtom_root_c>("vtom_root_c", {"ignored", "reserved"}),
      named_choice::of<&c::ptw_read_check>("ptw_read_check", {"every_access", "updates_only"}),
      named_choice::of<&c::npt_walk_fault>("npt_walk_fault", {"npf", "host_page_fault", "shutdown"}),
      named_choice::of<&c::rmp_gpt_vmpl_perm>("rmp_gpt_vmpl_perm", {"as_used", "read_write"}),
      flag<&c::rmp_gpt_error_w>("rmp_gpt_error_w"),
      named_choice::of<&c::rmpupdate_reserved>("rmpupdate_reserved", {"fail_input", "ignored"}),
      flag<&c::rmpupdate_gpa_align>("rmpupdate_gpa_align"),
      named_choice::of<&c::rmpupdate_gpa_limit>("rmpupdate_gpa_limit", {"fail_input", "ignored"}),
      flag<&c::rmpupdate_asid_range>("rmpupdate_asid_range"),
      flag<&c::rmpupdate_2m_partial>("rmpupdate_2m_partial"),
      flag<&c::rmpupdate_2m_over_immutable>("rmpupdate_2m_over_immutable"),
      flag<&c::rmpupdate_asid0_gpa>("rmpupdate_asid0_gpa"),
      named_choice::of<&c::rmpupdate_region_locked_code>("rmpupdate_region_locked_code",
                                                         {"fail_overlap", "fail_inuse"}),
      flag<&c::rmpupdate_order_inuse_vs_perm>("rmpupdate_order_inuse_vs_perm"),
      flag<&c::rmpupdate_tlb>("rmpupdate_tlb"),
      flag<&c::asid_counter_unit>("asid_counter_unit"),
      named_choice::of<&c::rmpread_region_status>("rmpread_region_status",
                                                  {"any_assigned", "none_assigned", "all_equal", "zero"}),
      named_choice::of<&c::psmash_unaligned>("psmash_unaligned", {"fail_input", "ignored"}),
      flag<&c::psmash_requirements>("psmash_requirements"),
      flag<&c::psmash_badaddr_code>("psmash_badaddr_code"),
      flag<&c::rmpquery_permission>("rmpquery_permission"),
      named_choice::of<&c::rmpadjust_reserved>("rmpadjust_reserved", {"fail_input", "ignored"}),
      named_choice::of<&c::pvalidate_reserved>("pvalidate_reserved", {"fail_input", "ignored"}),
      named_choice::of<&c::vmpl_misconfig_code>("vmpl_misconfig_code", {"fail_input", "fail_permission", "accepted"}),
      named_choice::of<&c::rmpadjust_inuse>("rmpadjust_inuse", {"npf", "fail_inuse"}),
      named_choice::of<&c::rmpinsn_cbit0>("rmpinsn_cbit0", {"npf", "gp", "fail_input"}),
      named_choice::of<&c::pvalidate_vmpl_fault>("pvalidate_vmpl_fault", {"gp", "fail_permission"}),
      flag<&c::pvalidate_guest_pt_size>("pvalidate_guest_pt_size"),
      flag<&c::rmpinsn_leaf_size>("rmpinsn_leaf_size"),
      flag<&c::rmp_cf_other>("rmp_cf_other"),
      flag<&c::inuse_host_read_via_writable>("inuse_host_read_via_writable"),
      flag<&c::spurious_rmp_fault>("spurious_rmp_fault"),
      named_choice::of<&c::vc404_exitinfo>("vc404_exitinfo", {"like_npf", "zero"}),
      flag<&c::vmrun_vmsa_extra>("vmrun_vmsa_extra"),
      flag<&c::erratum_inuse_2m>("erratum_inuse_2m"),
      flag<&c::firmware_page_hi>("firmware_page_hi"),
      flag<&c::unsmash_clears_sub_pages>("unsmash_clears_sub_pages"),
      flag<&c::hw_lock_bit_on_rmpupdate_immutable>("hw_lock_bit_on_rmpupdate_immutable"),
      named_choice::of<&c::npt12_cbit>("npt12_cbit", {"strip", "reserved"}),
      named_choice::of<&c::nested_key_model>("nested_key_model", {"shadow_hw", "three_stage"}),
      flag<&c::hide_dma>("hide_dma"),
      flag<&c::wbnoinvd_counts>("wbnoinvd_counts"),
      flag<&c::strict_df_flush_state>("strict_df_flush_state"),
      flag<&c::activate_reports_wbinvd>("activate_reports_wbinvd"),
      flag<&c::pdh_regen_on_init>("pdh_regen_on_init"),
      flag<&c::policy_checks_without_session>("policy_checks_without_session"),
      flag<&c::vmsa_packet_ctx>("vmsa_packet_ctx"),
      flag<&c::attestation_buffer_checked>("attestation_buffer_checked"),
      flag<&c::snp_config_needs_init>("snp_config_needs_init"),
      flag<&c::wrong_seqno_is_invalid_param>("wrong_seqno_is_invalid_param"),
      flag<&c::tcb_compared_as_number>("tcb_compared_as_number"),
      flag<&c::init_list_errors_fatal>("init_list_errors_fatal"),
      flag<&c::strict_id_block>("strict_id_block"),
      flag<&c::id_block_version_checked>("id_block_version_checked"),
      flag<&c::transport_limit_20k>("transport_limit_20k"),
      flag<&c::buffer_state_is_marked>("buffer_state_is_marked"),
      flag<&c::dbg_needs_bytes>("dbg_needs_bytes"),
      flag<&c::copy_keeps_overlap>("copy_keeps_overlap"),
      flag<&c::unknown_swap_type_is_param>("unknown_swap_type_is_param"),
      named_choice::of<&c::ghcb_msr_unknown>("ghcb_msr_unknown", {"left_alone", "stops_vm"}),
      named_choice::of<&c::ghcb_unregistered>("ghcb_unregistered", {"reason_1", "fatal"}),
      flag<&c::ghcb_check_version>("ghcb_check_version"),
      flag<&c::ghcb_reason_strict>("ghcb_reason_strict"),
      flag<&c::ghcb_extra_outputs>("ghcb_extra_outputs"),
      named_choice::of<&c::scratch_external_max>("scratch_external_max", {"kib_64", "any", "none"}),
      named_choice::of<&c::scratch_runs_into_ghcb>("scratch_runs_into_ghcb", {"by_first_byte", "refused"}),
      flag<&c::ghcb_apic_ids_announced>("ghcb_apic_ids_announced"),
      named_choice::of<&c::psc_smash>("psc_smash", {"noop", "perform"}),
      flag<&c::psc_merge>("psc_merge"),
      named_choice::of<&c::psc_same_state>("psc_same_state", {"no_change", "fails"}),
      named_choice::of<&c::ghcb_ap_features>("ghcb_ap_features", {"exact", "injection"}),
      flag<&c::doorbell_failure_drops>("doorbell_failure_drops"),
      flag<&c::ghcb_gp_error_code>("ghcb_gp_error_code"),
      flag<&c::es_asid_check>("es_asid_check"),
      named_choice::of<&c::vmrun_check_order>("vmrun_check_order", {"codes_before_state", "codes_last"}),
      named_choice::of<&c::vmrun_vmsa_inuse>("vmrun_vmsa_inuse", {"invalid", "busy", "entered"}),
      named_choice::of<&c::vmsa_write_while_running>("vmsa_write_while_running", {"npf", "lost"}),
      flag<&c::npf_gpa_low12>("npf_gpa_low12"),
      flag<&c::regprot_renonce>("regprot_renonce"),
      named_choice::of<&c::svsm_attest_unknown_call>("svsm_attest_unknown_call",
                                                     {"unsupported_call", "unsupported_protocol"}),
      named_choice::of<&c::svsm_same_caa>("svsm_same_caa", {"accepted", "invalid_address"}),
      named_choice::of<&c::svsm_address_codes>("svsm_address_codes", {"coconut", "amd"}),
      named_choice::of<&c::svsm_pending_cleared>("svsm_pending_cleared", {"before_service", "after_service"}),
      named_choice::of<&c::svsm_zero_exemption>("svsm_zero_exemption", {"from_a0000", "inside_c0000"}),
      flag<&c::svsm_remap_zeroes>("svsm_remap_zeroes"),
      flag<&c::svsm_entry_reserved_checked>("svsm_entry_reserved_checked"),
      flag<&c::svsm_caa_protected>("svsm_caa_protected"),
      flag<&c::svsm_create_features_checked>("svsm_create_features_checked"),
      flag<&c::svsm_failed_create_restores>("svsm_failed_create_restores"),
      flag<&c::svsm_vtom_query_exact>("svsm_vtom_query_exact"),
      flag<&c::svsm_double_validation_refused>("svsm_double_validation_refused"),
      flag<&c::svsm_delete_exchanges>("svsm_delete_exchanges"),
      flag<&c::svsm_switch_error_ignored>("svsm_switch_error_ignored"),
      named_choice::of<&c::meas_autoseal>("meas_autoseal", {"never", "second_vcpu"}),
      flag<&c::virt_rmpupdate_as_backed>("virt_rmpupdate_as_backed"),
      named_choice::of<&c::virt_rmpupdate_failure>("virt_rmpupdate_failure", {"as_met", "fail_inuse"}),
      named_choice::of<&c::reflected_rmp_fault>("reflected_rmp_fault", {"l2_gpa", "l1_gpa"}),
  };
}();

/// The member of that name.
[[nodiscard]] constexpr auto find_choice(std::string_view name) noexcept -> const named_choice* {
  for (const named_choice& one : named_choices)
    if (name == one.name()) return &one;
  return nullptr;
}

}  // namespace sevspec::inline v0::verify

#endif
