// SPDX-License-Identifier: MIT
// The memory machine: TLB, memory controller, references.
//
//   translate/hit/*       a reference whose translation the TLB holds.  limit: a few ns
//   translate/miss        the same with an empty TLB: the nested walk of walk.bench.cpp and a fill
//   flush/asid/SETS       flush of one ASID, TLBs of 64 to 4096 entries.  limit: the same time for all (O(1))
//   reset/PAGES           reset of a 64 GiB memory of which PAGES were touched.  limit: grows with PAGES alone
//   page/*                4 KiB through the controller, and the same bytes through the cipher alone. limit: <= 1.15 x
//   qword/*               8 bytes through the controller; with a key, one block of AES. No key schedule is made
//   reference/*           8 bytes from a linear address: TLB hit, key, cipher
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include <bench/two_stage_tables.hpp>

#include <sevspec/cpu/access.hpp>
#include <sevspec/crypto/tweaked_aes.hpp>
#include <sevspec/memory/controller.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/memory/flat_memory.hpp>
#include <sevspec/paging/tlb.hpp>
#include <sevspec/paging/translate.hpp>

namespace {

using namespace sevspec;
using controller = memory::controller<crypto::aes128_xex, memory::sparse_dram>;

constexpr paging::address_space guest_space{.id = {1}};

void translate_hit(benchmark::State& state, const char* which) {
  const bool many = which[0] == 'm';
  bench::two_stage_tables tables{{.pages = many ? std::size_t{256} : std::size_t{1}}};
  const auto addresses = tables.random_addresses(1024);
  const auto regime = tables.regime();
  auto memory = tables.memory();
  context ctx;
  const auto tlb = std::make_unique<paging::tlb<64, 8>>();
  const memory_access why{.level = user_mode};
  for (const std::uint64_t one : addresses)
    (void)paging::translate(ctx, memory, *tlb, regime, guest_space, gva{one}, why);
  std::size_t i = 0;
  for (auto _ : state) {
    const auto found = paging::translate(ctx, memory, *tlb, regime, guest_space, gva{addresses[i++ % 1024]}, why);
    benchmark::DoNotOptimize(found->where.value);
  }
}
BENCHMARK_CAPTURE(translate_hit, one_page, "one")->Name("translate/hit/one_page");
BENCHMARK_CAPTURE(translate_hit, pages_256, "many")->Name("translate/hit/256_pages");

void translate_miss(benchmark::State& state) {
  bench::two_stage_tables tables{{.pages = 16}};
  const auto addresses = tables.random_addresses(1024);
  const auto regime = tables.regime();
  auto memory = tables.memory();
  context ctx;
  const auto tlb = std::make_unique<paging::tlb<64, 8>>();
  const memory_access why{.level = user_mode};
  std::size_t i = 0;
  for (auto _ : state) {
    tlb->flush({1});
    const auto found = paging::translate(ctx, memory, *tlb, regime, guest_space, gva{addresses[i++ % 1024]}, why);
    benchmark::DoNotOptimize(found->where.value);
  }
}
BENCHMARK(translate_miss)->Name("translate/miss");

template <std::size_t Sets>
void flush_asid(benchmark::State& state) {
  const auto tlb = std::make_unique<paging::tlb<Sets, 8>>();
  for (std::uint64_t page = 0; page < Sets * 8; ++page)
    tlb->fill(guest_space, {.linear = page << 12, .page = {page << 12}, .served = 1});
  for (auto _ : state) {
    tlb->flush({1});
    benchmark::ClobberMemory();
  }
}
BENCHMARK(flush_asid<8>)->Name("flush/asid/64");
BENCHMARK(flush_asid<64>)->Name("flush/asid/512");
BENCHMARK(flush_asid<512>)->Name("flush/asid/4096");

void reset(benchmark::State& state) {
  memory::sparse_dram chips{std::uint64_t{64} << 30};
  const auto pages = static_cast<std::uint64_t>(state.range(0));
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < pages; ++i) (*chips.touch({i * 4001}))[0] = 1;
    chips.reset();
  }
  state.counters["ns_per_page"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(pages) * 1e-9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(reset)->Name("reset")->Arg(1)->Arg(16)->Arg(256)->Arg(4096);

const std::array<std::uint8_t, 16> seed{1, 2, 3};

auto make_controller() -> controller {
  controller made{crypto::aes128_xex{crypto::drawn_tweak_constants(1)}, memory::sparse_dram{std::uint64_t{1} << 30},
                  16};
  if (!made.install_key({1}, seed)) std::abort();
  return made;
}

void page_cipher(benchmark::State& state) {
  const crypto::aes128_xex cipher{crypto::drawn_tweak_constants(1)};
  const auto key = cipher.expand(seed);
  std::array<std::uint8_t, 4096> in{};
  std::array<std::uint8_t, 4096> out{};
  for (auto _ : state) {
    cipher.encrypt(key, {0x10000}, in, out);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(page_cipher)->Name("page/cipher");

void page_write(benchmark::State& state) {
  controller memory = make_controller();
  std::array<std::uint8_t, 4096> in{};
  for (auto _ : state) {
    benchmark::DoNotOptimize(memory.write({0x10000}, memory_key::guest({1}), in));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(page_write)->Name("page/write");

void page_read(benchmark::State& state) {
  controller memory = make_controller();
  std::array<std::uint8_t, 4096> out{};
  (void)memory.write({0x10000}, memory_key::guest({1}), out);
  for (auto _ : state) {
    benchmark::DoNotOptimize(memory.read({0x10000}, memory_key::guest({1}), out));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(page_read)->Name("page/read");

void qword_read(benchmark::State& state, memory_key key) {
  controller memory = make_controller();
  for (std::uint64_t i = 0; i < 64; ++i) (void)memory.compare_exchange_qword({i * 4096}, key, 0, 1);
  std::uint64_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(memory.read_qword({i++ % 64 * 4096}, key));
}
BENCHMARK_CAPTURE(qword_read, plain, memory_key::none())->Name("qword/plain");
BENCHMARK_CAPTURE(qword_read, guest_key, memory_key::guest({1}))->Name("qword/guest_key");

/// 8 bytes of a guest's private page: identity mapped with pages of 1G.
void reference(benchmark::State& state, bool is_private) {
  controller memory = make_controller();
  const std::uint64_t c_bit = is_private ? std::uint64_t{1} << 51 : 0;
  const auto put = [&](std::uint64_t where, memory_key key, std::uint64_t value) {
    (void)memory::write_qword_at(memory, {where}, key, value);
  };
  put(0x1000, memory_key::none(), 0x2067);
  put(0x2000, memory_key::none(), 0xe7);
  put(0x3000, memory_key::guest({1}), 0x4067);
  put(0x4000, memory_key::guest({1}), c_bit | 0xe7);
  context ctx;
  const auto registers = paging::long_mode_registers(0x3000);
  const auto machine = paging::make_two_stage_regime(
      ctx, part_of(generation::milan),
      {.host = registers, .syscfg = 1U << 23, .guest = registers, .ncr3 = 0x1000, .np_control = 3, .id = {1}});
  const auto tlb = std::make_unique<paging::tlb<64, 8>>();
  std::array<std::uint8_t, 8> out{};
  std::uint64_t i = 0;
  for (auto _ : state) {
    const auto done = cpu::read(ctx, memory, *tlb, *machine, guest_space, gva{0x10000 + i++ % 512 * 8}, {}, out);
    benchmark::DoNotOptimize(done.has_value());
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK_CAPTURE(reference, shared, false)->Name("reference/shared");
BENCHMARK_CAPTURE(reference, private_, true)->Name("reference/private");

}  // namespace
