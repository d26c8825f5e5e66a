// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_FIRMWARE_IMAGE_HPP
#define SEVSPEC_FIRMWARE_FIRMWARE_IMAGE_HPP

#include <cstddef>
#include <cstdint>

#include <sevspec/crypto/hmac.hpp>
#include <sevspec/firmware/bytes.hpp>
#include <sevspec/firmware/hardware.hpp>
#include <sevspec/firmware/status.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/layout/tcb.hpp>

namespace sevspec::inline v0::firmware {

/// What DOWNLOAD_FIRMWARE is given. Real images are AMD's own; this one, of the model, says which release it is and is
/// authentic if its MAC is made with `hardware::image_key`.
///
///     00h | api_major, api_minor, build
///     03h | flags: bit 0 guests must be shut down before it runs (SHUTDOWN_REQUIRED)
///     08h | u64 TCB_VERSION
///     20h | HMAC-SHA-256 of 00h to 1Fh
class firmware_image : public layout::owned<0x40> {
 public:
  [[nodiscard]] auto release() const noexcept -> firmware_release {
    return {.api_major = data()[0],
            .api_minor = data()[1],
            .build = data()[2],
            .tcb = layout::read_le<std::uint64_t>(data() + 8)};
  }
  void set_release(const firmware_release& value) noexcept {
    data()[0] = value.api_major;
    data()[1] = value.api_minor;
    data()[2] = value.build;
    layout::write_le(data() + 8, value.tcb);
  }
  [[nodiscard]] auto needs_shutdown() const noexcept -> bool { return (data()[3] & 1) != 0; }
  void set_needs_shutdown(bool value) noexcept { data()[3] = value ? 1 : 0; }

  [[nodiscard]] auto mac() const noexcept -> byte_view { return byte_view{bytes()}.subspan(0x20); }
  /// The MAC that makes it authentic.
  [[nodiscard]] auto expected_mac(const hardware& hw) const -> crypto::sha256_value {
    return crypto::hmac_sha256(hw.image_key, {byte_view{bytes()}.first(0x20)});
  }
  void sign(const hardware& hw) {
    const auto made = expected_mac(hw);
    for (std::size_t i = 0; i < made.size(); ++i) data()[0x20 + i] = made[i];
  }
};

/// Why an image is not taken: it is no image of AMD's, or it is older than what was committed.
/// @return SUCCESS, BAD_SIGNATURE, BAD_SVN, BAD_VERSION
[[nodiscard]] inline auto problem_of_image(const hardware& hw, const firmware_release& committed,
                                           const firmware_image& image) -> status {
  if (!crypto::same_secret(image.mac(), image.expected_mac(hw))) return status::bad_signature;
  const firmware_release wanted = image.release();
  const layout::tcb floor = layout::tcb_components(committed.tcb, hw.tcb_order);
  const bool newer_tcb = floor <= layout::tcb_components(wanted.tcb, hw.tcb_order);
  if (!newer_tcb) return status::bad_svn;
  const auto number = [](const firmware_release& one) {
    return std::uint32_t{one.api_major} << 16 | std::uint32_t{one.api_minor} << 8 | one.build;
  };
  return number(wanted) < number(committed) ? status::bad_version : status::success;
}

}  // namespace sevspec::inline v0::firmware

#endif
