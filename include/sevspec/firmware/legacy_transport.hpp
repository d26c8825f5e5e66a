// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_LEGACY_TRANSPORT_HPP
#define SEVSPEC_FIRMWARE_LEGACY_TRANSPORT_HPP

#include <algorithm>
#include <cstdint>
#include <vector>

#include <sevspec/crypto/digest.hpp>
#include <sevspec/firmware/legacy_launch.hpp>
#include <sevspec/firmware/legacy_launch_start.hpp>

/// Commands that send SEV and SEV-ES guests to another platform, and receive them.   SEV API, SEND_*, RECEIVE_*
namespace sevspec::inline v0::firmware {

namespace detail {

/// The receiver's certificates, as SEND_START is given them.
struct receiver {
  layout::sev_cert pdh{};
  layout::sev_cert pek{};
  layout::sev_cert oca{};
  layout::sev_cert cek{};
  std::vector<std::uint8_t> amd{};  ///< ASK, then ARK
};

/// Part of a chain of certificates.
[[nodiscard]] inline auto certificate_at(byte_view chain, std::size_t number) -> layout::sev_cert {
  layout::sev_cert made;
  std::ranges::copy(chain.subspan(number * sev_cert_bytes, sev_cert_bytes), made.bytes().begin());
  return made;
}

/// The receiver proves that AMD made it, and that its firmware is new enough.   FW-SEV-SST-02
template <class Context, class Machine>
[[nodiscard]] auto check_amd_chain(Context& ctx, const Machine& m, const receiver& peer,
                                   layout::sev_guest_policy policy) -> status {
  const byte_view both{peer.amd};
  const auto ask = parse_amd_certificate(both.first(both.size() / 2));
  const auto ark = parse_amd_certificate(both.subspan(both.size() / 2));
  if (ctx.denies(rule::FW_SEV_SST_02, !ask || !ark)) return status::invalid_certificate;
  if (ask && ark) {
    const auto root = crypto::sha256_of(both.subspan(both.size() / 2));
    const bool trusted = ark->usage == key_usage::ark && ask->usage == key_usage::ask &&
                         std::ranges::find(m.hw.trusted_roots, root) != m.hw.trusted_roots.end();
    if (ctx.denies(rule::FW_SEV_SST_02, !trusted)) return status::invalid_certificate;
    if (ctx.denies(rule::FW_SEV_SST_02, !is_signed_by(*ask, *ark))) return status::bad_signature;
    if (const auto cek = check_certificate(ctx, peer.cek, ask->certifying()); !cek) return status_of(cek.error());
  }
  if (const status bad = verify_certificate(ctx, peer.pek, peer.cek); bad != status::success) return bad;
  if (const status bad = verify_certificate(ctx, peer.pdh, peer.pek); bad != status::success) return bad;
  const layout::api_version wanted{static_cast<std::uint8_t>(policy.api_major()),
                                   static_cast<std::uint8_t>(policy.api_minor())};
  const layout::api_version theirs{peer.pek.api_major(), peer.pek.api_minor()};
  return ctx.denies(rule::FW_POL_06, theirs < wanted) ? status::policy_failure : status::success;
}

/// The receiver belongs to the same owner.   FW-SEV-SST-03
template <class Context, class Machine>
[[nodiscard]] auto check_domain(Context& ctx, const Machine& m, const receiver& peer) -> status {
  if (const status bad = verify_certificate(ctx, peer.oca, peer.oca); bad != status::success) return bad;
  if (const status bad = verify_certificate(ctx, peer.pek, peer.oca); bad != status::success) return bad;
  if (const status bad = verify_certificate(ctx, peer.pdh, peer.pek); bad != status::success) return bad;
  const bool same = peer.oca == m.sp.identity.oca.certificate;
  return ctx.denies(rule::FW_POL_05, !same) ? status::policy_failure : status::success;
}

/// The size of ASK and ARK together, for either size of key.
[[nodiscard]] constexpr auto is_amd_chain_size(std::uint32_t bytes) -> bool {
  constexpr std::uint32_t header = layout::size_of<layout::amd_cert_fixed>;
  return bytes == 2 * (header + 3 * 256) || bytes == 2 * (header + 3 * 512);
}

}  // namespace detail

/// SEND_START: the guest prepares to leave.   FW-SEV-SST-01
template <class Context, class Machine>
[[nodiscard]] auto send_start(Context& ctx, Machine& m, layout::cmd_send_start& cmd) -> status {
  const auto guest = find_working(ctx, m, cmd.handle());
  if (!guest) return guest.code;
  if (ctx.denies(rule::FW_SEV_SST_01, cmd.session_len() != session_bytes)) {
    cmd.set_session_len(session_bytes);
    return status::invalid_length;
  }
  if (const status bad = check_state(ctx, *guest, guest_state::running); bad != status::success) return bad;
  if (ctx.denies(rule::FW_POL_04, guest->policy.nosend())) return status::policy_failure;

  const bool needs_amd = guest->policy.sev();
  const bool needs_chain = needs_amd || guest->policy.domain();
  bool lengths = cmd.pdh_cert_len() == sev_cert_bytes && cmd.plat_certs_len() == sev_chain_bytes;
  if (needs_amd) lengths = lengths && detail::is_amd_chain_size(cmd.amd_certs_len());
  if (needs_chain && ctx.denies(rule::FW_SEV_SST_02, !lengths)) return status::invalid_length;
  detail::receiver peer;
  if (needs_chain) {
    if (const status bad = check_range(ctx, m, cmd.pdh_cert_paddr(), sev_cert_bytes); bad != status::success)
      return bad;
    peer.pdh = read_image<layout::sev_cert>(ctx, m, cmd.pdh_cert_paddr());
    if (const status bad = check_range(ctx, m, cmd.plat_certs_paddr(), sev_chain_bytes); bad != status::success)
      return bad;
    byte_array<sev_chain_bytes> chain{};
    read_plain(ctx, m, cmd.plat_certs_paddr(), chain);
    peer.pek = detail::certificate_at(chain, 0);
    peer.oca = detail::certificate_at(chain, 1);
    peer.cek = detail::certificate_at(chain, 2);
  }
  if (needs_amd) {
    if (const status bad = check_range(ctx, m, cmd.amd_certs_paddr(), cmd.amd_certs_len()); bad != status::success)
      return bad;
    peer.amd.resize(std::min<std::uint32_t>(cmd.amd_certs_len(), 0x4000));
    read_plain(ctx, m, cmd.amd_certs_paddr(), peer.amd);
    if (const status bad = detail::check_amd_chain(ctx, m, peer, guest->policy); bad != status::success) return bad;
  }
  if (const status bad = check_output(ctx, m, cmd.session_paddr(), session_bytes); bad != status::success) return bad;
  if (guest->policy.domain())
    if (const status bad = detail::check_domain(ctx, m, peer); bad != status::success) return bad;
  if (!needs_chain) {
    if (ctx.denies(rule::FW_SEV_SST_01, cmd.pdh_cert_len() != sev_cert_bytes)) return status::invalid_length;
    if (const status bad = check_range(ctx, m, cmd.pdh_cert_paddr(), sev_cert_bytes); bad != status::success)
      return bad;
    peer.pdh = read_image<layout::sev_cert>(ctx, m, cmd.pdh_cert_paddr());
  }
  if (ctx.denies(rule::FW_SEV_SST_01, !is_session_key(peer.pdh))) return status::invalid_certificate;

  guest->keys = {.tek = crypto::draw<16>(m.random), .tik = crypto::draw<16>(m.random)};
  const auto nonce = crypto::draw<16>(m.random);
  const auto iv = crypto::draw<16>(m.random);
  const session_keys keys = detail::session_keys_with(m, peer.pdh, nonce);
  write_plain(ctx, m, cmd.session_paddr(), wrap_session(keys, guest->keys, nonce, iv, guest->policy).bytes());
  cmd.set_policy(guest->policy);
  guest->state = guest_state::supdate;
  return status::success;
}

namespace detail {

/// What VMSA packets begin with (FW-CRY-14).
template <class Context>
[[nodiscard]] auto kind_of_packet(const Context& ctx, bool vmsa) -> packet_kind {
  if (!vmsa) return data_packet();
  return vmsa_packet(ctx.choices.vmsa_packet_ctx ? packet_context::vmsa_ : packet_context::data);
}

/// SEND_UPDATE_DATA and SEND_UPDATE_VMSA.   FW-SEV-SUP-01
template <class Context, class Machine>
[[nodiscard]] auto send_update(Context& ctx, Machine& m, layout::cmd_transport& cmd, bool vmsa) -> status {
  if (const status bad = check_working(ctx, m); bad != status::success) return bad;
  if (ctx.denies(rule::FW_SEV_SUP_01, cmd.hdr_len() < packet_header_bytes)) {
    cmd.set_hdr_len(packet_header_bytes);
    return status::invalid_length;
  }
  const auto guest = find_handle(ctx, m, cmd.handle());
  if (!guest) return guest.code;
  if (const status bad = check_state(ctx, *guest, guest_state::supdate); bad != status::success) return bad;
  if (vmsa)
    if (const status bad = check_es(ctx, *guest); bad != status::success) return bad;
  if (const status bad = check_active(ctx, *guest); bad != status::success) return bad;
  const std::uint32_t size = cmd.guest_len();
  const bool fits = size >= 16 && size <= transport_limit(ctx) && size % 16 == 0 && cmd.trans_len() >= size &&
                    (!vmsa || size == 4096);
  if (ctx.denies(rule::FW_SEV_SUP_01, !fits)) return status::invalid_length;
  const spa where = target_of(m, cmd.guest_paddr());
  if (ctx.denies(rule::FW_SEV_SUP_01, where.value % 16 != 0)) return status::invalid_address;
  if (const status bad = check_range(ctx, m, cmd.guest_paddr(), size); bad != status::success) return bad;
  if (const status bad = check_output(ctx, m, cmd.hdr_paddr(), cmd.hdr_len()); bad != status::success) return bad;
  if (const status bad = check_output(ctx, m, cmd.trans_paddr(), cmd.trans_len()); bad != status::success) return bad;
  std::vector<std::uint8_t> data(size);
  read_guest(m, guest->slot.id, where, data);
  if (vmsa) {
    const bool intact = data.size() >= 4096 && is_vmsa_of(m, cmd.handle(), data);
    if (ctx.denies(rule::FW_SEV_SUP_01, !intact)) return status::invalid_param;
  }
  const auto iv = crypto::draw<16>(m.random);
  const auto header = seal_packet(guest->keys, kind_of_packet(ctx, vmsa), iv, data, data);
  write_plain(ctx, m, cmd.trans_paddr(), data);
  write_plain(ctx, m, cmd.hdr_paddr(), header.bytes());
  return status::success;
}

/// RECEIVE_UPDATE_DATA and RECEIVE_UPDATE_VMSA.   FW-SEV-RUP-01
template <class Context, class Machine>
[[nodiscard]] auto receive_update(Context& ctx, Machine& m, const layout::cmd_transport& cmd, bool vmsa) -> status {
  const auto guest = find_working(ctx, m, cmd.handle());
  if (!guest) return guest.code;
  if (const status bad = check_state(ctx, *guest, guest_state::rupdate); bad != status::success) return bad;
  if (vmsa)
    if (const status bad = check_es(ctx, *guest); bad != status::success) return bad;
  if (const status bad = check_active(ctx, *guest); bad != status::success) return bad;
  const std::uint32_t size = cmd.guest_len();
  const bool fits = size >= 16 && size <= transport_limit(ctx) && size % 16 == 0 && cmd.trans_len() == size &&
                    cmd.hdr_len() >= packet_header_bytes && (!vmsa || size == 4096);
  if (ctx.denies(rule::FW_SEV_RUP_01, !fits)) return status::invalid_length;
  const spa where = target_of(m, cmd.guest_paddr());
  if (ctx.denies(rule::FW_SEV_RUP_01, where.value % 16 != 0)) return status::invalid_address;
  if (const status bad = check_range(ctx, m, cmd.hdr_paddr(), packet_header_bytes); bad != status::success) return bad;
  if (const status bad = check_range(ctx, m, cmd.trans_paddr(), size); bad != status::success) return bad;
  if (const status bad = check_output(ctx, m, cmd.guest_paddr(), size); bad != status::success) return bad;
  const auto header = read_image<layout::sev_packet_header>(ctx, m, cmd.hdr_paddr());
  if (ctx.denies(rule::FW_SEV_RUP_01, header.flags().compressed())) return status::unsupported;
  std::vector<std::uint8_t> data(size);
  read_plain(ctx, m, cmd.trans_paddr(), data);
  const auto opened = open_packet(ctx, guest->keys, kind_of_packet(ctx, vmsa), header, data, data);
  if (!opened) return status::bad_measurement;
  if (vmsa) {
    const auto slot = free_checksum_slot(m);
    if (ctx.denies(rule::FW_SEV_LUV_01, !slot)) return status::resource_limit;
    if (data.size() >= 4096) set_checksum(m, slot.value_or(0), cmd.handle(), data);
  }
  write_guest(m, guest->slot.id, where, data);
  return status::success;
}

}  // namespace detail

/// SEND_UPDATE_DATA: a packet of the guest's memory.   SEV API, SEND_UPDATE_DATA
template <class Context, class Machine>
[[nodiscard]] auto send_update_data(Context& ctx, Machine& m, layout::cmd_transport& cmd) -> status {
  return detail::send_update(ctx, m, cmd, false);
}
/// SEND_UPDATE_VMSA: a packet with one VMSA.   SEV API, SEND_UPDATE_VMSA
template <class Context, class Machine>
[[nodiscard]] auto send_update_vmsa(Context& ctx, Machine& m, layout::cmd_transport& cmd) -> status {
  return detail::send_update(ctx, m, cmd, true);
}
/// RECEIVE_UPDATE_DATA.   SEV API, RECEIVE_UPDATE_DATA
template <class Context, class Machine>
[[nodiscard]] auto receive_update_data(Context& ctx, Machine& m, const layout::cmd_transport& cmd) -> status {
  return detail::receive_update(ctx, m, cmd, false);
}
/// RECEIVE_UPDATE_VMSA.   SEV API, RECEIVE_UPDATE_VMSA
template <class Context, class Machine>
[[nodiscard]] auto receive_update_vmsa(Context& ctx, Machine& m, const layout::cmd_transport& cmd) -> status {
  return detail::receive_update(ctx, m, cmd, true);
}

/// SEND_FINISH: the guest has left.   FW-SEV-SFN-01
template <class Context, class Machine>
[[nodiscard]] auto send_finish(Context& ctx, Machine& m, const layout::cmd_handle& cmd) -> status {
  const auto guest = find_working(ctx, m, cmd.handle());
  if (!guest) return guest.code;
  if (const status bad = check_state(ctx, *guest, guest_state::supdate); bad != status::success) return bad;
  guest->keys = {};
  guest->state = guest_state::sent;
  return status::success;
}
/// SEND_CANCEL: the guest stays.   FW-SEV-SCN-01
template <class Context, class Machine>
[[nodiscard]] auto send_cancel(Context& ctx, Machine& m, const layout::cmd_handle& cmd) -> status {
  const auto guest = find_working(ctx, m, cmd.handle());
  if (!guest) return guest.code;
  if (const status bad = check_state(ctx, *guest, guest_state::supdate); bad != status::success) return bad;
  guest->keys = {};
  guest->state = guest_state::running;
  return status::success;
}
/// RECEIVE_FINISH: the guest has arrived.   FW-SEV-RFN-01
template <class Context, class Machine>
[[nodiscard]] auto receive_finish(Context& ctx, Machine& m, const layout::cmd_handle& cmd) -> status {
  const auto guest = find_working(ctx, m, cmd.handle());
  if (!guest) return guest.code;
  if (const status bad = check_state(ctx, *guest, guest_state::rupdate); bad != status::success) return bad;
  if (const status bad = make_runnable(m, *guest); bad != status::success) return bad;
  guest->keys = {};
  guest->state = guest_state::running;
  return status::success;
}

}  // namespace sevspec::inline v0::firmware

#endif
