// SPDX-License-Identifier: MIT
// Pages in L1's table and in the machine's: both change, or neither does.
#include <cstdint>
#include <string>

#include <support/catch.hpp>
#include <support/firmware_machine.hpp>

#include <sevspec/nested/vsp_pages.hpp>
#include <sevspec/nested/vsp_state.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using nested::l2_reference;
using test_vsp = nested::virtual_sp<map_table, memory::asid_states<15, 2>, scripted_random>;

constexpr std::uint64_t large = 0x400;  ///< a page of L1's, 2M-aligned
constexpr gpa first{large << 12};
constexpr asid named{3};
constexpr asid real_asid{5};

/// An L1 with 16 MiB, from 16 MiB on in the machine: in the same order, or with all neighbours exchanged.
struct two_tables {
  test_machine<> p = make_test_machine(true);
  nested::vsp_host l0{};
  test_vsp v{.who = {0}, .rmp = map_table{0xc00}};

  explicit two_tables(bool scattered = false) {
    p.sp.snp_state = layout::snp_platform_state::init;
    l0.asids.force({0}, named, real_asid);
    for (std::uint64_t i = 0; i < 0x1000; ++i) v.map[i].page = {0x1000 + (scattered ? i ^ 1U : i)};
  }
  [[nodiscard]] auto real(std::uint64_t page) const -> rmp::entry { return p.rmp.entry_of(v.map.at(page).page); }
  void put_real(std::uint64_t page, const rmp::entry& what) { p.rmp.put(v.map.at(page).page, what); }
  /// Hardware is at work on it.
  void hold(std::uint64_t page) {
    rmp::entry held = real(page);
    held.in_use = true;
    put_real(page, held);
  }
  template <class Context>
  auto update(Context& ctx, const rmp::new_state& wanted, gpa where = first) -> std::string {
    return rmp::name_of(nested::update_page(ctx, l0, p, v, where, wanted));
  }
  auto update(const rmp::new_state& wanted) -> std::string {
    context<> ctx;
    return update(ctx, wanted);
  }
  auto judge(std::uint64_t offset, std::uint64_t guest, bool is_private = true) -> l2_reference {
    context<> ctx;
    return nested::judge_reference(ctx, l0, p, v, named, first + offset, gpa{guest}, is_private);
  }
};

constexpr rmp::new_state small_page{.assigned = true, .id = named, .guest = {0x20'0000}};
constexpr rmp::new_state large_page{.assigned = true, .large = true, .id = named, .guest = {0x20'0000}};
using without = context<all_rules_but<rule::RMP_NST_21>>;

}  // namespace

TEST_CASE("RMPUPDATE that the machine refuses changes nothing, and is no FAIL_INPUT", "[nested][RMP-NST-21]") {
  two_tables t;
  t.hold(large);
  const auto real_before = t.p.rmp;
  const auto seen_before = t.v.rmp;
  CHECK(t.update(small_page) == "FAIL_INUSE");
  CHECK(t.p.rmp == real_before);
  CHECK(t.v.rmp == seen_before);
  context<> other{.choices = {.virt_rmpupdate_failure = virtual_failure::fail_inuse}};
  CHECK(t.update(other, small_page) == "FAIL_INUSE");
  CHECK(t.update({.assigned = true, .id = {4}, .guest = {0x20'0000}}) == "FAIL_INPUT");  // of L1's own doing
  without ctx;
  CHECK(t.update(ctx, small_page) == "SUCCESS");
  CHECK(t.real(large).id != real_asid);
}

TEST_CASE("a page of 2M in 512 pieces: all of them, or none", "[nested][RMP-NST-21][NEST-VSP-26]") {
  two_tables t(true);
  REQUIRE(t.update(large_page) == "SUCCESS");
  for (std::uint64_t i = 0; i < 512; ++i) {
    rmp::entry one = t.real(large + i);
    REQUIRE(one.id == real_asid);
    one.validated = true;
    one.in_use = i == 300;
    t.put_real(large + i, one);
  }
  const auto before = t.p.rmp;
  rmp::new_state elsewhere = large_page;
  elsewhere.guest = {0x60'0000};
  CHECK(t.update(elsewhere) == "FAIL_INUSE");
  CHECK(t.p.rmp == before);
  CHECK(t.v.rmp.entry_of({large}).guest == large_page.guest);
  // Without the rule, a part of the guest's memory is elsewhere, and L1 believes that all of it is.
  without ctx;
  CHECK(t.update(ctx, elsewhere) == "SUCCESS");
  CHECK(t.real(large + 299).guest != gpa{0x20'0000 + 299 * 0x1000});
  CHECK(t.real(large + 301).guest == gpa{0x20'0000 + 301 * 0x1000});
}

TEST_CASE("a page of 2M comes back whole", "[nested][NEST-VSP-24][NEST-VSP-26]") {
  for (const bool scattered : {false, true}) {
    two_tables t(scattered);
    REQUIRE(t.update(large_page) == "SUCCESS");
    CHECK(t.real(large).large == !scattered);
    REQUIRE(t.update({.large = true}) == "SUCCESS");
    for (std::uint64_t i = 0; i < 512; ++i) CHECK_FALSE(t.real(large + i).assigned);
  }
}

TEST_CASE("a page of 2M that the machine has in 4K goes elsewhere as one", "[nested][RMP-NST-21][NEST-VSP-26]") {
  context<> ctx;
  rmp::new_state elsewhere = large_page;
  elsewhere.guest = {0x60'0000};
  const auto anywhere = [](spa) { return false; };
  for (const bool joined : {false, true}) {
    two_tables t;
    if (joined) {  // SNP_PAGE_UNSMASH and SNP_PAGE_RECLAIM
      rmp::new_state one = small_page;
      one.immutable = true;
      for (std::uint64_t i = 0; i < 512; ++i, one.guest = one.guest + 4096)
        REQUIRE(t.update(ctx, one, first + i * 4096) == "SUCCESS");
      REQUIRE(firmware::page_unsmash(ctx, t.v.rmp, spa{first.value}, anywhere) == firmware::status::success);
      REQUIRE(nested::mirror_page(ctx, t.l0, t.p, t.v, large) == rmp::status::success);
      REQUIRE(firmware::page_reclaim(ctx, t.v.rmp, spa{first.value}, page_size::k2m, anywhere) ==
              firmware::status::success);
      REQUIRE(nested::mirror_page(ctx, t.l0, t.p, t.v, large) == rmp::status::success);
    } else {  // L0 has split its own
      REQUIRE(t.update(large_page) == "SUCCESS");
      REQUIRE(rmp::psmash(ctx, t.p.rmp, {}, {}, address_of(t.v.map.at(large).page))->succeeded());
    }
    REQUIRE(t.v.rmp.entry_of({large}).large);
    REQUIRE_FALSE(t.real(large).large);
    REQUIRE(t.real(large + 511).id == real_asid);

    // All of it, or nothing: if one page is in use, or L1's own.
    const auto seen_before = t.v.rmp;
    t.hold(large + 300);
    const auto held = t.p.rmp;
    CHECK(t.update(elsewhere) == "FAIL_INUSE");
    CHECK(t.p.rmp == held);
    rmp::entry released = t.real(large + 300);
    released.in_use = false;
    t.put_real(large + 300, released);
    const auto real_before = t.p.rmp;
    t.v.map[large + 300].is_private = true;
    CHECK(t.update(elsewhere) == "FAIL_INPUT");
    CHECK(t.p.rmp == real_before);
    CHECK(t.v.rmp == seen_before);
    t.v.map[large + 300].is_private = false;

    REQUIRE(t.update(elsewhere) == "SUCCESS");
    CHECK(t.v.rmp.entry_of({large}).guest == elsewhere.guest);
    CHECK(t.real(large).large);
    CHECK(t.real(large).guest == elsewhere.guest);
    CHECK(t.p.rmp.pages_of(real_asid) == 512);
  }
}

TEST_CASE("PSMASH that the machine refuses splits nothing", "[nested][RMP-NST-21][NEST-VSP-26]") {
  two_tables t;
  context<> ctx;
  REQUIRE(t.update(large_page) == "SUCCESS");
  REQUIRE(t.real(large).large);
  t.hold(large);
  const auto before = t.v.rmp;
  CHECK(nested::split_page(ctx, t.l0, t.p, t.v, first) == rmp::status::fail_inuse);
  CHECK(t.v.rmp == before);
  without careless;
  CHECK(nested::split_page(careless, t.l0, t.p, t.v, first) == rmp::status::success);
  CHECK_FALSE(t.v.rmp.entry_of({large}).large);
  CHECK(t.real(large).large);
}

TEST_CASE("references to a part of a page of 2M", "[nested][NEST-VSP-27]") {
  for (const bool scattered : {false, true}) {
    two_tables t(scattered);
    REQUIRE(t.update(large_page) == "SUCCESS");
    for (std::uint64_t i = 0; i < 512; ++i) {
      rmp::entry one = t.real(large + i);
      one.validated = scattered ? i != 7 : i == 0;
      t.put_real(large + i, one);
    }
    CHECK(t.judge(0, 0x20'0000) == l2_reference::allowed);
    CHECK(t.judge(0x5000, 0x20'5000) == l2_reference::allowed);
    CHECK(t.judge(0x5000, 0x20'5fff) == l2_reference::allowed);
    CHECK(t.judge(0x5000, 0x20'6000) == l2_reference::l1_is_told);
    CHECK(t.judge(0x5000, 0x20'5000, false) == l2_reference::l1_is_told);
    CHECK(t.judge(0x7000, 0x20'7000) == (scattered ? l2_reference::raised_in_l2 : l2_reference::allowed));
    if (scattered) t.put_real(large + 5, {});  // L0 has taken it away
    if (scattered) CHECK(t.judge(0x5000, 0x20'5000) == l2_reference::l0_repairs);
  }
}

TEST_CASE("a page that L2 has not validated is L2's business", "[nested][NEST-VSP-27]") {
  two_tables t;
  REQUIRE(t.update(small_page) == "SUCCESS");
  CHECK(t.judge(0, 0x20'0000) == l2_reference::raised_in_l2);
  CHECK(t.judge(0, 0x20'1000) == l2_reference::l1_is_told);
  t.put_real(large, {});
  CHECK(t.judge(0, 0x20'0000) == l2_reference::l0_repairs);
  t.v.trust = nested::vsp_trust::l0;  // L1's table is all there is
  CHECK(t.judge(0, 0x20'0000) == l2_reference::raised_in_l2);
  CHECK(t.judge(0x1000, 0x30'0000, false) == l2_reference::allowed);
}
