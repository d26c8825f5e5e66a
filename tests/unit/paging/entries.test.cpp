// SPDX-License-Identifier: MIT
#include <support/catch.hpp>
#include <support/machines.hpp>
#include <support/recorder.hpp>

#include <sevspec/paging/entry.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

}  // namespace

TEST_CASE("PAG-ENT-01: the fields of an entry", "[paging][PAG-ENT-01]") {
  using paging::entry;
  CHECK(entry{0x001}.present());
  CHECK(entry{0x002}.writable());
  CHECK(entry{0x004}.user());
  CHECK(entry::pwt::mask == 0x008);
  CHECK(entry::pcd::mask == 0x010);
  CHECK(entry{0x020}.accessed());
  CHECK(entry{0x040}.dirty());
  CHECK(entry{0x080}.large());
  CHECK(entry{0x100}.global());
  CHECK(entry{0x8000'0000'0000'0000}.no_execute());
  CHECK(entry::base::mask == 0x000f'ffff'ffff'f000);
  CHECK(entry::key::mask == 0x7800'0000'0000'0000);
  CHECK(entry{0x5800'0000'0000'0000}.protection_key() == 11);
  // Each says nothing about any other bit.
  CHECK_FALSE(entry{~std::uint64_t{0x001}}.present());
  CHECK_FALSE(entry{~std::uint64_t{0x002}}.writable());
  CHECK_FALSE(entry{~std::uint64_t{0x004}}.user());
  CHECK_FALSE(entry{~std::uint64_t{0x020}}.accessed());
  CHECK_FALSE(entry{~std::uint64_t{0x040}}.dirty());
  CHECK_FALSE(entry{~std::uint64_t{0x080}}.large());
  CHECK_FALSE(entry{~std::uint64_t{0x100}}.global());
  CHECK_FALSE(entry{0x7fff'ffff'ffff'ffff}.no_execute());
}

TEST_CASE("PAG-ENT-02: P=0 ends the walk, whatever the other bits are", "[paging][PAG-ENT-02][PAG-AD-02]") {
  const std::uint64_t others = GENERATE(std::uint64_t{0}, ~std::uint64_t{1}, std::uint64_t{0x8000'0000'0000'0000},
                                        std::uint64_t{0x0008'0000'0000'0000}, std::uint64_t{0x1fe});
  SECTION("host") {
    const unsigned levels = GENERATE(4U, 5U);
    const unsigned leaf = GENERATE(1U, 2U, 3U);
    for (unsigned level = leaf; level <= levels; ++level) {
      host_machine machine(levels, leaf);
      machine.at(level) = others;
      const cells before = machine.memory;
      CHECK(machine.fault_of(user_read) == page_fault(rule::PAG_ENT_02, 0x4, machine.where.value));
      CHECK(machine.fault_of(kernel_write) == page_fault(rule::PAG_ENT_02, 0x2, machine.where.value));
      CHECK(machine.fault_of(user_fetch) == page_fault(rule::PAG_ENT_02, 0x14, machine.where.value));
      CHECK(machine.memory == before);
    }
  }
  SECTION("guest and nested") {
    for (unsigned level = 1; level <= 4; ++level) {
      guest_machine guest;
      guest.in_guest(level) = others;
      CHECK(guest.fault_of(user_write) == page_fault(rule::PAG_ENT_02, 0x6, guest.where.value));

      guest_machine table;
      const std::uint64_t gpa_of_root = table.gpa_of(4);
      table.for_table(4, level) = others;
      CHECK(table.fault_of(user_read) == nested_fault(rule::PAG_ENT_02, 0x2'0000'0006, gpa_of_root));

      guest_machine data;
      if (level > 2) continue;  // higher up the tables' own translation is the first to notice
      data.for_data(level) = others;
      CHECK(data.fault_of(user_read) == nested_fault(rule::PAG_ENT_02, 0x1'0000'0004, data.final_gpa.value));
    }
  }
}

TEST_CASE("PAG-ENT-03: bit 8 must be zero in PML4E and PML5E and is ignored below", "[paging][PAG-ENT-03]") {
  for (unsigned level = 1; level <= 5; ++level) {
    INFO(level);
    host_machine host(5);
    host.at(level) |= bit_8;
    if (level >= 4) CHECK(host.fault_of(user_read) == page_fault(rule::PAG_ENT_03, 0xd, host.where.value));
    else CHECK_FALSE(host.fault_of(user_read));

    guest_machine guest({.guest_levels = 5, .nested_levels = 5});
    guest.in_guest(level) |= bit_8;
    if (level >= 4) CHECK(guest.fault_of(user_read) == page_fault(rule::PAG_ENT_03, 0xd, guest.where.value));
    else CHECK_FALSE(guest.fault_of(user_read));
  }
  // In large leaves bit 8 is G.
  for (const unsigned leaf : {2U, 3U}) {
    host_machine host(4, leaf);
    host.leaf() |= bit_8;
    CHECK_FALSE(host.fault_of(user_read));
  }
}

TEST_CASE("PAG-MODE-05: leaves of levels 1, 2 and 3 map 4K, 2M and 1G", "[paging][PAG-MODE-05]") {
  const unsigned levels = GENERATE(4U, 5U);
  const unsigned leaf = GENERATE(1U, 2U, 3U);
  const page_size size = leaf == 1 ? page_size::k4k : leaf == 2 ? page_size::k2m : page_size::k1g;
  host_machine host(levels, leaf);
  const auto found = host.run(user_read);
  REQUIRE(found.has_value());
  CHECK(found->page.size == size);
  CHECK(found->page.where == spa{leaf == 1 ? 0x0234'5cc8U : leaf == 2 ? 0x0254'3cc8U : 0xf654'3cc8U});
  CHECK(found->page.leaf.raw == host.leaf());
}

TEST_CASE("PAG-MODE-05: bit 7 of a PTE is PAT, not a page size", "[paging][PAG-MODE-05]") {
  host_machine host;
  host.leaf() |= large;
  const auto found = host.run(user_read);
  REQUIRE(found.has_value());
  CHECK(found->page.size == page_size::k4k);
  CHECK(found->page.where == spa{0x0234'5cc8});
}

TEST_CASE("PAG-MODE-05: PS of a PML4E is a reserved bit, never a page", "[paging][PAG-MODE-05][PAG-RSV-01]") {
  context<all_rules_but<rule::PAG_RSV_01>> ctx;
  host_machine host(5);
  host.at(4) |= large;
  host.at(5) |= large;
  const auto found = host.run(ctx, user_read);
  REQUIRE(found.has_value());
  CHECK(found->page.size == page_size::k4k);
  CHECK(found->page.where == spa{0x0234'5cc8});
}

TEST_CASE("PAG-ENT-01: bit 12 of a large leaf is PAT, no address bit", "[paging][PAG-ENT-01]") {
  for (const unsigned leaf : {2U, 3U}) {
    for (const std::uint64_t offset : {0x0U, 0x1000U, 0x1'2ff8U}) {
      host_machine host(4, leaf);
      host.where = page_base(host.where, leaf == 2 ? page_size::k2m : page_size::k1g) + offset;
      host.leaf() |= bit_at(12);
      const auto found = host.run(user_read);
      REQUIRE(found.has_value());
      CHECK(found->page.where.value == data_page(leaf) + offset);
    }
  }
}

TEST_CASE("PAG-MODE-07: nine address bits choose the entry of each level", "[paging][PAG-MODE-07]") {
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  host_machine host(5);
  REQUIRE(host.run(ctx, user_read).has_value());
  // 0x0037'5a93'7654'3cc8 is index 0x037, 0x0b5, 0x04d, 0x1b2, 0x143 and offset 0xcc8.
  const std::vector<std::pair<unsigned, spa>> expected = {{5, {0x10000 + 8 * 0x037}},
                                                          {4, {0x11000 + 8 * 0x0b5}},
                                                          {3, {0x12000 + 8 * 0x04d}},
                                                          {2, {0x13000 + 8 * 0x1b2}},
                                                          {1, {0x14000 + 8 * 0x143}}};
  REQUIRE(heard.reads.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(heard.reads[i].level == expected[i].first);
    CHECK(heard.reads[i].where == expected[i].second);
    CHECK(heard.reads[i].tables == stage::host);
  }
}

TEST_CASE("memory that does not answer is no fault of the architecture", "[paging]") {
  host_machine host;
  host.at(3) = 0x0dea'd000 | all_rights;
  const std::uint64_t expected = 0x0dea'd000 + 8 * 0x1b2;
  CHECK(host.fault_of(user_read) == fault{fault_kind::no_memory, rule::none, 0, expected});

  // The page of a guest table: the sPA is what has no memory, not the gPA.
  guest_machine lost;
  lost.for_table(2, 1) = 0x0dea'd000 | all_rights | accessed | dirty;
  const std::uint64_t lost_entry = 0x0dea'd000 + 8 * 0x1b2;
  CHECK(lost.fault_of(user_read) == fault{fault_kind::no_memory, rule::none, 0, lost_entry});

  guest_machine guest;
  guest.for_table(2, 2) = 0x0dea'd000 | all_rights;
  const auto failed = guest.fault_of(user_read);
  REQUIRE(failed);
  CHECK(failed->kind == fault_kind::no_memory);
  CHECK(page_base(spa{failed->address}, page_size::k4k) == spa{0x0dea'd000});
}
