// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_VMRUN_STATE_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_VMRUN_STATE_HPP

#include <cstdint>

#include <sevspec/base/bits.hpp>
#include <sevspec/layout/vmsa.hpp>
#include <sevspec/paging/control_registers.hpp>

namespace sevspec::inline v0::cpu {

/// Bits of EFER that exist: SCE, LME, LMA, NXE, SVME, LMSLE, FFXSR, TCE, MCOMMIT, INTWB, UAIE, AIBRSE.
inline constexpr std::uint64_t known_efer = 0x36'fd01;
/// Bits of CR4 that exist: VME to OSXMMEXCPT, UMIP, LA57, FSGSBASE, PCIDE, OSXSAVE, SMEP, SMAP, PKE, CET.
inline constexpr std::uint64_t known_cr4 = 0xf7'1fff;

/// Whether a guest's registers can be no processor's: VMRUN's list of illegal states (WSW-RUN-10), the same for a VMSA
/// and for a VMCB. That addresses in CR3 fit is asked with the tables that it points to. EFER.SVME=0 is also what
/// software writes into a VMSA that must not run.   APM vol. 2, 15.5.1
template <class Storage>
[[nodiscard]] constexpr auto is_illegal_state(const layout::basic_vmsa<Storage>& state) noexcept -> bool {
  using efer_svme = bit<12>;
  using efer_lme = bit<8>;
  using cr0_nw = bit<29>;
  using cr0_cd = bit<30>;
  const std::uint64_t cr0 = state.cr0();
  const std::uint64_t cr4 = state.cr4();
  const std::uint64_t efer = state.efer();
  const bool long_paging = efer_lme::test(efer) && paging::cr0::pg::test(cr0);
  const auto code = state.cs().attrib();
  if (!efer_svme::test(efer)) return true;
  if (!cr0_cd::test(cr0) && cr0_nw::test(cr0)) return true;
  if (bits<63, 32>::get(cr0) != 0) return true;
  if (long_paging && bits<63, 52>::get(state.cr3()) != 0) return true;
  if ((cr4 & ~known_cr4) != 0) return true;
  if (bits<63, 32>::get(state.dr6()) != 0 || bits<63, 32>::get(state.dr7()) != 0) return true;
  if ((efer & ~known_efer) != 0) return true;
  if (long_paging && !paging::cr4::pae::test(cr4)) return true;
  if (long_paging && !paging::cr0::pe::test(cr0)) return true;
  if (long_paging && paging::cr4::pae::test(cr4) && code.l() && code.db()) return true;
  return paging::cr4::cet::test(cr4) && !paging::cr0::wp::test(cr0);
}

}  // namespace sevspec::inline v0::cpu

#endif
