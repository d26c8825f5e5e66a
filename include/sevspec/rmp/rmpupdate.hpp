// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_RMPUPDATE_HPP
#define SEVSPEC_RMP_RMPUPDATE_HPP

#include <algorithm>
#include <cstdint>
#include <expected>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/rmp/busy.hpp>
#include <sevspec/rmp/execution.hpp>
#include <sevspec/rmp/page_counters.hpp>
#include <sevspec/rmp/region.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// The operand of RMPUPDATE in memory: 16 bytes (RMP-RUD-01).   APM vol. 3, RMPUPDATE
struct new_state {
  bool assigned{};
  bool large{};  ///< a page of 2M
  bool immutable{};
  asid id{};
  gpa guest{};      ///< the lower 12 bits do not count
  bool reserved{};  ///< a reserved bit of the operand is set

  friend constexpr auto operator==(const new_state&, const new_state&) -> bool = default;
};

/// Takes the operand from its bytes.
[[nodiscard]] constexpr auto new_state_of(std::span<const std::uint8_t, 16> bytes) noexcept -> new_state {
  std::uint64_t guest = 0;
  std::uint32_t id = 0;
  for (unsigned i = 0; i < 8; ++i) guest |= std::uint64_t{bytes[i]} << (8 * i);
  for (unsigned i = 0; i < 4; ++i) id |= std::uint32_t{bytes[12 + i]} << (8 * i);
  return {.assigned = (bytes[8] & 1) != 0,
          .large = (bytes[9] & 1) != 0,
          .immutable = (bytes[10] & 1) != 0,
          .id = {id},
          .guest = {guest},
          .reserved = ((bytes[8] | bytes[9] | bytes[10]) & 0xfe) != 0 || bytes[11] != 0};
}

/// An entry after it was given a new state: RMPUPDATE's effect on one entry.   APM vol. 2, 15.36.5 to 15.36.7, 15.36.11
///
/// A page that goes to somebody else, elsewhere, or in another size is neither validated nor a VMSA any longer, and
/// VMPL 0 alone has permissions; a page that stays where it is keeps all that (RMP-UPD-07).
template <class Context>
[[nodiscard]] constexpr auto assign(Context& ctx, const entry& old, const new_state& wanted) -> entry {
  if (ctx.applies(rule::RMP_UPD_06, !wanted.assigned)) return {};
  entry made = old;
  made.assigned = wanted.assigned;
  made.large = wanted.large;
  made.immutable = wanted.immutable;
  made.locked = wanted.immutable && ctx.choices.hw_lock_bit_on_rmpupdate_immutable;
  made.tag = firmware_tag::none;
  made.id = wanted.id;
  made.guest = wanted.guest;
  if (ctx.applies(rule::RMP_UPD_14, wanted.id == host_asid && ctx.choices.rmpupdate_asid0_gpa)) made.guest = {};
  made.sub_page_count = 0;
  const bool changed =
      !old.assigned || old.id != made.id || old.guest != made.guest || old.large != made.large || made.id == host_asid;
  if (ctx.applies(rule::RMP_UPD_07, changed)) {
    made.validated = false;
    made.vmsa = false;
    made.allowed = {};
  }
  if (ctx.applies(rule::RMP_UPD_08, changed)) made.allowed[0] = all_permissions;
  return made;
}

/// RMPUPDATE: gives a page to a guest, to the AMD-SP, or back to the hypervisor.   APM vol. 3, RMPUPDATE; vol. 2, 15.36.5
/// @param where   RAX: a system physical address; the lower 12 bits and the C-bit do not count
/// @param wanted  the operand at [RCX], already loaded
/// @return EAX and what must be flushed; or #UD, #GP(0)
template <class Context, writable_store Store>
[[nodiscard]] constexpr auto rmpupdate(Context& ctx, Store& rmp, const processor& cpu, const execution& by, spa where,
                                       new_state wanted) -> outcome<result> {
  using enum status;
  if (const auto fault = refused(ctx, cpu, by, instruction::rmpupdate)) return std::unexpected{*fault};
  if (ctx.denies(rule::RMP_INS_09, by.id != host_asid)) return fails(fail_permission, rule::RMP_INS_09);

  const spfn page = page_of(without_c_bit(ctx, cpu, where));
  const spfn base = large_page_base<Store>(page);
  if (ctx.denies(rule::RMP_UPD_01, wanted.large && page != base)) return fails(fail_input, rule::RMP_UPD_01);
  if (ctx.denies(rule::RMP_TRN_02, !wanted.assigned && (wanted.immutable || wanted.id != host_asid)))
    return fails(fail_input, rule::RMP_TRN_02);

  // What the manual leaves open about the operand.
  if (ctx.denies(rule::RMP_RUD_03, wanted.reserved && ctx.choices.rmpupdate_reserved == undefined_operand::fail_input))
    return fails(fail_input, rule::RMP_RUD_03);
  wanted.guest = page_base(wanted.guest, page_size::k4k);
  const std::uint64_t inside = Store::sub_pages * std::uint64_t{4096} - 1;
  if (ctx.denies(rule::RMP_RUD_04,
                 wanted.large && (wanted.guest.value & inside) != 0 && ctx.choices.rmpupdate_gpa_align))
    return fails(fail_input, rule::RMP_RUD_04);
  const std::uint64_t above = ~std::uint64_t{} << std::min(cpu.guest_address_bits, 48U);
  if (ctx.denies(rule::RMP_RUD_05,
                 (wanted.guest.value & above) != 0 && ctx.choices.rmpupdate_gpa_limit == undefined_operand::fail_input))
    return fails(fail_input, rule::RMP_RUD_05);
  wanted.guest.value &= ~above;
  const bool no_such_guest = wanted.id.value > cpu.highest_asid && ctx.choices.rmpupdate_asid_range;
  if (ctx.denies(rule::RMP_RUD_06, no_such_guest || wanted.id >= region_lock))  // entries have ten bits for it
    return fails(fail_input, rule::RMP_RUD_06);

  const bool whole = !wanted.large || rmp.covers({base.value + (Store::sub_pages - 1)});
  if (ctx.denies(rule::RMP_GEO_16, !rmp.covers(page) || (!whole && ctx.choices.rmpupdate_2m_partial)))
    return fails(fail_input, rule::RMP_GEO_16);
  if (!rmp.covers(page)) return result{};  // without the rule: no entry, nothing to change

  // Others at work.
  const entry first = rmp.entry_of(base);
  if (ctx.denies(rule::RMP_UPD_09, first.id == region_lock)) {
    const bool overlap = ctx.choices.rmpupdate_region_locked_code == locked_region::fail_overlap;
    return fails(overlap ? fail_overlap : fail_inuse, rule::RMP_UPD_09);
  }
  if (ctx.denies(rule::RMP_INS_12,
                 is_busy(rmp, page) || is_busy(rmp, base) || (wanted.large && is_region_busy(rmp, base))))
    return fails(fail_inuse, rule::RMP_INS_12);

  const entry old = page == base ? first : rmp.entry_of(page);
  const region_facts region = wanted.large ? facts_of_region(rmp, base) : region_facts{};
  const bool in_use = wanted.large ? region.any_in_use : old.in_use;
  if (ctx.denies(rule::RMP_VMR_05, in_use && !ctx.choices.rmpupdate_order_inuse_vs_perm))
    return fails(fail_inuse, rule::RMP_VMR_05);
  if (ctx.denies(rule::RMP_STA_03, old.immutable)) return fails(fail_permission, rule::RMP_STA_03);
  if (ctx.denies(rule::RMP_VMR_05, in_use)) return fails(fail_inuse, rule::RMP_VMR_05);

  if (!wanted.large) {
    if (ctx.denies(rule::RMP_UPD_02, first.large && page == base)) return fails(fail_overlap, rule::RMP_UPD_02);
    if (ctx.denies(rule::RMP_UPD_03, first.large && page != base)) return fails(fail_overlap, rule::RMP_UPD_03);
  } else {
    if (ctx.denies(rule::RMP_UPD_04, !old.large && region.any_assigned)) return fails(fail_overlap, rule::RMP_UPD_04);
    if (ctx.denies(rule::RMP_UPD_15, region.any_other_immutable && ctx.choices.rmpupdate_2m_over_immutable))
      return fails(fail_permission, rule::RMP_UPD_15);
  }

  // The update.
  entry made = assign(ctx, old, wanted);
  count_change(ctx, rmp, old, made);
  if (ctx.applies(rule::RMP_UPD_05, wanted.large)) {
    put_large(rmp, base, made);
  } else {
    if (!wanted.large) made.sub_page_count = old.sub_page_count;
    rmp.put(page, made);
    if (ctx.applies(rule::RMP_UPD_10, page != base && made.assigned != old.assigned && rmp.covers(base))) {
      entry counting = first;
      counting.sub_page_count = static_cast<std::uint16_t>(counting.sub_page_count + (made.assigned ? 1 : -1));
      rmp.put(base, counting);
    }
  }
  // A page that becomes assigned takes the hypervisor's right to write its whole region through large leaves, and
  // translations smaller than such a leaf were checked against the region, too (RMP-CHK-08, RMP-CHK-09).
  const bool region_changed = wanted.large || (made.assigned && !old.assigned);
  result done{.assigned = made.assigned};
  if (ctx.applies(rule::RMP_UPD_12, ctx.choices.rmpupdate_tlb))
    done.stale = region_changed ? page_range{base, Store::sub_pages} : page_range{page, 1};
  return done;
}

}  // namespace sevspec::inline v0::rmp

#endif
