// SPDX-License-Identifier: MIT
// Every condition of the mailbox, the platform and the legacy commands: it fires with the status of the sheet, it
// passes, and without it something else comes out.
#include <set>
#include <string>
#include <vector>

#include <support/legacy_scenarios.hpp>
#include <support/rule_families.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::test::legacy_scenarios;

}  // namespace

TEST_CASE("every condition of the legacy API fires with its status and makes a difference",
          "[firmware][coverage]"
          "[FW-DISP-03][FW-DISP-06][FW-DISP-07][FW-DISP-08][FW-DISP-09][FW-DISP-11][FW-RB-02][FW-PLAT-06]"
          "[FW-PLAT-12][FW-ASID-12][FW-ASID-14][FW-ACT-01][FW-ACT-02][FW-ACT-11][FW-ACT-12][FW-ACT-13]"
          "[FW-ACT-14][FW-ACT-15][FW-ACT-16][FW-ACT-20][FW-ACT-21][FW-ACT-30][FW-ACT-31][FW-ACT-32][FW-ACT-33]"
          "[FW-ACT-34][FW-ACT-35][FW-GST-01][FW-GST-02][FW-GST-04][FW-SEV-INIT-01][FW-SEV-INIT-02]"
          "[FW-SEV-INIT-03][FW-SEV-PST-01][FW-SEV-PEKC-01][FW-SEV-PDHX-01][FW-SEV-DLFW-01][FW-SEV-GID-01]"
          "[FW-SEV-DEC-01][FW-SEV-GS-01][FW-SEV-LST-02][FW-SEV-LST-03][FW-SEV-LST-04][FW-SEV-LST-05]"
          "[FW-SEV-LST-06][FW-SEV-LST-07][FW-SEV-LUD-01][FW-SEV-LUV-01][FW-SEV-LM-01][FW-SEV-LSC-01]"
          "[FW-SEV-ATT-01][FW-SEV-SST-01][FW-SEV-SUP-01][FW-SEV-RUP-01][FW-SEV-DBG-01][FW-SEV-CPY-01]"
          "[FW-SEV-SWP-01][FW-SEV-SWP-02][FW-POL-01][FW-POL-02][FW-POL-03][FW-POL-04][FW-POL-05][FW-POL-06][FW-POL-07]"
          "[FW-SEV-SST-02][FW-SEV-PEKI-01]") {
  std::set<rule> fired;
  std::set<rule> passed;
  std::set<rule> load_bearing;
  std::vector<scenario> all = platform_scenarios();
  for (auto&& more : {asid_scenarios(), guest_scenarios()}) all.insert(all.end(), more.begin(), more.end());
  std::size_t number = 0;
  for (const scenario& one : all) {
    INFO(name_of(one.id) << " scenario " << number++);
    listening with;
    world in_force(with.ctx, one.snp_cores);
    CHECK(one.play(in_force) == one.status);
    CHECK(with.heard.fired.contains(one.id));
    fired.merge(with.heard.fired);
    passed.merge(with.heard.passed);
    listening without(rule_set().without(one.id));
    world switched_off(without.ctx, one.snp_cores);
    const fw other = one.play(switched_off);
    CHECK_FALSE(without.heard.fired.contains(one.id));
    if (other != one.status) load_bearing.insert(one.id);
  }
  for (const auto& [id, play] : effect_scenarios()) {
    INFO(name_of(id));
    listening with;
    world in_force(with.ctx);
    const std::string shown = play(in_force);
    CHECK(with.heard.fired.contains(id));
    fired.merge(with.heard.fired);
    passed.merge(with.heard.passed);
    listening without(rule_set().without(id));
    world switched_off(without.ctx);
    if (play(switched_off) != shown) load_bearing.insert(id);
  }
  listening quiet;
  world peaceful(quiet.ctx);
  play_quietly(peaceful);
  passed.merge(quiet.heard.passed);
  world with_snp(quiet.ctx, true);
  with_snp.snp_started().expect({with_snp.init()});
  layout::cmd_get_id id;
  id.set_address(test_scratch);
  id.set_len(64);
  CHECK(with_snp.post(command_id::get_id, id) == fw::success);
  passed.merge(quiet.heard.passed);
  world among_others(quiet.ctx);
  play_among_others(among_others);
  passed.merge(quiet.heard.passed);
  const std::set<rule> wanted = firmware_conditions(false);
  CHECK(names_of(missing(wanted, fired)) == "");
  CHECK(names_of(missing(wanted, passed)) == "");
  CHECK(names_of(missing(wanted, load_bearing)) == "");
}
