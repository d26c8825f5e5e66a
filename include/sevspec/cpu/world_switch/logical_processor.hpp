// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_LOGICAL_PROCESSOR_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_LOGICAL_PROCESSOR_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <sevspec/base/address.hpp>
#include <sevspec/base/generation.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/cpu/world_switch/clean_bits.hpp>
#include <sevspec/cpu/world_switch/guest_tsc.hpp>
#include <sevspec/cpu/world_switch/register_protection.hpp>
#include <sevspec/cpu/world_switch/swapped_registers.hpp>
#include <sevspec/cpu/world_switch/vmsa_integrity.hpp>
#include <sevspec/layout/codes/exit_codes.hpp>
#include <sevspec/layout/exit_info.hpp>
#include <sevspec/layout/vmsa.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/paging/control_registers.hpp>
#include <sevspec/paging/two_stage_regime.hpp>
#include <sevspec/rmp/page_range.hpp>
#include <sevspec/rmp/store.hpp>

namespace sevspec::inline v0::cpu {

/// How much of a guest is hidden from the hypervisor.
enum class guest_kind : std::uint8_t { plain, sev, sev_es, snp };

/// Whether a guest's registers live in a VMSA.
[[nodiscard]] constexpr auto has_hidden_state(guest_kind kind) noexcept -> bool { return kind >= guest_kind::sev_es; }

/// "plain", "SEV", "SEV-ES" or "SEV-SNP".
[[nodiscard]] constexpr auto name_of(guest_kind kind) noexcept -> const char* {
  switch (kind) {
    case guest_kind::plain:  return "plain";
    case guest_kind::sev:    return "SEV";
    case guest_kind::sev_es: return "SEV-ES";
    case guest_kind::snp:    return "SEV-SNP";
  }
  return "?";
}

/// Why VMRUN did not enter a guest: the EXITCODE, and the rule.
struct vmrun_refusal {
  layout::svm_exit_codes code = layout::svm_exit_codes::invalid;
  rule decided_by = rule::none;
  std::optional<layout::sev_features> features{};  ///< the guest's, where the hypervisor is told of them

  friend constexpr auto operator==(const vmrun_refusal&, const vmrun_refusal&) -> bool = default;
};

/// The guest that a processor runs, from VMRUN to #VMEXIT.
struct running_guest {
  guest_kind kind{};
  spa vmcb{};
  memory_key vmcb_key{};
  spa vmsa{};  ///< with hidden state
  asid id{};
  vmpl level{};  ///< VMSA 0CAh: whoever writes the VMSA chooses it
  layout::sev_features features{};
  vmcb_page taken{};     ///< the VMCB as VMRUN has read it, once
  layout::vmsa state{};  ///< what the VMSA holds, in plain; registers are those of the processor meanwhile
  layout::vmsa_vintr_ctrl interrupts{};  ///< virtual interrupts and the interrupt shadow, wherever they are from
  layout::event_injection injected{};    ///< what VMRUN has injected
  std::optional<paging::two_stage_regime>
      regime{};  ///< how the guest's addresses are translated; none without nested paging
  guest_tsc tsc{};
  std::uint64_t ghcb_msr{};                ///< MSR C001_0130 of the guest
  bool ibpb{};                             ///< VMRUN has done an IBPB before the guest's first instruction
  std::array<spa, 5> held{};               ///< pages that are in use until #VMEXIT
  std::array<rmp::page_range, 5> stale{};  ///< for each: pages whose translations no processor may use any longer
  std::size_t held_count{};

  /// The page is in use.
  constexpr void hold(spa where) noexcept { held[held_count++] = where; }
};

/// A logical processor, as far as the world switch knows it. A regular value.
struct logical_processor {
  cpu_part part{};
  std::uint64_t syscfg{};                   ///< MSR C001_0010
  std::uint64_t sev_features = 0x21'ffff;   ///< bits of SEV_FEATURES that the part has
  swap_features swaps{};                    ///< what the part has; what a guest has is not looked at
  spa vm_hsave_pa{};                        ///< MSR C001_0117
  std::uint64_t id = 1;                     ///< what PCPU_ID says after this processor has run a VMSA: not 0
  std::uint64_t tlb_id = 1;                 ///< what TLB_ID says: another one after its translations were dropped
  bool ibs_fetch{};                         ///< IbsFetchCtl.IbsFetchEn
  bool ibs_op{};                            ///< IbsOpCtl.IbsOpEn
  bool sibling_idle = true;                 ///< the other thread of the core is idle
  bool counters_legal = true;               ///< the performance counters' state suits PMC virtualization
  std::uint64_t tsc_ratio = 0x1'0000'0000;  ///< MSR C000_0104
  std::optional<spa> pml_buffer{};          ///< where page-modification logging is on; the C-bit may be set
  std::optional<spa> ibs_buffer{};          ///< where IBS is virtualized; the C-bit may be set
  bool gif = true;                          ///< the global interrupt flag: set by VMRUN, cleared by #VMEXIT
  std::uint64_t next_nonce = 1;             ///< what the random number generator gives next

  register_file registers{};  ///< the host's, or the guest's while `guest` holds one
  std::optional<running_guest> guest{};
  std::optional<remembered_vmcb> last{};

  [[nodiscard]] constexpr auto snp_enabled() const noexcept -> bool {
    return paging::syscfg::secure_nested_paging_en::test(syscfg);
  }
  /// The C-bit of addresses in registers; 0 while memory encryption is off.
  [[nodiscard]] constexpr auto c_mask() const noexcept -> std::uint64_t {
    return paging::syscfg::mem_encryption_mod_en::test(syscfg) ? std::uint64_t{1} << part.c_bit : 0;
  }
  /// The first address that is none.
  [[nodiscard]] constexpr auto address_limit() const noexcept -> std::uint64_t {
    return std::uint64_t{1} << (part.pa_bits - (c_mask() != 0 ? part.reduction : 0));
  }
};

/// What the world switch uses beside the processor. Everything belongs to the caller.
/// @tparam Memory     bytes behind keys
/// @tparam Store      the Reverse Map Table; counts while SNP is enabled
/// @tparam Tlb        `paging::tlb`, or what has its flushes
/// @tparam Integrity  checksums of SEV-ES VMSAs
template <memory::byte_memory Memory, rmp::writable_store Store, class Tlb, vmsa_integrity Integrity>
struct switch_machine {
  Memory& memory;
  Store& rmp;
  Tlb& tlb;
  Integrity& integrity;
  tweak_bitmap protection{};          ///< which quadwords of the guest's VMSA are protected, from its secrets page
  std::uint64_t tsc_frequency_mhz{};  ///< of the guest, from the firmware
  /// Of the VMSA: its guest has written MSR 10h. Neither the VMSA nor the VMCB says so (WSW-ST-09): who runs a VMSA again
  /// keeps one for it, and #VMEXIT writes there. With none VMRUN takes the counter for one that was not written.
  bool* tsc_written = nullptr;
};

/// The same with its types told by its members.
template <class Memory, class Store, class Tlb, class Integrity>
[[nodiscard]] constexpr auto make_switch_machine(Memory& memory, Store& rmp, Tlb& tlb, Integrity& integrity)
    -> switch_machine<Memory, Store, Tlb, Integrity> {
  return {memory, rmp, tlb, integrity};
}

/// Which key a register's address asks for: the host's with the C-bit, else none.
[[nodiscard]] constexpr auto key_of_host_address(const logical_processor& core, std::uint64_t address) noexcept
    -> memory_key {
  return (address & core.c_mask()) != 0 ? memory_key::host() : memory_key::none();
}

}  // namespace sevspec::inline v0::cpu

#endif
