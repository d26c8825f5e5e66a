// SPDX-License-Identifier: MIT
// What hypervisors do with page ownership: scenarios of Linux and KVM.
#include <array>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/recorder.hpp>

#include <sevspec/firmware/page_commands.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/advice.hpp>
#include <sevspec/rmp/page_state.hpp>
#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/rmpadjust.hpp>
#include <sevspec/rmp/small_table.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using rmp::code_action;
using rmp::entry;
using rmp::host_pf_action;
using rmp::new_state;
using rmp::npf_action;
using rmp::page_state;
using rmp::pvalidate_action;
using rmp::release_action;
using rmp::status;
using u64 = std::uint64_t;
using small = rmp::small_table<16, 4>;

constexpr rmp::processor cpu{};
constexpr rmp::execution host{};
constexpr rmp::execution guest{.id = {5}, .snp_active = true};

/// The hypervisor, and a guest that sees sPA x at gPA x + 10_0000h.
struct world {
  small table{};
  context<> ctx{};

  auto update(u64 where, const new_state& wanted) -> status {
    return rmp::rmpupdate(ctx, table, cpu, host, {where}, wanted)->eax;
  }
  auto smash(u64 where) -> status { return rmp::psmash(ctx, table, cpu, host, {where})->eax; }
  auto give(u64 where, bool large = false, bool immutable = false) -> status {
    return update(where, rmp::private_state({where + 0x10'0000}, {5}, large, immutable));
  }
  auto validate(u64 where, bool large, bool wanted, page_size leaf) -> outcome<rmp::result> {
    return rmp::pvalidate(ctx, table, cpu, guest, {{where + 0x10'0000}, large, wanted}, [&](gva linear) {
      return outcome<rmp::guest_page>{rmp::guest_page{.linear = linear,
                                                      .guest = {where + 0x10'0000},
                                                      .where = {where},
                                                      .leaf = leaf,
                                                      .guest_leaf = page_size::k2m}};
    });
  }
  /// EXITINFO1 of the guest's private read, or 0.
  [[nodiscard]] auto read_fault(u64 where, page_size leaf) -> fault {
    const auto verdict = rmp::check_access(ctx, table,
                                           {.where = {where},
                                            .guest = {where + 0x10'0000},
                                            .leaf = leaf,
                                            .kind = access_kind::read,
                                            .c = true,
                                            .who = memory::owner_context::snp_guest,
                                            .id = {5}});
    if (verdict.what != memory::ownership_verdict::kind::violation) return {};
    return {fault_kind::npf, verdict.decided_by, 0x5'8000'0005, where + 0x10'0000};
  }
  auto advise(const fault& npf, u64 where, page_size mapped, bool gpa_private = true) -> npf_action {
    return rmp::advise_npf(ctx, table, npf, gpa_private, {where}, {5}, mapped);
  }
};

constexpr fault rmp_fault{fault_kind::npf, rule::RMP_CHK_01, 0x5'8000'0005, 0x10'4000};
constexpr fault plain_private_fault{fault_kind::npf, rule::PAG_NPT_01, 0x5'0000'0004, 0x10'4000};
constexpr fault plain_shared_fault{fault_kind::npf, rule::PAG_NPT_01, 0x1'0000'0006, 0x10'4000};

}  // namespace

TEST_CASE("RMP-KVM-01, RMP-KVM-10: operands of RMPUPDATE", "[rmp][RMP-KVM-01][RMP-KVM-10]") {
  CHECK(rmp::private_state({0x7000}, {5}, false) ==
        new_state{.assigned = true, .large = false, .immutable = false, .id = {5}, .guest = {0x7000}});
  CHECK(rmp::private_state({0x8000}, {6}, true, true) ==
        new_state{.assigned = true, .large = true, .immutable = true, .id = {6}, .guest = {0x8000}});
  CHECK(rmp::shared_state(false) == new_state{});
  CHECK(rmp::shared_state(true) == new_state{.large = true});
  CHECK(rmp::firmware_state() == new_state{.assigned = true, .immutable = true});
}

TEST_CASE("RMP-KVM-02: retrying RMPUPDATE", "[rmp][RMP-KVM-02]") {
  for (const bool permanent : {false, true}) {
    CHECK(rmp::advise_rmpupdate(status::success, permanent) == code_action::done);
    CHECK(rmp::advise_rmpupdate(status::fail_input, permanent) == code_action::fail);
    CHECK(rmp::advise_rmpupdate(status::fail_permission, permanent) == code_action::fail);
    CHECK(rmp::advise_rmpupdate(status::fail_inuse, permanent) == code_action::fail);
    CHECK(rmp::advise_rmpupdate(status::fail_overlap, permanent) ==
          (permanent ? code_action::fail : code_action::retry));
  }
  // The hypervisor's own mapping: a 4K update wants one of 4K, a 2M update any.
  for (const page_size mapped : {page_size::k4k, page_size::k2m, page_size::k1g}) {
    CHECK(rmp::splits_own_mapping(false, mapped) == (mapped != page_size::k4k));
    CHECK_FALSE(rmp::splits_own_mapping(true, mapped));
  }
  world w;
  // A 4K update in a large page, and a 2M update over 4K pages, overlap for ever.
  CHECK(w.give(0x4000, true) == status::success);
  for (const u64 where : {0x4000U, 0x5000U, 0x7000U}) {
    CHECK(w.update(where, rmp::shared_state(false)) == status::fail_overlap);
    CHECK(rmp::overlap_is_permanent(w.table, {where}, false));
  }
  CHECK_FALSE(rmp::overlap_is_permanent(w.table, {0x4000}, true));
  CHECK_FALSE(rmp::overlap_is_permanent(w.table, {0x8000}, false));
  CHECK(w.give(0xa000) == status::success);
  CHECK(w.update(0x8000, rmp::private_state({0x8000}, {5}, true)) == status::fail_overlap);
  CHECK(rmp::overlap_is_permanent(w.table, {0x8000}, true));
  CHECK_FALSE(rmp::overlap_is_permanent(w.table, {0xa000}, false));
  CHECK_FALSE(rmp::overlap_is_permanent(w.table, {0x1'0000}, true));  // not covered: it does not overlap
  // The firmware's lock passes.
  w.table.entries[4].id = rmp::region_lock;
  CHECK(w.update(0x5000, rmp::shared_state(false)) == status::fail_overlap);
  CHECK_FALSE(rmp::overlap_is_permanent(w.table, {0x5000}, false));
}

TEST_CASE("RMP-KVM-04: assigning the page of a private fault", "[rmp][RMP-KVM-04][RMP-KVM-03]") {
  world w;
  const auto advise = [&](u64 where, bool folio) { return rmp::advise_assignment(w.ctx, w.table, {where}, folio); };
  CHECK(advise(0x5000, true).needed);
  CHECK(advise(0x5000, true).large);
  CHECK(advise(0x5000, false).needed);
  CHECK_FALSE(advise(0x5000, false).large);
  CHECK(w.give(0x6000) == status::success);  // one page of the region is assigned: 4K
  CHECK(advise(0x5000, true).needed);
  CHECK_FALSE(advise(0x5000, true).large);
  CHECK(advise(0x4000, true).needed);
  CHECK_FALSE(advise(0x4000, true).large);
  CHECK_FALSE(advise(0x6000, true).needed);  // assigned already
  CHECK(w.give(0x8000) == status::success);  // the first page of its region
  CHECK_FALSE(advise(0x9000, true).large);
  CHECK(w.give(0xc000, true) == status::success);
  for (const u64 where : {0xc000U, 0xd000U, 0xf000U}) CHECK_FALSE(advise(where, true).needed);
  // What the advice says works.
  const auto plan = advise(0x1000, true);
  CHECK((plan.needed && plan.large));
  CHECK(w.give(0x0000, plan.large) == status::success);
  // A region that is covered in part is never one of 2M.
  rmp::small_table<6, 4> part;
  context<> ctx;
  CHECK(rmp::advise_assignment(ctx, part, {0x5000}, true).needed);
  CHECK_FALSE(rmp::advise_assignment(ctx, part, {0x5000}, true).large);
}

TEST_CASE("RMP-KVM-05: the largest mapping", "[rmp][RMP-KVM-05]") {
  world w;
  CHECK(w.give(0x4000, true) == status::success);
  CHECK(w.give(0x9000) == status::success);
  for (const u64 where : {0x4000U, 0x5000U, 0x7000U}) CHECK(rmp::largest_mapping(w.table, {where}) == page_size::k2m);
  for (const u64 where : {u64{0}, u64{0x8000}, u64{0x9000}, u64{0x1'0000}, u64{1} << 40})
    CHECK(rmp::largest_mapping(w.table, {where}) == page_size::k4k);
}

TEST_CASE("RMP-KVM-06: PSMASH, and what to do about its codes", "[rmp][RMP-KVM-06][RMP-SMH-06]") {
  world w;
  CHECK(w.give(0x4000, true) == status::success);
  CHECK(rmp::advise_psmash(w.table, {0x5000}, status::success) == code_action::done);
  CHECK(rmp::advise_psmash(w.table, {0x5000}, status::fail_inuse) == code_action::retry);
  CHECK(rmp::advise_psmash(w.table, {0x5000}, status::fail_badaddr) == code_action::fail);  // still large
  CHECK(w.smash(0x4000) == status::success);
  // Somebody else was first.
  CHECK(w.smash(0x4000) == status::fail_badaddr);
  CHECK(rmp::advise_psmash(w.table, {0x5000}, status::fail_badaddr) == code_action::done);
  CHECK(rmp::advise_psmash(w.table, {0x8000}, status::fail_badaddr) == code_action::fail);  // nobody's
  CHECK(rmp::advise_psmash(w.table, {0x1'0000}, status::fail_input) == code_action::fail);  // not covered
}

TEST_CASE("RMP-KVM-06, RMP-KVM-07: an #NPF of an SNP-active guest",
          "[rmp][RMP-KVM-06][RMP-KVM-07][RMP-KVM-05][RMP-KVM-04]") {
  world w;
  // No RMP fault, and the attribute agrees: map, and assign before what is private.
  CHECK(w.advise(plain_private_fault, 0x4000, page_size::k4k) == npf_action::assign);
  CHECK(w.advise(plain_shared_fault, 0x4000, page_size::k4k, false) == npf_action::map_page);
  CHECK(w.advise(plain_private_fault, 0x1'0000, page_size::k4k) == npf_action::map_page);  // what has no entry
  // It does not: a page-state change of the guest's.
  CHECK(w.advise(plain_private_fault, 0x4000, page_size::k4k, false) == npf_action::convert);
  CHECK(w.advise(plain_shared_fault, 0x4000, page_size::k4k, true) == npf_action::convert);
  CHECK(w.advise(rmp_fault, 0x4000, page_size::k4k, false) == npf_action::convert);
  // Mapped although it is not assigned.
  CHECK(w.advise(w.read_fault(0x4000, page_size::k4k), 0x4000, page_size::k4k) == npf_action::warn);
  CHECK(w.give(0x4000, true) == status::success);
  CHECK(w.advise(plain_private_fault, 0x4000, page_size::k4k) == npf_action::map_page);
  // A large page that is mapped as 4K: split it. So is one whose fault has no such reason.
  for (const u64 where : {0x4000U, 0x6000U}) {
    CHECK(w.advise(w.read_fault(where, page_size::k4k), where, page_size::k4k) == npf_action::psmash_and_zap);
    CHECK(w.advise(rmp_fault, where, page_size::k2m) == npf_action::psmash_and_zap);
  }
  // At another gPA than the guest's: split it, too, and see what is left.
  fault elsewhere = rmp_fault;
  elsewhere.address = 0x30'4000;
  for (const page_size mapped : {page_size::k4k, page_size::k2m})
    CHECK(w.advise(elsewhere, 0x4000, mapped) == npf_action::psmash_and_zap);
  // SIZEM: PVALIDATE of 4K in it.
  const auto denied = w.validate(0x6000, false, true, page_size::k2m);
  REQUIRE_FALSE(denied.has_value());
  CHECK(w.advise(denied.error(), 0x6000, page_size::k2m) == npf_action::psmash_and_zap);
  CHECK(w.smash(0x4000) == status::success);
  // Small pages that are mapped as 2M: map 4K.
  CHECK(w.advise(w.read_fault(0x6000, page_size::k2m), 0x6000, page_size::k2m) == npf_action::zap_and_map_4k);
  // Another processor was faster.
  CHECK(w.advise(denied.error(), 0x6000, page_size::k4k) == npf_action::resume);
  CHECK(w.validate(0x6000, false, true, page_size::k4k)->succeeded());
  CHECK(w.read_fault(0x6000, page_size::k4k) == fault{});
  // What is left at another gPA: a large mapping to drop, then nothing that helps.
  CHECK(w.advise(elsewhere, 0x4000, page_size::k2m) == npf_action::zap_and_map_4k);
  CHECK(w.advise(elsewhere, 0x4000, page_size::k4k) == npf_action::kill);
  CHECK(w.advise(rmp_fault, 0x4000, page_size::k4k) == npf_action::resume);
}

TEST_CASE("RMP-KVM-06: what a hypervisor cannot help", "[rmp][RMP-KVM-06][RMP-KVM-07]") {
  world w;
  const fault shared_rmp{fault_kind::npf, rule::RMP_CHK_01, 0x1'8000'0007, 0x10'4000};
  // A write of shared memory: nothing is wrong any longer; a private neighbour under a large leaf; a page of a guest.
  CHECK(w.advise(shared_rmp, 0x4000, page_size::k4k, false) == npf_action::resume);
  CHECK(w.advise(shared_rmp, 0x4000, page_size::k2m, false) == npf_action::resume);
  REQUIRE(w.give(0x5000) == status::success);
  CHECK(w.advise(shared_rmp, 0x4000, page_size::k2m, false) == npf_action::zap_and_map_4k);
  CHECK(w.advise(shared_rmp, 0x4000, page_size::k4k, false) == npf_action::resume);
  CHECK(w.advise(shared_rmp, 0x5000, page_size::k4k, false) == npf_action::kill);
  CHECK(w.advise(rmp_fault, 0x1'0000, page_size::k4k) == npf_action::warn);  // the page has no entry
  CHECK(w.give(0x4000) == status::success);
  fault vmpl_fault = rmp_fault;
  vmpl_fault.code |= u64{1} << 36;
  CHECK(w.advise(vmpl_fault, 0x4000, page_size::k4k) == npf_action::kill);
  CHECK(w.advise(rmp_fault, 0x4000, page_size::k4k) == npf_action::resume);
  w.table.entries[4].immutable = true;
  CHECK(w.advise(rmp_fault, 0x4000, page_size::k4k) == npf_action::kill);
  w.table.entries[4].immutable = false;
  w.table.entries[4].id = {6};
  CHECK(w.advise(rmp_fault, 0x4000, page_size::k4k) == npf_action::kill);
}

TEST_CASE("RMP-CHK-08: a #PF with bit 31 in the hypervisor", "[rmp][RMP-CHK-08][RMP-KVM-02][RMP-ERR-03]") {
  world w;
  CHECK(w.give(0x6000) == status::success);
  CHECK(rmp::advise_host_pf(w.table, {0x6000}, page_size::k4k) == host_pf_action::bug);
  CHECK(rmp::advise_host_pf(w.table, {0x6000}, page_size::k2m) == host_pf_action::bug);
  for (const page_size leaf : {page_size::k2m, page_size::k1g})
    CHECK(rmp::advise_host_pf(w.table, {0x5000}, leaf) == host_pf_action::split_mapping);
  CHECK(rmp::advise_host_pf(w.table, {0x5000}, page_size::k4k) == host_pf_action::retry);
  CHECK(rmp::advise_host_pf(w.table, {0x9000}, page_size::k2m) == host_pf_action::retry);
  CHECK(rmp::advise_host_pf(w.table, {0x1'0000}, page_size::k2m) == host_pf_action::retry);
  w.table.entries[8].in_use = true;
  CHECK(rmp::advise_host_pf(w.table, {0x8000}, page_size::k4k) == host_pf_action::bug);
  CHECK(w.give(0xc000, true) == status::success);
  CHECK(rmp::advise_host_pf(w.table, {0xe000}, page_size::k4k) == host_pf_action::bug);
}

TEST_CASE("RMP-KVM-08: freeing and converting", "[rmp][RMP-KVM-08][RMP-KVM-03]") {
  world w;
  CHECK(w.give(0x4000, true) == status::success);
  CHECK(w.give(0x9000) == status::success);
  CHECK(rmp::advise_release(w.table, {0x4000}, true) == release_action::share_2m);
  CHECK(rmp::advise_release(w.table, {0x4000}, false) == release_action::psmash_first);
  for (const bool whole : {false, true})  // 2M at once from the first page on alone
    CHECK(rmp::advise_release(w.table, {0x6000}, whole) == release_action::psmash_first);
  CHECK(rmp::advise_release(w.table, {0x8000}, true) == release_action::skip);
  for (const bool whole : {false, true}) {
    CHECK(rmp::advise_release(w.table, {0x9000}, whole) == release_action::share_4k);
    CHECK(rmp::advise_release(w.table, {0x1'0000}, whole) == release_action::skip);
  }
  // All of it, as advised.
  CHECK(w.update(0x4000, rmp::shared_state(true)) == status::success);
  CHECK(w.update(0x9000, rmp::shared_state(false)) == status::success);
  CHECK(w.table == small{});
  // Three of four pages.
  CHECK(w.give(0x4000, true) == status::success);
  for (u64 where = 0x5000; where < 0x8000; where += 0x1000) {
    if (rmp::advise_release(w.table, {where}, false) == release_action::psmash_first)
      CHECK(w.smash(0x4000) == status::success);
    CHECK(rmp::advise_release(w.table, {where}, false) == release_action::share_4k);
    CHECK(w.update(where, rmp::shared_state(false)) == status::success);
  }
  CHECK(rmp::state_of(w.table, {4}) == page_state::guest_invalid);
  CHECK(w.table.entries[4].sub_page_count == 0);
  // Walking a range page by page, as the conversion of pages does: page 2M-aligned and range covers 2M.
  CHECK(w.update(0x4000, rmp::shared_state(false)) == status::success);
  CHECK(w.table == small{});
}

TEST_CASE("RMP-KVM-09: launching", "[rmp][RMP-KVM-09][RMP-KVM-10]") {
  world w;
  CHECK(w.give(0x5000, false, true) == status::success);
  CHECK(rmp::state_of(w.table, {5}) == page_state::pre_guest);
  // The firmware refuses the page: it is reclaimed and given back.
  CHECK(w.update(0x5000, rmp::shared_state(false)) == status::fail_permission);
  const auto nowhere = [](spa) { return false; };
  CHECK(firmware::page_reclaim(w.ctx, w.table, {0x5000}, page_size::k4k, nowhere) == firmware::status::success);
  CHECK(rmp::state_of(w.table, {5}) == page_state::guest_invalid);
  CHECK(w.update(0x5000, rmp::shared_state(false)) == status::success);
  // The VMSA, at the end of what gPAs of 48 bits reach.
  CHECK(w.update(0x5000, rmp::private_state({0xffff'ffff'f000}, {5}, false, true)) == status::success);
  CHECK(rmp::state_of(w.table, {5}) == page_state::pre_guest);
  CHECK(rmp::vmsa_gpa_is_sound(w.table.entries[5].guest));
  CHECK(firmware::page_reclaim(w.ctx, w.table, {0x5000}, page_size::k4k, nowhere) == firmware::status::success);
  CHECK(w.update(0x5000, rmp::shared_state(false)) == status::success);
  // A buffer of the firmware's.
  CHECK(w.update(0x5000, rmp::firmware_state()) == status::success);
  CHECK(rmp::state_of(w.table, {5}) == page_state::firmware);
  CHECK(firmware::page_reclaim(w.ctx, w.table, {0x5000}, page_size::k4k, nowhere) == firmware::status::success);
  CHECK(rmp::state_of(w.table, {5}) == page_state::reclaim);
  CHECK(w.update(0x5000, rmp::shared_state(false)) == status::success);
  CHECK(w.table == small{});
}

TEST_CASE("RMP-KVM-11: page-state changes", "[rmp][RMP-KVM-11]") {
  world w;
  // shared -> private: the host assigns, the guest validates.
  CHECK(w.give(0x5000) == status::success);
  CHECK_FALSE(w.validate(0x5000, false, true, page_size::k4k)->unchanged);
  CHECK(rmp::state_of(w.table, {5}) == page_state::guest_valid);
  // private -> shared: the guest invalidates, the host takes the page back.
  CHECK_FALSE(w.validate(0x5000, false, false, page_size::k4k)->unchanged);
  CHECK(w.update(0x5000, rmp::shared_state(false)) == status::success);
  CHECK(w.table == small{});
  // A host that takes a page back and returns it does so visibly.
  CHECK(w.give(0x5000) == status::success);
  CHECK(w.validate(0x5000, false, true, page_size::k4k)->succeeded());
  CHECK(w.update(0x5000, rmp::shared_state(false)) == status::success);
  CHECK(w.give(0x5000) == status::success);
  CHECK(rmp::state_of(w.table, {5}) == page_state::guest_invalid);
}

TEST_CASE("RMP-KVM-12: where a VMSA may lie", "[rmp][RMP-KVM-12][RMP-ERR-01]") {
  CHECK(rmp::vmsa_gpa_is_sound({0xffff'ffff'f000}));
  CHECK(rmp::vmsa_gpa_is_sound({0x1000}));
  CHECK(rmp::vmsa_gpa_is_sound({0x20'1000}));
  CHECK_FALSE(rmp::vmsa_gpa_is_sound({0}));
  CHECK_FALSE(rmp::vmsa_gpa_is_sound({0x20'0000}));
  CHECK_FALSE(rmp::vmsa_gpa_is_sound({0x40'0000}));
  for (unsigned n = 0; n < 12; ++n) CHECK_FALSE(rmp::vmsa_gpa_is_sound({0x1000 | u64{1} << n}));
  for (u64 where = 0; where < 0x60'0000; where += 0x800)
    CHECK(rmp::is_good_for_vmrun({where}) == (where % 0x1000 == 0 && where % 0x20'0000 != 0));
}

TEST_CASE("RMP-KVM-14: what a guest does with PVALIDATE's answer", "[rmp][RMP-KVM-14]") {
  const auto answer = [](status code, bool unchanged = false) {
    return rmp::result{.eax = code, .unchanged = unchanged, .decided_by = rule::none, .stale = {}};
  };
  for (const bool ignores : {false, true}) {
    for (const bool large : {false, true}) {
      CHECK(rmp::advise_pvalidate(answer(status::success), large, ignores) == pvalidate_action::done);
      CHECK(rmp::advise_pvalidate(answer(status::success, true), large, ignores) ==
            (ignores ? pvalidate_action::done : pvalidate_action::double_validation));
      CHECK(rmp::advise_pvalidate(answer(status::fail_sizemismatch), large, ignores) ==
            (large ? pvalidate_action::use_4k : pvalidate_action::fail));
      CHECK(rmp::advise_pvalidate(answer(status::fail_input), large, ignores) == pvalidate_action::fail);
      CHECK(rmp::advise_pvalidate(answer(status::fail_permission), large, ignores) == pvalidate_action::fail);
    }
  }
  // 2M first, then 4K where the host has only that.
  world w;
  for (u64 where = 0x4000; where < 0x8000; where += 0x1000) CHECK(w.give(where) == status::success);
  const auto first = w.validate(0x4000, true, true, page_size::k4k);
  REQUIRE(first.has_value());
  CHECK(rmp::advise_pvalidate(*first, true, false) == pvalidate_action::use_4k);
  for (u64 where = 0x4000; where < 0x8000; where += 0x1000) {
    const auto each = w.validate(where, false, true, page_size::k4k);
    CHECK(rmp::advise_pvalidate(*each, false, false) == pvalidate_action::done);
    CHECK(rmp::advise_pvalidate(*w.validate(where, false, true, page_size::k4k), false, false) ==
          pvalidate_action::double_validation);
  }
}

TEST_CASE("RMP-KVM-15: a monitor validates, and grants to another VMPL", "[rmp][RMP-KVM-15]") {
  world w;
  CHECK(w.give(0x5000) == status::success);
  const auto adjust = [&](u64 attributes) {
    return rmp::rmpadjust(w.ctx, w.table, cpu, guest, {{0x10'5000}, 0, attributes}, [](gva linear) {
      return outcome<rmp::guest_page>{rmp::guest_page{.linear = linear, .guest = {0x10'5000}, .where = {0x5000}}};
    });
  };
  CHECK_FALSE(adjust(0x0f01).has_value());  // not before it is validated
  CHECK(w.validate(0x5000, false, true, page_size::k4k)->succeeded());
  CHECK(adjust(0x0f01)->succeeded());
  CHECK(w.table.entries[5].allowed[1].raw == 0x0f);
  CHECK(adjust(0x0001)->succeeded());
  CHECK(w.table.entries[5].allowed[1].raw == 0);
  CHECK(w.validate(0x5000, false, false, page_size::k4k)->succeeded());
  CHECK_FALSE(adjust(0x0f01).has_value());
  // What the grant said does not outlive a reassignment.
  CHECK(w.validate(0x5000, false, true, page_size::k4k)->succeeded());
  CHECK(adjust(0x0f01)->succeeded());
  CHECK(w.update(0x5000, rmp::private_state({0x10'6000}, {5}, false)) == status::success);
  CHECK(w.table.entries[5].allowed[1].raw == 0);
}

TEST_CASE("rules of the advice fire and pass", "[rmp][RMP-KVM-04][RMP-KVM-05][RMP-KVM-06][RMP-KVM-07]") {
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  world w;
  const auto advise = [&](u64 where, page_size mapped, bool gpa_private) {
    (void)rmp::advise_npf(ctx, w.table, rmp_fault, gpa_private, {where}, {5}, mapped);
  };
  (void)rmp::advise_assignment(ctx, w.table, {0x4000}, true);
  advise(0x4000, page_size::k4k, false);
  advise(0x4000, page_size::k4k, true);
  CHECK(w.give(0x4000, true) == status::success);
  advise(0x4000, page_size::k4k, true);
  advise(0x4000, page_size::k2m, true);
  CHECK(w.smash(0x4000) == status::success);
  advise(0x4000, page_size::k2m, true);
  advise(0x4000, page_size::k4k, true);
  (void)rmp::advise_npf(ctx, w.table, plain_private_fault, true, {0x4000}, {5}, page_size::k4k);
  (void)rmp::advise_npf(ctx, w.table, plain_private_fault, true, {0x8000}, {5}, page_size::k4k);
  for (const rule id : {rule::RMP_KVM_04, rule::RMP_KVM_05, rule::RMP_KVM_06, rule::RMP_KVM_07}) {
    INFO(name_of(id));
    CHECK(heard.fired.contains(id));
    CHECK(heard.passed.contains(id));
  }
}
