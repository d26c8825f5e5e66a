// SPDX-License-Identifier: MIT
// sevspec layout: where the fields of a structure lie, as a table or as JSON.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <sevspec/layout/all.hpp>

#include "catalogue.hpp"
#include "rule_text.hpp"

namespace sevspec::tool {

namespace {

using layout::bit_info;
using layout::field_info;
using layout::structure_info;

constexpr std::size_t line_width = 120;

[[nodiscard]] auto to_json(const structure_info& structure) -> json {
  json fields = json::array();
  for (const field_info& field : structure.fields) {
    if (field.reserved) continue;
    json bits = json::array();
    for (const bit_info& range : field.bits)
      if (!range.reserved) bits.push_back({{"name", range.name}, {"lsb", range.lsb}, {"width", range.width}});
    fields.push_back({{"name", field.name}, {"offset", field.offset}, {"size", field.size}, {"bits", std::move(bits)}});
  }
  return {{"name", structure.name}, {"size", structure.size}, {"fields", std::move(fields)}};
}

[[nodiscard]] auto position(const bit_info& range) -> std::string {
  if (range.width == 1) return fmt::format("{}", range.lsb);
  return fmt::format("{}:{}", range.lsb + range.width - 1, range.lsb);
}

/// The meaning, and what else is known of a field or a range of bits.
template <class Row>
[[nodiscard]] auto remarks(const Row& row, const structure_info& structure) -> std::string {
  std::string text = row.meaning;
  if (row.values != nullptr) text += fmt::format("; codes: {}", row.values->name);
  if constexpr (requires { row.nested; }) {
    if (row.nested != nullptr) text += fmt::format("; layout: {}", row.nested->name);
    if (row.valid_bitmap_bit >= 0) text += fmt::format("; bit {} of valid_bitmap", row.valid_bitmap_bit);
  }
  if (row.trust != structure.trust) text += fmt::format(" ({} confidence)", name_of(row.trust));
  return text;
}

[[nodiscard]] auto name_width(const structure_info& structure) -> std::size_t {
  std::size_t width = 4;
  for (const field_info& field : structure.fields) {
    if (!field.reserved) width = std::max(width, std::strlen(field.name));
    for (const bit_info& range : field.bits)
      if (!range.reserved) width = std::max(width, std::strlen(range.name) + 2);
  }
  return width;
}

void print(const structure_info& structure) {
  const std::size_t width = name_width(structure);
  const auto row = [&](std::string_view offset, std::string_view size, std::string_view bits, std::string_view name,
                       std::string_view since, std::string_view meaning) {
    const std::string start = fmt::format("{:>6} {:>5} {:>6}  {:{}}  {:6}  ", offset, size, bits, name, width, since);
    print_line(start + wrapped(meaning, line_width, start.size()));
  };

  fmt::print("{}\n", wrapped(fmt::format("{}: {}", structure.name, structure.description), line_width, 0));
  fmt::print("{} bytes{}, since {}, {} confidence, {} [{}]\n\n", structure.size,
             structure.alignment > 1 ? fmt::format(", aligned to {}", structure.alignment) : "",
             name_of(structure.since), name_of(structure.trust), structure.id, structure.spec_ref);
  row("offset", "size", "bits", "name", "since", "meaning");
  for (const field_info& field : structure.fields) {
    if (field.reserved) continue;
    row(fmt::format("{:#05x}", field.offset), fmt::format("{}", field.size), "", field.name, name_of(field.since),
        remarks(field, structure));
    for (const bit_info& range : field.bits)
      if (!range.reserved) row("", "", position(range), fmt::format("  {}", range.name), "", remarks(range, structure));
  }
  fmt::print("\nReserved ranges are left out. Bits count from the least significant of the little-endian field.\n");
}

}  // namespace

void add_layout(CLI::App& program, action& chosen) {
  add_catalogue<structure_info>(program, chosen,
                                {.command = "layout",
                                 .about = "Show where the fields of a structure lie",
                                 .noun = "structure",
                                 .examples = "vmsa, ghcb, attestation_report_v5, ...",
                                 .all = {std::begin(layout::all_structures), std::end(layout::all_structures)},
                                 .to_json = to_json,
                                 .print = print});
}

}  // namespace sevspec::tool
