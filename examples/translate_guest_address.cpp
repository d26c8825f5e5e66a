// SPDX-License-Identifier: MIT
// Where does an address of a SEV guest end up, and under whose key?

#include <array>
#include <cinttypes>
#include <cstdint>
#include <cstdio>

#include <sevspec/core.hpp>

auto main() -> int {
  using namespace sevspec;

  std::array<std::uint64_t, 6 * 512> ram{};  // six page tables from sPA 0 on, first entries only
  ram[0 * 512] = 0x1027;                     // nested: PML4 at 0x0000, PDP at 0x1000, PD at 0x2000
  ram[1 * 512] = 0x2027;
  ram[2 * 512] = 0xe7;            // gPA 0 -> sPA 0, 2 MiB: the guest's tables
  ram[2 * 512 + 1] = 0x1a0'00e7;  // gPA 0x200000 -> sPA 0x1a00000, 2 MiB
  ram[3 * 512] = 0x4027;          // guest: PML4 at 0x3000, PDP at 0x4000, PD at 0x5000
  ram[4 * 512] = 0x5027;
  ram[5 * 512] = 0x8'0000'0020'00e7;  // gVA 0 -> gPA 0x200000, 2 MiB, C-bit set: private

  paging::guest_entry_state vmcb;
  vmcb.host = paging::long_mode_registers(0);
  vmcb.guest = paging::long_mode_registers(0x3000);
  vmcb.syscfg = paging::syscfg::mem_encryption_mod_en::mask;
  vmcb.np_control = paging::np_control::np_enable::mask | paging::np_control::sev::mask;
  vmcb.ncr3 = 0;

  context ctx;
  memory::flat_memory memory{ram};
  const auto machine = paging::make_two_stage_regime(ctx, part_of(generation::milan), vmcb);
  const auto found = paging::walk(ctx, memory, *machine, gva{0x1234}, {.kind = access_kind::write});
  if (!found) return 1;
  std::printf("gVA 0x1234 -> gPA 0x%" PRIx64 " -> sPA 0x%" PRIx64 ", %s key\n", found->in_guest.where.value,
              found->page.where.value, name_of(found->key));
}
