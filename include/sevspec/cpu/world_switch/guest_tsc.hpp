// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_GUEST_TSC_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_GUEST_TSC_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/rule.hpp>

namespace sevspec::inline v0::cpu {

/// `(value * ratio) >> 32` of 64-bit numbers: a ratio is fixed point, 8 bits before the point, 32 after it.
/// @return the low 64 bits
[[nodiscard]] constexpr auto scaled_tsc(std::uint64_t value, std::uint64_t ratio) noexcept -> std::uint64_t {
  const std::uint64_t low = value & 0xffff'ffff;
  const std::uint64_t high = value >> 32;
  return high * ratio + (low * (ratio & 0xffff'ffff) >> 32) + low * (ratio >> 32);
}

/// What a guest's time-stamp counter is made of.
struct guest_tsc {
  bool secure{};                        ///< SEV_FEATURES.SecureTSC of an SNP-active guest
  std::uint64_t guest_scale{};          ///< VMSA 2F0h
  std::uint64_t guest_offset{};         ///< VMSA 2F8h
  std::uint64_t ratio = 0x1'0000'0000;  ///< the hypervisor's: MSR C000_0104
  std::uint64_t offset{};               ///< the hypervisor's: VMCB 050h
  std::uint64_t frequency_mhz{};        ///< what MSR C001_0134 says
  bool undefined{};                     ///< the guest has written MSR 10h; see `switch_machine::tsc_written`
};

/// RDTSC, RDTSCP or RDMSR of 10h in a guest. With Secure TSC the hypervisor's ratio and offset do not count
/// (WSW-ST-09).   APM vol. 2, 15.36.18
/// @param tsc  the processor's counter
/// @return the value; nothing if it is undefined, because the guest has written the counter
template <class Context>
[[nodiscard]] constexpr auto read_guest_tsc(Context& ctx, const guest_tsc& guest, std::uint64_t tsc)
    -> std::optional<std::uint64_t> {
  if (ctx.applies(rule::WSW_ST_09, guest.secure)) {
    if (guest.undefined) return std::nullopt;
    return scaled_tsc(tsc, guest.guest_scale) + guest.guest_offset;
  }
  return scaled_tsc(tsc, guest.ratio) + guest.offset;
}

/// WRMSR of 10h in a guest with Secure TSC: what it reads afterwards is undefined (WSW-ST-09).
template <class Context>
constexpr void write_guest_tsc(Context& ctx, guest_tsc& guest) {
  if (ctx.applies(rule::WSW_ST_09, guest.secure)) guest.undefined = true;
}

/// RDMSR or WRMSR of GUEST_TSC_FREQ (MSR C001_0134): it can be read with Secure TSC, and never written; else #GP(0)
/// (WSW-ST-09).
template <class Context>
[[nodiscard]] constexpr auto guest_tsc_frequency_fault(Context& ctx, const guest_tsc& guest, bool write)
    -> std::optional<fault> {
  if (ctx.denies(rule::WSW_ST_09, write || !guest.secure)) return fault{fault_kind::gp, rule::WSW_ST_09, 0, 0};
  return std::nullopt;
}

}  // namespace sevspec::inline v0::cpu

#endif
