// SPDX-License-Identifier: MIT
// Who listens, how the rules are given and whether memory can be written do not change what a walk answers.
#include <set>

#include <property/paging/compare.hpp>
#include <property/paging/generate.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

struct rule_log {
  std::set<rule> fired;
  std::set<rule> passed;
  void on(const rule_evaluated& e) { (e.fired ? fired : passed).insert(e.id); }
};

/// Walks with a context over a copy of the world's memory.
template <class Context>
auto run(Context& ctx, const world& w, word_memory& memory) -> outcome<paging::guest_translation> {
  memory = w.memory;
  ctx.choices = w.choices;
  const auto machine = paging::make_two_stage_regime(ctx, w.part, w.state);
  RC_ASSERT(machine.has_value());
  return paging::walk(ctx, memory, *machine, gva{w.address}, w.why);
}

}  // namespace

TEST_CASE("PAG-PRI-01: listeners and dynamic rule sets change nothing", "[paging][PAG-PRI-01]") {
  tally classes;
  property("guest walks", 3000, [&] {
    const world w = make_two_stage_world(*scenarios().as("scenario"));
    word_memory plain_memory, memory;
    context<> plain;
    const auto expected = run(plain, w, plain_memory);
    classes.add(expected ? "ok" : name_of(expected.error().kind));

    context<all_rules, rule_log> rules;
    RC_ASSERT((run(rules, w, memory) == expected));
    RC_ASSERT(memory == plain_memory);
    if (!expected && expected.error().decided_by != rule::none)
      RC_ASSERT(rules.listener.fired.contains(expected.error().decided_by));

    context<all_rules, reference_log> references;
    RC_ASSERT((run(references, w, memory) == expected));
    RC_ASSERT(memory == plain_memory);
    RC_ASSERT(references.listener.finals.size() == (expected ? 1U : 0U));
    if (expected) {
      RC_ASSERT((references.listener.finals.front().where == expected->page.where));
      RC_ASSERT((references.listener.finals.front().key == expected->key));
      RC_ASSERT(references.listener.finals.front().kind == w.why.kind);
    }

    context<rule_set> dynamic;
    RC_ASSERT((run(dynamic, w, memory) == expected));
    RC_ASSERT(memory == plain_memory);
    RC_ASSERT((run(plain, w, memory) == expected));  // and again: no hidden state
    RC_ASSERT(memory == plain_memory);

    // A rule that never fired does not matter.
    const rule_log& heard = rules.listener;
    for (const rule quiet : heard.passed) {
      if (heard.fired.contains(quiet)) continue;
      context<rule_set> without{.rules = rule_set{}.without(quiet)};
      RC_ASSERT((run(without, w, memory) == expected));
      RC_ASSERT(memory == plain_memory);
    }
  });
  check_none_empty("contexts", classes, {"ok", "#PF", "#NPF", "#VC", "#GP", "#SS", "no memory"});
}

TEST_CASE("PAG-AD-01: a walk over read-only memory answers the same and writes nothing", "[paging][PAG-AD-01]") {
  tally classes;
  property("guest and host walks", 2000, [&] {
    const scenario plan = *scenarios().as("scenario");
    {
      const world w = make_two_stage_world(plan);
      const auto machine = machine_of(w);
      const auto written = walk_guest(w, *machine);
      const read_only view{w.memory};
      context<all_rules, reference_log> ctx{.choices = w.choices};
      const auto looked = paging::walk(ctx, view, *machine, gva{w.address}, w.why);
      RC_ASSERT(ctx.listener.updates.empty());
      RC_ASSERT(looked.has_value() == written.result.has_value());
      if (!looked) RC_ASSERT(looked.error() == written.result.error());
      if (looked) {
        RC_ASSERT(looked->page.where == written.result->page.where);
        RC_ASSERT(looked->in_guest.where == written.result->in_guest.where);
        RC_ASSERT(looked->key == written.result->key);
        RC_ASSERT(looked->size == written.result->size);
        RC_ASSERT(looked->page.rights == written.result->page.rights);
        RC_ASSERT(looked->in_guest.rights == written.result->in_guest.rights);
      }
      classes.add("guest, would have written", !written.log.updates.empty());
    }
    const world w = make_host_world(plan);
    const auto regime = host_regime_of(w);
    const auto written = walk_host(w, *regime);
    const read_only view{w.memory};
    context<> ctx{.choices = w.choices};
    const auto looked = paging::walk(ctx, view, *regime, hva{w.address}, w.why);
    RC_ASSERT(looked.has_value() == written.result.has_value());
    if (looked) RC_ASSERT(looked->page.where == written.result->page.where);
    if (!looked) RC_ASSERT(looked.error() == written.result.error());
    classes.add("host, would have written", !written.log.updates.empty());
  });
  check_none_empty("read-only", classes, {"guest, would have written", "host, would have written"});
}
