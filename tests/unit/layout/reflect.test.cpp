// SPDX-License-Identifier: MIT
// Reading bytes by description: which bits are reserved, compared bit by bit with tests/data/layouts.json.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <support/catch.hpp>
#include <support/layout_table.hpp>

#include <sevspec/layout/all.hpp>
#include <sevspec/layout/reflect.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using layout::level;
using layout::reserved_bit;

constexpr level all_levels[] = {level::svm,    level::avic,   level::sev,    level::es,  level::snp,
                                level::snp_v3, level::snp_v4, level::snp_v5, level::svsm};

/// The level by its name in the table.
auto level_of(const std::string& since) -> level {
  const std::array<std::string, 9> names{"SVM", "AVIC", "SEV", "ES", "SNP", "SNP-v3", "SNP-v4", "SNP-v5", "SVSM"};
  const auto found = std::ranges::find(names, since);
  REQUIRE(found != names.end());
  return all_levels[found - names.begin()];
}

/// LAY-FMT-06: what is newer is reserved. There is an SVSM wherever there is SEV-SNP.
auto is_newer(const table_field& field, level newest) -> bool {
  const level since = level_of(field.since);
  return (since == level::svsm ? level::snp : since) > newest;
}

/// A reserved bit, as the table has it.
struct expected_bit {
  const table_structure* structure;
  const table_field* field;
  const table_bits* range;
  std::size_t offset;
  unsigned bit;
};

/// Appends the reserved bits of a structure that starts at byte `base`.
void collect(const table_structure& structure, level newest, std::size_t base, std::vector<expected_bit>& to) {
  for (const auto& field : structure.fields) {
    const bool whole = field.reserved || is_newer(field, newest);
    if (!whole && !field.nested.empty()) {
      const table_structure& nested = *layouts().structure(field.nested);
      for (std::size_t at = 0; at < field.size; at += nested.size)
        collect(nested, newest, base + field.offset + at, to);
    } else if (whole) {
      for (unsigned bit = 0; bit < 8 * field.size; ++bit)
        to.push_back({&structure, &field, nullptr, base + field.offset, bit});
    } else {
      for (const auto& range : field.bits)
        for (unsigned bit = range.lsb; range.reserved && bit < range.lsb + range.width; ++bit)
          to.push_back({&structure, &field, &range, base + field.offset, bit});
    }
  }
}

/// What is wrong with a report, or "".
auto difference(const reserved_bit& found, const expected_bit& expected) -> std::string {
  if (found.structure->name != expected.structure->name) return std::string("in ") + found.structure->name;
  if (found.field->name != expected.field->name) return std::string("in field ") + found.field->name;
  if ((found.range == nullptr ? "" : found.range->name) != (expected.range == nullptr ? "" : expected.range->name))
    return std::string("in range ") + (found.range == nullptr ? "(none)" : found.range->name);
  if (found.offset != expected.offset) return "at offset " + hex(found.offset);
  if (found.bit != expected.bit) return "bit " + std::to_string(found.bit);
  return {};
}
auto place_of(const expected_bit& one) -> std::string {
  return one.structure->name + "." + one.field->name + " at " + hex(one.offset) + " bit " + std::to_string(one.bit);
}

/// The levels at which the answers for a structure may differ, and the newest.
auto levels_of(const table_structure& structure) -> std::vector<level> {
  std::vector<level> found{level::svm, level::svsm};
  std::vector<expected_bit> before;
  for (const level newest : all_levels) {
    std::vector<expected_bit> reserved;
    collect(structure, newest, 0, reserved);
    if (newest != level::svm && reserved.size() != before.size()) found.insert(found.end() - 1, newest);
    before = std::move(reserved);
  }
  return found;
}

}  // namespace

TEST_CASE("all reserved bits of a full image are reported, in ascending order", "[layout][LAY-FMT-06][LAY-FMT-10]") {
  for (const auto* structure : layout::all_structures) {
    const table_structure& table = *layouts().structure(structure->name);
    const std::vector<std::uint8_t> ones(structure->size, 0xFF);
    for (const level newest : levels_of(table)) {
      INFO(structure->name << ", nothing newer than " << name_of(newest));
      std::vector<expected_bit> expected;
      collect(table, newest, 0, expected);
      std::vector<reserved_bit> found;
      CHECK(for_each_reserved_bit(*structure, ones, newest, [&](const reserved_bit& one) {
        found.push_back(one);
        return true;
      }));
      CHECK(std::ranges::is_sorted(found, {}, [](const auto& one) { return 8 * one.offset + one.bit; }));
      REQUIRE(found.size() == expected.size());
      for (std::size_t i = 0; i < found.size(); ++i)
        if (const auto wrong = difference(found[i], expected[i]); !wrong.empty())
          FAIL_CHECK(place_of(expected[i]) << " is told as " << wrong);

      // It stops where it is told to.
      std::size_t calls = 0;
      const std::size_t half = found.size() / 2;
      const bool finished =
          for_each_reserved_bit(*structure, ones, newest, [&](const reserved_bit&) { return calls++ != half; });
      CHECK(finished == found.empty());
      CHECK(calls == std::min(found.size(), half + 1));
      const auto first = layout::first_reserved_bit(*structure, ones, newest);
      CHECK(first == (found.empty() ? std::nullopt : std::optional(found[0])));
    }
  }
}

TEST_CASE("each bit alone is reported exactly if it is reserved", "[layout][LAY-FMT-06]") {
  std::size_t reserved = 0;
  std::size_t named = 0;
  for (const auto* structure : layout::all_structures) {
    const table_structure& table = *layouts().structure(structure->name);
    for (const level newest : {level::svsm, level::svm}) {
      INFO(structure->name << ", nothing newer than " << name_of(newest));
      std::vector<expected_bit> expected;
      collect(table, newest, 0, expected);
      auto next = expected.begin();
      std::vector<std::uint8_t> bytes(structure->size);
      CHECK_FALSE(layout::first_reserved_bit(*structure, bytes, newest).has_value());
      for (std::size_t bit = 0; bit < 8 * structure->size; ++bit) {
        bytes[bit / 8] = static_cast<std::uint8_t>(1 << bit % 8);
        const auto found = layout::first_reserved_bit(*structure, bytes, newest);
        bytes[bit / 8] = 0;
        const bool is_reserved = next != expected.end() && 8 * next->offset + next->bit == bit;
        ++(is_reserved ? reserved : named);
        if (found.has_value() != is_reserved)
          FAIL_CHECK("byte " << hex(bit / 8) << " bit " << bit % 8 << (is_reserved ? " is missed" : " is reported"));
        else if (const auto wrong = is_reserved ? difference(*found, *next) : ""; !wrong.empty())
          FAIL_CHECK(place_of(*next) << " is told as " << wrong);
        if (is_reserved) ++next;
      }
    }
  }
  CHECK(reserved > 100'000);
  CHECK(named > 100'000);
}

TEST_CASE("elements of arrays are checked one by one", "[layout]") {
  std::vector<std::uint8_t> page(0x1000);
  page[0x10 + 63 * 48 + 0x28 + 7] = 0x80;  // the last bit of the last entry
  page[0xC10] = 1;                         // what follows the entries
  std::vector<std::string> found;
  for_each_reserved_bit(layout::descriptions::cpuid_page, page, level::snp, [&](const reserved_bit& one) {
    found.push_back(std::string(one.structure->name) + "." + one.field->name + " " + hex(one.offset) + " bit " +
                    std::to_string(one.bit));
    return true;
  });
  CHECK(found ==
        std::vector<std::string>{"cpuid_page_entry.reserved_028 0xc08 bit 63", "cpuid_page.reserved_c10 0xc10 bit 0"});
  CHECK(nested_count(*layout::find_field(layout::descriptions::cpuid_page, "entries")) == 64);
  CHECK(nested_count(*layout::find_field(layout::descriptions::cpuid_page, "count")) == 0);
  CHECK(nested_count(*layout::find_field(layout::descriptions::vmsa, "cs")) == 1);
}

TEST_CASE("fields and bits are found by their whole names", "[layout]") {
  for (const auto* structure : layout::all_structures) {
    INFO(structure->name);
    CHECK(layout::find_field(*structure, "") == nullptr);
    for (const auto& field : structure->fields) {
      INFO("." << field.name);
      const std::string name = field.name;
      CHECK(layout::find_field(*structure, name.c_str()) == &field);
      CHECK(layout::find_field(*structure, (name + "?").c_str()) == nullptr);
      const std::string shorter = name.substr(0, name.size() - 1);
      const auto* other = layout::find_field(*structure, shorter.c_str());
      CHECK((other == nullptr || other->name == shorter));
      for (const auto& range : field.bits) CHECK(layout::find_bits(field, range.name) == &range);
      CHECK(layout::find_bits(field, "?") == nullptr);
    }
  }
}

TEST_CASE("descriptions of one's own are complete or not", "[layout][LAY-FMT-03][LAY-FMT-05]") {
  using layout::bit_info;
  using layout::field_info;
  using layout::field_type;
  const bit_info bits[] = {{.lsb = 0, .width = 3, .name = "a", .meaning = ""},
                           {.lsb = 3, .width = 13, .name = "b", .meaning = ""}};
  const field_info sound[] = {{.offset = 0, .size = 2, .name = "a", .meaning = "", .bits = bits},
                              {.offset = 2, .size = 3, .name = "b", .meaning = "", .type = field_type::bytes}};
  layout::structure_info inner{.name = "inner",
                               .id = "",
                               .size = 5,
                               .alignment = 1,
                               .since = level::snp,
                               .trust = confidence::high,
                               .spec_ref = "",
                               .description = "",
                               .fields = sound};
  CHECK(is_complete(inner));
  inner.size = 6;
  CHECK_FALSE(is_complete(inner));
  inner.size = 5;

  const auto with = [&](auto change) {
    field_info fields[] = {sound[0], sound[1]};
    change(fields[0], fields[1]);
    layout::structure_info changed = inner;
    changed.fields = fields;
    return is_complete(changed);
  };
  CHECK(with([](auto&, auto&) {}));
  CHECK_FALSE(with([](auto&, auto& b) { b.offset = 3; }));                                // a gap
  CHECK_FALSE(with([](auto&, auto& b) { b.offset = 1; }));                                // an overlap
  CHECK_FALSE(with([](auto&, auto& b) { b.type = field_type::integer; }));                // an integer of 3 bytes
  CHECK_FALSE(with([](auto&, auto& b) { b.type = field_type::structure; }));              // of which structure?
  CHECK_FALSE(with([&](auto&, auto& b) { b.nested = &layout::descriptions::segment; }));  // does not fit
  CHECK_FALSE(with([&](auto& a, auto&) { a.nested = &layout::descriptions::tcb_version_turin; }));
  CHECK_FALSE(with([](auto& a, auto&) { a.type = field_type::bytes; }));  // bits of bytes
  for (const auto& [lsb, width] : {std::pair{4U, 12U}, {2U, 14U}, {3U, 12U}, {3U, 14U}, {3U, 0U}}) {
    INFO(lsb << ", " << width);
    bit_info other[] = {bits[0], bits[1]};
    other[1].lsb = lsb, other[1].width = width;
    CHECK_FALSE(with([&](auto& a, auto&) { a.bits = other; }));
  }
}

TEST_CASE("integers of every size, up to the last byte", "[layout][LAY-FMT-04]") {
  const std::array<std::uint8_t, 9> bytes{0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99};
  CHECK(layout::integer_at(bytes, 0, 1) == 0x11);
  CHECK(layout::integer_at(bytes, 8, 1) == 0x99);
  CHECK(layout::integer_at(bytes, 7, 2) == 0x9988);
  CHECK(layout::integer_at(bytes, 1, 3) == 0x44'33'22);
  CHECK(layout::integer_at(bytes, 5, 4) == 0x9988'7766);
  CHECK(layout::integer_at(bytes, 0, 8) == 0x8877'6655'4433'2211);
  CHECK(layout::integer_at(bytes, 1, 8) == 0x9988'7766'5544'3322);
}
