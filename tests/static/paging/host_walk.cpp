// SPDX-License-Identifier: MIT
// Whole walks outside guest mode, proved by the compiler.
#include <support/machines.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

/// Counts table reads.
struct counter {
  unsigned reads = 0;
  constexpr void on(const table_read&) { ++reads; }
};

struct answer {
  std::uint64_t where;
  page_size size;
  unsigned reads;
  friend constexpr auto operator==(const answer&, const answer&) -> bool = default;
};

constexpr auto translate(unsigned levels, unsigned leaf, const memory_access& why = user_read) -> answer {
  host_machine host(levels, leaf);
  context<all_rules, counter> ctx;
  const auto found = host.run(ctx, why);
  return {found->page.where.value, found->page.size, ctx.listener.reads};
}

// PAG-MODE-04, PAG-MODE-05, PAG-MODE-07, PAG-CNT-01
static_assert(translate(4, 1) == answer{0x0234'5cc8, page_size::k4k, 4});
static_assert(translate(4, 2) == answer{0x0254'3cc8, page_size::k2m, 3});
static_assert(translate(4, 3) == answer{0xf654'3cc8, page_size::k1g, 2});
static_assert(translate(5, 1) == answer{0x0234'5cc8, page_size::k4k, 5});
static_assert(translate(5, 2) == answer{0x0254'3cc8, page_size::k2m, 4});
static_assert(translate(5, 3) == answer{0xf654'3cc8, page_size::k1g, 3});
static_assert(translate(4, 1, user_write) == answer{0x0234'5cc8, page_size::k4k, 4});
static_assert(translate(4, 1, kernel_fetch) == answer{0x0234'5cc8, page_size::k4k, 4});

/// The fault after a change to the machine.
template <class Change>
constexpr auto fault_after(Change change, const memory_access& why, unsigned leaf = 1) -> std::optional<fault> {
  host_machine host(4, leaf);
  change(host);
  return host.fault_of(why);
}
constexpr auto pf(rule id, std::uint64_t code) { return std::optional{page_fault(id, code, linear_4)}; }

// PAG-CAN-01, PAG-CAN-04
static_assert(fault_after([](host_machine& host) { host.where = {0x0000'8000'0000'0000}; }, user_read) ==
              fault{fault_kind::gp, rule::PAG_CAN_01, 0, 0});
static_assert(fault_after([](host_machine& host) { host.where = {0xffff'7fff'ffff'ffff}; },
                          {.kind = access_kind::write, .through_ss = true}) ==
              fault{fault_kind::ss, rule::PAG_CAN_01, 0, 0});
static_assert(fault_after([](host_machine& host) { host.where = {0x0000'7fff'ffff'fff9}; }, {.bytes = 8}) ==
              fault{fault_kind::gp, rule::PAG_CAN_04, 0, 0});

// PAG-ENT-02, PAG-PF-01
static_assert(fault_after([](host_machine& host) { host.at(4) &= ~present; }, user_read) == pf(rule::PAG_ENT_02, 0x4));
static_assert(fault_after([](host_machine& host) { host.at(3) &= ~present; }, user_write) == pf(rule::PAG_ENT_02, 0x6));
static_assert(fault_after([](host_machine& host) { host.at(2) &= ~present; }, kernel_read) ==
              pf(rule::PAG_ENT_02, 0x0));
static_assert(fault_after([](host_machine& host) { host.at(1) = ~present; }, user_fetch) == pf(rule::PAG_ENT_02, 0x14));

// PAG-ENT-03, PAG-RSV-01, PAG-RSV-02, PAG-RSV-08: reserved bits by level
static_assert(fault_after([](host_machine& host) { host.at(4) |= bit_8; }, user_read) == pf(rule::PAG_ENT_03, 0xd));
static_assert(fault_after([](host_machine& host) { host.at(4) |= large; }, user_read) == pf(rule::PAG_RSV_01, 0xd));
static_assert(fault_after([](host_machine& host) { host.at(3) |= bit_8; }, user_read) == std::nullopt);
static_assert(fault_after([](host_machine& host) { host.at(3) |= bit_at(13); }, user_read, 3) ==
              pf(rule::PAG_RSV_01, 0xd));
static_assert(fault_after([](host_machine& host) { host.at(3) |= bit_at(29); }, user_read, 3) ==
              pf(rule::PAG_RSV_01, 0xd));
static_assert(fault_after([](host_machine& host) { host.at(3) |= bit_at(12); }, user_read, 3) == std::nullopt);
static_assert(fault_after([](host_machine& host) { host.part.gb_pages = false; }, user_read, 3) ==
              pf(rule::PAG_RSV_01, 0xd));
static_assert(fault_after([](host_machine& host) { host.at(2) |= bit_at(13); }, user_write, 2) ==
              pf(rule::PAG_RSV_01, 0xf));
static_assert(fault_after([](host_machine& host) { host.at(2) |= bit_at(20); }, kernel_write, 2) ==
              pf(rule::PAG_RSV_01, 0xb));
static_assert(fault_after([](host_machine& host) { host.at(2) |= bit_at(12); }, user_read, 2) == std::nullopt);
static_assert(fault_after([](host_machine& host) { host.at(1) |= bit_at(48); }, kernel_fetch) ==
              pf(rule::PAG_RSV_02, 0x19));
static_assert(fault_after([](host_machine& host) { host.at(4) |= bit_at(51); }, user_read) ==
              pf(rule::PAG_RSV_02, 0xd));
static_assert(fault_after([](host_machine& host) { host.at(2) |= bit_at(62) | bit_at(52); }, user_read) ==
              std::nullopt);
static_assert(fault_after([](host_machine& host) { host.regs.efer &= ~efer_nxe, host.at(2) |= no_execute; },
                          user_fetch) == pf(rule::PAG_RSV_08, 0xd));  // no ID: NXE=0 and SMEP=0 (PAG-PF-04)

// PAG-PERM-01 to 06
static_assert(fault_after([](host_machine& host) { host.at(3) &= ~user; }, user_read) == pf(rule::PAG_PERM_01, 0x5));
static_assert(fault_after([](host_machine& host) { host.at(3) &= ~writable; }, user_write) ==
              pf(rule::PAG_PERM_02, 0x7));
static_assert(fault_after([](host_machine& host) { host.at(3) &= ~writable; }, kernel_write) ==
              pf(rule::PAG_PERM_02, 0x3));
static_assert(fault_after([](host_machine& host) { host.at(3) &= ~writable, host.regs.cr0 &= ~cr0_wp; },
                          kernel_write) == std::nullopt);
static_assert(fault_after([](host_machine& host) { host.at(4) |= no_execute; }, user_fetch) ==
              pf(rule::PAG_PERM_03, 0x15));
static_assert(fault_after([](host_machine& host) { host.regs.cr4 |= cr4_smep; }, kernel_fetch) ==
              pf(rule::PAG_PERM_04, 0x11));
static_assert(fault_after([](host_machine& host) { host.regs.cr4 |= cr4_smap; }, kernel_write) ==
              pf(rule::PAG_PERM_05, 0x3));
static_assert(fault_after([](host_machine& host) { host.regs.cr4 |= cr4_smap; }, {.alignment_check = true}) ==
              std::nullopt);
static_assert(fault_after([](host_machine& host) { host.regs.cr4 |= cr4_pke, host.leaf() |= bit_at(60); },
                          {.kind = access_kind::write, .level = user_mode, .pkru = 0b10'00'00}) ==
              pf(rule::PAG_PERM_06, 0x27));

// PAG-PRI-03: presence below beats permissions above
static_assert(fault_after([](host_machine& host) { host.at(4) &= ~(user | writable), host.at(1) = 0; }, user_write) ==
              pf(rule::PAG_ENT_02, 0x6));

// PAG-AD-01, PAG-AD-05, PAG-AD-07: accessed and dirty bits, before and after
constexpr std::uint64_t both = accessed | dirty;
constexpr auto marks_after(ad_update policy, const memory_access& why, std::uint64_t leaf_rights) -> unsigned {
  host_machine host;
  host.choices.ad_policy = policy;
  for (unsigned level = 2; level <= 4; ++level) host.at(level) &= ~both;
  host.at(1) = 0x0234'5000 | leaf_rights;
  static_cast<void>(host.run(why));
  unsigned marks = 0;  // one digit per level: 2 = A, 6 = A and D
  for (unsigned level = 4; level >= 1; --level) marks = marks << 4 | static_cast<unsigned>(host.at(level) >> 4 & 6);
  return marks;
}
static_assert(marks_after(ad_update::eager, user_read, all_rights) == 0x2222);
static_assert(marks_after(ad_update::eager, user_write, all_rights) == 0x2226);
static_assert(marks_after(ad_update::deferred, user_fetch, all_rights) == 0x2222);
static_assert(marks_after(ad_update::deferred, user_write, all_rights) == 0x2226);
static_assert(marks_after(ad_update::eager, user_write, present | user) == 0x2220);
static_assert(marks_after(ad_update::deferred, user_write, present | user) == 0x0000);
static_assert(marks_after(ad_update::eager, user_write, 0) == 0x2220);
static_assert(marks_after(ad_update::deferred, user_write, 0) == 0x0000);

// PAG-ENC-02, PAG-KEY-02: a host with memory encryption, C-bits on every other level
static_assert([] {
  host_machine host;
  host.syscfg = encryption_on;
  host.regs.cr3 |= bit_at(51);
  host.at(3) |= bit_at(51);
  host.at(1) |= bit_at(51);
  const auto found = host.run(user_read);
  return found->page.where == spa{0x0234'5cc8} && found->key == memory_key::host() && found->page.c;
}());

// PAG-MODE-01, PAG-CAN-02, PAG-ENC-06: paging off
static_assert([] {
  host_machine host;
  host.regs.cr0 &= ~cr0_pg;
  const auto found = host.run(user_write);
  return found->page.where.value == (linear_4 & 0xffff'ffff) && found->page.size == page_size::unlimited &&
         found->key == memory_key::none();
}());

// Rules left out at compile time
static_assert([] {
  host_machine host;
  host.at(2) &= ~user;
  context<all_rules_but<rule::PAG_PERM_01>> ctx;
  return host.run(ctx, user_read).has_value() && host.fault_of(user_read) == pf(rule::PAG_PERM_01, 0x5);
}());

}  // namespace
