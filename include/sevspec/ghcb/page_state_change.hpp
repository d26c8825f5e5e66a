// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_PAGE_STATE_CHANGE_HPP
#define SEVSPEC_GHCB_PAGE_STATE_CHANGE_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/environment.hpp>
#include <sevspec/layout/page_state_change.hpp>

/// Page state change by the page protocol: a list of entries, worked off in order, with the progress in the list itself.
/// GHCB 4.1.6
namespace sevspec::inline v0::ghcb {

inline constexpr unsigned psc_most_entries = 253;  ///< that the shared buffer has room for
inline constexpr std::uint64_t psc_header_bytes = 8;
inline constexpr std::uint64_t psc_entry_bytes = 8;

/// SW_EXITINFO2 of a page state change (GHCB-PSC-04, -07, -08, -12).
struct psc_status {
  static constexpr std::uint64_t success = 0;
  static constexpr std::uint64_t invalid_header = std::to_underlying(layout::ghcb_psc_errors::invalid_header);
  static constexpr std::uint64_t invalid_entry = std::to_underlying(layout::ghcb_psc_errors::invalid_entry);
  static constexpr std::uint64_t failed = std::to_underlying(layout::ghcb_psc_errors::generic);
};

/// How a pass over the list ends.
struct psc_result {
  std::uint64_t info_2 = psc_status::success;
  rule decided_by = rule::none;

  friend constexpr auto operator==(const psc_result&, const psc_result&) -> bool = default;
};

/// Bytes that a list takes: the header and all entries up to `end_entry` (GHCB-SCR-05).
[[nodiscard]] constexpr auto psc_bytes(std::uint16_t end_entry) noexcept -> std::uint64_t {
  return psc_header_bytes + psc_entry_bytes * (std::uint64_t{end_entry} + 1);
}

/// Judges the header alone, before any entry is read (GHCB-PSC-04).
template <class Context>
[[nodiscard]] constexpr auto check_psc_header(Context& ctx, const layout::psc_header& header)
    -> std::optional<psc_result> {
  if (ctx.denies(rule::GHCB_PSC_04, header.end_entry() >= psc_most_entries))
    return psc_result{psc_status::invalid_header, rule::GHCB_PSC_04};
  return std::nullopt;
}

namespace detail {

/// What is left of an entry.
struct psc_work {
  page_change change{};
  bool done = false;  ///< nothing is left
  bool invalid = false;
  rule decided_by = rule::none;
};

/// Judges one entry and says what is left to do of it.
template <class Context>
[[nodiscard]] constexpr auto work_of(Context& ctx, layout::psc_entry entry) -> psc_work {
  const std::uint64_t pages = entry.page_size() ? 512 : 1;
  const std::uint64_t first = entry.gfn();
  const std::uint64_t done = entry.cur_page();
  const auto operation = entry.operation();
  const bool known = operation == layout::ghcb_psc_ops::private_ || operation == layout::ghcb_psc_ops::shared ||
                     operation == layout::ghcb_psc_ops::psmash || operation == layout::ghcb_psc_ops::unsmash;
  if (ctx.denies(rule::GHCB_PSC_07, done > pages || first % pages != 0 || !known))
    return {.invalid = true, .decided_by = rule::GHCB_PSC_07};
  if (done >= pages || !known) return {.done = true};
  page_change left{.operation = operation,
                   .first = gpa{(first + done) << 12},
                   .pages = pages - done,
                   .size = entry.page_size() ? page_size::k2m : page_size::k4k};
  // An entry of 2M that was begun goes on in pages of 4K.
  if (ctx.applies(rule::GHCB_PSC_09, done != 0)) left.size = page_size::k4k;
  return {.change = left};
}

}  // namespace detail

/// Works off a list of page state changes, from `cur_entry` to `end_entry` (GHCB-PSC-03).   GHCB 4.1.6
///
/// The list is the hypervisor's own copy, header and entries read once each (GHCB-PSC-02). Progress is written into it:
/// each completed entry has its number of pages in `cur_page` (GHCB-PSC-05), `cur_entry` goes on behind it. So a list
/// whose work ended early, for whatever reason, can be handed in again and goes on where it ended.
///
/// @param header   cur_entry is updated
/// @param entries  all up to end_entry
/// @param host     `host.change_pages(page_change) -> page_progress`
/// @return SW_EXITINFO2; SW_EXITINFO1 is 0 in any case (GHCB-PSC-01)
template <class Context, class Host>
constexpr auto change_page_states(Context& ctx, layout::psc_header& header, std::span<layout::psc_entry> entries,
                                  Host& host) -> psc_result {
  if (const auto wrong = check_psc_header(ctx, header)) return *wrong;
  const unsigned last = header.end_entry();
  if (header.cur_entry() > last) return {};  // nothing to do (GHCB-PSC-06)
  Expects(last < entries.size());

  const auto complete = [&](unsigned index) {
    layout::psc_entry& entry = entries[index];
    if (entry.cur_page() <= 512) entry.set_cur_page(entry.page_size() ? 512 : 1);
    header.set_cur_entry(static_cast<std::uint16_t>(index + 1));
  };
  unsigned index = header.cur_entry();
  while (index <= last) {
    const detail::psc_work work = detail::work_of(ctx, entries[index]);
    if (work.invalid) return {psc_status::invalid_entry, work.decided_by};
    if (work.done) {
      header.set_cur_entry(static_cast<std::uint16_t>(++index));
      continue;
    }
    const bool hint =
        work.change.operation == layout::ghcb_psc_ops::psmash || work.change.operation == layout::ghcb_psc_ops::unsmash;
    if (ctx.applies(rule::GHCB_PSC_11, hint && ctx.choices.psc_smash == smash_hint::noop)) {
      complete(index++);
      continue;
    }
    // Neighbours that continue this entry, if the hypervisor merges them (GHCB-PSC-10).
    page_change together = work.change;
    unsigned merged = 1;
    const std::uint64_t each = work.change.pages;
    const bool fresh = entries[index].cur_page() == 0;
    while (ctx.choices.psc_merge && fresh && index + merged <= last) {
      const layout::psc_entry next = entries[index + merged];
      const bool joins = next.cur_page() == 0 && next.operation() == entries[index].operation() &&
                         next.page_size() == entries[index].page_size() &&
                         next.gfn() == entries[index].gfn() + merged * each;
      if (!ctx.applies(rule::GHCB_PSC_10, joins)) break;
      together.pages += each;
      ++merged;
    }
    const page_progress progress = host.change_pages(together);
    std::uint64_t done = std::min(progress.done, together.pages);
    for (; done >= each && merged != 0; done -= each, --merged) complete(index++);
    if (merged != 0 && done != 0) {  // in the middle of an entry of 2M
      layout::psc_entry& entry = entries[index];
      entry.set_cur_page(entry.cur_page() + static_cast<std::uint32_t>(done));
    }
    if (ctx.denies(rule::GHCB_PSC_12, progress.how == page_progress::ending::failed))
      return {psc_status::failed | progress.code, rule::GHCB_PSC_12};
    if (ctx.applies(rule::GHCB_PSC_13, progress.how == page_progress::ending::paused)) return {};
    if (merged != 0) return {};  // a host that did less than it was asked, and gives no reason: as if paused
  }
  return {};
}

/// What a guest does after a page state change exit.
enum class psc_next : std::uint8_t {
  done,
  reissue,    ///< the same list again
  terminate,  ///< the hypervisor did not keep to the protocol, or failed: set 1, code 1
};
struct psc_verdict {
  psc_next next = psc_next::done;
  rule decided_by = rule::none;

  friend constexpr auto operator==(const psc_verdict&, const psc_verdict&) -> bool = default;
};

/// The guest's checks after each exit of a page state change.   torvalds/linux arch/x86/coco/sev/shared.c
/// @param original  the header as the guest wrote it first
/// @param before    the header before this exit
/// @param after     the header now, read once
template <class Context>
[[nodiscard]] constexpr auto check_psc_answer(Context& ctx, std::uint64_t info_1, std::uint64_t info_2,
                                              const layout::psc_header& original, const layout::psc_header& before,
                                              const layout::psc_header& after) -> psc_verdict {
  const bool reserved = layout::read_le<std::uint32_t>(after.data() + 4) != 0;
  if (ctx.denies(rule::GHCB_PSC_14, bits<31, 0>::get(info_1) != 0 || info_2 != 0 || reserved))
    return {psc_next::terminate, rule::GHCB_PSC_14};
  // Not before the last position, either: with the original alone a hypervisor could send the guest to and fro for ever.
  if (ctx.denies(rule::GHCB_PSC_15, after.end_entry() > original.end_entry() || after.cur_entry() < before.cur_entry()))
    return {psc_next::terminate, rule::GHCB_PSC_15};
  if (ctx.applies(rule::GHCB_PSC_13, after.cur_entry() <= after.end_entry()))
    return {psc_next::reissue, rule::GHCB_PSC_13};
  return {};
}

}  // namespace sevspec::inline v0::ghcb

#endif
