// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_PSMASH_HPP
#define SEVSPEC_RMP_PSMASH_HPP

#include <cstdint>
#include <expected>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/rmp/busy.hpp>
#include <sevspec/rmp/execution.hpp>
#include <sevspec/rmp/page_counters.hpp>
#include <sevspec/rmp/region.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// PSMASH: splits the entry of a 2M page into 512 of 4K, which the guest does not notice.
/// APM vol. 3, PSMASH; vol. 2, 15.36.11
/// @param where  RAX: a system physical address, 2M-aligned
/// @return EAX and what must be flushed; or #UD, #GP(0). FAIL_INUSE is to be tried again (RMP-SMH-06).
template <class Context, writable_store Store>
[[nodiscard]] constexpr auto psmash(Context& ctx, Store& rmp, const processor& cpu, const execution& by, spa where)
    -> outcome<result> {
  using enum status;
  if (const auto fault = refused(ctx, cpu, by, instruction::psmash)) return std::unexpected{*fault};
  if (ctx.denies(rule::RMP_INS_09, by.id != host_asid)) return fails(fail_permission, rule::RMP_INS_09);

  const spfn page = page_of(without_c_bit(ctx, cpu, where));
  const spfn base = large_page_base<Store>(page);
  if (ctx.denies(rule::RMP_SMH_02, page != base && ctx.choices.psmash_unaligned == undefined_operand::fail_input))
    return fails(fail_input, rule::RMP_SMH_02);
  const bool whole_region = rmp.covers(base) && rmp.covers({base.value + (Store::sub_pages - 1)});
  if (ctx.denies(rule::RMP_GEO_16, !whole_region)) return fails(fail_input, rule::RMP_GEO_16);
  if (!whole_region) return result{};  // without the rule: no entry, nothing to change

  const entry whole = rmp.entry_of(base);
  if (ctx.denies(rule::RMP_UPD_09, whole.id == region_lock)) return fails(fail_inuse, rule::RMP_UPD_09);
  if (ctx.denies(rule::RMP_INS_12, is_region_busy(rmp, base))) return fails(fail_inuse, rule::RMP_INS_12);
  if (ctx.denies(rule::RMP_VMR_05, whole.in_use)) return fails(fail_inuse, rule::RMP_VMR_05);

  const status unfit = ctx.choices.psmash_badaddr_code ? fail_badaddr : fail_overlap;  // RMP-INS-04
  const bool nobodys = whole.id == host_asid && ctx.choices.psmash_requirements;
  if (ctx.denies(rule::RMP_SMH_03, !whole.assigned || !whole.large || nobodys)) return fails(unfit, rule::RMP_SMH_03);
  if (ctx.denies(rule::RMP_SMH_04, whole.immutable)) return fails(unfit, rule::RMP_SMH_04);

  if (ctx.applies(rule::RMP_SMH_01, true)) {
    entry part = whole;
    part.large = false;
    put_split(rmp, base, whole);
    for (std::uint64_t i = 0; i < Store::sub_pages; ++i) count_change(ctx, rmp, i == 0 ? whole : entry{}, part);
  }
  result done;
  if (ctx.applies(rule::RMP_UPD_12, ctx.choices.rmpupdate_tlb)) done.stale = {base, Store::sub_pages};
  return done;
}

}  // namespace sevspec::inline v0::rmp

#endif
