// SPDX-License-Identifier: MIT
// sevspec attacks: published attacks, run on every generation, and the rules that stop them.

#include "attacks.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/verify/attacks/catalogue.hpp>

#include "commands.hpp"
#include "input.hpp"
#include "nearest.hpp"
#include "rule_text.hpp"

namespace sevspec::tool {

namespace {

namespace atk = verify::attacks;

constexpr std::size_t line_width = 100;
constexpr std::size_t id_width = 13;
constexpr std::size_t cell_width = 13;
constexpr std::size_t label_width = 14;

struct attacks_command {
  bool as_json = false;
  std::string id;
};

[[nodiscard]] auto in_capitals(std::string_view text) -> std::string {
  constexpr std::size_t longest = 64;
  std::string id{text.substr(0, longest)};
  for (char& c : id) c = c == '_' ? '-' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return id;
}

[[nodiscard]] auto is_meant(std::string_view name, std::string_view wanted) -> bool {
  return name == wanted || name.starts_with(std::string{wanted} + "-");
}

/// The scripts that an ID means; all of them if it is empty. None if it names an attack that is no script.
[[nodiscard]] auto find_attacks(std::string_view wanted) -> std::vector<const atk::attack*> {
  std::vector<const atk::attack*> all = atk::all_attacks();
  if (wanted.empty()) return all;
  const std::string id = in_capitals(wanted);
  std::vector<std::string_view> names;
  for (const atk::attack* one : all) names.emplace_back(one->id);
  for (const atk::attack_not_run& one : atk::attacks_not_run) names.emplace_back(one.id);
  std::erase_if(all, [&](const atk::attack* one) { return !is_meant(one->id, id); });
  if (all.empty() && std::ranges::find(names, std::string_view{id}) == names.end())
    throw input_error(fmt::format("'{}'", id), fmt::format("no such attack; the nearest are {}", nearest(id, names)));
  return all;
}

[[nodiscard]] auto name_of_rule(rule which) -> std::string { return which == rule::none ? "" : info(which).name; }

/// The same without the name of a status, for a table.
[[nodiscard]] auto short_text(const atk::cell& one) -> std::string {
  const auto symbol = [](const atk::verdict& each) {
    const std::string full = symbol_of(each);
    return full.starts_with("E:") ? std::string{"E"} : full;
  };
  const std::string before = symbol(one.first);
  const std::string after = symbol(one.fixed);
  return before == after ? before : before + " > " + after;
}

[[nodiscard]] auto cells_of(const atk::attack& which) -> std::vector<atk::cell> {
  std::vector<atk::cell> cells;
  for (const atk::column where : atk::columns) cells.push_back(atk::run(which, where));
  return cells;
}

/// The rules that any cell names, each once.
[[nodiscard]] auto rules_in(const std::vector<atk::cell>& cells) -> std::string {
  std::vector<rule> seen;
  for (const atk::cell& one : cells)
    for (const rule which : {one.first.decided_by, one.fixed.decided_by})
      if (which != rule::none && std::ranges::find(seen, which) == seen.end()) seen.push_back(which);
  std::string text;
  for (const rule which : seen) text += fmt::format("{}{}", text.empty() ? "" : ", ", name_of_rule(which));
  return text;
}

/// @param at  where the ending is from
[[nodiscard]] auto as_json(const atk::attack& which, const atk::setting& at, const atk::verdict& one) -> json {
  const atk::obstacles all = atk::obstacles_of(which, at);
  json rules = json::array();
  for (const rule each : all.rules) rules.push_back(name_of_rule(each));
  return {{"ending", name_of(one.how)},
          {"symbol", symbol_of(one)},
          {"rule", one.decided_by == rule::none ? json() : json(name_of_rule(one.decided_by))},
          {"rules", rules},
          {"without_rules", symbol_of(all.without)},
          {"invariant", one.broken ? json(name_of(one.broken->broken)) : json()}};
}

void print_field(std::string_view label, std::string_view text) {
  if (!text.empty()) fmt::print("  {:{}}{}\n", label, label_width - 2, wrapped(text, line_width, label_width));
}

void print_verdict(std::string_view label, const atk::verdict& one) {
  std::string text = name_of(one.how);
  if (!one.told.empty()) text += fmt::format(", {}", one.told);
  if (one.decided_by != rule::none) text += fmt::format(", by {}", name_of_rule(one.decided_by));
  if (one.broken) text += fmt::format("; {} breaks: {}", name_of(one.broken->broken), one.broken->what);
  print_field(label, text);
}

void print_attack(const atk::attack& which) {
  fmt::print("{}\n  {}\n\n", which.id, which.name);
  print_field("published", which.published);
  print_field("needs", which.needs);
  print_field("steps", which.steps);
  print_field("succeeds if", which.aim);
  print_field("fix", which.fix);
  fmt::print("\n");
  std::vector<rule> told;
  for (const atk::column where : atk::columns) {
    const atk::cell one = atk::run(which, where);
    print_verdict(name_of(where), one.first);
    if (one.fixed != one.first) print_verdict("  fixed", one.fixed);
    for (const rule by : {one.first.decided_by, one.fixed.decided_by})
      if (by != rule::none && std::ranges::find(told, by) == told.end()) told.push_back(by);
  }
  print_field("invariants", which.beyond_invariants);
  if (!told.empty()) fmt::print("\n");
  for (const rule by : told) print_field(info(by).name, fmt::format("{} [{}]", info(by).text, info(by).source));
}

[[nodiscard]] auto run(const attacks_command& command) -> int {
  const auto chosen = find_attacks(command.id);
  if (command.as_json) {
    json list = json::array();
    for (const atk::attack* one : chosen) {
      json cells = json::object();
      for (const atk::column where : atk::columns) {
        const atk::cell found = atk::run(*one, where);
        cells[name_of(where)] = {{"text", text_of(found)},
                                 {"first", as_json(*one, {.where = where, .fixed = false}, found.first)},
                                 {"fixed", as_json(*one, {.where = where, .fixed = true}, found.fixed)}};
      }
      list.push_back({{"id", one->id},
                      {"name", one->name},
                      {"published", one->published},
                      {"needs", one->needs},
                      {"steps", one->steps},
                      {"aim", one->aim},
                      {"fix", one->fix},
                      {"beyond_invariants", one->beyond_invariants},
                      {"cells", cells}});
    }
    if (command.id.empty() || chosen.empty())
      for (const atk::attack_not_run& one : atk::attacks_not_run)
        if (chosen.empty() ? in_capitals(command.id) == one.id : true)
          list.push_back({{"id", one.id}, {"name", one.name}, {"not_run", one.why}});
    fmt::print("{}\n", list.dump(1));
    return 0;
  }
  if (!command.id.empty()) {
    explain_attacks(command.id);
    return 0;
  }
  fmt::print("{:{}}", "", id_width);
  for (const atk::column where : atk::columns) fmt::print("{:{}}", name_of(where), cell_width);
  fmt::print("stopped by\n");
  for (const atk::attack* one : chosen) {
    const auto cells = cells_of(*one);
    std::string line = fmt::format("{:{}}", one->id, id_width);
    for (const atk::cell& each : cells) line += fmt::format("{:{}}", short_text(each), cell_width);
    line += wrapped(rules_in(cells), line_width, line.size());
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::print("{}\n", line);
  }
  fmt::print(
      "\n{}\n",
      wrapped(
          "S success, G garbage, H ciphertext is hidden, D noticed by the guest or its owner, E refused by the AMD-SP, "
          "VERR by VMRUN, IOMMU by the IOMMU, fail came to nothing, - does not apply; A > B: before and after the "
          "fix. `sevspec attacks ID` tells more.",
          line_width, 0));
  fmt::print("\nnot run:\n");
  for (const atk::attack_not_run& one : atk::attacks_not_run)
    fmt::print("{:{}}{}\n", one.id, id_width, wrapped(fmt::format("{}: {}", one.name, one.why), line_width, id_width));
  return 0;
}

}  // namespace

auto names_attack(std::string_view id) -> bool { return in_capitals(id.substr(0, 3)) == "ATK"; }

void explain_attacks(std::string_view id) {
  const auto chosen = find_attacks(id);
  for (const atk::attack* one : chosen) {
    if (one != chosen.front()) fmt::print("\n");
    print_attack(*one);
  }
  if (!chosen.empty()) return;
  for (const atk::attack_not_run& one : atk::attacks_not_run)
    if (in_capitals(id) == one.id) {
      fmt::print("{}\n  {}\n\n", one.id, one.name);
      print_field("not run", one.why);
    }
}

auto attacks_stopped_by(std::string_view rule_name) -> std::vector<std::string> {
  struct told {
    rule by;
    std::string text;
  };
  static const std::vector<told> all = [] {  // the whole matrix, once
    std::vector<told> made;
    for (const atk::attack* one : atk::all_attacks()) {
      std::vector<std::pair<rule, std::string>> places;
      for (const atk::column where : atk::columns) {
        const atk::cell found = atk::run(*one, where);
        for (const rule by : {found.first.decided_by, found.fixed.decided_by}) {
          if (by == rule::none) continue;
          auto known = std::ranges::find(places, by, &std::pair<rule, std::string>::first);
          if (known == places.end()) known = places.insert(places.end(), {by, ""});
          if (known->second.ends_with(name_of(where))) continue;
          known->second += fmt::format("{}{}", known->second.empty() ? "" : ", ", name_of(where));
        }
      }
      for (const auto& [by, where] : places)
        made.push_back({by, fmt::format("{}, {} ({})", one->id, one->name, where)});
    }
    return made;
  }();
  std::vector<std::string> found;
  for (const told& one : all)
    if (info(one.by).name == rule_name) found.push_back(one.text);
  return found;
}

void add_attacks(CLI::App& program, action& chosen) {
  const auto command = std::make_shared<attacks_command>();
  CLI::App& attacks =
      *program.add_subcommand("attacks", "Run published attacks on every generation, and tell which rule stops them");
  attacks.add_flag("--json", command->as_json, "As a JSON array");
  attacks.add_option("ID", command->id, "Only this attack (ATK-06), with its steps");
  attacks.callback([command, &chosen] { chosen = [command] { return run(*command); }; });
}

}  // namespace sevspec::tool
