// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_SNP_DEBUG_HPP
#define SEVSPEC_FIRMWARE_SNP_DEBUG_HPP

#include <cstdint>

#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/firmware/vmsa_transform.hpp>
#include <sevspec/layout/reflect.hpp>
#include <sevspec/layout/snp_command.hpp>

/// Reading and writing pages of SNP guests whose policy allows it.   SNP ABI, SNP_DBG_*
namespace sevspec::inline v0::firmware {

namespace detail {

/// The entry that counts for one 4K page: that of the page of 2M around it, if the page's own is one of 4K that belongs
/// to nobody.   FW-SNP-DBG-00
template <class Context, class Machine>
[[nodiscard]] auto debugged_entry(Context& ctx, const Machine& m, spa where) -> rmp::entry {
  using table = typename Machine::table_type;
  const rmp::entry own = entry_at(m, where);
  const rmp::spfn head = rmp::large_page_base<table>(page_of(where));
  const rmp::entry first = m.rmp.covers(head) ? m.rmp.entry_of(head) : rmp::entry{};
  return ctx.applies(rule::FW_SNP_DBG_00, !own.large && own.id == host_asid && first.large) ? first : own;
}
template <class Machine>
[[nodiscard]] auto state_of_debugged(const Machine& m, spa where, const rmp::entry& entry) -> rmp::page_state {
  return m.rmp.covers(page_of(where)) ? rmp::state_of(entry) : rmp::page_state::default_;
}

/// The guest, before its pages are looked at.
template <class Context, class Machine>
[[nodiscard]] auto find_debugged(Context& ctx, Machine& m, const layout::cmd_snp_dbg& cmd) -> found_guest<snp_guest> {
  const std::uint64_t from = target_of(m, cmd.src_paddr()).value;
  const std::uint64_t to = target_of(m, cmd.dst_paddr()).value;
  for (const std::uint64_t one : {cmd.gctx_paddr(), from, to})
    if (const status bad = check_page_address(ctx, one); bad != status::success) return {.code = bad};
  return find_snp(ctx, m, cmd.gctx_paddr());
}

}  // namespace detail

/// SNP_DBG_DECRYPT: shows one page of 4K.   FW-SNP-DBGD-01
template <class Context, class Machine>
[[nodiscard]] auto snp_dbg_decrypt(Context& ctx, Machine& m, const layout::cmd_snp_dbg& cmd) -> status {
  using enum rmp::page_state;
  const auto guest = detail::find_debugged(ctx, m, cmd);
  if (!guest) return guest.code;
  const spa from = target_of(m, cmd.src_paddr());
  const spa to = target_of(m, cmd.dst_paddr());
  for (const spa one : {from, to})
    if (const status bad = check_page(ctx, m, one); bad != status::success) return bad;
  const rmp::entry source = detail::debugged_entry(ctx, m, from);
  const rmp::page_state state = detail::state_of_debugged(m, from, source);
  const bool readable = state == pre_guest || state == pre_swap || state == guest_invalid || state == guest_valid;
  const rmp::entry target = detail::debugged_entry(ctx, m, to);
  const bool free = detail::state_of_debugged(m, to, target) == rmp::page_state::firmware;
  if (ctx.denies(rule::FW_SNP_DBGD_01, !readable || !free)) return status::invalid_page_state;
  if (ctx.denies(rule::FW_SNP_DBGD_01, source.id != guest->slot.id)) return status::invalid_page_owner;
  if (ctx.denies(rule::FW_SNP_DBGD_01, !guest->policy.debug())) return status::policy_failure;
  if (const status bad = check_active(ctx, *guest); bad != status::success) return bad;
  byte_array<4096> page{};
  read_guest(m, guest->slot.id, from, page);
  if (source.vmsa) toggle_tweak(page, m.hw.vmsa_tweak_bitmap);
  write_plain(ctx, m, cmd.dst_paddr(), page);
  return status::success;
}

/// SNP_DBG_ENCRYPT: replaces one page of 4K. Whose the source is does not matter.   FW-SNP-DBGE-01
template <class Context, class Machine>
[[nodiscard]] auto snp_dbg_encrypt(Context& ctx, Machine& m, const layout::cmd_snp_dbg& cmd) -> status {
  using enum rmp::page_state;
  if (const status bad = check_snp_init(ctx, m); bad != status::success) return bad;
  const auto guest = detail::find_debugged(ctx, m, cmd);
  if (!guest) return guest.code;
  const spa to = target_of(m, cmd.dst_paddr());
  if (const status bad = check_page(ctx, m, to); bad != status::success) return bad;
  const rmp::entry target = detail::debugged_entry(ctx, m, to);
  const rmp::page_state state = detail::state_of_debugged(m, to, target);
  if (ctx.denies(rule::FW_SNP_DBGE_01, state != pre_guest && state != pre_swap)) return status::invalid_page_state;
  if (ctx.denies(rule::FW_SNP_DBGE_01, target.id != guest->slot.id)) return status::invalid_page_owner;
  if (ctx.denies(rule::FW_SNP_DBGE_01, !guest->policy.debug())) return status::policy_failure;
  if (const status bad = check_active(ctx, *guest); bad != status::success) return bad;
  if (const status bad = check_range(ctx, m, cmd.src_paddr(), 4096); bad != status::success) return bad;
  byte_array<4096> page{};
  read_plain(ctx, m, cmd.src_paddr(), page);
  if (target.vmsa) toggle_tweak(page, m.hw.vmsa_tweak_bitmap);
  write_guest(m, guest->slot.id, to, page);
  return status::success;
}

}  // namespace sevspec::inline v0::firmware

#endif
