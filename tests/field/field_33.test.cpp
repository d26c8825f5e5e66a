// SPDX-License-Identifier: MIT
// AMDESE/linux-svsm e9d7c30, coconut-svsm 53962427: combinations of SEV_FEATURES were not checked.
#include <support/catch.hpp>
#include <support/ghcb_world.hpp>

using namespace sevspec;
using namespace sevspec::test;

TEST_CASE("FIELD-33: SEV_FEATURES of a new processor", "[field][FIELD-33][GHCB-AP-02]") {
  constexpr std::uint64_t injection = 0x18;
  for (const auto compared : {ap_features::exact, ap_features::injection})
    for (const std::uint64_t own : {0x1ULL, 0x9ULL, 0x11ULL, 0x21ULL})
      for (unsigned bit = 0; bit < 64; ++bit) {
        context<> ctx;
        ctx.choices.ghcb_ap_features = compared;
        ghcb_world world;
        world.vm.config.sev_features = own;
        const std::uint64_t asked = own ^ std::uint64_t{1} << bit;
        const auto done =
            world.exit(ctx, layout::nae_exit_codes::snp_ap_creation, 0x1'0000'0001, 0x500'1000, {.rax = asked});
        const bool counts = compared == ap_features::exact || (injection >> bit & 1) != 0;
        CHECK((done.decided_by == rule::GHCB_AP_02) == counts);
        CHECK(world.vm.vcpus[1].runnable == !counts);
      }
}
