// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_SNP_PAGE_MOVE_HPP
#define SEVSPEC_FIRMWARE_SNP_PAGE_MOVE_HPP

#include <cstdint>
#include <vector>

#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/layout/snp_command.hpp>

/// Pages of SNP guests at other addresses.   SNP ABI, SNP_PAGE_MOVE
namespace sevspec::inline v0::firmware {

/// SNP_PAGE_MOVE: a page of the guest's at another sPA.   FW-SNP-PMV-01, 02
template <class Context, class Machine>
[[nodiscard]] auto snp_page_move(Context& ctx, Machine& m, const layout::cmd_snp_page_move& cmd) -> status {
  using enum rmp::page_state;
  using table = typename Machine::table_type;
  const bool large = cmd.flags().page_size();
  const spa from = target_of(m, cmd.src_paddr());
  const spa to = target_of(m, cmd.dst_paddr());
  const std::uint64_t size = (large ? std::uint64_t{table::sub_pages} : 1) * 4096;
  if (const status bad = check_reserved(ctx, cmd); bad != status::success) return bad;
  for (const std::uint64_t one : {cmd.gctx_paddr(), from.value, to.value})
    if (const status bad = check_page_address(ctx, one); bad != status::success) return bad;
  const auto guest = find_snp(ctx, m, cmd.gctx_paddr());
  if (!guest) return guest.code;
  for (const spa one : {from, to})
    if (const status bad = check_page(ctx, m, one, size); bad != status::success) return bad;
  rmp::entry source = entry_at(m, from);
  rmp::entry target = entry_at(m, to);
  const rmp::page_state source_state = state_at(m, from);
  const rmp::page_state target_state = state_at(m, to);
  if (ctx.denies(rule::FW_SNP_PMV_01, source.large != large || target.large != large)) return status::invalid_page_size;
  if (const status bad = check_launched(ctx, *guest); bad != status::success) return bad;
  if (const status bad = check_active(ctx, *guest); bad != status::success) return bad;
  const bool of_metadata = source_state == metadata;
  const bool of_guest = source_state == pre_swap || source_state == pre_guest;
  const bool fits = of_metadata ? target_state == rmp::page_state::firmware : of_guest && target_state == pre_guest;
  if (ctx.denies(rule::FW_SNP_PMV_01, !fits)) return status::invalid_page_state;
  const bool own = of_metadata ? source.guest.value == target_of(m, cmd.gctx_paddr()).value
                               : source.id == guest->slot.id && target.id == guest->slot.id;
  if (ctx.denies(rule::FW_SNP_PMV_01, !own)) return status::invalid_page_owner;
  if (ctx.denies(rule::FW_SNP_PMV_01, guest->policy.page_swap_disable())) return status::policy_failure;

  std::vector<std::uint8_t> page(size);
  if (of_metadata) {
    read_plain(ctx, m, cmd.src_paddr(), page);
    write_plain(ctx, m, cmd.dst_paddr(), page);
    put_entry(ctx, m, to, firmware_entry(ctx, target, rmp::firmware_tag::metadata, target_of(m, cmd.gctx_paddr())));
    put_entry(ctx, m, from, firmware_entry(ctx, source));
    return status::success;
  }
  read_guest(m, guest->slot.id, from, page);
  write_guest(m, guest->slot.id, to, page);
  target.guest = source.guest;
  target.vmsa = source.vmsa;
  target.allowed = source.allowed;
  target.immutable = false;
  target.validated = source_state == pre_swap;
  put_entry(ctx, m, to, target);
  source.immutable = false;
  source.validated = false;
  put_entry(ctx, m, from, source);
  return status::success;
}

}  // namespace sevspec::inline v0::firmware

#endif
