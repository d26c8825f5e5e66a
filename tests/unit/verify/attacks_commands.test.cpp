// SPDX-License-Identifier: MIT
// Attacks by commands: where they work, and what stops them
#include <sevspec/verify/attacks/command_attacks.hpp>
#include <support/attack_matrix.hpp>

using namespace sevspec;
using namespace sevspec::test;
using attacks::column;

TEST_CASE("Attacks by commands: where they work, and what stops them", "[attacks]") {
  check_against_predictions(attacks::command_attacks);
}

TEST_CASE("what commands would do without a rule", "[attacks]") {
  const auto open = [](const char* id, column where, rule missing, const char* broken = "") {
    check_opened(attack_named(attacks::command_attacks, id), where, missing, broken);
  };
  open("ATK-25", column::turin, rule::FW_SNP_GST_01, "INV-10");
  open("ATK-35", column::milan, rule::FW_SNP_SWI_01, "INV-03");
  open("ATK-42-RMP", column::genoa, rule::ENC_ASID_09);
  for (const column where : attacks::columns) open("ATK-43-ACT", where, rule::FW_ACT_09);
  open("ATK-48", column::genoa, rule::FW_SNP_PMV_01);
  open("ATK-48", column::turin, rule::ENC_HIDE_02);
  open("ATK-50", column::milan, rule::FW_SNP_DBGD_01);
}
