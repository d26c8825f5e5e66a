// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_REPORT_PLATFORM_HPP
#define SEVSPEC_LAYOUT_REPORT_PLATFORM_HPP

#include <cstddef>
#include <cstdint>
#include <optional>

#include <sevspec/layout/attestation_report.hpp>
#include <sevspec/layout/processor_signature.hpp>
#include <sevspec/layout/tcb.hpp>

/// What an attestation report says about its platform, as far as its version says it.
namespace sevspec::inline v0::layout {

/// The processor that a report names, from version 3 on.   LAY-REP-01; LAY-REP-03
template <class Storage>
[[nodiscard]] constexpr auto processor_of(const basic_attestation_report_v5<Storage>& report) noexcept
    -> std::optional<processor_identity> {
  if (report.version() < 3) return std::nullopt;
  return processor_identity{
      .family = report.cpuid_fam_id(), .model = report.cpuid_mod_id(), .stepping = report.cpuid_step()};
}

/// The vectors of mitigations that were in force.
struct mitigation_vectors {
  std::uint64_t at_launch = 0;
  std::uint64_t current = 0;

  friend constexpr auto operator==(const mitigation_vectors&, const mitigation_vectors&) -> bool = default;
};

/// The mitigations that a report names, from version 5 on.   LAY-REP-01; LAY-CONF-23
template <class Storage>
[[nodiscard]] constexpr auto mitigations_of(const basic_attestation_report_v5<Storage>& report) noexcept
    -> std::optional<mitigation_vectors> {
  if (report.version() < 5) return std::nullopt;
  return mitigation_vectors{.at_launch = report.launch_mit_vector(), .current = report.current_mit_vector()};
}

/// How a report's TCB_VERSIONs are laid out. From version 3 on the family decides. A report of version 2 does not tell
/// its family: a chip identifier of 8 bytes is Turin's, one of 64 bytes Milan's or Genoa's, and a masked one (all zero)
/// says nothing.   LAY-REP-04
template <class Storage>
[[nodiscard]] constexpr auto tcb_format_of(const basic_attestation_report_v5<Storage>& report) noexcept
    -> std::optional<tcb_format> {
  if (const auto processor = processor_of(report)) return tcb_format_of_family(processor->family);
  bool low = false;
  bool high = false;
  for (std::size_t i = 0; i < 64; ++i) (i < 8 ? low : high) |= report.chip_id()[i] != 0;
  if (high) return tcb_format::milan_genoa;
  if (low) return tcb_format::turin;
  return std::nullopt;
}

}  // namespace sevspec::inline v0::layout

#endif
