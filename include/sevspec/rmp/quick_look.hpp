// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_QUICK_LOOK_HPP
#define SEVSPEC_RMP_QUICK_LOOK_HPP

#include <cstdint>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/observer.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/raw_entry.hpp>
#include <sevspec/rmp/store.hpp>

/// The access check's common cases, told without its rules: what the check in order would allow anyway. A test holds the
/// two against each other over any bits a table may hold.
namespace sevspec::inline v0::rmp {

/// Whether the Reverse Map Table is asked for the entry of a guest's own page (RMP-CHK-02). An SNP-active guest's fetches
/// and the reads of its tables are private whatever the C-bit says (PAG-RMPS-02).
[[nodiscard, gnu::always_inline]] constexpr auto is_private(const memory::ownership_query& query) noexcept -> bool {
  return query.who == memory::owner_context::snp_guest &&
         (query.c || query.table || query.kind == access_kind::execute);
}

namespace detail {

/// Whether a reference that is not private surely needs no entry at all. No says nothing.
template <class Context>
[[nodiscard, gnu::always_inline]] constexpr auto surely_unchecked(Context& ctx,
                                                                  const memory::ownership_query& query) noexcept
    -> bool {
  using memory::owner_context;
  if (writes(query.kind)) return false;
  if (query.who == owner_context::host && !query.table && query.writable_leaf) return false;  // in use
  if (query.who != owner_context::host && ctx.choices.in_use_denies_guest_reads) return false;
  if (query.who == owner_context::snp_guest && ctx.choices.strict_shared_read) return false;
  return !query.table || ctx.choices.ptw_read_check != walker_check::every_access;
}

/// Whether an entry as Zen 3 stores it surely says that a page is the hypervisor's and not in use. No says nothing.
/// @param first  of the page's region
template <class Context>
[[nodiscard, gnu::always_inline]] constexpr auto surely_hypervisors(Context& ctx, raw_entry own, raw_entry first,
                                                                    const memory::ownership_query& query) noexcept
    -> bool {
  constexpr std::uint64_t counted = raw::assigned::mask | raw::large::mask | raw::sub_page_count::mask;
  constexpr std::uint64_t used = raw::assigned::mask | raw::lock::mask;
  const bool update = query.table && writes(query.kind);  // an A/D update is one of 4K (RMP-CHK-05)
  const bool large = query.leaf != page_size::k4k && !update;
  if (large && ctx.choices.erratum_inuse_2m && raw::lock::test(first.lo)) return false;
  return ((own.lo & used) | (first.lo & (large ? counted : raw::large::mask))) == 0;
}

/// Whether an entry as Zen 3 stores it surely lets a private reference through. No says nothing.
/// @param first  of the page's region
template <std::uint64_t SubPages>
[[nodiscard, gnu::always_inline]] constexpr auto surely_guests(raw_entry own, raw_entry first,
                                                               const memory::ownership_query& query) noexcept -> bool {
  // What no entry can have, lest it look like something else below.
  const std::uint64_t beyond = query.guest.value >> 51 | query.id.value >> raw::id::width | query.level.value >> 2;
  if (beyond != 0 || is_shadow_stack(query.kind)) return false;

  // More than some choices ask for: read and write of tables, read of what is written.
  std::uint64_t needed = permissions::r | permissions::w;
  if (!query.table && query.kind == access_kind::read) needed = permissions::r;
  if (!query.table && query.kind == access_kind::execute) needed = query.user ? permissions::xu : permissions::xs;
  needed <<= 8 * query.level.value;

  constexpr std::uint64_t any = raw::sub_page_count::mask | raw::vmsa::mask;
  const std::uint64_t owner =
      std::uint64_t{query.id.value} << raw::id::lsb | raw::assigned::mask | raw::validated::mask;
  if (query.leaf == page_size::k4k) {
    const std::uint64_t differs = (own.lo ^ (owner | (query.guest.value & ~std::uint64_t{0xfff}))) & ~any;
    return (differs | (first.lo & raw::large::mask)) == 0 && (~own.hi & needed) == 0;
  }
  constexpr std::uint64_t offset = SubPages * 4096 - 1;
  const std::uint64_t misplaced = (query.where.value ^ query.guest.value) & offset & ~std::uint64_t{0xfff};
  const std::uint64_t differs = (first.lo ^ (owner | raw::large::mask) ^ (query.guest.value & ~offset)) & ~any;
  return (misplaced | differs) == 0 && (~first.hi & needed) == 0;
}

}  // namespace detail

/// Whether a reference surely passes `check_access`: the common cases in a few comparisons, for tables in the format of
/// Zen 3. No says nothing; nor does anything while somebody listens to the rules.
template <class Context, entry_store Store>
[[nodiscard, gnu::always_inline]] constexpr auto surely_allowed(Context& ctx, const Store& rmp,
                                                                const memory::ownership_query& query) -> bool {
  if constexpr (!Context::template tells<rule_evaluated>) {
    const bool guests = is_private(query);
    if (!guests && detail::surely_unchecked(ctx, query)) return true;
    if constexpr (raw_store<Store>) {
      if constexpr (requires { rmp.busy(spfn{}); })
        if (ctx.choices.spurious_rmp_fault) return false;
      const spfn page = page_of(query.where);
      if (!rmp.covers(page)) return false;
      const raw_entry own = rmp.raw_of(page);
      const raw_entry first = rmp.raw_of(large_page_base<Store>(page));
      return guests ? detail::surely_guests<Store::sub_pages>(own, first, query)
                    : detail::surely_hypervisors(ctx, own, first, query);
    }
  }
  return false;
}

}  // namespace sevspec::inline v0::rmp

#endif
