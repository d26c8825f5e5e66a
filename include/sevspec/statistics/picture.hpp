// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_STATISTICS_PICTURE_HPP
#define SEVSPEC_STATISTICS_PICTURE_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gsl/assert>

#include <sevspec/statistics/summary.hpp>

/// Pictures of measurements as SVG: lines over an axis, and rows of intervals. The same input gives the same bytes.
namespace sevspec::inline v0::statistics {

/// A range of values and how it is labelled.
struct axis {
  std::string label{};
  double from{};
  double to{};
  double step{};  ///< between ticks
};

/// One line.
struct line {
  std::string name{};
  std::vector<std::array<double, 2>> points{};
};

/// Lines over a common axis.
struct line_chart {
  std::string title{};
  axis x{};
  axis y{};
  std::vector<line> lines{};
};

/// One row: an interval around a value, and whatever else there is of it.
struct row {
  std::string name{};
  double value{};  ///< marked
  double low{};    ///< thick from here
  double high{};
  double min{};  ///< thin from here
  double max{};
  std::vector<double> dots{};  ///< single values
};

/// Rows over one axis: distributions of samples, or ratios with their intervals.
struct row_chart {
  std::string title{};
  axis x{};
  bool has_reference = false;
  double reference{};  ///< a vertical line
  std::vector<row> rows{};
};

/// A sample as a row: box from Q1 to Q3, median marked, thin line from minimum to maximum, and all values.
[[nodiscard]] inline auto row_of(std::string name, std::span<const double> values) -> row {
  const summary told = summarize(values);
  return {.name = std::move(name),
          .value = told.median,
          .low = told.q1,
          .high = told.q3,
          .min = told.min,
          .max = told.max,
          .dots = {values.begin(), values.end()}};
}

namespace detail {

inline constexpr std::array colours{"#1b6ca8", "#c8553d", "#4f772d", "#7b2d8b", "#8a6d00"};

[[nodiscard]] inline auto number(double value) -> std::string {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value == 0 ? 0.0 : value);
  return text.data();
}
/// Without more digits than it needs.
[[nodiscard]] inline auto tick_text(double value) -> std::string {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return text.data();
}
[[nodiscard]] inline auto escaped(const std::string& text) -> std::string {
  std::string made;
  for (const char one : text) {
    if (one == '&') made += "&amp;";
    else if (one == '<') made += "&lt;";
    else if (one == '>') made += "&gt;";
    else made += one;
  }
  return made;
}
[[nodiscard]] inline auto text_at(double x, double y, const char* anchor, const std::string& text, int size = 12,
                                  const std::string& more = "") -> std::string {
  return "  <text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\" font-size=\"" +
         std::to_string(size) + "\"" + more + ">" + escaped(text) + "</text>\n";
}
[[nodiscard]] inline auto stroke(double x1, double y1, double x2, double y2, const char* colour, double width)
    -> std::string {
  return "  <line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) + "\" y2=\"" + number(y2) +
         "\" stroke=\"" + colour + "\" stroke-width=\"" + number(width) + "\"/>\n";
}
[[nodiscard]] inline auto opening(double width, double height) -> std::string {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(width) + " " + number(height) +
         "\" width=\"" + number(width) + "\" height=\"" + number(height) +
         "\" font-family=\"sans-serif\">\n  <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
}
[[nodiscard]] inline auto ticks(const axis& along) -> std::vector<double> {
  Expects(along.to > along.from && along.step > 0);
  std::vector<double> made;
  const auto count = static_cast<int>(std::floor((along.to - along.from) / along.step + 1e-9));
  for (int i = 0; i <= count; ++i) made.push_back(along.from + i * along.step);
  return made;
}

}  // namespace detail

/// Draws lines.
[[nodiscard]] inline auto to_svg(const line_chart& chart) -> std::string {
  using namespace detail;
  constexpr double width = 720, height = 420, left = 70, right = 700, top = 50, bottom = 360;
  const auto at_x = [&](double x) { return left + (x - chart.x.from) / (chart.x.to - chart.x.from) * (right - left); };
  const auto at_y = [&](double y) {
    return bottom - (y - chart.y.from) / (chart.y.to - chart.y.from) * (bottom - top);
  };
  std::string made = opening(width, height) + text_at(width / 2, 26, "middle", chart.title, 15);
  for (const double one : ticks(chart.x)) {
    made += stroke(at_x(one), bottom, at_x(one), bottom + 5, "#444", 1);
    made += text_at(at_x(one), bottom + 20, "middle", tick_text(one));
  }
  for (const double one : ticks(chart.y)) {
    made += stroke(left, at_y(one), right, at_y(one), "#ddd", 1);
    made += text_at(left - 8, at_y(one) + 4, "end", tick_text(one));
  }
  made += stroke(left, bottom, right, bottom, "#444", 1) + stroke(left, top, left, bottom, "#444", 1);
  made += text_at((left + right) / 2, height - 18, "middle", chart.x.label);
  made += text_at(18, (top + bottom) / 2, "middle", chart.y.label, 12,
                  " transform=\"rotate(-90 18 " + number((top + bottom) / 2) + ")\"");
  for (std::size_t i = 0; i < chart.lines.size(); ++i) {
    const char* colour = colours[i % colours.size()];
    made += "  <polyline fill=\"none\" stroke=\"" + std::string(colour) + "\" stroke-width=\"2\" points=\"";
    const char* space = "";
    for (const auto& [x, y] : chart.lines[i].points) {
      made += space + number(at_x(x)) + "," + number(at_y(y));
      space = " ";
    }
    made += "\"/>\n";
    const double y = top + 16 + 18 * static_cast<double>(i);
    made += stroke(left + 14, y - 4, left + 40, y - 4, colour, 2) + text_at(left + 46, y, "start", chart.lines[i].name);
  }
  return made + "</svg>\n";
}

/// Draws rows.
[[nodiscard]] inline auto to_svg(const row_chart& chart) -> std::string {
  using namespace detail;
  constexpr double width = 720, left = 200, right = 690, top = 50, each = 46;
  const double bottom = top + each * static_cast<double>(chart.rows.size());
  const auto at_x = [&](double x) { return left + (x - chart.x.from) / (chart.x.to - chart.x.from) * (right - left); };
  std::string made = opening(width, bottom + 60) + text_at(width / 2, 26, "middle", chart.title, 15);
  for (const double one : ticks(chart.x)) {
    made += stroke(at_x(one), top, at_x(one), bottom, "#ddd", 1);
    made += text_at(at_x(one), bottom + 18, "middle", tick_text(one));
  }
  if (chart.has_reference) made += stroke(at_x(chart.reference), top, at_x(chart.reference), bottom, "#444", 1.5);
  made += stroke(left, bottom, right, bottom, "#444", 1);
  made += text_at(width / 2, bottom + 44, "middle", chart.x.label);
  for (std::size_t i = 0; i < chart.rows.size(); ++i) {
    const row& one = chart.rows[i];
    const char* colour = colours[i % colours.size()];
    const double y = top + each * (static_cast<double>(i) + 0.5);
    made += text_at(left - 12, y + 4, "end", one.name);
    made +=
        stroke(at_x(one.min), y, at_x(one.max), y, colour, 1) + stroke(at_x(one.low), y, at_x(one.high), y, colour, 8);
    for (const double dot : one.dots)
      made += "  <circle cx=\"" + number(at_x(dot)) + "\" cy=\"" + number(y + 14) + "\" r=\"2\" fill=\"" + colour +
              "\"/>\n";
    made += "  <circle cx=\"" + number(at_x(one.value)) + "\" cy=\"" + number(y) +
            "\" r=\"5\" fill=\"white\" stroke=\"" + colour + "\" stroke-width=\"2\"/>\n";
  }
  return made + "</svg>\n";
}

}  // namespace sevspec::inline v0::statistics

#endif
