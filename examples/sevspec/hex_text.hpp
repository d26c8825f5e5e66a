// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_HEX_TEXT_HPP
#define SEVSPEC_TOOL_HEX_TEXT_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "input.hpp"

/// Byte strings that are written as hexadecimal digits.
namespace sevspec::tool {

/// The bytes of pairs of hexadecimal digits, of either case.
/// @return or why they are none, as one phrase
[[nodiscard]] auto parse_hex(std::string_view text) -> std::expected<std::vector<std::uint8_t>, std::string>;

/// Exactly so many bytes. Throws input_error.
/// @param place  for messages
template <std::size_t Size>
[[nodiscard]] auto hex_of_size(const std::string& place, std::string_view text) -> std::array<std::uint8_t, Size> {
  const auto bytes = parse_hex(text);
  if (!bytes) throw input_error(place, bytes.error());
  if (bytes->size() != Size)
    throw input_error(place, fmt::format("{} bytes; {} were expected, as {} digits", bytes->size(), Size, 2 * Size));
  std::array<std::uint8_t, Size> result;
  std::copy(bytes->begin(), bytes->end(), result.begin());
  return result;
}

/// A launch digest of SEV-SNP. Throws input_error.
[[nodiscard]] inline auto digest_named(const std::string& place, std::string_view text)
    -> std::array<std::uint8_t, 48> {
  return hex_of_size<48>(place, text);
}

}  // namespace sevspec::tool

#endif
