// SPDX-License-Identifier: MIT
// Counts of events, and the order that they predict.
#include <string>

#include <sevspec/migration/cost_view.hpp>
#include <support/catch.hpp>

using namespace sevspec::migration;

namespace {

constexpr protection all[] = {protection::none, protection::sev, protection::sev_es, protection::sev_snp};
constexpr workload start_up{.exits = 10'000, .touched_pages = 50'000, .shared_pages = 100};
constexpr workload io_loop{.exits = 1'000'000};

}  // namespace

TEST_CASE("events of single and nested guests", "[migration][costs]") {
  const auto single = count_events(io_loop, protection::sev_es, false);
  const auto nested = count_events(io_loop, protection::sev_es, true);
  CHECK(single.switches == 1'000'000);
  CHECK(nested.switches == 2'000'000);
  CHECK(single.vc == 1'000'000);
  CHECK(count_events(io_loop, protection::sev, false).vc == 0);
  CHECK(count_events(io_loop, protection::sev_snp, false).rmpupdate == 0);

  const auto snp = count_events({.touched_pages = 10, .shared_pages = 3}, protection::sev_snp, false);
  CHECK(snp.rmpupdate == 13);
  CHECK(snp.psmash == 3);
  CHECK(snp.pvalidate == 13);
  CHECK(snp.tlb_flushes == 29);
  CHECK(snp.switches == 10 + 6);
  const auto nested_snp = count_events({.touched_pages = 10, .shared_pages = 3}, protection::sev_snp, true);
  CHECK(nested_snp.switches == 2 * 16 + 16);
}

TEST_CASE("the usual order is predicted where pages change hands", "[migration][costs]") {
  for (const bool nested : {false, true}) {
    CHECK(is_usual_order(start_up, nested));
    // A loop of exits alone: SEV-SNP is predicted, and was measured, cheaper than SEV-ES.
    CHECK_FALSE(is_usual_order(io_loop, nested));
    CHECK(predicted_cost(io_loop, protection::sev_snp, nested) < predicted_cost(io_loop, protection::sev_es, nested));
    CHECK(predicted_cost(io_loop, protection::sev, nested) < predicted_cost(io_loop, protection::sev_snp, nested));
  }
  for (const protection kind : all) {
    INFO(name_of(kind));
    for (const workload& work : {start_up, io_loop})
      CHECK(predicted_cost(work, kind, true) > predicted_cost(work, kind, false));
  }
  CHECK_FALSE(is_usual_order({}, false));
}

TEST_CASE("costs say where they come from", "[migration][costs]") {
  constexpr cost_table table;
  CHECK(table.one_switch[0].origin == cost_origin::unit);
  for (int i = 1; i < 4; ++i) CHECK(table.one_switch[static_cast<std::size_t>(i)].origin == cost_origin::measured);
  for (const cost& one : {table.nested_fault, table.rmpupdate, table.psmash, table.pvalidate, table.tlb_flush})
    CHECK(one.origin == cost_origin::assumed);
  CHECK(predicted_cost(event_counts{.switches = 2, .psmash = 3}, protection::none, table) == Approx(2 + 3));
}
