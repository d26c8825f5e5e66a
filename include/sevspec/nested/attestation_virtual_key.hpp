// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_ATTESTATION_VIRTUAL_KEY_HPP
#define SEVSPEC_NESTED_ATTESTATION_VIRTUAL_KEY_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/rule.hpp>
#include <sevspec/nested/attestation_chain.hpp>

/// Reports that a virtual AMD-SP of L1's signs with a key of its own, which L1's report binds.   NES-ATT-05
namespace sevspec::inline v0::nested {

/// SIGNATURE_ALGO of such reports: ECDSA on P-384 with SHA-384, and no chip's key. Who knows hardware reports alone
/// refuses it.
inline constexpr auto virtual_signature = static_cast<layout::snp_signature_algorithms>(0x8000'0001);

/// Signs a report that is otherwise complete.
/// @param kv  the virtual AMD-SP's key
inline void sign_virtual_report(layout::attestation_report_v5& report, const crypto::p384_private_key& kv) {
  report.set_signature_algo(virtual_signature);
  report.set_key_info(report.key_info().set_signing_key(layout::snp_signing_key::none));
  const auto signature = crypto::sha384_signer{kv}.sign(layout::signed_bytes(report));
  report.set_signature_r(signature.r);
  report.set_signature_s(signature.s);
}

/// What is shown for a guest behind such a virtual AMD-SP.
struct virtual_evidence {
  std::optional<layout::attestation_report_v5> r1{};
  layout::attestation_report_v5 r2{};  ///< signed by the virtual AMD-SP
  crypto::p384_public_key kv{};
};
struct virtual_expectations {
  known_chip chip;
  expected_guest l1{};
  expected_guest l2{};
  attestation_nonce nonce{};
};

/// Whether an L2 guest is the expected one, by the word of an L1 that is the expected one.   NES-ATT-05
template <class Context>
[[nodiscard]] auto verify_virtual_report(Context& ctx, const virtual_evidence& shown,
                                         const virtual_expectations& expected) -> chain_result {
  using enum chain_refusal;
  if (ctx.denies(rule::NES_ATT_05, !shown.r1.has_value())) return detail::refuse(l1_missing, rule::NES_ATT_05);
  if (shown.r1) {
    const auto bound = vsp_report_data(shown.kv, expected.nonce);
    if (const auto l1 = check_l1_report(ctx, *shown.r1, expected.chip, expected.l1, bound); !l1) return l1;
  }
  if (ctx.denies(rule::NES_ATT_05, shown.r2.signature_algo() != virtual_signature))
    return detail::refuse(algorithm, rule::NES_ATT_05);
  const auto kv = crypto::p384_verifier::make(shown.kv);
  if (ctx.denies(rule::NES_ATT_05, !kv || !firmware::is_signed_by(shown.r2, *kv)))
    return detail::refuse(signature, rule::NES_ATT_05);
  const auto contents =
      firmware::check_contents(shown.r2, detail::contents_of(expected.l2), expected.chip.claims.format);
  if (ctx.denies(rule::NES_ATT_05, !contents))
    return std::unexpected{chain_problem{l2_contents, rule::NES_ATT_05, contents.error()}};
  const bool fresh = detail::is_equal(shown.r2.report_data(), l2_report_data(expected.nonce));
  if (ctx.denies(rule::NES_ATT_05, !fresh)) return detail::refuse(l2_replayed, rule::NES_ATT_05);
  return {};
}

}  // namespace sevspec::inline v0::nested

#endif
