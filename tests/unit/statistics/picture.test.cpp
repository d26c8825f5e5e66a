// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <sevspec/statistics/picture.hpp>
#include <support/catch.hpp>

using namespace sevspec::statistics;

namespace {

auto count(const std::string& text, const std::string& what) -> int {
  int found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("lines are drawn where their points lie", "[statistics][picture]") {
  const line_chart chart{.title = "a < b & c",
                         .x = {"occupied", 0, 10, 5},
                         .y = {"flushes", 0, 100, 50},
                         .lines = {{"one", {{0, 0}, {10, 100}}}, {"two", {{5, 50}}}}};
  const std::string svg = to_svg(chart);
  CHECK(svg.find("a &lt; b &amp; c") != std::string::npos);
  CHECK(svg.find("points=\"70.0,360.0 700.0,50.0\"") != std::string::npos);
  CHECK(svg.find("points=\"385.0,205.0\"") != std::string::npos);
  CHECK(count(svg, "<polyline") == 2);
  CHECK(count(svg, "<text") == 1 + 3 + 3 + 2 + 2);  // title, ticks, labels, names
  CHECK(svg == to_svg(chart));
}

TEST_CASE("a sample is drawn as box, range and dots", "[statistics][picture]") {
  const std::vector<double> values{1, 2, 3, 4, 5};
  const row_chart chart{
      .title = "t", .x = {"MiB/s", 0, 10, 5}, .has_reference = true, .reference = 5, .rows = {row_of("off", values)}};
  const std::string svg = to_svg(chart);
  CHECK(count(svg, "<circle") == 6);
  CHECK(svg.find("<line x1=\"298.0\" y1=\"73.0\" x2=\"396.0\" y2=\"73.0\" stroke=\"#1b6ca8\" stroke-width=\"8.0\"/>") !=
        std::string::npos);  // Q1 = 2 to Q3 = 4
  CHECK(svg.find("<line x1=\"445.0\" y1=\"50.0\" x2=\"445.0\" y2=\"96.0\" stroke=\"#444\"") != std::string::npos);
}
