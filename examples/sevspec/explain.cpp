// SPDX-License-Identifier: MIT
// sevspec explain: what one rule says, where it is written, what enforces it, and which attacks it stops.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "attacks.hpp"
#include "commands.hpp"
#include "input.hpp"
#include "rule_text.hpp"

namespace sevspec::tool {

namespace {

constexpr std::size_t line_width = 100;
constexpr std::size_t label_width = 15;

constexpr std::uint64_t host_registers = 1;  ///< making a regime of CR0, CR3, CR4, EFER
constexpr std::uint64_t vmrun = 2;           ///< making a regime of the VMCB
constexpr std::uint64_t host_walk = 4;
constexpr std::uint64_t guest_walk = 8;
constexpr std::uint64_t nested_walk = 16;
constexpr std::uint64_t layouts = 32;
constexpr std::uint64_t ciphers = 64;
constexpr std::uint64_t translations = 128;  ///< what a TLB keeps, and what drops it
constexpr std::uint64_t shadowing = 256;     ///< L0's part of nested translation
constexpr std::uint64_t controller = 512;
constexpr std::uint64_t caches = 1024;
constexpr std::uint64_t asids = 2048;
constexpr std::uint64_t devices = 4096;
constexpr std::uint64_t ownership = 8192;
constexpr std::uint64_t host_instructions = 0x4000;   ///< RMPUPDATE, PSMASH, RMPREAD, RMPOPT
constexpr std::uint64_t guest_instructions = 0x8000;  ///< RMPADJUST, PVALIDATE, RMPQUERY
constexpr std::uint64_t rmp_tables = 0x1'0000;        ///< where entries lie and what they say
constexpr std::uint64_t vmrun_pages = 0x2'0000;
constexpr std::uint64_t advice = 0x4'0000;
constexpr std::uint64_t page_commands = 0x8'0000;
constexpr std::uint64_t legacy_crypto = 0x10'0000;  ///< sessions, packets, certificates of legacy SEV
constexpr std::uint64_t measurements = 0x20'0000;
constexpr std::uint64_t messages = 0x40'0000;
constexpr std::uint64_t attestation = 0x80'0000;
constexpr std::uint64_t dispatcher = 0x100'0000;
constexpr std::uint64_t legacy_commands = 0x200'0000;
constexpr std::uint64_t snp_commands = 0x400'0000;
constexpr std::uint64_t ghcb_protocol = 0x800'0000;
constexpr std::uint64_t page_conversion = 0x1000'0000;
constexpr std::uint64_t vc_handlers = 0x2000'0000;
constexpr std::uint64_t world_switch = 0x4000'0000;
constexpr std::uint64_t svsm_calls = 0x8000'0000;
constexpr std::uint64_t nested = 0x1'0000'0000;  ///< hypervisors that are guests
constexpr std::uint64_t virtual_sp = 0x2'0000'0000;
constexpr std::uint64_t hypervisors = 0x4'0000'0000;
constexpr std::uint64_t rmp_instructions = host_instructions | guest_instructions;
constexpr std::uint64_t any_registers = host_registers | vmrun;
constexpr std::uint64_t any_walk = host_walk | guest_walk | nested_walk;

/// Who enforces the rules whose IDs begin so; the longest beginning counts.
constexpr struct {
  std::string_view beginning;
  std::uint64_t operations;
} enforced_by[] = {
    {"PAG-MODE", any_walk},
    {"PAG-MODE-01", host_walk | guest_walk},
    {"PAG-MODE-04", any_registers},
    {"PAG-MODE-06", guest_walk},
    {"PAG-CAN", host_walk | guest_walk},
    {"PAG-CR3", any_registers},
    {"PAG-CR3-02", vmrun},
    {"PAG-ENT", any_walk},
    {"PAG-RSV", any_walk},
    {"PAG-RSV-03", host_walk | nested_walk},
    {"PAG-RSV-04", host_walk | nested_walk},
    {"PAG-RSV-05", guest_walk},
    {"PAG-RSV-06", guest_walk},
    {"PAG-RSV-09", guest_walk},
    {"PAG-RSV-11", nested_walk},
    {"PAG-PERM", host_walk | guest_walk},
    {"PAG-PERM-08", any_walk},
    {"PAG-PERM-09", any_registers},
    {"PAG-PF", host_walk | guest_walk},
    {"PAG-PRI", any_walk},
    {"PAG-PRI-01", host_walk | guest_walk},
    {"PAG-PRI-04", guest_walk | nested_walk},
    {"PAG-AD", any_walk},
    {"PAG-AD-07", host_walk | guest_walk},
    {"PAG-SYSCFG", any_registers},
    {"PAG-SEVEN", vmrun},
    {"PAG-ENC", any_walk},
    {"PAG-ENC-CR3", any_registers},
    {"PAG-ENC-03", guest_walk},
    {"PAG-ENC-04", nested_walk},
    {"PAG-ENC-05", guest_walk},
    {"PAG-ENC-06", host_walk},
    {"PAG-KEY", guest_walk},
    {"PAG-KEY-01", any_walk},
    {"PAG-KEY-02", host_walk},
    {"PAG-KEY-04", nested_walk},
    {"PAG-KEY-07", nested_walk},
    {"PAG-NPT", nested_walk},
    {"PAG-NPT-01", vmrun},
    {"PAG-NPT-02", vmrun},
    {"PAG-NPT-05", vmrun},
    {"PAG-NPT-10", guest_walk},
    {"PAG-NPT-15", guest_walk},
    {"PAG-NPT-18", guest_walk},
    {"PAG-NPT-19", guest_walk},
    {"PAG-ASID", translations},
    {"PAG-ASID-01", vmrun},
    {"PAG-TLB", translations},
    {"PAG-VTOM", guest_walk},
    {"PAG-VTOM-04", translations},
    {"PAG-GMET", nested_walk},
    {"PAG-SSS", nested_walk},
    {"PAG-MT", guest_walk | host_walk},
    {"PAG-CPUID", any_registers},
    {"PAG-SEVST", vmrun},
    {"PAG-COH", caches},
    {"PAG-COH-04", translations},
    {"PAG-COH-05", guest_walk},
    {"PAG-RMPS", ownership | any_walk},
    {"PAG-L2", shadowing},
    {"PAG-CNT-03", shadowing},
    {"PAG-L2C-07", shadowing | nested},
    {"NES", nested},
    {"RMP-NST", nested},
    {"RMP-CHK", ownership},
    {"RMP-CHK-09", translations | guest_walk},
    {"RMP-CHK-17", devices},
    {"RMP-VPL", ownership},
    {"RMP-VPL-03", ownership | guest_walk | vmrun},
    {"RMP-FLT", ownership},
    {"RMP-GEO", rmp_tables},
    {"RMP-GEO-04", ownership},
    {"RMP-GEO-16", host_instructions | ownership},
    {"RMP-SEG", rmp_tables},
    {"RMP-ENT", rmp_tables},
    {"RMP-STA", rmp_tables},
    {"RMP-STA-03", host_instructions},
    {"RMP-INS", rmp_instructions},
    {"RMP-INS-09", host_instructions},
    {"RMP-RUD", host_instructions},
    {"RMP-UPD", host_instructions},
    {"RMP-SMH", host_instructions},
    {"RMP-RDD", host_instructions},
    {"RMP-OPT", host_instructions},
    {"RMP-QRY", guest_instructions},
    {"RMP-ADJ", guest_instructions},
    {"RMP-PVL", guest_instructions},
    {"RMP-TRN", rmp_instructions},
    {"RMP-TRN-10", page_commands},
    {"RMP-TRN-11", page_commands},
    {"RMP-VMR", vmrun_pages},
    {"RMP-VMR-05", vmrun_pages | host_instructions},
    {"RMP-ERR", ownership},
    {"RMP-KVM", advice},
    {"PAG-NPF", nested_walk},
    {"PAG-NPF-01", guest_walk | nested_walk},
    {"PAG-NPF-03", guest_walk | nested_walk},
    {"PAG-CNT", guest_walk | nested_walk},
    {"LAY", layouts},
    {"ENC-MODE", ciphers},
    {"ENC-MODE-09", controller},
    {"ENC-MODE-10", controller},
    {"ENC-MODE-11", caches},
    {"ENC-KEYSEL", any_walk | controller},
    {"ENC-CT", controller},
    {"ENC-HOST", controller | ownership},
    {"ENC-COH", caches},
    {"ENC-VPF", caches},
    {"ENC-ASID", asids},
    {"ENC-HIDE", controller},
    {"ENC-DMA", devices},
    {"ENC-INT", controller | ownership},
    {"TIO", devices},
    {"FW-ACT", asids},
    {"FW-ASID", asids},
    {"FW-DISP", dispatcher},
    {"FW-DISP-10", dispatcher | page_commands},
    {"FW-DISP-14", dispatcher | page_commands},
    {"FW-ST", dispatcher},
    {"FW-RB", dispatcher},
    {"FW-PLAT", legacy_commands | snp_commands},
    {"FW-GST", legacy_commands},
    {"FW-POL", legacy_commands},
    {"FW-SEV", legacy_commands},
    {"FW-TWK", legacy_commands | snp_commands},
    {"FW-PGS", snp_commands},
    {"FW-GCTX", snp_commands},
    {"FW-SNP", snp_commands},
    {"FW-CRY", legacy_crypto},
    {"FW-CRY-10", measurements},
    {"FW-LD", measurements},
    {"FW-MSG", messages | snp_commands},
    {"FW-MSG-21", attestation},
    {"FW-MSG-23", attestation},
    {"FW-MSG-24", attestation},
    {"FW-MSG-32", attestation},
    {"FW-SNP-PRC", page_commands},
    {"FW-SNP-USM", page_commands},
    {"FW-SNP-PSS", page_commands},
    {"GHCB", ghcb_protocol},
    {"PST", page_conversion},
    {"VC", vc_handlers},
    {"VC-HW", world_switch},
    {"WSW", world_switch},
    {"VMPL", world_switch},
    {"VMPL-11", svsm_calls},
    {"VMPL-12", svsm_calls},
    {"VMPL-13", svsm_calls},
    {"VMPL-SW-06", svsm_calls},
    {"SVSM", svsm_calls},
    {"WSW-INJ-07", world_switch | vc_handlers},
    {"LAY-VMCB-09", layouts | world_switch},
    {"NES-SP", virtual_sp},
    {"NES-ATT", virtual_sp},
    {"NES-ASID", virtual_sp | nested},
    {"NEST-VSP", virtual_sp},
    {"ENC-ASID-13", hypervisors},
    {"MIG", hypervisors},
    {"STA", hypervisors},
};

constexpr struct {
  std::uint64_t operation;
  const char* text;
} operation_texts[] = {
    {host_registers, "control registers of the host (paging::make_host_regime)"},
    {vmrun, "VMRUN: the guest's registers and its VMCB (paging::make_two_stage_regime)"},
    {host_walk, "host page walk (paging::walk of an hva)"},
    {guest_walk, "guest page walk (paging::walk of a gva)"},
    {nested_walk, "nested page walk, for guest tables and final addresses (paging::walk_gpa, paging::walk of a gva)"},
    {layouts, "layouts (sevspec/layout/): accessors, descriptions, and the functions beside them"},
    {translations, "what a TLB keeps and what drops it (paging::translate, paging::tlb, paging/tlb_control.hpp)"},
    {shadowing, "L0's part of nested translation (paging::resolve_l2_fault, paging::decide_l2_fault)"},
    {controller, "the memory controller (memory::controller)"},
    {caches, "caches and what flushes them (memory::cached_memory, memory::vm_page_flush)"},
    {asids, "ASIDs and their states (memory/asid_ranges.hpp, asid_states.hpp, asid_activation.hpp)"},
    {devices, "references of devices (memory::dma_read, memory::dma_write, memory/trusted_device.hpp)"},
    {ownership, "the ownership check of a reference (rmp::check_access)"},
    {host_instructions, "RMPUPDATE, PSMASH, RMPREAD, RMPOPT (rmp::rmpupdate, psmash, rmpread, rmpopt)"},
    {guest_instructions, "RMPADJUST, PVALIDATE, RMPQUERY (rmp::rmpadjust, pvalidate, rmpquery)"},
    {rmp_tables, "where entries lie and what they say (rmp/geometry.hpp, raw_entry.hpp, page_state.hpp)"},
    {vmrun_pages, "pages that VMRUN, VMSAVE and VM_HSAVE_PA use (rmp/vmrun_pages.hpp)"},
    {advice, "advice to hypervisors (rmp/advice.hpp): no architecture"},
    {page_commands, "firmware commands on page states (firmware/page_commands.hpp)"},
    {dispatcher, "the firmware's mailbox and rings (firmware::execute, firmware/ring_buffer.hpp)"},
    {legacy_commands, "commands of SEV and SEV-ES (firmware/legacy_platform.hpp, legacy_launch.hpp and others)"},
    {snp_commands, "commands of SEV-SNP (firmware/snp_init.hpp, snp_launch.hpp and others)"},
    {legacy_crypto,
     "sessions, packets and certificates of legacy SEV (firmware/legacy_*.hpp, secret_table.hpp, crypto/)"},
    {measurements, "launch measurements (firmware/launch_digest.hpp, legacy_measurement.hpp, guest_image/)"},
    {messages, "guest messages (firmware/guest_message.hpp)"},
    {attestation,
     "keys and reports (firmware/endorsement_key.hpp, derived_key.hpp, report_signature.hpp, report_check.hpp)"},
    {ghcb_protocol, "the GHCB protocols (ghcb::vmgexit, ghcb::ask, ghcb/page_guest.hpp, page_state_change.hpp)"},
    {page_conversion, "conversion of pages (ghcb/page_conversion.hpp, ghcb/conversion_check.hpp)"},
    {vc_handlers, "checks of #VC handlers (ghcb::judge_vc, ghcb/guest_cpuid.hpp, verify::check_vc_handler)"},
    {svsm_calls, "SVSM: calls and what guests and verifiers make of them (svsm::enter, svsm::call, svsm/)"},
    {world_switch, "VMRUN, events of guests and #VMEXIT (cpu::vmrun, cpu::on_guest_event, cpu::vmexit)"},
    {nested,
     "hypervisors that are guests (sevspec/nested/): nested::request_vmrun, on_l2_exit, virt_rmpupdate, synchronise"},
    {virtual_sp, "the virtual AMD-SP, and attestation across levels (nested::execute, nested/attestation_chain.hpp)"},
    {hypervisors,
     "what hypervisors do with guests (sevspec/migration/), and what figures can be true (sevspec/statistics/)"},
    {ciphers, "memory ciphers (crypto::aes128_xe, crypto::aes128_xex, crypto::aes256_xts)"},
};

[[nodiscard]] auto operations_of(std::string_view id) -> std::uint64_t {
  std::uint64_t operations = 0;
  std::size_t longest = 0;
  for (const auto& row : enforced_by) {
    if (!id.starts_with(row.beginning) || row.beginning.size() <= longest) continue;
    operations = row.operations;
    longest = row.beginning.size();
  }
  return operations;
}

[[nodiscard]] auto text_of(rule_kind kind) -> const char* {
  switch (kind) {
    case rule_kind::guard:      return "guard: it can deny, and can be switched off";
    case rule_kind::effect:     return "effect: it acts under a condition, and can be switched off";
    case rule_kind::definition: return "definition: it holds always (a layout, an order, a formula)";
  }
  return "?";
}

[[nodiscard]] auto text_of(confidence trust) -> const char* {
  switch (trust) {
    case confidence::high:   return "high: the manual's text, or two independent sources that agree";
    case confidence::medium: return "medium: one source";
    case confidence::low:    return "low: inferred; implementation_choices has the alternatives";
  }
  return "?";
}

void print_field(std::string_view label, std::string_view text) {
  fmt::print("  {:{}}{}\n", label, label_width - 2, wrapped(text, line_width, label_width));
}

void explain(const rule_info& rule) {
  fmt::print("{}\n  {}\n\n", rule.name, wrapped(rule.text, line_width, 2));
  print_field("source", rule.source);
  print_field("area", area_of(rule));
  print_field("kind", text_of(rule.kind));
  print_field("confidence", text_of(rule.trust));
  const std::uint64_t operations = operations_of(rule.name);
  std::string_view label = "enforced by";
  for (const auto& [operation, text] : operation_texts) {
    if ((operations & operation) == 0) continue;
    print_field(label, text);
    label = "";
  }
  label = "stops";
  for (const std::string& attack : attacks_stopped_by(rule.name)) {
    print_field(label, attack);
    label = "";
  }
}

[[nodiscard]] auto run(const std::string& id) -> int {
  if (names_attack(id)) {
    explain_attacks(id);
    return 0;
  }
  const auto found = find_rules(id);
  for (const rule_info* rule : found) {
    if (rule != found.front()) fmt::print("\n");
    explain(*rule);
  }
  return 0;
}

}  // namespace

void add_explain(CLI::App& program, action& chosen) {
  const auto id = std::make_shared<std::string>();
  CLI::App& command =
      *program.add_subcommand("explain", "Explain one rule: text, source, and what enforces it; or an attack");
  command.add_option("ID", *id, "A rule (PAG-NPT-11), a group of rules (PAG-NPT), or an attack (ATK-06)")->required();
  command.callback([id, &chosen] { chosen = [id] { return run(*id); }; });
}

}  // namespace sevspec::tool
