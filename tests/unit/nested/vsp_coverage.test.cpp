// SPDX-License-Identifier: MIT
// Every rule of the virtual AMD-SP that is a condition: it fires, it passes, and without it something else comes out.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <support/nested_attestation.hpp>
#include <support/rule_coverage.hpp>
#include <support/rule_families.hpp>
#include <support/vsp_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

using scenario = rule_scenario;

auto text(fw done) -> std::string { return firmware::name_of(done); }
auto text(rmp::status done) -> std::string { return rmp::name_of(done); }
auto text(rmp::page_state state) -> std::string { return rmp::name_of(state); }
auto number(std::uint64_t value) -> std::string { return std::to_string(value); }

/// An L1 on a machine, with the legacy API started.
struct one_l1 {
  nested_host host;
  nested_driver d;
  explicit one_l1(recording_context& ctx, nested::vsp_trust trust = nested::vsp_trust::physical)
      : host(ctx), d(host, 0, trust) {}

  auto machine() -> test_machine<>& { return host.physical.m; }
  auto legacy(bool es = false) -> one_l1& {
    world::expect({d.init(es), d.flush(false)});
    return *this;
  }
  auto snp() -> one_l1& {
    world::expect({d.post(command_id::snp_init), d.flush(true)});
    return *this;
  }
  auto snp_guest(std::uint32_t id = 3, std::uint64_t policy = snp_policy) -> one_l1& {
    snp();
    world::expect({d.snp_start(l1_context, policy), d.snp_activate(l1_context, id)});
    return *this;
  }
  auto guest(std::uint32_t policy = plain_policy, std::uint32_t id = 7) -> std::uint32_t {
    std::uint32_t handle = 0;
    world::expect({d.launch_start(policy, handle), d.activate(handle, id)});
    return handle;
  }
};

/// SNP guest, one page launched; then a test does something with it.
auto launched_page(one_l1& l1, std::uint64_t where = l1_pages, std::uint64_t policy = snp_policy) -> one_l1& {
  l1.snp_guest(3, policy);
  l1.d.store(where, std::vector<std::uint8_t>(4096, 0x5a));
  world::expect({l1.d.snp_update(where, 0x8000, 3)});
  return l1;
}

auto scenarios() -> std::map<rule, scenario> {
  std::map<rule, scenario> all;
  all[rule::NES_ASID_01] = [](recording_context& ctx) {
    nested::asid_map map;
    map.force({1}, asid{2}, asid{5});
    map.force({1}, asid{3}, asid{3});
    return number(nested::physical_asid_of(ctx, map, {1}, asid{2})->value) +
           number(nested::physical_asid_of(ctx, map, {1}, asid{3})->value);
  };
  all[rule::NES_ASID_02] = [](recording_context& ctx) {
    nested::asid_map map;
    const memory::asid_ranges ranges{.highest = 15, .min_sev = 6, .max_snp = 0};
    const bool first = nested::bind_asid(ctx, map, {1}, asid{2}, ranges, asid{3}, ranges).has_value();
    const bool second = nested::bind_asid(ctx, map, {2}, asid{2}, ranges, asid{3}, ranges).has_value();
    return number(first) + number(second);
  };
  all[rule::NES_ASID_03] = [](recording_context& ctx) {
    return number(nested::shared_key_asid(ctx, asid{4}, asid{9}).value) +
           number(nested::shared_key_asid(ctx, asid{4}, asid{4}).value);
  };
  all[rule::NES_SP_01] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.legacy();
    std::uint32_t handle = 0;
    const fw done = l1.d.launch_start(plain_policy, handle);
    one_l1 other{ctx, nested::vsp_trust::l0};
    other.legacy();
    return text(done) + number(l1.machine().sp.guests.size());
  };
  all[rule::NES_SP_03] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.legacy();
    const std::uint32_t of_l0 = l1.host.physical.launched(plain_policy, 0);
    std::uint32_t handle = 0;
    const fw started = l1.d.launch_start(plain_policy, handle);
    const fw done = l1.d.activate(handle, 7);
    return text(started) + text(done) + number(l1.machine().sp.guests.at(of_l0).slot.id.value);
  };
  all[rule::NES_SP_04] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.snp_guest();
    l1.d.set_page(l1_pages, {.assigned = true, .immutable = true, .id = {3}, .guest = {0x8000}});
    return text(rmp::state_of(l1.d.real_entry(l1_pages)));
  };
  all[rule::NES_ATT_02] = [](recording_context& ctx) {
    auto shown = honest_statement();
    shown.r2 = honest_chain().r2;
    return verdict_of(nested::verify_statement(ctx, honest_statement(), expected_statement())) +
           verdict_of(nested::verify_statement(ctx, shown, expected_statement()));
  };
  all[rule::NES_ATT_03] = [](recording_context& ctx) {
    auto expected = expected_chain();
    expected.l1_policy = {1};
    return verdict_of(nested::verify_chain(ctx, honest_chain(), expected_chain())) +
           verdict_of(nested::verify_chain(ctx, honest_chain(), expected));
  };
  all[rule::NES_ATT_04] = [](recording_context& ctx) {
    auto shown = honest_chain();
    shown.over_report_id.r[0] ^= 1;
    return verdict_of(nested::verify_chain(ctx, honest_chain(), expected_chain())) +
           verdict_of(nested::verify_chain(ctx, shown, expected_chain()));
  };
  all[rule::NES_ATT_05] = [](recording_context& ctx) {
    auto shown = honest_virtual();
    shown.r1.reset();
    return verdict_of(nested::verify_virtual_report(ctx, honest_virtual(), expected_virtual())) +
           verdict_of(nested::verify_virtual_report(ctx, shown, expected_virtual()));
  };
  // The machine's ASID is dirty, and L0 believes that it is clean.
  const auto surprise = [](one_l1& l1, std::uint32_t& handle) {
    l1.legacy();
    std::uint32_t fresh = 0;
    world::expect({l1.d.launch_start(plain_policy, fresh)});
    handle = fresh;
    for (auto& one : l1.host.l0.pool) one.clean = true;
    for (std::uint32_t i = 1; i <= 15; ++i) l1.machine().asids.set_state(asid{i}, {0}, memory::asid_state::dirty);
    return l1.d.activate(fresh, 7);
  };
  all[rule::NEST_VSP_02] = [=](recording_context& ctx) {
    one_l1 l1{ctx};
    std::uint32_t handle = 0;
    return text(surprise(l1, handle));
  };
  all[rule::NEST_VSP_03] = [=](recording_context& ctx) {
    one_l1 l1{ctx};
    std::uint32_t handle = 0;
    static_cast<void>(surprise(l1, handle));
    return number(l1.d.v.sp.guests.at(handle).slot.id.value);
  };
  all[rule::NEST_VSP_04] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.legacy();
    std::uint32_t handle = 0;
    world::expect({l1.d.launch_start(plain_policy, handle)});
    const fw done = l1.d.activate(handle, 7);
    return text(done) + number(l1.host.l0.asids.size());
  };
  all[rule::NEST_VSP_05] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.legacy();
    l1.host.l0.pool = {{asid{6}, false}};
    static_cast<void>(l1.guest());
    std::uint32_t handle = 0;
    world::expect({l1.d.launch_start(plain_policy, handle)});
    return text(l1.d.activate(handle, 8));
  };
  all[rule::NEST_VSP_06] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.legacy();
    l1.host.l0.pool = {{asid{6}, true}};
    const std::uint32_t handle = l1.guest();
    world::expect({l1.d.by_handle(command_id::deactivate, handle)});
    return number(l1.host.l0.pool.front().clean);
  };
  all[rule::NEST_VSP_07] = [](recording_context& ctx) {
    one_l1 l1{ctx, nested::vsp_trust::l0};
    l1.legacy();
    l1.host.l0.pool = {{asid{6}, false}, {asid{7}, false}};
    static_cast<void>(l1.guest());
    return number(l1.host.l0.pool.back().clean);
  };
  all[rule::NEST_VSP_08] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.legacy();
    std::uint32_t handle = 0;
    world::expect({l1.d.launch_start(plain_policy, handle)});
    layout::cmd_activate_ex cmd;
    cmd.set_ex_len(24);
    cmd.set_handle(handle);
    cmd.set_asid(7);
    cmd.set_numids(1);
    cmd.set_ids_paddr(l1_scratch);
    l1.d.store(l1_scratch, std::vector<std::uint8_t>(4));
    const fw done = l1.d.post(command_id::activate_ex, cmd);
    const auto real = l1.host.l0.asids.real_of(l1.d.v.who, asid{7});
    return text(done) + number(real ? static_cast<unsigned>(l1.machine().asids.state_of(*real, {1})) : 9U);
  };
  all[rule::NEST_VSP_09] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.legacy(true);
    const std::uint32_t handle = l1.guest(es_policy, 2);
    l1.d.store(l1_pages, std::vector<std::uint8_t>(0x3000, 1));
    const fw first = l1.d.update(handle, l1_pages, 4096, true);
    return text(first) + text(l1.d.update(handle, l1_pages + 0x1800, 4096, true));
  };
  all[rule::NEST_VSP_12] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.legacy();
    const std::uint32_t handle = l1.guest();
    l1.d.store(l1_pages, std::vector<std::uint8_t>(4096, 1));
    l1.d.v.map[l1_pages >> 12].is_private = true;
    return text(l1.d.update(handle, l1_pages, 4096));
  };
  all[rule::NEST_VSP_13] = [](recording_context& ctx) {
    one_l1 own{ctx, nested::vsp_trust::l0};
    one_l1 shown{ctx};
    return number(own.d.v.hw.chip_secret == own.machine().hw.chip_secret) +
           number(shown.d.v.hw.chip_id == shown.machine().hw.chip_id);
  };
  all[rule::NEST_VSP_14] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.legacy();
    return text(l1.d.post(command_id::pdh_gen));
  };
  all[rule::NEST_VSP_15] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.snp();
    layout::cmd_snp_download_firmware_ex cmd;
    return text(l1.d.post(command_id::snp_download_firmware_ex, cmd));
  };
  all[rule::NEST_VSP_18] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.snp_guest();
    l1.d.set_page(l1_pages, {.assigned = true, .immutable = true, .id = {3}, .guest = {0x8000}});
    const fw done = l1.d.word(command_id::snp_page_reclaim, l1_pages);
    return text(done) + text(rmp::state_of(l1.d.real_entry(l1_pages)));
  };
  all[rule::NEST_VSP_21] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.snp().d.give(l1_context);
    return number(nested::l1_reaches(ctx, l1.d.v, gpa{l1_context})) +
           number(nested::l1_reaches(ctx, l1.d.v, gpa{l1_pages}));
  };
  all[rule::NEST_VSP_22] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.snp_guest();
    l1.d.v.map[l1_pages >> 12].is_private = true;
    const auto first = l1.d.set_page(l1_pages, {.assigned = true, .id = {3}, .guest = {0x8000}});
    return text(first) + text(l1.d.set_page(l1_pages + 0x1000, {.assigned = true, .id = {3}, .guest = {0x9000}}));
  };
  all[rule::NEST_VSP_23] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.snp_guest();
    l1.d.set_page(l1_pages, {.assigned = true, .id = {3}, .guest = {0x8000}});
    rmp::entry real = l1.d.real_entry(l1_pages);
    real.validated = true;  // PVALIDATE by L2
    l1.machine().rmp.put(page_of(spa{l1.d.real(l1_pages)}), real);
    nested::read_back(ctx, l1.host.l0, l1.machine(), l1.d.v, l1_pages >> 12);
    return text(rmp::state_of(l1.d.entry(l1_pages)));
  };
  all[rule::NEST_VSP_24] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.snp_guest();
    l1.d.set_page(l1_pages, {.assigned = true, .id = {3}, .guest = {0x8000}});
    const auto done = l1.d.set_page(l1_pages, {});
    return text(done) + text(rmp::state_of(l1.d.real_entry(l1_pages)));
  };
  all[rule::NEST_VSP_26] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.snp_guest();
    const rmp::new_state wanted{.assigned = true, .large = true, .immutable = true, .id = {3}, .guest = {0x20'0000}};
    const auto first = l1.d.set_page(l1_large, wanted);
    return text(first) + text(l1.d.set_page(0x80'0000, wanted));
  };
  all[rule::NEST_VSP_27] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    launched_page(l1);
    const auto judge = [&] {
      return number(static_cast<unsigned>(
          nested::judge_reference(ctx, l1.host.l0, l1.machine(), l1.d.v, asid{3}, gpa{l1_pages}, gpa{0x8000}, true)));
    };
    const std::string first = judge();
    l1.machine().rmp.put(page_of(spa{l1.d.real(l1_pages)}), {});  // L0 has taken the page away
    return first + judge();
  };
  all[rule::NEST_VSP_28] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    launched_page(l1);
    const fw done = nested::move_backing(ctx, l1.host.l0, l1.machine(), l1.d.v, gpa{l1_pages}, spa{0x680'0000});
    const fw other = nested::move_backing(ctx, l1.host.l0, l1.machine(), l1.d.v, gpa{l1_scratch}, spa{0x680'1000});
    return text(done) + text(other) + number(l1.d.load_guest(3, l1_pages, 1).front());
  };
  all[rule::NEST_VSP_29] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.host.l0.pool = {{asid{1}, false}};
    launched_page(l1);
    world::expect({l1.d.word(command_id::snp_decommission, l1_context), l1.d.flush(true)});
    world::expect({l1.d.snp_start(l1_context + 0x1000)});
    return text(l1.d.snp_activate(l1_context + 0x1000, 4));
  };
  all[rule::NEST_VSP_30] = [](recording_context& ctx) {
    one_l1 l1{ctx};
    l1.snp();
    world::expect({l1.d.snp_start(l1_context, snp_policy), l1.d.snp_activate(l1_context, 3)});
    const std::uint64_t other = l1_context + 0x1000;
    l1.d.give(other);
    world::expect({l1.d.word(command_id::snp_gctx_create, other)});
    layout::cmd_snp_launch_start cmd;
    cmd.set_gctx_paddr(other);
    cmd.set_policy({snp_policy | 1U << 18});
    cmd.set_ma_gctx_paddr(l1_context);
    cmd.set_flags(layout::cmd_snp_launch_start_flags{}.set_ma_en(true));
    const fw refused = l1.d.post(command_id::snp_launch_start, cmd);
    l1.d.v.expose_pgctx = true;
    return text(refused) + text(l1.d.post(command_id::snp_launch_start, cmd));
  };
  return all;
}

}  // namespace

TEST_CASE("every condition of the virtual AMD-SP matters", "[nested][coverage]") {
  check_all_shown(shown_by(scenarios()), vsp_conditions());
}
