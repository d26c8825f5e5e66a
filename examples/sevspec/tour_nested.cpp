// SPDX-License-Identifier: MIT
// sevspec tour, part 6: a confidential guest that is a hypervisor itself, and its confidential guests, in both ways.
#include "tour_nested.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <sevspec/nested/configuration.hpp>
#include <sevspec/nested/events.hpp>
#include <sevspec/nested/stock_hypervisor.hpp>

#include "rule_text.hpp"
#include "tour_nested_world.hpp"

namespace sevspec::tool {

namespace {

using nested::event_kind;
using nested::guest_kind;
using nested::mode;
using nested::viewer;

[[nodiscard]] auto text_of(std::span<const std::uint8_t> bytes) -> std::string {
  std::string made;
  bool readable = true;
  for (const std::uint8_t one : bytes) {
    readable = readable && one >= 0x20 && one < 0x7f;
    if (made.size() < 16) made += fmt::format("{:02x}", one);
  }
  return readable ? '"' + std::string(bytes.begin(), bytes.end()) + '"' : made + "..";
}

void print_paragraph(const std::string& text) { fmt::print("{}\n", wrapped(text, line_width, 0)); }

void introduce(checker& verdict) {
  fmt::print("sevspec tour, part 6: guests inside guests\n\n");
  print_paragraph("L0 is a host, and L1 its confidential guest: L0 cannot read L1's memory. Now L1 is a hypervisor, "
                  "and has guests of its "
                  "own, L2a and L2b, which are to be confidential, too. Hypervisors as they are refuse:");
  context<> ctx;
  const auto loaded = nested::load_kvm(ctx, {.kind = guest_kind::snp, .svm_in_cpuid = true});
  fmt::print("  Linux in L1: \"{}\"\n", loaded ? "loaded" : loaded.error().message);
  verdict.check(!loaded, "KVM does not load in L1.");
  fmt::print("\nNested SEV does it in two ways. Who has the key, can read:\n\n");
  fmt::print("        SEV virtualization                         SEV passthrough\n\n"
             "     L2a          L2b                           L2a          L2b\n"
             "    key 9        key 10                        key 5        key 5\n"
             "  +---------------------+                    +---------------------+\n"
             "  | L1   hypervisor     |  key 5             | L1   hypervisor     |  key 5\n"
             "  +---------------------+                    +---------------------+\n"
             "  | L0   host           |  no key            | L0   host           |  no key\n"
             "  +---------------------+                    +---------------------+\n"
             "  L2 is safe from L0 and from L1;            L2 is safe from L0, and trusts L1;\n"
             "  L1 has a virtual AMD-SP                    L1 launches its guests alone\n");
}

/// One guest's launch and first steps.
void tell_life(nested_tour_world& w, checker& verdict) {
  const bool virt = w.how() == mode::virt;
  fmt::print("\nL1 launches a guest under SEV {}\n", virt ? "virtualization" : "passthrough");
  print_paragraph(virt ? "L1 may not execute RMPUPDATE, which gives pages to guests. It writes to an MSR instead, and "
                         "L0 executes it, with "
                         "the machine's ASID and address in place of L1's. (What the AMD-SP does is in part 3.)"
                       : "With one key for both, L1 writes the guest's memory itself, and the guest sees each page at "
                         "L1's own gPA.");
  w.launch(1);
  w.launch(2);
  for (const nested_tour_world::page_story& one : w.pages_of(1))
    fmt::print("  L1 gPA {:#x}  {:14}  the machine's owner: ASID {}, gPA {:#x}, {}\n", one.in_l1,
               virt ? fmt::format("to \"ASID {}\"", one.named) : std::string("written by L1"), one.owner, one.guest,
               one.state);
  verdict.check(w.pages_of(1).front().owner == (virt ? 9U : 5U),
                virt ? "What L1 calls ASID 1 is ASID 9 on the machine." : "The pages stay L1's: ASID 5.");

  fmt::print("\nThe guest runs, and reads its first page\n");
  const auto run = w.first_read(1);
  fmt::print("  L1 -> L0   VMRUN, with the guest's VMCB in memory that both read\n"
             "  L0 -> L2   VMRUN, with a VMCB that L0 has made of it: ASID {}\n"
             "  L2         reads gPA {:#x}: #NPF, for L0 has nothing in its table for L2 yet\n"
             "  L0         L1's table: gPA {:#x} of L2 is gPA {:#x} of L1; its own: that is sPA {:#x}\n"
             "  L0 -> L2   VMRUN, with this page in the table that hardware walks\n"
             "  L2         reads {}\n",
             run.id, run.at, run.at, run.in_l1, run.where, text_of(run.seen));
  verdict.check(run.exits == 1 && run.seen == nested_tour_world::secret() && run.composed,
                "One exit, which L1 does not see; afterwards none. The table is that of L1 and L0 in one.");
  fmt::print("  in memory  {}\n", text_of(w.raw(1)));
  fmt::print("  L0 reads   {}\n", text_of(w.read_by_l0(1)));
  const auto by_l1 = w.read_by_l1(1);
  fmt::print("  L1 reads   {}\n", by_l1 ? text_of(*by_l1) : "nothing: #NPF, the page is not L1's");
  verdict.check(w.read_by_l0(1) != nested_tour_world::secret() && (by_l1 == nested_tour_world::secret()) == !virt,
                virt ? "Neither L0 nor L1 has read the secret." : "L0 has not read the secret. L1 may.");

  fmt::print("\nThe guest halts: L1 is told, and nobody else learns what it did\n");
  const auto count = w.halt_and_return(1);
  fmt::print("  L2 -> L0   HLT: exit         L0 -> L1   VMRUN: the exit, in L1's VMCB\n"
             "  L1 -> L0   VMRUN: exit       L0 -> L2   VMRUN\n");
  verdict.check(count.exits == 2 && count.vmruns == 2 && !count.registers_seen,
                "2 exits and 2 VMRUNs, where a guest of L0's has 1 and 1. No register of L2 was in a VMCB.");
  print_rule(rule::NES_CNT_01);
}

void show_matrix(checker& verdict) {
  fmt::print("\nWho can read and write what: every cell is tried\n\n");
  print_paragraph(
      "P plaintext, read and write. C ciphertext, read alone; c the same, and a write destroys. G garbage. X "
      "nothing. R "
      "read alone. Two letters: with | without the C-bit. In parentheses: nothing is mapped; what a mapping would "
      "give.");
  std::vector<std::string> open_to_l0;
  std::size_t cells = 0;
  for (const guest_kind variant : {guest_kind::snp, guest_kind::sev_es})
    for (const mode how : {mode::virt, mode::pass}) {
      nested_tour_world w(how, variant);
      w.visit(1);
      w.visit(2);
      fmt::print("\n  {:26}", fmt::format("SEV-{}, {}", variant == guest_kind::snp ? "SNP" : "ES",
                                          how == mode::virt ? "virtualization" : "passthrough"));
      for (std::size_t i = 0; i < nested::viewers; ++i) fmt::print("{:>9}", name_of(static_cast<viewer>(i)));
      fmt::print("\n");
      for (const auto& [name, row] : w.matrix()) {
        fmt::print("  {:26}", name);
        for (const nested::matrix_cell& cell : row) fmt::print("{:>9}", cell.text());
        fmt::print("\n");
        cells += row.size();
        const bool in_the_open = name.find("in the open") != std::string::npos;
        const bool read = row[static_cast<unsigned>(viewer::l0)].best() == 'P' ||
                          row[static_cast<unsigned>(viewer::another_l1)].best() == 'P';
        if (read != in_the_open) open_to_l0.push_back(name);
      }
    }
  fmt::print("\n");
  verdict.check(open_to_l0.empty(),
                fmt::format("{} cells: L0 and other guests read what L1 leaves in the open, and nothing else.", cells));
}

void show_events(checker& verdict) {
  fmt::print("\nWhat it costs, in events: four pages touched, three halts\n\n");
  struct column {
    const char* name;
    mode how;
    guest_kind variant;
  };
  constexpr std::array columns{
      column{"none", mode::plain, guest_kind::plain}, column{"v-SEV", mode::virt, guest_kind::sev},
      column{"v-ES", mode::virt, guest_kind::sev_es}, column{"v-SNP", mode::virt, guest_kind::snp},
      column{"p-SEV", mode::pass, guest_kind::sev},   column{"p-ES", mode::pass, guest_kind::sev_es},
      column{"p-SNP", mode::pass, guest_kind::snp}};
  std::vector<nested::event_counter> counts;
  for (const column& one : columns) counts.push_back(nested_tour_world(one.how, one.variant).life_in_events());
  fmt::print("  {:40}", "v virtualization, p passthrough");
  for (const column& one : columns) fmt::print("{:>8}", one.name);
  fmt::print("\n");
  for (std::size_t i = 0; i < static_cast<std::size_t>(event_kind::count_); ++i) {
    const auto kind = static_cast<event_kind>(i);
    bool any = false;
    for (const auto& count : counts) any = any || count[kind] != 0;
    if (!any) continue;
    fmt::print("  {:40}", name_of(kind));
    for (const auto& count : counts) fmt::print("{:>8}", count[kind]);
    fmt::print("\n");
  }
  fmt::print("  {:40}", "reads of tables by hardware");
  for (const auto& count : counts) fmt::print("{:>8}", count.table_reads());
  fmt::print("\n");
  bool same = true;
  for (const auto& count : counts) same = same && count[event_kind::exit_l2] == 7;
  verdict.check(same && counts[3][event_kind::virt_rmpupdate] == 5 && counts[6][event_kind::virt_rmpupdate] == 0,
                "The same exits of L2 for all; SEV-SNP virtualization asks L0 for 5 pages more.");
}

}  // namespace

void show_nested(checker& verdict) {
  introduce(verdict);
  for (const mode how : {mode::virt, mode::pass}) {
    nested_tour_world w(how, guest_kind::snp);
    tell_life(w, verdict);
  }
  show_matrix(verdict);
  show_events(verdict);
}

}  // namespace sevspec::tool
