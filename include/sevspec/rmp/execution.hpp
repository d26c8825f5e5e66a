// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_RMP_EXECUTION_HPP
#define SEVSPEC_RMP_EXECUTION_HPP

#include <cstdint>
#include <optional>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/fault.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/rule.hpp>

namespace sevspec::inline v0::rmp {

/// The instructions on the Reverse Map Table, and the bytes that encode them (RMP-INS-01).
enum class instruction : std::uint32_t {
  rmpupdate = 0xf20f'01fe,
  psmash = 0xf30f'01ff,
  rmpread = 0xf20f'01fd,
  rmpopt = 0xf20f'01fc,
  rmpadjust = 0xf30f'01fe,
  rmpquery = 0xf30f'01fd,
  pvalidate = 0xf20f'01ff,
};

/// Whether an instruction is the host's; the others are an SNP-active guest's.
[[nodiscard]] constexpr auto is_host_instruction(instruction what) noexcept -> bool {
  return what == instruction::rmpupdate || what == instruction::psmash || what == instruction::rmpread ||
         what == instruction::rmpopt;
}

/// What RMP instructions ask of the processor. CPUID Fn8000_001F, Fn8000_0025, Fn8000_0008; SYSCFG.
struct processor {
  bool snp_enabled = true;            ///< SYSCFG.SecureNestedPagingEn
  bool rmpquery = true;               ///< Fn8000_001F EAX[6]
  bool rmpread = true;                ///< Fn8000_001F EAX[21]
  bool rmpopt = true;                 ///< Fn8000_0025 EDX[0]
  unsigned vmpls = 4;                 ///< Fn8000_001F EBX[15:12], 1 to 4
  unsigned guest_address_bits = 48;   ///< width of guest-physical addresses
  std::uint32_t highest_asid = 1006;  ///< Fn8000_001F ECX: of encrypted guests
  std::uint64_t c_mask = 0;           ///< the C-bit, which does not count in system physical addresses (RMP-GEO-12)

  friend constexpr auto operator==(const processor&, const processor&) -> bool = default;
};

/// What executes an RMP instruction, and in which mode.
struct execution {
  cpl level = kernel_mode;
  asid id = host_asid;         ///< current ASID: 0 in the host
  bool snp_active = false;     ///< the guest is SNP-active
  vmpl privilege{};            ///< of an SNP-active guest
  bool sixty_four_bit = true;  ///< 64-bit mode
  bool lock_prefix = false;
  bool alignment_check = false;  ///< RFLAGS.AC, which lifts SMAP for operands in memory
  std::uint32_t pkru = 0;        ///< protection-key rights, for operands in memory and addresses to translate

  friend constexpr auto operator==(const execution&, const execution&) -> bool = default;
};

/// The fault that an instruction raises before it looks at its operands: #UD, then #GP(0) (RMP-INS-11).
/// APM vol. 3; vol. 2, 15.36
template <class Context>
[[nodiscard]] constexpr auto refused(Context& ctx, const processor& cpu, const execution& by, instruction what)
    -> std::optional<fault> {
  const auto undefined = [](rule why) { return fault{fault_kind::ud, why, 0, 0}; };
  const bool feature = what == instruction::rmpquery  ? cpu.rmpquery
                       : what == instruction::rmpread ? cpu.rmpread
                       : what == instruction::rmpopt  ? cpu.rmpopt
                                                      : true;
  const bool mode = by.sixty_four_bit || what == instruction::pvalidate;  // RMP-INS-02
  const bool owner = is_host_instruction(what) ? cpu.snp_enabled : cpu.snp_enabled && by.snp_active;
  if (ctx.denies(rule::RMP_INS_07, by.lock_prefix || !feature || !mode || !owner)) return undefined(rule::RMP_INS_07);
  if (ctx.denies(rule::RMP_INS_08, by.level != kernel_mode)) return fault{fault_kind::gp, rule::RMP_INS_08, 0, 0};
  return {};
}

/// The address that the table is indexed by, of one in a register: without the C-bit (RMP-GEO-12).   APM vol. 2, 15.36.10
template <class Context>
[[nodiscard]] constexpr auto without_c_bit(Context& ctx, const processor& cpu, spa where) -> spa {
  return ctx.applies(rule::RMP_GEO_12, (where.value & cpu.c_mask) != 0) ? spa{where.value & ~cpu.c_mask} : where;
}

}  // namespace sevspec::inline v0::rmp

#endif
