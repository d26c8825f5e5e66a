// SPDX-License-Identifier: MIT
// The life of a page between guest, protocol and hypervisor as a graph, drawn by the machine that the tests run. Without
// an argument: what happens in order, which is docs/page-conversion.svg. With "mistakes": every step of a guest, in every
// state. With "everything": every step of a hypervisor, too.
#include <cstdio>
#include <string_view>

#include <sevspec/base/context.hpp>
#include <sevspec/ghcb/conversion_graph.hpp>

auto main(int count, char** arguments) -> int {
  using namespace sevspec;
  const std::string_view wanted = count > 1 ? arguments[1] : "";
  const auto scope = wanted == "everything" ? ghcb::conversion_scope::everything
                     : wanted == "mistakes" ? ghcb::conversion_scope::guest_mistakes
                                            : ghcb::conversion_scope::in_order;
  context ctx;
  const auto graph = ghcb::explore_conversion(ctx, {}, scope);
  std::fputs(ghcb::to_dot(graph).c_str(), stdout);
}
