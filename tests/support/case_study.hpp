// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_CASE_STUDY_HPP
#define SEVSPEC_TESTS_SUPPORT_CASE_STUDY_HPP

#include <sevspec/statistics/report.hpp>

namespace sevspec::test {

/// The figures of "Nested Confidential Virtualization", tables 2 and 3 and the text around them.
inline auto case_study() -> statistics::report {
  using statistics::figure;
  const double ci_cpu_off = 1.96 * 5.953 / 4.4721359549995796;  // the study's formula, as its table 2 says
  return {.samples =
              {{"off", "cpu", "events/s", 20, 13676.704, 13677.960, 5.953, 13653.19, 13682.05, 3.142, ci_cpu_off, {}},
               {"on", "cpu", "events/s", 20, 13594.563, 13596.165, 9.359, 13558.37, 13606.34, 5.080, {}, {}},
               {"off", "ram", "MiB/s", 20, 6735.444, 6769.675, 58.188, 6616.71, 6775.29, 70.983, {}, {}},
               {"on", "ram", "MiB/s", 20, 6629.652, 6588.725, 70.611, 6517.37, 6736.15, 138.267, {}, {}}},
          .comparisons = {{.first = 0,
                           .second = 1,
                           .u = 0,
                           .p_below = 1,  // "<001"
                           .delta = 0.8821,
                           .size = statistics::effect_size::large,
                           .change = -0.6},
                          {.first = 2,
                           .second = 3,
                           .u = 40,
                           .p_below = 1,
                           .delta = 0.2982,
                           .size = statistics::effect_size::medium,
                           .change = -1.6}},
          .quotes = {{2, figure::median, 6.77, "GiB/s"},
                     {3, figure::median, 6.59, "GiB/s"},
                     {0, figure::mean, 13677, "events/s"},
                     {1, figure::mean, 13595, "events/s"}},
          .runs = {40},
          .tukey = true,
          .welch = true};
}

}  // namespace sevspec::test

#endif
