// SPDX-License-Identifier: MIT
#include "tour_running_guest.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include <sevspec/firmware/launch_digest.hpp>
#include <sevspec/layout/initial_vmsa.hpp>

namespace sevspec::tool {

namespace {

using bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t mapped_pages = 512;
constexpr spa nested_tables{0x240'0000};  ///< four pages, one of each level, the hypervisor's
constexpr spa vmcbs{0x250'0000};
constexpr spa save_areas{0x251'0000};
constexpr std::uint64_t present = 0x63;         ///< P, W, A, D
constexpr std::uint64_t nested_present = 0x67;  ///< and U, which nested tables need
/// The mark that hypervisors put on pages of devices: an entry with a reserved bit.
constexpr std::uint64_t device_mark = std::uint64_t{1} << 50 | nested_present;

void require(bool done) {
  if (!done) throw std::logic_error("something that cannot fail has failed");
}

/// A Zen 3 part with few ASIDs for SEV guests without SEV-ES.
[[nodiscard]] auto part_with(std::uint32_t min_sev_asid) -> cpu_part {
  cpu_part part = part_of(generation::milan);
  part.min_sev_no_es_asid = min_sev_asid;
  return part;
}
[[nodiscard]] auto c_bit() -> std::uint64_t { return std::uint64_t{1} << part_of(generation::milan).c_bit; }

/// Four tables that lie one after the other and map 2 MiB.
/// @param first  address of the highest table, as entries have it
template <class Leaf>
[[nodiscard]] auto make_tables(std::uint64_t first, std::uint64_t rights, Leaf&& leaf) -> bytes {
  bytes made(4 * guest_page_bytes);
  for (std::uint64_t level = 0; level < 3; ++level)
    layout::write_le(made.data() + level * guest_page_bytes, (first + (level + 1) * guest_page_bytes) | rights);
  for (std::uint64_t i = 0; i < mapped_pages; ++i)
    layout::write_le(made.data() + 3 * guest_page_bytes + 8 * i, std::uint64_t{leaf(i * guest_page_bytes)});
  return made;
}

[[nodiscard]] auto guest_entry(gpa page, bool is_private) -> std::uint64_t {
  return page.value | present | (is_private ? c_bit() : 0);
}

[[nodiscard]] auto code_page() -> bytes {
  bytes page(guest_page_bytes);
  const auto put = [&](gva where, std::initializer_list<std::uint8_t> instruction) {
    std::ranges::copy(instruction, page.begin() + static_cast<std::ptrdiff_t>(where.value - guest_map::code.value));
  };
  put(guest_code::vmgexit, {0xf3, 0x0f, 0x01, 0xd9});
  put(guest_code::out, {0xee});
  put(guest_code::in, {0xec});
  put(guest_code::store, {0x89, 0x03});
  put(guest_code::load, {0x8b, 0x03});
  put(guest_code::halt, {0xf4});
  return page;
}

}  // namespace

auto long_mode_vmsa(gva rip) -> layout::vmsa {
  layout::vmsa made = layout::reset_vmsa({.sev_features = 1});
  layout::set_segment(made.cs(), {.selector = 8, .attributes = 0xa9b, .limit = 0xffff'ffff});
  made.set_cr0(0x8000'0033);
  made.set_cr3(guest_map::tables.value | c_bit());
  made.set_cr4(0x20);
  made.set_efer(0x1d01);
  made.set_rip(rip.value);
  return made;
}

running_guest_host::running_guest_host() {
  host_.write(nested_tables, make_tables(nested_tables.value, nested_present, [&](std::uint64_t page) {
                return page == guest_map::device.value ? page | device_mark : spa_of({page}).value | nested_present;
              }));
  for (std::size_t i = 0; i < cores_.size(); ++i) {
    cpu::logical_processor& core = cores_[i];
    core.part = part_with(machine_.hw.min_sev_asid);
    core.syscfg = machine_.hw.threads.front().registers.syscfg;
    core.vm_hsave_pa = save_areas + i * guest_page_bytes;
    core.id = core.tlb_id = i + 1;
    core.registers.set_cr0(0x8001'0033);
    core.registers.set_cr4(0xa0);
    core.registers.set_efer(0x1d01);
    layout::host_save_area_es saved;
    std::ranges::copy(core.registers.bytes().first(saved.host_save().size()), saved.host_save().begin());
    host_.write(core.vm_hsave_pa, saved.bytes());

    cpu::vmcb_page page;
    auto controls = page.controls();
    controls.set_guest_asid(guest.id.value);
    controls.set_nested_cr3(nested_tables.value);
    controls.set_np_control(
        layout::vmcb_control_area_np_control{}.set_np_enable(true).set_sev_enable(true).set_sev_es_enable(true));
    controls.set_intercept_misc1(layout::vmcb_control_area_intercept_misc1{}.set_hlt(true).set_ioio_prot(true));
    controls.set_intercept_misc2(layout::vmcb_control_area_intercept_misc2{}.set_vmrun(true));
    write(i, page);
  }
  launch();
}

void running_guest_host::add(const launch_load& what) {
  const bool vmsa = what.type == firmware::snp_page_type::vmsa_;
  const std::uint64_t last = (mapped_pages - 1) * guest_page_bytes;
  host_.add(guest, vmsa ? spa_of({last}) : spa_of(what.where), what);
  if (vmsa) use_vmsa(0, spa_of({last}));
  pages_ += what.contents.size() / guest_page_bytes;
}

void running_guest_host::launch() {
  using enum firmware::snp_page_type;
  host_.initialize();
  host_.create(guest);
  host_.start(guest, layout::snp_guest_policy{0x3'0000});
  host_.flush();
  host_.activate(guest);
  add({normal, guest_map::tables, make_tables(guest_map::tables.value | c_bit(), present, [](std::uint64_t page) {
         return guest_entry({page}, page != guest_map::device.value);
       })});
  add({normal, guest_map::code, code_page()});
  for (const gpa page : {guest_map::ghcb, guest_map::page, guest_map::ap_vmsa, guest_map::notes})
    add({zero, page, bytes(guest_page_bytes)});
  layout::vmsa first = long_mode_vmsa(guest_code::out);
  first.set_rax('S');
  first.set_rbx(guest_map::device.value);
  first.set_rdx(0x3f8);
  first.set_r15(0x5ec4'e7a1'5ec4'e7a1);
  add({vmsa_, firmware::kvm_vmsa_gpa, bytes(first.bytes().begin(), first.bytes().end())});
  require(host_.finish(guest) == firmware::status::success);
}

auto running_guest_host::state_of(gpa where) const -> const char* {
  return rmp::name_of(rmp::state_of(machine_.rmp, page_of(spa_of(where))));
}

// --- the hypervisor

auto running_guest_host::vmcb(std::size_t which) const -> cpu::vmcb_page {
  cpu::vmcb_page page;
  std::ranges::copy(host_.read(vmcbs + which * guest_page_bytes, guest_page_bytes), page.bytes.begin());
  return page;
}

void running_guest_host::write(std::size_t which, const cpu::vmcb_page& page) {
  host_.write(vmcbs + which * guest_page_bytes, page.bytes);
}

void running_guest_host::use_vmsa(std::size_t which, spa vmsa) {
  cpu::vmcb_page page = vmcb(which);
  layout::write_le(page.bytes.data() + 0x108, vmsa.value);
  write(which, page);
}

auto running_guest_host::switch_on(std::size_t which) {
  return cpu::make_switch_machine(machine_.memory, machine_.rmp, tlbs_.at(which), checksums_);
}

auto running_guest_host::vmrun(std::size_t which) -> cpu::vmrun_result {
  return cpu::vmrun(ctx_, switch_on(which), cores_.at(which), (vmcbs + which * guest_page_bytes).value);
}

auto running_guest_host::plain(gpa where, std::size_t size) const -> bytes { return host_.read(spa_of(where), size); }

auto running_guest_host::plain_vmsa(std::size_t which) const -> bytes {
  return host_.read({layout::read_le<std::uint64_t>(vmcb(which).bytes.data() + 0x108)}, guest_page_bytes);
}

void running_guest_host::drop_translations() {
  for (auto& tlb : tlbs_) tlb.flush(guest.id);
}

// --- the guest

auto running_guest_host::running(std::size_t which) const -> const cpu::running_guest& {
  const auto& found = cores_.at(which).guest;
  if (!found) throw std::logic_error("no guest runs");
  return *found;
}

auto running_guest_host::regime(std::size_t which) const -> const paging::two_stage_regime& {
  const auto& found = running(which).regime;
  if (!found) throw std::logic_error("no guest with nested paging runs");
  return *found;
}

auto running_guest_host::read(std::size_t which, gva where, std::span<std::uint8_t> to) -> outcome<void> {
  rmp::guarded_memory guarded{machine_.memory, machine_.rmp};
  return cpu::read(ctx_, guarded, tlbs_.at(which), regime(which), {guest.id}, where, {}, to);
}

auto running_guest_host::write(std::size_t which, gva where, std::span<const std::uint8_t> from) -> outcome<void> {
  rmp::guarded_memory guarded{machine_.memory, machine_.rmp};
  return cpu::write(ctx_, guarded, tlbs_.at(which), regime(which), {guest.id}, where, {.kind = access_kind::write},
                    from);
}

auto running_guest_host::instruction_set() const -> rmp::processor {
  return cpu::processor_of(cores_.front().part, cores_.front().syscfg);
}

auto running_guest_host::pvalidate(std::size_t which, gpa page, bool validated) -> outcome<rmp::result> {
  rmp::guarded_memory guarded{machine_.memory, machine_.rmp};
  const auto& tables = regime(which);
  return cpu::pvalidate(ctx_, guarded, tables, machine_.rmp, instruction_set(), cpu::execution_in(tables, kernel_mode),
                        {.where = {page.value}, .size = 0, .validated = validated ? 1U : 0U});
}

auto running_guest_host::rmpadjust(std::size_t which, gpa page, bool vmsa) -> outcome<rmp::result> {
  rmp::guarded_memory guarded{machine_.memory, machine_.rmp};
  const auto& tables = regime(which);
  constexpr std::uint64_t target = 1;  // the highest VMPL that VMPL 0 may change; its rights stay none
  return cpu::rmpadjust(ctx_, guarded, tables, machine_.rmp, instruction_set(), cpu::execution_in(tables, kernel_mode),
                        {.where = {page.value}, .attributes = target | std::uint64_t{vmsa} << 16});
}

void running_guest_host::map(std::size_t which, gpa page, bool is_private) {
  std::array<std::uint8_t, 8> entry{};
  layout::write_le(entry.data(), guest_entry(page, is_private));
  const gpa table = guest_map::tables + 3 * guest_page_bytes;
  require(write(which, gva{table.value + page.value / guest_page_bytes * 8}, entry).has_value());
  paging::invlpg(ctx_, tlbs_.at(which), {guest.id}, page.value);
}

auto running_guest_host::event(std::size_t which, const cpu::guest_event& what) -> cpu::event_result {
  return cpu::on_guest_event(ctx_, switch_on(which), cores_.at(which), what);
}

auto running_guest_host::faulted(std::size_t which, const fault& raised, gva where) -> cpu::event_result {
  return cpu::on_guest_fault(ctx_, switch_on(which), cores_.at(which), raised, where, {});
}

auto running_guest_host::vmgexit(std::size_t which) -> cpu::event_result {
  std::array<std::uint8_t, 4> instruction{};
  require(read(which, gva{cores_.at(which).registers.rip()}, instruction).has_value());
  return cpu::on_vmm_call(ctx_, switch_on(which), cores_.at(which), instruction);
}

}  // namespace sevspec::tool
