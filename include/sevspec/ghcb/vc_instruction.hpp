// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_VC_INSTRUCTION_HPP
#define SEVSPEC_GHCB_VC_INSTRUCTION_HPP

#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/layout/codes/ghcb_codes.hpp>

/// The instruction under a #VC, as far as a handler looks: prefixes, opcode, ModRM.   APM vol. 3, 1.1
namespace sevspec::inline v0::ghcb {

/// The start of an instruction.
struct vc_instruction {
  std::uint8_t prefixes = 0;            ///< how many bytes before the opcode
  std::uint8_t map = 0;                 ///< 0: one-byte opcodes; 0Fh: two-byte opcodes
  std::uint8_t opcode = 0;              ///< without the 0Fh
  std::optional<std::uint8_t> modrm{};  ///< the byte behind the opcode, if there is one

  /// Bytes of an instruction without operands, from the first prefix to the last opcode or ModRM byte.
  [[nodiscard]] constexpr auto length(bool with_modrm) const noexcept -> unsigned {
    return prefixes + (map != 0 ? 2U : 1U) + (with_modrm ? 1U : 0U);
  }
  friend constexpr auto operator==(const vc_instruction&, const vc_instruction&) -> bool = default;
};

/// Finds the opcode behind legacy and REX prefixes. Total: nothing if the bytes end before it, or there is no
/// instruction of 15 bytes or less.
/// @param bytes  at RIP, at most 15 count
[[nodiscard]] constexpr auto find_opcode(std::span<const std::uint8_t> bytes) noexcept
    -> std::optional<vc_instruction> {
  constexpr std::size_t longest = 15;
  const std::size_t size = bytes.size() < longest ? bytes.size() : longest;
  const auto is_prefix = [](std::uint8_t byte) {
    switch (byte) {
      case 0x26:
      case 0x2e:
      case 0x36:
      case 0x3e:
      case 0x64:
      case 0x65:
      case 0x66:
      case 0x67:
      case 0xf0:
      case 0xf2:
      case 0xf3: return true;
      default:   return byte >= 0x40 && byte <= 0x4f;  // REX: 64-bit mode
    }
  };
  vc_instruction found;
  std::size_t at = 0;
  while (at < size && is_prefix(bytes[at])) ++at;
  found.prefixes = static_cast<std::uint8_t>(at);
  if (at == size) return std::nullopt;
  if (bytes[at] == 0x0f) {
    found.map = 0x0f;
    if (++at == size) return std::nullopt;
  }
  found.opcode = bytes[at];
  if (++at < size) found.modrm = bytes[at];
  return found;
}

/// Whether an instruction is one that raises #VC with this error code (VC-SEC-03). IOIO and MMIO have decoders of their
/// own; here they only need an opcode of their kind.
[[nodiscard]] constexpr auto raises(const vc_instruction& what, std::uint64_t error_code) noexcept -> bool {
  using enum layout::nae_exit_codes;
  const bool two = what.map == 0x0f;
  const std::uint8_t op = what.opcode;
  const auto modrm_is = [&](std::uint8_t value) { return what.modrm == std::optional<std::uint8_t>{value}; };
  const bool reg_is_7 = what.modrm && (*what.modrm >> 3 & 7) == 7;
  switch (static_cast<layout::nae_exit_codes>(error_code)) {
    case cpuid:     return two && op == 0xa2;
    case invd:      return two && op == 0x08;
    case monitor:   return two && op == 0x01 && (modrm_is(0xc8) || modrm_is(0xfa));
    case mwait:     return two && op == 0x01 && (modrm_is(0xc9) || modrm_is(0xfb));
    case msr:       return two && (op == 0x32 || op == 0x30);
    case rdpmc:     return two && op == 0x33;
    case rdtsc:     return two && op == 0x31;
    case rdtscp:    return two && op == 0x01 && modrm_is(0xf9);
    case dr7_read:  return two && op == 0x21 && reg_is_7;
    case dr7_write: return two && op == 0x23 && reg_is_7;
    case vmmcall:   return two && op == 0x01 && modrm_is(0xd9);
    case wbinvd:    return two && op == 0x09;
    case ioio:      return !two && ((op >= 0x6c && op <= 0x6f) || (op >= 0xe4 && op <= 0xe7) || (op >= 0xec && op <= 0xef));
    case npf_mmio:
      // MOV, MOVS and their extending forms: what handlers emulate.
      if (two) return op == 0xb6 || op == 0xb7 || op == 0xbe || op == 0xbf;
      return op == 0x88 || op == 0x89 || op == 0x8a || op == 0x8b || op == 0xa0 || op == 0xa1 || op == 0xa2 ||
             op == 0xa3 || op == 0xa4 || op == 0xa5 || op == 0xc6 || op == 0xc7;
    default: return false;
  }
}

/// How many bytes a handler moves RIP on, for instructions without immediate operands; 0 where the decoder of the
/// instruction says.
[[nodiscard]] constexpr auto instruction_bytes(const vc_instruction& what, std::uint64_t error_code) noexcept
    -> unsigned {
  using enum layout::nae_exit_codes;
  switch (static_cast<layout::nae_exit_codes>(error_code)) {
    case cpuid:
    case invd:
    case msr:
    case rdpmc:
    case rdtsc:
    case wbinvd:    return what.length(false);
    case monitor:
    case mwait:
    case rdtscp:
    case dr7_read:
    case dr7_write:
    case vmmcall:   return what.length(true);
    default:        return 0;
  }
}

}  // namespace sevspec::inline v0::ghcb

#endif
