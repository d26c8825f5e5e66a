// SPDX-License-Identifier: MIT
// The protocols besides the core: attestation, vTPM, APIC, UEFI MM. And the guest's own side: discovery and calls.
#include <array>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include <sevspec/svsm/apic_delivery.hpp>
#include <sevspec/svsm/discovery.hpp>
#include <sevspec/svsm/message_channel.hpp>
#include <sevspec/svsm/profiles.hpp>
#include <support/catch.hpp>
#include <support/svsm_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using svsm::call_verdict;

constexpr gpa operation{0x9000}, manifest_at{0xa000}, report_at{0xb000}, nonce_at{0xc000}, certificates_at{0xd000};
constexpr std::uint64_t attest = std::uint64_t{1} << 32, tpm = 0x2'0000'0001, apic = std::uint64_t{3} << 32,
                        mm = 0x4'0000'0001;

struct player {
  context<> ctx;
  svsm_world world;
  svsm_services offered;

  player() {
    world.put(operation, std::vector<std::uint8_t>(0x58));
    world.put_word(operation, report_at.value);
    world.put_word<std::uint32_t>(operation + 0x08, 0x1000);
    world.put_word(operation + 0x10, nonce_at.value);
    world.put_word<std::uint16_t>(operation + 0x18, 64);
    world.put_word(operation + 0x20, manifest_at.value);
    world.put_word<std::uint32_t>(operation + 0x28, 0x1000);
    world.put(nonce_at, std::vector<std::uint8_t>(64, 0x11));
    offered.manifest = {{svsm::vtpm_guid, {1, 2, 3}}, {svsm::uefi_mm_guid, std::vector<std::uint8_t>(8)}};
  }
  auto call(const svsm::call_registers& in) { return world.call(ctx, offered, in); }
};

}  // namespace

TEST_CASE("attestation: a report of all services", "[svsm][SVSM-ATT-05][SVSM-ATT-06][SVSM-ATT-11][SVSM-ATT-12]") {
  player p;
  const auto done = p.call({attest, operation.value, 0xffff, 0xffff});
  REQUIRE(done.code() == 0);
  CHECK(done.out.rdx == 0);
  CHECK(done.out.r8 == 0x4a0);
  const auto manifest = p.world.get(manifest_at, static_cast<std::size_t>(done.out.rcx));
  CHECK(manifest.size() == 24 + 2 * 24 + 3 + 8);
  const std::array<std::uint8_t, 16> guid{0xbb, 0x9e, 0x84, 0x63, 0x92, 0x3d, 0x70, 0x46,
                                          0xa1, 0xff, 0x58, 0xf9, 0xc9, 0x4b, 0x87, 0xbb};
  CHECK(std::ranges::equal(std::span{manifest}.first(16), guid));
  CHECK(
      std::ranges::equal(svsm::find_service(manifest, svsm::vtpm_guid).value(), std::array<std::uint8_t, 3>{1, 2, 3}));
  CHECK(svsm::find_service(manifest, svsm::uefi_mm_guid)->size() == 8);
  CHECK(svsm::find_service(manifest, svsm::measurement_guid)->empty());
  const auto data = svsm::binding_of(p.world.get(nonce_at, 64), manifest);
  CHECK(p.offered.reports.asked == std::vector{data});
  CHECK(p.world.get(report_at + 0x50, 64) == std::vector<std::uint8_t>(data.begin(), data.end()));
  CHECK_FALSE(p.offered.reports.extended);
  // Any bytes are a manifest or an error.
  for (std::size_t length = 0; length < manifest.size(); ++length)
    CHECK_FALSE(svsm::find_service(std::span{manifest}.first(length), svsm::vtpm_guid).has_value());
}

TEST_CASE("attestation: one service", "[svsm][SVSM-ATT-03][SVSM-ATT-04]") {
  player p;
  CHECK(p.call({attest | 1, operation.value}).code() == 0x8000'0001);
  p.world.put(operation + 0x40, svsm::vtpm_guid.mixed_endian());
  const auto done = p.call({attest | 1, operation.value});
  CHECK(done.code() == 0);
  CHECK(done.out.rcx == 3);
  CHECK(p.world.get(manifest_at, 3) == std::vector<std::uint8_t>{1, 2, 3});
  p.world.put_word<std::uint32_t>(operation + 0x50, 1);
  CHECK(p.call({attest | 1, operation.value}).code() == 0x8000'0005);
}

TEST_CASE("attestation: what is refused, in order",
          "[svsm][SVSM-ATT-01][SVSM-ATT-02][SVSM-ATT-03][SVSM-ATT-05][SVSM-ATT-07][SVSM-ATT-08][SVSM-ATT-09]"
          "[SVSM-ATT-10][SVSM-ATT-13]") {
  const auto code = [](auto edit) {
    player p;
    edit(p);
    const auto before = p.world.get(report_at, 0x1000);
    const auto done = p.call({attest, operation.value});
    if (done.code() != 0) {
      const bool same = p.world.get(report_at, 0x1000) == before;
      CHECK(same);
    }
    return done.code();
  };
  player p;
  CHECK(p.call({attest | 2, operation.value}).code() == 0x8000'0002);
  p.ctx.choices = svsm::as_coconut;
  CHECK(p.call({attest | 2, operation.value}).code() == 0x8000'0001);
  CHECK(p.call({attest, 0x4'0000}).code() == 0x8000'0005);
  CHECK(p.call({attest, 0x100'0000}).code() == 0x8000'0005);
  for (const std::uint64_t at : {0x0cULL, 0x1aULL, 0x1fULL, 0x2cULL, 0x3cULL})
    CHECK(code([&](player& q) { q.world.put_word<std::uint8_t>(operation + at, 1); }) == 0x8000'0005);
  CHECK(code([](player& q) { q.world.put_word<std::uint16_t>(operation + 0x18, 63); }) == 0x8000'0005);
  CHECK(code([](player& q) { q.world.put_word<std::uint64_t>(operation + 0x10, 0xcfc8); }) == 0x8000'0005);
  CHECK(code([](player& q) { q.world.put_word<std::uint64_t>(operation + 0x10, 0x6000); }) == 0x8000'0005);
  CHECK(code([](player& q) { q.offered.reports.what = svsm::report_answer::kind::failed; }) == 0x8000'0006);
  CHECK(code([](player& q) { q.offered.reports.what = svsm::report_answer::kind::busy; }) == 0x8000'0006);
  CHECK(code([](player& q) { q.world.put_word<std::uint64_t>(operation, 0xb008); }) == 0x8000'0005);
  CHECK(code([](player& q) { q.world.put_word<std::uint64_t>(operation, ~std::uint64_t{0xfff}); }) == 0x8000'0003);
  CHECK(code([](player& q) { q.world.put_word<std::uint64_t>(operation, 0x100'0000); }) == 0x8000'0003);
  CHECK(code([](player& q) { q.world.put_word<std::uint64_t>(operation, 0x6000); }) == 0x8000'0003);
  CHECK(code([](player& q) { q.world.put_word<std::uint32_t>(operation + 0x28, 8); }) == 0x8000'0005);
  // Certificates.
  const auto with_certificates = [](player& q, std::uint32_t size) {
    q.world.put_word(operation + 0x30, certificates_at.value);
    q.world.put_word(operation + 0x38, size);
    q.offered.reports.certificates = std::vector<std::uint8_t>(100, 0xce);
  };
  CHECK(code([&](player& q) { with_certificates(q, 0x5000); }) == 0x8000'0005);
  CHECK(code([&](player& q) { with_certificates(q, 10); }) == 0x8000'0005);
  // What fits exactly.
  CHECK(code([](player& r) { r.world.put_word<std::uint64_t>(operation + 0x10, 0xcfc0); }) == 0);
  CHECK(code([&](player& r) { with_certificates(r, 0x4000); }) == 0);
  CHECK(code([&](player& r) {
          with_certificates(r, 100);
          r.world.put_word<std::uint32_t>(operation + 0x08, svsm::report_bytes);
          r.world.put_word(operation + 0x28,
                           static_cast<std::uint32_t>(svsm::make_services_manifest(r.offered.manifest).size()));
        }) == 0);
  player q;
  with_certificates(q, 0x1000);
  auto done = q.call({attest, operation.value});
  CHECK(done.code() == 0);
  CHECK(done.out.rdx == 100);
  CHECK(q.world.get(certificates_at, 100) == std::vector<std::uint8_t>(100, 0xce));
  q.offered.reports.what = svsm::report_answer::kind::too_small;
  q.offered.reports.pages = 6;
  done = q.call({attest, operation.value});
  CHECK(done.code() == 0x8000'0005);
  CHECK(done.out.rdx == 0x6000);
}

TEST_CASE("vTPM", "[svsm][SVSM-TPM-01][SVSM-TPM-02][SVSM-TPM-03][SVSM-TPM-04][SVSM-TPM-05][SVSM-TPM-06][SVSM-TPM-07]") {
  player p;
  const auto query = p.call({std::uint64_t{2} << 32, 5, 6});
  CHECK(query.out.rcx == 0x100);
  CHECK(query.out.rdx == 0);
  CHECK(p.call({tpm, 0}).code() == 0x8000'0005);
  CHECK(p.call({tpm, 0x4'0000}).code() == 0x8000'0005);
  const gpa where{0xa123};  // any alignment, over the edge of a page
  const auto command = [&](std::uint32_t platform, std::uint8_t locality, std::uint32_t size) {
    p.world.put_word(where, platform);
    p.world.put_word(where + 4, locality);
    p.world.put_word(where + 5, size);
    for (std::uint32_t i = 0; i < 16; ++i) p.world.put_word(where + 9 + i, static_cast<std::uint8_t>(i));
    return p.call({tpm, where.value}).code();
  };
  CHECK(command(7, 0, 4) == 0x8000'0005);
  CHECK(command(8, 1, 4) == 0x8000'0005);
  CHECK(command(8, 0, 4088) == 0x8000'0005);
  CHECK(p.offered.tpm.commands == 0);
  CHECK(command(8, 0, 4) == 0);
  CHECK(p.world.word<std::uint32_t>(where) == 4);
  CHECK(p.world.get(where + 4, 4) == std::vector<std::uint8_t>{0, 1, 2, 3});
  CHECK(command(8, 0, 4087) == 0);
  p.offered.tpm.answer_bytes = 4093;
  CHECK(command(8, 0, 4) == 0);
  CHECK(p.world.word<std::uint32_t>(where) == 8);  // dropped: the request is still there
  p.offered.tpm.answer_bytes = 4092;
  CHECK(command(8, 0, 4) == 0);
  CHECK(p.world.word<std::uint32_t>(where) == 4092);
  p.world.put_word<std::uint32_t>({0xf800}, 8);
  CHECK(p.call({tpm, 0xf800}).code() == 0x8000'0003);  // the page behind is not validated
  p.world.put_word<std::uint32_t>({0x7800}, 8);
  CHECK(p.call({tpm, 0x7800}).code() == 0x8000'0003);  // the calling area is
  svsm::services<> none;
  p.world.put_word<std::uint32_t>({0xa000}, 8);
  p.world.put_word<std::uint32_t>({0xa004}, 0);
  CHECK(p.world.call(p.ctx, none, {tpm, 0xa000}).code() == 0);
  CHECK(p.world.get({0xa004}, 2) == std::vector<std::uint8_t>{0x80, 0x01});
}

TEST_CASE("UEFI MM", "[svsm][SVSM-MM-01][SVSM-MM-02][SVSM-MM-03]") {
  player p;
  const gpa where{0xa000};
  p.world.put_word<std::uint64_t>(where + 16, 4);
  CHECK(p.call({mm - 1, where.value, 0x1000}).code() == 0x8000'0002);
  CHECK(p.call({mm + 1, where.value, 0x1000}).code() == 0x8000'0002);
  CHECK(p.call({mm, 0, 0x1000}).code() == 0x8000'0005);
  CHECK(p.call({mm, 0x100'0000, 0x1000}).code() == 0x8000'0003);
  CHECK(p.call({mm, 0xa010, 16}).code() == 0x8000'0003);
  CHECK(p.call({mm, where.value, 23}).code() == 0x8000'0005);
  CHECK(p.call({mm, where.value, 0x4'0001}).code() == 0x8000'0005);
  CHECK(p.call({mm, where.value, 27}).code() == 0x8000'0005);
  CHECK(p.call({mm, where.value, 28}).code() == 0);
  CHECK(p.world.get(where + 16, 14) == std::vector<std::uint8_t>{4, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0});
  CHECK(p.call({mm, where.value, 0x4'0000}).code() == 0);
}

TEST_CASE("APIC registers",
          "[svsm][SVSM-APIC-01][SVSM-APIC-02][SVSM-APIC-03][SVSM-APIC-04][SVSM-APIC-05][SVSM-APIC-06]") {
  player p;
  for (std::uint64_t call = 0; call < 7; ++call) CHECK(p.call({apic | call, 0}).code() == 0x8000'0001);
  svsm::processor& cpu = p.world.self.processors[0];
  cpu.apic.active = true;
  CHECK(p.call({apic, 7}).out.rcx == 0);
  CHECK(p.call({apic | 5, 0}).code() == 0x8000'0002);
  const auto read = [&](std::uint64_t number) { return p.call({apic | 2, number}); };
  const auto write = [&](std::uint64_t number, std::uint64_t value) {
    return p.call({apic | 3, number, value}).code();
  };
  p.world.self.processors[1].apic_id = 0x25;
  CHECK(svsm::logical_id(0x25) == 0x2'0020);
  for (const std::uint64_t number : {0x80bULL, 0x83fULL}) CHECK(read(number).code() == 0x8000'0005);
  for (const std::uint64_t number : {0x801ULL, 0x803ULL, 0x828ULL, 0x831ULL, 0ULL})
    CHECK(read(number).code() == 0x8000'0003);
  for (const std::uint64_t number : {0x802ULL, 0x80aULL, 0x80dULL, 0x810ULL, 0x827ULL})
    CHECK(write(number, 0) == 0x8000'0005);
  CHECK(write(0x803, 0) == 0x8000'0003);
  CHECK(write(0x808, 0x100) == 0x8000'0005);
  CHECK(write(0x808, 0x35) == 0);
  CHECK(read(0x808).out.rdx == 0x35);
  CHECK(read(0x80a).out.rdx == 0x35);
  CHECK(read(0x80d).out.rdx == 1);
  CHECK(write(0x80b, 1) == 0x8000'0005);
  for (const std::uint64_t bad : {0x1000ULL, 0x2000ULL, 0x1'0000ULL, 0x10'0000ULL, 0x100ULL, 0x500ULL})
    CHECK(write(0x830, bad) == 0x8000'0005);
  CHECK(write(0x830, std::uint64_t{0x25} << 32 | 0x51) == 0);  // to the other processor
  CHECK(p.world.self.processors[1].apic.irr.contains(0x51));
  CHECK(write(0x830, std::uint64_t{0x2'0020} << 32 | 0x852) == 0);  // by its logical destination
  CHECK(p.world.self.processors[1].apic.irr.contains(0x52));
  CHECK(write(0x830, 0xc'0400) == 0);  // NMI for all others
  CHECK(p.world.self.processors[1].apic.nmi_pending);
  CHECK_FALSE(cpu.apic.nmi_pending);
  CHECK(write(0x83f, 0x100) == 0x8000'0005);
  CHECK(read(0x830).out.rdx == 0xc'0400);
  const auto configure = [&](std::uint64_t what) { return p.call({apic | 1, what}).code(); };
  CHECK(configure(2) == 0);
  CHECK(configure(1) == 0);
  CHECK(configure(0) == 0);
  CHECK(cpu.apic.active);
  p.world.self.apic_registrations = ~std::uint32_t{};
  CHECK(configure(2) == 0x8000'1000);
  p.world.self.apic_registrations = 1;
  CHECK(configure(1) == 0);
  CHECK_FALSE(cpu.apic.active);
  cpu.apic.active = true;  // another processor has counted down to 0 before
  CHECK(configure(1) == 0);
  CHECK(p.world.self.apic_registrations == 0);
  CHECK_FALSE(cpu.apic.active);
}

TEST_CASE("APIC: which requests wait", "[svsm][SVSM-APIC-08][SVSM-APIC-09][SVSM-APIC-10]") {
  context<> ctx;
  layout::vmsa ready;
  ready.set_rflags(0x202);
  const auto presented = [&](svsm::apic_state now) {
    layout::vmsa guest = ready;
    const auto taken = svsm::present_interrupts(ctx, guest, now);
    return std::pair{taken, guest.vintr_ctrl().v_irq()};
  };
  const auto with = [](std::initializer_list<std::uint8_t> requested, std::initializer_list<std::uint8_t> served,
                       std::uint8_t tpr = 0) {
    svsm::apic_state made{.active = true, .tpr = tpr};
    for (const std::uint8_t one : requested) made.irr.insert(one);
    for (const std::uint8_t one : served) made.isr.insert(one);
    return made;
  };
  using outcome_of = std::pair<std::optional<std::uint8_t>, bool>;
  CHECK(presented(with({0x48}, {0x45})) == outcome_of{{}, false});  // of the class that is served: not even V_IRQ
  CHECK(presented(with({0x51}, {0x45})) == outcome_of{0x51, false});
  CHECK(presented(with({0x45}, {}, 0x40)) == outcome_of{{}, true});  // of the class that TPR keeps out
  CHECK(presented(with({0x45}, {}, 0x3f)) == outcome_of{0x45, false});

  // No offer to end an interrupt without a call while another one waits.
  player p;
  svsm::processor& cpu = p.world.self.processors[0];
  cpu.apic = with({0x50, 0x30}, {});
  CHECK(p.call({apic}).code() == 0);
  CHECK(cpu.apic.isr.contains(0x50));
  CHECK_FALSE(cpu.apic.lazy_eoi);
  CHECK(p.world.get(svsm_world::caa + 2, 1)[0] == 0);

  // The last request says whether it is level-triggered.
  svsm::processor other;
  other.apic.from_host.insert(0x61);
  CHECK(svsm::raise_from_host(ctx, other, 0x61, true));
  CHECK(other.apic.tmr.contains(0x61));
  svsm::raise(other, 0x61, false);
  CHECK_FALSE(other.apic.tmr.contains(0x61));
}

TEST_CASE("APIC delivery", "[svsm][SVSM-APIC-07][SVSM-APIC-08][SVSM-APIC-09][SVSM-APIC-10]") {
  player p;
  svsm::processor& cpu = p.world.self.processors[0];
  cpu.apic.active = true;
  CHECK_FALSE(svsm::raise_from_host(p.ctx, cpu, 0x61, false));
  CHECK(p.call({apic | 4, 0x161}).code() == 0);
  CHECK(svsm::raise_from_host(p.ctx, cpu, 0x61, false));
  CHECK(p.call({apic | 4, 0x300}).code() == 0);
  CHECK(cpu.apic.from_host.count() == 225);
  // The call has put it into EVENTINJ: an edge interrupt, alone.
  CHECK(p.world.state(svsm_world::vmsa).event_inj().raw == (0x8000'0000U | 0x61));
  CHECK(cpu.apic.isr.contains(0x61));
  CHECK(p.world.get(svsm_world::caa + 2, 1)[0] == 1);
  p.world.put_word<std::uint8_t>(svsm_world::caa + 2, 0);  // the guest's EOI
  p.world.put_word<std::uint64_t>(svsm_world::vmsa + 0x3e0, 0);
  cpu.apic.nmi_pending = true;
  cpu.apic.irr.insert(0x71);
  cpu.apic.irr.insert(0x82);
  CHECK(p.call({apic | 4, 0x200}).code() == 0);
  CHECK(cpu.apic.from_host.count() == 0);
  CHECK_FALSE(cpu.apic.isr.contains(0x61));
  // NMI first; the vector goes into V_IRQ.
  auto state = p.world.state(svsm_world::vmsa);
  CHECK(state.event_inj().raw == 0x8000'0202);
  CHECK(state.vintr_ctrl().v_irq());
  CHECK(state.vintr_ctrl().v_intr_vector() == 0x82);
  CHECK(state.vintr_ctrl().v_intr_prio() == 8);
  CHECK(cpu.apic.irr.contains(0x82));
  // The guest takes it: V_IRQ is clear at the next entry. A lower one waits behind it.
  state.set_vintr_ctrl(state.vintr_ctrl().set_v_irq(false));
  state.set_event_inj({});
  p.world.put(svsm_world::vmsa, state.bytes());
  CHECK(p.call({query_protocol, 1}).code() == 0);
  CHECK(cpu.apic.isr.contains(0x82));
  CHECK(cpu.apic.irr.contains(0x71));
  CHECK_FALSE(p.world.state(svsm_world::vmsa).event_inj().valid());
  // After EOI it comes, but not while interrupts are off.
  p.world.put_word<std::uint64_t>(svsm_world::vmsa + 0x170, 2);
  CHECK(p.call({apic | 3, 0x80b, 0}).code() == 0);
  CHECK(p.world.state(svsm_world::vmsa).vintr_ctrl().v_intr_vector() == 0x71);
}

TEST_CASE("data of a service that lie outside of the manifest", "[svsm][SVSM-ATT-12]") {
  const std::vector<svsm::service> services{{svsm::vtpm_guid, {1, 2, 3}}};
  auto manifest = svsm::make_services_manifest(services);
  const auto whole = static_cast<std::uint32_t>(manifest.size());
  const auto with = [&](std::uint32_t offset, std::uint32_t length) {
    layout::write_le(manifest.data() + 24 + 16, offset);
    layout::write_le(manifest.data() + 24 + 20, length);
    return svsm::find_service(manifest, svsm::vtpm_guid).has_value();
  };
  CHECK(with(whole, 0));
  CHECK(with(whole - 1, 1));
  CHECK_FALSE(with(whole - 1, 2));
  CHECK_FALSE(with(whole + 1, 0));
  CHECK_FALSE(with(1, ~std::uint32_t{}));
}

TEST_CASE("RMPADJUST for VMPL 1 tells VMPL 0 from all others", "[svsm][SVSM-DISC-02][SVSM-DISC-04][RMP-ADJ-02]") {
  context<> ctx;
  svsm_world world;
  auto machine = world.machine();
  const auto works = [&](std::uint8_t level, std::uint8_t target) {
    const auto done = machine.rmpadjust_as(ctx, vmpl{level}, gpa{0x3000}, page_size::k4k,
                                           svsm::adjust_attributes(vmpl{target}, svsm::no_rights));
    return done && done->succeeded();
  };
  CHECK(works(0, 1));
  for (const std::uint8_t level : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}}) CHECK_FALSE(works(level, 1));
  CHECK(works(2, 3));  // which says nothing of VMPL 0
}

TEST_CASE("how a guest finds its SVSM", "[svsm][SVSM-DISC-01][SVSM-DISC-02][SVSM-DISC-03][SVSM-DISC-04]") {
  context<> ctx;
  layout::secrets_page page;
  CHECK(svsm::discover(ctx, false, nullptr).error() == ghcb::termination_reason{1, 6});
  CHECK(svsm::discover(ctx, false, &page).error() == ghcb::termination_reason{1, 7});
  page.set_svsm_size(0x1000);
  CHECK(svsm::discover(ctx, false, &page).error() == ghcb::termination_reason{1, 8});
  page.set_svsm_guest_vmpl(2);
  page.set_svsm_caa(0x1800);
  CHECK(svsm::discover(ctx, false, &page).error() == ghcb::termination_reason{1, 9});
  page.set_svsm_caa(0x1000);
  CHECK(svsm::discover(ctx, false, &page).value()->caa == gpa{0x1000});
  CHECK_FALSE(svsm::discover(ctx, true, &page).value().has_value());
  CHECK(svsm::visible_sev_features(ctx, 0x1f, true) == 0x1000'001f);
  CHECK(svsm::visible_sev_features(ctx, 0x1f, false) == 0x1f);
}

TEST_CASE("what a guest makes of an answer", "[svsm][SVSM-CA-01][SVSM-CA-02][SVSM-CA-03][SVSM-CA-04]") {
  context<> ctx;
  const auto verdict = [&](std::uint8_t pending, svsm::switch_answer answer, std::uint64_t rax) {
    return svsm::check_answer(ctx, pending, answer, rax).what;
  };
  const svsm::switch_answer good = std::uint64_t{0x17};
  CHECK(verdict(0, good, 0) == call_verdict::done);
  CHECK(verdict(1, good, 0) == call_verdict::not_served);
  CHECK(verdict(0, std::uint64_t{0x1'0000'0017}, 0) == call_verdict::answer_wrong);
  CHECK(verdict(0, std::uint64_t{0x0}, 0) == call_verdict::answer_wrong);
  CHECK(verdict(0, ghcb::answer_verdict{}, 0) == call_verdict::done);
  CHECK(verdict(0, ghcb::answer_verdict{.what = ghcb::answer_kind::exception}, 0) == call_verdict::answer_wrong);
  CHECK(verdict(0, good, 0x8000'0000) == call_verdict::repeat);
  CHECK(verdict(0, good, 0x8000'0007) == call_verdict::repeat);
  for (const std::uint64_t rax : {0x8000'0001ULL, 0x8000'0006ULL, 0x8000'1010ULL, 1ULL})
    CHECK(verdict(0, good, rax) == call_verdict::failed);
}

TEST_CASE("messages: keys that are destroyed, numbers that are used up", "[svsm][VMPL-13][SVSM-ATT-13]") {
  context<> ctx;
  struct transport {
    std::vector<ghcb::guest_request_status> answers;
    std::vector<svsm::message_page> seen{};
    bool authentic = true;
    std::uint8_t vmpck = 0;
    std::uint64_t ahead = 1;
    auto send(const svsm::message_page& request, svsm::message_page& response) -> ghcb::guest_request_status {
      const auto status = answers.at(seen.size());
      seen.push_back(request);
      std::array<std::uint8_t, 0x20 + svsm::report_bytes> payload{};
      const auto info = firmware::parse_message(request)->info();
      firmware::seal_message(
          {}, {.type = layout::snp_message_types::report_rsp, .vmpck = vmpck, .sequence = info.sequence + ahead},
          payload, std::span{response}.first(firmware::message_header_bytes + payload.size()));
      if (!authentic) response[0] ^= 1;
      return status;
    }
    auto send_extended(const svsm::message_page& request, svsm::message_page& response, std::vector<std::uint8_t>&,
                       std::uint64_t& pages) -> ghcb::guest_request_status {
      pages = 7;
      return send(request, response);
    }
  };
  using kind = svsm::report_answer::kind;
  const auto asked = [&](svsm::message_channel& channel, transport& to, bool extended = false) {
    return svsm::ask_for_report(ctx, channel, to, {}, vmpl{0}, extended);
  };
  svsm::message_channel channel{.key = firmware::message_key{}};
  transport good{.answers = {{}, {}}};
  CHECK(asked(channel, good).what == kind::ok);
  CHECK(asked(channel, good).what == kind::ok);
  CHECK(channel.count == 4);
  CHECK(firmware::parse_message(good.seen[1])->info().sequence == 3);
  transport busy{.answers = {{0, ghcb::request_busy}, {}}};
  CHECK(asked(channel, busy).what == kind::busy);
  CHECK(channel.count == 4);
  CHECK(asked(channel, busy).what == kind::ok);
  CHECK(busy.seen[0] == busy.seen[1]);
  transport small{.answers = {{0, ghcb::request_buffer_too_small}, {}}};
  const auto pages = asked(channel, small, true);
  CHECK(pages.what == kind::too_small);
  CHECK(pages.pages == 7);
  CHECK(small.seen[0] == small.seen[1]);
  CHECK(channel.count == 8);
  // Authentic, but no answer to this request: another key's, an earlier one, a later one.
  for (const transport& wrong : {transport{.answers = {{}}, .vmpck = 1}, transport{.answers = {{}}, .ahead = 0},
                                 transport{.answers = {{}}, .ahead = 3}}) {
    svsm::message_channel deceived{.key = firmware::message_key{}};
    transport to = wrong;
    CHECK(asked(deceived, to).what == kind::failed);
    CHECK_FALSE(deceived.key.has_value());
  }
  transport forged{.answers = {{}}, .authentic = false};
  CHECK(asked(channel, forged).what == kind::failed);
  CHECK_FALSE(channel.key.has_value());
  CHECK(asked(channel, good).what == kind::failed);  // never again
}
