// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_CHILD_PROGRAM_HPP
#define SEVSPEC_TOOL_CHILD_PROGRAM_HPP

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace sevspec::tool {

/// A program that is asked line by line over pipes: it runs in a shell and a process group of its own, which ends with
/// this object. Its standard error is ours.
class child_program {
 public:
  using duration = std::chrono::steady_clock::duration;

  /// Does not start it yet.
  /// @param command  for /bin/sh -c
  /// @param patience  how long it may take for an answer
  child_program(std::string command, duration patience);
  child_program(const child_program&) = delete;
  auto operator=(const child_program&) -> child_program& = delete;
  ~child_program();

  /// Starts it unless it runs. Throws input_error if there can be no process.
  void start();
  /// Ends it and what it has started; at once, unless it goes as soon as its input ends.
  void stop();
  [[nodiscard]] auto running() const -> bool { return pid_ > 0; }

  /// Sends a line and waits for one.
  /// @param request  with the line break
  /// @return the answer, which holds until the next call; or what went wrong, as the end of a sentence about the program.
  ///         It has been stopped then.
  [[nodiscard]] auto ask(std::string_view request) -> std::expected<std::string_view, std::string>;

  /// Whether the shell said that there is no such program.
  [[nodiscard]] auto not_found() const -> bool { return not_found_; }

 private:
  [[nodiscard]] auto failed(std::string how) -> std::unexpected<std::string>;
  [[nodiscard]] auto how_it_ended() -> std::string;

  std::string command_;
  duration first_patience_;  ///< for the first answer, which includes its start
  duration patience_;        ///< less once it has been exhausted: whoever hangs once will do so again
  duration longest_{};       ///< that an answer took
  bool hung_ = false;
  bool not_found_ = false;
  bool answered_ = false;  ///< since its start
  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
  std::string received_;
  std::size_t used_ = 0;  ///< of `received_`
};

}  // namespace sevspec::tool

#endif
