// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_LEGACY_LAUNCH_START_HPP
#define SEVSPEC_FIRMWARE_LEGACY_LAUNCH_START_HPP

#include <cstdint>
#include <expected>
#include <span>

#include <sevspec/crypto/random.hpp>
#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/legacy_session.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/firmware/sev_certificates.hpp>
#include <sevspec/layout/policy_check.hpp>
#include <sevspec/layout/sev_command.hpp>
#include <sevspec/layout/sev_session.hpp>

/// How SEV and SEV-ES guests begin.   SEV API, LAUNCH_START, RECEIVE_START
namespace sevspec::inline v0::firmware {

inline constexpr std::uint32_t session_bytes = 128;
inline constexpr std::uint32_t most_handles = 1024;  ///< FW-GST-02

/// What makes a guest.
struct new_guest {
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
[[nodiscard]] auto open_session(Context& ctx, const Machine& m, const new_guest& asked)
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
[[nodiscard]] auto make_guest(Context& ctx, Machine& m, const new_guest& asked, guest_state first,
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
    const rule bits = asked.has_session ? rule::FW_SEV_LST_03 : rule::FW_SEV_LST_04;
    if (ctx.denies(bits, (asked.policy.raw & 0xffc0) != 0)) return status::policy_failure;
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

}  // namespace sevspec::inline v0::firmware

#endif
