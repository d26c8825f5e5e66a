// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_TLB_SCENARIOS_HPP
#define SEVSPEC_TESTS_SUPPORT_TLB_SCENARIOS_HPP

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include <sevspec/cpu/sev_registers.hpp>
#include <sevspec/memory/key_decision.hpp>
#include <sevspec/memory/unguarded.hpp>
#include <sevspec/paging/tlb_control.hpp>
#include <sevspec/paging/translate.hpp>
#include <support/machines.hpp>
#include <support/recorder.hpp>
#include <support/tlb_pages.hpp>

namespace sevspec::test {

/// Cases in which the guards and effects of TLBs and of the key decision decide; each returns what can be seen of it,
/// which differs when the rule is switched off. Most are seen to pass in `tlb_quiet_scenarios`.
[[nodiscard]] inline auto tlb_scenarios() -> std::multimap<rule, std::function<std::string(recording_context&)>> {
  using namespace paging;
  const auto refused = [](const auto& raised) -> std::string { return raised ? "refused" : "accepted"; };
  std::multimap<rule, std::function<std::string(recording_context&)>> all;
  all.emplace(rule::PAG_TLB_02, [](recording_context& ctx) {
    small_tlb tlb = filled_tlb();
    flush_for_mov_cr3(ctx, tlb, flushed_asid, 0, 0);
    return held(tlb);
  });
  all.emplace(rule::PAG_TLB_02, [](recording_context& ctx) {
    small_tlb tlb = filled_tlb();
    flush_for_mov_cr3(ctx, tlb, flushed_asid, cr4::pcide::mask, 1);
    return held(tlb);
  });
  all.emplace(rule::PAG_TLB_02, [](recording_context& ctx) {
    small_tlb tlb = filled_tlb();
    control_registers after = long_mode_registers(0);
    after.cr4 ^= cr4::pge::mask;
    (void)flush_for_mode_change(ctx, tlb, flushed_asid, long_mode_registers(0), after);
    return held(tlb);
  });
  all.emplace(rule::PAG_TLB_02, [](recording_context& ctx) {
    small_tlb tlb = filled_tlb();
    invlpg(ctx, tlb, flushed_space, flushed_page);
    return held(tlb);
  });
  all.emplace(rule::PAG_TLB_04, [=](recording_context& ctx) {
    control_registers after = long_mode_registers(1);
    after.cr4 |= cr4::pcide::mask;
    return refused(pcid_fault(ctx, long_mode_registers(1), after));
  });
  all.emplace(rule::PAG_ASID_02, [=](recording_context& ctx) { return refused(!tlb_control_of(ctx, test_part, 2)); });
  all.emplace(rule::PAG_ASID_02, [](recording_context& ctx) {
    small_tlb tlb = filled_tlb();
    two_stage_regime machine{};
    machine.id = flushed_asid;
    machine.snp_active = true;
    apply_tlb_control(ctx, tlb, tlb_control::flush_guest_not_global, machine);
    return held(tlb);
  });
  all.emplace(rule::PAG_ASID_03, [](recording_context& ctx) {
    small_tlb tlb = filled_tlb();
    flush_for_event(ctx, tlb, core_event::smi);
    return held(tlb);
  });
  all.emplace(rule::PAG_ASID_06, [=](recording_context& ctx) {
    return refused(!decode_invlpgb(ctx, {.guest = true, .id = flushed_asid}, 0, 0, 0, 7));
  });
  all.emplace(rule::PAG_ASID_06, [=](recording_context& ctx) { return refused(!decode_invlpgb(ctx, {}, 0, 8, 0, 7)); });
  all.emplace(rule::PAG_VTOM_04, [=](recording_context& ctx) {
    small_tlb tlb = filled_tlb();
    two_stage_regime machine{};
    machine.id = flushed_asid;
    return refused(cpu::write_virtual_tom(ctx, tlb, machine, 0x20'0000)) + held(tlb);
  });
  const auto key = [](const memory::key_question& asked) {
    return [=](recording_context& ctx) { return std::string(name_of(memory::key_of(ctx, asked, flushed_asid))); };
  };
  all.emplace(rule::PAG_KEY_10, key({.encryption = true, .guest = true, .sev = true, .vte = true}));
  all.emplace(rule::PAG_KEY_11,
              key({.encryption = true, .guest = true, .sev = true, .sev_es = true, .side = memory::vtom_side::below}));
  all.emplace(rule::RMP_CHK_09, [](recording_context& ctx) {
    host_machine host(4, 3);
    memory::unguarded memory(host.memory);
    const auto regime = make_host_regime(ctx, host.part, host.regs, encryption_on | bit_at(24));
    small_tlb tlb;
    (void)translate(ctx, memory, tlb, *regime, {}, host.where, user_read);
    return std::string(name_of(tlb.find({}, host.where.value)->size));
  });
  return all;
}

/// Cases in which the same rules are asked and let everything pass.
inline void play_tlb_quiet_scenarios(recording_context& ctx) {
  using namespace paging;
  small_tlb tlb = filled_tlb();
  flush_for_mov_cr3(ctx, tlb, flushed_asid, cr4::pcide::mask, std::uint64_t{1} << 63);
  (void)pcid_fault(ctx, long_mode_registers(0), long_mode_registers(0));
  flush_for_event(ctx, tlb, core_event::vmrun);
  (void)tlb_control_of(ctx, test_part, 0);
  (void)decode_invlpgb(ctx, {}, 0, 0, 0, 7);
  two_stage_regime machine{};
  machine.id = flushed_asid;
  machine.vtom = true;
  (void)cpu::virtual_tom_fault(ctx, machine);
  (void)memory::key_of(ctx, {.encryption = true, .guest = true, .sev = true}, flushed_asid);
}

}  // namespace sevspec::test

#endif
