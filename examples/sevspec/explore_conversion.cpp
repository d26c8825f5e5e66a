// SPDX-License-Identifier: MIT
// sevspec explore: pages between private and shared.

#include <string>
#include <vector>

#include <sevspec/verify/explorer/conversion_ablation.hpp>
#include <sevspec/verify/explorer/conversion_model.hpp>

#include "explore_models.hpp"
#include "explore_search.hpp"

namespace sevspec::tool {

namespace {

using verify::explorer::conversion_bug;
using verify::explorer::conversion_model;
using verify::explorer::conversion_parts;
using verify::explorer::symmetric_conversion_model;
using rules_in_force = context<rule_set>;

struct named_machine {
  const char* name;
  const char* what;
  conversion_parts parts;
  bool four_pages;
};
constexpr named_machine machines[] = {
    {"conversion",
     "a guest that keeps notes, two gPAs, two pages, page state changes; the hypervisor replays bytes",
     {.replay = true},
     false},
    {"conversion-core", "the same without replay", {}, false},
    {"conversion-4", "one gPA, four pages, with replay", {.guest_pages = 1, .replay = true}, true},
    {"conversion-bug",
     "conversion-core with a guest that clears the C-bit too early: breaks",
     {.bug = conversion_bug::shares_first},
     false},
};

template <std::size_t Pages>
[[nodiscard]] auto run(const search_order& order, const named_machine& machine, const rules_in_force& ctx)
    -> search_result {
  if (order.symmetry)
    return searched(order, machine.name, symmetric_conversion_model<Pages, rules_in_force>{machine.parts, ctx});
  return searched(order, machine.name, conversion_model<Pages, rules_in_force>{machine.parts, ctx});
}

constexpr ablation_table ablation{
    .takes = [](const rule_info& one) { return verify::explorer::is_ablated_in_conversion(one.id); },
    .reason = verify::explorer::why_not_load_bearing_in_conversion,
    .search = [](rule id) { return detail::summed_up(verify::explorer::ablate_conversion(id)); }};

}  // namespace

auto conversion_models() -> std::vector<explored_model> {
  std::vector<explored_model> all;
  for (const named_machine& one : machines)
    all.push_back({.name = one.name,
                   .what = one.what,
                   .run =
                       [&one](const search_order& order, const rule_set& rules) {
                         const rules_in_force ctx{.rules = rules};
                         return one.four_pages ? run<4>(order, one, ctx) : run<2>(order, one, ctx);
                       },
                   .ablation = &ablation});
  return all;
}

}  // namespace sevspec::tool
