// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_ID_BLOCK_SIGNATURE_HPP
#define SEVSPEC_FIRMWARE_ID_BLOCK_SIGNATURE_HPP

#include <cstdint>
#include <expected>

#include <sevspec/crypto/digest.hpp>
#include <sevspec/crypto/ecdsa.hpp>
#include <sevspec/firmware/launch_digest.hpp>
#include <sevspec/firmware/p384_structures.hpp>
#include <sevspec/layout/id_block.hpp>

/// Who vouches for a guest's identity: its author signs a key, and that key signs the ID block.   SNP ABI 8.18
namespace sevspec::inline v0::firmware {

/// What the firmware keeps of the keys, and reports say: SHA-384 of their structures.
/// FW-SNP-LFIN-08; FW-SNP-LFIN-10
struct id_key_digests {
  snp_digest id_key{};
  snp_digest author_key{};  ///< zero without an author

  friend constexpr auto operator==(const id_key_digests&, const id_key_digests&) -> bool = default;
};

/// Why an ID block is refused, in the order of LAUNCH_FINISH's checks.   FW-SNP-LFIN-06 to FW-SNP-LFIN-09
enum class id_block_error : std::uint8_t {
  id_key_algorithm,      ///< INVALID_PARAM
  author_key_algorithm,  ///< INVALID_PARAM
  id_key,                ///< not P-384, or not a point of it: BAD_SIGNATURE
  id_block_signature,    ///< the ID key did not sign the block: BAD_SIGNATURE
  author_key,            ///< as `id_key`
  id_key_signature,      ///< the author did not sign the ID key: BAD_SIGNATURE
};

/// Checks the signatures of an ID block. Whether it is the block of this guest (launch digest, policy) is the caller's
/// to ask.
/// @param with_author  AUTH_KEY_EN
template <class Block, class Auth>
[[nodiscard]] auto verify_id_block(const layout::basic_id_block<Block>& block, const layout::basic_id_auth<Auth>& auth,
                                   bool with_author) -> std::expected<id_key_digests, id_block_error> {
  using enum id_block_error;
  using algorithm = layout::snp_signature_algorithms;
  constexpr auto sha384 = crypto::hash_kind::sha384;
  const auto verifier_of = [](const auto& structure) -> std::optional<crypto::p384_verifier> {
    const auto key = public_key_in(structure);
    if (!key) return std::nullopt;
    return crypto::p384_verifier::make(*key);
  };
  if (auth.id_key_algo() != algorithm::ecdsa_p384_sha384) return std::unexpected{id_key_algorithm};
  if (with_author && auth.auth_key_algo() != algorithm::ecdsa_p384_sha384) return std::unexpected{author_key_algorithm};

  id_key_digests digests;
  const auto of_block = verifier_of(auth.id_key());
  if (!of_block) return std::unexpected{id_key};
  if (!of_block->verify(sha384, block.bytes(), signature_in(auth.id_block_sig())))
    return std::unexpected{id_block_signature};
  digests.id_key = crypto::sha384_of(auth.id_key().bytes());
  if (!with_author) return digests;

  const auto of_key = verifier_of(auth.author_key());
  if (!of_key) return std::unexpected{author_key};
  if (!of_key->verify(sha384, auth.id_key().bytes(), signature_in(auth.id_key_sig())))
    return std::unexpected{id_key_signature};
  digests.author_key = crypto::sha384_of(auth.author_key().bytes());
  return digests;
}

}  // namespace sevspec::inline v0::firmware

#endif
