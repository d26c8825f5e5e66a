// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_VSP_ASIDS_HPP
#define SEVSPEC_NESTED_VSP_ASIDS_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/rule.hpp>
#include <sevspec/firmware/asid_commands.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/nested/vsp_state.hpp>

/// The machine's ASIDs that L0 gives to guests of its L1s.
namespace sevspec::inline v0::nested {

/// The machine's ASID of an L2 guest that shares L1's key: L1's own, whatever L1 calls it.   NES-ASID-03
/// @param own  the ASID that L1 itself runs on
template <class Context>
[[nodiscard]] constexpr auto shared_key_asid(Context& ctx, asid own, asid virtual_asid) -> asid {
  return ctx.applies(rule::NES_ASID_03, virtual_asid != own) ? own : virtual_asid;
}

/// The physical flush: WBINVD on all cores, then DF_FLUSH. What no guest has is clean after it.   NEST-VSP-07
template <class Context, class Physical>
void flush_pool(Context& ctx, vsp_host& l0, Physical& p) {
  firmware::note_wbinvd_everywhere(p);
  if (firmware::flush_fabric(ctx, p) != firmware::status::success) return;
  for (pooled_asid& one : l0.pool)
    if (l0.asids.find_real(one.id) == nullptr) one.clean = true;
}

/// An ASID for a guest of a kind: clean, and nobody's.   NEST-VSP-05, 07, 29
/// @return nothing if there is none, even after a flush
template <class Context, class Physical>
[[nodiscard]] auto choose_asid(Context& ctx, vsp_host& l0, Physical& p, memory::guest_kind kind)
    -> std::optional<asid> {
  const memory::asid_range range = firmware::asid_ranges_of(p).of(kind);
  for (const bool last : {false, true}) {
    bool flush_helps = false;
    for (const pooled_asid& one : l0.pool) {
      if (!range.contains(one.id) || l0.asids.find_real(one.id) != nullptr) continue;
      if (ctx.denies(rule::NEST_VSP_29, firmware::pages_with(p, one.id) != 0)) continue;
      if (ctx.denies(rule::NEST_VSP_07, !one.clean)) {
        flush_helps = true;
        continue;
      }
      return one.id;
    }
    if (last || !flush_helps) break;
    flush_pool(ctx, l0, p);
  }
  return {};
}

/// The guest that has an ASID of L1's: its kind; nothing if none has it.
template <class Virtual>
[[nodiscard]] auto kind_on(const Virtual& v, asid virtual_asid) -> std::optional<memory::guest_kind> {
  for (const auto& [handle, guest] : v.sp.guests)
    if (guest.slot.id == virtual_asid) return firmware::kind_of(guest);
  for (const auto& [page, guest] : v.sp.contexts)
    if (guest.slot.id == virtual_asid) return memory::guest_kind::snp;
  return {};
}

/// Gives the ASIDs that L1 has just activated guests on one of the machine's each.   NEST-VSP-04, 05
/// @return false if there is none left
template <class Context, class Physical, class Virtual>
[[nodiscard]] auto bind_active(Context& ctx, vsp_host& l0, Physical& p, const Virtual& v) -> bool {
  const memory::asid_ranges seen{.highest = v.hw.max_asid, .min_sev = v.hw.min_sev_asid, .max_snp = v.sp.max_snp_asid};
  for (std::uint32_t i = 1; i <= v.hw.max_asid; ++i) {
    const auto kind = kind_on(v, asid{i});
    if (!ctx.applies(rule::NEST_VSP_04, kind && !l0.asids.real_of(v.who, asid{i}))) continue;
    if (!kind) continue;
    const auto chosen = l0.asids.full() ? std::nullopt : choose_asid(ctx, l0, p, *kind);
    if (ctx.denies(rule::NEST_VSP_05, !chosen)) return false;
    if (!chosen) continue;
    if (!bind_asid(ctx, l0.asids, v.who, asid{i}, seen, *chosen, firmware::asid_ranges_of(p))) return false;
    for (pooled_asid& one : l0.pool)
      if (one.id == *chosen) one.clean = false;  // somebody's from now on
  }
  return true;
}

/// Takes the machine's ASIDs back from those of L1's that no guest has any longer. They are dirty.   NEST-VSP-06
template <class Context, class Virtual>
void unbind_idle(Context& ctx, vsp_host& l0, const Virtual& v) {
  for (std::uint32_t i = 1; i <= v.hw.max_asid; ++i) {
    const auto real = l0.asids.real_of(v.who, asid{i});
    if (!real) continue;
    const bool idle = !kind_on(v, asid{i});
    const bool dirty = ctx.applies(rule::NEST_VSP_06, idle);
    if (!idle) continue;
    for (pooled_asid& one : l0.pool)
      if (one.id == *real) one.clean = !dirty;
    l0.asids.unbind(v.who, asid{i});
  }
}

}  // namespace sevspec::inline v0::nested

#endif
