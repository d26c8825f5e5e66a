// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_PAGE_RANGE_HPP
#define SEVSPEC_RMP_PAGE_RANGE_HPP

#include <cstdint>

#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::rmp {

/// Pages one after the other.
struct page_range {
  spfn first{};
  std::uint64_t count{};

  [[nodiscard]] constexpr auto contains(spfn page) const noexcept -> bool { return page.value - first.value < count; }
  friend constexpr auto operator==(const page_range&, const page_range&) -> bool = default;
};

}  // namespace sevspec::inline v0::rmp

#endif
