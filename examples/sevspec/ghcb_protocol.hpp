// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_GHCB_PROTOCOL_HPP
#define SEVSPEC_TOOL_GHCB_PROTOCOL_HPP

#include <string>

#include <sevspec/verify/ghcb_step.hpp>

#include "input.hpp"

/// The oracle protocol's requests about hypervisors: docs/oracle-protocol.md.
namespace sevspec::tool {

/// What a request asks for.
struct ghcb_request {
  bool reset{};                ///< a new guest, as `setup` says; else `step`
  verify::ghcb_setup setup{};  ///< where it says nothing, the protocol's default
  verify::ghcb_step step{};
};

/// Whether an object is such a request.
[[nodiscard]] auto is_ghcb_request(const json& object) -> bool;

/// Throws protocol_error.
[[nodiscard]] auto parse_ghcb_request(const json& object) -> ghcb_request;

/// The response to `step`. Members that the protocol does not list are not looked at. One that says that the request is
/// unknown is `unsupported`, another `error` is `refused`. Throws protocol_error for what cannot be understood.
[[nodiscard]] auto parse_ghcb_answer(const json& object, const verify::ghcb_step& step) -> verify::ghcb_answer;

// What these append ends with the object's last brace, not with a line break.

/// Members of `choices` that have their default are left out.
void append_ghcb_reset(std::string& to, const verify::ghcb_setup& setup);
void append_ghcb_request(std::string& to, const verify::ghcb_step& step);
/// @param answer  of the reference
void append_ghcb_answer(std::string& to, const verify::ghcb_step& step, const verify::ghcb_answer& answer);

}  // namespace sevspec::tool

#endif
