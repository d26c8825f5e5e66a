// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_ENTRY_HPP
#define SEVSPEC_SVSM_ENTRY_HPP

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/cpu/event_injection.hpp>
#include <sevspec/layout/codes/exit_codes.hpp>
#include <sevspec/layout/vmsa.hpp>
#include <sevspec/svsm/apic_delivery.hpp>
#include <sevspec/svsm/apic_lazy_eoi.hpp>
#include <sevspec/svsm/call.hpp>
#include <sevspec/svsm/core_vcpu.hpp>
#include <sevspec/svsm/dispatch.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/monitor.hpp>
#include <sevspec/svsm/stored_vmsa.hpp>

/// What an SVSM does each time VMPL 0 of a processor runs.   coconut-svsm/svsm; AMDESE/linux-svsm
namespace sevspec::inline v0::svsm {

/// How an entry ends.
enum class entry_end : std::uint8_t {
  idle,        ///< the processor has no VMSA: it waits for one (SVSM-CA-07)
  no_request,  ///< the guest goes on with its registers as they were
  answered,    ///< a call was served; the guest goes on
  waits,       ///< another processor's call goes first: the entry begins again
  blocked,     ///< the hypervisor keeps VMPL 0 from going on
};

/// An entry.
struct entry_result {
  entry_end what = entry_end::no_request;
  rule decided_by = rule::none;
  std::optional<fault> blocked{};
  std::optional<call_result> call{};  ///< of a call that was served

  friend constexpr auto operator==(const entry_result&, const entry_result&) -> bool = default;
};

namespace detail {

[[nodiscard]] constexpr auto blocked_entry(const fault& why) -> entry_result {
  return {.what = entry_end::blocked, .decided_by = why.decided_by, .blocked = why, .call = {}};
}

/// Whether the guest's calling area says that a call is pending (SVSM-CA-05, SVSM-CA-07).
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto is_pending(Context& ctx, Machine& machine, const processor& cpu, rule& why) -> bool {
  std::array<std::uint8_t, 1> pending{1};  // without SVSM-CA-07 what cannot be read would be a call
  const bool readable = cpu.caa && machine.read(ctx, *cpu.caa, pending).has_value();
  if (ctx.denies(rule::SVSM_CA_07, !readable)) {
    why = rule::SVSM_CA_07;
    return false;
  }
  const bool amd = ctx.choices.svsm_pending_cleared == pending_cleared::after_service;
  const bool set = amd ? pending[0] == 1 : pending[0] != 0;
  if (!ctx.denies(rule::SVSM_CA_05, !set)) return true;
  why = rule::SVSM_CA_05;
  return false;
}

template <class Context, machine_for<Context> Machine>
constexpr void clear_pending(Context& ctx, Machine& machine, gpa caa) {
  constexpr std::array<std::uint8_t, 1> none{};
  (void)machine.write(ctx, caa, none);
}

/// RAX, RCX, RDX and R8 go into the VMSA (SVSM-CA-06).
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto write_registers(Context& ctx, Machine& machine, const monitor& self, gpa vmsa,
                                             const call_registers& registers) -> outcome<void> {
  const std::array<std::pair<std::uint16_t, std::uint64_t>, 4> values{
      {{0x1f8, registers.rax}, {0x308, registers.rcx}, {0x310, registers.rdx}, {0x340, registers.r8}}};
  for (const auto& [offset, value] : values)
    if (const auto done = write_slot(ctx, machine, self, vmsa, offset, value); !done) return done;
  return {};
}

/// An event whose delivery an exit has interrupted is injected again, and the VMSA can be entered (WSW-INJ-07).
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto reinject(Context& ctx, Machine& machine, const monitor& self, gpa vmsa) -> outcome<void> {
  layout::vmsa guest;
  if (const auto read = read_vmsa(ctx, machine, self, vmsa, guest); !read) return read;
  if (!cpu::reinject_for_level(ctx, guest)) return {};
  return write_injection(ctx, machine, self, vmsa, guest);
}

}  // namespace detail

/// VMPL 0 of a processor runs (SVSM-CA-05). Nothing that the hypervisor does makes a call be served twice, or one that
/// the guest has not made: it has to have exited by VMGEXIT, CALL_PENDING has to be set, and is cleared.
/// @param apic_id  of the processor that runs; there is one with it
template <class Context, machine_for<Context> Machine, class Services>
[[nodiscard]] constexpr auto enter(Context& ctx, Machine& machine, monitor& self, Services& offered,
                                   std::uint32_t apic_id) -> entry_result {
  processor* const cpu = find_processor(self, apic_id);
  if (cpu == nullptr || ctx.denies(rule::SVSM_CA_07, !cpu->vmsa) || !cpu->vmsa)
    return {.what = entry_end::idle, .decided_by = rule::SVSM_CA_07, .blocked = {}, .call = {}};
  const gpa caller = *cpu->vmsa;
  const auto efer = read_slot(ctx, machine, self, caller, efer_offset);
  if (!efer) return detail::blocked_entry(efer.error());
  const bool runnable = (*efer & efer_svme) != 0;
  if (ctx.applies(rule::SVSM_CA_08, runnable))
    if (const auto stopped = set_runnable(ctx, machine, self, caller, false); !stopped)
      return detail::blocked_entry(stopped.error().blocked.value_or(fault{}));
  settle_lazy_eoi(ctx, machine, *cpu);
  layout::vmsa guest;
  if (const auto read = read_vmsa(ctx, machine, self, caller, guest); !read) return detail::blocked_entry(read.error());

  entry_result result;
  const bool by_vmgexit = guest.guest_exit_code() == layout::svm_exit_codes::vmgexit;
  if (ctx.denies(rule::SVSM_CA_05, !by_vmgexit)) {
    result.decided_by = rule::SVSM_CA_05;
  } else if (detail::is_pending(ctx, machine, *cpu, result.decided_by)) {
    const gpa caa = cpu->caa.value_or(gpa{});
    const bool before = ctx.choices.svsm_pending_cleared == pending_cleared::before_service;
    if (before) detail::clear_pending(ctx, machine, caa);
    // Another processor's call may have deleted or replaced the VMSA meanwhile: nobody waits for an answer any longer.
    if (ctx.denies(rule::SVSM_CA_07, cpu->vmsa != std::optional{caller}))
      return {.what = cpu->vmsa ? entry_end::no_request : entry_end::idle,
              .decided_by = rule::SVSM_CA_07,
              .blocked = {},
              .call = {}};
    call_registers registers{guest.rax(), guest.rcx(), guest.rdx(), guest.r8(), guest.r9()};
    const call_source from{cpu, caller, guest.vmpl()};
    const call_result done = serve_call(ctx, machine, self, offered, from, registers);
    if (done.waits) {
      constexpr std::array<std::uint8_t, 1> again{1};
      if (before) (void)machine.write(ctx, caa, again);
      return {.what = entry_end::waits, .decided_by = rule::SVSM_CORE_80, .blocked = {}, .call = {}};
    }
    if (done.blocked) return detail::blocked_entry(*done.blocked);
    if (!before) detail::clear_pending(ctx, machine, caa);
    result = {.what = entry_end::answered, .decided_by = done.decided_by, .blocked = {}, .call = done};
    // A VMSA that the call has deleted is the guest's page again: nothing is written there.
    if (find_vcpu(self, caller) != nullptr) {
      if (const auto written = detail::write_registers(ctx, machine, self, caller, registers); !written)
        return detail::blocked_entry(written.error());
      if (cpu->vmsa != std::optional{caller})
        if (const auto ready = set_runnable(ctx, machine, self, caller, true); !ready)
          return detail::blocked_entry(ready.error().blocked.value_or(fault{}));
    }
  }
  if (!cpu->vmsa) return {.what = entry_end::idle, .decided_by = rule::SVSM_CA_07, .blocked = {}, .call = result.call};

  if (const auto done = detail::reinject(ctx, machine, self, *cpu->vmsa); !done)
    return detail::blocked_entry(done.error());
  if (const auto done = deliver_interrupts(ctx, machine, self, *cpu, *cpu->vmsa); !done)
    return detail::blocked_entry(done.error());
  if (const auto ready = set_runnable(ctx, machine, self, *cpu->vmsa, true); !ready)
    return detail::blocked_entry(ready.error().blocked.value_or(fault{}));
  machine.flush();
  return result;
}

}  // namespace sevspec::inline v0::svsm

#endif
