// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_ATTESTATION_BINDING_HPP
#define SEVSPEC_NESTED_ATTESTATION_BINDING_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <sevspec/crypto/digest.hpp>
#include <sevspec/crypto/p384.hpp>

/// What joins the report of an L1 and what speaks for its L2 guests: hashes of a key that L1 has made.   NES-ATT-03
namespace sevspec::inline v0::nested {

/// What a verifier has drawn for one conversation.
using attestation_nonce = std::array<std::uint8_t, 32>;

/// A public key as it is hashed: X, then Y, big endian; zeros for what is no field element.
[[nodiscard]] inline auto key_bytes(const crypto::p384_public_key& key) -> std::array<std::uint8_t, 96> {
  std::array<std::uint8_t, 96> made{};
  const crypto::p384_bytes x = crypto::big_endian(key.x).value_or(crypto::p384_bytes{});
  const crypto::p384_bytes y = crypto::big_endian(key.y).value_or(crypto::p384_bytes{});
  std::ranges::copy(x, made.begin());
  std::ranges::copy(y, made.begin() + 48);
  return made;
}

namespace detail {

[[nodiscard]] inline auto bytes_of(std::string_view label) -> std::span<const std::uint8_t> {
  return {reinterpret_cast<const std::uint8_t*>(label.data()), label.size()};
}
[[nodiscard]] inline auto labelled(std::string_view label, const crypto::p384_public_key& key,
                                   const attestation_nonce& nonce) -> crypto::sha512_value {
  return crypto::sha512{}.update(bytes_of(label)).update(key_bytes(key)).update(nonce).take();
}

}  // namespace detail

/// REPORT_DATA of L1's report: L1 has the private part of a key, now.   NES-ATT-03
[[nodiscard]] inline auto l1_report_data(const crypto::p384_public_key& k1, const attestation_nonce& nonce)
    -> crypto::sha512_value {
  return detail::labelled("L1", k1, nonce);
}
/// REPORT_DATA of L1's report where the key is that of its virtual AMD-SP.   NES-ATT-05
[[nodiscard]] inline auto vsp_report_data(const crypto::p384_public_key& kv, const attestation_nonce& nonce)
    -> crypto::sha512_value {
  return detail::labelled("VSP", kv, nonce);
}
/// REPORT_DATA of L2's report: it was made for this conversation.   NES-ATT-04
[[nodiscard]] inline auto l2_report_data(const attestation_nonce& nonce) -> crypto::sha512_value {
  return crypto::sha512{}.update(detail::bytes_of("L2")).update(nonce).take();
}
/// HOST_DATA that L1 launches its L2 guests with: whose they are, and how L1 has set itself up.   NES-ATT-03
/// @param policy  L1's own description of itself, in whatever form
[[nodiscard]] inline auto l2_host_data(const crypto::p384_public_key& k1, std::span<const std::uint8_t> policy)
    -> crypto::sha256_value {
  return crypto::sha256{}.update(key_bytes(k1)).update(policy).take();
}

}  // namespace sevspec::inline v0::nested

#endif
