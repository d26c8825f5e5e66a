// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/memory_machine.hpp>

#include <sevspec/base/context.hpp>
#include <sevspec/base/generation.hpp>
#include <sevspec/memory/asid_activation.hpp>

using namespace sevspec;
using namespace sevspec::memory;
using namespace sevspec::test;
using status = layout::sev_status_codes;

namespace {

constexpr asid_ranges eight{.highest = 8, .min_sev = 5, .max_snp = 0};
constexpr activating_guest plain_launch{.kind = guest_kind::sev};
constexpr activating_guest es_launch{.kind = guest_kind::sev_es};
constexpr activating_guest es_running{.kind = guest_kind::sev_es, .runs = true};

struct firmware {
  asid_states<8, 2> states{};
  context<> ctx{};
  asid_ranges ranges = eight;

  auto activate(guest_asid& guest, std::uint32_t id, const activating_guest& what = es_launch) -> asid_result {
    return memory::activate(ctx, states, ranges, guest, what, {id});
  }
  void wbinvd_everywhere() {
    note_wbinvd(states, {0});
    note_wbinvd(states, {1});
  }
  void flush() {
    wbinvd_everywhere();
    CHECK(df_flush(ctx, states));
  }
  auto all(std::uint32_t id, asid_state state) const -> bool {
    return states.state_of({id}, {0}) == state && states.state_of({id}, {1}) == state;
  }
  auto runs(std::uint32_t id) -> bool { return check_asid_runs(ctx, states, {id}, {1}).has_value(); }
};

}  // namespace

TEST_CASE("ENC-ASID-01: which ASIDs a kind of guests has", "[memory][ENC-ASID-01][ENC-ASID-03]") {
  using r = asid_range;
  CHECK(eight.of(guest_kind::sev) == r{5, 8});
  CHECK(eight.of(guest_kind::sev_es) == r{1, 4});
  CHECK(eight.of(guest_kind::snp) == r{1, 4});

  const asid_ranges hiding{.highest = 8, .min_sev = 5, .max_snp = 3};
  CHECK(hiding.of(guest_kind::sev) == r{5, 8});
  CHECK(hiding.of(guest_kind::sev_es) == r{4, 4});
  CHECK(hiding.of(guest_kind::snp) == r{1, 3});

  const auto has_none = [](const asid_ranges& ranges, guest_kind kind) {
    for (std::uint32_t id = 0; id < 20; ++id)
      if (ranges.of(kind).contains({id})) return false;
    return true;
  };
  // EDX=1: no SEV-ES. EDX above ECX: nothing else. All of them for SNP: no SEV-ES.
  CHECK(has_none({.highest = 8, .min_sev = 1}, guest_kind::sev_es));
  CHECK(has_none({.highest = 8, .min_sev = 1}, guest_kind::snp));
  CHECK(has_none({.highest = 8, .min_sev = 9}, guest_kind::sev));
  CHECK(asid_ranges{.highest = 8, .min_sev = 9}.of(guest_kind::snp) == r{1, 8});
  CHECK(asid_ranges{.highest = 8, .min_sev = 12}.of(guest_kind::snp) == r{1, 8});
  CHECK(has_none({.highest = 8, .min_sev = 5, .max_snp = 4}, guest_kind::sev_es));
  CHECK(asid_ranges{.highest = 8, .min_sev = 5, .max_snp = 7}.of(guest_kind::snp) == r{1, 4});
  CHECK(has_none({.highest = 8, .min_sev = 5, .max_snp = 7}, guest_kind::sev_es));
  // Nobody shares an ASID with a guest of another kind under ciphertext hiding.
  for (std::uint32_t id = 0; id < 20; ++id) {
    const int owners = hiding.of(guest_kind::sev).contains({id}) + hiding.of(guest_kind::sev_es).contains({id}) +
                       hiding.of(guest_kind::snp).contains({id});
    CHECK(owners == (id >= 1 && id <= 8 ? 1 : 0));
  }
}

TEST_CASE("ENC-ASID-02: how many ASIDs the generations have", "[memory][ENC-ASID-02]") {
  CHECK(part_of(generation::naples).encrypted_guests == 15);
  CHECK(part_of(generation::rome).encrypted_guests == 509);
  CHECK(part_of(generation::milan).encrypted_guests == 509);
  CHECK(part_of(generation::genoa).encrypted_guests == 1006);
}

TEST_CASE("ENC-ASID-04: the key is the guest's, not the ASID's", "[memory][ENC-ASID-04][ENC-ASID-10]") {
  memory_machine m;
  m.put(0x3000, guest_key, 0x1234);
  CHECK(m.get(0x3000, other_key) != 0x1234);
  CHECK(m.memory.install_key({7}, memory_machine::seed(0x50)));
  CHECK(m.get(0x3000, memory_key::guest({7})) == 0x1234);

  // DEACTIVATE does not know of keys at all: the slot keeps its own until the next ACTIVATE.
  firmware fw;
  fw.flush();
  guest_asid guest;
  CHECK(fw.activate(guest, 4));
  CHECK(deactivate(fw.ctx, fw.states, guest));
  CHECK(m.get(0x3000, guest_key) == 0x1234);
}

TEST_CASE("ENC-ASID-07: initialisation makes everything dirty", "[memory][ENC-ASID-07]") {
  firmware fw;
  for (std::uint32_t id = 0; id <= 8; ++id) {
    CHECK(fw.all(id, asid_state::dirty));
    CHECK_FALSE(fw.runs(id));
  }
  CHECK_FALSE(fw.states.is_written_back({0}));
  CHECK_FALSE(fw.states.is_written_back({1}));
  guest_asid guest;
  CHECK(fw.activate(guest, 1) == asid_result{status::dfflush_required, rule::FW_ACT_07});  // vector 18
  CHECK(guest == guest_asid{});
  CHECK(std::string(name_of(asid_state::dirty)) + name_of(asid_state::clean) + name_of(asid_state::allocated) +
            name_of(asid_state::in_use) ==
        "dirtycleanallocatedin use");
  CHECK(fw.states.state_of({9}, {0}) == asid_state::dirty);
  fw.states.set_state({9}, {0}, asid_state::clean);
  fw.states.set_valid({9}, {0}, true);
  CHECK_FALSE(fw.runs(9));
  CHECK(fw.states == asid_states<8, 2>{});
}

TEST_CASE("ENC-ASID-11: one flush cleans all, complex by complex", "[memory][ENC-ASID-11][FW-ACT-07]") {
  firmware fw;
  guest_asid first, second;
  // Vectors 19 to 22.
  CHECK(df_flush(fw.ctx, fw.states) == asid_result{status::wbinvd_required, rule::ENC_ASID_11});
  CHECK(fw.states == asid_states<8, 2>{});
  note_wbinvd(fw.states, {0});
  CHECK(df_flush(fw.ctx, fw.states) == asid_result{status::wbinvd_required, rule::ENC_ASID_11});
  for (std::uint32_t id = 0; id <= 8; ++id) {
    CHECK(fw.states.state_of({id}, {0}) == asid_state::clean);
    CHECK(fw.states.state_of({id}, {1}) == asid_state::dirty);
  }
  CHECK(fw.activate(first, 1) == asid_result{status::dfflush_required, rule::FW_ACT_07});
  note_wbinvd(fw.states, {1});
  CHECK(df_flush(fw.ctx, fw.states));
  CHECK(fw.activate(first, 1));
  finish_launch(fw.states, first);
  CHECK(fw.activate(second, 1) == asid_result{status::asid_owned, rule::FW_ACT_04});
  CHECK(deactivate(fw.ctx, fw.states, first));
  CHECK(fw.activate(second, 1) == asid_result{status::dfflush_required, rule::FW_ACT_07});

  // The flush asks for a WBINVD after the DEACTIVATE; then both ASIDs are free at once.
  CHECK(df_flush(fw.ctx, fw.states) == asid_result{status::wbinvd_required, rule::ENC_ASID_11});
  CHECK(fw.activate(first, 2, es_running));
  CHECK(deactivate(fw.ctx, fw.states, first));
  fw.flush();
  CHECK(fw.all(1, asid_state::clean));
  CHECK(fw.all(2, asid_state::clean));
  // A flush does not take WBINVDs back, and does nothing to ASIDs that somebody has.
  CHECK(fw.activate(first, 3));
  CHECK(fw.activate(second, 2, es_running));
  CHECK(df_flush(fw.ctx, fw.states));
  CHECK(fw.all(3, asid_state::allocated));
  CHECK(fw.all(2, asid_state::in_use));
}

TEST_CASE("ENC-ASID-16: WBNOINVD does not count as WBINVD", "[memory][ENC-ASID-16]") {
  firmware fw;
  note_wbinvd(fw.states, {0});
  note_wbnoinvd(fw.ctx, fw.states, {1});
  CHECK_FALSE(df_flush(fw.ctx, fw.states));
  fw.ctx.choices.wbnoinvd_counts = true;
  note_wbnoinvd(fw.ctx, fw.states, {1});
  CHECK(df_flush(fw.ctx, fw.states));
}

TEST_CASE("ENC-ASID-08: ACTIVATE's checks, in order",
          "[memory][ENC-ASID-08][FW-ACT-03][FW-ACT-04][FW-ACT-05][FW-ACT-06][FW-ACT-07][FW-ACT-09]") {
  // A request that fails every check; each is mended in turn.
  firmware fw;
  guest_asid holder{};
  fw.flush();
  CHECK(fw.activate(holder, 6, plain_launch));
  finish_launch(fw.states, holder);
  CHECK(fw.all(6, asid_state::in_use));
  fw.states.set_state({6}, {1}, asid_state::dirty);

  guest_asid guest{.id = {2}};
  activating_guest what{.kind = guest_kind::sev_es, .runs = false, .sent = true};
  const auto before = fw.states;
  CHECK(fw.activate(guest, 0, what) == asid_result{status::invalid_asid, rule::FW_ACT_03});
  CHECK(fw.activate(guest, 9, what) == asid_result{status::invalid_asid, rule::FW_ACT_03});
  CHECK(fw.activate(guest, 6, what) == asid_result{status::asid_owned, rule::FW_ACT_04});
  fw.states.set_state({6}, {0}, asid_state::allocated);
  CHECK(fw.activate(guest, 6, what) == asid_result{status::asid_owned, rule::FW_ACT_04});
  fw.states.set_state({6}, {0}, asid_state::clean);
  CHECK(fw.activate(guest, 6, what) == asid_result{status::active, rule::FW_ACT_05});
  guest = {};
  CHECK(fw.activate(guest, 6, what) == asid_result{status::invalid_guest_state, rule::FW_ACT_06});
  what.sent = false;
  CHECK(fw.activate(guest, 6, what) == asid_result{status::dfflush_required, rule::FW_ACT_07});
  fw.states.set_state({6}, {1}, asid_state::clean);
  CHECK(fw.activate(guest, 6, what) == asid_result{status::invalid_asid, rule::FW_ACT_09});
  CHECK(guest == guest_asid{});
  CHECK(fw.states != before);  // by this test's hand only
  what.kind = guest_kind::sev;
  CHECK(fw.activate(guest, 6, what) == asid_result{});
  CHECK(guest == guest_asid{.id = {6}, .pending = true});
  CHECK(fw.all(6, asid_state::allocated));
}

TEST_CASE("ENC-ASID-08: a launch has to be finished before the guest runs", "[memory][ENC-ASID-08][ENC-ASID-12]") {
  firmware fw;
  fw.flush();
  guest_asid launching, running;
  CHECK(fw.activate(launching, 3));
  CHECK(fw.all(3, asid_state::allocated));
  CHECK(check_asid_runs(fw.ctx, fw.states, {3}, {0}).error() ==
        fault{fault_kind::vmexit, rule::ENC_ASID_12, ~std::uint64_t{0}, 0});
  finish_launch(fw.states, launching);
  CHECK(launching == guest_asid{.id = {3}, .pending = false});
  CHECK(fw.all(3, asid_state::in_use));
  CHECK(fw.runs(3));

  CHECK(fw.activate(running, 4, es_running));
  CHECK(running == guest_asid{.id = {4}, .pending = false});
  CHECK(fw.all(4, asid_state::in_use));
  CHECK(fw.runs(4));

  // The launch of a guest without ASID is finished, too; it runs from its activation on.
  guest_asid none;
  const auto before = fw.states;
  finish_launch(fw.states, none);
  CHECK(fw.states == before);
}

TEST_CASE("ENC-ASID-10: DEACTIVATE", "[memory][ENC-ASID-10][FW-ACT-22]") {
  firmware fw;
  fw.flush();
  guest_asid guest;
  CHECK(deactivate(fw.ctx, fw.states, guest) == asid_result{status::inactive, rule::FW_ACT_22});

  // Never ran: no flush is needed, and WBINVDs still count.
  CHECK(fw.activate(guest, 3));
  CHECK(deactivate(fw.ctx, fw.states, guest));
  CHECK(guest == guest_asid{});
  CHECK(fw.all(3, asid_state::clean));
  CHECK(fw.states.is_written_back({1}));

  CHECK(fw.activate(guest, 3, es_running));
  CHECK(deactivate(fw.ctx, fw.states, guest));
  CHECK(guest == guest_asid{});
  CHECK(fw.all(3, asid_state::dirty));
  CHECK_FALSE(fw.runs(3));
  CHECK_FALSE(fw.states.is_written_back({0}));
  CHECK_FALSE(fw.states.is_written_back({1}));
}

TEST_CASE("ENC-ASID-09: SNP_ACTIVATE", "[memory][ENC-ASID-09][ENC-ASID-03]") {
  firmware fw;
  guest_asid guest;
  const auto snp = [&](const snp_activation& what, std::uint32_t id, bool runs = false) {
    return snp_activate(fw.ctx, fw.states, fw.ranges, guest, runs, what, {id});
  };
  // Before the common part, which would fail, too.
  CHECK(snp({.pages = std::nullopt, .single_socket = true, .sockets = 2}, 6) ==
        asid_result{status::invalid_asid, rule::FW_ACT_03});
  CHECK(snp({.pages = 1, .single_socket = true, .sockets = 2}, 6) ==
        asid_result{status::invalid_config, rule::ENC_ASID_09});  // vector 23
  CHECK(snp({.pages = 0, .single_socket = true, .sockets = 2}, 6) ==
        asid_result{status::policy_failure, rule::ENC_ASID_09});
  CHECK(snp({.pages = 0, .single_socket = true, .sockets = 1}, 6) ==
        asid_result{status::dfflush_required, rule::FW_ACT_07});
  fw.flush();
  CHECK(snp({.pages = 0, .single_socket = false, .sockets = 2}, 6) ==
        asid_result{status::invalid_asid, rule::FW_ACT_09});
  CHECK(guest == guest_asid{});
  CHECK(snp({}, 3) == asid_result{});
  CHECK(guest == guest_asid{.id = {3}, .pending = true});
  CHECK(deactivate(fw.ctx, fw.states, guest));
  fw.ranges.max_snp = 2;
  CHECK(snp({}, 3) == asid_result{status::invalid_asid, rule::FW_ACT_09});
  CHECK(snp({}, 2, true) == asid_result{});
  CHECK(fw.runs(2));
}
