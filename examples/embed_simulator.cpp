// SPDX-License-Identifier: MIT
// A simulator with a memory and a TLB of its own gets the references of a SEV guest right, without a heap.
#include <array>
#include <cstdint>
#include <cstdio>
#include <span>
#include <utility>

#include <sevspec/core.hpp>
#include <sevspec/cpu/access.hpp>
using namespace sevspec;

struct ram {  // every byte, and the key it was written with: through another key it reads as 0xee
  std::array<std::pair<std::uint8_t, memory_key>, 0x9000> cells{};
  auto read(spa at, memory_key key, std::span<std::uint8_t> out) -> memory::memory_status {
    if (at.value + out.size() > cells.size()) return memory::memory_status::no_memory;
    for (auto& one : out) one = cells[at.value].second == key ? cells[at.value].first : 0xee, ++at.value;
    return memory::memory_status::ok;
  }
  auto write(spa at, memory_key key, std::span<const std::uint8_t> in) -> memory::memory_status {
    if (at.value + in.size() > cells.size()) return memory::memory_status::no_memory;
    for (const auto one : in) cells[at.value++] = {one, key};
    return memory::memory_status::ok;
  }
};

struct one_entry_tlb {
  paging::address_space space{};
  paging::cached_translation entry{.linear = 1};  // no page begins at 1
  auto find(paging::address_space who, std::uint64_t linear) const -> const paging::cached_translation* {
    return who == space && linear - entry.linear < bytes_in(entry.size) ? &entry : nullptr;
  }
  void fill(paging::address_space who, const paging::cached_translation& found) { space = who, entry = found; }
};

auto main() -> int {
  static ram chips;
  memory::walkable memory{chips};
  one_entry_tlb tlb;
  context ctx;
  const auto none = memory_key::none(), guest = memory_key::guest({1});
  memory.put_qword({0x1000}, none, 0x2027), memory.put_qword({0x2000}, none, 0xe7);  // nested tables: one page of 1G
  memory.put_qword({0x3000}, guest, 0x4027), memory.put_qword({0x4000}, guest, 1UL << 51 | 0xe7);  // the guest's: C-bit
  const auto registers = paging::long_mode_registers(0x3000);
  const auto machine = paging::make_two_stage_regime(
      ctx, part_of(generation::milan),
      {.host = registers, .syscfg = 1 << 23, .guest = registers, .ncr3 = 0x1000, .np_control = 3, .id = {1}});

  unsigned sum = 0;  // the guest's program: squares into memory, and their sum
  for (std::uint8_t i = 0; i < 10; ++i) {
    std::array square{static_cast<std::uint8_t>(i * i)}, back{std::uint8_t{}};
    (void)cpu::write(ctx, memory, tlb, *machine, {{1}}, gva{0x8000U + i}, {.kind = access_kind::write}, square);
    (void)cpu::read(ctx, memory, tlb, *machine, {{1}}, gva{0x8000U + i}, {}, back);
    sum += back[0];
  }
  std::array seen{std::uint8_t{}};
  (void)chips.read({0x8009}, none, seen);
  std::printf("guest: %u, host sees 0x%x\n", sum, seen[0]);
}
