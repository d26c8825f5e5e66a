// SPDX-License-Identifier: MIT
// RMPUPDATE, PSMASH, RMPREAD, RMPOPT, RMPADJUST, RMPQUERY, PVALIDATE: published sequences over several kinds of tables,
// then each rule and each choice.
#include <array>
#include <bit>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <support/bytes.hpp>
#include <support/catch.hpp>
#include <support/recorder.hpp>

#include <sevspec/firmware/page_commands.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/paging/page_fault_code.hpp>
#include <sevspec/rmp/geometry.hpp>
#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/rmp/memory_table.hpp>
#include <sevspec/rmp/page_state.hpp>
#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/raw_table.hpp>
#include <sevspec/rmp/rmpadjust.hpp>
#include <sevspec/rmp/rmpopt.hpp>
#include <sevspec/rmp/rmpquery.hpp>
#include <sevspec/rmp/rmpread.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/small_table.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using rmp::entry;
using rmp::execution;
using rmp::guest_page;
using rmp::instruction;
using rmp::new_state;
using rmp::page_state;
using rmp::processor;
using rmp::raw_entry;
using rmp::spfn;
using u64 = std::uint64_t;
using small = rmp::small_table<16, 4>;  // four regions of four pages: a "2M" page has 16K

// ---- tables

/// Bytes by sPA without encryption.
class plain_memory {
 public:
  explicit plain_memory(u64 bytes) : chips_(bytes) {}
  auto read(spa where, memory_key, std::span<std::uint8_t> out) -> memory::memory_status {
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (!chips_.has(page_of(where + i))) return memory::memory_status::no_memory;
      const memory::raw_page* const page = chips_.find(page_of(where + i));
      out[i] = page == nullptr ? std::uint8_t{0} : (*page)[(where.value + i) % 4096];
    }
    return memory::memory_status::ok;
  }
  auto write(spa where, memory_key, std::span<const std::uint8_t> in) -> memory::memory_status {
    for (std::size_t i = 0; i < in.size(); ++i) {
      memory::raw_page* const page = chips_.touch(page_of(where + i));
      if (page == nullptr) return memory::memory_status::no_memory;
      (*page)[(where.value + i) % 4096] = in[i];
    }
    return memory::memory_status::ok;
  }
  [[nodiscard]] auto qword(u64 where) -> u64 {
    std::array<std::uint8_t, 8> bytes{};
    (void)read({where}, memory_key::none(), bytes);
    return get_le(bytes, 0, 8);
  }
  [[nodiscard]] auto touched() const -> std::span<const u64> { return chips_.touched(); }

 private:
  memory::sparse_dram chips_;
};

/// Entries as they are, any number of them: a table that does not count sub-pages for those who ask.
struct map_table {
  static constexpr u64 sub_pages = 512;
  u64 pages{};
  std::map<u64, entry> entries{};

  [[nodiscard]] auto covers(spfn page) const -> bool { return page.value < pages; }
  [[nodiscard]] auto entry_of(spfn page) const -> entry {
    const auto found = entries.find(page.value);
    return found == entries.end() ? entry{} : found->second;
  }
  void put(spfn page, const entry& what) { entries[page.value] = what; }
};

/// A small table some of whose entries others are modifying; it counts the pages of each ASID.
struct watched_table : small {
  std::set<u64> busy_pages{};
  std::map<std::uint32_t, std::int64_t> counters{};
  [[nodiscard]] auto busy(spfn page) const -> bool { return busy_pages.contains(page.value); }
  void count_pages(asid id, std::int64_t delta) { counters[id.value] += delta; }
};

// ---- what instructions say

/// "SUCCESS", "SUCCESS CF=1", "FAIL_INPUT", "#GP", "#NPF 0x580000005", "#VC 0x404"
auto said(const outcome<rmp::result>& done) -> std::string {
  if (!done) {
    const std::string code = done.error().code == 0 ? "" : " " + hex(done.error().code);
    return name_of(done.error().kind) + code;
  }
  return std::string(rmp::name_of(done->eax)) + (done->unchanged ? " CF=1" : "");
}
/// The rule that decided.
auto why(const outcome<rmp::result>& done) -> rule { return done ? done->decided_by : done.error().decided_by; }

constexpr new_state hypervisor{};
constexpr new_state hypervisor_2m{.large = true};
constexpr new_state firmware_page{.assigned = true, .immutable = true};
constexpr new_state reclaim_page{.assigned = true};
constexpr auto guest_invalid(u64 guest, std::uint32_t id = 5) -> new_state {
  return {.assigned = true, .id = {id}, .guest = {guest}};
}
constexpr auto pre_guest(u64 guest, std::uint32_t id = 5) -> new_state {
  return {.assigned = true, .immutable = true, .id = {id}, .guest = {guest}};
}
constexpr auto guest_2m(u64 guest, std::uint32_t id = 5) -> new_state {
  return {.assigned = true, .large = true, .id = {id}, .guest = {guest}};
}

/// Where a guest's address leads.
struct target {
  u64 where{};
  u64 guest{};
  page_size leaf = page_size::k4k;
  page_size guest_leaf = page_size::k2m;
  bool c = true;
};

template <class Store>
struct rig {
  Store& table;
  implementation_choices choices{};
  processor cpu{};
  execution host{};
  execution guest{.id = {5}, .snp_active = true};
  unsigned translations = 0;  ///< how often a guest's address was translated
  rmp::read_state told{};
  rmp::queried_state queried{};

  auto update(u64 where, const new_state& wanted) -> outcome<rmp::result> {
    context<> ctx{.choices = choices};
    return rmp::rmpupdate(ctx, table, cpu, host, {where}, wanted);
  }
  auto smash(u64 where) -> outcome<rmp::result> {
    context<> ctx{.choices = choices};
    return rmp::psmash(ctx, table, cpu, host, {where});
  }
  auto read(u64 where) -> outcome<rmp::result> {
    context<> ctx{.choices = choices};
    return rmp::rmpread(ctx, table, cpu, host, {where}, told);
  }
  auto translation(const target& page) {
    return [this, page](gva linear) -> outcome<guest_page> {
      ++translations;
      return guest_page{.linear = linear,
                        .guest = {page.guest},
                        .where = {page.where},
                        .leaf = page.leaf,
                        .guest_leaf = page.guest_leaf,
                        .c = page.c};
    };
  }
  auto validate(const target& page, std::uint32_t size, std::uint32_t wanted) -> outcome<rmp::result> {
    context<> ctx{.choices = choices};
    return rmp::pvalidate(ctx, table, cpu, guest, {{page.guest}, size, wanted}, translation(page));
  }
  auto adjust(const target& page, u64 size, u64 attributes) -> outcome<rmp::result> {
    context<> ctx{.choices = choices};
    return rmp::rmpadjust(ctx, table, cpu, guest, {{page.guest}, size, attributes}, translation(page));
  }
  auto query(const target& page, std::uint8_t level) -> outcome<rmp::result> {
    context<> ctx{.choices = choices};
    return rmp::rmpquery(ctx, table, cpu, guest, {page.guest}, level, translation(page), queried);
  }
};
template <class Store>
rig(Store&, implementation_choices = {}, processor = {}) -> rig<Store>;

/// An instruction that completes without success leaves the table alone (INV-15).
template <class Store, class Call>
auto fails_quietly(Store& table, Call&& call) -> std::string {
  const Store before = table;
  const std::string answer = said(call());
  CHECK(answer.find("SUCCESS") == std::string::npos);
  CHECK(table == before);
  return answer;
}

// ---- 12.3, over any table with the real geometry

struct raw_view {
  std::function<raw_entry(u64 page)> entry_of;
  [[nodiscard]] auto lo(u64 page) const -> std::string { return hex(entry_of(page).lo); }
  [[nodiscard]] auto hi(u64 page) const -> u64 { return entry_of(page).hi; }
};

template <class Store>
void published_sequence(Store& table, const raw_view& raw) {
  rig r{table};
  const auto everything = [&] {
    std::vector<raw_entry> all;
    for (u64 page = 0x200; page < 0x800; ++page) all.push_back(raw.entry_of(page));
    return all;
  };
  const auto unchanged = [&](auto&& call) {
    const auto before = everything();
    const std::string answer = said(call());
    CHECK(everything() == before);
    return answer;
  };
  const target page{.where = 0x20'1000, .guest = 0x123'4000};
  const new_state state = guest_invalid(0x123'4000);

  // 1, 2, 3
  CHECK(said(r.update(0x20'1000, state)) == "SUCCESS");
  CHECK(raw.lo(0x201) == "0x28000001234001");
  CHECK(raw.hi(0x201) == 0x1f);
  CHECK(raw.lo(0x200) == "0x8");
  CHECK(said(r.validate(page, 0, 1)) == "SUCCESS");
  CHECK(raw.lo(0x201) == "0x4028000001234001");
  CHECK(unchanged([&] { return r.validate(page, 0, 1); }) == "SUCCESS CF=1");
  // 4, 5, 6, 7
  new_state frozen = state;
  frozen.immutable = true;
  CHECK(said(r.update(0x20'1000, frozen)) == "SUCCESS");
  CHECK(raw.lo(0x201) == "0x4028000001234005");
  CHECK(rmp::state_of(table, {0x201}) == page_state::pre_swap);
  CHECK(unchanged([&] { return r.update(0x20'1000, hypervisor); }) == "FAIL_PERMISSION");
  context<> ctx;
  CHECK(firmware::page_reclaim(ctx, table, {0x20'1000}, page_size::k4k, [](spa) { return false; }) ==
        firmware::status::success);
  CHECK(raw.lo(0x201) == "0x4028000001234001");
  CHECK(said(r.update(0x20'1000, guest_invalid(0x123'5000))) == "SUCCESS");
  CHECK(raw.lo(0x201) == "0x28000001235001");
  CHECK(raw.hi(0x201) == 0x1f);
  // 8, 9
  CHECK(unchanged([&] { return r.update(0x20'0000, guest_2m(0x4000'0000)); }) == "FAIL_OVERLAP");
  CHECK(said(r.update(0x20'1000, hypervisor)) == "SUCCESS");
  CHECK(raw.lo(0x201) == "0x0");
  CHECK(raw.hi(0x201) == 0);
  CHECK(raw.lo(0x200) == "0x0");
  // 10, 11, 12
  CHECK(said(r.update(0x20'0000, guest_2m(0x4000'0000))) == "SUCCESS");
  CHECK(raw.lo(0x200) == "0x28000040000003");
  CHECK(raw.hi(0x200) == 0x1f);
  for (u64 i = 0x201; i < 0x400; ++i) {
    if (raw.entry_of(i) != raw_entry{1, 0}) FAIL_CHECK("page " << hex(i) << " is " << raw.lo(i));
  }
  CHECK(unchanged([&] { return r.update(0x20'1000, guest_2m(0x4000'0000)); }) == "FAIL_INPUT");
  CHECK(unchanged([&] { return r.update(0x20'0000, hypervisor); }) == "FAIL_OVERLAP");
  CHECK(unchanged([&] { return r.update(0x20'1000, hypervisor); }) == "FAIL_OVERLAP");
  // 13, 14
  const target large{.where = 0x20'0000, .guest = 0x4000'0000, .leaf = page_size::k2m};
  CHECK(said(r.validate(large, 1, 1)) == "SUCCESS");
  CHECK(raw.lo(0x200) == "0x4028000040000003");
  const target inside{.where = 0x20'5000, .guest = 0x4000'5000, .leaf = page_size::k2m};
  CHECK(unchanged([&] { return r.validate(inside, 0, 1); }) == "#NPF 0xd80000005");
  CHECK(r.validate(inside, 0, 1).error().address == 0x4000'5000);
  // 15, 16, 17, 18
  CHECK(said(r.smash(0x20'0000)) == "SUCCESS");
  CHECK(raw.lo(0x200) == "0x4028000040000ff9");
  CHECK(raw.lo(0x201) == "0x4028000040001001");
  CHECK(raw.lo(0x3ff) == "0x40280000401ff001");
  for (u64 i = 0x201; i < 0x400; ++i) {
    if (raw.entry_of(i) != raw_entry{0x4028'0000'4000'0001 + (i - 0x200) * 0x1000, 0x1f})
      FAIL_CHECK("page " << hex(i) << " is " << raw.lo(i));
  }
  CHECK(raw.hi(0x200) == 0x1f);
  CHECK(unchanged([&] { return r.smash(0x20'0000); }) == "FAIL_BADADDR");
  CHECK(unchanged([&] { return r.validate(large, 1, 0); }) == "FAIL_SIZEMISMATCH");
  CHECK(said(r.update(0x3f'f000, hypervisor)) == "SUCCESS");
  CHECK(raw.lo(0x3ff) == "0x0");
  CHECK(raw.lo(0x200) == "0x4028000040000ff1");
  // 19, 20
  CHECK(unchanged([&] { return r.update(0x20'1000, {.immutable = true}); }) == "FAIL_INPUT");
  CHECK(unchanged([&] { return r.update(0x20'1000, {.id = {5}}); }) == "FAIL_INPUT");
  CHECK(unchanged([&] { return r.update(0x1'0000'0000, hypervisor); }) == "FAIL_INPUT");
  // 21
  CHECK(said(r.update(0x60'0000, firmware_page)) == "SUCCESS");
  CHECK(rmp::state_of(table, {0x600}) == page_state::firmware);
  for (const new_state& any : {hypervisor, firmware_page, reclaim_page, pre_guest(0x1000), state, hypervisor_2m})
    CHECK(unchanged([&] { return r.update(0x60'0000, any); }) == "FAIL_PERMISSION");
  // 22
  CHECK(said(r.update(0x40'0000, guest_2m(0x4000'0000))) == "SUCCESS");
  CHECK(said(r.update(0x40'0000, hypervisor_2m)) == "SUCCESS");
  for (u64 i = 0x400; i < 0x600; ++i)
    if (raw.entry_of(i) != raw_entry{}) FAIL_CHECK("page " << hex(i) << " is " << raw.lo(i));
  // 23, 24
  rig guest_mode{table};
  guest_mode.host.id = {7};
  CHECK(unchanged([&] { return guest_mode.update(0x40'0000, state); }) == "FAIL_PERMISSION");
  rig user{table};
  user.host.level = user_mode;
  CHECK(unchanged([&] { return user.update(0x40'0000, state); }) == "#GP");
  rig off{table};
  off.cpu.snp_enabled = false;
  CHECK(unchanged([&] { return off.update(0x40'0000, state); }) == "#UD");
}

constexpr u64 rmp_base = 0x8000'0000;
constexpr u64 rmp_end = 0x8100'3fff;
constexpr u64 covered_pages = 0x10'0000;

}  // namespace

// ---- 12.3

TEST_CASE("RMP-UPD-01: the published sequence, raw entries", "[rmp][RMP-UPD-01][RMP-UPD-10][RMP-SMH-01][RMP-PVL-02]") {
  std::vector<raw_entry> entries(covered_pages);
  rmp::raw_table<> table(entries);
  published_sequence(table, {[&](u64 page) { return entries[page]; }});
}

TEST_CASE("RMP-UPD-01: the published sequence, lazy entries", "[rmp][RMP-UPD-01][RMP-UPD-11][RMP-GEO-17]") {
  rmp::lazy_table table(covered_pages);
  CHECK(table.pages() == covered_pages);
  published_sequence(table, {[&](u64 page) { return table.raw_of({page}); }});
  CHECK(table.pages_of({5}) == 511);  // all of the smashed page but the last
  CHECK(table.pages_of({6}) == 0);
  table.reset();
  CHECK(table.pages_of({5}) == 0);
  CHECK(table.raw_of({0x200}) == raw_entry{});
  published_sequence(table, {[&](u64 page) { return table.raw_of({page}); }});
}

TEST_CASE("RMP-UPD-01: the published sequence, entries as they are", "[rmp][RMP-UPD-01][RMP-CHK-08]") {
  map_table table{.pages = covered_pages};
  published_sequence(table, {[&](u64 page) { return rmp::encode(table.entry_of({page})); }});
}

TEST_CASE("RMP-GEO-10: the published sequence in memory", "[rmp][RMP-GEO-10][RMP-GEO-17][RMP-UPD-11][RMP-UPD-13]") {
  context<> ctx;
  plain_memory memory(u64{3} << 30);
  const auto geometry = rmp::contiguous_geometry::make(ctx, {rmp_base}, {rmp_end});
  REQUIRE(geometry.has_value());
  rmp::memory_table table(memory, *geometry, {rmp_base});
  published_sequence(table, {[&](u64 page) {
                       const u64 where = rmp_base + 0x4000 + page * 16;
                       return raw_entry{memory.qword(where), memory.qword(where + 8)};
                     }});
  CHECK(memory.qword(0x8000'4000 + 0x200 * 16) == 0x4028'0000'4000'0ff1);
  // The counter of ASID 5 lies in the bookkeeping area, and nothing but the table was written.
  CHECK(table.pages_of({5}) == 511);
  CHECK(memory.qword(rmp_base + 5 * 8) == 511);
  CHECK(memory.qword(rmp_base + 6 * 8) == 0);
  for (const u64 page : memory.touched()) CHECK((page >= rmp_base >> 12 && page <= rmp_end >> 12));
  // Ones that have no counter are not counted.
  table.count_pages({2048}, 1);
  CHECK(table.pages_of({2048}) == 0);
  CHECK(memory.qword(rmp_base + 0x4000) == 0);
  table.count_pages({2047}, 3);
  CHECK(memory.qword(rmp_base + 0x3ff8) == 3);
  CHECK(table.pages_of({2047}) == 3);
  CHECK(table.geometry() == *geometry);
}

TEST_CASE("RMP-GEO-05: a table of zeros gives every page to the hypervisor", "[rmp][RMP-GEO-05]") {
  context<> ctx;
  plain_memory memory(u64{3} << 30);
  const auto geometry = rmp::contiguous_geometry::make(ctx, {rmp_base}, {rmp_end});
  REQUIRE(geometry.has_value());
  const rmp::memory_table table(memory, *geometry, {rmp_base});
  for (u64 page = 0; page < covered_pages; page += 4093) CHECK(rmp::state_of(table, {page}) == page_state::hypervisor);
  CHECK(rmp::state_of(table, {covered_pages}) == page_state::default_);
  CHECK(memory.touched().empty());
}

TEST_CASE("RMP-SEG-05: the published sequence in segments", "[rmp][RMP-SEG-05]") {
  context<> ctx;
  plain_memory memory(u64{1} << 30);
  std::array<u64, 512> segments{};
  segments[0] = 0x0000'0000'2000'0004;  // 4 GiB at 2000_0000h
  const auto geometry = rmp::segmented_geometry::make(ctx, {0x1000'0000}, 0x2401, {}, segments, 48);
  REQUIRE(geometry.has_value());
  rmp::memory_table table(memory, *geometry, {0x1000'0000});
  published_sequence(table, {[&](u64 page) {
                       return raw_entry{memory.qword(0x2000'0000 + page * 16), memory.qword(0x2000'0008 + page * 16)};
                     }});
  CHECK(memory.qword(0x1000'0000 + 5 * 8) == 511);
}

TEST_CASE("RMP-SEG-06: a table in memory tells of segments that are ill-formed", "[rmp][RMP-SEG-06]") {
  context<> ctx;
  plain_memory memory(u64{1} << 30);
  std::array<u64, 512> segments{0x2000'0004, 0x0010'0000'2400'0004};  // bit 52 of the second
  const auto geometry = rmp::segmented_geometry::make(ctx, {0x1000'0000}, 0x2401, {}, segments, 48);
  REQUIRE(geometry.has_value());
  const rmp::memory_table table(memory, *geometry, {0x1000'0000});
  const u64 second = u64{1} << (36 - 12);
  CHECK_FALSE(rmp::is_way_reserved(table, {second - 1}));
  CHECK(rmp::is_way_reserved(table, {second}));
  CHECK(rmp::is_way_reserved(table, {2 * second - 1}));
  CHECK_FALSE(rmp::is_way_reserved(table, {2 * second}));
  CHECK_FALSE(table.covers({second}));
  CHECK_FALSE(rmp::is_way_reserved(rmp::lazy_table(1), {second}));
}

// ---- 12.4

TEST_CASE("RMP-ADJ-01: the published RMPADJUSTs",
          "[rmp][RMP-ADJ-01][RMP-ADJ-02][RMP-ADJ-03][RMP-ADJ-05][RMP-ADJ-09][RMP-VMR-09][RMP-VPL-05]") {
  rmp::lazy_table table(covered_pages);
  rig r{table};
  const target page{.where = 0x20'1000, .guest = 0x123'4000};
  CHECK(said(r.update(0x20'1000, guest_invalid(0x123'4000))) == "SUCCESS");
  CHECK(said(r.adjust(page, 0, 0x0701)) == "#VC 0x404");
  CHECK(r.adjust(page, 0, 0x0701).error().address == 0x123'4000);  // CR2
  CHECK(said(r.validate(page, 0, 1)) == "SUCCESS");
  const auto mask = [&](unsigned level) { return unsigned{table.entry_of({0x201}).allowed[level].raw}; };

  CHECK(said(r.adjust(page, 0, 0x0701)) == "SUCCESS");
  CHECK(mask(1) == 0x07);
  CHECK(said(r.adjust(page, 0, 0x0f01)) == "SUCCESS");
  CHECK(mask(1) == 0x0f);
  CHECK(said(r.adjust(page, 0, 0x0301)) == "SUCCESS");
  r.guest.privilege = {1};
  CHECK(said(r.adjust(page, 0, 0x0702)) == "FAIL_PERMISSION");
  CHECK(why(r.adjust(page, 0, 0x0702)) == rule::RMP_ADJ_03);
  CHECK(said(r.adjust(page, 0, 0x0001)) == "FAIL_PERMISSION");
  CHECK(said(r.adjust(page, 0, 0x0000)) == "FAIL_PERMISSION");
  CHECK(why(r.adjust(page, 0, 0x0001)) == rule::RMP_ADJ_02);
  CHECK(said(r.adjust(page, 0, 0x0302)) == "SUCCESS");
  CHECK(mask(2) == 0x03);
  r.guest.privilege = {0};
  for (const u64 odd : {0x0201U, 0x0901U, 0x1501U}) {
    CHECK(said(r.adjust(page, 0, odd)) == "FAIL_INPUT");
    CHECK(why(r.adjust(page, 0, odd)) == rule::RMP_VPL_05);
  }
  CHECK(said(r.adjust(page, 0, 0x0004)) == "FAIL_INPUT");
  CHECK(said(r.adjust(page, 0, 0x1'0101)) == "SUCCESS");
  CHECK(table.entry_of({0x201}).vmsa);
  CHECK(mask(1) == 0x01);
  CHECK(said(r.adjust(page, 0, 0x0001)) == "SUCCESS");
  CHECK_FALSE(table.entry_of({0x201}).vmsa);
  CHECK(mask(1) == 0);
  CHECK(said(r.adjust(page, 0, 0x0101)) == "SUCCESS");
  for (const bool vmsa : {false, true}) {  // VMPL 1 does not reach the VMSA bit
    CHECK(said(r.adjust(page, 0, 0x0101 | u64{vmsa} << 16)) == "SUCCESS");
    r.guest.privilege = {1};
    CHECK(said(r.adjust(page, 0, 0x1'0002)) == "SUCCESS");
    CHECK(table.entry_of({0x201}).vmsa == vmsa);
    CHECK(said(r.adjust(page, 0, 0x0002)) == "SUCCESS");
    CHECK(table.entry_of({0x201}).vmsa == vmsa);
    r.guest.privilege = {0};
  }
  // Sizes.
  CHECK(said(r.update(0x20'0000, guest_invalid(0x120'0000))) == "SUCCESS");
  const target base{.where = 0x20'0000, .guest = 0x120'0000, .leaf = page_size::k2m};
  CHECK(said(r.validate(base, 0, 1)) == "SUCCESS");
  CHECK(said(r.adjust(base, 1, 0x0101)) == "FAIL_SIZEMISMATCH");
  CHECK(said(r.update(0x40'0000, guest_2m(0x4000'0000))) == "SUCCESS");
  const target large{.where = 0x40'0000, .guest = 0x4000'0000, .leaf = page_size::k2m};
  CHECK(said(r.validate(large, 1, 1)) == "SUCCESS");
  CHECK(said(r.adjust(large, 0, 0x0101)) == "#NPF 0xd80000005");
  CHECK(said(r.adjust(large, 1, 0x0101)) == "SUCCESS");
  CHECK(table.entry_of({0x400}).allowed[1].raw == 0x01);
  CHECK(table.raw_of({0x401}) == raw_entry{1, 0});
  const target inside{.where = 0x40'1000, .guest = 0x4000'1000, .leaf = page_size::k2m};
  CHECK(said(r.adjust(inside, 1, 0x0101)) == "FAIL_INPUT");
  CHECK(said(r.adjust(inside, 0, 0x0101)) == "#NPF 0xd80000005");
  // The nested page is of 4K: RMPADJUST of 2M does not fit.
  const target small_leaf{.where = 0x40'0000, .guest = 0x4000'0000, .leaf = page_size::k4k};
  CHECK(said(r.adjust(small_leaf, 1, 0x0101)) == "FAIL_SIZEMISMATCH");
  const target huge_leaf{.where = 0x40'0000, .guest = 0x4000'0000, .leaf = page_size::k1g};
  CHECK(said(r.adjust(huge_leaf, 1, 0x0301)) == "SUCCESS");
}

// ---- 12.6: flags

TEST_CASE("RMP-INS-06: flags", "[rmp][RMP-INS-06][RMP-INS-03][RMP-INS-05]") {
  constexpr u64 cf = 1, pf = 4, af = 0x10, zf = 0x40, sf = 0x80, of = 0x800;
  constexpr u64 status_flags = cf | pf | af | zf | sf | of;
  const auto completed = [](std::uint32_t eax, bool unchanged) {
    return rmp::result{
        .eax = static_cast<rmp::status>(eax), .unchanged = unchanged, .decided_by = rule::none, .stale = {}};
  };
  for (const bool clears : {true, false}) {
    context<> ctx{.choices = {.rmp_cf_other = clears}};
    for (const u64 before : {u64{0}, ~u64{0}, u64{0x202}, status_flags, ~status_flags, cf}) {
      for (const std::uint32_t eax : {0U, 1U, 2U, 3U, 4U, 6U, 7U, 0x8000'0000U, 0x100U}) {
        for (const bool unchanged : {false, true}) {
          for (const bool pvalidate : {false, true}) {
            const u64 after = rmp::rflags_after(ctx, before, completed(eax, unchanged), pvalidate);
            u64 expected = before & ~status_flags;
            if (eax == 0 || eax == 3 || eax == 6 || eax == 0x8000'0000 || eax == 0x100) expected |= pf;
            if (eax == 0) expected |= zf;
            if (eax == 0x8000'0000) expected |= sf;
            if (pvalidate && eax == 0) expected |= unchanged ? cf : 0;
            else if (!clears) expected |= before & cf;
            INFO("EAX " << eax << ", before " << hex(before) << (pvalidate ? ", PVALIDATE" : ""));
            CHECK(hex(after) == hex(expected));
          }
        }
      }
    }
  }
}

TEST_CASE("RMP-INS-03: codes and their names", "[rmp][RMP-INS-03][RMP-INS-04]") {
  const std::map<unsigned, std::string> names{{0, "SUCCESS"},           {1, "FAIL_INPUT"},   {2, "FAIL_PERMISSION"},
                                              {3, "FAIL_INUSE"},        {4, "FAIL_OVERLAP"}, {5, "?"},
                                              {6, "FAIL_SIZEMISMATCH"}, {7, "FAIL_BADADDR"}, {8, "?"}};
  for (const auto& [code, name] : names) CHECK(rmp::name_of(static_cast<rmp::status>(code)) == name);
  CHECK(rmp::result{}.succeeded());
  CHECK_FALSE(rmp::fails(rmp::status::fail_input, rule::RMP_UPD_01).succeeded());
  const rmp::page_range range{{4}, 4};
  for (u64 i = 0; i < 12; ++i) CHECK(range.contains({i}) == (i >= 4 && i < 8));
  CHECK_FALSE(rmp::page_range{}.contains({0}));
}

// ---- #UD and #GP

namespace {

/// Executes one instruction, which would succeed for the host or for VMPL 0 of guest 5, and gives its fault.
auto fault_of(instruction what, const processor& cpu, const execution& by) -> std::optional<fault> {
  small table;
  table.entries[1] = {.assigned = true, .validated = true, .id = {5}, .guest = {0x1000}};
  table.entries[0].sub_page_count = 1;
  table.entries[4] = {.assigned = true, .large = true, .id = {5}, .guest = {0x4000}};
  for (unsigned i = 5; i < 8; ++i) table.entries[i].assigned = true;
  const small before = table;
  const auto to = [](gva where) -> outcome<guest_page> {
    return guest_page{.linear = where, .guest = {0x1000}, .where = {0x1000}};
  };
  const auto faults = [&](const auto& done) -> std::optional<fault> {
    if (done) return {};
    CHECK(table == before);
    return done.error();
  };
  context<> ctx;
  rmp::read_state told;
  rmp::queried_state queried;
  rmp::optimized_gigabytes core;
  switch (what) {
    case instruction::rmpupdate: return faults(rmp::rmpupdate(ctx, table, cpu, by, {0x9000}, reclaim_page));
    case instruction::psmash:    return faults(rmp::psmash(ctx, table, cpu, by, {0x4000}));
    case instruction::rmpread:   return faults(rmp::rmpread(ctx, table, cpu, by, {0x1000}, told));
    case instruction::rmpopt:    return faults(rmp::rmpopt(ctx, table, cpu, by, core, {0}, 1));
    case instruction::rmpadjust: return faults(rmp::rmpadjust(ctx, table, cpu, by, {{0x1000}, 0, 1}, to));
    case instruction::rmpquery:  return faults(rmp::rmpquery(ctx, table, cpu, by, {0x1000}, 1, to, queried));
    case instruction::pvalidate: return faults(rmp::pvalidate(ctx, table, cpu, by, {{0x1000}, 0, 0}, to));
  }
  return {};
}

constexpr std::array instructions{instruction::rmpupdate, instruction::psmash,    instruction::rmpread,
                                  instruction::rmpopt,    instruction::rmpadjust, instruction::rmpquery,
                                  instruction::pvalidate};

}  // namespace

TEST_CASE("RMP-INS-07, RMP-INS-08: #UD and #GP of every instruction",
          "[rmp][RMP-INS-07][RMP-INS-08][RMP-INS-11][RMP-INS-02][RMP-GEO-01]") {
  for (const instruction what : instructions) {
    const bool hosts = what == instruction::rmpupdate || what == instruction::psmash || what == instruction::rmpread ||
                       what == instruction::rmpopt;
    CHECK(rmp::is_host_instruction(what) == hosts);
    for (unsigned bits = 0; bits < 256; ++bits) {
      const bool lock = (bits & 1) != 0, wide = (bits & 2) != 0, enabled = (bits & 4) != 0, active = (bits & 8) != 0;
      const bool query = (bits & 16) != 0, read = (bits & 32) != 0, opt = (bits & 64) != 0,
                 in_guest = (bits & 128) != 0;
      const processor cpu{.snp_enabled = enabled, .rmpquery = query, .rmpread = read, .rmpopt = opt};
      for (std::uint8_t level = 0; level < 4; ++level) {
        const execution by{.level = {level},
                           .id = {in_guest || active ? 5U : 0U},
                           .snp_active = active,
                           .sixty_four_bit = wide,
                           .lock_prefix = lock};
        bool undefined = lock || !enabled;
        if (!wide && what != instruction::pvalidate) undefined = true;
        if (what == instruction::rmpquery && !query) undefined = true;
        if (what == instruction::rmpread && !read) undefined = true;
        if (what == instruction::rmpopt && !opt) undefined = true;
        if (!hosts && !active) undefined = true;
        std::optional<fault> expected;
        if (level != 0) expected = fault{fault_kind::gp, rule::RMP_INS_08, 0, 0};
        if (undefined) expected = fault{fault_kind::ud, rule::RMP_INS_07, 0, 0};
        INFO("instruction " << hex(static_cast<u64>(what)) << ", bits " << bits << ", CPL " << int{level});
        CHECK(fault_of(what, cpu, by) == expected);
      }
    }
  }
}

TEST_CASE("RMP-INS-01: encodings", "[rmp][RMP-INS-01]") {
  const std::map<instruction, std::array<unsigned, 4>> bytes{
      {instruction::rmpupdate, {0xf2, 0x0f, 0x01, 0xfe}}, {instruction::psmash, {0xf3, 0x0f, 0x01, 0xff}},
      {instruction::rmpread, {0xf2, 0x0f, 0x01, 0xfd}},   {instruction::rmpopt, {0xf2, 0x0f, 0x01, 0xfc}},
      {instruction::rmpadjust, {0xf3, 0x0f, 0x01, 0xfe}}, {instruction::rmpquery, {0xf3, 0x0f, 0x01, 0xfd}},
      {instruction::pvalidate, {0xf2, 0x0f, 0x01, 0xff}}};
  for (const auto& [what, b] : bytes)
    CHECK(static_cast<std::uint32_t>(what) == (b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3]));
}

TEST_CASE("RMP-INS-09: host instructions in guest mode", "[rmp][RMP-INS-09]") {
  small table;
  rig r{table};
  r.host.id = {7};
  for (const bool active : {false, true}) {
    r.host.snp_active = active;
    CHECK(fails_quietly(table, [&] { return r.update(0x1000, reclaim_page); }) == "FAIL_PERMISSION");
    CHECK(fails_quietly(table, [&] { return r.smash(0x4000); }) == "FAIL_PERMISSION");
    CHECK(fails_quietly(table, [&] { return r.read(0x1000); }) == "FAIL_PERMISSION");
    // Before anything else of the operands.
    CHECK(why(r.update(u64{1} << 40, {.large = true, .immutable = true, .reserved = true})) == rule::RMP_INS_09);
    CHECK(why(r.smash(0x1000)) == rule::RMP_INS_09);
    CHECK(why(r.read(u64{1} << 40)) == rule::RMP_INS_09);
  }
}

// ---- operands in memory

TEST_CASE("RMP-RUD-01: RMPUPDATE's operand", "[rmp][RMP-RUD-01][RMP-RUD-03]") {
  std::array<std::uint8_t, 16> bytes{};
  put_le(bytes, 0, 8, 0x1234'5678'9abc'd000);
  bytes[8] = bytes[9] = bytes[10] = 1;
  put_le(bytes, 12, 4, 0x8765'4321);
  CHECK(rmp::new_state_of(bytes) ==
        new_state{
            .assigned = true, .large = true, .immutable = true, .id = {0x8765'4321}, .guest = {0x1234'5678'9abc'd000}});
  CHECK(rmp::new_state_of(std::array<std::uint8_t, 16>{}) == new_state{});
  for (unsigned n = 0; n < 128; ++n) {
    std::array<std::uint8_t, 16> one{};
    one[n / 8] = static_cast<std::uint8_t>(1U << n % 8);
    const new_state found = rmp::new_state_of(one);
    INFO("bit " << n);
    CHECK(found.guest.value == (n < 64 ? u64{1} << n : 0));
    CHECK(found.assigned == (n == 64));
    CHECK(found.large == (n == 72));
    CHECK(found.immutable == (n == 80));
    CHECK(found.id.value == (n >= 96 ? 1U << (n - 96) : 0));
    CHECK(found.reserved == (n > 64 && n < 96 && n != 72 && n != 80));
  }
}

TEST_CASE("RMP-RUD-01: RMPREAD's answer in memory", "[rmp][RMP-RUD-01][RMP-RDD-02]") {
  const rmp::read_state all{.assigned = true,
                            .large = true,
                            .region_assigned = true,
                            .immutable = true,
                            .id = {0x8765'4321},
                            .guest = {0x1234'5678'9abc'd000}};
  const auto bytes = rmp::bytes_of(all);
  CHECK(get_le(bytes, 0, 8) == 0x1234'5678'9abc'd000);
  CHECK(bytes[8] == 1);
  CHECK(bytes[9] == 3);
  CHECK(bytes[10] == 1);
  CHECK(bytes[11] == 0);
  CHECK(get_le(bytes, 12, 4) == 0x8765'4321);
  CHECK(rmp::bytes_of({}) == std::array<std::uint8_t, 16>{});
  CHECK(rmp::bytes_of({.large = true})[9] == 1);
  CHECK(rmp::bytes_of({.region_assigned = true})[9] == 2);
  CHECK(rmp::bytes_of({.assigned = true})[8] == 1);
  CHECK(rmp::bytes_of({.immutable = true})[10] == 1);
  // What RMPREAD tells is what RMPUPDATE was told, but for the region's status.
  auto back = bytes;
  back[9] = 1;
  CHECK(rmp::new_state_of(back).guest == all.guest);
  CHECK(rmp::new_state_of(back).id == all.id);
}

// ---- RMPUPDATE

TEST_CASE("RMP-INS-11, RMP-UPD-01: the order of RMPUPDATE's checks", "[rmp][RMP-INS-11][RMP-UPD-01][RMP-TRN-02]") {
  watched_table table;
  rig r{table};
  r.cpu.snp_enabled = false;
  r.host = {.level = user_mode, .id = {7}};
  u64 where = 0x41'1000;  // not covered, not the first of its region
  new_state wanted{.large = true, .immutable = true, .id = {5000}, .guest = {u64{1} << 50 | 0x1000}, .reserved = true};
  const auto next = [&](const std::string& answer, rule by) {
    const auto done = r.update(where, wanted);
    CHECK(said(done) == answer);
    CHECK(why(done) == by);
  };
  next("#UD", rule::RMP_INS_07);
  r.cpu.snp_enabled = true;
  next("#GP", rule::RMP_INS_08);
  r.host.level = kernel_mode;
  next("FAIL_PERMISSION", rule::RMP_INS_09);
  r.host.id = host_asid;
  next("FAIL_INPUT", rule::RMP_UPD_01);
  where = 0x41'0000;
  next("FAIL_INPUT", rule::RMP_TRN_02);
  wanted.assigned = true;
  next("FAIL_INPUT", rule::RMP_RUD_03);
  wanted.reserved = false;
  next("FAIL_INPUT", rule::RMP_RUD_04);
  wanted.guest = {u64{1} << 50};
  next("FAIL_INPUT", rule::RMP_RUD_05);
  wanted.guest = {0};
  next("FAIL_INPUT", rule::RMP_RUD_06);
  wanted.id = {5};
  next("FAIL_INPUT", rule::RMP_GEO_16);
  where = 0x4000;
  table.entries[4] = {.assigned = true, .immutable = true, .in_use = true, .id = rmp::region_lock};
  table.entries[6] = {.immutable = true};
  table.busy_pages = {4};
  next("FAIL_OVERLAP", rule::RMP_UPD_09);
  table.entries[4].id = {0};
  next("FAIL_INUSE", rule::RMP_INS_12);
  table.busy_pages = {};
  next("FAIL_PERMISSION", rule::RMP_STA_03);
  table.entries[4].immutable = false;
  next("FAIL_INUSE", rule::RMP_VMR_05);
  table.entries[4].in_use = false;
  next("FAIL_OVERLAP", rule::RMP_UPD_04);
  table.entries[4].assigned = false;
  next("FAIL_PERMISSION", rule::RMP_UPD_15);
  table.entries[6] = {};
  next("SUCCESS", rule::none);
}

TEST_CASE("RMP-TRN-02: what is not assigned is neither immutable nor anybody's", "[rmp][RMP-TRN-02][RMP-UPD-01]") {
  small table;
  rig r{table};
  table.entries[1].immutable = true;  // before the state is looked at
  for (const u64 where : {0x1000U, 0x2000U, 0x1'0000U})
    for (const new_state& odd : {new_state{.immutable = true}, new_state{.id = {5}}, new_state{.id = {0xffff'ffff}},
                                 new_state{.immutable = true, .id = {5}}})
      CHECK(why(r.update(where, odd)) == rule::RMP_TRN_02);
  CHECK(said(r.update(0x2000, {.guest = {0x7000}})) == "SUCCESS");  // its gPA does not count
  CHECK(table.entries[2] == entry{});
}

namespace {

/// A page of guest 5 with all that RMPUPDATE can keep.
constexpr entry lived_in{.assigned = true,
                         .validated = true,
                         .vmsa = true,
                         .id = {5},
                         .guest = {0x4000},
                         .allowed = {{{0x1f}, {0x0f}, {0x03}, {0x01}}}};
constexpr std::array<rmp::permissions, 4> fresh{{{0x1f}, {0}, {0}, {0}}};

/// A region of four pages that is one large page of guest 5, seen at 8000h.
auto with_large(const entry& first = {.assigned = true, .large = true, .id = {5}, .guest = {0x8000}, .allowed = fresh})
    -> small {
  small table;
  table.entries[4] = first;
  for (unsigned i = 5; i < 8; ++i) table.entries[i].assigned = true;
  return table;
}

}  // namespace

TEST_CASE("RMP-UPD-07: what an update keeps", "[rmp][RMP-UPD-07][RMP-UPD-08][RMP-TRN-01][RMP-VPL-04][INV-12][INV-13]") {
  for (const bool immutable : {false, true}) {
    for (const bool validated : {false, true}) {
      small table;
      rig r{table};
      entry old = lived_in;
      old.validated = validated;
      // The same page: all stays but Immutable.
      table.entries[1] = old;
      new_state same = guest_invalid(0x4000);
      same.immutable = immutable;
      CHECK(said(r.update(0x1000, same)) == "SUCCESS");
      entry kept = old;
      kept.immutable = immutable;
      CHECK(table.entries[1] == kept);
      same.guest.value |= 0xfff;  // the lower 12 bits do not count
      table.entries[1] = old;
      CHECK(said(r.update(0x1fff, same)) == "SUCCESS");
      CHECK(table.entries[1] == kept);
      // Elsewhere, or somebody else's.
      for (const new_state& moved : {guest_invalid(0x5000), guest_invalid(0x4000, 6), guest_invalid(0)}) {
        table.entries[1] = old;
        new_state wanted = moved;
        wanted.immutable = immutable;
        CHECK(said(r.update(0x1000, wanted)) == "SUCCESS");
        CHECK(table.entries[1] ==
              entry{.assigned = true, .immutable = immutable, .id = moved.id, .guest = moved.guest, .allowed = fresh});
      }
    }
  }
  // Of another size: 2M over 2M keeps, a fresh assignment does not.
  entry whole = lived_in;
  whole.large = true;
  whole.vmsa = false;
  small table = with_large(whole);
  rig r{table};
  CHECK(said(r.update(0x4000, guest_2m(0x4000))) == "SUCCESS");
  CHECK(table == with_large(whole));
  CHECK(said(r.update(0x4000, guest_2m(0xc000))) == "SUCCESS");
  CHECK_FALSE(table.entries[4].validated);
  CHECK(table.entries[4].allowed == fresh);
  // The AMD-SP's pages always start afresh.
  table.entries[1] = {.assigned = true, .allowed = {{{0x1f}, {0x0f}, {0}, {0}}}};
  CHECK(said(r.update(0x1000, reclaim_page)) == "SUCCESS");
  CHECK(table.entries[1] == entry{.assigned = true, .allowed = fresh});
  // An entry of the hypervisor's that looks like the guest's was not the guest's.
  entry stale = lived_in;
  stale.assigned = false;
  context<> ctx;
  CHECK_FALSE(rmp::assign(ctx, stale, guest_invalid(0x4000)).validated);
}

TEST_CASE("RMP-UPD-07: a page that changes its size", "[rmp][RMP-UPD-07]") {
  context<> ctx;
  entry old = lived_in;
  const entry made = rmp::assign(ctx, old, guest_2m(0x4000));
  CHECK(made == entry{.assigned = true, .large = true, .id = {5}, .guest = {0x4000}, .allowed = fresh});
  old.large = true;
  CHECK(rmp::assign(ctx, old, guest_invalid(0x4000)) ==
        entry{.assigned = true, .id = {5}, .guest = {0x4000}, .allowed = fresh});
}

TEST_CASE("RMP-ENT-03, RMP-CHK-08: what an entry knows of its region", "[rmp][RMP-ENT-03][RMP-CHK-08]") {
  // A new state forgets the count: who puts the entry in place knows it.
  context<> ctx;
  entry old = lived_in;
  old.sub_page_count = 3;
  CHECK(rmp::assign(ctx, old, guest_2m(0x4000)).sub_page_count == 0);
  CHECK(rmp::assign(ctx, old, guest_invalid(0x4000)).sub_page_count == 0);
  // Each of the three fields tells of assigned pages.
  small table;
  CHECK_FALSE(rmp::any_assigned_in_region(table, {4}));
  for (const entry& first : {entry{.assigned = true}, entry{.large = true}, entry{.sub_page_count = 1}}) {
    table.entries[4] = first;
    CHECK(rmp::any_assigned_in_region(table, {4}));
    CHECK_FALSE(rmp::any_assigned_in_region(table, {0}));
    CHECK_FALSE(rmp::any_assigned_in_region(table, {8}));
    std::array<raw_entry, 8> entries{};
    entries[4] = rmp::encode(first);
    const rmp::raw_table<4> raw(entries);
    CHECK(rmp::any_assigned_in_region(raw, {4}));
    CHECK_FALSE(rmp::any_assigned_in_region(raw, {0}));
  }
  // The parts of a page are not in use, even if the page was.
  entry whole = lived_in;
  whole.large = whole.in_use = true;
  whole.sub_page_count = 9;
  rmp::put_split(table, {4}, whole);
  for (unsigned i = 4; i < 8; ++i) {
    CHECK_FALSE(table.entries[i].in_use);
    CHECK_FALSE(table.entries[i].large);
    CHECK(table.entries[i].sub_page_count == (i == 4 ? 3 : 0));
  }
}

TEST_CASE("RMP-UPD-05, RMP-UPD-06: entries of a large update", "[rmp][RMP-UPD-05][RMP-UPD-06][RMP-ENT-06]") {
  small table;
  table.entries[3] = table.entries[8] = lived_in;  // the neighbours of the region
  const small before = table;
  rig r{table};
  CHECK(said(r.update(0x4000, guest_2m(0x8000))) == "SUCCESS");
  small expected = with_large();
  expected.entries[3] = expected.entries[8] = lived_in;
  CHECK(table == expected);
  CHECK(said(r.update(0x4000, {.large = true, .guest = {0x8000}})) == "SUCCESS");
  CHECK(table == before);
  // Not assigned again: the size of a hypervisor's page is 4K.
  CHECK(said(r.update(0x4000, hypervisor_2m)) == "SUCCESS");
  CHECK(table == before);
  CHECK(said(r.update(0x4000, {.assigned = true, .large = true})) == "SUCCESS");
  CHECK(table.entries[4] == entry{.assigned = true, .large = true, .allowed = fresh});
}

TEST_CASE("RMP-UPD-02, RMP-UPD-03, RMP-UPD-04: overlaps", "[rmp][RMP-UPD-02][RMP-UPD-03][RMP-UPD-04][INV-16]") {
  small table = with_large();
  rig r{table};
  for (const new_state& any : {hypervisor, reclaim_page, firmware_page, guest_invalid(0x8000), pre_guest(0x9000)}) {
    CHECK(fails_quietly(table, [&] { return r.update(0x4000, any); }) == "FAIL_OVERLAP");
    CHECK(why(r.update(0x4000, any)) == rule::RMP_UPD_02);
    for (const u64 where : {0x5000U, 0x6000U, 0x7000U}) {
      CHECK(fails_quietly(table, [&] { return r.update(where, any); }) == "FAIL_OVERLAP");
      CHECK(why(r.update(where, any)) == rule::RMP_UPD_03);
    }
  }
  CHECK(said(r.update(0x8000, reclaim_page)) == "SUCCESS");  // the region beside it
  CHECK(said(r.update(0x3000, reclaim_page)) == "SUCCESS");
  for (unsigned assigned = 0; assigned < 4; ++assigned) {
    table = {};
    table.entries[4 + assigned] = lived_in;
    if (assigned != 0) table.entries[4].sub_page_count = 1;
    CHECK(fails_quietly(table, [&] { return r.update(0x4000, guest_2m(0x8000)); }) == "FAIL_OVERLAP");
    CHECK(fails_quietly(table, [&] { return r.update(0x4000, hypervisor_2m); }) == "FAIL_OVERLAP");
    CHECK(said(r.update(0x0000, guest_2m(0x8000))) == "SUCCESS");
    CHECK(said(r.update(0x8000, guest_2m(0x8000))) == "SUCCESS");
  }
}

TEST_CASE("RMP-UPD-10: how many pages of a region are assigned", "[rmp][RMP-UPD-10][RMP-ENT-03][INV-06]") {
  small table;
  rig r{table};
  const auto count = [&] { return table.entries[4].sub_page_count; };
  CHECK(said(r.update(0x4000, reclaim_page)) == "SUCCESS");
  CHECK(count() == 0);  // the first page itself does not count
  CHECK(said(r.update(0x5000, reclaim_page)) == "SUCCESS");
  CHECK(said(r.update(0x5000, guest_invalid(0))) == "SUCCESS");
  CHECK(count() == 1);
  CHECK(said(r.update(0x7000, guest_invalid(0))) == "SUCCESS");
  CHECK(count() == 2);
  CHECK(said(r.update(0x4000, hypervisor)) == "SUCCESS");  // the count outlives the page's own changes
  CHECK(count() == 2);
  CHECK(table.entries[4] == entry{.sub_page_count = 2});
  CHECK(said(r.update(0x4000, guest_invalid(0x4000))) == "SUCCESS");
  CHECK(count() == 2);
  CHECK(said(r.update(0x6000, hypervisor)) == "SUCCESS");  // was the hypervisor's
  CHECK(count() == 2);
  CHECK(said(r.update(0x5000, hypervisor)) == "SUCCESS");
  CHECK(said(r.update(0x7000, hypervisor)) == "SUCCESS");
  CHECK(count() == 0);
  CHECK(table.entries[0].sub_page_count == 0);
  CHECK(table.entries[8].sub_page_count == 0);
  // An immutable first page counts, too (INV-11).
  CHECK(said(r.update(0x4000, firmware_page)) == "SUCCESS");
  CHECK(said(r.update(0x5000, reclaim_page)) == "SUCCESS");
  CHECK(count() == 1);
}

TEST_CASE("RMP-UPD-11: pages of each ASID", "[rmp][RMP-UPD-11][RMP-GEO-17][INV-20]") {
  for (const bool unit : {true, false}) {
    const std::int64_t whole = unit ? 4 : 1;
    watched_table table;
    rig r{table, {.asid_counter_unit = unit}};
    auto& counters = table.counters;
    CHECK(said(r.update(0x1000, guest_invalid(0))) == "SUCCESS");
    CHECK(said(r.update(0x2000, guest_invalid(0, 6))) == "SUCCESS");
    CHECK(said(r.update(0x3000, firmware_page)) == "SUCCESS");
    CHECK(counters == std::map<std::uint32_t, std::int64_t>{{5, 1}, {6, 1}});
    CHECK(said(r.update(0x2000, guest_invalid(0, 5))) == "SUCCESS");
    CHECK(counters == std::map<std::uint32_t, std::int64_t>{{5, 2}, {6, 0}});
    CHECK(said(r.update(0x4000, guest_2m(0x4000, 7))) == "SUCCESS");
    CHECK(counters[7] == whole);
    CHECK(said(r.update(0x4000, guest_2m(0x4000, 7))) == "SUCCESS");
    CHECK(counters[7] == whole);
    CHECK(said(r.smash(0x4000)) == "SUCCESS");
    CHECK(counters[7] == 4);
    CHECK(said(r.update(0x5000, hypervisor)) == "SUCCESS");
    CHECK(counters[7] == 3);
    CHECK(said(r.update(0x8000, guest_2m(0x4000, 8))) == "SUCCESS");
    CHECK(said(r.update(0x8000, hypervisor_2m)) == "SUCCESS");
    CHECK(counters[8] == 0);
    CHECK(said(r.update(0x8000, guest_2m(0x4000, 1007))) == "FAIL_INPUT");
    CHECK_FALSE(counters.contains(1007));
    CHECK_FALSE(counters.contains(0));
  }
}

TEST_CASE("RMP-GEO-17: what an entry counts", "[rmp][RMP-GEO-17]") {
  context<> ctx;
  CHECK(rmp::counted_pages<small>(ctx, entry{}) == 0);
  CHECK(rmp::counted_pages<small>(ctx, entry{.id = {5}}) == 0);  // not assigned, whatever its ASID
  CHECK(rmp::counted_pages<small>(ctx, entry{.assigned = true}) == 0);
  CHECK(rmp::counted_pages<small>(ctx, entry{.assigned = true, .large = true}) == 0);
  CHECK(rmp::counted_pages<small>(ctx, entry{.assigned = true, .id = {5}}) == 1);
  CHECK(rmp::counted_pages<small>(ctx, entry{.assigned = true, .large = true, .id = {5}}) == 4);
  ctx.choices.asid_counter_unit = false;
  CHECK(rmp::counted_pages<small>(ctx, entry{.assigned = true, .large = true, .id = {5}}) == 1);
}

TEST_CASE("RMP-UPD-12: what an update makes stale", "[rmp][RMP-UPD-12][RMP-ADJ-07][RMP-PVL-05]") {
  small table;
  rig r{table};
  // A page that becomes assigned changes what large leaves of its region may do; others change their own alone.
  CHECK(r.update(0x5fff, reclaim_page)->stale == rmp::page_range{{4}, 4});
  CHECK(r.update(0x5fff, reclaim_page)->stale == rmp::page_range{{5}, 1});
  CHECK(r.update(0x5fff, hypervisor)->stale == rmp::page_range{{5}, 1});
  CHECK(r.update(0x8000, guest_2m(0x4000))->stale == rmp::page_range{{8}, 4});
  // A large update changes all entries of its region, whoever had them: 2M to 2M, and 2M given back.
  CHECK(r.update(0x8000, guest_2m(0x8000))->stale == rmp::page_range{{8}, 4});
  CHECK(r.update(0x8000, hypervisor_2m)->stale == rmp::page_range{{8}, 4});
  CHECK(r.update(0x8000, hypervisor_2m)->stale == rmp::page_range{{8}, 4});
  CHECK(r.update(0x8000, guest_2m(0x4000))->stale == rmp::page_range{{8}, 4});
  CHECK(r.smash(0x8000)->stale == rmp::page_range{{8}, 4});
  CHECK(r.update(0x8000, guest_2m(0x4000))->stale == rmp::page_range{});  // fails
  r.choices.rmpupdate_tlb = false;
  CHECK(r.update(0x5000, hypervisor)->stale == rmp::page_range{});
  CHECK(r.update(0xc000, guest_2m(0x4000))->stale == rmp::page_range{});
  CHECK(r.smash(0xc000)->stale == rmp::page_range{});
  const target page{.where = 0xc000, .guest = 0x4000};
  r.choices = {};
  CHECK(r.validate(page, 0, 1)->stale == rmp::page_range{});     // RMP-PVL-05
  CHECK(r.adjust(page, 0, 0x0101)->stale == rmp::page_range{});  // RMP-ADJ-07
}

TEST_CASE("RMP-RUD-03 to RMP-RUD-06: operands that the manual leaves open",
          "[rmp][RMP-RUD-03][RMP-RUD-04][RMP-RUD-05][RMP-RUD-06]") {
  const auto update = [](const new_state& wanted, implementation_choices choices = {}, processor cpu = {}) {
    small table;
    rig r{table, choices, cpu};
    const std::string answer = said(r.update(0x4000, wanted));
    if (answer != "SUCCESS") CHECK(table == small{});
    return std::pair{answer, table.entries[4]};
  };
  new_state odd = guest_invalid(0x4000);
  odd.reserved = true;
  CHECK(update(odd).first == "FAIL_INPUT");
  const auto [ignored, entry_ignored] = update(odd, {.rmpupdate_reserved = undefined_operand::ignored});
  CHECK(ignored == "SUCCESS");
  CHECK(entry_ignored == entry{.assigned = true, .id = {5}, .guest = {0x4000}, .allowed = fresh});

  for (unsigned n = 0; n < 14; ++n) {
    const new_state skewed = guest_2m(0x8000 | u64{1} << n);
    CHECK(update(skewed).first == (n < 12 ? "SUCCESS" : "FAIL_INPUT"));
    const auto [answer, stored] = update(skewed, {.rmpupdate_gpa_align = false});
    CHECK(answer == "SUCCESS");
    CHECK(stored.guest.value == (0x8000 | (n < 12 ? 0 : u64{1} << n)));
    CHECK(update(guest_invalid(0x8000 | u64{1} << n)).first == "SUCCESS");
  }

  for (const unsigned bits : {36U, 40U, 47U, 48U, 52U}) {
    for (unsigned n = 30; n < 64; ++n) {
      const bool fits = n < std::min(bits, 48U);
      INFO("width " << bits << ", bit " << n);
      CHECK(update(guest_invalid(u64{1} << n | 0x4000), {}, {.guest_address_bits = bits}).first ==
            (fits ? "SUCCESS" : "FAIL_INPUT"));
      const auto [answer, stored] =
          update(guest_invalid(u64{1} << n | 0x4000), {.rmpupdate_gpa_limit = undefined_operand::ignored},
                 {.guest_address_bits = bits});
      CHECK(answer == "SUCCESS");
      CHECK(stored.guest.value == (0x4000 | (fits ? u64{1} << n : 0)));
    }
  }

  for (const bool ranged : {true, false}) {
    const auto with_id = [&](std::uint32_t id, std::uint32_t highest) {
      return update(guest_invalid(0x4000, id), {.rmpupdate_asid_range = ranged}, {.highest_asid = highest});
    };
    CHECK(with_id(509, 509).first == "SUCCESS");
    CHECK(with_id(510, 509).first == (ranged ? "FAIL_INPUT" : "SUCCESS"));
    CHECK(with_id(0x3fe, 509).first == (ranged ? "FAIL_INPUT" : "SUCCESS"));
    CHECK(with_id(0x3fe, 0x3ff).first == "SUCCESS");
    CHECK(with_id(0x3ff, 509).first == "FAIL_INPUT");  // the firmware's lock, never
    CHECK(with_id(0x3ff, 0x3ff).first == "FAIL_INPUT");
    CHECK(with_id(0x3ff, 2000).first == "FAIL_INPUT");
  }
}

TEST_CASE("RMP-GEO-16: pages that are not covered", "[rmp][RMP-GEO-16][INV-24]") {
  rmp::small_table<6, 4> table;  // the second region is covered in part
  rig r{table};
  CHECK(said(r.update(0x5000, reclaim_page)) == "SUCCESS");
  CHECK(said(r.update(0x5000, hypervisor)) == "SUCCESS");
  for (const u64 where : {u64{0x6000}, u64{0x7000}, u64{0x8000}, u64{1} << 51, ~u64{0}}) {
    for (const new_state& any : {hypervisor, reclaim_page, firmware_page, guest_invalid(0x8000), pre_guest(0x9000)}) {
      CHECK(fails_quietly(table, [&] { return r.update(where, any); }) == "FAIL_INPUT");
      CHECK(why(r.update(where, any)) == rule::RMP_GEO_16);
    }
    CHECK(fails_quietly(table, [&] { return r.read(where); }) == "FAIL_INPUT");
    CHECK(why(r.read(where)) == rule::RMP_GEO_16);
    CHECK(fails_quietly(table, [&] { return r.validate({.where = where, .guest = 0x1000}, 0, 1); }) ==
          "#NPF 0x580000005");
    CHECK(fails_quietly(table, [&] { return r.adjust({.where = where, .guest = 0x1000}, 0, 0x0101); }) ==
          "#NPF 0x580000005");
    CHECK(fails_quietly(table, [&] { return r.query({.where = where, .guest = 0x1000}, 1); }) == "#NPF 0x580000005");
  }
  CHECK(fails_quietly(table, [&] { return r.update(0x8000, guest_2m(0x8000)); }) == "FAIL_INPUT");
  CHECK(fails_quietly(table, [&] { return r.smash(0x8000); }) == "FAIL_INPUT");
  CHECK(why(r.smash(0x8000)) == rule::RMP_GEO_16);
  // In part.
  CHECK(fails_quietly(table, [&] { return r.update(0x4000, guest_2m(0x8000)); }) == "FAIL_INPUT");
  CHECK(why(r.update(0x4000, guest_2m(0x8000))) == rule::RMP_GEO_16);
  r.choices.rmpupdate_2m_partial = false;
  CHECK(said(r.update(0x4000, guest_2m(0x8000))) == "SUCCESS");
  CHECK(table.entries[4].large);
  CHECK(table.entries[5] == entry{.assigned = true});
  CHECK(fails_quietly(table, [&] { return r.smash(0x4000); }) == "FAIL_INPUT");  // all 512 must be covered
  CHECK(said(r.update(0x4000, hypervisor_2m)) == "SUCCESS");
  CHECK(table == rmp::small_table<6, 4>{});
}

TEST_CASE("RMP-UPD-09, RMP-INS-12: others at work", "[rmp][RMP-UPD-09][RMP-INS-12][RMP-SMH-06]") {
  small table = with_large();
  rig r{table};
  table.entries[4].id = rmp::region_lock;
  table.entries[8].id = rmp::region_lock;
  for (const u64 where : {0x4000U, 0x5000U, 0x7000U, 0x8000U, 0x9000U}) {
    CHECK(fails_quietly(table, [&] { return r.update(where, reclaim_page); }) == "FAIL_OVERLAP");
    CHECK(why(r.update(where, reclaim_page)) == rule::RMP_UPD_09);
    r.choices.rmpupdate_region_locked_code = locked_region::fail_inuse;
    CHECK(fails_quietly(table, [&] { return r.update(where, hypervisor); }) == "FAIL_INUSE");
    r.choices = {};
  }
  CHECK(fails_quietly(table, [&] { return r.update(0x4000, hypervisor_2m); }) == "FAIL_OVERLAP");
  CHECK(fails_quietly(table, [&] { return r.smash(0x4000); }) == "FAIL_INUSE");
  CHECK(fails_quietly(table, [&] { return r.smash(0x8000); }) == "FAIL_INUSE");
  CHECK(said(r.update(0x1000, reclaim_page)) == "SUCCESS");  // another region

  watched_table watched;
  static_cast<small&>(watched) = with_large();
  rig w{watched};
  watched.busy_pages = {1, 4};
  CHECK(said(w.update(0x1000, reclaim_page)) == "FAIL_INUSE");
  CHECK(why(w.update(0x1000, reclaim_page)) == rule::RMP_INS_12);
  CHECK(said(w.update(0x2000, reclaim_page)) == "SUCCESS");
  CHECK(said(w.update(0x5000, reclaim_page)) == "FAIL_INUSE");  // its region's first entry
  CHECK(said(w.update(0x4000, hypervisor_2m)) == "FAIL_INUSE");
  CHECK(said(w.smash(0x4000)) == "FAIL_INUSE");
  CHECK(why(w.smash(0x4000)) == rule::RMP_INS_12);
  CHECK(static_cast<small&>(watched).entries[4] == with_large().entries[4]);
  watched.busy_pages = {};
  CHECK(said(w.smash(0x4000)) == "SUCCESS");
  // A table that knows of nobody is never busy.
  CHECK_FALSE(rmp::is_busy(table, {4}));
}

TEST_CASE("RMP-CHK-16: references to an entry that others modify", "[rmp][RMP-CHK-16]") {
  using memory::owner_context;
  watched_table table;
  table.entries[1] = {.assigned = true, .validated = true, .id = {5}, .guest = {0x4000}, .allowed = fresh};
  table.entries[0].sub_page_count = 1;
  table.busy_pages = {1, 2, 1000};
  const auto ask = [&](const memory::ownership_query& query, bool spurious) {
    context<> ctx{.choices = {.spurious_rmp_fault = spurious}};
    return rmp::check_access(ctx, table, query);
  };
  const memory::ownership_verdict refused{memory::ownership_verdict::kind::violation, rule::RMP_CHK_16, false};
  const memory::ownership_query own{.where = {0x1000},
                                    .guest = {0x4000},
                                    .kind = access_kind::read,
                                    .c = true,
                                    .who = owner_context::snp_guest,
                                    .id = {5}};
  CHECK(ask(own, false) == memory::ownership_verdict{});
  CHECK(ask(own, true) == refused);
  memory::ownership_query host_write{.where = {0x2000}, .kind = access_kind::write};
  CHECK(ask(host_write, false) == memory::ownership_verdict{});
  CHECK(ask(host_write, true) == refused);
  host_write.where = {0x3000};  // nobody modifies that one
  CHECK(ask(host_write, true) == memory::ownership_verdict{});
  host_write.where = {1000U << 12};  // no entry at all
  CHECK(ask(host_write, true) == memory::ownership_verdict{});
  CHECK(ask({.where = {0x2000}, .kind = access_kind::read}, true) == memory::ownership_verdict{});  // needs no entry
}

TEST_CASE("RMP-VMR-05: pages in use", "[rmp][RMP-VMR-05][RMP-STA-03][INV-11]") {
  small table;
  rig r{table};
  table.entries[1].in_use = true;
  for (const new_state& any : {hypervisor, reclaim_page, guest_invalid(0x1000), pre_guest(0x1000)}) {
    CHECK(fails_quietly(table, [&] { return r.update(0x1000, any); }) == "FAIL_INUSE");
    CHECK(why(r.update(0x1000, any)) == rule::RMP_VMR_05);
  }
  for (unsigned used = 4; used < 8; ++used) {
    table = with_large();
    table.entries[used].in_use = true;
    CHECK(fails_quietly(table, [&] { return r.update(0x4000, hypervisor_2m); }) == "FAIL_INUSE");
    CHECK(fails_quietly(table, [&] { return r.update(0x4000, guest_2m(0x8000)); }) == "FAIL_INUSE");
  }
  table = with_large();
  table.entries[4].in_use = true;
  CHECK(fails_quietly(table, [&] { return r.smash(0x4000); }) == "FAIL_INUSE");
  CHECK(why(r.smash(0x4000)) == rule::RMP_VMR_05);
  table.entries[4].in_use = false;
  table.entries[8].in_use = table.entries[3].in_use = true;  // neighbours do not matter
  CHECK(said(r.smash(0x4000)) == "SUCCESS");
  // Immutable and in use: which code?
  table.entries[1] = {.assigned = true, .immutable = true, .in_use = true};
  CHECK(fails_quietly(table, [&] { return r.update(0x1000, hypervisor); }) == "FAIL_PERMISSION");
  r.choices.rmpupdate_order_inuse_vs_perm = false;
  CHECK(fails_quietly(table, [&] { return r.update(0x1000, hypervisor); }) == "FAIL_INUSE");
  table.entries[1].in_use = false;
  CHECK(fails_quietly(table, [&] { return r.update(0x1000, hypervisor); }) == "FAIL_PERMISSION");
}

TEST_CASE("RMP-UPD-15: a large update over immutable pages", "[rmp][RMP-UPD-15][RMP-STA-03]") {
  for (const bool keeps : {true, false}) {
    for (unsigned fixed = 4; fixed < 8; ++fixed) {
      small table;
      rig r{table, {.rmpupdate_2m_over_immutable = keeps}};
      table.entries[fixed].immutable = true;  // HV-Fixed
      const small before = table;
      const auto done = r.update(0x4000, guest_2m(0x8000));
      if (fixed == 4 || keeps) {
        CHECK(said(done) == "FAIL_PERMISSION");
        CHECK(why(done) == (fixed == 4 ? rule::RMP_STA_03 : rule::RMP_UPD_15));
        CHECK(table == before);
      } else {
        CHECK(said(done) == "SUCCESS");
        CHECK(table == with_large());
      }
    }
  }
}

TEST_CASE("RMP-UPD-14: a gPA for ASID 0", "[rmp][RMP-UPD-14][RMP-STA-02]") {
  for (const bool safe : {true, false}) {
    small table;
    rig r{table, {.rmpupdate_asid0_gpa = safe}};
    CHECK(said(r.update(0x1000, {.assigned = true, .immutable = true, .guest = {0x5000}})) == "SUCCESS");
    CHECK(table.entries[1].guest.value == (safe ? 0U : 0x5000U));
    CHECK(rmp::state_of(table, {1}) == (safe ? page_state::firmware : page_state::metadata));
    CHECK(said(r.update(0x2000, {.assigned = true, .guest = {0x5000}})) == "SUCCESS");
    CHECK(table.entries[2].guest.value == (safe ? 0U : 0x5000U));
    CHECK(rmp::state_of(table, {2}) == page_state::reclaim);
    CHECK(said(r.update(0x3000, guest_invalid(0x5000))) == "SUCCESS");
    CHECK(table.entries[3].guest.value == 0x5000);
  }
}

TEST_CASE("RMP-STA-04: the lock bit of RMPUPDATE's immutable entries", "[rmp][RMP-STA-04]") {
  for (const bool locks : {false, true}) {
    small table;
    rig r{table, {.hw_lock_bit_on_rmpupdate_immutable = locks}};
    CHECK(said(r.update(0x1000, firmware_page)) == "SUCCESS");
    CHECK(table.entries[1].locked == locks);
    CHECK(rmp::encode(table.entries[1]).lo == (locks ? 0x8000'0000'0000'0005 : 0x5));
    CHECK(said(r.update(0x2000, pre_guest(0x1000))) == "SUCCESS");
    CHECK(table.entries[2].locked == locks);
    CHECK(said(r.update(0x3000, guest_invalid(0x1000))) == "SUCCESS");
    CHECK_FALSE(table.entries[3].locked);
  }
}

// ---- the transition table

TEST_CASE("RMP-TRN-01: every state and operand", "[rmp][RMP-TRN-01][RMP-STA-03][RMP-STA-01][RMP-PVL-03]") {
  using enum page_state;
  struct row {
    const char* name;
    entry from;
    std::array<page_state, 5> after;  ///< HV, FWp, RC, PG, GI; corrupt: FAIL_PERMISSION
    const char* smash;
    const char* validate_1;
    const char* validate_0;
  };
  const char* const npf = "#NPF 0x580000005";
  const auto immutable = [](entry page) {
    page.immutable = page.locked = true;
    return page;
  };
  entry invalid = lived_in;
  invalid.validated = false;
  entry elsewhere = lived_in;
  elsewhere.guest = {0x8000};
  entry others = lived_in;
  others.id = {6};
  constexpr std::array assigned_to{hypervisor, firmware, reclaim, pre_guest, guest_invalid};
  constexpr std::array stays{corrupt, corrupt, corrupt, corrupt, corrupt};
  const std::array rows{
      row{"Hypervisor", {}, assigned_to, "FAIL_BADADDR", npf, npf},
      row{"HV-Fixed", {.immutable = true}, stays, "FAIL_BADADDR", npf, npf},
      row{"Firmware", immutable({.assigned = true}), stays, "FAIL_BADADDR", npf, npf},
      row{"Firmware-IOMMU", immutable({.assigned = true, .tag = rmp::firmware_tag::iommu, .guest = {0x1000}}), stays,
          "FAIL_BADADDR", npf, npf},
      row{"Context", immutable({.assigned = true, .vmsa = true}), stays, "FAIL_BADADDR", npf, npf},
      row{"Metadata", immutable({.assigned = true, .tag = rmp::firmware_tag::metadata}), stays, "FAIL_BADADDR", npf,
          npf},
      row{"Reclaim", {.assigned = true}, assigned_to, "FAIL_BADADDR", npf, npf},
      row{"Pre-Guest", immutable(invalid), stays, "FAIL_BADADDR", npf, npf},
      row{"Pre-Swap", immutable(lived_in), stays, "FAIL_BADADDR", npf, npf},
      row{"Guest-Invalid", invalid, assigned_to, "SUCCESS", "SUCCESS", "SUCCESS CF=1"},
      row{"Guest-Valid, the same",
          lived_in,
          {hypervisor, firmware, reclaim, pre_swap, guest_valid},
          "SUCCESS",
          "SUCCESS CF=1",
          "SUCCESS"},
      row{"Guest-Valid, elsewhere", elsewhere, assigned_to, "SUCCESS", npf, npf},
      row{"Guest-Valid, another's", others, assigned_to, "SUCCESS", npf, npf},
  };
  const std::array<new_state, 5> operands{::hypervisor, firmware_page, reclaim_page, ::pre_guest(0x4000),
                                          ::guest_invalid(0x4000)};
  for (const row& one : rows) {
    INFO(one.name);
    for (const unsigned page : {4U, 6U}) {  // a region's first page, and another
      const auto table_before = [&] {
        small table;
        table.entries[page] = one.from;
        if (page == 6 && one.from.assigned) table.entries[4].sub_page_count = 1;
        return table;
      };
      for (unsigned i = 0; i < 5; ++i) {
        small table = table_before();
        rig r{table};
        const std::string answer = said(r.update(u64{page} << 12, operands[i]));
        INFO("operand " << i);
        CHECK(answer == (one.after[i] == corrupt ? "FAIL_PERMISSION" : "SUCCESS"));
        if (one.after[i] == corrupt) CHECK(table == table_before());
        else CHECK(std::string(rmp::name_of(rmp::state_of(table, {page}))) == rmp::name_of(one.after[i]));
        const bool keeps = one.after[3] == pre_swap || &one == &rows[9];
        if (answer == "SUCCESS" && i >= 3) CHECK(table.entries[page].vmsa == keeps);
        if (answer == "SUCCESS" && i >= 3) CHECK(table.entries[page].allowed == (keeps ? lived_in.allowed : fresh));
      }
      for (const std::uint32_t wanted : {0U, 1U}) {
        small table = table_before();
        rig r{table};
        const std::string answer = said(r.validate({.where = u64{page} << 12, .guest = 0x4000}, 0, wanted));
        CHECK(answer == (wanted == 1 ? one.validate_1 : one.validate_0));
        small expected = table_before();
        if (answer == "SUCCESS") expected.entries[page].validated = wanted == 1;
        CHECK(table == expected);
      }
    }
    // As a page of 2M.
    entry whole = one.from;
    whole.large = whole.assigned;
    small table;
    table.entries[4] = whole;
    for (unsigned i = 5; i < 8; ++i) table.entries[i].assigned = whole.assigned;
    const small before = table;
    rig r{table};
    CHECK(said(r.smash(0x4000)) == one.smash);
    if (std::string(one.smash) != "SUCCESS") {
      CHECK(table == before);
    } else {
      for (unsigned i = 0; i < 4; ++i) {
        entry part = one.from;
        part.guest.value += u64{i} * 0x1000;
        part.sub_page_count = i == 0 ? 3 : 0;
        CHECK(table.entries[4 + i] == part);
      }
    }
    if (whole.assigned) {  // another size than the page's: always an overlap, but for immutable ones
      for (const new_state& any : operands) {
        table = before;
        CHECK(said(r.update(0x4000, any)) == (whole.immutable ? "FAIL_PERMISSION" : "FAIL_OVERLAP"));
        CHECK(table == before);
      }
    }
  }
  // Default.
  small table;
  rig r{table};
  for (const new_state& any : operands) CHECK(said(r.update(0x1'0000, any)) == "FAIL_INPUT");
  CHECK(said(r.smash(0x1'0000)) == "FAIL_INPUT");
  CHECK(said(r.validate({.where = 0x1'0000, .guest = 0x4000}, 0, 1)) == npf);
  CHECK(table == small{});
}

// ---- PSMASH

TEST_CASE("RMP-SMH-01: a page that is split", "[rmp][RMP-SMH-01][RMP-SMH-05][INV-14]") {
  for (unsigned bits = 0; bits < 4; ++bits) {
    const entry whole{.assigned = true,
                      .large = true,
                      .validated = (bits & 1) != 0,
                      .vmsa = (bits & 2) != 0,
                      .id = {9},
                      .guest = {0xc000},
                      .allowed = lived_in.allowed};
    small table = with_large(whole);
    rig r{table};
    CHECK(said(r.smash(0x4fff)) == "SUCCESS");  // the lower 12 bits do not count
    for (unsigned i = 0; i < 4; ++i) {
      entry part = whole;
      part.large = false;
      part.guest.value += u64{i} * 0x1000;
      if (i == 0) part.sub_page_count = 3;
      CHECK(table.entries[4 + i] == part);
    }
    CHECK(table.entries[3] == entry{});
    CHECK(table.entries[8] == entry{});
    CHECK(fails_quietly(table, [&] { return r.smash(0x4000); }) == "FAIL_BADADDR");
    CHECK(why(r.smash(0x4000)) == rule::RMP_SMH_03);
  }
}

TEST_CASE("RMP-SMH-02, RMP-SMH-03, RMP-SMH-04: what PSMASH takes",
          "[rmp][RMP-SMH-02][RMP-SMH-03][RMP-SMH-04][RMP-INS-04]") {
  for (const u64 where : {0x5000U, 0x6000U, 0x7fffU}) {
    small table = with_large();
    rig r{table};
    CHECK(fails_quietly(table, [&] { return r.smash(where); }) == "FAIL_INPUT");
    CHECK(why(r.smash(where)) == rule::RMP_SMH_02);
    r.choices.psmash_unaligned = undefined_operand::ignored;
    CHECK(said(r.smash(where)) == "SUCCESS");
    CHECK_FALSE(table.entries[4].large);
    CHECK(table.entries[4].sub_page_count == 3);
  }
  for (unsigned bits = 0; bits < 16; ++bits) {
    for (const bool strict : {true, false}) {
      for (const bool seven : {true, false}) {
        entry page{.assigned = (bits & 1) != 0, .large = (bits & 2) != 0, .immutable = (bits & 4) != 0};
        page.id = {(bits & 8) != 0 ? 5U : 0U};
        small table = with_large(page);
        rig r{table, {.psmash_requirements = strict, .psmash_badaddr_code = seven}};
        const bool fits = page.assigned && page.large && !page.immutable && (page.id != host_asid || !strict);
        const std::string answer = said(r.smash(0x4000));
        CHECK(answer == (fits ? "SUCCESS" : seven ? "FAIL_BADADDR" : "FAIL_OVERLAP"));
        if (!fits) CHECK(table == with_large(page));
      }
    }
  }
}

// ---- RMPREAD

TEST_CASE("RMP-RDD-01: RMPREAD tells the page's own entry", "[rmp][RMP-RDD-01][RMP-RDD-02][RMP-RUD-02][RMP-RDD-03]") {
  entry first = lived_in;
  first.large = true;
  first.guest = {0x8000};
  small table = with_large(first);
  table.entries[1] = {
      .assigned = true, .immutable = true, .locked = true, .tag = rmp::firmware_tag::metadata, .guest = {0x7000}};
  table.entries[0].sub_page_count = 1;
  const small before = table;
  rig r{table};
  CHECK(said(r.read(0x4fff)) == "SUCCESS");
  CHECK(r.told ==
        rmp::read_state{.assigned = true, .large = true, .region_assigned = true, .id = {5}, .guest = {0x8000}});
  CHECK(said(r.read(0x5000)) == "SUCCESS");  // inside the large page
  CHECK(r.told == rmp::read_state{.assigned = true, .region_assigned = true});
  CHECK(said(r.read(0x1000)) == "SUCCESS");
  CHECK(r.told == rmp::read_state{.assigned = true,
                                  .region_assigned = true,
                                  .immutable = true,
                                  .guest = {u64{1} << 48 | 0x7000}});  // as stored, with the tag
  CHECK(said(r.read(0x0000)) == "SUCCESS");
  CHECK(r.told == rmp::read_state{.region_assigned = true});
  CHECK(said(r.read(0x8000)) == "SUCCESS");
  CHECK(r.told == rmp::read_state{});
  CHECK(table == before);
  // What fails writes nothing.
  r.told = {.assigned = true, .id = {77}};
  const rmp::read_state kept = r.told;
  CHECK(said(r.read(0x1'0000)) == "FAIL_INPUT");
  CHECK(r.told == kept);
  r.host.id = {3};
  CHECK(said(r.read(0x1000)) == "FAIL_PERMISSION");
  CHECK(r.told == kept);
}

TEST_CASE("RMP-RUD-02: the status of a region", "[rmp][RMP-RUD-02]") {
  for (unsigned bits = 0; bits < 16; ++bits) {
    small table;
    for (unsigned i = 0; i < 4; ++i) table.entries[4 + i].assigned = (bits >> i & 1) != 0;
    table.entries[4].sub_page_count = static_cast<std::uint16_t>(std::popcount(bits >> 1));
    table.entries[3].assigned = table.entries[8].assigned = true;
    for (const auto& [choice, expected] :
         std::map<region_status, bool>{{region_status::any_assigned, bits != 0},
                                       {region_status::none_assigned, bits == 0},
                                       {region_status::all_equal, bits == 0 || bits == 15},
                                       {region_status::zero, false}}) {
      rig r{table, {.rmpread_region_status = choice}};
      for (const u64 where : {0x4000U, 0x5000U, 0x7000U}) {
        CHECK(said(r.read(where)) == "SUCCESS");
        CHECK(r.told.region_assigned == expected);
      }
    }
  }
}

// ---- the guest's instructions: what they share

namespace {

enum class guest_instruction { rmpadjust, rmpquery, pvalidate };
constexpr std::array guest_instructions{guest_instruction::rmpadjust, guest_instruction::rmpquery,
                                        guest_instruction::pvalidate};

/// Executes one of them with operands that are good for the page, 4K.
template <class Store>
auto execute(rig<Store>& r, guest_instruction what, const target& page) -> outcome<rmp::result> {
  switch (what) {
    case guest_instruction::rmpadjust: return r.adjust(page, 0, 0x0101);
    case guest_instruction::rmpquery:  return r.query(page, 1);
    case guest_instruction::pvalidate: return r.validate(page, 0, 0);
  }
  return {};
}

}  // namespace

TEST_CASE("RMP-CHK-01: whose page the guest's instructions take",
          "[rmp][RMP-CHK-01][RMP-CHK-15][RMP-CHK-07][RMP-FLT-02]") {
  const target page{.where = 0x1000, .guest = 0x4000};
  for (const guest_instruction what : guest_instructions) {
    INFO("instruction " << static_cast<int>(what));
    const auto run = [&](const entry& found, const target& at = {.where = 0x1000, .guest = 0x4000},
                         implementation_choices choices = {}) {
      small table;
      table.entries[1] = found;
      const small before = table;
      rig r{table, choices};
      const auto done = execute(r, what, at);
      if (!done || !done->succeeded()) CHECK(table == before);
      if (what == guest_instruction::rmpquery) CHECK(table == before);
      return done;
    };
    CHECK(said(run(lived_in)) == "SUCCESS");
    for (unsigned wrong = 1; wrong < 16; ++wrong) {
      entry found = lived_in;
      if ((wrong & 1) != 0) found.assigned = false;
      if ((wrong & 2) != 0) found.id = {6};
      if ((wrong & 4) != 0) found.guest = {0x5000};
      if ((wrong & 8) != 0) found.immutable = true;
      for (const bool hidden : {false, true}) {  // what comes later does not show
        if (hidden) found.validated = false, found.in_use = true, found.allowed = {};
        const auto done = run(found);
        CHECK(said(done) == "#NPF 0x580000005");
        CHECK(why(done) == rule::RMP_CHK_01);
        CHECK(done.error().address == 0x4000);
      }
    }
    // In use, not validated.
    entry found = lived_in;
    found.in_use = true;
    CHECK(said(run(found)) == "#NPF 0x580000005");
    CHECK(why(run(found)) == rule::RMP_CHK_15);
    const implementation_choices adjusts{.rmpadjust_inuse = in_use_adjust::fail_inuse};
    CHECK(said(run(found, page, adjusts)) ==
          (what == guest_instruction::rmpadjust ? "FAIL_INUSE" : "#NPF 0x580000005"));
    found = lived_in;
    found.validated = false;
    if (what == guest_instruction::pvalidate) {
      CHECK(said(run(found)) == "SUCCESS CF=1");
    } else {
      const auto done = run(found);
      CHECK(said(done) == "#VC 0x404");
      CHECK(done.error().address == 0x4000);
    }
    // C=0: no page of the guest's.
    const target shared{.where = 0x1000, .guest = 0x4000, .c = false};
    CHECK(said(run(lived_in, shared)) == "#NPF 0x180000005");
    CHECK(why(run(lived_in, shared)) == rule::RMP_CHK_07);
    CHECK(run(lived_in, shared).error().address == 0x4000);
    const bool query = what == guest_instruction::rmpquery;  // knows no other answer: it has codes 0 and 2 alone
    CHECK(said(run(lived_in, shared, {.rmpinsn_cbit0 = shared_operand::gp})) == (query ? "#NPF 0x180000005" : "#GP"));
    CHECK(said(run(lived_in, shared, {.rmpinsn_cbit0 = shared_operand::fail_input})) ==
          (query ? "#NPF 0x180000005" : "FAIL_INPUT"));
    CHECK(said(run({}, shared)) == "#NPF 0x180000005");  // whoever's page it is
    // The fault of the translation comes through, and nothing happens.
    small table;
    table.entries[1] = lived_in;
    const small before = table;
    const fault pf{fault_kind::pf, rule::PAG_PERM_01, 0x4, 0x4000};
    const auto broken = [&](gva) -> outcome<guest_page> { return std::unexpected{pf}; };
    context<> ctx;
    const processor cpu;
    const execution by{.id = {5}, .snp_active = true};
    rmp::queried_state out;
    const outcome<rmp::result> done =
        what == guest_instruction::rmpadjust  ? rmp::rmpadjust(ctx, table, cpu, by, {{0x4000}, 0, 0x0101}, broken)
        : what == guest_instruction::rmpquery ? rmp::rmpquery(ctx, table, cpu, by, {0x4000}, 1, broken, out)
                                              : rmp::pvalidate(ctx, table, cpu, by, {{0x4000}, 0, 0}, broken);
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error() == pf);
    CHECK(table == before);
  }
}

TEST_CASE("RMP-FLT-02: what #NPF of an instruction reports",
          "[rmp][RMP-FLT-02][RMP-FLT-03][RMP-FLT-05][RMP-FLT-06][RMP-FLT-07]") {
  guest_page page{.linear = {0x1111'1000}, .guest = {0x4567}, .where = {0x1000}};
  using rmp::page_violation;
  context<> ctx;
  CHECK(page_violation(ctx, page, rule::RMP_CHK_01) == fault{fault_kind::npf, rule::RMP_CHK_01, 0x5'8000'0005, 0x4567});
  CHECK(page_violation(ctx, page, rule::RMP_CHK_01, true).code == 0xd'8000'0005);
  page.reported_user = false;
  CHECK(page_violation(ctx, page, rule::RMP_CHK_01).code == 0x5'8000'0001);
  page.c = false;
  CHECK(page_violation(ctx, page, rule::RMP_CHK_01).code == 0x1'8000'0001);
  page.c = true;
  ctx.choices.report_enc_bit = enc_bit::never;
  CHECK(page_violation(ctx, page, rule::RMP_CHK_01).code == 0x1'8000'0001);
  page.nested_sss = true;  // RMP-FLT-05
  CHECK(page_violation(ctx, page, rule::RMP_CHK_01).code == 0x21'8000'0001);
  CHECK(page_violation(ctx, page, rule::RMP_CHK_01, true).code == 0x29'8000'0001);
}

TEST_CASE("RMP-ENT-07: an address inside a large page changes its first entry",
          "[rmp][RMP-ENT-07][RMP-ADJ-01][RMP-PVL-04]") {
  // An aligned gVA whose gPA is not: the guest maps with pages of 4K.
  entry whole = lived_in;
  whole.large = true;
  for (const bool adjusts : {true, false}) {
    small table = with_large(whole);
    context<> ctx;
    const auto to = [](gva where) -> outcome<guest_page> {
      return guest_page{.linear = where, .guest = {0x6000}, .where = {0x6000}, .leaf = page_size::k2m};
    };
    const execution by{.id = {5}, .snp_active = true};
    const auto done = adjusts ? rmp::rmpadjust(ctx, table, {}, by, {{0x7000'0000}, 1, 0x1'0101}, to)
                              : rmp::pvalidate(ctx, table, {}, by, {{0x7000'0000}, 1, 0}, to);
    CHECK(said(done) == "SUCCESS");
    small expected = with_large(whole);
    if (adjusts) expected.entries[4].allowed[1] = {0x01};
    else expected.entries[4].validated = false;
    CHECK(table == expected);
  }
}

TEST_CASE("RMP-CHK-10: sizes that the guest's instructions take", "[rmp][RMP-CHK-10][RMP-ADJ-04][RMP-PVL-02]") {
  for (const bool adjusts : {true, false}) {
    for (const bool large_entry : {false, true}) {
      for (const bool large : {false, true}) {
        for (const page_size leaf : {page_size::k4k, page_size::k2m, page_size::k1g}) {
          for (const page_size guest_leaf : {page_size::k4k, page_size::k2m}) {
            for (unsigned choice = 0; choice < 4; ++choice) {
              const implementation_choices choices{.pvalidate_guest_pt_size = (choice & 1) == 0,
                                                   .rmpinsn_leaf_size = (choice & 2) == 0};
              entry found = lived_in;
              found.large = large_entry;
              small table;
              if (large_entry) table = with_large(found);
              else table.entries[4] = found;
              const small before = table;
              rig r{table, choices};
              const target page{.where = 0x4000, .guest = 0x4000, .leaf = leaf, .guest_leaf = guest_leaf};
              const auto done = adjusts ? r.adjust(page, large, 0x1'0101) : r.validate(page, large, 0);
              std::string expected = "SUCCESS";
              if (large && (!large_entry || leaf == page_size::k4k)) expected = "FAIL_SIZEMISMATCH";
              if (large && guest_leaf == page_size::k4k && !choices.pvalidate_guest_pt_size)
                expected = "FAIL_SIZEMISMATCH";
              if (!large && large_entry) expected = "#NPF 0xd80000005";
              if (!large && !large_entry && leaf != page_size::k4k && !choices.rmpinsn_leaf_size)
                expected = "#NPF 0x580000005";
              INFO((adjusts ? "RMPADJUST" : "PVALIDATE") << ", RMP " << large_entry << ", operand " << large
                                                         << ", leaf " << name_of(leaf) << ", choice " << choice);
              CHECK(said(done) == expected);
              small after = before;
              if (expected == "SUCCESS" && adjusts) after.entries[4].allowed[1] = {0x01};
              if (expected == "SUCCESS" && !adjusts) after.entries[4].validated = false;
              CHECK(table == after);
            }
          }
        }
      }
    }
  }
}

// ---- RMPQUERY

TEST_CASE("RMP-QRY-01: what RMPQUERY tells", "[rmp][RMP-QRY-01][RMP-QRY-03][RMP-INS-11]") {
  entry first = lived_in;
  first.large = true;
  first.guest = {0x8000};
  small table = with_large(first);
  table.entries[1] = lived_in;
  table.entries[1].vmsa = false;
  table.entries[0].sub_page_count = 1;
  const small before = table;
  rig r{table};
  const target page{.where = 0x1000, .guest = 0x4000};
  for (std::uint8_t level = 0; level < 4; ++level) {
    CHECK(said(r.query(page, level)) == "SUCCESS");
    CHECK(r.queried == rmp::queried_state{.attributes = level | u64{lived_in.allowed[level].raw} << 8});
    for (const u64 inside : {0x0U, 0x3000U}) {
      CHECK(said(r.query({.where = 0x4000 + inside, .guest = 0x8000 + inside}, level)) == "SUCCESS");
      CHECK(r.queried ==
            rmp::queried_state{.large = true, .attributes = level | u64{lived_in.allowed[level].raw} << 8 | 0x1'0000});
    }
  }
  CHECK(table == before);
  // What fails writes nothing.
  r.queried = {.attributes = 77};
  CHECK(said(r.query({.where = 0x1000, .guest = 0x5000}, 1)) == "#NPF 0x580000005");
  CHECK(said(r.query(page, 4)) == "FAIL_PERMISSION");
  CHECK(r.queried.attributes == 77);
}

TEST_CASE("RMP-QRY-02: whom RMPQUERY tells of whom", "[rmp][RMP-QRY-02][RMP-VPL-07]") {
  for (const bool own : {true, false}) {
    for (const unsigned levels : {1U, 2U, 4U}) {
      for (std::uint8_t current = 0; current < 4; ++current) {
        for (const std::uint8_t asked :
             {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}, std::uint8_t{4}, std::uint8_t{255}}) {
          small table;
          table.entries[1] = lived_in;
          rig r{table, {.rmpquery_permission = own}, {.vmpls = levels}};
          r.guest.privilege = {current};
          const bool allowed = asked < levels && (asked > current || (asked == current && own));
          CHECK(said(r.query({.where = 0x1000, .guest = 0x4000}, asked)) == (allowed ? "SUCCESS" : "FAIL_PERMISSION"));
          CHECK(r.translations == (allowed ? 1 : 0));
        }
      }
    }
  }
}

// ---- RMPADJUST

TEST_CASE("RMP-ADJ-01: operands of RMPADJUST", "[rmp][RMP-ADJ-01][RMP-VPL-07][RMP-ADJ-06]") {
  const auto adjust = [](u64 gva_value, u64 size, u64 attributes, implementation_choices choices = {},
                         processor cpu = {}) {
    entry found = lived_in;
    found.large = (size & 1) != 0;
    small table;
    if (found.large) table = with_large(found);
    else table.entries[4] = found;
    const small before = table;
    context<> ctx{.choices = choices};
    unsigned translations = 0;
    const auto to = [&](gva where) -> outcome<guest_page> {
      ++translations;
      CHECK(where.value == gva_value);
      return guest_page{.linear = where, .guest = {0x4000}, .where = {0x4000}, .leaf = page_size::k2m};
    };
    const auto done = rmp::rmpadjust(ctx, table, cpu, {.id = {5}, .snp_active = true},
                                     {.where = {gva_value}, .size = size, .attributes = attributes}, to);
    if (!done->succeeded()) CHECK(table == before);
    CHECK((translations == 1) == done->succeeded());  // not before the operands are found good
    return said(done);
  };
  const implementation_choices lenient{.rmpadjust_reserved = undefined_operand::ignored};
  CHECK(adjust(0x7000'4000, 0, 0x0101) == "SUCCESS");
  for (unsigned n = 17; n < 64; ++n) {
    CHECK(adjust(0x7000'4000, 0, 0x0101 | u64{1} << n) == "FAIL_INPUT");
    CHECK(adjust(0x7000'4000, 0, 0x0101 | u64{1} << n, lenient) == "SUCCESS");
  }
  for (unsigned n = 13; n < 16; ++n) {
    CHECK(adjust(0x7000'4000, 0, 0x0101 | u64{1} << n) == "FAIL_INPUT");
    CHECK(adjust(0x7000'4000, 0, 0x0101 | u64{1} << n, lenient) == "SUCCESS");
  }
  for (unsigned n = 1; n < 64; ++n) {
    CHECK(adjust(0x7000'4000, u64{1} << n, 0x0101) == "FAIL_INPUT");
    CHECK(adjust(0x7000'4000, u64{1} << n, 0x0101, lenient) == "SUCCESS");
    CHECK(adjust(0x7000'4000, u64{1} << n | 1, 0x0101, lenient) == "SUCCESS");
  }
  // VMPLs that do not exist, whatever else is ignored.
  for (unsigned target_level = 0; target_level < 256; ++target_level) {
    for (const unsigned levels : {1U, 2U, 3U, 4U}) {
      const std::string expected = target_level >= levels ? "FAIL_INPUT"
                                   : target_level == 0    ? "FAIL_PERMISSION"
                                                          : "SUCCESS";
      CHECK(adjust(0x7000'4000, 0, 0x0100 | target_level, {}, {.vmpls = levels}) == expected);
      CHECK(adjust(0x7000'4000, 0, 0x0100 | target_level, lenient, {.vmpls = levels}) == expected);
    }
  }
  // Alignment of the linear address, for 2M alone.
  for (unsigned n = 0; n < 16; ++n) {
    CHECK(adjust(0x7000'0000 | u64{1} << n, 1, 0x0101) == (n < 12 || n > 13 ? "SUCCESS" : "FAIL_INPUT"));
    CHECK(adjust(0x7000'0000 | u64{1} << n, 0, 0x0101) == "SUCCESS");
  }
}

TEST_CASE("RMP-VPL-05: masks that make no sense", "[rmp][RMP-VPL-05]") {
  for (unsigned mask = 0; mask < 32; ++mask) {
    const bool r = (mask & 1) != 0, xu = (mask & 4) != 0, xs = (mask & 8) != 0, sss = (mask & 16) != 0;
    const bool odd = (!r && mask != 0) || (sss && (xu || xs)) || (xs && !xu);
    CHECK(rmp::is_misconfigured({static_cast<std::uint8_t>(mask)}) == odd);
    for (const auto& [choice, expected] :
         std::map<misconfigured_mask, std::string>{{misconfigured_mask::fail_input, "FAIL_INPUT"},
                                                   {misconfigured_mask::fail_permission, "FAIL_PERMISSION"},
                                                   {misconfigured_mask::accepted, "SUCCESS"}}) {
      small table;
      table.entries[1] = lived_in;
      rig adjuster{table, {.vmpl_misconfig_code = choice}};
      const auto done = adjuster.adjust({.where = 0x1000, .guest = 0x4000}, 0, mask << 8 | 1);
      INFO("mask " << mask);
      CHECK(said(done) == (odd ? expected : "SUCCESS"));
      if (said(done) == "SUCCESS") CHECK(table.entries[1].allowed[1].raw == mask);
    }
  }
  // Before the target's privilege is looked at (RMP-ADJ-06).
  small table;
  table.entries[1] = lived_in;
  rig adjuster{table};
  CHECK(why(adjuster.adjust({.where = 0x1000, .guest = 0x4000}, 0, 0x0200)) == rule::RMP_VPL_05);
}

TEST_CASE("RMP-ADJ-02, RMP-ADJ-03: whom RMPADJUST reaches, and with what",
          "[rmp][RMP-ADJ-02][RMP-ADJ-03][RMP-VPL-06][INV-09]") {
  for (std::uint8_t current = 0; current < 4; ++current) {
    for (std::uint8_t reached = 0; reached < 4; ++reached) {
      for (const std::uint8_t own : {std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{3}, std::uint8_t{0x11},
                                     std::uint8_t{0xf}, std::uint8_t{0x1f}}) {
        for (const unsigned mask : {0U, 1U, 3U, 5U, 0xfU, 0x11U, 0x13U}) {
          for (const bool vmsa : {false, true}) {
            small table;
            entry found = lived_in;
            found.allowed = {{{0x1f}, {0x1f}, {0x1f}, {0x1f}}};
            found.allowed[current] = {own};
            table.entries[1] = found;
            rig r{table};
            r.guest.privilege = {current};
            const auto done = r.adjust({.where = 0x1000, .guest = 0x4000}, 0, reached | mask << 8 | u64{vmsa} << 16);
            const bool fits = reached > current && (mask & ~unsigned{own}) == 0;
            CHECK(said(done) == (fits ? "SUCCESS" : "FAIL_PERMISSION"));
            if (fits) {
              found.allowed[reached] = {static_cast<std::uint8_t>(mask)};
              if (current == 0) found.vmsa = vmsa;
            }
            CHECK(table.entries[1] == found);
          }
        }
      }
    }
  }
}

// ---- PVALIDATE

TEST_CASE("RMP-PVL-01: PVALIDATE at other VMPLs", "[rmp][RMP-PVL-01]") {
  small table;
  table.entries[1] = lived_in;
  rig r{table};
  for (std::uint8_t level = 1; level < 4; ++level) {
    r.guest.privilege = {level};
    CHECK(fails_quietly(table, [&] { return r.validate({.where = 0x1000, .guest = 0x4000}, 0, 0); }) == "#GP");
    CHECK(why(r.validate({.where = 0x1000, .guest = 0x4000}, 7, 7)) == rule::RMP_PVL_01);  // before its operands
    r.choices.pvalidate_vmpl_fault = pvalidate_denial::fail_permission;
    CHECK(fails_quietly(table, [&] { return r.validate({.where = 0x1000, .guest = 0x4000}, 0, 0); }) ==
          "FAIL_PERMISSION");
    r.choices = {};
  }
  CHECK(r.translations == 0);
}

TEST_CASE("RMP-INS-02: operands of PVALIDATE", "[rmp][RMP-INS-02][RMP-PVL-08]") {
  const implementation_choices lenient{.pvalidate_reserved = undefined_operand::ignored};
  const target page{.where = 0x4000, .guest = 0x4000, .leaf = page_size::k2m};
  for (unsigned n = 1; n < 32; ++n) {
    small table;
    table.entries[4] = lived_in;
    rig r{table};
    CHECK(fails_quietly(table, [&] { return r.validate(page, 1U << n, 0); }) == "FAIL_INPUT");
    CHECK(fails_quietly(table, [&] { return r.validate(page, 0, 1U << n); }) == "FAIL_INPUT");
    CHECK(r.translations == 0);
    r.choices = lenient;
    CHECK(said(r.validate(page, 1U << n | 1, 0)) == "FAIL_SIZEMISMATCH");
    CHECK(said(r.validate(page, 1U << n, 1U << n)) == "SUCCESS");  // bit 0 counts alone: not validated any longer
    CHECK_FALSE(table.entries[4].validated);
    CHECK(said(r.validate(page, 0, 1U << n | 1)) == "SUCCESS");
    CHECK(table.entries[4].validated);
  }
  entry whole = lived_in;
  whole.large = true;
  for (unsigned n = 0; n < 16; ++n) {
    small table = with_large(whole);
    context<> ctx;
    const auto to = [&](gva where) -> outcome<guest_page> {
      return guest_page{.linear = where, .guest = {0x4000}, .where = {0x4000}, .leaf = page_size::k2m};
    };
    const auto done = rmp::pvalidate(ctx, table, {}, {.id = {5}, .snp_active = true},
                                     {.where = {0x7000'0000 | u64{1} << n}, .size = 1, .validated = 0}, to);
    CHECK(said(done) == (n < 12 || n > 13 ? "SUCCESS" : "FAIL_INPUT"));
  }
}

TEST_CASE("RMP-INS-02: PVALIDATE outside 64-bit mode", "[rmp][RMP-INS-02][RMP-INS-07]") {
  for (const bool wide : {false, true}) {
    small table;
    table.entries[1] = lived_in;
    context<> ctx;
    gva translated{};
    const auto to = [&](gva where) -> outcome<guest_page> {
      translated = where;
      return guest_page{.linear = where, .guest = {0x4000}, .where = {0x1000}};
    };
    const execution by{.id = {5}, .snp_active = true, .sixty_four_bit = wide};
    CHECK(said(rmp::pvalidate(ctx, table, {}, by, {.where = {0xffff'ffff'8000'4000}, .validated = 1}, to)) ==
          "SUCCESS CF=1");
    CHECK(translated.value == (wide ? 0xffff'ffff'8000'4000 : 0x8000'4000));
  }
}

TEST_CASE("RMP-PVL-03, RMP-PVL-04: what PVALIDATE changes", "[rmp][RMP-PVL-03][RMP-PVL-04][RMP-PVL-06][RMP-PVL-07]") {
  for (const bool before : {false, true}) {
    for (const std::uint32_t wanted : {0U, 1U}) {
      for (const bool large : {false, true}) {
        entry found = lived_in;
        found.validated = before;
        found.large = large;
        found.allowed = {{{0}, {0x0f}, {3}, {1}}};  // permissions do not count (RMP-PVL-06)
        small table;
        if (large) table = with_large(found);
        else table.entries[4] = found;
        small expected = table;
        rig r{table};
        const auto done = r.validate(
            {.where = 0x4000, .guest = 0x4000, .leaf = large ? page_size::k2m : page_size::k4k}, large, wanted);
        CHECK(said(done) == (before == (wanted == 1) ? "SUCCESS CF=1" : "SUCCESS"));
        expected.entries[4].validated = wanted == 1;
        CHECK(table == expected);
      }
    }
  }
  // Two pages at one gPA: nothing in hardware notices.
  small table;
  rig r{table};
  for (const u64 where : {0x1000U, 0x2000U}) {
    CHECK(said(r.update(where, guest_invalid(0x4000))) == "SUCCESS");
    CHECK(said(r.validate({.where = where, .guest = 0x4000}, 0, 1)) == "SUCCESS");
  }
}

// ---- RMPOPT

TEST_CASE("RMP-OPT-02: RMPOPT_BASE", "[rmp][RMP-OPT-02]") {
  constexpr u64 gib = u64{1} << 30;
  rmp::optimized_gigabytes core;
  CHECK(core.msr() == 0);
  CHECK_FALSE(core.has({0}));
  core.write_msr(~u64{0});
  CHECK(core.msr() == 0x000f'ffff'c000'0001);
  core.write_msr(4 * gib | 1);
  CHECK(core.msr() == (4 * gib | 1));
  CHECK_FALSE(core.has({4 * gib - 1}));
  CHECK(core.has({4 * gib}));
  CHECK(core.has({2052 * gib - 1}));
  CHECK_FALSE(core.has({2052 * gib}));
  for (const u64 where : {4 * gib, 5 * gib, 67 * gib, 68 * gib, 2051 * gib}) {
    CHECK_FALSE(core.test({where}));
    core.set({where}, true);
    CHECK(core.test({where}));
    CHECK(core.test({where + gib - 1}));
    CHECK_FALSE(core.test({where + 2 * gib}));
    CHECK_FALSE(core.test({where - 2 * gib}));
    core.set({where + 1}, false);
    CHECK_FALSE(core.test({where}));
  }
  core.set({3 * gib}, true);  // no bit for it
  CHECK_FALSE(core.test({3 * gib}));
  core.set({5 * gib}, true);
  core.write_msr(4 * gib | 1);  // forgets
  CHECK_FALSE(core.test({5 * gib}));
  core.write_msr(4 * gib);
  CHECK_FALSE(core.has({5 * gib}));
}

TEST_CASE("RMP-OPT-04: nobody sees what a core has optimised", "[rmp][RMP-OPT-04]") {
  constexpr u64 gib = u64{1} << 30;
  rmp::lazy_table table(gib / 4096);
  rig r{table};
  context<> ctx;
  rmp::optimized_gigabytes core;
  core.write_msr(1);
  CHECK(rmp::rmpopt(ctx, table, r.cpu, r.host, core, {0}, 0) == true);
  CHECK(said(r.update(0x1000, reclaim_page)) == "SUCCESS");
  CHECK(core.test({0}));  // nobody has told the core
  const memory::ownership_query write{.where = {0x1000}, .kind = access_kind::write};
  CHECK(rmp::check_access(ctx, table, write).what == memory::ownership_verdict::kind::violation);
}

TEST_CASE("RMP-OPT-01, RMP-OPT-03: gigabytes without assigned pages", "[rmp][RMP-OPT-01][RMP-OPT-03][RMP-OPT-05]") {
  constexpr u64 gib = u64{1} << 30;
  rmp::lazy_table table(3 * gib / 4096);
  rig r{table};
  context<> ctx;
  rmp::optimized_gigabytes core;
  const auto opt = [&](u64 where, u64 rcx) { return rmp::rmpopt(ctx, table, r.cpu, r.host, core, {where}, rcx); };
  CHECK(opt(0, 0) == false);  // RMPOPT_BASE is not enabled
  core.write_msr(1);
  CHECK(opt(0, 1) == false);  // reports, and nobody has verified
  CHECK(opt(0, 0) == true);
  CHECK(opt(0, 1) == true);
  CHECK(opt(gib - 1, 3) == true);  // the gigabyte around an address; bit 0 counts alone
  CHECK(opt(gib, 1) == false);
  CHECK(opt(gib + 0x1000, 2) == true);
  CHECK(opt(5 * gib, 0) == true);  // no page is covered, none is assigned
  // One page anywhere in it.
  for (const u64 where : {u64{0}, u64{0x1000}, gib / 2 + 0x1f'f000, gib - 0x1000}) {
    core.write_msr(1);
    CHECK(said(r.update(gib + where, reclaim_page)) == "SUCCESS");
    CHECK(opt(gib, 0) == false);
    CHECK(opt(0, 0) == true);
    CHECK(opt(2 * gib, 0) == true);
    CHECK(said(r.update(gib + where, hypervisor)) == "SUCCESS");
    CHECK(opt(gib, 1) == false);
    CHECK(opt(gib, 0) == true);
  }
  // Verifying once more takes back what has become wrong: here nobody has told the core of the update.
  CHECK(said(r.update(gib + 0x5000, reclaim_page)) == "SUCCESS");
  CHECK(opt(gib, 1) == true);
  CHECK(opt(gib, 0) == false);
  CHECK(opt(gib, 1) == false);
  CHECK_FALSE(core.test({gib}));
  CHECK(opt(0, 1) == true);  // of this gigabyte alone
  CHECK(said(r.update(gib + 0x5000, hypervisor)) == "SUCCESS");
  CHECK(opt(gib, 0) == true);
  // An update that assigns ends it.
  rmp::forget_gigabyte(ctx, core, {gib + 0x7000}, *r.update(gib + 0x7000, hypervisor));
  CHECK(opt(gib, 1) == true);
  rmp::forget_gigabyte(ctx, core, {gib + 0x7000},
                       *r.update(gib + 0x7000, {.assigned = true, .id = {2000}}));  // refused
  CHECK(opt(gib, 1) == true);
  rmp::forget_gigabyte(ctx, core, {gib + 0x7000}, *r.update(gib + 0x7000, reclaim_page));
  CHECK(opt(gib, 1) == false);
  CHECK(opt(0, 1) == true);
  CHECK(opt(2 * gib, 1) == true);
}

TEST_CASE("RMP-OPT-05: what RMPUPDATE says of an assignment", "[rmp][RMP-OPT-05]") {
  small table;
  rig r{table, {}};
  CHECK(r.update(0x1000, reclaim_page)->assigned);
  CHECK(r.update(0x1000, guest_invalid(0x5000))->assigned);
  CHECK(r.update(0x1000, guest_invalid(0x5000))->assigned);  // as it was: the operand assigns all the same
  CHECK_FALSE(r.update(0x1000, hypervisor)->assigned);
  CHECK(r.update(0x4000, guest_2m(0x8000))->assigned);
  CHECK_FALSE(r.smash(0x4000)->assigned);
  CHECK_FALSE(r.update(0x5000, guest_2m(0x8000))->assigned);  // refused
}

TEST_CASE("RMP-GEO-12: the C-bit of RAX does not count", "[rmp][RMP-GEO-12]") {
  constexpr u64 c = u64{1} << 47;
  for (const bool has_c_bit : {true, false}) {
    small table;
    table.entries[2] = {.assigned = true, .id = {5}, .guest = {0x7000}};
    context<> ctx;
    const processor cpu{.c_mask = has_c_bit ? c : 0};
    const auto wanted = has_c_bit ? rmp::status::success : rmp::status::fail_input;
    const auto done = rmp::rmpupdate(ctx, table, cpu, {}, {c | 0x1000}, guest_invalid(0x5000));
    CHECK(done->eax == wanted);
    CHECK(table.entries[1].assigned == has_c_bit);
    if (has_c_bit) CHECK(done->stale.contains({1}));
    rmp::read_state found;
    CHECK(rmp::rmpread(ctx, table, cpu, {}, {c | 0x2000}, found)->eax == wanted);
    CHECK(found.guest.value == (has_c_bit ? 0x7000 : 0));
    // 2M: it is no misalignment.
    CHECK(rmp::rmpupdate(ctx, table, cpu, {}, {c | 0x8000}, guest_2m(0x8000))->eax == wanted);
    CHECK(table.entries[8].large == has_c_bit);
    CHECK(rmp::without_c_bit(ctx, cpu, {c | 0x1234}) == spa{has_c_bit ? 0x1234 : c | 0x1234});
  }
  // RMPOPT.
  constexpr u64 gib = u64{1} << 30;
  rmp::lazy_table table(2 * gib / 4096);
  context<> ctx;
  rmp::optimized_gigabytes core;
  core.write_msr(1);
  CHECK(rmp::rmpopt(ctx, table, {.c_mask = c}, {}, core, {c | gib}, 0) == true);
  CHECK(core.test({gib}));
  CHECK(rmp::rmpopt(ctx, table, {}, {}, core, {c | gib}, 0) == false);
}

// ---- every rule

TEST_CASE("rules of RMP instructions fire and pass",
          "[rmp][RMP-INS-07][RMP-UPD-01][RMP-SMH-01][RMP-ADJ-01][RMP-PVL-01]") {
  // Without a rule its check does not happen.
  const auto without = [](rule id) { return context<rule_set>{.rules = rule_set{}.without(id), .choices = {}}; };
  const processor cpu;
  const execution host;
  const auto updates = [&](rule id, small table, u64 where, const new_state& wanted) {
    auto ctx = without(id);
    context<rule_set> all;
    small other = table;
    CHECK(rmp::rmpupdate(all, other, cpu, host, {where}, wanted)->decided_by == id);
    return said(rmp::rmpupdate(ctx, table, cpu, host, {where}, wanted));
  };
  CHECK(updates(rule::RMP_TRN_02, {}, 0x1000, {.id = {5}}) == "SUCCESS");
  CHECK(updates(rule::RMP_RUD_03, {}, 0x1000, {.assigned = true, .reserved = true}) == "SUCCESS");
  CHECK(updates(rule::RMP_RUD_04, {}, 0x4000, guest_2m(0x1000)) == "SUCCESS");
  CHECK(updates(rule::RMP_RUD_05, {}, 0x4000, guest_invalid(u64{1} << 48)) == "SUCCESS");
  CHECK(updates(rule::RMP_RUD_06, {}, 0x4000, guest_invalid(0, 1007)) == "SUCCESS");
  small table = with_large();
  CHECK(updates(rule::RMP_UPD_02, table, 0x4000, hypervisor) == "SUCCESS");
  CHECK(updates(rule::RMP_UPD_03, table, 0x5000, hypervisor) == "SUCCESS");
  table.entries[4].large = false;
  CHECK(updates(rule::RMP_UPD_04, table, 0x4000, guest_2m(0x4000)) == "SUCCESS");
  table.entries[4].immutable = true;
  CHECK(updates(rule::RMP_STA_03, table, 0x4000, hypervisor) == "SUCCESS");
  table.entries[4] = {.in_use = true};
  CHECK(updates(rule::RMP_VMR_05, table, 0x4000, hypervisor) == "SUCCESS");
  table.entries[4] = {.id = rmp::region_lock};
  CHECK(updates(rule::RMP_UPD_09, table, 0x5000, reclaim_page) == "SUCCESS");

  recorder heard;
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  small changed = with_large();
  CHECK(said(rmp::rmpupdate(ctx, changed, cpu, host, {0x4000}, guest_2m(0x4000))) == "SUCCESS");
  CHECK(said(rmp::psmash(ctx, changed, cpu, host, {0x4000})) == "SUCCESS");
  CHECK(said(rmp::rmpupdate(ctx, changed, cpu, host, {0x5000}, hypervisor)) == "SUCCESS");
  for (const rule id : {rule::RMP_UPD_05, rule::RMP_UPD_06, rule::RMP_UPD_07, rule::RMP_UPD_08, rule::RMP_UPD_10,
                        rule::RMP_UPD_12, rule::RMP_SMH_01}) {
    INFO(name_of(id));
    CHECK(heard.fired.contains(id));
  }
}
