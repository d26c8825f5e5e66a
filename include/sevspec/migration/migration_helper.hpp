// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MIGRATION_MIGRATION_HELPER_HPP
#define SEVSPEC_MIGRATION_MIGRATION_HELPER_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <expected>
#include <limits>
#include <map>
#include <span>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/rule.hpp>
#include <sevspec/crypto/aes_gcm.hpp>
#include <sevspec/crypto/key_derivation.hpp>
#include <sevspec/layout/image.hpp>
#include <sevspec/migration/transfer_stream.hpp>

/// The migration helper: a hidden vCPU of the guest that enciphers its pages for transport, so that the secure processor
/// moves nothing but the helper itself.   KVM Forum 2019, SEV: what's next; MIG-MH-01, MIG-MH-02
namespace sevspec::inline v0::migration {

/// A page on its way between two helpers.
struct helper_packet {
  std::uint64_t page = 0;    ///< guest frame number, authenticated
  bool encrypted = true;     ///< its status, authenticated
  std::uint64_t number = 0;  ///< of the packet, authenticated; the nonce
  crypto::gcm_tag tag{};
  std::vector<std::uint8_t> body{};  ///< 4096 bytes

  friend auto operator==(const helper_packet&, const helper_packet&) -> bool = default;
};

/// For the stream between hosts.
[[nodiscard]] inline auto to_record(const helper_packet& one) -> transfer_record {
  transfer_record made{record_type::helper_page, one.page, std::vector<std::uint8_t>(helper_body_bytes)};
  layout::write_le(made.body.data(), one.number);
  made.body[8] = one.encrypted ? 1 : 0;
  std::ranges::copy(one.tag, made.body.begin() + 16);
  std::ranges::copy(one.body, made.body.begin() + 32);
  return made;
}
/// @param one  a record of a helper's
/// @return nothing if reserved bytes are set
[[nodiscard]] inline auto packet_of(const transfer_record& one) -> std::expected<helper_packet, stream_error> {
  Expects(one.type == record_type::helper_page && one.body.size() == helper_body_bytes);
  const auto clean = std::all_of(one.body.begin() + 9, one.body.begin() + 16, [](auto byte) { return byte == 0; });
  if (one.body[8] > 1 || !clean) return std::unexpected{stream_error{stream_error::kind::set_padding, 8}};
  helper_packet made{.page = one.page,
                     .encrypted = one.body[8] == 1,
                     .number = layout::read_le<std::uint64_t>(one.body.data()),
                     .body = {one.body.begin() + 32, one.body.end()}};
  std::copy_n(one.body.begin() + 16, made.tag.size(), made.tag.begin());
  return made;
}

/// Which of the two helpers one is. Both have one key: what each sends has its own nonces, and is not taken back by itself.
enum class helper_role : std::uint8_t { source, target };

/// What makes a transfer another one than all before it: the secret in the image is the same after a cancelled transfer and
/// on the next way, and numbers begin at 0 each time. Each helper draws its part from the guest's random numbers, in every
/// transfer, and gives it to the other. The host that carries them may change or replay a part: each helper's own is
/// fresh, so its session is never an old one, and helpers that have heard different parts do not understand each other.
struct helper_session {
  std::array<std::uint8_t, 16> of_source{};
  std::array<std::uint8_t, 16> of_target{};

  friend auto operator==(const helper_session&, const helper_session&) -> bool = default;
};

/// Why a helper refuses.
enum class helper_error : std::uint8_t {
  not_ready,  ///< INIT has not been called, or it is done
  forged,     ///< the tag is wrong: other key or session, other sender, page, status, number or data
  replayed,   ///< not newer than the page's last packet
  exhausted,  ///< no nonces are left
};

/// One helper. The source's enciphers, the target's deciphers; a regular value.
class migration_helper {
 public:
  enum class state : std::uint8_t { idle, ready, done };

  /// INIT: both helpers derive the key of this transfer from a secret in their image, which SEND and RECEIVE have carried.
  /// @param role     one helper of each: two of the same would use nonces twice, and do not understand each other
  /// @param session  both parts; the own one must be fresh, or nonces are used twice
  /// @return false if INIT was called before
  auto init(std::span<const std::uint8_t, 32> secret, helper_role role, const helper_session& session) -> bool {
    if (state_ != state::idle) return false;
    std::array<std::uint8_t, 32> parts{};
    std::ranges::copy(session.of_source, parts.begin());
    std::ranges::copy(session.of_target, parts.begin() + 16);
    key_ = crypto::derive_key<32>(secret, "migration helper", parts);
    role_ = role;
    state_ = state::ready;
    return true;
  }

  /// ENCRYPT: a page of the guest's, as the guest sees it.
  /// @param page       below `most_pages`
  /// @param plaintext  4096 bytes
  template <class Context>
  [[nodiscard]] auto encrypt(Context& ctx, std::uint64_t page, bool encrypted, std::span<const std::uint8_t> plaintext)
      -> std::expected<helper_packet, helper_error> {
    Expects(page < most_pages && plaintext.size() == 4096);
    if (ctx.denies(rule::MIG_MH_02, state_ != state::ready)) return std::unexpected{helper_error::not_ready};
    if (ctx.denies(rule::MIG_MH_02, next_ == std::numeric_limits<std::uint64_t>::max()))
      return std::unexpected{helper_error::exhausted};
    helper_packet made{
        .page = page, .encrypted = encrypted, .number = next_++, .body = std::vector<std::uint8_t>(plaintext.size())};
    made.tag = crypto::aes256_gcm_seal(key_, nonce_of(role_, made), covered_of(role_, made), plaintext, made.body);
    return made;
  }

  /// DECRYPT: gives the page that the packet names, if the other helper sent it and nothing newer of that page is here.
  /// @param out  4096 bytes; not written if the packet is refused
  template <class Context>
  [[nodiscard]] auto decrypt(Context& ctx, const helper_packet& packet, std::span<std::uint8_t> out)
      -> std::expected<void, helper_error> {
    Expects(packet.body.size() == 4096 && out.size() == 4096);
    if (ctx.denies(rule::MIG_MH_02, state_ != state::ready)) return std::unexpected{helper_error::not_ready};
    std::array<std::uint8_t, 4096> opened{};
    const helper_role sender = role_ == helper_role::source ? helper_role::target : helper_role::source;
    const bool authentic = crypto::aes256_gcm_open(key_, nonce_of(sender, packet), covered_of(sender, packet),
                                                   packet.tag, packet.body, opened);
    if (ctx.denies(rule::MIG_MH_02, !authentic)) return std::unexpected{helper_error::forged};
    const auto last = newest_.find(packet.page);
    if (ctx.denies(rule::MIG_MH_02, last != newest_.end() && packet.number <= last->second))
      return std::unexpected{helper_error::replayed};
    newest_[packet.page] = packet.number;
    std::ranges::copy(opened, out.begin());
    return {};
  }

  /// The key is forgotten.
  void finish() {
    key_ = {};
    state_ = state::done;
  }

  [[nodiscard]] auto now() const noexcept -> state { return state_; }
  /// The number of the next packet. For tests of its end.
  void skip_to(std::uint64_t number) { next_ = number; }

  friend auto operator==(const migration_helper&, const migration_helper&) -> bool = default;

 private:
  [[nodiscard]] static auto nonce_of(helper_role sender, const helper_packet& packet) -> std::array<std::uint8_t, 12> {
    std::array<std::uint8_t, 12> made{};
    layout::write_le(made.data(), packet.number);
    made[8] = static_cast<std::uint8_t>(sender);
    return made;
  }
  /// Every bit of the packet but its data.
  [[nodiscard]] static auto covered_of(helper_role sender, const helper_packet& packet)
      -> std::array<std::uint8_t, 24> {
    std::array<std::uint8_t, 24> made{};
    layout::write_le(made.data(), packet.page);
    made[8] = packet.encrypted ? 1 : 0;
    made[9] = static_cast<std::uint8_t>(sender);
    layout::write_le(made.data() + 16, packet.number);
    return made;
  }

  state state_ = state::idle;
  std::array<std::uint8_t, 32> key_{};
  helper_role role_ = helper_role::source;
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, std::uint64_t> newest_{};  ///< by page, the number of the last packet that was taken
};

}  // namespace sevspec::inline v0::migration

#endif
