// SPDX-License-Identifier: MIT
#include "rule_text.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "input.hpp"
#include "nearest.hpp"

namespace sevspec::tool {

auto find_rules(std::string_view wanted) -> std::vector<const rule_info*> {
  constexpr std::size_t longest = 64;
  std::string id{wanted.substr(0, longest)};
  for (char& c : id) c = c == '_' ? '-' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));

  std::vector<const rule_info*> found;
  for (const rule_info& rule : rule_registry) {
    const std::string_view name = rule.name;
    if (name == id || name.starts_with(id + "-")) found.push_back(&rule);
  }
  if (found.empty()) {
    std::vector<std::string_view> names;
    for (const rule_info& rule : rule_registry) names.emplace_back(rule.name);
    throw input_error(fmt::format("'{}'", id), fmt::format("no such rule; the nearest are {}", nearest(id, names)));
  }
  return found;
}

auto area_of(const rule_info& rule) -> std::string {
  const std::string_view name = rule.name;
  const std::string_view prefix = name.substr(0, name.find('-'));
  if (prefix == "PAG") return "paging";
  if (prefix == "ENC") return "memory";
  if (prefix == "FW") return "firmware";
  if (prefix == "LAY") return "layout";
  if (prefix == "NES" || prefix == "NEST") return "nested";
  if (prefix == "PST" || name.starts_with("VC-SEC") || name.starts_with("VC-CPUID")) return "ghcb";
  if (name == "VMPL-11" || name == "VMPL-12" || name == "VMPL-13" || name == "VMPL-SW-06") return "svsm";
  if (prefix == "VC" || prefix == "WSW" || prefix == "VMPL") return "cpu";
  std::string area{prefix};
  for (char& c : area) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return area;
}

auto wrapped(std::string_view text, std::size_t width, std::size_t indent) -> std::string {
  std::string result;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (column > indent && column + 1 + word.size() > width) {
      result += '\n';
      result.append(indent, ' ');
      column = indent;
    } else if (column > indent) {
      result += ' ';
      ++column;
    }
    result += word;
    column += word.size();
  }
  return result;
}

}  // namespace sevspec::tool
