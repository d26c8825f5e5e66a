// SPDX-License-Identifier: MIT
// Page walks against what their memory references cost with nothing else done.
//
// Every measured loop is one chain: an address of the next walk depends on the result of the last, so that a walk
// costs its latency and not its share of a pipeline. The costs, each for 24 dependent loads:
//   pure_chase     each value is the next index; as many cache lines as a walk's tables touch
//   address_chase  the same, with each index made from the value by shift, mask and add
//   same_reads     the very references of the walk, addresses by mask and add, with no check at all: the floor of any
//   walk nested_walk    the library's walk, with every permission and reserved-bit check; A and D are set already
// The limit: nested_walk <= 1.8 x address_chase with Clang 19, <= 2.2 x with GCC 12 (-O2). `ratios` prints them.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <random>
#include <unordered_set>
#include <vector>

#include <bench/two_stage_tables.hpp>
#include <sevspec/core.hpp>

namespace {

using namespace sevspec;
using bench::two_stage_tables;

constexpr std::size_t address_count = 1 << 16;
constexpr std::uint64_t frame_mask = 0xff'ffff'ffff;  // the width of an entry's page frame number

// --- the three costs
//   --------------------------------------------------------------------------------------------------

/// One nested translation by address arithmetic alone.
template <unsigned Levels>
[[gnu::always_inline]] inline auto bare_nested(const std::uint64_t* qwords, std::uint64_t root, std::uint64_t where)
    -> std::uint64_t {
  std::uint64_t table = root;
  for (unsigned level = Levels; level != 0; --level)
    table = qwords[((table & 0xf'ffff'ffff'f000) + (where >> (12 + 9 * (level - 1)) & 0x1ff) * 8) / 8];
  return (table & 0xf'ffff'ffff'f000) | (where & 0xfff);
}

/// A 4-over-4 walk by address arithmetic alone: 24 dependent loads.
[[gnu::noinline]] auto bare_walk(const std::uint64_t* qwords, std::uint64_t nested_root, std::uint64_t guest_root,
                                 std::uint64_t linear) -> std::uint64_t {
  std::uint64_t table = guest_root;
  for (unsigned level = 4; level != 0; --level) {
    const std::uint64_t slot = (table & 0xf'ffff'ffff'f000) + (linear >> (12 + 9 * (level - 1)) & 0x1ff) * 8;
    table = qwords[bare_nested<4>(qwords, nested_root, slot) / 8];
  }
  return bare_nested<4>(qwords, nested_root, (table & 0xf'ffff'ffff'f000) | (linear & 0xfff));
}

/// A ring through as many bytes as the tables take, in random order, one stop in each cache line.
class ring {
 public:
  explicit ring(std::size_t bytes) : slots_(std::max<std::size_t>(bytes / 8, 64)) {
    std::vector<std::uint64_t> order(slots_.size() / 8);
    std::iota(order.begin(), order.end(), std::uint64_t{0});
    std::shuffle(order.begin(), order.end(), std::mt19937_64{1});
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::uint64_t here = order[i] * 8;
      const std::uint64_t next = order[(i + 1) % order.size()] * 8;
      slots_[here] = next;                  // for the pure chase
      slots_[here + 1] = (next << 12) | 7;  // the shape of a page-table entry, for the address chase
    }
  }

  [[nodiscard, gnu::noinline]] auto pure24(std::uint64_t at) const -> std::uint64_t {
    for (unsigned i = 0; i < 24; ++i) at = slots_[at];
    return at;
  }
  [[nodiscard, gnu::noinline]] auto shift_mask_add24(std::uint64_t entry, std::uint64_t mask, std::uint64_t add) const
      -> std::uint64_t {
    for (unsigned i = 0; i < 24; ++i) entry = slots_[((entry >> 12) & mask) + add];
    return entry;
  }

 private:
  std::vector<std::uint64_t> slots_;
};

/// How many bytes of tables a walk over so few pages touches: one cache line for each distinct entry line.
[[nodiscard]] auto touched_bytes(two_stage_tables& tables) -> std::size_t {
  struct lines {
    std::unordered_set<std::uint64_t> seen;
    void on(const table_read& read) { seen.insert(read.where.value / 64); }
  };
  context<all_rules, lines> ctx;
  auto memory = tables.memory();
  const auto regime = tables.regime();
  for (const auto address : tables.random_addresses(address_count))
    if (!paging::walk(ctx, memory, regime, gva{address}, memory_access{.level = user_mode})) std::abort();
  return ctx.listener.seen.size() * 64;
}

/// Makes the next address depend on the last result without changing it: bit 63 of every result here is zero, which the
/// compiler must not find out.
[[nodiscard]] auto depend_on(std::uint64_t address, std::uint64_t result) -> std::uint64_t {
  benchmark::DoNotOptimize(result);
  return address + (result >> 63);
}

[[gnu::noinline]] auto library_walk(context<>& ctx, memory::flat_memory& memory, const paging::two_stage_regime& regime,
                                    std::uint64_t linear) -> std::uint64_t {
  const auto found = paging::walk(ctx, memory, regime, gva{linear}, memory_access{.level = user_mode});
  return found ? found->page.where.value : ~std::uint64_t{};
}

// --- one at a time
//   ----------------------------------------------------------------------------------------------------

void pure_chase(benchmark::State& state) {
  two_stage_tables tables{{.pages = static_cast<std::size_t>(state.range(0))}};
  const ring stops{touched_bytes(tables)};
  std::uint64_t at = 0;
  for (auto _ : state) at = stops.pure24(at);
  benchmark::DoNotOptimize(at);
}

void address_chase(benchmark::State& state) {
  two_stage_tables tables{{.pages = static_cast<std::size_t>(state.range(0))}};
  const ring stops{touched_bytes(tables)};
  std::uint64_t entry = 0;
  for (auto _ : state) entry = stops.shift_mask_add24(entry, frame_mask, 1);
  benchmark::DoNotOptimize(entry);
}

void same_reads(benchmark::State& state) {
  const two_stage_tables tables{{.pages = static_cast<std::size_t>(state.range(0))}};
  const auto addresses = tables.random_addresses(address_count);
  std::uint64_t result = 0;
  std::size_t i = 0;
  for (auto _ : state)
    result = bare_walk(tables.qwords(), tables.nested_root(), tables.guest_root(),
                       depend_on(addresses[i++ % address_count], result));
  benchmark::DoNotOptimize(result);
}

/// Arguments: guest levels, guest leaf level, nested levels, pages. The counter `reads` is the number of references.
void nested_walk(benchmark::State& state) {
  two_stage_tables tables{{.guest_levels = static_cast<unsigned>(state.range(0)),
                           .guest_leaf = static_cast<unsigned>(state.range(1)),
                           .nested_levels = static_cast<unsigned>(state.range(2)),
                           .pages = static_cast<std::size_t>(state.range(3))}};
  const auto addresses = tables.random_addresses(address_count);
  const auto regime = tables.regime();
  auto memory = tables.memory();

  struct counter {
    unsigned reads = 0;
    void on(const table_read&) { ++reads; }
  };
  context<all_rules, counter> counting;
  for (const auto address : addresses)
    if (!paging::walk(counting, memory, regime, gva{address}, memory_access{.level = user_mode}))
      state.SkipWithError("the tables do not map the address");
  const double reads = static_cast<double>(counting.listener.reads) / static_cast<double>(address_count);

  context ctx;
  std::uint64_t result = 0;
  std::size_t i = 0;
  for (auto _ : state) result = library_walk(ctx, memory, regime, depend_on(addresses[i++ % address_count], result));
  benchmark::DoNotOptimize(result);
  state.counters["reads"] = reads;
}

/// A walk of the nested tables as if they were the host's: one dimension, four levels.
void host_walk(benchmark::State& state) {
  two_stage_tables tables{{.guest_levels = 0, .pages = static_cast<std::size_t>(state.range(0))}};
  const auto addresses = tables.random_addresses(address_count);
  auto memory = tables.memory();
  context ctx;
  const auto regime =
      paging::make_host_regime(ctx, part_of(generation::genoa), paging::long_mode_registers(tables.nested_root()));
  if (!regime) return state.SkipWithError("registers refused");
  std::uint64_t result = 0;
  std::size_t i = 0;
  for (auto _ : state) {
    const hva where{depend_on(addresses[i++ % address_count], result)};
    const auto found = paging::walk(ctx, memory, *regime, where, memory_access{.level = user_mode});
    result = found ? found->page.where.value : ~std::uint64_t{};
  }
  benchmark::DoNotOptimize(result);
}

// --- the limit
//   --------------------------------------------------------------------------------------------------------

template <class Step>
auto nanoseconds_per_step(std::size_t steps, Step&& step) -> double {
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < steps; ++i) step(i);
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
  return took.count() / static_cast<double>(steps);
}

/// The costs side by side, in short turns so that a change of clock speed hits all alike; the best turn of each counts.
void ratios(benchmark::State& state) {
  two_stage_tables tables{{.pages = static_cast<std::size_t>(state.range(0))}};
  const auto addresses = tables.random_addresses(address_count);
  const ring stops{touched_bytes(tables)};
  const auto regime = tables.regime();
  auto memory = tables.memory();
  context ctx;

  double pure = 1e9;
  double chase = 1e9;
  double reads = 1e9;
  double walk = 1e9;
  std::uint64_t at = 0;
  std::uint64_t entry = 0;
  std::uint64_t result = 0;
  std::uint64_t different = 0;
  constexpr std::size_t turn = 4096;
  std::size_t from = 0;
  for (auto _ : state) {
    const auto address = [&](std::size_t i) { return depend_on(addresses[(from + i) % address_count], result); };
    pure = std::min(pure, nanoseconds_per_step(turn, [&](std::size_t) { at = stops.pure24(at); }));
    chase = std::min(
        chase, nanoseconds_per_step(turn, [&](std::size_t) { entry = stops.shift_mask_add24(entry, frame_mask, 1); }));
    reads = std::min(reads, nanoseconds_per_step(turn, [&](std::size_t i) {
                       result = bare_walk(tables.qwords(), tables.nested_root(), tables.guest_root(), address(i));
                     }));
    const std::uint64_t bare_result = result;
    walk = std::min(walk, nanoseconds_per_step(
                              turn, [&](std::size_t i) { result = library_walk(ctx, memory, regime, address(i)); }));
    different |= result ^ bare_result;
    from += turn;
  }
  benchmark::DoNotOptimize(at);
  benchmark::DoNotOptimize(entry);
  if (different != 0) return state.SkipWithError("the walk and the bare references disagree");

#if defined(__clang__)
  constexpr double limit = 1.8;
#else
  constexpr double limit = 2.2;
#endif
  state.counters["pure_ns"] = pure;
  state.counters["chase_ns"] = chase;
  state.counters["reads_ns"] = reads;
  state.counters["walk_ns"] = walk;
  state.counters["walk/pure"] = walk / pure;
  state.counters["walk/chase"] = walk / chase;
  state.counters["walk/reads"] = walk / reads;
  state.counters["limit"] = limit;
  state.SetLabel(walk / chase <= limit ? "walk/chase within the limit" : "walk/chase OVER THE LIMIT");
}

constexpr std::int64_t few = 16;       // tables fit the first-level cache
constexpr std::int64_t many = 65'536;  // 256 MiB of guest memory, visited at random

BENCHMARK(ratios)->Arg(few)->Arg(many)->Unit(benchmark::kMillisecond);
BENCHMARK(pure_chase)->Arg(few)->Arg(many);
BENCHMARK(address_chase)->Arg(few)->Arg(many);
BENCHMARK(same_reads)->Arg(few)->Arg(many);
BENCHMARK(host_walk)->Arg(few)->Arg(many);
BENCHMARK(nested_walk)
    ->ArgNames({"guest", "leaf", "nested", "pages"})
    ->Args({0, 1, 4, few})   //  4 references: guest paging off
    ->Args({4, 3, 4, few})   // 14: guest 1G pages
    ->Args({4, 2, 4, few})   // 19: guest 2M pages
    ->Args({4, 1, 4, few})   // 24
    ->Args({5, 1, 4, few})   // 29
    ->Args({5, 1, 5, few})   // 35
    ->Args({4, 1, 4, 4096})  // the cost may grow with the tables' footprint in the caches, not otherwise
    ->Args({4, 1, 4, many});

}  // namespace
