// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CRYPTO_KEY_DERIVATION_HPP
#define SEVSPEC_CRYPTO_KEY_DERIVATION_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <gsl/assert>

#include <sevspec/crypto/hmac.hpp>
#include <sevspec/layout/image.hpp>

namespace sevspec::inline v0::crypto {

/// The key derivation of SEV: NIST SP 800-108 in counter mode with HMAC-SHA-256, where the counter and the length are
/// little-endian integers of 32 bits. Block i from 1 on is
/// HMAC(key, LE32(i) || label || 00h || context || LE32(bits of the result)).   FW-CRY-02; SEV API, appendix
/// @tparam Size    bytes of the result
/// @param label    text without its terminator
/// @param context  may be empty
template <std::size_t Size>
[[nodiscard]] auto derive_key(std::span<const std::uint8_t> key, std::string_view label,
                              std::span<const std::uint8_t> context = {}) -> std::array<std::uint8_t, Size> {
  static_assert(Size > 0 && Size < 0x1000'0000);
  std::array<std::uint8_t, 64> label_bytes{};
  Expects(label.size() <= label_bytes.size());
  std::copy(label.begin(), label.end(), label_bytes.begin());
  constexpr std::array<std::uint8_t, 1> separator{0};
  std::array<std::uint8_t, 4> bits{};
  layout::write_le(bits.data(), static_cast<std::uint32_t>(8 * Size));

  std::array<std::uint8_t, Size> result;
  for (std::size_t done = 0; done < Size; done += sha256::extent) {
    std::array<std::uint8_t, 4> counter{};
    layout::write_le(counter.data(), static_cast<std::uint32_t>(done / sha256::extent + 1));
    const sha256_value part =
        hmac_sha256(key, {counter, std::span{label_bytes}.first(label.size()), separator, context, bits});
    std::copy_n(part.begin(), std::min(Size - done, part.size()), result.begin() + static_cast<std::ptrdiff_t>(done));
  }
  return result;
}

}  // namespace sevspec::inline v0::crypto

#endif
