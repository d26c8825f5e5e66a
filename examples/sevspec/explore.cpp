// SPDX-License-Identifier: MIT
// sevspec explore: every state that a small machine around a Reverse Map Table can reach, with all rules or without some.

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/verify/explorer/explore.hpp>
#include <sevspec/verify/explorer/random_walk.hpp>
#include <sevspec/verify/explorer/rmp_ablation.hpp>
#include <sevspec/verify/explorer/rmp_model.hpp>
#include <sevspec/verify/explorer/rmp_reasons.hpp>
#include <sevspec/verify/explorer/rmp_symmetry.hpp>
#include <sevspec/verify/rmp_reference.hpp>

#include "commands.hpp"
#include "explore_peer.hpp"
#include "input.hpp"
#include "protocol.hpp"
#include "rule_text.hpp"

namespace sevspec::tool {

namespace {

using verify::explorer::ending;
using verify::explorer::rmp_parts;
using rules_in_force = context<rule_set>;

constexpr std::size_t text_width = 100;

struct named_machine {
  const char* name;
  const char* what;
  rmp_parts parts;
  bool two_regions;
};
constexpr named_machine machines[] = {
    {"rmp",
     "two guests, two VMPLs, two pages that make a large one; AMD-SP, VMSAs, VMRUN, TLB",
     {.vmrun = true, .tlb = true},
     false},
    {"rmp-core", "the same without VMRUN and TLB: what SPIN explores, too", {}, false},
    {"rmp-4k", "two guests, two VMPLs, two pages of 4K", {.large = false, .immutable = false, .vmsa = false}, false},
    {"rmp-large", "the same with large pages", {.immutable = false, .vmsa = false}, false},
    {"rmp-firmware", "two guests, two pages, and the AMD-SP", {.large = false, .vmsa = false}, false},
    {"rmp-vmsa",
     "two guests, two pages, VMSAs and VMRUN",
     {.large = false, .immutable = false, .vmrun = true, .guest_pages = 1},
     false},
    {"rmp-vmpl",
     "a guest, three VMPLs, two pages",
     {.large = false, .immutable = false, .vmpls = 3, .guests = 1},
     false},
    {"rmp-regions",
     "a guest, two VMPLs, four pages in two regions, large pages",
     {.immutable = false, .vmsa = false, .guests = 1},
     true},
    {"rmp-regions-2",
     "two guests, four pages in two regions, large pages",
     {.immutable = false, .vmsa = false, .vmpls = 1},
     true},
};

struct explore_command {
  std::string model = "rmp";
  std::vector<std::string> without;
  std::vector<std::string> ablate;
  std::vector<std::string> peer;
  std::optional<std::uint64_t> depth;
  std::optional<std::uint64_t> states;
  std::optional<std::uint64_t> walk;
  std::uint64_t length = 10'000;
  std::string shard;
  std::string states_file;
  std::vector<std::string> merge;
  std::string trace_file;
  bool symmetry = false;
  bool list = false;
  bool as_json = false;
};

[[nodiscard]] auto machine_of(std::string_view name) -> const named_machine& {
  for (const named_machine& one : machines)
    if (name == one.name) return one;
  std::string known;
  for (const named_machine& one : machines) known += fmt::format("{}{}", known.empty() ? "" : ", ", one.name);
  throw input_error("--model", fmt::format("{} is none of {}", in_quotes(name), known));
}

/// "RMP-CHK-01,RMP-PVL" as rules that can be switched off.
[[nodiscard]] auto rules_of(std::string_view option, const std::vector<std::string>& lists)
    -> std::vector<const rule_info*> {
  std::vector<const rule_info*> chosen;
  for (const std::string& list : lists) {
    std::istringstream names(list);
    for (std::string name; std::getline(names, name, ',');) {
      const auto found = find_rules(name);
      const bool group = found.size() > 1;
      for (const rule_info* one : found) {
        if (one->kind != rule_kind::definition) chosen.push_back(one);
        else if (!group)
          throw input_error(option,
                            fmt::format("{} is a definition: it refuses nothing, and cannot be left out", one->name));
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
  constexpr std::uint64_t most = 65'536;
  if (slash == std::string::npos || !which || !of || *which >= *of || *of > most)
    throw input_error("--shard",
                      fmt::format("{}: I/N was expected, I from 0 to N-1, N at most {}", in_quotes(text), most));
  return {.which = static_cast<std::uint32_t>(*which), .of = static_cast<std::uint32_t>(*of)};
}

/// What any exploration comes to.
struct outcome_of_search {
  ending how{};
  std::uint64_t states{};
  std::uint64_t transitions{};
  unsigned depth{};
  std::size_t bytes{};
  double seconds{};
  verify::rmp_finding broken{};
  std::vector<std::string> trace{};
  std::vector<verify::rmp_step> steps{};
};

void progress(unsigned depth, std::uint64_t states) {
  if (isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\r{} states, depth {} ", grouped(states), depth);
}

template <class Report, class Model>
[[nodiscard]] auto summed_up(const Report& seen, const Model& model) -> outcome_of_search {
  outcome_of_search all{.how = seen.how,
                        .states = seen.states,
                        .transitions = seen.transitions,
                        .depth = seen.depth,
                        .bytes = seen.bytes};
  if (!seen.found) return all;
  all.broken = seen.found.broken;
  for (const std::uint32_t operation : seen.found.operations) {
    all.trace.push_back(model.describe(operation));
    if (const auto step = model.step_of(operation)) all.steps.push_back(*step);
  }
  return all;
}

/// Words of eight bytes, least first, in ascending order of the states.
template <class Packed>
void write_states(const std::string& path, std::vector<Packed> all) {
  std::ranges::sort(all);
  std::ofstream file(path, std::ios::binary);
  for (const Packed& one : all)
    for (const std::uint64_t word : one)
      for (unsigned i = 0; i < 8; ++i) file.put(static_cast<char>(word >> (8 * i) & 0xff));
  file.flush();
  if (!file) throw input_error(path, "cannot be written");
}

template <class Model>
[[nodiscard]] auto searched(const explore_command& command, const Model& model) -> outcome_of_search {
  const auto begin = std::chrono::steady_clock::now();
  outcome_of_search all;
  if (command.walk) {
    const auto seen = verify::explorer::random_walk(model, *command.walk, command.length);
    all = summed_up(seen, model);
  } else {
    verify::explorer::explorer<Model> search{model};
    verify::explorer::bounds limits;
    if (command.depth) limits.depth = static_cast<unsigned>(*command.depth);
    if (command.states) limits.states = *command.states;
    const auto seen = search.run(limits, shard_of(command.shard), progress);
    if (isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\r{:40}\r", "");
    all = summed_up(seen, search.what());
    if (!command.states_file.empty()) write_states(command.states_file, search.visited().all());
  }
  all.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return all;
}

[[nodiscard]] auto searched(const explore_command& command, const named_machine& machine, const rule_set& rules)
    -> outcome_of_search {
  using verify::explorer::rmp_model;
  using verify::explorer::symmetric_rmp_model;
  const rules_in_force ctx{.rules = rules};
  if (machine.two_regions && command.symmetry)
    return searched(command, symmetric_rmp_model<4, 2, rules_in_force>{machine.parts, ctx});
  if (machine.two_regions) return searched(command, rmp_model<4, 2, rules_in_force>{machine.parts, ctx});
  if (command.symmetry) throw input_error("--symmetry", fmt::format("{} has one region", machine.name));
  return searched(command, rmp_model<2, 2, rules_in_force>{machine.parts, ctx});
}

/// The steps as a conversation with a machine that lacks the rules: `sevspec replay` says where it goes wrong.
void write_trace(const std::string& path, const std::vector<verify::rmp_step>& steps, const rule_set& rules) {
  const verify::rmp_setup setup;
  auto machine = verify::rmp_reference<rules_in_force>::make(setup, {.rules = rules});
  std::string text;
  append_reset(text, setup);
  text += "\n{\"ok\":true}\n";
  for (const verify::rmp_step& step : steps) {
    append_request(text, step);
    text += '\n';
    append_answer(text, step, machine->run(step));
    text += '\n';
  }
  std::ofstream file(path, std::ios::binary);
  file << text << std::flush;
  if (!file) throw input_error(path, "cannot be written");
}

[[nodiscard]] auto name_of_ending(ending how) -> const char* {
  return how == ending::closed ? "closed" : how == ending::violation ? "violation" : "bounded";
}

[[nodiscard]] auto names_of(const std::vector<const rule_info*>& rules) -> std::string {
  std::string all;
  for (const rule_info* one : rules) all += fmt::format("{}{}", all.empty() ? "" : ", ", one->name);
  return all;
}

[[nodiscard]] auto violation_as_json(const verify::rmp_finding& broken, const std::vector<std::string>& trace) -> json {
  if (!broken) return nullptr;
  return {{"invariant", name_of(broken->broken)}, {"text", broken->what}, {"trace", trace}};
}

void print_trace(const std::vector<std::string>& trace, const verify::rmp_violation& broken) {
  for (std::size_t i = 0; i < trace.size(); ++i) fmt::print("  {:2}  {}\n", i + 1, trace[i]);
  fmt::print("      {}: {}\n", name_of(broken.broken), broken.what);
}

[[nodiscard]] auto explore(const explore_command& command) -> int {
  const named_machine& machine = machine_of(command.model);
  const auto left_out = rules_of("--without", command.without);
  rule_set rules;
  for (const rule_info* one : left_out) rules = rules.without(one->id);
  const outcome_of_search seen = searched(command, machine, rules);
  if (!command.trace_file.empty() && seen.broken) write_trace(command.trace_file, seen.steps, rules);

  if (command.as_json) {
    json without = json::array();
    for (const rule_info* one : left_out) without.push_back(one->name);
    const json row = {{"model", machine.name},
                      {"without", without},
                      {"states", seen.states},
                      {"transitions", seen.transitions},
                      {"depth", seen.depth},
                      {"ending", name_of_ending(seen.how)},
                      {"violation", violation_as_json(seen.broken, seen.trace)}};
    fmt::print("{}\n", row.dump(1));
    return seen.broken ? 1 : 0;
  }
  fmt::print("model        {}: {}\n", machine.name, machine.what);
  if (!left_out.empty()) fmt::print("without      {}\n", names_of(left_out));
  if (command.walk) fmt::print("walk         {} steps, seed {}\n", grouped(seen.transitions), *command.walk);
  else {
    fmt::print("states       {}\ntransitions  {}\ndepth        {}\n", grouped(seen.states), grouped(seen.transitions),
               seen.depth);
    fmt::print("memory       {:.1f} bytes a state\n",
               static_cast<double>(seen.bytes) / static_cast<double>(seen.states));
  }
  fmt::print("time         {:.2f} s\n", seen.seconds);
  if (!seen.broken) {
    const char* const how =
        command.walk ? "no invariant was broken on the way"
        : seen.how == ending::closed
            ? (command.shard.empty() ? "closed: no state that can be reached breaks an invariant"
                                     : "closed: no state that can be reached from this shard's breaks an invariant")
            : "bounded: no invariant is broken so far, and there is more";
    fmt::print("result       {}\n", how);
    return 0;
  }
  fmt::print("result       {} is broken after {} operations\n\n", name_of(seen.broken->broken), seen.trace.size());
  print_trace(seen.trace, *seen.broken);
  return 1;
}

/// A row per rule: the shortest way to what its loss breaks, or why it breaks nothing.
[[nodiscard]] auto ablate(const explore_command& command) -> int {
  std::vector<const rule_info*> chosen;
  if (command.ablate.size() == 1 && command.ablate.front() == "all") {
    for (const rule_info& one : rule_registry)
      if (verify::explorer::is_ablated(one)) chosen.push_back(&one);
  } else {
    chosen = rules_of("--ablate", command.ablate);
    for (const rule_info* one : chosen)
      if (!verify::explorer::is_ablated(*one))
        throw input_error("--ablate", fmt::format("{} is outside the machines that are explored", one->name));
  }
  const auto part = shard_of(command.shard);
  json rows = json::array();
  int status = 0;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (i % part.of != part.which) continue;
    const rule_info& one = *chosen[i];
    if (isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\r{:16}{} of {} ", one.name, i + 1, chosen.size());
    const auto row = verify::explorer::ablate_rmp(one.id);
    const char* const why = verify::explorer::why_not_load_bearing(one.id);
    if (row.broken.has_value() == (why != nullptr)) status = 1;  // neither a trace nor a reason, or both
    if (command.as_json) {
      json line = {{"rule", one.name}, {"states", row.states}, {"violation", violation_as_json(row.broken, row.trace)}};
      if (!row.broken && why != nullptr) line["reason"] = why;
      rows.push_back(line);
      continue;
    }
    if (isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\r{:40}\r", "");
    fmt::print("{:14} {}\n", one.name, wrapped(one.text, text_width, 15));
    if (row.broken) print_trace(row.trace, *row.broken);
    else
      fmt::print("  --  {}\n",
                 wrapped(why != nullptr ? why : "no invariant breaks, and nobody has said why", text_width, 6));
  }
  if (command.as_json) fmt::print("{}\n", rows.dump(1));
  return status;
}

/// How many different states several files hold.
[[nodiscard]] auto merge(const explore_command& command) -> int {
  const named_machine& machine = machine_of(command.model);
  using one_region = verify::explorer::rmp_model<2, 2>::packed;
  using two_regions = verify::explorer::rmp_model<4, 2>::packed;
  const std::size_t size = machine.two_regions ? sizeof(two_regions) : sizeof(one_region);
  std::vector<std::string> all;
  for (const std::string& path : command.merge) {
    const std::string bytes = read_file(path);
    if (bytes.size() % size != 0)
      throw input_error(path, fmt::format("{} bytes are no whole states of {} bytes", bytes.size(), size));
    for (std::size_t at = 0; at < bytes.size(); at += size) all.push_back(bytes.substr(at, size));
  }
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  fmt::print("states       {}\n", grouped(all.size()));
  return 0;
}

[[nodiscard]] auto run(const explore_command& command) -> int {
  if (command.list) {
    for (const named_machine& one : machines) fmt::print("{:14} {}\n", one.name, one.what);
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
  add_number(explore, "--walk", command->walk, "Draw operations with this seed instead of trying all");
  explore.add_option("--length", command->length, "Steps of a walk (default 10000)");
  explore.add_flag("--symmetry", command->symmetry, "Regions that differ in their names are one state");
  explore
      .add_option("--shard", command->shard,
                  "Part I of N, from 0: of the states two operations from the start; "
                  "with --ablate of the rules")
      ->type_name("I/N");
  explore.add_option("--save-states", command->states_file, "Write all states that were seen")->type_name("FILE");
  explore.add_option("--merge", command->merge, "Count the different states in such files")->type_name("FILE...");
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
  explore.callback([command, &chosen] { chosen = [command] { return run(*command); }; });
}

}  // namespace sevspec::tool
