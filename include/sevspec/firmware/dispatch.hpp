// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_DISPATCH_HPP
#define SEVSPEC_FIRMWARE_DISPATCH_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/firmware/asid_commands.hpp>
#include <sevspec/firmware/command_table.hpp>
#include <sevspec/firmware/guest_request.hpp>
#include <sevspec/firmware/legacy_guest.hpp>
#include <sevspec/firmware/legacy_launch.hpp>
#include <sevspec/firmware/legacy_launch_start.hpp>
#include <sevspec/firmware/legacy_memory.hpp>
#include <sevspec/firmware/legacy_platform.hpp>
#include <sevspec/firmware/legacy_transport.hpp>
#include <sevspec/firmware/ring_buffer.hpp>
#include <sevspec/firmware/snp_config.hpp>
#include <sevspec/firmware/snp_debug.hpp>
#include <sevspec/firmware/snp_guest.hpp>
#include <sevspec/firmware/snp_init.hpp>
#include <sevspec/firmware/snp_launch.hpp>
#include <sevspec/firmware/snp_page_move.hpp>
#include <sevspec/firmware/snp_page_swap.hpp>
#include <sevspec/firmware/snp_pages.hpp>
#include <sevspec/firmware/snp_platform_status.hpp>
#include <sevspec/firmware/snp_shutdown.hpp>
#include <sevspec/layout/mailbox.hpp>

/// From the mailbox to the commands.   FW-DISP-01 to 09
namespace sevspec::inline v0::firmware {

namespace detail {

/// Runs a command on its typed buffer; what it writes there goes into `bytes`.
template <class Command, class Context, class Machine, class Handler>
[[nodiscard]] auto as(Context& ctx, Machine& m, std::span<std::uint8_t> bytes, Handler handler) -> status {
  constexpr std::size_t size = layout::size_of<Command>;
  Command cmd{std::span<const std::uint8_t, size>{bytes.data(), size}};
  const status done = handler(ctx, m, cmd);
  std::ranges::copy(cmd.bytes(), bytes.begin());
  return done;
}

// clang-format off
/// One of the legacy commands.
template <class Context, class Machine>
[[nodiscard]] auto run_legacy(Context& ctx, Machine& m, command_id id, std::span<std::uint8_t> bytes) -> status {
  using namespace layout;
  switch (id) {
    case command_id::init: return as<cmd_init>(ctx, m, bytes, [](auto&... a) { return firmware::init(a...); });
    case command_id::shutdown: return firmware::shutdown(ctx, m);
    case command_id::platform_reset: return firmware::platform_reset(ctx, m);
    case command_id::platform_status: return as<cmd_platform_status>(ctx, m, bytes, [](auto&... a) { return firmware::platform_status(a...); });
    case command_id::pek_gen: return firmware::pek_gen(ctx, m);
    case command_id::pek_csr: return as<cmd_pek_csr>(ctx, m, bytes, [](auto&... a) { return firmware::pek_csr(a...); });
    case command_id::pek_cert_import: return as<cmd_pek_cert_import>(ctx, m, bytes, [](auto&... a) { return firmware::pek_cert_import(a...); });
    case command_id::pdh_cert_export: return as<cmd_pdh_cert_export>(ctx, m, bytes, [](auto&... a) { return firmware::pdh_cert_export(a...); });
    case command_id::pdh_gen: return firmware::pdh_gen(ctx, m);
    case command_id::df_flush: return firmware::df_flush(ctx, m);
    case command_id::download_firmware: return as<cmd_download_firmware>(ctx, m, bytes, [](auto&... a) { return firmware::download_firmware(a...); });
    case command_id::get_id: return as<cmd_get_id>(ctx, m, bytes, [](auto&... a) { return firmware::get_id(a...); });
    case command_id::init_ex: return as<cmd_init_ex>(ctx, m, bytes, [](auto&... a) { return firmware::init_ex(a...); });
    case command_id::nop: return firmware::nop();
    case command_id::ring_buffer: return as<cmd_ring_buffer>(ctx, m, bytes, [](auto&... a) { return firmware::enter_ring_mode(a...); });
    case command_id::decommission: return as<cmd_handle>(ctx, m, bytes, [](auto&... a) { return firmware::decommission(a...); });
    case command_id::activate: return as<cmd_activate>(ctx, m, bytes, [](auto&... a) { return firmware::activate(a...); });
    case command_id::deactivate: return as<cmd_handle>(ctx, m, bytes, [](auto&... a) { return firmware::deactivate(a...); });
    case command_id::guest_status: return as<cmd_guest_status>(ctx, m, bytes, [](auto&... a) { return firmware::guest_status(a...); });
    case command_id::copy: return as<cmd_copy>(ctx, m, bytes, [](auto&... a) { return firmware::copy(a...); });
    case command_id::activate_ex: return as<cmd_activate_ex>(ctx, m, bytes, [](auto&... a) { return firmware::activate_ex(a...); });
    case command_id::launch_start: return as<cmd_launch_start>(ctx, m, bytes, [](auto&... a) { return firmware::launch_start(a...); });
    case command_id::launch_update_data: return as<cmd_launch_update>(ctx, m, bytes, [](auto&... a) { return firmware::launch_update_data(a...); });
    case command_id::launch_update_vmsa: return as<cmd_launch_update>(ctx, m, bytes, [](auto&... a) { return firmware::launch_update_vmsa(a...); });
    case command_id::launch_measure: return as<cmd_launch_measure>(ctx, m, bytes, [](auto&... a) { return firmware::launch_measure(a...); });
    case command_id::launch_secret: return as<cmd_transport>(ctx, m, bytes, [](auto&... a) { return firmware::launch_secret(a...); });
    case command_id::launch_finish: return as<cmd_handle>(ctx, m, bytes, [](auto&... a) { return firmware::launch_finish(a...); });
    case command_id::attestation: return as<cmd_attestation>(ctx, m, bytes, [](auto&... a) { return firmware::attestation(a...); });
    case command_id::send_start: return as<cmd_send_start>(ctx, m, bytes, [](auto&... a) { return firmware::send_start(a...); });
    case command_id::send_update_data: return as<cmd_transport>(ctx, m, bytes, [](auto&... a) { return firmware::send_update_data(a...); });
    case command_id::send_update_vmsa: return as<cmd_transport>(ctx, m, bytes, [](auto&... a) { return firmware::send_update_vmsa(a...); });
    case command_id::send_finish: return as<cmd_handle>(ctx, m, bytes, [](auto&... a) { return firmware::send_finish(a...); });
    case command_id::send_cancel: return as<cmd_handle>(ctx, m, bytes, [](auto&... a) { return firmware::send_cancel(a...); });
    case command_id::receive_start: return as<cmd_receive_start>(ctx, m, bytes, [](auto&... a) { return firmware::receive_start(a...); });
    case command_id::receive_update_data: return as<cmd_transport>(ctx, m, bytes, [](auto&... a) { return firmware::receive_update_data(a...); });
    case command_id::receive_update_vmsa: return as<cmd_transport>(ctx, m, bytes, [](auto&... a) { return firmware::receive_update_vmsa(a...); });
    case command_id::receive_finish: return as<cmd_handle>(ctx, m, bytes, [](auto&... a) { return firmware::receive_finish(a...); });
    case command_id::dbg_decrypt: return as<cmd_dbg>(ctx, m, bytes, [](auto&... a) { return firmware::dbg_decrypt(a...); });
    case command_id::dbg_encrypt: return as<cmd_dbg>(ctx, m, bytes, [](auto&... a) { return firmware::dbg_encrypt(a...); });
    case command_id::swap_out: return as<cmd_swap_out>(ctx, m, bytes, [](auto&... a) { return firmware::swap_out(a...); });
    case command_id::swap_in: return as<cmd_swap_in>(ctx, m, bytes, [](auto&... a) { return firmware::swap_in(a...); });
    default: return status::invalid_command;
  }
}

/// One of the commands of SEV-SNP. Some have a buffer that is an address and nothing else.
template <class Context, class Machine>
[[nodiscard]] auto run_snp(Context& ctx, Machine& m, command_id id, std::span<std::uint8_t> bytes) -> status {
  using namespace layout;
  const std::uint64_t word = bytes.size() < 8 ? 0 : read_le<std::uint64_t>(bytes.data());
  switch (id) {
    case command_id::snp_init: return firmware::snp_init(ctx, m);
    case command_id::snp_shutdown: return firmware::snp_shutdown(ctx, m);
    case command_id::snp_platform_status_: return firmware::snp_platform_status(ctx, m, word);
    case command_id::snp_df_flush: return firmware::snp_df_flush(ctx, m);
    case command_id::snp_init_ex: return as<cmd_snp_init_ex>(ctx, m, bytes, [](auto&... a) { return firmware::snp_init_ex(a...); });
    case command_id::snp_shutdown_ex: return as<cmd_snp_shutdown_ex>(ctx, m, bytes, [](auto&... a) { return firmware::snp_shutdown_ex(a...); });
    case command_id::snp_decommission: return firmware::snp_decommission(ctx, m, word);
    case command_id::snp_activate: return as<cmd_snp_activate>(ctx, m, bytes, [](auto&... a) { return firmware::snp_activate(a...); });
    case command_id::snp_guest_status_: return as<cmd_snp_guest_status>(ctx, m, bytes, [](auto&... a) { return firmware::snp_guest_status(a...); });
    case command_id::snp_gctx_create: return firmware::snp_gctx_create(ctx, m, word);
    case command_id::snp_guest_request: return as<cmd_snp_guest_request>(ctx, m, bytes, [](auto&... a) { return firmware::snp_guest_request(a...); });
    case command_id::snp_activate_ex: return as<cmd_snp_activate_ex>(ctx, m, bytes, [](auto&... a) { return firmware::snp_activate_ex(a...); });
    case command_id::snp_launch_start: return as<cmd_snp_launch_start>(ctx, m, bytes, [](auto&... a) { return firmware::snp_launch_start(a...); });
    case command_id::snp_launch_update: return as<cmd_snp_launch_update>(ctx, m, bytes, [](auto&... a) { return firmware::snp_launch_update(a...); });
    case command_id::snp_launch_finish: return as<cmd_snp_launch_finish>(ctx, m, bytes, [](auto&... a) { return firmware::snp_launch_finish(a...); });
    case command_id::snp_dbg_decrypt: return as<cmd_snp_dbg>(ctx, m, bytes, [](auto&... a) { return firmware::snp_dbg_decrypt(a...); });
    case command_id::snp_dbg_encrypt: return as<cmd_snp_dbg>(ctx, m, bytes, [](auto&... a) { return firmware::snp_dbg_encrypt(a...); });
    case command_id::snp_verify_mitigation: return as<cmd_snp_verify_mitigation>(ctx, m, bytes, [](auto&... a) { return firmware::snp_verify_mitigation(a...); });
    case command_id::snp_page_swap_out: return as<cmd_snp_swap_out>(ctx, m, bytes, [](auto&... a) { return firmware::snp_page_swap_out(a...); });
    case command_id::snp_page_swap_in: return as<cmd_snp_swap_in>(ctx, m, bytes, [](auto&... a) { return firmware::snp_page_swap_in(a...); });
    case command_id::snp_page_move: return as<cmd_snp_page_move>(ctx, m, bytes, [](auto&... a) { return firmware::snp_page_move(a...); });
    case command_id::snp_page_md_init: return as<cmd_snp_md_init>(ctx, m, bytes, [](auto&... a) { return firmware::snp_page_md_init(a...); });
    case command_id::snp_page_set_state: return as<cmd_snp_page_set_state>(ctx, m, bytes, [](auto&... a) { return firmware::snp_page_set_state(a...); });
    case command_id::snp_page_reclaim: return firmware::snp_page_reclaim(ctx, m, word);
    case command_id::snp_page_unsmash: return firmware::snp_page_unsmash(ctx, m, word);
    case command_id::snp_config: return as<cmd_snp_config>(ctx, m, bytes, [](auto&... a) { return firmware::snp_config(a...); });
    case command_id::snp_download_firmware_ex: return as<cmd_snp_download_firmware_ex>(ctx, m, bytes, [](auto&... a) { return firmware::snp_download_firmware_ex(a...); });
    case command_id::snp_commit: return as<cmd_snp_commit>(ctx, m, bytes, [](auto&... a) { return firmware::snp_commit(a...); });
    case command_id::snp_vlek_load: return as<cmd_snp_vlek_load>(ctx, m, bytes, [](auto&... a) { return firmware::snp_vlek_load(a...); });
    case command_id::snp_feature_info_: return as<cmd_snp_feature_info>(ctx, m, bytes, [](auto&... a) { return firmware::snp_feature_info(a...); });
    default: return status::invalid_command;
  }
}
// clang-format on

/// Executes a known command. The checks of the command buffer are the caller's.
template <class Context, class Machine>
[[nodiscard]] auto run(Context& ctx, Machine& m, command_id id, std::span<std::uint8_t> bytes) -> status {
  constexpr std::uint32_t first_of_snp = 0x80;
  return static_cast<std::uint32_t>(id) < first_of_snp ? run_legacy(ctx, m, id, bytes) : run_snp(ctx, m, id, bytes);
}

}  // namespace detail

/// Whether this firmware has a command: SNP_VERIFY_MITIGATION came with 1.58.   FW-DISP-03
template <class Machine>
[[nodiscard]] constexpr auto knows_command(const Machine& m, std::uint32_t id) -> bool {
  const command_info* const found = find_command(id);
  return found != nullptr && (found->id != command_id::snp_verify_mitigation || m.hw.features.verify_mitigation);
}

/// Executes a command, in ring buffer mode or not.   FW-DISP-03 to 09
/// @param buffer  what was written to the mailbox: the sPA of the command buffer, with or without the C-bit
template <class Context, class Machine>
[[nodiscard]] auto execute_entry(Context& ctx, Machine& m, std::uint32_t id, std::uint64_t buffer) -> status {
  constexpr std::size_t largest = 128;
  if (ctx.denies(rule::FW_DISP_03, !knows_command(m, id))) return status::invalid_command;
  const command_info* const info = find_command(id);
  if (info == nullptr) return status::success;  // without the rule: nothing to execute
  std::array<std::uint8_t, largest> storage{};
  const auto bytes = std::span{storage}.first(info->buffer_bytes);
  if (bytes.empty()) return detail::run(ctx, m, info->id, bytes);

  if (const status bad = check_range(ctx, m, buffer, bytes.size()); bad != status::success) return bad;
  const spa where = target_of(m, buffer);
  const bool lenient = info->id == command_id::attestation && !ctx.choices.attestation_buffer_checked;
  if (info->writes_back && is_snp_init(m) && !lenient)
    if (ctx.denies(rule::FW_DISP_06, !is_given_to_firmware(m, where, bytes.size()))) {
      constexpr auto marked = static_cast<status>(static_cast<std::uint32_t>(status::invalid_page_state) + 0x40);
      return ctx.choices.buffer_state_is_marked ? marked : status::invalid_page_state;
    }
  read_plain(ctx, m, buffer, bytes);
  const status done = detail::run(ctx, m, info->id, bytes);
  if (!info->writes_back) return done;
  const bool tells = done == status::success || (info->tells_length && done == status::invalid_length);
  if (ctx.applies(rule::FW_DISP_09, tells)) write_plain(ctx, m, buffer, bytes);
  if (ctx.applies(rule::FW_DISP_07, is_snp_init(m)))
    for (rmp::spfn page = page_of(where); page <= page_of(where + (bytes.size() - 1)); ++page.value)
      release_page(ctx, m, address_of(page));
  return done;
}

/// Executes a mailbox command.   FW-DISP-01, 02
///
/// One command at a time: what cores do to the Reverse Map Table happens before or after, never during.
template <class Context, class Machine>
[[nodiscard]] auto execute(Context& ctx, Machine& m, std::uint32_t id, std::uint64_t buffer = 0) -> status {
  if (knows_command(m, id) && ctx.denies(rule::FW_RB_04, m.sp.ring.has_value())) {
    leave_ring_mode(ctx, m);
    return status::rb_mode_exited;
  }
  return execute_entry(ctx, m, id, buffer);
}
/// The same for a known command.
template <class Context, class Machine>
[[nodiscard]] auto execute(Context& ctx, Machine& m, command_id id, std::uint64_t buffer = 0) -> status {
  return execute(ctx, m, static_cast<std::uint32_t>(id), buffer);
}

/// What is written to the mailbox, and what is read there.   FW-DISP-01
/// @return the word of the answer: bit 31, and the status in bits 15:0
template <class Context, class Machine>
[[nodiscard]] auto post(Context& ctx, Machine& m, layout::sev_cmdresp_command word, std::uint64_t buffer)
    -> layout::sev_cmdresp_response {
  const status done = execute(ctx, m, word.command_id(), buffer);
  return layout::sev_cmdresp_response{}.set_status(done).set_response(true);
}

/// Executes the next entry of the rings, if there is one.   FW-RB-03
template <class Context, class Machine>
[[nodiscard]] auto run_ring(Context& ctx, Machine& m) -> std::optional<ring_step> {
  return step_ring(ctx, m, [&](std::uint32_t id, std::uint64_t buffer) { return execute_entry(ctx, m, id, buffer); });
}

}  // namespace sevspec::inline v0::firmware

#endif
