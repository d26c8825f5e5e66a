// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_MEASURE_STEPS_HPP
#define SEVSPEC_TOOL_MEASURE_STEPS_HPP

#include <string>

namespace sevspec::tool {

/// The launch digest after each page of a JSON file, as JSON Lines. Throws input_error.
/// @return the exit status
[[nodiscard]] auto measure_steps(const std::string& path) -> int;

}  // namespace sevspec::tool

#endif
