// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_COHERENCY_HPP
#define SEVSPEC_LAYOUT_COHERENCY_HPP

#include <sevspec/layout/cpuid.hpp>

namespace sevspec::inline v0::layout {

/// Whether a guest that turns a page from shared to private must evict the page's cache lines: after PVALIDATE it reads
/// the first and the last byte of each 4 KiB through the private mapping. Parts with COHERENCY_SFW_NO, CPUID
/// Fn8000_001F EBX[31], need not. (The layout tables keep that bit as reserved, LAY-CONF-15; Linux and edk2 name it.)
/// Not needed on the way from private to shared.   PST-01
[[nodiscard]] constexpr auto needs_cache_eviction(cpuid_8000001f_ebx features) noexcept -> bool {
  return !bit_at(features.raw, 31);
}

}  // namespace sevspec::inline v0::layout

#endif
