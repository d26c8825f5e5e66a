// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_COHERENCY_HPP
#define SEVSPEC_LAYOUT_COHERENCY_HPP

#include <sevspec/layout/cpuid.hpp>

namespace sevspec::inline v0::layout {

/// Whether software that turns a page from shared to private or back must evict the page's cache lines itself. CPUID
/// Fn8000_001F EBX[31] says that it need not; the tables keep that bit as reserved (one source names it).
/// LAY-CONF-15
[[nodiscard]] constexpr auto needs_cache_eviction(cpuid_8000001f_ebx features) noexcept -> bool {
  return !bit_at(features.raw, 31);
}

}  // namespace sevspec::inline v0::layout

#endif
