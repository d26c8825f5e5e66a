// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_STATISTICS_CLIFF_HPP
#define SEVSPEC_STATISTICS_CLIFF_HPP

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <gsl/assert>

#include <sevspec/statistics/mann_whitney.hpp>

/// Cliff's delta. STA-CLI-01
namespace sevspec::inline v0::statistics {

/// Cliff's delta: 1 if all values of the first sample are larger, -1 if all are smaller.   STA-CLI-01
[[nodiscard]] inline auto cliff_delta(const mann_whitney_u& counted) -> double {
  Expects(counted.n1 >= 1 && counted.n2 >= 1);
  return 2 * counted.u1 / (static_cast<double>(counted.n1) * static_cast<double>(counted.n2)) - 1;
}

/// How large an effect is called.   STA-CLI-01
enum class effect_size : std::uint8_t { negligible, small, medium, large };

/// "negligible", "small", "medium", "large".
[[nodiscard]] constexpr auto name_of(effect_size size) noexcept -> const char* {
  switch (size) {
    case effect_size::negligible: return "negligible";
    case effect_size::small:      return "small";
    case effect_size::medium:     return "medium";
    case effect_size::large:      return "large";
  }
  return "?";
}

/// @param delta  of either sign
[[nodiscard]] inline auto effect_size_of(double delta) noexcept -> effect_size {
  const double size = std::fabs(delta);
  if (size < 0.147) return effect_size::negligible;
  if (size < 0.33) return effect_size::small;
  if (size < 0.474) return effect_size::medium;
  return effect_size::large;
}

}  // namespace sevspec::inline v0::statistics

#endif
