// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_ATTACKS_CIPHERTEXT_ATTACKS_HPP
#define SEVSPEC_VERIFY_ATTACKS_CIPHERTEXT_ATTACKS_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/crypto/linear_tweak.hpp>
#include <sevspec/verify/attacks/attack.hpp>
#include <sevspec/verify/attacks/memory_stage.hpp>
#include <sevspec/verify/attacks/remap_attacks.hpp>

/// Attacks on ciphertext: what the hypervisor, a device or a probe makes of encrypted bytes.
namespace sevspec::inline v0::verify::attacks {

namespace detail {

/// Whether a read gave the constants of ciphertext hiding, and the rule that has put them there.
inline auto hidden_read(const memory_stage& m, const block& seen) -> std::optional<verdict> {
  const rule why = m.ctx.listener.last_effect;
  const bool constants = std::ranges::all_of(seen, [](std::uint8_t one) { return one == 0xff; });
  if (!constants || why == rule::none) return {};
  return verdict{.how = ending::hidden, .decided_by = why};
}

/// What an attacker who knows the constants of the first generation makes of ciphertext that goes from p to q: the block
/// to write, and the plaintext that the guest should then read.
struct moved_block {
  block ciphertext{};
  block plaintext{};
};
inline auto moved(const memory_stage& m, const block& ciphertext, const block& plaintext, spa from, spa to)
    -> moved_block {
  const crypto::linear_tweak tweak{part_cipher::published()};
  const block difference = crypto::exclusive_or(tweak(from), tweak(to));
  const bool after = m.part.cipher != cipher_kind::aes128_xe_static;
  return {.ciphertext = after ? crypto::exclusive_or(ciphertext, difference) : ciphertext,
          .plaintext = crypto::exclusive_or(plaintext, difference)};
}

inline auto replay(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa page{0x5000};
  const spa place = m.give(m.a, page);
  if (const auto done = m.guest_write(m.a, page, secret_block); !done) return stopped_by(done.error());
  const block old = m.host_block(place);
  if (const auto done = m.guest_write(m.a, page, other_block); !done) return stopped_by(done.error());
  if (const auto done = m.host_write(place, old); !done) return stopped_by(done.error());
  block seen{};
  if (const auto done = m.guest_read(m.a, page, seen); !done) return stopped_by(done.error());
  return success_if(seen == secret_block);
}

inline auto move_ciphertext(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa source{0x5000}, target{0x6000};
  const spa from = m.give(m.a, source);
  const spa to = m.give(m.a, target);
  if (const auto done = m.guest_write(m.a, source, secret_block); !done) return stopped_by(done.error());
  const auto made = moved(m, m.host_block(from), secret_block, from, to);
  if (const auto done = m.host_write(to, made.ciphertext); !done) return stopped_by(done.error());
  block seen{};
  if (const auto done = m.guest_read(m.a, target, seen); !done) return stopped_by(done.error());
  return success_if(seen == made.plaintext);
}

/// Blocks of a guest image that everybody has: pseudo-random, with the position as seed.
inline auto image_block(std::uint64_t position) -> block {
  block made{};
  std::uint64_t z = position * 0x9e37'79b9'7f4a'7c15 + 0x1234'5678;
  for (std::uint8_t& one : made) {
    z = (z ^ z >> 29) * 0xbf58'476d'1ce4'e5b9;
    one = static_cast<std::uint8_t>(z >> 56);
  }
  return made;
}

/// From the blocks of a known image the attacker chooses one which, moved into code, begins with a jump.
inline auto inject_code(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa image{0x1'0000}, code{0x2'0000};
  constexpr std::uint64_t image_pages = 16, page_bytes = 4096, block_bytes = 16;
  constexpr std::array<std::uint8_t, 2> wanted{0xeb, 0x0e};
  for (std::uint64_t i = 0; i < image_pages; ++i) m.give(m.a, image + i * page_bytes);
  const spa code_at = m.give(m.a, code);
  const spa image_at = memory_stage::place_of(m.a, image);
  for (std::uint64_t i = 0; i < image_pages * page_bytes; i += block_bytes)
    if (const auto done = m.guest_write(m.a, image + i, image_block(i)); !done) return stopped_by(done.error());

  for (std::uint64_t slot = 0; slot < page_bytes; slot += block_bytes) {
    for (std::uint64_t i = 0; i < image_pages * page_bytes; i += block_bytes) {
      const crypto::linear_tweak& tweak = [] -> const crypto::linear_tweak& {
        static const crypto::linear_tweak known{part_cipher::published()};
        return known;
      }();
      const block plain =
          crypto::exclusive_or(image_block(i), crypto::exclusive_or(tweak(image_at + i), tweak(code_at + slot)));
      if (plain[0] != wanted[0] || plain[1] != wanted[1]) continue;
      const auto made = moved(m, m.host_block(image_at + i), image_block(i), image_at + i, code_at + slot);
      if (const auto done = m.host_write(code_at + slot, made.ciphertext); !done) return stopped_by(done.error());
      block fetched{};
      if (const auto done = m.guest_read(m.a, code + slot, fetched, true, access_kind::execute); !done)
        return stopped_by(done.error());
      return success_if(std::ranges::equal(std::span{fetched}.first<2>(), wanted));
    }
  }
  return success_if(false);
}

inline auto blind_corruption(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa page{0x5000};
  const spa place = m.give(m.a, page);
  std::array<std::uint8_t, 64> before{}, after{};
  before.fill(0x5a);
  if (const auto done = m.guest_write(m.a, page, before); !done) return stopped_by(done.error());
  block flipped = m.host_block(place + 16);
  flipped[3] ^= 1;
  if (const auto done = m.host_write(place + 16, flipped); !done) return stopped_by(done.error());
  if (const auto done = m.guest_read(m.a, page, after); !done) return stopped_by(done.error());
  const auto same = [&](std::size_t first, std::size_t size) {
    return std::ranges::equal(std::span{before}.subspan(first, size), std::span{after}.subspan(first, size));
  };
  return success_if(same(0, 16) && !same(16, 16) && same(32, 32));
}

inline auto encryption_oracle(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa target{0x5000}, buffer{0x7000};
  const spa place = m.give(m.a, target);
  const spa bounce = m.share(m.a, buffer);
  if (const auto done = m.host_write(bounce, payload_block); !done) return stopped_by(done.error());
  block arrived{};
  if (const auto done = m.guest_read(m.a, buffer, arrived, false); !done) return stopped_by(done.error());
  if (const auto done = m.guest_write(m.a, target, arrived); !done) return stopped_by(done.error());
  const block told = m.host_block(place);
  if (const auto gone = hidden_read(m, told)) return *gone;
  return success_if(told == m.raw(place));
}

inline auto decryption_oracle(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa secret{0x5000}, outgoing{0x6000}, buffer{0x7000};
  const spa hidden = m.give(m.a, secret);
  const spa place = m.give(m.a, outgoing);
  const spa bounce = m.share(m.a, buffer);
  if (const auto done = m.guest_write(m.a, secret, secret_block); !done) return stopped_by(done.error());
  const auto made = moved(m, m.host_block(hidden), block{}, hidden, place);  // its plaintext: what the move adds
  if (const auto done = m.host_write(place, made.ciphertext); !done) return stopped_by(done.error());
  block sent{};
  if (const auto done = m.guest_read(m.a, outgoing, sent); !done) return stopped_by(done.error());
  if (const auto done = m.guest_write(m.a, buffer, sent, false); !done) return stopped_by(done.error());
  return success_if(crypto::exclusive_or(m.host_block(bounce), made.plaintext) == secret_block);
}

/// Whether equal values and different values of a guest's block can be told apart, by whoever looks.
template <class Look>
auto tells_values_apart(memory_stage& m, gpa page, const Look& look) -> std::optional<bool> {
  const auto look_after = [&](const block& value) -> std::optional<block> {
    if (!m.guest_write(m.a, page, value)) return {};
    return look();
  };
  const auto one = look_after(secret_block), two = look_after(other_block), three = look_after(secret_block);
  if (!one || !two || !three) return {};
  return *one == *three && *one != *two;
}

inline auto ciphertext_channel(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa page{0x5000};
  const spa place = m.give(m.a, page);
  const auto told = tells_values_apart(m, page, [&] { return m.host_block(place); });
  if (told && !*told)
    if (const auto gone = hidden_read(m, m.host_block(place))) return *gone;
  return success_if(told.value_or(false));
}

inline auto bus_interposer(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa page{0x5000};
  const spa place = m.give(m.a, page);
  return success_if(tells_values_apart(m, page, [&] { return m.raw(place); }).value_or(false));
}

inline auto host_key_confusion(const setting& at) -> verdict {
  memory_stage m(at);
  constexpr gpa page{0x5000};
  const spa place = m.give(m.a, page);
  if (const auto done = m.guest_write(m.a, page, secret_block); !done) return stopped_by(done.error());
  const block seen = m.host_block(place, true);
  if (const auto gone = hidden_read(m, seen)) return *gone;
  return success_if(seen == secret_block);
}

}  // namespace detail

inline constexpr std::array ciphertext_attacks{
    attack{"ATK-06", "Old ciphertext at its old place", "Hetzelt and Buhren, VEE 2017", "",
           "Read a block; wait until the guest has written it; write the old block back.",
           "the guest reads the old value", "", detail::replay},
    attack{"ATK-07", "Ciphertext moved, with a known tweak", "Du et al., 2017; Wilke et al., SEVurity, S&P 2020", "",
           "Copy a block from p to q, with T(p) ^ T(q) where the cipher needs it.",
           "the guest reads its plaintext ^ T(p) ^ T(q) at q", "a part whose tweaks are drawn at boot",
           detail::move_ciphertext},
    attack{"ATK-08", "SEVurity: code out of known blocks", "Wilke et al., S&P 2020", "a guest image that everybody has",
           "Choose a block of the image which, moved into code, begins with a jump; move it.",
           "the guest fetches the jump", "a part whose tweaks are drawn at boot", detail::inject_code},
    attack{"ATK-09", "Blind corruption", "Buhren et al., CODASPY 2017; Du et al., 2017", "",
           "Change a bit of a private block.", "one block of 16 bytes is garbage, and the guest goes on", "",
           detail::blind_corruption},
    attack{"ATK-11-ENC", "Encryption oracle by I/O", "Li et al., USENIX Security 2019", "a virtual disk or network",
           "Send a block that the guest copies into a private page; read the ciphertext there.",
           "the attacker has the block's ciphertext", "", detail::encryption_oracle, ciphertext_is_read},
    attack{"ATK-11-DEC", "Decryption oracle by I/O", "Li et al., USENIX Security 2019", "a virtual disk or network",
           "Before the guest copies a private page out, write the ciphertext of a secret there.",
           "what comes out is the secret", "a part whose tweaks are drawn at boot", detail::decryption_oracle},
    attack{"ATK-18", "TEE.fail: a probe on the bus", "2025 (AMD-SB-3040)", "a probe on the memory bus",
           "Look at a block on the bus while the guest writes.", "equal values can be told from different ones", "",
           detail::bus_interposer, ciphertext_is_read},
    attack{"ATK-47", "Ciphertext side channel", "Li et al., S&P 2022 (CVE-2021-46744)",
           "single steps by the APIC timer", "Read the ciphertext of a private block between the guest's steps.",
           "equal values can be told from different ones", "", detail::ciphertext_channel, ciphertext_is_read},
    attack{"ATK-49", "The host's key", "derived", "", "Read a private page through a mapping with the C-bit.",
           "the host reads plaintext", "", detail::host_key_confusion},
};

}  // namespace sevspec::inline v0::verify::attacks

#endif
