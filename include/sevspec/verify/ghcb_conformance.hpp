// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_GHCB_CONFORMANCE_HPP
#define SEVSPEC_VERIFY_GHCB_CONFORMANCE_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule_registry.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/verify/choice_table.hpp>
#include <sevspec/verify/ghcb_compare.hpp>
#include <sevspec/verify/ghcb_generator.hpp>
#include <sevspec/verify/ghcb_reference.hpp>
#include <sevspec/verify/ghcb_rules.hpp>
#include <sevspec/verify/ghcb_step.hpp>

namespace sevspec::inline v0::verify {

/// A hypervisor that is compared with the reference, step by step.
///
/// `reset(setup)` makes a new guest, and says whether this hypervisor can have such guests; `run(step)` takes a step.
/// What a hypervisor sees of the world behind it is up to `ghcb_test_environment`, which it may use.
template <class M>
concept ghcb_machine = requires(M& machine, const ghcb_setup& setup, const ghcb_step& step) {
  { machine.reset(setup) } -> std::same_as<bool>;
  { machine.run(step) } -> std::same_as<ghcb_answer>;
};

/// How long to compare, and what.
struct ghcb_conformance_options {
  std::uint64_t seed = 1;
  std::uint64_t runs = 1000;  ///< random conversations, after the directed ones
  unsigned ops = 40;          ///< steps of each
  bool directed = true;
  std::vector<ghcb_setup> setups = ghcb_usual_setups();
};

/// The shortest conversation found whose last step the hypervisor under test answers wrongly.
struct ghcb_disagreement {
  std::uint64_t seed{};  ///< of the run that found it; 0: a directed conversation
  ghcb_setup setup{};
  std::vector<ghcb_step> steps;
  ghcb_answer expected;
  ghcb_answer actual;
  ghcb_difference what;
};

/// A point that is left to hypervisors and that the one under test decides in its own way. The comparison goes on with
/// its way.
struct ghcb_unspecified_point {
  const char* choice = "";
  const char* value = "";
  ghcb_setup setup{};
  std::vector<ghcb_step> steps;  ///< the shortest conversation that shows it
};

struct ghcb_conformance_report {
  std::uint64_t runs = 0;
  std::uint64_t operations = 0;
  std::uint64_t reordered = 0;              ///< requests with two mistakes, of which the other one was answered
  std::vector<std::size_t> refused_setups;  ///< indexes into the options' setups
  std::vector<ghcb_step> skipped;           ///< one of each kind of request that the hypervisor does not have
  std::set<rule> rules;                     ///< that decided an answer, or that an answer was about
  std::vector<ghcb_unspecified_point> unspecified;
  std::optional<ghcb_disagreement> found;

  [[nodiscard]] auto agrees() const noexcept -> bool { return !found; }
};

namespace detail {

/// Requests that a hypervisor has together, or not at all.
[[nodiscard]] inline auto kind_of(const ghcb_step& step) -> std::uint64_t {
  if (step.what == ghcb_operation::signal) return std::uint64_t{1} << 63 | static_cast<std::uint64_t>(step.signal);
  if (step.what == ghcb_operation::msr) return std::uint64_t{1} << 62 | (step.value & 0xfff);
  return std::to_underlying(step.page.sw_exit_code());
}

struct ghcb_first_difference {
  std::size_t at{};
  ghcb_answer expected;
  ghcb_answer actual;
  ghcb_difference what;
};

/// Takes all steps from a reset on; those that make no sense to the reference are left out.
template <ghcb_machine Machine>
[[nodiscard]] auto difference(Machine& machine, ghcb_reference<>& reference, const ghcb_setup& setup,
                              const std::vector<ghcb_step>& steps) -> std::optional<ghcb_first_difference> {
  (void)reference.reset(setup);
  (void)machine.reset(setup);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (reference.why_not(steps[i]) != nullptr) continue;
    const ghcb_answer expected = reference.run(steps[i]);
    const ghcb_answer actual = machine.run(steps[i]);
    if (const auto what = difference_of(steps[i], expected, actual))
      return ghcb_first_difference{i, expected, actual, *what};
  }
  return {};
}

/// Makes a conversation shorter as long as it still disagrees somewhere, then its steps plainer.
template <ghcb_machine Machine>
void shrink(Machine& machine, ghcb_reference<>& reference, const ghcb_setup& setup, std::vector<ghcb_step>& steps) {
  const auto still = [&](std::vector<ghcb_step>& candidate) {
    const auto found = difference(machine, reference, setup, candidate);
    if (found) candidate.resize(found->at + 1);
    return found.has_value();
  };
  (void)still(steps);
  for (std::size_t length = std::max<std::size_t>(steps.size() / 2, 1); length >= 1; length /= 2)
    for (std::size_t from = 0; from + length <= steps.size() && steps.size() > 1;) {
      std::vector<ghcb_step> candidate = steps;
      const auto first = candidate.begin() + static_cast<std::ptrdiff_t>(from);
      candidate.erase(first, first + static_cast<std::ptrdiff_t>(length));
      if (still(candidate)) steps = std::move(candidate);
      else ++from;
    }
  const auto plainer = [&](std::size_t at, auto&& change) {
    if (at >= steps.size()) return;
    std::vector<ghcb_step> candidate = steps;
    change(candidate[at]);
    if (candidate[at] != steps[at] && still(candidate)) steps = std::move(candidate);
  };
  for (std::size_t i = 0; i < steps.size(); ++i) {
    plainer(i, [](ghcb_step& one) { one.race.reset(); });
    plainer(i, [](ghcb_step& one) { one.memory.clear(); });
    if (steps[i].what != ghcb_operation::page) continue;
    plainer(i, [](ghcb_step& one) { std::fill(one.page.data() + 0x800, one.page.data() + 0xff0, std::uint8_t{0}); });
    for (std::size_t word = 0; word < 0x400 && i < steps.size(); word += 8)
      plainer(i,
              [&](ghcb_step& one) { std::fill(one.page.data() + word, one.page.data() + word + 8, std::uint8_t{0}); });
  }
}

/// Whether a choice is about the GHCB protocols.
[[nodiscard]] inline auto is_about_ghcb(const named_choice& choice) -> bool {
  const std::string_view name = choice.name();
  return name.starts_with("ghcb_") || name.starts_with("psc_") || name.starts_with("scratch_") ||
         name.starts_with("doorbell_");
}

/// Which mistake of two a hypervisor answers is its own affair where the order of checks is not written down, which is
/// behind the checks that all events share.
[[nodiscard]] inline auto may_come_later(rule why) noexcept -> bool {
  return why != rule::none && why != rule::GHCB_PAGE_02 && why != rule::GHCB_PAGE_03 && why != rule::GHCB_PAGE_04 &&
         why != rule::GHCB_PAGE_05 && why != rule::GHCB_PAGE_07;
}

/// Whether a reference without a rule answers the last step so, and all before it as with the rule.
[[nodiscard]] inline auto explained_without(rule left_out, const ghcb_setup& setup, const std::vector<ghcb_step>& steps,
                                            const ghcb_answer& actual) -> bool {
  ghcb_reference<context<rule_set>> without({.rules = rule_set().without(left_out)});
  ghcb_reference<> with;
  (void)without.reset(setup);
  (void)with.reset(setup);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (with.why_not(steps[i]) != nullptr) continue;
    const ghcb_answer expected = with.run(steps[i]);
    const ghcb_answer other = without.run(steps[i]);
    const bool last = i + 1 == steps.size();
    if (!last && difference_of(steps[i], expected, other)) return false;
    if (last) return difference_of(steps[i], expected, other) && !difference_of(steps[i], other, actual);
  }
  return false;
}

/// A whole comparison.
template <ghcb_machine Machine>
class ghcb_comparison {
 public:
  ghcb_comparison(Machine& machine, const ghcb_conformance_options& options)
      : machine_(&machine), options_(&options), taken_{} {}

  [[nodiscard]] auto run() -> ghcb_conformance_report {
    std::vector<std::size_t> usable;
    for (std::size_t i = 0; i < options_->setups.size(); ++i)
      if (machine_->reset(options_->setups[i])) usable.push_back(i);
      else report_.refused_setups.push_back(i);
    for (const std::size_t which : usable) {
      setup_ = with_choices(options_->setups[which]);
      if (!options_->directed) break;
      for (const auto& steps : ghcb_directed(setup_)) {
        const auto give = [&](std::size_t i) { return i < steps.size() ? std::optional{steps[i]} : std::nullopt; };
        if (!converse(0, give)) return report_;
      }
    }
    for (std::uint64_t run = 0; run < options_->runs && !usable.empty(); ++run) {
      setup_ = with_choices(options_->setups[usable[static_cast<std::size_t>(run % usable.size())]]);
      const std::uint64_t seed = options_->seed + run;
      std::optional<ghcb_generator> draw;
      const auto give = [&](std::size_t i) -> std::optional<ghcb_step> {
        if (i == 0) draw.emplace(seed);
        if (i >= options_->ops || reference_.machine().stopped) return {};
        return draw->next(setup_, reference_.machine());
      };
      if (!converse(seed, give)) return report_;
    }
    return report_;
  }

 private:
  [[nodiscard]] auto with_choices(ghcb_setup setup) const -> ghcb_setup {
    for (const auto& [choice, value] : decided_) choice->set(setup.choices, value);
    return setup;
  }

  /// One conversation, from a reset on.
  /// @param give  step number i, from 0 on; nothing: that was all
  /// @return whether to go on
  template <class Give>
  [[nodiscard]] auto converse(std::uint64_t seed, const Give& give) -> bool {
    for (;;) {  // again when a point was found that is left to hypervisors
      (void)reference_.reset(setup_);
      (void)machine_->reset(setup_);
      std::vector<ghcb_step> steps;
      bool again = false;
      for (std::size_t i = 0; auto step = give(i); ++i) {
        if (missing_.contains(kind_of(*step)) || reference_.why_not(*step) != nullptr) continue;
        steps.push_back(*step);
        const ghcb_answer expected = reference_.run(*step);
        const ghcb_answer actual = machine_->run(*step);
        ++report_.operations;
        if (actual.how == ghcb_answer::ending::unsupported) {
          missing_.insert(kind_of(*step));
          report_.skipped.push_back(*step);
          again = true;
          break;
        }
        const auto what = difference_of(*step, expected, actual);
        if (!what) {
          note_rules(*step, expected);
          continue;
        }
        if (is_other_mistake(steps, expected, actual)) {
          ++report_.reordered;
          continue;
        }
        const std::vector<ghcb_step> whole = steps;
        shrink(*machine_, reference_, setup_, steps);
        if (left_to_hypervisors(steps, whole)) {
          again = true;
          break;
        }
        const auto last = difference(*machine_, reference_, setup_, steps);
        report_.found = ghcb_disagreement{.seed = seed,
                                          .setup = setup_,
                                          .steps = std::move(steps),
                                          .expected = last ? last->expected : expected,
                                          .actual = last ? last->actual : actual,
                                          .what = last ? last->what : *what};
        return false;
      }
      if (!again) break;
    }
    ++report_.runs;
    return true;
  }

  void note_rules(const ghcb_step& step, const ghcb_answer& expected) {
    report_.rules.insert(rule_of(step));
    if (expected.decided_by != rule::none) report_.rules.insert(expected.decided_by);
    for (const rule id : rules_shown_by(step, expected)) report_.rules.insert(id);
  }
  [[nodiscard]] auto is_other_mistake(const std::vector<ghcb_step>& steps, const ghcb_answer& expected,
                                      const ghcb_answer& actual) const -> bool {
    const auto is_malformed = [](const ghcb_answer& of) {
      return of.how == ghcb_answer::ending::answered && of.next == ghcb::next_step::resume &&
             of.page.sw_exit_info_1().low() == 2;
    };
    using enum layout::ghcb_error_codes;
    if (expected.page.sw_exit_info_2() == std::to_underlying(missing_input)) return false;  // before all values
    return steps.back().what == ghcb_operation::page && is_malformed(expected) && is_malformed(actual) &&
           may_come_later(expected.decided_by) && explained_without(expected.decided_by, setup_, steps, actual);
  }
  /// Is it a point that is left to hypervisors? No value is taken twice: who goes back and forth disagrees.
  [[nodiscard]] auto left_to_hypervisors(const std::vector<ghcb_step>& steps, const std::vector<ghcb_step>& whole)
      -> bool {
    for (std::size_t which = 0; which < named_choices.size(); ++which) {
      const named_choice& choice = named_choices[which];
      if (!is_about_ghcb(choice)) continue;
      const unsigned chosen = choice.get(setup_.choices);
      for (unsigned value = 0; value < choice.values().size(); ++value) {
        if (value == chosen || (taken_[which] >> value & 1) != 0) continue;
        ghcb_setup other = setup_;
        choice.set(other.choices, value);
        if (difference(*machine_, reference_, other, steps) || difference(*machine_, reference_, other, whole))
          continue;
        report_.unspecified.push_back({choice.name(), choice.values()[value], setup_, steps});
        setup_ = other;
        decided_.emplace_back(&choice, value);
        taken_[which] |= 1U << chosen | 1U << value;
        return true;
      }
    }
    return false;
  }

  Machine* machine_;
  const ghcb_conformance_options* options_;
  ghcb_reference<> reference_;
  ghcb_setup setup_;
  ghcb_conformance_report report_;
  std::set<std::uint64_t> missing_;
  std::vector<std::pair<const named_choice*, unsigned>> decided_;
  std::array<unsigned, named_choices.size()> taken_;  ///< values of choices that were tried, one bit each
};

}  // namespace detail

/// Compares a hypervisor with the GHCB protocols: first every request that `ghcb_directed` knows, then random
/// conversations.
///
/// A difference that goes away under another value of an `implementation_choices` member is left to hypervisors: it is
/// reported once, and from then on the reference decides as the hypervisor does. Any other difference ends the
/// comparison.
template <ghcb_machine Machine>
[[nodiscard]] auto check_ghcb_machine(Machine& machine, const ghcb_conformance_options& options = {})
    -> ghcb_conformance_report {
  return detail::ghcb_comparison<Machine>(machine, options).run();
}

/// Rules that explain a disagreement: without one of them the reference answers the last step as the hypervisor under
/// test did, and all steps before it as with all rules.
[[nodiscard]] inline auto suspects(const ghcb_disagreement& found) -> std::vector<rule> {
  std::vector<rule> explained;
  if (found.actual.how != ghcb_answer::ending::answered) return explained;
  for (const rule_info& row : rule_registry)
    if (row.kind != rule_kind::definition && std::string_view{row.name}.starts_with("GHCB-") &&
        detail::explained_without(row.id, found.setup, found.steps, found.actual))
      explained.push_back(row.id);
  return explained;
}

}  // namespace sevspec::inline v0::verify

#endif
