// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_LEGACY_MEASUREMENT_HPP
#define SEVSPEC_FIRMWARE_LEGACY_MEASUREMENT_HPP

#include <array>
#include <cstdint>
#include <span>

#include <sevspec/crypto/digest.hpp>
#include <sevspec/crypto/hmac.hpp>
#include <sevspec/firmware/legacy_session.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/policy.hpp>

/// The launch measurement of SEV and SEV-ES guests.   SEV API, LAUNCH_MEASURE
namespace sevspec::inline v0::firmware {

/// LD: SHA-256 of the plaintext that LAUNCH_UPDATE_DATA and LAUNCH_UPDATE_VMSA are given, in the order of the commands.
/// Where the data go in memory is not measured.   FW-LD-40
using legacy_launch_digest = crypto::sha256;

/// What PLATFORM_STATUS says of the firmware, and a measurement covers.
struct firmware_version {
  std::uint8_t major = 0;
  std::uint8_t minor = 0;
  std::uint8_t build = 0;

  friend constexpr auto operator==(const firmware_version&, const firmware_version&) -> bool = default;
};

/// MEASURE, which LAUNCH_MEASURE publishes: an owner who knows TIK can tell which guest was launched under which policy
/// by which firmware.   FW-CRY-10; FW-LD-42
/// @param mnonce  random, published with it
[[nodiscard]] inline auto launch_measure(const sev_key& tik, const firmware_version& firmware,
                                         layout::sev_guest_policy policy, std::span<const std::uint8_t, 32> ld,
                                         std::span<const std::uint8_t, 16> mnonce) -> crypto::sha256_value {
  std::array<std::uint8_t, 8> covered{static_cast<std::uint8_t>(layout::sev_channel_context::measure), firmware.major,
                                      firmware.minor, firmware.build};
  layout::write_le(covered.data() + 4, policy.raw);
  return crypto::hmac_sha256(tik, {covered, ld, mnonce});
}

}  // namespace sevspec::inline v0::firmware

#endif
