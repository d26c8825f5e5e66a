// SPDX-License-Identifier: MIT
// FIELD-20: pages that become private need their cache lines evicted, unless CPUID Fn8000_001F EBX[31] says that the
// processor does not need it. tianocore/edk2 20f24c0f67; CVE-2024-36331
#include <cstdint>

#include <support/catch.hpp>

#include <sevspec/layout/coherency.hpp>

namespace {

using namespace sevspec;
using layout::cpuid_8000001f_ebx;

/// Before the change: nobody evicted anything.
auto without_mitigation(cpuid_8000001f_ebx) -> bool { return false; }
/// A mitigation that does not look at the bit costs time where it is not needed.
auto always(cpuid_8000001f_ebx) -> bool { return true; }
/// A decision by a bit next to it.
auto by_bit_30(cpuid_8000001f_ebx ebx) -> bool { return (ebx.raw & 0x4000'0000) == 0; }

}  // namespace

TEST_CASE("FIELD-20: cache lines are evicted unless EBX[31] is set", "[field][FIELD-20]") {
  constexpr cpuid_8000001f_ebx affected{0x0000'4173};    // C-bit 51, five bits lost, four VMPLs
  constexpr cpuid_8000001f_ebx unaffected{0x8000'4173};  // the same with CoherencySfwNo
  CHECK(layout::needs_cache_eviction(affected));
  CHECK_FALSE(layout::needs_cache_eviction(unaffected));
  CHECK(without_mitigation(affected) != layout::needs_cache_eviction(affected));
  CHECK(always(unaffected) != layout::needs_cache_eviction(unaffected));
  CHECK(by_bit_30(unaffected) != layout::needs_cache_eviction(unaffected));
  // The other fields are read as if the bit were not there.
  CHECK(unaffected.c_bit_position() == 51);
  CHECK(unaffected.phys_addr_reduction() == affected.phys_addr_reduction());
  CHECK(unaffected.num_vmpl() == 4);
}
