// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_NESTED_WALK_HPP
#define SEVSPEC_PAGING_NESTED_WALK_HPP

#include <expected>

#include <gsl/assert>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/memory/modification_log.hpp>
#include <sevspec/memory/ownership.hpp>
#include <sevspec/paging/detail/guest_stage.hpp>
#include <sevspec/paging/detail/nested_stage.hpp>
#include <sevspec/paging/mapping.hpp>
#include <sevspec/paging/two_stage_regime.hpp>

namespace sevspec::inline v0::paging {

namespace detail {

/// A walk needs what its regime asks of the memory: an ownership check with SEV-SNP, a log with page-modification
/// logging.
template <class Context, class Memory>
constexpr void expect_fitting_memory(const two_stage_regime& machine) {
  if constexpr (!memory::guarded_memory<Memory, Context>) Expects(!machine.snp_enabled);
  if constexpr (physical_memory<Memory> && !memory::modification_logging_memory<Memory>) Expects(!machine.pml);
}

}  // namespace detail

/// Translates a gPA through nCR3's tables alone, as the final step of a guest access does.   APM vol. 2, 15.25.5
/// @param where        a SEV guest's C-bit is removed from it (PAG-NPT-19)
/// @param kind         nested accesses are user accesses of this kind
/// @param effective_c  the access of a SEV guest is private: for EXITINFO1 bit 34, and for the row of the ownership
///                     table; fetches always are
/// @param guest_user   the guest's access is a user access: counts with GMET and SSSCheckEn alone
/// @return the sPA with the rights and size of its page; or #NPF (#VC in a SEV-ES guest), `no_memory`
template <class Context, readable_memory Memory>
[[nodiscard]] constexpr auto walk_gpa(Context& ctx, Memory& memory, const two_stage_regime& machine, gpa where,
                                      access_kind kind, bool effective_c = false, bool guest_user = true)
    -> outcome<mapping<system_physical>> {
  detail::expect_fitting_memory<Context, Memory>(machine);
  const gpa stripped{where.value & ~machine.guest_c_mask};
  const bool private_access = machine.sev_active && (effective_c || kind == access_kind::execute);  // PAG-KEY-05
  detail::leaf_found found;
  fault reason;
  const detail::nested_access why{
      .kind = kind, .owner_kind = kind, .guest_user = guest_user, .guest_access_c = private_access};
  const detail::controls<regime_kind::any> all{&machine};
  if (!detail::walk_nested<nested_purpose::final_gpa>(ctx, memory, all, stripped, why, found, reason))
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
  detail::expect_fitting_memory<Context, Memory>(machine);
  if (!machine.ordinary) [[unlikely]]
    return detail::walk_special_guest(ctx, memory, machine, where, why);
  return detail::walk_guest(ctx, memory, detail::controls<regime_kind::ordinary>{&machine}, where, why);
}

}  // namespace sevspec::inline v0::paging

#endif
