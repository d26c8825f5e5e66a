// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_RAPIDCHECK_HPP
#define SEVSPEC_VERIFY_RMP_RAPIDCHECK_HPP

#include <cstdint>
#include <memory>
#include <ostream>
#include <vector>

#include <gsl/assert>
#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include <sevspec/verify/rmp_adapter.hpp>
#include <sevspec/verify/rmp_compare.hpp>
#include <sevspec/verify/rmp_conformance.hpp>
#include <sevspec/verify/rmp_describe.hpp>
#include <sevspec/verify/rmp_generator.hpp>
#include <sevspec/verify/rmp_reference.hpp>

/// The comparison as a state machine of RapidCheck: for projects that have it, with its own shrinking, seeds and
/// statistics. `check_rmp` needs none of it and is a hundred times as fast.
namespace sevspec::inline v0::verify {

/// What RapidCheck keeps of the reference: the steps so far.
struct rmp_history {
  std::vector<rmp_step> past;
  rmp_setup setup{};

  /// The reference after them.
  [[nodiscard]] auto replay() const -> rmp_reference<> {
    auto made = rmp_reference<>::make(setup);
    Ensures(made.has_value());
    for (const rmp_step& step : past) (void)made->run(step);
    return std::move(*made);
  }
};

namespace detail {

template <rmp_machine Machine>
class rapidcheck_step : public rc::state::Command<rmp_history, Machine> {
 public:
  explicit rapidcheck_step(const rmp_history& now) : step_(draw(now)) {}

  void apply(rmp_history& model) const override { model.past.push_back(step_); }
  void run(const rmp_history& model, Machine& machine) const override {
    auto reference = model.replay();
    const rmp_answer expected = reference.run(step_);
    const rmp_answer actual = machine.run(step_);
    RC_LOG() << "expected " << describe(expected) << ", actual " << describe(actual) << std::endl;
    RC_ASSERT(same_answer(step_, expected, actual, machine.abilities()));
  }
  void show(std::ostream& out) const override { out << describe(step_); }

  static inline rmp_abilities able{};  ///< RapidCheck makes commands of the model alone

 private:
  [[nodiscard]] static auto draw(const rmp_history& now) -> rmp_step {
    const auto reference = now.replay();
    rmp_generator generator(*rc::gen::resize(100, rc::gen::arbitrary<std::uint64_t>()), reference.pages(), able);
    return generator.next(reference.table());
  }

  rmp_step step_;
};

}  // namespace detail

/// A property: call it inside `rc::check`.
/// @param machine  an `rmp_machine`; `rmp_adapter` makes one of an implementation
template <rmp_machine Machine>
void rapidcheck_rmp(Machine& machine, const rmp_setup& setup = {}) {
  using command = detail::rapidcheck_step<Machine>;
  command::able = machine.abilities();
  machine.reset(setup);
  rc::state::check(rmp_history{{}, setup}, machine, rc::state::gen::execOneOfWithArgs<command>());
}

}  // namespace sevspec::inline v0::verify

#endif
