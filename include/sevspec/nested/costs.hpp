// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_COSTS_HPP
#define SEVSPEC_NESTED_COSTS_HPP

#include <sevspec/cpu/world_switch/logical_processor.hpp>
#include <sevspec/migration/cost_view.hpp>
#include <sevspec/nested/events.hpp>

/// What was counted in a nested machine, for the view of costs.   docs/costs.md
namespace sevspec::inline v0::nested {

/// The row of the cost table for a guest.
[[nodiscard]] constexpr auto protection_of(cpu::guest_kind kind) noexcept -> migration::protection {
  switch (kind) {
    case cpu::guest_kind::plain:  break;
    case cpu::guest_kind::sev:    return migration::protection::sev;
    case cpu::guest_kind::sev_es: return migration::protection::sev_es;
    case cpu::guest_kind::snp:    return migration::protection::sev_snp;
  }
  return migration::protection::none;
}

/// Events as the view of costs has them: every exit of L1 and L2 is a switch, every leaf of nPT02 was asked for by a nested
/// fault, and every write of L0 to the Reverse Map Table flushes. PVALIDATE does not exit and is not among `counted`.
[[nodiscard]] inline auto for_cost_view(const event_counter& counted) -> migration::event_counts {
  using enum event_kind;
  return {.switches = counted[exit_l1] + counted[exit_l2],
          .vc = counted[vc_l1] + counted[vc_l2],
          .nested_faults = counted[npt02_install],
          .rmpupdate = counted[physical_rmpupdate],
          .psmash = counted[physical_psmash],
          .tlb_flushes = counted[physical_rmpupdate] + counted[physical_psmash]};
}

}  // namespace sevspec::inline v0::nested

#endif
