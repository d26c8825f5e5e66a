// SPDX-License-Identifier: MIT
// tests/data/firmware/traces.json: sequences of commands with the status and the state after every step.
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <support/bytes.hpp>
#include <support/catch.hpp>
#include <support/firmware_machine.hpp>

#include <sevspec/firmware/dispatch.hpp>
#include <sevspec/rmp/pvalidate.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using nlohmann::json;
using firmware::command_id;

/// A number of a trace: 6, or "0x1000".
auto number(const json& from, const char* name, std::uint64_t otherwise = 0) -> std::uint64_t {
  if (!from.contains(name)) return otherwise;
  const json& value = from.at(name);
  return value.is_string() ? std::stoull(value.get<std::string>(), nullptr, 0) : value.get<std::uint64_t>();
}

/// SUCCESS and WBINVD_REQUIRED as the data name them; the layouts have another spelling of one or two.
auto text_of(firmware::status code) -> std::string {
  static const std::map<std::string, std::string> other{{"DFFLUSH_REQUIRED", "DF_FLUSH_REQUIRED"},
                                                        {"HWERROR_PLATFORM", "HARDWARE_PLATFORM"},
                                                        {"HWERROR_UNSAFE", "HARDWARE_UNSAFE"}};
  const std::string name = firmware::name_of(code);
  const auto found = other.find(name);
  return found == other.end() ? name : found->second;
}
auto text_of(rmp::page_state state) -> std::string {
  std::string name = rmp::name_of(state);
  for (char& one : name) one = one == '-' ? '_' : static_cast<char>(std::toupper(one));
  return name;
}

/// The abstract harness of traces.json on a machine.
class player {
 public:
  explicit player(bool snp) : m_(make_test_machine(snp)) {}

  /// The name of what went wrong, or nothing.
  auto play(const json& step) -> std::string {
    const auto op = step.at("op").get<std::string>();
    const json& args = step.contains("args") ? step.at("args") : json::object();
    wrong_.clear();
    outputs_.clear();
    std::string status;
    if (op == "WBINVD") wbinvd(args);
    else if (op == "RMPUPDATE") rmpupdate(args);
    else if (op == "PVALIDATE") pvalidate(args);
    else if (op == "QUERY") page_ = number(args, "page");
    else status = text_of(command(op, args));
    if (step.contains("status") && status != step.at("status").get<std::string>())
      wrong_ += " status " + status + " instead of " + step.at("status").get<std::string>();
    if (step.contains("expect"))
      for (const auto& [name, value] : step.at("expect").items()) compare(name, value);
    return wrong_.empty() ? wrong_ : op + ":" + wrong_;
  }

 private:
  void compare(const std::string& name, const json& value) {
    std::string found;
    if (name == "page_state") found = text_of(firmware::state_at(m_, {page_}));
    else if (outputs_.contains(name)) found = outputs_.at(name);
    else return void(wrong_ += " nothing to compare with " + name);
    std::string wanted = value.is_string() ? value.get<std::string>() : std::to_string(value.get<std::uint64_t>());
    if (wanted.starts_with("0x")) wanted = std::to_string(std::stoull(wanted, nullptr, 16));
    if (found != wanted) wrong_ += " " + name + " is " + found + " instead of " + wanted;
  }

  void wbinvd(const json& args) {
    if (args.at("ccx").is_string()) return firmware::note_wbinvd_everywhere(m_);
    for (const auto which : args.at("ccx").get<std::vector<std::uint32_t>>())
      for (std::size_t i = 0; i < m_.hw.threads.size(); ++i)
        if (m_.hw.threads[i].complex == which) firmware::note_wbinvd(m_, i);
  }
  void rmpupdate(const json& args) {
    page_ = number(args, "page");
    const auto done = rmp::rmpupdate(ctx_, m_.rmp, {}, {}, {page_},
                                     {.assigned = number(args, "assigned") != 0,
                                      .immutable = number(args, "immutable") != 0,
                                      .id = {static_cast<std::uint32_t>(number(args, "asid"))},
                                      .guest = {number(args, "gpa")}});
    if (!done || done->eax != rmp::status::success) wrong_ += " RMPUPDATE failed";
  }
  void pvalidate(const json& args) {
    page_ = number(args, "page");
    const rmp::entry entry = firmware::entry_at(m_, {page_});
    const auto translate = [&](gva) -> outcome<rmp::guest_page> { return rmp::guest_page{{}, entry.guest, {page_}}; };
    const auto done = rmp::pvalidate(ctx_, m_.rmp, {}, {.id = entry.id, .snp_active = true},
                                     {{}, 0, static_cast<std::uint32_t>(number(args, "validated"))}, translate);
    if (!done || done->eax != rmp::status::success) wrong_ += " PVALIDATE failed";
  }

  /// Posts a command; its buffer as it is afterwards.
  template <class Image>
  auto post(command_id id, Image& buffer) -> firmware::status {
    poke(m_, test_buffer, buffer.bytes());
    const auto done = firmware::execute(ctx_, m_, id, test_buffer);
    std::ranges::copy(peek(m_, test_buffer, buffer.bytes().size()), buffer.bytes().begin());
    return done;
  }
  auto post_word(command_id id, std::uint64_t word) -> firmware::status {
    layout::cmd_snp_config buffer;  // any structure that starts with a qword
    buffer.set_reported_tcb(word);
    poke(m_, test_buffer, buffer.bytes());
    return firmware::execute(ctx_, m_, id, test_buffer);
  }
  void fill(const json& args, std::uint64_t where, std::uint64_t size) {
    if (!args.contains("fill")) return;
    poke(m_, where, std::vector<std::uint8_t>(size, static_cast<std::uint8_t>(number(args, "fill"))));
  }
  static auto handle(const json& args) -> std::uint32_t { return static_cast<std::uint32_t>(number(args, "handle")); }
  void tell_digest(std::uint64_t which) {
    outputs_["launch_digest"] = to_hex(m_.sp.guests.at(static_cast<std::uint32_t>(which)).launch_digest);
  }

  auto command(const std::string& op, const json& args) -> firmware::status;
  auto legacy(const std::string& op, const json& args) -> firmware::status;
  auto snp(const std::string& op, const json& args) -> firmware::status;

  context<> ctx_{};
  test_machine<> m_;
  std::uint64_t page_ = 0;
  std::string wrong_;
  std::map<std::string, std::string> outputs_;
};

auto player::command(const std::string& op, const json& args) -> firmware::status {
  if (op == "COMMAND") return firmware::execute(ctx_, m_, static_cast<std::uint32_t>(number(args, "id")), test_buffer);
  return op.starts_with("SNP_") ? snp(op, args) : legacy(op, args);
}

auto player::legacy(const std::string& op, const json& args) -> firmware::status {
  using enum command_id;
  static const std::map<std::string, command_id> plain{{"PLATFORM_RESET", platform_reset},
                                                       {"SHUTDOWN", shutdown},
                                                       {"PEK_GEN", pek_gen},
                                                       {"PDH_GEN", pdh_gen},
                                                       {"DF_FLUSH", df_flush},
                                                       {"NOP", nop}};
  if (const auto found = plain.find(op); found != plain.end()) return firmware::execute(ctx_, m_, found->second);
  static const std::map<std::string, command_id> by_handle{
      {"DEACTIVATE", deactivate}, {"DECOMMISSION", decommission}, {"LAUNCH_FINISH", launch_finish}};
  if (const auto found = by_handle.find(op); found != by_handle.end()) {
    layout::cmd_handle cmd;
    cmd.set_handle(handle(args));
    return post(found->second, cmd);
  }
  if (op == "INIT") {
    layout::cmd_init cmd;
    cmd.set_flags(layout::cmd_init_flags{}.set_sev_es(number(args, "es") != 0));
    return post(init, cmd);
  }
  if (op == "PLATFORM_STATUS") {
    layout::cmd_platform_status cmd;
    const auto done = post(platform_status, cmd);
    outputs_["state"] = std::to_string(static_cast<unsigned>(cmd.state()));
    outputs_["guest_count"] = std::to_string(cmd.guest_count());
    return done;
  }
  if (op == "LAUNCH_START") {
    layout::cmd_launch_start cmd;
    cmd.set_handle(handle(args));
    cmd.set_policy({static_cast<std::uint32_t>(number(args, "policy"))});
    const auto done = post(launch_start, cmd);
    outputs_["handle"] = std::to_string(cmd.handle());
    return done;
  }
  if (op == "ACTIVATE") {
    layout::cmd_activate cmd;
    cmd.set_handle(handle(args));
    cmd.set_asid(static_cast<std::uint32_t>(number(args, "asid")));
    return post(activate, cmd);
  }
  if (op == "GUEST_STATUS") {
    layout::cmd_guest_status cmd;
    cmd.set_handle(handle(args));
    const auto done = post(guest_status, cmd);
    outputs_["state"] = std::to_string(static_cast<unsigned>(cmd.state()));
    outputs_["asid"] = std::to_string(cmd.asid());
    outputs_["policy"] = std::to_string(cmd.policy().raw);
    return done;
  }
  if (op == "LAUNCH_UPDATE_DATA" || op == "LAUNCH_UPDATE_VMSA") {
    layout::cmd_launch_update cmd;
    cmd.set_handle(handle(args));
    cmd.set_paddr(number(args, "paddr"));
    cmd.set_len(static_cast<std::uint32_t>(number(args, "length")));
    fill(args, cmd.paddr(), cmd.len());
    return post(op == "LAUNCH_UPDATE_DATA" ? launch_update_data : launch_update_vmsa, cmd);
  }
  if (op == "LAUNCH_MEASURE") {
    layout::cmd_launch_measure cmd;
    cmd.set_handle(handle(args));
    cmd.set_address(test_scratch);
    cmd.set_len(static_cast<std::uint32_t>(number(args, "length")));
    const auto nonce = from_hex(args.value("mnonce", std::string("00000000000000000000000000000000")));
    if (cmd.len() >= 48) m_.random.next.assign(nonce.begin(), nonce.end());
    const auto done = post(launch_measure, cmd);
    outputs_["length"] = std::to_string(cmd.len());
    if (done == firmware::status::success) {
      outputs_["measure"] = to_hex(peek(m_, test_scratch, 32));
      tell_digest(handle(args));
    }
    return done;
  }
  if (op == "SEND_START") {
    static const session_peer peer = make_peer(5);
    poke(m_, test_scratch, peer.certificate.bytes());
    layout::cmd_send_start cmd;
    cmd.set_handle(handle(args));
    cmd.set_pdh_cert_paddr(test_scratch);
    cmd.set_pdh_cert_len(firmware::sev_cert_bytes);
    cmd.set_session_paddr(test_scratch + 0x1000);
    cmd.set_session_len(128);
    const auto done = post(send_start, cmd);
    outputs_["policy"] = std::to_string(cmd.policy().raw);
    return done;
  }
  if (op == "DBG_DECRYPT" || op == "DBG_ENCRYPT") {
    layout::cmd_dbg cmd;
    cmd.set_handle(handle(args));
    cmd.set_src_paddr(number(args, "src"));
    cmd.set_dst_paddr(number(args, "dst"));
    cmd.set_len(static_cast<std::uint32_t>(number(args, "length")));
    return post(op == "DBG_DECRYPT" ? dbg_decrypt : dbg_encrypt, cmd);
  }
  if (op == "COPY") {
    layout::cmd_copy cmd;
    cmd.set_handle(handle(args));
    cmd.set_length(static_cast<std::uint32_t>(number(args, "length")));
    cmd.set_src_paddr(number(args, "src"));
    cmd.set_dst_paddr(number(args, "dst"));
    return post(copy, cmd);
  }
  wrong_ += " the player does not know it";
  return firmware::status::invalid_command;
}

auto player::snp(const std::string& op, const json& args) -> firmware::status {
  using enum command_id;
  const std::uint64_t gctx = number(args, "gctx");
  page_ = args.contains("page") ? number(args, "page") : gctx;
  if (op == "SNP_INIT") return firmware::execute(ctx_, m_, snp_init);
  if (op == "SNP_DF_FLUSH") return firmware::execute(ctx_, m_, snp_df_flush);
  if (op == "SNP_GCTX_CREATE") return post_word(snp_gctx_create, gctx);
  if (op == "SNP_DECOMMISSION") return post_word(snp_decommission, gctx);
  if (op == "SNP_PAGE_RECLAIM")
    return post_word(snp_page_reclaim, page_ | (args.value("size", std::string()) == "2M" ? 1U : 0U));
  if (op == "SNP_LAUNCH_START") {
    layout::cmd_snp_launch_start cmd;
    cmd.set_gctx_paddr(gctx);
    cmd.set_policy({number(args, "policy")});
    return post(snp_launch_start, cmd);
  }
  if (op == "SNP_ACTIVATE") {
    layout::cmd_snp_activate cmd;
    cmd.set_gctx_paddr(gctx);
    cmd.set_asid(static_cast<std::uint32_t>(number(args, "asid")));
    return post(snp_activate, cmd);
  }
  if (op == "SNP_LAUNCH_UPDATE") {
    layout::cmd_snp_launch_update cmd;
    cmd.set_gctx_paddr(gctx);
    cmd.set_page_paddr(page_);
    cmd.set_flags({static_cast<std::uint32_t>(number(args, "type") << 1)});
    const auto perms = args.value("perms", std::vector<std::uint32_t>{0, 0, 0});
    cmd.set_perms({perms[0] << 8 | perms[1] << 16 | perms[2] << 24});
    fill(args, page_, 4096);
    const auto done = post(snp_launch_update, cmd);
    if (m_.sp.contexts.contains(gctx)) outputs_["launch_digest"] = to_hex(m_.sp.contexts.at(gctx).launch_digest);
    return done;
  }
  if (op == "SNP_LAUNCH_FINISH") {
    layout::cmd_snp_launch_finish cmd;
    cmd.set_gctx_paddr(gctx);
    if (args.contains("id_block_ld")) {
      layout::id_block block;
      std::ranges::copy(from_hex(args.at("id_block_ld").get<std::string>()), block.ld().begin());
      block.set_policy({number(args, "id_block_policy")});
      block.set_version(1);
      poke(m_, test_scratch, block.bytes());
      cmd.set_id_block_paddr(test_scratch);
      cmd.set_id_auth_paddr(test_scratch + 0x1000);
      cmd.set_flags(layout::cmd_snp_launch_finish_flags{}.set_id_block_en(true));
    }
    return post(snp_launch_finish, cmd);
  }
  if (op == "SNP_GUEST_STATUS") {
    layout::cmd_snp_guest_status cmd;
    cmd.set_gctx_paddr(gctx);
    cmd.set_status_paddr(test_scratch);
    const auto done = post(snp_guest_status_, cmd);
    layout::snp_guest_status told;
    std::ranges::copy(peek(m_, test_scratch, told.bytes().size()), told.bytes().begin());
    outputs_["state"] = std::to_string(static_cast<unsigned>(told.state()));
    outputs_["asid"] = std::to_string(told.asid());
    outputs_["policy"] = std::to_string(told.policy().raw);
    return done;
  }
  if (op == "SNP_PAGE_MD_INIT") {
    layout::cmd_snp_md_init cmd;
    cmd.set_gctx_paddr(gctx);
    cmd.set_page_paddr(page_);
    return post(snp_page_md_init, cmd);
  }
  wrong_ += " the player does not know it";
  return firmware::status::invalid_command;
}

}  // namespace

TEST_CASE("traces.json: every step has the status and the state that the data say", "[firmware][traces]") {
  std::ifstream file(SEVSPEC_TEST_DATA_DIR "/firmware/traces.json");
  const json all = json::parse(file);
  std::size_t steps = 0;
  std::size_t passed = 0;
  for (const json& trace : all.at("traces")) {
    const auto id = trace.at("id").get<std::string>();
    bool snp = false;
    for (const json& step : trace.at("steps")) snp = snp || step.at("op").get<std::string>().starts_with("SNP_");
    player on(snp);
    std::size_t here = 0;
    std::size_t number = 0;
    for (const json& step : trace.at("steps")) {
      const std::string wrong = on.play(step);
      INFO(id << " step " << number << ": " << wrong);
      CHECK(wrong.empty());
      here += wrong.empty() ? 1U : 0U;
      ++number;
    }
    std::cout << id << ": " << here << " of " << number << "\n";
    steps += number;
    passed += here;
  }
  std::cout << "all traces: " << passed << " of " << steps << "\n";
  CHECK(all.at("traces").size() == 11);
  CHECK(steps == 232);
  CHECK(passed == steps);
}
