// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_DETAIL_RESERVED_HPP
#define SEVSPEC_PAGING_DETAIL_RESERVED_HPP

#include <cstdint>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule.hpp>
#include <sevspec/paging/entry.hpp>
#include <sevspec/paging/regime.hpp>

namespace sevspec::inline v0::paging::detail {

/// The reserved-bit check of a present entry.   APM vol. 2, 5.3.3 to 5.3.5, 5.4.1
/// @param must_be_zero  the regime's mask for an entry of this level that points to a table, or maps a page
/// @return the rule that the entry breaks, or `rule::none`
template <class Context, class Regime>
[[nodiscard, gnu::always_inline]] constexpr auto broken_reserved_rule(Context& ctx, const Regime& regime,
                                                                      unsigned level, std::uint64_t must_be_zero,
                                                                      entry found) -> rule {
  const std::uint64_t wrong = found.raw & must_be_zero;
  // All rules in one test on the way that nearly every entry takes; one by one if something is wrong or somebody
  // listens.
  if constexpr (!Context::template tells<rule_evaluated>)
    if (wrong == 0) [[likely]]
      return rule::none;

  const std::uint64_t bit_8 = level >= 4 ? entry::g::mask : 0;
  const std::uint64_t layout = ~(bit_8 | regime.above_width | regime.vtom_c | entry::nx::mask);
  if (ctx.denies(rule::PAG_ENT_03, (wrong & bit_8) != 0)) return rule::PAG_ENT_03;
  if (ctx.denies(rule::PAG_RSV_01, (wrong & layout) != 0)) return rule::PAG_RSV_01;
  if (ctx.denies(rule::PAG_RSV_02, (wrong & regime.above_width) != 0)) return rule::PAG_RSV_02;
  if (ctx.denies(rule::PAG_RSV_07, (wrong & regime.vtom_c) != 0)) return rule::PAG_RSV_07;
  if (ctx.denies(rule::PAG_RSV_08, (wrong & entry::nx::mask) != 0)) return rule::PAG_RSV_08;
  return rule::none;
}

}  // namespace sevspec::inline v0::paging::detail

#endif
