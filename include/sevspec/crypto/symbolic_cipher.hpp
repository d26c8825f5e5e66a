// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_CRYPTO_SYMBOLIC_CIPHER_HPP
#define SEVSPEC_CRYPTO_SYMBOLIC_CIPHER_HPP

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/crypto/block.hpp>

namespace sevspec::inline v0::crypto {

/// What the tickets of a `symbolic_cipher` stand for. Only ever grows; ciphers, memories and their copies may share
/// one, so that a ticket means the same to all of them.
class ticket_book {
 public:
  /// The key, sPA and block that a step of the cipher was made with.
  struct term {
    block key{};
    std::uint64_t where{};
    bool deciphered{};  ///< the step was a decryption, so the ticket is garbage
    block in{};
    friend constexpr auto operator<=>(const term&, const term&) = default;
  };

  /// The result of a step: what the inverse step started from, if `in` came from that; else a ticket.
  [[nodiscard]] constexpr auto result_of(const term& step) -> block {
    if (const auto made = made_by(step.in)) {
      const term& last = terms_[*made];
      if (last.key == step.key && last.where == step.where && last.deciphered != step.deciphered) return last.in;
    }
    const auto place = std::ranges::lower_bound(order_, step, {}, [this](std::uint32_t i) { return terms_[i]; });
    if (place != order_.end() && terms_[*place] == step) return ticket(numbers_[*place]);
    if (const auto written = written_number(step.in); written && !index_of(*written)) avoided_.push_back(*written);
    const auto index = static_cast<std::uint32_t>(terms_.size());
    const std::uint32_t number = next_number();
    order_.insert(place, index);
    terms_.push_back(step);
    numbers_.push_back(number);
    return ticket(number);
  }

  /// Whether these bytes are a ticket of this book: a ciphertext, or garbage.
  [[nodiscard]] constexpr auto is_ticket(std::span<const std::uint8_t, block_bytes> bytes) const noexcept -> bool {
    return made_by(bytes).has_value();
  }
  [[nodiscard]] constexpr auto size() const noexcept -> std::size_t { return terms_.size(); }

 private:
  static constexpr std::array<std::uint8_t, 8> label{'S', 'Y', 'M', 'B', 'O', 'L', 'I', 'C'};

  [[nodiscard]] static constexpr auto ticket(std::uint32_t number) noexcept -> block {
    block result{};
    std::ranges::copy(label, result.begin());
    for (unsigned i = 0; i < 4; ++i) result[8 + i] = static_cast<std::uint8_t>(number >> (8 * i) & 0xff);
    return result;
  }

  /// The number that bytes of the form of a ticket have, whether there is such a ticket or not.
  [[nodiscard]] static constexpr auto written_number(std::span<const std::uint8_t, block_bytes> bytes) noexcept
      -> std::optional<std::uint32_t> {
    if (!std::ranges::equal(bytes.first<8>(), label)) return {};
    std::uint32_t number = 0;
    for (unsigned i = 0; i < 4; ++i) number |= std::uint32_t{bytes[8 + i]} << (8 * i);
    for (unsigned i = 12; i < block_bytes; ++i)
      if (bytes[i] != 0) return {};
    return number;
  }

  /// Which term a number stands for. Numbers rise with the terms.
  [[nodiscard]] constexpr auto index_of(std::uint32_t number) const noexcept -> std::optional<std::size_t> {
    const auto found = std::ranges::lower_bound(numbers_, number);
    if (found == numbers_.end() || *found != number) return {};
    return static_cast<std::size_t>(found - numbers_.begin());
  }

  [[nodiscard]] constexpr auto made_by(std::span<const std::uint8_t, block_bytes> bytes) const noexcept
      -> std::optional<std::size_t> {
    const auto number = written_number(bytes);
    return number ? index_of(*number) : std::nullopt;
  }

  /// A number that no ticket has, and that nobody has written into a block before: such a block is data, and stays
  /// data.
  [[nodiscard]] constexpr auto next_number() const noexcept -> std::uint32_t {
    std::uint32_t number = numbers_.empty() ? 0 : numbers_.back() + 1;
    while (std::ranges::find(avoided_, number) != avoided_.end()) ++number;
    return number;
  }

  std::vector<term> terms_;             ///< in the order of their tickets
  std::vector<std::uint32_t> numbers_;  ///< the tickets' numbers, by term
  std::vector<std::uint32_t> avoided_;  ///< numbers that look like tickets somewhere, but are none
  std::vector<std::uint32_t> order_;    ///< terms, sorted
};

/// NOT A CIPHER THAT HIDES ANYTHING. A stand-in for proofs and fuzzing, in which encryption is perfect by construction:
/// a ciphertext is a numbered ticket, and a book remembers the key, the sPA and the plaintext it stands for.
///
///   - the same key, sPA and plaintext give the same ticket, at any time (ENC-CT-01);
///   - the right key at the right sPA turns a ticket into its plaintext; every other reading gives a new ticket,
///     "garbage", that writing it back under that key turns into what it was (ENC-CT-04, 06, 07, 09);
///   - tickets are numbered in the order of their first use, so they say nothing about plaintexts but which are equal:
///     two runs that differ in secrets alone show the same tickets to those who have no key.
///
/// Tickets begin with the letters "SYMBOLIC", so that nobody takes them for ciphertext. Who writes the number of an
/// existing ticket has copied that ciphertext; a number that was written before it was given out is never given out.
/// Works in constant expressions.
class symbolic_cipher {
 public:
  static constexpr std::size_t key_bytes = block_bytes;

  /// A key is its bytes.
  struct key {
    block bytes{};
    friend constexpr auto operator==(const key&, const key&) -> bool = default;
  };

  /// @param book  must outlive the cipher and its copies
  constexpr explicit symbolic_cipher(ticket_book& book) noexcept : book_(&book) {}

  [[nodiscard]] constexpr auto expand(std::span<const std::uint8_t, key_bytes> bytes) const -> key {
    key result;
    std::ranges::copy(bytes, result.bytes.begin());
    return result;
  }

  /// Another key for every channel.
  [[nodiscard]] static constexpr auto channel_seed(std::span<const std::uint8_t, key_bytes> seed, std::uint32_t channel)
      -> block {
    block result{};
    std::ranges::copy(seed, result.begin());
    for (unsigned i = 0; i < 4; ++i) result[12 + i] ^= static_cast<std::uint8_t>(channel >> (8 * i) & 0xff);
    return result;
  }

  constexpr void encrypt(const key& with, spa first, std::span<const std::uint8_t> in,
                         std::span<std::uint8_t> out) const {
    transform(with, first, false, in, out);
  }
  constexpr void decrypt(const key& with, spa first, std::span<const std::uint8_t> in,
                         std::span<std::uint8_t> out) const {
    transform(with, first, true, in, out);
  }

 private:
  constexpr void transform(const key& with, spa first, bool decipher, std::span<const std::uint8_t> in,
                           std::span<std::uint8_t> out) const {
    Expects(first.value % block_bytes == 0 && in.size() % block_bytes == 0 && in.size() == out.size());
    for (std::size_t done = 0; done < in.size(); done += block_bytes) {
      ticket_book::term step{.key = with.bytes, .where = first.value + done, .deciphered = decipher};
      std::ranges::copy(in.subspan(done, block_bytes), step.in.begin());
      std::ranges::copy(book_->result_of(step), out.begin() + static_cast<std::ptrdiff_t>(done));
    }
  }

  ticket_book* book_;
};

}  // namespace sevspec::inline v0::crypto

#endif
