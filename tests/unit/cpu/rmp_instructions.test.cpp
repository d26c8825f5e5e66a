// SPDX-License-Identifier: MIT
// RMP instructions with their operands in memory and their addresses through page tables.
#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include <sevspec/cpu/rmp_instructions.hpp>
#include <sevspec/firmware/page_commands.hpp>
#include <sevspec/memory/device.hpp>
#include <sevspec/memory/walkable.hpp>
#include <sevspec/paging/tlb.hpp>
#include <sevspec/rmp/geometry.hpp>
#include <sevspec/rmp/guarded_memory.hpp>
#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/rmpopt.hpp>
#include <sevspec/rmp/vmrun_pages.hpp>
#include <support/catch.hpp>
#include <support/owned_machines.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

/// Memory of 16 MiB without encryption.
struct plain_bytes {
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(0x100'0000);

  auto read(spa where, memory_key, std::span<std::uint8_t> out) -> memory::memory_status {
    if (where.value + out.size() > bytes.size()) return memory::memory_status::no_memory;
    std::ranges::copy(std::span{bytes}.subspan(where.value, out.size()), out.begin());
    return memory::memory_status::ok;
  }
  auto write(spa where, memory_key, std::span<const std::uint8_t> in) -> memory::memory_status {
    if (where.value + in.size() > bytes.size()) return memory::memory_status::no_memory;
    std::ranges::copy(in, bytes.begin() + static_cast<std::ptrdiff_t>(where.value));
    return memory::memory_status::ok;
  }
};

/// A host whose table covers 4 GiB; its first GiB is mapped to itself by pages of 4K for the first 2 MiB, else of 2M.
struct snp_host {
  plain_bytes chips;
  memory::walkable<plain_bytes> memory{chips};
  rmp::lazy_table table{0x10'0000};
  context<> ctx;
  paging::tlb<16, 4, 4> tlb;
  paging::host_regime host =
      paging::make_host_regime(ctx, test_part, paging::long_mode_registers(0x1000), snp_on).value();
  rmp::processor part = cpu::processor_of(test_part, snp_on);
  std::vector<rmp::optimized_gigabytes> cores;

  snp_host() {
    put(0x1000, 0x2000 | all_rights | accessed);
    put(0x2000, 0x3000 | all_rights | accessed);
    put(0x3000, 0x4000 | all_rights | accessed);
    for (std::uint64_t i = 1; i < 8; ++i) put(0x3000 + 8 * i, i << 21 | large | all_rights | accessed | dirty);
    for (std::uint64_t i = 0; i < 512; ++i) put(0x4000 + 8 * i, i << 12 | all_rights | accessed | dirty);
  }
  void put(std::uint64_t where, std::uint64_t value) { (void)memory.put_qword({where}, memory_key::none(), value); }
  auto get(std::uint64_t where) -> std::uint64_t { return memory.read_qword({where}, memory_key::none()).value(); }

  void put_operand(std::uint64_t where, const rmp::new_state& wanted) {
    put(where, wanted.guest.value);
    put(where + 8, std::uint64_t{wanted.assigned} | std::uint64_t{wanted.large} << 8 |
                       std::uint64_t{wanted.immutable} << 16 | std::uint64_t{wanted.id.value} << 32);
  }
  auto update(std::uint64_t rax, std::uint64_t rcx, rmp::execution by = {}) -> outcome<rmp::result> {
    rmp::guarded_memory guarded(memory, table);
    return cpu::rmpupdate(ctx, guarded, tlb, host, {}, table, part, by, spa{rax}, hva{rcx}, cores);
  }
  auto read_entry(std::uint64_t rax, std::uint64_t rcx, rmp::execution by = {}) -> outcome<rmp::result> {
    rmp::guarded_memory guarded(memory, table);
    return cpu::rmpread(ctx, guarded, tlb, host, {}, table, part, by, spa{rax}, hva{rcx});
  }
};

constexpr rmp::new_state to_guest{.assigned = true, .id = {5}, .guest = {0x9000}};

}  // namespace

TEST_CASE("RMP-INS-10: RMPUPDATE reads its operand before it looks at the table", "[cpu][RMP-INS-10][RMP-INS-11]") {
  snp_host m;
  m.put_operand(0x60000, to_guest);
  const auto done = m.update(0x7'0000, 0x60000);
  REQUIRE(done.has_value());
  CHECK(done->succeeded());
  CHECK(m.table.raw_of({0x70}) == rmp::raw_entry{0x0028'0000'0000'9001, 0x1f});
  // No operand, no update: whatever is wrong with the rest.
  for (const std::uint64_t rax : {std::uint64_t{0x7'1000}, ~std::uint64_t{}}) {
    CHECK(fault_of(m.update(rax, bit_at(62)))->kind == fault_kind::gp);
    CHECK(fault_of(m.update(rax, 0x7f00'0000'0000))->kind == fault_kind::pf);
  }
  CHECK(m.table.raw_of({0x71}) == rmp::raw_entry{});
  // But the instruction's own faults come first.
  CHECK(fault_of(m.update(0x7'1000, bit_at(62), {.sixty_four_bit = false}))->kind == fault_kind::ud);
  CHECK(fault_of(m.update(0x7'1000, 0x7f00'0000'0000, {.level = user_mode}))->kind == fault_kind::gp);
}

TEST_CASE("RMP-INS-10: RMPREAD's store is a reference of the host", "[cpu][RMP-INS-10][RMP-RDD-01]") {
  snp_host m;
  m.put_operand(0x60000, to_guest);
  REQUIRE(m.update(0x7'0000, 0x60000).has_value());
  REQUIRE(m.read_entry(0x7'0000, 0x61000).has_value());
  CHECK(m.get(0x61000) == 0x9000);
  CHECK(m.get(0x61008) == 0x0000'0005'0000'0201);
  // Into a page of a guest: #PF with bit 31. And nothing is stored if the page is not covered.
  CHECK(fault_of(m.read_entry(0x7'0000, 0x7'0000))->code == 0x8000'0003);
  CHECK(m.read_entry(0x1'0000'0000, 0x61000)->eax == rmp::status::fail_input);
  CHECK(m.get(0x61000) == 0x9000);
}

TEST_CASE("RMP-UPD-12: no translation outlives the entry it was checked against", "[cpu][RMP-UPD-12][RMP-SMH-01]") {
  for (const bool flushes : {true, false}) {
    snp_host m;
    m.ctx.choices.rmpupdate_tlb = flushes;
    rmp::guarded_memory guarded(m.memory, m.table);
    const std::array<std::uint8_t, 8> bytes{1};
    const auto store = [&] {
      return cpu::write(m.ctx, guarded, m.tlb, m.host, {}, hva{0x7'0000},
                        {.kind = access_kind::write, .level = kernel_mode}, bytes);
    };
    REQUIRE(store().has_value());
    m.put_operand(0x60000, to_guest);
    REQUIRE(m.update(0x7'0000, 0x60000)->succeeded());
    CHECK(store().has_value() == !flushes);
  }
}

TEST_CASE("RMP-UPD-12: nor one of 4K that was checked against its region", "[cpu][RMP-UPD-12][RMP-CHK-08]") {
  // A guest's page of 4K in a nested page of 2M: its write needed the whole region (as a TLB holds it: 4K).
  snp_host m;
  const paging::address_space guest{{3}, 0};
  const auto fill = [&] {
    m.tlb.fill(guest, {.size = page_size::k4k, .linear = 0x5000, .page = {0x65000}, .served = 4});
    m.tlb.fill(guest, {.size = page_size::k4k, .linear = 0x9000, .page = {0x26'5000}, .served = 4});
  };
  fill();
  m.put_operand(0x60000, to_guest);
  REQUIRE(m.update(0x7'0000, 0x60000)->succeeded());
  CHECK(m.tlb.find(guest, 0x5000) == nullptr);
  CHECK(m.tlb.find(guest, 0x9000) != nullptr);  // of another region
  // Giving the page back takes nothing from anybody else.
  fill();
  m.put_operand(0x60000, {});
  REQUIRE(m.update(0x7'0000, 0x60000)->succeeded());
  CHECK(m.tlb.find(guest, 0x5000) != nullptr);
}

TEST_CASE("RMP-UPD-12: whatever part of a held page is stale", "[cpu][RMP-UPD-12]") {
  const std::uint64_t pages_of_2m = 512, first_held = 3 * pages_of_2m;
  const auto outlives = [&](page_size held, const rmp::page_range& stale) {
    paging::tlb<16, 4, 4> tlb;
    const paging::address_space space{{3}, 0};
    tlb.fill(space, {.size = held, .linear = 0x4000'0000, .page = {first_held << 12}, .served = 4});
    cpu::flush_stale(tlb, stale);
    return tlb.find(space, 0x4000'0000) != nullptr;
  };
  // A page of 4K: its first, one in its middle, its last, and those before and behind it.
  CHECK(outlives(page_size::k2m, {{first_held - 1}, 1}));
  for (const std::uint64_t inside : {0U, 1U, 0x70U, 511U})
    CHECK_FALSE(outlives(page_size::k2m, {{first_held + inside}, 1}));
  CHECK(outlives(page_size::k2m, {{first_held + pages_of_2m}, 1}));
  // A region, and what holds less.
  for (const std::uint64_t inside : {0U, 1U, 511U})
    CHECK_FALSE(outlives(page_size::k4k, {{first_held - inside}, pages_of_2m}));
  CHECK(outlives(page_size::k4k, {{first_held - pages_of_2m}, pages_of_2m}));
  CHECK(outlives(page_size::k4k, {{first_held + 1}, pages_of_2m}));
  // Across both ends; nothing.
  CHECK_FALSE(outlives(page_size::k2m, {{first_held - 1}, 2}));
  CHECK_FALSE(outlives(page_size::k2m, {{first_held + pages_of_2m - 1}, 2}));
  CHECK(outlives(page_size::k2m, {{first_held + 5}, 0}));

  // As the instruction does it: a page that is given back, in the middle of a held one of 2M.
  snp_host m;
  const paging::address_space host{};
  m.put_operand(0x60000, to_guest);
  REQUIRE(m.update(0x25'0000, 0x60000)->succeeded());
  m.put_operand(0x60000, {});
  m.tlb.fill(host, {.size = page_size::k2m, .linear = 0x7020'0000, .page = {0x20'0000}, .served = 4});
  m.tlb.fill(host, {.size = page_size::k2m, .linear = 0x7040'0000, .page = {0x40'0000}, .served = 4});
  const auto done = m.update(0x25'0000, 0x60000);
  REQUIRE(done->succeeded());
  CHECK(done->stale == rmp::page_range{{0x250}, 1});
  CHECK(m.tlb.find(host, 0x7020'0000) == nullptr);
  CHECK(m.tlb.find(host, 0x7040'0000) != nullptr);
}

TEST_CASE("PVALIDATE and RMPADJUST through the guest's tables",
          "[cpu][RMP-PVL-08][RMP-PVL-05][RMP-ADJ-07][RMP-ADJ-09]") {
  owned_guest guest;
  context<> ctx;
  const auto machine = paging::make_two_stage_regime(ctx, guest.part, guest.state);
  REQUIRE(machine.has_value());
  rmp::lazy_table table(0x10'0000);
  for (unsigned level = 1; level <= 4; ++level)
    table.put(page_of(spa{owned_guest::guest_at + guest.gpa_of(level)}), guest.table(level));
  rmp::entry page = guest.page();
  page.validated = false;
  table.put(page_of(spa{owned_guest::data_at}), page);
  rmp::guarded_memory guarded(guest.memory, table);
  const auto by = cpu::execution_in(*machine, kernel_mode);
  const auto validate = [&](gva where, std::uint32_t size = 0) {
    return cpu::pvalidate(ctx, guarded, *machine, table, {}, by, {where, size, 1});
  };
  // A page that is not validated yet: an ordinary reference would be #VC, the instruction is not.
  CHECK(fault_of(paging::walk(ctx, guarded, *machine, guest.where, kernel_read))->kind == fault_kind::vc);
  const auto adjust = [&] { return cpu::rmpadjust(ctx, guarded, *machine, table, {}, by, {guest.where, 0, 0x0301}); };
  CHECK(fault_of(adjust()) == fault{fault_kind::vc, rule::RMP_ADJ_09, 0x404, guest.where.value});
  auto done = validate(guest.where);
  REQUIRE(done.has_value());
  CHECK(done->succeeded());
  CHECK_FALSE(done->unchanged);
  CHECK(done->stale.count == 0);
  CHECK(validate(guest.where)->unchanged);
  CHECK(paging::walk(ctx, guarded, *machine, guest.where, kernel_read).has_value());
  CHECK(validate({guest.where.value & ~std::uint64_t{0x1f'ffff}}, 1).has_value() == false);  // not mapped there: #PF
  REQUIRE(adjust().has_value());
  CHECK(table.entry_of(page_of(spa{owned_guest::data_at})).allowed[1].raw == 3);
  rmp::queried_state found;
  REQUIRE(cpu::rmpquery(ctx, guarded, *machine, table, {}, by, guest.where, 1, found).has_value());
  CHECK(found.attributes == 0x0301);

  // The guest has not mapped the page: #PF. The nested tables have not: #NPF. A table is not its own: #NPF, bit 33.
  const std::uint64_t leaf = guest.in_guest(1);
  guest.in_guest(1) = 0;
  CHECK(fault_of(validate(guest.where))->kind == fault_kind::pf);
  guest.in_guest(1) = leaf;
  const std::uint64_t nested = guest.for_data(1);
  guest.for_data(1) = 0;
  CHECK(fault_of(validate(guest.where))->code == 0x5'0000'0004);
  guest.for_data(1) = nested;
  rmp::entry foreign = guest.table(2);
  foreign.id = {6};
  table.put(page_of(spa{owned_guest::guest_at + guest.gpa_of(2)}), foreign);
  CHECK(fault_of(validate(guest.where))->code == 0x6'8000'0007);
  // What the guest shares is no page of its own.
  table.put(page_of(spa{owned_guest::guest_at + guest.gpa_of(2)}), guest.table(2));
  guest.share();
  CHECK(fault_of(validate(guest.where)) == nested_fault(rule::RMP_CHK_07, 0x1'8000'0005, guest.final_gpa.value));
}

TEST_CASE("RMP-GEO-12: the C-bit of RAX does not count", "[cpu][RMP-GEO-12]") {
  const std::uint64_t c = bit_at(test_part.c_bit);
  CHECK(cpu::processor_of(test_part, snp_on) ==
        rmp::processor{.highest_asid = test_part.encrypted_guests, .c_mask = c});
  CHECK(cpu::processor_of(test_part, encryption_on) ==
        rmp::processor{.snp_enabled = false, .highest_asid = test_part.encrypted_guests, .c_mask = c});
  CHECK(cpu::processor_of(test_part, 0).c_mask == 0);
  snp_host m;
  m.put_operand(0x60000, to_guest);
  const paging::address_space space{{3}, 0};
  m.tlb.fill(space, {.size = page_size::k4k, .linear = 0x5000, .page = {0x7'0000}, .served = 4});
  REQUIRE(m.update(c | 0x7'0000, 0x60000)->succeeded());
  CHECK(m.table.raw_of({0x70}).lo == 0x0028'0000'0000'9001);
  CHECK(m.tlb.find(space, 0x5000) == nullptr);
  REQUIRE(m.read_entry(c | 0x7'0000, 0x61000)->succeeded());
  CHECK(m.get(0x61000) == 0x9000);
  // PSMASH: with the C-bit it is no misalignment, and covered.
  m.put_operand(0x60000, {.assigned = true, .large = true, .id = {5}, .guest = {0x4000'0000}});
  REQUIRE(m.update(c | 0x20'0000, 0x60000)->succeeded());
  m.tlb.fill(space, {.size = page_size::k2m, .linear = 0x20'0000, .page = {0x20'0000}, .served = 4});
  const auto split = [&](std::uint64_t rax) {
    return cpu::psmash(m.ctx, m.tlb, m.table, m.part, {}, spa{rax}).value();
  };
  CHECK(split(c << 1 | 0x20'0000).eax == rmp::status::fail_input);  // another bit does
  CHECK(m.tlb.find(space, 0x20'0000) != nullptr);
  CHECK(split(c | 0x20'0000).succeeded());
  CHECK(m.table.entry_of({0x2ff}).guest == gpa{0x400f'f000});
  CHECK(m.tlb.find(space, 0x20'0000) == nullptr);
  // With encryption off there is no C-bit.
  m.part.c_mask = 0;
  CHECK(m.update(c | 0x8'0000, 0x60000)->eax == rmp::status::fail_input);
  CHECK(split(c | 0x20'0000).eax == rmp::status::fail_input);
}

TEST_CASE("RMP-OPT-05: RMPUPDATE ends the optimisation of a gigabyte by itself", "[cpu][RMP-OPT-05]") {
  snp_host m;
  m.cores.resize(3);
  for (std::size_t i = 0; i < 3; ++i) {
    m.cores[i].write_msr(1);
    CHECK(rmp::rmpopt(m.ctx, m.table, m.part, {}, m.cores[i], {0}, 0) == true);
    CHECK(rmp::rmpopt(m.ctx, m.table, m.part, {}, m.cores[i], {0x4000'0000}, 0) == true);
  }
  const auto optimised = [&](std::uint64_t where) {
    return std::ranges::count_if(m.cores, [&](const auto& core) { return core.test({where}); });
  };
  m.put_operand(0x60000, {});
  REQUIRE(m.update(0x7'0000, 0x60000)->succeeded());
  CHECK(optimised(0) == 3);
  m.put_operand(0x60000, {.assigned = true, .id = {2000}});
  REQUIRE(m.update(0x7'0000, 0x60000)->eax == rmp::status::fail_input);
  CHECK(optimised(0) == 3);
  CHECK_FALSE(m.update(0x7'0000, bit_at(62)).has_value());
  CHECK(optimised(0) == 3);
  m.put_operand(0x60000, to_guest);
  REQUIRE(m.update(m.part.c_mask | 0x7'0000, 0x60000)->succeeded());
  CHECK(optimised(0) == 0);
  CHECK(optimised(0x4000'0000) == 3);
  m.put_operand(0x60000, {.assigned = true, .large = true, .id = {5}});
  REQUIRE(m.update(0x4020'0000, 0x60000)->succeeded());
  CHECK(optimised(0x4000'0000) == 0);
}

TEST_CASE("RMP-INS-10: SMAP and protection keys of the operand", "[cpu][RMP-INS-10][PAG-PERM-05]") {
  for (const bool smap : {false, true}) {
    for (const bool keys : {false, true}) {
      snp_host m;
      m.host.smap = smap;
      m.host.protection_keys = keys;
      m.put_operand(0x60000, to_guest);
      // The operand's page has key 0, and is the users' (so are all): bit 0 of PKRU disables access, bit 1 writes.
      for (unsigned rights = 0; rights < 4; ++rights) {
        for (const bool ac : {false, true}) {
          INFO("SMAP " << smap << ", keys " << keys << ", PKRU " << rights << ", AC " << ac);
          const rmp::execution by{.alignment_check = ac, .pkru = rights};
          const bool reads = (!smap || ac) && (!keys || (rights & 1) == 0);
          const bool may_write = reads && (!keys || (rights & 2) == 0 || !m.host.write_protect);
          CHECK(m.update(0x7'0000, 0x60000, by).has_value() == reads);
          const auto stored = m.read_entry(0x7'0000, 0x61000, by);
          CHECK(stored.has_value() == may_write);
          if (!stored) CHECK(stored.error().kind == fault_kind::pf);
        }
      }
    }
  }
}

TEST_CASE("RMP-PVL-08: SMAP and protection keys of an address to validate", "[cpu][RMP-PVL-08][RMP-ADJ-06]") {
  context<> ctx;
  for (const bool smap : {false, true}) {
    for (const bool keys : {false, true}) {
      owned_guest guest;
      auto machine = paging::make_two_stage_regime(ctx, guest.part, guest.state).value();
      machine.guest.smap = smap;
      machine.guest.protection_keys = keys;
      rmp::lazy_table table(0x10'0000);
      for (unsigned level = 1; level <= 4; ++level)
        table.put(page_of(spa{owned_guest::guest_at + guest.gpa_of(level)}), guest.table(level));
      table.put(page_of(spa{owned_guest::data_at}), guest.page());
      rmp::guarded_memory guarded(guest.memory, table);
      REQUIRE(paging::walk(ctx, guarded, machine, guest.where, user_read).has_value());  // a page of users
      for (const bool ac : {false, true}) {
        for (const std::uint32_t pkru : {0U, 1U, 2U}) {
          auto by = cpu::execution_in(machine, kernel_mode);
          by.alignment_check = ac;
          by.pkru = pkru;
          const bool passes = (!smap || ac) && (!keys || pkru != 1);
          const auto done = cpu::pvalidate(ctx, guarded, machine, table, {}, by, {guest.where, 0, 1});
          CHECK(done.has_value() == passes);
          if (!done) CHECK(done.error().kind == fault_kind::pf);
          CHECK(cpu::rmpadjust(ctx, guarded, machine, table, {}, by, {guest.where, 0, 0x0301}).has_value() == passes);
        }
      }
    }
  }
}

TEST_CASE("RMP-FLT-05: an instruction's #NPF tells of a nested shadow-stack page", "[cpu][RMP-FLT-05]") {
  context<> ctx;
  for (const bool checks : {false, true}) {
    for (const bool sss_leaf : {false, true}) {
      if (sss_leaf && !checks) continue;  // U/S=0 is no leaf to read through
      owned_guest guest;
      if (checks) guest.state.np_control |= paging::np_control::sss_check::mask;
      guest.for_data(1) |= bit_at(63);
      if (sss_leaf) guest.for_data(1) &= ~std::uint64_t{4};
      const auto machine = paging::make_two_stage_regime(ctx, guest.part, guest.state).value();
      rmp::lazy_table table(0x10'0000);
      for (unsigned level = 1; level <= 4; ++level)
        table.put(page_of(spa{owned_guest::guest_at + guest.gpa_of(level)}), guest.table(level));
      rmp::entry foreign = guest.page();
      foreign.id = {6};
      table.put(page_of(spa{owned_guest::data_at}), foreign);
      rmp::guarded_memory guarded(guest.memory, table);
      const auto by = cpu::execution_in(machine, kernel_mode);
      const std::uint64_t sss = sss_leaf ? bit_at(37) : 0;
      INFO("checks " << checks << ", shadow-stack page " << sss_leaf);
      CHECK(hex(fault_of(cpu::pvalidate(ctx, guarded, machine, table, {}, by, {guest.where, 0, 1}))->code) ==
            hex(0x5'8000'0005 | sss));
      CHECK(hex(fault_of(cpu::rmpadjust(ctx, guarded, machine, table, {}, by, {guest.where, 0, 0x0301}))->code) ==
            hex(0x5'8000'0005 | sss));
      // As of an ordinary read.
      CHECK(hex(fault_of(paging::walk(ctx, guarded, machine, guest.where, kernel_read))->code) ==
            hex(0x5'8000'0005 | sss));
      if (!sss_leaf) continue;

      // A pointer above that cannot be written through: it is no such page (PAG-SSS-02). GMET lets the read come.
      guest.state.np_control |= paging::np_control::gmet::mask;
      guest.for_data(2) &= ~std::uint64_t{2};
      const auto other = paging::make_two_stage_regime(ctx, guest.part, guest.state).value();
      const auto as_read = fault_of(paging::walk(ctx, guarded, other, guest.where, kernel_read));
      CHECK((as_read->code & bit_at(37)) == 0);
      CHECK(as_read->decided_by == rule::RMP_CHK_01);
      CHECK(hex(fault_of(cpu::pvalidate(ctx, guarded, other, table, {}, by, {guest.where, 0, 1}))->code) ==
            hex(as_read->code));
    }
  }
}

TEST_CASE("PAG-GMET-03: with guest mode execute trap an instruction's #NPF tells who refers",
          "[cpu][PAG-GMET-03][RMP-FLT-02]") {
  for (const bool trap : {false, true}) {
    for (const gmet_user_bit reported : {gmet_user_bit::from_cpl, gmet_user_bit::always}) {
      context<> ctx;
      ctx.choices.gmet_us_bit = reported;
      owned_guest guest;
      if (trap) guest.state.np_control |= bit_at(3);
      const auto machine = paging::make_two_stage_regime(ctx, guest.part, guest.state).value();
      REQUIRE(machine.gmet == trap);
      rmp::lazy_table table(0x10'0000);
      for (unsigned level = 1; level <= 4; ++level)
        table.put(page_of(spa{owned_guest::guest_at + guest.gpa_of(level)}), guest.table(level));
      rmp::entry foreign = guest.page();
      foreign.id = {6};
      table.put(page_of(spa{owned_guest::data_at}), foreign);
      rmp::guarded_memory guarded(guest.memory, table);
      const auto by = cpu::execution_in(machine, kernel_mode);
      // All of them execute at CPL 0: bit 2 is clear if it comes from there.
      const std::string code = hex(0x5'8000'0001 | (trap && reported == gmet_user_bit::from_cpl ? 0U : 4U));
      INFO("trap " << trap << ", always " << (reported == gmet_user_bit::always));
      CHECK(hex(fault_of(cpu::pvalidate(ctx, guarded, machine, table, {}, by, {guest.where, 0, 1}))->code) == code);
      CHECK(hex(fault_of(cpu::rmpadjust(ctx, guarded, machine, table, {}, by, {guest.where, 0, 0x0301}))->code) ==
            code);
      rmp::queried_state found;
      CHECK(hex(fault_of(cpu::rmpquery(ctx, guarded, machine, table, {}, by, guest.where, 1, found))->code) == code);
      // As of an ordinary read.
      CHECK(hex(fault_of(paging::walk(ctx, guarded, machine, guest.where, kernel_read))->code) == code);
    }
  }
}

TEST_CASE("RMP-GEO-18: nobody writes the table itself", "[cpu][RMP-GEO-18]") {
  snp_host m;
  // A small table at 8 MiB that says nothing of its own pages.
  const auto place = rmp::contiguous_geometry::make(m.ctx, {0x80'0000}, {0x80'0000 + 0x4000 + 0x8000 - 1}).value();
  rmp::guarded_memory guarded(m.memory, m.table, place);
  std::array<std::uint8_t, 8> bytes{};
  const memory_access store{.kind = access_kind::write, .level = kernel_mode};
  m.put(0x3000 + 8 * 4, 0x80'0000 | large | all_rights | accessed | dirty);
  for (const std::uint64_t where : {0x7f'fff8U, 0x80'0000U, 0x80'3ff8U, 0x80'4000U, 0x80'bff8U, 0x80'c000U}) {
    INFO("at " << hex(where));
    const bool inside = where >= 0x80'0000 && where < 0x80'c000;
    const auto written = cpu::write(m.ctx, guarded, m.tlb, m.host, {}, hva{where}, store, bytes);
    if (inside) CHECK(fault_of(written) == fault{fault_kind::pf, rule::RMP_GEO_18, 0x8000'0003, where});
    else CHECK(written.has_value());
    m.tlb = {};
    CHECK(cpu::read(m.ctx, guarded, m.tlb, m.host, {}, hva{where}, {.level = kernel_mode}, bytes).has_value());
    m.tlb = {};
  }
  // A device does not, either; nor does a guest, whatever an entry says.
  context<> ctx;
  const memory::dma_path path{.snp = true};
  memory::ownership_query private_write{.where = {0x80'5000},
                                        .guest = {0x9000},
                                        .kind = access_kind::write,
                                        .c = true,
                                        .who = memory::owner_context::snp_guest,
                                        .id = {5}};
  m.table.put({0x805}, guest_page(0x9000));
  CHECK(guarded.check_ownership(ctx, private_write).decided_by == rule::RMP_GEO_18);
  CHECK_FALSE(guarded.surely_owned(ctx, private_write));
  private_write.kind = access_kind::read;
  CHECK(guarded.check_ownership(ctx, private_write).what == memory::ownership_verdict::kind::allowed);
  CHECK_FALSE(memory::dma_write(ctx, guarded, path, {0x80'5000}, bytes).has_value());
  CHECK(memory::dma_read(ctx, guarded, path, {0x80'5000}, bytes).has_value());
}

TEST_CASE("RMP-VMR-03, RMP-CHK-19: what is not checked", "[cpu][RMP-VMR-03][RMP-CHK-19]") {
  // VMRUN checks these pages and no others: permission maps, AVIC tables and nCR3 have no kind.
  using enum rmp::vmrun_page;
  const std::set pages{vmcb, avic_backing, pml_buffer, ibs_buffer, sev_es_vmsa};
  CHECK(pages.size() == 5);
  // The AMD-SP's commands change entries that refuse every reference of software.
  context<> ctx;
  rmp::lazy_table table(512);
  table.put({1}, {.assigned = true, .immutable = true});
  CHECK(rmp::check_access(ctx, table, {.where = {0x1000}, .kind = access_kind::write}).what ==
        memory::ownership_verdict::kind::violation);
  CHECK(firmware::page_reclaim(ctx, table, {0x1000}, page_size::k4k, [](spa) { return false; }) ==
        firmware::status::success);
}
