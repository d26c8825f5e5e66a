// SPDX-License-Identifier: MIT
#include "nearest.hpp"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

namespace sevspec::tool {

namespace {

/// More of what was typed does not help, and costs time.
constexpr std::size_t longest = 64;

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

}  // namespace

auto nearest(std::string_view wanted, std::span<const std::string_view> names, std::size_t count) -> std::string {
  wanted = wanted.substr(0, longest);
  std::vector<std::tuple<bool, std::size_t, std::string_view>> ranked;
  for (const std::string_view name : names) {
    const bool differs = wanted.size() < 3 || !name.contains(wanted);
    ranked.emplace_back(differs, distance(wanted, name), name);
  }
  std::sort(ranked.begin(), ranked.end());
  std::string result;
  for (std::size_t i = 0; i < std::min(count, ranked.size()); ++i) {
    if (i > 0) result += ", ";
    result += std::get<std::string_view>(ranked[i]);
  }
  return result;
}

}  // namespace sevspec::tool
