// SPDX-License-Identifier: MIT
// Where walks ask whose page it is, and what they raise. The check itself: unit/rmp/access_check.test.cpp.
#include <support/catch.hpp>
#include <support/owned_machines.hpp>
#include <support/recorder.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

/// VMPL 1 of an SNP-active guest, which may do what `mask` says with its page.
auto at_vmpl1(std::uint8_t mask, two_formats form = {.guest = 4}) -> owned_guest {
  owned_guest guest(form);
  guest.state.level = {1};
  for (unsigned level = 1; form.nested_leaf == 1 && level <= 4; ++level) guest.table(level).allowed[1].raw = 3;
  if (form.nested_leaf > 1) guest.owners[0x4000'0000].allowed[1].raw = 3;
  guest.page().allowed[1].raw = mask;
  return guest;
}

constexpr rmp::entry firmware_page{.assigned = true, .immutable = true};

}  // namespace

TEST_CASE("the published rows of access checks: an SNP-active guest at VMPL 1, CPL 0",
          "[paging][RMP-CHK-01][RMP-CHK-02][RMP-CHK-10][RMP-VPL-01][PAG-RMPS-02][PAG-RMPS-05][PAG-RMPS-06]") {
  const auto npf = [](rule why, std::uint64_t code) { return nested_fault(why, code, 0x0280'0cc8); };

  CHECK_FALSE(at_vmpl1(3).fault_of(kernel_write));
  CHECK(at_vmpl1(1).fault_of(kernel_write) == npf(rule::RMP_VPL_01, 0x15'8000'0007));
  CHECK(at_vmpl1(3).fault_of(kernel_fetch) == npf(rule::RMP_VPL_01, 0x15'8000'0015));

  auto guest = at_vmpl1(3);
  guest.page().validated = false;
  const fault not_validated{fault_kind::vc, rule::PAG_RMPS_08, 0x404, guest.where.value};
  CHECK(guest.fault_of(kernel_read) == not_validated);
  guest.page().allowed[1].raw = 0;
  CHECK(guest.fault_of(kernel_read) == not_validated);
  guest.page().guest = {0x0290'0000};
  CHECK(guest.fault_of(kernel_read) == npf(rule::RMP_CHK_01, 0x5'8000'0005));

  guest = at_vmpl1(3);
  guest.page().id = {6};
  CHECK(guest.fault_of(kernel_write) == npf(rule::RMP_CHK_01, 0x5'8000'0007));

  // Sizes.
  auto large_leaf = at_vmpl1(3, {.guest = 4, .nested_leaf = 2});
  const std::uint64_t byte = large_leaf.final_gpa.value;
  CHECK_FALSE(large_leaf.fault_of(kernel_write));
  large_leaf.page().large = false;
  CHECK(large_leaf.fault_of(kernel_write) == nested_fault(rule::RMP_CHK_10, 0x5'8000'0007, byte));
  auto huge_leaf = at_vmpl1(3, {.guest = 4, .nested_leaf = 3});
  CHECK_FALSE(huge_leaf.fault_of(kernel_write));
  huge_leaf.page().large = false;
  CHECK(huge_leaf.fault_of(kernel_read) == nested_fault(rule::RMP_CHK_10, 0x5'8000'0005, byte));
  guest = at_vmpl1(3);
  guest.page().large = true;
  CHECK(guest.fault_of(kernel_read) == npf(rule::RMP_CHK_10, 0x5'8000'0005));

  // Pre-Swap
  guest = at_vmpl1(3);
  guest.page().immutable = true;
  CHECK(guest.fault_of(kernel_read) == npf(rule::RMP_CHK_01, 0x5'8000'0005));

  // Hypervisor
  guest = at_vmpl1(3);
  guest.page() = {};
  CHECK(guest.fault_of(kernel_read) == npf(rule::RMP_CHK_01, 0x5'8000'0005));
  guest.share();
  CHECK_FALSE(guest.fault_of(kernel_read));
  CHECK_FALSE(guest.fault_of(kernel_write));

  // Guest-Valid, shared references
  for (const std::uint32_t owner : {5U, 6U}) {
    guest = at_vmpl1(3);
    guest.page().id = {owner};
    guest.share();
    CHECK_FALSE(guest.fault_of(kernel_read));
    CHECK(guest.fault_of(kernel_write) == npf(rule::RMP_CHK_01, 0x1'8000'0007));
  }

  // Default: not covered
  guest = at_vmpl1(3);
  owned_guest uncovered = guest;
  uncovered.owners = {};
  for (unsigned level = 1; level <= 4; ++level)
    uncovered.owners.put(0x4001'0000 + 0x1000 * (4 - level), guest.table(level));
  CHECK(uncovered.fault_of(kernel_read) == npf(rule::RMP_CHK_01, 0x5'8000'0005));
  CHECK(uncovered.fault_of(kernel_write) == npf(rule::RMP_CHK_01, 0x5'8000'0007));
  CHECK(uncovered.fault_of(kernel_fetch) == npf(rule::RMP_CHK_01, 0x5'8000'0015));
  uncovered.share();
  CHECK_FALSE(uncovered.fault_of(kernel_write));
  CHECK(uncovered.fault_of(kernel_fetch) == npf(rule::RMP_CHK_01, 0x5'8000'0015));  // private all the same

  // A guest-table page of another guest
  for (unsigned level = 1; level <= 4; ++level) {
    guest = at_vmpl1(3);
    guest.table(level).id = {6};
    CHECK(guest.fault_of(kernel_read) == nested_fault(rule::RMP_CHK_01, 0x6'8000'0007, guest.gpa_of(level)));
  }

  // The VMSA page of a running vCPU
  owned_guest vmsa;
  vmsa.page().vmsa = true;
  CHECK_FALSE(vmsa.fault_of(kernel_read));
  vmsa.page().in_use = true;
  CHECK(vmsa.fault_of(kernel_read) == npf(rule::RMP_CHK_15, 0x5'8000'0005));
}

TEST_CASE("the published rows of access checks: shared writes through large leaves",
          "[paging][RMP-CHK-08][RMP-CHK-01][PAG-RMPS-04]") {
  for (const unsigned leaf : {1U, 2U, 3U}) {
    owned_guest guest({.guest = 4, .nested_leaf = leaf});
    guest.share();
    guest.page() = {};
    const std::uint64_t byte = guest.final_gpa.value;
    CHECK_FALSE(guest.fault_of(kernel_write));
    guest.owners.put(0x429f'f000, guest_page(0x029f'f000));  // the last page of the same 2M
    if (leaf == 1) CHECK_FALSE(guest.fault_of(kernel_write));
    else CHECK(guest.fault_of(kernel_write) == nested_fault(rule::RMP_CHK_01, 0x1'8000'0007, byte));
    CHECK_FALSE(guest.fault_of(kernel_read));
    guest.owners[0x429f'f000] = {};
    guest.owners.put(0x42a0'0000, guest_page(0x02a0'0000));  // of the next 2M
    guest.owners.put(0x427f'f000, guest_page(0x027f'f000));  // of the one before
    CHECK_FALSE(guest.fault_of(kernel_write));
  }
}

TEST_CASE("PAG-PF-05: what a host may do with pages that are not its own",
          "[paging][PAG-PF-05][PAG-RMPS-03][RMP-CHK-01][RMP-CHK-02]") {
  for (const unsigned levels : {2U, 3U, 4U, 5U}) {
    owned_host host(levels);
    for (const rmp::entry& page : {guest_page(0x1000), firmware_page}) {
      host.owners.put(0x0280'0000, page);
      CHECK(host.fault_of(kernel_write) == page_fault(rule::RMP_CHK_01, 0x8000'0003, host.where.value));
      CHECK(host.fault_of(user_write) == page_fault(rule::RMP_CHK_01, 0x8000'0007, host.where.value));
      for (const memory_access& why : {kernel_read, user_read, kernel_fetch, user_fetch})
        CHECK_FALSE(host.fault_of(why));
    }
    host.owners.put(0x0280'0000, {.immutable = true});  // HV-Fixed
    CHECK_FALSE(host.fault_of(kernel_write));
    // Nothing is asked while SNP is not enabled.
    host.owners.put(0x0280'0000, guest_page(0x1000));
    host.syscfg = encryption_on;
    CHECK_FALSE(host.fault_of(kernel_write));
  }
  // With paging off, too.
  owned_host off(0);
  off.where = {0x0280'0cc8};
  off.owners.put(0x0280'0000, guest_page(0x1000));
  CHECK(off.fault_of(kernel_write) == page_fault(rule::RMP_CHK_01, 0x8000'0003, 0x0280'0cc8));
  CHECK_FALSE(off.fault_of(kernel_read));
  // A large page needs all of its region.
  for (const unsigned leaf : {1U, 2U}) {
    owned_host host(4, leaf);
    host.owners.put(0x0281'0000, guest_page(0x1000));
    CHECK(host.fault_of(kernel_write).has_value() == (leaf == 2));
    if (leaf == 2) CHECK(host.fault_of(kernel_write)->code == 0x8000'0003);
    CHECK_FALSE(host.fault_of(kernel_read));
  }
}

TEST_CASE("RMP-CHK-06: the walker's own references", "[paging][RMP-CHK-06][PAG-RMPS-07][PAG-RMPS-03][PAG-AD-08]") {
  const bool literal = GENERATE(true, false);
  implementation_choices choices;
  if (!literal) choices.ptw_read_check = walker_check::updates_only;

  // Host tables.
  for (unsigned level = 1; level <= 4; ++level) {
    owned_host host;
    host.choices = choices;
    host.owners.put(host.slot(level) & ~std::uint64_t{0xfff}, guest_page(0x1000));
    const auto found = host.fault_of(kernel_read);
    if (literal) CHECK(found == page_fault(rule::RMP_CHK_01, 0x8000'0001, host.where.value));
    else CHECK_FALSE(found);
    host.at(level) &= ~accessed;
    CHECK(host.fault_of(kernel_read) == page_fault(rule::RMP_CHK_01, 0x8000'0001, host.where.value));
    CHECK((host.at(level) & accessed) == 0);
  }

  // Nested tables of any guest, read for one of its tables and for its page.
  for (const bool snp : {false, true}) {
    for (const unsigned level : {1U, 2U}) {
      owned_guest guest = snp ? owned_guest() : plain_guest();
      guest.choices = choices;
      // The nested tables of the page and of the guest's tables part ways at level 2.
      const std::uint64_t slot = guest.nested.slot(guest.memory, guest.final_gpa.value, 1);
      const std::uint64_t for_tables = guest.nested.slot(guest.memory, guest.gpa_of(4), 1);
      const std::uint64_t enc = snp ? 0x4'0000'0000 : 0;
      const std::uint64_t where = level == 1 ? slot : for_tables;
      const auto denied = level == 1 ? nested_fault(rule::RMP_CHK_01, 0x1'8000'0005 | enc, guest.final_gpa.value)
                                     : nested_fault(rule::RMP_CHK_01, 0x2'8000'0007 | enc, guest.gpa_of(4));
      guest.owners.put(where & ~std::uint64_t{0xfff}, guest_page(0x9'9000, 7));
      if (literal) CHECK(guest.fault_of(kernel_read) == denied);
      else CHECK_FALSE(guest.fault_of(kernel_read));
      const auto raised_as = [&](nested_table_fault how) {
        guest.choices.npt_walk_fault = how;
        return guest.fault_of(kernel_read);
      };
      const fault shutdown{fault_kind::vmexit, rule::RMP_CHK_01, 0x7f, 0};
      if (literal) {
        CHECK(raised_as(nested_table_fault::shutdown) == shutdown);
        CHECK(raised_as(nested_table_fault::host_page_fault) == page_fault(rule::RMP_CHK_01, 0x8000'0001, where));
      }
      entry_ref(guest.memory, where, false) &= ~accessed;
      const std::uint64_t write = literal ? 0 : 2;  // literally, the read before is refused
      CHECK(raised_as(nested_table_fault::shutdown) == shutdown);
      CHECK(raised_as(nested_table_fault::host_page_fault) == page_fault(rule::RMP_CHK_01, 0x8000'0001 | write, where));
      CHECK(raised_as(nested_table_fault::npf) == denied);
    }
  }

  // Tables of a guest that is not SNP-active.
  for (unsigned level = 1; level <= 4; ++level) {
    plain_guest guest;
    guest.choices = choices;
    guest.owners.put(0x4000'0000 + (guest.gpa_of(level) & ~std::uint64_t{0xfff}), guest_page(0x9'9000, 7));
    const auto denied = nested_fault(rule::RMP_CHK_01, 0x2'8000'0007, guest.gpa_of(level));
    if (literal) CHECK(guest.fault_of(kernel_read) == denied);
    else CHECK_FALSE(guest.fault_of(kernel_read));
    guest.in_guest(level) &= ~accessed;
    CHECK(guest.fault_of(kernel_read) == denied);
    CHECK((guest.in_guest(level) & accessed) == 0);
  }
}

TEST_CASE("RMP-CHK-05: an A/D update is a write of 4K", "[paging][RMP-CHK-05][PAG-AD-08][PAG-RMPS-04]") {
  // A guest's tables in a 2M nested page, one other page of which is private: reading them literally needs all of the
  // region, updating an entry its own page alone.
  plain_guest guest({.guest = 4, .nested_leaf = 2});
  guest.owners.put(0x401f'0000, guest_page(0x1f'0000, 7));
  CHECK(guest.fault_of(user_read)->code == 0x2'8000'0007);
  guest.choices.ptw_read_check = walker_check::updates_only;
  CHECK_FALSE(guest.fault_of(user_read));
  guest.in_guest(1) &= ~(accessed | dirty);
  CHECK_FALSE(guest.fault_of(user_write));
  CHECK((guest.in_guest(1) & (accessed | dirty)) == (accessed | dirty));
  guest.in_guest(1) &= ~dirty;
  guest.owners.put(0x4001'3000, guest_page(0x1'3000, 7));
  CHECK(guest.fault_of(user_write) == nested_fault(rule::RMP_CHK_01, 0x2'8000'0007, guest.gpa_of(1)));
  CHECK_FALSE(guest.fault_of(user_read));

  // An SNP-active guest's own tables: W of its VMPL.
  owned_guest snp;
  snp.state.level = {2};
  for (unsigned level = 1; level <= 4; ++level) snp.table(level).allowed[2].raw = 1;
  snp.page().allowed[2].raw = 3;
  CHECK_FALSE(snp.fault_of(user_write));
  snp.in_guest(1) &= ~dirty;
  CHECK_FALSE(snp.fault_of(user_read));
  CHECK(snp.fault_of(user_write) == nested_fault(rule::RMP_VPL_01, 0x16'8000'0007, snp.gpa_of(1)));
  CHECK((snp.in_guest(1) & dirty) == 0);
  snp.in_guest(1) |= dirty;
  snp.in_guest(3) &= ~accessed;
  CHECK(snp.fault_of(user_read) == nested_fault(rule::RMP_VPL_01, 0x16'8000'0007, snp.gpa_of(3)));
  snp.table(3).allowed[2].raw = 3;
  CHECK_FALSE(snp.fault_of(user_read));
}

TEST_CASE("RMP-VPL-02: what a VMPL needs of guest tables", "[paging][RMP-VPL-02][PAG-RMPS-06]") {
  for (unsigned level = 1; level <= 4; ++level) {
    for (unsigned mask = 0; mask < 32; ++mask) {
      INFO("level " << level << ", mask " << mask);
      owned_guest guest;
      guest.table(level).allowed[0].raw = static_cast<std::uint8_t>(mask);
      const auto denied = nested_fault(rule::RMP_VPL_01, 0x16'8000'0007, guest.gpa_of(level));
      const bool readable = (mask & 1) != 0;
      const bool both = (mask & 3) == 3;
      if (readable) CHECK_FALSE(guest.fault_of(user_fetch));
      else CHECK(guest.fault_of(user_fetch) == denied);
      guest.choices.rmp_gpt_vmpl_perm = table_vmpl::read_write;
      if (both) CHECK_FALSE(guest.fault_of(user_fetch));
      else CHECK(guest.fault_of(user_fetch) == denied);
      // Whether the walk would write decides what is reported, for those who choose so.
      guest.choices.rmp_gpt_error_w = false;
      if (!both) CHECK(guest.fault_of(user_fetch)->code == 0x16'8000'0005);
      guest.choices.rmp_gpt_vmpl_perm = table_vmpl::as_used;
      guest.in_guest(level) &= ~accessed;
      if (readable && !both) CHECK(guest.fault_of(user_fetch)->code == 0x16'8000'0007);
    }
  }
  // The other kinds of violation, too.
  owned_guest guest;
  guest.table(2).id = {6};
  CHECK(guest.fault_of(user_write)->code == 0x6'8000'0007);
  guest.choices.rmp_gpt_error_w = false;
  CHECK(guest.fault_of(user_write)->code == 0x6'8000'0005);
}

TEST_CASE("PAG-RMPS-08: #VC 404h tells the guest's linear address", "[paging][PAG-RMPS-08]") {
  owned_guest guest;
  for (unsigned level = 1; level <= 4; ++level) {
    guest.table(level).validated = false;
    for (const memory_access& why : {user_read, user_write, kernel_fetch})
      CHECK(guest.fault_of(why) == fault{fault_kind::vc, rule::PAG_RMPS_08, 0x404, guest.where.value});
    guest.table(level).validated = true;
  }
  guest.page().validated = false;
  for (const memory_access& why : {user_read, user_write, kernel_fetch})
    CHECK(guest.fault_of(why) == fault{fault_kind::vc, rule::PAG_RMPS_08, 0x404, guest.where.value});
  guest.share();
  CHECK_FALSE(guest.fault_of(user_read));
  CHECK(guest.fault_of(user_write)->kind == fault_kind::npf);
  CHECK(guest.fault_of(user_fetch)->kind == fault_kind::vc);
}

TEST_CASE("PAG-RMPS-01, RMP-CHK-03: ownership comes after page tables, VMPLs last",
          "[paging][PAG-RMPS-01][RMP-CHK-03]") {
  owned_guest guest;
  guest.page() = {.assigned = true, .immutable = true, .id = {6}, .guest = {0x7000}};
  guest.for_data(1) &= ~writable;
  CHECK(guest.fault_of(user_write)->decided_by == rule::PAG_NPF_02);
  CHECK(guest.fault_of(user_write)->code == 0x5'0000'0007);
  guest.for_data(1) |= bit_at(45);
  CHECK(guest.fault_of(user_read)->decided_by == rule::PAG_NPF_12);
  guest.for_data(1) = 0;
  CHECK(guest.fault_of(user_read)->decided_by == rule::PAG_ENT_02);
  guest.in_guest(1) &= ~user;
  CHECK(guest.fault_of(user_read) == page_fault(rule::PAG_PERM_01, 0x5, guest.where.value));
  // But the ownership of a guest table comes before what its entry says.
  guest.table(1).id = {6};
  CHECK(guest.fault_of(user_read)->decided_by == rule::RMP_CHK_01);
  guest.in_guest(2) = 0;
  CHECK(guest.fault_of(user_read)->decided_by == rule::PAG_ENT_02);
  // Nested A and D are set by then.
  owned_guest late;
  late.page().validated = false;
  late.for_data(1) &= ~(accessed | dirty);
  CHECK(late.fault_of(user_write)->code == 0x404);
  CHECK((late.for_data(1) & (accessed | dirty)) == (accessed | dirty));
}

TEST_CASE("PAG-RMPS-04: the C-bit is not part of the gPA that is compared", "[paging][PAG-RMPS-04]") {
  for (const unsigned c_bit : {47U, 51U}) {
    owned_guest guest;
    guest.part.c_bit = c_bit;
    guest.in_guest(1) = (guest.in_guest(1) & ~bit_at(51)) | bit_at(c_bit);
    CHECK(guest.run(user_write)->effective_c);
    guest.page().guest = {0x0280'0000 | bit_at(c_bit)};
    CHECK(guest.fault_of(user_write) == nested_fault(rule::RMP_CHK_01, 0x5'8000'0007, guest.final_gpa.value));
  }
}

TEST_CASE("RMP-CHK-07: the effective C-bit by the guest's mode", "[paging][RMP-CHK-07][PAG-MODE-06]") {
  // Without a C-bit in its tables everything is private.
  for (const unsigned levels : {0U, 2U}) {
    owned_guest guest({.guest = levels});
    CHECK_FALSE(guest.fault_of(user_write));
    guest.page() = {};
    CHECK(guest.fault_of(user_read) == nested_fault(rule::RMP_CHK_01, 0x5'8000'0005, guest.final_gpa.value));
  }
  owned_guest pae({.guest = 3});
  CHECK_FALSE(pae.fault_of(user_write));
  pae.share();
  CHECK(pae.fault_of(user_write) == nested_fault(rule::RMP_CHK_01, 0x1'8000'0007, pae.final_gpa.value));
  CHECK_FALSE(pae.fault_of(user_read));
}

TEST_CASE("RMP-CHK-09: with SNP enabled a TLB holds a 1G page as 2M", "[paging][RMP-CHK-09]") {
  for (const std::uint64_t syscfg : {encryption_on, snp_on}) {
    for (const unsigned levels : {0U, 4U}) {
      plain_guest guest({.guest = levels, .guest_leaf = levels == 4 ? 2U : 1U, .nested_leaf = 3});
      guest.state.syscfg = syscfg;
      const auto found = guest.run(user_read);
      REQUIRE(found.has_value());
      CHECK(found->page.size == page_size::k1g);
      CHECK(found->size == (levels == 4 || syscfg == snp_on ? page_size::k2m : page_size::k1g));
    }
  }
}

TEST_CASE("guests that are not SNP-active", "[paging][PAG-RMPS-03][RMP-CHK-01][RMP-CHK-02]") {
  for (const std::uint64_t control : {1U, 3U, 7U}) {
    plain_guest guest;
    guest.state.np_control = control;
    guest.owners.put(owned_guest::data_at, guest_page(0x0280'0000));
    CHECK_FALSE(guest.fault_of(user_read));
    CHECK_FALSE(guest.fault_of(user_fetch));
    CHECK(guest.fault_of(user_write) == nested_fault(rule::RMP_CHK_01, 0x1'8000'0007, guest.final_gpa.value));
    if (control == 1) continue;
    guest.in_guest(1) |= bit_at(51);  // a SEV guest's private write: ENC=1
    CHECK(guest.fault_of(user_write) == nested_fault(rule::RMP_CHK_01, 0x5'8000'0007, guest.final_gpa.value));
    CHECK_FALSE(guest.fault_of(user_read));
  }
}

TEST_CASE("RMP-CHK-15: HvInUseWrAllowed, for whoever writes a page of the hypervisor",
          "[paging][RMP-CHK-15][RMP-ERR-02]") {
  const rmp::entry held{.in_use = true};
  for (const bool allowed : {false, true}) {
    INFO(allowed);
    const auto refused = [&](const std::optional<fault>& found) {
      CHECK(found.has_value() != allowed);
      if (found) CHECK(found->decided_by == rule::RMP_CHK_15);
    };
    owned_host host;
    host.part.hv_in_use_write = allowed;
    const std::uint64_t page = host.run(kernel_read).value().page.where.value;
    host.owners.put(page & ~std::uint64_t{0xfff}, held);
    refused(host.fault_of(kernel_write));

    // What an SNP-active guest shares, and what other guests write.
    owned_guest shared;
    shared.part.hv_in_use_write = allowed;
    shared.share();
    shared.page() = held;
    refused(shared.fault_of(kernel_write));
    plain_guest plain;
    plain.part.hv_in_use_write = allowed;
    plain.owners.put(owned_guest::data_at, held);
    refused(plain.fault_of(kernel_write));

    // Private pages in use are never the guest's to touch.
    owned_guest mine;
    mine.part.hv_in_use_write = allowed;
    mine.page().in_use = true;
    CHECK(mine.fault_of(kernel_write).value().decided_by == rule::RMP_CHK_15);
  }
}

TEST_CASE("RMP-SEG-06: a segment that is ill-formed", "[paging][RMP-SEG-06][PAG-RMPS-03]") {
  // A host's write: #PF with P, W and RSVD, without bit 31. Reads look nothing up.
  owned_host host;
  host.choices.ptw_read_check = walker_check::updates_only;
  const std::uint64_t page = host.run(kernel_read).value().page.where.value;
  host.owners.spoil_gigabyte(page >> 30);
  CHECK(host.fault_of(kernel_write) == fault{fault_kind::pf, rule::RMP_SEG_06, 0xb, host.where.value});
  CHECK_FALSE(host.fault_of(kernel_read));
  host.choices.inuse_host_read_via_writable = false;
  CHECK(host.fault_of(kernel_read) == fault{fault_kind::pf, rule::RMP_SEG_06, 0x9, host.where.value});
  host.owners.spoil_gigabyte((page >> 30) + 1);
  CHECK_FALSE(host.fault_of(kernel_write));

  // A guest's: #NPF in every guest, first for its tables.
  owned_guest guest;
  guest.owners.spoil_gigabyte(owned_guest::data_at >> 30);
  CHECK(guest.fault_of(kernel_read) == fault{fault_kind::npf, rule::RMP_SEG_06, 0x6'0000'000f, 0x105a8});
  plain_guest plain;
  plain.choices.ptw_read_check = walker_check::updates_only;
  plain.owners.spoil_gigabyte(owned_guest::data_at >> 30);
  CHECK_FALSE(plain.fault_of(kernel_read));
  CHECK(plain.fault_of(kernel_write) == fault{fault_kind::npf, rule::RMP_SEG_06, 0x1'0000'000f, 0x0280'0cc8});

  // It is the first thing that ownership asks.
  guest.page().validated = false;
  guest.page().id = {6};
  guest.choices.spurious_rmp_fault = true;
  CHECK(guest.fault_of(kernel_read).value().decided_by == rule::RMP_SEG_06);
}

TEST_CASE("RMP-FLT-05: bit 37 of an A bit that the table's page refuses", "[paging][RMP-FLT-05][PAG-AD-08]") {
  using namespace paging::np_control;
  for (const bool shadow_stack_page : {false, true}) {
    INFO((shadow_stack_page ? "supervisor shadow-stack page" : "user page"));
    owned_guest guest;
    guest.choices.gmet_data_ignores_us = true;
    guest.state.np_control |= gmet::mask | sss_check::mask;
    guest.state.level = {1};
    for (unsigned level = 1; level <= 4; ++level) guest.table(level).allowed[1].raw = 3;
    guest.page().allowed[1].raw = 3;
    for (unsigned level = 1; level <= 4; ++level) guest.for_table(level, 1) &= ~user;
    if (shadow_stack_page) guest.for_table(2, 1) |= no_execute;
    REQUIRE_FALSE(guest.fault_of(user_read));
    // The VMPL may read the table and not write it.
    guest.table(2).allowed[1].raw = 1;
    CHECK_FALSE(guest.fault_of(user_read));
    guest.in_guest(2) &= ~accessed;
    const std::uint64_t sss = shadow_stack_page ? bit_at(37) : 0;
    CHECK(guest.fault_of(user_read) == nested_fault(rule::RMP_VPL_01,
                                                    0x16'8000'0003 | sss | (guest.choices.gmet_walk_us_bit ? 4U : 0U),
                                                    guest.gpa_of(2)));
  }
}

TEST_CASE("RMP-VPL-03: VmplSSS wants shadow stacks in private memory", "[paging][RMP-VPL-03][RMP-VPL-01][RMP-FLT-05]") {
  for (const bool user_access : {false, true}) {
    for (const access_kind kind : {access_kind::shadow_stack_read, access_kind::shadow_stack_write}) {
      const memory_access why{.kind = kind, .level = user_access ? user_mode : kernel_mode};
      owned_guest guest;
      guest.state.sev_features = 0x101;
      guest.in_guest(1) &= ~(writable | (user_access ? 0 : user));
      CHECK_FALSE(guest.fault_of(why));
      const std::uint64_t bits = (why.is_write() ? 2U : 0U) | (user_access ? 4U : 0U);
      const std::uint64_t nested_bits = why.is_write() ? 0x47U : 0x45U;
      // A supervisor shadow stack needs SSS and nothing else; a user one R, and W to write.
      guest.page().allowed[0].raw = 0x10;
      if (!user_access) CHECK_FALSE(guest.fault_of(why));
      else  // bit 37: the mask's SSS bit
        CHECK(guest.fault_of(why) ==
              nested_fault(rule::RMP_VPL_01, 0x35'8000'0000 | nested_bits, guest.final_gpa.value));
      guest.page().allowed[0].raw = 0xf;
      if (user_access) CHECK_FALSE(guest.fault_of(why));
      else
        CHECK(guest.fault_of(why) ==
              nested_fault(rule::RMP_VPL_01, 0x15'8000'0000 | nested_bits, guest.final_gpa.value));
      // Without VmplSSS both have R and W.
      guest.state.sev_features = 1;
      CHECK_FALSE(guest.fault_of(why));
      guest.page().allowed[0].raw = 0x1d;
      if (why.is_write())
        CHECK(guest.fault_of(why) ==
              nested_fault(rule::RMP_VPL_01, 0x15'8000'0000 | nested_bits, guest.final_gpa.value));
      else CHECK_FALSE(guest.fault_of(why));
      guest.page().allowed[0].raw = 0x1f;
      // Shared memory.
      guest.share();
      guest.page() = {};
      CHECK_FALSE(guest.fault_of(why));
      guest.state.sev_features = 0x101;
      CHECK(guest.fault_of(why) == page_fault(rule::RMP_VPL_03, 0x49 | bits, guest.where.value));
    }
  }
}

TEST_CASE("PAG-NPF-04, PAG-NPT-03, PAG-NPT-06: what a nested fault is, and what a guest does not change",
          "[paging][PAG-NPF-04][PAG-NPT-03][PAG-NPT-06]") {
  // #NPF is #VMEXIT 400h and no exception; #PF is the guest's exception.
  CHECK(paging::vmexit_npf == 0x400);
  CHECK(vector_of(fault_kind::npf) == 0);
  CHECK(vector_of(fault_kind::pf) == 14);
  guest_machine guest;
  guest.for_data(1) = 0;
  CHECK(guest.fault_of(user_read)->kind == fault_kind::npf);
  guest.in_guest(1) = 0;
  CHECK(guest.fault_of(user_read)->kind == fault_kind::pf);

  // No walk changes the regime, nCR3 included.
  guest_machine other;
  context<> ctx;
  auto regime = paging::make_two_stage_regime(ctx, other.part, other.state).value();
  const auto before = regime;
  CHECK(paging::walk(ctx, other.memory, regime, other.where, user_write).has_value());
  other.for_data(1) = 0;
  CHECK_FALSE(paging::walk(ctx, other.memory, regime, other.where, user_write).has_value());
  CHECK(regime == before);
  CHECK(regime.nested.root == other.state.ncr3);

  // Bit 20 of a gPA counts.
  guest_machine a20({.guest_levels = 0});
  a20.where = {a20.where.value ^ bit_at(20)};
  a20.nested.map(a20.memory, a20.where.value, 0x7777'7000, 1);
  CHECK(a20.run(user_read)->page.where.value == (0x7777'7000 | (a20.where.value & 0xfff)));
}

TEST_CASE("PAG-KEY-12, PAG-KEY-13: guests without nested paging, and whose key opens a guest's tables",
          "[paging][PAG-KEY-12][PAG-KEY-13]") {
  // No nested paging, no SEV: the tables that the hardware walks are the host's, and so are their keys.
  context<> ctx;
  guest_machine shadow;
  shadow.make_sev();
  shadow.state.np_control = 2;
  const auto refused = paging::make_two_stage_regime(ctx, shadow.part, shadow.state);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().decided_by == rule::PAG_SEVEN_01);
  host_machine walked;
  walked.syscfg = encryption_on;
  CHECK(walked.run(user_read)->key == memory_key::none());
  walked.at(1) |= bit_at(51);
  CHECK(walked.run(user_read)->key == memory_key::host());

  // Memory whose words the host wrote as plaintext: another key reads garbage.
  struct written_by_host {
    cells& memory;
    memory_key by;
    [[nodiscard]] auto read_qword(spa where, memory_key key) const -> std::optional<std::uint64_t> {
      const auto word = memory.read_qword(where, key);
      const bool of_guest = where.value >= 0x4000'0000;
      return word && of_guest && key != by ? std::optional{*word ^ 0x5555'5555'5555'5555} : word;
    }
  };
  guest_machine guest;
  guest.make_sev();
  guest.for_table(4, 1) |= bit_at(51);  // the nested C-bit does not help the host
  written_by_host own{guest.memory, memory_key::guest({5})};
  CHECK(guest.run(ctx, own, user_read).has_value());
  for (const memory_key key : {memory_key::none(), memory_key::host(), memory_key::guest({6})}) {
    written_by_host foreign{guest.memory, key};
    CHECK_FALSE(guest.run(ctx, foreign, user_read).has_value());
  }
}
