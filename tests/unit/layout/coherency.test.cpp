// SPDX-License-Identifier: MIT
#include <support/catch.hpp>

#include <sevspec/layout/coherency.hpp>

using namespace sevspec;
using layout::cpuid_8000001f_ebx;
using layout::needs_cache_eviction;

static_assert(needs_cache_eviction({}));
static_assert(!needs_cache_eviction({0x8000'0000}));

TEST_CASE("PST-01: eviction is needed unless EBX[31] says otherwise", "[layout]") {
  for (unsigned bit = 0; bit < 32; ++bit) {
    INFO("bit " << bit);
    CHECK(needs_cache_eviction({std::uint32_t{1} << bit}) == (bit != 31));
    CHECK(needs_cache_eviction({~(std::uint32_t{1} << bit)}) == (bit == 31));
  }
  // C-bit 51, five bits lost, four VMPLs: Genoa before the mitigation bit, then with it.
  const auto genoa = cpuid_8000001f_ebx{}.set_c_bit_position(51).set_phys_addr_reduction(5).set_num_vmpl(4);
  CHECK(needs_cache_eviction(genoa));
  CHECK_FALSE(needs_cache_eviction({genoa.raw | 0x8000'0000}));
}
