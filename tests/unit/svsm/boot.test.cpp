// SPDX-License-Identifier: MIT
// A guest under an SVSM, from the firmware's launch commands to a measurement that a verifier believes: the SVSM launched
// at VMPL 0, its guest started at VMPL 1 or 2, every switch by VMRUN, every page by PVALIDATE and RMPADJUST, the report by
// a guest message.
#include <array>
#include <cstdint>
#include <vector>

#include <sevspec/cpu/world_switch/level_switch.hpp>
#include <sevspec/firmware/endorsement_key.hpp>
#include <sevspec/svsm/boot.hpp>
#include <sevspec/svsm/discovery.hpp>
#include <sevspec/svsm/measurement_check.hpp>
#include <sevspec/svsm/message_channel.hpp>
#include <support/catch.hpp>
#include <support/guest_talk.hpp>
#include <support/svsm_world.hpp>
#include <support/switch_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

constexpr asid id{1};
constexpr std::uint64_t guest_at = 0x400'0000;  ///< where the hypervisor has the guest's memory
constexpr gpa own_at{0x100'0000};               ///< the SVSM's
constexpr gpa secrets_at = own_at + 0x2000;
constexpr gpa first_vmsa{0xffff'ffff'f000};  ///< as launch has it
constexpr std::uint64_t own_features = 1 | 1U << 3;
constexpr std::uint64_t vmcb_at = test_scratch + 0x2'0000, hsave_at = test_scratch + 0x2'1000;
constexpr gpa firmware_at{0x1'0000}, guest_secrets_at{0x2000}, guest_cpuid_at{0x3000}, guest_caa{0x4000},
    guest_vmsa{0x5000};

auto where_is(gpa page) -> std::optional<svsm::placement> {
  if (page >= first_vmsa) return svsm::placement{spa{guest_at + 0x20'0000 + (page.value & 0xfff)}};
  if (page.value < 0x10'0000) return svsm::placement{spa{guest_at + page.value}};
  if (page >= own_at && page.value < own_at.value + 0x10'0000)
    return svsm::placement{spa{guest_at + 0x10'0000 + (page.value - own_at.value)}};
  return {};
}
auto spa_of(gpa page) -> spa { return where_is(page)->where; }

/// The hypervisor's part of guest messages.
struct posting_transport {
  world* w;
  auto send(const svsm::message_page& request, svsm::message_page& response) -> ghcb::guest_request_status {
    poke(w->m, request_at, request);
    layout::cmd_snp_guest_request cmd;
    cmd.set_gctx_paddr(gctx_at);
    cmd.set_request_paddr(request_at);
    cmd.set_response_paddr(response_at);
    const auto status = w->post(command_id::snp_guest_request, cmd);
    CHECK(status == fw::success);
    const auto bytes = peek(w->m, response_at, response.size());
    std::ranges::copy(bytes, response.begin());
    return {static_cast<std::uint32_t>(status), 0};
  }
  auto send_extended(const svsm::message_page& request, svsm::message_page& response, std::vector<std::uint8_t>&,
                     std::uint64_t&) -> ghcb::guest_request_status {
    return send(request, response);
  }
};

struct whole_machine {
  listening with;
  world w{with.ctx, true};
  context<> ctx;
  flush_log tlb;
  cpu::stand_in_checksums<4> sums;
  cpu::logical_processor core;
  cpu::vmcb_page vmcb;
  cpu::level_context levels[2];  ///< of the SVSM, of the guest
  svsm::monitor self;
  svsm::message_channel channel;
  posting_transport transport{&w};
  svsm::services<echo_tpm, svsm::no_management_mode, svsm::firmware_reports<context<>, posting_transport>> offered{
      .tpm = {}, .management = {}, .reports = {ctx, channel, transport}, .manifest = {}, .measurement = {}};

  std::uint64_t features = own_features;
  layout::vmsa first = switch_world::guest_registers();  ///< of the guest's boot processor

  explicit whole_machine(std::uint8_t level, bool protects = false) {
    if (protects) {
      features |= 1U << 14;
      cpu::tweak_bitmap all{};
      all.fill(0xff);
      std::ranges::copy(cpu::protectable(all), w.m.hw.vmsa_tweak_bitmap.begin());
    }
    launch();
    self.config.guest_level = {level};
    self.config.own = {own_at, 0x10'0000};
    self.config.guest_memory = {{{0}, 0x10'0000}};
    self.processors = {{.apic_id = 0}};
  }
  auto memory() { return svsm::rmp_machine(w.m.rmp, w.m.memory, where_is, id); }

  void put_page(gpa page, std::uint32_t type, std::span<const std::uint8_t> bytes = {}) {
    if (!bytes.empty()) poke(w.m, spa_of(page).value, bytes);
    w.guest_page_at(spa_of(page).value, page.value, id.value);
    REQUIRE(w.snp_update(spa_of(page).value, type) == fw::success);
  }
  /// The SVSM's image, its VMSA, CPUID and secrets pages; the guest's firmware. Then pages without content.
  void launch() {
    w.snp_launched();
    give_page(w.m, response_at);
    put_page(own_at, 1, std::vector<std::uint8_t>(4096, 0xc3));
    layout::vmsa state = switch_world::guest_registers();
    state.set_vmpl(0);
    state.set_sev_features({features});
    put_page(first_vmsa, 2, state.bytes());
    put_page(secrets_at, 5);
    put_page(firmware_at, 1, std::vector<std::uint8_t>(4096, 0x90));
    REQUIRE(w.snp_finish() == fw::success);
    for (std::uint64_t page = 0x1000; page < 0xa000; page += 0x1000)
      rmp_update(w.m, spa_of({page}).value, {.assigned = true, .id = id, .guest = {page}});

    core.part.min_sev_no_es_asid = 100;
    core.syscfg = std::uint64_t{1} << 23 | std::uint64_t{1} << 24;
    core.vm_hsave_pa = {hsave_at};
    core.registers = switch_world::host_registers();
    auto controls = vmcb.controls();
    controls.set_guest_asid(id.value);
    controls.set_np_control({7});
    controls.set_intercept_misc2(layout::vmcb_control_area_intercept_misc2{}.set_vmrun(true));
    levels[0] = {.vmsa = spa_of(first_vmsa)};
    layout::write_le(controls.data() + 0x108, levels[0].vmsa.value);
    store(vmcb);
    layout::host_save_area_es host;
    for (std::size_t i = 0; i < 0xc00; ++i) host.host_save()[i] = core.registers.data()[i];
    (void)w.m.memory.write({hsave_at}, memory_key::none(), host.bytes());
  }
  void store(const cpu::vmcb_page& page) { (void)w.m.memory.write({vmcb_at}, memory_key::none(), page.bytes); }
  auto machine() {
    auto made = cpu::make_switch_machine(w.m.memory, w.m.rmp, tlb, sums);
    std::ranges::copy(w.m.hw.vmsa_tweak_bitmap, made.protection.begin());
    return made;
  }
  auto vmrun() -> cpu::vmrun_end { return cpu::vmrun(ctx, machine(), core, vmcb_at).end; }
  void vmgexit() {
    const auto done = cpu::on_guest_event(ctx, machine(), core, {.code = 0x403, .instruction_bytes = 4});
    REQUIRE(done.end == cpu::event_end::exits);
  }
  /// The hypervisor runs another VMPL of the processor.
  void switch_to(unsigned from, unsigned to) {
    cpu::vmcb_page now;
    (void)w.m.memory.read({vmcb_at}, memory_key::none(), now.bytes);
    cpu::switch_level(ctx, now.controls(), levels[from], levels[to]);
    store(now);
  }
  /// From the SVSM's first instruction to the guest's.
  auto boot() -> svsm::call_result {
    REQUIRE(vmrun() == cpu::vmrun_end::entered);
    CHECK(core.registers.cpl() == 0);
    auto below = memory();
    layout::secrets_page own;
    REQUIRE(below.read(ctx, secrets_at, own.bytes()).has_value());
    firmware::message_key key{};
    std::ranges::copy(own.vmpck0(), key.begin());
    channel = {.key = key, .vmpck = 0};
    const svsm::boot_image image{.validate = {{gpa{0x1000}, 0x1000}, {gpa{0x6000}, 0x4000}},
                                 .launched = {{firmware_at, 0x1000}},
                                 .secrets = guest_secrets_at,
                                 .cpuid = guest_cpuid_at,
                                 .caa = guest_caa,
                                 .vmsa = guest_vmsa};
    const auto done = svsm::boot(ctx, below, self, image, own, {}, first, layout::sev_features{features});
    if (done != svsm::call_result{}) return done;
    levels[1] = {.vmsa = spa_of(guest_vmsa)};
    vmgexit();  // AP creation, and run VMPL
    switch_to(0, 1);
    REQUIRE(vmrun() == cpu::vmrun_end::entered);
    return done;
  }
  /// A call of the running guest's: every switch is a VMRUN.
  auto call(const svsm::call_registers& in) -> svsm::call_registers {
    auto below = memory();
    REQUIRE(below.write_as(ctx, self.config.guest_level, guest_caa, std::array<std::uint8_t, 1>{1}).has_value());
    core.registers.set_rax(in.rax);
    core.registers.set_rcx(in.rcx);
    core.registers.set_rdx(in.rdx);
    core.registers.set_r8(in.r8);
    vmgexit();
    switch_to(1, 0);
    REQUIRE(vmrun() == cpu::vmrun_end::entered);
    const auto served = svsm::enter(ctx, below, self, offered, 0);
    CHECK(served.what == svsm::entry_end::answered);
    vmgexit();
    switch_to(0, 1);
    REQUIRE(vmrun() == cpu::vmrun_end::entered);
    std::array<std::uint8_t, 1> pending{};
    REQUIRE(below.read_as(ctx, self.config.guest_level, guest_caa, pending).has_value());
    CHECK(pending[0] == 0);
    return {core.registers.rax(), core.registers.rcx(), core.registers.rdx(), core.registers.r8()};
  }
  auto guest_word(gpa where, std::size_t bytes) -> std::vector<std::uint8_t> {
    std::vector<std::uint8_t> found(bytes);
    auto below = memory();
    REQUIRE(below.read_as(ctx, self.config.guest_level, where, found).has_value());
    return found;
  }
  void guest_writes(gpa where, std::span<const std::uint8_t> bytes) {
    auto below = memory();
    REQUIRE(below.write_as(ctx, self.config.guest_level, where, bytes).has_value());
  }
};

}  // namespace

TEST_CASE(
    "an SVSM at VMPL 0 starts its guest, and serves it",
    "[svsm][SVSM-BOOT-01][SVSM-BOOT-02][SVSM-DISC-01][SVSM-DISC-02][VMPL-11][VMPL-13][SVSM-MEAS-21][SVSM-MEAS-23]") {
  const std::uint8_t level = GENERATE(std::uint8_t{1}, std::uint8_t{2});
  whole_machine m(level);
  REQUIRE(m.boot() == svsm::call_result{});

  // What the guest finds: firmware, calling area, no VMPCK of a more privileged VMPL.
  CHECK(m.guest_word(firmware_at, 4) == std::vector<std::uint8_t>(4, 0x90));
  layout::secrets_page secrets;
  std::ranges::copy(m.guest_word(guest_secrets_at, 4096), secrets.bytes().begin());
  const auto found = svsm::discover(m.ctx, false, &secrets);
  REQUIRE(found.has_value());
  REQUIRE(found->has_value());
  CHECK((*found)->base == own_at);
  CHECK((*found)->caa == guest_caa);
  CHECK((*found)->guest_vmpl == level);
  for (std::size_t key = 0; key < 4; ++key) {
    const auto bytes = std::span<const std::uint8_t>{secrets.bytes()}.subspan(0x20 + 0x20 * key, 0x20);
    const bool zero = std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
    CHECK(zero == (key < level));
  }
  // What it cannot reach: the SVSM's memory, its own VMSA.
  auto below = m.memory();
  std::array<std::uint8_t, 1> byte{};
  for (const gpa page : {own_at, secrets_at, first_vmsa})
    CHECK_FALSE(below.read_as(m.ctx, vmpl{level}, page, byte).has_value());
  CHECK_FALSE(below.write_as(m.ctx, vmpl{level}, guest_vmsa, byte).has_value());
  const auto attributes = svsm::adjust_attributes(vmpl{1}, svsm::no_rights);
  const auto probe = below.rmpadjust_as(m.ctx, vmpl{level}, firmware_at, page_size::k4k, attributes);
  CHECK_FALSE((probe && probe->succeeded()));  // it is not at VMPL 0

  // Calls, through VMRUN.
  CHECK(m.call({query_protocol, 1}).rcx == 0x1'0000'0001);
  CHECK(m.call({99, 0}).rax == 0x8000'0002);

  // Memory that the hypervisor adds is accepted by call; without one there is #VC 404h.
  const gpa more{0x2'0000};
  rmp_update(m.w.m, spa_of(more).value, {.assigned = true, .id = id, .guest = more});
  CHECK(below.read_as(m.ctx, vmpl{level}, more, byte).error().kind == fault_kind::vc);
  std::array<std::uint8_t, 16> list{1};
  layout::write_le(list.data() + 8, more.value | 4);
  m.guest_writes(guest_caa + 8, list);
  CHECK(m.call({pvalidate, guest_caa.value + 8}).rax == 0);
  CHECK(m.guest_word(more, 16) == std::vector<std::uint8_t>(16));
  m.guest_writes(more, std::array<std::uint8_t, 4>{'c', 'o', 'd', 'e'});

  // A measurement, and a verifier far away.
  svsm::measurement_expectations expected;
  for (std::size_t i = 0; i < 64; ++i) expected.nonce[i] = static_cast<std::uint8_t>(7 * i);
  const svsm::measured_range range{more, 0x1000};
  m.guest_writes(gpa{0x6000}, svsm::write_request({.nonce = expected.nonce,
                                                   .response = {gpa{0x7000}, 0x1000},
                                                   .report = {gpa{0x8000}, 0x1000},
                                                   .ranges = {range}}));
  const auto measured = m.call({meas | 2, 0x6000});
  REQUIRE(measured.rax == 0);
  const auto manifest = m.guest_word(gpa{0x7000}, static_cast<std::size_t>(measured.rcx));
  const auto report = m.guest_word(gpa{0x8000}, static_cast<std::size_t>(measured.r8));
  std::vector<std::uint8_t> code(4096);
  std::ranges::copy(std::array<std::uint8_t, 4>{'c', 'o', 'd', 'e'}, code.begin());
  const auto digest = crypto::sha384_of(code);
  expected.ranges = {{range, {digest.begin(), digest.end()}}};
  expected.known_svsms = {m.w.guest().launch_digest};
  const auto& hw = m.w.m.hw;
  const std::uint64_t tcb = firmware::reported_tcb(m.w.m);
  const auto vcek =
      crypto::p384_verifier::make(firmware::vcek_of(firmware::endorsement_seed_of(hw.chip_secret, tcb)).public_key());
  const firmware::vcek_claims certified{.tcb = layout::tcb_components(tcb, layout::tcb_format::milan_genoa),
                                        .hardware_id = hw.chip_id};
  const auto believed = svsm::check_measurement(m.ctx, report, manifest, *vcek, certified, expected);
  REQUIRE(believed.has_value());
  CHECK(believed->counter == 1);
  CHECK(believed->level == level);
  CHECK(m.channel.count == 2);
}

TEST_CASE("an SVSM under VMSA register protection", "[svsm][WSW-ST-08][SVSM-CA-05][SVSM-CA-06][SVSM-CORE-25]") {
  whole_machine m(2, true);
  m.first.set_reg_prot_nonce(0x1234'5678'9abc'def0);
  REQUIRE(m.boot() == svsm::call_result{});
  CHECK(m.core.registers.rsp() == switch_world::guest_registers().rsp());
  auto below = m.memory();
  const auto stored_bytes = [&](gpa where) { return peek_guest(m.w.m, id, spa_of(where).value, 8); };
  CHECK(m.call({query_protocol, 1}).rcx == 0x1'0000'0001);
  CHECK(m.call({99, 0}).rax == 0x8000'0002);
  const auto nonce = layout::read_le<std::uint64_t>(stored_bytes(guest_vmsa + 0x300).data());
  CHECK(nonce != 0);  // #VMEXIT has chosen one

  // The guest's VMSA for another processor: in stored form, too.
  m.self.processors.push_back({.apic_id = 1});
  layout::vmsa next = switch_world::guest_registers();
  next.set_vmpl(2);
  next.set_sev_features(svsm::guest_features({m.features}, false));
  next.set_reg_prot_nonce(0x1000);  // what is stored looks as if EFER.SVME were clear
  next.set_efer(0x1000);
  const auto& bitmap = m.self.protection;
  auto stored = next;
  cpu::toggle_protection(m.ctx, stored, bitmap);
  CHECK(stored.efer() == 0);
  m.guest_writes(gpa{0x6000}, stored.bytes());
  REQUIRE(m.call({create_vcpu, 0x6000, 0x7000, 1}).rax == 0);
  stored.set_efer(0x1000);  // and this, as if it were set
  m.guest_writes(gpa{0x8000}, stored.bytes());
  CHECK(m.call({create_vcpu, 0x8000, 0x9000, 1}).rax == 0x8000'0005);
  SECTION("it is stopped") {
    REQUIRE(m.call({delete_vcpu, 0x6000}).rax == 0);
    CHECK(stored_bytes(gpa{0x6000} + 0xd0) == std::vector<std::uint8_t>{0, 0x10, 0, 0, 0, 0, 0, 0});
  }
  SECTION("it gets its answers") {
    next.set_rax(query_protocol);
    next.set_rcx(1);
    next.set_guest_exit_code(layout::svm_exit_codes::vmgexit);
    stored = next;
    cpu::toggle_protection(m.ctx, stored, bitmap);
    REQUIRE(below.write(m.ctx, gpa{0x6000}, stored.bytes()).has_value());
    REQUIRE(below.write_as(m.ctx, vmpl{2}, gpa{0x7000}, std::array<std::uint8_t, 1>{1}).has_value());
    CHECK(svsm::enter(m.ctx, below, m.self, m.offered, 1).what == svsm::entry_end::answered);
    layout::vmsa found;
    REQUIRE(svsm::read_vmsa(m.ctx, below, m.self, gpa{0x6000}, found).has_value());
    CHECK(found.rax() == 0);
    CHECK(found.rcx() == 0x1'0000'0001);
    CHECK(found.efer() == 0x1000);
    CHECK(found.rsp() == next.rsp());
  }
  SECTION("and its events") {
    next.set_sev_features(next.sev_features().set_alternate_injection(true));
    next.set_vintr_ctrl(layout::vmsa_vintr_ctrl{}.set_busy(true));
    next.set_guest_exit_int_info({0x8000'0041});
    stored = next;
    cpu::toggle_protection(m.ctx, stored, bitmap);
    REQUIRE(below.write(m.ctx, gpa{0x6000}, stored.bytes()).has_value());
    CHECK(svsm::enter(m.ctx, below, m.self, m.offered, 1).what == svsm::entry_end::no_request);
    layout::vmsa found;
    REQUIRE(svsm::read_vmsa(m.ctx, below, m.self, gpa{0x6000}, found).has_value());
    CHECK(found.event_inj().raw == 0x8000'0041);
    CHECK_FALSE(found.vintr_ctrl().busy());
    CHECK(stored_bytes(gpa{0x6000} + 0x3e0) == std::vector<std::uint8_t>{0x41, 0x10, 0, 0x80, 0, 0, 0, 0});
  }
}

TEST_CASE("what makes an SVSM stop before its guest runs", "[svsm][SVSM-BOOT-01][SVSM-BOOT-02][SVSM-CORE-14]") {
  context<> ctx;
  svsm_world world;
  world.self.vcpus.clear();
  auto machine = world.machine();
  const svsm::boot_image good{.validate = {{gpa{0x4'0000}, 0x1000}},
                              .secrets = gpa{0x5'0000},
                              .cpuid = gpa{0x5'1000},
                              .caa = gpa{0x5'2000},
                              .vmsa = gpa{0x5'3000}};
  const auto boots = [&](const svsm::boot_image& image) {
    svsm::monitor self = world.self;
    return svsm::boot(ctx, machine, self, image, {}, {}, {}, layout::sev_features{1});
  };
  auto image = good;
  image.secrets.reset();
  CHECK(boots(image).decided_by == rule::SVSM_BOOT_02);
  image = good;
  image.caa.reset();
  CHECK(boots(image).decided_by == rule::SVSM_BOOT_02);
  image = good;
  image.validate.push_back({gpa{0xff'f000}, 0x2000});  // reaches into the SVSM's memory
  CHECK(boots(image).code == svsm::result_code::invalid_address);
  for (const std::uint8_t level : {std::uint8_t{0}, std::uint8_t{4}}) {
    world.self.config.guest_level = {level};
    CHECK(boots(good).decided_by == rule::SVSM_BOOT_01);
  }
  world.self.config.guest_level = {2};
  CHECK(boots(good).succeeded());
  CHECK(world.at(gpa{0x4'0000}).allowed[1].raw == 0);  // VMPL 1 stays without rights
}

TEST_CASE("at boot every page is zeroed, below 1M as well", "[svsm][SVSM-BOOT-02][SVSM-CORE-15]") {
  for (const auto exempt : {zero_exemption::from_a0000, zero_exemption::inside_c0000}) {
    context<> ctx;
    ctx.choices.svsm_zero_exemption = exempt;
    svsm_world world;
    world.self.vcpus.clear();
    auto machine = world.machine();
    const std::vector<std::uint8_t> left(0x1000, 0x5a);  // by the hypervisor
    for (const std::uint64_t page : {0x9'f000ULL, 0xa'0000ULL, 0xc'0000ULL, 0xf'f000ULL, 0xc'1000ULL})
      world.put(gpa{page}, left);
    const svsm::boot_image image{
        .validate = {{gpa{0x9'f000}, 0x2000}, {gpa{0xc'0000}, 0x1000}, {gpa{0xf'f000}, 0x1000}},
        .secrets = gpa{0x5'0000},
        .caa = gpa{0xc'1000},
        .vmsa = gpa{0x5'3000}};
    REQUIRE(svsm::boot(ctx, machine, world.self, image, {}, {}, {}, layout::sev_features{1}).succeeded());
    for (const std::uint64_t page : {0x9'f000ULL, 0xa'0000ULL, 0xc'0000ULL, 0xf'f000ULL, 0xc'1000ULL})
      CHECK(world.get(gpa{page}, 0x1000) == std::vector<std::uint8_t>(0x1000));
  }
}
