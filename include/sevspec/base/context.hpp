// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_CONTEXT_HPP
#define SEVSPEC_BASE_CONTEXT_HPP

#include <sevspec/base/choices.hpp>
#include <sevspec/base/observer.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/base/rule_set.hpp>

namespace sevspec::inline v0 {

/// What every semantic function is given first: the rules in force, the choices for what hardware leaves open, and
/// somebody to tell. The default is the architecture itself with nobody listening; it costs nothing.
/// @tparam Rules     `all_rules`, `all_rules_but<...>` or `rule_set`
/// @tparam Observer  an `observer`; a reference type to share one
template <class Rules = all_rules, observer Observer = no_observer>
struct context {
  [[no_unique_address]] Rules rules{};
  implementation_choices choices{};
  [[no_unique_address]] Observer listener{};

  /// Whether events of this type reach anybody.
  template <class Event>
  static constexpr bool tells = hears<std::remove_reference_t<Observer>, Event>;

  template <class Event>
  constexpr void tell(const Event& event) {
    if constexpr (tells<Event>) listener.on(event);
  }

  /// One guard of a semantic function: true if `violated` and the rule is in force. The function then fails and names
  /// `id` as the reason.
  [[nodiscard]] constexpr auto denies(rule id, bool violated) -> bool {
    const bool fired = violated && rules.contains(id);
    tell(rule_evaluated{id, fired});
    return fired;
  }

  /// One conditional effect of a semantic function: true if its condition holds and the rule is in force.
  [[nodiscard]] constexpr auto applies(rule id, bool condition) -> bool { return denies(id, condition); }
};

}  // namespace sevspec::inline v0

#endif
