// SPDX-License-Identifier: MIT
// The ownership check over every page state, requester and access, against the published table and algorithm.
#include <array>
#include <string>

#include <support/catch.hpp>
#include <support/machines.hpp>
#include <support/rmp_pages.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using memory::owner_context;
using memory::ownership_query;
using verdict = memory::ownership_verdict::kind;

constexpr std::uint64_t page_at = 0x4280'0000;
constexpr std::uint64_t seen_at = 0x0280'0000;

/// What one page of the table is, and what each requester gets for a write.
struct page_state {
  const char* name;
  bool covered;
  rmp::entry entry;
  verdict host;
  verdict shared;  ///< a guest that is not SNP-active, or a write with C=0
  verdict owner;   ///< the owner, with C=1, at a VMPL with R and W
  verdict other;   ///< another guest, with C=1
};

/// A page that differs from another in one flag.
constexpr auto with(rmp::entry page, bool rmp::entry::* flag, bool value = true) -> rmp::entry {
  page.*flag = value;
  return page;
}

constexpr rmp::entry guest_valid = guest_page(seen_at);
constexpr rmp::entry guest_invalid = with(guest_valid, &rmp::entry::validated, false);
constexpr rmp::entry pre_guest = with(guest_invalid, &rmp::entry::immutable);
constexpr rmp::entry pre_swap = with(guest_valid, &rmp::entry::immutable);
constexpr rmp::entry vmsa = with(guest_valid, &rmp::entry::vmsa);
constexpr rmp::entry running_vmsa = with(vmsa, &rmp::entry::in_use);
constexpr rmp::entry firmware{.assigned = true, .immutable = true};
constexpr rmp::entry metadata{.assigned = true, .immutable = true, .guest = {seen_at}};

using enum memory::ownership_verdict::kind;
constexpr std::array states{
    page_state{"Default", false, {}, allowed, allowed, violation, violation},
    page_state{"Hypervisor", true, {}, allowed, allowed, violation, violation},
    page_state{"HV-Fixed", true, {.immutable = true}, allowed, allowed, violation, violation},
    page_state{"Firmware", true, firmware, violation, violation, violation, violation},
    page_state{"Metadata", true, metadata, violation, violation, violation, violation},
    page_state{"Pre-Guest", true, pre_guest, violation, violation, violation, violation},
    page_state{"Pre-Swap", true, pre_swap, violation, violation, violation, violation},
    page_state{"Guest-Invalid", true, guest_invalid, violation, violation, not_validated, violation},
    page_state{"Guest-Valid", true, guest_valid, violation, violation, allowed, violation},
    page_state{"VMSA", true, vmsa, violation, violation, allowed, violation},
    page_state{"VMSA of a running vCPU", true, running_vmsa, violation, violation, violation, violation},
};

/// The algorithm, step by step, for a page in a region without other entries.
auto expected(const rmp::entry& e, bool covered, const ownership_query& q, const implementation_choices& choices)
    -> verdict {
  const bool write = q.kind == access_kind::write || q.kind == access_kind::shadow_stack_write;
  const bool private_access = q.who == owner_context::snp_guest && (q.table || q.c || q.kind == access_kind::execute);
  if (!private_access) {
    const bool needs = write || (q.table && choices.ptw_read_check == walker_check::every_access);
    if (!needs || !covered) return allowed;
    return e.assigned || e.in_use ? violation : allowed;
  }
  if (!covered || !e.assigned || e.id != q.id || e.immutable || e.in_use) return violation;
  const bool reverse_map =
      e.large ? (e.guest.value ^ q.guest.value) < 0x20'0000 && ((q.where.value ^ q.guest.value) & 0x1f'f000) == 0
              : (e.guest.value ^ q.guest.value) < 0x1000;
  if (!reverse_map) return violation;
  if ((q.leaf == page_size::k4k) == e.large) return violation;
  if (!e.validated) return not_validated;
  const unsigned perms = e.allowed[q.level.value].raw;
  unsigned needed = 0;
  if (q.table) needed = choices.rmp_gpt_vmpl_perm == table_vmpl::read_write ? 3 : write ? 2 : 1;
  else if (is_shadow_stack(q.kind) && q.vmpl_sss && !q.user) needed = 16;
  else if (q.kind == access_kind::execute) needed = q.user ? 4 : 8;
  else needed = write ? 2 : 1;
  return (perms & needed) == needed ? allowed : vmpl_denied;
}

}  // namespace

TEST_CASE("who may write what", "[rmp][RMP-CHK-01][RMP-CHK-02][RMP-CHK-15][PAG-RMPS-03]") {
  context<> ctx;
  for (const page_state& state : states) {
    rmp_pages owners;
    if (state.covered) owners.put(page_at, state.entry);
    ownership_query query{.where = {page_at}, .guest = {seen_at}, .id = {5}};
    const auto ask = [&](owner_context who, access_kind kind, bool c, asid id, std::uint8_t level = 0) {
      query.who = who;
      query.kind = kind;
      query.c = c;
      query.id = id;
      query.level = {level};
      return rmp::check_access(ctx, owners, query).what;
    };
    using enum owner_context;
    using enum access_kind;
    INFO(state.name);
    for (const bool user_access : {false, true}) {
      query.user = user_access;
      CHECK(ask(host, write, false, {0}) == state.host);
      CHECK(ask(guest, write, false, {3}) == state.shared);
      CHECK(ask(guest, write, true, {5}) == state.shared);
      CHECK(ask(snp_guest, write, false, {5}) == state.shared);
      CHECK(ask(snp_guest, write, true, {5}) == state.owner);
      CHECK(ask(snp_guest, write, true, {6}) == state.other);
      // A VMPL without permissions; and reads, which nobody checks unless they are private.
      CHECK(ask(snp_guest, write, true, {5}, 1) == (state.owner == allowed ? vmpl_denied : state.owner));
      for (const access_kind kind : {read, execute}) {
        CHECK(ask(host, kind, false, {0}) == allowed);
        CHECK(ask(guest, kind, false, {3}) == allowed);
        CHECK(ask(snp_guest, kind, true, {5}) == state.owner);
        CHECK(ask(snp_guest, kind, true, {6}) == state.other);
      }
      CHECK(ask(snp_guest, read, false, {5}) == allowed);
    }
  }
}

TEST_CASE("the check agrees with the algorithm everywhere", "[rmp][RMP-CHK-01][RMP-CHK-03][RMP-CHK-05][RMP-VPL-02]") {
  unsigned long cases = 0;
  unsigned long wrong = 0;
  std::array<unsigned long, 4> verdicts{};
  const auto both_ways = {false, true};
  for (unsigned bits = 0; bits < 64; ++bits) {
    for (const std::uint32_t owner : {0U, 5U, 6U}) {
      for (const std::uint64_t moved : {0x0U, 0x1000U, 0x20'0000U}) {
        for (const unsigned mask : {0U, 1U, 2U, 3U, 4U, 8U, 16U, 31U}) {
          const bool covered = (bits & 1) != 0;
          rmp::entry page{.assigned = (bits & 2) != 0,
                          .large = (bits & 4) != 0,
                          .immutable = (bits & 8) != 0,
                          .validated = (bits & 16) != 0,
                          .in_use = (bits & 32) != 0,
                          .id = {owner},
                          .guest = {seen_at + moved}};
          page.allowed[1].raw = static_cast<std::uint8_t>(mask);
          rmp_pages owners;
          if (covered) owners.put(page_at, page);
          for (const auto who : {owner_context::host, owner_context::guest, owner_context::snp_guest})
            for (const auto kind : {access_kind::read, access_kind::write, access_kind::execute,
                                    access_kind::shadow_stack_read, access_kind::shadow_stack_write})
              for (const bool table : both_ways) {
                if (table && kind != access_kind::read && kind != access_kind::write) continue;
                for (unsigned rest = 0; rest < 32; ++rest) {
                  const bool strict = (rest & 1) != 0;
                  const ownership_query query{.where = {page_at},
                                              .guest = {seen_at},
                                              .leaf = (rest & 2) != 0 ? page_size::k2m : page_size::k4k,
                                              .kind = kind,
                                              .table = table,
                                              .user = (rest & 4) != 0,
                                              .c = (rest & 8) != 0,
                                              .who = who,
                                              .id = {5},
                                              .level = {1},
                                              .vmpl_sss = (rest & 16) != 0};
                  context<> ctx{
                      .choices = {.ptw_read_check = strict ? walker_check::every_access : walker_check::updates_only,
                                  .rmp_gpt_vmpl_perm = strict ? table_vmpl::read_write : table_vmpl::as_used}};
                  const verdict found = rmp::check_access(ctx, owners, query).what;
                  if (found != expected(page, covered, query, ctx.choices)) ++wrong;
                  ++verdicts[static_cast<unsigned>(found)];
                  ++cases;
                }
              }
        }
      }
    }
  }
  CHECK(wrong == 0);
  CHECK(cases == 64UL * 3 * 3 * 8 * 3 * 7 * 32);
  for (const unsigned long count : verdicts) CHECK(count > 0);
}
