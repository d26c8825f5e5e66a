// SPDX-License-Identifier: MIT
// AMDESE/linux-svsm 3aa3925: an address with the C-bit passed the check, and the page without it was used.
#include <sevspec/svsm/profiles.hpp>
#include <support/catch.hpp>
#include <support/svsm_world.hpp>

using namespace sevspec;
using namespace sevspec::test;

TEST_CASE("FIELD-32: an address has no C-bit", "[field][FIELD-32][SVSM-CORE-14][SVSM-CORE-22][SVSM-CORE-02]") {
  for (const unsigned position : {47U, 51U}) {
    const std::uint64_t c_bit = std::uint64_t{1} << position;
    for (const auto& choices : {svsm::as_specified, svsm::as_amd}) {
      context<> ctx;
      ctx.choices = choices;
      svsm_world world;
      const auto table = world.rmp;
      const svsm::monitor known = world.self;
      // The SVSM's memory, a VMSA, and an ordinary page, each with the bit.
      for (const std::uint64_t page : {0x100'0000ULL, 0x6000ULL, 0x4'0000ULL}) {
        world.put_list({0x8008}, {page | c_bit | 4});
        CHECK(world.call(ctx, {pvalidate, 0x8008}).code() == 0x8000'0003);
        CHECK(world.call(ctx, {create_vcpu, page | c_bit, 0xd000, 1}).code() >> 28 == 8);
        CHECK(world.call(ctx, {create_vcpu, 0xd000, page | c_bit, 1}).code() >> 28 == 8);
        CHECK(world.call(ctx, {delete_vcpu, page | c_bit}).code() == 0x8000'0005);
        CHECK(world.call(ctx, {remap_ca, page | c_bit}).code() >> 28 == 8);
        CHECK(world.call(ctx, {pvalidate, page | c_bit | 8}).code() >> 28 == 8);
      }
      CHECK(world.rmp == table);
      CHECK(world.self == known);
    }
  }
}
