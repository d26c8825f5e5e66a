// SPDX-License-Identifier: MIT
// How one architectural operation is written down: MOV to CR3 in long mode. docs/architecture.md explains it line by
// line.

#include <cinttypes>
#include <cstdint>
#include <cstdio>

#include <sevspec/core.hpp>

namespace {

using namespace sevspec;

/// MOV to CR3 with CR4.PCIDE=0: the new table root.   APM vol. 2, 5.3.2
/// @param width  how many address bits count, and where the C-bit is (`paging::host_entry_width`)
/// @return the value that CR3 holds from now on; or #GP(0), and CR3 is as it was
template <class Context>
constexpr auto mov_to_cr3(Context& ctx, paging::entry_width width, std::uint64_t value) -> outcome<std::uint64_t> {
  const auto general_protection = [](rule why) { return std::unexpected{fault{fault_kind::gp, why, 0, 0}}; };
  const std::uint64_t above_width = bit_range(51, width.bits) & ~width.c_mask;

  if (ctx.denies(rule::PAG_CR3_01, bits<63, 52>::get(value) != 0)) return general_protection(rule::PAG_CR3_01);
  if (ctx.denies(rule::PAG_CR3_03, (value & above_width) != 0)) return general_protection(rule::PAG_CR3_03);
  return value;
}

// Proved while compiling: bit 45 lies above what memory encryption leaves of Milan's 48 address bits ...
constexpr auto milan = paging::host_entry_width(part_of(generation::milan), true);
static_assert([] {
  context ctx;
  return mov_to_cr3(ctx, milan, 0x2000'0000'1000).error().decided_by;
}() == rule::PAG_CR3_03);

// ... and without that one rule the value would be taken.
static_assert([] {
  context<all_rules_but<rule::PAG_CR3_03>> ctx;
  return mov_to_cr3(ctx, milan, 0x2000'0000'1000).value_or(0);
}() == 0x2000'0000'1000);

}  // namespace

auto main() -> int {
  context ctx;
  for (const std::uint64_t value :
       {0x1000u + (std::uint64_t{1} << 51), std::uint64_t{1} << 60, std::uint64_t{1} << 45}) {
    const auto result = mov_to_cr3(ctx, milan, value);
    if (result) std::printf("CR3 = 0x%" PRIx64 "\n", *result);
    else
      std::printf("%s: %s: %s\n", name_of(result.error().kind), name_of(result.error().decided_by),
                  info(result.error().decided_by).text);
  }
}
