// SPDX-License-Identifier: MIT
// Attacks by VMRUN and exits: where they work, and what stops them
#include <sevspec/verify/attacks/register_attacks.hpp>
#include <support/attack_matrix.hpp>

using namespace sevspec;
using namespace sevspec::test;
using attacks::column;

TEST_CASE("Attacks by VMRUN and exits: where they work, and what stops them", "[attacks]") {
  check_against_predictions(attacks::register_attacks);
}

TEST_CASE("what VMRUN would let through without a rule", "[attacks]") {
  const auto open = [](const char* id, column where, rule missing) {
    check_opened(attack_named(attacks::register_attacks, id), where, missing);
  };
  open("ATK-34", column::es, rule::WSW_RUN_05);
  open("ATK-33", column::milan, rule::WSW_RUN_18);
  open("ATK-40", column::milan, rule::RMP_CHK_01);
  open("ATK-41", column::genoa, rule::WSW_RUN_20);
  open("ATK-46", column::milan, rule::WSW_ST_08);
  open("ATK-51", column::turin, rule::WSW_INJ_04);
  open("ATK-52", column::milan, rule::WSW_INJ_04);
  open("ATK-53", column::milan, rule::WSW_ST_09);
}
