// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_ADDRESS_MAP_HPP
#define SEVSPEC_FIRMWARE_ADDRESS_MAP_HPP

#include <cstdint>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/firmware/memory_range.hpp>
#include <sevspec/firmware/status.hpp>

namespace sevspec::inline v0::firmware {

/// Whether an address operand of a command has bits outside 51:12 (LAY-CMD-02).
[[nodiscard]] constexpr auto has_reserved_bits(spa where) noexcept -> bool {
  return (where.value & 0xfff0'0000'0000'0fff) != 0;
}

/// What the firmware knows of the machine's addresses. The default is a machine without C-bit and without anything that
/// operands must not touch.
struct address_map {
  std::uint64_t c_mask{};                      ///< the C-bit, which does not count in operands
  std::uint64_t end = std::uint64_t{1} << 52;  ///< the first address behind the highest sPA
  std::span<const memory_range> forbidden{};   ///< ASEG, TSEG, trusted memory regions, pages of active ring buffers
  std::span<const memory_range> dram{};        ///< regions of the memory map, in no order; none: all is one region

  [[nodiscard]] constexpr auto without_c_bit(spa where) const noexcept -> spa { return {where.value & ~c_mask}; }
};

/// The firmware's check of the addresses of an operand (FW-DISP-10): behind the highest sPA, wrapping, in memory that the
/// firmware protects, the Reverse Map Table itself included: INVALID_ADDRESS; not in one region of DRAM: INVALID_CONFIG.
/// @param where        without the C-bit
/// @param bytes        a multiple of 4096, not 0
/// @param holds_table  `holds_table(spa) -> bool`: the byte lies in the Reverse Map Table itself
template <class Context, class HoldsTable>
[[nodiscard]] constexpr auto check_addresses(Context& ctx, const address_map& machine, spa where, std::uint64_t bytes,
                                             HoldsTable&& holds_table) -> status {
  const bool wraps = bytes > machine.end || where.value > machine.end - bytes;
  if (ctx.denies(rule::FW_DISP_10, wraps)) return status::invalid_address;
  bool protected_memory = false;
  for (const memory_range& one : machine.forbidden) protected_memory = protected_memory || one.overlaps(where, bytes);
  for (std::uint64_t at = 0; at < bytes && !protected_memory; at += 4096) protected_memory = holds_table(where + at);
  if (ctx.denies(rule::FW_DISP_10, protected_memory)) return status::invalid_address;
  bool in_dram = machine.dram.empty();
  for (const memory_range& one : machine.dram) in_dram = in_dram || one.contains(where, bytes);
  return ctx.denies(rule::FW_DISP_10, !in_dram) ? status::invalid_config : status::success;
}

}  // namespace sevspec::inline v0::firmware

#endif
