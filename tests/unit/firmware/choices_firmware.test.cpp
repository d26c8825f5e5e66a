// SPDX-License-Identifier: MIT
// What the manuals leave open of the firmware's commands: both answers, how far they reach, and which is the default.
#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include <support/command_effects.hpp>
#include <support/snp_scenarios.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using namespace sevspec::test::snp_scenarios;
using memory::asid_state;

constexpr std::uint64_t committed_tcb = 0x0303'0000'0000'0102;  ///< boot loader 2, TEE 1, SNP 3, microcode 3

/// A world with one choice made.
struct chosen {
  listening with;
  world w;
  chosen(bool implementation_choices::* member, bool value, bool snp = true) : w(with.ctx, snp) {
    with.ctx.choices.*member = value;
  }
};
constexpr std::array both{false, true};
using choice = implementation_choices;

}  // namespace

TEST_CASE("choices of the firmware: the defaults",
          "[firmware][choices][FW-ASID-12][FW-SEV-LST-04][FW-CRY-14][FW-DISP-06][FW-PLAT-13][FW-MSG-16]"
          "[FW-SNP-CFG-01][FW-SNP-INIT-22]") {
  constexpr choice choices;
  CHECK(choices.strict_df_flush_state);
  CHECK(choices.policy_checks_without_session);
  CHECK(choices.init_list_errors_fatal);
  CHECK_FALSE(choices.pdh_regen_on_init);
  CHECK_FALSE(choices.vmsa_packet_ctx);
  CHECK_FALSE(choices.attestation_buffer_checked);
  CHECK_FALSE(choices.snp_config_needs_init);
  CHECK_FALSE(choices.wrong_seqno_is_invalid_param);
  CHECK_FALSE(choices.tcb_compared_as_number);
}

TEST_CASE("strict_df_flush_state: a flush before INIT works, or changes nothing", "[firmware][choices][FW-ASID-12]") {
  for (const bool strict : both) {
    for (const command_id id : {command_id::df_flush, command_id::snp_df_flush}) {
      chosen a(&choice::strict_df_flush_state, strict);
      firmware::note_wbinvd_everywhere(a.w.m);
      CHECK(a.w.post(id) == (strict ? fw::invalid_platform_state : fw::success));
      for (std::uint32_t one = 1; one <= 15; ++one)
        CHECK(a.w.m.asids.state_of({one}, {1}) == (strict ? asid_state::dirty : asid_state::clean));
      // Each API asks for its own state: SNP is initialised, the legacy API is not.
      a.w.expect({a.w.post(command_id::snp_init)});
      firmware::note_wbinvd_everywhere(a.w.m);
      CHECK(a.w.post(command_id::df_flush) == (strict ? fw::invalid_platform_state : fw::success));
      CHECK(a.w.post(command_id::snp_df_flush) == fw::success);
    }
    chosen legacy(&choice::strict_df_flush_state, strict, false);
    legacy.w.expect({legacy.w.init()});
    firmware::note_wbinvd_everywhere(legacy.w.m);
    CHECK(legacy.w.post(command_id::snp_df_flush) == (strict ? fw::invalid_platform_state : fw::success));
    CHECK(legacy.w.post(command_id::df_flush) == fw::success);
  }
}

TEST_CASE("pdh_regen_on_init: a new PDH, stored where the identity is", "[firmware][choices][FW-SEV-INIT-01]") {
  for (const bool renews : both) {
    chosen a(&choice::pdh_regen_on_init, renews, false);
    const auto stored = *a.w.m.sp.flash;
    a.w.expect({a.w.init()});
    CHECK((a.w.m.sp.identity.pdh.secret == stored.pdh.secret) != renews);
    CHECK(a.w.m.sp.identity.pek == stored.pek);
    CHECK(a.w.m.sp.identity.oca == stored.oca);
    CHECK(a.w.m.sp.flash == a.w.m.sp.identity);
    const auto pek = firmware::certifying_key_of(stored.pek.certificate);
    CHECK(firmware::check_certificate(a.with.ctx, a.w.m.sp.identity.pdh.certificate, *pek).has_value());
    // A store that takes nothing stops what wants to write.
    a.w.expect({a.w.post(command_id::shutdown)});
    a.w.m.hw.fails.flash_write = true;
    CHECK(a.w.init() == (renews ? fw::hwerror_platform : fw::success));

    // The store of INIT_EX, in memory.
    chosen b(&choice::pdh_regen_on_init, renews, false);
    poke(b.w.m, 0x40'0000, firmware::to_nv(b.w.m.hw, stored));
    layout::cmd_init_ex cmd;
    cmd.set_length(0x24);
    cmd.set_nv_paddr(0x40'0000);
    cmd.set_nv_len(0x8000);
    b.w.expect({b.w.post(command_id::init_ex, cmd)});
    const auto kept = firmware::to_nv(b.w.m.hw, b.w.m.sp.identity);
    CHECK(peek(b.w.m, 0x40'0000, kept.size()) == kept);
    CHECK((kept == firmware::to_nv(b.w.m.hw, stored)) != renews);
    CHECK(b.w.m.sp.flash == stored);
  }
}

TEST_CASE("policy_checks_without_session: version and reserved bits, of launches without an owner",
          "[firmware][choices][FW-SEV-LST-04][FW-POL-07]") {
  for (const bool checked : both) {
    chosen a(&choice::policy_checks_without_session, checked, false);
    a.w.ready();
    std::uint32_t made = 0;
    for (const std::uint32_t policy : {0x3801'0000U, 0x0002'0000U, plain_policy | 0x40, plain_policy | 0x8000}) {
      INFO(policy);
      CHECK(a.w.launch_start(policy) == (checked ? fw::policy_failure : fw::success));
      CHECK(a.w.m.sp.guests.size() == (checked ? 0 : ++made));
      if (!checked) CHECK(a.w.m.sp.guests.at(made).policy.raw == policy);
    }
    CHECK(a.w.launch_start(es_policy) == fw::unsupported);  // the other conditions stay

    // With a session both answers are the same.
    static const session_peer owner = make_peer(40);
    const firmware::sev_key nonce{7};
    const auto agreed =
        firmware::agree_on_session_keys(owner.key, *firmware::public_key_of(a.w.m.sp.identity.pdh.certificate), nonce);
    REQUIRE(agreed);
    poke(a.w.m, test_scratch, owner.certificate.bytes());
    for (const std::uint32_t policy : {0x3801'0000U, plain_policy | 0x40}) {
      poke(a.w.m, test_scratch + 0x1000, firmware::wrap_session(*agreed, {{1}, {2}}, nonce, nonce, {policy}).bytes());
      layout::cmd_launch_start cmd;
      cmd.set_policy({policy});
      cmd.set_dh_cert_paddr(test_scratch);
      cmd.set_dh_cert_len(0x824);
      cmd.set_session_paddr(test_scratch + 0x1000);
      cmd.set_session_len(128);
      CHECK(a.w.post(command_id::launch_start, cmd) == fw::policy_failure);
    }
  }
}

TEST_CASE("vmsa_packet_ctx: which packets with a VMSA are made, and which are taken",
          "[firmware][choices][FW-CRY-14][FW-CRY-13]") {
  for (const bool manual : both) {
    chosen a(&choice::vmsa_packet_ctx, manual, false);
    world& w = a.w;
    w.ready(true).launched(es_policy, 1);
    poke(w.m, 0x20'0000, pattern(0x1000, 9));
    w.expect({w.update(1, 0x20'0000, 0x1000, true), w.measure(1), w.by_handle(command_id::launch_finish, 1),
              w.send_start(1), w.transport(command_id::send_update_vmsa, 1, 0x20'0000)});
    const auto keys = w.m.sp.guests.at(1).keys;
    const auto opens = [&](std::uint8_t first_byte) {
      layout::sev_packet_header header;
      std::ranges::copy(peek(w.m, test_scratch + 0x8000, 52), header.bytes().begin());
      auto data = peek(w.m, test_scratch + 0x9000, 0x1000);
      context<> plain;
      const auto kind = firmware::vmsa_packet(static_cast<firmware::packet_context>(first_byte));
      return firmware::open_packet(plain, keys, kind, header, data, data).has_value();
    };
    CHECK(opens(3) == manual);
    CHECK(opens(2) == !manual);
    w.expect({w.transport(command_id::send_update_data, 1, 0x20'0000)});
    CHECK(opens(2));  // data are data

    w.m.sp.guests.at(1).state = layout::sev_guest_state::rupdate;
    for (const std::uint8_t context : std::array<std::uint8_t, 2>{2, 3}) {
      auto carried = pattern(0x1000, 70);
      const auto header =
          firmware::seal_packet(keys, firmware::vmsa_packet(static_cast<firmware::packet_context>(context)),
                                firmware::sev_key{5}, carried, carried);
      poke(w.m, test_scratch + 0x8000, header.bytes());
      poke(w.m, test_scratch + 0x9000, carried);
      const bool taken = (context == 3) == manual;
      CHECK(w.transport(command_id::receive_update_vmsa, 1, 0x30'0000) == (taken ? fw::success : fw::bad_measurement));
      CHECK(w.transport(command_id::receive_update_data, 1, 0x30'0000) ==
            (context == 2 ? fw::success : fw::bad_measurement));
    }
  }
}

TEST_CASE("attestation_buffer_checked: ATTESTATION's buffer, and no other's", "[firmware][choices][FW-DISP-06]") {
  for (const bool checked : both) {
    chosen a(&choice::attestation_buffer_checked, checked);
    world& w = a.w;
    w.snp_started().expect({w.init()});
    w.running();
    w.buffer_at = 0x70'0000;  // the hypervisor's
    poke(w.m, test_scratch, byte_vector(0x40, 0xee));
    layout::cmd_attestation cmd;
    cmd.set_handle(1);
    cmd.set_address(test_scratch);
    cmd.set_len(0x1000);
    CHECK(w.post(command_id::attestation, cmd) == (checked ? fw::invalid_page_state : fw::success));
    CHECK(cmd.len() == (checked ? 0x1000 : 0xd0));
    CHECK((peek(w.m, test_scratch, 0x10) == byte_vector(0x10, 0xee)) == checked);
    CHECK(w.state(0x70'0000) == rmp::page_state::hypervisor);  // nothing to give back
    cmd.set_len(1);
    CHECK(w.post(command_id::attestation, cmd) == (checked ? fw::invalid_page_state : fw::invalid_length));
    CHECK(cmd.len() == (checked ? 1 : 0xd0));
    layout::cmd_guest_status other;
    CHECK(w.post(command_id::guest_status, other) == fw::invalid_page_state);
    CHECK(w.measure(1) == fw::invalid_page_state);
  }
}

TEST_CASE("snp_config_needs_init: SNP_CONFIG, SNP_COMMIT and SNP_VLEK_LOAD", "[firmware][choices][FW-PLAT-13]") {
  for (const bool needs : both) {
    const fw early = needs ? fw::invalid_platform_state : fw::success;
    chosen a(&choice::snp_config_needs_init, needs);
    world& w = a.w;
    const auto before = w.m.sp;
    CHECK(config(w, 0x0202'0000'0000'0101) == early);
    CHECK(vlek(w, needs ? committed_tcb : 0x0202'0000'0000'0101) == early);
    CHECK((w.m.sp == before) == needs);
    CHECK(commit(w, 4) == early);
    CHECK(w.m.sp.reported_tcb == 0);
    CHECK(w.m.sp.vlek_seed.has_value() != needs);
    CHECK(commit(w, 8) == fw::invalid_param);  // LENGTH comes before
    w.snp_started();
    w.expect({config(w, 0x0202'0000'0000'0101), vlek(w, 0x0202'0000'0000'0101), commit(w, 4)});
  }
}

TEST_CASE("wrong_seqno_is_invalid_param: numbers that are wrong, not the last one", "[firmware][choices][FW-MSG-16]") {
  for (const bool param : both) {
    chosen a(&choice::wrong_seqno_is_invalid_param, param);
    world& w = a.w;
    w.snp_running();
    give_page(w.m, response_at);
    w.guest().message_count[0] = 4;
    const auto before = w.guest();
    for (const std::uint64_t number : {std::uint64_t{3}, std::uint64_t{4}, std::uint64_t{6}, ~std::uint64_t{0}})
      CHECK(say(w, {.type = snp_message_types::tsc_info_req, .sequence = number, .payload = byte_vector(0x80)}) ==
            (param ? fw::invalid_param : fw::aead_oflow));
    CHECK(w.guest() == before);
    w.guest().message_count[0] = ~std::uint64_t{1};
    CHECK(say(w, {.type = snp_message_types::tsc_info_req, .payload = byte_vector(0x80)}) == fw::aead_oflow);
  }
}

TEST_CASE("tcb_compared_as_number: component by component, or from the boot loader down",
          "[firmware][choices][FW-SNP-CFG-01]") {
  struct row {
    layout::tcb wanted;
    bool by_components;
    bool by_number;
  };
  constexpr std::array rows{
      row{{.boot_loader = 2, .tee = 1, .snp = 3, .microcode = 3}, true, true},
      row{{.boot_loader = 1, .tee = 0, .snp = 2, .microcode = 2}, true, true},
      row{{.boot_loader = 1, .tee = 9, .snp = 9, .microcode = 9}, false, true},
      row{{.boot_loader = 2, .tee = 0, .snp = 9, .microcode = 9}, false, true},
      row{{.boot_loader = 2, .tee = 1, .snp = 2, .microcode = 9}, false, true},
      row{{.boot_loader = 2, .tee = 1, .snp = 3, .microcode = 4}, false, false},
      row{{.boot_loader = 2, .tee = 1, .snp = 4, .microcode = 0}, false, false},
      row{{.boot_loader = 2, .tee = 2, .snp = 0, .microcode = 0}, false, false},
      row{{.boot_loader = 3, .tee = 0, .snp = 0, .microcode = 0}, false, false},
  };
  for (const bool as_number : both) {
    for (const row& one : rows) {
      chosen a(&choice::tcb_compared_as_number, as_number);
      REQUIRE(a.w.m.sp.committed.tcb == committed_tcb);
      const std::uint64_t wanted = layout::tcb_version(one.wanted, layout::tcb_format::milan_genoa);
      INFO(wanted);
      const bool taken = as_number ? one.by_number : one.by_components;
      CHECK(config(a.w, wanted) == (taken ? fw::success : fw::invalid_param));
      CHECK(a.w.m.sp.reported_tcb == (taken ? wanted : 0));
    }
  }
}

TEST_CASE("init_list_errors_fatal: a malformed list ends SNP_INIT_EX, or counts for nothing",
          "[firmware][choices][FW-SNP-INIT-22]") {
  constexpr std::uint64_t base = 0x30'0000;
  struct row {
    std::uint64_t where;
    std::uint32_t count;
    std::uint32_t header_reserved;
    std::uint64_t base;
    std::uint32_t range_reserved;
    fw status;  ///< if it counts
  };
  const std::array rows{
      row{test_scratch, 256, 0, base, 0, fw::invalid_param},       row{test_scratch, 1, 1, base, 0, fw::invalid_param},
      row{test_scratch, 1, 0, base + 0x800, 0, fw::invalid_param}, row{test_scratch, 1, 0, base, 1, fw::invalid_param},
      row{test_scratch + 0xff0, 1, 0, base, 0, fw::invalid_param},  // reaches into the next page
      row{0xa'0000, 0, 0, base, 0, fw::invalid_address},            // compatibility SMRAM
  };
  for (const bool fatal : both) {
    for (const row& one : rows) {
      INFO(one.where << ' ' << one.count);
      chosen a(&choice::init_list_errors_fatal, fatal);
      byte_vector list(24);
      put_le(list, 0, 4, one.count);
      put_le(list, 4, 4, one.header_reserved);
      put_le(list, 8, 8, one.base);
      put_le(list, 16, 4, 2);
      put_le(list, 20, 4, one.range_reserved);
      poke(a.w.m, one.where, list);
      CHECK(start_with(a.w, 3, one.where) == (fatal ? one.status : fw::success));
      CHECK(firmware::is_snp_init(a.w.m) != fatal);
      CHECK(a.w.state(base) == rmp::page_state::hypervisor);
    }
    chosen good(&choice::init_list_errors_fatal, fatal);
    put_list(good.w, test_scratch, 1, base, 2);
    good.w.expect({start_with(good.w, 3, test_scratch)});
    CHECK(good.w.state(base + 0x1000) == rmp::page_state::hv_fixed);
  }
}
