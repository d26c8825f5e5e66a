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
    not_load_bearing{rule::RMP_RUD_03, "Reserved bits mean nothing: the operand is taken as it is without them."},
    not_load_bearing{
        rule::RMP_RUD_05,
        "Bits above the width are cut off, and what is left is a gPA that the hypervisor may name anyway."},
    not_load_bearing{
        rule::RMP_RUD_06,
        "The page of an ASID that no guest has: nobody can validate it, and it can be taken back. ASID 3FFh in "
        "a region's first entry looks like the firmware's lock: RMPUPDATE and PSMASH fail there for ever, which "
        "gives nobody a right."},
    not_load_bearing{
        rule::RMP_UPD_04,
        "In the machine's table, which counts no pages of ASIDs: the pages that would be swallowed lose their "
        "validation with RMP-UPD-07, and the hypervisor could take them one by one; immutable ones are protected "
        "by RMP-UPD-15. In a table that counts INV-20 breaks, because swallowed pages stay counted: a random "
        "test finds it."},
    not_load_bearing{rule::RMP_UPD_09,
                     "Operations of the machine happen one after the other: the firmware holds no region between two."},
    not_load_bearing{
        rule::RMP_UPD_11,
        "The machine's table counts no pages of ASIDs; what the counters are for, ACTIVATE, is outside. In "
        "a table that counts INV-20 breaks: a random test finds it."},
    not_load_bearing{
        rule::RMP_UPD_14,
        "The page looks like metadata, or like one in state Reclaim with a gPA; it is nobody's all the same. "
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

/// The definitions among the rules of checks and instructions: RMP-CHK, RMP-UPD, RMP-SMH, RMP-ADJ, RMP-PVL. Without one
/// at least of the rules that carry a definition something breaks. A test holds the list against the registry.
inline constexpr std::array rmp_definitions{
    carried_definition{
        rule::RMP_CHK_17,
        {rule::RMP_CHK_01, rule::RMP_CHK_08},
        "A device's write is asked what one of the hypervisor's is; the machine's device writes pages of 4K."},
    carried_definition{
        rule::RMP_CHK_02,
        {rule::RMP_CHK_01},
        "Says for which references it asks nothing. What they read is ciphertext, and no invariant speaks "
        "of it."},
    carried_definition{rule::RMP_CHK_03,
                       {rule::RMP_CHK_01, rule::PAG_RMPS_08, rule::RMP_VPL_01},
                       "Says which of these answers first; each refuses without the others."},
    carried_definition{
        rule::RMP_CHK_04, {rule::RMP_CHK_01, rule::RMP_CHK_10}, "Their conditions are one event, in any order."},
    carried_definition{rule::RMP_CHK_05,
                       {rule::RMP_CHK_01},
                       "The write is asked what others are; the machine has no page tables in memory."},
    carried_definition{rule::RMP_CHK_07,
                       {rule::RMP_CHK_01},
                       "Says which of its conditions a reference has to meet. References of the machine come with the "
                       "effective C-bit, and hypervisor and guests choose it as they like."},
    carried_definition{
        rule::RMP_CHK_11,
        {rule::RMP_CHK_01, rule::RMP_CHK_10},
        "The first refuses when the page's own entry is asked, the second when that of the large page is."},
    carried_definition{rule::RMP_CHK_12,
                       {rule::RMP_CHK_01},
                       "Mutable is one of its conditions for private references, unassigned the one for the host's."},
    carried_definition{rule::RMP_CHK_13,
                       {rule::RMP_CHK_01},
                       "The page is assigned, and its ASID is no guest's: both of its conditions fail."},
    carried_definition{
        rule::RMP_CHK_14, {rule::RMP_CHK_01}, "Says what its condition for the hypervisor's pages does not ask."},
    carried_definition{rule::RMP_CHK_19,
                       {rule::FW_SNP_USM_01, rule::FW_SNP_PRC_04},
                       "In place of the check, commands ask for states of pages."},
    carried_definition{rule::RMP_CHK_20,
                       {rule::RMP_CHK_01},
                       "A write in that mode is the hypervisor's, and asked what others of the hypervisor's are."},
    carried_definition{
        rule::RMP_UPD_13,
        {rule::RMP_UPD_07},
        "What stays in the memory of a page that has moved is no danger to the guest, because the page is not "
        "validated any longer."},
    carried_definition{
        rule::RMP_SMH_05,
        {rule::FW_SNP_USM_01, rule::RMP_UPD_02, rule::RMP_UPD_04},
        "The AMD-SP alone puts pages together, and asks for their states; RMPUPDATE does not mix sizes."},
    carried_definition{rule::RMP_SMH_06,
                       {rule::RMP_VMR_05, rule::RMP_INS_12, rule::RMP_UPD_09},
                       "These refuse, with a code that says that it is for the time being."},
    carried_definition{rule::RMP_ADJ_06,
                       {rule::RMP_ADJ_02, rule::RMP_ADJ_01},
                       "Says that these answer before the address is translated; each refuses wherever it is asked."},
    carried_definition{
        rule::RMP_ADJ_07,
        {rule::RMP_VPL_01, rule::RMP_UPD_12},
        "A duty of guests, which the machine's do: they flush after RMPADJUST. Each later translation is "
        "asked by the first rule, and what the hypervisor makes stale the second flushes."},
    carried_definition{rule::RMP_PVL_04,
                       {rule::PAG_RMPS_08, rule::RMP_ADJ_09},
                       "Permissions and VMSA, which stay, are of no use while the page is not validated."},
    carried_definition{
        rule::RMP_PVL_05,
        {rule::PAG_RMPS_08, rule::RMP_UPD_12},
        "A duty of guests, which the machine's do: they flush after PVALIDATE(0). Each later translation is "
        "asked by the first rule, and what the hypervisor makes stale the second flushes."},
    carried_definition{
        rule::RMP_PVL_06,
        {rule::RMP_CHK_01, rule::RMP_PVL_01},
        "Says which conditions of a reference PVALIDATE does not have; it has that of ownership, and is VMPL "
        "0's, which has all permissions."},
    carried_definition{
        rule::RMP_PVL_07,
        {rule::RMP_PVL_03},
        "A duty of guests, which the machine's do: they validate no gPA twice, and take CF=1, which tells that "
        "nothing has changed, for an attack."},
    carried_definition{
        rule::RMP_PVL_08,
        {rule::RMP_CHK_01},
        "The machine's guests map what they validate; wherever nested tables lead then, this rule asks who "
        "owns it."},
};

/// What carries a definition; null if the rule is none of the list.
[[nodiscard]] constexpr auto carriers_of(rule id) noexcept -> const carried_definition* {
  for (const carried_definition& one : rmp_definitions)
    if (one.id == id) return &one;
  return nullptr;
}

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
