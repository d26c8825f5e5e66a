// SPDX-License-Identifier: MIT
// sevspec tour, part 7: one attack, where it works, and the rule that stops it.

#include <string>

#include <fmt/format.h>

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/verify/attacks/remap_attacks.hpp>

#include "rule_text.hpp"
#include "tour.hpp"

namespace sevspec::tool {

void show_attack(checker& verdict) {
  namespace atk = verify::attacks;
  constexpr const atk::attack& severed = atk::remap_attacks[0];
  fmt::print("sevspec tour, part 7: an attack, and the rule that stops it\n\n  {}, {}\n  {}\n  {}\n\n", severed.id,
             severed.name, wrapped(severed.published, line_width, 2), wrapped(severed.steps, line_width, 2));
  rule stopped = rule::none;
  bool as_expected = true;
  for (const atk::column where : atk::columns) {
    const atk::verdict seen = severed.run({.where = where});
    std::string by;
    if (seen.decided_by != rule::none) by = fmt::format("   {:12}{}", seen.told, info(seen.decided_by).name);
    fmt::print("  {:6}{}{}\n", name_of(where), name_of(seen.how), by);
    const bool snp = where >= atk::column::milan;
    as_expected = as_expected && (seen.how == atk::ending::success) == !snp;
    if (snp) stopped = seen.decided_by;
  }
  verdict.check(as_expected && stopped != rule::none,
                "Before SEV-SNP the answer is the secret; with it, a nested page fault:");
  print_rule(stopped);
  if (stopped == rule::none) return;
  const atk::verdict without = severed.run({.where = atk::column::milan, .rules = rule_set{}.without(stopped)});
  verdict.check(without.how == atk::ending::success,
                fmt::format("Without {} it works on Milan, too. All attacks: sevspec attacks", info(stopped).name));
}

}  // namespace sevspec::tool
