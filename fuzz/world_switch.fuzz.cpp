// SPDX-License-Identifier: MIT
// VMRUN of any VMCB and VMSA, and whatever the guest does then.
//
//   byte 0      bits 1:0 the guest's kind; 2: SNP is not enabled; 3: register protection of everything; 4: codes last
//   byte 1      how many changes; each: where (1: 0 VMCB, 1 VMSA, 2 an entry of the Reverse Map Table), offset (2), value (8)
//   the rest    events: code (2), EXITINFO1 (8), EXITINFO2 (8), event whose delivery it hit (8), MSR (4), flags (1); after each
//               exit the guest is run again
#include <cstdint>

#include <support/switch_world.hpp>

#include "fuzzing.hpp"

namespace {

using namespace sevspec;
using namespace sevspec::fuzz;
using namespace sevspec::test;

void change_entry(rmp::entry& entry, std::uint64_t value) {
  entry = {.assigned = (value & 1) != 0,
           .immutable = (value & 2) != 0,
           .validated = (value & 4) != 0,
           .vmsa = (value & 8) != 0,
           .in_use = (value & 16) != 0,
           .id = {static_cast<std::uint32_t>(value >> 8 & 0x3ff)}};
}

void set_up(cursor& in, switch_world& world) {
  const unsigned changes = in.byte() % 32;
  for (unsigned i = 0; i < changes; ++i) {
    const std::uint8_t where = in.byte() % 3;
    const auto offset = static_cast<std::size_t>(in.little_endian(2) % 4089);
    const std::uint64_t value = in.little_endian(8);
    if (where == 0) layout::write_le(world.vmcb.bytes.data() + offset, value);
    if (where == 1) layout::write_le(world.vmsa.data() + offset, value);
    if (where == 2) change_entry(world.rmp.entries[offset % world.rmp.entries.size()], value);
  }
  world.write();
}

/// Facts of every VMRUN.
auto enters(context<>& ctx, switch_world& world) -> bool {
  const auto cells = world.memory.cells;
  const auto table = world.rmp;
  const auto registers = world.core.registers;
  const auto done = world.run(ctx);
  const auto code = layout::read_le<std::uint64_t>(world.vmcb_now().bytes.data() + 0x70);
  if (done.end == cpu::vmrun_end::entered) {
    const auto& guest = *world.core.guest;
    demand(has_hidden_state(guest.kind) || guest.features.raw == 0, "features are of guests with a VMSA");
    demand(guest.kind != cpu::guest_kind::snp || world.core.snp_enabled(), "an SNP-active guest needs SNP");
    demand((world.core.registers.efer() & 0x1000) != 0, "no guest runs without EFER.SVME");
    return true;
  }
  demand(!world.core.guest.has_value(), "a refused guest does not run");
  demand(world.rmp == table, "a refused VMRUN marks no page");
  demand(world.core.registers == registers, "a refused VMRUN loads no register");
  if (done.end == cpu::vmrun_end::exited) demand(code >= ~std::uint64_t{3}, "EXITCODE is -1 to -4");
  if (done.end == cpu::vmrun_end::gp) demand(world.memory.cells == cells, "#GP writes nothing");
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cursor in(data, size);
  const std::uint8_t config = in.byte();
  switch_world world(static_cast<cpu::guest_kind>(config & 3), (config & 4) == 0);
  context<> ctx;
  if ((config & 8) != 0) world.protection.fill(0xff);
  if ((config & 16) != 0) ctx.choices.vmrun_check_order = vmrun_order::codes_last;
  set_up(in, world);
  for (unsigned events = 0; events < 8; ++events) {
    if (!world.core.guest && !enters(ctx, world)) return 0;
    if (in.rest().empty()) return 0;
    const cpu::guest_kind kind = world.core.guest->kind;
    cpu::guest_event what{.code = in.little_endian(2),
                          .info_1 = in.little_endian(8),
                          .info_2 = in.little_endian(8),
                          .delivering = {in.little_endian(8)},
                          .msr = static_cast<std::uint32_t>(in.little_endian(4))};
    const std::uint8_t flags = in.byte();
    what.write = (flags & 1) != 0;
    what.mapped = (flags & 2) != 0;
    what.instruction_bytes = flags >> 4;
    if ((flags & 4) != 0) what.msr_slot = flags >> 3;
    const auto done = world.event(ctx, what);
    const bool left = done.end == cpu::event_end::exits || done.end == cpu::event_end::reflected;
    demand(left != world.core.guest.has_value(), "the guest runs, or it does not");
    if (left && has_hidden_state(kind))
      for (const auto& row : cpu::swapped_registers)
        if (row.how == cpu::swap_class::b && row.when == cpu::swap_condition::always)
          demand(world.core.registers.data()[row.offset] == world.host.host_save()[row.offset],
                 "the host's registers are the host's");
  }
  return 0;
}
