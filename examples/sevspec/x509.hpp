// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_X509_HPP
#define SEVSPEC_TOOL_X509_HPP

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <openssl/x509.h>

#include <sevspec/crypto/p384.hpp>
#include <sevspec/firmware/report_check.hpp>

/// X.509 certificates of AMD's keys. OpenSSL is used for nothing else.
namespace sevspec::tool {

struct free_certificate {
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};
/// One certificate.
using certificate = std::unique_ptr<X509, free_certificate>;

/// The certificates of a file, DER (one) or PEM (one or more). Throws input_error.
[[nodiscard]] auto read_certificates(const std::string& path) -> std::vector<certificate>;

/// The only certificate of a file. Throws input_error.
[[nodiscard]] auto read_certificate(const std::string& path) -> certificate;

/// What the common name of a certificate's subject is: "SEV-Milan", "ARK-Milan", ...
[[nodiscard]] auto subject_of(const X509& one) -> std::string;

/// Why a chain of certificates does not hold, or nothing if it does: the first certificate is signed by the second, that
/// by the third, and the last by itself. Who signed the last is the reader's to know.
[[nodiscard]] auto flaw_of_chain(const std::vector<const X509*>& chain) -> std::optional<std::string>;

/// What a VCEK certificate says.
struct vcek_certificate {
  crypto::p384_public_key key;
  firmware::vcek_claims claims;
  std::string product;  ///< "Milan-B0", "" if it is not named
};

/// Reads the key and AMD's extensions.   FW-MSG-32
/// @return or why it is no certificate of a VCEK
[[nodiscard]] auto vcek_in(const X509& one) -> std::expected<vcek_certificate, std::string>;

/// What to say of certificates whose dates do not hold now: one line each.
[[nodiscard]] auto outdated(const std::vector<const X509*>& chain) -> std::vector<std::string>;

}  // namespace sevspec::tool

#endif
