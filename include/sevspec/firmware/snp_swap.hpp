// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_SNP_SWAP_HPP
#define SEVSPEC_FIRMWARE_SNP_SWAP_HPP

#include <array>
#include <cstdint>
#include <span>

#include <sevspec/crypto/aes_gcm.hpp>
#include <sevspec/firmware/bytes.hpp>

/// How SNP_PAGE_SWAP_OUT enciphers a page.   FW-SNP-SWO-08
namespace sevspec::inline v0::firmware {

/// The key of a guest's pages while they are outside its memory: OEK.
using offline_key = std::array<std::uint8_t, 32>;

/// Enciphers a page on its way out.
/// @param in, out  of the same length; may be the same bytes
/// @return the tag, which goes into the metadata entry
[[nodiscard]] inline auto seal_swapped_page(const offline_key& key, std::uint64_t count,
                                            std::span<const std::uint8_t> in, std::span<std::uint8_t> out)
    -> crypto::gcm_tag {
  return crypto::aes256_gcm_seal(key, iv_of(count), {}, in, out);
}

/// Deciphers a page on its way back.
/// @return whether it is the page that this entry was made for; if not, `out` is zero
[[nodiscard]] inline auto open_swapped_page(const offline_key& key, std::uint64_t count,
                                            std::span<const std::uint8_t, 16> tag, std::span<const std::uint8_t> in,
                                            std::span<std::uint8_t> out) -> bool {
  return crypto::aes256_gcm_open(key, iv_of(count), {}, tag, in, out);
}

}  // namespace sevspec::inline v0::firmware

#endif
