// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_SVSM_EVIDENCE_HPP
#define SEVSPEC_TESTS_SUPPORT_SVSM_EVIDENCE_HPP

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <sevspec/crypto/random.hpp>
#include <sevspec/firmware/report_check.hpp>
#include <sevspec/firmware/report_signature.hpp>
#include <sevspec/svsm/measurement_check.hpp>

namespace sevspec::test {

/// A chip that signs what it is told to.
struct signing_chip {
  crypto::p384_private_key key;
  std::array<std::uint8_t, 48> svsm{};  ///< launch digest of the machine that asks
  std::uint32_t level = 0;              ///< VMPL of the reports
  std::uint64_t tcb = 0x0102'0000'0000'0304;

  explicit signing_chip(std::uint8_t seed = 1) : key(make_key(seed)) { svsm.fill(0x77); }

  [[nodiscard]] static auto make_key(std::uint8_t seed) -> crypto::p384_private_key {
    crypto::repeatable_random random(seed);
    return crypto::p384_private_key::generate(random);
  }
  [[nodiscard]] auto verifier() const -> crypto::p384_verifier {
    return crypto::p384_verifier::make(key.public_key()).value();
  }
  [[nodiscard]] auto certified() const -> firmware::vcek_claims {
    return {.tcb = layout::tcb_components(tcb, layout::tcb_format::milan_genoa),
            .format = layout::tcb_format::milan_genoa};
  }
  [[nodiscard]] auto make_report(const svsm::report_data& data) const -> std::vector<std::uint8_t> {
    layout::attestation_report_v5 made;
    made.set_version(3);
    made.set_vmpl(level);
    made.set_measurement(svsm);
    made.set_report_data(data);
    made.set_reported_tcb(tcb);
    made.set_cpuid_fam_id(0x19);
    made.set_cpuid_mod_id(1);
    firmware::sign_report(made, crypto::sha384_signer(key));
    return {made.bytes().begin(), made.bytes().end()};
  }
  /// As `svsm::report_source`.
  [[nodiscard]] auto report(const svsm::report_data& data, bool) const -> svsm::report_answer {
    return {.what = svsm::report_answer::kind::ok, .report = make_report(data)};
  }
};

}  // namespace sevspec::test

#endif
