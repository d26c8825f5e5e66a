// SPDX-License-Identifier: MIT
// Every rule of migration that is a condition fires, passes, and without it something else comes out.
#include <functional>
#include <map>
#include <set>
#include <string>

#include <sevspec/migration/asid_experiment.hpp>
#include <sevspec/migration/migration_helper.hpp>
#include <sevspec/migration/mover.hpp>
#include <support/migration_world.hpp>
#include <support/rule_families.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::migration;

using scenario = std::function<std::string(rule_set, recorder&)>;
using memory::guest_kind;

/// A guest moves, and does something between two rounds and during its end.
auto moved(rule_set rules, recorder& heard, const std::function<void(two_hosts&, bool)>& meanwhile) -> std::string {
  two_hosts w(4, false, rules);
  auto sender = w.sender();
  auto receiver = w.receiver();
  REQUIRE(receiver.take(sender.start(w.target_pdh()).value()));
  REQUIRE(receiver.take_all(sender
                                .round([&](std::uint64_t page, sending point) {
                                  if (page == 1 && point == sending::bytes_read) meanwhile(w, true);
                                })
                                .value()));
  meanwhile(w, false);
  REQUIRE(receiver.take_all(sender.finish().value()));
  const std::string text = text_of(w.differences());
  heard = w.with.heard;
  return text;
}
/// Something with a context of its own.
auto alone(const std::function<std::string(recording_context&)>& play) -> scenario {
  return [=](rule_set rules, recorder& heard) {
    recording_context ctx{.rules = rules, .choices = {}, .listener = heard};
    return play(ctx);
  };
}

auto scenarios() -> std::map<rule, scenario> {
  std::map<rule, scenario> all;
  all[rule::MIG_STAT_01] = alone([](recording_context& ctx) {
    gpa_range range;
    return std::to_string(check_map_gpa_range(ctx, 0x1000, 1, 0x30, 16, range));
  });
  all[rule::MIG_RECV_02] = [](rule_set rules, recorder& heard) { return moved(rules, heard, [](two_hosts&, bool) {}); };
  all[rule::MIG_DIRTY_01] = [](rule_set rules, recorder& heard) {
    return moved(rules, heard, [](two_hosts& w, bool during) {
      if (!during) w.convert(2, false);
    });
  };
  all[rule::MIG_DIRTY_02] = [](rule_set rules, recorder& heard) {
    return moved(rules, heard, [](two_hosts& w, bool during) {
      if (during) guest_write(w.source.m, w.vm, 1, 0, filled_page(50));
    });
  };
  all[rule::MIG_DIRTY_03] = [](rule_set rules, recorder& heard) {
    two_hosts w(1, false, rules);
    auto sender = w.sender();
    auto receiver = w.receiver();
    REQUIRE(receiver.take(sender.start(w.target_pdh()).value()));
    const bool done = receiver.take({record_type::end, 0, {}}).has_value();
    heard = w.with.heard;
    return std::string(done ? "runs" : "refused");
  };
  all[rule::MIG_MH_02] = alone([](recording_context& ctx) {
    migration_helper helper;
    std::array<std::uint8_t, 4096> out{};
    return std::string(helper.decrypt(ctx, {.body = std::vector<std::uint8_t>(4096)}, out) ? "taken" : "refused");
  });
  all[rule::MIG_MH_03] = [](rule_set rules, recorder& heard) {
    two_hosts w(1, true, rules);
    const bool done = make_mirror(w.with.ctx, w.source.m, w.vm, {}).has_value();
    heard = w.with.heard;
    return std::string(done ? "made" : "refused");
  };
  all[rule::MIG_PIN_01] = [](rule_set rules, recorder& heard) {
    two_hosts w(1, false, rules);
    const auto plan = plan_move(w.with.ctx, w.source.m, sev_page_move{.handle = w.vm.handle, .from = w.vm.pages[0]});
    heard = w.with.heard;
    return std::string(name_of(plan.way));
  };
  all[rule::ENC_ASID_13] = alone([](recording_context& ctx) {
    asid_platform<15> platform({.highest = 15, .min_sev = 1});
    asid_pool pool({.highest = 15, .min_sev = 1});
    REQUIRE(pool.start_flush(ctx, platform));
    return std::string(pool.start_deactivate(ctx) ? "begun" : "refused");
  });
  all[rule::MIG_ASID_01] = alone([](recording_context& ctx) {
    constexpr memory::asid_ranges both{.highest = 2, .min_sev = 2};
    asid_platform<15> platform(both);
    asid_pool pool(both);
    const auto es = pool.take(ctx, platform, guest_kind::sev_es).value();
    const auto plain = pool.take(ctx, platform, guest_kind::sev).value();
    REQUIRE(pool.give_back(ctx, platform, es));
    REQUIRE(pool.give_back(ctx, platform, plain));
    REQUIRE(pool.take(ctx, platform, guest_kind::sev));
    return std::to_string(pool.free().size());
  });
  all[rule::MIG_ASID_02] = alone([](recording_context& ctx) {
    asid_platform<15> platform({.highest = 15, .min_sev = 1});
    asid_pool pool({.highest = 15, .min_sev = 1});
    const auto id = pool.take(ctx, platform, guest_kind::sev).value();
    return std::string(platform.launch(ctx, guest_kind::sev, id) ? "launched" : "refused");
  });
  return all;
}

/// What goes well, so that every condition is asked and none fires but those that should.
void play_quietly(recorder& heard) {
  recorder of_transfer;
  static_cast<void>(moved({}, of_transfer, [](two_hosts& w, bool during) {
    if (during) w.convert(3, true);  // told what is known: nothing changes
    else static_cast<void>(make_mirror(w.with.ctx, w.source.m, w.vm, {}));
    if (!during)
      static_cast<void>(plan_move(w.with.ctx, w.source.m, sev_page_move{.handle = w.vm.handle, .is_private = false}));
  }));
  heard.passed.merge(of_transfer.passed);
  recording_context ctx{.rules = {}, .choices = {}, .listener = heard};
  migration_helper helper;
  REQUIRE(helper.init(std::array<std::uint8_t, 32>{}, helper_role::source, {}));
  REQUIRE(helper.encrypt(ctx, 0, true, filled_page(1)));
  asid_platform<15> platform({.highest = 15, .min_sev = 1});
  asid_pool pool({.highest = 15, .min_sev = 1}, reclaim_policy::naive);
  const auto id = pool.take(ctx, platform, guest_kind::sev).value();
  REQUIRE(pool.start_deactivate(ctx));
  pool.end_deactivate();
  REQUIRE(pool.give_back(ctx, platform, id));
  REQUIRE(pool.take(ctx, platform, guest_kind::sev));
  two_hosts shared(1);
  shared.convert(0, false);
  auto sender = shared.sender();
  REQUIRE(sender.start(shared.target_pdh()));
  REQUIRE(sender.send_page(0));
  heard.passed.merge(shared.with.heard.passed);
}

}  // namespace

TEST_CASE("every rule of migration fires, passes and makes a difference",
          "[migration][coverage][MIG-STAT-01][MIG-RECV-02][MIG-DIRTY-01][MIG-DIRTY-02][MIG-DIRTY-03][MIG-MH-02]"
          "[MIG-MH-03][MIG-PIN-01][ENC-ASID-13][MIG-ASID-01][MIG-ASID-02]") {
  std::set<rule> played;
  for (const auto& [id, play] : scenarios()) {
    INFO(name_of(id));
    recorder heard;
    const std::string in_force = play({}, heard);
    CHECK(heard.fired.contains(id));
    recorder silent;
    CHECK(play(rule_set().without(id), silent) != in_force);
    CHECK_FALSE(silent.fired.contains(id));
    played.insert(id);
  }
  recorder quiet;
  play_quietly(quiet);
  CHECK(names_of(missing(migration_conditions(false), played)).empty());
  CHECK(names_of(missing(migration_conditions(false), quiet.passed)).empty());
}
