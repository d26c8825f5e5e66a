// SPDX-License-Identifier: MIT
// Shadow stacks, and the controls of VMCB 090h that change what nested tables mean: guest mode execute trap, supervisor
// shadow-stack checks, read-only guest page tables, virtual transparent encryption.
#include <support/catch.hpp>
#include <support/formats.hpp>
#include <support/recorder.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

constexpr std::uint64_t gmet = paging::np_control::gmet::mask;
constexpr std::uint64_t sss_check = paging::np_control::sss_check::mask;
constexpr std::uint64_t vte = paging::np_control::vte::mask;
constexpr std::uint64_t rogpt = paging::np_control::rogpt::mask;

constexpr memory_access user_ss_read{.kind = access_kind::shadow_stack_read, .level = user_mode};
constexpr memory_access user_ss_write{.kind = access_kind::shadow_stack_write, .level = user_mode};
constexpr memory_access kernel_ss_read{.kind = access_kind::shadow_stack_read, .level = kernel_mode};
constexpr memory_access kernel_ss_write{.kind = access_kind::shadow_stack_write, .level = kernel_mode};

constexpr std::uint64_t final_code = 0x1'0000'0000;

/// A guest with these bits of VMCB 090h, and this access open to it as far as its own tables go.
auto guest_with(std::uint64_t control, const memory_access& why = user_read) -> guest_machine {
  guest_machine guest;
  guest.state.np_control |= control;
  if (why.is_shadow_stack()) {
    guest.in_guest(1) &= ~writable;
    if (!why.is_user()) guest.in_guest(1) &= ~user;
  }
  return guest;
}

/// ID where the access is a fetch; SS, W and U where they apply to a nested access.
auto bits_of(const memory_access& why, bool user_bit = true) -> std::uint64_t {
  return (why.is_write() ? 2U : 0U) | (user_bit ? 4U : 0U) | (why.is_fetch() ? 0x10U : 0U) |
         (why.is_shadow_stack() ? 0x40U : 0U);
}

}  // namespace

TEST_CASE("PAG-PERM-07: what a shadow-stack access needs of a page", "[paging][PAG-PERM-07]") {
  // All combinations of R/W above, R/W, D and U/S of the leaf, in tables of each format.
  const unsigned levels = GENERATE(2U, 3U, 4U, 5U);
  const unsigned leaf = GENERATE(1U, 2U);
  for (unsigned bits = 0; bits < 16; ++bits) {
    const bool writable_above = (bits & 1) != 0;
    const bool writable_leaf = (bits & 2) != 0;
    const bool dirty_leaf = (bits & 4) != 0;
    const bool user_page = (bits & 8) != 0;
    for (const memory_access& why : {user_ss_read, user_ss_write, kernel_ss_read, kernel_ss_write}) {
      INFO(levels << " levels, leaf " << leaf << ", case " << bits << ", kind " << static_cast<int>(why.kind));
      host_of_format host(levels, leaf);
      const unsigned above = levels == 3 ? 2 : levels;  // a PDPE has no rights
      const bool has_above = above > leaf;
      if (has_above && !writable_above) host.at(above) &= ~writable;
      if (!writable_leaf) host.at(leaf) &= ~writable;
      if (!dirty_leaf) host.at(leaf) &= ~dirty;
      if (!user_page) host.at(leaf) &= ~user;
      const bool allowed = (writable_above || !has_above) && !writable_leaf && dirty_leaf && user_page == why.is_user();
      const std::uint64_t code = 0x41 | (why.is_write() ? 2U : 0U) | (why.is_user() ? 4U : 0U);
      if (allowed) CHECK_FALSE(host.fault_of(why));
      else CHECK(host.fault_of(why) == page_fault(rule::PAG_PERM_07, code, host.where.value));
    }
  }
}

TEST_CASE("PAG-PERM-07: shadow stacks and the other checks", "[paging][PAG-PERM-07][PAG-PERM-05][PAG-PERM-06]") {
  host_machine host;
  host.at(1) &= ~writable;
  // Presence and reserved bits come first, and SS is reported with them.
  host.at(2) &= ~present;
  CHECK(host.fault_of(user_ss_write) == page_fault(rule::PAG_ENT_02, 0x46, host.where.value));
  host.at(2) |= present | bit_at(50);
  CHECK(host.fault_of(user_ss_read) == page_fault(rule::PAG_RSV_02, 0x4d, host.where.value));
  host.at(2) &= ~bit_at(50);
  // NX is nothing to data, and neither SMAP nor CR0.WP counts.
  host.at(1) |= no_execute;
  CHECK_FALSE(host.fault_of(user_ss_write));
  host.regs.cr4 |= cr4_smap;
  CHECK(host.fault_of(kernel_ss_read) == page_fault(rule::PAG_PERM_07, 0x41, host.where.value));
  host.at(1) &= ~user;
  CHECK_FALSE(host.fault_of(kernel_ss_write));
  // Protection keys do.
  host.at(1) |= user;
  host.regs.cr4 |= cr4_pke;
  memory_access keyed = user_ss_write;
  keyed.pkru = 2;
  CHECK(host.fault_of(keyed) == page_fault(rule::PAG_PERM_06, 0x67, host.where.value));
  // WRUSS: a user access at CPL 0.
  const memory_access wruss{.kind = access_kind::shadow_stack_write, .level = kernel_mode, .wruss = true};
  CHECK_FALSE(host.fault_of(wruss));
  host.at(1) &= ~user;
  CHECK(host.fault_of(wruss) == page_fault(rule::PAG_PERM_07, 0x47, host.where.value));
  // Ordinary references see an ordinary read-only page.
  host.at(1) |= user;
  CHECK_FALSE(host.fault_of(user_read));
  CHECK(host.fault_of(user_write) == page_fault(rule::PAG_PERM_02, 0x7, host.where.value));
  // A is set as for every access.
  host.at(1) &= ~accessed;
  CHECK_FALSE(host.fault_of(user_ss_read));
  CHECK((host.at(1) & (accessed | dirty)) == (accessed | dirty));
}

TEST_CASE("PAG-NPT-13: nested tables see a shadow-stack access as a read or write",
          "[paging][PAG-NPT-13][PAG-PERM-07]") {
  for (const memory_access& why : {user_ss_read, user_ss_write, kernel_ss_read, kernel_ss_write}) {
    guest_machine guest = guest_with(0, why);
    CHECK_FALSE(guest.fault_of(why));
    guest.for_data(1) = 0;
    CHECK(guest.fault_of(why) == nested_fault(rule::PAG_ENT_02, final_code | bits_of(why), guest.final_gpa.value));
    guest = guest_with(0, why);
    guest.for_data(1) &= ~writable;
    if (why.is_write())
      CHECK(guest.fault_of(why) == nested_fault(rule::PAG_NPF_02, 0x1'0000'0047, guest.final_gpa.value));
    else CHECK_FALSE(guest.fault_of(why));
  }
}

TEST_CASE("PAG-GMET-01: guest mode execute trap", "[paging][PAG-GMET-01][PAG-GMET-02][PAG-GMET-03]") {
  const auto us_bit = GENERATE(gmet_user_bit::from_cpl, gmet_user_bit::always);
  const auto level = GENERATE(1U, 2U, 4U);  // which nested entry
  for (const std::uint64_t control : {std::uint64_t{0}, gmet}) {
    for (unsigned bits = 0; bits < 4; ++bits) {
      const bool nx = (bits & 1) != 0;
      const bool us = (bits & 2) != 0;
      for (const memory_access& why :
           {user_fetch, kernel_fetch, memory_access{.kind = access_kind::execute, .level = {2}}}) {
        INFO("GMET " << control << ", NX " << nx << ", U/S " << us << ", CPL " << unsigned{why.level.value});
        guest_machine guest = guest_with(control);
        guest.choices.gmet_us_bit = us_bit;
        if (nx) guest.for_data(1) |= no_execute;
        // Level 4 serves the guest's tables too, which need U/S=1 unless GMET is on.
        if (!us && (level < 4 || control != 0)) guest.for_data(level) &= ~user;
        else if (!us) guest.for_data(1) &= ~user;
        const bool user_access = why.is_user();
        const bool denied = nx || (control == 0 ? !us : us && !user_access);
        const bool u = control == 0 || user_access || us_bit == gmet_user_bit::always;
        const auto found = guest.fault_of(why);
        REQUIRE(found.has_value() == denied);
        if (!denied) continue;
        CHECK(found->kind == fault_kind::npf);
        CHECK(found->code == (final_code | 0x11 | (u ? 4U : 0U)));
        const bool by_trap = control != 0 && us && !user_access;
        CHECK(found->decided_by == (by_trap               ? rule::PAG_GMET_01
                                    : control == 0 && !us ? rule::PAG_NPT_13
                                                          : rule::PAG_NPF_02));
      }
    }
  }
}

TEST_CASE("PAG-GMET-02: with GMET U/S restricts neither data nor guest tables", "[paging][PAG-GMET-02]") {
  for (const memory_access& why : {user_read, user_write, kernel_read, kernel_write}) {
    guest_machine guest = guest_with(gmet);
    for (unsigned level = 1; level <= 4; ++level) guest.for_table(level, 1) &= ~user;
    guest.for_data(1) &= ~user;
    CHECK_FALSE(guest.fault_of(why));
    guest.choices.gmet_data_ignores_us = false;
    CHECK(guest.fault_of(why) == nested_fault(rule::PAG_NPT_11, 0x2'0000'0007, guest.gpa_of(4)));
    for (unsigned level = 1; level <= 4; ++level) guest.for_table(level, 1) |= user;
    CHECK(guest.fault_of(why) ==
          nested_fault(rule::PAG_NPT_13, final_code | 1 | bits_of(why, why.is_user()), guest.final_gpa.value));
  }
  // R/W counts all the same.
  guest_machine guest = guest_with(gmet);
  guest.for_data(1) &= ~(user | writable);
  CHECK(guest.fault_of(kernel_write) == nested_fault(rule::PAG_NPF_02, final_code | 3, guest.final_gpa.value));
  CHECK_FALSE(guest.fault_of(kernel_read));
  guest.for_table(2, 1) &= ~writable;
  CHECK(guest.fault_of(kernel_read) == nested_fault(rule::PAG_NPT_11, 0x2'0000'0007, guest.gpa_of(2)));
}

TEST_CASE("PAG-GMET-01: only where the part has it", "[paging][PAG-GMET-01]") {
  guest_machine guest = guest_with(gmet);
  CHECK(guest.fault_of(kernel_fetch).has_value());
  guest.part.gmet = false;
  CHECK_FALSE(guest.fault_of(kernel_fetch));
  // The privilege of the reference asked for, where a gPA alone is walked.
  guest.part.gmet = true;
  context<> ctx;
  const auto machine = paging::make_two_stage_regime(ctx, guest.part, guest.state).value();
  using enum access_kind;
  CHECK(paging::walk_gpa(ctx, guest.memory, machine, guest.final_gpa, execute, false, true).has_value());
  CHECK_FALSE(paging::walk_gpa(ctx, guest.memory, machine, guest.final_gpa, execute, false, false).has_value());
  CHECK(paging::walk_gpa(ctx, guest.memory, machine, guest.final_gpa, read, false, false).has_value());
}

TEST_CASE("PAG-SSS-02, PAG-SSS-03: supervisor shadow-stack pages", "[paging][PAG-SSS-02][PAG-SSS-03][PAG-SSS-04]") {
  const auto plain_access = GENERATE(sss_access::read_ok, sss_access::forbidden);
  // NX, U/S and R/W of the leaf, R/W of each nested entry above: level 4 also serves the guest's tables, so 2 and 3.
  for (unsigned bits = 0; bits < 32; ++bits) {
    const bool nx = (bits & 1) != 0;
    const bool us = (bits & 2) != 0;
    const bool rw = (bits & 4) != 0;
    const bool rw_2 = (bits & 8) != 0;
    const unsigned above = (bits & 16) != 0 ? 3 : 2;
    const bool sss_page = nx && !us && rw_2;
    for (const memory_access& why : {user_read, user_write, user_fetch, kernel_read, kernel_write, kernel_fetch,
                                     user_ss_read, user_ss_write, kernel_ss_read, kernel_ss_write}) {
      INFO("case " << bits << ", kind " << static_cast<int>(why.kind) << ", CPL " << unsigned{why.level.value});
      guest_machine guest = guest_with(sss_check, why);
      guest.choices.sss_plain_access = plain_access;
      // The guest's tables hang from another level-3 entry than its page, so that this changes the page alone.
      guest.final_gpa = {0x1'4234'5cc8};
      guest.in_guest(1) = (guest.in_guest(1) & 0xfff) | 0x1'4234'5000;
      guest.map_nested(guest.final_gpa.value, 1);
      if (nx) guest.for_data(1) |= no_execute;
      if (!us) guest.for_data(1) &= ~user;
      if (!rw) guest.for_data(1) &= ~writable;
      if (!rw_2) guest.for_data(above) &= ~writable;
      const bool supervisor_ss = why.is_shadow_stack() && !why.is_user();
      bool allowed = false;
      if (supervisor_ss) {
        allowed = sss_page;
      } else {
        const bool u =
            us || (sss_page && !why.is_fetch() && !why.is_shadow_stack() && plain_access == sss_access::read_ok);
        allowed = u && !(why.is_write() && !(rw && rw_2)) && !(why.is_fetch() && nx);
      }
      const auto found = guest.fault_of(why);
      REQUIRE(found.has_value() == !allowed);
      if (allowed) continue;
      const std::uint64_t sss = sss_page ? bit_at(37) : 0;
      CHECK(found->kind == fault_kind::npf);
      CHECK(hex(found->code) == hex(final_code | 1 | bits_of(why) | sss));
      CHECK(found->address == guest.final_gpa.value);
      if (supervisor_ss) CHECK(found->decided_by == rule::PAG_SSS_03);
    }
  }
}

TEST_CASE("PAG-SSS-01: where supervisor shadow-stack checks are ignored", "[paging][PAG-SSS-01]") {
  context<> ctx;
  const auto in_force = [&](unsigned nested_levels, auto change) {
    guest_of_format guest({.guest = 4, .nested = nested_levels});
    guest.state.np_control |= sss_check;
    change(guest);
    return paging::make_two_stage_regime(ctx, guest.part, guest.state).value().sss_check;
  };
  for (const unsigned levels : {3U, 4U, 5U}) {
    CHECK(in_force(levels, [](auto&) {}));
    CHECK_FALSE(in_force(levels, [](auto& m) { m.state.host.efer &= ~efer_nxe; }));
    CHECK_FALSE(in_force(levels, [](auto& m) { m.part.sss_check = false; }));
    // The guest's modes have no say.
    CHECK(in_force(levels, [](auto& m) { m.state.guest.efer &= ~efer_nxe; }));
  }
  CHECK_FALSE(in_force(2, [](auto&) {}));
  // Then a supervisor shadow-stack access finds ordinary pages.
  guest_machine guest = guest_with(sss_check, kernel_ss_write);
  CHECK(guest.fault_of(kernel_ss_write) == nested_fault(rule::PAG_SSS_03, 0x1'0000'0047, guest.final_gpa.value));
  guest.state.host.efer &= ~efer_nxe;
  CHECK_FALSE(guest.fault_of(kernel_ss_write));
}

TEST_CASE("PAG-SSS-03: PAE nested tables have supervisor shadow-stack pages, too", "[paging][PAG-SSS-02][PAG-SSS-03]") {
  guest_of_format guest({.guest = 4, .nested = 3});
  guest.state.np_control |= sss_check;
  guest.in_guest(1) &= ~(writable | user);
  guest.for_data(1) = (guest.for_data(1) | no_execute) & ~(user | writable);
  CHECK_FALSE(guest.fault_of(kernel_ss_write));  // the nested PDPE has no R/W and takes no part
  guest.for_data(1) |= user;
  CHECK(guest.fault_of(kernel_ss_write) == nested_fault(rule::PAG_SSS_03, 0x1'0000'0047, guest.final_gpa.value));
}

TEST_CASE("GMET and supervisor shadow-stack checks together", "[paging][PAG-GMET-01][PAG-SSS-03]") {
  guest_machine guest = guest_with(gmet | sss_check);
  guest.for_data(1) = (guest.for_data(1) | no_execute) & ~user;
  // A fetch from the page: GMET lets U/S=0 through, NX does not; bit 37 tells what the page is.
  CHECK(guest.fault_of(kernel_fetch) ==
        nested_fault(rule::PAG_NPF_02, final_code | 0x11 | bit_at(37), guest.final_gpa.value));
  CHECK_FALSE(guest.fault_of(kernel_read));
}

TEST_CASE("PAG-NPT-14: read-only guest page tables", "[paging][PAG-NPT-14][PAG-NPT-11][PAG-NPT-12]") {
  const unsigned guest_levels = GENERATE(2U, 3U, 4U, 5U);
  for (unsigned level = 1; level <= guest_levels; ++level) {
    INFO("level " << level << " of " << guest_levels);
    const auto machine = [&] {
      guest_of_format guest({.guest = guest_levels});
      guest.state.np_control |= rogpt;
      guest.for_table(level, 1) &= ~(writable | dirty);
      return guest;
    };
    auto guest = machine();
    const auto denied = nested_fault(rule::PAG_NPT_11, 0x2'0000'0007, guest.gpa_of(level));
    // Nothing is to be set: a read is enough, and leaves D alone.
    for (const memory_access& why : {user_read, user_write, user_fetch}) CHECK_FALSE(guest.fault_of(why));
    CHECK((guest.for_table(level, 1) & dirty) == 0);
    // Without the control every reference is a write.
    guest.state.np_control &= ~rogpt;
    CHECK(guest.fault_of(user_read) == denied);
    // An A bit is to be set, which a PDPE does not have; for a write, D of the leaf.
    guest = machine();
    guest.in_guest(level) &= ~accessed;
    if (guest_levels == 3 && level == 3) CHECK_FALSE(guest.fault_of(user_read));
    else CHECK(guest.fault_of(user_read) == denied);
    CHECK((guest.in_guest(level) & accessed) == 0);
    if (level == 1) {
      guest = machine();
      guest.in_guest(1) &= ~dirty;
      CHECK_FALSE(guest.fault_of(user_read));
      CHECK(guest.fault_of(user_write) == denied);
      CHECK((guest.in_guest(1) & dirty) == 0);
      // Writable after all: then D is set in both.
      guest.for_table(1, 1) |= writable;
      CHECK_FALSE(guest.fault_of(user_write));
      CHECK((guest.in_guest(1) & dirty) != 0);
      CHECK((guest.for_table(1, 1) & dirty) != 0);
    }
    // A read fails as a read: W is not reported.
    guest = machine();
    guest.for_table(level, 1) = 0;
    CHECK(guest.fault_of(user_write) == nested_fault(rule::PAG_ENT_02, 0x2'0000'0004, guest.gpa_of(level)));
    guest = machine();
    guest.for_table(level, 1) &= ~user;
    CHECK(guest.fault_of(user_write) == nested_fault(rule::PAG_NPT_11, 0x2'0000'0005, guest.gpa_of(level)));
  }
  guest_machine without = guest_with(rogpt);
  without.for_table(2, 1) &= ~writable;
  CHECK_FALSE(without.fault_of(user_read));
  without.part.rogpt = false;
  CHECK(without.fault_of(user_read) == nested_fault(rule::PAG_NPT_11, 0x2'0000'0007, without.gpa_of(2)));
}

TEST_CASE("PAG-KEY-10: virtual transparent encryption", "[paging][PAG-KEY-10][PAG-KEY-14]") {
  // The C-bit of guest leaf and nested leaf, in guests of each format and with paging off.
  for (const unsigned levels : {0U, 2U, 3U, 4U, 5U}) {
    for (const bool guest_c : {false, true}) {
      for (const bool nested_c : {false, true}) {
        for (const memory_access& why : {user_read, user_write, user_fetch}) {
          INFO(levels << " levels, C " << guest_c << nested_c);
          guest_of_format guest({.guest = levels});
          guest.make_sev();
          guest.state.np_control |= vte;
          if (guest_c && levels >= 3) guest.in_guest(1) |= bit_at(51);
          if (nested_c) guest.for_data(1) |= bit_at(51);
          const auto found = guest.run(why);
          REQUIRE(found.has_value());
          CHECK(found->effective_c);
          CHECK(found->key == memory_key::guest({5}));
          CHECK(found->in_guest.where == guest.final_gpa);  // without the C-bit
          CHECK(found->page.where.value == 0x4000'0000 + guest.final_gpa.value);
        }
      }
    }
  }
}

TEST_CASE("PAG-KEY-14: where virtual transparent encryption is honoured", "[paging][PAG-KEY-14]") {
  context<> ctx;
  const auto in_force = [&](std::uint64_t control, std::uint64_t syscfg, bool part_has_it = true) {
    guest_machine guest;
    guest.state.np_control = control;
    guest.state.syscfg = syscfg;
    guest.part.vte = part_has_it;
    return paging::make_two_stage_regime(ctx, guest.part, guest.state).value().vte;
  };
  CHECK(in_force(0x23, encryption_on));
  CHECK_FALSE(in_force(0x21, encryption_on));  // no SEV
  CHECK_FALSE(in_force(0x27, encryption_on));  // SEV-ES
  CHECK(in_force(0x25 | 2, encryption_on) == false);
  CHECK_FALSE(in_force(0x23, 0));  // memory encryption is off
  CHECK_FALSE(in_force(0x23, encryption_on, false));
  CHECK_FALSE(in_force(0x03, encryption_on));
  guest_machine es;
  es.make_sev(true);
  es.state.np_control |= vte;
  CHECK(es.run(user_read)->key == memory_key::none());
}
