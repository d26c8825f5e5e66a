// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_RMP_INVARIANTS_HPP
#define SEVSPEC_TESTS_SUPPORT_RMP_INVARIANTS_HPP

#include <array>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/rmp/raw_entry.hpp>
#include <sevspec/verify/rmp_step.hpp>

/// What is true of every Reverse Map Table, whatever has happened to it, and of every step: the invariants of the fact
/// sheet, over the quadwords themselves. They share no logic with the library.
namespace sevspec::test {

/// One entry's fields, taken from its quadwords here once more.
struct plain_entry {
  std::uint64_t lo{};
  std::uint64_t hi{};

  [[nodiscard]] constexpr auto assigned() const -> bool { return lo % 2 == 1; }
  [[nodiscard]] constexpr auto large() const -> bool { return (lo >> 1) % 2 == 1; }
  [[nodiscard]] constexpr auto immutable() const -> bool { return (lo >> 2) % 2 == 1; }
  [[nodiscard]] constexpr auto count() const -> std::uint64_t { return (lo >> 3) % 512; }
  [[nodiscard]] constexpr auto gpa() const -> std::uint64_t { return (lo >> 12) % (std::uint64_t{1} << 39) << 12; }
  [[nodiscard]] constexpr auto asid() const -> std::uint64_t { return (lo >> 51) % 1024; }
  [[nodiscard]] constexpr auto vmsa() const -> bool { return (lo >> 61) % 2 == 1; }
  [[nodiscard]] constexpr auto validated() const -> bool { return (lo >> 62) % 2 == 1; }
  /// VMRUN's mark: bit 63 of entries that are not the firmware's.
  [[nodiscard]] constexpr auto in_use() const -> bool { return lo >> 63 == 1 && !(assigned() && immutable()); }
  [[nodiscard]] constexpr auto perms(unsigned vmpl) const -> std::uint64_t { return (hi >> (8 * vmpl)) % 256; }
  /// All but the count of sub-pages.
  [[nodiscard]] constexpr auto without_count() const -> plain_entry { return {lo - count() * 8, hi}; }

  friend constexpr auto operator==(const plain_entry&, const plain_entry&) -> bool = default;
};

/// A whole table at one moment.
struct rmp_image {
  std::vector<plain_entry> entries;
  std::map<std::uint64_t, std::int64_t> counters;  ///< pages of some ASIDs, as the table itself counts them

  [[nodiscard]] auto covers(std::uint64_t page) const -> bool { return page < entries.size(); }
  [[nodiscard]] static auto base_of(std::uint64_t page) -> std::uint64_t { return page - page % 512; }
  /// Inside a large page, and not its first.
  [[nodiscard]] auto sub(std::uint64_t page) const -> bool { return page % 512 != 0 && entries[base_of(page)].large(); }
  /// The entry that counts for a page.
  [[nodiscard]] auto auth(std::uint64_t page) const -> const plain_entry& {
    const plain_entry& base = entries[base_of(page)];
    return base.large() ? base : entries[page];
  }
  /// Where the owner sees the page.
  [[nodiscard]] auto gpa_of(std::uint64_t page) const -> std::uint64_t {
    const std::uint64_t inside = entries[base_of(page)].large() ? page % 512 : 0;
    return auth(page).gpa() + inside * 0x1000;
  }
  friend auto operator==(const rmp_image&, const rmp_image&) -> bool = default;
};

/// ASIDs whose counters an image holds: those that steps use, and some that never own a page.
inline constexpr std::array<std::uint32_t, 8> watched_asids{0, 1, 5, 6, 7, 1006, 1007, 1022};

[[nodiscard]] inline auto image_of(const rmp::lazy_table& table) -> rmp_image {
  rmp_image made;
  made.entries.reserve(table.pages());
  for (std::uint64_t page = 0; page < table.pages(); ++page) {
    const rmp::raw_entry raw = table.raw_of({page});
    made.entries.push_back({raw.lo, raw.hi});
  }
  for (const std::uint32_t id : watched_asids) made.counters[id] = table.pages_of({id});
  return made;
}

namespace invariants {

/// A page that is not assigned has no owner and no history.
[[nodiscard]] inline auto inv_01(const rmp_image& now) -> bool {
  for (std::uint64_t page = 0; page < now.entries.size(); ++page) {
    const plain_entry& e = now.entries[page];
    if (now.sub(page) || e.assigned()) continue;
    if (e.asid() != 0 || e.gpa() != 0 || e.validated() || e.vmsa() || e.large()) return false;
  }
  return true;
}

/// What is validated belongs to a guest.
[[nodiscard]] inline auto inv_02(const rmp_image& now) -> bool {
  for (std::uint64_t page = 0; page < now.entries.size(); ++page) {
    const plain_entry& e = now.entries[page];
    if (e.validated() && !now.sub(page) && (!e.assigned() || e.asid() == 0)) return false;
  }
  return true;
}

/// A page has one owner: the library's reading of the entry loses nothing.
[[nodiscard]] inline auto inv_04(const rmp_image& now) -> bool {
  for (const plain_entry& e : now.entries) {
    const rmp::entry found = rmp::decode({e.lo, e.hi});
    if (found.id.value != e.asid()) return false;
    if (rmp::encode(found) != rmp::raw_entry{e.lo, e.hi}) return false;
  }
  return true;
}

/// The shape of a large page.
/// @param aligned  RMPUPDATE wants its gPA aligned, too
[[nodiscard]] inline auto inv_05(const rmp_image& now, bool aligned) -> bool {
  for (std::uint64_t page = 0; page < now.entries.size(); ++page) {
    const plain_entry& e = now.entries[page];
    if (!e.large()) continue;
    if (page % 512 != 0 || !e.assigned() || (aligned && e.gpa() % 0x20'0000 != 0)) return false;
    for (std::uint64_t i = 1; i < 512 && now.covers(page + i); ++i) {
      const plain_entry& other = now.entries[page + i];
      if (other.large() || other.asid() != 0 || !other.assigned() || other.immutable()) return false;
    }
  }
  return true;
}

/// The first entry of a region of 4K pages counts the others that are assigned.
[[nodiscard]] inline auto inv_06(const rmp_image& now) -> bool {
  for (std::uint64_t base = 0; base < now.entries.size(); base += 512) {
    std::uint64_t others = 0;
    for (std::uint64_t i = 1; i < 512 && now.covers(base + i); ++i) {
      if (now.entries[base + i].assigned()) ++others;
      if (now.entries[base + i].count() != 0) return false;
    }
    if (now.entries[base].count() != (now.entries[base].large() ? 0 : others)) return false;
  }
  return true;
}

/// VMSAs are a guest's, or contexts, which are of 4K.
[[nodiscard]] inline auto inv_07(const rmp_image& now) -> bool {
  for (const plain_entry& e : now.entries) {
    if (!e.vmsa()) continue;
    const bool context = e.asid() == 0 && e.immutable() && !e.large();
    if (!e.assigned() || (e.asid() == 0 && !context)) return false;
  }
  return true;
}

/// The counters of pages say what the entries say.
/// @param unit  what a large page counts
[[nodiscard]] inline auto inv_20(const rmp_image& now, std::int64_t unit) -> bool {
  std::map<std::uint64_t, std::int64_t> found;
  for (std::uint64_t page = 0; page < now.entries.size(); ++page) {
    const plain_entry& e = now.entries[page];
    if (now.sub(page) || !e.assigned() || e.asid() == 0) continue;
    found[e.asid()] += e.large() ? unit : 1;
  }
  for (const auto& [id, count] : now.counters)
    if (count != (found.contains(id) ? found[id] : 0)) return false;
  for (const auto& [id, count] : found)
    if (!now.counters.contains(id)) return false;  // a page of an ASID that no step uses
  return true;
}

/// What a step was, and what it gave.
struct taken_step {
  const verify::rmp_step& step;
  const verify::rmp_answer& answer;

  [[nodiscard]] auto page() const -> std::uint64_t { return step.spa >> 12; }
  [[nodiscard]] auto base() const -> std::uint64_t { return rmp_image::base_of(page()); }
  [[nodiscard]] auto is(verify::rmp_operation what) const -> bool { return step.what == what; }
  [[nodiscard]] auto large() const -> bool { return step.size != page_size::k4k; }
  /// RMPUPDATE and PSMASH.
  [[nodiscard]] auto by_host() const -> bool {
    return is(verify::rmp_operation::rmpupdate) || is(verify::rmp_operation::psmash);
  }
  [[nodiscard]] auto by_firmware() const -> bool {
    return is(verify::rmp_operation::page_reclaim) || is(verify::rmp_operation::page_unsmash) ||
           is(verify::rmp_operation::page_set_state);
  }
  [[nodiscard]] auto succeeded() const -> bool {
    if (answer.ending == verify::rmp_ending::status) return std::string_view{answer.state} == "SUCCESS";
    return answer.ending == verify::rmp_ending::result && answer.eax == 0;
  }
};

/// RMPADJUST changes the permissions of one VMPL below its own, to no more than it has itself; VMPL 0 also the VMSA
/// bit.
[[nodiscard]] inline auto inv_09(const rmp_image& before, const rmp_image& after, const taken_step& taken) -> bool {
  if (!taken.is(verify::rmp_operation::rmpadjust)) return true;
  for (std::uint64_t page = 0; page < before.entries.size(); ++page) {
    const plain_entry& old = before.entries[page];
    const plain_entry& now = after.entries[page];
    if (old == now) continue;
    for (unsigned level = 0; level < 4; ++level) {
      if (old.perms(level) == now.perms(level)) continue;
      if (level <= taken.step.vmpl || level != taken.step.attributes % 256) return false;
      if ((now.perms(level) & ~old.perms(taken.step.vmpl)) != 0) return false;
    }
    if (old.vmsa() != now.vmsa() && taken.step.vmpl != 0) return false;
    const std::uint64_t vmsa = std::uint64_t{1} << 61;
    if ((old.lo | vmsa) != (now.lo | vmsa) || old.hi >> 32 != now.hi >> 32) return false;
  }
  return true;
}

/// Instructions leave immutable pages and pages in use alone, but for the count of a first page.
[[nodiscard]] inline auto inv_11(const rmp_image& before, const rmp_image& after, const taken_step& taken) -> bool {
  if (taken.by_firmware()) return true;
  for (std::uint64_t page = 0; page < before.entries.size(); ++page) {
    const plain_entry& old = before.entries[page];
    if ((old.immutable() || old.in_use()) && old.without_count() != after.entries[page].without_count()) return false;
  }
  return true;
}

/// A page that the host gives to somebody else, elsewhere or in another size is not validated; PSMASH moves nothing.
[[nodiscard]] inline auto inv_12(const rmp_image& before, const rmp_image& after, const taken_step& taken) -> bool {
  if (!taken.by_host()) return true;
  for (std::uint64_t page = 0; page < before.entries.size(); ++page) {
    const plain_entry& old = before.auth(page);
    const plain_entry& now = after.auth(page);
    const bool moved =
        old.assigned() != now.assigned() || old.asid() != now.asid() || before.gpa_of(page) != after.gpa_of(page);
    const bool resized = old.large() != now.large();
    if (taken.is(verify::rmp_operation::psmash) ? moved : (moved || resized) && now.validated()) return false;
  }
  return true;
}

/// A page becomes validated by PVALIDATE alone, of its owner at VMPL 0.
[[nodiscard]] inline auto inv_13(const rmp_image& before, const rmp_image& after, const taken_step& taken) -> bool {
  for (std::uint64_t page = 0; page < before.entries.size(); ++page) {
    if (before.auth(page).validated() || !after.auth(page).validated()) continue;
    if (!taken.is(verify::rmp_operation::pvalidate) || !taken.step.validate || taken.step.vmpl != 0) return false;
    if (after.auth(page).asid() != taken.step.asid) return false;
    if (taken.large() ? rmp_image::base_of(page) != taken.base() : page != taken.page()) return false;
  }
  return true;
}

/// The guest does not notice PSMASH.
[[nodiscard]] inline auto inv_14(const rmp_image& before, const rmp_image& after, const taken_step& taken) -> bool {
  if (!taken.is(verify::rmp_operation::psmash)) return true;
  for (std::uint64_t page = 0; page < before.entries.size(); ++page) {
    const plain_entry& old = before.auth(page);
    const plain_entry& now = after.auth(page);
    if (old.asid() != now.asid() || before.gpa_of(page) != after.gpa_of(page) || old.validated() != now.validated() ||
        old.vmsa() != now.vmsa() || old.hi != now.hi)
      return false;
  }
  return true;
}

/// What fails changes nothing, and neither does what only looks.
[[nodiscard]] inline auto inv_15(const rmp_image& before, const rmp_image& after, const taken_step& taken) -> bool {
  const bool looks = taken.is(verify::rmp_operation::rmpread) || taken.is(verify::rmp_operation::rmpquery) ||
                     taken.is(verify::rmp_operation::access) || taken.is(verify::rmp_operation::entry);
  return (taken.succeeded() && !looks) || before == after;
}

/// What an instruction reaches: its page and the count of the page's region, or the region.
[[nodiscard]] inline auto inv_16(const rmp_image& before, const rmp_image& after, const taken_step& taken) -> bool {
  if (taken.by_firmware()) return true;
  const bool region =
      taken.is(verify::rmp_operation::psmash) || (taken.is(verify::rmp_operation::rmpupdate) && taken.large());
  for (std::uint64_t page = 0; page < before.entries.size(); ++page) {
    const plain_entry& old = before.entries[page];
    const plain_entry& now = after.entries[page];
    if (old == now) continue;
    if (region ? rmp_image::base_of(page) == taken.base() : page == taken.page()) continue;
    if (page != taken.base()) return false;
    // PVALIDATE and RMPADJUST of a large page write its first entry.
    const bool guests = !taken.by_host() && old.large();
    if (!guests && old.without_count() != now.without_count()) return false;
  }
  return true;
}

/// Pages that are not covered never become anybody's.
[[nodiscard]] inline auto inv_24(const rmp_image& before, const taken_step& taken) -> bool {
  const bool owns = taken.is(verify::rmp_operation::rmpupdate) || taken.is(verify::rmp_operation::psmash) ||
                    taken.is(verify::rmp_operation::pvalidate) || taken.is(verify::rmp_operation::rmpadjust);
  return !owns || !taken.succeeded() || before.covers(taken.page());
}

/// The number of the first invariant that a state breaks, or 0.
[[nodiscard]] inline auto broken_by(const rmp_image& now, const implementation_choices& choices) -> int {
  if (!inv_01(now)) return 1;
  if (!inv_02(now)) return 2;
  if (!inv_04(now)) return 4;
  if (!inv_05(now, choices.rmpupdate_gpa_align)) return 5;
  if (!inv_06(now)) return 6;
  if (!inv_07(now)) return 7;
  if (!inv_20(now, choices.asid_counter_unit ? 512 : 1)) return 20;
  return 0;
}

/// The number of the first invariant that a step breaks, or 0.
[[nodiscard]] inline auto broken_by(const rmp_image& before, const rmp_image& after, const taken_step& taken,
                                    const implementation_choices& choices) -> int {
  if (!inv_15(before, after, taken)) return 15;
  if (!inv_24(before, taken)) return 24;
  if (before == after) return 0;
  if (!inv_09(before, after, taken)) return 9;
  if (choices.rmpupdate_2m_over_immutable && !inv_11(before, after, taken)) return 11;
  if (!inv_12(before, after, taken)) return 12;
  if (!inv_13(before, after, taken)) return 13;
  if (!inv_14(before, after, taken)) return 14;
  if (!inv_16(before, after, taken)) return 16;
  return 0;
}

}  // namespace invariants

}  // namespace sevspec::test

#endif
