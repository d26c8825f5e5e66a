// SPDX-License-Identifier: MIT
// One guest's life in events, for each mode and variant: the table that papers give in seconds.
#include <array>
#include <cstdint>
#include <string>

#include <sevspec/nested/costs.hpp>
#include <support/catch.hpp>
#include <support/nested_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using call = nested::l1_call_end::kind;
using kind = nested::event_kind;

/// What a life of four pages, three halts and one page more costs.
auto life(const nested::configuration& config) -> nested::event_counter {
  nested_world<> w(config);
  context<all_rules, nested::event_counter> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  for (int turn = 0; turn < 3; ++turn) {
    REQUIRE(w.run(ctx, 1).what == call::l2_runs);
    std::array<std::uint8_t, 16> seen{};
    for (unsigned i = 0; i < 4; ++i)
      REQUIRE(w.l2_reads(ctx, w.in_l2(1, i), config.variant != guest_kind::plain, seen).what ==
              nested::deed_end::kind::done);
    REQUIRE(w.l2_halts(ctx).what == nested::deed_end::kind::reflected);
  }
  return ctx.listener;
}

/// Three CPUIDs: an exit, or where registers are hidden #VC, whose handler asks by VMGEXIT.
auto life_of_requests(const nested::configuration& config) -> nested::event_counter {
  nested_world<> w(config);
  context<all_rules, nested::event_counter> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  using end = nested::deed_end::kind;
  for (int turn = 0; turn < 3; ++turn) {
    REQUIRE(w.run(ctx, 1).what == call::l2_runs);
    const auto asked = nested::l2_event(ctx, w.m, w.vm(), 0, {.code = 0x72, .instruction_bytes = 2});
    if (config.variant == guest_kind::sev) REQUIRE(asked.what == end::reflected);
    else REQUIRE(asked.what == end::raised);
    if (asked.what == end::raised) REQUIRE(nested::l2_vmgexit(ctx, w.m, w.vm(), 0, 4).what == end::reflected);
  }
  return ctx.listener;
}

}  // namespace

TEST_CASE("a guest's life in events", "[nested][NES-CNT-01][NES-CNT-02]") {
  for (const auto how : {mode::plain, mode::ms, mode::virt, mode::pass})
    for (const auto variant : {guest_kind::plain, guest_kind::sev, guest_kind::sev_es, guest_kind::snp}) {
      const bool exists = how == mode::plain ? variant == guest_kind::plain
                          : how == mode::ms  ? variant == guest_kind::snp
                                             : variant != guest_kind::plain;
      if (!exists) continue;
      INFO(name_of(how) << ' ' << name_of(variant));
      const auto count = life({l1_hypervisor::kvm, how, variant});
      // Seven exits of L2: four first touches, which L0 handles, and three halts, which L1 does.
      CHECK(count[kind::exit_l2] == 4 + 3);
      CHECK(count[kind::npt02_install] == 4);
      CHECK(count[kind::vmrun_l2] == 4 + 3);
      // L1 asks for five changes of owners (four pages and the VMSA) where guests have keys and owners of their own.
      const std::uint64_t updates = variant == guest_kind::snp && how != mode::pass ? 5 : 0;
      CHECK(count[kind::virt_rmpupdate] == updates);
      CHECK(count[kind::physical_rmpupdate] == updates);
      // Every exit of L1 is a request, and every one but VMRUN resumes L1; so does every halt.
      CHECK(count[kind::exit_l1] == updates + 3);
      CHECK(count[kind::vmrun_l1] == updates + 3);
      CHECK(count[kind::npt12_protected_write] == 0);
      CHECK(count[kind::sync_npt02_entry] == 0);
      CHECK(count[kind::vc_l1] + count[kind::vc_l2] == 0);
      CHECK(count.table_reads() > 0);
    }
}

TEST_CASE("the counts of a life agree with the arithmetic of the cost view", "[nested][costs][NES-CNT-02]") {
  double last = 0;
  for (const auto variant : {guest_kind::sev, guest_kind::sev_es, guest_kind::snp}) {
    INFO(name_of(variant));
    const auto kind = nested::protection_of(variant);
    const auto counted = nested::for_cost_view(life({l1_hypervisor::kvm, mode::virt, variant}));
    const std::uint64_t updates = variant == guest_kind::snp ? 5 : 0;
    // Halts as the arithmetic has them; first touches with half its switches, because L1 had its leaves before; and
    // one switch for each request of L1.
    const auto halts = migration::count_events({.exits = 3}, kind, true);
    CHECK(counted.switches == halts.switches + 4 + updates);
    CHECK(counted.nested_faults == 4);
    CHECK(counted.rmpupdate == updates);
    CHECK(counted.tlb_flushes == updates);
    CHECK(counted.vc == 0);  // halts are automatic exits

    // Requests raise #VC where registers are hidden, and take the same switches.
    const auto requests = nested::for_cost_view(life_of_requests({l1_hypervisor::kvm, mode::virt, variant}));
    CHECK(requests.vc == halts.vc);
    CHECK(halts.vc == (variant == guest_kind::sev ? 0 : 3));
    CHECK(requests.switches == halts.switches + updates);
    CHECK(requests.nested_faults == 0);
    CHECK(requests.rmpupdate == updates);

    const double predicted = migration::predicted_cost(counted, kind);
    CHECK(predicted > last);
    last = predicted;
    // Passed through, L1 asks for nothing.
    const auto passed = nested::for_cost_view(life({l1_hypervisor::kvm, mode::pass, variant}));
    CHECK(migration::predicted_cost(passed, kind) <= predicted);
    if (variant == guest_kind::snp) CHECK(migration::predicted_cost(passed, kind) < predicted);
  }
}
