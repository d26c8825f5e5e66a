// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_TOUR_IMAGE_HPP
#define SEVSPEC_TOOL_TOUR_IMAGE_HPP

#include <cstdint>
#include <vector>

namespace sevspec::tool {

/// An image of a guest's firmware: four pages of arbitrary bytes, which say of themselves what else the guest needs.
[[nodiscard]] auto make_guest_image() -> std::vector<std::uint8_t>;

}  // namespace sevspec::tool

#endif
