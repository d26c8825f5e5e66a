// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_PAGE_SET_STATE_HPP
#define SEVSPEC_FIRMWARE_PAGE_SET_STATE_HPP

#include <cstddef>
#include <cstdint>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/firmware/address_map.hpp>
#include <sevspec/firmware/page_list.hpp>
#include <sevspec/firmware/status.hpp>
#include <sevspec/layout/snp_command.hpp>
#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/page_state.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::firmware {

/// The form of SNP_PAGE_SET_STATE's command buffer: LENGTH, then reserved bytes. Comes before the platform's state.
/// @return SUCCESS, INVALID_LENGTH or INVALID_PARAM
template <class Context>
[[nodiscard]] constexpr auto check_page_set_state(Context& ctx,
                                                  const layout::cmd_snp_page_set_state_const_view& command) -> status {
  constexpr auto whole = static_cast<std::uint32_t>(layout::size_of<layout::cmd_snp_page_set_state>);
  if (ctx.denies(rule::FW_SNP_PSS_01, command.length() != whole)) return status::invalid_length;
  std::uint8_t reserved = 0;
  for (std::size_t i = 4; i < 8; ++i) reserved = static_cast<std::uint8_t>(reserved | command.bytes()[i]);
  if (ctx.denies(rule::FW_SNP_PSS_01, reserved != 0)) return status::invalid_param;
  return status::success;
}

/// SNP_PAGE_SET_STATE: pages of the firmware become the hypervisor's for ever.   SEV-SNP firmware ABI
///
/// The whole list is looked at before one page is changed: its form, then the addresses, then the pages' states. Parts
/// of the Reverse Map Table inside a range are left out. A page of 2M is none of the firmware's 4K pages, whatever its
/// first entry says. A page that is listed twice is changed once.
/// @param list         `read_page_list` takes it from memory
/// @param holds_table  `holds_table(spa) -> bool`: the byte lies in the Reverse Map Table itself
/// @pre   the SNP state is INIT
template <class Context, rmp::writable_store Store, class HoldsTable>
[[nodiscard]] constexpr auto page_set_state(Context& ctx, Store& table, std::span<const page_list_element> list,
                                            HoldsTable&& holds_table, const address_map& machine = {}) -> status {
  using enum status;
  const auto first_of = [&](const page_list_element& range) { return page_of(machine.without_c_bit(range.base)); };
  const auto is_left_out = [&](rmp::spfn page) { return holds_table(address_of(page)); };
  for (const page_list_element& range : list) {
    const bool ill_formed =
        range.reserved != 0 || has_reserved_bits(range.base) || !rmp::is_large_page_base<Store>(first_of(range));
    if (ctx.denies(rule::FW_SNP_PSS_01, ill_formed)) return invalid_param;
  }
  for (const page_list_element& range : list) {
    const spa first = address_of(first_of(range));
    const auto left_out = [](spa) { return false; };
    if (range.pages == 0) continue;
    if (const status bad = check_addresses(ctx, machine, first, range.pages * 4096, left_out); bad != success)
      return bad;
  }
  for (const page_list_element& range : list) {
    for (std::uint64_t i = 0; i < range.pages; ++i) {
      const rmp::spfn page{first_of(range).value + i};
      if (is_left_out(page)) continue;
      const bool fits = table.covers(page) && !table.entry_of(page).large &&
                        rmp::state_of(table.entry_of(page)) == rmp::page_state::firmware;
      if (ctx.denies(rule::FW_SNP_PSS_01, !fits)) return invalid_page_state;
    }
  }
  for (const page_list_element& range : list) {
    for (std::uint64_t i = 0; i < range.pages; ++i) {
      const rmp::spfn page{first_of(range).value + i};
      if (is_left_out(page) || !table.covers(page)) continue;
      const rmp::spfn base = rmp::large_page_base<Store>(page);
      const rmp::entry old = table.entry_of(page);
      rmp::entry made{.immutable = true};
      if (ctx.choices.firmware_page_hi) made.allowed = old.allowed;
      made.sub_page_count = old.sub_page_count;
      table.put(page, made);
      if (page == base || !old.assigned) continue;
      rmp::entry counting = table.entry_of(base);
      counting.sub_page_count = static_cast<std::uint16_t>(counting.sub_page_count - 1);
      table.put(base, counting);
    }
  }
  return success;
}

/// The same with one range.
/// @param pages  number of 4K pages
template <class Context, rmp::writable_store Store, class HoldsTable>
[[nodiscard]] constexpr auto page_set_state(Context& ctx, Store& table, spa where, std::uint64_t pages,
                                            HoldsTable&& holds_table, const address_map& machine = {}) -> status {
  const page_list_element only{where, pages};
  return page_set_state(ctx, table, std::span{&only, 1}, holds_table, machine);
}

}  // namespace sevspec::inline v0::firmware

#endif
