// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_LEGACY_LAUNCH_HPP
#define SEVSPEC_FIRMWARE_LEGACY_LAUNCH_HPP

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include <sevspec/crypto/random.hpp>
#include <sevspec/firmware/asid_commands.hpp>
#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/legacy_measurement.hpp>
#include <sevspec/firmware/legacy_packet.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/firmware/vmsa_checksums.hpp>
#include <sevspec/layout/sev_command.hpp>
#include <sevspec/layout/sev_session.hpp>

/// What SEV and SEV-ES guests are launched with, and how that is measured.   SEV API, LAUNCH_*
namespace sevspec::inline v0::firmware {

inline constexpr std::uint32_t packet_header_bytes = 52;

/// How many bytes a packet transports at most.   FW-SEV-LSC-02
template <class Context>
[[nodiscard]] constexpr auto transport_limit(const Context& ctx) -> std::uint32_t {
  return ctx.choices.transport_limit_20k ? 0x5000 : 0x4000;
}

/// LAUNCH_UPDATE_DATA: plaintext becomes the guest's, in place, and is measured.   FW-SEV-LUD-01
template <class Context, class Machine>
[[nodiscard]] auto launch_update_data(Context& ctx, Machine& m, const layout::cmd_launch_update& cmd) -> status {
  const auto guest = find_working(ctx, m, cmd.handle());
  if (!guest) return guest.code;
  if (const status bad = check_state(ctx, *guest, guest_state::lupdate); bad != status::success) return bad;
  if (const status bad = check_active(ctx, *guest); bad != status::success) return bad;
  const spa where = target_of(m, cmd.paddr());
  if (ctx.denies(rule::FW_SEV_LUD_01, where.value % 16 != 0)) return status::invalid_address;
  if (ctx.denies(rule::FW_SEV_LUD_01, cmd.len() == 0 || cmd.len() % 16 != 0)) return status::invalid_length;
  if (const status bad = check_output(ctx, m, cmd.paddr(), cmd.len()); bad != status::success) return bad;
  byte_array<4096> piece{};
  for (std::uint64_t done = 0; done < cmd.len(); done += piece.size()) {
    const auto part = std::span{piece}.first(std::min<std::size_t>(piece.size(), cmd.len() - done));
    read_plain(ctx, m, cmd.paddr() + done, part);
    guest->running.update(part);
    write_guest(m, guest->slot.id, where + done, part);
  }
  return status::success;
}

/// LAUNCH_UPDATE_VMSA: the state a virtual processor starts with.   FW-SEV-LUV-01
template <class Context, class Machine>
[[nodiscard]] auto launch_update_vmsa(Context& ctx, Machine& m, const layout::cmd_launch_update& cmd) -> status {
  if (ctx.denies(rule::FW_SEV_LUV_01, cmd.len() != 4096)) return status::invalid_length;
  const auto guest = find_working(ctx, m, cmd.handle());
  if (!guest) return guest.code;
  if (const status bad = check_state(ctx, *guest, guest_state::lupdate); bad != status::success) return bad;
  if (const status bad = check_es(ctx, *guest); bad != status::success) return bad;
  if (const status bad = check_active(ctx, *guest); bad != status::success) return bad;
  const spa where = target_of(m, cmd.paddr());
  if (ctx.denies(rule::FW_SEV_LUD_01, where.value % 16 != 0)) return status::invalid_address;
  if (const status bad = check_output(ctx, m, cmd.paddr(), 4096); bad != status::success) return bad;
  const auto slot = free_checksum_slot(m);
  if (ctx.denies(rule::FW_SEV_LUV_01, !slot)) return status::resource_limit;
  byte_array<4096> page{};
  read_plain(ctx, m, cmd.paddr(), page);
  guest->running.update(page);
  set_checksum(m, slot.value_or(0), cmd.handle(), page);
  write_guest(m, guest->slot.id, where, page);
  return status::success;
}

/// LAUNCH_MEASURE: what the guest was launched with.   FW-SEV-LM-01
template <class Context, class Machine>
[[nodiscard]] auto launch_measure(Context& ctx, Machine& m, layout::cmd_launch_measure& cmd) -> status {
  constexpr std::uint32_t size = layout::size_of<layout::sev_measurement>;
  const auto guest = find_working(ctx, m, cmd.handle());
  if (!guest) return guest.code;
  if (const status bad = check_state(ctx, *guest, guest_state::lupdate); bad != status::success) return bad;
  if (ctx.denies(rule::FW_SEV_LM_01, cmd.len() < size)) {
    cmd.set_len(size);
    return status::invalid_length;
  }
  if (const status bad = check_output(ctx, m, cmd.address(), cmd.len()); bad != status::success) return bad;
  guest->launch_digest = guest->running.value();
  const auto nonce = crypto::draw<16>(m.random);
  const firmware_version own{m.sp.current.api_major, m.sp.current.api_minor, m.sp.current.build};
  guest->measurement = launch_measure(guest->keys.tik, own, guest->policy, guest->launch_digest, nonce);
  layout::sev_measurement told;
  told.set_measurement(guest->measurement);
  told.set_mnonce(nonce);
  write_plain(ctx, m, cmd.address(), told.bytes());
  guest->state = guest_state::lsecret;
  return status::success;
}

/// LAUNCH_SECRET: what the owner sends into a measured guest. May be repeated.   FW-SEV-LSC-01
template <class Context, class Machine>
[[nodiscard]] auto launch_secret(Context& ctx, Machine& m, const layout::cmd_transport& cmd) -> status {
  const auto guest = find_working(ctx, m, cmd.handle());
  if (!guest) return guest.code;
  const spa where = target_of(m, cmd.guest_paddr());
  const std::uint32_t size = cmd.guest_len();
  if (ctx.denies(rule::FW_SEV_LSC_01, where.value % 16 != 0)) return status::invalid_address;
  const bool fits = cmd.hdr_len() == packet_header_bytes && size % 16 == 0 && size != 0 &&
                    size <= transport_limit(ctx) && size == cmd.trans_len();
  if (ctx.denies(rule::FW_SEV_LSC_01, !fits)) return status::invalid_length;
  if (const status bad = check_state(ctx, *guest, guest_state::lsecret); bad != status::success) return bad;
  if (const status bad = check_active(ctx, *guest); bad != status::success) return bad;
  if (const status bad = check_range(ctx, m, cmd.hdr_paddr(), packet_header_bytes); bad != status::success) return bad;
  if (const status bad = check_range(ctx, m, cmd.trans_paddr(), size); bad != status::success) return bad;
  if (const status bad = check_output(ctx, m, cmd.guest_paddr(), size); bad != status::success) return bad;
  const auto header = read_image<layout::sev_packet_header>(ctx, m, cmd.hdr_paddr());
  std::vector<std::uint8_t> data(size);
  read_plain(ctx, m, cmd.trans_paddr(), data);
  const auto opened = open_packet(ctx, guest->keys, secret_packet(guest->measurement), header, data, data);
  if (!opened) return opened.error() == packet_error::mac ? status::bad_measurement : status::unsupported;
  write_guest(m, guest->slot.id, where, data);
  return status::success;
}

/// LAUNCH_FINISH: the guest may run.   FW-SEV-LF-01
template <class Context, class Machine>
[[nodiscard]] auto launch_finish(Context& ctx, Machine& m, const layout::cmd_handle& cmd) -> status {
  const auto guest = find_working(ctx, m, cmd.handle());
  if (!guest) return guest.code;
  if (const status bad = check_state(ctx, *guest, guest_state::lsecret); bad != status::success) return bad;
  if (const status bad = make_runnable(m, *guest); bad != status::success) return bad;
  guest->keys = {};
  guest->running = {};
  guest->state = guest_state::running;
  return status::success;
}

}  // namespace sevspec::inline v0::firmware

#endif
