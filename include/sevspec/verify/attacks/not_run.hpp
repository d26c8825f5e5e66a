// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_ATTACKS_NOT_RUN_HPP
#define SEVSPEC_VERIFY_ATTACKS_NOT_RUN_HPP

#include <array>

namespace sevspec::inline v0::verify::attacks {

/// A published attack that is no script here, and why.
struct attack_not_run {
  const char* id;
  const char* name;
  const char* why;
};

inline constexpr std::array attacks_not_run{
    attack_not_run{
        "ATK-19", "RMPocalypse (CVE-2025-0033)",
        "Which of a core's writes may land while SNP_INIT runs is not published; ATK-20 has the same effect."},
    attack_not_run{"ATK-21", "STALEUS (CVE-2025-54509)",
                   "The AMD-SP of the library sees memory as it is; which of its reads are coherent is not published."},
    attack_not_run{"ATK-26", "Secure TSC fault (CVE-2023-31347)",
                   "A wrong value, and no rule that it breaks was published."},
    attack_not_run{"ATK-37", "Results of #VC",
                   "What a guest believes is the guest's; verify/vc_conformance.hpp tests handlers."},
    attack_not_run{"ATK-38", "ACPI code of the host's (BadAML)", "It runs inside the guest, with the guest's rights."},
    attack_not_run{"ATK-54", "GHCB double fetch (CVE-2023-4155)",
                   "A guest against its host; ghcb/fetch_monitor.hpp finds hypervisors that read twice."},
    attack_not_run{"ATK-55", "SMM (CVE-2023-31315)", "SMM is the host to the Reverse Map Table: see ATK-06."},
    attack_not_run{"ATK-57", "StackWarp (CVE-2025-29943)",
                   "What the undocumented bit does to the stack engine is below the architecture."},
    attack_not_run{"ATK-60", "Passthrough: L0 gives L1's nested table to L2",
                   "Works, as predicted: one key, one owner. A test: nested/visibility_matrix, nested/virtual_rmp."},
    attack_not_run{"ATK-61", "L0 answers exits of L2's itself",
                   "Works, but not for what L1 and L2 encrypt. A test: nested/switches."},
    attack_not_run{"ATK-62", "L0 changes L1's nested tables and VMCBs",
                   "No more than changing its own: the table of the machine decides. A test: nested/shadow."},
    attack_not_run{"ATK-63", "L1 reads its guest's memory",
                   "#NPF with the RMP bit, garbage or ciphertext. A test: nested/visibility, nested/shadow."},
    attack_not_run{
        "ATK-64", "A guest of L1's reads another",
        "Keys and the table of the machine hold; with passthrough L1 alone. A test: nested/visibility_matrix."},
    attack_not_run{"ATK-65", "L1 gives one ASID to two guests",
                   "The map of ASIDs refuses. A test: nested/virtual_rmp, nested/identity_map."},
    attack_not_run{"ATK-66", "Changes of a virtual Reverse Map Table",
                   "Nobody but its owner believes it. A test: nested/virtual_rmp."},
    attack_not_run{"ATK-67", "A forged report by a virtual AMD-SP",
                   "Reports are the chip's, or hang on L1's report. A test: nested/attestation_chain."},
    attack_not_run{"ATK-68", "L1 changes its nested table without a flush",
                   "L2 keeps the old page until the flush, as on the machine. A test: nested/shadow."},
    attack_not_run{"ATK-69", "A bitmap that lies, at migration",
                   "Garbage at the target, and no plaintext on the way. A test: migration/sev_transfer."},
    attack_not_run{"", "Caches, prefetching, power, counters, TLB and table timing, latencies of single steps",
                   "The library has no time."},
    attack_not_run{"", "Voltage glitches, fuses, electromagnetic emanation, Rowhammer",
                   "Faults of the silicon, not of the architecture; raw memory is `controller::inject`."},
    attack_not_run{"", "Forged microcode, boot ROMs, memory corruption in the AMD-SP's firmware, SMBus, BMC",
                   "Code below the interfaces that the library describes."},
    attack_not_run{"", "Denial of service", "The hypervisor may stop a guest at any time."},
};

}  // namespace sevspec::inline v0::verify::attacks

#endif
