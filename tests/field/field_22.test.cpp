// SPDX-License-Identifier: MIT
// coconut-svsm 4bda23dc: reserved bits of request entries were ignored.
#include <sevspec/svsm/profiles.hpp>
#include <support/catch.hpp>
#include <support/svsm_world.hpp>

using namespace sevspec;
using namespace sevspec::test;

TEST_CASE("FIELD-22: each reserved bit of an entry is an invalid parameter", "[field][FIELD-22][SVSM-CORE-14]") {
  context<> ctx;
  for (unsigned bit = 4; bit < 12; ++bit) {
    svsm_world world;
    world.put_list({0x8008}, {0x4'0004 | std::uint64_t{1} << bit});
    CHECK(world.call(ctx, {pvalidate, 0x8008}).code() == 0x8000'0005);
    CHECK_FALSE(world.at({0x4'0000}).validated);
    // The defect, as AMD's linux-svsm has it.
    context<> amd;
    amd.choices = svsm::as_amd;
    CHECK(world.call(amd, {pvalidate, 0x8008}).code() == 0);
  }
}
