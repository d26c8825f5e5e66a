// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_SVSM_CONFORMANCE_HPP
#define SEVSPEC_VERIFY_SVSM_CONFORMANCE_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule_registry.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/verify/choice_table.hpp>
#include <sevspec/verify/svsm_compare.hpp>
#include <sevspec/verify/svsm_generator.hpp>
#include <sevspec/verify/svsm_reference.hpp>
#include <sevspec/verify/svsm_step.hpp>

namespace sevspec::inline v0::verify {

/// An SVSM that is compared with the reference, step by step.
///
/// `reset(setup)` makes a new machine, and says whether this SVSM can have such guests; `run(step)` takes a step. What
/// lies behind it is what `svsm_test_environment.hpp` has.
template <class M>
concept svsm_implementation = requires(M& machine, const svsm_setup& setup, const svsm_step& step) {
  { machine.reset(setup) } -> std::same_as<bool>;
  { machine.run(step) } -> std::same_as<svsm_answer>;
};

/// How long to compare, and what.
struct svsm_conformance_options {
  std::uint64_t seed = 1;
  std::uint64_t runs = 1000;  ///< random conversations, after the directed ones
  unsigned ops = 30;          ///< steps of each
  bool directed = true;
  std::vector<svsm_setup> setups = svsm_usual_setups();
  std::vector<rule> known{};  ///< bugs that are known: answers without these rules are taken
};

/// The shortest conversation found whose last step the SVSM under test answers wrongly.
struct svsm_disagreement {
  std::uint64_t seed{};  ///< of the run that found it; 0: a directed conversation
  svsm_setup setup{};
  std::vector<svsm_step> steps;
  svsm_answer expected;
  svsm_answer actual;
  svsm_difference what;
};

/// A point that is left to SVSMs and that the one under test decides in its own way. The comparison goes on with its
/// way.
struct svsm_unspecified_point {
  const char* choice = "";
  const char* value = "";
  svsm_setup setup{};
  std::vector<svsm_step> steps;  ///< the shortest conversation that shows it
};

struct svsm_conformance_report {
  std::uint64_t runs = 0;
  std::uint64_t operations = 0;
  std::uint64_t reordered = 0;              ///< calls with two mistakes, of which the other one was answered
  std::uint64_t excused = 0;                ///< answers that a known bug explains
  std::vector<std::size_t> refused_setups;  ///< indexes into the options' setups
  std::vector<svsm_step> skipped;           ///< one of each call that the SVSM does not have
  std::set<rule> rules;                     ///< that decided an answer, or that an answer was about
  std::vector<svsm_unspecified_point> unspecified;
  std::optional<svsm_disagreement> found;

  [[nodiscard]] auto agrees() const noexcept -> bool { return !found; }
};

/// The rules about SVSMs that an answer can show to hold. Others are about guests and verifiers, or need more than one
/// processor at a time.
inline constexpr rule svsm_answer_rules[] = {
    rule::SVSM_CA_05,   rule::SVSM_DSP_02,  rule::SVSM_DSP_03,  rule::SVSM_CORE_01, rule::SVSM_CORE_02,
    rule::SVSM_CORE_03, rule::SVSM_CORE_11, rule::SVSM_CORE_12, rule::SVSM_CORE_13, rule::SVSM_CORE_14,
    rule::SVSM_CORE_15, rule::SVSM_CORE_16, rule::SVSM_CORE_19, rule::SVSM_CORE_21, rule::SVSM_CORE_22,
    rule::SVSM_CORE_23, rule::SVSM_CORE_25, rule::SVSM_CORE_26, rule::SVSM_CORE_31, rule::SVSM_CORE_32,
    rule::SVSM_CORE_40, rule::SVSM_CORE_50, rule::SVSM_CORE_60, rule::SVSM_CORE_70, rule::SVSM_CORE_71,
    rule::SVSM_ATT_01,  rule::SVSM_ATT_02,  rule::SVSM_ATT_03,  rule::SVSM_ATT_04,  rule::SVSM_ATT_05,
    rule::SVSM_ATT_09,  rule::SVSM_ATT_10,  rule::SVSM_ATT_11,  rule::SVSM_TPM_01,  rule::SVSM_TPM_02,
    rule::SVSM_TPM_03,  rule::SVSM_TPM_04,  rule::SVSM_TPM_05,  rule::SVSM_TPM_06,  rule::SVSM_TPM_07,
    rule::SVSM_APIC_01, rule::SVSM_APIC_03, rule::SVSM_APIC_04, rule::SVSM_APIC_05, rule::SVSM_APIC_06,
    rule::SVSM_APIC_07, rule::SVSM_MM_01,   rule::SVSM_MM_02,   rule::SVSM_MM_03,   rule::SVSM_MEAS_02,
    rule::SVSM_MEAS_03, rule::SVSM_MEAS_04, rule::SVSM_MEAS_05, rule::SVSM_MEAS_06, rule::SVSM_MEAS_07,
    rule::SVSM_MEAS_08, rule::SVSM_MEAS_20, rule::SVSM_MEAS_30,
};

namespace detail {

/// Calls that an SVSM has together, or not at all: those of a protocol.
[[nodiscard]] inline auto kind_of(const svsm_step& step) -> std::uint64_t {
  if (step.what == svsm_operation::page) return std::uint64_t{1} << 32 | static_cast<std::uint64_t>(step.state);
  return svsm::protocol_of(step.registers.rax);
}

struct svsm_first_difference {
  std::size_t at{};
  svsm_answer expected;
  svsm_answer actual;
  svsm_difference what;
};

/// Takes all steps from a reset on; those that make no sense to the reference are left out.
template <svsm_implementation Machine>
[[nodiscard]] auto difference(Machine& machine, svsm_reference<>& reference, const svsm_setup& setup,
                              const std::vector<svsm_step>& steps) -> std::optional<svsm_first_difference> {
  (void)reference.reset(setup);
  (void)machine.reset(setup);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (reference.why_not(steps[i]) != nullptr) continue;
    const svsm_answer expected = reference.run(steps[i]);
    const svsm_answer actual = machine.run(steps[i]);
    if (const auto what = difference_of(steps[i], expected, actual))
      return svsm_first_difference{i, expected, actual, *what};
  }
  return {};
}

/// Makes a conversation shorter as long as it still disagrees somewhere.
template <svsm_implementation Machine>
void shrink(Machine& machine, svsm_reference<>& reference, const svsm_setup& setup, std::vector<svsm_step>& steps) {
  const auto still = [&](std::vector<svsm_step>& candidate) {
    const auto found = difference(machine, reference, setup, candidate);
    if (found) candidate.resize(found->at + 1);
    return found.has_value();
  };
  (void)still(steps);
  for (std::size_t length = std::max<std::size_t>(steps.size() / 2, 1); length >= 1; length /= 2)
    for (std::size_t from = 0; from + length <= steps.size() && steps.size() > 1;) {
      std::vector<svsm_step> candidate = steps;
      const auto first = candidate.begin() + static_cast<std::ptrdiff_t>(from);
      candidate.erase(first, first + static_cast<std::ptrdiff_t>(length));
      if (still(candidate)) steps = std::move(candidate);
      else ++from;
    }
}

/// Whether a choice is about SVSMs.
[[nodiscard]] inline auto is_about_svsm(const named_choice& choice) -> bool {
  const std::string_view name = choice.name();
  return name.starts_with("svsm_") || name.starts_with("meas_");
}

/// Which mistake of two an SVSM answers is its own affair, but for those without which it could not have looked further:
/// calls that there are not, and operands that cannot be read.
[[nodiscard]] inline auto may_come_later(rule why) noexcept -> bool {
  using enum rule;
  constexpr rule first[] = {none,        SVSM_DSP_02,  SVSM_DSP_03, SVSM_CORE_12, SVSM_ATT_01,
                            SVSM_ATT_02, SVSM_TPM_02,  SVSM_TPM_03, SVSM_TPM_05,  SVSM_APIC_01,
                            SVSM_MM_01,  SVSM_MEAS_02, SVSM_MEAS_07};
  return std::ranges::find(first, why) == std::end(first);
}

/// Whether a reference without a rule answers the last step so, and all before it as with the rule.
[[nodiscard]] inline auto explained_without(rule left_out, const svsm_setup& setup, const std::vector<svsm_step>& steps,
                                            const svsm_answer& actual) -> bool {
  svsm_reference<context<rule_set>> without({.rules = rule_set().without(left_out)});
  svsm_reference<> with;
  (void)without.reset(setup);
  (void)with.reset(setup);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (with.why_not(steps[i]) != nullptr) continue;
    const svsm_answer expected = with.run(steps[i]);
    const svsm_answer other = without.run(steps[i]);
    const bool last = i + 1 == steps.size();
    if (!last && difference_of(steps[i], expected, other)) return false;
    if (last) return difference_of(steps[i], expected, other) && !difference_of(steps[i], other, actual);
  }
  return false;
}

/// A whole comparison.
template <svsm_implementation Machine>
class svsm_comparison {
 public:
  svsm_comparison(Machine& machine, const svsm_conformance_options& options)
      : machine_(&machine), options_(&options), taken_{} {}

  [[nodiscard]] auto run() -> svsm_conformance_report {
    std::vector<std::size_t> usable;
    for (std::size_t i = 0; i < options_->setups.size(); ++i)
      if (machine_->reset(options_->setups[i])) usable.push_back(i);
      else report_.refused_setups.push_back(i);
    for (const std::size_t which : usable) {
      setup_ = with_choices(options_->setups[which]);
      if (!options_->directed) break;
      for (const auto& steps : svsm_directed(setup_)) {
        const auto give = [&](std::size_t i) { return i < steps.size() ? std::optional{steps[i]} : std::nullopt; };
        if (!converse(0, give)) return report_;
      }
    }
    for (std::uint64_t run = 0; run < options_->runs && !usable.empty(); ++run) {
      setup_ = with_choices(options_->setups[usable[static_cast<std::size_t>(run % usable.size())]]);
      const std::uint64_t seed = options_->seed + run;
      std::optional<svsm_generator> draw;
      const auto give = [&](std::size_t i) -> std::optional<svsm_step> {
        if (i == 0) draw.emplace(seed);
        if (i >= options_->ops || reference_.stopped()) return {};
        return draw->next(setup_);
      };
      if (!converse(seed, give)) return report_;
    }
    return report_;
  }

 private:
  [[nodiscard]] auto with_choices(svsm_setup setup) const -> svsm_setup {
    for (const auto& [choice, value] : decided_) choice->set(setup.choices, value);
    return setup;
  }

  /// One conversation, from a reset on.
  /// @param give  step number i, from 0 on; nothing: that was all
  /// @return whether to go on
  template <class Give>
  [[nodiscard]] auto converse(std::uint64_t seed, const Give& give) -> bool {
    for (;;) {  // again when a point was found that is left to SVSMs
      (void)reference_.reset(setup_);
      (void)machine_->reset(setup_);
      std::vector<svsm_step> steps;
      bool again = false;
      for (std::size_t i = 0; auto step = give(i); ++i) {
        if (missing_.contains(kind_of(*step)) || reference_.why_not(*step) != nullptr) continue;
        steps.push_back(*step);
        const svsm_answer expected = reference_.run(*step);
        const svsm_answer actual = machine_->run(*step);
        ++report_.operations;
        if (actual.how == svsm_answer::ending::unsupported) {
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
        if (is_excused(steps, actual)) {
          ++report_.excused;
          break;  // the two machines are no longer the same
        }
        const std::vector<svsm_step> whole = steps;
        shrink(*machine_, reference_, setup_, steps);
        if (left_to_svsms(steps, whole)) {
          again = true;
          break;
        }
        const auto last = difference(*machine_, reference_, setup_, steps);
        report_.found = svsm_disagreement{.seed = seed,
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

  void note_rules(const svsm_step& step, const svsm_answer& expected) {
    if (step.what == svsm_operation::page) return;
    report_.rules.insert(expected.decided_by != rule::none ? expected.decided_by : rule_of(step));
  }
  /// Of two mistakes in one call, any may be answered, if nothing has changed.
  [[nodiscard]] auto is_other_mistake(const std::vector<svsm_step>& steps, const svsm_answer& expected,
                                      const svsm_answer& actual) const -> bool {
    const auto is_refusal = [](const svsm_answer& of) {
      return of.how == svsm_answer::ending::answered && of.end == svsm_answer::entry::served && of.registers.rax != 0 &&
             of.pages.empty() && of.memory.empty() && of.processors.empty();
    };
    return is_refusal(expected) && is_refusal(actual) && may_come_later(expected.decided_by) &&
           explained_without(expected.decided_by, setup_, steps, actual);
  }
  [[nodiscard]] auto is_excused(const std::vector<svsm_step>& steps, const svsm_answer& actual) const -> bool {
    return std::any_of(options_->known.begin(), options_->known.end(),
                       [&](rule one) { return explained_without(one, setup_, steps, actual); });
  }
  /// Is it a point that is left to SVSMs? No value is taken twice: who goes back and forth disagrees.
  [[nodiscard]] auto left_to_svsms(const std::vector<svsm_step>& steps, const std::vector<svsm_step>& whole) -> bool {
    for (std::size_t which = 0; which < named_choices.size(); ++which) {
      const named_choice& choice = named_choices[which];
      if (!is_about_svsm(choice)) continue;
      const unsigned chosen = choice.get(setup_.choices);
      for (unsigned value = 0; value < choice.values().size(); ++value) {
        if (value == chosen || (taken_[which] >> value & 1) != 0) continue;
        svsm_setup other = setup_;
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
  const svsm_conformance_options* options_;
  svsm_reference<> reference_;
  svsm_setup setup_;
  svsm_conformance_report report_;
  std::set<std::uint64_t> missing_;
  std::vector<std::pair<const named_choice*, unsigned>> decided_;
  std::array<unsigned, named_choices.size()> taken_;  ///< values of choices that were tried, one bit each
};

}  // namespace detail

/// Compares an SVSM with the library: first every call that `svsm_directed` knows, then random conversations.
///
/// A difference that goes away under another value of an `implementation_choices` member is left to SVSMs: it is
/// reported once, and from then on the reference decides as the SVSM does. Any other difference ends the comparison,
/// unless it is of a bug that the options name.
template <svsm_implementation Machine>
[[nodiscard]] auto check_svsm(Machine& machine, const svsm_conformance_options& options = {})
    -> svsm_conformance_report {
  return detail::svsm_comparison<Machine>(machine, options).run();
}

/// Rules that explain a disagreement: without one of them the reference answers the last step as the SVSM under test
/// did, and all steps before it as with all rules.
[[nodiscard]] inline auto suspects(const svsm_disagreement& found) -> std::vector<rule> {
  std::vector<rule> explained;
  if (found.actual.how != svsm_answer::ending::answered) return explained;
  for (const rule_info& row : rule_registry)
    if (row.kind != rule_kind::definition && std::string_view{row.name}.starts_with("SVSM-") &&
        detail::explained_without(row.id, found.setup, found.steps, found.actual))
      explained.push_back(row.id);
  return explained;
}

}  // namespace sevspec::inline v0::verify

#endif
