// SPDX-License-Identifier: MIT
// Any sequence of commands: what can never happen.
#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include <rapidcheck.h>

#include <support/firmware_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using gstate = layout::sev_guest_state;
using firmware::context_state;
using memory::asid_state;

/// One thing somebody does: `what` of a list, on a few guests, ASIDs and pages.
struct action {
  std::uint32_t what = 0;
  std::uint32_t who = 0;
  std::uint32_t id = 0;
};

auto contexts_at(std::uint32_t who) -> std::uint64_t { return gctx_at + (who % 3) * 0x1000; }
auto guest_page_of(std::uint32_t id) -> std::uint64_t { return page_at_2m + (id % 4) * 0x1000; }

/// Does it; whatever it answers.
auto act(world& w, const action& one) -> fw {
  using enum command_id;
  const std::uint32_t handle = 1 + one.who % 3;
  const std::uint32_t id = one.id % 10;
  const std::uint64_t context = contexts_at(one.who);
  switch (one.what % 28) {
    case 0:  return w.launch_start(one.id % 4 == 0 ? es_policy : plain_policy, one.id % 5 == 0 ? handle : 0);
    case 1:  return w.activate(handle, id);
    case 2:  return w.activate_ex(handle, id, {one.id % 2});
    case 3:  return w.by_handle(deactivate, handle);
    case 4:  return w.by_handle(decommission, handle);
    case 5:  return w.update(handle);
    case 6:  return w.measure(handle);
    case 7:  return w.by_handle(launch_finish, handle);
    case 8:  return w.send_start(handle);
    case 9:  return w.by_handle(one.id % 2 == 0 ? send_finish : send_cancel, handle);
    case 10: return w.post(df_flush);
    case 11: return w.post(snp_df_flush);
    case 12: firmware::note_wbinvd(w.m, one.id % 2); return fw::success;
    case 13: return one.id % 4 == 0 ? w.post(shutdown) : fw::success;
    case 14: return w.init(one.id % 2 == 0);
    case 15: return w.snp_launch_start(context, snp_policy);
    case 16: return w.snp_activate(context, id);
    case 17: return w.snp_activate_ex(context, id, {one.id % 2});
    case 18: return w.word(snp_decommission, context);
    case 19: return w.word(snp_gctx_create, context);
    case 20: return w.snp_update(guest_page_of(one.id), 1 + one.id % 5, context);
    case 21: return w.snp_finish(context);
    case 22: return w.word(snp_page_reclaim, one.id % 2 == 0 ? context : guest_page_of(one.id));
    case 23: {
      recording_context& ctx = w.ctx;
      const bool to_guest = one.id % 3 != 0;
      const std::uint64_t where = to_guest ? guest_page_of(one.id) : context;
      static_cast<void>(rmp::rmpupdate(ctx, w.m.rmp, {}, {}, {where},
                                       {.assigned = one.who % 5 != 0,
                                        .immutable = one.who % 5 != 0,
                                        .id = {to_guest && one.who % 5 != 0 ? 1 + id % 5 : 0},
                                        .guest = {to_guest ? 0x8000 + where % 0x10000 : 0}}));
      return fw::success;
    }
    case 24: return w.copy(handle, 0x10'0000, 0x20'0000);
    case 25: return w.debug(dbg_decrypt, handle, 0x10'0000, 0x30'0000);
    case 26: return w.swap_out(handle, 0x10'0000, 0x40'0000, 0x50'0000);
    default: return w.snp_move(guest_page_of(one.id), guest_page_of(one.id + 1), context);
  }
}

/// ASIDs of all guests, by the key that is behind them.
auto owners(const world& w) -> std::multimap<std::uint32_t, std::array<std::uint8_t, 32>> {
  std::multimap<std::uint32_t, std::array<std::uint8_t, 32>> found;
  for (const auto& [handle, guest] : w.m.sp.guests)
    if (guest.slot.id != host_asid) found.emplace(guest.slot.id.value, guest.vek);
  for (const auto& [page, guest] : w.m.sp.contexts)
    if (guest.slot.id != host_asid) found.emplace(guest.slot.id.value, guest.vek);
  return found;
}

void check_asids(const world& w) {
  const auto owned = owners(w);
  for (std::uint32_t id = 1; id <= 15; ++id) {
    RC_ASSERT(owned.count(id) <= 1);
    for (std::uint32_t i = 0; i < 2; ++i) {
      const asid_state state = w.m.asids.state_of({id}, {i});
      const bool bound = state == asid_state::allocated || state == asid_state::in_use;
      RC_ASSERT(!bound || owned.count(id) == 1);
      RC_ASSERT(w.m.asids.is_valid({id}, {i}) == (state == asid_state::in_use));
    }
  }
}

/// States of guests, to see which steps they take.
struct stages {
  std::map<std::uint32_t, gstate> legacy;
  std::map<std::uint64_t, context_state> snp;
};
auto stages_of(const world& w) -> stages {
  stages found;
  for (const auto& [handle, guest] : w.m.sp.guests) found.legacy[handle] = guest.state;
  for (const auto& [page, guest] : w.m.sp.contexts) found.snp[page] = guest.state;
  return found;
}
void check_steps(const stages& before, const stages& after) {
  for (const auto& [handle, state] : after.legacy) {
    if (state != gstate::running) continue;
    const auto was = before.legacy.find(handle);
    RC_ASSERT(was != before.legacy.end());
    RC_ASSERT(was->second == gstate::running || was->second == gstate::lsecret || was->second == gstate::supdate);
  }
  for (const auto& [page, state] : after.snp) {
    if (state != context_state::running) continue;
    const auto was = before.snp.find(page);
    RC_ASSERT(was != before.snp.end());
    RC_ASSERT(was->second != context_state::init);
  }
}

auto any_actions() -> rc::Gen<std::vector<action>> {
  return rc::gen::container<std::vector<action>>(rc::gen::construct<action>(rc::gen::inRange<std::uint32_t>(0, 28),
                                                                            rc::gen::inRange<std::uint32_t>(0, 12),
                                                                            rc::gen::inRange<std::uint32_t>(0, 20)));
}

}  // namespace

namespace rc {
template <>
struct Arbitrary<action> {
  static auto arbitrary() -> Gen<action> {
    return gen::construct<action>(gen::inRange<std::uint32_t>(0, 28), gen::inRange<std::uint32_t>(0, 12),
                                  gen::inRange<std::uint32_t>(0, 20));
  }
};
void showValue(const action& one, std::ostream& out) {
  out << "{" << one.what << ", " << one.who << ", " << one.id << "}";
}
}  // namespace rc

TEST_CASE("no sequence of commands breaks what must hold",
          "[property][firmware][FW-ASID-16][FW-SEV-LST-09][FW-SNP-LFIN-11]") {
  const bool held = rc::check("ASIDs, launches and failures", [] {
    const auto actions = *rc::gen::scale(3.0, any_actions());
    listening with;
    world w(with.ctx, true);
    w.snp_started().expect({w.init()});
    for (std::uint32_t i = 0; i < 3; ++i) give_page(w.m, contexts_at(i));
    unsigned succeeded = 0;
    for (const action& one : actions) {
      const auto before = w.m;
      const stages was = stages_of(w);
      const fw done = act(w, one);
      const bool moved = one.what % 28 == 12 || one.what % 28 == 23;
      if (done == fw::success) {
        ++succeeded;
      } else {  // only DF_FLUSH keeps what it did (FW-ASID-06)
        RC_ASSERT(w.m.sp == before.sp);
        RC_ASSERT(w.m.rmp == before.rmp);
        RC_ASSERT(w.m.random == before.random);
        if (done != fw::wbinvd_required) RC_ASSERT(w.m.asids == before.asids);
      }
      if (done == fw::success && !moved)
        for (std::uint32_t id = 1; id <= 15; ++id)
          for (std::uint32_t i = 0; i < 2; ++i)  // nothing but DF_FLUSH, or a new start, cleans an ASID
            if (before.asids.state_of({id}, {i}) == asid_state::dirty) {
              const asid_state now = w.m.asids.state_of({id}, {i});
              RC_ASSERT(now == asid_state::dirty ||
                        (now == asid_state::clean && (one.what % 28 == 10 || one.what % 28 == 11)));
            }
      check_asids(w);
      check_steps(was, stages_of(w));
    }
    RC_CLASSIFY(succeeded > actions.size() / 4, "a quarter succeeds");
  });
  CHECK(held);
}

TEST_CASE("no key survives DECOMMISSION and DF_FLUSH", "[property][firmware]") {
  const bool held = rc::check("keys", [] {
    const auto actions = *rc::gen::scale(2.0, any_actions());
    listening with;
    world w(with.ctx, true);
    w.snp_started().expect({w.init()});
    for (std::uint32_t i = 0; i < 3; ++i) give_page(w.m, contexts_at(i));
    for (const action& one : actions) static_cast<void>(act(w, one));
    const auto gone = owners(w);
    const std::set<std::uint32_t> handles = [&] {
      std::set<std::uint32_t> all;
      for (const auto& one : w.m.sp.guests) all.insert(one.first);
      return all;
    }();
    for (const std::uint32_t handle : handles) {
      static_cast<void>(w.by_handle(command_id::deactivate, handle));
      RC_ASSERT(w.by_handle(command_id::decommission, handle) == fw::success);
    }
    const auto pages = w.m.sp.contexts;
    for (const auto& one : pages) RC_ASSERT(w.word(command_id::snp_decommission, one.first) == fw::success);
    RC_ASSERT(w.m.sp.guests.empty());
    RC_ASSERT(w.m.sp.contexts.empty());
    for (std::uint32_t id = 1; id <= 15; ++id)
      for (std::uint32_t i = 0; i < 2; ++i) RC_ASSERT(!w.m.asids.is_valid({id}, {i}));
    RC_ASSERT(w.flush() == fw::success);
    // Nobody runs under the old keys, and the next guest brings its own.
    for (std::uint32_t id = 1; id <= 15; ++id) RC_ASSERT(w.m.asids.state_of({id}, {0}) == asid_state::clean);
    for (const auto& [id, vek] : gone) {
      if (id < 6 || w.m.sp.state == layout::sev_platform_state::uninit) continue;
      RC_ASSERT(w.launch_start() == fw::success);
      RC_ASSERT(w.activate(1, id) == fw::success);
      RC_ASSERT(w.m.sp.guests.at(1).vek != vek);
      RC_ASSERT(peek_guest(w.m, {id}, 0x10'0000, 64) != std::vector<std::uint8_t>(64));
      RC_ASSERT(w.by_handle(command_id::deactivate, 1) == fw::success);
      RC_ASSERT(w.by_handle(command_id::decommission, 1) == fw::success);
    }
  });
  CHECK(held);
}
