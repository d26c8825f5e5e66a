// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_NEAREST_HPP
#define SEVSPEC_TOOL_NEAREST_HPP

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace sevspec::tool {

/// The names that `wanted` was most likely meant to be, best first: "a, b, c". Names that contain it come before those
/// that are only spelled like it.
[[nodiscard]] auto nearest(std::string_view wanted, std::span<const std::string_view> names, std::size_t count = 3)
    -> std::string;

}  // namespace sevspec::tool

#endif
