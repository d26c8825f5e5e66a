// SPDX-License-Identifier: MIT
// The memory controller: what a reference through a key reads and writes, byte by byte, against the cipher alone.
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <sevspec/base/physical_memory.hpp>
#include <sevspec/crypto/symbolic_cipher.hpp>
#include <sevspec/crypto/tweaked_aes.hpp>
#include <sevspec/memory/controller.hpp>
#include <support/catch.hpp>
#include <support/sev_world.hpp>

using namespace sevspec;
using namespace sevspec::test;
using memory::memory_status;

namespace {

using xex_controller = memory::controller<crypto::aes128_xex, memory::sparse_dram>;
static_assert(memory::byte_memory<xex_controller> && physical_memory<xex_controller>);
static_assert(!memory::byte_memory<int>);

constexpr std::uint64_t size = 0x10'0000;
constexpr memory_key key_a = memory_key::guest({1});
constexpr memory_key key_b = memory_key::guest({2});

auto xex() -> crypto::aes128_xex { return crypto::aes128_xex(crypto::drawn_tweak_constants(7)); }

auto make(std::uint32_t channels = 1, memory::channel_interleave interleave = {}) -> xex_controller {
  xex_controller made(xex(), memory::sparse_dram(size), 8, channels, interleave);
  for (unsigned id = 0; id < 3; ++id) CHECK(made.install_key({id}, seed_of<crypto::aes128_xex>(id + 1)));
  return made;
}

template <class Memory>
auto read(const Memory& from, std::uint64_t where, memory_key with, std::size_t bytes) -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> out(bytes);
  CHECK(from.read({where}, with, out) == memory_status::ok);
  return out;
}
template <class Memory>
auto probed(const Memory& from, std::uint64_t where, std::size_t bytes) -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> out(bytes);
  CHECK(from.probe({where}, out) == memory_status::ok);
  return out;
}
template <class Memory>
void write(Memory& to, std::uint64_t where, memory_key with, const std::vector<std::uint8_t>& in) {
  CHECK(to.write({where}, with, in) == memory_status::ok);
}

auto bytes_from(std::size_t count, unsigned first) -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(first + 7 * i + i / 256);
  return bytes;
}

/// Raw bytes and the cipher, block by block: what the controller must come to.
struct slow_memory {
  std::map<std::uint64_t, block> blocks;
  std::uint32_t channels = 1;
  unsigned granularity = 8;
  crypto::aes128_xex cipher = xex();

  auto key_at(std::uint64_t where, memory_key with) const -> crypto::aes_key<16> {
    const auto seed = seed_of<crypto::aes128_xex>(with.slot + 1);
    if (channels == 1) return cipher.expand(seed);
    const auto channel = static_cast<std::uint32_t>((where >> granularity) % channels);
    return cipher.expand(crypto::aes128_xex::channel_seed(seed, channel));
  }
  auto plain(std::uint64_t start, memory_key with) -> block {
    block out = blocks[start];
    if (with != memory_key::none()) cipher.decrypt(key_at(start, with), {start}, out, out);
    return out;
  }
  void put(std::uint64_t where, memory_key with, std::uint8_t byte) {
    const std::uint64_t start = where & ~std::uint64_t{15};
    block all = plain(start, with);
    all[where & 15] = byte;
    if (with != memory_key::none()) cipher.encrypt(key_at(start, with), {start}, all, all);
    blocks[start] = all;
  }
  auto get(std::uint64_t where, memory_key with) -> std::uint8_t {
    return plain(where & ~std::uint64_t{15}, with)[where & 15];
  }
};

}  // namespace

TEST_CASE("ENC-KEYSEL-01: raw without a key, block by block with one", "[memory][ENC-KEYSEL-01][ENC-MODE-01]") {
  auto made = make();
  const auto plain = bytes_from(64, 3);
  write(made, 0x3000, memory_key::none(), plain);
  CHECK(probed(made, 0x3000, 64) == plain);
  CHECK(read(made, 0x3000, memory_key::none(), 64) == plain);
  write(made, 0x3000, key_a, plain);
  std::vector<std::uint8_t> expected(64);
  xex().encrypt(xex().expand(seed_of<crypto::aes128_xex>(2)), {0x3000}, plain, expected);
  CHECK(probed(made, 0x3000, 64) == expected);
  CHECK(read(made, 0x3000, memory_key::none(), 64) == expected);
  CHECK(read(made, 0x3000, key_a, 64) == plain);
  // What was never written is zeros in DRAM, which is no plaintext of a key.
  CHECK(probed(made, 0x4000, 16) == std::vector<std::uint8_t>(16));
  CHECK(read(made, 0x4000, key_a, 16) != std::vector<std::uint8_t>(16));
}

TEST_CASE("every size and alignment is the same as byte by byte", "[memory][ENC-CT-03][ENC-KEYSEL-01][ENC-MODE-09]") {
  for (const std::uint32_t channels : {1U, 2U, 3U, 8U}) {
    for (const unsigned granularity : {4U, 6U, 8U, 12U, 14U}) {
      INFO(channels << " channels of 2^" << granularity);
      auto made = make(channels, {granularity});
      slow_memory twin{.blocks = {}, .channels = channels, .granularity = granularity};
      unsigned seed = 1;
      const auto one = [&](std::uint64_t where, std::size_t bytes, memory_key with) {
        const auto in = bytes_from(bytes, seed += 11);
        write(made, where, with, in);
        for (std::size_t i = 0; i < bytes; ++i) twin.put(where + i, with, in[i]);
        const std::uint64_t first = where - 17;
        const auto raw = probed(made, first, bytes + 40);
        const auto seen = read(made, first, with, bytes + 40);
        bool same = true;
        for (std::size_t i = 0; i < raw.size(); ++i) {
          same = same && raw[i] == twin.get(first + i, memory_key::none());
          same = same && seen[i] == twin.get(first + i, with);
        }
        INFO(hex(where) << " " << bytes);
        CHECK(same);
      };
      for (const std::size_t bytes : {1U, 2U, 8U, 15U, 16U, 17U, 31U, 32U, 33U, 48U, 64U})
        for (const std::uint64_t offset : {0U, 1U, 8U, 15U}) one(0x5ff0 + offset, bytes, key_a);
      for (const std::size_t bytes : {255U, 256U, 257U, 4095U, 4096U, 4097U})
        one(0x7000 - 16 + bytes % 16, bytes, bytes % 2 == 0 ? key_b : memory_key::host());
      one(0x6001, 70, memory_key::none());
    }
  }
}

TEST_CASE("all sizes up to a page", "[memory][ENC-CT-03]") {
  auto made = make(4, {6});
  for (std::size_t bytes = 1; bytes <= 4096; bytes += bytes < 80 ? 1 : 61) {
    const std::uint64_t where = 0x8fc0 + bytes % 97;
    const auto around = read(made, where - 32, key_a, bytes + 64);
    const auto in = bytes_from(bytes, static_cast<unsigned>(bytes));
    write(made, where, key_a, in);
    CHECK(read(made, where, key_a, bytes) == in);
    auto after = read(made, where - 32, key_a, bytes + 64);
    std::copy_n(around.begin() + 32, bytes, after.begin() + 32);
    CHECK(after == around);
  }
}

TEST_CASE("ENC-CT-03: one byte changes its block's ciphertext and nothing else", "[memory][ENC-CT-03]") {
  auto made = make();
  write(made, 0x2000, key_a, bytes_from(4096, 1));
  for (const std::uint64_t where : {0x2000U, 0x2005U, 0x200fU, 0x2800U, 0x2fffU}) {
    const auto before = probed(made, 0x1000, 0x3000);
    const auto byte = read(made, where, key_a, 1);
    write(made, where, key_a, {static_cast<std::uint8_t>(byte[0] ^ 0x80)});
    const auto after = probed(made, 0x1000, 0x3000);
    const std::uint64_t start = (where & ~std::uint64_t{15}) - 0x1000;
    unsigned changed = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (i >= start && i < start + 16) changed += before[i] != after[i];
      else REQUIRE(before[i] == after[i]);
    }
    CHECK(changed >= 8);  // of 16, with overwhelming probability
    // Writing the old byte again brings the old ciphertext back (ENC-CT-01).
    write(made, where, key_a, byte);
    CHECK(probed(made, 0x1000, 0x3000) == before);
  }
}

TEST_CASE("the edges of memory", "[memory]") {
  auto made = make();
  made.chips().touch({0})->fill(0x11);
  made.chips().touch({size / 4096 - 1})->fill(0x22);
  const auto before = made.chips();
  struct row {
    std::uint64_t where;
    std::size_t bytes;
    memory_status status;
  };
  constexpr std::uint64_t top = ~std::uint64_t{0};
  const row rows[] = {
      {size - 1, 1, memory_status::ok},
      {size - 16, 16, memory_status::ok},
      {size - 4096, 4096, memory_status::ok},
      {size - 1, 2, memory_status::no_memory},
      {size - 4096, 4097, memory_status::no_memory},
      {size, 1, memory_status::no_memory},
      {size + 0x1000, 16, memory_status::no_memory},
      {std::uint64_t{1} << 52, 16, memory_status::no_memory},
      {top, 1, memory_status::no_memory},
      {top - 15, 16, memory_status::no_memory},
      {top, 2, memory_status::no_memory},        // wraps
      {top - 15, 32, memory_status::no_memory},  // wraps into page 0
      {top - 4095, 4097, memory_status::no_memory},
      {top, 0, memory_status::ok},  // nothing is asked
      {size, 0, memory_status::ok},
  };
  for (const row& one : rows) {
    for (const memory_key with : {memory_key::none(), memory_key::host(), key_a}) {
      INFO(hex(one.where) << " + " << one.bytes);
      CHECK(made.status_of({one.where}, with, one.bytes) == one.status);
      std::vector<std::uint8_t> out(one.bytes, 0x5a);
      CHECK(made.read({one.where}, with, out) == one.status);
      if (one.status != memory_status::ok) {
        CHECK(out == std::vector<std::uint8_t>(one.bytes, 0x5a));
        CHECK(made.probe({one.where}, out) == one.status);
        CHECK(made.write({one.where}, with, out) == one.status);
        CHECK(made.inject({one.where}, out) == one.status);
        CHECK(made.chips() == before);
      }
    }
  }
}

TEST_CASE("a slot without a key answers nothing", "[memory]") {
  auto made = make();
  const auto before = made.chips();
  for (const std::uint32_t slot : {3U, 7U, 8U, 9U, 0xffff'fffeU}) {
    std::vector<std::uint8_t> bytes(20, 0x5a);
    CHECK(made.read({0x1000}, {slot}, bytes) == memory_status::no_key);
    CHECK(bytes == std::vector<std::uint8_t>(20, 0x5a));
    CHECK(made.write({0x1000}, {slot}, bytes) == memory_status::no_key);
    CHECK(made.read({size}, {slot}, bytes) == memory_status::no_memory);  // where there is no memory, that is told
    CHECK(made.read_qword({0x1000}, {slot}) == std::nullopt);
    CHECK_FALSE(made.compare_exchange_qword({0x1000}, {slot}, 0, 1));
  }
  CHECK(made.chips() == before);
  CHECK_FALSE(made.install_key({8}, seed_of<crypto::aes128_xex>(1)));
  CHECK(made.install_key({7}, seed_of<crypto::aes128_xex>(1)));
  CHECK(made.status_of({0x1000}, memory_key::guest({7}), 1) == memory_status::ok);
  for (const auto status : {memory_status::ok, memory_status::no_memory, memory_status::no_key})
    CHECK(memory::text_of(status) != std::string("?"));
  CHECK(memory::text_of(static_cast<memory_status>(9)) == std::string("?"));
}

TEST_CASE("qwords", "[memory]") {
  auto made = make();
  write(made, 0x1008, key_a, {1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(made.read_qword({0x1008}, key_a) == 0x0807'0605'0403'0201U);
  CHECK_FALSE(made.compare_exchange_qword({0x1008}, key_a, 5, 6));
  CHECK(made.read_qword({0x1008}, key_a) == 0x0807'0605'0403'0201U);
  CHECK(made.compare_exchange_qword({0x1008}, key_a, 0x0807'0605'0403'0201, 0x1122'3344'5566'7788));
  CHECK(made.read_qword({0x1008}, key_a) == 0x1122'3344'5566'7788U);
  CHECK(read(made, 0x1008, key_a, 8) == std::vector<std::uint8_t>{0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11});
  CHECK(made.read_qword({size}, key_a) == std::nullopt);
  CHECK_FALSE(made.compare_exchange_qword({size}, key_a, 0, 1));
}

TEST_CASE("ENC-MODE-10: TSME", "[memory][ENC-MODE-10][PAG-ENC-07]") {
  auto made = make();
  auto without = make();
  write(made, 0x1000, memory_key::none(), bytes_from(64, 1));
  made.install_transparent_key(seed_of<crypto::aes128_xex>(9));
  // What DRAM holds does not change, so what was there before is garbage.
  CHECK(probed(made, 0x1000, 64) == bytes_from(64, 1));
  CHECK(read(made, 0x1000, memory_key::none(), 64) != bytes_from(64, 1));
  // From now on software sees no difference, whatever it does; a probe sees ciphertext.
  unsigned seed = 5;
  for (const memory_key with : {memory_key::none(), memory_key::host(), key_a, memory_key::none()}) {
    for (const std::size_t bytes : {1U, 13U, 16U, 40U, 4096U}) {
      const std::uint64_t where = 0x3000 + 0x1001 * bytes % 0x8000;
      const auto in = bytes_from(bytes, seed += 3);
      write(made, where, with, in);
      write(without, where, with, in);
      CHECK(read(made, where, with, bytes) == in);
      CHECK(read(without, where, with, bytes) == in);
      if (with != memory_key::none()) continue;
      const std::uint64_t start = (where + 15) & ~std::uint64_t{15};
      if (bytes >= 40) {
        CHECK(probed(without, start, 16) == read(without, start, with, 16));
        CHECK(probed(made, start, 16) != read(made, start, with, 16));
      }
    }
  }
  // Other references keep their key: no double encryption.
  write(made, 0xc000, key_a, bytes_from(64, 2));
  write(without, 0xc000, key_a, bytes_from(64, 2));
  CHECK(probed(made, 0xc000, 64) == probed(without, 0xc000, 64));
  // The host reads a guest's ciphertext enciphered once more the other way round: no plaintext either.
  CHECK(read(made, 0xc000, memory_key::none(), 64) != bytes_from(64, 2));
  CHECK(read(made, 0xc000, memory_key::none(), 64) != probed(made, 0xc000, 64));
  // An interposer's bytes are taken as ciphertext.
  CHECK(made.inject({0xd000}, bytes_from(16, 9)) == memory_status::ok);
  CHECK(probed(made, 0xd000, 16) == bytes_from(16, 9));
  CHECK(read(made, 0xd000, memory_key::none(), 16) != bytes_from(16, 9));
}

TEST_CASE("ENC-MODE-09: ciphertext does not move between channels", "[memory][ENC-MODE-09][ENC-CT-07]") {
  // XE with no tweak at all: nothing but the channel's key tells addresses apart.
  using xe = crypto::aes128_xe;
  const auto moved = [](std::uint32_t channels, std::uint64_t from, std::uint64_t to) {
    memory::controller<xe, memory::sparse_dram> made(xe(crypto::tweak_constants{}), memory::sparse_dram(size), 8,
                                                     channels);
    CHECK(made.install_key({1}, seed_of<xe>(2)));
    write(made, from, key_a, bytes_from(16, 1));
    CHECK(made.inject({to}, probed(made, from, 16)) == memory_status::ok);
    return read(made, to, key_a, 16) == bytes_from(16, 1);
  };
  CHECK(moved(1, 0x1000, 0x1100));
  CHECK_FALSE(moved(2, 0x1000, 0x1100));
  CHECK(moved(2, 0x1000, 0x1200));
  CHECK(moved(2, 0x1000, 0x10f0));
  CHECK_FALSE(moved(3, 0x1000, 0x1200));
  CHECK(moved(3, 0x1000, 0x1300));
  for (const unsigned granularity : {4U, 8U, 12U}) {
    const memory::channel_interleave interleave{granularity};
    CHECK(interleave.channel_of({std::uint64_t{5} << granularity}, 4) == 1);
    CHECK(interleave.channel_of({(std::uint64_t{6} << granularity) - 1}, 4) == 1);
    CHECK(interleave.channel_of({std::uint64_t{5} << granularity}, 1) == 0);
  }
}

TEST_CASE("ENC-CT-10: another key in the slot", "[memory][ENC-CT-10][ENC-ASID-04]") {
  auto made = make();
  const auto secret = bytes_from(32, 1);
  write(made, 0x1000, key_a, secret);
  const auto raw = probed(made, 0x1000, 32);
  CHECK(made.install_key({1}, seed_of<crypto::aes128_xex>(77)));
  CHECK(probed(made, 0x1000, 32) == raw);
  const auto garbage = read(made, 0x1000, key_a, 32);
  CHECK(garbage != secret);
  CHECK(garbage != raw);
  CHECK(garbage != std::vector<std::uint8_t>(32));
  // The key belongs to the guest: in another slot it reads its memory again.
  CHECK(made.install_key({5}, seed_of<crypto::aes128_xex>(2)));
  CHECK(read(made, 0x1000, memory_key::guest({5}), 32) == secret);
}

TEST_CASE("resetting memory keeps keys", "[memory]") {
  auto made = make();
  write(made, 0x1000, key_a, bytes_from(16, 1));
  const auto raw = probed(made, 0x1000, 16);
  made.reset_memory();
  CHECK(probed(made, 0x1000, 16) == std::vector<std::uint8_t>(16));
  CHECK(made.chips().touched().empty());
  write(made, 0x1000, key_a, bytes_from(16, 1));
  CHECK(probed(made, 0x1000, 16) == raw);
}

TEST_CASE("ENC-INT-02: two sPAs of the same bytes", "[memory][ENC-INT-02][ENC-CT-08]") {
  // BadRAM: the chips ignore an address bit. Replay goes around every check of addresses, and no tag shows it.
  memory::sparse_dram chips(size);
  memory::aliased_dram aliased(chips, 0x8000);
  memory::controller<crypto::aes128_xex, memory::aliased_dram<memory::sparse_dram>> made(xex(), aliased, 8);
  for (unsigned id = 0; id < 2; ++id) CHECK(made.install_key({id}, seed_of<crypto::aes128_xex>(id + 1)));
  write(made, 0x1000, key_a, bytes_from(16, 1));
  const auto old = read(made, 0x9000, memory_key::none(), 16);  // the alias
  CHECK(old == probed(made, 0x1000, 16));
  CHECK(read(made, 0x9000, key_a, 16) != bytes_from(16, 1));  // each sPA has its tweak
  write(made, 0x1000, key_a, bytes_from(16, 50));
  write(made, 0x9000, memory_key::none(), old);
  CHECK(read(made, 0x1000, key_a, 16) == bytes_from(16, 1));
  // Corruption is silent, too.
  write(made, 0x9000, memory_key::none(), {0});
  CHECK(made.status_of({0x1000}, key_a, 16) == memory_status::ok);
  CHECK(read(made, 0x1000, key_a, 16) != bytes_from(16, 1));
}
