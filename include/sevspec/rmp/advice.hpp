// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_ADVICE_HPP
#define SEVSPEC_RMP_ADVICE_HPP

#include <cstdint>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/region.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/store.hpp>

/// What hypervisors do with page ownership: the conventions of Linux and KVM, as advice to who writes another one. None
/// of this is architecture.
namespace sevspec::inline v0::rmp {

/// What a hypervisor should do about a nested page fault of an SNP-active guest.
enum class npf_action : std::uint8_t {
  map_page,        ///< an ordinary nested page fault: map the page
  convert,         ///< the guest uses a private page as shared, or the other way round: its page-state change to make
  assign,          ///< an ordinary fault of a private page that is nobody's yet: give it to the guest, then map it
                   ///< (RMP-KVM-04)
  psmash_and_zap,  ///< split the 2M entry, drop the nested mappings of its 512 pages, resume (RMP-KVM-06)
  zap_and_map_4k,  ///< drop the large nested mapping and map 4K: entries of 4K, or a private neighbour (RMP-KVM-05)
  resume,          ///< nothing: the fault is spurious, or another processor has solved it (RMP-KVM-06)
  warn,            ///< report and resume: a private page was mapped that is not assigned, or has no entry (RMP-KVM-06)
  kill,            ///< nothing can be done for the guest
};

/// @param fault        an #NPF: EXITINFO1 and EXITINFO2
/// @param gpa_private  the hypervisor takes the gPA for private
/// @param where        the page of the hypervisor's that backs the gPA
/// @param id           the guest's ASID
/// @param mapped       size of the nested page
template <class Context, entry_store Store>
[[nodiscard]] constexpr auto advise_npf(Context& ctx, const Store& rmp, const fault& fault, bool gpa_private, spa where,
                                        asid id, page_size mapped) -> npf_action {
  using error = paging::page_fault_code;
  const bool guest_private = error::enc::test(fault.code);
  if (ctx.applies(rule::RMP_KVM_07, guest_private != gpa_private)) return npf_action::convert;
  const spfn page = page_of(where);
  if (!error::rmp::test(fault.code)) {
    const bool nobodys = gpa_private && rmp.covers(page) && !rmp.entry_of(page).assigned;  // its own entry (RMP-KVM-03)
    return ctx.applies(rule::RMP_KVM_04, nobodys) ? npf_action::assign : npf_action::map_page;
  }
  if (!gpa_private) {  // a write of shared memory, which is to be the hypervisor's
    if (rmp.covers(page) && authoritative_entry(rmp, page).assigned) return npf_action::kill;
    // Another page of the region is not: a smaller mapping helps. Or VMRUN held the page, which passes.
    const bool neighbour = mapped != page_size::k4k && any_assigned_in_region(rmp, large_page_base<Store>(page));
    return neighbour ? npf_action::zap_and_map_4k : npf_action::resume;
  }
  if (error::vmpl::test(fault.code)) return npf_action::kill;  // for the guest's own monitor, at VMPL 0
  const authoritative it = rmp.covers(page) ? find_authoritative(rmp, page) : authoritative{};
  if (ctx.applies(rule::RMP_KVM_06, !it.found.assigned)) return npf_action::warn;
  if (it.found.id != id || it.found.immutable) return npf_action::kill;
  // Whatever is wrong in a page of 2M, its size, its gPA or the size that the guest asks for, is of 4K afterwards.
  if (ctx.applies(rule::RMP_KVM_06, it.found.large)) return npf_action::psmash_and_zap;
  if (ctx.applies(rule::RMP_KVM_05, !it.found.large && mapped != page_size::k4k)) return npf_action::zap_and_map_4k;
  // Of the right size at the wrong place: that does not pass.
  if (!reverse_map_agrees<Store>(it.found, {fault.address}, where)) return npf_action::kill;
  return npf_action::resume;
}

/// What to do about a #PF with bit 31 in the hypervisor itself.
enum class host_pf_action : std::uint8_t {
  split_mapping,  ///< the page itself is the hypervisor's, another of the large mapping is not: map 4K, retry
  retry,          ///< it is the hypervisor's and nothing is wrong any longer: spurious
  bug,            ///< it writes a page that belongs to a guest or to the AMD-SP
};

/// @param where   the page that was written
/// @param mapped  size of the hypervisor's page-table leaf
template <entry_store Store>
[[nodiscard]] constexpr auto advise_host_pf(const Store& rmp, spa where, page_size mapped) -> host_pf_action {
  const spfn page = page_of(where);
  if (!rmp.covers(page)) return host_pf_action::retry;
  const entry found = authoritative_entry(rmp, page);
  if (found.assigned || found.in_use) return host_pf_action::bug;
  const spfn base = large_page_base<Store>(page);
  if (mapped != page_size::k4k && rmp.covers(base) && any_assigned_in_region(rmp, base))
    return host_pf_action::split_mapping;
  return host_pf_action::retry;
}

/// What to do about the code of an RMP instruction.
enum class code_action : std::uint8_t {
  done,
  retry,  ///< the condition passes
  fail,   ///< it does not: report, and do not use the page again
};

/// RMPUPDATE: retry FAIL_OVERLAP, as it may come from the firmware's lock, but not for ever: an overlap with a page that
/// is assigned does not pass. Everything else is a failure, FAIL_INUSE of a page that runs a guest included
/// (RMP-KVM-02).
/// @param permanent  the overlap is visible in the table: see `overlap_is_permanent`
[[nodiscard]] constexpr auto advise_rmpupdate(status code, bool permanent) noexcept -> code_action {
  if (code == status::success) return code_action::done;
  return code == status::fail_overlap && !permanent ? code_action::retry : code_action::fail;
}

/// Whether the hypervisor's own mapping of a page is to be split before an update: that of 4K in a larger one, so that
/// no write through the mapping meets the page afterwards (RMP-KVM-02).
/// @param large   the update is one of 2M
/// @param mapped  size of the hypervisor's page-table leaf
[[nodiscard]] constexpr auto splits_own_mapping(bool large, page_size mapped) noexcept -> bool {
  return !large && mapped != page_size::k4k;
}

/// Whether FAIL_OVERLAP of an update will come again however often it is tried.
template <entry_store Store>
[[nodiscard]] constexpr auto overlap_is_permanent(const Store& rmp, spa where, bool large) -> bool {
  const spfn base = large_page_base<Store>(page_of(where));
  if (!rmp.covers(base)) return false;
  const entry first = rmp.entry_of(base);
  if (first.id == region_lock) return false;
  return large ? !first.large && any_assigned_in_region(rmp, base) : first.large;
}

/// PSMASH: retry FAIL_INUSE (RMP-SMH-06). After another failure look again: if the entry is of 4K by now, somebody else
/// has split it, and all is well (RMP-KVM-06).
template <entry_store Store>
[[nodiscard]] constexpr auto advise_psmash(const Store& rmp, spa where, status code) -> code_action {
  if (code == status::success) return code_action::done;
  if (code == status::fail_inuse) return code_action::retry;
  const spfn base = large_page_base<Store>(page_of(where));
  if (!rmp.covers(base)) return code_action::fail;
  const entry first = rmp.entry_of(base);
  return first.assigned && !first.large ? code_action::done : code_action::fail;
}

/// The operand that makes pages private, and the one that gives them back (RMP-KVM-01).
[[nodiscard]] constexpr auto private_state(gpa guest, asid id, bool large, bool immutable = false) noexcept
    -> new_state {
  return {.assigned = true, .large = large, .immutable = immutable, .id = id, .guest = guest, .reserved = false};
}
[[nodiscard]] constexpr auto shared_state(bool large) noexcept -> new_state {
  return {.assigned = false, .large = large, .immutable = false, .id = {}, .guest = {}, .reserved = false};
}
/// The operand that gives a page to the firmware (RMP-KVM-10).
[[nodiscard]] constexpr auto firmware_state() noexcept -> new_state {
  return {.assigned = true, .large = false, .immutable = true, .id = {}, .guest = {}, .reserved = false};
}

/// How to assign the page behind a private fault (RMP-KVM-04).
struct assignment {
  bool needed{};  ///< false: it is assigned already
  bool large{};   ///< one update of 2M, both addresses aligned down; else one of 4K
};
/// @param large_folio  the hypervisor's memory behind the region is one piece of at least 2M
template <class Context, entry_store Store>
[[nodiscard]] constexpr auto advise_assignment(Context& ctx, const Store& rmp, spa where, bool large_folio)
    -> assignment {
  const spfn page = page_of(where);
  if (rmp.covers(page) && rmp.entry_of(page).assigned) return {};
  const spfn base = large_page_base<Store>(page);
  const bool whole = rmp.covers(base) && rmp.covers({base.value + (Store::sub_pages - 1)});
  const bool large = whole && large_folio && !any_assigned_in_region(rmp, base);
  return {.needed = true, .large = ctx.applies(rule::RMP_KVM_04, large)};
}

/// The largest nested page that a private gPA may have (RMP-KVM-05).
template <entry_store Store>
[[nodiscard]] constexpr auto largest_mapping(const Store& rmp, spa where) -> page_size {
  const spfn page = page_of(where);
  if (!rmp.covers(page)) return page_size::k4k;
  const entry found = authoritative_entry(rmp, page);
  return found.assigned && found.large ? page_size::k2m : page_size::k4k;
}

/// What to do with one page of a range that is freed or converted (RMP-KVM-08). Caches are flushed afterwards.
enum class release_action : std::uint8_t { skip, share_2m, psmash_first, share_4k };
/// @param whole  the range holds all of the page's 2M region, from this page on
template <entry_store Store>
[[nodiscard]] constexpr auto advise_release(const Store& rmp, spa where, bool whole) -> release_action {
  const spfn page = page_of(where);
  if (!rmp.covers(page) || !rmp.entry_of(page).assigned) return release_action::skip;
  if (!authoritative_entry(rmp, page).large) return release_action::share_4k;
  return whole && is_large_page_base<Store>(page) ? release_action::share_2m : release_action::psmash_first;
}

/// Whether a gPA may hold the VMSA of a new vCPU (RMP-KVM-12): page-aligned, and not 2M-aligned because of early parts
/// (RMP-ERR-01).
[[nodiscard]] constexpr auto vmsa_gpa_is_sound(gpa where) noexcept -> bool {
  return is_aligned(where, page_size::k4k) && !is_aligned(where, page_size::k2m);
}

/// Whether a page is a good place for a VMCB, a VMSA, an AVIC backing page or a host save area (RMP-ERR-01).
[[nodiscard]] constexpr auto is_good_for_vmrun(spa where) noexcept -> bool {
  return is_aligned(where, page_size::k4k) && !is_aligned(where, page_size::k2m);
}

/// What a guest does with the answer of PVALIDATE (RMP-KVM-14).
enum class pvalidate_action : std::uint8_t { done, use_4k, double_validation, fail };
[[nodiscard]] constexpr auto advise_pvalidate(const result& answer, bool large, bool ignore_unchanged) noexcept
    -> pvalidate_action {
  if (answer.eax == status::fail_sizemismatch && large) return pvalidate_action::use_4k;
  if (!answer.succeeded()) return pvalidate_action::fail;
  return answer.unchanged && !ignore_unchanged ? pvalidate_action::double_validation : pvalidate_action::done;
}

}  // namespace sevspec::inline v0::rmp

#endif
