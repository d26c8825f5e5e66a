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

/// Operations drawn one after the other, for machines that are too large to explore. The same seed gives the same walk on
/// every platform: a longer one is found again from its seed and length.
/// @param length  operations that lead to another state
template <model M>
[[nodiscard]] auto random_walk(const M& what, std::uint64_t seed, std::uint64_t length) -> report<M> {
  std::mt19937_64 random(seed);
  report<M> seen;
  seen.how = ending::bounded;
  counterexample<M> way;
  way.last = what.initial();
  way.broken = what.check(way.last);
  const std::uint64_t operations = what.operations();
  std::uint64_t tries = 0;  // since the last that led anywhere
  while (!way.broken && seen.transitions < length && tries < 64 * operations) {
    const auto operation = static_cast<std::uint32_t>(random() % operations);
    ++seen.attempts;
    ++tries;
    const typename M::state before = way.last;
    const auto [what_happened, broken] = what.apply(before, way.last, operation);
    way.broken = broken;
    if (!way.broken && (what_happened != fate::changed || way.last == before)) continue;
    tries = 0;
    ++seen.transitions;
    way.operations.push_back(operation);
    if (!way.broken) way.broken = what.check(way.last);
  }
  seen.depth = static_cast<unsigned>(way.operations.size());
  if (way.broken) {
    seen.how = ending::violation;
    seen.found = std::move(way);
  }
  return seen;
}

}  // namespace sevspec::inline v0::verify::explorer

#endif
