// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include <property/property.hpp>
#include <support/catch.hpp>
#include <support/ghcb_fields.hpp>

#include <sevspec/layout/ghcb_valid_bitmap.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;
using layout::ghcb;
using layout::ghcb_field;

}  // namespace

TEST_CASE("LAY-GHCB-01: what is passed arrives, and nothing else", "[property][layout][LAY-GHCB-01]") {
  tally classes;
  property("a page behaves as a map from fields to values", 3000, [&] {
    ghcb page;
    const auto filler = *rc::gen::arbitrary<std::uint8_t>();
    for (auto& byte : page.bytes()) byte = filler;
    layout::invalidate(page);
    std::map<ghcb_field, std::uint64_t> expected;
    const auto steps = *rc::gen::inRange(1, 40);
    for (int i = 0; i < steps; ++i) {
      const auto field = *rc::gen::elementOf(ghcb_fields);
      const auto what = *rc::gen::inRange(0, 16);
      if (what == 0) {
        layout::invalidate(page);
        expected.clear();
        classes.add("invalidated");
      } else {
        std::uint64_t value = *rc::gen::arbitrary<std::uint64_t>();
        if (field == ghcb_field::cpl) value &= 0xFF;
        classes.add("passed again", expected.contains(field));
        layout::pass(page, field, value);
        expected[field] = value;
      }
    }
    for (const auto field : ghcb_fields) {
      const auto known = expected.find(field);
      RC_ASSERT(layout::is_valid(page, field) == (known != expected.end()));
      RC_ASSERT(layout::passed(page, field) ==
                (known == expected.end() ? std::nullopt : std::optional<std::uint64_t>(known->second)));
    }
    RC_ASSERT(!layout::first_undefined_valid_bit(page).has_value());
    classes.add("many fields", expected.size() >= 10);
  });
  property("the first undefined bit is the lowest", 3000, [&] {
    ghcb page;
    std::optional<unsigned> expected;
    const auto bits = *rc::gen::container<std::vector<unsigned>>(rc::gen::inRange<unsigned>(0, 128));
    for (const unsigned bit : bits) {
      page.valid_bitmap()[bit / 8] = static_cast<std::uint8_t>(page.valid_bitmap()[bit / 8] | 1U << bit % 8);
      const bool defined =
          std::ranges::any_of(ghcb_fields, [&](auto field) { return std::to_underlying(field) == bit; });
      if (!defined && (!expected || bit < *expected)) expected = bit;
    }
    classes.add("undefined bit", expected.has_value());
    classes.add("no undefined bit", !expected.has_value());
    RC_ASSERT(layout::first_undefined_valid_bit(page) == expected);
  });
  check_none_empty("GHCB pages", classes,
                   {"invalidated", "passed again", "many fields", "undefined bit", "no undefined bit"});
}
