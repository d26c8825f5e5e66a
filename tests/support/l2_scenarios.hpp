// SPDX-License-Identifier: MIT
// One case for every guard and effect of nested composition, for tests of rule coverage.
#ifndef SEVSPEC_TESTS_SUPPORT_L2_SCENARIOS_HPP
#define SEVSPEC_TESTS_SUPPORT_L2_SCENARIOS_HPP

#include <functional>
#include <map>
#include <sstream>
#include <string>

#include <support/catch.hpp>
#include <support/l2_machine.hpp>
#include <support/recorder.hpp>

#include <sevspec/paging/l2_tlb.hpp>
#include <sevspec/paging/tlb.hpp>

namespace sevspec::test {

/// Everything that can be seen of a decision, as text.
[[nodiscard]] inline auto text_of(const paging::shadow_decision& decision) -> std::string {
  std::ostringstream out;
  out << paging::name_of(decision.what) << std::hex << " code " << decision.exit_code << " info "
      << decision.exit_info_1 << ' ' << decision.exit_info_2 << " at " << decision.l1_address.value << " raises "
      << Catch::StringMaker<fault>::convert(decision.raised) << " leaf " << decision.leaf.where.value << ' '
      << name_of(decision.leaf.size) << (decision.leaf.writable ? " w" : "") << (decision.leaf.no_execute ? " nx" : "")
      << (decision.leaf.c ? " c" : "") << (decision.leaf.reserved_bit_set ? " reserved" : "");
  return out.str();
}

/// Returns what can be seen of a case in which a rule decides. All together also make every rule pass.
using l2_scenario = std::function<std::string(recording_context&)>;

[[nodiscard]] inline auto l2_scenarios() -> std::multimap<rule, l2_scenario> {
  const auto resolved = [](std::uint64_t exit_info_1, std::function<void(l2_machine&)> change) -> l2_scenario {
    l2_machine machine;
    change(machine);
    return [=](recording_context& ctx) {
      l2_machine again = machine;
      return text_of(again.resolve(ctx, again.memory, {.where = again.data, .exit_info_1 = exit_info_1}));
    };
  };
  const auto checked = [](paging::vmcb12_controls vmcb, paging::l1_offers offers) -> l2_scenario {
    return [=](recording_context& ctx) {
      const auto fine = paging::check_vmcb12(ctx, vmcb, offers);
      return fine ? std::string("accepted") : std::string(fine.error().field);
    };
  };
  return {
      {rule::PAG_L2_06, resolved(on_final | by_read, [](auto& m) { m.in_npt12(1) &= ~dirty; })},
      {rule::PAG_L2_07,
       [](recording_context& ctx) {
         l2_machine m;
         m.in_gpt2(1) = 0;
         (void)m.emulate(ctx, m.memory, user_read);  // L1 does not intercept #PF
         return text_of(m.emulate(ctx, m.memory, user_read, true).error());
       }},
      {rule::PAG_L2_09, checked({.id = host_asid}, {})},
      {rule::PAG_L2_09, checked({.id = {7}, .np_control = 1}, {.nested_paging = false})},
      {rule::PAG_L2_09, checked({.id = {7}, .tlb_control = 2}, {})},
      {rule::PAG_L2_10,
       [](recording_context& ctx) {
         return std::string(paging::check_npt12_root(ctx, {.bits = 48}, bit_at(48)) ? "accepted" : "refused");
       }},
      {rule::PAG_L2_11,
       [](recording_context& ctx) {
         paging::tlb<1, 2, 4> tlb;
         tlb.fill({.id = {2}}, {.size = page_size::k4k, .linear = 0x1000, .served = 1});
         (void)paging::flush_for_nested_transition(ctx, tlb, {1}, {2});  // ASIDs of their own
         (void)paging::flush_for_nested_transition(ctx, tlb, {2}, {2});
         return std::string(tlb.find({.id = {2}}, 0x1000) == nullptr ? "flushed" : "kept");
       }},
      {rule::PAG_L2_13,
       [](recording_context& ctx) {
         l2_machine m;
         m.make_l2_sev(true);
         const paging::l2_nested_fault exit{.where = m.data, .exit_info_1 = on_final | by_read};
         m.in_npt12(1) &= ~present;
         (void)m.resolve(ctx, m.memory, exit);  // not a reserved bit
         m.in_npt12(1) |= present | bit_at(45);
         return text_of(m.resolve(ctx, m.memory, exit));
       }},
      {rule::PAG_L2_14,
       [](recording_context& ctx) {
         l2_machine m;
         const auto fresh = m.resolve(on_final | by_write).leaf;
         return text_of(
             m.resolve(ctx, m.memory, {.where = m.data, .exit_info_1 = on_final | 0x8000'0007, .installed = fresh}));
       }},
      {rule::PAG_L2C_03, resolved(on_final | by_read, [](auto& m) { m.make_l1_sev(), m.in_npt12(1) |= bit_at(51); })},
  };
}

}  // namespace sevspec::test

#endif
