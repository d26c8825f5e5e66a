// SPDX-License-Identifier: MIT
// Several VMSAs of one processor: who makes them, which VMPL they run at, how the hypervisor switches between them.
#include <array>
#include <vector>

#include <sevspec/cpu/world_switch/level_switch.hpp>
#include <sevspec/cpu/world_switch/vmsa_page.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <support/catch.hpp>
#include <support/switch_scenarios.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using cpu::vmrun_end;

constexpr spa second_at{0x7000};
constexpr gpa second_gpa{0x7000};

constexpr rmp::processor part{.snp_enabled = true, .highest_asid = 509};
constexpr rmp::execution at_level(std::uint8_t level) {
  return {.id = switch_world::id, .snp_active = true, .privilege = {level}};
}
constexpr auto translate = [](gva where) -> outcome<rmp::guest_page> {
  return rmp::guest_page{.linear = where, .guest = second_gpa, .where = second_at};
};

/// A world whose guest owns one more page, validated; every VMPL may use it.
auto with_second_page() -> switch_world {
  switch_world world;
  entry_at(world, second_at) = {.assigned = true,
                                .validated = true,
                                .id = switch_world::id,
                                .guest = second_gpa,
                                .allowed = {{{0x1f}, {0x0f}, {0x0f}, {0x0f}}}};
  return world;
}

/// Puts a VMSA into the second page, through the guest's key.
void write_second(switch_world& world, std::uint8_t level, std::uint64_t features) {
  layout::vmsa state = switch_world::guest_registers();
  state.set_vmpl(level);
  state.set_sev_features({features});
  state.set_rbx(0x2222);
  (void)world.memory.write(second_at, memory_key::guest(switch_world::id), state.bytes());
}

void point_vmcb_at(switch_world& world, spa vmsa) {
  layout::write_le(world.vmcb.bytes.data() + 0x108, vmsa.value);
  (void)world.memory.write(switch_world::vmcb_at, memory_key::none(), world.vmcb.bytes);
}

}  // namespace

TEST_CASE("VMPL-07: a page becomes a VMSA, and an ordinary page again", "[cpu][VMPL-07]") {
  context<> ctx;
  switch_world world = with_second_page();
  write_second(world, 2, 1);
  std::vector<const char*> order;
  const auto flush = [&] {
    order.push_back("flush");
    for (std::size_t level = 1; level < 4; ++level) CHECK(entry_at(world, second_at).allowed[level].raw == 0);
    CHECK_FALSE(entry_at(world, second_at).vmsa);
  };
  const auto judged = [&](bool good) {
    return [&order, good] {
      order.push_back("judge");
      return good;
    };
  };
  const auto make = [&](bool good, std::uint8_t by = 0) {
    return cpu::make_vmsa_page(ctx, world.rmp, part, at_level(by), gva{0x7000}, vmpl{2}, translate, flush,
                               judged(good));
  };
  CHECK(make(false)->eax == rmp::status::fail_input);
  CHECK_FALSE(entry_at(world, second_at).vmsa);
  order.clear();
  REQUIRE(make(true)->eax == rmp::status::success);
  CHECK(order == std::vector<const char*>{"flush", "judge"});
  CHECK(entry_at(world, second_at).vmsa);
  CHECK(entry_at(world, second_at).allowed[2].raw == rmp::permissions::r);
  CHECK_FALSE(cpu::exposes_vmsa(ctx, entry_at(world, second_at)));

  point_vmcb_at(world, second_at);
  REQUIRE(world.run(ctx).end == vmrun_end::entered);
  CHECK(world.core.guest->level == vmpl{2});
  // It runs: RMPADJUST has #NPF.
  CHECK(make(true).error().kind == fault_kind::npf);
  cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x60, .guest_code = 0x60});

  const auto released =
      cpu::release_vmsa_page(ctx, world.rmp, part, at_level(0), gva{0x7000}, vmpl{2}, translate, [] {});
  CHECK(released->eax == rmp::status::success);
  CHECK_FALSE(entry_at(world, second_at).vmsa);
  CHECK(entry_at(world, second_at).allowed[2].raw == 0xf);
  CHECK(world.run(ctx).decided_by == rule::RMP_VMR_02);
}

TEST_CASE("VMPL-07: below VMPL 0 nobody makes a VMSA", "[cpu][VMPL-07]") {
  context<> ctx;
  switch_world world = with_second_page();
  const auto made = cpu::make_vmsa_page(
      ctx, world.rmp, part, at_level(1), gva{0x7000}, vmpl{2}, translate, [] {}, [] { return true; });
  CHECK(made->eax == rmp::status::fail_permission);
  CHECK_FALSE(entry_at(world, second_at).vmsa);
}

TEST_CASE("VMPL-02, VMPL-07: who can write a VMSA chooses its VMPL", "[cpu][VMPL-02][VMPL-07]") {
  for (const bool exposed : {false, true}) {
    context<> ctx;
    switch_world world = with_second_page();
    write_second(world, 2, 1);
    rmp::entry& page = entry_at(world, second_at);
    page.vmsa = true;
    if (!exposed)
      for (std::size_t level = 1; level < 4; ++level) page.allowed[level] = {};
    CHECK(cpu::exposes_vmsa(ctx, page) == exposed);
    const memory::ownership_query store{.where = second_at,
                                        .guest = second_gpa,
                                        .kind = access_kind::write,
                                        .c = true,
                                        .who = memory::owner_context::snp_guest,
                                        .id = switch_world::id,
                                        .level = {2}};
    const bool written = rmp::check_access(ctx, world.rmp, store).what == memory::ownership_verdict::kind::allowed;
    CHECK(written == exposed);
    if (written) {  // VMPL 2 makes itself VMPL 0
      const std::array<std::uint8_t, 1> zero{0};
      (void)world.memory.write(second_at + 0xca, memory_key::guest(switch_world::id), zero);
    }
    point_vmcb_at(world, second_at);
    REQUIRE(world.run(ctx).end == vmrun_end::entered);
    CHECK(world.core.guest->level == vmpl{static_cast<std::uint8_t>(exposed ? 0 : 2)});
  }
}

TEST_CASE("vmsa_write_while_running: a guest writes a VMSA that runs", "[cpu][RMP-CHK-15]") {
  for (const running_vmsa_write choice : {running_vmsa_write::npf, running_vmsa_write::lost}) {
    context<> ctx;
    ctx.choices.vmsa_write_while_running = choice;
    switch_world world;
    vmsa_entry(world).guest = gpa{0x3000};
    vmsa_entry(world).allowed[0] = rmp::all_permissions;
    REQUIRE(world.run(ctx).end == vmrun_end::entered);
    memory::ownership_query reference{.where = switch_world::vmsa_at,
                                      .guest = gpa{0x3000},
                                      .kind = access_kind::write,
                                      .c = true,
                                      .who = memory::owner_context::snp_guest,
                                      .id = switch_world::id,
                                      .level = {0}};
    using verdict = memory::ownership_verdict::kind;
    const bool lost = choice == running_vmsa_write::lost;
    CHECK((rmp::check_access(ctx, world.rmp, reference).what == verdict::allowed) == lost);
    reference.kind = access_kind::read;
    CHECK(rmp::check_access(ctx, world.rmp, reference).decided_by == rule::RMP_CHK_15);
    const std::array<std::uint8_t, 1> byte{0x42};
    (void)world.memory.write(switch_world::vmsa_at + 0x308, memory_key::guest(switch_world::id), byte);
    const std::uint64_t rcx = world.core.registers.rcx();
    cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x60, .guest_code = 0x60});
    CHECK(world.vmsa_stored().rcx() == rcx);  // written over
  }
}

TEST_CASE("VMPL-10: each VMSA has its own features, and all are SNP-active", "[cpu][VMPL-10]") {
  for (const std::uint64_t features : {std::uint64_t{1}, one_at(3) | 1, one_at(4) | one_at(2) | 1, std::uint64_t{0}}) {
    context<> ctx;
    switch_world world = with_second_page();
    set_features(world, one_at(3));
    world.write();
    write_second(world, 2, features);
    entry_at(world, second_at).vmsa = true;
    REQUIRE(world.run(ctx).end == vmrun_end::entered);
    CHECK(world.core.guest->features.raw == 9);
    cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x60, .guest_code = 0x60});
    point_vmcb_at(world, second_at);
    const auto done = world.run(ctx);
    CHECK((done.end == vmrun_end::entered) == (features != 0));
    if (features == 0) CHECK(done.decided_by == rule::RMP_VMR_01);  // a guest's page is no VMSA of a SEV-ES guest
    else CHECK(world.core.guest->features.raw == features);
  }
}

TEST_CASE("VMPL-SW-03: one VMCB for two VMPLs", "[cpu][VMPL-SW-03][WSW-INJ-07]") {
  context<> ctx;
  switch_world world = with_second_page();
  write_second(world, 2, 1);
  entry_at(world, second_at).vmsa = true;
  cpu::level_context zero{.vmsa = switch_world::vmsa_at};
  cpu::level_context two{.vmsa = second_at, .ghcb_msr = 0x6000};
  const auto change = [&](cpu::level_context& from, const cpu::level_context& to) {
    cpu::vmcb_page page = world.vmcb_now();
    page.controls().set_vmcb_clean({0x1fff});
    cpu::switch_level(ctx, page.controls(), from, to);
    (void)world.memory.write(switch_world::vmcb_at, memory_key::none(), page.bytes);
    return page;
  };
  REQUIRE(world.run(ctx).end == vmrun_end::entered);
  world.core.registers.set_rbx(0x1111);
  world.core.guest->interrupts.set_int_shadow(true);
  // The exit hits the delivery of an interrupt.
  CHECK(world.event(ctx, {.code = 0x400, .info_2 = 0x9000, .delivering = {0x8000'0041}}).end == cpu::event_end::exits);
  const cpu::vmcb_page changed = change(zero, two);
  CHECK(changed.controls().vmcb_clean().raw == 0);
  CHECK(changed.controls().exit_int_info().raw == 0);  // it was the other's
  CHECK(zero.ghcb_msr == 0x7fe5000);
  CHECK(zero.interrupted.raw == 0x8000'0041);
  CHECK(zero.interrupts.interrupt_shadow());
  CHECK_FALSE(changed.controls().interrupt_state().interrupt_shadow());

  REQUIRE(world.run(ctx).end == vmrun_end::entered);
  CHECK(world.core.guest->level == vmpl{2});
  CHECK(world.core.guest->ghcb_msr == 0x6000);
  CHECK(world.core.registers.rbx() == 0x2222);
  CHECK_FALSE(world.core.guest->injected.valid());
  CHECK(world.event(ctx, {.code = 0x403, .instruction_bytes = 4}).end == cpu::event_end::exits);
  change(two, zero);

  REQUIRE(world.run(ctx).end == vmrun_end::entered);
  CHECK(world.core.guest->level == vmpl{0});
  CHECK(world.core.guest->ghcb_msr == 0x7fe5000);
  CHECK(world.core.registers.rbx() == 0x1111);
  CHECK(world.core.guest->injected.vector() == 0x41);  // injected again
  CHECK(world.core.guest->interrupts.int_shadow());
}
