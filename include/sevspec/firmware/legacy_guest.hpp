// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_LEGACY_GUEST_HPP
#define SEVSPEC_FIRMWARE_LEGACY_GUEST_HPP

#include <cstdint>

#include <sevspec/crypto/ecdsa.hpp>
#include <sevspec/firmware/guests.hpp>
#include <sevspec/firmware/legacy_report.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/firmware/sev_certificates.hpp>
#include <sevspec/firmware/vmsa_checksums.hpp>
#include <sevspec/layout/sev_command.hpp>

/// Commands on SEV and SEV-ES guests in any state.   SEV API, ATTESTATION, GUEST_STATUS, DECOMMISSION
namespace sevspec::inline v0::firmware {

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
  if (const status bad = check_output(ctx, m, cmd.address(), cmd.len()); bad != status::success) return bad;
  const crypto::sha256_signer pek(private_key_of(m.sp.identity.pek));
  const auto report = make_legacy_report(cmd.mnonce(), guest->launch_digest, guest->policy, pek);
  write_plain(ctx, m, cmd.address(), report.bytes());
  cmd.set_len(size);
  return status::success;
}

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
