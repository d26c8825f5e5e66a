// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_APIC_HPP
#define SEVSPEC_SVSM_APIC_HPP

#include <algorithm>
#include <cstdint>
#include <optional>

#include <sevspec/base/bits.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/codes/svsm_codes.hpp>
#include <sevspec/svsm/apic_lazy_eoi.hpp>
#include <sevspec/svsm/apic_state.hpp>
#include <sevspec/svsm/call.hpp>
#include <sevspec/svsm/monitor.hpp>

/// Protocol 3: the interrupt controller of a guest under alternate injection.   coconut-svsm/svsm
namespace sevspec::inline v0::svsm {

/// The registers of the protocol, by the numbers of their x2APIC MSRs (SVSM-APIC-04).
namespace apic_register {
inline constexpr std::uint64_t id = 0x802, tpr = 0x808, ppr = 0x80a, eoi = 0x80b, ldr = 0x80d, isr = 0x810, tmr = 0x818,
                               irr = 0x820, end_of_irr = 0x828, icr = 0x830, self_ipi = 0x83f;
}  // namespace apic_register

/// The logical destination of an x2APIC: its cluster, and its bit there.
[[nodiscard]] constexpr auto logical_id(std::uint32_t apic_id) noexcept -> std::uint32_t {
  return (apic_id & ~std::uint32_t{0xf}) << 12 | std::uint32_t{1} << (apic_id & 0xf);
}

/// The processor priority: the higher of the task's and of the interrupt in service.
[[nodiscard]] constexpr auto priority_of(const apic_state& apic) noexcept -> std::uint8_t {
  const auto served = static_cast<std::uint8_t>(apic.isr.highest().value_or(0) & 0xf0);
  return apic.tpr >> 4 >= served >> 4 ? apic.tpr : served;
}

/// SVSM_APIC_READ_REGISTER.
/// @param registers  RCX: register; out RDX: value
template <class Context>
[[nodiscard]] constexpr auto read_apic(Context& ctx, const processor& cpu, call_registers& registers) -> call_result {
  namespace reg = apic_register;
  const std::uint64_t number = registers.rcx;
  if (ctx.denies(rule::SVSM_APIC_05, number == reg::eoi || number == reg::self_ipi))
    return ends(result_code::invalid_parameter, rule::SVSM_APIC_05);
  const bool vectors = number >= reg::isr && number < reg::end_of_irr;
  const bool known = vectors || number == reg::id || number == reg::tpr || number == reg::ppr || number == reg::ldr ||
                     number == reg::icr;
  if (ctx.denies(rule::SVSM_APIC_05, !known)) return ends(result_code::invalid_address, rule::SVSM_APIC_05);
  const apic_state& apic = cpu.apic;
  registers.rdx = number == reg::id    ? cpu.apic_id
                  : number == reg::tpr ? apic.tpr
                  : number == reg::ppr ? priority_of(apic)
                  : number == reg::ldr ? logical_id(cpu.apic_id)
                  : number == reg::icr ? apic.icr
                  : !vectors           ? 0
                  : number < reg::tmr  ? apic.isr.word(static_cast<unsigned>(number - reg::isr))
                  : number < reg::irr  ? apic.tmr.word(static_cast<unsigned>(number - reg::tmr))
                                       : apic.irr.word(static_cast<unsigned>(number - reg::irr));
  return {};
}

/// Raises an interrupt between processors: a vector, or NMI.
constexpr void raise(processor& target, std::uint8_t vector, bool nmi) noexcept {
  if (nmi) {
    target.apic.nmi_pending = true;
    return;
  }
  target.apic.irr.insert(vector);
  target.apic.tmr.erase(vector);
}

/// Whether an interrupt command names a processor.
///
///   63:32  destination
///   19:18  shorthand: 1 self, 2 all, 3 all others
///   11     logical destination
[[nodiscard]] constexpr auto is_destination(const processor& sender, const processor& one,
                                            std::uint64_t command) noexcept -> bool {
  switch (bits<19, 18>::get(command)) {
    case 1:  return one.apic_id == sender.apic_id;
    case 2:  return true;
    case 3:  return one.apic_id != sender.apic_id;
    default: break;
  }
  const std::uint64_t wanted = bits<63, 32>::get(command);
  if (wanted == 0xffff'ffff) return true;
  if (bits<11, 11>::get(command) == 0) return one.apic_id == wanted;
  const std::uint32_t own = logical_id(one.apic_id);
  return own >> 16 == wanted >> 16 && (own & wanted & 0xffff) != 0;
}

/// SVSM_APIC_WRITE_REGISTER.
/// @param registers  RCX: register; RDX: value
template <class Context>
[[nodiscard]] constexpr auto write_apic(Context& ctx, monitor& self, processor& cpu, const call_registers& registers)
    -> call_result {
  namespace reg = apic_register;
  const std::uint64_t number = registers.rcx;
  const std::uint64_t value = registers.rdx;
  const std::uint64_t mode = bits<10, 8>::get(value);
  constexpr std::uint64_t must_be_zero =
      bits<12, 12>::mask | bits<13, 13>::mask | bits<17, 16>::mask | bits<31, 20>::mask;
  const bool read_only =
      number == reg::id || number == reg::ppr || number == reg::ldr || (number >= reg::isr && number < reg::end_of_irr);
  const bool bad_value = (number == reg::tpr && value > 0xff) || (number == reg::eoi && value != 0) ||
                         (number == reg::self_ipi && value > 0xff) ||
                         (number == reg::icr && ((mode != 0 && mode != 4) || (value & must_be_zero) != 0));
  if (ctx.denies(rule::SVSM_APIC_06, bad_value || read_only))
    return ends(result_code::invalid_parameter, rule::SVSM_APIC_06);
  const bool known = number == reg::tpr || number == reg::eoi || number == reg::icr || number == reg::self_ipi;
  if (ctx.denies(rule::SVSM_APIC_06, !known && !read_only))
    return ends(result_code::invalid_address, rule::SVSM_APIC_06);
  const auto low = static_cast<std::uint8_t>(value & 0xff);
  if (number == reg::tpr) cpu.apic.tpr = low;
  if (number == reg::eoi) end_of_interrupt(cpu.apic);
  if (number == reg::self_ipi) raise(cpu, low, false);
  if (number == reg::icr) {
    const processor sender = cpu;
    cpu.apic.icr = value;
    for (processor& one : self.processors)
      if (is_destination(sender, one, value)) raise(one, low, mode == 4);
  }
  return {};
}

/// SVSM_APIC_CONFIGURE: whether the guest wants emulation, counted over those that register.
/// @param registers  RCX: 0 asks, 1 deregisters, 2 registers
template <class Context>
[[nodiscard]] constexpr auto configure_apic(Context& ctx, monitor& self, processor& cpu,
                                            const call_registers& registers) -> call_result {
  if (ctx.denies(rule::SVSM_APIC_03, registers.rcx > 2))
    return ends(result_code::invalid_parameter, rule::SVSM_APIC_03);
  std::uint32_t& count = self.apic_registrations;
  if (registers.rcx == 2) {
    if (ctx.denies(rule::SVSM_APIC_03, count == 0 || count == ~std::uint32_t{}))
      return ends(protocol_result(0), rule::SVSM_APIC_03);
    ++count;
    return {};
  }
  if (registers.rcx == 1 && count != 0) --count;
  if (count == 0) cpu.apic.active = false;
  return {};
}

/// SVSM_APIC_CONFIGURE_VECTOR: which vectors the hypervisor may raise.
///
///   63:10  reserved
///   9      all vectors, 31 to 255
///   8      enable
///   7:0    vector
template <class Context>
[[nodiscard]] constexpr auto configure_vector(Context& ctx, processor& cpu, const call_registers& registers)
    -> call_result {
  const std::uint64_t value = registers.rcx;
  if (ctx.denies(rule::SVSM_APIC_07, bits<63, 10>::get(value) != 0))
    return ends(result_code::invalid_parameter, rule::SVSM_APIC_07);
  const bool enable = bits<8, 8>::get(value) != 0;
  const bool all = bits<9, 9>::get(value) != 0;
  const std::uint64_t first = all ? 31 : bits<7, 0>::get(value);
  const std::uint64_t last = all ? 255 : first;
  for (std::uint64_t vector = first; vector <= last; ++vector) {
    if (enable) cpu.apic.from_host.insert(static_cast<std::uint8_t>(vector));
    else cpu.apic.from_host.erase(static_cast<std::uint8_t>(vector));
  }
  return {};
}

/// Protocol 3.
template <class Context>
[[nodiscard]] constexpr auto serve_apic(Context& ctx, monitor& self, processor& cpu, call_registers& registers)
    -> call_result {
  using enum layout::svsm_apic_calls;
  if (ctx.denies(rule::SVSM_APIC_01, !cpu.apic.active))
    return ends(result_code::unsupported_protocol, rule::SVSM_APIC_01);
  const std::uint32_t call = call_of(registers.rax);
  if (ctx.denies(rule::SVSM_DSP_03, call > std::to_underlying(layout::svsm_apic_calls::configure_vector)))
    return ends(result_code::unsupported_call, rule::SVSM_DSP_03);
  switch (static_cast<layout::svsm_apic_calls>(call)) {
    case query_features:                            registers.rcx = 0; return {};  // SVSM-APIC-02
    case configure:                                 return configure_apic(ctx, self, cpu, registers);
    case read_register:                             return read_apic(ctx, cpu, registers);
    case write_register:                            return write_apic(ctx, self, cpu, registers);
    case layout::svsm_apic_calls::configure_vector: return svsm::configure_vector(ctx, cpu, registers);
  }
  return {};
}

/// An interrupt that the hypervisor raises for the guest: it counts if its vector is allowed (SVSM-APIC-08).
/// @return whether the guest will see it
template <class Context>
[[nodiscard]] constexpr auto raise_from_host(Context& ctx, processor& cpu, std::uint8_t vector, bool level) -> bool {
  if (ctx.denies(rule::SVSM_APIC_08, !cpu.apic.from_host.contains(vector))) return false;
  cpu.apic.irr.insert(vector);
  if (level) cpu.apic.tmr.insert(vector);
  else cpu.apic.tmr.erase(vector);
  return true;
}

}  // namespace sevspec::inline v0::svsm

#endif
