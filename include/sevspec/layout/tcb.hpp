// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_TCB_HPP
#define SEVSPEC_LAYOUT_TCB_HPP

#include <compare>
#include <cstdint>

#include <gsl/assert>

#include <sevspec/base/generation.hpp>
#include <sevspec/layout/tcb_version.hpp>

namespace sevspec::inline v0::layout {

/// The order of the components in a TCB_VERSION.   LAY-REP-04; SNP ABI 2.2
enum class tcb_format : std::uint8_t {
  milan_genoa,  ///< `tcb_version_milan_genoa`
  turin,        ///< `tcb_version_turin`: has the FMC, and another order
};

/// The components of a TCB_VERSION: security version numbers of everything a guest trusts on the platform.
struct tcb {
  std::uint8_t fmc = 0;  ///< first mutable code; 0 where the format has none
  std::uint8_t boot_loader = 0;
  std::uint8_t tee = 0;  ///< the AMD-SP's operating system
  std::uint8_t snp = 0;  ///< the SNP firmware
  std::uint8_t microcode = 0;

  friend constexpr auto operator==(const tcb&, const tcb&) -> bool = default;

  /// Component by component: one TCB is at most another if every component is. Two TCBs of which each has a newer
  /// component are unordered, so neither `a <= b` nor `b <= a`.   FW-SNP-CFG-01
  friend constexpr auto operator<=>(const tcb& a, const tcb& b) noexcept -> std::partial_ordering {
    const bool at_most = a.fmc <= b.fmc && a.boot_loader <= b.boot_loader && a.tee <= b.tee && a.snp <= b.snp &&
                         a.microcode <= b.microcode;
    const bool at_least = a.fmc >= b.fmc && a.boot_loader >= b.boot_loader && a.tee >= b.tee && a.snp >= b.snp &&
                          a.microcode >= b.microcode;
    if (at_most && at_least) return std::partial_ordering::equivalent;
    if (at_most) return std::partial_ordering::less;
    if (at_least) return std::partial_ordering::greater;
    return std::partial_ordering::unordered;
  }
};

/// The format that a generation uses. (The first two have no SEV-SNP and so no TCB_VERSION.)
[[nodiscard]] constexpr auto tcb_format_of(generation part) noexcept -> tcb_format {
  return part >= generation::turin ? tcb_format::turin : tcb_format::milan_genoa;
}

/// The format that a processor family uses: from family 1Ah on, Turin's.   LAY-REP-04
/// @param family  with the extended family added, as in `attestation_report_v3::cpuid_fam_id`
[[nodiscard]] constexpr auto tcb_format_of_family(unsigned family) noexcept -> tcb_format {
  return family >= 0x1A ? tcb_format::turin : tcb_format::milan_genoa;
}

/// The components of a TCB_VERSION. Reserved bytes are not looked at.
[[nodiscard]] constexpr auto tcb_components(std::uint64_t version, tcb_format format) -> tcb {
  if (format == tcb_format::turin) {
    const auto raw = from_integer<tcb_version_turin>(version);
    return {raw.fmc(), raw.boot_loader(), raw.tee(), raw.snp(), raw.microcode()};
  }
  const auto raw = from_integer<tcb_version_milan_genoa>(version);
  return {0, raw.boot_loader(), raw.tee(), raw.snp(), raw.microcode()};
}

/// The TCB_VERSION with these components; reserved bytes are zero. The FMC must be 0 where the format has none.
[[nodiscard]] constexpr auto tcb_version(const tcb& components, tcb_format format) -> std::uint64_t {
  if (format == tcb_format::turin) {
    tcb_version_turin raw;
    raw.set_fmc(components.fmc);
    raw.set_boot_loader(components.boot_loader);
    raw.set_tee(components.tee);
    raw.set_snp(components.snp);
    raw.set_microcode(components.microcode);
    return to_integer(raw);
  }
  Expects(components.fmc == 0);
  tcb_version_milan_genoa raw;
  raw.set_boot_loader(components.boot_loader);
  raw.set_tee(components.tee);
  raw.set_snp(components.snp);
  raw.set_microcode(components.microcode);
  return to_integer(raw);
}

}  // namespace sevspec::inline v0::layout

#endif
