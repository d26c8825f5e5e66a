// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_ATTACKS_HPP
#define SEVSPEC_TOOL_ATTACKS_HPP

#include <string>
#include <string_view>
#include <vector>

namespace sevspec::tool {

/// Whether an ID is meant to be one of an attack: it begins with "ATK".
[[nodiscard]] auto names_attack(std::string_view id) -> bool;

/// Runs and tells the attacks that an ID means: one, or all that begin so (ATK-11). Throws input_error with the nearest
/// IDs if there is none.
void explain_attacks(std::string_view id);

/// The attacks that end by a rule, each with where: "ATK-06, old ciphertext at its old place (MIL, GEN, TUR)".
[[nodiscard]] auto attacks_stopped_by(std::string_view rule_name) -> std::vector<std::string>;

}  // namespace sevspec::tool

#endif
