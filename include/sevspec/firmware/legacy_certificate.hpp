// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_LEGACY_CERTIFICATE_HPP
#define SEVSPEC_FIRMWARE_LEGACY_CERTIFICATE_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <variant>

#include <sevspec/base/rule.hpp>
#include <sevspec/crypto/ecdsa.hpp>
#include <sevspec/crypto/rsa_pss.hpp>
#include <sevspec/firmware/p384_structures.hpp>
#include <sevspec/layout/certificate.hpp>
#include <sevspec/layout/codes/sev_codes.hpp>
#include <sevspec/layout/image.hpp>

/// Certificates of legacy SEV: ARK signs ASK signs CEK signs PEK signs PDH, and the platform's owner's OCA signs PEK.
/// SEV API, appendices B and C
namespace sevspec::inline v0::firmware {

using key_usage = layout::sev_key_usage;
using key_algorithm = layout::sev_key_algo;

/// What a signature with this algorithm hashes with; nothing for what makes no signatures.   FW-CRY-19
[[nodiscard]] constexpr auto hash_of(key_algorithm algorithm) noexcept -> std::optional<crypto::hash_kind> {
  using enum key_algorithm;
  if (algorithm == rsa_sha256 || algorithm == ecdsa_sha256) return crypto::hash_kind::sha256;
  if (algorithm == rsa_sha384 || algorithm == ecdsa_sha384) return crypto::hash_kind::sha384;
  return std::nullopt;
}

/// A key that signs certificates. It refers to the bytes of its certificate.
struct certifying_key {
  key_usage usage{};
  key_algorithm algorithm{};
  std::variant<crypto::p384_public_key, crypto::rsa_public_key> key{};
};

/// AMD's root certificates, ARK and ASK, which have RSA keys. All refers to the bytes that were parsed.   FW-CRY-20
struct amd_certificate {
  key_usage usage{};
  std::span<const std::uint8_t, 16> key_id;
  std::span<const std::uint8_t, 16> certifying_id;
  crypto::rsa_public_key key;
  std::span<const std::uint8_t> signed_bytes;
  std::span<const std::uint8_t> signature;  ///< little endian

  /// Its key as what it signs with: SHA-256 with 2048 bits, SHA-384 with 4096.   FW-CRY-20
  [[nodiscard]] auto certifying() const noexcept -> certifying_key {
    return {.usage = usage,
            .algorithm = key.modulus.size() == 256 ? key_algorithm::rsa_sha256 : key_algorithm::rsa_sha384,
            .key = key};
  }
};

/// Why bytes are no root certificate.
struct amd_certificate_error {
  enum class kind : std::uint8_t {
    size,      ///< not as long as the sizes of its key say
    version,   ///< not 1
    usage,     ///< neither ARK nor ASK
    key_size,  ///< neither 2048 nor 4096 bits
  };
  kind what{};
  std::size_t offset = 0;  ///< of the field, or where the bytes end or should

  friend constexpr auto operator==(const amd_certificate_error&, const amd_certificate_error&) -> bool = default;
};

/// Looks at bytes as an ARK or ASK.   FW-CRY-20
/// @param bytes  the certificate and nothing else
[[nodiscard]] inline auto parse_amd_certificate(std::span<const std::uint8_t> bytes)
    -> std::expected<amd_certificate, amd_certificate_error> {
  using enum amd_certificate_error::kind;
  const auto wrong = [](amd_certificate_error::kind what, std::size_t offset) {
    return std::unexpected{amd_certificate_error{what, offset}};
  };
  constexpr std::size_t fixed_bytes = layout::size_of<layout::amd_cert_fixed>;
  if (bytes.size() < fixed_bytes) return wrong(size, bytes.size());
  const auto fixed = bytes.first<fixed_bytes>();
  const layout::amd_cert_fixed_const_view head{fixed};
  if (head.version() != 1) return wrong(version, 0);
  if (head.key_usage() != key_usage::ark && head.key_usage() != key_usage::ask) return wrong(usage, 0x24);
  const auto possible = [](std::uint32_t bits) { return bits == 2048 || bits == 4096; };
  if (!possible(head.pub_exp_size())) return wrong(key_size, 0x38);
  if (!possible(head.modulus_size())) return wrong(key_size, 0x3C);
  const std::size_t exponent = head.pub_exp_size() / 8;
  const std::size_t modulus = head.modulus_size() / 8;
  const std::size_t total = fixed_bytes + exponent + 2 * modulus;
  if (bytes.size() != total) return wrong(size, std::min(bytes.size(), total));
  return amd_certificate{.usage = head.key_usage(),
                         .key_id = fixed.subspan<0x04, 16>(),
                         .certifying_id = fixed.subspan<0x14, 16>(),
                         .key = {.modulus = bytes.subspan(fixed_bytes + exponent, modulus),
                                 .exponent = bytes.subspan(fixed_bytes, exponent)},
                         .signed_bytes = bytes.first(total - modulus),
                         .signature = bytes.last(modulus)};
}

/// Whether an ARK or ASK is signed by an ARK: its own key, or the one above it.   FW-CRY-20
[[nodiscard]] inline auto is_signed_by(const amd_certificate& certificate, const amd_certificate& parent) -> bool {
  const auto hash = hash_of(parent.certifying().algorithm);
  return hash && parent.usage == key_usage::ark &&
         crypto::verify_rsa_pss(*hash, parent.key, certificate.signed_bytes, certificate.signature);
}

/// Why a certificate is refused, in the order of the checks.
enum class certificate_error : std::uint8_t {
  no_signature,   ///< no slot is of the parent's usage and algorithm: INVALID_CERTIFICATE
  half_slot,      ///< a slot has a usage and no algorithm, or the other way round: BAD_SIGNATURE
  bad_signature,  ///< BAD_SIGNATURE
  version,        ///< not 1: INVALID_CERTIFICATE
  key,            ///< not a point of P-384, or of another algorithm: INVALID_CERTIFICATE
  wrong_parent,   ///< keys of the parent's usage do not sign such certificates: INVALID_CERTIFICATE
};

/// What a command answers.
[[nodiscard]] constexpr auto status_of(certificate_error error) noexcept -> layout::sev_status_codes {
  return error == certificate_error::half_slot || error == certificate_error::bad_signature
             ? layout::sev_status_codes::bad_signature
             : layout::sev_status_codes::invalid_certificate;
}

/// The key of a certificate as a point, if its curve is P-384. Whether it lies on the curve is not looked at.
template <class Storage>
[[nodiscard]] auto public_key_of(const layout::basic_sev_cert<Storage>& certificate)
    -> std::optional<crypto::p384_public_key> {
  return public_key_in(layout::sev_ec_pub_key_const_view{certificate.pubkey().data()});
}

/// The key of a certificate as one that signs others, under the same condition.
template <class Storage>
[[nodiscard]] auto certifying_key_of(const layout::basic_sev_cert<Storage>& certificate)
    -> std::optional<certifying_key> {
  const auto key = public_key_of(certificate);
  if (!key) return std::nullopt;
  return certifying_key{.usage = certificate.pubkey_usage(), .algorithm = certificate.pubkey_algo(), .key = *key};
}

/// Whether keys of one usage sign certificates of another.   FW-CRY-21
[[nodiscard]] constexpr auto may_certify(key_usage parent, key_usage child) noexcept -> bool {
  using enum key_usage;
  switch (child) {
    case pdh: return parent == pek;
    case pek: return parent == oca || parent == cek;
    case oca: return parent == oca;
    case cek: return parent == ask;
    default:  return false;
  }
}

namespace detail {

/// Bytes that the signatures of a certificate cover.   FW-CRY-17
inline constexpr std::size_t certificate_signed_bytes = 0x414;

template <class Slot>
[[nodiscard]] auto verify_slot(const certifying_key& parent, std::span<const std::uint8_t> message, const Slot& slot)
    -> bool {
  const auto hash = hash_of(parent.algorithm);
  if (!hash) return false;
  if (const auto* rsa = std::get_if<crypto::rsa_public_key>(&parent.key)) {
    if (rsa->modulus.size() > slot.bytes().size()) return false;
    return crypto::verify_rsa_pss(*hash, *rsa, message, slot.bytes().first(rsa->modulus.size()));
  }
  const auto verifier = crypto::p384_verifier::make(*std::get_if<crypto::p384_public_key>(&parent.key));
  return verifier && verifier->verify(*hash, message, signature_in(slot));
}

}  // namespace detail

/// Whether a certificate is signed by a key and may be, in the firmware's order of checks.   FW-CRY-17; FW-CRY-21
template <class Context, class Storage>
[[nodiscard]] auto check_certificate(Context& ctx, const layout::basic_sev_cert<Storage>& certificate,
                                     const certifying_key& parent) -> std::expected<void, certificate_error> {
  using enum certificate_error;
  const auto denied = [&](certificate_error why, bool violated) -> std::expected<void, certificate_error> {
    if (ctx.denies(rule::FW_CRY_21, violated)) return std::unexpected{why};
    return {};
  };
  const auto message = layout::bytes_at<0, detail::certificate_signed_bytes>(certificate);
  bool found = false;
  bool half = false;
  bool good = true;
  const auto look_at = [&](key_usage usage, key_algorithm algorithm, const auto& slot) {
    half |= (usage == key_usage::invalid) != (algorithm == key_algorithm::invalid);
    if (usage != parent.usage || algorithm != parent.algorithm) return;
    found = true;
    good = good && detail::verify_slot(parent, message, slot);
  };
  look_at(certificate.sig1_usage(), certificate.sig1_algo(), certificate.sig1());
  look_at(certificate.sig2_usage(), certificate.sig2_algo(), certificate.sig2());
  if (const auto checked = denied(no_signature, !found); !checked) return checked;
  if (const auto checked = denied(half_slot, half); !checked) return checked;
  if (const auto checked = denied(certificate_error::bad_signature, !good); !checked) return checked;
  if (const auto checked = denied(version, certificate.version() != 1); !checked) return checked;

  const bool agrees = certificate.pubkey_algo() == key_algorithm::ecdh_sha256 ||
                      certificate.pubkey_algo() == key_algorithm::ecdh_sha384;
  const bool signs = certificate.pubkey_algo() == key_algorithm::ecdsa_sha256 ||
                     certificate.pubkey_algo() == key_algorithm::ecdsa_sha384;
  const auto point = public_key_of(certificate);
  const bool fitting = certificate.pubkey_usage() == key_usage::pdh ? agrees : signs;
  if (const auto checked = denied(key, !fitting || !point || !crypto::is_on_curve(*point)); !checked) return checked;
  return denied(wrong_parent, !may_certify(parent.usage, certificate.pubkey_usage()));
}

}  // namespace sevspec::inline v0::firmware

#endif
