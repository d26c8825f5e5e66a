// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_VMSA_TRANSFORM_HPP
#define SEVSPEC_FIRMWARE_VMSA_TRANSFORM_HPP

#include <cstddef>
#include <cstdint>
#include <span>

#include <sevspec/crypto/random.hpp>
#include <sevspec/firmware/bytes.hpp>
#include <sevspec/firmware/guest.hpp>
#include <sevspec/firmware/hardware.hpp>
#include <sevspec/firmware/vmsa_fields.hpp>
#include <sevspec/layout/image.hpp>

/// What the firmware writes into the VMSAs of SNP guests.   FW-SNP-LUP-14
namespace sevspec::inline v0::firmware {

/// GUEST_TSC_SCALE: desired / reference frequency as a fixed-point number with 32 fractional bits, rounded up; the
/// integer part has 8 bits.   FW-MSG-31
/// @return 0 if the guest asked for no frequency
[[nodiscard]] constexpr auto tsc_scale(std::uint64_t desired_khz, std::uint64_t reference_khz) -> std::uint64_t {
  if (desired_khz == 0 || reference_khz == 0) return 0;
  const std::uint64_t whole = desired_khz / reference_khz & 0xff;
  const std::uint64_t rest = desired_khz % reference_khz;
  return (whole << 32) + ((rest << 32) + reference_khz - 1) / reference_khz;
}

/// XORs the nonce into every quadword that the bitmap names, but for the nonce itself and SEV_FEATURES, without which
/// nobody could undo it. Doing it twice does nothing.   FW-SNP-LUP-14
constexpr void toggle_tweak(std::span<std::uint8_t> vmsa, byte_view bitmap) {
  if (!has_feature(vmsa, register_protection_feature)) return;
  const auto nonce = layout::read_le<std::uint64_t>(vmsa.data() + vmsa_at::nonce);
  for (std::size_t i = 0; i < vmsa.size() / 8; ++i) {
    const bool chosen = layout::bit_at(bitmap[i / 8], static_cast<unsigned>(i % 8));
    if (!chosen || i * 8 == vmsa_at::nonce || i * 8 == vmsa_at::sev_features) continue;
    layout::write_le(vmsa.data() + 8 * i, layout::read_le<std::uint64_t>(vmsa.data() + 8 * i) ^ nonce);
  }
}

/// Secure TSC: scale and offset.
/// @param offset  0 at launch, the guest's own after a migration
constexpr void set_secure_tsc(std::span<std::uint8_t> vmsa, const hardware& hw, const snp_guest& guest,
                              std::uint64_t offset) {
  if (!has_feature(vmsa, secure_tsc_feature)) return;
  layout::write_le(vmsa.data() + vmsa_at::tsc_scale, tsc_scale(guest.desired_tsc_khz, hw.tsc_reference_khz));
  layout::write_le(vmsa.data() + vmsa_at::tsc_offset, offset);
}

/// A VMSA as it is encrypted at launch, after it was measured.   FW-SNP-LUP-14
template <crypto::random_source Random>
void prepare_vmsa(std::span<std::uint8_t> vmsa, const hardware& hw, const snp_guest& guest, Random& random) {
  if (has_feature(vmsa, register_protection_feature)) {
    const auto nonce = crypto::draw<8>(random);
    std::copy(nonce.begin(), nonce.end(), vmsa.begin() + vmsa_at::nonce);
    toggle_tweak(vmsa, hw.vmsa_tweak_bitmap);
  }
  set_secure_tsc(vmsa, hw, guest, 0);
  layout::write_le(vmsa.data() + vmsa_at::cleared, std::uint64_t{0});
  layout::write_le(vmsa.data() + vmsa_at::checksum, ~std::uint64_t{0});
}

}  // namespace sevspec::inline v0::firmware

#endif
