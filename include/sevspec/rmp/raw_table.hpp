// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_RAW_TABLE_HPP
#define SEVSPEC_RMP_RAW_TABLE_HPP

#include <cstdint>
#include <span>

#include <sevspec/rmp/raw_entry.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// Entries in the format of Zen 3 that the caller keeps: of pages from 0 on.
template <std::uint64_t SubPages = 512>
class raw_table {
 public:
  static constexpr std::uint64_t sub_pages = SubPages;
  static constexpr bool counts_sub_pages = true;

  constexpr explicit raw_table(std::span<raw_entry> entries) noexcept : entries_(entries) {}

  [[nodiscard]] constexpr auto covers(spfn page) const noexcept -> bool { return page.value < entries_.size(); }
  [[nodiscard]] constexpr auto entry_of(spfn page) const noexcept -> entry { return decode(entries_[page.value]); }
  constexpr void put(spfn page, const entry& what) noexcept { entries_[page.value] = encode(what); }

  [[nodiscard]] constexpr auto raw_of(spfn page) const noexcept -> raw_entry { return entries_[page.value]; }
  [[nodiscard]] constexpr auto raw_region(spfn base) const noexcept -> const raw_entry* {
    return &entries_[base.value];
  }
  [[nodiscard]] constexpr auto writable_region(spfn base) noexcept -> raw_entry* { return &entries_[base.value]; }

 private:
  std::span<raw_entry> entries_;
};

}  // namespace sevspec::inline v0::rmp

#endif
