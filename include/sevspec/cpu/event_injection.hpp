// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_EVENT_INJECTION_HPP
#define SEVSPEC_CPU_EVENT_INJECTION_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/exit_info.hpp>
#include <sevspec/layout/vmsa.hpp>

/// Which events a hypervisor can inject into a guest whose state it does not see.   APM vol. 2, 15.35.8, 15.36.16
namespace sevspec::inline v0::cpu {

inline constexpr std::uint8_t vector_vc = 29;  ///< #VC
inline constexpr std::uint8_t vector_hv = 28;  ///< #HV

/// Judges EVENTINJ of the VMCB, which VMRUN of a SEV-ES or SNP guest does before it injects.
/// APM vol. 2, 15.35.8, 15.36.16
///
/// Without a feature that forbids it, any external vector and #VC with any error code can be injected between any two
/// instructions (WSW-INJ-03). With alternate injection the VMCB's field does not count at all (WSW-INJ-05).
/// @return the rule by which VMRUN ends with VMEXIT_INVALID; nothing if the event is injected, or there is none
template <class Context>
[[nodiscard]] constexpr auto refused_injection(Context& ctx, layout::sev_features features,
                                               layout::event_injection event) -> std::optional<rule> {
  using enum layout::event_types;
  if (ctx.applies(rule::WSW_INJ_05, features.alternate_injection()) || !event.valid()) return std::nullopt;
  const bool is_hv = event.vector() == vector_hv && event.type() == exception;
  if (ctx.denies(rule::WSW_INJ_04, features.restricted_injection() ? !is_hv || event.error_code_valid() : is_hv))
    return rule::WSW_INJ_04;
  const bool known_type = event.type() == intr || event.type() == nmi || event.type() == exception;
  const bool breakpoint = event.type() == exception && (event.vector() == 3 || event.vector() == 4);
  if (ctx.denies(rule::WSW_INJ_02, !known_type || breakpoint)) return rule::WSW_INJ_02;
  return std::nullopt;
}

/// The event that VMRUN injects: the hypervisor's, or with alternate injection that of VMPL 0, in the VMSA (WSW-INJ-05).
template <class Context>
[[nodiscard]] constexpr auto injected_event(Context& ctx, layout::sev_features features,
                                            layout::event_injection in_vmcb, layout::event_injection in_vmsa)
    -> layout::event_injection {
  return ctx.applies(rule::WSW_INJ_05, features.alternate_injection()) ? in_vmsa : in_vmcb;
}

/// An event whose delivery an exit interrupted, in a guest with alternate injection: VMPL 0 injects it again and clears
/// BUSY, which kept the VMSA from being entered (WSW-INJ-07). Without that feature BUSY means nothing, and the
/// hypervisor copies EXITINTINFO itself.
/// @param vmsa  of the interrupted VMPL; GUEST_EXITINTINFO is read, EVENTINJ and VINTR_CTRL are written
/// @return whether there was something to do
template <class Context, class Storage>
constexpr auto reinject_for_level(Context& ctx, layout::basic_vmsa<Storage>& vmsa) -> bool {
  const bool alternate = layout::bit_at(vmsa.sev_features().raw, 4);
  if (!ctx.applies(rule::WSW_INJ_07, alternate && vmsa.vintr_ctrl().busy())) return false;
  vmsa.set_event_inj(vmsa.guest_exit_int_info());
  vmsa.set_vintr_ctrl(vmsa.vintr_ctrl().set_busy(false));
  return true;
}

/// Takes a VMSA for one user: tests BUSY and sets it in one step, so that two cannot both find it free. The bit is
/// defined with alternate injection alone (WSW-INJ-07).
/// @param compare_exchange  `compare_exchange(expected, desired) -> bool` on VINTR_CTRL, atomic
/// @param now               VINTR_CTRL as last read
/// @return whether the VMSA is the caller's; without the feature there is nothing to take, and nothing is written
template <class Context, class CompareExchange>
[[nodiscard]] constexpr auto claim_vmsa(Context& ctx, layout::sev_features features, layout::vmsa_vintr_ctrl now,
                                        CompareExchange&& compare_exchange) -> bool {
  if (!ctx.applies(rule::WSW_INJ_07, features.alternate_injection())) return true;
  if (now.busy()) return false;
  layout::vmsa_vintr_ctrl taken = now;
  taken.set_busy(true);
  return compare_exchange(now, taken);
}

}  // namespace sevspec::inline v0::cpu

#endif
