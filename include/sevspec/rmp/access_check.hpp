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
#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// Whether the hypervisor owns a page: it is not covered, or not assigned and not held by VMRUN. Through a large leaf,
/// all pages of the region around it (RMP-CHK-08).   APM vol. 2, 15.36.10
/// @param in_use_allowed  CPUID HvInUseWrAllowed, for the host
template <class Context, entry_store Store>
[[nodiscard]] constexpr auto hypervisor_owned(Context& ctx, const Store& rmp, spfn page, bool large_leaf,
                                              bool in_use_allowed) -> bool {
  const auto owned = [&](spfn one) {
    if (!rmp.covers(one)) return true;
    const entry found = authoritative_entry(rmp, one);
    return !found.assigned && !ctx.applies(rule::RMP_CHK_15, found.in_use && !in_use_allowed);
  };
  if (!owned(page)) return false;
  if (!ctx.applies(rule::RMP_CHK_08, large_leaf)) return true;
  const spfn base = large_page_base<Store>(page);
  for (std::uint64_t i = 0; i < Store::sub_pages; ++i)
    if (!owned({base.value + i})) return false;
  return true;
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
    const bool needs_write = writes(query.kind) || ctx.choices.rmp_gpt_vmpl_perm == table_vmpl::read_write;
    return allowed.read() && (!needs_write || allowed.write());
  }
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

/// The ownership check of one reference.   APM vol. 2, 15.36.10, table 15-38
///
/// Three sets of conditions, in order of priority (RMP-CHK-03): whose page it is, whether the guest has validated it,
/// what the VMPL may do.
/// @param query  the reference; page-table checks have passed (PAG-RMPS-01)
template <class Context, entry_store Store>
[[nodiscard]] constexpr auto check_access(Context& ctx, const Store& rmp, const memory::ownership_query& query)
    -> memory::ownership_verdict {
  using enum memory::ownership_verdict::kind;
  using memory::owner_context;
  const auto denied = [](rule id) {
    return memory::ownership_verdict{memory::ownership_verdict::kind::violation, id, false};
  };
  const spfn page = page_of(query.where);
  const bool large_leaf = query.leaf != page_size::k4k;  // 1G counts as 2M

  // The host, guests that are not SNP-active, and what an SNP-active guest shares: no reads are checked (RMP-CHK-02).
  // Its fetches and the reads of its tables are private whatever the C-bit says (PAG-RMPS-02).
  const bool fetch = query.kind == access_kind::execute;
  const bool private_access = query.who == owner_context::snp_guest && (query.c || query.table || fetch);
  if (!private_access) {
    const bool walker_read = query.table && !writes(query.kind);
    const bool shared_read = query.who == owner_context::snp_guest && !query.table && !writes(query.kind);
    const bool checked =
        writes(query.kind) || (shared_read && ctx.choices.strict_shared_read) ||
        ctx.applies(rule::RMP_CHK_06, walker_read && ctx.choices.ptw_read_check == walker_check::every_access);
    if (!checked) {
      const bool guest_read = query.who != owner_context::host && ctx.choices.in_use_denies_guest_reads;
      if (ctx.denies(rule::RMP_CHK_15, guest_read && rmp.covers(page) && authoritative_entry(rmp, page).in_use))
        return denied(rule::RMP_CHK_15);
      return {};
    }
    const bool region = large_leaf && !(query.table && writes(query.kind));  // an A/D update is one of 4K (RMP-CHK-05)
    if (ctx.denies(rule::RMP_CHK_01, !hypervisor_owned(ctx, rmp, page, region, query.in_use_write_allowed)))
      return denied(rule::RMP_CHK_01);
    return {};
  }

  const bool covered = rmp.covers(page);
  const entry found = covered ? authoritative_entry(rmp, page) : entry{};
  const bool owned = covered && found.assigned && found.id == query.id &&
                     reverse_map_agrees<Store>(found, query.guest, query.where) && !found.immutable;
  if (ctx.denies(rule::RMP_CHK_01, !owned)) return denied(rule::RMP_CHK_01);
  if (ctx.denies(rule::RMP_CHK_15, found.in_use)) return denied(rule::RMP_CHK_15);
  if (ctx.denies(rule::RMP_CHK_10, large_leaf != found.large)) return denied(rule::RMP_CHK_10);

  if (ctx.denies(rule::PAG_RMPS_08, !found.validated)) return {not_validated, rule::PAG_RMPS_08, false};

  const permissions mask = query.level.value < found.allowed.size() ? found.allowed[query.level.value] : permissions{};
  if (ctx.denies(rule::RMP_VPL_01, !vmpl_allows(ctx, mask, query))) {
    const bool sss = ctx.applies(rule::RMP_FLT_05, query.vmpl_sss && mask.supervisor_shadow_stack());
    return {vmpl_denied, rule::RMP_VPL_01, sss};
  }
  return {};
}

}  // namespace sevspec::inline v0::rmp

#endif
