// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_DERIVED_KEY_HPP
#define SEVSPEC_FIRMWARE_DERIVED_KEY_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <sevspec/crypto/key_derivation.hpp>
#include <sevspec/layout/guest_message.hpp>
#include <sevspec/layout/image.hpp>

/// Keys that a guest asks the firmware for. What they depend on is architecture; how it is mixed is not published, so
/// that this is a model.   FW-MSG-24
namespace sevspec::inline v0::firmware {

/// A key that the firmware derived for a guest.
using derived_key = std::array<std::uint8_t, 32>;

/// Which key of its ID block's authors enters a guest's keys.
enum class id_key_kind : std::uint8_t { none = 0, id_block = 1, author = 2 };

/// What a derived key depends on besides its root.
struct derived_key_inputs {
  bool from_vmrk = false;  ///< ROOT_KEY_SELECT
  id_key_kind id_key = id_key_kind::none;
  layout::msg_key_req_guest_field_select select{};  ///< which of the fields below count, if they are optional
  std::uint32_t vmpl = 0;
  // Only if selected:
  std::uint32_t guest_svn = 0;
  std::uint64_t tcb_version = 0;
  std::uint64_t policy = 0;
  std::array<std::uint8_t, 16> image_id{};
  std::array<std::uint8_t, 16> family_id{};
  std::array<std::uint8_t, 48> measurement{};
  // Always:
  std::array<std::uint8_t, 32> host_data{};
  std::array<std::uint8_t, 48> id_key_digest{};  ///< of the key that `id_key` names

  friend constexpr auto operator==(const derived_key_inputs&, const derived_key_inputs&) -> bool = default;
};

/// The inputs as one byte string.
using derived_key_mix = std::array<std::uint8_t, 0xA8>;

/// The mix of the reference model. Of digests only the first 32 bytes enter.   FW-MSG-24
[[nodiscard]] constexpr auto mix_of(const derived_key_inputs& inputs) -> derived_key_mix {
  derived_key_mix mix{};
  const auto put = [&mix](std::size_t at, bool selected, std::span<const std::uint8_t> bytes) {
    for (std::size_t i = 0; selected && i < bytes.size(); ++i) mix[at + i] = bytes[i];
  };
  layout::write_le(mix.data(), static_cast<std::uint32_t>((inputs.from_vmrk ? 1U : 0U) |
                                                          static_cast<std::uint32_t>(inputs.id_key) << 1));
  layout::write_le(mix.data() + 0x08, inputs.select.raw);
  layout::write_le(mix.data() + 0x10, inputs.vmpl);
  if (inputs.select.guest_svn()) layout::write_le(mix.data() + 0x14, inputs.guest_svn);
  if (inputs.select.tcb_version()) layout::write_le(mix.data() + 0x18, inputs.tcb_version);
  if (inputs.select.guest_policy()) layout::write_le(mix.data() + 0x20, inputs.policy);
  put(0x28, inputs.select.image_id(), inputs.image_id);
  put(0x38, inputs.select.family_id(), inputs.family_id);
  put(0x48, inputs.select.measurement(), std::span{inputs.measurement}.first<32>());
  put(0x68, true, inputs.host_data);
  put(0x88, inputs.id_key != id_key_kind::none, std::span{inputs.id_key_digest}.first<32>());
  return mix;
}

/// The key of a mix.   FW-MSG-24
/// @param mix    of `mix_of`; what version 2 of the request adds comes behind it
/// @param root   the seed of the VCEK for the TCB_VERSION that was asked for, or of the VLEK (48 bytes), or VMRK (32)
/// @param label  the model's choice
[[nodiscard]] inline auto derive_guest_key(std::span<const std::uint8_t> root, std::span<const std::uint8_t> mix,
                                           std::string_view label = "gmsg-keyreq") -> derived_key {
  return crypto::derive_key<32>(root, label, mix);
}

}  // namespace sevspec::inline v0::firmware

#endif
