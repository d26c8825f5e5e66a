// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_VMCB12_CHECK_HPP
#define SEVSPEC_PAGING_VMCB12_CHECK_HPP

#include <cstdint>
#include <expected>

#include <sevspec/base/bits.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/generation.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/control_registers.hpp>
#include <sevspec/paging/regime.hpp>

namespace sevspec::inline v0::paging {

/// How wide addresses in nPT12 are, and what the C-bit is there (PAG-L2C-03, PAG-L2C-05, PAG-L2C-06).
///
///     L1                             | C-bit in nPT12 and nCR3
///     -------------------------------+----------------------------------------------
///     SEV-active                     | `npt12_cbit`: removed, or reserved
///     else, told that it has SME     | removed: there is no key of a host that is L1
///     else                           | an address bit like any other
/// @param l1_part        the processor as L0 presents it to L1
/// @param l1_sev_active  L1 itself runs with SEV
/// @param l1_syscfg      MSR C001_0010 as L1 sees it
template <class Context>
[[nodiscard]] constexpr auto npt12_entry_width(Context& ctx, const cpu_part& l1_part, bool l1_sev_active,
                                               std::uint64_t l1_syscfg) -> entry_width {
  entry_width width = host_entry_width(l1_part, syscfg::mem_encryption_mod_en::test(l1_syscfg));
  if (ctx.applies(rule::PAG_L2C_03, l1_sev_active)) {
    const std::uint64_t c_bit = std::uint64_t{1} << l1_part.c_bit;
    const bool strip = ctx.choices.npt12_cbit == npt12_c_bit::strip;
    width.c_mask = strip ? c_bit : 0;
    width.reserved = strip ? 0 : c_bit;
  }
  return width;
}

/// Whether nCR3 in VMCB12 is a legal L1 gPA: otherwise VMRUN of L2 ends with VMEXIT_INVALID.   APM vol. 2, 15.25.4
/// @param width  from `npt12_entry_width`
template <class Context>
[[nodiscard]] constexpr auto check_npt12_root(Context& ctx, entry_width width, std::uint64_t ncr3)
    -> std::expected<void, register_error> {
  const std::uint64_t illegal = (bit_range(63, width.bits) & ~width.c_mask) | width.reserved;
  if (ctx.denies(rule::PAG_L2_10, (ncr3 & illegal) != 0))
    return std::unexpected{register_error{register_error::kind::reserved, rule::PAG_L2_10, "nCR3",
                                          "not a legal physical address of L1", ncr3}};
  return {};
}

/// The fields of VMCB12 that translation depends on beside those of `guest_entry_state`.
struct vmcb12_controls {
  asid id{};                   ///< VMCB 058h, bits 31:0
  unsigned tlb_control{};      ///< VMCB 05Ch: 0 nothing, 1 everything, 3 this ASID, 7 its non-global entries
  std::uint64_t np_control{};  ///< VMCB 090h
};

/// What L0 lets L1 use.
struct l1_offers {
  bool nested_paging = true;  ///< L0 uses nested paging itself
  bool flush_by_asid = true;  ///< Fn8000_000A EDX[6] as L1 sees it
};

/// The checks of VMCB12 before L2 runs, as far as translation depends on them: a violation is VMEXIT_INVALID in VMCB12.
/// APM vol. 2, 15.5.1, 15.16.1
template <class Context>
[[nodiscard]] constexpr auto check_vmcb12(Context& ctx, const vmcb12_controls& vmcb, const l1_offers& offers)
    -> std::expected<void, register_error> {
  const auto refuse = [](const char* field, const char* reason, std::uint64_t value) {
    return std::unexpected{register_error{register_error::kind::reserved, rule::PAG_L2_09, field, reason, value}};
  };
  if (ctx.denies(rule::PAG_L2_09, vmcb.id == host_asid)) return refuse("VMCB 058h", "ASID 0 is the host's", 0);
  if (ctx.denies(rule::PAG_L2_09, np_control::np_enable::test(vmcb.np_control) && !offers.nested_paging))
    return refuse("VMCB 090h", "no nested paging for L1 (bit 0)", vmcb.np_control);
  const bool nothing_or_all = vmcb.tlb_control <= 1;
  const bool one_asid = vmcb.tlb_control == 3 || vmcb.tlb_control == 7;
  if (ctx.denies(rule::PAG_L2_09, !nothing_or_all && !(one_asid && offers.flush_by_asid)))
    return refuse("VMCB 05Ch", "a value of TLB_CONTROL that L1 does not have", vmcb.tlb_control);
  return {};
}

}  // namespace sevspec::inline v0::paging

#endif
