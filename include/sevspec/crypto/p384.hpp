// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CRYPTO_P384_HPP
#define SEVSPEC_CRYPTO_P384_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include <cryptopp/eccrypto.h>
#include <cryptopp/integer.h>
#include <cryptopp/oids.h>

#include <sevspec/crypto/random.hpp>

/// Keys on the curve P-384 in the form that AMD's structures have: integers in fields of 72 bytes, little endian.
namespace sevspec::inline v0::crypto {

/// An integer below 2^384 in a field of AMD's structures: 48 bytes little endian, then 24 zero bytes.   FW-CRY-18
using p384_field = std::array<std::uint8_t, 72>;

/// An integer below 2^384 as cryptography writes it: big endian.
using p384_bytes = std::array<std::uint8_t, 48>;

/// The integer of a field as big-endian bytes; nothing if it does not fit.
[[nodiscard]] inline auto big_endian(std::span<const std::uint8_t, 72> field) -> std::optional<p384_bytes> {
  for (const std::uint8_t byte : field.last<24>())
    if (byte != 0) return std::nullopt;
  p384_bytes bytes;
  std::reverse_copy(field.begin(), field.begin() + 48, bytes.begin());
  return bytes;
}

/// The field that holds a big-endian integer.
[[nodiscard]] inline auto field_of(std::span<const std::uint8_t, 48> big_endian) -> p384_field {
  p384_field field{};
  std::reverse_copy(big_endian.begin(), big_endian.end(), field.begin());
  return field;
}

/// A point that claims to be a public key; `p384_verifier::make` and `ecdh_p384` check that it is one.
struct p384_public_key {
  p384_field x{};
  p384_field y{};

  friend auto operator==(const p384_public_key&, const p384_public_key&) -> bool = default;
};

namespace detail {

using p384_group = CryptoPP::DL_GroupParameters_EC<CryptoPP::ECP>;
using p384_point = CryptoPP::ECP::Point;

/// P-384 with multiples of its generator, made once. Crypto++ computes in scratch memory even where a function is
/// const, so this one is only copied.
[[nodiscard]] inline auto p384_parameters() -> const p384_group& {
  static const p384_group made = [] {
    p384_group group(CryptoPP::ASN1::secp384r1());
    group.Precompute(16);
    return group;
  }();
  return made;
}

/// A copy to compute with.
[[nodiscard]] inline auto own_p384_parameters() -> p384_group { return p384_parameters(); }

[[nodiscard]] inline auto p384_integer(std::span<const std::uint8_t, 48> big_endian) -> CryptoPP::Integer {
  return {big_endian.data(), big_endian.size()};
}
[[nodiscard]] inline auto p384_bytes_of(const CryptoPP::Integer& value) -> p384_bytes {
  p384_bytes bytes;
  value.Encode(bytes.data(), bytes.size());
  return bytes;
}

/// The point of a key if it is one: coordinates below the prime, on the curve. (The curve's order is prime, so that
/// every such point generates the whole group.)
[[nodiscard]] inline auto p384_point_of(const p384_public_key& key, const p384_group& group)
    -> std::optional<p384_point> {
  const auto x = big_endian(key.x);
  const auto y = big_endian(key.y);
  if (!x || !y) return std::nullopt;
  std::optional<p384_point> point{std::in_place, p384_integer(*x), p384_integer(*y)};
  if (!group.GetCurve().VerifyPoint(*point)) point.reset();
  return point;
}

}  // namespace detail

/// Whether a key is a point of the curve.
[[nodiscard]] inline auto is_on_curve(const p384_public_key& key) -> bool {
  const detail::p384_group group = detail::own_p384_parameters();
  return detail::p384_point_of(key, group).has_value();
}

/// A private key: an integer from 1 to the curve's order less 1.
class p384_private_key {
 public:
  /// @param scalar  big endian
  /// @return nothing if the integer is out of range
  [[nodiscard]] static auto from_big_endian(std::span<const std::uint8_t, 48> scalar)
      -> std::optional<p384_private_key> {
    const CryptoPP::Integer d = detail::p384_integer(scalar);
    if (d.IsZero() || d >= detail::p384_parameters().GetSubgroupOrder()) return std::nullopt;
    return p384_private_key{detail::p384_bytes_of(d)};
  }
  /// (c mod (n - 1)) + 1, where n is the curve's order: from bytes that are random or derived.   FW-MSG-21
  /// @param c  little endian; with 56 bytes or more, keys are evenly spread
  [[nodiscard]] static auto from_wide(std::span<const std::uint8_t> c) -> p384_private_key {
    const CryptoPP::Integer wide(c.data(), c.size(), CryptoPP::Integer::UNSIGNED, CryptoPP::LITTLE_ENDIAN_ORDER);
    return p384_private_key{
        detail::p384_bytes_of(wide % (detail::p384_parameters().GetSubgroupOrder() - 1) + CryptoPP::Integer::One())};
  }
  template <random_source Source>
  [[nodiscard]] static auto generate(Source& random) -> p384_private_key {
    return from_wide(draw<56>(random));
  }

  [[nodiscard]] auto big_endian() const noexcept -> const p384_bytes& { return scalar_; }

  [[nodiscard]] auto public_key() const -> p384_public_key {
    const detail::p384_group group = detail::own_p384_parameters();
    const detail::p384_point point = group.ExponentiateBase(detail::p384_integer(scalar_));
    return {.x = field_of(detail::p384_bytes_of(point.x)), .y = field_of(detail::p384_bytes_of(point.y))};
  }

  friend auto operator==(const p384_private_key&, const p384_private_key&) -> bool = default;

 private:
  explicit p384_private_key(const p384_bytes& scalar) noexcept : scalar_(scalar) {}

  p384_bytes scalar_;
};

/// Z of a Diffie-Hellman key agreement: the x coordinate of own * peer, big endian, as it enters the derivation of
/// keys.   FW-CRY-03
/// @return nothing if the peer's key is no point of the curve
[[nodiscard]] inline auto ecdh_p384(const p384_private_key& own, const p384_public_key& peer)
    -> std::optional<p384_bytes> {
  const detail::p384_group group = detail::own_p384_parameters();
  const auto point = detail::p384_point_of(peer, group);
  if (!point) return std::nullopt;
  return detail::p384_bytes_of(group.GetCurve().ScalarMultiply(*point, detail::p384_integer(own.big_endian())).x);
}

}  // namespace sevspec::inline v0::crypto

#endif
