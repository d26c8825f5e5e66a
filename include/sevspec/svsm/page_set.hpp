// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_SVSM_PAGE_SET_HPP
#define SEVSPEC_SVSM_PAGE_SET_HPP

#include <algorithm>
#include <cstdint>
#include <vector>

#include <sevspec/base/address.hpp>

namespace sevspec::inline v0::svsm {

/// A set of guest pages of 4K, as ranges of frames: ascending, apart from each other. A regular value.
class page_set {
 public:
  /// Adds `pages` pages from `first` on.
  constexpr void insert(gpa first, std::uint64_t pages) {
    if (pages == 0) return;
    range added{first.value >> 12, (first.value >> 12) + pages};
    std::vector<range> kept;
    for (const range& one : ranges_) {
      if (one.end < added.first || one.first > added.end) kept.push_back(one);
      else added = {std::min(one.first, added.first), std::max(one.end, added.end)};
    }
    kept.push_back(added);
    std::sort(kept.begin(), kept.end(), [](const range& a, const range& b) { return a.first < b.first; });
    ranges_ = kept;
  }
  /// Takes `pages` pages from `first` on away.
  constexpr void erase(gpa first, std::uint64_t pages) {
    const range gone{first.value >> 12, (first.value >> 12) + pages};
    std::vector<range> kept;
    for (const range& one : ranges_) {
      if (one.first < std::min(one.end, gone.first)) kept.push_back({one.first, std::min(one.end, gone.first)});
      if (std::max(one.first, gone.end) < one.end) kept.push_back({std::max(one.first, gone.end), one.end});
    }
    ranges_ = kept;
  }
  /// Whether the page of every byte of [where, where + bytes) is in the set; neither wraps.
  [[nodiscard]] constexpr auto contains(gpa where, std::uint64_t bytes) const -> bool {
    if (bytes == 0) return true;
    const std::uint64_t first = where.value >> 12;
    const std::uint64_t last = (where.value + (bytes - 1)) >> 12;
    return std::any_of(ranges_.begin(), ranges_.end(),
                       [&](const range& one) { return one.first <= first && last < one.end; });
  }

  /// Whether the page of some byte of [where, where + bytes) is in the set; neither wraps.
  [[nodiscard]] constexpr auto overlaps(gpa where, std::uint64_t bytes) const -> bool {
    if (bytes == 0) return false;
    const std::uint64_t first = where.value >> 12;
    const std::uint64_t last = (where.value + (bytes - 1)) >> 12;
    return std::any_of(ranges_.begin(), ranges_.end(),
                       [&](const range& one) { return one.first <= last && first < one.end; });
  }

  friend constexpr auto operator==(const page_set&, const page_set&) -> bool = default;

 private:
  struct range {
    std::uint64_t first{};
    std::uint64_t end{};  ///< one behind the last frame
    friend constexpr auto operator==(const range&, const range&) -> bool = default;
  };
  std::vector<range> ranges_;
};

}  // namespace sevspec::inline v0::svsm

#endif
