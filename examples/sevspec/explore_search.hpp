// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TOOL_EXPLORE_SEARCH_HPP
#define SEVSPEC_TOOL_EXPLORE_SEARCH_HPP

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <sevspec/verify/explorer/ablation.hpp>
#include <sevspec/verify/explorer/explore.hpp>
#include <sevspec/verify/explorer/random_walk.hpp>

#include "explore_files.hpp"
#include "explore_models.hpp"
#include "input.hpp"

/// The search itself, for any model. Included by the file of each family.
namespace sevspec::tool {

/// Tells a terminal how far a search is.
void show_progress(unsigned depth, std::uint64_t states);
void clear_progress();
/// For models without twins.
void refuse_symmetry(const search_order& order, const std::string& name);

namespace detail {

/// What a model has found, in words.
template <class Finding>
[[nodiscard]] auto in_words(const Finding& found) -> broken_invariant {
  if constexpr (requires { found->invariant; }) return {.name = found->invariant, .text = found->what, .trace = {}};
  else return {.name = name_of(found->broken), .text = found->what, .trace = {}};
}

template <class Model>
[[nodiscard]] auto summed_up(const verify::explorer::report<Model>& seen, const Model& model) -> search_result {
  search_result all{.how = seen.how,
                    .states = seen.states,
                    .transitions = seen.transitions,
                    .depth = seen.depth,
                    .bytes = seen.bytes};
  if (!seen.found) return all;
  all.broken = in_words(seen.found.broken);
  for (const std::uint32_t operation : seen.found.operations) all.broken->trace.push_back(model.describe(operation));
  return all;
}

/// A row of an ablation.
[[nodiscard]] inline auto summed_up(const verify::explorer::model_ablation& row) -> search_result {
  search_result all{.states = row.states};
  if (!row.broken) return all;
  all.broken = in_words(row.broken);
  all.broken->trace = row.trace;
  return all;
}

/// Throws `input_error` if a walk through the model does not come to such a place.
template <class Model>
void refuse_impossible(const std::string& path, const saved_walk& saved, const typename Model::packed& words,
                       const Model& model) {
  if (saved.attempts < saved.steps)
    throw input_error(path, fmt::format("attempts: {} operations do not make {} steps", saved.attempts, saved.steps));
  const typename Model::state now = model.unpack(words);
  if (model.pack(now) != words) throw input_error(path, "state: the model has none that is written so");
  if (const auto broken = model.check(now))
    throw input_error(path, fmt::format("state: a walk ends where {} breaks", in_words(broken).name));
}

}  // namespace detail

/// Explores a model, or walks through it.
/// @param name     of the model, for the files that it writes
/// @param inspect  `inspect(report)`: told of what was found
template <class Model, class Inspect>
[[nodiscard]] auto searched(const search_order& order, const std::string& name, const Model& model, Inspect&& inspect)
    -> search_result {
  using packed = typename Model::packed;
  const auto begin = std::chrono::steady_clock::now();
  search_result all;
  if (order.walk) {
    verify::explorer::walker<Model> walk(model, *order.walk);
    if (!order.walk_file.empty())
      if (const auto saved = read_walk(order.walk_file, name, order, std::tuple_size_v<packed>)) {
        packed words{};
        std::ranges::copy(saved->words, words.begin());
        detail::refuse_impossible(order.walk_file, *saved, words, model);
        walk.resume({.attempts = saved->attempts, .steps = saved->steps, .at = words});
      }
    const auto seen = walk.run(order.length);
    all = detail::summed_up(seen, model);
    all.steps = walk.place().steps;
    inspect(seen);
    if (!order.walk_file.empty() && !seen.found) {
      const auto here = walk.place();
      write_walk(order.walk_file, name, order,
                 {.attempts = here.attempts, .steps = here.steps, .words = {here.at.begin(), here.at.end()}});
    }
  } else {
    verify::explorer::explorer<Model> search{model};
    const auto seen = search.run(order.limits, order.part, show_progress);
    clear_progress();
    all = detail::summed_up(seen, search.what());
    inspect(seen);
    if (!order.states_file.empty()) {
      std::vector<packed> states = search.visited().all();
      std::ranges::sort(states);
      std::vector<std::uint64_t> words;
      for (const packed& one : states) words.insert(words.end(), one.begin(), one.end());
      write_states(order.states_file, {.model = name, .order = order, .seen = all, .words = std::move(words)});
    }
  }
  all.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return all;
}
template <class Model>
[[nodiscard]] auto searched(const search_order& order, const std::string& name, const Model& model) -> search_result {
  return searched(order, name, model, [](const auto&) {});
}

}  // namespace sevspec::tool

#endif
