// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_DETAIL_JUDGED_PAGE_HPP
#define SEVSPEC_VERIFY_DETAIL_JUDGED_PAGE_HPP

#include <cstdint>

#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/store.hpp>
#include <sevspec/verify/rmp_invariant.hpp>

namespace sevspec::inline v0::verify::detail {

/// A covered page as invariants see it: its own entry, and the first of its region. Says once more, and in its own
/// words, what `rmp/` says of them: a judge that asks the accused is none.
struct judged_page {
  rmp::spfn page{};
  std::uint64_t inside{};  ///< position in the region
  rmp::entry own{};
  rmp::entry first{};  ///< blank if the first page is not covered

  /// Inside a large page, and not its first.
  [[nodiscard]] constexpr auto sub() const noexcept -> bool { return inside != 0 && first.large; }
  /// The entry that counts.
  [[nodiscard]] constexpr auto counts() const noexcept -> const rmp::entry& { return first.large ? first : own; }
  /// Where the owner sees the page.
  [[nodiscard]] constexpr auto guest() const noexcept -> std::uint64_t {
    return first.large ? first.guest.value + inside * 0x1000 : own.guest.value;
  }
  /// A guest's.
  [[nodiscard]] constexpr auto is_private() const noexcept -> bool {
    return counts().assigned && counts().id != host_asid;
  }
  [[nodiscard]] constexpr auto is_valid() const noexcept -> bool { return is_private() && counts().validated; }
};

/// @param page  covered
template <rmp::entry_store Store>
[[nodiscard]] constexpr auto judged(const Store& table, rmp::spfn page) -> judged_page {
  const std::uint64_t inside = page.value % std::uint64_t{Store::sub_pages};
  judged_page made{.page = page, .inside = inside, .own = table.entry_of(page)};
  const rmp::spfn base{page.value - inside};
  if (inside == 0) made.first = made.own;
  else if (table.covers(base)) made.first = table.entry_of(base);
  return made;
}

/// Calls `judge(judged_page)` for each covered page until it finds something.
template <rmp::entry_store Store, class Judge>
[[nodiscard]] constexpr auto first_in(const Store& table, rmp::page_range pages, Judge&& judge) -> rmp_finding {
  for (std::uint64_t i = 0; i < pages.count; ++i) {
    const rmp::spfn page{pages.first.value + i};
    if (!table.covers(page)) continue;
    if (const rmp_finding found = judge(judged(table, page))) return found;
  }
  return {};
}

/// Calls `judge(before, after)` for each page that is covered in both tables until it finds something.
template <rmp::entry_store Before, rmp::entry_store After, class Judge>
[[nodiscard]] constexpr auto first_in(const Before& before, const After& after, rmp::page_range pages, Judge&& judge)
    -> rmp_finding {
  static_assert(std::uint64_t{Before::sub_pages} == std::uint64_t{After::sub_pages});
  for (std::uint64_t i = 0; i < pages.count; ++i) {
    const rmp::spfn page{pages.first.value + i};
    if (!before.covers(page) || !after.covers(page)) continue;
    if (const rmp_finding found = judge(judged(before, page), judged(after, page))) return found;
  }
  return {};
}

/// A violation.
[[nodiscard]] constexpr auto broken(rmp_invariant which, rmp::spfn page, const char* what) noexcept -> rmp_finding {
  return rmp_violation{.broken = which, .page = page, .what = what};
}

}  // namespace sevspec::inline v0::verify::detail

#endif
