// SPDX-License-Identifier: MIT
// Names of L1s and what they stand for: one to one, class by class, for the whole machine.
#include <support/catch.hpp>

#include <sevspec/base/context.hpp>
#include <sevspec/nested/identity_map.hpp>

using namespace sevspec;
using namespace sevspec::nested;

namespace {

constexpr memory::asid_ranges ranges{.highest = 15, .min_sev = 6, .max_snp = 0};
constexpr memory::asid_ranges few{.highest = 4, .min_sev = 2, .max_snp = 0};

constexpr auto is_one_to_one() -> bool {
  asid_map map;
  return map.bind({1}, asid{2}, asid{9}) && !map.bind({2}, asid{2}, asid{9}) && !map.bind({1}, asid{2}, asid{8}) &&
         map.bind({2}, asid{2}, asid{8}) && map.size() == 2;
}
static_assert(is_one_to_one());

constexpr auto forgets_order() -> bool {
  handle_map a;
  handle_map b;
  for (std::uint32_t i = 0; i < 10; ++i) a.force({i % 3}, {i}, {100 + i});
  for (std::uint32_t i = 10; i-- > 0;) b.force({i % 3}, {i}, {100 + i});
  if (!(a == b)) return false;
  return a.unbind({0}, {3}) && !a.unbind({0}, {3}) && !(a == b) && a.bind({0}, {3}, {103}) && a == b;
}
static_assert(forgets_order());

}  // namespace

TEST_CASE("names mean something with the L1 that gave them alone", "[nested][NES-ASID-01][NEST-VSP-01]") {
  context ctx;
  asid_map map;
  REQUIRE(bind_asid(ctx, map, {1}, asid{3}, ranges, asid{5}, ranges).has_value());
  REQUIRE(bind_asid(ctx, map, {2}, asid{3}, ranges, asid{4}, ranges).has_value());
  CHECK(physical_asid_of(ctx, map, {1}, asid{3}) == asid{5});
  CHECK(physical_asid_of(ctx, map, {2}, asid{3}) == asid{4});
  CHECK(map.name_of({1}, asid{5}) == asid{3});
  CHECK_FALSE(map.name_of({2}, asid{5}).has_value());
  CHECK(map.find_real(asid{4})->owner == l1_id{2});
  CHECK(map.find_real(asid{9}) == nullptr);
}

TEST_CASE("what breaks the map is refused", "[nested][NES-ASID-02][ATK-65]") {
  context ctx;
  asid_map map;
  const auto bound = [&](std::uint32_t owner, std::uint32_t name, std::uint32_t real,
                         const memory::asid_ranges& seen = ranges) {
    return bind_asid(ctx, map, {owner}, asid{name}, seen, asid{real}, ranges).has_value();
  };
  CHECK_FALSE(bound(1, 0, 5));
  CHECK_FALSE(bound(1, 5, 0));
  CHECK_FALSE(bound(1, 16, 5));
  CHECK_FALSE(bound(1, 5, 16));
  CHECK_FALSE(bound(1, 5, 6));  // with SEV-ES, without
  CHECK_FALSE(bound(1, 6, 5));
  CHECK(bound(1, 2, 6, few));  // what L1 sees counts, for its own
  CHECK_FALSE(bound(1, 1, 7, few));
  CHECK_FALSE(bound(1, 2, 7, few));  // bound already
  CHECK_FALSE(bound(2, 7, 6));       // somebody else's
  CHECK(map.size() == 1);
  CHECK(physical_asid_of(ctx, map, {1}, asid{9}).error() == rule::NES_ASID_02);
  REQUIRE(map.unbind({1}, asid{2}));
  CHECK(bound(2, 7, 6));
}

TEST_CASE("classes of ASIDs are those of the ranges", "[nested][NES-ASID-02]") {
  CHECK(class_of(ranges, asid{0}) == asid_class::none);
  CHECK(class_of(ranges, asid{5}) == asid_class::es_or_snp);
  CHECK(class_of(ranges, asid{6}) == asid_class::sev);
  CHECK(class_of(ranges, asid{15}) == asid_class::sev);
  CHECK(class_of(ranges, asid{16}) == asid_class::none);
}
