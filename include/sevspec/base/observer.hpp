// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_BASE_OBSERVER_HPP
#define SEVSPEC_BASE_OBSERVER_HPP

#include <concepts>
#include <cstdint>
#include <type_traits>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/rule.hpp>

namespace sevspec::inline v0 {

/// Whose page tables a reference belongs to.
enum class stage : std::uint8_t {
  host,    ///< tables rooted in CR3, outside guest mode
  guest,   ///< tables rooted in gCR3
  nested,  ///< tables rooted in nCR3
};

/// A page-table entry was read. One event per memory reference of a walk (PAG-CNT-01).
struct table_read {
  stage tables{};
  unsigned level{};  ///< 5 = PML5 ... 1 = PT
  spa where{};       ///< the entry's address
  memory_key key{};  ///< the key it was read with
  std::uint64_t entry{};
};

/// An accessed or dirty bit was set in an entry.
struct table_update {
  stage tables{};
  unsigned level{};
  spa where{};
  memory_key key{};
  std::uint64_t before{};
  std::uint64_t after{};
};

/// A translation is complete: the reference itself would go to `where` under `key`.
struct final_access {
  access_kind kind{};
  spa where{};
  memory_key key{};
};

/// A rule was consulted. `fired`: its condition held and the rule is in force, so it denied or acted.
struct rule_evaluated {
  rule id{};
  bool fired{};
};

/// The default observer: hears nothing, costs nothing.
struct no_observer {};

/// O has a member `on(Event)` for this event.
template <class O, class Event>
concept hears = requires(O& observer, const Event& event) { observer.on(event); };

/// An observer is told of what happens inside a semantic function. It implements `on(event)` for the events it wants
/// (`table_read`, `table_update`, `final_access`, `rule_evaluated`) and pays for those alone. It must hear at least
/// one of them; test with `hears<my_observer, table_read>` what it hears.
template <class O>
concept observer = std::same_as<std::remove_reference_t<O>, no_observer> || hears<O, table_read> ||
                   hears<O, table_update> || hears<O, final_access> || hears<O, rule_evaluated>;

}  // namespace sevspec::inline v0

#endif
