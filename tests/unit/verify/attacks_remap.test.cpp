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
  const auto open = [](const char* id, rule missing) {
    for (const column where : {column::milan, column::genoa, column::turin})
      check_opened(attack_named(attacks::remap_attacks, id), where, missing);
  };
  for (const char* const id : {"ATK-03", "ATK-04", "ATK-10"}) open(id, rule::RMP_CHK_01);
  open("ATK-12", rule::PAG_RMPS_08);
  open("ATK-13", rule::PST_01);
  open("ATK-14", rule::RMP_CHK_10);
}

TEST_CASE("a translation that RMPUPDATE does not flush", "[attacks]") {
  const attacks::attack& stale = attack_named(attacks::remap_attacks, "ATK-15");
  const attacks::setting without{.where = column::milan, .rules = rule_set{}.without(rule::RMP_UPD_12)};
  CHECK(stale.run(without).how == attacks::ending::success);
}
