// SPDX-License-Identifier: MIT
// sevspec conform --ghcb: compares a hypervisor, a program that speaks the oracle protocol, with the GHCB protocols.

#include <optional>
#include <string>

#include <sevspec/verify/ghcb_conformance.hpp>
#include <sevspec/verify/ghcb_describe.hpp>

#include "conform.hpp"
#include "conform_conversation.hpp"
#include "ghcb_protocol.hpp"
#include "input.hpp"
#include "oracle_ghcb.hpp"

namespace sevspec::tool {

namespace {

/// Conversations with hypervisors.
struct ghcb_talk {
  using setup = verify::ghcb_setup;
  using step = verify::ghcb_step;
  using answer = verify::ghcb_answer;
  using reference = verify::ghcb_reference<>;
  using generator = verify::ghcb_generator;
  using options = verify::ghcb_conformance_options;

  static constexpr const auto& rules = verify::ghcb_hypervisor_rules;
  static constexpr const char* requests = "requests";
  static constexpr const char* nothing_like_it = "guests with a GHCB: it refuses every ghcb_reset";

  static void append_reset(std::string& to, const setup& of) { append_ghcb_reset(to, of); }
  static void append_request(std::string& to, const step& of) { append_ghcb_request(to, of); }
  static void append_answer(std::string& to, const step& to_what, const answer& of) {
    append_ghcb_answer(to, to_what, of);
  }
  [[nodiscard]] static auto parse_answer(const json& object, const step& to_what) -> answer {
    return parse_ghcb_answer(object, to_what);
  }
  template <class Machine>
  [[nodiscard]] static auto check(Machine& machine, const options& with) {
    return verify::check_ghcb_machine(machine, with);
  }
  [[nodiscard]] static auto kind_of(const step& of) -> std::string { return verify::describe(of); }
  [[nodiscard]] static auto stopped(const reference& hypervisor) -> bool { return hypervisor.machine().stopped; }
  [[nodiscard]] static auto next(generator& draw, const setup& of, const reference& hypervisor) -> std::optional<step> {
    return draw.next(of, hypervisor.machine());
  }
};

}  // namespace

auto compare_hypervisor(const conform_command& command) -> int {
  return compare_conversations<ghcb_talk>(command, options_of<ghcb_talk::options>(command));
}

auto print_hypervisor_vectors(const conform_command& command) -> int {
  return print_conversations<ghcb_talk>(command, options_of<ghcb_talk::options>(command));
}

}  // namespace sevspec::tool
