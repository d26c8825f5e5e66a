// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_ACCESS_CHECK_HPP
#define SEVSPEC_RMP_ACCESS_CHECK_HPP

#include <cstdint>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/rmp/busy.hpp>
#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/quick_look.hpp>
#include <sevspec/rmp/region.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// Whether VMRUN holds a page: this page. That another one of the region is in use does not count, whatever the leaf:
/// otherwise RMP-ERR-01 would be no erratum. Early parts take a page in use that is 2M-aligned for its whole region
/// (RMP-ERR-01).
/// @param page  covered
template <class Context, entry_store Store>
[[nodiscard]] constexpr auto is_in_use(Context& ctx, const Store& rmp, spfn page, bool large_leaf) -> bool {
  if (authoritative_entry(rmp, page).in_use) return true;
  if (!ctx.choices.erratum_inuse_2m || !large_leaf) return false;
  const spfn base = large_page_base<Store>(page);
  return ctx.applies(rule::RMP_ERR_01, rmp.covers(base) && rmp.entry_of(base).in_use);
}

/// Whether the hypervisor owns a page: it is not covered, or not assigned. Through a large leaf, all pages of the region
/// around it (RMP-CHK-08).   APM vol. 2, 15.36.10
template <class Context, entry_store Store>
[[nodiscard]] constexpr auto hypervisor_owned(Context& ctx, const Store& rmp, spfn page, bool large_leaf) -> bool {
  const spfn base = large_page_base<Store>(page);
  if (ctx.applies(rule::RMP_CHK_08, large_leaf)) return !any_assigned_in_region(rmp, base);
  if (!rmp.covers(page)) return true;
  return !authoritative_entry(rmp, page).assigned;
}

/// Whether the entry says that the guest sees the page at this gPA. For a large page the position inside it counts,
/// too.   APM vol. 2, 15.36.10
template <entry_store Store>
[[nodiscard]] constexpr auto reverse_map_agrees(const entry& found, gpa guest, spa where) noexcept -> bool {
  const std::uint64_t page = guest.value >> 12;
  if (!found.large) return found.guest.value >> 12 == page;
  const std::uint64_t inside = std::uint64_t{Store::sub_pages} - 1;
  return (found.guest.value >> 12 & ~inside) == (page & ~inside) && (where.value >> 12 & inside) == (page & inside);
}

/// Whether a VMPL's permissions let a reference through (RMP-VPL-01, RMP-VPL-02).   APM vol. 2, 15.36.7
template <class Context>
[[nodiscard]] constexpr auto vmpl_allows(Context& ctx, permissions allowed, const memory::ownership_query& query)
    -> bool {
  if (ctx.applies(rule::RMP_VPL_02, query.table)) {
    if (ctx.choices.rmp_gpt_vmpl_perm == table_vmpl::read_write) return allowed.read() && allowed.write();
    return writes(query.kind) ? allowed.write() : allowed.read();
  }
  // Masks that RMPADJUST should have refused (RMP-VPL-05, older edition).
  const bool data = query.kind != access_kind::execute;
  const bool odd =
      ctx.choices.vmpl_misconfig_code == misconfigured_mask::accepted && allowed.write() && !allowed.read();
  if (ctx.applies(rule::RMP_VPL_05, data && odd)) return false;
  switch (query.kind) {
    case access_kind::read:    return allowed.read();
    case access_kind::write:   return allowed.write();
    case access_kind::execute: return query.user ? allowed.execute_user() : allowed.execute_supervisor();
    case access_kind::shadow_stack_read:
    case access_kind::shadow_stack_write:
      // A user shadow stack has the ordinary permissions, and so have both without VmplSSS (RMP-VPL-03).
      if (query.vmpl_sss && !query.user) return allowed.supervisor_shadow_stack();
      return query.kind == access_kind::shadow_stack_read ? allowed.read() : allowed.write();
  }
  return false;
}

namespace detail {

/// `check_access`, each condition by its rule.
template <class Context, entry_store Store>
[[nodiscard, gnu::noinline]] constexpr auto check_in_order(Context& ctx, const Store& rmp,
                                                           const memory::ownership_query& query)
    -> memory::ownership_verdict {
  using enum memory::ownership_verdict::kind;
  using memory::owner_context;
  const auto denied = [](rule id) {
    return memory::ownership_verdict{memory::ownership_verdict::kind::violation, id, false};
  };
  constexpr memory::ownership_verdict no_way{reserved, rule::RMP_SEG_06, false};
  const spfn page = page_of(query.where);
  const bool large_leaf = query.leaf != page_size::k4k;  // 1G counts as 2M

  // The host, guests that are not SNP-active, and what an SNP-active guest shares: no reads are checked (RMP-CHK-02).
  if (!is_private(query)) {
    const bool walker_read = query.table && !writes(query.kind);
    const bool shared_read = query.who == owner_context::snp_guest && !query.table && !writes(query.kind);
    const bool checked =
        writes(query.kind) || (shared_read && ctx.choices.strict_shared_read) ||
        ctx.applies(rule::RMP_CHK_06, walker_read && ctx.choices.ptw_read_check == walker_check::every_access);
    if (!checked) {
      const bool host_read = query.who == owner_context::host && query.kind == access_kind::read && !query.table &&
                             query.writable_leaf && !ctx.choices.inuse_host_read_via_writable &&
                             !query.in_use_write_allowed;
      const bool guest_read = query.who != owner_context::host && ctx.choices.in_use_denies_guest_reads;
      if (ctx.denies(rule::RMP_SEG_06, (host_read || guest_read) && is_way_reserved(rmp, page))) return no_way;
      if (ctx.denies(rule::RMP_CHK_15,
                     (host_read || guest_read) && rmp.covers(page) && is_in_use(ctx, rmp, page, large_leaf)))
        return denied(rule::RMP_CHK_15);
      return {};
    }
    if (ctx.denies(rule::RMP_SEG_06, is_way_reserved(rmp, page))) return no_way;
    const bool region = large_leaf && !(query.table && writes(query.kind));  // an A/D update is one of 4K (RMP-CHK-05)
    if (ctx.denies(rule::RMP_CHK_16, ctx.choices.spurious_rmp_fault && is_check_disturbed(rmp, page, region)))
      return denied(rule::RMP_CHK_16);
    if (ctx.denies(rule::RMP_CHK_01, !hypervisor_owned(ctx, rmp, page, region))) return denied(rule::RMP_CHK_01);
    if (ctx.denies(rule::RMP_CHK_15,
                   !query.in_use_write_allowed && rmp.covers(page) && is_in_use(ctx, rmp, page, region)))
      return denied(rule::RMP_CHK_15);
    return {};
  }

  if (ctx.denies(rule::RMP_SEG_06, is_way_reserved(rmp, page))) return no_way;
  const bool covered = rmp.covers(page);
  const entry found = covered ? authoritative_entry(rmp, page) : entry{};
  const bool owned = covered && found.assigned && found.id == query.id &&
                     reverse_map_agrees<Store>(found, query.guest, query.where) && !found.immutable;
  if (ctx.denies(rule::RMP_CHK_16, ctx.choices.spurious_rmp_fault && is_check_disturbed(rmp, page, false)))
    return denied(rule::RMP_CHK_16);
  if (ctx.denies(rule::RMP_CHK_01, !owned)) return denied(rule::RMP_CHK_01);
  const bool lost =
      found.vmsa && writes(query.kind) && ctx.choices.vmsa_write_while_running == running_vmsa_write::lost;
  if (ctx.denies(rule::RMP_CHK_15, found.in_use && !lost)) return denied(rule::RMP_CHK_15);
  if (ctx.denies(rule::RMP_CHK_10, large_leaf != found.large)) return denied(rule::RMP_CHK_10);

  if (ctx.denies(rule::PAG_RMPS_08, !found.validated)) return {not_validated, rule::PAG_RMPS_08, false};

  const permissions mask = query.level.value < found.allowed.size() ? found.allowed[query.level.value] : permissions{};
  if (ctx.denies(rule::RMP_VPL_01, !vmpl_allows(ctx, mask, query))) {
    const bool sss = ctx.applies(rule::RMP_FLT_05, query.vmpl_sss && mask.supervisor_shadow_stack());
    return {vmpl_denied, rule::RMP_VPL_01, sss};
  }
  return {};
}

}  // namespace detail

/// The ownership check of one reference.   APM vol. 2, 15.36.10, table 15-38
///
/// Three sets of conditions, in order of priority (RMP-CHK-03): whose page it is, whether the guest has validated it,
/// what the VMPL may do. With nobody listening, references that surely pass are told from the others first.
/// @param query  the reference; page-table checks have passed (PAG-RMPS-01)
template <class Context, entry_store Store>
[[nodiscard, gnu::always_inline]] constexpr auto check_access(Context& ctx, const Store& rmp,
                                                              const memory::ownership_query& query)
    -> memory::ownership_verdict {
  if (surely_allowed(ctx, rmp, query)) [[likely]]
    return {};
  return detail::check_in_order(ctx, rmp, memory::ownership_query{query});  // a copy: `query` can stay in registers
}

}  // namespace sevspec::inline v0::rmp

#endif
