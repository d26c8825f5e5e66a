// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_PROFILES_HPP
#define SEVSPEC_SVSM_PROFILES_HPP

#include <sevspec/base/choices.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/base/rule_set.hpp>

namespace sevspec::inline v0::svsm {

/// Choices that make an SVSM answer as the specification is read: the library's defaults.
inline constexpr implementation_choices as_specified{};

/// Choices that make it answer as COCONUT-SVSM does.   coconut-svsm/svsm kernel/src/protocols
inline constexpr implementation_choices as_coconut = [] {
  implementation_choices choices;
  choices.svsm_attest_unknown_call = unknown_attestation::unsupported_protocol;
  choices.svsm_same_caa = same_caa::invalid_address;
  choices.svsm_failed_create_restores = false;
  return choices;
}();

/// Choices that make it answer as AMD's linux-svsm does.   AMDESE/linux-svsm src/protocols
inline constexpr implementation_choices as_amd = [] {
  implementation_choices choices;
  choices.svsm_address_codes = address_codes::amd;
  choices.svsm_pending_cleared = pending_cleared::after_service;
  choices.svsm_zero_exemption = zero_exemption::inside_c0000;
  choices.svsm_remap_zeroes = false;
  choices.svsm_entry_reserved_checked = false;
  choices.svsm_caa_protected = false;
  choices.svsm_create_features_checked = false;
  choices.svsm_failed_create_restores = false;
  choices.svsm_vtom_query_exact = true;
  return choices;
}();

/// What no choice excuses: AMD's linux-svsm reads a list that was interrupted from its first entry on, while it counts
/// from `next`.
using amd_restarts_lists = all_rules_but<rule::SVSM_CORE_18>;

}  // namespace sevspec::inline v0::svsm

#endif
