// SPDX-License-Identifier: MIT
// coconut-svsm 08cb11d5, 6cae63d9: the VMSA bit was set before the checks, a list was updated before the table.
#include <support/catch.hpp>
#include <support/svsm_world.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

/// What the buggy SVSM did: the page is a VMSA first, and is judged then.
template <class Context>
void bit_first(Context& ctx, svsm_world& world) {
  auto machine = world.machine();
  (void)svsm::adjust(ctx, machine, {0x2'0000}, page_size::k4k, vmpl{2}, {rmp::permissions::r}, true);
}

}  // namespace

TEST_CASE("FIELD-24: a CREATE_VCPU that fails leaves table and registry",
          "[field][FIELD-24][SVSM-CORE-25][SVSM-CORE-26]") {
  context<> ctx;
  svsm_world world;
  for (const std::uint64_t page : {0x2'0000ULL, 0x2'1000ULL}) world.give({page});
  world.put_vmsa({0x2'0000}, 0, 0x1000, svsm_world::features);  // one of VMPL 0
  const auto table = world.rmp;
  const svsm::monitor known = world.self;
  CHECK(world.call(ctx, {create_vcpu, 0x2'0000, 0x2'1000, 1}).code() == 0x8000'0005);
  CHECK(world.rmp == table);
  CHECK(world.self == known);
  CHECK_FALSE(world.broken());
  bit_first(ctx, world);
  CHECK(world.broken() == svsm::broken_invariant::vmsa_stray);  // VMRUN would take it, and run VMPL 0
}

TEST_CASE("FIELD-24: a deleted VMSA is none before its record goes", "[field][FIELD-24][SVSM-CORE-32]") {
  context<> ctx;
  svsm_world world;
  const svsm::monitor known = world.self;
  world.self.vcpus.clear();  // what the buggy SVSM did first
  CHECK(world.broken() == svsm::broken_invariant::vmsa_stray);
  world.self = known;
  CHECK_FALSE(world.broken());
  (void)world.call(ctx, {delete_vcpu, svsm_world::vmsa.value});
  CHECK_FALSE(world.broken());
  CHECK_FALSE(world.at(svsm_world::vmsa).vmsa);
}
