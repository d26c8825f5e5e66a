// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_LAYOUT_TABLE_HPP
#define SEVSPEC_TESTS_SUPPORT_LAYOUT_TABLE_HPP

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

/// tests/data/layouts.json in the test's own terms, so that what the library says of itself can be compared with it.
namespace sevspec::test {

struct table_bits {
  std::string name, meaning, trust;
  unsigned lsb, width;
  bool reserved;
};

struct table_field {
  std::string name, meaning, type, since, trust;
  std::size_t offset, size;
  bool reserved;
  int valid_bitmap_bit;  ///< -1: none
  std::vector<table_bits> bits;
  std::string nested;  ///< the structure that the field is, or that each element of an array is; or ""

  [[nodiscard]] auto is_integer() const -> bool { return type[0] == 'u' && type.find('[') == std::string::npos; }
};

struct table_structure {
  std::string name, id, since, trust, spec_ref, description;
  std::size_t size, alignment;
  std::vector<table_field> fields;
};

struct table_code {
  std::string name, meaning;
  std::uint64_t value;  ///< 0 where the value is a text
  std::string text;
};

struct table_of_codes {
  std::string name, id, trust, spec_ref;
  std::vector<table_code> entries;
};

struct layout_table {
  std::vector<table_structure> structures;
  std::vector<table_of_codes> codes;

  [[nodiscard]] auto structure(const std::string& name) const -> const table_structure* {
    for (const auto& one : structures)
      if (one.name == name) return &one;
    return nullptr;
  }
};

namespace reading_table {

inline auto parse(const char* path) -> nlohmann::json {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

inline auto read() -> layout_table {
  // Byte strings that are arrays of structures; the table says so in words only.
  const std::map<std::string, std::string> arrays{{"cpuid_page.entries", "cpuid_page_entry"},
                                                  {"msg_cpuid_req.entries", "cpuid_page_entry"},
                                                  {"msg_cpuid_rsp.entries", "cpuid_page_entry"}};
  const nlohmann::json file = parse(SEVSPEC_TEST_DATA_DIR "/layouts.json");
  layout_table table;
  for (const auto& s : file.at("structures")) {
    table_structure structure{s.at("name"),       s.at("id"),        s.at("since"),
                              s.at("confidence"), s.at("spec_ref"),  s.at("description"),
                              s.at("size"),       s.at("alignment"), {}};
    for (const auto& f : s.at("fields")) {
      table_field field{.name = f.at("name"),
                        .meaning = f.at("meaning"),
                        .type = f.at("type"),
                        .since = f.at("since"),
                        .trust = f.value("confidence", structure.trust),  // LAY-FMT-07
                        .offset = f.at("offset"),
                        .size = f.at("size"),
                        .reserved = f.at("reserved"),
                        .valid_bitmap_bit = f.value("valid_bitmap_bit", -1),
                        .bits = {},
                        .nested = {}};
      if (field.type.starts_with("struct:")) field.nested = field.type.substr(7);
      if (const auto array = arrays.find(structure.name + "." + field.name); array != arrays.end())
        field.nested = array->second;
      for (const auto& b : f.at("bits"))
        field.bits.push_back({.name = b.at("name"),
                              .meaning = b.at("meaning"),
                              .trust = b.value("confidence", field.trust),
                              .lsb = b.at("lsb"),
                              .width = b.at("width"),
                              .reserved = b.at("reserved")});
      structure.fields.push_back(field);
    }
    table.structures.push_back(structure);
  }
  for (const auto& c : file.at("constants")) {
    table_of_codes codes{c.at("name"), c.at("id"), c.at("confidence"), c.at("spec_ref"), {}};
    for (const auto& e : c.at("entries")) {
      const bool text = e.at("value").is_string();
      codes.entries.push_back({e.at("name"), e.at("meaning"), text ? 0 : e.at("value").get<std::uint64_t>(),
                               text ? e.at("value").get<std::string>() : std::string()});
    }
    table.codes.push_back(codes);
  }
  return table;
}

}  // namespace reading_table

[[nodiscard]] inline auto layouts() -> const layout_table& {
  static const layout_table table = reading_table::read();
  return table;
}

/// scripts/layouts/headers.json: which header has which structures, and the links that layouts.json leaves to words.
[[nodiscard]] inline auto layout_links() -> const nlohmann::json& {
  static const nlohmann::json links = reading_table::parse(SEVSPEC_TEST_DATA_DIR "/../../scripts/layouts/headers.json");
  return links;
}

}  // namespace sevspec::test

#endif
