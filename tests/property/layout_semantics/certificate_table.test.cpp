// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <property/property.hpp>
#include <support/bytes.hpp>
#include <support/catch.hpp>

#include <sevspec/layout/certificate_table.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using error = layout::certificate_table_error;

struct reading {
  std::optional<error> refused;
  std::vector<byte_vector> contents;
  friend auto operator==(const reading&, const reading&) -> bool = default;
};

auto read(const byte_vector& table) -> reading {
  reading found;
  std::size_t calls = 0;
  const auto result = layout::for_each_certificate(
      table, [&](std::span<const std::uint8_t, 16>, std::span<const std::uint8_t> content) {
        ++calls;
        found.contents.emplace_back(content.begin(), content.end());
      });
  if (!result) found.refused = result.error();
  else RC_ASSERT(*result == calls);
  return found;
}

/// The same in wide integers, from the table's description.
auto expected_reading(const byte_vector& table) -> reading {
  reading found;
  for (std::size_t at = 0;; at += 24) {
    if (at + 24 > table.size()) return {error{error::kind::unterminated, at}, {}};
    if (std::all_of(table.begin() + static_cast<std::ptrdiff_t>(at),
                    table.begin() + static_cast<std::ptrdiff_t>(at + 16),
                    [](std::uint8_t byte) { return byte == 0; })) {
      for (std::size_t entry = 0; entry < at; entry += 24)
        if (get_le(table, entry + 16, 4) < at + 24) return {error{error::kind::in_entries, entry}, {}};
      return found;
    }
    const std::uint64_t first = get_le(table, at + 16, 4);
    const std::uint64_t last = first + get_le(table, at + 20, 4);
    if (last > table.size()) return {error{error::kind::out_of_range, at}, {}};
    found.contents.emplace_back(table.begin() + static_cast<std::ptrdiff_t>(first),
                                table.begin() + static_cast<std::ptrdiff_t>(last));
  }
}

}  // namespace

TEST_CASE("LAY-CERT-01: tables, whole and spoilt", "[property][layout][LAY-CERT-01]") {
  tally classes;
  property("read as described", 10000, [&] {
    const auto entries = *rc::gen::inRange<std::size_t>(0, 6);
    const auto room = *rc::gen::inRange<std::size_t>(0, 60);
    const auto missing = *rc::gen::weightedElement<std::size_t>({{5, 0}, {1, 1}, {1, 23}, {1, 24}, {1, 25}});
    byte_vector table((entries + 1) * 24 + room);
    for (std::size_t i = 0; i < entries; ++i) {
      table[24 * i + *rc::gen::inRange<std::size_t>(0, 16)] =
          *rc::gen::weightedElement<std::uint8_t>({{20, 1}, {5, 0xFF}, {1, 0}});
      const auto size = static_cast<std::uint32_t>(table.size());
      const auto offset = *rc::gen::weightedOneOf<std::uint32_t>(
          {{1, rc::gen::inRange<std::uint32_t>(0, size + 1)},
           {24, rc::gen::inRange<std::uint32_t>(size - static_cast<std::uint32_t>(room), size + 1)},
           {1, rc::gen::element<std::uint32_t>(size + 1, 0xFFFF'FFFF, 0x8000'0000, 0xFFFF'FFFF - size)}});
      const std::uint32_t rest = offset <= size ? size - offset : 0;
      const auto length = *rc::gen::weightedOneOf<std::uint32_t>(
          {{12, rc::gen::inRange<std::uint32_t>(0, rest + 1)},
           {1, rc::gen::element<std::uint32_t>(rest + 1, 0xFFFF'FFFF, 0U - offset, 0x8000'0000)}});
      put_le(table, 24 * i + 16, 4, offset);
      put_le(table, 24 * i + 20, 4, length);
    }
    table.resize(table.size() - std::min(table.size(), missing));
    const auto expected = expected_reading(table);
    classes.add("refused: unterminated", expected.refused && expected.refused->what == error::kind::unterminated);
    classes.add("refused: out of range", expected.refused && expected.refused->what == error::kind::out_of_range);
    classes.add("refused: in entries", expected.refused && expected.refused->what == error::kind::in_entries);
    classes.add("empty", !expected.refused && expected.contents.empty());
    classes.add("several certificates", expected.contents.size() > 1);
    RC_ASSERT(read(table) == expected);
  });
  check_none_empty(
      "certificate tables", classes,
      {"refused: unterminated", "refused: out of range", "refused: in entries", "empty", "several certificates"});
}
