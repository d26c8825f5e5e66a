// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_FIRMWARE_WORLD_HPP
#define SEVSPEC_TESTS_SUPPORT_FIRMWARE_WORLD_HPP

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/firmware_machine.hpp>
#include <support/recorder.hpp>

#include <sevspec/firmware/dispatch.hpp>

// All commands are compiled once, in firmware_world.cpp, not in every test that posts one.
namespace sevspec::inline v0::firmware {
extern template auto execute(test::recording_context&, test::test_machine<>&, std::uint32_t, std::uint64_t) -> status;
extern template auto execute_entry(test::recording_context&, test::test_machine<>&, std::uint32_t, std::uint64_t)
    -> status;
}  // namespace sevspec::inline v0::firmware

namespace Catch {
template <>
struct StringMaker<sevspec::layout::sev_status_codes> {
  static auto convert(sevspec::layout::sev_status_codes code) -> std::string {
    return sevspec::firmware::name_of(code);
  }
};
template <>
struct StringMaker<sevspec::rmp::page_state> {
  static auto convert(sevspec::rmp::page_state state) -> std::string { return sevspec::rmp::name_of(state); }
};
}  // namespace Catch

namespace sevspec::test {

using firmware::command_id;
using fw = firmware::status;

inline constexpr std::uint32_t plain_policy = 0x3701'0000;  ///< firmware 1.55, nothing else
inline constexpr std::uint32_t es_policy = plain_policy | 4;
inline constexpr std::uint64_t snp_policy = 0x3'0000;  ///< SMT allowed, bit 17
inline constexpr std::uint64_t debug_policy = snp_policy | 1U << 19;
inline constexpr std::uint64_t gctx_at = 0x100'0000;
inline constexpr std::uint64_t page_at_2m = 0x200'0000;  ///< pages of guests start here
inline constexpr std::uint64_t tmr_at = 0x300'0000;

/// Every status that a command has answered in this program.
inline std::map<command_id, std::set<fw>> answered;

/// A machine, and somebody who drives it with command buffers.
class world {
 public:
  explicit world(recording_context& with, bool snp = false) : ctx(with), m(make_test_machine(snp)) {}

  recording_context& ctx;
  test_machine<> m;
  std::uint64_t buffer_at = test_buffer;
  bool remembers = false;                ///< keep the machine as it is before each command
  std::optional<test_machine<>> before;  ///< before the last command

  // --- commands

  template <class Image>
  auto post(command_id id, Image& buffer) -> fw {
    poke(m, buffer_at, buffer.bytes());
    remember();
    const fw done = note(id, firmware::execute(ctx, m, id, buffer_at));
    std::ranges::copy(peek(m, buffer_at, buffer.bytes().size()), buffer.bytes().begin());
    return done;
  }
  auto post(command_id id) -> fw {
    remember();
    return note(id, firmware::execute(ctx, m, id, 0));
  }
  auto word(command_id id, std::uint64_t value) -> fw {
    layout::cmd_snp_config buffer;  // any structure that starts with a qword
    buffer.set_reported_tcb(value);
    poke(m, buffer_at, buffer.bytes());
    remember();
    return note(id, firmware::execute(ctx, m, id, buffer_at));
  }
  void remember() {
    if (remembers) before = m;
  }
  static auto note(command_id id, fw done) -> fw {
    answered[id].insert(done);
    return done;
  }

  // --- the legacy API

  auto init(bool es = false) -> fw {
    layout::cmd_init cmd;
    cmd.set_flags(layout::cmd_init_flags{}.set_sev_es(es));
    const bool large = m.sp.rmp_initialized;
    if (es) cmd.set_tmr_paddr(firmware::is_snp_init(m) ? test_scratch + 0x10'0000 : tmr_at);
    if (es) cmd.set_tmr_len(large ? 0x20'0000 : 0x10'0000);
    return post(command_id::init, cmd);
  }
  auto flush() -> fw {
    firmware::note_wbinvd_everywhere(m);
    return post(firmware::is_snp_init(m) ? command_id::snp_df_flush : command_id::df_flush);
  }
  auto by_handle(command_id id, std::uint32_t handle) -> fw {
    layout::cmd_handle cmd;
    cmd.set_handle(handle);
    return post(id, cmd);
  }
  auto launch_start(std::uint32_t policy = plain_policy, std::uint32_t shared = 0) -> fw {
    layout::cmd_launch_start cmd;
    cmd.set_handle(shared);
    cmd.set_policy({policy});
    return post(command_id::launch_start, cmd);
  }
  auto activate(std::uint32_t handle, std::uint32_t id) -> fw {
    layout::cmd_activate cmd;
    cmd.set_handle(handle);
    cmd.set_asid(id);
    return post(command_id::activate, cmd);
  }
  auto activate_ex(std::uint32_t handle, std::uint32_t id, std::vector<std::uint32_t> apic_ids,
                   std::uint32_t length = 0x18) -> fw {
    layout::cmd_activate_ex cmd;
    cmd.set_ex_len(length);
    cmd.set_handle(handle);
    cmd.set_asid(id);
    cmd.set_numids(static_cast<std::uint32_t>(apic_ids.size()));
    cmd.set_ids_paddr(test_scratch);
    std::vector<std::uint8_t> list(apic_ids.size() * 4);
    for (std::size_t i = 0; i < apic_ids.size(); ++i) layout::write_le(list.data() + 4 * i, apic_ids[i]);
    poke(m, test_scratch, list);
    return post(command_id::activate_ex, cmd);
  }
  auto update(std::uint32_t handle, std::uint64_t where = 0x10'0000, std::uint32_t size = 0x1000, bool vmsa = false)
      -> fw {
    layout::cmd_launch_update cmd;
    cmd.set_handle(handle);
    cmd.set_paddr(where);
    cmd.set_len(size);
    return post(vmsa ? command_id::launch_update_vmsa : command_id::launch_update_data, cmd);
  }
  auto measure(std::uint32_t handle, std::uint32_t size = 48) -> fw {
    layout::cmd_launch_measure cmd;
    cmd.set_handle(handle);
    cmd.set_address(test_scratch);
    cmd.set_len(size);
    return post(command_id::launch_measure, cmd);
  }
  auto transport(command_id id, std::uint32_t handle, std::uint64_t guest = 0x10'0000, std::uint32_t size = 0x1000,
                 std::uint32_t header = 52, std::uint32_t carried = 0) -> fw {
    layout::cmd_transport cmd;
    cmd.set_handle(handle);
    cmd.set_hdr_paddr(test_scratch + 0x8000);
    cmd.set_hdr_len(header);
    cmd.set_guest_paddr(guest);
    cmd.set_guest_len(size);
    cmd.set_trans_paddr(test_scratch + 0x9000);
    cmd.set_trans_len(carried == 0 ? size : carried);
    return post(id, cmd);
  }
  auto send_start(std::uint32_t handle, std::uint32_t session = 128, std::uint32_t pdh = firmware::sev_cert_bytes)
      -> fw {
    static const session_peer peer = make_peer(5);
    if (!custom_peer) poke(m, test_scratch, peer.certificate.bytes());
    layout::cmd_send_start cmd;
    cmd.set_handle(handle);
    cmd.set_pdh_cert_paddr(test_scratch);
    cmd.set_pdh_cert_len(pdh);
    cmd.set_plat_certs_paddr(test_scratch + 0x2000);
    cmd.set_plat_certs_len(firmware::sev_chain_bytes);
    cmd.set_amd_certs_paddr(test_scratch + 0x4000);
    cmd.set_amd_certs_len(amd_bytes);
    cmd.set_session_paddr(test_scratch + 0x1000);
    cmd.set_session_len(session);
    return post(command_id::send_start, cmd);
  }
  bool custom_peer = false;
  std::uint32_t amd_bytes = 0x680;  ///< ASK and ARK of 2048 bits
  auto copy(std::uint32_t handle, std::uint64_t from, std::uint64_t to, std::uint32_t size = 0x1000) -> fw {
    layout::cmd_copy cmd;
    cmd.set_handle(handle);
    cmd.set_length(size);
    cmd.set_src_paddr(from);
    cmd.set_dst_paddr(to);
    return post(command_id::copy, cmd);
  }
  auto debug(command_id id, std::uint32_t handle, std::uint64_t from, std::uint64_t to, std::uint32_t size = 16) -> fw {
    layout::cmd_dbg cmd;
    cmd.set_handle(handle);
    cmd.set_src_paddr(from);
    cmd.set_dst_paddr(to);
    cmd.set_len(size);
    return post(id, cmd);
  }
  auto swap_out(std::uint32_t handle, std::uint64_t from, std::uint64_t to, std::uint64_t mdata, std::uint32_t type = 0,
                bool large = false) -> fw {
    layout::cmd_swap_out cmd;
    cmd.set_handle(handle);
    cmd.set_flags(layout::cmd_swap_out_flags{}.set_page_size(large).set_page_type(type));
    cmd.set_src_paddr(from);
    cmd.set_dst_paddr(to);
    cmd.set_mdata_paddr(mdata);
    return post(command_id::swap_out, cmd);
  }
  auto swap_in(std::uint32_t handle, std::uint64_t from, std::uint64_t to, std::uint64_t mdata, std::uint32_t type = 0,
               bool in_place = false) -> fw {
    layout::cmd_swap_in cmd;
    cmd.set_handle(handle);
    cmd.set_flags(layout::cmd_swap_in_flags{}.set_page_type(type).set_swap_in_place(in_place));
    cmd.set_src_paddr(from);
    cmd.set_dst_paddr(to);
    cmd.set_mdata_paddr(mdata);
    return post(command_id::swap_in, cmd);
  }
  auto attest(std::uint32_t handle, std::uint32_t size = 0xd0) -> fw {
    layout::cmd_attestation cmd;
    cmd.set_handle(handle);
    cmd.set_address(test_scratch);
    cmd.set_len(size);
    return post(command_id::attestation, cmd);
  }

  /// INIT and a flush; then a guest with this policy and ASID, launched as far as asked. Returns its handle.
  auto ready(bool es = false) -> world& {
    expect({init(es), flush()});
    return *this;
  }
  auto launched(std::uint32_t policy = plain_policy, std::uint32_t id = 6) -> std::uint32_t {
    expect({launch_start(policy)});
    const std::uint32_t handle = m.sp.guests.rbegin()->first;
    if (id != 0) expect({activate(handle, id)});
    return handle;
  }
  auto running(std::uint32_t policy = plain_policy, std::uint32_t id = 6) -> std::uint32_t {
    const std::uint32_t handle = launched(policy, id);
    expect({measure(handle), by_handle(command_id::launch_finish, handle)});
    return handle;
  }
  /// A guest in any state but UNINIT.
  auto guest_in(layout::sev_guest_state state, std::uint32_t policy = plain_policy, std::uint32_t id = 6)
      -> std::uint32_t {
    using state_of = layout::sev_guest_state;
    if (state == state_of::lupdate) return launched(policy, id);
    if (state == state_of::lsecret) {
      const std::uint32_t handle = launched(policy, id);
      expect({measure(handle)});
      return handle;
    }
    if (state == state_of::rupdate) {
      const std::uint32_t handle = launched(policy, id);
      m.sp.guests.at(handle).state = state_of::rupdate;
      return handle;
    }
    const std::uint32_t handle = this->running(policy, id);
    if (state == running_) return handle;
    expect({send_start(handle)});
    if (state == state_of::sent) expect({by_handle(command_id::send_finish, handle)});
    return handle;
  }
  static constexpr auto running_ = layout::sev_guest_state::running;

  // --- SEV-SNP

  auto snp_started() -> world& {
    expect({post(command_id::snp_init), flush()});
    return *this;
  }
  void context_page(std::uint64_t page = gctx_at) {
    give_page(m, page);
    expect({word(command_id::snp_gctx_create, page)});
  }
  auto snp_launch_start(std::uint64_t page = gctx_at, std::uint64_t policy = snp_policy, std::uint64_t agent = 0,
                        bool imi = false) -> fw {
    layout::cmd_snp_launch_start cmd;
    cmd.set_gctx_paddr(page);
    cmd.set_policy({policy});
    cmd.set_ma_gctx_paddr(agent);
    cmd.set_flags(layout::cmd_snp_launch_start_flags{}.set_ma_en(agent != 0).set_imi_en(imi));
    cmd.set_desired_tsc_khz(2'000'000);
    return post(command_id::snp_launch_start, cmd);
  }
  auto snp_activate(std::uint64_t page, std::uint32_t id) -> fw {
    layout::cmd_snp_activate cmd;
    cmd.set_gctx_paddr(page);
    cmd.set_asid(id);
    return post(command_id::snp_activate, cmd);
  }
  auto snp_activate_ex(std::uint64_t page, std::uint32_t id, std::vector<std::uint32_t> apic_ids,
                       std::uint32_t length = 0x20) -> fw {
    layout::cmd_snp_activate_ex cmd;
    cmd.set_ex_len(length);
    cmd.set_gctx_paddr(page);
    cmd.set_asid(id);
    cmd.set_numids(static_cast<std::uint32_t>(apic_ids.size()));
    cmd.set_ids_paddr(test_scratch);
    std::vector<std::uint8_t> list(apic_ids.size() * 4);
    for (std::size_t i = 0; i < apic_ids.size(); ++i) layout::write_le(list.data() + 4 * i, apic_ids[i]);
    poke(m, test_scratch, list);
    return post(command_id::snp_activate_ex, cmd);
  }
  /// SNP_INIT and a guest with an ASID, in state LAUNCH.
  auto snp_launched(std::uint64_t policy = snp_policy, std::uint32_t id = 1) -> world& {
    snp_started();
    context_page();
    expect({snp_launch_start(gctx_at, policy), snp_activate(gctx_at, id)});
    return *this;
  }
  /// A page for a guest, immutable.
  void guest_page_at(std::uint64_t page, std::uint64_t gpa = 0x8000, std::uint32_t id = 1, bool large = false) {
    rmp_update(m, page, {.assigned = true, .large = large, .immutable = true, .id = {id}, .guest = {gpa}});
  }
  auto snp_update(std::uint64_t page, std::uint32_t type = 1, std::uint64_t context = gctx_at, bool large = false,
                  bool imi = false, std::uint32_t perms = 0) -> fw {
    layout::cmd_snp_launch_update cmd;
    cmd.set_gctx_paddr(context);
    cmd.set_page_paddr(redirect == 0 ? page : redirect);
    cmd.set_flags({(large ? 1U : 0U) | type << 1 | (imi ? 1U << 4 : 0U)});
    cmd.set_perms({perms});
    return post(command_id::snp_launch_update, cmd);
  }
  std::uint64_t redirect = 0;  ///< the page that `snp_update` names instead, for entries that no operation makes
  auto snp_finish(std::uint64_t page = gctx_at, layout::cmd_snp_launch_finish_flags flags = {}) -> fw {
    layout::cmd_snp_launch_finish cmd;
    cmd.set_gctx_paddr(page);
    cmd.set_id_block_paddr(test_scratch);
    cmd.set_id_auth_paddr(test_scratch + 0x1000);
    cmd.set_flags(flags);
    return post(command_id::snp_launch_finish, cmd);
  }
  auto snp_running(std::uint64_t policy = snp_policy, std::uint32_t id = 1) -> world& {
    snp_launched(policy, id);
    expect({snp_finish()});
    return *this;
  }
  auto snp_status(std::uint64_t page, std::uint64_t where = test_scratch) -> fw {
    layout::cmd_snp_guest_status cmd;
    cmd.set_gctx_paddr(page);
    cmd.set_status_paddr(where);
    return post(command_id::snp_guest_status_, cmd);
  }
  auto md_init(std::uint64_t page, std::uint64_t context = gctx_at) -> fw {
    layout::cmd_snp_md_init cmd;
    cmd.set_gctx_paddr(context);
    cmd.set_page_paddr(page);
    return post(command_id::snp_page_md_init, cmd);
  }
  auto snp_move(std::uint64_t from, std::uint64_t to, std::uint64_t context = gctx_at, bool large = false) -> fw {
    layout::cmd_snp_page_move cmd;
    cmd.set_gctx_paddr(context);
    cmd.set_flags(layout::cmd_snp_page_move_flags{}.set_page_size(large));
    cmd.set_src_paddr(from);
    cmd.set_dst_paddr(to);
    return post(command_id::snp_page_move, cmd);
  }
  auto snp_swap_out(std::uint64_t from, std::uint64_t to, std::uint64_t mdata, std::uint32_t type = 0,
                    bool root = false, std::uint64_t context = gctx_at, bool large = false) -> fw {
    layout::cmd_snp_swap_out cmd;
    cmd.set_gctx_paddr(context);
    cmd.set_src_paddr(from);
    cmd.set_dst_paddr(to);
    cmd.set_mdata_paddr(mdata);
    cmd.set_flags(layout::cmd_snp_swap_out_flags{}.set_page_size(large).set_page_type(type).set_root_mdata_en(root));
    return post(command_id::snp_page_swap_out, cmd);
  }
  auto snp_swap_in(std::uint64_t from, std::uint64_t to, std::uint64_t mdata, std::uint32_t type = 0, bool root = false,
                   bool in_place = false, bool large = false) -> fw {
    layout::cmd_snp_swap_in cmd;
    cmd.set_gctx_paddr(gctx_at);
    cmd.set_src_paddr(from);
    cmd.set_dst_paddr(to);
    cmd.set_mdata_paddr(mdata);
    cmd.set_flags(layout::cmd_snp_swap_in_flags{}
                      .set_page_size(large)
                      .set_page_type(type)
                      .set_root_mdata_en(root)
                      .set_swap_in_place(in_place));
    return post(command_id::snp_page_swap_in, cmd);
  }
  auto snp_debug(command_id id, std::uint64_t from, std::uint64_t to, std::uint64_t context = gctx_at) -> fw {
    layout::cmd_snp_dbg cmd;
    cmd.set_gctx_paddr(context);
    cmd.set_src_paddr(from);
    cmd.set_dst_paddr(to);
    return post(id, cmd);
  }

  [[nodiscard]] auto state(std::uint64_t page) const -> rmp::page_state { return firmware::state_at(m, {page}); }

  /// The guest context that most tests use.
  auto guest() -> firmware::snp_guest& { return m.sp.contexts.at(gctx_at); }

  static void expect(std::initializer_list<fw> all) {
    for (const fw one : all) REQUIRE(one == fw::success);
  }
};

/// A recorder with a context that tells it.
struct listening {
  recorder heard{};
  recording_context ctx;
  explicit listening(rule_set rules = {}) : ctx{.rules = rules, .choices = {}, .listener = heard} {}
  listening(const listening&) = delete;
  auto operator=(const listening&) -> listening& = delete;
};

}  // namespace sevspec::test

#endif
