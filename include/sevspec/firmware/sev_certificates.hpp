// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_SEV_CERTIFICATES_HPP
#define SEVSPEC_FIRMWARE_SEV_CERTIFICATES_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <sevspec/crypto/ecdsa.hpp>
#include <sevspec/crypto/key_derivation.hpp>
#include <sevspec/crypto/p384.hpp>
#include <sevspec/crypto/random.hpp>
#include <sevspec/firmware/bytes.hpp>
#include <sevspec/firmware/legacy_certificate.hpp>
#include <sevspec/firmware/p384_structures.hpp>
#include <sevspec/firmware/platform.hpp>
#include <sevspec/firmware/status.hpp>
#include <sevspec/layout/certificate.hpp>

/// The certificates that a SEV platform makes: OCA, CEK, PEK and PDH.   SEV API, appendix C
namespace sevspec::inline v0::firmware {

inline constexpr std::uint32_t sev_cert_bytes = 0x824;
inline constexpr std::uint32_t sev_chain_bytes = 0x186c;  ///< PEK, OCA, CEK

/// The private key that a record holds; where there is none, as before INIT, one that everybody knows.
[[nodiscard]] inline auto private_key_of(const certified_key& key) -> crypto::p384_private_key {
  const auto made = crypto::p384_private_key::from_big_endian(key.secret);
  constexpr byte_array<56> zero{};
  return made ? *made : crypto::p384_private_key::from_wide(zero);
}

/// 000h to 413h, what signatures cover.   FW-CRY-17
[[nodiscard]] inline auto signed_part(const layout::sev_cert& cert) -> byte_view {
  return layout::bytes_at<0, detail::certificate_signed_bytes>(cert);
}

/// A certificate without signatures.   FW-CRY-17; FW-CRY-19
[[nodiscard]] inline auto make_certificate(const crypto::p384_private_key& key, key_usage usage,
                                           key_algorithm algorithm, const firmware_release& release) -> certified_key {
  certified_key made{.secret = key.big_endian(), .certificate = {}};
  layout::sev_cert& cert = made.certificate;
  cert.set_version(1);
  cert.set_api_major(release.api_major);
  cert.set_api_minor(release.api_minor);
  cert.set_pubkey_usage(usage);
  cert.set_pubkey_algo(algorithm);
  const auto structure = structure_of<layout::sev_ec_pub_key>(key.public_key());
  std::ranges::copy(structure.bytes(), cert.pubkey().data());
  cert.set_sig1_usage(key_usage::invalid);
  cert.set_sig2_usage(key_usage::invalid);
  return made;
}

/// Signs with ECDSA-SHA256.
/// @param second  in the second slot
inline void sign_certificate(layout::sev_cert& cert, const certified_key& by, key_usage signer, bool second) {
  const auto made = structure_of(crypto::sha256_signer(private_key_of(by)).sign(signed_part(cert)));
  if (second) {
    cert.set_sig2_usage(signer);
    cert.set_sig2_algo(key_algorithm::ecdsa_sha256);
    std::ranges::copy(made.bytes(), cert.sig2().data());
  } else {
    cert.set_sig1_usage(signer);
    cert.set_sig1_algo(key_algorithm::ecdsa_sha256);
    std::ranges::copy(made.bytes(), cert.sig1().data());
  }
}

/// Version 1, a point of the curve, usage PDH and algorithm ECDH-SHA256: what a session wants of the peer's key.
/// FW-SEV-LST-03
[[nodiscard]] inline auto is_session_key(const layout::sev_cert& cert) -> bool {
  const auto key = public_key_of(cert);
  return cert.version() == 1 && cert.pubkey_usage() == key_usage::pdh &&
         cert.pubkey_algo() == key_algorithm::ecdh_sha256 && key && crypto::is_on_curve(*key);
}

/// Whether `child` is certified by `parent`.   FW-CRY-21
/// @return SUCCESS, INVALID_CERTIFICATE, BAD_SIGNATURE
template <class Context>
[[nodiscard]] auto verify_certificate(Context& ctx, const layout::sev_cert& child, const layout::sev_cert& parent)
    -> status {
  const auto key = certifying_key_of(parent);
  if (ctx.denies(rule::FW_CRY_21, !key)) return status::invalid_certificate;
  if (!key) return status::success;
  const auto checked = check_certificate(ctx, child, *key);
  return checked ? status::success : status_of(checked.error());
}

// --- the platform's own

/// The chip endorsement key. It derives from the chip and never changes.
[[nodiscard]] inline auto make_cek(const hardware& hw, const firmware_release& release) -> certified_key {
  const auto seed = crypto::derive_key<56>(hw.chip_secret, "sev-chip-endorsement-key");
  return make_certificate(crypto::p384_private_key::from_wide(seed), key_usage::cek, key_algorithm::ecdsa_sha256,
                          release);
}
template <crypto::random_source Random>
[[nodiscard]] auto make_pdh(Random& random, const certified_key& pek, const firmware_release& release)
    -> certified_key {
  certified_key made =
      make_certificate(crypto::p384_private_key::generate(random), key_usage::pdh, key_algorithm::ecdh_sha256, release);
  sign_certificate(made.certificate, pek, key_usage::pek, false);
  return made;
}
/// A new identity of a platform that owns itself.
template <crypto::random_source Random>
[[nodiscard]] auto make_identity(Random& random, const hardware& hw, const firmware_release& release) -> sev_identity {
  constexpr auto ecdsa = key_algorithm::ecdsa_sha256;
  sev_identity made;
  made.oca = make_certificate(crypto::p384_private_key::generate(random), key_usage::oca, ecdsa, release);
  sign_certificate(made.oca.certificate, made.oca, key_usage::oca, false);
  made.pek = make_certificate(crypto::p384_private_key::generate(random), key_usage::pek, ecdsa, release);
  sign_certificate(made.pek.certificate, made.oca, key_usage::oca, false);
  sign_certificate(made.pek.certificate, make_cek(hw, release), key_usage::cek, true);
  made.pdh = make_pdh(random, made.pek, release);
  return made;
}

}  // namespace sevspec::inline v0::firmware

#endif
