// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_DETAIL_NESTED_STAGE_HPP
#define SEVSPEC_PAGING_DETAIL_NESTED_STAGE_HPP

#include <cstdint>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/observer.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/memory/key_selection.hpp>
#include <sevspec/memory/modification_log.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/paging/canonical.hpp>
#include <sevspec/paging/detail/accessed_dirty.hpp>
#include <sevspec/paging/detail/controls.hpp>
#include <sevspec/paging/detail/leaf_found.hpp>
#include <sevspec/paging/detail/walk_short_tables.hpp>
#include <sevspec/paging/detail/walk_tables.hpp>
#include <sevspec/paging/entry.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/paging/permissions.hpp>
#include <sevspec/paging/two_stage_regime.hpp>

namespace sevspec::inline v0::paging {

/// What a nested walk is for. It decides the kind of access that the nested tables see, and bits 32 and 33 of
/// EXITINFO1.
enum class nested_purpose : std::uint8_t {
  guest_table,  ///< the gPA of a guest page-table entry: a user write, whatever the guest access is (PAG-NPT-11)
  final_gpa,    ///< the gPA of the guest access itself: a user access of its own kind (PAG-NPT-13)
};

namespace detail {

/// What the nested tables see of a reference.
struct nested_access {
  access_kind kind;        ///< the guest's own; of a guest-table entry, see `locate_guest_entry`
  access_kind owner_kind;  ///< as page ownership sees it: a guest-table entry that is only read is read
  bool guest_user;         ///< the guest's reference is a user access: counts with GMET and SSSCheckEn alone
  bool guest_access_c;     ///< effective C-bit of the guest's reference; not asked of its tables, see `private_access`
};

/// A supervisor shadow-stack page: NX=1 and U/S=0 in the nested leaf, R/W=1 in all entries above it (PAG-SSS-02).
template <regime_kind Kind>
[[nodiscard]] constexpr auto is_sss_page(controls<Kind> machine, const leaf_found& found) noexcept -> bool {
  return machine.sss_check() && machine->nested.nxe && entry::nx::test(found.leaf.raw) &&
         !entry::us::test(found.leaf.raw) && entry::rw::test(found.in_pointers);
}

/// Whether the walker's reads of nested tables are asked for their owner. Decided once for a walk, since it is
/// implementation_choices::ptw_read_check that says it (RMP-CHK-06).
enum class table_reads : std::uint8_t { free, owned };

template <class Context>
[[nodiscard]] constexpr auto table_reads_are_free(const Context& ctx, bool snp_enabled) noexcept -> bool {
  if constexpr (Context::template tells<rule_evaluated>) return false;
  return !snp_enabled || ctx.choices.ptw_read_check != walker_check::every_access;
}

/// How nested tables are walked: entries lie where their pointer says, every access is a user access, CR0.WP, SMEP,
/// SMAP and protection keys do not count (PAG-NPT-04), and failures are #NPF.   APM vol. 2, 15.25.5 to 15.25.7
/// @tparam Tables  whether the reads of the nested tables themselves are asked for their owner
template <nested_purpose Purpose, regime_kind Kind, class Memory, table_reads Tables = table_reads::owned>
struct nested_requester {
  Memory& memory;
  controls<Kind> machine;
  gpa where;
  nested_access why;

  template <class>
  using place_in = entry_place;

  template <class Context>
  [[nodiscard]] constexpr auto locate(Context& ctx, spa slot, bool pointer_c, entry_place& place,
                                      sevspec::fault& reason) const -> bool {
    place = {slot, memory::key_for_pointer(pointer_c)};  // PAG-KEY-04, PAG-KEY-07
    if constexpr (Tables == table_reads::owned && memory::guarded_memory<Memory, Context>) {
      if (!machine->snp_enabled || memory::surely_owned(memory, ctx, nested_table(slot, access_kind::read)))
        return true;
      return nested_requester{*this}.table_owned(ctx, slot, access_kind::read, reason);
    }
    return true;
  }

  /// Called before A or D of a nested entry is set. Setting D of a leaf is what page-modification logging logs.
  template <class Context>
  [[nodiscard]] constexpr auto prepare_update(Context& ctx, spa slot, const entry_place&, std::uint64_t missing,
                                              sevspec::fault& reason) const -> bool {
    const bool owner_asked = memory::guarded_memory<Memory, Context> && machine->snp_enabled;
    if (ctx.applies(rule::PAG_AD_08, owner_asked) && !table_owned(ctx, slot, access_kind::write, reason)) return false;
    if (ctx.applies(rule::PAG_NPT_17, machine.pml() && entry::d::test(missing))) return log_modification(reason);
    return true;
  }

  /// The ownership check of one reference, where there is one (PAG-RMPS-01, PAG-RMPS-05).
  template <class Context>
  [[nodiscard]] constexpr auto owned(Context& ctx, const memory::ownership_query& query, sevspec::fault& reason) const
      -> bool {
    if constexpr (memory::guarded_memory<Memory, Context>) {
      if (!machine->snp_enabled) return true;
      const memory::ownership_verdict verdict = memory.check_ownership(ctx, query);
      if (verdict.what == memory::ownership_verdict::kind::allowed) return true;
      reason = ownership_fault(ctx, verdict, query);
      return false;
    }
    return true;
  }

  /// The walker's own reference to an entry of the nested tables: it makes it as the host (RMP-CHK-06).
  template <class Context>
  [[nodiscard, gnu::noinline]] constexpr auto table_owned(Context& ctx, spa slot, access_kind kind,
                                                          sevspec::fault& reason) const -> bool {
    if (owned(ctx, nested_table(slot, kind), reason)) return true;
    using error = page_fault_code;
    switch (ctx.choices.npt_walk_fault) {
      case nested_table_fault::npf:             break;
      case nested_table_fault::host_page_fault: {
        const std::uint64_t code = reason.code & (error::p::mask | error::rsvd::mask | error::rmp::mask);
        const std::uint64_t write = sevspec::writes(kind) ? error::w::mask : 0;
        reason = {fault_kind::pf, reason.decided_by, code | write, slot.value};
        break;
      }
      case nested_table_fault::shutdown: reason = {fault_kind::vmexit, reason.decided_by, vmexit_shutdown, 0}; break;
    }
    return false;
  }

  /// What the check of the page itself asks, once the nested tables have given its sPA (PAG-RMPS-02, PAG-RMPS-04).
  [[nodiscard]] constexpr auto page_query(spa page, page_size leaf) const noexcept -> memory::ownership_query {
    return {.where = page,
            .guest = where,
            .leaf = leaf,
            .kind = why.owner_kind,
            .table = Purpose == nested_purpose::guest_table,
            .user = why.guest_user,
            .c = private_access(),
            .who = machine->snp_active ? memory::owner_context::snp_guest : memory::owner_context::guest,
            .id = machine->id,
            .level = machine->level,
            .in_use_write_allowed = machine->in_use_write_allowed,
            .vmpl_sss = machine->vmpl_sss};
  }

  /// The ownership check of the page that the nested tables gave.
  /// @param sss_page  `is_sss_page` of its leaf
  template <class Context>
  [[nodiscard, gnu::noinline]] constexpr auto page_owned(Context& ctx, spa page, page_size leaf, bool sss_page,
                                                         sevspec::fault& reason) const -> bool {
    if (owned(ctx, page_query(page, leaf), reason)) return true;
    // RMP-FLT-05: without VmplSSS bit 37 tells of the nested leaf, whoever refuses the page.
    if (reason.kind == fault_kind::npf && sss_page && !machine.vmpl_sss()) reason.code |= page_fault_code::sss::mask;
    return false;
  }
  /// The same for a leaf: first a look that is inlined.
  template <class Context>
  [[nodiscard, gnu::always_inline]] constexpr auto page_owned(Context& ctx, const leaf_found& found,
                                                              sevspec::fault& reason) const -> bool {
    if constexpr (memory::guarded_memory<Memory, Context>) {
      const spa page = address_in(machine->nested, found, where);
      const page_size leaf = size_of_page(found.page_bits);
      if (!machine->snp_enabled || memory::surely_owned(memory, ctx, page_query(page, leaf))) [[likely]]
        return true;
      // Through a copy, so that `*this` can stay in registers.
      return nested_requester{*this}.page_owned(ctx, page, leaf, is_sss_page(machine, found), reason);
    }
    return true;
  }

  [[nodiscard]] constexpr auto sss_bit(const leaf_found& found) const noexcept -> std::uint64_t {
    return is_sss_page(machine, found) ? page_fault_code::sss::mask : 0;
  }

  /// Whether the guest's side makes the reference private: a SEV guest's tables always are (PAG-ENC-03).
  [[nodiscard]] constexpr auto private_access() const noexcept -> bool {
    return Purpose == nested_purpose::guest_table ? machine->sev_active : why.guest_access_c;
  }
  [[nodiscard]] constexpr auto writes() const noexcept -> bool { return sevspec::writes(why.kind); }
  [[nodiscard]] constexpr auto fetches() const noexcept -> bool { return why.kind == access_kind::execute; }

  template <class Context>
  [[nodiscard]] constexpr auto denied(Context& ctx, const nested_regime&, page_rights rights,
                                      const leaf_found& found) const -> denial {
    if constexpr (Purpose == nested_purpose::guest_table) {
      const bool user = rights.user || (machine.gmet() && ctx.choices.gmet_data_ignores_us);  // PAG-GMET-02
      if (ctx.denies(rule::PAG_NPT_11, !user || (writes() && !rights.writable)))
        return {rule::PAG_NPT_11, sss_bit(found)};
    } else {
      if (machine.gmet() || machine.sss_check()) [[unlikely]]
        return denied_where_us_is_special(ctx, rights, found);
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
    if (ctx.applies(rule::PAG_NPF_12, machine->sev_es_active && error::rsvd::test(code)))
      return {fault_kind::vc, rule::PAG_NPF_12, vmexit_npf, 0};

    if (reports_user(ctx)) code |= error::u::mask;
    code |= Purpose == nested_purpose::guest_table ? error::guest_table::mask : error::final_gpa::mask;
    if (writes()) code |= error::w::mask;
    const bool id_reported = regime.nxe || regime.smep || !ctx.choices.npf_id_requires_nx_or_smep;
    if (ctx.applies(rule::PAG_NPF_11, fetches() && id_reported)) code |= error::id::mask;
    if (is_shadow_stack(why.kind)) code |= error::ss::mask;
    if (private_access() && reports_enc(ctx.choices.report_enc_bit)) code |= error::enc::mask;  // PAG-NPF-10
    return {fault_kind::npf, id, code, where.value};                                            // PAG-NPF-05
  }

 private:
  [[nodiscard]] constexpr auto nested_table(spa slot, access_kind kind) const noexcept -> memory::ownership_query {
    return {.where = slot, .kind = kind, .table = true, .in_use_write_allowed = machine->in_use_write_allowed};
  }

  /// Not owned: #NPF with bit 31; not validated: #VC 404h, whose CR2 the caller knows (PAG-RMPS-08).
  template <class Context>
  [[nodiscard, gnu::noinline, gnu::cold]] constexpr auto ownership_fault(Context& ctx,
                                                                         const memory::ownership_verdict& verdict,
                                                                         const memory::ownership_query& query) const
      -> sevspec::fault {
    using error = page_fault_code;
    using enum memory::ownership_verdict::kind;
    if (verdict.what == not_validated) return {fault_kind::vc, verdict.decided_by, vmexit_page_not_validated, 0};
    if (verdict.what == reserved) {  // #NPF for SEV-ES guests, too: it is not an entry of theirs that is ill-formed
      auto result = fault(ctx, machine->nested, verdict.decided_by, error::p::mask);
      result.code |= error::rsvd::mask;
      return result;
    }
    std::uint64_t code = error::p::mask | error::rmp::mask;
    if (verdict.what == vmpl_denied) code |= error::vmpl::mask;
    if (verdict.sss) code |= error::sss::mask;
    auto result = fault(ctx, machine->nested, verdict.decided_by, code);
    // With W only if the guest's entry was to be written, for those who choose so.
    if (Purpose == nested_purpose::guest_table && !ctx.choices.rmp_gpt_error_w && !sevspec::writes(query.kind))
      result.code &= ~error::w::mask;
    return result;
  }

  /// PAG-NPT-17. The log has 512 slots and is filled downwards; when its index has left it, nothing is set. Where
  /// nothing can be set, nothing is logged.
  [[nodiscard]] constexpr auto log_modification(sevspec::fault& reason) const -> bool {
    if constexpr (!physical_memory<Memory>) return true;
    if constexpr (memory::modification_logging_memory<Memory>) {
      if (memory.log_modification(page_base(where, page_size::k4k))) return true;
    }
    reason = {fault_kind::vmexit, rule::PAG_NPT_17, vmexit_page_log_full, 0};
    return false;
  }

  /// The final checks with guest mode execute trap or supervisor shadow-stack checks, which give U/S=0 another meaning.
  /// APM vol. 2, 15.25.13, 15.25.14
  template <class Context>
  [[nodiscard, gnu::noinline, gnu::cold]] constexpr auto denied_where_us_is_special(Context& ctx, page_rights rights,
                                                                                    const leaf_found& found) const
      -> denial {
    const bool sss_page = is_sss_page(machine, found);
    const std::uint64_t sss_bit = this->sss_bit(found);

    const bool supervisor_shadow_stack = machine.sss_check() && is_shadow_stack(why.kind) && !why.guest_user;
    if (ctx.denies(rule::PAG_SSS_03, supervisor_shadow_stack && !sss_page)) return {rule::PAG_SSS_03};
    if (supervisor_shadow_stack && sss_page) return {};  // writes included, whatever the leaf's R/W says

    if (machine.gmet() && fetches()) {
      if (ctx.denies(rule::PAG_GMET_01, rights.user && !why.guest_user)) return {rule::PAG_GMET_01, sss_bit};
    } else {
      const bool data = !fetches() && !is_shadow_stack(why.kind);
      const bool user = rights.user || (machine.gmet() && ctx.choices.gmet_data_ignores_us) ||      // PAG-GMET-02
                        (sss_page && data && ctx.choices.sss_plain_access == sss_access::read_ok);  // PAG-SSS-04
      if (ctx.denies(rule::PAG_NPT_13, !user)) return {rule::PAG_NPT_13, sss_bit};
    }
    if (ctx.denies(rule::PAG_NPF_02, (writes() && !rights.writable) || (fetches() && rights.no_execute)))
      return {rule::PAG_NPF_02, sss_bit};
    return {};
  }

  /// Nested accesses are user accesses; with GMET, bit 2 tells the guest's own privilege (PAG-GMET-03).
  template <class Context>
  [[nodiscard]] constexpr auto reports_user(Context& ctx) const noexcept -> bool {
    if (!machine.gmet()) return true;
    if (Purpose == nested_purpose::guest_table) return ctx.choices.gmet_walk_us_bit;
    return why.guest_user || ctx.choices.gmet_us_bit == gmet_user_bit::always;
  }

  [[nodiscard]] constexpr auto reports_enc(enc_bit choice) const noexcept -> bool {
    switch (choice) {
      case enc_bit::on_snp_capable_silicon: return machine->snp_capable;
      case enc_bit::only_with_snp_enabled:  return machine->snp_enabled;
      case enc_bit::never:                  return false;
    }
    return false;
  }
};

/// The walk of nested tables that a VMM outside long mode has.
template <nested_purpose Purpose, class Context, readable_memory Memory>
[[nodiscard, gnu::noinline, gnu::cold]] constexpr auto walk_short_nested(Context& ctx, Memory& memory,
                                                                         controls<regime_kind::any> machine, gpa where,
                                                                         nested_access why, leaf_found& result,
                                                                         fault& reason) -> bool {
  const nested_requester<Purpose, regime_kind::any, Memory> who{memory, machine, where, why};
  for (;;) {
    update_queue updates;
    if (!walk_short_tables(ctx, memory, machine->nested, where, who, updates, result, reason)) return false;
    if (updates.commit(ctx, memory, stage::nested)) break;  // otherwise an entry changed meanwhile (PAG-AD-04)
  }
  return who.page_owned(ctx, result, reason);
}

/// The walk of nested tables in long mode.
template <table_reads Tables, nested_purpose Purpose, regime_kind Kind, class Context, readable_memory Memory>
[[nodiscard, gnu::always_inline]] constexpr auto walk_long_nested(Context& ctx, Memory& memory, controls<Kind> machine,
                                                                  gpa where, nested_access why, leaf_found& result,
                                                                  fault& reason) -> bool {
  const nested_requester<Purpose, Kind, Memory, Tables> who{memory, machine, where, why};
  for (;;) {
    update_queue updates;
    if (!walk_tables(ctx, memory, machine->nested, where, who, updates, result, reason)) [[unlikely]]
      return false;
    if (updates.commit(ctx, memory, stage::nested)) [[likely]]
      break;  // otherwise an entry changed meanwhile (PAG-AD-04)
  }
  if constexpr (memory::guarded_memory<Memory, Context>) return who.page_owned(ctx, result, reason);
  return true;
}

/// One walk of the nested tables, and the ownership check of the page it finds. Result and fault as in `walk_tables`.
template <nested_purpose Purpose, regime_kind Kind, class Context, readable_memory Memory>
[[nodiscard, gnu::always_inline]] constexpr auto walk_nested(Context& ctx, Memory& memory, controls<Kind> machine,
                                                             gpa where, nested_access why, leaf_found& result,
                                                             fault& reason) -> bool {
  const nested_regime& regime = machine->nested;

  const bool beyond_index = (where.value & regime.beyond_index) != 0;
  if (ctx.denies(rule::PAG_NPT_21, beyond_index && ctx.choices.npt_high_gpa == high_gpa::npf_not_present))
      [[unlikely]] {
    reason =
        nested_requester<Purpose, Kind, Memory>{memory, machine, where, why}.fault(ctx, regime, rule::PAG_NPT_21, 0);
    return false;
  }
  if constexpr (Kind == regime_kind::any)
    if (regime.levels < 4) return walk_short_nested<Purpose>(ctx, memory, machine, where, why, result, reason);

  if constexpr (memory::guarded_memory<Memory, Context> && Kind == regime_kind::ordinary)
    if (table_reads_are_free(ctx, machine->snp_enabled))
      return walk_long_nested<table_reads::free, Purpose>(ctx, memory, machine, where, why, result, reason);
  return walk_long_nested<table_reads::owned, Purpose>(ctx, memory, machine, where, why, result, reason);
}

}  // namespace detail

}  // namespace sevspec::inline v0::paging

#endif
