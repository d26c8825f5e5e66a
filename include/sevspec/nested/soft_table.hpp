// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_SOFT_TABLE_HPP
#define SEVSPEC_NESTED_SOFT_TABLE_HPP

#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/nested/ownership_view.hpp>
#include <sevspec/nested/virtual_rmp.hpp>
#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/raw_entry.hpp>
#include <sevspec/rmp/store.hpp>

/// The table that L1 keeps for itself in its own memory, in the format of Zen 3: a cache of what it has asked of L0, which
/// nobody else looks at (NES-RMP-06).
namespace sevspec::inline v0::nested {

/// What published code does wrong (RMP-NST-06). Each can be switched on.
struct soft_table_defects {
  bool short_clear{};     ///< a page that is given back keeps the upper half of its entry
  bool byte_addresses{};  ///< a gPA is stored as if it were a page number
  bool keeps_marks{};     ///< Validated, VMSA and permissions of the page's last owner stay
  bool no_count{};        ///< the first entry of a region does not count the assigned ones
  bool not_atomic{};      ///< others can look between L0's answer and the update

  friend constexpr auto operator==(const soft_table_defects&, const soft_table_defects&) -> bool = default;
};

/// L1's table. A regular value, and an `entry_store`.
class soft_table {
 public:
  static constexpr std::uint64_t sub_pages = 512;

  explicit soft_table(std::uint64_t pages, soft_table_defects wrong = {}) noexcept : pages_(pages), wrong_(wrong) {}

  [[nodiscard]] auto covers(rmp::spfn page) const noexcept -> bool { return page.value < pages_; }
  [[nodiscard]] auto raw_of(rmp::spfn page) const -> rmp::raw_entry {
    const auto found = rows_.find(page.value);
    return found == rows_.end() ? rmp::raw_entry{} : found->second;
  }
  [[nodiscard]] auto entry_of(rmp::spfn page) const -> rmp::entry { return rmp::decode(raw_of(page)); }
  /// Somebody is between L0's answer and the update: `rmp::is_busy`.
  [[nodiscard]] auto busy(rmp::spfn page) const -> bool { return locked_.contains(page.value & ~(sub_pages - 1)); }

  /// Before the MSR is written: others must wait.
  void begin(gpa page) {
    if (!wrong_.not_atomic) locked_.insert(page.value >> 12 & ~(sub_pages - 1));
  }
  void end(gpa page) { locked_.erase(page.value >> 12 & ~(sub_pages - 1)); }

  /// After VIRT_RMPUPDATE.   RMP-NST-05
  /// @param done  L0's answer: nothing happens unless it is success
  template <class Context>
  void after_rmpupdate(Context& ctx, gpa page, const rmp::new_state& wanted, const virtual_result& done) {
    end(page);
    if (!ctx.applies(rule::NES_RMP_06, done.succeeded())) return;
    const std::uint64_t frame = page.value >> 12;
    const std::uint64_t base = frame & ~(sub_pages - 1);
    const bool to_other = wanted.assigned && wanted.id != l1_itself;
    const rmp::raw_entry old = raw_of({frame});
    if (wanted.large)
      for (std::uint64_t i = 1; i < sub_pages; ++i) rows_[frame + i] = rmp::encode({.assigned = to_other});
    count(frame, base, !wanted.large && rmp::raw::assigned::test(old.lo), to_other, wanted.large);
    const std::uint64_t counted = raw_of({base}).lo & rmp::raw::sub_page_count::mask;

    rmp::raw_entry made{};
    if (to_other) {
      made = rmp::encode({.assigned = true,
                          .large = wanted.large,
                          .immutable = wanted.immutable,
                          .id = wanted.id,
                          .guest = page_base(wanted.guest, page_size::k4k)});
      if (wrong_.byte_addresses) put_guest(made, wanted.guest.value);
      if (wrong_.keeps_marks) {
        made.lo |= old.lo & (rmp::raw::validated::mask | rmp::raw::vmsa::mask);
        made.hi = old.hi;
      }
    } else if (wrong_.short_clear) {
      made.hi = old.hi;
    }
    if (frame == base) made.lo |= counted;
    rows_[frame] = made;
  }

  /// After VIRT_PSMASH.
  template <class Context>
  void after_psmash(Context& ctx, gpa page, const virtual_result& done) {
    end(page);
    const std::uint64_t base = page.value >> 12;
    const rmp::raw_entry whole = raw_of({base});
    if (!ctx.applies(rule::NES_RMP_06, done.succeeded() && rmp::raw::large::test(whole.lo))) return;
    const std::uint64_t first = whole.lo & rmp::raw::guest::mask;
    for (std::uint64_t i = 0; i < sub_pages; ++i) {
      rmp::raw_entry part = whole;
      part.lo &= ~(rmp::raw::large::mask | rmp::raw::sub_page_count::mask);
      if (wrong_.byte_addresses) put_guest(part, (first >> 12) + i * 0x1000);
      else part.lo = (part.lo & ~rmp::raw::guest::mask) | ((first + i * 0x1000) & rmp::raw::guest::mask);
      if (i == 0 && !wrong_.no_count) part.lo |= (sub_pages - 1) << rmp::raw::sub_page_count::lsb;
      rows_[base + i] = part;
    }
  }

  /// Anybody's writing to L1's memory: it changes nothing but L1's own idea.
  void tamper(rmp::spfn page, rmp::raw_entry what) { rows_[page.value] = what; }

  friend auto operator==(const soft_table&, const soft_table&) -> bool = default;

 private:
  /// Stores a number in the field of page numbers, as far as it fits.
  static void put_guest(rmp::raw_entry& into, std::uint64_t number) noexcept {
    into.lo = (into.lo & ~rmp::raw::guest::mask) | (number << 12 & rmp::raw::guest::mask);
  }
  void count(std::uint64_t frame, std::uint64_t base, bool before, bool now, bool large) {
    if (wrong_.no_count) return;
    rmp::raw_entry& first = rows_[base];
    std::uint64_t counted = rmp::raw::sub_page_count::get(first.lo);
    if (large) counted = 0;
    else if (frame != base) counted += (now ? 1U : 0U) - (before ? 1U : 0U);
    first.lo = (first.lo & ~rmp::raw::sub_page_count::mask) |
               (counted << rmp::raw::sub_page_count::lsb & rmp::raw::sub_page_count::mask);
  }

  std::uint64_t pages_;
  soft_table_defects wrong_;
  std::map<std::uint64_t, rmp::raw_entry> rows_;
  std::set<std::uint64_t> locked_;
};

/// Where L1's own table is not what L0's virtual one says: a defect of L1. What a correct one does not follow must be
/// empty there (NES-RMP-06).
/// @param store  L1's: a `soft_table`, or anybody's with `raw_of(page)`
/// @param pages  how many are looked at
/// @return the first such page
template <class Store>
[[nodiscard]] auto find_soft_defect(const Store& store, const l1_vm& vm, std::uint64_t pages)
    -> std::optional<table_disagreement> {
  const auto differs = [](std::uint64_t page, const char* what) { return table_disagreement{gpa{page << 12}, what}; };
  for (std::uint64_t page = 0; page < pages; ++page) {
    const rmp::raw_entry raw = store.raw_of({page});
    const rmp::entry held = rmp::decode(raw);
    const rmp::entry real = vm.owners.entry_of({page});
    if (held.assigned != real.assigned) return differs(page, "assigned");
    if (held.large != real.large) return differs(page, "size");
    if (held.sub_page_count != real.sub_page_count) return differs(page, "count of assigned pages");
    if (held.id != real.id) return differs(page, "ASID");
    if (held.guest != real.guest) return differs(page, "gPA");
    if (held.immutable != real.immutable) return differs(page, "immutable");
    if (held.validated || held.vmsa || raw.hi != 0) return differs(page, "marks of an owner that nobody follows");
  }
  return {};
}

}  // namespace sevspec::inline v0::nested

#endif
