// SPDX-License-Identifier: MIT
// Entries that another processor is modifying, and what the last two bits of the picture depend on: use and counts.
#include <set>

#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <support/catch.hpp>
#include <support/rmp_pages.hpp>

using namespace sevspec;
using namespace sevspec::test;
using enum memory::ownership_verdict::kind;

namespace {

struct shared_table : rmp::small_table<8, 4> {
  std::set<std::uint64_t> others_have;
  [[nodiscard]] auto busy(rmp::spfn page) const -> bool { return others_have.contains(page.value); }
};

auto large_page() -> rmp::entry {
  rmp::entry page = guest_page(0x8000);
  page.large = true;
  return page;
}

}  // namespace

TEST_CASE("RMP-INS-12: an instruction wants all entries that it changes", "[rmp][RMP-INS-12][RMP-SMH-06]") {
  for (std::uint64_t busy = 0; busy < 8; ++busy) {
    INFO("page " << busy);
    context<> ctx;
    shared_table table;
    rmp::put_large(table, {0}, large_page());
    table.others_have = {busy};
    const shared_table before = table;
    const bool inside = busy < 4;
    const auto back = rmp::rmpupdate(ctx, table, {}, {}, {0}, {.large = true}).value();
    CHECK(back.eax == (inside ? rmp::status::fail_inuse : rmp::status::success));
    table.entries = before.entries;
    CHECK(rmp::psmash(ctx, table, {}, {}, {0})->eax == (inside ? rmp::status::fail_inuse : rmp::status::success));
    if (inside) CHECK(table.entries == before.entries);
    // An update of 4K wants its own entry, and the region's first, which may be a large one and counts.
    shared_table small;
    small.others_have = {busy};
    const auto one = rmp::rmpupdate(ctx, small, {}, {}, {0x2000}, {.assigned = true, .id = {5}}).value();
    CHECK(one.eax == (busy == 0 || busy == 2 ? rmp::status::fail_inuse : rmp::status::success));
  }
}

TEST_CASE("RMP-CHK-16: a check is disturbed by the entries that it needs", "[rmp][RMP-CHK-16]") {
  context<> ctx;
  ctx.choices.spurious_rmp_fault = true;
  for (std::uint64_t busy = 0; busy < 8; ++busy) {
    INFO("page " << busy);
    shared_table table;
    table.others_have = {busy};
    const auto host = [&](page_size leaf) {
      return rmp::check_access(ctx, table, {.where = {0x1000}, .leaf = leaf, .kind = access_kind::write}).what;
    };
    CHECK(host(page_size::k4k) == (busy == 1 ? violation : allowed));
    CHECK(host(page_size::k2m) == (busy < 4 ? violation : allowed));
    rmp::put_large(table, {0}, large_page());
    const auto guest = rmp::check_access(ctx, table,
                                         {.where = {0x1000},
                                          .guest = {0x9000},
                                          .leaf = page_size::k2m,
                                          .c = true,
                                          .who = memory::owner_context::snp_guest,
                                          .id = {5}});
    CHECK(guest.what == (busy < 2 ? violation : allowed));  // the large page's entry, or the page's own
  }
}

TEST_CASE("RMP-CHK-15: who may write a page in use may read it", "[rmp][RMP-CHK-15]") {
  context<> ctx;
  ctx.choices.inuse_host_read_via_writable = false;
  shared_table table;
  table.entries[1].in_use = true;
  for (const bool may_write : {false, true}) {
    for (const access_kind kind : {access_kind::read, access_kind::write}) {
      const auto found =
          rmp::check_access(ctx, table, {.where = {0x1000}, .kind = kind, .in_use_write_allowed = may_write});
      CHECK(found.what == (may_write ? allowed : violation));
    }
  }
}

TEST_CASE("RMP-ENT-01: a count does not fall on the gPA beside it", "[rmp][RMP-ENT-01][RMP-ENT-03]") {
  const rmp::raw_entry made = rmp::encode({.assigned = true, .sub_page_count = 0xffff, .guest = {0x7000}});
  CHECK(made.lo == (0x7000 | 0xff8 | 1));
}
