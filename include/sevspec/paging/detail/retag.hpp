// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_DETAIL_RETAG_HPP
#define SEVSPEC_PAGING_DETAIL_RETAG_HPP

#include <sevspec/paging/mapping.hpp>

namespace sevspec::inline v0::paging::detail {

/// The same mapping, its address in another space: walks over a guest's physical memory call sPA what is a gPA of the
/// guest, and gPA what is one of its own guest's.
/// @tparam To  the space it really is
template <class To, class From>
[[nodiscard]] constexpr auto retag(const mapping<From>& page) noexcept -> mapping<To> {
  return {.where = {page.where.value}, .size = page.size, .rights = page.rights, .c = page.c, .leaf = page.leaf};
}

}  // namespace sevspec::inline v0::paging::detail

#endif
