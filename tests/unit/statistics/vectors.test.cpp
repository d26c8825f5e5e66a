// SPDX-License-Identifier: MIT
// Known results: the figures of a case study computed independently, and those that SciPy gives.
#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include <sevspec/statistics/cliff.hpp>
#include <sevspec/statistics/confidence_interval.hpp>
#include <sevspec/statistics/mann_whitney.hpp>
#include <sevspec/statistics/ratio.hpp>
#include <sevspec/statistics/tukey.hpp>
#include <sevspec/statistics/welch.hpp>
#include <support/case_study.hpp>
#include <support/catch.hpp>

namespace {

using namespace sevspec::statistics;

auto text(const char* format, double value) -> std::string {
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), format, value);
  return out.data();
}
auto close_to(double value) -> Approx { return Approx(value).epsilon(1e-12).margin(0); }

const std::vector<double> males{19, 22, 16, 29, 24};
const std::vector<double> females{20, 11, 17, 12};

}  // namespace

TEST_CASE("Welch's test of the case study's means", "[statistics][STA-WEL-01]") {
  const auto cpu = welch_test({13676.704, 5.953, 20}, {13594.563, 9.359, 20});
  CHECK(text("%.2f", cpu.t) == "33.12");
  CHECK(text("%.2f", cpu.degrees) == "32.21");
  CHECK(text("%.1e", cpu.p) == "1.9e-26");
  const auto ram = welch_test({6735.444, 58.188, 20}, {6629.652, 70.611, 20});
  CHECK(text("%.3f", ram.t) == "5.171");
  CHECK(text("%.2f", ram.degrees) == "36.66");
  CHECK(text("%.1e", ram.p) == "8.5e-06");
}

TEST_CASE("Welch's test as SciPy has it", "[statistics][STA-WEL-01]") {
  const std::vector<double> x{20, 22, 19, 20, 22, 20, 21};
  const std::vector<double> y{28, 32, 36, 24, 29, 32};
  const auto found = welch_test(moments_of(summarize(x)), moments_of(summarize(y)));
  CHECK(found.t == close_to(-5.529270507777645));
  CHECK(found.degrees == close_to(5.650760744239527));
  CHECK(found.p == Approx(0.0017938799124542811).epsilon(1e-10));
  const auto back = welch_test(moments_of(summarize(y)), moments_of(summarize(x)));
  CHECK(back.t == -found.t);
  CHECK(back.p == found.p);
}

TEST_CASE("exact p of U for two samples of 20", "[statistics][STA-MWU-01]") {
  CHECK(text("%.2e", exact_p(0, 20, 20)) == "1.45e-11");
  CHECK(exact_p(0, 20, 20) == close_to(2.0 / 137846528820.0));  // 2 of the ways to choose 20 of 40
  CHECK(text("%.2e", exact_p(40, 20, 20)) == "2.88e-06");
  CHECK(exact_p(360, 20, 20) == exact_p(40, 20, 20));
  CHECK(exact_p(200, 20, 20) == 1);
}

TEST_CASE("the test of Mann and Whitney as SciPy has it", "[statistics][STA-MWU-01]") {
  const auto found = mann_whitney_test(males, females);
  CHECK(found.counted.u1 == 17);
  CHECK(found.counted.u2 == 3);
  CHECK(found.counted.u() == 3);
  CHECK(found.exact);
  CHECK(found.p == close_to(1.0 / 9));
  CHECK(normal_p(found.counted) == Approx(0.11134688653314039).epsilon(1e-10));
  CHECK(normal_p(found.counted, false) == Approx(0.08641073297370001).epsilon(1e-10));

  const std::vector<double> x{1, 2, 2, 3, 5, 6, 6, 8};
  const std::vector<double> y{2, 4, 6, 7, 7, 9, 10};
  const auto tied = mann_whitney_test(x, y);
  CHECK(tied.counted.u1 == 14);
  CHECK_FALSE(tied.exact);
  CHECK(tied.p == Approx(0.11524971218079373).epsilon(1e-10));
  CHECK(normal_p(tied.counted, false) == Approx(2 * 0.05119627590718705).epsilon(1e-10));

  const std::vector<double> same(5, 3.0);
  CHECK(mann_whitney_test(same, same).p == 1);
  std::vector<double> many;
  for (int i = 0; i < 21; ++i) many.push_back(i);
  CHECK_FALSE(mann_whitney_test(many, females).exact);
}

TEST_CASE("exact p counts the orders of two samples", "[statistics][STA-MWU-01]") {
  // All ways to choose n1 of n1 + n2 places, and how often each U comes.
  for (std::size_t n1 = 1; n1 <= 5; ++n1)
    for (std::size_t n2 = 1; n2 <= 5; ++n2) {
      std::vector<double> count(n1 * n2 + 1);
      double all = 0;
      for (unsigned chosen = 0; chosen < 1U << (n1 + n2); ++chosen) {
        if (static_cast<std::size_t>(__builtin_popcount(chosen)) != n1) continue;
        std::vector<double> a;
        std::vector<double> b;
        for (unsigned place = 0; place < n1 + n2; ++place) (chosen >> place & 1 ? a : b).push_back(place);
        ++count[static_cast<std::size_t>(count_pairs(a, b).u1)];
        ++all;
      }
      double below = 0;
      for (std::size_t u = 0; u <= n1 * n2; ++u) {
        below += count[u];
        INFO(n1 << ' ' << n2 << ' ' << u);
        CHECK(order_share(u, n1, n2) == close_to(below / all));
      }
    }
}

TEST_CASE("Cliff's delta", "[statistics][STA-CLI-01]") {
  CHECK(cliff_delta(count_pairs(males, females)) == close_to(0.7));
  CHECK(cliff_delta(count_pairs(females, males)) == close_to(-0.7));
  CHECK(cliff_delta({.u1 = 0, .u2 = 400, .n1 = 20, .n2 = 20}) == -1);
  CHECK(std::fabs(cliff_delta({.u1 = 40, .u2 = 360, .n1 = 20, .n2 = 20})) == close_to(0.8));
  using enum effect_size;
  CHECK(effect_size_of(0.1469) == negligible);
  CHECK(effect_size_of(-0.147) == small);
  CHECK(effect_size_of(0.2982) == small);
  CHECK(effect_size_of(0.33) == medium);
  CHECK(effect_size_of(-0.4739) == medium);
  CHECK(effect_size_of(0.474) == large);
  CHECK(std::string(name_of(effect_size_of(1))) == "large");
}

TEST_CASE("what the case study says of its means and intervals", "[statistics][STA-CI-01]") {
  const auto samples = sevspec::test::case_study().samples;
  const reported_sample& cpu_off = samples.at(0);
  const reported_sample& cpu_on = samples.at(1);
  const reported_sample& ram_off = samples.at(2);
  const reported_sample& ram_on = samples.at(3);
  const auto fall = [](double from, double to) { return 100 * (from - to) / from; };
  CHECK(text("%.4f", fall(cpu_off.mean, cpu_on.mean)) == "0.6006");
  CHECK(text("%.4f", fall(ram_off.mean, ram_on.mean)) == "1.5707");
  CHECK(text("%.2f", ram_off.mean - ram_on.mean) == "105.79");
  CHECK(text("%.2f", fall(ram_off.median, ram_on.median)) == "2.67");
  CHECK(text("%.2f", ram_off.median / 1024) == "6.61");
  CHECK(text("%.2f", ram_on.median / 1024) == "6.43");
  const auto interval = [](const reported_sample& one, interval_factor factor) {
    return confidence_interval_95(one.mean, one.sd, one.n, factor);
  };
  using enum interval_factor;
  CHECK(text("%.2f", interval(cpu_off, normal).half_width) == "2.61");
  CHECK(text("%.2f", interval(cpu_on, normal).half_width) == "4.10");
  CHECK(text("%.2f", interval(ram_off, normal).half_width) == "25.50");
  CHECK(text("%.2f", interval(ram_on, normal).half_width) == "30.95");
  for (const auto factor : {normal, student_t}) {
    CHECK(interval(cpu_off, factor).lower() > interval(cpu_on, factor).upper());
    CHECK(interval(ram_off, factor).lower() > interval(ram_on, factor).upper());
  }
  CHECK(cpu_off.min > cpu_on.max);  // so U is 0
}

TEST_CASE("confidence intervals name their factor", "[statistics][STA-CI-01]") {
  const auto z = confidence_interval_95(13676.704, 5.953, 20, interval_factor::normal);
  const auto t = confidence_interval_95(13676.704, 5.953, 20);
  CHECK(text("%.3f", z.half_width) == "2.609");
  CHECK(text("%.3f", t.half_width) == "2.786");
  CHECK(text("%.4f", value_of(interval_factor::student_t, 20)) == "2.0930");
  CHECK(std::string(name_of(z.factor)) == "1.96");
  CHECK(std::string(name_of(t.factor)) == "t(0.975, n-1)");
  const std::vector<double> x{5, 7, 8, 9, 10, 12};  // SciPy: t.interval(0.95, 5, mean, sem)
  const auto of_x = confidence_interval_95(summarize(x));
  CHECK(of_x.lower() == Approx(5.9509296876164886).epsilon(1e-9));
  CHECK(of_x.upper() == Approx(11.049070312383511).epsilon(1e-9));
}

TEST_CASE("quantiles by three rules, and Tukey's fences", "[statistics][STA-TUK-01]") {
  const std::vector<double> values{1, 2, 3, 4, 5, 6, 7, 8, 9, 50};
  CHECK(quantile(values, 0.25) == close_to(3.25));  // type 7
  CHECK(quantile(values, 0.25, quantile_rule::type_6) == close_to(2.75));
  CHECK(quantile(values, 0.25, quantile_rule::type_8) == close_to(2 + 11.0 / 12));
  for (const auto rule : {quantile_rule::type_6, quantile_rule::type_7, quantile_rule::type_8}) {
    CHECK(quantile(values, 0, rule) == 1);
    CHECK(quantile(values, 0.5, rule) == close_to(5.5));
    CHECK(quantile(values, 1, rule) == 50);
    CHECK(quantile(std::vector<double>{4}, 0.3, rule) == 4);
  }
  const auto cleaned = remove_outliers(values);
  CHECK(cleaned.removed == std::vector<double>{50});
  CHECK(cleaned.kept.size() == 9);
  CHECK(cleaned.between.lower == close_to(3.25 - 6.75));
  CHECK(cleaned.between.upper == close_to(7.75 + 6.75));
  CHECK(std::string(name_of(cleaned.rule)) == "type 7");
  // A value on the fence stays; the rule of the quartiles decides whether 14.6 does.
  CHECK(fences_of(3.25, 7.75).contains(14.5));
  const std::vector<double> close{1, 2, 3, 4, 5, 6, 7, 8, 9, 14.6};
  CHECK(remove_outliers(close).removed == std::vector<double>{14.6});
  CHECK(remove_outliers(close, quantile_rule::type_6).removed.empty());
}

TEST_CASE("the ratio of means lies in its interval", "[statistics]") {
  const auto ratio = ratio_of_means({13594.563, 9.359, 20}, {13676.704, 5.953, 20});
  CHECK(text("%.6f", ratio.ratio) == "0.993994");
  CHECK(ratio.lower < ratio.ratio);
  CHECK(ratio.upper > ratio.ratio);
  CHECK(ratio.upper < 1);
  CHECK(ratio.lower * ratio.upper == close_to(ratio.ratio * ratio.ratio));
  const double a = 9.359 / 13594.563;
  const double b = 5.953 / 13676.704;
  CHECK(std::log(ratio.upper / ratio.ratio) == close_to(1.96 * std::sqrt((a * a + b * b) / 20)));
}
