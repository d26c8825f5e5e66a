// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_FIRMWARE_GUEST_MESSAGE_HPP
#define SEVSPEC_FIRMWARE_GUEST_MESSAGE_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

#include <gsl/assert>

#include <sevspec/crypto/aes_gcm.hpp>
#include <sevspec/firmware/bytes.hpp>
#include <sevspec/layout/guest_message.hpp>

/// Guest messages: what a guest and the firmware say to each other through the hypervisor, which can neither read nor
/// change it.   SNP ABI, chapter 7
namespace sevspec::inline v0::firmware {

/// A VMPCK: the key of the messages of one VMPL.   FW-MSG-01
using message_key = std::array<std::uint8_t, 32>;

/// Bytes of the header, which is not enciphered.
inline constexpr std::size_t message_header_bytes = layout::size_of<layout::guest_message_header>;
/// The first of the header's bytes that the tag covers, to its end.   FW-MSG-03
inline constexpr std::size_t message_covered_first = 0x30;
/// Messages lie in one page.
inline constexpr std::size_t largest_message_payload = 4096 - message_header_bytes;

/// What a header says.
struct message_info {
  layout::snp_message_types type{};
  std::uint8_t version = 1;
  std::uint8_t vmpck = 0;      ///< which key: 0 to 3
  std::uint64_t sequence = 1;  ///< the IV: never twice with one key   FW-MSG-04; FW-MSG-05

  friend constexpr auto operator==(const message_info&, const message_info&) -> bool = default;
};

/// The number that the next request of a guest has.   FW-MSG-04
/// @param count  how many messages of both directions there have been with this key
[[nodiscard]] constexpr auto request_sequence(std::uint64_t count) noexcept -> std::uint64_t { return count + 1; }
/// The number of the response to a request.   FW-MSG-04
[[nodiscard]] constexpr auto response_sequence(std::uint64_t request) noexcept -> std::uint64_t { return request + 1; }
/// The firmware's count after it has answered.   FW-MSG-04
[[nodiscard]] constexpr auto count_after_response(std::uint64_t count) noexcept -> std::uint64_t { return count + 2; }

/// Makes a message.   FW-MSG-02; FW-MSG-03
/// @param message  header and enciphered payload: `message_header_bytes` more than the payload
inline void seal_message(const message_key& key, const message_info& info, std::span<const std::uint8_t> payload,
                         std::span<std::uint8_t> message) {
  Expects(payload.size() <= largest_message_payload && message.size() == message_header_bytes + payload.size());
  layout::guest_message_header header;
  header.set_msg_seqno(info.sequence);
  header.set_algo(layout::snp_aead_algorithms::aes_256_gcm);
  header.set_hdr_version(1);
  header.set_hdr_size(static_cast<std::uint16_t>(message_header_bytes));
  header.set_msg_type(info.type);
  header.set_msg_version(info.version);
  header.set_msg_size(static_cast<std::uint16_t>(payload.size()));
  header.set_msg_vmpck(info.vmpck);
  const auto tag = crypto::aes256_gcm_seal(key, iv_of(info.sequence), header.bytes().subspan<message_covered_first>(),
                                           payload, message.subspan(message_header_bytes));
  std::copy(tag.begin(), tag.end(), header.data());
  std::copy_n(header.data(), message_header_bytes, message.begin());
}

/// Why bytes are no message.
struct message_error {
  enum class kind : std::uint8_t {
    truncated,       ///< shorter than a header, or than the header says
    header_version,  ///< not 1
    header_size,     ///< not 60h
    algorithm,       ///< not AES-256-GCM
    payload_size,    ///< zero, or no multiple of 16
    key_index,       ///< VMPCK above 3
    tag,             ///< another key, another sequence number, or changed on the way
  };
  kind what{};
  std::size_t offset = 0;  ///< of the field that is wrong, or where the bytes end

  friend constexpr auto operator==(const message_error&, const message_error&) -> bool = default;
};

/// A message that is well formed. Who made it only the tag tells.
struct sealed_message {
  layout::guest_message_header_const_view header;
  std::span<const std::uint8_t> payload;  ///< enciphered

  [[nodiscard]] auto info() const -> message_info {
    return {.type = header.msg_type(),
            .version = header.msg_version(),
            .vmpck = header.msg_vmpck(),
            .sequence = header.msg_seqno()};
  }
};

/// Looks at bytes as a message, in the order of the firmware's checks.   FW-MSG-02; FW-MSG-13; FW-MSG-14
/// @param bytes  from the message's start to the end of its page; the result refers to them
[[nodiscard]] inline auto parse_message(std::span<const std::uint8_t> bytes)
    -> std::expected<sealed_message, message_error> {
  using enum message_error::kind;
  const auto wrong = [](message_error::kind what, std::size_t offset) {
    return std::unexpected{message_error{what, offset}};
  };
  if (bytes.size() < message_header_bytes) return wrong(truncated, bytes.size());
  const layout::guest_message_header_const_view header{bytes.data()};
  if (header.hdr_version() != 1) return wrong(header_version, 0x31);
  if (header.hdr_size() != message_header_bytes) return wrong(header_size, 0x32);
  if (header.algo() != layout::snp_aead_algorithms::aes_256_gcm) return wrong(algorithm, 0x30);
  if (header.msg_size() == 0 || header.msg_size() % 16 != 0) return wrong(payload_size, 0x36);
  if (header.msg_size() > bytes.size() - message_header_bytes) return wrong(truncated, bytes.size());
  if (header.msg_vmpck() > 3) return wrong(key_index, 0x3C);
  return sealed_message{.header = header, .payload = bytes.subspan(message_header_bytes, header.msg_size())};
}

/// Opens a message.   FW-MSG-03
/// @param payload  as long as the message's; zero if the tag is wrong
[[nodiscard]] inline auto open_message(const message_key& key, const sealed_message& message,
                                       std::span<std::uint8_t> payload) -> std::expected<void, message_error> {
  Expects(payload.size() == message.payload.size());
  const std::span<const std::uint8_t, message_header_bytes> header = message.header.bytes();
  if (!crypto::aes256_gcm_open(key, iv_of(message.header.msg_seqno()), header.subspan<message_covered_first>(),
                               header.first<16>(), message.payload, payload))
    return std::unexpected{message_error{message_error::kind::tag, 0}};
  return {};
}

}  // namespace sevspec::inline v0::firmware

#endif
