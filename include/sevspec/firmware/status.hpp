// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_STATUS_HPP
#define SEVSPEC_FIRMWARE_STATUS_HPP

#include <cstdint>

#include <sevspec/layout/codes/sev_codes.hpp>

/// The AMD-SP: what its firmware does.
namespace sevspec::inline v0::firmware {

/// What a command answers.   SEV API; SEV-SNP firmware ABI
using status = layout::sev_status_codes;

/// "INVALID_PAGE_STATE"
[[nodiscard]] constexpr auto name_of(status code) noexcept -> const char* {
  for (const layout::constant_info& one : layout::tables::sev_status_codes_entries)
    if (one.value == static_cast<std::uint32_t>(code)) return one.name;
  return "?";
}

}  // namespace sevspec::inline v0::firmware

#endif
