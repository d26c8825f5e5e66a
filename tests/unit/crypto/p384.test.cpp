// SPDX-License-Identifier: MIT
// P-384: keys, agreement and signatures, against published vectors, and what is refused.
#include <array>
#include <cstdint>
#include <string>

#include <sevspec/crypto/ecdsa.hpp>
#include <sevspec/crypto/p384.hpp>
#include <support/bytes.hpp>
#include <support/catch.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::crypto;
using namespace sevspec::test;

auto number(const std::string& big_endian_hex) -> p384_bytes {
  const byte_vector bytes = from_hex(big_endian_hex);
  REQUIRE(bytes.size() == 48);
  p384_bytes result{};
  std::copy(bytes.begin(), bytes.end(), result.begin());
  return result;
}
auto field(const std::string& big_endian_hex) -> p384_field { return field_of(number(big_endian_hex)); }
auto message(const std::string& text) -> byte_vector { return {text.begin(), text.end()}; }

const std::string prime =
    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff";
const std::string order =
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";

/// The key of RFC 6979, A.2.6.
auto rfc_key() -> p384_private_key {
  return p384_private_key::from_big_endian(
             number("6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5"))
      .value();
}

}  // namespace

TEST_CASE("fields are little endian, and have no more than 384 bits", "[crypto][p384]") {
  p384_bytes one{};
  one[47] = 1;
  const p384_field as_field = field_of(one);
  CHECK(as_field[0] == 1);
  CHECK(big_endian(as_field) == one);
  for (std::size_t at = 48; at < 72; ++at) {
    p384_field wide = as_field;
    wide[at] = 1;
    CHECK_FALSE(big_endian(wide));
  }
}

TEST_CASE("the public key of a private key", "[crypto][p384]") {
  const p384_public_key key = rfc_key().public_key();
  CHECK(key.x ==
        field("ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13"));
  CHECK(key.y ==
        field("8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720"));
  CHECK(is_on_curve(key));
}

TEST_CASE("what is no private key", "[crypto][p384]") {
  CHECK_FALSE(p384_private_key::from_big_endian(p384_bytes{}));
  CHECK_FALSE(p384_private_key::from_big_endian(number(order)));
  p384_bytes all;
  all.fill(0xFF);
  CHECK_FALSE(p384_private_key::from_big_endian(all));
  p384_bytes last = number(order);
  --last[47];
  CHECK(p384_private_key::from_big_endian(last));
  p384_bytes one{};
  one[47] = 1;
  CHECK(p384_private_key::from_big_endian(one));
}

TEST_CASE("a private key of many bytes is (c mod (n - 1)) + 1", "[crypto][p384]") {
  const auto scalar = [](const std::array<std::uint8_t, 56>& c) { return p384_private_key::from_wide(c).big_endian(); };
  p384_bytes want{};
  want[47] = 1;
  CHECK(scalar({}) == want);
  want[47] = 6;
  CHECK(scalar({5}) == want);  // little endian
  // n - 2 is the largest remainder, n - 1 none again.
  std::array<std::uint8_t, 56> c{};
  const p384_bytes n = number(order);
  std::reverse_copy(n.begin(), n.end(), c.begin());
  c[0] = static_cast<std::uint8_t>(c[0] - 2);
  want = n;
  --want[47];
  CHECK(scalar(c) == want);
  ++c[0];
  want = {};
  want[47] = 1;
  CHECK(scalar(c) == want);
  CHECK(p384_private_key::from_wide({}).big_endian() == want);
}

TEST_CASE("keys are drawn from the source that is given", "[crypto][p384]") {
  repeatable_random source{1};
  const auto first = p384_private_key::generate(source);
  const auto second = p384_private_key::generate(source);
  CHECK_FALSE(first == second);
  repeatable_random again{1};
  CHECK(p384_private_key::generate(again) == first);
}

TEST_CASE("FW-CRY-03: an agreement of NIST's ECC CDH vectors, P-384, count 0", "[crypto][p384][FW-CRY-03]") {
  const auto own = p384_private_key::from_big_endian(
      number("3cc3122a68f0d95027ad38c067916ba0eb8c38894d22e1b15618b6818a661774ad463b205da88cf699ab4d43c9cf98a1"));
  REQUIRE(own);
  const p384_public_key peer{
      .x = field("a7c76b970c3b5fe8b05d2838ae04ab47697b9eaf52e764592efda27fe7513272734466b400091adbf2d68c58e0c50066"),
      .y = field("ac68f19f2e1cb879aed43a9969b91a0839c4c38a49749b661efedf243451915ed0905a32b060992b468c64766fc8437a")};
  const auto z = ecdh_p384(*own, peer);
  REQUIRE(z);
  CHECK(*z ==
        number("5f9d29dc5e31a163060356213669c8ce132e22f57c9a04f40ba7fcead493b457e5621e766c40a2e3d4d6a04b25e533f1"));
  repeatable_random source{3};
  const auto a = p384_private_key::generate(source);
  const auto b = p384_private_key::generate(source);
  CHECK(ecdh_p384(a, b.public_key()) == ecdh_p384(b, a.public_key()));
}

TEST_CASE("points that are none are no keys, for anything", "[crypto][p384][ecdsa]") {
  const p384_public_key good = rfc_key().public_key();
  const auto refused = [&](const p384_public_key& key) {
    CHECK_FALSE(is_on_curve(key));
    CHECK_FALSE(p384_verifier::make(key));
    CHECK_FALSE(ecdh_p384(rfc_key(), key));
  };
  refused({});  // (0, 0)
  refused({.x = good.y, .y = good.x});
  p384_public_key other = good;
  other.y[0] ^= 1;
  refused(other);
  other = good;
  other.x[48] = 1;  // too long
  refused(other);
  refused({.x = field(prime), .y = good.y});
  p384_field all{};
  all.fill(0xFF);
  refused({.x = all, .y = all});
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    repeatable_random source{seed};
    p384_public_key drawn;
    source(std::span{drawn.x}.first(48));
    source(std::span{drawn.y}.first(48));
    refused(drawn);
  }
}

TEST_CASE("signatures of RFC 6979, A.2.6", "[crypto][ecdsa]") {
  const byte_vector sample = message("sample");
  const p384_signature by_sha384 = sha384_signer{rfc_key()}.sign(sample);
  CHECK(by_sha384.r ==
        field("94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46"));
  CHECK(by_sha384.s ==
        field("99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8"));
  const p384_signature by_sha256 = sha256_signer{rfc_key()}.sign(sample);
  CHECK(by_sha256.r ==
        field("21b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e354b63a21d3daa33bde1e888e63355d92fa2b3c36d8fb2cd"));
  CHECK(by_sha256.s ==
        field("f3aa443fb107745bf4bd77cb3891674632068a10ca67e3d45db2266fa7d1feebefdc63eccd1ac42ec0cb8668a4fa0ab0"));
  const auto verifier = p384_verifier::make(rfc_key().public_key()).value();
  CHECK(verifier.key() == rfc_key().public_key());
  CHECK(verifier.verify(hash_kind::sha384, sample, by_sha384));
  CHECK(verifier.verify(hash_kind::sha256, sample, by_sha256));
  CHECK_FALSE(verifier.verify(hash_kind::sha256, sample, by_sha384));
  CHECK_FALSE(verifier.verify(hash_kind::sha384, message("Sample"), by_sha384));
}

TEST_CASE("signatures with nonces from a source", "[crypto][ecdsa]") {
  repeatable_random source{9};
  const auto key = p384_private_key::generate(source);
  const sha384_signer signer{key};
  const auto verifier = p384_verifier::make(key.public_key()).value();
  const auto copy = verifier;
  const byte_vector text = message("a report");
  const auto first = signer.sign(text, source);
  const auto second = signer.sign(text, source);
  CHECK_FALSE(first == second);
  CHECK(verifier.verify(hash_kind::sha384, text, first));
  CHECK(copy.verify(hash_kind::sha384, text, second));
  CHECK(signer.sign(text) == signer.sign(text));
  const auto other = p384_verifier::make(p384_private_key::generate(source).public_key()).value();
  CHECK_FALSE(other.verify(hash_kind::sha384, text, first));
}

TEST_CASE("what is no signature", "[crypto][ecdsa]") {
  const auto verifier = p384_verifier::make(rfc_key().public_key()).value();
  const byte_vector text = message("sample");
  const p384_signature good = sha384_signer{rfc_key()}.sign(text);
  const auto refused = [&](const p384_signature& one) { CHECK_FALSE(verifier.verify(hash_kind::sha384, text, one)); };
  refused({});
  refused({.r = {}, .s = good.s});
  refused({.r = good.r, .s = {}});
  refused({.r = good.s, .s = good.r});
  refused({.r = field(order), .s = good.s});
  refused({.r = good.r, .s = field(order)});
  for (std::size_t at = 0; at < 72; at += 5) {
    p384_signature changed = good;
    changed.r[at] ^= 1;
    refused(changed);
    changed = good;
    changed.s[at] ^= 0x80;
    refused(changed);
  }
  p384_field all{};
  all.fill(0xFF);
  refused({.r = all, .s = all});
}
