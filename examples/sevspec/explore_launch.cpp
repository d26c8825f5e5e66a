// SPDX-License-Identifier: MIT
// sevspec explore: the launch of SNP guests.

#include <string>
#include <vector>

#include <sevspec/verify/explorer/launch_ablation.hpp>
#include <sevspec/verify/explorer/launch_model.hpp>

#include "explore_models.hpp"
#include "explore_search.hpp"

namespace sevspec::tool {

namespace {

using verify::explorer::launch_bug;
using verify::explorer::launch_model;
using verify::explorer::launch_parts;
using verify::explorer::symmetric_launch_model;
using rules_in_force = context<rule_set>;

struct named_machine {
  const char* name;
  const char* what;
  launch_parts parts;
};
constexpr named_machine machines[] = {
    {"launch", "an SNP guest of at most two pages, NORMAL or VMSA; three pages, one ASID", {}},
    {"launch-2",
     "two guests of one page each, three pages, two ASIDs",
     {.guests = 2, .asids = 2, .updates = 1, .vmsa = false}},
    {"launch-gpas", "an SNP guest of at most two pages at two gPAs; three pages, one ASID", {.guest_pages = 2}},
    {"launch-bug",
     "launch with writes of the hypervisor that nobody checks: breaks",
     {.updates = 1, .bug = launch_bug::no_write_check}},
};

constexpr ablation_table ablation{
    .takes = [](const rule_info& one) { return verify::explorer::is_ablated_in_launch(one.id); },
    .reason = verify::explorer::why_not_load_bearing_in_launch,
    .search = [](rule id) { return detail::summed_up(verify::explorer::ablate_launch(id)); }};

}  // namespace

auto launch_models() -> std::vector<explored_model> {
  std::vector<explored_model> all;
  for (const named_machine& one : machines)
    all.push_back({.name = one.name,
                   .what = one.what,
                   .run =
                       [&one](const search_order& order, const rule_set& rules) {
                         const rules_in_force ctx{.rules = rules};
                         if (order.symmetry)
                           return searched(order, one.name, symmetric_launch_model<rules_in_force>{one.parts, ctx});
                         return searched(order, one.name, launch_model<rules_in_force>{one.parts, ctx});
                       },
                   .ablation = &ablation});
  return all;
}

}  // namespace sevspec::tool
