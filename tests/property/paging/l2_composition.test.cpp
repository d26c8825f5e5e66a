// SPDX-License-Identifier: MIT
// What L0 decides is what two single walks, made apart from each other, say together; and the shadow that comes of it
// grants what both grant.
#include <algorithm>
#include <vector>

#include <property/property.hpp>
#include <support/l2_scenarios.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using enum paging::shadow_decision::kind;

/// A walk's references to tables, in order.
struct reference_list {
  std::vector<std::pair<spa, access_kind>> made;
  void on(const table_read& e) { made.emplace_back(e.where, access_kind::read); }
  void on(const table_update& e) { made.emplace_back(e.where, access_kind::write); }
};

auto number(unsigned end) -> unsigned { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0U, end)); }
auto chance(unsigned percent) -> bool { return number(100) < percent; }

/// The L1 gPAs of nPT12's entries for L2's page.
auto npt12_slots(l2_machine& machine) -> std::vector<std::uint64_t> {
  std::vector<std::uint64_t> slots;
  for (unsigned level = machine.shape.npt12_levels; level >= machine.shape.npt12_leaf; --level)
    slots.push_back(machine.npt12_gpa(level));
  return slots;
}

auto draw_flip() -> std::uint64_t {
  return *rc::gen::weightedElement<std::uint64_t>({{2, present},
                                                   {4, writable},
                                                   {2, user},
                                                   {3, no_execute},
                                                   {4, accessed},
                                                   {6, dirty},
                                                   {1, bit_at(50)},
                                                   {1, bit_8}});
}

auto draw_machine() -> l2_machine {
  const auto leaf = [] { return 1 + number(3); };
  l2_machine machine({4 + number(2), leaf(), 4 + number(2), leaf(), 4 + number(2), leaf()});
  machine.choices.ad_policy = chance(50) ? ad_update::eager : ad_update::deferred;
  machine.choices.npt12_cbit = chance(50) ? npt12_c_bit::strip : npt12_c_bit::reserved;
  if (chance(30)) machine.reader = paging::l1_reader::shadowing_hypervisor;
  if (chance(30)) machine.make_l1_sev();
  if (chance(20)) machine.vmcb12.host.efer &= ~efer_nxe;
  if (machine.l1_sev_active() && chance(50)) machine.in_npt12(machine.shape.npt12_leaf) |= bit_at(51);
  for (unsigned i = number(4); i > 0; --i) {
    const unsigned levels = machine.shape.npt12_levels - machine.shape.npt12_leaf + 1;
    machine.in_npt12(machine.shape.npt12_leaf + number(levels)) ^= draw_flip();
  }
  for (unsigned i = number(3); i > 0; --i) {
    auto targets = npt12_slots(machine);
    for (unsigned n = 0; n < 3; ++n) targets.push_back(machine.data_in_l1().value);
    const unsigned levels = machine.shape.npt01_levels - machine.shape.npt01_leaf + 1;
    const auto target = targets[number(static_cast<unsigned>(targets.size()))];
    machine.in_npt01(target, machine.shape.npt01_leaf + number(levels)) ^= draw_flip();
  }
  return machine;
}

/// nPT12 alone, in a memory of L1's own: an entry at L1 gPA x lies at x.
auto l1_alone(l2_machine machine) -> cells {
  cells alone;
  for (const std::uint64_t slot : npt12_slots(machine)) alone.put(slot, machine.memory[slot + l2_machine::l1_at]);
  return alone;
}

/// The decision as the two walks give it, and nPT12 afterwards.
struct naive_answer {
  paging::shadow_decision decision;
  cells npt12;
};

auto naive(const l2_machine& machine, std::uint64_t exit_info_1, access_kind kind) -> naive_answer {
  context<all_rules, reference_list> ctx{.choices = machine.choices};
  context<> quiet{.choices = machine.choices};
  const auto l1 = paging::make_two_stage_regime(quiet, machine.part, machine.vmcb01);
  const auto l2 = machine.l2_regime(quiet);
  naive_answer answer{{}, l1_alone(machine)};
  const auto through_npt01 = [&](gpa where, access_kind what) {
    l2_machine copy = machine;
    return paging::walk_gpa(quiet, copy.memory, *l1, where, what);
  };

  const auto first = paging::walk_gpa(ctx, answer.npt12, *l2, gpa{machine.data.value}, kind);
  for (const auto& [where, what] : ctx.listener.made) {
    const bool own = machine.reader == paging::l1_reader::shadowing_hypervisor;
    const auto reached = through_npt01({where.value}, own ? access_kind::read : what);
    if (!reached) {
      answer.decision.what = l0_fix;
      answer.decision.l1_address = {where.value};
      return answer;
    }
  }
  if (!first) {
    answer.decision.what = reflect_to_l1;
    answer.decision.exit_code = 0x400;
    answer.decision.exit_info_1 = (first.error().code & 0xffff'ffff) | (exit_info_1 & 0x3'0000'0000);
    answer.decision.exit_info_2 = machine.data.value;
    return answer;
  }
  const gpa in_l1{first->where.value};
  const auto second = through_npt01(in_l1, kind);
  if (!second) {
    answer.decision.what = l0_fix;
    answer.decision.l1_address = in_l1;
    return answer;
  }
  answer.decision.what = install;
  auto& leaf = answer.decision.leaf;
  leaf.size = std::min(first->size, second->size);
  leaf.where = {second->where.value & ~(bytes_in(leaf.size) - 1)};
  const bool dirty_now = kind == access_kind::write || (first->leaf.raw & dirty) != 0;
  leaf.writable = first->rights.writable && second->rights.writable && dirty_now;
  leaf.no_execute = first->rights.no_execute || second->rights.no_execute;
  return answer;
}

auto info_of(access_kind kind) -> std::uint64_t {
  return on_final | (kind == access_kind::write ? by_write : kind == access_kind::execute ? by_fetch : by_read);
}

}  // namespace

TEST_CASE("PAG-L2-04: a decision is two single walks, one after the other",
          "[paging][PAG-L2-01][PAG-L2-02][PAG-L2-03][PAG-L2-04][PAG-L2-05][PAG-L2-06]") {
  tally classes;
  property("resolve = compose", 4000, [&] {
    l2_machine machine = draw_machine();
    const auto kind = static_cast<access_kind>(number(3));
    const std::uint64_t exit_info_1 = info_of(kind);
    const naive_answer expected = naive(machine, exit_info_1, kind);
    auto found = machine.resolve(exit_info_1);
    classes.add(paging::name_of(found.what));
    classes.add("install read-only", found.what == install && !found.leaf.writable);
    classes.add("fix a table", found.what == l0_fix && found.l1_address != machine.data_in_l1());
    classes.add("sizes differ", machine.shape.npt12_leaf != machine.shape.npt01_leaf);
    found.decided_by = found.because = rule::none;
    INFO(text_of(found) << '\n' << text_of(expected.decision));
    RC_ASSERT(text_of(found) == text_of(expected.decision));
    RC_ASSERT(found == expected.decision);
    if (found.what == install || found.what == reflect_to_l1) RC_ASSERT(l1_alone(machine) == expected.npt12);
  });
  check_none_empty("decisions", classes,
                   {"install", "install read-only", "reflect_to_l1", "l0_fix", "fix a table", "sizes differ"});
}

TEST_CASE("PAG-L2-05: the shadow grants no more than both tables, and leads to the same byte",
          "[paging][PAG-L2-05][PAG-L2-06][PAG-CNT-03]") {
  tally classes;
  property("shadow <= nPT12 and nPT01", 3000, [&] {
    l2_machine machine = draw_machine();
    const auto kind = static_cast<access_kind>(number(3));
    const auto decision = machine.resolve(info_of(kind));
    if (decision.what != install) return;
    classes.add("install");

    // nPT02 with this one leaf.
    context<> ctx;
    paging::guest_entry_state vmcb02 = machine.vmcb12;
    vmcb02.host = paging::long_mode_registers(0);
    vmcb02.ncr3 = 0x10000;
    const auto regime = paging::make_two_stage_regime(ctx, machine.part, vmcb02);
    RC_ASSERT(regime.has_value());
    const unsigned level = decision.leaf.size == page_size::k4k ? 1 : decision.leaf.size == page_size::k2m ? 2 : 3;
    cells tables;
    table_tree npt02(0x10000, 4);
    npt02.map(tables, machine.data.value, 0, level);
    tables[npt02.slot(tables, machine.data.value, level)] = paging::entry_for(decision.leaf, regime->nested).raw;

    for (const auto other : {access_kind::read, access_kind::write, access_kind::execute}) {
      const auto by_shadow = paging::walk_gpa(ctx, tables, *regime, gpa{machine.data.value}, other);
      if (other == kind) RC_ASSERT(by_shadow.has_value());
      if (!by_shadow) continue;
      l2_machine again = machine;
      const auto anew = again.resolve(info_of(other));
      RC_ASSERT(anew.what == install);
      RC_ASSERT(anew.leaf.where == decision.leaf.where);
      if (other == access_kind::write) RC_ASSERT((machine.in_npt12(machine.shape.npt12_leaf) & dirty) != 0);
      classes.add("writable", other == access_kind::write);

      // The three-stage walk, where it succeeds, ends at the same byte.
      l2_machine three = machine;
      const auto walked = three.walk({.kind = other, .level = user_mode});
      if (walked) {
        RC_ASSERT(walked->page.where == by_shadow->where);
        classes.add("three stages");
      }
    }
  });
  check_none_empty("shadows", classes, {"install", "writable", "three stages"});
}
