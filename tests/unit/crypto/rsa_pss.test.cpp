// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>
#include <vector>

#include <cryptopp/pssr.h>
#include <cryptopp/rsa.h>
#include <cryptopp/sha.h>

#include <sevspec/crypto/random.hpp>
#include <sevspec/crypto/rsa_pss.hpp>
#include <support/catch.hpp>
#include <support/firmware_vectors.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::crypto;
using namespace sevspec::test;

auto little_endian(const CryptoPP::Integer& value, std::size_t size) -> byte_vector {
  byte_vector bytes(size);
  value.Encode(bytes.data(), size);
  std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

struct signed_message {
  byte_vector modulus;
  byte_vector exponent;
  byte_vector message;
  byte_vector signature;

  [[nodiscard]] auto key() const -> rsa_public_key { return {.modulus = modulus, .exponent = exponent}; }
};

/// A message that Crypto++ signed.
template <class Hash>
auto make_signed(unsigned bits) -> signed_message {
  CryptoPP::AutoSeededRandomPool random;
  CryptoPP::InvertibleRSAFunction key;
  key.Initialize(random, bits);
  const typename CryptoPP::RSASS<CryptoPP::PSS, Hash>::Signer signer(key);
  signed_message made{.modulus = little_endian(key.GetModulus(), 512),
                      .exponent = little_endian(key.GetPublicExponent(), 512),
                      .message = noise(832, bits),
                      .signature = byte_vector(bits / 8)};
  signer.SignMessage(random, made.message.data(), made.message.size(), made.signature.data());
  std::reverse(made.signature.begin(), made.signature.end());
  return made;
}

}  // namespace

TEST_CASE("RSA-PSS with SHA-256 and 2048 bits, as AMD's first root keys", "[crypto][rsa_pss]") {
  const auto made = make_signed<CryptoPP::SHA256>(2048);
  CHECK(verify_rsa_pss(hash_kind::sha256, made.key(), made.message, made.signature));
  CHECK_FALSE(verify_rsa_pss(hash_kind::sha384, made.key(), made.message, made.signature));
  for (std::size_t at = 0; at < made.signature.size(); at += 37) {
    auto other = made;
    other.signature[at] ^= 1;
    CHECK_FALSE(verify_rsa_pss(hash_kind::sha256, other.key(), other.message, other.signature));
    other = made;
    other.message[at] ^= 1;
    CHECK_FALSE(verify_rsa_pss(hash_kind::sha256, other.key(), other.message, other.signature));
  }
  for (const std::size_t size : {0UZ, 1UZ, 255UZ, 257UZ, 512UZ}) {
    byte_vector signature = made.signature;
    signature.resize(size);
    CHECK_FALSE(verify_rsa_pss(hash_kind::sha256, made.key(), made.message, signature));
  }
}

TEST_CASE("RSA-PSS with SHA-384", "[crypto][rsa_pss]") {
  const auto made = make_signed<CryptoPP::SHA384>(3072);
  CHECK(verify_rsa_pss(hash_kind::sha384, made.key(), made.message, made.signature));
  CHECK_FALSE(verify_rsa_pss(hash_kind::sha256, made.key(), made.message, made.signature));
}

TEST_CASE("keys that cannot be keys verify nothing, and break nothing", "[crypto][rsa_pss]") {
  const byte_vector message(10);
  const auto refused = [&](const byte_vector& modulus, const byte_vector& exponent, std::size_t size) {
    CHECK_FALSE(verify_rsa_pss(hash_kind::sha256, {.modulus = modulus, .exponent = exponent}, message, noise(size, 1)));
  };
  const byte_vector three{3};
  refused({}, {}, 0);
  refused({}, three, 256);
  refused(byte_vector(256), three, 256);
  refused({1}, three, 1);
  refused({15}, three, 1);
  byte_vector even = noise(256, 2);
  even[0] &= 0xFE;
  even[255] |= 0x80;
  refused(even, three, 256);
  byte_vector odd = even;
  odd[0] |= 1;
  refused(odd, {}, 256);
  refused(odd, {2}, 256);
  refused(odd, odd, 256);
  refused(noise(4096, 3), three, 4096);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    byte_vector modulus = noise(256 + seed % 3 * 128, seed);
    refused(modulus, noise(1 + seed % 5, seed), modulus.size());
  }
}
