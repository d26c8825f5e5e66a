// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_LEVEL_REQUEST_HPP
#define SEVSPEC_SVSM_LEVEL_REQUEST_HPP

#include <cstdint>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>

/// What an SVSM makes of the hypervisor's answer, when VMPL 0 runs again after it has asked for its guest's VMPL.
/// coconut-svsm/svsm kernel/src/sev/ghcb.rs
namespace sevspec::inline v0::svsm {

/// Whether the SVSM goes on: MSR 017h, and no error in bits 63:12 (`implementation_choices::svsm_switch_error_ignored`).
/// One that does not stops for good: what it asked for is not what it got (VMPL-SW-06).
/// @param msr  the GHCB MSR as the hypervisor has left it
template <class Context>
[[nodiscard]] constexpr auto takes_level_answer(Context& ctx, std::uint64_t msr) -> bool {
  const std::uint64_t judged = ctx.choices.svsm_switch_error_ignored ? msr & 0xfff : msr;
  return !ctx.denies(rule::VMPL_SW_06, judged != 0x17);
}

}  // namespace sevspec::inline v0::svsm

#endif
