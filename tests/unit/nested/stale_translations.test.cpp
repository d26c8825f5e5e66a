// SPDX-License-Identifier: MIT
// What hardware has translated, and must not use any longer: after changes of owners, and when L1 changes tables.
#include <cstdint>

#include <support/catch.hpp>
#include <support/nested_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using world = nested_world<>;
using call = nested::l1_call_end::kind;

constexpr std::uint64_t linear = 0x7000'0000;

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
