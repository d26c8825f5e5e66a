// SPDX-License-Identifier: MIT
// Attacks by VMRUN and exits: where they work, and what stops them
#include <vector>

#include <sevspec/verify/attacks/register_attacks.hpp>
#include <support/attack_matrix.hpp>

using namespace sevspec;
using namespace sevspec::test;
using attacks::column;

TEST_CASE("Attacks by VMRUN and exits: where they work, and what stops them", "[attacks]") {
  check_against_predictions(attacks::register_attacks);
}

TEST_CASE("what VMRUN would let through without a rule", "[attacks]") {
  const auto open = [](const char* id, column where, rule missing, const char* broken = "") {
    check_opened(attack_named(attacks::register_attacks, id), where, missing, broken);
  };
  open("ATK-34", column::es, rule::WSW_RUN_05);
  open("ATK-33", column::milan, rule::WSW_RUN_18);
  open("ATK-33-UPD", column::genoa, rule::RMP_VMR_05);  // nothing marks the page then
  open("ATK-40", column::milan, rule::RMP_CHK_01, "INV-19");
  open("ATK-41", column::genoa, rule::WSW_RUN_20);
  open("ATK-46", column::milan, rule::WSW_ST_08);
  open("ATK-51", column::turin, rule::WSW_INJ_04);
  open("ATK-52", column::milan, rule::WSW_INJ_04);
  open("ATK-53", column::milan, rule::WSW_ST_09);
}

TEST_CASE("rules of VMRUN that stand one behind another", "[attacks]") {
  using chain = std::vector<rule>;
  using attacks::ending;
  const auto behind = [](const char* id, column where, const chain& rules, ending how) {
    const auto found = obstacles_of(attack_named(attacks::register_attacks, id), {.where = where});
    CAPTURE(id, name_of(where));
    CHECK(found.rules == rules);
    CHECK(found.without.how == how);
  };
  using enum rule;
  behind("ATK-43", column::sev, {WSW_RUN_02, PAG_SEVEN_01}, ending::success);
  behind("ATK-43", column::es, {WSW_RUN_02, WSW_RUN_04, WSW_RUN_05, WSW_RUN_10}, ending::success);
  for (const column where : {column::milan, column::genoa, column::turin})
    behind("ATK-43", where, {WSW_RUN_02, WSW_RUN_04, RMP_VMR_01, WSW_RUN_05, WSW_RUN_10}, ending::success);
  behind("ATK-44", column::es, {WSW_RUN_02, PAG_SEVEN_01}, ending::success);
  for (const column where : {column::milan, column::genoa, column::turin})
    behind("ATK-44", where, {WSW_RUN_02, PAG_SEVEN_01}, ending::garbage);
}

TEST_CASE("a VMSA that runs is busy where a part says so", "[attacks]") {
  attacks::setting at{.where = column::milan};
  at.choices.vmrun_vmsa_inuse = running_vmsa::busy;
  CHECK(symbol_of(attack_named(attacks::register_attacks, "ATK-33").run(at)) == "VERR(BUSY)");
}
