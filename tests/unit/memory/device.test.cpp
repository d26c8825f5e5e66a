// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>

#include <support/catch.hpp>
#include <support/memory_machine.hpp>

#include <sevspec/base/context.hpp>
#include <sevspec/memory/bounce_buffer.hpp>
#include <sevspec/memory/ciphertext_hiding.hpp>
#include <sevspec/memory/device.hpp>

using namespace sevspec;
using namespace sevspec::memory;
using namespace sevspec::test;

namespace {

constexpr std::uint64_t c_bit = std::uint64_t{1} << 51;

constexpr auto entry(std::uint64_t address, unsigned next) -> std::uint64_t {
  return address | std::uint64_t{next} << 9 | io_entry::present | io_entry::read | io_entry::write;
}

/// A device that sees shared page 1000h at 1000h, the same page under the host's key at 2000h, and guest 5's page at
/// 3000h; and 2M from 0 on at 20'0000h.
struct dma_machine : memory_machine {
  context<> ctx{};
  dma_path path{.c_bit = 51, .tables = io_page_table{.root = {0x10000}, .levels = 2}, .snp = true};

  dma_machine() {
    put(0x10000, plain_key, entry(0x11000, 1));
    put(0x10008, plain_key, entry(0, 0));
    put(0x11008, plain_key, entry(shared_page, 0));
    put(0x11010, plain_key, entry(shared_page | c_bit, 0));
    put(0x11018, plain_key, entry(private_page, 0));
    put(private_page, guest_key, 0x1234);
  }
  auto read(std::uint64_t address) -> std::uint64_t {
    std::array<std::uint8_t, 8> bytes{};
    CHECK(dma_read(ctx, guarded, path, {address}, bytes).has_value());
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 8; ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
    return value;
  }
  auto write(std::uint64_t address, std::uint8_t byte = 0x77) -> std::expected<void, dma_abort> {
    const std::array<std::uint8_t, 8> bytes{byte};
    return dma_write(ctx, guarded, path, {address}, bytes);
  }
};

}  // namespace

TEST_CASE("ENC-DMA-01: the C-bit of the I/O leaf, or of the address, selects the host's key", "[memory][ENC-DMA-01]") {
  dma_machine m;
  CHECK(m.write(0x1000).has_value());
  CHECK(m.get(m.shared_page, plain_key) == 0x77);
  CHECK(m.read(0x1000) == 0x77);
  CHECK(m.write(0x2000, 0x78).has_value());
  CHECK(m.get(m.shared_page, host_key) == 0x78);
  CHECK(m.read(0x2000) == 0x78);

  m.path.tables.reset();
  CHECK(m.write(m.shared_page, 0x79).has_value());
  CHECK(m.get(m.shared_page, plain_key) == 0x79);
  CHECK(m.write(m.shared_page | c_bit, 0x7a).has_value());
  CHECK(m.get(m.shared_page, host_key) == 0x7a);
  CHECK(m.read(m.shared_page | c_bit) == 0x7a);
  // Mode 0: the entry is valid and does not translate.
  m.path.tables = io_page_table{.levels = 0};
  CHECK(m.read(m.shared_page | c_bit) == 0x7a);
  // Without memory encryption that bit is one of the address.
  m.path.c_bit.reset();
  CHECK(m.write(m.shared_page | c_bit).error() ==
        dma_abort{.address = {m.shared_page | c_bit}, .where = {m.shared_page | c_bit}});
  std::array<std::uint8_t, 8> bytes{};
  CHECK(dma_read(m.ctx, m.guarded, m.path, {m.shared_page | c_bit}, bytes).error().event == dma_event::none);
}

TEST_CASE("ENC-DMA-02: no device reads a guest's plaintext", "[memory][ENC-DMA-02]") {
  dma_machine m;
  const std::uint64_t raw = m.get(m.private_page, plain_key);
  CHECK(m.read(0x3000) == raw);
  m.put(0x11018, plain_key, entry(m.private_page | c_bit, 0));
  CHECK(m.read(0x3000) == m.get(m.private_page, host_key));
  CHECK(m.get(m.private_page, host_key) != 0x1234);
  // Whatever leads to a page, the key is the host's or none.
  for (const bool snp : {false, true})
    for (const bool tables : {false, true})
      for (std::uint64_t address = 0; address < 0x4000; address += 0x800)
        for (const std::uint64_t high : {std::uint64_t{0}, c_bit})
          for (const bool write : {false, true}) {
            dma_path path = m.path;
            path.snp = snp;
            if (!tables) path.tables.reset();
            const auto target = route_dma(m.ctx, m.guarded, path, {address | high}, write);
            if (target) CHECK((target->key == plain_key || target->key == host_key));
          }
}

TEST_CASE("ENC-DMA-03: a device's write to a guest's page is aborted and logged", "[memory][ENC-DMA-03][RMP-CHK-17]") {
  dma_machine m;
  const std::uint64_t before = m.get(m.private_page, plain_key);
  const auto aborted = m.write(0x3008);
  REQUIRE_FALSE(aborted.has_value());
  CHECK(aborted.error() == dma_abort{.event = dma_event::rmp_page_fault,
                                     .decided_by = rule::ENC_DMA_03,
                                     .address = {0x3008},
                                     .where = {m.private_page + 8}});
  CHECK(static_cast<unsigned>(aborted.error().event) == 0xd);
  CHECK(m.get(m.private_page, plain_key) == before);
  CHECK(m.read(0x3000) == before);  // reads are not checked

  // Pages of the AMD-SP are not the hypervisor's either.
  m.rmp[m.private_page] = {.assigned = true, .immutable = true};
  CHECK(m.write(0x3000).error().event == dma_event::rmp_page_fault);
  m.rmp[m.private_page] = {};
  CHECK(m.write(0x3000).has_value());
  CHECK(m.get(m.private_page, plain_key) == 0x77);

  // Without enforcement in the IOMMU, as before SNP: the write lands.
  m.rmp[m.private_page] = guest_page(m.private_gpa);
  m.path.snp = false;
  CHECK(m.write(0x3000, 0x55).has_value());
  CHECK(m.get(m.private_page, plain_key) == 0x55);
}

TEST_CASE("RMP-CHK-17: the page size is that of the I/O leaf", "[memory][RMP-CHK-17]") {
  dma_machine m;
  // Page 1000h is the hypervisor's, but another page of the 2M region is not.
  CHECK(m.write(0x1000).has_value());
  CHECK(m.write(0x20'1000).error().event == dma_event::rmp_page_fault);
  CHECK(m.read(0x20'1000) == 0x77);
  m.rmp[m.private_page] = {};
  CHECK(m.write(0x20'1000).has_value());
  // An untranslated address counts as one of 4K.
  m.rmp[m.private_page] = guest_page(m.private_gpa);
  m.path.tables.reset();
  CHECK(m.write(0x1000).has_value());
  CHECK(m.write(m.private_page).error().event == dma_event::rmp_page_fault);

  // The question that page ownership is asked.
  struct asked_memory {
    memory_machine::controller* all;
    ownership_query seen{};
    int asked = 0;
    auto read(spa where, memory_key key, std::span<std::uint8_t> out) const { return all->read(where, key, out); }
    auto write(spa where, memory_key key, std::span<const std::uint8_t> in) const { return all->write(where, key, in); }
    auto check_ownership(context<>&, const ownership_query& query) -> ownership_verdict {
      seen = query, ++asked;
      return {};
    }
  } memory{&m.memory};
  m.path.tables = io_page_table{.root = {0x10000}, .levels = 2};
  CHECK(route_dma(m.ctx, memory, m.path, {0x20'1008}, true) == dma_target{{0x1008}, plain_key});
  CHECK(memory.asked == 1);
  CHECK(memory.seen.where == spa{0x1008});
  CHECK(memory.seen.leaf == page_size::k2m);
  CHECK(memory.seen.kind == access_kind::write);
  CHECK(memory.seen.who == owner_context::host);
  CHECK_FALSE(memory.seen.table);
  CHECK(route_dma(m.ctx, memory, m.path, {0x20'1008}, false).has_value());
  CHECK(memory.asked == 1);
}

TEST_CASE("what the I/O page tables forbid is aborted before page ownership is asked", "[memory][iommu]") {
  dma_machine m;
  m.put(0x11018, plain_key, entry(m.private_page, 0) & ~io_entry::write);
  CHECK(m.write(0x3000).error() ==
        dma_abort{.event = dma_event::io_page_fault, .address = {0x3000}, .walk = io_walk_error::not_writable});
  CHECK(m.write(0x4000).error().walk == io_walk_error::not_present);
  std::array<std::uint8_t, 1> byte{};
  CHECK(dma_read(m.ctx, m.guarded, m.path, {0x4000}, byte).error().event == dma_event::io_page_fault);
  m.put(0x10000, plain_key, entry(0x100'0000, 1));
  CHECK(m.write(0x1000).error().event == dma_event::page_table_error);
  CHECK(static_cast<unsigned>(dma_event::io_page_fault) == 2);
  CHECK(static_cast<unsigned>(dma_event::page_table_error) == 4);
  CHECK(static_cast<unsigned>(dma_event::rmp_hardware_error) == 0xe);
}

TEST_CASE("ENC-DMA-05: defective parts do not check untranslated references", "[memory][ENC-DMA-05]") {
  dma_machine m;
  m.path.iommu_rmp_bypass = true;
  CHECK(m.write(0x3000).error().event == dma_event::rmp_page_fault);  // a valid entry translates this one
  m.path.tables.reset();
  CHECK(m.write(m.private_page).has_value());
  CHECK(m.get(m.private_page, plain_key) == 0x77);
  CHECK(m.get(m.private_page, guest_key) != 0x1234);
}

TEST_CASE("ENC-HIDE-06: a device behind ciphertext hiding", "[memory][ENC-HIDE-06][ENC-DMA-03]") {
  dma_machine m;
  const rmp::page_owners owners{m.rmp};
  ciphertext_hiding hidden{m.ctx, m.guarded, owners, {.enabled = true, .max_snp = {5}}, reading_agent::device};
  std::array<std::uint8_t, 2> bytes{};
  CHECK(dma_read(m.ctx, hidden, m.path, {0x3000}, bytes).has_value());
  CHECK(bytes == std::array<std::uint8_t, 2>{0xff, 0xff});
  CHECK(dma_write(m.ctx, hidden, m.path, {0x3000}, bytes).error().event == dma_event::rmp_page_fault);
}

TEST_CASE("ENC-DMA-06: the pool of bounce buffers", "[memory][ENC-DMA-06]") {
  constexpr std::uint64_t mib = 1U << 20;
  constexpr std::uint64_t gib = 1024 * mib;
  CHECK(bounce_pool_bytes(0) == 64 * mib);
  CHECK(bounce_pool_bytes(gib) == 64 * mib);  // 61.4 MiB
  CHECK(bounce_pool_bytes(2 * gib) == 2 * gib * 6 / 100);
  CHECK(bounce_pool_bytes(4 * gib + 4096) == (4 * gib + 4096) * 6 / 100);
  CHECK(bounce_pool_bytes(16 * gib) == 16 * gib * 6 / 100);
  CHECK(bounce_pool_bytes(17 * gib) == gib);
  CHECK(bounce_pool_bytes(~std::uint64_t{0}) == gib);
}

TEST_CASE("ENC-DMA-06: a transfer through a bounce buffer", "[memory][ENC-DMA-06][ENC-DMA-07]") {
  dma_machine m;
  const bounce_buffer buffer{.private_page = {m.private_page},
                             .guest = guest_key,
                             .shared_page = {m.shared_page},
                             .shared = plain_key,
                             .bytes = 200};
  m.put(m.private_page + 192, guest_key, 0x9999);
  m.put(m.shared_page + 200, plain_key, 0x4444);
  CHECK(bounce_to_device(m.memory, buffer) == memory_status::ok);
  CHECK(m.read(0x1000) == 0x1234);
  CHECK(m.read(0x1000 + 192) == 0x9999);
  CHECK(m.read(0x1000 + 200) == 0x4444);  // not a byte more

  CHECK(m.write(0x1000, 0x42).has_value());
  CHECK(m.get(m.private_page, guest_key) == 0x1234);
  CHECK(bounce_from_device(m.memory, buffer) == memory_status::ok);
  CHECK(m.get(m.private_page, guest_key) == 0x42);
  // The sender has chosen the plaintext whose ciphertext the host reads there.
  CHECK((m.get(m.private_page, plain_key) & 0xff) == (0x42U ^ pad_byte(0x50, m.private_page)));

  auto beyond = buffer;
  beyond.shared_page = {64 * 4096 - 100};
  CHECK(bounce_to_device(m.memory, beyond) == memory_status::no_memory);
  CHECK(bounce_from_device(m.memory, beyond) == memory_status::no_memory);
  // Under the host's key, where the guest's nested leaf has the C-bit.
  auto keyed = buffer;
  keyed.shared = host_key;
  CHECK(bounce_to_device(m.memory, keyed) == memory_status::ok);
  CHECK(m.read(0x2000) == 0x42);
}

TEST_CASE("ENC-COH-02: devices behind caches, ciphertext hiding and page ownership",
          "[memory][ENC-COH-02][ENC-DMA-02]") {
  dma_machine m;
  tagged_cache<8> cache(true);
  cached_memory cpu{m.memory, cache};
  const std::array<std::uint8_t, 8> bytes{0x66};
  CHECK(cpu.write({m.shared_page}, plain_key, bytes) == memory_status::ok);
  CHECK(cpu.write({m.private_page}, guest_key, bytes) == memory_status::ok);

  snooping_memory snooping{m.memory, cache};
  static_assert(physical_memory<decltype(snooping)>);
  const rmp::page_owners owners{m.rmp};
  ciphertext_hiding hidden{m.ctx, snooping, owners, {.enabled = true, .max_snp = {4}}, reading_agent::device};
  rmp::guarded_memory bus{hidden, m.rmp};
  std::array<std::uint8_t, 8> seen{};
  // What a processor wrote in the same context is seen at once; the guest's dirty line is not asked.
  CHECK(dma_read(m.ctx, bus, m.path, {0x1000}, seen).has_value());
  CHECK(seen == bytes);
  const std::uint64_t before = m.get(m.private_page, plain_key);
  CHECK(dma_read(m.ctx, bus, m.path, {0x3000}, seen).has_value());
  CHECK(m.get(m.private_page, plain_key) == before);
  CHECK(cache.find({m.private_page}, guest_key)->dirty);
  CHECK(seen[0] == (before & 0xff));
  cache.clflush(m.memory, {m.private_page}, plain_key);
  CHECK(dma_read(m.ctx, bus, m.path, {0x3000}, seen).has_value());
  CHECK(seen[0] == (0x66 ^ pad_byte(0x50, m.private_page)));
  CHECK_FALSE(dma_write(m.ctx, bus, m.path, {0x3000}, bytes).has_value());
  CHECK(dma_write(m.ctx, bus, m.path, {0x1000}, std::array<std::uint8_t, 8>{0x11}).has_value());
  CHECK(cpu.read_qword({m.shared_page}, plain_key) == 0x11U);
}
