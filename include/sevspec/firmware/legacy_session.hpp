// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_LEGACY_SESSION_HPP
#define SEVSPEC_FIRMWARE_LEGACY_SESSION_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include <sevspec/base/rule.hpp>
#include <sevspec/crypto/aes_ctr.hpp>
#include <sevspec/crypto/hmac.hpp>
#include <sevspec/crypto/key_derivation.hpp>
#include <sevspec/crypto/p384.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/sev_session.hpp>

/// Sessions of legacy SEV: how a guest's owner and a platform, or two platforms, come to share transport keys.
/// SEV API, chapter 2
namespace sevspec::inline v0::firmware {

/// A key, nonce or IV of legacy SEV.   FW-CRY-01
using sev_key = std::array<std::uint8_t, 16>;

/// The keys that protect what is transported: TEK enciphers, TIK authenticates.
struct transport_keys {
  sev_key tek{};
  sev_key tik{};

  friend constexpr auto operator==(const transport_keys&, const transport_keys&) -> bool = default;
};

/// The keys that wrap the transport keys.
struct session_keys {
  sev_key master{};
  sev_key kek{};  ///< enciphers
  sev_key kik{};  ///< authenticates

  friend constexpr auto operator==(const session_keys&, const session_keys&) -> bool = default;
};

/// The master secret, KEK and KIK.   FW-CRY-04; FW-CRY-05
/// @param z      from the key agreement, big endian: 48 bytes
/// @param nonce  of the session
[[nodiscard]] inline auto derive_session_keys(std::span<const std::uint8_t> z, std::span<const std::uint8_t, 16> nonce)
    -> session_keys {
  session_keys keys;
  keys.master = crypto::derive_key<16>(z, "sev-master-secret", nonce);
  keys.kek = crypto::derive_key<16>(keys.master, "sev-kek");
  keys.kik = crypto::derive_key<16>(keys.master, "sev-kik");
  return keys;
}

/// The same from the own private key and the peer's public key (PDH or GDH).   FW-CRY-03
/// @return nothing if the peer's key is no point of the curve
[[nodiscard]] inline auto agree_on_session_keys(const crypto::p384_private_key& own,
                                                const crypto::p384_public_key& peer,
                                                std::span<const std::uint8_t, 16> nonce)
    -> std::optional<session_keys> {
  const auto z = crypto::ecdh_p384(own, peer);
  if (!z) return std::nullopt;
  return derive_session_keys(*z, nonce);
}

/// POLICY_MAC: the owner's word that the guest is launched with this policy.   FW-CRY-09
[[nodiscard]] inline auto policy_mac(const sev_key& tik, layout::sev_guest_policy policy) -> crypto::sha256_value {
  std::array<std::uint8_t, 4> bytes{};
  layout::write_le(bytes.data(), policy.raw);
  return crypto::hmac_sha256(tik, {bytes});
}

/// A session buffer.   FW-CRY-06; FW-CRY-07; FW-CRY-08; FW-CRY-09
/// @param keys   made with `nonce`
/// @param nonce  goes into the buffer, uncovered by any MAC: another one gives the receiver other keys
[[nodiscard]] inline auto wrap_session(const session_keys& keys, const transport_keys& transported,
                                       std::span<const std::uint8_t, 16> nonce,
                                       std::span<const std::uint8_t, 16> wrap_iv, layout::sev_guest_policy policy)
    -> layout::sev_session {
  std::array<std::uint8_t, 32> tk{};
  std::copy(transported.tik.begin(), transported.tik.end(),
            std::copy(transported.tek.begin(), transported.tek.end(), tk.begin()));
  crypto::aes128_ctr(keys.kek, wrap_iv, tk, tk);
  layout::sev_session session;
  session.set_nonce(nonce);
  session.set_wrap_tk(tk);
  session.set_wrap_iv(wrap_iv);
  session.set_wrap_mac(crypto::hmac_sha256(keys.kik, {tk}));
  session.set_policy_mac(policy_mac(transported.tik, policy));
  return session;
}

/// Why a session is refused. Both answer BAD_MEASUREMENT.
enum class session_error : std::uint8_t {
  wrap_mac,    ///< the keys were wrapped by somebody else, or changed   FW-CRY-08
  policy_mac,  ///< the owner wrapped them for another policy   FW-CRY-09
};

/// The transport keys of a session buffer, in the order of LAUNCH_START's checks.   FW-CRY-07; FW-SEV-LST-03
/// @param keys  made with the session's nonce
template <class Context, class Storage>
[[nodiscard]] auto unwrap_session(Context& ctx, const session_keys& keys,
                                  const layout::basic_sev_session<Storage>& session, layout::sev_guest_policy policy)
    -> std::expected<transport_keys, session_error> {
  const auto wrapped = session.wrap_tk();
  const auto mac = crypto::hmac_sha256(keys.kik, {wrapped});
  if (ctx.denies(rule::FW_CRY_08, !crypto::same_secret(mac, session.wrap_mac())))
    return std::unexpected{session_error::wrap_mac};
  std::array<std::uint8_t, 32> tk{};
  crypto::aes128_ctr(keys.kek, session.wrap_iv(), wrapped, tk);
  transport_keys found;
  std::copy_n(tk.begin(), 16, found.tek.begin());
  std::copy_n(tk.begin() + 16, 16, found.tik.begin());
  const auto of_policy = policy_mac(found.tik, policy);
  if (ctx.denies(rule::FW_CRY_09, !crypto::same_secret(of_policy, session.policy_mac())))
    return std::unexpected{session_error::policy_mac};
  return found;
}

}  // namespace sevspec::inline v0::firmware

#endif
