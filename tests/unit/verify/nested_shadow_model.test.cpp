// SPDX-License-Identifier: MIT
// L0's shadow of an L1's nested tables, explored: it closes, and what is broken on purpose is found by the shortest way.

#include <cstdint>
#include <set>
#include <string>

#include "support/catch.hpp"

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/verify/explorer/explore.hpp>
#include <sevspec/verify/explorer/nested_shadow_model.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::verify::explorer;

TEST_CASE("The shadow of an L2's tables grants nothing that was never granted", "[explorer][nested]") {
  explorer<nested_shadow_model> search{nested_shadow_model{1}};
  const auto seen = search.run();
  CHECK(seen.how == ending::closed);
  CHECK(seen.states > 200);
  bool stale = false;
  for (const auto& bits : search.visited().all()) {
    const auto one = search.what().unpack(bits);
    CHECK(search.what().pack(one) == bits);
    const auto& guest = one.guests[0];
    stale = stale ||
            (guest.shadow == nested_shadow_model::leaf::page_0 && guest.wanted == nested_shadow_model::leaf::page_1);
  }
  CHECK(stale);  // L1 has not flushed: what it sees then is allowed
}

TEST_CASE("Two L2s do not disturb each other", "[explorer][nested]") {
  explorer<nested_shadow_model> one{nested_shadow_model{1}};
  explorer<nested_shadow_model> two{nested_shadow_model{2}};
  const auto both = two.run({.depth = 5});
  CHECK_FALSE(static_cast<bool>(both.found));
  const auto alone = one.run({.depth = 5});
  std::set<nested_shadow_model::packed> first;  // what the first L2 can be, whatever the second does
  for (const auto& bits : two.visited().all()) {
    auto state = two.what().unpack(bits);
    state.guests[1] = two.what().initial().guests[1];
    first.insert(two.what().pack(state));
  }
  CHECK(first.size() == alone.states);
}

TEST_CASE("What L0 forgets of its shadow is found", "[explorer][nested]") {
  struct row {
    rule broken;
    std::size_t operations;
    const char* invariant;
  };
  for (const row& one : {row{rule::NES_TR_02, 2, "L0 watches"}, row{rule::PAG_L2_11, 5, "flush"}}) {
    INFO(name_of(one.broken));
    explorer<nested_shadow_model> search{nested_shadow_model{1, {.rules = rule_set{}.without(one.broken)}}};
    const auto seen = search.run();
    REQUIRE(static_cast<bool>(seen.found));
    CHECK(seen.found.operations.size() == one.operations);
    CHECK(std::string{seen.found.broken->invariant} == one.invariant);
  }
}

}  // namespace
