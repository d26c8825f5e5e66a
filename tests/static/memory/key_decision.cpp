// SPDX-License-Identifier: MIT
// The key of a reference, the place of a channel, and memories, in constant expressions.
#include <sevspec/crypto/symbolic_cipher.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/memory/key_decision.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::memory;

constexpr auto key(const key_question& asked) -> memory_key {
  context<> ctx;
  return key_of(ctx, asked, {5});
}
constexpr memory_key guest = memory_key::guest({5});

// PAG-KEY-01, 02
static_assert(key({.guest = true, .sev = true, .first_c = true, .nested_c = true}) == memory_key::none());
static_assert(key({.encryption = true, .first_c = true}) == memory_key::host());
// PAG-KEY-05 to 08
static_assert(key({.encryption = true, .guest = true, .sev = true, .what = keyed_access::fetch}) == guest);
static_assert(key({.encryption = true, .guest = true, .sev = true, .what = keyed_access::guest_table}) == guest);
static_assert(
    key({.encryption = true, .guest = true, .sev = true, .what = keyed_access::nested_table, .nested_c = true}) ==
    memory_key::host());
static_assert(key({.encryption = true, .guest = true, .sev = true, .first_c = true, .nested_c = true}) == guest);
static_assert(key({.encryption = true, .guest = true, .sev = true, .nested_c = true}) == memory_key::host());
static_assert(key({.encryption = true, .guest = true, .sev = true}) == memory_key::none());
// PAG-KEY-10, 11, 14
static_assert(key({.encryption = true, .guest = true, .sev = true, .vte = true}) == guest);
static_assert(key({.encryption = true, .guest = true, .sev = true, .sev_es = true, .vte = true}) == memory_key::none());
static_assert(key({.encryption = true, .guest = true, .sev = true, .sev_es = true, .side = vtom_side::below}) == guest);

// ENC-MODE-09
static_assert(channel_interleave{}.channel_of({0x2ff}, 4) == 2 && channel_interleave{}.channel_of({0x500}, 4) == 1);

using cipher = crypto::symbolic_cipher;
using key_bytes = std::array<std::uint8_t, 16>;

// ENC-CT-03: a byte is written into its block, over the border of two channels.
static_assert([] {
  crypto::ticket_book book;
  controller<cipher, dense_dram<2>> memory(cipher(book), {}, 3, 2);
  if (!memory.install_key({1}, key_bytes{1})) return false;
  const std::array<std::uint8_t, 20> in{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
  std::array<std::uint8_t, 20> out{};
  if (memory.write({0xf5}, {1}, in) != memory_status::ok) return false;
  return memory.read({0xf5}, {1}, out) == memory_status::ok && out == in;
}());

// What does not answer changes nothing.
static_assert([] {
  crypto::ticket_book book;
  controller<cipher, dense_dram<1>> memory(cipher(book), {}, 3);
  std::array<std::uint8_t, 2> two{7, 7};
  return memory.read({0xfff}, memory_key::none(), two) == memory_status::no_memory &&
         memory.write({0x10}, memory_key::guest({1}), two) == memory_status::no_key &&
         memory.read({~std::uint64_t{0}}, memory_key::none(), two) == memory_status::no_memory && two[0] == 7 &&
         memory.chips() == dense_dram<1>{};
}());

}  // namespace
