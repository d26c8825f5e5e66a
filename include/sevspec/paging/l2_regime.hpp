// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_L2_REGIME_HPP
#define SEVSPEC_PAGING_L2_REGIME_HPP

#include <cstdint>
#include <expected>

#include <sevspec/base/choices.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/generation.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/control_registers.hpp>
#include <sevspec/paging/regime.hpp>
#include <sevspec/paging/two_stage_regime.hpp>
#include <sevspec/paging/vmcb12_check.hpp>

namespace sevspec::inline v0::paging {

/// What an L2 guest is to L1: the regime under which L1's own machine would translate for it, with nPT12 as nested
/// tables. L0 walks nPT12 with it (PAG-L2-01).   APM vol. 2, 15.25.3
/// @param l1_part        the processor as L0 presents it to L1
/// @param l1_sev_active  L1 itself runs with SEV
/// @param vmcb12         as L1 wrote it: `host` and `syscfg` are L1's own registers at its VMRUN, `ncr3` an L1 gPA,
///                       `id` the ASID that L1 chose, or the one L0 runs L2 under where keys are of interest
/// @return the regime; or which register or field is wrong. Reserved values are those that L0 answers with
///         VMEXIT_INVALID in VMCB12.
template <class Context>
[[nodiscard]] constexpr auto make_l2_regime(Context& ctx, const cpu_part& l1_part, bool l1_sev_active,
                                            const guest_entry_state& vmcb12)
    -> std::expected<two_stage_regime, register_error> {
  const auto refuse = [](const char* field, const char* reason, std::uint64_t value) {
    return std::unexpected{register_error{register_error::kind::not_modelled, rule::none, field, reason, value}};
  };
  if (l1_part.pml && np_control::pml::test(vmcb12.np_control))
    return refuse("VMCB 090h", "page-modification logging for L1 (bit 11)", vmcb12.np_control);

  if (l1_sev_active && (l1_part.c_bit < 32 || l1_part.c_bit > 51))
    return std::unexpected{
        register_error{register_error::kind::inconsistent, rule::none, "c_bit", "must be 32 to 51", l1_part.c_bit}};

  guest_entry_state rest = vmcb12;
  rest.ncr3 = 0;  // its width and C-bit have rules of their own
  auto regime = make_two_stage_regime(ctx, l1_part, rest);
  if (!regime) return regime;

  const entry_width width = npt12_entry_width(ctx, l1_part, l1_sev_active, vmcb12.syscfg);
  if (const auto legal = check_npt12_root(ctx, width, vmcb12.ncr3); !legal) return std::unexpected{legal.error()};
  control_registers nested = vmcb12.host;
  nested.cr3 = vmcb12.ncr3;
  const auto npt12 = make_regime<nested_regime>(ctx, l1_part, nested, width);
  if (!npt12) return std::unexpected{npt12.error()};
  regime->nested = *npt12;
  return regime;
}

}  // namespace sevspec::inline v0::paging

#endif
