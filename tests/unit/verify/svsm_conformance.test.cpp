// SPDX-License-Identifier: MIT
// The suite for SVSMs passes the library's own, as specified and as others decide, and finds every defect by a short
// conversation.
#include <algorithm>
#include <functional>
#include <iostream>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <sevspec/base/rule_set.hpp>
#include <sevspec/svsm/profiles.hpp>
#include <sevspec/verify/svsm_conformance.hpp>
#include <support/catch.hpp>

namespace {

using namespace sevspec;
using verify::svsm_answer;
using verify::svsm_operation;
using verify::svsm_setup;
using verify::svsm_step;

/// An SVSM with something wrong: a rule that it lacks, answers that it spoils, choices of its own.
struct defective {
  std::optional<rule> lacks{};
  std::function<void(const svsm_step&, svsm_answer&)> spoils{};
  implementation_choices decides{};
  verify::svsm_reference<context<rule_set>> model{{.rules = rule_set()}};

  explicit defective(std::optional<rule> without = {}) : lacks(without) {
    if (lacks) model = verify::svsm_reference<context<rule_set>>({.rules = rule_set().without(*lacks)});
  }
  auto reset(const svsm_setup& setup) -> bool {
    svsm_setup mine = setup;
    mine.choices = decides;
    return model.reset(mine);
  }
  auto run(const svsm_step& step) -> svsm_answer {
    svsm_answer answer = model.run(step);
    if (spoils) spoils(step, answer);
    return answer;
  }
};
static_assert(verify::svsm_implementation<defective>);
static_assert(verify::svsm_implementation<verify::svsm_reference<>>);

auto points_of(const verify::svsm_conformance_report& report) -> std::set<std::string> {
  std::set<std::string> points;
  for (const auto& one : report.unspecified) points.insert(std::string(one.choice) + "=" + one.value);
  return points;
}
auto explained(const verify::svsm_conformance_report& report) -> std::string {
  if (!report.found) return "agrees";
  const svsm_step& last = report.found->steps.back();
  return std::string(report.found->what.member) + " of rax " + std::to_string(last.registers.rax) + " rcx " +
         std::to_string(last.registers.rcx) + ", steps " + std::to_string(report.found->steps.size());
}

}  // namespace

TEST_CASE("the library's own SVSM passes, and every rule is seen", "[verify][svsm]") {
  verify::svsm_reference<> right;
  const auto report = verify::check_svsm(right, {.runs = 200});
  INFO(explained(report));
  CHECK(report.agrees());
  CHECK(report.unspecified.empty());
  CHECK(report.reordered == 0);
  CHECK(report.excused == 0);
  CHECK(report.operations > 4000);
  for (const rule id : verify::svsm_answer_rules) {
    INFO(name_of(id));
    CHECK(report.rules.contains(id));
  }
  std::cout << report.runs << " runs, " << report.operations << " operations, " << report.rules.size() << " rules\n";
}

TEST_CASE("what is left to SVSMs is told, and is no mistake", "[verify][svsm]") {
  const std::vector<svsm_setup> one{verify::svsm_usual_setups()[0]};
  defective coconut;
  coconut.decides = svsm::as_coconut;
  const auto report = verify::check_svsm(coconut, {.runs = 50, .setups = one});
  INFO(explained(report));
  CHECK(report.agrees());
  const auto points = points_of(report);
  CHECK(points.contains("svsm_same_caa=invalid_address"));
  CHECK(points.contains("svsm_attest_unknown_call=unsupported_protocol"));
  CHECK(points.contains("svsm_double_validation_refused=false"));
  for (const auto& found : report.unspecified) CHECK(found.steps.size() <= 3);

  defective amd;
  amd.decides = svsm::as_amd;
  const auto other = verify::check_svsm(amd, {.runs = 50, .setups = {verify::svsm_usual_setups()[1]}});
  INFO(explained(other));
  CHECK(other.agrees());
  CHECK(points_of(other).contains("svsm_address_codes=amd"));
  CHECK(points_of(other).contains("svsm_caa_protected=false"));
}

TEST_CASE("an SVSM without a rule is found by it", "[verify][svsm]") {
  unsigned found = 0;
  for (const rule left_out :
       {rule::SVSM_CA_05,   rule::SVSM_DSP_02,  rule::SVSM_DSP_03,  rule::SVSM_CORE_01, rule::SVSM_CORE_02,
        rule::SVSM_CORE_11, rule::SVSM_CORE_12, rule::SVSM_CORE_13, rule::SVSM_CORE_14, rule::SVSM_CORE_15,
        rule::SVSM_CORE_16, rule::SVSM_CORE_17, rule::SVSM_CORE_18, rule::SVSM_CORE_19, rule::SVSM_CORE_21,
        rule::SVSM_CORE_22, rule::SVSM_CORE_23, rule::SVSM_CORE_25, rule::SVSM_CORE_31, rule::SVSM_CORE_60,
        rule::SVSM_CORE_70, rule::SVSM_CORE_71, rule::SVSM_ATT_02,  rule::SVSM_ATT_03,  rule::SVSM_ATT_04,
        rule::SVSM_ATT_05,  rule::SVSM_ATT_09,  rule::SVSM_ATT_10,  rule::SVSM_TPM_02,  rule::SVSM_TPM_03,
        rule::SVSM_TPM_04,  rule::SVSM_TPM_05,  rule::SVSM_TPM_06,  rule::SVSM_APIC_01, rule::SVSM_APIC_03,
        rule::SVSM_APIC_05, rule::SVSM_APIC_06, rule::SVSM_APIC_07, rule::SVSM_MM_01,   rule::SVSM_MM_02,
        rule::SVSM_MM_03,   rule::SVSM_MEAS_02, rule::SVSM_MEAS_03, rule::SVSM_MEAS_05, rule::SVSM_MEAS_06,
        rule::SVSM_MEAS_07, rule::SVSM_MEAS_20, rule::SVSM_MEAS_30}) {
    INFO(name_of(left_out));
    defective mutant(left_out);
    const auto report = verify::check_svsm(mutant, {.runs = 20});
    CHECK_FALSE(report.agrees());
    if (report.agrees()) continue;
    ++found;
    INFO(explained(report));
    CHECK(report.found->steps.size() <= 3);
    const auto suspected = verify::suspects(*report.found);
    CHECK(std::find(suspected.begin(), suspected.end(), left_out) != suspected.end());
  }
  std::cout << found << " rules left out, and found\n";
}

TEST_CASE("defects of SVSMs are found by short conversations", "[verify][svsm]") {
  struct defect {
    const char* name;
    std::function<void(const svsm_step&, svsm_answer&)> spoils;
    rule breaks;
  };
  const std::vector<defect> all{
      {"R9 is written", [](const svsm_step&, svsm_answer& answer) { answer.registers.r9 = 0; }, rule::SVSM_CA_06},
      {"CALL_PENDING stays", [](const svsm_step& step, svsm_answer& answer) { answer.pending = step.pending; },
       rule::SVSM_CA_05},
      {"a validated page keeps its bytes",
       [](const svsm_step& step, svsm_answer& answer) {
         if (step.registers.rax == 1)
           std::erase_if(answer.memory, [](const verify::svsm_bytes& one) { return one.bytes.size() > 8; });
       },
       rule::SVSM_CORE_15},
      {"VMPL 3 gets a right",
       [](const svsm_step& step, svsm_answer& answer) {
         if (step.registers.rax == 1)
           for (verify::svsm_page& one : answer.pages) one.rights[2] = one.rights[1];
       },
       rule::SVSM_CORE_15},
      {"the guest can write its new VMSA",
       [](const svsm_step&, svsm_answer& answer) {
         for (verify::svsm_page& one : answer.pages)
           if (one.vmsa) one.rights[1] = 3;
       },
       rule::SVSM_CORE_26},
      {"a failed CREATE_VCPU keeps the page",
       [](const svsm_step& step, svsm_answer& answer) {
         if (answer.decided_by == rule::SVSM_CORE_25) answer.pages.push_back({.gpa = step.registers.rcx});
       },
       rule::SVSM_CORE_25},
      {"progress of a list is not told",
       [](const svsm_step& step, svsm_answer& answer) {
         if (step.registers.rax == 1)
           std::erase_if(answer.memory, [&](const auto& one) { return one.where == step.registers.rcx + 2; });
       },
       rule::SVSM_CORE_15},
      {"the processor of a new VMSA is another one",
       [](const svsm_step&, svsm_answer& answer) {
         for (verify::svsm_processor& one : answer.processors) ++one.cpu;
       },
       rule::SVSM_CORE_03},
  };
  for (const defect& one : all) {
    INFO(one.name);
    defective spoiled;
    spoiled.spoils = one.spoils;
    const auto report = verify::check_svsm(spoiled, {.runs = 50});
    CHECK_FALSE(report.agrees());
    if (report.agrees()) continue;
    INFO(explained(report));
    CHECK(report.found->steps.size() <= 3);
    CHECK(std::string(name_of(report.found->what.about)) == name_of(one.breaks));
  }
}

TEST_CASE("a known bug ends a conversation and not the comparison", "[verify][svsm]") {
  for (const svsm::known_bug& bug : svsm::bugs_of_amd) {
    if (bug.broken == rule::SVSM_CORE_80) continue;  // needs two processors at once
    INFO(bug.name);
    defective amd(bug.broken);
    CHECK_FALSE(verify::check_svsm(amd, {.runs = 20}).agrees());
    const auto report = verify::check_svsm(amd, {.runs = 20, .known = {bug.broken}});
    INFO(explained(report));
    CHECK(report.agrees());
    CHECK(report.excused != 0);
  }
}

TEST_CASE("calls that an SVSM does not have are skipped, and told", "[verify][svsm]") {
  defective small;
  small.spoils = [](const svsm_step& step, svsm_answer& answer) {
    if (svsm::protocol_of(step.registers.rax) == 2) answer = {.how = svsm_answer::ending::unsupported};
  };
  const auto report = verify::check_svsm(small, {.runs = 50});
  INFO(explained(report));
  CHECK(report.agrees());
  REQUIRE(report.skipped.size() == 1);
  CHECK(svsm::protocol_of(report.skipped[0].registers.rax) == 2);
  CHECK_FALSE(report.rules.contains(rule::SVSM_TPM_07));
}

TEST_CASE("steps of a guest that make no sense change nothing", "[verify][svsm]") {
  verify::svsm_reference<> it;
  const svsm_setup setup;
  CHECK(it.reset(setup));
  const svsm::monitor before = it.self();
  const verify::svsm_requests first(setup, 0), second(setup, 1), none(setup, 7);
  svsm_step far = first.call(6, 1);
  far.memory.push_back({verify::svsm_places::own, {1}});
  svsm_step own_state = first.call(6, 1);
  own_state.memory.push_back({verify::svsm_places::vmsa, {1}});
  for (const svsm_step& step :
       {second.call(6, 1), none.call(6, 1), far, own_state,
        verify::svsm_requests::page(verify::svsm_places::own, verify::svsm_page_state::shared)}) {
    CHECK(it.why_not(step) != nullptr);
    CHECK(it.run(step).how == svsm_answer::ending::refused);
    CHECK(it.self() == before);
  }
  CHECK(it.run(first.call(6, 1)).registers.rcx == 0x1'0000'0001);
}
