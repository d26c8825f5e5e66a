// SPDX-License-Identifier: MIT
#include "rule_text.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "input.hpp"

namespace sevspec::tool {

namespace {

/// How many characters to insert, remove or replace to make `b` of `a`.
[[nodiscard]] auto distance(std::string_view a, std::string_view b) -> std::size_t {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row.back();
}

[[nodiscard]] auto nearest(std::string_view wanted, std::size_t count) -> std::string {
  std::vector<std::pair<std::size_t, std::string_view>> ranked;
  for (const rule_info& rule : rule_registry) ranked.emplace_back(distance(wanted, rule.name), rule.name);
  std::sort(ranked.begin(), ranked.end());
  std::string result;
  for (std::size_t i = 0; i < std::min(count, ranked.size()); ++i)
    result += fmt::format("{}{}", i == 0 ? "" : ", ", ranked[i].second);
  return result;
}

}  // namespace

auto find_rules(std::string_view wanted) -> std::vector<const rule_info*> {
  constexpr std::size_t longest = 64;
  std::string id{wanted.substr(0, longest)};
  for (char& c : id) c = c == '_' ? '-' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));

  std::vector<const rule_info*> found;
  for (const rule_info& rule : rule_registry) {
    const std::string_view name = rule.name;
    if (name == id || name.starts_with(id + "-")) found.push_back(&rule);
  }
  if (found.empty())
    throw input_error(fmt::format("'{}'", id), fmt::format("no such rule; the nearest are {}", nearest(id, 3)));
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
  if (prefix == "VC" || prefix == "WSW") return "cpu";
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
