// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_LAUNCH_ABLATION_HPP
#define SEVSPEC_VERIFY_EXPLORER_LAUNCH_ABLATION_HPP

#include <array>
#include <span>

#include <sevspec/base/rule.hpp>
#include <sevspec/verify/explorer/ablation.hpp>
#include <sevspec/verify/explorer/launch_model.hpp>

namespace sevspec::inline v0::verify::explorer {

/// Machines that close in a moment: a guest of one page and two ASIDs, two guests and one ASID, a guest of two pages.
inline constexpr std::array launch_portfolio{
    launch_parts{.pages = 2, .asids = 2, .updates = 1, .vmsa = false},
    launch_parts{.guests = 2, .updates = 1, .vmsa = false},
    launch_parts{},
};

/// The rules of a launch that can be switched off: its commands, the ASIDs that it takes, and the table's immutable pages.
inline constexpr std::array launch_rules{
    rule::ENC_ASID_09,   rule::ENC_ASID_11,   rule::FW_ACT_03,     rule::FW_ACT_04,      rule::FW_ACT_05,
    rule::FW_ACT_07,     rule::FW_ACT_09,     rule::FW_PLAT_13,    rule::FW_PGS_06,      rule::FW_GCTX_02,
    rule::FW_SNP_GCC_01, rule::FW_SNP_LST_01, rule::FW_SNP_LUP_02, rule::FW_SNP_LUP_03,  rule::FW_SNP_LUP_05,
    rule::FW_SNP_LUP_06, rule::FW_SNP_LUP_07, rule::FW_SNP_LUP_08, rule::FW_SNP_LFIN_02, rule::FW_SNP_LFIN_03,
    rule::FW_SNP_PRC_04, rule::RMP_STA_03,
};

inline constexpr std::array launch_not_load_bearing{
    not_load_bearing{rule::ENC_ASID_11,
                     "Cores of the machine execute WBINVD before each SNP_DF_FLUSH; the machine `keys` has the rest."},
    not_load_bearing{rule::FW_ACT_03, "No SNP guest may have ASID 0 or one that is too high: FW-ACT-09 answers."},
    not_load_bearing{rule::FW_ACT_07, "The machine has no caches; the machine `keys` has them."},
    not_load_bearing{rule::FW_ACT_09, "All ASIDs of the machine are for SNP guests, and FW-ACT-03 answers for others."},
    not_load_bearing{rule::FW_PLAT_13, "The machine begins when SNP is initialised, and it stays so."},
    not_load_bearing{rule::FW_PGS_06, "Who names no guest context names no record, and nothing changes."},
    not_load_bearing{rule::FW_GCTX_02, "An ASID that is bound before the launch begins is bound as any other."},
    not_load_bearing{rule::FW_SNP_LUP_03, "Pages of the machine are of 4K."},
    not_load_bearing{rule::FW_SNP_LUP_05, "The machine asks for NORMAL and VMSA alone."},
    not_load_bearing{rule::FW_SNP_LUP_07, "A guest without an ASID owns no page: FW-SNP-LUP-08 answers."},
    not_load_bearing{rule::FW_SNP_LFIN_02,
                     "Before its launch a guest has no ASID, and FW-SNP-LFIN-03 answers; after it, it runs already."},
    not_load_bearing{rule::FW_SNP_LFIN_03, "A guest without an ASID has no page, so nothing is missing in its digest."},
};

[[nodiscard]] constexpr auto is_ablated_in_launch(rule id) noexcept -> bool { return is_in(launch_rules, id); }
[[nodiscard]] constexpr auto why_not_load_bearing_in_launch(rule id) noexcept -> const char* {
  return reason_in(launch_not_load_bearing, id);
}
/// Machines of the launch without a rule. Pages and ASIDs may change their names.
[[nodiscard]] inline auto ablate_launch(rule without) -> model_ablation {
  return ablate_model<symmetric_launch_model<context<rule_set>>>(std::span<const launch_parts>{launch_portfolio},
                                                                 without);
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
