// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_VMEXIT_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_VMEXIT_HPP

#include <cstddef>
#include <cstdint>

#include <gsl/assert>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/cpu/world_switch/intercepts.hpp>
#include <sevspec/cpu/world_switch/interrupt_state.hpp>
#include <sevspec/cpu/world_switch/logical_processor.hpp>
#include <sevspec/cpu/world_switch/swapped_registers.hpp>
#include <sevspec/cpu/world_switch/vmrun.hpp>
#include <sevspec/layout/codes/exit_codes.hpp>
#include <sevspec/layout/host_save_area.hpp>
#include <sevspec/layout/vmcb.hpp>
#include <sevspec/layout/vmsa.hpp>
#include <sevspec/rmp/vmrun_pages.hpp>

namespace sevspec::inline v0::cpu {

/// Why a guest exits: what the hypervisor is told, and what goes into the VMSA.
struct exit_reason {
  std::uint64_t code{};                  ///< EXITCODE
  std::uint64_t info_1{};                ///< EXITINFO1
  std::uint64_t info_2{};                ///< EXITINFO2
  std::uint64_t guest_code{};            ///< GUEST_EXITCODE; differs for reflected exits
  std::uint64_t guest_info_1{};          ///< GUEST_EXITINFO1
  std::uint64_t guest_info_2{};          ///< GUEST_EXITINFO2
  layout::event_injection delivering{};  ///< EXITINTINFO
  unsigned instruction_bytes{};          ///< for nRIP
};

/// The reason of an exit that the hypervisor learns all of.
[[nodiscard]] constexpr auto plain_reason(const guest_event& event) noexcept -> exit_reason {
  return {.code = event.code,
          .info_1 = event.info_1,
          .info_2 = event.info_2,
          .guest_code = event.code,
          .guest_info_1 = event.info_1,
          .guest_info_2 = event.info_2,
          .delivering = event.delivering,
          .instruction_bytes = event.instruction_bytes};
}

namespace detail {

/// What #VMEXIT writes into the control area. Of a guest with hidden state that is all the hypervisor learns (WSW-ST-05).
template <class Context>
constexpr void report_exit(Context& ctx, layout::vmcb_control_area_view controls, const running_guest& guest,
                           const register_file& live, const exit_reason& why) {
  const bool hidden = has_hidden_state(guest.kind);
  const bool vmgexit = is(why.code, layout::svm_exit_codes::vmgexit);
  layout::write_le(controls.data() + 0x70, why.code);
  controls.set_exit_info_1(why.info_1);
  controls.set_exit_info_2(why.info_2);
  controls.set_exit_int_info(why.delivering);
  controls.set_event_inj({});

  const bool own = keeps_interrupts_in_vmsa(guest.features);
  auto state = controls.interrupt_state();
  state.set_interrupt_shadow(!own && guest.interrupts.int_shadow());
  state.set_guest_interrupt_mask(hidden && (live.rflags() >> 9 & 1) != 0);
  controls.set_interrupt_state(state);
  if (!own && !ctx.applies(rule::WSW_INJ_04, guest.features.restricted_injection())) {
    auto virtual_interrupts = controls.vintr_control();
    virtual_interrupts.set_v_tpr(guest.interrupts.v_tpr()).set_v_irq(guest.interrupts.v_irq());
    virtual_interrupts.set_v_nmi(guest.interrupts.v_nmi()).set_v_nmi_mask(guest.interrupts.v_nmi_mask());
    controls.set_vintr_control(virtual_interrupts);
  }
  if (hidden) {
    controls.set_ghcb_gpa(guest.ghcb_msr);
    layout::write_le(controls.data() + 0x140, guest.features.raw);
  } else {
    controls.set_next_rip(live.rip() + why.instruction_bytes);
  }
  if (ctx.applies(rule::VC_HW_06, hidden && vmgexit && guest.features.vmgexit_parameter())) {
    controls.set_vmgexit_rax(live.rax());
    controls.set_vmgexit_cpl(live.cpl());
  }
}

/// The VMSA as #VMEXIT leaves it, in plain: registers, the exit, interrupt state, what tells where it ran.
/// @param told  the VMSA gets to know why
template <class Context>
[[nodiscard]] constexpr auto state_after_exit(Context& ctx, const logical_processor& core, const running_guest& guest,
                                              const exit_reason& why, const swap_features& with, bool told)
    -> layout::vmsa {
  layout::vmsa state = guest.state;
  save_guest_registers(ctx, core.registers, state, with);
  if (told) {
    layout::write_le(state.data() + 0x3c0, why.guest_code);
    state.set_guest_exit_info_1(why.guest_info_1);
    state.set_guest_exit_info_2(why.guest_info_2);
    state.set_guest_exit_int_info(why.delivering);
    state.set_guest_next_rip(core.registers.rip() + why.instruction_bytes);
  }
  if (keeps_interrupts_in_vmsa(guest.features)) {
    auto interrupts = interrupts_at_exit(state.vintr_ctrl(), guest.interrupts);
    const bool reflected = why.code != why.guest_code;
    // VMPL 0 must inject the interrupted event again before this VMSA may run (WSW-RVC-02).
    if (ctx.applies(rule::WSW_RVC_02, reflected && guest.features.alternate_injection() && why.delivering.valid()))
      interrupts.set_busy(true);
    state.set_vintr_ctrl(interrupts);
    state.set_event_inj({});
  }
  if (ctx.applies(rule::WSW_INJ_06,
                  guest.features.secure_avic() && why.delivering.valid() && why.delivering.vector() != vector_vc))
    state.set_event_inj(why.delivering);
  // Its guest can write it (PAG-VTOM-04).
  if (guest.regime && guest.regime->vtom) state.set_virtual_tom({guest.regime->virtual_tom});
  state.set_pcpu_id(core.id);
  state.set_tlb_id(core.tlb_id);
  return state;
}

}  // namespace detail

/// #VMEXIT: from the guest that runs back into the hypervisor. The guest's registers go into its VMSA, and none of them
/// stays in the processor; the pages that VMRUN has marked are free again.   APM vol. 2, 15.6, 15.35.9, 15.36.9
/// @param core  runs a guest; `core.registers` are the guest's, with RIP where the guest is to go on
/// @param held  whether another processor holds a page, `held(spfn) -> bool`
template <class Context, class Machine, class Held>
constexpr void vmexit(Context& ctx, const Machine& machine, logical_processor& core, exit_reason why, Held&& held) {
  Expects(core.guest.has_value());
  const running_guest& guest = *core.guest;
  const bool hidden = has_hidden_state(guest.kind);
  const swap_features with = detail::swaps_of(core, guest);
  const bool page_only = hidden && detail::is(why.code, layout::svm_exit_codes::npf) && !ctx.choices.npf_gpa_low12;
  if (ctx.applies(rule::WSW_ST_06, page_only)) {
    why.info_2 &= ~std::uint64_t{0xfff};
    why.guest_info_2 &= ~std::uint64_t{0xfff};
  }

  const auto report_to = [&](vmcb_page& page) {
    detail::report_exit(ctx, page.controls(), guest, core.registers, why);
    if (!hidden) save_to_vmcb(core.registers, page.bytes.data() + 0x400, with);
  };
  vmcb_page vmcb;
  [[maybe_unused]] auto status = machine.memory.read(guest.vmcb, guest.vmcb_key, vmcb.bytes);
  report_to(vmcb);
  status = machine.memory.write(guest.vmcb, guest.vmcb_key, vmcb.bytes);
  // What the hypervisor wrote meanwhile the processor has not seen.
  remembered_vmcb last{.where = guest.vmcb, .page = guest.taken};
  report_to(last.page);

  const bool told = ctx.applies(rule::WSW_ST_04, hidden);
  if (hidden) {
    layout::vmsa state = detail::state_after_exit(ctx, core, guest, why, with, told);
    if (ctx.choices.regprot_renonce && guest.features.vmsa_reg_prot()) state.set_reg_prot_nonce(core.next_nonce++);
    toggle_protection(ctx, state, machine.protection);
    status = machine.memory.write(guest.vmsa, memory_key::guest(guest.id), state.bytes());
    if (guest.kind == guest_kind::sev_es) machine.integrity.record(guest.vmsa, state);
    if (machine.tsc_written != nullptr) *machine.tsc_written = guest.tsc.undefined;
  }

  layout::host_save_area_es host;
  const spa host_at{core.vm_hsave_pa.value & ~core.c_mask()};
  status = machine.memory.read(host_at, key_of_host_address(core, core.vm_hsave_pa.value), host.bytes());
  if (hidden) restore_host_registers(ctx, core.registers, host, with);
  else restore_host_after_plain_guest(core.registers, host, with);
  for (std::size_t i = 0; i < guest.held_count && core.snp_enabled(); ++i) {
    rmp::set_in_use(ctx, machine.rmp, guest.held[i], false, held);
  }
  core.last = last;
  core.gif = false;
  core.guest.reset();
}

/// The same where no other processor holds the guest's pages.
template <class Context, class Machine>
constexpr void vmexit(Context& ctx, const Machine& machine, logical_processor& core, const exit_reason& why) {
  vmexit(ctx, machine, core, why, [](rmp::spfn) { return false; });
}

}  // namespace sevspec::inline v0::cpu

#endif
