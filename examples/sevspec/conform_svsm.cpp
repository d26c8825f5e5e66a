// SPDX-License-Identifier: MIT
// sevspec conform --svsm: compares an SVSM, a program that speaks the oracle protocol, with the library's.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/verify/svsm_conformance.hpp>

#include "child_program.hpp"
#include "conform.hpp"
#include "input.hpp"
#include "protocol.hpp"
#include "rule_text.hpp"
#include "svsm_protocol.hpp"

namespace sevspec::tool {

namespace {

using verify::svsm_answer;
using verify::svsm_setup;
using verify::svsm_step;

/// The program under test as an SVSM.
class program_svsm {
 public:
  program_svsm(std::string command, child_program::duration patience) : program_(std::move(command), patience) {}

  /// The first time with a setup the program is asked at once; later it hears of it with the first step.
  auto reset(const svsm_setup& setup) -> bool {
    setup_ = setup;
    setup_.choices = {};  // its choices are its own
    asked_.clear();
    trouble_.clear();
    begun_ = false;
    for (const auto& [known, able] : able_)
      if (known == setup_) return able;
    const bool able = begin() || !unsupported_;
    able_.emplace_back(setup_, able);
    return able;
  }

  [[nodiscard]] auto run(const svsm_step& step) -> svsm_answer {
    if (!trouble_.empty()) return broken(trouble_);
    line_.clear();
    append_svsm_request(line_, step);
    line_ += '\n';
    asked_ += line_;
    if (const auto known = known_.find(asked_); known != known_.end()) return broken(trouble_ = known->second);
    if (!begun_ && !begin(false)) return broken(trouble_);
    const auto answer = program_.ask(line_);
    if (!answer) {
      trouble_ = answer.error();
      if (known_.size() < most_known) known_.emplace(asked_, trouble_);
      return broken(trouble_);
    }
    last_ = *answer;
    try {
      return parse_svsm_answer(parse_line(last_), step);
    } catch (const protocol_error& error) {
      return broken(fmt::format("gave an answer that cannot be understood: {}: {}", in_quotes(last_), error.what()));
    }
  }

  [[nodiscard]] auto last() const -> const std::string& { return last_; }
  [[nodiscard]] auto trouble() const -> const std::string& { return trouble_; }
  [[nodiscard]] auto not_found() const -> bool { return program_.not_found(); }

 private:
  static constexpr std::size_t most_known = 64;

  /// Starts the program if it does not run, and resets it.
  auto begin(bool keep_line = true) -> bool {
    begun_ = true;
    unsupported_ = false;
    program_.start();
    std::string line;
    append_svsm_reset(line, setup_);
    line += '\n';
    if (const auto answer = program_.ask(line); !answer) trouble_ = answer.error() + " when asked for a reset";
    else if (!accepts(*answer)) trouble_ = fmt::format("answered a reset with {}", in_quotes(*answer));
    if (keep_line && !trouble_.empty()) last_ = trouble_;
    return trouble_.empty();
  }
  [[nodiscard]] auto accepts(std::string_view line) -> bool {
    try {
      const json object = parse_line(line);
      unsupported_ = !object.contains("ok") && parse_svsm_answer(object, {}).how == svsm_answer::ending::unsupported;
      return says_ok(object);
    } catch (const protocol_error&) {
      return false;
    }
  }
  [[nodiscard]] auto broken(const std::string& how) -> svsm_answer {
    svsm_answer answer;
    answer.how = svsm_answer::ending::broken;
    answer.reason = texts_.insert(how).first->c_str();
    return answer;
  }

  child_program program_;
  svsm_setup setup_;
  std::vector<std::pair<svsm_setup, bool>> able_;
  std::string asked_;                         ///< since the last reset
  std::map<std::string, std::string> known_;  ///< what has cost a program or a time-out once is not tried again
  bool begun_ = false;
  bool unsupported_ = false;
  std::string trouble_;  ///< that ended the program since the last reset
  std::string line_;
  std::string last_;
  std::set<std::string> texts_;
};

/// The conversation as `replay` reads it.
[[nodiscard]] auto trace_of(const svsm_setup& setup, const std::vector<svsm_step>& steps) -> std::string {
  verify::svsm_reference<> reference;
  (void)reference.reset(setup);
  std::string trace;
  append_svsm_reset(trace, setup);
  trace += "\n{\"ok\":true}\n";
  for (const svsm_step& step : steps) {
    append_svsm_request(trace, step);
    trace += '\n';
    append_svsm_answer(trace, step, reference.run(step));
    trace += '\n';
  }
  return trace;
}

[[nodiscard]] auto what_is_missing(const svsm_step& step) -> std::string {
  if (step.what == verify::svsm_operation::page) return "changes of pages";
  return fmt::format("protocol {:#x}", svsm::protocol_of(step.registers.rax));
}

[[nodiscard]] auto print_disagreement(program_svsm& machine, const verify::svsm_disagreement& found,
                                      const std::string& trace_file) -> int {
  // Once more, for the program's own words.
  (void)machine.reset(found.setup);
  svsm_answer again;
  for (const svsm_step& step : found.steps) again = machine.run(step);
  const svsm_step& last = found.steps.back();
  const bool broken = again.how == svsm_answer::ending::broken;
  const bool repeated =
      broken ? found.actual.how == again.how : verify::difference_of(last, found.expected, again).has_value();
  std::string line;
  append_svsm_reset(line, found.setup);
  fmt::print("disagreement: {} operations after a reset\n{}\n", found.steps.size(), line);
  for (const svsm_step& step : found.steps) {
    line.clear();
    append_svsm_request(line, step);
    fmt::print("{}\n", line);
  }
  line.clear();
  append_svsm_answer(line, last, found.expected);
  fmt::print("expected {}\n", line);
  print_actual(repeated, broken ? again.reason : nullptr, machine.last());
  fmt::print("differs  {}\n", found.what.member);
  print_rule("rule", found.what.about);
  for (const rule id : verify::suspects(found)) print_rule("suspect", id);
  if (found.seed != 0) fmt::print("seed     {}\n", found.seed);
  if (!trace_file.empty()) write_file(trace_file, trace_of(found.setup, found.steps));
  return 1;
}

/// Which rules the answers have shown to hold.
void print_coverage(const verify::svsm_conformance_report& report) {
  std::size_t shown = 0;
  std::string missing;
  for (const rule id : verify::svsm_answer_rules) {
    if (report.rules.contains(id)) ++shown;
    else missing += fmt::format(" {}", sevspec::name_of(id));
  }
  fmt::print("rules {} of {}\n", shown, std::size(verify::svsm_answer_rules));
  if (!missing.empty()) fmt::print("not seen{}\n", missing);
}

[[nodiscard]] auto svsm_options_of(const conform_command& command) -> verify::svsm_conformance_options {
  auto options = options_of<verify::svsm_conformance_options>(command);
  for (const std::string& name : command.known)
    for (const rule_info* const one : find_rules(name)) options.known.push_back(one->id);
  return options;
}

}  // namespace

auto compare_svsm(const conform_command& command) -> int {
  const verify::svsm_conformance_options options = svsm_options_of(command);
  program_svsm machine{command.program, patience_of(command)};
  (void)machine.reset(options.setups.front());
  if (machine.not_found()) throw input_error("--exec", fmt::format("the program {}", machine.trouble()));

  const verify::svsm_conformance_report report = verify::check_svsm(machine, options);
  std::string line;
  for (const std::size_t which : report.refused_setups) {
    line.clear();
    append_svsm_reset(line, options.setups[which]);
    fmt::print(stderr, "skipped all conversations after {}\n", line);
  }
  for (const svsm_step& step : report.skipped) {
    line.clear();
    append_svsm_request(line, step);
    fmt::print(stderr, "skipped {}: {}\n", what_is_missing(step), line);
  }
  for (const verify::svsm_unspecified_point& point : report.unspecified) {
    print_unspecified(point.choice, point.value, line);
  }
  if (report.reordered != 0)
    fmt::print(stderr, "{} calls with two mistakes, of which the program answers the other one\n", report.reordered);
  if (report.excused != 0) fmt::print(stderr, "{} conversations ended with a bug that is known\n", report.excused);
  if (report.found) return print_disagreement(machine, *report.found, command.trace_file);
  if (report.refused_setups.size() == options.setups.size()) {
    fmt::print("disagreement: the program has no such guests: it refuses every svsm_reset\n");
    return 1;
  }
  fmt::print("ok {} runs, {} operations, {} unspecified\n", report.runs, report.operations, report.unspecified.size());
  print_coverage(report);
  return 0;
}

/// Lines {"request":...,"response":...}. Each run begins with a reset.
auto print_svsm_vectors(const conform_command& command) -> int {
  const verify::svsm_conformance_options options = svsm_options_of(command);
  verify::svsm_reference<> reference;
  std::uint64_t left = *command.vectors;
  std::string line;
  for (std::uint64_t run = 0; left != 0; ++run) {
    const svsm_setup& setup = options.setups[static_cast<std::size_t>(run % options.setups.size())];
    verify::svsm_generator draw(options.seed + run);
    (void)reference.reset(setup);
    line = "{\"request\":";
    append_svsm_reset(line, setup);
    fmt::print("{},\"response\":{{\"ok\":true}}}}\n", line);
    --left;
    for (unsigned i = 0; i < options.ops && left != 0 && !reference.stopped(); ++i) {
      const svsm_step step = draw.next(setup);
      if (reference.why_not(step) != nullptr) continue;
      line = "{\"request\":";
      append_svsm_request(line, step);
      line += ",\"response\":";
      append_svsm_answer(line, step, reference.run(step));
      line += "}\n";
      if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size()) return 2;
      --left;
    }
  }
  return 0;
}

}  // namespace sevspec::tool
