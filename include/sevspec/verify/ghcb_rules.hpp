// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_GHCB_RULES_HPP
#define SEVSPEC_VERIFY_GHCB_RULES_HPP

#include <cstdint>
#include <optional>
#include <vector>

#include <sevspec/base/rule.hpp>
#include <sevspec/ghcb/nae_event.hpp>
#include <sevspec/layout/page_state_change.hpp>
#include <sevspec/verify/ghcb_step.hpp>

namespace sevspec::inline v0::verify {

/// The rules about hypervisors that an answer can show to hold. Others are about guests, or name what cannot be seen.
inline constexpr rule ghcb_hypervisor_rules[] = {
    rule::GHCB_MSR_03,  rule::GHCB_MSR_05,  rule::GHCB_MSR_07,  rule::GHCB_MSR_08,  rule::GHCB_MSR_09,
    rule::GHCB_MSR_11,  rule::GHCB_MSR_13,  rule::GHCB_MSR_14,  rule::GHCB_MSR_15,  rule::GHCB_MSR_16,
    rule::GHCB_MSR_17,  rule::GHCB_MSR_19,  rule::GHCB_MSR_21,  rule::GHCB_PAGE_02, rule::GHCB_PAGE_03,
    rule::GHCB_PAGE_04, rule::GHCB_PAGE_05, rule::GHCB_PAGE_06, rule::GHCB_PAGE_07, rule::GHCB_PAGE_08,
    rule::GHCB_PAGE_10, rule::GHCB_SCR_01,  rule::GHCB_SCR_02,  rule::GHCB_SCR_03,  rule::GHCB_SCR_04,
    rule::GHCB_SCR_05,  rule::GHCB_SCR_06,  rule::GHCB_NAE_01,  rule::GHCB_NAE_02,  rule::GHCB_NAE_03,
    rule::GHCB_NAE_04,  rule::GHCB_NAE_05,  rule::GHCB_NAE_06,  rule::GHCB_NAE_07,  rule::GHCB_NAE_08,
    rule::GHCB_NAE_09,  rule::GHCB_NAE_10,  rule::GHCB_NAE_11,  rule::GHCB_NAE_12,  rule::GHCB_NAE_13,
    rule::GHCB_NAE_14,  rule::GHCB_NAE_15,  rule::GHCB_NAE_16,  rule::GHCB_NAE_17,  rule::GHCB_NAE_18,
    rule::GHCB_NAE_20,  rule::GHCB_NAE_21,  rule::GHCB_NAE_22,  rule::GHCB_NAE_23,  rule::GHCB_NAE_24,
    rule::GHCB_NAE_25,  rule::GHCB_NAE_26,  rule::GHCB_NAE_27,  rule::GHCB_NAE_28,  rule::GHCB_NAE_29,
    rule::GHCB_NAE_30,  rule::GHCB_NAE_31,  rule::GHCB_NAE_32,  rule::GHCB_NAE_33,  rule::GHCB_NAE_34,
    rule::GHCB_PSC_01,  rule::GHCB_PSC_02,  rule::GHCB_PSC_04,  rule::GHCB_PSC_05,  rule::GHCB_PSC_06,
    rule::GHCB_PSC_07,  rule::GHCB_PSC_09,  rule::GHCB_PSC_11,  rule::GHCB_PSC_12,  rule::GHCB_AP_01,
    rule::GHCB_AP_02,   rule::GHCB_AP_03,   rule::GHCB_AP_04,   rule::GHCB_AP_05,   rule::GHCB_HVDB_01,
};

/// Rules beside the one that decides an answer, and the one that the request is about, which this step shows to hold.
[[nodiscard]] inline auto rules_shown_by(const ghcb_step& step, const ghcb_answer& answer) -> std::vector<rule> {
  using event = layout::nae_exit_codes;
  std::vector<rule> shown;
  if (step.what != ghcb_operation::page || answer.decided_by != rule::none) return shown;
  const event code = step.page.sw_exit_code();
  if (step.race) shown.push_back(code == event::snp_page_state_change ? rule::GHCB_PSC_02 : rule::GHCB_PAGE_08);
  if (code == event::cpuid && layout::passed(step.page, ghcb::ghcb_field::xcr0)) shown.push_back(rule::GHCB_PAGE_10);
  if (code != event::snp_page_state_change) return shown;
  const auto scratch = layout::passed(step.page, ghcb::ghcb_field::sw_scratch);
  if (!scratch || *scratch >> 12 != step.value >> 12) return shown;
  const std::uint8_t* const list = step.page.data() + (*scratch & 0xfff);
  const auto cur = layout::read_le<std::uint16_t>(list);
  const auto end = layout::read_le<std::uint16_t>(list + 2);
  if (cur > end) shown.push_back(rule::GHCB_PSC_06);
  if (cur != end) return shown;
  const layout::psc_entry entry{layout::read_le<std::uint64_t>(list + 8 + 8 * std::size_t{cur})};
  const bool hint =
      entry.operation() == layout::ghcb_psc_ops::psmash || entry.operation() == layout::ghcb_psc_ops::unsmash;
  shown.push_back(hint ? rule::GHCB_PSC_11 : entry.cur_page() != 0 ? rule::GHCB_PSC_09 : rule::GHCB_PSC_05);
  return shown;
}

}  // namespace sevspec::inline v0::verify

#endif
