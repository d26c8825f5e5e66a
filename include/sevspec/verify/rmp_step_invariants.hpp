// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_STEP_INVARIANTS_HPP
#define SEVSPEC_VERIFY_RMP_STEP_INVARIANTS_HPP

#include <cstdint>

#include <sevspec/base/choices.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/store.hpp>
#include <sevspec/verify/detail/judged_page.hpp>
#include <sevspec/verify/rmp_action.hpp>
#include <sevspec/verify/rmp_invariant.hpp>

/// Invariants of one step: each function compares a table before and after, over a range of whole regions. The tables
/// may be kept in different ways; a `rmp_snapshot` remembers what was.
namespace sevspec::inline v0::verify {

namespace detail {

/// An entry apart from the number of its neighbours that are assigned.
[[nodiscard]] constexpr auto without_count(rmp::entry one) noexcept -> rmp::entry {
  one.sub_page_count = 0;
  return one;
}

}  // namespace detail

/// INV-09. Not true of states: VMPL 0 may give VMPL 2 more than VMPL 1.
template <rmp::entry_store Before, rmp::entry_store After>
[[nodiscard]] constexpr auto inv_09_rmpadjust_gives_no_more(const Before& before, const After& after,
                                                            rmp::page_range pages, const rmp_action& action)
    -> rmp_finding {
  if (action.what != rmp_deed::rmpadjust) return {};
  const auto judge = [&](const detail::judged_page& old, const detail::judged_page& now) -> rmp_finding {
    const auto broken = [&](const char* what) { return detail::broken(rmp_invariant::inv_09, now.page, what); };
    if (old.own == now.own) return {};
    if (old.own.vmsa != now.own.vmsa && action.level.value != 0)
      return broken("RMPADJUST of another VMPL than 0 has changed the VMSA bit");
    const std::uint8_t own = action.level.value < 4 ? old.own.allowed[action.level.value].raw : std::uint8_t{0};
    for (std::uint8_t level = 0; level < 4; ++level) {
      const std::uint8_t given = now.own.allowed[level].raw;
      if (given == old.own.allowed[level].raw) continue;
      if (level != action.target) return broken("RMPADJUST has changed another VMPL's permissions than its operand's");
      if (level <= action.level.value) return broken("RMPADJUST has changed permissions of a VMPL that is not below");
      if ((given & ~own) != 0) return broken("RMPADJUST has given more than its own permissions");
    }
    rmp::entry rest = now.own;
    rest.allowed = old.own.allowed;
    rest.vmsa = old.own.vmsa;
    return rest == old.own ? rmp_finding{} : broken("RMPADJUST has changed something else than permissions");
  };
  return detail::first_in(before, after, pages, judge);
}

/// INV-11. Without `implementation_choices::rmpupdate_2m_over_immutable` a large RMPUPDATE may.
template <rmp::entry_store Before, rmp::entry_store After>
[[nodiscard]] constexpr auto inv_11_immutable_stays(const Before& before, const After& after, rmp::page_range pages,
                                                    const rmp_action& action,
                                                    const implementation_choices& choices = {}) -> rmp_finding {
  if (!action.by_instruction()) return {};
  const bool literal = action.what == rmp_deed::rmpupdate && action.large && !choices.rmpupdate_2m_over_immutable;
  return detail::first_in(before, after, pages, [&](const auto& old, const auto& now) -> rmp_finding {
    const bool fixed = old.own.in_use || (old.own.immutable && !literal);
    if (!fixed || detail::without_count(old.own) == detail::without_count(now.own)) return {};
    return detail::broken(rmp_invariant::inv_11, now.page,
                          "an instruction has changed an entry that is immutable or in use");
  });
}

/// INV-12
template <rmp::entry_store Before, rmp::entry_store After>
[[nodiscard]] constexpr auto inv_12_moved_is_not_validated(const Before& before, const After& after,
                                                           rmp::page_range pages, const rmp_action& action)
    -> rmp_finding {
  if (!action.by_host()) return {};
  return detail::first_in(before, after, pages, [&](const auto& old, const auto& now) -> rmp_finding {
    const bool moved = old.counts().assigned != now.counts().assigned || old.counts().id != now.counts().id ||
                       old.guest() != now.guest();
    if (action.what == rmp_deed::psmash)
      return moved ? detail::broken(rmp_invariant::inv_12, now.page, "PSMASH has moved a page") : rmp_finding{};
    const bool resized = old.counts().large != now.counts().large;
    if (!(moved || resized) || !now.counts().validated) return {};
    return detail::broken(rmp_invariant::inv_12, now.page,
                          "RMPUPDATE has moved a page, which is validated nevertheless");
  });
}

/// INV-13
template <rmp::entry_store Before, rmp::entry_store After>
[[nodiscard]] constexpr auto inv_13_who_validates(const Before& before, const After& after, rmp::page_range pages,
                                                  const rmp_action& action) -> rmp_finding {
  constexpr std::uint64_t region = After::sub_pages;
  return detail::first_in(before, after, pages, [&](const auto& old, const auto& now) -> rmp_finding {
    const auto broken = [&](const char* what) { return detail::broken(rmp_invariant::inv_13, now.page, what); };
    if (old.counts().validated || !now.counts().validated) return {};
    const bool its_page = now.counts().large || action.large ? now.page.value / region == action.page.value / region
                                                             : now.page == action.page;
    switch (action.what) {
      case rmp_deed::launch_update:
      case rmp_deed::swap_in:
      case rmp_deed::page_move:
        return its_page ? rmp_finding{} : broken("the firmware has validated another page than its operand");
      case rmp_deed::pvalidate: break;
      default:                  return broken("the page has become validated, and nobody may do that so");
    }
    if (!action.validate) return broken("PVALIDATE has validated a page, and was asked for the contrary");
    if (action.level.value != 0) return broken("PVALIDATE of another VMPL than 0 has validated a page");
    if (now.counts().id != action.id) return broken("PVALIDATE has validated another guest's page");
    return its_page ? rmp_finding{} : broken("PVALIDATE has validated another page than its operand");
  });
}

/// INV-14
template <rmp::entry_store Before, rmp::entry_store After>
[[nodiscard]] constexpr auto inv_14_psmash_is_not_noticed(const Before& before, const After& after,
                                                          rmp::page_range pages, const rmp_action& action)
    -> rmp_finding {
  if (action.what != rmp_deed::psmash) return {};
  return detail::first_in(before, after, pages, [](const auto& old, const auto& now) -> rmp_finding {
    if (old.counts().id == now.counts().id && old.guest() == now.guest() &&
        old.counts().validated == now.counts().validated && old.counts().vmsa == now.counts().vmsa &&
        old.counts().allowed == now.counts().allowed)
      return {};
    return detail::broken(rmp_invariant::inv_14, now.page, "after PSMASH the guest finds the page otherwise");
  });
}

/// INV-15. Of the table and its counters. That memory stays as it is, too, only the machine can tell.
template <rmp::entry_store Before, rmp::entry_store After>
[[nodiscard]] constexpr auto inv_15_failure_changes_nothing(const Before& before, const After& after,
                                                            rmp::page_range pages, const rmp_action& action)
    -> rmp_finding {
  if (action.succeeded && action.what != rmp_deed::look) return {};
  if constexpr (requires { before.pages_of(asid{}), after.pages_of(asid{}); })
    for (std::uint32_t id = 0; id < 0x400; ++id)
      if (before.pages_of({id}) != after.pages_of({id}))
        return detail::broken(rmp_invariant::inv_15, action.page, "a step that did not succeed has changed a counter");
  return detail::first_in(before, after, pages, [](const auto& old, const auto& now) -> rmp_finding {
    if (old.own == now.own) return {};
    return detail::broken(rmp_invariant::inv_15, now.page, "a step that failed, or only looked, has changed the entry");
  });
}

/// INV-16. PVALIDATE and RMPADJUST change one entry: the page's, or that of the large page around it.
template <rmp::entry_store Before, rmp::entry_store After>
[[nodiscard]] constexpr auto inv_16_reach_of_instructions(const Before& before, const After& after,
                                                          rmp::page_range pages, const rmp_action& action)
    -> rmp_finding {
  constexpr std::uint64_t region = After::sub_pages;
  if (!action.by_instruction()) return {};
  const bool whole = action.what == rmp_deed::psmash || (action.what == rmp_deed::rmpupdate && action.large);
  return detail::first_in(before, after, pages, [&](const auto& old, const auto& now) -> rmp_finding {
    if (old.own == now.own) return {};
    const bool near = now.page.value / region == action.page.value / region;
    if (whole ? near : now.page == action.page) return {};
    const bool first = near && now.inside == 0;
    if (first && !action.by_host() && old.own.large) return {};
    if (first && action.what == rmp_deed::rmpupdate && detail::without_count(old.own) == detail::without_count(now.own))
      return {};
    return detail::broken(rmp_invariant::inv_16, now.page,
                          "an instruction has changed an entry that it does not reach");
  });
}

/// INV-24, of steps.
/// @param table  before or after: what is covered does not change
template <rmp::entry_store Store>
[[nodiscard]] constexpr auto inv_24_uncovered_is_refused(const Store& table, const rmp_action& action) -> rmp_finding {
  if (!action.by_instruction() || !action.succeeded || table.covers(action.page)) return {};
  return detail::broken(rmp_invariant::inv_24, action.page,
                        "an instruction has succeeded on a page that is not covered");
}

}  // namespace sevspec::inline v0::verify

#endif
