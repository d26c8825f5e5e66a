// SPDX-License-Identifier: MIT
// Who sees what of a guest's private page, and what their writes do to it: the whole table, with a cipher whose bytes
// are those of hardware and with the symbolic one.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <vector>

#include <sevspec/crypto/symbolic_cipher.hpp>
#include <sevspec/crypto/tweaked_aes.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/rmp/guarded_memory.hpp>
#include <support/catch.hpp>
#include <support/rmp_pages.hpp>
#include <support/sev_world.hpp>

using namespace sevspec;
using namespace sevspec::test;
using memory::memory_status;

namespace {

using symbolic = crypto::symbolic_cipher;
using xex = crypto::aes128_xex;

/// A world over one cipher or the other; the book of the symbolic one is kept with it.
template <class Cipher>
struct setting {
  crypto::ticket_book book;
  sev_world<Cipher, memory::sparse_dram> world{cipher(), memory::sparse_dram(0x10'0000)};

  auto cipher() -> Cipher {
    if constexpr (std::is_same_v<Cipher, symbolic>) return symbolic(book);
    else return Cipher(crypto::drawn_tweak_constants(3));
  }
};

constexpr std::uint64_t next = 0x10;  // the block after the one that is looked at
const block secret = block_from(0x30);
const block neighbour = block_from(0x60);
const block written = block_from(0x90);

/// One line of the table.
template <class World>
struct agent {
  const char* name;
  std::function<block(World&, std::uint64_t)> read;
  std::function<void(World&, std::uint64_t, std::span<const std::uint8_t>)> write;
  int key;  ///< of the ASID with which it reads and writes; -1: none
};

template <class World>
auto agents() -> std::vector<agent<World>> {
  const auto guest = [](const char* name, unsigned id, view how, int key) {
    return agent<World>{name, [=](World& w, std::uint64_t p) { return w.guest_sees(id, how, p); },
                        [=](World& w, std::uint64_t p, std::span<const std::uint8_t> in) {
                          CHECK(w.guest_write(id, how, p, in).has_value());
                        },
                        key};
  };
  const auto host = [](const char* name, view how, int key) {
    return agent<World>{name, [=](World& w, std::uint64_t p) { return w.host_sees(how, p); },
                        [=](World& w, std::uint64_t p, std::span<const std::uint8_t> in) {
                          CHECK(w.host_write(how, p, in).has_value());
                        },
                        key};
  };
  const auto direct = [](const char* name, memory_key with, int key) {
    return agent<World>{name, [=](World& w, std::uint64_t p) { return w.sees(with, p); },
                        [=](World& w, std::uint64_t p, std::span<const std::uint8_t> in) { w.store(with, p, in); },
                        key};
  };
  // A virtual machine of the attacker's that runs with ASID 1: guest B's tables were made for it, so it has the tables
  // of A mapped.
  return {
      guest("guest A, C=1", 1, view::c_1, 1),
      guest("guest A, C=1, nested C=1", 1, view::both, 1),
      guest("guest A, C=0", 1, view::c_0, -1),
      guest("guest A, C=0, nested C=1", 1, view::host_key, 0),
      host("host, C=0", view::c_0, -1),
      host("host, C=1", view::host_key, 0),
      guest("guest B, C=1", 2, view::c_1, 2),
      guest("guest B, C=0", 2, view::c_0, -1),
      guest("guest without SEV", 3, view::c_0, -1),
      guest("guest without SEV, nested C=1", 3, view::host_key, 0),
      direct("a virtual machine with guest A's ASID", memory_key::guest({1}), 1),
      direct("device, C=0", memory_key::none(), -1),
      direct("device, C=1", memory_key::host(), 0),
      direct("AMD-SP with ASID 1", memory_key::guest({1}), 1),
      direct("AMD-SP without a key", memory_key::none(), -1),
      {"bus probe", [](World& w, std::uint64_t p) { return w.raw(p); },
       [](World& w, std::uint64_t p, std::span<const std::uint8_t> in) {
         CHECK(w.memory.inject({p}, in) == memory_status::ok);
       },
       -1},
  };
}

}  // namespace

TEMPLATE_TEST_CASE("the outcome table",
                   "[cpu][ENC-KEYSEL-01][ENC-KEYSEL-02][ENC-KEYSEL-07][ENC-KEYSEL-08]"
                   "[ENC-KEYSEL-10][ENC-KEYSEL-15][ENC-CT-03][ENC-CT-04][ENC-CT-09][ENC-HOST-01][ENC-INT-02]"
                   "[ENC-INT-03]",
                   xex, symbolic) {
  using world = sev_world<TestType, memory::sparse_dram>;
  for (const auto& one : agents<world>()) {
    for (const std::size_t bytes : {16U, 5U}) {
      INFO(one.name << " writes " << bytes);
      setting<TestType> with;
      world& w = with.world;
      const std::uint64_t p = w.data();
      REQUIRE(w.guest_write(1, view::c_1, p, secret).has_value());
      REQUIRE(w.guest_write(1, view::c_1, p + next, neighbour).has_value());
      const block raw = w.enciphered(1, p, secret);
      CHECK(w.raw(p) == raw);

      // What it reads.
      const block seen = one.read(w, p);
      if (one.key == 1) CHECK(seen == secret);
      else if (one.key < 0) CHECK(seen == raw);
      else CHECK(seen == w.deciphered(static_cast<unsigned>(one.key), p, raw));
      if (one.key != 1) CHECK(seen != secret);
      CHECK(w.raw(p) == raw);  // reading changes nothing

      // What its write does: to DRAM, and to guest A's next read.
      const auto part = std::span{written}.first(bytes);
      one.write(w, p + (16 - bytes), part);
      block overlaid = seen;
      std::copy(part.begin(), part.end(), overlaid.begin() + static_cast<std::ptrdiff_t>(16 - bytes));
      CHECK(one.read(w, p) == overlaid);  // its own sight of the block
      const block raw_after = one.key < 0 ? overlaid : w.enciphered(static_cast<unsigned>(one.key), p, overlaid);
      CHECK(w.raw(p) == raw_after);
      const block guest_sees = w.guest_sees(1, view::c_1, p);
      CHECK(guest_sees == w.deciphered(1, p, raw_after));
      if (one.key == 1) CHECK(guest_sees == overlaid);
      else {
        CHECK(guest_sees != overlaid);
        CHECK(guest_sees != secret);
        if constexpr (std::is_same_v<TestType, symbolic>) CHECK(with.book.is_ticket(guest_sees));
      }
      CHECK(w.guest_sees(1, view::c_1, p + next) == neighbour);  // other blocks are what they were
    }
  }
}

TEMPLATE_TEST_CASE("ENC-KEYSEL-04, 05: code and tables are the guest's, whatever C-bits say",
                   "[cpu][ENC-KEYSEL-04][ENC-KEYSEL-05][PAG-KEY-13]", xex, symbolic) {
  setting<TestType> with;
  auto& w = with.world;
  const std::uint64_t p = w.data();
  REQUIRE(w.guest_write(1, view::c_1, p, secret).has_value());
  for (const view how : {view::c_0, view::host_key, view::c_1, view::both}) {
    block code{};
    REQUIRE(w.guest_read(1, how, p, code, user_fetch).has_value());
    CHECK(code == secret);
  }
  // PAG-KEY-13: plaintext that the host writes there is garbage to the guest, code and tables alike.
  REQUIRE(w.host_write(view::c_0, p, secret).has_value());
  block code{};
  REQUIRE(w.guest_read(1, view::c_0, p, code, user_fetch).has_value());
  CHECK(code == w.deciphered(1, p, secret));
  CHECK(code != secret);
  w.put(w.base, memory_key::none(), (w.base + 0x1000) | all_rights | accessed);
  block out{};
  CHECK_FALSE(w.guest_read(1, view::c_1, p, out).has_value());
  // The guest without SEV reads the same plaintext tables.
  CHECK(w.guest_read(3, view::c_0, p, out).has_value());
}

TEMPLATE_TEST_CASE("ENC-KEYSEL-03: tables under the host's key", "[cpu][ENC-KEYSEL-03][PAG-ENC-09]", xex, symbolic) {
  setting<TestType> with;
  auto& w = with.world;
  REQUIRE(w.host_write(view::c_0, w.data(), secret).has_value());
  // The host's second table and the nested one move under the host's key; without the C-bit in what points to them they
  // are unintelligible.
  for (const std::uint64_t table : {0x1000U, 0x3000U}) {
    const bool nested = table == 0x3000;
    const auto go = [&] {
      block out{};
      return nested ? w.guest_read(3, view::c_0, w.data(), out) : w.host_read(view::c_0, w.data(), out);
    };
    CHECK(go().has_value());
    w.put(table + 0x1000, memory_key::host(), w.leaf(0));
    CHECK_FALSE(go().has_value());
    w.put(table, memory_key::none(), (table + 0x1000) | all_rights | accessed | w.c_bit);
    CHECK(go().has_value());
    w.put(table + 0x1000, memory_key::none(), w.leaf(0));
    CHECK_FALSE(go().has_value());
    w.put(table, memory_key::none(), (table + 0x1000) | all_rights | accessed);
    CHECK(go().has_value());
  }
}

TEMPLATE_TEST_CASE("what follows for blocks over time and place",
                   "[cpu][ENC-CT-01][ENC-CT-02][ENC-CT-06][ENC-CT-07][ENC-CT-08][ENC-CT-11][ENC-CT-12]", xex,
                   symbolic) {
  setting<TestType> with;
  auto& w = with.world;
  const std::uint64_t p = w.data(), q = w.data() + 0x1230;
  const auto guest_writes = [&](std::uint64_t where, const block& in) {
    REQUIRE(w.guest_write(1, view::c_1, where, in).has_value());
  };
  const auto host_writes = [&](std::uint64_t where, const block& in) {
    REQUIRE(w.host_write(view::c_0, where, in).has_value());
  };

  SECTION("ENC-CT-01: the same ciphertext at any time") {
    guest_writes(p, secret);
    const block first = w.host_sees(view::c_0, p);
    guest_writes(p, neighbour);
    CHECK(w.host_sees(view::c_0, p) != first);
    guest_writes(p, secret);
    CHECK(w.host_sees(view::c_0, p) == first);
  }
  SECTION("ENC-CT-02: another place or key, another ciphertext") {
    guest_writes(p, secret);
    guest_writes(q, secret);
    CHECK(w.raw(p) != w.raw(q));
    const block of_a = w.raw(p);
    REQUIRE(w.guest_write(2, view::c_1, p, secret).has_value());
    CHECK(w.raw(p) != of_a);
    REQUIRE(w.host_write(view::host_key, p, secret).has_value());
    CHECK(w.raw(p) != of_a);
  }
  SECTION("ENC-CT-06, 07: moved ciphertext is garbage") {
    guest_writes(p, secret);
    host_writes(q, w.host_sees(view::c_0, p));
    const block garbage = w.guest_sees(1, view::c_1, q);
    CHECK(garbage != secret);
    CHECK(garbage == w.deciphered(1, q, w.raw(p)));
    if constexpr (std::is_same_v<TestType, symbolic>) CHECK(with.book.is_ticket(garbage));
  }
  SECTION("ENC-CT-08: replay") {
    guest_writes(p, secret);
    const block old = w.host_sees(view::c_0, p);
    guest_writes(p, neighbour);
    host_writes(p, old);
    CHECK(w.guest_sees(1, view::c_1, p) == secret);
  }
  SECTION("ENC-CT-11: another C-bit does not touch the contents") {
    guest_writes(p, secret);
    const block raw = w.raw(p);
    CHECK(w.guest_sees(1, view::c_0, p) == raw);
    CHECK(w.guest_sees(1, view::host_key, p) == w.deciphered(0, p, raw));
    CHECK(w.raw(p) == raw);
    REQUIRE(w.guest_write(1, view::c_0, p, secret).has_value());
    CHECK(w.raw(p) == secret);
    CHECK(w.guest_sees(1, view::c_1, p) == w.deciphered(1, p, secret));
  }
  SECTION("ENC-CT-12: encrypting in place, line by line") {
    std::array<std::uint8_t, 256> plain{};
    for (std::size_t i = 0; i < plain.size(); ++i) plain[i] = static_cast<std::uint8_t>(3 * i);
    REQUIRE(w.host_write(view::c_0, p, plain).has_value());
    for (std::size_t line = 0; line < plain.size(); line += 64) {
      std::array<std::uint8_t, 64> buffer{};
      REQUIRE(w.host_read(view::c_0, p + line, buffer).has_value());
      REQUIRE(w.host_write(view::host_key, p + line, buffer).has_value());
    }
    std::array<std::uint8_t, 256> after{};
    REQUIRE(w.host_read(view::host_key, p, after).has_value());
    CHECK(after == plain);
    REQUIRE(w.host_read(view::c_0, p, after).has_value());
    CHECK(after != plain);
    // A buffer of less than a block reads what it has already made garbage: the second half of the block.
    host_writes(q, secret);
    for (std::size_t half = 0; half < 16; half += 8) {
      std::array<std::uint8_t, 8> buffer{};
      REQUIRE(w.host_read(view::c_0, q + half, buffer).has_value());
      REQUIRE(w.host_write(view::host_key, q + half, buffer).has_value());
    }
    CHECK(w.host_sees(view::host_key, q) != secret);
  }
}

TEST_CASE("what moved ciphertext is, for ciphers whose tweak is known", "[cpu][ENC-CT-05][ENC-CT-06][ENC-CT-13]") {
  const auto tweaks = crypto::measured_tweak_constants(1);
  const auto play = [&]<class Cipher>(Cipher cipher, bool helped) {
    sev_world<Cipher, memory::sparse_dram> w(cipher, memory::sparse_dram(0x10'0000));
    const std::uint64_t p = w.data(), q = w.data() + 0x2a50;
    REQUIRE(w.guest_write(1, view::c_1, p, secret).has_value());
    block moved = w.host_sees(view::c_0, p);
    const block delta = crypto::exclusive_or(cipher.tweak({p}), cipher.tweak({q}));
    if (helped) moved = crypto::exclusive_or(moved, delta);
    REQUIRE(w.host_write(view::c_0, q, moved).has_value());
    return w.guest_sees(1, view::c_1, q) == crypto::exclusive_or(secret, delta);
  };
  CHECK(play(crypto::aes128_xe(tweaks), false));         // ENC-CT-05
  CHECK_FALSE(play(crypto::aes128_xex(tweaks), false));  // ENC-CT-06: garbage ...
  CHECK(play(crypto::aes128_xex(tweaks), true));         // ... unless who moves it knows T

  // ENC-CT-13: XE, equal ciphertext exactly if m1 ^ T(p1) = m2 ^ T(p2).
  const crypto::aes128_xe cipher(tweaks);
  sev_world<crypto::aes128_xe, memory::sparse_dram> w(cipher, memory::sparse_dram(0x10'0000));
  const std::uint64_t p = w.data(), q = w.data() + 0x2a50;
  const block other = crypto::exclusive_or(secret, crypto::exclusive_or(cipher.tweak({p}), cipher.tweak({q})));
  REQUIRE(w.guest_write(1, view::c_1, p, secret).has_value());
  REQUIRE(w.guest_write(1, view::c_1, q, other).has_value());
  CHECK(w.raw(p) == w.raw(q));
  REQUIRE(w.guest_write(1, view::c_1, q, secret).has_value());
  CHECK(w.raw(p) != w.raw(q));
}

TEST_CASE("ENC-MODE-11: caches hold plaintext under the key it was reached with", "[cpu][ENC-MODE-11]") {
  // The same qword through three contexts is three different contents of one place in DRAM, so whatever stands between
  // processor and DRAM has to tell them apart by the key; DRAM itself never holds plaintext of a key.
  setting<xex> with;
  auto& w = with.world;
  REQUIRE(w.guest_write(1, view::c_1, w.data(), secret).has_value());
  const block of_guest = w.sees(memory_key::guest({1}), w.data());
  const block of_host = w.sees(memory_key::host(), w.data());
  const block of_nobody = w.sees(memory_key::none(), w.data());
  CHECK(of_guest == secret);
  CHECK(of_host != of_guest);
  CHECK(of_nobody != of_guest);
  CHECK(of_nobody != of_host);
  CHECK(w.raw(w.data()) == of_nobody);
}

// --- with SNP ----------------------------------------------------------------------------------------------------

namespace {

/// SNP guests A and B. The 2M from 0x200000 on, with the tables of all guests and the data, is A's; B's world fails at
/// its first table.
struct snp_setting {
  static constexpr std::uint64_t at = 0x20'0000;
  sev_world<xex, memory::sparse_dram> world{xex(crypto::drawn_tweak_constants(3)), memory::sparse_dram(0x80'0000), at,
                                            1, true};
  rmp_pages owners;
  rmp::guarded_memory<memory::controller<xex, memory::sparse_dram>, rmp_pages> guarded{world.memory, owners};

  snp_setting() {
    auto page = guest_page(at, 1);
    page.large = true;
    owners.put(at, page);
  }
  snp_setting(const snp_setting&) = delete;
  auto operator=(const snp_setting&) -> snp_setting& = delete;

  template <class Space, class Regime>
  auto read(const Regime& regime, unsigned id, view how, std::span<std::uint8_t> out) -> outcome<void> {
    context<> ctx;
    return cpu::read(ctx, guarded, world.uncached, regime, {{id}, 0}, address<Space>{world.linear(how, world.data())},
                     user_read, out);
  }
  template <class Space, class Regime>
  auto write(const Regime& regime, unsigned id, view how, std::span<const std::uint8_t> in) -> outcome<void> {
    context<> ctx;
    return cpu::write(ctx, guarded, world.uncached, regime, {{id}, 0}, address<Space>{world.linear(how, world.data())},
                      user_write, in);
  }
};

}  // namespace

TEST_CASE("ENC-HOST-02: under SNP the host reads ciphertext and writes nothing",
          "[cpu][ENC-HOST-02][ENC-HOST-03][ENC-INT-01][ENC-INT-03][ENC-KEYSEL-16][PAG-PF-05]") {
  snp_setting snp;
  auto& w = snp.world;
  const std::uint64_t p = w.data();
  REQUIRE(snp.write<guest_virtual>(w.guests[1], 1, view::c_1, secret).has_value());
  CHECK(w.raw(p) == w.enciphered(1, p, secret));
  block out{};
  CHECK(snp.read<guest_virtual>(w.guests[1], 1, view::c_1, out).has_value());
  CHECK(out == secret);

  // Host: reads are not checked.
  for (const view how : {view::c_0, view::host_key}) {
    CHECK(snp.read<host_virtual>(w.host, 0, how, out).has_value());
    CHECK(out == (how == view::c_0 ? w.raw(p) : w.deciphered(0, p, w.raw(p))));
    const auto chips = w.memory.chips();
    CHECK(fault_of(snp.write<host_virtual>(w.host, 0, how, written)) ==
          page_fault(rule::RMP_CHK_01, 0x8000'0007, w.linear(how, p)));
    CHECK(w.memory.chips() == chips);  // no byte has moved
  }
  // The guest itself through C=0: its read is not checked (ENC-HOST-03), its write is.
  CHECK(snp.read<guest_virtual>(w.guests[1], 1, view::c_0, out).has_value());
  CHECK(out == w.raw(p));
  const auto shared_write = fault_of(snp.write<guest_virtual>(w.guests[1], 1, view::c_0, written));
  REQUIRE(shared_write.has_value());
  CHECK(shared_write->kind == fault_kind::npf);
  CHECK(shared_write->decided_by == rule::RMP_CHK_01);
  // Another guest is stopped by the owner, whatever it wants.
  for (const view how : {view::c_0, view::c_1}) {
    CHECK(fault_of(snp.read<guest_virtual>(w.guests[2], 2, how, out))->decided_by == rule::RMP_CHK_01);
    CHECK(fault_of(snp.write<guest_virtual>(w.guests[2], 2, how, written))->decided_by == rule::RMP_CHK_01);
  }
  CHECK(w.raw(p) == w.enciphered(1, p, secret));

  // ENC-INT-01: no MAC. What reaches DRAM past translations - a probe on the bus - is not noticed.
  CHECK(w.memory.inject({p}, written) == memory_status::ok);
  CHECK(snp.read<guest_virtual>(w.guests[1], 1, view::c_1, out).has_value());
  CHECK(out == w.deciphered(1, p, written));
  // The check is one of ownership alone, and never changes the key.
  snp.owners[snp.at].validated = false;
  CHECK(snp.read<guest_virtual>(w.guests[1], 1, view::c_1, out).error().decided_by == rule::PAG_RMPS_08);
  snp.owners[snp.at] = {};
  CHECK(snp.write<host_virtual>(w.host, 0, view::c_0, written).has_value());
  CHECK(w.raw(p) == written);
}
