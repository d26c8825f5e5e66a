// SPDX-License-Identifier: MIT
// The shortest attack that the explorer finds when a rule is missing, as a graph: the same operations on a machine without
// the rule, and on one with it. Without an argument: RMP-PVL-03, by which a guest learns that PVALIDATE has changed nothing;
// docs/double-validation.svg. With "move": RMP-UPD-07, by which a page that goes to another gPA is not validated any longer.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <sevspec/base/context.hpp>
#include <sevspec/base/rule_registry.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/verify/explorer/explore.hpp>
#include <sevspec/verify/explorer/rmp_model.hpp>

using namespace sevspec;
namespace explorer = verify::explorer;
using rules_in_force = context<rule_set>;
using machine = explorer::rmp_model<2, 2, rules_in_force>;

namespace {

/// What the table says of both pages, and what the first guest has noted.
auto text_of(const machine::state& now) -> std::string {
  std::string text;
  for (std::size_t page = 0; page < 2; ++page) {
    const rmp::entry& entry = now.rmp.entries[page];
    text += "page " + std::to_string(page) + ": ";
    if (!entry.assigned) text += "hypervisor's";
    else
      text += "guest " + std::to_string(entry.id.value) + ", gPA " + std::to_string(entry.guest.value >> 12) +
              (entry.validated ? ", validated" : "");
    text += "\\n";
  }
  const bool knows = (now.validated[0] & 1) != 0;
  return text + (knows ? "guest 1 trusts gPA 0" : "guest 1 trusts nothing");
}

auto node(const std::string& name, const std::string& text, const char* colour) -> std::string {
  return "  " + name + " [label=\"" + text + "\", color=" + colour + "];\n";
}
auto edge(const std::string& from, const std::string& to, const std::string& text, const char* colour) -> std::string {
  return "  " + from + " -> " + to + " [label=\"      " + text + "\", color=" + colour + "];\n";
}

}  // namespace

auto main(int count, char** arguments) -> int {
  const rule missing = count > 1 && std::string_view{arguments[1]} == "move" ? rule::RMP_UPD_07 : rule::RMP_PVL_03;
  const explorer::rmp_parts parts{.large = false, .immutable = false, .vmsa = false, .vmpls = 1};
  const rules_in_force without{.rules = rule_set{}.without(missing)};
  explorer::explorer<machine> search{machine{parts, without}};
  const auto seen = search.run();
  if (!seen.found) return 1;

  // The operations of the attack, once more, on both machines.
  const std::array<machine, 2> machines{machine{parts, without}, machine{parts, rules_in_force{}}};
  std::string dot = "digraph attack {\n  node [shape=box, fontname=\"sans-serif\", fontsize=11];\n"
                    "  edge [fontname=\"sans-serif\", fontsize=10];\n";
  std::array<machine::state, 2> now{machines[0].initial(), machines[1].initial()};
  std::array<std::string, 2> name{"s0", "s0"};
  unsigned next = 1;
  dot += node("s0", text_of(now[0]), "black");
  for (std::size_t i = 0; i < seen.found.operations.size(); ++i) {
    const std::uint32_t operation = seen.found.operations[i];
    const bool last = i + 1 == seen.found.operations.size();
    std::array<machine::state, 2> after = now;
    std::array<explorer::fate, 2> fate{};
    for (std::size_t which = 0; which < 2; ++which)
      fate[which] = machines[which].apply(now[which], after[which], operation).what;
    const bool together = now[0] == now[1] && name[0] == name[1];
    const bool apart = !(after[0] == after[1]) || fate[0] != fate[1] || last || !together;
    const std::string step = std::to_string(i + 1) + ". " + machines[0].describe(operation);
    for (std::size_t which = 0; which < (apart ? 2U : 1U); ++which) {
      const std::string to = "s" + std::to_string(next++);
      const bool refused = fate[which] == explorer::fate::refused;
      std::string text = text_of(after[which]);
      if (last && which == 0) text += "\\n" + std::string{name_of(seen.found.broken->broken)} + " is broken";
      if (which == 1 && refused) text += "\\nrefused: nothing has happened";
      dot += node(to, text, which == 0 ? (last ? "red" : "black") : "darkgreen");
      const std::string label =
          apart && together ? step + (which == 0 ? "\\nwithout " : "\\nwith ") + info(missing).name : step;
      dot += edge(name[which], to, label, which == 0 ? (apart ? "red" : "black") : "darkgreen");
      name[which] = to;
    }
    if (!apart) name[1] = name[0];
    now = after;
  }
  dot += "}\n";
  std::fputs(dot.c_str(), stdout);
}
