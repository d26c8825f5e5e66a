// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_PAGING_THREE_STAGE_WALK_HPP
#define SEVSPEC_PAGING_THREE_STAGE_WALK_HPP

#include <expected>

#include <gsl/assert>

#include <sevspec/base/access.hpp>
#include <sevspec/base/address.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/memory_key.hpp>
#include <sevspec/base/outcome.hpp>
#include <sevspec/base/page_size.hpp>
#include <sevspec/memory/unguarded.hpp>
#include <sevspec/paging/detail/retag.hpp>
#include <sevspec/paging/l1_physical_memory.hpp>
#include <sevspec/paging/l2_address.hpp>
#include <sevspec/paging/l2_key_selection.hpp>
#include <sevspec/paging/mapping.hpp>
#include <sevspec/paging/nested_walk.hpp>
#include <sevspec/paging/two_stage_regime.hpp>

namespace sevspec::inline v0::paging {

/// A completed translation through gPT2, nPT12 and nPT01.
struct three_stage_translation {
  mapping<l2_physical> in_l2{};     ///< gPT2: the L2 gPA
  mapping<guest_physical> in_l1{};  ///< nPT12: the L1 gPA
  mapping<system_physical> page{};  ///< nPT01: the sPA
  page_size size{};                 ///< the smallest page of the three
  bool effective_c{};               ///< the reference is encrypted from L2's side
  memory_key key{};                 ///< as `nested_key_model` chooses

  friend constexpr auto operator==(const three_stage_translation&, const three_stage_translation&) -> bool = default;
};

/// Translates a reference of L2 as hardware without shadow tables would have to: no processor does. Every entry of gPT2
/// lies at an L2 gPA that nPT12 translates, every entry of nPT12 at an L1 gPA that nPT01 translates (PAG-CNT-03).
/// @param l1  an `l1_physical_memory` of a `processor`
/// @param l2  from `make_l2_regime`, with the ASID of L2's key as `id`
/// @return the sPA and the key; or L2's #PF, #GP or #SS, nPT12's #NPF, or nPT01's, which then is `l1.obstacle()`'s
template <class Context, class L1Memory>
[[nodiscard]] constexpr auto walk_three_stages(Context& ctx, L1Memory& l1, const two_stage_regime& l2, l2_gva where,
                                               const memory_access& why) -> outcome<three_stage_translation> {
  Expects(l1.reader() == l1_reader::processor);
  memory::unguarded tables{l1};
  l1.clear_obstacle();
  const auto found = walk(ctx, tables, l2, gva{where.value}, why);
  if (l1.obstacle()) return std::unexpected{l1.obstacle()->reason};
  if (!found) return std::unexpected{found.error()};
  const auto in_l1 = detail::retag<guest_physical>(found->page);
  const auto page = l1.translate(in_l1.where, why.kind, why.is_user());
  if (!page) return std::unexpected{page.error()};

  const l2_key_query about{.effective_c = found->effective_c,
                           .l2 = l2.id,
                           .l1_sev_active = l1.l1().sev_active,
                           .l1 = l1.l1().id,
                           .npt12_c = found->page.c,
                           .npt01_c = page->c};
  return three_stage_translation{.in_l2 = detail::retag<l2_physical>(found->in_guest),
                                 .in_l1 = in_l1,
                                 .page = *page,
                                 .size = smaller_of(found->size, page->size),
                                 .effective_c = found->effective_c,
                                 .key = key_for_l2(ctx.choices.nested_key_model, about)};
}

}  // namespace sevspec::inline v0::paging

#endif
