// SPDX-License-Identifier: MIT
// Which registers and parameters are refused, and why; whatever is accepted can be walked.
#include <property/paging/compare.hpp>
#include <property/paging/generate.hpp>

using namespace sevspec;
using namespace sevspec::test;

TEST_CASE("PAG-NPT-02: registers are refused for reasons that the twin sees",
          "[paging][PAG-NPT-02][PAG-CR3-01][PAG-CR3-03][PAG-PERM-09]") {
  tally classes;
  property("guest", 6000, [&] {
    const scenario plan = *scenarios({.register_edits = true, .features = true}).as("scenario");
    const world w = make_two_stage_world(plan);
    const auto machine = machine_of(w);
    RC_ASSERT(register_difference(machine, slow::objections(w.part, w.state, w.choices)) == "");
    if (!machine) {
      classes.add(machine.error().field);
      classes.add("refused");
      return;
    }
    classes.add("accepted");
    const auto twin = twin_guest(w);
    RC_ASSERT(difference(walk_guest(w, *machine), twin) == "");
  });
  check_none_empty("guest registers", classes,
                   {"accepted", "refused", "guest CR0", "guest CR3", "guest CR4", "guest EFER", "host CR0", "host CR4",
                    "nCR3", "VMCB 090h", "VMSA 0CAh", "G_PAT", "VMCB 058h", "SYSCFG", "pa_bits", "c_bit", "reduction"});

  tally host_classes;
  property("host", 4000, [&] {
    const scenario plan = *scenarios({.register_edits = true, .features = true}).as("scenario");
    const world w = make_host_world(plan);
    const auto regime = host_regime_of(w);
    RC_ASSERT(register_difference(regime, slow::objections(w.part, w.state.guest, w.state.syscfg)) == "");
    if (!regime) {
      host_classes.add(regime.error().field);
      return;
    }
    host_classes.add("accepted");
    const auto twin = twin_host(w);
    RC_ASSERT(difference(walk_host(w, *regime), twin) == "");
  });
  check_none_empty("host registers", host_classes,
                   {"accepted", "CR0", "CR3", "CR4", "EFER", "SYSCFG", "pa_bits", "c_bit", "reduction"});
}

TEST_CASE("PAG-CR3-01: bits 11:0 of every root are ignored", "[paging][PAG-CR3-01][PAG-NPT-01]") {
  property("the same answer", 1000, [&] {
    const scenario plan = *scenarios().as("scenario");
    world w = make_two_stage_world(plan);
    const auto before = walk_guest(w, *machine_of(w));
    w.state.guest.cr3 ^= *rc::gen::inRange<u64>(0, 0x1000);
    w.state.ncr3 ^= *rc::gen::inRange<u64>(0, 0x1000);
    w.state.host.cr3 ^= *rc::gen::arbitrary<u64>();  // not used while a guest runs
    const auto after = walk_guest(w, *machine_of(w));
    RC_ASSERT((before.result == after.result));
    RC_ASSERT(before.log.reads == after.log.reads);
  });
}

TEST_CASE("PAG-NPT-02: the register named is the one that is wrong", "[paging][PAG-NPT-02][PAG-PERM-09]") {
  world w = make_two_stage_world({});
  w.state.host.cr4 |= u64{1} << 24;
  w.state.ncr3 = w.state.host.cr4;  // a good root, though it looks like the bad register
  const auto machine = machine_of(w);
  REQUIRE_FALSE(machine.has_value());
  CHECK(std::string(machine.error().field) == "host CR4");
}
