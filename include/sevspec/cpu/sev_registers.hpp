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

/// WRMSR to SYSCFG (MSR C001_0010): once SecureNestedPagingEn is set, nothing changes any more
/// (RMP-GEO-06).   APM vol. 2, 15.36.2
/// @return the register afterwards
template <class Context>
[[nodiscard]] constexpr auto write_syscfg(Context& ctx, std::uint64_t before, std::uint64_t value) -> std::uint64_t {
  return ctx.applies(rule::RMP_GEO_06, paging::syscfg::secure_nested_paging_en::test(before)) ? before : value;
}

/// Whether writes of an MSR are refused while SNP is enabled: the fixed MTRRs, IORRs, TOP_MEM, TOP_MEM2, SMM_KEY and
/// SEG_RMP_CFG, which say where memory lies.   APM vol. 2, 15.36.2, 15.36.22
[[nodiscard]] constexpr auto is_frozen_by_snp(std::uint32_t msr) noexcept -> bool {
  switch (msr) {
    case 0x250:        // MTRRfix64K_00000
    case 0x258:        // MTRRfix16K_80000
    case 0x259:        // MTRRfix16K_A0000
    case 0xc001'0016:  // IORRBase0
    case 0xc001'0017:  // IORRMask0
    case 0xc001'0018:  // IORRBase1
    case 0xc001'0019:  // IORRMask1
    case 0xc001'001a:  // TOP_MEM
    case 0xc001'001d:  // TOP_MEM2
    case 0xc001'0119:  // SMM_KEY
    case 0xc001'0136:  // SEG_RMP_CFG
      return true;
    default: return msr >= 0x268 && msr <= 0x26f;  // MTRRfix4K_C0000 to MTRRfix4K_F8000
  }
}

/// WRMSR of such a register: #GP(0) while SNP is enabled (RMP-GEO-06).
template <class Context>
[[nodiscard]] constexpr auto frozen_msr_fault(Context& ctx, std::uint32_t msr, bool snp_enabled)
    -> std::optional<fault> {
  if (ctx.denies(rule::RMP_GEO_06, snp_enabled && is_frozen_by_snp(msr)))
    return fault{fault_kind::gp, rule::RMP_GEO_06, 0, 0};
  return {};
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
