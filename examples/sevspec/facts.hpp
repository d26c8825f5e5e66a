// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_FACTS_HPP
#define SEVSPEC_TOOL_FACTS_HPP

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace sevspec::tool {

/// What a decoder found, in the order in which it is to be read: one fact per line, `name: value`, and under a fact,
/// indented, what belongs to it.
class facts {
 public:
  /// While it lives, facts belong to the one before it.
  class [[nodiscard]] inner {
   public:
    explicit inner(facts& of) : of_(of) { ++of_.depth_; }
    inner(const inner&) = delete;
    auto operator=(const inner&) -> inner& = delete;
    ~inner() { --of_.depth_; }

   private:
    facts& of_;
  };

  void add(std::string_view name, std::string_view value) {
    text_.append(2 * depth_, ' ');
    text_ += name;
    text_ += value.empty() ? ":" : ": ";
    text_ += value;
    text_ += '\n';
  }
  /// The same with a value that is formatted.
  template <class First, class... Rest>
  void add(std::string_view name, fmt::format_string<First, Rest...> format, First&& first, Rest&&... rest) {
    add(name, fmt::format(format, std::forward<First>(first), std::forward<Rest>(rest)...));
  }
  void warn(std::string_view what) { add("warning", what); }

  [[nodiscard]] auto text() const noexcept -> const std::string& { return text_; }

 private:
  std::string text_;
  unsigned depth_ = 0;
};

/// IDs of rules, each once, in the order in which they were added.
class rule_ids {
 public:
  void add(std::initializer_list<std::string_view> ids);
  /// "PAG-NPF-10, RMP-FLT-02"
  [[nodiscard]] auto text() const -> std::string;

 private:
  std::vector<std::string_view> ids_;
};

}  // namespace sevspec::tool

#endif
