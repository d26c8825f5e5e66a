// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_CORE_QUERY_HPP
#define SEVSPEC_SVSM_CORE_QUERY_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/bits.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/codes/svsm_codes.hpp>
#include <sevspec/svsm/call.hpp>
#include <sevspec/svsm/monitor.hpp>

/// Which protocols an SVSM has, and the core calls that change nothing.   SVSM 6.5 to 6.8
namespace sevspec::inline v0::svsm {

/// The versions of a protocol that an SVSM speaks.
struct version_range {
  std::uint32_t lowest = 1;
  std::uint32_t highest = 1;

  friend constexpr auto operator==(const version_range&, const version_range&) -> bool = default;
};

/// Whether a protocol is there, and its versions. The APIC protocol is there on processors with emulation alone.
[[nodiscard]] constexpr auto versions_of(const monitor& self, const processor& cpu, std::uint32_t protocol)
    -> std::optional<version_range> {
  using enum layout::svsm_protocols;
  const configuration& has = self.config;
  bool there = false;
  switch (static_cast<layout::svsm_protocols>(protocol)) {
    case core:        there = true; break;
    case attestation: there = has.attestation; break;
    case vtpm:        there = has.vtpm; break;
    case apic:        there = has.apic && cpu.apic.active; break;
    case uefi_mm:     there = has.uefi_mm; break;
    default:          there = protocol == has.measurement_protocol && has.measurement; break;
  }
  if (!there) return {};
  return version_range{};
}

/// SVSM_CORE_QUERY_PROTOCOL: always succeeds.   SVSM 6.7
/// @param registers  RCX in: protocol in 63:32, version in 31:0; out: highest in 63:32, lowest in 31:0, or 0
template <class Context>
[[nodiscard]] constexpr auto query_protocol(Context& ctx, const monitor& self, const processor& cpu,
                                            call_registers& registers) -> call_result {
  const auto versions = versions_of(self, cpu, bits<63, 32>::get(registers.rcx) & 0xffff'ffff);
  const std::uint64_t asked = bits<31, 0>::get(registers.rcx);
  const version_range range = versions.value_or(version_range{});
  const bool supported = versions && asked >= range.lowest && asked <= range.highest;
  const bool none = ctx.denies(rule::SVSM_CORE_60, !supported);
  registers.rcx = none ? 0 : std::uint64_t{range.highest} << 32 | range.lowest;
  return {};
}

/// SVSM_CORE_CONFIGURE_VTOM: asked, there is no virtual TOM; set, the request is refused.   SVSM 6.8
/// @param registers  RCX in: bit 0 asks; out, if asked: 0
template <class Context>
[[nodiscard]] constexpr auto configure_vtom(Context& ctx, call_registers& registers) -> call_result {
  const bool asks = ctx.choices.svsm_vtom_query_exact ? registers.rcx == 1 : (registers.rcx & 1) != 0;
  if (ctx.applies(rule::SVSM_CORE_70, asks)) registers.rcx = 0;
  if (ctx.denies(rule::SVSM_CORE_71, !asks)) return ends(result_code::invalid_request, rule::SVSM_CORE_71);
  return {};
}

}  // namespace sevspec::inline v0::svsm

#endif
