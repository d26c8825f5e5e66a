// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_STATISTICS_LINTER_HPP
#define SEVSPEC_STATISTICS_LINTER_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/rule.hpp>
#include <sevspec/statistics/mann_whitney.hpp>
#include <sevspec/statistics/report.hpp>
#include <sevspec/statistics/welch.hpp>

/// Whether the figures of a report can be true together. Only what follows from the figures is judged: a report without
/// findings may still be wrong.   STA-LINT-01
namespace sevspec::inline v0::statistics {

/// Two figures of a report that exclude each other.
struct finding {
  rule by = rule::none;  ///< what they break
  std::string where{};   ///< "bandwidth, with encryption"
  std::string text{};
  double reported{};
  double expected{};  ///< the value, or the bound, that follows from the others
};

/// How far reported figures may be from what follows, for they are rounded.
struct tolerances {
  double delta = 0.005;   ///< of Cliff's delta
  double share = 0.01;    ///< of t, of intervals, of figures in the text: of the value
  double percent = 0.06;  ///< of changes in percent
};

namespace detail {

[[nodiscard]] inline auto place(const reported_sample& sample) -> std::string {
  return sample.metric + ", " + sample.scenario;
}
[[nodiscard]] inline auto differs(double reported, double expected, double share) -> bool {
  return std::fabs(reported - expected) > share * std::fabs(expected);
}
[[nodiscard]] inline auto value_of(const reported_sample& sample, figure which) -> double {
  switch (which) {
    case figure::mean:   return sample.mean;
    case figure::median: return sample.median;
    case figure::min:    return sample.min;
    case figure::max:    return sample.max;
  }
  return sample.mean;
}

/// The findings, and how one is added.
template <class Context>
struct linter {
  Context& ctx;
  const tolerances& limits;
  std::vector<finding> found{};

  void check(rule by, bool broken, const std::string& where, const char* text, double reported, double expected) {
    if (ctx.denies(by, broken)) found.push_back({by, where, text, reported, expected});
  }

  void look_at(const reported_sample& one, const report& all) {
    const std::string where = place(one);
    const auto n = static_cast<double>(one.n);
    const bool order = one.min <= one.median && one.median <= one.max && one.min <= one.mean && one.mean <= one.max;
    check(rule::STA_LINT_01, !order, where, "mean or median outside the range", one.median, one.min);
    check(rule::STA_LINT_01, one.iqr < 0 || one.iqr > one.max - one.min, where, "IQR larger than the range", one.iqr,
          one.max - one.min);
    const double shift = one.sd * std::sqrt((n - 1) / n);
    check(rule::STA_LINT_01, std::fabs(one.mean - one.median) > shift * (1 + limits.share), where,
          "mean and median further apart than the standard deviation allows", std::fabs(one.mean - one.median), shift);
    const double widest = (one.max - one.min) / 2 * std::sqrt(n / (n - 1));
    check(rule::STA_LINT_01, one.sd > widest * (1 + limits.share), where, "standard deviation too large for the range",
          one.sd, widest);
    for (const std::size_t runs : all.runs)
      check(rule::STA_LINT_01, runs != one.n, where, "another number of runs in the text", static_cast<double>(runs),
            n);

    // Q1 is not below median - IQR and Q3 not above median + IQR, whatever the sample.
    const double low = one.median - 2.5 * one.iqr;
    const double high = one.median + 2.5 * one.iqr;
    check(rule::STA_TUK_01, all.tukey && one.min < low, where, "minimum below Tukey's fence", one.min, low);
    check(rule::STA_TUK_01, all.tukey && one.max > high, where, "maximum above Tukey's fence", one.max, high);

    if (!one.ci_half_width) return;
    const double half = confidence_interval_95(one.mean, one.sd, one.n, one.ci_factor).half_width;
    check(rule::STA_CI_01, differs(*one.ci_half_width, half, limits.share), where,
          "confidence interval does not follow from standard deviation and n", *one.ci_half_width, half);
  }

  void look_at_ranks(const reported_comparison& one, const reported_sample& a, const reported_sample& b,
                     const std::string& where) {
    const double pairs = static_cast<double>(a.n) * static_cast<double>(b.n);
    const bool disjoint = a.min > b.max || b.min > a.max;
    if (one.u) {
      const double u = std::min(*one.u, pairs - *one.u);
      check(rule::STA_MWU_01, *one.u < 0 || *one.u > pairs, where, "U outside 0 to n1 n2", *one.u, pairs);
      check(rule::STA_MWU_01, disjoint && u != 0, where, "the ranges are disjoint, and U is not 0", *one.u, 0);
      const bool touch = a.min == b.max || b.min == a.max;
      check(rule::STA_MWU_01, !disjoint && !touch && u == 0, where, "U is 0, and the ranges overlap", *one.u, 0.5);
    }
    if (one.p_below) {
      const bool countable =
          one.u && *one.u >= 0 && *one.u <= pairs && *one.u == std::floor(*one.u) && std::max(a.n, b.n) <= small_sample;
      const double p = countable ? exact_p(*one.u, a.n, b.n) : 1;
      const bool bounds = *one.p_below > 0 && *one.p_below < 1;
      check(rule::STA_MWU_01, !bounds, where, "p is not bounded by a probability", *one.p_below, p);
      check(rule::STA_MWU_01, bounds && countable && p >= *one.p_below, where, "p is larger", *one.p_below, p);
    }

    // What delta is, if the report says what it follows from.
    const bool known = one.u.has_value() || disjoint;
    const double size = disjoint ? 1 : one.u ? std::fabs(2 * *one.u / pairs - 1) : 0;
    if (one.delta && known)
      check(rule::STA_CLI_01, std::fabs(std::fabs(*one.delta) - size) > limits.delta, where,
            "delta is not 2 U / (n1 n2) - 1", std::fabs(*one.delta), size);
    if (one.delta && one.size)
      check(rule::STA_CLI_01, effect_size_of(*one.delta) != *one.size, where,
            "delta is not of the size that it is said to be", static_cast<double>(*one.size),
            static_cast<double>(effect_size_of(*one.delta)));
  }

  void look_at(const reported_comparison& one, const report& all) {
    Expects(one.first < all.samples.size() && one.second < all.samples.size());
    const reported_sample& a = all.samples[one.first];
    const reported_sample& b = all.samples[one.second];
    const std::string where = a.metric + ": " + a.scenario + " and " + b.scenario;
    check(rule::STA_LINT_01, a.unit != b.unit, where, "samples in different units are compared", 0, 0);
    look_at_ranks(one, a, b, where);
    if (a.n < 2 || b.n < 2 || (a.sd == 0 && b.sd == 0)) return;
    const welch_result welch = welch_test({a.mean, a.sd, a.n}, {b.mean, b.sd, b.n});
    check(rule::STA_WEL_01, all.welch && !one.t, where, "Welch's test is announced, and its result missing", 0,
          welch.t);
    if (one.t)
      check(rule::STA_WEL_01, differs(std::fabs(*one.t), std::fabs(welch.t), limits.share), where,
            "t does not follow from means and deviations", *one.t, welch.t);
    if (one.degrees)
      check(rule::STA_WEL_01, differs(*one.degrees, welch.degrees, limits.share), where,
            "degrees of freedom do not follow from the deviations", *one.degrees, welch.degrees);
    if (one.change && a.mean != 0) {
      const double change = 100 * (b.mean - a.mean) / a.mean;
      check(rule::STA_LINT_01, std::fabs(*one.change - change) > limits.percent, where,
            "the change does not follow from the means", *one.change, change);
    }
  }

  void look_at(const quoted_figure& one, const report& all) {
    Expects(one.sample < all.samples.size());
    const reported_sample& sample = all.samples[one.sample];
    const auto from = scale_of(sample.unit);
    const auto to = scale_of(one.unit);
    double expected = value_of(sample, one.which);
    const bool convertible = from && to;
    check(rule::STA_LINT_01, !convertible && sample.unit != one.unit, place(sample),
          "a unit that the table does not have", one.value, expected);
    if (!convertible && sample.unit != one.unit) return;
    if (convertible) expected = expected * *from / *to;
    check(rule::STA_LINT_01, differs(one.value, expected, limits.share), place(sample),
          "the text has another figure, or another unit", one.value, expected);
  }
};

}  // namespace detail

/// All findings, in the order of the report.
template <class Context>
[[nodiscard]] auto lint(Context& ctx, const report& all, const tolerances& limits = {}) -> std::vector<finding> {
  detail::linter<Context> judge{ctx, limits};
  for (const reported_sample& one : all.samples) {
    Expects(one.n >= 2);
    judge.look_at(one, all);
  }
  for (const reported_comparison& one : all.comparisons) judge.look_at(one, all);
  for (const quoted_figure& one : all.quotes) judge.look_at(one, all);
  return judge.found;
}

}  // namespace sevspec::inline v0::statistics

#endif
