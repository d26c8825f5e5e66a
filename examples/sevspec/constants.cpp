// SPDX-License-Identifier: MIT
// sevspec constants: a table of codes, as a table or as JSON.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <sevspec/layout/all.hpp>

#include "catalogue.hpp"
#include "rule_text.hpp"

namespace sevspec::tool {

namespace {

using layout::constant_info;
using layout::constant_table;

constexpr std::size_t line_width = 120;

[[nodiscard]] auto to_json(const constant_table& table) -> json {
  json entries = json::array();
  for (const constant_info& entry : table.entries) {
    json value = entry.text != nullptr ? json(entry.text) : json(entry.value);
    entries.push_back({{"name", entry.name}, {"value", std::move(value)}});
  }
  return {{"name", table.name}, {"entries", std::move(entries)}};
}

[[nodiscard]] auto value_text(const constant_info& entry) -> std::string {
  return entry.text != nullptr ? entry.text : hex(entry.value);
}

void print(const constant_table& table) {
  std::size_t value_width = 0;
  std::size_t name_width = 0;
  for (const constant_info& entry : table.entries) {
    value_width = std::max(value_width, value_text(entry).size());
    name_width = std::max(name_width, std::strlen(entry.name));
  }
  fmt::print("{}: {} confidence, {} [{}]\n\n", table.name, name_of(table.trust), table.id, table.spec_ref);
  for (const constant_info& entry : table.entries) {
    const std::string start = fmt::format("{:>{}}  {:{}}  ", value_text(entry), value_width, entry.name, name_width);
    print_line(start + wrapped(entry.meaning, line_width, start.size()));
  }
}

}  // namespace

void add_constants(CLI::App& program, action& chosen) {
  add_catalogue<constant_table>(
      program, chosen,
      {.command = "constants",
       .about = "Show a table of codes",
       .noun = "table of codes",
       .examples = "svm_exit_codes, ghcb_msr_codes, sev_status_codes, ...",
       .all = {std::begin(layout::all_constant_tables), std::end(layout::all_constant_tables)},
       .to_json = to_json,
       .print = print});
}

}  // namespace sevspec::tool
