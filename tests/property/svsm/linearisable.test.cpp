// SPDX-License-Identifier: MIT
// Calls of two processors at once come out as one of them after the other: the second runs as a whole at some reference
// or instruction of the first, or waits for it. A list of PVALIDATE counts entry by entry.
#include <rapidcheck.h>

#include <array>
#include <iostream>
#include <vector>

#include <support/svsm_facts.hpp>
#include <support/svsm_interference.hpp>

#include "../property.hpp"

namespace {

using namespace sevspec;
using namespace sevspec::test;

constexpr gpa second_vmsa{0x7000}, second_caa{0xb000};
constexpr gpa lists[2] = {gpa{0x9000}, gpa{0xa000}};

/// A guest with two processors that run, and a third one that has no VMSA yet.
auto two_processors() -> svsm_arena {
  svsm_arena world;
  world.self.processors.push_back({.apic_id = 2});
  world.put_vmsa(second_vmsa, 2, 0x1000, svsm_arena::features);
  world.make_vcpu(1, second_vmsa, second_caa);
  for (const std::uint64_t page : {0xc000U, 0xd000U})  // what can become a VMSA
    world.put_vmsa(gpa{page}, 2, 0x1000, svsm_arena::features);
  return world;
}

struct asked {
  svsm::call_registers registers{};
  std::uint64_t entry = 0;  ///< of PVALIDATE's list
};

auto any_page() -> rc::Gen<std::uint64_t> {
  return rc::gen::weightedElement<std::uint64_t>({{5, 0xc000},
                                                  {3, 0xd000},
                                                  {2, 0x1'0000},
                                                  {2, 0x1'1000},
                                                  {1, second_vmsa.value},
                                                  {1, 0x6000},
                                                  {1, second_caa.value},
                                                  {1, 0x40'0000}});
}
auto any_call(std::size_t who) -> rc::Gen<asked> {
  return rc::gen::exec([who] {
    asked made;
    const auto which = *rc::gen::weightedElement<std::uint64_t>(
        {{6, pvalidate}, {3, create_vcpu}, {2, delete_vcpu}, {2, remap_ca}, {1, query_protocol}});
    made.registers = {which, *any_page()};
    if (which == create_vcpu) {
      made.registers.rdx = *any_page();
      made.registers.r8 = 2;
    }
    if (which == pvalidate) {
      made.registers.rcx = lists[who].value;
      const std::uint64_t page = *any_page();
      const std::uint64_t flags = *rc::gen::element<std::uint64_t>(4, 0, 12, 8);
      made.entry = page | flags;
    }
    return made;
  });
}

void prepare(svsm_arena& world, const std::array<asked, 2>& calls) {
  for (std::uint32_t cpu = 0; cpu < 2; ++cpu) {
    if (calls[cpu].registers.rax == pvalidate) world.put_list(lists[cpu], {calls[cpu].entry});
    world.leave(calls[cpu].registers, cpu);
    world.put_word<std::uint8_t>(*world.self.processors[cpu].caa, 1);
  }
}

auto one_after_the_other(svsm_arena world, std::uint32_t first) -> svsm_arena {
  context<> ctx;
  svsm::core_services none;
  (void)world.enter(ctx, none, first);
  (void)world.enter(ctx, none, 1 - first);
  return world;
}

/// What a processor's call has left in registers and calling area counts for nobody once its VMSA is deleted.
auto without_answers(const svsm_arena& world) -> page_memory {
  svsm_arena kept = world;
  const std::pair<gpa, gpa> processors[] = {{svsm_arena::vmsa, svsm_arena::caa}, {second_vmsa, second_caa}};
  for (const auto& [vmsa, caa] : processors) {
    if (svsm::find_vcpu(world.self, vmsa) != nullptr) continue;
    kept.put(vmsa, std::vector<std::uint8_t>(4096));
    kept.put_word<std::uint8_t>(caa, 0);
  }
  return kept.memory;
}
auto same(const svsm_arena& a, const svsm_arena& b) -> bool {
  return a.rmp == b.rmp && a.self == b.self && without_answers(a) == without_answers(b);
}

/// Both at once.
struct together {
  svsm_arena world;
  bool happened = false;  ///< the second one came while the first was served
  bool waited = false;
};
template <class Context>
auto both(Context& ctx, const svsm_arena& before, unsigned after) -> together {
  together made{before};
  svsm::core_services none;
  const auto second = [&] { made.waited = made.world.enter(ctx, none, 1).what == svsm::entry_end::waits; };
  interrupted_machine machine(made.world.machine(), after, second);
  (void)svsm::enter(ctx, machine, made.world.self, none, 0);
  made.happened = machine.happened();
  if (!made.happened || made.waited) (void)made.world.enter(ctx, none, 1);
  return made;
}

}  // namespace

TEST_CASE("calls of two processors are one after the other", "[svsm][property][SVSM-CORE-80]") {
  tally classes;
  const svsm_arena start = two_processors();
  property("two calls at once", 4000, [&] {
    svsm_arena before = start;
    std::array<asked, 2> calls;
    calls[0] = *any_call(0);
    calls[1] = *any_call(1);
    const auto rescinded = *rc::gen::element<std::uint64_t>(0, 0xc000, 0xd000);
    if (rescinded != 0) {  // a page that is not validated yet
      before.assign(gpa{rescinded});
      before.self.validated.erase(gpa{rescinded}, 1);
    }
    prepare(before, calls);
    const auto after = *rc::gen::inRange<unsigned>(0, 30);
    context<> ctx;
    const together found = both(ctx, before, after);
    const bool forward = same(found.world, one_after_the_other(before, 0));
    const bool backward = same(found.world, one_after_the_other(before, 1));
    classes.add("beside each other", found.happened && !found.waited);
    classes.add("waited", found.waited);
    classes.add("the second came first", backward && !forward);
    classes.add("the first came first", forward && !backward);
    if (!forward && !backward) {
      for (const asked& one : calls)
        RC_LOG() << std::hex << "rax " << one.registers.rax << " rcx " << one.registers.rcx << " rdx "
                 << one.registers.rdx << " entry " << one.entry << '\n';
      RC_LOG() << "after " << std::dec << after << ", not validated: " << std::hex << rescinded << '\n';
      RC_FAIL("neither order explains what came of two calls");
    }
  });
  check_none_empty("two calls", classes,
                   {"beside each other", "waited", "the second came first", "the first came first"});
}

TEST_CASE("without the lock two calls are none after the other", "[svsm][property][SVSM-CORE-80]") {
  // One processor rescinds a page while another one validates it, whatever state it has.
  std::array<asked, 2> calls{asked{{pvalidate, lists[0].value}, 0xc000}, asked{{pvalidate, lists[1].value}, 0xc00c}};
  svsm_arena before = two_processors();
  prepare(before, calls);
  context<all_rules_but<rule::SVSM_CORE_80>> careless;
  context<> ctx;
  bool torn = false;
  for (unsigned after = 0; after < 30; ++after) {
    const together found = both(careless, before, after);
    torn |= !same(found.world, one_after_the_other(before, 0)) && !same(found.world, one_after_the_other(before, 1));
    const together locked = both(ctx, before, after);
    CHECK((same(locked.world, one_after_the_other(before, 0)) || same(locked.world, one_after_the_other(before, 1))));
  }
  CHECK(torn);
}
