// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_EXPLORE_PEER_HPP
#define SEVSPEC_TOOL_EXPLORE_PEER_HPP

#include <string>
#include <vector>

namespace sevspec::tool {

/// sevspec explore --peer: the properties of another model of SEV guests, held against machines of this library.
/// @param which  names of properties; all for "all"
/// @return the exit status: 0
[[nodiscard]] auto explore_peer(const std::vector<std::string>& which, bool as_json) -> int;

}  // namespace sevspec::tool

#endif
