// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CPU_WORLD_SWITCH_REGISTER_PROTECTION_HPP
#define SEVSPEC_CPU_WORLD_SWITCH_REGISTER_PROTECTION_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/vmsa.hpp>
#include <sevspec/layout/vmsa_register_protection.hpp>

/// VMSA register protection: quadwords lie XORed with a nonce that changes, so that equal values do not look equal.
/// APM vol. 2, 15.36.7
namespace sevspec::inline v0::cpu {

/// One bit per quadword of a VMSA, as at 100h of the secrets page.
using tweak_bitmap = std::array<std::uint8_t, 64>;

/// Offsets of the quadwords that are never protected: hardware and software read them before they know the nonce.
inline constexpr std::uint16_t never_protected[] = {0x0c8, 0x300, 0x390, 0x398, 0x3a0, 0x3b0, 0x3b8, 0x3c0, 0x3c8};

/// A bitmap without the quadwords that are never protected (WSW-ST-08).
[[nodiscard]] constexpr auto protectable(tweak_bitmap bitmap) noexcept -> tweak_bitmap {
  for (const std::uint16_t offset : never_protected) {
    const unsigned slot = offset / 8U;
    bitmap[slot / 8] = static_cast<std::uint8_t>(bitmap[slot / 8] & ~(1U << slot % 8));
  }
  return bitmap;
}

/// Turns the stored form of a VMSA into the plain one, or back, if its SEV_FEATURES ask for protection (WSW-ST-08).
template <class Context>
constexpr void toggle_protection(Context& ctx, layout::vmsa& page, const tweak_bitmap& bitmap) {
  const bool on = page.sev_features().vmsa_reg_prot();
  if (!ctx.applies(rule::WSW_ST_08, on)) return;
  const tweak_bitmap covered = protectable(bitmap);
  layout::apply_register_protection(page, std::span<const std::uint8_t, 64>{covered}, page.reg_prot_nonce());
}

/// Software's reading of one register of a lower VMPL's VMSA as it lies in memory.
/// @param offset  a multiple of 8, below 1000h
template <class Context>
[[nodiscard]] constexpr auto read_stored_register(Context& ctx, const layout::vmsa& stored, const tweak_bitmap& bitmap,
                                                  std::uint16_t offset) -> std::uint64_t {
  const tweak_bitmap covered = protectable(bitmap);
  const unsigned slot = offset / 8U;
  const bool masked = stored.sev_features().vmsa_reg_prot() && layout::bit_at(covered[slot / 8 % 64], slot % 8);
  const auto value = layout::read_le<std::uint64_t>(stored.data() + std::size_t{slot % 512} * 8);
  return ctx.applies(rule::WSW_ST_08, masked) ? value ^ stored.reg_prot_nonce() : value;
}

/// Software's writing of one: a register that is to be zero is stored as the nonce.
template <class Context>
constexpr void write_stored_register(Context& ctx, layout::vmsa& stored, const tweak_bitmap& bitmap,
                                     std::uint16_t offset, std::uint64_t value) {
  const tweak_bitmap covered = protectable(bitmap);
  const unsigned slot = offset / 8U;
  const bool masked = stored.sev_features().vmsa_reg_prot() && layout::bit_at(covered[slot / 8 % 64], slot % 8);
  const std::uint64_t written = ctx.applies(rule::WSW_ST_08, masked) ? value ^ stored.reg_prot_nonce() : value;
  layout::write_le(stored.data() + std::size_t{slot % 512} * 8, written);
}

}  // namespace sevspec::inline v0::cpu

#endif
