// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_L2_TLB_HPP
#define SEVSPEC_PAGING_L2_TLB_HPP

#include <cstdint>

#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/tlb_control.hpp>

/// Translations of a guest hypervisor and its guest: what L0 must drop from the TLB on their behalf.   PAG-L2-11
namespace sevspec::inline v0::paging {

/// L1's ASIDs are virtual. L0 runs L1 and L2 under ASIDs of its own choice; if that is the same one, their translations
/// would mix, so it is flushed whenever one follows the other (nested VMRUN, nested #VMEXIT).
///
/// The same is due when L1 goes on under another virtual ASID while L0 keeps one for all its guests.
/// @return whether translations were dropped
template <class Context, class Tlb>
constexpr auto flush_for_nested_transition(Context& ctx, Tlb& tlb, asid of_l1, asid of_l2) -> bool {
  if (!ctx.applies(rule::PAG_L2_11, of_l1 == of_l2)) return false;
  tlb.flush(of_l2);
  return true;
}

/// What L1's TLB_CONTROL asks of L0: dropping the L2 translations that came of the shadow nPT02, and resynchronising
/// nPT02 with nPT12 before L2 runs again.
/// @param of_l2  L0's ASID for L2; with TLB_CONTROL 1 this is repeated for every ASID under which L0 runs a guest of L1
/// @return whether nPT02 must be resynchronised
template <class Context, class Tlb>
[[nodiscard]] constexpr auto apply_l1_tlb_control(Context& ctx, Tlb& tlb, tlb_control what, asid of_l2) -> bool {
  if (!ctx.applies(rule::PAG_L2_11, what != tlb_control::nothing)) return false;
  tlb.flush(of_l2);
  return true;
}

/// L1 executes INVLPGA for an ASID that stands for L2: the page goes from L2's translations, and its part of nPT02
/// must be resynchronised.
/// @param rax    the L2 guest virtual address
/// @param of_l2  L0's ASID for L2
/// @return whether nPT02 must be resynchronised
template <class Context, class Tlb>
constexpr auto l1_invlpga(Context& ctx, Tlb& tlb, std::uint64_t rax, asid of_l2) -> bool {
  if (!ctx.applies(rule::PAG_L2_11, true)) return false;
  invlpga(ctx, tlb, rax, of_l2.value);
  return true;
}

}  // namespace sevspec::inline v0::paging

#endif
