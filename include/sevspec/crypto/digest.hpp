// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CRYPTO_DIGEST_HPP
#define SEVSPEC_CRYPTO_DIGEST_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <cryptopp/sha.h>

namespace sevspec::inline v0::crypto {

/// Which hash a signature is made with.
enum class hash_kind : std::uint8_t { sha256, sha384 };

/// A hash of bytes that come piece by piece. A value: a copy goes on by itself.
/// @tparam Algorithm  a hash of Crypto++
template <class Algorithm>
class digest {
 public:
  static constexpr std::size_t extent = Algorithm::DIGESTSIZE;  ///< bytes of the result
  using value_type = std::array<std::uint8_t, extent>;

  /// Goes on with these bytes.
  auto update(std::span<const std::uint8_t> bytes) -> digest& {
    state_.Update(bytes.data(), bytes.size());
    return *this;
  }
  /// The hash of all bytes so far; more may follow.
  [[nodiscard]] auto value() const -> value_type {
    Algorithm state = state_;
    value_type result;
    state.Final(result.data());
    return result;
  }
  /// The hash of all bytes so far; the next ones start anew.
  [[nodiscard]] auto take() -> value_type {
    value_type result;
    state_.Final(result.data());
    return result;
  }

  /// Whether the bytes so far have the same hash.
  friend auto operator==(const digest& a, const digest& b) -> bool { return a.value() == b.value(); }

 private:
  Algorithm state_;
};

using sha256 = digest<CryptoPP::SHA256>;
using sha384 = digest<CryptoPP::SHA384>;
using sha512 = digest<CryptoPP::SHA512>;

using sha512 = digest<CryptoPP::SHA512>;

using sha256_value = sha256::value_type;  ///< 32 bytes
using sha384_value = sha384::value_type;  ///< 48 bytes
using sha512_value = sha512::value_type;  ///< 64 bytes

/// SHA-256 of these bytes.
[[nodiscard]] inline auto sha256_of(std::span<const std::uint8_t> bytes) -> sha256_value {
  return sha256{}.update(bytes).take();
}

/// SHA-384 of these bytes.
[[nodiscard]] inline auto sha384_of(std::span<const std::uint8_t> bytes) -> sha384_value {
  return sha384{}.update(bytes).take();
}

}  // namespace sevspec::inline v0::crypto

#endif
