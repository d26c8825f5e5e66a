// SPDX-License-Identifier: MIT
// Every single bit of every level's entry, in host, guest and nested tables, against a table of what the bit means.
#include <support/catch.hpp>
#include <support/machines.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

/// What sets the meaning of bits apart, as the manual's tables do.
struct domain {
  unsigned width;       ///< address bits [51:width] are reserved
  int c_bit;            ///< the legal C-bit, or -1
  bool nxe;             ///< bit 63 is NX, not reserved
  unsigned leaf_level;  ///< of this walk
};

enum class meaning { ignored, address, reserved };

/// APM vol. 2, 5.3.3 to 5.3.5, bit by bit; `why` is set for reserved bits.
auto meaning_of(const domain& tables, unsigned level, unsigned n, rule& why) -> meaning {
  const bool leaf = level == tables.leaf_level;
  if (n == 63) {
    why = rule::PAG_RSV_08;
    return tables.nxe ? meaning::ignored : meaning::reserved;
  }
  if (n >= 52) return meaning::ignored;
  if (static_cast<int>(n) == tables.c_bit) return meaning::ignored;
  if (n >= tables.width) {
    why = rule::PAG_RSV_02;
    return meaning::reserved;
  }
  if (leaf && level > 1 && n >= 12) {
    if (n == 12) return meaning::ignored;  // PAT
    if (n < 12 + 9 * (level - 1)) {
      why = rule::PAG_RSV_01;
      return meaning::reserved;
    }
    return meaning::address;
  }
  if (n >= 12) return meaning::address;
  if (level >= 4 && n == 8) {
    why = rule::PAG_ENT_03;
    return meaning::reserved;
  }
  if (level >= 4 && n == 7) {
    why = rule::PAG_RSV_01;
    return meaning::reserved;
  }
  return meaning::ignored;
}

/// The bits to try at a level: those that the entry does not have set, but for PS of a pointer, which would make it a
/// leaf.
auto tries(std::uint64_t found, const domain& tables, unsigned level, unsigned n) -> bool {
  if ((found & bit_at(n)) != 0) return false;
  return n != 7 || level > 3 || level == tables.leaf_level;
}

constexpr struct {
  unsigned pa_bits, c_bit, reduction;
} parts[] = {{48, 51, 5}, {48, 47, 5}, {52, 51, 6}, {36, 40, 0}, {52, 51, 1}};

auto part_with(unsigned index) -> cpu_part {
  cpu_part part = test_part;
  part.pa_bits = parts[index].pa_bits;
  part.c_bit = parts[index].c_bit;
  part.reduction = parts[index].reduction;
  return part;
}

}  // namespace

TEST_CASE("PAG-RSV-01/02/03/04/08: every bit of host entries",
          "[paging][PAG-RSV-01][PAG-RSV-02][PAG-RSV-03][PAG-RSV-04][PAG-RSV-08]") {
  const unsigned part = GENERATE(0U, 1U, 2U, 3U, 4U);
  const bool encryption = GENERATE(false, true);
  const bool nxe = GENERATE(false, true);
  const unsigned levels = GENERATE(4U, 5U);
  const unsigned leaf = GENERATE(1U, 2U, 3U);
  const domain tables{.width = encryption ? parts[part].pa_bits - parts[part].reduction : parts[part].pa_bits,
                      .c_bit = encryption ? static_cast<int>(parts[part].c_bit) : -1,
                      .nxe = nxe,
                      .leaf_level = leaf};
  for (unsigned level = leaf; level <= levels; ++level) {
    for (unsigned n = 0; n < 64; ++n) {
      host_machine host(levels, leaf);
      host.part = part_with(part);
      host.syscfg = encryption ? encryption_on : 0;
      if (!nxe) host.regs.efer &= ~efer_nxe;
      if (!tries(host.at(level), tables, level, n)) continue;
      host.at(level) |= bit_at(n);
      rule why = rule::none;
      const meaning expected = meaning_of(tables, level, n, why);
      const auto found = host.run(user_read);
      INFO("bit " << n << " of level " << level << ", leaf " << leaf << ", width " << tables.width);
      if (expected == meaning::reserved) {
        CHECK(fault_of(found) == page_fault(why, 0xd, host.where.value));
      } else if (expected == meaning::ignored) {
        REQUIRE(found.has_value());
        CHECK(found->page.where.value == data_byte(leaf));
      } else if (level == leaf) {
        REQUIRE(found.has_value());
        CHECK(found->page.where.value == data_byte(leaf) + bit_at(n));
      } else {
        REQUIRE_FALSE(found.has_value());
        CHECK(found.error().kind == fault_kind::no_memory);
      }
    }
  }
}

TEST_CASE("PAG-RSV-05/06: every bit of guest entries", "[paging][PAG-RSV-05][PAG-RSV-06]") {
  const unsigned part = GENERATE(0U, 1U, 2U, 3U, 4U);
  // The width is never reduced; the C-bit is legal for a SEV-active guest alone.
  const auto [encryption, sev] =
      GENERATE(table<bool, bool>({{false, false}, {false, true}, {true, false}, {true, true}}));
  const bool sev_active = encryption && sev;
  const bool nxe = GENERATE(false, true);
  const unsigned leaf = GENERATE(1U, 2U, 3U);
  const domain tables{.width = parts[part].pa_bits,
                      .c_bit = sev_active ? static_cast<int>(parts[part].c_bit) : -1,
                      .nxe = nxe,
                      .leaf_level = leaf};
  for (unsigned level = leaf; level <= 4; ++level) {
    for (unsigned n = 0; n < 64; ++n) {
      guest_machine guest({.guest_leaf = leaf});
      guest.part = part_with(part);
      guest.state.syscfg = encryption ? encryption_on : 0;
      guest.state.np_control |= sev ? 2U : 0U;
      if (!nxe) guest.state.guest.efer &= ~efer_nxe;
      if (!tries(guest.in_guest(level), tables, level, n)) continue;
      guest.in_guest(level) |= bit_at(n);
      rule why = rule::none;
      const meaning expected = meaning_of(tables, level, n, why);
      const auto found = guest.run(user_read);
      INFO("bit " << n << " of level " << level << ", leaf " << leaf << ", width " << tables.width);
      if (expected == meaning::reserved) {
        CHECK(fault_of(found) == page_fault(why, 0xd, guest.where.value));
      } else if (expected == meaning::ignored) {
        REQUIRE(found.has_value());
        CHECK(found->in_guest.where.value == data_byte(leaf));
        CHECK(found->page.where.value == data_byte(leaf) + guest_machine::guest_at);
      } else {
        // An address bit: it reaches the nested tables, which do not map that page.
        REQUIRE_FALSE(found.has_value());
        CHECK((found.error().kind == fault_kind::no_memory || found.error().kind == fault_kind::npf));
      }
    }
  }
}

TEST_CASE("PAG-NPT-20, PAG-RSV-11: every bit of nested entries",
          "[paging][PAG-NPT-20][PAG-RSV-03][PAG-RSV-04][PAG-RSV-11]") {
  const unsigned part = GENERATE(0U, 1U, 2U, 3U, 4U);
  const bool encryption = GENERATE(false, true);
  const bool sev = GENERATE(false, true);  // makes no difference here
  const bool nxe = GENERATE(false, true);
  const unsigned levels = GENERATE(4U, 5U);
  const unsigned leaf = GENERATE(1U, 2U, 3U);
  const domain tables{.width = encryption ? parts[part].pa_bits - parts[part].reduction : parts[part].pa_bits,
                      .c_bit = encryption ? static_cast<int>(parts[part].c_bit) : -1,
                      .nxe = nxe,
                      .leaf_level = leaf};
  for (unsigned level = leaf; level <= levels; ++level) {
    for (unsigned n = 0; n < 64; ++n) {
      guest_machine guest({.guest_levels = 0, .nested_levels = levels, .nested_leaf_of_data = leaf});
      guest.part = part_with(part);
      guest.state.syscfg = encryption ? encryption_on : 0;
      guest.state.np_control |= sev ? 2U : 0U;
      guest.part.snp_capable = false;
      if (!nxe) guest.state.host.efer &= ~efer_nxe;
      if (!tries(guest.for_data(level), tables, level, n)) continue;
      guest.for_data(level) |= bit_at(n);
      rule why = rule::none;
      const meaning expected = meaning_of(tables, level, n, why);
      const auto found = guest.run(user_read);
      INFO("bit " << n << " of level " << level << ", leaf " << leaf << ", width " << tables.width);
      const std::uint64_t mapped = guest.final_gpa.value + guest_machine::guest_at;
      if (expected == meaning::reserved) {
        CHECK(fault_of(found) == nested_fault(why, 0x1'0000'000d, guest.final_gpa.value));
      } else if (expected == meaning::ignored) {
        REQUIRE(found.has_value());
        CHECK(found->page.where.value == mapped);
      } else if (level == leaf) {
        REQUIRE(found.has_value());
        CHECK(found->page.where.value == (mapped | bit_at(n)));
      } else {
        REQUIRE_FALSE(found.has_value());
        CHECK(found.error().kind == fault_kind::no_memory);
      }
    }
  }
}

TEST_CASE("PAG-RSV-01: PDPE.PS without 1G pages", "[paging][PAG-RSV-01]") {
  host_machine host(4, 3);
  CHECK_FALSE(host.fault_of(user_read));
  host.part.gb_pages = false;
  CHECK(host.fault_of(user_read) == page_fault(rule::PAG_RSV_01, 0xd, host.where.value));

  guest_machine guest({.guest_leaf = 3});
  guest.part.gb_pages = false;
  CHECK(guest.fault_of(user_read) == page_fault(rule::PAG_RSV_01, 0xd, guest.where.value));

  guest_machine unpaged({.guest_levels = 0, .nested_leaf_of_data = 3});
  CHECK_FALSE(unpaged.fault_of(user_read));
  unpaged.part.gb_pages = false;
  CHECK(unpaged.fault_of(user_read) == nested_fault(rule::PAG_RSV_01, 0x1'0000'000d, unpaged.final_gpa.value));
  // 2M pages do not depend on it.
  host_machine smaller(4, 2);
  smaller.part.gb_pages = false;
  CHECK_FALSE(smaller.fault_of(user_read));
}

TEST_CASE("PAG-RSV-08: NX belongs to the EFER of the domain that owns the table", "[paging][PAG-RSV-08]") {
  guest_machine guest;
  guest.in_guest(2) |= no_execute;
  guest.state.host.efer &= ~efer_nxe;
  CHECK_FALSE(guest.fault_of(user_read));
  guest.state.guest.efer &= ~efer_nxe;
  CHECK(guest.fault_of(user_read) == page_fault(rule::PAG_RSV_08, 0xd, guest.where.value));

  guest_machine nested;
  nested.for_data(1) |= no_execute;
  nested.state.guest.efer &= ~efer_nxe;
  CHECK_FALSE(nested.fault_of(user_read));
  nested.state.host.efer &= ~efer_nxe;
  CHECK(nested.fault_of(user_read) == nested_fault(rule::PAG_RSV_08, 0x1'0000'000d, nested.final_gpa.value));
}

TEST_CASE("PAG-RSV-08 switched off: NX means nothing without NXE", "[paging][PAG-RSV-08]") {
  context<all_rules_but<rule::PAG_RSV_08>> ctx;
  host_machine host;
  host.regs.efer &= ~efer_nxe;
  host.at(2) |= no_execute;
  const auto found = host.run(ctx, user_fetch);
  REQUIRE(found.has_value());
  CHECK_FALSE(found->page.rights.no_execute);
}

TEST_CASE("PAG-RSV-09: the hardware's width holds, whatever the guest was told", "[paging][PAG-RSV-09]") {
  // There is no input for the guest's own CPUID: a gPA bit just below the hardware's width is an address bit even where
  // the guest believes in 40 bits.
  guest_machine guest;
  guest.in_guest(1) |= bit_at(47);
  const auto failed = guest.fault_of(user_read);
  REQUIRE(failed);
  CHECK(failed->kind != fault_kind::pf);
  guest.in_guest(1) |= bit_at(48);
  CHECK(guest.fault_of(user_read) == page_fault(rule::PAG_RSV_02, 0xd, guest.where.value));
}

TEST_CASE("PAG-RSV-11: a hypervisor marks MMIO by a bit that the reduction took", "[paging][PAG-RSV-11]") {
  guest_machine guest;
  guest.make_sev();
  guest.for_data(1) |= bit_at(43);
  CHECK(guest.fault_of(kernel_read) == nested_fault(rule::PAG_RSV_02, 0x1'0000'000d, guest.final_gpa.value));
}
