// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_ATTACK_MATRIX_HPP
#define SEVSPEC_TESTS_SUPPORT_ATTACK_MATRIX_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <sevspec/verify/attacks/attack.hpp>
#include <support/catch.hpp>

namespace sevspec::test {

namespace attacks = verify::attacks;

/// What publications say of an attack on SEV, SEV-ES, and SEV-SNP of Milan, Genoa and Turin; predicted before anything ran.
///
/// "A" ends so with and without what was fixed since, "A > B" before and after. "A|B" either, "*" anything, "fail" any way
/// of being stopped, "E" any status.
struct predicted_row {
  std::string_view id;
  std::array<std::string_view, 5> cells;
};
inline constexpr predicted_row predicted_matrix[] = {
    {"ATK-01", {"S", "fail", "fail", "fail", "fail"}},
    {"ATK-02", {"S", "VERR", "#PF-RMP", "#PF-RMP", "#PF-RMP"}},
    {"ATK-03", {"S", "S", "#NPF-RMP", "#NPF-RMP", "#NPF-RMP"}},
    {"ATK-04", {"S", "S", "#NPF-RMP", "#NPF-RMP", "#NPF-RMP"}},
    {"ATK-05", {"G", "G", "#NPF-RMP", "#NPF-RMP", "#NPF-RMP"}},
    {"ATK-06", {"S", "S", "#PF-RMP", "#PF-RMP", "#PF-RMP"}},
    {"ATK-07", {"S > G", "S > G", "#PF-RMP", "#PF-RMP", "#PF-RMP"}},
    {"ATK-08", {"S > G", "S > G", "#PF-RMP", "#PF-RMP", "#PF-RMP"}},
    {"ATK-09", {"S", "S", "#PF-RMP", "#PF-RMP", "#PF-RMP"}},
    {"ATK-10", {"S", "S", "#NPF-RMP", "#NPF-RMP", "#NPF-RMP"}},
    {"ATK-11-DEC", {"S > G", "S > G", "#PF-RMP", "#PF-RMP", "#PF-RMP"}},
    {"ATK-11-ENC", {"S", "S", "S", "S", "H"}},
    {"ATK-12", {"S", "S", "#VC404", "#VC404", "#VC404"}},
    {"ATK-13", {"-", "-", "S > D", "S > D", "S > D"}},
    {"ATK-14", {"S", "S", "#NPF-RMP", "#NPF-RMP", "#NPF-RMP"}},
    {"ATK-15", {"S", "S", "fail", "fail", "fail"}},
    {"ATK-16", {"S", "S", "S > D", "S > D", "D"}},
    {"ATK-16-CTX", {"-", "-", "S > D", "S > D", "D"}},
    {"ATK-16-RMP", {"-", "-", "S > D", "S > D", "D"}},
    {"ATK-16-VMSA", {"-", "S", "S > D", "S > D", "D"}},
    {"ATK-17", {"S", "S", "S", "-", "-"}},
    {"ATK-18", {"S", "S", "S", "S", "S"}},
    {"ATK-20", {"-", "-", "S > fail", "S > fail", "S > fail"}},
    {"ATK-22", {"-", "-", "*", "S > fail", "S > fail"}},
    {"ATK-23", {"S", "S", "S > IOMMU", "S > IOMMU", "IOMMU"}},
    {"ATK-24", {"S", "S", "IOMMU", "IOMMU", "IOMMU"}},
    {"ATK-25", {"-", "-", "S > E", "S > E", "E"}},
    {"ATK-27", {"S", "S", "D", "D", "D"}},
    {"ATK-27-SEED", {"-", "-", "S > D", "S > D", "S > D"}},
    {"ATK-28", {"S > E:POLICY_FAILURE", "S > E:POLICY_FAILURE", "-", "-", "-"}},
    {"ATK-29", {"S", "S", "-", "-", "-"}},
    {"ATK-30", {"S", "S", "D", "D", "D"}},
    {"ATK-31", {"D", "D", "D", "D", "D"}},
    {"ATK-32", {"D", "D", "D", "D", "D"}},
    {"ATK-32-ADJ", {"-", "-", "EAX=2", "EAX=2", "EAX=2"}},
    {"ATK-33", {"-", "VERR", "VERR|VERR(BUSY)", "VERR|VERR(BUSY)", "VERR|VERR(BUSY)"}},
    {"ATK-33-UPD", {"-", "-", "EAX=3", "EAX=3", "EAX=3"}},
    {"ATK-34", {"-", "VERR", "#PF-RMP", "#PF-RMP", "#PF-RMP"}},
    {"ATK-35", {"-", "-", "E", "E", "E"}},
    {"ATK-35-ALIAS", {"-", "-", "S > D", "S > D", "D"}},
    {"ATK-35-MIX", {"-", "-", "E:BAD_MEASUREMENT", "E:BAD_MEASUREMENT", "E:BAD_MEASUREMENT"}},
    {"ATK-36", {"S > D", "S > D", "D", "D", "D"}},
    {"ATK-39", {"S", "S", "S > fail", "S > fail", "S > fail"}},
    {"ATK-40", {"S", "S > fail", "VERR|#NPF-RMP", "VERR|#NPF-RMP", "VERR|#NPF-RMP"}},
    {"ATK-40-V2", {"S", "fail", "VERR|#NPF-RMP", "VERR|#NPF-RMP", "VERR|#NPF-RMP"}},
    {"ATK-41", {"S", "S", "fail", "fail", "fail"}},
    {"ATK-42", {"E:DFFLUSH_REQUIRED", "E:DFFLUSH_REQUIRED", "E", "E", "E"}},
    {"ATK-42-RMP", {"-", "-", "E:INVALID_CONFIG", "E:INVALID_CONFIG", "E:INVALID_CONFIG"}},
    {"ATK-43", {"VERR", "VERR", "VERR", "VERR", "VERR"}},
    {"ATK-43-ACT", {"E:INVALID_ASID", "E:INVALID_ASID", "E:INVALID_ASID", "E:INVALID_ASID", "E:INVALID_ASID"}},
    {"ATK-44", {"G", "VERR", "VERR", "VERR", "VERR"}},
    {"ATK-45", {"S", "S", "S", "S", "S"}},
    {"ATK-46", {"-", "S", "S > fail", "fail", "H"}},
    {"ATK-47", {"S", "S", "S", "S", "H"}},
    {"ATK-48", {"-", "-", "S > E:POLICY_FAILURE", "S > E:POLICY_FAILURE", "H"}},
    {"ATK-49", {"G", "G", "G", "G", "H"}},
    {"ATK-50",
     {"S > E:POLICY_FAILURE", "S > E:POLICY_FAILURE", "S > E:POLICY_FAILURE", "S > E:POLICY_FAILURE",
      "S > E:POLICY_FAILURE"}},
    {"ATK-51", {"-", "S", "S > VERR", "S > VERR", "S > VERR"}},
    {"ATK-52", {"-", "S", "S > VERR", "S > VERR", "S > VERR"}},
    {"ATK-53", {"S", "S", "S > D", "S > D", "S > D"}},
    {"ATK-56", {"S", "S", "S > fail", "fail", "fail"}},
};

/// Cells where the machine says something else, and why that is right. docs/attacks.md says it, too.
struct known_difference {
  std::string_view id;
  std::string_view column;
};
inline constexpr known_difference known_differences[] = {
    {"ATK-16-VMSA", "ES"},                     // the old VMSA fails its checksum, which is not in memory
    {"ATK-27", "SEV"},                         // a fix is modelled: firmware that refuses what is older than itself
    {"ATK-27", "ES"},      {"ATK-32", "SEV"},  // a SEV guest has no VMSA: there is nothing to add
    {"ATK-33", "ES"},   // no VMSA is stale before the first #VMEXIT, and nothing marks it as running
    {"ATK-36", "MIL"},  // the guest does not ask the hypervisor, so there is no lie to detect
    {"ATK-36", "GEN"},     {"ATK-36", "TUR"},
    {"ATK-40", "ES"},   // the guest's own VMSA is accepted, whatever the nested tables are; no fix is known
    {"ATK-53", "MIL"},  // Secure TSC is not deceived, so the guest has nothing to detect
    {"ATK-53", "GEN"},     {"ATK-53", "TUR"},
};

[[nodiscard]] inline auto fits(const attacks::verdict& found, std::string_view wanted) -> bool {
  for (std::size_t from = 0; from <= wanted.size();) {
    const std::size_t bar = std::min(wanted.find('|', from), wanted.size());
    const std::string_view one = wanted.substr(from, bar - from);
    const std::string symbol = symbol_of(found);
    if (one == "*" || one == symbol) return true;
    if (one == "fail" && found.how == attacks::ending::stopped) return true;
    if (one == "E" && symbol.starts_with("E:")) return true;
    from = bar + 1;
  }
  return false;
}
[[nodiscard]] inline auto fits(const attacks::cell& found, std::string_view wanted) -> bool {
  const std::size_t arrow = wanted.find(" > ");
  const std::string_view before = wanted.substr(0, arrow);
  const std::string_view after = arrow == std::string_view::npos ? wanted : wanted.substr(arrow + 3);
  return fits(found.first, before) && fits(found.fixed, after);
}

/// An attack that succeeds on SEV-SNP breaks an invariant of the Reverse Map Table, or says why not. Any other breaks none.
inline void check_invariants(const attacks::attack& one, attacks::column where, const attacks::verdict& seen) {
  const bool snp = where >= attacks::column::milan;
  const bool breaks = snp && seen.how == attacks::ending::success && std::string_view{one.beyond_invariants}.empty();
  CHECK(seen.broken.has_value() == breaks);
}

/// Each cell is as predicted, unless it is known to differ, and then it does. Every ending that names a rule is another one
/// when that rule is switched off.
template <class Group>
void check_against_predictions(const Group& group) {
  for (const attacks::attack& one : group) {
    CAPTURE(one.id);
    const auto row = std::ranges::find(predicted_matrix, std::string_view{one.id}, &predicted_row::id);
    REQUIRE(row != std::ranges::end(predicted_matrix));
    for (std::size_t i = 0; i < attacks::columns.size(); ++i) {
      const attacks::column where = attacks::columns[i];
      const attacks::cell found = run(one, where);
      CAPTURE(name_of(where), text_of(found), row->cells[i]);
      const bool differs = std::ranges::any_of(known_differences, [&](const known_difference& known) {
        return known.id == one.id && known.column == name_of(where);
      });
      CHECK(fits(found, row->cells[i]) == !differs);
      for (const bool fixed : {false, true}) {
        const attacks::verdict& seen = fixed ? found.fixed : found.first;
        const bool refused = seen.how == attacks::ending::stopped || seen.how == attacks::ending::detected ||
                             seen.how == attacks::ending::hidden;
        CHECK((seen.decided_by == rule::none || refused));
        check_invariants(one, where, seen);
        if (seen.decided_by == rule::none) continue;
        const attacks::verdict without =
            one.run({.where = where, .fixed = fixed, .rules = rule_set{}.without(seen.decided_by)});
        CHECK_FALSE(without == seen);
      }
    }
  }
}

/// The attack that a rule stops works when nothing but that rule is missing.
/// @param broken  the first invariant of the Reverse Map Table that it breaks then; empty: none
inline void check_opened(const attacks::attack& one, attacks::column where, rule missing,
                         std::string_view broken = {}) {
  CAPTURE(one.id, name_of(where), info(missing).name);
  const attacks::setting normal{.where = where};
  CHECK(one.run(normal).decided_by == missing);
  const attacks::verdict opened = one.run({.where = where, .rules = rule_set{}.without(missing)});
  CHECK(opened.how == attacks::ending::success);
  CHECK((opened.broken ? std::string_view{verify::name_of(opened.broken->broken)} : std::string_view{}) == broken);
}
template <class Group>
auto attack_named(const Group& group, std::string_view id) -> const attacks::attack& {
  const auto found = std::ranges::find(group, id, [](const attacks::attack& one) { return std::string_view{one.id}; });
  REQUIRE(found != group.end());
  return *found;
}

}  // namespace sevspec::test

#endif
