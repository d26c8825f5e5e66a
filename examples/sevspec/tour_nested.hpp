// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_TOUR_NESTED_HPP
#define SEVSPEC_TOOL_TOUR_NESTED_HPP

#include "tour.hpp"

namespace sevspec::tool {

/// Part 6: a hypervisor in a confidential guest, and its confidential guests, under SEV virtualization and SEV passthrough.
void show_nested(checker& verdict);

}  // namespace sevspec::tool

#endif
