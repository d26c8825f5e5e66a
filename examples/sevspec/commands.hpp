// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_COMMANDS_HPP
#define SEVSPEC_TOOL_COMMANDS_HPP

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace sevspec::tool {

/// What the program does once its command line is understood. The result is the exit status: 0 fine, 1 a check failed;
/// bad input is thrown as `input_error` and becomes 2.
using action = std::function<int()>;

// Each sub-command has one file, and there one function that describes its command line to CLI11 and sets `chosen` if
// it is the one that was called.
void add_attacks(CLI::App& program, action& chosen);
void add_conform(CLI::App& program, action& chosen);
void add_constants(CLI::App& program, action& chosen);
void add_decode(CLI::App& program, action& chosen);
void add_explain(CLI::App& program, action& chosen);
void add_explore(CLI::App& program, action& chosen);
void add_key(CLI::App& program, action& chosen);
void add_layout(CLI::App& program, action& chosen);
void add_measure(CLI::App& program, action& chosen);
void add_replay(CLI::App& program, action& chosen);
void add_report(CLI::App& program, action& chosen);
void add_rules(CLI::App& program, action& chosen);
void add_serve(CLI::App& program, action& chosen);
void add_tour(CLI::App& program, action& chosen);
void add_walk(CLI::App& program, action& chosen);

/// An option that takes a number, 0x... or decimal, and refuses everything else.
auto add_number(CLI::App& command, const std::string& name, std::optional<std::uint64_t>& value,
                const std::string& meaning) -> CLI::Option*;

/// Lets `--pages A B ADDRESS` end the list of files at the first number, which CLI11 cannot: every file gets a
/// `--pages` of its own.
[[nodiscard]] auto split_page_lists(const std::vector<std::string>& arguments) -> std::vector<std::string>;

}  // namespace sevspec::tool

#endif
