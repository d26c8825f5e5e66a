// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_CONFIDENCE_HPP
#define SEVSPEC_BASE_CONFIDENCE_HPP

#include <cstdint>

namespace sevspec::inline v0 {

/// How well a statement is supported.
enum class confidence : std::uint8_t {
  high,    ///< the manual's text, or two independent sources that agree
  medium,  ///< one source
  low,     ///< inferred; see `implementation_choices` for the alternatives
};

}  // namespace sevspec::inline v0

#endif
