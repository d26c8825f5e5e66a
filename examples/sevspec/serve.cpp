// SPDX-License-Identifier: MIT
// sevspec serve: answers requests of the oracle protocol on the standard input.

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "commands.hpp"
#include "input.hpp"
#include "oracle.hpp"

namespace sevspec::tool {

namespace {

/// Whoever asks waits for the answer: each line goes out at once.
[[nodiscard]] auto put_line(std::string& line) -> bool {
  line += '\n';
  return std::fwrite(line.data(), 1, line.size(), stdout) == line.size() && std::fflush(stdout) == 0;
}

/// Ends with the input, or when nobody reads the answers any longer.
[[nodiscard]] auto serve() -> int {
  constexpr std::size_t chunk = std::size_t{1} << 16;
  oracle machine;
  std::string input(chunk, '\0');
  std::size_t begin = 0;  // of what has been read and not answered
  std::size_t end = 0;
  bool too_long = false;  // the line has been answered; what is left of it is not looked at
  std::string answer;
  for (;;) {
    const char* const first = input.data() + begin;
    const auto* const stop = static_cast<const char*>(std::memchr(first, '\n', end - begin));
    if (stop != nullptr) {
      const std::string_view line{first, static_cast<std::size_t>(stop - first)};
      begin += line.size() + 1;
      if (too_long) {
        too_long = false;
        continue;
      }
      answer.clear();
      machine.answer(line, answer);
      if (!put_line(answer)) return 2;
      continue;
    }
    if (too_long) begin = end;
    if (end - begin > longest_line) {
      answer.clear();
      append_error(answer, fmt::format("the line is longer than {} bytes", longest_line));
      if (!put_line(answer)) return 2;
      too_long = true;
      begin = end;
    }
    input.erase(0, begin);
    end -= begin;
    begin = 0;
    input.resize(end + chunk);
    const ssize_t got = ::read(STDIN_FILENO, input.data() + end, chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw input_error("standard input", std::generic_category().message(errno));
    if (got == 0) break;
    end += static_cast<std::size_t>(got);
  }
  if (end == begin) return 0;
  answer.clear();  // a last line without a line break
  machine.answer(std::string_view{input}.substr(begin, end - begin), answer);
  return put_line(answer) ? 0 : 2;
}

}  // namespace

void add_serve(CLI::App& program, action& chosen) {
  CLI::App& command = *program.add_subcommand(
      "serve", "Answer requests about the RMP, about hypervisors and SVSMs: JSON Lines on stdin and stdout");
  command.footer(
      "Each line of the input is a request, each line of the output its response; a line that is no request\n"
      "gets {\"error\":...}, and the conversation goes on.\n\n"
      "  echo '{\"op\":\"entry\",\"spa\":\"0x1000\"}' | sevspec serve\n");
  command.callback([&chosen] { chosen = [] { return serve(); }; });
}

}  // namespace sevspec::tool
