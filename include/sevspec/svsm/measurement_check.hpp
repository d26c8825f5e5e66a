// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_MEASUREMENT_CHECK_HPP
#define SEVSPEC_SVSM_MEASUREMENT_CHECK_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/crypto/ecdsa.hpp>
#include <sevspec/firmware/report_check.hpp>
#include <sevspec/layout/report.hpp>
#include <sevspec/svsm/attestation.hpp>
#include <sevspec/svsm/measurement.hpp>
#include <sevspec/svsm/measurement_manifest.hpp>

/// The verifier of measurements (SVSM-MEAS-23). It believes the SVSM, not the guest that hands the answer over.
namespace sevspec::inline v0::svsm {

/// Why a measurement is not believed, in the order of the checks.
enum class measurement_refusal : std::uint8_t {
  report,    ///< no attestation report, not signed by the chip, or of another platform than expected
  level,     ///< the report is not of VMPL 0 (VMPL-12)
  svsm,      ///< the report is of another SVSM
  manifest,  ///< the answer is no manifest
  binding,   ///< the report is not of this nonce and this manifest
  counter,   ///< not above the last one
  ranges,    ///< other addresses, lengths or flags than were asked for
  digest,    ///< memory is not as it should be
};

/// A refusal.
struct measurement_problem {
  measurement_refusal why{};
  rule decided_by = rule::none;
  std::size_t range = 0;  ///< of `digest`: which one

  friend constexpr auto operator==(const measurement_problem&, const measurement_problem&) -> bool = default;
};

/// What a verifier knows.
struct measurement_expectations {
  std::array<std::uint8_t, 64> nonce{};  ///< its own, never used before
  std::uint64_t last_counter = 0;        ///< of the last measurement that it believed
  measurement_hash hash = measurement_hash::sha384;
  std::uint16_t flags = 0;
  std::vector<measured_digest> ranges{};                    ///< what it asked for, and what should be there
  std::vector<std::array<std::uint8_t, 48>> known_svsms{};  ///< launch digests
  firmware::report_expectations platform{};                 ///< policy, TCB, host data
  layout::tcb_format tcb_format = layout::tcb_format::milan_genoa;
};

/// Judges what a manifest says once it is known who made it.
template <class Context>
[[nodiscard]] auto check_manifest(Context& ctx, const measurement_manifest& found,
                                  const measurement_expectations& expected)
    -> std::expected<void, measurement_problem> {
  using refusal = measurement_refusal;
  const auto refused = [](measurement_refusal why, std::size_t range = 0) {
    return std::unexpected{measurement_problem{why, rule::SVSM_MEAS_23, range}};
  };
  if (ctx.denies(rule::SVSM_MEAS_23, found.counter <= expected.last_counter)) return refused(refusal::counter);
  const bool same =
      found.hash == expected.hash && found.flags == expected.flags &&
      std::ranges::equal(found.ranges, expected.ranges, {}, &measured_digest::range, &measured_digest::range);
  if (ctx.denies(rule::SVSM_MEAS_23, !same)) return refused(refusal::ranges);
  for (std::size_t i = 0; i < std::min(found.ranges.size(), expected.ranges.size()); ++i)
    if (ctx.denies(rule::SVSM_MEAS_23, found.ranges[i].digest != expected.ranges[i].digest))
      return refused(refusal::digest, i);
  return {};
}

/// Judges a report and a manifest (SVSM-MEAS-23, SVSM-MEAS-24): bytes from outside.
/// @param report     of 1184 bytes
/// @param manifest   as the guest hands it over
/// @param vcek       key of the chip, certified by AMD: the caller's to check
/// @param certified  what its certificate says
/// @return the manifest: its counter is the last one from now on
template <class Context>
[[nodiscard]] auto check_measurement(Context& ctx, std::span<const std::uint8_t> report,
                                     std::span<const std::uint8_t> manifest, const crypto::p384_verifier& vcek,
                                     const firmware::vcek_claims& certified, const measurement_expectations& expected)
    -> std::expected<measurement_manifest, measurement_problem> {
  using refusal = measurement_refusal;
  const auto refused = [](measurement_refusal why, rule by) { return std::unexpected{measurement_problem{why, by}}; };
  const auto parsed = layout::parse_report(report);
  if (!parsed) return refused(refusal::report, rule::SVSM_MEAS_23);
  const bool genuine = firmware::check_report(ctx, *parsed, vcek, certified).has_value() &&
                       firmware::check_contents(*parsed, expected.platform, expected.tcb_format).has_value();
  if (ctx.denies(rule::SVSM_MEAS_23, !genuine)) return refused(refusal::report, rule::SVSM_MEAS_23);
  if (ctx.denies(rule::VMPL_12, parsed->vmpl() != 0)) return refused(refusal::level, rule::VMPL_12);
  const bool known = std::any_of(expected.known_svsms.begin(), expected.known_svsms.end(),
                                 [&](const auto& one) { return std::ranges::equal(one, parsed->measurement()); });
  if (ctx.denies(rule::SVSM_MEAS_23, !known)) return refused(refusal::svsm, rule::SVSM_MEAS_23);
  const auto found = parse_manifest(manifest);
  if (!found) return refused(refusal::manifest, rule::SVSM_MEAS_23);
  const bool bound = std::ranges::equal(parsed->report_data(), binding_of(expected.nonce, manifest));
  if (ctx.denies(rule::SVSM_MEAS_23, !bound)) return refused(refusal::binding, rule::SVSM_MEAS_23);
  if (const auto content = check_manifest(ctx, *found, expected); !content) return std::unexpected{content.error()};
  return *found;
}

/// Judges an answer that a session key has signed (SVSM-MEAS-22). That the key is the SVSM's, a report of VMPL 0 has
/// shown before: the hash of the key is in the services manifest which that report binds.
/// @param answer  manifest and signature, as the guest hands them over
template <class Context>
[[nodiscard]] auto check_signed_measurement(Context& ctx, std::span<const std::uint8_t> answer,
                                            const crypto::p384_verifier& session,
                                            const measurement_expectations& expected)
    -> std::expected<measurement_manifest, measurement_problem> {
  using refusal = measurement_refusal;
  const auto refused = [](measurement_refusal why) {
    return std::unexpected{measurement_problem{why, rule::SVSM_MEAS_23}};
  };
  if (answer.size() < session_signature_bytes) return refused(refusal::manifest);
  const auto manifest = answer.first(answer.size() - session_signature_bytes);
  const auto found = parse_manifest(manifest);
  if (!found) return refused(refusal::manifest);
  crypto::p384_signature signature;
  std::copy_n(answer.end() - static_cast<std::ptrdiff_t>(session_signature_bytes), 48, signature.r.begin());
  std::copy_n(answer.end() - 48, 48, signature.s.begin());
  std::vector<std::uint8_t> message(expected.nonce.begin(), expected.nonce.end());
  message.insert(message.end(), manifest.begin(), manifest.end());
  if (ctx.denies(rule::SVSM_MEAS_23, !session.verify(crypto::hash_kind::sha384, message, signature)))
    return refused(refusal::binding);
  if (const auto content = check_manifest(ctx, *found, expected); !content) return std::unexpected{content.error()};
  return *found;
}

}  // namespace sevspec::inline v0::svsm

#endif
