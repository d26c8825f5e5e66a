// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_NESTED_WALK_HPP
#define SEVSPEC_PAGING_NESTED_WALK_HPP

#include <cstdint>

#include <gsl/assert>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/observer.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/memory/key_selection.hpp>
#include <sevspec/paging/canonical.hpp>
#include <sevspec/paging/detail/linear.hpp>
#include <sevspec/paging/detail/walk_tables.hpp>
#include <sevspec/paging/mapping.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/paging/two_stage_regime.hpp>

namespace sevspec::inline v0::paging {

/// What a nested walk is for. It decides the kind of access that the nested tables see, and bits 32 and 33 of
/// EXITINFO1.
enum class nested_purpose : std::uint8_t {
  guest_table,  ///< the gPA of a guest page-table entry: a user write, whatever the guest access is (PAG-NPT-11)
  final_gpa,    ///< the gPA of the guest access itself: a user access of its own kind (PAG-NPT-13)
};

/// A completed translation in guest mode.
struct guest_translation {
  mapping<system_physical> page{};     ///< nested stage: `page.where` is the sPA
  mapping<guest_physical> in_guest{};  ///< guest stage: `in_guest.where` is the gPA
  page_size size{};                    ///< what a TLB may hold: the smaller page of both stages (PAG-NPT-18)
  bool effective_c{};                  ///< the reference is encrypted from the guest's side
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

/// How nested tables are walked: entries lie where their pointer says, every access is a user access, CR0.WP, SMEP,
/// SMAP and protection keys do not count (PAG-NPT-04), and failures are #NPF.   APM vol. 2, 15.25.5 to 15.25.7
template <nested_purpose Purpose>
struct nested_requester {
  const two_stage_regime& machine;
  gpa where;
  access_kind kind;     ///< of the nested access: a guest-table entry is always written (PAG-NPT-11)
  bool guest_access_c;  ///< effective C-bit of the guest's reference, for EXITINFO1 bit 34

  template <class Context>
  [[nodiscard]] constexpr auto locate(Context&, spa slot, bool pointer_c, entry_place& place,
                                      sevspec::fault&) const noexcept -> bool {
    place = {slot, memory::key_for_pointer(pointer_c)};  // PAG-KEY-04, PAG-KEY-07
    return true;
  }

  [[nodiscard]] constexpr auto writes() const noexcept -> bool { return kind == access_kind::write; }
  [[nodiscard]] constexpr auto fetches() const noexcept -> bool { return kind == access_kind::execute; }

  template <class Context>
  [[nodiscard]] constexpr auto denied(Context& ctx, const nested_regime&, page_rights rights, entry) const -> denial {
    if constexpr (Purpose == nested_purpose::guest_table) {
      if (ctx.denies(rule::PAG_NPT_11, !rights.user || !rights.writable)) return {rule::PAG_NPT_11};
    } else {
      if (ctx.denies(rule::PAG_NPT_13, !rights.user)) return {rule::PAG_NPT_13};
      if (ctx.denies(rule::PAG_NPF_02, (writes() && !rights.writable) || (fetches() && rights.no_execute)))
        return {rule::PAG_NPF_02};
    }
    return {};
  }

  /// #NPF with its EXITINFO1 and EXITINFO2; in a SEV-ES guest a reserved-bit fault is the guest's #VC.
  template <class Context>
  [[nodiscard, gnu::noinline, gnu::cold]] constexpr auto fault(Context& ctx, const nested_regime& regime, rule id,
                                                               std::uint64_t code) const -> sevspec::fault {
    using error = page_fault_code;
    if (ctx.applies(rule::PAG_NPF_12, machine.sev_es_active && error::rsvd::test(code)))
      return {fault_kind::vc, rule::PAG_NPF_12, vmexit_npf, 0};

    code |= error::u::mask;
    code |= Purpose == nested_purpose::guest_table ? error::guest_table::mask : error::final_gpa::mask;
    if (writes()) code |= error::w::mask;
    const bool id_reported = regime.nxe || regime.smep || !ctx.choices.npf_id_requires_nx_or_smep;
    if (ctx.applies(rule::PAG_NPF_11, fetches() && id_reported)) code |= error::id::mask;
    if (guest_access_c && reports_enc(ctx.choices.report_enc_bit)) code |= error::enc::mask;  // PAG-NPF-10
    return {fault_kind::npf, id, code, where.value};                                          // PAG-NPF-05
  }

 private:
  [[nodiscard]] constexpr auto reports_enc(enc_bit choice) const noexcept -> bool {
    switch (choice) {
      case enc_bit::on_snp_capable_silicon: return machine.snp_capable;
      case enc_bit::only_with_snp_enabled:  return machine.snp_enabled;
      case enc_bit::never:                  return false;
    }
    return false;
  }
};

/// One walk of the nested tables. Result and fault as in `walk_tables`.
template <nested_purpose Purpose, class Context, readable_memory Memory>
[[nodiscard, gnu::always_inline]] constexpr auto walk_nested(Context& ctx, Memory& memory,
                                                             const two_stage_regime& machine, gpa where,
                                                             access_kind kind, bool guest_access_c, leaf_found& result,
                                                             fault& reason) -> bool {
  const nested_regime& regime = machine.nested;
  const nested_requester<Purpose> who{machine, where, kind, guest_access_c};

  const bool beyond_index = where.value >> translated_bits(regime.levels) != 0;
  if (ctx.denies(rule::PAG_NPT_21, beyond_index && ctx.choices.npt_high_gpa == high_gpa::npf_not_present))
      [[unlikely]] {
    reason = nested_requester<Purpose>{who}.fault(ctx, regime, rule::PAG_NPT_21, 0);
    return false;
  }

  for (;;) {
    update_queue updates;
    if (!walk_tables(ctx, memory, regime, where, who, updates, result, reason)) [[unlikely]]
      return false;
    if (updates.commit(ctx, memory, stage::nested)) [[likely]]
      return true;  // otherwise an entry changed meanwhile (PAG-AD-04)
  }
}

/// Where the nested walk of a guest-table entry ends. Two words, so that it travels in registers.
struct guest_entry_place {
  spa where{};
  bool c{};   ///< C-bit of the nested leaf
  bool ok{};  ///< false: see the fault
};

/// The nested walk of one guest-table entry (PAG-NPT-10). Not inlined: a loop of its own keeps its state in registers.
template <class Context, readable_memory Memory>
[[nodiscard, gnu::noinline]] constexpr auto locate_guest_entry(Context& ctx, Memory& memory,
                                                               const two_stage_regime& machine, gpa slot, fault& reason)
    -> guest_entry_place {
  if (slot.value % 8 != 0) __builtin_unreachable();
  leaf_found table;
  if (!walk_nested<nested_purpose::guest_table>(ctx, memory, machine, slot, access_kind::write, machine.sev_active,
                                                table, reason)) [[unlikely]]
    return {};
  return {address_in(machine.nested, table, slot), leaf_c(machine.nested, table), true};
}

/// How guest tables are walked: each entry's address is a gPA that the nested tables translate first; failures of the
/// guest's own checks are the guest's #PF (PAG-NPF-03).
template <class Memory>
struct guest_requester : linear_requester<guest_virtual> {
  Memory& memory;
  const two_stage_regime& machine;

  template <class Context>
  [[nodiscard, gnu::always_inline]] constexpr auto locate(Context& ctx, gpa slot, bool, entry_place& place,
                                                          sevspec::fault& reason) const -> bool {
    const guest_entry_place found = locate_guest_entry(ctx, memory, machine, slot, reason);
    // PAG-KEY-03, PAG-KEY-06: a SEV guest's tables are private whatever the C-bits on the way say (PAG-ENC-03).
    place = {found.where, memory::key_for_guest(machine.sev_active, machine.id, found.c)};
    return found.ok;
  }
};

}  // namespace detail

/// Translates a gPA through nCR3's tables alone, as the final step of a guest access does.   APM vol. 2, 15.25.5
/// @param where        a SEV guest's C-bit is removed from it (PAG-NPT-19)
/// @param kind         read, write or execute; nested accesses are user accesses
/// @param effective_c  the access of a SEV guest is encrypted, for EXITINFO1 bit 34
/// @return the sPA with the rights and size of its page; or #NPF (#VC in a SEV-ES guest), `no_memory`
template <class Context, readable_memory Memory>
[[nodiscard]] constexpr auto walk_gpa(Context& ctx, Memory& memory, const two_stage_regime& machine, gpa where,
                                      access_kind kind, bool effective_c = false) -> outcome<mapping<system_physical>> {
  const gpa stripped{where.value & ~machine.guest_c_mask};
  const bool private_access = effective_c && machine.sev_active;
  detail::leaf_found found;
  fault reason;
  if (!detail::walk_nested<nested_purpose::final_gpa>(ctx, memory, machine, stripped, kind, private_access, found,
                                                      reason))
    return std::unexpected{reason};
  return detail::mapping_of(machine.nested, found, stripped);
}

/// Translates one reference made in guest mode through gCR3's and nCR3's tables.   APM vol. 2, 15.25.5 to 15.25.7
///
/// The order is the architecture's (PAG-NPF-01, PAG-PRI-04): for every guest level the nested walk of the entry's gPA,
/// then the entry's P and reserved bits; after the leaf the guest's permissions; then the nested walk of the final gPA.
/// @param memory   holds the tables of both stages; A and D bits are set in it if it can be written
/// @param machine  from `make_two_stage_regime`
/// @param where    guest linear address of the first byte
/// @param why      the reference; `bytes` at least 1. Only its first page is translated.
/// @return the sPA, the gPA on the way, and the key; or #GP, #SS, #PF (the guest's), #NPF, #VC, `no_memory`
template <class Context, readable_memory Memory>
[[nodiscard]] constexpr auto walk(Context& ctx, Memory& memory, const two_stage_regime& machine, gva where,
                                  const memory_access& why) -> outcome<guest_translation> {
  Expects(why.bytes >= 1);
  const gva linear = detail::linear_address(ctx, machine.guest, where);
  const bool guest_paging = machine.guest.levels != 0;
  if (guest_paging)
    if (const auto bad = detail::not_canonical(ctx, machine.guest, where, why)) return std::unexpected{*bad};

  for (;;) {
    detail::update_queue updates;
    detail::leaf_found found;
    fault reason;
    mapping<guest_physical> in_guest{.where = {linear.value}};  // PAG-NPT-15: paging off
    if (guest_paging) {
      const detail::guest_requester<Memory> who{{where, why}, memory, machine};
      if (!detail::walk_tables(ctx, memory, machine.guest, where, who, updates, found, reason))
        return std::unexpected{reason};
      in_guest = detail::mapping_of(machine.guest, found, where);
      if (ctx.choices.guest_ad_before_final_npf && !updates.commit(ctx, memory, stage::guest)) continue;
    }

    const bool private_access =
        memory::effective_c(machine.sev_active, why.is_fetch(), guest_paging, in_guest.c);  // PAG-KEY-05, 08, 09
    if (!detail::walk_nested<nested_purpose::final_gpa>(ctx, memory, machine, in_guest.where, why.kind, private_access,
                                                        found, reason))
      return std::unexpected{reason};
    if (!updates.commit(ctx, memory, stage::guest)) continue;  // an entry changed meanwhile (PAG-AD-04)

    const auto page = detail::mapping_of(machine.nested, found, in_guest.where);
    const guest_translation result{.page = page,
                                   .in_guest = in_guest,
                                   .size = smaller_of(in_guest.size, page.size),
                                   .effective_c = private_access,
                                   .key = memory::key_for_guest(private_access, machine.id, page.c)};
    ctx.tell(final_access{why.kind, page.where, result.key});
    return result;
  }
}

}  // namespace sevspec::inline v0::paging

#endif
