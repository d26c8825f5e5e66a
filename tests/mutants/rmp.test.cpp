// SPDX-License-Identifier: MIT
// The conformance suite against the library itself, broken on purpose: for each rule a reference without it.
#include <cstdio>
#include <map>
#include <set>
#include <string>

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/verify/rmp_conformance.hpp>
#include <support/catch.hpp>
#include <support/recorder.hpp>
#include <support/rule_families.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::verify;

/// A reference without one rule, as a machine under test.
class mutant {
 public:
  explicit mutant(rule without) : without_(without) {}

  void reset(const rmp_setup& setup) {
    if (!machine_) {
      auto made = rmp_reference<context<rule_set>>::make(setup, {.rules = rule_set().without(without_)});
      REQUIRE(made.has_value());
      machine_.emplace(std::move(*made));
    }
    machine_->reset(setup.choices);
  }
  auto run(const rmp_step& step) -> rmp_answer { return machine_->run(step); }
  [[nodiscard]] auto abilities() const -> rmp_abilities { return {}; }

 private:
  rule without_;
  std::optional<rmp_reference<context<rule_set>>> machine_;
};

/// The rules that decide something in sequences of steps.
auto consulted() -> std::set<rule> {
  recorder heard;
  auto made = rmp_reference<recording_context>::make({}, {.rules = {}, .choices = {}, .listener = heard});
  REQUIRE(made.has_value());
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    rmp_generator draw(seed, made->pages(), {});
    made->reset();
    for (unsigned i = 0; i < 60; ++i) (void)made->run(draw.next(made->table()));
  }
  std::set<rule> all = heard.fired;
  all.merge(heard.passed);
  return all;
}

/// Why a sequence of steps cannot tell whether a rule is there; `unit.rmp.rule_coverage` can.
const std::map<rule, const char*> indistinguishable{
    {rule::RMP_INS_07, "the machine has SNP enabled, every feature, and no LOCK prefix; ASID 0 is no guest"},
    {rule::RMP_INS_12, "nobody else modifies an entry"},
    {rule::RMP_UPD_09, "the firmware's lock is never seen between two steps"},
    {rule::RMP_VMR_05, "no page is in use"},
    {rule::RMP_CHK_15, "no page is in use"},
    {rule::RMP_CHK_16, "nobody else modifies an entry"},
    {rule::RMP_ERR_01, "no page is in use"},
    {rule::RMP_GEO_12, "the machine of the steps has no C-bit"},
    {rule::RMP_SEG_06, "the table of the steps is in one piece"},
    {rule::RMP_RUD_03, "steps name fields of operands, not their reserved bits"},
    {rule::RMP_CHK_07, "pages of instructions are private"},
    {rule::RMP_UPD_11, "the numbers of pages are seen by ACTIVATE alone"},
    {rule::RMP_UPD_12, "steps do not keep translations"},
    {rule::RMP_UPD_15,
     "SNP_PAGE_SET_STATE makes a region HV-Fixed from its first page on, which then refuses by itself"},
    {rule::RMP_VPL_02,
     "reads of tables want R and updates W, as data does; another value of rmp_gpt_vmpl_perm shows it"},
    {rule::FW_SNP_PRC_03, "an entry inside a region is never one of 2M, so its size is wrong first"},
};

}  // namespace

TEST_CASE("the suite notices every rule that is missing", "[mutants]") {
  unsigned killed = 0;
  unsigned all = 0;
  std::string survivors;
  for (const rule id : consulted()) {
    const auto excused = indistinguishable.find(id);
    mutant broken(id);
    const conformance_report report =
        check_rmp_machine(broken, {.seed = 1, .runs = excused == indistinguishable.end() ? 2000U : 100U});
    const bool noticed = report.found || !report.unspecified.empty();
    INFO(name_of(id));
    if (excused != indistinguishable.end()) {
      CHECK_FALSE(noticed);  // or the excuse is one no longer
      continue;
    }
    ++all;
    if (noticed) ++killed;
    else survivors += std::string(" ") + name_of(id);
    if (report.found) CHECK(report.found->steps.size() <= 8);
  }
  std::printf("mutants killed: %u of %u; %zu rules cannot be told by steps\n", killed, all, indistinguishable.size());
  CHECK(survivors == "");
  CHECK(killed == all);
}
