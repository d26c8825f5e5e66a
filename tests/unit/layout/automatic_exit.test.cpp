// SPDX-License-Identifier: MIT
#include <cstdint>
#include <set>

#include <sevspec/layout/automatic_exit.hpp>

#include <support/catch.hpp>

namespace {

using namespace sevspec::layout;

TEST_CASE("exits of a SEV-ES guest that are automatic", "[layout][LAY-VC-02]") {
  // #MC, INTR, NMI, SMI, INIT, VINTR, PAUSE, HLT, SHUTDOWN, EFER and CR write traps, bus lock, idle HLT, #NPF, VMGEXIT.
  std::set<std::uint64_t> automatic{0x52, 0x60, 0x61, 0x62, 0x63, 0x64,  0x77,
                                    0x78, 0x7f, 0x8f, 0xa5, 0xa6, 0x400, 0x403};
  for (std::uint64_t code = 0x90; code <= 0x9f; ++code) automatic.insert(code);
  for (std::uint64_t code = 0; code < 0x1000; ++code) {
    INFO("exit code " << code);
    CHECK(is_automatic_exit(code) == automatic.contains(code));
    CHECK(is_automatic_exit(code, true) == (automatic.contains(code) && code != 0x400));
  }
  CHECK(is_automatic_exit(~std::uint64_t{}));      // INVALID
  CHECK(is_automatic_exit(~std::uint64_t{} - 1));  // BUSY
  CHECK(is_automatic_exit(~std::uint64_t{} - 2));  // IDLE_REQUIRED
  CHECK(is_automatic_exit(~std::uint64_t{} - 3));  // INVALID_PMC
  CHECK_FALSE(is_automatic_exit(~std::uint64_t{} - 4));
  CHECK_FALSE(is_automatic_exit(0xFFFF'FFFF));  // EXITCODE has 64 bits
  CHECK_FALSE(is_automatic_exit(0x1'0000'0078));
}

}  // namespace
