// SPDX-License-Identifier: MIT
// sevspec explore: machines around a Reverse Map Table.

#include <string>
#include <vector>

#include <fmt/format.h>

#include <sevspec/base/rule_set.hpp>
#include <sevspec/verify/explorer/rmp_ablation.hpp>
#include <sevspec/verify/explorer/rmp_model.hpp>
#include <sevspec/verify/explorer/rmp_reasons.hpp>
#include <sevspec/verify/explorer/rmp_symmetry.hpp>
#include <sevspec/verify/rmp_reference.hpp>

#include "explore_models.hpp"
#include "explore_search.hpp"
#include "input.hpp"
#include "protocol.hpp"

namespace sevspec::tool {

namespace {

using verify::explorer::rmp_model;
using verify::explorer::rmp_parts;
using verify::explorer::symmetric_rmp_model;
using rules_in_force = context<rule_set>;

struct named_machine {
  const char* name;
  const char* what;
  rmp_parts parts;
  bool two_regions;
};
constexpr named_machine machines[] = {
    {"rmp",
     "two guests, two VMPLs, two pages that make a large one; AMD-SP, VMSAs, VMRUN, TLB",
     {.vmrun = true, .tlb = true},
     false},
    {"rmp-core", "the same without VMRUN and TLB: what SPIN explores, too", {.odd_operands = false}, false},
    {"rmp-4k", "two guests, two VMPLs, two pages of 4K", {.large = false, .immutable = false, .vmsa = false}, false},
    {"rmp-large", "the same with large pages", {.immutable = false, .vmsa = false}, false},
    {"rmp-firmware", "two guests, two pages, and the AMD-SP", {.large = false, .vmsa = false}, false},
    {"rmp-vmsa",
     "two guests, two pages, VMSAs and VMRUN",
     {.large = false, .immutable = false, .vmrun = true, .guest_pages = 1},
     false},
    {"rmp-vmpl",
     "a guest, three VMPLs, two pages",
     {.large = false, .immutable = false, .vmpls = 3, .guests = 1},
     false},
    {"rmp-regions",
     "a guest, two VMPLs, four pages in two regions, large pages",
     {.immutable = false, .vmsa = false, .guests = 1},
     true},
    {"rmp-regions-2",
     "two guests, four pages in two regions, large pages",
     {.immutable = false, .vmsa = false, .vmpls = 1},
     true},
};

/// The steps as a conversation with a machine that lacks the rules: `sevspec replay` says where it goes wrong.
[[nodiscard]] auto conversation_of(const std::vector<verify::rmp_step>& steps, const rule_set& rules) -> std::string {
  const verify::rmp_setup setup;
  auto machine = verify::rmp_reference<rules_in_force>::make(setup, {.rules = rules});
  std::string text;
  append_reset(text, setup);
  text += "\n{\"ok\":true}\n";
  for (const verify::rmp_step& step : steps) {
    append_request(text, step);
    text += '\n';
    append_answer(text, step, machine->run(step));
    text += '\n';
  }
  return text;
}

template <class Model>
[[nodiscard]] auto run(const search_order& order, const std::string& name, const Model& model, const rule_set& rules)
    -> search_result {
  std::vector<verify::rmp_step> steps;
  search_result all = searched(order, name, model, [&](const auto& seen) {
    for (const std::uint32_t operation : seen.found.operations)
      if (const auto step = model.step_of(operation)) steps.push_back(*step);
  });
  if (all.broken) all.conversation = conversation_of(steps, rules);
  return all;
}

[[nodiscard]] auto run(const search_order& order, const named_machine& machine, const rule_set& rules)
    -> search_result {
  const rules_in_force ctx{.rules = rules};
  if (machine.two_regions && order.symmetry)
    return run(order, machine.name, symmetric_rmp_model<4, 2, rules_in_force>{machine.parts, ctx}, rules);
  if (machine.two_regions) return run(order, machine.name, rmp_model<4, 2, rules_in_force>{machine.parts, ctx}, rules);
  if (order.symmetry) throw input_error("--symmetry", fmt::format("{} has one region", machine.name));
  return run(order, machine.name, rmp_model<2, 2, rules_in_force>{machine.parts, ctx}, rules);
}

[[nodiscard]] auto search_without(rule id) -> search_result {
  const auto row = verify::explorer::ablate_rmp(id);
  search_result all{.states = row.states};
  if (!row.broken) return all;
  all.broken = detail::in_words(row.broken);
  all.broken->trace = row.trace;
  return all;
}

constexpr ablation_table ablation{.takes = verify::explorer::is_ablated,
                                  .reason = verify::explorer::why_not_load_bearing,
                                  .search = search_without,
                                  .carriers = verify::explorer::carriers_of};

}  // namespace

auto rmp_models() -> std::vector<explored_model> {
  std::vector<explored_model> all;
  for (const named_machine& one : machines)
    all.push_back({.name = one.name,
                   .what = one.what,
                   .run = [&one](const search_order& order, const rule_set& rules) { return run(order, one, rules); },
                   .ablation = &ablation});
  return all;
}

}  // namespace sevspec::tool
