// SPDX-License-Identifier: MIT
// coconut-svsm 4139ce4c, 50ad98e2: between check and use another processor's call went through.
#include <vector>

#include <support/catch.hpp>
#include <support/svsm_world.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

constexpr svsm::call_registers create{create_vcpu, 0x2'0000, 0x2'1000, 1};

auto ready() -> svsm_world {
  svsm_world world;
  for (const std::uint64_t page : {0x2'0000ULL, 0x2'1000ULL, 0x2'2000ULL}) world.give({page});
  world.put_vmsa({0x2'0000}, 2, 0x1000, svsm_world::features);
  return world;
}

}  // namespace

TEST_CASE("FIELD-26: two CREATE_VCPUs of one page: one of them", "[field][FIELD-26][SVSM-CORE-24]") {
  context<> ctx;
  svsm_world world = ready();
  auto machine = world.machine();
  const auto first = svsm::check_new_vcpu(ctx, world.self, create, layout::sev_features{1});
  const auto second =
      svsm::check_new_vcpu(ctx, world.self, {create_vcpu, 0x2'0000, 0x2'2000, 0}, layout::sev_features{1});
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK(svsm::add_vcpu(ctx, machine, world.self, *second).succeeded());
  const auto after = world.self;
  const auto table = world.rmp;
  CHECK(svsm::add_vcpu(ctx, machine, world.self, *first).decided_by == rule::SVSM_CORE_24);
  CHECK(world.self == after);
  CHECK(world.rmp == table);
  // Without the second look both are registered, and two processors run one VMSA.
  context<all_rules_but<rule::SVSM_CORE_24>> careless;
  CHECK(svsm::add_vcpu(careless, machine, world.self, *first).succeeded());
  CHECK(world.self.processors[0].vmsa == world.self.processors[1].vmsa);
}

TEST_CASE("FIELD-26: a page that is rescinded while it becomes a VMSA", "[field][FIELD-26][SVSM-CORE-80]") {
  context<> ctx;
  svsm_world world = ready();
  world.put_list({0x8008}, {0x2'0000});
  // The lock lets one of the calls wait: the outcome is that of one after the other.
  svsm::request_lock lock;
  REQUIRE(svsm::try_lock(ctx, lock, svsm::mode_of(create.rax)));
  CHECK_FALSE(svsm::try_lock(ctx, lock, svsm::mode_of(pvalidate)));
  svsm_world create_first = world;
  CHECK(create_first.call(ctx, create).code() == 0);
  CHECK(create_first.call(ctx, {pvalidate, 0x8008}).code() == 0x8000'0003);
  svsm_world rescind_first = world;
  CHECK(rescind_first.call(ctx, {pvalidate, 0x8008}).code() == 0);
  CHECK(rescind_first.call(ctx, create).code() == 0x8000'0003);
  for (svsm_world* const one : {&create_first, &rescind_first}) CHECK_FALSE(one->broken());
}

TEST_CASE("FIELD-26: what was judged is what runs", "[field][FIELD-26][SVSM-CORE-25][VMPL-07]") {
  context<> ctx;
  svsm_world world = ready();
  auto machine = world.machine();
  const auto checked = svsm::check_new_vcpu(ctx, world.self, create, layout::sev_features{1});
  REQUIRE(checked.has_value());
  // Another processor of the guest writes VMPL 0 into the page after the first checks: it is read when nobody can.
  REQUIRE(machine.write_as(ctx, vmpl{2}, {0x2'00ca}, std::vector<std::uint8_t>{0}).has_value());
  CHECK(svsm::add_vcpu(ctx, machine, world.self, *checked).decided_by == rule::SVSM_CORE_25);
}
