// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_LEGACY_REPORT_HPP
#define SEVSPEC_FIRMWARE_LEGACY_REPORT_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

#include <sevspec/crypto/ecdsa.hpp>
#include <sevspec/firmware/p384_structures.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/sev_session.hpp>

/// The attestation report of legacy SEV, which ATTESTATION makes.   FW-CRY-16
namespace sevspec::inline v0::firmware {

/// What its signature covers: nonce, launch digest and policy.
inline constexpr std::size_t legacy_report_signed_bytes = 0x34;

/// A report signed by the platform's PEK.   FW-CRY-16
/// @param ld  the launch digest; zero for a guest that was received
[[nodiscard]] inline auto make_legacy_report(std::span<const std::uint8_t, 16> mnonce,
                                             std::span<const std::uint8_t, 32> ld, layout::sev_guest_policy policy,
                                             const crypto::sha256_signer& pek) -> layout::sev_attestation_report {
  layout::sev_attestation_report report;
  report.set_mnonce(mnonce);
  report.set_launch_digest(ld);
  report.set_policy(policy);
  report.set_sig_usage(layout::sev_key_usage::pek);
  report.set_sig_algo(layout::sev_key_algo::ecdsa_sha256);
  const auto signature = pek.sign(report.bytes().first<legacy_report_signed_bytes>());
  std::array<std::uint8_t, 144> joined;
  std::copy(signature.s.begin(), signature.s.end(), std::copy(signature.r.begin(), signature.r.end(), joined.begin()));
  report.set_signature(joined);
  return report;
}

/// Why a legacy report is not believed.
enum class legacy_report_error : std::uint8_t {
  signer,     ///< it does not claim to be signed by a PEK with ECDSA and SHA-256
  reserved,   ///< bytes that must be zero are not
  signature,  ///< the PEK did not sign it
};

/// Whether a PEK signed a report.   FW-CRY-16
template <class Storage>
[[nodiscard]] auto verify_legacy_report(const layout::basic_sev_attestation_report<Storage>& report,
                                        const crypto::p384_verifier& pek) -> std::expected<void, legacy_report_error> {
  if (report.sig_usage() != layout::sev_key_usage::pek || report.sig_algo() != layout::sev_key_algo::ecdsa_sha256)
    return std::unexpected{legacy_report_error::signer};
  if (layout::read_le<std::uint32_t>(report.data() + 0x3C) != 0) return std::unexpected{legacy_report_error::reserved};
  const std::span<const std::uint8_t, 144> fields = report.signature();
  const crypto::p384_signature signature{.r = copy_of(fields.first<72>()), .s = copy_of(fields.last<72>())};
  if (!pek.verify(crypto::hash_kind::sha256, layout::bytes_at<0, legacy_report_signed_bytes>(report), signature))
    return std::unexpected{legacy_report_error::signature};
  return {};
}

}  // namespace sevspec::inline v0::firmware

#endif
