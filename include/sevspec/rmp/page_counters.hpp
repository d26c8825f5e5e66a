// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_PAGE_COUNTERS_HPP
#define SEVSPEC_RMP_PAGE_COUNTERS_HPP

#include <cstdint>

#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// What an entry counts among the pages of its ASID (RMP-GEO-17).
/// @tparam Store  for the number of pages of a large one
template <entry_store Store, class Context>
[[nodiscard]] constexpr auto counted_pages(Context& ctx, const entry& page) noexcept -> std::int64_t {
  if (!page.assigned || page.id == host_asid) return 0;
  return page.large && ctx.choices.asid_counter_unit ? std::int64_t{Store::sub_pages} : 1;
}

/// Tells a table that counts the pages of each ASID that an entry is being replaced (RMP-UPD-11).
template <class Context, writable_store Store>
constexpr void count_change(Context& ctx, Store& rmp, const entry& old, const entry& made) {
  if constexpr (requires { rmp.count_pages(asid{}, std::int64_t{}); }) {
    const std::int64_t before = counted_pages<Store>(ctx, old);
    const std::int64_t after = counted_pages<Store>(ctx, made);
    if (!ctx.applies(rule::RMP_UPD_11, before != 0 || after != 0)) return;
    if (before != 0) rmp.count_pages(old.id, -before);
    if (after != 0) rmp.count_pages(made.id, after);
  }
}

}  // namespace sevspec::inline v0::rmp

#endif
