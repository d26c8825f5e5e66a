// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_LAYOUT_VMSA_REGISTER_PROTECTION_HPP
#define SEVSPEC_LAYOUT_VMSA_REGISTER_PROTECTION_HPP

#include <cstddef>
#include <cstdint>
#include <span>

#include <sevspec/layout/vmsa.hpp>

namespace sevspec::inline v0::layout {

/// Turns a VMSA with register protection into the plain one, or back: the two are the same step. Bit i of the tweak
/// bitmap covers the quadword at offset 8 * i, which is stored XORed with REG_PROT_NONCE.   LAY-VMSA-08
/// @param bitmap  `secrets_page::vmsa_tweak_bitmap`
/// @param nonce   `vmsa::reg_prot_nonce`, which must itself not be covered
template <class Storage>
constexpr void apply_register_protection(basic_vmsa<Storage>& page, std::span<const std::uint8_t, 64> bitmap,
                                         std::uint64_t nonce) noexcept {
  for (std::size_t i = 0; i < 512; ++i) {
    if (!bit_at(bitmap[i / 8], i % 8)) continue;
    std::uint8_t* quadword = page.bytes().data() + 8 * i;
    write_le(quadword, read_le<std::uint64_t>(quadword) ^ nonce);
  }
}

}  // namespace sevspec::inline v0::layout

#endif
