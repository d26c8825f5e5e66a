// SPDX-License-Identifier: MIT
// Another processor changes an entry between its read and its A/D update: the entry is read and judged again, and
// neither change is lost.
#include <property/paging/compare.hpp>
#include <property/paging/generate.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

/// Memory in which somebody else is faster once: before the n-th update of the walk, the entry to be updated changes.
struct contested_memory {
  word_memory words;
  unsigned nth{};
  u64 cleared{};
  u64 set{};
  unsigned updates{};
  u64 changed_at{};

  [[nodiscard]] auto read_qword(spa where, memory_key key) const -> std::optional<u64> {
    return words.read_qword(where, key);
  }
  auto compare_exchange_qword(spa where, memory_key key, u64 expected, u64 desired) -> bool {
    if (updates++ == nth) {
      changed_at = where.value;
      words.words[where.value] = (words.words[where.value] & ~cleared) | set;
    }
    return words.compare_exchange_qword(where, key, expected, desired);
  }
};

auto draw_contest(const world& w) -> contested_memory {
  static constexpr u64 ignored = 0x200;
  return {.words = w.memory,
          .nth = *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0U, 12U)),
          .cleared = *rc::gen::element<u64>(0, 0, 1, 2, 4),
          .set = ignored | *rc::gen::element<u64>(0, 0x20, 0x60)};
}

template <class Result>
auto same_but_leaves(const outcome<Result>& a, const outcome<Result>& b) -> bool {
  if (a.has_value() != b.has_value()) return false;
  if (!a) return a.error() == b.error();
  if constexpr (requires { a->in_guest; })
    if (a->in_guest.where != b->in_guest.where || a->in_guest.rights != b->in_guest.rights) return false;
  return a->page.where == b->page.where && a->page.rights == b->page.rights && a->key == b->key;
}

}  // namespace

TEST_CASE("PAG-AD-04: an entry that changes meanwhile is read again", "[paging][PAG-AD-04]") {
  tally classes;
  property("host walks", 3000, [&] {
    wishes want = successful;
    want.edits = false;
    scenario plan = *scenarios(want).as("scenario");
    if (plan.ad == initial_ad::all_set) plan.ad = initial_ad::all_clear;
    world w = make_host_world(plan);
    const auto regime = host_regime_of(w);
    contested_memory memory = draw_contest(w);
    context<> ctx{.choices = w.choices};
    const auto result = paging::walk(ctx, memory, *regime, hva{w.address}, w.why);
    if (memory.changed_at == 0) return;

    // As if the change had been there from the start.
    u64& entry = w.memory.words[memory.changed_at];
    entry = (entry & ~memory.cleared) | memory.set;
    const auto expected = walk_host(w, *regime);
    RC_ASSERT(same_but_leaves(result, expected.result));
    if (result) RC_ASSERT(memory.words == expected.after);
    classes.add(result ? "still ok" : "now a fault");
    classes.add("eager", w.choices.ad_policy == ad_update::eager);
    classes.add("deferred", w.choices.ad_policy == ad_update::deferred);
  });
  check_none_empty("contested host walks", classes, {"still ok", "now a fault", "eager", "deferred"});

  tally guest_classes;
  property("guest walks", 4000, [&] {
    wishes want = successful;
    want.edits = false;
    want.guest_paging = true;
    scenario plan = *scenarios(want).as("scenario");
    if (plan.ad == initial_ad::all_set) plan.ad = initial_ad::all_clear;
    plan.data_place = 1;  // no data page among the tables
    world w = make_two_stage_world(plan);
    const auto machine = machine_of(w);
    contested_memory memory = draw_contest(w);
    context<> ctx{.choices = w.choices};
    const auto result = paging::walk(ctx, memory, *machine, gva{w.address}, w.why);
    if (memory.changed_at == 0) return;
    const bool guest_entry = std::ranges::any_of(
        w.path, [&](const path_entry& e) { return e.tables == stage::guest && e.where == memory.changed_at; });
    // A nested entry may have been used before, with what it allowed then.
    if (memory.cleared != 0 && !guest_entry) return;

    u64& entry = w.memory.words[memory.changed_at];
    entry = (entry & ~memory.cleared) | memory.set;
    const auto expected = walk_guest(w, *machine);
    RC_ASSERT(same_but_leaves(result, expected.result));
    if (result) RC_ASSERT(memory.words == expected.after);
    const std::string who = guest_entry ? "guest entry" : "nested entry";
    guest_classes.add(who + (result ? ", still ok" : ", now a fault"));
  });
  check_none_empty("contested guest walks", guest_classes,
                   {"guest entry, still ok", "guest entry, now a fault", "nested entry, still ok"});
}
