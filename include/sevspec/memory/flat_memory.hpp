// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_FLAT_MEMORY_HPP
#define SEVSPEC_MEMORY_FLAT_MEMORY_HPP

#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>

namespace sevspec::inline v0::memory {

/// Physical memory from sPA 0 up to a limit, without encryption, as qwords owned by the caller: the fastest model, and
/// one that works in constant expressions.
class flat_memory {
 public:
  /// @param qwords  the contents, from sPA 0 on
  constexpr explicit flat_memory(std::span<std::uint64_t> qwords) noexcept : qwords_(qwords) {}

  /// Nothing beyond the last qword.
  /// @param where  a multiple of 8
  [[nodiscard]] constexpr auto read_qword(spa where, memory_key) const noexcept -> std::optional<std::uint64_t> {
    const std::uint64_t index = where.value / 8;
    if (index >= qwords_.size()) [[unlikely]]
      return std::nullopt;
    return qwords_[index];
  }

  constexpr auto compare_exchange_qword(spa where, memory_key, std::uint64_t expected, std::uint64_t desired) noexcept
      -> bool {
    const std::uint64_t index = where.value / 8;
    if (index >= qwords_.size() || qwords_[index] != expected) return false;
    qwords_[index] = desired;
    return true;
  }

 private:
  std::span<std::uint64_t> qwords_;
};

}  // namespace sevspec::inline v0::memory

#endif
