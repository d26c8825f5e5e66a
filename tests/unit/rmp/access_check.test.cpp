// SPDX-License-Identifier: MIT
#include <support/catch.hpp>
#include <support/machines.hpp>
#include <support/recorder.hpp>
#include <support/rmp_pages.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using memory::owner_context;
using memory::ownership_query;
using memory::ownership_verdict;
using enum memory::ownership_verdict::kind;

constexpr std::uint64_t page_at = 0x4280'0000;
constexpr gpa seen_at{0x0280'0000};

auto check(const rmp_pages& owners, const ownership_query& query, implementation_choices choices = {})
    -> ownership_verdict {
  context<> ctx{.choices = choices};
  return rmp::check_access(ctx, owners, query);
}
auto owned_by(const rmp::entry& page) -> rmp_pages {
  rmp_pages owners;
  owners.put(page_at, page);
  return owners;
}
auto guest_query(access_kind kind, bool c = true) -> ownership_query {
  return {.where = {page_at}, .guest = seen_at, .kind = kind, .c = c, .who = owner_context::snp_guest, .id = {5}};
}
auto host_query(access_kind kind, page_size leaf = page_size::k4k) -> ownership_query {
  return {.where = {page_at}, .leaf = leaf, .kind = kind};
}

}  // namespace

TEST_CASE("RMP-CHK-04: whose page it is, one event for all reasons", "[rmp][RMP-CHK-04][RMP-CHK-01]") {
  const ownership_verdict denied{violation, rule::RMP_CHK_01, false};
  const ownership_query read = guest_query(access_kind::read);
  CHECK(check(owned_by(guest_page(seen_at.value)), read) == ownership_verdict{});
  CHECK(check({}, read) == denied);  // not covered
  for (unsigned wrong = 1; wrong < 16; ++wrong) {
    rmp::entry page = guest_page(seen_at.value);
    if ((wrong & 1) != 0) page.assigned = false;
    if ((wrong & 2) != 0) page.id = {6};
    if ((wrong & 4) != 0) page.guest.value ^= 0x1000;
    if ((wrong & 8) != 0) page.immutable = true;
    CHECK(check(owned_by(page), read) == denied);
    page.validated = false;  // hidden by it, as are VMPLs
    page.allowed = {};
    CHECK(check(owned_by(page), read) == denied);
  }
  CHECK(check(owned_by(guest_page(seen_at.value, 0)), read) == denied);  // the AMD-SP's
}

TEST_CASE("PAG-RMPS-02: fetches and tables of an SNP-active guest are private, whatever C says",
          "[rmp][PAG-RMPS-02][RMP-CHK-02]") {
  for (const access_kind kind : {access_kind::read, access_kind::write, access_kind::execute}) {
    for (const bool table : {false, true}) {
      if (table && kind == access_kind::execute) continue;
      INFO("kind " << static_cast<int>(kind) << (table ? ", table" : ""));
      ownership_query query = guest_query(kind, false);
      query.table = table;
      const bool is_private = table || kind == access_kind::execute;
      CHECK(check({}, query).what == (is_private ? violation : allowed));
      const ownership_verdict own = check(owned_by(guest_page(seen_at.value)), query);
      CHECK(own.what == (is_private || kind == access_kind::read ? allowed : violation));
    }
  }
}

TEST_CASE("RMP-CHK-01: the reverse map of small and large pages", "[rmp][RMP-CHK-01][RMP-CHK-10]") {
  for (unsigned n = 0; n < 52; ++n) {
    INFO("bit " << n);
    rmp::entry page = guest_page(seen_at.value);
    ownership_query query = guest_query(access_kind::write);
    query.guest.value ^= bit_at(n);
    CHECK((check(owned_by(page), query).what == allowed) == (n < 12));
    page.large = true;
    query.leaf = page_size::k2m;
    CHECK((check(owned_by(page), query).what == allowed) == (n < 12));  // bits 20:12 against the sPA
    query.where.value ^= bit_at(n);                                     // both move inside the large page
    if (n < 21) CHECK(check(owned_by(page), query).what == allowed);
  }
}

TEST_CASE("RMP-CHK-10: sizes of nested leaf and RMP entry", "[rmp][RMP-CHK-10]") {
  for (const page_size leaf : {page_size::k4k, page_size::k2m, page_size::k4m, page_size::k1g}) {
    for (const bool large_entry : {false, true}) {
      for (const bool validated : {false, true}) {
        rmp::entry page = guest_page(seen_at.value);
        page.large = large_entry;
        page.validated = validated;
        ownership_query query = guest_query(access_kind::read);
        query.leaf = leaf;
        const bool fits = (leaf == page_size::k4k) == !large_entry;
        const ownership_verdict expected = !fits       ? ownership_verdict{violation, rule::RMP_CHK_10, false}
                                           : validated ? ownership_verdict{}
                                                       : ownership_verdict{not_validated, rule::PAG_RMPS_08, false};
        CHECK(check(owned_by(page), query) == expected);
      }
    }
  }
}

TEST_CASE("RMP-VPL-01: what a VMPL may do", "[rmp][RMP-VPL-01][RMP-FLT-05][PAG-RMPS-06]") {
  for (unsigned mask = 0; mask < 32; ++mask) {
    for (unsigned level = 0; level < 4; ++level) {
      for (const bool user_access : {false, true}) {
        for (const bool vmpl_sss : {false, true}) {
          for (const access_kind kind : {access_kind::read, access_kind::write, access_kind::execute,
                                         access_kind::shadow_stack_read, access_kind::shadow_stack_write}) {
            INFO("mask " << mask << ", VMPL " << level << ", user " << user_access << ", kind "
                         << static_cast<int>(kind));
            rmp::entry page = guest_page(seen_at.value);
            page.allowed.fill({static_cast<std::uint8_t>(~mask & 31)});  // the others' masks do not count
            page.allowed[level].raw = static_cast<std::uint8_t>(mask);
            ownership_query query = guest_query(kind);
            query.level = {static_cast<std::uint8_t>(level)};
            query.user = user_access;
            query.vmpl_sss = vmpl_sss;
            unsigned needed = 1;
            if (kind == access_kind::write || kind == access_kind::shadow_stack_write) needed = 2;
            if (kind == access_kind::execute) needed = user_access ? 4 : 8;
            if (is_shadow_stack(kind) && vmpl_sss && !user_access) needed = 16;
            const bool sss = vmpl_sss && (mask & 16) != 0;
            CHECK(check(owned_by(page), query) ==
                  ((mask & needed) != 0 ? ownership_verdict{} : ownership_verdict{vmpl_denied, rule::RMP_VPL_01, sss}));
          }
        }
      }
    }
  }
  // VMPLs that do not exist may do nothing.
  ownership_query query = guest_query(access_kind::read);
  query.level = {4};
  CHECK(check(owned_by(guest_page(seen_at.value)), query).what == vmpl_denied);
}

TEST_CASE("RMP-CHK-08: a large leaf needs all of its region", "[rmp][RMP-CHK-08]") {
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  for (const std::uint64_t other : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{511}}) {
    rmp_pages owners;
    owners.put(page_at + other * 0x1000, guest_page(0x1000));
    for (const std::uint64_t asked : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{511}}) {
      ownership_query query = host_query(access_kind::write);
      query.where.value = page_at + asked * 0x1000 + 0x7f8;
      CHECK((rmp::check_access(ctx, owners, query).what == violation) == (asked == other));
      query.leaf = page_size::k2m;
      CHECK(rmp::check_access(ctx, owners, query).what == violation);
      query.leaf = page_size::k1g;
      CHECK(rmp::check_access(ctx, owners, query).what == violation);
      query.kind = access_kind::read;
      CHECK(rmp::check_access(ctx, owners, query).what == allowed);
    }
  }
  CHECK(heard.fired.contains(rule::RMP_CHK_08));
  CHECK(heard.passed.contains(rule::RMP_CHK_08));
  // The region beside it does not count.
  rmp_pages beside;
  beside.put(page_at + 0x20'0000, guest_page(0x1000));
  beside.put(page_at - 0x1000, guest_page(0x1000));
  CHECK(check(beside, host_query(access_kind::write, page_size::k1g)).what == allowed);
  // A large page of a guest is private all over.
  rmp_pages big;
  rmp::entry page = guest_page(seen_at.value);
  page.large = true;
  big.put(page_at, page);
  ownership_query inside = host_query(access_kind::write);
  inside.where.value += 0x12'3000;
  CHECK(check(big, inside).what == violation);
}

TEST_CASE("RMP-CHK-05, RMP-CHK-06: references of the walker", "[rmp][RMP-CHK-05][RMP-CHK-06]") {
  rmp_pages sibling;
  sibling.put(page_at + 0x5000, guest_page(0x1000));
  for (const owner_context who : {owner_context::host, owner_context::guest}) {
    for (const page_size leaf : {page_size::k4k, page_size::k2m}) {
      ownership_query query = host_query(access_kind::read, leaf);
      query.who = who;
      query.table = true;
      const implementation_choices updates{.ptw_read_check = walker_check::updates_only};
      CHECK((check(sibling, query).what == violation) == (leaf == page_size::k2m));
      CHECK(check(sibling, query, updates).what == allowed);
      query.kind = access_kind::write;  // an A/D update: 4K whatever the leaf
      CHECK(check(sibling, query).what == allowed);
      CHECK(check(owned_by(guest_page(0x1000)), query).what == violation);
      CHECK(check(owned_by(guest_page(0x1000)), query, updates).what == violation);
    }
  }
}

TEST_CASE("RMP-CHK-15: pages that VMRUN holds", "[rmp][RMP-CHK-15]") {
  // A running vCPU's VMSA page: neither its guest nor the host.
  rmp::entry vmsa = guest_page(seen_at.value);
  vmsa.vmsa = true;
  CHECK(check(owned_by(vmsa), guest_query(access_kind::write)).what == allowed);
  vmsa.in_use = true;
  for (const access_kind kind : {access_kind::read, access_kind::write, access_kind::execute})
    CHECK(check(owned_by(vmsa), guest_query(kind)) == ownership_verdict{violation, rule::RMP_CHK_15, false});
  CHECK(check(owned_by(vmsa), host_query(access_kind::write)).what == violation);
  CHECK(check(owned_by(vmsa), host_query(access_kind::read)).what == allowed);
  // A page of the hypervisor's that VMRUN holds.
  rmp::entry held{.in_use = true};
  CHECK(check(owned_by(held), host_query(access_kind::write)).what == violation);
  CHECK(check(owned_by(held), host_query(access_kind::read)).what == allowed);
  CHECK(check(owned_by(held), guest_query(access_kind::write, false)).what == violation);
  CHECK(check(owned_by(held), guest_query(access_kind::read, false)).what == allowed);
}
