// SPDX-License-Identifier: MIT
// Exploration of small machines around a Reverse Map Table: how many states there are, that nothing is broken, that what
// is broken on purpose is found by the shortest way, and that none of this depends on how the search is made.

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "support/explored.hpp"

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/verify/explorer/explore.hpp>
#include <sevspec/verify/explorer/random_walk.hpp>
#include <sevspec/verify/explorer/rmp_ablation.hpp>
#include <sevspec/verify/explorer/rmp_model.hpp>
#include <sevspec/verify/explorer/rmp_reasons.hpp>
#include <sevspec/verify/explorer/rmp_symmetry.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::verify;
using explorer::ending;
using explorer::fate;
using explorer::rmp_parts;

using small = explorer::rmp_model<2, 2>;
using small_without = explorer::rmp_model<2, 2, context<rule_set>>;

auto without(rule id) -> context<rule_set> { return {.rules = rule_set{}.without(id)}; }

/// The same search as anybody would write it first.
template <class Model>
struct plain_search {
  std::map<typename Model::packed, unsigned> depth_of;
  std::uint64_t transitions = 0;
  int shortest = -1;  ///< operations to the nearest violation

  explicit plain_search(const Model& model) {
    std::vector<typename Model::state> layer{model.initial()};
    depth_of[model.pack(layer.front())] = 0;
    for (unsigned depth = 0; !layer.empty() && shortest < 0; ++depth) {
      std::vector<typename Model::state> next;
      for (const auto& before : layer)
        for (std::uint32_t operation = 0; operation < model.operations(); ++operation) {
          auto now = before;
          const auto step = model.apply(before, now, operation);
          if (step.broken || (step.what == fate::changed && model.check(now))) {
            shortest = static_cast<int>(depth + 1);
            continue;
          }
          if (step.what != fate::changed || now == before) continue;
          ++transitions;
          if (depth_of.emplace(model.pack(now), depth + 1).second) next.push_back(now);
        }
      layer = std::move(next);
    }
  }
};

/// A model that remembers nothing.
struct forgetful : small {
  using small::small;
  struct memo;
  void play_possible() const;
};
static_assert(explorer::memoizing_model<small> && !explorer::memoizing_model<forgetful>);
static_assert(!explorer::symmetric_model<small> && explorer::symmetric_model<explorer::symmetric_rmp_model<4, 2>>);

TEST_CASE("Small machines close, nothing is broken, and SPIN counts as many states", "[explorer]") {
  struct row {
    rmp_parts parts;
    std::uint64_t states;
  };
  // tests/bench/spin/rmp_model.pml with PARTS 0 to 4
  const std::array rows{
      row{{.large = false, .immutable = false, .vmsa = false}, 26'074},
      row{{.large = true, .immutable = false, .vmsa = false}, 26'429},
      row{{.large = false, .immutable = true, .vmsa = false}, 114'316},
      row{{.large = true, .immutable = true, .vmsa = false}, 115'985},
      row{{.large = false, .immutable = false, .vmsa = true}, 39'316},
  };
  for (const row& one : rows) {
    explorer::explorer<small> search{small{one.parts}};
    const auto seen = search.run();
    CHECK(seen.how == ending::closed);
    CHECK_FALSE(static_cast<bool>(seen.found));
    CHECK(seen.states == one.states);
    CHECK(seen.bytes <= 64 * seen.states);
  }
}

TEST_CASE("Two regions, and regions of four pages, close without a violation", "[explorer]") {
  explorer::explorer<explorer::rmp_model<4, 2>> two{
      explorer::rmp_model<4, 2>{{.large = true, .immutable = false, .vmsa = false, .vmpls = 1, .guests = 1}}};
  CHECK(two.run().how == ending::closed);
  explorer::explorer<explorer::rmp_model<4, 4>> four{explorer::rmp_model<4, 4>{
      {.large = true, .immutable = false, .vmsa = false, .vmpls = 1, .guests = 1, .guest_pages = 4}}};
  const auto some = four.run({.depth = 6});
  CHECK(some.how == ending::bounded);
  CHECK(some.states > 1000);
}

TEST_CASE("The search is the plain one: states, depths, transitions", "[explorer]") {
  for (const rmp_parts& parts :
       {rmp_parts{.large = true, .immutable = false, .vmsa = false, .vmpls = 1, .guests = 1},
        rmp_parts{.large = true, .immutable = true, .vmsa = false, .vmpls = 1, .guests = 1},
        rmp_parts{
            .large = true, .immutable = false, .vmsa = true, .vmrun = true, .tlb = true, .vmpls = 1, .guests = 1}}) {
    const plain_search<small> plain{small{parts}};
    explorer::explorer<small> search{small{parts}};
    const auto seen = search.run();
    CHECK(seen.states == plain.depth_of.size());
    CHECK(seen.transitions == plain.transitions);
    unsigned deepest = 0;
    for (const auto& [bits, depth] : plain.depth_of) deepest = std::max(deepest, depth);
    CHECK(seen.depth == deepest);
    const auto& found = search.visited().all();
    CHECK(std::ranges::all_of(found, [&](const auto& bits) { return plain.depth_of.contains(bits); }));
    // States and their words are one to one.
    CHECK(std::ranges::all_of(
        found, [&](const auto& bits) { return search.what().pack(search.what().unpack(bits)) == bits; }));

    explorer::explorer<forgetful> slow{forgetful{parts}};
    const auto again = slow.run();
    CHECK(again.states == seen.states);
    CHECK(again.transitions == seen.transitions);
    CHECK(again.attempts > seen.attempts);
  }
}

TEST_CASE("What is broken on purpose is found, and by no longer way than there is", "[explorer]") {
  struct row {
    rule broken;
    rmp_parts parts;
    rmp_invariant by;
    std::size_t operations;
  };
  const rmp_parts plain{.large = false, .immutable = false, .vmsa = false};
  const rmp_parts large{.large = true, .immutable = false, .vmsa = false, .vmpls = 1, .guests = 1};
  const std::array rows{
      row{rule::RMP_CHK_01, plain, rmp_invariant::inv_13, 1}, row{rule::PAG_RMPS_08, plain, rmp_invariant::inv_10, 2},
      row{rule::RMP_VPL_01, plain, rmp_invariant::inv_10, 3}, row{rule::RMP_UPD_07, plain, rmp_invariant::inv_12, 3},
      row{rule::RMP_PVL_01, plain, rmp_invariant::inv_13, 2}, row{rule::RMP_ADJ_02, plain, rmp_invariant::inv_09, 4},
      row{rule::RMP_UPD_10, plain, rmp_invariant::inv_06, 1}, row{rule::RMP_UPD_05, large, rmp_invariant::inv_05, 1},
  };
  for (const row& one : rows) {
    INFO(name_of(one.broken));
    explorer::explorer<small_without> search{small_without{one.parts, without(one.broken)}};
    const auto seen = search.run();
    REQUIRE(static_cast<bool>(seen.found));
    CHECK(seen.how == ending::violation);
    const plain_search<small_without> plainly{small_without{one.parts, without(one.broken)}};
    CHECK(static_cast<int>(seen.found.operations.size()) == plainly.shortest);
    CHECK(seen.found.operations.size() == one.operations);
    CHECK(seen.found.broken->broken == one.by);

    // The way leads there.
    const small_without& model = search.what();
    auto now = model.initial();
    bool broken = false;
    for (const std::uint32_t operation : seen.found.operations) {
      CHECK_FALSE(broken);
      const auto before = now;
      const auto step = model.apply(before, now, operation);
      broken = step.broken || model.check(now);
    }
    CHECK(broken);
    CHECK(now == seen.found.last);
  }
}

TEST_CASE("Shards together see what one search sees", "[explorer]") {
  const rmp_parts parts{.large = true, .immutable = false, .vmsa = false, .vmpls = 1, .guests = 1};
  explorer::explorer<small> whole{small{parts}};
  const auto all = whole.run();
  for (const std::uint32_t shards : {1U, 2U, 5U})
    for (const unsigned depth : {0U, 1U, 3U}) {
      std::set<small::packed> seen;
      for (std::uint32_t which = 0; which < shards; ++which) {
        explorer::explorer<small> part{small{parts}};
        const auto some = part.run({}, {.which = which, .of = shards, .seed_depth = depth});
        CHECK(some.how == ending::closed);
        CHECK(some.states <= all.states);
        seen.insert(part.visited().all().begin(), part.visited().all().end());
      }
      CHECK(seen.size() == all.states);
    }
  // A violation behind the seeds is found by the shard that has its seed.
  unsigned found = 0;
  for (std::uint32_t which = 0; which < 4; ++which) {
    explorer::explorer<small_without> part{small_without{parts, without(rule::RMP_UPD_07)}};
    if (part.run({}, {.which = which, .of = 4, .seed_depth = 1}).found) ++found;
  }
  CHECK(found > 0);
}

TEST_CASE("Bounds hold, and say so", "[explorer]") {
  const rmp_parts parts{.large = true, .immutable = false, .vmsa = false, .vmpls = 1, .guests = 1};
  explorer::explorer<small> shallow{small{parts}};
  std::vector<unsigned> depths;
  const auto three = shallow.run({.depth = 3}, {}, [&](unsigned depth, std::uint64_t) { depths.push_back(depth); });
  CHECK(three.how == ending::bounded);
  CHECK(three.depth == 3);
  CHECK(depths == std::vector{1U, 2U, 3U});
  const plain_search<small> plain{small{parts}};
  CHECK(three.states == static_cast<std::uint64_t>(
                            std::ranges::count_if(plain.depth_of, [](const auto& one) { return one.second <= 3; })));

  explorer::explorer<small> few{small{parts}};
  const auto hundred = few.run({.states = 100});
  CHECK(hundred.how == ending::bounded);
  CHECK(hundred.states >= 100);
  CHECK(hundred.states < 200);
  explorer::explorer<small> little{small{{}}};
  CHECK(little.run({.bytes = 300'000}).how == ending::bounded);
}

TEST_CASE("Regions are alike: one state stands for its twins", "[explorer]") {
  using wide = explorer::rmp_model<4, 2>;
  using folded = explorer::symmetric_rmp_model<4, 2>;
  for (const rmp_parts& parts :
       {rmp_parts{.large = true, .immutable = false, .vmsa = false, .vmpls = 1, .guests = 1},
        rmp_parts{
            .large = false, .immutable = false, .vmsa = false, .tlb = true, .vmpls = 1, .guests = 1, .guest_pages = 1},
        rmp_parts{.large = false,
                  .immutable = false,
                  .vmsa = true,
                  .vmrun = true,
                  .vmpls = 2,
                  .guests = 1,
                  .guest_pages = 1}}) {
    explorer::explorer<wide> full{wide{parts}};
    const auto all = full.run();
    explorer::explorer<folded> half{folded{parts}};
    const auto some = half.run();
    CHECK(all.how == ending::closed);
    CHECK(some.how == ending::closed);
    CHECK(some.states < all.states);
    if (parts.vmrun) {  // the VMSAs that VMRUN holds change their names, too
      CHECK(all.states == 4'320);
      CHECK(some.states == 2'180);
    }
    std::set<wide::packed> unfolded;
    for (const auto& bits : half.visited().all())
      folded::each_twin(half.what().unpack(bits), [&](const auto& twin) { unfolded.insert(half.what().pack(twin)); });
    CHECK(unfolded == std::set<wide::packed>(full.visited().all().begin(), full.visited().all().end()));
  }
  // A way through representatives is told with the names of one run.
  using broken = explorer::symmetric_rmp_model<4, 2, context<rule_set>>;
  explorer::explorer<broken> search{
      broken{{.large = true, .immutable = false, .vmsa = false}, without(rule::RMP_PVL_03)}};
  const auto seen = search.run();
  REQUIRE(static_cast<bool>(seen.found));
  auto now = search.what().initial();
  bool reached = false;
  for (const std::uint32_t operation : seen.found.operations) {
    const auto before = now;
    const auto step = search.what().apply(before, now, operation);
    reached = step.broken || search.what().check(now);
  }
  CHECK(reached);
  CHECK(now == seen.found.last);
}

TEST_CASE("Random walks are the same for the same seed, and find what is broken", "[explorer]") {
  using wide = explorer::rmp_model<6, 2>;
  const rmp_parts parts{.vmrun = true, .tlb = true, .vmpls = 3};
  const wide model{parts};
  const auto one = explorer::random_walk(model, 7, 2000);
  const auto two = explorer::random_walk(model, 7, 2000);
  CHECK(one.how == ending::bounded);
  CHECK(one.transitions == 2000);
  CHECK(one.attempts == two.attempts);
  CHECK(explorer::random_walk(model, 8, 2000).attempts != one.attempts);

  using broken = explorer::rmp_model<6, 2, context<rule_set>>;
  const auto seen = explorer::random_walk(broken{parts, without(rule::RMP_UPD_07)}, 1, 100'000);
  REQUIRE(static_cast<bool>(seen.found));
  CHECK(seen.found.broken->broken == rmp_invariant::inv_12);
  CHECK(seen.found.operations.size() == seen.transitions);
}

TEST_CASE("The order of hashes has no influence, and a walk goes on from where it was", "[explorer]") {
  const rmp_parts parts{.large = true, .immutable = false, .vmsa = false, .vmpls = 1, .guests = 1};
  test::check_hash_order(small{parts});
  test::check_hash_order(small_without{parts, without(rule::RMP_UPD_07)});
  test::check_walks(explorer::rmp_model<6, 2>{{.vmrun = true, .tlb = true, .vmpls = 3}});
}

TEST_CASE("Each rule of checks and instructions has a row: a search without it, or what carries a definition",
          "[explorer]") {
  std::size_t definitions = 0;
  for (const rule_info& one : rule_registry) {
    const std::string_view name = one.name;
    const auto in = [name](const char* group) { return name.starts_with(group); };
    if (!in("RMP-CHK-") && !in("RMP-UPD-") && !in("RMP-PVL-") && !in("RMP-ADJ-") && !in("RMP-SMH-")) continue;
    INFO(name);
    const auto* const carried = explorer::carriers_of(one.id);
    CHECK(explorer::is_ablated(one) == (carried == nullptr));
    CHECK((one.kind == rule_kind::definition) == (carried != nullptr));
    if (carried == nullptr) continue;
    ++definitions;
    unsigned load_bearing = 0;
    for (const rule by : carried->by) {
      if (by == rule::none) continue;
      CHECK(explorer::is_ablated(info(by)));
      if (explorer::why_not_load_bearing(by) == nullptr) ++load_bearing;
    }
    CHECK(load_bearing > 0);
  }
  CHECK(definitions == explorer::rmp_definitions.size());
}

TEST_CASE("Odd operands of RMPUPDATE are tried, and are refused by the rules that should", "[explorer]") {
  // What a rule refuses, or stores in another way, makes new states or new ways between old ones without it.
  const rmp_parts parts{.large = true, .immutable = true, .vmsa = false, .vmpls = 1, .guests = 1};
  explorer::explorer<small_without> with_all{small_without{parts}};
  const auto all = with_all.run();
  CHECK(all.how == ending::closed);
  struct row {
    rule missing;
    bool states;  ///< more of them
  };
  for (const row& one : {row{rule::RMP_RUD_03, false}, row{rule::RMP_RUD_05, false}, row{rule::RMP_RUD_06, true},
                         row{rule::RMP_UPD_14, true}}) {
    INFO(name_of(one.missing));
    explorer::explorer<small_without> search{small_without{parts, without(one.missing)}};
    const auto seen = search.run();
    CHECK(seen.how == ending::closed);
    CHECK((one.states ? seen.states > all.states : seen.states == all.states));
    CHECK(seen.transitions > all.transitions);
  }

  // With all rules they add ways, and no states.
  rmp_parts sane = parts;
  sane.odd_operands = false;
  explorer::explorer<small> without_them{small{sane}};
  const auto fewer = without_them.run();
  CHECK(fewer.states == all.states);
  CHECK(fewer.transitions < all.transitions);

  const small model{parts};
  std::set<std::string> lines;
  for (std::uint32_t operation = 0; operation < model.operations(); ++operation)
    lines.insert(model.describe(operation));
  for (const char* const line :
       {"host: RMPUPDATE page 0 to the hypervisor, ASID 1", "host: RMPUPDATE page 0 to the hypervisor, reserved bit",
        "host: RMPUPDATE page 0 to guest 1 at gPA 0, reserved bit",
        "host: RMPUPDATE page 0 to guest 1 at a gPA that is too high",
        "host: RMPUPDATE page 0 to an ASID that is too high", "host: RMPUPDATE page 0 to ASID 3FFh",
        "host: RMPUPDATE page 0 to ASID 0", "host: RMPUPDATE page 0 to ASID 0 at gPA 2",
        "host: RMPUPDATE page 0 (2M) to ASID 0 at gPA 2, immutable"}) {
    INFO(line);
    CHECK(lines.contains(line));
  }
}

TEST_CASE("A page that is in use, and that VMRUN does not hold, is a violation", "[explorer][INV-22]") {
  const small model{{.vmrun = true}};
  auto now = model.initial();
  now.rmp.entries[1] = {.assigned = true, .vmsa = true, .in_use = true, .id = {1}};
  now.rmp.entries[1].allowed[0] = rmp::all_permissions;
  now.rmp.entries[0].sub_page_count = 1;
  const auto broken = model.check(now);
  REQUIRE(broken.has_value());
  CHECK(broken->broken == rmp_invariant::inv_22);
  now.running = 1U << 1;
  CHECK_FALSE(model.check(now).has_value());
  now.running = 1U << 0;
  CHECK(model.check(now).has_value());
}

TEST_CASE("Operations are described, each in its own words", "[explorer]") {
  const small model{{.vmrun = true, .tlb = true}};
  std::set<std::string> lines;
  for (std::uint32_t operation = 0; operation < model.operations(); ++operation)
    lines.insert(model.describe(operation));
  CHECK(lines.size() == model.operations());
  CHECK(lines.contains("host: RMPUPDATE page 0 (2M) to guest 1 at gPA 0"));
  CHECK(lines.contains("guest 2, VMPL0: PVALIDATE gPA 1 at page 1"));
}

}  // namespace
