// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_INTERRUPT_DELIVERY_HPP
#define SEVSPEC_GHCB_INTERRUPT_DELIVERY_HPP

#include <array>
#include <cstdint>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/vmsa.hpp>

/// Interrupts that the hypervisor injects where the guest expects its own (Heckler).
namespace sevspec::inline v0::ghcb {

/// Where an event of a guest came from; hardware says so only in part.
enum class event_source : std::uint8_t { software, external, exception };

/// How a guest handles a vector.
struct vector_policy {
  bool software_gate = false;  ///< INT n from user mode is meant to get here: 80h, the legacy system call
  bool global_effect = false;  ///< its handler changes what other code relies on
  bool checks_source = false;  ///< the handler asks the interrupt controller whether an interrupt is in service
};

/// Whether a hypervisor can inject any vector: neither restricted nor alternate injection is on (WSW-INJ-03).
[[nodiscard]] constexpr auto vectors_can_be_injected(layout::sev_features features) noexcept -> bool {
  return !features.restricted_injection() && !features.alternate_injection();
}

/// Whether the guest may run its handler for a vector (VC-SEC-16): not for an external interrupt that could be the
/// hypervisor's way to software's gate.
/// @param features  SEV_FEATURES of the VMSA that runs
template <class Context>
[[nodiscard]] constexpr auto may_deliver(Context& ctx, layout::sev_features features, vector_policy policy,
                                         event_source source) -> bool {
  const bool pretends = source == event_source::external && (policy.software_gate || policy.global_effect);
  return !ctx.denies(rule::VC_SEC_16, vectors_can_be_injected(features) && pretends);
}

/// Whether a guest can keep to that (VC-SEC-16): a gate that software may use must be able to tell an interrupt from
/// INT n, or must not be there.
template <class Context>
[[nodiscard]] constexpr auto tells_apart(Context& ctx, layout::sev_features features, vector_policy policy) -> bool {
  return !ctx.denies(rule::VC_SEC_16,
                     vectors_can_be_injected(features) && policy.software_gate && !policy.checks_source);
}

/// Whether software at VMPL 0 is protected from injected events (VC-SEC-17): it runs with restricted injection, so that
/// nothing but #HV can be injected.
template <class Context>
[[nodiscard]] constexpr auto svsm_is_guarded(Context& ctx, layout::sev_features features) -> bool {
  return !ctx.denies(rule::VC_SEC_17, !features.restricted_injection());
}

}  // namespace sevspec::inline v0::ghcb

#endif
