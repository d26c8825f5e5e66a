// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_LEGACY_LAUNCH_HPP
#define SEVSPEC_FIRMWARE_LEGACY_LAUNCH_HPP

#include <algorithm>
#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include <sevspec/crypto/ecdsa.hpp>
#include <sevspec/firmware/asid_commands.hpp>
#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/legacy_measurement.hpp>
#include <sevspec/firmware/legacy_packet.hpp>
#include <sevspec/firmware/legacy_report.hpp>
#include <sevspec/firmware/legacy_session.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/firmware/sev_certificates.hpp>
#include <sevspec/firmware/vmsa_checksums.hpp>
#include <sevspec/layout/policy_check.hpp>
#include <sevspec/layout/sev_command.hpp>
#include <sevspec/layout/sev_session.hpp>

/// Commands that make, measure and end SEV and SEV-ES guests.   SEV API, chapter 6
namespace sevspec::inline v0::firmware {

inline constexpr std::uint32_t session_bytes = 128;
inline constexpr std::uint32_t packet_header_bytes = 52;
inline constexpr std::uint32_t most_handles = 1024;  ///< FW-GST-02

/// How many bytes a packet transports at most.   FW-SEV-LSC-02
template <class Context>
[[nodiscard]] constexpr auto transport_limit(const Context& ctx) -> std::uint32_t {
  return ctx.choices.transport_limit_20k ? 0x5000 : 0x4000;
}

// --- LAUNCH_START and RECEIVE_START

/// What makes a guest.
struct guest_request {
  std::uint32_t shared = 0;  ///< handle of the guest whose key is shared; 0: none
  layout::sev_guest_policy policy{};
  bool has_session = false;
  std::uint64_t peer = 0;  ///< certificate of the peer's key
  std::uint32_t peer_bytes = 0;
  std::uint64_t session = 0;
  std::uint32_t session_bytes = 0;
};

namespace detail {

/// The keys that wrap a session with the holder of a certificate; zeros if its key is none, which is checked before.
template <class Machine>
[[nodiscard]] auto session_keys_with(const Machine& m, const layout::sev_cert& peer,
                                     std::span<const std::uint8_t, 16> nonce) -> session_keys {
  const auto key = public_key_of(peer);
  if (!key) return {};
  return agree_on_session_keys(private_key_of(m.sp.identity.pdh), *key, nonce).value_or(session_keys{});
}

/// Lengths, the peer's certificate, and the session's MACs.   FW-SEV-LST-03
template <class Context, class Machine>
[[nodiscard]] auto open_session(Context& ctx, const Machine& m, const guest_request& asked)
    -> std::expected<transport_keys, status> {
  if (ctx.denies(rule::FW_SEV_LST_03, asked.session_bytes != session_bytes))
    return std::unexpected{status::invalid_length};
  if (ctx.denies(rule::FW_SEV_LST_03, asked.peer_bytes != sev_cert_bytes))
    return std::unexpected{status::invalid_length};
  if (const status bad = check_range(ctx, m, asked.session, session_bytes); bad != status::success)
    return std::unexpected{bad};
  if (const status bad = check_range(ctx, m, asked.peer, sev_cert_bytes); bad != status::success)
    return std::unexpected{bad};
  const auto peer = read_image<layout::sev_cert>(ctx, m, asked.peer);
  const auto session = read_image<layout::sev_session>(ctx, m, asked.session);
  if (ctx.denies(rule::FW_SEV_LST_03, !is_session_key(peer))) return std::unexpected{status::invalid_certificate};
  const auto keys = session_keys_with(m, peer, session.nonce());
  const auto opened = unwrap_session(ctx, keys, session, asked.policy);
  if (!opened) return std::unexpected{status::bad_measurement};
  return *opened;
}

}  // namespace detail

/// LAUNCH_START and RECEIVE_START: everything but what they do to the new guest.   FW-SEV-LST-02 to 09
/// @param first  the state of the new guest
/// @param handle receives its handle
template <class Context, class Machine>
[[nodiscard]] auto make_guest(Context& ctx, Machine& m, const guest_request& asked, guest_state first,
                              std::uint32_t& handle) -> status {
  if (ctx.denies(rule::FW_SEV_LST_02, is_legacy_uninit(m))) return status::invalid_platform_state;
  transport_keys keys{};
  if (asked.has_session) {
    const auto opened = detail::open_session(ctx, m, asked);
    if (!opened) return opened.error();
    keys = *opened;
  }
  if (asked.has_session || ctx.choices.policy_checks_without_session) {
    const layout::api_version wanted{static_cast<std::uint8_t>(asked.policy.api_major()),
                                     static_cast<std::uint8_t>(asked.policy.api_minor())};
    const layout::api_version own{m.sp.current.api_major, m.sp.current.api_minor};
    if (ctx.denies(rule::FW_POL_07, wanted > own)) return status::policy_failure;
    if (ctx.denies(rule::FW_SEV_LST_04, (asked.policy.raw & 0xffc0) != 0)) return status::policy_failure;
  }
  byte_array<32> shared_vek{};
  if (asked.shared != 0) {
    const auto found = m.sp.guests.find(asked.shared);
    if (ctx.denies(rule::FW_SEV_LST_05, found == m.sp.guests.end())) return status::invalid_guest;
    if (found != m.sp.guests.end()) {
      if (ctx.denies(rule::FW_SEV_LST_05, found->second.policy.raw != asked.policy.raw)) return status::policy_failure;
      if (ctx.denies(rule::FW_POL_02, found->second.policy.noks())) return status::policy_failure;
      shared_vek = found->second.vek;
    }
  }
  std::uint32_t fresh = 1;
  for (const auto& one : m.sp.guests)
    if (one.first == fresh) ++fresh;
  if (ctx.denies(rule::FW_SEV_LST_06, fresh > most_handles)) return status::resource_limit;
  if (ctx.denies(rule::FW_SEV_LST_07, asked.policy.es() && !m.sp.es)) return status::unsupported;

  sev_guest made{.state = first, .policy = asked.policy, .vek = shared_vek, .keys = keys};
  if (asked.shared == 0) made.vek = crypto::draw<32>(m.random);
  made.oek = crypto::draw<32>(m.random);
  m.sp.guests.emplace(fresh, made);
  m.sp.state = platform_state::working;
  handle = fresh;
  return status::success;
}

/// LAUNCH_START: a new guest.   SEV API, LAUNCH_START
template <class Context, class Machine>
[[nodiscard]] auto launch_start(Context& ctx, Machine& m, layout::cmd_launch_start& cmd) -> status {
  std::uint32_t handle = 0;
  const status done = make_guest(ctx, m,
                                 {.shared = cmd.handle(),
                                  .policy = cmd.policy(),
                                  .has_session = cmd.dh_cert_paddr() != 0,
                                  .peer = cmd.dh_cert_paddr(),
                                  .peer_bytes = cmd.dh_cert_len(),
                                  .session = cmd.session_paddr(),
                                  .session_bytes = cmd.session_len()},
                                 guest_state::lupdate, handle);
  if (done == status::success) cmd.set_handle(handle);
  return done;
}

/// RECEIVE_START: a guest that comes from another platform.   FW-SEV-RST2-01
template <class Context, class Machine>
[[nodiscard]] auto receive_start(Context& ctx, Machine& m, layout::cmd_receive_start& cmd) -> status {
  std::uint32_t handle = 0;
  const status done = make_guest(ctx, m,
                                 {.shared = cmd.handle(),
                                  .policy = cmd.policy(),
                                  .has_session = true,
                                  .peer = cmd.pdh_cert_paddr(),
                                  .peer_bytes = cmd.pdh_cert_len(),
                                  .session = cmd.session_paddr(),
                                  .session_bytes = cmd.session_len()},
                                 guest_state::rupdate, handle);
  if (done == status::success) cmd.set_handle(handle);
  return done;
}

// --- contents

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
  if (const status bad = check_output(ctx, m, cmd.address(), size); bad != status::success) return bad;
  guest->launch_digest = guest->running.value();
  const auto nonce = crypto::draw<16>(m.random);
  const firmware_version own{m.sp.current.api_major, m.sp.current.api_minor, m.sp.current.build};
  guest->measurement = launch_measure(guest->keys.tik, own, guest->policy, guest->launch_digest, nonce);
  layout::sev_measurement told;
  told.set_measurement(guest->measurement);
  told.set_mnonce(nonce);
  write_plain(ctx, m, cmd.address(), told.bytes());
  cmd.set_len(size);
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

/// ATTESTATION: the launch digest, signed with the PEK.   FW-SEV-ATT-01; FW-CRY-16
template <class Context, class Machine>
[[nodiscard]] auto attestation(Context& ctx, Machine& m, layout::cmd_attestation& cmd) -> status {
  using enum guest_state;
  constexpr std::uint32_t size = layout::size_of<layout::sev_attestation_report>;
  const auto guest = find_working(ctx, m, cmd.handle());
  if (!guest) return guest.code;
  const bool measured =
      guest->state == lsecret || guest->state == running || guest->state == supdate || guest->state == sent;
  if (ctx.denies(rule::FW_SEV_ATT_01, !measured)) return status::invalid_guest_state;
  if (ctx.denies(rule::FW_SEV_ATT_01, cmd.len() < size)) {
    cmd.set_len(size);
    return status::invalid_length;
  }
  if (const status bad = check_output(ctx, m, cmd.address(), size); bad != status::success) return bad;
  const crypto::sha256_signer pek(private_key_of(m.sp.identity.pek));
  const auto report = make_legacy_report(cmd.mnonce(), guest->launch_digest, guest->policy, pek);
  write_plain(ctx, m, cmd.address(), report.bytes());
  cmd.set_len(size);
  return status::success;
}

// --- the end

/// DECOMMISSION: the guest is forgotten. It must have been deactivated.   FW-SEV-DEC-01
template <class Context, class Machine>
[[nodiscard]] auto decommission(Context& ctx, Machine& m, const layout::cmd_handle& cmd) -> status {
  const auto guest = find_working(ctx, m, cmd.handle());
  if (!guest) return guest.code;
  if (ctx.denies(rule::FW_SEV_DEC_01, guest->slot.id != host_asid)) return status::active;
  free_checksums(m, cmd.handle());
  m.sp.guests.erase(cmd.handle());
  if (m.sp.guests.empty()) m.sp.state = platform_state::init;
  return status::success;
}

/// GUEST_STATUS. A handle that names nobody is not an error.   FW-SEV-GS-01
template <class Context, class Machine>
[[nodiscard]] auto guest_status(Context& ctx, Machine& m, layout::cmd_guest_status& cmd) -> status {
  if (const status bad = check_initialized(ctx, m); bad != status::success) return bad;
  const auto found = m.sp.guests.find(cmd.handle());
  if (ctx.applies(rule::FW_SEV_GS_01, found == m.sp.guests.end()) || found == m.sp.guests.end()) {
    cmd.set_state(guest_state::uninit);
    return status::success;
  }
  cmd.set_policy(found->second.policy);
  cmd.set_asid(found->second.slot.id.value);
  cmd.set_state(found->second.state);
  return status::success;
}

}  // namespace sevspec::inline v0::firmware

#endif
