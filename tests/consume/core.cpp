// SPDX-License-Identifier: MIT
// A consumer of sevspec::core alone.
#include <sevspec/core.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

using namespace sevspec;

// A guest with paging off, over one nested 1G page: the compiler translates its address.
constexpr auto translated = [] {
  std::array<std::uint64_t, std::size_t{2} * 512> qwords{};
  qwords[0] = 0x1000 | 0x27;
  qwords[512] = 0x4000'0000 | 0xa7;
  memory::flat_memory memory(qwords);
  context<> ctx;
  const auto regime = paging::make_two_stage_regime(ctx, part_of(generation::milan),
                                                    {.host = paging::long_mode_registers(0), .guest = {.cr0 = 0x11}});
  return paging::walk(ctx, memory, *regime, gva{0x1234}, {})->page.where;
}();
static_assert(translated == spa{0x4000'1234});

int main() { return translated.value == 0x4000'1234 ? 0 : 1; }
