// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_VMRUN_PAGES_HPP
#define SEVSPEC_RMP_VMRUN_PAGES_HPP

#include <cstdint>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/page_state.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/store.hpp>

/// What VMRUN, VMSAVE and VM_HSAVE_PA ask of the pages they use while SNP is enabled, for every guest.
/// Addresses are those that the table is indexed by: `without_c_bit` takes them from registers and the VMCB (RMP-GEO-12).
/// APM vol. 2, 15.36.12, tables 15-40, 15-41
namespace sevspec::inline v0::rmp {

/// How an instruction that names a page answers.
enum class page_answer : std::uint8_t {
  good,
  gp,              ///< #GP(0)
  vmexit_invalid,  ///< VMEXIT_INVALID (-1)
  npf,             ///< #NPF with RMP=1
  vmexit_vmsave,   ///< #VMEXIT(VMSAVE)
};

/// The pages of a VMCB that hardware uses until the next #VMEXIT.
enum class vmrun_page : std::uint8_t {
  vmcb,
  avic_backing,
  pml_buffer,   ///< where logging is on
  ibs_buffer,   ///< where IBS is virtualized
  sev_es_vmsa,  ///< of a guest that is not SNP-active
};

/// Whether a page is the hypervisor's, for an instruction or a device that names it: not where a segment is ill-formed,
/// since nobody can look it up (RMP-SEG-06).
template <class Context, entry_store Store>
[[nodiscard]] constexpr auto names_hypervisor_page(Context& ctx, const Store& rmp, spa where) -> bool {
  if (ctx.applies(rule::RMP_SEG_06, is_way_reserved(rmp, page_of(where)))) return false;
  return hypervisor_owned(ctx, rmp, page_of(where), false);
}

/// Whether a page that VMRUN uses is the hypervisor's (RMP-VMR-01): as a page of 4K. The permission maps, the AVIC
/// tables and nCR3 are not checked (RMP-VMR-03).
template <class Context, entry_store Store>
[[nodiscard]] constexpr auto check_vmrun_page(Context& ctx, const Store& rmp, vmrun_page what, spa where)
    -> page_answer {
  if (!ctx.denies(rule::RMP_VMR_01, !names_hypervisor_page(ctx, rmp, where))) return page_answer::good;
  return what == vmrun_page::vmcb ? page_answer::gp : page_answer::vmexit_invalid;
}

/// Whether the VMSA page of an SNP-active guest is one: covered, the guest's, mutable, with the VMSA bit. Whether it is
/// validated and how large it is does not count, unless `implementation_choices::vmrun_vmsa_extra` says so. VMRUN knows
/// no gPA to compare (RMP-VMR-02).
/// @param id  the VMCB's ASID
template <class Context, entry_store Store>
[[nodiscard]] constexpr auto check_snp_vmsa(Context& ctx, const Store& rmp, spa where, asid id) -> page_answer {
  const spfn page = page_of(where);
  const bool covered = rmp.covers(page);
  const entry found = covered ? authoritative_entry(rmp, page) : entry{};
  const bool owned = covered && found.assigned && found.id == id && !found.immutable && found.vmsa;
  if (ctx.denies(rule::RMP_VMR_02, !owned)) return page_answer::vmexit_invalid;
  if (ctx.denies(rule::RMP_VMR_02, ctx.choices.vmrun_vmsa_extra && (!found.validated || found.large)))
    return page_answer::vmexit_invalid;
  return page_answer::good;
}

/// Marks a page as in use, at VMRUN, or no longer, at #VMEXIT (RMP-VMR-05). Pages that are not covered cannot be marked.
/// The mark of a page of 2M is one for all that lies in it.
/// @param held    at #VMEXIT: whether another processor still holds a page, `held(spfn) -> bool`; a mark stays while it
///                does
/// @return pages whose translations allowed what the mark forbids, writes above all (RMP-CHK-15): no TLB may use them any
///         longer. Empty if the page was marked before, and at #VMEXIT
template <class Context, writable_store Store, class Held>
constexpr auto set_in_use(Context& ctx, Store& rmp, spa where, bool in_use, Held&& held) -> page_range {
  const spfn page = page_of(where);
  if (!ctx.applies(rule::RMP_VMR_05, rmp.covers(page))) return {};
  authoritative it = find_authoritative(rmp, page);
  const std::uint64_t pages = it.found.large ? std::uint64_t{Store::sub_pages} : 1;
  for (std::uint64_t i = 0; i < pages && !in_use; ++i)
    if (held(spfn{it.page.value + i})) return {};
  const bool marks = in_use && !it.found.in_use;
  it.found.in_use = in_use;
  rmp.put(it.page, it.found);
  if (!marks) return {};
  const bool region = it.found.large || (ctx.choices.erratum_inuse_2m && is_large_page_base<Store>(page));
  return region ? page_range{large_page_base<Store>(page), Store::sub_pages} : page_range{page, 1};
}

/// The same where no other processor holds the page.
template <class Context, writable_store Store>
constexpr auto set_in_use(Context& ctx, Store& rmp, spa where, bool in_use) -> page_range {
  return set_in_use(ctx, rmp, where, in_use, [](spfn) { return false; });
}

/// WRMSR of VM_HSAVE_PA: the page must be the hypervisor's. The value 0 can be written; VMRUN then refuses to run
/// (RMP-VMR-06).
template <class Context, entry_store Store>
[[nodiscard]] constexpr auto check_vm_hsave_pa(Context& ctx, const Store& rmp, spa value) -> page_answer {
  if (value.value == 0) return page_answer::good;
  const bool foreign = !names_hypervisor_page(ctx, rmp, value);
  return ctx.denies(rule::RMP_VMR_06, foreign) ? page_answer::gp : page_answer::good;
}

/// Whether an IOMMU may use a page for its own structures: its tables, logs and buffers are the hypervisor's, or pages
/// that the firmware keeps for it (RMP-CHK-17).
template <class Context, entry_store Store>
[[nodiscard]] constexpr auto iommu_may_keep(Context& ctx, const Store& rmp, spa where) -> bool {
  return names_hypervisor_page(ctx, rmp, where) || state_of(rmp, page_of(where)) == page_state::firmware_iommu;
}

/// VMRUN's look at VM_HSAVE_PA (RMP-VMR-06).
template <class Context>
[[nodiscard]] constexpr auto check_vmrun_hsave(Context& ctx, spa vm_hsave_pa) -> page_answer {
  return ctx.denies(rule::RMP_VMR_06, vm_hsave_pa.value == 0) ? page_answer::gp : page_answer::good;
}

/// Who executes VMSAVE.
enum class vmsave_by : std::uint8_t { host, guest, encrypted_state_guest };

/// The page that VMSAVE stores to must be the hypervisor's (RMP-VMR-07).
template <class Context, entry_store Store>
[[nodiscard]] constexpr auto check_vmsave_page(Context& ctx, const Store& rmp, spa where, vmsave_by who)
    -> page_answer {
  if (!ctx.denies(rule::RMP_VMR_07, !names_hypervisor_page(ctx, rmp, where))) return page_answer::good;
  switch (who) {
    case vmsave_by::host:                  return page_answer::gp;
    case vmsave_by::guest:                 return page_answer::npf;
    case vmsave_by::encrypted_state_guest: return page_answer::vmexit_vmsave;
  }
  return page_answer::gp;
}

}  // namespace sevspec::inline v0::rmp

#endif
