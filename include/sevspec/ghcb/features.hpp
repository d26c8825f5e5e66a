// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_FEATURES_HPP
#define SEVSPEC_GHCB_FEATURES_HPP

#include <cstdint>
#include <utility>

#include <sevspec/base/bits.hpp>
#include <sevspec/layout/codes/ghcb_codes.hpp>

namespace sevspec::inline v0::ghcb {

/// One bit of the hypervisor's features.
[[nodiscard]] constexpr auto feature_bit(layout::ghcb_hv_features feature) noexcept -> std::uint64_t {
  return std::uint64_t{1} << std::to_underlying(feature);
}

/// The features that a set of features makes no sense without: AP creation needs SEV-SNP, restricted injection AP
/// creation, and so on.   GHCB 2.0, table 2; ghcb-svsm 2.6
[[nodiscard]] constexpr auto features_needed_by(std::uint64_t features) noexcept -> std::uint64_t {
  using enum layout::ghcb_hv_features;
  const auto has = [&](layout::ghcb_hv_features one) { return (features & feature_bit(one)) != 0; };
  std::uint64_t needed = 0;
  if (has(snp_ap_creation) || has(snp_multi_vmpl) || has(sev_tio) || has(snp_ext_interrupts))
    needed |= feature_bit(snp);
  if (has(snp_restricted_injection)) needed |= feature_bit(snp) | feature_bit(snp_ap_creation);
  if (has(snp_restricted_injection_timer))
    needed |= feature_bit(snp) | feature_bit(snp_ap_creation) | feature_bit(snp_restricted_injection);
  return needed;
}

/// Whether a hypervisor may report these features together.
[[nodiscard]] constexpr auto features_are_consistent(std::uint64_t features) noexcept -> bool {
  return (features_needed_by(features) & ~features) == 0;
}

}  // namespace sevspec::inline v0::ghcb

#endif
