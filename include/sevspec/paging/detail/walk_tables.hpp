// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_DETAIL_WALK_TABLES_HPP
#define SEVSPEC_PAGING_DETAIL_WALK_TABLES_HPP

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
#include <sevspec/paging/detail/reserved.hpp>
#include <sevspec/paging/entry.hpp>
#include <sevspec/paging/mapping.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/paging/permissions.hpp>
#include <sevspec/paging/regime.hpp>

namespace sevspec::inline v0::paging::detail {

/// Position of the lowest of the nine address bits that index a table of this level (PAG-MODE-07); also log2 of the
/// page that a leaf of this level maps (PAG-MODE-05).
[[nodiscard]] constexpr auto index_lsb(unsigned level) noexcept -> unsigned { return 12 + 9 * (level - 1); }

/// Byte offset of the entry for `where` in a table that is indexed from bit `lsb` on (PAG-MODE-07).
template <class From>
[[nodiscard]] constexpr auto entry_offset(address<From> where, unsigned lsb) noexcept -> std::uint64_t {
  return (where.value >> lsb & 0x1ff) * 8;
}

/// The address that `where` translates to: base of the leaf's page, without the C-bit (PAG-ENC-02), and offset.
template <stage Stage, class From, class To>
[[nodiscard]] constexpr auto address_in(const paging_regime<Stage, From, To>& regime, const leaf_found& found,
                                        address<From> where) noexcept -> address<To> {
  const std::uint64_t offset_bits = (std::uint64_t{1} << found.page_bits) - 1;
  return {(found.leaf.raw & regime.base_mask & ~offset_bits) | (where.value & offset_bits)};
}

/// R/W and U/S count if set in every entry, NX if set in any (PAG-PERM-08).
template <class Regime>
[[nodiscard]] constexpr auto rights_of(const Regime& regime, const leaf_found& found) noexcept -> page_rights {
  return {.writable = entry::rw::test(found.in_all()),
          .user = entry::us::test(found.in_all()),
          .no_execute = entry::nx::test(found.in_any) && regime.nxe};
}

template <class Regime>
[[nodiscard]] constexpr auto leaf_c(const Regime& regime, const leaf_found& found) noexcept -> bool {
  return (found.leaf.raw & regime.c_mask) != 0;
}

/// The size of a leaf's page (PAG-MODE-05).
[[nodiscard]] constexpr auto size_of_page(unsigned page_bits) noexcept -> page_size {
  const unsigned above_4k = page_bits > 20 ? page_bits - 20 : 0;  // 0, 1, 2, 10: without a jump or a table
  return static_cast<page_size>(above_4k < 3 ? above_4k : 3);
}

/// The public form of a stage's result.
template <stage Stage, class From, class To>
[[nodiscard]] constexpr auto mapping_of(const paging_regime<Stage, From, To>& regime, const leaf_found& found,
                                        address<From> where) noexcept -> mapping<To> {
  return {.where = address_in(regime, found, where),
          .size = size_of_page(found.page_bits),
          .rights = rights_of(regime, found),
          .c = leaf_c(regime, found),
          .leaf = found.leaf};
}

/// One stage of translation: the loop that host, guest and nested tables share (PAG-PRI-02).
///
/// What differs between them is asked of `who`:
///   - `place_in<Context>` is an `entry_place`, with what else `prepare_update` wants to know of it;
///   - `who.locate(ctx, slot, c, place, reason)` finds the entry at table address `slot`, whose pointer had C-bit `c`:
///     for host and nested tables it is there; for guest tables the nested walk tells, or fails (PAG-NPT-10);
///   - `who.denied(ctx, regime, rights, found)` makes the permission checks;
///   - `who.prepare_update(ctx, slot, place, missing, reason)` is asked before an entry's A or D bit is set: nested tables or
///     the page's owner may forbid that (PAG-NPT-14, PAG-AD-08), and D bits may be logged (PAG-NPT-17);
///   - `who.fault(ctx, regime, rule, code)` turns a failure into the fault this stage raises;
///   - `who.writes()` says whether the leaf's D bit is needed.
/// @param queue   receives the A/D updates that must wait until the stage has succeeded; the caller commits them
/// @param result  the leaf, if the walk succeeds
/// @param reason  the fault, if it does not
template <class Context, readable_memory Memory, stage Stage, class From, class To, class Requester>
[[nodiscard, gnu::always_inline]] constexpr auto walk_tables(Context& ctx, Memory& memory,
                                                             const paging_regime<Stage, From, To>& regime,
                                                             address<From> where, const Requester& who,
                                                             update_queue& queue, leaf_found& result, fault& reason)
    -> bool {
  static_assert(!misfitting_memory<Memory>,
                "compare_exchange_qword(spa, memory_key, uint64_t, uint64_t) -> bool expected");
  using code = page_fault_code;
  // Inlined, and through a copy, so that `who` can stay in registers.
  const auto fail = [&] [[gnu::always_inline]] (rule id, std::uint64_t bits) {
    reason = Requester{who}.fault(ctx, regime, id, bits);
    return false;
  };

  const auto permitted = [&] [[gnu::always_inline]] {
    const denial no = who.denied(ctx, regime, rights_of(regime, result), result);
    if (no) [[unlikely]]
      fail(no.decided_by, code::p::mask | no.code);
    return !no;
  };

  leaf_found path;
  std::uint64_t pointer = regime.root;  // what points to the current table: CR3, then the entry above it

  unsigned lsb = index_lsb(regime.levels);  // follows `level`
  for (unsigned level = regime.levels;;) {
    if (regime.base_mask % 4096 != 0) __builtin_unreachable();  // lets a memory see that every slot is a multiple of 8
    const address<To> slot{(pointer & regime.base_mask) + entry_offset(where, lsb)};
    const bool pointer_c = (pointer & regime.c_mask) != 0;
    typename Requester::template place_in<Context> place;
    if (!who.locate(ctx, slot, pointer_c, place, reason)) [[unlikely]]
      return false;
    const std::optional<std::uint64_t> qword = memory.read_qword(place.where, place.key);
    if (!qword) [[unlikely]] {
      reason = {fault_kind::no_memory, rule::none, 0, place.where.value};
      return false;
    }
    const entry found{*qword};
    ctx.tell(table_read{Stage, level, place.where, place.key, found.raw});

    const auto& masks = regime.masks[level];
    // Nearly every entry above the leaf needs none of the checks that follow; one test tells.
    const bool plain = !Context::template tells<rule_evaluated> && (found.raw & masks.plain_bits) == masks.plain_value;
    if (!plain) [[unlikely]] {
      // Most leaves are pages of 4K that need no bit set; only their rights are left to check.
      constexpr std::uint64_t used = entry::p::mask | entry::a::mask | entry::d::mask;
      if (!Context::template tells<rule_evaluated> && level == 1 && (found.raw & (masks.zero_in_leaf | used)) == used)
          [[likely]] {
        result = {found, path.in_pointers, path.in_any | found.raw, lsb};
        return permitted();
      }
      if (ctx.denies(rule::PAG_ENT_02, !found.present())) [[unlikely]]
        return fail(rule::PAG_ENT_02, 0);

      const bool leaf = level == 1 || (found.large() && level <= 3);
      const rule broken =
          broken_reserved_rule(ctx, regime, level, leaf ? masks.zero_in_leaf : masks.zero_in_pointer, found);
      if (broken != rule::none) [[unlikely]]
        return fail(broken, code::p::mask | code::rsvd::mask);  // PAG-PF-02

      if (leaf) {
        result = {.leaf = found, .in_pointers = path.in_pointers, .in_any = path.in_any | found.raw, .page_bits = lsb};
        if (!permitted()) return false;

        const std::uint64_t wanted = entry::a::mask | (who.writes() ? entry::d::mask : 0);
        if (ctx.applies(rule::PAG_AD_01, (wanted & ~found.raw) != 0)) [[unlikely]] {
          if (!who.prepare_update(ctx, slot, place, wanted & ~found.raw, reason)) return false;
          queue.push(level, place, found, wanted & ~found.raw);
        }
        return true;
      }

      if (ctx.applies(rule::PAG_AD_01, !found.accessed())) {
        if (!who.prepare_update(ctx, slot, place, entry::a::mask, reason)) return false;
        if (ctx.choices.ad_policy == ad_update::deferred) {
          queue.push(level, place, found, entry::a::mask);
        } else if constexpr (physical_memory<Memory>) {
          if (!set_entry_bits(ctx, memory, Stage, level, place, found, entry::a::mask))
            continue;  // it changed under us: read this level again (PAG-AD-04)
        }
      }
    }

    path.in_pointers &= found.raw;
    path.in_any |= found.raw;
    pointer = found.raw;
    --level;
    lsb -= 9;
  }
}

}  // namespace sevspec::inline v0::paging::detail

#endif
