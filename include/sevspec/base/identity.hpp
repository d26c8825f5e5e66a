// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_IDENTITY_HPP
#define SEVSPEC_BASE_IDENTITY_HPP

#include <compare>
#include <cstdint>

namespace sevspec::inline v0 {

/// Address-space identifier. 0 is the host; under SEV it also names the memory-encryption key.   APM vol. 2, 15.16
struct asid {
  std::uint32_t value{};
  friend constexpr auto operator<=>(asid, asid) = default;
};

inline constexpr asid host_asid{0};

/// Virtual machine privilege level: 0 is the most privileged.   APM vol. 2, 15.36.7
struct vmpl {
  std::uint8_t value{};
  friend constexpr auto operator<=>(vmpl, vmpl) = default;
};

/// Current privilege level, 0 to 3.
struct cpl {
  std::uint8_t value{};
  friend constexpr auto operator<=>(cpl, cpl) = default;
};

inline constexpr cpl kernel_mode{0};
inline constexpr cpl user_mode{3};

}  // namespace sevspec::inline v0

#endif
