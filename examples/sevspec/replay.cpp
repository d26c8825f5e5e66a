// SPDX-License-Identifier: MIT
// sevspec replay: compares recorded responses with what the architecture does.

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/verify/ghcb_compare.hpp>
#include <sevspec/verify/rmp_compare.hpp>
#include <sevspec/verify/svsm_compare.hpp>

#include "commands.hpp"
#include "ghcb_protocol.hpp"
#include "input.hpp"
#include "oracle.hpp"
#include "rule_text.hpp"
#include "svsm_protocol.hpp"

namespace sevspec::tool {

namespace {

using verify::rmp_answer;
using verify::rmp_operation;

constexpr std::size_t text_width = 100;

/// A request and its response, and where they stand.
struct exchange {
  json asked;
  json answered;
  std::size_t asked_line;
  std::size_t answered_line;
};

/// Compares the exchanges of one file, in order.
class player {
 public:
  explicit player(std::string name) : name_(std::move(name)) {}

  /// Says what disagrees, if something does.
  [[nodiscard]] auto agrees(const exchange& one) -> bool {
    ++count_;
    if (is_ghcb_request(one.asked)) return hypervisor_agrees(one);
    if (is_svsm_request(one.asked)) return svsm_agrees(one);
    request asked;
    try {
      asked = parse_request(one.asked);
      if (asked.reset) machine_.reset(asked.setup);
    } catch (const protocol_error& error) {
      // A record of what is no request is fine if it was refused.
      if (is_error(one.answered)) return true;
      throw at(one.asked_line, fmt::format("request: {}", error.what()));
    }
    if (asked.reset) return says_ok(one.answered) || disagree(one, R"({"ok":true})", rule::none);
    rmp_answer expected = machine_.run(asked.step);
    std::string text;
    append_answer(text, asked.step, expected);
    if (is_error(one.answered) || one.answered.contains("unsupported")) return disagree(one, text, expected.decided_by);
    rmp_answer actual;
    try {
      actual = parse_answer(one.answered, asked.step);
    } catch (const protocol_error& error) {
      throw at(one.answered_line, fmt::format("response: {}", error.what()));
    }
    if (asked.step.what == rmp_operation::rmpread) expected.size_byte &= 1;  // the protocol does not tell of the region
    return verify::same_answer(asked.step, expected, actual) || disagree(one, text, expected.decided_by);
  }

  [[nodiscard]] auto count() const -> std::uint64_t { return count_; }
  [[nodiscard]] auto at(std::size_t line, std::string_view reason) const -> input_error {
    return {fmt::format("{}: line {}", name_, line), reason};
  }

 private:
  [[nodiscard]] auto hypervisor_agrees(const exchange& one) -> bool {
    ghcb_request asked;
    try {
      asked = parse_ghcb_request(one.asked);
    } catch (const protocol_error& error) {
      if (is_error(one.answered)) return true;
      throw at(one.asked_line, fmt::format("request: {}", error.what()));
    }
    if (asked.reset) {
      (void)machine_.hypervisor().reset(asked.setup);
      return says_ok(one.answered) || disagree(one, R"({"ok":true})", rule::none);
    }
    const verify::ghcb_answer expected = machine_.hypervisor().run(asked.step);
    verify::ghcb_answer actual;
    try {
      actual = parse_ghcb_answer(one.answered, asked.step);
    } catch (const protocol_error& error) {
      throw at(one.answered_line, fmt::format("response: {}", error.what()));
    }
    const auto difference = verify::difference_of(asked.step, expected, actual);
    if (!difference) return true;
    std::string text;
    append_ghcb_answer(text, asked.step, expected);
    return disagree(one, text, difference->about, difference->member);
  }
  [[nodiscard]] auto svsm_agrees(const exchange& one) -> bool {
    svsm_request asked;
    try {
      asked = parse_svsm_request(one.asked);
    } catch (const protocol_error& error) {
      if (is_error(one.answered)) return true;
      throw at(one.asked_line, fmt::format("request: {}", error.what()));
    }
    if (asked.reset) {
      (void)machine_.svsm().reset(asked.setup);
      return says_ok(one.answered) || disagree(one, R"({"ok":true})", rule::none);
    }
    const verify::svsm_answer expected = machine_.svsm().run(asked.step);
    verify::svsm_answer actual;
    try {
      actual = parse_svsm_answer(one.answered, asked.step);
    } catch (const protocol_error& error) {
      throw at(one.answered_line, fmt::format("response: {}", error.what()));
    }
    const auto difference = verify::difference_of(asked.step, expected, actual);
    if (!difference) return true;
    std::string text;
    append_svsm_answer(text, asked.step, expected);
    return disagree(one, text, difference->about, difference->member);
  }
  [[nodiscard]] auto disagree(const exchange& one, std::string_view expected, rule why,
                              std::string_view member = {}) const -> bool {
    fmt::print("{}: line {}: operation {} disagrees\nrequest  {}\nexpected {}\nactual   {}\n", name_, one.answered_line,
               count_, one.asked.dump(), expected, one.answered.dump());
    if (!member.empty()) fmt::print("differs  {}\n", member);
    if (why != rule::none)
      fmt::print("rule     {}: {}\n", sevspec::name_of(why), wrapped(info(why).text, text_width, 9));
    return false;
  }

  std::string name_;
  oracle machine_;
  std::uint64_t count_ = 0;
};

/// The standard input; recordings are larger than what other commands read from it.
[[nodiscard]] auto read_recording() -> std::string {
  constexpr std::size_t limit = std::size_t{1} << 30;
  constexpr std::size_t chunk = std::size_t{1} << 20;
  std::string text;
  for (std::size_t got = 1; got != 0;) {
    const std::size_t before = text.size();
    if (before > limit) throw input_error("standard input", "holds more than 1 GiB");
    text.resize(before + chunk);
    got = std::fread(text.data() + before, 1, chunk, stdin);
    text.resize(before + got);
  }
  if (std::ferror(stdin) != 0) throw input_error("standard input", std::generic_category().message(errno));
  return text;
}

[[nodiscard]] auto replay(const std::string& path) -> int {
  const bool standard = path == "-";
  const std::string text = standard ? read_recording() : read_file(path);
  player compared{standard ? "standard input" : path};
  json asked;
  std::size_t asked_line = 0;  // 0: no request waits for its response
  for (const numbered_line& line : lines_of(text)) {
    json object;
    try {
      object = parse_line(line.text);
    } catch (const protocol_error& error) {
      throw compared.at(line.number, error.what());
    }
    if (asked_line != 0) {
      if (!compared.agrees({std::move(asked), std::move(object), asked_line, line.number})) return 1;
      asked_line = 0;
      continue;
    }
    if (object.contains("op") || !object.contains("request")) {
      if (!object.contains("op")) throw compared.at(line.number, "request: member 'op' is missing");
      asked = std::move(object);
      asked_line = line.number;
      continue;
    }
    for (const char* const member : {"request", "response"})
      if (!object.contains(member) || !object[member].is_object())
        throw compared.at(line.number, fmt::format("member '{}': an object was expected", member));
    if (!compared.agrees({std::move(object["request"]), std::move(object["response"]), line.number, line.number}))
      return 1;
  }
  if (asked_line != 0) throw compared.at(asked_line, "the request has no response");
  if (compared.count() == 0) throw input_error(standard ? "standard input" : path, "holds no request");
  fmt::print("ok {} operations\n", compared.count());
  return 0;
}

}  // namespace

void add_replay(CLI::App& program, action& chosen) {
  CLI::App& command =
      *program.add_subcommand("replay", "Compare recorded requests and responses with the architecture");
  command.footer(
      "The file has a JSON object per line: a request, its response, the next request, and so on; or objects\n"
      "{\"request\":...,\"response\":...}. Output: \"ok N operations\", or the first response that is not what\n"
      "the architecture gives, with the rule that decides it; the exit status is then 1.\n");
  const auto path = std::make_shared<std::string>();
  command.add_option("FILE", *path, "What was recorded; - is the standard input")->required();
  command.callback([&chosen, path] { chosen = [path] { return replay(*path); }; });
}

}  // namespace sevspec::tool
