// SPDX-License-Identifier: MIT
// microsoft/openvmm b8910f97c: RMPQUERY on a part without it.
#include <support/catch.hpp>
#include <support/rmp_play.hpp>

using namespace sevspec;
using namespace sevspec::test;
using enum memory::ownership_verdict::kind;

TEST_CASE("FIELD-38: RMPQUERY is not on every part", "[field][RMP-INS-07]") {
  rmp_play m;
  REQUIRE(m.assign() == rmp::status::success);
  REQUIRE(m.validate().has_value());
  const auto query = [&] {
    rmp::queried_state found;
    return rmp::rmpquery(m.ctx, m.table, m.cpu, rmp_play::guest(5), {rmp_play::seen}, 1,
                         rmp_play::at(rmp_play::page, rmp_play::seen, page_size::k4k), found);
  };
  CHECK(query().has_value());
  m.cpu.rmpquery = false;
  REQUIRE_FALSE(query().has_value());
  CHECK(query().error().kind == fault_kind::ud);
}
