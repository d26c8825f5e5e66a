// SPDX-License-Identifier: MIT
// A hypervisor's ASIDs against the firmware's record of them.
#include <cstdint>
#include <set>
#include <string>

#include <sevspec/migration/asid_experiment.hpp>
#include <sevspec/migration/asid_pool.hpp>
#include <support/catch.hpp>
#include <support/recorder.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::migration;
using namespace sevspec::test;
using memory::asid_state;
using memory::guest_kind;
using code = layout::sev_status_codes;

constexpr memory::asid_ranges fifteen{.highest = 15, .min_sev = 1};
constexpr memory::asid_ranges both{.highest = 6, .min_sev = 4};  // 1 to 3 for SEV-ES

/// WBINVD does not reach the second core complex.
struct careless_platform : asid_platform<15> {
  using asid_platform<15>::asid_platform;
  bool careless = true;
  void wbinvd() {
    if (!careless) asid_platform<15>::wbinvd();
  }
};

}  // namespace

TEST_CASE("guests one after another", "[migration][asid][MIG-ASID-03][MIG-ASID-05]") {
  struct {
    std::uint32_t asids;
    std::uint32_t guests;
    std::uint64_t naive;
    std::uint64_t batched;
  } const cases[] = {{15, 100, 200, 7}, {509, 100, 200, 1}, {15, 16, 32, 2}, {15, 1000, 2000, 67}, {15, 15, 30, 1}};
  for (const auto& one : cases) {
    INFO(one.asids << ' ' << one.guests);
    const auto naive = guests_in_sequence<509>(one.asids, one.guests, reclaim_policy::naive);
    const auto batched = guests_in_sequence<509>(one.asids, one.guests, reclaim_policy::batched);
    CHECK(naive.pool.flushes == one.naive);
    CHECK(batched.pool.flushes == one.batched);
    CHECK(batched.pool.flushes == 1 + (one.guests - 1) / one.asids);
    for (const auto& each : {naive, batched}) {
      CHECK(each.refused == 0);
      CHECK(each.pool.failed == 0);
      CHECK(each.pool.wbinvd == each.pool.flushes);
      CHECK(each.pool.taken == one.guests);
    }
  }
}

TEST_CASE("the gain of batches vanishes near full occupancy", "[migration][asid][MIG-ASID-04]") {
  struct {
    std::uint32_t alive;
    std::uint64_t flushes;
  } const cases[] = {{1, 7}, {5, 10}, {8, 13}, {14, 51}, {15, 101}};
  for (const auto& [alive, flushes] : cases) {
    INFO(alive);
    const auto found = replace_guests<15>(15, alive, 100, reclaim_policy::batched);
    CHECK(found.pool.flushes == flushes);
    CHECK(found.refused == 0);
    CHECK(found.pool.busy == 0);
    // A flush recovers A - c + 1 ASIDs; the first ones are free from the beginning.
    CHECK(found.pool.flushes == 1 + 100 / (15 - alive + 1));
    CHECK(replace_guests<15>(15, alive, 100, reclaim_policy::naive).pool.flushes == alive + 200);
  }
}

TEST_CASE("the sixteenth guest of fifteen ASIDs is refused without a flush", "[migration][asid][MIG-ASID-05]") {
  context ctx;
  asid_platform<15> platform(fifteen);
  asid_pool pool(fifteen);
  std::set<asid> taken;
  for (int i = 0; i < 15; ++i) taken.insert(pool.take(ctx, platform, guest_kind::sev).value());
  CHECK(taken.size() == 15);
  CHECK(pool.counters().flushes == 1);
  CHECK(pool.take(ctx, platform, guest_kind::sev).error() == pool_error::busy);
  CHECK(pool.counters().flushes == 1);
  CHECK(pool.counters().wbinvd == 1);
  CHECK(pool.counters().busy == 1);

  REQUIRE(platform.launch(ctx, guest_kind::sev, asid{7}));
  platform.end(ctx, asid{7});
  REQUIRE(pool.give_back(ctx, platform, asid{7}));
  CHECK(pool.waiting() == std::set{asid{7}});
  CHECK(platform.states().any(asid{7}, asid_state::dirty));
  CHECK(pool.take(ctx, platform, guest_kind::sev).value() == asid{7});
  CHECK(pool.counters().flushes == 2);
  CHECK(pool.free().empty());
  CHECK(pool.waiting().empty());
  CHECK(platform.launch(ctx, guest_kind::sev, asid{7}));
}

TEST_CASE("each kind of guest has its range, and one flush serves both", "[migration][asid][MIG-ASID-01]") {
  recorder heard;
  for (const bool in_force : {true, false}) {
    recording_context ctx{
        .rules = in_force ? rule_set() : rule_set().without(rule::MIG_ASID_01), .choices = {}, .listener = heard};
    asid_platform<15> platform(both);
    asid_pool pool(both);
    std::set<asid> es;
    std::set<asid> plain;
    for (int i = 0; i < 3; ++i) es.insert(pool.take(ctx, platform, guest_kind::sev_es).value());
    for (int i = 0; i < 3; ++i) plain.insert(pool.take(ctx, platform, guest_kind::sev).value());
    CHECK(es == std::set{asid{1}, asid{2}, asid{3}});
    CHECK(plain == std::set{asid{4}, asid{5}, asid{6}});
    CHECK(pool.take(ctx, platform, guest_kind::snp).error() == pool_error::busy);
    for (const std::uint32_t id : {2U, 5U, 6U}) REQUIRE(pool.give_back(ctx, platform, asid{id}));
    CHECK(pool.take(ctx, platform, guest_kind::sev_es).value() == asid{2});
    CHECK(pool.free() == (in_force ? std::set{asid{5}, asid{6}} : std::set<asid>{}));
    CHECK(pool.take(ctx, platform, guest_kind::sev).value() == asid{5});
    CHECK(pool.counters().flushes == (in_force ? 2 : 3));
    CHECK(pool.take(ctx, platform, guest_kind::snp).error() == pool_error::busy);  // nothing of its range waits
    CHECK(pool.counters().flushes == (in_force ? 2 : 3));
  }
  CHECK(heard.fired.contains(rule::MIG_ASID_01));
  CHECK(heard.passed.contains(rule::MIG_ASID_01));
}

TEST_CASE("without the flush after INIT the firmware refuses the first guest", "[migration][asid][MIG-ASID-02]") {
  for (const bool in_force : {true, false}) {
    recorder heard;
    recording_context ctx{
        .rules = in_force ? rule_set() : rule_set().without(rule::MIG_ASID_02), .choices = {}, .listener = heard};
    asid_platform<15> platform(fifteen);
    asid_pool pool(fifteen);
    const asid id = pool.take(ctx, platform, guest_kind::sev).value();
    CHECK(platform.launch(ctx, guest_kind::sev, id).status == (in_force ? code::success : code::dfflush_required));
    CHECK(heard.fired.contains(rule::MIG_ASID_02) == in_force);
    REQUIRE(pool.take(ctx, platform, guest_kind::sev));
    CHECK(heard.passed.contains(rule::MIG_ASID_02));  // not again
    CHECK(pool.counters().flushes == (in_force ? 1 : 0));
  }
}

TEST_CASE("DEACTIVATE and the flush exclude each other", "[migration][asid][ENC-ASID-13]") {
  for (const bool in_force : {true, false}) {
    INFO(in_force);
    recorder heard;
    recording_context ctx{
        .rules = in_force ? rule_set() : rule_set().without(rule::ENC_ASID_13), .choices = {}, .listener = heard};
    asid_platform<15> platform(fifteen);
    asid_pool pool(fifteen);
    const asid a = pool.take(ctx, platform, guest_kind::sev).value();
    const asid b = pool.take(ctx, platform, guest_kind::sev).value();
    REQUIRE(platform.launch(ctx, guest_kind::sev, a));
    REQUIRE(platform.launch(ctx, guest_kind::sev, b));
    REQUIRE(pool.start_deactivate(ctx));
    CHECK(heard.passed.contains(rule::ENC_ASID_13));
    CHECK(pool.start_flush(ctx, platform).has_value() == !in_force);  // a flush inside a DEACTIVATE
    if (in_force) CHECK(pool.start_flush(ctx, platform).error() == pool_error::locked);
    platform.end(ctx, a);
    pool.end_deactivate();
    REQUIRE(pool.give_back(ctx, platform, a));
    if (!in_force) REQUIRE_FALSE(pool.finish_flush(ctx, platform, {1, 15}));
    CHECK(heard.fired.contains(rule::ENC_ASID_13) == in_force);

    // A DEACTIVATE between WBINVD and DF_FLUSH: the firmware asks for WBINVD again.
    REQUIRE(pool.start_flush(ctx, platform));
    CHECK(pool.start_deactivate(ctx) == !in_force);
    if (!in_force) {
      platform.end(ctx, b);
      pool.end_deactivate();
    }
    CHECK(pool.finish_flush(ctx, platform, {1, 15}).has_value() == in_force);
    CHECK(pool.waiting().empty() == in_force);
  }
}

TEST_CASE("what a failed flush leaves waits for the next", "[migration][asid][ENC-ASID-13]") {
  context ctx;
  careless_platform platform(fifteen);
  asid_pool pool(fifteen);
  CHECK(pool.take(ctx, platform, guest_kind::sev).error() == pool_error::flush_failed);
  CHECK(pool.counters().failed == 1);
  platform.careless = false;
  const asid id = pool.take(ctx, platform, guest_kind::sev).value();
  REQUIRE(platform.launch(ctx, guest_kind::sev, id));
  platform.end(ctx, id);
  platform.careless = true;
  REQUIRE(pool.give_back(ctx, platform, id));
  for (int i = 1; i < 15; ++i) REQUIRE(pool.take(ctx, platform, guest_kind::sev));
  CHECK(pool.take(ctx, platform, guest_kind::sev).error() == pool_error::flush_failed);
  CHECK(pool.waiting() == std::set{id});
  platform.careless = false;
  CHECK(pool.take(ctx, platform, guest_kind::sev).value() == id);
  CHECK(platform.launch(ctx, guest_kind::sev, id));
}

TEST_CASE("policies and errors have names", "[migration][asid]") {
  CHECK(std::string(name_of(reclaim_policy::naive)) == "naive");
  CHECK(std::string(name_of(reclaim_policy::batched)) == "batched");
  CHECK(std::string(name_of(pool_error::busy)) == "busy");
  CHECK(std::string(name_of(pool_error::flush_failed)) == "flush failed");
  CHECK(std::string(name_of(pool_error::locked)) == "locked");
}
