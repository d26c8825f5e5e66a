// SPDX-License-Identifier: MIT
// sevspec explore: every state that a small machine can reach, with all rules or without some. The machines are in
// explore_FAMILY.cpp.

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/base/rule_set.hpp>

#include "commands.hpp"
#include "explore_files.hpp"
#include "explore_models.hpp"
#include "explore_peer.hpp"
#include "explore_search.hpp"
#include "input.hpp"
#include "rule_text.hpp"

namespace sevspec::tool {

void show_progress(unsigned depth, std::uint64_t states) {
  if (isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\r{} states, depth {} ", grouped(states), depth);
}
void clear_progress() {
  if (isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\r{:40}\r", "");
}
void refuse_symmetry(const search_order& order, const std::string& name) {
  if (order.symmetry) throw input_error("--symmetry", fmt::format("nothing in {} may change its name", name));
}

namespace {

using verify::explorer::bounds;
using verify::explorer::ending;

constexpr std::size_t text_width = 100;

/// All machines, family by family.
constexpr std::vector<explored_model> (*families[])() = {rmp_models,    conversion_models, keys_models,
                                                         launch_models, nested_models,     svsm_models};

struct explore_command {
  std::string model = "rmp";
  std::vector<std::string> without;
  std::vector<std::string> ablate;
  std::vector<std::string> peer;
  std::optional<std::uint64_t> depth;
  std::optional<std::uint64_t> states;
  std::optional<std::uint64_t> memory;
  std::optional<std::uint64_t> length;
  std::string shard;
  std::vector<std::string> merge;
  std::string trace_file;
  search_order order;
  bool list = false;
  bool as_json = false;
  std::vector<std::string> given;  ///< options on the command line
};

[[nodiscard]] auto model_of(std::string_view name) -> explored_model {
  std::string known;
  for (const auto family : families)
    for (const explored_model& one : family()) {
      if (name == one.name) return one;
      known += fmt::format("{}{}", known.empty() ? "" : ", ", one.name);
    }
  throw input_error("--model", fmt::format("{} is none of {}", in_quotes(name), known));
}

/// "RMP-CHK-01,RMP-PVL" as rules that can be switched off.
/// @param table  not null: definitions that have a row in it are taken, too
[[nodiscard]] auto rules_of(std::string_view option, const std::vector<std::string>& lists,
                            const ablation_table* table = nullptr) -> std::vector<const rule_info*> {
  std::vector<const rule_info*> chosen;
  for (const std::string& list : lists) {
    std::istringstream names(list);
    for (std::string name; std::getline(names, name, ',');) {
      const auto found = find_rules(name);
      const bool group = found.size() > 1;
      for (const rule_info* one : found) {
        const bool has_row = table != nullptr && table->carriers_of(one->id) != nullptr;
        if (one->kind != rule_kind::definition || has_row) chosen.push_back(one);
        else if (!group)
          throw input_error(option,
                            fmt::format("{} is a definition: no check asks it, so it cannot be left out", one->name));
      }
    }
  }
  return chosen;
}

[[nodiscard]] auto shard_of(const std::string& text) -> verify::explorer::shard {
  if (text.empty()) return {};
  const auto slash = text.find('/');
  const auto which = parse_number(text.substr(0, slash));
  const auto of = slash == std::string::npos ? which : parse_number(text.substr(slash + 1));
  if (slash == std::string::npos || !which || !of || *which >= *of || *of > most_shards)
    throw input_error("--shard",
                      fmt::format("{}: I/N was expected, I from 0 to N-1, N at most {}", in_quotes(text), most_shards));
  return {.which = static_cast<std::uint32_t>(*which), .of = static_cast<std::uint32_t>(*of)};
}

[[nodiscard]] auto name_of_ending(ending how) -> const char* {
  return how == ending::closed ? "closed" : how == ending::violation ? "violation" : "bounded";
}

[[nodiscard]] auto joined(const std::vector<std::string>& names) -> std::string {
  std::string all;
  for (const std::string& one : names) all += fmt::format("{}{}", all.empty() ? "" : ", ", one);
  return all;
}

[[nodiscard]] auto violation_as_json(const std::optional<broken_invariant>& broken) -> json {
  if (!broken) return nullptr;
  return {{"invariant", broken->name}, {"text", broken->text}, {"trace", broken->trace}};
}

void print_trace(const broken_invariant& broken) {
  for (std::size_t i = 0; i < broken.trace.size(); ++i) fmt::print("  {:2}  {}\n", i + 1, broken.trace[i]);
  fmt::print("      {}: {}\n", broken.name, broken.text);
}

void write_trace(const std::string& path, const std::string& conversation) {
  if (conversation.empty()) throw input_error("--trace", "sevspec replay knows no steps of this machine");
  std::ofstream file(path, std::ios::binary);
  file << conversation << std::flush;
  if (!file) throw input_error(path, "cannot be written");
}

/// What was found, for the exit status.
[[nodiscard]] auto told_result(const search_result& seen, const char* closed, const char* bounded) -> int {
  if (!seen.broken) {
    fmt::print("result       {}\n", seen.how == ending::closed ? closed : bounded);
    return 0;
  }
  fmt::print("result       {} is broken after {} operations\n\n", seen.broken->name, seen.broken->trace.size());
  print_trace(*seen.broken);
  return 1;
}

/// A number of the command line, which may not be more than `most`.
[[nodiscard]] auto at_most(std::string_view option, std::uint64_t value, std::uint64_t most) -> std::uint64_t {
  if (value > most) throw input_error(option, fmt::format("{} is more than {}", value, most));
  return value;
}

[[nodiscard]] auto explore(const explore_command& command) -> int {
  const explored_model model = model_of(command.model);
  search_order order = command.order;
  bounds& limits = order.limits;
  if (command.depth)
    limits.depth =
        static_cast<unsigned>(at_most("--depth", *command.depth, std::numeric_limits<decltype(limits.depth)>::max()));
  if (command.states) limits.states = at_most("--states", *command.states, limits.states);
  if (command.memory) limits.bytes = at_most("--memory", *command.memory, limits.bytes >> 20) << 20;
  if (command.length) order.length = *command.length;
  order.part = shard_of(command.shard);
  rule_set rules;
  for (const rule_info* one : rules_of("--without", command.without)) {
    order.without.emplace_back(one->name);
    rules = rules.without(one->id);
  }
  const search_result seen = model.run(order, rules);
  if (!command.trace_file.empty() && seen.broken) write_trace(command.trace_file, seen.conversation);

  if (command.as_json) {
    const json row = {{"model", model.name},
                      {"without", order.without},
                      {"states", seen.states},
                      {"transitions", seen.transitions},
                      {"depth", seen.depth},
                      {"ending", name_of_ending(seen.how)},
                      {"violation", violation_as_json(seen.broken)}};
    fmt::print("{}\n", row.dump(1));
    return seen.broken ? 1 : 0;
  }
  fmt::print("model        {}: {}\n", model.name, model.what);
  if (!order.without.empty()) fmt::print("without      {}\n", joined(order.without));
  if (order.walk) {
    fmt::print("walk         {} steps, seed {}\n", grouped(seen.transitions), *order.walk);
    if (seen.steps != seen.transitions) fmt::print("             {} from its beginning\n", grouped(seen.steps));
  } else {
    fmt::print("states       {}\ntransitions  {}\ndepth        {}\n", grouped(seen.states), grouped(seen.transitions),
               seen.depth);
    fmt::print("memory       {:.1f} bytes a state\n",
               static_cast<double>(seen.bytes) / static_cast<double>(seen.states));
  }
  fmt::print("time         {:.2f} s\n", seen.seconds);
  return told_result(seen,
                     command.shard.empty() ? "closed: no state that can be reached breaks an invariant"
                                           : "closed: no state that can be reached from this shard's breaks an "
                                             "invariant",
                     order.walk ? "no invariant was broken on the way"
                                : "bounded: no invariant is broken so far, and there is more");
}

[[nodiscard]] auto names_of_carriers(const verify::explorer::carried_definition& one) -> std::vector<std::string> {
  std::vector<std::string> names;
  for (const rule by : one.by)
    if (by != rule::none) names.emplace_back(name_of(by));
  return names;
}

/// A row per rule: the shortest way to what its loss breaks, or why it breaks nothing.
[[nodiscard]] auto ablate(const explore_command& command) -> int {
  const explored_model model = model_of(command.model);
  const ablation_table& table = *model.ablation;
  std::vector<const rule_info*> chosen;
  if (command.ablate.size() == 1 && command.ablate.front() == "all") {
    for (const rule_info& one : rule_registry)
      if (table.has_row(one)) chosen.push_back(&one);
  } else {
    chosen = rules_of("--ablate", command.ablate, &table);
    for (const rule_info* one : chosen)
      if (!table.has_row(*one))
        throw input_error("--ablate", fmt::format("{} is outside the machines that are explored", one->name));
  }
  const auto part = shard_of(command.shard);
  json rows = json::array();
  int status = 0;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (i % part.of != part.which) continue;
    const rule_info& one = *chosen[i];
    if (const auto* const carried = table.carriers_of(one.id)) {
      const std::vector<std::string> by = names_of_carriers(*carried);
      if (command.as_json) {
        rows.push_back(
            {{"rule", one.name}, {"states", 0}, {"violation", nullptr}, {"carried_by", by}, {"reason", carried->how}});
        continue;
      }
      clear_progress();
      fmt::print("{:14} {}\n", one.name, wrapped(one.text, text_width, 15));
      fmt::print("  --  {}\n",
                 wrapped(fmt::format("a definition, carried by {}. {}", joined(by), carried->how), text_width, 6));
      continue;
    }
    if (isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\r{:16}{} of {} ", one.name, i + 1, chosen.size());
    const search_result row = table.search(one.id);
    const char* const why = table.reason(one.id);
    if (row.broken.has_value() == (why != nullptr)) status = 1;  // neither a trace nor a reason, or both
    if (command.as_json) {
      json line = {{"rule", one.name}, {"states", row.states}, {"violation", violation_as_json(row.broken)}};
      if (!row.broken && why != nullptr) line["reason"] = why;
      rows.push_back(line);
      continue;
    }
    clear_progress();
    fmt::print("{:14} {}\n", one.name, wrapped(one.text, text_width, 15));
    if (row.broken) print_trace(*row.broken);
    else
      fmt::print("  --  {}\n",
                 wrapped(why != nullptr ? why : "no invariant breaks, and nobody has said why", text_width, 6));
  }
  if (command.as_json) fmt::print("{}\n", rows.dump(1));
  return status;
}

/// What shards have seen together: what one search would have.
[[nodiscard]] auto merge(const explore_command& command) -> int {
  const merged_states all = merge_states(command.merge);
  if (command.as_json) {
    const json row = {{"model", all.model},
                      {"without", all.without},
                      {"shards", all.of},
                      {"missing", all.missing},
                      {"states", all.seen.states},
                      {"depth", all.seen.depth},
                      {"ending", name_of_ending(all.seen.how)},
                      {"violation", violation_as_json(all.seen.broken)}};
    fmt::print("{}\n", row.dump(1));
    return all.seen.broken ? 1 : 0;
  }
  fmt::print("model        {}\n", all.model);
  if (!all.without.empty()) fmt::print("without      {}\n", joined(all.without));
  fmt::print("shards       {} of {}\n", all.of - all.missing.size(), all.of);
  for (const std::uint32_t one : all.missing) fmt::print("missing      {}/{}\n", one, all.of);
  fmt::print("states       {}\ndepth        {}\n", grouped(all.seen.states), all.seen.depth);
  return told_result(all.seen, "closed: no state that can be reached breaks an invariant",
                     "bounded: no invariant is broken so far, and there is more");
}

/// What is asked for, and the options that say more of it.
struct explore_mode {
  const char* name;  ///< the option that asks for it; empty: a search
  std::vector<std::string_view> options;
};
[[nodiscard]] auto mode_of(const explore_command& command) -> explore_mode {
  if (command.list) return {"--list", {}};
  if (!command.merge.empty()) return {"--merge", {"--json"}};
  if (!command.peer.empty()) return {"--peer", {"--json"}};
  if (!command.ablate.empty()) return {"--ablate", {"--model", "--shard", "--json"}};
  if (command.order.walk)
    return {"--walk", {"--model", "--without", "--symmetry", "--length", "--walk-file", "--trace", "--json"}};
  return {"",
          {"--model", "--without", "--symmetry", "--depth", "--states", "--memory", "--shard", "--save-states",
           "--trace", "--json"}};
}
/// No option is ignored.
void refuse_meaningless(const explore_command& command) {
  const auto mode = mode_of(command);
  const std::string_view name = mode.name;
  for (const std::string& option : command.given) {
    if (option == name || std::ranges::find(mode.options, option) != mode.options.end()) continue;
    if (!name.empty()) throw input_error(option, fmt::format("has no meaning with {}", name));
    throw input_error(option, "which walk? --walk has its seed");  // the other options that a search has not
  }
}

[[nodiscard]] auto run(const explore_command& command) -> int {
  refuse_meaningless(command);
  if (command.list) {
    for (const auto family : families)
      for (const explored_model& one : family()) fmt::print("{:16} {}\n", one.name, one.what);
    return 0;
  }
  if (!command.merge.empty()) return merge(command);
  if (!command.peer.empty()) return explore_peer(command.peer, command.as_json);
  return command.ablate.empty() ? explore(command) : ablate(command);
}

}  // namespace

void add_explore(CLI::App& program, action& chosen) {
  const auto command = std::make_shared<explore_command>();
  CLI::App& explore =
      *program.add_subcommand("explore", "Explore all states of a small machine, with or without a rule");
  explore.add_option("--model", command->model, "The machine (default rmp); --list names them")->type_name("NAME");
  explore.add_flag("--list", command->list, "The machines that there are");
  auto* without = explore.add_option("--without", command->without, "Rules that do not hold, or groups of them")
                      ->type_name("RULE,...");
  auto* ablate = explore.add_option("--ablate", command->ablate, "Each of these rules alone does not hold; or all")
                     ->type_name("all|RULE,...");
  ablate->excludes(without);
  explore.add_option("--peer", command->peer, "What another model claims of SEV guests; or all of it")
      ->type_name("all|PEER-...,...")
      ->excludes(without)
      ->excludes(ablate);
  add_number(explore, "--depth", command->depth, "Operations from the start at most");
  add_number(explore, "--states", command->states, "States at most");
  add_number(explore, "--memory", command->memory, "MiB for states at most");
  add_number(explore, "--walk", command->order.walk, "Draw operations with this seed instead of trying all");
  add_number(explore, "--length", command->length, "Steps of a walk (default 10000)");
  explore
      .add_option("--walk-file", command->order.walk_file,
                  "Where the walk ends is written here; if the file is there, the walk goes on from it")
      ->type_name("FILE");
  explore.add_flag("--symmetry", command->order.symmetry, "What differs in names alone is one state: regions, ASIDs");
  explore
      .add_option("--shard", command->shard,
                  "Part I of N, from 0: of the states two operations from the start; "
                  "with --ablate of the rules")
      ->type_name("I/N");
  explore.add_option("--save-states", command->order.states_file, "Write all states that were seen")->type_name("FILE");
  explore.add_option("--merge", command->merge, "What the shards that wrote such files have seen together")
      ->type_name("FILE...");
  explore
      .add_option("--trace", command->trace_file, "Write the operations to a violation, as sevspec replay reads them")
      ->type_name("FILE");
  explore.add_flag("--json", command->as_json, "As JSON");
  explore.footer(
      "Exit status: 1 if an invariant is broken, or with --ablate if a rule has neither a trace nor\na reason, or "
      "both.\n\n"
      "  sevspec explore --without RMP-PVL-03\n"
      "  sevspec explore --ablate all\n"
      "  sevspec explore --shard 0/4 --save-states part0; ...; sevspec explore --merge part0 part1 part2 part3");
  explore.callback([command, &explore, &chosen] {
    for (const CLI::Option* one : explore.get_options())
      if (one->count() > 0) command->given.push_back(one->get_name());
    chosen = [command] { return run(*command); };
  });
}

}  // namespace sevspec::tool
