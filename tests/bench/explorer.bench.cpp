// SPDX-License-Identifier: MIT
// How fast small machines are explored. Beside it: SPIN on the same machine, written for it by hand (spin/rmp_model.pml), and
// a search that does nothing but search: it remembers no way and judges no state.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <tsl/robin_set.h>

#include <sevspec/verify/explorer/explore.hpp>
#include <sevspec/verify/explorer/hash_of_words.hpp>
#include <sevspec/verify/explorer/rmp_model.hpp>
#include <sevspec/verify/explorer/rmp_symmetry.hpp>

namespace {

using namespace sevspec::verify;
using explorer::rmp_parts;

constexpr rmp_parts core{.odd_operands = false};  // what rmp_model.pml has with PARTS=7
constexpr rmp_parts regions{.large = true, .immutable = false, .vmsa = false, .vmpls = 2, .guests = 1};

void tell(benchmark::State& state, std::uint64_t states, std::size_t bytes) {
  const auto runs = static_cast<double>(state.iterations());
  state.counters["states"] = static_cast<double>(states) / runs;
  state.counters["states/s"] = benchmark::Counter(static_cast<double>(states), benchmark::Counter::kIsRate);
  if (bytes != 0) state.counters["bytes/state"] = static_cast<double>(bytes) * runs / static_cast<double>(states);
}

template <class Model>
void explore(benchmark::State& state, rmp_parts parts) {
  std::uint64_t states = 0;
  std::size_t bytes = 0;
  for (auto _ : state) {
    explorer::explorer<Model> search{Model{parts}};
    const auto seen = search.run();
    if (seen.how != explorer::ending::closed) state.SkipWithError("the machine does not close");
    states += seen.states;
    bytes = seen.bytes;
  }
  tell(state, states, bytes);
}
void core_of_the_table(benchmark::State& state) { explore<explorer::rmp_model<2>>(state, core); }
void two_regions(benchmark::State& state) { explore<explorer::rmp_model<4>>(state, regions); }
void two_regions_alike(benchmark::State& state) { explore<explorer::symmetric_rmp_model<4>>(state, regions); }
BENCHMARK(core_of_the_table)->Unit(benchmark::kMillisecond);
BENCHMARK(two_regions)->Unit(benchmark::kMillisecond);
BENCHMARK(two_regions_alike)->Unit(benchmark::kMillisecond);

/// The limit.
void search_alone(benchmark::State& state) {
  using model = explorer::rmp_model<2>;
  const model machine{core};
  std::uint64_t states = 0;
  for (auto _ : state) {
    model::memo memo;
    std::vector<model::packed> found{machine.pack(machine.initial())};
    tsl::robin_set<model::packed, explorer::hash_of_words> known{found.front()};
    for (std::size_t next = 0; next < found.size(); ++next)
      machine.play_possible(machine.unpack(found[next]), memo, [&](std::uint32_t, const auto& step, const auto& now) {
        if (step.what != explorer::fate::changed) return true;
        const auto bits = machine.pack(now);
        if (known.insert(bits).second) found.push_back(bits);
        return true;
      });
    states += found.size();
  }
  tell(state, states, 0);
}
BENCHMARK(search_alone)->Unit(benchmark::kMillisecond);

/// $SEVSPEC_PAN is SPIN's verifier; run.sh makes it.
void spin(benchmark::State& state) {
  const char* const program = std::getenv("SEVSPEC_PAN");
  if (program == nullptr) {
    state.SkipWithError("SPIN is not installed");
    return;
  }
  const std::string command = std::string(program) + " -m1000000";
  std::uint64_t states = 0;
  for (auto _ : state) {
    std::FILE* const output = popen(command.c_str(), "r");
    if (output == nullptr) {
      state.SkipWithError("SPIN's verifier cannot be started");
      return;
    }
    char line[256];
    double stored = 0;
    bool errors = true;
    while (std::fgets(line, sizeof line, output) != nullptr) {
      const std::string text(line);
      if (text.find("states, stored") != std::string::npos) stored = std::strtod(line, nullptr);
      if (text.find("errors: 0") != std::string::npos) errors = false;
    }
    if (pclose(output) != 0 || errors) state.SkipWithError("SPIN finds an error");
    states += static_cast<std::uint64_t>(stored);
  }
  tell(state, states, 0);
}
BENCHMARK(spin)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
