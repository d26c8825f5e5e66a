// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CRYPTO_HMAC_HPP
#define SEVSPEC_CRYPTO_HMAC_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

#include <cryptopp/hmac.h>
#include <cryptopp/misc.h>
#include <cryptopp/sha.h>

#include <sevspec/crypto/digest.hpp>

namespace sevspec::inline v0::crypto {

/// HMAC-SHA-256 of the parts, one after the other.
/// @param key  of any length; legacy SEV has 16 bytes, Z of a key agreement 48
[[nodiscard]] inline auto hmac_sha256(std::span<const std::uint8_t> key,
                                      std::initializer_list<std::span<const std::uint8_t>> parts) -> sha256_value {
  CryptoPP::HMAC<CryptoPP::SHA256> mac(key.data(), key.size());
  for (const auto part : parts) mac.Update(part.data(), part.size());
  sha256_value result;
  mac.Final(result.data());
  return result;
}

/// Whether two byte strings are equal, in a time that depends only on their lengths: for MACs and keys.
[[nodiscard]] inline auto same_secret(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) -> bool {
  return a.size() == b.size() && CryptoPP::VerifyBufsEqual(a.data(), b.data(), a.size());
}

}  // namespace sevspec::inline v0::crypto

#endif
