// SPDX-License-Identifier: MIT
// CVE-2021-29657: a VMCB was checked, and then read again. CVE-2021-3656 (linux c7dfa4009965): a guest hypervisor could
// switch off the intercepts of VMLOAD and VMSAVE, and its guest reached the host's memory.
#include <sevspec/cpu/world_switch/vmload_operand.hpp>
#include <support/catch.hpp>
#include <support/switch_scenarios.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using cpu::guest_kind;

/// Memory in which another processor changes one byte as soon as it was read.
struct racing_memory : keyed_memory {
  std::uint64_t watched = 0;
  std::uint8_t then = 0;

  auto read(spa where, memory_key key, std::span<std::uint8_t> out) -> memory::memory_status {
    const auto status = keyed_memory::read(where, key, out);
    if (watched >= where.value && watched < where.value + out.size()) cells[watched] = then;
    return status;
  }
};

/// As the hypervisor had it: one read for the check, one for the use.
auto buggy_asid(racing_memory& memory) -> std::uint32_t {
  std::array<std::uint8_t, 4> id{};
  (void)memory.read({0x1058}, memory_key::none(), id);
  if (layout::read_le<std::uint32_t>(id.data()) == 0) return ~0U;
  (void)memory.read({0x1058}, memory_key::none(), id);
  return layout::read_le<std::uint32_t>(id.data());
}

}  // namespace

TEST_CASE("FIELD-49: a VMCB is read once", "[field][FIELD-49]") {
  switch_world world(guest_kind::plain);
  racing_memory memory;
  memory.cells = world.memory.cells;
  memory.watched = 0x1058;  // the ASID
  auto once = memory;
  CHECK(buggy_asid(once) == 0);  // checked, and 0 after all

  context<> ctx;
  const auto machine = cpu::make_switch_machine(memory, world.rmp, world.tlb, world.integrity);
  const auto done = cpu::vmrun(ctx, machine, world.core, 0x1000);
  REQUIRE(done.end == cpu::vmrun_end::entered);
  CHECK(world.core.guest->id == switch_world::id);
  CHECK(world.core.guest->regime->id == switch_world::id);
  CHECK(memory.reads[0x1000] == 1);
}

TEST_CASE("FIELD-49: a VMSA is read once", "[field][FIELD-49]") {
  switch_world world(guest_kind::snp);
  racing_memory memory;
  memory.cells = world.memory.cells;
  memory.watched = 0x30d1;  // EFER
  context<> ctx;
  const auto machine = cpu::make_switch_machine(memory, world.rmp, world.tlb, world.integrity);
  REQUIRE(cpu::vmrun(ctx, machine, world.core, 0x1000).end == cpu::vmrun_end::entered);
  CHECK(world.core.registers.efer() == 0x1d01);
  CHECK(memory.reads[0x3000] == 1);
}

TEST_CASE("FIELD-49: where VMLOAD and VMSAVE go", "[field][FIELD-49]") {
  for (const guest_kind kind : {guest_kind::plain, guest_kind::sev, guest_kind::sev_es, guest_kind::snp})
    for (const bool intercepted : {false, true})
      for (const bool virtualized : {false, true})
        for (const bool vmsave : {false, true}) {
          switch_world world(kind);
          auto controls = world.vmcb.controls();
          controls.set_intercept_misc2(layout::vmcb_control_area_intercept_misc2{}
                                           .set_vmrun(true)
                                           .set_vmload(intercepted)
                                           .set_vmsave(intercepted));
          controls.set_virt_ext(layout::vmcb_control_area_virt_ext{}.set_virt_vmload_vmsave(virtualized));
          world.write();
          context<> ctx;
          REQUIRE(world.run(ctx).end == cpu::vmrun_end::entered);
          const auto operand = cpu::operand_of_vmload(ctx, *world.core.guest, vmsave);
          const bool none = intercepted || (vmsave && has_hidden_state(kind));
          CHECK(operand == (none          ? cpu::vmload_operand::none
                            : virtualized ? cpu::vmload_operand::guest_physical
                                          : cpu::vmload_operand::system_physical));
        }
}
