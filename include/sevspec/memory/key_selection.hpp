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
/// @param has_c_bit     the guest's tables have a C-bit: long mode and PAE. Without one data is private (PAG-KEY-09)
/// @param leaf_c        C-bit of the guest's leaf entry (PAG-KEY-08)
[[nodiscard]] constexpr auto effective_c(bool sev_active, bool fetch, bool has_c_bit, bool leaf_c) noexcept -> bool {
  return sev_active && (fetch || !has_c_bit || leaf_c);
}

/// The key for a reference of a guest (PAG-KEY-03, 05, 06, 08, 09): its own if the effective C-bit says so, otherwise
/// what the nested leaf says (PAG-ENC-05).
/// @param effective  result of `effective_c`
/// @param id         the guest's ASID
/// @param nested_c   C-bit of the nested leaf entry
[[nodiscard]] constexpr auto key_for_guest(bool effective, asid id, bool nested_c) noexcept -> memory_key {
  return effective ? memory_key::guest(id) : key_for_pointer(nested_c);
}

/// The key with which VMRUN, VMLOAD, VMSAVE and #VMEXIT reach a structure that a VMCB field or rAX points to: the VMCB
/// itself, I/O and MSR permission maps, AVIC pages, the host save area. Its C-bit decides, as in a page table
/// (PAG-ENC-08, ENC-KEYSEL-14).   APM vol. 2, 15.34, 15.35.8
/// @param pointer  the sPA with its C-bit
/// @param c_mask   the C-bit, or 0 while memory encryption is off
[[nodiscard]] constexpr auto key_for_vmcb_pointer(std::uint64_t pointer, std::uint64_t c_mask) noexcept -> memory_key {
  return key_for_pointer((pointer & c_mask) != 0);
}

/// The key of a SEV-ES guest's VMSA: its own, whatever the pointer to it says (PAG-ENC-08).
[[nodiscard]] constexpr auto key_for_vmsa(asid id) noexcept -> memory_key { return memory_key::guest(id); }

}  // namespace sevspec::inline v0::memory

#endif
