// SPDX-License-Identifier: MIT
#ifndef SEVSPEC_TESTS_SUPPORT_EXPLORED_HPP
#define SEVSPEC_TESTS_SUPPORT_EXPLORED_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "support/catch.hpp"

#include <sevspec/base/rule_registry.hpp>
#include <sevspec/verify/explorer/ablation.hpp>
#include <sevspec/verify/explorer/explore.hpp>
#include <sevspec/verify/explorer/random_walk.hpp>

/// What is asked of every model.
namespace sevspec::test {

using verify::explorer::ending;

/// Few values, and none like the library's.
struct worst_hash {
  template <std::size_t Words>
  [[nodiscard]] auto operator()(const std::array<std::uint64_t, Words>& words) const noexcept -> std::size_t {
    std::uint64_t mixed = 0;
    for (const std::uint64_t word : words) mixed = (mixed ^ word) * 0x9e37'79b9'7f4a'7c15;
    return static_cast<std::size_t>(mixed >> 48);
  }
};

/// It closes, with so many states; words and states are one to one; operations have words of their own.
template <class Model>
void check_closed(const Model& model, std::uint64_t states) {
  verify::explorer::explorer<Model> search{model};
  const auto seen = search.run();
  CHECK(seen.how == ending::closed);
  CHECK_FALSE(static_cast<bool>(seen.found));
  CHECK(seen.states == states);
  const auto& all = search.visited().all();
  CHECK(std::ranges::all_of(all, [&](const auto& bits) { return model.pack(model.unpack(bits)) == bits; }));
  std::set<std::string> lines;
  for (std::uint32_t i = 0; i < model.operations(); ++i) lines.insert(model.describe(i));
  CHECK(lines.size() == model.operations());
}

/// The order of hashes has no influence on anything.
template <class Model>
void check_hash_order(const Model& model) {
  verify::explorer::explorer<Model> one{model};
  verify::explorer::explorer<Model, worst_hash> other{model};
  const auto a = one.run();
  const auto b = other.run();
  CHECK(a.how == b.how);
  CHECK(a.transitions == b.transitions);
  CHECK(a.found.operations == b.found.operations);
  CHECK(one.visited().all() == other.visited().all());  // in the same order, too
}

/// Shards together see what one search sees, to the end and a few operations from the start.
template <class Model>
void check_shards(const Model& model, std::uint32_t shards) {
  for (const bool near : {false, true}) {
    verify::explorer::bounds limits;
    if (near) limits.depth = 4;
    verify::explorer::explorer<Model> whole{model};
    const auto all = whole.run(limits);
    std::set<typename Model::packed> seen;
    bool any_less = false;
    bool any_alike = false;
    for (std::uint32_t which = 0; which < shards; ++which) {
      verify::explorer::explorer<Model> part{model};
      const auto some = part.run(limits, {.which = which, .of = shards});
      // A part that is small enough ends within the bound.
      CHECK((some.how == all.how || some.how == verify::explorer::ending::closed));
      any_alike = any_alike || some.how == all.how;
      any_less = any_less || some.states < all.states;
      seen.insert(part.visited().all().begin(), part.visited().all().end());
    }
    CHECK(any_alike);
    CHECK(seen.size() == all.states);
    CHECK((any_less || !near));  // far away shards may all come to the same
  }
}

/// Representatives of twins stand for all states, and are fewer.
template <class Folded, class Model>
void check_twins(const Folded& folded, const Model& model) {
  verify::explorer::explorer<Model> whole{model};
  verify::explorer::explorer<Folded> half{folded};
  const auto all = whole.run();
  const auto some = half.run();
  CHECK(some.how == all.how);
  CHECK(some.states < all.states);
  std::set<typename Model::packed> unfolded;
  for (const auto& bits : half.visited().all())
    folded.each_twin(folded.unpack(bits), [&](const auto& twin) { unfolded.insert(folded.pack(twin)); });
  CHECK(unfolded == std::set<typename Model::packed>(whole.visited().all().begin(), whole.visited().all().end()));
}

/// A walk goes on from where it was as if nobody had interrupted it.
template <class Model>
void check_walks(const Model& model) {
  verify::explorer::walker<Model> whole(model, 7);
  const auto all = whole.run(3000);
  CHECK(all.transitions == 3000);
  verify::explorer::walker<Model> first(model, 7);
  CHECK(first.run(1234).transitions == 1234);
  verify::explorer::walker<Model> second(model, 7);
  second.resume(first.place());
  CHECK(second.run(3000 - 1234).transitions == 3000 - 1234);
  CHECK(second.place() == whole.place());
  verify::explorer::walker<Model> other(model, 8);
  static_cast<void>(other.run(3000));
  CHECK(other.place() != whole.place());
}

/// An invariant breaks after so many operations, and the way leads there: at its end, and not before.
template <class Model>
void check_broken(const Model& model, std::string_view invariant, std::size_t operations) {
  verify::explorer::explorer<Model> search{model};
  const auto seen = search.run();
  REQUIRE(seen.how == ending::violation);
  CHECK(std::string_view{seen.found.broken->invariant} == invariant);
  CHECK(seen.found.operations.size() == operations);
  auto now = model.initial();
  bool broken = false;
  for (const std::uint32_t operation : seen.found.operations) {
    CHECK_FALSE(broken);
    const auto before = now;
    const auto step = model.apply(before, now, operation);
    broken = step.broken || model.check(now);
  }
  CHECK(broken);
}

/// For each rule there is a trace or a reason, and not both.
template <class Ablate>
void check_ablation(std::span<const rule> rules, const Ablate& ablate,
                    std::span<const verify::explorer::not_load_bearing> reasons) {
  for (const rule id : rules) {
    INFO(name_of(id));
    const auto row = ablate(id);
    CHECK(row.broken.has_value() == (verify::explorer::reason_in(reasons, id) == nullptr));
    CHECK(row.broken.has_value() == !row.trace.empty());
  }
  for (const auto& one : reasons) CHECK(verify::explorer::is_in(rules, one.id));
}

}  // namespace sevspec::test

#endif
