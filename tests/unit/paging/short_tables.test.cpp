// SPDX-License-Identifier: MIT
// Tables that translate 32-bit addresses: PAE and 32-bit entries, of hosts, guests and nested stages.
#include <support/catch.hpp>
#include <support/formats.hpp>
#include <support/recorder.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

constexpr std::uint64_t cr4_pse = paging::cr4::pse::mask;

/// The sPAs of the table reads of a walk, root first.
template <class Machine>
auto read_places(Machine& machine, const memory_access& why = user_read) -> std::vector<std::uint64_t> {
  recorder heard;
  recording_context ctx{.rules = {}, .choices = machine.choices, .listener = heard};
  (void)machine.run(ctx, machine.memory, why);
  std::vector<std::uint64_t> places;
  for (const table_read& read : heard.reads) places.push_back(read.where.value);
  return places;
}

}  // namespace

TEST_CASE("PAG-MODE-02: two levels of 32-bit entries, 4K and 4M pages", "[paging][PAG-MODE-02][PAG-MODE-07]") {
  host_of_format small(2);
  CHECK(read_places(small) == std::vector<std::uint64_t>{0x10000 + 4 * 0x259, 0x11000 + 4 * 0x143});
  const auto page = small.run(user_write);
  REQUIRE(page.has_value());
  CHECK(page->page.where == spa{0x0280'0cc8});
  CHECK(page->page.size == page_size::k4k);
  CHECK(page->key == memory_key::none());

  host_of_format big(2, 2);
  CHECK(read_places(big) == std::vector<std::uint64_t>{0x10000 + 4 * 0x259});
  const auto large_page = big.run(user_write);
  REQUIRE(large_page.has_value());
  CHECK(large_page->page.where == spa{0x0280'0000 + (linear_32 & 0x3f'ffff)});
  CHECK(large_page->page.size == page_size::k4m);

  // Without PSE bit 7 of a PDE says nothing: the entry points to a table.
  big.regs.cr4 &= ~cr4_pse;
  CHECK(big.fault_of(user_read) == fault{fault_kind::no_memory, rule::none, 0, 0x0280'0000 + 4 * 0x143});
  small.regs.cr4 &= ~cr4_pse;
  small.at(2) |= large;
  CHECK(small.run(user_read)->page.where == spa{0x0280'0cc8});
  // And bit 7 of a PTE is PAT.
  small.at(1) |= large;
  CHECK(small.run(user_read)->page.size == page_size::k4k);
}

TEST_CASE("PAG-MODE-03: three levels of 64-bit entries, 4K and 2M pages", "[paging][PAG-MODE-03][PAG-MODE-07]") {
  const bool pse = GENERATE(false, true);  // ignored
  host_of_format small(3);
  if (pse) small.regs.cr4 |= cr4_pse;
  CHECK(read_places(small) == std::vector<std::uint64_t>{0x10a40 + 8 * 2, 0x11000 + 8 * 0x0b2, 0x12000 + 8 * 0x143});
  CHECK(small.run(user_write)->page.where == spa{0x0280'0cc8});
  CHECK(small.run(user_write)->page.size == page_size::k4k);

  host_of_format big(3, 2);
  if (pse) big.regs.cr4 |= cr4_pse;
  CHECK(read_places(big).size() == 2);
  CHECK(big.run(user_write)->page.where == spa{0x0280'0000 + (linear_32 & 0x1f'ffff)});
  CHECK(big.run(user_write)->page.size == page_size::k2m);

  // Addresses may have all bits of the part.
  host_of_format high(3, 1, linear_32, 0x7fff'fff5'2000);
  CHECK(high.run(user_read)->page.where == spa{0x7fff'fff5'2cc8});
}

TEST_CASE("boundary addresses of 32-bit translation", "[paging][PAG-MODE-02][PAG-MODE-03][PAG-MODE-07]") {
  const unsigned levels = GENERATE(2U, 3U);
  for (const unsigned leaf : {1U, 2U}) {
    const unsigned page_bits = leaf_bits(levels, leaf);
    for (const std::uint64_t linear : {0x0000'0000U, 0x0000'0fffU, 0x0000'1000U, 0x001f'ffffU, 0x0020'0000U,
                                       0x003f'ffffU, 0x0040'0000U, 0x3fff'ffffU, 0x4000'0000U, 0x7fff'ffffU,
                                       0x8000'0000U, 0xbfff'ffffU, 0xc000'0000U, 0xffff'f000U, 0xffff'ffffU}) {
      INFO(levels << " levels, leaf " << leaf << ", " << hex(linear));
      host_of_format host(levels, leaf, linear);
      const auto found = host.run(user_read);
      REQUIRE(found.has_value());
      CHECK(found->page.where.value == 0x0280'0000 + (linear & (bit_at(page_bits) - 1)));
    }
  }
}

TEST_CASE("PAG-CAN-02: outside 64-bit mode linear addresses have 32 bits", "[paging][PAG-CAN-02]") {
  for (const unsigned levels : {0U, 2U, 3U}) {
    host_of_format host(levels);
    const auto low = host.run(user_read);
    REQUIRE(low.has_value());
    for (const unsigned n : {32U, 47U, 48U, 63U}) {
      INFO(levels << " levels, bit " << n);
      host_of_format high(levels);
      high.where.value |= bit_at(n);
      CHECK(high.run(user_read) == low);  // no canonical check, no other page
      if (levels == 0) continue;
      high.at(1) = 0;
      CHECK(high.fault_of(user_read) == page_fault(rule::PAG_ENT_02, 0x4, linear_32));
    }
  }
  // Compatibility mode: long-mode tables, 32-bit addresses.
  memory_access compatible = user_read;
  compatible.compatibility = true;
  host_of_format host(4);
  const auto low = host.run(user_read);
  REQUIRE(low.has_value());
  CHECK(read_places(host).size() == 4);
  host.where.value |= bit_at(60) | bit_at(32);
  CHECK(host.run(compatible) == low);
  CHECK(fault_of(host.run(user_read)) == fault{fault_kind::gp, rule::PAG_CAN_01, 0, 0});
  memory_access wrapping = compatible;
  wrapping.bytes = 0x8000'0000;
  CHECK(host.run(wrapping) == low);  // the end of the reference is not checked either
  // And in guests of every format.
  for (const unsigned levels : {0U, 2U, 3U}) {
    guest_of_format guest({.guest = levels});
    const auto expected = guest.run(user_read);
    REQUIRE(expected.has_value());
    guest.where.value |= bit_at(40);
    CHECK(guest.run(user_read) == expected);
  }
}

TEST_CASE("PAG-CR3-04: PAE roots are multiples of 32, 32-bit roots of 4096", "[paging][PAG-CR3-04]") {
  host_of_format pae(3);
  const auto expected = pae.run(user_read);
  for (unsigned n = 0; n < 5; ++n) {
    pae.regs.cr3 ^= bit_at(n);
    CHECK(pae.run(user_read) == expected);
  }
  pae.regs.cr3 ^= bit_at(5);  // another table
  CHECK(pae.fault_of(user_read)->kind == fault_kind::no_memory);

  host_of_format legacy(2);
  const auto small = legacy.run(user_read);
  for (unsigned n = 0; n < 12; ++n) {
    legacy.regs.cr3 ^= bit_at(n);
    CHECK(legacy.run(user_read) == small);
  }
  legacy.regs.cr3 ^= bit_at(12);
  CHECK(legacy.fault_of(user_read)->kind == fault_kind::no_memory);

  // CR3 has 32 bits: those up to the physical width are not looked at, those above are refused.
  context<> ctx;
  for (const unsigned levels : {2U, 3U}) {
    for (unsigned n = 32; n < 64; ++n) {
      INFO(levels << " levels, bit " << n);
      host_of_format host(levels);
      const auto before = host.run(user_read);
      host.regs.cr3 |= bit_at(n);
      for (const std::uint64_t syscfg : {std::uint64_t{0}, encryption_on}) {
        const unsigned width = syscfg != 0 ? 43 : 48;
        const auto regime = paging::make_host_regime(ctx, host.part, host.regs, syscfg);
        REQUIRE(regime.has_value() == (n < width));  // no C-bit either: bit 51 is refused
        if (!regime) CHECK(regime.error().decided_by == rule::PAG_CR3_03);
        else CHECK(paging::walk(ctx, host.memory, *regime, host.where, user_read) == before);
      }
    }
  }
}

TEST_CASE("PAG-CR3-05: PDPEs are read and checked when they are used", "[paging][PAG-CR3-05][PAG-RSV-01]") {
  // Bits 2:1, 8:5 and 63:52 must be zero. Bits 4:3 and 11:9 mean nothing here.
  for (const bool write : {false, true}) {
    for (unsigned n = 1; n < 64; ++n) {
      if (n >= 12 && n < 48) continue;  // address
      INFO("bit " << n);
      host_of_format host(3);
      host.at(3) |= bit_at(n);
      const bool reserved = n <= 2 || (n >= 5 && n <= 8) || n >= 48;
      const rule why = n >= 48 && n < 52 ? rule::PAG_RSV_02 : rule::PAG_RSV_01;
      const auto found = host.fault_of(write ? user_write : user_read);
      if (!reserved) CHECK_FALSE(found);
      else CHECK(found == page_fault(why, write ? 0xf : 0xd, linear_32));
    }
  }
  // The three other entries are not looked at.
  host_of_format others(3);
  for (const unsigned index : {0U, 1U, 3U}) others.memory.put(0x10a40 + 8 * index, ~std::uint64_t{});
  CHECK_FALSE(others.fault_of(user_read));
  // P=0 comes first, as everywhere.
  others.at(3) = ~present;
  CHECK(others.fault_of(user_read) == page_fault(rule::PAG_ENT_02, 0x4, linear_32));
  // A PDPE gives no rights and takes none, and has no A bit.
  host_of_format pure(3);
  const cells before = pure.memory;
  CHECK_FALSE(pure.fault_of(user_write));
  CHECK(pure.run(user_read)->page.rights == paging::page_rights{.writable = true, .user = true});
  CHECK(pure.memory == before);
}

TEST_CASE("PAG-ENT-04: a 4M PDE has the address bits 39:32", "[paging][PAG-ENT-04][PAG-RSV-10]") {
  for (unsigned n = 22; n < 40; ++n) {
    INFO("address bit " << n);
    host_of_format host(2, 2, linear_32, bit_at(n));
    const auto found = host.run(user_read);
    REQUIRE(found.has_value());
    CHECK(found->page.where.value == (bit_at(n) | (linear_32 & 0x3f'ffff)));
    if (n >= 32) CHECK((host.at(2) & ~std::uint64_t{0xfff}) == bit_at(n - 32 + 13));
  }
  host_of_format top(2, 2, linear_32, 0xff'ffc0'0000);
  CHECK(top.run(user_write)->page.where.value == (0xff'ffc0'0000 | (linear_32 & 0x3f'ffff)));
  CHECK(top.run(user_write)->page.leaf.raw ==
        (0xff'ffc0'0000 | all_rights | accessed | dirty | large));  // in the 64-bit form
  top.at(2) |= bit_at(21);
  CHECK(top.fault_of(user_write) == page_fault(rule::PAG_RSV_01, 0xf, linear_32));
  top.at(2) &= ~bit_at(21);
  top.at(2) |= bit_at(12);  // PAT
  CHECK_FALSE(top.fault_of(user_write));
  // A part of exactly that width has them all.
  host_of_format narrow(2, 2, linear_32, 0xff'0000'0000);
  narrow.part.pa_bits = 40;
  CHECK(narrow.run(user_read)->page.where.value == (0xff'0000'0000 | (linear_32 & 0x3f'ffff)));
}

TEST_CASE("PAG-RSV-10: of 32-bit entries only the 4M PDE has reserved bits", "[paging][PAG-RSV-10]") {
  for (unsigned n = 0; n < 32; ++n) {
    INFO("bit " << n);
    for (const unsigned level : {1U, 2U}) {
      host_of_format host(2);
      if (level == 2 && n == 7) host.regs.cr4 &= ~cr4_pse;
      host.at(level) |= bit_at(n);
      const auto found = host.fault_of(user_read);
      // Address bits lead elsewhere; nothing is a reserved-bit fault.
      CHECK((!found || found->kind == fault_kind::no_memory));
    }
    host_of_format big(2, 2);
    big.at(2) |= bit_at(n);
    CHECK(big.fault_of(user_read).has_value() == (n == 21));
    // Without PSE, bit 21 is an address bit of a table.
    if (n != 21) continue;
    big.regs.cr4 &= ~cr4_pse;
    CHECK(big.fault_of(user_read)->kind == fault_kind::no_memory);
  }
  // EFER.NXE has no say: there is no NX, so no ID either unless SMEP is on.
  host_of_format host(2);
  host.at(1) = 0;
  CHECK(host.fault_of(user_fetch) == page_fault(rule::PAG_ENT_02, 0x4, linear_32));
  host.regs.cr4 |= cr4_smep;
  CHECK(host.fault_of(user_fetch) == page_fault(rule::PAG_ENT_02, 0x14, linear_32));
}

TEST_CASE("PAG-RSV-01: reserved bits of PAE entries", "[paging][PAG-RSV-01][PAG-RSV-02][PAG-RSV-08][PAG-MODE-03]") {
  const unsigned leaf = GENERATE(1U, 2U);
  for (unsigned level = leaf; level <= 2; ++level) {
    for (unsigned n = 48; n < 64; ++n) {
      for (const bool nxe : {false, true}) {
        INFO("level " << level << ", leaf " << leaf << ", bit " << n << ", NXE " << nxe);
        host_of_format host(3, leaf);
        if (!nxe) host.regs.efer &= ~efer_nxe;
        host.at(level) |= bit_at(n);
        const auto found = host.fault_of(user_read);
        if (n < 52) CHECK(found == page_fault(rule::PAG_RSV_02, 0xd, linear_32));
        else if (n < 63) CHECK(found == page_fault(rule::PAG_RSV_01, 0xd, linear_32));  // no protection keys
        else if (!nxe) CHECK(found == page_fault(rule::PAG_RSV_08, 0xd, linear_32));
        else CHECK_FALSE(found);
      }
    }
  }
  // Low address bits of a 2M page.
  for (unsigned n = 12; n < 21; ++n) {
    host_of_format host(3, 2);
    host.at(2) |= bit_at(n);
    if (n == 12) CHECK_FALSE(host.fault_of(user_read));  // PAT
    else CHECK(host.fault_of(user_read) == page_fault(rule::PAG_RSV_01, 0xd, linear_32));
  }
  // PDE and PTE have no bit-8 rule.
  host_of_format host(3);
  host.at(2) |= bit_8;
  host.at(1) |= bit_8;
  CHECK_FALSE(host.fault_of(user_read));
}

TEST_CASE("permissions of short tables", "[paging][PAG-PERM-01][PAG-PERM-02][PAG-PERM-03][PAG-PERM-04][PAG-MODE-02]") {
  const unsigned levels = GENERATE(2U, 3U);
  for (const unsigned level : {1U, 2U}) {
    INFO(levels << " levels, level " << level);
    host_of_format host(levels);
    host.at(level) &= ~user;
    CHECK(host.fault_of(user_read) == page_fault(rule::PAG_PERM_01, 0x5, linear_32));
    CHECK_FALSE(host.fault_of(kernel_write));
    host.at(level) |= user;
    host.at(level) &= ~writable;
    CHECK(host.fault_of(user_write) == page_fault(rule::PAG_PERM_02, 0x7, linear_32));
    CHECK(host.fault_of(kernel_write) == page_fault(rule::PAG_PERM_02, 0x3, linear_32));
    host.regs.cr0 &= ~cr0_wp;
    CHECK_FALSE(host.fault_of(kernel_write));
    host.at(level) |= writable;
    if (levels == 3) {
      host.at(level) |= no_execute;
      CHECK(host.fault_of(user_fetch) == page_fault(rule::PAG_PERM_03, 0x15, linear_32));
      host.at(level) &= ~no_execute;
    }
    host.regs.cr4 |= cr4_smep | cr4_smap;
    CHECK(host.fault_of(kernel_fetch) == page_fault(rule::PAG_PERM_04, 0x11, linear_32));
    CHECK(host.fault_of(kernel_read) == page_fault(rule::PAG_PERM_05, 0x1, linear_32));
    // Protection keys are long mode's.
    host.regs.cr4 = (host.regs.cr4 & ~cr4_smap) | cr4_pke;
    memory_access keyed = user_read;
    keyed.pkru = 0xffff'ffff;
    CHECK_FALSE(host.fault_of(keyed));
  }
}

TEST_CASE("PAG-AD-01: A and D of short tables", "[paging][PAG-AD-01][PAG-AD-06][PAG-MODE-02][PAG-MODE-03]") {
  const unsigned levels = GENERATE(2U, 3U);
  const unsigned leaf = GENERATE(1U, 2U);
  const bool low_half = GENERATE(false, true);
  const auto policy = GENERATE(ad_update::eager, ad_update::deferred);
  INFO(levels << " levels, leaf " << leaf << ", low half " << low_half);
  const std::uint64_t linear = low_half ? linear_32 & ~std::uint64_t{0x40'1000} : linear_32;
  for (const memory_access& why : {user_read, user_write, user_fetch}) {
    host_of_format host(levels, leaf, linear);
    host.choices.ad_policy = policy;
    for (unsigned level = leaf; level <= 2; ++level) {
      const std::uint64_t neighbour = host.slot(level) ^ 4;  // the other entry of the quadword keeps its bits
      if (levels == 2) entry_ref(host.memory, neighbour, true) = 0x8765'4321U;
      host.at(level) &= ~(accessed | dirty);
    }
    recorder heard;
    recording_context ctx{.rules = {}, .choices = host.choices, .listener = heard};
    const std::uint64_t leaf_before = host.at(leaf);
    const auto found = host.run(ctx, host.memory, why);
    REQUIRE(found.has_value());
    CHECK(found->page.leaf.raw == leaf_before);  // as read
    CHECK(heard.updated_levels(stage::host) == (leaf == 1 ? std::vector<unsigned>{2, 1} : std::vector<unsigned>{2}));
    for (unsigned level = leaf; level <= 2; ++level) {
      CHECK((host.at(level) & accessed) != 0);
      CHECK(((host.at(level) & dirty) != 0) == (level == leaf && why.is_write()));
      if (levels == 2) CHECK(entry_ref(host.memory, host.slot(level) ^ 4, true) == 0x8765'4321U);
    }
    // A second time there is nothing to do.
    const cells after = host.memory;
    CHECK(host.run(why).has_value());
    CHECK(host.memory == after);
  }
}

TEST_CASE("PAG-AD-04: another agent changes a 32-bit entry, or its neighbour", "[paging][PAG-AD-04]") {
  // The neighbour shares the quadword: the exchange fails, the walk is repeated, and nothing is lost.
  struct meddled {
    cells& memory;
    std::uint64_t where;
    unsigned exchanges = 0;
    [[nodiscard]] auto read_qword(spa at, memory_key key) -> std::optional<std::uint64_t> {
      return memory.read_qword(at, key);
    }
    auto compare_exchange_qword(spa at, memory_key key, std::uint64_t expected, std::uint64_t desired) -> bool {
      if (exchanges++ == 0) entry_ref(memory, where, true) = 0x1234'5678U;
      return memory.compare_exchange_qword(at, key, expected, desired);
    }
  };
  for (const unsigned level : {1U, 2U}) {
    host_of_format host(2);
    host.at(level) &= ~accessed;
    context<> ctx;
    meddled memory{host.memory, host.slot(level) ^ 4};
    const auto found = host.run(ctx, memory, user_read);
    REQUIRE(found.has_value());
    CHECK(found->page.where == spa{0x0280'0cc8});
    CHECK(memory.exchanges == 2);
    CHECK((host.at(level) & accessed) != 0);
    CHECK(entry_ref(host.memory, host.slot(level) ^ 4, true) == 0x1234'5678U);
  }
}

TEST_CASE("PAG-MODE-08: paged real mode translates as with PE=1 at CPL 0", "[paging][PAG-MODE-08]") {
  const unsigned levels = GENERATE(2U, 3U);
  guest_of_format guest({.guest = levels});
  const auto expected = guest.run(kernel_write);
  REQUIRE(expected.has_value());
  guest.state.guest.cr0 &= ~std::uint64_t{1};
  CHECK(guest.run(kernel_write) == expected);
  guest.in_guest(1) &= ~writable;
  CHECK(guest.fault_of(kernel_write) == page_fault(rule::PAG_PERM_02, 0x3, linear_32));
  // Only a guest can be in it.
  host_of_format host(levels);
  host.regs.cr0 &= ~std::uint64_t{1};
  context<> ctx;
  CHECK_FALSE(paging::make_host_regime(ctx, host.part, host.regs).has_value());
}

TEST_CASE("PAG-NPT-16: a PAE guest's PDPE is read through the nested tables", "[paging][PAG-NPT-16][PAG-CR3-05]") {
  guest_of_format guest;
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  const auto found = guest.run(ctx, guest.memory, user_read);
  REQUIRE(found.has_value());
  CHECK(found->page.where == spa{0x4280'0cc8});
  CHECK(found->in_guest.where == gpa{0x0280'0cc8});
  CHECK(heard.reads.size() == 19);  // PAG-CNT-02
  CHECK(heard.reads_of(stage::guest) == 3);
  CHECK(heard.reads[4].level == 3);
  CHECK(heard.reads[4].where == spa{0x4001'0a40 + 8 * 2});

  // A user write for the nested tables, whatever the access is.
  guest.for_table(3, 1) &= ~writable;
  CHECK(guest.fault_of(user_fetch) == nested_fault(rule::PAG_NPT_11, 0x2'0000'0007, 0x10a50));
  guest.for_table(3, 1) |= writable;
  guest.for_table(3, 1) &= ~user;
  CHECK(guest.fault_of(kernel_read) == nested_fault(rule::PAG_NPT_11, 0x2'0000'0007, 0x10a50));
  guest.for_table(3, 1) |= user;
  guest.for_table(3, 1) &= ~(accessed | dirty);
  CHECK_FALSE(guest.fault_of(user_read));
  CHECK((guest.for_table(3, 1) & (accessed | dirty)) == (accessed | dirty));
  // On demand, and a reserved bit is the guest's #PF.
  guest.in_guest(3) |= bit_at(1);
  CHECK(guest.fault_of(user_read) == page_fault(rule::PAG_RSV_01, 0xd, linear_32));
}

TEST_CASE("guests and nested tables of all formats", "[paging][PAG-NPT-01][PAG-NPT-18][PAG-CNT-02][PAG-MODE-02]") {
  for (const unsigned guest_levels : {0U, 2U, 3U, 4U}) {
    for (const unsigned nested_levels : {2U, 3U, 4U, 5U}) {
      for (const unsigned guest_leaf : {1U, 2U}) {
        for (const unsigned nested_leaf : {1U, 2U}) {
          if (guest_levels == 0 && guest_leaf == 2) continue;
          INFO(guest_levels << " over " << nested_levels << ", leaves " << guest_leaf << " and " << nested_leaf);
          guest_of_format guest({guest_levels, guest_leaf, nested_levels, nested_leaf});
          recorder heard;
          recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
          const auto found = guest.run(ctx, guest.memory, user_write);
          REQUIRE(found.has_value());
          CHECK(found->in_guest.where == guest.final_gpa);
          CHECK(found->page.where.value == 0x4000'0000 + guest.final_gpa.value);
          const unsigned g = guest_levels == 0 ? 0 : guest_levels - guest_leaf + 1;
          const unsigned n = nested_levels - nested_leaf + 1;
          CHECK(heard.reads.size() == (g + 1) * (n + 1) - 1);
          const page_size large_guest = guest_levels == 2 ? page_size::k4m : page_size::k2m;
          const page_size large_nested = nested_levels == 2 ? page_size::k4m : page_size::k2m;
          const page_size of_guest = guest_levels == 0 ? page_size::unlimited
                                     : guest_leaf == 1 ? page_size::k4k
                                                       : large_guest;
          const page_size of_nested = nested_leaf == 1 ? page_size::k4k : large_nested;
          CHECK(found->in_guest.size == of_guest);
          CHECK(found->page.size == of_nested);
          CHECK(found->size == smaller_of(of_guest, of_nested));

          guest.for_data(nested_leaf) = 0;
          CHECK(guest.fault_of(user_read) == nested_fault(rule::PAG_ENT_02, 0x1'0000'0004, guest.final_gpa.value));
          if (guest_levels == 0) continue;
          // One large nested page holds all tables.
          const std::uint64_t entry = guest.gpa_of(nested_leaf == 1 ? guest_leaf : guest_levels);
          guest.for_table(guest_leaf, nested_leaf) = 0;
          CHECK(guest.fault_of(user_read) == nested_fault(rule::PAG_ENT_02, 0x2'0000'0006, entry));
        }
      }
    }
  }
}

TEST_CASE("nested tables of short formats", "[paging][PAG-NPT-20][PAG-NPT-21][PAG-RSV-10][PAG-NPF-11][PAG-CR3-04]") {
  // Reserved bits and NX of a PAE VMM.
  guest_of_format pae({.guest = 4, .nested = 3});
  const std::uint64_t byte = pae.final_gpa.value;
  pae.for_data(3) |= bit_at(1);
  CHECK(pae.fault_of(user_read) == nested_fault(rule::PAG_RSV_01, 0x2'0000'000f, pae.gpa_of(4)));
  pae.for_data(3) &= ~bit_at(1);
  pae.for_data(1) |= no_execute;
  CHECK(pae.fault_of(user_fetch) == nested_fault(rule::PAG_NPF_02, 0x1'0000'0015, byte));
  CHECK_FALSE(pae.fault_of(user_read));

  // A VMM without PAE: no NX, so ID is SMEP's alone.
  guest_of_format legacy({.guest = 4, .nested = 2});
  legacy.for_data(1) = 0;
  CHECK(legacy.fault_of(user_fetch) == nested_fault(rule::PAG_ENT_02, 0x1'0000'0004, legacy.final_gpa.value));
  legacy.state.host.cr4 |= cr4_smep;
  CHECK(legacy.fault_of(user_fetch) == nested_fault(rule::PAG_ENT_02, 0x1'0000'0014, legacy.final_gpa.value));
  guest_of_format large_pages({.guest = 3, .guest_leaf = 1, .nested = 2, .nested_leaf = 2});
  large_pages.for_data(2) |= bit_at(21);
  CHECK(large_pages.fault_of(user_read) == nested_fault(rule::PAG_RSV_01, 0x1'0000'000d, large_pages.final_gpa.value));
  // A nested 4M page above 4 GiB.
  large_pages.for_data(2) = (large_pages.for_data(2) & ~bit_at(21)) | bit_at(13 + 5);
  CHECK(large_pages.run(user_read)->page.where.value == bit_at(37) + 0x4000'0000 + large_pages.final_gpa.value);

  // Neither indexes gPAs above 4 GiB.
  for (const unsigned levels : {2U, 3U}) {
    guest_of_format high({.guest = 4, .nested = levels});
    high.in_guest(1) |= bit_at(33);
    CHECK(high.fault_of(user_read) == nested_fault(rule::PAG_NPT_21, 0x1'0000'0004, high.final_gpa.value | bit_at(33)));
    high.choices.npt_high_gpa = high_gpa::alias;
    CHECK_FALSE(high.fault_of(user_read));
  }
}

TEST_CASE("PAG-KEY-08, PAG-KEY-09: SEV guests outside long mode",
          "[paging][PAG-KEY-08][PAG-KEY-09][PAG-MODE-06][PAG-KEY-06]") {
  for (const unsigned c_bit : {47U, 51U}) {
    guest_of_format pae;
    pae.part.c_bit = c_bit;
    pae.make_sev();
    // PAE has a C-bit, in every entry.
    CHECK(pae.run(user_read)->key == memory_key::none());
    CHECK_FALSE(pae.run(user_read)->effective_c);
    CHECK(pae.run(user_fetch)->key == memory_key::guest({5}));
    for (const unsigned level : {1U, 2U, 3U}) pae.in_guest(level) |= bit_at(c_bit);
    CHECK(pae.run(user_read)->key == memory_key::guest({5}));
    CHECK(pae.run(user_read)->page.where == spa{0x4280'0cc8});
    CHECK(pae.run(user_read)->in_guest.c);
    pae.in_guest(1) &= ~bit_at(c_bit);
    pae.for_data(1) |= bit_at(c_bit);
    CHECK(pae.run(user_read)->key == memory_key::host());
  }
  // Tables of 32-bit entries have none, so everything is private.
  for (const unsigned leaf : {1U, 2U}) {
    guest_of_format legacy({.guest = 2, .guest_leaf = leaf});
    legacy.make_sev();
    legacy.for_data(1) |= bit_at(51);
    recorder heard;
    recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
    const auto found = legacy.run(ctx, legacy.memory, user_read);
    REQUIRE(found.has_value());
    CHECK(found->key == memory_key::guest({5}));
    CHECK(found->effective_c);
    CHECK_FALSE(found->in_guest.c);
    CHECK(heard.keys(stage::guest, 2) == std::set{memory_key::guest({5})});
  }
}

TEST_CASE("PAG-KEY-02: a PAE host has a C-bit, a host without PAE none", "[paging][PAG-KEY-02][PAG-ENC-06]") {
  host_of_format pae(3);
  pae.syscfg = encryption_on;
  for (const unsigned level : {2U, 3U}) pae.at(level) |= bit_at(51);
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  const auto found = pae.run(ctx, pae.memory, user_read);
  REQUIRE(found.has_value());
  CHECK(found->key == memory_key::none());
  CHECK(heard.keys(stage::host, 3) == std::set{memory_key::none()});  // CR3 has no C-bit
  CHECK(heard.keys(stage::host, 2) == std::set{memory_key::host()});
  CHECK(heard.keys(stage::host, 1) == std::set{memory_key::host()});
  pae.at(1) |= bit_at(51);
  CHECK(pae.run(user_read)->key == memory_key::host());
  pae.at(1) |= bit_at(44);  // within the reduction
  CHECK(pae.fault_of(user_read) == page_fault(rule::PAG_RSV_02, 0xd, linear_32));

  host_of_format legacy(2);
  legacy.syscfg = encryption_on;
  CHECK(legacy.run(user_read)->key == memory_key::none());
}

TEST_CASE("PAG-CAN-03: upper address ignore", "[paging][PAG-CAN-03]") {
  memory_access data = user_read;
  data.through_ds_or_es = true;
  const fault not_canonical{fault_kind::gp, rule::PAG_CAN_01, 0, 0};
  for (const unsigned levels : {4U, 5U}) {
    host_machine plain(levels);
    const auto expected = plain.run(user_read);
    REQUIRE(expected.has_value());
    for (unsigned n = levels == 5 ? 57 : 48; n < 64; ++n) {
      INFO(levels << " levels, bit " << n);
      host_machine host(levels);
      host.where.value ^= bit_at(n);
      CHECK(host.fault_of(data) == not_canonical);  // the bit is off
      host.regs.efer |= paging::efer::uaie::mask;
      CHECK(host.fault_of(user_read) == not_canonical);  // CS, SS, FS, GS
      if (n >= 57) {
        CHECK(host.run(data) == expected);
        host.at(1) = 0;
        CHECK(host.fault_of(data) == page_fault(rule::PAG_ENT_02, 0x4, host.where.value));
      } else {
        CHECK(host.fault_of(data) == not_canonical);
      }
    }
  }
  // Not in compatibility mode, where addresses have no upper bits, and not where EFER.LMA=0.
  host_machine host;
  host.regs.efer |= paging::efer::uaie::mask;
  host.where.value |= bit_at(62);
  memory_access through_stack = data;
  through_stack.through_ds_or_es = false;
  through_stack.through_ss = true;
  CHECK(host.fault_of(through_stack) == fault{fault_kind::ss, rule::PAG_CAN_01, 0, 0});
  // The last byte counts, too.
  host.where.value = 0x0000'7fff'ffff'ffff | bit_at(62);
  data.bytes = 2;
  CHECK(host.fault_of(data) == fault{fault_kind::gp, rule::PAG_CAN_04, 0, 0});
  host_of_format pae(3);
  pae.regs.efer |= paging::efer::uaie::mask;
  CHECK_FALSE(pae.fault_of(data));
  // The guest's own EFER decides for guests.
  guest_machine guest;
  guest.where.value |= bit_at(60);
  data.bytes = 1;
  guest.state.host.efer |= paging::efer::uaie::mask;
  CHECK(guest.fault_of(data) == not_canonical);
  guest.state.guest.efer |= paging::efer::uaie::mask;
  CHECK_FALSE(guest.fault_of(data));
}
