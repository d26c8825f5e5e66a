// SPDX-License-Identifier: MIT
// Whatever the hypervisor asks and the guest holds: VMRUN refuses what is broken and changes nothing, an exit tells no more
// than it may, and hostile bytes have an answer.
#include <rapidcheck.h>

#include <array>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/switch_scenarios.hpp>

#include "../property.hpp"

namespace {

using namespace sevspec;
using namespace sevspec::test;
using cpu::guest_kind;
using cpu::vmrun_end;

/// Registers that VMRUN or the hypervisor's view depends on: EFER, CR3, CR0, CR4, DR6, DR7, RFLAGS, CS, CPL.
auto is_judged(const cpu::swapped_register& row) -> bool {
  for (const unsigned offset : {0x0d0U, 0x148U, 0x150U, 0x158U, 0x160U, 0x168U, 0x170U, 0x010U, 0x0cbU})
    if (row.offset == offset) return true;
  return false;
}

/// Registers of a guest, all that nobody judges drawn at random.
void draw_registers(layout::vmsa& state) {
  for (const auto& row : cpu::swapped_registers)
    for (unsigned i = 0; i < row.bytes && !is_judged(row); ++i)
      state.data()[row.offset + i] = *rc::gen::arbitrary<std::uint8_t>();
  state.set_rflags(0x202 | (*rc::gen::arbitrary<std::uint64_t>() & 0x8d5));
}

void copy_to_vmcb(switch_world& world) {
  for (std::size_t i = 0; i < 0x2e8; ++i) world.vmcb.bytes[0x400 + i] = world.vmsa.data()[i];
}

/// What is the same after a refused VMRUN: everything but the exit fields of the VMCB.
struct snapshot {
  std::vector<std::uint8_t> cells;
  switch_world::table rmp;
  flush_log tlb;
  switch_world::sums integrity;
  cpu::register_file registers;
  bool remembered{};

  explicit snapshot(const switch_world& world)
      : cells(world.memory.cells), rmp(world.rmp), tlb(world.tlb), integrity(world.integrity),
        registers(world.core.registers), remembered(world.core.last.has_value()) {
    const auto told = cells.begin() + static_cast<std::ptrdiff_t>(switch_world::vmcb_at.value);
    std::fill_n(told + 0x70, 0x20, std::uint8_t{0});
    std::fill_n(told + 0x140, 8, std::uint8_t{0});
  }
  friend auto operator==(const snapshot&, const snapshot&) -> bool = default;
};

}  // namespace

TEST_CASE("VMRUN refuses each single broken precondition and leaves everything as it was", "[cpu][property]") {
  const std::vector<broken_vmrun> all = broken_vmruns();
  tally classes;
  property("one broken precondition", 1500, [&] {
    const auto index = *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, all.size()));
    broken_vmrun one = all[index];
    const auto change = one.change;
    one.change = [&](switch_world& world) {
      draw_registers(world.vmsa);
      copy_to_vmcb(world);
      world.vmcb.controls().set_exit_info_1(*rc::gen::arbitrary<std::uint64_t>());
      change(world);
    };
    switch_world world = world_of(one);
    context<> ctx;
    ctx.choices.vmrun_check_order = *rc::gen::element(vmrun_order::codes_before_state, vmrun_order::codes_last);
    const snapshot before(world);
    const auto done = world.run(ctx);
    classes.add(name_of(one.kind));
    classes.add("#GP", one.gp);
    RC_ASSERT(done.end == (one.gp ? vmrun_end::gp : vmrun_end::exited));
    RC_ASSERT(done.decided_by == one.decided_by);
    RC_ASSERT(!world.core.guest.has_value());
    RC_ASSERT(snapshot(world) == before);
    if (one.gp) return;
    const cpu::vmcb_page after = world.vmcb_now();
    RC_ASSERT(layout::read_le<std::uint64_t>(after.bytes.data() + 0x70) == static_cast<std::uint64_t>(one.code));
    RC_ASSERT(after.controls().exit_info_1() == 0 && after.controls().exit_info_2() == 0);
    // The same world without what is broken runs.
    broken_vmrun sound = one;
    sound.host_snp = true;
    sound.after = {};
    sound.change = [](switch_world&) {};
    switch_world other = world_of(sound);
    RC_ASSERT(other.run(ctx).end == vmrun_end::entered);
  });
  check_none_empty("broken preconditions", classes, {"plain", "SEV", "SEV-ES", "SEV-SNP", "#GP"});
}

TEST_CASE("no register of a guest with hidden state reaches the hypervisor", "[cpu][property]") {
  tally classes;
  property("two guests that differ in secrets alone look the same", 800, [&] {
    const auto kind = *rc::gen::element(guest_kind::sev_es, guest_kind::snp);
    std::uint64_t features = 0;
    for (const unsigned feature : {2U, 5U, 9U, 10U, 13U, 14U})
      if (*rc::gen::arbitrary<bool>()) features |= one_at(feature);
    const auto injection = *rc::gen::element<std::uint64_t>(0, one_at(3), one_at(4), one_at(16));
    features |= injection;
    const cpu::guest_event what{.code =
                                    *rc::gen::element<std::uint64_t>(0x52, 0x60, 0x61, 0x62, 0x64, 0x77, 0x78, 0x7f,
                                                                     0x8f, 0x94, 0x400, 0x403, 0x72, 0x7b, 0x6e, 0x7c),
                                .info_1 = *rc::gen::arbitrary<std::uint64_t>() & ~std::uint64_t{8},
                                .info_2 = *rc::gen::arbitrary<std::uint64_t>(),
                                .delivering = {*rc::gen::element<std::uint64_t>(0, 0x8000'0041)},
                                .instruction_bytes = 2,
                                .mapped = true};
    const std::uint64_t seen_flag = *rc::gen::element<std::uint64_t>(0, 0x200);
    const auto play = [&](switch_world& world, std::uint64_t nonce) {
      world.core.next_nonce = nonce;
      draw_registers(world.vmsa);
      world.vmsa.set_rflags((world.vmsa.rflags() & ~std::uint64_t{0x200}) | seen_flag);  // IF is told
      if ((features & one_at(10)) != 0) world.vmsa.set_rax(0x5a5a);                      // so is RAX, on demand
      set_features(world, features);
      if (injection == one_at(16)) allow_everything(world);
      for (unsigned i = 0; i < 24; ++i) world.vmcb.bytes[i] = 0xff;
      world.write();
      context<> ctx;
      RC_ASSERT(world.run(ctx).end == vmrun_end::entered);
      // What the guest computes is as secret.
      for (const auto& row : cpu::swapped_registers)
        for (unsigned i = 0; i < row.bytes && !is_judged(row) && row.offset != 0x1f8; ++i)
          world.core.registers.data()[row.offset + i] ^= *rc::gen::arbitrary<std::uint8_t>();
      return world.event(ctx, what).end;
    };
    switch_world one(kind);
    switch_world two(kind);
    const auto end = play(one, *rc::gen::arbitrary<std::uint64_t>());
    RC_ASSERT(play(two, *rc::gen::arbitrary<std::uint64_t>()) == end);
    classes.add(name_of(end));
    classes.add("something differs", one.vmsa_stored().rip() != two.vmsa_stored().rip());
    if (end == cpu::event_end::raises) {
      RC_ASSERT(one.core.guest.has_value());
      context<> ctx;
      cpu::vmexit(ctx, one.machine(), one.core, {.code = 0x60, .guest_code = 0x60});
      cpu::vmexit(ctx, two.machine(), two.core, {.code = 0x60, .guest_code = 0x60});
    }
    // DR0 to DR3 stay in the processor without DebugSwap, and last branches where they are not virtualized: as they were.
    for (switch_world* world : {&one, &two})
      for (const auto& row : cpu::swapped_registers) {
        const bool kept = (row.when == cpu::swap_condition::debug_swap && (features & one_at(5)) == 0) ||
                          row.when == cpu::swap_condition::last_branches;
        for (unsigned i = 0; i < row.bytes && kept; ++i) world->core.registers.data()[row.offset + i] = 0;
      }
    RC_ASSERT(one.core.registers == two.core.registers);
    const auto visible = [](const switch_world& world) {  // the VMSA's ciphertext is no plaintext
      return world.memory.without(switch_world::vmsa_at.value, 4096);
    };
    RC_ASSERT(visible(one) == visible(two));
    RC_ASSERT(one.rmp == two.rmp);
    RC_ASSERT(one.tlb == two.tlb);
    RC_ASSERT(one.core.last->page == two.core.last->page);
  });
  check_none_empty("exits", classes, {"exits", "raises", "reflected", "something differs"});
}

TEST_CASE("what a guest computed it finds again", "[cpu][property]") {
  property("exit and VMRUN keep every register", 300, [] {
    const auto kind = *rc::gen::element(guest_kind::plain, guest_kind::sev, guest_kind::sev_es, guest_kind::snp);
    switch_world world(kind);
    draw_registers(world.vmsa);
    copy_to_vmcb(world);
    if (kind == guest_kind::snp) {
      set_features(world, one_at(5) | (*rc::gen::arbitrary<bool>() ? one_at(14) : std::uint64_t{0}));
      for (auto& byte : world.protection) byte = *rc::gen::arbitrary<std::uint8_t>();
    }
    world.write();
    context<> ctx;
    RC_ASSERT(world.run(ctx).end == vmrun_end::entered);
    const cpu::register_file before = world.core.registers;
    const int exits = *rc::gen::inRange(1, 4);
    for (int i = 0; i < exits; ++i) {
      cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x60, .guest_code = 0x60});
      RC_ASSERT(world.run(ctx).end == vmrun_end::entered);
    }
    for (const auto& row : cpu::swapped_registers) {
      if (!has_hidden_state(kind) && !row.in_vmcb) continue;
      if (row.when == cpu::swap_condition::last_branches || row.when == cpu::swap_condition::debug_swap) continue;
      for (unsigned i = row.offset; i < unsigned{row.offset} + row.bytes; ++i)
        RC_ASSERT(world.core.registers.data()[i] == before.data()[i]);
    }
  });
}

TEST_CASE("hostile VMCBs and VMSAs have an answer", "[cpu][property]") {
  tally classes;
  property("any bytes", 1500, [&] {
    const auto kind = *rc::gen::element(guest_kind::plain, guest_kind::sev, guest_kind::sev_es, guest_kind::snp);
    switch_world world(kind);
    // A few bytes, or all of them.
    const bool whole = *rc::gen::weightedElement<bool>({{1, true}, {4, false}});
    const auto spoil = [&](std::uint8_t* bytes, std::size_t size) {
      if (whole) {
        for (std::size_t i = 0; i < size; ++i) bytes[i] = *rc::gen::arbitrary<std::uint8_t>();
        return;
      }
      const auto count = *rc::gen::inRange(0, 3);
      for (int i = 0; i < count; ++i)
        bytes[*rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, size))] =
            *rc::gen::arbitrary<std::uint8_t>();
    };
    spoil(world.vmcb.bytes.data(), 0x700);
    spoil(world.vmsa.data(), 0xfc0);
    for (auto& byte : world.protection) byte = *rc::gen::arbitrary<std::uint8_t>();
    world.write();
    context<> ctx;
    const snapshot before(world);
    const auto done = world.run(ctx);
    classes.add(name_of(done.end));
    if (done.end != vmrun_end::entered) {
      RC_ASSERT(snapshot(world) == before);
      return;
    }
    const cpu::guest_event what{.code = *rc::gen::arbitrary<std::uint64_t>() & 0x4ff,
                                .info_1 = *rc::gen::arbitrary<std::uint64_t>(),
                                .info_2 = *rc::gen::arbitrary<std::uint64_t>(),
                                .delivering = {*rc::gen::arbitrary<std::uint64_t>()},
                                .instruction_bytes = *rc::gen::inRange(0U, 16U),
                                .msr = *rc::gen::arbitrary<std::uint32_t>(),
                                .mapped = *rc::gen::arbitrary<bool>(),
                                .msr_slot = *rc::gen::arbitrary<unsigned>()};
    const auto end = world.event(ctx, what).end;
    classes.add(name_of(end));
    RC_ASSERT(world.core.guest.has_value() == (end == cpu::event_end::goes_on || end == cpu::event_end::raises));
    if (!world.core.guest) RC_ASSERT(world.rmp == before.rmp);
  });
  check_none_empty("hostile bytes", classes, {"entered", "exited", "exits", "goes on"});
}
