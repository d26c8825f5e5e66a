// SPDX-License-Identifier: MIT
// The keys of the encryption engines.
#include <array>
#include <cstdint>

#include <sevspec/crypto/symbolic_cipher.hpp>
#include <sevspec/memory/key_table.hpp>
#include <support/catch.hpp>
#include <support/sev_world.hpp>

using namespace sevspec;
using namespace sevspec::test;
using cipher = crypto::symbolic_cipher;

namespace {

/// The seed that a slot's key was made from; symbolic keys are their bytes.
auto bytes_in(const memory::key_table<cipher>& keys, std::uint32_t slot, std::uint32_t channel = 0) -> crypto::block {
  const auto* const found = keys.find({slot}, channel);
  return found == nullptr ? crypto::block{} : found->bytes;
}

}  // namespace

TEST_CASE("ENC-KEYSEL-02: one slot per ASID, slot 0 the host's", "[memory][ENC-KEYSEL-02][ENC-ASID-04]") {
  crypto::ticket_book book;
  const cipher symbolic(book);
  memory::key_table<cipher> keys(4);
  CHECK(keys.slots() == 4);
  CHECK(keys.channels() == 1);
  for (std::uint32_t slot = 0; slot < 6; ++slot) CHECK(keys.find({slot}) == nullptr);

  CHECK(keys.install(symbolic, {2}, seed_of<cipher>(1)));
  CHECK(keys.install(symbolic, host_asid, seed_of<cipher>(2)));
  CHECK(keys.install(symbolic, {3}, seed_of<cipher>(1)));  // the same guest in another slot
  CHECK(bytes_in(keys, 0) == seed_of<cipher>(2));
  CHECK(keys.find({1}) == nullptr);
  CHECK(bytes_in(keys, 2) == seed_of<cipher>(1));
  CHECK(bytes_in(keys, 3) == seed_of<cipher>(1));
  CHECK(memory_key::host() == memory_key{0});

  // There is no such slot: nothing changes.
  for (const std::uint32_t slot : {4U, 5U, 0xffff'ffffU}) {
    CHECK_FALSE(keys.install(symbolic, {slot}, seed_of<cipher>(9)));
    CHECK(keys.find({slot}) == nullptr);
  }
  CHECK(bytes_in(keys, 3) == seed_of<cipher>(1));
  CHECK(keys.find(memory_key::none()) == nullptr);
}

TEST_CASE("ENC-CT-10: a slot's key is replaced, and no other", "[memory][ENC-CT-10]") {
  crypto::ticket_book book;
  const cipher symbolic(book);
  for (const std::uint32_t channels : {1U, 3U}) {
    memory::key_table<cipher> keys(4, channels);
    for (const std::uint32_t slot : {3U, 1U, 2U}) CHECK(keys.install(symbolic, {slot}, seed_of<cipher>(slot)));
    const auto before = keys;
    CHECK(keys.install(symbolic, {1}, seed_of<cipher>(40)));
    for (std::uint32_t channel = 0; channel < channels; ++channel) {
      CHECK(bytes_in(keys, 1, channel) != bytes_in(before, 1, channel));
      CHECK(bytes_in(keys, 2, channel) == bytes_in(before, 2, channel));
      CHECK(bytes_in(keys, 3, channel) == bytes_in(before, 3, channel));
    }
  }
}

TEST_CASE("ENC-MODE-09: every channel has a key of its own", "[memory][ENC-MODE-09]") {
  crypto::ticket_book book;
  const cipher symbolic(book);
  memory::key_table<cipher> keys(4, 3);
  CHECK(keys.channels() == 3);
  CHECK(keys.install(symbolic, {1}, seed_of<cipher>(1)));
  CHECK(keys.install(symbolic, {0}, seed_of<cipher>(2)));
  for (std::uint32_t channel = 0; channel < 3; ++channel) {
    CHECK(bytes_in(keys, 1, channel) == cipher::channel_seed(seed_of<cipher>(1), channel));
    CHECK(bytes_in(keys, 0, channel) == cipher::channel_seed(seed_of<cipher>(2), channel));
  }
  CHECK(bytes_in(keys, 1, 0) != bytes_in(keys, 1, 1));
  CHECK(bytes_in(keys, 1, 1) != bytes_in(keys, 1, 2));
}
