// SPDX-License-Identifier: MIT
// AMDESE/linux-svsm 0de111e: a page was not cleared after PVALIDATE: the hypervisor puts a page of the SVSM's where the
// guest accepts memory, and the guest reads it.
#include <vector>

#include <sevspec/rmp/advice.hpp>
#include <sevspec/rmp/rmpupdate.hpp>
#include <support/catch.hpp>
#include <support/svsm_world.hpp>

using namespace sevspec;
using namespace sevspec::test;

namespace {

constexpr gpa own{0x100'3000};  ///< of the SVSM's memory
constexpr gpa where{0x4'0000};  ///< where the guest accepts a page

/// The hypervisor moves an SVSM's page to the guest's address.
void move_page(context<>& ctx, svsm_world& world) {
  const spa page{own.value + 0x20'0000};
  REQUIRE(rmp::rmpupdate(ctx, world.rmp, {}, {}, page, rmp::private_state(where, svsm_world::id, false))->succeeded());
  world.nested.moved[where.value >> 12] = page;
}

}  // namespace

TEST_CASE("FIELD-31: what the hypervisor moves is zero before the guest has it", "[field][FIELD-31][SVSM-CORE-15]") {
  context<> ctx;
  svsm_world world;
  const std::vector<std::uint8_t> secret(4096, 0x5e);
  world.put(own, secret);
  // Without RMPUPDATE the page is seen at the wrong address: #NPF.
  world.nested.moved[where.value >> 12] = spa{own.value + 0x20'0000};
  world.put_list({0x8008}, {where.value | 4});
  CHECK(world.call(ctx, {pvalidate, 0x8008}).entry.what == svsm::entry_end::blocked);
  move_page(ctx, world);
  auto machine = world.machine();
  std::vector<std::uint8_t> seen(4096);
  CHECK(machine.read_as(ctx, vmpl{2}, where, seen).error().kind == fault_kind::vc);  // not validated any longer
  CHECK(world.call(ctx, {pvalidate, 0x8008}).code() == 0);
  REQUIRE(machine.read_as(ctx, vmpl{2}, where, seen).has_value());
  CHECK(seen == std::vector<std::uint8_t>(4096));

  svsm_world leaky;
  leaky.put(own, secret);
  move_page(ctx, leaky);
  leaky.put_list({0x8008}, {where.value | 4});
  context<all_rules_but<rule::SVSM_CORE_15>> without;
  CHECK(leaky.call(without, {pvalidate, 0x8008}).code() == 0);
  auto other = leaky.machine();
  REQUIRE(other.read_as(ctx, vmpl{2}, where, seen).has_value());
  CHECK(seen == secret);
}
