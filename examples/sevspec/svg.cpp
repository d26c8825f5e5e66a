// SPDX-License-Identifier: MIT
#include "svg.hpp"

#include <iterator>

#include <fmt/format.h>

namespace sevspec::tool {

namespace {

[[nodiscard]] auto escaped(std::string_view text) -> std::string {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '&': result += "&amp;"; break;
      case '"': result += "&quot;"; break;
      default:  result += c;
    }
  }
  return result;
}

}  // namespace

void svg_drawing::rectangle(double x, double y, double width, double height, const box_style& style) {
  fmt::format_to(
      std::back_inserter(body_),
      R"(<rect x="{:g}" y="{:g}" width="{:g}" height="{:g}" rx="{:g}" fill="{}" stroke="{}" stroke-width="{:g}"/>)"
      "\n",
      x, y, width, height, style.radius, style.fill, style.stroke, style.stroke_width);
}

void svg_drawing::circle(double x, double y, double radius, const char* fill) {
  fmt::format_to(std::back_inserter(body_),
                 R"(<circle cx="{:g}" cy="{:g}" r="{:g}" fill="{}"/>)"
                 "\n",
                 x, y, radius, fill);
}

void svg_drawing::text(double x, double y, std::string_view content, const text_style& style) {
  fmt::format_to(
      std::back_inserter(body_),
      R"(<text x="{:g}" y="{:g}" font-family="{}" font-size="{:g}" font-weight="{}" fill="{}" text-anchor="{}">{}</text>)"
      "\n",
      x, y, style.monospace ? "monospace" : "sans-serif", style.size, style.bold ? "bold" : "normal", style.fill,
      style.anchor, escaped(content));
}

void svg_drawing::line(std::string_view path, const char* stroke, double width, bool dashed, bool ends_in_arrow) {
  fmt::format_to(std::back_inserter(body_),
                 R"(<path d="{}" fill="none" stroke="{}" stroke-width="{:g}"{}{}/>)"
                 "\n",
                 path, stroke, width, dashed ? R"( stroke-dasharray="5 5")" : "",
                 ends_in_arrow ? fmt::format(R"~( marker-end="url(#arrow{})")~", std::string_view{stroke}.substr(1))
                               : "");
}

auto svg_drawing::document(double width, double height, std::string_view title, std::string_view description) const
    -> std::string {
  std::string markers;
  for (std::size_t at = 0; (at = body_.find("url(#arrow", at)) != std::string::npos; ++at) {
    const std::string colour = body_.substr(at + 10, 6);
    if (markers.find("arrow" + colour) != std::string::npos) continue;
    markers +=
        fmt::format(R"(<marker id="arrow{0}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" )"
                    R"(markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L10 5L0 10Z" fill="#{0}"/></marker>)",
                    colour);
  }
  return fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0:g} {1:g}" width="{0:g}" height="{1:g}" role="img">)"
      "\n<title>{2}</title>\n<desc>{3}</desc>\n<defs>{4}</defs>\n{5}</svg>\n",
      width, height, escaped(title), escaped(description), markers, body_);
}

}  // namespace sevspec::tool
