// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_P384_STRUCTURES_HPP
#define SEVSPEC_FIRMWARE_P384_STRUCTURES_HPP

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/crypto/ecdsa.hpp>
#include <sevspec/crypto/p384.hpp>
#include <sevspec/layout/certificate.hpp>
#include <sevspec/layout/codes/snp_codes.hpp>
#include <sevspec/layout/signature.hpp>

/// Keys and signatures between AMD's structures and the cryptography.   FW-CRY-18
namespace sevspec::inline v0::firmware {

/// The bytes of a field of 72 bytes.
[[nodiscard]] inline auto copy_of(std::span<const std::uint8_t, 72> field) -> crypto::p384_field {
  crypto::p384_field copy;
  std::copy(field.begin(), field.end(), copy.begin());
  return copy;
}

/// The key in a structure with `curve`, `qx` and `qy`: `layout::ecdsa_public_key`, `layout::sev_ec_pub_key`.
/// @return nothing if the curve is not P-384; whether the point lies on it is not looked at
template <class Structure>
  requires requires(const Structure& key) { key.qx(), key.qy(), key.curve(); }
[[nodiscard]] auto public_key_in(const Structure& structure) -> std::optional<crypto::p384_public_key> {
  if (structure.curve() != layout::ecc_curves::p384) return std::nullopt;
  return crypto::p384_public_key{.x = copy_of(structure.qx()), .y = copy_of(structure.qy())};
}

/// The signature in a structure.
template <class Storage>
[[nodiscard]] auto signature_in(const layout::basic_ecdsa_signature<Storage>& structure) -> crypto::p384_signature {
  return {.r = copy_of(structure.r()), .s = copy_of(structure.s())};
}

/// The structure of a key.
template <class Structure = layout::ecdsa_public_key>
[[nodiscard]] auto structure_of(const crypto::p384_public_key& key) -> Structure {
  Structure structure;
  structure.set_curve(layout::ecc_curves::p384);
  structure.set_qx(key.x);
  structure.set_qy(key.y);
  return structure;
}

/// The structure of a signature.
[[nodiscard]] inline auto structure_of(const crypto::p384_signature& signature) -> layout::ecdsa_signature {
  layout::ecdsa_signature structure;
  structure.set_r(signature.r);
  structure.set_s(signature.s);
  return structure;
}

}  // namespace sevspec::inline v0::firmware

#endif
