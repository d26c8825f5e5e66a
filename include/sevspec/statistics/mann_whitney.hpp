// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_STATISTICS_MANN_WHITNEY_HPP
#define SEVSPEC_STATISTICS_MANN_WHITNEY_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <gsl/assert>

#include <boost/math/distributions/normal.hpp>

/// The test of Mann and Whitney. STA-MWU-01
namespace sevspec::inline v0::statistics {

struct mann_whitney_u {
  double u1{};  ///< pairs in which the first sample's value is larger; a tie counts a half
  double u2{};  ///< the others: u1 + u2 = n1 n2
  std::size_t n1{};
  std::size_t n2{};
  double ties{};  ///< the sum of t^3 - t over groups of t equal values

  [[nodiscard]] auto u() const noexcept -> double { return std::min(u1, u2); }
};

/// Counts pairs.   STA-MWU-01
/// @param a, b  not empty
[[nodiscard]] inline auto count_pairs(std::span<const double> a, std::span<const double> b) -> mann_whitney_u {
  Expects(!a.empty() && !b.empty());
  mann_whitney_u made{.n1 = a.size(), .n2 = b.size()};
  for (const double x : a)
    for (const double y : b) made.u1 += x > y ? 1 : x == y ? 0.5 : 0;
  made.u2 = static_cast<double>(a.size()) * static_cast<double>(b.size()) - made.u1;
  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  std::sort(all.begin(), all.end());
  for (std::size_t i = 0; i < all.size();) {
    std::size_t end = i + 1;
    while (end < all.size() && all[end] == all[i]) ++end;
    const auto t = static_cast<double>(end - i);
    made.ties += t * t * t - t;
    i = end;
  }
  return made;
}

/// In how many of the orders of n1 + n2 different values the first sample wins `u` pairs or fewer, over the number of all
/// orders. Exact up to the 53 bits of a double.
[[nodiscard]] inline auto order_share(std::size_t u, std::size_t n1, std::size_t n2) -> double {
  // ways[k][v]: choices of k of the places seen so far that win v pairs.
  const std::size_t most = std::min(u, n1 * n2);
  std::vector<std::vector<double>> ways(n1 + 1, std::vector<double>(most + 1));
  ways[0][0] = 1;
  for (std::size_t place = 1; place <= n1 + n2; ++place)
    for (std::size_t k = std::min(place, n1); k >= 1; --k) {
      if (place - k > n2) continue;
      const std::size_t wins = place - k;  // against the places below that are the other sample's
      for (std::size_t v = wins; v <= most; ++v) ways[k][v] += ways[k - 1][v - wins];
    }
  double counted = 0;
  for (const double one : ways[n1]) counted += one;
  double all = 1;
  for (std::size_t i = 1; i <= n1; ++i) all = all * static_cast<double>(n2 + i) / static_cast<double>(i);
  return counted / all;
}

/// The exact two-sided p of a sample without ties.   STA-MWU-01
/// @param u       U1 or U2
/// @param n1, n2  not 0
[[nodiscard]] inline auto exact_p(double u, std::size_t n1, std::size_t n2) -> double {
  Expects(n1 >= 1 && n2 >= 1 && u >= 0 && u <= static_cast<double>(n1 * n2) && u == std::floor(u));
  const double smaller = std::min(u, static_cast<double>(n1 * n2) - u);
  return std::min(1.0, 2 * order_share(static_cast<std::size_t>(smaller), n1, n2));
}

/// The two-sided p of the normal approximation, corrected for ties.   STA-MWU-01
/// @param continuity  take half a pair from the distance
/// @return 1 if all values are equal
[[nodiscard]] inline auto normal_p(const mann_whitney_u& counted, bool continuity = true) -> double {
  const auto n1 = static_cast<double>(counted.n1);
  const auto n2 = static_cast<double>(counted.n2);
  const double n = n1 + n2;
  const double variance = n1 * n2 / 12 * (n + 1 - counted.ties / (n * (n - 1)));
  if (variance <= 0) return 1;
  const double distance = std::max(counted.u1, counted.u2) - n1 * n2 / 2 - (continuity ? 0.5 : 0);
  const boost::math::normal standard;
  return std::min(1.0, 2 * boost::math::cdf(boost::math::complement(standard, distance / std::sqrt(variance))));
}

struct mann_whitney_result {
  mann_whitney_u counted{};
  double p{};
  bool exact{};
};

/// Samples up to this size get the exact p, if there are no ties.
inline constexpr std::size_t small_sample = 20;

/// Whether values of one sample tend to be larger than those of the other.   STA-MWU-01
[[nodiscard]] inline auto mann_whitney_test(std::span<const double> a, std::span<const double> b)
    -> mann_whitney_result {
  mann_whitney_result made{.counted = count_pairs(a, b)};
  made.exact = made.counted.ties == 0 && std::max(a.size(), b.size()) <= small_sample;
  made.p = made.exact ? exact_p(made.counted.u1, a.size(), b.size()) : normal_p(made.counted);
  return made;
}

}  // namespace sevspec::inline v0::statistics

#endif
