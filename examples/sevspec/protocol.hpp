// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_PROTOCOL_HPP
#define SEVSPEC_TOOL_PROTOCOL_HPP

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sevspec/verify/rmp_step.hpp>

#include "input.hpp"

/// The oracle protocol: requests and responses as JSON objects, one per line. `sevspec serve` answers requests, `replay`
/// reads recorded ones, `conform` puts them to another program; all three use what is declared here.
namespace sevspec::tool {

/// A line that does not follow the protocol: the member, and what is wrong with it.
class protocol_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// No line is longer; longer ones are no requests.
inline constexpr std::size_t longest_line = std::size_t{1} << 20;

/// No machine has more memory: its table would take more of ours than a request should.
inline constexpr std::uint64_t most_memory = std::uint64_t{1} << 44;

/// What a request asks for.
struct request {
  bool reset{};               ///< back to the start, as `setup` says; else `step`
  verify::rmp_setup setup{};  ///< where it says nothing, the protocol's default
  verify::rmp_step step{};
};

/// One line as a JSON object, nested at most 64 deep. Throws protocol_error.
[[nodiscard]] auto parse_line(std::string_view line) -> json;

/// Throws protocol_error.
[[nodiscard]] auto parse_request(const json& object) -> request;

/// The response to `step`. Members that the protocol does not list are not looked at, and neither is `rule`. A response
/// that says that the operation is unknown is `rmp_ending::unsupported`. Throws protocol_error for one that cannot be
/// understood, and for every other `error`.
[[nodiscard]] auto parse_answer(const json& object, const verify::rmp_step& step) -> verify::rmp_answer;

/// Whether an object is `{"error":...}` and no fault.
[[nodiscard]] auto is_error(const json& object) -> bool;

/// Whether an object is `{"ok":true}`.
[[nodiscard]] auto says_ok(const json& object) -> bool;

// What these append ends with the object's last brace, not with a line break.

/// Members of `choices` that have their default are left out.
void append_reset(std::string& to, const verify::rmp_setup& setup);
void append_request(std::string& to, const verify::rmp_step& step);
/// @param answer  of a machine of the library: neither `unsupported` nor `broken`
void append_answer(std::string& to, const verify::rmp_step& step, const verify::rmp_answer& answer);
void append_error(std::string& to, std::string_view reason);
/// Adds `"id":VALUE` to the object that `to` ends with.
void append_id(std::string& to, const json& id);

/// Appends the response to one line of requests, without a line break.
/// @param answer  `answer(object)` appends the response to what the line says, or throws protocol_error before it has
///                appended or changed anything
template <class Answer>
void answer_line(std::string_view line, std::string& to, Answer&& answer) {
  json object;
  try {
    object = parse_line(line);
  } catch (const protocol_error& error) {
    return append_error(to, error.what());
  }
  try {
    answer(object);
  } catch (const protocol_error& error) {
    append_error(to, error.what());
  }
  if (const auto id = object.find("id"); id != object.end()) append_id(to, *id);
}

}  // namespace sevspec::tool

#endif
