// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_REPORT_SIGNATURE_HPP
#define SEVSPEC_FIRMWARE_REPORT_SIGNATURE_HPP

#include <array>
#include <cstdint>

#include <sevspec/crypto/ecdsa.hpp>
#include <sevspec/firmware/p384_structures.hpp>
#include <sevspec/layout/report.hpp>

/// The signature of an attestation report of SEV-SNP.   FW-MSG-23; SNP ABI 7.3, table 23
namespace sevspec::inline v0::firmware {

/// Signs a report that is otherwise complete, KEY_INFO included.   FW-MSG-23
/// @param key  VCEK or VLEK
template <class Storage>
void sign_report(layout::basic_attestation_report_v5<Storage>& report, const crypto::sha384_signer& key) {
  report.set_signature_algo(layout::snp_signature_algorithms::ecdsa_p384_sha384);
  const auto signature = key.sign(layout::signed_bytes(report));
  report.set_signature_r(signature.r);
  report.set_signature_s(signature.s);
}

/// Makes a report that nobody has signed: what MASK_CHIP_KEY leaves where no VLEK is used.   FW-MSG-23
template <class Storage>
void leave_report_unsigned(layout::basic_attestation_report_v5<Storage>& report) {
  report.set_key_info(report.key_info().set_signing_key(layout::snp_signing_key::none));
  report.set_signature_r(crypto::p384_field{});
  report.set_signature_s(crypto::p384_field{});
}

/// The signature of a report, whoever made it.
template <class Storage>
[[nodiscard]] auto signature_in(const layout::basic_attestation_report_v5<Storage>& report) -> crypto::p384_signature {
  return {.r = copy_of(report.signature_r()), .s = copy_of(report.signature_s())};
}

/// Whether a key signed a report.   FW-MSG-23
template <class Storage>
[[nodiscard]] auto is_signed_by(const layout::basic_attestation_report_v5<Storage>& report,
                                const crypto::p384_verifier& key) -> bool {
  return key.verify(crypto::hash_kind::sha384, layout::signed_bytes(report), signature_in(report));
}

}  // namespace sevspec::inline v0::firmware

#endif
