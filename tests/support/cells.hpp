// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_CELLS_HPP
#define SEVSPEC_TESTS_SUPPORT_CELLS_HPP

#include <array>
#include <cstdint>
#include <optional>

#include <gsl/assert>

#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>

namespace sevspec::test {

/// Physical memory of at most 40 qwords; nothing else answers. A value that works in constant expressions: copy it
/// before a walk and compare afterwards.
class cells {
 public:
  /// Adds or replaces a qword.
  constexpr void put(std::uint64_t where, std::uint64_t value) {
    if (auto* known = find(where)) {
      known->value = value;
      return;
    }
    Expects(count_ < cells_.size());
    cells_[count_++] = {where, value};
  }

  /// A qword that is there.
  [[nodiscard]] constexpr auto operator[](std::uint64_t where) -> std::uint64_t& {
    auto* known = find(where);
    Expects(known != nullptr);
    return known->value;
  }

  [[nodiscard]] constexpr auto contains(std::uint64_t where) const -> bool { return find(where) != nullptr; }

  [[nodiscard]] constexpr auto read_qword(spa where, memory_key) const -> std::optional<std::uint64_t> {
    if (const auto* known = find(where.value)) return known->value;
    return std::nullopt;
  }

  constexpr auto compare_exchange_qword(spa where, memory_key, std::uint64_t expected, std::uint64_t desired) -> bool {
    auto* known = find(where.value);
    if (known == nullptr || known->value != expected) return false;
    known->value = desired;
    return true;
  }

  friend constexpr auto operator==(const cells&, const cells&) -> bool = default;

 private:
  struct cell {
    std::uint64_t where{};
    std::uint64_t value{};
    friend constexpr auto operator==(const cell&, const cell&) -> bool = default;
  };

  [[nodiscard]] constexpr auto find(std::uint64_t where) const -> const cell* {
    for (unsigned i = 0; i < count_; ++i)
      if (cells_[i].where == where) return &cells_[i];
    return nullptr;
  }
  [[nodiscard]] constexpr auto find(std::uint64_t where) -> cell* {
    for (unsigned i = 0; i < count_; ++i)
      if (cells_[i].where == where) return &cells_[i];
    return nullptr;
  }

  std::array<cell, 40> cells_{};
  unsigned count_ = 0;
};

}  // namespace sevspec::test

#endif
