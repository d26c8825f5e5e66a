// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_ATTACKS_SWITCH_STAGE_HPP
#define SEVSPEC_VERIFY_ATTACKS_SWITCH_STAGE_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <sevspec/cpu/world_switch/guest_exit.hpp>
#include <sevspec/cpu/world_switch/vmrun.hpp>
#include <sevspec/layout/initial_vmsa.hpp>
#include <sevspec/verify/attacks/memory_stage.hpp>

/// The same host with two processors that run guest A: where attacks on VMRUN and #VMEXIT take place.
namespace sevspec::inline v0::verify::attacks {

/// A VMCB, and where the hypervisor keeps it.
struct kept_vmcb {
  spa where{};
  cpu::vmcb_page page{};
};

/// Guest A has two vCPUs; with hidden state each has a VMSA in a private page, as the launch has left it.
class switch_stage : public memory_stage {
 public:
  static constexpr std::array vmsa_pages{gpa{0x8000}, gpa{0x9000}};
  static constexpr std::uint64_t entry_point = 0xffff'ffff'8100'0000;

  explicit switch_stage(const setting& which) : memory_stage(which) {
    for (unsigned i = 0; i < 2; ++i) {
      cpu::logical_processor& core = cores[i];
      core.part = part;
      core.syscfg = syscfg();
      core.id = core.tlb_id = 1 + i;
      core.vm_hsave_pa = spa{0x1a0'0000 + 0x1000 * i};
      core.registers.set_cr0(0x8001'0033);
      core.registers.set_cr4(0xa0);
      core.registers.set_efer(0x1d01);
      layout::host_save_area_es saved;
      std::ranges::copy(core.registers.bytes().first(saved.host_save().size()), saved.host_save().begin());
      write_plain(core.vm_hsave_pa, saved.bytes());
    }
    for (unsigned i = 0; i < 2; ++i) prepare(i, first_state());
  }

  /// Registers that a guest begins with: long mode, its own tables.
  [[nodiscard]] auto first_state() const -> layout::vmsa {
    layout::vmsa made = layout::reset_vmsa({.sev_features = at.snp() ? 1U : 0U});
    layout::set_segment(made.cs(), {.selector = 8, .attributes = 0xa9b, .limit = 0xffff'ffff});
    made.set_cr0(0x8001'0033);
    made.set_cr3(guest_tables.value | c_mask());
    made.set_cr4(0x20);
    made.set_efer(0x1d01);
    made.set_rip(entry_point);
    return made;
  }

  /// A vCPU as its launch leaves it.
  void prepare(unsigned vcpu, const layout::vmsa& state) {
    vmcbs[vcpu].where = spa{0x1a1'0000 + 0x1000 * vcpu};
    prepare(vmcbs[vcpu], a, vmsa_pages[vcpu], state);
  }
  /// Guest A's ASID, with nested tables and a VMSA of any guest's.
  void prepare(kept_vmcb& kept, const stage_guest& whose, gpa vmsa_page, const layout::vmsa& state) {
    auto controls = kept.page.controls();
    controls.set_guest_asid(a.id.value);
    controls.set_nested_cr3(whose.tables.value);
    controls.set_np_control({at.where == column::sev ? 3U : 7U});
    controls.set_intercept_misc2(layout::vmcb_control_area_intercept_misc2{}.set_vmrun(true));
    controls.set_intercept_misc1(layout::vmcb_control_area_intercept_misc1{}.set_intr(true));
    const spa vmsa = place_of(whose, vmsa_page);
    layout::write_le(kept.page.bytes.data() + vmsa_pointer, vmsa.value);
    if (at.where == column::sev) std::copy_n(state.data(), saved_bytes, kept.page.bytes.begin() + save_area);
    else store_vmsa(whose, vmsa_page, state);
    store(kept);
  }
  [[nodiscard]] auto vmsa_of(unsigned vcpu) const -> spa { return place_of(a, vmsa_pages[vcpu]); }

  /// Puts the hypervisor's copy of a VMCB where VMRUN reads it.
  void store(const kept_vmcb& kept) { write_plain(kept.where, kept.page.bytes); }
  /// What VMRUN and #VMEXIT have written.
  void load(kept_vmcb& kept) {
    [[maybe_unused]] const auto done = memory.read(kept.where, memory_key::none(), kept.page.bytes);
  }

  [[nodiscard]] auto machine() {
    auto made = cpu::make_switch_machine(memory, rmp, tlb, checksums);
    made.protection = protection;
    return made;
  }
  auto enter(unsigned core, const kept_vmcb& with) -> cpu::vmrun_result {
    const auto done = cpu::vmrun(ctx, machine(), cores[core], with.where.value);
    note_switch(done.end == cpu::vmrun_end::entered);
    return done;
  }
  auto enter(unsigned core, unsigned vcpu) -> cpu::vmrun_result { return enter(core, vmcbs[vcpu]); }
  /// An interrupt of the host's.
  void leave(unsigned core) {
    [[maybe_unused]] const auto done = cpu::on_guest_event(
        ctx, machine(), cores[core], {.code = static_cast<std::uint64_t>(layout::svm_exit_codes::intr)});
    note_switch(true);
  }
  /// What the guest that a core runs reads with its own tables.
  [[nodiscard]] auto running_read(unsigned core, gva where, std::span<std::uint8_t> out,
                                  access_kind kind = access_kind::read) -> outcome<void> {
    const cpu::running_guest& guest = *cores[core].guest;
    cpu_view seen = seen_by_cpu();
    rmp::guarded_memory guarded{seen, rmp};
    const auto done = cpu::read(ctx, guarded, tlb, *guest.regime, {guest.id}, where, {.kind = kind}, out);
    if (done) note_reference(guest.id, where, kind, out);
    return done;
  }

  static constexpr std::size_t save_area = 0x400;
  static constexpr std::size_t saved_bytes = 0x2e8;  ///< of the save area, as far as a VMSA has the same
  static constexpr std::size_t vmsa_pointer = 0x108;

  std::array<cpu::logical_processor, 2> cores{};
  std::array<kept_vmcb, 2> vmcbs{};
  cpu::stand_in_checksums<4> checksums{};
  cpu::tweak_bitmap protection{};

 private:
  void write_plain(spa where, std::span<const std::uint8_t> what) {
    [[maybe_unused]] const auto done = memory.write(where, memory_key::none(), what);
  }
  /// What LAUNCH_UPDATE_VMSA and SNP_LAUNCH_UPDATE leave.
  void store_vmsa(const stage_guest& whose, gpa guest, const layout::vmsa& state) {
    const spa where = place_of(whose, guest);
    layout::vmsa stored = state;
    cpu::toggle_protection(ctx, stored, protection);
    [[maybe_unused]] const auto done = memory.write(where, memory_key::guest(whose.id), stored.bytes());
    checksums.record(where, stored);
    if (!at.snp()) return;
    assign(whose, guest, where);
    launch_update(where, true);
  }
  /// VMRUN or #VMEXIT: pages are in use from now on, or no longer.
  void note_switch(bool done) {
    in_use_.clear();
    for (const cpu::logical_processor& core : cores)
      for (std::size_t i = 0; core.guest && i < core.guest->held_count; ++i) in_use_.push_back(core.guest->held[i]);
    note_step({.what = rmp_deed::vmrun, .succeeded = done});
  }
};

}  // namespace sevspec::inline v0::verify::attacks

#endif
