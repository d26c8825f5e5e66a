// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_NESTED_ABLATION_HPP
#define SEVSPEC_VERIFY_EXPLORER_NESTED_ABLATION_HPP

#include <array>
#include <span>

#include <sevspec/base/rule.hpp>
#include <sevspec/verify/explorer/ablation.hpp>
#include <sevspec/verify/explorer/nested_model.hpp>
#include <sevspec/verify/explorer/nested_shadow_model.hpp>

namespace sevspec::inline v0::verify::explorer {

/// Machines of two Reverse Map Tables, smaller ones first; together they have all of it.
inline constexpr std::array nested_portfolio{
    nested_parts{.pages = 1, .addresses = 2},
    nested_parts{.hostile = false},
    nested_parts{},
};
/// L2s in machines of shadow tables.
inline constexpr std::array nested_shadow_portfolio{1U};

/// The rules below an L1 that these machines ask.
inline constexpr std::array nested_rules{
    rule::PAG_L2_06,   rule::PAG_L2_10,   rule::PAG_L2_11,   rule::PAG_L2_13,  rule::PAG_L2_14,  rule::PAG_L2C_03,
    rule::NES_ASID_01, rule::NES_ASID_02, rule::NES_RMP_02,  rule::NES_RMP_03, rule::NES_RMP_04, rule::NES_RMP_10,
    rule::RMP_NST_21,  rule::RMP_NST_22,  rule::NES_ASID_03, rule::NES_TR_02,  rule::NES_TR_04,  rule::NEST_VSP_21,
};

inline constexpr std::array nested_not_load_bearing{
    not_load_bearing{rule::PAG_L2_06, "L1's leaves are dirty from the start: no first write is waited for."},
    not_load_bearing{rule::PAG_L2_10, "nCR3 of the machine's VMCBs is legal."},
    not_load_bearing{rule::PAG_L2_13, "L1's tables have no reserved bit."},
    not_load_bearing{rule::PAG_L2_14,
                     "Faults of the machine's L2s are missing or stale shadows, not those of an owner."},
    not_load_bearing{rule::PAG_L2C_03,
                     "No entry of the machine's nPT12 has the C-bit; what L0 makes of one is tested with the walks."},
    not_load_bearing{rule::NES_RMP_02, "L0 offers the MSRs, and L1 has set its SYSCFG.SecureNestedPagingEn."},
    not_load_bearing{rule::NES_RMP_03,
                     "Pages of VIRT_RMPUPDATE are L1's, and VIRT_PSMASH finds no large page in the virtual table; the "
                     "rule says which status that gives."},
    not_load_bearing{rule::NES_RMP_04,
                     "ASID -1 stands for none, and NES-ASID-02 answers: L1 keeps no page for itself, and nobody reads "
                     "more."},
    not_load_bearing{rule::NES_RMP_10, "The machine's L1 has SEV virtualisation."},
    not_load_bearing{rule::RMP_NST_22, "The machine has no large pages."},
    not_load_bearing{rule::NES_ASID_03, "The machine's L2s have ASIDs of their own."},
    not_load_bearing{rule::NES_TR_04, "The machine has no devices."},
    not_load_bearing{rule::NEST_VSP_21, "None of the pages has been given to L1's virtual AMD-SP."},
};

[[nodiscard]] constexpr auto is_ablated_in_nested(rule id) noexcept -> bool { return is_in(nested_rules, id); }
[[nodiscard]] constexpr auto why_not_load_bearing_in_nested(rule id) noexcept -> const char* {
  return reason_in(nested_not_load_bearing, id);
}
/// Machines with an L1 without a rule: its Reverse Map Tables, then its shadow tables.
[[nodiscard]] inline auto ablate_nested(rule without) -> model_ablation {
  const model_ablation owners = ablate_model<nested_model>(std::span<const nested_parts>{nested_portfolio}, without);
  if (owners.broken) return owners;
  model_ablation row = ablate_model<nested_shadow_model>(std::span<const unsigned>{nested_shadow_portfolio}, without);
  row.states += owners.states;
  return row;
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
