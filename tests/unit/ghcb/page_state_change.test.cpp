// SPDX-License-Identifier: MIT
#include <cstdint>
#include <vector>

#include <sevspec/ghcb/page_state_change.hpp>
#include <sevspec/ghcb/rmp_host.hpp>
#include <sevspec/rmp/lazy_table.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <support/catch.hpp>
#include <support/ghcb_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using layout::ghcb_psc_ops;
using layout::make_psc_entry;
using layout::psc_entry;

/// A list and the table it works on; gPA and sPA are the same.
struct play {
  context<> ctx;
  rmp::lazy_table table{0x1'0000};
  layout::psc_header header;
  std::vector<psc_entry> entries;

  explicit play(std::vector<psc_entry> list) : entries(std::move(list)) {
    header.set_end_entry(static_cast<std::uint16_t>(entries.size() - 1));
  }
  auto run(std::uint64_t budget = ~std::uint64_t{}) -> ghcb::psc_result {
    ghcb::rmp_host host(ctx, table, {}, asid{5}, [](gpa page) { return std::optional{spa{page.value}}; }, budget);
    return ghcb::change_page_states(ctx, header, entries, host);
  }
  [[nodiscard]] auto at(std::uint64_t page) const -> rmp::entry {
    return rmp::authoritative_entry(table, page_of(spa{page}));
  }
};
auto make(ghcb_psc_ops operation, std::uint64_t page, bool large = false) -> psc_entry {
  return make_psc_entry(operation, gpa{page}, large ? page_size::k2m : page_size::k4k);
}

}  // namespace

TEST_CASE("pages change hands by RMPUPDATE", "[ghcb][GHCB-PSC-03][GHCB-PSC-05][GHCB-PSC-08][GHCB-PSC-16]") {
  play m({make(ghcb_psc_ops::private_, 0x1000), make(ghcb_psc_ops::private_, 0x20'0000, true),
          make(ghcb_psc_ops::shared, 0x9000)});
  CHECK(m.run() == ghcb::psc_result{});
  CHECK(m.header.cur_entry() == 3);
  CHECK(m.entries[0].cur_page() == 1);
  CHECK(m.entries[1].cur_page() == 512);
  CHECK(m.entries[2].cur_page() == 1);
  for (const std::uint64_t page : {0x1000ULL, 0x20'0000ULL, 0x3f'f000ULL}) {
    CHECK(m.at(page).assigned);
    CHECK(m.at(page).id == asid{5});
    CHECK_FALSE(m.at(page).validated);  // and so of no use yet
  }
  CHECK(m.at(0x20'0000).large);
  CHECK_FALSE(m.at(0x9000).assigned);

  // And back, a part of the large page first.
  m.header.set_cur_entry(0);
  m.header.set_end_entry(1);
  m.entries = {make(ghcb_psc_ops::shared, 0x20'3000), make(ghcb_psc_ops::shared, 0x20'0000, true)};
  CHECK(m.run() == ghcb::psc_result{});
  for (std::uint64_t page = 0x20'0000; page < 0x40'0000; page += 0x1000) CHECK_FALSE(m.at(page).assigned);
}

TEST_CASE("headers and entries that are refused", "[ghcb][GHCB-PSC-04][GHCB-PSC-06][GHCB-PSC-07]") {
  for (const unsigned end : {253U, 254U, 0x7fffU, 0xffffU}) {
    play m({make(ghcb_psc_ops::private_, 0x1000)});
    m.header.set_end_entry(static_cast<std::uint16_t>(end));
    CHECK(m.run() == ghcb::psc_result{0x1'0000'0001, rule::GHCB_PSC_04});
    CHECK(m.header.cur_entry() == 0);
    CHECK(m.at(0x1000) == rmp::entry{});
  }
  {
    play m(std::vector<psc_entry>(253, make(ghcb_psc_ops::private_, 0x1000)));
    CHECK(m.run() == ghcb::psc_result{});
    CHECK(m.header.cur_entry() == 253);
  }
  for (const unsigned cur : {1U, 2U, 253U, 0xffffU}) {
    play m({make(ghcb_psc_ops::private_, 0x1000)});
    m.header.set_cur_entry(static_cast<std::uint16_t>(cur));
    CHECK(m.run() == ghcb::psc_result{});
    CHECK(m.header.cur_entry() == cur);
    CHECK(m.at(0x1000) == rmp::entry{});
  }
  // Entries before the wrong one stay done, those behind it are not begun.
  for (unsigned operation = 0; operation < 16; ++operation)
    for (const bool large : {false, true})
      for (const std::uint64_t frame : {0x400ULL, 0x401ULL, 0x5ffULL})
        for (const std::uint32_t done : {0U, 1U, 2U, 511U, 512U, 513U, 4095U}) {
          play m({make(ghcb_psc_ops::private_, 0x1000), psc_entry{}, make(ghcb_psc_ops::private_, 0x2000)});
          m.entries[1] = psc_entry{}
                             .set_gfn(frame)
                             .set_operation(static_cast<ghcb_psc_ops>(operation))
                             .set_page_size(large)
                             .set_cur_page(done);
          const auto before = m.entries[1];
          const bool wrong = operation == 0 || operation > 4 || done > (large ? 512 : 1) || (large && frame % 512 != 0);
          const auto result = m.run();
          CHECK(result.info_2 == (wrong ? 0x1'0000'0002 : 0));
          CHECK(m.header.cur_entry() == (wrong ? 1 : 3));
          CHECK(m.at(0x1000).assigned);
          CHECK(m.at(0x2000).assigned == !wrong);
          if (wrong) CHECK(m.entries[1] == before);
        }
}

TEST_CASE("an entry that was begun goes on in 4K", "[ghcb][GHCB-PSC-09]") {
  for (const std::uint32_t done : {1U, 100U, 511U, 512U}) {
    play m({make(ghcb_psc_ops::private_, 0x40'0000, true).set_cur_page(done)});
    CHECK(m.run() == ghcb::psc_result{});
    CHECK(m.entries[0].cur_page() == 512);
    for (std::uint64_t i = 0; i < 512; ++i) {
      const rmp::entry found = m.at(0x40'0000 + i * 0x1000);
      CHECK(found.assigned == (i >= done));
      CHECK_FALSE(found.large);
    }
  }
}

TEST_CASE("failures say where", "[ghcb][GHCB-PSC-12]") {
  play m({make(ghcb_psc_ops::private_, 0x1000), make(ghcb_psc_ops::private_, 0x20'0000, true)});
  // Another guest has a page in the middle.
  REQUIRE(
      rmp::rmpupdate(m.ctx, m.table, {}, {}, spa{0x20'7000}, rmp::private_state(gpa{0x9000}, {6}, false))->succeeded());
  const auto result = m.run();
  CHECK(result.info_2 >> 32 == 0x100);
  CHECK(result.decided_by == rule::GHCB_PSC_12);
  CHECK(m.header.cur_entry() == 1);
  CHECK(m.entries[1].cur_page() == 7);
  // The page is free again: the list goes on where it was.
  REQUIRE(rmp::rmpupdate(m.ctx, m.table, {}, {}, spa{0x20'7000}, rmp::shared_state(false))->succeeded());
  CHECK(m.run() == ghcb::psc_result{});
  CHECK(m.header.cur_entry() == 2);
  CHECK(m.at(0x3f'f000).assigned);
}

TEST_CASE("a host that stops early", "[ghcb][GHCB-PSC-13][GHCB-PSC-14][GHCB-PSC-15]") {
  play m({make(ghcb_psc_ops::private_, 0x1000), make(ghcb_psc_ops::private_, 0x40'0000, true).set_cur_page(100),
          make(ghcb_psc_ops::private_, 0x2000)});
  const layout::psc_header original = m.header;
  unsigned exits = 0;
  for (;;) {
    const layout::psc_header before = m.header;
    const auto result = m.run(50);
    ++exits;
    const auto verdict = ghcb::check_psc_answer(m.ctx, 0, result.info_2, original, before, m.header);
    REQUIRE(verdict.next != ghcb::psc_next::terminate);
    if (verdict.next == ghcb::psc_next::done) break;
    CHECK(verdict == ghcb::psc_verdict{ghcb::psc_next::reissue, rule::GHCB_PSC_13});
  }
  CHECK(exits == 9);
  CHECK(m.header.cur_entry() == 3);
  for (const std::uint64_t page : {0x1000ULL, 0x2000ULL, 0x46'4000ULL, 0x5f'f000ULL}) CHECK(m.at(page).assigned);
}

TEST_CASE("what a guest does not take from the hypervisor", "[ghcb][GHCB-PSC-14][GHCB-PSC-15]") {
  context<> ctx;
  const auto header = [](std::uint16_t cur, std::uint16_t end, std::uint32_t reserved = 0) {
    layout::psc_header made;
    made.set_cur_entry(cur);
    made.set_end_entry(end);
    layout::write_le(made.data() + 4, reserved);
    return made;
  };
  const auto judged = [&](std::uint64_t info_1, std::uint64_t info_2, const layout::psc_header& after) {
    return ghcb::check_psc_answer(ctx, info_1, info_2, header(0, 9), header(4, 9), after);
  };
  CHECK(judged(0, 0, header(10, 9)).next == ghcb::psc_next::done);
  CHECK(judged(0, 0, header(4, 9)).next == ghcb::psc_next::reissue);
  CHECK(judged(2, 0, header(10, 9)).decided_by == rule::GHCB_PSC_14);
  CHECK(judged(0, 0x100ULL << 32, header(10, 9)).decided_by == rule::GHCB_PSC_14);
  CHECK(judged(0, 0, header(10, 9, 1)).decided_by == rule::GHCB_PSC_14);
  CHECK(judged(0, 0, header(10, 10)).decided_by == rule::GHCB_PSC_15);
  // To and fro: not before the last position, though not before the first one either.
  CHECK(judged(0, 0, header(3, 9)).decided_by == rule::GHCB_PSC_15);
}

TEST_CASE("merging and hints", "[ghcb][GHCB-PSC-10][GHCB-PSC-11]") {
  for (const bool merges : {false, true}) {
    context<> ctx;
    ctx.choices.psc_merge = merges;
    ghcb_environment env;
    std::vector<psc_entry> entries{make(ghcb_psc_ops::private_, 0x1000), make(ghcb_psc_ops::private_, 0x2000),
                                   make(ghcb_psc_ops::shared, 0x3000), make(ghcb_psc_ops::shared, 0x5000),
                                   make(ghcb_psc_ops::psmash, 0x20'0000, true)};
    layout::psc_header header;
    header.set_end_entry(4);
    CHECK(ghcb::change_page_states(ctx, header, entries, env) == ghcb::psc_result{});
    CHECK(env.changes.size() == (merges ? 3 : 4));
    CHECK(header.cur_entry() == 5);
    CHECK(entries[4].cur_page() == 512);
    // A failure in the middle of what was merged shows at the right entry.
    env.failing.insert(0x2000);
    header.set_cur_entry(0);
    for (auto& entry : entries) entry.set_cur_page(0);
    CHECK(ghcb::change_page_states(ctx, header, entries, env).decided_by == rule::GHCB_PSC_12);
    CHECK(header.cur_entry() == 1);
    CHECK(entries[0].cur_page() == 1);
    CHECK(entries[1].cur_page() == 0);
  }
  for (const bool performs : {false, true}) {
    play m({make(ghcb_psc_ops::private_, 0x20'0000, true), make(ghcb_psc_ops::psmash, 0x20'0000, true),
            make(ghcb_psc_ops::unsmash, 0x20'0000, true)});
    m.ctx.choices.psc_smash = performs ? smash_hint::perform : smash_hint::noop;
    CHECK(m.run() == ghcb::psc_result{});
    CHECK(m.at(0x20'0000).large == !performs);
    CHECK(m.at(0x20'0000).assigned);
  }
}

TEST_CASE("a change that is asked for twice", "[ghcb][GHCB-PSC-03]") {
  for (const auto repeated : {same_page_state::no_change, same_page_state::fails}) {
    play m({make(ghcb_psc_ops::private_, 0x1000), make(ghcb_psc_ops::private_, 0x1000)});
    m.ctx.choices.psc_same_state = repeated;
    const auto result = m.run();
    CHECK(result.info_2 == (repeated == same_page_state::fails ? 0x100'0000'0003 : 0));
    CHECK(m.at(0x1000).assigned);
  }
}

TEST_CASE("the event: bytes in, bytes out", "[ghcb][GHCB-PSC-01][GHCB-PSC-02][GHCB-SCR-05]") {
  context<> ctx;
  ghcb_world world;
  const auto put = [&](std::uint64_t where, std::uint16_t cur, std::uint16_t end, std::vector<psc_entry> entries) {
    std::vector<std::uint8_t> bytes(8 + 8 * entries.size(), 0);
    layout::write_le(bytes.data(), cur);
    layout::write_le(bytes.data() + 2, end);
    for (std::size_t i = 0; i < entries.size(); ++i) layout::write_le(bytes.data() + 8 + 8 * i, entries[i].raw);
    world.put_bytes(where, bytes);
  };
  for (const std::uint64_t where : {ghcb_world::buffer_at, std::uint64_t{0x9000}}) {
    put(where, 0, 1, {make(ghcb_psc_ops::private_, 0x1000), make(ghcb_psc_ops::shared, 0x20'0000, true)});
    world.exit(ctx, layout::nae_exit_codes::snp_page_state_change, 0, 0, {.scratch = where});
    CHECK(world.info_1() == 0);
    CHECK(world.info_2() == 0);
    CHECK(layout::read_le<std::uint16_t>(world.env.bytes(where, 2).data()) == 2);
    CHECK(layout::read_le<std::uint64_t>(world.env.bytes(where + 8, 8).data()) == 0x0010'0000'0000'1001);
    CHECK(layout::read_le<std::uint64_t>(world.env.bytes(where + 16, 8).data()) == 0x0120'0000'0020'0200);
  }
  // The list's own length counts: at the end of the buffer the header alone would fit.
  for (std::uint16_t end = 0; end < 20; ++end) {
    const std::uint64_t where = ghcb_world::page_at + 0xf80;
    put(where, 0, end, {make(ghcb_psc_ops::private_, 0x1000)});
    const auto done = world.exit(ctx, layout::nae_exit_codes::snp_page_state_change, 0, 0, {.scratch = where});
    const bool fits = 0xf80 + 8 + 8 * (end + 1) <= 0xff0;
    CHECK((done.decided_by == rule::GHCB_SCR_05) == !fits);
    if (!fits) CHECK(world.info_2() == 3);
  }
}

TEST_CASE("a region that is scattered over the machine", "[ghcb][GHCB-PSC-05][PST-03]") {
  context<> ctx;
  rmp::lazy_table table{0x1000};
  // The pages of the region lie in reverse order, the last one nowhere.
  const auto map = [](gpa page) -> std::optional<spa> {
    const std::uint64_t index = (page.value - 0x20'0000) >> 12;
    return index == 511 ? std::nullopt : std::optional{spa{0x40'0000 + ((511 - index) << 12)}};
  };
  ghcb::rmp_host host(ctx, table, {}, asid{5}, map);
  std::vector entries{make(ghcb_psc_ops::private_, 0x20'0000, true)};
  layout::psc_header header;
  const auto result = ghcb::change_page_states(ctx, header, entries, host);
  CHECK(result.info_2 == 0x100'0000'0001);  // no such page
  CHECK(entries[0].cur_page() == 511);
  CHECK(header.cur_entry() == 0);
  for (std::uint64_t index = 0; index < 511; ++index) {
    const rmp::entry found = table.entry_of(page_of(spa{0x40'0000 + ((511 - index) << 12)}));
    CHECK(found.guest == gpa{0x20'0000 + (index << 12)});
    CHECK_FALSE(found.large);
  }
  // What is somebody else's cannot be shared, either.
  REQUIRE(rmp::rmpupdate(ctx, table, {}, {}, spa{0x9000}, rmp::private_state(gpa{0x1000}, {6}, false))->succeeded());
  ghcb::rmp_host other(ctx, table, {}, asid{5}, [](gpa) { return std::optional{spa{0x9000}}; });
  CHECK(other.change_pages({.operation = ghcb_psc_ops::shared, .first = {0x1000}, .pages = 1}).code == 2);
  CHECK(table.entry_of(page_of(spa{0x9000})).id == asid{6});
}

TEST_CASE("what the host is asked to do", "[ghcb][GHCB-PSC-07][GHCB-PSC-09][GHCB-PSC-10]") {
  struct logging_host {
    std::vector<ghcb::page_change> asked{};
    auto change_pages(const ghcb::page_change& change) -> ghcb::page_progress {
      asked.push_back(change);
      return {.done = change.pages};
    }
  };
  context<> ctx;
  ctx.choices.psc_merge = true;
  const auto asked = [&](std::vector<psc_entry> entries) {
    layout::psc_header header;
    header.set_end_entry(static_cast<std::uint16_t>(entries.size() - 1));
    logging_host host;
    CHECK(ghcb::change_page_states(ctx, header, entries, host) == ghcb::psc_result{});
    CHECK(header.cur_entry() == entries.size());
    return host.asked;
  };
  constexpr auto to_private = ghcb_psc_ops::private_;
  psc_entry done = make(to_private, 0x1000);
  done.set_cur_page(1);
  psc_entry begun = make(to_private, 0x20'0000, true);
  begun.set_cur_page(511);
  CHECK(asked({done}).empty());
  // An entry that was begun is not merged with the next one, nor is one of another size.
  const auto apart = asked({begun, make(to_private, 0x40'0000, true)});
  REQUIRE(apart.size() == 2);
  CHECK(apart[0] == ghcb::page_change{to_private, gpa{0x3f'f000}, 1, page_size::k4k});
  CHECK(apart[1] == ghcb::page_change{to_private, gpa{0x40'0000}, 512, page_size::k2m});
  CHECK(asked({make(to_private, 0x1f'f000), make(to_private, 0x20'0000, true)}).size() == 2);
  CHECK(asked({make(to_private, 0x1000), make(to_private, 0x2000)}).size() == 1);

  play misaligned({psc_entry{make(to_private, 0x20'0000, true).raw + 0x10'0000}});  // by 1M
  CHECK(misaligned.run().decided_by == rule::GHCB_PSC_07);
}

TEST_CASE("a list is not done before its last entry", "[ghcb][GHCB-PSC-13]") {
  context<> ctx;
  layout::psc_header original;
  original.set_end_entry(3);
  layout::psc_header now = original;
  for (const std::uint16_t at : {std::uint16_t{3}, std::uint16_t{4}}) {
    now.set_cur_entry(at);
    CHECK(ghcb::check_psc_answer(ctx, 0, 0, original, original, now).next ==
          (at == 3 ? ghcb::psc_next::reissue : ghcb::psc_next::done));
  }
}
