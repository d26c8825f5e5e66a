// SPDX-License-Identifier: MIT
// Which rules a disagreement is laid to, and whether operations are drawn that show certain mistakes.
#include <algorithm>
#include <cstdint>
#include <vector>

#include <sevspec/verify/rmp_conformance.hpp>
#include <support/catch.hpp>

using namespace sevspec;
using namespace sevspec::verify;

namespace {

constexpr auto names(rule id) {
  return [id](rule one) { return one == id; };
}
auto suspected(const rmp_disagreement& found, rule id) -> bool {
  return std::ranges::any_of(suspects(found), names(id));
}

constexpr rmp_step assign{
    .what = rmp_operation::rmpupdate, .spa = 0x20'1000, .gpa = 0x7000, .assigned = true, .asid = 5, .caller_asid = 7};
constexpr rmp_step look{.what = rmp_operation::entry, .spa = 0x20'1000};
constexpr rmp_answer stored{
    .ending = rmp_ending::entry, .lo = 0x0028'0000'0000'7001, .hi = 0x1f, .state = "guest-invalid"};

/// The reference, except that RMPADJUST sets the VMSA bit from every VMPL.
class everybody_makes_vmsas {
 public:
  void reset(const rmp_setup& setup) { inner_.reset(setup.choices); }
  auto run(const rmp_step& step) -> rmp_answer {
    const rmp_answer answer = inner_.run(step);
    if (step.what == rmp_operation::rmpadjust && answer.ending == rmp_ending::result && answer.eax == 0 &&
        step.vmpl > 0) {
      const rmp::authoritative it = rmp::find_authoritative(inner_.table(), page_of(spa{step.spa}));
      rmp::entry changed = it.found;
      changed.vmsa = (step.attributes >> 16 & 1) != 0;
      inner_.table().put(it.page, changed);
    }
    return answer;
  }
  [[nodiscard]] auto abilities() const -> rmp_abilities { return able; }

  rmp_abilities able;

 private:
  rmp_reference<> inner_ = rmp_reference<>::make({}).value();
};

}  // namespace

TEST_CASE("a rule is suspect if it explains the last step", "[verify]") {
  // RMPUPDATE in a guest succeeds.
  const rmp_disagreement found{
      .steps = {assign}, .expected = {}, .actual = {.ending = rmp_ending::result, .eax = 0, .zf = true}};
  CHECK(suspected(found, rule::RMP_INS_09));
  CHECK_FALSE(suspected(found, rule::RMP_UPD_04));
}

TEST_CASE("but not if the steps before it would have shown that rule, too", "[verify]") {
  // RMPUPDATE in a guest is refused as it should be, and stores all the same.
  const rmp_disagreement found{.steps = {assign, look}, .expected = {}, .actual = stored};
  CHECK_FALSE(suspected(found, rule::RMP_INS_09));
  CHECK(suspects(found).empty());
  // A machine that did not refuse, either, would have been found at the first step.
  rmp_step other = assign;
  other.caller_asid = 0;
  const rmp_disagreement gpa_differs{
      .steps = {other, look},
      .expected = {},
      .actual = {.ending = rmp_ending::entry, .lo = 0x0028'0000'0000'7001, .hi = 0, .state = "guest-invalid"}};
  CHECK(suspected(gpa_differs, rule::RMP_UPD_08));  // no permissions for VMPL 0
  CHECK(suspects({}).empty());
}

TEST_CASE("the VMSA bit of VMPLs other than 0 is tried, and looked at", "[verify][RMP-ADJ-05]") {
  for (const bool entry : {true, false}) {  // seen by what shows entries, or by RMPQUERY
    everybody_makes_vmsas machine;
    machine.able.entry = entry;
    const conformance_report report = check_rmp_machine(machine, {.seed = 1, .runs = 3000});
    INFO("after " << report.runs << " runs");
    REQUIRE(report.found.has_value());
    CHECK(report.found->steps.size() <= 6);
    const rmp_step& last = report.found->steps.back();
    CHECK((last.what == rmp_operation::rmpquery || last.what == rmp_operation::entry));
    CHECK((entry || last.what == rmp_operation::rmpquery));
  }
}

TEST_CASE("a page that was just changed is looked at more often than others", "[verify]") {
  const rmp::lazy_table table(0x4'0000);
  for (const bool entry : {true, false}) {
    rmp_generator draw(3, table.pages(), {.entry = entry});
    unsigned looks = 0, after_change = 0, vmsas = 0, adjusts = 0;
    rmp_step last;
    for (unsigned i = 0; i < 20'000; ++i) {
      const rmp_step step = draw.next(table);
      const bool looks_at = step.what == rmp_operation::entry || step.what == rmp_operation::rmpquery;
      const bool changed = last.what == rmp_operation::rmpupdate || last.what == rmp_operation::pvalidate ||
                           last.what == rmp_operation::rmpadjust;
      if (looks_at && changed) ++looks, after_change += step.spa == last.spa ? 1 : 0;
      if (step.what == rmp_operation::rmpadjust && step.vmpl > 0)
        ++adjusts, vmsas += (step.attributes >> 16 & 1) != 0 ? 1 : 0;
      last = step;
    }
    INFO(after_change << " of " << looks << ", " << vmsas << " of " << adjusts);
    CHECK(after_change * 2 > looks);
    CHECK(looks > 500);
    CHECK(vmsas * 3 > adjusts);
    CHECK(adjusts > 200);
  }
}
