// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_SVSM_PROTOCOL_HPP
#define SEVSPEC_TOOL_SVSM_PROTOCOL_HPP

#include <string>

#include <sevspec/verify/svsm_step.hpp>

#include "input.hpp"

/// The oracle protocol's requests about SVSMs: docs/oracle-protocol.md.
namespace sevspec::tool {

/// What a request asks for.
struct svsm_request {
  bool reset{};                ///< a new machine, as `setup` says; else `step`
  verify::svsm_setup setup{};  ///< where it says nothing, the protocol's default
  verify::svsm_step step{};
};

/// Whether an object is such a request.
[[nodiscard]] auto is_svsm_request(const json& object) -> bool;

/// Throws protocol_error.
[[nodiscard]] auto parse_svsm_request(const json& object) -> svsm_request;

/// The response to `step`. Members that the protocol does not list are not looked at. One that says that the request is
/// unknown is `unsupported`, another `error` is `refused`. Throws protocol_error for what cannot be understood.
[[nodiscard]] auto parse_svsm_answer(const json& object, const verify::svsm_step& step) -> verify::svsm_answer;

// What these append ends with the object's last brace, not with a line break.

/// Members of `choices` that have their default are left out.
void append_svsm_reset(std::string& to, const verify::svsm_setup& setup);
void append_svsm_request(std::string& to, const verify::svsm_step& step);
/// @param answer  of the reference
void append_svsm_answer(std::string& to, const verify::svsm_step& step, const verify::svsm_answer& answer);

}  // namespace sevspec::tool

#endif
