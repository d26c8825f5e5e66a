// SPDX-License-Identifier: MIT
#include <cstdint>
#include <expected>
#include <string>

#include <support/catch.hpp>
#include <support/memory_machine.hpp>

#include <sevspec/memory/io_page_table.hpp>

using namespace sevspec;
using namespace sevspec::memory;
using namespace sevspec::test;
using error = io_walk_error;

namespace {

constexpr std::uint64_t c_bit = std::uint64_t{1} << 51;

constexpr auto entry(std::uint64_t address, unsigned next) -> std::uint64_t {
  return address | std::uint64_t{next} << 9 | io_entry::present | io_entry::read | io_entry::write;
}

/// Tables at 10000h and below: 4 -> 3 -> 2 -> 1 -> page 5000h for address 0x80'4020'1000 + offset.
struct io_machine : memory_machine {
  static constexpr std::uint64_t where = std::uint64_t{1} << 39 | 1U << 30 | 1U << 21 | 1U << 12;
  io_page_table tables{.root = {0x10000}, .levels = 4, .c_bit = 51};

  io_machine() {
    put(0x10008, plain_key, entry(0x11000, 3));
    put(0x11008, plain_key, entry(0x12000, 2));
    put(0x12008, plain_key, entry(0x13000, 1));
    put(0x13008, plain_key, entry(0x5000, 0));
  }
  auto walk(std::uint64_t address = where + 0x123, bool write = false) -> std::expected<io_mapping, error> {
    return walk_io_page_table(memory, tables, {address}, write);
  }
  auto error_of(std::uint64_t address = where, bool write = false) -> error {
    const auto result = walk(address, write);
    REQUIRE_FALSE(result.has_value());
    return result.error();
  }
  auto at(std::uint64_t slot) -> std::uint64_t { return get(slot, plain_key); }
};

}  // namespace

TEST_CASE("I/O page tables of four levels", "[memory][iommu]") {
  io_machine m;
  const auto found = m.walk();
  REQUIRE(found.has_value());
  CHECK(found->where == spa{0x5123});
  CHECK(found->log2_bytes == 12);
  CHECK_FALSE(found->c);
  CHECK(found->leaf.raw == m.at(0x13008));
  CHECK(ownership_size(*found) == page_size::k4k);
  CHECK(m.walk(m.where, true).has_value());
  CHECK(m.error_of(m.where + 0x1000) == error::not_present);
  CHECK(m.error_of(m.where + (std::uint64_t{1} << 48)) == error::address_too_high);
  m.tables.levels = 3;
  m.tables.root = {0x11000};
  CHECK(m.walk(m.where & 0x7f'ffff'ffff)->where == spa{0x5000});
  CHECK(m.error_of(m.where) == error::address_too_high);
  m.tables.root = {0x100'0000};
  CHECK(m.error_of(0) == error::no_memory);
}

TEST_CASE("I/O page tables of six levels index the whole address", "[memory][iommu]") {
  io_machine m;
  m.tables = {.root = {0x14000}, .levels = 6};
  m.put(0x14000 + 8 * 0x7f, plain_key, entry(0x15000, 5));
  m.put(0x15000 + 8 * 0x1ff, plain_key, entry(0x10000, 4));
  CHECK(m.walk(m.where | 0xffff'0000'0000'0000)->where == spa{0x5000});
}

TEST_CASE("I/O pages of every size", "[memory][iommu]") {
  io_machine m;
  // The default sizes of the levels.
  m.put(0x12008, plain_key, entry(0x20'0000, 0));
  CHECK(m.walk(m.where + 0x8'0000)->where == spa{0x28'1000});
  CHECK(m.walk()->log2_bytes == 21);
  CHECK(ownership_size(*m.walk()) == page_size::k2m);
  m.put(0x11008, plain_key, entry(0x4000'0000, 0));
  CHECK(m.walk()->where == spa{0x4020'1123});
  CHECK(m.walk()->log2_bytes == 30);
  CHECK(ownership_size(*m.walk()) == page_size::k1g);
  m.put(0x10008, plain_key, entry(std::uint64_t{3} << 39, 0));
  CHECK(m.walk()->where == spa{std::uint64_t{3} << 39 | 0x4020'1123});
  CHECK(m.walk()->log2_bytes == 39);

  // Next level 7: the lowest clear bit from 12 on.
  m.put(0x10008, plain_key, entry(0x11000, 3));
  m.put(0x11008, plain_key, entry(0x12000, 2));
  m.put(0x12008, plain_key, entry(0x13000, 1));
  m.put(0x13008, plain_key, entry(0x6000, 7));
  CHECK(m.walk()->where == spa{0x7123});  // 8K; bit 12 of the address is the device's
  CHECK(m.walk()->log2_bytes == 13);
  CHECK(ownership_size(*m.walk()) == page_size::k4k);
  m.put(0x13008, plain_key, entry(0x2'7000, 7));  // 64K: bits 14:12 set
  CHECK(m.walk()->where == spa{0x2'1123});
  CHECK(m.walk()->log2_bytes == 16);
  m.put(0x13008, plain_key, entry(0x7'f000, 7));  // 1M
  CHECK(m.walk()->log2_bytes == 20);
  m.put(0x13008, plain_key, entry(0xf'f000, 7));  // 2M is level 2's own
  CHECK(m.error_of() == error::bad_page_size);
  m.put(0x12008, plain_key, entry(0x1f'f000, 7));  // 4M
  CHECK(m.walk()->log2_bytes == 22);
  CHECK(m.walk()->where == spa{0x20'1123});
  CHECK(ownership_size(*m.walk()) == page_size::k2m);
  m.put(0x12008, plain_key, entry(0xf'f000, 7));  // 2M needs no size
  CHECK(m.error_of() == error::bad_page_size);
}

TEST_CASE("I/O page tables may skip levels", "[memory][iommu]") {
  io_machine m;
  m.put(0x10000, plain_key, entry(0x13000, 1));
  CHECK(m.walk(0x1123)->where == spa{0x5123});
  CHECK(m.error_of(0x20'1123) == error::address_too_high);
  CHECK(m.error_of(0x4000'1123) == error::address_too_high);
  m.put(0x10000, plain_key, entry(0x12000, 2));
  CHECK(m.walk(0x20'1123)->where == spa{0x5123});
  CHECK(m.error_of(0x4020'1123) == error::address_too_high);
  for (const unsigned level : {3U, 4U, 5U, 6U}) {
    m.put(0x11008, plain_key, entry(0x12000, level));
    CHECK(m.error_of() == error::bad_level);
  }
}

TEST_CASE("I/O permissions are those of all levels together", "[memory][iommu]") {
  for (const std::uint64_t slot : {0x10008U, 0x11008U, 0x12008U, 0x13008U}) {
    io_machine m;
    m.put(slot, plain_key, m.at(slot) & ~io_entry::write);
    CHECK(m.walk().has_value());
    CHECK(m.error_of(m.where, true) == error::not_writable);
    m.put(slot, plain_key, (m.at(slot) | io_entry::write) & ~io_entry::read);
    CHECK(m.error_of() == error::not_readable);
    CHECK(m.walk(m.where, true).has_value());
    m.put(slot, plain_key, m.at(slot) & ~io_entry::present);
    CHECK(m.error_of() == error::not_present);
  }
  io_machine m;
  m.tables.write = false;
  CHECK(m.walk().has_value());
  CHECK(m.error_of(m.where, true) == error::not_writable);
  m.tables = {.root = m.tables.root, .read = false};
  CHECK(m.error_of() == error::not_readable);
}

TEST_CASE("ENC-DMA-01: every pointer of I/O page tables has a C-bit of its own", "[memory][iommu][ENC-DMA-01]") {
  io_machine m;
  m.put(0x13008, plain_key, entry(0x5000 | c_bit, 0));
  CHECK(m.walk()->c);
  CHECK(m.walk()->where == spa{0x5123});
  // A table under the host's key.
  m.put(0x12008, plain_key, entry(0x13000 | c_bit, 1));
  CHECK_FALSE(m.walk() == std::expected<io_mapping, error>{io_mapping{.where = {0x5123}, .c = true}});
  m.put(0x13008, host_key, entry(0x6000, 0));
  CHECK(m.walk()->where == spa{0x6123});
  CHECK_FALSE(m.walk()->c);
  m.put(0x10008, host_key, entry(0x11000, 3));
  m.tables.root_c = true;
  CHECK(m.walk()->where == spa{0x6123});
  // Without memory encryption the bit is one of the address.
  m.tables = {.root = {0x10000}};
  m.put(0x10008, plain_key, entry(c_bit, 0));
  CHECK(m.walk()->where.value >> 51 == 1);
  CHECK_FALSE(m.walk()->c);
  for (unsigned e = 0; e <= 6; ++e) CHECK(std::string(text_of(static_cast<error>(e))).size() > 10);
}
