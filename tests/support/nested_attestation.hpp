// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_NESTED_ATTESTATION_HPP
#define SEVSPEC_TESTS_SUPPORT_NESTED_ATTESTATION_HPP

#include <cstdint>
#include <string>

#include <support/firmware_machine.hpp>

#include <sevspec/firmware/endorsement_key.hpp>
#include <sevspec/nested/attestation_software.hpp>
#include <sevspec/nested/attestation_virtual_key.hpp>

/// An honest chain of each kind, and what its verifier expects.
namespace sevspec::test {

inline auto key_of(std::uint64_t seed) -> crypto::p384_private_key {
  scripted_random random{.state = seed};
  return crypto::p384_private_key::generate(random);
}
inline constexpr std::uint64_t chain_tcb = 0x0303'0000'0000'0102;
[[nodiscard]] constexpr auto snp_policy_of_chain() -> std::uint64_t { return 0x3'0000; }
inline const nested::attestation_nonce chain_nonce{9, 8, 7};
inline const std::vector<std::uint8_t> chain_policy{'n', 'o', ' ', 'd', 'e', 'b', 'u', 'g'};
inline auto k1_of_l1() -> const crypto::p384_private_key& {
  static const auto made = key_of(41);
  return made;
}
inline auto kv_of_l1() -> const crypto::p384_private_key& {
  static const auto made = key_of(43);
  return made;
}
inline auto vcek_of_chip(std::uint8_t chip) -> crypto::p384_private_key {
  return firmware::vcek_of(firmware::endorsement_seed_of(firmware::endorsement_seed{chip}, chain_tcb));
}
inline auto chip_number(std::uint8_t chip) -> std::array<std::uint8_t, 64> {
  std::array<std::uint8_t, 64> id{};
  id.fill(chip);
  return id;
}
inline auto measurement_of(std::uint8_t guest) -> std::array<std::uint8_t, 48> {
  std::array<std::uint8_t, 48> made{};
  made.fill(guest);
  return made;
}

/// A report as a chip makes it.
inline auto report_about(std::uint8_t guest, const crypto::sha512_value& data, const crypto::sha256_value& host_data,
                         std::uint8_t chip = 1) -> layout::attestation_report_v5 {
  layout::attestation_report_v5 made;
  made.set_version(2);
  made.set_policy({snp_policy_of_chain()});
  made.set_measurement(measurement_of(guest));
  made.set_report_data(data);
  made.set_host_data(host_data);
  made.set_report_id(std::array<std::uint8_t, 32>{guest, 0x77});
  made.set_platform_info(layout::snp_platform_info{}.set_alias_check_complete(true));
  made.set_reported_tcb(chain_tcb);
  made.set_chip_id(chip_number(chip));
  firmware::sign_report(made, crypto::sha384_signer{vcek_of_chip(chip)});
  return made;
}

inline auto chip_as_known() -> const nested::known_chip& {
  static const nested::known_chip made{
      .vcek = *crypto::p384_verifier::make(vcek_of_chip(1).public_key()),
      .claims = {.tcb = layout::tcb_components(chain_tcb, layout::tcb_format::milan_genoa),
                 .hardware_id = chip_number(1)}};
  return made;
}
inline auto guest_as_expected(std::uint8_t guest) -> nested::expected_guest {
  return {.measurement = measurement_of(guest),
          .policy = snp_policy_of_chain(),
          .least_tcb = layout::tcb_components(chain_tcb, layout::tcb_format::milan_genoa)};
}

inline auto honest_chain() -> const nested::chain_evidence& {
  static const nested::chain_evidence made = [] {
    const auto k1 = k1_of_l1().public_key();
    nested::chain_evidence one{
        .r1 = report_about(1, nested::l1_report_data(k1, chain_nonce), {}),
        .r2 = report_about(2, nested::l2_report_data(chain_nonce), nested::l2_host_data(k1, chain_policy)),
        .k1 = k1};
    one.over_report_id = nested::vouch_for(k1_of_l1(), one.r2.report_id());
    return one;
  }();
  return made;
}
inline auto expected_chain() -> nested::chain_expectations {
  return {.chip = chip_as_known(),
          .l1 = guest_as_expected(1),
          .l2 = guest_as_expected(2),
          .l1_policy = chain_policy,
          .nonce = chain_nonce};
}

inline auto honest_statement() -> const nested::software_evidence& {
  static const nested::software_evidence made = [] {
    nested::software_evidence one{
        .r1 = honest_chain().r1,
        .k1 = k1_of_l1().public_key(),
        .said = {.guest = {5}, .digest = measurement_of(2), .counter = 4, .nonce = chain_nonce}};
    one.signature = nested::sign_statement(k1_of_l1(), one.said);
    return one;
  }();
  return made;
}
inline auto expected_statement() -> nested::software_expectations {
  return {.chip = chip_as_known(),
          .l1 = guest_as_expected(1),
          .guest = {5},
          .digest = measurement_of(2),
          .last_counter = 3,
          .nonce = chain_nonce};
}

inline auto honest_virtual() -> nested::virtual_evidence {
  static const nested::virtual_evidence made = [] {
    const auto kv = kv_of_l1().public_key();
    nested::virtual_evidence one{.r1 = report_about(1, nested::vsp_report_data(kv, chain_nonce), {}),
                                 .r2 = report_about(2, nested::l2_report_data(chain_nonce), {}),
                                 .kv = kv};
    nested::sign_virtual_report(one.r2, kv_of_l1());
    return one;
  }();
  return made;
}
inline auto expected_virtual() -> nested::virtual_expectations {
  return {.chip = chip_as_known(), .l1 = guest_as_expected(1), .l2 = guest_as_expected(2), .nonce = chain_nonce};
}

/// "believed", or why not.
inline auto verdict_of(const nested::chain_result& result) -> std::string {
  return result ? "believed; " : std::string(nested::text_of(result.error().why)) + "; ";
}

}  // namespace sevspec::test

#endif
