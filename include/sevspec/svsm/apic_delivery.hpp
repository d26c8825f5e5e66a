// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_APIC_DELIVERY_HPP
#define SEVSPEC_SVSM_APIC_DELIVERY_HPP

#include <array>
#include <cstdint>
#include <optional>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/vmsa.hpp>
#include <sevspec/svsm/apic.hpp>
#include <sevspec/svsm/apic_lazy_eoi.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/monitor.hpp>
#include <sevspec/svsm/stored_vmsa.hpp>

/// How requested interrupts get into a guest's VMSA (SVSM-APIC-10).   coconut-svsm/svsm
namespace sevspec::inline v0::svsm {

/// The highest request whose class is above that of the interrupt in service, if any.
[[nodiscard]] constexpr auto next_request(const apic_state& apic) noexcept -> std::optional<std::uint8_t> {
  const auto requested = apic.irr.highest();
  const auto served = apic.isr.highest();
  if (!requested || (served && *requested >> 4 <= *served >> 4)) return {};
  return requested;
}

/// Whether the guest can take a vector at once: IF is set, there is no interrupt shadow, no event waits, and the
/// vector's class is above the processor's priority.
[[nodiscard]] constexpr auto can_take(const layout::vmsa& guest, const apic_state& apic, std::uint8_t vector) noexcept
    -> bool {
  const bool interrupts = (guest.rflags() & 0x200) != 0;
  return interrupts && !guest.vintr_ctrl().int_shadow() && !guest.event_inj().valid() &&
         vector >> 4 > priority_of(apic) >> 4;
}

/// A vector that V_IRQ has and the guest has taken is in service; one that it has not taken is requested again.
constexpr void collect_posted(layout::vmsa& guest, apic_state& apic) noexcept {
  if (!apic.posted) return;
  if (!guest.vintr_ctrl().v_irq()) {
    apic.irr.erase(*apic.posted);
    apic.isr.insert(*apic.posted);
  }
  guest.set_vintr_ctrl(guest.vintr_ctrl().set_v_irq(false));
  apic.posted.reset();
}

/// Puts the next interrupt into a VMSA: NMI first, then the highest request. One that the guest can take at once goes
/// into EVENTINJ and is in service; another one goes into V_IRQ, with its class as priority.
/// @return the vector that went into EVENTINJ, if any; not for NMI
template <class Context>
constexpr auto present_interrupts(Context& ctx, layout::vmsa& guest, apic_state& apic) -> std::optional<std::uint8_t> {
  using layout::event_types;
  collect_posted(guest, apic);
  if (ctx.applies(rule::SVSM_APIC_10, apic.nmi_pending && !guest.event_inj().valid())) {
    guest.set_event_inj(layout::event_injection{}.set_vector(2).set_type(event_types::nmi).set_valid(true));
    apic.nmi_pending = false;
  }
  const auto vector = next_request(apic);
  if (!ctx.applies(rule::SVSM_APIC_10, vector.has_value()) || !vector) return {};
  if (can_take(guest, apic, *vector)) {
    guest.set_event_inj(layout::event_injection{}.set_vector(*vector).set_type(event_types::intr).set_valid(true));
    apic.irr.erase(*vector);
    apic.isr.insert(*vector);
    return vector;
  }
  guest.set_vintr_ctrl(guest.vintr_ctrl().set_v_irq(true).set_v_intr_vector(*vector).set_v_intr_prio(
      static_cast<std::uint32_t>(*vector >> 4)));
  apic.posted = vector;
  return {};
}

/// Presents interrupts to the VMSA in memory, and offers the guest to end one without a call: an edge interrupt that is
/// the only one (SVSM-APIC-09).
/// @return what keeps the VMSA from being read or written
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto deliver_interrupts(Context& ctx, Machine& machine, const monitor& self, processor& cpu,
                                                gpa vmsa) -> outcome<void> {
  if (!cpu.apic.active) return {};
  layout::vmsa guest;
  if (const auto read = read_vmsa(ctx, machine, self, vmsa, guest); !read) return read;
  const auto vector = present_interrupts(ctx, guest, cpu.apic);
  if (const auto written = write_injection(ctx, machine, self, vmsa, guest); !written) return written;
  const bool lazy = vector && !cpu.apic.tmr.contains(*vector) && cpu.apic.isr.count() == 1 && cpu.apic.irr.count() == 0;
  if (!cpu.caa || !ctx.applies(rule::SVSM_APIC_09, lazy)) return {};
  constexpr std::array<std::uint8_t, 1> offered{1};
  if (machine.write(ctx, *cpu.caa + no_eoi_required_offset, offered)) cpu.apic.lazy_eoi = true;
  return {};
}

}  // namespace sevspec::inline v0::svsm

#endif
