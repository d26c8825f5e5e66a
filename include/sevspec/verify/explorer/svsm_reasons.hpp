// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_SVSM_REASONS_HPP
#define SEVSPEC_VERIFY_EXPLORER_SVSM_REASONS_HPP

#include <array>

#include <sevspec/base/rule.hpp>
#include <sevspec/verify/explorer/svsm_model.hpp>

namespace sevspec::inline v0::verify::explorer {

/// Small machines with an SVSM, which close in a moment. Together they have all of it.
inline constexpr std::array svsm_portfolio{
    svsm_parts{.second = false},
    svsm_parts{.remaps = false, .adjusts = false},
};

/// A rule of the SVSM's core calls; why a machine without it breaks no invariant, or null if one breaks.
struct svsm_rule {
  rule id{};
  const char* why_not{};
};

/// The rules that are switched off one by one. A test holds the list against the explorer.
inline constexpr std::array svsm_rules{
    svsm_rule{rule::SVSM_CA_09},
    svsm_rule{rule::SVSM_CORE_01, "The machine's addresses are aligned."},
    svsm_rule{rule::SVSM_CORE_02},
    svsm_rule{rule::SVSM_CORE_03, "What a calling area holds decides nothing in the machine."},
    svsm_rule{rule::SVSM_CORE_11, "The machine's addresses are aligned."},
    svsm_rule{rule::SVSM_CORE_12, "The machine's lists lie in a page of the guest's."},
    svsm_rule{rule::SVSM_CORE_13, "The machine's lists have one entry."},
    svsm_rule{rule::SVSM_CORE_14},
    svsm_rule{rule::SVSM_CORE_15,
              "Of a page's bytes counts whether they are a VMSA; what they tell is tested with the calls."},
    svsm_rule{rule::SVSM_CORE_16},
    svsm_rule{rule::SVSM_CORE_17, "The machine's lists have one entry."},
    svsm_rule{rule::SVSM_CORE_18, "The machine's lists have one entry."},
    svsm_rule{rule::SVSM_CORE_19},
    svsm_rule{rule::SVSM_CORE_21, "The machine's addresses are aligned."},
    svsm_rule{rule::SVSM_CORE_22},
    svsm_rule{rule::SVSM_CORE_23, "The machine's calls name processors that there are."},
    svsm_rule{rule::SVSM_CORE_24, "Calls of the machine run one after the other: SVSM-CORE-22 has asked already."},
    svsm_rule{rule::SVSM_CORE_25},
    svsm_rule{rule::SVSM_CORE_26,
              "RMPADJUST fails where the hypervisor has taken the page, and then VMPL 0 is stopped, not answered."},
    svsm_rule{rule::SVSM_CORE_31, "A page that is no VMSA is the guest's before, and afterwards."},
    svsm_rule{rule::SVSM_CORE_32,
              "RMPADJUST fails where the hypervisor has taken the page, and then VMPL 0 is stopped, not answered."},
    svsm_rule{rule::SVSM_CORE_80, "Calls of the machine run one after the other."},
};

/// Whether a rule is one of those that are switched off.
[[nodiscard]] constexpr auto is_ablated_in_svsm(rule id) noexcept -> bool {
  for (const svsm_rule& one : svsm_rules)
    if (one.id == id) return true;
  return false;
}
/// Why nothing breaks without a rule; null if something does.
[[nodiscard]] constexpr auto why_not_load_bearing_in_svsm(rule id) noexcept -> const char* {
  for (const svsm_rule& one : svsm_rules)
    if (one.id == id) return one.why_not;
  return nullptr;
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
