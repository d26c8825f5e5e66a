// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_TOUR_HPP
#define SEVSPEC_TOOL_TOUR_HPP

#include <cstddef>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <sevspec/base/rule.hpp>

namespace sevspec::tool {

inline constexpr std::size_t line_width = 100;

/// Prints `text` with the verdict at the right edge; counts what failed.
class checker {
 public:
  void check(bool good, std::string_view text) {
    ++checks_;
    if (!good) ++failures_;
    fmt::print("  {:{}}{:>6}\n", text, line_width - 8, good ? "ok" : "WRONG");
  }
  [[nodiscard]] auto summary() const -> std::string {
    return failures_ == 0 ? fmt::format("{} checks, all fine", checks_)
                          : fmt::format("{} checks, {} failed", checks_, failures_);
  }
  [[nodiscard]] auto status() const -> int { return failures_ == 0 ? 0 : 1; }

 private:
  unsigned checks_ = 0;
  unsigned failures_ = 0;
};

/// The sentence of the rule that decided, and where it is written; nothing if there is none.
void print_rule(rule which);

/// Part 2: one page and one secret, as everybody sees it.
void show_who_can_read(checker& verdict);

/// Part 3: an SNP guest's launch, and its report.
void show_launch(checker& verdict);

/// Part 4: an SNP guest that runs: exits, #VC, the GHCB.
void show_exits(checker& verdict);

/// Part 5: a guest kernel that has its memory measured, and a verifier who does not believe everything.
void show_measurement(checker& verdict);

/// Part 6: one attack on every generation, and the rule that stops it.
void show_attack(checker& verdict);

}  // namespace sevspec::tool

#endif
