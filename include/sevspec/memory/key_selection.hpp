// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_KEY_SELECTION_HPP
#define SEVSPEC_MEMORY_KEY_SELECTION_HPP

#include <sevspec/base/identity.hpp>
#include <sevspec/base/memory_key.hpp>

namespace sevspec::inline v0::memory {

/// The key for what a C-bit points to where no guest key takes part: all references of the host, and every read of a
/// nested table (PAG-KEY-01, 02, 04, 07). Without memory encryption there is no C-bit, so pass false.
/// @param pointer_c  C-bit of the entry, CR3 or nCR3 that supplied the address
[[nodiscard]] constexpr auto key_for_pointer(bool pointer_c) noexcept -> memory_key {
  return pointer_c ? memory_key::host() : memory_key::none();
}

/// Whether a reference of a guest is encrypted from the guest's side: its *effective C-bit*.   APM vol. 2, 15.34.5
/// @param sev_active    the guest runs with SEV
/// @param fetch         instruction fetches are always private (PAG-KEY-05), and so are page-table references
///                      (PAG-KEY-06): pass true for those, too
/// @param guest_paging  the guest has paging on; without it there is no C-bit and data is private (PAG-KEY-09)
/// @param leaf_c        C-bit of the guest's leaf entry (PAG-KEY-08)
[[nodiscard]] constexpr auto effective_c(bool sev_active, bool fetch, bool guest_paging, bool leaf_c) noexcept -> bool {
  return sev_active && (fetch || !guest_paging || leaf_c);
}

/// The key for a reference of a guest (PAG-KEY-03, 05, 06, 08, 09): its own if the effective C-bit says so, otherwise
/// what the nested leaf says (PAG-ENC-05).
/// @param effective  result of `effective_c`
/// @param id         the guest's ASID
/// @param nested_c   C-bit of the nested leaf entry
[[nodiscard]] constexpr auto key_for_guest(bool effective, asid id, bool nested_c) noexcept -> memory_key {
  return effective ? memory_key::guest(id) : key_for_pointer(nested_c);
}

}  // namespace sevspec::inline v0::memory

#endif
