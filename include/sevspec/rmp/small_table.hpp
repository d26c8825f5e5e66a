// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_SMALL_TABLE_HPP
#define SEVSPEC_RMP_SMALL_TABLE_HPP

#include <array>
#include <cstddef>
#include <cstdint>

#include <sevspec/rmp/entry.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// A table of a few pages for models and proofs: entries as they are, from page 0 on. A regular value.
/// @tparam Pages     how many pages are covered
/// @tparam SubPages  how many pages a large one has; a power of two
template <std::size_t Pages, std::uint64_t SubPages = 512>
struct small_table {
  static constexpr std::uint64_t sub_pages = SubPages;
  static constexpr bool counts_sub_pages = true;

  std::array<entry, Pages> entries{};

  [[nodiscard]] static constexpr auto covers(spfn page) noexcept -> bool { return page.value < Pages; }
  [[nodiscard]] constexpr auto entry_of(spfn page) const noexcept -> const entry& { return entries[page.value]; }
  constexpr void put(spfn page, const entry& what) noexcept { entries[page.value] = what; }

  friend constexpr auto operator==(const small_table&, const small_table&) -> bool = default;
};

}  // namespace sevspec::inline v0::rmp

#endif
