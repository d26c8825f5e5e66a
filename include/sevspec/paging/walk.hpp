// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_WALK_HPP
#define SEVSPEC_PAGING_WALK_HPP

#include <gsl/assert>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/observer.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/memory/key_selection.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/paging/detail/linear.hpp>
#include <sevspec/paging/detail/walk_short_tables.hpp>
#include <sevspec/paging/detail/walk_tables.hpp>
#include <sevspec/paging/mapping.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/paging/regime.hpp>

namespace sevspec::inline v0::paging {

/// A completed translation outside guest mode.
struct host_translation {
  mapping<system_physical> page{};  ///< `page.where` is the sPA
  memory_key key{};                 ///< the key of the reference itself (PAG-KEY-02)

  friend constexpr auto operator==(const host_translation&, const host_translation&) -> bool = default;
};

namespace detail {

/// How host tables are walked: entries lie where their pointer says, failures are #PF.
template <class Memory>
struct host_requester : linear_requester<host_virtual> {
  Memory& memory;
  const host_regime& regime;

  template <class>
  using place_in = entry_place;

  template <class Context>
  [[nodiscard]] constexpr auto locate(Context& ctx, spa slot, bool pointer_c, entry_place& place,
                                      sevspec::fault& reason) const -> bool {
    place = {slot, memory::key_for_pointer(pointer_c)};
    return owned(ctx, table_query(slot, access_kind::read), reason);
  }
  template <class Context>
  [[nodiscard]] constexpr auto prepare_update(Context& ctx, spa slot, const entry_place&, std::uint64_t,
                                              sevspec::fault& reason) const -> bool {
    const bool owner_asked = memory::guarded_memory<Memory, Context> && regime.snp_enabled;
    if (!ctx.applies(rule::PAG_AD_08, owner_asked)) return true;
    return owned(ctx, table_query(slot, access_kind::write), reason);
  }

  [[nodiscard]] constexpr auto table_query(spa slot, access_kind kind) const noexcept -> memory::ownership_query {
    return {.where = slot, .kind = kind, .table = true, .in_use_write_allowed = regime.in_use_write_allowed};
  }

  /// The ownership check of one reference, where there is one: #PF with bit 31 (PAG-RMPS-03).
  template <class Context>
  [[nodiscard, gnu::always_inline]] constexpr auto owned(Context& ctx, const memory::ownership_query& query,
                                                         sevspec::fault& reason) const -> bool {
    if constexpr (memory::guarded_memory<Memory, Context>) {
      if (!regime.snp_enabled) return true;
      const memory::ownership_verdict verdict = memory.check_ownership(ctx, query);
      if (verdict.what == memory::ownership_verdict::kind::allowed) return true;
      using code = page_fault_code;
      const bool reserved = verdict.what == memory::ownership_verdict::kind::reserved;  // RMP-SEG-06
      reason = fault(ctx, regime, verdict.decided_by, code::p::mask | (reserved ? code::rsvd::mask : code::rmp::mask));
      return false;
    }
    return true;
  }
};

}  // namespace detail

/// Translates one reference made outside guest mode through CR3's tables.   APM vol. 2, 5.3 to 5.8
/// @param memory  holds the tables; A and D bits are set in it if it can be written
/// @param regime  from `make_host_regime`
/// @param where   linear address of the first byte
/// @param why     the reference; `bytes` at least 1. Only its first page is translated.
/// @return the sPA with the rights and size of its page; or #GP, #SS (non-canonical), #PF, `no_memory`
template <class Context, readable_memory Memory>
[[nodiscard]] constexpr auto walk(Context& ctx, Memory& memory, const host_regime& regime, hva where,
                                  const memory_access& why) -> outcome<host_translation> {
  Expects(why.bytes >= 1);
  if constexpr (!memory::guarded_memory<Memory, Context>) Expects(!regime.snp_enabled);
  const hva linear = detail::linear_address(ctx, regime, where, why);
  const detail::host_requester<Memory> who{{linear, why}, memory, regime};
  fault reason;
  if (regime.levels == 0) {  // PAG-MODE-01, PAG-ENC-06
    if (!who.owned(ctx,
                   {.where = {linear.value},
                    .kind = why.kind,
                    .user = why.is_user(),
                    .in_use_write_allowed = regime.in_use_write_allowed},
                   reason))
      return std::unexpected{reason};
    const host_translation identity{.page = {.where = {linear.value}}, .key = memory_key::none()};
    ctx.tell(final_access{why.kind, identity.page.where, identity.key});
    return identity;
  }
  if (const auto bad = detail::not_canonical(ctx, regime, linear, why)) return std::unexpected{*bad};  // PAG-PRI-01

  for (;;) {
    detail::update_queue updates;
    detail::leaf_found found;
    const bool ok = regime.levels >= 4
                        ? detail::walk_tables(ctx, memory, regime, linear, who, updates, found, reason)
                        : detail::walk_short_tables(ctx, memory, regime, linear, who, updates, found, reason);
    if (!ok) return std::unexpected{reason};
    if (!updates.commit(ctx, memory, stage::host)) continue;  // an entry changed meanwhile (PAG-AD-04)
    const auto page = detail::mapping_of(regime, found, linear);
    if (!who.owned(ctx,
                   {.where = page.where,
                    .leaf = page.size,
                    .kind = why.kind,
                    .user = why.is_user(),
                    .in_use_write_allowed = regime.in_use_write_allowed,
                    .writable_leaf = page.rights.writable},
                   reason))
      return std::unexpected{reason};
    const host_translation result{.page = page, .key = memory::key_for_pointer(page.c)};
    ctx.tell(final_access{why.kind, page.where, result.key});
    return result;
  }
}

}  // namespace sevspec::inline v0::paging

#endif
