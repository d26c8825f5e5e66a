// SPDX-License-Identifier: MIT
// What hardware has translated, and must not use any longer: after changes of owners, and when L1 changes tables.
#include <array>
#include <cstdint>

#include <support/catch.hpp>
#include <support/nested_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using world = nested_world<>;
using call = nested::l1_call_end::kind;
using deed = nested::deed_end::kind;
using paging::tlb_control;
using bytes = std::array<std::uint8_t, 16>;

constexpr std::uint64_t linear = 0x7000'0000;

/// Guest n has read its page 1, and L1 has taken that out of nPT12: until a flush it stays in nPT02.
void unmap_behind(world& w, unsigned n) {
  context<> ctx;
  bytes seen{};
  REQUIRE(w.launch(ctx, n) == "");
  REQUIRE(w.run(ctx, n).what == call::l2_runs);
  REQUIRE(w.l2_reads(ctx, w.in_l2(n, 1), true, seen).is_done());
  REQUIRE(w.l2_halts(ctx).what == deed::reflected);
  REQUIRE(nested::l1_unmaps(ctx, w.m, w.vm(), 0, w.root(n), w.in_l2(n, 1)));
}
/// Whether guest n, which runs, still reads the page.
auto still_reads(world& w, unsigned n) -> bool {
  context<> ctx;
  bytes seen{};
  const auto end = w.l2_reads(ctx, w.in_l2(n, 1), true, seen);
  REQUIRE((end.is_done() || end.what == deed::reflected));
  return end.is_done();
}

/// The TLB has a translation of a guest's to a page of L1's.
void plant(world& w, asid id, std::uint64_t at, gpa in_l1) {
  w.m.tlb.fill({id}, {.size = page_size::k4k, .linear = at, .page = world::where(in_l1), .served = 0xffff});
}
auto holds(const world& w, asid id, std::uint64_t at) -> bool {
  return w.m.tlb.find(paging::address_space{id}, at) != nullptr;
}

}  // namespace

TEST_CASE("translations of a page end with its owner", "[nested][RMP-UPD-12][RMP-NST-21]") {
  world w({l1_hypervisor::kvm, mode::virt, guest_kind::snp});
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  const asid id = w.real_asid(1);
  plant(w, id, linear, w.in_l1(1, 1));
  plant(w, id, linear + 0x1000, w.in_l1(1, 2));
  const auto refused =
      nested::virt_rmpupdate(ctx, w.m, w.vm(), 0, nested::operands_for(w.in_l1(1, 1), {.assigned = true, .id = {99}}));
  REQUIRE((refused && !refused->succeeded()));
  CHECK(holds(w, id, linear));  // nothing has changed
  const auto shared = nested::virt_rmpupdate(ctx, w.m, w.vm(), 0, nested::operands_for(w.in_l1(1, 1), {}));
  REQUIRE((shared && shared->succeeded()));
  CHECK_FALSE(holds(w, id, linear));
  CHECK(holds(w, id, linear + 0x1000));
}

TEST_CASE("two tables of L1's under one ASID do not share translations", "[nested][PAG-L2-11]") {
  world w({l1_hypervisor::kvm, mode::virt, guest_kind::sev});
  context<> ctx;
  const asid id = w.real_asid(1);
  REQUIRE(w.launch(ctx, 1) == "");
  REQUIRE(w.launch(ctx, 2) == "");
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  REQUIRE(w.l2_halts(ctx).what == nested::deed_end::kind::reflected);
  plant(w, id, linear, w.in_l1(1, 1));
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);  // the same guest goes on with what it has
  CHECK(holds(w, id, linear));
  REQUIRE(w.l2_halts(ctx).what == nested::deed_end::kind::reflected);
  const nested::vmcb12_plan other{.id = w.named(1), .npt12 = w.root(2)};
  REQUIRE(nested::l1_runs(ctx, w.m, w.vm(), 0, w.vmcb12(2), nested::make_vmcb12(guest_kind::sev, other)).what ==
          call::l2_runs);
  CHECK_FALSE(holds(w, id, linear));
}

TEST_CASE("TLB_CONTROL 1 of one guest is a flush of all of L1's", "[nested][PAG-L2-11][PAG-ASID-02]") {
  const auto variant = GENERATE(guest_kind::sev, guest_kind::sev_es, guest_kind::snp);
  const auto [what, kept] = GENERATE(table<tlb_control, bool>({{tlb_control::flush_all, false},
                                                               {tlb_control::flush_guest, true},
                                                               {tlb_control::flush_guest_not_global, true},
                                                               {tlb_control::nothing, true}}));
  world w({l1_hypervisor::kvm, mode::virt, variant});
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  unmap_behind(w, 2);
  plant(w, w.l1_asid(), linear, w.in_l1(1, 1));
  plant(w, w.real_asid(2), linear, w.in_l1(2, 1));
  plant(w, w.other_l1_asid(), linear, w.in_l1(1, 1));
  REQUIRE(w.run(ctx, 1, what).what == call::l2_runs);
  CHECK(holds(w, w.l1_asid(), linear) == kept);
  CHECK(holds(w, w.real_asid(2), linear) == kept);
  CHECK(holds(w, w.other_l1_asid(), linear));  // not L1's
  REQUIRE(w.l2_halts(ctx).what == deed::reflected);
  REQUIRE(w.run(ctx, 2).what == call::l2_runs);
  CHECK(still_reads(w, 2) == kept);
}

TEST_CASE("a flush of an ASID is one of all nPT12s under it", "[nested][PAG-L2-11][PAG-ASID-02]") {
  const auto what = GENERATE(tlb_control::flush_all, tlb_control::flush_guest, tlb_control::flush_guest_not_global);
  world w({l1_hypervisor::kvm, mode::pass, guest_kind::snp});  // one ASID for all guests
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  unmap_behind(w, 2);
  REQUIRE(w.run(ctx, 1, what).what == call::l2_runs);
  REQUIRE(w.l2_halts(ctx).what == deed::reflected);
  REQUIRE(w.run(ctx, 2).what == call::l2_runs);
  CHECK_FALSE(still_reads(w, 2));
}

TEST_CASE("L1's INVLPGA for the ASID of a guest demands a new shadow", "[nested][PAG-L2-11]") {
  const auto variant = GENERATE(guest_kind::sev, guest_kind::sev_es, guest_kind::snp);
  const bool by_instruction = GENERATE(false, true);
  world w({l1_hypervisor::kvm, mode::virt, variant});
  context<all_rules, nested::event_counter> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  unmap_behind(w, 2);
  for (const asid id : {w.l1_asid(), w.real_asid(1), w.real_asid(2)})
    for (const std::uint64_t at : {linear, linear + 0x1000}) plant(w, id, at, w.in_l1(2, 1));
  ctx.listener.clear();
  auto request = nested::l1_call::invlpga(linear + 0x10, w.named(2));
  request.by_instruction = by_instruction && cpu::has_hidden_state(variant);
  const std::uint64_t rip = w.m.core.registers.rip();
  const auto end = nested::l1_calls(ctx, w.m, w.vm(), 0, request);
  CHECK(end.what == call::done);
  CHECK(end.rax == linear + 0x10);
  CHECK(ctx.listener[nested::event_kind::exit_l1] == 1);
  CHECK(ctx.listener[nested::event_kind::vc_l1] == (request.by_instruction ? 1 : 0));
  CHECK(ctx.listener[nested::event_kind::vmrun_l1] == 1);
  CHECK(w.m.core.guest->id == w.l1_asid());  // L1 runs on
  if (variant == guest_kind::sev) CHECK(w.m.core.registers.rip() == rip + 3);
  CHECK_FALSE(holds(w, w.real_asid(2), linear));
  CHECK(holds(w, w.real_asid(2), linear + 0x1000));
  CHECK(holds(w, w.real_asid(1), linear));
  CHECK(holds(w, w.l1_asid(), linear));
  CHECK_FALSE(w.guest(2).shadow.unsynchronised.empty());
  REQUIRE(w.run(ctx, 2).what == call::l2_runs);
  CHECK_FALSE(still_reads(w, 2));

  // ASID 0 is L1's own; one that stands for nothing changes nothing.
  CHECK(nested::l1_invalidates(ctx, w.m, w.vm(), 0, linear, {0}).what == call::done);
  CHECK_FALSE(holds(w, w.l1_asid(), linear));
  CHECK(holds(w, w.l1_asid(), linear + 0x1000));
  CHECK(nested::l1_invalidates(ctx, w.m, w.vm(), 0, linear, {77}).what == call::done);
  CHECK(holds(w, w.real_asid(1), linear));
}

TEST_CASE("INVLPGA for another ASID leaves a guest's shadow behind", "[nested][PAG-L2-11]") {
  world w({l1_hypervisor::kvm, mode::virt, guest_kind::snp});
  context<> ctx;
  unmap_behind(w, 1);
  CHECK(nested::l1_invalidates(ctx, w.m, w.vm(), 0, 0x1000, w.named(2)).what == call::done);
  CHECK(nested::l1_invalidates(ctx, w.m, w.vm(), 0, 0x1000, {0}).what == call::done);
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  CHECK(still_reads(w, 1));
}

TEST_CASE("TLB_CONTROL stays in VMCB12: each VMRUN of L1's is a flush", "[nested][PAG-ASID-02]") {
  const auto variant = GENERATE(guest_kind::sev, guest_kind::sev_es, guest_kind::snp);
  world w({l1_hypervisor::kvm, mode::virt, variant});
  context<> ctx;
  bytes seen{};
  REQUIRE(w.launch(ctx, 1) == "");
  REQUIRE(w.run(ctx, 1, tlb_control::flush_guest).what == call::l2_runs);
  REQUIRE(w.l2_reads(ctx, w.in_l2(1, 1), true, seen).is_done());
  REQUIRE(w.l2_halts(ctx).what == deed::reflected);
  CHECK(w.seen_vmcb12(ctx, 1).bytes[0x5c] == 3);
  REQUIRE(nested::l1_unmaps(ctx, w.m, w.vm(), 0, w.root(1), w.in_l2(1, 1)));
  REQUIRE(nested::l1_calls(ctx, w.m, w.vm(), 0, nested::l1_call::vmrun(w.vmcb12(1))).what == call::l2_runs);
  CHECK_FALSE(still_reads(w, 1));
}
