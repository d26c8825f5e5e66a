// SPDX-License-Identifier: MIT
// AMDESE/AMDSEV issue 255: touching memory that was not accepted gave a #VC with exit code 404h.
#include <array>
#include <cstdint>

#include <sevspec/ghcb/page_conversion.hpp>
#include <sevspec/ghcb/vc_handler.hpp>
#include <support/catch.hpp>
#include <support/rmp_play.hpp>

using namespace sevspec;
using namespace sevspec::test;

TEST_CASE("FIELD-42: memory that was not accepted", "[field][FIELD-42][VC-SEC-05][PST-01]") {
  rmp_play m;
  REQUIRE(m.assign() == rmp::status::success);
  for (const auto kind : {access_kind::read, access_kind::write, access_kind::execute})
    CHECK(m.guest_access(kind) == memory::ownership_verdict::kind::not_validated);
  context<> ctx;
  const auto done = ghcb::convert(ctx, {.rmp = ghcb::backing::assigned}, ghcb::conversion_step::access_private);
  CHECK(std::string(name_of(done.ending)) == "#VC(0x404)");
  CHECK(done.guest_objects);

  // The handler ends the guest; it does not accept the page now.
  constexpr std::array<std::uint8_t, 2> mov{0x8b, 0x00};
  const auto verdict = ghcb::judge_vc(ctx, {.error_code = 0x404, .bytes = mov});
  CHECK(verdict.action == ghcb::vc_action::terminate);
  CHECK(verdict.decided_by == rule::VC_SEC_05);
  CHECK_FALSE(m.entry().validated);
}
