// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_SVSM_COMPARE_HPP
#define SEVSPEC_VERIFY_SVSM_COMPARE_HPP

#include <cstdint>
#include <optional>
#include <utility>

#include <sevspec/base/rule.hpp>
#include <sevspec/layout/codes/svsm_codes.hpp>
#include <sevspec/svsm/call.hpp>
#include <sevspec/svsm/measurement_request.hpp>
#include <sevspec/svsm/monitor.hpp>
#include <sevspec/verify/svsm_step.hpp>

/// Which answers of an SVSM are as good as the reference's.
namespace sevspec::inline v0::verify {

/// Where an answer is wrong.
struct svsm_difference {
  const char* member = "";  ///< of the answer
  rule about = rule::none;  ///< that it breaks
};

/// The rule that a call is about if all is well.
[[nodiscard]] constexpr auto rule_of(const svsm_step& step) noexcept -> rule {
  const std::uint32_t protocol = svsm::protocol_of(step.registers.rax);
  const std::uint32_t call = svsm::call_of(step.registers.rax);
  if (step.what == svsm_operation::page) return rule::none;
  if (protocol == svsm::default_measurement_protocol) return call < 3 ? rule::SVSM_MEAS_20 : rule::SVSM_MEAS_30;
  switch (static_cast<layout::svsm_protocols>(protocol)) {
    case layout::svsm_protocols::core:        break;
    case layout::svsm_protocols::attestation: return rule::SVSM_ATT_11;
    case layout::svsm_protocols::vtpm:        return call == 0 ? rule::SVSM_TPM_01 : rule::SVSM_TPM_07;
    case layout::svsm_protocols::apic:        return rule::SVSM_APIC_04;
    case layout::svsm_protocols::uefi_mm:     return rule::SVSM_MM_03;
    default:                                  return rule::SVSM_DSP_02;
  }
  switch (static_cast<layout::svsm_core_calls>(call)) {
    case layout::svsm_core_calls::remap_ca:       return rule::SVSM_CORE_03;
    case layout::svsm_core_calls::pvalidate:      return rule::SVSM_CORE_15;
    case layout::svsm_core_calls::create_vcpu:    return rule::SVSM_CORE_26;
    case layout::svsm_core_calls::delete_vcpu:    return rule::SVSM_CORE_32;
    case layout::svsm_core_calls::deposit_mem:    return rule::SVSM_CORE_40;
    case layout::svsm_core_calls::withdraw_mem:   return rule::SVSM_CORE_50;
    case layout::svsm_core_calls::query_protocol: return rule::SVSM_CORE_60;
    case layout::svsm_core_calls::configure_vtom: return rule::SVSM_CORE_70;
  }
  return rule::SVSM_DSP_03;
}

/// Nothing if the answer will do. Of an entry that the hypervisor blocks, only that it is one.
[[nodiscard]] inline auto difference_of(const svsm_step& step, const svsm_answer& expected, const svsm_answer& actual)
    -> std::optional<svsm_difference> {
  const rule about = expected.decided_by != rule::none ? expected.decided_by : rule_of(step);
  const auto wrong = [&](const char* member) { return svsm_difference{member, about}; };
  if (expected.how != actual.how) return wrong("answer");
  if (expected.how != svsm_answer::ending::answered || step.what == svsm_operation::page) return {};
  if (expected.end != actual.end) return wrong("end");
  if (expected.end == svsm_answer::entry::blocked) return {};
  if (expected.end != svsm_answer::entry::idle) {
    if (expected.registers.rax != actual.registers.rax) return wrong("rax");
    if (expected.registers.rcx != actual.registers.rcx) return wrong("rcx");
    if (expected.registers.rdx != actual.registers.rdx) return wrong("rdx");
    if (expected.registers.r8 != actual.registers.r8) return wrong("r8");
    if (expected.registers.r9 != actual.registers.r9) return svsm_difference{"r9", rule::SVSM_CA_06};
  }
  if (expected.pending != actual.pending) return svsm_difference{"pending", rule::SVSM_CA_05};
  if (expected.pages != actual.pages) return wrong("pages");
  if (expected.memory != actual.memory) return wrong("memory");
  if (expected.processors != actual.processors) return wrong("processors");
  return {};
}

}  // namespace sevspec::inline v0::verify

#endif
