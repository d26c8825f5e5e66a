// SPDX-License-Identifier: MIT
// Whatever a guest or a hypervisor says in the GHCB protocols: there is a specified answer, or an end.
#include <rapidcheck.h>

#include <array>
#include <set>
#include <tuple>
#include <vector>

#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <support/ghcb_facts.hpp>

#include "../property.hpp"

namespace {

using namespace sevspec;
using namespace sevspec::test;

auto any_msr() -> rc::Gen<std::uint64_t> {
  return rc::gen::exec([] {
    const auto data = *rc::gen::weightedOneOf<std::uint64_t>(
        {{2, rc::gen::arbitrary<std::uint64_t>()},
         {2, rc::gen::map(rc::gen::inRange<std::uint64_t>(0, 1u << 20), [](std::uint64_t v) { return v << 12; })},
         {1, rc::gen::map(rc::gen::inRange<std::uint64_t>(0, 256), [](std::uint64_t v) { return v << 32; })},
         {1, rc::gen::map(rc::gen::inRange<std::uint64_t>(0, 16), [](std::uint64_t v) { return v << 52 | 0x5000; })}});
    const auto code = *rc::gen::weightedOneOf<std::uint64_t>(
        {{6, rc::gen::element<std::uint64_t>(0, 1, 2, 3, 4, 5, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17,
                                             0x80, 0x81, 0x100, 0xf00)},
         {1, rc::gen::inRange<std::uint64_t>(0, 0x1000)}});
    return (data & ~std::uint64_t{0xfff}) | code;
  });
}

auto any_page() -> rc::Gen<layout::ghcb> {
  return rc::gen::exec([] {
    layout::ghcb page;
    const bool noisy = *rc::gen::arbitrary<bool>();
    if (noisy)
      for (auto& byte : page.bytes()) byte = *rc::gen::arbitrary<std::uint8_t>();
    page.set_ghcb_usage(*rc::gen::weightedElement<std::uint32_t>({{9, 0}, {1, 1}}));
    const auto& event = ghcb::nae_events[*rc::gen::resize(
        rc::kNominalSize, rc::gen::inRange<std::size_t>(0, std::size(ghcb::nae_events)))];
    const auto code = *rc::gen::weightedOneOf<std::uint64_t>(
        {{15, rc::gen::just(std::to_underlying(event.code))}, {1, rc::gen::arbitrary<std::uint64_t>()}});
    layout::write_le(page.data() + 0x390, code);
    const auto small = [] {
      return *rc::gen::weightedOneOf<std::uint64_t>(
          {{4, rc::gen::inRange<std::uint64_t>(0, 0x300)},
           {2, rc::gen::map(rc::gen::inRange<std::uint64_t>(0, 0x1000), [](std::uint64_t v) { return v << 12; })},
           {1, rc::gen::map(rc::gen::inRange<std::uint64_t>(0, 16), [](std::uint64_t v) { return v << 32 | 1; })},
           {1, rc::gen::arbitrary<std::uint64_t>()}});
    };
    page.set_sw_exit_info_1({small()});
    page.set_sw_exit_info_2(small());
    page.set_sw_scratch(*rc::gen::weightedOneOf<std::uint64_t>(
        {{3, rc::gen::map(rc::gen::inRange<std::uint64_t>(0x7f8, 0x1000),
                          [](std::uint64_t v) { return ghcb_world::page_at + v; })},
         {1, rc::gen::inRange<std::uint64_t>(0, 0x10'0000)},
         {1, rc::gen::arbitrary<std::uint64_t>()}}));
    page.set_rax(small());
    page.set_rbx(small());
    page.set_rcx(small());
    // A bitmap that is right, nearly right, or anything.
    ghcb::field_set needed = ghcb::required_fields(event, page);
    needed.lo |= ghcb::always_required.lo;
    needed.hi |= ghcb::always_required.hi;
    const auto kind = *rc::gen::weightedElement<int>({{6, 0}, {2, 1}, {2, 2}});
    if (kind == 1)
      (*rc::gen::arbitrary<bool>() ? needed.lo : needed.hi) ^= std::uint64_t{1} << *rc::gen::inRange(0, 64);
    if (kind == 2) needed.lo = *rc::gen::arbitrary<std::uint64_t>(), needed.hi = *rc::gen::arbitrary<std::uint64_t>();
    layout::write_le(page.data() + 0x3f0, needed.lo);
    layout::write_le(page.data() + 0x3f8, needed.hi);
    return page;
  });
}

auto any_entries() -> rc::Gen<std::vector<layout::psc_entry>> {
  return rc::gen::exec([] {
    std::vector<layout::psc_entry> list(*rc::gen::inRange<std::size_t>(1, 12));
    for (auto& entry : list) {
      const bool large = *rc::gen::arbitrary<bool>();
      const std::uint64_t region = *rc::gen::weightedElement<std::uint64_t>({{9, 0}, {9, 1}, {9, 2}, {9, 3}, {1, 6}});
      const std::uint64_t frame = region * 512 + (large ? 0 : *rc::gen::inRange<std::uint64_t>(0, 4));
      entry = layout::psc_entry{}.set_gfn(frame).set_page_size(large).set_operation(static_cast<layout::ghcb_psc_ops>(
          *rc::gen::weightedElement<std::uint32_t>({{6, 1}, {6, 2}, {1, 3}, {1, 4}, {1, 5}})));
      if (large && *rc::gen::inRange(0, 4) == 0) entry.set_cur_page(*rc::gen::inRange<std::uint32_t>(0, 514));
      if (*rc::gen::inRange(0, 12) == 0) entry.raw = *rc::gen::arbitrary<std::uint64_t>();
    }
    return list;
  });
}

void all_well(const char* wrong) {
  if (wrong != nullptr) RC_FAIL(std::string("not so: ") + wrong);
}

auto any_choices() -> implementation_choices {
  implementation_choices choices;
  choices.ghcb_reason_strict = *rc::gen::arbitrary<bool>();
  choices.ghcb_extra_outputs = *rc::gen::arbitrary<bool>();
  choices.ghcb_check_version = *rc::gen::arbitrary<bool>();
  choices.doorbell_failure_drops = *rc::gen::arbitrary<bool>();
  choices.ghcb_gp_error_code = *rc::gen::arbitrary<bool>();
  choices.ghcb_msr_unknown =
      *rc::gen::arbitrary<bool>() ? unknown_msr_request::stops_vm : unknown_msr_request::left_alone;
  return choices;
}

/// A guest's pages while guest and hypervisor do anything, and what the guest has validated and the hypervisor left alone.
struct shared_life {
  psc_play play;
  std::set<std::uint64_t> sound;  ///< frames

  /// Whose a page is, and where its guest sees it.
  [[nodiscard]] static auto place(const psc_play::entry_table& table, std::uint64_t frame)
      -> std::tuple<bool, asid, std::uint64_t> {
    const rmp::entry found = rmp::authoritative_entry(table, {frame});
    return {found.assigned, found.id, found.guest.value + (found.large ? (frame & 511) << 12 : 0)};
  }
  /// The host does something; the guest cannot know what.
  template <class Act>
  void host(const Act& act) {
    const psc_play::entry_table before = play.table;
    act();
    std::erase_if(sound, [&](std::uint64_t frame) { return place(before, frame) != place(play.table, frame); });
  }
  /// PVALIDATE; the guest believes what it says.
  auto validate(context<>& ctx, std::uint64_t frame, bool large, bool wanted) -> bool {
    const page_size size = large ? page_size::k2m : page_size::k4k;
    const auto done = rmp::pvalidate(ctx, play.table, {}, {.id = {5}, .snp_active = true},
                                     {.where = {frame << 12}, .size = large ? 1U : 0U, .validated = wanted ? 1U : 0U},
                                     [&](gva where) -> outcome<rmp::guest_page> {
                                       return rmp::guest_page{where, {where.value}, {where.value}, size, size};
                                     });
    if (!done || !done->succeeded()) return false;
    for (std::uint64_t i = 0; i < (large ? 512U : 1U); ++i)
      if (wanted) sound.insert(frame + i);
      else sound.erase(frame + i);
    return true;
  }
  [[nodiscard]] auto readable(context<>& ctx, std::uint64_t frame, page_size leaf) const -> bool {
    return rmp::check_access(ctx, play.table,
                             {.where = {frame << 12},
                              .guest = {frame << 12},
                              .leaf = leaf,
                              .kind = access_kind::read,
                              .c = true,
                              .who = memory::owner_context::snp_guest,
                              .id = {5}})
               .what == memory::ownership_verdict::kind::allowed;
  }
};

}  // namespace

TEST_CASE("an unvalidated page is never readable", "[ghcb][property][GHCB-PSC-16][PST-01][PST-02]") {
  tally classes;
  property("lives of pages", 300, [&] {
    context<> ctx;
    shared_life life;
    const auto steps = *rc::gen::inRange(1, 12);
    for (int i = 0; i < steps; ++i) {
      const auto what = *rc::gen::weightedElement<int>({{3, 0}, {5, 1}, {1, 2}});
      if (what == 0) {
        const auto entries = *any_entries();
        const auto budget = *rc::gen::inRange<std::uint64_t>(1, 3000);
        life.host([&] {
          life.play.entries = entries;
          life.play.header = {};
          life.play.header.set_end_entry(static_cast<std::uint16_t>(entries.size() - 1));
          (void)life.play.run(ctx, budget);
        });
      } else {
        const bool large = *rc::gen::arbitrary<bool>();
        const auto region = *rc::gen::inRange<std::uint64_t>(0, 4);
        const auto inside = *rc::gen::inRange<std::uint64_t>(0, 4);
        const std::uint64_t frame = region * 512 + (large ? 0 : inside);
        const bool to_guest = *rc::gen::weightedElement<bool>({{3, true}, {1, false}});
        if (what == 1) classes.add("validated", life.validate(ctx, frame, large, to_guest) && to_guest);
        else
          life.host([&] {
            const rmp::new_state wanted =
                to_guest ? rmp::private_state(gpa{frame << 12}, {5}, large) : rmp::new_state{};
            (void)rmp::rmpupdate(ctx, life.play.table, {}, {}, spa{frame << 12}, wanted);
          });
      }
      for (std::uint64_t region = 0; region < 4; ++region)
        for (const std::uint64_t inside : {0U, 1U, 2U, 3U, 511U})
          for (const page_size leaf : {page_size::k4k, page_size::k2m}) {
            const bool readable = life.readable(ctx, region * 512 + inside, leaf);
            classes.add("readable", readable);
            classes.add("not readable", !readable);
            RC_ASSERT(!readable || life.sound.contains(region * 512 + inside));
          }
    }
    classes.add("taken away", life.sound.empty());
  });
  check_none_empty("lives of pages", classes, {"validated", "readable", "not readable", "taken away"});
}

TEST_CASE("any value of the MSR has an answer, on both sides", "[ghcb][property]") {
  tally classes;
  property("requests", 5000, [&] {
    context<> ctx{.choices = any_choices()};
    ghcb_world world;
    world.vm.config.snp = *rc::gen::arbitrary<bool>();
    if (*rc::gen::arbitrary<bool>()) world.cpu().at[2].vmsa = gpa{0x5000};
    for (const std::uint64_t value : *rc::gen::container<std::vector<std::uint64_t>>(any_msr())) {
      if (world.vm.stopped) break;
      all_well(fact_against_msr_exit(ctx, world, value));
      classes.add(world.vm.stopped ? "stopped" : "resumed");
      classes.add("unchanged", world.cpu().here().msr == value);
    }
  });
  property("answers", 5000, [&] {
    context<> ctx;
    const auto request = ghcb::decode_msr(*any_msr());
    if (!request || !ghcb::response_code(ghcb::msr_code(ghcb::encode_msr(request->what)))) return;
    const auto right = ghcb::response_code(ghcb::msr_code(ghcb::encode_msr(request->what)));
    std::uint64_t answer = *any_msr();
    if (*rc::gen::arbitrary<bool>()) answer = (answer & ~std::uint64_t{0xfff}) | std::to_underlying(*right);
    all_well(fact_against_msr_answer(ctx, request->what, answer));
    classes.add("answers");
  });
  check_none_empty("MSR values", classes, {"stopped", "resumed", "unchanged", "answers"});
}

TEST_CASE("any page has an answer, on both sides", "[ghcb][property]") {
  tally classes;
  property("pages", 3000, [&] {
    context<> ctx{.choices = any_choices()};
    ghcb_world world;
    world.vm.config.snp = *rc::gen::weightedElement<bool>({{9, true}, {1, false}});
    world.vm.config.highest_version = *rc::gen::weightedElement<std::uint16_t>({{9, 2}, {1, 1}});
    world.env.end_of_memory = 0x800'0000;
    world.env.hidden = {1, 3, 5};
    world.env.certificate_pages = *rc::gen::inRange<std::uint64_t>(0, 3);
    world.cpu().at[1].vmsa = gpa{0x5000};
    const layout::ghcb page = *any_page();
    all_well(fact_against_page_exit(ctx, world, page));
    if (world.vm.stopped) return classes.add("stopped");
    const auto info_1 = world.info_1();
    classes.add(info_1 == 0 ? "done" : info_1 == 1 ? "exception" : "reason " + std::to_string(world.info_2()));
  });
  check_none_empty("pages", classes,
                   {"stopped", "done", "exception", "reason 2", "reason 3", "reason 4", "reason 5", "reason 6"});
}

TEST_CASE("page state change: the same work at once, in pieces, and again",
          "[ghcb][property][GHCB-PSC-03][GHCB-PSC-13]") {
  tally classes;
  property("lists", 300, [&] {
    context<> ctx;
    const auto entries = *any_entries();
    const auto budget = *rc::gen::inRange<std::uint64_t>(1, 700);
    all_well(fact_against_psc(ctx, entries, budget));
    psc_play play;
    play.entries = entries;
    play.header.set_end_entry(static_cast<std::uint16_t>(entries.size() - 1));
    const auto result = play.run(ctx, ~std::uint64_t{});
    classes.add(result.info_2 == 0 ? "success" : result.info_2 >> 32 == 1 ? "invalid entry" : "host failure");
  });
  check_none_empty("lists", classes, {"success", "invalid entry", "host failure"});
}

TEST_CASE("page state change: resumable at every index", "[ghcb][property][GHCB-PSC-03][GHCB-PSC-09]") {
  context<> ctx;
  std::vector<layout::psc_entry> entries;
  for (std::uint64_t i = 0; i < 6; ++i)
    entries.push_back(layout::make_psc_entry(i % 3 == 2 ? layout::ghcb_psc_ops::shared : layout::ghcb_psc_ops::private_,
                                             gpa{i * 0x20'0000}, i % 2 == 0 ? page_size::k2m : page_size::k4k));
  psc_play whole;
  whole.entries = entries;
  whole.header.set_end_entry(5);
  REQUIRE(whole.run(ctx, ~std::uint64_t{}).info_2 == 0);
  // Stopped in front of every entry, and inside every large one.
  for (unsigned stop = 0; stop < 6; ++stop)
    for (const std::uint32_t inside : {0U, 1U, 255U, 511U}) {
      if (inside != 0 && !entries[stop].page_size()) continue;
      psc_play pieces;
      pieces.entries = entries;
      pieces.header.set_end_entry(static_cast<std::uint16_t>(stop));
      if (inside != 0) {
        std::vector<layout::psc_entry> smaller(pieces.entries.begin(), pieces.entries.begin() + stop + 1);
        ghcb_environment env;
        env.budget = 0;
        for (unsigned i = 0; i < stop; ++i) env.budget += entries[i].page_size() ? 512U : 1U;
        env.budget += inside;
        std::uint64_t skipped = 0;
        env.host = [&](const ghcb::page_change& change) -> ghcb::page_progress {
          ghcb::rmp_host host(ctx, pieces.table, {}, asid{5}, [](gpa page) { return std::optional{spa{page.value}}; });
          ghcb::page_change part = change;
          if (skipped + part.pages > env.budget) {
            part.pages = env.budget - skipped;
            part.size = page_size::k4k;
            (void)host.change_pages(part);
            return {part.pages, ghcb::page_progress::ending::paused};
          }
          skipped += part.pages;
          return host.change_pages(part);
        };
        REQUIRE(ghcb::change_page_states(ctx, pieces.header, smaller, env).info_2 == 0);
        for (unsigned i = 0; i <= stop; ++i) pieces.entries[i] = smaller[i];
        CHECK(pieces.header.cur_entry() == stop);
        CHECK(pieces.entries[stop].cur_page() == inside);
      } else {
        REQUIRE(pieces.run(ctx, ~std::uint64_t{}).info_2 == 0);
        CHECK(pieces.header.cur_entry() == stop + 1);
      }
      pieces.header.set_end_entry(5);
      REQUIRE(pieces.run(ctx, ~std::uint64_t{}).info_2 == 0);
      CHECK(pieces.header == whole.header);
      CHECK(pieces.states() == whole.states());
    }
}
