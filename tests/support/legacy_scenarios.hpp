// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_LEGACY_SCENARIOS_HPP
#define SEVSPEC_TESTS_SUPPORT_LEGACY_SCENARIOS_HPP

#include <functional>
#include <map>
#include <string>
#include <support/amd_chain.hpp>
#include <support/firmware_world.hpp>
#include <utility>
#include <vector>

/// One scenario for every condition of the legacy API, and what happens when nothing goes wrong.
namespace sevspec::test::legacy_scenarios {

using enum layout::sev_guest_state;

/// What a scenario shows: the status of its last command, and what else counts.
struct scenario {
  rule id;
  fw status;  ///< of the command that the rule decides
  std::function<fw(world&)> play;
  bool snp_cores = false;  ///< SNPEn is set
};

inline auto length_of(world& w, std::size_t offset) -> std::uint32_t {
  return layout::read_le<std::uint32_t>(peek(w.m, w.buffer_at + offset, 4).data());
}

inline auto platform_scenarios() -> std::vector<scenario> {
  using enum rule;
  const auto ring = [](world& w, std::uint8_t low = 1, std::uint64_t statuses = test_scratch + 0x1000) {
    layout::cmd_ring_buffer cmd;
    cmd.set_lo_cmd_ptr(test_scratch);
    cmd.set_lo_stat_val(statuses);
    cmd.set_lo_size(low);
    return w.post(command_id::ring_buffer, cmd);
  };
  const auto init_ex = [](world& w, std::uint32_t length, std::uint64_t nv, std::uint32_t nv_len, bool es = false) {
    layout::cmd_init_ex cmd;
    cmd.set_length(length);
    cmd.set_flags(layout::cmd_init_ex_flags{}.set_sev_es(es));
    cmd.set_tmr_paddr(tmr_at);
    cmd.set_tmr_len(0x10'0000);
    cmd.set_nv_paddr(nv);
    cmd.set_nv_len(nv_len);
    return w.post(command_id::init_ex, cmd);
  };
  const auto image = [](world& w, firmware::firmware_release release, std::uint64_t where, std::uint32_t size,
                        bool authentic = true) {
    firmware::firmware_image made;
    made.set_release(release);
    if (authentic) made.sign(w.m.hw);
    poke(w.m, where & ~std::uint64_t{31}, made.bytes());
    layout::cmd_download_firmware cmd;
    cmd.set_address(where);
    cmd.set_len(size);
    return w.post(command_id::download_firmware, cmd);
  };
  const auto small = [](world& w, command_id id, std::uint32_t size) {
    layout::cmd_get_id cmd;
    cmd.set_address(test_scratch);
    cmd.set_len(size);
    return w.post(id, cmd);
  };
  return {
      {FW_DISP_03, fw::invalid_command, [](world& w) { return firmware::execute(w.ctx, w.m, 0x26, 0); }},
      {FW_DISP_06, fw::invalid_page_state,
       [](world& w) {
         w.snp_started();
         w.buffer_at = 0x50'0000;  // the hypervisor's
         layout::cmd_platform_status cmd;
         return w.post(command_id::platform_status, cmd);
       },
       true},
      {FW_DISP_08, fw::invalid_page_state,
       [](world& w) {
         w.snp_started().expect({w.init()});
         layout::cmd_get_id cmd;
         cmd.set_address(0x50'0000);
         cmd.set_len(64);
         return w.post(command_id::get_id, cmd);
       },
       true},
      {FW_RB_02, fw::invalid_platform_state, [ring](world& w) { return ring(w); }},
      {FW_RB_02, fw::invalid_param, [ring](world& w) { return w.ready(), ring(w, 2); }},
      {FW_RB_02, fw::invalid_address, [ring](world& w) { return w.ready(), ring(w, 1, test_scratch + 0x1008); }},
      {FW_RB_04, fw::rb_mode_exited,
       [ring](world& w) {
         w.ready().expect({ring(w)});
         return w.post(command_id::nop);
       }},
      {FW_PLAT_06, fw::invalid_platform_state, [](world& w) { return w.ready().init(); }},
      {FW_PLAT_06, fw::invalid_platform_state, [](world& w) { return w.ready().post(command_id::platform_reset); }},
      {FW_PLAT_06, fw::invalid_platform_state,
       [](world& w) { return w.ready().launched(), w.post(command_id::pek_gen); }},
      {FW_PLAT_06, fw::invalid_platform_state, [](world& w) { return w.post(command_id::pdh_gen); }},
      {FW_PLAT_12, fw::invalid_platform_state, [](world& w) { return w.init(); }, true},
      {FW_ASID_12, fw::invalid_platform_state, [](world& w) { return w.post(command_id::df_flush); }},
      {FW_SEV_INIT_01, fw::hwerror_platform,
       [](world& w) {
         w.m.hw.threads[1].registers.syscfg = 0;
         return w.init();
       }},
      {FW_SEV_INIT_01, fw::invalid_config,
       [](world& w) {
         layout::cmd_init cmd;
         cmd.set_flags({2});
         return w.post(command_id::init, cmd);
       }},
      {FW_SEV_INIT_01, fw::secure_data_invalid,
       [](world& w) {
         w.m.sp.flash_corrupted = true;
         return w.init();
       }},
      {FW_SEV_INIT_02, fw::invalid_address,
       [](world& w) {
         layout::cmd_init cmd;
         cmd.set_flags({1});
         cmd.set_tmr_paddr(tmr_at + 0x1000);
         cmd.set_tmr_len(0x10'0000);
         return w.post(command_id::init, cmd);
       }},
      {FW_SEV_INIT_02, fw::invalid_length,
       [](world& w) {
         layout::cmd_init cmd;
         cmd.set_flags({1});
         cmd.set_tmr_paddr(tmr_at);
         cmd.set_tmr_len(0x20'0000);
         return w.post(command_id::init, cmd);
       }},
      {FW_SEV_INIT_03, fw::invalid_length, [init_ex](world& w) { return init_ex(w, 0x20, 0, 0); }},
      {FW_SEV_INIT_03, fw::invalid_address, [init_ex](world& w) { return init_ex(w, 0x24, 0x40'0800, 0x8000); }},
      {FW_SEV_INIT_03, fw::invalid_length, [init_ex](world& w) { return init_ex(w, 0x24, 0x40'0000, 0x4000); }},
      {FW_SEV_INIT_03, fw::invalid_address,
       [init_ex](world& w) { return init_ex(w, 0x24, tmr_at + 0x1000, 0x8000, true); }},
      {FW_SEV_PEKC_01, fw::invalid_length,
       [small](world& w) {
         const fw done = small(w.ready(), command_id::pek_csr, 16);
         if (done == fw::invalid_length) CHECK(length_of(w, 8) == 0x824);
         return done;
       }},
      {FW_SEV_PDHX_01, fw::invalid_length,
       [](world& w) {
         w.ready();
         layout::cmd_pdh_cert_export cmd;
         cmd.set_pdh_cert_paddr(test_scratch);
         cmd.set_cert_chain_paddr(test_scratch + 0x1000);
         const fw done = w.post(command_id::pdh_cert_export, cmd);
         if (done == fw::invalid_length) {
           CHECK(cmd.pdh_cert_len() == 0x824);
           CHECK(cmd.cert_chain_len() == 0x186c);
         }
         return done;
       }},
      {FW_SEV_GID_01, fw::invalid_length,
       [small](world& w) {
         const fw done = small(w, command_id::get_id, 63);
         if (done == fw::invalid_length) CHECK(length_of(w, 8) == 64);
         return done;
       }},
      {FW_SEV_DLFW_01, fw::invalid_address,
       [image](world& w) { return image(w, w.m.sp.current, test_scratch + 16, 0x40); }},
      {FW_SEV_DLFW_01, fw::invalid_length, [image](world& w) { return image(w, w.m.sp.current, test_scratch, 0x3f); }},
      {FW_SEV_DLFW_01, fw::bad_signature,
       [image](world& w) { return image(w, w.m.sp.current, test_scratch, 0x40, false); }},
      {FW_SEV_DLFW_01, fw::bad_svn,
       [image](world& w) {
         auto older = w.m.sp.current;
         older.tcb -= 1;
         return image(w, older, test_scratch, 0x40);
       }},
      {FW_SEV_DLFW_01, fw::bad_version,
       [image](world& w) {
         auto older = w.m.sp.current;
         older.api_minor -= 1;
         return image(w, older, test_scratch, 0x40);
       }},
      {FW_SEV_PEKI_01, fw::already_owned,
       [](world& w) {
         w.ready().m.sp.identity.externally_owned = true;
         layout::cmd_pek_cert_import cmd;
         return w.post(command_id::pek_cert_import, cmd);
       }},
      {FW_SEV_PEKI_01, fw::invalid_length,
       [](world& w) {
         layout::cmd_pek_cert_import cmd;
         return w.ready().post(command_id::pek_cert_import, cmd);
       }},
      {FW_SEV_PEKI_01, fw::invalid_certificate,
       [](world& w) {  // signed by an OCA, but of another PEK
         w.ready();
         scripted_random random{.state = 9};
         const auto other = firmware::make_identity(random, w.m.hw, w.m.sp.current);
         poke(w.m, test_scratch, other.pek.certificate.bytes());
         poke(w.m, test_scratch + 0x1000, other.oca.certificate.bytes());
         layout::cmd_pek_cert_import cmd;
         cmd.set_pek_cert_paddr(test_scratch);
         cmd.set_pek_cert_len(0x824);
         cmd.set_oca_cert_paddr(test_scratch + 0x1000);
         cmd.set_oca_cert_len(0x824);
         return w.post(command_id::pek_cert_import, cmd);
       }},
  };
}

inline auto asid_scenarios() -> std::vector<scenario> {
  using enum rule;
  const auto activate_unknown = [](world& w) { return w.ready().launched(), w.activate(9, 6); };
  return {
      {FW_ACT_01, fw::invalid_platform_state,
       [](world& w) {
         w.ready().m.sp.guests[1].state = lupdate;
         return w.activate(1, 6);
       }},
      {FW_ACT_02, fw::invalid_guest, activate_unknown},
      {FW_ACT_20, fw::invalid_platform_state,
       [](world& w) {
         w.ready().launched();
         w.m.sp.state = layout::sev_platform_state::init;
         return w.by_handle(command_id::deactivate, 1);
       }},
      {FW_ACT_21, fw::invalid_guest,
       [](world& w) { return w.ready().launched(), w.by_handle(command_id::deactivate, 4); }},
      {FW_ACT_30, fw::invalid_platform_state,
       [](world& w) {
         w.ready().launched();
         w.m.sp.state = layout::sev_platform_state::init;
         return w.activate_ex(1, 6, {1});
       }},
      {FW_ACT_11, fw::invalid_param,
       [](world& w) { return w.ready().launched(plain_policy, 0), w.activate_ex(1, 6, {0}, 0x14); }},
      {FW_ACT_31, fw::invalid_guest,
       [](world& w) { return w.ready().launched(plain_policy, 0), w.activate_ex(2, 6, {0}); }},
      {FW_ACT_32, fw::invalid_asid,
       [](world& w) {
         w.ready().launched(plain_policy, 0);
         return w.activate_ex(1, 16, {0});
       }},
      {FW_ACT_12, fw::unsupported,
       [](world& w) {
         w.ready().launched(plain_policy, 0);
         w.m.hw.has_apic_table = false;
         return w.activate_ex(1, 6, {0});
       }},
      {FW_ACT_13, fw::invalid_param,
       [](world& w) { return w.ready().launched(plain_policy, 0), w.activate_ex(1, 6, {}); }},
      {FW_ACT_14, fw::invalid_config,
       [](world& w) { return w.ready().launched(plain_policy, 0), w.activate_ex(1, 6, {5}); }},
      {FW_ACT_33, fw::invalid_guest_state,
       [](world& w) {
         w.ready().guest_in(sent, plain_policy, 0);
         return w.activate_ex(1, 7, {0});
       }},
      {FW_ACT_34, fw::dfflush_required,
       [](world& w) {  // dirty on the complex that is not asked for
         w.ready().launched(plain_policy, 0);
         w.m.asids.set_state({6}, {1}, memory::asid_state::dirty);
         return w.activate_ex(1, 6, {0});
       }},
      {FW_ACT_34, fw::asid_owned,
       [](world& w) {
         w.ready().launched();
         w.launched(plain_policy, 0);
         return w.activate_ex(2, 6, {0});
       }},
      {FW_ACT_15, fw::active,
       [](world& w) {
         w.ready().launched();
         return w.activate_ex(1, 7, {0});
       }},
      {FW_ACT_16, fw::dfflush_required,
       [](world& w) {
         w.ready().launched(plain_policy, 0);
         w.expect({w.activate_ex(1, 6, {0})});
         w.m.asids.set_state({6}, {1}, memory::asid_state::dirty);
         return w.activate_ex(1, 6, {1});
       }},
      {FW_ACT_35, fw::invalid_asid,
       [](world& w) { return w.ready().launched(plain_policy, 0), w.activate_ex(1, 5, {0}); }},
      {FW_GST_01, fw::invalid_guest_state, [](world& w) { return w.ready().running(), w.update(1); }},
      {FW_GST_01, fw::invalid_guest_state,
       [](world& w) { return w.ready().launched(), w.by_handle(command_id::launch_finish, 1); }},
      {FW_GST_01, fw::invalid_guest_state,
       [](world& w) { return w.ready().running(), w.by_handle(command_id::receive_finish, 1); }},
      {FW_GST_02, fw::invalid_guest, [](world& w) { return w.ready().launched(), w.update(2); }},
      {FW_GST_04, fw::inactive, [](world& w) { return w.ready().launched(plain_policy, 0), w.update(1); }},
  };
}

inline auto guest_scenarios() -> std::vector<scenario> {
  using enum rule;
  const auto session_start = [](world& w, std::uint32_t session, std::uint32_t cert, bool garbage = false) {
    static const session_peer peer = make_peer(5);
    auto certificate = peer.certificate;
    if (garbage) certificate.set_pubkey_usage(firmware::key_usage::pek);
    poke(w.m, test_scratch, certificate.bytes());
    layout::cmd_launch_start cmd;
    cmd.set_policy({plain_policy});
    cmd.set_dh_cert_paddr(test_scratch);
    cmd.set_dh_cert_len(cert);
    cmd.set_session_paddr(test_scratch + 0x1000);
    cmd.set_session_len(session);
    return w.post(command_id::launch_start, cmd);
  };
  const auto sending = [](world& w, std::uint32_t policy = plain_policy) {
    return w.ready((policy & 4) != 0).guest_in(supdate, policy, (policy & 4) != 0 ? 1 : 6);
  };
  const auto receiving = [](world& w) { return w.ready().guest_in(rupdate); };
  constexpr std::uint64_t at = 0x10'0000;
  return {
      {FW_SEV_LST_02, fw::invalid_platform_state, [](world& w) { return w.launch_start(); }},
      {FW_SEV_LST_03, fw::invalid_length, [=](world& w) { return session_start(w.ready(), 64, 0x824); }},
      {FW_SEV_LST_03, fw::invalid_length, [=](world& w) { return session_start(w.ready(), 128, 0x800); }},
      {FW_SEV_LST_03, fw::invalid_certificate, [=](world& w) { return session_start(w.ready(), 128, 0x824, true); }},
      {FW_SEV_LST_04, fw::policy_failure, [](world& w) { return w.ready().launch_start(plain_policy | 0x40); }},
      {FW_SEV_LST_05, fw::invalid_guest, [](world& w) { return w.ready().launch_start(plain_policy, 3); }},
      {FW_SEV_LST_05, fw::policy_failure,
       [](world& w) { return w.ready().launched(), w.launch_start(plain_policy | 1, 1); }},
      {FW_SEV_LST_06, fw::resource_limit,
       [](world& w) {
         w.ready();
         for (std::uint32_t i = 1; i <= 1024; ++i) w.m.sp.guests[i].state = lupdate;
         return w.launch_start();
       }},
      {FW_SEV_LST_07, fw::unsupported, [](world& w) { return w.ready().launch_start(es_policy); }},
      {FW_POL_02, fw::policy_failure,
       [](world& w) { return w.ready().launched(plain_policy | 2), w.launch_start(plain_policy | 2, 1); }},
      {FW_POL_07, fw::policy_failure, [](world& w) { return w.ready().launch_start(0x3801'0000); }},
      {FW_SEV_LUD_01, fw::invalid_address, [](world& w) { return w.ready().launched(), w.update(1, at + 8); }},
      {FW_SEV_LUD_01, fw::invalid_length, [](world& w) { return w.ready().launched(), w.update(1, at, 24); }},
      {FW_SEV_LUD_01, fw::invalid_length, [](world& w) { return w.ready().launched(), w.update(1, at, 0); }},
      {FW_SEV_LUV_01, fw::invalid_length,
       [](world& w) { return w.ready(true).launched(es_policy, 1), w.update(1, at, 0x800, true); }},
      {FW_SEV_LUV_01, fw::resource_limit,
       [](world& w) {
         w.ready(true).launched(es_policy, 1);
         w.m.sp.checksums_enabled = false;
         return w.update(1, at, 0x1000, true);
       }},
      {FW_POL_03, fw::unsupported, [](world& w) { return w.ready().launched(), w.update(1, at, 0x1000, true); }},
      {FW_SEV_LM_01, fw::invalid_length, [](world& w) { return w.ready().launched(), w.measure(1, 47); }},
      {FW_SEV_LSC_01, fw::invalid_address,
       [](world& w) { return w.ready().guest_in(lsecret), w.transport(command_id::launch_secret, 1, at + 8); }},
      {FW_SEV_LSC_01, fw::invalid_length,
       [](world& w) { return w.ready().guest_in(lsecret), w.transport(command_id::launch_secret, 1, at, 0x1000, 51); }},
      {FW_SEV_LSC_01, fw::invalid_length,
       [](world& w) { return w.ready().guest_in(lsecret), w.transport(command_id::launch_secret, 1, at, 0x4010); }},
      {FW_SEV_ATT_01, fw::invalid_guest_state, [](world& w) { return w.ready().launched(), w.attest(1); }},
      {FW_SEV_ATT_01, fw::invalid_length, [](world& w) { return w.ready().running(), w.attest(1, 0xcf); }},
      {FW_SEV_DEC_01, fw::active,
       [](world& w) { return w.ready().launched(), w.by_handle(command_id::decommission, 1); }},
      {FW_SEV_SST_01, fw::invalid_length, [](world& w) { return w.ready().running(), w.send_start(1, 64); }},
      {FW_SEV_SST_01, fw::invalid_length, [](world& w) { return w.ready().running(), w.send_start(1, 128, 0x800); }},
      {FW_SEV_SST_01, fw::invalid_certificate,
       [](world& w) {
         w.ready().running();
         w.custom_peer = true;
         poke(w.m, test_scratch, layout::sev_cert{}.bytes());
         return w.send_start(1);
       }},
      {FW_SEV_SST_02, fw::invalid_length,
       [](world& w) {
         w.ready().running(plain_policy | 0x20);
         w.amd_bytes = 0x100;
         return w.send_start(1);
       }},
      {FW_SEV_SST_02, fw::invalid_certificate,
       [](world& w) { return w.ready().running(plain_policy | 0x20), w.send_start(1); }},
      {FW_SEV_SST_02, fw::bad_signature,
       [](world& w) {  // the root has not certified the key below it
         w.ready().running(plain_policy | 0x20);
         put_receiver(w, w.m.sp.identity);
         auto byte = peek(w.m, test_scratch + 0x4000 + 0x240, 1);
         byte[0] ^= 1;
         poke(w.m, test_scratch + 0x4000 + 0x240, byte);
         return w.send_start(1);
       }},
      {FW_POL_06, fw::policy_failure,
       [](world& w) {  // the receiver's firmware is older than the owner wants
         w.ready().running(plain_policy | 0x20);
         scripted_random random{.state = 12};
         auto older = w.m.sp.current;
         older.api_minor -= 1;
         static const auto receiver = firmware::make_identity(random, w.m.hw, older);
         put_receiver(w, receiver);
         return w.send_start(1);
       }},
      {FW_POL_04, fw::policy_failure, [](world& w) { return w.ready().running(plain_policy | 8), w.send_start(1); }},
      {FW_POL_05, fw::policy_failure,
       [](world& w) {  // somebody else's domain
         w.ready().running(plain_policy | 0x10);
         scripted_random random{.state = 9};
         static const auto other = firmware::make_identity(random, w.m.hw, w.m.sp.current);
         w.custom_peer = true;
         poke(w.m, test_scratch, other.pdh.certificate.bytes());
         poke(w.m, test_scratch + 0x2000, other.pek.certificate.bytes());
         poke(w.m, test_scratch + 0x2824, other.oca.certificate.bytes());
         return w.send_start(1);
       }},
      {FW_SEV_SUP_01, fw::invalid_length,
       [=](world& w) { return sending(w), w.transport(command_id::send_update_data, 1, at, 0x1000, 51); }},
      {FW_SEV_SUP_01, fw::invalid_length,
       [=](world& w) { return sending(w), w.transport(command_id::send_update_data, 1, at, 24); }},
      {FW_SEV_SUP_01, fw::invalid_address,
       [=](world& w) { return sending(w), w.transport(command_id::send_update_data, 1, at + 4); }},
      {FW_SEV_SUP_01, fw::invalid_param,
       [=](world& w) { return sending(w, es_policy), w.transport(command_id::send_update_vmsa, 1); }},
      {FW_SEV_RUP_01, fw::invalid_length,
       [=](world& w) { return receiving(w), w.transport(command_id::receive_update_data, 1, at, 0x1000, 52, 0x2000); }},
      {FW_SEV_RUP_01, fw::invalid_address,
       [=](world& w) { return receiving(w), w.transport(command_id::receive_update_data, 1, at + 4); }},
      {FW_SEV_RUP_01, fw::unsupported,
       [=](world& w) {
         receiving(w);
         layout::sev_packet_header header;
         header.set_flags(layout::sev_packet_header_flags{}.set_compressed(true));
         poke(w.m, test_scratch + 0x8000, header.bytes());
         return w.transport(command_id::receive_update_data, 1);
       }},
      {FW_SEV_DBG_01, fw::invalid_address,
       [](world& w) { return w.ready().running(), w.debug(command_id::dbg_decrypt, 1, at + 8, 0x20'0000); }},
      {FW_SEV_DBG_01, fw::invalid_length,
       [](world& w) { return w.ready().running(), w.debug(command_id::dbg_encrypt, 1, at, 0x20'0000, 9); }},
      {FW_POL_01, fw::policy_failure,
       [](world& w) {
         return w.ready().running(plain_policy | 1), w.debug(command_id::dbg_decrypt, 1, at, 0x20'0000);
       }},
      {FW_SEV_CPY_01, fw::invalid_length,
       [](world& w) { return w.ready().running(), w.copy(1, at, 0x20'0000, 0x800); }},
      {FW_SEV_CPY_01, fw::invalid_address, [](world& w) { return w.ready().running(), w.copy(1, at + 16, 0x20'0000); }},
      {FW_SEV_SWP_01, fw::invalid_address,
       [](world& w) { return w.ready().running(), w.swap_out(1, at + 16, 0x20'0000, 0x30'0000); }},
      {FW_SEV_SWP_01, fw::invalid_param,
       [](world& w) { return w.ready().running(), w.swap_out(1, at, 0x20'0000, 0x20'0040); }},
      {FW_SEV_SWP_01, fw::invalid_param,
       [](world& w) { return w.ready().running(), w.swap_out(1, at, 0x20'0000, 0x30'0000, 2); }},
      {FW_SEV_SWP_01, fw::aead_oflow,
       [](world& w) {
         w.ready().running();
         w.m.sp.guests.at(1).oek_iv_count = ~std::uint64_t{1};
         return w.swap_out(1, at, 0x20'0000, 0x30'0000);
       }},
      {FW_SEV_SWP_02, fw::invalid_param,
       [](world& w) {
         w.ready().running();
         w.expect({w.swap_out(1, at, 0x20'0000, 0x30'0000)});
         return w.swap_in(1, 0x20'0000, 0x40'0000, 0x30'0000, 2);
       }},
      {FW_SEV_SWP_02, fw::bad_measurement,
       [](world& w) {
         w.ready().running();
         w.expect({w.swap_out(1, at, 0x20'0000, 0x30'0000)});
         auto byte = peek(w.m, 0x20'0123, 1);
         byte[0] ^= 1;
         poke(w.m, 0x20'0123, byte);
         return w.swap_in(1, 0x20'0000, 0x40'0000, 0x30'0000);
       }},
  };
}

/// Effects, and what they look like.
inline auto effect_scenarios() -> std::multimap<rule, std::function<std::string(world&)>> {
  using enum rule;
  return {
      {FW_DISP_07,
       [](world& w) {
         w.m = make_test_machine(true);
         w.snp_started();
         give_page(w.m, 0x50'0000);
         w.buffer_at = 0x50'0000;
         layout::cmd_platform_status cmd;
         w.expect({w.post(command_id::platform_status, cmd)});
         return std::string(rmp::name_of(w.state(0x50'0000)));
       }},
      {FW_DISP_09,
       [](world& w) {
         layout::cmd_platform_status cmd;
         w.expect({w.post(command_id::platform_status, cmd)});
         return std::to_string(cmd.api_minor());
       }},
      {FW_DISP_11,
       [](world& w) {
         layout::cmd_get_id cmd;
         w.m.hw.legacy_ids[0].fill(0x77);
         cmd.set_address(test_scratch | std::uint64_t{1} << 51);
         cmd.set_len(64);
         w.expect({w.post(command_id::get_id, cmd)});
         return std::to_string(peek(w.m, test_scratch, 1)[0] == 0x77);
       }},
      {FW_ASID_14, [](world& w) { return w.ready(true), std::to_string(w.m.sp.checksums_enabled); }},
      {FW_SEV_PST_01,
       [](world& w) {
         w.m.sp.identity.externally_owned = true;
         layout::cmd_platform_status cmd;
         w.expect({w.post(command_id::platform_status, cmd)});
         return std::to_string(cmd.owner());
       }},
      {FW_SEV_GS_01,
       [](world& w) {  // whether the record is looked at once it is known that there is none
         w.ready().launched();
         layout::cmd_guest_status cmd;
         cmd.set_handle(7);
         cmd.set_asid(99);
         w.expect({w.post(command_id::guest_status, cmd)});
         return std::to_string(cmd.asid()) + std::to_string(static_cast<unsigned>(cmd.state())) +
                (w.ctx.listener.fired.contains(rule::FW_SEV_GS_01) ? " asked" : "");
       }},
  };
}

/// The whole of the legacy API, when nothing goes wrong.
inline void play_quietly(world& w) {
  using enum command_id;
  w.ready(true);
  for (const command_id one : {pek_gen, pdh_gen, nop}) w.expect({w.post(one)});
  layout::cmd_pek_csr csr;
  csr.set_address(test_scratch);
  csr.set_len(0x824);
  w.expect({w.post(pek_csr, csr)});
  layout::cmd_pdh_cert_export pdh;
  pdh.set_pdh_cert_paddr(test_scratch);
  pdh.set_pdh_cert_len(0x824);
  pdh.set_cert_chain_paddr(test_scratch + 0x1000);
  pdh.set_cert_chain_len(0x186c);
  w.expect({w.post(pdh_cert_export, pdh)});
  w.expect({w.launch_start(es_policy), w.activate_ex(1, 2, {0}), w.activate_ex(1, 2, {1}), w.update(1),
            w.update(1, 0x20'0000, 0x1000, true), w.measure(1), w.attest(1), w.by_handle(launch_finish, 1)});
  w.expect({w.copy(1, 0x10'0000, 0x30'0000), w.debug(dbg_decrypt, 1, 0x10'0000, 0x40'0000),
            w.debug(dbg_encrypt, 1, 0x40'0000, 0x10'0000), w.swap_out(1, 0x10'0000, 0x50'0000, 0x60'0000),
            w.swap_in(1, 0x50'0000, 0x10'0000, 0x60'0000)});
  w.expect({w.launch_start(es_policy, 1)});
  w.expect({w.send_start(1), w.transport(send_update_data, 1), w.transport(send_update_vmsa, 1, 0x20'0000),
            w.by_handle(send_finish, 1), w.by_handle(deactivate, 1), w.by_handle(decommission, 1), w.flush()});
  layout::cmd_platform_status status;
  layout::cmd_guest_status guest;
  guest.set_handle(2);
  w.expect({w.post(platform_status, status), w.post(guest_status, guest), w.post(shutdown), w.post(platform_reset)});
  layout::cmd_get_id id;
  id.set_address(test_scratch);
  id.set_len(64);
  w.expect({w.post(get_id, id)});
  firmware::firmware_image image;
  image.set_release(w.m.sp.current);
  image.sign(w.m.hw);
  poke(w.m, test_scratch, image.bytes());
  layout::cmd_download_firmware download;
  download.set_address(test_scratch);
  download.set_len(0x40);
  w.expect({w.post(download_firmware, download)});
  layout::cmd_init_ex init_ex_cmd;
  init_ex_cmd.set_length(0x24);
  init_ex_cmd.set_nv_paddr(0x40'0000);
  init_ex_cmd.set_nv_len(0x8000);
  w.m.hw.threads[0].registers.syscfg = firmware::syscfg_bits::mem_encryption_mod_en;
  poke(w.m, 0x40'0000, std::vector<std::uint8_t>(0x8000));
  w.expect({w.post(init_ex, init_ex_cmd)});
}

/// What an owner and another platform have a part in, when nothing goes wrong.
inline void play_among_others(world& w) {
  w.ready();
  scripted_random random{.state = 31};
  static const auto owner = firmware::make_identity(random, w.m.hw, w.m.sp.current).oca;
  layout::cmd_pek_csr csr;
  csr.set_address(test_scratch);
  csr.set_len(0x824);
  w.expect({w.post(command_id::pek_csr, csr)});
  auto pek = firmware::read_image<layout::sev_cert>(w.ctx, w.m, test_scratch);
  firmware::sign_certificate(pek, owner, firmware::key_usage::oca, false);
  poke(w.m, test_scratch, pek.bytes());
  poke(w.m, test_scratch + 0x1000, owner.certificate.bytes());
  layout::cmd_pek_cert_import take_over;
  take_over.set_pek_cert_paddr(test_scratch);
  take_over.set_pek_cert_len(0x824);
  take_over.set_oca_cert_paddr(test_scratch + 0x1000);
  take_over.set_oca_cert_len(0x824);
  w.expect({w.post(command_id::pek_cert_import, take_over)});
  // A guest goes to a platform of the same owner, which AMD has made.
  w.running(plain_policy | 0x30);
  put_receiver(w, w.m.sp.identity);
  w.expect({w.send_start(1)});
}

}  // namespace sevspec::test::legacy_scenarios

#endif
