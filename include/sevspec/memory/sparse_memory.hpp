// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_MEMORY_SPARSE_MEMORY_HPP
#define SEVSPEC_MEMORY_SPARSE_MEMORY_HPP

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>

namespace sevspec::inline v0::memory {

/// Physical memory made of the 4 KiB pages that were put into it, without encryption. Uses the heap.
class sparse_memory {
 public:
  using page = std::array<std::uint64_t, 512>;

  /// What a read of an absent page gives.
  enum class absent : std::uint8_t {
    no_answer,  ///< nothing: a walk that gets there ends with `no_memory` (right for captures, which are incomplete)
    zero,       ///< zeros
  };

  explicit sparse_memory(absent policy = absent::no_answer) noexcept : absent_(policy) {}

  /// The page that holds `where`, made and zeroed if absent.
  auto page_at(spa where) -> page& { return pages_[where.value >> 12]; }

  /// Stores a qword, making its page if absent.
  /// @param where  a multiple of 8
  void write_qword(spa where, std::uint64_t value) {
    Expects(where.value % 8 == 0);
    page_at(where)[slot(where)] = value;
  }

  [[nodiscard]] auto read_qword(spa where, memory_key) const -> std::optional<std::uint64_t> {
    if (const auto found = pages_.find(where.value >> 12); found != pages_.end()) return found->second[slot(where)];
    if (absent_ == absent::zero) return 0;
    return std::nullopt;
  }

  auto compare_exchange_qword(spa where, memory_key key, std::uint64_t expected, std::uint64_t desired) -> bool {
    if (read_qword(where, key) != expected) return false;
    page_at(where)[slot(where)] = desired;
    return true;
  }

  [[nodiscard]] auto contains(spa where) const -> bool { return pages_.contains(where.value >> 12); }
  [[nodiscard]] auto page_count() const noexcept -> std::size_t { return pages_.size(); }

  friend auto operator==(const sparse_memory&, const sparse_memory&) -> bool = default;

 private:
  [[nodiscard]] static constexpr auto slot(spa where) noexcept -> std::size_t { return where.value % 4096 / 8; }

  std::unordered_map<std::uint64_t, page> pages_;
  absent absent_;
};

}  // namespace sevspec::inline v0::memory

#endif
