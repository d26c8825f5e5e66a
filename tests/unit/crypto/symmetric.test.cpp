// SPDX-License-Identifier: MIT
// Hashes, MACs, key derivation, AES-CTR, AES-GCM: against published vectors, and what goes wrong.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <sevspec/crypto/aes_ctr.hpp>
#include <sevspec/crypto/aes_gcm.hpp>
#include <sevspec/crypto/digest.hpp>
#include <sevspec/crypto/hmac.hpp>
#include <sevspec/crypto/key_derivation.hpp>
#include <sevspec/crypto/random.hpp>
#include <support/bytes.hpp>
#include <support/catch.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::crypto;
using namespace sevspec::test;

auto text_bytes(const std::string& text) -> byte_vector { return {text.begin(), text.end()}; }

template <std::size_t Size>
auto fixed(const std::string& hex_text) -> std::array<std::uint8_t, Size> {
  const byte_vector bytes = from_hex(hex_text);
  REQUIRE(bytes.size() == Size);
  std::array<std::uint8_t, Size> result{};
  std::copy(bytes.begin(), bytes.end(), result.begin());
  return result;
}

}  // namespace

TEST_CASE("SHA-256 and SHA-384 of FIPS 180-4's examples", "[crypto][digest]") {
  CHECK(to_hex(sha256_of({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(to_hex(sha256_of(text_bytes("abc"))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(sha384_of(text_bytes("abc"))) ==
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
}

TEST_CASE("a digest is a value", "[crypto][digest]") {
  sha384 one;
  one.update(text_bytes("ab"));
  sha384 copy = one;
  CHECK(copy == one);
  copy.update(text_bytes("c"));
  CHECK_FALSE(copy == one);
  CHECK(copy.value() == sha384_of(text_bytes("abc")));
  CHECK(copy.value() == sha384_of(text_bytes("abc")));  // asking changes nothing
  CHECK(one.update(text_bytes("c")).value() == copy.value());
  CHECK(one.take() == copy.value());
  CHECK(one.value() == sha384_of({}));  // and starts anew
}

TEST_CASE("HMAC-SHA-256 of RFC 4231", "[crypto][hmac]") {
  const byte_vector data = text_bytes("what do ya want for nothing?");
  const std::string want = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
  CHECK(to_hex(hmac_sha256(text_bytes("Jefe"), {data})) == want);
  const std::span<const std::uint8_t> all{data};
  CHECK(to_hex(hmac_sha256(text_bytes("Jefe"), {all.first(5), {}, all.subspan(5)})) == want);
  const byte_vector long_key(131, 0xAA);
  CHECK(to_hex(hmac_sha256(long_key, {text_bytes("Test Using Larger Than Block-Size Key - Hash Key First")})) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("secrets are compared whole", "[crypto][hmac]") {
  const byte_vector a(32, 1);
  for (std::size_t i = 0; i < a.size(); ++i) {
    byte_vector b = a;
    b[i] ^= 0x80;
    CHECK_FALSE(same_secret(a, b));
  }
  CHECK(same_secret(a, byte_vector(32, 1)));
  CHECK_FALSE(same_secret(a, byte_vector(31, 1)));
  CHECK(same_secret({}, {}));
}

TEST_CASE("FW-CRY-02: keys longer than a block of the hash, and what they depend on", "[crypto][FW-CRY-02]") {
  const byte_vector key(48, 7);
  const byte_vector context(3, 9);
  const auto long_key = derive_key<80>(key, "label", context);
  // Blocks by hand. The length of the result is covered, so that a shorter key is not the beginning of a longer one.
  const byte_vector label = text_bytes("label");
  for (std::uint8_t block = 1; block <= 3; ++block) {
    const std::array<std::uint8_t, 4> counter{block, 0, 0, 0};
    const std::array<std::uint8_t, 1> separator{0};
    const std::array<std::uint8_t, 4> bits{0x80, 0x02, 0, 0};
    const auto want = hmac_sha256(key, {counter, label, separator, context, bits});
    const std::size_t first = 32 * (block - 1U);
    for (std::size_t i = 0; i < 32 && first + i < long_key.size(); ++i) REQUIRE(long_key[first + i] == want[i]);
  }
  const auto short_key = derive_key<32>(key, "label", context);
  CHECK_FALSE(std::equal(short_key.begin(), short_key.end(), long_key.begin()));
  CHECK(derive_key<32>(key, "label") != short_key);
  CHECK(derive_key<32>(key, "lab", text_bytes("el")) != derive_key<32>(key, "label"));
}

TEST_CASE("AES-128-CTR of NIST SP 800-38A, F.5.1", "[crypto][aes_ctr]") {
  const auto key = fixed<16>("2b7e151628aed2a6abf7158809cf4f3c");
  const auto counter = fixed<16>("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  byte_vector data = from_hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
  const byte_vector plain = data;
  aes128_ctr(key, counter, data, data);
  CHECK(to_hex(data) == "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
  aes128_ctr(key, counter, data, data);
  CHECK(data == plain);
  aes128_ctr(key, counter, {}, {});
}

TEST_CASE("the counter of AES-128-CTR is one integer of 128 bits", "[crypto][aes_ctr]") {
  const auto key = fixed<16>("000102030405060708090a0b0c0d0e0f");
  std::array<std::uint8_t, 16> last;
  last.fill(0xFF);
  const std::array<std::uint8_t, 16> first{};
  std::array<std::uint8_t, 48> stream{};
  std::array<std::uint8_t, 32> behind{};
  aes128_ctr(key, last, stream, stream);
  aes128_ctr(key, first, behind, behind);
  CHECK(std::equal(behind.begin(), behind.end(), stream.begin() + 16));  // all ones, then zero, then one
}

TEST_CASE("AES-256-GCM of the GCM specification, test case 16", "[crypto][aes_gcm]") {
  const auto key = fixed<32>("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const auto iv = fixed<12>("cafebabefacedbaddecaf888");
  const byte_vector header = from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const byte_vector plain = from_hex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
      "ba637b39");
  byte_vector data = plain;
  const gcm_tag tag = aes256_gcm_seal(key, iv, header, data, data);
  CHECK(
      to_hex(data) ==
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
      "bcc9f662");
  CHECK(to_hex(tag) == "76fc6ece0f4e1768cddf8853bb2d551b");
  byte_vector opened(data.size());
  CHECK(aes256_gcm_open(key, iv, header, tag, data, opened));
  CHECK(opened == plain);

  const auto refused = [&](auto&& change) {
    auto other_key = key;
    auto other_iv = iv;
    auto other_header = header;
    auto other_tag = tag;
    auto other_data = data;
    change(other_key, other_iv, other_header, other_tag, other_data);
    byte_vector out(other_data.size(), 0xEE);
    CHECK_FALSE(aes256_gcm_open(other_key, other_iv, other_header, other_tag, other_data, out));
    CHECK(out == byte_vector(out.size()));  // nothing of the plaintext is left
  };
  refused([](auto& k, auto&, auto&, auto&, auto&) { k[31] ^= 1; });
  refused([](auto&, auto& i, auto&, auto&, auto&) { i[11] ^= 1; });
  refused([](auto&, auto&, auto& h, auto&, auto&) { h[0] ^= 1; });
  refused([](auto&, auto&, auto& h, auto&, auto&) { h.pop_back(); });
  refused([](auto&, auto&, auto&, auto& t, auto&) { t[15] ^= 0x80; });
  refused([](auto&, auto&, auto&, auto&, auto& d) { d[59] ^= 1; });
  refused([](auto&, auto&, auto&, auto&, auto& d) { d.pop_back(); });
}

TEST_CASE("AES-256-GCM of nothing still has a tag", "[crypto][aes_gcm]") {
  const std::array<std::uint8_t, 32> key{};
  const std::array<std::uint8_t, 12> iv{};
  const gcm_tag tag = aes256_gcm_seal(key, iv, {}, {}, {});
  CHECK(to_hex(tag) == "530f8afbc74536b9a963b4f1c4cb738b");  // test case 13
  CHECK(aes256_gcm_open(key, iv, {}, tag, {}, {}));
}

TEST_CASE("a repeatable source repeats", "[crypto][random]") {
  repeatable_random one{5};
  repeatable_random other{6};
  const auto first = draw<40>(one);
  CHECK(draw<40>(one) != first);
  CHECK(draw<40>(other) != first);
  repeatable_random again{5};
  CHECK_FALSE(again == one);
  CHECK(draw<40>(again) == first);
  auto copy = again;
  CHECK(copy == again);
  CHECK(draw<8>(copy) == draw<8>(again));
  const auto none = draw<1>(copy);
  CHECK(none.size() == 1);
}

TEST_CASE("the system's source gives something", "[crypto][random]") {
  system_random source;
  CHECK(draw<32>(source) != draw<32>(source));
}
