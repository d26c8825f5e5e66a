// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CRYPTO_RSA_PSS_HPP
#define SEVSPEC_CRYPTO_RSA_PSS_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <cryptopp/pssr.h>
#include <cryptopp/rsa.h>
#include <cryptopp/sha.h>

#include <sevspec/crypto/digest.hpp>

namespace sevspec::inline v0::crypto {

/// An RSA public key as AMD's structures hold it: integers little endian, zeros behind them allowed.   FW-CRY-18
struct rsa_public_key {
  std::span<const std::uint8_t> modulus{};
  std::span<const std::uint8_t> exponent{};
};

/// Whether a signature with RSA-PSS is that of a message. The salt is as long as the hash, and MGF1 uses the same hash.
/// FW-CRY-20
/// @param key        any bytes: a key that cannot be one has made no signature
/// @param signature  little endian, as long as the modulus
[[nodiscard]] inline auto verify_rsa_pss(hash_kind hash, const rsa_public_key& key,
                                         std::span<const std::uint8_t> message, std::span<const std::uint8_t> signature)
    -> bool {
  const auto integer = [](std::span<const std::uint8_t> bytes) {
    return CryptoPP::Integer(bytes.data(), bytes.size(), CryptoPP::Integer::UNSIGNED, CryptoPP::LITTLE_ENDIAN_ORDER);
  };
  const CryptoPP::Integer modulus = integer(key.modulus);
  const CryptoPP::Integer exponent = integer(key.exponent);
  constexpr unsigned smallest = 1024;
  constexpr unsigned largest = 8192;
  // Crypto++ expects a key that can be one, and throws otherwise.
  if (modulus.BitCount() < smallest || modulus.BitCount() > largest || modulus.IsEven() || exponent.IsEven() ||
      exponent >= modulus || signature.size() != modulus.ByteCount())
    return false;
  const std::vector<std::uint8_t> big_endian(signature.rbegin(), signature.rend());
  const auto verify = [&](auto&& verifier) {
    verifier.AccessKey().Initialize(modulus, exponent);
    return verifier.VerifyMessage(message.data(), message.size(), big_endian.data(), big_endian.size());
  };
  try {
    return hash == hash_kind::sha256 ? verify(CryptoPP::RSASS<CryptoPP::PSS, CryptoPP::SHA256>::Verifier{})
                                     : verify(CryptoPP::RSASS<CryptoPP::PSS, CryptoPP::SHA384>::Verifier{});
  } catch (const CryptoPP::Exception&) {
    return false;
  }
}

}  // namespace sevspec::inline v0::crypto

#endif
