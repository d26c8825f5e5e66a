// SPDX-License-Identifier: MIT
// Reports, messages, certificates and sessions.
#include <property/layout/accessors.hpp>
#include <support/accessors/attestation_report.hpp>
#include <support/accessors/certificate.hpp>
#include <support/accessors/guest_message.hpp>
#include <support/accessors/sev_session.hpp>
#include <support/accessors/signature.hpp>
#include <support/accessors/tcb_version.hpp>

namespace {

using namespace sevspec::test;

const std::vector<header_accessors> headers{
    {"attestation_report", attestation_report_structures, attestation_report_accessors},
    {"tcb_version", tcb_version_structures, tcb_version_accessors},
    {"signature", signature_structures, signature_accessors},
    {"guest_message", guest_message_structures, guest_message_accessors},
    {"certificate", certificate_structures, certificate_accessors},
    {"sev_session", sev_session_structures, sev_session_accessors},
};

}  // namespace

TEST_CASE("every structure has its types, and every field its accessors: attestation",
          "[layout][LAY-FMT-03][LAY-FMT-05]") {
  check_complete("attestation", headers);
}

TEST_CASE("accessors move the bits that the table gives them: attestation", "[layout][LAY-FMT-04]") {
  check_accessors(headers);
}
