// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_EXPLORE_MODELS_HPP
#define SEVSPEC_TOOL_EXPLORE_MODELS_HPP

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/base/rule_set.hpp>
#include <sevspec/verify/explorer/ablation.hpp>
#include <sevspec/verify/explorer/explore.hpp>

/// The machines that `sevspec explore` knows. Each family has a file of its own, explore_NAME.cpp, with one function that
/// lists its machines; explore.cpp has the command line, and the list of families.
namespace sevspec::tool {

/// How to look, as the command line says.
struct search_order {
  verify::explorer::bounds limits{};
  verify::explorer::shard part{};
  std::optional<std::uint64_t> walk{};  ///< draw operations with this seed instead of trying all
  std::uint64_t length = 10'000;        ///< of a walk
  std::string walk_file{};              ///< where a walk ends, and where it goes on
  std::string states_file{};            ///< receives what was seen, for --merge
  std::vector<std::string> without{};   ///< names of the rules that do not hold
  bool symmetry = false;
};

/// An invariant that does not hold, and the shortest way there.
struct broken_invariant {
  std::string name{};
  std::string text{};
  std::vector<std::string> trace{};
};

/// What any search comes to.
struct search_result {
  verify::explorer::ending how{};
  std::uint64_t states{};
  std::uint64_t transitions{};
  std::uint64_t steps{};  ///< of a walk from its very beginning
  unsigned depth{};
  std::size_t bytes{};
  double seconds{};
  std::optional<broken_invariant> broken{};
  std::string conversation{};  ///< the way there as `sevspec replay` reads it; empty where it knows no such steps
};

/// What becomes of a family's machines without one rule.
struct ablation_table {
  bool (*takes)(const rule_info&);  ///< whether the rule is one of those that --ablate all switches off
  const char* (*reason)(rule);      ///< why nothing breaks without it; null if something does
  search_result (*search)(rule);    ///< in all machines of the family, until something breaks
  /// What holds in the place of a definition; null if it has no row, or none of the family's definitions has.
  const verify::explorer::carried_definition* (*carriers)(rule) = nullptr;

  /// Whether a rule has a row.
  [[nodiscard]] auto has_row(const rule_info& one) const -> bool {
    return takes(one) || carriers_of(one.id) != nullptr;
  }
  [[nodiscard]] auto carriers_of(rule id) const -> const verify::explorer::carried_definition* {
    return carriers == nullptr ? nullptr : carriers(id);
  }
};

/// A machine by its name.
struct explored_model {
  std::string name{};
  std::string what{};  ///< a line for --list
  std::function<search_result(const search_order&, const rule_set&)> run{};
  const ablation_table* ablation{};  ///< of its family; never null
};

[[nodiscard]] auto rmp_models() -> std::vector<explored_model>;
[[nodiscard]] auto conversion_models() -> std::vector<explored_model>;
[[nodiscard]] auto keys_models() -> std::vector<explored_model>;
[[nodiscard]] auto launch_models() -> std::vector<explored_model>;
[[nodiscard]] auto nested_models() -> std::vector<explored_model>;
[[nodiscard]] auto svsm_models() -> std::vector<explored_model>;

}  // namespace sevspec::tool

#endif
