// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_ATTESTATION_SOFTWARE_HPP
#define SEVSPEC_NESTED_ATTESTATION_SOFTWARE_HPP

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <sevspec/base/rule.hpp>
#include <sevspec/nested/attestation_chain.hpp>

/// L2 guests that share L1's key: the AMD-SP does not know them, and L1, which is trusted, speaks for them.   NES-ATT-02
namespace sevspec::inline v0::nested {

/// What L1 says of one of its guests.   NES-ATT-03
struct guest_statement {
  std::array<std::uint8_t, 32> guest{};   ///< how L1 calls it
  std::array<std::uint8_t, 48> digest{};  ///< SHA-384 of what it was started with
  std::uint64_t counter = 0;              ///< of L1's statements
  attestation_nonce nonce{};

  friend constexpr auto operator==(const guest_statement&, const guest_statement&) -> bool = default;
};

/// What is signed.
[[nodiscard]] inline auto bytes_of(const guest_statement& said) -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> made;
  const auto add = [&](std::span<const std::uint8_t> more) { made.insert(made.end(), more.begin(), more.end()); };
  std::array<std::uint8_t, 8> counter{};
  layout::write_le(counter.data(), said.counter);
  add(detail::bytes_of("L2 in L1"));
  add(said.guest);
  add(said.digest);
  add(counter);
  add(said.nonce);
  return made;
}
/// L1's part.
[[nodiscard]] inline auto sign_statement(const crypto::p384_private_key& k1, const guest_statement& said)
    -> crypto::p384_signature {
  return crypto::sha384_signer{k1}.sign(bytes_of(said));
}

/// What is shown for an L2 guest that shares L1's key.
struct software_evidence {
  layout::attestation_report_v5 r1{};
  crypto::p384_public_key k1{};
  guest_statement said{};
  crypto::p384_signature signature{};
  std::optional<layout::attestation_report_v5> r2{};  ///< somebody claims that the chip speaks for the guest
};
/// What the verifier knows before.
struct software_expectations {
  known_chip chip;
  expected_guest l1{};
  std::array<std::uint8_t, 32> guest{};
  std::array<std::uint8_t, 48> digest{};
  std::uint64_t last_counter = 0;  ///< of the statements of this L1 that are known
  attestation_nonce nonce{};
};

/// Whether a trusted L1 says that the expected guest runs in it.   NES-ATT-02; NES-ATT-03
template <class Context>
[[nodiscard]] auto verify_statement(Context& ctx, const software_evidence& shown, const software_expectations& expected)
    -> chain_result {
  using enum chain_refusal;
  if (ctx.denies(rule::NES_ATT_02, shown.r2.has_value())) return detail::refuse(l2_hardware, rule::NES_ATT_02);
  const auto bound = l1_report_data(shown.k1, expected.nonce);
  if (const auto l1 = check_l1_report(ctx, shown.r1, expected.chip, expected.l1, bound); !l1) return l1;
  const auto k1 = crypto::p384_verifier::make(shown.k1);
  const bool own = k1 && k1->verify(crypto::hash_kind::sha384, bytes_of(shown.said), shown.signature);
  if (ctx.denies(rule::NES_ATT_03, !own)) return detail::refuse(statement, rule::NES_ATT_03);
  if (ctx.denies(rule::NES_ATT_03, shown.said.guest != expected.guest))
    return detail::refuse(other_guest, rule::NES_ATT_03);
  if (ctx.denies(rule::NES_ATT_03, shown.said.digest != expected.digest))
    return detail::refuse(digest, rule::NES_ATT_03);
  const bool old = shown.said.counter <= expected.last_counter || shown.said.nonce != expected.nonce;
  if (ctx.denies(rule::NES_ATT_03, old)) return detail::refuse(old_statement, rule::NES_ATT_03);
  return {};
}

}  // namespace sevspec::inline v0::nested

#endif
