// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_INTERCEPTS_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_INTERCEPTS_HPP

#include <cstddef>
#include <cstdint>
#include <optional>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/cpu/event_injection.hpp>
#include <sevspec/cpu/world_switch/interrupt_state.hpp>
#include <sevspec/cpu/world_switch/logical_processor.hpp>
#include <sevspec/layout/codes/exit_codes.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/vmcb.hpp>

/// Which events of a guest are intercepted.   APM vol. 2, 15.9, 15.35.4, 15.36
namespace sevspec::inline v0::cpu {

/// Something a guest does, or that happens to it, by the EXITCODE that it has if it is intercepted.
struct guest_event {
  std::uint64_t code{};
  std::uint64_t info_1{};
  std::uint64_t info_2{};
  layout::event_injection delivering{};  ///< the event whose delivery it hit; becomes EXITINTINFO
  unsigned instruction_bytes{};          ///< length of the instruction, where there is one
  std::uint32_t msr{};                   ///< RDMSR, WRMSR: which
  bool write{};                          ///< WRMSR
  bool mapped{};                         ///< I/O, RDMSR, WRMSR: the permission map's bits for it are set
  std::optional<unsigned> msr_slot{};    ///< which MSR of the guest's own vector it is, 0 to 127
};

namespace detail {

[[nodiscard]] constexpr auto is(std::uint64_t code, layout::svm_exit_codes which) noexcept -> bool {
  return code == static_cast<std::uint64_t>(which);
}

/// Bit `code` of the intercept vectors, which lie one after the other in the order of EXITCODEs.
[[nodiscard]] constexpr auto intercept_bit(const std::uint8_t* vectors, std::uint64_t code, std::uint64_t end) noexcept
    -> bool {
  return code < end && layout::bit_at(vectors[code / 8], code % 8);
}

/// The guest's own vectors: VMSA 900h, and 920h for MSRs with two bits each, of reads and of writes. MSRs without bits are
/// intercepted.
[[nodiscard]] constexpr auto guest_intercepts(const layout::vmsa& state, const guest_event& event) noexcept -> bool {
  if (!is(event.code, layout::svm_exit_codes::msr)) return intercept_bit(state.data() + 0x900, event.code, 256);
  if (!event.msr_slot || *event.msr_slot >= 128) return true;
  const unsigned number = 2 * *event.msr_slot + (event.write ? 1 : 0);
  return layout::bit_at(state.data()[0x920 + number / 8], number % 8);
}

}  // namespace detail

/// Whether the hypervisor's side has an event intercepted: its bit is set, or it cannot be left out.
template <class Context>
[[nodiscard]] constexpr auto host_intercepts(Context& ctx, const running_guest& guest, const guest_event& event)
    -> bool {
  using enum layout::svm_exit_codes;
  const auto is = [&](layout::svm_exit_codes which) { return detail::is(event.code, which); };
  const bool hidden = has_hidden_state(guest.kind);
  const auto controls = guest.taken.controls();
  // No bit: nested page faults, AVIC, VMGEXIT, and what VMRUN itself answers.
  if (event.code >= 0x400) return true;
  const bool needs_host = keeps_interrupts_in_vmsa(guest.features) || guest.features.restricted_injection();
  const bool physical = is(excp18) || is(intr) || is(nmi) || is(init);
  if (ctx.applies(rule::WSW_AE_01, hidden && (is(smi) || is(vmsave) || (needs_host && physical)))) return true;
  if (ctx.applies(rule::WSW_AE_03, guest.kind == guest_kind::snp && (is(cpuid) || is(ioio)))) return true;
  if (is(msr)) {
    const bool apic = event.msr >= 0x800 && event.msr <= 0x8ff;
    if (ctx.applies(rule::WSW_AE_04, hidden && apic && guest.features.alternate_injection())) return true;
    // Secure AVIC decides by itself, and exits with 402h where it cannot.
    if (ctx.applies(rule::WSW_AE_04, hidden && apic && guest.features.secure_avic())) return false;
    return controls.intercept_misc1().msr_prot() && event.mapped;
  }
  if (is(ioio)) return controls.intercept_misc1().ioio_prot() && event.mapped;
  if (event.code >= static_cast<std::uint64_t>(cr0_write_trap) &&
      event.code <= static_cast<std::uint64_t>(cr15_write_trap) && !hidden)
    return false;  // write traps of control registers are for guests with hidden state
  return detail::intercept_bit(guest.taken.bytes.data(), event.code, 0xc0);
}

/// Whether an event is intercepted: by the hypervisor, or, with guest intercept control, by the guest's VMSA (WSW-AE-06).
template <class Context>
[[nodiscard]] constexpr auto is_intercepted(Context& ctx, const running_guest& guest, const guest_event& event)
    -> bool {
  if (host_intercepts(ctx, guest, event)) return true;
  const bool own = has_hidden_state(guest.kind) && guest.features.guest_intercept_ctl();
  return ctx.applies(rule::WSW_AE_06, own && detail::guest_intercepts(guest.state, event));
}

/// Whether a VMCB intercepts what every #VC handler executes: #VC itself and IRET. The guest would see #VC inside #VC, and
/// end: nothing but denial of service (WSW-AE-05).
template <class Context>
[[nodiscard]] constexpr auto intercepts_vc_handler(Context& ctx, layout::vmcb_control_area_const_view controls)
    -> bool {
  const bool vc = layout::bit_at(controls.intercept_exceptions().raw, vector_vc);
  return ctx.denies(rule::WSW_AE_05,
                    controls.np_control().sev_es_enable() && (vc || controls.intercept_misc1().iret()));
}

}  // namespace sevspec::inline v0::cpu

#endif
