// SPDX-License-Identifier: MIT
// Commands are serial, and each happens as a whole or not at all.
#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <vector>

#include <support/command_effects.hpp>
#include <support/legacy_scenarios.hpp>
#include <support/snp_scenarios.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

/// Refusals that the sheet gives an effect: the mode ends, and values are corrected.
const std::set<rule> effective_refusals{rule::FW_RB_04, rule::FW_SNP_LUP_13};

template <class Scenario>
void check_refusal(world& w, const Scenario& one) {
  w.remembers = true;
  const auto fresh = w.m;
  REQUIRE(one.play(w) == one.status);
  auto before = w.before.value_or(fresh);  // a scenario may write to the mailbox itself
  // INVALID_LENGTH tells the length that is wanted.
  if (one.status == fw::invalid_length) poke(before, w.buffer_at, peek(w.m, w.buffer_at, 128));
  CHECK(same_state(before, w.m));
}

/// LAUNCH_START with a policy, its buffer at an address.
void put_launch(world& w, std::uint64_t where, std::uint32_t policy) {
  layout::cmd_launch_start cmd;
  cmd.set_policy({policy});
  poke(w.m, where, cmd.bytes());
}

}  // namespace

TEST_CASE("a command that is refused changes nothing",
          "[firmware][FW-DISP-02][FW-DISP-09][FW-SEV-LST-09][FW-SEV-INIT-04]") {
  for (const auto& all : {legacy_scenarios::platform_scenarios(), legacy_scenarios::asid_scenarios(),
                          legacy_scenarios::guest_scenarios()})
    for (const auto& one : all) {
      if (effective_refusals.contains(one.id)) continue;
      INFO(name_of(one.id) << ' ' << firmware::name_of(one.status));
      listening with;
      world w(with.ctx, one.snp_cores);
      check_refusal(w, one);
    }
  for (const auto& all :
       {snp_scenarios::platform_scenarios(), snp_scenarios::guest_scenarios(), snp_scenarios::page_scenarios(),
        snp_scenarios::message_scenarios(), snp_scenarios::firm_scenarios()})
    for (const auto& one : all) {
      if (effective_refusals.contains(one.id)) continue;
      INFO(name_of(one.id) << ' ' << firmware::name_of(one.status));
      listening with;
      world w(with.ctx, true);
      check_refusal(w, one);
    }
}

TEST_CASE("a command that hardware stops changes nothing", "[firmware][FW-DISP-02]") {
  struct row {
    bool snp;
    bool firmware::hardware_failures::* broken;
    fw status;
    fw (*play)(world&);
  };
  using fails = firmware::hardware_failures;
  const std::array rows{
      row{false, &fails::flash_write, fw::hwerror_platform, [](world& w) { return w.post(command_id::pek_gen); }},
      row{false, &fails::flash_write, fw::hwerror_platform, [](world& w) { return w.post(command_id::pdh_gen); }},
      row{false, &fails::asid_control, fw::hwerror_unsafe, [](world& w) { return w.activate(2, 7); }},
      row{false, &fails::asid_control, fw::hwerror_unsafe, [](world& w) { return w.activate_ex(2, 7, {0}); }},
      row{false, &fails::asid_control, fw::hwerror_unsafe,
          [](world& w) { return w.by_handle(command_id::launch_finish, 1); }},
      row{false, &fails::asid_control, fw::hwerror_unsafe,
          [](world& w) { return w.by_handle(command_id::deactivate, 1); }},
      row{false, &fails::asid_control, fw::hwerror_unsafe, [](world& w) { return w.flush(); }},
      row{true, &fails::asid_control, fw::hwerror_unsafe, [](world& w) { return w.snp_finish(); }},
      row{true, &fails::asid_control, fw::hwerror_unsafe,
          [](world& w) { return w.word(command_id::snp_decommission, gctx_at); }},
  };
  for (const row& one : rows) {
    listening with;
    world w(with.ctx, one.snp);
    if (one.snp) w.snp_launched();
    else w.ready();
    if (!one.snp && one.status == fw::hwerror_unsafe) {
      w.launched();
      w.launched(plain_policy, 0);
      w.expect({w.measure(1)});
    }
    w.m.hw.fails.*one.broken = true;
    w.remembers = true;
    if (one.status == fw::hwerror_unsafe) firmware::note_wbinvd_everywhere(w.m);
    CHECK(one.play(w) == one.status);
    CHECK(same_state(*w.before, w.m));
  }
}

TEST_CASE("the rings give one command at a time, and the mailbox none of theirs",
          "[firmware][FW-DISP-02][FW-RB-03][FW-RB-04]") {
  listening with;
  world w(with.ctx);
  w.ready();
  constexpr std::uint64_t low = test_scratch;
  constexpr std::uint64_t high = test_scratch + 0x2000;
  constexpr std::uint64_t buffers = test_scratch + 0x8000;
  layout::cmd_ring_buffer cmd;
  cmd.set_lo_cmd_ptr(low);
  cmd.set_lo_stat_val(low + 0x1000);
  cmd.set_hi_cmd_ptr(high);
  cmd.set_hi_stat_val(high + 0x1000);
  cmd.set_lo_size(1);
  cmd.set_hi_size(1);
  w.expect({w.post(command_id::ring_buffer, cmd)});
  poke(w.m, low + 0x1000, byte_vector(0x40, 0xee));
  poke(w.m, high + 0x1000, byte_vector(0x40, 0xee));
  // Two entries in one ring, one in the other; the policy tells whose guest it is.
  const std::array policies{plain_policy, plain_policy | 1, plain_policy | 8};
  for (std::uint32_t i = 0; i < 3; ++i) {
    put_launch(w, buffers + i * 0x100, policies[i]);
    const firmware::ring_entry made{.command = 0x30, .buffer = buffers + i * 0x100};
    poke(w.m, i < 2 ? low + i * 16 : high, firmware::ring_entry_image(made));
  }
  firmware::advance_ring(w.m, false, 2);
  firmware::advance_ring(w.m, true, 1);
  auto through_mailbox = w;
  const auto statuses = [&](std::uint64_t where) { return peek(w.m, where + 0x1000, 0x40); };
  std::uint32_t made = 0;
  for (const std::uint32_t expected : {2U, 0U}) {  // the high ring comes first
    REQUIRE(firmware::run_ring(with.ctx, w.m).has_value());
    ++made;
    CHECK(w.m.sp.guests.size() == made);
    CHECK(w.m.sp.guests.at(made).policy.raw == policies[expected]);
    byte_vector low_told(0x40, 0xee);
    byte_vector high_told(0x40, 0xee);
    std::fill_n(high_told.begin(), 16, std::uint8_t{0});
    if (made == 2) std::fill_n(low_told.begin(), 16, std::uint8_t{0});
    CHECK(statuses(low) == low_told);
    CHECK(statuses(high) == high_told);
  }
  auto to_the_end = w;
  REQUIRE(firmware::run_ring(with.ctx, to_the_end.m).has_value());
  CHECK(to_the_end.m.sp.guests.size() == 3);
  CHECK(to_the_end.m.sp.guests.at(3).policy.raw == policies[1]);
  CHECK_FALSE(firmware::run_ring(with.ctx, to_the_end.m).has_value());
  // A mailbox command ends the mode; neither it nor what waits is executed.
  const auto guests = w.m.sp.guests;
  CHECK(w.launch_start() == fw::rb_mode_exited);
  CHECK(w.m.sp.guests == guests);
  CHECK_FALSE(firmware::run_ring(with.ctx, w.m).has_value());
  CHECK(w.m.sp.guests == guests);
  // The same two, one after the other through the mailbox, come to the same.
  through_mailbox.m.sp.ring.reset();
  through_mailbox.expect({through_mailbox.launch_start(policies[2]), through_mailbox.launch_start(policies[0])});
  CHECK(through_mailbox.m.sp == w.m.sp);
}

TEST_CASE("no entry of the table stays locked by a command", "[firmware][FW-DISP-02][FW-DISP-12]") {
  listening with;
  world w(with.ctx, true);
  snp_scenarios::play_quietly(w);
  std::size_t seen = 0;
  for (const auto& [page, one] : w.m.rmp.entries()) {
    ++seen;
    CHECK(one.id != rmp::region_lock);
    if (one.locked) CHECK(one.immutable);
  }
  CHECK(seen > 256);
}
