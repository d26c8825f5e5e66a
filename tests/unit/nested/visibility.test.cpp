// SPDX-License-Identifier: MIT
// Who can read and write what, for each mode and variant: tried, and compared with the published matrix.
//
// Where this says more than the matrix, or something else:
//  - Every way of reaching a page has a letter of its own. Of an L2's page without SEV-SNP the matrix gives L1 "c" alone,
//    which is the way without the C-bit; with the C-bit it is "G".
//  - Whatever is encrypted and not SNP's is "c" for devices under SEV passthrough, too; the matrix has "C / X" for both.
//  - "m" is two trials: before L1 maps the page it is no memory (n), and afterwards it is the letter that stands here.
//  - L1's own soft table is L1's private memory: L0 has "C" under SEV virtualization, and "P" of a plain L1 ("m" there).
//  - A device here is one that no IOMMU table restricts: of VMCB12 it has "P" where the matrix has "m".
#include <array>
#include <cstdint>
#include <map>
#include <string>

#include <sevspec/nested/visibility.hpp>
#include <support/catch.hpp>
#include <support/nested_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using world = nested_world<>;
using machine = world::machine_type;
using bytes = std::array<std::uint8_t, 16>;
using call = nested::l1_call_end::kind;

/// A world in which guests 1 and 2 have run, and L1 has mapped page 1 of guest 1 into guest 2, too.
struct looked_at {
  world w;
  std::string letter(spa where, memory_key owner, const nested::page_access<machine>& by) const {
    return std::string(1, nested::letter_of(nested::look<machine>(w.m, {where, owner}, by)));
  }

  explicit looked_at(const nested::configuration& config) : w(config) {
    context<> ctx;
    REQUIRE(w.built);
    for (const unsigned n : {1U, 2U}) {
      REQUIRE(w.launch(ctx, n) == "");
      REQUIRE(w.run(ctx, n).what == call::l2_runs);
      bytes seen{};
      REQUIRE(w.l2_reads(ctx, w.in_l2(n, 1), true, seen).is_done());
      REQUIRE(w.l2_reads(ctx, w.shared_in_l2(), false, seen).is_done());
      REQUIRE(w.l2_halts(ctx).what == nested::deed_end::kind::reflected);
      if (w.config.variant == guest_kind::sev_es && w.passes()) nested::release_vmsa(w.pool, 0);
    }
    REQUIRE(unreachable_for_b(ctx));
    REQUIRE(w.map(ctx, 2, foreign(), w.in_l1(1, 1)));
    REQUIRE(w.map(ctx, 2, foreign_shared(), w.shared_in_l1(1)));
    REQUIRE(w.run(ctx, 2, paging::tlb_control::flush_guest).what == call::l2_runs);
    bytes seen{};
    (void)w.l2_reads(ctx, foreign(), true, seen);
    if (!w.vm().processors[0].runs) REQUIRE(w.run(ctx, 2).what == call::l2_runs);
    (void)w.l2_reads(ctx, foreign_shared(), false, seen);
  }
  /// Where guest 2 would find them.
  [[nodiscard]] auto foreign() const -> l2_gpa { return w.passes() ? l2_gpa{w.in_l1(1, 1).value} : l2_gpa{0x1000}; }
  [[nodiscard]] static auto foreign_shared() -> l2_gpa { return {0x90'0000}; }
  template <class Context>
  auto unreachable_for_b(Context& ctx) -> bool {
    REQUIRE(w.run(ctx, 2).what == call::l2_runs);
    bytes seen{};
    const auto tried = w.l2_reads(ctx, foreign_shared(), false, seen);  // mapped nowhere
    return tried.what == nested::deed_end::kind::reflected;
  }

  [[nodiscard]] auto host(spa where, memory_key owner) const {
    return letter(where, owner, nested::host_access<machine>(where));
  }
  [[nodiscard]] auto device(spa where, memory_key owner) const {
    return letter(where, owner, nested::device_access<machine>(where));
  }
  [[nodiscard]] auto l1(gpa where, memory_key owner, bool c) {
    context<> ctx;
    return letter(world::where(where), owner,
                  nested::guest_access<machine>(nested::l1_regime(ctx, w.m, w.vm()), where, c));
  }
  [[nodiscard]] auto l2(unsigned n, l2_gpa as, gpa in_l1, memory_key owner, bool c) {
    context<> ctx;
    const auto regime = nested::l2_hardware_regime(ctx, w.m, w.vm(), w.guest(n));
    return letter(world::where(in_l1), owner, nested::guest_access<machine>(regime, gpa{as.value}, c));
  }
  [[nodiscard]] auto key_of_l2(unsigned n) const -> memory_key {
    return memory_key::guest(w.passes() ? w.l1_asid() : w.real_asid(n));
  }
  [[nodiscard]] auto key_of_l1() const -> memory_key {
    return w.config.of_l1() == guest_kind::plain ? memory_key::none() : memory_key::guest(w.l1_asid());
  }
};

/// One row: object -> "L0 L1(C=1) L1(C=0) L2a L2b device PSP".
using row = std::string;

auto private_page_of_l2(looked_at& it) -> row {
  const gpa page = it.w.in_l1(1, 1);
  const spa at = world::where(page);
  const memory_key key = it.key_of_l2(1);
  return it.host(at, key) + ' ' + it.l1(page, key, true) + ' ' + it.l1(page, key, false) + ' ' +
         it.l2(1, it.w.in_l2(1, 1), page, key, true) + ' ' + it.l2(2, it.foreign(), page, key, true) + ' ' +
         it.device(at, key) + ' ' + it.letter(at, key, nested::secure_processor_access<machine>(at, key));
}
auto private_page_of_l1(looked_at& it) -> row {
  const gpa page{0x1000};
  const spa at = world::where(page);
  const memory_key key = it.key_of_l1();
  return it.host(at, key) + ' ' + it.l1(page, key, true) + ' ' + it.device(at, key) + ' ' +
         it.letter(at, key, nested::secure_processor_access<machine>(at, key));
}
/// What L1 and L2 share without the C-bit.
auto shared_page(looked_at& it) -> row {
  const gpa page = it.w.shared_in_l1(1);
  const spa at = world::where(page);
  const memory_key key = memory_key::none();
  return it.host(at, key) + ' ' + it.l1(page, key, false) + ' ' + it.l2(1, it.w.shared_in_l2(), page, key, false) +
         ' ' + it.l2(2, it.foreign_shared(), page, key, false) + ' ' + it.device(at, key);
}
auto structures_of_l1(looked_at& it, gpa page) -> row {
  const spa at = world::where(page);
  return it.host(at, memory_key::none()) + ' ' + it.l1(page, memory_key::none(), false) + ' ' +
         it.device(at, memory_key::none());
}

}  // namespace

TEST_CASE("the visibility matrix: pages of L2, L1, and shared ones", "[nested][NES-KEY-01][NES-RMP-05][ATK-63]") {
  const auto how = GENERATE(mode::virt, mode::pass);
  const auto variant = GENERATE(guest_kind::sev, guest_kind::sev_es, guest_kind::snp);
  looked_at it({l1_hypervisor::kvm, how, variant});
  INFO(name_of(how) << ' ' << name_of(variant));
  const bool snp = variant == guest_kind::snp;

  // L0, L1 with and without the C-bit, L2a, L2b, device, PSP.
  if (how == mode::virt) CHECK(private_page_of_l2(it) == (snp ? "C X C P X C P" : "c G c P G c P"));
  else CHECK(private_page_of_l2(it) == (snp ? "C P C P P C P" : "c P c P P c P"));

  // L0, L1, device, PSP.
  CHECK(private_page_of_l1(it) == (snp ? "C P C P" : "c P c P"));
  // L0, L1, L2a, L2b, device.
  CHECK(shared_page(it) == "P P P P P");
  // VMCB12 and nPT12: L0, L1, device. L0 watches nPT12, so L1's write is a fault first; VMCB12 it writes freely.
  CHECK(structures_of_l1(it, it.w.vmcb12(1)) == "P P P");
  CHECK(structures_of_l1(it, it.w.root(1)) == "P R P");
}

TEST_CASE("the visibility matrix: an SNP guest of a plain L1", "[nested][RMP-NST-04]") {
  looked_at it({l1_hypervisor::kvm, mode::ms, guest_kind::snp});
  CHECK(private_page_of_l2(it) == "C C C P X C P");  // L1 has no C-bit: both ways are one
  CHECK(shared_page(it) == "P P P P P");
}

TEST_CASE("the visibility matrix: a lower VMPL of an SNP guest", "[nested][NES-RMP-09][RMP-NST-24]") {
  world w({l1_hypervisor::kvm, mode::vmpl, guest_kind::snp});
  REQUIRE(w.built);
  context<> ctx;
  const gpa page{0x2000};
  const memory_key key = memory_key::guest(w.l1_asid());
  const auto at_level = [&](std::uint8_t level) {
    const auto regime = nested::hardware_regime(ctx, w.m, guest_kind::snp, w.l1_asid(), w.vm().npt01, vmpl{level});
    return nested::letter_of(
        nested::look<machine>(w.m, {world::where(page), key}, nested::guest_access<machine>(regime, page, true)));
  };
  CHECK(at_level(0) == 'P');
  CHECK(at_level(2) == 'X');
  // VMPL 0 grants VMPL 2 reading, then writing, too.
  const auto l1 = nested::l1_regime(ctx, w.m, w.vm());
  REQUIRE(nested::rmpadjust(ctx, w.m, l1, page, false, 0x102)->succeeded());
  CHECK(at_level(2) == 'R');
  REQUIRE(nested::rmpadjust(ctx, w.m, l1, page, false, 0x302)->succeeded());
  CHECK(at_level(2) == 'P');
  CHECK(at_level(1) == 'X');
  CHECK(nested::letter_of(nested::look<machine>(w.m, {world::where(page), key},
                                                nested::host_access<machine>(world::where(page)))) == 'C');
  // The owner of L2's pages is L1.
  CHECK(w.m.rmp.entries().at((world::l1_at + 0x2000) >> 12).id == w.l1_asid());
}

TEST_CASE("the visibility matrix: VMSAs", "[nested][NES-VMSA-01]") {
  const auto how = GENERATE(mode::virt, mode::pass);
  const auto variant = GENERATE(guest_kind::sev_es, guest_kind::snp);
  looked_at it({l1_hypervisor::kvm, how, variant});
  INFO(name_of(how) << ' ' << name_of(variant));
  const bool snp = variant == guest_kind::snp;
  const gpa page = it.w.vmsa_in_l1(1);
  const memory_key key = it.key_of_l2(1);
  const std::string seen = it.host(world::where(page), key) + ' ' + it.l1(page, key, true);
  if (how == mode::virt) CHECK(seen == (snp ? "C X" : "c G"));
  else CHECK(seen == (snp ? "C P" : "c P"));
  if (snp) return;
  // What L0 writes into a VMSA of SEV-ES, VMRUN notices.
  context<> ctx;
  while (it.w.vm().processors[0].runs) REQUIRE(it.w.l2_halts(ctx).what == nested::deed_end::kind::reflected);
  REQUIRE(nested::host_write(ctx, it.w.m, world::where(page) + 0x178, memory_key::none(), bytes{1}).has_value());
  const auto entered = it.w.run(ctx, 1);
  CHECK(entered.what == call::refused);
  CHECK(entered.decided_by == rule::WSW_RUN_05);
}

TEST_CASE("the visibility matrix: registers at an exit of L2", "[nested][NES-SW-01][NES-SW-03]") {
  const auto variant = GENERATE(guest_kind::sev, guest_kind::sev_es, guest_kind::snp);
  INFO(name_of(variant));
  world w({l1_hypervisor::kvm, mode::virt, variant});
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  w.m.core.registers.set_rax(0x5ec4e7);
  w.m.core.registers.set_rsp(0x5ec4e8);
  REQUIRE(w.l2_halts(ctx).what == nested::deed_end::kind::reflected);
  const bool readable = variant == guest_kind::sev;
  const auto v02 = nested::detail::read_vmcb(w.m, w.guest(1).vmcb02);
  CHECK((v02.save().rax() == 0x5ec4e7) == readable);
  CHECK((w.seen_vmcb12(ctx, 1).save().rax() == 0x5ec4e7) == readable);
  CHECK((w.seen_vmcb12(ctx, 1).save().rsp() == 0x5ec4e8) == readable);
}

TEST_CASE("the visibility matrix: the tables of owners", "[nested][NES-RMP-06][RMP-NST-03]") {
  // The real one lies where nobody but hardware writes.
  struct place {
    [[nodiscard]] static auto holds(spa where) -> bool { return where.value >= 0x8000 && where.value < 0x9000; }
  };
  world w({l1_hypervisor::kvm, mode::virt, guest_kind::snp});
  context<> ctx;
  const rmp::guarded_memory<world::memory_type, decltype(w.m.rmp), place> guarded(w.m.memory, w.m.rmp);
  const auto asks = [&](std::uint64_t at) {
    return guarded.check_ownership(ctx, {.where = {at}, .kind = access_kind::write}).decided_by;
  };
  CHECK(asks(0x8000) == rule::RMP_GEO_18);
  CHECK(asks(0x9000) == rule::none);
  // L1's own one is memory like any other of L1's.
  const gpa page{0x3000};
  const auto seen = nested::look<machine>(w.m, {world::where(page), memory_key::guest(w.l1_asid())},
                                          nested::host_access<machine>(world::where(page)));
  CHECK(nested::letter_of(seen) == 'C');
}
