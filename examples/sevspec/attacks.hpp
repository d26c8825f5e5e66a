// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_ATTACKS_HPP
#define SEVSPEC_TOOL_ATTACKS_HPP

#include <string_view>

namespace sevspec::tool {

/// Whether an ID is meant to be one of an attack: it begins with "ATK".
[[nodiscard]] auto names_attack(std::string_view id) -> bool;

/// Runs and tells the attacks that an ID means: one, or all that begin so (ATK-11). Throws input_error with the nearest
/// IDs if there is none.
void explain_attacks(std::string_view id);

}  // namespace sevspec::tool

#endif
