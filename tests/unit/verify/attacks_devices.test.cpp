// SPDX-License-Identifier: MIT
// Attacks by devices and caches: where they work, and what stops them
#include <sevspec/verify/attacks/device_attacks.hpp>
#include <support/attack_matrix.hpp>

using namespace sevspec;
using namespace sevspec::test;
using attacks::column;

TEST_CASE("Attacks by devices and caches: where they work, and what stops them", "[attacks]") {
  check_against_predictions(attacks::device_attacks);
}

TEST_CASE("what devices and caches could do without a rule", "[attacks]") {
  const auto open = [](const char* id, column where, rule missing, const char* broken) {
    check_opened(attack_named(attacks::device_attacks, id), where, missing, broken);
  };
  open("ATK-22", column::genoa, rule::ENC_DMA_03, "INV-10");
  open("ATK-23", column::milan, rule::ENC_DMA_03, "INV-10");
  open("ATK-24", column::turin, rule::ENC_DMA_03, "INV-10");
  open("ATK-56", column::milan, rule::ENC_COH_05, "INV-18");
}
