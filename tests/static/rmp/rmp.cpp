// SPDX-License-Identifier: MIT
// The Reverse Map Table in constant expressions: the published sequence, PSMASH of 512 pages, entries as stored.
#include <array>
#include <cstddef>
#include <cstdint>

#include <sevspec/base/context.hpp>
#include <sevspec/firmware/page_commands.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/geometry.hpp>
#include <sevspec/rmp/page_state.hpp>
#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/raw_entry.hpp>
#include <sevspec/rmp/raw_table.hpp>
#include <sevspec/rmp/result.hpp>
#include <sevspec/rmp/rmpadjust.hpp>
#include <sevspec/rmp/rmpquery.hpp>
#include <sevspec/rmp/rmpread.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <sevspec/rmp/vmrun_pages.hpp>

namespace {

using namespace sevspec;
using rmp::entry;
using rmp::new_state;
using rmp::raw_entry;
using rmp::status;
using u64 = std::uint64_t;

// ---- tables

static_assert(rmp::entry_store<rmp::small_table<8, 4>> && rmp::writable_store<rmp::small_table<8, 4>>);
static_assert(!rmp::raw_store<rmp::small_table<8, 4>>);
static_assert(rmp::writable_raw_store<rmp::raw_table<4>>);
static_assert(rmp::large_page_base<rmp::small_table<1>>({0x3ff}) == rmp::spfn{0x200});
static_assert(rmp::large_page_base<rmp::small_table<1, 4>>({7}) == rmp::spfn{4});
static_assert(rmp::is_large_page_base<rmp::small_table<1>>({0x400}));
static_assert(!rmp::is_large_page_base<rmp::small_table<1>>({0x401}));

// ---- entries as Zen 3 stores them

constexpr auto round_trip(u64 lo, u64 hi = 0) -> bool {
  const raw_entry stored{lo, hi};
  return rmp::encode(rmp::decode(stored)) == stored &&
         rmp::decode(rmp::encode(rmp::decode(stored))) == rmp::decode(stored);
}
constexpr entry guest_4k{.assigned = true, .id = {5}, .guest = {0x123'4000}};
static_assert(rmp::encode(guest_4k) == raw_entry{0x0028'0000'0123'4001, 0});
static_assert(rmp::decode({0x0028'0000'0123'4001, 0}) == guest_4k);
static_assert(rmp::encode({.assigned = true, .large = true, .validated = true, .id = {5}, .guest = {0x4000'0000}}).lo ==
              0x4028'0000'4000'0003);
static_assert(rmp::encode({.assigned = true, .immutable = true, .vmsa = true, .locked = true}).lo ==
              0xa000'0000'0000'0005);
static_assert(rmp::encode({.assigned = true,
                           .immutable = true,
                           .locked = true,
                           .tag = rmp::firmware_tag::metadata,
                           .guest = {0x75'0000'0000}})
                  .lo == 0x8001'0075'0000'0005);
static_assert(round_trip(0x6010'ffff'ffff'f001, 0x1f) && round_trip(0x8002'0000'0000'1005) && round_trip(0xff8) &&
              round_trip(~u64{0}, 0xffff'ffff) && round_trip(0x4));
static_assert(rmp::decode({0x6010'ffff'ffff'f001, 0x1f}).guest == gpa{0xffff'ffff'f000});
static_assert(rmp::state_of(rmp::decode({0x8002'0000'0000'1005, 0})) == rmp::page_state::firmware_iommu);
static_assert(rmp::state_of(rmp::decode({0x4028'0000'0123'4005, 0})) == rmp::page_state::pre_swap);

// ---- the published sequence, in a table of two regions of four pages: sPA 20_1000h is 5000h here

using table = rmp::small_table<8, 4>;

constexpr auto to(u64 where, page_size leaf = page_size::k4k) {
  return [where, leaf](gva linear) -> outcome<rmp::guest_page> {
    return rmp::guest_page{
        .linear = linear, .guest = {linear.value}, .where = {where}, .leaf = leaf, .guest_leaf = page_size::k2m};
  };
}
constexpr rmp::execution guest{.id = {5}, .snp_active = true};

struct machine {
  table rmp{};
  context<> ctx{};

  constexpr auto update(u64 where, const new_state& wanted) -> status {
    return rmp::rmpupdate(ctx, rmp, {}, {}, {where}, wanted)->eax;
  }
  constexpr auto smash(u64 where) -> status { return rmp::psmash(ctx, rmp, {}, {}, {where})->eax; }
  constexpr auto raw(std::size_t page) const -> raw_entry { return rmp::encode(rmp.entries[page]); }
};

constexpr auto published_sequence() -> bool {
  using enum status;
  machine m;
  const new_state small{.assigned = true, .id = {5}, .guest = {0x123'4000}};
  const new_state large{.assigned = true, .large = true, .id = {5}, .guest = {0x4000'0000}};
  bool good = m.update(0x5000, small) == success && m.raw(5) == raw_entry{0x0028'0000'0123'4001, 0x1f} &&
              m.raw(4) == raw_entry{0x8, 0};
  const auto validated = rmp::pvalidate(m.ctx, m.rmp, {}, guest, {{0x123'4000}, 0, 1}, to(0x5000));
  good = good && validated->succeeded() && !validated->unchanged && m.raw(5).lo == 0x4028'0000'0123'4001;
  good = good && rmp::pvalidate(m.ctx, m.rmp, {}, guest, {{0x123'4000}, 0, 1}, to(0x5000))->unchanged;
  new_state frozen = small;
  frozen.immutable = true;
  good = good && m.update(0x5000, frozen) == success && m.raw(5).lo == 0x4028'0000'0123'4005;
  good = good && m.update(0x5000, {}) == fail_permission;
  good = good && firmware::page_reclaim(m.ctx, m.rmp, {0x5000}, page_size::k4k, [](spa) { return false; }) ==
                     firmware::status::success;
  good = good && m.raw(5).lo == 0x4028'0000'0123'4001;
  good = good && m.update(0x5000, {.assigned = true, .id = {5}, .guest = {0x123'5000}}) == success &&
         m.raw(5) == raw_entry{0x0028'0000'0123'5001, 0x1f};
  good = good && m.update(0x4000, large) == fail_overlap;
  good = good && m.update(0x5000, {}) == success && m.rmp == table{};
  good = good && m.update(0x4000, large) == success && m.raw(4) == raw_entry{0x0028'0000'4000'0003, 0x1f};
  for (std::size_t i = 5; i < 8; ++i) good = good && m.raw(i) == raw_entry{1, 0};
  good = good && m.update(0x5000, large) == fail_input && m.update(0x4000, {}) == fail_overlap &&
         m.update(0x5000, {}) == fail_overlap;
  good =
      good && rmp::pvalidate(m.ctx, m.rmp, {}, guest, {{0x4000'0000}, 1, 1}, to(0x4000, page_size::k2m))->succeeded();
  const auto mismatch = rmp::pvalidate(m.ctx, m.rmp, {}, guest, {{0x4000'1000}, 0, 1}, to(0x5000, page_size::k2m));
  good = good && !mismatch && mismatch.error().kind == fault_kind::npf && mismatch.error().code == 0xd'8000'0005;
  good = good && m.smash(0x4000) == success && m.raw(4).lo == 0x4028'0000'4000'0019 &&
         m.raw(5) == raw_entry{0x4028'0000'4000'1001, 0x1f} && m.smash(0x4000) == fail_badaddr;
  good = good && m.update(0x7000, {}) == success && m.raw(4).lo == 0x4028'0000'4000'0011;
  good = good && m.update(0x5000, {.immutable = true}) == fail_input && m.update(0x5000, {.id = {5}}) == fail_input &&
         m.update(0x8000, {}) == fail_input;
  return good;
}
static_assert(published_sequence());

// ---- RMPADJUST and RMPQUERY

constexpr auto adjusts() -> bool {
  machine m;
  m.rmp.entries[5] = {
      .assigned = true, .validated = true, .id = {5}, .guest = {0x5000}, .allowed = {{{0x1f}, {0}, {0}, {0}}}};
  const auto adjust = [&](std::uint8_t level, u64 attributes) {
    return rmp::rmpadjust(m.ctx, m.rmp, {}, {.id = {5}, .snp_active = true, .privilege = {level}},
                          {{0x5000}, 0, attributes}, to(0x5000))
        ->eax;
  };
  rmp::queried_state found;
  bool good = adjust(0, 0x1'0301) == status::success && m.rmp.entries[5].vmsa;
  good = good && rmp::rmpquery(m.ctx, m.rmp, {}, guest, {0x5000}, 1, to(0x5000), found)->succeeded() &&
         found.attributes == 0x1'0301 && !found.large;
  good = good && adjust(1, 0x0702) == status::fail_permission && adjust(1, 0x0001) == status::fail_permission;
  good = good && adjust(0, 0x0201) == status::fail_input && adjust(0, 0x0004) == status::fail_input;
  return good && adjust(0, 0x0001) == status::success && !m.rmp.entries[5].vmsa;
}
static_assert(adjusts());

// ---- PSMASH of 512 pages, over entries as they are and over entries as stored

template <class Store, class Entry>
constexpr auto smashes(Store& rmp, Entry&& raw_of) -> bool {
  context<> ctx;
  const new_state whole{.assigned = true, .large = true, .id = {9}, .guest = {0x7000'0000}};
  if (rmp::rmpupdate(ctx, rmp, {}, {}, {0}, whole)->stale != rmp::page_range{{0}, 512}) return false;
  if (raw_of(0) != raw_entry{0x0048'0000'7000'0003, 0x1f} || raw_of(511) != raw_entry{1, 0}) return false;
  if (rmp::psmash(ctx, rmp, {}, {}, {0x1000})->eax != status::fail_input) return false;
  if (!rmp::psmash(ctx, rmp, {}, {}, {0})->succeeded()) return false;
  for (u64 i = 0; i < 512; ++i)
    if (raw_of(i) != raw_entry{0x0048'0000'7000'0001 + i * 0x1000 + (i == 0 ? 511 << 3 : 0), 0x1f}) return false;
  return true;
}
constexpr auto smashes_entries() -> bool {
  rmp::small_table<512> rmp;
  return smashes(rmp, [&](u64 page) { return rmp::encode(rmp.entry_of({page})); });
}
constexpr auto smashes_raw_entries() -> bool {
  std::array<raw_entry, 512> entries{};
  rmp::raw_table<> rmp(entries);
  return smashes(rmp, [&](u64 page) { return entries[page]; });
}
static_assert(smashes_entries());
static_assert(smashes_raw_entries());

// ---- RMPREAD, geometry, VMRUN, checks, flags

constexpr auto reads() -> bool {
  machine m;
  rmp::read_state found;
  if (m.update(0x4000, {.assigned = true, .large = true, .id = {5}, .guest = {0x4000}}) != status::success)
    return false;
  if (!rmp::rmpread(m.ctx, m.rmp, {}, {}, {0x5000}, found)->succeeded()) return false;
  return found == rmp::read_state{.assigned = true, .region_assigned = true} &&
         rmp::bytes_of(found) == std::array<std::uint8_t, 16>{0, 0, 0, 0, 0, 0, 0, 0, 1, 2};
}
static_assert(reads());
static_assert(rmp::new_state_of(std::array<std::uint8_t, 16>{0, 0x40, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 5}) ==
              new_state{.assigned = true, .large = true, .immutable = true, .id = {5}, .guest = {0x4000}});

constexpr auto geometry() -> bool {
  context<> ctx;
  const auto made = rmp::contiguous_geometry::make(ctx, {0x10'0000}, {0x110'3fff});
  return made && made->entry_of({0x1'2345}) == spa{0x22'7450} && made->covers({0xf'ffff}) && !made->covers({0x10'0000});
}
static_assert(geometry());

constexpr auto checks() -> bool {
  using verdict = memory::ownership_verdict::kind;
  machine m;
  m.rmp.entries[5] = rmp::decode({0x4028'0000'0000'5001, 0x1f});
  m.rmp.entries[4].sub_page_count = 1;
  memory::ownership_query query{.where = {0x5000},
                                .guest = {0x5000},
                                .kind = access_kind::write,
                                .c = true,
                                .who = memory::owner_context::snp_guest,
                                .id = {5}};
  bool good = rmp::check_access(m.ctx, m.rmp, query).what == verdict::allowed;
  query.id = {6};
  good = good && rmp::check_access(m.ctx, m.rmp, query).what == verdict::violation;
  query = {.where = {0x6000}, .leaf = page_size::k2m, .kind = access_kind::write};
  good = good && rmp::check_access(m.ctx, m.rmp, query).what == verdict::violation;  // page 5 is in its region
  query.leaf = page_size::k4k;
  good = good && rmp::check_access(m.ctx, m.rmp, query).what == verdict::allowed;
  good = good && rmp::check_vmrun_page(m.ctx, m.rmp, rmp::vmrun_page::vmcb, {0x5000}) == rmp::page_answer::gp;
  rmp::set_in_use(m.ctx, m.rmp, {0x6000}, true);
  return good && m.update(0x6000, {.assigned = true}) == status::fail_inuse;
}
static_assert(checks());

constexpr auto flags() -> bool {
  context<> ctx;
  const auto after = [&](status code) { return rmp::rflags_after(ctx, 0x8d7, rmp::fails(code, rule::none), false); };
  return after(status::success) == 0x46 && after(status::fail_input) == 0x2 && after(status::fail_inuse) == 0x6;
}
static_assert(flags());

}  // namespace
