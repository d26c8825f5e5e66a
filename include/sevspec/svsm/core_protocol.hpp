// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_CORE_PROTOCOL_HPP
#define SEVSPEC_SVSM_CORE_PROTOCOL_HPP

#include <cstdint>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/svsm/call.hpp>
#include <sevspec/svsm/core_pvalidate.hpp>
#include <sevspec/svsm/core_query.hpp>
#include <sevspec/svsm/core_remap_ca.hpp>
#include <sevspec/svsm/core_vcpu.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/monitor.hpp>

namespace sevspec::inline v0::svsm {

/// Protocol 0.   SVSM, chapter 6
/// @param cpu     of the caller
/// @param caller  the VMSA that calls
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto serve_core(Context& ctx, Machine& machine, monitor& self, processor& cpu, gpa caller,
                                        call_registers& registers) -> call_result {
  using enum layout::svsm_core_calls;
  const std::uint32_t call = call_of(registers.rax);
  if (ctx.denies(rule::SVSM_DSP_03, call > std::to_underlying(configure_vtom)))
    return ends(result_code::unsupported_call, rule::SVSM_DSP_03);
  switch (static_cast<layout::svsm_core_calls>(call)) {
    case remap_ca:       return svsm::remap_ca(ctx, machine, self, cpu, registers);
    case pvalidate:      return pvalidate_pages(ctx, machine, self, registers);
    case create_vcpu:    return svsm::create_vcpu(ctx, machine, self, caller, registers);
    case delete_vcpu:    return svsm::delete_vcpu(ctx, machine, self, registers);
    case deposit_mem:    return ends(result_code::unsupported_call, rule::SVSM_CORE_40);
    case withdraw_mem:   return ends(result_code::unsupported_call, rule::SVSM_CORE_50);
    case query_protocol: return svsm::query_protocol(ctx, self, cpu, registers);
    case configure_vtom: return svsm::configure_vtom(ctx, registers);
  }
  return {};
}

}  // namespace sevspec::inline v0::svsm

#endif
