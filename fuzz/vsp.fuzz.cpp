// SPDX-License-Identifier: MIT
// Any bytes are a sequence of commands that two L1s write, with raw buffers, into their virtual AMD-SPs. Whatever they
// are: the other L1 and L0 notice nothing, and the machine's table says of every page what L1's says, or less.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <span>
#include <vector>

#include <support/firmware_machine.hpp>

#include <sevspec/nested/vsp_execute.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using machine = test_machine<>;
using virtual_sp = nested::virtual_sp<map_table, memory::asid_states<15, 2>, scripted_random>;

constexpr std::uint64_t memory_of_l1 = 0x40'0000;  ///< 4 MiB, of which 3 have entries
constexpr std::uint64_t buffer_at = 0x3f'0000;

/// Where operands may point, so that commands meet each other.
constexpr std::array<std::uint64_t, 16> places{0,         0x1000,    0x10'0000, 0x10'1000, 0x10'2000, 0x10'3000,
                                               0x11'0000, 0x11'1000, 0x11'2000, 0x20'0000, 0x20'1000, 0x3e'0000,
                                               0x3e'1000, 0xa'0000,  0x40'0000, buffer_at};

[[noreturn]] void fail(const char* what, unsigned id) {
  std::fprintf(stderr, "command %02x: %s\n", id, what);
  std::abort();
}

/// Bytes of the input, zeros behind its end.
struct input {
  std::span<const std::uint8_t> rest;
  auto byte() -> std::uint8_t {
    if (rest.empty()) return 0;
    const std::uint8_t one = rest.front();
    rest = rest.subspan(1);
    return one;
  }
};

struct world {
  machine m = make_test_machine(true);
  nested::vsp_host l0{};
  std::vector<virtual_sp> l1s{};
};

/// A machine with both APIs started, and two L1s.
auto make_world() -> world {
  world made;
  context<> ctx;
  bool fine = firmware::execute(ctx, made.m, firmware::command_id::snp_init) == firmware::status::success;
  made.m.sp.identity = *made.m.sp.flash;
  made.m.sp.state = layout::sev_platform_state::init;
  firmware::note_wbinvd_everywhere(made.m);
  fine = fine && firmware::execute(ctx, made.m, firmware::command_id::snp_df_flush) == firmware::status::success;
  if (!fine) fail("the machine does not start", 0);
  made.l0.pages = nested::l0_pages::of({0x700'0000}, 1100);
  for (std::uint32_t i = 1; i <= 15; ++i) made.l0.pool.push_back({asid{i}, false});
  for (std::uint32_t number = 0; number < 2; ++number) {
    virtual_sp v{.who = {number}, .rmp = map_table{0x30'0000 / 4096}};
    v.hw = made.m.hw;
    v.hw.dram = {{{0}, memory_of_l1}};
    for (auto& one : v.hw.threads) {
      one.registers.rmp_base = 0x20'0000;
      one.registers.rmp_end = 0x2f'ffff;
    }
    nested::limit_features(v, made.m.hw, made.m.sp);
    nested::set_identity(ctx, v, made.m.hw, {9});
    v.sp.flash = made.m.sp.flash;
    for (std::uint64_t i = 0; i < memory_of_l1 / 4096; ++i)
      v.map[i].page = {0x1000 + number * memory_of_l1 / 4096 + (i ^ 1U)};
    made.l1s.push_back(v);
  }
  return made;
}

void store(world& w, const virtual_sp& v, std::uint64_t where, std::span<const std::uint8_t> bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i)
    poke(w.m, nested::real_address(v.map, where + i)->value, bytes.subspan(i, 1));
}

/// What must hold after every command.
void check(const world& w, unsigned id) {
  std::set<std::uint32_t> real;
  for (const auto& one : w.l0.asids.entries())
    if (!real.insert(one.real.value).second) fail("two guests with one ASID", id);
  for (const virtual_sp& v : w.l1s) {
    for (const auto& [page, entry] : v.rmp.entries()) {
      if (rmp::state_of(entry) == rmp::page_state::corrupt) fail("a page in no state", id);
      const auto behind = nested::real_address(v.map, page << 12);
      if (!behind) continue;
      const rmp::entry found = firmware::entry_at(w.m, *behind);
      const bool of_guest = nested::is_guests(rmp::state_of(entry)) && v.trust == nested::vsp_trust::physical;
      if (!of_guest && found.assigned && !entry.large) fail("a page is a guest's for the machine alone", id);
      const auto bound = w.l0.asids.find_real(found.id);
      if (found.assigned && bound != nullptr && bound->owner != v.who) fail("a page is another L1's", id);
    }
    for (const auto& [page, guest] : v.sp.contexts)
      if (v.trust == nested::vsp_trust::physical && !w.l0.contexts.real_of(v.who, gpa{page}))
        fail("a guest that the machine does not know", id);
  }
}

void command(world& w, std::size_t which, input& in) {
  context<> ctx;
  virtual_sp& v = w.l1s[which];
  const firmware::command_info& info = firmware::command_table[in.byte() % firmware::command_table.size()];
  const auto id = static_cast<unsigned>(info.id);
  const std::uint8_t shape = in.byte();
  std::array<std::uint8_t, 72> buffer{};
  for (std::size_t i = 0; i < info.buffer_bytes; ++i) buffer[i] = in.byte();
  for (std::size_t i = 0; i + 8 <= info.buffer_bytes; i += 8) {  // make operands of quadwords
    const std::uint8_t how = buffer[i];
    if ((shape & 1) == 0 && (how & 0x80) != 0)
      layout::write_le(buffer.data() + i,
                       places[how % 16] + std::uint64_t{buffer[i + 1]} * ((how & 0x40) != 0 ? 1U : 0U));
    else if ((shape & 2) == 0) layout::write_le(buffer.data() + i, std::uint64_t{how});
  }
  store(w, v, buffer_at, std::span{buffer}.first(info.buffer_bytes));
  const virtual_sp other = w.l1s[1 - which];
  std::vector<rmp::entry> entries;
  for (const auto& [page, behind] : other.map) entries.push_back(firmware::entry_at(w.m, address_of(behind.page)));
  static_cast<void>(nested::execute(ctx, w.l0, w.m, v, id, buffer_at));
  if (!(w.l1s[1 - which] == other)) fail("another L1 has changed", id);
  std::size_t i = 0;
  for (const auto& [page, behind] : other.map)
    if (!(firmware::entry_at(w.m, address_of(behind.page)) == entries[i++])) fail("another L1's page has changed", id);
  if (w.m.sp.snp_state != layout::snp_platform_state::init) fail("the machine was shut down", id);
  check(w, id);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const world fresh = make_world();
  world w = fresh;
  input in{{data, size}};
  const std::uint8_t start = in.byte();
  for (std::size_t i = 0; i < 2; ++i)
    if ((start >> i & 1) != 0) w.l1s[i].trust = nested::vsp_trust::l0;
  if ((start & 4) != 0)
    for (std::uint64_t page = 0x100; page < 0x110; ++page) w.l1s[0].map[page].is_private = true;
  for (unsigned steps = 0; !in.rest.empty() && steps < 48; ++steps) {
    const std::uint8_t what = in.byte();
    const std::size_t which = what >> 7;
    virtual_sp& v = w.l1s[which];
    context<> ctx;
    if (what % 8 == 0) {
      nested::note_wbinvd(ctx, w.l0, w.m, v, what / 8 % 2);
    } else if (what % 8 == 1) {
      const std::uint64_t page = places[in.byte() % places.size()];
      const std::uint8_t how = in.byte();
      static_cast<void>(nested::update_page(ctx, w.l0, w.m, v, gpa{page},
                                            {.assigned = (how & 1) != 0,
                                             .large = (how & 2) != 0,
                                             .immutable = (how & 4) != 0,
                                             .id = {static_cast<std::uint32_t>(how >> 4)},
                                             .guest = {page}}));
      check(w, 0);
    } else if (what % 8 == 2) {
      const std::uint64_t page = places[in.byte() % 13];
      std::array<std::uint8_t, 16> bytes{};
      for (std::uint8_t& one : bytes) one = in.byte();
      store(w, v, page, bytes);
    } else {
      command(w, which, in);
    }
  }
  return 0;
}
