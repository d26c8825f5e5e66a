// SPDX-License-Identifier: MIT
// A whole SEV guest, proved by the compiler: tables, translation, keys, cipher, memory.
#include <sevspec/crypto/symbolic_cipher.hpp>
#include <sevspec/memory/dram.hpp>
#include <support/sev_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using cipher = crypto::symbolic_cipher;
using world = sev_world<cipher, memory::dense_dram<12>>;

constexpr block secret = block_from(0x30);
constexpr block other = block_from(0x60);

/// Runs `play` in a fresh world.
template <class Play>
constexpr auto in_world(Play play) -> bool {
  crypto::ticket_book book;
  world w(cipher(book), {}, 0x5000);
  return play(w, book, w.data());
}

// The guest writes a secret and reads it back.
static_assert(in_world([](world& w, auto&, std::uint64_t p) {
  return w.guest_write(1, view::c_1, p, secret).has_value() && w.guest_sees(1, view::c_1, p) == secret;
}));

// The host reads a ticket through C=0, and garbage with its own key; it raises no fault.   ENC-HOST-01
static_assert(in_world([](world& w, auto& book, std::uint64_t p) {
  (void)w.guest_write(1, view::c_1, p, secret);
  const block raw = w.host_sees(view::c_0, p), garbage = w.host_sees(view::host_key, p);
  return book.is_ticket(raw) && raw == w.raw(p) && book.is_ticket(garbage) && garbage != raw;
}));

// Another ASID reads garbage.   ENC-CT-09
static_assert(in_world([](world& w, auto& book, std::uint64_t p) {
  (void)w.guest_write(1, view::c_1, p, secret);
  const block seen = w.guest_sees(2, view::c_1, p);
  return book.is_ticket(seen) && seen != w.raw(p);
}));

// Old ciphertext put back is the old plaintext.   ENC-CT-08
static_assert(in_world([](world& w, auto&, std::uint64_t p) {
  (void)w.guest_write(1, view::c_1, p, secret);
  const block old = w.host_sees(view::c_0, p);
  (void)w.guest_write(1, view::c_1, p, other);
  return w.host_write(view::c_0, p, old).has_value() && w.guest_sees(1, view::c_1, p) == secret;
}));

// Ciphertext put elsewhere is not.   ENC-CT-06, ENC-CT-07
static_assert(in_world([](world& w, auto& book, std::uint64_t p) {
  (void)w.guest_write(1, view::c_1, p, secret);
  (void)w.host_write(view::c_0, p + 16, w.host_sees(view::c_0, p));
  return book.is_ticket(w.guest_sees(1, view::c_1, p + 16));
}));

}  // namespace
