// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_SEV_REGISTERS_HPP
#define SEVSPEC_CPU_SEV_REGISTERS_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/bits.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/msr.hpp>
#include <sevspec/layout/vmsa.hpp>
#include <sevspec/paging/control_registers.hpp>
#include <sevspec/paging/two_stage_regime.hpp>

namespace sevspec::inline v0::cpu {

/// SEV_STATUS (MSR C001_0131) as a guest reads it: SEV, SEV-ES, and two bits up the SEV_FEATURES of its VMSA,
/// SNP_ACTIVE first.   APM vol. 2, 15.34.10
/// @param features  VMSA 3B0h; counts for SEV-ES guests
[[nodiscard]] constexpr auto sev_status_of(const paging::two_stage_regime& machine,
                                           layout::sev_features features) noexcept -> layout::msr_sev_status {
  if (!machine.sev_active) return {};
  constexpr std::uint64_t reported = bits<18, 4>::mask | bit<23>::mask;  // from ReflectVC on; IbpbOnEntry
  std::uint64_t raw = 1;
  if (machine.sev_es_active) raw |= 2 | (features.raw << 2 & reported);
  if (machine.snp_active) raw |= 4;
  if (machine.vtom) raw |= 8;
  return {raw};
}

/// WRMSR to SYSCFG (MSR C001_0010): once SecureNestedPagingEn is set, nothing changes any more.   APM vol. 2, 15.36.2
/// @return the register afterwards
[[nodiscard]] constexpr auto write_syscfg(std::uint64_t before, std::uint64_t value) noexcept -> std::uint64_t {
  return paging::syscfg::secure_nested_paging_en::test(before) ? before : value;
}

/// RDMSR or WRMSR of VIRTUAL_TOM (MSR C001_0135) by a guest: #GP(0) unless virtual TOM is in force.   APM vol. 2,
/// 15.36.8
template <class Context>
[[nodiscard]] constexpr auto virtual_tom_fault(Context& ctx, const paging::two_stage_regime& machine)
    -> std::optional<fault> {
  if (ctx.denies(rule::PAG_VTOM_04, !machine.vtom)) return fault{fault_kind::gp, rule::PAG_VTOM_04, 0, 0};
  return {};
}

/// WRMSR of VIRTUAL_TOM: the new value, and the guest's translations are dropped.
/// @param tlb  of the core that executes it
template <class Context, class Tlb>
[[nodiscard]] constexpr auto write_virtual_tom(Context& ctx, Tlb& tlb, paging::two_stage_regime& machine,
                                               std::uint64_t value) -> std::optional<fault> {
  if (auto raised = virtual_tom_fault(ctx, machine)) return raised;
  machine.virtual_tom = value & bits<51, 21>::mask;  // the others read as zero (PAG-VTOM-01)
  tlb.flush(machine.id);
  return {};
}

}  // namespace sevspec::inline v0::cpu

#endif
