// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_STATISTICS_TUKEY_HPP
#define SEVSPEC_STATISTICS_TUKEY_HPP

#include <cstddef>
#include <span>
#include <vector>

#include <gsl/assert>

#include <sevspec/statistics/quantile.hpp>

/// Outliers by Tukey's rule. STA-TUK-01
namespace sevspec::inline v0::statistics {

/// Where Tukey's rule lets a sample end.
struct fences {
  double lower{};
  double upper{};

  [[nodiscard]] constexpr auto contains(double value) const noexcept -> bool {
    return value >= lower && value <= upper;
  }
};

/// [Q1 - 1.5 IQR, Q3 + 1.5 IQR].   STA-TUK-01
[[nodiscard]] constexpr auto fences_of(double q1, double q3) noexcept -> fences {
  const double reach = 1.5 * (q3 - q1);
  return {q1 - reach, q3 + reach};
}

/// A sample without its outliers, and what was done to it.
struct without_outliers {
  std::vector<double> kept{};     ///< in their order
  std::vector<double> removed{};  ///< in their order; report how many
  fences between{};
  quantile_rule rule = quantile_rule::type_7;
};

/// Removes outliers, once: what is left may have outliers of its own.   STA-TUK-01
/// @param values  not empty
[[nodiscard]] inline auto remove_outliers(std::span<const double> values, quantile_rule rule = quantile_rule::type_7)
    -> without_outliers {
  Expects(!values.empty());
  const std::vector<double> in_order = sorted(values);
  without_outliers made{.between = fences_of(quantile(in_order, 0.25, rule), quantile(in_order, 0.75, rule)),
                        .rule = rule};
  for (const double one : values) (made.between.contains(one) ? made.kept : made.removed).push_back(one);
  return made;
}

}  // namespace sevspec::inline v0::statistics

#endif
