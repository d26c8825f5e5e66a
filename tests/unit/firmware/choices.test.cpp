// SPDX-License-Identifier: MIT
// What the manuals leave open: both answers.
#include <cstdint>
#include <vector>

#include <support/firmware_world.hpp>
#include <support/guest_talk.hpp>

using namespace sevspec;
using namespace sevspec::test;

TEST_CASE("choices: flushing and activating", "[firmware][choices]") {
  for (const bool strict : {true, false}) {
    listening with;
    with.ctx.choices.strict_df_flush_state = strict;
    world w(with.ctx, true);
    CHECK(w.post(command_id::df_flush) == (strict ? fw::invalid_platform_state : fw::wbinvd_required));
    CHECK(w.post(command_id::snp_df_flush) == (strict ? fw::invalid_platform_state : fw::wbinvd_required));
  }
  for (const bool reports : {false, true}) {
    listening with;
    with.ctx.choices.activate_reports_wbinvd = reports;
    world w(with.ctx);
    w.expect({w.init(), w.launch_start()});
    CHECK(w.activate(1, 6) == (reports ? fw::wbinvd_required : fw::dfflush_required));
    firmware::note_wbinvd_everywhere(w.m);
    CHECK(w.activate(1, 6) == fw::dfflush_required);  // WBINVD is done, the flush is not
  }
  for (const bool counts : {false, true}) {
    listening with;
    with.ctx.choices.wbnoinvd_counts = counts;
    world w(with.ctx);
    w.expect({w.init()});
    for (std::size_t i = 0; i < 2; ++i) firmware::note_wbnoinvd(with.ctx, w.m, i);
    CHECK(w.post(command_id::df_flush) == (counts ? fw::success : fw::wbinvd_required));
  }
}

TEST_CASE("choices: initialising and launching", "[firmware][choices]") {
  for (const bool renews : {false, true}) {
    listening with;
    with.ctx.choices.pdh_regen_on_init = renews;
    world w(with.ctx);
    const auto stored = *w.m.sp.flash;
    w.expect({w.init()});
    CHECK((w.m.sp.identity.pdh == stored.pdh) != renews);
    CHECK(w.m.sp.identity.pek == stored.pek);
  }
  for (const bool checked : {true, false}) {
    listening with;
    with.ctx.choices.policy_checks_without_session = checked;
    world w(with.ctx);
    w.ready();
    CHECK(w.launch_start(0x3801'0000) == (checked ? fw::policy_failure : fw::success));
    CHECK(w.launch_start(plain_policy | 0x40) == (checked ? fw::policy_failure : fw::success));
  }
}

TEST_CASE("choices: the context byte of VMSA packets", "[firmware][choices][FW-SEV-SUP-02]") {
  for (const bool manual : {false, true}) {
    listening with;
    with.ctx.choices.vmsa_packet_ctx = manual;
    world w(with.ctx);
    w.ready(true).launched(es_policy, 1);
    w.expect({w.update(1, 0x20'0000, 0x1000, true), w.measure(1), w.by_handle(command_id::launch_finish, 1),
              w.send_start(1), w.transport(command_id::send_update_vmsa, 1, 0x20'0000)});
    const auto header = peek(w.m, test_scratch + 0x8000, 52);
    auto data = peek(w.m, test_scratch + 0x9000, 0x1000);
    layout::sev_packet_header parsed;
    std::ranges::copy(header, parsed.bytes().begin());
    const auto kind = firmware::vmsa_packet(manual ? firmware::packet_context::vmsa_ : firmware::packet_context::data);
    context<> plain;
    CHECK(firmware::open_packet(plain, w.m.sp.guests.at(1).keys, kind, parsed, data, data).has_value());
  }
}

TEST_CASE("choices: ATTESTATION's buffer under SEV-SNP", "[firmware][choices]") {
  for (const bool checked : {false, true}) {
    listening with;
    with.ctx.choices.attestation_buffer_checked = checked;
    world w(with.ctx, true);
    w.snp_started().expect({w.init()});
    w.running();
    w.buffer_at = 0x70'0000;  // the hypervisor's
    CHECK(w.attest(1) == (checked ? fw::invalid_page_state : fw::success));
    give_page(w.m, 0x70'0000);
    CHECK(w.attest(1) == fw::success);
    CHECK(w.state(0x70'0000) == rmp::page_state::reclaim);
  }
}

TEST_CASE("choices: SEV-SNP", "[firmware][choices]") {
  for (const bool needs : {false, true}) {
    listening with;
    with.ctx.choices.snp_config_needs_init = needs;
    world w(with.ctx, true);
    layout::cmd_snp_config cmd;
    CHECK(w.post(command_id::snp_config, cmd) == (needs ? fw::invalid_platform_state : fw::success));
    w.snp_started().expect({w.post(command_id::snp_config, cmd)});
  }
  for (const bool as_number : {false, true}) {
    listening with;
    with.ctx.choices.tcb_compared_as_number = as_number;
    world w(with.ctx, true);
    layout::cmd_snp_config cmd;  // an older boot loader, a newer microcode
    cmd.set_reported_tcb(0xff03'0000'0000'0101);
    CHECK(w.post(command_id::snp_config, cmd) == (as_number ? fw::success : fw::invalid_param));
  }
  for (const bool fatal : {true, false}) {
    listening with;
    with.ctx.choices.init_list_errors_fatal = fatal;
    world w(with.ctx, true);
    layout::snp_range_list_header header;
    header.set_num_elements(1000);
    poke(w.m, test_scratch, header.bytes());
    layout::cmd_snp_init_ex cmd;
    cmd.set_flags({3});
    cmd.set_list_paddr(test_scratch);
    CHECK(w.post(command_id::snp_init_ex, cmd) == (fatal ? fw::invalid_param : fw::success));
  }
  for (const bool param : {false, true}) {
    listening with;
    with.ctx.choices.wrong_seqno_is_invalid_param = param;
    world w(with.ctx, true);
    w.snp_running();
    give_page(w.m, response_at);
    CHECK(say(w, {.type = layout::snp_message_types::tsc_info_req,
                  .sequence = 5,
                  .payload = std::vector<std::uint8_t>(0x80)}) == (param ? fw::invalid_param : fw::aead_oflow));
  }
}
