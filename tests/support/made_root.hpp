// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_MADE_ROOT_HPP
#define SEVSPEC_TESTS_SUPPORT_MADE_ROOT_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <cryptopp/osrng.h>
#include <cryptopp/pssr.h>
#include <cryptopp/rsa.h>
#include <cryptopp/sha.h>

#include <support/bytes.hpp>

#include <sevspec/firmware/legacy_certificate.hpp>

namespace sevspec::test {

/// An ARK or ASK of 2048 bits, made with Crypto++ alone.
struct made_root {
  CryptoPP::InvertibleRSAFunction key;
  byte_vector bytes = byte_vector(64 + 3 * 256);

  explicit made_root(firmware::key_usage usage) {
    CryptoPP::AutoSeededRandomPool random;
    key.Initialize(random, 2048);
    put_le(bytes, 0, 4, 1);
    put_le(bytes, 0x24, 4, static_cast<std::uint64_t>(usage));
    put_le(bytes, 0x38, 4, 2048);
    put_le(bytes, 0x3C, 4, 2048);
    put(64, key.GetPublicExponent());
    put(64 + 256, key.GetModulus());
  }
  void put(std::size_t at, const CryptoPP::Integer& value) {
    value.Encode(bytes.data() + at, 256);
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                 bytes.begin() + static_cast<std::ptrdiff_t>(at + 256));
  }
  [[nodiscard]] auto signature_of(std::span<const std::uint8_t> message) const -> byte_vector {
    CryptoPP::AutoSeededRandomPool random;
    const CryptoPP::RSASS<CryptoPP::PSS, CryptoPP::SHA256>::Signer signer(key);
    byte_vector signature(256);
    signer.SignMessage(random, message.data(), message.size(), signature.data());
    std::reverse(signature.begin(), signature.end());
    return signature;
  }
  void sign_with(const made_root& parent) {
    const byte_vector signature = parent.signature_of(std::span{bytes}.first(64 + 512));
    std::copy(signature.begin(), signature.end(), bytes.begin() + 64 + 512);
  }
};

}  // namespace sevspec::test

#endif
