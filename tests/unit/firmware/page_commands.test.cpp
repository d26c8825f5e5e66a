// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/recorder.hpp>

#include <sevspec/firmware/page_commands.hpp>
#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/small_table.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using rmp::entry;
using rmp::firmware_tag;
using rmp::page_state;
using u64 = std::uint64_t;
using small = rmp::small_table<16, 4>;

/// A small table that counts the pages of each ASID.
struct counting_table : small {
  std::map<std::uint32_t, std::int64_t> counters{};
  void count_pages(asid id, std::int64_t delta) { counters[id.value] += delta; }
};

constexpr auto nowhere = [](spa) { return false; };

template <class Store>
auto reclaim(Store& table, u64 where, page_size size = page_size::k4k) -> std::string {
  context<> ctx;
  return firmware::name_of(firmware::page_reclaim(ctx, table, {where}, size, nowhere));
}
template <class Store>
auto unsmash(Store& table, u64 where) -> std::string {
  context<> ctx;
  return firmware::name_of(firmware::page_unsmash(ctx, table, {where}, nowhere));
}
template <class Store>
auto set_state(Store& table, u64 where, u64 pages, implementation_choices choices = {}) -> std::string {
  context<> ctx{.choices = choices};
  return firmware::name_of(firmware::page_set_state(ctx, table, {where}, pages, nowhere));
}

constexpr entry firmwares{.assigned = true, .immutable = true, .locked = true};
constexpr entry for_launch{
    .assigned = true, .immutable = true, .id = {5}, .guest = {0x8000}, .allowed = {{{0x1f}, {0x0f}, {0x03}, {0x01}}}};
constexpr auto with(entry page, auto&& change) -> entry {
  change(page);
  return page;
}
const entry for_swap = with(for_launch, [](entry& e) { e.validated = true; });

/// A region of four immutable pages of a guest, pages 4 to 7, that fit each other.
auto split_region(const entry& first = for_launch) -> counting_table {
  counting_table table;
  for (unsigned i = 0; i < 4; ++i) {
    table.entries[4 + i] = first;
    table.entries[4 + i].guest.value += u64{i} * 0x1000;
  }
  table.entries[4].sub_page_count = 3;
  return table;
}

}  // namespace

TEST_CASE("names of statuses", "[firmware]") {
  CHECK(std::string(firmware::name_of(firmware::status::success)) == "SUCCESS");
  CHECK(std::string(firmware::name_of(firmware::status::invalid_page_state)) == "INVALID_PAGE_STATE");
  CHECK(std::string(firmware::name_of(firmware::status::invalid_address)) == "INVALID_ADDRESS");
  CHECK(std::string(firmware::name_of(static_cast<firmware::status>(0xffff))) == "?");
  CHECK(static_cast<unsigned>(firmware::status::invalid_page_size) == 0x19);
  CHECK(static_cast<unsigned>(firmware::status::invalid_page_state) == 0x1a);
  CHECK(static_cast<unsigned>(firmware::status::invalid_param) == 0x16);
}

TEST_CASE("FW-SNP-PRC-04, FW-SNP-PRC-06: reclaiming pages of every state",
          "[firmware][rmp][FW-SNP-PRC-04][FW-SNP-PRC-06][RMP-TRN-10][RMP-STA-04]") {
  using enum page_state;
  struct row {
    const char* name;
    entry from;
    page_state before;
    const char* answer;
    page_state after;
  };
  const std::array rows{
      row{"Hypervisor", {}, hypervisor, "SUCCESS", hypervisor},
      row{"HV-Fixed", {.immutable = true}, hv_fixed, "INVALID_PAGE_STATE", hv_fixed},
      row{"Firmware", firmwares, firmware, "SUCCESS", reclaim},
      row{"Firmware, of RMPUPDATE", {.assigned = true, .immutable = true}, firmware, "SUCCESS", reclaim},
      row{"Firmware-IOMMU",
          with(firmwares,
               [](entry& e) {
                 e.tag = firmware_tag::iommu;
                 e.guest = {0x1000};
               }),
          firmware_iommu, "INVALID_PAGE_STATE", firmware_iommu},
      row{"Reclaim", {.assigned = true}, reclaim, "SUCCESS", reclaim},
      row{"Context", with(firmwares, [](entry& e) { e.vmsa = true; }), context, "INVALID_PAGE_STATE", context},
      row{"Metadata",
          with(firmwares,
               [](entry& e) {
                 e.tag = firmware_tag::metadata;
                 e.guest = {0x75'0000'0000};
               }),
          metadata, "SUCCESS", reclaim},
      row{"Pre-Guest", for_launch, page_state::pre_guest, "SUCCESS", guest_invalid},
      row{"Pre-Guest, locked", with(for_launch, [](entry& e) { e.locked = true; }), page_state::pre_guest, "SUCCESS",
          guest_invalid},
      row{"Pre-Swap", for_swap, page_state::pre_swap, "SUCCESS", guest_valid},
      row{"Guest-Invalid", with(for_launch, [](entry& e) { e.immutable = false; }), guest_invalid, "SUCCESS",
          guest_invalid},
      row{"Guest-Valid", with(for_swap, [](entry& e) { e.immutable = false; }), guest_valid, "SUCCESS", guest_valid},
  };
  for (const row& one : rows) {
    INFO(one.name);
    for (const bool large : {false, true}) {
      if (large && !one.from.assigned) continue;
      entry from = one.from;
      from.large = large;
      small table;
      table.entries[4] = from;
      for (unsigned i = 5; i < 8 && large; ++i) table.entries[i].assigned = true;
      const small before = table;
      CHECK(rmp::state_of(from) == one.before);
      CHECK(::reclaim(table, 0x4000, large ? page_size::k2m : page_size::k4k) == one.answer);
      CHECK(rmp::state_of(table, {4}) == one.after);
      small expected = before;
      if (one.before != one.after) {  // Immutable, the lock and the tag go; nothing else
        expected.entries[4].immutable = false;
        expected.entries[4].locked = false;
        expected.entries[4].tag = firmware_tag::none;
      }
      CHECK(table == expected);
      // The other size.
      table = before;
      CHECK(::reclaim(table, 0x4000, large ? page_size::k4k : page_size::k2m) == "INVALID_PAGE_SIZE");
      CHECK(table == before);
    }
  }
}

TEST_CASE("FW-SNP-PRC-01, FW-DISP-10: addresses of SNP_PAGE_RECLAIM",
          "[firmware][rmp][FW-SNP-PRC-01][FW-SNP-PRC-02][FW-SNP-PRC-03][FW-DISP-10]") {
  for (unsigned n = 0; n < 64; ++n) {
    small table;
    table.entries[4] = firmwares;
    INFO("bit " << n);
    const bool reserved = n < 12 || n >= 52;
    CHECK(firmware::has_reserved_bits({0x4000 ^ u64{1} << n}) == reserved);
    const std::string answer = reclaim(table, 0x4000 ^ u64{1} << n);
    CHECK(answer == (reserved ? "INVALID_PARAM" : n >= 16 ? "INVALID_ADDRESS" : "SUCCESS"));
    CHECK(table.entries[4] == firmwares);
  }
  // The table itself.
  context<> ctx;
  for (const u64 held : {0x3000U, 0x4000U, 0x5000U, 0x7000U, 0x8000U}) {
    const auto holds = [held](spa where) { return where.value >> 12 == held >> 12; };
    small table;
    table.entries[4] = firmwares;
    CHECK((firmware::page_reclaim(ctx, table, {0x4000}, page_size::k4k, holds) == firmware::status::invalid_address) ==
          (held == 0x4000));
    table.entries[4] = firmwares;
    table.entries[4].large = true;
    const small before = table;
    const bool inside = held >= 0x4000 && held < 0x8000;
    CHECK((firmware::page_reclaim(ctx, table, {0x4000}, page_size::k2m, holds) == firmware::status::invalid_address) ==
          inside);
    if (inside) CHECK(table == before);
  }
  // A page inside a large one looks like Reclaim (RMP-TRN-11): nothing to do.
  small table;
  table.entries[4] = for_launch;
  table.entries[4].large = true;
  for (unsigned i = 5; i < 8; ++i) table.entries[i].assigned = true;
  const small before = table;
  CHECK(reclaim(table, 0x5000) == "SUCCESS");
  CHECK(reclaim(table, 0x5000, page_size::k2m) == "INVALID_PAGE_SIZE");
  CHECK(table == before);
  // An entry of 2M that is not where one can be.
  table.entries[5] = before.entries[4];
  CHECK(reclaim(table, 0x5000, page_size::k2m) == "INVALID_ADDRESS");
}

TEST_CASE("FW-SNP-USM-01: 512 pages become one",
          "[firmware][rmp][FW-SNP-USM-01][RMP-SMH-05][RMP-TRN-10][RMP-STA-04][INV-05]") {
  for (const entry& from : {for_launch, for_swap, with(for_launch, [](entry& e) { e.locked = true; })}) {
    counting_table table = split_region(from);
    table.entries[3] = table.entries[8] = firmwares;
    CHECK(unsmash(table, 0x4000) == "SUCCESS");
    entry whole = from;
    whole.large = true;
    whole.locked = true;  // written by the firmware and immutable, whoever made it immutable (RMP-STA-04)
    CHECK(table.entries[4] == whole);
    for (unsigned i = 5; i < 8; ++i) CHECK(table.entries[i] == entry{.assigned = true});
    CHECK(table.entries[3] == firmwares);
    CHECK(table.entries[8] == firmwares);
    CHECK(table.counters[5] == 0);                            // four pages before, four after
    CHECK(rmp::state_of(table, {4}) == rmp::state_of(from));  // still immutable
    // Once more: it is of 2M already.
    CHECK(unsmash(table, 0x4000) == "INVALID_PAGE_STATE");
    // Reclaimed and smashed, the pages are what they were, but mutable.
    CHECK(reclaim(table, 0x4000, page_size::k2m) == "SUCCESS");
    context<> ctx;
    CHECK(rmp::psmash(ctx, table, {}, {}, {0x4000})->succeeded());
    counting_table expected = split_region(from);
    for (unsigned i = 4; i < 8; ++i) expected.entries[i].immutable = expected.entries[i].locked = false;
    for (unsigned i = 4; i < 8; ++i) CHECK(table.entries[i] == expected.entries[i]);
  }
  counting_table table = split_region();
  context<> ctx{.choices = {.asid_counter_unit = false}};
  CHECK(firmware::page_unsmash(ctx, table, {0x4000}, nowhere) == firmware::status::success);
  CHECK(table.counters[5] == -3);
}

TEST_CASE("RMP-ENT-06: what SNP_PAGE_UNSMASH may leave in the other entries",
          "[firmware][rmp][RMP-ENT-06][FW-SNP-USM-01]") {
  for (const bool clears : {true, false}) {
    counting_table table = split_region(for_swap);
    for (unsigned i = 4; i < 8; ++i) table.entries[i].locked = true;
    context<> ctx{.choices = {.unsmash_clears_sub_pages = clears}};
    CHECK(firmware::page_unsmash(ctx, table, {0x4000}, nowhere) == firmware::status::success);
    CHECK(table.entries[4].large);
    for (unsigned i = 5; i < 8; ++i) {
      const entry& left = table.entries[i];
      CHECK((left.assigned && !left.immutable && !left.locked && left.id == asid{0} && !left.large));  // for certain
      CHECK(left.validated == !clears);
      CHECK(left.guest.value == (clears ? 0 : 0x8000 + u64{i - 4} * 0x1000));
      CHECK(left.allowed == (clears ? entry{}.allowed : for_swap.allowed));
      // They mean nothing: the large entry counts.
      CHECK(rmp::authoritative_entry(table, {i}) == table.entries[4]);
    }
    CHECK(table.counters[5] == 0);
    // PSMASH makes the same of both.
    CHECK(reclaim(table, 0x4000, page_size::k2m) == "SUCCESS");
    CHECK(rmp::psmash(ctx, table, {}, {}, {0x4000})->succeeded());
    for (unsigned i = 4; i < 8; ++i) CHECK(table.entries[i].guest.value == 0x8000 + u64{i - 4} * 0x1000);
  }
}

TEST_CASE("FW-DISP-10: addresses of operands", "[firmware][FW-DISP-10]") {
  context<> ctx;
  using firmware::status;
  const std::array forbidden{firmware::memory_range{{0xa'0000}, 0x2'0000}, firmware::memory_range{{0x50'0000}, 0x1000}};
  const std::array dram{firmware::memory_range{{0}, 0x40'0000}, firmware::memory_range{{0x40'0000}, 0x40'0000}};
  const auto check = [&](const firmware::address_map& machine, u64 where, u64 bytes) {
    return firmware::check_addresses(ctx, machine, {where}, bytes, nowhere);
  };
  const auto table_at = [&](u64 held, u64 where, u64 bytes) {
    return firmware::check_addresses(ctx, {}, {where}, bytes, [held](spa at) { return at.value >> 12 == held >> 12; });
  };
  // The highest sPA, and ranges that wrap.
  const firmware::address_map small_machine{.end = 0x80'0000};
  CHECK(check(small_machine, 0x7f'f000, 0x1000) == status::success);
  CHECK(check(small_machine, 0x7f'f000, 0x2000) == status::invalid_address);
  CHECK(check(small_machine, 0x80'0000, 0x1000) == status::invalid_address);
  CHECK(check(small_machine, 0, 0x80'0000) == status::success);
  CHECK(check(small_machine, 0, 0x80'1000) == status::invalid_address);
  CHECK(check({.end = ~u64{0}}, ~u64{0xfff}, 0x2000) == status::invalid_address);
  CHECK(check({}, (u64{1} << 52) - 0x1000, 0x1000) == status::success);
  CHECK(check({}, (u64{1} << 52) - 0x1000, 0x2000) == status::invalid_address);
  // Memory that the firmware protects, touched by any byte.
  const firmware::address_map guarded{.forbidden = forbidden};
  CHECK(check(guarded, 0x9'f000, 0x1000) == status::success);
  CHECK(check(guarded, 0x9'f000, 0x2000) == status::invalid_address);
  CHECK(check(guarded, 0xa'0000, 0x1000) == status::invalid_address);
  CHECK(check(guarded, 0xb'f000, 0x1000) == status::invalid_address);
  CHECK(check(guarded, 0xc'0000, 0x1000) == status::success);
  CHECK(check(guarded, 0, 0x20'0000) == status::invalid_address);
  CHECK(check(guarded, 0x50'0000, 0x1000) == status::invalid_address);
  CHECK(check(guarded, 0x40'0000, 0x20'0000) == status::invalid_address);
  CHECK(table_at(0x3000, 0x1000, 0x2000) == status::success);
  CHECK(table_at(0x3000, 0x1000, 0x3000) == status::invalid_address);
  // One region of DRAM.
  const firmware::address_map mapped{.forbidden = forbidden, .dram = dram};
  CHECK(check(mapped, 0x20'0000, 0x20'0000) == status::success);
  CHECK(check(mapped, 0x40'0000, 0x10'0000) == status::success);
  CHECK(check(mapped, 0x3f'f000, 0x2000) == status::invalid_config);  // in two
  CHECK(check(mapped, 0x7f'f000, 0x2000) == status::invalid_config);  // in one, and behind it
  CHECK(check(mapped, 0x80'0000, 0x1000) == status::invalid_config);
  CHECK(check(mapped, 0xa'0000, 0x1000) == status::invalid_address);  // which comes first
}

TEST_CASE("FW-DISP-10: the C-bit does not count", "[firmware][rmp][FW-DISP-10][RMP-GEO-12]") {
  context<> ctx;
  constexpr u64 c = u64{1} << 51;
  const firmware::address_map machine{.c_mask = c};
  using firmware::status;
  for (const bool strips : {true, false}) {
    const firmware::address_map& with_c = strips ? machine : firmware::address_map{};
    small table;
    table.entries[4] = firmwares;
    CHECK(firmware::page_reclaim(ctx, table, {c | 0x4000}, page_size::k4k, nowhere, with_c) ==
          (strips ? status::success : status::invalid_address));
    CHECK(table.entries[4].immutable == !strips);
    counting_table split = split_region();
    CHECK(firmware::page_unsmash(ctx, split, {c | 0x4000}, nowhere, with_c) ==
          (strips ? status::success : status::invalid_address));
    CHECK(split.entries[4].large == strips);
    table.entries[4] = firmwares;
    CHECK(firmware::page_set_state(ctx, table, {c | 0x4000}, 1, nowhere, with_c) ==
          (strips ? status::success : status::invalid_page_state));
    CHECK(table.entries[4].assigned == !strips);
  }
  // The table is asked about the address without it.
  const auto holds = [](spa where) { return where.value == 0x4000; };
  small table;
  table.entries[4] = firmwares;
  CHECK(firmware::page_reclaim(ctx, table, {c | 0x4000}, page_size::k4k, holds, machine) == status::invalid_address);
  CHECK(firmware::page_set_state(ctx, table, {c | 0x4000}, 1, holds, machine) == status::success);
  CHECK(table.entries[4] == firmwares);
  // The other checks of addresses reach the commands.
  const std::array dram{firmware::memory_range{{0x8000}, 0x8000}};
  CHECK(firmware::page_reclaim(ctx, table, {0x4000}, page_size::k4k, nowhere, {.dram = dram}) ==
        status::invalid_config);
  counting_table split = split_region();
  CHECK(firmware::page_unsmash(ctx, split, {0x4000}, nowhere, {.dram = dram}) == status::invalid_config);
}

TEST_CASE("FW-SNP-USM-01: pages that do not fit", "[firmware][rmp][FW-SNP-USM-01][FW-DISP-10]") {
  const auto refused = [](unsigned page, auto&& change) {
    counting_table table = split_region();
    change(table.entries[4 + page]);
    const small before = table;
    const std::string answer = unsmash(table, 0x4000);
    CHECK(static_cast<small&>(table) == before);
    CHECK(table.counters.empty());
    return answer == "INVALID_PAGE_STATE";
  };
  for (unsigned page = 0; page < 4; ++page) {
    INFO("page " << page);
    CHECK(refused(page, [](entry& e) { e.assigned = false; }));
    CHECK(refused(page, [](entry& e) { e.large = true; }));
    CHECK(refused(page, [](entry& e) { e.immutable = false; }));
    CHECK(refused(page, [](entry& e) { e.vmsa = true; }));
    CHECK(refused(page, [](entry& e) { e.id = {0}; }));
    CHECK(refused(page, [](entry& e) { e.id = {6}; }));
    CHECK(refused(page, [](entry& e) { e.validated = true; }));
    CHECK(refused(page, [](entry& e) { e.guest.value += 0x1000; }));
    for (unsigned level = 0; level < 4; ++level) CHECK(refused(page, [&](entry& e) { e.allowed[level].raw ^= 2; }));
  }
  // All of them are nobody's, or VMSAs.
  for (const entry& from :
       {with(for_launch, [](entry& e) { e.id = {0}; }), with(for_launch, [](entry& e) { e.vmsa = true; }),
        with(for_launch, [](entry& e) { e.guest.value += 0x1000; }),
        with(for_launch, [](entry& e) { e.immutable = false; })}) {
    counting_table table = split_region(from);
    CHECK(unsmash(table, 0x4000) == "INVALID_PAGE_STATE");
  }
  // Addresses.
  for (unsigned n = 0; n < 64; ++n) {
    counting_table table = split_region();
    INFO("bit " << n);
    const std::string answer = unsmash(table, 0x4000 ^ u64{1} << n);
    if (n < 14 || n >= 52) CHECK(answer == "INVALID_PARAM");
    else CHECK(answer == (n >= 16 ? "INVALID_ADDRESS" : "INVALID_PAGE_STATE"));
  }
  context<> ctx;
  for (u64 held = 3; held < 9; ++held) {
    counting_table table = split_region();
    const auto holds = [held](spa where) { return where.value >> 12 == held; };
    CHECK((firmware::page_unsmash(ctx, table, {0x4000}, holds) == firmware::status::invalid_address) ==
          (held >= 4 && held < 8));
  }
  rmp::small_table<6, 4> part;
  CHECK(unsmash(part, 0x4000) == "INVALID_ADDRESS");
}

TEST_CASE("FW-SNP-PSS-01: pages become HV-Fixed", "[firmware][rmp][FW-SNP-PSS-01][RMP-TRN-10][INV-06]") {
  for (u64 pages = 0; pages <= 10; ++pages) {
    INFO(pages << " pages");
    small table;
    for (unsigned i = 4; i < 16; ++i) table.entries[i] = firmwares;
    for (const unsigned base : {4U, 8U, 12U}) table.entries[base].sub_page_count = 3;
    small expected = table;
    for (u64 i = 4; i < 4 + pages; ++i) expected.entries[i] = {.immutable = true};
    for (const unsigned base : {4U, 8U, 12U}) {
      std::uint16_t left = 0;
      for (unsigned i = 1; i < 4; ++i)
        if (expected.entries[base + i].assigned) ++left;
      expected.entries[base].sub_page_count = left;
    }
    CHECK(set_state(table, 0x4000, pages) == "SUCCESS");
    CHECK(table == expected);
    for (u64 i = 4; i < 4 + pages; ++i) CHECK(rmp::state_of(table, {i}) == page_state::hv_fixed);
  }
}

TEST_CASE("FW-SNP-PSS-01: all pages are looked at before one changes", "[firmware][rmp][FW-SNP-PSS-01][INV-15]") {
  const std::array<entry, 7> others{entry{},
                                    entry{.immutable = true},
                                    entry{.assigned = true},
                                    with(firmwares, [](entry& e) { e.vmsa = true; }),
                                    with(firmwares, [](entry& e) { e.large = true; }),
                                    with(firmwares, [](entry& e) { e.tag = firmware_tag::metadata; }),
                                    for_launch};
  for (const entry& other : others) {
    for (unsigned odd = 4; odd < 10; ++odd) {
      small table;
      for (unsigned i = 4; i < 16; ++i) table.entries[i] = firmwares;
      table.entries[odd] = other;
      const small before = table;
      CHECK(set_state(table, 0x4000, 6) == "INVALID_PAGE_STATE");
      CHECK(table == before);
      CHECK(set_state(table, 0x4000, odd - 4) == "SUCCESS");  // up to there
    }
  }
  small table;
  for (entry& one : table.entries) one = firmwares;
  CHECK(set_state(table, 0xc000, 5) == "INVALID_PAGE_STATE");  // the fifth is not covered
  for (unsigned n = 0; n < 64; ++n) {
    if (n >= 14 && n < 16) continue;
    INFO("bit " << n);
    CHECK(set_state(table, u64{1} << n, 1) == (n < 14 || n >= 52 ? "INVALID_PARAM" : "INVALID_PAGE_STATE"));
  }
}

TEST_CASE("FW-SNP-PSS-01: the table itself is left out", "[firmware][rmp][FW-SNP-PSS-01][FW-DISP-10]") {
  context<> ctx;
  const auto holds = [](spa where) { return where.value >> 12 == 6 || where.value >> 12 == 7; };
  small table;
  for (unsigned i = 4; i < 8; ++i) table.entries[i] = firmwares;
  table.entries[4].sub_page_count = 3;
  table.entries[7] = for_launch;  // whatever they are
  CHECK(firmware::page_set_state(ctx, table, {0x4000}, 4, holds) == firmware::status::success);
  CHECK(table.entries[4] == entry{.immutable = true, .sub_page_count = 2});
  CHECK(table.entries[5] == entry{.immutable = true});
  CHECK(table.entries[6] == firmwares);
  CHECK(table.entries[7] == for_launch);
}

TEST_CASE("FW-SNP-PSS-01: the upper quadword", "[firmware][rmp][FW-SNP-PSS-01]") {
  for (const bool keeps : {false, true}) {
    small table;
    table.entries[4] = with(firmwares, [](entry& e) { e.allowed[0] = {0x1f}; });
    CHECK(set_state(table, 0x4000, 1, {.firmware_page_hi = keeps}) == "SUCCESS");
    CHECK(table.entries[4].allowed[0].raw == (keeps ? 0x1f : 0));
    CHECK_FALSE(table.entries[4].locked);
  }
}

TEST_CASE("RMP-TRN-10: pages of a real size", "[firmware][rmp][RMP-TRN-10][FW-SNP-USM-01][FW-SNP-PSS-01]") {
  context<> ctx;
  rmp::lazy_table table(2048);
  const rmp::new_state whole{.assigned = true, .large = true, .id = {5}, .guest = {0x4000'0000}};
  CHECK(rmp::rmpupdate(ctx, table, {}, {}, {0x20'0000}, whole)->succeeded());
  CHECK(rmp::psmash(ctx, table, {}, {}, {0x20'0000})->succeeded());
  CHECK(unsmash(table, 0x20'0000) == "INVALID_PAGE_STATE");  // mutable
  for (u64 i = 0; i < 512; ++i) {
    const rmp::new_state frozen{.assigned = true, .immutable = true, .id = {5}, .guest = {0x4000'0000 + i * 0x1000}};
    CHECK(rmp::rmpupdate(ctx, table, {}, {}, {0x20'0000 + i * 0x1000}, frozen)->succeeded());
  }
  CHECK(table.pages_of({5}) == 512);
  CHECK(unsmash(table, 0x20'0000) == "SUCCESS");
  CHECK(table.raw_of({0x200}) == rmp::raw_entry{0x8028'0000'4000'0007, 0x1f});
  for (u64 i = 1; i < 512; ++i) CHECK(table.raw_of({0x200 + i}) == rmp::raw_entry{1, 0});
  CHECK(table.pages_of({5}) == 512);
  CHECK(reclaim(table, 0x20'0000, page_size::k2m) == "SUCCESS");
  CHECK(table.raw_of({0x200}).lo == 0x0028'0000'4000'0003);
  // HV-Fixed.
  for (u64 i = 0; i < 512; ++i)
    CHECK(rmp::rmpupdate(ctx, table, {}, {}, {0x40'0000 + i * 0x1000}, {.assigned = true, .immutable = true})
              ->succeeded());
  CHECK(table.raw_of({0x400}).lo == 0xffd);
  CHECK(set_state(table, 0x40'0000, 512) == "SUCCESS");
  for (u64 i = 0; i < 512; ++i) CHECK(table.raw_of({0x400 + i}) == rmp::raw_entry{4, 0});
  CHECK(reclaim(table, 0x40'0000) == "INVALID_PAGE_STATE");
}

TEST_CASE("rules of page commands fire and pass",
          "[firmware][rmp][FW-DISP-10][FW-SNP-PRC-01][FW-SNP-USM-01][FW-SNP-PSS-01]") {
  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  small table;
  table.entries[4] = firmwares;
  table.entries[5] = {.immutable = true};
  for (const u64 where : {0x4001U, 0x1'0000U, 0x4000U, 0x4000U, 0x5000U, 0x8000U})
    (void)firmware::page_reclaim(ctx, table, {where}, page_size::k4k, nowhere);
  (void)firmware::page_reclaim(ctx, table, {0x4000}, page_size::k2m, nowhere);
  table.entries[6].large = true;
  (void)firmware::page_reclaim(ctx, table, {0x6000}, page_size::k2m, nowhere);
  for (const u64 where : {0x4001U, 0x8000U}) {
    (void)firmware::page_unsmash(ctx, table, {where}, nowhere);
    (void)firmware::page_set_state(ctx, table, {where}, 1, nowhere);
  }
  table.entries[8] = firmwares;
  (void)firmware::page_set_state(ctx, table, {0x8000}, 1, nowhere);
  counting_table fits = split_region();
  (void)firmware::page_unsmash(ctx, fits, {0x4000}, nowhere);
  for (const rule id : {rule::FW_DISP_10, rule::FW_SNP_PRC_01, rule::FW_SNP_PRC_02, rule::FW_SNP_PRC_03,
                        rule::FW_SNP_PRC_04, rule::FW_SNP_PRC_06, rule::FW_SNP_USM_01, rule::FW_SNP_PSS_01}) {
    INFO(name_of(id));
    CHECK(heard.fired.contains(id));
    CHECK(heard.passed.contains(id));
  }
}

TEST_CASE("FW-SNP-PSS-01: the command's form", "[firmware][FW-SNP-PSS-01]") {
  context<> ctx;
  layout::cmd_snp_page_set_state command;
  const auto check = [&] {
    return firmware::check_page_set_state(ctx, layout::cmd_snp_page_set_state_const_view{command});
  };
  command.set_length(0x10);
  command.set_list_paddr(0x1234'5000);
  CHECK(check() == firmware::status::success);
  for (const unsigned at : {4U, 5U, 6U, 7U}) {
    layout::cmd_snp_page_set_state whole = command;
    command.bytes()[at] = 0x80;
    CHECK(check() == firmware::status::invalid_param);
    command.set_length(0x11);
    CHECK(check() == firmware::status::invalid_length);  // LENGTH comes first
    command = whole;
  }
  for (const unsigned length : {0U, 0xfU, 0x11U, 0x1'0010U}) {
    command.set_length(length);
    CHECK(check() == firmware::status::invalid_length);
  }
}

TEST_CASE("FW-SNP-PSS-01: a list of ranges in memory", "[firmware][FW-SNP-PSS-01]") {
  std::vector<std::uint8_t> page(4096);
  const auto put = [&](std::size_t at, u64 value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) page[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  };
  const auto read = [&](std::size_t from = 0) { return firmware::read_page_list(std::span{page}.subspan(from)); };
  CHECK(read()->count == 0);
  put(0, 2, 4);
  put(8, 0x12'3456'7000, 8);
  put(16, 0x8000'0001, 4);
  put(24, 0x20'0000, 8);
  put(32, 512, 4);
  put(36, 0x100, 4);  // reserved: the command judges it
  REQUIRE(read().has_value());
  CHECK(read()->ranges().size() == 2);
  CHECK(read()->ranges()[0] == firmware::page_list_element{{0x12'3456'7000}, 0x8000'0001});
  CHECK(read()->ranges()[1] == firmware::page_list_element{{0x20'0000}, 512, 0x100});
  for (std::size_t at = 4; at < 8; ++at) {
    page[at] = 1;
    CHECK(read().error() == firmware::status::invalid_param);
    page[at] = 0;
  }
  for (const u64 count : {u64{255}, u64{256}, u64{0xffff'ffff}}) {
    put(0, count, 4);
    CHECK(read().has_value() == (count == 255));
  }
  // No more than 255, however many bytes the caller has.
  page.resize(2 * 4096);
  for (const u64 count : {u64{255}, u64{256}, u64{300}}) {
    put(0, count, 4);
    CHECK(read().has_value() == (count == 255));
  }
  page.resize(4096);
  // The list ends in the page it begins in.
  for (const std::size_t from : {4096U - 8, 4096U - 24, 4096U - 25, 4096U - 40, 4096U - 7, 4096U}) {
    for (u64 count = 0; count < 4; ++count) {
      if (from + 8 <= 4096) {
        std::fill(page.begin() + static_cast<std::ptrdiff_t>(from), page.end(), std::uint8_t{0});
        put(from, count, 4);
      }
      INFO(count << " elements from " << from);
      CHECK(read(from).has_value() == (from + 8 + 16 * count <= 4096));
    }
  }
}

TEST_CASE("FW-SNP-PSS-01: addresses of ranges", "[firmware][rmp][FW-SNP-PSS-01][FW-DISP-10]") {
  context<> ctx;
  small table;
  for (entry& one : table.entries) one = firmwares;
  const small before = table;
  const auto set = [&](const firmware::address_map& machine, u64 where, u64 pages) {
    return firmware::name_of(firmware::page_set_state(ctx, table, {where}, pages, nowhere, machine));
  };
  const std::array forbidden{firmware::memory_range{{0x6000}, 0x1000}};
  const std::array dram{firmware::memory_range{{0}, 0x8000}, firmware::memory_range{{0x8000}, 0x8000}};
  CHECK(set({.forbidden = forbidden}, 0x4000, 3) == std::string("INVALID_ADDRESS"));
  CHECK(set({.end = 0x8000}, 0x8000, 1) == std::string("INVALID_ADDRESS"));
  CHECK(set({.dram = dram}, 0x4000, 8) == std::string("INVALID_CONFIG"));
  // The second of two, and after the form of both.
  const std::array ranges{firmware::page_list_element{{0x8000}, 1}, firmware::page_list_element{{0x4000}, 3}};
  CHECK(firmware::page_set_state(ctx, table, std::span{ranges}, nowhere, {.forbidden = forbidden}) ==
        firmware::status::invalid_address);
  const std::array ill_formed{ranges[1], firmware::page_list_element{{0x5000}, 1}};
  CHECK(firmware::page_set_state(ctx, table, std::span{ill_formed}, nowhere, {.forbidden = forbidden}) ==
        firmware::status::invalid_param);
  CHECK(table == before);
  CHECK(set({.forbidden = forbidden}, 0x4000, 2) == std::string("SUCCESS"));
  CHECK(set({.end = 0x8000}, 0x8000, 0) == std::string("SUCCESS"));  // no page, nothing to look at
}

TEST_CASE("FW-SNP-PSS-01: all ranges are looked at before one page changes", "[firmware][rmp][FW-SNP-PSS-01][INV-15]") {
  context<> ctx;
  using firmware::page_list_element;
  using firmware::status;
  const auto set = [&](small& table, const std::vector<page_list_element>& list) {
    return firmware::page_set_state(ctx, table, std::span<const page_list_element>{list}, nowhere);
  };
  const auto all_firmware = [] {
    small table;
    for (entry& one : table.entries) one = firmwares;
    for (const unsigned base : {0U, 4U, 8U, 12U}) table.entries[base].sub_page_count = 3;
    return table;
  };
  const page_list_element second{{0x4000}, 3}, fourth{{0xc000}, 2};
  small table = all_firmware();
  CHECK(set(table, {}) == status::success);
  CHECK(table == all_firmware());
  CHECK(set(table, {fourth, second}) == status::success);
  for (u64 i = 0; i < 16; ++i) {
    const bool fixed = (i >= 4 && i < 7) || i == 12 || i == 13;
    CHECK(rmp::state_of(table, {i}) == (fixed ? page_state::hv_fixed : page_state::firmware));
  }
  CHECK(table.entries[4].sub_page_count == 1);
  CHECK(table.entries[12].sub_page_count == 2);
  CHECK(table.entries[8].sub_page_count == 3);
  // A page of the last range does not fit: the first one stays.
  for (const u64 odd : {12U, 13U}) {
    table = all_firmware();
    table.entries[odd] = for_launch;
    const small before = table;
    CHECK(set(table, {second, fourth}) == status::invalid_page_state);
    CHECK(table == before);
  }
  // The form of the whole list comes before the state of any page.
  table = all_firmware();
  table.entries[4] = for_launch;
  const small before = table;
  for (const page_list_element& bad :
       {page_list_element{{0xd000}, 1}, page_list_element{{0xc800}, 1}, page_list_element{{u64{1} << 52 | 0xc000}, 1},
        page_list_element{{0xc000}, 1, 1}}) {
    CHECK(set(table, {second, bad}) == status::invalid_param);
    CHECK(set(table, {bad, second}) == status::invalid_param);
    CHECK(table == before);
  }
  // Ranges that overlap: each page is changed, and counted, once.
  table = all_firmware();
  CHECK(set(table, {second, second, {{0x4000}, 2}}) == status::success);
  CHECK(table.entries[4].sub_page_count == 1);
  CHECK(set(table, {second}) == status::invalid_page_state);  // it is no longer the firmware's
}
