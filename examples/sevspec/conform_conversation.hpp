// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_CONFORM_CONVERSATION_HPP
#define SEVSPEC_TOOL_CONFORM_CONVERSATION_HPP

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <sevspec/base/rule_registry.hpp>

#include "child_program.hpp"
#include "conform.hpp"
#include "input.hpp"
#include "protocol.hpp"

/// What the comparisons with hypervisors and with SVSMs have in common: both are conversations that begin with a reset.
///
/// A `Talk` says which:
/// - types `setup`, `step`, `answer`, `reference`, `generator`, `options`
/// - `append_reset(text, setup)`, `append_request(text, step)`, `append_answer(text, step, answer)`,
///   `parse_answer(object, step)`: the oracle protocol
/// - `check(machine, options) -> report`: the suite; `rules`: those that its answers can show to hold
/// - `kind_of(step) -> std::string`: what is skipped; `requests`, `nothing_like_it`: words
/// - `next(generator, setup, reference) -> std::optional<step>`, `stopped(reference)`: random conversations
namespace sevspec::tool {

/// The program under test, as a machine that a suite of `verify` can talk to.
template <class Talk>
class program_machine {
  using setup_type = typename Talk::setup;
  using step_type = typename Talk::step;
  using answer_type = typename Talk::answer;

 public:
  program_machine(std::string command, child_program::duration patience) : program_(std::move(command), patience) {}

  /// The first time with a setup the program is asked at once; later it hears of it with the first step.
  auto reset(const setup_type& setup) -> bool {
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

  [[nodiscard]] auto run(const step_type& step) -> answer_type {
    if (!trouble_.empty()) return broken(trouble_);
    line_.clear();
    Talk::append_request(line_, step);
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
      return Talk::parse_answer(parse_line(last_), step);
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
    Talk::append_reset(line, setup_);
    line += '\n';
    if (const auto answer = program_.ask(line); !answer) trouble_ = answer.error() + " when asked for a reset";
    else if (!accepts(*answer)) trouble_ = fmt::format("answered a reset with {}", in_quotes(*answer));
    if (keep_line && !trouble_.empty()) last_ = trouble_;
    return trouble_.empty();
  }
  [[nodiscard]] auto accepts(std::string_view line) -> bool {
    try {
      const json object = parse_line(line);
      unsupported_ = !object.contains("ok") && Talk::parse_answer(object, {}).how == answer_type::ending::unsupported;
      return says_ok(object);
    } catch (const protocol_error&) {
      return false;
    }
  }
  [[nodiscard]] auto broken(const std::string& how) -> answer_type {
    answer_type answer;
    answer.how = answer_type::ending::broken;
    answer.reason = texts_.insert(how).first->c_str();
    return answer;
  }

  child_program program_;
  setup_type setup_;
  std::vector<std::pair<setup_type, bool>> able_;
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
template <class Talk>
[[nodiscard]] auto trace_of(const typename Talk::setup& setup, const std::vector<typename Talk::step>& steps)
    -> std::string {
  typename Talk::reference reference;
  (void)reference.reset(setup);
  std::string trace;
  Talk::append_reset(trace, setup);
  trace += "\n{\"ok\":true}\n";
  for (const auto& step : steps) {
    Talk::append_request(trace, step);
    trace += '\n';
    Talk::append_answer(trace, step, reference.run(step));
    trace += '\n';
  }
  return trace;
}

/// @param found  the suite's disagreement
/// @return the exit status
template <class Talk, class Disagreement>
[[nodiscard]] auto print_disagreement(program_machine<Talk>& machine, const Disagreement& found,
                                      const std::string& trace_file) -> int {
  using answer_type = typename Talk::answer;
  // Once more, for the program's own words.
  (void)machine.reset(found.setup);
  answer_type again;
  for (const auto& step : found.steps) again = machine.run(step);
  const auto& last = found.steps.back();
  const bool broken = again.how == answer_type::ending::broken;
  const bool repeated = broken ? found.actual.how == again.how : difference_of(last, found.expected, again).has_value();
  std::string line;
  Talk::append_reset(line, found.setup);
  fmt::print("disagreement: {} operations after a reset\n{}\n", found.steps.size(), line);
  for (const auto& step : found.steps) {
    line.clear();
    Talk::append_request(line, step);
    fmt::print("{}\n", line);
  }
  line.clear();
  Talk::append_answer(line, last, found.expected);
  fmt::print("expected {}\n", line);
  print_actual(repeated, broken ? again.reason : nullptr, machine.last());
  fmt::print("differs  {}\n", found.what.member);
  print_rule("rule", found.what.about);
  for (const rule id : suspects(found)) print_rule("suspect", id);
  if (found.seed != 0) fmt::print("seed     {}\n", found.seed);
  if (!trace_file.empty()) write_file(trace_file, trace_of<Talk>(found.setup, found.steps));
  return 1;
}

/// Which rules the answers have shown to hold.
template <class Talk, class Report>
void print_coverage(const Report& report) {
  std::size_t shown = 0;
  std::string missing;
  for (const rule id : Talk::rules) {
    if (report.rules.contains(id)) ++shown;
    else missing += fmt::format(" {}", sevspec::name_of(id));
  }
  fmt::print("rules {} of {}\n", shown, std::size(Talk::rules));
  if (!missing.empty()) fmt::print("not seen{}\n", missing);
}

/// Compares a program with the library.
/// @return the exit status
template <class Talk>
[[nodiscard]] auto compare_conversations(const conform_command& command, const typename Talk::options& options) -> int {
  program_machine<Talk> machine{command.program, patience_of(command)};
  (void)machine.reset(options.setups.front());
  if (machine.not_found()) throw input_error("--exec", fmt::format("the program {}", machine.trouble()));

  const auto report = Talk::check(machine, options);
  std::string line;
  for (const std::size_t which : report.refused_setups) {
    line.clear();
    Talk::append_reset(line, options.setups[which]);
    fmt::print(stderr, "skipped all conversations after {}\n", line);
  }
  for (const auto& step : report.skipped) {
    line.clear();
    Talk::append_request(line, step);
    fmt::print(stderr, "skipped {}: {}\n", Talk::kind_of(step), line);
  }
  for (const auto& point : report.unspecified) {
    line.clear();
    Talk::append_request(line, point.steps.back());
    print_unspecified(point.choice, point.value, line);
  }
  if (report.reordered != 0)
    fmt::print(stderr, "{} {} with two mistakes, of which the program answers the other one\n", report.reordered,
               Talk::requests);
  if constexpr (requires { report.excused; })
    if (report.excused != 0) fmt::print(stderr, "{} conversations ended with a bug that is known\n", report.excused);
  if (report.found) return print_disagreement(machine, *report.found, command.trace_file);
  if (report.refused_setups.size() == options.setups.size()) {
    fmt::print("disagreement: the program has no {}\n", Talk::nothing_like_it);
    return 1;
  }
  fmt::print("ok {} runs, {} operations, {} unspecified\n", report.runs, report.operations, report.unspecified.size());
  print_coverage<Talk>(report);
  return 0;
}

/// Lines {"request":...,"response":...}. Each run begins with a reset.
/// @return the exit status
template <class Talk>
[[nodiscard]] auto print_conversations(const conform_command& command, const typename Talk::options& options) -> int {
  typename Talk::reference reference;
  std::uint64_t left = command.vectors.value_or(0);
  std::string line;
  for (std::uint64_t run = 0; left != 0; ++run) {
    const auto& setup = options.setups[static_cast<std::size_t>(run % options.setups.size())];
    typename Talk::generator draw(options.seed + run);
    (void)reference.reset(setup);
    line = "{\"request\":";
    Talk::append_reset(line, setup);
    fmt::print("{},\"response\":{{\"ok\":true}}}}\n", line);
    --left;
    for (unsigned i = 0; i < options.ops && left != 0 && !Talk::stopped(reference); ++i) {
      const auto step = Talk::next(draw, setup, reference);
      if (!step) continue;
      line = "{\"request\":";
      Talk::append_request(line, *step);
      line += ",\"response\":";
      Talk::append_answer(line, *step, reference.run(*step));
      line += "}\n";
      if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size()) return 2;
      --left;
    }
  }
  return 0;
}

}  // namespace sevspec::tool

#endif
