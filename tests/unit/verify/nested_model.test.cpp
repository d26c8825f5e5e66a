// SPDX-License-Identifier: MIT
// An L1's Reverse Map Table over the real one, explored: it closes, what is broken on purpose is found by the shortest way,
// and states and their words are one to one.

#include <array>
#include <cstdint>
#include <set>
#include <string>

#include "support/catch.hpp"

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/verify/explorer/explore.hpp>
#include <sevspec/verify/explorer/nested_model.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::verify::explorer;

TEST_CASE("Two tables over each other close, and agree", "[explorer][nested]") {
  struct row {
    nested_parts parts;
    std::uint64_t states;
  };
  for (const row& one : {row{{.hostile = false, .launches = true, .pages = 1}, 76},
                         row{{.hostile = true, .launches = true, .pages = 1}, 200},
                         row{{.hostile = false, .launches = false, .pages = 2}, 498},
                         row{{.hostile = true, .launches = true, .pages = 2}, 7968}}) {
    explorer<nested_model> search{nested_model{one.parts}};
    const auto seen = search.run();
    CHECK(seen.how == ending::closed);
    CHECK(seen.states == one.states);
    for (const auto& bits : search.visited().all()) CHECK(search.what().pack(search.what().unpack(bits)) == bits);
  }
}

TEST_CASE("What L0 forgets is found, and by no longer way than there is", "[explorer][nested]") {
  struct row {
    rule broken;
    std::size_t operations;
    const char* invariant;
  };
  for (const row& one : {row{rule::RMP_NST_21, 2, "tables agree"}, row{rule::NES_ASID_01, 1, "tables agree"},
                         row{rule::NES_ASID_02, 1, "tables agree"}, row{rule::RMP_CHK_01, 1, "one owner"}}) {
    INFO(name_of(one.broken));
    explorer<nested_model> search{nested_model{{.pages = 1}, {.rules = rule_set{}.without(one.broken)}}};
    const auto seen = search.run();
    REQUIRE(static_cast<bool>(seen.found));
    CHECK(seen.found.operations.size() == one.operations);
    CHECK(std::string{seen.found.broken->invariant} == one.invariant);

    // The way leads there, and a machine with all rules does not fall.
    const nested_model sound{{.pages = 1}};
    auto now = search.what().initial();
    auto other = sound.initial();
    bool broken = false;
    for (const std::uint32_t operation : seen.found.operations) {
      CHECK_FALSE(broken);
      const auto before = now;
      broken = static_cast<bool>(search.what().apply(before, now, operation).broken);
      const auto other_before = other;
      CHECK_FALSE(static_cast<bool>(sound.apply(other_before, other, operation).broken));
    }
    CHECK(broken);
    CHECK(now == seen.found.last);
  }
}

TEST_CASE("A roll-back leaves both tables as they were", "[explorer][nested]") {
  const nested_model model{{.pages = 1}};
  std::uint32_t fixes = 0;
  std::uint32_t gives = 0;
  for (std::uint32_t i = 0; i < model.operations(); ++i) {
    if (model.describe(i) == "L0: RMPUPDATE gives page 0 to the AMD-SP") fixes = i;
    if (model.describe(i) == "L1: VIRT_RMPUPDATE page 0 to L2 1 at gPA 0") gives = i;
  }
  const auto start = model.initial();
  auto fixed = start;
  CHECK(model.apply(start, fixed, fixes).what == fate::changed);
  auto after = fixed;
  CHECK(model.apply(fixed, after, gives).what == fate::refused);
  CHECK(after == fixed);
  auto given = start;
  CHECK(model.apply(start, given, gives).what == fate::changed);
  CHECK(given.real[0].id == asid{9});
  CHECK(given.believed[0].id == asid{1});
}

TEST_CASE("Operations of the nested machine are described, each in its own words", "[explorer][nested]") {
  const nested_model model{{.addresses = 2}};
  std::set<std::string> lines;
  for (std::uint32_t i = 0; i < model.operations(); ++i) lines.insert(model.describe(i));
  CHECK(lines.size() == model.operations());
}

}  // namespace
