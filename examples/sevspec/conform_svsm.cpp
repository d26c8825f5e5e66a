// SPDX-License-Identifier: MIT
// sevspec conform --svsm: compares an SVSM, a program that speaks the oracle protocol, with the library's.

#include <optional>
#include <string>

#include <fmt/format.h>

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/verify/svsm_conformance.hpp>

#include "conform.hpp"
#include "conform_conversation.hpp"
#include "input.hpp"
#include "rule_text.hpp"
#include "svsm_protocol.hpp"

namespace sevspec::tool {

namespace {

/// Conversations with SVSMs.
struct svsm_talk {
  using setup = verify::svsm_setup;
  using step = verify::svsm_step;
  using answer = verify::svsm_answer;
  using reference = verify::svsm_reference<>;
  using generator = verify::svsm_generator;
  using options = verify::svsm_conformance_options;

  static constexpr const auto& rules = verify::svsm_answer_rules;
  static constexpr const char* requests = "calls";
  static constexpr const char* nothing_like_it = "such guests: it refuses every svsm_reset";

  static void append_reset(std::string& to, const setup& of) { append_svsm_reset(to, of); }
  static void append_request(std::string& to, const step& of) { append_svsm_request(to, of); }
  static void append_answer(std::string& to, const step& to_what, const answer& of) {
    append_svsm_answer(to, to_what, of);
  }
  [[nodiscard]] static auto parse_answer(const json& object, const step& to_what) -> answer {
    return parse_svsm_answer(object, to_what);
  }
  template <class Machine>
  [[nodiscard]] static auto check(Machine& machine, const options& with) {
    return verify::check_svsm(machine, with);
  }
  [[nodiscard]] static auto kind_of(const step& of) -> std::string {
    if (of.what == verify::svsm_operation::page) return "changes of pages";
    return fmt::format("protocol {:#x}", svsm::protocol_of(of.registers.rax));
  }
  [[nodiscard]] static auto stopped(const reference& svsm) -> bool { return svsm.stopped(); }
  /// Nothing if the reference would not take the step.
  [[nodiscard]] static auto next(generator& draw, const setup& of, const reference& svsm) -> std::optional<step> {
    step drawn = draw.next(of);
    if (svsm.why_not(drawn) != nullptr) return {};
    return drawn;
  }
};

[[nodiscard]] auto svsm_options_of(const conform_command& command) -> svsm_talk::options {
  auto options = options_of<svsm_talk::options>(command);
  for (const std::string& name : command.known)
    for (const rule_info* const one : find_rules(name)) options.known.push_back(one->id);
  return options;
}

}  // namespace

auto compare_svsm(const conform_command& command) -> int {
  return compare_conversations<svsm_talk>(command, svsm_options_of(command));
}

auto print_svsm_vectors(const conform_command& command) -> int {
  return print_conversations<svsm_talk>(command, svsm_options_of(command));
}

}  // namespace sevspec::tool
