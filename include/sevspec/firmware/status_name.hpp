// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_STATUS_NAME_HPP
#define SEVSPEC_FIRMWARE_STATUS_NAME_HPP

#include <sevspec/firmware/status.hpp>

namespace sevspec::inline v0::firmware {

/// The name that the oracle protocol has for a status. Drivers' headers, after which the layouts are named, spell three
/// of them otherwise: DFFLUSH_REQUIRED, HWERROR_PLATFORM, HWERROR_UNSAFE.
[[nodiscard]] constexpr auto protocol_name_of(status code) noexcept -> const char* {
  switch (code) {
    case status::dfflush_required: return "DF_FLUSH_REQUIRED";
    case status::hwerror_platform: return "HARDWARE_PLATFORM";
    case status::hwerror_unsafe:   return "HARDWARE_UNSAFE";
    default:                       return name_of(code);
  }
}

}  // namespace sevspec::inline v0::firmware

#endif
