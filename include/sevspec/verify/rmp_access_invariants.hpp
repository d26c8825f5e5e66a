// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_ACCESS_INVARIANTS_HPP
#define SEVSPEC_VERIFY_RMP_ACCESS_INVARIANTS_HPP

#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/store.hpp>
#include <sevspec/verify/detail/judged_page.hpp>
#include <sevspec/verify/rmp_action.hpp>
#include <sevspec/verify/rmp_invariant.hpp>

/// Invariants of references: what must be true of the table if a reference has happened.
namespace sevspec::inline v0::verify {

/// INV-10
/// @param table  as of the reference
template <rmp::entry_store Store>
[[nodiscard]] constexpr auto inv_10_who_writes(const Store& table, const rmp_access_made& made) -> rmp_finding {
  const auto broken = [&](const char* what) { return detail::broken(rmp_invariant::inv_10, made.page, what); };
  if (!made.write || !table.covers(made.page)) return {};
  const detail::judged_page it = detail::judged(table, made.page);
  const rmp::entry& e = it.counts();
  if (!e.assigned) return {};
  if (made.by == rmp_party::amd_sp)
    return e.immutable ? rmp_finding{} : broken("the AMD-SP has written an assigned page that is not immutable");
  if (made.by != rmp_party::guest) return broken("somebody else than its owner has written an assigned page");
  if (!made.c) return broken("a guest has written an assigned page through C=0");
  if (e.id != made.id) return broken("a guest has written another's page");
  if (it.guest() >> 12 != made.guest.value >> 12) return broken("a guest has written its page through another gPA");
  if (!e.validated) return broken("a guest has written a page that is not validated");
  if (e.immutable) return broken("a guest has written an immutable page");
  if (e.in_use) return broken("a guest has written a page that VMRUN holds");
  const unsigned needed = made.sss ? 0x10 : 0x02;
  const unsigned allowed = made.level.value < 4 ? e.allowed[made.level.value].raw : 0U;
  return (allowed & needed) != 0 ? rmp_finding{} : broken("a VMPL has written without permission");
}

/// INV-19. Together with INV-03 it says that a gPA which is validated leads to the page that the guest validated, or to a
/// fault, whatever the nested tables say.
/// @param table  as of the reference
template <rmp::entry_store Store>
[[nodiscard]] constexpr auto inv_19_no_silent_remap(const Store& table, const rmp_access_made& made) -> rmp_finding {
  const auto broken = [&](const char* what) { return detail::broken(rmp_invariant::inv_19, made.page, what); };
  if (made.by != rmp_party::guest || !made.c) return {};
  if (!table.covers(made.page)) return broken("a private reference has reached a page that is not covered");
  const detail::judged_page it = detail::judged(table, made.page);
  if (!it.is_valid()) return broken("a private reference has reached a page that is not validated");
  if (it.counts().id != made.id || it.guest() >> 12 != made.guest.value >> 12)
    return broken("a private reference has reached a page that belongs elsewhere");
  return {};
}

}  // namespace sevspec::inline v0::verify

#endif
