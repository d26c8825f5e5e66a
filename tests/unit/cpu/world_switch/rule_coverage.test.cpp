// SPDX-License-Identifier: MIT
// Every rule of the world switch that is a condition: it fires, it passes, and without it something else comes out.
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include <sevspec/cpu/world_switch/level_switch.hpp>
#include <sevspec/cpu/world_switch/vmsa_page.hpp>
#include <support/catch.hpp>
#include <support/recorder.hpp>
#include <support/rule_coverage.hpp>
#include <support/switch_scenarios.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using cpu::guest_kind;
using world_change = std::function<void(switch_world&)>;
using world_step = std::function<std::string(recording_context&, switch_world&)>;

/// Everything that can be seen of the world.
auto seen(switch_world& world) -> std::string {
  std::ostringstream out;
  std::uint64_t sum = 0xcbf2'9ce4'8422'2325;
  for (const std::uint8_t byte : world.memory.cells) sum = (sum ^ byte) * 0x100'0000'01b3;
  for (const std::uint8_t byte : world.core.registers.bytes()) sum = (sum ^ byte) * 0x100'0000'01b3;
  out << hex(sum) << " flushes " << world.tlb.all << ' ' << world.tlb.of_asid.size();
  for (const auto& entry : world.rmp.entries) out << (entry.in_use ? '!' : '.');
  if (!world.core.guest) return out.str();
  const auto& guest = *world.core.guest;
  out << name_of(guest.kind) << " interrupts " << hex(guest.interrupts.raw) << " event " << hex(guest.injected.raw)
      << " ibpb " << guest.ibpb << " tsc " << guest.tsc.offset << " rip " << hex(world.core.registers.rip());
  return out.str();
}

/// VMRUN, and then something.
auto after_vmrun(guest_kind kind, const world_change& change, const world_step& step = {}) -> rule_scenario {
  return [=](recording_context& ctx) {
    switch_world world(kind);
    change(world);
    world.write();
    const auto done = world.run(ctx);
    std::string out = std::string(name_of(done.end)) + " by " + name_of(done.decided_by) + ' ' + seen(world);
    if (!step || !world.core.guest) return out;
    out += ' ' + step(ctx, world);
    out += ' ' + seen(world);
    return out;
  };
}

const world_change nothing = [](switch_world&) {};
auto with_features(std::uint64_t features) -> world_change {
  return [=](switch_world& world) { set_features(world, features); };
}
/// An event, with no intercept set but that of VMRUN.
auto event(cpu::guest_event what) -> world_step {
  return [=](recording_context& ctx, switch_world& world) {
    const auto done = world.event(ctx, what);
    return std::string(name_of(done.end)) + ' ' + std::to_string(done.raised.vector) + ' ' +
           hex(done.raised.error_code);
  };
}
auto intercepting(const world_change& change = nothing) -> world_change {
  return [=](switch_world& world) {
    for (unsigned i = 0; i < 24; ++i) world.vmcb.bytes[i] = 0xff;
    change(world);
  };
}
const world_step leave = [](recording_context& ctx, switch_world& world) {
  cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x60, .guest_code = 0x60});
  return std::string();
};

auto scenarios() -> std::map<rule, rule_scenario> {
  using enum guest_kind;
  std::map<rule, rule_scenario> all;
  for (const broken_vmrun& one : broken_vmruns()) {
    if (one.decided_by == rule::none || all.contains(one.decided_by)) continue;
    all[one.decided_by] = [one](recording_context& ctx) {
      switch_world world = world_of(one);
      const auto done = world.run(ctx);
      return std::string(name_of(done.end)) + " by " + name_of(done.decided_by) + ' ' + seen(world);
    };
  }
  all[rule::WSW_RUN_03] = after_vmrun(sev_es, [](switch_world& w) { w.vmcb.save().set_rip(0x1234); });
  all[rule::WSW_RUN_06] = [](recording_context& ctx) {
    switch_world world;
    const std::array<std::uint8_t, 1> byte{0x42};
    (void)world.memory.write(switch_world::vmsa_at + 0x308, memory_key::guest(switch_world::id), byte);
    const auto done = world.run(ctx);
    return std::string(name_of(done.end)) + seen(world);
  };
  all[rule::WSW_RUN_19] = after_vmrun(snp, with_features(one_at(21)));
  all[rule::WSW_RUN_20] = after_vmrun(snp, [](switch_world& w) { w.vmsa.set_pcpu_id(0); });
  all[rule::LAY_VMCB_09] = [](recording_context& ctx) {
    switch_world world(plain);
    (void)world.run(ctx);
    (void)leave(ctx, world);
    world.vmcb = world.vmcb_now();
    world.vmcb.controls().set_tsc_offset(77);
    world.vmcb.controls().set_vmcb_clean({1});
    world.write();
    (void)world.run(ctx);
    return seen(world);
  };
  all[rule::WSW_ST_01] = after_vmrun(snp, nothing, leave);
  all[rule::WSW_ST_02] = after_vmrun(snp, [](switch_world& w) { w.host = {}; }, leave);
  all[rule::WSW_ST_04] = after_vmrun(snp, nothing, leave);
  all[rule::WSW_ST_06] = after_vmrun(snp, nothing, event({.code = 0x400, .info_2 = 0x1234}));
  all[rule::WSW_ST_07] = after_vmrun(snp, nothing, [](recording_context& ctx, switch_world& w) {
    cpu::write_guest_efer(ctx, w.core, 0xd01);
    return std::string();
  });
  all[rule::WSW_ST_08] = after_vmrun(snp, [](switch_world& w) {
    w.protection.fill(0xff);
    w.vmsa.set_reg_prot_nonce(0xabcd'ef01'2345'6789);
    set_features(w, one_at(14));
  });
  all[rule::WSW_ST_09] = after_vmrun(
      snp, [](switch_world& w) { set_features(w, one_at(9)), w.vmsa.set_guest_tsc_scale(5); },
      [](recording_context& ctx, switch_world& w) {
        return hex(cpu::read_guest_tsc(ctx, w.core.guest->tsc, 1'000'000).value_or(0));
      });
  all[rule::WSW_ST_11] = after_vmrun(snp, with_features(one_at(5)));
  all[rule::WSW_ST_13] = [](recording_context& ctx) {
    switch_world world;
    return std::string(cpu::read_ghcb_msr(ctx, world.core) ? "read" : "#GP");
  };
  all[rule::WSW_AE_01] = after_vmrun(snp, intercepting(), event({.code = 0x78}));
  all[rule::WSW_AE_02] = after_vmrun(snp, nothing, event({.code = 0x400, .info_1 = 8}));
  all[rule::WSW_AE_03] = after_vmrun(snp, nothing, event({.code = 0x72}));
  all[rule::WSW_AE_04] = after_vmrun(snp, with_features(one_at(4)), event({.code = 0x7c, .msr = 0x830}));
  all[rule::WSW_AE_05] = [](recording_context& ctx) {
    switch_world world;
    world.vmcb.controls().set_intercept_misc1(layout::vmcb_control_area_intercept_misc1{}.set_iret(true));
    return std::string(cpu::intercepts_vc_handler(ctx, std::as_const(world.vmcb).controls()) ? "unwise" : "fine");
  };
  all[rule::WSW_AE_06] = after_vmrun(
      snp, [](switch_world& w) { set_features(w, one_at(13)), w.vmsa.data()[0x900 + 13] = 0x40; },
      event({.code = 0x6e}));
  all[rule::WSW_RVC_01] = after_vmrun(snp, with_features(one_at(2)), event({.code = 0x72}));
  all[rule::WSW_RVC_02] =
      after_vmrun(snp, with_features(one_at(2) | one_at(4)), event({.code = 0x72, .delivering = {0x8000'0041}}));
  all[rule::WSW_INJ_06] = after_vmrun(
      snp,
      [](switch_world& w) {
        set_features(w, one_at(16)), allow_everything(w);
        w.vmsa.set_vintr_ctrl({1 << 8});
      },
      leave);
  all[rule::VC_HW_01] = after_vmrun(snp, nothing, event({.code = 0x72}));
  all[rule::VC_HW_02] = after_vmrun(snp, nothing, event({.code = 0x72, .delivering = {0x8000'030d}}));
  all[rule::VC_HW_04] = after_vmrun(snp, nothing, [](recording_context& ctx, switch_world& w) {
    const auto done = cpu::on_guest_fault(ctx, w.machine(), w.core, {fault_kind::vc, rule::PAG_RMPS_08, 0x404, 0},
                                          gva{0x7000}, {.code = 0x404});
    return std::string(name_of(done.end));
  });
  all[rule::VC_HW_05] = after_vmrun(snp, intercepting(), [](recording_context& ctx, switch_world& w) {
    const std::array<std::uint8_t, 4> bytes{0xf3, 0x0f, 0x01, 0xd9};
    return std::string(name_of(cpu::on_vmm_call(ctx, w.machine(), w.core, bytes).end));
  });
  all[rule::VC_HW_06] = after_vmrun(snp, with_features(one_at(10)), event({.code = 0x403}));
  all[rule::VMPL_07] = [](recording_context& ctx) {
    return std::string(cpu::exposes_vmsa(ctx, {.vmsa = true, .allowed = {{{0x1f}, {3}, {}, {}}}}) ? "exposed" : "fine");
  };
  all[rule::VMPL_SW_03] = [](recording_context& ctx) {
    switch_world world;
    cpu::level_context from{.vmsa = switch_world::vmsa_at};
    cpu::switch_level(ctx, world.vmcb.controls(), from, {.vmsa = {0x7000}, .ghcb_msr = 0x14});
    return hex(world.vmcb.controls().ghcb_gpa());
  };
  return all;
}

/// A day on which no rule of the switch has anything to do.
void play_quietly(recording_context& ctx) {
  (void)after_vmrun(guest_kind::plain, nothing, leave)(ctx);
  (void)after_vmrun(guest_kind::sev_es, nothing, event({.code = 0x60}))(ctx);
  (void)after_vmrun(guest_kind::snp, intercepting(), event({.code = 0x60}))(ctx);
  (void)after_vmrun(guest_kind::snp, intercepting(), event({.code = 0x72}))(ctx);
  (void)after_vmrun(guest_kind::snp, intercepting(), event({.code = 0x7c, .msr = 0x10}))(ctx);
  (void)after_vmrun(guest_kind::snp, intercepting(), event({.code = 0x403}))(ctx);
  (void)after_vmrun(guest_kind::snp, with_features(one_at(4)), event({.code = 0x62}))(ctx);
  switch_world world;
  (void)cpu::intercepts_vc_handler(ctx, std::as_const(world.vmcb).controls());
  (void)cpu::decode_vmm_call(ctx, std::array<std::uint8_t, 3>{0x0f, 0x01, 0xd9}, true);
  (void)world.run(ctx);
  (void)cpu::read_ghcb_msr(ctx, world.core);
  (void)cpu::read_guest_tsc(ctx, world.core.guest->tsc, 1);
  (void)cpu::on_guest_fault(ctx, world.machine(), world.core, {fault_kind::vc, rule::none, 0x400, 0}, {}, {});
  (void)cpu::exposes_vmsa(ctx, {.vmsa = true});
  cpu::level_context same{.vmsa = switch_world::vmsa_at};
  cpu::switch_level(ctx, world.vmcb.controls(), same, {.vmsa = switch_world::vmsa_at});
  switch_world plain_world(guest_kind::plain);
  (void)plain_world.run(ctx);
  cpu::write_guest_efer(ctx, plain_world.core, 0xd01);
}

}  // namespace

TEST_CASE("every condition of the world switch fires, passes and makes a difference", "[cpu][coverage]") {
  shown_rules shown = shown_by(scenarios());
  shown.passed = passing_in(play_quietly);
  check_all_shown(shown, switch_conditions());
}
