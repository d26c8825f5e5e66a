// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_FIRMWARE_VECTORS_HPP
#define SEVSPEC_TESTS_SUPPORT_FIRMWARE_VECTORS_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <optional>
#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include <sevspec/crypto/ecdsa.hpp>
#include <sevspec/crypto/p384.hpp>
#include <support/bytes.hpp>

namespace sevspec::test {

/// tests/data/firmware/NAME
[[nodiscard]] inline auto firmware_vectors(const std::string& name) -> nlohmann::json {
  std::ifstream file(std::string(SEVSPEC_TEST_DATA_DIR "/firmware/") + name);
  return nlohmann::json::parse(file);
}

/// A binary file that vectors of firmware name: "data/...".
[[nodiscard]] inline auto firmware_file(const std::string& name) -> std::optional<byte_vector> {
  return extra_file("vectors/firmware/" + name);
}

/// "0x10" or 16.
[[nodiscard]] inline auto number_of(const nlohmann::json& value) -> std::uint64_t {
  return value.is_string() ? std::stoull(value.get<std::string>(), nullptr, 0) : value.get<std::uint64_t>();
}

/// The bytes of a hex string.
[[nodiscard]] inline auto bytes_of(const nlohmann::json& value) -> byte_vector {
  return from_hex(value.get<std::string>());
}

/// Exactly so many bytes of a hex string; missing ones are zero.
template <std::size_t Size>
[[nodiscard]] auto array_of(const nlohmann::json& value) -> std::array<std::uint8_t, Size> {
  const byte_vector bytes = bytes_of(value);
  std::array<std::uint8_t, Size> result{};
  std::copy_n(bytes.begin(), std::min(Size, bytes.size()), result.begin());
  return result;
}

[[nodiscard]] inline auto key_of(const nlohmann::json& x, const nlohmann::json& y) -> crypto::p384_public_key {
  return {.x = array_of<72>(x), .y = array_of<72>(y)};
}

/// Prints "NAME: 3 of 4"; the caller checks that they are equal.
inline void tell_passed(const char* name, std::size_t passed, std::size_t all) {
  std::printf("%s: %zu of %zu\n", name, passed, all);
}

/// Other bytes each time, the same in each run.
[[nodiscard]] inline auto noise(std::size_t size, std::uint64_t seed) -> byte_vector {
  byte_vector bytes(size);
  crypto::repeatable_random source{seed};
  source(bytes);
  return bytes;
}

}  // namespace sevspec::test

#endif
