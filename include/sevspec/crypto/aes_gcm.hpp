// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CRYPTO_AES_GCM_HPP
#define SEVSPEC_CRYPTO_AES_GCM_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include <cryptopp/aes.h>
#include <cryptopp/gcm.h>
#include <gsl/assert>

namespace sevspec::inline v0::crypto {

using gcm_tag = std::array<std::uint8_t, 16>;

/// Enciphers and authenticates with AES-256-GCM: guest messages, swapped pages, wrapped keys.   FW-MSG-03
/// @param key      32 bytes
/// @param iv       12 bytes; a pair of key and IV is used for one message only
/// @param header   bytes that are authenticated and stay in the clear
/// @param in, out  plaintext and ciphertext, of the same length; may be the same bytes
/// @return the tag
[[nodiscard]] inline auto aes256_gcm_seal(std::span<const std::uint8_t, 32> key, std::span<const std::uint8_t, 12> iv,
                                          std::span<const std::uint8_t> header, std::span<const std::uint8_t> in,
                                          std::span<std::uint8_t> out) -> gcm_tag {
  Expects(in.size() == out.size() && in.size() < std::uint64_t{1} << 36);
  CryptoPP::GCM<CryptoPP::AES>::Encryption cipher;
  cipher.SetKeyWithIV(key.data(), key.size(), iv.data(), iv.size());
  gcm_tag tag;
  cipher.EncryptAndAuthenticate(out.data(), tag.data(), tag.size(), iv.data(), static_cast<int>(iv.size()),
                                header.data(), header.size(), in.data(), in.size());
  return tag;
}

/// Deciphers what `aes256_gcm_seal` made.
/// @param in, out  ciphertext and plaintext, of the same length; may be the same bytes
/// @return whether the tag is right; if not, `out` is zero
[[nodiscard]] inline auto aes256_gcm_open(std::span<const std::uint8_t, 32> key, std::span<const std::uint8_t, 12> iv,
                                          std::span<const std::uint8_t> header, std::span<const std::uint8_t, 16> tag,
                                          std::span<const std::uint8_t> in, std::span<std::uint8_t> out) -> bool {
  Expects(in.size() == out.size() && in.size() < std::uint64_t{1} << 36);
  CryptoPP::GCM<CryptoPP::AES>::Decryption cipher;
  cipher.SetKeyWithIV(key.data(), key.size(), iv.data(), iv.size());
  const bool authentic =
      cipher.DecryptAndVerify(out.data(), tag.data(), tag.size(), iv.data(), static_cast<int>(iv.size()), header.data(),
                              header.size(), in.data(), in.size());
  if (!authentic) std::fill(out.begin(), out.end(), std::uint8_t{0});
  return authentic;
}

}  // namespace sevspec::inline v0::crypto

#endif
