// SPDX-License-Identifier: MIT
#include <support/ghcb_world.hpp>

namespace sevspec::test {

auto vmgexit(context<>& ctx, ghcb::machine& vm, ghcb::vcpu& cpu, ghcb_environment& env) -> ghcb::vmgexit_result {
  return ghcb::vmgexit(ctx, vm, cpu, env);
}
auto vmgexit(recording_context& ctx, ghcb::machine& vm, ghcb::vcpu& cpu, ghcb_environment& env)
    -> ghcb::vmgexit_result {
  return ghcb::vmgexit(ctx, vm, cpu, env);
}

}  // namespace sevspec::test
