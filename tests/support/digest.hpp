// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_DIGEST_HPP
#define SEVSPEC_TESTS_SUPPORT_DIGEST_HPP

#include <array>
#include <cstdint>
#include <span>

#include <cryptopp/sha.h>

namespace sevspec::test {

using sha384_digest = std::array<std::uint8_t, 48>;

[[nodiscard]] inline auto sha384(std::span<const std::uint8_t> bytes) -> sha384_digest {
  sha384_digest digest;
  CryptoPP::SHA384().CalculateDigest(digest.data(), bytes.data(), bytes.size());
  return digest;
}

[[nodiscard]] inline auto sha256(std::span<const std::uint8_t> bytes) -> std::array<std::uint8_t, 32> {
  std::array<std::uint8_t, 32> digest;
  CryptoPP::SHA256().CalculateDigest(digest.data(), bytes.data(), bytes.size());
  return digest;
}

}  // namespace sevspec::test

#endif
