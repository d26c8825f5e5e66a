// SPDX-License-Identifier: MIT
#include <rapidcheck.h>

#include <sevspec/verify/rmp_rapidcheck.hpp>
#include <support/catch.hpp>

#include "../../../examples/soft_rmp.hpp"

using namespace sevspec::verify;

TEST_CASE("RapidCheck finds nothing in a table without defects", "[verify]") {
  example::soft_rmp table;
  rmp_adapter machine(table);
  CHECK(rc::check("conforms", [&] { rapidcheck_rmp(machine); }));
}

TEST_CASE("RapidCheck finds a defect", "[verify]") {
  example::soft_rmp table({.hole_in_large = true});
  rmp_adapter machine(table);
  const auto result = rc::detail::checkTestable([&] { rapidcheck_rmp(machine); });
  CHECK_FALSE(result.is<rc::detail::SuccessResult>());
}
