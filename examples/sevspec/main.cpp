// SPDX-License-Identifier: MIT
// sevspec: the executable specification as a command-line program. `sevspec --help` says what it can do.

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <sevspec/version.hpp>

#include "commands.hpp"
#include "input.hpp"

namespace {

constexpr int bad_input = 2;

auto run(std::vector<std::string> arguments) -> int {
  using namespace sevspec::tool;
  CLI::App program{"sevspec: what AMD SEV, SEV-ES and SEV-SNP do, according to the manual", "sevspec"};
  program.set_version_flag("--version", fmt::format("sevspec {}.{}.{}", sevspec::version.major, sevspec::version.minor,
                                                    sevspec::version.patch));
  program.require_subcommand(1);
  program.get_formatter()->column_width(36);
  program.footer("Exit status: 0 fine, 1 a check failed, 2 bad usage or input.");

  action chosen;
  add_walk(program, chosen);
  add_decode(program, chosen);
  add_layout(program, chosen);
  add_constants(program, chosen);
  add_rules(program, chosen);
  add_explain(program, chosen);
  add_key(program, chosen);
  add_measure(program, chosen);
  add_report(program, chosen);
  add_serve(program, chosen);
  add_replay(program, chosen);
  add_conform(program, chosen);
  add_explore(program, chosen);
  add_attacks(program, chosen);
  add_tour(program, chosen);

  try {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 wants it so
    program.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : bad_input;
  }
  return chosen();
}

}  // namespace

auto main(int argc, char** argv) -> int {
  int status = bad_input;
  try {
    status = run(sevspec::tool::split_page_lists({argv + std::min(argc, 1), argv + argc}));
  } catch (const std::exception& error) {
    fmt::print(stderr, "sevspec: {}\n", error.what());
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    fmt::print(stderr, "sevspec: cannot write to the standard output\n");
    return bad_input;
  }
  return status;
}
