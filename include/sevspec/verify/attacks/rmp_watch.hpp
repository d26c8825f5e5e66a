// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_ATTACKS_RMP_WATCH_HPP
#define SEVSPEC_VERIFY_ATTACKS_RMP_WATCH_HPP

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include <sevspec/base/address.hpp>
#include <sevspec/base/choices.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/rmp/raw_entry.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/verify/rmp_invariants.hpp>

/// The invariants of the Reverse Map Table beside the scripts of attacks.
namespace sevspec::inline v0::verify::attacks {

/// What a table was. Pages that have always been blank are not covered: nothing can be wrong with them, and nobody has
/// to look at them.
class rmp_image {
 public:
  static constexpr std::uint64_t sub_pages = rmp::lazy_table::sub_pages;
  static constexpr bool counts_sub_pages = true;

  explicit rmp_image(std::uint64_t pages)
      : regions_(static_cast<std::size_t>((pages + sub_pages - 1) / sub_pages)), seen_(regions_.size()) {}

  /// Remembers the table as it is now.
  /// @return numbers of the regions that were different
  auto take(const rmp::lazy_table& table) -> std::vector<std::uint64_t> {
    std::vector<std::uint64_t> changed;
    for (std::size_t i = 0; i < regions_.size(); ++i) {
      const rmp::raw_entry* const now = table.raw_region({i * sub_pages});
      if (std::memcmp(now, of(i).data(), sizeof(region)) == 0) continue;
      const auto made = std::make_shared<region>();
      std::copy_n(now, std::size_t{sub_pages}, made->begin());
      for (std::size_t page = 0; page < sub_pages; ++page)
        if ((*made)[page].lo != 0 || (*made)[page].hi != 0) seen_[i].set(page);
      seen_[i].set(0);  // it counts the others
      regions_[i] = made;
      changed.push_back(i);
    }
    for (std::uint32_t id = 0; id < counters_.size(); ++id) counters_[id] = table.pages_of({id});
    return changed;
  }
  /// Looks at pages although they are blank.
  void see(rmp::spfn page) { seen_[page.value / sub_pages].set(page.value % sub_pages); }
  /// Looks at the pages that another image has.
  void see_as(const rmp_image& other) { seen_ = other.seen_; }
  /// From the first region with something in it to the last.
  [[nodiscard]] auto extent() const -> rmp::page_range {
    std::size_t first = 0, end = regions_.size();
    while (first < end && seen_[first].none()) ++first;
    while (first < end && seen_[end - 1].none()) --end;
    return {{first * sub_pages}, (end - first) * sub_pages};
  }

  [[nodiscard]] auto covers(rmp::spfn page) const noexcept -> bool {
    const std::size_t at = page.value / sub_pages;
    return at < seen_.size() && seen_[at][page.value % sub_pages];
  }
  [[nodiscard]] auto entry_of(rmp::spfn page) const noexcept -> rmp::entry { return rmp::decode(raw_of(page)); }
  [[nodiscard]] auto raw_of(rmp::spfn page) const noexcept -> rmp::raw_entry {
    return of(page.value / sub_pages)[page.value % sub_pages];
  }
  [[nodiscard]] auto raw_region(rmp::spfn page) const noexcept -> const rmp::raw_entry* {
    return of(page.value / sub_pages).data();
  }
  /// Of the ASIDs that stages use.
  [[nodiscard]] auto pages_of(asid id) const noexcept -> std::int64_t {
    return id.value < counters_.size() ? counters_[id.value] : 0;
  }

 private:
  using region = std::array<rmp::raw_entry, sub_pages>;
  [[nodiscard]] auto of(std::size_t number) const noexcept -> const region& {
    static const region blank{};
    return regions_[number] ? *regions_[number] : blank;
  }

  std::vector<std::shared_ptr<const region>> regions_;
  std::vector<std::bitset<sub_pages>> seen_;
  std::array<std::int64_t, 16> counters_{};
};

/// Looks at a table after every step, and at every reference; keeps the first invariant that does not hold. Left out is
/// INV-23: nobody tells what is swapped out. Two living copies in the table are INV-03.
class rmp_watch {
 public:
  /// @param table  as it is now, it holds for what has always been
  /// @param first  where the finding goes; null: nobody looks
  rmp_watch(const rmp::lazy_table& table, rmp_finding* first) : table_(table), first_(first), was_(table.pages()) {
    if (first_ != nullptr) was_.take(table_);
  }
  rmp_watch(const rmp_watch&) = delete;
  auto operator=(const rmp_watch&) -> rmp_watch& = delete;

  /// A step was made.
  template <class HoldsTable, class Held>
  void step(const rmp_action& action, const rmp_surroundings<HoldsTable, Held>& around) {
    if (first_ == nullptr) return;
    rmp_image now = was_;
    std::vector<std::uint64_t> regions = now.take(table_);
    const bool changed = !regions.empty();
    if (const std::uint64_t own = action.page.value / sub_pages; std::ranges::find(regions, own) == regions.end())
      regions.push_back(own);
    was_.see_as(now);
    rmp_surroundings<HoldsTable, Held> part = around;
    part.whole_table = false;
    for (const std::uint64_t region : regions)
      note(check_all(was_, now, {{region * sub_pages}, sub_pages}, action, part));
    if (changed && around.whole_table) note(check_counts(now, around));
    was_ = now;
  }
  /// The whole table, with the pages of the table itself: when somebody begins to rely on it.
  template <class HoldsTable, class Held>
  void begin(rmp::page_range itself, const rmp_surroundings<HoldsTable, Held>& around) {
    if (first_ == nullptr) return;
    was_.take(table_);
    for (std::uint64_t i = 0; i < itself.count; ++i) was_.see({itself.first.value + i});
    note(check_table(was_, was_.extent(), around));
  }
  /// A TLB holds a translation.
  void holds(const held_translation& one, const implementation_choices& choices) {
    if (first_ != nullptr) note(inv_17_tlb_grants_no_more(table_, one, choices));
  }
  /// A reference has happened, with the table as it was after the last step.
  void referred(const rmp_access_made& made) {
    if (first_ != nullptr) note(check_access_made(was_, made));
  }
  /// A guest has written or read memory of its own.
  void wrote(asid id, gpa where, std::span<const std::uint8_t> what) {
    for_each_qword(what, [&](std::size_t at, std::uint64_t value) { memory_.wrote(id, where + at, value); });
  }
  void read(asid id, gpa where, std::span<const std::uint8_t> what, rmp::spfn page) {
    for_each_qword(what, [&](std::size_t at, std::uint64_t value) { note(memory_.read(id, where + at, value, page)); });
  }

 private:
  static constexpr std::uint64_t sub_pages = rmp_image::sub_pages;

  template <class HoldsTable, class Held>
  [[nodiscard]] static auto check_counts(const rmp_image& now, const rmp_surroundings<HoldsTable, Held>& around)
      -> rmp_finding {
    if (const auto found = inv_20_counters_of_asids(now, now.extent(), around.choices)) return found;
    if (around.careful_guests) return inv_03_one_page_per_gpa(now, now.extent());
    return {};
  }
  template <class Work>
  void for_each_qword(std::span<const std::uint8_t> what, const Work& work) const {
    if (first_ == nullptr) return;
    for (std::size_t at = 0; at + 8 <= what.size(); at += 8) work(at, layout::read_le<std::uint64_t>(what.data() + at));
  }
  void note(const rmp_finding& found) {
    if (found && !*first_) *first_ = found;
  }

  const rmp::lazy_table& table_;
  rmp_finding* first_;
  rmp_image was_;
  rmp_integrity_monitor memory_;
};

}  // namespace sevspec::inline v0::verify::attacks

#endif
