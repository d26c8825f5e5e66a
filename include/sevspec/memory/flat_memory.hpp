// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_FLAT_MEMORY_HPP
#define SEVSPEC_MEMORY_FLAT_MEMORY_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>

namespace sevspec::inline v0::memory {

/// One contiguous range of physical memory without encryption, as qwords owned by the caller: the fastest model, and one
/// that works in constant expressions.
class flat_memory {
 public:
  /// @param qwords  the contents; the first is at `base`
  /// @param base    sPA of the first qword, a multiple of 8
  constexpr explicit flat_memory(std::span<std::uint64_t> qwords, spa base = {}) noexcept
      : qwords_(qwords.data()), bytes_(qwords.size() * 8), base_(base.value) {}

  [[nodiscard]] constexpr auto read_qword(spa where, memory_key) const noexcept -> std::optional<std::uint64_t> {
    const std::uint64_t offset = where.value - base_;
    if (offset >= bytes_) [[unlikely]]
      return std::nullopt;
    return qwords_[offset / 8];
  }

  constexpr auto compare_exchange_qword(spa where, memory_key, std::uint64_t expected, std::uint64_t desired) noexcept
      -> bool {
    const std::uint64_t offset = where.value - base_;
    if (offset >= bytes_ || qwords_[offset / 8] != expected) return false;
    qwords_[offset / 8] = desired;
    return true;
  }

 private:
  std::uint64_t* qwords_;
  std::uint64_t bytes_;
  std::uint64_t base_;
};

}  // namespace sevspec::inline v0::memory

#endif
