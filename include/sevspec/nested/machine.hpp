// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_NESTED_MACHINE_HPP
#define SEVSPEC_NESTED_MACHINE_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/physical_memory.hpp>
#include <sevspec/cpu/world_switch/logical_processor.hpp>
#include <sevspec/memory/asid_ranges.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/nested/configuration.hpp>
#include <sevspec/nested/identity_map.hpp>
#include <sevspec/nested/sparse_table.hpp>
#include <sevspec/nested/table_words.hpp>
#include <sevspec/paging/l2_address.hpp>
#include <sevspec/paging/l2_regime.hpp>
#include <sevspec/paging/shadow_fault.hpp>
#include <sevspec/paging/tlb.hpp>
#include <sevspec/paging/two_stage_regime.hpp>
#include <sevspec/rmp/execution.hpp>
#include <sevspec/rmp/guarded_memory.hpp>
#include <sevspec/rmp/store.hpp>

/// A machine with hypervisors below hypervisors. Every part of it is a value that belongs to the caller; what happens to
/// it is in the other headers, one operation each.
///
///     L0.vm1 : ASID, variant, nPT01, vASID -> pASID, virtual table        `l1_vm`
///     L1.vm2 : vASID, mode, nPT12, VMCB12, VMSA                           `l2_vm`: what L1 has decided
///     L0.vm2 : pASID, nPT02 (may be stale), VMCB02, what to synchronise   `l2_vm`: what L0 makes of it
///     real   : Reverse Map Table, keys, DRAM                              `machine`
namespace sevspec::inline v0::nested {

using paging::l2_gpa;

/// Memory of L1's, one piece after the other.
struct ram_range {
  gpa first{};                      ///< as L1 knows it
  spa backing{};                    ///< where L0 has put it: consecutive pages
  std::uint64_t pages{};            ///< of 4K
  page_size size = page_size::k4k;  ///< of the leaves of nPT01

  [[nodiscard]] constexpr auto contains(gpa where) const noexcept -> bool {
    return where.value >= first.value && where.value - first.value < pages * 0x1000;
  }
  friend constexpr auto operator==(const ram_range&, const ram_range&) -> bool = default;
};

/// A leaf of nPT02, and what it was made of.
struct shadow_record {
  paging::shadow_leaf leaf{};
  gpa in_l1{};                        ///< the page's L1 gPA; unused for a reserved leaf
  std::vector<std::uint64_t> from{};  ///< L1 gPAs of the pages of nPT12 on the way

  friend auto operator==(const shadow_record&, const shadow_record&) -> bool = default;
};

/// nPT02 of one L2, and L0's books about it (NES-TR-02).
struct shadow_tables {
  spa root{};
  std::map<std::uint64_t, shadow_record> leaves{};  ///< by L2 gPA of the page
  std::set<std::uint64_t> protected_pages{};        ///< pages of nPT12 that L1 cannot write unseen, by L1 gPA
  std::set<std::uint64_t> unsynchronised{};         ///< pages of nPT12 that L1 may have written since
  bool sync_pending{};                              ///< L1 has asked for a flush: synchronise before L2 runs

  friend auto operator==(const shadow_tables&, const shadow_tables&) -> bool = default;
};

/// A guest of L1's.
struct l2_vm {
  asid virtual_id{};  ///< what L1 calls its ASID
  guest_kind kind{};
  gpa npt12{};             ///< L1 gPA of the root of nPT12
  gpa vmcb12{};            ///< L1 gPA of VMCB12
  spa vmcb02{};            ///< VMCB02: L0's page
  cpu::vmcb_page taken{};  ///< VMCB12 as L0 has read it at L1's last VMRUN, once (FIELD-49)
  shadow_tables shadow{};
  std::vector<gpa> devices{};  ///< L1 gPAs of pages of L0's devices that L1 passes through to it

  friend auto operator==(const l2_vm&, const l2_vm&) -> bool = default;
};

/// A processor of L1's.
struct l1_processor {
  bool snp_en{};  ///< the virtual SYSCFG.SecureNestedPagingEn
  spa vmcb01{};
  std::optional<std::size_t> runs{};  ///< the guest that L1 has asked to run: an index into `guests`

  friend auto operator==(const l1_processor&, const l1_processor&) -> bool = default;
};

/// A guest of L0's that is a hypervisor.
struct l1_vm {
  l1_id number{};
  configuration config{};
  asid id{};        ///< the physical ASID
  cpu_part part{};  ///< as L0 presents it to L1
  spa npt01{};      ///< sPA of the root of nPT01
  std::vector<ram_range> ram{};
  sparse_table<> owners{};    ///< the virtual Reverse Map Table, by L1 gPA (RMP-NST-20)
  bool offers_virtual_rmp{};  ///< CPUID Fn8000_001F EAX[29] as L1 sees it
  std::vector<l1_processor> processors{};
  std::vector<l2_vm> guests{};
  gpa soft_table{};  ///< where L1 has told its AMD-SP that its table is: memory in which it may keep a soft one (RMP-NST-03)
  std::uint64_t soft_table_bytes{};

  [[nodiscard]] auto in_soft_table(gpa where) const noexcept -> bool {
    return where.value >= soft_table.value && where.value - soft_table.value < soft_table_bytes;
  }
  [[nodiscard]] auto range_of(gpa where) const noexcept -> const ram_range* {
    for (const ram_range& one : ram)
      if (one.contains(where)) return &one;
    return nullptr;
  }
  friend auto operator==(const l1_vm&, const l1_vm&) -> bool = default;
};

/// L1's C-bit, which L0 removes from addresses that L1 gives; 0 for an L1 that has none (PAG-L2C-03, PAG-L2C-05).
[[nodiscard]] inline auto c_mask_of(const l1_vm& vm) noexcept -> std::uint64_t {
  return vm.config.of_l1() == guest_kind::plain ? 0 : std::uint64_t{1} << vm.part.c_bit;
}

/// MSR C001_0010 as an L1 sees it: without memory encryption where it has none for itself or its guests.
[[nodiscard]] inline auto virtual_syscfg(const l1_vm& vm, std::uint64_t real) noexcept -> std::uint64_t {
  return vm.config.how == mode::plain ? 0 : real;
}

/// How a part divides the ASIDs of encrypted guests.
[[nodiscard]] constexpr auto ranges_of(const cpu_part& part) noexcept -> memory::asid_ranges {
  return {.highest = part.encrypted_guests, .min_sev = part.min_sev_no_es_asid};
}

/// The whole.
/// @tparam Memory  bytes behind keys, whose qwords walks can read and set bits in: `memory::controller`, or yours
/// @tparam Rmp     the Reverse Map Table; counts while the processor has SNP enabled
/// @tparam Sums    checksums of SEV-ES VMSAs, where nobody can see them
template <memory::byte_memory Memory, rmp::writable_store Rmp, cpu::vmsa_integrity Sums = cpu::stand_in_checksums<32>>
  requires physical_memory<Memory>
struct machine {
  Memory memory;
  Rmp rmp;
  cpu::logical_processor core{};  ///< L0's registers, or those of the guest that runs
  page_pool pool{};               ///< pages of L0's own
  paging::tlb<4, 4, 1024> tlb{};
  Sums checksums{};
  asid_map asids{};
  std::vector<l1_vm> vms{};

  /// What RMP instructions of L0 know of the processor.
  [[nodiscard]] auto processor() const noexcept -> rmp::processor {
    return {.snp_enabled = core.snp_enabled(),
            .guest_address_bits = core.part.pa_bits,
            .highest_asid = core.part.encrypted_guests,
            .c_mask = core.c_mask()};
  }
  /// The memory with the check of ownership.
  [[nodiscard]] auto guarded() -> rmp::guarded_memory<Memory, Rmp> { return {memory, rmp}; }
  /// What VMRUN needs.
  [[nodiscard]] auto switches() { return cpu::make_switch_machine(memory, rmp, tlb, checksums); }
};

/// L0's own tables, in memory without a key.
template <class Memory>
struct host_words {
  Memory& memory;

  [[nodiscard]] auto load(std::uint64_t at) -> std::optional<std::uint64_t> {
    return memory::qword_at(memory, spa{at}, memory_key::none());
  }
  auto store(std::uint64_t at, std::uint64_t value) -> bool {
    return memory::write_qword_at(memory, spa{at}, memory_key::none(), value) == memory::memory_status::ok;
  }
  auto clear(std::uint64_t page) -> bool {
    constexpr std::array<std::uint8_t, 4096> zeros{};
    return memory.write(spa{page}, memory_key::none(), zeros) == memory::memory_status::ok;
  }
};

/// SEV bits of VMCB 090h, with nested paging.
[[nodiscard]] constexpr auto np_control_of(guest_kind kind) noexcept -> std::uint64_t {
  return kind == guest_kind::plain ? 1 : kind == guest_kind::sev ? 3 : 7;
}

/// Under which regime hardware translates the gPAs of a guest of L0's: of L1 with nPT01, of L2 with nPT02. Its own tables
/// are left out: references are given by gPA and C-bit, as they come from there.
/// @param root  of the nested tables, an sPA
template <class Context, class Machine>
[[nodiscard]] auto hardware_regime(Context& ctx, const Machine& m, guest_kind kind, asid id, spa root, vmpl level = {})
    -> paging::two_stage_regime {
  const auto made = paging::make_two_stage_regime(ctx, m.core.part,
                                                  {.host = paging::long_mode_registers(0),
                                                   .syscfg = m.core.syscfg,
                                                   .guest = paging::long_mode_registers(0),
                                                   .ncr3 = root.value,
                                                   .np_control = np_control_of(kind),
                                                   .id = id,
                                                   .sev_features = kind == guest_kind::snp ? 1U : 0U,
                                                   .level = level});
  Expects(made.has_value());
  return *made;
}

/// The same of an L1.
template <class Context, class Machine>
[[nodiscard]] auto l1_regime(Context& ctx, const Machine& m, const l1_vm& vm) -> paging::two_stage_regime {
  return hardware_regime(ctx, m, vm.config.of_l1(), vm.id, vm.npt01);
}

/// The ASID and key under which L0 runs a guest of L1's: L1's own with SEV passthrough (NES-ASID-03), else what stands for
/// L1's name of it (NES-ASID-01).
/// @return NES-ASID-02 if L1's name stands for nothing
template <class Context, class Machine>
[[nodiscard]] auto physical_id_of(Context& ctx, const Machine& m, const l1_vm& vm, asid named)
    -> std::expected<asid, rule> {
  if (ctx.applies(rule::NES_ASID_03, vm.config.how == mode::pass || vm.config.how == mode::vmpl)) return vm.id;
  return physical_asid_of(ctx, m.asids, vm.number, named);
}

/// L2's regime on hardware: nPT02.
template <class Context, class Machine>
[[nodiscard]] auto l2_hardware_regime(Context& ctx, const Machine& m, const l1_vm& vm, const l2_vm& guest)
    -> paging::two_stage_regime {
  const auto id = physical_id_of(ctx, m, vm, guest.virtual_id);
  Expects(id.has_value());
  return hardware_regime(ctx, m, guest.kind, *id, guest.shadow.root);
}

/// L2's regime as L1 has set it up: nPT12, in L1's memory.
/// @return or why VMCB12 is none
template <class Context>
[[nodiscard]] auto l2_regime_of_l1(Context& ctx, const l1_vm& vm, guest_kind kind, std::uint64_t ncr3, asid virtual_id,
                                   std::uint64_t l1_syscfg)
    -> std::expected<paging::two_stage_regime, paging::register_error> {
  const bool encrypted = vm.config.of_l1() != guest_kind::plain;
  return paging::make_l2_regime(ctx, vm.part, encrypted,
                                {.host = paging::long_mode_registers(0),
                                 .syscfg = l1_syscfg,
                                 .guest = paging::long_mode_registers(0),
                                 .ncr3 = ncr3,
                                 .np_control = np_control_of(kind),
                                 .id = virtual_id,
                                 .sev_features = kind == guest_kind::snp ? 1U : 0U});
}

}  // namespace sevspec::inline v0::nested

#endif
