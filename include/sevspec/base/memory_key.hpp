// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_MEMORY_KEY_HPP
#define SEVSPEC_BASE_MEMORY_KEY_HPP

#include <compare>
#include <cstdint>

#include <sevspec/base/identity.hpp>

namespace sevspec::inline v0 {

/// Which key the memory controller applies to one reference: none (plaintext), the host's SME key (ASID 0), or the
/// key of a guest's ASID. A value, not a key: the bytes of keys live in the memory controller.   APM vol. 2, 15.34.1
struct memory_key {
  static constexpr std::uint32_t plaintext = 0xffff'ffff;
  std::uint32_t slot = plaintext;

  friend constexpr auto operator<=>(memory_key, memory_key) = default;

  [[nodiscard]] static constexpr auto none() noexcept -> memory_key { return {plaintext}; }
  [[nodiscard]] static constexpr auto host() noexcept -> memory_key { return {host_asid.value}; }
  [[nodiscard]] static constexpr auto guest(asid id) noexcept -> memory_key { return {id.value}; }
};

/// "none", "host" or "guest".
[[nodiscard]] constexpr auto name_of(memory_key key) noexcept -> const char* {
  return key == memory_key::none() ? "none" : key == memory_key::host() ? "host" : "guest";
}

}  // namespace sevspec::inline v0

#endif
