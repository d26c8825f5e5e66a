// SPDX-License-Identifier: MIT
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <support/bytes.hpp>
#include <support/catch.hpp>

#include <sevspec/layout/certificate_table.hpp>
#include <sevspec/layout/codes/guids.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using error = layout::certificate_table_error;

constexpr std::size_t entry_size = 24;

struct certificate {
  std::string guid;
  byte_vector content;
  friend auto operator==(const certificate&, const certificate&) -> bool = default;
};

struct reading {
  std::expected<std::size_t, error> result;
  std::vector<certificate> seen;
};

auto read(std::span<const std::uint8_t> table) -> reading {
  std::vector<certificate> seen;
  const auto result = layout::for_each_certificate(
      table, [&](std::span<const std::uint8_t, 16> guid, std::span<const std::uint8_t> content) {
        seen.push_back({to_hex(guid), {content.begin(), content.end()}});
      });
  return {result, seen};
}

void put_entry(byte_vector& table, std::size_t index, std::uint8_t guid, std::uint64_t offset, std::uint64_t length) {
  table[index * entry_size] = guid;
  put_le(table, index * entry_size + 16, 4, offset);
  put_le(table, index * entry_size + 20, 4, length);
}

/// Nothing was seen, and the error is this one.
void check_refused(const byte_vector& table, error::kind what, std::size_t offset) {
  const auto [result, seen] = read(table);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().what == what);
  CHECK(result.error().offset == offset);
  CHECK(seen.empty());
}

constexpr auto counts_in_a_constant_expression() -> bool {
  std::array<std::uint8_t, 50> table{};
  table[0] = 1;
  table[16] = 48;
  table[20] = 2;
  table[48] = 7;
  std::size_t sum = 0;
  const auto count = layout::for_each_certificate(table, [&](auto guid, auto content) {
    for (const auto byte : content) sum += byte;
    sum += guid[0];
  });
  return count == std::size_t{1} && sum == 8;
}
static_assert(counts_in_a_constant_expression());

}  // namespace

TEST_CASE("LAY-CERT-01: a table as Linux hands it out", "[layout][certificate][LAY-CERT-01]") {
  // VCEK, ASK and ARK, then the end; certificates behind.
  byte_vector table(4096);
  const byte_vector contents[] = {byte_vector(1360, 0x11), byte_vector(1677, 0x22), byte_vector(900, 0x33)};
  const std::array<std::uint8_t, 16> names[] = {layout::guids::vcek.text_order(), layout::guids::ask.text_order(),
                                                layout::guids::ark.text_order()};
  std::size_t at = 4 * entry_size;
  for (std::size_t i = 0; i < 3; ++i) {
    std::ranges::copy(names[i], table.begin() + static_cast<std::ptrdiff_t>(i * entry_size));
    put_le(table, i * entry_size + 16, 4, at);
    put_le(table, i * entry_size + 20, 4, contents[i].size());
    std::ranges::copy(contents[i], table.begin() + static_cast<std::ptrdiff_t>(at));
    at += contents[i].size();
  }
  REQUIRE(at <= table.size());
  const auto [result, seen] = read(table);
  CHECK(result == std::size_t{3});
  REQUIRE(seen.size() == 3);
  // GUIDs in the order of their text.
  CHECK(seen[0] == certificate{"63da758de6644564adc5f4b93be8accd", contents[0]});
  CHECK(seen[1] == certificate{"4ab7b379bbac4fe4a02f05aef327c782", contents[1]});
  CHECK(seen[2] == certificate{"c0b406a4a803495297433fb6014cd0ae", contents[2]});
}

TEST_CASE("errors compare by all they say", "[layout][certificate]") {
  CHECK(error{} == error{error::kind::unterminated, 0});
  CHECK_FALSE(error{} == error{error::kind::out_of_range, 0});
  CHECK_FALSE(error{} == error{error::kind::unterminated, 24});
}

TEST_CASE("LAY-CERT-01: empty tables", "[layout][certificate][LAY-CERT-01]") {
  const auto [result, seen] = read(byte_vector(entry_size));
  CHECK(result == std::size_t{0});
  CHECK(seen.empty());
  // Only the GUID ends a table; whatever else is in that entry does not count.
  byte_vector table(entry_size);
  put_entry(table, 0, 0, 0xFFFF'FFFF, 0xFFFF'FFFF);
  CHECK(read(table).result == std::size_t{0});
  // What lies behind the end does not, either.
  byte_vector longer(3 * entry_size);
  put_entry(longer, 1, 1, 0xFFFF'FFFF, 1);
  CHECK(read(longer).result == std::size_t{0});
}

TEST_CASE("LAY-CERT-01: every byte of a GUID counts", "[layout][certificate][LAY-CERT-01]") {
  for (std::size_t i = 0; i < 16; ++i)
    for (const unsigned value : {0x01U, 0x80U, 0xFFU}) {
      byte_vector table(2 * entry_size);
      put_entry(table, 0, 0, 2 * entry_size, 0);
      table[i] = static_cast<std::uint8_t>(value);
      const auto [result, seen] = read(table);
      CHECK(result == std::size_t{1});
      REQUIRE(seen.size() == 1);
      CHECK(from_hex(seen[0].guid)[i] == value);
      CHECK(seen[0].content.empty());
    }
}

TEST_CASE("LAY-CERT-01: the end is missing", "[layout][certificate][LAY-CERT-01]") {
  for (std::size_t size = 0; size < entry_size; ++size)
    check_refused(byte_vector(size), error::kind::unterminated, 0);  // no room for an entry, even of zeros
  for (std::size_t entries = 1; entries <= 3; ++entries)
    for (std::size_t rest = 0; rest <= entry_size; ++rest) {
      byte_vector table(entries * entry_size + rest);
      for (std::size_t i = 0; i < entries; ++i) put_entry(table, i, 1, table.size(), 0);
      INFO(entries << " entries and " << rest << " bytes");
      if (rest < entry_size) check_refused(table, error::kind::unterminated, entries * entry_size);
      else CHECK(read(table).result == entries);
    }
}

TEST_CASE("LAY-CERT-01: a certificate has to lie in the table", "[layout][certificate][LAY-CERT-01]") {
  static constexpr std::uint64_t size = 200;
  static constexpr auto in_entries = error::kind::in_entries;
  static constexpr auto out_of_range = error::kind::out_of_range;
  const auto [offset, length, refused] = GENERATE(table<std::uint64_t, std::uint64_t, std::optional<error::kind>>({
      {72, 0, std::nullopt},
      {72, size - 72, std::nullopt},
      {72, size - 71, out_of_range},
      {size - 1, 1, std::nullopt},
      {size - 1, 2, out_of_range},
      {size, 0, std::nullopt},
      {size, 1, out_of_range},
      {size + 1, 0, out_of_range},
      {size + 1, 1, out_of_range},
      {0xFFFF'FFFF, 0, out_of_range},
      {0xFFFF'FFFF, 1, out_of_range},  // offset + length is 0 in 32 bits
      {0xFFFF'FFFF, 0xFFFF'FFFF, out_of_range},
      {1, 0xFFFF'FFFF, out_of_range},
      {72, 0xFFFF'FFB8, out_of_range},  // 72 + length is 0 in 32 bits
      {0, 0xFFFF'FFFF, out_of_range},
      {0x8000'0000, 0x8000'0000, out_of_range},
      // Entries are 0 to 71: two of certificates, and the end.
      {71, 0, in_entries},
      {71, 1, in_entries},
      {48, 24, in_entries},
      {0, 0, in_entries},
      {0, 1, in_entries},
      {0, size, in_entries},
      {0, size + 1, out_of_range},
  }));
  INFO(hex(offset) << " + " << hex(length));
  byte_vector table(size, 0xAA);
  std::fill_n(table.begin(), 3 * entry_size, std::uint8_t{0});
  put_entry(table, 0, 1, 100, 10);  // one that lies in it comes first
  put_entry(table, 1, 2, offset, length);
  if (refused) return check_refused(table, *refused, entry_size);
  const auto [result, seen] = read(table);
  CHECK(result == std::size_t{2});
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].content == byte_vector(10, 0xAA));
  CHECK(seen[1].content == byte_vector(table.begin() + static_cast<std::ptrdiff_t>(offset),
                                       table.begin() + static_cast<std::ptrdiff_t>(offset + length)));
}

TEST_CASE("LAY-CERT-01: the first entry that is wrong is named", "[layout][certificate][LAY-CERT-01]") {
  constexpr std::size_t behind = 5 * entry_size;
  byte_vector table(behind + 8);
  for (std::size_t i = 0; i < 4; ++i) put_entry(table, i, 1, behind, 1);
  CHECK(read(table).result == std::size_t{4});
  for (std::size_t wrong = 0; wrong < 4; ++wrong) {
    auto copy = table;
    for (std::size_t i = wrong; i < 4; ++i) put_entry(copy, i, 1, behind, 9);
    check_refused(copy, error::kind::out_of_range, wrong * entry_size);
    copy = table;
    for (std::size_t i = wrong; i < 4; ++i) put_entry(copy, i, 1, behind - 1, 1);
    check_refused(copy, error::kind::in_entries, wrong * entry_size);
  }
  // That entries end is found out first, and how many there are; then whether certificates lie in them.
  auto both = table;
  put_entry(both, 0, 1, 0, 1);
  put_entry(both, 3, 1, behind, 9);
  check_refused(both, error::kind::out_of_range, 3 * entry_size);
  // Before a missing end.
  table.resize(4 * entry_size);
  put_entry(table, 3, 1, 0, 1000);
  for (std::size_t i = 0; i < 3; ++i) put_entry(table, i, 1, 0, 1);
  check_refused(table, error::kind::out_of_range, 3 * entry_size);
  put_entry(table, 3, 1, 0, 1);
  check_refused(table, error::kind::unterminated, 4 * entry_size);
}

TEST_CASE("LAY-CERT-01: certificates may overlap one another", "[layout][certificate][LAY-CERT-01]") {
  byte_vector table(3 * entry_size + 10, 0x55);
  std::fill_n(table.begin(), 3 * entry_size, std::uint8_t{0});
  put_entry(table, 0, 1, 3 * entry_size, 10);
  put_entry(table, 1, 1, 3 * entry_size + 5, 5);
  const auto [result, seen] = read(table);
  CHECK(result == std::size_t{2});
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].content == byte_vector(10, 0x55));
  CHECK(seen[1].content == byte_vector(5, 0x55));
}
