// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_STATISTICS_REPORT_HPP
#define SEVSPEC_STATISTICS_REPORT_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sevspec/statistics/cliff.hpp>
#include <sevspec/statistics/confidence_interval.hpp>

/// What a publication tells of its measurements: input of the linter.
namespace sevspec::inline v0::statistics {

/// One row of a table of samples.
struct reported_sample {
  std::string scenario{};  ///< "with encryption"
  std::string metric{};    ///< "bandwidth"
  std::string unit{};      ///< "MiB/s"
  std::size_t n{};
  double mean{};
  double median{};
  double sd{};
  double min{};
  double max{};
  double iqr{};
  std::optional<double> ci_half_width{};
  interval_factor ci_factor = interval_factor::normal;  ///< of `ci_half_width`
};

/// What is said of two samples.
struct reported_comparison {
  std::size_t first{};  ///< index of a sample
  std::size_t second{};
  std::optional<double> u{};
  std::optional<double> p_below{};  ///< "p < 0.001"
  std::optional<double> delta{};    ///< Cliff's, with or without its sign
  std::optional<effect_size> size{};
  std::optional<double> t{};        ///< Welch's
  std::optional<double> degrees{};  ///< of freedom
  std::optional<double> change{};   ///< of the mean, from the first to the second, in percent
};

/// Which figure of a sample the text repeats.
enum class figure : std::uint8_t { mean, median, min, max };

/// A figure in the text.
struct quoted_figure {
  std::size_t sample{};  ///< index
  figure which = figure::mean;
  double value{};
  std::string unit{};
};

/// A report on measurements.
struct report {
  std::vector<reported_sample> samples{};
  std::vector<reported_comparison> comparisons{};
  std::vector<quoted_figure> quotes{};
  std::vector<std::size_t> runs{};  ///< every number of repetitions that the text gives for one sample
  bool tukey = false;               ///< outliers are said to be removed by Tukey's rule
  bool welch = false;               ///< Welch's test is said to be used
};

/// How many bytes a second, or of what it is made, one unit is; nothing for units that are not known.
[[nodiscard]] inline auto scale_of(std::string_view unit) -> std::optional<double> {
  constexpr double kibi = 1024;
  if (unit == "B/s") return 1;
  if (unit == "KiB/s") return kibi;
  if (unit == "MiB/s") return kibi * kibi;
  if (unit == "GiB/s") return kibi * kibi * kibi;
  if (unit == "KB/s" || unit == "kB/s") return 1e3;
  if (unit == "MB/s") return 1e6;
  if (unit == "GB/s") return 1e9;
  return {};
}

}  // namespace sevspec::inline v0::statistics

#endif
