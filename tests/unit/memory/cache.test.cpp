// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>
#include <vector>

#include <support/catch.hpp>
#include <support/memory_machine.hpp>

#include <sevspec/base/context.hpp>
#include <sevspec/memory/cache.hpp>
#include <sevspec/memory/cached_memory.hpp>

using namespace sevspec;
using namespace sevspec::memory;
using namespace sevspec::test;

static_assert(byte_memory<cached_memory<memory_machine::controller, tagged_cache<4>>>);
static_assert(physical_memory<cached_memory<memory_machine::controller, tagged_cache<4>>>);
static_assert(byte_memory<cached_memory<memory_machine::controller, no_cache>>);
static_assert(byte_memory<snooping_memory<memory_machine::controller, tagged_cache<4>>>);
static_assert(std::regular<ccx> && std::copyable<tagged_cache<4>> && std::equality_comparable<tagged_cache<4>>);

namespace {

constexpr std::uint64_t page = 0x3000;

struct cached_machine : memory_machine {
  tagged_cache<4> cache;
  explicit cached_machine(bool coherent) : cache(coherent) {}

  auto cpu(std::uint32_t by = 0) { return cached_memory{memory, cache, {by}}; }
  auto read(std::uint64_t where, memory_key key, std::uint32_t by = 0) -> std::uint64_t {
    return cpu(by).read_qword({where}, key).value_or(0xbad);
  }
  void write(std::uint64_t where, memory_key key, std::uint64_t value, std::uint32_t by = 0) {
    std::array<std::uint8_t, 8> bytes{};
    for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i) & 0xff);
    CHECK(cpu(by).write({where}, key, bytes) == memory_status::ok);
  }
};

}  // namespace

TEST_CASE("ENC-COH-01: without coherency, contexts do not see each other's writes",
          "[memory][ENC-COH-01][PAG-COH-01][PAG-COH-02]") {
  cached_machine m(false);
  CHECK(m.read(page, plain_key) == 0);
  m.write(page, guest_key, 1);
  m.write(page, host_key, 2);
  // Three lines of one sPA.
  CHECK(m.cache.lines().size() == 3);
  CHECK(m.read(page, plain_key) == 0);
  CHECK(m.read(page, guest_key) == 1);
  CHECK(m.read(page, host_key) == 2);
  CHECK(m.get(page, plain_key) == 0);

  // The flush through the old mapping makes the page ready for the new one.
  m.cache.clflush(m.memory, {page}, plain_key);
  m.cache.clflush(m.memory, {page}, host_key);
  m.cache.clflush(m.memory, {page}, guest_key);
  CHECK(m.get(page, guest_key) == 1);
  CHECK(m.read(page, plain_key) == m.get(page, plain_key));
}

TEST_CASE("ENC-COH-02: with coherency a reference sees what another context wrote",
          "[memory][ENC-COH-02][PAG-COH-01]") {
  cached_machine m(true);
  CHECK(m.read(page, plain_key) == 0);
  m.write(page, guest_key, 1);
  CHECK(m.cache.find({page}, plain_key) == nullptr);
  const std::uint64_t ciphertext = m.read(page, plain_key);
  CHECK(m.cache.find({page}, guest_key) == nullptr);
  CHECK(m.get(page, guest_key) == 1);
  CHECK(ciphertext == m.get(page, plain_key));
  // Other lines stay.
  m.write(page + 64, guest_key, 3);
  (void)m.read(page, host_key);
  CHECK(m.cache.find({page + 64}, guest_key)->dirty);

  // A device is coherent with its own context only.
  m.write(page, guest_key, 7);
  snooping_memory device{m.memory, m.cache};
  CHECK(qword_at(device, {page}, plain_key) == ciphertext);
  CHECK(qword_at(device, {page}, guest_key) == 7);
  CHECK(m.cache.find({page}, guest_key) != nullptr);
  CHECK_FALSE(m.cache.find({page}, guest_key)->dirty);
}

TEST_CASE("ENC-COH-02: devices write past the caches", "[memory][ENC-COH-02]") {
  cached_machine m(false);
  snooping_memory device{m.memory, m.cache};
  m.write(page, plain_key, 1);
  m.write(page + 8, plain_key, 2);
  m.write(page, guest_key, 3);
  const std::array<std::uint8_t, 1> byte{0xff};
  CHECK(device.write({page}, plain_key, byte) == memory_status::ok);
  // The rest of the line was written back; the line is gone, and that of the guest is not.
  CHECK(m.cache.find({page}, plain_key) == nullptr);
  CHECK(m.read(page, plain_key) == 0xff);
  CHECK(m.read(page + 8, plain_key) == 2);
  CHECK(m.cache.find({page}, guest_key)->dirty);
  // A write over two lines snoops both, and no third.
  m.write(page + 64, plain_key, 1);
  m.write(page + 128, plain_key, 1);
  CHECK(device.write({page + 63}, plain_key, std::array<std::uint8_t, 2>{}) == memory_status::ok);
  CHECK(m.cache.find({page + 64}, plain_key) == nullptr);
  CHECK(m.cache.find({page + 128}, plain_key) != nullptr);
  CHECK(device.write({page + 128}, plain_key, {}) == memory_status::ok);
  CHECK(m.cache.find({page + 128}, plain_key)->dirty);
}

TEST_CASE("ENC-COH-03: CLFLUSH reaches the context of its mapping", "[memory][ENC-COH-03][ENC-VPF-04]") {
  for (const bool coherent : {false, true}) {
    cached_machine m(coherent);
    m.write(page + 8, guest_key, 1);
    m.write(page + 64, plain_key, 4);
    m.cache.clflush(m.memory, {page + 60}, plain_key);
    INFO(coherent);
    CHECK((m.cache.find({page}, guest_key) == nullptr) == coherent);
    CHECK(m.cache.find({page + 64}, plain_key) != nullptr);
    CHECK((m.get(page + 8, guest_key) == 1) == coherent);
    m.cache.clflush(m.memory, {page}, guest_key);
    CHECK(m.cache.find({page}, guest_key) == nullptr);
    CHECK(m.get(page + 8, guest_key) == 1);
  }
}

TEST_CASE("ENC-COH-04: WBINVD, WBNOINVD, INVD", "[memory][ENC-COH-03][ENC-COH-04]") {
  cached_machine m(false);
  const auto fill = [&] {
    m.write(page, guest_key, 1, 0);
    m.write(page, host_key, 2, 0);
    m.write(page + 64, guest_key, 3, 1);
  };
  fill();
  m.cache.wbnoinvd(m.memory, {0});
  CHECK(m.cache.lines().size() == 3);
  CHECK_FALSE(m.cache.find({page}, guest_key)->dirty);
  CHECK_FALSE(m.cache.find({page}, host_key)->dirty);
  CHECK(m.cache.find({page + 64}, guest_key)->dirty);
  CHECK(m.get(page, host_key) == 2);  // written last
  CHECK(m.read(page, guest_key) == 1);

  fill();
  m.cache.wbinvd(m.memory, {0});
  CHECK(m.cache.lines().size() == 1);
  CHECK(m.get(page, host_key) == 2);
  CHECK(m.get(page + 64, guest_key) != 3);

  fill();
  m.cache.discard({0});
  m.cache.discard({2});
  CHECK(m.cache.lines().size() == 1);
  CHECK(m.cache.lines()[0].where == spa{page + 64});
  m.cache.wbinvd(m.memory, {1});
  CHECK(m.get(page + 64, guest_key) == 3);
  CHECK(m.cache == tagged_cache<4>(false));
}

TEST_CASE("ENC-COH-05: INVD loses a guest's writes unless HWCR turns it into WBINVD", "[memory][ENC-COH-05]") {
  context<> ctx;
  cached_machine m(true);
  m.put(page, guest_key, 0);
  m.write(page, guest_key, 1);
  invd(ctx, m.cache, m.memory, {0}, 0);
  CHECK(m.read(page, guest_key) == 0);  // vector 25
  m.write(page, guest_key, 1);
  invd(ctx, m.cache, m.memory, {1}, 0);  // another core complex
  CHECK(m.read(page, guest_key) == 1);
  invd(ctx, m.cache, m.memory, {0}, 1U << 4);
  CHECK(m.cache.lines().empty());
  CHECK(m.read(page, guest_key) == 1);
  no_cache none;
  invd(ctx, none, m.memory, {0}, 0);
  CHECK(m.read(page, guest_key) == 1);
}

TEST_CASE("ENC-COH-07: lines move between core complexes and leave in the order they came", "[memory][ENC-COH-07]") {
  cached_machine m(false);
  m.write(page, guest_key, 1, 0);
  CHECK(m.read(page, guest_key, 1) == 1);
  CHECK(m.cache.lines().size() == 1);
  CHECK(m.cache.find({page}, guest_key)->holder == ccx{1});
  CHECK(m.cache.find({page}, guest_key)->dirty);

  for (std::uint64_t i = 1; i <= 3; ++i) (void)m.read(page + 64 * i, plain_key);
  (void)m.read(page, guest_key);  // a use does not make a line younger
  CHECK(m.cache.lines().size() == 4);
  CHECK(m.get(page, guest_key) != 1);
  (void)m.read(page + 64 * 4, plain_key);
  CHECK(m.cache.lines().size() == 4);
  CHECK(m.cache.find({page}, guest_key) == nullptr);
  CHECK(m.get(page, guest_key) == 1);

  m.write(page + 64, plain_key, 9);
  m.cache.evict(m.memory, 1);  // page + 128, which is clean
  CHECK(m.cache.find({page + 128}, plain_key) == nullptr);
  m.cache.evict(m.memory, 0);
  CHECK(m.cache.lines().size() == 2);
  CHECK(m.get(page + 64, plain_key) == 9);
}

TEST_CASE("ENC-COH-07: without a cache everything goes through", "[memory][ENC-COH-07]") {
  memory_machine m;
  no_cache none;
  cached_memory cpu{m.memory, none};
  CHECK(cpu.compare_exchange_qword({page}, guest_key, *cpu.read_qword({page}, guest_key), 5));
  CHECK(m.get(page, guest_key) == 5);
  none.wbinvd(m.memory, {0});
  none.wbnoinvd(m.memory, {0});
  none.clflush(m.memory, {page}, guest_key);
  none.flush_page(m.memory, {3}, guest_key);
  CHECK(qword_at(cpu, {page}, guest_key) == 5);
  CHECK(qword_at(cpu, {page}, memory_key::guest({7})) == std::nullopt);
}

TEST_CASE("references over several lines happen whole or not at all", "[memory][ENC-COH-07]") {
  cached_machine m(false);
  std::vector<std::uint8_t> bytes(200);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  CHECK(m.cpu().write({page + 50}, guest_key, bytes) == memory_status::ok);
  CHECK(m.cache.lines().size() == 4);  // lines 0 to 3
  std::vector<std::uint8_t> again(200);
  CHECK(m.cpu().read({page + 50}, guest_key, again) == memory_status::ok);
  CHECK(bytes == again);
  // More lines than there is room for.
  bytes.resize(1000, 7);
  CHECK(m.cpu().write({page + 50}, guest_key, bytes) == memory_status::ok);
  again.resize(1000);
  CHECK(m.cpu().read({page + 50}, guest_key, again) == memory_status::ok);
  CHECK(bytes == again);

  // The memory ends: nothing is read, written or brought in.
  const auto before = m.cache;
  const std::uint64_t end = 64 * 4096;
  CHECK(m.cpu().write({end - 100}, guest_key, bytes) == memory_status::no_memory);
  CHECK(m.cpu().read({end - 100}, guest_key, again) == memory_status::no_memory);
  CHECK(m.cpu().read({end}, guest_key, again) == memory_status::no_memory);
  CHECK(m.cpu().read({~std::uint64_t{0}}, guest_key, again) == memory_status::no_memory);
  CHECK(m.cpu().write({page}, memory_key::guest({7}), bytes) == memory_status::no_key);
  CHECK(m.cpu().read({end}, guest_key, {}) == memory_status::ok);
  CHECK(m.cache == before);

  // A memory that cannot be asked beforehand is tried.
  struct bare {
    memory_machine::controller* all;
    auto read(spa where, memory_key key, std::span<std::uint8_t> out) const { return all->read(where, key, out); }
    auto write(spa where, memory_key key, std::span<const std::uint8_t> in) const { return all->write(where, key, in); }
  } memory{&m.memory};
  cached_memory cpu{memory, m.cache};
  CHECK(cpu.write({end - 100}, guest_key, bytes) == memory_status::no_memory);
  CHECK(m.cache == before);
  CHECK(cpu.read({page + 50}, guest_key, again) == memory_status::ok);
  CHECK(bytes == again);
}
