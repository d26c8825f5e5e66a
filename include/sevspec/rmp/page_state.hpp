// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_PAGE_STATE_HPP
#define SEVSPEC_RMP_PAGE_STATE_HPP

#include <cstdint>

#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// The states of a page.   APM vol. 2, table 15-35; SEV-SNP firmware ABI, page states
enum class page_state : std::uint8_t {
  default_,  ///< no RMP entry: the hypervisor's for ever
  hypervisor,
  hv_fixed,  ///< the hypervisor's, and not to be assigned
  firmware,
  firmware_iommu,  ///< an IOMMU's log or semaphore page, internal to the firmware
  reclaim,         ///< the firmware has given the page back
  context,         ///< a guest context
  metadata,        ///< of swapped pages
  pre_guest,       ///< a guest's, immutable: for LAUNCH_UPDATE and swapping
  pre_swap,        ///< the same, validated
  guest_invalid,
  guest_valid,
  corrupt,  ///< an entry that no operation makes
};

/// The state that an entry encodes (RMP-STA-01).
[[nodiscard]] constexpr auto state_of(const entry& page) noexcept -> page_state {
  using enum page_state;
  if (!page.assigned) {
    if (page.id != host_asid || page.validated || page.large) return corrupt;
    return page.immutable ? hv_fixed : hypervisor;
  }
  if (page.id != host_asid) {
    if (page.immutable) return page.validated ? pre_swap : pre_guest;
    return page.validated ? guest_valid : guest_invalid;
  }
  if (page.validated) return corrupt;
  if (!page.immutable) return reclaim;
  if (page.tag == firmware_tag::iommu && page.guest == gpa{0x1000} && !page.vmsa) return firmware_iommu;
  if (page.tag != firmware_tag::none || page.guest.value != 0) return metadata;  // the tag is part of the gPA
  return page.vmsa ? context : firmware;
}

/// The state of a page. That of a 4K page inside a large one is what its own entry says: the large page alone has a
/// state (RMP-STA-05).
template <entry_store Store>
[[nodiscard]] constexpr auto state_of(const Store& rmp, spfn page) -> page_state {
  return rmp.covers(page) ? state_of(rmp.entry_of(page)) : page_state::default_;
}

/// "guest-valid"
[[nodiscard]] constexpr auto name_of(page_state state) noexcept -> const char* {
  switch (state) {
    case page_state::default_:       return "default";
    case page_state::hypervisor:     return "hypervisor";
    case page_state::hv_fixed:       return "hv-fixed";
    case page_state::firmware:       return "firmware";
    case page_state::firmware_iommu: return "firmware-iommu";
    case page_state::reclaim:        return "reclaim";
    case page_state::context:        return "context";
    case page_state::metadata:       return "metadata";
    case page_state::pre_guest:      return "pre-guest";
    case page_state::pre_swap:       return "pre-swap";
    case page_state::guest_invalid:  return "guest-invalid";
    case page_state::guest_valid:    return "guest-valid";
    case page_state::corrupt:        return "corrupt";
  }
  return "?";
}

/// Whether x86 instructions leave the page alone because it is immutable (RMP-STA-03).
[[nodiscard]] constexpr auto is_immutable(page_state state) noexcept -> bool {
  using enum page_state;
  return state == hv_fixed || state == firmware || state == firmware_iommu || state == context || state == metadata ||
         state == pre_guest || state == pre_swap;
}

}  // namespace sevspec::inline v0::rmp

#endif
