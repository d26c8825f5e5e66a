// SPDX-License-Identifier: MIT
// linux 0a8aeb15848e: a clean bit stayed set although G_PAT had changed, so the guest ran with the old one.
// linux 0499add8efd7: VMEXIT_INVALID was written as 32 bits of ones; EXITCODE has 64.
#include <support/catch.hpp>
#include <support/switch_scenarios.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using cpu::guest_kind;

constexpr std::uint64_t other_pat = 0x0000'0000'0000'0606;

/// Runs a guest, changes its G_PAT, and runs it again.
/// @param clean  VMCB 0C0h at the second VMRUN
auto pat_after(std::uint32_t clean) -> std::uint64_t {
  context<> ctx;
  switch_world world(guest_kind::plain);
  REQUIRE(world.run(ctx).end == cpu::vmrun_end::entered);
  cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x60, .guest_code = 0x60});
  cpu::vmcb_page page = world.vmcb_now();
  page.save().set_g_pat(other_pat);
  page.controls().set_vmcb_clean({clean});
  (void)world.memory.write(switch_world::vmcb_at, memory_key::none(), page.bytes);
  REQUIRE(world.run(ctx).end == cpu::vmrun_end::entered);
  return world.core.guest->taken.save().g_pat();
}

}  // namespace

TEST_CASE("FIELD-50: a clean bit that is not cleared keeps the old G_PAT", "[field][FIELD-50][LAY-VMCB-09]") {
  constexpr std::uint32_t nested_paging = 1U << 4;
  CHECK(pat_after(0) == other_pat);
  CHECK(pat_after(0x1fff & ~nested_paging) == other_pat);
  CHECK(pat_after(nested_paging) == 0x0007'0406'0007'0406);
}

TEST_CASE("FIELD-50: another VMCB is never clean", "[field][FIELD-50][LAY-VMCB-09]") {
  context<> ctx;
  switch_world world(guest_kind::plain);
  REQUIRE(world.run(ctx).end == cpu::vmrun_end::entered);
  cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x60, .guest_code = 0x60});
  cpu::vmcb_page page = world.vmcb_now();
  page.save().set_g_pat(other_pat);
  page.controls().set_vmcb_clean({0x1fff});
  (void)world.memory.write({0x7000}, memory_key::none(), page.bytes);
  REQUIRE(cpu::vmrun(ctx, world.machine(), world.core, 0x7000).end == cpu::vmrun_end::entered);
  CHECK(world.core.guest->taken.save().g_pat() == other_pat);
}

TEST_CASE("FIELD-50: EXITCODE has 64 bits", "[field][FIELD-50]") {
  for (const broken_vmrun& one : broken_vmruns()) {
    if (one.gp) continue;
    INFO(one.what);
    context<> ctx;
    switch_world world = world_of(one);
    REQUIRE(world.run(ctx).end == cpu::vmrun_end::exited);
    const auto code = layout::read_le<std::uint64_t>(world.vmcb_now().bytes.data() + 0x70);
    CHECK(static_cast<std::int64_t>(code) < 0);  // a hypervisor that looks at 32 bits sees the same in its upper half
    CHECK(static_cast<std::int64_t>(code) >= -4);
  }
}
