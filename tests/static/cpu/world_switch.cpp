// SPDX-License-Identifier: MIT
// The world switch, proved by the compiler: a guest runs and leaves nothing behind, a broken one does not run.
#include <array>
#include <span>

#include <sevspec/cpu/world_switch/guest_exit.hpp>
#include <sevspec/cpu/world_switch/guest_registers.hpp>
#include <sevspec/cpu/world_switch/vmload_operand.hpp>
#include <sevspec/layout/initial_vmsa.hpp>
#include <sevspec/paging/tlb.hpp>
#include <sevspec/rmp/small_table.hpp>

namespace {

using namespace sevspec;

/// Four pages without encryption.
struct small_memory {
  std::array<std::uint8_t, 0x4000> bytes{};

  constexpr auto read(spa where, memory_key, std::span<std::uint8_t> out) -> memory::memory_status {
    if (where.value + out.size() > bytes.size()) return memory::memory_status::no_memory;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = bytes[where.value + i];
    return memory::memory_status::ok;
  }
  constexpr auto write(spa where, memory_key, std::span<const std::uint8_t> in) -> memory::memory_status {
    if (where.value + in.size() > bytes.size()) return memory::memory_status::no_memory;
    for (std::size_t i = 0; i < in.size(); ++i) bytes[where.value + i] = in[i];
    return memory::memory_status::ok;
  }
};

struct world {
  small_memory memory;
  rmp::small_table<4, 4> table;
  paging::tlb<1, 1, 8> tlb;
  cpu::stand_in_checksums<1> sums;
  cpu::logical_processor core;
  context<> ctx;

  constexpr world() {
    core.part.min_sev_no_es_asid = 100;
    core.syscfg = 3U << 23;
    core.vm_hsave_pa = {0x2000};
    core.registers.set_cr0(0x8005'0033);
    core.registers.set_cr4(0x6f0);
    core.registers.set_efer(0x1d01);
    cpu::vmcb_page vmcb;
    auto controls = vmcb.controls();
    controls.set_intercept_misc2(layout::vmcb_control_area_intercept_misc2{}.set_vmrun(true));
    controls.set_guest_asid(5);
    controls.set_np_control({7});
    layout::write_le(controls.data() + 0x108, std::uint64_t{0x3000});
    (void)memory.write({0x1000}, memory_key::none(), vmcb.bytes);
    layout::vmsa state = layout::reset_vmsa({.sev_features = 1});
    state.set_rcx(0x5ec'4e75);
    (void)memory.write({0x3000}, memory_key::guest({5}), state.bytes());
    table.entries[3] = {.assigned = true, .validated = true, .vmsa = true, .id = {5}};
  }
  constexpr auto machine() { return cpu::make_switch_machine(memory, table, tlb, sums); }
  constexpr auto run() -> cpu::vmrun_result { return cpu::vmrun(ctx, machine(), core, 0x1000); }
};

// WSW-ST-01: a secret is in the guest's register, and in no register afterwards.
static_assert([] {
  world w;
  if (w.run().end != cpu::vmrun_end::entered || w.core.registers.rcx() != 0x5ec'4e75) return false;
  if (!w.table.entries[3].in_use || !w.table.entries[1].in_use) return false;
  const auto done = cpu::on_guest_event(w.ctx, w.machine(), w.core, {.code = 0x400, .info_2 = 0x5123});
  const auto left = layout::read_le<std::uint64_t>(w.memory.bytes.data() + 0x1080);
  return done.end == cpu::event_end::exits && w.core.registers.rcx() == 0 && left == 0x5000 &&
         !w.table.entries[3].in_use;
}());

// WSW-AE-03, VC-HW-01: CPUID is the guest's own #VC.
static_assert([] {
  world w;
  (void)w.run();
  const auto done = cpu::on_guest_event(w.ctx, w.machine(), w.core, {.code = 0x72});
  return done.end == cpu::event_end::raises && done.raised.vector == 29 && done.raised.error_code == 0x72;
}());

// RMP-VMR-02: a page without the VMSA bit does not run.
static_assert([] {
  world w;
  w.table.entries[3].vmsa = false;
  const auto done = w.run();
  return done.exit_code == layout::svm_exit_codes::invalid && done.decided_by == rule::RMP_VMR_02;
}());

// WSW-ST-09: a scale of one and a half.
static_assert(cpu::scaled_tsc(100, 0x1'8000'0000) == 150);
static_assert(cpu::scaled_tsc(0xffff'ffff'ffff'ffff, 0x1'0000'0000) == 0xffff'ffff'ffff'ffff);
static_assert(cpu::scaled_tsc(0x1'2345'6789'abcd, 0xff'ffff'ffff) ==
              0x1'2345'6789'abcdULL * 256 - 1 - (0x1'2345'6789'abcdULL >> 32));

// WSW-ST-03: rows lie inside the page, in ascending order, and do not overlap; classes a and b fit the host save area.
static_assert([] {
  std::size_t end = 0;
  for (const cpu::swapped_register& row : cpu::swapped_registers) {
    if (row.offset < end) return false;
    end = std::size_t{row.offset} + row.bytes;
    if (end > (row.how == cpu::swap_class::c ? 0x1000 : 0xc00)) return false;
  }
  return true;
}());

// WSW-ST-08: what is read without the nonce is never protected, whatever the bitmap says.
static_assert([] {
  cpu::tweak_bitmap all{};
  all.fill(0xff);
  const auto kept = cpu::protectable(all);
  unsigned missing = 0;
  for (unsigned i = 0; i < 512; ++i) missing += layout::bit_at(kept[i / 8], i % 8) ? 0U : 1U;
  return missing == std::size(cpu::never_protected) && layout::bit_at(kept[5], 7);  // RIP: byte 5, bit 7
}());

// VC-HW-02: the table of double faults.
static_assert([] {
  context<> ctx;
  for (std::uint64_t vector = 0; vector < 32; ++vector) {
    const auto raised = cpu::raise_vc(ctx, 0x72, 0x1000, {0x8000'0300 | vector});
    const bool combines = vector == 0 || (vector >= 10 && vector <= 14) || vector == 29;
    if (raised.has_value() != (vector != 8)) return false;
    if (raised && raised->vector != (combines ? 8 : 29)) return false;
  }
  return true;
}());

}  // namespace
