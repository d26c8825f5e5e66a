// SPDX-License-Identifier: MIT
// Every command in every state of platform and guest. What is expected comes from the table of commands in
// tests/data/firmware/commands.json, not from the code.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <support/firmware_world.hpp>
#include <support/guest_talk.hpp>
#include <support/legacy_scenarios.hpp>
#include <support/snp_scenarios.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using nlohmann::json;
using layout::sev_guest_state;
using layout::snp_guest_state;

auto commands() -> const json& {
  static const json all = json::parse(std::ifstream(SEVSPEC_TEST_DATA_DIR "/firmware/commands.json"));
  return all.at("commands");
}
auto row(const std::string& name) -> const json& {
  return *std::ranges::find_if(commands(), [&](const json& one) { return one.at("name") == name; });
}
/// As the table spells them.
auto text_of(fw code) -> std::string {
  static const std::map<std::string, std::string> other{{"DFFLUSH_REQUIRED", "DF_FLUSH_REQUIRED"},
                                                        {"HWERROR_PLATFORM", "HARDWARE_PLATFORM"},
                                                        {"HWERROR_UNSAFE", "HARDWARE_UNSAFE"}};
  const std::string name = firmware::name_of(code);
  const auto found = other.find(name);
  return found == other.end() ? name : found->second;
}
auto holds(const json& list, const std::string& what) -> bool {
  return std::ranges::any_of(list, [&](const json& one) { return one == what; });
}

/// A command on operands that make sense as far as they can, for the guest with this handle or at `gctx_at`.
auto sensible(world& w, const json& command, std::uint32_t handle) -> fw {
  const auto id = static_cast<command_id>(std::stoul(command.at("id").get<std::string>(), nullptr, 16));
  constexpr std::uint64_t there = 0x10'0000;
  constexpr std::uint64_t metadata = 0x50'0000;
  using enum command_id;
  switch (id) {
    case init:    return w.init();
    case init_ex: {
      layout::cmd_init_ex cmd;
      cmd.set_length(0x24);
      return w.post(id, cmd);
    }
    case platform_status: {
      layout::cmd_platform_status cmd;
      return w.post(id, cmd);
    }
    case pek_csr:
    case get_id:  {
      layout::cmd_pek_csr cmd;
      cmd.set_address(test_scratch);
      cmd.set_len(0x824);
      return w.post(id, cmd);
    }
    case pdh_cert_export: {
      layout::cmd_pdh_cert_export cmd;
      cmd.set_pdh_cert_paddr(test_scratch);
      cmd.set_pdh_cert_len(0x824);
      cmd.set_cert_chain_paddr(test_scratch + 0x1000);
      cmd.set_cert_chain_len(0x186c);
      return w.post(id, cmd);
    }
    case pek_cert_import: {
      layout::cmd_pek_cert_import cmd;
      cmd.set_pek_cert_paddr(test_scratch);
      cmd.set_pek_cert_len(0x824);
      cmd.set_oca_cert_paddr(test_scratch + 0x1000);
      cmd.set_oca_cert_len(0x824);
      return w.post(id, cmd);
    }
    case download_firmware: {
      firmware::firmware_image image;
      image.set_release(w.m.sp.current);
      image.sign(w.m.hw);
      poke(w.m, test_scratch, image.bytes());
      layout::cmd_download_firmware cmd;
      cmd.set_address(test_scratch);
      cmd.set_len(0x40);
      return w.post(id, cmd);
    }
    case ring_buffer: {
      layout::cmd_ring_buffer cmd;
      cmd.set_lo_cmd_ptr(test_scratch);
      cmd.set_lo_stat_val(test_scratch + 0x1000);
      cmd.set_lo_size(1);
      return w.post(id, cmd);
    }
    case decommission:
    case deactivate:
    case launch_finish:
    case send_finish:
    case send_cancel:
    case receive_finish: return w.by_handle(id, handle);
    case activate:       return w.activate(handle, 9);
    case activate_ex:    return w.activate_ex(handle, 9, {0});
    case guest_status:   {
      layout::cmd_guest_status cmd;
      cmd.set_handle(handle);
      return w.post(id, cmd);
    }
    case copy:                return w.copy(handle, there, 0x20'0000);
    case launch_start:        return w.launch_start();
    case launch_update_data:  return w.update(handle);
    case launch_update_vmsa:  return w.update(handle, there, 0x1000, true);
    case launch_measure:      return w.measure(handle);
    case launch_secret:
    case send_update_data:
    case send_update_vmsa:
    case receive_update_data:
    case receive_update_vmsa: return w.transport(id, handle);
    case attestation:         return w.attest(handle);
    case send_start:          return w.send_start(handle);
    case receive_start:       {
      layout::cmd_receive_start cmd;
      cmd.set_policy({plain_policy});
      cmd.set_pdh_cert_paddr(test_scratch);
      cmd.set_pdh_cert_len(0x824);
      cmd.set_session_paddr(test_scratch + 0x1000);
      cmd.set_session_len(128);
      return w.post(id, cmd);
    }
    case dbg_decrypt:
    case dbg_encrypt: return w.debug(id, handle, there, 0x20'0000);
    case swap_out:    return w.swap_out(handle, there, 0x20'0000, 0x30'0000);
    case swap_in:     return w.swap_in(handle, 0x20'0000, there, 0x30'0000);

    case snp_decommission:
    case snp_gctx_create:      return w.word(id, gctx_at);
    case snp_platform_status_: return w.word(id, test_scratch);
    case snp_page_reclaim:
    case snp_page_unsmash:     return w.word(id, page_at_2m);
    case snp_init_ex:          {
      layout::cmd_snp_init_ex cmd;
      cmd.set_flags({1});
      return w.post(id, cmd);
    }
    case snp_shutdown_ex: {
      layout::cmd_snp_shutdown_ex cmd;
      cmd.set_length(8);
      return w.post(id, cmd);
    }
    case snp_activate:      return w.snp_activate(gctx_at, 3);
    case snp_activate_ex:   return w.snp_activate_ex(gctx_at, 3, {0});
    case snp_guest_status_: return w.snp_status(gctx_at);
    case snp_guest_request: {
      if (w.m.sp.contexts.contains(gctx_at))
        return say(w, {.type = layout::snp_message_types::tsc_info_req, .payload = std::vector<std::uint8_t>(0x80)});
      layout::cmd_snp_guest_request cmd;
      cmd.set_gctx_paddr(gctx_at);
      return w.post(id, cmd);
    }
    case snp_launch_start:      return w.snp_launch_start();
    case snp_launch_update:     return w.snp_update(page_at_2m);
    case snp_launch_finish:     return w.snp_finish();
    case snp_dbg_decrypt:       return w.snp_debug(id, page_at_2m, 0x60'0000);
    case snp_dbg_encrypt:       return w.snp_debug(id, test_scratch, page_at_2m);
    case snp_verify_mitigation: {
      layout::cmd_snp_verify_mitigation cmd;
      cmd.set_length(64);
      return w.post(id, cmd);
    }
    case snp_page_swap_out:  return w.snp_swap_out(page_at_2m, test_scratch + 0x4000, metadata);
    case snp_page_swap_in:   return w.snp_swap_in(test_scratch + 0x4000, page_at_2m, metadata);
    case snp_page_move:      return w.snp_move(page_at_2m, page_at_2m + 0x1000);
    case snp_page_md_init:   return w.md_init(0x60'0000);
    case snp_page_set_state: {
      layout::cmd_snp_page_set_state cmd;
      cmd.set_length(16);
      cmd.set_list_paddr(test_scratch);
      return w.post(id, cmd);
    }
    case snp_config: {
      layout::cmd_snp_config cmd;
      return w.post(id, cmd);
    }
    case snp_download_firmware_ex: {
      layout::cmd_snp_download_firmware_ex cmd;
      cmd.set_length(24);
      cmd.set_fw_paddr(test_scratch);
      cmd.set_fw_len(0x40);
      return w.post(id, cmd);
    }
    case snp_commit: {
      layout::cmd_snp_commit cmd;
      cmd.set_length(4);
      return w.post(id, cmd);
    }
    case snp_vlek_load: {
      layout::cmd_snp_vlek_load cmd;
      cmd.set_length(16);
      cmd.set_vlek_wrapped_paddr(test_scratch);
      return w.post(id, cmd);
    }
    case snp_feature_info_: {
      layout::cmd_snp_feature_info cmd;
      cmd.set_length(16);
      cmd.set_feature_info_paddr(test_scratch);
      return w.post(id, cmd);
    }
    default: return w.post(id);
  }
}

/// The bytes that a command may write although it fails: its own buffer, with the length that is needed.
void forget_buffer(world& w) {
  const std::vector<std::uint8_t> zeros(0x1000);
  poke(w.m, test_buffer, zeros);
}

/// Runs it, and sees that a failure changes nothing. `sensible` puts operands into memory first, so it runs twice.
auto run_checked(world& w, const json& command, std::uint32_t handle) -> fw {
  {
    world rehearsal = w;
    const fw first = sensible(rehearsal, command, handle);
    if (first == fw::success) return sensible(w, command, handle);
    w.m.memory.chips() = rehearsal.m.memory.chips();
  }
  forget_buffer(w);
  const auto before = w.m;
  const fw done = sensible(w, command, handle);
  forget_buffer(w);
  const bool same = same_state(w.m, before);
  CHECK(same);
  return done;
}

/// Statuses that the dispatcher answers for every command.
const std::set<std::string> of_dispatcher{"INVALID_ADDRESS", "INVALID_CONFIG"};

std::map<std::string, std::set<std::string>> seen;  ///< statuses by command

void check_listed(const json& command, fw done) {
  const std::string text = text_of(done);
  seen[command.at("name")].insert(text);
  CHECK((holds(command.at("status"), text) || of_dispatcher.contains(text)));
}

}  // namespace

TEST_CASE("every command in every platform state", "[exhaustive][firmware]") {
  // What a command says before it looks at the platform's state.
  const std::map<std::string, std::string> earlier{};
  for (const json& command : commands()) {
    const bool legacy = command.at("api") == "legacy";
    const std::string name = command.at("name");
    for (const char* state : {"UNINIT", "INIT", "WORKING"}) {
      if (!legacy && std::string(state) == "WORKING") continue;
      INFO(name << " in " << state);
      listening with;
      world w(with.ctx, !legacy);
      w.m.hw.features.verify_mitigation = true;
      if (legacy && std::string(state) != "UNINIT") w.ready();
      if (legacy && std::string(state) == "WORKING") w.launched();
      if (!legacy && std::string(state) == "INIT") w.snp_started();
      const fw done = run_checked(w, command, 1);
      check_listed(command, done);
      const bool allowed = holds(command.at("allowed_platform_states"), state);
      if (name == "RING_BUFFER" && std::string(state) == "UNINIT") {
        CHECK(done == fw::invalid_platform_state);  // needs one of the APIs
      } else if (name == "SNP_VERIFY_MITIGATION" && std::string(state) == "UNINIT") {
        CHECK(done == fw::invalid_platform_state);  // of SEV-SNP's list; the table allows the refusal
      } else if (allowed) {
        CHECK(done != fw::invalid_platform_state);
      } else {
        CHECK(done == fw::invalid_platform_state);
      }
    }
  }
}

TEST_CASE("every legacy guest command in every guest state, with and without ASID", "[exhaustive][firmware]") {
  using enum sev_guest_state;
  const std::map<sev_guest_state, const char*> states{{lupdate, "LUPDATE"}, {lsecret, "LSECRET"}, {running, "RUNNING"},
                                                      {supdate, "SUPDATE"}, {rupdate, "RUPDATE"}, {sent, "SENT"}};
  for (const json& command : commands()) {
    const std::string name = command.at("name");
    if (command.at("api") != "legacy" || command.at("allowed_guest_states").is_null()) continue;
    if (name == "LAUNCH_START" || name == "RECEIVE_START") continue;  // of a guest that is not there yet
    for (const auto& [state, text] : states)
      for (const std::uint32_t id : {0U, 6U}) {
        for (const bool es : {false, true}) {
          INFO(name << " in " << text << " with ASID " << id << " ES " << es);
          listening with;
          world w(with.ctx);
          w.ready(es).guest_in(state, es ? es_policy : plain_policy, id == 0 ? 0 : es ? 1 : 6);
          const fw done = run_checked(w, command, 1);
          check_listed(command, done);
          const bool allowed = holds(command.at("allowed_guest_states"), text);
          if (allowed) {
            CHECK(done != fw::invalid_guest_state);
          } else if (id == 0) {
            CHECK(done != fw::success);
          } else if (name == "ACTIVATE") {
            CHECK(done == fw::active);  // the ASID is looked at before the state
          } else {
            CHECK(done == fw::invalid_guest_state);
          }
          if (done != fw::success) continue;
          const json& after = command.at("guest_state_after");
          const auto found = w.m.sp.guests.find(1);
          const std::string now = found == w.m.sp.guests.end() ? "UNINIT" : states.at(found->second.state);
          CHECK(now == (after.is_null() ? std::string(text) : after.get<std::string>()));
        }
      }
  }
}

TEST_CASE("every legacy guest command with a handle that names nobody", "[exhaustive][firmware]") {
  for (const json& command : commands()) {
    const std::string name = command.at("name");
    if (command.at("api") != "legacy" || command.at("allowed_guest_states").is_null()) continue;
    if (name == "LAUNCH_START" || name == "RECEIVE_START") continue;
    INFO(name);
    listening with;
    world w(with.ctx);
    w.ready().running();
    const fw done = run_checked(w, command, 77);
    check_listed(command, done);
    CHECK(done == (name == "GUEST_STATUS" ? fw::success : fw::invalid_guest));
  }
}

TEST_CASE("every SNP guest command in every guest state, with and without ASID", "[exhaustive][firmware]") {
  for (const json& command : commands()) {
    const std::string name = command.at("name");
    if (command.at("api") != "snp" || command.at("allowed_guest_states").is_null()) continue;
    for (const char* const state : {"none", "INIT", "LAUNCH", "RUNNING"})
      for (const bool active : {false, true}) {
        INFO(name << " in " << state << " active " << active);
        const std::string text = state;
        if (text == "RUNNING" && !active) continue;  // SNP_LAUNCH_FINISH needs an ASID
        if ((text == "none" || text == "INIT") && active) continue;
        listening with;
        world w(with.ctx, true);
        w.snp_started();
        if (text != "none") w.context_page();
        if (text == "LAUNCH" || text == "RUNNING") w.expect({w.snp_launch_start(gctx_at, debug_policy)});
        if (active) w.expect({w.snp_activate(gctx_at, 1)});
        if (text == "RUNNING") w.expect({w.snp_finish()});
        for (const std::uint64_t page : {0x60'0000UL, response_at}) give_page(w.m, page);
        w.guest_page_at(page_at_2m);
        w.guest_page_at(page_at_2m + 0x1000, 0x9000);
        if (text != "none") {  // metadata of the guest's, whatever state it is in
          give_page(w.m, 0x50'0000);
          auto entry = firmware::entry_at(w.m, {0x50'0000});
          entry.tag = rmp::firmware_tag::metadata;
          entry.guest = {gctx_at};
          w.m.rmp.put({0x500}, entry);
        }
        const fw done = run_checked(w, command, 0);
        check_listed(command, done);
        if (text == "none") {
          CHECK(done == fw::invalid_guest);
        } else if (holds(command.at("allowed_guest_states"), text)) {
          CHECK(done != fw::invalid_guest_state);
        } else if (name.starts_with("SNP_DBG") || active || text == "INIT") {
          CHECK(done == fw::invalid_guest_state);
        }
      }
  }
}

namespace {

/// Failures of hardware, and what no sequence of the scenarios needs: one call each.
void play_the_rest() {
  const auto fresh = [](bool snp, auto work) {
    listening with;
    world w(with.ctx, snp);
    work(w);
  };
  using enum command_id;
  // ASIDs cannot be made valid or invalid.
  fresh(false, [](world& w) {
    w.ready().guest_in(sev_guest_state::lsecret);
    w.m.hw.fails.asid_control = true;
    static_cast<void>(w.by_handle(launch_finish, 1));
    static_cast<void>(w.by_handle(deactivate, 1));
    static_cast<void>(w.post(df_flush));
    static_cast<void>(w.post(shutdown));
    w.m.sp.guests.at(1).state = sev_guest_state::rupdate;
    static_cast<void>(w.by_handle(receive_finish, 1));
    w.launch_start();
    static_cast<void>(w.activate(2, 9));
    static_cast<void>(w.activate_ex(2, 9, {0}));
  });
  fresh(true, [](world& w) {
    w.snp_launched();
    w.m.hw.fails.asid_control = true;
    static_cast<void>(w.snp_finish());
    static_cast<void>(w.word(snp_decommission, gctx_at));
    static_cast<void>(w.post(snp_df_flush));
    w.guest().slot = {};
    for (std::uint32_t i = 0; i < 2; ++i) w.m.asids.set_state({1}, {i}, memory::asid_state::clean);
    static_cast<void>(w.snp_activate(gctx_at, 1));
    static_cast<void>(w.snp_activate_ex(gctx_at, 1, {0}));
    static_cast<void>(w.post(snp_shutdown));
    layout::cmd_snp_shutdown_ex cmd;
    cmd.set_length(8);
    static_cast<void>(w.post(snp_shutdown_ex, cmd));
  });
  // The stores take nothing.
  fresh(false, [](world& w) {
    w.ready();
    scripted_random random{.state = 31};
    const auto owner = firmware::make_identity(random, w.m.hw, w.m.sp.current).oca;
    auto pek = w.m.sp.identity.pek.certificate;
    firmware::sign_certificate(pek, owner, firmware::key_usage::oca, false);
    poke(w.m, test_scratch, pek.bytes());
    poke(w.m, test_scratch + 0x1000, owner.certificate.bytes());
    w.m.hw.fails.flash_write = true;
    layout::cmd_pek_cert_import cmd;
    cmd.set_pek_cert_paddr(test_scratch);
    cmd.set_pek_cert_len(0x824);
    cmd.set_oca_cert_paddr(test_scratch + 0x1000);
    cmd.set_oca_cert_len(0x824);
    static_cast<void>(w.post(pek_cert_import, cmd));
    w.m.hw.fails.flash_write = false;
    static_cast<void>(w.post(pek_cert_import, cmd));
    auto spoilt = owner.certificate;
    spoilt.sig1().bytes()[0] ^= 1;
    poke(w.m, test_scratch + 0x1000, spoilt.bytes());
    w.m.sp.identity.externally_owned = false;
    static_cast<void>(w.post(pek_cert_import, cmd));
    w.m.hw.fails.flash_write = true;
    static_cast<void>(w.post(pek_gen));
    static_cast<void>(w.post(pdh_gen));
    static_cast<void>(w.post(shutdown));
    static_cast<void>(w.post(platform_reset));
  });
  // IOMMUs, and images of the firmware.
  fresh(true, [](world& w) {
    w.m.hw.iommu_pages = {{0x55'0000}};
    w.m.hw.fails.iommu = true;
    static_cast<void>(w.post(snp_init));
    layout::cmd_snp_init_ex cmd;
    cmd.set_flags({1});
    static_cast<void>(w.post(snp_init_ex, cmd));
    w.m.hw.fails.iommu = false;
    w.m.hw.fails.rmp_write = true;
    static_cast<void>(w.post(snp_init_ex, cmd));
    w.m.hw.fails.rmp_write = false;
    w.m.hw.debug_unlocked = true;
    static_cast<void>(w.post(snp_init_ex, cmd));
    w.m.hw.debug_unlocked = false;
    w.m.hw.multi_key = true;
    static_cast<void>(w.post(snp_init_ex, cmd));
    w.m.hw.multi_key = false;
    w.m.hw.c_bit = 27;
    static_cast<void>(w.post(snp_init_ex, cmd));
    w.m.hw.c_bit = 51;
    cmd.set_flags({3});
    cmd.set_list_paddr(test_memory - 4);
    static_cast<void>(w.post(snp_init_ex, cmd));
    cmd.set_list_paddr(std::uint64_t{1} << 47);
    static_cast<void>(w.post(snp_init_ex, cmd));
    w.snp_started();
    firmware::firmware_image image;
    image.set_release(w.m.sp.current);
    image.set_needs_shutdown(true);
    const auto load = [&] {
      image.sign(w.m.hw);
      poke(w.m, test_scratch, image.bytes());
      layout::cmd_snp_download_firmware_ex loading;
      loading.set_length(24);
      loading.set_fw_paddr(test_scratch);
      loading.set_fw_len(0x40);
      static_cast<void>(w.post(snp_download_firmware_ex, loading));
    };
    load();
    image.set_needs_shutdown(false);
    w.m.hw.fails.image_refuses = true;
    load();
    w.m.hw.fails.image_restore = true;
    load();
    w.m.hw.fails.image_refuses = false;
    auto older = w.m.sp.current;
    older.build = 0;
    image.set_release(older);
    load();
  });
  fresh(false, [](world& w) {  // the first generation asks for WBINVD when it activates
    w.ctx.choices.activate_reports_wbinvd = true;
    w.expect({w.init(), w.launch_start()});
    static_cast<void>(w.activate(1, 6));
  });
  // Buffers of the hypervisor's, under SEV-SNP, for every legacy command that writes one.
  for (const std::uint64_t bad : {0x70'0000UL, 0xa'0000UL})
    for (const sev_guest_state state : {sev_guest_state::lupdate, sev_guest_state::lsecret, sev_guest_state::running,
                                        sev_guest_state::supdate, sev_guest_state::rupdate})
      fresh(true, [&](world& w) {
        w.snp_started();
        w.expect({w.init(true), w.flush()});
        w.guest_in(state, es_policy, 2);
        layout::cmd_pek_csr csr;
        csr.set_address(bad);
        csr.set_len(0x824);
        static_cast<void>(w.post(pek_csr, csr));
        static_cast<void>(w.post(get_id, csr));
        layout::cmd_pdh_cert_export pdh;
        pdh.set_pdh_cert_paddr(bad);
        pdh.set_pdh_cert_len(0x824);
        pdh.set_cert_chain_paddr(bad + 0x1000);
        pdh.set_cert_chain_len(0x186c);
        static_cast<void>(w.post(pdh_cert_export, pdh));
        for (const bool vmsa : {false, true}) static_cast<void>(w.update(1, bad, 0x1000, vmsa));
        layout::cmd_launch_measure told;
        told.set_handle(1);
        told.set_address(bad);
        told.set_len(48);
        static_cast<void>(w.post(launch_measure, told));
        layout::cmd_attestation report;
        report.set_handle(1);
        report.set_address(bad);
        report.set_len(0xd0);
        static_cast<void>(w.post(attestation, report));
        for (const command_id one :
             {launch_secret, send_update_data, send_update_vmsa, receive_update_data, receive_update_vmsa}) {
          static_cast<void>(w.transport(one, 1, bad));
          static_cast<void>(w.transport(one, 1, test_scratch, 24));
          static_cast<void>(w.transport(one, 1, test_scratch + 8));
          layout::sev_packet_header header;
          header.set_flags(layout::sev_packet_header_flags{}.set_compressed(true));
          poke(w.m, test_scratch + 0x8000, header.bytes());
          static_cast<void>(w.transport(one, 1, test_scratch));
          layout::cmd_transport cmd;
          cmd.set_handle(1);
          cmd.set_hdr_paddr(bad);
          cmd.set_hdr_len(52);
          cmd.set_guest_paddr(test_scratch);
          cmd.set_guest_len(4096);
          cmd.set_trans_paddr(bad);
          cmd.set_trans_len(4096);
          static_cast<void>(w.post(one, cmd));
        }
        static_cast<void>(w.copy(1, test_scratch, bad));
        static_cast<void>(w.debug(dbg_decrypt, 1, test_scratch, bad));
        static_cast<void>(w.debug(dbg_encrypt, 1, test_scratch, bad));
        static_cast<void>(w.swap_out(1, test_scratch, bad, test_scratch + 0x3000));
        static_cast<void>(w.swap_in(1, test_scratch, bad, test_scratch + 0x3000));
        if (state == sev_guest_state::running) {
          layout::cmd_send_start send;
          send.set_handle(1);
          send.set_pdh_cert_paddr(test_scratch);
          send.set_pdh_cert_len(0x824);
          send.set_session_paddr(bad);
          send.set_session_len(128);
          static_cast<void>(w.post(send_start, send));
        }
        layout::cmd_launch_start start;
        start.set_dh_cert_paddr(bad);
        start.set_dh_cert_len(0x824);
        start.set_session_paddr(bad);
        start.set_session_len(128);
        static_cast<void>(w.post(launch_start, start));
        layout::cmd_receive_start arrive;
        arrive.set_pdh_cert_paddr(bad);
        arrive.set_pdh_cert_len(0x824);
        arrive.set_session_paddr(bad);
        arrive.set_session_len(128);
        static_cast<void>(w.post(receive_start, arrive));
        layout::cmd_pek_cert_import import;
        import.set_pek_cert_len(0x824);
        import.set_oca_cert_len(0x824);
        import.set_pek_cert_paddr(0xa'0000);
        w.m.sp.state = layout::sev_platform_state::init;
        static_cast<void>(w.post(pek_cert_import, import));
        w.m.sp.state = layout::sev_platform_state::working;
        w.buffer_at = bad;
        layout::cmd_platform_status status;
        if (bad != 0xa'0000) static_cast<void>(w.post(platform_status, status));
        layout::cmd_guest_status guest;
        guest.set_handle(1);
        static_cast<void>(w.post(guest_status, guest));
        static_cast<void>(w.post(platform_status, status));
      });
}

/// A session that opens, for LAUNCH_START and RECEIVE_START.
void put_session(world& w, std::uint32_t policy, bool authentic = true) {
  static const session_peer owner = make_peer(40);
  const firmware::sev_key nonce{7};
  const auto agreed =
      firmware::agree_on_session_keys(owner.key, *firmware::public_key_of(w.m.sp.identity.pdh.certificate), nonce);
  poke(w.m, test_scratch, owner.certificate.bytes());
  auto session = firmware::wrap_session(*agreed, {{1}, {2}}, nonce, nonce, {policy});
  if (!authentic) session.wrap_mac()[0] ^= 1;
  poke(w.m, test_scratch + 0x1000, session.bytes());
}
auto start_with_session(world& w, command_id id, std::uint32_t policy, bool authentic = true, std::uint32_t shared = 0,
                        std::uint32_t length = 128) -> fw {
  put_session(w, policy, authentic);
  layout::cmd_receive_start cmd;
  cmd.set_handle(shared);
  cmd.set_policy({policy});
  cmd.set_pdh_cert_paddr(test_scratch);
  cmd.set_pdh_cert_len(0x824);
  cmd.set_session_paddr(test_scratch + 0x1000);
  cmd.set_session_len(length);
  if (id == command_id::receive_start) return w.post(id, cmd);
  layout::cmd_launch_start other;
  std::ranges::copy(cmd.bytes(), other.bytes().begin());
  return w.post(id, other);
}

/// More of the same.
void play_sessions_and_pages() {
  const auto fresh = [](bool snp, auto work) {
    listening with;
    world w(with.ctx, snp);
    work(w);
  };
  using enum command_id;
  const auto ignore = [](fw) {};
  fresh(false, [&](world& w) {
    w.ready();
    ignore(start_with_session(w, launch_start, plain_policy, false));
    ignore(start_with_session(w, receive_start, plain_policy, false));
    ignore(start_with_session(w, receive_start, plain_policy, true, 0, 64));
    ignore(start_with_session(w, receive_start, plain_policy | 0x40));
    ignore(start_with_session(w, receive_start, plain_policy, true, 9));
    ignore(start_with_session(w, receive_start, es_policy));
    ignore(start_with_session(w, receive_start, plain_policy));
    w.expect({w.activate(1, 6)});
    const firmware::transport_keys keys{{1}, {2}};
    const auto send = [&](command_id id, const firmware::packet_kind& kind, std::uint32_t flags) {
      std::vector<std::uint8_t> data(0x1000, 5);
      auto header = firmware::seal_packet(keys, kind, firmware::sev_key{3}, data, data);
      if (flags != 0) {
        header.set_flags({flags});
        header.set_mac(firmware::packet_mac(keys.tik, kind, header, 0x1000, data));
      }
      poke(w.m, test_scratch + 0x8000, header.bytes());
      poke(w.m, test_scratch + 0x9000, data);
      return w.transport(id, 1);
    };
    ignore(send(receive_update_data, firmware::data_packet(), 0));
    w.m.sp.guests.at(1).policy.set_es(true);
    ignore(send(receive_update_vmsa, firmware::vmsa_packet(), 0));  // no checksum store
    w.m.sp.tmr = firmware::memory_range{{tmr_at}, 0x10'0000};
    w.m.sp.checksums_enabled = true;
    ignore(send(receive_update_vmsa, firmware::vmsa_packet(), 0));
    w.m.sp.guests.at(1).state = sev_guest_state::lsecret;
    ignore(send(launch_secret, firmware::secret_packet(w.m.sp.guests.at(1).measurement), 0));
    ignore(send(launch_secret, firmware::secret_packet(w.m.sp.guests.at(1).measurement), 1));
    ignore(w.debug(dbg_decrypt, 1, 0x10'0000, 0x20'0000, 9));
    w.m.sp.guests.at(1).policy.set_nodbg(true);
    ignore(w.debug(dbg_encrypt, 1, 0x10'0000, 0x20'0000));
    w.launched(plain_policy, 0);
    ignore(w.activate(2, 6));
    w.m.asids.set_state({7}, {0}, memory::asid_state::dirty);
    ignore(w.activate(2, 7));
    for (std::uint32_t i = 1; i <= 1024; ++i) w.m.sp.guests[i].state = sev_guest_state::lupdate;
    ignore(start_with_session(w, receive_start, plain_policy));
    firmware::forget_wbinvd(w.m, {0});
    ignore(w.post(df_flush));
  });
  fresh(false, [&](world& w) {  // a receiver with a spoilt chain
    w.ready().running(plain_policy | 0x10);
    w.custom_peer = true;
    auto pdh = w.m.sp.identity.pdh.certificate;
    pdh.sig1().bytes()[0] ^= 1;
    poke(w.m, test_scratch, pdh.bytes());
    poke(w.m, test_scratch + 0x2000, w.m.sp.identity.pek.certificate.bytes());
    poke(w.m, test_scratch + 0x2824, w.m.sp.identity.oca.certificate.bytes());
    ignore(w.send_start(1));
  });
  const auto initialize = [&](world& w, std::uint32_t flags, std::uint64_t nv, std::uint64_t tmr) {
    layout::cmd_init_ex cmd;
    cmd.set_length(0x24);
    cmd.set_flags({flags});
    cmd.set_tmr_paddr(tmr);
    cmd.set_tmr_len(w.m.sp.rmp_initialized ? 0x20'0000 : 0x10'0000);
    cmd.set_nv_paddr(nv);
    cmd.set_nv_len(0x8000);
    ignore(w.post(init_ex, cmd));
    layout::cmd_init plain;
    plain.set_flags({flags});
    plain.set_tmr_paddr(tmr);
    plain.set_tmr_len(cmd.tmr_len());
    ignore(w.post(init, plain));
  };
  fresh(false, [&](world& w) {
    initialize(w, 2, 0, 0);
    w.m.sp.flash_corrupted = true;
    initialize(w, 0, 0, 0);
    w.m.sp.flash_corrupted = false;
    w.m.hw.memory_encryption = false;
    initialize(w, 0, 0, 0);
    w.m.hw.memory_encryption = true;
    w.m.hw.fails.asid_control = true;
    initialize(w, 0, 0, 0);
    w.m.hw.fails = {.flash_write = true};
    firmware::firmware_image image;
    image.set_release(w.m.sp.current);
    image.sign(w.m.hw);
    poke(w.m, test_scratch, image.bytes());
    layout::cmd_download_firmware cmd;
    cmd.set_address(test_scratch);
    cmd.set_len(0x40);
    ignore(w.post(download_firmware, cmd));
    cmd.set_address(test_memory - 0x20);
    ignore(w.post(download_firmware, cmd));
  });
  fresh(true, [&](world& w) {
    w.snp_started();
    initialize(w, 1, 0, 0x40'0000);
    layout::cmd_ring_buffer ring;
    ring.set_lo_cmd_ptr(test_scratch);
    ring.set_lo_stat_val(0x40'0000);
    ring.set_lo_size(1);
    ignore(w.post(ring_buffer, ring));
    w.expect({w.init()});
    layout::cmd_snp_shutdown_ex stop;
    stop.set_length(8);
    ignore(w.post(snp_shutdown_ex, stop));
    w.buffer_at = 0x70'0000;
    ignore(w.launch_start());
    layout::cmd_receive_start arrive;
    ignore(w.post(receive_start, arrive));
  });
  fresh(true, [&](world& w) {
    w.expect({w.post(snp_init)});
    layout::cmd_snp_shutdown_ex stop;
    stop.set_length(8);
    ignore(w.post(snp_shutdown_ex, stop));
    ignore(w.post(snp_df_flush));
  });
  for (const command_id one : {activate_ex, snp_decommission, snp_activate_ex, snp_launch_finish, snp_page_reclaim,
                               snp_page_unsmash, snp_page_set_state, snp_platform_status_, snp_vlek_load})
    fresh(true, [&](world& w) {
      w.buffer_at = 0xa'0000;
      ignore(w.word(one, 0));
    });
  fresh(true, [&](world& w) {
    w.snp_launched(debug_policy);
    constexpr std::uint64_t second = gctx_at + 0x1000;
    w.context_page(second);
    w.expect({w.snp_launch_start(second)});
    ignore(w.snp_activate(second, 1));
    ignore(w.snp_activate(second, 99));
    ignore(w.snp_activate(second + 8, 2));
    ignore(w.snp_activate_ex(second, 1, {0}));
    ignore(w.snp_activate_ex(second, 9, {0}));
    ignore(w.snp_activate_ex(second, 99, {0}));
    ignore(w.snp_activate_ex(second, 2, {7}));
    w.m.asids.set_state({3}, {0}, memory::asid_state::dirty);
    ignore(w.snp_activate(second, 3));
    ignore(w.snp_activate_ex(second, 3, {0}));
    w.guest_page_at(page_at_2m, 0x8000, 4);
    ignore(w.snp_activate(second, 4));
    w.m.hw.sockets = 2;
    w.m.sp.contexts.at(second).policy.set_single_socket(true);
    ignore(w.snp_activate(second, 2));
    w.m.hw.has_apic_table = false;
    ignore(w.snp_activate_ex(second, 2, {0}));
    ignore(w.snp_debug(snp_dbg_decrypt, page_at_2m + 8, 0));
    ignore(w.snp_debug(snp_dbg_encrypt, page_at_2m + 8, 0));
    ignore(w.word(snp_decommission, second + 8));
    ignore(w.snp_launch_start(second + 8));
    ignore(w.md_init(page_at_2m + 8));
    ignore(w.snp_move(page_at_2m + 8, page_at_2m));
    ignore(w.word(snp_page_reclaim, page_at_2m + 8));
    ignore(w.word(snp_page_reclaim, page_at_2m | 1));
    ignore(w.word(snp_page_reclaim, gctx_at));
    ignore(w.word(snp_page_reclaim, test_rmp_base));
    ignore(w.word(snp_page_unsmash, page_at_2m + 0x1000));
    ignore(w.word(snp_page_unsmash, test_rmp_base));
    for (std::uint64_t i = 0; i < 512; ++i) w.guest_page_at(0x240'0000 + i * 4096, 0x20'0000 + i * 4096, 1);
    ignore(w.word(snp_page_unsmash, 0x240'0000));
    layout::cmd_snp_page_set_state states;
    ignore(w.post(snp_page_set_state, states));
    states.set_length(16);
    states.set_list_paddr(0xa'0000);
    ignore(w.post(snp_page_set_state, states));
    snp_scenarios::put_list(w, test_scratch, 300, 0, 0);
    ignore(snp_scenarios::set_state(w));
    snp_scenarios::put_list(w, test_scratch, 1, 0x40'0000, 2);
    ignore(snp_scenarios::set_state(w));
    // Debugging without ASID: the page's owner is looked at before.
    auto& guest = w.m.sp.contexts.at(gctx_at);
    give_page(w.m, 0x60'0000);
    w.m.rmp.put({page_at_2m >> 12}, {.assigned = true, .immutable = true, .id = {0}, .guest = {0x8000}});
    auto page = firmware::entry_at(w.m, {0x240'0000});
    page.large = false;
    w.m.rmp.put({page_at_2m >> 12}, page);
    const auto slot = guest.slot;
    guest.slot = {};
    ignore(w.snp_debug(snp_dbg_decrypt, page_at_2m, 0x60'0000));
    guest.slot = slot;
  });
  fresh(true, [&](world& w) {
    w.snp_launched();
    constexpr std::uint64_t metadata = 0x50'0000;
    constexpr std::uint64_t out = test_scratch + 0x4000;
    w.guest_page_at(page_at_2m);
    give_page(w.m, metadata);
    w.expect({w.md_init(metadata), w.snp_swap_out(page_at_2m, out, metadata)});
    ignore(w.snp_swap_in(out, page_at_2m, metadata + 8));
    ignore(w.snp_swap_in(out, page_at_2m, metadata, 0, false, false, true));
    w.guest_page_at(page_at_2m + 0x1000, 0x9000, 2);
    ignore(w.snp_swap_in(out, page_at_2m + 0x1000, metadata));
    w.guest().policy.set_page_swap_disable(true);
    ignore(w.snp_swap_in(out, page_at_2m, metadata));
    w.guest_page_at(page_at_2m + 0x2000, 0xa000);
    ignore(w.snp_move(page_at_2m, page_at_2m + 0x2000));
  });
  fresh(true, [&](world& w) {
    w.m.hw.c_bit = 27;
    layout::cmd_snp_init_ex cmd;
    cmd.set_flags({1});
    w.buffer_at = test_scratch & ~(std::uint64_t{1} << 27);
    ignore(w.post(snp_init_ex, cmd));
  });
}

/// Statuses of the table that this firmware does not answer, and why.
const std::map<std::string, std::map<std::string, const char*>> not_answered{
    {"INIT", {{"UNSUPPORTED", "the sheet's row names no condition for it"}}},
    {"INIT_EX", {{"UNSUPPORTED", "the sheet's row names no condition for it"}}},
    {"SEND_START", {{"UNSUPPORTED", "the sheet's rows name no condition for it"}}},
    {"SNP_INIT", {{"INVALID_PARAM", "it has no parameters"}, {"INVALID_ADDRESS", "it has no parameters"}}},
    {"SNP_VERIFY_MITIGATION", {{"UNSUPPORTED", "of firmware that a hypervisor emulates (NEST-VSP-15)"}}},
    {"SNP_DOWNLOAD_FIRMWARE_EX", {{"HARDWARE_UNSAFE", "no failure of hardware in it is modelled"}}},
    {"SNP_DBG_DECRYPT", {{"INACTIVE", "a guest without ASID owns no page: INVALID_PAGE_OWNER comes first"}}},
    {"SNP_DBG_ENCRYPT", {{"INACTIVE", "a guest without ASID owns no page: INVALID_PAGE_OWNER comes first"}}},
};

}  // namespace

TEST_CASE("every status of the table is answered by some command buffer, or said not to be", "[exhaustive][firmware]") {
  for (const auto& list : {legacy_scenarios::platform_scenarios(), legacy_scenarios::asid_scenarios(),
                           legacy_scenarios::guest_scenarios()})
    for (const auto& one : list) {
      listening with;
      world w(with.ctx, one.snp_cores);
      static_cast<void>(one.play(w));
    }
  for (const auto& list :
       {snp_scenarios::platform_scenarios(), snp_scenarios::guest_scenarios(), snp_scenarios::page_scenarios(),
        snp_scenarios::message_scenarios(), snp_scenarios::firm_scenarios()})
    for (const auto& one : list) {
      listening with;
      world w(with.ctx, true);
      static_cast<void>(one.play(w));
    }
  {
    listening with;
    world legacy(with.ctx);
    legacy_scenarios::play_quietly(legacy);
    world snp(with.ctx, true);
    snp_scenarios::play_quietly(snp);
  }
  play_the_rest();
  play_sessions_and_pages();
  std::size_t listed = 0;
  std::size_t shown = 0;
  for (const json& command : commands()) {
    const auto id = static_cast<command_id>(std::stoul(command.at("id").get<std::string>(), nullptr, 16));
    const std::string name = command.at("name");
    std::set<std::string> texts;
    for (const fw one : answered[id]) texts.insert(text_of(one));
    for (const json& one : command.at("status")) {
      const std::string text = one;
      ++listed;
      const bool explained = not_answered.contains(name) && not_answered.at(name).contains(text);
      INFO(name << ": " << text);
      CHECK(texts.contains(text) != explained);
      shown += texts.contains(text) ? 1U : 0U;
    }
  }
  std::cout << "statuses answered: " << shown << " of " << listed << "\n";
  CHECK(listed == 500);
}
