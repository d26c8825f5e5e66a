// SPDX-License-Identifier: MIT
// The pool drives the firmware's commands: LAUNCH_START, ACTIVATE, ..., DEACTIVATE, DECOMMISSION, DF_FLUSH.
#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>

#include <sevspec/migration/asid_pool.hpp>
#include <support/firmware_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::migration;

/// The pool's view of a machine.
struct commanded_host {
  world& w;
  void wbinvd() { firmware::note_wbinvd_everywhere(w.m); }
  auto df_flush() -> fw { return w.post(command_id::df_flush); }
};

auto flushes_of(std::uint32_t alive, std::uint32_t replacements, reclaim_policy policy) -> std::uint64_t {
  listening with;
  world w(with.ctx);
  w.m.hw.min_sev_asid = 1;
  w.expect({w.init()});
  commanded_host host{w};
  asid_pool pool(firmware::asid_ranges_of(w.m), policy);
  std::deque<std::pair<std::uint32_t, asid>> guests;
  const auto launch = [&] {
    const auto id = pool.take(with.ctx, host, memory::guest_kind::sev);
    REQUIRE(id);
    w.expect({w.launch_start()});
    const auto made = std::ranges::find_if(
        w.m.sp.guests, [](const auto& one) { return one.second.state == layout::sev_guest_state::lupdate; });
    const std::uint32_t handle = made->first;  // handles come again
    w.expect({w.activate(handle, id->value), w.measure(handle), w.by_handle(command_id::launch_finish, handle)});
    guests.emplace_back(handle, *id);
  };
  for (std::uint32_t i = 0; i < alive; ++i) launch();
  for (std::uint32_t i = 0; i < replacements; ++i) {
    const auto [handle, id] = guests.front();
    guests.pop_front();
    REQUIRE(pool.start_deactivate(with.ctx));
    w.expect({w.by_handle(command_id::deactivate, handle)});
    pool.end_deactivate();
    w.expect({w.by_handle(command_id::decommission, handle)});
    REQUIRE(pool.give_back(with.ctx, host, id));
    launch();
  }
  CHECK_FALSE(with.heard.fired.contains(rule::FW_ACT_07));  // no guest met a dirty ASID
  return pool.counters().flushes;
}

}  // namespace

TEST_CASE("the numbers hold for the firmware's commands", "[migration][asid][MIG-ASID-04]") {
  CHECK(flushes_of(1, 100, reclaim_policy::batched) == 7);
  CHECK(flushes_of(5, 100, reclaim_policy::batched) == 10);
  CHECK(flushes_of(8, 100, reclaim_policy::batched) == 13);
  CHECK(flushes_of(14, 100, reclaim_policy::batched) == 51);
  CHECK(flushes_of(15, 100, reclaim_policy::batched) == 101);
  CHECK(flushes_of(1, 20, reclaim_policy::naive) == 1 + 2 * 20);
}
