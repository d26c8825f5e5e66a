// SPDX-License-Identifier: MIT
// A and D only ever appear, only where they may, and a walk that has set them has nothing left to do.
#include <property/paging/compare.hpp>
#include <property/paging/generate.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

template <class Result>
auto without_leaves(outcome<Result> r) -> outcome<Result> {
  if (!r) return r;
  r->page.leaf = {};
  if constexpr (requires { r->in_guest; }) r->in_guest.leaf = {};
  return r;
}

auto updated_bits(const word_memory& before, const word_memory& after) -> std::map<u64, u64> {
  std::map<u64, u64> changed;
  for (const auto& [where, value] : after.words)
    if (const u64 bits = value ^ before.look(where).value_or(0); bits != 0) changed[where] = bits;
  return changed;
}

}  // namespace

TEST_CASE("PAG-AD-01: accessed and dirty bits are only set, and once",
          "[paging][PAG-AD-01][PAG-AD-02][PAG-NPT-12][PAG-NPT-17]") {
  tally classes;
  property("guest walks", 3000, [&] {
    const scenario plan = *scenarios().as("scenario");
    world w = make_two_stage_world(plan);
    const auto machine = machine_of(w);
    RC_ASSERT(machine.has_value());
    const auto first = walk_guest(w, *machine);

    for (const auto& [where, bits] : updated_bits(w.memory, first.after)) {
      const u64 after = *first.after.look(where);
      RC_ASSERT((bits & ~u64{0x60}) == 0);
      RC_ASSERT((after & bits) == bits);  // set, not cleared
      RC_ASSERT(slow::bit_of(after, 0));  // P=1
      RC_ASSERT(std::ranges::any_of(first.log.reads, [&, at = where](const auto& r) { return r.where == at; }));
      classes.add("A", (bits & 0x20) != 0);
      classes.add("D", (bits & 0x40) != 0);
    }
    for (const auto& update : first.log.updates) {
      const bool dirty = ((update.before ^ update.after) & 0x40) != 0;
      if (update.tables == stage::guest && dirty) RC_ASSERT(w.why.kind == access_kind::write);
    }
    if (first.result) {
      for (const auto& read : first.log.reads) RC_ASSERT(slow::bit_of(*first.after.look(read.where), 5));
      classes.add("ok");
    }

    w.memory = first.after;
    const auto second = walk_guest(w, *machine);
    RC_ASSERT(second.log.updates.empty());
    RC_ASSERT(second.after == first.after);
    RC_ASSERT((without_leaves(second.result) == without_leaves(first.result)));
    classes.add("second time nothing", !first.log.updates.empty());
  });
  check_none_empty("A and D", classes, {"A", "D", "ok", "second time nothing"});
}

TEST_CASE("PAG-AD-05: policies differ on faulting walks only", "[paging][PAG-AD-05][PAG-AD-06]") {
  tally classes;
  property("eager and deferred", 3000, [&] {
    const scenario plan = *scenarios().as("scenario");
    world w = make_two_stage_world(plan);
    const auto machine = machine_of(w);
    RC_ASSERT(machine.has_value());
    w.choices.ad_policy = ad_update::eager;
    const auto eager = walk_guest(w, *machine);
    w.choices.ad_policy = ad_update::deferred;
    const auto deferred = walk_guest(w, *machine);
    RC_ASSERT((without_leaves(eager.result) == without_leaves(deferred.result)));
    if (eager.result) {
      RC_ASSERT(eager.after == deferred.after);
      classes.add("ok, with updates", !eager.log.updates.empty());
    } else {
      // What waits for success is less, never other.
      const auto more = updated_bits(w.memory, eager.after);
      for (const auto& [where, bits] : updated_bits(w.memory, deferred.after)) {
        RC_ASSERT(more.contains(where));
        RC_ASSERT((bits & ~more.at(where)) == 0);
      }
      classes.add("fault, same", eager.after == deferred.after);
      classes.add("fault, fewer", eager.after != deferred.after);
    }
  });
  check_none_empty("eager and deferred", classes, {"ok, with updates", "fault, same", "fault, fewer"});

  tally orders;
  property("guest A and D before or after the final nested walk", 2000, [&] {
    const scenario plan = *scenarios({.guest_paging = true}).as("scenario");
    world w = make_two_stage_world(plan);
    const auto machine = machine_of(w);
    RC_ASSERT(machine.has_value());
    w.choices.guest_ad_before_final_npf = true;
    const auto early = walk_guest(w, *machine);
    w.choices.guest_ad_before_final_npf = false;
    const auto late = walk_guest(w, *machine);
    RC_ASSERT((without_leaves(early.result) == without_leaves(late.result)));
    if (early.result) RC_ASSERT(early.after == late.after);
    orders.add("ok", early.result.has_value());
    orders.add("fault, differ", early.after != late.after);
    if (early.after != late.after) RC_ASSERT(early.result.error().kind != fault_kind::pf);
  });
  check_none_empty("before and after", orders, {"ok", "fault, differ"});
}

TEST_CASE("PAG-AD-06: updates go from the root to the leaf", "[paging][PAG-AD-06]") {
  property("guest updates descend", 1000, [&] {
    const world w = make_two_stage_world(*scenarios(successful).as("scenario"));
    const auto walk = walk_guest(w, *machine_of(w));
    unsigned level = 6;
    for (const auto& update : walk.log.updates) {
      if (update.tables != stage::guest) continue;
      RC_ASSERT(update.level < level);
      level = update.level;
    }
  });
}
