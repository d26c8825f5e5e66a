// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_X509_ISSUE_HPP
#define SEVSPEC_TOOL_X509_ISSUE_HPP

#include <optional>
#include <string>

#include <sevspec/crypto/p384.hpp>
#include <sevspec/firmware/report_check.hpp>

#include "x509.hpp"

namespace sevspec::tool {

/// What a certificate is to say.
struct certificate_wish {
  std::string subject;                          ///< the common name
  crypto::p384_public_key key{};                ///< the subject's
  std::optional<firmware::vcek_claims> vcek{};  ///< a chip's key; without: a certificate authority's   FW-MSG-32
};

/// Makes a certificate of version 3, with dates that are the same in every run. The extensions are AMD's; the
/// authorities' keys are on P-384, too, where AMD's are RSA.
/// @param issuer  common name of who signs; the subject itself for a root
[[nodiscard]] auto issue(const certificate_wish& wish, const std::string& issuer, const crypto::p384_private_key& by)
    -> certificate;

}  // namespace sevspec::tool

#endif
