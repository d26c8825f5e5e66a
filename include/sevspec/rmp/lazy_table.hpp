// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_LAZY_TABLE_HPP
#define SEVSPEC_RMP_LAZY_TABLE_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include <sevspec/base/identity.hpp>
#include <sevspec/rmp/raw_entry.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// A table for memory of any size, in the format of Zen 3: a region of 512 entries takes memory when something is first
/// written to it. Counts the pages of each ASID.
class lazy_table {
 public:
  static constexpr std::uint64_t sub_pages = 512;
  static constexpr bool counts_sub_pages = true;

  /// @param pages  how many are covered, from page 0 on
  explicit lazy_table(std::uint64_t pages)
      : pages_(pages), regions_(static_cast<std::size_t>((pages + sub_pages - 1) / sub_pages), untouched_.get()) {}

  [[nodiscard]] auto pages() const noexcept -> std::uint64_t { return pages_; }
  [[nodiscard]] auto covers(spfn page) const noexcept -> bool { return page.value < pages_; }
  [[nodiscard]] auto entry_of(spfn page) const noexcept -> entry { return decode(raw_of(page)); }
  void put(spfn page, const entry& what) { writable_region(page)[page.value % sub_pages] = encode(what); }

  [[nodiscard]] auto raw_of(spfn page) const noexcept -> raw_entry {
    return regions_[page.value / sub_pages]->entries[page.value % sub_pages];
  }
  [[nodiscard]] auto raw_region(spfn page) const noexcept -> const raw_entry* {
    return regions_[page.value / sub_pages]->entries.data();
  }
  [[nodiscard]] auto writable_region(spfn page) -> raw_entry* {
    region*& place = regions_[page.value / sub_pages];
    if (place == untouched_.get()) {
      if (used_ == owned_.size()) owned_.push_back(std::make_unique<region>());
      place = owned_[used_++].get();
      place->entries = {};
      touched_.push_back(&place);
    }
    return place->entries.data();
  }

  /// Back to a table without assigned pages. Takes time and no memory for what was touched.
  void reset() noexcept {
    for (region** const place : touched_) *place = untouched_.get();
    touched_.clear();
    used_ = 0;
    pages_of_.clear();
  }

  void count_pages(asid id, std::int64_t delta) { pages_of_[id] += delta; }
  /// How many pages are assigned to an ASID, as the firmware sees it (RMP-GEO-17).
  [[nodiscard]] auto pages_of(asid id) const -> std::int64_t {
    const auto found = pages_of_.find(id);
    return found == pages_of_.end() ? 0 : found->second;
  }

 private:
  struct region {
    std::array<raw_entry, sub_pages> entries{};
  };

  std::uint64_t pages_;
  std::unique_ptr<region> untouched_ = std::make_unique<region>();  ///< stands for all regions without entries
  std::vector<region*> regions_;
  std::vector<std::unique_ptr<region>> owned_;
  std::size_t used_ = 0;
  std::vector<region**> touched_;
  std::map<asid, std::int64_t> pages_of_;
};

}  // namespace sevspec::inline v0::rmp

#endif
