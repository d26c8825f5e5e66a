// SPDX-License-Identifier: MIT
#include <cstdint>
#include <set>
#include <vector>

#include <sevspec/ghcb/doorbell.hpp>
#include <sevspec/ghcb/serve_processors.hpp>
#include <sevspec/layout/initial_vmsa.hpp>
#include <support/catch.hpp>
#include <support/ghcb_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using code = layout::nae_exit_codes;

constexpr std::uint64_t vmsa_at = 0x500'1000;

}  // namespace

TEST_CASE("creating and destroying processors", "[ghcb][GHCB-AP-01][GHCB-AP-02][GHCB-AP-03][GHCB-AP-04][GHCB-NAE-22]") {
  context<> ctx;
  ghcb_world world;
  ghcb::vcpu& target = world.vm.vcpus[1];
  CHECK_FALSE(target.runnable);
  const auto ask = [&](std::uint64_t apic, std::uint64_t level, std::uint64_t what, std::uint64_t where = vmsa_at,
                       std::uint64_t features = 1) {
    return world.exit(ctx, code::snp_ap_creation, apic << 32 | level << 16 | what, where, {.rax = features}).decided_by;
  };
  const ghcb::machine before = world.vm;
  CHECK(ask(9, 0, 1) == rule::GHCB_AP_01);
  CHECK(ask(1, 4, 1) == rule::GHCB_AP_01);
  CHECK(ask(1, 15, 1) == rule::GHCB_AP_01);
  CHECK(ask(1, 0, 3) == rule::GHCB_AP_01);
  CHECK(ask(1, 0, 0xffff) == rule::GHCB_AP_01);
  CHECK(ask(1, 0, 1, vmsa_at, 0x21) == rule::GHCB_AP_02);
  CHECK(ask(1, 0, 1, 0x500'1008) == rule::GHCB_AP_03);
  CHECK(ask(1, 0, 1, 0x400'0000) == rule::GHCB_AP_03);  // 2M-aligned
  CHECK(ask(1, 0, 1, std::uint64_t{1} << 45 | 0x1000) == rule::GHCB_AP_03);
  for (unsigned bit = 20; bit < 32; ++bit)  // bits of no field
    CHECK(ask(1, 0, std::uint64_t{1} << bit | 1) == rule::GHCB_AP_01);
  CHECK(world.vm == before);  // a refused request changes nothing

  CHECK(ask(1, 0, 1) == rule::none);
  CHECK(target.at[0].vmsa == gpa{vmsa_at});
  CHECK(target.runnable);
  // At the next INIT.
  CHECK(ask(1, 0, 0, 0x600'1000) == rule::none);
  CHECK(target.at[0].vmsa == gpa{vmsa_at});
  ghcb::deliver_init(ctx, target);
  CHECK(target.at[0].vmsa == gpa{0x600'1000});
  ghcb::deliver_init(ctx, target);
  CHECK(target.at[0].vmsa == gpa{0x600'1000});
  // Another VMPL of a processor that runs: it goes on where it is.
  CHECK(ask(1, 2, 1, 0x700'1000) == rule::none);
  CHECK(target.current == vmpl{0});
  CHECK(target.at[2].vmsa == gpa{0x700'1000});
  CHECK(ask(1, 0, 2, 0) == rule::none);
  CHECK_FALSE(target.at[0].vmsa.has_value());
  CHECK_FALSE(target.runnable);

  // Multi-VMPL hypervisors compare the bits for injection alone.
  ctx.choices.ghcb_ap_features = ap_features::injection;
  CHECK(ask(2, 0, 1, vmsa_at, 0x21) == rule::none);
  CHECK(ask(2, 0, 1, vmsa_at, 0x9) == rule::GHCB_AP_02);
  CHECK(ask(2, 0, 1, vmsa_at, 0x11) == rule::GHCB_AP_02);
  world.vm.config.features &= ~std::uint64_t{0x20};
  CHECK(ask(2, 2, 1) == rule::GHCB_AP_01);
}

TEST_CASE("the first VMSA of a VMPL says how its events are injected", "[ghcb][GHCB-AP-02][VMPL-10]") {
  context<> ctx;
  ctx.choices.ghcb_ap_features = ap_features::injection;
  ghcb_world world;
  world.vm.config.sev_features = 0x9;  // restricted injection at VMPL 0
  const auto create = [&](std::uint64_t apic, std::uint64_t level, std::uint64_t features,
                          std::uint64_t where = vmsa_at) {
    return world.exit(ctx, code::snp_ap_creation, apic << 32 | level << 16 | 1, where, {.rax = features}).decided_by;
  };
  CHECK(create(1, 0, 0x1) == rule::GHCB_AP_02);
  CHECK(create(1, 0, 0x29) == rule::none);  // DebugSwap is not compared
  CHECK(create(2, 0, 0x19) == rule::GHCB_AP_02);
  // What was refused is no first one.
  CHECK(create(1, 2, 0x9, vmsa_at + 8) == rule::GHCB_AP_03);
  CHECK(create(1, 2, 0x11) == rule::none);
  CHECK(create(2, 2, 0x9) == rule::GHCB_AP_02);
  CHECK(create(2, 2, 0x1) == rule::GHCB_AP_02);
  CHECK(create(2, 2, 0x15) == rule::none);
  // Each VMPL has its own.
  CHECK(create(2, 3, 0x1) == rule::none);
  CHECK(create(1, 3, 0x11) == rule::GHCB_AP_02);
  // Another hypervisor has one for all.
  ctx.choices.ghcb_ap_features = ap_features::exact;
  CHECK(create(3, 2, 0x11) == rule::GHCB_AP_02);
  CHECK(create(3, 2, 0x9) == rule::none);
}

TEST_CASE("from VMPL 0 to VMPL 2 and back", "[ghcb][GHCB-MSR-16][GHCB-NAE-27]") {
  for (const bool by_msr : {false, true}) {
    context<> ctx;
    ghcb_world world;
    ghcb::vcpu& cpu = world.cpu();
    cpu.at[2].registered = gpa{ghcb_world::page_at};
    const auto run = [&](std::uint64_t level) {
      if (by_msr) return world.exit_by_msr(ctx, level << 32 | 0x16);
      cpu.here().msr = ghcb_world::page_at;
      return world.exit(ctx, code::snp_run_vmpl, level);
    };
    REQUIRE(world.exit(ctx, code::snp_ap_creation, 0x2'0001, vmsa_at, {.rax = 1}).decided_by == rule::none);
    CHECK(run(2).next == ghcb::next_step::switch_vmpl);
    CHECK(cpu.current == vmpl{2});
    CHECK(run(0).next == ghcb::next_step::switch_vmpl);  // nobody has created this one: it is the launch's
    CHECK(cpu.current == vmpl{0});
    CHECK(run(2).next == ghcb::next_step::switch_vmpl);
    // A VMSA that was destroyed is none, whoever made it.
    cpu.current = {0};
    cpu.here().msr = ghcb_world::page_at;
    CHECK(world.exit(ctx, code::snp_ap_creation, 2).decided_by == rule::none);
    CHECK_FALSE(cpu.runnable);
    cpu.current = {2};
    CHECK(run(0).decided_by == (by_msr ? rule::GHCB_MSR_16 : rule::GHCB_NAE_27));
    CHECK(cpu.current == vmpl{2});
    // The others have no VMSA from the launch.
    CHECK_FALSE(world.vm.vcpus[1].at[0].has_vmsa());
    CHECK_FALSE(world.vm.vcpus[0].at[1].has_vmsa());
  }
}

TEST_CASE("a VMSA that waits for INIT is installed by a switch", "[ghcb][GHCB-MSR-16][GHCB-NAE-27][GHCB-AP-04]") {
  const bool by_msr = GENERATE(false, true);
  context<> ctx;
  ghcb_world world;
  ghcb::vcpu& cpu = world.cpu();
  const auto run = [&](std::uint64_t level) {
    if (by_msr) return world.exit_by_msr(ctx, level << 32 | 0x16);
    cpu.here().msr = ghcb_world::page_at;
    return world.exit(ctx, code::snp_run_vmpl, level);
  };
  CHECK(run(2).next == ghcb::next_step::resume);
  CHECK(cpu.current == vmpl{0});
  cpu.here().msr = ghcb_world::page_at;
  REQUIRE(world.exit(ctx, code::snp_ap_creation, 0x2'0000, vmsa_at, {.rax = 1}).decided_by == rule::none);
  CHECK_FALSE(cpu.at[2].has_vmsa());
  CHECK(run(2).next == ghcb::next_step::switch_vmpl);
  CHECK(cpu.current == vmpl{2});
  CHECK(cpu.at[2].vmsa == gpa{vmsa_at});
  CHECK_FALSE(cpu.at[2].vmsa_on_init.has_value());
  // One that has a VMSA: what waits is newer.
  cpu.current = {0};
  cpu.here().msr = ghcb_world::page_at;
  REQUIRE(world.exit(ctx, code::snp_ap_creation, 0x2'0000, 0x600'1000, {.rax = 1}).decided_by == rule::none);
  CHECK(cpu.at[2].vmsa == gpa{vmsa_at});
  CHECK(run(2).next == ghcb::next_step::switch_vmpl);
  CHECK(cpu.at[2].vmsa == gpa{0x600'1000});
  // Of the VMPL that runs already nothing is installed.
  cpu.here().vmsa_on_init = gpa{0x700'1000};
  CHECK(run(2).next == ghcb::next_step::resume);
  CHECK(cpu.at[2].vmsa == gpa{0x600'1000});
}

TEST_CASE("what CREATE and DESTROY do beside the VMSA", "[ghcb][GHCB-AP-04]") {
  context<> ctx;
  ghcb_world world;
  ghcb::vcpu& target = world.vm.vcpus[1];
  const auto ask = [&](std::uint64_t level, std::uint64_t what, std::uint64_t where) {
    return world.exit(ctx, code::snp_ap_creation, 0x1'0000'0000 | level << 16 | what, where, {.rax = 1}).decided_by;
  };
  target.held = true;
  REQUIRE(ask(0, 0, 0x600'1000) == rule::none);
  CHECK(target.held);  // not before the INIT
  CHECK_FALSE(target.runnable);
  REQUIRE(ask(0, 1, vmsa_at) == rule::none);
  CHECK_FALSE(target.held);
  CHECK(target.runnable);
  // What was left for the next INIT does not count any more.
  CHECK_FALSE(target.at[0].vmsa_on_init.has_value());
  ghcb::deliver_init(ctx, target);
  CHECK(target.at[0].vmsa == gpa{vmsa_at});
  // Another VMPL's is gone: the processor runs on.
  REQUIRE(ask(2, 1, 0x700'1000) == rule::none);
  REQUIRE(ask(2, 0, 0x800'1000) == rule::none);
  REQUIRE(ask(2, 2, 0) == rule::none);
  CHECK(target.runnable);
  CHECK(target.current == vmpl{0});
  CHECK_FALSE(target.at[2].has_vmsa());
  CHECK_FALSE(target.at[2].vmsa_on_init.has_value());
  REQUIRE(ask(0, 2, 0) == rule::none);
  CHECK_FALSE(target.runnable);
}

TEST_CASE("where a processor goes on after INIT", "[ghcb][GHCB-AP-04]") {
  context<> ctx;
  ghcb_world world;
  const auto leave = [&](std::uint64_t apic, std::uint64_t level, std::uint64_t where) {
    REQUIRE(world.exit(ctx, code::snp_ap_creation, apic << 32 | level << 16, where, {.rax = 1}).decided_by ==
            rule::none);
  };
  leave(1, 2, vmsa_at);
  ghcb::vcpu& one = world.vm.vcpus[1];
  ghcb::deliver_init(ctx, one);
  CHECK(one.runnable);
  CHECK(one.current == vmpl{2});  // it has no other
  leave(1, 1, 0x600'1000);
  ghcb::deliver_init(ctx, one);
  CHECK(one.at[1].vmsa == gpa{0x600'1000});
  CHECK(one.current == vmpl{2});  // it runs: it stays
  // Of several the most privileged.
  leave(2, 3, vmsa_at);
  leave(2, 1, 0x600'1000);
  ghcb::deliver_init(ctx, world.vm.vcpus[2]);
  CHECK(world.vm.vcpus[2].current == vmpl{1});
  CHECK(world.vm.vcpus[2].at[3].vmsa == gpa{vmsa_at});
}

TEST_CASE("VMPL 0 keeps its VMSAs", "[ghcb][GHCB-AP-05]") {
  context<> ctx;
  ghcb_world world;
  world.vm.vcpus[1].at[0].vmsa = gpa{0x600'1000};
  world.cpu().current = {2};
  world.cpu().here().registered = gpa{ghcb_world::page_at};
  world.cpu().here().msr = ghcb_world::page_at;
  CHECK(world.exit(ctx, code::snp_ap_creation, 0x1'0000'0001, vmsa_at, {.rax = 1}).decided_by == rule::GHCB_AP_05);
  CHECK(world.vm.vcpus[1].at[0].vmsa == gpa{0x600'1000});
  CHECK(world.exit(ctx, code::snp_ap_creation, 0x1'0002'0001, vmsa_at, {.rax = 1}).decided_by == rule::none);
  CHECK(world.exit(ctx, code::snp_ap_creation, 0x2'0000'0001, vmsa_at, {.rax = 1}).decided_by == rule::none);
}

TEST_CASE("nobody but another processor at VMPL 0 replaces a VMSA of VMPL 0", "[ghcb][GHCB-AP-05]") {
  context<> ctx;
  for (const std::uint8_t level : {std::uint8_t{0}, std::uint8_t{2}})
    for (const std::uint64_t caller : {std::uint64_t{0}, std::uint64_t{1}})
      for (const std::uint64_t what : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2}}) {
        ghcb_world world;
        ghcb::vcpu& by = world.vm.vcpus[caller];
        by.current = {level};
        by.here().registered = gpa{ghcb_world::page_at};
        by.here().msr = ghcb_world::page_at;
        layout::ghcb request = world.page();
        ghcb::write_request(request, 2, code::snp_ap_creation, what, vmsa_at, {.rax = 1});
        world.put(request);
        const ghcb::machine before = world.vm;
        INFO("processor " << caller << " at VMPL " << int{level} << ", request " << what);
        const bool may = level == 0 && (caller != 0 || what == 2);  // its own it may only give up
        CHECK(vmgexit(ctx, world.vm, by, world.env).decided_by == (may ? rule::none : rule::GHCB_AP_05));
        if (!may) CHECK(world.vm == before);
        if (what != 0) CHECK(world.vm.vcpus[0].at[0].launch_vmsa == !may);
      }
  // One that waits for INIT is VMPL 0's as well.
  for (std::uint64_t what = 0; what < 3; ++what) {
    ghcb_world world;
    world.vm.vcpus[1].at[0].vmsa_on_init = gpa{0x600'1000};
    world.cpu().current = {2};
    world.cpu().here() = {.msr = ghcb_world::page_at, .registered = gpa{ghcb_world::page_at}};
    const auto done = world.exit(ctx, code::snp_ap_creation, 0x1'0000'0000 | what, vmsa_at, {.rax = 1});
    CHECK(done.decided_by == rule::GHCB_AP_05);
    CHECK(world.vm.vcpus[1].at[0].vmsa_on_init == gpa{0x600'1000});
  }
}

TEST_CASE("the order of a guest's steps", "[ghcb][GHCB-AP-06]") {
  context<> ctx;
  using enum ghcb::ap_step;
  auto life = ghcb::vmsa_life::page;
  for (const auto step :
       {fill_vmsa, make_vmsa, ask_create, ask_destroy, undo_vmsa, reuse, fill_vmsa, make_vmsa, undo_vmsa}) {
    const auto next = ghcb::after_step(ctx, life, step);
    REQUIRE(next.has_value());
    life = *next;
  }
  CHECK_FALSE(ghcb::after_step(ctx, ghcb::vmsa_life::page, ask_create));
  CHECK_FALSE(ghcb::after_step(ctx, ghcb::vmsa_life::filled, ask_create));
  CHECK_FALSE(ghcb::after_step(ctx, ghcb::vmsa_life::created, undo_vmsa));
  CHECK_FALSE(ghcb::after_step(ctx, ghcb::vmsa_life::created, reuse));
  CHECK_FALSE(ghcb::after_step(ctx, ghcb::vmsa_life::destroyed, reuse));
  CHECK_FALSE(ghcb::after_step(ctx, ghcb::vmsa_life::vmsa, fill_vmsa));
}

TEST_CASE("a processor that starts like after INIT and SIPI", "[ghcb][GHCB-AP-07]") {
  const layout::vmsa vmsa = layout::sipi_vmsa(0x9f, {.sev_features = 1, .vmpl = 2});
  CHECK(vmsa.cs().base() == 0x9'f000);
  CHECK(vmsa.cs().selector() == 0x9f00);
  CHECK(vmsa.cs().limit() == 0xffff);
  CHECK(vmsa.efer() == 0x1000);
  CHECK((vmsa.cr0() & 0x10) != 0);
  CHECK(vmsa.dr7() == 0x400);
  CHECK(vmsa.dr6() == 0xffff'0ff0);
  CHECK(vmsa.rflags() == 2);
  CHECK(vmsa.g_pat() == 0x0007'0406'0007'0406);
  CHECK(vmsa.xcr0() == 1);
  CHECK(vmsa.mxcsr() == 0x1f80);
  CHECK(vmsa.vmpl() == 2);
  CHECK(vmsa.sev_features().raw == 1);
}

TEST_CASE("AP reset hold by page", "[ghcb][GHCB-NAE-17][GHCB-MSR-08]") {
  context<> ctx;
  for (const bool sipi : {false, true}) {
    ghcb_world world;
    world.cpu().first_sipi_seen = true;
    CHECK(world.exit(ctx, code::ap_reset_hold).next == ghcb::next_step::hold);
    CHECK(world.cpu().held);
    ghcb::wake_from_hold(ctx, world.cpu(), world.env, sipi);
    CHECK_FALSE(world.cpu().held);
    CHECK((world.info_2() != 0) == sipi);
    CHECK(world.info_1() == 0);
  }
}

TEST_CASE("the doorbell event", "[ghcb][GHCB-NAE-23][GHCB-HVDB-01]") {
  for (const bool drops : {true, false}) {
    context<> ctx;
    ctx.choices.doorbell_failure_drops = drops;
    ghcb_world world;
    const auto ask = [&](std::uint64_t operation, std::uint64_t where = 0) {
      world.exit(ctx, code::hv_doorbell_page_, operation, where);
      return world.info_2();
    };
    CHECK(ask(0) == ~std::uint64_t{0});
    CHECK(ask(2) == ~std::uint64_t{0});
    CHECK(ask(1, 0x7ff'0000) == 0x7ff'0000);
    CHECK(ask(2) == 0x7ff'0000);
    CHECK(ask(1, 0x7ff'0010) == 5);
    CHECK(ask(2) == (drops ? ~std::uint64_t{0} : 0x7ff'0000));
    (void)ask(1, 0x7ff'0000);
    CHECK(ask(4) == 5);
    CHECK(ask(2) == (drops ? ~std::uint64_t{0} : 0x7ff'0000));
    (void)ask(1, 0x7ff'0000);
    (void)ask(3);
    CHECK(ask(2) == ~std::uint64_t{0});
    CHECK(ask(1, std::uint64_t{1} << 45) == 5);
  }
}

TEST_CASE("no event is lost, whichever way both sides interleave",
          "[ghcb][GHCB-HVDB-02][GHCB-HVDB-03][GHCB-HVDB-04][GHCB-HVDB-05][GHCB-HVDB-06][GHCB-HVDB-07]") {
  context<> ctx;
  layout::hv_doorbell_page page;
  CHECK(ghcb::ring(ctx, page, {.vector = 0x30}));
  CHECK(page.flags().no_further_signal());
  CHECK(page.pending_vector() == 0x30);
  CHECK_FALSE(ghcb::may_leave(ctx, page));
  CHECK_FALSE(ghcb::ring(ctx, page, {.vector = 0x31, .nmi = true}));  // the guest knows already
  // Interrupts are disabled: the NMI alone.
  auto taken = ghcb::take_events(ctx, page, false);
  CHECK(taken.nmi);
  CHECK(taken.vector == 0);
  CHECK(page.pending_vector() == 0x31);
  CHECK_FALSE(page.flags().no_further_signal());
  CHECK(ghcb::may_leave(ctx, page));
  // The priority class counts.
  CHECK(ghcb::take_events(ctx, page, true, 0x3f).vector == 0);
  CHECK(ghcb::take_events(ctx, page, true, 0x2f).vector == 0x31);
  CHECK_FALSE(ghcb::word_of(page).pending());
  CHECK(ghcb::ring(ctx, page, {.machine_check = true}));
  const auto back = ghcb::cancel_ring(page);
  CHECK(back.machine_check);
  CHECK(ghcb::word_of(page).raw == 0);
  // An event between the guest's looking and the next one is signalled again: NoFurtherSignal was cleared first.
  (void)ghcb::ring(ctx, page, {.vector = 0x40});
  (void)ghcb::take_events(ctx, page, true);
  CHECK(ghcb::ring(ctx, page, {.vector = 0x41}));

  CHECK(ghcb::end_of_interrupt(ctx, page));
  page.set_no_eoi_required(1);
  CHECK_FALSE(ghcb::end_of_interrupt(ctx, page));
  CHECK(page.no_eoi_required() == 0);
  CHECK(ghcb::end_of_interrupt(ctx, page));

  // #HV in the window: not back to the instruction that leaves.
  constexpr ghcb::leave_window window{.test = 0x100, .leave = 0x108, .behind = 0x10b};
  for (const std::uint64_t rip : {0xffULL, 0x100ULL, 0x10bULL}) CHECK(ghcb::return_of_hv(ctx, window, rip) == rip);
  for (const std::uint64_t rip : {0x101ULL, 0x107ULL, 0x108ULL}) CHECK(ghcb::return_of_hv(ctx, window, rip) == 0x10b);
}
