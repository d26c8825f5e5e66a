// SPDX-License-Identifier: MIT
// What reading and writing memory through the layouts costs, against the same work by hand.
//
//   by_hand   std::memcpy into an integer, shifts and masks written out
//   accessor  the layout's accessors on a view over the same unaligned bytes
// The limit: accessor <= 1.1 x by_hand, with both compilers (-O2).
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include <sevspec/layout/rmp.hpp>
#include <sevspec/layout/vmsa.hpp>

namespace {

using namespace sevspec;

constexpr std::size_t entry_count = 4096;

/// RMP entries at an odd address.
auto random_entries() -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> bytes(16 * entry_count + 1);
  std::mt19937_64 random{1};
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

/// Adds up frame numbers and ASIDs of validated pages, without a branch: random entries would measure its prediction.
auto sum_by_hand(const std::uint8_t* entries) -> std::uint64_t {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < entry_count; ++i) {
    std::uint64_t low;
    std::memcpy(&low, entries + 16 * i, sizeof low);
    sum += ((low >> 12 & 0x7f'ffff'ffff) + (low >> 51 & 0x3ff)) * (low & low >> 62 & 1);
  }
  return sum;
}

auto sum_by_accessor(const std::uint8_t* entries) -> std::uint64_t {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < entry_count; ++i) {
    const auto low = layout::rmp_entry_hw_const_view{entries + 16 * i}.qw0();
    sum += (low.gpa_pfn() + low.asid()) * (std::uint64_t{low.assigned()} & std::uint64_t{low.validated()});
  }
  return sum;
}

/// Takes 16 registers over from one VMSA to another, as a world switch does.
void copy_by_hand(std::uint8_t* to, const std::uint8_t* from) {
  for (const unsigned offset : {0x148u, 0x150u, 0x158u, 0x160u, 0x168u, 0x170u, 0x178u, 0x1d8u, 0x1f8u, 0x240u, 0x268u,
                                0x308u, 0x310u, 0x318u, 0x328u, 0x330u}) {
    std::uint64_t value;
    std::memcpy(&value, from + offset, sizeof value);
    value += 1;
    std::memcpy(to + offset, &value, sizeof value);
  }
}

void copy_by_accessor(std::uint8_t* to, const std::uint8_t* from) {
  layout::vmsa_view target{to};
  const layout::vmsa_const_view source{from};
  target.set_cr4(source.cr4() + 1);
  target.set_cr3(source.cr3() + 1);
  target.set_cr0(source.cr0() + 1);
  target.set_dr7(source.dr7() + 1);
  target.set_dr6(source.dr6() + 1);
  target.set_rflags(source.rflags() + 1);
  target.set_rip(source.rip() + 1);
  target.set_rsp(source.rsp() + 1);
  target.set_rax(source.rax() + 1);
  target.set_cr2(source.cr2() + 1);
  target.set_g_pat(source.g_pat() + 1);
  target.set_rcx(source.rcx() + 1);
  target.set_rdx(source.rdx() + 1);
  target.set_rbx(source.rbx() + 1);
  target.set_rbp(source.rbp() + 1);
  target.set_rsi(source.rsi() + 1);
}

template <auto Sum>
void rmp_entries(benchmark::State& state) {
  const auto bytes = random_entries();
  for (auto _ : state) benchmark::DoNotOptimize(Sum(bytes.data() + 1));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(entry_count));
}
BENCHMARK(rmp_entries<sum_by_hand>)->Name("rmp_entries/by_hand");
BENCHMARK(rmp_entries<sum_by_accessor>)->Name("rmp_entries/accessor");

template <auto Copy>
void vmsa_registers(benchmark::State& state) {
  std::vector<std::uint8_t> from(4097, 0x5A);
  std::vector<std::uint8_t> to(4097);
  for (auto _ : state) {
    benchmark::DoNotOptimize(from.data());
    Copy(to.data() + 1, from.data() + 1);
    benchmark::DoNotOptimize(to.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(vmsa_registers<copy_by_hand>)->Name("vmsa_registers/by_hand");
BENCHMARK(vmsa_registers<copy_by_accessor>)->Name("vmsa_registers/accessor");

}  // namespace
