// SPDX-License-Identifier: MIT
// Attacks by what hypervisors say: where they work, and what stops them
#include <sevspec/verify/attacks/protocol_attacks.hpp>
#include <support/attack_matrix.hpp>

using namespace sevspec;
using namespace sevspec::test;
using attacks::column;

TEST_CASE("Attacks by what hypervisors say: where they work, and what stops them", "[attacks]") {
  check_against_predictions(attacks::protocol_attacks);
}

TEST_CASE("what a guest would believe without a rule", "[attacks]") {
  check_opened(attack_named(attacks::protocol_attacks, "ATK-36"), column::es, rule::VC_CPUID_06);
}
