// SPDX-License-Identifier: MIT
#include <support/switch_world.hpp>

namespace sevspec::test {

auto switch_world::run(context<>& ctx) -> cpu::vmrun_result { return run<context<>>(ctx); }
auto switch_world::run(recording_context& ctx) -> cpu::vmrun_result { return run<recording_context>(ctx); }
auto switch_world::event(context<>& ctx, const cpu::guest_event& what) -> cpu::event_result {
  return event<context<>>(ctx, what);
}
auto switch_world::event(recording_context& ctx, const cpu::guest_event& what) -> cpu::event_result {
  return event<recording_context>(ctx, what);
}

}  // namespace sevspec::test
