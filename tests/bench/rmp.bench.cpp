// SPDX-License-Identifier: MIT
// The Reverse Map Table against what its memory costs with nothing else done.
//
//   access/load         a load of an entry of 16 bytes and a comparison, at random pages
//   access/check        the check of a guest's private read at the same pages         limit: 3 x load
//   access/hv_2m        a host's write through a leaf of 2M: O(1), by the region's count
//   update_2m/scan      a scan of the 8 KiB of a region
//   update_2m           RMPUPDATE of 2M to a guest and back, per update                limit: 2 x scan
//   psmash/memset       memset of 8 KiB
//   psmash              PSMASH (and the 2M update that makes it possible is not counted)  limit: 1.5 x memset
//   update_4k, pvalidate
//   walk/unchecked      a nested walk of 24 references, small tables
//   walk/checked        the same with the five checks of the guest's own pages         limit: 1.3 x unchecked
//   walk/all_checked    with the twenty checks of nested tables, too (implementation_choices::ptw_read_check)
//   conformance         steps of the suite per second, drawn, taken and compared       limit: 1 M/s
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include <bench/two_stage_tables.hpp>
#include <sevspec/core.hpp>
#include <sevspec/verify/rmp_conformance.hpp>

namespace {

using namespace sevspec;
using memory::owner_context;

constexpr std::size_t drawn = 1 << 14;

/// A table of guest pages: page i is the guest's at gPA i.
auto guest_entries(std::size_t count) -> std::vector<rmp::raw_entry> {
  std::vector<rmp::raw_entry> rows(count);
  for (std::size_t i = 0; i < count; ++i)
    rows[i] = rmp::encode({.assigned = true,
                           .validated = true,
                           .id = {5},
                           .guest = {i << 12},
                           .allowed = {rmp::all_permissions, {}, {}, {}}});
  return rows;
}
/// The entries of one region where hardware has them: aligned to their 8 KiB.
struct alignas(8192) region {
  std::array<rmp::raw_entry, 512> rows{};
};
auto random_pages(std::size_t count) -> std::vector<std::uint64_t> {
  std::mt19937_64 random{1};
  std::vector<std::uint64_t> pages(drawn);
  for (auto& page : pages) page = random() % count;
  return pages;
}

void access_load(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0)) / 16;
  const auto rows = guest_entries(count);
  const auto pages = random_pages(count);
  std::size_t i = 0;
  for (auto _ : state) {
    const std::uint64_t page = pages[i++ % drawn];
    const rmp::raw_entry& row = rows[page];
    benchmark::DoNotOptimize(row.lo == (0x4028'0000'0000'0001 | page << 12) && (row.hi & 1) != 0);
  }
}
BENCHMARK(access_load)->Name("access/load")->Arg(16 << 10)->Arg(1 << 20)->Arg(64 << 20);

void access_check(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0)) / 16;
  auto rows = guest_entries(count);
  const rmp::raw_table<> table{rows};
  const auto pages = random_pages(count);
  context<> ctx;
  std::size_t i = 0;
  for (auto _ : state) {
    const std::uint64_t where = pages[i++ % drawn] << 12;
    const memory::ownership_query query{
        .where = {where}, .guest = {where}, .c = true, .who = owner_context::snp_guest, .id = {5}};
    benchmark::DoNotOptimize(rmp::check_access(ctx, table, query).what);
  }
}
BENCHMARK(access_check)->Name("access/check")->Arg(16 << 10)->Arg(1 << 20)->Arg(64 << 20);

void access_hv_2m(benchmark::State& state) {
  std::vector<rmp::raw_entry> rows(1 << 16);
  const rmp::raw_table<> table{rows};
  const auto pages = random_pages(rows.size());
  context<> ctx;
  std::size_t i = 0;
  for (auto _ : state) {
    const memory::ownership_query query{
        .where = {pages[i++ % drawn] << 12}, .leaf = page_size::k2m, .kind = access_kind::write};
    benchmark::DoNotOptimize(rmp::check_access(ctx, table, query).what);
  }
}
BENCHMARK(access_hv_2m)->Name("access/hv_2m");

void scan(benchmark::State& state) {
  const auto memory = std::make_unique<region>();
  const auto& rows = memory->rows;
  for (auto _ : state) {
    std::uint64_t any = 0;
    for (const rmp::raw_entry& row : rows) any |= row.lo;
    benchmark::DoNotOptimize(any);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(scan)->Name("update_2m/scan");

void update_2m(benchmark::State& state) {
  const auto memory = std::make_unique<region>();
  auto& rows = memory->rows;
  rmp::raw_table<> table{rows};
  context<> ctx;
  const rmp::new_state to_guest{.assigned = true, .large = true, .id = {5}};
  const rmp::new_state back{.large = true};
  for (auto _ : state) {
    benchmark::DoNotOptimize(rmp::rmpupdate(ctx, table, {}, {}, {0}, to_guest).value().eax);
    benchmark::DoNotOptimize(rmp::rmpupdate(ctx, table, {}, {}, {0}, back).value().eax);
  }
  state.counters["ns_per_update"] = benchmark::Counter(static_cast<double>(state.iterations()) * 2e-9,
                                                       benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(update_2m);

void fill(benchmark::State& state) {
  const auto memory = std::make_unique<region>();
  int value = 0;
  for (auto _ : state) {
    std::memset(static_cast<void*>(memory.get()), ++value & 0x7f, sizeof(region));
    benchmark::DoNotOptimize(memory.get());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(fill)->Name("psmash/memset");

void psmash(benchmark::State& state) {
  const auto memory = std::make_unique<region>();
  auto& rows = memory->rows;
  rmp::raw_table<> table{rows};
  context<> ctx;
  rmp::put_large(table, {0}, {.assigned = true, .large = true, .validated = true, .id = {5}, .guest = {0x4000'0000}});
  const rmp::raw_entry whole = rows[0];
  for (auto _ : state) {
    rows[0] = whole;
    benchmark::DoNotOptimize(rmp::psmash(ctx, table, {}, {}, {0}).value().eax);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(psmash);

void update_4k(benchmark::State& state) {
  std::vector<rmp::raw_entry> rows(1 << 16);
  rmp::raw_table<> table{rows};
  const auto pages = random_pages(rows.size());
  context<> ctx;
  std::size_t i = 0;
  for (auto _ : state) {
    const std::uint64_t where = pages[i % drawn] << 12;
    const bool assign = (i++ / drawn) % 2 == 0;
    const rmp::new_state wanted =
        assign ? rmp::new_state{.assigned = true, .id = {5}, .guest = {where}} : rmp::new_state{};
    benchmark::DoNotOptimize(rmp::rmpupdate(ctx, table, {}, {}, {where}, wanted).value().eax);
  }
}
BENCHMARK(update_4k);

void pvalidate(benchmark::State& state) {
  auto rows = guest_entries(1 << 16);
  rmp::raw_table<> table{rows};
  const auto pages = random_pages(rows.size());
  context<> ctx;
  std::size_t i = 0;
  for (auto _ : state) {
    const std::uint64_t where = pages[i % drawn] << 12;
    const auto translate = [&](gva linear) -> outcome<rmp::guest_page> {
      return rmp::guest_page{.linear = linear, .guest = {where}, .where = {where}};
    };
    const auto done = rmp::pvalidate(ctx, table, {}, {.id = {5}, .snp_active = true},
                                     {{where}, 0, static_cast<std::uint32_t>(i / drawn % 2)}, translate);
    ++i;
    benchmark::DoNotOptimize(done.value().unchanged);
  }
}
BENCHMARK(pvalidate);

enum class checks { none, own_pages, all };

void walk(benchmark::State& state, checks which) {
  bench::two_stage_tables tables{{.pages = 16, .data_at = 0x100'0000, .c_mask = std::uint64_t{1} << 51}};
  const auto addresses = tables.random_addresses(1024);
  const auto regime = tables.snp_regime();
  auto memory = tables.memory();
  std::vector<rmp::raw_entry> rows(8192);
  rmp::raw_table<> table{rows};
  tables.guest_pages([&](std::uint64_t where, std::uint64_t guest) {
    table.put(page_of(spa{where}), {.assigned = true,
                                    .validated = true,
                                    .id = {5},
                                    .guest = {guest},
                                    .allowed = {rmp::all_permissions, {}, {}, {}}});
  });
  rmp::guarded_memory guarded(memory, table);
  memory::unguarded free(memory);
  context<> ctx;
  if (which == checks::own_pages) ctx.choices.ptw_read_check = walker_check::updates_only;
  const memory_access why{.level = user_mode};
  std::size_t i = 0;
  std::uint64_t chained = 0;  // a walk's address depends on the last one's result
  for (auto _ : state) {
    const gva where{addresses[i++ % 1024] | (chained & 0)};
    const auto found = which == checks::none ? paging::walk(ctx, free, regime, where, why)
                                             : paging::walk(ctx, guarded, regime, where, why);
    if (!found) state.SkipWithError("fault");
    chained = found ? found->page.where.value : 0;
    benchmark::DoNotOptimize(chained);
  }
}
BENCHMARK_CAPTURE(walk, unchecked, checks::none);
BENCHMARK_CAPTURE(walk, checked, checks::own_pages);
BENCHMARK_CAPTURE(walk, all_checked, checks::all);

/// The reference as a machine under test: only the suite's own cost.
struct itself {
  verify::rmp_reference<> machine = std::move(*verify::rmp_reference<>::make({}));
  void reset(const verify::rmp_setup& setup) { machine.reset(setup.choices); }
  auto run(const verify::rmp_step& step) -> verify::rmp_answer { return machine.run(step); }
  [[nodiscard]] auto abilities() const -> verify::rmp_abilities { return {}; }
};

void conformance(benchmark::State& state) {
  itself machine;
  std::uint64_t seed = 0;
  std::uint64_t steps = 0;
  for (auto _ : state) {
    const auto report = verify::check_rmp_machine(machine, {.seed = seed, .runs = 100});
    if (!report.agrees()) state.SkipWithError("disagrees");
    steps += report.operations;
    seed += 100;
  }
  state.counters["steps_per_second"] = benchmark::Counter(static_cast<double>(steps), benchmark::Counter::kIsRate);
}
BENCHMARK(conformance);

}  // namespace
