// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_OUTCOME_HPP
#define SEVSPEC_BASE_OUTCOME_HPP

#include <expected>

#include <sevspec/base/fault.hpp>

namespace sevspec::inline v0 {

/// What a semantic function returns: its result, or the fault the processor raises instead.
template <class T>
using outcome = std::expected<T, fault>;

}  // namespace sevspec::inline v0

#endif
