// SPDX-License-Identifier: MIT
// coconut-svsm 911877ef, d0aa3809: a VMPL had rights on the VMSA of a more privileged one.
#include <array>

#include <support/catch.hpp>
#include <support/svsm_world.hpp>

using namespace sevspec;
using namespace sevspec::test;

TEST_CASE("FIELD-25: nobody below the guest's VMPL reaches its VMSA", "[field][FIELD-25][SVSM-CORE-26][VMPL-07]") {
  context<> ctx;
  svsm_world world({1});
  for (const std::uint64_t page : {0x2'0000ULL, 0x2'1000ULL}) {
    world.give({page});
    world.at({page}).allowed[2] = svsm::guest_rights;  // the guest has passed the page on before
    world.at({page}).allowed[3] = svsm::guest_rights;
  }
  world.put_vmsa({0x2'0000}, 1, 0x1000, svsm_world::features);
  REQUIRE(world.call(ctx, {create_vcpu, 0x2'0000, 0x2'1000, 1}).code() == 0);
  auto machine = world.machine();
  std::array<std::uint8_t, 8> bytes{};
  for (const std::uint8_t level : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}}) {
    CHECK_FALSE(machine.write_as(ctx, {level}, {0x2'0000}, bytes).has_value());
    CHECK(machine.read_as(ctx, {level}, {0x2'0000}, bytes).has_value() == (level == 1));
    CHECK(world.at({0x2'0000}).allowed[level].raw == (level == 1 ? rmp::permissions::r : 0));
  }
  CHECK_FALSE(world.broken());
  world.at({0x2'0000}).allowed[2] = svsm::guest_rights;  // the defect
  CHECK(world.broken() == svsm::broken_invariant::vmsa_rights);
}
