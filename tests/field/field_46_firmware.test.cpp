// SPDX-License-Identifier: MIT
// FIELD-46, the firmware's side of it: what the corrected layouts mean to the commands that read them. virtee/sev
// 8e10d96, 5bc0f68, d9ffcc7, e96d605, d375b59, aa7ce9b
#include <cstdint>
#include <vector>

#include <support/firmware_world.hpp>
#include <support/guest_talk.hpp>

using namespace sevspec;
using namespace sevspec::test;

TEST_CASE("FIELD-46: a policy without bit 17 launches nothing", "[field][FIELD-46]") {
  listening with;
  world w(with.ctx, true);
  w.snp_started().context_page();
  constexpr std::uint64_t buggy_policy = 1U << 16;  // SMT, and nothing in the reserved bits
  CHECK(w.snp_launch_start(gctx_at, buggy_policy) == fw::policy_failure);
  CHECK(w.snp_launch_start(gctx_at, buggy_policy | 1U << 17) == fw::success);
}

TEST_CASE("FIELD-46: byte 3 of the platform status tells whether the table is initialised", "[field][FIELD-46]") {
  listening with;
  world w(with.ctx, true);
  const auto told = [&] {
    w.expect({w.word(command_id::snp_platform_status_, test_scratch)});
    return peek(w.m, test_scratch, 32);
  };
  CHECK(told()[3] == 0);
  w.snp_started();
  const auto status = told();
  CHECK(status[2] == 1);
  CHECK(status[3] == 1);
  CHECK(layout::read_le<std::uint64_t>(status.data() + 0x10) == w.m.sp.current.tcb);
}

TEST_CASE("FIELD-46: a key request of version 2 has a field more, which enters the key", "[field][FIELD-46]") {
  listening with;
  world w(with.ctx, true);
  w.m.hw.features.verify_mitigation = true;
  w.snp_running();
  give_page(w.m, response_at);
  const auto key_of = [&](std::uint8_t version, std::uint64_t select, std::uint64_t vector) {
    layout::msg_key_req_v2 asked;
    asked.set_guest_field_select(select);
    asked.set_launch_mit_vector(vector);
    auto payload = payload_of(asked);
    payload.resize(version == 2 ? 0x30 : 0x20);
    const talk spoken{.type = layout::snp_message_types::key_req, .version = version, .payload = payload};
    const auto speaker = w.guest();
    w.expect({say(w, spoken)});
    return hear(w, spoken, speaker);
  };
  constexpr std::uint64_t mitigations = 1U << 6;
  CHECK(static_cast<fw>(key_of(1, mitigations, 0)[0]) == fw::invalid_param);  // version 1 does not know the bit
  const auto one = key_of(2, mitigations, 1);
  CHECK(static_cast<fw>(one[0]) == fw::success);
  CHECK(one != key_of(2, mitigations, 2));
  CHECK(key_of(2, 0, 1) == key_of(1, 0, 0));  // not selected: as before
}

TEST_CASE("FIELD-46: a TCB_VERSION is read in the order of its generation", "[field][FIELD-46]") {
  for (const auto order : {layout::tcb_format::milan_genoa, layout::tcb_format::turin}) {
    listening with;
    world w(with.ctx, true);
    w.m.hw.tcb_order = order;
    w.m.sp.committed.tcb = layout::tcb_version({.boot_loader = 3, .tee = 2, .snp = 9, .microcode = 4}, order);
    layout::cmd_snp_config cmd;
    cmd.set_reported_tcb(layout::tcb_version({.boot_loader = 3, .tee = 2, .snp = 9, .microcode = 5}, order));
    CHECK(w.post(command_id::snp_config, cmd) == fw::invalid_param);
    cmd.set_reported_tcb(layout::tcb_version({.boot_loader = 3, .tee = 2, .snp = 8, .microcode = 4}, order));
    CHECK(w.post(command_id::snp_config, cmd) == fw::success);
  }
}
