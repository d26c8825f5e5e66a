// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_VERIFY_EXPLORER_RANDOM_WALK_HPP
#define SEVSPEC_VERIFY_EXPLORER_RANDOM_WALK_HPP

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include <sevspec/verify/explorer/explore.hpp>
#include <sevspec/verify/explorer/model.hpp>

namespace sevspec::inline v0::verify::explorer {

/// Where a walk is. With the seed it determines all that comes: a walk that was interrupted goes on from here.
template <model M>
struct walk_place {
  std::uint64_t attempts{};  ///< operations drawn so far
  std::uint64_t steps{};     ///< those that led to another state
  typename M::packed at{};

  friend auto operator==(const walk_place&, const walk_place&) -> bool = default;
};

/// Operations drawn one after the other, for machines that are too large to explore. The same seed gives the same walk on
/// every platform, in one go or in several.
///
///     walker one(model, 7);
///     auto seen = one.run(10'000);
///     save(one.place());
///     ...
///     walker other(model, 7);
///     other.resume(saved);
///     seen = other.run(10'000);  // steps 10'001 to 20'000
template <model M>
class walker {
 public:
  walker(const M& what, std::uint64_t seed)
      : model_(&what), seed_(seed), random_(seed), now_(what.initial()), at_{.at = what.pack(now_)} {}

  /// Goes on from where a walk with this seed was.
  void resume(const walk_place<M>& from) {
    random_.seed(seed_);
    random_.discard(from.attempts);  // an attempt takes one number
    now_ = model_->unpack(from.at);
    at_ = from;
  }
  [[nodiscard]] auto place() const -> const walk_place<M>& { return at_; }

  /// Makes steps until an invariant is broken, or nothing leads on.
  /// @param length  operations that lead to another state
  /// @return of these steps alone
  [[nodiscard]] auto run(std::uint64_t length) -> report<M> {
    report<M> seen;
    seen.how = ending::bounded;
    counterexample<M> way;
    way.broken = model_->check(now_);
    const std::uint64_t operations = model_->operations();
    std::uint64_t tries = 0;  // since the last that led anywhere
    while (!way.broken && seen.transitions < length && tries < 64 * operations) {
      const auto operation = static_cast<std::uint32_t>(random_() % operations);
      ++seen.attempts;
      ++tries;
      const typename M::state before = now_;
      const auto [what_happened, broken] = model_->apply(before, now_, operation);
      way.broken = broken;
      if (!way.broken && (what_happened != fate::changed || now_ == before)) continue;
      tries = 0;
      ++seen.transitions;
      way.operations.push_back(operation);
      if (!way.broken) way.broken = model_->check(now_);
    }
    seen.depth = static_cast<unsigned>(way.operations.size());
    at_.attempts += seen.attempts;
    at_.steps += seen.transitions;
    if (way.broken) {
      seen.how = ending::violation;
      way.last = now_;
      seen.found = std::move(way);
    } else {
      at_.at = model_->pack(now_);
    }
    return seen;
  }

 private:
  const M* model_;
  std::uint64_t seed_;
  std::mt19937_64 random_;
  typename M::state now_;
  walk_place<M> at_;
};

/// A walk in one go.
/// @param length  operations that lead to another state
template <model M>
[[nodiscard]] auto random_walk(const M& what, std::uint64_t seed, std::uint64_t length) -> report<M> {
  return walker<M>(what, seed).run(length);
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
