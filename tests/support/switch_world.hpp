// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_SWITCH_WORLD_HPP
#define SEVSPEC_TESTS_SUPPORT_SWITCH_WORLD_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/cpu/world_switch/guest_exit.hpp>
#include <sevspec/cpu/world_switch/guest_registers.hpp>
#include <sevspec/layout/initial_vmsa.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <support/pad_cipher.hpp>
#include <support/recorder.hpp>

namespace sevspec::test {

/// A word with one bit.
constexpr auto one_at(unsigned n) -> std::uint64_t { return std::uint64_t{1} << n; }

/// Memory of 64 KiB whose bytes lie under their key: read with another key they are something else. It counts reads.
struct keyed_memory {
  std::vector<std::uint8_t> cells = std::vector<std::uint8_t>(0x1'0000);  ///< as they lie
  std::map<std::uint64_t, unsigned> reads;                                ///< of each address at which a read began

  static auto mask(memory_key key, std::uint64_t at) -> std::uint8_t {
    return key == memory_key::none() ? std::uint8_t{0} : pad_byte(static_cast<std::uint8_t>(key.slot + 1), at);
  }
  auto read(spa where, memory_key key, std::span<std::uint8_t> out) -> memory::memory_status {
    if (where.value > cells.size() || out.size() > cells.size() - where.value) return memory::memory_status::no_memory;
    ++reads[where.value];
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<std::uint8_t>(cells[where.value + i] ^ mask(key, where.value + i));
    return memory::memory_status::ok;
  }
  auto write(spa where, memory_key key, std::span<const std::uint8_t> in) -> memory::memory_status {
    if (where.value > cells.size() || in.size() > cells.size() - where.value) return memory::memory_status::no_memory;
    for (std::size_t i = 0; i < in.size(); ++i)
      cells[where.value + i] = static_cast<std::uint8_t>(in[i] ^ mask(key, where.value + i));
    return memory::memory_status::ok;
  }
  /// The bytes with some of them, from `first` on, replaced by zeros.
  [[nodiscard]] auto without(std::uint64_t first, std::size_t count) const -> std::vector<std::uint8_t> {
    std::vector<std::uint8_t> left = cells;
    std::fill_n(left.begin() + static_cast<std::ptrdiff_t>(first), count, std::uint8_t{0});
    return left;
  }
};

/// A TLB that writes down what is dropped.
struct flush_log {
  unsigned all = 0;
  std::vector<std::uint32_t> of_asid{};
  std::vector<std::uint32_t> not_global{};
  unsigned of_pages = 0;
  template <class Which>
  void flush_if(Which&&) {
    ++of_pages;
  }
  void flush_all() { ++all; }
  void flush(asid id) { of_asid.push_back(id.value); }
  void flush_not_global(asid id) { not_global.push_back(id.value); }
  friend auto operator==(const flush_log&, const flush_log&) -> bool = default;
};

/// A host with one guest of each kind ready to run: every precondition of VMRUN holds, and tests break one.
struct switch_world {
  static constexpr spa vmcb_at{0x1000};
  static constexpr spa hsave_at{0x2000};
  static constexpr spa vmsa_at{0x3000};
  static constexpr spa avic_at{0x4000};
  static constexpr spa pml_at{0x5000};
  static constexpr spa ibs_at{0x6000};
  static constexpr asid id{5};
  using table = rmp::small_table<64, 16>;
  using sums = cpu::stand_in_checksums<4>;

  keyed_memory memory;
  table rmp;
  flush_log tlb;
  sums integrity;
  cpu::tweak_bitmap protection{};
  cpu::logical_processor core;
  cpu::guest_kind kind;
  cpu::vmcb_page vmcb;  ///< what `write` puts into memory
  layout::vmsa vmsa;    ///< in plain
  layout::host_save_area_es host;

  explicit switch_world(cpu::guest_kind which = cpu::guest_kind::snp, bool host_snp = true) : kind(which) {
    core.part.min_sev_no_es_asid = 100;
    core.syscfg = (std::uint64_t{1} << 23) | (host_snp ? std::uint64_t{1} << 24 : 0);
    core.vm_hsave_pa = hsave_at;
    core.id = 7;
    core.tlb_id = 3;
    core.next_nonce = 0x1122'3344'5566'7788;
    core.registers = host_registers();
    auto controls = vmcb.controls();
    controls.set_guest_asid(kind == cpu::guest_kind::sev ? 100 : id.value);
    controls.set_nested_cr3(0x8000);
    controls.set_np_control({kind == cpu::guest_kind::plain ? 1U : kind == cpu::guest_kind::sev ? 3U : 7U});
    controls.set_intercept_misc2(layout::vmcb_control_area_intercept_misc2{}.set_vmrun(true));
    layout::write_le(controls.data() + 0x108, vmsa_at.value);
    controls.set_ghcb_gpa(0x7fe5000);
    controls.set_tsc_offset(1000);

    vmsa = guest_registers();
    vmsa.set_sev_features({kind == cpu::guest_kind::snp ? 1U : 0U});
    vmsa.set_pcpu_id(core.id);
    vmsa.set_tlb_id(core.tlb_id);
    if (kind == cpu::guest_kind::snp)
      rmp.entries[vmsa_at.value >> 12] = {.assigned = true, .validated = true, .vmsa = true, .id = id};
    for (std::size_t i = 0; i < 0x2e8; ++i) vmcb.bytes[0x400 + i] = vmsa.data()[i];
    // The hypervisor has stored what hardware does not save.
    for (std::size_t i = 0; i < 0xc00; ++i) host.host_save()[i] = core.registers.data()[i];
    write();
  }

  /// Every register of the host has a byte of its own, which is not the guest's and not a reset value.
  static auto host_registers() -> cpu::register_file {
    cpu::register_file live;
    for (const cpu::swapped_register& row : cpu::swapped_registers)
      for (unsigned i = 0; i < row.bytes; ++i)
        live.data()[row.offset + i] = static_cast<std::uint8_t>(0xa5 + row.offset);
    live.set_cr0(0x8005'0033);
    live.set_cr4(0x6f0);
    live.set_efer(0x1d01);
    live.set_cr3(0x9000);
    live.set_cpl(0);
    return live;
  }
  /// A guest in long mode; registers that nobody judges have bytes of their own.
  static auto guest_registers() -> layout::vmsa {
    layout::vmsa state = layout::reset_vmsa({});
    for (const cpu::swapped_register& row : cpu::swapped_registers) {
      if (row.how == cpu::swap_class::a || row.offset == 0x160 || row.offset == 0x168) continue;
      for (unsigned i = 0; i < row.bytes; ++i)
        state.data()[row.offset + i] = static_cast<std::uint8_t>(0x5b + row.offset);
    }
    state.set_cr0(0x8000'0033);
    state.set_cr3(0x10000);
    state.set_cr4(0x20);
    state.set_efer(0x1d01);
    state.set_rip(0xffff'ffff'8100'0000);
    state.set_rsp(0xffff'ffff'8200'0000);
    state.set_rax(0x5ec4'e7a1);
    state.set_rflags(0x202);
    state.set_dr6(0xffff'0ff0);
    state.set_dr7(0x401);
    layout::set_segment(state.cs(), {.selector = 8, .attributes = 0xa9b, .limit = 0xffff'ffff, .base = 0});
    return state;
  }

  /// Puts VMCB, VMSA and host save area into memory, and makes the VMSA one that is to run.
  void write() {
    (void)memory.write(vmcb_at, memory_key::none(), vmcb.bytes);
    (void)memory.write(hsave_at, memory_key::none(), host.bytes());
    layout::vmsa stored = vmsa;
    context<> ctx;
    cpu::toggle_protection(ctx, stored, protection);
    (void)memory.write(vmsa_at, memory_key::guest(id), stored.bytes());
    integrity.record(vmsa_at, stored);
  }

  auto machine() {
    auto made = cpu::make_switch_machine(memory, rmp, tlb, integrity);
    made.protection = protection;
    return made;
  }
  template <class Context>
  auto run(Context& ctx) -> cpu::vmrun_result {
    return cpu::vmrun(ctx, machine(), core, vmcb_at.value);
  }
  template <class Context>
  auto event(Context& ctx, const cpu::guest_event& what) -> cpu::event_result {
    return cpu::on_guest_event(ctx, machine(), core, what);
  }
  // The same for the contexts that most tests use: compiled once, in switch_world.cpp.
  auto run(context<>& ctx) -> cpu::vmrun_result;
  auto run(recording_context& ctx) -> cpu::vmrun_result;
  auto event(context<>& ctx, const cpu::guest_event& what) -> cpu::event_result;
  auto event(recording_context& ctx, const cpu::guest_event& what) -> cpu::event_result;
  /// The VMCB as the hypervisor reads it.
  auto vmcb_now() -> cpu::vmcb_page {
    cpu::vmcb_page page;
    (void)memory.read(vmcb_at, memory_key::none(), page.bytes);
    return page;
  }
  /// The VMSA as it lies, through the guest's key.
  auto vmsa_stored() -> layout::vmsa {
    layout::vmsa page;
    (void)memory.read(vmsa_at, memory_key::guest(id), page.bytes());
    return page;
  }
};

}  // namespace sevspec::test

#endif
