// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_RULE_SET_HPP
#define SEVSPEC_BASE_RULE_SET_HPP

#include <array>
#include <cstdint>

#include <gsl/assert>

#include <sevspec/base/rule.hpp>

namespace sevspec::inline v0 {

/// The architecture as it is: every rule holds. Known at compile time, so a context with it costs nothing.
struct all_rules {
  [[nodiscard]] static constexpr auto contains(rule) noexcept -> bool { return true; }
};

/// The architecture without some rules, fixed at compile time: `all_rules_but<rule::PAG_PERM_04>`.
template <rule... Without>
struct all_rules_but {
  [[nodiscard]] static constexpr auto contains(rule id) noexcept -> bool { return ((id != Without) && ...); }
};

/// A set of rules chosen at run time, for the explorer and "what if" questions. A regular value.
class rule_set {
 public:
  /// Every rule.
  constexpr rule_set() noexcept { words_.fill(~std::uint64_t{}); }

  /// True for `rule::none`, too: what no rule decided cannot be switched off.
  [[nodiscard]] constexpr auto contains(rule id) const noexcept -> bool {
    return id >= rule::count_ || (words_[index(id)] >> position(id) & 1) != 0;
  }

  /// This set without `id`, which is a rule (not `rule::none`).
  [[nodiscard]] constexpr auto without(rule id) const noexcept -> rule_set {
    Expects(id < rule::count_);
    rule_set result = *this;
    result.words_[index(id)] &= ~(std::uint64_t{1} << position(id));
    return result;
  }

  /// This set with `id`.
  [[nodiscard]] constexpr auto with(rule id) const noexcept -> rule_set {
    Expects(id < rule::count_);
    rule_set result = *this;
    result.words_[index(id)] |= std::uint64_t{1} << position(id);
    return result;
  }

  friend constexpr auto operator==(const rule_set&, const rule_set&) -> bool = default;

 private:
  [[nodiscard]] static constexpr auto index(rule id) noexcept -> unsigned { return static_cast<unsigned>(id) / 64; }
  [[nodiscard]] static constexpr auto position(rule id) noexcept -> unsigned { return static_cast<unsigned>(id) % 64; }

  std::array<std::uint64_t, (rule_count + 63) / 64> words_{};
};

}  // namespace sevspec::inline v0

#endif
