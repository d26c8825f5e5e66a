// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_CONTROLLER_HPP
#define SEVSPEC_MEMORY_CONTROLLER_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/identity.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/crypto/block.hpp>
#include <sevspec/crypto/memory_cipher.hpp>
#include <sevspec/memory/byte_memory.hpp>
#include <sevspec/memory/dram.hpp>
#include <sevspec/memory/key_table.hpp>

namespace sevspec::inline v0::memory {

/// Which memory channel an sPA lies behind. The hash of real parts is not published: a channel changes every
/// `2^granularity` bytes.   ENC-MODE-09
struct channel_interleave {
  unsigned granularity = 8;  ///< log2 of the bytes that lie together; at least 4, a block

  [[nodiscard]] constexpr auto channel_of(spa where, std::uint32_t channels) const noexcept -> std::uint32_t {
    return static_cast<std::uint32_t>((where.value >> granularity) % channels);
  }
};

/// The memory controller: between DRAM, which holds ciphertext, and whoever reads or writes through a key.   APM vol.
/// 2, 7.10, 15.34
///
/// A reference through a key reads and writes whole blocks of 16 bytes: a write of fewer bytes deciphers the block,
/// lays the bytes over it and enciphers it again (ENC-CT-03). A reference without a key sees raw bytes
/// (ENC-KEYSEL-01), or, with TSME, bytes under the platform's own key (ENC-MODE-10). The bus probe sees raw bytes
/// always.
///
/// Nothing is ever checked: who may use a key is decided by translations and page ownership before.
template <crypto::memory_cipher Cipher, dram Chips>
class controller {
 public:
  using key = typename Cipher::key;
  using seed = std::span<const std::uint8_t, Cipher::key_bytes>;

  /// @param slots       number of ASIDs, the host's included
  /// @param channels    memory channels, at least 1
  constexpr controller(Cipher cipher, Chips chips, std::uint32_t slots, std::uint32_t channels = 1,
                       channel_interleave interleave = {})
      : cipher_(std::move(cipher)), chips_(std::move(chips)), keys_(slots, channels), interleave_(interleave) {
    Expects(interleave.granularity >= 4 && interleave.granularity < 52);
  }

  // --- keys

  /// Installs a guest's key, or with ASID 0 the host's.
  /// @return false, and nothing changes, if the part has no such ASID
  [[nodiscard]] constexpr auto install_key(asid id, seed bytes) -> bool { return keys_.install(cipher_, id, bytes); }

  /// Turns TSME on: references without a key use this one from now on. What DRAM holds does not change (ENC-MODE-10).
  constexpr void install_transparent_key(seed bytes) { transparent_ = cipher_.expand(bytes); }

  [[nodiscard]] constexpr auto keys() const noexcept -> const key_table<Cipher>& { return keys_; }

  // --- references

  /// Whether a reference can be answered: all its bytes are inside the memory, and its slot holds a key.
  [[nodiscard]] constexpr auto status_of(spa where, memory_key with, std::size_t bytes) const -> memory_status {
    if (bytes == 0) return memory_status::ok;
    const spa last = where + (bytes - 1);
    if (last.value < where.value) return memory_status::no_memory;
    for (auto page = page_of(where); page <= page_of(last); ++page.value)
      if (!chips_.has(page)) return memory_status::no_memory;
    if (with != memory_key::none() && keys_.find(with) == nullptr) return memory_status::no_key;
    return memory_status::ok;
  }

  [[nodiscard]] constexpr auto read(spa where, memory_key with, std::span<std::uint8_t> out) const -> memory_status {
    if (const auto status = status_of(where, with, out.size()); status != memory_status::ok) return status;
    for_each_run(where, out.size(),
                 [&](spa from, std::size_t done, std::size_t size) { read_run(from, with, out.subspan(done, size)); });
    return memory_status::ok;
  }

  [[nodiscard]] constexpr auto write(spa where, memory_key with, std::span<const std::uint8_t> in) -> memory_status {
    if (const auto status = status_of(where, with, in.size()); status != memory_status::ok) return status;
    for_each_run(where, in.size(),
                 [&](spa to, std::size_t done, std::size_t size) { write_run(to, with, in.subspan(done, size)); });
    return memory_status::ok;
  }

  /// For walks; see `readable_memory` and `physical_memory`.
  [[nodiscard]] constexpr auto read_qword(spa where, memory_key with) const -> std::optional<std::uint64_t> {
    return qword_at(*this, where, with);
  }
  constexpr auto compare_exchange_qword(spa where, memory_key with, std::uint64_t expected, std::uint64_t desired)
      -> bool {
    return compare_exchange_at(*this, where, with, expected, desired);
  }

  // --- the bus

  /// What a probe on the bus reads: raw bytes, whatever keys and ownership say.
  [[nodiscard]] constexpr auto probe(spa where, std::span<std::uint8_t> out) const -> memory_status {
    if (const auto status = status_of(where, memory_key::none(), out.size()); status != memory_status::ok)
      return status;
    for_each_run(where, out.size(),
                 [&](spa from, std::size_t done, std::size_t size) { load_raw(from, out.subspan(done, size)); });
    return memory_status::ok;
  }
  /// What an interposer writes.
  [[nodiscard]] constexpr auto inject(spa where, std::span<const std::uint8_t> in) -> memory_status {
    if (const auto status = status_of(where, memory_key::none(), in.size()); status != memory_status::ok) return status;
    for_each_run(where, in.size(),
                 [&](spa to, std::size_t done, std::size_t size) { store_raw(to, in.subspan(done, size)); });
    return memory_status::ok;
  }

  [[nodiscard]] constexpr auto chips() noexcept -> Chips& { return chips_; }
  [[nodiscard]] constexpr auto chips() const noexcept -> const Chips& { return chips_; }
  [[nodiscard]] constexpr auto cipher() const noexcept -> const Cipher& { return cipher_; }

  /// DRAM back to zeros; keys stay.
  constexpr void reset_memory()
    requires requires(Chips& chips) { chips.reset(); }
  {
    chips_.reset();
  }

 private:
  using block = crypto::block;
  static constexpr std::size_t block_bytes = crypto::block_bytes;

  /// Splits a range where the page or the channel changes.
  template <class Work>
  constexpr void for_each_run(spa where, std::size_t bytes, Work&& work) const {
    const std::uint64_t run =
        keys_.channels() == 1 ? 4096 : std::min<std::uint64_t>(4096, std::uint64_t{1} << interleave_.granularity);
    for (std::size_t done = 0; done < bytes;) {
      const spa from = where + done;
      const std::size_t size = std::min<std::size_t>(run - from.value % run, bytes - done);
      work(from, done, size);
      done += size;
    }
  }

  /// The key that a reference uses at an sPA; null for raw bytes.
  [[nodiscard]] constexpr auto key_at(spa where, memory_key with) const noexcept -> const key* {
    if (with == memory_key::none()) return transparent_ ? &*transparent_ : nullptr;
    return keys_.find(with, interleave_.channel_of(where, keys_.channels()));
  }

  constexpr void load_raw(spa from, std::span<std::uint8_t> out) const {
    const raw_page* const page = chips_.find(page_of(from));
    if (page == nullptr) std::ranges::fill(out, std::uint8_t{0});
    else copy_bytes(std::span{*page}.subspan(from.value % 4096, out.size()), out.data());
  }
  constexpr void store_raw(spa to, std::span<const std::uint8_t> in) {
    raw_page* const page = chips_.touch(page_of(to));
    copy_bytes(in, page->data() + to.value % 4096);
  }

  /// Inside one page and one channel.
  constexpr void read_run(spa from, memory_key with, std::span<std::uint8_t> out) const {
    const key* const chosen = key_at(from, with);
    if (chosen == nullptr) return load_raw(from, out);
    while (!out.empty()) {
      const std::size_t inside = from.value % block_bytes;
      std::size_t size = std::min(block_bytes - inside, out.size());
      if (size == block_bytes) {  // whole blocks, as many as there are
        size = out.size() - out.size() % block_bytes;
        if (const raw_page* const page = chips_.find(page_of(from))) {
          cipher_.decrypt(*chosen, from, std::span{*page}.subspan(from.value % 4096, size), out.first(size));
        } else {
          std::ranges::fill(out.first(size), std::uint8_t{0});
          cipher_.decrypt(*chosen, from, out.first(size), out.first(size));
        }
      } else {
        const block plain = plain_block({from.value - inside}, *chosen);
        copy_bytes(std::span{plain}.subspan(inside, size), out.data());
      }
      out = out.subspan(size);
      from = from + size;
    }
  }

  constexpr void write_run(spa to, memory_key with, std::span<const std::uint8_t> in) {
    const key* const chosen = key_at(to, with);
    if (chosen == nullptr) return store_raw(to, in);
    while (!in.empty()) {
      const std::size_t inside = to.value % block_bytes;
      std::size_t size = std::min(block_bytes - inside, in.size());
      if (size == block_bytes) {
        size = in.size() - in.size() % block_bytes;
        raw_page* const page = chips_.touch(page_of(to));
        cipher_.encrypt(*chosen, to, in.first(size), std::span{*page}.subspan(to.value % 4096, size));
      } else {  // ENC-CT-03
        const spa start{to.value - inside};
        block plain = plain_block(start, *chosen);
        copy_bytes(in.first(size), plain.data() + inside);
        cipher_.encrypt(*chosen, start, plain, plain);
        store_raw(start, plain);
      }
      in = in.subspan(size);
      to = to + size;
    }
  }

  [[nodiscard]] constexpr auto plain_block(spa start, const key& with) const -> block {
    block plain{};
    load_raw(start, plain);
    cipher_.decrypt(with, start, plain, plain);
    return plain;
  }

  Cipher cipher_;
  Chips chips_;
  key_table<Cipher> keys_;
  channel_interleave interleave_;
  std::optional<key> transparent_{};
};

}  // namespace sevspec::inline v0::memory

#endif
