// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_ATTACKS_ATTACK_HPP
#define SEVSPEC_VERIFY_ATTACKS_ATTACK_HPP

#include <bitset>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

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
  auto (*script)(const setting&) -> verdict;
  /// Why the attack breaks no invariant of the Reverse Map Table where it succeeds on SEV-SNP; empty: it breaks one.
  const char* beyond_invariants = "";

  /// Runs the script, with all invariants of the Reverse Map Table as monitors.
  [[nodiscard]] auto run(const setting& at) const -> verdict {
    rmp_finding first;
    setting watched = at;
    watched.first_broken = &first;
    verdict ended = script(watched);
    ended.broken = first;
    return ended;
  }
};

/// Reasons that several attacks have.
inline constexpr const char* ciphertext_is_read =
    "Memory is only read, as ciphertext: the invariants say who writes, and what owners read.";
inline constexpr const char* events_are_not_memory = "An event is no reference: the table is not asked.";

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
    without.first_broken = nullptr;  // it is another world
    without.rules = at.rules.without(static_cast<rule>(i));
    if (script(without).how == ending::success) return static_cast<rule>(i);
  }
  return rule::none;
}

/// The rules that hold an attack, one behind another: that which ends it, that which ends it when the first is missing, and
/// so on.
struct obstacles {
  std::vector<rule> rules{};
  verdict without{};  ///< how it ends without all of them: nothing refuses any more
};
[[nodiscard]] inline auto obstacles_of(const attack& which, setting at) -> obstacles {
  obstacles found{.without = which.run(at)};
  while (found.without.decided_by != rule::none) {
    found.rules.push_back(found.without.decided_by);
    at.rules = at.rules.without(found.without.decided_by);
    verdict next = which.run(at);
    const bool again = next.decided_by == found.without.decided_by;
    found.without = std::move(next);
    if (again) break;
  }
  return found;
}

/// "S", "#PF-RMP", or "S > #PF-RMP" where a fix changes something.
[[nodiscard]] inline auto text_of(const cell& one) -> std::string {
  const std::string before = symbol_of(one.first);
  const std::string after = symbol_of(one.fixed);
  return before == after ? before : before + " > " + after;
}

}  // namespace sevspec::inline v0::verify::attacks

#endif
