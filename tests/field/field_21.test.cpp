// SPDX-License-Identifier: MIT
// coconut-svsm df7c78a3, 5003e950: of a PVALIDATE request the first address was checked, not the region of 2M.
#include <support/catch.hpp>
#include <support/svsm_world.hpp>

using namespace sevspec;
using namespace sevspec::test;

TEST_CASE("FIELD-21: any overlap refuses the whole region", "[field][FIELD-21][SVSM-CORE-14][SVSM-CORE-19]") {
  context<> ctx;
  const auto answer = [&](svsm_world& world, std::uint64_t entry) {
    world.put_list({0x8008}, {entry});
    const auto before = world.rmp;
    const auto done = world.call(ctx, {pvalidate, 0x8008});
    CHECK(world.rmp == before);
    return done.code();
  };
  svsm_world world;
  CHECK(answer(world, 0x0005) == 0x8000'0003);  // VMSA and calling area lie in it, not at its start
  // The SVSM's memory begins inside the region.
  svsm_world edge({2}, {{0}, 0x100'0000}, {{0xf0'0000}, 0x10'0000});
  CHECK(answer(edge, 0xe0'0005) == 0x8000'0003);
  // The guest's memory ends inside it.
  svsm_world end({2}, {{0}, 0x30'0000});
  CHECK(answer(end, 0x20'0005) == 0x8000'0003);
  // The last address of all.
  CHECK(answer(world, 0xffff'ffff'ffe0'0005) == 0x8000'0003);
}
