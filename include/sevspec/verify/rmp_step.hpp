// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_STEP_HPP
#define SEVSPEC_VERIFY_RMP_STEP_HPP

#include <array>
#include <cstdint>

#include <sevspec/base/choices.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/base/rule.hpp>

/// Checking implementations of the architecture against the library.
namespace sevspec::inline v0::verify {

/// What a step asks of a machine with a Reverse Map Table.
enum class rmp_operation : std::uint8_t {
  rmpupdate,
  psmash,
  rmpread,
  pvalidate,
  rmpadjust,
  rmpquery,
  access,          ///< a reference whose translation is known
  entry,           ///< shows the page's entry in the format of Zen 3
  page_reclaim,    ///< SNP_PAGE_RECLAIM
  page_unsmash,    ///< SNP_PAGE_UNSMASH
  page_set_state,  ///< SNP_PAGE_SET_STATE
  // What needs a firmware with guests: `rmp_reference` has none, and answers `unsupported`.
  gctx_create,
  decommission,
  launch_start,
  launch_update,
  launch_finish,  ///< without ID block
  wbinvd,         ///< no command: every core executes WBINVD
  df_flush,
  activate,
  page_md_init,
  page_move,
  page_swap_out,
  page_swap_in,
};

/// Whether a step is a command of the firmware's, not an instruction or a reference.
[[nodiscard]] constexpr auto is_firmware(rmp_operation what) noexcept -> bool {
  return what >= rmp_operation::page_reclaim;
}
/// Whether it needs a firmware with guests.
[[nodiscard]] constexpr auto needs_guests(rmp_operation what) noexcept -> bool {
  return what >= rmp_operation::gctx_create;
}

/// Operands of commands that need a firmware with guests. `rmp_step` has the others: `spa` (page, or source), `size`,
/// `asid`.
struct firmware_operands {
  std::uint64_t context{};                    ///< the guest context page
  std::uint64_t destination{};                ///< page_move, page_swap_out, page_swap_in
  std::uint64_t metadata{};                   ///< page_swap_out, page_swap_in
  std::uint64_t policy{};                     ///< launch_start
  std::uint32_t page_type{};                  ///< launch_update, page_swap_out, page_swap_in
  std::array<std::uint8_t, 3> permissions{};  ///< launch_update: of VMPL 1 to 3

  friend constexpr auto operator==(const firmware_operands&, const firmware_operands&) -> bool = default;
};

enum class rmp_agent : std::uint8_t { host, guest, device };

enum class rmp_access : std::uint8_t { read, write, execute, shadow_stack, walk_read, walk_write };

/// One step: raw values, as registers, operands and page tables hold them. Which members count depends on `what`.
struct rmp_step {
  rmp_operation what{};
  std::uint64_t spa{};              ///< the page; RAX of host instructions
  std::uint64_t gpa{};              ///< rmpupdate: of the operand; else where the guest sees the page; host access: CR2
  page_size size = page_size::k4k;  ///< of the operand, ECX, or the firmware command
  page_size leaf = page_size::k4k;  ///< size of the nested (host, I/O) page that maps `spa`
  bool assigned{};
  bool immutable{};
  std::uint32_t asid{};         ///< rmpupdate: of the operand; else the guest's
  std::uint32_t caller_asid{};  ///< host instructions: the ASID they execute with
  std::uint8_t cpl{};
  std::uint8_t vmpl{};
  bool validate{};             ///< EDX of PVALIDATE
  std::uint64_t attributes{};  ///< RDX of RMPADJUST
  std::uint8_t target_vmpl{};  ///< RDX of RMPQUERY
  rmp_agent by{};
  bool snp = true;  ///< access by a guest: it is SNP-active
  rmp_access kind{};
  bool c{};               ///< access by a guest: effective C-bit
  std::uint64_t pages{};  ///< page_set_state: length of the range
  firmware_operands guest_command{};

  friend constexpr auto operator==(const rmp_step&, const rmp_step&) -> bool = default;
};

/// How a step ends.
enum class rmp_ending : std::uint8_t {
  done,         ///< an access that happens
  result,       ///< an instruction that completes
  gp,           ///< #GP
  ud,           ///< #UD
  pf,           ///< #PF
  npf,          ///< #VMEXIT(NPF)
  vc,           ///< #VC
  abort,        ///< the IOMMU stops a device
  entry,        ///< `lo`, `hi` and `state` of an entry
  status,       ///< a firmware command
  unsupported,  ///< the machine under test cannot do this: never given by the library
  broken,       ///< the machine under test gave no answer, or none that can be understood: `state` says what happened
};

/// What a step gives. Which members count depends on `ending` and on the step.
struct rmp_answer {
  rmp_ending ending{};
  std::uint32_t eax{};  ///< of an instruction; of a firmware command, its status
  bool zf{};
  bool cf{};
  std::uint64_t error{};       ///< error code; #NPF: EXITINFO1
  std::uint64_t address{};     ///< CR2; #NPF: EXITINFO2
  bool assigned{};             ///< rmpread
  bool immutable{};            ///< rmpread
  std::uint8_t size_byte{};    ///< byte 9 of RMPREAD's operand; RCX of RMPQUERY
  std::uint32_t asid{};        ///< rmpread
  std::uint64_t gpa{};         ///< rmpread
  std::uint64_t attributes{};  ///< RDX of RMPQUERY
  std::uint64_t lo{};          ///< entry
  std::uint64_t hi{};          ///< entry
  const char* state = "";      ///< entry: the page's state, "guest-valid"
  rule decided_by = rule::none;
};

/// A machine before its first step: all pages are the hypervisor's.
struct rmp_setup {
  std::uint64_t memory = std::uint64_t{1} << 30;  ///< bytes; covered if no table is given
  std::uint64_t rmp_base{};                       ///< RMP_BASE and RMP_END; both 0: the table lies outside memory
  std::uint64_t rmp_end{};
  implementation_choices choices{};

  friend constexpr auto operator==(const rmp_setup&, const rmp_setup&) -> bool = default;
};

}  // namespace sevspec::inline v0::verify

#endif
