// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_STATISTICS_CONFIDENCE_INTERVAL_HPP
#define SEVSPEC_STATISTICS_CONFIDENCE_INTERVAL_HPP

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <gsl/assert>

#include <boost/math/distributions/students_t.hpp>

#include <sevspec/statistics/summary.hpp>

/// Confidence intervals of means. STA-CI-01
namespace sevspec::inline v0::statistics {

/// By what the standard error is multiplied.
enum class interval_factor : std::uint8_t {
  normal,     ///< 1.96, whatever n
  student_t,  ///< t(0.975, n-1)
};

/// "1.96", "t(0.975, n-1)".
[[nodiscard]] constexpr auto name_of(interval_factor factor) noexcept -> const char* {
  return factor == interval_factor::normal ? "1.96" : "t(0.975, n-1)";
}

/// The factor for a sample of `n`.
/// @param n  two or more
[[nodiscard]] inline auto value_of(interval_factor factor, std::size_t n) -> double {
  Expects(n >= 2);
  if (factor == interval_factor::normal) return 1.96;
  return boost::math::quantile(boost::math::students_t(static_cast<double>(n - 1)), 0.975);
}

/// mean +- half_width, and how it was made.
struct confidence_interval {
  double mean{};
  double half_width{};
  interval_factor factor = interval_factor::student_t;

  [[nodiscard]] constexpr auto lower() const noexcept -> double { return mean - half_width; }
  [[nodiscard]] constexpr auto upper() const noexcept -> double { return mean + half_width; }
};

/// The interval that holds the true mean in 95 of 100 experiments, if means are distributed normally.   STA-CI-01
/// @param n  two or more
[[nodiscard]] inline auto confidence_interval_95(double mean, double sd, std::size_t n,
                                                 interval_factor factor = interval_factor::student_t)
    -> confidence_interval {
  return {mean, value_of(factor, n) * sd / std::sqrt(static_cast<double>(n)), factor};
}
[[nodiscard]] inline auto confidence_interval_95(const summary& sample,
                                                 interval_factor factor = interval_factor::student_t)
    -> confidence_interval {
  return confidence_interval_95(sample.mean, sample.sd, sample.n, factor);
}

}  // namespace sevspec::inline v0::statistics

#endif
