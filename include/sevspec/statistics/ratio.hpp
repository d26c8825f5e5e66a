// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_STATISTICS_RATIO_HPP
#define SEVSPEC_STATISTICS_RATIO_HPP

#include <cmath>

#include <gsl/assert>

#include <sevspec/statistics/welch.hpp>

/// Overhead as a ratio.
namespace sevspec::inline v0::statistics {

/// One mean over another, with an interval that is symmetric on a logarithmic scale.
struct ratio_interval {
  double ratio{};
  double lower{};
  double upper{};
};

/// The ratio of two means and about where it lies in 95 of 100 experiments: 1.96 standard errors of its logarithm, by the
/// delta method. A picture's interval, not a test.
/// @param of, to  samples with positive means
[[nodiscard]] inline auto ratio_of_means(const moments& of, const moments& to) -> ratio_interval {
  Expects(of.mean > 0 && to.mean > 0 && of.n >= 2 && to.n >= 2);
  const double a = of.sd / of.mean;
  const double b = to.sd / to.mean;
  const double spread =
      std::exp(1.96 * std::sqrt(a * a / static_cast<double>(of.n) + b * b / static_cast<double>(to.n)));
  const double ratio = of.mean / to.mean;
  return {ratio, ratio / spread, ratio * spread};
}

}  // namespace sevspec::inline v0::statistics

#endif
