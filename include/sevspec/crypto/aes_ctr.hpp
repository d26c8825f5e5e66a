// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CRYPTO_AES_CTR_HPP
#define SEVSPEC_CRYPTO_AES_CTR_HPP

#include <cstdint>
#include <span>

#include <cryptopp/aes.h>
#include <cryptopp/modes.h>
#include <gsl/assert>

namespace sevspec::inline v0::crypto {

/// AES-128 in counter mode, both directions: the packets of legacy SEV.   FW-CRY-07
/// @param key      16 bytes
/// @param counter  the first counter block; it counts as one big-endian integer of 128 bits
/// @param in, out  of the same length; may be the same bytes
inline void aes128_ctr(std::span<const std::uint8_t, 16> key, std::span<const std::uint8_t, 16> counter,
                       std::span<const std::uint8_t> in, std::span<std::uint8_t> out) {
  Expects(in.size() == out.size());
  CryptoPP::CTR_Mode<CryptoPP::AES>::Encryption cipher(key.data(), key.size(), counter.data());
  cipher.ProcessData(out.data(), in.data(), in.size());
}

}  // namespace sevspec::inline v0::crypto

#endif
