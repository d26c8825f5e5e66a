// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <sevspec/ghcb/conversion_check.hpp>
#include <sevspec/ghcb/conversion_graph.hpp>
#include <sevspec/ghcb/page_conversion.hpp>
#include <sevspec/ghcb/rmp_host.hpp>
#include <sevspec/ghcb/validation_tracker.hpp>
#include <sevspec/rmp/access_check.hpp>
#include <sevspec/rmp/psmash.hpp>
#include <sevspec/rmp/pvalidate.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <sevspec/rmp/small_table.hpp>
#include <support/catch.hpp>

namespace {

using namespace sevspec;
using enum ghcb::conversion_step;
using enum ghcb::conversion_ending;
using enum ghcb::backing;

/// The machine's twin: a Reverse Map Table of three regions of two pages, nested tables, and the instructions.
/// gPA 0 is backed by page 0, or by page 2 after a remap. Page 4 is another page of the guest's, at gPA 4000h.
struct twin {
  static constexpr asid id{5};
  using table = rmp::small_table<6, 2>;
  context<> ctx;
  table rows;
  std::uint64_t backing_page = 0;
  bool elsewhere = false;
  bool wrong_leaf = false;
  bool held = false;
  bool mapped_private = true;
  bool foreign = false;

  explicit twin(const ghcb::conversion_state& from) {
    rows.put({4},
             {.assigned = true, .validated = true, .id = id, .guest = {0x4000}, .allowed = {rmp::all_permissions}});
    if (from.rmp != shared) {
      const auto made = rmp::rmpupdate(ctx, rows, {}, {}, {0}, rmp::private_state({0}, id, from.large));
      REQUIRE(made->succeeded());
      rmp::entry first = rows.entry_of({0});
      first.validated = from.rmp == validated;
      rows.put({0}, first);
    }
    elsewhere = from.elsewhere, wrong_leaf = from.wrong_leaf, held = from.held;
    mapped_private = from.mapped_private, foreign = from.foreign;
  }
  [[nodiscard]] auto entry() const -> rmp::entry { return rows.entry_of({backing_page}); }
  [[nodiscard]] auto state() const -> ghcb::conversion_state {
    const rmp::entry now = entry();
    return {.rmp = !now.assigned   ? shared
                   : now.validated ? validated
                                   : assigned,
            .large = now.large,
            .elsewhere = elsewhere,
            .wrong_leaf = wrong_leaf,
            .foreign = foreign,
            .held = held,
            .mapped_private = mapped_private};
  }
  [[nodiscard]] auto where() const -> spa { return {elsewhere ? 0x4000 : backing_page << 12}; }
  [[nodiscard]] auto leaf() const -> page_size {
    const bool large = (elsewhere ? false : entry().large) != wrong_leaf;
    return large ? page_size::k2m : page_size::k4k;
  }
  auto access(bool c, access_kind kind) -> ghcb::conversion_ending {
    const auto verdict = rmp::check_access(ctx, rows,
                                           {.where = where(),
                                            .guest = {0},
                                            .leaf = leaf(),
                                            .kind = kind,
                                            .c = c,
                                            .who = memory::owner_context::snp_guest,
                                            .id = id});
    using enum memory::ownership_verdict::kind;
    if (verdict.what == not_validated) return ghcb::conversion_ending::not_validated;
    if (verdict.what != allowed) return npf;
    if (!c) {
      const bool theirs = !rows.entry_of(page_of(where())).assigned;
      return theirs || kind == access_kind::write ? ok : wrong_data;
    }
    return foreign ? attackers_page : ok;
  }
  auto pvalidate(bool wanted, bool large) -> ghcb::conversion_ending {
    const auto translate = [&](gva linear) -> outcome<rmp::guest_page> {
      return rmp::guest_page{.linear = linear, .guest = {0}, .where = where(), .leaf = leaf(), .c = mapped_private};
    };
    const auto done = rmp::pvalidate(ctx, rows, {}, {.id = id, .snp_active = true},
                                     {{0}, large ? 1U : 0U, wanted ? 1U : 0U}, translate);
    if (!done) {
      if (done.error().kind == fault_kind::gp) return gp;
      return (done.error().code & paging::page_fault_code::sizem::mask) != 0 ? npf_size : npf;
    }
    if (done->eax == rmp::status::fail_sizemismatch) return size_mismatch;
    if (done->eax == rmp::status::fail_input) return bad_input;
    REQUIRE(done->succeeded());
    if (done->unchanged) return ok_unchanged;
    if (wanted && !held) foreign = false;
    held = wanted;
    return ok_changed;
  }
  auto host(layout::ghcb_psc_ops operation) -> bool {
    const bool large = entry().large;
    ghcb::rmp_host on(ctx, rows, {}, id, [&](gpa page) -> std::optional<spa> {
      if (page.value >= 0x2000) return std::nullopt;
      return spa{(backing_page << 12) + page.value};
    });
    const auto done = on.change_pages({.operation = operation,
                                       .first = {0},
                                       .pages = large ? 2U : 1U,
                                       .size = large ? page_size::k2m : page_size::k4k});
    return done.how == ghcb::page_progress::ending::complete;
  }
  auto play(ghcb::conversion_step step) -> ghcb::conversion_ending {
    switch (step) {
      case ask_private: {
        const bool was = entry().assigned;
        if (!host(layout::ghcb_psc_ops::private_)) return host_failed;
        if (!was) {
          foreign = held;
          elsewhere = wrong_leaf = false;
        }
        return ok;
      }
      case ask_shared:
        if (!host(layout::ghcb_psc_ops::shared)) return host_failed;
        elsewhere = wrong_leaf = false;
        return ok;
      case validate:       return pvalidate(true, false);
      case validate_2m:    return pvalidate(true, true);
      case rescind:        return pvalidate(false, false);
      case map_private:    mapped_private = true; return ok;
      case map_shared:     mapped_private = false; return ok;
      case access_private: return access(true, access_kind::write);
      case read_shared:    return access(false, access_kind::read);
      case write_shared:   return access(false, access_kind::write);
      case lie_private:
      case lie_shared:     return ok;
      case take_back:
        REQUIRE(host(layout::ghcb_psc_ops::shared));
        elsewhere = wrong_leaf = false;
        return ok;
      case remap:
        backing_page = 2;
        rows.put({2}, {});
        REQUIRE(rmp::rmpupdate(ctx, rows, {}, {}, {0x2000}, rmp::private_state({0}, id, false))->succeeded());
        elsewhere = wrong_leaf = false;
        foreign = held;
        return ok;
      case swap:   elsewhere = elsewhere || entry().validated; return ok;
      case resize: wrong_leaf = wrong_leaf || entry().assigned; return ok;
      case smash:
        if (entry().large) REQUIRE(rmp::psmash(ctx, rows, {}, {}, {backing_page << 12})->succeeded());
        wrong_leaf = false;
        return ok;
      case restore: elsewhere = wrong_leaf = false; return ok;
    }
    return ok;
  }
};

/// Every state there is, and some that cannot be reached.
auto all_states() -> std::vector<ghcb::conversion_state> {
  std::vector<ghcb::conversion_state> found;
  for (unsigned i = 0; i < 3 * 64; ++i) {
    const ghcb::conversion_state one{.rmp = static_cast<ghcb::backing>(i % 3),
                                     .large = (i / 3 & 1) != 0,
                                     .elsewhere = (i / 3 & 2) != 0,
                                     .wrong_leaf = (i / 3 & 4) != 0,
                                     .foreign = (i / 3 & 8) != 0,
                                     .held = (i / 3 & 16) != 0,
                                     .mapped_private = (i / 3 & 32) != 0};
    // What is shown elsewhere is a page of 4K, and so is what shows it.
    if (one.rmp == shared && (one.large || one.elsewhere || one.wrong_leaf)) continue;
    if (one.elsewhere && (one.large || one.wrong_leaf)) continue;
    found.push_back(one);
  }
  return found;
}

}  // namespace

TEST_CASE("each step in each state is what the instructions do", "[ghcb][PST-01][PST-02][PST-03][GHCB-PSC-16]") {
  unsigned steps = 0;
  for (const auto repeated : {same_page_state::no_change, same_page_state::fails})
    for (const auto no_c : {shared_operand::npf, shared_operand::gp, shared_operand::fail_input})
      for (const ghcb::conversion_state& from : all_states())
        for (unsigned i = 0; i < ghcb::conversion_steps; ++i) {
          const auto step = static_cast<ghcb::conversion_step>(i);
          if (from.elsewhere && step == resize) continue;  // one deceit at a time
          if (from.wrong_leaf && step == swap) continue;
          if (from.large && step == swap) continue;
          // In the twin the host's own notion of "already so" is the table's.
          context<> ctx;
          ctx.choices.psc_same_state = repeated;
          ctx.choices.rmpinsn_cbit0 = no_c;
          INFO(ghcb::describe(from) << ": " << name_of(step));
          twin other(from);
          other.ctx.choices = ctx.choices;
          if (step == take_back) other.ctx.choices.psc_same_state = same_page_state::no_change;
          const auto model = ghcb::convert(ctx, from, step);
          const auto ending = other.play(step);
          CHECK(std::string(name_of(model.ending)) == name_of(ending));
          CHECK(model.after == other.state());
          ++steps;
        }
  CHECK(steps > 5000);
}

TEST_CASE("the sheet's table of what goes wrong", "[ghcb][PST-01][PST-02]") {
  context<> ctx;
  const auto play = [&](ghcb::conversion_state state, std::vector<ghcb::conversion_step> steps) {
    ghcb::conversion_result last;
    for (const auto step : steps) {
      last = ghcb::convert(ctx, state, step);
      state = last.after;
    }
    return last;
  };
  const ghcb::conversion_state s{}, pa{.rmp = assigned}, pv{.rmp = validated, .held = true};
  using enum ghcb::noticed_by;
  CHECK(play(s, {access_private}).ending == npf);
  CHECK(play(s, {access_private}).noticed == hardware);
  CHECK(play(pa, {access_private}).ending == not_validated);
  CHECK(play(pa, {access_private}).noticed == guest);
  CHECK(play(s, {validate}).ending == npf);
  CHECK(play(pv, {ask_shared}).guest_objects);
  CHECK(play(pv, {ask_shared, rescind}).ending == npf);
  CHECK(play(pv, {map_shared}).guest_objects);
  CHECK(play(pv, {map_shared, rescind}).ending == npf);
  CHECK(play(s, {lie_private, validate}).ending == npf);
  CHECK(play(pv, {rescind, lie_shared, map_shared, write_shared}).ending == npf);
  CHECK(play(pv, {rescind, lie_shared, map_shared, read_shared}).ending == wrong_data);
  CHECK(play(pv, {take_back, ask_private, access_private}).ending == not_validated);
  CHECK(play(pv, {remap, validate}).ending == ok_changed);  // CF=0: hardware cannot tell
  CHECK(play(pv, {remap, validate}).guest_objects);         // the guest's notes can
  CHECK(play(pv, {remap, validate, access_private}).ending == attackers_page);
  CHECK(play(pa, {validate, validate}).ending == ok_unchanged);
  CHECK(play(pv, {swap, access_private}).ending == npf);
  CHECK(play(pv, {resize, access_private}).ending == npf);
  CHECK(play(pv, {resize, restore, access_private}).ending == ok);
}

TEST_CASE("no guest with notes ends on an attacker's page", "[ghcb][PST-01]") {
  context<> ctx;
  const auto all = ghcb::explore_conversion(ctx, {}, ghcb::conversion_scope::everything);
  unsigned attacked = 0;
  for (const auto& edge : all.edges) attacked += edge.to.ending == attackers_page ? 1U : 0U;
  CHECK(attacked > 0);  // a guest without notes does
  // Leave out what such a guest does not do: nothing leads there any longer.
  std::vector<ghcb::conversion_state> reached{ghcb::conversion_state{}};
  for (std::size_t at = 0; at < reached.size(); ++at)
    for (const auto& edge : all.edges) {
      if (edge.from != reached[at] || (edge.to.guest_objects && !ghcb::is_hypervisors(edge.step))) continue;
      CHECK(edge.to.ending != attackers_page);
      if (std::ranges::find(reached, edge.to.after) == reached.end()) reached.push_back(edge.to.after);
    }
  CHECK(reached.size() > 5);
  // Without PST-01 it does.
  context<all_rules_but<rule::PST_01>> careless;
  ghcb::conversion_state state{.rmp = validated, .held = true};
  for (const auto step : {remap, validate}) {
    const auto done = ghcb::convert(careless, state, step);
    CHECK_FALSE(done.guest_objects);
    state = done.after;
  }
  CHECK(ghcb::convert(careless, state, access_private).ending == attackers_page);
}

TEST_CASE("the graph as a picture", "[ghcb][PST-01][PST-02]") {
  context<> ctx;
  const auto plain = ghcb::explore_conversion(ctx, {}, ghcb::conversion_scope::in_order);
  CHECK(plain.states.size() == 5);  // S and PA with either mapping, PV
  const std::string dot = ghcb::to_dot(plain);
  CHECK(dot.starts_with("digraph page_conversion {"));
  CHECK(dot.ends_with("}\n"));
  CHECK(dot.find("PV held C=1") != std::string::npos);
  CHECK(dot.find("PVALIDATE(1): ok:CF0") != std::string::npos);
  CHECK(dot.find("color=red") == std::string::npos);
  const auto mistakes = ghcb::explore_conversion(ctx, {}, ghcb::conversion_scope::guest_mistakes);
  const auto all = ghcb::explore_conversion(ctx, {}, ghcb::conversion_scope::everything);
  CHECK(plain.states.size() < mistakes.states.size());
  CHECK(mistakes.states.size() < all.states.size());
  CHECK(all.edges.size() == all.states.size() * ghcb::conversion_steps);
  CHECK(ghcb::to_dot(all).find("X foreign") != std::string::npos);
}

TEST_CASE("the guest's notes", "[ghcb][PST-01][PST-02][PST-03]") {
  context<> ctx;
  ghcb::validation_tracker pages;
  using enum ghcb::validation_verdict;
  const gpa page{0x20'0000};
  CHECK(pages.may_validate(ctx, page, 512));
  CHECK(pages.after_pvalidate(ctx, page, 512, true, {.eax = rmp::status::fail_sizemismatch}) == use_4k);
  CHECK_FALSE(pages.holds(page));
  CHECK(pages.after_pvalidate(ctx, page, 1, true, {}) == done);
  CHECK(pages.holds(page));
  CHECK_FALSE(pages.may_validate(ctx, page));
  CHECK_FALSE(pages.may_validate(ctx, gpa{0x1f'f000}, 2));
  CHECK(pages.may_validate(ctx, gpa{0x20'1000}));
  CHECK(pages.after_pvalidate(ctx, gpa{0x20'1000}, 1, true, {.unchanged = true}) == terminate);
  CHECK_FALSE(pages.holds(gpa{0x20'1000}));
  CHECK(pages.after_pvalidate(ctx, gpa{0x20'1000}, 1, true, {.eax = rmp::status::fail_input}) == terminate);
  CHECK(pages.after_pvalidate(ctx, gpa{0x20'1000}, 1, true, {.eax = rmp::status::fail_sizemismatch}) == terminate);
  CHECK(pages.after_pvalidate(ctx, page, 1, false, {.unchanged = true}) == terminate);
  CHECK(pages.after_pvalidate(ctx, page, 1, false, {}) == done);
  CHECK(pages.may_validate(ctx, page));
  // A large page is 512 notes.
  CHECK(pages.after_pvalidate(ctx, page, 512, true, {}) == done);
  for (std::uint64_t i = 0; i < 512; ++i) CHECK(pages.holds(page + (i << 12)));
  CHECK_FALSE(pages.holds(gpa{0x1f'f000}));
  CHECK_FALSE(pages.holds(gpa{0x40'0000}));
  CHECK_FALSE(pages.may_validate(ctx, gpa{0x3f'f000}));
  CHECK(pages.after_pvalidate(ctx, gpa{0x3f'f000}, 1, false, {}) == done);
  CHECK(pages.may_validate(ctx, gpa{0x3f'f000}));
  CHECK(pages.after_pvalidate(ctx, page, 512, false, {}) == done);
  CHECK(pages == ghcb::validation_tracker{});
}

namespace {

using ghcb::guest_deed;
using ghcb::guest_event;
using ghcb::host_deed;
using ghcb::host_event;

struct traces {
  std::vector<guest_event> guest;
  std::vector<host_event> host;
  auto did(guest_deed what, std::optional<rmp::result> result = {}) -> traces& {
    if (!result && (what == guest_deed::validates || what == guest_deed::rescinds)) result = rmp::result{};
    guest.push_back({0, gpa{0x1000}, what, result});
    return *this;
  }
  auto served(host_deed what) -> traces& {
    host.push_back({0, gpa{0x1000}, what});
    return *this;
  }
  auto check(ghcb::conversion_setup setup = {}) -> std::vector<ghcb::conversion_finding> {
    context<> ctx;
    CHECK(ghcb::number_by_exchanges(guest, host));
    return ghcb::check_conversions(ctx, setup, guest, host);
  }
};
auto to_private() -> traces {
  traces t;
  t.did(guest_deed::maps_private).did(guest_deed::asks_private).did(guest_deed::validates).did(guest_deed::evicts);
  t.did(guest_deed::initialises).did(guest_deed::grants).did(guest_deed::reads);
  t.served(host_deed::assigns).served(host_deed::answers_private);
  return t;
}
auto there_and_back() -> traces {
  traces t = to_private();
  t.did(guest_deed::revokes).did(guest_deed::rescinds).did(guest_deed::asks_shared).did(guest_deed::maps_shared);
  t.did(guest_deed::flushes).did(guest_deed::uses_shared);
  t.served(host_deed::shares).served(host_deed::answers_shared);
  return t;
}

}  // namespace

TEST_CASE("traces in order have no findings", "[ghcb][PST-01][PST-02]") { CHECK(there_and_back().check().empty()); }

TEST_CASE("every guest step that is left out is found, and by the right rule", "[ghcb][PST-01][PST-02]") {
  const traces whole = there_and_back();
  const std::set<guest_deed> harmless{guest_deed::grants, guest_deed::reads, guest_deed::uses_shared};
  for (std::size_t i = 0; i < whole.guest.size(); ++i) {
    const guest_deed left_out = whole.guest[i].what;
    if (left_out == guest_deed::asks_private || left_out == guest_deed::asks_shared) continue;  // see below
    INFO("without step " << i);
    traces t = whole;
    t.guest.erase(t.guest.begin() + static_cast<std::ptrdiff_t>(i));
    const auto found = t.check();
    CHECK(found.empty() == harmless.contains(left_out));
    if (!found.empty()) CHECK(found.front().decided_by == (i < 7 ? rule::PST_01 : rule::PST_02));
  }
}

TEST_CASE("every two guest steps that change places are found", "[ghcb][PST-01][PST-02]") {
  const traces whole = there_and_back();
  unsigned found = 0;
  for (std::size_t i = 0; i + 1 < whole.guest.size(); ++i) {
    traces t = whole;
    std::swap(t.guest[i], t.guest[i + 1]);
    // These commute: two ways to touch a page that is ready, and what revoking and reading have to do with it.
    const auto first = whole.guest[i].what;
    const bool commutes = first == guest_deed::grants || first == guest_deed::reads;
    INFO("steps " << i << " and " << i + 1);
    CHECK(t.check().empty() == commutes);
    found += t.check().empty() ? 0U : 1U;
  }
  CHECK(found >= 10);
}

TEST_CASE("what the host does wrong is the host's", "[ghcb][PST-01][PST-02]") {
  const auto of = [](traces t) {
    const auto found = t.check();
    REQUIRE_FALSE(found.empty());
    return found.front();
  };
  traces lies = to_private();
  lies.host.erase(lies.host.begin());
  CHECK(of(lies).side == ghcb::trace_side::host);
  CHECK(of(lies).noticed == ghcb::noticed_by::hardware);
  traces keeps = there_and_back();
  keeps.host.erase(keeps.host.begin() + 2);
  CHECK(of(keeps).side == ghcb::trace_side::host);
  CHECK(of(keeps).decided_by == rule::PST_02);
  traces takes = to_private();
  takes.served(host_deed::shares);
  CHECK(of(takes).noticed == ghcb::noticed_by::guest);
  traces remaps = to_private();
  remaps.served(host_deed::remaps);
  CHECK(of(remaps).decided_by == rule::PST_01);

  // A guest that validates again after that is found as well.
  traces again = to_private();
  again.served(host_deed::remaps);
  context<> ctx;
  REQUIRE(ghcb::number_by_exchanges(again.guest, again.host));
  again.guest.push_back({1000, gpa{0x1000}, guest_deed::validates, rmp::result{}});
  const auto found = ghcb::check_conversions(ctx, {}, again.guest, again.host);
  REQUIRE(found.size() == 2);
  CHECK(found[1].side == ghcb::trace_side::guest);
  // CF=1, and it goes on.
  traces unchanged = to_private();
  unchanged.guest[2].result = rmp::result{.unchanged = true};
  CHECK(of(unchanged).decided_by == rule::PST_01);

  traces odd = to_private();
  odd.host[1].what = host_deed::answers_shared;
  CHECK_FALSE(ghcb::number_by_exchanges(odd.guest, odd.host));
  odd.host.clear();
  CHECK_FALSE(ghcb::number_by_exchanges(odd.guest, odd.host));
  traces launched;
  launched.did(guest_deed::reads).did(guest_deed::validates);
  CHECK(launched.check({.validated_at_launch = {gpa{0x1000}}}).size() == 1);
}

TEST_CASE("a page that comes back must be written again", "[ghcb][PST-01]") {
  for (const bool writes_first : {false, true}) {
    traces t = there_and_back();
    t.did(guest_deed::maps_private).did(guest_deed::asks_private).did(guest_deed::validates).did(guest_deed::evicts);
    if (writes_first) t.did(guest_deed::initialises);
    t.did(guest_deed::reads);
    t.served(host_deed::assigns).served(host_deed::answers_private);
    const auto found = t.check();
    CHECK(found.size() == (writes_first ? 0 : 1));
    if (!found.empty()) CHECK(std::string(found[0].text) == "reads what nobody has written");
  }
  // Caches and permissions count anew as well.
  for (const bool evicts : {false, true}) {
    traces t = there_and_back();
    t.did(guest_deed::maps_private).did(guest_deed::asks_private).did(guest_deed::validates);
    if (evicts) t.did(guest_deed::evicts);
    t.did(guest_deed::initialises).did(guest_deed::rescinds);
    t.served(host_deed::assigns).served(host_deed::answers_private);
    CHECK(t.check().empty() == evicts);
  }
}

TEST_CASE("a host that does what a guest asks too early is not to blame", "[ghcb][PST-02]") {
  // PVALIDATE(0) is left out, or comes behind the request.
  for (const bool late : {false, true}) {
    traces t = there_and_back();
    const auto rescinds = t.guest.begin() + 8;
    REQUIRE(rescinds->what == guest_deed::rescinds);
    if (late) std::swap(rescinds[0], rescinds[1]);
    else t.guest.erase(rescinds);
    const auto found = t.check();
    REQUIRE_FALSE(found.empty());
    for (const auto& one : found) CHECK(one.side == ghcb::trace_side::guest);
    CHECK(std::string(found[0].text) == "gives a page away before it has given it up");
  }
  // Nobody asked: the host's, however often, and whatever the guest does next.
  for (const bool goes_on : {false, true}) {
    context<> ctx;
    traces t = to_private();
    REQUIRE(ghcb::number_by_exchanges(t.guest, t.host));
    t.host.push_back({1000, gpa{0x1000}, host_deed::shares});
    t.host.push_back({1001, gpa{0x1000}, host_deed::shares});
    if (goes_on) {
      t.guest.push_back({1002, gpa{0x1000}, guest_deed::reads});
      t.guest.push_back({1003, gpa{0x1000}, guest_deed::asks_shared});
    }
    const auto found = ghcb::check_conversions(ctx, {}, t.guest, t.host);
    REQUIRE(found.size() == (goes_on ? 2 : 1));
    CHECK(found[0].side == ghcb::trace_side::host);
    CHECK(found[0].time == 1000);
  }
  // A request for another page explains nothing.
  context<> ctx;
  traces t = to_private();
  REQUIRE(ghcb::number_by_exchanges(t.guest, t.host));
  t.host.push_back({1000, gpa{0x1000}, host_deed::shares});
  t.guest.push_back({1001, gpa{0x5000}, guest_deed::asks_shared});
  CHECK(ghcb::check_conversions(ctx, {}, t.guest, t.host).size() == 1);
}
