// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_KEY_TABLE_HPP
#define SEVSPEC_MEMORY_KEY_TABLE_HPP

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/identity.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/crypto/memory_cipher.hpp>

namespace sevspec::inline v0::memory {

/// The keys of the encryption engines, one slot per ASID: slot 0 is the host's SME key.   ENC-KEYSEL-02, ENC-ASID-04
///
/// A key belongs to a guest, not to an ASID: activating the guest on another ASID puts the same key into another slot.
/// Taking a guest from an ASID does not erase the slot (ENC-ASID-10). Every memory channel has keys of its own, made
/// from the guest's seed (ENC-MODE-09). Schedules are made once, when a key is installed.
template <crypto::memory_cipher Cipher>
class key_table {
 public:
  using key = typename Cipher::key;
  using seed = std::span<const std::uint8_t, Cipher::key_bytes>;

  /// @param slots     number of ASIDs: the highest ASID of an encrypted guest (CPUID Fn8000_001F ECX) + 1
  /// @param channels  memory channels, at least 1; with one, the seed is the key
  constexpr explicit key_table(std::uint32_t slots, std::uint32_t channels = 1) : channels_(channels) {
    Expects(channels >= 1);
    for (std::uint32_t i = 0; i < slots; ++i) place_.push_back(0);  // one by one: so it works in constant expressions
  }

  [[nodiscard]] constexpr auto slots() const noexcept -> std::uint32_t {
    return static_cast<std::uint32_t>(place_.size());
  }
  [[nodiscard]] constexpr auto channels() const noexcept -> std::uint32_t { return channels_; }

  /// Puts a key into a slot, over whatever is there (ENC-CT-10).
  /// @return false, and nothing changes, if there is no such slot
  [[nodiscard]] constexpr auto install(const Cipher& cipher, asid id, seed bytes) -> bool {
    if (id.value >= place_.size()) return false;
    std::uint32_t& place = place_[id.value];
    const bool fresh = place == 0;
    if (fresh) place = static_cast<std::uint32_t>(keys_.size()) + 1;
    for (std::uint32_t channel = 0; channel < channels_; ++channel) {
      key made = channels_ == 1 ? cipher.expand(bytes) : cipher.expand(Cipher::channel_seed(bytes, channel));
      if (fresh) keys_.push_back(std::move(made));
      else keys_[place - 1 + channel] = std::move(made);
    }
    return true;
  }

  /// The key of a slot for one channel; null if there is none.
  /// @param which  not `memory_key::none()`
  [[nodiscard]] constexpr auto find(memory_key which, std::uint32_t channel = 0) const noexcept -> const key* {
    if (which.slot >= place_.size()) return nullptr;
    const std::uint32_t place = place_[which.slot];
    return place == 0 ? nullptr : &keys_[place - 1 + channel];
  }

 private:
  std::uint32_t channels_;
  std::vector<std::uint32_t> place_;  ///< by ASID: 1 + index of the first channel's key, or 0
  std::vector<key> keys_;
};

}  // namespace sevspec::inline v0::memory

#endif
