// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CRYPTO_RANDOM_HPP
#define SEVSPEC_CRYPTO_RANDOM_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include <cryptopp/osrng.h>

#include <sevspec/crypto/digest.hpp>
#include <sevspec/layout/image.hpp>

/// Where keys, nonces and identifiers come from. Whoever draws is handed a source: there is none that all share, so a
/// run can be repeated.
namespace sevspec::inline v0::crypto {

/// `source(bytes)` fills all of the bytes.
template <class Source>
concept random_source = std::invocable<Source&, std::span<std::uint8_t>>;

/// The next bytes of a source.
template <std::size_t Size, random_source Source>
[[nodiscard]] auto draw(Source& source) -> std::array<std::uint8_t, Size> {
  std::array<std::uint8_t, Size> bytes;
  source(std::span<std::uint8_t>{bytes});
  return bytes;
}

/// A source that can be repeated: SHA-256 of a seed and a counter. For models and tests; whoever knows the seed knows
/// all that it gives. A value: copies go on alike.
class repeatable_random {
 public:
  constexpr explicit repeatable_random(std::uint64_t seed = 0) noexcept : seed_(seed) {}

  void operator()(std::span<std::uint8_t> bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
      std::array<std::uint8_t, 16> input{};
      layout::write_le(input.data(), seed_);
      layout::write_le(input.data() + 8, drawn_++);
      const sha256_value drawn = sha256_of(input);
      const std::size_t part = std::min(drawn.size(), bytes.size() - done);
      std::copy_n(drawn.begin(), part, bytes.begin() + static_cast<std::ptrdiff_t>(done));
      done += part;
    }
  }

  friend constexpr auto operator==(const repeatable_random&, const repeatable_random&) -> bool = default;

 private:
  std::uint64_t seed_;
  std::uint64_t drawn_ = 0;
};

/// The operating system's source. A system without one ends the program.
struct system_random {
  void operator()(std::span<std::uint8_t> bytes) const noexcept {
    CryptoPP::OS_GenerateRandomBlock(false, bytes.data(), bytes.size());
  }
};

}  // namespace sevspec::inline v0::crypto

#endif
