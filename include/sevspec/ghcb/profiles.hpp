// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_PROFILES_HPP
#define SEVSPEC_GHCB_PROFILES_HPP

#include <sevspec/base/choices.hpp>

namespace sevspec::inline v0::ghcb {

/// Choices that make the hypervisor's side answer as the GHCB specification has it: the library's defaults.
inline constexpr implementation_choices as_specified{};

/// Choices that make it answer as Linux KVM does.   torvalds/linux arch/x86/kvm/svm/sev.c
inline constexpr implementation_choices as_kvm = [] {
  implementation_choices choices;
  choices.ghcb_unregistered = unregistered_ghcb::fatal;
  choices.ghcb_reason_strict = false;
  choices.ghcb_extra_outputs = true;
  choices.psc_merge = true;
  return choices;
}();

}  // namespace sevspec::inline v0::ghcb

#endif
