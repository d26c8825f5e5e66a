// SPDX-License-Identifier: MIT
// What the tests show of every rule in the registry: guards and effects fire and pass, each makes a difference, and
// every rule is asserted by a test that carries its name.
#include <algorithm>
#include <concepts>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/intruded.hpp>
#include <support/l2_scenarios.hpp>
#include <support/machines.hpp>
#include <support/memory_scenarios.hpp>
#include <support/owned_machines.hpp>
#include <support/rule_coverage.hpp>
#include <support/tlb_scenarios.hpp>
#include <support/vectors.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

/// Everything that can be seen of a walk, as text: its outcome and the entries afterwards.
template <class T>
auto text_of(const outcome<T>& result) -> std::string {
  std::ostringstream out;
  if (!result) {
    out << Catch::StringMaker<fault>::convert(result.error());
  } else {
    out << "to " << hex(result->page.where.value) << " " << Catch::StringMaker<memory_key>::convert(result->key)
        << " size " << name_of(result->page.size) << " leaf " << hex(result->page.leaf.raw);
  }
  return out.str();
}

auto text_of(const paging::register_error& error) -> std::string {
  return std::string("refused ") + error.field + ": " + error.reason;
}

auto run(host_machine machine, recording_context& ctx, const memory_access& why) -> std::string {
  const auto regime = paging::make_host_regime(ctx, machine.part, machine.regs, machine.syscfg);
  if (!regime) return text_of(regime.error());
  std::string text = text_of(paging::walk(ctx, machine.memory, *regime, machine.where, why));
  for (unsigned level = machine.levels; level >= machine.leaf_level; --level) text += " " + hex(machine.at(level));
  return text;
}

auto run(guest_machine machine, recording_context& ctx, const memory_access& why) -> std::string {
  const auto regime = paging::make_two_stage_regime(ctx, machine.part, machine.state);
  if (!regime) return text_of(regime.error());
  std::string text = text_of(paging::walk(ctx, machine.memory, *regime, machine.where, why));
  for (unsigned level = 4; level >= 1; --level) text += " " + hex(machine.for_data(level));
  return text;
}

/// Cases in which a rule decides.
template <class Machine>
auto changed(const memory_access& why, std::function<void(Machine&)> change, Machine machine = Machine())
    -> rule_scenario {
  change(machine);
  return [=](recording_context& ctx) { return run(machine, ctx, why); };
}
auto host(const memory_access& why, std::function<void(host_machine&)> change) -> rule_scenario {
  return changed<host_machine>(why, std::move(change));
}
auto guest(const memory_access& why, std::function<void(guest_machine&)> change) -> rule_scenario {
  return changed<guest_machine>(why, std::move(change));
}

/// A machine with page ownership, or of any format.
template <class Machine>
auto owned(const memory_access& why, std::function<void(Machine&)> change, Machine machine = Machine(),
           implementation_choices choices = {}) -> rule_scenario {
  change(machine);
  return [=](recording_context& ctx) {
    Machine fresh = machine;
    ctx.choices = choices;
    if constexpr (std::derived_from<Machine, owned_guest>) {
      const auto regime = paging::make_two_stage_regime(ctx, fresh.part, fresh.state);
      if (!regime) return text_of(regime.error());
    }
    return text_of(fresh.run_in(ctx, why));
  };
}

void add_scenarios_of_special_controls(std::multimap<rule, rule_scenario>& all) {
  auto through_ds = user_read;
  through_ds.through_ds_or_es = true;
  const memory_access stack_write{.kind = access_kind::shadow_stack_write, .level = kernel_mode};
  all.emplace(rule::PAG_CAN_03,
              host(through_ds, [](auto& m) { m.regs.efer |= paging::efer::uaie::mask, m.where.value |= bit_at(60); }));
  all.emplace(rule::PAG_PERM_07, host(stack_write, [](auto&) {}));
  all.emplace(rule::PAG_KEY_10, guest(user_read, [](auto& m) { m.make_sev(), m.state.np_control |= bit_at(5); }));
  all.emplace(rule::PAG_NPT_14, guest(user_read, [](auto& m) {
                m.state.np_control |= bit_at(6), m.in_guest(2) &= ~accessed, m.for_table(2, 1) &= ~writable;
              }));
  all.emplace(rule::PAG_NPT_17, [](recording_context& ctx) {
    guest_machine machine;
    machine.state.np_control |= bit_at(11);
    machine.for_data(1) &= ~dirty;
    memory::modification_log full{.index = 512};
    memory::logging_memory logging(machine.memory, full);
    return text_of(machine.run(ctx, logging, user_write));
  });
  all.emplace(rule::PAG_GMET_01, guest(kernel_fetch, [](auto& m) { m.state.np_control |= bit_at(3); }));
  all.emplace(rule::PAG_SSS_03, guest(stack_write, [](auto& m) {
                m.state.np_control |= bit_at(4), m.in_guest(1) &= ~(writable | user);
              }));
  all.emplace(rule::PAG_NPT_02, guest(user_read, [](auto& m) { m.state.g_pat = 2; }));
  all.emplace(rule::PAG_RSV_07, owned<owned_guest>(user_read, [](auto& m) { m.state.sev_features = 3; }));
  all.emplace(rule::PAG_KEY_11, owned<owned_guest>(user_read, [](auto& m) {
                m.state.sev_features = 3, m.state.virtual_tom = bit_at(40), m.share();
              }));
}

void add_scenarios_of_ownership(std::multimap<rule, rule_scenario>& all) {
  const memory_access stack_read{.kind = access_kind::shadow_stack_read, .level = kernel_mode};
  const auto host_table = [](auto& m) { m.owners.put(m.slot(2) & ~std::uint64_t{0xfff}, guest_page(0x1000)); };
  all.emplace(rule::PAG_AD_08, owned<owned_host>(user_read, [&](auto& m) { host_table(m), m.at(2) &= ~accessed; },
                                                 owned_host(), {.ptw_read_check = walker_check::updates_only}));
  all.emplace(rule::PAG_AD_08, owned<owned_guest>(user_read, [](auto& m) {
                m.in_guest(2) &= ~accessed, m.table(2).allowed[0].raw = 1;
              }));
  all.emplace(rule::RMP_CHK_06, owned<owned_host>(user_read, host_table));
  all.emplace(rule::RMP_CHK_01,
              owned<owned_host>(user_write, [](auto& m) { m.owners.put(0x0280'0000, guest_page(0x1000)); }));
  all.emplace(rule::RMP_CHK_01, owned<owned_guest>(user_read, [](auto& m) { m.page().id = {6}; }));
  all.emplace(
      rule::RMP_CHK_08,
      owned<owned_host>(user_write, [](auto& m) { m.owners.put(0x0281'0000, guest_page(0x1000)); }, owned_host(4, 2)));
  all.emplace(rule::RMP_CHK_09, [](recording_context& ctx) {
    plain_guest guest({.guest = 0, .nested_leaf = 3});
    return std::string(name_of(guest.run_in(ctx, user_read)->size));
  });
  all.emplace(rule::RMP_CHK_10, owned<owned_guest>(user_read, [](auto& m) { m.page().large = true; }));
  all.emplace(rule::RMP_CHK_15, owned<owned_guest>(user_read, [](auto& m) { m.page().in_use = true; }));
  all.emplace(rule::RMP_CHK_15,
              owned<owned_host>(user_write, [](auto& m) { m.owners.put(0x0280'0000, {.in_use = true}); }));
  all.emplace(rule::PAG_RMPS_08, owned<owned_guest>(user_read, [](auto& m) { m.page().validated = false; }));
  all.emplace(rule::RMP_VPL_01, owned<owned_guest>(user_write, [](auto& m) { m.page().allowed[0].raw = 1; }));
  all.emplace(rule::RMP_VPL_02, owned<owned_guest>(user_read, [](auto& m) { m.table(2).allowed[0].raw = 1; },
                                                   owned_guest(), {.rmp_gpt_vmpl_perm = table_vmpl::read_write}));
  all.emplace(rule::RMP_VPL_03, owned<owned_guest>(stack_read, [](auto& m) {
                m.state.sev_features = 0x101, m.in_guest(1) &= ~(writable | user), m.share();
              }));
  all.emplace(rule::RMP_VPL_03,
              owned<owned_guest>(user_read, [](auto& m) { m.state.sev_features = 0x101, m.state.np_control |= 0x10; }));
  all.emplace(rule::RMP_FLT_05, owned<owned_guest>(user_read, [](auto& m) {
                m.state.sev_features = 0x101, m.page().allowed[0].raw = 0x10;
              }));
}

/// One case for every guard and effect.
auto scenarios() -> std::multimap<rule, rule_scenario> {
  const auto implicit = memory_access{.kind = access_kind::read, .level = user_mode, .implicit_supervisor = true};
  auto keyed = user_read;
  keyed.pkru = 1;
  auto two_bytes = user_read;
  two_bytes.bytes = 2;

  std::multimap<rule, rule_scenario> all{
      {rule::PAG_MODE_01, host(user_read, [](auto& m) { m.regs.cr0 &= ~cr0_pg; })},
      {rule::PAG_MODE_01,
       guest(user_read, [](auto& m) { m.state.guest.cr0 &= ~cr0_pg, m.where = {m.final_gpa.value}; })},
      {rule::PAG_CAN_01, host(user_read, [](auto& m) { m.where.value |= bit_at(60); })},
      {rule::PAG_CAN_01, guest(user_read, [](auto& m) { m.where.value |= bit_at(60); })},
      {rule::PAG_CAN_02, host(user_read, [](auto& m) { m.regs.cr0 &= ~cr0_pg, m.where.value |= bit_at(33); })},
      {rule::PAG_CAN_04, host(two_bytes,
                              [](auto& m) {
                                m.where = {0x0000'7fff'ffff'ffff};
                                m.tables.map(m.memory, m.where.value, data_page(1), 1);
                              })},
      {rule::PAG_CR3_01, host(user_read, [](auto& m) { m.regs.cr3 |= bit_at(55); })},
      {rule::PAG_CR3_01, guest(user_read, [](auto& m) { m.state.guest.cr3 |= bit_at(63); })},
      {rule::PAG_CR3_03, host(user_read, [](auto& m) { m.regs.cr3 |= bit_at(50); })},
      {rule::PAG_CR3_03, guest(user_read, [](auto& m) { m.state.ncr3 |= bit_at(49); })},
      {rule::PAG_ENT_02, host(user_read, [](auto& m) { m.at(2) &= ~present; })},
      {rule::PAG_ENT_02, guest(user_read, [](auto& m) { m.for_data(1) &= ~present; })},
      {rule::PAG_ENT_03, host(user_read, [](auto& m) { m.at(4) |= bit_8; })},
      {rule::PAG_ENT_03, guest(user_read, [](auto& m) { m.for_data(4) |= bit_8; })},
      {rule::PAG_RSV_01, host(user_read, [](auto& m) { m.at(4) |= large; })},
      {rule::PAG_RSV_01, guest(user_read, [](auto& m) { m.for_data(4) |= large; })},
      {rule::PAG_RSV_02, host(user_read, [](auto& m) { m.at(1) |= bit_at(48); })},
      {rule::PAG_RSV_02, guest(user_read, [](auto& m) { m.for_data(1) |= bit_at(51); })},
      {rule::PAG_RSV_08, host(user_read, [](auto& m) { m.regs.efer &= ~efer_nxe, m.at(2) |= no_execute; })},
      {rule::PAG_RSV_08,
       guest(user_read, [](auto& m) { m.state.host.efer &= ~efer_nxe, m.for_data(1) |= no_execute; })},
      {rule::PAG_PERM_01, host(user_read, [](auto& m) { m.at(2) &= ~user; })},
      {rule::PAG_PERM_02, host(user_write, [](auto& m) { m.at(2) &= ~writable; })},
      {rule::PAG_PERM_03, host(user_fetch, [](auto& m) { m.at(2) |= no_execute; })},
      {rule::PAG_PERM_04, host(kernel_fetch, [](auto& m) { m.regs.cr4 |= cr4_smep; })},
      {rule::PAG_PERM_05, host(kernel_read, [](auto& m) { m.regs.cr4 |= cr4_smap; })},
      {rule::PAG_PERM_05, host(implicit, [](auto& m) { m.regs.cr4 |= cr4_smap; })},
      {rule::PAG_PERM_06, host(keyed, [](auto& m) { m.regs.cr4 |= cr4_pke; })},
      {rule::PAG_PERM_09, host(user_read, [](auto& m) { m.regs.cr4 |= bit_at(24); })},
      {rule::PAG_PERM_09, guest(user_read, [](auto& m) { m.state.guest.cr4 |= bit_at(24); })},
      {rule::PAG_PF_04, host(user_fetch, [](auto& m) { m.at(1) = 0; })},
      {rule::PAG_AD_01, host(user_read, [](auto& m) { m.at(3) &= ~accessed; })},
      {rule::PAG_AD_01, host(user_write, [](auto& m) { m.at(1) &= ~dirty; })},
      {rule::PAG_AD_01, guest(user_write, [](auto& m) { m.for_data(1) &= ~dirty; })},
      {rule::PAG_NPT_02, guest(user_read, [](auto& m) { m.state.host.cr0 &= ~cr0_pg; })},
      {rule::PAG_SEVEN_01, guest(user_read, [](auto& m) { m.make_sev(), m.state.np_control &= ~std::uint64_t{1}; })},
      {rule::PAG_SEVEN_01, guest(user_read, [](auto& m) { m.make_sev(), m.state.id = {510}; })},
      {rule::PAG_NPT_02, guest(user_read, [](auto& m) { m.state.id = host_asid; })},
      {rule::PAG_NPT_11, guest(user_read, [](auto& m) { m.for_table(3, 1) &= ~writable; })},
      {rule::PAG_NPT_11, guest(user_read, [](auto& m) { m.for_table(3, 1) &= ~user; })},
      {rule::PAG_NPT_13, guest(user_read, [](auto& m) { m.for_data(2) &= ~user; })},
      {rule::PAG_NPT_21,
       guest(user_read, [](auto& m) { m.part.pa_bits = 52, m.part.reduction = 6, m.in_guest(1) |= bit_at(50); })},
      {rule::PAG_NPF_02, guest(user_write, [](auto& m) { m.for_data(2) &= ~writable; })},
      {rule::PAG_NPF_02, guest(user_fetch, [](auto& m) { m.for_data(2) |= no_execute; })},
      {rule::PAG_NPF_11, guest(user_fetch, [](auto& m) { m.for_data(1) = 0; })},
      {rule::PAG_NPF_12, guest(user_read, [](auto& m) { m.make_sev(true), m.for_data(1) |= bit_at(45); })},
  };
  add_scenarios_of_special_controls(all);
  add_scenarios_of_ownership(all);
  // Another agent moves the page between the walk's read of the leaf and its update.
  all.emplace(rule::PAG_AD_04, [](recording_context& ctx) {
    host_machine machine;
    machine.at(1) &= ~accessed;
    intruded memory{machine.memory, machine.slot(1), 0x0777'7000 | all_rights};
    return text_of(machine.run(ctx, memory, user_read));
  });
  all.merge(l2_scenarios());
  all.merge(memory_scenarios());
  all.merge(tlb_scenarios());
  return all;
}

}  // namespace

TEST_CASE("every guard and effect fires and passes", "[paging][coverage]") {
  listening to;
  const nlohmann::json file = load_vectors();
  for (const auto& vector : file.at("vectors")) {
    const auto test = read_vector(vector);
    REQUIRE(test.has_value());
    const auto make = [&] {  // the regimes' rules are consulted here
      if (test->in_guest) (void)paging::make_two_stage_regime(to.ctx, test->part, test->guest);
      else (void)paging::make_host_regime(to.ctx, test->part, test->host_registers, test->syscfg);
    };
    make();
    memory::sparse_memory memory = test->memory;
    (void)test->walk(to.ctx, memory);
  }
  const auto from_vectors = to.heard.fired;
  for (const auto& [id, play] : scenarios()) (void)play(to.ctx);
  play_tlb_quiet_scenarios(to.ctx);

  const std::set<rule> wanted = conditions(false);
  CHECK(names_of(missing(wanted, to.heard.fired)) == "");
  CHECK(names_of(missing(wanted, to.heard.passed)) == "");
  // Rules of the other kind are never asked.
  std::set<rule> any = wanted;
  any.merge(conditions(true));
  CHECK(names_of(missing(to.heard.fired, any)) == "");
  CHECK(names_of(missing(to.heard.passed, any)) == "");
  // The vectors alone reach most of them.
  CHECK(from_vectors.size() >= 20);
}

TEST_CASE("every guard and effect makes a difference", "[paging][coverage]") {
  const shown_rules shown = shown_by(scenarios());
  CHECK(names_of(missing(conditions(false), shown.load_bearing)) == "");
}

TEST_CASE("a rule switched off and on again is in force", "[paging][coverage]") {
  for (const auto& [id, play] : scenarios()) {
    INFO(name_of(id));
    listening with;
    listening again(rule_set().without(id).with(id));
    CHECK(play(with.ctx) == play(again.ctx));
  }
}

TEST_CASE("rules left out at compile time are left out", "[paging][coverage]") {
  context<all_rules_but<rule::PAG_PERM_01, rule::PAG_PF_04>> ctx;
  host_machine machine;
  machine.at(3) &= ~user;
  CHECK(machine.run(ctx, user_read).has_value());
  machine.at(3) &= ~present;
  CHECK(fault_of(machine.run(ctx, user_fetch)) == page_fault(rule::PAG_ENT_02, 0x4, machine.where.value));
  CHECK(machine.fault_of(user_fetch) == page_fault(rule::PAG_ENT_02, 0x14, machine.where.value));
}

TEST_CASE("every rule is asserted by a test that names it", "[paging][coverage]") {
  std::map<std::string, unsigned> tags;
  const std::regex tag(R"(\[([A-Z]{2,}(?:-[A-Z0-9]+)+)\])");
  for (const auto& file : std::filesystem::recursive_directory_iterator(SEVSPEC_TEST_DATA_DIR "/..")) {
    if (!file.path().string().ends_with(".test.cpp")) continue;
    std::ifstream in(file.path());
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    for (std::sregex_iterator at(text.begin(), text.end(), tag), end; at != end; ++at) ++tags[(*at)[1]];
  }
  std::set<rule> unnamed;
  for (const rule_info& row : rule_registry)
    if (tags.erase(row.name) == 0) unnamed.insert(row.id);
  CHECK(names_of(unnamed) == "");
  // And no test names a rule that does not exist. (LAY-TV-01 and its like are vectors, FIELD-01 is a published bug,
  // INV-01 an invariant, ATK-01 an attack.)
  for (const auto& [unknown, count] : tags) {
    if (unknown.find("-TV-") != std::string::npos || unknown.starts_with("FIELD-") || unknown.starts_with("INV-") ||
        unknown.starts_with("ATK-"))
      continue;
    INFO(unknown);
    CHECK(count == 0);
  }
}
