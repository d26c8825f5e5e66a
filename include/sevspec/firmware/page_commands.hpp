// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_PAGE_COMMANDS_HPP
#define SEVSPEC_FIRMWARE_PAGE_COMMANDS_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/codes/sev_codes.hpp>
#include <sevspec/layout/snp_command.hpp>
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

/// Bytes one after the other.
struct address_range {
  spa first{};
  std::uint64_t bytes{};

  /// Whether the range shares a byte with `count` bytes from `where` on, which do not wrap.
  [[nodiscard]] constexpr auto meets(spa where, std::uint64_t count) const noexcept -> bool {
    return where.value < first.value + bytes && first.value < where.value + count;
  }
  [[nodiscard]] constexpr auto contains(spa where, std::uint64_t count) const noexcept -> bool {
    return where >= first && where.value + count <= first.value + bytes;
  }
};

/// Where the legacy SMM memory lies, one of the ranges that the firmware refuses.
inline constexpr address_range aseg{{0xa'0000}, 0x2'0000};

/// What the firmware knows of the machine's addresses. The default is a machine without C-bit and without anything that
/// operands must not touch.
struct address_map {
  std::uint64_t c_mask{};                      ///< the C-bit, which does not count in operands
  std::uint64_t end = std::uint64_t{1} << 52;  ///< the first address behind the highest sPA
  std::span<const address_range> forbidden{};  ///< ASEG, TSEG, trusted memory regions, pages of active ring buffers
  std::span<const address_range> dram{};       ///< regions of the memory map, in no order; none: all is one region

  [[nodiscard]] constexpr auto without_c_bit(spa where) const noexcept -> spa { return {where.value & ~c_mask}; }
};

/// The firmware's check of the addresses of an operand (FW-DISP-10): behind the highest sPA, wrapping, in memory that the
/// firmware protects, the Reverse Map Table itself included: INVALID_ADDRESS; not in one region of DRAM: INVALID_CONFIG.
/// @param where        without the C-bit
/// @param bytes        a multiple of 4096, not 0
/// @param holds_table  `holds_table(spa) -> bool`: the byte lies in the Reverse Map Table itself
template <class Context, class HoldsTable>
[[nodiscard]] constexpr auto check_addresses(Context& ctx, const address_map& machine, spa where, std::uint64_t bytes,
                                             HoldsTable&& holds_table) -> status {
  const bool wraps = bytes > machine.end || where.value > machine.end - bytes;
  if (ctx.denies(rule::FW_DISP_10, wraps)) return status::invalid_address;
  bool protected_memory = false;
  for (const address_range& one : machine.forbidden) protected_memory = protected_memory || one.meets(where, bytes);
  for (std::uint64_t at = 0; at < bytes && !protected_memory; at += 4096) protected_memory = holds_table(where + at);
  if (ctx.denies(rule::FW_DISP_10, protected_memory)) return status::invalid_address;
  bool in_dram = machine.dram.empty();
  for (const address_range& one : machine.dram) in_dram = in_dram || one.contains(where, bytes);
  return ctx.denies(rule::FW_DISP_10, !in_dram) ? status::invalid_config : status::success;
}

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

/// One element of a list of ranges, as its structure holds it: RANGE.
struct page_list_element {
  spa base{};
  std::uint64_t pages{};     ///< of 4K
  std::uint32_t reserved{};  ///< the bytes at 0Ch

  friend constexpr auto operator==(const page_list_element&, const page_list_element&) -> bool = default;
};

[[nodiscard]] constexpr auto element_of(const layout::snp_range_const_view& range) noexcept -> page_list_element {
  std::uint32_t reserved = 0;
  for (unsigned i = 0; i < 4; ++i) reserved |= std::uint32_t{range.bytes()[12 + i]} << (8 * i);
  return {{range.base()}, range.page_count(), reserved};
}

/// A list of ranges: RANGE_LIST.
struct page_list {
  static constexpr std::size_t most = 255;  ///< with its header, what lies in one page of 4K

  std::array<page_list_element, most> elements{};
  std::size_t count{};

  [[nodiscard]] constexpr auto ranges() const noexcept -> std::span<const page_list_element> {
    return std::span{elements}.first(count);
  }
};

/// Takes a list of ranges from its bytes.   SEV-SNP firmware ABI, SNP_INIT_EX; FW-SNP-INIT-22
/// @param bytes  from the list's address to the end of its page of 4K, in which the whole list lies
/// @return INVALID_PARAM if its reserved bytes are not 0, it has more than 255 elements, or does not end in the page
[[nodiscard]] constexpr auto read_page_list(std::span<const std::uint8_t> bytes) noexcept
    -> std::expected<page_list, status> {
  constexpr std::size_t header_bytes = layout::size_of<layout::snp_range_list_header>;
  constexpr std::size_t element_bytes = layout::size_of<layout::snp_range>;
  if (bytes.size() < header_bytes) return std::unexpected{status::invalid_param};
  const layout::snp_range_list_header_const_view header{bytes.first<header_bytes>()};
  bytes = bytes.subspan(header_bytes);
  page_list list{.count = header.num_elements()};
  if (list.count > page_list::most || list.count > bytes.size() / element_bytes)
    return std::unexpected{status::invalid_param};
  for (std::size_t i = 4; i < header_bytes; ++i)
    if (header.bytes()[i] != 0) return std::unexpected{status::invalid_param};
  for (page_list_element& one : std::span{list.elements}.first(list.count)) {
    one = element_of(layout::snp_range_const_view{bytes.first<element_bytes>()});
    bytes = bytes.subspan(element_bytes);
  }
  return list;
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
