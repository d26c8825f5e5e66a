// SPDX-License-Identifier: MIT
// The example of a table in software: it agrees, and each of its defects is found by a short sequence.
#include <string>

#include <sevspec/verify/rmp_catch.hpp>
#include <support/catch.hpp>

#include "../../../examples/soft_rmp.hpp"

using namespace sevspec;
using namespace sevspec::verify;

TEST_CASE("a table without defects agrees", "[verify]") {
  example::soft_rmp fine;
  require_conforming(fine, {.seed = 7, .runs = 2000});
  const conformance_report report = check_rmp(fine, {.seed = 100'000, .runs = 1000});
  CHECK(report.runs == 1000);
  CHECK(report.operations == 60'000);
  CHECK(report.unspecified.empty());
}

TEST_CASE("every published defect is found", "[verify]") {
  using d = example::defects;
  const struct {
    const char* name;
    bool d::* flag;
    const char* suspect;  ///< a rule that would explain it; "" where none alone does
  } rows[] = {
      {"stale upper half", &d::stale_upper_half, ""},
      {"gPA in wrong units", &d::gpa_in_wrong_units, ""},
      {"keeps validated", &d::keeps_validated, ""},
      {"every VMPL may", &d::everybody_may, ""},
      {"no count", &d::no_count, "RMP-UPD-10"},
      {"no overlap check", &d::no_overlap_check, "RMP-UPD-04"},
      {"hole in a large page", &d::hole_in_large, "RMP-UPD-03"},
      {"changes immutable pages", &d::changes_immutable, "RMP-STA-03"},
      {"PSMASH of 4K", &d::smash_of_small, "RMP-SMH-03"},
  };
  for (const auto& row : rows) {
    example::defects wrong;
    wrong.*row.flag = true;
    example::soft_rmp broken(wrong);
    const conformance_report report = check_rmp(broken, {.seed = 1, .runs = 2000});
    const std::string text = describe(report);
    INFO(row.name << "\n" << text);
    REQUIRE(report.found.has_value());
    CHECK(report.found->steps.size() <= 8);
    CHECK(text.find("expected ") != std::string::npos);
    CHECK(text.find(row.suspect) != std::string::npos);
    // The sequence alone shows it again.
    rmp_adapter<example::soft_rmp> again(broken);
    auto reference = rmp_reference<>::make(report.found->setup);
    REQUIRE(reference.has_value());
    CHECK(verify::detail::difference(again, *reference, report.found->setup, report.found->steps).has_value());
  }
}

namespace {

/// A machine that decides an open point in its own way.
struct other_choice {
  rmp_reference<> machine;
  implementation_choices mine;
  void reset(const rmp_setup&) { machine.reset(mine); }
  auto run(const rmp_step& step) -> rmp_answer { return machine.run(step); }
  [[nodiscard]] auto abilities() const -> rmp_abilities { return {}; }
};

}  // namespace

TEST_CASE("points that the manuals leave open are told apart from mistakes", "[verify]") {
  for (const named_choice& choice : named_choices) {
    for (unsigned value = 0; value < choice.values().size(); ++value) {
      implementation_choices mine;
      if (value == choice.get(mine)) continue;
      choice.set(mine, value);
      INFO(choice.name() << " = " << choice.values()[value]);
      other_choice machine{std::move(*rmp_reference<>::make({})), mine};
      const conformance_report report = check_rmp_machine(machine, {.seed = 3, .runs = 150});
      CHECK(report.agrees());
      for (const unspecified_point& point : report.unspecified) CHECK(point.steps.size() <= 8);
    }
  }
}

namespace {

/// The least that can be tested.
struct update_alone {
  example::soft_rmp table;
  void reset() { table.reset(); }
  auto rmpupdate(std::uint64_t rax, const std::array<std::uint8_t, 16>& operand) -> std::uint32_t {
    return table.rmpupdate(rax, operand);
  }
};

}  // namespace

TEST_CASE("what an implementation has not is not asked for", "[verify]") {
  update_alone least;
  const rmp_abilities able = rmp_adapter(least).abilities();
  CHECK_FALSE(able.psmash);
  CHECK_FALSE(able.rmpread);
  CHECK_FALSE(able.pvalidate);
  CHECK_FALSE(able.rmpadjust);
  CHECK_FALSE(able.entry);
  require_conforming(least, {.seed = 5, .runs = 500});
}
