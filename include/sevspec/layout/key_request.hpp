// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_KEY_REQUEST_HPP
#define SEVSPEC_LAYOUT_KEY_REQUEST_HPP

#include <cstdint>

#include <gsl/assert>

#include <sevspec/base/bits.hpp>

namespace sevspec::inline v0::layout {

/// The bits of a key request's GUEST_FIELD_SELECT that its message version does not know and that must be zero: above 5
/// in version 1, above 6 in version 2.   LAY-KEY-01; SNP ABI 7.2
/// @param message_version  1 or 2, from the message header
[[nodiscard]] constexpr auto unknown_selections(std::uint64_t guest_field_select, unsigned message_version)
    -> std::uint64_t {
  Expects(message_version == 1 || message_version == 2);
  return guest_field_select & bit_range(63, message_version == 1 ? 6 : 7);
}

}  // namespace sevspec::inline v0::layout

#endif
