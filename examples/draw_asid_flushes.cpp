// SPDX-License-Identifier: MIT
// How many flushes a launch costs, against the share of ASIDs that live guests hold: docs/asid-flushes.svg. Batches save
// nothing when all ASIDs are held.
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

#include <sevspec/migration/asid_experiment.hpp>
#include <sevspec/statistics/picture.hpp>

auto main() -> int {
  using namespace sevspec;
  constexpr std::uint32_t launches = 1000;
  statistics::line_chart chart{.title = "Flushes for 100 launches, each after one exit",
                               .x = {"ASIDs held by live guests, in percent of all", 0, 100, 20},
                               .y = {"WBINVD and DF_FLUSH", 0, 200, 50},
                               .lines = {}};
  const auto measure = [&](const char* name, std::uint32_t asids, migration::reclaim_policy policy) {
    statistics::line made{.name = name, .points = {}};
    const std::uint32_t step = asids > 100 ? 4 : 1;
    for (std::uint32_t alive = 1; alive <= asids; alive += step) {
      // The flush of the first launch is not counted here, nor are those of the guests that are there at the beginning.
      const auto before = migration::replace_guests<509>(asids, alive, 0, policy);
      const auto after = migration::replace_guests<509>(asids, alive, launches, policy);
      const auto flushes = static_cast<double>(after.pool.flushes - before.pool.flushes);
      made.points.push_back({100.0 * alive / asids, 100.0 * flushes / launches});
    }
    chart.lines.push_back(std::move(made));
  };
  measure("15 ASIDs, batched", 15, migration::reclaim_policy::batched);
  measure("509 ASIDs, batched", 509, migration::reclaim_policy::batched);
  measure("15 ASIDs, at each launch and exit", 15, migration::reclaim_policy::naive);
  std::fputs(statistics::to_svg(chart).c_str(), stdout);
}
