// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_CONVERSION_ABLATION_HPP
#define SEVSPEC_VERIFY_EXPLORER_CONVERSION_ABLATION_HPP

#include <array>
#include <span>

#include <sevspec/base/rule.hpp>
#include <sevspec/verify/explorer/ablation.hpp>
#include <sevspec/verify/explorer/conversion_model.hpp>

namespace sevspec::inline v0::verify::explorer {

/// Machines that close in a moment, and have all of the protocol together.
inline constexpr std::array conversion_portfolio{conversion_parts{},
                                                 conversion_parts{.guest_pages = 1, .replay = true}};

/// The rules of the conversion that can be switched off: the guest's notes, page state changes, and what hardware adds.
inline constexpr std::array conversion_rules{
    rule::PST_01,      rule::PST_02,      rule::PST_03,      rule::GHCB_PSC_04, rule::GHCB_PSC_07, rule::GHCB_PSC_09,
    rule::GHCB_PSC_10, rule::GHCB_PSC_11, rule::GHCB_PSC_12, rule::GHCB_PSC_13, rule::GHCB_PSC_14, rule::GHCB_PSC_15,
    rule::PAG_RMPS_08, rule::RMP_CHK_01,  rule::RMP_UPD_07,  rule::RMP_PVL_03,
};

inline constexpr std::array conversion_not_load_bearing{
    not_load_bearing{rule::PST_03, "Pages of the machine are of 4K."},
    not_load_bearing{rule::GHCB_PSC_04, "Protects the hypervisor from a list that is too long; the guest's is not."},
    not_load_bearing{rule::GHCB_PSC_07, "Protects the hypervisor from an entry that makes no sense; the guest's do."},
    not_load_bearing{rule::GHCB_PSC_09, "Pages of the machine are of 4K."},
    not_load_bearing{rule::GHCB_PSC_10, "A choice of the hypervisor's, and lists of the machine have one entry."},
    not_load_bearing{rule::GHCB_PSC_11, "The guest of the machine gives no hints."},
    not_load_bearing{rule::GHCB_PSC_12,
                     "A failure that is not told is a lie, and lies are harmless: PVALIDATE finds the page as it is."},
    not_load_bearing{rule::GHCB_PSC_13,
                     "A guest that does not ask again takes a change for done; PVALIDATE finds the page as it is."},
    not_load_bearing{rule::GHCB_PSC_14,
                     "A guest that takes an error for success goes on to PVALIDATE, which finds the page as it is."},
    not_load_bearing{rule::GHCB_PSC_15,
                     "The same: an answer that makes no sense is not worse than a lie. The loop that the rule prevents "
                     "costs time, not memory."},
};

[[nodiscard]] constexpr auto is_ablated_in_conversion(rule id) noexcept -> bool { return is_in(conversion_rules, id); }
[[nodiscard]] constexpr auto why_not_load_bearing_in_conversion(rule id) noexcept -> const char* {
  return reason_in(conversion_not_load_bearing, id);
}
/// Machines of the conversion without a rule.
[[nodiscard]] inline auto ablate_conversion(rule without) -> model_ablation {
  return ablate_model<conversion_model<2, context<rule_set>>>(std::span<const conversion_parts>{conversion_portfolio},
                                                              without);
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
