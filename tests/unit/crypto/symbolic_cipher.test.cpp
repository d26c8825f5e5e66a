// SPDX-License-Identifier: MIT
// The symbolic cipher: tickets for everything, plaintext for the right key at the right place alone.
#include <array>
#include <cstdint>
#include <cstring>
#include <set>
#include <vector>

#include <sevspec/crypto/memory_cipher.hpp>
#include <sevspec/crypto/symbolic_cipher.hpp>
#include <support/catch.hpp>
#include <support/sev_world.hpp>

using namespace sevspec;
using namespace sevspec::test;
using crypto::block;
using crypto::symbolic_cipher;

namespace {

static_assert(crypto::memory_cipher<symbolic_cipher>);

struct pair_of_keys {
  crypto::ticket_book book;
  symbolic_cipher cipher{book};
  symbolic_cipher::key a = cipher.expand(seed_of<symbolic_cipher>(1));
  symbolic_cipher::key b = cipher.expand(seed_of<symbolic_cipher>(2));

  auto enc(const symbolic_cipher::key& key, std::uint64_t where, const block& in) -> block {
    block out{};
    cipher.encrypt(key, {where}, in, out);
    return out;
  }
  auto dec(const symbolic_cipher::key& key, std::uint64_t where, const block& in) -> block {
    block out{};
    cipher.decrypt(key, {where}, in, out);
    return out;
  }
};

const block plain = block_from(1);
const block other = block_from(2);

}  // namespace

TEST_CASE("ENC-CT-01: what is enciphered is deciphered, always the same", "[crypto][ENC-CT-01][ENC-MODE-01]") {
  pair_of_keys p;
  const block ticket = p.enc(p.a, 0x1000, plain);
  CHECK(p.book.is_ticket(ticket));
  CHECK_FALSE(p.book.is_ticket(plain));
  CHECK(std::memcmp(ticket.data(), "SYMBOLIC", 8) == 0);
  CHECK(p.dec(p.a, 0x1000, ticket) == plain);
  for (int i = 0; i < 3; ++i) {
    (void)p.enc(p.a, 0x1000, other);
    CHECK(p.enc(p.a, 0x1000, plain) == ticket);
  }
  CHECK(p.book.size() == 2);
}

TEST_CASE("ENC-CT-02: key, place and plaintext each make another ticket", "[crypto][ENC-CT-02]") {
  pair_of_keys p;
  std::set<block> tickets;
  for (const auto& key : {p.a, p.b})
    for (const std::uint64_t where : {0x1000U, 0x1010U, 0x2000U})
      for (const block& in : {plain, other, block{}}) CHECK(tickets.insert(p.enc(key, where, in)).second);
  CHECK(p.book.size() == 18);
}

TEST_CASE("ENC-CT-04, 06, 07, 09: every other reading is garbage",
          "[crypto][ENC-CT-04][ENC-CT-06][ENC-CT-07][ENC-CT-09]") {
  pair_of_keys p;
  const block ticket = p.enc(p.a, 0x1000, plain);
  const block moved = p.dec(p.a, 0x2000, ticket);  // another place
  const block wrong = p.dec(p.b, 0x1000, ticket);  // another key
  const block never = p.dec(p.a, 0x1000, other);   // what is no ticket
  const block twice = p.dec(p.a, 0x1000, p.dec(p.a, 0x1000, other));
  std::set<block> all{plain, other, ticket, moved, wrong, never, twice};
  CHECK(all.size() == 7);
  for (const block& one : {moved, wrong, never, twice}) CHECK(p.book.is_ticket(one));
  // Equal bytes give equal garbage, and garbage that is written back is what it was.
  CHECK(p.dec(p.b, 0x1000, ticket) == wrong);
  CHECK(p.enc(p.b, 0x1000, wrong) == ticket);
  CHECK(p.enc(p.a, 0x2000, moved) == ticket);
  CHECK(p.enc(p.a, 0x1000, never) == other);
  CHECK(p.enc(p.a, 0x1000, p.enc(p.a, 0x1000, twice)) == other);
  // But not under another key, or elsewhere.
  CHECK(p.enc(p.a, 0x1000, wrong) != ticket);
  CHECK(p.enc(p.b, 0x3000, wrong) != ticket);
}

TEST_CASE("what looks like a ticket and is none is data", "[crypto][ENC-CT-01]") {
  pair_of_keys p;
  const block ticket = p.enc(p.a, 0x1000, plain);            // number 0
  for (const unsigned byte : {0U, 7U, 9U, 11U, 12U, 15U}) {  // the number of the next ticket is another matter
    INFO("byte " << byte);
    block changed = ticket;
    changed[byte] ^= 1;
    CHECK_FALSE(p.book.is_ticket(changed));
    const block garbage = p.dec(p.a, 0x1000, changed);
    CHECK(garbage != plain);
    // Later tickets do not change what it was: a forged number is data, at the time it is seen.
    CHECK(p.enc(p.a, 0x1000, garbage) == changed);
  }
}

namespace {

/// What a ticket of this number looks like.
auto look_of(std::uint32_t number) -> block {
  block bytes{};
  std::memcpy(bytes.data(), "SYMBOLIC", 8);
  for (unsigned i = 0; i < 4; ++i) bytes[8 + i] = static_cast<std::uint8_t>(number >> (8 * i));
  return bytes;
}

}  // namespace

TEST_CASE("a number that was written before it is given out is never given out", "[crypto][ENC-CT-01][ENC-CT-04]") {
  SECTION("the very first") {
    pair_of_keys p;
    const block ticket = p.enc(p.a, 0x1000, look_of(0));
    CHECK(ticket == look_of(1));
    CHECK_FALSE(p.book.is_ticket(look_of(0)));
    CHECK(p.dec(p.a, 0x1000, ticket) == look_of(0));
    CHECK(p.enc(p.a, 0x1000, look_of(0)) == ticket);
  }
  SECTION("one of later") {
    for (const bool decipher : {false, true}) {
      pair_of_keys p;
      CHECK(p.enc(p.a, 0x1000, plain) == look_of(0));
      const block forged = look_of(3);
      const block ticket = decipher ? p.dec(p.a, 0x1000, forged) : p.enc(p.a, 0x1000, forged);
      CHECK(ticket == look_of(1));
      CHECK(p.enc(p.a, 0x2000, plain) == look_of(2));
      CHECK(p.enc(p.a, 0x3000, plain) == look_of(4));  // not 3
      CHECK(p.enc(p.a, 0x4000, plain) == look_of(5));
      CHECK_FALSE(p.book.is_ticket(forged));
      // What was written stays data: the same ciphertext, which deciphers to it.
      CHECK((decipher ? p.dec(p.a, 0x1000, forged) : p.enc(p.a, 0x1000, forged)) == ticket);
      CHECK((decipher ? p.enc(p.a, 0x1000, ticket) : p.dec(p.a, 0x1000, ticket)) == forged);
      // Elsewhere and under another key, too.
      const block moved = p.enc(p.b, 0x5000, forged);
      CHECK(p.dec(p.b, 0x5000, moved) == forged);
      CHECK(p.enc(p.b, 0x5000, forged) == moved);
      CHECK(p.book.size() == 6);
    }
  }
  SECTION("several, in falling order") {
    pair_of_keys p;
    std::set<block> tickets;
    for (const std::uint32_t number : {7U, 6U, 5U, 0xffff'ffffU, 9U}) {
      const block ticket = p.enc(p.a, 0x1000, look_of(number));
      CHECK(tickets.insert(ticket).second);
      CHECK(p.dec(p.a, 0x1000, ticket) == look_of(number));
    }
    for (unsigned i = 0; i < 20; ++i) tickets.insert(p.enc(p.a, 0x2000 + 16 * i, plain));
    CHECK(tickets.size() == 25);
    for (const std::uint32_t number : {7U, 6U, 5U, 0xffff'ffffU, 9U}) CHECK_FALSE(tickets.contains(look_of(number)));
    CHECK(tickets.contains(look_of(8)));
  }
  SECTION("the number of a ticket that exists is a copy of it") {
    pair_of_keys p;
    const block ticket = p.enc(p.a, 0x1000, plain);
    CHECK(p.dec(p.a, 0x1000, look_of(0)) == plain);
    CHECK(p.enc(p.b, 0x1000, ticket) == look_of(1));
    CHECK(p.enc(p.b, 0x2000, plain) == look_of(2));
  }
}

TEST_CASE("runs of blocks, in place too", "[crypto][ENC-MODE-01]") {
  pair_of_keys p;
  std::array<std::uint8_t, 64> in{};
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<std::uint8_t>(i);
  std::array<std::uint8_t, 64> out{};
  p.cipher.encrypt(p.a, {0x1000}, in, out);
  for (std::size_t i = 0; i < 64; i += 16) {
    block one{}, expected{};
    std::copy_n(in.begin() + static_cast<std::ptrdiff_t>(i), 16, one.begin());
    std::copy_n(out.begin() + static_cast<std::ptrdiff_t>(i), 16, expected.begin());
    CHECK(p.enc(p.a, 0x1000 + i, one) == expected);
  }
  auto same = in;
  p.cipher.encrypt(p.a, {0x1000}, same, same);
  CHECK(same == out);
  p.cipher.decrypt(p.a, {0x1000}, same, same);
  CHECK(same == in);
  p.cipher.encrypt(p.a, {0x1000}, std::span<const std::uint8_t>{}, std::span<std::uint8_t>{});
}

TEST_CASE("ciphers that share a book agree", "[crypto][ENC-CT-01]") {
  pair_of_keys p;
  const symbolic_cipher second(p.book);
  block out{};
  second.encrypt(p.a, {0x1000}, plain, out);
  CHECK(p.dec(p.a, 0x1000, out) == plain);
  CHECK(p.enc(p.a, 0x1000, plain) == out);
}

TEST_CASE("ENC-MODE-09: channels have different keys", "[crypto][ENC-MODE-09]") {
  std::set<block> seeds;
  for (const std::uint32_t channel : {0U, 1U, 2U, 255U, 256U, 0x1'0000U, 0x100'0000U, 0xffff'ffffU})
    CHECK(seeds.insert(symbolic_cipher::channel_seed(seed_of<symbolic_cipher>(1), channel)).second);
  CHECK(symbolic_cipher::channel_seed(seed_of<symbolic_cipher>(1), 3) !=
        symbolic_cipher::channel_seed(seed_of<symbolic_cipher>(2), 3));
}

TEST_CASE("many tickets", "[crypto][ENC-CT-01]") {
  pair_of_keys p;
  std::vector<block> tickets;
  for (unsigned i = 0; i < 2000; ++i) {
    block in{};
    in[0] = static_cast<std::uint8_t>(i), in[1] = static_cast<std::uint8_t>(i >> 8);
    tickets.push_back(p.enc(p.a, 16 * (i % 7), in));
  }
  for (unsigned i = 0; i < 2000; ++i) {
    block in{};
    in[0] = static_cast<std::uint8_t>(i), in[1] = static_cast<std::uint8_t>(i >> 8);
    CHECK(p.dec(p.a, 16 * (i % 7), tickets[i]) == in);
    CHECK(tickets[i][8] == (i & 0xff));  // numbered in the order of first use
    CHECK(tickets[i][9] == i >> 8);
  }
  CHECK(p.book.size() == 2000);
}
