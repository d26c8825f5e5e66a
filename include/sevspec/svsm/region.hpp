// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_REGION_HPP
#define SEVSPEC_SVSM_REGION_HPP

#include <cstdint>

#include <sevspec/base/address.hpp>

/// Parts of guest-physical memory.
namespace sevspec::inline v0::svsm {

/// Whether [where, where + bytes) goes beyond the last address.
[[nodiscard]] constexpr auto wraps(gpa where, std::uint64_t bytes) noexcept -> bool {
  return bytes != 0 && where.value + (bytes - 1) < where.value;
}

/// Bytes [first, first + bytes) of guest-physical memory.
struct region {
  gpa first{};
  std::uint64_t bytes = 0;

  /// The whole of [where, where + size) lies inside.
  [[nodiscard]] constexpr auto contains(gpa where, std::uint64_t size) const noexcept -> bool {
    return where >= first && size <= bytes && where.value - first.value <= bytes - size;
  }
  /// Some byte of [where, where + size) lies inside.
  [[nodiscard]] constexpr auto overlaps(gpa where, std::uint64_t size) const noexcept -> bool {
    if (bytes == 0 || size == 0) return false;
    return where >= first ? where.value - first.value < bytes : first.value - where.value < size;
  }

  friend constexpr auto operator==(const region&, const region&) -> bool = default;
};

}  // namespace sevspec::inline v0::svsm

#endif
