// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_RMP_CATCH_HPP
#define SEVSPEC_VERIFY_RMP_CATCH_HPP

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <sevspec/verify/rmp_adapter.hpp>
#include <sevspec/verify/rmp_describe.hpp>

namespace sevspec::inline v0::verify {

/// Fails the Catch2 test that calls it, with the shortest sequence, if an implementation disagrees.
template <rmp_under_test T>
void require_conforming(T& it, const conformance_options& options = {}) {
  const conformance_report report = check_rmp(it, options);
  INFO(describe(report));
  REQUIRE(report.agrees());
}

}  // namespace sevspec::inline v0::verify

#endif
