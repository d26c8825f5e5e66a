// SPDX-License-Identifier: MIT
// Every condition of the commands of SEV-SNP: it fires with the status of the sheet, it passes, and without it
// something else comes out.
#include <set>
#include <string>
#include <vector>

#include <support/rule_families.hpp>
#include <support/snp_scenarios.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::test::snp_scenarios;

}  // namespace

TEST_CASE("every condition of SEV-SNP's commands fires with its status and makes a difference",
          "[firmware][coverage]"
          "[FW-ST-02][FW-PLAT-13][FW-PGS-06][FW-GCTX-02][FW-SNP-INIT-01][FW-SNP-INIT-02][FW-SNP-INIT-03]"
          "[FW-SNP-INIT-04][FW-SNP-INIT-05][FW-SNP-INIT-06][FW-SNP-INIT-07][FW-SNP-INIT-08][FW-SNP-INIT-09]"
          "[FW-SNP-INIT-10][FW-SNP-INIT-11][FW-SNP-INIT-12][FW-SNP-INIT-22][FW-SNP-SHUT-01][FW-SNP-SHUT-02]"
          "[FW-SNP-SHUT-03][FW-SNP-SHUT-04][FW-SNP-SHUT-06][FW-SNP-SHUT-07][FW-SNP-PST-01][FW-SNP-CFG-01]"
          "[FW-SNP-DLX-01][FW-SNP-COM-01][FW-SNP-VLK-01][FW-SNP-FI-01][FW-SNP-VM-01][FW-SNP-GCC-01]"
          "[FW-SNP-LST-01][FW-SNP-LST-02][FW-SNP-ACX-01][FW-SNP-GST-01][FW-SNP-LUP-02][FW-SNP-LUP-03]"
          "[FW-SNP-LUP-04][FW-SNP-LUP-05][FW-SNP-LUP-06][FW-SNP-LUP-07][FW-SNP-LUP-08][FW-SNP-LUP-09]"
          "[FW-SNP-LUP-13][FW-SNP-LFIN-02][FW-SNP-LFIN-03][FW-SNP-LFIN-04][FW-SNP-LFIN-05][FW-SNP-LFIN-06]"
          "[FW-SNP-LFIN-07][FW-SNP-LFIN-09][FW-SNP-LFIN-12][FW-SNP-DBG-00][FW-SNP-DBGD-01][FW-SNP-DBGE-01]"
          "[FW-SNP-SWO-01][FW-SNP-SWO-02][FW-SNP-SWI-01][FW-SNP-PMV-01][FW-SNP-MDI-01][FW-MSG-10][FW-MSG-11]"
          "[FW-MSG-12][FW-MSG-13][FW-MSG-14][FW-MSG-15][FW-MSG-16][FW-MSG-17][FW-MSG-19][FW-MSG-20][FW-MSG-25]"
          "[FW-MSG-26][FW-MSG-28][FW-MSG-29][FW-MSG-30][FW-MSG-31]") {
  std::set<rule> fired;
  std::set<rule> passed;
  std::set<rule> load_bearing;
  std::vector<scenario> all = platform_scenarios();
  for (auto&& more : {guest_scenarios(), page_scenarios(), message_scenarios(), answer_scenarios(), firm_scenarios()})
    all.insert(all.end(), more.begin(), more.end());
  std::size_t number = 0;
  for (const scenario& one : all) {
    INFO(name_of(one.id) << " scenario " << number++);
    listening with;
    world in_force(with.ctx, true);
    CHECK(one.play(in_force) == one.status);
    CHECK(with.heard.fired.contains(one.id));
    fired.merge(with.heard.fired);
    passed.merge(with.heard.passed);
    listening without(rule_set().without(one.id));
    world switched_off(without.ctx, true);
    const fw other = one.play(switched_off);
    CHECK_FALSE(without.heard.fired.contains(one.id));
    if (other != one.status) load_bearing.insert(one.id);
  }
  for (const auto& [id, play] : effect_scenarios()) {
    INFO(name_of(id));
    listening with;
    world in_force(with.ctx, true);
    const std::string shown = play(in_force);
    CHECK(with.heard.fired.contains(id));
    fired.merge(with.heard.fired);
    passed.merge(with.heard.passed);
    listening without(rule_set().without(id));
    world switched_off(without.ctx, true);
    if (play(switched_off) != shown) load_bearing.insert(id);
  }
  listening quiet;
  world peaceful(quiet.ctx, true);
  play_quietly(peaceful);
  passed.merge(quiet.heard.passed);
  const std::set<rule> wanted = firmware_conditions(true);
  CHECK(names_of(missing(wanted, fired)) == "");
  CHECK(names_of(missing(wanted, passed)) == "");
  // What follows them refuses the same, or nothing sensible can follow.
  const std::set<rule> not_alone{rule::FW_MSG_13, rule::FW_MSG_14};
  CHECK(names_of(missing(missing(wanted, not_alone), load_bearing)) == "");
}
