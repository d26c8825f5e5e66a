// SPDX-License-Identifier: MIT
// RapidCheck inside Catch2, with a number of cases per property and counted classes.
#ifndef SEVSPEC_TESTS_PROPERTY_PROPERTY_HPP
#define SEVSPEC_TESTS_PROPERTY_PROPERTY_HPP

#include <algorithm>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

namespace sevspec::test {

/// How many cases fell into which class. A class that a test names and that stays empty fails the test: a property that
/// never meets its interesting cases says nothing.
class tally {
 public:
  void add(const std::string& name, bool is_member = true) {
    if (is_member) ++counts_[name];
  }
  [[nodiscard]] auto operator[](const std::string& name) const -> int {
    const auto found = counts_.find(name);
    return found == counts_.end() ? 0 : found->second;
  }
  friend auto operator<<(std::ostream& out, const tally& classes) -> std::ostream& {
    const char* separator = "";
    for (const auto& [name, count] : classes.counts_) {
      out << separator << name << ' ' << count;
      separator = ", ";
    }
    return out;
  }

 private:
  std::map<std::string, int> counts_;
};

/// Checks a property with at least `cases` cases (RC_PARAMS may ask for more).
template <class Testable>
void property(const std::string& description, int cases, const Testable& testable) {
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = std::max(params.maxSuccess, cases);
  const auto result = rc::detail::checkTestable(testable, rc::detail::TestMetadata{}, params);
  std::ostringstream message;
  rc::detail::printResultMessage(result, message);
  INFO(description << " (seed " << params.seed << ")\n" << message.str());
  CHECK(result.template is<rc::detail::SuccessResult>());
}

/// Prints a tally and fails for each named class without members.
inline void check_none_empty(const char* title, const tally& classes, std::initializer_list<const char*> names) {
  std::cout << title << ": " << classes << '\n';
  for (const char* name : names) {
    INFO("class: " << name);
    CHECK(classes[name] > 0);
  }
}

}  // namespace sevspec::test

#endif
