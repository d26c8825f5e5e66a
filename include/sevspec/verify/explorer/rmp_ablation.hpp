// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_RMP_ABLATION_HPP
#define SEVSPEC_VERIFY_EXPLORER_RMP_ABLATION_HPP

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/verify/explorer/explore.hpp>
#include <sevspec/verify/explorer/rmp_model.hpp>

namespace sevspec::inline v0::verify::explorer {

/// Small machines, each with another part of the architecture, which close in a moment. Together they have all of it.
inline constexpr std::array rmp_portfolio{
    rmp_parts{.large = false, .immutable = false, .vmsa = false},
    rmp_parts{.large = true, .immutable = false, .vmsa = false},
    rmp_parts{.large = false, .immutable = true, .vmsa = false, .guest_pages = 1},
    rmp_parts{.large = true, .immutable = true, .vmsa = false, .vmpls = 1, .guests = 1},
    rmp_parts{.large = false, .immutable = false, .vmsa = true, .vmrun = true, .guest_pages = 1},
    rmp_parts{.large = true, .immutable = false, .vmsa = true, .vmrun = true, .vmpls = 2, .guests = 1},
    rmp_parts{.large = false, .immutable = false, .vmsa = true, .vmpls = 3, .guests = 1, .guest_pages = 1},
    rmp_parts{.large = true, .immutable = false, .vmsa = false, .tlb = true, .vmpls = 1},
};

/// What becomes of machines without a rule.
struct ablation {
  rule without{};
  bool load_bearing{};               ///< an invariant breaks
  rmp_parts parts{};                 ///< of the machine where it does
  std::vector<std::string> trace{};  ///< the shortest way there
  std::vector<rmp_step> steps{};     ///< the same as far as the conformance suite knows it
  rmp_finding broken{};
  std::uint64_t states{};  ///< looked at, in all machines
};

/// Explores small machines without a rule, until one breaks an invariant or all are closed.
/// @param without  nothing: with all rules
template <std::size_t Pages = 2, std::uint64_t SubPages = 2>
[[nodiscard]] inline auto ablate_rmp(std::optional<rule> without, const implementation_choices& choices = {})
    -> ablation {
  ablation row;
  row.without = without.value_or(rule::none);
  context<rule_set> ctx{};
  ctx.choices = choices;
  if (without) ctx.rules = ctx.rules.without(*without);
  for (const rmp_parts& parts : rmp_portfolio) {
    using machine = rmp_model<Pages, SubPages, context<rule_set>>;
    explorer<machine> search{machine{parts, ctx}};
    const auto seen = search.run();
    row.states += seen.states;
    if (!seen.found) continue;
    row.load_bearing = true;
    row.parts = parts;
    row.broken = seen.found.broken;
    for (const std::uint32_t operation : seen.found.operations) {
      row.trace.push_back(search.what().describe(operation));
      if (const auto step = search.what().step_of(operation)) row.steps.push_back(*step);
    }
    break;
  }
  return row;
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
