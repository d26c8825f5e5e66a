// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_RULE_COVERAGE_HPP
#define SEVSPEC_TESTS_SUPPORT_RULE_COVERAGE_HPP

#include <functional>
#include <set>
#include <string>

#include <sevspec/base/rule_set.hpp>
#include <support/catch.hpp>
#include <support/recorder.hpp>
#include <support/rule_families.hpp>

namespace sevspec::test {

/// Something that happens to a machine; everything that can be seen of it afterwards.
using rule_scenario = std::function<std::string(recording_context&)>;

/// What scenarios show of rules.
struct shown_rules {
  std::set<rule> fired;
  std::set<rule> passed;
  std::set<rule> load_bearing;  ///< without them something else comes out
};

/// Plays each scenario twice: with its rule, which must fire, and without it, where something else must come out.
/// @param scenarios  a map of rules to `rule_scenario`s
template <class Scenarios>
auto shown_by(const Scenarios& scenarios) -> shown_rules {
  shown_rules shown;
  for (const auto& [id, play] : scenarios) {
    INFO(name_of(id));
    listening with;
    const std::string in_force = play(with.ctx);
    CHECK(with.heard.fired.contains(id));
    shown.fired.merge(with.heard.fired);
    shown.passed.merge(with.heard.passed);

    listening without(rule_set().without(id));
    const std::string switched_off = play(without.ctx);
    CHECK_FALSE(without.heard.fired.contains(id));
    CHECK(in_force != switched_off);
    if (in_force != switched_off) shown.load_bearing.insert(id);
  }
  return shown;
}

/// The rules that pass in what `play` does.
template <class Play>
auto passing_in(const Play& play) -> std::set<rule> {
  listening quiet;
  play(quiet.ctx);
  return quiet.heard.passed;
}

/// Each of these rules has fired, has passed, and makes a difference.
inline void check_all_shown(const shown_rules& shown, const std::set<rule>& wanted) {
  CHECK(names_of(missing(wanted, shown.fired)) == "");
  CHECK(names_of(missing(wanted, shown.passed)) == "");
  CHECK(names_of(missing(wanted, shown.load_bearing)) == "");
}

}  // namespace sevspec::test

#endif
