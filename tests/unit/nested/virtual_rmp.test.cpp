// SPDX-License-Identifier: MIT
// RMPUPDATE and PSMASH for L1: registers, codes, two tables that stay together, and L1's own table.
#include <array>
#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include <support/catch.hpp>
#include <support/nested_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using world = nested_world<>;
using bytes = std::array<std::uint8_t, 16>;
using call = nested::l1_call_end::kind;
using nested::virtual_operands;

constexpr nested::configuration virt_snp{l1_hypervisor::kvm, mode::virt, guest_kind::snp};
constexpr nested::configuration pass_snp{l1_hypervisor::kvm, mode::pass, guest_kind::snp};

auto direct(world& w, gpa page, const rmp::new_state& wanted) -> outcome<nested::virtual_result> {
  context<> ctx;
  return nested::virt_rmpupdate(ctx, w.m, w.vm(), 0, nested::operands_for(page, wanted));
}
auto code_of(const outcome<nested::virtual_result>& done) -> std::string {
  return done ? name_of(done->rax) : name_of(done.error().kind);
}
auto real(world& w, gpa page) -> rmp::entry { return rmp::authoritative_entry(w.m.rmp, page_of(world::where(page))); }
auto agree(world& w) -> std::string {
  const auto found = nested::find_disagreement(w.m, w.vm());
  return found ? hex(found->page.value) + " is " + found->what : "";
}

}  // namespace

TEST_CASE("the state of VIRT_RMPUPDATE lies in RDX and R8, all bits of them", "[nested][NES-RMP-01][RMP-NST-01]") {
  CHECK(nested::msr_virt_rmpupdate == 0xc001'f001);
  CHECK(nested::msr_virt_psmash == 0xc001'f002);
  const virtual_operands registers{.rax = 0x5000, .rdx = 0x0001'2345'6789'a000, .r8 = 0x0000'0007'0001'0101};
  const rmp::new_state state = nested::new_state_in(registers);
  CHECK(state == rmp::new_state{
                     .assigned = true, .large = true, .immutable = true, .id = {7}, .guest = {0x0001'2345'6789'a000}});
  CHECK(nested::operands_for(gpa{0x5000}, state) == registers);
  CHECK(nested::new_state_in({.r8 = 0xffff'ffff'0000'0001}).id == nested::l1_itself);
  CHECK(nested::new_state_in({.r8 = 0x0200}).reserved);
}

TEST_CASE("a page of L1 becomes L2's, and nobody else's: vector 1", "[nested][NES-RMP-04][NES-RMP-05]") {
  world w(virt_snp);
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  const gpa page = w.in_l1(1, 5);
  const auto l1 = nested::l1_regime(ctx, w.m, w.vm());
  bytes seen{};
  REQUIRE(nested::l1_writes(ctx, w.m, w.vm(), 0, page, true, bytes{42}).is_done());
  CHECK(real(w, page).id == w.l1_asid());
  CHECK(real(w, page).guest == page);

  REQUIRE(succeeded(w.give(ctx, 1, 5, false)));
  CHECK(real(w, page).assigned);
  CHECK(real(w, page).id == w.real_asid(1));
  CHECK(real(w, page).guest.value == w.in_l2(1, 5).value);
  CHECK_FALSE(real(w, page).validated);

  using code = paging::page_fault_code;
  const auto with_c = nested::read(ctx, w.m, l1, page, true, seen);
  REQUIRE(!with_c);
  CHECK(with_c.error().kind == fault_kind::npf);
  CHECK(code::rmp::test(with_c.error().code));
  CHECK(nested::read(ctx, w.m, l1, page, false, seen).has_value());
  CHECK(seen != bytes{42});
  CHECK_FALSE(nested::write(ctx, w.m, l1, page, false, seen).has_value());

  // L2, once before it validates the page, once after.
  REQUIRE(w.map(ctx, 1, w.in_l2(1, 5), page));
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  const auto before = w.l2_reads(ctx, w.in_l2(1, 5), true, seen);
  CHECK(before.what == nested::deed_end::kind::raised);
  CHECK(before.raised.kind == fault_kind::vc);
  CHECK(before.raised.code == 0x404);
  const auto taken = nested::l2_validates(ctx, w.m, w.vm(), 0, w.in_l2(1, 5), false, true);
  REQUIRE(taken.has_value());
  CHECK(taken->succeeded());
  CHECK_FALSE(taken->unchanged);
  CHECK(w.l2_reads(ctx, w.in_l2(1, 5), true, seen).is_done());
  CHECK(seen != bytes{42});  // L1's bytes under L2's key
  CHECK(agree(w) == "");
}

TEST_CASE("ASID -1 takes the page back: vector 2", "[nested][NES-RMP-04][NES-RMP-05]") {
  world w(virt_snp);
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  const gpa page = w.in_l1(1, 2);
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  bytes seen{};
  REQUIRE(w.l2_reads(ctx, w.in_l2(1, 2), true, seen).is_done());
  REQUIRE(w.l2_halts(ctx).what == nested::deed_end::kind::reflected);

  REQUIRE(succeeded(nested::l1_rmpupdate(ctx, w.m, w.vm(), 0, page, {.assigned = true, .id = nested::l1_itself})));
  CHECK(real(w, page).id == w.l1_asid());
  CHECK(real(w, page).guest == page);
  CHECK_FALSE(real(w, page).validated);
  const auto l1 = nested::l1_regime(ctx, w.m, w.vm());
  CHECK_FALSE(nested::read(ctx, w.m, l1, page, true, seen).has_value());  // #VC: not validated yet
  REQUIRE(nested::pvalidate(ctx, w.m, l1, page, false, true)->succeeded());
  CHECK(nested::read(ctx, w.m, l1, page, true, seen).has_value());
  CHECK(seen != w.contents(1, 2));  // garbage

  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  const auto tried = w.l2_reads(ctx, w.in_l2(1, 2), true, seen);
  CHECK(tried.what == nested::deed_end::kind::reflected);
  CHECK(tried.exit.fault.decision.decided_by == rule::PAG_L2_14);
  CHECK(paging::page_fault_code::rmp::test(w.seen_vmcb12(ctx, 1).controls().exit_info_1()));
  CHECK(w.seen_vmcb12(ctx, 1).controls().exit_info_2() == w.in_l2(1, 2).value);
  CHECK(agree(w) == "");
}

TEST_CASE("L1's own pages are not immutable", "[nested][RMP-NST-20][RMP-NST-21]") {
  world w(virt_snp);
  const gpa page = w.in_l1(1, 3);
  const rmp::entry before = real(w, page);
  CHECK(code_of(direct(w, page, {.assigned = true, .immutable = true, .id = nested::l1_itself})) == "FAIL_INPUT");
  CHECK(real(w, page) == before);
  CHECK(agree(w) == "");
  CHECK(code_of(direct(w, page, {.assigned = true, .id = nested::l1_itself})) == "SUCCESS");
  // If they were, nobody could give them away, and the tables would not agree on it.
  rmp::entry fixed = real(w, page);
  fixed.immutable = true;
  w.m.rmp.put(page_of(world::where(page)), fixed);
  CHECK(agree(w) == hex(page.value) + " is immutable for one table alone");
}

TEST_CASE("VIRT_RMPUPDATE's checks in order", "[nested][NES-RMP-02][NES-RMP-03][RMP-NST-20]") {
  world w(virt_snp);
  const gpa page = w.in_l1(1, 0);
  const rmp::new_state to_l2{.assigned = true, .id = {1}, .guest = {0x7000}};
  SECTION("not offered, or SNP_EN not set: #GP") {
    w.vm().processors[0].snp_en = false;
    CHECK(code_of(direct(w, page, to_l2)) == "#GP");
    w.vm().processors[0].snp_en = true;
    w.vm().offers_virtual_rmp = false;
    CHECK(code_of(direct(w, page, to_l2)) == "#GP");
    context<> ctx;
    CHECK(nested::l1_rmpupdate(ctx, w.m, w.vm(), 0, page, to_l2).what == call::gp);
  }
  SECTION("addresses") {
    CHECK(code_of(direct(w, page + 0x10, to_l2)) == "FAIL_INPUT");
    CHECK(code_of(direct(w, gpa{0x7000'0000}, to_l2)) == "FAIL_INPUT");
    rmp::new_state large = to_l2;
    large.large = true;
    large.guest = {0};
    CHECK(code_of(direct(w, page, large)) == "FAIL_INPUT");
  }
  SECTION("the virtual table decides as the manual says, with L1's ASIDs") {
    CHECK(code_of(direct(w, page, {.id = {1}})) == "FAIL_INPUT");  // RMP-TRN-02
    CHECK(code_of(direct(w, page, {.assigned = true, .id = {900}, .guest = {0x7000}})) ==
          "FAIL_INPUT");                                                                                // no such ASID
    CHECK(code_of(direct(w, page, {.assigned = true, .id = {3}, .guest = {0x7000}})) == "FAIL_INPUT");  // not bound
    REQUIRE(code_of(direct(w, page, {.assigned = true, .immutable = true, .id = {1}, .guest = {0x7000}})) == "SUCCESS");
    CHECK(code_of(direct(w, page, to_l2)) == "FAIL_PERMISSION");
    const gpa large{0x20'0000};
    REQUIRE(code_of(direct(w, large, {.assigned = true, .large = true, .id = {1}, .guest = {0x4000'0000}})) ==
            "SUCCESS");
    CHECK(code_of(direct(w, large + 0x3000, to_l2)) == "FAIL_OVERLAP");
  }
  SECTION("pages of the AMD-SP keep ASID 0") {
    REQUIRE(code_of(direct(w, page, {.assigned = true, .immutable = true})) == "SUCCESS");
    CHECK(rmp::state_of(real(w, page)) == rmp::page_state::firmware);
  }
  CHECK(agree(w) == "");
}

TEST_CASE("pages of 2M in both tables", "[nested][NES-RMP-03][RMP-NST-21][RMP-NST-22][RMP-NST-02]") {
  world w(virt_snp);
  context<> ctx;
  const gpa large{0x20'0000};
  const rmp::new_state wanted{.assigned = true, .large = true, .id = {1}, .guest = {0x4000'0000}};
  SECTION("one page of 2M behind it: one entry") {
    REQUIRE(code_of(direct(w, large, wanted)) == "SUCCESS");
    CHECK(real(w, large + 0x5000).large);
    CHECK(agree(w) == "");
    REQUIRE(succeeded(nested::l1_psmash(ctx, w.m, w.vm(), 0, large)));
    CHECK_FALSE(real(w, large).large);
    CHECK(real(w, large + 0x5000).guest.value == 0x4000'5000);
    CHECK(w.vm().owners.entry_of({(large.value >> 12) + 5}).guest.value == 0x4000'5000);
    CHECK(agree(w) == "");
    CHECK(nested::l1_psmash(ctx, w.m, w.vm(), 0, large).rax == 7);  // there is nothing to smash
    CHECK(nested::l1_psmash(ctx, w.m, w.vm(), 0, large + 0x1000).rax == 1);
  }
  SECTION("by choice, or with 4K behind it: 512 entries") {
    context<> small{.choices = {.virt_rmpupdate_as_backed = false}};
    if (GENERATE(false, true)) {
      REQUIRE(nested::virt_rmpupdate(small, w.m, w.vm(), 0, nested::operands_for(large, wanted))->succeeded());
    } else {
      REQUIRE(nested::remap_small(w.m, w.vm(), large, true));
      REQUIRE(code_of(direct(w, large, wanted)) == "SUCCESS");
    }
    CHECK_FALSE(real(w, large + 0x5000).large);
    CHECK(real(w, large + 0x5000).guest.value == 0x4000'5000);
    CHECK(w.vm().owners.entry_of({large.value >> 12}).large);
    CHECK(agree(w) == "");
  }
  SECTION("4K of what lies in 2M: L0 splits the real entry first") {
    const gpa inside = large + 0x7000;
    REQUIRE(code_of(direct(w, inside, {.assigned = true, .id = {1}, .guest = {0x9000}})) == "SUCCESS");
    CHECK_FALSE(real(w, large).large);
    CHECK(real(w, large).validated);  // L1's other pages stay what they were
    CHECK(real(w, inside).id == w.real_asid(1));
    CHECK(agree(w) == "");
  }
}

TEST_CASE("a failure of the real table leaves both as they were", "[nested][RMP-NST-21]") {
  world w(virt_snp);
  const gpa large{0x20'0000};
  const rmp::new_state wanted{.assigned = true, .large = true, .id = {1}, .guest = {0x4000'0000}};
  const auto in_use_at = [&](gpa page) {
    rmp::entry held = w.m.rmp.entry_of(page_of(world::where(page)));
    held.in_use = true;
    w.m.rmp.put(page_of(world::where(page)), held);
  };
  // L1's page of 2M in parts of 4K, one of which hardware holds: a request in 512 parts fails in the middle.
  REQUIRE(nested::remap_small(w.m, w.vm(), large, true));
  REQUIRE(code_of(direct(w, large + 0x9000, {})) == "SUCCESS");
  in_use_at(large + 0x12'3000);
  const auto rmp_before = w.m.rmp;
  const auto owners_before = w.vm().owners;
  CHECK(code_of(direct(w, large, wanted)) == "FAIL_INUSE");
  CHECK(w.m.rmp == rmp_before);
  CHECK(w.vm().owners == owners_before);

  // Without the rule, L1 hears of success, and half of the pages are L2's.
  context<all_rules_but<rule::RMP_NST_21>> without;
  CHECK(nested::virt_rmpupdate(without, w.m, w.vm(), 0, nested::operands_for(large, wanted))->succeeded());
  CHECK(agree(w) != "");
}

TEST_CASE("the code of a real failure", "[nested][RMP-NST-21]") {
  world w(virt_snp);
  const gpa large{0x20'0000};
  const rmp::new_state wanted{.assigned = true, .large = true, .id = {1}, .guest = {0x4000'0000}};
  // L1's own pages of 4K are in the way of one of 2M: nothing that L1's virtual table knows of.
  REQUIRE(code_of(direct(w, large + 0x9000, {.assigned = true, .id = nested::l1_itself})) == "SUCCESS");
  CHECK(code_of(direct(w, large, wanted)) == "FAIL_OVERLAP");
  context<> again{.choices = {.virt_rmpupdate_failure = virtual_failure::fail_inuse}};
  CHECK(nested::virt_rmpupdate(again, w.m, w.vm(), 0, nested::operands_for(large, wanted))->rax ==
        rmp::status::fail_inuse);
  CHECK(agree(w) == "");
}

TEST_CASE("with SEV passthrough L1 converts pages, and gives none away", "[nested][NES-RMP-10][RMP-NST-24]") {
  world w(pass_snp);
  context<> ctx;
  const gpa page = w.in_l1(1, 5);
  CHECK(code_of(direct(w, page, {.assigned = true, .id = {1}, .guest = {0x7000}})) == "FAIL_INPUT");
  REQUIRE(code_of(direct(w, page, {})) == "SUCCESS");
  CHECK_FALSE(real(w, page).assigned);
  REQUIRE(code_of(direct(w, page, {.assigned = true, .id = nested::l1_itself})) == "SUCCESS");
  CHECK(real(w, page).id == w.l1_asid());
  // Both may validate it.
  const auto l1 = nested::l1_regime(ctx, w.m, w.vm());
  CHECK(nested::pvalidate(ctx, w.m, l1, page, false, true)->succeeded());
  REQUIRE(w.launch(ctx, 1) == "");
  REQUIRE(nested::assign_page(ctx, w.owners, page, w.in_l2(1, 5), 1));
  REQUIRE(w.map(ctx, 1, w.in_l2(1, 5), page));
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  const auto again = nested::l2_validates(ctx, w.m, w.vm(), 0, w.in_l2(1, 5), false, true);
  REQUIRE(again.has_value());
  CHECK(again->unchanged);
  CHECK(agree(w) == "");
}

TEST_CASE("two guests cannot have one ASID: vector 3", "[nested][NES-ASID-01][NES-ASID-02][ATK-65]") {
  world w(virt_snp);
  context<> ctx;
  const auto ranges = nested::ranges_of(world::make_part());
  CHECK_FALSE(nested::bind_asid(ctx, w.m.asids, w.vm().number, {3}, ranges, w.real_asid(1), ranges).has_value());
  CHECK_FALSE(nested::bind_asid(ctx, w.m.asids, {1}, {1}, ranges, w.real_asid(1), ranges).has_value());
  CHECK_FALSE(nested::bind_asid(ctx, w.m.asids, {1}, {1}, ranges, {100}, ranges).has_value());
  CHECK(nested::bind_asid(ctx, w.m.asids, {1}, {1}, ranges, {20}, ranges).has_value());
}

TEST_CASE("SEV-SNP passthrough: one gPA for L1 and L2: vector 4", "[nested][NES-GPA-01][ATK-60]") {
  world w(pass_snp);
  context<> ctx;
  nested::page_owners book;
  const gpa high = nested::first_guest_memory;
  CHECK(nested::assign_page(ctx, book, high, {high.value}, 1).has_value());
  CHECK(nested::assign_page(ctx, book, high, {high.value}, 2).error() == rule::NES_GPA_01);
  CHECK(nested::assign_page(ctx, book, high + 0x2000, {high.value + 0x1000}, 1).error() == rule::NES_GPA_01);
  nested::release_page(book, high);
  CHECK(nested::assign_page(ctx, book, high, {high.value}, 2).has_value());

  // Why: the real table knows one gPA.
  const gpa page = w.in_l1(1, 3);
  const auto l1 = nested::l1_regime(ctx, w.m, w.vm());
  bytes seen{};
  CHECK(nested::read(ctx, w.m, l1, page, true, seen).has_value());
  rmp::entry moved = w.m.rmp.entry_of(page_of(world::where(page)));
  moved.guest.value += 0x1000;
  w.m.rmp.put(page_of(world::where(page)), moved);
  const auto refused = nested::read(ctx, w.m, l1, page, true, seen);
  REQUIRE(!refused);
  CHECK(paging::page_fault_code::rmp::test(refused.error().code));
}

namespace {

/// L1 keeps a table of its own over some requests.
/// @return the first page that it has wrong
auto played(nested::soft_table_defects wrong) -> std::string {
  world w(virt_snp);
  context<> ctx;
  nested::soft_table own(0x400, wrong);
  const auto update = [&](gpa page, const rmp::new_state& wanted) {
    own.begin(page);
    const auto done = direct(w, page, wanted);
    REQUIRE(done.has_value());
    own.after_rmpupdate(ctx, page, wanted, *done);
  };
  const gpa large{0x20'0000};
  update(large, {.assigned = true, .large = true, .id = {1}, .guest = {0x20'0000}});
  if (const auto found = nested::find_soft_defect(own, w.vm(), 0x400)) return found->what;
  own.begin(large);
  own.after_psmash(ctx, large, *nested::virt_psmash(ctx, w.m, w.vm(), 0, {.rax = large.value}));
  CHECK((wrong.byte_addresses || own.entry_of({0x203}).guest.value == 0x20'3000));  // vector 5
  CHECK_FALSE(own.entry_of({0x203}).large);
  if (const auto found = nested::find_soft_defect(own, w.vm(), 0x400)) return found->what;
  // An owner has left marks, which L1 has read from somewhere.
  rmp::raw_entry marked = own.raw_of({0x203});
  marked.lo |= rmp::raw::validated::mask;
  marked.hi = 0x1f;
  own.tamper({0x203}, marked);
  update(large + 0x3000, {});
  if (const auto found = nested::find_soft_defect(own, w.vm(), 0x400)) return found->what;
  own.tamper({0x204}, marked);
  update(large + 0x4000, {.assigned = true, .id = {2}, .guest = {0x9000}});
  if (const auto found = nested::find_soft_defect(own, w.vm(), 0x400)) return found->what;
  const auto refused = direct(w, large + 0x4010, {});
  own.after_rmpupdate(ctx, large + 0x4000, {}, *refused);  // no success, no change
  if (const auto found = nested::find_soft_defect(own, w.vm(), 0x400)) return found->what;
  return "";
}

}  // namespace

TEST_CASE("L1's own table, right and with the published defects: vector 5",
          "[nested][RMP-NST-05][RMP-NST-06][NES-RMP-06]") {
  CHECK(played({}) == "");
  CHECK(played({.short_clear = true}) == "marks of an owner that nobody follows");
  CHECK(played({.byte_addresses = true}) == "gPA");
  CHECK(played({.keeps_marks = true}) == "marks of an owner that nobody follows");
  CHECK(played({.no_count = true}) == "count of assigned pages");
  // Between L0's answer and the update others must not look.
  nested::soft_table right(0x400), wrong(0x400, {.not_atomic = true});
  right.begin(gpa{0x3000});
  wrong.begin(gpa{0x3000});
  CHECK(rmp::is_busy(right, {3}));
  CHECK_FALSE(rmp::is_busy(wrong, {3}));
  context<> ctx;
  right.after_rmpupdate(ctx, gpa{0x3000}, {.assigned = true, .id = {1}}, {});
  CHECK_FALSE(rmp::is_busy(right, {3}));
}

TEST_CASE("what L1 does to its own table has no effect on anybody", "[nested][NES-RMP-06][RMP-NST-03][ATK-66]") {
  world w(virt_snp);
  nested::soft_table own(0x400);
  const auto before = w.m.rmp;
  own.tamper({0x60}, rmp::encode({.assigned = true, .validated = true, .id = {1}}));
  CHECK(w.m.rmp == before);
  CHECK(nested::find_soft_defect(own, w.vm(), 0x400).has_value());
}

TEST_CASE("Validated of a virtual entry is the real one's", "[nested][RMP-NST-25]") {
  world w(virt_snp);
  context<> ctx;
  REQUIRE(w.launch(ctx, 1) == "");
  REQUIRE(succeeded(w.give(ctx, 1, 5, false)));
  const rmp::spfn page{w.in_l1(1, 5).value >> 12};
  const nested::virtual_view view(w.m, w.vm());
  CHECK_FALSE(view.entry_of(page).validated);
  REQUIRE(w.map(ctx, 1, w.in_l2(1, 5), w.in_l1(1, 5)));
  REQUIRE(w.run(ctx, 1).what == call::l2_runs);
  REQUIRE(nested::l2_validates(ctx, w.m, w.vm(), 0, w.in_l2(1, 5), false, true)->succeeded());
  CHECK(view.entry_of(page).validated);
  CHECK_FALSE(w.vm().owners.entry_of(page).validated);
}
