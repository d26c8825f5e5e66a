// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_GHCB_PAGE_SET_HPP
#define SEVSPEC_VERIFY_GHCB_PAGE_SET_HPP

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <vector>

namespace sevspec::inline v0::verify {

/// Neighbouring pages of 4K.
struct ghcb_page_range {
  std::uint64_t gpa{};  ///< of the first, aligned
  std::uint64_t pages{};

  friend constexpr auto operator==(const ghcb_page_range&, const ghcb_page_range&) -> bool = default;
};

/// A set of pages of 4K, as few ranges. A regular value.
class ghcb_page_set {
 public:
  [[nodiscard]] auto empty() const noexcept -> bool { return ranges_.empty(); }
  [[nodiscard]] auto contains(std::uint64_t gpa) const -> bool { return overlaps({gpa & ~std::uint64_t{0xfff}, 1}); }
  [[nodiscard]] auto overlaps(const ghcb_page_range& range) const -> bool {
    const auto behind = ranges_.lower_bound(frame(range) + range.pages);  // the first that begins behind it
    return behind != ranges_.begin() && std::prev(behind)->second > frame(range);
  }

  void insert(const ghcb_page_range& range) {
    if (range.pages == 0) return;
    std::uint64_t first = frame(range);
    std::uint64_t end = first + range.pages;
    auto at = ranges_.upper_bound(end);
    while (at != ranges_.begin() && std::prev(at)->second >= first) {
      at = std::prev(at);
      first = std::min(first, at->first);
      end = std::max(end, at->second);
      at = ranges_.erase(at);
    }
    ranges_.emplace(first, end);
  }
  void erase(const ghcb_page_range& range) {
    if (range.pages == 0) return;
    const std::uint64_t first = frame(range);
    const std::uint64_t end = first + range.pages;
    auto at = ranges_.lower_bound(end);
    while (at != ranges_.begin() && std::prev(at)->second > first) {
      at = std::prev(at);
      const auto [from, to] = *at;
      at = ranges_.erase(at);
      if (to > end) at = ranges_.emplace(end, to).first;
      if (from < first) at = ranges_.emplace(from, first).first;
    }
  }

  /// The pages of this set that are not in `other`.
  [[nodiscard]] auto without(const ghcb_page_set& other) const -> ghcb_page_set {
    ghcb_page_set left = *this;
    for (const ghcb_page_range& range : other.ranges()) left.erase(range);
    return left;
  }
  /// In order, never adjacent.
  [[nodiscard]] auto ranges() const -> std::vector<ghcb_page_range> {
    std::vector<ghcb_page_range> all;
    for (const auto& [first, end] : ranges_) all.push_back({first << 12, end - first});
    return all;
  }

  friend auto operator==(const ghcb_page_set&, const ghcb_page_set&) -> bool = default;

 private:
  [[nodiscard]] static auto frame(const ghcb_page_range& range) -> std::uint64_t { return range.gpa >> 12; }

  std::map<std::uint64_t, std::uint64_t> ranges_;  ///< first frame, and the one behind the last
};

}  // namespace sevspec::inline v0::verify

#endif
