// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_RULE_TEXT_HPP
#define SEVSPEC_TOOL_RULE_TEXT_HPP

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <sevspec/base/rule_registry.hpp>

namespace sevspec::tool {

/// The rules that a user means: one by its ID, or a group by what its IDs begin with ("PAG-PERM"). Case does not
/// matter, and PAG_PERM_01 is PAG-PERM-01. Throws input_error with the nearest IDs if there is none.
[[nodiscard]] auto find_rules(std::string_view wanted) -> std::vector<const rule_info*>;

/// The folder of the library that implements a rule: "paging" for PAG-..., "rmp" for RMP-...
[[nodiscard]] auto area_of(const rule_info& rule) -> std::string;

/// Breaks text between words.
/// @param width   characters per line, `indent` included
/// @param indent  spaces before all lines but the first
[[nodiscard]] auto wrapped(std::string_view text, std::size_t width, std::size_t indent) -> std::string;

}  // namespace sevspec::tool

#endif
