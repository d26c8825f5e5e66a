// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_DISPATCH_HPP
#define SEVSPEC_SVSM_DISPATCH_HPP

#include <cstdint>
#include <span>
#include <utility>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/codes/svsm_codes.hpp>
#include <sevspec/svsm/apic.hpp>
#include <sevspec/svsm/attestation.hpp>
#include <sevspec/svsm/call.hpp>
#include <sevspec/svsm/core_protocol.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/measurement.hpp>
#include <sevspec/svsm/monitor.hpp>
#include <sevspec/svsm/request_lock.hpp>
#include <sevspec/svsm/services.hpp>
#include <sevspec/svsm/uefi_mm.hpp>
#include <sevspec/svsm/vtpm.hpp>

namespace sevspec::inline v0::svsm {

/// Where a call comes from.
struct call_source {
  processor* cpu = nullptr;  ///< not nullptr
  gpa vmsa{};                ///< the VMSA that calls
  std::uint16_t level = 0;   ///< its VMPL
};

namespace detail {

template <class Context, class Machine, class Services>
[[nodiscard]] constexpr auto serve_other(Context& ctx, Machine& machine, monitor& self, Services& offered,
                                         const call_source& from, call_registers& registers) -> call_result {
  using enum layout::svsm_protocols;
  const configuration& has = self.config;
  const std::uint32_t protocol = protocol_of(registers.rax);
  const auto is = [&](layout::svsm_protocols which, bool there) {
    return protocol == std::to_underlying(which) && there;
  };
  const bool measures = has_services<Services> && protocol == has.measurement_protocol;
  const bool known =
      is(apic, has.apic) || measures ||
      (has_services<Services> && (is(attestation, has.attestation) || is(vtpm, has.vtpm) || is(uefi_mm, has.uefi_mm)));
  if (ctx.denies(rule::SVSM_DSP_02, !known)) return ends(result_code::unsupported_protocol, rule::SVSM_DSP_02);
  if (is(apic, has.apic)) return serve_apic(ctx, self, *from.cpu, registers);
  if constexpr (has_services<Services>) {
    if (is(attestation, has.attestation))
      return serve_attestation(ctx, machine, self, offered.manifest, offered.reports, registers);
    if (is(vtpm, has.vtpm)) return serve_vtpm(ctx, machine, self, offered.tpm, registers);
    if (is(uefi_mm, has.uefi_mm)) return serve_uefi_mm(ctx, machine, self, offered.management, registers);
    if (measures) {
      if (ctx.denies(rule::SVSM_MEAS_01, !has.measurement))
        return ends(result_code::unsupported_protocol, rule::SVSM_MEAS_01);
      return serve_measurement(ctx, machine, self, *from.cpu, from.level, offered.reports, offered.measurement,
                               registers);
    }
  }
  return {};
}

/// Measurements of VMSAs that a processor has no longer end, deleted or replaced: nobody would go on with them.
template <class Context, class Machine, class Services>
constexpr void end_left_measurements(Context& ctx, Machine& machine, monitor& self, Services& offered) {
  if constexpr (has_services<Services>)
    for (const processor& one : self.processors) {
      const auto work = find_work(offered.measurement, one.apic_id);
      if (work != offered.measurement.under_way.end() && work->vmsa != one.vmsa)
        drop_work(ctx, machine, self, offered.measurement, one.apic_id);
    }
}

}  // namespace detail

/// Serves one call (SVSM-DSP-01 to SVSM-DSP-03).
/// @param registers  in: as the VMSA has them; out: RAX has the result, unless there is no answer
template <class Context, machine_for<Context> Machine, class Services>
[[nodiscard]] constexpr auto serve_call(Context& ctx, Machine& machine, monitor& self, Services& offered,
                                        const call_source& from, call_registers& registers) -> call_result {
  const lock_mode mode = mode_of(registers.rax);
  if (!try_lock(ctx, self.lock, mode)) return {.code = result_code::busy, .waits = true};
  const bool core = protocol_of(registers.rax) == std::to_underlying(layout::svsm_protocols::core);
  const call_result done = core ? serve_core(ctx, machine, self, *from.cpu, from.vmsa, registers)
                                : detail::serve_other(ctx, machine, self, offered, from, registers);
  if (core) detail::end_left_measurements(ctx, machine, self, offered);
  unlock(self.lock, mode);
  if (done.answered()) registers.rax = std::to_underlying(done.code);
  return done;
}

}  // namespace sevspec::inline v0::svsm

#endif
