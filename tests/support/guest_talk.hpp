// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_GUEST_TALK_HPP
#define SEVSPEC_TESTS_SUPPORT_GUEST_TALK_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <support/firmware_world.hpp>

#include <sevspec/firmware/guest_message.hpp>
#include <sevspec/firmware/guest_migration.hpp>
#include <sevspec/layout/id_block.hpp>

namespace sevspec::test {

inline constexpr std::uint64_t request_at = test_scratch + 0x6000;
inline constexpr std::uint64_t response_at = 0x80'0000;

/// A message of a guest's.
struct talk {
  layout::snp_message_types type{};
  std::uint8_t version = 1;
  std::uint8_t vmpck = 0;
  std::optional<std::uint64_t> sequence{};  ///< else the next one
  std::vector<std::uint8_t> payload{};
  std::uint64_t context = gctx_at;
  std::uint64_t response = response_at;
  bool spoil_tag = false;
  std::size_t patch_at = 0;  ///< a byte of the header that is changed after it was sealed; 0: none
  std::uint8_t patch = 0;
};

template <class Image>
auto payload_of(const Image& from) -> std::vector<std::uint8_t> {
  return {from.bytes().begin(), from.bytes().end()};
}

/// Sends a message with SNP_GUEST_REQUEST.
inline auto say(world& w, const talk& spoken) -> fw {
  const auto& guest = w.m.sp.contexts.at(spoken.context);
  std::vector<std::uint8_t> message(firmware::message_header_bytes + spoken.payload.size());
  const std::uint64_t next = firmware::request_sequence(guest.message_count[spoken.vmpck]);
  firmware::seal_message(guest.vmpck[spoken.vmpck],
                         {.type = spoken.type,
                          .version = spoken.version,
                          .vmpck = spoken.vmpck,
                          .sequence = spoken.sequence.value_or(next)},
                         spoken.payload, message);
  if (spoken.spoil_tag) message[0] ^= 1;
  if (spoken.patch_at != 0) message[spoken.patch_at] = spoken.patch;
  poke(w.m, request_at, message);
  layout::cmd_snp_guest_request cmd;
  cmd.set_gctx_paddr(spoken.context);
  cmd.set_request_paddr(request_at);
  cmd.set_response_paddr(spoken.response);
  return w.post(command_id::snp_guest_request, cmd);
}

/// The payload of the response; it must be authentic, and have the number that follows.
inline auto hear(world& w, const talk& spoken, const firmware::snp_guest& speaker) -> std::vector<std::uint8_t> {
  const auto bytes = peek(w.m, spoken.response, 4096);
  const auto parsed = firmware::parse_message(bytes);
  REQUIRE(parsed.has_value());
  CHECK(parsed->info().sequence == speaker.message_count[spoken.vmpck] + 2);
  CHECK(static_cast<unsigned>(parsed->info().type) == static_cast<unsigned>(spoken.type) + 1);
  std::vector<std::uint8_t> payload(parsed->payload.size());
  REQUIRE(firmware::open_message(speaker.vmpck[spoken.vmpck], *parsed, payload).has_value());
  return payload;
}
/// Sends a message that the firmware must answer; the status inside the answer.
inline auto answer_to(world& w, const talk& spoken) -> fw {
  const firmware::snp_guest speaker = w.m.sp.contexts.at(spoken.context);
  REQUIRE(say(w, spoken) == fw::success);
  return static_cast<fw>(layout::read_le<std::uint32_t>(hear(w, spoken, speaker).data()));
}

/// The payload of MSG_IMPORT_REQ and MSG_ABSORB_REQ: a guest as it would be exported, changed.
inline auto import_payload(const firmware::snp_guest& from, std::uint64_t context,
                           const std::function<void(layout::msg_gctx_export&)>& change) -> std::vector<std::uint8_t> {
  layout::msg_gctx_export exported = firmware::exported(from);
  change(exported);
  layout::msg_import_req made;
  made.set_gctx_paddr(context);
  made.set_in_gctx_size(firmware::exported_bytes);
  made.set_in_gctx_version(firmware::exported_version);
  std::ranges::copy(exported.bytes(), made.bytes().begin() + 0x20);
  return payload_of(made);
}

/// An ID block that fits the guest, with signatures, at `test_scratch` and the page behind; changed at the end.
inline void put_identity(world& w, const std::function<void(layout::id_block&, layout::id_auth&)>& change,
                         bool author) {
  static const session_peer id_key = make_peer(21);
  static const session_peer author_key = make_peer(22);
  layout::id_block block;
  std::ranges::copy(w.guest().launch_digest, block.ld().begin());
  block.set_version(1);
  block.set_guest_svn(4);
  block.set_policy(w.guest().policy);
  layout::id_auth auth;
  constexpr auto ecdsa = layout::snp_signature_algorithms::ecdsa_p384_sha384;
  const auto put = [&](std::size_t offset, const auto& structure) {
    std::ranges::copy(structure.bytes(), auth.bytes().begin() + static_cast<std::ptrdiff_t>(offset));
  };
  auth.set_id_key_algo(ecdsa);
  const auto id_structure = firmware::structure_of(id_key.key.public_key());
  put(0x040, firmware::structure_of(crypto::sha384_signer(id_key.key).sign(block.bytes())));
  put(0x240, id_structure);
  if (author) {
    auth.set_auth_key_algo(ecdsa);
    put(0x680, firmware::structure_of(crypto::sha384_signer(author_key.key).sign(id_structure.bytes())));
    put(0x880, firmware::structure_of(author_key.key.public_key()));
  }
  if (change) change(block, auth);
  poke(w.m, test_scratch, block.bytes());
  poke(w.m, test_scratch + 0x1000, auth.bytes());
}

}  // namespace sevspec::test

#endif
