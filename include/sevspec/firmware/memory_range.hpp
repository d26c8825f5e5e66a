// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_MEMORY_RANGE_HPP
#define SEVSPEC_FIRMWARE_MEMORY_RANGE_HPP

#include <cstdint>

#include <sevspec/base/address.hpp>

/// Parts of system-physical memory.
namespace sevspec::inline v0::firmware {

/// Bytes [base, base + bytes) of system-physical memory.
struct memory_range {
  spa base{};
  std::uint64_t bytes = 0;

  /// The whole of [where, where + size) lies inside.
  [[nodiscard]] constexpr auto contains(spa where, std::uint64_t size) const noexcept -> bool {
    return where >= base && size <= bytes && where.value - base.value <= bytes - size;
  }
  /// Some byte of [where, where + size) lies inside; neither wraps.
  [[nodiscard]] constexpr auto overlaps(spa where, std::uint64_t size) const noexcept -> bool {
    return bytes != 0 && size != 0 && where.value < base.value + bytes && base.value < where.value + size;
  }
  friend constexpr auto operator==(const memory_range&, const memory_range&) -> bool = default;
};

/// 128 KiB at 640 KiB: compatibility SMRAM.
inline constexpr memory_range aseg{{0xa'0000}, 0x2'0000};
/// Reserved for HyperTransport I/O.
inline constexpr memory_range hypertransport{{0xfd'0000'0000}, 0x3'0000'0000};

}  // namespace sevspec::inline v0::firmware

#endif
