// SPDX-License-Identifier: MIT
// Whatever hosts, guests, devices and the firmware do, the invariants of the Reverse Map Table hold: in tables of all
// kinds and sizes, with every choice.
#include <map>
#include <memory>
#include <string>

#include <property/property.hpp>

#include <support/rmp_world.hpp>

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <sevspec/verify/choice_table.hpp>
#include <sevspec/verify/rmp_generator.hpp>
#include <sevspec/verify/rmp_reference.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using u64 = std::uint64_t;

/// Eight regions, with the number of pages of each ASID.
template <u64 SubPages>
struct counting_table : rmp::small_table<8 * SubPages, SubPages> {
  std::map<asid, std::int64_t> counters;
  [[nodiscard]] auto pages_of(asid id) const -> std::int64_t {
    const auto found = counters.find(id);
    return found == counters.end() ? 0 : found->second;
  }
  void count_pages(asid id, std::int64_t delta) { counters[id] += delta; }
};
template <class Store>
auto fresh() -> std::unique_ptr<Store> {
  if constexpr (std::is_same_v<Store, rmp::lazy_table>) return std::make_unique<Store>(u64{8} * 512);
  else return std::make_unique<Store>();
}

/// What is wrong, if anything.
template <class Store, bool Careful = true, class Context = context<>>
auto play(u64 seed, unsigned steps, const Context& ctx, tally& classes) -> std::string {
  const std::unique_ptr<Store> table = fresh<Store>();
  rmp_world<Store, Careful, Context> world(seed, *table, ctx);
  for (unsigned i = 0; i < steps; ++i) {
    if (const auto wrong = world.step())
      return "seed " + std::to_string(seed) + ", step " + std::to_string(i) + ": " + *wrong;
    classes.add(world.name());
  }
  return {};
}

template <class Store, bool Careful = true>
void check(const char* what, int cases, unsigned steps, tally& classes) {
  property(what, cases, [&] {
    const u64 seed = *rc::gen::noShrink(rc::gen::arbitrary<u64>());
    const std::string wrong = play<Store, Careful>(seed, steps, context<>{}, classes);
    if (!wrong.empty()) RC_FAIL(wrong);
  });
}

}  // namespace

TEST_CASE(
    "invariants hold whatever anybody does",
    "[rmp][INV-01][INV-02][INV-03][INV-04][INV-05][INV-06][INV-07][INV-08][INV-09][INV-10][INV-11][INV-12][INV-13]"
    "[INV-14][INV-15][INV-16][INV-17][INV-18][INV-19][INV-20][INV-21][INV-22][INV-23][INV-24]") {
  tally classes;
  check<counting_table<2>>("two pages in a large one", 100, 300, classes);
  check<counting_table<4>>("four pages in a large one", 100, 300, classes);
  check<counting_table<4>, false>("careless guests", 100, 300, classes);
  check_none_empty("steps", classes,
                   {"rmpupdate 0",
                    "rmpupdate 2",
                    "rmpupdate 3",
                    "rmpupdate 4",
                    "psmash 0",
                    "pvalidate 0",
                    "pvalidate fault",
                    "rmpadjust 0",
                    "rmpadjust 2",
                    "reclaim success",
                    "unsmash success",
                    "set_state success",
                    "vmrun",
                    "vmexit",
                    "guest private write",
                    "guest private read back",
                    "guest shared write",
                    "guest fault",
                    "host write",
                    "host write of a copy",
                    "host fault",
                    "device write",
                    "device fault"});
}

TEST_CASE("invariants hold in a table of the size of silicon's", "[rmp][INV-05][INV-06][INV-14][INV-20]") {
  tally classes;
  for (u64 seed = 1; seed <= 4; ++seed) CHECK(play<rmp::lazy_table>(seed, 60, context<>{}, classes) == "");
  check_none_empty("steps", classes, {"rmpupdate 0", "pvalidate 0"});
}

TEST_CASE("invariants hold with every choice", "[rmp][INV-05][INV-11][INV-20]") {
  tally classes;
  for (const verify::named_choice& choice : verify::named_choices) {
    for (unsigned value = 0; value < choice.values().size(); ++value) {
      if (value == choice.get({})) continue;
      context<> ctx;
      choice.set(ctx.choices, value);
      for (u64 seed = 1; seed <= 4; ++seed) {
        INFO(choice.name() << " = " << choice.values()[value]);
        CHECK(play<counting_table<4>>(seed, 200, ctx, classes) == "");
      }
    }
  }
}

TEST_CASE("invariants hold in the steps of the conformance suite", "[rmp][verify][INV-09][INV-10][INV-15][INV-24]") {
  tally classes;
  for (u64 seed = 1; seed <= 4; ++seed) {
    auto machine = *verify::rmp_reference<>::make({.memory = 4 << 20});
    const rmp::page_range all{.first = {}, .count = machine.pages()};
    verify::rmp_generator draw(seed, machine.pages(), {});
    verify::rmp_snapshot<rmp::lazy_table> before(machine.table(), all);
    for (unsigned i = 0; i < 80; ++i) {
      const verify::rmp_step step = draw.next(machine.table());
      const verify::rmp_answer answer = machine.run(step);
      const verify::rmp_action action = verify::action_of(step, answer);
      auto wrong =
          verify::check_all(before, machine.table(), all, action, verify::rmp_surroundings<>{.careful_guests = false});
      if (const auto made = verify::access_of(step, answer); made && !wrong)
        wrong = verify::check_access_made(machine.table(), *made);
      INFO("seed " << seed << ", step " << i << ": " << (wrong ? wrong->what : ""));
      REQUIRE_FALSE(wrong.has_value());
      if (action.what == verify::rmp_deed::look) continue;
      before.take(machine.table(), all);
      classes.add(action.succeeded ? "success" : "failure");
    }
  }
  check_none_empty("steps", classes, {"success", "failure"});
}

TEST_CASE("a rule that is missing breaks an invariant", "[rmp][verify][mutants]") {
  const struct {
    rule without;
    const char* broken;  ///< one of these
  } rows[] = {
      {rule::PAG_RMPS_08, "INV-10 INV-19"},
      {rule::RMP_CHK_01, "INV-10 INV-11 INV-13"},
      {rule::RMP_CHK_08, "INV-10 INV-17"},
      {rule::RMP_CHK_10, "INV-17"},
      {rule::RMP_CHK_15, "INV-11"},
      {rule::RMP_VPL_01, "INV-10 INV-17"},
      {rule::RMP_GEO_16, "INV-24"},
      {rule::RMP_STA_03, "INV-11"},
      {rule::RMP_UPD_02, "INV-06"},
      {rule::RMP_UPD_03, "INV-05"},
      {rule::RMP_UPD_04, "INV-20"},
      {rule::RMP_UPD_05, "INV-05"},
      {rule::RMP_UPD_06, "INV-01"},
      {rule::RMP_UPD_07, "INV-12"},
      {rule::RMP_UPD_08, "INV-08"},
      {rule::RMP_UPD_10, "INV-06"},
      {rule::RMP_UPD_11, "INV-20"},
      {rule::RMP_UPD_12, "INV-17"},
      {rule::RMP_SMH_03, "INV-11 INV-12 INV-20"},
      {rule::RMP_SMH_04, "INV-11"},
      {rule::RMP_ADJ_02, "INV-09"},
      {rule::RMP_ADJ_03, "INV-09"},
      {rule::RMP_PVL_01, "INV-13"},
      {rule::FW_DISP_10, "INV-21"},
      {rule::FW_SNP_USM_01, "INV-01 INV-13 INV-17"},
      {rule::FW_SNP_PSS_01, "INV-05 INV-06 INV-20"},
  };
  tally classes;
  for (const auto& row : rows) {
    const context<rule_set> ctx{.rules = rule_set().without(row.without)};
    std::string wrong;
    for (u64 seed = 1; seed <= 100 && wrong.empty(); ++seed) wrong = play<counting_table<4>>(seed, 300, ctx, classes);
    const std::size_t at = wrong.find("INV-");
    const std::string id = at == std::string::npos ? "none" : wrong.substr(at, 6);
    INFO(name_of(row.without) << ": " << wrong);
    CHECK_THAT(row.broken, Catch::Contains(id));
  }
}
