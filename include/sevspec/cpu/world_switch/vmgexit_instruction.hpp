// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_VMGEXIT_INSTRUCTION_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_VMGEXIT_INSTRUCTION_HPP

#include <cstdint>
#include <span>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>

namespace sevspec::inline v0::cpu {

/// What the bytes 0F 01 D9, with or without F2 or F3 before them, are.
enum class vmm_call : std::uint8_t {
  neither,
  vmmcall,  ///< 0F 01 D9, and VMGEXIT outside guests with hidden state
  vmgexit,  ///< F3 0F 01 D9 or F2 0F 01 D9
};

/// "neither", "VMMCALL" or "VMGEXIT".
[[nodiscard]] constexpr auto name_of(vmm_call which) noexcept -> const char* {
  return which == vmm_call::neither ? "neither" : which == vmm_call::vmmcall ? "VMMCALL" : "VMGEXIT";
}

/// Tells VMGEXIT from VMMCALL (VC-HW-05). Both resume after the instruction and change no register.   APM vol. 2, 15.35.6
/// @param bytes         at RIP; whatever follows does not count
/// @param hidden_state  the guest has SEV-ES or SNP
template <class Context>
[[nodiscard]] constexpr auto decode_vmm_call(Context& ctx, std::span<const std::uint8_t> bytes, bool hidden_state)
    -> vmm_call {
  const bool prefixed = !bytes.empty() && (bytes[0] == 0xf3 || bytes[0] == 0xf2);
  const auto opcode = bytes.subspan(prefixed ? 1 : 0);
  if (opcode.size() < 3 || opcode[0] != 0x0f || opcode[1] != 0x01 || opcode[2] != 0xd9) return vmm_call::neither;
  return ctx.applies(rule::VC_HW_05, prefixed && hidden_state) ? vmm_call::vmgexit : vmm_call::vmmcall;
}

/// Bytes of the instruction.
[[nodiscard]] constexpr auto length_of_vmm_call(std::span<const std::uint8_t> bytes) noexcept -> unsigned {
  return !bytes.empty() && (bytes[0] == 0xf3 || bytes[0] == 0xf2) ? 4 : 3;
}

}  // namespace sevspec::inline v0::cpu

#endif
