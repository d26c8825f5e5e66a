// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_APIC_LAZY_EOI_HPP
#define SEVSPEC_SVSM_APIC_LAZY_EOI_HPP

#include <array>
#include <cstdint>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/svsm/apic_state.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/monitor.hpp>

/// The end of an interrupt without a call (SVSM-APIC-09).   coconut-svsm/svsm
namespace sevspec::inline v0::svsm {

/// Where a calling area has NO_EOI_REQUIRED.
inline constexpr std::uint64_t no_eoi_required_offset = 2;

/// The end of the interrupt in service with the highest priority.
constexpr void end_of_interrupt(apic_state& apic) noexcept {
  if (const auto served = apic.isr.highest()) apic.isr.erase(*served);
  apic.lazy_eoi = false;
}

/// Looks whether the guest has cleared NO_EOI_REQUIRED, which is its EOI; takes the offer back if it has not. A calling
/// area that cannot be read says nothing.
template <class Context, machine_for<Context> Machine>
constexpr void settle_lazy_eoi(Context& ctx, Machine& machine, processor& cpu) {
  if (!cpu.apic.lazy_eoi || !cpu.caa) return;
  const gpa where = *cpu.caa + no_eoi_required_offset;
  std::array<std::uint8_t, 1> offered{};
  if (!machine.read(ctx, where, offered)) return;
  cpu.apic.lazy_eoi = false;
  if (ctx.applies(rule::SVSM_APIC_09, (offered[0] & 1) == 0)) {
    end_of_interrupt(cpu.apic);
    return;
  }
  offered[0] = 0;
  (void)machine.write(ctx, where, offered);
}

}  // namespace sevspec::inline v0::svsm

#endif
