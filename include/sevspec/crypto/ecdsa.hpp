// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CRYPTO_ECDSA_HPP
#define SEVSPEC_CRYPTO_ECDSA_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

#include <cryptopp/cryptlib.h>
#include <cryptopp/eccrypto.h>
#include <cryptopp/sha.h>

#include <sevspec/crypto/digest.hpp>
#include <sevspec/crypto/p384.hpp>
#include <sevspec/crypto/random.hpp>

/// Signatures with ECDSA on P-384: of reports, certificates and ID blocks.
namespace sevspec::inline v0::crypto {

/// R and S in fields of AMD's structures.
struct p384_signature {
  p384_field r{};
  p384_field s{};

  friend auto operator==(const p384_signature&, const p384_signature&) -> bool = default;
};

namespace detail {

/// Crypto++ wants its own kind of source.
template <random_source Source>
class random_generator : public CryptoPP::RandomNumberGenerator {
 public:
  explicit random_generator(Source& source) : source_(source) {}
  void GenerateBlock(CryptoPP::byte* output, std::size_t size) override { source_(std::span{output, size}); }

 private:
  Source& source_;
};

/// The hash of a message as ECDSA takes it; no hash is longer than the curve's order, so that nothing is cut off.
[[nodiscard]] inline auto integer_of_hash(hash_kind hash, std::span<const std::uint8_t> message) -> CryptoPP::Integer {
  const auto integer = [](const auto& bytes) { return CryptoPP::Integer(bytes.data(), bytes.size()); };
  return hash == hash_kind::sha256 ? integer(sha256_of(message)) : integer(sha384_of(message));
}

}  // namespace detail

/// A public key, made ready to verify many signatures: multiples of the point are kept. (Making it and verifying once
/// costs less than verifying once without them.) For one thread at a time; copy it for another.
class p384_verifier {
 public:
  /// @return nothing if the key is no point of the curve
  [[nodiscard]] static auto make(const p384_public_key& key) -> std::optional<p384_verifier> {
    p384_verifier made{key};
    const auto& group = made.ready_.GetGroupParameters();
    const auto point = detail::p384_point_of(key, group);
    if (!point) return std::nullopt;
    made.ready_.SetPublicElement(*point);
    made.ready_.AccessPublicPrecomputation().Precompute(group.GetGroupPrecomputation(),
                                                        group.GetSubgroupOrder().BitCount(), 16);
    return made;
  }

  [[nodiscard]] auto key() const noexcept -> const p384_public_key& { return key_; }

  /// Whether the signature is that of a message.
  [[nodiscard]] auto verify(hash_kind hash, std::span<const std::uint8_t> message,
                            const p384_signature& signature) const -> bool {
    const auto r = big_endian(signature.r);
    const auto s = big_endian(signature.s);
    if (!r || !s) return false;
    return CryptoPP::DL_Algorithm_ECDSA<CryptoPP::ECP>{}.Verify(ready_.GetGroupParameters(), ready_,
                                                                detail::integer_of_hash(hash, message),
                                                                detail::p384_integer(*r), detail::p384_integer(*s));
  }

 private:
  explicit p384_verifier(const p384_public_key& key) : key_(key) {
    ready_.AccessGroupParameters() = detail::p384_parameters();
  }

  p384_public_key key_;
  CryptoPP::DL_PublicKey_EC<CryptoPP::ECP> ready_;
};

/// A private key, made ready to sign. For one thread at a time; copy it for another.
/// @tparam Hash  SHA-384 for reports of SEV-SNP, SHA-256 for the certificates and reports of legacy SEV
template <hash_kind Hash>
class p384_signer {
 public:
  explicit p384_signer(const p384_private_key& key) {
    const CryptoPP::Integer scalar = detail::p384_integer(key.big_endian());
    deterministic_.AccessKey().Initialize(detail::p384_parameters(), scalar);
    random_.AccessKey().Initialize(detail::p384_parameters(), scalar);
  }

  /// The signature of a message; the same message always has the same.   RFC 6979
  [[nodiscard]] auto sign(std::span<const std::uint8_t> message) const -> p384_signature {
    return sign_with(deterministic_, CryptoPP::NullRNG(), message);
  }
  /// The signature of a message, with a nonce from `random`.
  template <random_source Source>
  [[nodiscard]] auto sign(std::span<const std::uint8_t> message, Source& random) const -> p384_signature {
    detail::random_generator<Source> generator(random);
    return sign_with(random_, generator, message);
  }

 private:
  using algorithm = std::conditional_t<Hash == hash_kind::sha256, CryptoPP::SHA256, CryptoPP::SHA384>;

  template <class Signer>
  static auto sign_with(const Signer& signer, CryptoPP::RandomNumberGenerator& random,
                        std::span<const std::uint8_t> message) -> p384_signature {
    std::array<std::uint8_t, 96> joined{};  // R, then S, both big endian
    signer.SignMessage(random, message.data(), message.size(), joined.data());
    const std::span<const std::uint8_t, 96> all{joined};
    return {.r = field_of(all.first<48>()), .s = field_of(all.last<48>())};
  }

  typename CryptoPP::ECDSA_RFC6979<CryptoPP::ECP, algorithm>::Signer deterministic_;
  typename CryptoPP::ECDSA<CryptoPP::ECP, algorithm>::Signer random_;
};

using sha384_signer = p384_signer<hash_kind::sha384>;
using sha256_signer = p384_signer<hash_kind::sha256>;

}  // namespace sevspec::inline v0::crypto

#endif
