// SPDX-License-Identifier: MIT
// Walks and the regimes they follow: one test for each thing that once was otherwise.
#include <cstdint>
#include <optional>

#include <support/catch.hpp>
#include <support/owned_machines.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

constexpr std::uint64_t uaie = paging::efer::uaie::mask;
constexpr std::uint64_t gmet = paging::np_control::gmet::mask;
constexpr std::uint64_t sss_check = paging::np_control::sss_check::mask;
constexpr memory_access user_ss_read{.kind = access_kind::shadow_stack_read, .level = user_mode};
constexpr memory_access user_ss_write{.kind = access_kind::shadow_stack_write, .level = user_mode};

/// A reference of 16 bytes through DS.
constexpr memory_access through_ds{
    .kind = access_kind::read, .level = user_mode, .through_ds_or_es = true, .bytes = 16};

/// What a reference that begins here, in a host with upper address ignore, faults with.
auto fault_at(unsigned levels, std::uint64_t where, const memory_access& why, std::uint64_t efer = uaie)
    -> std::optional<fault> {
  host_machine host(levels);
  host.regs.efer |= efer;
  host.where = {where};
  host.tables.map(host.memory, where, data_page(1), 1);
  return host.fault_of(why);
}

constexpr fault first_byte{fault_kind::gp, rule::PAG_CAN_01, 0, 0};
constexpr fault last_byte{fault_kind::gp, rule::PAG_CAN_04, 0, 0};

auto entry_of(host_of_format& host) -> entry_ref { return host.at(2); }
auto entry_of(guest_of_format& guest) -> entry_ref { return guest.in_guest(2); }

/// Which bits of a 4M PDE are reserved among 20:13, the address bits 39:32. Every one is asked by itself.
template <class Machine>
auto reserved_of_pde(Machine machine) -> std::uint64_t {
  std::uint64_t reserved = 0;
  for (unsigned n = 13; n <= 20; ++n) {
    Machine one = machine;
    entry_of(one) |= bit_at(n);
    const auto raised = one.fault_of(user_read);
    if (!raised || raised->kind != fault_kind::pf) continue;  // a guest's address may lead nowhere
    CHECK(raised == page_fault(raised->decided_by, 0xd, one.where.value));
    reserved |= bit_at(n);
  }
  return reserved;
}

auto host_of_part(unsigned pa_bits, bool encryption, pse36_width width = pse36_width::bits_40) -> host_of_format {
  host_of_format host(2, 2);
  host.part.pa_bits = pa_bits;
  host.part.reduction = 5;
  if (encryption) host.syscfg = encryption_on;
  host.choices.pse36_bits = width;
  return host;
}

constexpr std::uint64_t bits_20_to(unsigned low) { return bit_at(21) - bit_at(low); }

}  // namespace

TEST_CASE("PAG-CAN-04: upper address ignore counts for the last byte, too", "[paging][PAG-CAN-03][PAG-CAN-04]") {
  // Bit 56 changes inside the reference, and with five levels nothing above it counts.
  CHECK(fault_at(5, 0x00ff'ffff'ffff'fff8, through_ds) == std::nullopt);
  CHECK(fault_at(5, 0x01ff'ffff'ffff'fff8, through_ds) == std::nullopt);  // bit 57 does
  CHECK(fault_at(5, 0x7eff'ffff'ffff'fff8, through_ds) == std::nullopt);
  CHECK(fault_at(5, 0x00ff'ffff'ffff'fff8, through_ds, 0) == last_byte);
  auto not_ds = through_ds;
  not_ds.through_ds_or_es = false;
  CHECK(fault_at(5, 0x00ff'ffff'ffff'fff8, not_ds) == last_byte);
  // With four levels bits 56:47 must agree.
  CHECK(fault_at(4, 0x0000'7fff'ffff'fff8, through_ds) == last_byte);
  CHECK(fault_at(4, 0x7e00'7fff'ffff'fff8, through_ds) == last_byte);
  CHECK(fault_at(4, 0x00ff'ffff'ffff'fff8, through_ds) == first_byte);
  CHECK(fault_at(4, 0x0000'ffff'ffff'fff8, through_ds) == first_byte);
  CHECK(fault_at(4, 0x0100'0000'0000'0000, through_ds) == first_byte);
  CHECK(fault_at(4, 0x01ff'ffff'ffff'fff8, through_ds) == std::nullopt);  // from the highest byte to the lowest
}

TEST_CASE("PAG-RMPS-02: a fetch by gPA is private unless said otherwise", "[paging][PAG-RMPS-02][PAG-KEY-05]") {
  owned_guest guest;
  const auto walk = [&](access_kind kind) {
    rmp::guarded_memory memory(guest.memory, guest.owners);
    context<> ctx;
    const auto machine = paging::make_two_stage_regime(ctx, guest.part, guest.state).value();
    return paging::walk_gpa(ctx, memory, machine, guest.final_gpa, kind);
  };
  CHECK(walk(access_kind::execute).has_value());
  CHECK(walk(access_kind::read).has_value());
  guest.page() = {};
  const fault not_owned = nested_fault(rule::RMP_CHK_01, 0x5'8000'0015, guest.final_gpa.value);
  CHECK(fault_of(walk(access_kind::execute)) == not_owned);
  CHECK(walk(access_kind::read).has_value());  // shared: not checked
  guest.page() = guest_page(0x0280'0000, 6);
  CHECK(fault_of(walk(access_kind::execute)) == not_owned);
  // A fetch by a guest that is not SNP-active is not checked.
  guest.state.sev_features = 0;
  for (unsigned level = 1; level <= 4; ++level) guest.table(level) = {};
  CHECK(walk(access_kind::execute).has_value());
}

TEST_CASE("PAG-SSS-03: user shadow stacks do not lie on supervisor shadow-stack pages",
          "[paging][PAG-SSS-03][PAG-SSS-04]") {
  const auto guest_for = [](const memory_access& why) {
    guest_machine guest;
    guest.state.np_control |= sss_check;
    if (why.is_shadow_stack()) guest.in_guest(1) &= ~writable;
    guest.for_data(1) = (guest.for_data(1) & ~user) | no_execute;
    return guest;
  };
  for (const bool leaf_writable : {false, true}) {
    for (const memory_access& why : {user_ss_read, user_ss_write}) {
      guest_machine guest = guest_for(why);
      if (!leaf_writable) guest.for_data(1) &= ~writable;
      const std::uint64_t code = 0x21'0000'0045 | (why.is_write() ? 2U : 0U);
      CHECK(guest.fault_of(why) == nested_fault(rule::PAG_NPT_13, code, guest.final_gpa.value));
      // On a user page they are ordinary accesses.
      guest.for_data(1) |= user | writable;
      CHECK_FALSE(guest.fault_of(why));
    }
  }
  for (const memory_access& why : {user_read, kernel_read, user_write}) {
    guest_machine guest = guest_for(why);
    CHECK_FALSE(guest.fault_of(why));
    guest.choices.sss_plain_access = sss_access::forbidden;
    const std::uint64_t code = 0x21'0000'0005 | (why.is_write() ? 2U : 0U);
    CHECK(guest.fault_of(why) == nested_fault(rule::PAG_NPT_13, code, guest.final_gpa.value));
  }
  guest_machine guest = guest_for(user_write);
  guest.for_data(1) &= ~writable;
  CHECK(guest.fault_of(user_write) == nested_fault(rule::PAG_NPF_02, 0x21'0000'0007, guest.final_gpa.value));
}

TEST_CASE("PAG-SEVEN-01: ASIDs and parts by the kind of SEV guest", "[paging][PAG-SEVEN-01]") {
  const auto refused = [](std::uint32_t id, bool encrypted_state, bool has_es = true, std::uint32_t lowest = 128) {
    guest_machine guest;
    guest.part.min_sev_no_es_asid = lowest;
    guest.part.sev_es = has_es;
    guest.make_sev(encrypted_state);
    guest.state.id = {id};
    context<> ctx;
    const auto regime = paging::make_two_stage_regime(ctx, guest.part, guest.state);
    return regime ? std::optional<paging::register_error>{} : regime.error();
  };
  using enum paging::register_error::kind;
  for (const std::uint32_t id : {1U, 5U, 127U}) {
    REQUIRE(refused(id, false).has_value());
    CHECK(refused(id, false)->decided_by == rule::PAG_SEVEN_01);
    CHECK(refused(id, false)->what == reserved);
    CHECK(refused(id, false)->value == id);
    CHECK_FALSE(refused(id, true));
    CHECK_FALSE(refused(id, false, true, 1));
  }
  for (const std::uint32_t id : {128U, 509U}) {
    CHECK_FALSE(refused(id, false));
    CHECK_FALSE(refused(id, true));
  }
  // A part on which all ASIDs are for SEV-ES.
  REQUIRE(refused(509, false, true, 510).has_value());
  CHECK(refused(509, false, true, 510)->decided_by == rule::PAG_SEVEN_01);
  CHECK_FALSE(refused(509, true, true, 510));
  // A part without SEV-ES.
  REQUIRE(refused(200, true, false).has_value());
  CHECK(refused(200, true, false)->what == reserved);
  CHECK_FALSE(refused(200, false, false));
  // A guest without SEV can have any ASID.
  guest_machine plain;
  plain.part.min_sev_no_es_asid = 128;
  plain.state.syscfg = encryption_on;
  CHECK_FALSE(plain.fault_of(user_read));
}

TEST_CASE("RMP-CHK-15: hypervisor pages that VMRUN holds", "[paging][RMP-CHK-15]") {
  for (const unsigned leaf : {1U, 2U}) {
    owned_host host(4, leaf);
    const std::uint64_t page = 0x0280'0000 + (leaf == 2 ? host.where.value & 0x1f'f000 : 0);
    host.owners.put(page, {.in_use = true});
    REQUIRE_FALSE(host.part.hv_in_use_write);
    const auto denied = host.fault_of(user_write);
    REQUIRE(denied.has_value());
    CHECK(*denied == page_fault(rule::RMP_CHK_15, 0x8000'0007, host.where.value));
    CHECK_FALSE(host.fault_of(user_read));
    host.part.hv_in_use_write = true;
    CHECK_FALSE(host.fault_of(user_write));
    // A guest's page stays the guest's.
    host.owners.put(page, guest_page(0x5000));
    CHECK(host.fault_of(user_write) == page_fault(rule::RMP_CHK_01, 0x8000'0007, host.where.value));
    // Another page in use of the region does not count, but on early parts its first.
    host.part.hv_in_use_write = false;
    host.owners.put(page, {});
    host.owners.put(0x0280'0000, {.in_use = true});
    CHECK(host.fault_of(user_write).has_value() == (leaf == 1));
    host.choices.erratum_inuse_2m = true;
    CHECK(host.fault_of(user_write).has_value());
  }
  // With paging off, too.
  owned_host flat(0);
  flat.where = {0x0280'0000};
  flat.owners.put(0x0280'0000, {.in_use = true});
  CHECK(flat.fault_of(user_write).has_value());
  flat.part.hv_in_use_write = true;
  CHECK_FALSE(flat.fault_of(user_write));

  context<> ctx;
  cpu_part part = test_part;
  for (const bool allowed : {false, true}) {
    part.hv_in_use_write = allowed;
    const auto regime = paging::make_host_regime(ctx, part, paging::long_mode_registers(0x1000), snp_on).value();
    CHECK(regime.in_use_write_allowed == allowed);
  }
  // A guest's write to such a page goes by the same bit.
  plain_guest plain;
  plain.owners.put(owned_guest::data_at, {.in_use = true});
  CHECK(plain.fault_of(user_write) == nested_fault(rule::RMP_CHK_15, 0x1'8000'0007, plain.final_gpa.value));
  plain.part.hv_in_use_write = true;
  CHECK_FALSE(plain.fault_of(user_write));
}

TEST_CASE("RMP-CHK-15: in_use_denies_guest_reads", "[paging][RMP-CHK-15]") {
  const auto reads = [](auto guest, bool denied) {
    guest.owners.put(owned_guest::data_at, {.in_use = true});
    guest.choices.in_use_denies_guest_reads = denied;
    return guest.fault_of(user_read);
  };
  owned_guest sharing;
  sharing.share();
  CHECK_FALSE(reads(sharing, false));
  CHECK_FALSE(reads(plain_guest{}, false));
  CHECK_FALSE(reads(owned_host{}, false));
  const fault denied = nested_fault(rule::RMP_CHK_15, 0x1'8000'0005, sharing.final_gpa.value);
  CHECK(reads(sharing, true) == denied);
  CHECK(reads(plain_guest{}, true) == denied);
  // Not the host's, and not those of other pages.
  owned_host host;
  host.owners.put(0x0280'0000, {.in_use = true});
  host.choices.in_use_denies_guest_reads = true;
  CHECK_FALSE(host.fault_of(user_read));
  sharing.choices.in_use_denies_guest_reads = true;
  CHECK_FALSE(sharing.fault_of(user_read));
}

TEST_CASE("PAG-RSV-02: 4M pages of 32-bit tables end where the part's addresses do",
          "[paging][PAG-RSV-02][PAG-ENT-04]") {
  CHECK(hex(reserved_of_pde(host_of_part(40, true))) == hex(bits_20_to(16)));  // 35 address bits
  CHECK(hex(reserved_of_pde(host_of_part(40, false))) == hex(0));
  CHECK(hex(reserved_of_pde(host_of_part(36, false))) == hex(bits_20_to(17)));
  CHECK(hex(reserved_of_pde(host_of_part(39, false))) == hex(bits_20_to(20)));
  CHECK(hex(reserved_of_pde(host_of_part(48, false))) == hex(0));
  CHECK(hex(reserved_of_pde(host_of_part(48, true))) == hex(0));
  // A width of 32 bits leaves none.
  host_of_format narrow = host_of_part(36, true);
  narrow.part.reduction = 4;
  CHECK(hex(reserved_of_pde(narrow)) == hex(bits_20_to(13)));
  // The addresses of guests are never reduced.
  guest_of_format guest({.guest = 2, .guest_leaf = 2, .nested_leaf = 2});
  guest.state.syscfg = encryption_on;
  guest.part.pa_bits = 40;
  CHECK(hex(reserved_of_pde(guest)) == hex(0));
}

TEST_CASE("choice pse36_bits: how many address bits a 4M page has, and nothing else", "[paging][PAG-ENT-04]") {
  const auto reserved = [](unsigned pa_bits, pse36_width width) {
    return hex(reserved_of_pde(host_of_part(pa_bits, false, width)));
  };
  CHECK(reserved(48, pse36_width::bits_40) == hex(0));
  CHECK(reserved(48, pse36_width::bits_36) == hex(bits_20_to(17)));
  CHECK(reserved(48, pse36_width::bits_32) == hex(bits_20_to(13)));
  // The part's width counts besides.
  CHECK(reserved(38, pse36_width::bits_40) == hex(bits_20_to(19)));
  CHECK(reserved(38, pse36_width::bits_36) == hex(bits_20_to(17)));
  CHECK(reserved(38, pse36_width::bits_32) == hex(bits_20_to(13)));
  // 4K pages and other formats are as they were.
  for (const unsigned levels : {2U, 3U, 4U, 5U}) {
    for (const unsigned leaf : {1U, 2U}) {
      if (levels == 2 && leaf == 2) continue;
      host_of_format host(levels, leaf);
      context<> standard;
      context<> chosen{.choices = {.pse36_bits = pse36_width::bits_32}};
      const auto before = paging::make_host_regime(standard, host.part, host.regs).value();
      const auto after = paging::make_host_regime(chosen, host.part, host.regs).value();
      if (levels != 2) CHECK(before == after);
      CHECK(before.masks[1] == after.masks[1]);
      CHECK(before.masks[2].zero_in_pointer == after.masks[2].zero_in_pointer);
      host.choices = chosen.choices;
      CHECK_FALSE(host.fault_of(user_write));
    }
  }
  // The guest's and the VMM's own tables, too.
  guest_of_format guest({.guest = 2, .guest_leaf = 2, .nested_leaf = 2});
  guest.choices.pse36_bits = pse36_width::bits_36;
  CHECK(hex(reserved_of_pde(guest)) == hex(bits_20_to(17)));
}

TEST_CASE("choice gmet_walk_us_bit: bit 2 of faults on guest tables with GMET, and nothing else",
          "[paging][PAG-GMET-03]") {
  for (const bool with_gmet : {false, true}) {
    for (const bool chosen : {false, true}) {
      for (const memory_access& why : {user_read, kernel_read, user_fetch, kernel_write}) {
        INFO("GMET " << with_gmet << ", choice " << chosen << ", kind " << static_cast<int>(why.kind));
        guest_machine guest;
        guest.choices.gmet_walk_us_bit = chosen;
        if (with_gmet) guest.state.np_control |= gmet;
        guest_machine final = guest;
        for (const unsigned level : {1U, 3U, 4U}) {
          guest_machine broken = guest;
          broken.for_table(level, 1) &= ~present;
          const auto found = broken.fault_of(why);
          REQUIRE(found.has_value());
          const std::uint64_t code = found->code & ~std::uint64_t{0x10};  // ID is another matter
          CHECK(hex(code) == hex(0x2'0000'0002 | (with_gmet && !chosen ? 0U : 4U)));
        }
        // The page itself is told by the CPL.
        final.for_data(1) &= ~present;
        const auto of_page = final.fault_of(why);
        REQUIRE(of_page.has_value());
        CHECK(((of_page->code & 4) != 0) == (why.is_user() || !with_gmet));
        CHECK_FALSE(guest.fault_of(user_read));
      }
    }
  }
}

TEST_CASE("choice strict_shared_read: shared reads of SNP-active guests, and nothing else",
          "[paging][RMP-CHK-02][ENC-HOST-03]") {
  for (const bool strict : {false, true}) {
    INFO("strict " << strict);
    // A page of the guest itself, read through C=0.
    owned_guest guest;
    guest.share();
    guest.choices.strict_shared_read = strict;
    const auto denied =
        strict ? std::optional{nested_fault(rule::RMP_CHK_01, 0x1'8000'0005, guest.final_gpa.value)} : std::nullopt;
    CHECK(guest.fault_of(user_read) == denied);
    CHECK(guest.fault_of(kernel_read) == denied);
    guest.page() = guest_page(0x0280'0000, 6);
    CHECK(guest.fault_of(user_read) == denied);
    // Writes and fetches are as ever.
    CHECK(guest.fault_of(user_write) == nested_fault(rule::RMP_CHK_01, 0x1'8000'0007, guest.final_gpa.value));
    CHECK(guest.fault_of(user_fetch) == nested_fault(rule::RMP_CHK_01, 0x5'8000'0015, guest.final_gpa.value));
    // A page of the hypervisor can be read, written, and not fetched.
    guest.page() = {};
    CHECK_FALSE(guest.fault_of(user_read));
    CHECK_FALSE(guest.fault_of(user_write));
    // Private reads, guests that are not SNP-active, and the host.
    owned_guest own;
    own.choices.strict_shared_read = strict;
    CHECK_FALSE(own.fault_of(user_read));
    plain_guest plain;
    plain.choices.strict_shared_read = strict;
    plain.owners.put(owned_guest::data_at, guest_page(0x0280'0000));
    CHECK_FALSE(plain.fault_of(user_read));
    owned_host host;
    host.choices.strict_shared_read = strict;
    host.owners.put(0x0280'0000, guest_page(0x5000));
    CHECK_FALSE(host.fault_of(user_read));
  }
}
