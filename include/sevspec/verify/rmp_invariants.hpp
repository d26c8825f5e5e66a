// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_INVARIANTS_HPP
#define SEVSPEC_VERIFY_RMP_INVARIANTS_HPP

#include <span>
#include <type_traits>

#include <sevspec/base/address.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/store.hpp>
#include <sevspec/verify/rmp_access_invariants.hpp>
#include <sevspec/verify/rmp_action.hpp>
#include <sevspec/verify/rmp_integrity_monitor.hpp>
#include <sevspec/verify/rmp_invariant.hpp>
#include <sevspec/verify/rmp_snapshot.hpp>
#include <sevspec/verify/rmp_step_invariants.hpp>
#include <sevspec/verify/rmp_table_invariants.hpp>
#include <sevspec/verify/rmp_tlb_invariant.hpp>

/// All invariants of the Reverse Map Table, as monitors that run beside a machine: yours or the library's, with any kind
/// of table and any number of sub-pages.
///
///     rmp_snapshot before(table, pages);
///     ... one step ...
///     if (const auto wrong = check_all(before, table, pages, action, around)) report(name_of(wrong->broken), wrong->what);
///
/// References are judged by `check_access_made`, and whole traces of them by `rmp_integrity_monitor`.
namespace sevspec::inline v0::verify {

/// Whoever does not know. Invariants that would have to ask it are left out.
struct unknown {};

/// What lies around a table.
/// @tparam HoldsTable  see `inv_21_table_is_the_firmwares`
/// @tparam Held        see `inv_22_in_use_is_used`
template <class HoldsTable = unknown, class Held = unknown>
struct rmp_surroundings {
  implementation_choices choices{};
  bool careful_guests = true;  ///< guests never validate a gPA twice; else INV-03 is left out
  bool whole_table = true;     ///< the pages are all that are covered; else INV-03, INV-20 and INV-23 are left out
  [[no_unique_address]] HoldsTable holds_table{};
  [[no_unique_address]] Held held{};
  std::span<const swapped_page> swapped{};
  std::span<const held_translation> translations{};
};

/// The first invariant that a table at rest breaks: INV-01 to INV-08, INV-17, INV-20 to INV-24.
/// @param pages  whole regions
template <rmp::entry_store Store, class HoldsTable = unknown, class Held = unknown>
[[nodiscard]] constexpr auto check_table(const Store& table, rmp::page_range pages,
                                         const rmp_surroundings<HoldsTable, Held>& around = {}) -> rmp_finding {
  const implementation_choices& choices = around.choices;
  if (const auto found = inv_01_unassigned_is_blank(table, pages)) return found;
  if (const auto found = inv_02_validated_is_a_guests(table, pages)) return found;
  if (const auto found = inv_04_one_owner(table, pages)) return found;
  if (const auto found = inv_05_shape_of_large_pages(table, pages, choices)) return found;
  if (const auto found = inv_06_counts_of_regions(table, pages)) return found;
  if (const auto found = inv_07_owners_of_vmsas(table, pages)) return found;
  if (const auto found = inv_08_vmpl0_may_everything(table, pages)) return found;
  if (const auto found = inv_24_uncovered_is_nobodys(table, pages, choices)) return found;
  if constexpr (!std::is_same_v<HoldsTable, unknown>)
    if (const auto found = inv_21_table_is_the_firmwares(table, pages, around.holds_table)) return found;
  if constexpr (!std::is_same_v<Held, unknown>)
    if (const auto found = inv_22_in_use_is_used(table, pages, around.held)) return found;
  for (const held_translation& one : around.translations)
    if (const auto found = inv_17_tlb_grants_no_more(table, one, choices)) return found;
  if (!around.whole_table) return {};
  if (const auto found = inv_20_counters_of_asids(table, pages, choices)) return found;
  if (around.careful_guests)
    if (const auto found = inv_03_one_page_per_gpa(table, pages)) return found;
  return inv_23_one_living_copy(table, pages, around.swapped);
}

/// The first invariant that a step breaks: INV-09, INV-11 to INV-16, INV-24.
/// @param pages  whole regions, those that the step may have changed among them
template <rmp::entry_store Before, rmp::entry_store After>
[[nodiscard]] constexpr auto check_step(const Before& before, const After& after, rmp::page_range pages,
                                        const rmp_action& action, const implementation_choices& choices = {})
    -> rmp_finding {
  if (const auto found = inv_15_failure_changes_nothing(before, after, pages, action)) return found;
  if (const auto found = inv_24_uncovered_is_refused(after, action)) return found;
  if (const auto found = inv_09_rmpadjust_gives_no_more(before, after, pages, action)) return found;
  if (const auto found = inv_11_immutable_stays(before, after, pages, action, choices)) return found;
  if (const auto found = inv_12_moved_is_not_validated(before, after, pages, action)) return found;
  if (const auto found = inv_13_who_validates(before, after, pages, action)) return found;
  if (const auto found = inv_14_psmash_is_not_noticed(before, after, pages, action)) return found;
  return inv_16_reach_of_instructions(before, after, pages, action);
}

/// The first invariant that a reference breaks which has happened: INV-10, INV-19.
/// @param table  as of the reference
template <rmp::entry_store Store>
[[nodiscard]] constexpr auto check_access_made(const Store& table, const rmp_access_made& made) -> rmp_finding {
  if (const auto found = inv_10_who_writes(table, made)) return found;
  return inv_19_no_silent_remap(table, made);
}

/// The first invariant that a step breaks, or the table after it.
template <rmp::entry_store Before, rmp::entry_store After, class HoldsTable = unknown, class Held = unknown>
[[nodiscard]] constexpr auto check_all(const Before& before, const After& after, rmp::page_range pages,
                                       const rmp_action& action, const rmp_surroundings<HoldsTable, Held>& around = {})
    -> rmp_finding {
  if (const auto found = check_step(before, after, pages, action, around.choices)) return found;
  return check_table(after, pages, around);
}

}  // namespace sevspec::inline v0::verify

#endif
