// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_NEGOTIATION_HPP
#define SEVSPEC_GHCB_NEGOTIATION_HPP

#include <algorithm>
#include <cstdint>
#include <expected>
#include <optional>
#include <variant>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/features.hpp>
#include <sevspec/ghcb/msr_message.hpp>
#include <sevspec/ghcb/termination.hpp>

/// What a guest concludes from the hypervisor's first answers.
namespace sevspec::inline v0::ghcb {

/// A guest's refusal to go on: the rule, and the termination it asks for.
struct guest_refusal {
  rule decided_by = rule::none;
  termination_reason why{};

  friend constexpr auto operator==(const guest_refusal&, const guest_refusal&) -> bool = default;
};

/// The protocol versions that a guest speaks.
struct version_range {
  std::uint16_t lowest = 1;
  std::uint16_t highest = 2;

  friend constexpr auto operator==(version_range, version_range) -> bool = default;
};

/// Chooses the protocol version: the highest that both speak.   GHCB 2.3.1
/// @param value  of the MSR, after a reset or after a version request
/// @param snp    the guest is an SNP guest, which needs version 2
template <class Context>
[[nodiscard]] constexpr auto negotiate_version(Context& ctx, std::uint64_t value, version_range own, bool snp = false)
    -> std::expected<std::uint16_t, guest_refusal> {
  const auto refuse = [](rule why, termination_reason reason) { return std::unexpected{guest_refusal{why, reason}}; };
  const auto decoded = decode_msr(value);
  const auto* const offer = decoded ? std::get_if<message::version_response>(&decoded->what) : nullptr;
  if (ctx.denies(rule::GHCB_NEG_01, offer == nullptr)) return refuse(rule::GHCB_NEG_01, version_not_supported);
  // Without the rule, whatever the bits say.
  const layout::ghcb_msr_sev_info_resp word{value};
  const auto lowest = static_cast<std::uint16_t>(word.min_version());
  const auto highest = static_cast<std::uint16_t>(word.max_version());
  if (ctx.denies(rule::GHCB_NEG_03, highest < own.lowest || lowest > own.highest))
    return refuse(rule::GHCB_NEG_03, version_not_supported);
  const std::uint16_t version = std::min(highest, own.highest);  // GHCB-NEG-02
  if (ctx.denies(rule::GHCB_NEG_04, snp && version < 2)) return refuse(rule::GHCB_NEG_04, features_not_supported);
  return version;  // the position of the C-bit in the answer proves nothing and is not used (GHCB-NEG-07)
}

/// The hypervisor's features, if they are enough.   GHCB 2.3.1
/// @param version   negotiated
/// @param features  as reported; with version 1 nobody asks, and there are none
/// @param needed    features that the guest cannot do without
template <class Context>
[[nodiscard]] constexpr auto check_features(Context& ctx, std::uint16_t version, std::uint64_t features,
                                            std::uint64_t needed) -> std::expected<std::uint64_t, guest_refusal> {
  if (version < 2) features = 0;
  if (ctx.denies(rule::GHCB_NEG_05, (needed & ~features) != 0))
    return std::unexpected{guest_refusal{rule::GHCB_NEG_05, features_not_supported}};
  return features;
}

}  // namespace sevspec::inline v0::ghcb

#endif
