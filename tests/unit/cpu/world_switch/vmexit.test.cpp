// SPDX-License-Identifier: MIT
// What becomes of an event of a guest, and what #VMEXIT saves, hides and restores.
#include <map>
#include <set>
#include <string>

#include <sevspec/cpu/sev_registers.hpp>
#include <support/catch.hpp>
#include <support/recorder.hpp>
#include <support/switch_scenarios.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using cpu::event_end;
using cpu::guest_kind;
using cpu::vmrun_end;

constexpr guest_kind every_kind[] = {guest_kind::plain, guest_kind::sev, guest_kind::sev_es, guest_kind::snp};
constexpr cpu::exit_reason interrupt{.code = 0x60, .guest_code = 0x60};

/// A guest that runs, with these bits of SEV_FEATURES and every intercept of the VMCB set or none.
auto running(guest_kind kind, std::uint64_t features = 0, bool intercepts = true,
             const std::function<void(switch_world&)>& change = {}) -> switch_world {
  switch_world world(kind);
  set_features(world, features);
  if ((features & one_at(16)) != 0) allow_everything(world);
  for (unsigned i = 0; i < 24 && intercepts; ++i) world.vmcb.bytes[i] = 0xff;
  if (change) change(world);
  world.write();
  context<> ctx;
  REQUIRE(world.run(ctx).end == vmrun_end::entered);
  return world;
}

auto code_in(switch_world& world) -> std::uint64_t {
  return layout::read_le<std::uint64_t>(world.vmcb_now().bytes.data() + 0x70);
}

/// The fact sheet's table: automatic exits, and whether RIP is behind the instruction.
const std::map<std::uint64_t, bool> automatic = [] {
  std::map<std::uint64_t, bool> codes{{0x52, false}, {0x60, false}, {0x61, false},  {0x62, false}, {0x63, false},
                                      {0x64, false}, {0x77, true},  {0x78, true},   {0x7f, false}, {0x8f, true},
                                      {0xa5, false}, {0xa6, true},  {0x400, false}, {0x403, true}};
  for (std::uint64_t code = 0x90; code <= 0x9f; ++code) codes[code] = true;
  return codes;
}();

}  // namespace

TEST_CASE("WSW-AE-01: the closed list, code by code", "[cpu][WSW-AE-01][VC-HW-01]") {
  for (const guest_kind kind : {guest_kind::sev_es, guest_kind::snp})
    for (std::uint64_t code = 0; code < 0x410; ++code) {
      if (code == 0xc0) code = 0x400;
      if (code > 0xa6 && code < 0x400) continue;  // no such events
      context<> ctx;
      switch_world world = running(kind);
      const std::uint64_t rip = world.core.registers.rip();
      const auto done = world.event(ctx, {.code = code, .instruction_bytes = 3, .mapped = true});
      INFO(hex(code) << ' ' << name_of(done.end));
      const auto found = automatic.find(code);
      if (found == automatic.end()) {
        REQUIRE(done.end == event_end::raises);
        CHECK(done.raised == cpu::guest_exception{.vector = 29, .error_code = code, .rip = rip});
        CHECK(world.core.registers.rip() == rip);
        CHECK(code_in(world) == 0);
      } else {
        REQUIRE(done.end == event_end::exits);
        CHECK(code_in(world) == code);
        CHECK(world.vmsa_stored().rip() == rip + (found->second ? 3 : 0));
      }
    }
}

TEST_CASE("WSW-AE-01: without hidden state everything exits", "[cpu][WSW-AE-01][VC-HW-01]") {
  for (const guest_kind kind : {guest_kind::plain, guest_kind::sev})
    for (const std::uint64_t code : {0x72U, 0x7bU, 0x78U, 0x4eU, 0x8fU, 0x400U}) {
      context<> ctx;
      switch_world world = running(kind);
      const std::uint64_t rip = world.core.registers.rip();
      REQUIRE(world.event(ctx, {.code = code, .instruction_bytes = 2, .mapped = true}).end == event_end::exits);
      CHECK(code_in(world) == code);
      const bool trap = code == 0x8f;
      CHECK(world.vmcb_now().save().rip() == rip + (trap ? 2 : 0));
      CHECK(world.vmcb_now().controls().next_rip() == rip + 2);
    }
}

TEST_CASE("WSW-AE-01: what is intercepted with no bit set", "[cpu][WSW-AE-01][WSW-AE-03]") {
  const auto goes_on = [](guest_kind kind, std::uint64_t features, std::uint64_t code) {
    context<> ctx;
    switch_world world = running(kind, features, false, [](switch_world& w) {
      w.vmcb.controls().set_intercept_misc2(layout::vmcb_control_area_intercept_misc2{}.set_vmrun(true));
    });
    return world.event(ctx, {.code = code, .mapped = true}).end == event_end::goes_on;
  };
  using enum guest_kind;
  for (const guest_kind kind : every_kind) {
    const bool hidden = has_hidden_state(kind);
    CHECK(goes_on(kind, 0, 0x62) == !hidden);        // SMI
    CHECK_FALSE(goes_on(kind, 0, 0x400));            // #NPF
    CHECK(goes_on(kind, 0, 0x83) == !hidden);        // VMSAVE
    CHECK(goes_on(kind, 0, 0x72) == (kind != snp));  // CPUID
    CHECK(goes_on(kind, 0, 0x7b) == (kind != snp));  // I/O
    CHECK(goes_on(kind, 0, 0x60));
    CHECK(goes_on(kind, 0, 0x52));
    CHECK(goes_on(kind, 0, 0x6e));
  }
  for (const unsigned feature : {3U, 4U, 16U})
    for (const std::uint64_t code : {0x52U, 0x60U, 0x61U, 0x63U}) CHECK_FALSE(goes_on(snp, one_at(feature), code));
  CHECK(goes_on(snp, one_at(5), 0x60));
}

TEST_CASE("SMI exits as its bit says without hidden state, and always with it", "[cpu][WSW-AE-01]") {
  for (const guest_kind kind : every_kind)
    for (const bool wanted : {false, true}) {
      context<> ctx;
      switch_world world = running(kind, 0, false, [&](switch_world& w) {
        w.vmcb.controls().set_intercept_misc1(layout::vmcb_control_area_intercept_misc1{}.set_smi(wanted));
      });
      const auto end = world.event(ctx, {.code = 0x62}).end;
      CHECK(end == (wanted || has_hidden_state(kind) ? event_end::exits : event_end::goes_on));
    }
}

TEST_CASE("write traps of control registers are for guests with hidden state", "[cpu][WSW-AE-01]") {
  for (const guest_kind kind : every_kind) {
    context<> ctx;
    switch_world world = running(kind);
    CHECK((world.event(ctx, {.code = 0x94, .info_1 = 0x20}).end == event_end::exits) == has_hidden_state(kind));
    if (has_hidden_state(kind)) CHECK(world.vmcb_now().controls().exit_info_1() == 0x20);
  }
}

TEST_CASE("WSW-AE-02: the mark of MMIO", "[cpu][WSW-AE-02]") {
  for (const std::uint64_t info : {std::uint64_t{0x1'0000'0004}, std::uint64_t{0x1'0000'000d}}) {
    context<> ctx;
    switch_world world = running(guest_kind::snp);
    const auto done = world.event(ctx, {.code = 0x400, .info_1 = info, .info_2 = 0xfee0'0030});
    CHECK(done.end == ((info & 8) != 0 ? event_end::raises : event_end::exits));
    if (done.end == event_end::raises) CHECK(done.raised.error_code == 0x400);
  }
}

TEST_CASE("WSW-AE-04: the APIC's MSRs", "[cpu][WSW-AE-04]") {
  for (const std::uint64_t feature : {std::uint64_t{0}, one_at(4), one_at(16)})
    for (const std::uint32_t msr : {0x7ffU, 0x800U, 0x8ffU, 0x900U})
      for (const bool mapped : {false, true}) {
        context<> ctx;
        switch_world world = running(guest_kind::snp, feature);
        const bool apic = msr >= 0x800 && msr <= 0x8ff;
        const bool wanted = apic && feature == one_at(4) ? true : apic && feature == one_at(16) ? false : mapped;
        CHECK((world.event(ctx, {.code = 0x7c, .msr = msr, .mapped = mapped}).end == event_end::raises) == wanted);
      }
}

TEST_CASE("WSW-AE-05: intercepts that a #VC handler cannot stand", "[cpu][WSW-AE-05]") {
  context<> ctx;
  switch_world world;
  CHECK_FALSE(cpu::intercepts_vc_handler(ctx, std::as_const(world.vmcb).controls()));
  world.vmcb.bytes[0x0b] = 0x20;
  CHECK(cpu::intercepts_vc_handler(ctx, std::as_const(world.vmcb).controls()));
  world.vmcb.bytes[0x0b] = 0;
  world.vmcb.controls().set_intercept_misc1(layout::vmcb_control_area_intercept_misc1{}.set_iret(true));
  CHECK(cpu::intercepts_vc_handler(ctx, std::as_const(world.vmcb).controls()));
  world.vmcb.controls().set_np_control({3});
  CHECK_FALSE(cpu::intercepts_vc_handler(ctx, std::as_const(world.vmcb).controls()));
}

TEST_CASE("WSW-AE-06: the guest intercepts for itself", "[cpu][WSW-AE-06]") {
  for (const bool on : {false, true}) {
    const auto raises = [&](cpu::guest_event event) {
      context<> ctx;
      switch_world world = running(guest_kind::snp, on ? one_at(13) : 0, false, [](switch_world& w) {
        w.vmcb.controls().set_intercept_misc2(layout::vmcb_control_area_intercept_misc2{}.set_vmrun(true));
        w.vmsa.data()[0x900 + 0x6e / 8] = 1U << (0x6e % 8);  // RDTSC
        w.vmsa.data()[0x920] = 0x09;                         // reads of slot 0, writes of slot 1
      });
      return world.event(ctx, event).end == event_end::raises;
    };
    CHECK(raises({.code = 0x6e}) == on);
    CHECK_FALSE(raises({.code = 0x6f}));
    CHECK(raises({.code = 0x7c, .msr_slot = 0}) == on);
    CHECK_FALSE(raises({.code = 0x7c, .write = true, .msr_slot = 0}));
    CHECK_FALSE(raises({.code = 0x7c, .msr_slot = 1}));
    CHECK(raises({.code = 0x7c, .write = true, .msr_slot = 1}) == on);
    CHECK(raises({.code = 0x7c}) == on);  // no bit: intercepted
    CHECK(raises({.code = 0x7c, .msr_slot = 128}) == on);
  }
}

TEST_CASE("WSW-ST-01: every register after an exit", "[cpu][WSW-ST-01][WSW-ST-02][WSW-ST-03][WSW-ST-11]") {
  const layout::vmsa reset = layout::reset_vmsa({});
  for (const bool debug_swap : {false, true}) {
    const bool branches = !debug_swap;
    context<> ctx;
    switch_world world(guest_kind::snp);
    if (debug_swap) set_features(world, one_at(5));
    if (branches) world.vmcb.controls().set_virt_ext(layout::vmcb_control_area_virt_ext{}.set_lbr_virt_enable(true));
    // Of class a the hypervisor stores nothing: hardware does.
    for (const auto& row : cpu::swapped_registers)
      for (unsigned i = 0; i < row.bytes && row.how == cpu::swap_class::a; ++i)
        world.host.host_save()[row.offset + i] = 0;
    world.write();
    REQUIRE(world.run(ctx).end == vmrun_end::entered);
    const cpu::register_file as_guest = world.core.registers;
    cpu::vmexit(ctx, world.machine(), world.core, interrupt);
    const cpu::register_file as_host = switch_world::host_registers();
    for (const auto& row : cpu::swapped_registers) {
      INFO(row.name);
      const auto same = [&](const layout::vmsa& a, const layout::vmsa& b) {
        return std::equal(a.data() + row.offset, a.data() + row.offset + row.bytes, b.data() + row.offset);
      };
      const bool swapped = row.when == cpu::swap_condition::debug_swap      ? debug_swap
                           : row.when == cpu::swap_condition::last_branches ? branches
                                                                            : true;
      CHECK(same(as_guest, world.vmsa) == swapped);
      CHECK(same(world.core.registers, swapped && row.how == cpu::swap_class::c ? reset : as_host));
      CHECK(same(world.vmsa_stored(), world.vmsa));
    }
  }
}

TEST_CASE("WSW-ST-03: the class of every register, written down a second time", "[cpu][WSW-ST-03]") {
  const std::map<std::string, char> classes{{"ES", 'a'},
                                            {"CS", 'a'},
                                            {"SS", 'a'},
                                            {"DS", 'a'},
                                            {"GDTR", 'a'},
                                            {"IDTR", 'a'},
                                            {"EFER", 'a'},
                                            {"CR0", 'a'},
                                            {"CR3", 'a'},
                                            {"CR4", 'a'},
                                            {"RFLAGS", 'a'},
                                            {"RIP", 'a'},
                                            {"RSP", 'a'},
                                            {"RAX", 'a'},
                                            {"CPL", 'a'},
                                            {"S_CET", 'a'},
                                            {"SSP", 'a'},
                                            {"ISST_ADDR", 'a'},
                                            {"FS", 'b'},
                                            {"GS", 'b'},
                                            {"LDTR", 'b'},
                                            {"TR", 'b'},
                                            {"KernelGSBase", 'b'},
                                            {"STAR", 'b'},
                                            {"LSTAR", 'b'},
                                            {"CSTAR", 'b'},
                                            {"SFMASK", 'b'},
                                            {"SYSENTER_CS", 'b'},
                                            {"SYSENTER_ESP", 'b'},
                                            {"SYSENTER_EIP", 'b'},
                                            {"RBX", 'b'},
                                            {"RCX", 'b'},
                                            {"RDX", 'b'},
                                            {"RBP-R15", 'b'},
                                            {"XCR0", 'b'},
                                            {"XSS", 'b'},
                                            {"PKRU", 'b'},
                                            {"TSC_AUX", 'b'},
                                            {"PLn_SSP", 'b'},
                                            {"U_CET", 'b'},
                                            {"DR0-DR3", 'b'},
                                            {"DRn_ADDR_MASK", 'b'},
                                            {"x87 and MXCSR", 'c'},
                                            {"XMM, YMM", 'c'},
                                            {"opmask, ZMM", 'c'},
                                            {"CR2", 'c'},
                                            {"DR6", 'c'},
                                            {"DR7", 'c'},
                                            {"DebugCtl", 'c'},
                                            {"LBR", 'c'}};
  std::map<std::string, char> found;
  for (const auto& row : cpu::swapped_registers) found[row.name] = static_cast<char>('a' + static_cast<int>(row.how));
  CHECK(found == classes);
}

TEST_CASE("WSW-ST-03: no register of a VMSA is left out", "[cpu][WSW-ST-03]") {
  // What is no register, and what other features move: PMC and IBS virtualization, G_PAT and SPEC_CTRL, which the host
  // has beside its own.
  const std::set<std::string> others{"vmpl",
                                     "g_pat",
                                     "dbgextncfg",
                                     "spec_ctrl",
                                     "guest_tsc_scale",
                                     "guest_tsc_offset",
                                     "reg_prot_nonce",
                                     "secure_avic_control",
                                     "guest_exit_info_1",
                                     "guest_exit_info_2",
                                     "guest_exit_int_info",
                                     "guest_next_rip",
                                     "sev_features",
                                     "vintr_ctrl",
                                     "guest_exit_code",
                                     "virtual_tom",
                                     "tlb_id",
                                     "pcpu_id",
                                     "event_inj",
                                     "lbr_stack",
                                     "lbr_select"};
  for (const auto& field : layout::descriptions::vmsa_fields) {
    const std::string name = field.name;
    if (field.reserved || others.contains(name) || name.starts_with("perf_") || name.starts_with("ibs_") ||
        name.starts_with("instr_") || name.ends_with("ibs_extd_ctl") || name.starts_with("ic_ibs") ||
        name.starts_with("bp_ibs"))
      continue;
    INFO(name);
    bool covered = false;
    for (const auto& row : cpu::swapped_registers)
      covered |= row.offset <= field.offset && field.offset + field.size <= std::size_t{row.offset} + row.bytes;
    CHECK(covered);
  }
}

TEST_CASE("WSW-ST-02: registers that the hypervisor forgot to store are lost", "[cpu][WSW-ST-02]") {
  context<> ctx;
  switch_world world;
  for (auto& byte : world.host.host_save()) byte = 0;
  world.write();
  REQUIRE(world.run(ctx).end == vmrun_end::entered);
  cpu::vmexit(ctx, world.machine(), world.core, interrupt);
  CHECK(world.core.registers.rip() == switch_world::host_registers().rip());
  CHECK(world.core.registers.star() == 0);
  CHECK(world.core.registers.rbx() == 0);
}

TEST_CASE("a guest without hidden state leaves its registers in the processor", "[cpu]") {
  for (const guest_kind kind : {guest_kind::plain, guest_kind::sev}) {
    context<> ctx;
    switch_world world = running(kind);
    world.core.registers.set_rbx(0x77);
    world.core.registers.set_cr2(0x1234);
    cpu::vmexit(ctx, world.machine(), world.core, interrupt);
    CHECK(world.core.registers.rbx() == 0x77);
    CHECK(world.core.registers.cr2() == 0x1234);
    CHECK(world.core.registers.dr7() == 0x400);
    CHECK(world.core.registers.rip() == switch_world::host_registers().rip());
    CHECK(world.vmcb_now().save().rax() == world.vmsa.rax());
    CHECK(world.vmcb_now().save().cr2() == 0x1234);
  }
}

TEST_CASE("WSW-ST-04: the VMSA says why", "[cpu][WSW-ST-04]") {
  context<> ctx;
  switch_world world = running(guest_kind::snp);
  (void)world.event(ctx, {.code = 0x400, .info_1 = 0x1'0000'0004, .info_2 = 0x1234'5678, .delivering = {0x8000'030e}});
  const layout::vmsa left = world.vmsa_stored();
  const auto controls = world.vmcb_now();
  CHECK(static_cast<std::uint64_t>(left.guest_exit_code()) == 0x400);
  CHECK(left.guest_exit_info_1() == controls.controls().exit_info_1());
  CHECK(left.guest_exit_info_2() == controls.controls().exit_info_2());
  CHECK(left.guest_exit_int_info().raw == 0x8000'030e);
  CHECK(controls.controls().exit_int_info().raw == 0x8000'030e);
  CHECK(left.guest_next_rip() == world.vmsa.rip());
}

TEST_CASE("WSW-ST-05: all that the hypervisor learns", "[cpu][WSW-ST-05][WSW-ST-06]") {
  for (const guest_kind kind : every_kind)
    for (const bool low : {false, true}) {
      context<> ctx;
      ctx.choices.npf_gpa_low12 = low;
      switch_world world = running(kind);
      const cpu::vmcb_page before = world.vmcb_now();
      if (world.core.guest->kind >= guest_kind::sev_es) world.core.guest->ghcb_msr = 0x14;
      (void)world.event(ctx, {.code = 0x400, .info_1 = 0x1'0000'0004, .info_2 = 0x1234'5678});
      const cpu::vmcb_page after = world.vmcb_now();
      const bool hidden = has_hidden_state(kind);
      CHECK(after.controls().exit_info_2() == (hidden && !low ? 0x1234'5000 : 0x1234'5678));
      CHECK(after.controls().ghcb_gpa() == (hidden ? 0x14 : 0x7fe5000));
      CHECK(after.controls().guest_sev_features().raw == (kind == guest_kind::snp ? 1 : 0));
      CHECK(after.controls().interrupt_state().guest_interrupt_mask() == hidden);
      if (!hidden) continue;
      for (std::size_t i = 0; i < after.bytes.size(); ++i) {
        const bool told = (i >= 0x60 && i < 0x90) || (i >= 0xa0 && i < 0xb0) || (i >= 0x140 && i < 0x148);
        if (!told) CHECK(after.bytes[i] == before.bytes[i]);
      }
    }
}

TEST_CASE("WSW-ST-07: EFER.SVME is not the guest's", "[cpu][WSW-ST-07]") {
  for (const guest_kind kind : every_kind) {
    context<> ctx;
    switch_world world = running(kind);
    cpu::write_guest_efer(ctx, world.core, 0xd01);
    CHECK(world.core.registers.efer() == (has_hidden_state(kind) ? 0x1d01 : 0xd01));
  }
}

TEST_CASE("WSW-ST-08: register protection", "[cpu][WSW-ST-08]") {
  for (const bool renonce : {false, true}) {
    context<> ctx;
    ctx.choices.regprot_renonce = renonce;
    switch_world world(guest_kind::snp);
    world.protection.fill(0xff);
    world.vmsa.set_reg_prot_nonce(0xabcd'ef01'2345'6789);
    world.vmsa.set_r8(0);
    set_features(world, one_at(14));
    world.write();
    CHECK(world.vmsa_stored().r8() == 0xabcd'ef01'2345'6789);
    CHECK(world.vmsa_stored().sev_features().raw == 0x4001);
    REQUIRE(world.run(ctx).end == vmrun_end::entered);
    CHECK(world.core.registers.rip() == 0xffff'ffff'8100'0000);
    CHECK(world.core.registers.r8() == 0);
    (void)world.event(ctx, {.code = 0x62});
    const layout::vmsa stored = world.vmsa_stored();
    const std::uint64_t nonce = renonce ? 0x1122'3344'5566'7788 : 0xabcd'ef01'2345'6789;
    CHECK(stored.reg_prot_nonce() == nonce);
    CHECK(stored.r8() == nonce);
    CHECK(static_cast<std::uint64_t>(stored.guest_exit_code()) == 0x62);  // never protected
    CHECK(cpu::read_stored_register(ctx, stored, world.protection, 0x178) == 0xffff'ffff'8100'0000);
    layout::vmsa changed = stored;
    cpu::write_stored_register(ctx, changed, world.protection, 0x340, 0x99);
    CHECK(changed.r8() == (0x99 ^ nonce));
    cpu::write_stored_register(ctx, changed, world.protection, 0x3b8, 0x99);
    CHECK(changed.vintr_ctrl().raw == 0x99);
    REQUIRE(world.run(ctx).end == vmrun_end::entered);
    CHECK(world.core.registers.r8() == 0);
  }
}

TEST_CASE("WSW-ST-08: which quadwords are never protected", "[cpu][WSW-ST-08]") {
  // VMPL; the nonce; GUEST_EXITINFO1, 2, GUEST_EXITINTINFO; SEV_FEATURES; VINTR_CTRL; GUEST_EXITCODE; VIRTUAL_TOM.
  const std::set<unsigned> plain{0x0c8, 0x300, 0x390, 0x398, 0x3a0, 0x3b0, 0x3b8, 0x3c0, 0x3c8};
  constexpr std::uint64_t nonce = 0xabcd'ef01'2345'6789;
  context<> ctx;
  cpu::tweak_bitmap every;
  every.fill(0xff);
  layout::vmsa page;
  page.set_sev_features({0x4001});
  page.set_reg_prot_nonce(nonce);
  const layout::vmsa before = page;
  cpu::toggle_protection(ctx, page, every);
  for (unsigned offset = 0; offset < 0x1000; offset += 8) {
    INFO(hex(offset));
    const auto was = layout::read_le<std::uint64_t>(before.data() + offset);
    const std::uint64_t mask = plain.contains(offset) ? 0 : nonce;
    CHECK(layout::read_le<std::uint64_t>(page.data() + offset) == (was ^ mask));
    CHECK(cpu::read_stored_register(ctx, page, every, static_cast<std::uint16_t>(offset)) == was);
    if (offset == 0x300 || offset == 0x3b0) continue;  // those say whether, and with what
    layout::vmsa written = page;
    cpu::write_stored_register(ctx, written, every, static_cast<std::uint16_t>(offset), 0x99);
    CHECK(layout::read_le<std::uint64_t>(written.data() + offset) == (0x99 ^ mask));
  }
}

TEST_CASE("virtual TOM outlives an exit", "[cpu][PAG-VTOM-04][PAG-VTOM-01]") {
  for (const bool on : {false, true}) {
    context<> ctx;
    switch_world world = running(guest_kind::snp, on ? one_at(1) : 0, true,
                                 [](switch_world& w) { w.vmsa.set_virtual_tom({0x4000'0000}); });
    CHECK(cpu::write_virtual_tom(ctx, world.tlb, *world.core.guest->regime, 0x8020'0000).has_value() == !on);
    cpu::vmexit(ctx, world.machine(), world.core, interrupt);
    CHECK(world.vmsa_stored().virtual_tom().raw == (on ? 0x8020'0000 : 0x4000'0000));
    REQUIRE(world.run(ctx).end == vmrun_end::entered);
    CHECK(world.core.guest->regime->virtual_tom == (on ? 0x8020'0000 : 0));
  }
}

TEST_CASE("WSW-ST-09: a counter that was written stays undefined", "[cpu][WSW-ST-09]") {
  context<> ctx;
  switch_world world = running(guest_kind::snp, one_at(9));
  cpu::vmexit(ctx, world.machine(), world.core, interrupt);
  bool first = false;
  bool second = false;
  const auto run_with = [&](bool* written, bool writes) {
    auto machine = world.machine();
    machine.tsc_written = written;
    REQUIRE(cpu::vmrun(ctx, machine, world.core, switch_world::vmcb_at.value).end == vmrun_end::entered);
    const bool defined = cpu::read_guest_tsc(ctx, world.core.guest->tsc, 100).has_value();
    if (writes) cpu::write_guest_tsc(ctx, world.core.guest->tsc);
    cpu::vmexit(ctx, machine, world.core, interrupt);
    return defined;
  };
  CHECK(run_with(&first, false));
  CHECK(run_with(&first, true));
  CHECK(first);
  CHECK_FALSE(run_with(&first, false));
  CHECK_FALSE(run_with(&first, false));  // whatever exits there were
  CHECK(run_with(&second, false));       // another VMSA's
  CHECK_FALSE(second);
  CHECK(run_with(nullptr, true));
}

TEST_CASE("WSW-ST-09: Secure TSC", "[cpu][WSW-ST-09]") {
  for (const bool secure : {false, true}) {
    context<> ctx;
    switch_world world = running(guest_kind::snp, secure ? one_at(9) : 0, true, [](switch_world& w) {
      w.vmsa.set_guest_tsc_scale(0x1'8000'0000);
      w.vmsa.set_guest_tsc_offset(7);
      w.core.tsc_ratio = 0x8000'0000;
    });
    cpu::guest_tsc& tsc = world.core.guest->tsc;
    CHECK(cpu::read_guest_tsc(ctx, tsc, 100) == (secure ? 157 : 1050));
    CHECK(cpu::guest_tsc_frequency_fault(ctx, tsc, false).has_value() == !secure);
    CHECK(cpu::guest_tsc_frequency_fault(ctx, tsc, true)->kind == fault_kind::gp);
    cpu::write_guest_tsc(ctx, tsc);
    CHECK(cpu::read_guest_tsc(ctx, tsc, 100).has_value() == !secure);
  }
}

TEST_CASE("WSW-ST-13: the GHCB's MSR is the guest's", "[cpu][WSW-ST-13]") {
  for (const guest_kind kind : every_kind) {
    context<> ctx;
    switch_world world = running(kind);
    const bool hidden = has_hidden_state(kind);
    CHECK(cpu::write_ghcb_msr(ctx, world.core, 0x1234'5678'9abc'def1).has_value() == hidden);
    CHECK(cpu::read_ghcb_msr(ctx, world.core).has_value() == hidden);
    cpu::vmexit(ctx, world.machine(), world.core, interrupt);
    if (hidden) CHECK(world.vmcb_now().controls().ghcb_gpa() == 0x1234'5678'9abc'def1);
    CHECK(cpu::read_ghcb_msr(ctx, world.core).error().kind == fault_kind::gp);
    CHECK(cpu::write_ghcb_msr(ctx, world.core, 0).error().kind == fault_kind::gp);
  }
}

TEST_CASE("WSW-RVC-01: what is reflected", "[cpu][WSW-RVC-01][WSW-RVC-02]") {
  for (const bool alternate : {false, true})
    for (const bool delivering : {false, true}) {
      context<> ctx;
      switch_world world = running(guest_kind::snp, one_at(2) | (alternate ? one_at(4) : 0));
      const layout::event_injection interrupted{delivering ? 0x8000'0041U : 0U};
      const auto done =
          world.event(ctx, {.code = 0x72, .info_1 = 5, .info_2 = 6, .delivering = interrupted, .instruction_bytes = 2});
      CHECK(done.end == event_end::reflected);
      CHECK(code_in(world) == 0x5d);
      CHECK(world.vmcb_now().controls().exit_info_1() == 0);
      CHECK(world.vmcb_now().controls().exit_info_2() == 0);
      layout::vmsa left = world.vmsa_stored();
      CHECK(static_cast<std::uint64_t>(left.guest_exit_code()) == 0x72);
      CHECK(left.guest_exit_info_1() == 5);
      CHECK(left.guest_exit_info_2() == 6);
      CHECK(left.rip() == world.vmsa.rip());
      CHECK(left.guest_next_rip() == world.vmsa.rip() + 2);
      CHECK(left.vintr_ctrl().busy() == (alternate && delivering));
      if (!left.vintr_ctrl().busy()) continue;
      // VMPL 0 injects it again.
      CHECK(world.run(ctx).exit_code == svm_exit_codes::busy);
      CHECK(cpu::reinject_for_level(ctx, left));
      (void)world.memory.write(switch_world::vmsa_at, memory_key::guest(switch_world::id), left.bytes());
      REQUIRE(world.run(ctx).end == vmrun_end::entered);
      CHECK(world.core.guest->injected.vector() == 0x41);
    }
}

TEST_CASE("an automatic exit is not reflected, and does not set BUSY", "[cpu][WSW-RVC-01][WSW-RVC-02]") {
  context<> ctx;
  switch_world world = running(guest_kind::snp, one_at(2) | one_at(4));
  CHECK(world.event(ctx, {.code = 0x400, .info_2 = 0x5000, .delivering = {0x8000'0041}}).end == event_end::exits);
  CHECK(code_in(world) == 0x400);
  CHECK_FALSE(world.vmsa_stored().vintr_ctrl().busy());
}

TEST_CASE("WSW-INJ-05: which fields of VINTR_CTRL an exit writes", "[cpu][WSW-INJ-05]") {
  context<> ctx;
  switch_world world = running(guest_kind::snp, one_at(4), true, [](switch_world& w) {
    w.vmsa.set_vintr_ctrl(layout::vmsa_vintr_ctrl{}.set_vgif(true).set_v_intr_vector(0x41).set_v_intr_prio(4));
  });
  auto& now = world.core.guest->interrupts;
  CHECK(now.v_intr_vector() == 0x41);
  now = layout::vmsa_vintr_ctrl{~std::uint64_t{}};
  now.set_vgif(false);
  cpu::vmexit(ctx, world.machine(), world.core, interrupt);
  const auto left = world.vmsa_stored().vintr_ctrl();
  CHECK(left.v_tpr() == 0xf);
  CHECK((left.v_irq() && left.v_nmi() && left.v_nmi_mask() && left.int_shadow()));
  CHECK(left.vgif());
  CHECK(left.v_intr_vector() == 0x41);
  CHECK(left.v_intr_prio() == 4);
  CHECK_FALSE(left.busy());
  CHECK(world.vmcb_now().controls().vintr_control().raw == 0);
}

TEST_CASE("WSW-INJ-05: whose interrupt shadow the hypervisor sees", "[cpu][WSW-INJ-05][WSW-INJ-06]") {
  for (const std::uint64_t features : {std::uint64_t{0}, one_at(3), one_at(4), one_at(16)}) {
    context<> ctx;
    switch_world world = running(guest_kind::snp, features);
    world.core.guest->interrupts.set_int_shadow(true);
    cpu::vmexit(ctx, world.machine(), world.core, interrupt);
    const bool own = features == one_at(4) || features == one_at(16);
    INFO(hex(features));
    CHECK(world.vmcb_now().controls().interrupt_state().interrupt_shadow() == !own);
    CHECK(world.vmsa_stored().vintr_ctrl().int_shadow() == own);
  }
}

TEST_CASE("an instruction that is behind RIP has ended the interrupt shadow", "[cpu][WSW-AE-01]") {
  for (const guest_kind kind : every_kind)
    for (const std::uint64_t code : {0x60ULL, 0x77ULL, 0x78ULL, 0x400ULL, 0x403ULL}) {
      if (code == 0x403 && !has_hidden_state(kind)) continue;
      context<> ctx;
      switch_world world = running(kind);
      world.core.guest->interrupts.set_int_shadow(true);
      REQUIRE(world.event(ctx, {.code = code, .instruction_bytes = 1}).end == event_end::exits);
      const bool behind = has_hidden_state(kind) && (code == 0x77 || code == 0x78 || code == 0x403);
      INFO(name_of(kind) << ' ' << hex(code));
      CHECK(world.vmcb_now().controls().interrupt_state().interrupt_shadow() == !behind);
    }
}

TEST_CASE("WSW-RVC-02: BUSY is set with alternate injection alone", "[cpu][WSW-RVC-02]") {
  for (const std::uint64_t features : {std::uint64_t{0}, one_at(4), one_at(16)}) {
    context<> ctx;
    switch_world world = running(guest_kind::snp, one_at(2) | features);
    CHECK(world.event(ctx, {.code = 0x72, .delivering = {0x8000'0041}}).end == event_end::reflected);
    CHECK(world.vmsa_stored().vintr_ctrl().busy() == (features == one_at(4)));
  }
}

TEST_CASE("VC-HW-02: #VC inside the delivery of another event", "[cpu][VC-HW-02]") {
  const auto during = [](std::uint64_t event) {
    context<> ctx;
    switch_world world = running(guest_kind::snp);
    const auto done = world.event(ctx, {.code = 0x72, .delivering = {event}});
    return done.end == event_end::exits ? code_in(world) : std::uint64_t{done.raised.vector};
  };
  for (const std::uint64_t vector : {0U, 10U, 11U, 12U, 13U, 14U, 29U}) CHECK(during(0x8000'0300 | vector) == 8);
  for (const std::uint64_t vector : {1U, 3U, 6U, 17U}) CHECK(during(0x8000'0300 | vector) == 29);
  CHECK(during(0x8000'0308) == 0x7f);  // #DF: shutdown
  CHECK(during(0x8000'000d) == 29);    // an interrupt of that number
  CHECK(during(0x0000'030d) == 29);    // not valid
}

TEST_CASE("VC-HW-03: nothing but the error code comes with #VC", "[cpu][VC-HW-03]") {
  context<> ctx;
  switch_world world = running(guest_kind::snp);
  const auto before = world.memory.cells;
  const auto registers = world.core.registers;
  CHECK(world.event(ctx, {.code = 0x7b, .info_1 = 0x3f8'0210, .info_2 = 9, .mapped = true}).end == event_end::raises);
  CHECK(world.memory.cells == before);
  CHECK(world.core.registers == registers);
}

TEST_CASE("VC-HW-04: a page that is not validated", "[cpu][VC-HW-04]") {
  const auto at = [](std::uint64_t features, fault raised) {
    switch_world world = running(guest_kind::snp, features);
    context<> ctx;
    const auto done = cpu::on_guest_fault(ctx, world.machine(), world.core, raised, gva{0x7000'1234},
                                          {.code = 0x404, .info_1 = 5, .info_2 = 0x9000});
    return std::pair{std::move(world), done};
  };
  auto [direct, raised] = at(0, {fault_kind::vc, rule::PAG_RMPS_08, 0x404, 0});
  CHECK(raised.end == event_end::raises);
  CHECK(raised.raised.error_code == 0x404);
  CHECK(direct.core.registers.cr2() == 0x7000'1234);
  auto [reflecting, reflected] = at(one_at(2), {fault_kind::vc, rule::PAG_RMPS_08, 0x404, 0});
  CHECK(reflected.end == event_end::reflected);
  CHECK(static_cast<std::uint64_t>(reflecting.vmsa_stored().guest_exit_code()) == 0x404);
  CHECK(reflecting.vmsa_stored().guest_exit_info_2() == 0x9000);
  CHECK(reflecting.vmsa_stored().cr2() == 0x7000'1234);
  auto [nested, exited] = at(0, {fault_kind::npf, rule::RMP_CHK_01, 0x8000'0004, 0x5000});
  CHECK(exited.end == event_end::exits);
  CHECK(code_in(nested) == 0x400);
  auto [marked, mmio] = at(0, {fault_kind::vc, rule::PAG_NPF_12, 0x400, 0});
  CHECK(mmio.raised.error_code == 0x400);
  CHECK(marked.core.registers.cr2() == marked.vmsa.cr2());
  auto [own, none] = at(0, {fault_kind::pf, rule::PAG_PERM_04, 4, 0x5000});
  CHECK(none.end == event_end::goes_on);
  CHECK(own.core.registers.cr2() == own.vmsa.cr2());
}

TEST_CASE("VC-HW-05: encodings of VMGEXIT", "[cpu][VC-HW-05]") {
  context<> ctx;
  const auto decoded = [&](std::vector<std::uint8_t> bytes, bool hidden) {
    return std::string(name_of(cpu::decode_vmm_call(ctx, bytes, hidden)));
  };
  for (const bool hidden : {false, true}) {
    CHECK(decoded({0xf3, 0x0f, 0x01, 0xd9}, hidden) == (hidden ? "VMGEXIT" : "VMMCALL"));
    CHECK(decoded({0xf2, 0x0f, 0x01, 0xd9, 0x90}, hidden) == (hidden ? "VMGEXIT" : "VMMCALL"));
    CHECK(decoded({0x0f, 0x01, 0xd9}, hidden) == "VMMCALL");
    CHECK(decoded({0xf3, 0x0f, 0x01}, hidden) == "neither");
    CHECK(decoded({0x66, 0x0f, 0x01, 0xd9}, hidden) == "neither");
    CHECK(decoded({}, hidden) == "neither");
  }
}

TEST_CASE("VC-HW-05, VC-HW-06: VMGEXIT resumes behind itself and tells what it may", "[cpu][VC-HW-05][VC-HW-06]") {
  const std::array<std::uint8_t, 4> vmgexit{0xf3, 0x0f, 0x01, 0xd9};
  for (const guest_kind kind : {guest_kind::sev, guest_kind::sev_es, guest_kind::snp})
    for (const bool parameter : {false, true}) {
      context<> ctx;
      switch_world world = running(kind, kind != guest_kind::sev && parameter ? one_at(10) : 0);
      world.core.registers.set_cpl(3);
      CHECK(cpu::on_vmm_call(ctx, world.machine(), world.core, vmgexit).end == event_end::exits);
      const bool hidden = has_hidden_state(kind);
      CHECK(code_in(world) == (hidden ? 0x403 : 0x81));
      const bool tells = hidden && parameter;
      CHECK(world.vmcb_now().controls().vmgexit_rax() == (tells ? world.vmsa.rax() : 0));
      CHECK(world.vmcb_now().controls().vmgexit_cpl() == (tells ? 3 : 0));
      if (hidden) CHECK(world.vmsa_stored().rip() == world.vmsa.rip() + 4);
      if (hidden) CHECK(world.vmsa_stored().rax() == world.vmsa.rax());
    }
}
