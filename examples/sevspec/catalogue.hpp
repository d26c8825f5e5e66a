// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_CATALOGUE_HPP
#define SEVSPEC_TOOL_CATALOGUE_HPP

#include <cstddef>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <sevspec/base/confidence.hpp>

#include "commands.hpp"
#include "input.hpp"
#include "nearest.hpp"

/// What `sevspec layout` and `sevspec constants` share: many things with names, of which one is shown.
namespace sevspec::tool {

template <class Info>
struct catalogue {
  const char* command;  ///< "layout"
  const char* about;    ///< what the command does
  const char* noun;     ///< "structure"
  const char* examples;
  std::vector<const Info*> all;
  json (*to_json)(const Info& one);
  void (*print)(const Info& one);
};

[[nodiscard]] inline auto name_of(confidence trust) -> const char* {
  switch (trust) {
    case confidence::high:   return "high";
    case confidence::medium: return "medium";
    case confidence::low:    return "low";
  }
  return "?";
}

/// A line of a table, without the blanks that an empty last column leaves.
inline void print_line(std::string_view line) { fmt::print("{}\n", line.substr(0, line.find_last_not_of(' ') + 1)); }

template <class Info>
[[nodiscard]] auto find_by_name(const catalogue<Info>& from, const std::string& wanted) -> const Info& {
  std::vector<std::string_view> names;
  for (const Info* one : from.all) {
    if (one->name == wanted) return *one;
    names.emplace_back(one->name);
  }
  throw input_error(in_quotes(wanted),
                    fmt::format("no such {}; the nearest are {}", from.noun, nearest(wanted, names)));
}

template <class Info>
void add_catalogue(CLI::App& program, action& chosen, const catalogue<Info>& from) {
  struct options {
    bool list = false;
    bool as_json = false;
    std::string name;
  };
  const auto given = std::make_shared<options>();
  CLI::App& command = *program.add_subcommand(from.command, from.about);
  command.add_option("NAME", given->name, fmt::format("One {}: {}", from.noun, from.examples));
  command.add_flag("--list", given->list, "Only the names of all");
  command.add_flag("--json", given->as_json, "As JSON");

  const auto run = [from, given] {
    if (given->list != given->name.empty())
      throw input_error(from.command, "either NAME or --list must be given, and not both");
    if (!given->list) {
      const Info& one = find_by_name(from, given->name);
      if (given->as_json) fmt::print("{}\n", from.to_json(one).dump(1));
      else from.print(one);
      return 0;
    }
    json names = json::array();
    for (const Info* one : from.all) names.push_back(one->name);
    if (given->as_json) fmt::print("{}\n", names.dump(1));
    else
      for (const Info* one : from.all) fmt::print("{}\n", one->name);
    return 0;
  };
  command.callback([run, &chosen] { chosen = run; });
}

}  // namespace sevspec::tool

#endif
