// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_SVG_HPP
#define SEVSPEC_TOOL_SVG_HPP

#include <string>
#include <string_view>

namespace sevspec::tool {

/// How a text is set. Sizes are in user units.
struct text_style {
  double size = 13;
  const char* fill = "#0f172a";
  bool bold = false;
  bool monospace = false;
  const char* anchor = "start";  ///< start, middle or end
};

/// How an outline is filled and drawn.
struct box_style {
  const char* fill = "none";
  const char* stroke = "none";
  double stroke_width = 1;
  double radius = 0;
};

/// A drawing that grows by one element at a time, later ones on top.
class svg_drawing {
 public:
  void rectangle(double x, double y, double width, double height, const box_style& style);
  void circle(double x, double y, double radius, const char* fill);
  void text(double x, double y, std::string_view content, const text_style& style);

  /// @param path  SVG path data
  /// @param ends_in_arrow  an arrowhead in the colour of the line, at its end
  void line(std::string_view path, const char* stroke, double width, bool dashed, bool ends_in_arrow);

  /// The finished file.
  [[nodiscard]] auto document(double width, double height, std::string_view title, std::string_view description) const
      -> std::string;

 private:
  std::string body_;
};

}  // namespace sevspec::tool

#endif
