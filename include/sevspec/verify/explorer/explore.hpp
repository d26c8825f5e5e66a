// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_EXPLORE_HPP
#define SEVSPEC_VERIFY_EXPLORER_EXPLORE_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <gsl/assert>

#include <sevspec/verify/explorer/model.hpp>
#include <sevspec/verify/explorer/visited_states.hpp>

namespace sevspec::inline v0::verify::explorer {

/// How far to look.
struct bounds {
  unsigned depth = std::numeric_limits<unsigned>::max();             ///< operations from the start
  std::uint64_t states = std::numeric_limits<std::uint32_t>::max();  ///< no more are remembered
  std::size_t bytes = std::numeric_limits<std::size_t>::max();       ///< no more are taken for them
};

/// One of several explorations that together look at everything. Each begins alike; the states `seed_depth` operations from
/// the start are dealt out, and each goes on from its own. A state that can be reached from several of them is seen by
/// several.
struct shard {
  std::uint32_t which = 0;
  std::uint32_t of = 1;
  unsigned seed_depth = 2;
};

/// Operations from the start to a violation, if there is any. No shorter ones lead to one.
template <model M>
struct counterexample {
  std::vector<std::uint32_t> operations{};
  typename M::finding broken{};
  typename M::state last{};  ///< after the last operation

  [[nodiscard]] explicit operator bool() const { return static_cast<bool>(broken); }
};

enum class ending : std::uint8_t {
  closed,     ///< all states that can be reached were seen
  violation,  ///< an invariant does not hold
  bounded,    ///< there is more
};

/// What an exploration was.
template <model M>
struct report {
  ending how{};
  std::uint64_t states{};
  std::uint64_t transitions{};  ///< operations that led to another state
  std::uint64_t attempts{};     ///< operations that were tried
  unsigned depth{};             ///< operations to the furthest state
  std::size_t bytes{};          ///< taken for states
  counterexample<M> found{};
};

/// Whoever does not want to hear of it.
struct no_progress {
  void operator()(unsigned /*depth*/, std::uint64_t /*states*/) const noexcept {}
};

/// A breadth-first search from the model's start.
///
///     const auto seen = explorer::explorer{model}.run();
///     if (seen.found) for (auto operation : seen.found.operations) print(model.describe(operation));
///
/// Takes memory for the states, up to the bounds. The result depends on the model alone.
/// @tparam Hash  of packed states; any will do
template <model M, class Hash = hash_of_words>
class explorer {
 public:
  using state = typename M::state;
  using packed = typename M::packed;
  using number = typename visited_states<packed, Hash>::number;

  explicit explorer(M what) : model_(std::move(what)) {}

  /// @param progress  `progress(depth, states)`, called when a depth is done
  template <class Progress = no_progress>
  auto run(const bounds& limits = {}, const shard& part = {}, Progress&& progress = {}) -> report<M> {
    Expects(visited_.size() == 0 && part.which < part.of);
    report<M> seen;
    const state start = representative(model_.initial());
    visited_.add(model_.pack(start), visited_states<packed, Hash>::none);
    if (auto broken = model_.check(start)) return finish(seen, ending::violation, {{}, broken, start});

    number first = 0;  // of this depth
    for (unsigned depth = 0; first < visited_.size(); ++depth) {
      if (depth == limits.depth) return finish(seen, ending::bounded);
      const auto last = static_cast<number>(visited_.size());
      for (number from = first; from < last; ++from) {
        if (depth == part.seed_depth && from % part.of != part.which) continue;
        if (auto stop = expand(seen, from)) return finish(seen, ending::violation, std::move(stop));
        if (visited_.size() >= limits.states || visited_.bytes() > limits.bytes) return finish(seen, ending::bounded);
      }
      first = last;
      if (first < visited_.size()) seen.depth = depth + 1;
      progress(depth + 1, visited_.size());
    }
    return finish(seen, ending::closed);
  }

  [[nodiscard]] auto visited() const noexcept -> const visited_states<packed, Hash>& { return visited_; }
  [[nodiscard]] auto what() const noexcept -> const M& { return model_; }

 private:
  [[nodiscard]] auto representative(const state& one) const -> state {
    if constexpr (symmetric_model<M>) return model_.canonical(one);
    else return one;
  }

  /// All successors of a state.
  [[nodiscard]] auto expand(report<M>& seen, number from) -> counterexample<M> {
    const state before = model_.unpack(visited_[from]);
    counterexample<M> found;
    const auto told = [&](std::uint32_t operation, const effect<typename M::finding>& step, state& now) -> bool {
      ++seen.attempts;
      if (step.broken) found = stopped(from, now, operation, step.broken);
      if (step.broken || step.what != fate::changed) return !found;
      const state next = representative(now);
      const auto [which, is_new] = visited_.add(model_.pack(next), from);
      if (which != from) ++seen.transitions;
      if (!is_new) return true;
      if (auto wrong = model_.check(now)) found = stopped(from, now, operation, wrong);
      return !found;
    };
    if constexpr (memoizing_model<M>) {
      model_.play_possible(before, memo_, told);
    } else {
      state now = before;
      for (std::uint32_t operation = 0; operation < model_.operations(); ++operation) {
        const auto step = model_.apply(before, now, operation);
        if (!told(operation, step, now)) break;
        if (step.what == fate::changed) now = before;
      }
    }
    return found;
  }

  [[nodiscard]] auto stopped(number from, state& now, std::uint32_t operation, const typename M::finding& broken) const
      -> counterexample<M> {
    counterexample<M> way;
    way.operations = way_to(from, now, operation);
    way.broken = broken;
    way.last = now;
    return way;
  }

  /// Operations from the start to a state, and one more. Only states are remembered: which operation led from one to the
  /// next is found by trying them, with the names that things have in this run.
  [[nodiscard]] auto way_to(number last, state& end, std::uint32_t operation) const -> std::vector<std::uint32_t> {
    std::vector<number> states;
    for (number at = last; at != visited_states<packed, Hash>::none; at = visited_.parent(at)) states.push_back(at);
    std::ranges::reverse(states);
    std::vector<std::uint32_t> way;
    state now = model_.initial();
    for (std::size_t i = 1; i < states.size(); ++i) way.push_back(step_to(now, visited_[states[i]]));
    if constexpr (symmetric_model<M>) {
      // The last operation in this run's names: one that ends in the same way.
      const packed wanted = model_.pack(representative(end));
      for (std::uint32_t other = 0; other < model_.operations(); ++other) {
        state then = now;
        const auto effect = model_.apply(now, then, other);
        if (model_.pack(representative(then)) != wanted) continue;
        if (!effect.broken && !model_.check(then)) continue;
        end = then;
        operation = other;
        break;
      }
    }
    way.push_back(operation);
    return way;
  }
  /// The first operation that leads to a state, or to one that is like it; `now` becomes that state.
  [[nodiscard]] auto step_to(state& now, const packed& wanted) const -> std::uint32_t {
    for (std::uint32_t operation = 0; operation < model_.operations(); ++operation) {
      state next = now;
      if (model_.apply(now, next, operation).what != fate::changed || model_.pack(representative(next)) != wanted)
        continue;
      now = next;
      return operation;
    }
    Ensures(false);  // each state was reached by an operation
    return 0;
  }

  [[nodiscard]] auto finish(report<M>& seen, ending how, counterexample<M> found = {}) const -> report<M> {
    seen.how = how;
    seen.states = visited_.size();
    seen.bytes = visited_.bytes();
    seen.found = std::move(found);
    return seen;
  }

  struct nothing {};
  template <class Model>
  struct memo_of {
    using type = nothing;
  };
  template <memoizing_model Model>
  struct memo_of<Model> {
    using type = typename Model::memo;
  };

  M model_;
  visited_states<packed, Hash> visited_;
  [[no_unique_address]] typename memo_of<M>::type memo_;
};

}  // namespace sevspec::inline v0::verify::explorer

#endif
