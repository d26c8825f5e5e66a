// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_VMLOAD_OPERAND_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_VMLOAD_OPERAND_HPP

#include <cstdint>

#include <sevspec/base/context.hpp>
#include <sevspec/cpu/world_switch/intercepts.hpp>
#include <sevspec/cpu/world_switch/logical_processor.hpp>
#include <sevspec/layout/codes/exit_codes.hpp>

namespace sevspec::inline v0::cpu {

/// What RAX of VMLOAD or VMSAVE means in a guest.
enum class vmload_operand : std::uint8_t {
  none,             ///< the instruction is intercepted
  guest_physical,   ///< virtualized: the nested tables translate it
  system_physical,  ///< neither: the guest reads or writes the host's memory
};

/// Where VMLOAD or VMSAVE of the guest that runs goes. A hypervisor that neither intercepts nor virtualizes them gives
/// its own memory away; with a guest hypervisor between, its choice must not become the processor's.   APM vol. 2,
/// 15.5.2, 15.33.1
/// @param vmsave  VMSAVE, else VMLOAD
template <class Context>
[[nodiscard]] constexpr auto operand_of_vmload(Context& ctx, const running_guest& guest, bool vmsave)
    -> vmload_operand {
  const auto code = vmsave ? layout::svm_exit_codes::vmsave : layout::svm_exit_codes::vmload;
  if (is_intercepted(ctx, guest, {.code = static_cast<std::uint64_t>(code)})) return vmload_operand::none;
  const auto controls = guest.taken.controls();
  const bool translated = controls.virt_ext().virt_vmload_vmsave() && controls.np_control().np_enable();
  return translated ? vmload_operand::guest_physical : vmload_operand::system_physical;
}

}  // namespace sevspec::inline v0::cpu

#endif
