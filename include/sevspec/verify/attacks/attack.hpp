// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_ATTACKS_ATTACK_HPP
#define SEVSPEC_VERIFY_ATTACKS_ATTACK_HPP

#include <bitset>
#include <cstddef>
#include <string>

#include <sevspec/verify/attacks/setting.hpp>
#include <sevspec/verify/attacks/verdict.hpp>

namespace sevspec::inline v0::verify::attacks {

/// One attack of the catalogue.
struct attack {
  const char* id;         ///< "ATK-06"
  const char* name;       ///< a few words
  const char* published;  ///< who described it, and where
  const char* needs;      ///< what the attacker has, besides the hypervisor
  const char* steps;
  const char* aim;  ///< when it has succeeded
  const char* fix;  ///< what `setting::fixed` adds; empty: nothing
  auto (*run)(const setting&) -> verdict;
};

/// One cell of the matrix: the part as it was sold, and with what was fixed since.
struct cell {
  verdict first{};
  verdict fixed{};

  friend auto operator==(const cell&, const cell&) -> bool = default;
};

[[nodiscard]] inline auto run(const attack& which, column where, const rule_set& rules = {}) -> cell {
  return {.first = which.run({.where = where, .fixed = false, .rules = rules}),
          .fixed = which.run({.where = where, .fixed = true, .rules = rules})};
}

/// Which of the effects that a script met stands in its way: the first without which it succeeds. For scripts that come to
/// nothing although no step was refused.
template <class Script>
[[nodiscard]] auto effect_in_the_way(const Script& script, const setting& at, const std::bitset<rule_count>& met)
    -> rule {
  for (std::size_t i = 0; i < met.size(); ++i) {
    if (!met.test(i)) continue;
    setting without = at;
    without.rules = at.rules.without(static_cast<rule>(i));
    if (script(without).how == ending::success) return static_cast<rule>(i);
  }
  return rule::none;
}

/// "S", "#PF-RMP", or "S > #PF-RMP" where a fix changes something.
[[nodiscard]] inline auto text_of(const cell& one) -> std::string {
  const std::string before = symbol_of(one.first);
  const std::string after = symbol_of(one.fixed);
  return before == after ? before : before + " > " + after;
}

}  // namespace sevspec::inline v0::verify::attacks

#endif
