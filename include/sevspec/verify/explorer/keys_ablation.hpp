// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_KEYS_ABLATION_HPP
#define SEVSPEC_VERIFY_EXPLORER_KEYS_ABLATION_HPP

#include <array>
#include <span>

#include <sevspec/base/rule.hpp>
#include <sevspec/verify/explorer/ablation.hpp>
#include <sevspec/verify/explorer/keys_model.hpp>

namespace sevspec::inline v0::verify::explorer {

/// Machines that close in a moment: two guests and one ASID, one guest and two.
inline constexpr std::array keys_portfolio{keys_parts{.asids = 1}, keys_parts{.handles = 1}};

/// The rules of ASIDs and of the commands around them that can be switched off.
inline constexpr std::array keys_rules{
    rule::ENC_ASID_11,   rule::ENC_ASID_12,   rule::FW_ACT_01,     rule::FW_ACT_02, rule::FW_ACT_03,  rule::FW_ACT_04,
    rule::FW_ACT_05,     rule::FW_ACT_06,     rule::FW_ACT_07,     rule::FW_ACT_09, rule::FW_ACT_20,  rule::FW_ACT_21,
    rule::FW_ACT_22,     rule::FW_ASID_12,    rule::FW_GST_01,     rule::FW_GST_02, rule::FW_PLAT_06, rule::FW_PLAT_12,
    rule::FW_SEV_DEC_01, rule::FW_SEV_LST_02, rule::FW_SEV_LST_06,
};

inline constexpr std::array keys_not_load_bearing{
    not_load_bearing{rule::FW_ACT_01, "Where the platform is not WORKING there is no guest, and FW-ACT-02 answers."},
    not_load_bearing{rule::FW_ACT_02, "Nobody is activated who is not there; the rule says which status that gives."},
    not_load_bearing{rule::FW_ACT_03, "No kind of guest may have ASID 0 or one that is too high: FW-ACT-09 answers."},
    not_load_bearing{rule::FW_ACT_06, "Guests of the machine are not sent away."},
    not_load_bearing{rule::FW_ACT_09,
                     "All ASIDs of the machine are for its kind of guests, and FW-ACT-03 answers for the others."},
    not_load_bearing{rule::FW_ACT_20, "Where the platform is not WORKING there is no guest, and FW-ACT-21 answers."},
    not_load_bearing{rule::FW_ACT_21, "Nobody is deactivated who is not there; the rule says which status that gives."},
    not_load_bearing{rule::FW_ACT_22, "A guest without an ASID has none to lose."},
    not_load_bearing{rule::FW_ASID_12,
                     "While the platform is UNINIT no ASID is bound, and INIT makes all of them dirty again."},
    not_load_bearing{rule::FW_GST_01,
                     "What a measurement says of a guest that runs is the owner's concern; ASIDs and keys stay."},
    not_load_bearing{rule::FW_GST_02, "A handle that names nobody has no record to change."},
    not_load_bearing{rule::FW_PLAT_12, "The machine has no SNP."},
    not_load_bearing{rule::FW_SEV_LST_02,
                     "A guest of before INIT has no ASID that is clean, and ACTIVATE asks for one after INIT."},
    not_load_bearing{rule::FW_SEV_LST_06, "The machine has fewer guests than there are handles."},
};

[[nodiscard]] constexpr auto is_ablated_in_keys(rule id) noexcept -> bool { return is_in(keys_rules, id); }
[[nodiscard]] constexpr auto why_not_load_bearing_in_keys(rule id) noexcept -> const char* {
  return reason_in(keys_not_load_bearing, id);
}
/// Machines of keys and ASIDs without a rule.
[[nodiscard]] inline auto ablate_keys(rule without) -> model_ablation {
  return ablate_model<keys_model<1, context<rule_set>>>(std::span<const keys_parts>{keys_portfolio}, without);
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
