// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_FINDING_HPP
#define SEVSPEC_VERIFY_EXPLORER_FINDING_HPP

#include <optional>
#include <string_view>

namespace sevspec::inline v0::verify::explorer {

/// An invariant of a model that does not hold.
struct model_violation {
  const char* invariant = "";  ///< its name: "one page per gPA"
  const char* what = "";       ///< one sentence: how it shows

  friend constexpr auto operator==(const model_violation& a, const model_violation& b) -> bool {
    return std::string_view{a.invariant} == b.invariant && std::string_view{a.what} == b.what;
  }
};

/// The first violation found, if any.
using model_finding = std::optional<model_violation>;

}  // namespace sevspec::inline v0::verify::explorer

#endif
