// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_FIRMWARE_PAGES_HPP
#define SEVSPEC_NESTED_FIRMWARE_PAGES_HPP

#include <sevspec/rmp/page_state.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::nested {

/// Whether a page belongs to L1's firmware, and L1 does not reach it.   NEST-VSP-21
[[nodiscard]] constexpr auto is_firmwares(rmp::page_state state) noexcept -> bool {
  return state == rmp::page_state::firmware || state == rmp::page_state::context || state == rmp::page_state::metadata;
}
/// The same of a page of L1's table, or of the page of 2M that it lies in.
template <rmp::entry_store Table>
[[nodiscard]] constexpr auto is_firmwares(const Table& table, rmp::spfn page) -> bool {
  return table.covers(page) && is_firmwares(rmp::state_of(rmp::authoritative_entry(table, page)));
}
/// Whether a page is a part of a page of 2M other than the first: the entry of the first says what it is.
template <rmp::entry_store Table>
[[nodiscard]] constexpr auto is_part(const Table& table, rmp::spfn page) -> bool {
  return table.covers(page) && rmp::find_authoritative(table, page).page != page;
}

}  // namespace sevspec::inline v0::nested

#endif
