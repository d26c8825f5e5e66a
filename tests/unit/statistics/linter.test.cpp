// SPDX-License-Identifier: MIT
// The linter finds what cannot be true in published figures, and nothing in figures that can.
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <sevspec/statistics/linter.hpp>
#include <support/case_study.hpp>
#include <support/catch.hpp>
#include <support/recorder.hpp>
#include <support/rule_families.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::statistics;
using namespace sevspec::test;

/// A report in which all figures follow from two samples.
auto sound_report() -> report {
  const std::vector<double> a{101, 103, 104, 106, 108, 109, 112};
  const std::vector<double> b{95, 97, 98, 102, 99, 100, 105};
  report made{.runs = {7}, .tukey = true, .welch = true};
  for (const auto& [name, values] : {std::pair{"off", a}, std::pair{"on", b}}) {
    const summary told = summarize(values);
    const double half = confidence_interval_95(told, interval_factor::student_t).half_width;
    made.samples.push_back({name, "bandwidth", "MiB/s", told.n, told.mean, told.median, told.sd, told.min, told.max,
                            told.iqr(), half, interval_factor::student_t});
  }
  const auto welch = welch_test(moments_of(summarize(a)), moments_of(summarize(b)));
  const auto ranks = mann_whitney_test(a, b);
  const double delta = cliff_delta(ranks.counted);
  made.comparisons.push_back({.first = 0,
                              .second = 1,
                              .u = ranks.counted.u(),
                              .p_below = 0.05,
                              .delta = delta,
                              .size = effect_size_of(delta),
                              .t = welch.t,
                              .degrees = welch.degrees,
                              .change = 100 * (made.samples[1].mean / made.samples[0].mean - 1)});
  made.quotes = {{0, figure::median, made.samples[0].median / 1024, "GiB/s"},
                 {1, figure::max, made.samples[1].max * 1.048576, "MB/s"}};
  return made;
}

/// A change to the report, the rule that it breaks, and what the finding says.
struct blunder {
  rule breaks;
  std::string text;
  std::function<void(report&)> make;
};

auto blunders() -> std::vector<blunder> {
  using enum rule;
  const auto first = [](auto member, double value) { return [=](report& all) { all.samples[0].*member = value; }; };
  const auto compared = [](auto member, auto value) {
    return [=](report& all) { all.comparisons[0].*member = value; };
  };
  return {
      {STA_TUK_01, "minimum below Tukey's fence", [](report& all) { all.samples[1].min = 60; }},
      {STA_TUK_01, "maximum above Tukey's fence", [](report& all) { all.samples[0].max = 140; }},
      {STA_CI_01, "confidence interval does not follow from standard deviation and n",
       [](report& all) { all.samples[0].ci_factor = interval_factor::normal; }},
      {STA_WEL_01, "Welch's test is announced, and its result missing",
       compared(&reported_comparison::t, std::optional<double>())},
      {STA_WEL_01, "t does not follow from means and deviations", compared(&reported_comparison::t, 2.0)},
      {STA_WEL_01, "degrees of freedom do not follow from the deviations",
       compared(&reported_comparison::degrees, 9.0)},
      {STA_MWU_01, "p is larger", compared(&reported_comparison::p_below, 1e-4)},
      {STA_MWU_01, "p is not bounded by a probability", compared(&reported_comparison::p_below, 1.0)},
      {STA_MWU_01, "U is 0, and the ranges overlap",
       [](report& all) {
         all.comparisons[0].u = 0;
         all.comparisons[0].delta = 1;
       }},
      {STA_MWU_01, "the ranges are disjoint, and U is not 0",
       [](report& all) {
         all.samples[1].max = 100.9;
         all.quotes.clear();
         all.comparisons[0].delta = 1;
       }},
      {STA_MWU_01, "U outside 0 to n1 n2",
       [](report& all) {
         all.comparisons[0].u = -1;
         all.comparisons[0].delta = {};
       }},
      {STA_CLI_01, "delta is not 2 U / (n1 n2) - 1", compared(&reported_comparison::delta, 0.75)},
      {STA_CLI_01, "delta is not of the size that it is said to be",
       compared(&reported_comparison::size, effect_size::small)},
      {STA_LINT_01, "mean or median outside the range", first(&reported_sample::min, 106.5)},
      {STA_LINT_01, "IQR larger than the range", first(&reported_sample::iqr, 12)},
      {STA_LINT_01, "mean and median further apart than the standard deviation allows",
       [](report& all) {
         all.samples[0].sd = 0.05;
         all.samples[0].ci_half_width = {};
         all.comparisons.clear();
       }},
      {STA_LINT_01, "standard deviation too large for the range",
       [](report& all) {
         all.samples[0].sd = 7;
         all.samples[0].ci_half_width = {};
         all.comparisons.clear();
       }},
      {STA_LINT_01, "another number of runs in the text",
       [](report& all) { all.samples[0].ci_half_width = {}, all.runs = {7, 8}; }},
      {STA_LINT_01, "samples in different units are compared",
       [](report& all) {
         all.samples[1].unit = "MB/s";
         all.quotes.clear();
       }},
      {STA_LINT_01, "the change does not follow from the means", compared(&reported_comparison::change, -6.0)},
      {STA_LINT_01, "a unit that the table does not have", [](report& all) { all.quotes[0].unit = "seconds"; }},
      {STA_LINT_01, "the text has another figure, or another unit",
       [](report& all) { all.quotes[0].value = all.samples[0].median / 1000; }},
  };
}

}  // namespace

TEST_CASE("a sound report has no findings", "[statistics][STA-LINT-01]") {
  context ctx;
  CHECK(lint(ctx, sound_report()).empty());
}

TEST_CASE("every blunder is found, and by its own rule",
          "[statistics][coverage][STA-TUK-01][STA-CI-01][STA-WEL-01][STA-MWU-01][STA-CLI-01][STA-LINT-01]") {
  std::set<rule> fired;
  for (const blunder& one : blunders()) {
    INFO(name_of(one.breaks) << ' ' << one.text);
    report spoilt = sound_report();
    one.make(spoilt);
    context ctx;
    bool seen = false;
    for (const finding& what : lint(ctx, spoilt)) seen = seen || (what.by == one.breaks && what.text == one.text);
    CHECK(seen);

    recorder silent;
    recording_context without{.rules = rule_set().without(one.breaks), .choices = {}, .listener = silent};
    for (const finding& what : lint(without, spoilt)) CHECK(what.by != one.breaks);
    fired.insert(one.breaks);
  }
  recorder quiet;
  recording_context ctx{.rules = {}, .choices = {}, .listener = quiet};
  static_cast<void>(lint(ctx, sound_report()));
  CHECK(quiet.fired.empty());
  CHECK(names_of(missing(migration_conditions(true), quiet.passed)).empty());
  CHECK(names_of(missing(migration_conditions(true), fired)).empty());
}

TEST_CASE("the case study's figures exclude each other where they are known to", "[statistics][STA-LINT-01]") {
  context ctx;
  std::multimap<std::string, finding> found;
  for (const finding& one : lint(ctx, case_study())) found.emplace(one.where + " | " + one.text, one);
  for (const auto& [key, one] : found) UNSCOPED_INFO(key << ": " << one.reported << ", not " << one.expected);

  const auto expect = [&](const std::string& key, rule by, double reported, double expected) {
    INFO(key);
    REQUIRE(found.count(key) == 1);
    const finding& one = found.find(key)->second;
    CHECK(one.by == by);
    CHECK(one.reported == Approx(reported).epsilon(1e-4));
    CHECK(one.expected == Approx(expected).epsilon(1e-4));
  };
  using enum rule;
  expect("cpu, off | minimum below Tukey's fence", STA_TUK_01, 13653.19, 13670.105);
  expect("cpu, on | minimum below Tukey's fence", STA_TUK_01, 13558.37, 13583.465);
  expect("cpu: off and on | delta is not 2 U / (n1 n2) - 1", STA_CLI_01, 0.8821, 1);
  expect("ram: off and on | delta is not 2 U / (n1 n2) - 1", STA_CLI_01, 0.2982, 0.8);
  expect("ram: off and on | delta is not of the size that it is said to be", STA_CLI_01, 2, 1);
  expect("cpu: off and on | p is not bounded by a probability", STA_MWU_01, 1, exact_p(0, 20, 20));
  expect("ram: off and on | p is not bounded by a probability", STA_MWU_01, 1, exact_p(40, 20, 20));
  expect("cpu: off and on | Welch's test is announced, and its result missing", STA_WEL_01, 0, 33.119);
  expect("ram: off and on | Welch's test is announced, and its result missing", STA_WEL_01, 0, 5.1707);
  expect("ram, off | the text has another figure, or another unit", STA_LINT_01, 6.77, 6.6110);
  expect("ram, on | the text has another figure, or another unit", STA_LINT_01, 6.59, 6.4343);
  for (const char* cell : {"cpu, off", "cpu, on", "ram, off", "ram, on"})
    expect(std::string(cell) + " | another number of runs in the text", STA_LINT_01, 40, 20);
  CHECK(found.size() == 15);  // and nothing else: intervals, means and changes are right
}
