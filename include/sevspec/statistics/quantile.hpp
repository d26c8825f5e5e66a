// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_STATISTICS_QUANTILE_HPP
#define SEVSPEC_STATISTICS_QUANTILE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gsl/assert>

/// Quantiles of samples.
namespace sevspec::inline v0::statistics {

/// Which of the usual definitions a quantile follows. They differ, most for small samples, so whoever names a quartile
/// names its rule.   Hyndman, Fan, Sample quantiles in statistical packages
enum class quantile_rule : std::uint8_t {
  type_6,  ///< position p (n + 1): Minitab, SPSS
  type_7,  ///< position p (n - 1) + 1: R, NumPy, Excel; the default here
  type_8,  ///< position p (n + 1/3) + 1/3: does not depend on the distribution
};

/// "type 7".
[[nodiscard]] constexpr auto name_of(quantile_rule rule) noexcept -> const char* {
  switch (rule) {
    case quantile_rule::type_6: return "type 6";
    case quantile_rule::type_7: return "type 7";
    case quantile_rule::type_8: return "type 8";
  }
  return "?";
}

/// A quantile, by linear interpolation between neighbours.
/// @param sorted  ascending, not empty
/// @param p       between 0 and 1
[[nodiscard]] inline auto quantile(std::span<const double> sorted, double p,
                                   quantile_rule which = quantile_rule::type_7) -> double {
  Expects(!sorted.empty() && p >= 0 && p <= 1);
  const auto n = static_cast<double>(sorted.size());
  double position = p * (n - 1) + 1;  // of the values, counted from 1
  if (which == quantile_rule::type_6) position = p * (n + 1);
  if (which == quantile_rule::type_8) position = p * (n + 1.0 / 3) + 1.0 / 3;
  position = std::clamp(position, 1.0, n);
  const auto below = static_cast<std::size_t>(std::floor(position));
  const std::size_t above = std::min(below + 1, sorted.size());
  const double part = position - static_cast<double>(below);
  return sorted[below - 1] + part * (sorted[above - 1] - sorted[below - 1]);
}

/// A copy in ascending order.
[[nodiscard]] inline auto sorted(std::span<const double> values) -> std::vector<double> {
  std::vector<double> made(values.begin(), values.end());
  std::sort(made.begin(), made.end());
  return made;
}

}  // namespace sevspec::inline v0::statistics

#endif
