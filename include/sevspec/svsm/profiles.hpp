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
  choices.svsm_double_validation_refused = false;
  choices.svsm_switch_error_ignored = true;
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
  choices.svsm_double_validation_refused = false;
  choices.svsm_delete_exchanges = true;
  return choices;
}();

/// What no choice excuses: a rule that a program is known to break.
struct known_bug {
  const char* name;
  rule broken;
  const char* what;
};

/// AMD's linux-svsm reads a list that was interrupted from its first entry on, while it counts from `next`.
using amd_restarts_lists = all_rules_but<rule::SVSM_CORE_18>;

/// AMD's linux-svsm, by rule.   AMDESE/linux-svsm src/protocols/core.rs
inline constexpr known_bug bugs_of_amd[] = {
    {"restarts_lists", rule::SVSM_CORE_18, "reads an interrupted list from its first entry on, and counts from `next`"},
    {"protocol_index", rule::SVSM_CORE_60,
     "compares the number of a protocol with one too many: the answer for protocol 1 is what lies behind its table"},
    {"no_call_lock", rule::SVSM_CORE_80, "PVALIDATE runs beside calls that turn the same page into a VMSA"},
};

}  // namespace sevspec::inline v0::svsm

#endif
