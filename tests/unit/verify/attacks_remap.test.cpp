// SPDX-License-Identifier: MIT
// Attacks by nested tables: where they work, and what stops them
#include <sevspec/verify/attacks/remap_attacks.hpp>
#include <support/attack_matrix.hpp>

using namespace sevspec;
using namespace sevspec::test;
using attacks::column;

TEST_CASE("Attacks by nested tables: where they work, and what stops them", "[attacks]") {
  check_against_predictions(attacks::remap_attacks);
}

TEST_CASE("what nested tables could do without a rule", "[attacks]") {
  const auto open = [](const char* id, rule missing, const char* broken) {
    for (const column where : {column::milan, column::genoa, column::turin})
      check_opened(attack_named(attacks::remap_attacks, id), where, missing, broken);
  };
  for (const char* const id : {"ATK-03", "ATK-04", "ATK-10"}) open(id, rule::RMP_CHK_01, "INV-19");
  open("ATK-12", rule::PAG_RMPS_08, "INV-19");
  open("ATK-13", rule::PST_01, "INV-03");
  open("ATK-14", rule::RMP_CHK_10, "INV-19");
}

TEST_CASE("a translation that RMPUPDATE does not flush", "[attacks]") {
  const attacks::attack& stale = attack_named(attacks::remap_attacks, "ATK-15");
  const attacks::setting without{.where = column::milan, .rules = rule_set{}.without(rule::RMP_UPD_12)};
  const attacks::verdict seen = stale.run(without);
  CHECK(seen.how == attacks::ending::success);
  REQUIRE(seen.broken);
  CHECK(seen.broken->broken == verify::rmp_invariant::inv_17);
}
