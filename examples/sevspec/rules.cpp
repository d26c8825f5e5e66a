// SPDX-License-Identifier: MIT
// sevspec rules: the rule registry, as a table or as JSON.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "commands.hpp"
#include "input.hpp"
#include "rule_text.hpp"

namespace sevspec::tool {

namespace {

struct rules_command {
  bool as_json = false;
  std::string id;
};

constexpr std::size_t id_width = 14;
constexpr std::size_t line_width = 100;

[[nodiscard]] auto run(const rules_command& command) -> int {
  std::vector<const rule_info*> chosen;
  if (!command.id.empty()) chosen = find_rules(command.id);
  else
    for (const rule_info& rule : rule_registry) chosen.push_back(&rule);

  if (command.as_json) {
    json list = json::array();
    for (const rule_info* rule : chosen)
      list.push_back({{"id", rule->name}, {"text", rule->text}, {"source", rule->source}, {"area", area_of(*rule)}});
    fmt::print("{}\n", list.dump(1));
    return 0;
  }
  for (const rule_info* rule : chosen)
    fmt::print("{:{}}  {}\n{:{}}  {}\n", rule->name, id_width, wrapped(rule->text, line_width, id_width + 2), "",
               id_width, wrapped(fmt::format("[{}]", rule->source), line_width, id_width + 2));
  return 0;
}

}  // namespace

void add_rules(CLI::App& program, action& chosen) {
  const auto command = std::make_shared<rules_command>();
  CLI::App& rules = *program.add_subcommand("rules", "List the rules that the library implements");
  rules.add_flag("--json", command->as_json, "As a JSON array");
  rules.add_option("ID", command->id, "Only this rule (PAG-PERM-01) or group of rules (PAG-PERM)");
  rules.callback([command, &chosen] { chosen = [command] { return run(*command); }; });
}

}  // namespace sevspec::tool
