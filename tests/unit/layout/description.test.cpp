// SPDX-License-Identifier: MIT
// What the headers say of themselves is what tests/data/layouts.json says: nothing else, nothing missing.
#include <algorithm>
#include <bit>
#include <set>
#include <string>
#include <vector>

#include <support/accessors/codes.hpp>
#include <support/catch.hpp>
#include <support/layout_table.hpp>

#include <sevspec/layout/all.hpp>
#include <sevspec/layout/reflect.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

auto name_of_trust(confidence trust) -> std::string {
  switch (trust) {
    case confidence::high:   return "high";
    case confidence::medium: return "medium";
    case confidence::low:    return "low";
  }
  return "?";
}

template <class Rows, class Name>
auto names(const Rows& rows, Name name) -> std::vector<std::string> {
  std::vector<std::string> found;
  for (const auto& row : rows) found.emplace_back(name(row));
  return found;
}
constexpr auto its_name = [](const auto& row) { return row.name; };
constexpr auto name_behind = [](const auto* row) { return row->name; };

template <class Rows>
auto sorted(Rows rows) -> Rows {
  std::ranges::sort(rows);
  return rows;
}

auto described(const std::string& name) -> const layout::structure_info& {
  for (const auto* structure : layout::all_structures)
    if (structure->name == name) return *structure;
  FAIL("no such structure: " << name);
  throw 0;
}

auto type_of(const layout::field_info& field) -> std::string {
  switch (field.type) {
    case layout::field_type::integer:   return "u" + std::to_string(8 * field.size);
    case layout::field_type::bytes:     return "u8[" + std::to_string(field.size) + "]";
    case layout::field_type::structure: return std::string("struct:") + field.nested->name;
  }
  return "?";
}

}  // namespace

TEST_CASE("every structure of the table is described, and no other", "[layout][LAY-FMT-02]") {
  CHECK(layouts().structures.size() == 181);
  CHECK(sorted(names(layout::all_structures, name_behind)) == sorted(names(layouts().structures, its_name)));
  std::set<std::string> ids;
  for (const auto& expected : layouts().structures) {
    INFO(expected.name);
    const auto& structure = described(expected.name);
    CHECK(structure.id == expected.id);
    CHECK(structure.size == expected.size);
    CHECK(structure.alignment == expected.alignment);
    CHECK(name_of(structure.since) == expected.since);
    CHECK(name_of_trust(structure.trust) == expected.trust);
    CHECK(structure.spec_ref == expected.spec_ref);
    CHECK(structure.description == expected.description);
    CHECK(ids.insert(structure.id).second);
    CHECK(std::has_single_bit(structure.alignment));
  }
}

TEST_CASE("every field is described as in the table, reserved ones too",
          "[layout][LAY-FMT-03][LAY-FMT-04][LAY-FMT-06][LAY-FMT-07][LAY-FMT-08]") {
  for (const auto& expected_in : layouts().structures) {
    const auto& structure = described(expected_in.name);
    INFO(expected_in.name);
    REQUIRE(names(structure.fields, its_name) == names(expected_in.fields, its_name));
    std::size_t end = 0;
    for (std::size_t i = 0; i < structure.fields.size(); ++i) {
      const auto& field = structure.fields[i];
      const auto& expected = expected_in.fields[i];
      INFO("." << expected.name);
      CHECK(field.offset == expected.offset);
      CHECK(field.size == expected.size);
      CHECK(field.reserved == expected.reserved);
      CHECK(field.meaning == expected.meaning);
      CHECK(name_of(field.since) == expected.since);
      CHECK(name_of_trust(field.trust) == expected.trust);
      CHECK(field.valid_bitmap_bit == expected.valid_bitmap_bit);
      CHECK(field.valid_bitmap_bit ==
            (expected_in.name == "ghcb" && expected.valid_bitmap_bit >= 0 ? static_cast<int>(field.offset / 8) : -1));
      CHECK(field.type == (expected.is_integer()                  ? layout::field_type::integer
                           : expected.type.starts_with("struct:") ? layout::field_type::structure
                                                                  : layout::field_type::bytes));
      CHECK((field.nested == nullptr ? "" : field.nested->name) == expected.nested);
      if (field.type != layout::field_type::structure || field.nested != nullptr)
        CHECK(type_of(field) == expected.type);
      const std::string word = layout_links().at("words").value(expected_in.name + "." + expected.name, "");
      CHECK(field.word == (layouts().structure(word) == nullptr ? nullptr : &described(word)));
      if (field.nested != nullptr) {
        CHECK(field.nested == &described(expected.nested));  // the one description, not a copy
        CHECK(field.size == nested_count(field) * field.nested->size);
      }
      CHECK(field.offset == end);  // LAY-FMT-03
      end = field.offset + field.size;
    }
    CHECK(end == structure.size);
    CHECK(layout::is_complete(structure));
  }
}

TEST_CASE("every range of bits is described as in the table", "[layout][LAY-FMT-05][LAY-FMT-07]") {
  for (const auto& structure : layouts().structures) {
    for (std::size_t i = 0; i < structure.fields.size(); ++i) {
      const auto& field = described(structure.name).fields[i];
      const auto& expected_in = structure.fields[i];
      INFO(structure.name << "." << expected_in.name);
      REQUIRE(names(field.bits, its_name) == names(expected_in.bits, its_name));
      unsigned next = 0;
      for (std::size_t j = 0; j < field.bits.size(); ++j) {
        const auto& range = field.bits[j];
        const auto& expected = expected_in.bits[j];
        INFO("." << expected.name);
        CHECK(range.lsb == expected.lsb);
        CHECK(range.width == expected.width);
        CHECK(range.reserved == expected.reserved);
        CHECK(range.meaning == expected.meaning);
        CHECK(name_of_trust(range.trust) == expected.trust);
        CHECK(range.lsb == next);
        next = range.lsb + range.width;
      }
      if (!field.bits.empty()) CHECK(next == 8 * field.size);
    }
  }
}

TEST_CASE("every table of codes is described, and no other", "[layout][LAY-FMT-09]") {
  CHECK(layouts().codes.size() == 51);
  CHECK(sorted(names(layout::all_constant_tables, name_behind)) == sorted(names(layouts().codes, its_name)));
  for (const auto& expected_in : layouts().codes) {
    INFO(expected_in.name);
    const auto* const* found = std::ranges::find(layout::all_constant_tables, expected_in.name,
                                                 [](const auto* one) -> std::string { return one->name; });
    REQUIRE(found != std::end(layout::all_constant_tables));
    const layout::constant_table& table = **found;
    CHECK(table.id == expected_in.id);
    CHECK(name_of_trust(table.trust) == expected_in.trust);
    CHECK(table.spec_ref == expected_in.spec_ref);
    REQUIRE(names(table.entries, its_name) == names(expected_in.entries, its_name));
    for (std::size_t i = 0; i < table.entries.size(); ++i) {
      const auto& entry = table.entries[i];
      const auto& expected = expected_in.entries[i];
      INFO("." << expected.name);
      CHECK(entry.value == expected.value);
      CHECK((entry.text == nullptr ? "" : entry.text) == expected.text);
      CHECK((entry.text != nullptr) == (expected_in.name == "guids"));
      CHECK(entry.meaning == expected.meaning);
      const auto* by_value = layout::find_value(table, expected.value);
      CHECK((by_value == nullptr) == (entry.text != nullptr));
      if (by_value != nullptr) CHECK(by_value->value == expected.value);
    }
  }
  CHECK(layout::find_value(layout::tables::svm_exit_codes, 0x400) != nullptr);
  CHECK(layout::find_value(layout::tables::rmp_instruction_status, 5) == nullptr);
}

TEST_CASE("the C++ constants have the values of the table", "[layout][LAY-FMT-09][LAY-FMT-11]") {
  std::vector<std::string> expected;
  std::vector<std::string> expected_guids;
  for (const auto& codes : layouts().codes)
    for (const auto& entry : codes.entries)
      if (entry.text.empty()) expected.push_back(codes.name + "." + entry.name + " = " + hex(entry.value));
      else expected_guids.push_back(entry.name + " = " + entry.text);

  std::vector<std::string> found;
  for (const auto& code : code_values)
    found.push_back(std::string(code.table) + "." + code.name + " = " + hex(code.value));
  CHECK(found.size() == 623);
  CHECK(sorted(found) == sorted(expected));

  std::vector<std::string> found_guids;
  for (const auto& guid : guid_values) {
    std::string text;
    for (std::size_t i = 0; i < guid.bytes.size(); ++i) {
      constexpr const char* digits = "0123456789abcdef";
      if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
      text += digits[guid.bytes[i] / 16];
      text += digits[guid.bytes[i] % 16];
    }
    found_guids.push_back(std::string(guid.name) + " = " + text);
  }
  CHECK(sorted(found_guids) == sorted(expected_guids));
}

TEST_CASE("fields whose values have names say where those are", "[layout]") {
  const auto& links = layout_links().at("values");
  const auto& words = layout_links().at("words");
  std::size_t direct = 0;
  const auto look = [&](const std::string& path, const std::string& inherited, const std::string& meaning,
                        const layout::constant_table* values) {
    INFO(path);
    if (values != nullptr && links.contains(path)) ++direct;
    CHECK((values == nullptr ? "" : values->name) == links.value(path, links.value(inherited, "")));
    // The table's own words name some of them. (The hypervisor's features are bits, not values.)
    for (const auto& codes : layouts().codes)
      if (codes.name != "ghcb_hv_features" &&
          (meaning.ends_with("see " + codes.name) || meaning.ends_with("see constant table " + codes.name) ||
           meaning.ends_with("(see " + codes.name + ")")))
        CHECK((values == nullptr ? "" : values->name) == codes.name);
  };
  for (const auto* structure : layout::all_structures)
    for (const auto& field : structure->fields) {
      const std::string path = std::string(structure->name) + "." + field.name;
      look(path, "", field.meaning, field.values);
      for (const auto& range : field.bits)  // a field that is a word of its own name has that word's codes
        look(path + "." + range.name, words.value(path, "") + ".value." + range.name, range.meaning, range.values);
    }
  CHECK(direct == links.size());
}
