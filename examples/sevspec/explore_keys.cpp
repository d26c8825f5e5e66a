// SPDX-License-Identifier: MIT
// sevspec explore: keys, ASIDs and caches.

#include <string>
#include <vector>

#include <sevspec/verify/explorer/keys_ablation.hpp>
#include <sevspec/verify/explorer/keys_model.hpp>

#include "explore_models.hpp"
#include "explore_search.hpp"

namespace sevspec::tool {

namespace {

using verify::explorer::keys_bug;
using verify::explorer::keys_model;
using verify::explorer::keys_parts;
using verify::explorer::symmetric_keys_model;
using rules_in_force = context<rule_set>;

struct named_machine {
  const char* name;
  const char* what;
  keys_parts parts;
  bool two_complexes;
};
constexpr named_machine machines[] = {
    {"keys", "two SEV guests at a time, two ASIDs, one core, a line of memory and its copies in caches", {}, false},
    {"keys-complexes", "two guests, one ASID, two core complexes", {.asids = 1}, true},
    {"keys-bug",
     "two guests, one ASID, and a core that reports WBINVD without it: breaks",
     {.asids = 1, .bug = keys_bug::reports_wbinvd},
     false},
};

template <std::uint32_t Complexes>
[[nodiscard]] auto run(const search_order& order, const named_machine& machine, const rules_in_force& ctx)
    -> search_result {
  if (order.symmetry)
    return searched(order, machine.name, symmetric_keys_model<Complexes, rules_in_force>{machine.parts, ctx});
  return searched(order, machine.name, keys_model<Complexes, rules_in_force>{machine.parts, ctx});
}

constexpr ablation_table ablation{
    .takes = [](const rule_info& one) { return verify::explorer::is_ablated_in_keys(one.id); },
    .reason = verify::explorer::why_not_load_bearing_in_keys,
    .search = [](rule id) { return detail::summed_up(verify::explorer::ablate_keys(id)); }};

}  // namespace

auto keys_models() -> std::vector<explored_model> {
  std::vector<explored_model> all;
  for (const named_machine& one : machines)
    all.push_back({.name = one.name,
                   .what = one.what,
                   .run =
                       [&one](const search_order& order, const rule_set& rules) {
                         const rules_in_force ctx{.rules = rules};
                         return one.two_complexes ? run<2>(order, one, ctx) : run<1>(order, one, ctx);
                       },
                   .ablation = &ablation});
  return all;
}

}  // namespace sevspec::tool
