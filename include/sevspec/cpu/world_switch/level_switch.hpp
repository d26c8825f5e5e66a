// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_LEVEL_SWITCH_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_LEVEL_SWITCH_HPP

#include <cstdint>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/exit_info.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/vmcb.hpp>

namespace sevspec::inline v0::cpu {

/// What a hypervisor keeps of a VMPL of a processor while another one runs.
struct level_context {
  spa vmsa{};
  std::uint64_t ghcb_msr{};
  layout::vmcb_control_area_interrupt_state interrupts{};
  layout::event_injection interrupted{};  ///< EXITINTINFO at its last exit, to be injected again

  friend constexpr auto operator==(const level_context&, const level_context&) -> bool = default;
};

/// The hypervisor's part of running another VMPL: what the VMCB says of the one is kept, the other's is put there, with
/// the event that its last exit interrupted, and nothing in the VMCB is clean (VMPL-SW-03). Running the current VMPL is no
/// switch. The VMSA says which VMPL it is (VMPL-02), and which features it has (VMPL-10).   multi-VMPL KVM
/// @param leaving  of the VMPL that has exited; its answer is in its GHCB or in `vmcb` already
template <class Context>
constexpr void switch_level(Context& ctx, layout::vmcb_control_area_view vmcb, level_context& leaving,
                            const level_context& next) {
  if (!ctx.applies(rule::VMPL_SW_03, next.vmsa != leaving.vmsa)) return;
  const level_context coming = next;
  leaving.ghcb_msr = vmcb.ghcb_gpa();
  leaving.interrupts = vmcb.interrupt_state();
  leaving.interrupted = vmcb.exit_int_info();
  layout::write_le(vmcb.data() + 0x108, coming.vmsa.value);
  vmcb.set_ghcb_gpa(coming.ghcb_msr);
  vmcb.set_interrupt_state(coming.interrupts);
  vmcb.set_event_inj(coming.interrupted);
  vmcb.set_exit_int_info({});
  vmcb.set_vmcb_clean({});
}

}  // namespace sevspec::inline v0::cpu

#endif
