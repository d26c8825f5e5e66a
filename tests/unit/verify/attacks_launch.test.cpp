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
  check_opened(attack_named(attacks::launch_attacks, "ATK-16"), column::milan, rule::NES_ATT_04, "INV-10");
  for (const char* const id : {"ATK-16-CTX", "ATK-16-RMP", "ATK-16-VMSA", "ATK-35-ALIAS"})
    for (const column where : {column::milan, column::genoa, column::turin})
      check_opened(attack_named(attacks::launch_attacks, id), where, rule::NES_ATT_04, "INV-10");
  check_opened(attack_named(attacks::launch_attacks, "ATK-27-SEED"), column::genoa, rule::NES_ATT_04);
  check_opened(attack_named(attacks::launch_attacks, "ATK-32-ADJ"), column::milan, rule::RMP_ADJ_02, "INV-09");
  check_opened(attack_named(attacks::launch_attacks, "ATK-27"), column::genoa, rule::NES_ATT_04);
  check_opened(attack_named(attacks::launch_attacks, "ATK-28"), column::sev, rule::FW_POL_04);
  for (const char* const id : {"ATK-30", "ATK-31", "ATK-32"})
    for (const column where : {column::milan, column::genoa, column::turin})
      check_opened(attack_named(attacks::launch_attacks, id), where, rule::FW_SNP_LFIN_04);
}

TEST_CASE("a report that is not signed with a key of the chip", "[attacks]") {
  const attacks::attack& forged = attack_named(attacks::launch_attacks, "ATK-27-SEED");
  const attacks::setting leaked{.where = column::milan, .fixed = false};
  attacks::setting kept = leaked;
  kept.attacker_has_vcek_seed = false;
  CHECK(forged.run(leaked).how == attacks::ending::success);
  CHECK(forged.run(kept).how == attacks::ending::detected);
}
