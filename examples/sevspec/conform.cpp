// SPDX-License-Identifier: MIT
// sevspec conform: compares another implementation of the RMP, a program that speaks the oracle protocol, with the
// architecture.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gsl/assert>

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/verify/choice_table.hpp>
#include <sevspec/verify/rmp_compare.hpp>
#include <sevspec/verify/rmp_conformance.hpp>

#include "child_program.hpp"
#include "commands.hpp"
#include "conform.hpp"
#include "input.hpp"
#include "protocol.hpp"
#include "rule_text.hpp"

namespace sevspec::tool {

namespace {

using verify::rmp_abilities;
using verify::rmp_answer;
using verify::rmp_ending;
using verify::rmp_operation;
using verify::rmp_setup;
using verify::rmp_step;

/// The protocol does not say who executes PSMASH and RMPREAD: such a step is not put to a program.
[[nodiscard]] auto beyond_protocol(const rmp_step& step) -> bool {
  const bool host = step.what == rmp_operation::psmash || step.what == rmp_operation::rmpread;
  return host && (step.caller_asid != 0 || step.cpl != 0);
}

/// The program under test as a machine.
class program_machine {
 public:
  program_machine(std::string command, child_program::duration patience)
      : program_(std::move(command), patience), idle_(*verify::rmp_reference<>::make({})) {}

  /// The program hears of it with the first step.
  void reset(const rmp_setup& setup) {
    setup_ = setup;
    steps_.clear();
    trouble_.clear();
    begun_ = false;
  }

  [[nodiscard]] auto run(const rmp_step& step) -> rmp_answer {
    if (beyond_protocol(step)) return idle_.run(step);
    steps_.push_back(step);
    if (!trouble_.empty()) return broken(trouble_);
    // What has cost a program or a time-out once is not tried again.
    for (const auto& [steps, how] : known_) {
      if (steps != steps_) continue;
      trouble_ = how;
      return broken(trouble_);
    }
    if (!begun_ && !begin()) return broken(trouble_);
    line_.clear();
    append_request(line_, step);
    line_ += '\n';
    const auto answer = program_.ask(line_);
    if (!answer) {
      trouble_ = answer.error();
      if (known_.size() < most_known) known_.emplace_back(steps_, trouble_);
      return broken(trouble_);
    }
    last_ = *answer;
    try {
      return parse_answer(parse_line(last_), step);
    } catch (const protocol_error& error) {
      return broken(fmt::format("gave an answer that cannot be understood: {}: {}", in_quotes(last_), error.what()));
    }
  }

  /// Starts the program anew if it is gone, and resets it. Its choices are its own: it is not told those of the
  /// reference. A program that fails here is not asked again.
  auto begin() -> bool {
    begun_ = true;
    if (unfit_.empty()) {
      program_.start();
      rmp_setup plain = setup_;
      plain.choices = {};
      line_.clear();
      append_reset(line_, plain);
      line_ += '\n';
      if (const auto answer = program_.ask(line_); !answer) unfit_ = answer.error() + " when asked for a reset";
      else if (!accepts(*answer)) unfit_ = fmt::format("answered a reset with {}", in_quotes(*answer));
    }
    trouble_ = unfit_;
    return trouble_.empty();
  }

  [[nodiscard]] auto abilities() const -> rmp_abilities { return able_; }
  void set_abilities(const rmp_abilities& able) { able_ = able; }

  /// The program's last line, or what happened instead.
  [[nodiscard]] auto last() const -> const std::string& { return last_; }
  [[nodiscard]] auto trouble() const -> const std::string& { return trouble_; }
  [[nodiscard]] auto not_found() const -> bool { return program_.not_found(); }

 private:
  static constexpr std::size_t most_known = 64;

  [[nodiscard]] static auto accepts(std::string_view line) -> bool {
    try {
      return says_ok(parse_line(line));
    } catch (const protocol_error&) {
      return false;
    }
  }
  [[nodiscard]] auto broken(const std::string& how) -> rmp_answer {
    return {.ending = rmp_ending::broken, .state = kept(how)};
  }
  /// Answers refer to texts that stay.
  [[nodiscard]] auto kept(const std::string& text) -> const char* { return texts_.insert(text).first->c_str(); }

  child_program program_;
  verify::rmp_reference<> idle_;
  rmp_abilities able_;
  rmp_setup setup_;
  std::vector<rmp_step> steps_;  ///< since the last reset
  bool begun_ = false;           ///< the program was told of the reset
  std::string trouble_;          ///< that ended the program since the last reset
  std::string unfit_;            ///< why it cannot even be reset
  std::vector<std::pair<std::vector<rmp_step>, std::string>> known_;
  std::string line_;
  std::string last_;
  std::set<std::string> texts_;
};

// --- what the program can do ------------------------------------------------------------------------------------------

struct capability {
  const char* name;
  bool rmp_abilities::* able;
  std::vector<rmp_step> probes;  ///< harmless, each after a reset
};

[[nodiscard]] auto capabilities() -> std::vector<capability> {
  using enum rmp_operation;
  using verify::rmp_access;
  using verify::rmp_agent;
  const auto guest = [](rmp_operation what) {
    return rmp_step{.what = what, .spa = 0x1000, .gpa = 0x1000, .asid = 5, .attributes = 1};
  };
  const auto read_by = [](rmp_agent by) {
    return rmp_step{.what = rmp_operation::access, .spa = 0x1000, .gpa = 0x1000, .by = by, .kind = rmp_access::read};
  };
  return {
      {"psmash", &rmp_abilities::psmash, {{.what = psmash, .spa = 0x20'0000}}},
      {"rmpread", &rmp_abilities::rmpread, {{.what = rmpread, .spa = 0x1000}}},
      {"pvalidate", &rmp_abilities::pvalidate, {guest(pvalidate)}},
      {"rmpadjust", &rmp_abilities::rmpadjust, {guest(rmpadjust)}},
      {"rmpquery", &rmp_abilities::rmpquery, {guest(rmpquery)}},
      {"access",
       &rmp_abilities::access,
       {read_by(rmp_agent::host), read_by(rmp_agent::guest), read_by(rmp_agent::device)}},
      {"entry", &rmp_abilities::entry, {{.what = entry, .spa = 0x1000}}},
      {"firmware",
       &rmp_abilities::firmware,
       {{.what = page_reclaim, .spa = 0x1000},
        {.what = page_unsmash, .spa = 0x20'0000},
        {.what = page_set_state, .spa = 0x20'0000, .pages = 1}}},
  };
}

/// Asks once for each operation. What goes wrong in another way than "unknown" is left to the comparison, which finds
/// the shortest sequence for it.
[[nodiscard]] auto probed(program_machine& machine, const rmp_setup& setup) -> rmp_abilities {
  rmp_abilities able;
  for (const capability& one : capabilities()) {
    for (const rmp_step& step : one.probes) {
      machine.reset(setup);
      if (machine.run(step).ending != rmp_ending::unsupported) continue;
      std::string request;
      append_request(request, step);
      fmt::print(stderr, "skipped {}: to {} the program answers {}\n", one.name, request, machine.last());
      able.*one.able = false;
      break;
    }
  }
  return able;
}

// --- which rule would explain it --------------------------------------------------------------------------------------

/// Rules that keep operations inside the table. A reference without one gets a larger table instead, in which the pages
/// behind the end are as good as covered.
[[nodiscard]] auto guards_the_end(rule id) -> bool {
  return id == rule::RMP_GEO_16 || id == rule::FW_DISP_10 || id == rule::FW_SNP_PSS_01;
}

[[nodiscard]] auto can_be_suspect(const rule_info& one) -> bool {
  if (one.kind == rule_kind::definition) return false;
  const std::string_view name = one.name;
  return name.starts_with("RMP-") || name.starts_with("FW-SNP-") || name.starts_with("FW-DISP-") ||
         name.starts_with("PAG-RMPS-");
}

/// Whether a machine without that rule answers the last step as the program does, and all before it correctly.
[[nodiscard]] auto explains(rule id, const verify::rmp_disagreement& found) -> bool {
  rmp_setup setup = found.setup;
  if (guards_the_end(id)) {
    const bool command = found.steps.back().what >= rmp_operation::page_reclaim;  // the enumeration ends with commands
    if (command != (id != rule::RMP_GEO_16)) return false;
    if (setup.rmp_base != 0 || setup.rmp_end != 0) return false;
    setup.memory += std::uint64_t{8} << 20;
  }
  using without_one = context<rule_set>;
  auto machine = verify::rmp_reference<without_one>::make(setup, {.rules = rule_set{}.without(id)});
  auto reference = verify::rmp_reference<>::make(found.setup);
  if (!machine || !reference) return false;
  for (std::size_t i = 0; i + 1 < found.steps.size(); ++i)
    if (!verify::same_answer(found.steps[i], reference->run(found.steps[i]), machine->run(found.steps[i])))
      return false;
  return verify::same_answer(found.steps.back(), machine->run(found.steps.back()), found.actual);
}

[[nodiscard]] auto suspects_of(const verify::rmp_disagreement& found) -> std::vector<rule> {
  std::vector<rule> suspects;
  if (found.actual.ending == rmp_ending::broken || found.actual.ending == rmp_ending::unsupported) return suspects;
  for (const rule_info& one : rule_registry)
    if (can_be_suspect(one) && explains(one.id, found)) suspects.push_back(one.id);
  return suspects;
}

// --- results ----------------------------------------------------------------------------------------------------------

/// The sequence as `replay` reads it: requests, and the responses of the architecture.
[[nodiscard]] auto trace_of(const rmp_setup& setup, const std::vector<rmp_step>& steps) -> std::string {
  rmp_setup shown = setup;
  shown.choices.rmpread_region_status =
      implementation_choices{}.rmpread_region_status;  // as good as any: see `compare`
  auto reference = verify::rmp_reference<>::make(setup);
  Expects(reference.has_value());
  std::string trace;
  append_reset(trace, shown);
  trace += "\n{\"ok\":true}\n";
  for (const rmp_step& step : steps) {
    append_request(trace, step);
    trace += '\n';
    append_answer(trace, step, reference->run(step));
    trace += '\n';
  }
  return trace;
}

/// Lines of a trace that are requests.
void print_requests(std::string_view trace) {
  for (std::size_t number = 0; !trace.empty(); ++number) {
    const std::string_view line = trace.substr(0, trace.find('\n') + 1);
    trace.remove_prefix(line.size());
    if (number % 2 == 0) fmt::print("{}", line);
  }
}

[[nodiscard]] auto print_disagreement(program_machine& machine, verify::rmp_disagreement found,
                                      const std::string& trace_file) -> int {
  std::erase_if(found.steps, beyond_protocol);
  const std::string trace = trace_of(found.setup, found.steps);
  std::string expected;
  append_answer(expected, found.steps.back(), found.expected);

  // Once more, for the program's own words.
  machine.reset(found.setup);
  rmp_answer again;
  for (const rmp_step& step : found.steps) again = machine.run(step);
  const bool broken = again.ending == rmp_ending::broken;
  const bool repeated =
      broken ? found.actual.ending == rmp_ending::broken : verify::same_answer(found.steps.back(), again, found.actual);
  fmt::print("disagreement: {} operations after a reset\n", found.steps.size());
  print_requests(trace);
  fmt::print("expected {}\n", expected);
  print_actual(repeated, broken ? again.state : nullptr, machine.last());
  if (found.expected.decided_by != rule::none) print_rule("rule", found.expected.decided_by);
  const std::vector<rule> suspects = suspects_of(found);
  for (const rule id : suspects) print_rule("suspect", id);
  if (suspects.empty() && found.actual.ending != rmp_ending::broken)
    fmt::print("suspect  none: no machine that lacks a single rule answers so\n");
  fmt::print("seed     {}\n", found.seed);
  if (!trace_file.empty()) write_file(trace_file, trace);
  return 1;
}

[[nodiscard]] auto compare(const conform_command& command) -> int {
  auto options = options_of<verify::conformance_options>(command);
  // The protocol does not transport the bit: both sides have it 0.
  options.setup.choices.rmpread_region_status = region_status::zero;
  program_machine machine{command.program, patience_of(command)};
  machine.reset(options.setup);
  if (!machine.begin() && machine.not_found())
    throw input_error("--exec", fmt::format("the program {}", machine.trouble()));
  machine.set_abilities(probed(machine, options.setup));

  const verify::conformance_report report = verify::check_rmp_machine(machine, options);
  for (const verify::unspecified_point& point : report.unspecified) {
    std::string request;
    append_request(request, point.steps.back());
    print_unspecified(point.choice, point.value, request);
  }
  if (report.found) return print_disagreement(machine, *report.found, command.trace_file);
  fmt::print("ok {} runs, {} operations, {} unspecified\n", report.runs, report.operations, report.unspecified.size());
  return 0;
}

/// Lines {"request":...,"response":...}, as the architecture answers. Each run begins with a reset.
[[nodiscard]] auto print_vectors(const conform_command& command) -> int {
  const auto options = options_of<verify::conformance_options>(command);
  auto reference = verify::rmp_reference<>::make(options.setup);
  Expects(reference.has_value());
  std::uint64_t left = *command.vectors;
  std::string line;
  for (std::uint64_t seed = options.seed; left != 0; ++seed) {
    verify::rmp_generator draw(seed, reference->pages(), {});
    reference->reset();
    line = "{\"request\":";
    append_reset(line, options.setup);
    fmt::print("{},\"response\":{{\"ok\":true}}}}\n", line);
    --left;
    for (unsigned i = 0; i < options.ops && left != 0;) {
      const rmp_step step = draw.next(reference->table());
      if (beyond_protocol(step)) continue;
      line = "{\"request\":";
      append_request(line, step);
      line += ",\"response\":";
      append_answer(line, step, reference->run(step));
      line += "}\n";
      if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size()) return 2;
      --left;
      ++i;
    }
  }
  return 0;
}

[[nodiscard]] auto run(const conform_command& command) -> int {
  if (command.ghcb && command.svsm) throw input_error("--svsm", "excludes --ghcb");
  if (!command.known.empty() && !command.svsm) throw input_error("--known-bug", "goes with --svsm");
  if (!command.vectors) {
    if (command.program.empty()) throw input_error("conform", "--exec must name a program, or --vectors a number");
    if (command.svsm) return compare_svsm(command);
    return command.ghcb ? compare_hypervisor(command) : compare(command);
  }
  if (!command.program.empty()) throw input_error("--vectors", "excludes --exec");
  if (!command.trace_file.empty()) throw input_error("--vectors", "excludes --trace");
  if (command.runs) throw input_error("--vectors", "excludes --runs");
  if (command.svsm) return print_svsm_vectors(command);
  return command.ghcb ? print_hypervisor_vectors(command) : print_vectors(command);
}

}  // namespace

void write_file(const std::string& path, std::string_view text) {
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  const bool written = file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file == nullptr || std::fclose(file) != 0 || !written) throw input_error(path, "cannot be written");
}

auto patience_of(const conform_command& command) -> child_program::duration {
  if (!(command.timeout > 0) || command.timeout > 1e6) throw input_error("--timeout", "must be more than 0");
  return std::chrono::duration_cast<child_program::duration>(std::chrono::duration<double>{command.timeout});
}

void print_unspecified(const char* choice, const char* value, std::string_view request) {
  const verify::named_choice* const known = verify::find_choice(choice);
  fmt::print(stderr, "unspecified {}: the program does as with {}, the default is {}; first seen at {}\n", choice,
             value, known->values()[known->get({})], request);
}

void print_actual(bool repeated, const char* trouble, std::string_view answer) {
  if (!repeated)
    fmt::print("actual   another answer, but not when asked once more: the program is not deterministic\n");
  else if (trouble != nullptr) fmt::print("actual   the program {}\n", trouble);
  else fmt::print("actual   {}\n", answer);
}

void print_rule(const char* word, rule id) {
  constexpr std::size_t text_width = 100;
  fmt::print("{:8} {}: {}\n", word, sevspec::name_of(id), wrapped(info(id).text, text_width, 9));
}

void add_conform(CLI::App& program, action& chosen) {
  const auto command = std::make_shared<conform_command>();
  CLI::App& conform = *program.add_subcommand(
      "conform", "Compare a program that implements the RMP, a hypervisor, or an SVSM, with the architecture");
  conform.footer(
      "The program reads requests from its standard input and writes a response for each, as `sevspec serve` does.\n"
      "Output: \"ok N runs, M operations, K unspecified\", or the shortest sequence of requests that it answers "
      "wrongly;\n"
      "the exit status is then 1. What it says it cannot do (\"unknown op ...\") is skipped.\n\n"
      "With --ghcb the program is a hypervisor, and the requests are those of its guests.\n\n"
      "  sevspec conform --exec \"python3 soft_rmp.py\" --trace failing.jsonl\n"
      "  sevspec conform --ghcb --exec \"python3 soft_ghcb.py\"\n"
      "  sevspec conform --svsm --exec \"python3 soft_svsm.py\"\n"
      "  sevspec conform --vectors 10000 --seed 7 >vectors.jsonl\n");
  conform.add_option("--exec", command->program, "The program and its arguments, for /bin/sh")->type_name("COMMAND");
  conform.add_flag("--ghcb", command->ghcb, "The program is a hypervisor behind the GHCB protocols");
  conform.add_flag("--svsm", command->svsm, "The program is an SVSM, and the requests are its guest's calls");
  conform.add_option("--known-bug", command->known, "With --svsm: a rule that the program is known to break")
      ->type_name("RULE");
  add_number(conform, "--seed", command->seed, "Of the first run; run i has seed + i (default 1)");
  add_number(conform, "--runs", command->runs, "Sequences to try (default 1000)");
  add_number(conform, "--ops", command->ops, "Operations of a sequence (default 60; with --ghcb 40, with --svsm 30)");
  conform.add_option("--timeout", command->timeout, "How long the program may take for an answer (default 5)")
      ->type_name("SECONDS");
  conform.add_option("--trace", command->trace_file, "Write the failing sequence, as `sevspec replay` reads it")
      ->type_name("FILE");
  add_number(conform, "--vectors", command->vectors, "Print so many requests with their responses instead");
  conform.callback([command, &chosen] { chosen = [command] { return run(*command); }; });
}

}  // namespace sevspec::tool
