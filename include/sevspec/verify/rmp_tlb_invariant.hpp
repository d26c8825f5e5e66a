// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_TLB_INVARIANT_HPP
#define SEVSPEC_VERIFY_RMP_TLB_INVARIANT_HPP

#include <cstdint>

#include <sevspec/base/access.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/paging/translation_cache.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/store.hpp>
#include <sevspec/verify/detail/judged_page.hpp>
#include <sevspec/verify/rmp_invariant.hpp>

namespace sevspec::inline v0::verify {

/// A translation that some TLB holds.
struct held_translation {
  paging::address_space space{};
  paging::cached_translation found{};
  bool snp_active{};     ///< of a guest: it is SNP-active
  bool guest_changed{};  ///< since the walk the guest has executed PVALIDATE or RMPADJUST on the page, and not flushed
};

/// INV-17: every reference that the translation serves, the check of ownership still lets through. What the guest itself
/// changed without a flush does not count (RMP-ADJ-07, RMP-PVL-05); nor does what passes by itself: VMRUN's holding a page,
/// another party's modifying an entry.
///
/// A translation knows its effective size, not the nested page's. One of 4K is therefore not accused of being too small
/// for a large entry: that would have been denied by the walk.
template <rmp::entry_store Store>
[[nodiscard]] constexpr auto inv_17_tlb_grants_no_more(const Store& table, const held_translation& held,
                                                       const implementation_choices& choices = {}) -> rmp_finding {
  constexpr std::uint64_t region = Store::sub_pages;
  using verdict = memory::ownership_verdict::kind;
  context<> ctx{.choices = choices};
  ctx.choices.spurious_rmp_fault = false;
  const paging::cached_translation& it = held.found;
  const bool large = it.size != page_size::k4k;
  const std::uint64_t regions = large ? bytes_in(it.size) >> log2_bytes(page_size::k2m) : 1;
  for (std::uint64_t i = 0; i < (regions == 0 ? 1 : regions); ++i) {
    memory::ownership_query query{.where = it.page + i * region * 0x1000, .guest = it.guest + i * region * 0x1000};
    const rmp::spfn page = page_of(query.where);
    const bool entry_large = table.covers(page) && detail::judged(table, page).first.large;
    query.id = held.space.id;
    query.level = it.level;
    query.vmpl_sss = true;
    if (held.space.id != host_asid)
      query.who = held.snp_active ? memory::owner_context::snp_guest : memory::owner_context::guest;
    const bool tom = it.virtual_tom != paging::cached_translation::no_virtual_tom;
    query.c = tom ? query.guest.value < it.virtual_tom : it.c;
    for (unsigned bit = 0; bit < 10; ++bit) {
      if ((it.served >> bit & 1U) == 0) continue;
      query.kind = static_cast<access_kind>(bit / 2);
      query.user = bit % 2 != 0;
      const bool is_private = held.snp_active && (query.c || query.kind == access_kind::execute);
      query.leaf = large || (is_private && entry_large) ? page_size::k2m : page_size::k4k;
      // A shadow stack's permission is SSS or W, as VmplSSS says: the translation does not tell.
      memory::ownership_verdict now = rmp::check_access(ctx, table, query);
      if (now.what == verdict::vmpl_denied && is_shadow_stack(query.kind)) {
        query.vmpl_sss = false;
        now = rmp::check_access(ctx, table, query);
        query.vmpl_sss = true;
      }
      if (now.what == verdict::allowed || now.decided_by == rule::RMP_CHK_15) continue;
      if (held.guest_changed && now.what != verdict::violation) continue;
      return detail::broken(rmp_invariant::inv_17, page, "a TLB grants a reference that the table denies");
    }
  }
  return {};
}

}  // namespace sevspec::inline v0::verify

#endif
