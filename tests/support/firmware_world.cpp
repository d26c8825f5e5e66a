// SPDX-License-Identifier: MIT
#include <support/firmware_world.hpp>

namespace sevspec::inline v0::firmware {

template auto execute(test::recording_context&, test::test_machine<>&, std::uint32_t, std::uint64_t) -> status;
template auto execute_entry(test::recording_context&, test::test_machine<>&, std::uint32_t, std::uint64_t) -> status;

}  // namespace sevspec::inline v0::firmware
