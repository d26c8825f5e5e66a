// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_CONFORM_HPP
#define SEVSPEC_TOOL_CONFORM_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <sevspec/base/rule.hpp>

#include "child_program.hpp"
#include "input.hpp"

namespace sevspec::tool {

/// The command line.
struct conform_command {
  std::string program;
  bool ghcb = false;               ///< a hypervisor, not a table
  bool svsm = false;               ///< an SVSM
  std::vector<std::string> known;  ///< rules that the SVSM is known to break
  std::optional<std::uint64_t> seed;
  std::optional<std::uint64_t> runs;
  std::optional<std::uint64_t> ops;
  std::optional<std::uint64_t> vectors;
  double timeout = 5;
  std::string trace_file;
};

/// Throws input_error.
void write_file(const std::string& path, std::string_view text);

/// Seed, runs and operations; what the command line does not say is the comparison's default. Throws input_error.
template <class Options>
[[nodiscard]] auto options_of(const conform_command& command) -> Options {
  constexpr std::uint64_t most_ops = 100'000;
  Options options;
  options.seed = command.seed.value_or(options.seed);
  options.runs = command.runs.value_or(options.runs);
  const std::uint64_t ops = command.ops.value_or(options.ops);
  if (options.runs == 0) throw input_error("--runs", "must be at least 1");
  if (ops == 0 || ops > most_ops) throw input_error("--ops", fmt::format("must be 1 to {}", most_ops));
  options.ops = static_cast<unsigned>(ops);
  return options;
}
/// How long the program may take for an answer. Throws input_error.
[[nodiscard]] auto patience_of(const conform_command& command) -> child_program::duration;

// What both comparisons print.

/// Where the manuals leave a choice, and what the program does.
/// @param request  that shows it
void print_unspecified(const char* choice, const char* value, std::string_view request);
/// What the program answers when it is asked once more.
/// @param repeated  it is wrong in the same way
/// @param trouble   why there is no answer; nullptr if there is
void print_actual(bool repeated, const char* trouble, std::string_view answer);
/// @param word  what the rule is here
void print_rule(const char* word, rule id);

/// `conform --ghcb`: compares a program that is a hypervisor with the GHCB protocols.
/// @return the exit status
[[nodiscard]] auto compare_hypervisor(const conform_command& command) -> int;

/// `conform --ghcb --vectors`: prints requests and responses instead.
[[nodiscard]] auto print_hypervisor_vectors(const conform_command& command) -> int;

/// `conform --svsm`: compares a program that is an SVSM with the library's.
/// @return the exit status
[[nodiscard]] auto compare_svsm(const conform_command& command) -> int;

/// `conform --svsm --vectors`: prints requests and responses instead.
[[nodiscard]] auto print_svsm_vectors(const conform_command& command) -> int;

}  // namespace sevspec::tool

#endif
