// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_POLICY_CHECK_HPP
#define SEVSPEC_LAYOUT_POLICY_CHECK_HPP

#include <bit>
#include <compare>
#include <cstdint>
#include <optional>

#include <sevspec/base/bits.hpp>
#include <sevspec/layout/policy.hpp>

/// What is wrong with a guest policy on a given platform.
namespace sevspec::inline v0::layout {

/// Why a policy is refused.
enum class policy_refusal : std::uint8_t {
  must_be_one,     ///< SNP policy bit 17 is 0
  smt,             ///< SMT is on, and the policy does not allow it
  version,         ///< the firmware's version is older than the policy's minimum
  reserved,        ///< a reserved bit is set
  es_not_enabled,  ///< SEV-ES is wanted, and the platform was initialised without it
};

/// A refusal with the policy bit that it hangs on.
struct policy_error {
  policy_refusal why{};
  unsigned bit = 0;  ///< the lowest bit of the policy that is refused

  friend constexpr auto operator==(const policy_error&, const policy_error&) -> bool = default;
};

/// A version of the firmware interface.
struct api_version {
  std::uint8_t major = 0;
  std::uint8_t minor = 0;

  /// By major, then by minor.   FW-POL-07
  friend constexpr auto operator<=>(const api_version&, const api_version&) = default;
};

/// What the firmware holds a SEV-SNP policy against.
struct snp_platform {
  api_version api{};
  bool smt_on = false;
  /// The policy bits that this firmware knows. Bits 25:21 came one after the other and are opted into: 24:21 by
  /// SNP_FEATURE_INFO, 25 by version 1.58.   FW-SNP-LST-02
  std::uint64_t known_bits = bit_range(20, 0);
};

/// The checks of SNP_LAUNCH_START on version, SMT and reserved bits, in their order. All of them answer POLICY_FAILURE.
/// Not here: a migration agent's conditions, and what bits 25:21 demand of the platform (a known bit passes).
/// FW-SNP-LST-01; LAY-CONF-21; SNP ABI 4.3
/// @return nothing if the policy passes
[[nodiscard]] constexpr auto check_policy(snp_guest_policy policy, const snp_platform& platform) noexcept
    -> std::optional<policy_error> {
  if (!policy.reserved_must_be_one()) return policy_error{policy_refusal::must_be_one, 17};
  if (!policy.smt() && platform.smt_on) return policy_error{policy_refusal::smt, 16};
  const api_version minimum{static_cast<std::uint8_t>(policy.abi_major()),
                            static_cast<std::uint8_t>(policy.abi_minor())};
  if (minimum > platform.api) return policy_error{policy_refusal::version, 0};
  if (const std::uint64_t unknown = policy.raw & ~platform.known_bits; unknown != 0)
    return policy_error{policy_refusal::reserved, static_cast<unsigned>(std::countr_zero(unknown))};
  return std::nullopt;
}

/// What the firmware holds a legacy policy against.
struct sev_platform {
  api_version api{};
  bool es_enabled = false;  ///< CONFIG.ES, set by INIT
};

/// The checks of LAUNCH_START and RECEIVE_START that need nothing but the policy and the platform, in their order. Of a
/// LAUNCH_START without a session some firmware checks only SEV-ES (FW-SEV-LST-04).
/// `es_not_enabled` answers UNSUPPORTED, the others POLICY_FAILURE.   FW-SEV-LST-03; FW-SEV-LST-07; FW-POL-07
/// @return nothing if the policy passes
[[nodiscard]] constexpr auto check_policy(sev_guest_policy policy, const sev_platform& platform) noexcept
    -> std::optional<policy_error> {
  const api_version minimum{static_cast<std::uint8_t>(policy.api_major()),
                            static_cast<std::uint8_t>(policy.api_minor())};
  if (minimum > platform.api) return policy_error{policy_refusal::version, 16};
  if (const std::uint64_t unknown = policy.raw & bit_range(15, 6); unknown != 0)
    return policy_error{policy_refusal::reserved, static_cast<unsigned>(std::countr_zero(unknown))};
  if (policy.es() && !platform.es_enabled) return policy_error{policy_refusal::es_not_enabled, 2};
  return std::nullopt;
}

}  // namespace sevspec::inline v0::layout

#endif
