// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_STATISTICS_WELCH_HPP
#define SEVSPEC_STATISTICS_WELCH_HPP

#include <cmath>
#include <cstddef>

#include <gsl/assert>

#include <boost/math/distributions/students_t.hpp>

#include <sevspec/statistics/summary.hpp>

/// Welch's t-test. STA-WEL-01
namespace sevspec::inline v0::statistics {

/// What Welch's test takes of a sample.
struct moments {
  double mean{};
  double sd{};
  std::size_t n{};
};
[[nodiscard]] inline auto moments_of(const summary& sample) noexcept -> moments {
  return {sample.mean, sample.sd, sample.n};
}

struct welch_result {
  double t{};
  double degrees{};  ///< of freedom, by Welch and Satterthwaite
  double p{};        ///< two-sided
};

/// Whether two samples have the same mean, if their variances may differ.   STA-WEL-01
/// @param a, b  of two or more values, at least one of which varies
[[nodiscard]] inline auto welch_test(const moments& a, const moments& b) -> welch_result {
  Expects(a.n >= 2 && b.n >= 2);
  const double va = a.sd * a.sd / static_cast<double>(a.n);
  const double vb = b.sd * b.sd / static_cast<double>(b.n);
  Expects(va + vb > 0);
  const double t = (a.mean - b.mean) / std::sqrt(va + vb);
  const double degrees =
      (va + vb) * (va + vb) / (va * va / static_cast<double>(a.n - 1) + vb * vb / static_cast<double>(b.n - 1));
  const boost::math::students_t distribution(degrees);
  return {t, degrees, 2 * boost::math::cdf(boost::math::complement(distribution, std::fabs(t)))};
}

}  // namespace sevspec::inline v0::statistics

#endif
