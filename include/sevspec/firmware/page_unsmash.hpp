// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_PAGE_UNSMASH_HPP
#define SEVSPEC_FIRMWARE_PAGE_UNSMASH_HPP

#include <cstdint>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/firmware/address_map.hpp>
#include <sevspec/firmware/status.hpp>
#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/page_counters.hpp>
#include <sevspec/rmp/region.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::firmware {

/// SNP_PAGE_UNSMASH: makes 512 immutable pages of 4K of a guest into one of 2M, still immutable.   SEV-SNP firmware ABI
///
/// The large page's entry, which the firmware writes, has the lock that goes with Immutable (RMP-STA-04). What else than
/// the assigned bit stays in the others is open: `implementation_choices::unsmash_clears_sub_pages`.
/// @param holds_table  see `check_addresses`
/// @pre the SNP state is INIT
template <class Context, rmp::writable_store Store, class HoldsTable>
[[nodiscard]] constexpr auto page_unsmash(Context& ctx, Store& table, spa where, HoldsTable&& holds_table,
                                          const address_map& machine = {}) -> status {
  using enum status;
  constexpr std::uint64_t pages = Store::sub_pages;
  const spa address = machine.without_c_bit(where);
  const rmp::spfn base = rmp::large_page_base<Store>(page_of(address));
  if (ctx.denies(rule::FW_SNP_USM_01, has_reserved_bits(where) || page_of(address) != base)) return invalid_param;
  const bool covered = table.covers(base) && table.covers({base.value + (pages - 1)});
  if (ctx.denies(rule::FW_DISP_10, !covered)) return invalid_address;
  if (!covered) return success;  // without the rule: no entry, nothing to change
  if (const status bad = check_addresses(ctx, machine, address_of(base), pages * 4096, holds_table); bad != success)
    return bad;

  rmp::entry first = table.entry_of(base);
  bool fits = first.guest.value % (pages * 4096) == 0;
  for (std::uint64_t i = 0; i < pages && fits; ++i) {
    const rmp::entry one = table.entry_of({base.value + i});
    fits = one.assigned && !one.large && one.immutable && !one.vmsa && one.id != host_asid && one.id == first.id &&
           one.validated == first.validated && one.allowed == first.allowed &&
           one.guest.value == first.guest.value + i * 4096;
  }
  if (ctx.denies(rule::FW_SNP_USM_01, !fits)) return invalid_page_state;
  for (std::uint64_t i = 0; i < pages; ++i) {
    const rmp::entry one = table.entry_of({base.value + i});
    rmp::entry whole = one;
    whole.large = true;
    rmp::count_change(ctx, table, one, i == 0 ? whole : rmp::entry{});
  }
  first.large = true;
  first.sub_page_count = 0;
  first.locked = true;
  if (ctx.choices.unsmash_clears_sub_pages) {
    rmp::put_large(table, base, first);
    return success;
  }
  for (std::uint64_t i = 1; i < pages; ++i) {
    rmp::entry stale = table.entry_of({base.value + i});
    stale.immutable = false;
    stale.locked = false;
    stale.id = host_asid;
    table.put({base.value + i}, stale);
  }
  table.put(base, first);
  return success;
}

}  // namespace sevspec::inline v0::firmware

#endif
