// SPDX-License-Identifier: MIT
// Guests that the firmware has launched, run by VMRUN: keys, checksums and page states are the firmware's.
#include <algorithm>
#include <array>
#include <vector>

#include <sevspec/cpu/access.hpp>
#include <sevspec/cpu/world_switch/guest_exit.hpp>
#include <sevspec/firmware/vmsa_checksums.hpp>
#include <sevspec/layout/initial_vmsa.hpp>
#include <sevspec/paging/translation_cache.hpp>
#include <sevspec/rmp/guarded_memory.hpp>
#include <support/bytes.hpp>
#include <support/firmware_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

constexpr spa vmcb_at{0x5'0000};
constexpr spa hsave_at{0x5'1000};
constexpr std::uint64_t vmsa_page = 0x20'0000;

/// Drops what it is told to, and holds nothing.
struct empty_tlb {
  template <class Which>
  void flush_if(Which&&) {}
  void flush_all() {}
  void flush(asid) {}
  void flush_not_global(asid) {}
};

static_assert(cpu::vmsa_integrity<firmware::vmsa_guard<test_machine<>>>);

/// A hypervisor's processor on the firmware's machine.
auto processor_of(const test_machine<>& m, std::uint32_t id) -> cpu::logical_processor {
  cpu::logical_processor core;
  core.part.min_sev_no_es_asid = m.hw.min_sev_asid;
  core.part.encrypted_guests = m.hw.max_asid;
  core.syscfg = m.hw.threads.front().registers.syscfg;
  core.vm_hsave_pa = hsave_at;
  core.registers.set_cr0(0x8005'0033);
  core.registers.set_cr4(0x6f0);
  core.registers.set_efer(0x1d01);
  core.registers.set_rip(id);
  return core;
}

/// Its VMCB.
void write_vmcb(test_machine<>& m, std::uint32_t id, std::uint64_t vmsa) {
  cpu::vmcb_page vmcb;
  auto controls = vmcb.controls();
  controls.set_intercept_misc2(layout::vmcb_control_area_intercept_misc2{}.set_vmrun(true));
  controls.set_guest_asid(id);
  controls.set_np_control({7});
  layout::write_le(controls.data() + 0x108, vmsa);
  poke(m, vmcb_at.value, vmcb.bytes);
  poke(m, hsave_at.value, std::vector<std::uint8_t>(4096));
}

}  // namespace

TEST_CASE("a SEV-ES guest runs as the firmware has encrypted it, and as nobody has changed it",
          "[firmware][FW-SEV-LUV-01][WSW-RUN-05]") {
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  world w(ctx);
  w.ready(true);
  const std::uint32_t handle = w.launched(es_policy, 3);
  layout::vmsa state = layout::reset_vmsa({});
  state.set_rcx(0x5ec'4e75);
  poke(w.m, vmsa_page, state.bytes());
  w.expect(
      {w.update(handle, vmsa_page, 4096, true), w.measure(handle), w.by_handle(command_id::launch_finish, handle)});

  write_vmcb(w.m, 3, vmsa_page);
  cpu::logical_processor core = processor_of(w.m, 3);
  empty_tlb tlb;
  firmware::vmsa_guard guard(w.m, handle);
  const auto machine = cpu::make_switch_machine(w.m.memory, w.m.rmp, tlb, guard);
  const auto run = [&] { return cpu::vmrun(ctx, machine, core, vmcb_at.value); };
  for (std::uint64_t round = 0; round < 3; ++round) {
    REQUIRE(run().end == cpu::vmrun_end::entered);
    CHECK(core.guest->kind == cpu::guest_kind::sev_es);
    CHECK(core.registers.rcx() == 0x5ec'4e75 + round);
    core.registers.set_rcx(core.registers.rcx() + 1);
    CHECK(cpu::on_guest_event(ctx, machine, core, {.code = 0x62}).end == cpu::event_end::exits);
  }
  CHECK(firmware::is_vmsa_of(w.m, handle, peek_guest(w.m, {3}, vmsa_page, 4096)));

  const auto ciphertext = peek(w.m, vmsa_page, 4096);
  auto changed = ciphertext;
  changed[0x308] = static_cast<std::uint8_t>(changed[0x308] ^ 1);
  poke(w.m, vmsa_page, changed);
  CHECK(run().decided_by == rule::WSW_RUN_05);
  poke(w.m, vmsa_page, ciphertext);
  REQUIRE(run().end == cpu::vmrun_end::entered);
  cpu::vmexit(ctx, machine, core, {.code = 0x62, .guest_code = 0x62});

  // Another guest's guard does not know it.
  firmware::vmsa_guard other(w.m, handle + 1);
  const auto confused = cpu::make_switch_machine(w.m.memory, w.m.rmp, tlb, other);
  CHECK(cpu::vmrun(ctx, confused, core, vmcb_at.value).decided_by == rule::WSW_RUN_05);
}

TEST_CASE("an SNP guest runs as the firmware has launched it", "[firmware][FW-SNP-LUP-14][WSW-RUN-06][WSW-ST-08]") {
  for (const std::uint64_t features : {std::uint64_t{1}, std::uint64_t{0x4201}}) {
    recorder heard;
    recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
    world w(ctx, true);
    constexpr std::array covered{0x178U, 0x308U, 0x340U};
    cpu::tweak_bitmap bitmap{};
    for (const unsigned offset : covered)
      bitmap[offset / 64] = static_cast<std::uint8_t>(bitmap[offset / 64] | 1U << offset / 8 % 8);
    std::ranges::copy(bitmap, w.m.hw.vmsa_tweak_bitmap.begin());
    w.snp_launched();
    layout::vmsa state = layout::reset_vmsa({.sev_features = features});
    state.set_rcx(0x5ec'4e75);
    w.guest_page_at(page_at_2m + 0x1000, 0x7'f000);
    poke(w.m, page_at_2m + 0x1000, state.bytes());
    w.expect({w.snp_update(page_at_2m + 0x1000, 2), w.snp_finish()});

    write_vmcb(w.m, 1, page_at_2m + 0x1000);
    cpu::logical_processor core = processor_of(w.m, 1);
    empty_tlb tlb;
    cpu::stand_in_checksums<1> none;
    auto machine = cpu::make_switch_machine(w.m.memory, w.m.rmp, tlb, none);
    machine.protection = bitmap;
    for (unsigned round = 0; round < 2; ++round) {
      const auto done = cpu::vmrun(ctx, machine, core, vmcb_at.value);
      INFO(name_of(done.decided_by));
      REQUIRE(done.end == cpu::vmrun_end::entered);
      CHECK(core.guest->kind == cpu::guest_kind::snp);
      CHECK(core.registers.rip() == 0xfff0);
      CHECK(core.registers.rcx() == 0x5ec'4e75);
      CHECK(core.guest->tsc.guest_scale == (features == 1 ? 0 : firmware::tsc_scale(2'000'000, 99'800)));
      CHECK(w.m.rmp.entry_of({(page_at_2m >> 12) + 1}).in_use);
      CHECK(cpu::on_guest_event(ctx, machine, core, {.code = 0x400, .info_2 = 0x1000}).end == cpu::event_end::exits);
      CHECK(core.registers.rcx() == 0);
    }
    // Register protection hides the register even from those who have the key.
    const auto stored = peek_guest(w.m, {1}, page_at_2m + 0x1000, 4096);
    CHECK((layout::read_le<std::uint64_t>(stored.data() + 0x308) == 0x5ec'4e75) == (features == 1));

    // The hypervisor takes the page away, or changes it: RMPUPDATE clears what VMRUN asks for.
    rmp_update(w.m, page_at_2m + 0x1000, {});
    CHECK(cpu::vmrun(ctx, machine, core, vmcb_at.value).decided_by == rule::RMP_VMR_02);
  }
}

TEST_CASE("a launched guest refers to its memory, and each fault goes where it belongs",
          "[firmware][WSW-AE-02][VC-HW-04][RMP-FLT-08]") {
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  world w(ctx, true);
  w.snp_launched();
  const std::vector<std::uint8_t> image(4096, 0x42);
  w.guest_page_at(page_at_2m, 0x8000);
  poke(w.m, page_at_2m, image);
  w.guest_page_at(page_at_2m + 0x1000, 0x7'f000);
  poke(w.m, page_at_2m + 0x1000, layout::reset_vmsa({.sev_features = 1}).bytes());
  w.expect({w.snp_update(page_at_2m), w.snp_update(page_at_2m + 0x1000, 2), w.snp_finish()});
  // Given by the hypervisor afterwards: the guest has not validated it.
  rmp_update(w.m, page_at_2m + 0x2000, {.assigned = true, .id = {1}, .guest = {0x9000}});

  write_vmcb(w.m, 1, page_at_2m + 0x1000);
  const auto store = [&](std::uint64_t where, std::uint64_t value) {
    std::array<std::uint8_t, 8> bytes{};
    layout::write_le(bytes.data(), value);
    poke(w.m, where, bytes);
  };
  constexpr std::uint64_t tables = 0x6'0000;
  store(vmcb_at.value + 0xb0, tables);
  for (std::uint64_t level = 0; level < 3; ++level) store(tables + level * 4096, (tables + (level + 1) * 4096) | 0x67);
  constexpr std::uint64_t last = tables + 3 * 4096;
  store(last + 8 * 8, page_at_2m | 0x67);
  store(last + 9 * 8, (page_at_2m + 0x2000) | 0x67);
  store(last + 11 * 8, std::uint64_t{1} << 50 | 0x67);  // MMIO: a reserved bit

  cpu::logical_processor core = processor_of(w.m, 1);
  empty_tlb tlb;
  cpu::stand_in_checksums<1> none;
  const auto machine = cpu::make_switch_machine(w.m.memory, w.m.rmp, tlb, none);
  rmp::guarded_memory guarded(w.m.memory, w.m.rmp);
  paging::no_translation_cache cache;
  std::array<std::uint8_t, 8> out{};
  /// A read by the guest, and what becomes of its fault.
  const auto refer = [&](std::uint64_t where) {
    if (!core.guest) REQUIRE(cpu::vmrun(ctx, machine, core, vmcb_at.value).end == cpu::vmrun_end::entered);
    const auto done = cpu::read(ctx, guarded, cache, *core.guest->regime, {.id = core.guest->id}, gva{where}, {}, out);
    if (done) return cpu::event_result{};
    return cpu::on_guest_fault(ctx, machine, core, done.error(), gva{where}, {});
  };
  CHECK(refer(0x8000).end == cpu::event_end::goes_on);
  CHECK(out == std::array<std::uint8_t, 8>{0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42});

  const auto not_validated = refer(0x9010);
  CHECK(not_validated.end == cpu::event_end::raises);
  CHECK(not_validated.raised == cpu::guest_exception{.vector = 29, .error_code = 0x404, .rip = 0xfff0});
  CHECK(core.registers.cr2() == 0x9010);

  const auto mmio = refer(0xb030);
  CHECK(mmio.end == cpu::event_end::raises);
  CHECK(mmio.raised.error_code == 0x400);
  CHECK(core.registers.cr2() == 0x9010);  // as it was

  CHECK(refer(0xa123).end == cpu::event_end::exits);
  const auto vmcb = peek(w.m, vmcb_at.value, 4096);
  CHECK(layout::read_le<std::uint64_t>(vmcb.data() + 0x70) == 0x400);
  CHECK(layout::read_le<std::uint64_t>(vmcb.data() + 0x80) == 0xa000);
  CHECK(core.registers.cr2() == 0);
}
