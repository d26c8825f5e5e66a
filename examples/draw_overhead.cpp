// SPDX-License-Identifier: MIT
// Published figures of one study ("Nested Confidential Virtualization", table 2: sysbench with and without SEV-SNP, 20
// runs each) as pictures. "distribution": docs/overhead-distribution.svg; "ratio": docs/overhead-ratio.svg.
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include <sevspec/statistics/confidence_interval.hpp>
#include <sevspec/statistics/picture.hpp>
#include <sevspec/statistics/ratio.hpp>

namespace {

using namespace sevspec::statistics;

struct sample {
  const char* name;
  double mean;
  double median;
  double sd;
  double min;
  double max;
};
constexpr std::size_t runs = 20;
constexpr sample cpu_off{"CPU, without", 13676.704, 13677.960, 5.953, 13653.19, 13682.05};
constexpr sample cpu_on{"CPU, with", 13594.563, 13596.165, 9.359, 13558.37, 13606.34};
constexpr sample ram_off{"memory, without", 6735.444, 6769.675, 58.188, 6616.71, 6775.29};
constexpr sample ram_on{"memory, with", 6629.652, 6588.725, 70.611, 6517.37, 6736.15};

/// In percent of a mean: the median, the interval of the mean, the range.
auto row_of(const sample& one, double all) -> row {
  const auto interval = confidence_interval_95(one.mean, one.sd, runs);
  return {.name = one.name,
          .value = 100 * one.median / all,
          .low = 100 * interval.lower() / all,
          .high = 100 * interval.upper() / all,
          .min = 100 * one.min / all,
          .max = 100 * one.max / all,
          .dots = {}};
}
auto ratio_row(const char* name, const sample& on, const sample& off) -> row {
  const auto ratio = ratio_of_means({on.mean, on.sd, runs}, {off.mean, off.sd, runs});
  return {.name = name,
          .value = 100 * ratio.ratio,
          .low = 100 * ratio.lower,
          .high = 100 * ratio.upper,
          .min = 100 * ratio.lower,
          .max = 100 * ratio.upper,
          .dots = {}};
}

}  // namespace

auto main(int count, char** arguments) -> int {
  const std::string_view wanted = count > 1 ? arguments[1] : "distribution";
  row_chart chart{
      .title = "sysbench with and without SEV-SNP",
      .x = {"percent of the mean without (ring: median; thick: 95% interval of the mean; thin: range)", 96.5, 101, 0.5},
      .has_reference = true,
      .reference = 100,
      .rows = {row_of(cpu_off, cpu_off.mean), row_of(cpu_on, cpu_off.mean), row_of(ram_off, ram_off.mean),
               row_of(ram_on, ram_off.mean)}};
  if (wanted == "ratio") {
    chart.title = "Throughput with SEV-SNP over throughput without, and its 95% interval";
    chart.x = {"percent", 97.5, 100.5, 0.5};
    chart.rows = {ratio_row("CPU", cpu_on, cpu_off), ratio_row("memory", ram_on, ram_off)};
  }
  std::fputs(to_svg(chart).c_str(), stdout);
}
