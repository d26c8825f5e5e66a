// SPDX-License-Identifier: MIT
// sevspec explore: calls to an SVSM.

#include <string>
#include <vector>

#include <sevspec/verify/explorer/svsm_model.hpp>
#include <sevspec/verify/explorer/svsm_reasons.hpp>

#include "explore_models.hpp"
#include "explore_search.hpp"

namespace sevspec::tool {

namespace {

using verify::explorer::svsm_parts;
using machine = verify::explorer::svsm_model<context<rule_set>>;

struct named_machine {
  const char* name;
  const char* what;
  svsm_parts parts;
};
constexpr named_machine machines[] = {
    {"svsm", "an SVSM, a guest at VMPL 2 with two processors, two pages that go around", {.remaps = false}},
    {"svsm-one", "one page that goes around, and the hypervisor puts another in its place", {.second = false}},
    {"svsm-all", "two pages, and another in the place of one: takes a minute", {}},
};

constexpr ablation_table ablation{
    .takes = [](const rule_info& one) { return verify::explorer::is_ablated_in_svsm(one.id); },
    .reason = verify::explorer::why_not_load_bearing_in_svsm,
    .search =
        [](rule id) {
          search_result all;
          std::uint64_t states = 0;
          for (const svsm_parts& parts : verify::explorer::svsm_portfolio) {
            all = searched({}, "svsm", machine{parts, {.rules = rule_set{}.without(id)}});
            states += all.states;
            if (all.broken) break;
          }
          all.states = states;
          return all;
        }};

}  // namespace

auto svsm_models() -> std::vector<explored_model> {
  std::vector<explored_model> all;
  for (const named_machine& one : machines)
    all.push_back({.name = one.name,
                   .what = one.what,
                   .run =
                       [&one](const search_order& order, const rule_set& rules) {
                         refuse_symmetry(order, one.name);
                         return searched(order, one.name, machine{one.parts, {.rules = rules}});
                       },
                   .ablation = &ablation});
  return all;
}

}  // namespace sevspec::tool
