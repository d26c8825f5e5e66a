// SPDX-License-Identifier: MIT
// Attacks on ciphertext: where they work, and what stops them
#include <sevspec/verify/attacks/ciphertext_attacks.hpp>
#include <support/attack_matrix.hpp>

using namespace sevspec;
using namespace sevspec::test;
using attacks::column;

TEST_CASE("Attacks on ciphertext: where they work, and what stops them", "[attacks]") {
  check_against_predictions(attacks::ciphertext_attacks);
}

TEST_CASE("what the host could do to ciphertext without a rule", "[attacks]") {
  const auto open = [](const char* id, column where, rule missing, const char* broken = "") {
    check_opened(attack_named(attacks::ciphertext_attacks, id), where, missing, broken);
  };
  open("ATK-06", column::milan, rule::RMP_CHK_01, "INV-10");
  open("ATK-09", column::turin, rule::RMP_CHK_01, "INV-10");
  open("ATK-11-ENC", column::turin, rule::ENC_HIDE_02);
  open("ATK-47", column::turin, rule::ENC_HIDE_02);
}
