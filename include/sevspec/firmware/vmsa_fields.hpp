// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_VMSA_FIELDS_HPP
#define SEVSPEC_FIRMWARE_VMSA_FIELDS_HPP

#include <cstddef>
#include <cstdint>

#include <sevspec/firmware/bytes.hpp>
#include <sevspec/layout/image.hpp>

/// The fields of VMSAs that the firmware reads and writes.   FW-SNP-LUP-14; FW-SEV-LUV-01
namespace sevspec::inline v0::firmware {

/// Offsets in a VMSA.
namespace vmsa_at {
inline constexpr std::size_t tsc_scale = 0x2f0;
inline constexpr std::size_t tsc_offset = 0x2f8;
inline constexpr std::size_t nonce = 0x300;
inline constexpr std::size_t cleared = 0x380;   ///< zero, once the firmware has set the VMSA up
inline constexpr std::size_t checksum = 0x388;  ///< SEV-ES: address of the checksum; SEV-SNP: all ones
inline constexpr std::size_t sev_features = 0x3b0;
}  // namespace vmsa_at
inline constexpr unsigned secure_tsc_feature = 9;
inline constexpr unsigned register_protection_feature = 14;

/// Whether a VMSA's SEV_FEATURES have a bit.
[[nodiscard]] constexpr auto has_feature(byte_view vmsa, unsigned bit) -> bool {
  return layout::bit_at(layout::read_le<std::uint64_t>(vmsa.data() + vmsa_at::sev_features), bit);
}

}  // namespace sevspec::inline v0::firmware

#endif
