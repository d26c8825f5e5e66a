// SPDX-License-Identifier: MIT
// tianocore/edk2 issue 10701: firmware ignored what the secrets page says of the SVSM. A guest calls where it is told
// to.
#include <sevspec/svsm/boot.hpp>
#include <sevspec/svsm/discovery.hpp>
#include <support/catch.hpp>
#include <support/svsm_world.hpp>

using namespace sevspec;
using namespace sevspec::test;

TEST_CASE("FIELD-45: the SVSM listens where the secrets page says, and nowhere else",
          "[field][FIELD-45][SVSM-DISC-01][SVSM-DISC-02]") {
  context<> ctx;
  svsm_world world;
  const auto secrets = svsm::guest_secrets(ctx, world.self, {}, svsm_world::caa);
  const auto found = svsm::discover(ctx, false, &secrets);
  REQUIRE(found.has_value());
  REQUIRE(found->has_value());
  CHECK((*found)->base == world.self.config.own.first);
  CHECK((*found)->size == world.self.config.own.bytes);
  CHECK((*found)->guest_vmpl == 2);
  svsm::core_services none;
  world.leave({query_protocol, 1});
  world.put_word<std::uint8_t>({0xf000}, 1);  // a constant of the firmware's own
  CHECK(world.enter(ctx, none).what == svsm::entry_end::no_request);
  world.put_word<std::uint8_t>((*found)->caa, 1);
  CHECK(world.enter(ctx, none).what == svsm::entry_end::answered);
}
