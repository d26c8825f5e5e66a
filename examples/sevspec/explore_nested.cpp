// SPDX-License-Identifier: MIT
// sevspec explore: what L0 keeps for an L1: a Reverse Map Table over the real one, and shadow tables.

#include <string>
#include <vector>

#include <sevspec/verify/explorer/nested_ablation.hpp>
#include <sevspec/verify/explorer/nested_model.hpp>
#include <sevspec/verify/explorer/nested_shadow_model.hpp>

#include "explore_models.hpp"
#include "explore_search.hpp"

namespace sevspec::tool {

namespace {

using verify::explorer::nested_model;
using verify::explorer::nested_parts;

struct named_machine {
  const char* name;
  const char* what;
  nested_parts parts;
};
constexpr named_machine machines[] = {
    {"nested", "an L1 with two L2s and two pages, VIRT_RMPUPDATE over RMPUPDATE, and an L0 that interferes", {}},
    {"nested-honest", "the same with an L0 that does what L1 asks for", {.hostile = false}},
    {"nested-one", "one page, two gPAs", {.pages = 1, .addresses = 2}},
};

constexpr ablation_table ablation{
    .takes = [](const rule_info& one) { return verify::explorer::is_ablated_in_nested(one.id); },
    .reason = verify::explorer::why_not_load_bearing_in_nested,
    .search = [](rule id) { return detail::summed_up(verify::explorer::ablate_nested(id)); }};

}  // namespace

auto nested_models() -> std::vector<explored_model> {
  std::vector<explored_model> all;
  for (const named_machine& one : machines)
    all.push_back({.name = one.name,
                   .what = one.what,
                   .run =
                       [&one](const search_order& order, const rule_set& rules) {
                         refuse_symmetry(order, one.name);
                         return searched(order, one.name, nested_model{one.parts, {.rules = rules}});
                       },
                   .ablation = &ablation});
  all.push_back({.name = "nested-shadow",
                 .what = "an L1 that changes the nested tables of two L2s, and L0's shadow of them",
                 .run =
                     [](const search_order& order, const rule_set& rules) {
                       refuse_symmetry(order, "nested-shadow");
                       return searched(order, "nested-shadow",
                                       verify::explorer::nested_shadow_model{2, {.rules = rules}});
                     },
                 .ablation = &ablation});
  return all;
}

}  // namespace sevspec::tool
