// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_TOUR_RUNNING_GUEST_HPP
#define SEVSPEC_TOOL_TOUR_RUNNING_GUEST_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <sevspec/base/context.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/cpu/rmp_instructions.hpp>
#include <sevspec/cpu/world_switch/guest_exit.hpp>
#include <sevspec/cpu/world_switch/guest_registers.hpp>
#include <sevspec/layout/vmsa.hpp>
#include <sevspec/paging/tlb.hpp>
#include <sevspec/paging/tlb_control.hpp>
#include <sevspec/rmp/guarded_memory.hpp>

#include "tour_hypervisor.hpp"

/// The guest of the fourth part, and the processors that it runs on.
namespace sevspec::tool {

/// Where things lie in the guest's memory. Its tables map 2 MiB, each address to itself.
struct guest_map {
  static constexpr gpa tables{0x1000};   ///< four pages, one of each level
  static constexpr gpa code{0x8000};     ///< see `guest_code`
  static constexpr gpa ghcb{0xa000};     ///< is shared with the hypervisor before it is used
  static constexpr gpa page{0xb000};     ///< the page that is converted
  static constexpr gpa ap_vmsa{0xc000};  ///< of the second processor
  static constexpr gpa notes{0xd000};    ///< private, and stays so
  static constexpr gpa device{0x1e'0000};
};

/// Where the guest's instructions lie.
struct guest_code {
  static constexpr gva vmgexit{0x8000};
  static constexpr gva out{0x8010};    ///< OUT DX, AL
  static constexpr gva in{0x8011};     ///< IN AL, DX
  static constexpr gva store{0x8012};  ///< MOV [RBX], EAX
  static constexpr gva load{0x8014};   ///< MOV EAX, [RBX]
  static constexpr gva halt{0x8020};   ///< HLT: all that the second processor does
};

/// A VMSA of a processor in 64-bit mode.
[[nodiscard]] auto long_mode_vmsa(gva rip) -> layout::vmsa;

/// A host with two processors, and one SNP guest in its memory.
class running_guest_host {
 public:
  using context_type = context<all_rules, refusal_listener>;
  static constexpr guest_slot guest{.id = {1}, .context = {0x100'0000}, .first_page = {0x210'0000}};

  /// Makes page tables, VMCBs and host save areas, and launches the guest.
  running_guest_host();

  [[nodiscard]] auto pages() const -> std::size_t { return pages_; }
  [[nodiscard]] static auto spa_of(gpa where) -> spa { return guest.first_page + where.value; }
  /// What the page is, by its RMP entry.
  [[nodiscard]] auto state_of(gpa where) const -> const char*;

  // The hypervisor.
  [[nodiscard]] auto vmcb(std::size_t which) const -> cpu::vmcb_page;
  void write(std::size_t which, const cpu::vmcb_page& page);
  void use_vmsa(std::size_t which, spa vmsa);
  [[nodiscard]] auto vmrun(std::size_t which) -> cpu::vmrun_result;
  /// Memory without a key, as the hypervisor reads it.
  [[nodiscard]] auto plain(gpa where, std::size_t size) const -> std::vector<std::uint8_t>;
  [[nodiscard]] auto plain_vmsa(std::size_t which) const -> std::vector<std::uint8_t>;
  void put_plain(gpa where, std::span<const std::uint8_t> from) { host_.write(spa_of(where), from); }
  /// RMPUPDATE has changed pages: no TLB uses what it holds of them any longer (RMP-UPD-12).
  void drop_translations();

  // The guest, on a processor that runs it: references and instructions.
  [[nodiscard]] auto read(std::size_t which, gva where, std::span<std::uint8_t> to) -> outcome<void>;
  [[nodiscard]] auto write(std::size_t which, gva where, std::span<const std::uint8_t> from) -> outcome<void>;
  [[nodiscard]] auto pvalidate(std::size_t which, gpa page, bool validated) -> outcome<rmp::result>;
  [[nodiscard]] auto rmpadjust(std::size_t which, gpa page, bool vmsa) -> outcome<rmp::result>;
  /// Writes the page's entry, C=1 or C=0, and then INVLPG.
  void map(std::size_t which, gpa page, bool is_private);
  [[nodiscard]] auto event(std::size_t which, const cpu::guest_event& what) -> cpu::event_result;
  [[nodiscard]] auto faulted(std::size_t which, const fault& raised, gva where) -> cpu::event_result;
  [[nodiscard]] auto vmgexit(std::size_t which) -> cpu::event_result;

  /// The guest that the processor runs; it runs one.
  [[nodiscard]] auto running(std::size_t which) const -> const cpu::running_guest&;
  [[nodiscard]] auto core(std::size_t which) -> cpu::logical_processor& { return cores_.at(which); }
  [[nodiscard]] auto ctx() -> context_type& { return ctx_; }
  [[nodiscard]] auto rmp() -> rmp::lazy_table& { return machine_.rmp; }
  [[nodiscard]] auto instruction_set() const -> rmp::processor;

 private:
  void launch();
  void add(const launch_load& what);
  [[nodiscard]] auto regime(std::size_t which) const -> const paging::two_stage_regime&;
  [[nodiscard]] auto switch_on(std::size_t which);

  snp_machine machine_ = make_snp_machine();
  hypervisor host_{machine_};
  context_type ctx_;
  std::array<cpu::logical_processor, 2> cores_{};
  std::array<paging::tlb<16, 4, 16>, 2> tlbs_{};
  cpu::stand_in_checksums<2> checksums_;  ///< VMSAs of SNP guests have none
  std::size_t pages_ = 0;
};

}  // namespace sevspec::tool

#endif
