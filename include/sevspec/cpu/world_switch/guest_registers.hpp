// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_GUEST_REGISTERS_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_GUEST_REGISTERS_HPP

#include <cstdint>
#include <expected>

#include <gsl/assert>

#include <sevspec/base/bits.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/cpu/world_switch/logical_processor.hpp>

/// Registers that mean something else in guests with hidden state.
namespace sevspec::inline v0::cpu {

/// A write of EFER by the guest that runs: its SVME, without which VMRUN would not run it again, stays as it is
/// (WSW-ST-07).   APM vol. 2, 15.35.10
/// @param core  runs a guest
template <class Context>
constexpr void write_guest_efer(Context& ctx, logical_processor& core, std::uint64_t value) {
  Expects(core.guest.has_value());
  constexpr std::uint64_t svme = bit<12>::mask;
  const bool kept = ctx.applies(rule::WSW_ST_07, has_hidden_state(core.guest->kind));
  core.registers.set_efer(kept ? (value & ~svme) | (core.registers.efer() & svme) : value);
}

/// RDMSR of the GHCB's register (MSR C001_0130): it is the guest's alone, the host has #GP(0) (WSW-ST-13). Hardware never
/// looks at where it points.   APM vol. 2, 15.35.7
template <class Context>
[[nodiscard]] constexpr auto read_ghcb_msr(Context& ctx, const logical_processor& core) -> outcome<std::uint64_t> {
  const bool guests = core.guest && has_hidden_state(core.guest->kind);
  if (ctx.denies(rule::WSW_ST_13, !guests)) return std::unexpected{fault{fault_kind::gp, rule::WSW_ST_13, 0, 0}};
  return core.guest ? core.guest->ghcb_msr : 0;
}

/// WRMSR of it.
template <class Context>
[[nodiscard]] constexpr auto write_ghcb_msr(Context& ctx, logical_processor& core, std::uint64_t value)
    -> outcome<void> {
  const bool guests = core.guest && has_hidden_state(core.guest->kind);
  if (ctx.denies(rule::WSW_ST_13, !guests)) return std::unexpected{fault{fault_kind::gp, rule::WSW_ST_13, 0, 0}};
  if (core.guest) core.guest->ghcb_msr = value;
  return {};
}

}  // namespace sevspec::inline v0::cpu

#endif
