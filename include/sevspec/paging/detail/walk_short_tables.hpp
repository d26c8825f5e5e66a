// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_DETAIL_WALK_SHORT_TABLES_HPP
#define SEVSPEC_PAGING_DETAIL_WALK_SHORT_TABLES_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/observer.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/detail/accessed_dirty.hpp>
#include <sevspec/paging/detail/leaf_found.hpp>
#include <sevspec/paging/detail/walk_tables.hpp>
#include <sevspec/paging/entry.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/paging/permissions.hpp>
#include <sevspec/paging/regime.hpp>

/// Tables that translate 32-bit addresses: PAE, three levels of 64-bit entries, and legacy, two levels of 32-bit
/// entries. APM vol. 2, 5.2
namespace sevspec::inline v0::paging::detail {

/// Where one entry lies relative to its table, and what a leaf of its level maps.
struct short_level {
  unsigned index_lsb;   ///< lowest bit of the address that indexes the table; log2 of a leaf's page
  unsigned index_bits;  ///< 9; 2 for a PDPE; 10 in legacy tables
  unsigned entry_bytes;
};

/// PAG-MODE-07.
[[nodiscard]] constexpr auto short_level_of(unsigned levels, unsigned level) noexcept -> short_level {
  if (levels == 2) return {.index_lsb = 12 + 10 * (level - 1), .index_bits = 10, .entry_bytes = 4};
  return {.index_lsb = index_lsb(level), .index_bits = level == 3 ? 2U : 9U, .entry_bytes = 8};
}

/// The reserved-bit check of a present entry; as `broken_reserved_rule`, for these layouts.
template <class Context, class Regime>
[[nodiscard]] constexpr auto broken_short_rule(Context& ctx, const Regime& regime, unsigned level,
                                               std::uint64_t must_be_zero, entry found) -> rule {
  const std::uint64_t wrong = found.raw & must_be_zero;
  const std::uint64_t no_execute = level == 3 ? 0 : entry::nx::mask;  // a PDPE has no NX bit, only a reserved one
  const std::uint64_t layout = ~(regime.above_width | regime.vtom_c | no_execute);
  if (ctx.denies(rule::PAG_RSV_01, (wrong & layout) != 0)) return rule::PAG_RSV_01;
  if (ctx.denies(rule::PAG_RSV_02, (wrong & regime.above_width) != 0)) return rule::PAG_RSV_02;
  if (ctx.denies(rule::PAG_RSV_07, (wrong & regime.vtom_c) != 0)) return rule::PAG_RSV_07;
  if (ctx.denies(rule::PAG_RSV_08, (wrong & no_execute) != 0)) return rule::PAG_RSV_08;
  return rule::none;
}

/// One stage of translation through such tables. Parameters and result as of `walk_tables`; leaves are told in the
/// 64-bit form, so the bits 39:32 of a 4M page's address are in their place (PAG-ENT-04).
template <class Context, readable_memory Memory, stage Stage, class From, class To, class Requester>
[[nodiscard, gnu::noinline]] constexpr auto walk_short_tables(Context& ctx, Memory& memory,
                                                              const paging_regime<Stage, From, To>& regime,
                                                              address<From> where, const Requester& who,
                                                              update_queue& queue, leaf_found& result, fault& reason)
    -> bool {
  static_assert(!misfitting_memory<Memory>,
                "compare_exchange_qword(spa, memory_key, uint64_t, uint64_t) -> bool expected");
  using code = page_fault_code;
  const auto fail = [&](rule id, std::uint64_t bits) {
    reason = who.fault(ctx, regime, id, bits);
    return false;
  };

  leaf_found path;
  std::uint64_t table = regime.root;  // CR3[31:5] or CR3[31:12]; it cannot hold a C-bit (PAG-CR3-04)
  bool pointer_c = false;

  for (unsigned level = regime.levels;;) {
    const short_level here = short_level_of(regime.levels, level);
    const std::uint64_t index = where.value >> here.index_lsb & ((1U << here.index_bits) - 1);
    const address<To> slot{table + index * here.entry_bytes};
    typename Requester::template place_in<Context> place;
    if (!who.locate(ctx, slot, pointer_c, place, reason)) return false;

    // Memory is read in quadwords; a 32-bit entry is one half of one.
    const unsigned shift = here.entry_bytes == 4 ? static_cast<unsigned>(place.where.value & 4) * 8 : 0;
    const entry_place quadword{{place.where.value & ~std::uint64_t{7}}, place.key};
    const std::optional<std::uint64_t> read = memory.read_qword(quadword.where, quadword.key);
    if (!read) {
      reason = {fault_kind::no_memory, rule::none, 0, place.where.value};
      return false;
    }
    entry found{here.entry_bytes == 4 ? *read >> shift & 0xffff'ffff : *read};
    ctx.tell(table_read{Stage, level, place.where, place.key, found.raw});

    if (ctx.denies(rule::PAG_ENT_02, !found.present())) return fail(rule::PAG_ENT_02, 0);

    const bool large = level == 2 && found.large() && (regime.levels == 3 || regime.large_32_bit);  // PAG-MODE-05
    const bool leaf = level == 1 || large;
    const auto& masks = regime.masks[level];
    const rule broken = broken_short_rule(ctx, regime, level, leaf ? masks.zero_in_leaf : masks.zero_in_pointer, found);
    if (broken != rule::none) return fail(broken, code::p::mask | code::rsvd::mask);

    if (leaf) {
      const std::uint64_t wanted = entry::a::mask | (who.writes() ? entry::d::mask : 0);
      const std::uint64_t missing = wanted & ~found.raw;
      if (large && regime.levels == 2)  // PAG-ENT-04: bits 20:13 are the address bits 39:32
        found.raw = (found.raw & ~bits<20, 13>::mask) | bits<20, 13>::get(found.raw) << 32;
      result = {.leaf = found,
                .in_pointers = path.in_pointers,
                .in_any = path.in_any | found.raw,
                .page_bits = here.index_lsb};
      if (const denial no = who.denied(ctx, regime, rights_of(regime, result), result))
        return fail(no.decided_by, code::p::mask | no.code);
      if (ctx.applies(rule::PAG_AD_01, missing != 0)) {
        if (!who.prepare_update(ctx, slot, place, missing, reason)) return false;
        queue.push(level, quadword, entry{*read}, missing << shift);
      }
      return true;
    }

    const bool pdpe = level == 3;  // has no A bit and no rights
    if (ctx.applies(rule::PAG_AD_01, !pdpe && !found.accessed())) {
      if (!who.prepare_update(ctx, slot, place, entry::a::mask, reason)) return false;
      if (ctx.choices.ad_policy == ad_update::deferred) {
        queue.push(level, quadword, entry{*read}, entry::a::mask << shift);
      } else if constexpr (physical_memory<Memory>) {
        if (!set_entry_bits(ctx, memory, Stage, level, quadword, entry{*read}, entry::a::mask << shift))
          continue;  // it changed under us: read this level again (PAG-AD-04)
      }
    }
    if (!pdpe) {
      path.in_pointers &= found.raw;
      path.in_any |= found.raw;
    }
    table = found.raw & regime.base_mask & ~std::uint64_t{0xfff};
    pointer_c = (found.raw & regime.c_mask) != 0;
    --level;
  }
}

}  // namespace sevspec::inline v0::paging::detail

#endif
