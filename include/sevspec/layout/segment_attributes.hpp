// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_SEGMENT_ATTRIBUTES_HPP
#define SEVSPEC_LAYOUT_SEGMENT_ATTRIBUTES_HPP

#include <cstdint>

#include <sevspec/layout/segment.hpp>

namespace sevspec::inline v0::layout {

/// The attributes of a segment descriptor as save areas pack them: descriptor bits 47:40 become bits 7:0 and bits 55:52
/// become bits 11:8.   LAY-SEG-01; APM vol. 2, 4.7, App. B
/// @param descriptor  the descriptor's eight bytes as a little-endian integer; for a system segment, its lower half
[[nodiscard]] constexpr auto packed_attributes(std::uint64_t descriptor) noexcept -> segment_attrib {
  const std::uint64_t low = bits_at(descriptor, 47, 40);
  const std::uint64_t high = bits_at(descriptor, 55, 52);
  return segment_attrib{static_cast<std::uint16_t>(low | high << 8)};
}

/// The descriptor bits 55:52 and 47:40 that stand for packed attributes; all others are 0.   LAY-SEG-01
[[nodiscard]] constexpr auto descriptor_bits(segment_attrib attributes) noexcept -> std::uint64_t {
  return bits_at(attributes.raw, 7, 0) << 40 | bits_at(attributes.raw, 11, 8) << 52;
}

}  // namespace sevspec::inline v0::layout

#endif
