// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_SNP_PAGES_HPP
#define SEVSPEC_FIRMWARE_SNP_PAGES_HPP

#include <cstdint>

#include <sevspec/firmware/address_map.hpp>
#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/firmware/page_list.hpp>
#include <sevspec/firmware/page_reclaim.hpp>
#include <sevspec/firmware/page_set_state.hpp>
#include <sevspec/firmware/page_unsmash.hpp>
#include <sevspec/firmware/range_list.hpp>
#include <sevspec/layout/snp_command.hpp>

/// How pages come back from guests and from the firmware.   SNP ABI, SNP_PAGE_RECLAIM, SNP_PAGE_UNSMASH,
/// SNP_PAGE_SET_STATE
namespace sevspec::inline v0::firmware {

namespace detail {

/// The address check of a page that comes back: it need not be DRAM.   FW-DISP-10
template <class Context, class Machine>
[[nodiscard]] constexpr auto check_returned(Context& ctx, const Machine& m, spa where, std::uint64_t bytes) -> status {
  const bool kept = is_kept_from_software(m, where, bytes) || table_range(m).overlaps(where, bytes);
  return ctx.denies(rule::FW_DISP_10, kept) ? status::invalid_address : status::success;
}

}  // namespace detail

/// SNP_PAGE_RECLAIM.   FW-SNP-PRC-01 to 06
/// @param operand  address, and bit 0: a page of 2M
template <class Context, class Machine>
[[nodiscard]] auto snp_page_reclaim(Context& ctx, Machine& m, std::uint64_t operand) -> status {
  const page_size size = (operand & 1) != 0 ? page_size::k2m : page_size::k4k;
  const spa where = target_of(m, operand & ~std::uint64_t{1});
  if (ctx.denies(rule::FW_SNP_PRC_01, has_reserved_bits(where))) return status::invalid_param;
  if (const status bad = check_snp_init(ctx, m); bad != status::success) return bad;
  const bool whole = size == page_size::k2m && rmp::is_large_page_base<typename Machine::table_type>(page_of(where));
  if (const status bad = detail::check_returned(ctx, m, where, whole ? bytes_in(size) : 4096); bad != status::success)
    return bad;
  return page_reclaim(ctx, m.rmp, where, size, [&](spa byte) { return holds_table(m, byte); });
}

/// SNP_PAGE_UNSMASH.   FW-SNP-USM-01
template <class Context, class Machine>
[[nodiscard]] auto snp_page_unsmash(Context& ctx, Machine& m, std::uint64_t operand) -> status {
  using table = typename Machine::table_type;
  const spa where = target_of(m, operand);
  const bool malformed = has_reserved_bits({operand}) || !rmp::is_large_page_base<table>(page_of(where));
  if (ctx.denies(rule::FW_SNP_USM_01, malformed)) return status::invalid_param;
  if (const status bad = check_snp_init(ctx, m); bad != status::success) return bad;
  const std::uint64_t size = std::uint64_t{table::sub_pages} * 4096;
  if (const status bad = detail::check_returned(ctx, m, where, size); bad != status::success) return bad;
  return page_unsmash(ctx, m.rmp, where, [&](spa byte) { return holds_table(m, byte); });
}

/// SNP_PAGE_SET_STATE: pages of the firmware become the hypervisor's for ever, all that are listed or none.
/// FW-SNP-PSS-01
template <class Context, class Machine>
[[nodiscard]] auto snp_page_set_state(Context& ctx, Machine& m, const layout::cmd_snp_page_set_state& cmd) -> status {
  using table = typename Machine::table_type;
  if (const status bad = check_page_set_state(ctx, layout::cmd_snp_page_set_state_const_view{cmd.bytes()});
      bad != status::success)
    return bad;
  if (const status bad = check_snp_init(ctx, m); bad != status::success) return bad;
  const auto list = read_range_list(ctx, m, cmd.list_paddr(), rule::FW_SNP_PSS_01, table::sub_pages * 4096);
  if (!list) return list.error();
  for (const page_list_element& one : list->ranges())
    if (ctx.denies(rule::FW_SNP_PSS_01, has_reserved_bits(one.base))) return status::invalid_param;
  for (const page_list_element& one : list->ranges()) {
    const bool kept = one.pages != 0 && is_kept_from_software(m, target_of(m, one.base.value), one.pages * 4096);
    if (ctx.denies(rule::FW_DISP_10, kept)) return status::invalid_address;
  }
  const address_map machine{.c_mask = std::uint64_t{1} << m.hw.c_bit};
  return page_set_state(ctx, m.rmp, list->ranges(), [&](spa byte) { return holds_table(m, byte); }, machine);
}

}  // namespace sevspec::inline v0::firmware

#endif
