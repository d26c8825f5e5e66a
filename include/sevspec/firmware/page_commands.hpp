// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_PAGE_COMMANDS_HPP
#define SEVSPEC_FIRMWARE_PAGE_COMMANDS_HPP

#include <cstdint>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/codes/sev_codes.hpp>
#include <sevspec/rmp/page_counters.hpp>
#include <sevspec/rmp/page_state.hpp>
#include <sevspec/rmp/region.hpp>
#include <sevspec/rmp/store.hpp>

/// The AMD-SP: what its firmware does.
namespace sevspec::inline v0::firmware {

using status = layout::sev_status_codes;

/// "INVALID_PAGE_STATE"
[[nodiscard]] constexpr auto name_of(status code) noexcept -> const char* {
  for (const layout::constant_info& one : layout::tables::sev_status_codes_entries)
    if (one.value == static_cast<std::uint32_t>(code)) return one.name;
  return "?";
}

/// Whether an address operand of a command has bits outside 51:12 (LAY-CMD-02).
[[nodiscard]] constexpr auto has_reserved_bits(spa where) noexcept -> bool {
  return (where.value & 0xfff0'0000'0000'0fff) != 0;
}

/// SNP_PAGE_RECLAIM: gives a page of the firmware back, or ends its being immutable.   SEV-SNP firmware ABI
/// @param holds_table  `holds_table(spa) -> bool`: the byte lies in the Reverse Map Table itself
/// @pre   the SNP state is INIT
template <class Context, rmp::writable_store Store, class HoldsTable>
[[nodiscard]] constexpr auto page_reclaim(Context& ctx, Store& table, spa where, page_size size,
                                          HoldsTable&& holds_table) -> status {
  using enum status;
  const bool large = size == page_size::k2m;
  const rmp::spfn page = page_of(where);
  if (ctx.denies(rule::FW_SNP_PRC_01, has_reserved_bits(where))) return invalid_param;
  bool outside = !table.covers(page);
  for (std::uint64_t i = 0; i < (large ? std::uint64_t{Store::sub_pages} : 1) && !outside; ++i)
    outside = holds_table(where + i * 4096);
  if (ctx.denies(rule::FW_DISP_10, outside)) return invalid_address;
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

/// SNP_PAGE_UNSMASH: makes 512 immutable pages of 4K of a guest into one of 2M, still immutable.   SEV-SNP firmware ABI
/// @pre the SNP state is INIT
template <class Context, rmp::writable_store Store, class HoldsTable>
[[nodiscard]] constexpr auto page_unsmash(Context& ctx, Store& table, spa where, HoldsTable&& holds_table) -> status {
  using enum status;
  constexpr std::uint64_t pages = Store::sub_pages;
  const rmp::spfn base = rmp::large_page_base<Store>(page_of(where));
  if (ctx.denies(rule::FW_SNP_USM_01, has_reserved_bits(where) || page_of(where) != base)) return invalid_param;
  const bool covered = table.covers(base) && table.covers({base.value + (pages - 1)});
  bool outside = !covered;
  for (std::uint64_t i = 0; i < pages && !outside; ++i) outside = holds_table(where + i * 4096);
  if (ctx.denies(rule::FW_DISP_10, outside)) return invalid_address;
  if (!covered) return success;  // without the rule: no entry, nothing to change

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
  rmp::put_large(table, base, first);
  return success;
}

/// SNP_PAGE_SET_STATE with one range: pages of the firmware become the hypervisor's for ever.   SEV-SNP firmware ABI
///
/// All pages are looked at before one is changed. Parts of the Reverse Map Table inside the range are left out. A page of
/// 2M is none of the firmware's 4K pages, whatever its first entry says.
/// @param pages  number of 4K pages
/// @pre   the SNP state is INIT
template <class Context, rmp::writable_store Store, class HoldsTable>
[[nodiscard]] constexpr auto page_set_state(Context& ctx, Store& table, spa where, std::uint64_t pages,
                                            HoldsTable&& holds_table) -> status {
  using enum status;
  const rmp::spfn first = page_of(where);
  if (ctx.denies(rule::FW_SNP_PSS_01, has_reserved_bits(where) || !rmp::is_large_page_base<Store>(first)))
    return invalid_param;
  for (std::uint64_t i = 0; i < pages; ++i) {
    if (holds_table(where + i * 4096)) continue;
    const rmp::spfn page{first.value + i};
    const bool fits = table.covers(page) && !table.entry_of(page).large &&
                      rmp::state_of(table.entry_of(page)) == rmp::page_state::firmware;
    if (ctx.denies(rule::FW_SNP_PSS_01, !fits)) return invalid_page_state;
  }
  for (std::uint64_t i = 0; i < pages; ++i) {
    if (holds_table(where + i * 4096)) continue;
    const rmp::spfn page{first.value + i};
    if (!table.covers(page)) continue;
    const rmp::spfn base = rmp::large_page_base<Store>(page);
    const rmp::entry old = table.entry_of(page);
    rmp::entry made{.immutable = true};
    if (ctx.choices.firmware_page_hi) made.allowed = old.allowed;
    made.sub_page_count = old.sub_page_count;
    table.put(page, made);
    if (page == base) continue;
    rmp::entry counting = table.entry_of(base);
    counting.sub_page_count = static_cast<std::uint16_t>(counting.sub_page_count - 1);
    table.put(base, counting);
  }
  return success;
}

}  // namespace sevspec::inline v0::firmware

#endif
