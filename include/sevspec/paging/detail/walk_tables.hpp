// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_DETAIL_WALK_TABLES_HPP
#define SEVSPEC_PAGING_DETAIL_WALK_TABLES_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/observer.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/detail/accessed_dirty.hpp>
#include <sevspec/paging/detail/reserved.hpp>
#include <sevspec/paging/entry.hpp>
#include <sevspec/paging/mapping.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/paging/permissions.hpp>
#include <sevspec/paging/regime.hpp>

namespace sevspec::inline v0::paging::detail {

/// Byte offset of the entry for `where` in a table of this level (PAG-MODE-07).
template <class From>
[[nodiscard]] constexpr auto entry_offset(address<From> where, unsigned level) noexcept -> std::uint64_t {
  const unsigned index_lsb = 12 + 9 * (level - 1);
  return (where.value >> index_lsb & 0x1ff) * 8;
}

/// The page that a leaf of this level maps (PAG-MODE-05).
[[nodiscard]] constexpr auto leaf_size(unsigned level) noexcept -> page_size {
  return static_cast<page_size>(level - 1);
}

/// One stage of translation: the loop that host, guest and nested tables share (PAG-PRI-02).
///
/// What differs between them is asked of `who`:
///   - `who.locate(ctx, slot, c)` finds the entry at table address `slot`, whose pointer had C-bit `c`: for host and
///     nested tables it is there; for guest tables the nested walk tells (PAG-NPT-10);
///   - `who.denied(ctx, regime, rights, leaf)` makes the permission checks;
///   - `who.fault(ctx, regime, rule, code)` turns a failure into the fault this stage raises;
///   - `who.writes()` says whether the leaf's D bit is needed.
/// @param queue  receives the A/D updates that must wait until the stage has succeeded; the caller commits them
template <class Context, readable_memory Memory, stage Stage, class From, class To, class Requester>
[[nodiscard]] constexpr auto walk_tables(Context& ctx, Memory& memory, const paging_regime<Stage, From, To>& regime,
                                         address<From> where, const Requester& who, update_queue& queue)
    -> outcome<mapping<To>> {
  address<To> table = regime.root;
  bool table_c = regime.root_c;
  std::uint64_t in_all = ~std::uint64_t{};  // R/W and U/S count if set in every entry,
  std::uint64_t in_any = 0;                 // NX if set in any (PAG-PERM-08)

  for (unsigned level = regime.levels;;) {
    const outcome<entry_place> place = who.locate(ctx, table + entry_offset(where, level), table_c);
    if (!place) return std::unexpected{place.error()};
    const std::optional<std::uint64_t> qword = memory.read_qword(place->where, place->key);
    if (!qword) return std::unexpected{fault{fault_kind::no_memory, rule::none, 0, place->where.value}};
    const entry found{*qword};
    ctx.tell(table_read{Stage, level, place->where, place->key, found.raw});

    if (ctx.denies(rule::PAG_ENT_02, !found.present()))
      return std::unexpected{who.fault(ctx, regime, rule::PAG_ENT_02, 0)};

    const bool leaf = level == 1 || (found.large() && level <= 3);
    if (const rule broken = broken_reserved_rule(ctx, regime, level, leaf, found); broken != rule::none)
      return std::unexpected{
          who.fault(ctx, regime, broken, page_fault_code::p::mask | page_fault_code::rsvd::mask)};  // PAG-PF-02

    const std::uint64_t all = in_all & found.raw;
    const std::uint64_t any = in_any | found.raw;
    if (leaf) {
      const page_rights rights{.writable = entry::rw::test(all),
                               .user = entry::us::test(all),
                               .no_execute = entry::nx::test(any) && regime.nxe};
      if (const denial no = who.denied(ctx, regime, rights, found))
        return std::unexpected{who.fault(ctx, regime, no.decided_by, page_fault_code::p::mask | no.code)};

      const std::uint64_t wanted = entry::a::mask | (who.writes() ? entry::d::mask : 0);
      if (ctx.applies(rule::PAG_AD_01, (wanted & ~found.raw) != 0))
        queue.push(level, *place, found, wanted & ~found.raw);

      const page_size size = leaf_size(level);
      const std::uint64_t offset = page_offset(where, size);
      return mapping<To>{.where = {(found.raw & regime.base_mask & ~(bytes_in(size) - 1)) | offset},
                         .size = size,
                         .rights = rights,
                         .c = (found.raw & regime.c_mask) != 0,
                         .leaf = found};
    }

    if (ctx.applies(rule::PAG_AD_01, !found.accessed())) {
      if (ctx.choices.ad_policy == ad_update::deferred) {
        queue.push(level, *place, found, entry::a::mask);
      } else if constexpr (physical_memory<Memory>) {
        if (!set_entry_bits(ctx, memory, Stage, level, *place, found, entry::a::mask))
          continue;  // it changed under us: read this level again (PAG-AD-04)
      }
    }
    in_all = all;
    in_any = any;
    table = {found.raw & regime.base_mask};
    table_c = (found.raw & regime.c_mask) != 0;
    --level;
  }
}

}  // namespace sevspec::inline v0::paging::detail

#endif
