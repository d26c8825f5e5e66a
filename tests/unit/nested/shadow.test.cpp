// SPDX-License-Identifier: MIT
// nPT02: what goes in, how it stays behind, and how it catches up; faults of L1 and L2, and whose they are.
#include <array>
#include <cstdint>

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

constexpr nested::configuration virt_sev{l1_hypervisor::kvm, mode::virt, guest_kind::sev};
constexpr nested::configuration virt_es{l1_hypervisor::kvm, mode::virt, guest_kind::sev_es};
constexpr nested::configuration virt_snp{l1_hypervisor::kvm, mode::virt, guest_kind::snp};

auto launched(const nested::configuration& config) -> world {
  world w(config);
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  return w;
}
/// What nPT02 maps a page to, if anything.
auto shadow_of(world& w, l2_gpa where) -> std::optional<paging::shadow_leaf> {
  const auto* const found = nested::find_shadow(w.guest(1).shadow, where);
  if (found == nullptr) return {};
  return found->second.leaf;
}

}  // namespace

TEST_CASE("nPT02's leaves are both tables together", "[nested][NES-TR-01][PAG-L2-05]") {
  world w = launched(virt_es);
  context<> ctx;
  bytes seen{};
  REQUIRE(w.l2_reads(ctx, w.in_l2(1, 1), true, seen).is_done());
  const auto leaf = shadow_of(w, w.in_l2(1, 1));
  REQUIRE(leaf.has_value());
  CHECK(leaf->where == world::where(w.in_l1(1, 1)));
  CHECK(leaf->size == page_size::k4k);
  CHECK(leaf->writable);
  CHECK_FALSE(leaf->no_execute);
  CHECK(leaf->c == false);

  REQUIRE(w.l2_halts(ctx).what == deed::reflected);
  REQUIRE(w.map(ctx, 1, {0x10'0000}, w.in_l1(1, 5), {.writable = false, .no_execute = true}));
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  REQUIRE(w.l2_reads(ctx, {0x10'0000}, true, seen).is_done());
  CHECK_FALSE(shadow_of(w, {0x10'0000})->writable);
  CHECK(shadow_of(w, {0x10'0000})->no_execute);
}

TEST_CASE("the smaller page counts, that of the Reverse Map Table included", "[nested][NES-TR-01][PAG-L2C-07]") {
  world w(virt_snp);
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  const gpa large{0x20'0000};
  REQUIRE(succeeded(nested::l1_rmpupdate(ctx, w.m, w.vm(), 0, large,
                                         {.assigned = true, .large = true, .id = {1}, .guest = {0x4000'0000}})));
  REQUIRE(w.map(ctx, 1, {0x4000'0000}, large, {.size = page_size::k2m}));
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  REQUIRE(nested::l2_validates(ctx, w.m, w.vm(), 0, {0x4000'0000}, true, true)->succeeded());
  bytes seen{};
  REQUIRE(w.l2_reads(ctx, {0x4000'5000}, true, seen).is_done());
  CHECK(shadow_of(w, {0x4000'5000})->size == page_size::k2m);

  // L1 splits its entry: nPT02's leaf is too large, which nobody but L0 needs to know.
  REQUIRE(w.l2_halts(ctx).what == deed::reflected);
  REQUIRE(succeeded(nested::l1_psmash(ctx, w.m, w.vm(), 0, large)));
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  const auto read = w.l2_reads(ctx, {0x4000'5000}, true, seen);
  REQUIRE(read.is_done());
  CHECK(read.exits == 1);
  CHECK(shadow_of(w, {0x4000'5000})->size == page_size::k4k);
}

TEST_CASE("L1 writes nPT12 by itself, and nPT02 follows at the flush", "[nested][NES-TR-02][ATK-68]") {
  world w = launched(virt_es);
  context<> ctx;
  bytes seen{};
  const l2_gpa page = w.in_l2(1, 1);
  REQUIRE(w.l2_reads(ctx, page, true, seen).is_done());
  const auto before = shadow_of(w, page);
  REQUIRE(w.l2_halts(ctx).what == deed::reflected);
  const auto protected_then = w.guest(1).shadow.protected_pages.size();
  CHECK(protected_then >= 4);

  counting counted;
  REQUIRE(w.map(counted, 1, page, w.in_l1(1, 2)));  // elsewhere
  CHECK(counted.listener[nested::event_kind::npt12_protected_write] == 1);
  CHECK(w.guest(1).shadow.unsynchronised.size() == 1);
  CHECK(w.guest(1).shadow.protected_pages.size() == protected_then - 1);
  CHECK(shadow_of(w, page) == before);
  counted.listener.clear();
  REQUIRE(w.map(counted, 1, w.in_l2(1, 2), w.in_l1(1, 1)));  // the same table again: no exit
  CHECK(counted.listener[nested::event_kind::exit_l1] == 0);

  SECTION("without a flush L2 sees the old page") {
    REQUIRE(w.run(ctx, 1).what == call::l2_runs);
    REQUIRE(w.l2_reads(ctx, page, true, seen).is_done());
    CHECK(seen == w.contents(1, 1));
    CHECK(shadow_of(w, page) == before);
  }
  SECTION("with one, the new page") {
    counted.listener.clear();
    nested::vmcb12_plan plan{
        .id = w.named(1), .npt12 = w.root(1), .vmsa = w.vmsa_in_l1(1), .tlb = paging::tlb_control::flush_guest};
    REQUIRE(nested::l1_runs(counted, w.m, w.vm(), 0, w.vmcb12(1), nested::make_vmcb12(guest_kind::sev_es, plan)).what ==
            call::l2_runs);
    CHECK(counted.listener[nested::event_kind::sync_npt02_entry] >= 1);
    CHECK_FALSE(w.guest(1).shadow.sync_pending);
    CHECK(w.guest(1).shadow.unsynchronised.empty());
    CHECK_FALSE(shadow_of(w, page).has_value());
    REQUIRE(w.l2_reads(ctx, page, true, seen).is_done());
    CHECK(shadow_of(w, page)->where == world::where(w.in_l1(1, 2)));
    CHECK(seen != w.contents(1, 1));
  }
  SECTION("without the rule nobody sees L1 write, and the flush finds nothing") {
    context<all_rules_but<rule::NES_TR_02>> without;
    world other(virt_es);
    REQUIRE(other.launch(without, 1) == "");
    REQUIRE(other.run(without, 1).what == call::l2_runs);
    REQUIRE(other.l2_reads(without, page, true, seen).is_done());
    REQUIRE(other.l2_halts(without).what == deed::reflected);
    REQUIRE(other.map(without, 1, page, other.in_l1(1, 2)));
    REQUIRE(other.run(without, 1, paging::tlb_control::flush_guest).what == call::l2_runs);
    CHECK(shadow_of(other, page)->where == world::where(other.in_l1(1, 1)));
  }
}

TEST_CASE("a reserved bit of L1's is #VC in an L2 with hidden state", "[nested][NES-TR-03][PAG-L2-13]") {
  const auto config = GENERATE(virt_es, virt_snp);
  world w(config);
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  REQUIRE(w.map(ctx, 1, {0x20'0000}, {}, {.marks = std::uint64_t{1} << 45}));
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  bytes seen{};
  const auto tried = w.l2_reads(ctx, {0x20'0000}, false, seen);
  REQUIRE(tried.what == deed::raised);
  CHECK(tried.raised.kind == fault_kind::vc);
  CHECK(tried.raised.code == paging::vmexit_npf);
  CHECK(tried.exits == 1);  // L0 has put the mark into nPT02; from now on there is no exit at all
  CHECK(w.l2_reads(ctx, {0x20'0000}, false, seen).exits == 0);
  CHECK(shadow_of(w, {0x20'0000})->reserved_bit_set);
}

TEST_CASE("of a plain SEV L2, L1 gets the fault and what hardware has decoded", "[nested][NES-TR-03]") {
  world w(virt_sev);
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  REQUIRE(w.map(ctx, 1, {0x20'0000}, {}, {.marks = std::uint64_t{1} << 45}));
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  bytes seen{};
  const auto tried = w.l2_reads(ctx, {0x20'0000}, false, seen);
  REQUIRE(tried.what == deed::reflected);
  CHECK(w.seen_vmcb12(ctx, 1).controls().exit_code() == layout::svm_exit_codes::npf);
  CHECK(w.seen_vmcb12(ctx, 1).controls().exit_info_2() == 0x20'0000);
  CHECK(paging::page_fault_code::rsvd::test(w.seen_vmcb12(ctx, 1).controls().exit_info_1()));

  cpu::vmcb_page v02, v12;
  v02.bytes[0xd0] = 3;
  v02.bytes[0xd1] = 0x8b;
  nested::report_exit(ctx, v12, v02, guest_kind::sev, 0x400, 0, 0);
  CHECK(v12.bytes[0xd0] == 3);
  CHECK(v12.bytes[0xd1] == 0x8b);
  v12 = {};
  nested::report_exit(ctx, v12, v02, guest_kind::sev_es, 0x400, 0, 0);
  CHECK(v12.bytes[0xd0] == 0);
}

TEST_CASE("a device of L0's in L2 is found by its L1 gPA", "[nested][NES-TR-04]") {
  world w(virt_es);
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  const gpa device{0x7000'0000};
  REQUIRE(w.map(ctx, 1, {0x30'0000}, device));
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  w.guest(1).devices.push_back(device);
  bytes seen{};
  const auto tried = w.l2_reads(ctx, {0x30'0000}, false, seen);
  REQUIRE(tried.what == deed::for_l0);
  CHECK(tried.exit.fault.what == nested::l2_fault_end::kind::emulate);
  CHECK(tried.exit.fault.decision.l1_address == device);
}

TEST_CASE("what L1 has not mapped is L1's, what L0 has not mapped is L0's",
          "[nested][PAG-L2-02][PAG-L2-03][FIELD-51]") {
  world w = launched(virt_es);
  context<> ctx;
  bytes seen{};
  const auto tried = w.l2_reads(ctx, {0x50'0000}, true, seen);
  REQUIRE(tried.what == deed::reflected);
  CHECK(w.seen_vmcb12(ctx, 1).controls().exit_info_2() == 0x50'0000);
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  // L0 takes a page of L1's away, and brings it back without L1.
  nested::zap_l1_page(ctx, w.m, w.vm(), w.in_l1(1, 3));
  nested::host_words words{w.m.memory};
  REQUIRE(nested::remove_leaf(words, w.vm().npt01.value, w.in_l1(1, 3).value));
  const auto again = w.l2_reads(ctx, w.in_l2(1, 3), true, seen);
  CHECK(again.is_done());
  CHECK(seen == w.contents(1, 3));
}

TEST_CASE("memory that L0 brings back stays watched where it was", "[nested][NES-TR-02]") {
  world w(virt_es);
  context<> ctx;
  bytes seen{};
  REQUIRE(w.launch(ctx, 1) == "");
  // nPT12 lies in a page of L1's memory that L0 has mapped in 2M.
  const gpa root{0x20'0000};
  nested::page_pool pool{0x20'1000, 0x20'9000, {}};
  nested::l1_words<context<>, world::machine_type> words{ctx, w.m, w.vm(), 0};
  REQUIRE(words.clear(root.value));
  REQUIRE(nested::l1_maps(ctx, w.m, w.vm(), 0, root, pool, w.in_l2(1, 1), w.in_l1(1, 1)));
  nested::vmcb12_plan plan{.id = w.named(1), .npt12 = root, .vmsa = w.vmsa_in_l1(1)};
  const auto run = [&](paging::tlb_control tlb) {
    plan.tlb = tlb;
    return nested::l1_runs(ctx, w.m, w.vm(), 0, w.vmcb12(1), nested::make_vmcb12(guest_kind::sev_es, plan)).what;
  };
  REQUIRE(run(paging::tlb_control::nothing) == call::l2_runs);
  REQUIRE(w.l2_reads(ctx, w.in_l2(1, 1), true, seen).is_done());
  REQUIRE(w.l2_halts(ctx).what == deed::reflected);
  const auto& watched = w.vm().guests.back().shadow.protected_pages;
  REQUIRE(watched.size() == 4);
  for (const std::uint64_t table : watched) REQUIRE_FALSE(nested::find_backing(w.m, w.vm(), gpa{table})->writable);

  nested::host_words host{w.m.memory};
  gpa taken{0x30'0000};
  SECTION("L0 takes another page of the 2M") {
    nested::zap_l1_page(ctx, w.m, w.vm(), taken);
    REQUIRE(nested::remove_leaf(host, w.vm().npt01.value, taken.value));
  }
  SECTION("L0 takes the page of the table") {
    taken = gpa{*watched.rbegin()};
    REQUIRE(nested::remove_leaf(host, w.vm().npt01.value, taken.value));
  }
  SECTION("L0 takes all of the 2M, tables and all") {
    nested::zap_l1_page(ctx, w.m, w.vm(), taken);
    const auto inner = nested::find_entry(host, w.vm().npt01.value, root.value);  // its own table of 4K leaves
    REQUIRE((inner && inner->level == 1));
    const auto first = host.load(nested::detail::table_slot(w.vm().npt01.value, root.value, 4));
    const auto second =
        host.load(nested::detail::table_slot(*first & nested::detail::table_address_bits, root.value, 3));
    const std::uint64_t outer = nested::detail::table_slot(*second & nested::detail::table_address_bits, root.value, 2);
    REQUIRE(host.store(outer, 0));
  }
  REQUIRE(nested::l1_reads(ctx, w.m, w.vm(), 0, taken, false, seen).is_done());
  CHECK(nested::find_backing(w.m, w.vm(), taken)->size == page_size::k4k);
  for (const std::uint64_t table : watched) {
    const auto at = nested::find_backing(w.m, w.vm(), gpa{table});
    CHECK((!at || !at->writable));
  }
  // So L0 sees L1 write, and nPT02 follows at the flush.
  REQUIRE(nested::l1_unmaps(ctx, w.m, w.vm(), 0, root, w.in_l2(1, 1)));
  REQUIRE(run(paging::tlb_control::flush_guest) == call::l2_runs);
  CHECK(w.l2_reads(ctx, w.in_l2(1, 1), true, seen).what == deed::reflected);
}

TEST_CASE("a page of a split 2M comes back alone", "[nested]") {
  world w(virt_es);
  context<> ctx;
  bytes seen{};
  nested::host_words host{w.m.memory};
  REQUIRE(nested::remap_small(w.m, w.vm(), gpa{0x20'1000}, false));
  for (const std::uint64_t gone : {0x20'2000U, 0x20'3000U})
    REQUIRE(nested::remove_leaf(host, w.vm().npt01.value, gone));
  REQUIRE(nested::l1_reads(ctx, w.m, w.vm(), 0, gpa{0x20'3000}, false, seen).is_done());
  CHECK(nested::find_backing(w.m, w.vm(), gpa{0x20'3000}) ==
        nested::l1_backing{world::where(gpa{0x20'3000}), page_size::k4k, true});
  CHECK_FALSE(nested::find_backing(w.m, w.vm(), gpa{0x20'1000})->writable);
  CHECK_FALSE(nested::find_backing(w.m, w.vm(), gpa{0x20'2000}).has_value());
}

TEST_CASE("memory without watched pages comes back in its own size", "[nested]") {
  world w(virt_es);
  context<> ctx;
  bytes seen{};
  nested::host_words host{w.m.memory};
  REQUIRE(nested::remove_leaf(host, w.vm().npt01.value, 0x20'0000));
  REQUIRE(nested::l1_reads(ctx, w.m, w.vm(), 0, gpa{0x20'3000}, false, seen).is_done());
  CHECK(nested::find_backing(w.m, w.vm(), gpa{0x20'3000})->size == page_size::k2m);
  CHECK(nested::find_backing(w.m, w.vm(), gpa{0x20'3000})->writable);
}

TEST_CASE("L1 touches a page that is its guest's: #PF with the RMP bit", "[nested][NES-RMP-08][ATK-63]") {
  world w(virt_snp);
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  const auto tried = nested::l1_writes(ctx, w.m, w.vm(), 0, w.in_l1(1, 0), false, bytes{1});
  REQUIRE(tried.what == deed::raised);
  CHECK(tried.raised.kind == fault_kind::pf);
  CHECK(tried.raised.decided_by == rule::NES_RMP_08);
  CHECK(tried.raised.address == 0);  // the exit does not tell L1's linear address
  CHECK(paging::page_fault_code::rmp::test(tried.raised.code));

  const fault exit{fault_kind::npf, rule::RMP_CHK_01, 0x1'8000'0007, w.in_l1(1, 0).value};
  CHECK(nested::on_l1_fault(ctx, w.m, w.vm(), exit, 0xffff'8000'1234'5678).raised.address == 0xffff'8000'1234'5678);
  // L1's own pages, split by nobody but L0, are no business of L1's.
  const gpa inside{0x40'7000};
  REQUIRE(nested::virt_rmpupdate(ctx, w.m, w.vm(), 0,
                                 nested::operands_for(inside, {.assigned = true, .id = {1}, .guest = {0x9000}}))
              ->succeeded());
  bytes seen{};
  CHECK(nested::l1_reads(ctx, w.m, w.vm(), 0, inside + 0x1000, true, seen).is_done());
}

TEST_CASE("who is to blame for a fault of ownership", "[nested][RMP-NST-23][ATK-62]") {
  world w = launched(virt_snp);
  context<> ctx;
  bytes seen{};
  REQUIRE(w.l2_reads(ctx, w.in_l2(1, 1), true, seen).is_done());
  // L0 itself takes the page away: the virtual table still says that it is L2's.
  const auto taken = rmp::rmpupdate(ctx, w.m.rmp, w.m.processor(), {}, world::where(w.in_l1(1, 1)), {});
  REQUIRE((taken && taken->succeeded()));
  const auto tried = w.l2_reads(ctx, w.in_l2(1, 1), true, seen);
  REQUIRE(tried.what == deed::for_l0);
  CHECK(tried.exit.fault.what == nested::l2_fault_end::kind::repair);
  CHECK(nested::find_disagreement(w.m, w.vm()).has_value());
}

TEST_CASE("the first touch of every page is an exit", "[nested][NES-CNT-02]") {
  // 4K pages: one each; a page of 2M: one.
  static_assert((std::uint64_t{1} << 30) / 4096 == 262144 && (std::uint64_t{1} << 30) / 0x20'0000 == 512);
  const bool large = GENERATE(false, true);
  world w(virt_es);
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  const std::uint64_t step = large ? 0x20'0000 : 0x1000;
  for (std::uint64_t at = 0; at < 0x40'0000; at += step)
    REQUIRE(w.map(ctx, 1, {0x4000'0000 + at}, gpa{0x20'0000 + at}, {.size = large ? page_size::k2m : page_size::k4k}));
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  counting counted;
  bytes seen{};
  for (std::uint64_t at = 0; at < 0x40'0000; at += 0x1000)
    REQUIRE(w.l2_reads(counted, {0x4000'0000 + at}, true, seen).is_done());
  CHECK(counted.listener[nested::event_kind::exit_l2] == (large ? 2 : 1024));
  CHECK(counted.listener[nested::event_kind::npt02_install] == (large ? 2 : 1024));
}
