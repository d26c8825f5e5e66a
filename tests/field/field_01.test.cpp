// SPDX-License-Identifier: MIT
// AMDESE/AMDSEV issue 245: the 2M around the end of the RMP became HV-Fixed, and later updates in it failed with 2.
#include <support/catch.hpp>
#include <support/rmp_play.hpp>

using namespace sevspec;
using namespace sevspec::test;
using enum memory::ownership_verdict::kind;

TEST_CASE("FIELD-01: pages that SNP_INIT fixes for the hypervisor are never assigned",
          "[field][RMP-STA-03][RMP-ERR-03]") {
  rmp_play m;
  for (std::uint64_t i = 0; i < 512; ++i) m.table.put({0x200 + i}, {.immutable = true});
  CHECK(m.assign() == rmp::status::fail_permission);
  CHECK(m.assign(rmp_play::region, 0x4000'0000, 5, true) == rmp::status::fail_permission);
  CHECK(m.smash() == rmp::status::fail_badaddr);
  CHECK(m.reclaim() == firmware::status::invalid_page_state);
  CHECK(m.state() == rmp::page_state::hv_fixed);
  CHECK(m.host_write() == allowed);  // it is the hypervisor's to use
}
