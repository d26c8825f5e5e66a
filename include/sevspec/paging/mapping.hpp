// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_MAPPING_HPP
#define SEVSPEC_PAGING_MAPPING_HPP

#include <sevspec/base/address.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/paging/entry.hpp>
#include <sevspec/paging/permissions.hpp>

namespace sevspec::inline v0::paging {

/// What one stage of translation found.
/// @tparam To  the space translated into
template <class To>
struct mapping {
  address<To> where{};                                 ///< the byte's address, without the C-bit (PAG-ENC-02)
  page_size size = page_size::unlimited;               ///< size of the page; `unlimited` with paging off
  page_rights rights{.writable = true, .user = true};  ///< combined over all levels
  bool c{};                                            ///< the leaf's C-bit
  entry leaf{};                                        ///< the leaf entry as read, before this access's A/D update

  friend constexpr auto operator==(const mapping&, const mapping&) -> bool = default;
};

}  // namespace sevspec::inline v0::paging

#endif
