// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_COMMAND_EFFECTS_HPP
#define SEVSPEC_TESTS_SUPPORT_COMMAND_EFFECTS_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <support/bytes.hpp>
#include <support/firmware_world.hpp>
#include <support/guest_talk.hpp>

/// What a command changes, and that it changes nothing else.
namespace sevspec::test {

/// Bytes that differ from page to page, and from zero.
inline auto pattern(std::size_t size, std::uint8_t first = 1) -> byte_vector {
  byte_vector made(size);
  for (std::size_t i = 0; i < size; ++i) made[i] = static_cast<std::uint8_t>(first + i * 7 + i / 256);
  return made;
}
template <std::size_t Size>
auto filled(std::uint8_t with) -> std::array<std::uint8_t, Size> {
  std::array<std::uint8_t, Size> made{};
  made.fill(with);
  return made;
}
inline auto entry(const world& w, std::uint64_t where) -> rmp::entry { return firmware::entry_at(w.m, {where}); }

/// The key in an ASID's slot, as the cipher of the tests knows it; nothing if there is none.
inline auto key_word(const world& w, std::uint32_t id) -> std::optional<std::uint64_t> {
  const auto* const key = w.m.memory.keys().find(memory_key::guest({id}));
  return key == nullptr ? std::nullopt : std::optional{key->word};
}
inline auto key_word_of(const std::array<std::uint8_t, 32>& seed) -> std::uint64_t {
  return keyed_pad{}.expand(std::span{seed}.first<16>()).word;
}

/// Writes as the guest with an ASID does.
template <class Machine>
void poke_guest(Machine& m, asid id, std::uint64_t where, std::span<const std::uint8_t> bytes) {
  Expects(m.memory.write({where}, memory_key::guest(id), bytes) == memory::memory_status::ok);
}

/// Plays a command that succeeds. Afterwards the machine is as before but for `change`, and for the command buffer.
template <class Play, class Change>
void check_effect(world& w, Play&& play, Change&& change) {
  auto expected = w.m;
  REQUIRE(play() == fw::success);
  change(expected);
  if (!w.m.rmp.covers({w.buffer_at >> 12})) poke(expected, w.buffer_at, peek(w.m, w.buffer_at, 128));
  CHECK(expected.memory.chips() == w.m.memory.chips());
  CHECK(expected.rmp == w.m.rmp);
  CHECK(expected.asids == w.m.asids);
  CHECK(expected.random == w.m.random);
  CHECK(expected.hw == w.m.hw);
  CHECK(expected.sp == w.m.sp);
}

/// The payload of the answer to a message, which must be sent without error.
inline auto payload_said(world& w, const talk& spoken) -> byte_vector {
  const firmware::snp_guest speaker = w.m.sp.contexts.at(spoken.context);
  REQUIRE(say(w, spoken) == fw::success);
  return hear(w, spoken, speaker);
}

/// The attestation report that a guest gets: 4A0h bytes.
inline auto report_bytes(world& w, std::uint8_t vmpck = 0, std::uint32_t vmpl = 0, std::uint32_t key_sel = 0)
    -> byte_vector {
  byte_vector asked(0x60);
  for (std::size_t i = 0; i < 64; ++i) asked[i] = static_cast<std::uint8_t>(0x80 + i);
  put_le(asked, 0x40, 4, vmpl);
  put_le(asked, 0x44, 4, key_sel);
  const auto told = payload_said(w, {.type = layout::snp_message_types::report_req, .vmpck = vmpck, .payload = asked});
  REQUIRE(get_le(told, 0, 4) == 0);
  REQUIRE(get_le(told, 4, 4) == 0x4a0);
  return {told.begin() + 0x20, told.begin() + 0x20 + 0x4a0};
}
inline auto slice(const byte_vector& from, std::size_t offset, std::size_t size) -> byte_vector {
  const auto part = std::span{from}.subspan(offset, size);
  return {part.begin(), part.end()};
}
template <class Range>
auto to_vector(const Range& from) -> byte_vector {
  return {from.begin(), from.end()};
}

}  // namespace sevspec::test

#endif
