// SPDX-License-Identifier: MIT
#include <support/catch.hpp>
#include <support/machines.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

/// Clears or sets bits of one level; every level takes its turn.
template <class Check>
void at_each_level(std::uint64_t cleared, std::uint64_t set, Check check) {
  const unsigned levels = GENERATE(4U, 5U);
  const unsigned leaf = GENERATE(1U, 2U, 3U);
  for (unsigned level = leaf; level <= levels; ++level) {
    INFO("level " << level << " of " << levels << ", leaf " << leaf);
    host_machine host(levels, leaf);
    host.at(level) = (host.at(level) & ~cleared) | set;
    check(host);
  }
}

}  // namespace

TEST_CASE("PAG-PERM-01: a user access needs U/S=1 at every level", "[paging][PAG-PERM-01]") {
  at_each_level(user, 0, [](host_machine& host) {
    CHECK(host.fault_of(user_read) == page_fault(rule::PAG_PERM_01, 0x5, host.where.value));
    CHECK(host.fault_of(user_write) == page_fault(rule::PAG_PERM_01, 0x7, host.where.value));
    CHECK(host.fault_of(user_fetch) == page_fault(rule::PAG_PERM_01, 0x15, host.where.value));
    CHECK_FALSE(host.fault_of(kernel_read));
    CHECK_FALSE(host.fault_of(kernel_write));
    CHECK_FALSE(host.fault_of(kernel_fetch));
    // CPL 1 and 2 are supervisor; so is an implicit access at CPL 3.
    CHECK_FALSE(host.fault_of({.kind = access_kind::read, .level = {1}}));
    CHECK_FALSE(host.fault_of({.kind = access_kind::read, .level = {2}}));
    CHECK_FALSE(host.fault_of({.kind = access_kind::read, .level = user_mode, .implicit_supervisor = true}));
  });
}

TEST_CASE("PAG-PERM-02: a write needs R/W=1 at every level", "[paging][PAG-PERM-02]") {
  at_each_level(writable, 0, [](host_machine& host) {
    CHECK(host.fault_of(user_write) == page_fault(rule::PAG_PERM_02, 0x7, host.where.value));
    CHECK(host.fault_of(kernel_write) == page_fault(rule::PAG_PERM_02, 0x3, host.where.value));
    CHECK_FALSE(host.fault_of(user_read));
    CHECK_FALSE(host.fault_of(user_fetch));
    CHECK_FALSE(host.fault_of(kernel_read));
    // CR0.WP=0 frees supervisor writes, to user pages too, and no user write.
    host.regs.cr0 &= ~cr0_wp;
    CHECK(host.fault_of(user_write) == page_fault(rule::PAG_PERM_02, 0x7, host.where.value));
    CHECK_FALSE(host.fault_of(kernel_write));
    CHECK_FALSE(host.fault_of({.kind = access_kind::write, .level = user_mode, .implicit_supervisor = true}));
  });
}

TEST_CASE("PAG-PERM-03: a fetch needs NX=0 at every level", "[paging][PAG-PERM-03]") {
  at_each_level(0, no_execute, [](host_machine& host) {
    CHECK(host.fault_of(user_fetch) == page_fault(rule::PAG_PERM_03, 0x15, host.where.value));
    CHECK(host.fault_of(kernel_fetch) == page_fault(rule::PAG_PERM_03, 0x11, host.where.value));
    CHECK_FALSE(host.fault_of(user_read));
    CHECK_FALSE(host.fault_of(user_write));
  });
}

TEST_CASE("PAG-PERM-04: SMEP keeps the supervisor from running user pages", "[paging][PAG-PERM-04]") {
  host_machine host;
  CHECK_FALSE(host.fault_of(kernel_fetch));
  host.regs.cr4 |= cr4_smep;
  CHECK(host.fault_of(kernel_fetch) == page_fault(rule::PAG_PERM_04, 0x11, host.where.value));
  CHECK_FALSE(host.fault_of(user_fetch));
  CHECK_FALSE(host.fault_of(kernel_read));
  CHECK_FALSE(host.fault_of(kernel_write));
  // One supervisor entry on the way makes it a supervisor page.
  for (unsigned level = 1; level <= 4; ++level) {
    host_machine supervisor_page;
    supervisor_page.regs.cr4 |= cr4_smep;
    supervisor_page.at(level) &= ~user;
    CHECK_FALSE(supervisor_page.fault_of(kernel_fetch));
  }
}

TEST_CASE("PAG-PERM-05: SMAP keeps the supervisor from user data", "[paging][PAG-PERM-05]") {
  const bool write = GENERATE(false, true);
  const std::uint64_t code = write ? 0x3 : 0x1;
  const auto data = [&](cpl level, bool implicit, bool ac) {
    return memory_access{.kind = write ? access_kind::write : access_kind::read,
                         .level = level,
                         .implicit_supervisor = implicit,
                         .alignment_check = ac};
  };
  host_machine host;
  const auto denied = page_fault(rule::PAG_PERM_05, code, host.where.value);
  for (const cpl level : {cpl{0}, cpl{1}, cpl{2}}) CHECK_FALSE(host.fault_of(data(level, false, false)));
  host.regs.cr4 |= cr4_smap;
  for (const cpl level : {cpl{0}, cpl{1}, cpl{2}}) {
    CHECK(host.fault_of(data(level, false, false)) == denied);
    CHECK_FALSE(host.fault_of(data(level, false, true)));  // RFLAGS.AC lifts it for explicit accesses
    CHECK(host.fault_of(data(level, true, false)) == denied);
    CHECK(host.fault_of(data(level, true, true)) == denied);
  }
  CHECK_FALSE(host.fault_of(data(user_mode, false, false)));
  CHECK(host.fault_of(data(user_mode, true, false)) == denied);
  CHECK(host.fault_of(data(user_mode, true, true)) == denied);
  CHECK_FALSE(host.fault_of(kernel_fetch));
  host.regs.cr0 &= ~cr0_wp;  // does not matter
  CHECK(host.fault_of(data(kernel_mode, false, false)) == denied);
  host.at(2) &= ~user;
  CHECK_FALSE(host.fault_of(data(kernel_mode, false, false)));
}

TEST_CASE("PAG-PERM-06: protection keys", "[paging][PAG-PERM-06]") {
  const unsigned key = GENERATE(0U, 1U, 7U, 15U);
  const unsigned leaf = GENERATE(1U, 2U, 3U);
  const auto with = [&](memory_access why, unsigned rights) {
    why.pkru = rights << (2 * key);
    return why;
  };
  host_machine host(4, leaf);
  host.leaf() |= std::uint64_t{key} << 59;
  host.at(4) |= std::uint64_t{15 - key} << 59;  // keys of table pointers are ignored
  constexpr unsigned access_disable = 1;
  constexpr unsigned write_disable = 2;

  for (const unsigned rights : {1U, 2U, 3U})  // keys are off
    CHECK_FALSE(host.fault_of(with(user_write, rights)));
  host.regs.cr4 |= cr4_pke;
  const auto denied = [&](std::uint64_t code) { return page_fault(rule::PAG_PERM_06, code, host.where.value); };
  CHECK_FALSE(host.fault_of(with(user_write, 0)));
  CHECK(host.fault_of(with(user_read, access_disable)) == denied(0x25));
  CHECK(host.fault_of(with(user_write, access_disable)) == denied(0x27));
  CHECK(host.fault_of(with(kernel_read, access_disable)) == denied(0x21));
  CHECK(host.fault_of(with(kernel_write, access_disable)) == denied(0x23));
  CHECK_FALSE(host.fault_of(with(user_read, write_disable)));
  CHECK(host.fault_of(with(user_write, write_disable)) == denied(0x27));
  CHECK_FALSE(host.fault_of(with(kernel_read, write_disable)));
  CHECK(host.fault_of(with(kernel_write, write_disable)) == denied(0x23));
  CHECK_FALSE(host.fault_of(with(user_fetch, 3)));
  CHECK_FALSE(host.fault_of(with(kernel_fetch, 3)));

  // Other keys' rights do not matter.
  memory_access others = user_write;
  others.pkru = ~(3U << (2 * key));
  CHECK_FALSE(host.fault_of(others));

  host.regs.cr0 &= ~cr0_wp;  // lets supervisor writes ignore WD, not AD
  CHECK_FALSE(host.fault_of(with(kernel_write, write_disable)));
  CHECK(host.fault_of(with(kernel_write, access_disable)) == denied(0x23));
  CHECK(host.fault_of(with(user_write, write_disable)) == denied(0x27));

  // A supervisor page, by its leaf or above, has no key.
  host.regs.cr0 |= cr0_wp;
  host.leaf() &= ~user;
  CHECK_FALSE(host.fault_of(with(kernel_write, 3)));
  host.leaf() |= user;
  host.at(4) &= ~user;
  CHECK_FALSE(host.fault_of(with(kernel_write, 3)));
}

TEST_CASE("PAG-PERM-08: rights combine over all levels", "[paging][PAG-PERM-08]") {
  // Every assignment of R/W, U/S and NX to the four levels.
  for (unsigned assignment = 0; assignment < 4096; ++assignment) {
    host_machine host;
    bool all_writable = true;
    bool all_user = true;
    bool any_nx = false;
    for (unsigned level = 1; level <= 4; ++level) {
      const unsigned flags = assignment >> (3 * (level - 1)) & 7;
      host.at(level) = (host.at(level) & ~(writable | user)) | (flags & 1 ? writable : 0) | (flags & 2 ? user : 0) |
                       (flags & 4 ? no_execute : 0);
      all_writable = all_writable && (flags & 1);
      all_user = all_user && (flags & 2);
      any_nx = any_nx || (flags & 4);
    }
    const auto found = host.run(kernel_read);
    REQUIRE(found.has_value());
    REQUIRE(found->page.rights ==
            paging::page_rights{.writable = all_writable, .user = all_user, .no_execute = any_nx});
    REQUIRE(host.run(user_read).has_value() == all_user);
    REQUIRE(host.run(kernel_write).has_value() == all_writable);
    REQUIRE(host.run(kernel_fetch).has_value() == !any_nx);
  }
}

TEST_CASE("PAG-PERM-09: there is no CR4.PKS", "[paging][PAG-PERM-09]") {
  context<> ctx;
  auto regs = paging::long_mode_registers(0x10000);
  CHECK(paging::make_host_regime(ctx, test_part, regs).has_value());
  regs.cr4 |= bit_at(24);
  const auto refused = paging::make_host_regime(ctx, test_part, regs);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().what == paging::register_error::kind::reserved);
  CHECK(refused.error().decided_by == rule::PAG_PERM_09);
  CHECK(refused.error().value == regs.cr4);
}

TEST_CASE("guest permissions are the guest's own affair", "[paging][PAG-NPF-03]") {
  // The same page, closed by the guest's tables: the guest's registers decide, and the fault is the guest's #PF.
  guest_machine guest;
  guest.in_guest(3) &= ~writable;
  CHECK(guest.fault_of(kernel_write) == page_fault(rule::PAG_PERM_02, 0x3, guest.where.value));
  guest.state.host.cr0 &= ~cr0_wp;
  CHECK(guest.fault_of(kernel_write) == page_fault(rule::PAG_PERM_02, 0x3, guest.where.value));
  guest.state.guest.cr0 &= ~cr0_wp;
  CHECK_FALSE(guest.fault_of(kernel_write));
  guest.state.guest.cr4 |= cr4_smep | cr4_smap;
  CHECK(guest.fault_of(kernel_fetch) == page_fault(rule::PAG_PERM_04, 0x11, guest.where.value));
  CHECK(guest.fault_of(kernel_read) == page_fault(rule::PAG_PERM_05, 0x1, guest.where.value));
}
