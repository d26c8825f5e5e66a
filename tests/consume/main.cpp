// SPDX-License-Identifier: MIT
// What every consumer builds: a program that knows nothing but the public include path, and translates one address.
#if __has_include(<sevspec/sevspec.hpp>)
#include <sevspec/sevspec.hpp>
#else
#include <sevspec/core.hpp>
#endif

#include <array>
#include <cstddef>
#include <cstdint>

int main() {
  using namespace sevspec;

  // PML4 at 0x1000 down to a page table at 0x4000, which maps the page at 0 to 0x5000.
  std::array<std::uint64_t, std::size_t{5} * 512> qwords{};
  for (std::size_t table = 1; table < 5; ++table) qwords[table * 512] = (table + 1) * 0x1000 | 0x7;
  memory::flat_memory memory(qwords);

  context<> ctx;
  const auto regime = paging::make_host_regime(ctx, part_of(generation::milan), paging::long_mode_registers(0x1000));
  if (!regime) return 1;
  const auto found = paging::walk(ctx, memory, *regime, hva{0x123}, {.kind = access_kind::write});
  if (!found || found->page.where != spa{0x5123}) return 2;
  if (qwords[std::size_t{4} * 512] != 0x5067) return 3;  // accessed and dirty
  const auto missing = paging::walk(ctx, memory, *regime, hva{0x1000}, {});
  if (missing || missing.error().kind != fault_kind::pf || missing.error().address != 0x1000) return 4;
  return version == version_number{SEVSPEC_VERSION_MAJOR, SEVSPEC_VERSION_MINOR, SEVSPEC_VERSION_PATCH} ? 0 : 5;
}
