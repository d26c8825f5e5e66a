// SPDX-License-Identifier: MIT
// Memory ciphers against computed vectors, and what follows for readers of moved, copied and changed ciphertext.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <sevspec/crypto/memory_cipher.hpp>
#include <sevspec/crypto/tweaked_aes.hpp>

#include <support/catch.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::crypto;

static_assert(memory_cipher<aes128_xe> && memory_cipher<aes128_xex> && memory_cipher<aes256_xts>);

auto text(const block& bytes) -> std::string {
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

auto four_times(const std::string& word) -> std::string { return word + word + word + word; }

/// 00, 01, 02, ... from `first` on.
template <std::size_t Size>
constexpr auto counting(unsigned first) -> std::array<std::uint8_t, Size> {
  std::array<std::uint8_t, Size> bytes{};
  for (std::size_t i = 0; i < Size; ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  return bytes;
}

constexpr block message{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
constexpr block zero{};

template <class Cipher>
auto encrypted(const Cipher& cipher, const typename Cipher::key& key, std::uint64_t where, const block& in) -> block {
  block out;
  cipher.encrypt(key, {where}, in, out);
  return out;
}

template <class Cipher>
auto decrypted(const Cipher& cipher, const typename Cipher::key& key, std::uint64_t where, const block& in) -> block {
  block out;
  cipher.decrypt(key, {where}, in, out);
  return out;
}

// --- tweaks ------------------------------------------------------------------------------------------------------

constexpr linear_tweak measured(measured_tweak_constants(1));
static_assert(measured({0}) == zero && measured({0xF}) == zero);
static_assert(exclusive_or(measured({0x1230}), measured({0xFFFF'0000})) == measured({0xFFFF'1230}));

TEST_CASE("measured tweaks", "[crypto][ENC-MODE-02][ENC-MODE-05]") {
  CHECK(text(measured({0x10})) == four_times("82253838"));
  CHECK(text(measured({0x30})) == four_times("6e2c3fa4"));
  CHECK(text(measured({0x1000})) == four_times("b09230c2"));
  CHECK(text(measured({0x2000})) == four_times("9670ff8e"));
  CHECK(text(measured({0x3000})) == four_times("26e2cf4c"));
  CHECK(text(measured({0x12345670})) == four_times("e44661d5"));
  CHECK(text(measured({0xFFFFFFF0})) == four_times("ecd0d382"));
}

TEST_CASE("a tweak is the sum of the constants of the bits that are set", "[crypto][ENC-MODE-02][ENC-MODE-06]") {
  const tweak_constants constants = drawn_tweak_constants(7);
  const linear_tweak tweak(constants);
  for (unsigned bit = 0; bit < 64; ++bit) {
    INFO("bit " << bit);
    CHECK(tweak({std::uint64_t{1} << bit}) == (bit < 4 || bit > 51 ? zero : constants[bit - 4]));
  }
  block sum{};
  for (const block& one : constants) sum = exclusive_or(sum, one);
  CHECK(tweak({0xF'FFFF'FFFF'FFFF}) == sum);
}

TEST_CASE("constants above bit 31 are drawn, with the period of the measured ones", "[crypto][ENC-MODE-05]") {
  const tweak_constants first = measured_tweak_constants(1);
  const tweak_constants second = measured_tweak_constants(2);
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK((first[i] == second[i]) == (i < 28));
    CHECK(first[i] != zero);
    for (std::size_t byte = 4; byte < 16; ++byte) CHECK(first[i][byte] == first[i][byte % 4]);
  }
}

// --- vectors -----------------------------------------------------------------------------------------------------

TEST_CASE("XE", "[crypto][ENC-MODE-01][ENC-MODE-03]") {
  const aes128_xe xe(measured_tweak_constants(1));
  const auto key = xe.expand(counting<16>(0));
  CHECK(text(encrypted(xe, key, 0, zero)) == "c6a13b37878f5b826f4f8162a1c8d879");
  CHECK(text(encrypted(xe, key, 0, message)) == "69c4e0d86a7b0430d8cdb78070b4c55a");
  CHECK(text(encrypted(xe, key, 0x1000, zero)) == "1f1c7c424fddc1d134bc3ac5c2dd3f0c");
  CHECK(text(encrypted(xe, key, 0x2000, zero)) == "112e23b24862023d8c6b99614cb58021");
  const block there = encrypted(xe, key, 0x1000, message);
  CHECK(text(there) == "9247ea56e61bc37946231ababe12574c");
  CHECK(decrypted(xe, key, 0x1000, there) == message);

  // Moved, it reads as the plaintext with a known difference.   ENC-CT-05
  CHECK(text(decrypted(xe, key, 0x2000, there)) == "26f3ed7f62b7a93bae7b65f7ea3f21b3");
  CHECK(decrypted(xe, key, 0x2000, there) == exclusive_or(message, xe.tweak({0x3000})));
}

TEST_CASE("XEX", "[crypto][ENC-MODE-01][ENC-MODE-04]") {
  const aes128_xex xex(measured_tweak_constants(1));
  const auto key = xex.expand(counting<16>(0));
  CHECK(text(encrypted(xex, key, 0x1000, zero)) == "af8e4c80ff4ff113842e0a07724f0fce");
  CHECK(text(encrypted(xex, key, 0x2000, zero)) == "875edc3cde12fdb31a1b66efdac57faf");
  const block there = encrypted(xex, key, 0x1000, message);
  CHECK(text(there) == "22d5da945689f3bbf6b12a780e80678e");
  CHECK(decrypted(xex, key, 0x1000, there) == message);

  // Moved: noise; moved by one who knows T: the controlled difference again.   ENC-CT-06
  CHECK(text(decrypted(xex, key, 0x2000, there)) == "985b0905dcdabc0ee28e3e9b77bacc0b");
  const block adjusted = exclusive_or(there, xex.tweak({0x3000}));
  CHECK(text(adjusted) == "043715d8706b3cf7d053e5342862a8c2");
  CHECK(text(decrypted(xex, key, 0x2000, adjusted)) == "26f3ed7f62b7a93bae7b65f7ea3f21b3");

  // Another key, a changed bit, a changed byte of plaintext.   ENC-CT-09, ENC-CT-03
  CHECK(text(decrypted(xex, xex.expand(counting<16>(0x10)), 0x1000, there)) == "d07b8b2526b41a7ee46059b9f6b7e63c");
  block flipped = there;
  flipped[5] = static_cast<std::uint8_t>(flipped[5] ^ 1);
  CHECK(text(decrypted(xex, key, 0x1000, flipped)) == "e39645f1d5a95bcc6f29c1545f69c83d");
  block changed = message;
  changed[3] = 0xAA;
  CHECK(text(encrypted(xex, key, 0x1000, changed)) == "492fee88d53eb95726263cbcca60556c");
}

TEST_CASE("XTS", "[crypto][ENC-MODE-07][ENC-MODE-08]") {
  const aes256_xts xts;
  const auto key = xts.expand(counting<64>(0));
  CHECK(text(encrypted(xts, key, 0x1000, message)) == "3c8353fd76fdf4b562bcc0d379376edc");
  CHECK(text(encrypted(xts, key, 0x1010, message)) == "891519cda6772408d3a749b4da269832");
  CHECK(text(encrypted(xts, key, 0x1040, message)) == "6d25882013f79861a57fc167ed1e4add");
  CHECK(decrypted(xts, key, 0x1010, encrypted(xts, key, 0x1010, message)) == message);
}

// --- many blocks at once -----------------------------------------------------------------------------------------

/// Every run of blocks is what its blocks are one by one, wherever it starts and ends, also in place.
template <class Cipher>
void check_runs(const Cipher& cipher) {
  const auto bytes = counting<64>(0x40);
  const auto key = cipher.expand(std::span{bytes}.template first<Cipher::key_bytes>());
  for (const std::uint64_t first : {0x0ULL, 0x7F0ULL, 0xFF0ULL, 0x1030ULL, 0xF'FFFF'FFFF'EFD0ULL}) {
    for (const std::size_t blocks : {0U, 1U, 2U, 5U, 255U, 256U, 257U, 600U}) {
      INFO("first " << first << ", " << blocks << " blocks");
      std::vector<std::uint8_t> plain(16 * blocks);
      for (std::size_t i = 0; i < plain.size(); ++i) plain[i] = static_cast<std::uint8_t>(i * 31 >> 2);
      std::vector<std::uint8_t> expected(plain.size());
      for (std::size_t i = 0; i < plain.size(); i += 16)
        cipher.encrypt(key, {first + i}, std::span{plain}.subspan(i, 16), std::span{expected}.subspan(i, 16));

      std::vector<std::uint8_t> sealed(plain.size());
      cipher.encrypt(key, {first}, plain, sealed);
      CHECK(sealed == expected);
      std::vector<std::uint8_t> in_place = plain;
      cipher.encrypt(key, {first}, in_place, in_place);
      CHECK(in_place == expected);
      cipher.decrypt(key, {first}, in_place, in_place);
      CHECK(in_place == plain);
    }
  }
}

TEST_CASE("runs of blocks", "[crypto][ENC-MODE-01]") {
  SECTION("XE") { check_runs(aes128_xe(drawn_tweak_constants(3))); }
  SECTION("XEX") { check_runs(aes128_xex(drawn_tweak_constants(3))); }
  SECTION("XTS") { check_runs(aes256_xts()); }
}

}  // namespace
