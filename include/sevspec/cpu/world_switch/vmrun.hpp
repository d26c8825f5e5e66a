// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_VMRUN_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_VMRUN_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/bits.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/cpu/event_injection.hpp>
#include <sevspec/cpu/rmp_instructions.hpp>
#include <sevspec/cpu/world_switch/interrupt_state.hpp>
#include <sevspec/cpu/world_switch/logical_processor.hpp>
#include <sevspec/cpu/world_switch/vmrun_controls.hpp>
#include <sevspec/cpu/world_switch/vmrun_features.hpp>
#include <sevspec/cpu/world_switch/vmrun_state.hpp>
#include <sevspec/layout/host_save_area.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/vmcb.hpp>
#include <sevspec/layout/vmsa.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/paging/regime.hpp>
#include <sevspec/paging/tlb_control.hpp>
#include <sevspec/paging/two_stage_regime.hpp>
#include <sevspec/rmp/vmrun_pages.hpp>

namespace sevspec::inline v0::cpu {

/// How VMRUN ends.
enum class vmrun_end : std::uint8_t {
  entered,    ///< the guest runs
  exited,     ///< #VMEXIT at once; no instruction of the guest ran
  ud,         ///< #UD in the hypervisor
  gp,         ///< #GP(0) in the hypervisor
  no_memory,  ///< no memory answers at the VMCB or the host save area: the platform's matter
};

/// "entered", "exited", "#UD", "#GP" or "no memory".
[[nodiscard]] constexpr auto name_of(vmrun_end end) noexcept -> const char* {
  switch (end) {
    case vmrun_end::entered:   return "entered";
    case vmrun_end::exited:    return "exited";
    case vmrun_end::ud:        return "#UD";
    case vmrun_end::gp:        return "#GP";
    case vmrun_end::no_memory: return "no memory";
  }
  return "?";
}

/// What VMRUN came to.
struct vmrun_result {
  vmrun_end end{};
  layout::svm_exit_codes exit_code{};  ///< counts where it exited
  rule decided_by = rule::none;

  friend constexpr auto operator==(const vmrun_result&, const vmrun_result&) -> bool = default;
};

namespace detail {

/// The VMSA's page. Of a guest that is not SNP-active it must be the hypervisor's; of one that is, the guest's.
template <class Context, class Store>
[[nodiscard]] constexpr auto check_vmsa_page(Context& ctx, const Store& rmp, const logical_processor& core,
                                             const running_guest& guest) -> std::optional<vmrun_refusal> {
  using enum layout::svm_exit_codes;
  const bool snp = guest.features.snp_active();
  if (ctx.denies(rule::WSW_RUN_09, snp && !core.snp_enabled())) return vmrun_refusal{.decided_by = rule::WSW_RUN_09};
  if (!core.snp_enabled()) return std::nullopt;
  const auto good = rmp::page_answer::good;
  if (snp && rmp::check_snp_vmsa(ctx, rmp, guest.vmsa, guest.id) != good)
    return vmrun_refusal{.decided_by = rule::RMP_VMR_02};
  if (!snp && rmp::check_vmrun_page(ctx, rmp, rmp::vmrun_page::sev_es_vmsa, guest.vmsa) != good)
    return vmrun_refusal{.decided_by = rule::RMP_VMR_01};
  const rmp::spfn page = page_of(guest.vmsa);
  const bool runs = rmp.covers(page) && rmp::authoritative_entry(rmp, page).in_use;
  if (ctx.denies(rule::WSW_RUN_18, runs && ctx.choices.vmrun_vmsa_inuse == running_vmsa::busy))
    return vmrun_refusal{.code = busy, .decided_by = rule::WSW_RUN_18, .features = guest.features};
  if (ctx.denies(rule::WSW_RUN_18, runs && ctx.choices.vmrun_vmsa_inuse == running_vmsa::invalid))
    return vmrun_refusal{.decided_by = rule::WSW_RUN_18};
  return std::nullopt;
}

/// Reads the VMSA with the guest's key, and judges page and contents together: which rule holds for the page, its
/// encrypted SEV_FEATURES say.
/// @param guest  `vmsa` and `id` are known; `state` and `features` are found
template <class Context, class Machine>
[[nodiscard]] constexpr auto take_vmsa(Context& ctx, const Machine& machine, const logical_processor& core,
                                       std::uint64_t pointer, running_guest& guest) -> std::optional<vmrun_refusal> {
  const bool no_page = pointer % 4096 != 0 || pointer >= core.address_limit();
  if (ctx.denies(rule::WSW_RUN_04, no_page)) return vmrun_refusal{.decided_by = rule::WSW_RUN_04};
  const auto read = machine.memory.read(guest.vmsa, memory_key::guest(guest.id), guest.state.bytes());
  if (ctx.denies(rule::WSW_RUN_04, read != memory::memory_status::ok))
    return vmrun_refusal{.decided_by = rule::WSW_RUN_04};
  const layout::vmsa stored = guest.state;
  toggle_protection(ctx, guest.state, machine.protection);
  guest.features = guest.state.sev_features();
  if (const auto refused = check_vmsa_page(ctx, machine.rmp, core, guest)) return refused;
  // VMPL 0 may write a VMSA that does not run, and what it has written counts: no checksum there.
  if (ctx.applies(rule::WSW_RUN_06, guest.features.snp_active())) return std::nullopt;
  if (ctx.denies(rule::WSW_RUN_05, !machine.integrity.matches(guest.vmsa, stored)))
    return vmrun_refusal{.decided_by = rule::WSW_RUN_05};
  return std::nullopt;
}

/// The registers of a VMCB's save area, where a VMSA has them.
[[nodiscard]] constexpr auto state_in_vmcb(const vmcb_page& taken) noexcept -> layout::vmsa {
  layout::vmsa state;
  for (std::size_t i = 0; i < 0x2e8; ++i) state.data()[i] = taken.bytes[0x400 + i];
  return state;
}

/// Whether an event is of no kind that hardware injects: part of the list of illegal states.   APM vol. 2, 15.20
[[nodiscard]] constexpr auto is_illegal_event(layout::event_injection event) noexcept -> bool {
  using enum layout::event_types;
  if (!event.valid()) return false;
  switch (event.type()) {
    case intr:
    case nmi:
    case soft_int:  return false;
    case exception: return event.vector() == 2 || event.vector() > 31;
  }
  return true;
}

/// The event to inject; or why VMRUN does not run.
template <class Context>
[[nodiscard]] constexpr auto take_event(Context& ctx, running_guest& guest) -> std::optional<vmrun_refusal> {
  const layout::event_injection from_host = guest.taken.controls().event_inj();
  guest.injected = from_host;
  if (has_hidden_state(guest.kind)) {
    layout::sev_features features = guest.features;
    if (ctx.applies(rule::WSW_INJ_06, features.secure_avic())) features.set_alternate_injection(true);
    if (const auto why = refused_injection(ctx, features, from_host)) return vmrun_refusal{.decided_by = *why};
    guest.injected = injected_event(ctx, features, from_host, guest.state.event_inj());
    const bool hv = guest.injected.valid() && guest.injected.type() == layout::event_types::exception &&
                    guest.injected.vector() == vector_hv;
    if (ctx.denies(rule::WSW_INJ_04, hv && !features.restricted_injection()))
      return vmrun_refusal{.decided_by = rule::WSW_INJ_04};
  }
  if (ctx.denies(rule::WSW_RUN_10, is_illegal_event(guest.injected)))
    return vmrun_refusal{.decided_by = rule::WSW_RUN_10};
  return std::nullopt;
}

/// How the guest's addresses will be translated. What its tables cannot be is illegal state; a guest without nested
/// paging has no such regime.
template <class Context>
[[nodiscard]] constexpr auto take_regime(Context& ctx, const logical_processor& core, running_guest& guest)
    -> std::optional<vmrun_refusal> {
  const auto controls = guest.taken.controls();
  const bool hidden = has_hidden_state(guest.kind);
  const auto registers_of = [](const layout::vmsa& from) {
    return paging::control_registers{.cr0 = from.cr0(), .cr3 = from.cr3(), .cr4 = from.cr4(), .efer = from.efer()};
  };
  const auto made = paging::make_two_stage_regime(ctx, core.part,
                                                  {.host = registers_of(core.registers),
                                                   .syscfg = core.syscfg,
                                                   .guest = registers_of(guest.state),
                                                   .ncr3 = controls.nested_cr3(),
                                                   .np_control = controls.np_control().raw,
                                                   .id = guest.id,
                                                   .sev_features = hidden ? guest.features.raw : 0,
                                                   .virtual_tom = guest.state.virtual_tom().raw,
                                                   .level = {guest.state.vmpl()},
                                                   .g_pat = guest.state.g_pat()});
  if (made) guest.regime = *made;
  else if (made.error().what != paging::register_error::kind::not_modelled)
    return vmrun_refusal{.decided_by = made.error().decided_by};
  return std::nullopt;
}

/// VMRUN's checks in order; nothing changes. Hardware's order cannot be seen, except for the conditions with exit codes
/// of their own: `implementation_choices::vmrun_check_order`.
template <class Context, class Machine>
[[nodiscard]] constexpr auto look_at_guest(Context& ctx, const Machine& machine, const logical_processor& core,
                                           spa where, memory_key key, const vmcb_page& taken)
    -> std::expected<running_guest, vmrun_refusal> {
  running_guest guest{.vmcb = where, .vmcb_key = key, .taken = taken};
  const auto controls = guest.taken.controls();
  if (const auto refused = check_controls(ctx, core, controls)) return std::unexpected{*refused};
  guest.kind = kind_in_vmcb(core, controls.np_control());
  guest.id = asid{controls.guest_asid()};
  guest.hold(where);
  if (core.snp_enabled()) {
    const auto hold = [&](spa page) { guest.hold(page); };
    if (const auto refused = check_hardware_pages(ctx, machine.rmp, core, controls, hold))
      return std::unexpected{*refused};
  }

  if (ctx.applies(rule::WSW_RUN_03, has_hidden_state(guest.kind))) {
    const std::uint64_t pointer = layout::read_le<std::uint64_t>(guest.taken.bytes.data() + 0x108);
    guest.vmsa = spa{pointer};
    guest.hold(guest.vmsa);
    if (const auto refused = take_vmsa(ctx, machine, core, pointer, guest)) return std::unexpected{*refused};
    if (guest.features.snp_active()) guest.kind = guest_kind::snp;
    if (const auto refused = check_features(ctx, core, controls, guest.state)) return std::unexpected{*refused};
  } else {
    guest.state = state_in_vmcb(guest.taken);
    if (has_hidden_state(guest.kind)) guest.kind = guest_kind::sev;
  }

  const auto check_state = [&]() -> std::optional<vmrun_refusal> {
    if (ctx.denies(rule::WSW_RUN_10, is_illegal_state(guest.state)))
      return vmrun_refusal{.decided_by = rule::WSW_RUN_10};
    if (const auto refused = take_regime(ctx, core, guest)) return refused;
    return take_event(ctx, guest);
  };
  const auto check_codes = [&]() -> std::optional<vmrun_refusal> {
    if (!has_hidden_state(guest.kind)) return std::nullopt;
    return check_readiness(ctx, core, guest.state);
  };
  const bool codes_first = ctx.choices.vmrun_check_order == vmrun_order::codes_before_state;
  if (const auto refused = codes_first ? check_codes() : check_state()) return std::unexpected{*refused};
  if (const auto refused = codes_first ? check_state() : check_codes()) return std::unexpected{*refused};

  const bool snp = guest.kind == guest_kind::snp;
  if (snp) guest.level = vmpl{guest.state.vmpl()};
  guest.interrupts = interrupts_at_entry(ctx, controls, guest.state);
  guest.tsc = {.secure = snp && guest.features.secure_tsc(),
               .guest_scale = guest.state.guest_tsc_scale(),
               .guest_offset = guest.state.guest_tsc_offset(),
               .ratio = core.tsc_ratio,
               .offset = controls.tsc_offset(),
               .frequency_mhz = machine.tsc_frequency_mhz,
               .undefined = machine.tsc_written != nullptr && *machine.tsc_written};
  guest.ghcb_msr = controls.ghcb_gpa();
  return guest;
}

/// Whose registers the switch moves.
[[nodiscard]] constexpr auto swaps_of(const logical_processor& core, const running_guest& guest) noexcept
    -> swap_features {
  swap_features with = core.swaps;
  with.debug_swap = guest.features.debug_swap();
  with.last_branches = guest.taken.controls().virt_ext().lbr_virt_enable();
  return with;
}

/// Drops translations before the guest runs: as TLB_CONTROL says, and all of the guest's where its VMSA ran elsewhere last,
/// or software has written PCPU_ID=0 (WSW-RUN-20).
template <class Context, class Machine>
constexpr void flush_at_entry(Context& ctx, const Machine& machine, const logical_processor& core,
                              running_guest& guest) {
  paging::two_stage_regime who;
  who.id = guest.id;
  who.snp_active = guest.kind == guest_kind::snp;
  const auto what = static_cast<paging::tlb_control>(guest.taken.controls().tlb_control());
  paging::apply_tlb_control(ctx, machine.tlb, what, who);
  if (!has_hidden_state(guest.kind)) return;
  const bool elsewhere = guest.state.pcpu_id() != core.id || guest.state.tlb_id() != core.tlb_id;
  if (ctx.applies(rule::WSW_RUN_20, who.snp_active && elsewhere)) machine.tlb.flush(guest.id);
}

/// Tells the hypervisor that no guest ran.
template <class Machine>
constexpr void report_refusal(const Machine& machine, spa vmcb, memory_key key, const vmrun_refusal& why) {
  std::array<std::uint8_t, 32> exit{};  // EXITCODE, all 64 bits of it, EXITINFO1, EXITINFO2, EXITINTINFO
  layout::write_le(exit.data(), static_cast<std::uint64_t>(why.code));
  [[maybe_unused]] auto status = machine.memory.write(vmcb + 0x70, key, exit);
  if (!why.features) return;
  std::array<std::uint8_t, 8> features{};
  layout::write_le(features.data(), why.features->raw);
  status = machine.memory.write(vmcb + 0x140, key, features);
}

}  // namespace detail

/// VMRUN: from the hypervisor into a guest.   APM vol. 2, 15.5.1, 15.35.8, 15.36.12
///
/// The VMCB is read once, before anything is judged. What is refused changes nothing but the EXITCODE, EXITINFOs and
/// EXITINTINFO in the VMCB, and the features there where the VMSA itself was good, or its features were the reason.
/// @param core  runs no guest; afterwards `core.guest` says which one it runs
/// @param rax   system physical address of the VMCB, possibly with the C-bit
/// @return #UD without EFER.SVME or protected mode; #GP(0) at a CPL other than 0, for no page of the hypervisor at RAX,
///         and without a host save area; else the guest runs, or the VMCB says why it does not
template <class Context, class Machine>
[[nodiscard]] constexpr auto vmrun(Context& ctx, const Machine& machine, logical_processor& core, std::uint64_t rax)
    -> vmrun_result {
  Expects(!core.guest.has_value());
  const auto general_protection = [](rule why) { return vmrun_result{.end = vmrun_end::gp, .decided_by = why}; };
  constexpr vmrun_result no_memory{.end = vmrun_end::no_memory};
  // What every instruction of SVM asks.
  const bool mode = bit<12>::test(core.registers.efer()) && paging::cr0::pe::test(core.registers.cr0());
  if (!mode) return {.end = vmrun_end::ud};
  if (core.registers.cpl() != 0) return general_protection(rule::none);
  const memory_key key = key_of_host_address(core, rax);
  const spa where{rax & ~core.c_mask()};
  if (where.value % 4096 != 0 || where.value >= core.address_limit()) return general_protection(rule::none);
  const auto good = rmp::page_answer::good;
  if (rmp::check_vmrun_hsave(ctx, core.vm_hsave_pa) != good) return general_protection(rule::RMP_VMR_06);
  if (core.snp_enabled() && rmp::check_vmrun_page(ctx, machine.rmp, rmp::vmrun_page::vmcb, where) != good)
    return general_protection(rule::RMP_VMR_01);

  vmcb_page in_memory;
  if (machine.memory.read(where, key, in_memory.bytes) != memory::memory_status::ok) return no_memory;
  const memory_key host_key = key_of_host_address(core, core.vm_hsave_pa.value);
  const spa host_at{core.vm_hsave_pa.value & ~core.c_mask()};
  layout::host_save_area_es host;
  if (machine.memory.read(host_at, host_key, host.bytes()) != memory::memory_status::ok) return no_memory;

  const vmcb_page taken = vmcb_as_taken(ctx, in_memory, where, core.last);
  auto looked = detail::look_at_guest(ctx, machine, core, where, key, taken);
  if (!looked) {
    detail::report_refusal(machine, where, key, looked.error());
    core.gif = false;
    return {.end = vmrun_end::exited, .exit_code = looked.error().code, .decided_by = looked.error().decided_by};
  }
  running_guest& guest = *looked;

  for (std::size_t i = 0; i < guest.held_count && core.snp_enabled(); ++i) {
    guest.stale[i] = rmp::set_in_use(ctx, machine.rmp, guest.held[i], true);
    flush_stale(machine.tlb, guest.stale[i]);
  }
  const swap_features with = detail::swaps_of(core, guest);
  save_host_registers(ctx, core.registers, host, with);
  [[maybe_unused]] const auto written = machine.memory.write(host_at, host_key, host.bytes());
  detail::flush_at_entry(ctx, machine, core, guest);
  guest.ibpb = ctx.applies(rule::WSW_RUN_19, guest.features.ibpb_on_entry());
  if (has_hidden_state(guest.kind)) load_guest_registers(ctx, core.registers, guest.state, with);
  else load_from_vmcb(core.registers, guest.state.data(), with);
  core.last = remembered_vmcb{.where = where, .page = taken};
  core.gif = true;
  core.guest = guest;
  return {.end = vmrun_end::entered};
}

}  // namespace sevspec::inline v0::cpu

#endif
