// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_ORACLE_GHCB_HPP
#define SEVSPEC_TOOL_ORACLE_GHCB_HPP

#include <string>

#include <sevspec/verify/ghcb_reference.hpp>

#include "input.hpp"

namespace sevspec::inline v0::verify {

extern template class ghcb_reference<>;  // compiled once, in oracle_ghcb.cpp

}  // namespace sevspec::inline v0::verify

namespace sevspec::tool {

/// Appends the response to a request about hypervisors. Throws protocol_error for what is none, and has then changed
/// nothing; neither has a request that gets an error.
void answer_ghcb_request(const json& object, verify::ghcb_reference<>& hypervisor, std::string& to);

}  // namespace sevspec::tool

#endif
