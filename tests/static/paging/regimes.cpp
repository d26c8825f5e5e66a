// SPDX-License-Identifier: MIT
// Registers to regimes, reference counts and keys, proved by the compiler.
#include <sevspec/memory/key_selection.hpp>
#include <sevspec/paging/reference_count.hpp>
#include <support/machines.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using paging::table_reads;

static_assert(table_reads(4, 4) == 24 && table_reads(5, 5) == 35 && table_reads(5, 4) == 29 && table_reads(4, 5) == 29);
static_assert(table_reads(0, 4) == 4 && table_reads(3, 4) == 19 && table_reads(2, 4) == 14 && table_reads(4, 0) == 4);

constexpr auto refused_by(std::uint64_t cr3, std::uint64_t syscfg) -> rule {
  context<> ctx;
  const auto regime = paging::make_host_regime(ctx, test_part, paging::long_mode_registers(cr3), syscfg);
  return regime ? rule::none : regime.error().decided_by;
}
static_assert(refused_by(0x1000, 0) == rule::none);
static_assert(refused_by(bit_at(63), 0) == rule::PAG_CR3_01);
static_assert(refused_by(bit_at(52), encryption_on) == rule::PAG_CR3_01);
static_assert(refused_by(bit_at(51), 0) == rule::PAG_CR3_03);
static_assert(refused_by(bit_at(51), encryption_on) == rule::none);
static_assert(refused_by(bit_at(43), 0) == rule::none);
static_assert(refused_by(bit_at(43), encryption_on) == rule::PAG_CR3_03);

// Every part of every generation, both ways.
static_assert([] {
  for (const cpu_part& part : generation_parts) {
    if (!paging::check_part(part)) return false;
    if (paging::host_entry_width(part, false).bits != part.pa_bits) return false;
    if (paging::host_entry_width(part, true).bits != part.pa_bits - part.reduction) return false;
    if (paging::guest_entry_width(part, true).bits != part.pa_bits) return false;
    if (paging::guest_entry_width(part, false).c_mask != 0) return false;
    if (paging::host_entry_width(part, true).c_mask != bit_at(part.c_bit)) return false;
  }
  return true;
}());

static_assert(memory::key_for_guest(memory::effective_c(true, false, true, true), {3}, true) == memory_key::guest({3}));
static_assert(memory::key_for_guest(memory::effective_c(true, false, true, false), {3}, true) == memory_key::host());
static_assert(memory::key_for_guest(memory::effective_c(false, true, false, true), {3}, false) == memory_key::none());

}  // namespace
