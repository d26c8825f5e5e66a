// SPDX-License-Identifier: MIT
// Attacks on launch and attestation: where they work, and what stops them
#include <sevspec/verify/attacks/launch_attacks.hpp>
#include <support/attack_matrix.hpp>

using namespace sevspec;
using namespace sevspec::test;
using attacks::column;

TEST_CASE("Attacks on launch and attestation: where they work, and what stops them", "[attacks]") {
  check_against_predictions(attacks::launch_attacks);
}

TEST_CASE("what owners would believe without a rule", "[attacks]") {
  check_opened(attack_named(attacks::launch_attacks, "ATK-16"), column::milan, rule::NES_ATT_04);
  check_opened(attack_named(attacks::launch_attacks, "ATK-27"), column::genoa, rule::NES_ATT_04);
  check_opened(attack_named(attacks::launch_attacks, "ATK-28"), column::sev, rule::FW_POL_04);
}
