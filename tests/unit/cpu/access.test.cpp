// SPDX-License-Identifier: MIT
// One reference from its linear address to its bytes: lengths, page boundaries, and what happens when there is a fault.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <sevspec/crypto/symbolic_cipher.hpp>
#include <sevspec/crypto/tweaked_aes.hpp>
#include <sevspec/paging/tlb.hpp>
#include <support/catch.hpp>
#include <support/recorder.hpp>
#include <support/sev_world.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

using xex = crypto::aes128_xex;
using world = sev_world<xex, memory::sparse_dram>;

auto make_world(std::uint64_t bytes = 0x10'0000, std::uint32_t channels = 1) -> world {
  return {xex(crypto::drawn_tweak_constants(3)), memory::sparse_dram(bytes), 0x5000, channels};
}

auto bytes_from(std::size_t count, unsigned first) -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(first + 7 * i + i / 256);
  return bytes;
}

/// A host with small pages: linear page i of 0x4000'0000 is mapped by entry i of the table at 0x40000.
struct paged : world {
  static constexpr std::uint64_t pages = 0x8'0000'0000;
  paging::tlb<16, 4, 4> cache;

  explicit paged(std::uint32_t channels = 1)
      : world(xex(crypto::drawn_tweak_constants(3)), memory::sparse_dram(0x10'0000), 0x5000, channels) {
    put(0x2000 + 8 * (pages >> 30), memory_key::none(), 0x41000 | all_rights | accessed);
    put(0x41000, memory_key::none(), 0x40000 | all_rights | accessed);
  }
  void map(unsigned index, std::uint64_t to) {
    put(0x40000 + 8 * index, memory_key::none(), to | all_rights | accessed | dirty);
  }
  auto read(std::uint64_t offset, std::span<std::uint8_t> out) -> outcome<void> {
    context<> ctx;
    return cpu::read(ctx, memory, cache, host, {}, hva{pages + offset}, user_read, out);
  }
  auto write(std::uint64_t offset, std::span<const std::uint8_t> in) -> outcome<void> {
    context<> ctx;
    return cpu::write(ctx, memory, cache, host, {}, hva{pages + offset}, user_write, in);
  }
  /// What a write of 32 bytes over the border between pages 0 and 1 faults with; and that it changes nothing.
  auto write_fault() -> std::optional<fault> {
    const auto chips = memory.chips();
    const auto result = fault_of(write(0xff0, bytes_from(32, 9)));
    if (result) CHECK(memory.chips() == chips);
    return result;
  }
  /// The same of a read, which leaves `out` alone.
  auto read_fault() -> std::optional<fault> {
    std::vector<std::uint8_t> out(32, 0x5a);
    const auto result = fault_of(read(0xff0, out));
    if (result) CHECK(out == std::vector<std::uint8_t>(32, 0x5a));
    return result;
  }
};

}  // namespace

TEST_CASE("lengths and alignments up to a page", "[cpu][ENC-KEYSEL-07][ENC-CT-03][ENC-KEYSEL-09]") {
  for (const std::uint32_t channels : {1U, 4U}) {
    world w = make_world(0x10'0000, channels);
    unsigned seed = 1;
    for (const std::size_t bytes : {1U, 2U, 7U, 8U, 15U, 16U, 17U, 64U, 255U, 256U, 4095U, 4096U}) {
      for (const std::uint64_t offset : {0x0U, 0x1U, 0xfU, 0xf0U, 0xff1U, 0xfffU}) {
        INFO(bytes << " at " << offset);
        const auto in = bytes_from(bytes, seed += 5);
        const std::uint64_t where = w.data() + offset;
        REQUIRE(w.guest_write(1, view::c_1, where, in).has_value());
        std::vector<std::uint8_t> out(bytes);
        REQUIRE(w.guest_read(1, view::both, where, out).has_value());
        CHECK(out == in);
        CHECK(w.memory.read({where}, memory_key::guest({1}), out) == memory::memory_status::ok);
        CHECK(out == in);
        REQUIRE(w.host_read(view::c_0, where, out).has_value());
        if (bytes >= 7) CHECK(out != in);
      }
    }
  }
}

TEST_CASE("two pages that lie anywhere", "[cpu][PAG-CAN-04]") {
  paged m(2);
  m.map(0, 0x52000);
  m.map(1, 0x50000 | m.c_bit);  // the one before it, under the host's key
  for (const std::size_t bytes : {2U, 16U, 31U, 4096U}) {
    for (const std::uint64_t before : {std::uint64_t{1}, std::uint64_t{bytes / 2}, std::uint64_t{bytes - 1}}) {
      const auto in = bytes_from(bytes, static_cast<unsigned>(bytes + before));
      REQUIRE(m.write(0x1000 - before, in).has_value());
      std::vector<std::uint8_t> out(bytes);
      REQUIRE(m.read(0x1000 - before, out).has_value());
      CHECK(out == in);
      // Each part under its own key.
      CHECK(m.memory.read({0x53000 - before}, memory_key::none(), std::span{out}.first(before)) ==
            memory::memory_status::ok);
      CHECK(m.memory.read({0x50000}, memory_key::host(), std::span{out}.subspan(before)) == memory::memory_status::ok);
      CHECK(out == in);
    }
  }
}

TEST_CASE("a reference that ends with its page does not ask for the next", "[cpu]") {
  paged m;
  m.map(0, 0x50000);
  CHECK(m.write(0xff0, bytes_from(16, 1)).has_value());
  CHECK(m.write(0x000, bytes_from(4096, 1)).has_value());
  CHECK(m.write(0xfff, bytes_from(1, 1)).has_value());
  CHECK_FALSE(m.write(0xff0, bytes_from(17, 1)).has_value());
  // What one translates is one page: events of both.
  m.map(1, 0x51000);
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  std::array<std::uint8_t, 2> out{};
  CHECK(cpu::read(ctx, m.memory, m.cache, m.host, {}, hva{m.pages + 0xfff}, user_read, out).has_value());
  REQUIRE(heard.finals.size() == 2);
  CHECK(heard.finals[0].where == spa{0x50fff});
  CHECK(heard.finals[1].where == spa{0x51000});
}

TEST_CASE("a fault of the second page leaves the first untouched", "[cpu][ENC-KEYSEL-16]") {
  paged m;
  m.map(0, 0x50000);
  const fault not_present = page_fault(rule::PAG_ENT_02, 4, paged::pages + 0x1000);
  CHECK(m.read_fault() == not_present);
  CHECK(m.write_fault() == page_fault(rule::PAG_ENT_02, 6, paged::pages + 0x1000));
  m.put(0x40008, memory_key::none(), 0x51000 | present | user | accessed);
  CHECK(m.write_fault() == page_fault(rule::PAG_PERM_02, 7, paged::pages + 0x1000));
  CHECK(m.read_fault() == std::nullopt);
  // The first page's fault comes first.
  m.put(0x40000, memory_key::none(), 0);
  m.cache.flush_all();
  CHECK(m.write_fault() == page_fault(rule::PAG_ENT_02, 6, paged::pages + 0xff0));
  CHECK(m.read_fault() == page_fault(rule::PAG_ENT_02, 4, paged::pages + 0xff0));
}

TEST_CASE("where no memory answers", "[cpu]") {
  const auto nothing_at = [](std::uint64_t where) { return fault{fault_kind::no_memory, rule::none, 0, where}; };
  paged m;
  SECTION("on the second page") {
    m.map(0, 0x50000), m.map(1, 0x20'0000);
    CHECK(m.read_fault() == nothing_at(0x20'0000));
    CHECK(m.write_fault() == nothing_at(0x20'0000));
  }
  SECTION("on the first") {
    m.map(0, 0x20'0000), m.map(1, 0x50000);
    CHECK(m.read_fault() == nothing_at(0x20'0ff0));
    CHECK(m.write_fault() == nothing_at(0x20'0ff0));
  }
  SECTION("on both: the first is told") {
    m.map(0, 0x20'0000), m.map(1, 0x30'0000);
    CHECK(m.read_fault() == nothing_at(0x20'0ff0));
    CHECK(m.write_fault() == nothing_at(0x20'0ff0));
  }
  SECTION("the last page of memory") {
    m.map(0, 0xf'f000), m.map(1, 0x10'0000);
    CHECK(m.write(0x000, bytes_from(4096, 1)).has_value());
    CHECK(m.write_fault() == nothing_at(0x10'0000));
  }
  SECTION("where the tables should be") {
    m.put(0x2000 + 8 * (paged::pages >> 30), memory_key::none(), 0x20'0000 | all_rights | accessed);
    CHECK(m.write_fault()->kind == fault_kind::no_memory);
  }
}

TEST_CASE("where no key is installed", "[cpu]") {
  world w = make_world();
  // A guest whose ASID has no key: its first table cannot be read.
  auto other = w.guests[1];
  other.id = {6};
  context<> ctx;
  const auto chips = w.memory.chips();
  block out = block_from(0x30);
  const auto result =
      cpu::read(ctx, w.memory, w.uncached, other, {{6}, 0}, gva{w.linear(view::c_1, w.data())}, user_read, out);
  REQUIRE_FALSE(result.has_value());
  CHECK(out == block_from(0x30));
  // With its translation in the TLB, the reference itself is refused by name.
  paging::tlb<4, 2, 8> cache;
  const std::uint64_t linear = w.linear(view::c_1, w.data() & ~std::uint64_t{0xfff});
  cache.fill({{6}, 0}, {.size = page_size::k4k,
                        .linear = linear,
                        .guest = {w.data()},
                        .page = {w.data() & ~std::uint64_t{0xfff}},
                        .rights = {.writable = true, .user = true},
                        .c = true,
                        .served = 0x3ff});
  const fault no_key{fault_kind::no_key, rule::none, 0, w.data()};
  CHECK(fault_of(cpu::read(ctx, w.memory, cache, other, {{6}, 0}, gva{linear}, user_read, out)) == no_key);
  CHECK(fault_of(cpu::write(ctx, w.memory, cache, other, {{6}, 0}, gva{linear}, user_write, out)) == no_key);
  CHECK(out == block_from(0x30));
  CHECK(w.memory.chips() == chips);
}

TEST_CASE("PAG-CAN-04: a reference into the hole", "[cpu][PAG-CAN-04]") {
  paged m;
  context<> ctx;
  std::array<std::uint8_t, 2> out{};
  const hva last{0x0000'7fff'ffff'ffff};
  CHECK(fault_of(cpu::read(ctx, m.memory, m.cache, m.host, {}, last, user_read, out))->kind == fault_kind::gp);
  CHECK(fault_of(cpu::read(ctx, m.memory, m.cache, m.host, {}, last, user_read, std::span{out}.first(1)))->kind ==
        fault_kind::pf);
}

TEST_CASE("over a TLB: bytes come from where the stale translation says", "[cpu][PAG-TLB-02]") {
  paged m;
  m.map(0, 0x50000), m.map(1, 0x51000);
  REQUIRE(m.write(0xff0, bytes_from(32, 1)).has_value());
  m.map(1, 0x52000);
  REQUIRE(m.write(0xff0, bytes_from(32, 2)).has_value());
  std::vector<std::uint8_t> out(16);
  CHECK(m.memory.probe({0x51000}, out) == memory::memory_status::ok);
  const auto second = bytes_from(32, 2);
  CHECK(std::equal(out.begin(), out.end(), second.begin() + 16));
  m.cache.flush_all();
  REQUIRE(m.write(0xff0, bytes_from(32, 3)).has_value());
  CHECK(m.memory.probe({0x51000}, out) == memory::memory_status::ok);
  CHECK(std::equal(out.begin(), out.end(), second.begin() + 16));
}
