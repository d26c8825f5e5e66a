// SPDX-License-Identifier: MIT
// Exploration of small machines around a Reverse Map Table: how many states there are, that nothing is broken, that what
// is broken on purpose is found by the shortest way, and that none of this depends on how the search is made.

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/explored.hpp"

#include <sevspec/base/rule_set.hpp>
#include <sevspec/verify/explorer/explore.hpp>
#include <sevspec/verify/explorer/random_walk.hpp>
#include <sevspec/verify/explorer/rmp_ablation.hpp>
#include <sevspec/verify/explorer/rmp_model.hpp>
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
  for (const rmp_parts& parts : {rmp_parts{.large = true, .immutable = false, .vmsa = false, .vmpls = 1, .guests = 1},
                                 rmp_parts{.large = false,
                                           .immutable = false,
                                           .vmsa = false,
                                           .tlb = true,
                                           .vmpls = 1,
                                           .guests = 1,
                                           .guest_pages = 1}}) {
    explorer::explorer<wide> full{wide{parts}};
    const auto all = full.run();
    explorer::explorer<folded> half{folded{parts}};
    const auto some = half.run();
    CHECK(some.how == ending::closed);
    CHECK(some.states < all.states);
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
