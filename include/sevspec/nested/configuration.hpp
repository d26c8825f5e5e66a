// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_CONFIGURATION_HPP
#define SEVSPEC_NESTED_CONFIGURATION_HPP

#include <cstddef>
#include <cstdint>
#include <expected>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/nested/mode.hpp>

namespace sevspec::inline v0::nested {

/// Hypervisors that have run as L1 with nested SEV.
enum class l1_hypervisor : std::uint8_t {
  kvm,
  xen_pv,    ///< Xen with para-virtual guests
  bitvisor,  ///< one guest
};

/// "KVM", "Xen (para-virtual)" or "BitVisor".
[[nodiscard]] constexpr auto name_of(l1_hypervisor which) noexcept -> const char* {
  switch (which) {
    case l1_hypervisor::kvm:      return "KVM";
    case l1_hypervisor::xen_pv:   return "Xen (para-virtual)";
    case l1_hypervisor::bitvisor: return "BitVisor";
  }
  return "?";
}

/// What L0 can do for a hypervisor that is its guest.
enum class l0_support : std::uint8_t {
  stock,       ///< plain nested virtualization
  hyper_v,     ///< VIRT_RMPUPDATE for plain L1s, and VMPLs
  nested_sev,  ///< all of it
};

/// One cell of the table of implementations.
struct configuration {
  l1_hypervisor hypervisor{};
  mode how{};
  guest_kind variant{};  ///< of L2; L1's, too, where L1 is encrypted

  /// The protection of L1 itself.
  [[nodiscard]] constexpr auto of_l1() const noexcept -> guest_kind {
    return facts_of(how).l1_encrypted ? variant : guest_kind::plain;
  }
  friend constexpr auto operator==(const configuration&, const configuration&) -> bool = default;
};

/// What is known of an implementation.
enum class evidence : std::uint8_t {
  none,
  implied,   ///< claimed for all in one sentence, without a measurement
  measured,  ///< by the later paper
  poster,    ///< by the first publication
};

/// The table of implementations (NES-CFG-01): columns SEV, SEV-ES, SNP.
struct implementation_row {
  l1_hypervisor hypervisor;
  mode how;
  evidence by_variant[3];
};
inline constexpr implementation_row implementations[] = {
    {l1_hypervisor::kvm, mode::virt, {evidence::poster, evidence::poster, evidence::poster}},
    {l1_hypervisor::kvm, mode::pass, {evidence::poster, evidence::poster, evidence::poster}},
    {l1_hypervisor::xen_pv, mode::virt, {evidence::none, evidence::none, evidence::none}},
    {l1_hypervisor::xen_pv, mode::pass, {evidence::poster, evidence::poster, evidence::poster}},
    {l1_hypervisor::bitvisor, mode::virt, {evidence::poster, evidence::implied, evidence::measured}},
    {l1_hypervisor::bitvisor, mode::pass, {evidence::poster, evidence::implied, evidence::implied}},
};

/// What is known of a configuration with nested SEV; nothing of a guest without SEV.
[[nodiscard]] constexpr auto evidence_of(const configuration& what) noexcept -> evidence {
  if (what.variant == guest_kind::plain) return evidence::none;
  for (const implementation_row& row : implementations)
    if (row.hypervisor == what.hypervisor && row.how == what.how)
      return row.by_variant[static_cast<std::size_t>(what.variant) - 1];
  return evidence::none;
}

/// Why a configuration does not run.
struct configuration_refusal {
  rule decided_by = rule::none;
  const char* reason = "";

  friend constexpr auto operator==(const configuration_refusal& a, const configuration_refusal& b) noexcept -> bool {
    return a.decided_by == b.decided_by;
  }
};

/// Whether a configuration can run.
/// @param host     what L0 supports
/// @param at_least the evidence that is asked for: with `poster`, the poster's table
/// @return nothing; or NES-CFG-04 without the support of L0, NES-CFG-01 without an implementation, and why
template <class Context>
[[nodiscard]] constexpr auto check_configuration(Context& ctx, l0_support host, const configuration& what,
                                                 evidence at_least = evidence::poster)
    -> std::expected<void, configuration_refusal> {
  const auto refuse = [](rule why, const char* reason) { return std::unexpected{configuration_refusal{why, reason}}; };
  const bool nested_sev = what.how == mode::virt || what.how == mode::pass;
  if (ctx.denies(rule::NES_CFG_04, nested_sev && host != l0_support::nested_sev))
    return refuse(rule::NES_CFG_04,
                  "L0 has no nested tables, secure processor and ASIDs for an L1 that is an encrypted guest itself");
  const bool hyper_v = what.how == mode::ms || what.how == mode::vmpl;
  if (ctx.denies(rule::NES_CFG_04, hyper_v && host == l0_support::stock))
    return refuse(rule::NES_CFG_04, "L0 offers L1 neither VIRT_RMPUPDATE nor VMPLs");

  const bool snp_alone = hyper_v && what.variant != guest_kind::snp;
  if (ctx.denies(rule::NES_CFG_01, snp_alone)) return refuse(rule::NES_CFG_01, "this mode protects SNP guests alone");
  if (!nested_sev) return {};
  if (ctx.denies(rule::NES_CFG_01, what.variant == guest_kind::plain))
    return refuse(rule::NES_CFG_01, "nested SEV is for guests with SEV");
  const bool known = evidence_of(what) != evidence::none && evidence_of(what) >= at_least;
  if (ctx.denies(rule::NES_CFG_01, !known)) {
    if (what.hypervisor == l1_hypervisor::xen_pv)
      return refuse(rule::NES_CFG_01,
                    "a para-virtual guest runs as part of L1, without nested tables: it cannot have a key of its own");
    return refuse(rule::NES_CFG_01, "not implemented for this hypervisor");
  }
  return {};
}

/// Whether L1 can have one more guest: BitVisor and the modes with VMPLs have one (NES-CFG-01).
/// @param running  guests that L1 has
template <class Context>
[[nodiscard]] constexpr auto check_guest_count(Context& ctx, const configuration& what, std::size_t running)
    -> std::expected<void, configuration_refusal> {
  const bool one = what.hypervisor == l1_hypervisor::bitvisor || !facts_of(what.how).many_guests;
  if (ctx.denies(rule::NES_CFG_01, one && running >= 1))
    return std::unexpected{configuration_refusal{rule::NES_CFG_01, "this hypervisor has a single guest"}};
  return {};
}

}  // namespace sevspec::inline v0::nested

#endif
