// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_STATISTICS_SUMMARY_HPP
#define SEVSPEC_STATISTICS_SUMMARY_HPP

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <gsl/assert>

#include <sevspec/statistics/quantile.hpp>

/// Samples in a few numbers.
namespace sevspec::inline v0::statistics {

/// What is usually told of a sample.
struct summary {
  std::size_t n{};
  double mean{};
  double median{};
  double sd{};  ///< of the sample: divided by n - 1
  double min{};
  double max{};
  double q1{};
  double q3{};
  quantile_rule rule = quantile_rule::type_7;  ///< of `q1` and `q3`

  [[nodiscard]] auto iqr() const noexcept -> double { return q3 - q1; }
  /// The standard error of the mean.
  [[nodiscard]] auto sem() const noexcept -> double { return sd / std::sqrt(static_cast<double>(n)); }
};

/// @param values  two or more
[[nodiscard]] inline auto summarize(std::span<const double> values, quantile_rule rule = quantile_rule::type_7)
    -> summary {
  Expects(values.size() >= 2);
  const std::vector<double> in_order = sorted(values);
  const auto n = static_cast<double>(values.size());
  double sum = 0;
  for (const double one : in_order) sum += one;
  const double mean = sum / n;
  double squares = 0;
  for (const double one : in_order) squares += (one - mean) * (one - mean);
  return {.n = values.size(),
          .mean = mean,
          .median = quantile(in_order, 0.5),  // the same by all rules
          .sd = std::sqrt(squares / (n - 1)),
          .min = in_order.front(),
          .max = in_order.back(),
          .q1 = quantile(in_order, 0.25, rule),
          .q3 = quantile(in_order, 0.75, rule),
          .rule = rule};
}

}  // namespace sevspec::inline v0::statistics

#endif
