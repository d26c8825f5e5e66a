// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_RULE_FAMILIES_HPP
#define SEVSPEC_TESTS_SUPPORT_RULE_FAMILIES_HPP

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

#include <sevspec/base/rule_registry.hpp>

namespace sevspec::test {

/// Whether a rule speaks of the firmware: its commands and its cryptography, not what they do to page states and ASIDs.
inline auto is_firmware_rule(std::string_view name) -> bool {
  if (!name.starts_with("FW-")) return false;
  constexpr std::array of_others{"FW-DISP-10",    "FW-SNP-PRC-01", "FW-SNP-PRC-02", "FW-SNP-PRC-03", "FW-SNP-PRC-04",
                                 "FW-SNP-PRC-06", "FW-SNP-USM-01", "FW-SNP-PSS-01", "FW-ACT-03",     "FW-ACT-04",
                                 "FW-ACT-05",     "FW-ACT-06",     "FW-ACT-07",     "FW-ACT-09",     "FW-ACT-22"};
  return std::ranges::find(of_others, name) == of_others.end();
}

/// Whether a rule speaks of hypervisors that are guests: L0, L1 and L2.
inline auto is_nested_rule(std::string_view name) -> bool {
  for (const std::string_view family : {"NES-", "NEST-", "RMP-NST-"})
    if (name.starts_with(family)) return true;
  return false;
}

/// Whether a rule speaks of the Reverse Map Table and its instructions, not of references to memory.
inline auto is_table_rule(std::string_view name) -> bool {
  if (name.starts_with("FW-SNP-") || name.starts_with("FW-DISP-")) return true;
  constexpr std::array of_references{"RMP-CHK-01", "RMP-CHK-06", "RMP-CHK-08", "RMP-CHK-09", "RMP-CHK-10", "RMP-CHK-15",
                                     "RMP-CHK-17", "RMP-VPL-01", "RMP-VPL-02", "RMP-VPL-03", "RMP-FLT-05"};
  return name.starts_with("RMP-") && std::ranges::find(of_references, name) == of_references.end();
}

/// Whether a rule is one of the firmware's cryptography: sessions, measurements, messages, reports.
inline auto is_protection_rule(rule id) -> bool { return id >= rule::FW_CRY_01 && id <= rule::FW_MSG_32; }

/// Whether a rule speaks of the SVSM, or of what VMPL keys and reports are to it.
inline auto is_svsm_rule(std::string_view name) -> bool {
  return name.starts_with("SVSM-") || name == "VMPL-11" || name == "VMPL-12" || name == "VMPL-13" ||
         name == "VMPL-SW-06";
}
/// Whether a rule speaks of the virtual AMD-SP, or of attestation across levels.
inline auto is_vsp_rule(std::string_view name) -> bool {
  for (const std::string_view family : {"NEST-VSP-", "NES-SP-", "NES-ATT-", "NES-ASID-"})
    if (name.starts_with(family)) return true;
  return false;
}

/// Whether a rule speaks of the world switch.
inline auto is_switch_rule(std::string_view name) -> bool {
  if (is_svsm_rule(name)) return false;
  for (const std::string_view family :
       {"WSW-RUN-", "WSW-ST-", "WSW-AE-", "WSW-RVC-", "WSW-INJ-06", "VC-HW-", "LAY-VMCB-", "VMPL-"})
    if (name.starts_with(family)) return true;
  return false;
}

/// Whether a rule speaks of the GHCB protocols, page conversion, #VC handlers or injected events.
inline auto is_protocol_rule(std::string_view name) -> bool {
  if (is_switch_rule(name)) return false;
  for (const std::string_view family : {"GHCB-", "PST-", "VC-", "WSW-INJ-"})
    if (name.starts_with(family)) return true;
  return false;
}

/// Whether a rule speaks of migration, a hypervisor's ASIDs, large pages as a policy, or statistics.
inline auto is_migration_rule(std::string_view name) -> bool {
  return name.starts_with("MIG-") || name.starts_with("STA-") || name == "ENC-ASID-13";
}

/// The guards and effects that are table rules, or those that are neither table nor protocol, SVSM,
/// world switch or firmware rules.
inline auto conditions(bool of_the_table) -> std::set<rule> {
  std::set<rule> found;
  for (const rule_info& row : rule_registry) {
    if (row.kind == rule_kind::definition || is_protocol_rule(row.name) || is_switch_rule(row.name) ||
        is_svsm_rule(row.name) || is_firmware_rule(row.name) || is_protection_rule(row.id) ||
        is_nested_rule(row.name) || is_migration_rule(row.name))
      continue;
    if (is_table_rule(row.name) == of_the_table) found.insert(row.id);
  }
  return found;
}

/// The guards and effects of the virtual AMD-SP and of attestation across levels.
inline auto vsp_conditions() -> std::set<rule> {
  std::set<rule> found;
  for (const rule_info& row : rule_registry)
    if (row.kind != rule_kind::definition && is_vsp_rule(row.name)) found.insert(row.id);
  return found;
}
/// The guards and effects of migration, or of statistics.
inline auto migration_conditions(bool of_statistics) -> std::set<rule> {
  std::set<rule> found;
  for (const rule_info& row : rule_registry)
    if (row.kind != rule_kind::definition && is_migration_rule(row.name) &&
        std::string_view(row.name).starts_with("STA-") == of_statistics)
      found.insert(row.id);
  return found;
}

/// The guards and effects of the world switch.
inline auto switch_conditions() -> std::set<rule> {
  std::set<rule> found;
  for (const rule_info& row : rule_registry)
    if (row.kind != rule_kind::definition && is_switch_rule(row.name)) found.insert(row.id);
  return found;
}

/// The guards and effects of the SVSM.
inline auto svsm_conditions() -> std::set<rule> {
  std::set<rule> found;
  for (const rule_info& row : rule_registry)
    if (row.kind != rule_kind::definition && is_svsm_rule(row.name)) found.insert(row.id);
  return found;
}
/// The guards and effects of nested virtualization, without the virtual AMD-SP.
inline auto nested_conditions() -> std::set<rule> {
  std::set<rule> found;
  for (const rule_info& row : rule_registry)
    if (row.kind != rule_kind::definition && is_nested_rule(row.name) && !is_vsp_rule(row.name)) found.insert(row.id);
  return found;
}

/// The guards and effects that are protocol rules.
inline auto protocol_conditions() -> std::set<rule> {
  std::set<rule> found;
  for (const rule_info& row : rule_registry)
    if (row.kind != rule_kind::definition && is_protocol_rule(row.name)) found.insert(row.id);
  return found;
}

/// The guards and effects of the firmware's commands. Those of its cryptography have vectors instead.
/// @param of_snp  of the commands of SEV-SNP; else all others
inline auto firmware_conditions(bool of_snp) -> std::set<rule> {
  constexpr std::array cryptographic{"FW-MSG-23", "FW-MSG-32"};
  std::set<rule> found;
  for (const rule_info& row : rule_registry) {
    const std::string_view name = row.name;
    if (row.kind == rule_kind::definition || !is_firmware_rule(name)) continue;
    if (name.starts_with("FW-CRY-") || name.starts_with("FW-LD-")) continue;
    if (std::ranges::find(cryptographic, name) != cryptographic.end()) continue;
    const bool snp = name.starts_with("FW-SNP-") || name.starts_with("FW-MSG-") || name == "FW-PGS-06" ||
                     name == "FW-GCTX-02" || name == "FW-ST-02" || name == "FW-PLAT-13";
    if (snp == of_snp) found.insert(row.id);
  }
  return found;
}

inline auto names_of(const std::set<rule>& rules) -> std::string {
  std::string names;
  for (const rule id : rules) names += std::string(" ") + name_of(id);
  return names;
}

inline auto missing(const std::set<rule>& wanted, const std::set<rule>& found) -> std::set<rule> {
  std::set<rule> rest;
  std::ranges::set_difference(wanted, found, std::inserter(rest, rest.end()));
  return rest;
}

}  // namespace sevspec::test

#endif
