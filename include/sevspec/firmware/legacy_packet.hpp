// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_LEGACY_PACKET_HPP
#define SEVSPEC_FIRMWARE_LEGACY_PACKET_HPP

#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <span>

#include <gsl/assert>

#include <sevspec/base/rule.hpp>
#include <sevspec/crypto/aes_ctr.hpp>
#include <sevspec/crypto/hmac.hpp>
#include <sevspec/firmware/legacy_session.hpp>
#include <sevspec/layout/sev_session.hpp>

/// Packets of legacy SEV: secrets that an owner sends into a guest, and pages that one platform sends to another.
namespace sevspec::inline v0::firmware {

using packet_context = layout::sev_channel_context;

/// What a packet's MAC covers besides the data.
struct packet_kind {
  packet_context context = packet_context::data;
  /// MEASURE of the guest's launch, which secrets are bound to; empty for packets between platforms.
  std::span<const std::uint8_t> measure{};
};

/// Secrets for the guest with this measurement.   FW-CRY-12
[[nodiscard]] inline auto secret_packet(std::span<const std::uint8_t, 32> measure) noexcept -> packet_kind {
  return {.context = packet_context::secret, .measure = measure};
}
/// Pages of a guest that moves.   FW-CRY-13
[[nodiscard]] inline auto data_packet() noexcept -> packet_kind { return {.context = packet_context::data}; }
/// VMSAs of a guest that moves. The manual gives them a context of their own; shipping firmware uses that of data, and
/// both ends must agree.   FW-CRY-14
[[nodiscard]] inline auto vmsa_packet(packet_context context = packet_context::data) noexcept -> packet_kind {
  return {.context = context};
}

/// The MAC of a packet.   FW-CRY-12; FW-CRY-13
/// @param header      its flags and IV are covered
/// @param guest_len   bytes of the data before they are compressed
/// @param ciphertext  the data as transported
template <class Storage>
[[nodiscard]] auto packet_mac(const sev_key& tik, const packet_kind& kind,
                              const layout::basic_sev_packet_header<Storage>& header, std::uint32_t guest_len,
                              std::span<const std::uint8_t> ciphertext) -> crypto::sha256_value {
  Expects(ciphertext.size() <= std::numeric_limits<std::uint32_t>::max());
  layout::sev_aad_update covered;
  covered.set_context(kind.context);
  covered.set_flags(header.flags().raw);
  covered.set_iv(header.iv());
  covered.set_guest_len(guest_len);
  covered.set_trans_len(static_cast<std::uint32_t>(ciphertext.size()));
  return crypto::hmac_sha256(tik, {covered.bytes(), ciphertext, kind.measure});
}

/// Makes a packet that is not compressed.   FW-CRY-11
/// @param iv         fresh for every packet
/// @param transport  the enciphered data, as long as `plaintext`; may be the same bytes
/// @return the packet's header
[[nodiscard]] inline auto seal_packet(const transport_keys& keys, const packet_kind& kind,
                                      std::span<const std::uint8_t, 16> iv, std::span<const std::uint8_t> plaintext,
                                      std::span<std::uint8_t> transport) -> layout::sev_packet_header {
  Expects(plaintext.size() == transport.size());
  crypto::aes128_ctr(keys.tek, iv, plaintext, transport);
  layout::sev_packet_header header;
  header.set_iv(iv);
  header.set_mac(packet_mac(keys.tik, kind, header, static_cast<std::uint32_t>(transport.size()), transport));
  return header;
}

/// Why a packet is refused, in the order of the checks.
enum class packet_error : std::uint8_t {
  mac,         ///< BAD_MEASUREMENT
  compressed,  ///< compressed data are not implemented: UNSUPPORTED
};

/// Opens a packet. Nothing says which of several packets it is, nor where its data belong: whoever carries packets may
/// repeat, drop and reorder them.   FW-CRY-12; FW-CRY-13; FW-CRY-15; FW-SEV-LSC-01
/// @param transport  the enciphered data
/// @param plaintext  as long as `transport`; may be the same bytes; not written if the packet is refused
template <class Context, class Storage>
[[nodiscard]] auto open_packet(Context& ctx, const transport_keys& keys, const packet_kind& kind,
                               const layout::basic_sev_packet_header<Storage>& header,
                               std::span<const std::uint8_t> transport, std::span<std::uint8_t> plaintext)
    -> std::expected<void, packet_error> {
  Expects(plaintext.size() == transport.size());
  const auto mac = packet_mac(keys.tik, kind, header, static_cast<std::uint32_t>(transport.size()), transport);
  const rule covers = kind.context == packet_context::secret ? rule::FW_CRY_12 : rule::FW_CRY_13;
  if (ctx.denies(covers, !crypto::same_secret(mac, header.mac()))) return std::unexpected{packet_error::mac};
  if (ctx.denies(rule::FW_CRY_11, header.flags().compressed())) return std::unexpected{packet_error::compressed};
  crypto::aes128_ctr(keys.tek, header.iv(), transport, plaintext);
  return {};
}

}  // namespace sevspec::inline v0::firmware

#endif
