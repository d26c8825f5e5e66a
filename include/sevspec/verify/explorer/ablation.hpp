// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_ABLATION_HPP
#define SEVSPEC_VERIFY_EXPLORER_ABLATION_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/verify/explorer/explore.hpp>
#include <sevspec/verify/explorer/finding.hpp>

namespace sevspec::inline v0::verify::explorer {

/// Why a machine without the rule breaks none of the invariants.
struct not_load_bearing {
  rule id{};
  const char* why{};
};
/// The reason in a list; null if there is none.
[[nodiscard]] constexpr auto reason_in(std::span<const not_load_bearing> list, rule id) noexcept -> const char* {
  for (const not_load_bearing& one : list)
    if (one.id == id) return one.why;
  return nullptr;
}
/// A rule that is a definition, which no check asks, so that it cannot be switched off: what holds in its place.
struct carried_definition {
  rule id{};
  std::array<rule, 3> by{rule::none, rule::none, rule::none};  ///< rules that can be switched off; then `rule::none`
  const char* how{};

  /// @param carriers  1 to 3
  constexpr carried_definition(rule which, std::initializer_list<rule> carriers, const char* why)
      : id(which), how(why) {
    std::ranges::copy(carriers, by.begin());
  }
};
[[nodiscard]] constexpr auto is_in(std::span<const rule> list, rule id) noexcept -> bool {
  for (const rule one : list)
    if (one == id) return true;
  return false;
}

/// What becomes of a family of machines without a rule.
struct model_ablation {
  model_finding broken{};
  std::vector<std::string> trace{};  ///< the shortest way there, in the machine that broke first
  std::uint64_t states{};            ///< looked at, in all machines
};

/// Explores machines without a rule, one after the other, until one breaks an invariant or all are closed.
/// @tparam Model  made from parts and a context
template <class Model, class Parts>
[[nodiscard]] auto ablate_model(std::span<const Parts> portfolio, rule without) -> model_ablation {
  const context<rule_set> ctx{.rules = rule_set{}.without(without)};
  model_ablation row;
  for (const Parts& parts : portfolio) {
    explorer<Model> search{Model{parts, ctx}};
    const auto seen = search.run();
    row.states += seen.states;
    if (!seen.found) continue;
    row.broken = seen.found.broken;
    for (const std::uint32_t operation : seen.found.operations) row.trace.push_back(search.what().describe(operation));
    break;
  }
  return row;
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
