// SPDX-License-Identifier: MIT
// coconut-svsm 12f0d541: PVALIDATE of 2M through a guest mapping of 4K.
#include <sevspec/ghcb/page_conversion.hpp>
#include <support/catch.hpp>
#include <support/rmp_play.hpp>

using namespace sevspec;
using namespace sevspec::test;
using enum memory::ownership_verdict::kind;

TEST_CASE("FIELD-11: whether the guest's own page size counts is left open", "[field][RMP-PVL-02]") {
  for (const bool ignored : {true, false}) {
    rmp_play m;
    m.ctx.choices.pvalidate_guest_pt_size = ignored;
    REQUIRE(m.assign(rmp_play::region, 0x4000'0000, 5, true) == rmp::status::success);
    const auto through_4k = [](gva linear) -> outcome<rmp::guest_page> {
      return rmp::guest_page{.linear = linear,
                             .guest = {0x4000'0000},
                             .where = {rmp_play::region},
                             .leaf = page_size::k2m,
                             .guest_leaf = page_size::k4k};
    };
    const auto done = rmp::pvalidate(m.ctx, m.table, m.cpu, rmp_play::guest(5), {{0x4000'0000}, 1, 1}, through_4k);
    REQUIRE(done.has_value());
    CHECK(done->eax == (ignored ? rmp::status::success : rmp::status::fail_sizemismatch));
    CHECK(m.entry(rmp_play::region).validated == ignored);
  }
}

TEST_CASE("FIELD-11: so is 4K where the nested page is larger than the entry", "[field][FIELD-11][PST-03]") {
  using namespace ghcb;
  const conversion_state odd{.rmp = backing::assigned, .wrong_leaf = true};
  for (const bool ignored : {true, false}) {
    context<> ctx;
    ctx.choices.rmpinsn_leaf_size = ignored;
    const auto done = convert(ctx, odd, conversion_step::validate);
    CHECK(done.ending == (ignored ? conversion_ending::ok_changed : conversion_ending::npf));
  }
}
