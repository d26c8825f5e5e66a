// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_GHCB_CONVERSION_GRAPH_HPP
#define SEVSPEC_GHCB_CONVERSION_GRAPH_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/ghcb/page_conversion.hpp>

/// The state graph of page conversion, made from the machine itself.
namespace sevspec::inline v0::ghcb {

/// One edge: what a step makes of a state.
struct conversion_edge {
  conversion_state from{};
  conversion_step step{};
  conversion_result to{};

  friend constexpr auto operator==(const conversion_edge&, const conversion_edge&) -> bool = default;
};

/// States and edges that can be reached.
struct conversion_graph {
  std::vector<conversion_state> states;  ///< the first is the start
  std::vector<conversion_edge> edges;
};

/// Which steps a graph is made of.
enum class conversion_scope : std::uint8_t {
  in_order,        ///< guests that keep notes, hypervisors that keep to the protocol, and steps that succeed
  guest_mistakes,  ///< every step of guests
  everything,      ///< and every step of hypervisors
};

/// Everything that can be reached from a state.
template <class Context>
[[nodiscard]] auto explore_conversion(Context& ctx, const conversion_state& start, conversion_scope scope)
    -> conversion_graph {
  conversion_graph graph{.states = {start}, .edges = {}};
  for (std::size_t at = 0; at < graph.states.size(); ++at) {
    const conversion_state from = graph.states[at];
    for (unsigned i = 0; i < conversion_steps; ++i) {
      const auto step = static_cast<conversion_step>(i);
      if (scope != conversion_scope::everything && is_hypervisors(step)) continue;
      const conversion_result to = convert(ctx, from, step);
      const bool fine =
          !to.guest_objects && (to.ending == conversion_ending::ok || to.ending == conversion_ending::ok_changed);
      if (scope == conversion_scope::in_order && !fine) continue;
      graph.edges.push_back({from, step, to});
      bool known = false;
      for (const conversion_state& one : graph.states) known = known || one == to.after;
      if (!known) graph.states.push_back(to.after);
    }
  }
  return graph;
}

/// "PV held C=1": what the Reverse Map Table says, what is wrong, and what the guest notes.
[[nodiscard]] inline auto describe(const conversion_state& state) -> std::string {
  std::string text = state.rmp == backing::shared ? "S" : state.rmp == backing::assigned ? "PA" : "PV";
  if (state.large) text += "-2M";
  if (state.deceived()) text += " X";
  if (state.foreign) text += " foreign";
  if (state.elsewhere) text += " elsewhere";
  if (state.wrong_leaf) text += " resized";
  if (state.held) text += " held";
  return text + (state.mapped_private ? " C=1" : " C=0");
}

/// The graph in the language of Graphviz: states as nodes, steps as edges with their endings. Steps that a guest with
/// notes objects to are dashed, the hypervisor's own are red. Edges between the same states share one line.
[[nodiscard]] inline auto to_dot(const conversion_graph& graph) -> std::string {
  const auto number = [&](const conversion_state& state) {
    std::size_t at = 0;
    while (at < graph.states.size() && graph.states[at] != state) ++at;
    return std::to_string(at);
  };
  std::string out = "digraph page_conversion {\n  rankdir=LR;\n  node [shape=box, style=rounded];\n";
  for (const conversion_state& state : graph.states) {
    out += "  s" + number(state) + " [label=\"" + describe(state) + "\"";
    if (state.deceived()) out += ", color=red";
    out += "];\n";
  }
  struct line {
    std::string from, to, style, label;
  };
  std::vector<line> lines;
  for (const conversion_edge& edge : graph.edges) {
    std::string label = name_of(edge.step);
    if (edge.to.ending != conversion_ending::ok) label += std::string(": ") + name_of(edge.to.ending);
    const std::string style = is_hypervisors(edge.step) ? "color=red" : edge.to.guest_objects ? "style=dashed" : "";
    line made{number(edge.from), number(edge.to.after), style, label};
    bool joined = false;
    for (line& one : lines) {
      if (joined || one.from != made.from || one.to != made.to || one.style != made.style) continue;
      one.label += "\\n" + label;
      joined = true;
    }
    if (!joined) lines.push_back(made);
  }
  for (const line& one : lines) {
    out += "  s" + one.from + " -> s" + one.to + " [label=\"" + one.label + "\"";
    if (!one.style.empty()) out += ", " + one.style;
    out += "];\n";
  }
  return out + "}\n";
}

}  // namespace sevspec::inline v0::ghcb

#endif
