// SPDX-License-Identifier: MIT
// What population policies cost on the same trace.
#include <cstdint>
#include <string>
#include <vector>

#include <sevspec/migration/large_pages.hpp>
#include <support/catch.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::migration;
using kind = page_event::kind;

constexpr std::uint64_t region = 0x20'0000;
constexpr std::uint64_t gib = 0x4000'0000;

/// Every page of a range, in order.
auto sweep(std::uint64_t from, std::uint64_t bytes) -> std::vector<page_event> {
  std::vector<page_event> made;
  for (std::uint64_t at = from; at < from + bytes; at += 4096) made.push_back({kind::touch, {at}});
  return made;
}
auto played(std::uint64_t bytes, const population_plan& plan, const std::vector<page_event>& trace)
    -> large_page_counters {
  large_page_guest guest(bytes, plan);
  guest.play(trace);
  return guest.counters();
}

/// Eight regions of which two have a hole, and a sparse walk over the rest.
auto mixed_trace() -> std::vector<page_event> {
  std::vector<page_event> trace;
  for (std::uint64_t i = 0; i < 8; ++i) trace.push_back({kind::touch, {i * region + 0x3000}});
  trace.push_back({kind::share, {2 * region + 0x5000}});
  trace.push_back({kind::share, {5 * region + 0x7000}});
  for (const page_event& one : sweep(2 * region, region)) trace.push_back(one);
  return trace;
}
const std::vector<gpa> mixed_holes{{2 * region + 0x5000}, {5 * region + 0x7000}};

}  // namespace

TEST_CASE("a gigabyte in pages of 2M and of 4K", "[migration][large][MIG-LP-03][MIG-LP-04]") {
  const auto eager = played(gib, {.policy = population::eager_2m}, {});
  CHECK(eager.rmpupdate_2m == 512);
  CHECK(eager.pvalidate_2m == 512);
  CHECK(eager.rmpupdate_4k + eager.pvalidate_4k + eager.psmash + eager.vc404 == 0);
  CHECK(eager.global_tlb_flush == 1024);
  CHECK(played(2 * gib, {.policy = population::eager_2m}, {}).rmpupdate_2m == 1024);

  const auto lazy = played(gib, {.policy = population::lazy_4k}, sweep(0, gib));
  CHECK(lazy.rmpupdate_4k == 262144);
  CHECK(lazy.pvalidate_4k == 262144);
  CHECK(lazy.vc404 == 262144);
  CHECK(lazy.rmpupdate_2m + lazy.pvalidate_2m == 0);
  CHECK(lazy.global_tlb_flush == 2 * 262144);

  const auto lazy_large = played(gib, {.policy = population::lazy_2m}, sweep(0, gib));
  CHECK(lazy_large.rmpupdate_2m == 512);
  CHECK(lazy_large.pvalidate_2m == 512);
  CHECK(lazy_large.vc404 == 512);
  CHECK(lazy_large.global_tlb_flush == 2 * 512);
}

TEST_CASE("a hole in a large page", "[migration][large][MIG-LP-04]") {
  large_page_guest guest(4 * region, {.policy = population::eager_2m});
  const auto before = guest.counters();
  CHECK(guest.tlb_entries_of({region}) == 1);
  guest.play({kind::share, {region + 0x4000}});
  const auto after = guest.counters();
  CHECK(after.psmash - before.psmash == 1);
  CHECK(after.rmpupdate_4k - before.rmpupdate_4k == 1);
  CHECK(after.npt_split - before.npt_split == 1);
  CHECK(after.global_tlb_flush - before.global_tlb_flush == 3);  // PVALIDATE, PSMASH, RMPUPDATE
  CHECK(after.sizem_fault == 1);
  CHECK(after.pvalidate_4k == 1);
  CHECK(guest.is_shared({region + 0x4000}));
  CHECK_FALSE(rmp::authoritative_entry(guest.rmp(), rmp::spfn{(region + 0x4000) >> 12}).assigned);
  CHECK(rmp::authoritative_entry(guest.rmp(), rmp::spfn{(region + 0x5000) >> 12}).validated);
  CHECK(guest.tlb_entries_of({region}) == 512);
  CHECK(guest.tlb_entries_of({2 * region}) == 1);

  for (const page_event& one : sweep(0, 4 * region)) guest.play(one);
  CHECK(guest.counters().tlb_fill_4k - after.tlb_fill_4k == 512);
  CHECK(guest.counters().tlb_fill_2m - after.tlb_fill_2m == 3);
  for (const page_event& one : sweep(0, 4 * region)) guest.play(one);  // no table write: nothing was dropped
  CHECK(guest.counters().tlb_fill_4k - after.tlb_fill_4k == 512);

  // A second hole in the same region costs no PSMASH and no split.
  guest.play({kind::share, {region + 0x9000}});
  CHECK(guest.counters().psmash == after.psmash);
  CHECK(guest.counters().npt_split == after.npt_split);
  CHECK(guest.counters().rmpupdate_4k == after.rmpupdate_4k + 1);
}

TEST_CASE("a hole that is filled again does not make the page large", "[migration][large][MIG-LP-03]") {
  large_page_guest guest(2 * region, {.policy = population::eager_2m});
  guest.play({kind::share, {0x4000}});
  guest.play({kind::merge, {0}});  // refused: there is a hole
  CHECK(guest.counters().unsmash == 0);
  guest.play({kind::take_back, {0x4000}});
  CHECK(guest.tlb_entries_of({0}) == 512);
  const auto before = guest.counters();
  guest.play({kind::merge, {0}});
  CHECK(guest.counters().unsmash == 1);
  CHECK(guest.counters().reclaim == 1);
  CHECK(guest.counters().rmpupdate_4k - before.rmpupdate_4k == 512);              // each page is made immutable
  CHECK(guest.counters().pvalidate_4k == before.pvalidate_4k);                    // the guest does not notice
  CHECK(guest.counters().global_tlb_flush - before.global_tlb_flush == 512 + 2);  // unsmash and reclaim write, too
  CHECK(guest.tlb_entries_of({0}) == 1);
  guest.play({kind::touch, {0x4000}});
  CHECK(guest.counters().vc404 == before.vc404);
  CHECK(guest.counters().tlb_fill_2m == before.tlb_fill_2m + 1);
}

TEST_CASE("mappings of 1G fill entries of 2M, and fall apart twice", "[migration][large][MIG-LP-03]") {
  large_page_guest guest(gib, {.policy = population::eager_2m, .gigabyte_leaves = true});
  guest.play({kind::touch, {5 * region}});
  guest.play({kind::touch, {5 * region + 0x1000}});
  CHECK(guest.counters().tlb_fill_2m == 1);
  CHECK(guest.counters().tlb_fill_from_1g == 1);
  guest.play({kind::share, {6 * region}});
  CHECK(guest.counters().npt_split_1g == 1);
  CHECK(guest.counters().npt_split == 1);
  guest.play({kind::touch, {5 * region}});
  CHECK(guest.counters().tlb_fill_2m == 2);
  CHECK(guest.counters().tlb_fill_from_1g == 1);
}

TEST_CASE("policies on one trace", "[migration][large][MIG-LP-05]") {
  constexpr std::uint64_t bytes = 8 * region;
  const auto trace = mixed_trace();
  const auto eager = played(bytes, {.policy = population::eager_2m}, trace);
  const auto large = played(bytes, {.policy = population::lazy_2m}, trace);
  const auto small = played(bytes, {.policy = population::lazy_4k}, trace);
  const auto aware = played(bytes, {.policy = population::hole_aware, .holes = mixed_holes}, trace);
  const auto guided =
      played(bytes, {.policy = population::firmware_guided, .guided = {{3 * region}, {0}, {region + 0x1000}}}, trace);

  CHECK(eager.vc404 == 0);
  CHECK(large.vc404 == 8);
  CHECK(eager.psmash == 2);
  CHECK(large.psmash == 2);
  CHECK(large.rmpupdate_2m == eager.rmpupdate_2m);

  CHECK(small.psmash == 0);
  CHECK(small.rmpupdate_2m == 0);
  CHECK(small.rmpupdate_4k == 8 + 510);  // the hole was never private, and one page of its region was there

  CHECK(aware.psmash == 0);
  CHECK(aware.npt_split == 0);
  CHECK(aware.rmpupdate_2m == 6);
  CHECK(aware.rmpupdate_4k == 511 + 2);       // PVALIDATE of 2M asked for the first page of each region
  CHECK(aware.pvalidate_size_mismatch == 2);  // in the regions with holes, until a page is shared
  CHECK(aware.sizem_fault == 0);

  CHECK(guided.launch_update == 3);
  CHECK(guided.vc404 == 5);
  CHECK(guided.pvalidate_2m == 5);
  CHECK(guided.rmpupdate_2m == 8);
  CHECK(std::string(name_of(population::eager_2m)) == "eager-2M");
  CHECK(std::string(name_of(population::lazy_2m)) == "lazy-2M");
  CHECK(std::string(name_of(population::lazy_4k)) == "lazy-4K");
  CHECK(std::string(name_of(population::hole_aware)) == "hole-aware");
  CHECK(std::string(name_of(population::firmware_guided)) == "firmware-guided");
}
