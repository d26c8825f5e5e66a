// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_GUEST_EXIT_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_GUEST_EXIT_HPP

#include <cstdint>
#include <optional>
#include <span>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/bits.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/cpu/reflected_exit.hpp>
#include <sevspec/cpu/world_switch/intercepts.hpp>
#include <sevspec/cpu/world_switch/logical_processor.hpp>
#include <sevspec/cpu/world_switch/vc_exception.hpp>
#include <sevspec/cpu/world_switch/vmexit.hpp>
#include <sevspec/cpu/world_switch/vmgexit_instruction.hpp>
#include <sevspec/layout/automatic_exit.hpp>
#include <sevspec/layout/codes/exit_codes.hpp>

/// What becomes of an event of a guest: it runs on, #VC, or #VMEXIT.   APM vol. 2, 15.35.4, 15.35.5, 15.36.9
namespace sevspec::inline v0::cpu {

/// EXITCODE of a #VC that is reflected: VMEXIT_VC.
inline constexpr std::uint64_t vmexit_vc = 0x5d;

/// Which of these it was.
enum class event_end : std::uint8_t {
  goes_on,    ///< not intercepted: the guest's own matter
  exits,      ///< #VMEXIT; the processor is the hypervisor's again
  reflected,  ///< #VMEXIT(VC): for VMPL 0
  raises,     ///< #VC, or #DF, in the guest
};

/// "goes on", "exits", "reflected" or "raises".
[[nodiscard]] constexpr auto name_of(event_end end) noexcept -> const char* {
  switch (end) {
    case event_end::goes_on:   return "goes on";
    case event_end::exits:     return "exits";
    case event_end::reflected: return "reflected";
    case event_end::raises:    return "raises";
  }
  return "?";
}

/// What became of an event.
struct event_result {
  event_end end{};
  guest_exception raised{};  ///< counts where one is raised
};

/// Automatic exits that find RIP behind their instruction, since the hypervisor cannot move it. In guests without hidden
/// state PAUSE and HLT leave it.
[[nodiscard]] constexpr auto advances_rip(std::uint64_t code) noexcept -> bool {
  using enum layout::svm_exit_codes;
  const bool trap =
      code >= static_cast<std::uint64_t>(efer_write_trap) && code <= static_cast<std::uint64_t>(cr15_write_trap);
  return trap || detail::is(code, pause) || detail::is(code, hlt) || detail::is(code, idle_hlt) ||
         detail::is(code, vmgexit);
}

namespace detail {

/// #VMEXIT of an event that the hypervisor learns all of.
template <class Context, class Machine>
constexpr auto leave(Context& ctx, const Machine& machine, logical_processor& core, guest_event event) -> event_result {
  const bool trap = event.code >= 0x8f && event.code <= 0x9f;
  if (advances_rip(event.code) && (trap || has_hidden_state(core.guest->kind))) {
    core.registers.set_rip(core.registers.rip() + event.instruction_bytes);
    core.guest->interrupts.set_int_shadow(false);
    event.instruction_bytes = 0;
  }
  vmexit(ctx, machine, core, plain_reason(event));
  return {.end = event_end::exits};
}

/// What is no automatic exit: #VC in the guest, or, with ReflectVC, VMEXIT_VC, whose true reason is in the VMSA alone
/// (WSW-RVC-01).
template <class Context, class Machine>
constexpr auto signal_vc(Context& ctx, const Machine& machine, logical_processor& core, const guest_event& event)
    -> event_result {
  if (ctx.applies(rule::WSW_RVC_01, core.guest->features.reflect_vc())) {
    exit_reason why = plain_reason(event);
    why.code = vmexit_vc;
    why.info_1 = 0;
    why.info_2 = 0;
    vmexit(ctx, machine, core, why);
    return {.end = event_end::reflected};
  }
  const auto raised = raise_vc(ctx, event.code, core.registers.rip(), event.delivering);
  if (raised) return {.end = event_end::raises, .raised = *raised};
  return leave(ctx, machine, core, {.code = static_cast<std::uint64_t>(layout::svm_exit_codes::shutdown)});
}

}  // namespace detail

/// An event of the guest that runs. Of a guest with hidden state a closed list goes to the hypervisor (WSW-AE-01); all
/// else that is intercepted becomes #VC, with the exit code as its error code and RIP at the instruction (VC-HW-01). A
/// nested page fault with a reserved bit, the mark that hypervisors put on MMIO, is of these (WSW-AE-02).
/// @param core  runs a guest
template <class Context, class Machine>
constexpr auto on_guest_event(Context& ctx, const Machine& machine, logical_processor& core, const guest_event& event)
    -> event_result {
  Expects(core.guest.has_value());
  if (!is_intercepted(ctx, *core.guest, event)) return {};
  const bool npf = detail::is(event.code, layout::svm_exit_codes::npf);
  const bool mmio = ctx.applies(rule::WSW_AE_02, npf && bit<3>::test(event.info_1));
  const bool automatic = ctx.applies(rule::WSW_AE_01, layout::is_automatic_exit(event.code, mmio));
  if (!ctx.applies(rule::VC_HW_01, has_hidden_state(core.guest->kind) && !automatic))
    return detail::leave(ctx, machine, core, event);
  return detail::signal_vc(ctx, machine, core, event);
}

/// A fault of a reference that the guest made: #NPF is an event like others. #VC of a page that is not validated comes with
/// 404h and loads CR2 (VC-HW-04); that of MMIO, which walks have told from #NPF already (PAG-NPF-12), does not. Where #VC
/// is reflected, the VMSA says what `left` says. All others are the guest's.
/// @param raised  by a reference under `core.guest->regime`
/// @param where   the reference's linear address
/// @param left    EXITINFO1 and EXITINFO2 of a reflected #VC, as of `not_validated_exit`
template <class Context, class Machine>
constexpr auto on_guest_fault(Context& ctx, const Machine& machine, logical_processor& core, const fault& raised,
                              gva where, const reflected_exit& left, layout::event_injection delivering = {})
    -> event_result {
  Expects(core.guest.has_value());
  if (raised.kind == fault_kind::npf || raised.kind == fault_kind::vmexit) {
    const bool npf = raised.kind == fault_kind::npf;
    return on_guest_event(ctx, machine, core,
                          {.code = npf ? static_cast<std::uint64_t>(layout::svm_exit_codes::npf) : raised.code,
                           .info_1 = npf ? raised.code : 0,
                           .info_2 = raised.address,
                           .delivering = delivering});
  }
  if (raised.kind != fault_kind::vc) return {};
  const bool not_validated = detail::is(raised.code, layout::svm_exit_codes::page_not_validated);
  if (ctx.applies(rule::VC_HW_04, not_validated)) core.registers.set_cr2(where.value);
  return detail::signal_vc(
      ctx, machine, core,
      {.code = raised.code, .info_1 = left.info_1, .info_2 = left.info_2, .delivering = delivering});
}

/// VMGEXIT or VMMCALL in the guest, at RIP.
/// @param bytes  the instruction's
/// @return `goes_on` if it is neither, or VMMCALL that nobody intercepts
template <class Context, class Machine>
constexpr auto on_vmm_call(Context& ctx, const Machine& machine, logical_processor& core,
                           std::span<const std::uint8_t> bytes) -> event_result {
  Expects(core.guest.has_value());
  const vmm_call which = decode_vmm_call(ctx, bytes, has_hidden_state(core.guest->kind));
  if (which == vmm_call::neither) return {};
  const auto code = which == vmm_call::vmgexit ? layout::svm_exit_codes::vmgexit : layout::svm_exit_codes::vmmcall;
  return on_guest_event(ctx, machine, core,
                        {.code = static_cast<std::uint64_t>(code), .instruction_bytes = length_of_vmm_call(bytes)});
}

}  // namespace sevspec::inline v0::cpu

#endif
