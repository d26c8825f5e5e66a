// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_PERSISTENT_STORE_HPP
#define SEVSPEC_FIRMWARE_PERSISTENT_STORE_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <vector>

#include <sevspec/crypto/hmac.hpp>
#include <sevspec/crypto/key_derivation.hpp>
#include <sevspec/firmware/bytes.hpp>
#include <sevspec/firmware/machine.hpp>
#include <sevspec/firmware/operands.hpp>
#include <sevspec/firmware/platform.hpp>

/// Where the platform's identity survives a shutdown: the flash on board, or the area of INIT_EX in memory, whose
/// contents the driver keeps in a file. Its format is the firmware's own; this one is the model's.
namespace sevspec::inline v0::firmware {

inline constexpr std::uint32_t nv_bytes = 0x8000;  ///< of the area of INIT_EX

namespace detail {

inline constexpr std::array<std::uint8_t, 8> nv_magic{'S', 'E', 'V', 'S', 'P', 'E', 'C', '1'};
inline constexpr std::size_t nv_key_bytes = 48 + layout::size_of<layout::sev_cert>;
inline constexpr std::size_t nv_body_bytes = nv_magic.size() + 1 + 3 * nv_key_bytes;

/// Whoever does not know the chip's secret cannot make an area that the firmware takes.
[[nodiscard]] inline auto nv_mac(const hardware& hw, byte_view body) -> crypto::sha256_value {
  return crypto::hmac_sha256(crypto::derive_key<32>(hw.chip_secret, "persistent-store"), {body});
}

}  // namespace detail

/// An identity as the area holds it: magic, ownership, three keys with certificates, MAC.
[[nodiscard]] inline auto to_nv(const hardware& hw, const sev_identity& identity) -> std::vector<std::uint8_t> {
  std::vector<std::uint8_t> made(detail::nv_magic.begin(), detail::nv_magic.end());
  made.push_back(identity.externally_owned ? 1 : 0);
  for (const certified_key* key : {&identity.oca, &identity.pek, &identity.pdh}) {
    made.insert(made.end(), key->secret.begin(), key->secret.end());
    made.insert(made.end(), key->certificate.bytes().begin(), key->certificate.bytes().end());
  }
  const auto mac = detail::nv_mac(hw, made);
  made.insert(made.end(), mac.begin(), mac.end());
  return made;
}

/// The area has been changed by somebody else.
struct nv_corrupted {};

/// What an area holds.
/// @return nothing if it is erased: only 00h, or only FFh
[[nodiscard]] inline auto from_nv(const hardware& hw, byte_view area)
    -> std::expected<std::optional<sev_identity>, nv_corrupted> {
  for (const std::uint8_t erased : {std::uint8_t{0}, std::uint8_t{0xff}})
    if (std::ranges::all_of(area, [&](std::uint8_t one) { return one == erased; })) return std::nullopt;
  if (area.size() < detail::nv_body_bytes + 32) return std::unexpected{nv_corrupted{}};
  const byte_view body = area.first(detail::nv_body_bytes);
  const bool intact = is_same(body.first(detail::nv_magic.size()), detail::nv_magic) &&
                      crypto::same_secret(detail::nv_mac(hw, body), area.subspan(body.size(), 32));
  if (!intact) return std::unexpected{nv_corrupted{}};
  sev_identity made;
  made.externally_owned = body[detail::nv_magic.size()] != 0;
  std::size_t at = detail::nv_magic.size() + 1;
  for (certified_key* key : {&made.oca, &made.pek, &made.pdh}) {
    std::ranges::copy(body.subspan(at, 48), key->secret.begin());
    std::ranges::copy(body.subspan(at + 48, layout::size_of<layout::sev_cert>), key->certificate.bytes().begin());
    at += detail::nv_key_bytes;
  }
  return made;
}

/// Makes an identity the platform's, and stores it. One or nothing happens.
/// @return HARDWARE_PLATFORM if the store takes nothing, INVALID_PAGE_STATE if the area in memory is not the firmware's
///         any more (FW-DISP-08)
template <class Context, class Machine>
[[nodiscard]] auto adopt_identity(Context& ctx, Machine& m, const sev_identity& identity) -> status {
  if (m.hw.fails.flash_write) return status::hwerror_platform;
  if (m.sp.nv) {
    if (const status bad = check_written(ctx, m, *m.sp.nv, nv_bytes); bad != status::success) return bad;
    write_plain(ctx, m, *m.sp.nv, to_nv(m.hw, identity));
  } else {
    m.sp.flash = identity;
  }
  m.sp.identity = identity;
  return status::success;
}

}  // namespace sevspec::inline v0::firmware

#endif
