// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_AUTOMATIC_EXIT_HPP
#define SEVSPEC_LAYOUT_AUTOMATIC_EXIT_HPP

#include <cstdint>
#include <utility>

#include <sevspec/layout/codes/exit_codes.hpp>

namespace sevspec::inline v0::layout {

/// Whether an exit of a SEV-ES guest is automatic: it goes straight to the hypervisor. Every other intercept raises #VC
/// in the guest.   LAY-VC-02; APM vol. 2, 15.35.5
/// @param exit_code        EXITCODE, 64 bits
/// @param reserved_nested  for #NPF: a reserved bit was set in a nested entry (the mark of MMIO), which makes it a #VC
[[nodiscard]] constexpr auto is_automatic_exit(std::uint64_t exit_code, bool reserved_nested = false) noexcept -> bool {
  constexpr auto first = std::to_underlying(ae_exit_codes::cr0_write_trap);
  constexpr auto last = std::to_underlying(ae_exit_codes::cr15_write_trap);
  if (exit_code == std::to_underlying(ae_exit_codes::npf)) return !reserved_nested;
  if (exit_code >= ~std::uint64_t{3}) return true;  // -4 to -1: the guest was never entered
  return (exit_code >= first && exit_code <= last) || find_value(tables::ae_exit_codes, exit_code) != nullptr;
}

}  // namespace sevspec::inline v0::layout

#endif
