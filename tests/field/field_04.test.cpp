// SPDX-License-Identifier: MIT
// FIELD-04: a driver initialised the platform in order to ask for its status, and when it could not get a page back from
// the firmware it went on and used it. Linux 551120148b67
#include <cstdint>

#include <support/firmware_world.hpp>

namespace {

using namespace sevspec;
using namespace sevspec::test;

/// What the driver did to ask for the status: INIT first, if nobody had.
auto buggy_status(world& w) -> fw {
  if (w.m.sp.state == layout::sev_platform_state::uninit) w.expect({w.init()});
  layout::cmd_platform_status cmd;
  return w.post(command_id::platform_status, cmd);
}

}  // namespace

TEST_CASE("FIELD-04: PLATFORM_STATUS works in every state and changes none", "[field][FIELD-04]") {
  listening with;
  world w(with.ctx);
  const auto ask = [&] {
    layout::cmd_platform_status cmd;
    const auto before = w.m.sp;
    const fw done = w.post(command_id::platform_status, cmd);
    CHECK(w.m.sp == before);
    CHECK(cmd.state() == w.m.sp.state);
    return done;
  };
  CHECK(ask() == fw::success);  // UNINIT
  world forced(with.ctx);
  CHECK(buggy_status(forced) == fw::success);
  CHECK(forced.m.sp.state == layout::sev_platform_state::init);
  CHECK(forced.init(true) == fw::invalid_platform_state);  // whoever wanted SEV-ES comes too late
  w.ready();
  CHECK(ask() == fw::success);
  w.launched();
  CHECK(ask() == fw::success);
}

TEST_CASE("FIELD-04: a page whose reclaim failed is still the firmware's, and must not be written",
          "[field][FIELD-04]") {
  listening with;
  world w(with.ctx, true);
  constexpr std::uint64_t buffer = 0x50'0000;
  w.snp_started();
  give_page(w.m, buffer);
  // The driver asks for a page of 2M: refused, and nothing has changed.
  CHECK(w.word(command_id::snp_page_reclaim, buffer | 1) == fw::invalid_page_size);
  CHECK(w.state(buffer) == rmp::page_state::firmware);
  // The kernel's write would fault, and the page cannot be made the hypervisor's behind the firmware's back.
  context<> ctx;
  CHECK(rmp::rmpupdate(ctx, w.m.rmp, {}, {}, {buffer}, {})->eax != rmp::status::success);
  // As firmware memory it has to be leaked, until SNP_SHUTDOWN_EX ends the table's protection: the shutdown is not to
  // be skipped because of it.
  layout::cmd_snp_shutdown_ex cmd;
  cmd.set_length(8);
  cmd.set_flags(layout::cmd_snp_shutdown_ex_flags{}.set_iommu_snp_shutdown(true));
  CHECK(w.post(command_id::snp_shutdown_ex, cmd) == fw::success);
  CHECK_FALSE(w.m.sp.rmp_initialized);
  // The right request would have worked.
  world again(with.ctx, true);
  again.snp_started();
  give_page(again.m, buffer);
  CHECK(again.word(command_id::snp_page_reclaim, buffer) == fw::success);
  CHECK(rmp::rmpupdate(ctx, again.m.rmp, {}, {}, {buffer}, {})->eax == rmp::status::success);
}
