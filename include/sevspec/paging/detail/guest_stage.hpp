// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_DETAIL_GUEST_STAGE_HPP
#define SEVSPEC_PAGING_DETAIL_GUEST_STAGE_HPP

#include <cstdint>
#include <expected>
#include <type_traits>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/observer.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/memory/key_selection.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/paging/detail/accessed_dirty.hpp>
#include <sevspec/paging/detail/leaf_found.hpp>
#include <sevspec/paging/detail/linear.hpp>
#include <sevspec/paging/detail/nested_stage.hpp>
#include <sevspec/paging/detail/walk_short_tables.hpp>
#include <sevspec/paging/detail/walk_tables.hpp>
#include <sevspec/paging/mapping.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/paging/two_stage_regime.hpp>

namespace sevspec::inline v0::paging {

/// A completed translation in guest mode.
struct guest_translation {
  mapping<system_physical> page{};     ///< nested stage: `page.where` is the sPA
  mapping<guest_physical> in_guest{};  ///< guest stage: `in_guest.where` is the gPA
  page_size size{};                    ///< what a TLB may hold: the smaller page of both stages (PAG-NPT-18)
  bool effective_c{};                  ///< the reference is encrypted from the guest's side
  bool nested_sss{};                   ///< the nested page is one for supervisor shadow stacks (PAG-SSS-02)
  memory_key key{};                    ///< the key of the reference itself

  friend constexpr auto operator==(const guest_translation&, const guest_translation&) -> bool = default;

  /// Whether both stages have R/W=1. Nothing overrides the nested one; the guest's CR0.WP=0 overrides the guest's for
  /// its supervisor (PAG-NPF-02).
  [[nodiscard]] constexpr auto writable() const noexcept -> bool {
    return in_guest.rights.writable && page.rights.writable;
  }
  /// Whether code may run from the page: neither stage forbids it (PAG-NPF-02).
  [[nodiscard]] constexpr auto no_execute() const noexcept -> bool {
    return in_guest.rights.no_execute || page.rights.no_execute;
  }
};

namespace detail {

/// Where the nested walk of a guest-table entry ends. Two words, so that it travels in registers.
struct located_entry {
  spa where{};
  bool c{};                  ///< C-bit of the nested leaf
  bool ok{};                 ///< false: see the fault
  std::uint8_t page_bits{};  ///< log2 of the nested page, where its owner counts
  bool sss_page{};           ///< the nested page is one for supervisor shadow stacks, where its owner counts
};

/// The place of a guest-table entry whose owner is asked again before A or D is set. A type of its own: walks without
/// owners would carry its members through every read.
struct owned_entry_place : entry_place {
  std::uint8_t page_bits{};
  bool sss_page{};
};

/// The nested walk of one guest-table entry (PAG-NPT-10). Not inlined: a loop of its own keeps its state in registers.
/// @tparam Seen  the access that the nested tables see: a write, whatever the guest's access is (PAG-NPT-11); a read
///               with read-only guest page tables (PAG-NPT-14)
/// @tparam Done  what is done to the entry: a write when its A or D bit is set
template <access_kind Seen, access_kind Done, regime_kind Kind, class Context, readable_memory Memory>
[[nodiscard, gnu::noinline]] constexpr auto locate_guest_entry(Context& ctx, Memory& memory, controls<Kind> machine,
                                                               gpa slot, fault& reason) -> located_entry {
  if (Kind == regime_kind::ordinary && slot.value % 8 != 0) __builtin_unreachable();
  leaf_found table;
  const nested_access why{.kind = Seen, .owner_kind = Done, .guest_user = true, .guest_access_c = false};
  if (!walk_nested<nested_purpose::guest_table>(ctx, memory, machine, slot, why, table, reason)) [[unlikely]]
    return {};
  located_entry place{address_in(machine->nested, table, slot), leaf_c(machine->nested, table), true};
  if constexpr (memory::guarded_memory<Memory, Context>) {
    place.page_bits = static_cast<std::uint8_t>(table.page_bits);
    place.sss_page = is_sss_page(machine, table);
  }
  return place;
}

/// How guest tables are walked: each entry's address is a gPA that the nested tables translate first; failures of the
/// guest's own checks are the guest's #PF (PAG-NPF-03).
template <regime_kind Kind, class Memory>
struct guest_requester : linear_requester<guest_virtual> {
  Memory& memory;
  controls<Kind> machine;

  template <class Context>
  using place_in = std::conditional_t<memory::guarded_memory<Memory, Context>, owned_entry_place, entry_place>;

  template <class Context>
  [[nodiscard, gnu::always_inline]] constexpr auto locate(Context& ctx, gpa slot, bool, place_in<Context>& place,
                                                          sevspec::fault& reason) const -> bool {
    using enum access_kind;
    const located_entry found = machine.rogpt() ? locate_guest_entry<read, read>(ctx, memory, machine, slot, reason)
                                                : locate_guest_entry<write, read>(ctx, memory, machine, slot, reason);
    // PAG-KEY-03, PAG-KEY-06: a SEV guest's tables are private whatever the C-bits on the way say (PAG-ENC-03).
    place.where = found.where;
    place.key = memory::key_for_guest(machine->sev_active, machine->id, found.c);
    if constexpr (memory::guarded_memory<Memory, Context>) {
      place.page_bits = found.page_bits;
      place.sss_page = found.sss_page;
    }
    return found.ok;
  }

  /// With read-only guest page tables, an A/D update is the write that reading the entry was not, and goes through the
  /// nested tables once more (PAG-NPT-14). Else page ownership alone is asked again, for a write (PAG-AD-08).
  template <class Context>
  [[nodiscard]] constexpr auto prepare_update(Context& ctx, gpa slot, const place_in<Context>& place, std::uint64_t,
                                              sevspec::fault& reason) const -> bool {
    if (ctx.applies(rule::PAG_NPT_14, machine.rogpt()))
      return locate_guest_entry<access_kind::write, access_kind::write>(ctx, memory, machine, slot, reason).ok;
    if constexpr (memory::guarded_memory<Memory, Context>) {
      if (!ctx.applies(rule::PAG_AD_08, machine->snp_enabled)) return true;
      const nested_requester<nested_purpose::guest_table, Kind, Memory> who{memory,
                                                                            machine,
                                                                            slot,
                                                                            {.kind = access_kind::write,
                                                                             .owner_kind = access_kind::write,
                                                                             .guest_user = true,
                                                                             .guest_access_c = machine->sev_active}};
      return who.page_owned(ctx, place.where, size_of_page(place.page_bits), place.sss_page, reason);
    }
    return true;
  }
};

/// One walk of the guest's tables. Result and fault as in `walk_tables`.
template <regime_kind Kind, class Context, readable_memory Memory>
[[nodiscard, gnu::always_inline]] constexpr auto walk_guest_tables(Context& ctx, Memory& memory, controls<Kind> machine,
                                                                   gva linear, const memory_access& why,
                                                                   update_queue& updates, leaf_found& result,
                                                                   fault& reason) -> bool {
  const guest_requester<Kind, Memory> who{{linear, why}, memory, machine};
  if constexpr (Kind == regime_kind::any)
    if (machine->guest.levels < 4)
      return walk_short_tables(ctx, memory, machine->guest, linear, who, updates, result, reason);
  return walk_tables(ctx, memory, machine->guest, linear, who, updates, result, reason);
}

/// Whether the guest's reference is encrypted from the guest's side: table 15-31, virtual TOM, VTE.
template <regime_kind Kind, class Context>
[[nodiscard]] constexpr auto effective_c_of(Context& ctx, controls<Kind> machine, const memory_access& why,
                                            const mapping<guest_physical>& in_guest) -> bool {
  if (!machine->sev_active) return false;
  if (ctx.applies(rule::PAG_KEY_10, machine.vte())) return true;  // nothing the guest says counts
  if (ctx.applies(rule::PAG_KEY_11, machine.vtom() && !why.is_fetch()))
    return in_guest.where.value < machine->virtual_tom;  // PAG-VTOM-01; fetches are private anyway (PAG-VTOM-02)
  const bool has_c_bit = Kind == regime_kind::ordinary ? machine->guest.levels != 0 : machine->guest.levels >= 3;
  return memory::effective_c(true, why.is_fetch(), has_c_bit, in_guest.c);  // PAG-KEY-05, 08, 09; PAG-MODE-06
}

/// A guest-mode walk has failed. #VC 404h saves the guest's linear address in CR2 (PAG-RMPS-08).
[[nodiscard, gnu::cold]] constexpr auto failed(fault reason, gva linear) noexcept -> std::unexpected<fault> {
  if (reason.kind == fault_kind::vc && reason.code == vmexit_page_not_validated) reason.address = linear.value;
  return std::unexpected{reason};
}

/// `walk` for one kind of regime.
template <regime_kind Kind, class Context, readable_memory Memory>
[[nodiscard, gnu::always_inline]] constexpr auto walk_guest(Context& ctx, Memory& memory, controls<Kind> machine,
                                                            gva where, const memory_access& why)
    -> outcome<guest_translation> {
  const gva linear = linear_address(ctx, machine->guest, where, why);
  const bool guest_paging = machine->guest.levels != 0;
  if (guest_paging)
    if (const auto bad = not_canonical(ctx, machine->guest, linear, why)) return std::unexpected{*bad};

  for (;;) {
    update_queue updates;
    leaf_found found;
    fault reason;
    mapping<guest_physical> in_guest{.where = {linear.value}};  // PAG-NPT-15: paging off
    if (guest_paging) {
      if (!walk_guest_tables(ctx, memory, machine, linear, why, updates, found, reason)) return failed(reason, linear);
      in_guest = mapping_of(machine->guest, found, linear);
    }

    const bool private_access = effective_c_of(ctx, machine, why, in_guest);
    if (ctx.denies(rule::RMP_VPL_03, guest_paging && machine.vmpl_sss() && why.is_shadow_stack() && !private_access))
      return std::unexpected{page_fault(ctx, machine->guest, rule::RMP_VPL_03,
                                        page_fault_code::p::mask | page_fault_code::rsvd::mask, linear.value, why)};
    if (ctx.choices.guest_ad_before_final_npf && !updates.commit(ctx, memory, stage::guest)) continue;

    const nested_access nested{
        .kind = why.kind, .owner_kind = why.kind, .guest_user = why.is_user(), .guest_access_c = private_access};
    if (!walk_nested<nested_purpose::final_gpa>(ctx, memory, machine, in_guest.where, nested, found, reason))
      return failed(reason, linear);
    if (!updates.commit(ctx, memory, stage::guest)) continue;  // an entry changed meanwhile (PAG-AD-04)

    const auto page = mapping_of(machine->nested, found, in_guest.where);
    page_size size = smaller_of(in_guest.size, page.size);
    if (ctx.applies(rule::RMP_CHK_09, machine->snp_enabled && size > page_size::k2m)) size = page_size::k2m;
    const guest_translation result{.page = page,
                                   .in_guest = in_guest,
                                   .size = size,
                                   .effective_c = private_access,
                                   .nested_sss = is_sss_page(machine, found),
                                   .key = memory::key_for_guest(private_access, machine->id, page.c)};
    ctx.tell(final_access{why.kind, page.where, result.key});
    return result;
  }
}

/// `walk` for every regime. Kept out of the way of ordinary ones.
template <class Context, readable_memory Memory>
[[nodiscard, gnu::noinline]] constexpr auto walk_special_guest(Context& ctx, Memory& memory,
                                                               const two_stage_regime& machine, gva where,
                                                               const memory_access& why) -> outcome<guest_translation> {
  return walk_guest(ctx, memory, controls<regime_kind::any>{&machine}, where, why);
}

}  // namespace detail

}  // namespace sevspec::inline v0::paging

#endif
