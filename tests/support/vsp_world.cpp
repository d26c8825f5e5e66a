// SPDX-License-Identifier: MIT
#include <support/vsp_world.hpp>

namespace sevspec::inline v0::nested {
template auto execute(test::recording_context&, vsp_host&, test::test_machine<>&, test::test_vsp&, std::uint32_t,
                      std::uint64_t) -> firmware::status;
}  // namespace sevspec::inline v0::nested
