// SPDX-License-Identifier: MIT
#include "fields.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include <sevspec/layout/reflect.hpp>

#include "input.hpp"

namespace sevspec::tool {

namespace {

using layout::bit_info;
using layout::constant_table;
using layout::field_info;
using layout::field_type;
using layout::reserved_bit;
using layout::structure_info;

/// Longer strings of bytes are told by their beginning.
constexpr std::size_t bytes_shown = 128;

/// So many runs of reserved bits are told for one field.
constexpr std::size_t runs_shown = 8;

[[nodiscard]] auto all_zero(std::span<const std::uint8_t> bytes) -> bool {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

/// Addresses, masks and codes are hexadecimal. Of other numbers, those that fit in 16 bits are told in decimal too.
[[nodiscard]] auto number_text(std::uint64_t value, bool is_mask, const constant_table* codes) -> std::string {
  const bool plain = !is_mask && codes == nullptr;
  if (plain && value < 10) return fmt::format("{}", value);
  std::string text = hex(value);
  if (plain && value <= 0xFFFF) text += fmt::format(" ({})", value);
  if (codes == nullptr) return text;
  const std::string code = code_text(*codes, value);
  return fmt::format("{} {}", text, code.empty() ? fmt::format("(not in {})", codes->name) : code);
}

[[nodiscard]] auto with_meaning(const std::string& value, std::string_view meaning) -> std::string {
  return meaning.empty() ? value : fmt::format("{} ({})", value, meaning);
}

/// Whether a meaning only repeats the name: "CPUID", "cpuid".
[[nodiscard]] auto repeats(std::string_view meaning, std::string_view name) -> bool {
  return std::equal(meaning.begin(), meaning.end(), name.begin(), name.end(), [](char a, char b) {
    return a == b || (a == ' ' && b == '_') || (a >= 'a' && a <= 'z' && b == a - ('a' - 'A'));
  });
}

void list_clear(facts& out, const std::vector<std::string_view>& names) {
  if (!names.empty()) out.add("clear", fmt::format("{}", fmt::join(names, ", ")));
}

void add_bits(facts& out, layout::rows<bit_info> ranges, std::uint64_t field) {
  std::vector<std::string_view> clear;
  for (const bit_info& range : ranges) {
    if (range.reserved) continue;
    const std::uint64_t value = value_of(range, field);
    const bool named = range.values != nullptr && layout::find_value(*range.values, value) != nullptr;
    if (value == 0 && !named) clear.emplace_back(range.name);
    else if (range.width == 1) out.add(range.name, with_meaning("1", range.meaning));
    else if (range.values != nullptr) out.add(range.name, number_text(value, true, range.values));
    else out.add(range.name, with_meaning(number_text(value, range.width > 32, nullptr), range.meaning));
  }
  list_clear(out, clear);
}

[[nodiscard]] auto is_word(const structure_info& structure) -> bool {
  return structure.fields.size() == 1 && !structure.fields[0].bits.empty();
}

[[nodiscard]] auto bytes_text(std::span<const std::uint8_t> bytes) -> std::string {
  if (bytes.size() <= bytes_shown) return hex_bytes(bytes);
  return fmt::format("{}... ({} bytes)", hex_bytes(bytes.first(bytes_shown)), bytes.size());
}

void add_integer(facts& out, const field_info& field, std::uint64_t value) {
  const bool is_mask = !field.bits.empty() || field.size == 8;
  out.add(field.name, number_text(value, is_mask, field.values));
  if (value == 0 || field.bits.empty()) return;
  const facts::inner bits{out};
  add_bits(out, field.bits, value);
}

void add_nested(facts& out, std::string_view name, const structure_info& structure, std::span<const std::uint8_t> bytes,
                zeros empty) {
  if (is_word(structure)) {
    const std::uint64_t value = layout::integer_at(bytes, 0, structure.size);
    out.add(name, hex(value));
    const facts::inner bits{out};
    if (value != 0 || empty == zeros::shown) add_bits(out, structure.fields[0].bits, value);
    return;
  }
  out.add(name, "");
  const facts::inner fields{out};
  add_fields(out, structure, bytes, empty);
}

/// Numbers of bits, in ascending order, as runs: "3, 17-19".
[[nodiscard]] auto runs_text(const std::vector<unsigned>& numbers) -> std::string {
  std::string text;
  std::size_t runs = 0;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    if (++runs > runs_shown) return fmt::format("{} and {} more", text, numbers.size() - i);
    if (i > 0) text += ", ";
    text += fmt::format("{}", numbers[i]);
    if (end - i > 1) text += fmt::format("-{}", numbers[end - 1]);
    i = end;
  }
  return text;
}

}  // namespace

auto code_text(const constant_table& table, std::uint64_t value) -> std::string {
  const layout::constant_info* found = layout::find_value(table, value);
  if (found == nullptr) return "";
  return with_meaning(found->name, repeats(found->meaning, found->name) ? "" : found->meaning);
}

auto hex_bytes(std::span<const std::uint8_t> bytes) -> std::string {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

void add_field(facts& out, const field_info& field, std::span<const std::uint8_t> structure, zeros empty) {
  if (field.reserved) return;
  const auto bytes = structure.subspan(field.offset, field.size);
  if (field.type == field_type::integer) {
    add_integer(out, field, value_of(field, structure));
  } else if (field.nested == nullptr) {
    out.add(field.name, bytes_text(bytes));
  } else if (field.type == field_type::structure) {
    add_nested(out, field.name, *field.nested, bytes, empty);
  } else {
    for (std::size_t i = 0; i < nested_count(field); ++i) {
      const auto element = bytes.subspan(i * field.nested->size, field.nested->size);
      if (empty == zeros::listed && all_zero(element)) continue;
      add_nested(out, fmt::format("{}[{}]", field.name, i), *field.nested, element, empty);
    }
  }
}

void add_fields(facts& out, const structure_info& structure, std::span<const std::uint8_t> bytes, zeros empty) {
  std::vector<std::string_view> clear;
  for (const field_info& field : structure.fields) {
    if (field.reserved) continue;
    if (empty == zeros::listed && all_zero(bytes.subspan(field.offset, field.size))) clear.emplace_back(field.name);
    else add_field(out, field, bytes, empty);
  }
  list_clear(out, clear);
}

void warn_of_reserved(facts& out, const structure_info& structure, std::span<const std::uint8_t> bytes,
                      layout::level newest, std::size_t start) {
  reserved_bit current{};
  std::vector<unsigned> numbers;
  const auto report = [&] {
    if (numbers.empty()) return;
    const bool one = numbers.size() == 1;
    const bool alone = is_word(*current.structure);
    out.warn(fmt::format(
        "reserved bit{} {} {} set in {}{}", one ? "" : "s", runs_text(numbers), one ? "is" : "are",
        alone ? current.structure->name : current.field->name,
        &structure == current.structure && alone ? "" : fmt::format(" at byte {:#x}", start + current.offset)));
    numbers.clear();
  };
  for_each_reserved_bit(structure, bytes, newest, [&](const reserved_bit& found) {
    if (found.field != current.field || found.offset != current.offset) report();
    current = found;
    numbers.push_back(found.bit);
    return true;
  });
  report();
}

void add_word(facts& out, std::string_view label, const structure_info& of, std::uint64_t value) {
  out.add(label, hex(value));
  {
    const facts::inner bits{out};
    add_bits(out, of.fields[0].bits, value);
  }
  std::array<std::uint8_t, 8> bytes{};
  layout::write_le(bytes.data(), value);
  warn_of_reserved(out, of, std::span{bytes}.first(of.size));
}

}  // namespace sevspec::tool
