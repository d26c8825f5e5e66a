// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_STORE_HPP
#define SEVSPEC_RMP_STORE_HPP

#include <concepts>
#include <cstdint>

#include <sevspec/base/address.hpp>
#include <sevspec/rmp/entry.hpp>

namespace sevspec::inline v0::rmp {

using spfn = page_number<system_physical>;

/// Where entries are kept.
///
/// - `S::sub_pages`: how many 4K pages a large page has: 512 in silicon, a smaller power of two in models
/// - `covers(page)`: whether the table has an entry for the page
/// - `entry_of(page)`: the page's own entry; what it is where `covers` is false does not matter
template <class S>
concept entry_store = requires(const S& store, spfn page) {
  { S::sub_pages } -> std::convertible_to<std::uint64_t>;
  { store.covers(page) } -> std::same_as<bool>;
  { store.entry_of(page) } -> std::convertible_to<entry>;
};

/// The first page of the large page that holds `page`.
template <entry_store S>
[[nodiscard]] constexpr auto large_page_base(spfn page) noexcept -> spfn {
  return {page.value & ~(std::uint64_t{S::sub_pages} - 1)};
}

/// The entry that counts for a page: that of the large page it lies in, if there is one, else its own (RMP-ENT-07).
/// @param page  covered
template <entry_store S>
[[nodiscard]] constexpr auto authoritative_entry(const S& store, spfn page) -> entry {
  const spfn base = large_page_base<S>(page);
  if (store.covers(base)) {
    const entry first = store.entry_of(base);
    if (first.large) return first;
  }
  return store.entry_of(page);
}

}  // namespace sevspec::inline v0::rmp

#endif
