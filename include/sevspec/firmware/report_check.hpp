// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_REPORT_CHECK_HPP
#define SEVSPEC_FIRMWARE_REPORT_CHECK_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include <sevspec/base/rule.hpp>
#include <sevspec/crypto/ecdsa.hpp>
#include <sevspec/firmware/report_signature.hpp>
#include <sevspec/layout/report.hpp>
#include <sevspec/layout/report_platform.hpp>
#include <sevspec/layout/tcb.hpp>

/// What a relying party asks of an attestation report: that a chip of AMD with a known TCB made it, and that it speaks
/// of the guest that is expected. Certificates are read elsewhere.
namespace sevspec::inline v0::firmware {

/// What a certificate says of the chip and TCB whose VCEK it certifies: its extensions below
/// 1.3.6.1.4.1.3704.1.   FW-MSG-32
struct vcek_claims {
  layout::tcb tcb{};
  /// Turin's if the certificate has the extension of the FMC.
  layout::tcb_format format = layout::tcb_format::milan_genoa;
  /// The hardware ID: 64 bytes, or fewer and zeros behind them.
  std::array<std::uint8_t, 64> hardware_id{};

  friend constexpr auto operator==(const vcek_claims&, const vcek_claims&) -> bool = default;
};

/// Why a report is not believed.
enum class report_refusal : std::uint8_t {
  // by `check_report`, in this order
  not_signed,         ///< SIGNING_KEY says that nobody signed it
  other_key,          ///< signed with a VLEK, or a key that is not known, while a VCEK was expected
  algorithm,          ///< not ECDSA on P-384 with SHA-384
  signature_padding,  ///< bytes of the signature that must be zero are not
  signature,          ///< the key did not sign these bytes
  tcb_format,         ///< report and certificate are of generations that write TCBs differently
  tcb,                ///< the key is that of another TCB than REPORTED_TCB
  chip_id,            ///< the key is that of another chip
  // by `check_contents`, in this order
  policy,
  vmpl,
  measurement,
  report_data,
  host_data,
  old_tcb,
};

/// A refusal, and where in the report is what is refused.
struct report_problem {
  report_refusal why{};
  std::size_t offset = 0;

  friend constexpr auto operator==(const report_problem&, const report_problem&) -> bool = default;
};

/// "the key did not sign these bytes"
[[nodiscard]] constexpr auto text_of(report_refusal why) noexcept -> const char* {
  switch (why) {
    case report_refusal::not_signed:        return "nobody signed it (the platform masks its chip key)";
    case report_refusal::other_key:         return "it says that it is not signed by a VCEK";
    case report_refusal::algorithm:         return "the signature's algorithm is not ECDSA P-384 with SHA-384";
    case report_refusal::signature_padding: return "bytes of the signature that must be zero are not";
    case report_refusal::signature:         return "the signature is not that of the certificate's key";
    case report_refusal::tcb_format:        return "report and certificate are of different generations of processors";
    case report_refusal::tcb:               return "the certificate is for another TCB than the reported one";
    case report_refusal::chip_id:           return "the certificate is for another chip";
    case report_refusal::policy:            return "the guest's policy is not the expected one";
    case report_refusal::vmpl:              return "it was asked for by a less privileged VMPL";
    case report_refusal::measurement:       return "the measurement is not the expected one";
    case report_refusal::report_data:       return "the report data are not the expected ones";
    case report_refusal::host_data:         return "the host data are not the expected ones";
    case report_refusal::old_tcb:           return "the reported TCB is not at least the required one";
  }
  return "?";
}

/// Whether a platform hides its identity: CHIP_ID is zero.   FW-MSG-22
template <class Storage>
[[nodiscard]] constexpr auto masks_chip_id(const layout::basic_attestation_report_v5<Storage>& report) noexcept
    -> bool {
  const auto id = report.chip_id();
  return std::all_of(id.begin(), id.end(), [](std::uint8_t byte) { return byte == 0; });
}

/// Whether a chip made a report: the signature is of the key, and the key's certificate is of the TCB and the chip that
/// the report names. A masked CHIP_ID matches every chip.   FW-MSG-23; FW-MSG-32
/// @param report  any version
/// @param vcek    the certificate's key; that AMD signed the certificate is the caller's to check
template <class Context, class Storage>
[[nodiscard]] auto check_report(Context& ctx, const layout::basic_attestation_report_v5<Storage>& report,
                                const crypto::p384_verifier& vcek, const vcek_claims& certified)
    -> std::expected<void, report_problem> {
  using enum report_refusal;
  const auto refused = [](report_refusal why, std::size_t offset) {
    return std::unexpected{report_problem{why, offset}};
  };
  constexpr std::size_t padding = 0x330;
  const auto signing_key = report.key_info().signing_key();
  if (ctx.denies(rule::FW_MSG_23, signing_key == layout::snp_signing_key::none)) return refused(not_signed, 0x48);
  if (ctx.denies(rule::FW_MSG_32,
                 signing_key != layout::snp_signing_key::vcek && signing_key != layout::snp_signing_key::none))
    return refused(other_key, 0x48);
  if (ctx.denies(rule::FW_MSG_23, report.signature_algo() != layout::snp_signature_algorithms::ecdsa_p384_sha384))
    return refused(algorithm, 0x34);
  const std::span<const std::uint8_t> bytes = report.bytes();
  const auto first = std::find_if(bytes.begin() + padding, bytes.end(), [](std::uint8_t byte) { return byte != 0; });
  if (ctx.denies(rule::FW_MSG_23, first != bytes.end()))
    return refused(signature_padding, static_cast<std::size_t>(first - bytes.begin()));
  if (ctx.denies(rule::FW_MSG_23, !is_signed_by(report, vcek))) return refused(signature, 0x2A0);

  const auto format = layout::tcb_format_of(report);  // a report of version 2 with a masked chip does not tell
  if (ctx.denies(rule::FW_MSG_32, format && *format != certified.format)) return refused(tcb_format, 0x180);
  if (ctx.denies(rule::FW_MSG_32, layout::tcb_version(certified.tcb, certified.format) != report.reported_tcb()))
    return refused(tcb, 0x180);
  const auto id = report.chip_id();
  if (ctx.denies(rule::FW_MSG_32,
                 !masks_chip_id(report) && !std::equal(id.begin(), id.end(), certified.hardware_id.begin())))
    return refused(chip_id, 0x1A0);
  return {};
}

/// What a report has to say. What is not set is not asked.
struct report_expectations {
  /// POLICY, where `policy_mask` has ones.
  std::uint64_t policy = 0;
  std::uint64_t policy_mask = 0;
  /// The least privileged VMPL that is believed.
  std::optional<std::uint32_t> highest_vmpl{};
  std::optional<std::array<std::uint8_t, 48>> measurement{};
  std::optional<std::array<std::uint8_t, 64>> report_data{};
  std::optional<std::array<std::uint8_t, 32>> host_data{};
  /// What REPORTED_TCB must be at least, in every component.
  std::optional<layout::tcb> least_tcb{};
};

/// Whether a report says what is expected. Asks nothing of who made it: `check_report` does.
/// @param format  of the report's TCBs
template <class Storage>
[[nodiscard]] constexpr auto check_contents(const layout::basic_attestation_report_v5<Storage>& report,
                                            const report_expectations& expected, layout::tcb_format format)
    -> std::expected<void, report_problem> {
  using enum report_refusal;
  const auto refused = [](report_refusal why, std::size_t offset) {
    return std::unexpected{report_problem{why, offset}};
  };
  const auto differs = [](const auto& found, const auto& wanted) {
    return wanted.has_value() && !std::equal(found.begin(), found.end(), wanted->begin());
  };
  if (((report.policy().raw ^ expected.policy) & expected.policy_mask) != 0) return refused(policy, 0x08);
  if (expected.highest_vmpl && report.vmpl() > *expected.highest_vmpl) return refused(vmpl, 0x30);
  if (differs(report.measurement(), expected.measurement)) return refused(measurement, 0x90);
  if (differs(report.report_data(), expected.report_data)) return refused(report_data, 0x50);
  if (differs(report.host_data(), expected.host_data)) return refused(host_data, 0xC0);
  if (expected.least_tcb && !(*expected.least_tcb <= layout::tcb_components(report.reported_tcb(), format)))
    return refused(old_tcb, 0x180);
  return {};
}

}  // namespace sevspec::inline v0::firmware

#endif
