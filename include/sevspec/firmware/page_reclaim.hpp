// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_PAGE_RECLAIM_HPP
#define SEVSPEC_FIRMWARE_PAGE_RECLAIM_HPP

#include <cstdint>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/firmware/address_map.hpp>
#include <sevspec/firmware/status.hpp>
#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/page_state.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::firmware {

/// SNP_PAGE_RECLAIM: gives a page of the firmware back, or ends its being immutable.   SEV-SNP firmware ABI
/// @param holds_table  see `check_addresses`
/// @pre   the SNP state is INIT
template <class Context, rmp::writable_store Store, class HoldsTable>
[[nodiscard]] constexpr auto page_reclaim(Context& ctx, Store& table, spa where, page_size size,
                                          HoldsTable&& holds_table, const address_map& machine = {}) -> status {
  using enum status;
  const bool large = size == page_size::k2m;
  if (ctx.denies(rule::FW_SNP_PRC_01, has_reserved_bits(where))) return invalid_param;
  where = machine.without_c_bit(where);
  const rmp::spfn page = page_of(where);
  if (ctx.denies(rule::FW_DISP_10, !table.covers(page))) return invalid_address;
  const std::uint64_t bytes = (large ? std::uint64_t{Store::sub_pages} : 1) * 4096;
  if (const status bad = check_addresses(ctx, machine, where, bytes, holds_table); bad != success) return bad;
  if (!table.covers(page)) return success;  // without the rule: no entry, nothing to change
  rmp::entry found = table.entry_of(page);
  if (ctx.denies(rule::FW_SNP_PRC_02, found.large != large)) return invalid_page_size;
  if (ctx.denies(rule::FW_SNP_PRC_03, large && !rmp::is_large_page_base<Store>(page))) return invalid_address;
  if (ctx.applies(rule::FW_SNP_PRC_06, !found.immutable)) return success;

  using enum rmp::page_state;
  const rmp::page_state state = rmp::state_of(found);
  const bool reclaimable =
      state == metadata || state == rmp::page_state::firmware || state == pre_guest || state == pre_swap;
  if (ctx.denies(rule::FW_SNP_PRC_04, !reclaimable)) return invalid_page_state;
  found.immutable = false;
  found.locked = false;
  found.tag = rmp::firmware_tag::none;
  table.put(page, found);
  return success;
}

}  // namespace sevspec::inline v0::firmware

#endif
