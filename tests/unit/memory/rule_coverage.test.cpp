// SPDX-License-Identifier: MIT
// Every guard and effect of caches, ASIDs, ciphertext hiding and devices fires, passes and makes a difference.
#include <set>
#include <string>

#include <support/catch.hpp>
#include <support/memory_scenarios.hpp>

using namespace sevspec;
using namespace sevspec::test;

TEST_CASE("the rules of caches, ASIDs and devices fire, pass and make a difference", "[memory][coverage]") {
  std::set<rule> asked;
  for (const auto& [id, play] : memory_scenarios()) {
    INFO(name_of(id));
    recorder heard;
    recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
    const std::string in_force = play(ctx);
    CHECK(heard.fired.contains(id));
    asked.insert(heard.passed.begin(), heard.passed.end());

    recorder silent;
    recording_context without{.rules = rule_set().without(id), .choices = {}, .listener = silent};
    CHECK(play(without) != in_force);
    CHECK_FALSE(silent.fired.contains(id));
  }
  for (unsigned i = static_cast<unsigned>(rule::ENC_COH_01); i <= static_cast<unsigned>(rule::TIO_DMA_03); ++i) {
    const rule_info& row = info(static_cast<rule>(i));
    INFO(row.name);
    CHECK(memory_scenarios().contains(row.id) == (row.kind != rule_kind::definition));
    CHECK(asked.contains(row.id) == (row.kind != rule_kind::definition));
  }
}
