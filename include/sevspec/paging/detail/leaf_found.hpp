// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_DETAIL_LEAF_FOUND_HPP
#define SEVSPEC_PAGING_DETAIL_LEAF_FOUND_HPP

#include <cstdint>

#include <sevspec/paging/entry.hpp>

namespace sevspec::inline v0::paging::detail {

/// How one stage ends when it succeeds: its leaf, and what all entries of the path have in common. Plain words and an
/// out-parameter instead of `outcome<mapping>`: five of these stand between the 24 reads of a two-stage walk, and they
/// must stay in registers.
struct leaf_found {
  entry leaf;
  std::uint64_t in_pointers = ~std::uint64_t{};  ///< set in every entry above the leaf
  std::uint64_t in_any = 0;                      ///< set in any entry
  unsigned page_bits = 0;                        ///< log2 of the page's bytes

  /// Set in every entry.
  [[nodiscard]] constexpr auto in_all() const noexcept -> std::uint64_t { return in_pointers & leaf.raw; }
};

}  // namespace sevspec::inline v0::paging::detail

#endif
