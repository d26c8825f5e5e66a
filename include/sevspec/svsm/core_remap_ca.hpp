// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_CORE_REMAP_CA_HPP
#define SEVSPEC_SVSM_CORE_REMAP_CA_HPP

#include <array>
#include <cstdint>
#include <optional>

#include <sevspec/base/context.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/svsm/apic_lazy_eoi.hpp>
#include <sevspec/svsm/call.hpp>
#include <sevspec/svsm/guest_memory.hpp>
#include <sevspec/svsm/machine.hpp>
#include <sevspec/svsm/monitor.hpp>

namespace sevspec::inline v0::svsm {

/// SVSM_CORE_REMAP_CA: the calling area of this processor moves. The old one keeps its bytes.   SVSM 6.1
/// @param registers  RCX: gPA of the new calling area
/// @return SUCCESS; INVALID_PARAMETER for a misaligned page; INVALID_ADDRESS for one that is not the guest's to use so
template <class Context, machine_for<Context> Machine>
[[nodiscard]] constexpr auto remap_ca(Context& ctx, Machine& machine, monitor& self, processor& cpu,
                                      const call_registers& registers) -> call_result {
  const gpa wanted{registers.rcx};
  if (ctx.denies(rule::SVSM_CORE_01, !is_aligned(wanted, page_size::k4k)))
    return ends(result_code::invalid_parameter, rule::SVSM_CORE_01);
  const bool same = cpu.caa == std::optional{wanted};
  if (same && ctx.choices.svsm_same_caa == same_caa::accepted) return {};
  if (ctx.denies(rule::SVSM_CORE_02, !is_valid(ctx, self, wanted, 0x1000)))
    return ends(bad_address(ctx), rule::SVSM_CORE_02);

  if (ctx.applies(rule::SVSM_CORE_03, ctx.choices.svsm_remap_zeroes)) {
    constexpr std::array<std::uint8_t, caa_header_bytes> zeros{};
    if (const auto done = write_guest(ctx, machine, wanted, zeros); !done) return done.error();
  }
  settle_lazy_eoi(ctx, machine, cpu);
  for (vcpu_record& one : self.vcpus)
    if (cpu.vmsa == std::optional{one.vmsa}) one.caa = wanted;
  cpu.caa = wanted;
  return {};
}

}  // namespace sevspec::inline v0::svsm

#endif
