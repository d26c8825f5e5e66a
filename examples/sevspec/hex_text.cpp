// SPDX-License-Identifier: MIT
#include "hex_text.hpp"

namespace sevspec::tool {

auto parse_hex(std::string_view text) -> std::expected<std::vector<std::uint8_t>, std::string> {
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (digit(text[i]) < 0) return std::unexpected{fmt::format("character {} is no hexadecimal digit", i)};
    if (i % 2 == 1) bytes.push_back(static_cast<std::uint8_t>(16 * digit(text[i - 1]) + digit(text[i])));
  }
  if (text.size() % 2 != 0)
    return std::unexpected{fmt::format("{} hexadecimal digits are no whole bytes", text.size())};
  return bytes;
}

}  // namespace sevspec::tool
