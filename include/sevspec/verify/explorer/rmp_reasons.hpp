// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_RMP_REASONS_HPP
#define SEVSPEC_VERIFY_EXPLORER_RMP_REASONS_HPP

#include <array>
#include <string_view>

#include <sevspec/base/rule.hpp>
#include <sevspec/base/rule_registry.hpp>
#include <sevspec/verify/explorer/ablation.hpp>

namespace sevspec::inline v0::verify::explorer {

/// All rules about the Reverse Map Table that can be switched off and that nothing breaks without. A test holds the
/// list against the explorer: a rule is here, or its loss has a trace.
inline constexpr std::array rmp_not_load_bearing{
    not_load_bearing{rule::RMP_CHK_06,
                     "In force by a choice alone; and nested tables are the hypervisor's, which may read all memory as "
                     "ciphertext anyway."},
    not_load_bearing{rule::RMP_CHK_09,
                     "The machine has no pages of 1G; a large leaf is one of 2M in all that it models."},
    not_load_bearing{rule::RMP_CHK_16,
                     "Refuses a reference that would be right: without it a processor only faults less."},
    not_load_bearing{rule::RMP_VPL_02,
                     "Guests of the machine have no page tables in memory; where they have, the rule protects a "
                     "VMPL's tables as RMP-VPL-01 protects its data."},
    not_load_bearing{rule::RMP_VPL_03, "The machine has no shadow stacks."},
    not_load_bearing{
        rule::RMP_VPL_05,
        "A mask that makes no sense gives no right beside those that it names, and RMP-ADJ-03 asks whether "
        "its giver has these."},
    not_load_bearing{rule::RMP_INS_02,
                     "Ill-formed operands: what is left of them names a page that is checked as any other."},
    not_load_bearing{rule::RMP_INS_07,
                     "Who may not execute an instruction at all could do nothing with it that the hypervisor, or the "
                     "guest's kernel, cannot; and these are judged."},
    not_load_bearing{rule::RMP_INS_09,
                     "A guest that executes RMPUPDATE or PSMASH does what the hypervisor may do any time, and the "
                     "hypervisor is not trusted."},
    not_load_bearing{rule::RMP_INS_12,
                     "Operations of the machine happen one after the other: nobody else is modifying an entry."},
    not_load_bearing{rule::RMP_RUD_03, "Reserved bits mean nothing."},
    not_load_bearing{rule::RMP_RUD_05,
                     "A gPA that no guest has: nobody can validate the page, and it can be taken back."},
    not_load_bearing{
        rule::RMP_RUD_06,
        "An ASID that no guest has: nobody can validate the page, and it can be taken back. The firmware's "
        "lock is none of the invariants'."},
    not_load_bearing{
        rule::RMP_UPD_04,
        "The pages that would be swallowed lose their validation with RMP-UPD-07; the hypervisor could take "
        "them one by one. Immutable ones are protected by RMP-UPD-15."},
    not_load_bearing{rule::RMP_UPD_09,
                     "Operations of the machine happen one after the other: the firmware holds no region between two."},
    not_load_bearing{rule::RMP_UPD_11,
                     "The machine's table counts no pages of ASIDs; what the counters are for, ACTIVATE, is outside."},
    not_load_bearing{
        rule::RMP_UPD_14,
        "Forged metadata would deceive SNP_PAGE_SWAP_IN, which the machine has not; the ciphers of metadata "
        "are tested with the firmware."},
    not_load_bearing{
        rule::RMP_UPD_15,
        "An immutable page is assigned, and RMP-UPD-04 answers, or hv-fixed; SNP_PAGE_SET_STATE takes ranges "
        "that begin where regions do, so the first page of the region is hv-fixed, too, and RMP-STA-03 "
        "answers."},
    not_load_bearing{rule::RMP_SMH_01, "Without its effect PSMASH succeeds and does nothing."},
    not_load_bearing{rule::RMP_SMH_02, "An address inside the large page names the same region."},
    not_load_bearing{
        rule::RMP_ADJ_01,
        "Ill-formed operands: what is left of them names a page and a VMPL that are checked as any other."},
    not_load_bearing{rule::RMP_ADJ_05, "Without its effect nobody makes VMSAs."},
    not_load_bearing{rule::RMP_TRN_02, "A page of nobody is made blank by RMP-UPD-06, whatever its operand."},
    not_load_bearing{
        rule::RMP_VMR_01,
        "VMRUN of guests without SNP, whose VMCB and buffers the hypervisor chooses: it would harm its own "
        "pages. For a guest's page, hardware's writes are outside the machine."},
    not_load_bearing{rule::RMP_VMR_06, "The host's save area is outside the machine."},
    not_load_bearing{rule::RMP_VMR_07, "VMSAVE is outside the machine; its stores are the hypervisor's."},
    not_load_bearing{rule::FW_SNP_PRC_01, "Reserved bits mean nothing."},
    not_load_bearing{rule::FW_SNP_PRC_02,
                     "The entry that would be changed is the page's own: of a page inside a large one it is blank."},
    not_load_bearing{rule::FW_SNP_PRC_03, "A large page begins where its region does, so none is reclaimed otherwise."},
    not_load_bearing{rule::FW_SNP_PRC_04,
                     "Pages that are hv-fixed would be the hypervisor's again, which harms no guest; contexts are "
                     "outside the machine."},
    not_load_bearing{rule::FW_SNP_PRC_06, "Says what happens where nothing has to be done."},
};

/// Whether a rule is one of those that the exploration switches off one by one.
[[nodiscard]] constexpr auto is_ablated(const rule_info& one) noexcept -> bool {
  if (one.kind == rule_kind::definition) return false;
  if (one.id == rule::PAG_RMPS_08) return true;
  const std::string_view name = one.name;
  for (const char* const group : {"RMP-CHK-", "RMP-VPL-", "RMP-STA-", "RMP-INS-", "RMP-RUD-", "RMP-UPD-", "RMP-SMH-",
                                  "RMP-ADJ-", "RMP-PVL-", "RMP-TRN-", "RMP-VMR-", "FW-SNP-PRC-", "FW-SNP-USM-"})
    if (name.starts_with(group)) return true;
  return false;
}

/// Why nothing breaks without a rule; null if something does.
[[nodiscard]] constexpr auto why_not_load_bearing(rule id) noexcept -> const char* {
  return reason_in(rmp_not_load_bearing, id);
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
