// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_WALK_PICTURE_HPP
#define SEVSPEC_TOOL_WALK_PICTURE_HPP

#include <cstdint>
#include <string>

#include <sevspec/base/access.hpp>
#include <sevspec/memory/sparse_memory.hpp>

#include "machine.hpp"

namespace sevspec::tool {

/// Draws the walk of one address as SVG. Throws input_error if the file cannot be written.
void write_walk_picture(const std::string& path, const machine& which, const memory::sparse_memory& pages,
                        std::uint64_t address, const memory_access& why);

}  // namespace sevspec::tool

#endif
