// SPDX-License-Identifier: MIT
// Whatever commands come in whatever order: a guest never runs on an ASID under which lines of another one lie in the
// caches of its core complex, and no two guests have one ASID.
#include <array>
#include <cstdint>
#include <set>
#include <vector>

#include <property/property.hpp>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule_registry.hpp>
#include <sevspec/memory/asid_activation.hpp>

using namespace sevspec;
using namespace sevspec::memory;

namespace sevspec::test {
namespace {

constexpr std::uint32_t highest = 2;
constexpr std::uint32_t complexes = 2;

struct step {
  int what{};
  std::uint32_t guest{};
  std::uint32_t id{};
  std::uint32_t by{};
};

auto operator<<(std::ostream& out, const step& s) -> std::ostream& {
  return out << "{" << s.what << " guest " << s.guest << " asid " << s.id << " by " << s.by << "}";
}

auto steps() -> rc::Gen<std::vector<step>> {
  return rc::gen::container<std::vector<step>>(rc::gen::construct<step>(
      rc::gen::weightedElement<int>({{6, 0}, {2, 1}, {4, 2}, {8, 3}, {6, 4}, {1, 5}, {9, 6}}), rc::gen::inRange(0U, 2U),
      rc::gen::inRange(0U, highest + 2), rc::gen::inRange(0U, complexes)));
}

struct world {
  asid_states<highest, complexes> states{};
  std::array<guest_asid, 2> guests{};
  std::array<bool, 2> launched{};
  /// By ASID and core complex: whose lines lie in the caches.
  std::array<std::array<std::set<std::uint32_t>, complexes>, highest + 1> lines{};
};

/// @return false if a guest ran over lines of another
auto run(world& w, context<>& ctx, const step& s, tally& classes) -> bool {
  guest_asid& guest = w.guests[s.guest];
  const auto before = w.states;
  switch (s.what) {
    case 0: {
      const guest_asid had = guest;
      const auto result =
          activate(ctx, w.states, {.highest = highest, .min_sev = 1}, guest, {.runs = w.launched[s.guest]}, {s.id});
      if (result) {
        classes.add("activated");
        RC_ASSERT(had.id == host_asid);
        for (std::uint32_t other = 0; other < 2; ++other) RC_ASSERT(other == s.guest || w.guests[other].id != guest.id);
      } else {
        RC_ASSERT(w.states == before);
        RC_ASSERT(guest == had);
        classes.add(name_of(result.decided_by));
      }
      break;
    }
    case 1:
      w.launched[s.guest] = true;
      finish_launch(w.states, guest);
      break;
    case 2: (void)deactivate(ctx, w.states, guest); break;
    case 3:
      note_wbinvd(w.states, {s.by});
      for (auto& of_asid : w.lines) of_asid[s.by].clear();
      break;
    case 4: {
      const bool done = static_cast<bool>(df_flush(ctx, w.states));
      RC_ASSERT(done == (before.is_written_back({0}) && before.is_written_back({1})));
      for (std::uint32_t id = 0; id <= highest; ++id) RC_ASSERT(!(done && w.states.any({id}, asid_state::dirty)));
      classes.add(done ? "flushed" : "not flushed");
      break;
    }
    case 5: note_wbnoinvd(ctx, w.states, {s.by}); break;  // the lines stay
    default:
      if (guest.id == host_asid || !check_asid_runs(ctx, w.states, guest.id, {s.by})) {
        classes.add("does not run");
        break;
      }
      RC_ASSERT(w.launched[s.guest]);
      classes.add("runs");
      auto& mine = w.lines[guest.id.value][s.by];
      for (const std::uint32_t whose : mine)
        if (whose != s.guest) return false;
      mine.insert(s.guest);
  }
  // Valid in hardware is what is in use.
  for (std::uint32_t id = 0; id <= highest; ++id)
    for (std::uint32_t by = 0; by < complexes; ++by)
      RC_ASSERT(w.states.is_valid({id}, {by}) == (w.states.state_of({id}, {by}) == asid_state::in_use));
  return true;
}

}  // namespace

TEST_CASE("ENC-ASID-11: no guest runs over another's lines",
          "[memory][ENC-ASID-08][ENC-ASID-10][ENC-ASID-11][ENC-ASID-12][ENC-ASID-16]") {
  tally classes;
  property("ASIDs", 10000, [&] {
    world w;
    context<> ctx;
    for (const step& s : *steps()) RC_ASSERT(run(w, ctx, s, classes));
  });
  check_none_empty("ASIDs", classes,
                   {"activated", "flushed", "not flushed", "runs", "does not run", "FW-ACT-03", "FW-ACT-04",
                    "FW-ACT-05", "FW-ACT-07"});
}

TEST_CASE("ENC-ASID-16: counting WBNOINVD would let one", "[memory][ENC-ASID-16]") {
  tally ignored;
  world w;
  context<> ctx;
  ctx.choices.wbnoinvd_counts = true;
  bool safe = true;
  w.launched = {true, true};
  for (const step& s :
       {step{5, 0, 0, 0}, step{5, 0, 0, 1}, step{4, 0, 0, 0}, step{0, 0, 1, 0}, step{6, 0, 0, 0}, step{2, 0, 0, 0},
        step{5, 0, 0, 0}, step{5, 0, 0, 1}, step{4, 0, 0, 0}, step{0, 1, 1, 0}, step{6, 1, 0, 0}})
    safe = safe && run(w, ctx, s, ignored);
  CHECK_FALSE(safe);
}

}  // namespace sevspec::test
