// SPDX-License-Identifier: MIT
// The C-bit chooses keys and nothing else, and never becomes part of an address.
#include <property/paging/compare.hpp>
#include <property/paging/generate.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

auto c_of(const world& w) -> u64 { return u64{1} << w.part.c_bit; }

auto without(const scenario& plan, std::initializer_list<mode> off) -> scenario {
  scenario result = plan;
  for (const mode m : off) result.modes &= ~(u64{1} << static_cast<unsigned>(m));
  return result;
}

}  // namespace

TEST_CASE("PAG-ENC-02: C in every entry changes no address",
          "[paging][PAG-ENC-01][PAG-ENC-02][PAG-ENC-CR3][PAG-NPT-19]") {
  tally classes;
  wishes want = successful;
  want.sev = true;
  property("SEV guest", 3000, [&] {
    const scenario plan =
        without(*scenarios(want).as("scenario"), {mode::guest_root_c, mode::guest_table_c, mode::guest_leaf_c,
                                                  mode::nested_root_c, mode::nested_table_c, mode::nested_leaf_c});
    world w = make_two_stage_world(plan);
    const auto clear = walk_guest(w, *machine_of(w));

    const bool in_guest = *rc::gen::arbitrary<bool>();
    const bool in_nested = !in_guest || *rc::gen::arbitrary<bool>();
    const u64 c = c_of(w);
    for (const path_entry& entry : w.path) {
      const bool nested = entry.tables == stage::nested;
      if (nested ? in_nested : in_guest) w.memory.words[entry.where] |= c;
    }
    if (in_guest) w.state.guest.cr3 |= c;
    if (in_nested) w.state.ncr3 |= c;
    const auto machine = machine_of(w);
    RC_ASSERT(machine.has_value());  // PAG-ENC-CR3
    const auto set = walk_guest(w, *machine);

    RC_ASSERT(clear.result.has_value() == set.result.has_value());
    RC_ASSERT(clear.log.reads.size() == set.log.reads.size());
    for (std::size_t i = 0; i < set.log.reads.size(); ++i) {
      const auto& read = set.log.reads[i];
      RC_ASSERT(read.where == clear.log.reads[i].where);
      RC_ASSERT((read.where & c) == 0);
      // PAG-KEY-06, PAG-KEY-07: own tables always private, nested ones as their pointer says.
      if (read.tables == stage::guest) RC_ASSERT(read.key == memory_key::guest(w.state.id));
      if (read.tables == stage::nested) RC_ASSERT(read.key == (in_nested ? memory_key::host() : memory_key::none()));
    }
    if (!set.result) {
      // PAG-NPF-05: nor does it leak into fault addresses.
      RC_ASSERT(set.result.error().kind == clear.result.error().kind);
      RC_ASSERT((set.result.error().code | u64{1} << 34) == (clear.result.error().code | u64{1} << 34));
      RC_ASSERT(set.result.error().address == clear.result.error().address);
      classes.add("fault");
      return;
    }
    const auto& a = *clear.result;
    const auto& b = *set.result;
    RC_ASSERT(a.page.where == b.page.where);
    RC_ASSERT(a.in_guest.where == b.in_guest.where);
    RC_ASSERT((b.page.where.value & c) == 0);
    RC_ASSERT((b.in_guest.where.value & c) == 0);
    RC_ASSERT(a.size == b.size);
    RC_ASSERT(a.page.rights == b.page.rights);
    const bool always = w.why.is_fetch() || plan.has(mode::guest_off);  // PAG-KEY-05, PAG-KEY-09
    RC_ASSERT(a.effective_c == always);
    RC_ASSERT(b.effective_c == (always || in_guest));
    RC_ASSERT(a.key == (always ? memory_key::guest(w.state.id) : memory_key::none()));
    RC_ASSERT(b.key == (b.effective_c ? memory_key::guest(w.state.id) : memory_key::host()));
    classes.add(std::string("key ") + name_of(b.key));
    classes.add("always private", always);
  });
  check_none_empty("C everywhere", classes, {"fault", "key guest", "key host", "always private"});
}

TEST_CASE("PAG-ENC-03: a SEV guest's own pointers may have C or not", "[paging][PAG-ENC-03][PAG-ENC-05]") {
  tally classes;
  property("non-leaf C of guest tables is ignored", 1500, [&] {
    const scenario plan = *scenarios({.gentle = true, .sev = true}).as("scenario");
    const world with = make_two_stage_world(plan);
    world flipped = with;
    for (const path_entry& entry : with.path) {
      const u64 raw = *with.memory.look(entry.where);
      const bool leaf = entry.level == 1 || slow::bit_of(raw, 7);
      if (entry.tables == stage::guest && !leaf && slow::bit_of(raw, 0))
        flipped.memory.words[entry.where] ^= c_of(with);
    }
    if (!plan.has(mode::guest_off)) flipped.state.guest.cr3 ^= c_of(with);
    const auto a = walk_guest(with, *machine_of(with));
    const auto b = walk_guest(flipped, *machine_of(flipped));
    RC_ASSERT(a.result.has_value() == b.result.has_value());
    if (a.result) {
      RC_ASSERT(a.result->key == b.result->key);
      RC_ASSERT(a.result->page == b.result->page);
      classes.add("ok");
    } else {
      RC_ASSERT(a.result.error() == b.result.error());
      classes.add("fault");
    }
  });
  check_none_empty("C of pointers", classes, {"ok", "fault"});
}

TEST_CASE("PAG-SYSCFG-02: without memory encryption the VMCB's SEV bits do nothing",
          "[paging][PAG-SYSCFG-02][PAG-KEY-01]") {
  property("the same answer, no key", 1500, [&] {
    scenario plan = without(*scenarios().as("scenario"), {mode::encryption});
    const auto walk = [](const scenario& s) {
      const world w = make_two_stage_world(s);
      return walk_guest(w, *machine_of(w));
    };
    const auto without_sev = walk(without(plan, {mode::sev, mode::sev_es}));
    plan.modes |= u64{1} << static_cast<unsigned>(mode::sev) | u64{1} << static_cast<unsigned>(mode::sev_es);
    const auto with_sev = walk(plan);
    RC_ASSERT((with_sev.result == without_sev.result));
    RC_ASSERT(with_sev.log.reads == without_sev.log.reads);
    for (const auto& read : with_sev.log.reads) RC_ASSERT(read.key == memory_key::none());
    if (with_sev.result) RC_ASSERT(with_sev.result->key == memory_key::none());
  });
}
