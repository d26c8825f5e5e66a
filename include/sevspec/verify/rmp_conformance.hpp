// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_CONFORMANCE_HPP
#define SEVSPEC_VERIFY_RMP_CONFORMANCE_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gsl/assert>

#include <sevspec/base/choices.hpp>
#include <sevspec/base/context.hpp>
#include <sevspec/base/rule_registry.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/verify/choice_table.hpp>
#include <sevspec/verify/rmp_abilities.hpp>
#include <sevspec/verify/rmp_compare.hpp>
#include <sevspec/verify/rmp_generator.hpp>
#include <sevspec/verify/rmp_reference.hpp>
#include <sevspec/verify/rmp_step.hpp>

namespace sevspec::inline v0::verify {

/// A machine that is compared with the reference, step by step.
///
/// `reset(setup)` makes all pages the hypervisor's; `run(step)` takes a step; `abilities()` says which it can take, and
/// `why_not(name)`, if there is one, why it cannot take others.
/// `rmp_adapter` makes one of raw register values, the `sevspec` program one of another program.
template <class M>
concept rmp_machine = requires(M& machine, const M& fixed, const rmp_setup& setup, const rmp_step& step) {
  machine.reset(setup);
  { machine.run(step) } -> std::same_as<rmp_answer>;
  { fixed.abilities() } -> std::same_as<rmp_abilities>;
};

/// How long to compare, and what.
struct conformance_options {
  std::uint64_t seed = 1;
  std::uint64_t runs = 1000;
  unsigned ops = 60;  ///< steps of a run
  rmp_setup setup{};
};

/// The shortest sequence found whose last step the machine under test answers wrongly.
struct rmp_disagreement {
  std::uint64_t seed{};  ///< of the run that found it
  rmp_setup setup{};
  rmp_abilities able{};  ///< of the machine under test
  std::vector<rmp_step> steps;
  rmp_answer expected;
  rmp_answer actual;
};

/// A point that the manuals leave open and that the machine under test decides in its own way. The comparison goes on
/// with the machine's way.
struct unspecified_point {
  const char* choice = "";
  const char* value = "";
  std::vector<rmp_step> steps;  ///< the shortest sequence that shows it
};

/// What a machine was not asked for.
struct skipped_ability {
  const char* name = "";
  const char* reason = "";
};

struct conformance_report {
  std::uint64_t runs = 0;
  std::uint64_t operations = 0;
  std::vector<const char*> tested;  ///< abilities: "psmash"
  std::vector<skipped_ability> skipped;
  std::vector<unspecified_point> unspecified;
  std::optional<rmp_disagreement> found;

  [[nodiscard]] auto agrees() const noexcept -> bool { return !found; }
};

namespace detail {

/// Where a machine first disagrees.
struct first_difference {
  std::size_t at{};
  rmp_answer expected;
  rmp_answer actual;
};

/// Takes all steps from a reset on.
template <rmp_machine Machine>
[[nodiscard]] auto difference(Machine& machine, rmp_reference<>& reference, const rmp_setup& setup,
                              const std::vector<rmp_step>& steps) -> std::optional<first_difference> {
  reference.reset(setup.choices);
  machine.reset(setup);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const rmp_answer expected = reference.run(steps[i]);
    const rmp_answer actual = machine.run(steps[i]);
    if (!same_answer(steps[i], expected, actual, machine.abilities())) return first_difference{i, expected, actual};
  }
  return {};
}

/// Makes a sequence shorter as long as it still disagrees somewhere: leaves out runs of steps, longest first, then
/// takes what is left of them back to plain values.
template <rmp_machine Machine>
void shrink(Machine& machine, rmp_reference<>& reference, const rmp_setup& setup, std::vector<rmp_step>& steps) {
  const auto still = [&](std::vector<rmp_step>& candidate) {
    const auto found = difference(machine, reference, setup, candidate);
    if (found) candidate.resize(found->at + 1);
    return found.has_value();
  };
  (void)still(steps);
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (std::size_t length = std::max<std::size_t>(steps.size() / 2, 1); length >= 1; length /= 2) {
      for (std::size_t from = 0; from + length <= steps.size() && steps.size() > 1;) {
        std::vector<rmp_step> candidate = steps;
        const auto first = candidate.begin() + static_cast<std::ptrdiff_t>(from);
        candidate.erase(first, first + static_cast<std::ptrdiff_t>(length));
        if (still(candidate)) steps = std::move(candidate), smaller = true;
        else ++from;
      }
    }
    const auto plainer = [&](std::size_t at, auto&& change) {
      if (at >= steps.size()) return;
      std::vector<rmp_step> candidate = steps;
      change(candidate[at]);
      if (candidate[at] == steps[at]) return;
      if (still(candidate)) smaller = smaller || candidate.size() < steps.size(), steps = std::move(candidate);
    };
    for (std::size_t i = 0; i < steps.size(); ++i) {
      plainer(i, [](rmp_step& one) { one.caller_asid = 0; });
      plainer(i, [](rmp_step& one) { one.cpl = 0; });
      plainer(i, [](rmp_step& one) { one.vmpl = 0; });
      plainer(i, [](rmp_step& one) { one.immutable = false; });
      plainer(i, [](rmp_step& one) { one.leaf = page_size::k4k; });
      plainer(i, [](rmp_step& one) { one.size = page_size::k4k; });
    }
  }
}

/// Tells the report what the machine can do, and what not.
template <rmp_machine Machine>
void list_abilities(const Machine& machine, conformance_report& report) {
  const rmp_abilities able = machine.abilities();
  report.tested.push_back("rmpupdate");
  for (const named_ability& one : named_abilities) {
    if (able.*one.able) {
      report.tested.push_back(one.name);
      continue;
    }
    const char* reason = "the machine says that it cannot";
    if constexpr (requires { machine.why_not(one.name); }) reason = machine.why_not(one.name);
    report.skipped.push_back({one.name, reason});
  }
}

}  // namespace detail

/// Compares a machine with the architecture: `runs` sequences of `ops` steps, each from a reset on.
///
/// A difference that goes away under another value of an `implementation_choices` member is unspecified: it is reported
/// once, and from then on the reference decides as the machine does. Any other difference ends the comparison.
template <rmp_machine Machine>
[[nodiscard]] auto check_rmp_machine(Machine& machine, const conformance_options& options) -> conformance_report {
  conformance_report report;
  detail::list_abilities(machine, report);
  rmp_setup setup = options.setup;
  auto made = rmp_reference<>::make(setup);
  Expects(made.has_value());
  rmp_reference<>& reference = *made;
  std::vector<rmp_step> steps;
  std::array<unsigned, named_choices.size()> taken{};  // values that were tried, one bit each
  for (std::uint64_t run = 0; run < options.runs; ++run) {
    const std::uint64_t seed = options.seed + run;
    for (bool again = true; again;) {
      again = false;
      const rmp_abilities able = machine.abilities();
      rmp_generator draw(seed, reference.pages(), able);
      reference.reset(setup.choices);
      machine.reset(setup);
      steps.clear();
      for (unsigned i = 0; i < options.ops; ++i) {
        steps.push_back(draw.next(reference.table()));
        const rmp_answer expected = reference.run(steps.back());
        const rmp_answer actual = machine.run(steps.back());
        ++report.operations;
        if (same_answer(steps.back(), expected, actual, able)) [[likely]]
          continue;

        const std::vector<rmp_step> whole = steps;
        detail::shrink(machine, reference, setup, steps);
        // Is it a point that the manuals leave open? No value is taken twice: who goes back and forth disagrees.
        for (std::size_t which = 0; which < named_choices.size() && !again; ++which) {
          const named_choice& choice = named_choices[which];
          const unsigned chosen = choice.get(setup.choices);
          for (unsigned value = 0; value < choice.values().size() && !again; ++value) {
            if (value == chosen || (taken[which] >> value & 1) != 0) continue;
            rmp_setup other = setup;
            choice.set(other.choices, value);
            if (detail::difference(machine, reference, other, steps)) continue;
            if (detail::difference(machine, reference, other, whole)) continue;
            report.unspecified.push_back({choice.name(), choice.values()[value], steps});
            setup = other;
            taken[which] |= 1U << chosen | 1U << value;
            again = true;  // the same run, as the machine decides
          }
        }
        if (again) break;
        const auto last = detail::difference(machine, reference, setup, steps);
        report.found = rmp_disagreement{.seed = seed,
                                        .setup = setup,
                                        .able = able,
                                        .steps = steps,
                                        .expected = last ? last->expected : expected,
                                        .actual = last ? last->actual : actual};
        return report;
      }
    }
    ++report.runs;
  }
  return report;
}

/// Rules that explain a disagreement: without one of them the reference answers the last step as the machine under test
/// did, and all steps before it as with all rules, as that machine did, too.
[[nodiscard]] inline auto suspects(const rmp_disagreement& found) -> std::vector<rule> {
  std::vector<rule> explained;
  auto with = rmp_reference<>::make(found.setup);
  if (!with || found.steps.empty()) return explained;
  std::vector<rmp_answer> answers;
  for (const rmp_step& step : found.steps) answers.push_back(with->run(step));
  answers.back() = found.actual;
  for (const rule_info& row : rule_registry) {
    const std::string_view name = row.name;
    const bool of_the_table = name.starts_with("RMP-") || name.starts_with("FW-SNP-") || name.starts_with("FW-DISP-");
    if (row.kind == rule_kind::definition || !of_the_table) continue;
    auto without = rmp_reference<context<rule_set>>::make(found.setup, {.rules = rule_set().without(row.id)});
    bool explains = without.has_value();
    for (std::size_t i = 0; i < found.steps.size() && explains; ++i)
      explains = same_answer(found.steps[i], answers[i], without->run(found.steps[i]), found.able);
    if (explains) explained.push_back(row.id);
  }
  return explained;
}

}  // namespace sevspec::inline v0::verify

#endif
