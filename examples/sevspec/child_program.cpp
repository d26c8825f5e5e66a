// SPDX-License-Identifier: MIT
#include "child_program.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "input.hpp"
#include "protocol.hpp"

namespace sevspec::tool {

namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto grace = 200ms;  ///< to end by itself

void close_pipe(int& end) {
  if (end >= 0) ::close(end);
  end = -1;
}

/// Waits until a pipe can be read or written, or has ended.
/// @return false if `deadline` passes first
[[nodiscard]] auto wait_for(int end, short what, clock::time_point deadline) -> bool {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
    pollfd asked{.fd = end, .events = what, .revents = 0};
    const int ready = ::poll(&asked, 1, static_cast<int>(std::clamp<long long>(left, 0, 1 << 30)));
    if (ready > 0) return true;
    if (ready == 0 && left <= 0) return false;
  }
}

}  // namespace

child_program::child_program(std::string command, duration patience)
    : command_(std::move(command)), first_patience_(patience), patience_(patience) {
  std::signal(SIGPIPE, SIG_IGN);  // a program that is gone is found out by errno
}

child_program::~child_program() { stop(); }

void child_program::start() {
  if (running()) return;
  const auto refused = [] { return input_error("--exec", std::generic_category().message(errno)); };
  std::array<int, 2> in{-1, -1};
  std::array<int, 2> out{-1, -1};
  if (::pipe2(in.data(), O_CLOEXEC) != 0) throw refused();
  if (::pipe2(out.data(), O_CLOEXEC) != 0) {
    const auto error = refused();
    close_pipe(in[0]), close_pipe(in[1]);
    throw error;
  }
  const pid_t made = ::fork();
  if (made == 0) {  // the new process: nothing here but system calls
    ::setpgid(0, 0);
    std::signal(SIGPIPE, SIG_DFL);
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::execl("/bin/sh", "sh", "-c", command_.c_str(), nullptr);
    ::_exit(127);
  }
  const auto error = refused();
  close_pipe(in[0]), close_pipe(out[1]);
  to_ = in[1], from_ = out[0];
  if (made < 0) {
    close_pipe(to_), close_pipe(from_);
    throw error;
  }
  ::setpgid(made, made);  // both do it: neither need wait for the other
  ::fcntl(to_, F_SETFL, O_NONBLOCK);
  ::fcntl(from_, F_SETFL, O_NONBLOCK);
  pid_ = made;
  received_.clear();
  used_ = 0;
  answered_ = false;
}

void child_program::stop() {
  if (!running()) return;
  close_pipe(to_), close_pipe(from_);
  for (const auto until = clock::now() + grace; clock::now() < until && !hung_; std::this_thread::sleep_for(1ms)) {
    siginfo_t ended{};
    if (::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid != 0) break;
  }
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
  pid_ = -1;
}

auto child_program::failed(std::string how) -> std::unexpected<std::string> {
  stop();
  return std::unexpected{std::move(how)};
}

auto child_program::how_it_ended() -> std::string {
  siginfo_t ended{};
  for (const auto until = clock::now() + grace; clock::now() < until; std::this_thread::sleep_for(1ms)) {
    if (::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid != 0) break;
  }
  if (ended.si_pid == 0) return "closed its standard output";
  if (ended.si_code != CLD_EXITED)
    return fmt::format("was killed by signal {} ({})", ended.si_status, ::strsignal(ended.si_status));
  if (ended.si_status > 128 && ended.si_status < 160)  // as the shell tells of a signal
    return fmt::format("was killed by signal {} ({})", ended.si_status - 128, ::strsignal(ended.si_status - 128));
  not_found_ = !answered_ && (ended.si_status == 126 || ended.si_status == 127);
  return fmt::format("ended with status {}", ended.si_status);
}

auto child_program::ask(std::string_view request) -> std::expected<std::string_view, std::string> {
  if (!running()) return std::unexpected{std::string{"is not running"}};
  constexpr std::size_t chunk = 4096;
  const auto receive = [&] {  // a negative result with EAGAIN if there is nothing yet
    const std::size_t before = received_.size();
    received_.resize(before + chunk);
    const ssize_t got = ::read(from_, received_.data() + before, chunk);
    received_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return got;
  };
  received_.erase(0, used_);
  used_ = 0;
  if (received_.empty()) (void)receive();
  const auto too_much = [&] {
    return fmt::format("gave more than one line for an answer: {}", in_quotes(received_.substr(used_)));
  };
  if (!received_.empty()) return failed(too_much());

  const auto began = clock::now();
  const duration limit = answered_ ? patience_ : first_patience_;
  const auto deadline = began + limit;
  const auto out_of_patience = [&](std::string_view what) {
    auto how = fmt::format("{} within {} s", what, std::chrono::duration<double>(limit).count());
    if (limit < first_patience_)
      how += fmt::format(", and before that not within {} s", std::chrono::duration<double>(first_patience_).count());
    hung_ = true;
    patience_ = std::min<duration>(patience_, std::max<duration>(150ms, 20 * longest_));
    return failed(std::move(how));
  };
  while (!request.empty()) {
    const ssize_t sent = ::write(to_, request.data(), request.size());
    if (sent > 0) request.remove_prefix(static_cast<std::size_t>(sent));
    else if (errno == EAGAIN && !wait_for(to_, POLLOUT, deadline)) return out_of_patience("did not read its input");
    else if (errno != EAGAIN && errno != EINTR) break;  // it reads no more: what it says last tells more
  }
  for (std::size_t searched = 0;;) {
    const auto line_break = received_.find('\n', searched);
    if (line_break != std::string::npos) {
      used_ = line_break + 1;
      if (answered_) longest_ = std::max<duration>(longest_, clock::now() - began);
      answered_ = true;
      if (used_ != received_.size()) return failed(too_much());
      return std::string_view{received_}.substr(0, line_break);
    }
    searched = received_.size();
    if (searched > longest_line)
      return failed(fmt::format("gave more than {} bytes without a line break", longest_line));
    if (!wait_for(from_, POLLIN, deadline)) {
      if (searched != 0) return out_of_patience(fmt::format("did not end the line {}", in_quotes(received_)));
      return out_of_patience("did not answer");
    }
    const ssize_t got = receive();
    if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) continue;
    std::string how = how_it_ended();
    if (!received_.empty()) how += fmt::format(" in the middle of the line {}", in_quotes(received_));
    return failed(std::move(how));
  }
}

}  // namespace sevspec::tool
