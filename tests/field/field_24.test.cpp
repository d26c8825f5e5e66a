// SPDX-License-Identifier: MIT
// coconut-svsm 08cb11d5, 6cae63d9: the VMSA bit was set before the checks, a list was updated before the table.
#include <sevspec/ghcb/serve_processors.hpp>
#include <support/catch.hpp>
#include <support/ghcb_world.hpp>

using namespace sevspec;
using namespace sevspec::test;

TEST_CASE("FIELD-24: a refused AP creation leaves everything as it was", "[field][FIELD-24][GHCB-AP-01][GHCB-AP-03]") {
  context<> ctx;
  ghcb_world world;
  world.vm.vcpus[1].at[0].vmsa = gpa{0x600'1000};
  const ghcb::machine before = world.vm;
  struct attempt {
    std::uint64_t info_1, where, features;
  };
  for (const attempt& one : {attempt{0x9'0000'0001, 0x500'1000, 1}, attempt{0x1'0004'0001, 0x500'1000, 1},
                             attempt{0x1'0000'0003, 0x500'1000, 1}, attempt{0x1'0000'0001, 0x500'1001, 1},
                             attempt{0x1'0000'0001, 0x500'0000, 1}, attempt{0x1'0000'0001, ~std::uint64_t{0xfff}, 1},
                             attempt{0x1'0000'0001, 0x500'1000, 3}, attempt{0x1'0000'0000, 0x500'1000, 3}}) {
    const auto done =
        world.exit(ctx, layout::nae_exit_codes::snp_ap_creation, one.info_1, one.where, {.rax = one.features});
    CHECK(done.decided_by != rule::none);
    CHECK(world.info_1() == 2);
    CHECK(world.vm == before);
  }
}

TEST_CASE("FIELD-24: the bit comes behind the checks, the request behind the bit", "[field][FIELD-24][GHCB-AP-06]") {
  context<> ctx;
  using enum ghcb::ap_step;
  CHECK_FALSE(ghcb::after_step(ctx, ghcb::vmsa_life::page, make_vmsa));  // nothing is in the page that was checked
  CHECK_FALSE(ghcb::after_step(ctx, ghcb::vmsa_life::vmsa, fill_vmsa));  // too late to fill it in
  CHECK_FALSE(ghcb::after_step(ctx, ghcb::vmsa_life::filled, ask_create));
  CHECK_FALSE(ghcb::after_step(ctx, ghcb::vmsa_life::created, undo_vmsa));
}
