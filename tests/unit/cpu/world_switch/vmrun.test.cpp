// SPDX-License-Identifier: MIT
// VMRUN: what it refuses, in which order, and what it does when it enters.
#include <functional>
#include <string>

#include <support/catch.hpp>
#include <support/recorder.hpp>
#include <support/switch_scenarios.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using cpu::guest_kind;
using cpu::vmrun_end;

constexpr guest_kind every_kind[] = {guest_kind::plain, guest_kind::sev, guest_kind::sev_es, guest_kind::snp};

auto code_in(switch_world& world) -> std::uint64_t {
  return layout::read_le<std::uint64_t>(world.vmcb_now().bytes.data() + 0x70);
}

}  // namespace

TEST_CASE("WSW-RUN: what is right runs", "[cpu][WSW-RUN-01][WSW-RUN-02][WSW-RUN-10]") {
  for (const guest_kind kind : every_kind)
    for (const bool host_snp : {false, true}) {
      if (kind == guest_kind::snp && !host_snp) continue;
      context<> ctx;
      switch_world world(kind, host_snp);
      const auto done = world.run(ctx);
      INFO(name_of(kind) << " decided by " << name_of(done.decided_by));
      REQUIRE(done.end == vmrun_end::entered);
      CHECK(world.core.guest->kind == kind);
      CHECK(world.core.guest->regime.has_value());
      CHECK(world.core.registers.rip() == 0xffff'ffff'8100'0000);
    }
}

TEST_CASE("WSW-RUN: each broken precondition is refused by its rule, with its code",
          "[cpu][WSW-RUN-01][WSW-RUN-02][WSW-RUN-04][WSW-RUN-05][WSW-RUN-09][WSW-RUN-10][WSW-RUN-11][WSW-RUN-12]"
          "[WSW-RUN-13][WSW-RUN-14][WSW-RUN-15][WSW-RUN-16][WSW-RUN-17][WSW-RUN-18][WSW-INJ-02][WSW-INJ-04]") {
  for (const broken_vmrun& one : broken_vmruns()) {
    INFO(one.what << ", " << name_of(one.kind));
    context<> ctx;
    switch_world world = world_of(one);
    const auto done = world.run(ctx);
    CHECK(done.decided_by == one.decided_by);
    CHECK_FALSE(world.core.guest.has_value());
    if (one.gp) {
      CHECK(done.end == vmrun_end::gp);
      CHECK(code_in(world) == 0);
    } else {
      CHECK(done.end == vmrun_end::exited);
      CHECK(code_in(world) == static_cast<std::uint64_t>(one.code));
    }
  }
}

TEST_CASE("VMRUN is an instruction of SVM, and of kernels", "[cpu]") {
  const auto end_with = [](auto change) {
    context<> ctx;
    switch_world world;
    change(world.core.registers);
    return world.run(ctx).end;
  };
  CHECK(end_with([](auto&) {}) == vmrun_end::entered);
  CHECK(end_with([](auto& host) { host.set_efer(0xd01); }) == vmrun_end::ud);
  CHECK(end_with([](auto& host) { host.set_cr0(0x8005'0032); }) == vmrun_end::ud);
  CHECK(end_with([](auto& host) { host.set_cpl(3); }) == vmrun_end::gp);
}

TEST_CASE("the global interrupt flag", "[cpu]") {
  context<> ctx;
  switch_world world;
  world.core.gif = false;
  REQUIRE(world.run(ctx).end == vmrun_end::entered);
  CHECK(world.core.gif);
  cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x60, .guest_code = 0x60});
  CHECK_FALSE(world.core.gif);
  world.core.gif = true;
  vmsa_entry(world).vmsa = false;
  REQUIRE(world.run(ctx).end == vmrun_end::exited);
  CHECK_FALSE(world.core.gif);
}

TEST_CASE("VMRUN of no page is #GP, or nobody answers", "[cpu]") {
  context<> ctx;
  switch_world world;
  CHECK(cpu::vmrun(ctx, world.machine(), world.core, 0x1008).end == vmrun_end::gp);
  CHECK(cpu::vmrun(ctx, world.machine(), world.core, one_at(43)).end == vmrun_end::gp);
  CHECK(cpu::vmrun(ctx, world.machine(), world.core, 0x40'0000).end == vmrun_end::no_memory);
  world.core.vm_hsave_pa = {0x40'0000};
  CHECK(world.run(ctx).end == vmrun_end::no_memory);
}

TEST_CASE("the VMCB may lie under the host's key", "[cpu]") {
  context<> ctx;
  switch_world world;
  (void)world.memory.write(switch_world::vmcb_at, memory_key::host(), world.vmcb.bytes);
  CHECK(cpu::vmrun(ctx, world.machine(), world.core, switch_world::vmcb_at.value).end == vmrun_end::exited);
  (void)world.memory.write(switch_world::vmcb_at, memory_key::host(), world.vmcb.bytes);
  REQUIRE(cpu::vmrun(ctx, world.machine(), world.core, switch_world::vmcb_at.value | one_at(51)).end ==
          vmrun_end::entered);
  (void)world.event(ctx, {.code = 0x60});
}

TEST_CASE("WSW-RUN-03: the VMCB's save area is not the state of a guest with a VMSA", "[cpu][WSW-RUN-03]") {
  for (const guest_kind kind : every_kind) {
    context<> ctx;
    switch_world world(kind);
    world.vmcb.save().set_rip(0x1234);
    world.vmcb.save().set_rax(0x9999);
    world.write();
    REQUIRE(world.run(ctx).end == vmrun_end::entered);
    CHECK((world.core.registers.rip() == 0x1234) == !has_hidden_state(kind));
    CHECK((world.core.registers.rax() == 0x9999) == !has_hidden_state(kind));
  }
}

TEST_CASE("WSW-RUN-03: the VMSA is read with the guest's key", "[cpu][WSW-RUN-03]") {
  context<> ctx;
  switch_world world;
  (void)world.memory.write(switch_world::vmsa_at, memory_key::none(), world.vmsa.bytes());
  CHECK(world.run(ctx).end == vmrun_end::exited);
}

TEST_CASE("WSW-RUN-05, WSW-RUN-06: who may change a VMSA that does not run", "[cpu][WSW-RUN-05][WSW-RUN-06]") {
  for (const guest_kind kind : {guest_kind::sev_es, guest_kind::snp})
    for (const std::uint64_t offset : {std::uint64_t{0x178}, std::uint64_t{0x308}, std::uint64_t{0x670}}) {
      context<> ctx;
      switch_world world(kind);
      const std::array<std::uint8_t, 1> byte{0x42};
      (void)world.memory.write(switch_world::vmsa_at + offset, memory_key::guest(switch_world::id), byte);
      const auto done = world.run(ctx);
      CHECK((done.end == vmrun_end::entered) == (kind == guest_kind::snp));
      if (kind == guest_kind::snp && offset == 0x308) CHECK((world.core.registers.rcx() & 0xff) == 0x42);
    }
}

TEST_CASE("WSW-RUN-05: each exit makes the checksum anew", "[cpu][WSW-RUN-05]") {
  context<> ctx;
  switch_world world(guest_kind::sev_es);
  const layout::vmsa first = world.vmsa_stored();
  REQUIRE(world.run(ctx).end == vmrun_end::entered);
  world.core.registers.set_rax(0x1111);
  (void)world.event(ctx, {.code = 0x61, .write = false});
  if (world.core.guest) cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x61, .guest_code = 0x61});
  CHECK(world.vmsa_stored().rax() == 0x1111);
  REQUIRE(world.run(ctx).end == vmrun_end::entered);
  cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x61, .guest_code = 0x61});
  // The page as it was before: a replay.
  (void)world.memory.write(switch_world::vmsa_at, memory_key::guest(switch_world::id), first.bytes());
  CHECK(world.run(ctx).decided_by == rule::WSW_RUN_05);
}

TEST_CASE("WSW-RUN-02: where ASIDs are not divided by hardware", "[cpu][WSW-RUN-02]") {
  context<> ctx;
  ctx.choices.es_asid_check = false;
  switch_world world(guest_kind::sev_es);
  world.vmcb.controls().set_guest_asid(100);
  (void)world.memory.write(switch_world::vmsa_at, memory_key::guest({100}), world.vmsa.bytes());
  (void)world.memory.write(switch_world::vmcb_at, memory_key::none(), world.vmcb.bytes);
  CHECK(world.run(ctx).end == vmrun_end::entered);
}

TEST_CASE("WSW-RUN-12: the hypervisor learns which features it does not allow", "[cpu][WSW-RUN-12]") {
  context<> ctx;
  switch_world world;
  set_features(world, one_at(5));
  world.vmcb.controls().set_allowed_sev_features({one_at(63) | 1});
  world.write();
  CHECK(world.run(ctx).decided_by == rule::WSW_RUN_12);
  CHECK(world.vmcb_now().controls().guest_sev_features().raw == 0x21);
  world.vmcb.controls().set_allowed_sev_features({one_at(63) | 0x21});
  world.write();
  CHECK(world.run(ctx).end == vmrun_end::entered);
}

TEST_CASE("WSW-RUN-12: exits with codes of their own show the features, too",
          "[cpu][WSW-RUN-12][WSW-RUN-15][WSW-RUN-16]") {
  unsigned shown = 0;
  for (const broken_vmrun& one : broken_vmruns()) {
    if (one.gp || one.code == svm_exit_codes::invalid) continue;
    INFO(one.what);
    context<> ctx;
    switch_world world = world_of(one);
    world.vmcb.controls().set_allowed_sev_features({one_at(63) | 0x21'ffff});
    layout::write_le(world.vmcb.bytes.data() + 0x140, std::uint64_t{0x77});  // of an exit before
    world.write();
    REQUIRE(world.run(ctx).exit_code == one.code);
    CHECK(world.vmcb_now().controls().guest_sev_features().raw == world.vmsa.sev_features().raw);
    ++shown;
  }
  CHECK(shown >= 4);
  context<> ctx;
  ctx.choices.vmrun_vmsa_inuse = running_vmsa::busy;
  switch_world world;
  vmsa_entry(world).in_use = true;
  REQUIRE(world.run(ctx).exit_code == svm_exit_codes::busy);
  CHECK(world.vmcb_now().controls().guest_sev_features().raw == 1);
}

TEST_CASE("WSW-RUN-15: BUSY counts with its features, or on newer parts", "[cpu][WSW-RUN-15]") {
  for (const std::uint64_t features : {std::uint64_t{0}, one_at(4), one_at(16)})
    for (const bool newer : {false, true}) {
      if (features == one_at(16) && !newer) continue;
      context<> ctx;
      switch_world world;
      if (!newer) world.core.sev_features &= ~one_at(16);
      set_features(world, features);
      if (features == one_at(16)) allow_everything(world);
      world.vmsa.set_vintr_ctrl({one_at(63)});
      world.write();
      const auto done = world.run(ctx);
      CHECK((done.end == vmrun_end::exited) == (features != 0 || newer));
      if (done.end == vmrun_end::exited) CHECK(done.exit_code == svm_exit_codes::busy);
    }
}

TEST_CASE("vmrun_check_order: what has a code of its own, or what has not", "[cpu][WSW-RUN-15]") {
  for (const vmrun_order order : {vmrun_order::codes_before_state, vmrun_order::codes_last}) {
    context<> ctx;
    ctx.choices.vmrun_check_order = order;
    switch_world world;
    set_features(world, one_at(4));
    world.vmsa.set_vintr_ctrl({one_at(63)});
    world.vmsa.set_efer(0);
    world.write();
    const auto wanted = order == vmrun_order::codes_last ? svm_exit_codes::invalid : svm_exit_codes::busy;
    CHECK(world.run(ctx).exit_code == wanted);
  }
}

TEST_CASE("WSW-RUN-18: a VMSA that runs", "[cpu][WSW-RUN-18]") {
  for (const running_vmsa choice : {running_vmsa::invalid, running_vmsa::busy, running_vmsa::entered}) {
    context<> ctx;
    ctx.choices.vmrun_vmsa_inuse = choice;
    switch_world world;
    cpu::logical_processor second = world.core;
    REQUIRE(world.run(ctx).end == vmrun_end::entered);
    CHECK(vmsa_entry(world).in_use);
    CHECK(entry_at(world, switch_world::vmcb_at).in_use);
    const auto done = cpu::vmrun(ctx, world.machine(), second, switch_world::vmcb_at.value);
    CHECK((done.end == vmrun_end::entered) == (choice == running_vmsa::entered));
    if (choice == running_vmsa::busy) CHECK(done.exit_code == svm_exit_codes::busy);
    if (choice == running_vmsa::invalid) CHECK(done.exit_code == svm_exit_codes::invalid);
  }
}

TEST_CASE("RMP-VMR-05: all pages that hardware uses are in use from VMRUN to #VMEXIT", "[cpu][RMP-VMR-05]") {
  for (const guest_kind kind : every_kind) {
    context<> ctx;
    switch_world world(kind);
    enable_avic(world);
    world.core.pml_buffer = switch_world::pml_at;
    world.core.ibs_buffer = switch_world::ibs_at;
    world.write();
    const auto before = world.rmp;
    REQUIRE(world.run(ctx).end == vmrun_end::entered);
    for (const spa page : {switch_world::vmcb_at, switch_world::avic_at, switch_world::pml_at, switch_world::ibs_at})
      CHECK(entry_at(world, page).in_use);
    CHECK(vmsa_entry(world).in_use == has_hidden_state(kind));
    CHECK_FALSE(entry_at(world, switch_world::hsave_at).in_use);
    cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x60, .guest_code = 0x60});
    CHECK(world.rmp == before);
  }
}

TEST_CASE("the C-bit of a page that hardware uses does not count", "[cpu][RMP-VMR-01][RMP-GEO-12][RMP-VMR-05]") {
  struct used {
    spa where;
    std::function<void(switch_world&)> enable;
  };
  const used pages[] = {
      {switch_world::avic_at,
       [](switch_world& w) {
         enable_avic(w);
         const std::uint64_t address = switch_world::avic_at.value | one_at(51);
         w.vmcb.controls().set_avic_backing_page(layout::vmcb_control_area_avic_backing_page{}.set_pa(address >> 12));
       }},
      {switch_world::pml_at, [](switch_world& w) { w.core.pml_buffer = spa{switch_world::pml_at.value | one_at(51)}; }},
      {switch_world::ibs_at,
       [](switch_world& w) { w.core.ibs_buffer = spa{switch_world::ibs_at.value | one_at(51)}; }}};
  for (const used& one : pages)
    for (const bool foreign : {false, true}) {
      context<> ctx;
      switch_world world;
      one.enable(world);
      if (foreign) entry_at(world, one.where) = {.assigned = true, .id = {9}};
      world.write();
      const auto before = world.rmp;
      const auto done = world.run(ctx);
      INFO("page " << hex(one.where.value));
      if (foreign) {
        CHECK(done.end == vmrun_end::exited);
        CHECK(done.exit_code == svm_exit_codes::invalid);
        CHECK(done.decided_by == rule::RMP_VMR_01);
        continue;
      }
      REQUIRE(done.end == vmrun_end::entered);
      CHECK(entry_at(world, one.where).in_use);
      cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x60, .guest_code = 0x60});
      CHECK(world.rmp == before);
    }
}

TEST_CASE("RMP-VMR-05: a page that another processor holds stays in use", "[cpu][RMP-VMR-05]") {
  context<> ctx;
  switch_world world;
  REQUIRE(world.run(ctx).end == vmrun_end::entered);
  cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x60, .guest_code = 0x60},
              [](rmp::spfn page) { return page == page_of(switch_world::vmcb_at); });
  CHECK(entry_at(world, switch_world::vmcb_at).in_use);
  CHECK_FALSE(vmsa_entry(world).in_use);
}

TEST_CASE("WSW-RUN-19: an IBPB where the guest wants one", "[cpu][WSW-RUN-19]") {
  for (const bool wanted : {false, true}) {
    context<> ctx;
    switch_world world;
    if (wanted) set_features(world, one_at(21));
    world.write();
    REQUIRE(world.run(ctx).end == vmrun_end::entered);
    CHECK(world.core.guest->ibpb == wanted);
  }
}

TEST_CASE("WSW-RUN-20: a VMSA that ran elsewhere, or whose PCPU_ID was cleared", "[cpu][WSW-RUN-20]") {
  for (const guest_kind kind : {guest_kind::sev_es, guest_kind::snp})
    for (const std::uint64_t pcpu : {std::uint64_t{0}, std::uint64_t{7}, std::uint64_t{8}})
      for (const std::uint64_t tlb : {std::uint64_t{3}, std::uint64_t{4}}) {
        context<> ctx;
        switch_world world(kind);
        world.vmsa.set_pcpu_id(pcpu);
        world.vmsa.set_tlb_id(tlb);
        world.write();
        REQUIRE(world.run(ctx).end == vmrun_end::entered);
        const bool flushed = kind == guest_kind::snp && (pcpu != 7 || tlb != 3);
        CHECK(world.tlb.of_asid.size() == (flushed ? 1 : 0));
        cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x60, .guest_code = 0x60});
        CHECK(world.vmsa_stored().pcpu_id() == 7);
        CHECK(world.vmsa_stored().tlb_id() == 3);
      }
}

TEST_CASE("PAG-ASID-02: TLB_CONTROL is obeyed, and stays", "[cpu][PAG-ASID-02]") {
  for (const guest_kind kind : every_kind)
    for (const std::uint8_t control : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{3}, std::uint8_t{7}}) {
      context<> ctx;
      switch_world world(kind);
      world.vmcb.bytes[0x5c] = control;
      world.write();
      REQUIRE(world.run(ctx).end == vmrun_end::entered);
      const bool whole = control == 3 || (control == 7 && kind == guest_kind::snp);
      CHECK(world.tlb.all == (control == 1 ? 1 : 0));
      CHECK(world.tlb.of_asid.size() == (whole ? 1 : 0));
      CHECK(world.tlb.not_global.size() == (control == 7 && kind != guest_kind::snp ? 1 : 0));
      CHECK(world.vmcb_now().bytes[0x5c] == control);
    }
}

TEST_CASE("the VMPL that runs is the VMSA's", "[cpu]") {
  for (const std::uint8_t level : {std::uint8_t{0}, std::uint8_t{2}, std::uint8_t{3}}) {
    context<> ctx;
    switch_world world;
    world.vmsa.set_vmpl(level);
    world.write();
    REQUIRE(world.run(ctx).end == vmrun_end::entered);
    CHECK(world.core.guest->level.value == level);
    CHECK(world.core.guest->regime->level.value == level);
  }
}

TEST_CASE("LAY-VMCB-09: fields called clean are what they were", "[cpu][LAY-VMCB-09]") {
  for (const guest_kind kind : {guest_kind::plain, guest_kind::snp})
    for (const bool clean : {false, true}) {
      context<> ctx;
      switch_world world(kind);
      REQUIRE(world.run(ctx).end == vmrun_end::entered);
      cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x60, .guest_code = 0x60});
      cpu::vmcb_page page = world.vmcb_now();
      page.controls().set_tsc_offset(77);                      // bit 0
      page.save().set_cr0(page.save().cr0() | 0x1'0000'0000);  // bit 5: illegal, if anybody looks
      page.controls().set_vmcb_clean({clean ? 0x1fffU : 0U});
      (void)world.memory.write(switch_world::vmcb_at, memory_key::none(), page.bytes);
      const auto done = world.run(ctx);
      CHECK((done.end == vmrun_end::exited) == (kind == guest_kind::plain && !clean));
      if (done.end == vmrun_end::entered) CHECK(world.core.guest->tsc.offset == (clean ? 1000 : 77));
    }
}

TEST_CASE("LAY-VMCB-09: what changed while the guest ran is not clean", "[cpu][LAY-VMCB-09]") {
  for (const bool clean : {false, true}) {
    context<> ctx;
    switch_world world(guest_kind::plain);
    REQUIRE(world.run(ctx).end == vmrun_end::entered);
    cpu::vmcb_page page = world.vmcb_now();
    page.controls().set_tsc_offset(77);
    page.controls().set_vmcb_clean({clean ? 1U : 0U});
    (void)world.memory.write(switch_world::vmcb_at, memory_key::none(), page.bytes);
    cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x60, .guest_code = 0x60});
    REQUIRE(world.run(ctx).end == vmrun_end::entered);
    CHECK(world.core.guest->tsc.offset == (clean ? 1000 : 77));
  }
}

TEST_CASE("LAY-VMCB-09: which fields of a guest with a VMSA can be clean", "[cpu][LAY-VMCB-09]") {
  for (unsigned number = 0; number < 13; ++number) {
    context<> ctx;
    switch_world world;
    REQUIRE(world.run(ctx).end == vmrun_end::entered);
    cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x60, .guest_code = 0x60});
    const cpu::vmcb_page before = world.vmcb_now();
    cpu::vmcb_page changed = before;
    for (const auto& fields : cpu::fields_of_clean_bits)
      for (unsigned i = 0; i < fields.bytes; ++i)
        changed.bytes[fields.offset + i] = static_cast<std::uint8_t>(changed.bytes[fields.offset + i] ^ 0x80);
    changed.controls().set_vmcb_clean({1U << number});
    const cpu::vmcb_page taken = cpu::vmcb_as_taken(ctx, changed, switch_world::vmcb_at, world.core.last);
    for (const auto& fields : cpu::fields_of_clean_bits) {
      INFO("bit " << number << ", field " << hex(fields.offset));
      const bool kept = fields.bit == number && (number < 5 || number > 10);
      CHECK(taken.bytes[fields.offset] == (kept ? before : changed).bytes[fields.offset]);
    }
    CHECK(cpu::vmcb_as_taken(ctx, changed, {0x7000}, world.core.last) == changed);
    CHECK(cpu::vmcb_as_taken(ctx, changed, switch_world::vmcb_at, std::nullopt) == changed);
  }
}

TEST_CASE("WSW-INJ-05: with alternate injection the event is VMPL 0's", "[cpu][WSW-INJ-05]") {
  context<> ctx;
  switch_world world;
  set_features(world, one_at(4));
  world.vmcb.controls().set_event_inj({0x8000'0030});
  world.vmsa.set_event_inj({0x8000'0041});
  world.write();
  REQUIRE(world.run(ctx).end == vmrun_end::entered);
  CHECK(world.core.guest->injected.vector() == 0x41);
  cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x60, .guest_code = 0x60});
  CHECK(world.vmsa_stored().event_inj().raw == 0);
  CHECK(world.vmcb_now().controls().event_inj().raw == 0);
}

TEST_CASE("permission maps may end where addresses end", "[cpu][WSW-RUN-10]") {
  context<> ctx;
  switch_world world;
  auto controls = world.vmcb.controls();
  controls.set_intercept_misc1(controls.intercept_misc1().set_ioio_prot(true).set_msr_prot(true));
  controls.set_iopm_base_pa(world.core.address_limit() - 0x3000);
  controls.set_msrpm_base_pa(world.core.address_limit() - 0x2000);
  world.write();
  CHECK(world.run(ctx).end == vmrun_end::entered);
}

TEST_CASE("WSW-RUN-12: the mask has 62 bits", "[cpu][WSW-RUN-12]") {
  for (const unsigned bit : {5U, 21U, 60U, 61U}) {
    context<> ctx;
    switch_world world;
    set_features(world, one_at(bit));
    world.vmcb.controls().set_allowed_sev_features({one_at(63) | 1});
    world.write();
    INFO("bit " << bit);
    CHECK(world.run(ctx).decided_by == rule::WSW_RUN_12);
  }
}

TEST_CASE("WSW-INJ-06: interrupts are requested where the hypervisor says that it has some", "[cpu][WSW-INJ-06]") {
  for (const bool update : {false, true}) {
    context<> ctx;
    switch_world world;
    layout::vmsa state;
    state.set_sev_features({1 | one_at(16)});
    state.set_secure_avic_control({1});
    auto controls = world.vmcb.controls();
    controls.set_update_irr(layout::vmcb_control_area_update_irr{}.set_update(update));
    for (auto& byte : controls.requested_irr()) byte = 0xff;
    cpu::secure_avic_page page{.requested = {1}, .allowed = {0xf0}};
    layout::vmsa_vintr_ctrl interrupts;
    cpu::enter_secure_avic(ctx, std::as_const(world.vmcb).controls(), state, page, interrupts);
    CHECK(page.requested[0] == (update ? 0xf1U : 1U));
  }
}

TEST_CASE("WSW-INJ-06: secure AVIC", "[cpu][WSW-INJ-06]") {
  for (const bool on : {false, true}) {
    context<> ctx;
    switch_world world;
    if (on) {
      set_features(world, one_at(16));
      allow_everything(world);
    }
    world.vmsa.set_secure_avic_control({0x3});  // on, and NMIs allowed
    auto controls = world.vmcb.controls();
    controls.set_vintr_control(controls.vintr_control().set_v_nmi(true).set_v_irq(true));
    controls.set_update_irr(layout::vmcb_control_area_update_irr{}.set_update(true));
    for (auto& byte : controls.requested_irr()) byte = 0xff;
    world.write();
    REQUIRE(world.run(ctx).end == vmrun_end::entered);
    auto& guest = *world.core.guest;
    CHECK(guest.interrupts.v_nmi());
    CHECK(guest.interrupts.v_irq() == !on);
    cpu::secure_avic_page page{.requested = {1}, .allowed = {0xf0, 2}, .nmi_request = true};
    guest.interrupts.set_v_nmi(false);
    cpu::enter_secure_avic(ctx, std::as_const(guest.taken).controls(), guest.state, page, guest.interrupts);
    CHECK(page.requested == (on ? cpu::interrupt_vectors{0xf1, 2} : cpu::interrupt_vectors{1}));
    CHECK(guest.interrupts.v_nmi() == on);
    cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x60, .guest_code = 0x60, .delivering = {0x8000'0041}});
    CHECK(world.vmsa_stored().event_inj().raw == (on ? 0x8000'0041 : 0));
  }
}

TEST_CASE("WSW-INJ-06: with secure AVIC the event is the VMSA's, and NMIs are as the guest allows",
          "[cpu][WSW-INJ-06]") {
  for (const bool allowed : {false, true})
    for (const bool from_host : {false, true})
      for (const bool own : {false, true}) {
        context<> ctx;
        switch_world world;
        set_features(world, one_at(16));
        allow_everything(world);
        world.vmsa.set_secure_avic_control({allowed ? 3U : 1U});
        auto controls = world.vmcb.controls();
        controls.set_vintr_control(controls.vintr_control().set_v_nmi(from_host));
        controls.set_event_inj({0x8000'0030});
        world.vmsa.set_vintr_ctrl(layout::vmsa_vintr_ctrl{}.set_v_nmi(own));
        world.vmsa.set_event_inj({0x8000'0041});
        world.write();
        REQUIRE(world.run(ctx).end == vmrun_end::entered);
        CHECK(world.core.guest->injected.raw == 0x8000'0041);
        CHECK(world.core.guest->interrupts.v_nmi() == (own || (allowed && from_host)));
      }
  // An interrupted #VC is raised again by its instruction, not by EVENTINJ.
  for (const std::uint64_t event : {0x8000'031dULL, 0x8000'031cULL, 0x8000'0041ULL, 0x41ULL}) {
    context<> ctx;
    switch_world world;
    set_features(world, one_at(16));
    allow_everything(world);
    world.write();
    REQUIRE(world.run(ctx).end == vmrun_end::entered);
    cpu::vmexit(ctx, world.machine(), world.core, {.code = 0x60, .guest_code = 0x60, .delivering = {event}});
    const bool kept = event == 0x8000'031c || event == 0x8000'0041;
    CHECK(world.vmsa_stored().event_inj().raw == (kept ? event : 0));
    CHECK(world.vmcb_now().controls().exit_int_info().raw == event);
  }
}

TEST_CASE("restricted injection: the VMCB queues no interrupts", "[cpu][WSW-INJ-04]") {
  for (const bool restricted : {false, true}) {
    context<> ctx;
    switch_world world;
    if (restricted) set_features(world, one_at(3));
    auto controls = world.vmcb.controls();
    const auto asked = controls.vintr_control().set_v_irq(true).set_v_intr_vector(0x31).set_v_tpr(5).set_v_nmi(true);
    controls.set_vintr_control(asked);
    controls.set_interrupt_state(layout::vmcb_control_area_interrupt_state{}.set_interrupt_shadow(true));
    world.write();
    REQUIRE(world.run(ctx).end == vmrun_end::entered);
    CHECK(world.core.guest->interrupts.v_irq() == !restricted);
    CHECK(world.core.guest->interrupts.v_tpr() == (restricted ? 0 : 5));
    CHECK(world.core.guest->interrupts.int_shadow());
    if (!restricted) continue;
    // Nor does it tell of any: what the hypervisor has written there stays.
    CHECK(world.core.guest->interrupts == layout::vmsa_vintr_ctrl{}.set_int_shadow(true));
    REQUIRE(world.event(ctx, {.code = 0x403, .instruction_bytes = 4}).end == cpu::event_end::exits);
    auto left = world.vmcb_now();
    CHECK(left.controls().vintr_control() == asked);
  }
}
