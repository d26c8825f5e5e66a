// SPDX-License-Identifier: MIT
// References over two pages: devices, D bits and logs of one page while the other faults.
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <sevspec/crypto/tweaked_aes.hpp>
#include <sevspec/memory/mmio.hpp>
#include <sevspec/memory/modification_log.hpp>
#include <sevspec/memory/unguarded.hpp>
#include <sevspec/paging/tlb.hpp>
#include <sevspec/rmp/guarded_memory.hpp>
#include <support/catch.hpp>
#include <support/recorder.hpp>
#include <support/rmp_pages.hpp>
#include <support/sev_world.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

using xex = crypto::aes128_xex;
using world = sev_world<xex, memory::sparse_dram>;
using bytes_32 = std::array<std::uint8_t, 32>;

constexpr std::uint64_t linear_pages = 0x8'0000'0000;
constexpr std::uint64_t border = linear_pages + 0xff0;  ///< 16 bytes before the second page
constexpr std::uint64_t guest_pages = 0x8000'0000;      ///< gPA

auto counted(unsigned first) -> bytes_32 {
  bytes_32 bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  return bytes;
}

/// A host with small pages: linear pages from `linear_pages` on are mapped by the table at 0x40000; and so, by the
/// nested tables, are the gPAs from `guest_pages` on.
struct paged : world {
  paged() : world(xex(crypto::drawn_tweak_constants(3)), memory::sparse_dram(0x10'0000)) {
    put(0x2000 + 8 * (linear_pages >> 30), memory_key::none(), 0x41000 | all_rights | accessed);
    put(0x4000 + 8 * (guest_pages >> 30), memory_key::none(), 0x41000 | all_rights | accessed);
    put(0x41000, memory_key::none(), 0x40000 | all_rights | accessed);
    map(0, 0x50000), map(1, 0x51000);
  }
  void map(unsigned index, std::uint64_t to, std::uint64_t flags = all_rights | accessed | dirty) {
    put(0x40000 + 8 * index, memory_key::none(), to | flags);
  }
  auto dirty_leaf(unsigned index) -> bool {
    return (memory.read_qword({0x40000 + 8 * index}, memory_key::none()).value() & dirty) != 0;
  }
};

/// Registers that count.
struct registers {
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(0x2000, 0xd0);
  unsigned reads = 0;
  unsigned writes = 0;

  void read(std::uint64_t offset, std::span<std::uint8_t> out) {
    ++reads;
    std::ranges::copy(std::span{bytes}.subspan(offset, out.size()), out.begin());
  }
  void write(std::uint64_t offset, std::span<const std::uint8_t> in) {
    ++writes;
    std::ranges::copy(in, bytes.begin() + static_cast<std::ptrdiff_t>(offset));
  }
};

template <class Memory, class Cache>
auto read_over(Memory& memory, Cache& cache, const paging::host_regime& host, std::span<std::uint8_t> out)
    -> outcome<void> {
  context<> ctx;
  return cpu::read(ctx, memory, cache, host, {}, hva{border}, user_read, out);
}
template <class Memory, class Cache>
auto write_over(Memory& memory, Cache& cache, const paging::host_regime& host, std::span<const std::uint8_t> in)
    -> outcome<void> {
  context<> ctx;
  return cpu::write(ctx, memory, cache, host, {}, hva{border}, user_write, in);
}

auto nothing_at(std::uint64_t where) -> fault { return {fault_kind::no_memory, rule::none, 0, where}; }

}  // namespace

TEST_CASE("a second page that a device answers in part: nothing happens in the first", "[cpu][ENC-KEYSEL-13]") {
  struct row {
    std::uint64_t first, bytes;  ///< the window
    std::uint64_t where;         ///< the part that gets no answer
  };
  for (const row& one : {row{0x51008, 0x100, 0x51000}, row{0x51004, 4, 0x51000}, row{0x50800, 0x808, 0x51000},
                         row{0x50ff8, 0x1000, 0x50ff0}, row{0x50ff4, 2, 0x50ff0}}) {
    INFO(hex(one.first) << ", " << hex(one.bytes) << " bytes");
    for (const bool held : {false, true}) {
      paged m;
      registers device;
      memory::mmio_window window(m.memory, device, {one.first}, one.bytes);
      paging::tlb<16, 4, 4> cache;
      if (held) {
        REQUIRE(write_over(m.memory, cache, m.host, counted(1)).has_value());
        bytes_32 out{};
        REQUIRE(read_over(m.memory, cache, m.host, out).has_value());
      }
      const auto chips = m.memory.chips();
      CHECK(fault_of(write_over(window, cache, m.host, counted(0x80))) == nothing_at(one.where));
      CHECK(m.memory.chips() == chips);
      bytes_32 out = counted(0x40);
      CHECK(fault_of(read_over(window, cache, m.host, out)) == nothing_at(one.where));
      CHECK(out == counted(0x40));
      CHECK(device.reads == 0);
      CHECK(device.writes == 0);
    }
  }
}

namespace {

/// A device on page 1, on page 0, or on both: how often references over both pages ask it.
template <class Wrap>
void count_references(Wrap&& wrap) {
  for (const std::uint64_t first : {0x51000U, 0x50000U}) {
    for (const bool both : {false, true}) {
      if (both && first == 0x51000) continue;
      INFO("window at " << hex(first) << (both ? ", both pages" : ""));
      paged m;
      registers device;
      memory::mmio_window window(m.memory, device, {first}, both ? 0x2000 : 0x1000);
      paging::no_translation_cache cache;
      auto&& outer = wrap(window);
      const unsigned pieces = both ? 2 : 1;
      REQUIRE(write_over(outer, cache, m.host, counted(1)).has_value());
      CHECK(device.reads == 0);
      CHECK(device.writes == pieces);
      bytes_32 out{};
      REQUIRE(read_over(outer, cache, m.host, out).has_value());
      CHECK(out == counted(1));
      CHECK(device.reads == pieces);
      CHECK(device.writes == pieces);
    }
  }
}

}  // namespace

TEST_CASE("a device is asked as often as a reference over two pages reads it", "[cpu][ENC-KEYSEL-13]") {
  SECTION("by itself") {
    count_references([](auto& window) -> auto& { return window; });
  }
  SECTION("behind the Reverse Map Table") {
    const rmp_pages owners;
    count_references([&](auto& window) { return rmp::guarded_memory(window, owners); });
  }
  SECTION("behind no ownership checks") {
    count_references([](auto& window) { return memory::unguarded(window); });
  }
  SECTION("behind a log") {
    memory::modification_log log;
    count_references([&](auto& window) { return memory::logging_memory(window, log); });
  }
}

TEST_CASE("PAG-AD-03: a write whose second page faults leaves D of the first clear", "[cpu][PAG-AD-03]") {
  const std::uint64_t clean = all_rights | accessed;
  struct row {
    const char* name;
    std::uint64_t second;  ///< its entry
    std::uint64_t code;
  };
  for (const row& one : {row{"not present", 0, 6}, row{"read-only", 0x51000 | present | user | accessed, 7},
                         row{"reserved", 0x51000 | clean | bit_at(50), 0xf}}) {
    INFO(one.name);
    paged m;
    paging::tlb<16, 4, 4> cache;
    m.map(0, 0x50000, clean);
    m.map(1, 0, one.second);
    const auto chips = m.memory.chips();
    for (int i = 0; i < 2; ++i) {  // a fault is not kept
      const auto raised = fault_of(write_over(m.memory, cache, m.host, counted(1)));
      REQUIRE(raised.has_value());
      CHECK(raised->kind == fault_kind::pf);
      CHECK(raised->code == one.code);
      CHECK(raised->address == linear_pages + 0x1000);
      CHECK_FALSE(m.dirty_leaf(0));
    }
    CHECK(m.memory.chips() == chips);
    // Once it does not, both are set.
    m.map(1, 0x51000, clean);
    REQUIRE(write_over(m.memory, cache, m.host, counted(1)).has_value());
    CHECK(m.dirty_leaf(0));
    CHECK(m.dirty_leaf(1));
  }
}

TEST_CASE("PAG-AD-03: a write whose first page faults tells of the first", "[cpu][PAG-AD-03]") {
  const std::uint64_t clean = all_rights | accessed;
  for (const std::uint64_t second : {0x51000 | clean, std::uint64_t{0}}) {
    INFO("second entry " << hex(second));
    paged m;
    paging::tlb<16, 4, 4> cache;
    m.map(0, 0, 0);
    m.map(1, 0, second);
    CHECK(fault_of(write_over(m.memory, cache, m.host, counted(1))) == page_fault(rule::PAG_ENT_02, 6, border));
    CHECK_FALSE(m.dirty_leaf(1));
    bytes_32 out = counted(0x40);
    CHECK(fault_of(read_over(m.memory, cache, m.host, out)) == page_fault(rule::PAG_ENT_02, 4, border));
    CHECK(out == counted(0x40));
  }
}

TEST_CASE("PAG-AD-03: a write over two pages sets their D bits in order", "[cpu][PAG-AD-03][PAG-AD-06]") {
  paged m;
  m.map(0, 0x50000, all_rights | accessed);
  m.map(1, 0x51000, all_rights | accessed);
  recorder seen;
  recording_context ctx{.rules = {}, .choices = {}, .listener = seen};
  paging::no_translation_cache cache;
  REQUIRE(cpu::write(ctx, m.memory, cache, m.host, {}, hva{border}, user_write, counted(1)).has_value());
  std::vector<std::uint64_t> updated;
  for (const auto& update : seen.updates) updated.push_back(update.where.value);
  CHECK(updated == std::vector<std::uint64_t>{0x40000, 0x40008});
}

TEST_CASE("PAG-NPT-17: a write that faults on its second page logs nothing", "[cpu][PAG-NPT-17][PAG-AD-03]") {
  const std::uint64_t clean = all_rights | accessed;
  paged m;
  context<> ctx;
  const auto machine = paging::make_two_stage_regime(ctx, test_part,
                                                     {.host = paging::long_mode_registers(0),
                                                      .guest = {.cr0 = 0x11},
                                                      .ncr3 = 0x3000,
                                                      .np_control = 1 | paging::np_control::pml::mask,
                                                      .id = {3}})
                           .value();
  REQUIRE(machine.pml);
  memory::modification_log log{.base = {0x44000}};
  memory::logging_memory logging(m.memory, log);
  paging::tlb<16, 4, 4> cache;
  const auto write = [&] {
    return fault_of(
        cpu::write(ctx, logging, cache, machine, {{3}, 0}, gva{guest_pages + 0xff0}, user_write, counted(1)));
  };
  const auto logged = [&](std::uint64_t slot) { return m.memory.read_qword({0x44000 + 8 * slot}, memory_key::none()); };

  m.map(0, 0x50000, clean);
  m.map(1, 0, 0);
  CHECK(write() == nested_fault(rule::PAG_ENT_02, 0x1'0000'0006, guest_pages + 0x1000));
  CHECK_FALSE(m.dirty_leaf(0));
  CHECK(log.index == 511);
  CHECK(logged(511) == 0);
  // The first page's fault, and nothing of the second.
  m.map(0, 0, 0);
  m.map(1, 0x51000, clean);
  CHECK(write() == nested_fault(rule::PAG_ENT_02, 0x1'0000'0006, guest_pages + 0xff0));
  CHECK_FALSE(m.dirty_leaf(1));
  CHECK(log.index == 511);
  // Neither faults: both are logged, once.
  m.map(0, 0x50000, clean);
  for (int i = 0; i < 2; ++i) {
    CHECK(write() == std::nullopt);
    CHECK(log.index == 509);
  }
  CHECK(logged(511) == guest_pages);
  CHECK(logged(510) == guest_pages + 0x1000);
  // One slot is left: the first page has it, and the exit is the second's.
  m.map(0, 0x50000, clean);
  m.map(1, 0x51000, clean);
  log.index = 0;
  paging::tlb<16, 4, 4> empty;
  const auto log_full =
      fault_of(cpu::write(ctx, logging, empty, machine, {{3}, 0}, gva{guest_pages + 0xff0}, user_write, counted(1)));
  CHECK(log_full == fault{fault_kind::vmexit, rule::PAG_NPT_17, 0x407, 0});
  CHECK(logged(0) == guest_pages);
  CHECK(m.dirty_leaf(0));
  CHECK_FALSE(m.dirty_leaf(1));
}
