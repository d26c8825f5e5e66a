// SPDX-License-Identifier: MIT
// The core protocol: order of checks, effects and what is left after a failure, as the specification is read and as
// COCONUT-SVSM and AMD's linux-svsm answer.
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <sevspec/svsm/level_request.hpp>
#include <sevspec/svsm/profiles.hpp>
#include <support/catch.hpp>
#include <support/svsm_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

constexpr gpa list{0x8008};
constexpr gpa page{0x4'0000};
constexpr std::uint64_t bad_address = 0x8000'0003, bad_parameter = 0x8000'0005;

struct player {
  context<> ctx;
  svsm_world world;
  explicit player(implementation_choices choices = {}) { ctx.choices = choices; }
  auto call(std::uint64_t rax, std::uint64_t rcx = 0, std::uint64_t rdx = 0, std::uint64_t r8 = 0) -> std::uint64_t {
    return world.call(ctx, {rax, rcx, rdx, r8}).code();
  }
  auto validate(const std::vector<std::uint64_t>& entries, std::uint16_t next = 0) -> std::uint64_t {
    world.put_list(list, entries, next);
    return call(pvalidate, list.value);
  }
  auto next() -> std::uint16_t { return world.word<std::uint16_t>(list + 2); }
  void new_vcpu(std::uint8_t level = 2, std::uint64_t efer = 0x1000, std::uint64_t features = svsm_world::features) {
    for (const std::uint64_t at : {0x2'0000ULL, 0x2'1000ULL}) world.give({at});
    world.put_vmsa({0x2'0000}, level, efer, features);
  }
  auto create() -> std::uint64_t { return call(create_vcpu, 0x2'0000, 0x2'1000, 1); }
};

/// The hypervisor does something before PVALIDATE.
template <class Below, class Event>
struct exchanging : Below {
  Event event;
  exchanging(Below below, Event what) : Below(std::move(below)), event(std::move(what)) {}
  template <class Context>
  auto pvalidate(Context& ctx, gpa where, page_size size, bool validated) -> outcome<rmp::result> {
    event();
    return Below::pvalidate(ctx, where, size, validated);
  }
};

/// A VMSA runs, and exits with another nonce, when the SVSM has read a first part of what it needs to change EFER.
template <class Below>
struct vmsa_that_runs : Below {
  gpa vmsa;
  std::uint64_t nonce;  ///< the new one
  std::uint64_t efer;   ///< plain
  bool has_run = false;
  vmsa_that_runs(Below below, gpa where, std::uint64_t next, std::uint64_t value)
      : Below(std::move(below)), vmsa(where), nonce(next), efer(value) {}
  template <class Context>
  auto read(Context& ctx, gpa where, std::span<std::uint8_t> to) -> outcome<void> {
    const auto done = Below::read(ctx, where, to);
    const bool part = where == vmsa + 0x300 || where == vmsa + svsm::efer_offset;
    if (!part || std::exchange(has_run, true)) return done;
    for (const auto& [at, value] :
         {std::pair{vmsa + 0x300, nonce}, std::pair{vmsa + svsm::efer_offset, efer ^ nonce}}) {
      std::array<std::uint8_t, 8> bytes{};
      layout::write_le(bytes.data(), value);
      REQUIRE(Below::write(ctx, at, bytes).has_value());
    }
    return done;
  }
};

}  // namespace

TEST_CASE("registers of a call", "[svsm][SVSM-DSP-01][SVSM-DSP-02][SVSM-DSP-03][SVSM-CA-06]") {
  CHECK(svsm::rax_of(2, 1) == 0x2'0000'0001);
  CHECK(svsm::protocol_of(0x2'0000'0001) == 2);
  CHECK(svsm::call_of(0x2'0000'0001) == 1);
  player p;
  const auto done = p.world.call(p.ctx, {query_protocol, 1, 2, 3, 4});
  CHECK(done.out == svsm::call_registers{0, 0x1'0000'0001, 2, 3, 4});
  CHECK(p.call(8) == 0x8000'0002);
  CHECK(p.call(std::uint64_t{99} << 32) == 0x8000'0001);
}

TEST_CASE("REMAP_CA", "[svsm][SVSM-CORE-01][SVSM-CORE-02][SVSM-CORE-03][SVSM-CA-09]") {
  player p;
  p.world.put_word<std::uint64_t>({0x9000}, ~std::uint64_t{});
  p.world.put_word<std::uint64_t>({0x9008}, 0x1234);
  p.world.put_word<std::uint64_t>({0x8008}, 0x5678);
  CHECK(p.call(remap_ca, 0x9001) == bad_parameter);
  CHECK(p.call(remap_ca, 0x100'0000) == bad_address);
  CHECK(p.call(remap_ca, svsm_world::vmsa.value) == bad_address);
  CHECK(p.call(remap_ca, svsm::launch_vmsa.first.value) == bad_address);
  CHECK(p.call(remap_ca, 0x8000) == 0);                // it is there already
  CHECK(p.call(remap_ca, page.value) == bad_address);  // not validated: #VC 404h
  CHECK(p.world.self.processors[0].caa == svsm_world::caa);
  CHECK(p.call(remap_ca, 0x9000) == 0);
  CHECK(p.world.self.processors[0].caa == gpa{0x9000});
  CHECK(p.world.self.vcpus[0].caa == gpa{0x9000});
  CHECK(p.world.word<std::uint64_t>({0x9000}) == 0);
  CHECK(p.world.word<std::uint64_t>({0x9008}) == 0x1234);
  CHECK(p.world.word<std::uint64_t>({0x8008}) == 0x5678);
  CHECK(p.call(remap_ca, 0x8000) == 0);  // free again
  CHECK(player(svsm::as_coconut).call(remap_ca, 0x8000) == bad_address);
  player amd(svsm::as_amd);
  amd.world.put_word<std::uint64_t>({0x9000}, ~std::uint64_t{});
  CHECK(amd.call(remap_ca, 0x100'0000) == bad_parameter);
  CHECK(amd.call(remap_ca, 0x9000) == 0);
  CHECK(amd.world.word<std::uint64_t>({0x9000}) == ~std::uint64_t{});
}

TEST_CASE("PVALIDATE: lists", "[svsm][SVSM-CORE-11][SVSM-CORE-12][SVSM-CORE-13][SVSM-CORE-17][SVSM-CORE-18]") {
  player p;
  CHECK(p.call(pvalidate, 0x800c) == bad_parameter);
  CHECK(p.call(pvalidate, 0x8000) == bad_address);    // CALL_PENDING is in it
  CHECK(p.call(pvalidate, 0x6000) == bad_address);    // a VMSA
  CHECK(p.call(pvalidate, 0x4'0000) == bad_address);  // not validated
  p.world.put_list({0x8ff0}, {0x4'0004}, 0, 2);
  CHECK(p.call(pvalidate, 0x8ff0) == bad_parameter);  // there is room for one
  CHECK(p.validate({}) == bad_parameter);
  CHECK(p.validate({0x4'0004}, 1) == bad_parameter);
  CHECK(p.validate({0x14, 0x4'0004, 0x4'1004, 0x14, 0x4'2004}, 1) == bad_parameter);
  CHECK(p.next() == 3);
  CHECK(p.world.at(page).validated);
  CHECK(p.world.at(page + 0x1000).validated);
  CHECK_FALSE(p.world.at(page + 0x2000).validated);
  // AMD's reads from the first entry on and counts from `next`: two of these, of which it does the wrong one.
  context<svsm::amd_restarts_lists> ctx;
  player amd;
  amd.world.put_list(list, {0x4'0004, 0x4'1004}, 1);
  CHECK(amd.world.call(ctx, {pvalidate, list.value}).code() == 0);
  CHECK(amd.world.at(page).validated);
  CHECK_FALSE(amd.world.at(page + 0x1000).validated);
}

TEST_CASE("PVALIDATE: entries", "[svsm][SVSM-CORE-14][SVSM-CORE-19][SVSM-CA-09]") {
  struct row {
    std::uint64_t entry, coconut, amd;
  };
  for (const row& one :
       {row{0x4'0014, bad_parameter, 0}, row{0x4'0006, bad_parameter, bad_address},
        row{0x4'0007, bad_parameter, bad_address}, row{0x20'0006, bad_parameter, bad_address},
        row{0x20'0007, bad_parameter, bad_address}, row{0x4'1005, bad_parameter, bad_address},
        row{0x100'0004, bad_address, bad_address}, row{0x10f'f004, bad_address, bad_address},
        row{0xffff'ffff'f004, bad_address, bad_address}, row{~std::uint64_t{0xffb}, bad_address, bad_address},
        row{0x8'0000'0004'0004, bad_address, bad_address}, row{0x6000, bad_address, bad_address},
        row{0x8004, bad_address, 0x8000'1010}, row{0x8000'0005, bad_address, bad_address},
        row{0x5, bad_address, bad_address}}) {
    INFO(hex(one.entry));
    player p;
    const auto before = p.world.rmp;
    CHECK(hex(p.validate({one.entry})) == hex(one.coconut));
    CHECK(p.world.rmp == before);
    CHECK(p.next() == 0);
    CHECK(hex(player(svsm::as_amd).validate({one.entry})) == hex(one.amd));
  }
}

TEST_CASE("where guest memory ends", "[svsm][SVSM-CORE-14]") {
  constexpr svsm::region memory{gpa{0x1000}, 0x1000};
  static_assert(memory.contains(gpa{0x1000}, 0x1000) && memory.contains(gpa{0x1fff}, 1));
  CHECK(memory.contains(gpa{0x1ff8}, 8));
  CHECK_FALSE(memory.contains(gpa{0x1ff9}, 8));
  CHECK_FALSE(memory.contains(gpa{0xfff}, 2));
  // What launch has made the first VMSA is nobody's memory, whatever the map says.
  svsm::monitor self;
  self.config.guest_memory = {{gpa{0xffff'ffff'0000}, 0x1'0000}};
  CHECK(svsm::in_guest_memory(self, gpa{0xffff'ffff'e000}, 0x1000));
  CHECK_FALSE(svsm::in_guest_memory(self, gpa{0xffff'ffff'f000}, 0x1000));
  CHECK_FALSE(svsm::in_guest_memory(self, gpa{0xffff'ffff'eff8}, 16));
}

TEST_CASE("PVALIDATE: zero before grant, revoke before rescind, flush at the end",
          "[svsm][SVSM-CORE-15][SVSM-CORE-16]") {
  player p;
  p.world.put(page, std::vector<std::uint8_t>(4096, 0x5e));  // what the hypervisor moved there
  CHECK(p.validate({page.value | 4}) == 0);
  CHECK(p.world.get(page, 4096) == std::vector<std::uint8_t>(4096));
  CHECK(p.world.at(page).allowed[2] == svsm::guest_rights);
  CHECK(p.world.at(page).allowed[1].raw == 0);
  CHECK(p.world.at(page).allowed[3].raw == 0);
  CHECK(p.validate({page.value | 4}) == 0x8000'1010);
  p.world.at(page).allowed[3] = svsm::guest_rights;  // the guest has passed it on
  const unsigned flushes = p.world.flushes;
  CHECK(p.validate({page.value}) == 0);
  CHECK(p.world.flushes == flushes + 2);  // before the guest runs, too
  CHECK_FALSE(p.world.at(page).validated);
  for (const std::size_t level : {1U, 2U, 3U}) CHECK(p.world.at(page).allowed[level].raw == 0);
  CHECK(p.validate({page.value}) == bad_address);  // RMPADJUST of a page that is not validated: #VC 404h
  // While VMPL 0 has no right to go on there is no answer.
  p.world.nested.moved[page.value >> 12] = std::nullopt;
  p.world.put_list(list, {page.value | 4});
  CHECK(p.world.call(p.ctx, {pvalidate, list.value}).entry.what == svsm::entry_end::blocked);
}

TEST_CASE("PVALIDATE: another page where one was validated before", "[svsm][SVSM-CORE-16][RMP-PVL-07]") {
  player p;
  REQUIRE(p.validate({page.value | 4}) == 0);
  p.world.put(page, std::vector<std::uint8_t>(4096, 0x77));
  // The hypervisor has another page of the guest's for the same address.
  const gpa elsewhere{0x80'0000};
  p.world.at(elsewhere) = {.assigned = true, .id = svsm_world::id, .guest = page, .allowed = {rmp::all_permissions}};
  p.world.nested.moved[page.value >> 12] = spa{elsewhere.value + 0x20'0000};
  for (const std::uint64_t flags : {4U, 12U}) {
    const auto table = p.world.rmp;
    const svsm::monitor before = p.world.self;
    CHECK(p.validate({page.value | flags}) == 0x8000'1010);
    CHECK(p.world.rmp == table);
    CHECK(p.world.self == before);
    CHECK_FALSE(p.world.at(elsewhere).validated);
  }
  // The guest cannot rescind it either, so the SVSM's note stays.
  CHECK(p.validate({page.value}) == bad_address);
  CHECK(p.validate({page.value | 8}) == bad_address);
  CHECK(p.validate({page.value | 4}) == 0x8000'1010);
  // Nor if the hypervisor is quick, and exchanges the page when its rights are revoked.
  const std::optional<spa> second = p.world.nested.moved[page.value >> 12];
  for (const std::uint64_t flags : {0U, 8U}) {
    p.world.nested.moved.clear();
    exchanging machine{p.world.machine(), [&] { p.world.nested.moved[page.value >> 12] = second; }};
    p.world.put_list(list, {page.value | flags});
    const auto done = svsm::pvalidate_pages(p.ctx, machine, p.world.self, {pvalidate, list.value});
    CHECK(std::to_underlying(done.code) == 0x8000'1010);
    CHECK(p.world.self.validated.contains(page, 1));
    CHECK(p.validate({page.value | 12}) == 0x8000'1010);
  }
  REQUIRE(p.world.at(page).validated);
  p.world.at(page).allowed[2] = svsm::guest_rights;
  // With the first page back all is as it was.
  p.world.nested.moved.clear();
  CHECK(p.world.get(page, 1)[0] == 0x77);
  CHECK(p.validate({page.value | 4}) == 0x8000'1010);
  CHECK(p.validate({page.value}) == 0);
  CHECK(p.validate({page.value | 4}) == 0);
  // COCONUT-SVSM and AMD's take it: two pages are the guest's for one address.
  p.ctx.choices = svsm::as_coconut;
  p.world.nested.moved[page.value >> 12] = spa{elsewhere.value + 0x20'0000};
  CHECK(p.validate({page.value | 4}) == 0);
  CHECK(p.world.at(elsewhere).validated);
  CHECK(p.world.at(page).validated);
}

TEST_CASE("PVALIDATE: a region of 2M with a page that was validated before", "[svsm][SVSM-CORE-16]") {
  player p;
  const gpa inside{0x20'3000};
  REQUIRE(p.validate({inside.value | 4}) == 0);
  p.world.at({0x20'0000}).large = true;  // other memory, as one page
  CHECK(p.validate({0x20'0005}) == 0x8000'1010);
  CHECK_FALSE(p.world.at({0x20'0000}).validated);
  CHECK(p.world.self.validated.contains(inside, 1));
  CHECK_FALSE(p.world.self.validated.contains({0x20'0000}, 1));
}

TEST_CASE("PVALIDATE: two processors at one page", "[svsm][SVSM-CORE-80][SVSM-CORE-17]") {
  player p;
  p.world.self.converting = {{page, 0x1000}};  // by another processor's call
  p.world.put_list(list, {0x4'1004, page.value | 4});
  p.world.leave({pvalidate, list.value});
  p.world.put_word<std::uint8_t>(svsm_world::caa, 1);
  svsm::core_services none;
  CHECK(p.world.enter(p.ctx, none).what == svsm::entry_end::waits);
  CHECK(p.world.at({0x4'1000}).validated);
  CHECK_FALSE(p.world.at(page).validated);
  CHECK(p.world.word<std::uint16_t>(list + 2) == 1);
  p.world.self.converting.clear();
  CHECK(p.world.enter(p.ctx, none).what == svsm::entry_end::answered);
  CHECK(p.world.registers().rax == 0);
  CHECK(p.world.at(page).validated);
  CHECK(p.world.word<std::uint16_t>(list + 2) == 2);
  CHECK(p.world.self.converting.empty());
}

TEST_CASE("PVALIDATE: pages of 2M", "[svsm][SVSM-CORE-14][SVSM-CORE-15][SVSM-CORE-16]") {
  player p;
  CHECK(p.validate({0x20'0005}) == 0x8000'1006);
  rmp::entry& large = p.world.at({0x20'0000});
  large.large = true;
  p.world.put({0x3f'f000}, std::vector<std::uint8_t>(4096, 0x5e));
  CHECK(p.validate({0x20'0005}) == 0);
  CHECK(large.validated);
  CHECK(large.allowed[2] == svsm::guest_rights);
  CHECK(p.world.get({0x3f'f000}, 4096) == std::vector<std::uint8_t>(4096));
  CHECK(p.world.self.validated.contains({0x20'0000}, 0x20'0000));
  CHECK(p.validate({0x20'0001}) == 0);
  CHECK_FALSE(p.world.self.validated.contains({0x20'0000}, 1));
}

TEST_CASE("PVALIDATE: firmware that is not zeroed", "[svsm][SVSM-CORE-15]") {
  for (const auto& [where, coconut, amd] : {std::tuple{0x9'f000ULL, false, false}, std::tuple{0xa'0000ULL, true, false},
                                            std::tuple{0xc'0000ULL, true, true}, std::tuple{0xf'f000ULL, true, true},
                                            std::tuple{0x10'0000ULL, false, false}}) {
    for (const bool as_amd : {false, true}) {
      player p(as_amd ? svsm::as_amd : svsm::as_coconut);
      p.world.put_word<std::uint64_t>({where}, 0x1234);
      REQUIRE(p.validate({where | 4}) == 0);
      CHECK((p.world.word<std::uint64_t>({where}) == 0x1234) == (as_amd ? amd : coconut));
    }
  }
}

TEST_CASE("CREATE_VCPU", "[svsm][SVSM-CORE-21][SVSM-CORE-22][SVSM-CORE-23][SVSM-CORE-25][SVSM-CORE-26][VMPL-07]") {
  player p;
  p.new_vcpu();
  const auto before = p.world.rmp;
  const svsm::monitor known = p.world.self;
  CHECK(p.call(create_vcpu, 0x2'0008, 0x2'1000, 1) == bad_address);
  CHECK(p.call(create_vcpu, 0x2'0000, 0x2'1008, 9) == bad_address);  // before the APIC ID
  CHECK(p.call(create_vcpu, 0x2'0000, 0x2'0000, 1) == bad_address);
  CHECK(p.call(create_vcpu, svsm_world::vmsa.value, 0x2'1000, 1) == bad_address);
  CHECK(p.call(create_vcpu, 0x2'0000, svsm_world::caa.value, 1) == bad_address);
  CHECK(p.call(create_vcpu, 0x100'0000, 0x2'1000, 1) == bad_address);
  CHECK(p.call(create_vcpu, 0x2'0000, 0x2'1000, 9) == bad_parameter);
  CHECK(p.call(create_vcpu, page.value, 0x2'1000, 1) == bad_address);  // not validated
  for (const auto& [level, efer, features] :
       {std::tuple{0, 0x1000, 1}, std::tuple{1, 0x1000, 1}, std::tuple{3, 0x1000, 1}, std::tuple{2, 0, 1},
        std::tuple{2, 0x1000, 0x21}}) {
    p.world.put_vmsa({0x2'0000}, static_cast<std::uint8_t>(level), static_cast<std::uint64_t>(efer),
                     static_cast<std::uint64_t>(features));
    CHECK(p.create() == bad_parameter);
  }
  CHECK(p.world.rmp == before);  // rights of all VMPLs are as they were
  CHECK(p.world.self == known);
  p.world.put_vmsa({0x2'0000}, 2, 0x1000, 1);
  CHECK(p.create() == 0);
  CHECK(p.world.at({0x2'0000}).vmsa);
  CHECK(p.world.at({0x2'0000}).allowed[2].raw == rmp::permissions::r);
  CHECK(p.world.at({0x2'0000}).allowed[3].raw == 0);
  CHECK(p.world.self.processors[1].vmsa == gpa{0x2'0000});
  CHECK(p.world.self.processors[1].caa == gpa{0x2'1000});
  CHECK(p.world.self.vcpus.size() == 2);
  CHECK_FALSE(p.world.broken());
  CHECK(p.create() == bad_address);  // it is one
  // AMD's looks at VMPL and SVME alone, and has other codes.
  player amd(svsm::as_amd);
  amd.new_vcpu(2, 0x1000, 0x21);
  CHECK(amd.call(create_vcpu, 0x2'0008, 0x2'1000, 1) == bad_parameter);
  CHECK(amd.create() == 0);
}

TEST_CASE("CREATE_VCPU for the processor that calls", "[svsm][SVSM-CORE-26][SVSM-CA-05]") {
  player p;
  p.new_vcpu();
  CHECK(p.call(create_vcpu, 0x2'0000, 0x2'1000, 0) == 0);
  CHECK(p.world.self.processors[0].vmsa == gpa{0x2'0000});
  CHECK(p.world.self.processors[0].caa == gpa{0x2'1000});
  // Both can run: the one that was replaced has its answer.
  for (const gpa state : {svsm_world::vmsa, gpa{0x2'0000}}) CHECK((p.world.state(state).efer() & svsm::efer_svme) != 0);
}

TEST_CASE("CREATE_VCPU: what a failure leaves", "[svsm][SVSM-CORE-25]") {
  player restoring;
  player coconut(svsm::as_coconut);
  for (player* const p : {&restoring, &coconut}) {
    p->new_vcpu(0);
    p->world.at({0x2'0000}).allowed[3] = {rmp::permissions::r};
    p->world.at({0x2'0000}).allowed[2] = {rmp::permissions::r | rmp::permissions::w};
    CHECK(p->create() == bad_parameter);
  }
  CHECK(restoring.world.at({0x2'0000}).allowed[3].raw == rmp::permissions::r);
  CHECK(restoring.world.at({0x2'0000}).allowed[2].raw == 3);
  CHECK(coconut.world.at({0x2'0000}).allowed[3].raw == 0);
  CHECK(coconut.world.at({0x2'0000}).allowed[2] == svsm::guest_rights);
}

TEST_CASE("DELETE_VCPU", "[svsm][SVSM-CORE-31][SVSM-CORE-32]") {
  player p;
  p.new_vcpu();
  REQUIRE(p.create() == 0);
  CHECK(p.call(delete_vcpu, 0x2'0008) == bad_parameter);
  CHECK(p.call(delete_vcpu, 0x2'1000) == bad_parameter);
  p.world.at({0x2'0000}).in_use = true;  // it runs: nobody can write it
  p.world.leave({delete_vcpu, 0x2'0000});
  p.world.put_word<std::uint8_t>(svsm_world::caa, 1);
  svsm::core_services none;
  CHECK(p.world.enter(p.ctx, none).what == svsm::entry_end::blocked);
  CHECK(p.world.at({0x2'0000}).vmsa);
  p.world.at({0x2'0000}).in_use = false;
  CHECK(p.call(delete_vcpu, 0x2'0000) == 0);
  CHECK_FALSE(p.world.at({0x2'0000}).vmsa);
  CHECK(p.world.at({0x2'0000}).allowed[2] == svsm::guest_rights);
  CHECK((p.world.word<std::uint64_t>({0x2'00d0}) & svsm::efer_svme) == 0);
  CHECK_FALSE(p.world.self.processors[1].vmsa);
  CHECK_FALSE(p.world.self.processors[1].caa);
  CHECK(p.world.enter(p.ctx, none, 1).what == svsm::entry_end::idle);
  CHECK(p.call(delete_vcpu, 0x2'0000) == bad_parameter);
  // A processor may delete what it runs on: there is nobody to answer.
  const auto own = p.world.call(p.ctx, {delete_vcpu, svsm_world::vmsa.value});
  CHECK(own.entry.what == svsm::entry_end::idle);
  CHECK(p.world.registers().rax == delete_vcpu);
}

TEST_CASE("DELETE_VCPU of AMD's: an exchange of EFER", "[svsm][SVSM-CORE-32]") {
  player p;
  p.new_vcpu();
  REQUIRE(p.create() == 0);
  auto machine = p.world.machine();
  const gpa efer{0x2'00d0};
  CHECK_FALSE(machine.exchange(p.ctx, efer, 0x1001, 0).value());
  CHECK(p.world.word<std::uint64_t>(efer) == 0x1000);
  CHECK(machine.exchange(p.ctx, efer, 0x1000, 0x1400).value());
  CHECK(p.world.word<std::uint64_t>(efer) == 0x1400);
  p.ctx.choices.svsm_delete_exchanges = true;
  CHECK(p.call(delete_vcpu, 0x2'0000) == 0);
  CHECK(p.world.word<std::uint64_t>(efer) == 0x400);
}

TEST_CASE("an exchange of a protected EFER notices another nonce", "[svsm][SVSM-CORE-32][WSW-ST-08]") {
  player p;
  p.new_vcpu();
  REQUIRE(p.create() == 0);
  p.world.self.protection.fill(0xff);
  constexpr std::uint64_t nonce = 0x1000;
  const gpa vmsa{0x2'0000};
  const auto put = [&](gpa where, std::uint64_t value) {
    std::vector<std::uint8_t> bytes(8);
    layout::write_le(bytes.data(), value);
    p.world.put(where, bytes);
  };
  put(vmsa + 0x300, nonce);
  put(vmsa + 0x3b0, svsm_world::features | 1U << 14);
  put(vmsa + svsm::efer_offset, 0x1000 ^ nonce);
  p.ctx.choices.svsm_delete_exchanges = true;
  vmsa_that_runs machine(p.world.machine(), vmsa, 0, 0x1000);
  const auto done = svsm::delete_vcpu(p.ctx, machine, p.world.self, {delete_vcpu, vmsa.value});
  CHECK(machine.has_run);
  CHECK(std::to_underlying(done.code) == 0x8000'1003);
  CHECK(p.world.word<std::uint64_t>(vmsa + svsm::efer_offset) == 0x1000);
  // Nothing runs it: with its mask, EFER.SVME goes.
  const auto again = svsm::delete_vcpu(p.ctx, machine, p.world.self, {delete_vcpu, vmsa.value});
  CHECK(again.succeeded());
  CHECK(p.world.word<std::uint64_t>(vmsa + svsm::efer_offset) == 0);
}

TEST_CASE("what an SVSM makes of the answer to its own request", "[svsm][VMPL-SW-06]") {
  context<> ctx;
  CHECK(svsm::takes_level_answer(ctx, 0x17));
  CHECK_FALSE(svsm::takes_level_answer(ctx, 0x1'0000'0017));
  CHECK_FALSE(svsm::takes_level_answer(ctx, 0x16));
  ctx.choices = svsm::as_coconut;
  CHECK(svsm::takes_level_answer(ctx, 0x1'0000'0017));
  CHECK_FALSE(svsm::takes_level_answer(ctx, 0x16));
}

TEST_CASE("bugs of AMD's linux-svsm that no choice excuses", "[svsm][SVSM-CORE-18][SVSM-CORE-60][SVSM-CORE-80]") {
  for (const svsm::known_bug& one : svsm::bugs_of_amd) {
    INFO(one.name);
    context<rule_set> with_bug{.rules = rule_set{}.without(one.broken), .choices = svsm::as_amd};
    context<> without{.choices = svsm::as_amd};
    const auto play = [&](auto& ctx) {
      svsm_world world({1});
      svsm::core_services none;
      std::vector<std::uint64_t> seen;
      world.put_list(list, {0x14, page.value | 4}, 1);  // the first entry is none of a page that there is
      seen.push_back(world.call(ctx, {pvalidate, list.value}).code());
      seen.push_back(world.call(ctx, {query_protocol, std::uint64_t{99} << 32 | 1}).out.rcx);
      world.self.lock.sharers = 1;  // a list of another processor's
      seen.push_back(static_cast<std::uint64_t>(world.call(ctx, none, {remap_ca, 0x9000}).entry.what));
      return seen;
    };
    CHECK(play(with_bug) != play(without));
  }
}

TEST_CASE("calls that change nothing", "[svsm][SVSM-CORE-40][SVSM-CORE-50][SVSM-CORE-60][SVSM-CORE-70][SVSM-CORE-71]") {
  player p;
  CHECK(p.call(deposit_mem, 0x8008) == 0x8000'0002);
  CHECK(p.call(withdraw_mem, 0x8008) == 0x8000'0002);
  const auto query = [&](std::uint64_t protocol, std::uint64_t version) {
    return p.world.call(p.ctx, {query_protocol, protocol << 32 | version}).out.rcx;
  };
  for (const std::uint64_t protocol : {0ULL, 1ULL, 2ULL, 4ULL, 0x8000'4d31ULL}) {
    CHECK(query(protocol, 1) == 0x1'0000'0001);
    CHECK(query(protocol, 0) == 0);
    CHECK(query(protocol, 2) == 0);
  }
  CHECK(query(3, 1) == 0);
  p.world.self.processors[0].apic.active = true;
  CHECK(query(3, 1) == 0x1'0000'0001);
  p.world.self.config.vtpm = false;
  CHECK(query(2, 1) == 0);
  CHECK(p.call(configure_vtom, 0) == 0x8000'0006);
  CHECK(p.call(configure_vtom, 3) == 0);
  CHECK(player(svsm::as_amd).call(configure_vtom, 3) == 0x8000'0006);
}

TEST_CASE("an SVSM's side of the handshake", "[svsm][SVSM-CA-05][SVSM-CA-07][SVSM-CA-08]") {
  player p;
  svsm::core_services none;
  p.world.leave({query_protocol, 1});
  p.world.put_word<std::uint8_t>(svsm_world::caa, 1);
  SECTION("another processor's VMPL 0 looks at its own calling area") {
    CHECK(p.world.enter(p.ctx, none, 1).what == svsm::entry_end::idle);
    CHECK(p.world.get(svsm_world::caa, 1)[0] == 1);
  }
  SECTION("a calling area that is not there") {
    p.world.at(svsm_world::caa).validated = false;
    const auto done = p.world.enter(p.ctx, none);
    CHECK(done.what == svsm::entry_end::no_request);
    CHECK(done.decided_by == rule::SVSM_CA_07);
  }
  SECTION("a hypervisor that reports an error although the call was served: a second PVALIDATE tells") {
    CHECK(p.validate({page.value | 4}) == 0);
    CHECK(p.validate({page.value | 4}) == 0x8000'1010);
  }
  SECTION("AMD's clears CALL_PENDING afterwards, and takes 1 alone for a call") {
    p.ctx.choices = svsm::as_amd;
    p.world.put_word<std::uint8_t>(svsm_world::caa, 2);
    CHECK(p.world.enter(p.ctx, none).what == svsm::entry_end::no_request);
    p.world.put_word<std::uint8_t>(svsm_world::caa, 1);
    CHECK(p.world.enter(p.ctx, none).what == svsm::entry_end::answered);
    CHECK(p.world.get(svsm_world::caa, 1)[0] == 0);
  }
  CHECK((p.world.state(svsm_world::vmsa).efer() & svsm::efer_svme) != 0);
}

namespace {

/// A machine that writes down what is done to it, in order.
template <class Machine>
struct ordered {
  Machine below;
  std::string log{};

  template <class Context>
  auto read(Context& ctx, gpa where, std::span<std::uint8_t> to) -> outcome<void> {
    log += to.size() == 4096 ? "read " : "look ";
    return below.read(ctx, where, to);
  }
  template <class Context>
  auto write(Context& ctx, gpa where, std::span<const std::uint8_t> from) -> outcome<void> {
    log += from.size() == 4096 ? "zero " : "write ";
    return below.write(ctx, where, from);
  }
  template <class Context>
  auto pvalidate(Context& ctx, gpa where, page_size size, bool validated) -> outcome<rmp::result> {
    log += validated ? "validate " : "rescind ";
    return below.pvalidate(ctx, where, size, validated);
  }
  template <class Context>
  auto rmpadjust(Context& ctx, gpa where, page_size size, std::uint64_t attributes) -> outcome<rmp::result> {
    log += (attributes >> 16) != 0 ? "vmsa " : (attributes >> 8 & 0xff) == 0 ? "revoke " : "grant ";
    return below.rmpadjust(ctx, where, size, attributes);
  }
  template <class Context>
  auto rmpquery(Context& ctx, gpa where, vmpl target) -> outcome<std::optional<rmp::permissions>> {
    return below.rmpquery(ctx, where, target);
  }
  void flush() { log += "flush "; }
};

}  // namespace

TEST_CASE("an event whose delivery an exit interrupted is injected again", "[svsm][WSW-INJ-07][SVSM-APIC-10]") {
  struct before {
    bool alternate, busy;
  };
  const auto [alternate, busy] = GENERATE(before{true, true}, before{true, false}, before{false, true});
  CAPTURE(alternate, busy);
  context<> ctx;
  svsm_world world;
  svsm_services offered;
  world.put_word<std::uint64_t>(svsm_world::vmsa + 0x3b0, 5 | (alternate ? 16 : 0));
  world.put_word<std::uint64_t>(svsm_world::vmsa + 0x3b8, std::uint64_t{busy} << 63);
  world.put_word<std::uint64_t>(svsm_world::vmsa + 0x3a0, 0x8000'0041);
  world.put_word<std::uint64_t>(svsm_world::vmsa + 0x3c0, 0x72);
  const bool again = alternate && busy;
  SECTION("alone") {
    CHECK(world.enter(ctx, offered).what == svsm::entry_end::no_request);
    const auto state = world.state(svsm_world::vmsa);
    CHECK(state.vintr_ctrl().busy() == (busy && !again));
    CHECK(state.event_inj().raw == (again ? 0x8000'0041U : 0U));
  }
  SECTION("an interrupt that waits comes after it") {
    world.self.processors[0].apic.active = true;
    world.self.processors[0].apic.irr.insert(0x61);
    CHECK(world.enter(ctx, offered).what == svsm::entry_end::no_request);
    const auto state = world.state(svsm_world::vmsa);
    CHECK(state.event_inj().raw == (again ? 0x8000'0041U : 0x8000'0061U));
    CHECK(state.vintr_ctrl().v_irq() == again);
  }
  SECTION("with a call's answer") {
    REQUIRE(world.call(ctx, offered, {query_protocol, 1}).code() == 0);
    CHECK(world.state(svsm_world::vmsa).event_inj().raw == (again ? 0x8000'0041U : 0U));
  }
}

TEST_CASE("orders of effects", "[svsm][SVSM-CORE-15][SVSM-CORE-25][SVSM-CORE-26][SVSM-CORE-32][VMPL-07]") {
  player p;
  p.new_vcpu();
  ordered machine{p.world.machine()};
  const auto done = [&](const svsm::call_result& result) {
    CHECK(result.succeeded());
    return std::exchange(machine.log, {});
  };
  bool flush = false;
  CHECK(done(svsm::convert_page(p.ctx, machine, p.world.self, {.first = page, .validate = true}, flush)) ==
        "validate zero grant ");
  CHECK_FALSE(flush);
  p.world.put_list(list, {page.value});
  CHECK(done(svsm::pvalidate_pages(p.ctx, machine, p.world.self, {pvalidate, list.value})) ==
        "look look revoke revoke rescind flush write ");
  // Nobody has a right, or a translation, when the contents are read; once.
  CHECK(done(svsm::create_vcpu(p.ctx, machine, p.world.self, svsm_world::vmsa, {create_vcpu, 0x2'0000, 0x2'1000, 1})) ==
        "look revoke revoke revoke flush read vmsa ");
  CHECK(done(svsm::delete_vcpu(p.ctx, machine, p.world.self, {delete_vcpu, 0x2'0000})) ==
        "look write revoke revoke grant flush ");
}

TEST_CASE("who runs beside whom", "[svsm][SVSM-CORE-80]") {
  using enum svsm::lock_mode;
  CHECK(svsm::mode_of(pvalidate) == shared);
  for (const std::uint64_t alone : {remap_ca, create_vcpu, delete_vcpu}) CHECK(svsm::mode_of(alone) == exclusive);
  for (const std::uint64_t any : {query_protocol, configure_vtom, std::uint64_t{1} << 32})
    CHECK(svsm::mode_of(any) == none);
  player p;
  svsm::request_lock lock;
  CHECK(svsm::try_lock(p.ctx, lock, shared));
  CHECK(svsm::try_lock(p.ctx, lock, shared));
  CHECK_FALSE(svsm::try_lock(p.ctx, lock, exclusive));
  svsm::unlock(lock, shared);
  svsm::unlock(lock, shared);
  CHECK(svsm::try_lock(p.ctx, lock, exclusive));
  CHECK_FALSE(svsm::try_lock(p.ctx, lock, shared));
  // A call that waits has done nothing, and is made when the other one is over.
  p.new_vcpu();
  p.world.self.lock = {.sharers = 1};
  p.world.leave({create_vcpu, 0x2'0000, 0x2'1000, 1});
  p.world.put_word<std::uint8_t>(svsm_world::caa, 1);
  svsm::core_services nothing;
  CHECK(p.world.enter(p.ctx, nothing).what == svsm::entry_end::waits);
  CHECK(p.world.self.vcpus.size() == 1);
  p.world.self.lock = {};
  CHECK(p.world.enter(p.ctx, nothing).what == svsm::entry_end::answered);
  CHECK(p.world.self.vcpus.size() == 2);
}
