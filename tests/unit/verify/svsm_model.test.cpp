// SPDX-License-Identifier: MIT
// Calls to an SVSM, explored: small machines close, what is broken on purpose is found by the shortest way, and each rule is
// load-bearing, or somebody has said why not.

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "support/catch.hpp"

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/verify/explorer/explore.hpp>
#include <sevspec/verify/explorer/svsm_model.hpp>
#include <sevspec/verify/explorer/svsm_reasons.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::verify::explorer;
using machine = svsm_model<context<rule_set>>;

TEST_CASE("Machines with an SVSM close, and nothing is broken", "[explorer][svsm]") {
  struct row {
    svsm_parts parts;
    std::uint64_t states;
  };
  for (const row& one : {row{{.second = false}, 2916}, row{{.remaps = false, .adjusts = false}, 5008},
                         row{{.remaps = false, .forges = false}, 5640}}) {
    explorer<machine> search{machine{one.parts}};
    const auto seen = search.run();
    CHECK(seen.how == ending::closed);
    CHECK(seen.states == one.states);
    for (const auto& bits : search.visited().all()) CHECK(search.what().pack(search.what().unpack(bits)) == bits);
  }
}

TEST_CASE("A rule of the calls is load-bearing, or has a reason why not", "[explorer][svsm]") {
  const std::map<rule, std::size_t> shortest{{rule::SVSM_CA_09, 1},   {rule::SVSM_CORE_02, 1}, {rule::SVSM_CORE_14, 2},
                                             {rule::SVSM_CORE_16, 4}, {rule::SVSM_CORE_19, 2}, {rule::SVSM_CORE_22, 3},
                                             {rule::SVSM_CORE_25, 3}};
  for (const svsm_rule& one : svsm_rules) {
    INFO(name_of(one.id));
    bool found = false;
    for (const svsm_parts& parts : svsm_portfolio) {
      explorer<machine> search{machine{parts, {.rules = rule_set{}.without(one.id)}}};
      const auto seen = search.run();
      CHECK(seen.how != ending::bounded);
      if (!seen.found) continue;
      found = true;
      REQUIRE(shortest.contains(one.id));
      CHECK(seen.found.operations.size() == shortest.at(one.id));
      const machine& model = search.what();
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
      break;
    }
    CHECK(found == (one.why_not == nullptr));
  }
}

TEST_CASE("Operations of the machine with an SVSM are described, each in its own words", "[explorer][svsm]") {
  const machine model;
  std::set<std::string> lines;
  for (std::uint32_t i = 0; i < model.operations(); ++i) lines.insert(model.describe(i));
  CHECK(lines.size() == model.operations());
  CHECK(lines.contains("processor 0: SVSM_CREATE_VCPU gPA 2 with calling area gPA 3"));
}

}  // namespace
