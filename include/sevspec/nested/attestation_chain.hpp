// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_ATTESTATION_CHAIN_HPP
#define SEVSPEC_NESTED_ATTESTATION_CHAIN_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <vector>

#include <sevspec/base/rule.hpp>
#include <sevspec/crypto/ecdsa.hpp>
#include <sevspec/firmware/p384_structures.hpp>
#include <sevspec/firmware/report_check.hpp>
#include <sevspec/layout/report.hpp>
#include <sevspec/nested/attestation_binding.hpp>

/// The report of an L2 guest, and the report of the L1 that it runs in: who believes both, joined.
namespace sevspec::inline v0::nested {

/// Why a chain is not believed; in the order of the checks.
enum class chain_refusal : std::uint8_t {
  l1_missing,     ///< nothing speaks for L1
  l1_origin,      ///< no chip that is known made L1's report: `report` says why
  l1_contents,    ///< L1's report says what is not expected: `report` says what
  l1_aliases,     ///< the platform has not looked for aliases in its DRAM
  l1_key,         ///< L1's report does not bind this key and nonce
  l2_origin,      ///< no chip that is known made L2's report
  l2_chip,        ///< another chip did
  l2_contents,    ///< L2's report says what is not expected
  l2_launch,      ///< L2 was launched by somebody else, or under another policy of L1's
  l2_replayed,    ///< L2's report was made for another conversation
  l2_unknown,     ///< L1's key has not signed for this guest
  l2_hardware,    ///< a guest that shares L1's key has no hardware report
  statement,      ///< L1's key did not sign the statement
  other_guest,    ///< the statement is about another guest
  digest,         ///< the statement's digest is not the expected one
  old_statement,  ///< the statement was made before one that is known, or for another conversation
  algorithm,      ///< the report does not say that a virtual AMD-SP signed it
  signature,      ///< the virtual AMD-SP's key did not sign it
};

/// "another chip made L2's report"
[[nodiscard]] constexpr auto text_of(chain_refusal why) noexcept -> const char* {
  switch (why) {
    case chain_refusal::l1_missing:  return "nothing speaks for L1";
    case chain_refusal::l1_origin:   return "L1's report is not that of a known chip";
    case chain_refusal::l1_contents: return "L1's report does not say what is expected";
    case chain_refusal::l1_aliases:  return "the platform has not looked for aliases in its memory";
    case chain_refusal::l1_key:      return "L1's report does not bind this key and nonce";
    case chain_refusal::l2_origin:   return "L2's report is not that of a known chip";
    case chain_refusal::l2_chip:     return "another chip made L2's report";
    case chain_refusal::l2_contents: return "L2's report does not say what is expected";
    case chain_refusal::l2_launch:   return "L2 was not launched by this L1 under this policy";
    case chain_refusal::l2_replayed: return "L2's report is of another conversation";
    case chain_refusal::l2_unknown:  return "L1's key has not signed for this guest";
    case chain_refusal::l2_hardware: return "a guest that shares L1's key has no hardware report";
    case chain_refusal::statement:   return "L1's key has not signed the statement";
    case chain_refusal::other_guest: return "the statement is about another guest";
    case chain_refusal::digest:      return "the statement's digest is not the expected one";
    case chain_refusal::old_statement:
      return "the statement is older than one that is known, or of another conversation";
    case chain_refusal::algorithm: return "the report does not say that a virtual AMD-SP signed it";
    case chain_refusal::signature: return "the virtual AMD-SP's key has not signed the report";
  }
  return "?";
}

/// A refusal, the rule behind it, and what is wrong with a report, if a report is what is wrong.
struct chain_problem {
  chain_refusal why{};
  rule decided_by = rule::none;
  std::optional<firmware::report_problem> report{};

  friend constexpr auto operator==(const chain_problem&, const chain_problem&) -> bool = default;
};
using chain_result = std::expected<void, chain_problem>;

/// A chip's key as the verifier knows it: that AMD signed the certificate was checked before.
struct known_chip {
  crypto::p384_verifier vcek;
  firmware::vcek_claims claims{};
};

/// What the verifier expects of one guest.
struct expected_guest {
  std::array<std::uint8_t, 48> measurement{};
  std::uint64_t policy = 0;
  std::uint64_t policy_mask = ~std::uint64_t{0};
  layout::tcb least_tcb{};
};

namespace detail {

[[nodiscard]] inline auto refuse(chain_refusal why, rule because) -> chain_result {
  return std::unexpected{chain_problem{why, because, {}}};
}

/// What a report has to say of its guest, besides REPORT_DATA and HOST_DATA.
[[nodiscard]] inline auto contents_of(const expected_guest& guest) -> firmware::report_expectations {
  return {.policy = guest.policy,
          .policy_mask = guest.policy_mask,
          .highest_vmpl = 0,
          .measurement = guest.measurement,
          .least_tcb = guest.least_tcb};
}

template <class Field, class Wanted>
[[nodiscard]] auto is_equal(const Field& found, const Wanted& wanted) -> bool {
  return std::equal(found.begin(), found.end(), wanted.begin(), wanted.end());
}

}  // namespace detail

/// Whether L1's report is that of the expected L1 on a known chip, and binds a key.   NES-ATT-03; NES-ATT-04
/// @param bound  what REPORT_DATA has to be
template <class Context>
[[nodiscard]] auto check_l1_report(Context& ctx, const layout::attestation_report_v5& r1, const known_chip& chip,
                                   const expected_guest& l1, const crypto::sha512_value& bound) -> chain_result {
  const auto origin = firmware::check_report(ctx, r1, chip.vcek, chip.claims);
  if (ctx.denies(rule::NES_ATT_04, !origin))
    return std::unexpected{chain_problem{chain_refusal::l1_origin, rule::NES_ATT_04, origin.error()}};
  const auto contents = firmware::check_contents(r1, detail::contents_of(l1), chip.claims.format);
  if (ctx.denies(rule::NES_ATT_04, !contents))
    return std::unexpected{chain_problem{chain_refusal::l1_contents, rule::NES_ATT_04, contents.error()}};
  if (ctx.denies(rule::NES_ATT_04, !r1.platform_info().alias_check_complete()))
    return detail::refuse(chain_refusal::l1_aliases, rule::NES_ATT_04);
  if (ctx.denies(rule::NES_ATT_03, !detail::is_equal(r1.report_data(), bound)))
    return detail::refuse(chain_refusal::l1_key, rule::NES_ATT_03);
  return {};
}

/// What is shown for an L2 guest with a key of its own.   NES-ATT-03
struct chain_evidence {
  layout::attestation_report_v5 r1{};
  layout::attestation_report_v5 r2{};
  crypto::p384_public_key k1{};
  crypto::p384_signature over_report_id{};  ///< by K1, over R2.REPORT_ID
};
/// What the verifier knows before.
struct chain_expectations {
  known_chip chip;  ///< both guests run there
  expected_guest l1{};
  expected_guest l2{};
  std::vector<std::uint8_t> l1_policy{};
  attestation_nonce nonce{};
};

/// Whether an L2 guest is the expected one, in the expected L1, on a known chip, now.   NES-ATT-03; NES-ATT-04
/// @return nothing, or the first link that does not hold
template <class Context>
[[nodiscard]] auto verify_chain(Context& ctx, const chain_evidence& shown, const chain_expectations& expected)
    -> chain_result {
  using enum chain_refusal;
  const auto bound = l1_report_data(shown.k1, expected.nonce);
  if (const auto l1 = check_l1_report(ctx, shown.r1, expected.chip, expected.l1, bound); !l1) return l1;
  const bool same_chip = detail::is_equal(shown.r1.chip_id(), shown.r2.chip_id());
  if (ctx.denies(rule::NES_ATT_04, !same_chip)) return detail::refuse(l2_chip, rule::NES_ATT_04);
  const auto origin = firmware::check_report(ctx, shown.r2, expected.chip.vcek, expected.chip.claims);
  if (ctx.denies(rule::NES_ATT_04, !origin))
    return std::unexpected{chain_problem{l2_origin, rule::NES_ATT_04, origin.error()}};
  const auto contents =
      firmware::check_contents(shown.r2, detail::contents_of(expected.l2), expected.chip.claims.format);
  if (ctx.denies(rule::NES_ATT_04, !contents))
    return std::unexpected{chain_problem{l2_contents, rule::NES_ATT_04, contents.error()}};
  const bool own = detail::is_equal(shown.r2.host_data(), l2_host_data(shown.k1, expected.l1_policy));
  if (ctx.denies(rule::NES_ATT_03, !own)) return detail::refuse(l2_launch, rule::NES_ATT_03);
  const bool fresh = detail::is_equal(shown.r2.report_data(), l2_report_data(expected.nonce));
  if (ctx.denies(rule::NES_ATT_04, !fresh)) return detail::refuse(l2_replayed, rule::NES_ATT_04);
  const auto k1 = crypto::p384_verifier::make(shown.k1);
  const auto id = shown.r2.report_id();
  const bool vouched = k1 && k1->verify(crypto::hash_kind::sha384, {id.data(), id.size()}, shown.over_report_id);
  if (ctx.denies(rule::NES_ATT_04, !vouched)) return detail::refuse(l2_unknown, rule::NES_ATT_04);
  return {};
}

/// L1's part: it signs the REPORT_ID of a guest of its own.   NES-ATT-04
[[nodiscard]] inline auto vouch_for(const crypto::p384_private_key& k1, std::span<const std::uint8_t> report_id)
    -> crypto::p384_signature {
  return crypto::sha384_signer{k1}.sign(report_id);
}

}  // namespace sevspec::inline v0::nested

#endif
