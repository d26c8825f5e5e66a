// SPDX-License-Identifier: MIT
// VMRUN of L1's, VMCB12 and VMCB02, exits of L2 and who gets them; how many switches that takes.
#include <array>
#include <cstdint>
#include <string>

#include <sevspec/nested/para_virtual.hpp>
#include <support/catch.hpp>
#include <support/nested_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using world = nested_world<>;
using bytes = std::array<std::uint8_t, 16>;
using call = nested::l1_call_end::kind;
using deed = nested::deed_end::kind;
using counting = context<all_rules, nested::event_counter>;
using kind = nested::event_kind;

constexpr nested::configuration of(mode how, guest_kind variant) { return {l1_hypervisor::kvm, how, variant}; }

auto vmcb12_of(world& w, unsigned n) -> cpu::vmcb_page {
  nested::vmcb12_plan plan{.id = w.named(n), .npt12 = w.root(n)};
  if (cpu::has_hidden_state(w.config.variant)) plan.vmsa = w.vmsa_in_l1(n);
  return nested::make_vmcb12(w.config.variant, plan);
}

}  // namespace

TEST_CASE("VMCB02 is both hypervisors' wishes", "[nested][NES-VMCB-01]") {
  context<> ctx;
  cpu::vmcb_page v12;
  v12.controls().set_intercept_misc1(layout::vmcb_control_area_intercept_misc1{}.set_cpuid(true));
  v12.controls().set_tsc_offset(100);
  v12.controls().set_guest_asid(1);
  v12.controls().set_ghcb_gpa(0x80'0000);
  v12.controls().set_nested_cr3(0x3'0000);
  layout::write_le(v12.bytes.data() + 0xc0, std::uint32_t{0xffff'ffff});
  layout::write_le(v12.bytes.data() + 0x108, std::uint64_t{0x6'7000});
  const nested::merge_facts facts{
      .kind = guest_kind::snp, .id = {9}, .npt02 = {0x5000}, .vmsa = spa{0x1006'7000}, .tsc_offset = 7};
  const auto v02 = nested::merge_vmcb(ctx, v12, facts);
  const auto controls = v02.controls();
  CHECK(controls.intercept_misc1().cpuid());
  CHECK(controls.intercept_misc1().intr());
  CHECK(controls.intercept_misc2().vmload());  // whatever L1 says (FIELD-49)
  CHECK(controls.intercept_misc2().vmsave());
  CHECK_FALSE(v12.controls().intercept_misc2().vmload());
  CHECK(controls.tsc_offset() == 107);
  CHECK(controls.guest_asid() == 9);
  CHECK(controls.nested_cr3() == 0x5000);
  CHECK(controls.np_control().raw == 7);
  CHECK(controls.ghcb_gpa() == 0x80'0000);
  CHECK(layout::read_le<std::uint64_t>(v02.bytes.data() + 0x108) == 0x1006'7000);
  CHECK(controls.vmcb_clean().raw == 0);  // FIELD-50
}

TEST_CASE("field by field, from VMCB12 to VMCB02 and back", "[nested][NES-VMCB-01]") {
  struct field {
    std::size_t at, bytes;
    bool down;            ///< VMCB02 has VMCB12's
    bool up, up_visible;  ///< VMCB12 gets VMCB02's of an L2 with hidden state, and without
  };
  // 090h, 0B0h, 058h, 108h and the intercepts of L0 are computed; 070h to 080h are given.
  constexpr field fields[]{
      {0x040, 8, false, false, false},  // IOPM_BASE_PA
      {0x048, 8, false, false, false},  // MSRPM_BASE_PA
      {0x05c, 1, false, false, false},  // TLB_CONTROL
      {0x060, 8, true, true, true},     // virtual interrupts
      {0x068, 8, true, true, true},     // interrupt shadow
      {0x088, 8, false, true, true},    // EXITINTINFO
      {0x098, 8, false, false, false},  // AVIC_APIC_BAR
      {0x0a0, 8, true, true, false},    // GHCB
      {0x0b8, 8, true, false, false},   // LBR and VMLOAD virtualisation
      {0x0c0, 4, false, false, false},  // clean bits
      {0x0c8, 8, false, false, true},   // nRIP
      {0x0d0, 16, false, false, true},  // bytes of the instruction
      {0x138, 8, true, false, false},   // ALLOWED_SEV_FEATURES
  };
  // Each byte its own; every bit in one of the two.
  cpu::vmcb_page v12, other;
  for (std::size_t i = 0; i < v12.bytes.size(); ++i) {
    v12.bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256 + 1);
    other.bytes[i] = static_cast<std::uint8_t>(~v12.bytes[i]);
  }
  context<> ctx;
  for (const auto kind : {guest_kind::sev, guest_kind::sev_es, guest_kind::snp}) {
    const bool hidden = cpu::has_hidden_state(kind);
    const auto v02 = nested::merge_vmcb(ctx, v12, {.kind = kind, .id = {9}, .npt02 = {0x5000}});
    const auto l0 = nested::intercepts_of_l0();
    for (std::size_t i = 0; i < 24; ++i) {
      INFO(name_of(kind) << ": intercepts, byte " << i);
      CHECK(v02.bytes[i] == (v12.bytes[i] | l0.bytes[i]));
    }
    CHECK(v02.controls().tsc_offset() == v12.controls().tsc_offset());
    CHECK(v02.controls().event_inj().raw == v12.controls().event_inj().raw);

    constexpr std::uint64_t code = 0x400, info_1 = 0x1'0000'0004, info_2 = 0x1234'5000;
    auto reported = v12;
    nested::report_exit(ctx, reported, other, kind, code, info_1, info_2);
    CHECK(layout::read_le<std::uint64_t>(reported.bytes.data() + 0x70) == code);
    CHECK(reported.controls().exit_info_1() == info_1);
    CHECK(reported.controls().exit_info_2() == info_2);
    CHECK(reported.controls().event_inj().raw == 0);  // hardware has delivered it
    // What is L1's to say stays.
    for (const std::size_t at : {0x000U, 0x00cU, 0x017U, 0x050U, 0x058U, 0x090U, 0x0b0U, 0x108U})
      CHECK(reported.bytes[at] == v12.bytes[at]);

    for (const field& one : fields)
      for (std::size_t i = one.at; i < one.at + one.bytes; ++i) {
        INFO(name_of(kind) << ": byte " << i << " of the field at " << one.at);
        if (one.down) CHECK(v02.bytes[i] == v12.bytes[i]);
        else CHECK(v02.bytes[i] == 0);
        CHECK(reported.bytes[i] == ((hidden ? one.up : one.up_visible) ? other : v12).bytes[i]);
      }
    for (std::size_t i = 0x400; i < 0x1000; ++i) {
      INFO(name_of(kind) << ": save area, byte " << i);
      REQUIRE(v02.bytes[i] == (hidden ? 0 : v12.bytes[i]));
      REQUIRE(reported.bytes[i] == (hidden ? v12 : other).bytes[i]);
    }
  }
}

TEST_CASE("ports and MSRs: L1 gets those that its maps have", "[nested][NES-EX-02]") {
  cpu::vmcb_page v12;
  v12.controls().set_intercept_misc1(
      layout::vmcb_control_area_intercept_misc1{}.set_ioio_prot(true).set_msr_prot(true).set_hlt(true));
  for (const std::uint64_t code : {0x7bU, 0x7cU}) {
    CHECK(nested::l1_wants(v12, code, true));
    CHECK_FALSE(nested::l1_wants(v12, code, false));
  }
  CHECK(nested::l1_wants(v12, 0x78, false));  // HLT
  CHECK_FALSE(nested::l1_wants(v12, 0x72, true));
  v12.controls().set_intercept_misc1({});
  for (const std::uint64_t code : {0x7bU, 0x7cU, 0x78U}) CHECK_FALSE(nested::l1_wants(v12, code, true));

  // The same in a machine: IN of an L2 whose port L1's map does not have is L0's.
  for (const bool mapped : {true, false}) {
    world w(of(mode::virt, guest_kind::sev));
    context<> ctx;
    REQUIRE(w.launch(ctx, 1) == "");
    auto page = vmcb12_of(w, 1);
    page.controls().set_intercept_misc1(page.controls().intercept_misc1().set_ioio_prot(true));
    REQUIRE(nested::l1_runs(ctx, w.m, w.vm(), 0, w.vmcb12(1), page).what == call::l2_runs);
    const auto end = nested::l2_event(ctx, w.m, w.vm(), 0, {.code = 0x7b, .mapped = true}, mapped);
    CHECK(end.what == (mapped ? deed::reflected : deed::for_l0));
  }
}

TEST_CASE("VMCB12 that L0 cannot run is VMEXIT_INVALID, all 64 bits of it",
          "[nested][PAG-L2-09][PAG-L2-10][NES-ASID-02]") {
  world w(of(mode::virt, guest_kind::snp));
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  cpu::vmcb_page page = vmcb12_of(w, 1);
  rule expected{};
  SECTION("no VMRUN intercept") {
    page.controls().set_intercept_misc2({});
    expected = rule::PAG_L2_09;
  }
  SECTION("ASID 0") {
    page.controls().set_guest_asid(0);
    expected = rule::PAG_L2_09;
  }
  SECTION("an ASID that stands for nothing") {
    page.controls().set_guest_asid(77);
    expected = rule::NES_ASID_02;
  }
  SECTION("not the variant of L2") {
    page.controls().set_np_control({3});
    expected = rule::NES_VMCB_01;
  }
  SECTION("nPT12's root beyond L1's addresses") {
    page.controls().set_nested_cr3(std::uint64_t{1} << 46);
    expected = rule::PAG_L2_10;
  }
  SECTION("a permission map beyond them, whether it is used or not") {
    const bool used = GENERATE(false, true);
    const bool ports = GENERATE(false, true);
    const std::uint64_t base = GENERATE(std::uint64_t{1} << 50, (std::uint64_t{1} << 48) - 0x1000);  // its end
    page.controls().set_intercept_misc1(page.controls().intercept_misc1().set_msr_prot(used).set_ioio_prot(used));
    if (ports) page.controls().set_iopm_base_pa(base);
    else page.controls().set_msrpm_base_pa(base);
    expected = rule::PAG_L2_09;
  }
  const auto end = nested::l1_runs(ctx, w.m, w.vm(), 0, w.vmcb12(1), page);
  CHECK(end.what == call::refused);
  CHECK(end.vmrun.what == nested::vmrun_end::kind::invalid);
  CHECK(end.decided_by == expected);
  CHECK(layout::read_le<std::uint64_t>(w.seen_vmcb12(ctx, 1).bytes.data() + 0x70) == ~std::uint64_t{});
  CHECK(w.m.core.guest->id == w.l1_asid());  // L1 runs on
  CHECK(w.run(ctx, 1).what == call::l2_runs);
}

TEST_CASE("addresses at which there is no VMCB12 for L0", "[nested][NES-VMCB-01][NES-CFG-02]") {
  world w(of(mode::virt, guest_kind::snp));
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  const auto asks = [&](std::uint64_t rax) {
    return nested::l1_calls(ctx, w.m, w.vm(), 0, {.code = layout::svm_exit_codes::vmrun, .rax = rax});
  };
  const auto with_c = asks(w.vmcb12(1).value | std::uint64_t{1} << 51);
  CHECK(with_c.what == call::gp);
  CHECK(with_c.decided_by == rule::NES_CFG_02);
  const auto own = asks(0x1000);  // L1's private memory
  CHECK(own.what == call::gp);
  CHECK(own.decided_by == rule::NES_VMCB_01);
  CHECK(asks(0x7000'0000).what == call::gp);
  CHECK(asks(w.vmcb12(1).value + 8).what == call::gp);
}

TEST_CASE("L1 finds #GP for such an address before it runs on", "[nested][NES-VMCB-01]") {
  const auto variant = GENERATE(guest_kind::sev, guest_kind::sev_es, guest_kind::snp);
  const bool misaligned = GENERATE(false, true);
  world w(of(mode::virt, variant));
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  const std::uint64_t rip = w.m.core.registers.rip();
  const std::uint64_t rax = misaligned ? w.vmcb12(1).value + 8 : 0x7000'0000;
  REQUIRE(nested::l1_calls(ctx, w.m, w.vm(), 0, {.code = layout::svm_exit_codes::vmrun, .rax = rax}).what == call::gp);
  CHECK(w.m.core.guest->id == w.l1_asid());
  if (variant == guest_kind::sev) {  // an exception at its VMRUN, with error code 0
    CHECK(w.m.core.guest->injected.raw == 0x8000'0b0d);
    CHECK(w.m.core.registers.rip() == rip);
  } else {  // an exception that its #VC handler is to raise
    layout::ghcb answer;
    REQUIRE(nested::l1_reads(ctx, w.m, w.vm(), 0, world::ghcb1, false, answer.bytes()).is_done());
    CHECK(layout::passed(answer, layout::ghcb_field::sw_exit_info_1) == std::uint64_t{1});
    CHECK(layout::passed(answer, layout::ghcb_field::sw_exit_info_2) == std::uint64_t{0x8000'030d});
  }
  CHECK(w.run(ctx, 1).what == call::l2_runs);
  CHECK(w.m.core.guest->injected.raw == 0);
}

TEST_CASE("an unmodified nested hypervisor in a SEV guest: L0 reads ciphertext", "[nested][NES-CFG-02][PAG-L2C-01]") {
  world w(of(mode::virt, guest_kind::sev));
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  // Its VMCB lies in memory of its own, with the C-bit.
  const cpu::vmcb_page page = vmcb12_of(w, 1);
  REQUIRE(nested::l1_writes(ctx, w.m, w.vm(), 0, w.vmcb12(1), true, page.bytes).is_done());
  CHECK(nested::l1_calls(ctx, w.m, w.vm(), 0, nested::l1_call::vmrun(w.vmcb12(1))).what == call::refused);
  // And so do its nested tables: a good VMCB12 does not help, L2 finds nothing where L1 has mapped it.
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  bytes seen{};
  REQUIRE(w.l2_reads(ctx, w.in_l2(1, 0), true, seen).is_done());
  REQUIRE(w.l2_halts(ctx).what == deed::reflected);
  nested::l1_words<context<>, world::machine_type> encrypted{ctx, w.m, w.vm(), 0, true};
  const std::uint64_t slot = w.root(1).value + 8;  // of L2 gPA 512G
  REQUIRE(encrypted.store(slot, 0x3'1000 | 0x27));
  nested::l1_table_words<world::machine_type> seen_by_l0{w.m, w.vm()};
  CHECK(seen_by_l0.load(slot) != std::optional<std::uint64_t>{0x3'1027});
}

TEST_CASE("an L1 with hidden state saves #VC by asking directly", "[nested][NES-SW-02][NES-SW-01]") {
  for (const bool by_instruction : {false, true}) {
    world w(of(mode::virt, guest_kind::snp));
    counting ctx;
    REQUIRE(w.launch(ctx, 1) == "");
    REQUIRE(nested::l1_writes(ctx, w.m, w.vm(), 0, w.vmcb12(1), false, vmcb12_of(w, 1).bytes).is_done());
    ctx.listener.clear();
    w.m.core.registers.set_rbx(0x11223344);
    auto request = nested::l1_call::vmrun(w.vmcb12(1));
    request.by_instruction = by_instruction;
    REQUIRE(nested::l1_calls(ctx, w.m, w.vm(), 0, request).what == call::l2_runs);
    CHECK(ctx.listener[kind::vc_l1] == (by_instruction ? 1 : 0));
    CHECK(ctx.listener[kind::exit_l1] == 1);
    CHECK(ctx.listener[kind::vmrun_l2] == 1);
    // L0 never had L1's registers; L1 finds them in its VMSA again.
    CHECK(w.m.core.registers.rbx() != 0x11223344);
    REQUIRE(w.l2_halts(ctx).what == deed::reflected);
    CHECK(w.m.core.registers.rbx() == 0x11223344);
  }
}

TEST_CASE("an L1 without hidden state goes on behind its VMRUN", "[nested][NES-SW-03]") {
  for (const bool with_rule : {true, false}) {
    world w(of(mode::virt, guest_kind::sev));
    rule_set rules;
    if (!with_rule) rules = rules.without(rule::NES_SW_03);
    context<rule_set> ctx{.rules = rules};
    REQUIRE(w.launch(ctx, 1) == "");
    const std::uint64_t rip = w.m.core.registers.rip();
    REQUIRE(w.run(ctx, 1).what == call::l2_runs);
    REQUIRE(w.l2_halts(ctx).what == deed::reflected);
    CHECK(w.m.core.registers.rip() == (with_rule ? rip + 3 : rip));
  }
}

TEST_CASE("how many switches an exit of L2 takes", "[nested][NES-CNT-01]") {
  world w(of(mode::virt, guest_kind::snp));
  counting ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  bytes seen{};
  REQUIRE(w.l2_reads(ctx, w.in_l2(1, 0), true, seen).is_done());

  // L1 handles HLT: two exits and two VMRUNs.
  ctx.listener.clear();
  REQUIRE(w.l2_halts(ctx).what == deed::reflected);
  REQUIRE(nested::l1_calls(ctx, w.m, w.vm(), 0, nested::l1_call::vmrun(w.vmcb12(1))).what == call::l2_runs);
  CHECK(ctx.listener[kind::exit_l2] == 1);
  CHECK(ctx.listener[kind::exit_l1] == 1);
  CHECK(ctx.listener[kind::vmrun_l1] == 1);
  CHECK(ctx.listener[kind::vmrun_l2] == 1);
  // L0 handles a physical interrupt: one and one, as for its own guests.
  ctx.listener.clear();
  REQUIRE(nested::l2_event(ctx, w.m, w.vm(), 0, {.code = 0x60}).is_done());
  CHECK(ctx.listener[kind::exit_l2] == 1);
  CHECK(ctx.listener[kind::exit_l1] == 0);
  CHECK(ctx.listener[kind::vmrun_l2] == 1);
  // CPUID is #VC first, in L2 alone.
  ctx.listener.clear();
  const auto cpuid = nested::l2_event(ctx, w.m, w.vm(), 0, {.code = 0x72, .instruction_bytes = 2});
  CHECK(cpuid.what == deed::raised);
  CHECK(ctx.listener[kind::vc_l2] == 1);
  CHECK(ctx.listener[kind::exit_l2] == 0);
  CHECK(ctx.listener.table_reads() == 0);
  CHECK(name_of(kind::exit_l2) == std::string("exit of L2"));
}

TEST_CASE("exits of L2: L0 handles, or L1 gets them", "[nested][NES-EX-01][NES-EX-02]") {
  world w(of(mode::virt, guest_kind::snp));
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  SECTION("VMGEXIT is L1's") {
    REQUIRE(w.l2_writes(ctx, w.shared_in_l2(), false, bytes{7}).is_done());
    REQUIRE(nested::l2_vmgexit(ctx, w.m, w.vm(), 0, w.shared_in_l2().value).what == deed::reflected);
    CHECK(w.seen_vmcb12(ctx, 1).controls().ghcb_gpa() == w.shared_in_l2().value);
    CHECK(layout::read_le<std::uint64_t>(w.seen_vmcb12(ctx, 1).bytes.data() + 0x70) == 0x403);
  }
  SECTION("an interrupt for L0, and one for L1") {
    CHECK(nested::l2_event(ctx, w.m, w.vm(), 0, {.code = 0x60}).is_done());
    CHECK(nested::l2_event(ctx, w.m, w.vm(), 0, {.code = 0x60}, true, true).what == deed::reflected);
    CHECK(w.seen_vmcb12(ctx, 1).controls().exit_code() == layout::svm_exit_codes::intr);
  }
}

TEST_CASE("what L0 alone intercepts of an L2 is L0's to emulate", "[nested][NES-EX-02][FIELD-49]") {
  world w(of(mode::virt, guest_kind::sev));
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  const auto end = nested::l2_event(ctx, w.m, w.vm(), 0, {.code = 0x83});  // VMSAVE, which L1 does not intercept
  REQUIRE(end.what == deed::for_l0);
  CHECK_FALSE(w.m.core.guest.has_value());
  CHECK(nested::resume_l2(ctx, w.m, w.vm(), 0));
}

TEST_CASE("VMLOAD and VMSAVE of L2 reach L1's memory, not the machine's", "[nested][FIELD-49]") {
  world w(of(mode::virt, guest_kind::sev));
  CHECK(nested::vmload_target(w.m, w.vm(), 0x5000) == spa{world::l1_at + 0x5000});
  CHECK_FALSE(nested::vmload_target(w.m, w.vm(), world::l1_at).has_value());
  CHECK_FALSE(nested::vmload_target(w.m, w.vm(), 0x5008).has_value());
}

TEST_CASE("VMCB12 is read once", "[nested][FIELD-49]") {
  world w(of(mode::virt, guest_kind::snp));
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  // Another processor of L1's takes all intercepts away while L2 runs: L0 goes by what it has checked.
  cpu::vmcb_page changed = vmcb12_of(w, 1);
  changed.controls().set_intercept_misc1({});
  REQUIRE(nested::write_l1(ctx, w.m, w.vm(), w.vmcb12(1), changed.bytes));
  CHECK(w.l2_halts(ctx).what == deed::reflected);
}

TEST_CASE("L0 can answer in L1's place, but not for what L1 and L2 encrypt", "[nested][NES-EX-03][ATK-61]") {
  world w(of(mode::virt, guest_kind::snp));
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  // A value under a key of L1's and L2's, with a check: exclusive or, and the sum of its bytes.
  const bytes pad{0x5a, 0x11, 0x7c, 0x93};
  const auto sealed = [&](std::uint8_t value) {
    bytes made{};
    made[0] = static_cast<std::uint8_t>(value ^ pad[0]);
    made[1] = static_cast<std::uint8_t>((value * 31 + pad[1]) & 0xff);
    return made;
  };
  REQUIRE(w.l2_writes(ctx, w.shared_in_l2(), false, bytes{1}).is_done());
  REQUIRE(w.l2_writes(ctx, w.shared_in_l2(), false, sealed(7)).is_done());
  const spa page = world::where(w.shared_in_l1(1));
  // L0 bypasses L1: it writes an answer of its own, and L2 reads it.
  REQUIRE(nested::host_write(ctx, w.m, page, memory_key::none(), bytes{99}).has_value());
  bytes seen{};
  REQUIRE(w.l2_reads(ctx, w.shared_in_l2(), false, seen).is_done());
  CHECK(seen[0] == 99);
  // As an encrypted answer it is none.
  const auto value = static_cast<std::uint8_t>(seen[0] ^ pad[0]);
  CHECK(seen != sealed(value));
}

TEST_CASE("SEV-ES passthrough: VMSAs of a pool, whose checksum L1 keeps", "[nested][NES-ESP-01]") {
  context<> ctx;
  nested::vmsa_pool pool{{{gpa{0x1000}}, {gpa{0x2000}}}};
  CHECK(nested::claim_vmsa(ctx, pool, 2, 10) == std::size_t{0});
  CHECK(nested::claim_vmsa(ctx, pool, 2, 11) == std::size_t{1});
  CHECK(nested::claim_vmsa(ctx, pool, 2, 10) == std::size_t{0});
  CHECK(nested::claim_vmsa(ctx, pool, 2, 12).error() == rule::NES_ESP_01);
  CHECK(nested::claim_vmsa(ctx, pool, 1, 10).error() == rule::NES_ESP_01);
  nested::release_vmsa(pool, 1);
  CHECK(nested::claim_vmsa(ctx, pool, 2, 12) == std::size_t{1});

  const auto old = nested::long_mode_state(guest_kind::sev_es, 0x1000);
  auto other = old;
  other.set_rip(0xffff'ffff'8100'0000);
  other.set_rbx(42);
  CHECK(nested::sums_of(other) != nested::sums_of(old));
  const auto kept = nested::keep_checksums(other, old);
  CHECK(nested::sums_of(kept) == nested::sums_of(old));
  CHECK(kept.rip() == other.rip());
  CHECK(kept.rbx() == 42);
  // CRC-32C of "123456789", with its inversions; and both directions.
  std::uint32_t crc = 0xffff'ffff;
  crc = nested::crc32c_step(crc, 0x3433'3231);
  crc = nested::crc32c_step(crc, 0x3837'3635);
  CHECK(nested::crc32c_back(crc, 0x3837'3635) == nested::crc32c_step(0xffff'ffff, 0x3433'3231));
  for (unsigned bit = 0; bit < 8; ++bit) {  // the last byte alone
    if (bit == 0) crc ^= 0x39;
    crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f6'3b78U : 0U);
  }
  CHECK(~crc == 0xe306'9283);

  // Two guests take turns on one VMSA.
  world w(of(mode::pass, guest_kind::sev_es));
  REQUIRE(w.launch(ctx, 1) == "");
  CHECK(w.launch(ctx, 2) == "no VMSA in the pool");
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  REQUIRE(w.l2_halts(ctx).what == deed::reflected);
  nested::release_vmsa(w.pool, 0);
  REQUIRE(w.launch(ctx, 2) == "");
  CHECK(w.run(ctx, 2).what == call::l2_runs);
}

TEST_CASE("a para-virtual guest: PVALIDATE traps, page states are hypercalls", "[nested][NES-KEY-03]") {
  world w({l1_hypervisor::xen_pv, mode::pass, guest_kind::snp});
  REQUIRE(w.built);
  context<> ctx;
  nested::page_owners owners;
  const gpa page = w.in_l1(1, 0);
  REQUIRE(nested::assign_page(ctx, owners, page, {page.value}, 1));
  const nested::para_virtual_guest own{1}, other{2};
  const auto give_up = nested::para_virtual_pvalidate(ctx, w.m, w.vm(), owners, own, page, false);
  CHECK(give_up.trapped);
  REQUIRE(give_up.done.has_value());
  CHECK_FALSE(give_up.done->unchanged);
  CHECK(nested::para_virtual_pvalidate(ctx, w.m, w.vm(), owners, other, page, true).raised->kind == fault_kind::gp);

  using wish = nested::page_state_wish;
  CHECK(nested::para_virtual_page_state(ctx, w.m, w.vm(), 0, owners, own, page, wish::share) == std::uint64_t{0});
  bytes seen{};
  REQUIRE(nested::l1_writes(ctx, w.m, w.vm(), 0, page, false, bytes{3}).is_done());
  CHECK(nested::host_read(ctx, w.m, world::where(page), memory_key::none(), seen).has_value());
  CHECK(seen == bytes{3});
  CHECK(nested::para_virtual_page_state(ctx, w.m, w.vm(), 0, owners, other, page, wish::make_private).error() ==
        rule::NES_GPA_01);
  CHECK(nested::para_virtual_page_state(ctx, w.m, w.vm(), 0, owners, own, page, wish::make_private) ==
        std::uint64_t{0});
  CHECK(nested::para_virtual_pvalidate(ctx, w.m, w.vm(), owners, own, page, true).done->succeeded());
  CHECK(nested::l1_writes(ctx, w.m, w.vm(), 0, page, true, bytes{4}).is_done());
}

TEST_CASE("several guests at once with keys of their own", "[nested][NES-ASID-01][NES-ASID-03]") {
  const auto variant = GENERATE(guest_kind::sev, guest_kind::sev_es, guest_kind::snp);
  world w(of(mode::virt, variant));
  context<> ctx;
  for (const unsigned n : {1U, 2U}) REQUIRE(w.launch(ctx, n) == "");
  for (int turn = 0; turn < 3; ++turn)
    for (const unsigned n : {1U, 2U}) {
      REQUIRE(w.run(ctx, n).what == call::l2_runs);
      CHECK(w.m.core.guest->id == w.real_asid(n));
      bytes seen{};
      REQUIRE(w.l2_reads(ctx, w.in_l2(n, 1), true, seen).is_done());
      CHECK(seen == w.contents(n, 1));
      REQUIRE(w.l2_halts(ctx).what == deed::reflected);
    }
  CHECK(w.vm().guests.size() == 2);
  const auto copy = w.m;
  CHECK(copy.vms == w.m.vms);
  CHECK(copy.rmp == w.m.rmp);
  CHECK(copy.asids == w.m.asids);
}
