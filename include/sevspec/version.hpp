// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERSION_HPP
#define SEVSPEC_VERSION_HPP

// The one place where the version is written: CMakeLists.txt reads these three lines.
#define SEVSPEC_VERSION_MAJOR 0
#define SEVSPEC_VERSION_MINOR 1
#define SEVSPEC_VERSION_PATCH 0

namespace sevspec::inline v0 {

struct version_number {
  unsigned major{};
  unsigned minor{};
  unsigned patch{};
  friend constexpr bool operator==(version_number, version_number) = default;
};

inline constexpr version_number version{SEVSPEC_VERSION_MAJOR, SEVSPEC_VERSION_MINOR, SEVSPEC_VERSION_PATCH};

}  // namespace sevspec::inline v0

#endif
