// SPDX-License-Identifier: MIT
// What holds of all samples.
#include <algorithm>
#include <cmath>
#include <vector>

#include <property/property.hpp>

#include <sevspec/base/context.hpp>
#include <sevspec/statistics/linter.hpp>
#include <sevspec/statistics/tukey.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::statistics;
using namespace sevspec::test;

/// A sample of small numbers, in which ties happen.
auto some_sample(int most) -> std::vector<double> {
  const auto size = *rc::gen::inRange<std::size_t>(2, 13);
  std::vector<double> values;
  for (std::size_t i = 0; i < size; ++i) values.push_back(*rc::gen::inRange(0, most));
  return values;
}

}  // namespace

TEST_CASE("delta and U say the same", "[statistics][STA-CLI-01][STA-MWU-01]") {
  tally seen;
  property("counted and computed", 300, [&] {
    const auto a = some_sample(20);
    const auto b = some_sample(20);
    const auto counted = count_pairs(a, b);
    double larger = 0;
    double smaller = 0;
    for (const double x : a)
      for (const double y : b) {
        larger += x > y ? 1 : 0;
        smaller += x < y ? 1 : 0;
        seen.add("tie", x == y);
      }
    const double pairs = static_cast<double>(a.size() * b.size());
    RC_ASSERT(std::fabs(cliff_delta(counted) - (larger - smaller) / pairs) < 1e-12);
    RC_ASSERT(counted.u1 + counted.u2 == pairs);
    const double p = mann_whitney_test(a, b).p;
    RC_ASSERT((p > 0 && p <= 1));
    RC_ASSERT(std::fabs(p - mann_whitney_test(b, a).p) < 1e-12);
    seen.add(mann_whitney_test(a, b).exact ? "exact" : "normal");
  });
  check_none_empty("ranks", seen, {"tie", "exact", "normal"});
}

TEST_CASE("Tukey's rule keeps the middle half", "[statistics][STA-TUK-01]") {
  tally seen;
  property("outliers", 300, [&] {
    auto values = some_sample(50);
    if (*rc::gen::arbitrary<bool>()) values.push_back(1000);
    const auto rule = *rc::gen::element(quantile_rule::type_6, quantile_rule::type_7, quantile_rule::type_8);
    const auto cleaned = remove_outliers(values, rule);
    RC_ASSERT(cleaned.kept.size() + cleaned.removed.size() == values.size());
    for (const double one : cleaned.kept) RC_ASSERT(cleaned.between.contains(one));
    for (const double one : cleaned.removed) RC_ASSERT(!cleaned.between.contains(one));
    RC_ASSERT(2 * cleaned.kept.size() >= values.size());
    seen.add(cleaned.removed.empty() ? "nothing removed" : "something removed");
  });
  check_none_empty("Tukey", seen, {"nothing removed", "something removed"});
}

TEST_CASE("the linter accepts what is true of a sample", "[statistics][STA-LINT-01]") {
  tally seen;
  property("honest reports", 300, [&] {
    const auto a = some_sample(1000);
    const auto b = some_sample(1000);
    const summary sa = summarize(a);
    const summary sb = summarize(b);
    RC_PRE(sa.sd + sb.sd > 0);
    report all;
    for (const summary& one : {sa, sb})
      all.samples.push_back({"s", "m", "MiB/s", one.n, one.mean, one.median, one.sd, one.min, one.max, one.iqr(),
                             confidence_interval_95(one).half_width, interval_factor::student_t});
    const auto ranks = mann_whitney_test(a, b);
    const auto welch = welch_test(moments_of(sa), moments_of(sb));
    const double delta = cliff_delta(ranks.counted);
    all.comparisons.push_back({.first = 0,
                               .second = 1,
                               .u = ranks.counted.u(),
                               .delta = delta,
                               .size = effect_size_of(delta),
                               .t = welch.t,
                               .degrees = welch.degrees});
    all.quotes = {{0, figure::mean, sa.mean / 1024, "GiB/s"}};
    all.tukey = remove_outliers(a).removed.empty() && remove_outliers(b).removed.empty();
    all.welch = true;
    seen.add(all.tukey ? "without outliers" : "with outliers");
    context ctx;
    for (const finding& one : lint(ctx, all)) RC_FAIL(one.text);
  });
  check_none_empty("reports", seen, {"with outliers", "without outliers"});
}
