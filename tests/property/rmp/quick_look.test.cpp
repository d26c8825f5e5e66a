// SPDX-License-Identifier: MIT
// The quick look of an access check and the check in order give one answer, whatever bits the table holds: tables that
// cannot come about by instructions included.
#include <array>
#include <cstdint>
#include <random>

#include <support/catch.hpp>

#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/raw_table.hpp>

namespace {

using namespace sevspec;
using memory::ownership_query;
using u64 = std::uint64_t;

/// Somebody who hears every rule: with one, nothing is looked at quickly.
struct listener {
  void on(const rule_evaluated&) {}
};

constexpr u64 pages = 12;  // three regions of four
using table = rmp::raw_table<4>;

struct draw {
  std::mt19937_64 bits;

  auto below(u64 n) -> u64 { return bits() % n; }
  auto one_in(u64 n) -> bool { return below(n) == 0; }

  auto query() -> ownership_query {
    ownership_query q;
    const u64 page = below(pages + 1);
    q.where = {page << 12 | below(0x1000)};
    q.guest = {(page + (one_in(4) ? below(4) : 0)) << 12 | below(0x1000)};
    if (one_in(12)) q.guest.value ^= u64{1} << (12 + below(52));
    q.leaf = static_cast<page_size>(one_in(2) ? 0 : 1 + below(2));
    q.kind = static_cast<access_kind>(below(5));
    q.table = one_in(3);
    q.user = one_in(2);
    q.c = one_in(2);
    q.who = static_cast<memory::owner_context>(one_in(3) ? below(2) : 2);
    q.id = {one_in(8) ? static_cast<std::uint32_t>(u64{1} << below(13)) : 5};
    q.level = {static_cast<std::uint8_t>(one_in(12) ? 4 + below(4) : below(4))};
    q.in_use_write_allowed = one_in(4);
    q.writable_leaf = one_in(2);
    q.vmpl_sss = one_in(4);
    return q;
  }

  /// Nearly what the query asks for.
  auto entry(const ownership_query& q, u64 page) -> rmp::raw_entry {
    if (one_in(16)) return {bits(), bits()};
    if (one_in(3)) {  // the hypervisor's; some are in use, and the first of a region more often than others
      const u64 lock = one_in(page % table::sub_pages == 0 ? 3 : 16) ? u64{1} << 63 : 0;
      return {lock | (one_in(3) ? bits() & 0xff8 : 0), 0};
    }
    rmp::raw_entry made{0x4000'0000'0000'0001 | u64{5} << 51 | (page << 12), bits() | bits()};
    if (q.leaf != page_size::k4k ? !one_in(6) : one_in(6)) made.lo |= 2;
    if (one_in(3)) made.lo |= bits() & 0x2000'0000'0000'0ff8;
    if (one_in(5)) made.lo ^= u64{1} << below(64);
    return made;
  }

  auto choices() -> implementation_choices {
    implementation_choices c;
    c.spurious_rmp_fault = one_in(4);
    c.strict_shared_read = one_in(4);
    c.in_use_denies_guest_reads = one_in(4);
    c.inuse_host_read_via_writable = one_in(2);
    c.erratum_inuse_2m = one_in(4);
    c.ptw_read_check = one_in(2) ? walker_check::every_access : walker_check::updates_only;
    c.rmp_gpt_vmpl_perm = one_in(2) ? table_vmpl::read_write : table_vmpl::as_used;
    c.vmpl_misconfig_code = one_in(2) ? misconfigured_mask::accepted : implementation_choices{}.vmpl_misconfig_code;
    return c;
  }
};

}  // namespace

TEST_CASE("a quick look says nothing else than the check in order",
          "[rmp][property][RMP-CHK-01][RMP-CHK-03][RMP-CHK-08][RMP-ENT-07]") {
  u64 allowed = 0, quick = 0, cases = 0;
  for (u64 seed = 1; cases < 400'000; ++seed) {
    draw next{std::mt19937_64{seed}};
    const ownership_query query = next.query();
    std::array<rmp::raw_entry, pages> rows;
    for (u64 page = 0; page < pages; ++page) rows[page] = next.entry(query, page);
    const table entries{rows};
    context<> alone{.choices = next.choices()};
    context<all_rules, listener> heard{.choices = alone.choices};
    for (unsigned i = 0; i < 4; ++i, ++cases) {
      ownership_query asked = query;
      asked.kind = static_cast<access_kind>((static_cast<unsigned>(query.kind) + i) % 5);
      const auto plain = rmp::check_access(alone, entries, asked);
      const auto ordered = rmp::check_access(heard, entries, asked);
      const bool surely = rmp::surely_allowed(alone, entries, asked);
      quick += surely ? 1 : 0;
      allowed += ordered.what == memory::ownership_verdict::kind::allowed ? 1 : 0;
      if (plain != ordered || (surely && ordered.what != memory::ownership_verdict::kind::allowed)) {
        INFO("seed " << seed << " kind " << static_cast<int>(asked.kind) << " page " << (asked.where.value >> 12));
        REQUIRE(plain == ordered);
        REQUIRE(ordered.what == memory::ownership_verdict::kind::allowed);
      }
    }
  }
  // Both ways, and quickly where it matters.
  CHECK(allowed > cases / 5);
  CHECK(allowed < cases * 4 / 5);
  CHECK(quick > allowed / 2);
}
