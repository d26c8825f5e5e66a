// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_STORE_HPP
#define SEVSPEC_RMP_STORE_HPP

#include <concepts>
#include <cstdint>

#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/raw_entry.hpp>

namespace sevspec::inline v0::rmp {

using spfn = page_number<system_physical>;

/// Where entries are kept.
///
/// - `S::sub_pages`: how many 4K pages a large page has: 512 in silicon, a smaller power of two in models
/// - `covers(page)`: whether the table has an entry for the page
/// - `entry_of(page)`: the page's own entry; what it is where `covers` is false does not matter
/// - optionally `reserved(page)`: the segment table's entry on the way to it is ill-formed, see `is_way_reserved`
template <class S>
concept entry_store = requires(const S& store, spfn page) {
  { S::sub_pages } -> std::convertible_to<std::uint64_t>;
  { store.covers(page) } -> std::same_as<bool>;
  { store.entry_of(page) } -> std::convertible_to<entry>;
};

/// A table that instructions change: `put(page, entry)` replaces the entry of a covered page.
///
/// Optional members tell of what else a table may know:
/// - `counts_sub_pages`: the constant true if `sub_page_count` of the entries is right, so that nobody has to count
/// - `busy(page)`: another party is modifying the entry right now (RMP-INS-12)
/// - `count_pages(asid, delta)`: keeps the number of pages assigned to each ASID (RMP-GEO-17)
template <class S>
concept writable_store = entry_store<S> && requires(S& store, spfn page, const entry& what) { store.put(page, what); };

/// A table whose entries have the format of Zen 3 and lie in regions of `sub_pages` entries one after the other.
/// `raw_of(page)` is one of them, `raw_region(base)` the first of a region. Where a page is covered, those before it in
/// its region are, too.
template <class S>
concept raw_store = entry_store<S> && requires(const S& store, spfn page) {
  { store.raw_of(page) } -> std::convertible_to<raw_entry>;
  { store.raw_region(page) } -> std::same_as<const raw_entry*>;
};
template <class S>
concept writable_raw_store = raw_store<S> && requires(S& store, spfn page) {
  { store.writable_region(page) } -> std::same_as<raw_entry*>;
};

/// The first page of the large page that holds `page`.
template <entry_store S>
[[nodiscard]] constexpr auto large_page_base(spfn page) noexcept -> spfn {
  return {page.value & ~(std::uint64_t{S::sub_pages} - 1)};
}
template <entry_store S>
[[nodiscard]] constexpr auto is_large_page_base(spfn page) noexcept -> bool {
  return large_page_base<S>(page) == page;
}

/// Where the entry is that counts for a page: that of the large page it lies in, if there is one, else its own
/// (RMP-ENT-07).
struct authoritative {
  spfn page{};
  entry found{};
};
/// @param page  covered
template <entry_store S>
[[nodiscard]] constexpr auto find_authoritative(const S& store, spfn page) -> authoritative {
  const spfn base = large_page_base<S>(page);
  if (store.covers(base)) {
    const entry first = store.entry_of(base);
    if (first.large) return {base, first};
  }
  return {page, store.entry_of(page)};
}
template <entry_store S>
[[nodiscard]] constexpr auto authoritative_entry(const S& store, spfn page) -> entry {
  return find_authoritative(store, page).found;
}

/// Whether what tells where a page's entry lies has reserved bits set (RMP-SEG-06). Such a page is not covered.
template <entry_store S>
[[nodiscard]] constexpr auto is_way_reserved(const S& store, spfn page) -> bool {
  if constexpr (requires { store.reserved(page); }) return store.reserved(page);
  return false;
}

}  // namespace sevspec::inline v0::rmp

#endif
