// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_BUSY_HPP
#define SEVSPEC_RMP_BUSY_HPP

#include <cstdint>

#include <sevspec/rmp/store.hpp>

/// Entries that another party is modifying right now, for tables that tell (`busy`, see `writable_store`).
namespace sevspec::inline v0::rmp {

/// Whether another party modifies an entry (RMP-INS-12).
template <entry_store S>
[[nodiscard]] constexpr auto is_busy(const S& store, spfn page) -> bool {
  if constexpr (requires { store.busy(page); }) return store.busy(page);
  return false;
}

/// Whether another party modifies an entry of a region.
template <entry_store S>
[[nodiscard]] constexpr auto is_region_busy(const S& store, spfn base) -> bool {
  if constexpr (requires { store.busy(base); }) {
    for (std::uint64_t i = 0; i < S::sub_pages; ++i)
      if (store.covers({base.value + i}) && store.busy({base.value + i})) return true;
  }
  return false;
}

/// Whether another party modifies an entry that the check of a reference needs: the page's own, that of the large page
/// around it, or, through a large leaf, any of the region.
template <entry_store S>
[[nodiscard]] constexpr auto is_check_disturbed(const S& store, spfn page, bool whole_region) -> bool {
  const spfn base = large_page_base<S>(page);
  if (whole_region) return is_region_busy(store, base);
  if (!store.covers(page)) return false;
  return is_busy(store, page) || (store.covers(base) && store.entry_of(base).large && is_busy(store, base));
}

}  // namespace sevspec::inline v0::rmp

#endif
