// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_BYTES_HPP
#define SEVSPEC_TESTS_SUPPORT_BYTES_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace sevspec::test {

using byte_vector = std::vector<std::uint8_t>;

/// "1ef581..."
[[nodiscard]] inline auto to_hex(std::span<const std::uint8_t> bytes) -> std::string {
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += digits[byte / 16];
    text += digits[byte % 16];
  }
  return text;
}

/// The bytes that pairs of hexadecimal digits stand for.
[[nodiscard]] inline auto from_hex(const std::string& text) -> byte_vector {
  byte_vector bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  return bytes;
}

/// A little-endian integer, put down byte by byte: independent of what the library does.
template <class Bytes>
constexpr void put_le(Bytes&& bytes, std::size_t offset, std::size_t size, std::uint64_t value) {
  for (std::size_t i = 0; i < size; ++i) bytes[offset + i] = static_cast<std::uint8_t>(value >> (8 * i) & 0xFF);
}

/// A little-endian integer, picked up byte by byte.
template <class Bytes>
[[nodiscard]] constexpr auto get_le(const Bytes& bytes, std::size_t offset, std::size_t size) -> std::uint64_t {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{bytes[offset + i]} << (8 * i);
  return value;
}

/// A file of the additional test data, or nothing if there are none.
[[nodiscard]] inline auto extra_file(const std::string& path) -> std::optional<byte_vector> {
  const std::string folder = SEVSPEC_EXTRA_TEST_DATA;
  if (folder.empty()) return std::nullopt;
  std::ifstream file(folder + "/" + path, std::ios::binary);
  if (!file) return std::nullopt;
  return byte_vector{std::istreambuf_iterator<char>(file), {}};
}

/// Whether a call without arguments meets the preconditions of what it calls. (Breaking one ends a constant evaluation,
/// and ends the program at run time.)
template <auto Call>
inline constexpr bool is_allowed = requires { typename std::bool_constant<(static_cast<void>(Call()), true)>; };

}  // namespace sevspec::test

#endif
